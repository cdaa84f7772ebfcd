/* findings.c: findings made on all workers, chunk by chunk, and handed on in order.
 *
 * A worker that has made a chunk hands on all chunks that are ready and next in order, unless
 * another worker is doing that. So nobody waits for the others at the end of a batch, and a
 * worker that is alone hands on what it has just made while it is still in its cache.
 *
 * Invariants
 * 1. Chunks are numbered in the order of rules and rows and are handed out in that order. What
 *    is handed on is the same, in the same order, whatever the number of workers.
 * 2. Chunk i is made in slot i % slot_count, when i is less than slot_count ahead of the next
 *    one to be handed on: memory is bounded however many findings there are. That next one is
 *    always ready or being made, so whoever waits is woken.
 * 3. One worker at a time hands on (`handing`): the receiver need not be thread-safe. */
#include "check/evidence.h"
#include "run/exec.h"

#include <pthread.h>

#define CHUNK 64         /* findings: some 100 KB */
#define SLOTS_A_WORKER 4 /* chunks that may be ready before their turn */

typedef struct slot {
    const as_rule_run *rule;
    size_t first, count; /* findings of the rule */
    as_doc_finding *made;
    as_arena *arena;
    as_err err;
    bool ready;
} slot;

typedef struct relay {
    as_run *run;
    as_finding_fn fn;
    void *arg;
    size_t *starts; /* by rule: chunks before its first; then the number of all */
    slot *slots;
    size_t slot_count;
    pthread_mutex_t lock; /* of what follows, and of slot.ready */
    pthread_cond_t moved; /* `next` or `err` changed */
    size_t next;          /* chunk to be handed on */
    bool handing;
    as_err err; /* the first, in order */
} relay;

/* ---- making ---- */

/* The rule to which a chunk belongs: the last that starts at or before it. */
static size_t rule_of(const relay *y, size_t chunk)
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

static void make(relay *y, slot *s, size_t chunk)
{
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

/* ---- handing on ---- */

static as_code hand_on(relay *y, slot *s, as_err *e)
{
    as_code code = s->err.code;
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

/* With the lock held. */
static void hand_on_ready(relay *y)
{
    slot *s = &y->slots[y->next % y->slot_count];
    if (y->handing) {
        return;
    }
    y->handing = true;
    while (s->ready && y->err.code == AS_OK) {
        as_err e = {0};
        pthread_mutex_unlock(&y->lock);
        as_code code = hand_on(y, s, &e);
        pthread_mutex_lock(&y->lock);
        if (code != AS_OK) {
            y->err = e;
            y->err.code = code;
        }
        s->ready = false;
        y->next++;
        s = &y->slots[y->next % y->slot_count];
        pthread_cond_broadcast(&y->moved);
    }
    y->handing = false;
}

static void relay_chunk(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end)
{
    relay *y = arg;
    slot *s = &y->slots[chunk % y->slot_count];
    (void)worker, (void)begin, (void)end;
    pthread_mutex_lock(&y->lock);
    while (chunk >= y->next + y->slot_count && y->err.code == AS_OK) {
        pthread_cond_wait(&y->moved, &y->lock);
    }
    bool go = y->err.code == AS_OK;
    pthread_mutex_unlock(&y->lock);
    if (!go) {
        return;
    }
    make(y, s, chunk);
    pthread_mutex_lock(&y->lock);
    s->ready = true;
    hand_on_ready(y);
    pthread_mutex_unlock(&y->lock);
}

/* ---- opening ---- */

static as_code open_slots(relay *y, as_arena *a, as_err *e)
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

static as_code count_chunks(relay *y, as_arena *a, as_err *e)
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
    relay y = {.run = r, .fn = fn, .arg = arg};
    as_arena *a = as_arena_open();
    as_code code = a ? count_chunks(&y, a, e) : as_fail_nomem(e);
    if (code == AS_OK) {
        code = open_slots(&y, a, e);
    }
    as_run_decide_begin(r);
    if (code == AS_OK) {
        pthread_mutex_init(&y.lock, NULL);
        pthread_cond_init(&y.moved, NULL);
        as_pool_for(r->pool, y.starts[r->rule_count], 1, relay_chunk, &y);
        pthread_cond_destroy(&y.moved);
        pthread_mutex_destroy(&y.lock);
        code = y.err.code;
        if (code != AS_OK) {
            *e = y.err;
        }
    }
    for (size_t i = 0; i < y.slot_count; i++) {
        as_arena_close(y.slots[i].arena);
    }
    as_arena_close(a);
    return code;
}
