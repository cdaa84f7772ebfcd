/* combine.c: a formula over measures that were worked out before it, joined by group.
 *
 * Its groups are all groups that any of its measures has. A measure without `by` goes with
 * every group. Where a measure lacks a group, a count is 0 there and everything else unknown.
 */
#include "measure/bound.h"
#include "measure/groups.h"

#include <math.h>
#include <stdlib.h>

typedef const as_str *keys_ptr;

static int by_keys(const void *x, const void *y, void *by_count)
{
    return as_group_keys_cmp(*(const keys_ptr *)x, *(const keys_ptr *)y,
                             *(const size_t *)by_count);
}

as_code as_measure_unite(const as_measure_result *results, size_t count, size_t by_count,
                         as_arena *a, const as_str *const **keys, size_t *key_count, as_err *e)
{
    size_t most = 0, n = 0, kept = 0;
    keys_ptr *all;

    for (size_t i = 0; i < count; i++)
        most += results[i].by_count == by_count ? results[i].count : 0;
    all = AS_NEW_N(a, keys_ptr, most + 1);
    if (!all)
        return as_fail_nomem(e);
    for (size_t i = 0; i < count; i++) {
        for (size_t g = 0; results[i].by_count == by_count && g < results[i].count; g++)
            all[n++] = results[i].groups[g].keys;
    }
    if (n > 1)
        qsort_r(all, n, sizeof(*all), by_keys, &by_count);
    for (size_t i = 0; i < n; i++) {
        if (!kept || as_group_keys_cmp(all[kept - 1], all[i], by_count) != 0)
            all[kept++] = all[i];
    }
    *keys = all;
    *key_count = kept;
    return AS_OK;
}

static double operand(const as_measure_node *part, const as_measure_result *r, as_measured *g)
{
    const as_measured *m =
        as_measure_group(r, g->keys); /* without `by` the keys are not looked at */

    if (!m)
        return part->measure->op == AS_MEASURE_COUNT ? 0 : (double)NAN;
    g->records += m->records;
    g->nulls += m->nulls;
    return m->known ? m->value : (double)NAN;
}

as_code as_measure_combine(const as_measure_node *n, const as_measure_node *nodes,
                           const as_measure_result *results, as_arena *a,
                           as_measure_result *out, as_err *e)
{
    size_t parts = n->formula->name_count, count = 0;
    double *values = AS_NEW_N(a, double, parts + 1);
    as_measure_result *used = AS_NEW_N(a, as_measure_result, parts + 1);
    const keys_ptr *keys = NULL;
    as_code code;

    *out = (as_measure_result){.by_count = n->by_count};
    if (!values || !used)
        return as_fail_nomem(e);
    for (size_t i = 0; i < parts; i++)
        used[i] = results[n->operands[i]];
    used[parts] = (as_measure_result){0};
    code = as_measure_unite(used, parts, n->by_count, a, &keys, &count, e);
    if (code != AS_OK)
        return code;
    out->groups = AS_NEW_N(a, as_measured, count + 1);
    if (!out->groups)
        return as_fail_nomem(e);
    out->count = parts ? count : 1; /* a formula of numbers alone is one group */
    for (size_t g = 0; g < out->count; g++) {
        as_measured *m = &out->groups[g];
        m->keys = parts ? keys[g] : AS_NEW(a, as_str);
        for (size_t i = 0; i < parts; i++)
            values[i] = operand(&nodes[n->operands[i]], &used[i], m);
        m->value = as_formula_value(n->formula, values);
        m->known = !isnan(m->value);
    }
    return AS_OK;
}
