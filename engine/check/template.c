/* template.c: the skeleton of a check kind. To make one:
 *
 *  1. Copy this file to engine/check/NAME.c and rename as_check_template to as_check_NAME.
 *  2. Add the line AS_CHECK(NAME) to checks.def. Nothing else lists the kinds: help, the
 * reference page, the JSON Schema and the self-test come from the descriptor at the end of the
 * file.
 *  3. Write the example as a user would; a test runs its flags and passes.
 *  4. Add a test with expected values worked out by hand to tests/unit/test_checks.c, and one
 * against SQL to tests/unit/test_oracle.c.
 *
 * This one finds records whose number is above a limit:  template: {field: places, max: 5}
 * It is not in checks.def and not part of the program; a test compiles and runs it, so that it
 * stays true. */
#include "check/evidence.h"
#include "check/params.h"
#include "check/scan.h"

#include <math.h>

/* What bind finds out and eval needs; lives as long as the plan, never changes after bind. */
typedef struct template_plan {
    uint32_t field;
    double max;
} template_plan;

extern const as_check_kind as_check_template;

/* Once, before any data is read. Every mistake goes to b->diags (the as_params_ functions do
 * that) and bind still returns AS_OK; another code means that binding itself failed, for want
 * of memory say. */
static as_code template_bind(as_bind *b, void **out, as_err *e)
{
    template_plan *p = AS_NEW(b->arena, template_plan);
    if (!p)
        return as_fail_nomem(e);
    *out = p;
    if (!as_params_block(b, &as_check_template))
        return AS_OK;
    p->field = as_params_field(b, b->schema, as_params_get(b, "field"), "template: field");
    as_params_number(b, as_params_get(b, "max"), "template: max", &p->max);
    as_bind_read(b, p->field); /* read from the file, and shown with findings */
    return AS_OK;
}

/* What the workers share; nobody writes to it while they run. */
typedef struct template_context {
    const as_eval *ev;
    const template_plan *p;
    const as_table *t;
    const as_bound *where;
} template_context;

/* A block of rows on one worker. Look-up tables per distinct value and native loops belong
 * here; this loop goes cell by cell because it is short. */
static as_code template_look(void *arg, unsigned worker, uint32_t begin, uint32_t n,
                             as_scan_part *part, as_err *e)
{
    const template_context *c = arg;
    uint8_t where[AS_BLOCK];
    as_code code = as_bound_block(c->where, begin, n, where, c->ev->scratch[worker], e);
    for (uint32_t i = 0; code == AS_OK && i < n; i++) {
        if (where[i] != AS_TRUE)
            continue;
        double x = as_cell_num(&c->t->columns[c->p->field], begin + i);
        part->selected++;
        part->undecided += isnan(x) ? 1 : 0;
        as_finding f = {begin + i, c->p->field, AS_NO_ROW, 0};
        if (x > c->p->max && !as_findings_add(&part->findings, f))
            code = as_fail_nomem(e);
    }
    return code;
}

/* Once, on loaded tables. as_scan cuts the table into blocks for all workers and puts the
 * findings into row order. */
static as_code template_eval(as_eval *ev, const as_bind *b, const void *plan, as_result *out,
                             as_err *e)
{
    template_context c = {.ev = ev, .p = plan};
    as_bound *where = NULL;
    as_code code = as_eval_table(ev, b, b->rule->table, &c.t, e);
    if (code == AS_OK)
        code = as_bound_make(&where, b->where, c.t, NULL, ev->arena, e);
    if (code != AS_OK)
        return code;
    c.where = where;
    return as_scan(ev, c.t->rows, template_look, &c, out, e);
}

/* For each finding that is told; several threads may call it at once. Key, place, values and
 * fingerprint are filled by the caller (evidence.h). as_evidence_value masks sensitive fields:
 * never put a cell into a sentence without it. */
static as_code template_describe(const as_eval *ev, const as_bind *b, const void *plan,
                                 const as_result *r, const as_finding *f, as_evidence *out,
                                 as_err *e)
{
    const template_plan *p = plan;
    const as_table *t;
    as_str value;
    (void)r;
    as_code code = as_eval_table(ev, b, b->rule->table, &t, e);
    if (code == AS_OK)
        code = as_evidence_value(t, f->row, p->field, out->arena, &value, e);
    if (code != AS_OK)
        return code;
    out->expected = as_arena_printf(out->arena, "at most %g", p->max);
    out->sentence = as_arena_printf(out->arena, "%.*s is %.*s, %.*s expected",
                                    AS_FMT(b->schema->fields[p->field].name), AS_FMT(value),
                                    AS_FMT(out->expected));
    return out->expected.ptr && out->sentence.ptr ? AS_OK : as_fail_nomem(e);
}

static const as_param_doc template_params[] = {
    {"field", "field", true, "The field, a number."},
    {"max", "number", true, "The largest value that is no finding."},
    {NULL, NULL, false, NULL},
};

const as_check_kind as_check_template = {
    .name = "template",
    .summary = "numbers above a limit",
    .detail = "One or two paragraphs for the reference page: what is found, what null does, "
              "what is counted.",
    .level = AS_LEVEL_RECORD,
    .needs_table = true,
    .params = template_params,
    .example = "rules:\n"
               "  - id: EX-TPL-001\n"
               "    title: No provider has more than five places\n"
               "    table: providers\n"
               "    template: {field: places, max: 5}\n"
               "    flags: [{urn: A1, places: 6}]\n"
               "    passes: [{urn: A2, places: 5}]\n",
    .bind = template_bind,
    .eval = template_eval,
    .describe = template_describe,
};
