/* cache.c: what a measure gives, worked out once in a run however many rules name it.
 *
 * Who comes first works it out; who comes meanwhile waits. The one that works never waits for
 * another measure here (formulas are not kept, their parts are), so nobody waits in a ring. */
#include "base/alloc.h"
#include "measure/bound.h"

#include <pthread.h>

typedef enum progress { WORKING, DONE } progress;

typedef struct entry {
    struct entry *next;
    const as_measure *measure;
    progress progress;
    as_arena *arena;
    as_measure_result result;
    as_code code;
    as_err err;
} entry;

struct as_measure_cache {
    pthread_mutex_t lock;
    pthread_cond_t done;
    entry *entries;
};

as_code as_measure_cache_open(as_measure_cache **out, as_err *e)
{
    as_measure_cache *c = as_calloc(1, sizeof *c);
    *out = c;
    if (!c)
        return as_fail_nomem(e);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->done, NULL);
    return AS_OK;
}

void as_measure_cache_close(as_measure_cache *c)
{
    if (!c)
        return;
    for (entry *x = c->entries, *next; x; x = next) {
        next = x->next;
        as_arena_close(x->arena);
        as_free(x);
    }
    pthread_cond_destroy(&c->done);
    pthread_mutex_destroy(&c->lock);
    as_free(c);
}

/* The measure's entry; *mine: it is new, and the caller is to fill it. NULL: out of memory. */
static entry *find(as_measure_cache *c, const as_measure *m, bool *mine)
{
    pthread_mutex_lock(&c->lock);
    entry *x = c->entries;
    while (x && x->measure != m)
        x = x->next;
    *mine = !x;
    if (!x && (x = as_calloc(1, sizeof *x))) {
        x->measure = m;
        x->next = c->entries;
        c->entries = x;
    }
    while (x && !*mine && x->progress == WORKING)
        pthread_cond_wait(&c->done, &c->lock);
    pthread_mutex_unlock(&c->lock);
    return x;
}

as_code as_measure_kept(const as_measure_node *n, const as_table *t, as_tables tables,
                        as_pool *pool, as_arena *a, as_measure_result *out, as_err *e)
{
    as_measure_cache *c = tables.cache;
    bool mine;
    if (!c)
        return as_measure_aggregate(n, t, tables, pool, a, out, e);
    entry *x = find(c, n->measure, &mine);
    if (!x)
        return as_fail_nomem(e);
    if (mine) {
        x->arena = as_arena_open();
        x->code = x->arena
                      ? as_measure_aggregate(n, t, tables, pool, x->arena, &x->result, &x->err)
                      : as_fail_nomem(&x->err);
        pthread_mutex_lock(&c->lock);
        x->progress = DONE;
        pthread_cond_broadcast(&c->done);
        pthread_mutex_unlock(&c->lock);
    }
    *out = x->result;
    if (x->code != AS_OK && e)
        *e = x->err;
    return x->code;
}
