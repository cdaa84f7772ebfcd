/* findings.c: findings made on all workers, chunk by chunk, and handed on in order (relay.h).
 *
 * Chunks are numbered in the order of rules and rows, so that what is handed on is the same, in
 * the same order, whatever the number of workers. */
#include "base/relay.h"
#include "check/evidence.h"
#include "run/exec.h"

#define CHUNK 128        /* findings: some 200 KB */
#define SLOTS_A_WORKER 4 /* chunks that may be ready before their turn */

typedef struct slot {
    const as_rule_run *rule;
    size_t first, count; /* findings of the rule */
    as_doc_finding *made;
    as_arena *arena;
    as_err err;
} slot;

typedef struct telling {
    as_run *run;
    as_finding_fn fn;
    void *arg;
    size_t *starts; /* by rule: chunks before its first; then the number of all */
    slot *slots;
    size_t slot_count;
} telling;

/* ---- making ---- */

/* The rule to which a chunk belongs: the last that starts at or before it. */
static size_t rule_of(const telling *y, size_t chunk)
{
    size_t low = 0, high = y->run->rule_count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (y->starts[middle] <= chunk) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static void make(void *arg, size_t place, size_t chunk)
{
    const telling *y = arg;
    slot *s = &y->slots[place];
    size_t number = rule_of(y, chunk);
    const as_rule_run *x = s->rule = &y->run->rules[number];
    s->first = (chunk - y->starts[number]) * CHUNK;
    size_t left = x->result.findings.count - s->first;
    s->count = left < CHUNK ? left : CHUNK;
    const as_finding *items = x->result.findings.items + s->first;
    as_arena_reset(s->arena);
    as_evidence_maker *m = as_evidence_open(&x->eval, &x->rule->bind, x->rule->kind,
                                            x->rule->plan, &x->result, s->arena);
    if (!m) {
        s->err.code = as_fail_nomem(&s->err);
        return;
    }
    s->err.code = as_evidence_tell(m, items, s->count, s->made, &s->err);
}

static as_code hand_on(void *arg, size_t place, size_t chunk, as_err *e)
{
    const telling *y = arg;
    slot *s = &y->slots[place];
    as_code code = s->err.code;
    (void)chunk;
    if (code != AS_OK) {
        *e = s->err;
    }
    for (size_t i = 0; i < s->count && code == AS_OK; i++) {
        as_run_decide(y->run, s->rule, s->first + i, &s->made[i]);
        code = y->fn(y->arg, &s->made[i], e);
    }
    y->run->progress->done += s->count;
    return code;
}

/* ---- opening ---- */

static as_code open_slots(telling *y, as_arena *a, as_err *e)
{
    size_t count = (size_t)as_pool_jobs(y->run->pool) * SLOTS_A_WORKER;
    y->slots = AS_NEW_N(a, slot, count);
    for (; y->slots && y->slot_count < count; y->slot_count++) {
        slot *s = &y->slots[y->slot_count];
        s->made = as_arena_alloc(a, CHUNK * sizeof *s->made); /* as_evidence_tell fills them */
        s->arena = as_arena_open();
        if (!s->made || !s->arena) {
            as_arena_close(s->arena);
            break;
        }
    }
    return y->slot_count == count ? AS_OK : as_fail_nomem(e);
}

static as_code count_chunks(telling *y, as_arena *a, as_err *e)
{
    size_t rules = y->run->rule_count;
    y->starts = AS_NEW_N(a, size_t, rules + 1);
    if (!y->starts) {
        return as_fail_nomem(e);
    }
    for (size_t i = 0; i < rules; i++) {
        size_t findings = y->run->rules[i].result.findings.count;
        y->starts[i + 1] = y->starts[i] + (findings + CHUNK - 1) / CHUNK;
    }
    return AS_OK;
}

as_code as_run_findings(as_run *r, as_finding_fn fn, void *arg, as_err *e)
{
    telling y = {.run = r, .fn = fn, .arg = arg};
    as_arena *a = as_arena_open();
    as_code code = a ? count_chunks(&y, a, e) : as_fail_nomem(e);
    if (code == AS_OK) {
        code = open_slots(&y, a, e);
    }
    as_run_decide_begin(r);
    if (code == AS_OK) {
        as_relay relay = {y.starts[r->rule_count], y.slot_count, &y, make, hand_on};
        code = as_relay_run(&relay, r->pool, e);
    }
    for (size_t i = 0; i < y.slot_count; i++) {
        as_arena_close(y.slots[i].arena);
    }
    as_arena_close(a);
    return code;
}
