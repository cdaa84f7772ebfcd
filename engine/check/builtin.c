/* builtin.c: the rules that come with a schema, and their kinds.
 *
 *   TABLE.FIELD.type     error  a cell that does not parse as its type (integer, number, date)
 *   TABLE.FIELD.unknown  error  a value on no line of its code list
 *   TABLE.FIELD.variant  info   a value that needed mapping to its code
 *   TABLE.rows.ragged    error  a row with too many or too few cells
 *
 * Reading has found all of this already: the kinds only turn it into findings, so nothing is
 * corrected in silence and a clean column costs nothing. A rule's field is its `name`; it has
 * no `spec`. An absent column is nothing to complain of here (`required` is), so the rules of a
 * field pass where they looked at nothing. TABLE.rows.ragged does not: a table without records
 * is `empty` even where no other rule reads it. */
#include "check/builtin.h"

#include "check/evidence.h"
#include "check/params.h"
#include "check/scan.h"

typedef struct sort {
    const char *kind;
    as_severity severity;
    const char *title; /* %s: the field */
    const char *why;
} sort;

static const sort type_sort = {
    "type", AS_SEV_ERROR, "Every value of %s can be read as its type",
    "A value that cannot be read is left out of every count and sum."};
static const sort unknown_sort = {
    "unknown", AS_SEV_ERROR, "Every value of %s is on its code list",
    "A value on no line of the list is in no group of the figures."};
static const sort variant_sort = {"variant", AS_SEV_INFO,
                                  "Every value of %s is written as its code list has it",
                                  "A variant is counted as the code that it stands for."};
static const sort ragged_sort = {
    "ragged", AS_SEV_ERROR, "Every row has as many cells as the header",
    "In a row with too many or too few cells, values may be in the wrong columns."};

/* ---- making the rules ---- */

typedef struct maker {
    const as_project *p;
    as_arena *a;
    as_rule *rules;
    size_t count;
} maker;

static bool add_rule(maker *m, const as_release_table *t, as_str field, const sort *s,
                     as_span at)
{
    as_rule r = {.name = field,
                 .kind = as_str_from(s->kind),
                 .severity = s->severity,
                 .table = t->name,
                 .schema = t->schema_name,
                 .why = as_str_from(s->why),
                 .on_empty_pass = s != &ragged_sort, /* it looks at every record */
                 .at = at};
    r.id = as_arena_printf(m->a, "%.*s.%.*s.%s", AS_FMT(t->name), AS_FMT(field), s->kind);
    const char *hole = strstr(s->title, "%s");
    r.title = hole ? as_arena_printf(m->a, "%.*s%.*s%s", (int)(hole - s->title), s->title,
                                     AS_FMT(field), hole + 2)
                   : as_str_from(s->title);
    as_project_override(m->p, &r);
    m->rules[m->count++] = r;
    return r.id.ptr && r.title.ptr;
}

static bool add_field(maker *m, const as_release_table *t, const as_field *f)
{
    switch (f->type) {
    case AS_TYPE_TEXT:
        return true; /* any text is one */
    case AS_TYPE_CODE:
        return !f->list || (add_rule(m, t, f->name, &unknown_sort, f->at) &&
                            add_rule(m, t, f->name, &variant_sort, f->at));
    default:
        return add_rule(m, t, f->name, &type_sort, f->at);
    }
}

as_code as_builtin_rules(const as_project *p, as_arena *a, as_rule **out, size_t *count,
                         as_diags *d, as_err *e)
{
    (void)d; /* release.yaml's overrides were checked when it was read */
    size_t most = 0;
    for (size_t i = 0; i < p->table_count; i++)
        most += 1 + 2 * (p->tables[i].schema ? p->tables[i].schema->count : 0);
    maker m = {p, a, AS_NEW_N(a, as_rule, most + 1), 0};
    bool ok = m.rules != NULL;
    for (size_t i = 0; ok && i < p->table_count; i++) {
        const as_release_table *t = &p->tables[i];
        if (!t->schema)
            continue; /* reported with the table */
        for (size_t k = 0; ok && k < t->schema->count; k++)
            ok = add_field(&m, t, &t->schema->fields[k]);
        ok = ok && add_rule(&m, t, AS_STR("rows"), &ragged_sort, t->schema->at);
    }
    *out = m.rules;
    *count = m.count;
    return ok ? AS_OK : as_fail_nomem(e);
}

bool as_builtin_is(const as_rule *r)
{
    return !r->spec && !r->node &&
           (as_str_eq(r->kind, AS_STR("type")) || as_str_eq(r->kind, AS_STR("unknown")) ||
            as_str_eq(r->kind, AS_STR("variant")) || as_str_eq(r->kind, AS_STR("ragged")));
}

/* ---- the kinds ---- */

typedef struct plan {
    uint32_t field; /* AS_NO_FIELD: ragged */
} plan;

static as_code bind(as_bind *b, void **out, as_err *e)
{
    plan *p = AS_NEW(b->arena, plan);
    if (!p)
        return as_fail_nomem(e);
    *out = p;
    p->field = AS_NO_FIELD;
    if (!as_str_eq(b->rule->kind, AS_STR("ragged")))
        p->field = as_schema_field(b->schema, b->rule->name);
    for (size_t i = 0; i < b->schema->key_count; i++)
        as_bind_show(b, b->schema->key[i]);
    if (p->field != AS_NO_FIELD)
        as_bind_read(b, p->field);
    return AS_OK;
}

static as_code find_column(const as_eval *ev, const as_bind *b, const plan *p,
                           const as_table **t, const as_column **c, as_result *out, as_err *e)
{
    as_code code = as_eval_table(ev, b, b->rule->table, t, e);
    if (code != AS_OK)
        return code;
    *c = &(*t)->columns[p->field];
    if (!(*c)->present)
        out->note = AS_STR("the file has no such column");
    return AS_OK;
}

static as_code eval_type(as_eval *ev, const as_bind *b, const void *plan_, as_result *out,
                         as_err *e)
{
    const plan *p = plan_;
    const as_table *t;
    const as_column *c;
    as_code code = find_column(ev, b, p, &t, &c, out, e);
    if (code != AS_OK)
        return code;
    out->selected = t->rows - c->null_count + c->bad_count;
    for (size_t i = 0; i < c->bad_count; i++)
        if (!as_findings_add(&out->findings,
                             (as_finding){c->bad[i].row, p->field, AS_NO_ROW, 0}))
            return as_fail_nomem(e);
    return AS_OK;
}

/* ---- unknown, variant: per distinct spelling, then the rows that have it ---- */

typedef struct context {
    const as_table *t;
    const as_column *c;
    const uint8_t *wrong; /* by code */
    uint32_t field;
} context;

static as_code look(void *arg, unsigned worker, uint32_t begin, uint32_t n, as_scan_part *part,
                    as_err *e)
{
    const context *c = arg;
    uint32_t codes[AS_BLOCK];
    (void)worker;
    as_column_block_codes(c->c, begin, n, codes);
    for (uint32_t i = 0; i < n; i++)
        if (c->wrong[codes[i]] &&
            !as_findings_add(&part->findings, (as_finding){begin + i, c->field, AS_NO_ROW, 0}))
            return as_fail_nomem(e);
    return AS_OK;
}

static as_code eval_status(as_eval *ev, const as_bind *b, const plan *p, as_code_status status,
                           as_result *out, as_err *e)
{
    const as_table *t;
    const as_column *c;
    bool any = false;
    as_code code = find_column(ev, b, p, &t, &c, out, e);
    if (code != AS_OK || c->layout != AS_LAYOUT_DICT)
        return code;
    uint8_t *wrong = AS_NEW_N(ev->arena, uint8_t, (size_t)c->dict.count + 1);
    if (!wrong)
        return as_fail_nomem(e);
    for (uint32_t i = 1; i < c->dict.count; i++) {
        wrong[i] = c->dict.entries[i].status == status;
        any = any || wrong[i];
    }
    out->selected = t->rows - c->null_count;
    context x = {t, c, wrong, p->field};
    return any ? as_scan(ev, t->rows, look, &x, out, e) : AS_OK;
}

static as_code eval_unknown(as_eval *ev, const as_bind *b, const void *p, as_result *out,
                            as_err *e)
{
    return eval_status(ev, b, p, AS_CODE_UNKNOWN, out, e);
}

static as_code eval_variant(as_eval *ev, const as_bind *b, const void *p, as_result *out,
                            as_err *e)
{
    return eval_status(ev, b, p, AS_CODE_VARIANT, out, e);
}

static as_code eval_ragged(as_eval *ev, const as_bind *b, const void *p, as_result *out,
                           as_err *e)
{
    const as_table *t;
    (void)p;
    as_code code = as_eval_table(ev, b, b->rule->table, &t, e);
    if (code != AS_OK)
        return code;
    out->selected = t->rows;
    for (size_t i = 0; i < t->report.ragged_count; i++) {
        as_finding f = {t->report.ragged[i].row, AS_NO_FIELD, AS_NO_ROW, (uint32_t)i};
        if (!as_findings_add(&out->findings, f))
            return as_fail_nomem(e);
    }
    return AS_OK;
}

/* ---- describe ---- */

static as_str type_words(as_arena *a, const as_field *f)
{
    if (f->type == AS_TYPE_INTEGER)
        return AS_STR("a whole number");
    if (f->type == AS_TYPE_NUMBER)
        return AS_STR("a number");
    as_buf buf = AS_BUF(AS_EVIDENCE_MAX);
    as_buf_add(&buf, AS_STR("a date written as"));
    for (size_t i = 0; i < f->format_count; i++)
        as_buf_addf(&buf, "%s %.*s", i ? " or" : "", AS_FMT(f->formats[i]));
    as_str out = buf.failed ? AS_NONE : as_arena_str(a, as_buf_str(&buf));
    as_buf_free(&buf);
    return out;
}

static as_code describe(const as_eval *ev, const as_bind *b, const void *plan_,
                        const as_result *r, const as_finding *f, as_evidence *out, as_err *e)
{
    const plan *p = plan_;
    const as_field *field = &b->schema->fields[p->field];
    const as_table *t;
    as_str value;
    as_buf tmp = AS_BUF(AS_FIELD_MAX);
    (void)r;
    as_code code = as_eval_table(ev, b, b->rule->table, &t, e);
    if (code == AS_OK)
        code = as_evidence_value(t, f->row, p->field, out->arena, &value, e);
    if (code != AS_OK)
        return code;
    if (field->type != AS_TYPE_CODE) {
        out->expected = type_words(out->arena, field);
        out->sentence =
            as_arena_printf(out->arena, "%.*s is \"%.*s\", which is not %.*s",
                            AS_FMT(field->name), AS_FMT(value), AS_FMT(out->expected));
    } else if (as_str_eq(b->rule->kind, AS_STR("unknown"))) {
        out->expected =
            as_arena_printf(out->arena, "a code of %.*s", AS_FMT(field->list->name));
        out->sentence =
            as_arena_printf(out->arena, "%.*s is \"%.*s\", which is not on the code list %.*s",
                            AS_FMT(field->name), AS_FMT(value), AS_FMT(field->list->name));
    } else {
        out->settled = true; /* it is read as its code */
        as_str canon = as_cell_text(t, &t->columns[p->field], f->row, &tmp);
        out->expected = field->sensitive ? AS_STR("its code") : as_arena_str(out->arena, canon);
        out->sentence =
            as_arena_printf(out->arena, "%.*s is written \"%.*s\" and was read as \"%.*s\"",
                            AS_FMT(field->name), AS_FMT(value), AS_FMT(out->expected));
    }
    as_buf_free(&tmp);
    return out->expected.ptr && out->sentence.ptr ? AS_OK : as_fail_nomem(e);
}

static as_code describe_ragged(const as_eval *ev, const as_bind *b, const void *plan_,
                               const as_result *r, const as_finding *f, as_evidence *out,
                               as_err *e)
{
    const as_table *t;
    (void)plan_, (void)r;
    as_code code = as_eval_table(ev, b, b->rule->table, &t, e);
    if (code != AS_OK)
        return code;
    const as_ragged *x = &t->report.ragged[f->detail];
    out->expected = as_arena_printf(out->arena, "%u cells", x->expected);
    out->sentence = as_arena_printf(out->arena, "the row has %u %s, the header has %u",
                                    x->cells, x->cells == 1 ? "cell" : "cells", x->expected);
    return out->expected.ptr && out->sentence.ptr ? AS_OK : as_fail_nomem(e);
}

static const as_param_doc no_params[] = {{NULL, NULL, false, NULL}};

const as_check_kind as_check_type = {
    .name = "type",
    .summary = "a cell that does not parse as its type",
    .detail = "Comes with every integer, number and date field of a schema. The cell is null "
              "for all other rules;\n"
              "the finding keeps its text.",
    .level = AS_LEVEL_RECORD,
    .needs_table = true,
    .params = no_params,
    .bind = bind,
    .eval = eval_type,
    .describe = describe,
};

const as_check_kind as_check_unknown = {
    .name = "unknown",
    .summary = "a value on no line of its code list",
    .detail = "Comes with every field of a code list.",
    .level = AS_LEVEL_RECORD,
    .needs_table = true,
    .params = no_params,
    .bind = bind,
    .eval = eval_unknown,
    .describe = describe,
};

const as_check_kind as_check_variant = {
    .name = "variant",
    .summary = "a value that needed mapping to its code",
    .detail = "Comes with every field of a code list. The value counts as the code that it "
              "stands for; nothing is\n"
              "corrected in silence.",
    .level = AS_LEVEL_RECORD,
    .needs_table = true,
    .params = no_params,
    .bind = bind,
    .eval = eval_variant,
    .describe = describe,
};

const as_check_kind as_check_ragged = {
    .name = "ragged",
    .summary = "a row with too many or too few cells",
    .detail = "Comes with every table. The row is a record all the same; the cells that it "
              "lacks are null.",
    .level = AS_LEVEL_RECORD,
    .needs_table = true,
    .params = no_params,
    .bind = bind,
    .eval = eval_ragged,
    .describe = describe_ragged,
};
