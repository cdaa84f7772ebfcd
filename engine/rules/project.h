/* project.h: a release and its packs, read, checked and linked. Immutable once made; lives in
 * one arena.
 *
 * as_project_open reads release.yaml, the packs it names, their schemas, code lists, rules,
 * measures and Lua modules. Everything wrong is put into the diags, as many problems at once as
 * can be found; a project with errors is still returned for lint and explain (its `usable` is
 * false).
 *
 * What a kind's own block means ("unique: [urn]") is not known here: as_rule.spec keeps the
 * node, and the check kinds bind it (check/check.h). */
#ifndef AS_RULES_PROJECT_H
#define AS_RULES_PROJECT_H

#include "rules/yaml_doc.h"
#include "table/schema.h"

typedef struct as_pack as_pack;

typedef enum as_severity { AS_SEV_INFO, AS_SEV_WARNING, AS_SEV_ERROR } as_severity;
const char *as_severity_name(as_severity s);

typedef struct as_param {
    as_str name;  /* without $ */
    as_str value; /* as text; typed where it is used */
    as_span at;
    const char *from; /* "release", "pack", "built-in" */
} as_param;

/* One test of a rule: a single record (records of the rule's own table), several of them that
 * are one case, or several tables and documents. Records are maps of field to scalar. */
typedef struct as_case_table {
    as_str table; /* "" = the rule's own */
    const as_node *const *records;
    size_t count;
} as_case_table;
typedef struct as_case_document {
    as_str name, text;
    as_span at;
} as_case_document;
typedef struct as_case {
    as_span at;
    as_case_table *tables;
    size_t table_count;
    as_case_document *documents;
    size_t document_count;
    as_node *params; /* map or NULL: overrides for this case, written beside `tables:` */
} as_case;

typedef struct as_rule {
    as_str id, name, title, why, source, steward, message; /* may be empty; id never is */
    as_severity severity;
    as_str kind;          /* name of the check kind */
    const as_node *spec;  /* the kind's block */
    const as_node *node;  /* the whole rule */
    as_str table;         /* as a name in `tables`; may be empty for kinds on measures */
    as_str schema;        /* the schema of `table` when the release has no such table; see
                             as_project_schema */
    const as_node *where; /* or NULL */
    bool off; /* `off: true` (release.yaml may also switch rules off, with a reason) */
    as_str off_reason;
    bool on_empty_pass;
    bool allow_set, allow_percent;
    double allow; /* count or percent of the selected */
    as_case *flags, *passes;
    size_t flag_count, pass_count;
    const as_pack *pack;
    as_span at;
} as_rule;

typedef enum as_measure_op {
    AS_MEASURE_COUNT,
    AS_MEASURE_SUM,
    AS_MEASURE_MEAN,
    AS_MEASURE_DISTINCT,
    AS_MEASURE_FORMULA
} as_measure_op;
typedef struct as_measure {
    as_str name;
    as_measure_op op;
    as_str table;         /* count/sum/mean/distinct */
    as_str field;         /* sum, mean, distinct */
    const as_node *where; /* or NULL */
    as_str *by;
    size_t by_count;
    as_str formula;
    as_str unit, title;
    const as_node *node;
    const as_pack *pack;
    as_span at;
    bool published; /* findings say whether they move it */
    bool used;
} as_measure;

/* A reference table: reference/NAME.csv with tables/NAME.yaml of the same pack. */
typedef struct as_reference {
    as_str name;
    as_source source;
    const as_schema *schema;
    bool used;
} as_reference;

typedef struct as_lua_module {
    as_str name; /* file name without .lua */
    as_str path, open_path;
    as_str text;
    as_span at;
} as_lua_module;

typedef struct as_pattern { /* `patterns:` of pack.yaml: named formats (`format: postcode`) */
    as_str name, regex;
    as_span at;
    bool used;
} as_pattern;

typedef struct as_steward {
    as_str name, contact;
} as_steward;

/* A file that the result depends on, for digests and sign-off. */
typedef struct as_project_file {
    as_str path, open_path;
    char sha256[65];
} as_project_file;

struct as_pack {
    as_str name, version, folder, open_folder, title, source;
    as_steward *stewards;
    size_t steward_count;
    as_param *params;
    size_t param_count;
    as_schema **schemas;
    size_t schema_count;
    as_code_list **lists;
    size_t list_count;
    as_reference *references;
    size_t reference_count;
    as_pattern *patterns;
    size_t pattern_count;
    as_lua_module *modules;
    size_t module_count;
    const as_node *optional; /* map: table that a release may leave out → reason; or NULL */
};

/* One entry of `tables:` in release.yaml. */
typedef struct as_release_table {
    as_str name;
    as_str schema_name;
    const as_schema *schema; /* NULL if unknown (an error was reported) */
    as_source source;
} as_release_table;

/* One entry of `documents:` in release.yaml: a text published beside the figures. */
typedef struct as_release_document {
    as_str name;
    as_source source;
} as_release_document;

/* One entry of decisions.yaml. */
typedef struct as_decided {
    const as_str *findings; /* fingerprints; or else rule, where, at_most */
    size_t finding_count;
    as_str rule;
    const as_node *where;
    uint64_t at_most;
    as_str reason, by;
    as_date until; /* the last day */
    as_span at;
} as_decided;
/* 32 lower-case hex digits. */
bool as_is_fingerprint(as_str s);

typedef struct as_project {
    as_arena *arena;
    as_str release;                        /* title */
    as_str path, folder;                   /* of release.yaml, as the user wrote it */
    as_date as_at, period_from, period_to; /* AS_DATE_NULL where not given */
    as_str produced_by;
    as_severity fail_on;    /* default ERROR */
    uint64_t fail_on_moves; /* findings that move so many published figures fail too; 0: none */
    const as_node *sign_off; /* or NULL; read by sign-off */
    const as_node *node;
    const as_pair *absent; /* tables that the release has not, with the reason: its `without`,
                              then what packs call `optional` */
    size_t absent_count;
    as_str ledger; /* path from release.yaml, or empty */
    as_release_table *tables;
    size_t table_count;
    as_release_document *documents;
    size_t document_count;
    as_decided *decided;
    size_t decided_count;
    as_str decisions_file; /* open_path of decisions.yaml among `files`, or empty */
    as_param *params;      /* all in force: built-in, pack defaults, release */
    size_t param_count;
    as_pack **packs;
    size_t pack_count;
    as_rule *rules; /* of all packs, in file order (pack, file name, position) */
    size_t rule_count;
    as_measure *measures;
    size_t measure_count;
    as_project_file *files; /* release.yaml, pack files; sorted by path */
    size_t file_count;
    char rules_sha256[65]; /* over files */
    bool usable;
} as_project;

/* Names of the check kinds, so that a rule's kind can be told from an unknown key.
 * NULL-terminated. */
typedef const char *const *as_kind_names;

/* Arena `a` is the caller's and must outlive the project. AS_OK even where the files have
 * errors (see d->errors); other codes only when nothing could be read at all. */
as_code as_project_open(as_project **out, as_arena *a, const char *release_path,
                        as_kind_names kinds, as_diags *d, as_err *e);
/* A pack by itself (assay test PACK, assay lint PACK): as_project without tables. */
as_code as_project_open_pack(as_project **out, as_arena *a, const char *pack_path,
                             as_kind_names kinds, as_diags *d, as_err *e);

/* Built-in parameters: as_at, as_at_before (a year earlier), period_from, period_to,
 * period_from_before, period_to_before, release. NULL: no such one. */
const as_param *as_project_param(const as_project *p, as_str name);
const as_schema *as_project_schema(const as_project *p, as_str name);
/* Schema of a table name: a release table, else a reference table, else (so that a pack can be
 * checked without a release) a schema of that name, else the schema whose name the table's
 * begins with, up to an `_`: `providers_before` is described by `providers`. NULL: none. */
const as_schema *as_project_table_schema(const as_project *p, as_str table);
as_code_list *as_project_list(const as_project *p, as_str name);
as_measure *as_project_measure(const as_project *p, as_str name);
as_reference *as_project_reference(const as_project *p, as_str name);
as_pattern *as_project_pattern(const as_project *p, as_str name);
const as_rule *as_project_rule(const as_project *p, as_str id_or_name);

const as_release_document *as_project_document(const as_project *p, as_str name);

/* The reason for the absence of this table or document, from `without:` in release.yaml or from
 * a pack that calls the table optional; .ptr NULL: none is given. */
as_str as_project_without(const as_project *p, as_str table);
/* Apply what release.yaml says under `rules:` of this rule's id: severity, off with its reason,
 * allow. Done already for the rules of packs; for built-in rules whoever makes them calls it.
 */
void as_project_override(const as_project *p, as_rule *r);
/* Whether a key of its test records that is no field is a header of the file. */
bool as_rule_of_headers(const as_rule *r);
/* The parameters that a test case sets, and the built-in ones that follow from them
 * (as_at_before from as_at): for as_cond_env.over. False: out of memory. */
bool as_case_params(const as_case *c, as_arena *a, as_param **out, size_t *count);

/* "did you mean" over everything of one sort: "table", "document", "schema", "list",
 * "measure", "param", "rule", "pattern". */
as_str as_project_nearest(const as_project *p, const char *sort, as_str word);

#endif
