/* relay.c: see relay.h.
 *
 * A worker that has made a part hands on all parts that are ready and next in order, unless
 * another worker is doing that. So nobody waits for the others at the end of a batch, and a
 * worker that is alone hands on what it has just made while it is still in its cache.
 *
 * Invariants
 * 1. Part i is made in slot i % slot_count, when i is less than slot_count ahead of the next
 * one to be handed on. Parts are handed out in ascending order, so that next one is always
 * ready or being made, and whoever waits is woken.
 * 2. One worker at a time hands on (`handing`): the receiver need not be thread-safe. */
#include "base/relay.h"

#include "base/alloc.h"
#include <pthread.h>

typedef struct state {
    const as_relay *r;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t moved; /* `next` or `code` changed */
    bool *ready;          /* by slot */
    size_t next;          /* part to be handed on */
    bool handing;
    as_code code;
    as_err err;
} state;

/* With the lock held. */
static void hand_on_ready(state *s)
{
    const as_relay *r = s->r;
    if (s->handing)
        return;
    s->handing = true;
    for (size_t slot = s->next % r->slot_count; s->ready[slot] && s->code == AS_OK;
         slot = s->next % r->slot_count) {
        pthread_mutex_unlock(&s->lock);
        as_code code = r->hand(r->arg, slot, s->next, &s->err);
        pthread_mutex_lock(&s->lock);
        s->code = code;
        s->ready[slot] = false;
        s->next++;
        pthread_cond_broadcast(&s->moved);
    }
    s->handing = false;
}

static void one_part(void *arg, unsigned worker, size_t part, size_t begin, size_t end)
{
    state *s = arg;
    const as_relay *r = s->r;
    (void)worker, (void)begin, (void)end;
    pthread_mutex_lock(&s->lock);
    while (part >= s->next + r->slot_count && s->code == AS_OK)
        pthread_cond_wait(&s->moved, &s->lock);
    bool go = s->code == AS_OK;
    pthread_mutex_unlock(&s->lock);
    if (!go)
        return;
    r->make(r->arg, part % r->slot_count, part);
    pthread_mutex_lock(&s->lock);
    s->ready[part % r->slot_count] = true;
    hand_on_ready(s);
    pthread_mutex_unlock(&s->lock);
}

as_code as_relay_run(const as_relay *r, as_pool *p, as_err *e)
{
    state s = {.r = r, .ready = as_calloc(r->slot_count, sizeof *s.ready)};
    if (!s.ready)
        return as_fail_nomem(e);
    pthread_mutex_init(&s.lock, NULL);
    pthread_cond_init(&s.moved, NULL);
    as_pool_for(p, r->n, 1, one_part, &s);
    pthread_cond_destroy(&s.moved);
    pthread_mutex_destroy(&s.lock);
    as_free(s.ready);
    if (s.code != AS_OK)
        *e = s.err;
    return s.code;
}
