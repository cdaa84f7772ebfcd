/* adds_up.c: totals that differ from the sum of their parts, within rounding: what is told of
 * them. The block is read in adds_up_bind.c, the sums are made in adds_up_sum.c. */
#include "check/adds_up.h"
#include "check/by_group.h"
#include "check/evidence.h"
#include "check/grouped.h"

#include <math.h>

/* "1,972 + 14 + 85"; "9 parts" where the rule does not name them. */
static void say_parts(as_buf *out, const as_adds_up *p, const as_sum *s, const double *values)
{
    if (!p->count)
        as_buf_addf(out, "%zu part%s", s->known + s->lacking,
                    s->known + s->lacking == 1 ? "" : "s");
    for (size_t i = 0; i < p->count; i++) {
        if (i)
            as_buf_add(out, AS_STR(" + "));
        as_say_number(out, isnan(values[i]) ? 0 : values[i]);
    }
}

static void say_room(as_buf *out, const as_adds_up *p, const as_sum *s)
{
    as_tolerance t = as_adds_up_room(p, s);

    if (t.value <= 0)
        return;
    as_buf_add(out, AS_STR(", at most "));
    as_say_number(out, t.value);
    as_buf_addf(out, "%s expected%s", t.percent ? "%" : "",
                p->rounded_to > 0 ? " from rounding" : "");
}

static as_str total_name(const as_adds_up *p, const as_bind *b)
{
    if (p->form == AS_SUM_MEASURES)
        return as_bound_measure_of(p->measures[p->count])->name;
    return p->form == AS_SUM_FIELDS ? b->schema->fields[p->fields[p->count]].name
                                    : p->values[p->count];
}

static void say(as_buf *out, const as_adds_up *p, const as_bind *b, const as_sum *s,
                as_str parts)
{
    if (p->secret) {
        as_buf_add(out, AS_STR("the parts do not add up to the total"));
        return;
    }
    if (p->fixed) {
        as_buf_add(out, AS_STR("the parts"));
    } else {
        as_buf_addf(out, "%.*s is ", AS_FMT(total_name(p, b)));
        as_say_number(out, s->total);
        as_buf_add(out, AS_STR(", its parts"));
    }
    as_buf_add(out, AS_STR(" add up to "));
    as_say_number(out, s->parts);
    as_buf_addf(out, " (%.*s)", AS_FMT(parts));
    if (p->fixed) {
        as_buf_add(out, AS_STR(", "));
        as_say_number(out, s->total);
        as_buf_add(out, AS_STR(" expected"));
    }
    as_buf_add(out, AS_STR(": a difference of "));
    as_say_number(out, fabs(s->total - s->parts));
    say_room(out, p, s);
}

static bool fill(const as_adds_up *p, const as_bind *b, const as_sum *s, const double *values,
                 as_evidence *out)
{
    as_buf text = AS_BUF(AS_EVIDENCE_MAX);
    as_str parts, expected;
    as_str numbers[] = {as_plain_number(out->arena, s->total),
                        as_plain_number(out->arena, s->parts),
                        as_plain_number(out->arena, s->total - s->parts)};
    static const char *const names[] = {"total", "sum", "difference"};

    say_parts(&text, p, s, values);
    parts = text.failed ? AS_NONE : as_arena_str(out->arena, as_buf_str(&text));
    as_buf_clear(&text);
    as_say_number(&text, p->fixed ? s->total : s->parts);
    expected = as_arena_str(out->arena, as_buf_str(&text));
    as_buf_clear(&text);
    say(&text, p, b, s, parts);
    out->sentence = text.failed ? AS_NONE : as_arena_str(out->arena, as_buf_str(&text));
    as_buf_free(&text);
    out->expected = p->secret  ? AS_STR("the sum of its parts")
                    : p->fixed ? expected
                               : as_arena_printf(out->arena, "%.*s, the sum of its parts",
                                                 AS_FMT(expected));
    for (size_t i = 0; i < 3; i++)
        as_evidence_extra(out, as_str_from(names[i]), numbers[i], false, p->secret);
    as_evidence_extra(out, AS_STR("parts"), parts, false, p->secret);
    return parts.ptr && expected.ptr && out->sentence.ptr && out->expected.ptr &&
           numbers[0].ptr && numbers[1].ptr && numbers[2].ptr;
}

static as_code describe(const as_eval *ev, const as_bind *b, const void *plan_,
                        const as_result *r, const as_finding *f, as_evidence *out, as_err *e)
{
    const as_adds_up *p = plan_;
    const as_table *t;
    double values[AS_PARTS_MAX];
    as_code code;

    if (p->form == AS_SUM_FIELDS) {
        code = as_eval_table(ev, b, b->rule->table, &t, e);
        if (code != AS_OK)
            return code;
        for (size_t i = 0; i < p->count; i++)
            values[i] = as_cell_num(&t->columns[p->fields[i]], f->row);
        as_sum s = as_adds_up_record(p, t, f->row);
        return fill(p, b, &s, values, out) ? AS_OK : as_fail_nomem(e);
    }
    const as_sum_group *it = &((const as_sum_group *)r->state)[f->detail];
    out->key =
        p->by_count ? as_say_group(out->arena, it->keys, p->by_count) : AS_STR("all records");
    out->key_sensitive = p->secret_key;
    if (p->form == AS_SUM_ROWS)
        as_extra_fields(out, b->schema, p->by_fields, p->by_count, it->keys);
    else
        as_extra_group(out, p->by, it->keys, p->by_count);
    if (p->form == AS_SUM_MEASURES)
        out->field = as_bound_measure_of(p->measures[p->fixed ? 0 : p->count])->name;
    return fill(p, b, &it->sum, it->values, out) && out->key.ptr ? AS_OK : as_fail_nomem(e);
}

static const as_param_doc params[] = {
    {"total", "text", true,
     "A measure, a field, or with `across` a value; of the first two also a number."},
    {"parts", "list", false,
     "What adds up to the total, of the same sort. Left out, with `across`: all other values."},
    {"value", "field", false, "With `across`: the field that is added up."},
    {"across", "field", false,
     "For a long table, in which a row is the total of other rows: the field that names them."},
    {"by", "fields", false, "With `across`: a sum for each group of rows."},
    {"nulls", "enum:undecided|zero", false,
     "A part that is empty or not there: the sum is undecided, or it is read as 0."},
    {"rounded_to", "number", false,
     "The unit the numbers are rounded to (0.1, 1, 10): each may be off by half of it."},
    {"tolerance", "number", false,
     "Instead of `rounded_to`: how far off a sum may be, `1` or `0.5%` of the total."},
    {NULL, NULL, false, NULL},
};

const as_check_kind as_check_adds_up = {
    .name = "adds_up",
    .summary = "totals that differ from the sum of their parts, within rounding",
    .detail =
        "What `total` and `parts` name depends on the rule. Without `table` they are "
        "measures,\n"
        "and there is one sum for each group. With `table` they are fields, and there is one\n"
        "sum for each record. With `table`, `value` and `across` they are values of the field\n"
        "`across`: rows of a long table, one of which is the total of others (`England` and "
        "its\n"
        "regions), with one sum for each group of `by`; where a value has several rows in a\n"
        "group they are added. A total that is no name may be a number, as 100.\n\n"
        "`rounded_to: 0.1` gives room for half a unit for each number, the total's too unless\n"
        "it is fixed: percentages rounded to whole numbers in four groups may add up to 98 to\n"
        "102. The sentence says how much that is. Without it and without `tolerance` the sum "
        "is\n"
        "exact.\n\n"
        "A sum with a part that is null or not there is undecided, and with `nulls: zero` it "
        "is\n"
        "read as 0. A sum without a total is undecided, and so is one without any part. A\n"
        "message may name `total`, `sum`, `difference` (total less sum), `parts` and the "
        "fields\n"
        "of `by`.",
    .level = AS_LEVEL_FIGURE,
    .needs_table = false,
    .params = params,
    .example =
        "measures:\n"
        "  ex_all: {count: providers}\n"
        "  ex_homes: {count: providers, where: {provision_type: Children's home}}\n"
        "  ex_schools: {count: providers, where: {provision_type: Boarding School}}\n"
        "  ex_agencies: {count: providers, where: {provision_type: Independent Fostering "
        "Agency}}\n"
        "rules:\n"
        "  - id: EX-ADD-001\n"
        "    name: types-add-up\n"
        "    title: The types account for all providers\n"
        "    why: A provider without a type is in the total and in no row of the table.\n"
        "    adds_up: {total: ex_all, parts: [ex_homes, ex_schools, ex_agencies]}\n"
        "    flags:\n"
        "      - tables:\n"
        "          providers:\n"
        "            - {urn: A1, provision_type: Children's home}\n"
        "            - {urn: A2, provision_type: Boarding School}\n"
        "            - {urn: A3}\n"
        "    passes:\n"
        "      - tables:\n"
        "          providers:\n"
        "            - {urn: A1, provision_type: Children's home}\n"
        "            - {urn: A2, provision_type: Boarding School}\n"
        "  - id: EX-ADD-002\n"
        "    name: published-total\n"
        "    title: The published number of providers is that of the inspected and the others\n"
        "    why: A total that is typed in goes wrong when a row is corrected.\n"
        "    table: published\n"
        "    adds_up:\n"
        "      value: n\n"
        "      across: data_type\n"
        "      total: Providers\n"
        "      parts: [Inspected, Not yet inspected]\n"
        "      by: [date]\n"
        "    flags:\n"
        "      - - {date: 2017-03-31, data_type: Inspected, n: 5}\n"
        "        - {date: 2017-03-31, data_type: Not yet inspected, n: 2}\n"
        "        - {date: 2017-03-31, data_type: Providers, n: 8}\n"
        "    passes:\n"
        "      - - {date: 2017-03-31, data_type: Inspected, n: 5}\n"
        "        - {date: 2017-03-31, data_type: Not yet inspected, n: 2}\n"
        "        - {date: 2017-03-31, data_type: Providers, n: 7}\n",
    .bind = as_adds_up_bind,
    .eval = as_adds_up_eval,
    .describe = describe,
};
