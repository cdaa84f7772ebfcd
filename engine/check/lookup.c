/* lookup.c: records for which no row of a reference or other table is found (or, with `absent`,
 * one is).
 *
 * The other table is indexed once by the fields of `match`, over the rows that `where` admits.
 * A record is then decided by the rows with its key: those that are valid at its date, and for
 * which `expect` holds. Where few combinations of the fields that the look-up reads occur, each
 * is decided once (memo.h).
 *
 * Null: a record with a null in `match`, or in the date of `valid`, is undecided. A null bound
 * of `valid` is open. */
#include "check/lookup.h"
#include "base/alloc.h"
#include "base/cpu.h"
#include "check/evidence.h"
#include "check/memo.h"
#include "check/pairs.h"
#include "check/params.h"
#include "check/scan.h"

#define FEW 32u /* a record in so many: decided one by one, a memo looks at the whole block */

/* ---- eval ---- */

typedef enum outcome { HOLDS, FOUND, UNDECIDED, KEY_NULL } outcome;

typedef struct answer {
    uint32_t other, field;
    uint8_t outcome;
    bool matched; /* some row of the other table answered */
} answer;

typedef struct worker {
    as_memo *memo;
    answer *answers; /* by number of the memo */
    size_t room;
    uint64_t matched;
} worker;

typedef struct context {
    const as_eval *ev;
    const as_lookup *p;
    const as_table *self, *other;
    const as_bound *where, *pair_where, *expect;
    as_probe probe;
    const as_index *index;
    bool plain; /* a row with the key is all that is asked for */
    worker *workers;
} context;

static bool is_valid(const context *c, as_date day, uint32_t row)
{
    const as_lookup *p = c->p;
    as_date from =
        p->from == AS_NO_FIELD ? AS_DATE_NULL : as_cell_date(&c->other->columns[p->from], row);
    as_date to =
        p->to == AS_NO_FIELD ? AS_DATE_NULL : as_cell_date(&c->other->columns[p->to], row);
    return (from == AS_DATE_NULL || day >= from) && (to == AS_DATE_NULL || day <= to);
}

/* What the rows with the record's key say together. */
typedef struct tally {
    uint32_t first;   /* first row with the key, AS_NO_ROW: none */
    uint32_t matched; /* first that is admitted and valid */
    uint32_t holding; /* first for which expect holds (without expect: matched) */
    bool undecided;
} tally;

static as_code look_at(const context *c, uint32_t row, as_date day, uint32_t other, tally *t,
                       as_scratch *s, as_err *e)
{
    as_truth truth = AS_TRUE;
    if (t->first == AS_NO_ROW)
        t->first = other;
    as_code code =
        c->pair_where ? as_bound_pair(c->pair_where, row, other, &truth, s, e) : AS_OK;
    if (code != AS_OK || truth != AS_TRUE ||
        (c->p->date != AS_NO_FIELD && !is_valid(c, day, other)))
        return code;
    if (t->matched == AS_NO_ROW)
        t->matched = other;
    if (c->expect)
        code = as_bound_pair(c->expect, row, other, &truth, s, e);
    if (truth == AS_TRUE)
        t->holding = other;
    t->undecided = t->undecided || truth == AS_UNDECIDED;
    return code;
}

static as_code add_up(const context *c, uint32_t row, uint32_t other, as_date day, tally *t,
                      as_scratch *s, as_err *e)
{
    uint32_t seen = 0;
    as_code code = AS_OK;
    *t = (tally){AS_NO_ROW, AS_NO_ROW, AS_NO_ROW, false};
    while (code == AS_OK && other != AS_NO_ROW && t->holding == AS_NO_ROW) {
        code = look_at(c, row, day, other, t, s, e);
        other = as_index_next(c->index, other);
        if (++seen == AS_CANDIDATES_MAX && other != AS_NO_ROW)
            return as_fail(e, AS_EBUDGET, AS_NOWHERE,
                           "more than %d rows of %.*s have the same key; match on more fields",
                           AS_CANDIDATES_MAX, AS_FMT(c->p->in));
    }
    return code;
}

static as_code blame(const context *c, uint32_t row, const tally *t, answer *out, as_scratch *s,
                     as_err *e)
{
    const as_lookup *p = c->p;
    uint32_t field = AS_NO_FIELD;
    as_code code = AS_OK;
    out->field = p->self_fields[0];
    if (t->matched == AS_NO_ROW && t->first != AS_NO_ROW && p->date != AS_NO_FIELD)
        out->field = p->date;
    else if (t->matched != AS_NO_ROW && c->expect && !p->absent)
        code = as_bound_blame(c->expect, row, t->matched, &field, s, e);
    if (field != AS_NO_FIELD)
        out->field = field;
    return code;
}

/* first: as as_probe_block gives it. */
static as_code decide(const context *c, uint32_t row, uint32_t first, answer *out,
                      as_scratch *s, as_err *e)
{
    const as_lookup *p = c->p;
    as_date day = p->date == AS_NO_FIELD ? 0 : as_cell_date(&c->self->columns[p->date], row);
    tally t;
    *out = (answer){AS_NO_ROW, AS_NO_FIELD, KEY_NULL, false};
    if (first == AS_KEY_NULL || day == AS_DATE_NULL)
        return AS_OK;
    as_code code = add_up(c, row, first, day, &t, s, e);
    if (code != AS_OK)
        return code;
    bool none = t.matched == AS_NO_ROW, holds = t.holding != AS_NO_ROW;
    out->matched = !none;
    out->other = holds ? t.holding : t.matched;
    if (!holds && t.undecided)
        out->outcome = UNDECIDED;
    else if (p->absent)
        out->outcome = holds ? FOUND : HOLDS;
    else
        out->outcome = holds || (none && p->missing_pass) ? HOLDS : FOUND;
    return out->outcome == FOUND ? blame(c, row, &t, out, s, e) : AS_OK;
}

static as_code tell(const answer *a, uint32_t row, worker *w, as_scan_part *part, as_err *e)
{
    part->selected++;
    w->matched += a->matched;
    part->undecided += a->outcome == UNDECIDED || a->outcome == KEY_NULL;
    part->key_nulls += a->outcome == KEY_NULL;
    if (a->outcome == FOUND &&
        !as_findings_add(&part->findings, (as_finding){row, a->field, a->other, 0}))
        return as_fail_nomem(e);
    return AS_OK;
}

/* Of a block: selected records, those of them that have a null in the key, are findings, have a
 * row. */
typedef struct weight {
    uint32_t selected, nulls, wrong, with;
} weight;

/* bad[i]: the record is selected and has no row, or with `absent` one. */
AS_CPU_LOOP weigh_plain_loop(const uint8_t *restrict where, const uint32_t *restrict first,
                             uint32_t n, bool absent, uint8_t *restrict bad,
                             weight *restrict out)
{
    uint32_t selected = 0, nulls = 0, wrong = 0, with = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t in = where[i] == AS_TRUE, null = in & (first[i] == AS_KEY_NULL);
        uint32_t has = in & (first[i] < AS_KEY_NULL);
        uint32_t found = absent ? has : in ^ has ^ null;
        bad[i] = (uint8_t)found;
        selected += in;
        nulls += null;
        with += has;
        wrong += found;
    }
    *out = (weight){selected, nulls, wrong, with};
}
AS_CPU_VERSIONS(weigh_plain,
                (const uint8_t *where, const uint32_t *first, uint32_t n, bool absent,
                 uint8_t *bad, weight *out),
                (where, first, n, absent, bad, out))

/* Nothing is asked but that a row is there, or is not. */
static as_code decide_plain(const context *c, worker *w, uint32_t begin, uint32_t n,
                            const uint32_t *first, const uint8_t *where, as_scan_part *part,
                            as_err *e)
{
    uint8_t bad[AS_BLOCK];
    weight all;
    weigh_plain(where, first, n, c->p->absent, bad, &all);
    part->selected += all.selected;
    part->undecided += all.nulls;
    part->key_nulls += all.nulls;
    w->matched += all.with;
    const uint8_t *at = bad;
    for (uint32_t left = all.wrong; left; left--, at++) {
        at = memchr(at, 1, (size_t)(bad + n - at));
        const uint32_t i = (uint32_t)(at - bad);
        as_finding f = {begin + i, c->p->self_fields[0], first[i], 0};
        if (!as_findings_add(&part->findings, f))
            return as_fail_nomem(e);
    }
    return AS_OK;
}

/* n: there is none. */
static uint32_t next_true(const uint8_t *truth, uint32_t from, uint32_t n)
{
    const uint8_t *at = from < n ? memchr(truth + from, AS_TRUE, n - from) : NULL;
    return at ? (uint32_t)(at - truth) : n;
}

static as_code one_by_one(const context *c, unsigned number, uint32_t begin, uint32_t n,
                          const uint32_t *first, const uint8_t *where, as_scan_part *part,
                          as_err *e)
{
    as_code code = AS_OK;
    for (uint32_t i = next_true(where, 0, n); code == AS_OK && i < n;
         i = next_true(where, i + 1, n)) {
        answer a;
        code = decide(c, begin + i, first[i], &a, c->ev->scratch[number], e);
        if (code == AS_OK)
            code = tell(&a, begin + i, &c->workers[number], part, e);
    }
    return code;
}

/* first: of fresh[i] - begin. */
static as_code answer_fresh(const context *c, unsigned number, const uint32_t *fresh,
                            uint32_t count, uint32_t known, uint32_t begin,
                            const uint32_t *first, as_err *e)
{
    worker *w = &c->workers[number];
    as_code code = AS_OK;
    if (known + count > w->room) {
        size_t room = 2 * (size_t)(known + count);
        answer *answers = as_realloc(w->answers, room * sizeof *answers);
        if (!answers)
            return as_fail_nomem(e);
        w->answers = answers;
        w->room = room;
    }
    for (uint32_t i = 0; code == AS_OK && i < count; i++)
        code = decide(c, fresh[i], first[fresh[i] - begin], &w->answers[known + i],
                      c->ev->scratch[number], e);
    return code;
}

static as_code by_memo(const context *c, unsigned number, uint32_t begin, uint32_t n,
                       const uint32_t *first, const uint8_t *where, as_scan_part *part,
                       as_err *e)
{
    worker *w = &c->workers[number];
    uint32_t slots[AS_BLOCK], fresh[AS_BLOCK], fresh_count, known;
    as_code code =
        as_memo_block(w->memo, begin, n, where, slots, fresh, &fresh_count, &known, e);
    if (code == AS_OK)
        code = answer_fresh(c, number, fresh, fresh_count, known, begin, first, e);
    for (uint32_t i = 0; code == AS_OK && i < n; i++)
        if (where[i] == AS_TRUE)
            code = tell(&w->answers[slots[i]], begin + i, w, part, e);
    return code;
}

static const as_column *column(const as_table *t, uint32_t field)
{
    return field == AS_NO_FIELD ? NULL : &t->columns[field];
}

static as_code fit_pairs(const context *c, unsigned number, uint32_t begin, uint32_t n,
                         const uint32_t *first, const uint8_t *fit, uint8_t *where,
                         uint32_t *settled, as_err *e)
{
    as_scratch *s = c->ev->scratch[number];
    as_pairs x;
    as_pairs_take(&x, begin, n, fit, first);
    as_code code = as_pairs_keep(&x, c->pair_where, s, e);
    if (code == AS_OK)
        code = as_pairs_keep(&x, c->expect, s, e);
    if (code == AS_OK)
        *settled = as_pairs_settle(&x, where);
    return code;
}

/* Of most records the first row with their key is all that is asked for: these are counted
 * here and no longer selected in `where`. */
static as_code pass_most(const context *c, unsigned number, uint32_t begin, uint32_t n,
                         const uint32_t *first, uint8_t *where, as_scan_part *part, as_err *e)
{
    const as_lookup *p = c->p;
    const bool dated = p->date != AS_NO_FIELD;
    uint8_t fit[AS_BLOCK];
    uint32_t settled = 0;
    as_code code = AS_OK;
    if (p->absent)
        return AS_OK;
    if (dated) {
        const as_pairs_time t = {column(c->self, p->date), column(c->other, p->from),
                                 column(c->other, p->to)};
        memcpy(fit, where, n);
        as_pairs_valid(begin, n, first, &t, c->other->rows, fit);
    }
    if (dated && !c->pair_where && !c->expect)
        settled = as_pairs_settle_fit(where, fit, n);
    else
        code = fit_pairs(c, number, begin, n, first, dated ? fit : where, where, &settled, e);
    part->selected += settled;
    c->workers[number].matched += settled;
    return code;
}

static as_code look(void *arg, unsigned number, uint32_t begin, uint32_t n, as_scan_part *part,
                    as_err *e)
{
    const context *c = arg;
    worker *w = &c->workers[number];
    uint8_t where[AS_BLOCK];
    uint32_t room[AS_BLOCK];
    as_code code = as_bound_block(c->where, begin, n, where, c->ev->scratch[number], e);
    if (code != AS_OK || (c->where && !memchr(where, AS_TRUE, n)))
        return code;
    const uint32_t *first = as_probe_block(&c->probe, begin, n, room);
    if (c->plain)
        return decide_plain(c, w, begin, n, first, where, part, e);
    code = pass_most(c, number, begin, n, first, where, part, e);
    if (code != AS_OK)
        return code;
    const uint32_t left = as_truth_count(where, n);
    if (left == 0)
        return AS_OK;
    const bool many = left > n / FEW;
    if (many && !w->memo && c->p->reads_all)
        code = as_memo_open(&w->memo, c->self, c->p->reads, c->p->read_count, e);
    if (code != AS_OK)
        return code;
    if (many && w->memo && as_memo_worth(w->memo))
        return by_memo(c, number, begin, n, first, where, part, e);
    return one_by_one(c, number, begin, n, first, where, part, e);
}

static as_code scan(context *c, as_result *out, as_err *e)
{
    const unsigned jobs = as_eval_jobs(c->ev);
    uint64_t matched = 0;
    c->workers = as_calloc(jobs, sizeof *c->workers);
    if (!c->workers)
        return as_fail_nomem(e);
    as_code code = as_scan(c->ev, c->self->rows, look, c, out, e);
    for (unsigned i = 0; i < jobs; i++) {
        matched += c->workers[i].matched;
        as_memo_close(c->workers[i].memo);
        as_free(c->workers[i].answers);
    }
    as_free(c->workers);
    if (code == AS_OK && c->p->missing_pass && matched == 0 && out->selected > 0) {
        /* A rule that met no row to look at has decided nothing. */
        out->undecided = out->selected;
        out->note =
            as_arena_printf(c->ev->arena, "no record has a row in %.*s", AS_FMT(c->p->in));
    }
    return code;
}

static as_code eval(as_eval *ev, const as_bind *b, const void *plan_, as_result *out, as_err *e)
{
    const as_lookup *p = plan_;
    context c = {.ev = ev, .p = p};
    as_bound *where = NULL, *expect = NULL, *pair_where = NULL;
    const as_other_rows *rows = NULL;
    as_other_rows *own = NULL;
    as_code code = as_eval_table(ev, b, b->rule->table, &c.self, e);
    if (code == AS_OK)
        code = as_eval_table(ev, b, p->in, &c.other, e);
    if (code == AS_OK)
        code = as_bound_make(&where, b->where, c.self, NULL, ev->arena, e);
    if (code == AS_OK)
        code = as_bound_make(&expect, p->expect, c.self, c.other, ev->arena, e);
    if (code == AS_OK && p->where_pairs)
        code = as_bound_make(&pair_where, p->where, c.self, c.other, ev->arena, e);
    if (code == AS_OK)
        code = as_eval_other_rows(ev, b, &rows, &own, e);
    if (code != AS_OK)
        return code;
    c.where = where;
    c.expect = expect;
    c.pair_where = pair_where;
    c.index = rows->index;
    c.plain = !p->expect && !p->where_pairs && p->date == AS_NO_FIELD;
    code = as_eval_probe(&c.probe, ev, b, c.self, rows, e);
    if (code == AS_OK)
        code = scan(&c, out, e);
    as_probe_close(&c.probe);
    as_other_rows_close(own);
    return code;
}

/* ---- describe ---- */

_Static_assert(5 + 4 * AS_KEY_FIELDS_MAX + 4 <= AS_PIECES_MAX, "say_fault, say_key");

/* "urn SC1, type Good, valid at inspection_date 2017-03-31" */
static as_code say_key(const as_bind *b, const as_lookup *p, uint32_t row, as_evidence *out,
                       as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; code == AS_OK && i < p->count; i++) {
        AS_SAY(out, i ? AS_STR(", ") : AS_STR(""), p->other->fields[p->other_fields[i]].name,
               AS_STR(" "));
        code = as_say_own(out, row, p->self_fields[i], e);
    }
    if (code == AS_OK && p->date != AS_NO_FIELD) {
        AS_SAY(out, AS_STR(", valid at "), b->schema->fields[p->date].name, AS_STR(" "));
        code = as_say_own(out, row, p->date, e);
    }
    return code;
}

static void say_fault(const as_lookup *p, const as_finding *f, as_evidence *out)
{
    if (!p->absent && f->other != AS_NO_ROW)
        AS_SAY(out, AS_STR("the row of "), p->in, AS_STR(" does not fit ("), p->expect_words,
               AS_STR("): "));
    else
        AS_SAY(out, p->in,
               p->absent ? AS_STR(" has a row with ") : AS_STR(" has no row with "));
}

static as_code describe(const as_eval *ev, const as_bind *b, const void *plan_,
                        const as_result *r, const as_finding *f, as_evidence *out, as_err *e)
{
    (void)r;
    const as_lookup *p = plan_;
    as_code code = as_evidence_tables(ev, b, p->in, out, e);
    if (code != AS_OK)
        return code;
    say_fault(p, f, out);
    code = say_key(b, p, f->row, out, e);
    for (size_t i = 0; code == AS_OK && i < p->shown_count; i++)
        code = as_evidence_cell(out, out->other_table, f->other, p->shown[i], e);
    out->expected = p->expected;
    return code;
}

static const as_param_doc params[] = {
    {"in", "table", true, "A table of the release or a reference table of the pack."},
    {"match", "mapping", true, "This record's field: the other table's field. One or several."},
    {"valid", "mapping", false,
     "`{date: [from, to]}`: the row must be valid at this record's date. Both ends count; a "
     "null end is open."},
    {"where", "condition", false,
     "Which rows of the other table count. `{record: f}` is this record's field."},
    {"expect", "condition", false,
     "What must hold for a matching row. Plain names are the other table's."},
    {"absent", "boolean", false, "A match is the finding, not its absence."},
    {"missing", "enum:finding|pass", false,
     "With `expect`: whether a record without a matching row is a finding (the default)."},
    {NULL, NULL, false, NULL},
};

const as_check_kind as_check_lookup = {
    .name = "lookup",
    .summary = "no matching row in a reference or other table",
    .detail = "A finding for each selected record for which the other table has no row that "
              "matches in all fields of\n"
              "`match`, is valid at the record's date (`valid`), counts (`where`) and fits "
              "(`expect`). Where several\n"
              "rows match, one that fits is enough. `absent: true` asks for the opposite.\n\n"
              "Records with a null in `match`, or in the date of `valid`, are left out and "
              "counted as undecided. A\n"
              "rule with `missing: pass` that met no row at all has looked at nothing and is "
              "`empty`.\n\n"
              "A message may use the other table's fields: `{frameworks.valid_to}`.",
    .level = AS_LEVEL_RECORD,
    .needs_table = true,
    .params = params,
    .example = "rules:\n"
               "  - id: EX-LKP-001\n"
               "    name: judgement-of-its-time\n"
               "    title: A judgement is one of the framework in force on the day\n"
               "    why: Judgements of different frameworks must not be compared.\n"
               "    table: inspections\n"
               "    where: {overall: present}\n"
               "    lookup:\n"
               "      in: frameworks\n"
               "      match: {event_type: event_type, overall: term}\n"
               "      valid: {inspection_date: [valid_from, valid_to]}\n"
               "    flags:\n"
               "      - {urn: A1, event_type: Full inspection, overall: Adequate, "
               "inspection_date: 2016-05-01}\n"
               "    passes:\n"
               "      - {urn: A1, event_type: Full inspection, overall: Adequate, "
               "inspection_date: 2014-05-01}\n"
               "      - {urn: A2, event_type: Full inspection, overall: Good, inspection_date: "
               "2016-05-01}\n"
               "\n"
               "  - id: EX-LKP-002\n"
               "    name: inspected-before-registration\n"
               "    title: No inspection is before the provider's registration\n"
               "    why: The date of one of the two is wrong, or the URN is.\n"
               "    table: inspections\n"
               "    lookup:\n"
               "      in: providers\n"
               "      match: {urn: urn}\n"
               "      expect: {registered: {max: {record: inspection_date}}}\n"
               "      missing: pass\n"
               "    message: \"{urn}: inspected {inspection_date}, registered "
               "{providers.registered}\"\n"
               "    flags:\n"
               "      - tables:\n"
               "          inspections: [{urn: A1, inspection_date: 2016-05-01}]\n"
               "          providers: [{urn: A1, registered: 2016-06-01}]\n"
               "    passes:\n"
               "      - tables:\n"
               "          inspections: [{urn: A1, inspection_date: 2016-05-01}, {urn: A9, "
               "inspection_date: 2016-05-01}]\n"
               "          providers: [{urn: A1, registered: 2015-06-01}]\n",
    .bind = as_lookup_bind,
    .eval = eval,
    .describe = describe,
};
