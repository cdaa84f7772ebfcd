/* state.c: how a run's findings stand to those of the run before, by fingerprint.
 *
 * Each rule compares by itself: with the last run of the release, up to the comparison run, in
 * which the rule was evaluated. So a rule that was off, empty or broken for a while neither
 * "fixes" its findings nor makes them new.
 *
 * Fingerprints may repeat: they count as a multiset. The i-th occurrence (from 0) is open when
 * the comparison run had more than i, else reopened when an earlier run had more than i, else
 * new. With prev, now and ever = occurrences in the comparison run, in this one, and the most
 * in an earlier one, gone is the sum of max(0, prev - now).
 *
 * Cost: nothing where there is no earlier run; else one hash table of the rule's earlier
 * fingerprints. The lists of gone fingerprints are read when a finding is not in the comparison
 * run. */
#include "base/alloc.h"
#include "base/hash.h"
#include "ledger/ledger_int.h"
#include <stdlib.h>

typedef struct as_fp_slot {
    as_fp fp;
    uint32_t prev, now, ever;
    uint32_t used;
} as_fp_slot;

struct as_states {
    as_ledger *l;
    int64_t previous;
    char *release;
    size_t release_len;
    as_rule_states *rules;
    as_rule_states *last; /* found last */
    sqlite3_stmt *basis, *fingerprints, *gone;
};

enum { GONE_ENTRY = 20 }; /* bytes: fingerprint, count */

static char *copy(as_str s)
{
    char *p = as_alloc(s.len + 1);
    if (p) {
        memcpy(p, s.ptr ? s.ptr : "", s.len);
        p[s.len] = '\0';
    }
    return p;
}

/* ---- opening ---- */

static as_code prepare(as_states *s, as_err *e)
{
    as_code code = as_ledger_prepare(
        s->l, &s->basis,
        "SELECT rr.run FROM run_rule rr JOIN run r ON r.seq = rr.run WHERE rr.id = ?1 AND "
        "rr.run <= ?2 AND rr.status IN ('pass', 'fail') AND r.release = ?3 "
        "ORDER BY rr.run DESC LIMIT 1",
        e);
    if (code == AS_OK) {
        code = as_ledger_prepare(s->l, &s->fingerprints,
                                 "SELECT fingerprints FROM finding_block WHERE run = ?1 AND "
                                 "rule = ?2 ORDER BY first",
                                 e);
    }
    if (code == AS_OK) {
        code = as_ledger_prepare(
            s->l, &s->gone,
            "SELECT rr.gone_fingerprints FROM run_rule rr JOIN run r ON r.seq = rr.run WHERE "
            "rr.id = ?1 AND rr.run <= ?2 AND rr.gone > 0 AND r.release = ?3",
            e);
    }
    return code;
}

as_code as_states_open(as_states **out, as_ledger *l, const as_doc *doc, as_err *e)
{
    *out = NULL;
    as_states *s = as_calloc(1, sizeof *s);
    char *name = copy(doc->release);
    if (!s || !name) {
        as_free(s);
        as_free(name);
        return as_fail_nomem(e);
    }
    s->l = l;
    s->release = name;
    s->release_len = doc->release.len;
    as_code code = as_content_previous(l, doc, &s->previous, e);
    if (code == AS_OK && s->previous) {
        code = prepare(s, e);
    }
    if (code != AS_OK) {
        as_states_close(s);
        return code;
    }
    *out = s;
    return AS_OK;
}

void as_states_close(as_states *s)
{
    if (!s) {
        return;
    }
    for (as_rule_states *r = s->rules, *next; r; r = next) {
        next = r->next;
        as_free(r->rule);
        as_free(r->slots);
        as_free(r);
    }
    sqlite3_finalize(s->basis);
    sqlite3_finalize(s->fingerprints);
    sqlite3_finalize(s->gone);
    as_free(s->release);
    as_free(s);
}

int64_t as_states_previous(const as_states *s)
{
    return s->previous;
}

as_rule_states *as_states_first(as_states *s)
{
    return s->rules;
}

/* ---- one rule ---- */

static as_code find_basis(as_states *s, as_rule_states *r, as_err *e)
{
    if (!s->previous) {
        return AS_OK;
    }
    as_code code = AS_OK;
    as_bind_str(s->basis, 1, (as_str){r->rule, r->rule_len});
    sqlite3_bind_int64(s->basis, 2, s->previous);
    as_bind_str(s->basis, 3, (as_str){s->release, s->release_len});
    int rc = sqlite3_step(s->basis);
    if (rc == SQLITE_ROW) {
        r->basis = sqlite3_column_int64(s->basis, 0);
    } else if (rc != SQLITE_DONE) {
        code = as_ledger_fail(s->l, "earlier runs cannot be read", e);
    }
    sqlite3_reset(s->basis);
    return code;
}

static bool is_rule(const as_rule_states *r, as_str rule)
{
    return r && as_str_eq((as_str){r->rule, r->rule_len}, rule);
}

as_code as_states_rule(as_states *s, as_str rule, as_rule_states **out, as_err *e)
{
    as_rule_states *r = s->last;
    if (!is_rule(r, rule)) {
        for (r = s->rules; r && !is_rule(r, rule);) {
            r = r->next;
        }
    }
    as_code code = AS_OK;
    if (!r) {
        r = as_calloc(1, sizeof *r);
        char *name = copy(rule);
        if (!r || !name) {
            as_free(r);
            as_free(name);
            return as_fail_nomem(e);
        }
        r->rule = name;
        r->rule_len = rule.len;
        r->next = s->rules;
        s->rules = r;
        code = find_basis(s, r, e);
    }
    *out = s->last = r;
    return code;
}

/* ---- the table of fingerprints ---- */

static size_t place(const as_rule_states *r, const as_fp *fp)
{
    uint64_t x;
    memcpy(&x, fp->b, sizeof x);
    size_t at = (size_t)as_hash_u64(x) & r->mask;
    while (r->slots[at].used && memcmp(r->slots[at].fp.b, fp->b, sizeof fp->b) != 0) {
        at = (at + 1) & r->mask;
    }
    return at;
}

static bool grow(as_rule_states *r)
{
    as_fp_slot *old = r->slots;
    size_t old_size = old ? r->mask + 1 : 0;
    size_t size = old_size ? old_size * 2 : 256;
    as_fp_slot *slots = as_calloc(size, sizeof *slots);
    if (!slots) {
        return false;
    }
    r->slots = slots;
    r->mask = size - 1;
    for (size_t i = 0; i < old_size; i++) {
        if (old[i].used) {
            slots[place(r, &old[i].fp)] = old[i];
        }
    }
    as_free(old);
    return true;
}

/* The slot of fp, made where there was none; NULL: out of memory. */
static as_fp_slot *slot_of(as_rule_states *r, const as_fp *fp)
{
    if ((!r->slots || (r->used + 1) * 3 > (r->mask + 1) * 2) && !grow(r)) {
        return NULL;
    }
    as_fp_slot *slot = &r->slots[place(r, fp)];
    if (!slot->used) {
        *slot = (as_fp_slot){*fp, 0, 0, 0, 1};
        r->used++;
    }
    return slot;
}

static bool add_present(as_rule_states *r, as_str list)
{
    for (size_t at = 0; at + sizeof(as_fp) <= list.len; at += sizeof(as_fp)) {
        as_fp fp;
        memcpy(fp.b, list.ptr + at, sizeof fp.b);
        as_fp_slot *slot = slot_of(r, &fp);
        if (!slot) {
            return false;
        }
        slot->prev++;
        slot->ever = slot->ever > slot->prev ? slot->ever : slot->prev;
    }
    return true;
}

static bool add_gone(as_rule_states *r, as_str list)
{
    for (size_t at = 0; at + GONE_ENTRY <= list.len; at += GONE_ENTRY) {
        as_fp fp;
        memcpy(fp.b, list.ptr + at, sizeof fp.b);
        const unsigned char *n = (const unsigned char *)list.ptr + at + sizeof fp.b;
        uint32_t count =
            (uint32_t)n[0] | (uint32_t)n[1] << 8 | (uint32_t)n[2] << 16 | (uint32_t)n[3] << 24;
        as_fp_slot *slot = slot_of(r, &fp);
        if (!slot) {
            return false;
        }
        slot->ever = slot->ever > count ? slot->ever : count;
    }
    return true;
}

static as_code load(as_states *s, as_rule_states *r, sqlite3_stmt *q,
                    bool (*add)(as_rule_states *, as_str), as_err *e)
{
    as_code code = AS_OK;
    int rc;
    while ((rc = sqlite3_step(q)) == SQLITE_ROW && code == AS_OK) {
        if (!add(r, as_column_str(q, 0))) {
            code = as_fail_nomem(e);
        }
    }
    if (code == AS_OK && rc != SQLITE_DONE) {
        code = as_ledger_fail(s->l, "earlier findings cannot be read", e);
    }
    sqlite3_reset(q);
    return code;
}

static as_code load_present(as_states *s, as_rule_states *r, as_err *e)
{
    if (r->known || !r->basis) {
        return AS_OK;
    }
    r->known = true;
    sqlite3_bind_int64(s->fingerprints, 1, r->basis);
    as_bind_str(s->fingerprints, 2, (as_str){r->rule, r->rule_len});
    return load(s, r, s->fingerprints, add_present, e);
}

static as_code load_gone(as_states *s, as_rule_states *r, as_err *e)
{
    if (r->gone_known) {
        return AS_OK;
    }
    r->gone_known = true;
    as_bind_str(s->gone, 1, (as_str){r->rule, r->rule_len});
    sqlite3_bind_int64(s->gone, 2, s->previous);
    as_bind_str(s->gone, 3, (as_str){s->release, s->release_len});
    return load(s, r, s->gone, add_gone, e);
}

as_code as_states_add(as_states *s, as_rule_states *r, const as_fp *fp, as_state *out,
                      as_err *e)
{
    *out = AS_STATE_NEW;
    if (r->basis) {
        as_code code = load_present(s, r, e);
        as_fp_slot *slot = code == AS_OK ? slot_of(r, fp) : NULL;
        if (slot && slot->now >= slot->prev && !r->gone_known) {
            code = load_gone(s, r, e);
            slot = code == AS_OK ? slot_of(r, fp) : NULL; /* the table may have moved */
        }
        if (!slot) {
            return code == AS_OK ? as_fail_nomem(e) : code;
        }
        *out = slot->now < slot->prev   ? AS_STATE_OPEN
               : slot->now < slot->ever ? AS_STATE_REOPENED
                                        : AS_STATE_NEW;
        slot->now++;
    }
    r->written++;
    r->counts[*out]++;
    return AS_OK;
}

/* ---- what is gone ---- */

static int by_fingerprint(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(as_fp));
}

as_code as_states_gone(as_states *s, as_rule_states *r, as_enc *list, as_err *e)
{
    list->len = 0;
    r->gone = 0;
    as_code code = load_present(s, r, e);
    if (code != AS_OK || !r->slots) {
        return code;
    }
    for (size_t i = 0; i <= r->mask; i++) {
        const as_fp_slot *x = &r->slots[i];
        if (x->prev > x->now) {
            unsigned char n[4] = {(unsigned char)x->prev, (unsigned char)(x->prev >> 8),
                                  (unsigned char)(x->prev >> 16),
                                  (unsigned char)(x->prev >> 24)};
            as_enc_bytes(list, x->fp.b, sizeof x->fp.b);
            as_enc_bytes(list, n, sizeof n);
            r->gone += x->prev - x->now;
        }
    }
    if (list->failed) {
        return as_fail_nomem(e);
    }
    if (list->len > 0) {
        qsort(list->ptr, list->len / GONE_ENTRY, GONE_ENTRY, by_fingerprint);
    }
    return AS_OK;
}
