/* latest.c: per record, the latest matching record of another table: none, a tie, one that does
 * not fit (too old, of the wrong kind), or one that disagrees with this record.
 *
 * The other table is indexed once by the fields of `match`, over the rows that `where` admits
 * and that have a date. Of the rows with a record's key those of the latest day count; where
 * several share that day, `expect` and `agree` hold if they hold for one of them.
 *
 * Null: a record with a null in `match` is undecided; so is an `agree` with a null on either
 * side, and an `expect` that cannot be decided. */
#include "base/limits.h"
#include "check/evidence.h"
#include "check/pairs.h"
#include "check/params.h"
#include "check/scan.h"

#include <inttypes.h>

typedef struct plan {
    as_str of;
    const as_schema *other;
    uint32_t self_fields[AS_KEY_FIELDS_MAX], other_fields[AS_KEY_FIELDS_MAX];
    size_t count;
    uint32_t date;
    const as_cond *where, *expect;
    as_str expect_words;
    as_str rows;        /* what is looked at, in words: "inspections where …" */
    as_str one, agreed; /* what is expected: one latest record, or the value of it */
    uint32_t agree_self[AS_KEY_FIELDS_MAX], agree_other[AS_KEY_FIELDS_MAX];
    size_t agree_count;
    bool none_passes, tie_passes;
} plan;

/* as_finding.detail */
typedef enum fault { NONE, TIE, UNFIT, DISAGREES } fault;

extern const as_check_kind as_check_latest;

/* ---- bind ---- */

static void show_other(as_bind *b, const plan *p, uint32_t field)
{
    as_str name = as_arena_printf(b->arena, "%.*s.%.*s", AS_FMT(p->of),
                                  AS_FMT(p->other->fields[field].name));
    if (name.ptr)
        as_bind_extra(b, name);
    else
        b->nomem = true;
}

static void bind_date(as_bind *b, plan *p)
{
    const as_node *n = as_params_get(b, "date");
    p->date = n ? as_params_field(b, p->other, n, "latest: date") : AS_NO_FIELD;
    if (p->date == AS_NO_FIELD)
        return;
    if (p->other->fields[p->date].type != AS_TYPE_DATE)
        as_params_error(b, n, NULL, "latest: date: %.*s is %s, not a date", AS_FMT(n->text),
                        as_type_name(p->other->fields[p->date].type));
    as_bind_want(b, p->of, p->date);
    show_other(b, p, p->date);
}

static as_code bind_cond(as_bind *b, const plan *p, const char *name, const as_cond **out,
                         as_str *words, as_err *e)
{
    const as_node *n = as_params_get(b, name);
    as_cond_env env = b->env;
    env.other = p->other;
    env.plain = AS_SIDE_OTHER;
    *out = n ? as_cond_parse(&env, n) : NULL;
    if (!*out)
        return AS_OK; /* not written, or reported */
    as_bind_cond(b, *out, p->of);
    *words = as_evidence_words(b->arena, *out, b->schema, p->other);
    return words->ptr ? AS_OK : as_fail_nomem(e);
}

static void note_self(void *arg, as_side side, uint32_t field)
{
    bool *self = arg;
    (void)field;
    *self = *self || side == AS_SIDE_SELF;
}

static void bind_choices(as_bind *b, plan *p)
{
    static const char *const names[] = {"finding", "pass", NULL};
    int none = 0, tie = 0;
    bool self = false;
    as_params_enum(b, as_params_get(b, "none"), "latest: none", names, &none);
    as_params_enum(b, as_params_get(b, "tie"), "latest: tie", names, &tie);
    p->none_passes = none == 1;
    p->tie_passes = tie == 1;
    if (p->none_passes && p->tie_passes && !p->expect && p->agree_count == 0)
        as_params_error(b, b->rule->spec, "Add `expect` or `agree`, or drop a `pass`.",
                        "latest: nothing is asked, so the rule can never find anything");
    if (p->where)
        as_cond_fields(p->where, note_self, &self);
    if (self)
        as_params_error(
            b, as_params_get(b, "where"), "Put it into `expect`.",
            "latest: `where` chooses rows of %.*s alone; it cannot read {record: …}",
            AS_FMT(p->of));
}

static as_code bind_rows(as_bind *b, plan *p, as_str where_words, as_err *e)
{
    p->rows = p->where ? as_arena_printf(b->arena, "%.*s where %.*s", AS_FMT(p->of),
                                         AS_FMT(where_words))
                       : p->of;
    p->one = AS_JOIN(b->arena, AS_STR("one latest record of "), p->rows);
    p->agreed = AS_JOIN(b->arena, AS_STR("the value of the latest record of "), p->rows);
    return p->rows.ptr && p->one.ptr && p->agreed.ptr ? AS_OK : as_fail_nomem(e);
}

static as_code bind(as_bind *b, void **out, as_err *e)
{
    plan *p = AS_NEW(b->arena, plan);
    if (!p)
        return as_fail_nomem(e);
    *out = p;
    if (!as_params_block(b, &as_check_latest))
        return AS_OK;
    p->other = as_params_table(b, as_params_get(b, "of"), "latest: of", &p->of);
    if (!p->other)
        return AS_OK;
    as_bind_want(b, p->of, AS_NO_FIELD);
    p->count = as_params_match(b, as_params_get(b, "match"), "latest: match", p->of, p->other,
                               p->self_fields, p->other_fields);
    p->agree_count = as_params_match(b, as_params_get(b, "agree"), "latest: agree", p->of,
                                     p->other, p->agree_self, p->agree_other);
    for (size_t i = 0; i < p->agree_count; i++)
        show_other(b, p, p->agree_other[i]);
    bind_date(b, p);
    as_str where_words = AS_STR("");
    as_code code = bind_cond(b, p, "where", &p->where, &where_words, e);
    if (code == AS_OK)
        code = bind_rows(b, p, where_words, e);
    if (code == AS_OK)
        code = bind_cond(b, p, "expect", &p->expect, &p->expect_words, e);
    bind_choices(b, p);
    b->ask = (as_other_ask){.table = p->of,
                            .count = p->count,
                            .where = p->where,
                            .written = as_params_get(b, "where"),
                            .date = p->date,
                            .self = b->rule->table};
    memcpy(b->ask.fields, p->other_fields, sizeof p->other_fields);
    memcpy(b->ask.mine, p->self_fields, sizeof p->self_fields);
    return code;
}

/* ---- eval ---- */

typedef struct context {
    const as_eval *ev;
    const plan *p;
    const as_table *self, *other;
    const as_bound *where, *expect;
    const as_other_rows *rows;
} context;

/* AS_FALSE: *field is the first that differs. */
static as_truth agrees(const context *c, uint32_t row, uint32_t other, uint32_t *field)
{
    as_truth all = AS_TRUE;
    for (size_t i = 0; i < c->p->agree_count; i++) {
        as_key mine = {.table = c->self, .fields = {c->p->agree_self[i]}, .count = 1};
        as_key theirs = {.table = c->other, .fields = {c->p->agree_other[i]}, .count = 1};
        if (as_cell_null(&c->self->columns[mine.fields[0]], row) ||
            as_cell_null(&c->other->columns[theirs.fields[0]], other)) {
            all = AS_UNDECIDED;
        } else if (!as_key_equal(&mine, row, &theirs, other)) {
            *field = mine.fields[0];
            return AS_FALSE;
        }
    }
    return all;
}

/* What the best of the rows of the latest day says. */
typedef struct verdict {
    as_truth expect, agree;
    uint32_t field; /* that disagrees, of the first row that does */
} verdict;

static as_code weigh(const context *c, uint32_t row, const as_latest *l, verdict *v,
                     as_scratch *s, as_err *e)
{
    as_code code = AS_OK;
    *v = (verdict){AS_FALSE, AS_FALSE, AS_NO_FIELD};
    if (l->ties > AS_CANDIDATES_MAX)
        return as_fail(e, AS_EBUDGET, AS_NOWHERE,
                       "more than %d rows of %.*s have the same key; match on more fields",
                       AS_CANDIDATES_MAX, AS_FMT(c->p->of));
    for (uint32_t at = l->row, left = l->ties; code == AS_OK && left; left--) {
        as_truth expect = AS_TRUE, agree;
        uint32_t field = AS_NO_FIELD;
        if (c->expect)
            code = as_bound_pair(c->expect, row, at, &expect, s, e);
        agree = agrees(c, row, at, &field);
        v->expect = expect > v->expect ? expect : v->expect;
        v->agree = agree > v->agree ? agree : v->agree;
        v->field = v->field == AS_NO_FIELD ? field : v->field;
        at = left > 1 ? as_latest_next(c->rows, at) : at;
    }
    return code;
}

static as_code add(const context *c, uint32_t row, uint32_t other, fault what, uint32_t field,
                   as_scan_part *part, as_err *e)
{
    as_finding f = {row, field == AS_NO_FIELD ? c->p->self_fields[0] : field, other, what};
    return as_findings_add(&part->findings, f) ? AS_OK : as_fail_nomem(e);
}

static as_code decide(const context *c, uint32_t row, as_scratch *s, as_scan_part *part,
                      as_err *e)
{
    const plan *p = c->p;
    const as_latest *l = &c->rows->latest[row];
    verdict v;
    part->selected++;
    if (l->ties == 0 && l->row == AS_KEY_NULL) {
        part->undecided++;
        part->key_nulls++;
        return AS_OK;
    }
    if (l->ties == 0)
        return p->none_passes ? AS_OK : add(c, row, AS_NO_ROW, NONE, AS_NO_FIELD, part, e);
    if (l->ties > 1 && !p->tie_passes)
        return add(c, row, l->row, TIE, AS_NO_FIELD, part, e);
    if (!p->expect && p->agree_count == 0)
        return AS_OK;
    as_code code = weigh(c, row, l, &v, s, e);
    if (code != AS_OK)
        return code;
    if (v.expect == AS_FALSE)
        return add(c, row, l->row, UNFIT, AS_NO_FIELD, part, e);
    if (v.agree == AS_FALSE)
        return add(c, row, l->row, DISAGREES, v.field, part, e);
    part->undecided += v.expect == AS_UNDECIDED || v.agree == AS_UNDECIDED;
    return AS_OK;
}

/* Most records have one latest row, and all is well with it: those are counted here, together,
 * and no longer selected in `where`. */
static as_code pass_most(const context *c, uint32_t begin, uint32_t n, uint8_t *where,
                         as_scratch *s, as_scan_part *part, as_err *e)
{
    const as_latest *latest = c->rows->latest + begin;
    uint32_t rows[AS_BLOCK];
    as_pairs x;
    if (c->p->agree_count)
        return AS_OK;
    for (uint32_t i = 0; i < n; i++)
        rows[i] = latest[i].ties == 1 ? latest[i].row : AS_NO_ROW;
    as_pairs_take(&x, begin, n, where, rows);
    as_code code = as_pairs_keep(&x, c->expect, s, e);
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
    as_code code = as_bound_block(c->where, begin, n, where, s, e);
    if (code == AS_OK)
        code = pass_most(c, begin, n, where, s, part, e);
    for (uint32_t i = 0; code == AS_OK && i < n; i++)
        if (where[i] == AS_TRUE)
            code = decide(c, begin + i, s, part, e);
    return code;
}

static as_code eval(as_eval *ev, const as_bind *b, const void *plan_, as_result *out, as_err *e)
{
    const plan *p = plan_;
    context c = {.ev = ev, .p = p};
    as_bound *where = NULL, *expect = NULL;
    as_other_rows *own = NULL;
    as_code code = as_eval_table(ev, b, b->rule->table, &c.self, e);
    if (code == AS_OK)
        code = as_eval_table(ev, b, p->of, &c.other, e);
    if (code == AS_OK)
        code = as_bound_make(&where, b->where, c.self, NULL, ev->arena, e);
    if (code == AS_OK && p->expect)
        code = as_bound_make(&expect, p->expect, c.self, c.other, ev->arena, e);
    if (code == AS_OK)
        code = as_eval_other_rows(ev, b, &c.rows, &own, e);
    if (code != AS_OK)
        return code;
    c.where = where;
    c.expect = expect;
    code = as_scan(ev, c.self->rows, look, &c, out, e);
    as_other_rows_close(own);
    return code;
}

/* ---- describe ---- */

/* The day of the latest record is the first value that is none of this record's. */
static void say(as_evidence *out, const as_bind *b, const plan *p, const as_finding *f)
{
    switch ((fault)f->detail) {
    case NONE:
        AS_SAY(out, AS_STR("has no dated record in "), p->rows);
        break;
    case TIE:
        AS_SAY(out, AS_STR("has more than one record in "), p->rows,
               AS_STR(" on its latest day, "));
        as_say_extra(out, 0);
        break;
    case UNFIT:
        AS_SAY(out, AS_STR("its latest record in "), p->rows, AS_STR(", of "));
        as_say_extra(out, 0);
        AS_SAY(out, AS_STR(", does not fit: "), p->expect_words);
        break;
    case DISAGREES:
        AS_SAY(out, b->schema->fields[f->field].name,
               AS_STR(" is not that of its latest record in "), p->rows, AS_STR(", of "));
        as_say_extra(out, 0);
        break;
    }
}

static as_code describe(const as_eval *ev, const as_bind *b, const void *plan_,
                        const as_result *r, const as_finding *f, as_evidence *out, as_err *e)
{
    (void)r;
    const plan *p = plan_;
    as_code code = as_evidence_tables(ev, b, p->of, out, e);
    const as_table *other = out->other_table;
    if (code == AS_OK)
        code = as_evidence_cell(out, other, f->other, p->date, e);
    for (size_t i = 0; code == AS_OK && i < p->agree_count; i++)
        code = as_evidence_cell(out, other, f->other, p->agree_other[i], e);
    if (code != AS_OK)
        return code;
    out->expected = p->expect && f->detail == UNFIT ? p->expect_words
                    : f->detail == DISAGREES        ? p->agreed
                                                    : p->one;
    say(out, b, p, f);
    return AS_OK;
}

static const as_param_doc params[] = {
    {"of", "table", true, "The table whose records are looked at."},
    {"match", "mapping", true, "This record's field: the other table's field. One or several."},
    {"date", "field", true,
     "The other table's date: the latest counts. Rows without one are "
     "left out."},
    {"where", "condition", false, "Which rows of the other table count."},
    {"expect", "condition", false,
     "What must hold for the latest row. Plain names are the other table's; `{record: f}` is "
     "this record's field."},
    {"agree", "mapping", false,
     "This record's field: the field of the latest row that it must be equal to."},
    {"none", "enum:finding|pass", false,
     "Whether a record without any row is a finding (the "
     "default)."},
    {"tie", "enum:finding|pass", false,
     "Whether several rows on the latest day are a finding (the default)."},
    {NULL, NULL, false, NULL},
};

const as_check_kind as_check_latest = {
    .name = "latest",
    .summary = "no latest record of another table, a tie, one that does not fit or disagrees",
    .detail =
        "For each selected record, the rows of another table with the same key that have a "
        "date "
        "and that `where`\n"
        "admits; of these the latest day. A finding where there is none (`none`), where "
        "several "
        "rows share that day\n"
        "(`tie`), where `expect` is false for it (too old, of the wrong kind), or where a "
        "field "
        "of `agree` is not\n"
        "equal to this record's. With `tie: pass`, `expect` and `agree` hold if they hold for "
        "one of the rows.\n\n"
        "Records with a null in `match` are left out and counted as undecided.",
    .level = AS_LEVEL_RECORD,
    .needs_table = true,
    .params = params,
    .example =
        "rules:\n"
        "  - id: EX-LAT-001\n"
        "    name: recent-full-inspection\n"
        "    title: Every provider has one latest full inspection, not long ago\n"
        "    why: Only the latest full inspection of a provider is counted.\n"
        "    table: providers\n"
        "    latest:\n"
        "      of: inspections\n"
        "      match: {urn: urn}\n"
        "      date: inspection_date\n"
        "      where: {event_type: Full inspection}\n"
        "      expect: {inspection_date: {min: 2015-04-01}}\n"
        "    message: \"{urn}: latest full inspection {inspections.inspection_date}\"\n"
        "    flags:\n"
        "      - tables: {providers: [{urn: A1}], inspections: []}\n"
        "      - tables:\n"
        "          providers: [{urn: A1}]\n"
        "          inspections:\n"
        "            - {urn: A1, event_type: Full inspection, inspection_date: 2014-05-01}\n"
        "            - {urn: A1, event_type: Interim inspection, inspection_date: 2016-05-01}\n"
        "      - tables:\n"
        "          providers: [{urn: A1}]\n"
        "          inspections:\n"
        "            - {urn: A1, event_type: Full inspection, inspection_date: 2016-05-01}\n"
        "            - {urn: A1, event_type: Full inspection, inspection_date: 2016-05-01}\n"
        "    passes:\n"
        "      - tables:\n"
        "          providers: [{urn: A1}]\n"
        "          inspections:\n"
        "            - {urn: A1, event_type: Full inspection, inspection_date: 2014-05-01}\n"
        "            - {urn: A1, event_type: Full inspection, inspection_date: 2016-05-01}\n",
    .bind = bind,
    .eval = eval,
    .describe = describe,
};
