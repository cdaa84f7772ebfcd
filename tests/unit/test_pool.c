/* Loops over 1 to 4 threads: every index once, chunks by n and chunk alone, loops in loops. */
#include "unit.h"

#include "base/pool.h"
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#define N 10007

typedef struct job {
    as_pool *pool;
    _Atomic unsigned char seen[N];
    _Atomic int inside[8]; /* by worker */
    _Atomic int clashes;
    size_t begins[N];
    size_t chunk;
} job;

static void visit(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end)
{
    job *j = arg;
    if (worker >= as_pool_jobs(j->pool) || atomic_fetch_add(&j->inside[worker], 1) != 0)
        j->clashes++;
    if (begin != chunk * j->chunk || end <= begin || end - begin > j->chunk)
        j->clashes++;
    j->begins[chunk] = begin;
    for (size_t i = begin; i < end; i++)
        j->seen[i]++;
    atomic_fetch_sub(&j->inside[worker], 1);
}

static void test_once_each(void **state)
{
    (void)state;
    static job j;
    const size_t chunks[] = {1, 7, 1000, N, N + 1};
    for (unsigned jobs = 0; jobs <= 4; jobs++) {
        as_err e;
        memset(&j, 0, sizeof j);
        if (jobs)
            assert_int_equal(as_pool_open(&j.pool, jobs, &e), AS_OK);
        assert_int_equal(as_pool_jobs(j.pool), jobs ? jobs : 1);
        for (size_t c = 0; c < 5; c++) {
            j.chunk = chunks[c];
            memset((void *)j.seen, 0, sizeof j.seen);
            as_pool_for(j.pool, N, j.chunk, visit, &j);
            for (size_t i = 0; i < N; i++)
                assert_int_equal(j.seen[i], 1);
        }
        assert_int_equal(j.clashes, 0);
        as_pool_for(j.pool, 0, 5, visit, NULL); /* nothing to do */
        as_pool_close(j.pool);
    }
    as_pool_close(NULL);
}

typedef struct whole {
    _Atomic int calls;
    size_t end;
} whole;

static void visit_whole(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end)
{
    whole *w = arg;
    w->calls++;
    w->end = end - begin + chunk + worker;
}

static void test_chunk_zero(void **state)
{
    (void)state;
    as_pool *p;
    as_err e;
    whole w = {0, 0};
    assert_int_equal(as_pool_open(&p, 3, &e), AS_OK);
    as_pool_for(p, 50, 0, visit_whole, &w);
    assert_int_equal(w.calls, 1);
    assert_int_equal(w.end, 50);
    as_pool_close(p);
}

/* Loops in loops in loops: the worker number stays that of the thread. */
typedef struct nest {
    as_pool *pool;
    unsigned worker, depth;
    _Atomic long *sum;
    _Atomic int *wrong;
} nest;

static void visit_nest(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end)
{
    const nest *n = arg;
    (void)chunk;
    if (n->depth == 0) {
        *n->sum += (long)(end - begin);
        return;
    }
    static _Thread_local unsigned known;
    if (known && known != worker + 1)
        (*n->wrong)++;
    known = worker + 1;
    for (size_t i = begin; i < end; i++) {
        nest inner = *n;
        inner.worker = worker;
        inner.depth--;
        as_pool_for(n->pool, 13, 2, visit_nest, &inner);
    }
}

static void test_nested(void **state)
{
    (void)state;
    for (unsigned jobs = 1; jobs <= 4; jobs++) {
        as_pool *p;
        as_err e;
        _Atomic long sum = 0;
        _Atomic int wrong = 0;
        assert_int_equal(as_pool_open(&p, jobs, &e), AS_OK);
        nest n = {p, 0, 3, &sum, &wrong};
        as_pool_for(p, 13, 1, visit_nest, &n);
        assert_int_equal(sum, 13 * 13 * 13 * 13);
        assert_int_equal(wrong, 0);
        as_pool_close(p);
    }
}

/* Work put together in chunk order is the same at any number of threads. */
static void visit_sum(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end)
{
    double *sums = arg, x = 0;
    (void)worker;
    for (size_t i = begin; i < end; i++)
        x += 1.0 / (double)(i + 1);
    sums[chunk] = x;
}

static void test_deterministic(void **state)
{
    (void)state;
    double first = 0;
    for (unsigned jobs = 1; jobs <= 4; jobs++)
        for (int round = 0; round < 20; round++) {
            as_pool *p;
            as_err e;
            double sums[100], total = 0;
            assert_int_equal(as_pool_open(&p, jobs, &e), AS_OK);
            as_pool_for(p, N, 101, visit_sum, sums);
            as_pool_close(p);
            for (size_t i = 0; i < 100; i++)
                total += sums[i];
            first = first == 0 ? total : first;
            assert_true(total == first);
        }
}

/* The threads do work at one time: each of four chunks waits until all four are inside. */
static void visit_sleep(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end)
{
    (void)worker, (void)chunk, (void)begin, (void)end;
    _Atomic int *in = arg;
    (*in)++;
    for (int i = 0; i < 2000 && *in < 4; i++) /* until all four are inside, 2 s at most */
        usleep(1000);
}

static void test_parallel(void **state)
{
    (void)state;
    as_pool *p;
    as_err e;
    _Atomic int in = 0;
    assert_int_equal(as_pool_open(&p, 4, &e), AS_OK);
    time_t before = time(NULL);
    as_pool_for(p, 4, 1, visit_sleep, &in);
    assert_true(time(NULL) - before < 2);
    assert_int_equal(in, 4);
    as_pool_close(p);
}

/* A loop of two: who has the first one waits until the other one is at work, and is then needed
 * in the loop inside the second. */
typedef struct meeting {
    as_pool *pool;
    _Atomic int begun, met;
} meeting;

static bool wait_until(_Atomic int *what, int least)
{
    for (int i = 0; i < 10000 && atomic_load(what) < least; i++)
        usleep(1000);
    return atomic_load(what) >= least;
}

static void meet(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end)
{
    meeting *m = arg;
    (void)worker, (void)chunk, (void)begin, (void)end;
    m->met++;
    assert_true(wait_until(&m->met, 2));
}

static void first_waits(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end)
{
    meeting *m = arg;
    (void)worker, (void)begin, (void)end;
    m->begun += (int)chunk;
    assert_true(wait_until(&m->begun, 1));
    if (chunk == 1)
        as_pool_for(m->pool, 2, 1, meet, m);
}

static void test_waiting_helps(void **state)
{
    (void)state;
    as_err e;
    for (int i = 0; i < 20; i++) {
        meeting m = {.pool = NULL};
        assert_int_equal(as_pool_open(&m.pool, 2, &e), AS_OK);
        as_pool_for(m.pool, 2, 1, first_waits, &m);
        assert_int_equal(m.met, 2);
        as_pool_close(m.pool);
    }
}

static void test_many_short(void **state)
{
    (void)state;
    as_pool *p;
    as_err e;
    _Atomic long sum = 0;
    _Atomic int wrong = 0;
    assert_int_equal(as_pool_open(&p, 4, &e), AS_OK);
    nest n = {p, 0, 0, &sum, &wrong};
    for (int i = 0; i < 5000; i++)
        as_pool_for(p, 6, 2, visit_nest, &n);
    assert_int_equal(sum, 30000);
    as_pool_close(p);
    assert_int_equal(as_pool_open(&p, 0, &e), AS_OK);
    assert_true(as_pool_jobs(p) >= 1);
    as_pool_close(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_once_each),     cmocka_unit_test(test_chunk_zero),
        cmocka_unit_test(test_nested),        cmocka_unit_test(test_deterministic),
        cmocka_unit_test(test_parallel),      cmocka_unit_test(test_many_short),
        cmocka_unit_test(test_waiting_helps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
