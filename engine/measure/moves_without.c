/* moves_without.c: what the figures are without some records: counts, sums, means and numbers
 * of values from what the records add to them, formulas from what they name.
 *
 * Changes of one node stand together, by group; those of later nodes follow. */
#include "measure/groups.h"
#include "measure/moves_node.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct change {
    uint32_t group;
    double to;
} change;

typedef struct walk {
    const as_moves *m;
    as_arena *arena;
    change *items;
    size_t count, size;
    size_t *first; /* of each node its first change; one more at the end */
    bool nomem;
} walk;

static void add_change(walk *w, uint32_t group, double to)
{
    if (w->count == w->size) {
        size_t size = w->size ? w->size * 2 : 16;
        change *items = AS_NEW_N(w->arena, change, size);
        w->nomem = w->nomem || !items;
        if (!items)
            return;
        if (w->count)
            memcpy(items, w->items, w->count * sizeof *items);
        w->items = items;
        w->size = size;
    }
    w->items[w->count++] = (change){group, to};
}

/* Beyond what adding in another order makes of it. */
static bool differs(double x, double y)
{
    if (isnan(x) || isnan(y))
        return isnan(x) != isnan(y);
    return fabs(x - y) > 1e-12 * fmax(fabs(x), fabs(y));
}

/* 0.3 - 0.1 as 0.2: a difference has its operands' noise in the last of 17 digits. */
static double tidy(double x)
{
    char text[40];

    if (isnan(x) || x == floor(x))
        return x;
    (void)snprintf(text, sizeof text, "%.15g", x);
    return strtod(text, NULL);
}

/* ---- counts and sums ---- */

/* A record that is left out, and where it counted. */
typedef struct hit {
    uint32_t group, value, row;
} hit;

static int by_group(const void *x, const void *y)
{
    const hit *a = x, *b = y;

    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    return a->value == b->value ? 0 : a->value < b->value ? -1 : 1;
}

/* What the hits of one group take from it. */
typedef struct taken {
    uint64_t records, nulls;
    double sum;
    uint64_t values; /* that no other record of the group has */
} taken;

static taken take(const as_moves_node *x, const hit *hits, size_t n)
{
    const as_column *c = x->n->field == AS_NO_FIELD ? NULL : &x->table->columns[x->n->field];
    taken t = {.records = n};

    for (size_t i = 0, same = 0; c && i < n; i++) {
        bool null = as_cell_null(c, hits[i].row);
        t.nulls += null;
        if (x->value) {
            bool last = i + 1 == n || hits[i + 1].value != hits[i].value;
            same++;
            t.values += last && !null && same == x->records[hits[i].value];
            same = last ? 0 : same;
        } else if (!null) {
            t.sum += as_cell_num(c, hits[i].row);
        }
    }
    return t;
}

static double value_without(const as_moves_node *x, const as_measured *g, const taken *t)
{
    const as_measure_node *n = x->n;
    uint64_t left = g->records - t->records;
    double with = (double)(g->records - g->nulls);
    double with_left = with - (double)(t->records - t->nulls);

    switch (n->measure->op) {
    case AS_MEASURE_COUNT:
        return (double)left;
    case AS_MEASURE_DISTINCT: /* a group without records is not there, one that is not a group
                                 is 0 */
        return left == 0 && n->by_count ? (double)NAN : g->value - (double)t->values;
    case AS_MEASURE_SUM:
        return with_left > 0 ? tidy(g->value - t->sum) : (double)NAN;
    case AS_MEASURE_MEAN: {
        double sum = g->value * with;
        if (x->table->columns[n->field].layout == AS_LAYOUT_INT)
            sum = nearbyint(sum);
        return with_left > 0 ? (sum - t->sum) / with_left : (double)NAN;
    }
    case AS_MEASURE_FORMULA:
        break;
    }
    return (double)NAN;
}

static void leave_out(walk *w, const as_moves_node *x, const uint32_t *rows, size_t n)
{
    hit *hits = AS_NEW_N(w->arena, hit, n);
    size_t count = 0;

    w->nomem = w->nomem || !hits;
    for (size_t i = 0; hits && i < n; i++) {
        uint32_t row = rows[i];
        if (x->group[row] != AS_NO_ROW)
            hits[count++] = (hit){x->group[row], x->value ? x->value[row] : 0, row};
    }
    if (count > 1)
        qsort(hits, count, sizeof *hits, by_group);
    for (size_t i = 0, m; i < count; i += m) {
        const as_measured *g = &x->result.groups[hits[i].group];
        for (m = 1; i + m < count && hits[i + m].group == hits[i].group;)
            m++;
        taken t = take(x, hits + i, m);
        double to = value_without(x, g, &t);
        if (differs(g->value, to))
            add_change(w, hits[i].group, to);
    }
}

/* ---- formulas ---- */

static int by_number(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;

    return a == b ? 0 : a < b ? -1 : 1;
}

/* The formula's groups that a change of an operand reaches; each may be there twice. NULL:
 * none. */
static uint32_t *reached(walk *w, const as_moves_node *x, size_t *count)
{
    size_t most = 0, n = 0;
    uint32_t *out = NULL;

    for (size_t k = 0; k < x->n->formula->name_count; k++) {
        uint32_t o = x->operands[k];
        bool same_by = w->m->nodes[o].n->by_count == x->n->by_count;
        size_t changes = w->first[o + 1] - w->first[o];
        most += changes == 0 ? 0 : same_by ? changes : x->result.count;
    }
    if (most && !(out = AS_NEW_N(w->arena, uint32_t, most)))
        w->nomem = true;
    for (size_t k = 0; out && k < x->n->formula->name_count; k++) {
        uint32_t o = x->operands[k];
        const as_moves_node *part = &w->m->nodes[o];
        bool same_by = part->n->by_count == x->n->by_count;
        for (size_t i = w->first[o]; same_by && i < w->first[o + 1]; i++) {
            const as_measured *g =
                as_measure_group(&x->result, part->result.groups[w->items[i].group].keys);
            if (g)
                out[n++] = (uint32_t)(g - x->result.groups);
        }
        for (uint32_t g = 0; !same_by && w->first[o] < w->first[o + 1] && g < x->result.count;
             g++)
            out[n++] = g;
    }
    if (n > 1)
        qsort(out, n, sizeof *out, by_number);
    *count = n;
    return out;
}

static double operand(const walk *w, uint32_t o, const as_str *keys)
{
    const as_moves_node *part = &w->m->nodes[o];
    const as_measured *g = as_measure_group(&part->result, keys);

    if (!g)
        return part->n->measure->op == AS_MEASURE_COUNT ? 0 : (double)NAN;
    for (size_t i = w->first[o]; i < w->first[o + 1]; i++) {
        if (w->items[i].group == (uint32_t)(g - part->result.groups))
            return w->items[i].to;
    }
    return g->known ? g->value : (double)NAN;
}

static void combine(walk *w, const as_moves_node *x)
{
    size_t count = 0, parts = x->n->formula->name_count;
    const uint32_t *groups = reached(w, x, &count);
    double *values = count ? AS_NEW_N(w->arena, double, parts + 1) : NULL;

    w->nomem = w->nomem || (count && !values);
    for (size_t i = 0; values && i < count; i++) {
        const as_measured *g = &x->result.groups[groups[i]];
        if (i && groups[i] == groups[i - 1])
            continue;
        for (size_t k = 0; k < parts; k++)
            values[k] = operand(w, x->operands[k], g->keys);
        double to = as_formula_value(x->n->formula, values);
        if (differs(g->value, to))
            add_change(w, groups[i], to);
    }
}

/* ---- all ---- */

static as_code told(const walk *w, as_move **out, size_t *count, as_err *e)
{
    const as_moves *m = w->m;
    size_t n = 0;

    *out = AS_NEW_N(w->arena, as_move, w->count + 1);
    if (!*out)
        return as_fail_nomem(e);
    for (size_t i = 0; i < m->asked_count; i++) {
        const as_moves_node *x = &m->nodes[m->asked[i]];
        for (size_t k = w->first[m->asked[i]]; k < w->first[m->asked[i] + 1]; k++) {
            const change *c = &w->items[k];
            (*out)[n++] = (as_move){x->n->measure, x->names[c->group],
                                    x->result.groups[c->group].value, c->to};
        }
    }
    *count = n;
    return AS_OK;
}

as_code as_moves_without(const as_moves *m, const as_table *t, const uint32_t *rows, size_t n,
                         as_arena *a, as_move **out, size_t *count, as_err *e)
{
    walk w = {.m = m, .arena = a, .first = AS_NEW_N(a, size_t, m->count + 1)};

    *out = NULL;
    *count = 0;
    if (!w.first)
        return as_fail_nomem(e);
    for (size_t i = 0; i < m->count && !w.nomem; i++) {
        const as_moves_node *x = &m->nodes[i];
        w.first[i] = w.count;
        w.first[i + 1] = w.count;
        if (x->n->formula)
            combine(&w, x);
        else if (x->table == t)
            leave_out(&w, x, rows, n);
        w.first[i + 1] = w.count;
    }
    if (w.nomem)
        return as_fail_nomem(e);
    return w.count ? told(&w, out, count, e) : AS_OK;
}
