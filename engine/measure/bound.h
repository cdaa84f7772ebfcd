/* bound.h: a measure bound to schemas. Private to measure/.
 *
 * A bound measure is a short list of nodes in an order in which each comes after the measures
 * that its formula names; the last one is the measure itself. So evaluation is one pass, and a
 * measure that is named twice is worked out once. */
#ifndef AS_MEASURE_BOUND_H
#define AS_MEASURE_BOUND_H

#include "measure/formula.h"
#include "measure/join.h"

typedef struct as_measure_node {
    const as_measure *measure;
    uint32_t field; /* sum, mean, distinct; AS_NO_FIELD for count */
    uint32_t by[AS_KEY_FIELDS_MAX];
    const as_cond *where; /* NULL: every record */
    as_measure_join joins[AS_MEASURE_JOINS_MAX];
    size_t join_count;
    const as_str *by_names;
    size_t by_count;
    const as_formula *formula;
    const uint32_t *operands; /* node of each of formula->names */
} as_measure_node;

struct as_bound_measure {
    const as_measure_node *nodes;
    size_t count;
};

/* What one node gives on tables; formulas from the results of earlier nodes. (aggregate.c,
 * combine.c) */
as_code as_measure_aggregate(const as_measure_node *n, const as_table *t, as_tables tables,
                             as_pool *pool, as_arena *a, as_measure_result *out, as_err *e);
/* The same, from tables.cache where there is one. (cache.c) */
as_code as_measure_kept(const as_measure_node *n, const as_table *t, as_tables tables,
                        as_pool *pool, as_arena *a, as_measure_result *out, as_err *e);
as_code as_measure_combine(const as_measure_node *n, const as_measure_node *nodes,
                           const as_measure_result *results, as_arena *a,
                           as_measure_result *out, as_err *e);
/* Every node's result, into `results` (m->count of them). (measure.c) */
as_code as_measure_eval_nodes(const as_bound_measure *m, as_tables tables, as_pool *pool,
                              as_arena *a, as_measure_result *results, as_err *e);

#endif
