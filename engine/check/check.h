/* check.h: what a check kind is. One kind = one file in this folder exporting one descriptor,
 * and one line in checks.def.
 *
 * Life: bind (once, before any data is read: reports every mistake in the rule to diags, says
 * which fields it needs) → eval (once, on loaded tables, may use all workers) → describe (per
 * finding, only where it is to be told). A plan is immutable after bind; findings are compact
 * and in row order. */
#ifndef AS_CHECK_CHECK_H
#define AS_CHECK_CHECK_H

#include "check/other_rows.h"
#include "eval/eval.h"
#include "input/document.h"
#include "ledger/doc.h"
#include "lua/lua_env.h"
#include "measure/moves.h"
#include "rules/keys.h"

typedef enum as_level {
    AS_LEVEL_RECORD,
    AS_LEVEL_GROUP,
    AS_LEVEL_FIGURE,
    AS_LEVEL_TABLE
} as_level;

/* For the reference page, explain, JSON Schema, and for what as_params_block refuses. Types and
 * names are those of rules/keys.h: keys of a mapping in the block are `bridge.opening`, of the
 * mappings in a list `allow.*.from`. */
typedef as_key_doc as_param_doc;

typedef struct as_bind {
    const as_project *project;
    const as_rule *rule;
    const as_schema *schema; /* of rule->table; NULL where the rule has none */
    const as_cond *where;    /* parsed by the caller; NULL = every record */
    as_cond_env env;         /* plain names on rule->table */
    as_arena *arena;         /* the plan's */
    as_diags *diags;
    as_want_fn want; /* say which fields are read, of which table (by release/reference name) */
    void *want_arg;
    uint32_t *show; /* fields to show with a finding, in order of first mention: as_bind_show */
    size_t show_count;
    as_str *extras; /* names that a message may use besides fields: as_bind_extra */
    size_t extra_count;
    as_other_ask ask; /* rows of another table that eval will look into, if any */
    bool nomem; /* as_bind_show or as_bind_extra ran out of memory: as_message_bind says so */
} as_bind;

/* Compact: what eval keeps of a finding. */
typedef struct as_finding {
    uint32_t
        row; /* record of the rule's table (group: first member); AS_NO_ROW = figure or table */
    uint32_t field;  /* the field most to blame, of the rule's schema; AS_NO_FIELD = none */
    uint32_t other;  /* row in the other table, or AS_NO_ROW */
    uint32_t detail; /* the kind's own: an index into what its `state` keeps */
} as_finding;

typedef struct as_findings {
    as_finding *items;
    size_t count, size;
} as_findings;                                      /* heap; as_findings_free */
bool as_findings_add(as_findings *f, as_finding x); /* false: out of memory */
void as_findings_free(as_findings *f);

typedef struct as_result {
    uint64_t selected; /* records (or groups, figures) looked at */
    uint64_t undecided;
    uint64_t key_nulls; /* records left out because a key part was null */
    as_findings findings;
    void *state; /* for describe; lives in the run's arena */
    as_doc_bridge *bridge;
    size_t bridge_count;
    as_str note; /* anything the reader must know, or empty */
} as_result;

typedef struct as_eval {
    as_tables tables;
    as_documents documents;
    as_pool *pool;
    as_arena *arena;      /* the run's; used by the thread that calls eval only */
    as_scratch **scratch; /* one a worker */
    as_lua **lua;         /* one a worker; opened on first use through as_eval_lua */
    const as_lua_setup *lua_setup;
    const as_other_rows *given; /* the rule's as_bind.ask, where rules share it; else NULL */
    const uint32_t *matched;    /* the same of its records, looked up there (as_probe_block) */
    const as_moves *moves; /* figures that findings may move; NULL: none, or not known yet */
    bool every_field; /* tables made up for a test: a field that no record names is null there,
                         not a column that the file lacks */
} as_eval;
as_code as_eval_lua(as_eval *ev, unsigned worker, as_lua **out, as_err *e);

/* A piece of a sentence: a text, or what the finding's key or one of its values says. */
enum {
    AS_PIECE_TEXT, /* a text of the rule, which outlives the run */
    AS_PIECE_ONCE, /* a text of this finding alone */
    AS_PIECE_KEY,
    AS_PIECE_VALUE /* and from there on: its number among the fields shown, then `extra` */
};
typedef struct as_piece {
    as_str text;
    uint32_t what;
} as_piece;
enum { AS_PIECES_MAX = 80, AS_PIECES_BEFORE = 2 /* room for the key */ };

/* What is told of one finding. Texts from `arena` (a short-lived one). The caller fills rule,
 * table, key, file, line, the values of `show` and the message from the rule's template;
 * describe fills what only the kind knows. */
typedef struct as_evidence {
    as_arena *arena;
    const as_str *names; /* the rule's as_bind.extras */
    size_t name_count;
    as_str key; /* figure level: the group, "Boarding School"; empty = the record's key */
    bool key_sensitive; /* of a `key` that the kind gives */
    bool settled;    /* it counts already as it would were it corrected: it moves no figure */
    as_str field;    /* name */
    as_str expected; /* "at least 1" */
    as_str sentence; /* the kind's own message when the rule has no template; without the key */
    size_t piece_count; /* the same in pieces, which is cheaper where findings are many: AS_SAY;
                           0: `sentence` is it */
    const as_bind *shown; /* whose fields are shown of the record; NULL: there is none */
    bool own_words; /* the rule's template is not about this: the sentence stands for it */
    size_t extra_count;
    const as_table *table, *other_table; /* set by as_evidence_tables, and kept from one finding
                                            of a rule to the next */
    as_str file;                         /* of a finding that is in no table: where it is */
    uint32_t line, column;
    uint32_t *members; /* group findings: all rows, ascending */
    size_t member_count;
    /* these two last, as nobody clears them */
    as_doc_value extra[24]; /* `extra_count` values that are not fields of the record (the other
                               table's, the figure's) */
    as_piece pieces[AS_PIECES_BEFORE + AS_PIECES_MAX]; /* first what goes before them */
} as_evidence;
void as_evidence_begin(as_evidence *ev, as_arena *a);

typedef struct as_check_kind {
    const char *name;    /* the rule's key: "unique" */
    const char *summary; /* one line: "no two records share a key" */
    const char *detail;  /* a paragraph or two of Markdown for the reference page */
    as_level level;
    bool needs_table;
    const as_param_doc *params; /* ends with a NULL name */
    const char *example;        /* a rules: file with flags and passes (NULL: nobody writes such
                                   rules), against the schemas of        docs/example-pack */
    as_code (*bind)(as_bind *b, void **plan,
                    as_err *e); /* mistakes in the rule go to b->diags, with AS_OK */
    as_code (*eval)(as_eval *ev, const as_bind *b, const void *plan, as_result *out, as_err *e);
    as_code (*describe)(const as_eval *ev, const as_bind *b, const void *plan,
                        const as_result *r, const as_finding *f, as_evidence *out, as_err *e);
} as_check_kind;

extern const as_check_kind *const as_check_kinds[];
extern const size_t as_check_kind_count;
const as_check_kind *as_check_kind_find(as_str name); /* NULL: no such kind */
/* Names of the kinds that people write in YAML (not the built-in ones), for as_project_open. */
as_kind_names as_check_names(void);

/* Fields to show with a finding (the rule's own table): those that where, the kind and the
 * message read; set by the kind and the planner through this. A field named twice is shown
 * once. */
void as_bind_show(as_bind *b, uint32_t field);
/* A name that describe will put into as_evidence.extra, so that the rule's message may say
 * {name}. `name` is borrowed and lives as long as the plan. Where a field of the record has the
 * same name, the field wins. */
void as_bind_extra(as_bind *b, as_str name);

#endif
