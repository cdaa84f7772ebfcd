/* pool.c: worker threads that help whoever runs a loop.
 *
 * Invariants
 * 1. A loop lives on the stack of the thread that called as_pool_for. It is on the pool's list
 *    while it may have chunks to hand out; `users` counts the helpers inside it. Both change
 * under `lock` only. The caller leaves when the loop is off the list and has no users.
 * 2. Chunks are handed out by an atomic counter, so in ascending order and each exactly once.
 * 3. The caller works on its own loop until no chunk is left, then waits only for chunks that
 *    helpers have in hand; meanwhile it helps with loops inside these chunks, and with no
 * others (a chunk of another loop may take longer than what is waited for). A helper in a
 * nested loop is itself a caller there, so whatever is waited for is being worked on: loops in
 * loops cannot lock up.
 * 4. What a chunk wrote is seen by the caller: leaving a loop is an unlock, waiting a lock. */
#include "base/pool.h"

#include "base/alloc.h"
#include "base/limits.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

typedef struct loop {
    struct loop *next;
    const struct loop *outer; /* in a chunk of which this one was begun; it lasts longer */
    as_pool_fn fn;
    void *arg;
    size_t n, chunk, chunks;
    _Atomic size_t handed;
    unsigned users;
} loop;

typedef struct worker {
    as_pool *pool;
    unsigned number;
    pthread_t thread;
} worker;

struct as_pool {
    unsigned jobs;
    bool stop;
    pthread_mutex_t lock;
    pthread_cond_t moved; /* a loop was put on the list, the last helper left one, or stop */
    loop *loops;          /* newest first: inner loops end before outer ones */
    worker workers[];     /* jobs - 1 */
};

/* Which pool's worker this thread is; a thread from outside works as number 0. */
static _Thread_local const worker *self;
/* The loop of which this thread has a chunk in hand. */
static _Thread_local const loop *inside;

static unsigned worker_number(const as_pool *p)
{
    return self && self->pool == p ? self->number : 0;
}

static void run_chunks(loop *l, unsigned number)
{
    const loop *before = inside;
    inside = l;
    for (;;) {
        size_t c = atomic_fetch_add_explicit(&l->handed, 1, memory_order_relaxed);
        if (c >= l->chunks)
            break;
        size_t begin = c * l->chunk;
        size_t end = l->n - begin > l->chunk ? begin + l->chunk : l->n;
        l->fn(l->arg, number, c, begin, end);
    }
    inside = before;
}

static bool is_within(const loop *l, const loop *outer)
{
    while (l && l != outer)
        l = l->outer;
    return l == outer;
}

/* A loop with chunks to hand out; within `outer` alone, where it is not NULL. */
static loop *find_work(const as_pool *p, const loop *outer)
{
    loop *l = p->loops;
    while (l && (atomic_load_explicit(&l->handed, memory_order_relaxed) >= l->chunks ||
                 !is_within(l, outer)))
        l = l->next;
    return l;
}

/* Works on a loop of the list, or waits until something moved. Called and left under the lock.
 */
static void help_or_wait(as_pool *p, loop *l, unsigned number)
{
    if (!l) {
        pthread_cond_wait(&p->moved, &p->lock);
        return;
    }
    l->users++;
    pthread_mutex_unlock(&p->lock);
    run_chunks(l, number);
    pthread_mutex_lock(&p->lock);
    if (--l->users == 0)
        pthread_cond_broadcast(&p->moved);
}

static void *worker_main(void *arg)
{
    self = arg;
    as_pool *p = self->pool;
    pthread_mutex_lock(&p->lock);
    while (!p->stop)
        help_or_wait(p, find_work(p, NULL), self->number);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static unsigned machine_jobs(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return (unsigned)CPU_COUNT(&set);
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (unsigned)n : 1;
}

as_code as_pool_open(as_pool **out, unsigned jobs, as_err *e)
{
    *out = NULL;
    if (jobs == 0)
        jobs = machine_jobs();
    if (jobs > AS_JOBS_MAX)
        jobs = AS_JOBS_MAX;
    as_pool *p = as_calloc(1, sizeof *p + (jobs - 1) * sizeof(worker));
    if (!p)
        return as_fail_nomem(e);
    pthread_mutex_init(&p->lock, NULL); /* cannot fail on Linux with default attributes */
    pthread_cond_init(&p->moved, NULL);
    p->jobs = 1;
    for (unsigned i = 0; i + 1 < jobs; i++) {
        worker *w = &p->workers[i];
        *w = (worker){.pool = p, .number = i + 1};
        /* A system that has no more threads to give makes a smaller pool, never a failed run.
         */
        if (pthread_create(&w->thread, NULL, worker_main, w) != 0)
            break;
        p->jobs++;
    }
    *out = p;
    return AS_OK;
}

void as_pool_close(as_pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_broadcast(&p->moved);
    pthread_mutex_unlock(&p->lock);
    for (unsigned i = 0; i + 1 < p->jobs; i++)
        pthread_join(p->workers[i].thread, NULL);
    pthread_cond_destroy(&p->moved);
    pthread_mutex_destroy(&p->lock);
    as_free(p);
}

unsigned as_pool_jobs(const as_pool *p)
{
    return p ? p->jobs : 1;
}

static void publish(as_pool *p, loop *l)
{
    pthread_mutex_lock(&p->lock);
    l->next = p->loops;
    p->loops = l;
    pthread_cond_broadcast(&p->moved);
    pthread_mutex_unlock(&p->lock);
}

static void withdraw(as_pool *p, loop *l)
{
    pthread_mutex_lock(&p->lock);
    loop **at = &p->loops;
    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    while (l->users > 0)
        help_or_wait(p, find_work(p, l), worker_number(p));
    pthread_mutex_unlock(&p->lock);
}

void as_pool_for(as_pool *p, size_t n, size_t chunk, as_pool_fn fn, void *arg)
{
    if (n == 0)
        return;
    if (chunk == 0)
        chunk = n;
    loop l = {.outer = inside, .fn = fn, .arg = arg, .n = n, .chunk = chunk};
    l.chunks = n / chunk + (n % chunk != 0);
    if (!p || p->jobs == 1 || l.chunks == 1) {
        run_chunks(&l, p ? worker_number(p) : 0);
        return;
    }
    publish(p, &l);
    run_chunks(&l, worker_number(p));
    withdraw(p, &l);
}
