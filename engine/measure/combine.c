/* combine.c: a formula over measures that were worked out before it, joined by group.
 *
 * Its groups are all groups that any of its measures has. A measure without `by` goes with
 * every group. Where a measure lacks a group, a count is 0 there and everything else unknown.
 */
#include "measure/bound.h"
#include "measure/groups.h"

#include <math.h>

typedef const as_str *keys_ptr;

/* Groups that are in their order, and those of `r` that are not among them; returns how many.
 */
static size_t merge(const keys_ptr *known, size_t count, const as_measure_result *r,
                    keys_ptr *out)
{
    size_t at = 0, n = 0;
    for (size_t g = 0; g < r->count;) {
        const as_str *keys = r->groups[g].keys;
        const int order = at < count ? as_group_keys_cmp(known[at], keys, r->by_count) : 1;
        out[n++] = order <= 0 ? known[at++] : keys;
        g += order >= 0;
    }
    while (at < count)
        out[n++] = known[at++];
    return n;
}

as_code as_measure_unite(const as_measure_result *results, size_t count, size_t by_count,
                         as_arena *a, const as_str *const **keys, size_t *key_count, as_err *e)
{
    size_t most = 0, n = 0;
    for (size_t i = 0; i < count; i++)
        most += results[i].by_count == by_count ? results[i].count : 0;
    keys_ptr *all = AS_NEW_N(a, keys_ptr, most + 1), *next = AS_NEW_N(a, keys_ptr, most + 1);
    if (!all || !next)
        return as_fail_nomem(e);
    for (size_t i = 0; i < count; i++) {
        if (results[i].by_count != by_count)
            continue;
        n = merge(all, n, &results[i], next);
        keys_ptr *merged = next;
        next = all;
        all = merged;
    }
    *keys = all;
    *key_count = n;
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
