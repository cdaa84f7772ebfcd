/* trend.c: movement since the previous period beyond bounds, group by group.
 *
 * Two measures: now and before. A bound with a percent sign is of the figure before. A group is
 * new where there was nothing before (no group, or 0), and gone where there is nothing now: no
 * percentage tells either, so they are findings unless the rule lets them pass. What is left
 * out of the comparison is said with its groups and counts as not looked at, so that a rule
 * that could hold nothing against anything is empty. */
#include "check/by_group.h"
#include "check/evidence.h"

#include <math.h>

enum { NOW, BEFORE };
typedef enum movement { MOVED, NEW, GONE } movement;
static const char *const choices[] = {"finding", "pass", NULL};
static const as_tolerance exactly = {0, false};

typedef struct bound {
    bool set;
    as_tolerance amount;
} bound;

typedef struct plan {
    const as_bound_measure *measures[2]; /* NOW, BEFORE */
    const as_str *by;
    size_t by_count;
    bool within; /* both bounds are of `within` */
    bound least, most;
    double ignore, minimum;
    bool passes[3]; /* by movement */
} plan;

typedef struct item {
    const as_str *keys;
    double now, before;
    movement is;
} item;

extern const as_check_kind as_check_trend;

/* ---- bind ---- */

static void bind_bounds(as_bind *b, plan *p)
{
    const as_node *within = as_params_get(b, "within");
    const as_node *least = as_params_get(b, "at_least"), *most = as_params_get(b, "at_most");

    p->within = within != NULL;
    p->least.set = least || within;
    p->most.set = most || within;
    if (within && (least || most))
        as_params_error(b, within, NULL,
                        "trend: `within` says both bounds; leave out `at_least` and `at_most`");
    if (!within && !least && !most)
        as_params_error(b, b->rule->spec, "within: 10%",
                        "trend: needs `within`, `at_least` or `at_most`");
    if (within && as_params_tolerance(b, within, "trend: within", &p->most.amount)) {
        p->least.amount = p->most.amount;
        p->least.amount.value = -p->most.amount.value;
    }
    as_params_amount(b, least, "trend: at_least", &p->least.amount);
    as_params_amount(b, most, "trend: at_most", &p->most.amount);
    if (least && most && p->least.amount.percent == p->most.amount.percent &&
        p->least.amount.value > p->most.amount.value)
        as_params_error(b, least, NULL,
                        "trend: at_least is above at_most, so the rule can never hold");
}

static void bind_choice(as_bind *b, const char *key, const char *what, bool *passes)
{
    int choice = 0;

    as_params_enum(b, as_params_get(b, key), what, choices, &choice);
    *passes = choice == 1;
}

static as_code bind(as_bind *b, void **out, as_err *e)
{
    static const char *const names[] = {"now", "before", "change", "change_percent"};
    plan *p = AS_NEW(b->arena, plan);

    if (!p)
        return as_fail_nomem(e);
    *out = p;
    if (!as_params_block(b, &as_check_trend))
        return AS_OK;
    if (b->rule->table.len)
        as_params_error(b, b->rule->spec, "remove `table` and `where`",
                        "trend: `now` and `before` are measures, which have their own tables");
    const as_node *at[] = {as_params_get(b, "now"), as_params_get(b, "before")};
    p->measures[NOW] = as_by_group_measure(b, at[NOW], "trend: now");
    p->measures[BEFORE] = as_by_group_measure(b, at[BEFORE], "trend: before");
    as_by_group_fields(b, p->measures, at, 2, "trend", &p->by, &p->by_count);
    bind_bounds(b, p);
    as_params_minimum(b, as_params_get(b, "ignore"), "trend: ignore", &p->ignore);
    as_params_minimum(b, as_params_get(b, "minimum"), "trend: minimum", &p->minimum);
    bind_choice(b, "new", "trend: new", &p->passes[NEW]);
    bind_choice(b, "gone", "trend: gone", &p->passes[GONE]);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        as_bind_extra(b, as_str_from(names[i]));
    return AS_OK;
}

/* ---- eval ---- */

/* Why a group is not held against the bounds. */
typedef enum aside { SMALL, NOTHING, IS_NEW, IS_GONE, UNKNOWN, ASIDES } aside;

typedef struct walk {
    const plan *plan;
    as_figures figures;
    item *items;
    const as_str **keys[ASIDES];
    size_t counts[ASIDES];
} walk;

static bool beyond(const bound *b, double change, double before, int side)
{
    double limit = b->amount.percent ? fabs(before) * b->amount.value / 100 : b->amount.value;

    return b->set && (change - limit) * side > 0 && !as_within(change, limit, 0, exactly);
}

static bool out_of_bounds(const plan *p, const item *it)
{
    double change = it->now - it->before;

    if (it->is != MOVED)
        return true;
    if (fabs(change) <= p->ignore)
        return false;
    return beyond(&p->least, change, it->before, -1) || beyond(&p->most, change, it->before, 1);
}

/* ASIDES: the group is held against the bounds. */
static aside set_aside(const plan *p, const item *it)
{
    if (isnan(it->now) || isnan(it->before))
        return UNKNOWN;
    if (it->now == 0 && it->before == 0)
        return NOTHING;
    if (fabs(it->now) < p->minimum && fabs(it->before) < p->minimum)
        return SMALL;
    if (!p->passes[it->is])
        return ASIDES;
    return it->is == NEW ? IS_NEW : IS_GONE;
}

static bool look_at(walk *w, size_t i, as_result *out)
{
    const plan *p = w->plan;
    const as_str *keys = w->figures.keys[i];
    item *it = &w->items[i];
    aside why;

    it->keys = keys;
    it->now = as_by_group_value(p->measures[NOW], &w->figures.of[NOW], keys);
    it->before = as_by_group_value(p->measures[BEFORE], &w->figures.of[BEFORE], keys);
    it->is = it->before == 0 ? NEW : it->now == 0 ? GONE : MOVED;
    why = set_aside(p, it);
    out->selected += why == ASIDES || why == UNKNOWN;
    out->undecided += why == UNKNOWN;
    if (why != ASIDES) {
        w->keys[why][w->counts[why]++] = keys;
        return true;
    }
    return !out_of_bounds(p, it) ||
           as_findings_add(&out->findings,
                           (as_finding){AS_NO_ROW, AS_NO_FIELD, AS_NO_ROW, (uint32_t)i});
}

static as_code note(as_eval *ev, const walk *w, as_result *out, as_err *e)
{
    as_str small = as_arena_printf(ev->arena, "below %g both times left out", w->plan->minimum);
    const char *const why[] = {small.ptr, "of nothing both times left out",
                               "new, which this rule lets pass",
                               "gone, which this rule lets pass", "with an unknown figure"};
    as_code code = small.ptr ? AS_OK : as_fail_nomem(e);

    for (size_t i = 0; code == AS_OK && i < ASIDES; i++)
        code = as_note_groups(ev->arena, &out->note, why[i], w->keys[i], w->counts[i],
                              w->plan->by_count, false, e);
    return code;
}

static as_code eval(as_eval *ev, const as_bind *b, const void *plan_, as_result *out, as_err *e)
{
    walk w = {.plan = plan_};
    as_code code =
        as_by_group_figures(ev, w.plan->measures, 2, w.plan->by_count, &w.figures, e);

    (void)b;
    if (code != AS_OK)
        return code;
    w.items = AS_NEW_N(ev->arena, item, w.figures.count + 1);
    for (size_t i = 0; i < ASIDES; i++) {
        w.keys[i] = AS_NEW_N(ev->arena, const as_str *, w.figures.count + 1);
        if (!w.keys[i])
            return as_fail_nomem(e);
    }
    if (!w.items)
        return as_fail_nomem(e);
    for (size_t i = 0; i < w.figures.count; i++)
        if (!look_at(&w, i, out))
            return as_fail_nomem(e);
    out->state = w.items;
    return note(ev, &w, out, e);
}

/* ---- describe ---- */

static void say_amount(as_buf *s, as_tolerance t, bool sign)
{
    if (sign)
        as_say_signed(s, t.value);
    else
        as_say_number(s, t.value);
    if (t.percent)
        as_buf_addc(s, '%');
}

static void say_bounds(as_buf *s, const plan *p, const item *it)
{
    if (it->is != MOVED) {
        as_buf_addf(s, "a figure %s", it->is == NEW ? "before" : "now");
    } else if (p->within) {
        as_buf_add(s, AS_STR("within ±"));
        say_amount(s, p->most.amount, false);
    } else {
        if (p->least.set)
            as_buf_add(s, AS_STR("at least "));
        if (p->least.set)
            say_amount(s, p->least.amount, true);
        if (p->least.set && p->most.set)
            as_buf_add(s, AS_STR(" and "));
        if (p->most.set)
            as_buf_add(s, AS_STR("at most "));
        if (p->most.set)
            say_amount(s, p->most.amount, true);
    }
}

static void say_percent(as_buf *s, const plan *p, const item *it)
{
    double percent = 100 * (it->now - it->before) / fabs(it->before), marks[3] = {0};
    size_t count = 1;

    if (p->least.set && p->least.amount.percent)
        marks[count++] = p->least.amount.value;
    if (p->most.set && p->most.amount.percent)
        marks[count++] = p->most.amount.value;
    if (percent > 0)
        as_buf_addc(s, '+');
    as_say_percent(s, percent, marks, count);
}

static void say(as_buf *s, const plan *p, const item *it)
{
    if (it->is == NEW) {
        as_say_number(s, it->now);
        as_buf_add(s, AS_STR(" where there was nothing before: a new group"));
        return;
    }
    if (it->is == GONE) {
        as_buf_add(s, AS_STR("nothing where there was "));
        as_say_number(s, it->before);
        as_buf_add(s, AS_STR(" before: the group is gone"));
        return;
    }
    as_say_number(s, it->before);
    as_buf_add(s, AS_STR(" → "));
    as_say_number(s, it->now);
    as_buf_add(s, AS_STR(", "));
    as_say_signed(s, it->now - it->before);
    as_buf_add(s, AS_STR(" ("));
    say_percent(s, p, it);
    as_buf_add(s, AS_STR("), "));
    say_bounds(s, p, it);
    as_buf_add(s, AS_STR(" expected"));
}

static as_code describe(const as_eval *ev, const as_bind *b, const void *plan_,
                        const as_result *r, const as_finding *f, as_evidence *out, as_err *e)
{
    const plan *p = plan_;
    const item *it = &((const item *)r->state)[f->detail];
    as_buf text = AS_BUF(AS_MESSAGE_MAX);
    as_str percent;
    bool ok;

    (void)ev, (void)b;
    out->key =
        p->by_count ? as_say_group(out->arena, it->keys, p->by_count) : AS_STR("all records");
    out->field = as_bound_measure_of(p->measures[NOW])->name;
    say_bounds(&text, p, it);
    out->expected = as_arena_str(out->arena, as_buf_str(&text));
    as_buf_clear(&text);
    say(&text, p, it);
    out->sentence = as_arena_str(out->arena, as_buf_str(&text));
    as_buf_clear(&text);
    if (it->is == MOVED)
        say_percent(&text, p, it);
    percent = as_arena_str(out->arena, as_buf_str(&text));
    as_buf_free(&text);
    as_extra_group(out, p->by, it->keys, p->by_count);
    ok = as_extra_number(out, "now", it->now) && as_extra_number(out, "before", it->before) &&
         as_extra_number(out, "change", it->now - it->before);
    as_evidence_extra(out, AS_STR("change_percent"), percent, percent.len == 0, false);
    ok = ok && percent.ptr && out->key.ptr && out->expected.ptr && out->sentence.ptr;
    return ok ? AS_OK : as_fail_nomem(e);
}

static const as_param_doc params[] = {
    {"now", "measure", true, "The measure of this period."},
    {"before", "measure", true, "The measure of the previous period."},
    {"within", "number", false,
     "How far it may move either way: `10%` of the figure before, or `25`."},
    {"at_least", "number", false, "The lowest change that is no finding: `-5%`, or `-25`."},
    {"at_most", "number", false, "The highest change that is no finding: `10%`, or `25`."},
    {"ignore", "number", false,
     "A change of so many or fewer, either way, is never a finding."},
    {"minimum", "number", false,
     "Groups of which neither figure is so large are left out, and said."},
    {"new", "enum:finding|pass", false, "A group that was not there before, or was 0."},
    {"gone", "enum:finding|pass", false, "A group that is no longer there, or is 0."},
    {NULL, NULL, false, NULL},
};

const as_check_kind as_check_trend = {
    .name = "trend",
    .summary = "movement since the previous period beyond bounds, by group",
    .detail =
        "One finding for each group whose change from `before` to `now` is beyond a bound. A\n"
        "bound with a percent sign is of the figure before; without one it is in units. The\n"
        "change is judged before rounding. The two measures may count two tables (`providers`\n"
        "and `providers_before`) or one published series at two dates (`where: {date: "
        "$as_at}`\n"
        "and `where: {date: $as_at_before}`).\n\n"
        "A group is new where nothing was there before (no group, or 0) and gone where "
        "nothing\n"
        "is there now; either is a finding unless `new: pass` or `gone: pass`. Left out and\n"
        "said: groups that are let pass so, groups below `minimum` both times, groups of\n"
        "nothing both times. A rule with nothing else is `empty`. An unknown figure (a sum "
        "over\n"
        "empty cells alone) leaves its group undecided.\n\n"
        "A message may name `now`, `before`, `change`, `change_percent` (as `+3.6%`) and the\n"
        "fields of `by`.",
    .level = AS_LEVEL_FIGURE,
    .needs_table = false,
    .params = params,
    .example =
        "measures:\n"
        "  ex_now: {count: providers, by: [provision_type]}\n"
        "  ex_before: {count: providers_before, by: [provision_type]}\n"
        "rules:\n"
        "  - id: EX-TRD-001\n"
        "    name: providers-moved\n"
        "    title: The number of providers of a type moves by at most half in a year\n"
        "    why: A larger movement is more often a missing file than a change in the sector.\n"
        "    trend: {now: ex_now, before: ex_before, within: 50%, new: pass}\n"
        "    flags:\n"
        "      - tables:\n"
        "          providers: [{urn: A1, provision_type: Boarding School}]\n"
        "          providers_before:\n"
        "            - {urn: A1, provision_type: Boarding School}\n"
        "            - {urn: A2, provision_type: Boarding School}\n"
        "            - {urn: A3, provision_type: Boarding School}\n"
        "    passes:\n"
        "      - tables:\n"
        "          providers:\n"
        "            - {urn: A1, provision_type: Boarding School}\n"
        "            - {urn: B1, provision_type: Children's home}\n"
        "          providers_before:\n"
        "            - {urn: A1, provision_type: Boarding School}\n"
        "            - {urn: A2, provision_type: Boarding School}\n",
    .bind = bind,
    .eval = eval,
    .describe = describe,
};
