/* apply.c: what the decisions do to a run: which findings they cover, what stands with each,
 * and the digest that makes a changed decision a changed run. */
#include "base/hash.h"
#include "decide/decide.h"

#include <stdio.h>

static bool holds(const as_decision *d)
{
    return d->kind == AS_DECIDE_ACCEPT && !d->withdrawn && !d->expired && d->problem.len == 0;
}

static bool by_condition(const as_decision *d)
{
    return holds(d) && d->cond && d->about;
}

bool as_decisions_on_rule(const as_decisions *d, as_str rule)
{
    for (size_t i = 0; i < d->count; i++) {
        if (by_condition(&d->items[i]) && as_str_eq(d->items[i].about->id, rule)) {
            return true;
        }
    }
    return false;
}

/* ---- which fields ---- */

static void want_field(void *arg, as_side side, uint32_t field)
{
    bool *want = arg;
    if (side == AS_SIDE_SELF) {
        want[field] = true;
    }
}

void as_decisions_want(const as_decisions *d, as_str table, bool *want)
{
    for (size_t i = 0; i < d->count; i++) {
        if (by_condition(&d->items[i]) && as_str_eq(d->items[i].about->table, table)) {
            as_cond_fields(d->items[i].cond, want_field, want);
        }
    }
}

/* ---- by condition ---- */

typedef struct covering {
    const as_table *table;
    const uint32_t *rows;
    size_t count;
    as_scratch *scratch;
    bool *hit; /* one a finding */
} covering;

static as_code count_hits(as_decision *x, covering *c, as_arena *a, uint64_t *n, as_err *e)
{
    as_bound *bound = NULL;
    as_code code = as_bound_make(&bound, x->cond, c->table, NULL, a, e);
    *n = 0;
    for (size_t i = 0; code == AS_OK && i < c->count; i++) {
        as_truth truth = AS_FALSE;
        if (c->rows[i] != AS_NO_ROW) {
            code = as_bound_pair(bound, c->rows[i], AS_NO_ROW, &truth, c->scratch, e);
        }
        c->hit[i] = truth == AS_TRUE;
        *n += c->hit[i];
    }
    return code;
}

/* The later acceptance stands where several cover a finding. */
static as_code cover_one(as_decision *x, covering *c, as_decision **out, as_err *e)
{
    uint64_t n = 0;
    as_arena *a = as_arena_open();
    as_code code = a ? count_hits(x, c, a, &n, e) : as_fail_nomem(e);
    x->hits = n;
    x->exceeded = n > x->at_most ? n : 0;
    for (size_t i = 0; code == AS_OK && !x->exceeded && i < c->count; i++) {
        out[i] = c->hit[i] ? x : out[i];
    }
    as_arena_close(a);
    return code;
}

as_code as_decisions_cover(as_decisions *d, as_str rule, const as_table *t,
                           const uint32_t *rows, size_t count, as_decision ***out, as_err *e)
{
    covering c = {t, rows, count, as_scratch_open(), AS_NEW_N(d->arena, bool, count + 1)};
    *out = AS_NEW_N(d->arena, as_decision *, count + 1);
    as_code code = c.scratch && c.hit && *out ? AS_OK : as_fail_nomem(e);
    for (size_t i = 0; code == AS_OK && i < d->count; i++) {
        if (by_condition(&d->items[i]) && as_str_eq(d->items[i].about->id, rule)) {
            code = cover_one(&d->items[i], &c, *out, e);
        }
    }
    as_scratch_close(c.scratch);
    return code;
}

/* ---- per finding ---- */

void as_decisions_begin(as_decisions *d)
{
    for (size_t i = 0; i < d->count; i++) {
        d->items[i].count = 0;
    }
    for (size_t i = 0; i < d->standing_count; i++) {
        d->standing[i].seen = d->standing[i].covered = false;
    }
}

const as_decision *as_standing_accepted(const as_standing *s)
{
    const as_decision *v = s->verdict;
    if (v && v->kind == AS_DECIDE_REJECT) {
        return NULL;
    }
    return v && !v->expired ? v : s->file && !s->file->expired ? s->file : NULL;
}

/* A rejection takes the finding out of what was accepted by condition before it. */
static as_decision *unless_rejected(const as_standing *s, as_decision *by_rule)
{
    const as_decision *v = s ? s->verdict : NULL;
    bool rejected = v && v->kind == AS_DECIDE_REJECT;
    return by_rule && rejected && by_rule->event < v->event ? NULL : by_rule;
}

static as_decision *said(const as_standing *s)
{
    as_decision *v = s->verdict ? s->verdict : s->file;
    if (s->claim && (!v || s->claim->event > v->event)) {
        return s->claim;
    }
    return s->proposal ? s->proposal : v;
}

bool as_decisions_apply(as_decisions *d, as_str fingerprint, as_decision *by_rule, as_str *text)
{
    as_standing *s = as_decisions_find(d, fingerprint);
    as_decision *accepted = s ? (as_decision *)(uintptr_t)as_standing_accepted(s) : NULL;
    accepted = accepted ? accepted : unless_rejected(s, by_rule);
    as_decision *says = accepted ? accepted : s ? said(s) : NULL;
    if (s) {
        s->seen = true;
        s->covered = s->covered || accepted;
    }
    if (says) {
        says->count++;
    }
    *text = says ? says->text : AS_STR("");
    return accepted != NULL;
}

/* ---- the digest ---- */

static void add_part(as_sha256 *h, as_str s)
{
    as_sha256_add(h, s);
    as_sha256_add(h, AS_STR("\n"));
}

static as_code add_condition(as_sha256 *h, const as_decision *x, as_err *e)
{
    as_str where = AS_NONE;
    char most[32];
    as_arena *a = as_arena_open();
    as_code code = a ? as_condition_json(&where, x->where, a, e) : as_fail_nomem(e);
    snprintf(most, sizeof most, "%llu", (unsigned long long)x->at_most);
    if (code == AS_OK) {
        add_part(h, x->rule);
        add_part(h, where);
        add_part(h, as_str_from(most));
        add_part(h, x->text);
    }
    as_arena_close(a);
    return code;
}

as_code as_decisions_digest(const as_decisions *d, char out[AS_SHA256_HEX], as_err *e)
{
    bool any = false;
    as_sha256 *h = NULL;
    as_code code = as_sha256_open(&h, e);
    for (size_t i = 0; code == AS_OK && i < d->count; i++) {
        if (d->items[i].rule.len && holds(&d->items[i])) {
            any = true;
            code = add_condition(h, &d->items[i], e);
        }
    }
    bool conditions = any; /* then a rejection changes what is covered */
    for (size_t i = 0; code == AS_OK && i < d->standing_count; i++) {
        const as_standing *s = &d->standing[i];
        const as_decision *x = as_standing_accepted(s);
        bool rejected = s->verdict && s->verdict->kind == AS_DECIDE_REJECT;
        any = any || x;
        if (x || (conditions && rejected)) {
            add_part(h, s->finding);
            add_part(h, x ? x->text : AS_STR("rejected"));
        }
    }
    out[0] = '\0';
    if (code == AS_OK && any) {
        as_sha256_hex(h, out);
    }
    as_sha256_close(h);
    return code;
}
