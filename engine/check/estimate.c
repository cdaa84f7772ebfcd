/* estimate.c: estimates that do not follow the method of the statistics.
 *
 * Methodology report of the children's social care statistics, 2023 to 2024, "Accuracy and
 * reliability": where places are not held, a provider gets the average number of places of the
 * providers of the same type within the same sector. Providers without places (null or zero)
 * are not in the average. Where fewer than 10 providers of the sector have places, the average
 * is taken over the national group of the type. The report does not say so, but published
 * values are rounded half up to whole numbers.
 *
 * Values in the averages: above zero and not flagged as estimates. For a value that is not
 * flagged the question is whether the method would give just it; then all records of its type
 * and sector with that value are taken out first, as any of them may be such an estimate. */
#include "check/by_group.h"
#include "check/evidence.h"
#include "check/grouped.h"

#include <math.h>

typedef enum find { MISSING, WRONG, UNFLAGGED } find;
static const char *const find_names[] = {"missing", "wrong", "unflagged", NULL};

typedef struct plan {
    uint32_t field;
    uint32_t keys[3]; /* type, within, field */
    const as_cond *flag;
    double minimum;
    int find;
} plan;

typedef struct average {
    double count, sum;
} average;

/* What the method gives for one record. */
typedef struct due {
    average within, type;
    double estimate; /* NaN: there is none */
    bool national;
    bool keyless; /* the record has no type, or none to be within */
} due;

extern const as_check_kind as_check_estimate;

/* ---- bind ---- */

static uint32_t bind_field(as_bind *b, const char *key, const char *what)
{
    uint32_t field = as_params_field(b, b->schema, as_params_get(b, key), what);

    if (field != AS_NO_FIELD)
        as_bind_read(b, field);
    return field;
}

static void bind_value(as_bind *b, plan *p)
{
    const as_node *n = as_params_get(b, "field");

    p->field = bind_field(b, "field", "estimate: field");
    if (p->field == AS_NO_FIELD)
        return;
    as_type type = b->schema->fields[p->field].type;
    if (type != AS_TYPE_INTEGER && type != AS_TYPE_NUMBER)
        as_params_error(b, n, NULL, "estimate: field: %.*s is %s, not a number",
                        AS_FMT(n->text), as_type_name(type));
}

static as_code bind(as_bind *b, void **out, as_err *e)
{
    static const char *const names[] = {"estimate",    "estimate_of", "within_valid",
                                        "within_mean", "type_valid",  "type_mean"};
    plan *p = AS_NEW(b->arena, plan);

    if (!p)
        return as_fail_nomem(e);
    *out = p;
    p->minimum = 10;
    if (!as_params_block(b, &as_check_estimate))
        return AS_OK;
    bind_value(b, p);
    p->keys[0] = bind_field(b, "type", "estimate: type");
    p->keys[1] = bind_field(b, "within", "estimate: within");
    p->keys[2] = p->field;
    as_params_enum(b, as_params_get(b, "find"), "estimate: find", find_names, &p->find);
    const as_node *flag = as_params_get(b, "flag"), *minimum = as_params_get(b, "minimum");
    if (flag)
        p->flag = as_cond_parse(&b->env, flag);
    if (p->flag)
        as_bind_cond(b, p->flag, AS_NONE);
    if (p->find == WRONG && !flag)
        as_params_error(b, as_params_get(b, "find"),
                        "add flag: CONDITION, or look for `missing` or `unflagged`",
                        "estimate: which values are wrong cannot be told without knowing which "
                        "are estimates");
    if (as_params_minimum(b, minimum, "estimate: minimum", &p->minimum) && p->minimum < 1)
        as_params_error(b, minimum, NULL, "estimate: minimum is at least 1");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        as_bind_extra(b, as_str_from(names[i]));
    return AS_OK;
}

/* ---- the averages ---- */

typedef struct context {
    const plan *p;
    const as_table *t;
    const as_column *column;
    const uint8_t *selected, *flagged; /* flagged NULL: no flag */
    as_grouped groups[3];              /* by type; type and within; type, within and value */
    average *averages[3];
} context;

static bool is_selected(const context *c, uint32_t row)
{
    return c->selected[row] == AS_TRUE;
}

static bool is_flagged(const context *c, uint32_t row)
{
    return c->flagged && c->flagged[row] == AS_TRUE;
}

static bool is_valid(double x)
{
    return x > 0; /* not NaN */
}

static as_code take_averages(as_eval *ev, const as_bind *b, context *c, as_err *e)
{
    size_t levels = c->p->find == UNFLAGGED ? 3 : 2;

    for (size_t i = 0; i < levels; i++) {
        as_code code =
            as_grouped_open(&c->groups[i], ev, b, c->t, c->p->keys, i + 1, c->selected, e);
        if (code != AS_OK)
            return code;
        c->averages[i] = AS_NEW_N(ev->arena, average, (size_t)c->groups[i].count + 1);
        if (!c->averages[i])
            return as_fail_nomem(e);
        for (uint32_t row = 0; row < c->t->rows; row++) {
            double x = as_cell_num(c->column, row);
            if (!is_selected(c, row) || is_flagged(c, row) || !is_valid(x))
                continue;
            average *a = &c->averages[i][c->groups[i].ids[row]];
            a->count++;
            a->sum += x;
        }
    }
    return AS_OK;
}

static average without(average a, average part)
{
    return (average){a.count - part.count, a.sum - part.sum};
}

static double mean_of(average a)
{
    return a.count > 0 ? a.sum / a.count : (double)NAN;
}

/* Half up, on twice the sum, so that 27.5 is not a matter of binary fractions. */
static double rounded_mean(average a)
{
    return a.count > 0 ? floor((2 * a.sum + a.count) / (2 * a.count)) : (double)NAN;
}

static due due_of(const context *c, uint32_t row)
{
    due d = {.type = c->averages[0][c->groups[0].ids[row]],
             .within = c->averages[1][c->groups[1].ids[row]]};

    if (c->p->find == UNFLAGGED) {
        average same = c->averages[2][c->groups[2].ids[row]];
        d.type = without(d.type, same);
        d.within = without(d.within, same);
    }
    d.keyless = as_cell_null(&c->t->columns[c->p->keys[0]], row) ||
                as_cell_null(&c->t->columns[c->p->keys[1]], row);
    d.national = d.within.count < c->p->minimum;
    d.estimate = d.keyless ? (double)NAN : rounded_mean(d.national ? d.type : d.within);
    return d;
}

/* ---- eval ---- */

/* Does the record belong to what is looked for? */
static bool looked_at(const context *c, uint32_t row, double x)
{
    if (!is_selected(c, row))
        return false;
    if (c->p->find == WRONG)
        return is_flagged(c, row);
    return c->p->find == MISSING || (is_valid(x) && !is_flagged(c, row));
}

static as_truth fine(const context *c, uint32_t row, double x)
{
    if (c->p->find == MISSING)
        return is_valid(x) ? AS_TRUE : AS_FALSE;
    due d = due_of(c, row);
    if (isnan(d.estimate) || !is_valid(x))
        return AS_UNDECIDED;
    return (x == d.estimate) == (c->p->find == WRONG) ? AS_TRUE : AS_FALSE;
}

static as_code judge(as_eval *ev, const context *c, as_result *out, as_err *e)
{
    for (uint32_t row = 0; row < c->t->rows; row++) {
        double x = as_cell_num(c->column, row);
        if (!looked_at(c, row, x))
            continue;
        as_truth truth = fine(c, row, x);
        out->selected++;
        out->undecided += truth == AS_UNDECIDED;
        if (truth == AS_FALSE &&
            !as_findings_add(&out->findings, (as_finding){row, c->p->field, AS_NO_ROW,
                                                          (uint32_t)out->findings.count}))
            return as_fail_nomem(e);
    }
    due *dues = AS_NEW_N(ev->arena, due, out->findings.count + 1);
    if (!dues)
        return as_fail_nomem(e);
    for (size_t i = 0; i < out->findings.count; i++)
        dues[i] = due_of(c, out->findings.items[i].row);
    out->state = dues;
    return AS_OK;
}

static as_code eval(as_eval *ev, const as_bind *b, const void *plan_, as_result *out, as_err *e)
{
    context c = {.p = plan_};
    as_bound *where, *flag = NULL;
    uint8_t *selected = NULL, *flagged = NULL;
    as_code code = as_eval_table(ev, b, b->rule->table, &c.t, e);

    if (code == AS_OK)
        code = as_eval_field(b, c.t, c.p->field, e);
    if (code == AS_OK)
        code = as_bound_make(&where, b->where, c.t, NULL, ev->arena, e);
    if (code == AS_OK)
        code = as_bound_all(&selected, where, c.t, ev->pool, ev->arena, e);
    if (code == AS_OK && c.p->flag)
        code = as_bound_make(&flag, c.p->flag, c.t, NULL, ev->arena, e);
    if (code == AS_OK && c.p->flag)
        code = as_bound_all(&flagged, flag, c.t, ev->pool, ev->arena, e);
    c.selected = selected;
    c.flagged = flagged;
    if (code == AS_OK) {
        c.column = &c.t->columns[c.p->field];
        code = take_averages(ev, b, &c, e);
    }
    if (code == AS_OK)
        code = judge(ev, &c, out, e);
    for (size_t i = 0; i < 3; i++)
        as_grouped_close(&c.groups[i]);
    return code;
}

/* ---- describe ---- */

static as_str name_of(const plan *p, const as_bind *b, size_t key)
{
    return b->schema->fields[p->keys[key]].name;
}

static void say_records(as_buf *s, double count, as_str type)
{
    as_say_number(s, count);
    as_buf_addf(s, " record%s of the same %.*s", count == 1 ? "" : "s", AS_FMT(type));
}

/* "28, the mean of 14 records of the same provision_type and sector" */
static void say_due(as_buf *s, const plan *p, const as_bind *b, const due *d)
{
    as_str type = name_of(p, b, 0), within = name_of(p, b, 1);

    if (d->keyless) {
        as_buf_addf(s, "nothing without %.*s and %.*s", AS_FMT(type), AS_FMT(within));
        return;
    }
    if (isnan(d->estimate)) {
        as_buf_addf(s, "nothing, as no record of the same %.*s has a value", AS_FMT(type));
        return;
    }
    as_say_number(s, d->estimate);
    as_buf_add(s, AS_STR(", the mean of "));
    say_records(s, d->national ? d->type.count : d->within.count, type);
    if (!d->national)
        as_buf_addf(s, " and %.*s", AS_FMT(within));
    else if (d->within.count > 0)
        as_buf_addf(s, ", as only %g of the same %.*s %s a value", d->within.count,
                    AS_FMT(within), d->within.count == 1 ? "has" : "have");
    else
        as_buf_addf(s, ", as none of the same %.*s has a value", AS_FMT(within));
}

/* A wrong value may be what the other branch gives. */
static void say_branch(as_buf *s, const plan *p, const as_bind *b, const due *d, double x)
{
    average other = d->national ? d->within : d->type;

    if (x != rounded_mean(other)) {
        as_buf_addf(s, "; it is the mean of neither group");
        return;
    }
    as_buf_add(s, AS_STR("; it is the mean of "));
    say_records(s, other.count, name_of(p, b, 0));
    if (d->national)
        as_buf_addf(s, " and %.*s", AS_FMT(name_of(p, b, 1)));
}

static void say(as_buf *s, const plan *p, const as_bind *b, const due *d, as_str value,
                double x)
{
    as_buf_addf(s, "%.*s is %.*s", AS_FMT(b->schema->fields[p->field].name), AS_FMT(value));
    if (b->schema->fields[p->field].sensitive) {
        as_buf_add(s, AS_STR(", which is not what the method of the estimates asks"));
        return;
    }
    if (p->find == UNFLAGGED)
        as_buf_add(s, AS_STR(", which may be an estimate that is not flagged: without it the "
                             "method gives "));
    else
        as_buf_add(s, AS_STR(", the method gives "));
    say_due(s, p, b, d);
    if (p->find == WRONG)
        say_branch(s, p, b, d, x);
}

static bool fill(const plan *p, const as_bind *b, const due *d, as_evidence *out)
{
    const struct {
        const char *name;
        double x;
    } numbers[] = {{"estimate", d->estimate},
                   {"within_valid", d->within.count},
                   {"within_mean", mean_of(d->within)},
                   {"type_valid", d->type.count},
                   {"type_mean", mean_of(d->type)}};
    bool secret = b->schema->fields[p->field].sensitive, ok = true;

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        bool null = isnan(numbers[i].x);
        as_str text = null ? AS_STR("") : as_plain_rounded(out->arena, numbers[i].x);
        as_evidence_extra(out, as_str_from(numbers[i].name), text, null, secret);
        ok = ok && text.ptr;
    }
    as_str of = d->national
                    ? name_of(p, b, 0)
                    : as_arena_printf(out->arena, "%.*s and %.*s", AS_FMT(name_of(p, b, 0)),
                                      AS_FMT(name_of(p, b, 1)));
    as_evidence_extra(out, AS_STR("estimate_of"), of, false, false);
    return ok && of.ptr;
}

static as_code describe(const as_eval *ev, const as_bind *b, const void *plan_,
                        const as_result *r, const as_finding *f, as_evidence *out, as_err *e)
{
    const plan *p = plan_;
    const due *d = &((const due *)r->state)[f->detail];
    const as_table *t;
    as_str value;
    as_code code = as_eval_table(ev, b, b->rule->table, &t, e);

    if (code == AS_OK)
        code = as_evidence_value(t, f->row, p->field, out->arena, &value, e);
    if (code != AS_OK)
        return code;
    as_buf text = AS_BUF(AS_MESSAGE_MAX);
    say(&text, p, b, d, value, as_cell_num(&t->columns[p->field], f->row));
    out->sentence = as_arena_str(out->arena, as_buf_str(&text));
    as_buf_clear(&text);
    if (p->find == UNFLAGGED || b->schema->fields[p->field].sensitive || isnan(d->estimate))
        as_buf_add(&text, p->find == UNFLAGGED ? AS_STR("a value that is held, or a flag")
                                               : AS_STR("what the method gives"));
    else
        as_say_number(&text, d->estimate);
    out->expected = as_arena_str(out->arena, as_buf_str(&text));
    as_buf_free(&text);
    return fill(p, b, d, out) && out->sentence.ptr && out->expected.ptr ? AS_OK
                                                                        : as_fail_nomem(e);
}

static const as_param_doc params[] = {
    {"field", "field", true, "The number that is estimated where it is not held: places."},
    {"type", "field", true, "The field whose groups have a mean of their own: provision_type."},
    {"within", "field", true, "The field within which the mean is taken first: sector."},
    {"find", "enum:missing|wrong|unflagged", true,
     "Values that should be estimated and are not there; estimates that are not what the "
     "method "
     "gives; values that are, and are not flagged."},
    {"flag", "condition", false,
     "For which records the value is an estimate; needed to find what is wrong."},
    {"minimum", "number", false,
     "With fewer values than this in type and `within`, the mean is that of the type; 10."},
    {NULL, NULL, false, NULL},
};

const as_check_kind as_check_estimate = {
    .name = "estimate",
    .summary = "estimated values that do not follow the method",
    .detail =
        "The method of the statistics (methodology report 2023 to 2024, Accuracy and\n"
        "reliability): a value that is not held is the mean of those of the same type and\n"
        "sector, or of the same type nationally where fewer than 10 of the sector are valid;\n"
        "with exactly 10 it is the sector's. Valid is what is above zero and not flagged as "
        "an\n"
        "estimate. Means are rounded half up. All means are over the records that `where`\n"
        "selects, which must leave out types whose places are registered (children's "
        "homes).\n\n"
        "`find: missing` finds values that are null or zero, and says the estimate that is "
        "due.\n"
        "`find: wrong` looks at the records for which `flag` holds, and finds values that are\n"
        "not the estimate; it says where one is what the other branch gives. Without a flag\n"
        "nobody can tell an estimate from a value that happens to be near, so `wrong` needs\n"
        "one. `find: unflagged` finds values, not flagged, that are just what the method "
        "gives\n"
        "when all of the same type and sector with that value are taken out: a question for a\n"
        "person, so make it a warning. Small values meet it by chance.\n\n"
        "Records without a type or a sector, and those for which there is no value to take a\n"
        "mean of, are undecided, but a missing value is found all the same. A rule that looks\n"
        "for wrong estimates in a release without any is `empty`; say `on_empty: pass` where\n"
        "that may be. A message may name `estimate`, `estimate_of` (the fields of its group),\n"
        "`within_valid`, `within_mean`, `type_valid` and `type_mean` besides fields.",
    .level = AS_LEVEL_RECORD,
    .needs_table = true,
    .params = params,
    .example =
        "rules:\n"
        "  - id: EX-EST-001\n"
        "    name: estimate-missing\n"
        "    title: Every boarding school has places, if only an estimate\n"
        "    why: A school without places lowers the total of its region.\n"
        "    table: providers\n"
        "    where: {provision_type: Boarding School}\n"
        "    estimate: {field: places, type: provision_type, within: sector, find: missing}\n"
        "    flags:\n"
        "      - - {urn: A1, provision_type: Boarding School, sector: Private, places: 30}\n"
        "        - {urn: A2, provision_type: Boarding School, sector: Private, places: 0}\n"
        "    passes:\n"
        "      - - {urn: A1, provision_type: Boarding School, sector: Private, places: 30}\n"
        "        - {urn: A2, provision_type: Boarding School, sector: Private, places: 31}\n"
        "  - id: EX-EST-002\n"
        "    name: estimate-wrong\n"
        "    title: Estimated places are the mean of the type and sector\n"
        "    why: An estimate from the wrong group moves the total of the sector.\n"
        "    table: providers\n"
        "    where: {provision_type: Boarding School}\n"
        "    estimate:\n"
        "      field: places\n"
        "      type: provision_type\n"
        "      within: sector\n"
        "      find: wrong\n"
        "      flag: {owner: estimated}\n"
        "      minimum: 2\n"
        "    flags:\n"
        "      - - {urn: A1, provision_type: Boarding School, sector: Private, places: 30}\n"
        "        - {urn: A2, provision_type: Boarding School, sector: Private, places: 31}\n"
        "        - {urn: A3, provision_type: Boarding School, sector: LA, places: 90}\n"
        "        - {urn: A4, provision_type: Boarding School, sector: Private, places: 50, "
        "owner: estimated}\n"
        "    passes:\n"
        "      - - {urn: A1, provision_type: Boarding School, sector: Private, places: 30}\n"
        "        - {urn: A2, provision_type: Boarding School, sector: Private, places: 31}\n"
        "        - {urn: A3, provision_type: Boarding School, sector: LA, places: 90}\n"
        "        - {urn: A4, provision_type: Boarding School, sector: Private, places: 31, "
        "owner: estimated}\n"
        "        - {urn: A5, provision_type: Boarding School, sector: LA, places: 50, owner: "
        "estimated}\n",
    .bind = bind,
    .eval = eval,
    .describe = describe,
};
