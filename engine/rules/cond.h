/* cond.h: the one grammar of conditions (DESIGN 4.1), parsed against a schema into a typed
 * tree. Evaluation is in check/eval.h. Immutable once parsed; threads share it. */
#ifndef AS_RULES_COND_H
#define AS_RULES_COND_H

#include "base/buf.h"
#include "rules/project.h"

typedef enum as_cond_op {
    AS_COND_ALL,
    AS_COND_ANY,
    AS_COND_NOT, /* kids; ALL of none holds */
    AS_COND_NULL,
    AS_COND_PRESENT, /* field */
    AS_COND_IN, /* field is one of `values` (text) or on `list`; never undecided but for null */
    AS_COND_CMP, /* field <cmp> bound */
    AS_COND_SAME,
    AS_COND_DIFFERS, /* field against field `other` */
    AS_COND_MATCHES,
    AS_COND_CONTAINS,
    AS_COND_LENGTH
} as_cond_op;

typedef enum as_cmp {
    AS_CMP_GE /* min */,
    AS_CMP_LE /* max */,
    AS_CMP_GT /* above */,
    AS_CMP_LT /* below */
} as_cmp;

/* A literal typed as the field is: text/code as text, integer and number as f (and i where
 * whole), date as d. */
typedef struct as_literal {
    as_str text;
    double f;
    int64_t i;
    as_date d;
    as_str param; /* name of the parameter that it stands for, without $; or empty */
} as_literal;

/* Side of a field name: the record that the rule is about, or the row found in another table
 * (`lookup: {expect: …}`, where plain names are the other table's and {record: f} is this
 * record's). */
typedef enum as_side { AS_SIDE_SELF, AS_SIDE_OTHER } as_side;

typedef struct as_cond as_cond;
struct as_cond {
    as_cond_op op;
    as_span at;
    as_cond **kids;
    size_t kid_count;
    uint32_t field; /* of the schema of `side` */
    as_side side;
    const as_literal *values; /* IN */
    size_t value_count;
    const as_code_list *list;
    as_cmp cmp;
    as_literal bound; /* CMP with a literal */
    uint32_t other;   /* CMP with a field, SAME, DIFFERS; else AS_NO_FIELD */
    as_side other_side;
    double offset; /* CMP with {field: g, plus: 90}: days or units added to the field's value */
    as_regex *regex; /* MATCHES (also `format:`) */
    as_str written;  /* MATCHES: the expression, or with `format:` the pattern's name; CONTAINS:
                        as written */
    bool named;      /* MATCHES: `written` is the name of a pattern */
    as_str needle;   /* CONTAINS, case folded unless written {contains: s, exact: true} */
    bool exact;
    double min_len, max_len; /* LENGTH in code points; NaN = none */
    bool requires_present;   /* CMP etc. written beside `present: true`: null is a failure, not
                                undecided */
};

typedef struct as_cond_env {
    const as_project *project;
    const as_schema *self;
    const as_schema *other; /* NULL: no other side */
    as_side plain;          /* which side plain names mean */
    const as_param
        *over; /* parameters of a test case that win over the project's; may be NULL */
    size_t over_count;
    as_arena *arena;
    as_diags *diags;
} as_cond_env;

/* NULL when there were errors (all reported). node NULL gives a condition that always holds. */
as_cond *as_cond_parse(const as_cond_env *env, const as_node *node);

/* Call fn for every field that the condition reads. */
void as_cond_fields(const as_cond *c, void (*fn)(void *arg, as_side side, uint32_t field),
                    void *arg);

/* Resolve a scalar that may be `$param`; *out borrowed. False: unknown parameter (reported). */
bool as_param_resolve(const as_cond_env *env, const as_node *n, as_str *out);
/* Type a scalar (or $param) as the field's type; false: reported. */
bool as_literal_parse(const as_cond_env *env, const as_field *f, const as_node *n,
                      as_literal *out);
/* Index of the field, or AS_NO_FIELD (reported with a suggestion). */
uint32_t as_field_resolve(const as_cond_env *env, const as_schema *s, const as_node *n);

/* The condition in words: "places is present and at least 1". Appends. */
void as_cond_words(const as_cond *c, const as_schema *self, const as_schema *other,
                   as_buf *out);

#endif
