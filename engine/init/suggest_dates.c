/* suggest_dates.c: days within a plausible window, and in their order.
 *
 * The window is that of the years in the file, without years at either end that hold at most
 * one record in a hundred and lie ten years or more from the next year: 1900 and 2107 are slips
 * or fillers. */
#include "init/model.h"
#include "init/rule_text.h"
#include "init/suggest.h"

#define YEARS 10000
#define GAP 10
#define DATES_MAX 12    /* fields that are compared with each other */
#define WINDOW_LEAST 10 /* days, before their years say anything */
#define ORDER_LEAST 20  /* records, before an order is more than chance */

typedef struct window {
    int first, last; /* years */
    uint64_t n, outside;
} window;

/* Leaves out years at the low end (step 1) or the high end (-1). */
static void trim(window *v, const uint32_t *years, int step)
{
    int *end = step > 0 ? &v->first : &v->last, other = step > 0 ? v->last : v->first;
    uint64_t room = v->n >= 100 ? v->n / 100 : 0, dropped = 0;
    for (int y = *end; y != other;) {
        dropped += years[y];
        int next = y + step;
        while (next != other && !years[next])
            next += step;
        if (dropped + v->outside > room)
            return;
        if (step * (next - y) >= GAP) {
            *end = next;
            v->outside += dropped;
            dropped = 0;
        }
        y = next;
    }
}

static window window_of(const as_table *t, const as_column *c, uint32_t *years)
{
    window v = {.first = YEARS, .last = 0};
    const as_date *days = as_column_dates(c);
    memset(years, 0, YEARS * sizeof *years);
    for (uint32_t row = 0; row < t->rows; row++) {
        int y, m, d;
        if (days[row] == AS_DATE_NULL)
            continue;
        as_date_civil(days[row], &y, &m, &d);
        years[y]++;
        v.n++;
        v.first = y < v.first ? y : v.first;
        v.last = y > v.last ? y : v.last;
    }
    if (v.n) {
        trim(&v, years, 1);
        trim(&v, years, -1);
    }
    return v;
}

static void suggest_window(as_init_work *w, const as_init_table *t, const as_init_field *f,
                           const window *v)
{
    as_rule_text r = {
        .table = t, .what = "window", .field = f->name, .records = v->n, .broken = v->outside};
    as_rule_begin(w, &r, "%.*s lies in the years from %d to %d", AS_FMT(f->name), v->first,
                  v->last);
    as_buf_addf(&w->rules,
                "    expect: {%.*s: {min: %04d-01-01, max: %04d-12-31}}\n    flags: [{%.*s: ",
                AS_FMT(f->name), v->first, v->last, AS_FMT(f->name));
    bool short_year = as_str_find(f->field->formats[0], AS_STR("%y")) != (size_t)-1;
    int odd = short_year        ? (v->last < 2068 ? 2068 : 1969)
              : v->first > 1000 ? v->first - 1
                                : v->last + 1;
    as_rule_day(&w->rules, f, as_date_from(odd, 6, 15));
    as_buf_addf(&w->rules, "}]\n    passes: [{%.*s: ", AS_FMT(f->name));
    as_rule_day(&w->rules, f, as_date_from(v->last, 6, 15));
    as_buf_add(&w->rules, AS_STR("}]\n"));
}

/* ---- which comes first ---- */

typedef struct order {
    uint64_t both, before, same, after; /* of records with both days */
} order;

static order order_of(const as_table *t, const as_column *a, const as_column *b)
{
    order o = {0, 0, 0, 0};
    const as_date *x = as_column_dates(a), *y = as_column_dates(b);
    for (uint32_t row = 0; row < t->rows; row++) {
        if (x[row] == AS_DATE_NULL || y[row] == AS_DATE_NULL)
            continue;
        o.both++;
        o.before += x[row] < y[row];
        o.same += x[row] == y[row];
        o.after += x[row] > y[row];
    }
    return o;
}

static void order_rule(as_init_work *w, const as_init_table *t, const as_init_field *a,
                       const as_init_field *b, uint64_t n, uint64_t broken)
{
    as_rule_text r = {
        .table = t, .what = "order", .field = a->name, .records = n, .broken = broken};
    as_rule_begin(w, &r, "%.*s is not after %.*s", AS_FMT(a->name), AS_FMT(b->name));
    as_date first = as_date_from(2001, 2, 3), second = as_date_from(2001, 2, 4);
    as_buf_addf(&w->rules, "    expect: {%.*s: {max: {field: %.*s}}}\n", AS_FMT(a->name),
                AS_FMT(b->name));
    for (int pass = 0; pass < 2; pass++) {
        as_buf_addf(&w->rules, "    %s: [{%.*s: ", pass ? "passes" : "flags", AS_FMT(a->name));
        as_rule_day(&w->rules, a, pass ? first : second);
        as_buf_addf(&w->rules, ", %.*s: ", AS_FMT(b->name));
        as_rule_day(&w->rules, b, pass ? second : first);
        as_buf_add(&w->rules, AS_STR("}]\n"));
    }
}

static void suggest_order(as_init_work *w, const as_init_schema *s, const as_init_table *t,
                          const size_t *fields, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++) {
            const as_init_field *a = &s->fields[fields[i]], *b = &s->fields[fields[k]];
            order o = order_of(t->table, &t->table->columns[fields[i]],
                               &t->table->columns[fields[k]]);
            if (o.both < ORDER_LEAST || o.same == o.both)
                continue;
            if (o.before && as_rule_worth(o.both, o.after))
                order_rule(w, t, a, b, o.both, o.after);
            else if (o.after && as_rule_worth(o.both, o.before))
                order_rule(w, t, b, a, o.both, o.before);
        }
}

as_code as_suggest_dates(as_init_work *w, const as_init_schema *s, const as_init_table *t,
                         as_err *e)
{
    uint32_t *years = AS_NEW_N(w->arena, uint32_t, YEARS);
    size_t fields[DATES_MAX], n = 0;
    if (!years)
        return as_fail_nomem(e);
    for (size_t i = 0; i < s->count; i++) {
        const as_column *c = &t->table->columns[i];
        if (s->fields[i].field->type != AS_TYPE_DATE || !c->present)
            continue;
        window v = window_of(t->table, c, years);
        if (v.n >= WINDOW_LEAST)
            suggest_window(w, t, &s->fields[i], &v);
        if (v.n && n < DATES_MAX)
            fields[n++] = i;
    }
    suggest_order(w, s, t, fields, n);
    return AS_OK;
}
