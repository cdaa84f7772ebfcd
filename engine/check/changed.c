/* changed.c: fields that differ from the record with the same key in another table (last year's
 * snapshot).
 *
 * Where several rows of the other table share the key, a field has changed only when it differs
 * from all of them: the answer does not depend on how that file is sorted. Numbers compare
 * within the tolerance, which is relative to the other table's value; texts as rules see them.
 */
#include "check/evidence.h"
#include "check/pairs.h"
#include "check/params.h"
#include "check/scan.h"
#include <math.h>

#define FIELDS_MAX 64

/* One end of an allowed transition. */
typedef struct end {
    const as_literal *values;
    size_t count;
    bool null, any;
} end;

typedef struct transition {
    end from, to;
} transition;

/* A field to compare; the other table's is of the same name. */
typedef struct pair {
    uint32_t self, other;
    const as_cond *same; /* self same_as other */
    bool said;           /* the message shows the other table's value */
    transition *allowed;
    size_t allowed_count;
    bool number;
} pair;

typedef struct plan {
    as_str from;
    const as_schema *other;
    uint32_t self_key[AS_KEY_FIELDS_MAX], other_key[AS_KEY_FIELDS_MAX];
    size_t key_count;
    pair pairs[FIELDS_MAX];
    size_t count;
    as_tolerance tolerance;
    bool has_tolerance, nulls_differ;
} plan;

extern const as_check_kind as_check_changed;

/* ---- bind ---- */

static uint32_t other_field(as_bind *b, const plan *p, uint32_t self, const as_node *at)
{
    const as_field *f = &b->schema->fields[self];
    uint32_t other = as_schema_field(p->other, f->name);
    if (other == AS_NO_FIELD) {
        as_params_error(b, at, NULL, "changed: table %.*s has no field %.*s", AS_FMT(p->from),
                        AS_FMT(f->name));
        return other;
    }
    bool text = f->type == AS_TYPE_TEXT || f->type == AS_TYPE_CODE;
    as_type theirs = p->other->fields[other].type;
    bool their_text = theirs == AS_TYPE_TEXT || theirs == AS_TYPE_CODE;
    if (text == their_text && (f->type == AS_TYPE_DATE) == (theirs == AS_TYPE_DATE))
        return other;
    as_params_error(b, at, NULL, "changed: %.*s is %s here and %s in %.*s", AS_FMT(f->name),
                    as_type_name(f->type), as_type_name(theirs), AS_FMT(p->from));
    return AS_NO_FIELD;
}

static void bind_key(as_bind *b, plan *p)
{
    const as_node *n = as_params_get(b, "key");
    if (n) {
        as_params_fields(b, b->schema, n, "changed: key", p->self_key, &p->key_count,
                         AS_KEY_FIELDS_MAX);
    } else {
        p->key_count = b->schema->key_count;
        memcpy(p->self_key, b->schema->key, p->key_count * sizeof *p->self_key);
        if (p->key_count == 0)
            as_params_error(b, b->rule->spec, "Add `key: [field]`.",
                            "changed: the schema of %.*s has no key to find the record by",
                            AS_FMT(b->rule->table));
    }
    for (size_t i = 0; i < p->key_count; i++) {
        p->other_key[i] = other_field(b, p, p->self_key[i], n);
        as_bind_read(b, p->self_key[i]);
        as_bind_want(b, p->from, p->other_key[i]);
    }
}

static as_code bind_end(as_bind *b, uint32_t field, const as_node *n, end *out, as_err *e)
{
    bool list = n && n->kind == AS_NODE_SEQ;
    size_t count = list ? n->count : n ? 1 : 0;
    as_literal *values = AS_NEW_N(b->arena, as_literal, count + 1);
    *out = (end){values, 0, false, n == NULL};
    if (!values)
        return as_fail_nomem(e);
    for (size_t i = 0; i < count; i++) {
        const as_node *one = list ? n->items[i] : n;
        if (as_node_is_null(one))
            out->null = true;
        else if (as_literal_parse(&b->env, &b->schema->fields[field], one, &values[out->count]))
            out->count++;
    }
    return AS_OK;
}

static as_code bind_allowed(as_bind *b, pair *p, const as_node *n, as_err *e)
{
    p->allowed = AS_NEW_N(b->arena, transition, n->count + 1);
    if (!p->allowed)
        return as_fail_nomem(e);
    for (size_t i = 0; i < n->count; i++) {
        const as_node *one = n->items[i];
        transition *t = &p->allowed[p->allowed_count++];
        if (one->kind != AS_NODE_MAP) {
            as_params_error(b, one, "Write {from: Private, to: Voluntary}.",
                            "changed: an allowed transition is a mapping");
            continue;
        }
        as_keys_check(one, as_check_changed.params, "allow.*", "changed: allow", b->diags);
        as_code code = bind_end(b, p->self, as_node_get(one, "from"), &t->from, e);
        if (code == AS_OK)
            code = bind_end(b, p->self, as_node_get(one, "to"), &t->to, e);
        if (code != AS_OK)
            return code;
    }
    return AS_OK;
}

static as_code bind_pair(as_bind *b, plan *p, uint32_t self, const as_node *at, as_err *e)
{
    const as_node *allow = as_params_get(b, "allow");
    as_cond *same = AS_NEW(b->arena, as_cond);
    pair *x = &p->pairs[p->count];
    if (!same)
        return as_fail_nomem(e);
    uint32_t other = other_field(b, p, self, at);
    if (other == AS_NO_FIELD)
        return AS_OK;
    *same = (as_cond){.op = AS_COND_SAME,
                      .at = b->rule->at,
                      .field = self,
                      .side = AS_SIDE_SELF,
                      .other = other,
                      .other_side = AS_SIDE_OTHER};
    as_type type = b->schema->fields[self].type;
    *x = (pair){.self = self,
                .other = other,
                .same = same,
                .number = type == AS_TYPE_INTEGER || type == AS_TYPE_NUMBER};
    p->count++;
    as_bind_read(b, self);
    as_bind_want(b, p->from, other);
    as_str name = as_arena_printf(b->arena, "%.*s.%.*s", AS_FMT(p->from),
                                  AS_FMT(b->schema->fields[self].name));
    if (!name.ptr)
        return as_fail_nomem(e);
    as_bind_extra(b, name);
    x->said = as_message_names(b->rule, name);
    return allow && allow->kind == AS_NODE_SEQ ? bind_allowed(b, x, allow, e) : AS_OK;
}

static void bind_options(as_bind *b, plan *p)
{
    static const char *const names[] = {"ignore", "differ", NULL};
    const as_node *tolerance = as_params_get(b, "tolerance"),
                  *allow = as_params_get(b, "allow");
    int choice = 0;
    bool number = false;
    as_params_enum(b, as_params_get(b, "nulls"), "changed: nulls", names, &choice);
    p->nulls_differ = choice == 1;
    p->has_tolerance = as_params_tolerance(b, tolerance, "changed: tolerance", &p->tolerance);
    for (size_t i = 0; i < p->count; i++)
        number = number || p->pairs[i].number;
    if (tolerance && !number && p->count)
        as_params_error(b, tolerance, NULL,
                        "changed: a tolerance is for numbers, and no field is one");
    if (allow && allow->kind != AS_NODE_SEQ)
        as_params_error(b, allow, "Write allow: [{from: Private, to: Voluntary}].",
                        "changed: `allow` is a list of transitions");
}

/* A field of the key is the same in both records: it finds them. */
static void check_in_key(as_bind *b, const plan *p, uint32_t field, const as_node *at)
{
    for (size_t i = 0; i < p->key_count; i++)
        if (p->self_key[i] == field)
            as_diag_add(b->diags, AS_DIAG_WARNING, at->at, "name the fields that may differ",
                        "%.*s: `%.*s` is part of the key by which the record is found in %.*s, "
                        "so it never differs",
                        AS_FMT(b->rule->id), AS_FMT(b->schema->fields[field].name),
                        AS_FMT(p->from));
}

static as_code bind(as_bind *b, void **out, as_err *e)
{
    uint32_t fields[FIELDS_MAX];
    size_t count = 0;
    plan *p = AS_NEW(b->arena, plan);
    as_code code = AS_OK;
    if (!p)
        return as_fail_nomem(e);
    *out = p;
    if (!as_params_block(b, &as_check_changed))
        return AS_OK;
    p->other = as_params_table(b, as_params_get(b, "from"), "changed: from", &p->from);
    if (!p->other)
        return AS_OK;
    as_bind_want(b, p->from, AS_NO_FIELD);
    bind_key(b, p);
    const as_node *n = as_params_get(b, "fields");
    as_params_fields(b, b->schema, n, "changed: fields", fields, &count, FIELDS_MAX);
    for (size_t i = 0; code == AS_OK && i < count; i++) {
        check_in_key(b, p, fields[i], n);
        code = bind_pair(b, p, fields[i], n, e);
    }
    bind_options(b, p);
    b->ask = (as_other_ask){
        .table = p->from, .count = p->key_count, .date = AS_NO_FIELD, .self = b->rule->table};
    memcpy(b->ask.fields, p->other_key, sizeof p->other_key);
    memcpy(b->ask.mine, p->self_key, sizeof p->self_key);
    return code;
}

/* ---- eval ---- */

typedef enum answer { SAME, OPEN, DIFFERS } answer;

typedef struct context {
    const as_eval *ev;
    const plan *p;
    const as_table *self, *other;
    const as_bound *where;
    as_bound **same; /* one a pair */
    as_probe probe;
    const as_index *index;
} context;

static bool end_has(const end *x, const as_table *t, uint32_t field, uint32_t row)
{
    const as_column *c = &t->columns[field];
    as_buf tmp = AS_BUF(AS_FIELD_MAX);
    bool found = x->any;
    if (as_cell_null(c, row))
        return x->any || x->null;
    for (size_t i = 0; !found && i < x->count; i++) {
        const as_literal *l = &x->values[i];
        if (c->layout == AS_LAYOUT_DATE)
            found = as_cell_date(c, row) == l->d;
        else if (c->layout == AS_LAYOUT_INT || c->layout == AS_LAYOUT_NUM)
            found = as_cell_num(c, row) == l->f;
        else
            found = as_str_eq(as_cell_text(t, c, row, &tmp), l->text);
    }
    as_buf_free(&tmp);
    return found;
}

static bool is_allowed(const context *c, const pair *x, uint32_t row, uint32_t other)
{
    for (size_t i = 0; i < x->allowed_count; i++)
        if (end_has(&x->allowed[i].from, c->other, x->other, other) &&
            end_has(&x->allowed[i].to, c->self, x->self, row))
            return true;
    return false;
}

/* One field of one pair of records. */
static as_code compare(const context *c, size_t k, uint32_t row, uint32_t other, answer *out,
                       as_scratch *s, as_err *e)
{
    const pair *x = &c->p->pairs[k];
    const as_column *mine = &c->self->columns[x->self], *theirs = &c->other->columns[x->other];
    bool null = as_cell_null(mine, row), other_null = as_cell_null(theirs, other);
    as_truth truth = AS_FALSE;
    as_code code = AS_OK;
    *out = SAME;
    if (null || other_null) {
        if (!c->p->nulls_differ) {
            *out = OPEN;
            return AS_OK;
        }
        truth = null && other_null ? AS_TRUE : AS_FALSE;
    } else if (x->number && c->p->has_tolerance) {
        double a = as_cell_num(mine, row), before = as_cell_num(theirs, other);
        truth = as_within(a, before, before, c->p->tolerance) ? AS_TRUE : AS_FALSE;
    } else {
        code = as_bound_pair(c->same[k], row, other, &truth, s, e);
    }
    if (code == AS_OK && truth != AS_TRUE && !is_allowed(c, x, row, other))
        *out = DIFFERS;
    return code;
}

/* Against every row with the key: the best answer counts. */
static as_code compare_all(const context *c, size_t k, uint32_t row, uint32_t first,
                           answer *out, as_scratch *s, as_err *e)
{
    uint32_t seen = 0;
    as_code code = AS_OK;
    *out = DIFFERS;
    for (uint32_t other = first; code == AS_OK && *out != SAME && other != AS_NO_ROW;
         other = as_index_next(c->index, other)) {
        answer one;
        code = compare(c, k, row, other, &one, s, e);
        *out = one < *out ? one : *out;
        if (++seen > AS_CANDIDATES_MAX)
            return as_fail(e, AS_EBUDGET, AS_NOWHERE,
                           "more than %d rows of %.*s have the same key; give a `key` that "
                           "tells them apart",
                           AS_CANDIDATES_MAX, AS_FMT(c->p->from));
    }
    return code;
}

static as_code compare_record(const context *c, uint32_t row, uint32_t first,
                              as_scan_part *part, as_scratch *s, as_err *e)
{
    size_t open = 0;
    part->selected++;
    for (size_t k = 0; k < c->p->count; k++) {
        answer a;
        as_code code = compare_all(c, k, row, first, &a, s, e);
        if (code != AS_OK)
            return code;
        open += a == OPEN;
        as_finding f = {row, c->p->pairs[k].self, first, (uint32_t)k};
        if (a == DIFFERS && !as_findings_add(&part->findings, f))
            return as_fail_nomem(e);
    }
    part->undecided += open == c->p->count;
    return AS_OK;
}

/* Most records are as they were in the first row that has their key: those are counted here
 * and no longer selected in `where`. */
static as_code pass_same(const context *c, uint32_t begin, uint32_t n, const uint32_t *first,
                         uint8_t *where, as_scan_part *part, as_scratch *s, as_err *e)
{
    as_pairs x;
    as_code code = AS_OK;
    as_pairs_take(&x, begin, n, where, first);
    for (size_t k = 0; code == AS_OK && k < c->p->count; k++)
        code = as_pairs_keep(&x, c->same[k], s, e);
    if (code == AS_OK)
        part->selected += as_pairs_settle(&x, where);
    return code;
}

static as_code look(void *arg, unsigned worker, uint32_t begin, uint32_t n, as_scan_part *part,
                    as_err *e)
{
    const context *c = arg;
    as_scratch *s = c->ev->scratch[worker];
    uint8_t where[AS_BLOCK];
    uint32_t room[AS_BLOCK];
    as_code code = as_bound_block(c->where, begin, n, where, s, e);
    if (code != AS_OK || (c->where && !memchr(where, AS_TRUE, n)))
        return code;
    const uint32_t *first = as_probe_block(&c->probe, begin, n, room);
    code = pass_same(c, begin, n, first, where, part, s, e);
    for (uint32_t i = 0; code == AS_OK && i < n; i++) {
        if (where[i] != AS_TRUE)
            continue;
        part->key_nulls += first[i] == AS_KEY_NULL;
        if (first[i] < AS_KEY_NULL)
            code = compare_record(c, begin + i, first[i], part, s, e);
    }
    return code;
}

static as_code eval(as_eval *ev, const as_bind *b, const void *plan_, as_result *out, as_err *e)
{
    const plan *p = plan_;
    context c = {.ev = ev, .p = p, .same = AS_NEW_N(ev->arena, as_bound *, p->count + 1)};
    as_bound *where = NULL;
    const as_other_rows *rows = NULL;
    as_other_rows *own = NULL;
    if (!c.same)
        return as_fail_nomem(e);
    as_code code = as_eval_table(ev, b, b->rule->table, &c.self, e);
    if (code == AS_OK)
        code = as_eval_table(ev, b, p->from, &c.other, e);
    if (code == AS_OK)
        code = as_bound_make(&where, b->where, c.self, NULL, ev->arena, e);
    for (size_t k = 0; code == AS_OK && k < p->count; k++)
        code = as_bound_make(&c.same[k], p->pairs[k].same, c.self, c.other, ev->arena, e);
    if (code == AS_OK)
        code = as_eval_other_rows(ev, b, &rows, &own, e);
    if (code != AS_OK)
        return code;
    c.where = where;
    c.index = rows->index;
    code = as_eval_probe(&c.probe, ev, b, c.self, rows, e);
    if (code == AS_OK)
        code = as_scan(ev, c.self->rows, look, &c, out, e);
    as_probe_close(&c.probe);
    as_other_rows_close(own);
    return code;
}

/* The other table's values of the fields that did not change, where the message shows them. */
static as_code say_others(const plan *p, const as_table *other, const as_finding *f,
                          as_evidence *out, as_err *e)
{
    as_code code = AS_OK;
    for (size_t k = 0; code == AS_OK && k < p->count; k++)
        if (k != f->detail && p->pairs[k].said)
            code = as_evidence_cell(out, other, f->other, p->pairs[k].other, e);
    return code;
}

static as_code describe(const as_eval *ev, const as_bind *b, const void *plan_,
                        const as_result *r, const as_finding *f, as_evidence *out, as_err *e)
{
    (void)r;
    const plan *p = plan_;
    const pair *x = &p->pairs[f->detail];
    const as_field *field = &b->schema->fields[x->self];
    as_str before;
    as_code code = as_evidence_tables(ev, b, p->from, out, e);
    const as_table *other = out->other_table;
    AS_SAY(out, field->name, AS_STR(" is "));
    if (code == AS_OK)
        code = as_say_own(out, f->row, x->self, e);
    if (code == AS_OK)
        code = as_evidence_value(other, f->other, x->other, out->arena, &before, e);
    if (code == AS_OK)
        code = as_evidence_cell(out, other, f->other, x->other, e);
    if (code == AS_OK)
        code = say_others(p, other, f, out, e);
    if (code != AS_OK)
        return code;
    out->expected =
        AS_JOIN(out->arena, field->name, AS_STR(" as in "), p->from, AS_STR(": "), before);
    AS_SAY(out, AS_STR(", and was "));
    as_say_extra(out, 0); /* `before`, as a value */
    AS_SAY(out, AS_STR(" in "), p->from);
    return out->expected.ptr ? AS_OK : as_fail_nomem(e);
}

static const as_param_doc params[] = {
    {"from", "table", true, "The table to compare with, last year's snapshot for example."},
    {"key", "fields", false, "What finds a record there; the schema's key by default."},
    {"fields", "fields", true,
     "The fields that must not differ; a finding for each that does."},
    {"allow", "list", false,
     "Transitions that are no finding: `[{from: Private, to: Voluntary}]`. An end left out is "
     "any value."},
    {"allow.*", "mapping", false, "One transition."},
    {"allow.*.from", "value or texts", false, "The other table's value, or several."},
    {"allow.*.to", "value or texts", false, "This record's value, or several."},
    {"tolerance", "number", false,
     "For numbers: absolute, or a percentage of the other table's value."},
    {"nulls", "enum:ignore|differ", false,
     "`ignore` (default): a null on either side decides nothing; `differ`: null against a "
     "value is a change."},
    {NULL, NULL, false, NULL},
};

const as_check_kind as_check_changed = {
    .name = "changed",
    .summary = "a field that differs from the same record in another table",
    .detail = "Looks at the selected records that have their key in the other table, and makes "
              "a finding for each of\n"
              "`fields` that differs there. Where several rows of the other table have the "
              "key, the field must differ\n"
              "from all of them. Records that are not in the other table are not looked at: "
              "`lookup` finds those.\n\n"
              "A message may use the other table's value of any of `fields`: "
              "`{providers_before.sector}`.",
    .level = AS_LEVEL_RECORD,
    .needs_table = true,
    .params = params,
    .example =
        "rules:\n"
        "  - id: EX-CHG-001\n"
        "    name: sector-changed\n"
        "    title: The sector of a provider is that of last year\n"
        "    why: A setting recorded as private instead of voluntary moves counts between "
        "sectors.\n"
        "    severity: warning\n"
        "    table: providers\n"
        "    changed:\n"
        "      from: providers_before\n"
        "      fields: [sector]\n"
        "      allow: [{from: Private, to: Voluntary}]\n"
        "    message: \"{urn}: {sector}, was {providers_before.sector}\"\n"
        "    flags:\n"
        "      - tables:\n"
        "          providers: [{urn: A1, sector: Private}]\n"
        "          providers_before: [{urn: A1, sector: Voluntary}]\n"
        "    passes:\n"
        "      - tables:\n"
        "          providers: [{urn: A1, sector: Voluntary}, {urn: A2, sector: Private}]\n"
        "          providers_before: [{urn: A1, sector: Private}, {urn: A2, sector: "
        "Private}]\n",
    .bind = bind,
    .eval = eval,
    .describe = describe,
};
