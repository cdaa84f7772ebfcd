/* cond_parse.h: private to the parser of conditions: what cond_parse.c (the grammar) and
 * cond_ops.c (the operators of one field) share. */
#ifndef AS_RULES_COND_PARSE_H
#define AS_RULES_COND_PARSE_H

#include "rules/cond.h"

#define AS_COND_DEPTH_MAX 32

typedef struct as_cond_parser {
    const as_cond_env *env;
    unsigned depth;
    bool failed; /* something was reported: the result is NULL */
} as_cond_parser;

/* The field that a condition is about. */
typedef struct as_subject {
    const as_schema *schema;
    const as_field *field;
    uint32_t index;
    as_side side;
} as_subject;

/* Report; returns NULL. */
as_cond *as_cond_error(as_cond_parser *p, as_span at, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* NULL: out of memory (reported). */
as_cond *as_cond_new(as_cond_parser *p, as_cond_op op, as_span at);
/* A leaf about this field. */
as_cond *as_cond_leaf(as_cond_parser *p, as_cond_op op, as_subject s, as_span at);
/* ALL of the kids: one kid is itself. */
as_cond *as_cond_all(as_cond_parser *p, as_cond **kids, size_t count, as_span at);
/* A hint that is put together; never NULL. */
const char *as_cond_hint(const as_cond_env *env, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

const as_schema *as_side_schema(const as_cond_env *env, as_side side);

/* What stands behind `field:`: a literal, a list, null, present, or a mapping of operators. */
as_cond *as_cond_field_value(as_cond_parser *p, as_subject s, const as_node *value);
/* f: {not: …} */
as_cond *as_cond_field_not(as_cond_parser *p, as_subject s, const as_node *value);
/* {min: 1, max: 9, …} */
as_cond *as_cond_operators(as_cond_parser *p, as_subject s, const as_node *map);
/* f is v · f is one of [a, b] */
as_cond *as_cond_is(as_cond_parser *p, as_subject s, const as_node *value);
as_cond *as_cond_in(as_cond_parser *p, as_subject s, const as_node *list);

/* A number for a bound: for integer fields a fraction will do. */
bool as_literal_bound(const as_cond_env *env, const as_field *f, const as_node *n,
                      as_literal *out);

#endif
