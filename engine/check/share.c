/* share.c: a proportion out of bounds, as a whole or group by group.
 *
 * Two ways to say what is counted. `holds`: of the records that the rule selects, those for
 * which a condition holds; records for which it cannot be decided are in neither number, and
 * their number is said. `part` and `whole`: two measures. Everything after that is the same: a
 * list of groups with two numbers each, judged on the share before any rounding. A whole of 0
 * has no share: the group is undecided. */
#include "check/by_group.h"
#include "check/evidence.h"
#include "check/grouped.h"

#include <math.h>

typedef struct plan {
    const as_cond *holds; /* NULL: the two measures */
    as_str words;         /* the condition */
    uint32_t field;       /* the only one that the condition reads, or AS_NO_FIELD */
    uint32_t fields[AS_KEY_FIELDS_MAX];
    bool secret;                         /* a field of `by` is sensitive */
    const as_bound_measure *measures[2]; /* part, whole */
    const as_str *by;
    size_t by_count;
    double at_least, at_most; /* percent; NaN: not asked */
    double minimum;
} plan;

typedef struct item {
    const as_str *keys;
    double part, whole; /* NaN: unknown */
    uint64_t undecided; /* records left out of both */
} item;

extern const as_check_kind as_check_share;

/* ---- bind ---- */

static void bind_bound(as_bind *b, const char *key, const char *what, double *out)
{
    const as_node *n = as_params_get(b, key);
    as_tolerance t;

    *out = (double)NAN;
    if (!as_params_amount(b, n, what, &t))
        return;
    if (!t.percent || t.value < 0)
        as_params_error(b, n, "Write it with a percent sign, as 99%.", "%s is a percentage",
                        what);
    else
        *out = t.value;
}

static void bind_bounds(as_bind *b, plan *p)
{
    bind_bound(b, "at_least", "share: at_least", &p->at_least);
    bind_bound(b, "at_most", "share: at_most", &p->at_most);
    as_params_minimum(b, as_params_get(b, "minimum"), "share: minimum", &p->minimum);
    if (!as_params_get(b, "at_least") && !as_params_get(b, "at_most"))
        as_params_error(b, b->rule->spec, NULL,
                        "share: needs `at_least` or `at_most`, or both");
    if (p->at_least > p->at_most)
        as_params_error(b, as_params_get(b, "at_least"), NULL,
                        "share: at_least is above at_most, so the rule can never hold");
}

/* The records for which something holds are a part of the records: their share is 0% to 100%.
 */
static void refuse_beyond_the_whole(as_bind *b, const plan *p)
{
    if (p->at_least > 100)
        as_params_error(b, as_params_get(b, "at_least"), "a share is at most 100%",
                        "share: at_least is above 100%%, so the rule can never hold");
    else if (!(p->at_least > 0) && !(p->at_most < 100) &&
             !(isnan(p->at_least) && isnan(p->at_most)))
        as_params_error(b, b->rule->spec, "a share is 0% to 100%",
                        "share: no share is out of these bounds, so the rule can never find "
                        "anything");
}

static void bind_measures(as_bind *b, plan *p)
{
    const as_node *at[] = {as_params_get(b, "part"), as_params_get(b, "whole")};

    if (!at[0] || !at[1])
        as_params_error(b, b->rule->spec, NULL,
                        "share: needs `holds`, or both `part` and `whole`");
    if (as_params_get(b, "by"))
        as_params_error(b, as_params_get(b, "by"), NULL,
                        "share: `by` goes with `holds`; measures bring their own");
    if (b->rule->table.len)
        as_params_error(b, at[0] ? at[0] : b->rule->spec,
                        "remove `table` and `where`, or write a condition under `holds`",
                        "share: `part` and `whole` are measures, which have their own tables");
    p->measures[0] = as_by_group_measure(b, at[0], "share: part");
    p->measures[1] = as_by_group_measure(b, at[1], "share: whole");
    as_by_group_fields(b, p->measures, at, 2, "share", &p->by, &p->by_count);
}

static void note_field(void *arg, as_side side, uint32_t field)
{
    uint32_t *one = arg;

    (void)side;
    *one = *one == AS_NO_FIELD || *one == field ? field : AS_NO_FIELD - 1;
}

static as_code bind_by(as_bind *b, plan *p, as_err *e)
{
    const as_node *n = as_params_get(b, "by");
    as_str *names = AS_NEW_N(b->arena, as_str, AS_KEY_FIELDS_MAX);

    if (!names)
        return as_fail_nomem(e);
    p->by = names;
    if (n && !as_params_fields(b, b->schema, n, "share: by", p->fields, &p->by_count,
                               AS_KEY_FIELDS_MAX))
        p->by_count = 0; /* reported */
    for (size_t i = 0; i < p->by_count; i++) {
        names[i] = b->schema->fields[p->fields[i]].name;
        as_bind_read(b, p->fields[i]);
        as_bind_extra(b, names[i]);
    }
    p->secret = p->by_count && as_any_sensitive(b->schema, p->fields, p->by_count);
    return AS_OK;
}

static as_code bind_holds(as_bind *b, plan *p, as_err *e)
{
    static const char *const others[] = {"part", "whole"};
    uint32_t one = AS_NO_FIELD;
    as_code code;

    for (size_t i = 0; i < 2; i++)
        if (as_params_get(b, others[i]))
            as_params_error(b, as_params_get(b, others[i]), NULL,
                            "share: `holds` and `%s` are two ways to say it; write one",
                            others[i]);
    if (!b->schema) {
        if (b->rule->table.len == 0)
            as_params_error(b, as_params_get(b, "holds"), "add `table: NAME`",
                            "share: `holds` is about the records of a table");
        return AS_OK;
    }
    p->holds = as_cond_parse(&b->env, as_params_get(b, "holds"));
    code = bind_by(b, p, e);
    if (code != AS_OK || !p->holds)
        return code;
    as_bind_cond(b, p->holds, AS_NONE);
    as_cond_fields(p->holds, note_field, &one);
    p->field = one == AS_NO_FIELD - 1 ? AS_NO_FIELD : one;
    p->words = as_evidence_words(b->arena, p->holds, b->schema, NULL);
    as_bind_extra(b, AS_STR("undecided"));
    return p->words.ptr ? AS_OK : as_fail_nomem(e);
}

static as_code bind(as_bind *b, void **out, as_err *e)
{
    plan *p = AS_NEW(b->arena, plan);
    as_code code = AS_OK;

    if (!p)
        return as_fail_nomem(e);
    *out = p;
    p->field = AS_NO_FIELD;
    if (!as_params_block(b, &as_check_share))
        return AS_OK;
    bind_bounds(b, p);
    if (as_params_get(b, "holds")) {
        refuse_beyond_the_whole(b, p);
        code = bind_holds(b, p, e);
    } else {
        bind_measures(b, p);
    }
    as_bind_extra(b, AS_STR("part"));
    as_bind_extra(b, AS_STR("whole"));
    as_bind_extra(b, AS_STR("share"));
    return code;
}

/* ---- the groups and their two numbers ---- */

typedef struct walk {
    const plan *plan;
    item *items;
    size_t count;
    uint64_t undecided; /* records */
} walk;

static as_code from_measures(as_eval *ev, walk *w, as_err *e)
{
    const plan *p = w->plan;
    as_figures f;
    as_code code = as_by_group_figures(ev, p->measures, 2, p->by_count, &f, e);

    if (code != AS_OK)
        return code;
    w->items = AS_NEW_N(ev->arena, item, f.count + 1);
    if (!w->items)
        return as_fail_nomem(e);
    for (; w->count < f.count; w->count++)
        w->items[w->count] = (item){
            f.keys[w->count], as_by_group_value(p->measures[0], &f.of[0], f.keys[w->count]),
            as_by_group_value(p->measures[1], &f.of[1], f.keys[w->count]), 0};
    return AS_OK;
}

static as_code count_records(as_eval *ev, walk *w, const as_grouped *g, const uint8_t *holds,
                             uint32_t rows, as_err *e)
{
    const as_str *const *keys;
    const uint32_t *order;
    item *by_id = AS_NEW_N(ev->arena, item, (size_t)g->count + 1);
    as_code code = as_grouped_names(g, ev->arena, &keys, &order, e);

    w->items = AS_NEW_N(ev->arena, item, (size_t)g->count + 1);
    if (code != AS_OK)
        return code;
    if (!by_id || !w->items)
        return as_fail_nomem(e);
    for (uint32_t row = 0; row < rows; row++) {
        if (g->ids[row] == AS_NO_GROUP)
            continue;
        item *it = &by_id[g->ids[row]];
        it->part += holds[row] == AS_TRUE;
        it->whole += holds[row] != AS_UNDECIDED;
        it->undecided += holds[row] == AS_UNDECIDED;
        w->undecided += holds[row] == AS_UNDECIDED;
    }
    for (; w->count < g->count; w->count++) {
        w->items[w->count] = by_id[order[w->count]];
        w->items[w->count].keys = keys[order[w->count]];
    }
    return AS_OK;
}

static as_code from_records(as_eval *ev, const as_bind *b, walk *w, as_err *e)
{
    const plan *p = w->plan;
    const as_table *t;
    as_bound *where, *holds;
    uint8_t *selected = NULL, *held = NULL;
    as_grouped g = {0};
    as_code code = as_eval_table(ev, b, b->rule->table, &t, e);

    if (code == AS_OK)
        code = as_bound_make(&where, b->where, t, NULL, ev->arena, e);
    if (code == AS_OK)
        code = as_bound_make(&holds, p->holds, t, NULL, ev->arena, e);
    if (code == AS_OK)
        code = as_bound_all(&selected, where, t, ev->pool, ev->arena, e);
    if (code == AS_OK)
        code = as_bound_all(&held, holds, t, ev->pool, ev->arena, e);
    if (code == AS_OK)
        code = as_grouped_open(&g, ev, b, t, p->fields, p->by_count, selected, e);
    if (code == AS_OK)
        code = count_records(ev, w, &g, held, t->rows, e);
    as_grouped_close(&g);
    return code;
}

/* ---- eval ---- */

static bool out_of_bounds(const plan *p, const item *it)
{
    const as_tolerance exactly = {0, false};
    double part = 100 * it->part, least = p->at_least * it->whole,
           most = p->at_most * it->whole;

    return (part < least && !as_within(part, least, 0, exactly)) ||
           (part > most && !as_within(part, most, 0, exactly));
}

typedef struct set_aside {
    const as_str **small, **unknown;
    size_t small_count, unknown_count;
} set_aside;

static bool judge(walk *w, size_t i, set_aside *aside, as_result *out)
{
    const item *it = &w->items[i];

    if (it->whole < w->plan->minimum) {
        aside->small[aside->small_count++] = it->keys;
        return true;
    }
    out->selected++;
    if (isnan(it->part) || !(it->whole > 0)) {
        aside->unknown[aside->unknown_count++] = it->keys;
        out->undecided++;
        return true;
    }
    return !out_of_bounds(w->plan, it) ||
           as_findings_add(&out->findings,
                           (as_finding){AS_NO_ROW, w->plan->field, AS_NO_ROW, (uint32_t)i});
}

static as_code note(as_eval *ev, const walk *w, const set_aside *aside, as_result *out,
                    as_err *e)
{
    const plan *p = w->plan;
    as_str small = as_arena_printf(ev->arena, "of fewer than %g left out", p->minimum);
    as_code code = small.ptr ? AS_OK : as_fail_nomem(e);

    if (code == AS_OK)
        code = as_note_groups(ev->arena, &out->note, small.ptr, aside->small,
                              aside->small_count, p->by_count, p->secret, e);
    if (code == AS_OK)
        code = as_note_groups(ev->arena, &out->note, "without a share", aside->unknown,
                              aside->unknown_count, p->by_count, p->secret, e);
    if (code == AS_OK && w->undecided)
        code = as_note_add(ev->arena, &out->note,
                           as_arena_printf(ev->arena,
                                           "%llu record%s in neither number, as the condition "
                                           "cannot be decided for them",
                                           (unsigned long long)w->undecided,
                                           w->undecided == 1 ? "" : "s"),
                           e);
    return code;
}

static as_code eval(as_eval *ev, const as_bind *b, const void *plan_, as_result *out, as_err *e)
{
    walk w = {.plan = plan_};
    set_aside aside = {0};
    as_code code = w.plan->holds ? from_records(ev, b, &w, e) : from_measures(ev, &w, e);

    if (code != AS_OK)
        return code;
    aside.small = AS_NEW_N(ev->arena, const as_str *, w.count + 1);
    aside.unknown = AS_NEW_N(ev->arena, const as_str *, w.count + 1);
    if (!aside.small || !aside.unknown)
        return as_fail_nomem(e);
    for (size_t i = 0; i < w.count; i++)
        if (!judge(&w, i, &aside, out))
            return as_fail_nomem(e);
    out->state = w.items;
    return note(ev, &w, &aside, out, e);
}

/* ---- describe ---- */

static void say_bounds(as_buf *s, const plan *p)
{
    if (!isnan(p->at_least))
        as_buf_addf(s, "at least %g%%", p->at_least);
    if (!isnan(p->at_least) && !isnan(p->at_most))
        as_buf_add(s, AS_STR(" and "));
    if (!isnan(p->at_most))
        as_buf_addf(s, "at most %g%%", p->at_most);
}

static bool say(const plan *p, const item *it, as_evidence *out)
{
    const double marks[] = {0, 100, p->at_least, p->at_most};
    as_buf share = AS_BUF(AS_MESSAGE_MAX), s = AS_BUF(AS_EVIDENCE_MAX);

    as_say_percent(&share, 100 * it->part / it->whole, marks, 4);
    say_bounds(&s, p);
    out->expected = as_arena_str(out->arena, as_buf_str(&s));
    as_buf_clear(&s);
    as_buf_add(&s, as_buf_str(&share));
    as_buf_add(&s, AS_STR(" of "));
    as_say_number(&s, it->whole);
    if (p->holds)
        as_buf_add(&s, it->whole == 1 ? AS_STR(" record") : AS_STR(" records"));
    as_buf_add(&s, AS_STR(" ("));
    as_say_number(&s, it->part);
    as_buf_add(&s, AS_STR("), "));
    say_bounds(&s, p);
    as_buf_add(&s, AS_STR(" expected"));
    if (p->words.len)
        as_buf_addf(&s, ": %.*s", AS_FMT(p->words));
    out->sentence = s.failed ? AS_NONE : as_arena_str(out->arena, as_buf_str(&s));
    as_str text = as_arena_str(out->arena, as_buf_str(&share));
    as_evidence_extra(out, AS_STR("share"), text, false, false);
    as_buf_free(&share);
    as_buf_free(&s);
    return text.ptr && out->sentence.ptr && out->expected.ptr;
}

static as_code describe(const as_eval *ev, const as_bind *b, const void *plan_,
                        const as_result *r, const as_finding *f, as_evidence *out, as_err *e)
{
    const plan *p = plan_;
    const item *it = &((const item *)r->state)[f->detail];
    bool ok;

    (void)ev;
    out->key =
        p->by_count ? as_say_group(out->arena, it->keys, p->by_count) : AS_STR("all records");
    out->key_sensitive = p->secret;
    if (p->holds)
        as_extra_fields(out, b->schema, p->fields, p->by_count, it->keys);
    else
        as_extra_group(out, p->by, it->keys, p->by_count);
    if (!p->holds)
        out->field = as_bound_measure_of(p->measures[0])->name;
    ok = as_extra_number(out, "part", it->part) && as_extra_number(out, "whole", it->whole) &&
         say(p, it, out);
    if (p->holds)
        ok = as_extra_number(out, "undecided", (double)it->undecided) && ok;
    return ok && out->key.ptr ? AS_OK : as_fail_nomem(e);
}

static const as_param_doc params[] = {
    {"holds", "condition", false,
     "Counts, of the records of the rule's `table` and `where`, those for which it holds."},
    {"by", "fields", false, "With `holds`: a share for each group of records."},
    {"part", "measure", false, "Without `holds`: the measure that is a part."},
    {"whole", "measure", false, "Without `holds`: the measure that it is a part of."},
    {"at_least", "text", false, "The smallest share that is no finding: `99%`."},
    {"at_most", "text", false, "The largest share that is no finding: `2%`."},
    {"minimum", "number", false, "Groups whose whole is smaller are left out, and said."},
    {NULL, NULL, false, NULL},
};

const as_check_kind as_check_share = {
    .name = "share",
    .summary = "a proportion out of bounds",
    .detail =
        "One finding for each group whose share is below `at_least` or above `at_most`. Write\n"
        "`holds` with a condition where both numbers are records of one table (the rule's\n"
        "`table` and `where`), and `part` and `whole` where they are measures.\n\n"
        "The share is judged before rounding; the sentence shows as many decimals as it takes\n"
        "to tell it from the bound. Records for which `holds` cannot be decided are in "
        "neither\n"
        "number, and their number is said: `{places: {min: 1}}` leaves a null out, while\n"
        "`{places: {present: true, min: 1}}` counts it as one that does not hold. A whole of "
        "0\n"
        "has no share, so its group is undecided, and a rule all of whose groups are "
        "undecided\n"
        "is `empty`. A group that a count or a sum lacks is 0; one that a mean or a formula\n"
        "lacks is undecided.\n\n"
        "A message may name `part`, `whole`, `share` (as `98.6%`), with `holds` also\n"
        "`undecided`, and the fields of `by`.",
    .level = AS_LEVEL_FIGURE,
    .needs_table = false,
    .params = params,
    .example =
        "measures:\n"
        "  ex_inspected: {count: inspections}\n"
        "  ex_inadequate: {count: inspections, where: {overall: Inadequate}}\n"
        "rules:\n"
        "  - id: EX-SHR-001\n"
        "    name: places-known\n"
        "    title: Nearly all providers of each type have places\n"
        "    why: Estimates are made for the others, and their number must stay negligible.\n"
        "    table: providers\n"
        "    where: {provision_type: {list: types_with_places}}\n"
        "    share: {holds: {places: {present: true, min: 1}}, by: [provision_type], at_least: "
        "75%}\n"
        "    flags:\n"
        "      - - {urn: A1, provision_type: Boarding School, places: 30}\n"
        "        - {urn: A2, provision_type: Boarding School, places: 0}\n"
        "        - {urn: A3, provision_type: Boarding School}\n"
        "    passes:\n"
        "      - - {urn: A1, provision_type: Boarding School, places: 30}\n"
        "        - {urn: A2, provision_type: Boarding School, places: 12}\n"
        "        - {urn: A3, provision_type: Boarding School, places: 8}\n"
        "        - {urn: A4, provision_type: Boarding School}\n"
        "  - id: EX-SHR-002\n"
        "    name: share-inadequate\n"
        "    title: At most half of the inspections found a provider inadequate\n"
        "    why: A larger share has not been seen; a judgement may have been recoded.\n"
        "    share: {part: ex_inadequate, whole: ex_inspected, at_most: 50%}\n"
        "    flags:\n"
        "      - tables:\n"
        "          inspections:\n"
        "            - {urn: A1, overall: Inadequate}\n"
        "            - {urn: A2, overall: Inadequate}\n"
        "            - {urn: A3, overall: Good}\n"
        "    passes:\n"
        "      - tables:\n"
        "          inspections:\n"
        "            - {urn: A1, overall: Inadequate}\n"
        "            - {urn: A3, overall: Good}\n",
    .bind = bind,
    .eval = eval,
    .describe = describe,
};
