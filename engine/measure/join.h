/* join.h: `found_in` and `missing_from` of a measure: only records that have, or do not have, a
 * row with the same key in another table are counted. Private to measure/.
 *
 * A record with a null in the key is neither found nor missing and is left out, as a condition
 * on it would be undecided. */
#ifndef AS_MEASURE_JOIN_H
#define AS_MEASURE_JOIN_H

#include "eval/eval.h"
#include "measure/measure.h"
#include "rules/cond.h"

#define AS_MEASURE_JOINS_MAX 2 /* found_in, missing_from */

typedef struct as_measure_join {
    bool found;   /* found_in; false: missing_from */
    as_str table; /* the other one */
    uint32_t mine[AS_KEY_FIELDS_MAX], theirs[AS_KEY_FIELDS_MAX];
    size_t count;
    const as_cond *where; /* which of its rows count; NULL: all */
} as_measure_join;

/* False: every mistake was reported to env->diags. `env` is that of the measure's own table. */
bool as_measure_join_bind(as_measure_join *out, const as_measure *m, const char *key,
                          const as_cond_env *env, as_want_fn want, void *want_arg);

/* A join on tables: the other table's rows by key. Threads share it. */
typedef struct as_join_index {
    as_probe probe;
    as_index *own;    /* NULL: the index is a ready one, or none is needed */
    uint32_t *turned; /* a ready match of the other table's rows, turned round; or NULL */
    bool found;
} as_join_index;

as_code as_join_index_open(as_join_index *out, const as_measure *m, const as_measure_join *join,
                           const as_table *self, as_tables tables, as_pool *pool, as_arena *a,
                           as_err *e);
void as_join_index_close(as_join_index *x); /* also of a zeroed one */

/* truth[i] becomes AS_FALSE for the rows begin + i that the join leaves out; n <= AS_BLOCK. */
void as_join_block(const as_join_index *x, uint32_t begin, uint32_t n, uint8_t *truth);

/* A column that the file does not have would make a figure out of nothing. */
as_code as_measure_needs_field(const as_measure *m, const as_table *t, uint32_t field,
                               as_err *e);

#endif
