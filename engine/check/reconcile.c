/* reconcile.c: opening + joiners − leavers (± adjustments ± a balancing term) = closing, group
 * by group, with the bridge that names the records behind what does not close.
 *
 * Groups: all that any of the measures has. A group that one measure lacks reads as 0 there;
 * one for which neither opening nor closing is known and nothing moved (places of a provision
 * type that has none) is left out, and said.
 *
 * `balance` names a term for what happens to records that are there at both ends. Where the
 * bridge's tables hold every record at both ends it is measured from them, and a group can
 * still fail to close. Where they do not, it is what balances the group: it says so, with as
 * much of it as the records at hand account for. */
#include "base/text.h"
#include "check/bridge.h"

#include <math.h>

typedef enum role { OPENING, PLUS, MINUS, ADJUST, CLOSING } role;

typedef struct term {
    role role;
    const as_bound_measure *measure;
} term;

typedef struct plan {
    term *terms; /* opening, plus…, minus…, adjust…, closing */
    size_t count;
    as_str balance; /* empty: none */
    as_str unit;
    as_tolerance tolerance;
    const as_str *by;
    size_t by_count;
    as_bridge_plan *bridge; /* NULL: none */
} plan;

extern const as_check_kind as_check_reconcile;

/* ---- bind ---- */

static bool add_term(as_bind *b, plan *p, role r, const as_node *n, const char *what)
{
    const as_bound_measure *m = as_by_group_measure(b, n, what);

    p->terms[p->count++] = (term){r, m};
    return m != NULL;
}

static size_t length_of(const as_node *n)
{
    return !n ? 0 : n->kind == AS_NODE_SEQ ? n->count : 1;
}

/* One measure, or a list of them. */
static bool add_terms(as_bind *b, plan *p, role r, const char *key, const char *what)
{
    const as_node *n = as_params_get(b, key);
    bool ok = true;

    if (n && n->kind == AS_NODE_SEQ) {
        for (size_t i = 0; i < n->count; i++)
            ok = add_term(b, p, r, n->items[i], what) && ok;
        return ok;
    }
    return !n || add_term(b, p, r, n, what);
}

static bool bind_terms(as_bind *b, plan *p)
{
    bool ok = add_terms(b, p, OPENING, "opening", "reconcile: opening");

    ok = add_terms(b, p, PLUS, "plus", "reconcile: plus") && ok;
    ok = add_terms(b, p, MINUS, "minus", "reconcile: minus") && ok;
    ok = add_terms(b, p, ADJUST, "adjust", "reconcile: adjust") && ok;
    return add_terms(b, p, CLOSING, "closing", "reconcile: closing") && ok;
}

/* Exactly one measure; that it is missing is told by as_params_block. */
static bool has_end(as_bind *b, const char *key)
{
    const as_node *n = as_params_get(b, key);

    if (n && n->kind != AS_NODE_SCALAR)
        as_params_error(b, n, NULL, "reconcile: `%s` is one measure", key);
    return n && n->kind == AS_NODE_SCALAR;
}

static bool bind_by(as_bind *b, plan *p)
{
    p->by = as_bound_measure_by(p->terms[0].measure, &p->by_count);
    for (size_t i = 1; i < p->count; i++) {
        const as_measure *m = as_bound_measure_of(p->terms[i].measure);
        if (as_by_group_same(p->terms[0].measure, p->terms[i].measure))
            continue;
        as_params_error(
            b, b->rule->spec,
            "all measures of one identity are `by` the same fields in the same order",
            "reconcile: %.*s is not by the same fields as %.*s", AS_FMT(m->name),
            AS_FMT(as_bound_measure_of(p->terms[0].measure)->name));
        return false;
    }
    return true;
}

static const char *const extra_names[] = {"opening",     "plus",        "minus",
                                          "adjustments", "expected",    "closing",
                                          "residual",    "unexplained", NULL};

static as_code bind(as_bind *b, void **out, as_err *e)
{
    plan *p = AS_NEW(b->arena, plan);
    size_t most = 2;
    bool ok;

    if (!p)
        return as_fail_nomem(e);
    *out = p;
    if (!as_params_block(b, &as_check_reconcile))
        return AS_OK;
    most += length_of(as_params_get(b, "plus")) + length_of(as_params_get(b, "minus")) +
            length_of(as_params_get(b, "adjust"));
    p->terms = AS_NEW_N(b->arena, term, most);
    if (!p->terms)
        return as_fail_nomem(e);
    ok = has_end(b, "opening") && has_end(b, "closing") && bind_terms(b, p);
    as_params_tolerance(b, as_params_get(b, "tolerance"), "reconcile: tolerance",
                        &p->tolerance);
    as_params_text(b, as_params_get(b, "balance"), "reconcile: balance", &p->balance);
    as_params_text(b, as_params_get(b, "unit"), "reconcile: unit", &p->unit);
    if (!ok || !bind_by(b, p))
        return AS_OK; /* told */
    for (size_t i = 0; i < p->by_count; i++)
        as_bind_extra(b, p->by[i]);
    for (size_t i = 0; extra_names[i]; i++)
        as_bind_extra(b, as_str_from(extra_names[i]));
    if (as_params_get(b, "bridge"))
        return as_bridge_bind(&p->bridge, b, as_params_get(b, "bridge"), p->by, p->by_count, e);
    return AS_OK;
}

/* ---- eval: figures ---- */

typedef struct figures {
    const plan *plan;
    const as_bind *bind;
    as_eval *ev;
    as_measure_result *results; /* one a term */
    const as_str *const *keys;  /* of the groups that are looked at */
    size_t count;
    const as_str **left_out;
    size_t left_out_count;
    bool *opening_unknown, *closing_unknown; /* read as 0 */
    as_bridge *bridge;
    as_doc_bridge *docs;
} figures;

static const as_measured *found(const figures *f, size_t i, const as_str *keys)
{
    return as_by_group_find(&f->results[i], keys);
}

/* A figure; a group that the measure lacks, or knows nothing of, reads as 0. */
static double figure(const figures *f, size_t i, const as_str *keys, bool *unknown)
{
    const as_measured *m = found(f, i, keys);
    bool counts = as_bound_measure_of(f->plan->terms[i].measure)->op == AS_MEASURE_COUNT;

    *unknown = !counts && (!m || !m->known);
    return m && m->known ? m->value : 0;
}

/* Neither end is known and nothing moved: there is nothing to reconcile. */
static bool nothing_known(const figures *f, const as_str *keys)
{
    for (size_t i = 0; i < f->plan->count; i++) {
        bool unknown,
            end = f->plan->terms[i].role == OPENING || f->plan->terms[i].role == CLOSING;
        double x = figure(f, i, keys, &unknown);
        if (end ? !unknown : x != 0)
            return false;
    }
    return true;
}

static as_code choose_groups(figures *f, as_err *e)
{
    const as_str *const *all;
    const as_str **keys;
    size_t count;
    as_arena *a = f->ev->arena;
    as_code code =
        as_measure_unite(f->results, f->plan->count, f->plan->by_count, a, &all, &count, e);

    if (code != AS_OK)
        return code;
    keys = AS_NEW_N(a, const as_str *, count + 1);
    f->left_out = AS_NEW_N(a, const as_str *, count + 1);
    f->opening_unknown = AS_NEW_N(a, bool, count + 1);
    f->closing_unknown = AS_NEW_N(a, bool, count + 1);
    f->docs = AS_NEW_N(a, as_doc_bridge, count + 1);
    if (!keys || !f->left_out || !f->opening_unknown || !f->closing_unknown || !f->docs)
        return as_fail_nomem(e);
    for (size_t i = 0; i < count; i++) {
        if (nothing_known(f, all[i]))
            f->left_out[f->left_out_count++] = all[i];
        else
            keys[f->count++] = all[i];
    }
    f->keys = keys;
    return AS_OK;
}

/* ---- eval: one group ---- */

static as_str in_words(as_arena *a, as_str name)
{
    as_str out = as_arena_str(a, name);
    char *p = (char *)out.ptr;

    for (size_t i = 0; p && i < out.len; i++) {
        if (p[i] == '_')
            p[i] = ' ';
    }
    return out;
}

static bool set_group(const figures *f, size_t g, as_doc_bridge *d)
{
    as_arena *a = f->ev->arena;
    as_str *values = AS_NEW_N(a, as_str, f->plan->by_count + 1);

    for (size_t i = 0; values && i < f->plan->by_count; i++)
        values[i] = f->keys[g][i].ptr ? f->keys[g][i] : AS_STR("(none)");
    d->fields = (as_str *)f->plan->by;
    d->values = values;
    d->group_count = f->plan->by_count;
    d->terms = AS_NEW_N(a, as_doc_term, f->plan->count + 1);
    return values && d->terms;
}

/* How many records had nothing to add: said, because a sum over them is short. */
static as_str nulls_note(const figures *f, size_t i, const as_str *keys)
{
    const as_measured *m = found(f, i, keys);

    if (!m || !m->nulls)
        return AS_STR("");
    return as_arena_printf(f->ev->arena, "%llu of %llu records have no value",
                           (unsigned long long)m->nulls, (unsigned long long)m->records);
}

static bool add_figure(figures *f, size_t g, size_t i, as_doc_bridge *d)
{
    const as_measure *m = as_bound_measure_of(f->plan->terms[i].measure);
    role r = f->plan->terms[i].role;
    bool unknown;
    double x = figure(f, i, f->keys[g], &unknown);
    as_doc_term *t;

    if (r == OPENING || r == CLOSING) {
        *(r == OPENING ? &d->opening : &d->closing) = x;
        (r == OPENING ? f->opening_unknown : f->closing_unknown)[g] = unknown;
        return true;
    }
    *(r == PLUS ? &d->plus : r == MINUS ? &d->minus : &d->adjustments) += x;
    t = &d->terms[d->term_count++];
    *t = (as_doc_term){.name = m->name,
                       .label = m->title.len ? m->title : in_words(f->ev->arena, m->name),
                       .value = x,
                       .sign = r == PLUS    ? '+'
                               : r == MINUS ? '-'
                                            : '~',
                       .note = nulls_note(f, i, f->keys[g])};
    return t->label.ptr && t->note.ptr;
}

/* ---- eval: the balancing term ---- */

static void say_records(as_buf *s, uint64_t n)
{
    as_text_thousands(s, (int64_t)n);
    as_buf_addf(s, " record%s present at both ends", n == 1 ? "" : "s");
}

/* How much of a derived term the records at hand account for, and how much rests on the totals
 * alone. */
static void say_accounted(as_buf *s, const figures *f, as_bridge_steady of, double value)
{
    double rest = value - of.change - of.moved_change;

    if (!f->bridge) {
        as_buf_add(s, AS_STR("no records say how much of it they account for"));
        return;
    }
    say_records(s, of.records - of.nulls);
    as_buf_add(s,
               of.records - of.nulls == 1 ? AS_STR(" accounts for ") : AS_STR(" account for "));
    as_say_signed(s, of.change);
    if (of.nulls)
        as_buf_addf(s, "; left out: %llu without a value at one end",
                    (unsigned long long)of.nulls);
    if (of.moved) {
        as_buf_addf(s, "; reclassified into or out of this group: %llu, ",
                    (unsigned long long)of.moved);
        as_say_signed(s, of.moved_change);
    }
    if (rest < -1e-9 || rest > 1e-9) {
        as_buf_add(s, AS_STR("; "));
        as_say_signed(s, rest);
        as_buf_add(s, AS_STR(" rests on the totals alone"));
    }
}

static bool add_balance(figures *f, size_t g, as_doc_bridge *d)
{
    const plan *p = f->plan;
    bool measured = p->bridge && as_bridge_complete(p->bridge);
    as_bridge_steady of = {0};
    as_buf note = AS_BUF(AS_MESSAGE_MAX);
    as_doc_term *t = &d->terms[d->term_count];

    if (!p->balance.len)
        return true;
    if (f->bridge)
        of = as_bridge_steady_of(f->bridge, g);
    *t = (as_doc_term){.name = p->balance, .label = p->balance, .sign = '~'};
    t->value = measured ? of.change + of.null_change
                        : d->closing - (d->opening + d->plus - d->minus + d->adjustments);
    if (measured) {
        as_buf_add(&note, AS_STR("measured from "));
        say_records(&note, of.records);
    } else {
        as_buf_add(&note, AS_STR("the term that balances; "));
        say_accounted(&note, f, of, t->value);
    }
    t->note = as_arena_str(f->ev->arena, as_buf_str(&note));
    as_buf_free(&note);
    d->adjustments += t->value;
    d->term_count++;
    return t->note.ptr != NULL;
}

/* ---- eval: the sentence ---- */

static void say_term(as_buf *s, char sign, double x)
{
    bool minus = sign == '-' ? x >= 0 : sign == '~' && x < 0;

    if (sign == '+' && x < 0)
        minus = true;
    as_buf_add(s, minus ? AS_STR(" \xe2\x88\x92 ") : AS_STR(" + "));
    as_say_number(s, fabs(x));
}

static bool is_closed(const plan *p, const as_doc_bridge *d)
{
    return as_within(d->expected, d->closing, d->closing, p->tolerance);
}

static void say_balance(as_buf *s, const as_doc_term *t)
{
    as_buf_add(s, AS_STR(", where "));
    as_say_number(s, t->value);
    as_buf_addf(s, " is %.*s, %.*s", AS_FMT(t->name), AS_FMT(t->note));
}

/* "2,071 + 228 − 154 = 2,145, published 2,148: 3 unexplained" */
static void say_bridge(as_buf *s, const figures *f, size_t g, const as_doc_bridge *d)
{
    const plan *p = f->plan;
    const term *last = &p->terms[p->count - 1];
    const char *origin = as_say_origin(f->bind, last->measure);

    as_say_number(s, d->opening);
    if (f->opening_unknown[g])
        as_buf_add(s, AS_STR(" (no figure)"));
    for (size_t i = 0; i < d->term_count; i++)
        say_term(s, d->terms[i].sign, d->terms[i].value);
    as_buf_add(s, AS_STR(" = "));
    as_say_number(s, d->expected);
    if (p->balance.len)
        say_balance(s, &d->terms[d->term_count - 1]);
    if (d->residual == 0)
        return;
    as_buf_addf(s, ", %s ", f->closing_unknown[g] ? "no figure at the close, read as" : origin);
    as_say_number(s, d->closing);
    as_buf_add(s, AS_STR(": "));
    if (is_closed(p, d)) {
        as_say_number(s, fabs(d->residual));
        as_buf_add(s, AS_STR(" apart, within the tolerance"));
        return;
    }
    if (as_bridge_say(d, s) && d->unexplained != 0)
        as_buf_add(s, AS_STR("; "));
    if (d->unexplained != 0) {
        as_say_number(s, fabs(d->unexplained));
        as_buf_add(s, AS_STR(" unexplained"));
    }
}

static as_code finish_group(figures *f, size_t g, as_doc_bridge *d, as_err *e)
{
    as_bridge_ask ask = {.group = g};
    as_buf s = AS_BUF(AS_MESSAGE_MAX);
    as_str group;

    d->expected = d->opening + d->plus - d->minus + d->adjustments;
    d->residual = d->closing - d->expected;
    if (as_within(d->expected, d->closing, d->closing, (as_tolerance){0, false}))
        d->residual = 0; /* binary fractions */
    ask.residual = d->residual;
    ask.closes = d->residual == 0;
    ask.measured = f->bridge && f->plan->balance.len && as_bridge_complete(f->plan->bridge);
    if (f->bridge && (ask.measured || !f->plan->balance.len)) {
        as_code code = as_bridge_explain(f->bridge, ask, d, e);
        if (code != AS_OK)
            return code;
    }
    d->unexplained = d->residual - d->explained;
    if (fabs(d->unexplained) < 1e-9)
        d->unexplained = 0;
    group = as_say_group(f->ev->arena, f->keys[g], f->plan->by_count);
    if (f->plan->by_count)
        as_buf_addf(&s, "%.*s: ", AS_FMT(group));
    say_bridge(&s, f, g, d);
    d->sentence = as_arena_str(f->ev->arena, as_buf_str(&s));
    as_buf_free(&s);
    return group.ptr && d->sentence.ptr ? AS_OK : as_fail_nomem(e);
}

/* ---- eval ---- */

static as_code measure_terms(figures *f, as_err *e)
{
    as_code code = AS_OK;

    f->results = AS_NEW_N(f->ev->arena, as_measure_result, f->plan->count);
    if (!f->results)
        return as_fail_nomem(e);
    for (size_t i = 0; code == AS_OK && i < f->plan->count; i++)
        code = as_measure_eval(f->plan->terms[i].measure, f->ev->tables, f->ev->pool,
                               f->ev->arena, &f->results[i], e);
    return code;
}

static as_code eval_groups(figures *f, as_result *out, as_err *e)
{
    for (size_t g = 0; g < f->count; g++) {
        as_doc_bridge *d = &f->docs[g];
        as_finding x = {AS_NO_ROW, AS_NO_FIELD, AS_NO_ROW, (uint32_t)g};
        bool ok = set_group(f, g, d);
        as_code code;
        for (size_t i = 0; ok && i < f->plan->count; i++)
            ok = add_figure(f, g, i, d);
        if (!ok || !add_balance(f, g, d))
            return as_fail_nomem(e);
        code = finish_group(f, g, d, e);
        if (code != AS_OK)
            return code;
        if (!is_closed(f->plan, d) && !as_findings_add(&out->findings, x))
            return as_fail_nomem(e);
    }
    return AS_OK;
}

/* What is left unexplained in several groups and adds up to nothing: reclassified records do
 * that. */
static void say_offset(const figures *f, as_buf *s)
{
    double sum = 0;
    size_t groups = 0;

    for (size_t g = 0; g < f->count; g++) {
        sum += f->docs[g].unexplained;
        groups += f->docs[g].unexplained != 0;
    }
    if (!f->bridge || groups < 2 || sum < -1e-9 || sum > 1e-9)
        return;
    as_buf_addf(
        s,
        "%swhat is unexplained in %zu groups adds up to 0, as it would for records that moved "
        "between them and are in only one of the lists",
        s->len ? "; " : "", groups);
}

static as_code add_note(const figures *f, as_result *out, as_err *e)
{
    as_buf s = AS_BUF(AS_MESSAGE_MAX);

    if (f->left_out_count) {
        as_buf_addf(&s, "%zu group%s left out, neither opening nor closing is known: ",
                    f->left_out_count, f->left_out_count == 1 ? "" : "s");
        as_say_groups(&s, f->left_out, f->left_out_count, f->plan->by_count, 10);
    }
    say_offset(f, &s);
    out->note = as_arena_str(f->ev->arena, as_buf_str(&s));
    as_buf_free(&s);
    return out->note.ptr ? AS_OK : as_fail_nomem(e);
}

static as_code eval(as_eval *ev, const as_bind *b, const void *plan_, as_result *out, as_err *e)
{
    figures f = {.plan = plan_, .bind = b, .ev = ev};
    as_bridge_groups groups;
    as_code code = measure_terms(&f, e);

    if (code == AS_OK)
        code = choose_groups(&f, e);
    groups = (as_bridge_groups){f.keys, f.count, f.plan->by_count};
    if (code == AS_OK && f.plan->bridge)
        code = as_bridge_walk(&f.bridge, ev, b, f.plan->bridge, groups, e);
    if (code == AS_OK)
        code = eval_groups(&f, out, e);
    if (code == AS_OK)
        code = add_note(&f, out, e);
    if (code == AS_OK) {
        out->selected = f.count + f.left_out_count;
        out->undecided = f.left_out_count;
        out->key_nulls = f.bridge ? as_bridge_key_nulls(f.bridge) : 0;
        out->bridge = f.docs;
        out->bridge_count = f.count;
    }
    as_bridge_close(f.bridge);
    return code;
}

/* ---- describe ---- */

/* The bridge's sentence begins with the group, which is the finding's key. */
static as_str without_group(const as_doc_bridge *d, as_str key)
{
    return d->group_count ? as_str_sub(d->sentence, key.len + 2, SIZE_MAX) : d->sentence;
}

static as_code describe(const as_eval *ev, const as_bind *b, const void *plan_,
                        const as_result *r, const as_finding *f, as_evidence *out, as_err *e)
{
    const plan *p = plan_;
    const as_doc_bridge *d = &r->bridge[f->detail];
    double numbers[] = {d->opening,  d->plus,    d->minus,    d->adjustments,
                        d->expected, d->closing, d->residual, d->unexplained};
    as_buf text = AS_BUF(AS_MESSAGE_MAX);
    bool ok = true;

    (void)ev;
    (void)b;
    out->key = as_say_group(out->arena, d->values, d->group_count);
    out->sentence = without_group(d, out->key);
    if (!d->group_count)
        out->key = AS_STR("all records");
    out->field = AS_STR("closing");
    as_say_number(&text, d->expected);
    if (p->unit.len)
        as_buf_addf(&text, " %.*s", AS_FMT(p->unit));
    out->expected = as_arena_str(out->arena, as_buf_str(&text));
    as_buf_free(&text);
    as_extra_group(out, d->fields, d->values, d->group_count);
    for (size_t i = 0; ok && extra_names[i]; i++)
        ok = as_extra_number(out, extra_names[i], numbers[i]);
    return ok && out->key.ptr && out->expected.ptr ? AS_OK : as_fail_nomem(e);
}

static const as_param_doc params[] = {
    {"opening", "measure", true, "The figure at the opening."},
    {"plus", "measures", false, "What joined."},
    {"minus", "measures", false, "What left."},
    {"adjust", "measures", false, "Other measures, added with their sign."},
    {"balance", "text", false,
     "Name of a term for records that are there at both ends: measured where the bridge's "
     "tables hold "
     "every record, else what balances the group."},
    {"closing", "measure", true, "The figure at the close."},
    {"unit", "text", false, "Word for sentences: providers, places."},
    {"tolerance", "number", false,
     "How far expected and closing may be apart: `3`, or `0.5%` of closing."},
    {"bridge", "mapping", false, "The records behind the figures."},
    {"bridge.opening", "mapping", false, "The records at the opening."},
    {"bridge.opening.table", "table", true, "Their table."},
    {"bridge.opening.complete", "boolean", false,
     "`false` where the table does not hold every record; absence is then no evidence."},
    {"bridge.opening.where", "condition", false,
     "Which records count; the others are there all the same."},
    {"bridge.closing", "mapping", false, "The records at the close."},
    {"bridge.closing.table", "table", true, "Their table."},
    {"bridge.closing.complete", "boolean", false, "As of the opening."},
    {"bridge.closing.where", "condition", false, "As of the opening."},
    {"bridge.movements", "mapping", false, "Who joined and left."},
    {"bridge.movements.table", "table", true, "Their table."},
    {"bridge.movements.joined", "condition", true, "Which movements are joiners."},
    {"bridge.movements.left", "condition", true, "Which movements are leavers."},
    {"bridge.match", "fields", true, "The fields by which a record is the same in all tables."},
    {"bridge.value", "field", false, "The field that is added up; without it records count 1."},
    {"bridge.joined_on", "field", false, "The movement's date of joining."},
    {"bridge.left_on", "field", false, "The movement's date of leaving."},
    {"bridge.period", "list", false, "`[from, to]`; default: the release's period."},
    {"bridge.period.*", "date", false, "A day, or `$param`."},
    {NULL, NULL, false, NULL},
};

const as_check_kind as_check_reconcile = {
    .name = "reconcile",
    .summary =
        "stock-flow identities that do not close, by group, with the records that explain it",
    .detail = "Checks that opening + plus − minus ± adjustments = closing, for every group\n"
              "that any of the measures has. One finding for each group that does not\n"
              "close; its key is the group. A group that a measure lacks reads as 0 there;\n"
              "one for which neither opening nor closing is known, and in which nothing\n"
              "moved, is left out and said.\n\n"
              "The **bridge** accounts for the residual (closing less expected) with\n"
              "records. A record's effect on its group is how often it stands at the close,\n"
              "less at the opening, less among the joiners, plus among the leavers (with\n"
              "`value`: the sum of that field). Effects of all records add up to the\n"
              "residual where both ends hold every record, and none is counted twice. Where\n"
              "a table is `complete: false`, absence from it is no evidence, and a record\n"
              "is taken to be there where that makes its account come out even. Causes:\n"
              "`unlisted_leaver`, `unlisted_joiner`, `joiner_absent_at_close`,\n"
              "`leaver_present_at_close`, `joiner_present_at_opening`,\n"
              "`leaver_absent_at_opening`, `reclassified_in` and `reclassified_out` (both\n"
              "groups are told), `duplicate_movement`, `duplicate_record`,\n"
              "`joiner_before_period`, `joiner_after_period`, `leaver_before_period`,\n"
              "`leaver_after_period`, `value_changed`, `value_differs`, and\n"
              "`joined_and_left`, which has no effect unless one end counts it.\n\n"
              "A date outside the period alone shows nothing when the opening records are\n"
              "incomplete. Such movements count as causes only if all of them with the\n"
              "right sign fit into what the records leave unexplained, or if one kind of\n"
              "them is exactly that; else they are listed as possible, with effect 0. What\n"
              "no record accounts for is `unexplained`. In a group that closes only records\n"
              "that offset each other are listed.\n\n"
              "A `balance` term is derived so that the group closes, and its note says how\n"
              "much of it the records present at both ends account for; where both ends\n"
              "hold every record it is measured from them instead, and the group may fail\n"
              "to close.",
    .level = AS_LEVEL_FIGURE,
    .needs_table = false,
    .params = params,
    .example =
        "measures:\n"
        "  ex_opening: {count: providers_before, by: [provision_type]}\n"
        "  ex_joined: {count: movements, where: {joiner_status: Joiner}, by: "
        "[provision_type]}\n"
        "  ex_left: {count: movements, where: {leaver_status: Leaver}, by: [provision_type]}\n"
        "  ex_closing: {count: providers, by: [provision_type]}\n"
        "rules:\n"
        "  - id: EX-REC-001\n"
        "    name: providers-reconcile\n"
        "    title: Joiners and leavers account for the change in the number of providers\n"
        "    why: A provider that appears or disappears without a movement is an error in the "
        "register.\n"
        "    reconcile:\n"
        "      opening: ex_opening\n"
        "      plus: [ex_joined]\n"
        "      minus: [ex_left]\n"
        "      closing: ex_closing\n"
        "      unit: providers\n"
        "      bridge:\n"
        "        opening: {table: providers_before}\n"
        "        closing: {table: providers}\n"
        "        movements: {table: movements, joined: {joiner_status: Joiner}, left: "
        "{leaver_status: Leaver}}\n"
        "        match: [urn]\n"
        "    flags:\n"
        "      - tables:\n"
        "          providers_before: [{urn: A1, provision_type: Boarding School}]\n"
        "          movements: [{urn: A2, provision_type: Boarding School, joiner_status: "
        "Joiner}]\n"
        "          providers: [{urn: A2, provision_type: Boarding School}]\n"
        "    passes:\n"
        "      - tables:\n"
        "          providers_before: [{urn: A1, provision_type: Boarding School}]\n"
        "          movements:\n"
        "            - {urn: A1, provision_type: Boarding School, leaver_status: Leaver}\n"
        "            - {urn: A2, provision_type: Boarding School, joiner_status: Joiner}\n"
        "          providers: [{urn: A2, provision_type: Boarding School}]\n",
    .bind = bind,
    .eval = eval,
    .describe = describe,
};
