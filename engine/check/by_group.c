/* by_group.c: see by_group.h. */
#include "check/by_group.h"

#include "base/text.h"
#include "check/evidence.h"

#include <math.h>
#include <stdio.h>

const as_bound_measure *as_by_group_measure(as_bind *b, const as_node *n, const char *what)
{
    as_str name;

    if (!as_params_text(b, n, what, &name))
        return NULL;
    return as_measure_bind(b->project, name, n->at, b->env.over, b->env.over_count, b->arena,
                           b->diags, b->want, b->want_arg);
}

bool as_by_group_same(const as_bound_measure *x, const as_bound_measure *y)
{
    size_t n, m;
    const as_str *of_x = as_bound_measure_by(x, &n), *of_y = as_bound_measure_by(y, &m);

    for (size_t i = 0; n == m && i < n; i++) {
        if (!as_str_eq(of_x[i], of_y[i]))
            return false;
    }
    return n == m;
}

const as_measured *as_by_group_find(const as_measure_result *r, const as_str *keys)
{
    if (r->by_count == 0)
        return r->count ? &r->groups[0] : NULL;
    return as_measure_group(r, keys);
}

void as_by_group_fields(as_bind *b, const as_bound_measure *const *measures,
                        const as_node *const *at, size_t count, const char *kind,
                        const as_str **by, size_t *by_count)
{
    const as_bound_measure *first = NULL;

    *by_count = 0;
    for (size_t i = 0; i < count; i++) {
        size_t n = 0;
        if (measures[i])
            as_bound_measure_by(measures[i], &n);
        if (n == 0)
            continue;
        if (!first) {
            first = measures[i];
            *by = as_bound_measure_by(first, by_count);
        } else if (!as_by_group_same(first, measures[i])) {
            as_params_error(
                b, at[i], "all measures are `by` the same fields in the same order, or by none",
                "%s: %.*s and %.*s are by different fields", kind,
                AS_FMT(as_bound_measure_of(first)->name),
                AS_FMT(as_bound_measure_of(measures[i])->name));
        }
    }
    for (size_t i = 0; i < *by_count; i++)
        as_bind_extra(b, (*by)[i]);
}

as_code as_by_group_figures(as_eval *ev, const as_bound_measure *const *measures, size_t count,
                            size_t by_count, as_figures *out, as_err *e)
{
    out->of = AS_NEW_N(ev->arena, as_measure_result, count);
    if (!out->of)
        return as_fail_nomem(e);
    for (size_t i = 0; i < count; i++) {
        as_code code =
            as_measure_eval(measures[i], ev->tables, ev->pool, ev->arena, &out->of[i], e);
        if (code != AS_OK)
            return code;
    }
    return as_measure_unite(out->of, count, by_count, ev->arena, &out->keys, &out->count, e);
}

double as_by_group_value(const as_bound_measure *m, const as_measure_result *r,
                         const as_str *keys)
{
    const as_measured *found = as_by_group_find(r, keys);
    as_measure_op op = as_bound_measure_of(m)->op;

    if (found)
        return found->value;
    return op == AS_MEASURE_MEAN || op == AS_MEASURE_FORMULA ? (double)NAN : 0;
}

const char *as_say_origin(const as_bind *b, const as_bound_measure *m)
{
    const as_measure *of = as_bound_measure_of(m);
    const as_schema *s;

    switch (of->op) {
    case AS_MEASURE_COUNT:
    case AS_MEASURE_DISTINCT:
        return "counted from the records";
    case AS_MEASURE_MEAN:
        return "averaged over the records";
    case AS_MEASURE_FORMULA:
        return "calculated";
    case AS_MEASURE_SUM:
        break;
    }
    s = as_project_table_schema(b->project, of->table);
    if ((s && s->unpivot.on) || as_str_starts(of->table, AS_STR("published")))
        return "published";
    return "added up from the records";
}

/* ---- numbers ---- */

static void unsigned_number(as_buf *out, double x)
{
    double whole = floor(x), thousandths = round((x - whole) * 1000);
    char text[16];
    size_t len;

    if (x >= 9e15 || (x > 0 && x < 0.0005)) {
        as_buf_addf(out, "%.6g", x);
        return;
    }
    if (thousandths >= 1000) {
        whole += 1;
        thousandths = 0;
    }
    as_text_thousands(out, (int64_t)whole);
    if (thousandths <= 0)
        return;
    len = (size_t)snprintf(text, sizeof(text), ".%03d", (int)thousandths);
    while (text[len - 1] == '0')
        len--;
    as_buf_add(out, (as_str){text, len});
}

void as_say_number(as_buf *out, double x)
{
    if (isnan(x)) {
        as_buf_add(out, AS_STR("unknown"));
        return;
    }
    if (x < 0)
        as_buf_add(out, AS_STR("\xe2\x88\x92"));
    unsigned_number(out, fabs(x));
}

void as_say_signed(as_buf *out, double x)
{
    if (x > 0)
        as_buf_addc(out, '+');
    as_say_number(out, x);
}

as_str as_plain_number(as_arena *a, double x)
{
    if (x == floor(x) && fabs(x) < 9e15)
        return as_arena_printf(a, "%.0f", x + 0.0); /* -0 is 0 */
    return as_arena_printf(a, "%.15g", x);
}

static bool looks_like(double shown, double x, const double *marks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool is = fabs(x - marks[i]) < 1e-9;
        if (!is && (shown == marks[i] || (shown > marks[i]) != (x > marks[i])))
            return true;
    }
    return false;
}

void as_say_rounded(as_buf *out, double x, const double *marks, size_t count)
{
    double scale = 10, shown = round(x * 10) / 10;
    int decimals = 1;

    while (decimals < 9 && looks_like(shown, x, marks, count)) {
        decimals++;
        scale *= 10;
        shown = round(x * scale) / scale;
    }
    if (shown < 0)
        as_buf_add(out, AS_STR("\xe2\x88\x92"));
    as_buf_addf(out, "%.*f", x == floor(x) ? 0 : decimals, fabs(shown));
}

void as_say_percent(as_buf *out, double percent, const double *marks, size_t count)
{
    as_say_rounded(out, percent, marks, count);
    as_buf_addc(out, '%');
}

as_str as_plain_rounded(as_arena *a, double x)
{
    return fabs(x) < 0.001 ? as_arena_printf(a, "%.3g", x)
                           : as_plain_number(a, round(x * 1000) / 1000);
}

/* ---- groups ---- */

as_str as_say_group(as_arena *a, const as_str *keys, size_t count)
{
    as_buf text = AS_BUF(AS_MESSAGE_MAX);
    as_str out;

    for (size_t i = 0; i < count; i++) {
        if (i)
            as_buf_add(&text, AS_STR(" / "));
        as_buf_add(&text, keys[i].ptr ? keys[i] : AS_STR("(none)"));
    }
    /* A group's name longer than a sentence may be is cut, and says so. */
    out = text.failed ? as_arena_printf(a, "%.*s\xe2\x80\xa6", AS_FMT(as_buf_str(&text)))
                      : as_arena_str(a, as_buf_str(&text));
    as_buf_free(&text);
    return out;
}

void as_say_groups(as_buf *out, const as_str *const *keys, size_t count, size_t by_count,
                   size_t most)
{
    for (size_t g = 0; g < count && g < most; g++) {
        if (g)
            as_buf_add(out, AS_STR(", "));
        for (size_t i = 0; i < by_count; i++) {
            if (i)
                as_buf_add(out, AS_STR(" / "));
            as_buf_add(out, keys[g][i].ptr ? keys[g][i] : AS_STR("(none)"));
        }
    }
    if (count > most)
        as_buf_addf(out, " and %zu more", count - most);
}

as_code as_note_add(as_arena *a, as_str *note, as_str text, as_err *e)
{
    if (!text.ptr)
        return as_fail_nomem(e);
    *note = note->len ? as_arena_printf(a, "%.*s; %.*s", AS_FMT(*note), AS_FMT(text)) : text;
    return note->ptr ? AS_OK : as_fail_nomem(e);
}

as_code as_note_groups(as_arena *a, as_str *note, const char *why, const as_str *const *keys,
                       size_t count, size_t by_count, bool secret, as_err *e)
{
    as_buf text = AS_BUF(AS_EVIDENCE_MAX);
    as_str said;

    if (count == 0)
        return AS_OK;
    as_buf_addf(&text, "%zu group%s %s", count, count == 1 ? "" : "s", why);
    if (by_count && !secret) {
        as_buf_add(&text, AS_STR(": "));
        as_say_groups(&text, keys, count, by_count, 10);
    }
    said = text.failed ? AS_NONE : as_arena_str(a, as_buf_str(&text));
    as_buf_free(&text);
    return as_note_add(a, note, said, e);
}

void as_extra_group(as_evidence *out, const as_str *by, const as_str *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        as_evidence_extra(out, by[i], keys[i], keys[i].ptr == NULL, false);
}

bool as_extra_number(as_evidence *out, const char *name, double x)
{
    as_str text = isnan(x) ? AS_STR("") : as_plain_number(out->arena, x);

    as_evidence_extra(out, as_str_from(name), text, isnan(x), false);
    return text.ptr != NULL;
}
