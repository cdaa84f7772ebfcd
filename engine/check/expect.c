/* expect.c: records that break a condition. The plainest kind, and the hot one: per block of
 * rows the condition `where`, the condition `expect`, and a scan of two byte arrays. */
#include "base/cpu.h"
#include "check/evidence.h"
#include "check/params.h"
#include "check/scan.h"

typedef struct plan {
    const as_cond *expect;
    uint32_t field;  /* the only field that can be to blame, or AS_NO_FIELD */
    as_str expected; /* the condition in words */
} plan;

typedef struct one_field {
    uint32_t field;
    bool several;
} one_field;

static void note_field(void *arg, as_side side, uint32_t field)
{
    one_field *o = arg;
    (void)side;
    o->several = o->several || (o->field != AS_NO_FIELD && o->field != field);
    o->field = field;
}

static as_code bind(as_bind *b, void **out, as_err *e)
{
    plan *p = AS_NEW(b->arena, plan);
    if (!p)
        return as_fail_nomem(e);
    *out = p;
    p->expect = as_cond_parse(&b->env, b->rule->spec);
    if (!p->expect)
        return AS_OK; /* reported */
    as_bind_cond(b, p->expect, AS_NONE);
    one_field one = {AS_NO_FIELD, false};
    as_cond_fields(p->expect, note_field, &one);
    p->field = one.several ? AS_NO_FIELD : one.field;
    p->expected = as_evidence_words(b->arena, p->expect, b->schema, NULL);
    return p->expected.ptr ? AS_OK : as_fail_nomem(e);
}

/* ---- eval ---- */

typedef struct context {
    const as_eval *ev;
    const as_table *table;
    const as_bound *where, *expect;
    uint32_t field;
    as_bound **parts; /* of an `expect` of several parts */
    size_t part_count;
    bool lacks; /* a column that it reads is not in the file */
} context;

/* A column that the file does not have says nothing about its records: what fails for want of
 * it alone is undecided. */
static bool not_in_file(const context *c, uint32_t field)
{
    return !c->ev->every_field && field != AS_NO_FIELD && !c->table->columns[field].present;
}

/* The field to blame of the first part that fails for a column that the file has; else *field
 * stays. */
static as_code blame_another(const context *c, uint32_t row, uint32_t *field, as_scratch *s,
                             as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; code == AS_OK && i < c->part_count; i++) {
        uint32_t blamed = AS_NO_FIELD;
        as_truth holds;
        code = as_bound_pair(c->parts[i], row, AS_NO_ROW, &holds, s, e);
        if (code == AS_OK && holds == AS_FALSE)
            code = as_bound_blame(c->parts[i], row, AS_NO_ROW, &blamed, s, e);
        if (code == AS_OK && blamed != AS_NO_FIELD && !not_in_file(c, blamed)) {
            *field = blamed;
            break;
        }
    }
    return code;
}

static as_code add_finding(const context *c, uint32_t row, as_scratch *s, as_scan_part *part,
                           as_err *e)
{
    as_finding f = {row, c->field, AS_NO_ROW, 0};
    as_code code = AS_OK;
    if (f.field == AS_NO_FIELD)
        code = as_bound_blame(c->expect, row, AS_NO_ROW, &f.field, s, e);
    if (code == AS_OK && not_in_file(c, f.field))
        code = blame_another(c, row, &f.field, s, e);
    if (code != AS_OK)
        return code;
    if (not_in_file(c, f.field))
        part->undecided++;
    else if (!as_findings_add(&part->findings, f))
        code = as_fail_nomem(e);
    return code;
}

/* Of a block: selected rows, those of them that are undecided, that are findings. */
typedef struct weight {
    uint32_t selected, undecided, wrong;
} weight;

/* bad[i]: the row is selected and the condition is false. */
AS_CPU_LOOP weigh_loop(const uint8_t *restrict where, const uint8_t *restrict expect,
                       uint32_t n, uint8_t *restrict bad, weight *restrict out)
{
    uint32_t selected = 0, undecided = 0, wrong = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint8_t in = where[i] == AS_TRUE;
        uint8_t open = in & (expect[i] == AS_UNDECIDED);
        bad[i] = in & (expect[i] == AS_FALSE);
        selected += in;
        undecided += open;
        wrong += bad[i];
    }
    *out = (weight){selected, undecided, wrong};
}
AS_CPU_VERSIONS(weigh,
                (const uint8_t *where, const uint8_t *expect, uint32_t n, uint8_t *bad,
                 weight *out),
                (where, expect, n, bad, out))

static as_code look(void *arg, unsigned worker, uint32_t begin, uint32_t n, as_scan_part *part,
                    as_err *e)
{
    const context *c = arg;
    as_scratch *s = c->ev->scratch[worker];
    uint8_t where[AS_BLOCK], expect[AS_BLOCK], bad[AS_BLOCK];
    as_code code = as_bound_block(c->where, begin, n, where, s, e);
    if (code != AS_OK || (c->where && !memchr(where, AS_TRUE, n)))
        return code;
    code = as_bound_block(c->expect, begin, n, expect, s, e);
    if (code != AS_OK)
        return code;
    weight all;
    weigh(where, expect, n, bad, &all);
    part->selected += all.selected;
    part->undecided += all.undecided;
    const uint8_t *at = bad;
    for (uint32_t left = all.wrong; code == AS_OK && left; left--, at++) {
        at = memchr(at, 1, (size_t)(bad + n - at));
        code = add_finding(c, begin + (uint32_t)(at - bad), s, part, e);
    }
    return code;
}

static as_code bind_parts(context *c, const as_cond *expect, as_err *e)
{
    size_t count = expect->op == AS_COND_ALL ? expect->kid_count : 0;
    c->parts = AS_NEW_N(c->ev->arena, as_bound *, count + 1);
    as_code code = c->parts ? AS_OK : as_fail_nomem(e);
    for (; code == AS_OK && c->part_count < count; c->part_count++)
        code = as_bound_make(&c->parts[c->part_count], expect->kids[c->part_count], c->table,
                             NULL, c->ev->arena, e);
    return code;
}

static void note_absent(void *arg, as_side side, uint32_t field)
{
    context *c = arg;
    if (side == AS_SIDE_SELF && not_in_file(c, field))
        c->lacks = true;
}

static as_code eval(as_eval *ev, const as_bind *b, const void *plan_, as_result *out, as_err *e)
{
    const plan *p = plan_;
    const as_table *t;
    as_bound *where, *expect;
    as_code code = as_eval_table(ev, b, b->rule->table, &t, e);
    if (code == AS_OK)
        code = as_bound_make(&where, b->where, t, NULL, ev->arena, e);
    if (code == AS_OK)
        code = as_bound_make(&expect, p->expect, t, NULL, ev->arena, e);
    if (code != AS_OK)
        return code;
    context c = {.ev = ev, .table = t, .where = where, .expect = expect, .field = p->field};
    as_cond_fields(p->expect, note_absent, &c);
    if (c.lacks)
        code = bind_parts(&c, p->expect, e);
    if (code != AS_OK)
        return code;
    return as_scan(ev, t->rows, look, &c, out, e);
}

static as_code describe(const as_eval *ev, const as_bind *b, const void *plan_,
                        const as_result *r, const as_finding *f, as_evidence *out, as_err *e)
{
    (void)r;
    const plan *p = plan_;
    out->expected = p->expected;
    as_code code = as_evidence_tables(ev, b, AS_NONE, out, e);
    if (code == AS_OK && f->field != AS_NO_FIELD) {
        AS_SAY(out, b->schema->fields[f->field].name, AS_STR(" is "));
        code = as_say_own(out, f->row, f->field, e);
        AS_SAY(out, AS_STR(", expected: "), p->expected);
    } else {
        AS_SAY(out, AS_STR("does not hold: "), p->expected);
    }
    return code;
}

static const as_param_doc params[] = {
    {"", "condition", true,
     "What must hold for each selected record; where it is undecided, the record passes and is "
     "counted."},
    {NULL, NULL, false, NULL},
};

const as_check_kind as_check_expect = {
    .name = "expect",
    .summary = "records that break a condition",
    .detail = "A finding for each record that `where` selects and for which the condition is "
              "false.\n\n"
              "A comparison with a null is undecided: `{min: 1}` alone lets a null pass and "
              "counts it, while\n"
              "`{present: true, min: 1}` makes it a finding. Where the file does not have the "
              "column at all,\n"
              "that is undecided too; the other parts are decided all the same. A rule all of "
              "whose records "
              "are undecided\n"
              "is `empty`.\n"
              "The finding names the field of the first part of the condition that fails, in "
              "reading order.",
    .level = AS_LEVEL_RECORD,
    .needs_table = true,
    .params = params,
    .example =
        "rules:\n"
        "  - id: EX-EXP-001\n"
        "    name: places-missing\n"
        "    title: Every active provider has places above zero\n"
        "    why: A null or zero count is replaced by an estimate in the published figures.\n"
        "    table: providers\n"
        "    where: {provision_type: {list: types_with_places}, registration_status: Active}\n"
        "    expect: {places: {present: true, min: 1}}\n"
        "    message: \"{urn}: {provision_type} has {places} places\"\n"
        "    flags:\n"
        "      - {urn: A1, provision_type: Children's home, registration_status: Active, "
        "places: 0}\n"
        "      - {urn: A3, provision_type: Children's home, registration_status: Active}\n"
        "    passes:\n"
        "      - {urn: A2, provision_type: Children's home, registration_status: Active, "
        "places: 4}\n"
        "      - {urn: A4, provision_type: Children's home, registration_status: Resigned, "
        "places: 0}\n",
    .bind = bind,
    .eval = eval,
    .describe = describe,
};
