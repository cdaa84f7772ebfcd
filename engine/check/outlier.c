/* outlier.c: values far from their group, by the modified z-score.
 *
 * B. Iglewicz and D. Hoaglin, "How to Detect and Handle Outliers" (ASQC Basic References in
 * Quality Control 16, 1993): M = 0.6745 (x - median) / MAD, an outlier where |M| > 3.5. 0.6745
 * is the upper quartile of the standard normal distribution, so that M is on its scale. Where
 * more than half of a group has one value, MAD is 0 and the mean absolute deviation from the
 * median takes its place: M = (x - median) / (1.253314 MeanAD), 1.253314 being the square root
 * of pi / 2. Where that is 0 too all values are the same, and none is far.
 *
 * The values of a group are gathered and sorted once, so that medians are exact; then every
 * record is held against its group, in row order. */
#include "base/alloc.h"
#include "check/by_group.h"
#include "check/evidence.h"
#include "check/grouped.h"
#include "check/scan.h"

#include <math.h>
#include <stdlib.h>

#define NORMAL_QUARTILE 0.6745
#define ROOT_HALF_PI 1.253314

typedef struct plan {
    uint32_t field;
    uint32_t by[AS_KEY_FIELDS_MAX];
    size_t by_count;
    double beyond, minimum;
    bool log;
} plan;

/* A group; `centre` and `spread` on the scale of the scores (logarithms with `log`). */
typedef struct stats {
    size_t count;
    double median; /* of the values themselves */
    double centre, spread;
    bool mean; /* spread is the mean, not the median, of the deviations */
} stats;

extern const as_check_kind as_check_outlier;

/* ---- bind ---- */

static void bind_field(as_bind *b, plan *p)
{
    const as_node *n = as_params_get(b, "field");

    p->field = as_params_field(b, b->schema, n, "outlier: field");
    if (p->field == AS_NO_FIELD)
        return;
    as_type type = b->schema->fields[p->field].type;
    if (type != AS_TYPE_INTEGER && type != AS_TYPE_NUMBER)
        as_params_error(b, n, NULL, "outlier: field: %.*s is %s, not a number", AS_FMT(n->text),
                        as_type_name(type));
    as_bind_read(b, p->field);
}

static as_code bind(as_bind *b, void **out, as_err *e)
{
    static const char *const names[] = {"median", "deviation", "score", "records"};
    plan *p = AS_NEW(b->arena, plan);

    if (!p)
        return as_fail_nomem(e);
    *out = p;
    p->beyond = 3.5;
    p->minimum = 10;
    if (!as_params_block(b, &as_check_outlier))
        return AS_OK;
    bind_field(b, p);
    const as_node *by = as_params_get(b, "by");
    if (by)
        as_params_fields(b, b->schema, by, "outlier: by", p->by, &p->by_count,
                         AS_KEY_FIELDS_MAX);
    for (size_t i = 0; i < p->by_count; i++)
        as_bind_read(b, p->by[i]);
    as_params_minimum(b, as_params_get(b, "beyond"), "outlier: beyond", &p->beyond);
    as_params_minimum(b, as_params_get(b, "minimum"), "outlier: minimum", &p->minimum);
    as_params_bool(b, as_params_get(b, "log"), "outlier: log", &p->log);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        as_bind_extra(b, as_str_from(names[i]));
    return AS_OK;
}

/* ---- the groups ---- */

static int ascending(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;

    return (a > b) - (a < b);
}

/* Of ascending values; the mean of the two in the middle where their number is even. */
static double median_of(const double *x, size_t count)
{
    return count % 2 ? x[count / 2] : x[count / 2 - 1] + (x[count / 2] - x[count / 2 - 1]) / 2;
}

static bool counts(const plan *p, double x)
{
    return !isnan(x) && (!p->log || x > 0);
}

/* x: the group's values, in any order; becomes their deviations. */
static void measure(const plan *p, stats *s, double *x)
{
    double sum = 0;

    if (s->count == 0)
        return;
    qsort(x, s->count, sizeof *x, ascending);
    s->median = median_of(x, s->count);
    if (p->log && s->count % 2 == 0) /* the middle of two logarithms */
        s->median = sqrt(x[s->count / 2 - 1] * x[s->count / 2]);
    for (size_t i = 0; p->log && i < s->count; i++)
        x[i] = log(x[i]);
    s->centre = median_of(x, s->count);
    for (size_t i = 0; i < s->count; i++) {
        x[i] = fabs(x[i] - s->centre);
        sum += x[i];
    }
    qsort(x, s->count, sizeof *x, ascending);
    s->spread = median_of(x, s->count);
    s->mean = s->spread == 0;
    if (s->mean)
        s->spread = sum / (double)s->count;
}

static double score_of(const plan *p, const stats *s, double x)
{
    double distance = (p->log ? log(x) : x) - s->centre;

    if (s->spread == 0)
        return 0;
    return s->mean ? distance / (ROOT_HALF_PI * s->spread)
                   : NORMAL_QUARTILE * distance / s->spread;
}

typedef struct context {
    const as_eval *ev;
    const plan *p;
    const as_table *t;
    const as_column *column;
    as_grouped groups;
    stats *stats;   /* by group */
    uint64_t *odd;  /* by worker: values that have no logarithm */
    double *values; /* group by group */
    size_t *ends;   /* by group: where its values end */
} context;

static as_code measure_groups(void *arg, unsigned worker, size_t begin, size_t end,
                              as_scan_part *part, as_err *e)
{
    const context *c = arg;

    (void)worker, (void)part, (void)e;
    for (size_t g = begin; g < end; g++)
        measure(c->p, &c->stats[g], c->values + c->ends[g] - c->stats[g].count);
    return AS_OK;
}

/* Each group's values stand together, and are measured on all workers. */
static as_code gather(context *c, as_result *out, as_err *e)
{
    uint32_t groups = c->groups.count;
    size_t all = 0;

    for (uint32_t row = 0; row < c->t->rows; row++)
        if (c->groups.ids[row] != AS_NO_GROUP && counts(c->p, as_cell_num(c->column, row)))
            c->stats[c->groups.ids[row]].count++;
    for (uint32_t g = 0; g < groups; g++) {
        c->ends[g] = all;
        all += c->stats[g].count;
    }
    c->values = as_alloc((all + 1) * sizeof *c->values);
    if (!c->values)
        return as_fail_nomem(e);
    for (uint32_t row = 0; row < c->t->rows; row++) {
        double x = as_cell_num(c->column, row);
        if (c->groups.ids[row] != AS_NO_GROUP && counts(c->p, x))
            c->values[c->ends[c->groups.ids[row]]++] = x;
    }
    return as_scan_chunks(c->ev, groups, 1 + groups / 256, measure_groups, c, out, e);
}

/* ---- the records ---- */

static as_code look(void *arg, unsigned worker, uint32_t begin, uint32_t n, as_scan_part *part,
                    as_err *e)
{
    const context *c = arg;

    for (uint32_t row = begin; row < begin + n; row++) {
        uint32_t g = c->groups.ids[row];
        if (g == AS_NO_GROUP || (double)c->stats[g].count < c->p->minimum)
            continue;
        double x = as_cell_num(c->column, row);
        part->selected++;
        if (!counts(c->p, x)) {
            part->undecided++;
            c->odd[worker] += isnan(x) ? 0 : 1;
        } else if (fabs(score_of(c->p, &c->stats[g], x)) > c->p->beyond &&
                   !as_findings_add(&part->findings,
                                    (as_finding){row, c->p->field, AS_NO_ROW, g})) {
            return as_fail_nomem(e);
        }
    }
    return AS_OK;
}

static as_code note_small(const context *c, as_result *out, as_err *e)
{
    as_arena *a = c->ev->arena;
    const as_str *const *keys;
    const uint32_t *order;
    size_t count = 0;
    as_code code = as_grouped_names(&c->groups, a, &keys, &order, e);
    const as_str **small = AS_NEW_N(a, const as_str *, (size_t)c->groups.count + 1);
    as_str why = as_arena_printf(a, "of fewer than %g values left out", c->p->minimum);

    if (code != AS_OK)
        return code;
    if (!small || !why.ptr)
        return as_fail_nomem(e);
    for (uint32_t i = 0; i < c->groups.count; i++)
        if ((double)c->stats[order[i]].count < c->p->minimum)
            small[count++] = keys[order[i]];
    return as_note_groups(a, &out->note, why.ptr, small, count, c->p->by_count,
                          as_any_sensitive(c->t->schema, c->p->by, c->p->by_count), e);
}

static as_code note_odd(const context *c, as_result *out, as_err *e)
{
    uint64_t all = 0;

    for (unsigned i = 0; i < as_eval_jobs(c->ev); i++)
        all += c->odd[i];
    if (all == 0)
        return AS_OK;
    return as_note_add(c->ev->arena, &out->note,
                       as_arena_printf(c->ev->arena,
                                       "%llu value%s of 0 or less, which %s no logarithm",
                                       (unsigned long long)all, all == 1 ? "" : "s",
                                       all == 1 ? "has" : "have"),
                       e);
}

static as_code judge(context *c, as_result *out, as_err *e)
{
    as_code code;

    c->ends = as_calloc((size_t)c->groups.count + 1, sizeof *c->ends);
    code = c->ends ? gather(c, out, e) : as_fail_nomem(e);
    as_free(c->values);
    as_free(c->ends);
    if (code == AS_OK)
        code = as_scan(c->ev, c->t->rows, look, c, out, e);
    if (code == AS_OK)
        code = note_small(c, out, e);
    return code == AS_OK ? note_odd(c, out, e) : code;
}

static as_code eval(as_eval *ev, const as_bind *b, const void *plan_, as_result *out, as_err *e)
{
    context c = {.ev = ev, .p = plan_};
    as_bound *where;
    uint8_t *selected = NULL;
    as_code code = as_eval_table(ev, b, b->rule->table, &c.t, e);

    if (code == AS_OK)
        code = as_eval_field(b, c.t, c.p->field, e);
    if (code == AS_OK)
        code = as_bound_make(&where, b->where, c.t, NULL, ev->arena, e);
    if (code == AS_OK)
        code = as_bound_all(&selected, where, c.t, ev->pool, ev->arena, e);
    if (code == AS_OK)
        code = as_grouped_open(&c.groups, ev, b, c.t, c.p->by, c.p->by_count, selected, e);
    if (code == AS_OK) {
        c.column = &c.t->columns[c.p->field];
        c.stats = AS_NEW_N(ev->arena, stats, (size_t)c.groups.count + 1);
        c.odd = AS_NEW_N(ev->arena, uint64_t, as_eval_jobs(ev));
        out->state = c.stats;
        code = c.stats && c.odd ? judge(&c, out, e) : as_fail_nomem(e);
    }
    as_grouped_close(&c.groups);
    return code;
}

/* ---- describe ---- */

/* The score's own sign decides, so marks lie on both sides. */
static void say_score(as_buf *out, const plan *p, double score)
{
    const double marks[] = {p->beyond, -p->beyond};

    as_say_rounded(out, score, marks, 2);
}

static void say(as_buf *out, const plan *p, const as_field *f, const stats *s, double score,
                as_str value)
{
    as_buf_addf(out, "%.*s is %.*s, far %s the median of ", AS_FMT(f->name), AS_FMT(value),
                score > 0 ? "above" : "below");
    if (!f->sensitive) {
        as_say_number(out, s->median);
        as_buf_add(out, AS_STR(" of "));
    }
    as_say_number(out, (double)s->count);
    as_buf_add(out, AS_STR(" values"));
    if (f->sensitive)
        return;
    as_buf_add(out, AS_STR(": modified z-score "));
    say_score(out, p, score);
    as_buf_addf(out, ", at most %g either way expected", p->beyond);
}

static bool fill(const stats *s, as_str score, bool secret, as_evidence *out)
{
    as_str median = as_plain_rounded(out->arena, s->median);
    as_str spread = as_plain_rounded(out->arena, s->spread);

    as_evidence_extra(out, AS_STR("median"), median, false, secret);
    as_evidence_extra(out, AS_STR("deviation"), spread, false, secret);
    as_evidence_extra(out, AS_STR("score"), score, false, secret);
    return as_extra_number(out, "records", (double)s->count) && median.ptr && spread.ptr &&
           score.ptr;
}

static as_code describe(const as_eval *ev, const as_bind *b, const void *plan_,
                        const as_result *r, const as_finding *f, as_evidence *out, as_err *e)
{
    const plan *p = plan_;
    const stats *s = &((const stats *)r->state)[f->detail];
    const as_field *field = &b->schema->fields[p->field];
    const as_table *t;
    as_str value;
    as_code code = as_eval_table(ev, b, b->rule->table, &t, e);

    if (code == AS_OK)
        code = as_evidence_value(t, f->row, p->field, out->arena, &value, e);
    if (code != AS_OK)
        return code;
    double score = score_of(p, s, as_cell_num(&t->columns[p->field], f->row));
    as_buf text = AS_BUF(AS_MESSAGE_MAX);
    say_score(&text, p, score);
    as_str said = as_arena_str(out->arena, as_buf_str(&text));
    as_buf_clear(&text);
    say(&text, p, field, s, score, value);
    out->sentence = as_arena_str(out->arena, as_buf_str(&text));
    as_buf_free(&text);
    out->expected =
        as_arena_printf(out->arena, "a modified z-score of at most %g either way", p->beyond);
    return fill(s, said, field->sensitive, out) && out->sentence.ptr && out->expected.ptr
               ? AS_OK
               : as_fail_nomem(e);
}

static const as_param_doc params[] = {
    {"field", "field", true, "The number that is looked at."},
    {"by", "fields", false, "The groups within which it is looked at; without it all records."},
    {"beyond", "number", false, "The largest modified z-score that is no finding; 3.5."},
    {"minimum", "number", false, "Groups with fewer values are left out, and said; 10."},
    {"log", "boolean", false,
     "Work on logarithms, for amounts in which twice and half are alike. Values of 0 or less "
     "are undecided."},
    {NULL, NULL, false, NULL},
};

const as_check_kind as_check_outlier = {
    .name = "outlier",
    .summary = "values far from their group (median and MAD)",
    .detail =
        "A finding for each selected record whose modified z-score within its group is beyond\n"
        "3.5 either way (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993):\n"
        "0.6745 × (value − median) / MAD, the MAD being the median of the absolute deviations\n"
        "from the median. Where more than half of a group has one value the MAD is 0, and the\n"
        "mean of the absolute deviations takes its place: (value − median) / (1.253314 × "
        "mean).\n"
        "A group all of whose values are the same has no outlier.\n\n"
        "The group is that of the records which `where` selects; the value itself is in it. A\n"
        "null is undecided. Groups with fewer than `minimum` values are left out and said, "
        "and\n"
        "a rule with no other group is `empty`. Places are skewed: with `log: true` twice the\n"
        "median is as far from it as half of it, and homes twice as large as most are no\n"
        "findings. A message may name `median`, `deviation`, `score` and `records` (values in\n"
        "the group) besides fields.",
    .level = AS_LEVEL_RECORD,
    .needs_table = true,
    .params = params,
    .example = "rules:\n"
               "  - id: EX-OUT-001\n"
               "    name: places-far-off\n"
               "    title: No provider has places far from those of its type\n"
               "    why: A digit too many moves the total of a region.\n"
               "    severity: warning\n"
               "    table: providers\n"
               "    outlier: {field: places, by: [provision_type], minimum: 5}\n"
               "    flags:\n"
               "      - - {urn: A1, provision_type: Children's home, places: 3}\n"
               "        - {urn: A2, provision_type: Children's home, places: 4}\n"
               "        - {urn: A3, provision_type: Children's home, places: 4}\n"
               "        - {urn: A4, provision_type: Children's home, places: 5}\n"
               "        - {urn: A5, provision_type: Children's home, places: 60}\n"
               "    passes:\n"
               "      - - {urn: A1, provision_type: Children's home, places: 3}\n"
               "        - {urn: A2, provision_type: Children's home, places: 4}\n"
               "        - {urn: A3, provision_type: Children's home, places: 4}\n"
               "        - {urn: A4, provision_type: Children's home, places: 5}\n"
               "        - {urn: A5, provision_type: Children's home, places: 6}\n"
               "        - {urn: B1, provision_type: Boarding School, places: 600}\n",
    .bind = bind,
    .eval = eval,
    .describe = describe,
};
