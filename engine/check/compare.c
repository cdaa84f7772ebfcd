/* compare.c: two measures, or a measure and a number, that must be equal, ordered, or within a
 * tolerance, group by group.
 *
 * Groups: all that either side has; a side without `by` goes with every group of the other. A
 * group that one side lacks reads as 0, is a finding, or is left out and said, by `missing`. A
 * number that is there but unknown (a sum over nulls alone, a division by zero) cannot be
 * compared: that group is undecided. */
#include "check/by_group.h"

#include <math.h>

typedef enum relation { EQUAL, AT_MOST, AT_LEAST, BELOW, ABOVE } relation;
static const char *const relation_names[] = {"equal", "at_most", "at_least",
                                             "below", "above",   NULL};
static const char *const relation_words[] = {"", "at most ", "at least ", "below ", "above "};

typedef enum missing { MISSING_ZERO, MISSING_FINDING, MISSING_SKIP } missing;
static const char *const missing_names[] = {"zero", "finding", "skip", NULL};

typedef struct plan {
    const as_bound_measure *left, *right; /* right NULL: `number` */
    double number;
    int is, missing;
    as_tolerance tolerance;
    const as_str *by;
    size_t by_count;
} plan;

typedef struct item {
    const as_str *keys;
    double left, right; /* NaN: the side lacks the group */
} item;

extern const as_check_kind as_check_compare;

/* ---- bind ---- */

static bool bind_right(as_bind *b, plan *p)
{
    const as_node *n = as_params_get(b, "right");
    as_str text;

    if (!as_params_text(b, n, "compare: right", &text))
        return false;
    if (as_str_to_f64(text, true, &p->number))
        return true;
    const as_node *left = as_params_get(b, "left");
    if (left && left->kind == AS_NODE_SCALAR && as_str_eq(left->text, n->text)) {
        as_params_error(b, n, "Name the measure or number that it is held against.",
                        "compare: %.*s is compared with itself", AS_FMT(text));
        return false;
    }
    p->right = as_by_group_measure(b, n, "compare: right");
    return p->right != NULL;
}

static as_code bind(as_bind *b, void **out, as_err *e)
{
    plan *p = AS_NEW(b->arena, plan);
    bool sides;

    if (!p)
        return as_fail_nomem(e);
    *out = p;
    if (!as_params_block(b, &as_check_compare))
        return AS_OK;
    p->left = as_by_group_measure(b, as_params_get(b, "left"), "compare: left");
    sides = bind_right(b, p) && p->left;
    as_params_enum(b, as_params_get(b, "is"), "compare: is", relation_names, &p->is);
    as_params_enum(b, as_params_get(b, "missing"), "compare: missing", missing_names,
                   &p->missing);
    as_params_tolerance(b, as_params_get(b, "tolerance"), "compare: tolerance", &p->tolerance);
    if (!sides)
        return AS_OK; /* told */
    const as_bound_measure *both[] = {p->left, p->right};
    const as_node *at[] = {as_params_get(b, "left"), as_params_get(b, "right")};
    as_by_group_fields(b, both, at, 2, "compare", &p->by, &p->by_count);
    as_bind_extra(b, AS_STR("left"));
    as_bind_extra(b, AS_STR("right"));
    as_bind_extra(b, AS_STR("difference"));
    return AS_OK;
}

/* ---- eval ---- */

static bool holds(const plan *p, double left, double right)
{
    double room =
        p->tolerance.percent ? fabs(right) * p->tolerance.value / 100 : p->tolerance.value;

    if (as_within(left, right, right, p->tolerance))
        return (p->is != BELOW && p->is != ABOVE) || room > 0;
    switch (p->is) {
    case AT_MOST:
    case BELOW:
        return left < right;
    case AT_LEAST:
    case ABOVE:
        return left > right;
    default:
        return false;
    }
}

typedef struct walk {
    const plan *plan;
    as_measure_result sides[2]; /* right of a number: one group without `by` */
    const as_str *const *keys;
    size_t count;
    const as_str **skipped;
    size_t skipped_count;
    item *items;
    as_result *out;
} walk;

/* False: out of memory. */
static bool look_at(walk *w, const as_str *keys)
{
    const as_measured *left = as_by_group_find(&w->sides[0], keys);
    const as_measured *right = as_by_group_find(&w->sides[1], keys);
    as_finding f = {AS_NO_ROW, AS_NO_FIELD, AS_NO_ROW, (uint32_t)w->out->findings.count};
    bool lacks = !left || !right, bad;
    item it = {keys, left ? left->value : (double)NAN, right ? right->value : (double)NAN};

    if (lacks && w->plan->missing == MISSING_SKIP) {
        w->skipped[w->skipped_count++] = keys;
        return true;
    }
    w->out->selected++;
    if (lacks && w->plan->missing == MISSING_FINDING) {
        bad = true;
    } else {
        it.left = left ? it.left : 0;
        it.right = right ? it.right : 0;
        if (isnan(it.left) || isnan(it.right)) {
            w->out->undecided++;
            return true;
        }
        bad = !holds(w->plan, it.left, it.right);
    }
    if (!bad)
        return true;
    w->items[f.detail] = it;
    return as_findings_add(&w->out->findings, f);
}

static as_code measure_sides(as_eval *ev, walk *w, as_err *e)
{
    const plan *p = w->plan;
    as_code code = as_measure_eval(p->left, ev->tables, ev->pool, ev->arena, &w->sides[0], e);

    if (code != AS_OK)
        return code;
    if (p->right)
        return as_measure_eval(p->right, ev->tables, ev->pool, ev->arena, &w->sides[1], e);
    w->sides[1].groups = AS_NEW(ev->arena, as_measured);
    if (!w->sides[1].groups)
        return as_fail_nomem(e);
    w->sides[1].groups[0] = (as_measured){.value = p->number, .known = true};
    w->sides[1].count = 1;
    return AS_OK;
}

static as_code eval(as_eval *ev, const as_bind *b, const void *plan_, as_result *out, as_err *e)
{
    walk w = {.plan = plan_, .out = out};
    as_code code = measure_sides(ev, &w, e);

    (void)b;
    if (code == AS_OK)
        code = as_measure_unite(w.sides, 2, w.plan->by_count, ev->arena, &w.keys, &w.count, e);
    if (code != AS_OK)
        return code;
    w.items = AS_NEW_N(ev->arena, item, w.count + 1);
    w.skipped = AS_NEW_N(ev->arena, const as_str *, w.count + 1);
    if (!w.items || !w.skipped)
        return as_fail_nomem(e);
    for (size_t g = 0; g < w.count; g++) {
        if (!look_at(&w, w.keys[g]))
            return as_fail_nomem(e);
    }
    out->state = w.items;
    return as_note_groups(ev->arena, &out->note, "that one side lacks left out", w.skipped,
                          w.skipped_count, w.plan->by_count, false, e);
}

/* ---- describe ---- */

static void say_excess(as_buf *s, const plan *p, double over)
{
    bool counted = as_bound_measure_of(p->left)->op == AS_MEASURE_COUNT;

    if (over == 0) {
        as_buf_addf(s, "not %s", p->is == BELOW ? "below" : "above");
        return;
    }
    as_say_number(s, fabs(over));
    as_buf_addf(s, " too %s",
                over > 0 ? (counted ? "many" : "high") : (counted ? "few" : "low"));
}

static void say_difference(as_buf *s, const plan *p, const item *it, const char *of_left,
                           const char *of_right)
{
    bool left_published = strcmp(of_left, "published") == 0;
    bool right_published = p->right && strcmp(of_right, "published") == 0;
    double d = it->right - it->left;

    as_buf_add(s, AS_STR(": "));
    if (p->is != EQUAL) {
        say_excess(s, p, -d);
        return;
    }
    if (left_published == right_published && p->right) {
        as_buf_add(s, AS_STR("a difference of "));
        as_say_number(s, fabs(d));
        return;
    }
    if (!right_published)
        d = -d; /* about the published side, or against the number that was expected */
    as_say_number(s, fabs(d));
    as_buf_addf(s, " %s%s", d < 0 ? "fewer" : "more",
                p->right ? " published" : " than expected");
}

static void say_side(as_buf *s, double x, const char *words, const char *origin)
{
    if (isnan(x)) {
        as_buf_addf(s, "no figure %s", origin);
        return;
    }
    as_buf_add(s, as_str_from(words));
    as_say_number(s, x);
    as_buf_addf(s, " %s", origin);
}

static void say_expected(as_buf *s, const plan *p, const item *it)
{
    if (isnan(it->right)) {
        as_buf_add(s, AS_STR("a figure"));
        return;
    }
    as_buf_add(s, as_str_from(relation_words[p->is]));
    as_say_number(s, it->right);
    if (p->tolerance.value > 0)
        as_buf_addf(s, " (within %g%s)", p->tolerance.value, p->tolerance.percent ? "%" : "");
}

static as_code describe(const as_eval *ev, const as_bind *b, const void *plan_,
                        const as_result *r, const as_finding *f, as_evidence *out, as_err *e)
{
    const plan *p = plan_;
    const item *it = &((const item *)r->state)[f->detail];
    const char *of_left = as_say_origin(b, p->left);
    const char *of_right = p->right ? as_say_origin(b, p->right) : "expected";
    as_buf text = AS_BUF(AS_MESSAGE_MAX);
    bool ok;

    (void)ev;
    out->key =
        p->by_count ? as_say_group(out->arena, it->keys, p->by_count) : AS_STR("all records");
    out->field = as_bound_measure_of(p->right ? p->right : p->left)->name;
    say_expected(&text, p, it);
    out->expected = as_arena_str(out->arena, as_buf_str(&text));
    as_buf_clear(&text);
    say_side(&text, it->left, "", of_left);
    as_buf_add(&text, AS_STR(", "));
    say_side(&text, it->right, relation_words[p->is], of_right);
    if (!isnan(it->left) && !isnan(it->right))
        say_difference(&text, p, it, of_left, of_right);
    out->sentence = as_arena_str(out->arena, as_buf_str(&text));
    as_buf_free(&text);
    as_extra_group(out, p->by, it->keys, p->by_count);
    ok = as_extra_number(out, "left", it->left) && as_extra_number(out, "right", it->right);
    ok = ok && as_extra_number(out, "difference", it->right - it->left);
    ok = ok && out->key.ptr && out->expected.ptr && out->sentence.ptr;
    return ok ? AS_OK : as_fail_nomem(e);
}

static const as_param_doc params[] = {
    {"left", "measure", true, "The measure that is looked at."},
    {"right", "text", true, "The measure or the number that it is held against."},
    {"is", "enum:equal|at_most|at_least|below|above", false,
     "What left must be to right; `equal` where nothing is said."},
    {"tolerance", "number", false,
     "How far they may be apart: `3`, or `0.5%` of the right side. 0 where nothing is said."},
    {"missing", "enum:zero|finding|skip", false,
     "A group that one side lacks: reads as 0 (default), is a finding, or is left out."},
    {NULL, NULL, false, NULL},
};

const as_check_kind as_check_compare = {
    .name = "compare",
    .summary = "two measures that must be equal, ordered, or within a tolerance, by group",
    .detail = "Compares two measures group by group, or a measure with a number. The groups\n"
              "are all that either measure has; a measure without `by` is compared with\n"
              "every group of the other. One finding for each group for which it does not\n"
              "hold; its key is the group, and it shows `left`, `right` and `difference`\n"
              "(right less left).\n\n"
              "A group that one side lacks reads as 0 unless `missing` says otherwise. A\n"
              "figure that is there but unknown (a sum over empty cells alone, a division\n"
              "by zero) leaves its group undecided, and a rule all of whose groups are\n"
              "undecided is `empty`, not passed. With a tolerance, `at_most`, `at_least`,\n"
              "`below` and `above` hold also where the two figures are within it.",
    .level = AS_LEVEL_FIGURE,
    .needs_table = false,
    .params = params,
    .example =
        "measures:\n"
        "  ex_providers: {count: providers, where: {registration_status: Active}, by: "
        "[provision_type]}\n"
        "  ex_published: {sum: n, of: published, where: {data_type: Providers}, by: "
        "[provision_type]}\n"
        "rules:\n"
        "  - id: EX-CMP-001\n"
        "    name: published-counts\n"
        "    title: The published number of providers is what the records give\n"
        "    why: A figure that no record stands behind cannot be published.\n"
        "    compare: {left: ex_providers, right: ex_published}\n"
        "    flags:\n"
        "      - tables:\n"
        "          providers:\n"
        "            - {urn: A1, provision_type: Boarding School, registration_status: "
        "Active}\n"
        "            - {urn: A2, provision_type: Boarding School, registration_status: "
        "Active}\n"
        "          published: [{data_type: Providers, provision_type: Boarding School, n: 3}]\n"
        "    passes:\n"
        "      - tables:\n"
        "          providers:\n"
        "            - {urn: A1, provision_type: Boarding School, registration_status: "
        "Active}\n"
        "            - {urn: A2, provision_type: Boarding School, registration_status: "
        "Resigned}\n"
        "          published: [{data_type: Providers, provision_type: Boarding School, n: "
        "1}]\n",
    .bind = bind,
    .eval = eval,
    .describe = describe,
};
