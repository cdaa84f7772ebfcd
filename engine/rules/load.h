/* load.h: private to rules/: what the files that read a release and its packs share.
 *
 * Order: as_release_read → for each pack as_pack_read (pack.yaml, code lists, schemas,
 * references, modules, rules, measures) → as_params_make → as_link. Everything wrong goes to
 * `diags`; a reader goes on after a mistake, so that all are told at once. Running out of
 * memory sets `nomem`, and as_project_open returns AS_ENOMEM at the end. */
#ifndef AS_RULES_LOAD_H
#define AS_RULES_LOAD_H

#include "rules/files.h"
#include "rules/keys.h"
#include "rules/project.h"
#include "rules/suggest.h"

/* Named things of one sort in one mapping. They are looked up one after the other, which this
 * keeps short. */
#define AS_LOAD_NAMES_MAX 10000

/* A field of type code whose list is looked up when all packs are read. */
typedef struct as_awaited_list {
    as_field *field;
    as_str list;
    as_span at;
} as_awaited_list;

/* What a file is called for the digest over all files: a name that does not depend on where the
 * files lie. */
typedef struct as_file_name {
    const as_pack *pack; /* NULL: the release's own */
    as_str inside;
} as_file_name;

typedef struct as_ahead as_ahead;

typedef struct as_load {
    as_project *project;
    as_arena *arena;
    as_diags *diags;
    as_kind_names kinds;
    bool nomem;
    /* the pack that is being read */
    as_pack *pack;
    as_str pack_written;      /* as `packs:` writes it */
    as_span pack_at;          /* where */
    as_ahead *ahead;          /* its rule files, on their way; NULL: they are few */
    as_file_name *file_names; /* beside project->files, until that is sorted */
    size_t file_name_count;
    as_awaited_list *awaited;
    size_t awaited_count;
    /* ids of rules with mistakes, which are not in project->rules: they are not unknown, though
     */
    as_words broken;
} as_load;

/* ---- read.c: nodes as what they should be; every mistake is reported ---- */

void as_load_error(as_load *l, as_span at, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void as_load_warn(as_load *l, as_span at, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* A hint that is put together; "" when out of memory. */
const char *as_load_hint(as_load *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Note that memory ran out; returns false. */
bool as_load_nomem(as_load *l);

/* Room for one more in an arena array of `count` items that doubles at powers of two; the new
 * item is zeroed. NULL: out of memory (noted). */
void *as_load_room(as_load *l, void *items, size_t count, size_t size);

/* The root of a file as a mapping with only these keys. */
bool as_read_root(as_load *l, const as_node *root, const as_key_doc *keys, const char *what);
/* Only keys that stand under `under` in this table. */
void as_read_keys(as_load *l, const as_node *map, const as_key_doc *keys, const char *under,
                  const char *what);
/* `n` as a mapping; `what` names it in messages: "`period`". */
bool as_read_map(as_load *l, const as_node *n, const char *what);
/* Text of a key; *out stays when the key is not there. False: it is there, but not as text (or
 * null). */
bool as_read_text(as_load *l, const as_node *map, const char *key, as_str *out);
/* The same, and the key must be there with a text that is not empty. `what` names the mapping.
 */
bool as_need_text(as_load *l, const as_node *map, const char *key, const char *what,
                  as_str *out);
bool as_read_bool(as_load *l, const as_node *map, const char *key, bool *out);
/* ISO date; *out stays when the key is not there. */
bool as_read_date(as_load *l, const as_node *map, const char *key, as_date *out);
/* A list of texts. False: not there (out empty) or wrong (reported). `example` is for the hint:
 * "[urn]". */
bool as_read_texts(as_load *l, const as_node *map, const char *key, const char *example,
                   const as_str **out, size_t *count);
/* One of `words` (NULL-terminated); false: not there or wrong. */
bool as_read_choice(as_load *l, const as_node *map, const char *key, const char *const *words,
                    size_t *out);
/* `file` (required) and `encoding` of an input that release.yaml names. `what` names the
 * mapping; `at` is where it begins. */
void as_read_source(as_load *l, const as_node *n, const char *what, as_span at, as_source *out);
bool as_read_severity(as_load *l, const as_node *map, const char *key, as_severity *out);
/* `3` or `0.5%`. */
bool as_read_allow(as_load *l, const as_node *map, double *out, bool *percent);
/* The same of a text, nothing reported; *out stays where it is not one. */
bool as_severity_of(as_str text, as_severity *out);
bool as_allow_of(as_str text, double *out, bool *percent);
/* A name of letters, digits and `_` that does not begin with a digit; else reported. */
bool as_read_name(as_load *l, const as_node *n, const char *what);
/* A date as people write it in YAML; AS_DATE_NULL: not one. */
as_date as_iso_date(as_str text);
as_node *as_node_key(const as_node *map,
                     const char *key); /* the key's own node, for its place */

/* ---- project.c: files of the pack ---- */

/* The bytes of a file of the pack that is being read, by its path in the pack; recorded with
 * its digest. *shown is the path for messages. False: reported. */
bool as_load_pack_file(as_load *l, as_str inside, size_t max, as_str *bytes, as_str *shown);
/* The same for YAML: the tree; NULL: reported. */
const as_node *as_load_pack_yaml(as_load *l, as_str inside);
/* A file of any size that is not read here: its digest is recorded. */
bool as_load_pack_digest(as_load *l, as_str inside, as_str *shown, as_str *open_path);
/* Record a file that the result depends on; for the digest over all it is called `inside` its
 * pack (NULL: the release). */
bool as_load_record(as_load *l, as_project_file file, const as_pack *pack, as_str inside);

/* ---- ahead.c: the files directly in a pack, parsed before they are asked for ---- */

/* NULL: not worth it, or not possible; then everything is as with it. Trees live as long as
 * `a`. */
as_ahead *as_ahead_begin(const as_pack *k, const as_entries *files, as_arena *a);
/* The tree of a file, and where it is and its digest. False: the caller has to read it. */
bool as_ahead_take(as_ahead *x, as_str name, as_node **root, as_project_file *file);
void as_ahead_end(as_ahead *x); /* before `a` is closed; NULL is fine */

/* ---- one purpose each ---- */

void as_release_read(as_load *l, const as_node *root);                /* release.c */
void as_documents_read(as_load *l, const as_node *root);              /* documents.c */
void as_documents_link(as_load *l);                                   /* those rules name */
void as_decisions_read(as_load *l);                                   /* decision_file.c */
void as_pack_read(as_load *l);                                        /* pack.c */
void as_schema_read(as_load *l, const as_node *root, as_str name);    /* schema_file.c */
void as_schemas_link(as_load *l);                                     /* code lists of fields */
void as_code_list_read(as_load *l, const as_node *root, as_str name); /* codelist_file.c */
void as_rule_file_read(as_load *l, const as_node *root);              /* rule_file.c */
void as_measures_read(as_load *l, const as_node *map);                /* measure_file.c */
void as_cases_read(as_load *l, as_rule *r, const as_node *list, const char *key, as_case **out,
                   size_t *count); /* cases.c */
void as_cases_link(as_load *l);
void as_params_read(as_load *l, const as_node *map);    /* params.c: `params:` of pack.yaml */
void as_params_release(as_load *l, const as_node *map); /* `params:` of release.yaml */
void as_params_builtin(as_load *l);
void as_link_names(as_load *l);   /* link.c: ids and names used twice */
void as_link_release(as_load *l); /* schemas of the release's tables */
void as_link_tables(as_load *l);  /* tables of rules and measures */
void as_without_link(as_load *l); /* without.c */
/* A map of tables to the reasons for their absence; `what` is its key, for messages. */
void as_reasons_read(as_load *l, const as_node *n, const char *what);
void as_overrides_link(as_load *l); /* overrides.c */

/* "as_at" of "as_at_before"; AS_NONE where the name is not one of a year before. */
as_str as_param_base(as_str name);
/* The value a year earlier, or AS_NONE (not a date, out of memory). */
as_str as_param_year_before(as_arena *a, as_str value);
bool as_param_is_builtin(as_str name);

/* The schema that a table name means by its beginning: `providers_before` is read as
 * `providers`. NULL: none. */
as_schema *as_schema_by_prefix(const as_project *p, as_str table);
/* Gather the names of one sort ("table", "schema", …: as_project_nearest). */
bool as_project_names(as_words *w, const as_project *p, const char *sort);
/* A hint for a word that is none of one sort. Never NULL. */
const char *as_project_suggest(const as_project *p, as_diags *d, const char *sort, as_str word);
const as_release_table *as_release_table_find(const as_project *p,
                                              as_str name); /* NULL: none */

#endif
