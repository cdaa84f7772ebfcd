/* adds_up_sum.c: the sums of an adds_up rule.
 *
 * Every form gives the same few numbers (as_sum), judged in one place. What is null or missing
 * is undecided unless the rule reads it as zero; a total that is not there is always undecided.
 */
#include "check/adds_up.h"
#include "check/by_group.h"
#include "check/grouped.h"
#include "check/scan.h"

#include <math.h>

/* ---- one sum ---- */

static void add(as_sum *s, double x)
{
    if (isnan(x)) {
        s->lacking++;
    } else {
        s->known++;
        s->parts += x;
    }
}

as_tolerance as_adds_up_room(const as_adds_up *p, const as_sum *s)
{
    if (p->rounded_to > 0)
        return (as_tolerance){p->rounded_to / 2 * (double)(s->known + !p->fixed), false};
    return p->tolerance;
}

static as_truth adds_up(const as_adds_up *p, const as_sum *s)
{
    if (isnan(s->total) || (s->lacking && !p->nulls_zero) || s->known + s->lacking == 0)
        return AS_UNDECIDED;
    return as_within(s->total, s->parts, s->total, as_adds_up_room(p, s)) ? AS_TRUE : AS_FALSE;
}

/* ---- measures and rows: sums by group ---- */

static as_code groups_of_measures(as_eval *ev, const as_adds_up *p, as_sum_group **out,
                                  size_t *count, as_err *e)
{
    as_figures f;
    as_code code =
        as_by_group_figures(ev, p->measures, p->count + !p->fixed, p->by_count, &f, e);

    if (code != AS_OK)
        return code;
    *out = AS_NEW_N(ev->arena, as_sum_group, f.count + 1);
    double *values = AS_NEW_N(ev->arena, double, f.count * p->count + 1);
    if (!*out || !values)
        return as_fail_nomem(e);
    for (size_t g = 0; g < f.count; g++, values += p->count) {
        as_sum_group *it = &(*out)[g];
        it->keys = f.keys[g];
        it->values = values;
        it->sum.total =
            p->fixed ? p->number
                     : as_by_group_value(p->measures[p->count], &f.of[p->count], f.keys[g]);
        for (size_t i = 0; i < p->count; i++) {
            values[i] = as_by_group_value(p->measures[i], &f.of[i], f.keys[g]);
            add(&it->sum, values[i]);
        }
    }
    *count = f.count;
    return AS_OK;
}

/* What a value of `across` is: a part (its place), the total, or nothing to this rule. */
#define ROLE_NONE UINT32_MAX
static as_code roles_of(as_eval *ev, const as_adds_up *p, const as_grouped *g, uint32_t **out,
                        as_err *e)
{
    const as_str *const *names;
    const uint32_t *order;
    as_code code = as_grouped_names(g, ev->arena, &names, &order, e);
    uint32_t *roles = AS_NEW_N(ev->arena, uint32_t, (size_t)g->count + 1);

    if (code != AS_OK || !roles)
        return code != AS_OK ? code : as_fail_nomem(e);
    for (uint32_t id = 0; id < g->count; id++) {
        as_str name = names[id][0];
        uint32_t role = 0;
        while (role <= p->count && !(name.ptr && as_str_eq(name, p->values[role])))
            role++;
        if (role > p->count)
            role = p->count ? ROLE_NONE : 1; /* no list: one of the others */
        roles[id] = role;
    }
    *out = roles;
    return AS_OK;
}

static void add_row(const as_adds_up *p, as_sum_group *it, uint32_t role, double x)
{
    if (role == ROLE_NONE)
        return;
    if (role == p->count) {
        it->sum.total = it->has_total ? it->sum.total + x : x;
        it->has_total = true;
    } else if (p->count == 0) {
        add(&it->sum, x);
    } else { /* the rows of one part are one number; null where one of them is */
        it->values[role] = isinf(it->values[role]) ? x : it->values[role] + x;
    }
}

static void add_named(const as_adds_up *p, as_sum_group *it)
{
    for (size_t i = 0; i < p->count; i++) {
        if (isinf(it->values[i]))
            it->values[i] = (double)NAN;
        add(&it->sum, it->values[i]);
    }
    if (!it->has_total)
        it->sum.total = (double)NAN;
}

static as_code sum_rows(as_eval *ev, const as_adds_up *p, const as_table *t,
                        const as_grouped *g, const as_grouped *across, as_sum_group *items,
                        as_err *e)
{
    uint32_t *roles = NULL;
    double *values = AS_NEW_N(ev->arena, double, g->count * p->count + 1);
    as_code code = roles_of(ev, p, across, &roles, e);

    if (code != AS_OK || !values)
        return code != AS_OK ? code : as_fail_nomem(e);
    for (size_t i = 0; i < g->count * p->count; i++)
        values[i] = (double)INFINITY; /* no row yet: no cell is that */
    for (uint32_t i = 0; i < g->count; i++)
        items[i].values = values + i * p->count;
    for (uint32_t row = 0; row < t->rows; row++)
        if (g->ids[row] != AS_NO_GROUP)
            add_row(p, &items[g->ids[row]], roles[across->ids[row]],
                    as_cell_num(&t->columns[p->value], row));
    for (uint32_t i = 0; i < g->count; i++)
        add_named(p, &items[i]);
    return AS_OK;
}

static as_code sort_items(as_eval *ev, const as_grouped *g, const as_sum_group *by_id,
                          as_sum_group *out, as_err *e)
{
    const as_str *const *keys;
    const uint32_t *order;
    as_code code = as_grouped_names(g, ev->arena, &keys, &order, e);

    for (uint32_t i = 0; code == AS_OK && i < g->count; i++) {
        out[i] = by_id[order[i]];
        out[i].keys = keys[order[i]];
    }
    return code;
}

static as_code groups_of_rows(as_eval *ev, const as_bind *b, const as_adds_up *p,
                              as_sum_group **out, size_t *count, as_err *e)
{
    const as_table *t;
    as_bound *where;
    uint8_t *selected = NULL;
    as_grouped g = {0}, across = {0};
    as_code code = as_eval_table(ev, b, b->rule->table, &t, e);

    if (code == AS_OK)
        code = as_eval_field(b, t, p->value, e);
    if (code == AS_OK)
        code = as_bound_make(&where, b->where, t, NULL, ev->arena, e);
    if (code == AS_OK)
        code = as_bound_all(&selected, where, t, ev->pool, ev->arena, e);
    if (code == AS_OK)
        code = as_grouped_open(&g, ev, b, t, p->by_fields, p->by_count, selected, e);
    if (code == AS_OK)
        code = as_grouped_open(&across, ev, b, t, &p->across, 1, selected, e);
    as_sum_group *by_id = AS_NEW_N(ev->arena, as_sum_group, (size_t)g.count + 1);
    *out = AS_NEW_N(ev->arena, as_sum_group, (size_t)g.count + 1);
    if (code == AS_OK && (!by_id || !*out))
        code = as_fail_nomem(e);
    if (code == AS_OK)
        code = sum_rows(ev, p, t, &g, &across, by_id, e);
    if (code == AS_OK)
        code = sort_items(ev, &g, by_id, *out, e);
    *count = g.count;
    as_grouped_close(&g);
    as_grouped_close(&across);
    return code;
}

static as_code judge_groups(as_eval *ev, const as_adds_up *p, const as_sum_group *items,
                            size_t count, as_result *out, as_err *e)
{
    const as_str **open = AS_NEW_N(ev->arena, const as_str *, count + 1);
    uint32_t field = p->form == AS_SUM_ROWS ? p->value : AS_NO_FIELD;

    if (!open)
        return as_fail_nomem(e);
    for (size_t i = 0; i < count; i++) {
        as_truth truth = adds_up(p, &items[i].sum);
        out->selected++;
        if (truth == AS_UNDECIDED)
            open[out->undecided++] = items[i].keys;
        if (truth == AS_FALSE &&
            !as_findings_add(&out->findings,
                             (as_finding){AS_NO_ROW, field, AS_NO_ROW, (uint32_t)i}))
            return as_fail_nomem(e);
    }
    return as_note_groups(ev->arena, &out->note, "lacking the total or a part", open,
                          out->undecided, p->by_count, p->secret_key, e);
}

/* ---- fields: one sum a record ---- */

typedef struct context {
    const as_eval *ev;
    const as_adds_up *p;
    const as_table *t;
    const as_bound *where;
} context;

as_sum as_adds_up_record(const as_adds_up *p, const as_table *t, uint32_t row)
{
    as_sum s = {.total = p->number};

    for (size_t i = 0; i < p->count; i++)
        add(&s, as_cell_num(&t->columns[p->fields[i]], row));
    if (!p->fixed)
        s.total = as_cell_num(&t->columns[p->fields[p->count]], row);
    return s;
}

static as_code look(void *arg, unsigned worker, uint32_t begin, uint32_t n, as_scan_part *part,
                    as_err *e)
{
    const context *c = arg;
    const as_adds_up *p = c->p;
    uint8_t where[AS_BLOCK];
    as_code code = as_bound_block(c->where, begin, n, where, c->ev->scratch[worker], e);

    for (uint32_t i = 0; code == AS_OK && i < n; i++) {
        if (where[i] != AS_TRUE)
            continue;
        as_sum s = as_adds_up_record(p, c->t, begin + i);
        as_truth truth = adds_up(p, &s);
        as_finding f = {begin + i, p->fields[p->fixed ? 0 : p->count], AS_NO_ROW, 0};
        part->selected++;
        part->undecided += truth == AS_UNDECIDED;
        if (truth == AS_FALSE && !as_findings_add(&part->findings, f))
            code = as_fail_nomem(e);
    }
    return code;
}

static as_code eval_records(as_eval *ev, const as_bind *b, const as_adds_up *p, as_result *out,
                            as_err *e)
{
    context c = {.ev = ev, .p = p};
    as_bound *where = NULL;
    as_code code = as_eval_table(ev, b, b->rule->table, &c.t, e);

    for (size_t i = 0; code == AS_OK && i < p->count + !p->fixed; i++)
        code = as_eval_field(b, c.t, p->fields[i], e);
    if (code == AS_OK)
        code = as_bound_make(&where, b->where, c.t, NULL, ev->arena, e);
    c.where = where;
    return code == AS_OK ? as_scan(ev, c.t->rows, look, &c, out, e) : code;
}

as_code as_adds_up_eval(as_eval *ev, const as_bind *b, const void *plan_, as_result *out,
                        as_err *e)
{
    const as_adds_up *p = plan_;
    as_sum_group *items = NULL;
    size_t count = 0;
    as_code code;

    if (p->form == AS_SUM_FIELDS)
        return eval_records(ev, b, p, out, e);
    code = p->form == AS_SUM_ROWS ? groups_of_rows(ev, b, p, &items, &count, e)
                                  : groups_of_measures(ev, p, &items, &count, e);
    out->state = items;
    return code == AS_OK ? judge_groups(ev, p, items, count, out, e) : code;
}
