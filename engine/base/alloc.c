/* alloc.c: the heap's only door, and the test hook that makes it refuse.
 *
 * The hook's two variables are written by tests alone, before and after they run one thread; in
 * production they are only ever read, so threads may allocate freely. */
#include "base/alloc.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static long fail_in = -1; /* allocations left before the refusal; < 0: the hook is off */
static bool fail_forever;

static bool refused(void)
{
    if (fail_in < 0)
        return false;
    if (fail_in > 0) {
        fail_in--;
        return false;
    }
    if (!fail_forever)
        fail_in = -1;
    return true;
}

#define LARGE_FROM ((size_t)1 << 20)
/* Of a first touch, in nanoseconds of this thread: 80,000 is usual, 5,000,000 where the machine
 * is a guest that has given its free memory back to the host, page by large page. Small ones
 * come from what it still has, 1,400 each. */
#define LARGE_DEAR 500000
#define LARGE_SAMPLES 16 /* pages of a block that are tried at most: they are much alike */
#define LARGE_ALONE 64   /* a block of so many is worth a look of its own, and a better one */

void as_large_pages(char *p, size_t size)
{
    static atomic_bool dear;
    const size_t pages = size / AS_LARGE_PAGE, step = pages / LARGE_SAMPLES + 1;
    size_t tried = 0, slow = 0;
    if (pages < LARGE_ALONE && atomic_load_explicit(&dear, memory_order_relaxed)) {
        (void)madvise(p, size, MADV_NOHUGEPAGE);
        return;
    }
    (void)madvise(p, size, MADV_HUGEPAGE); /* a wish */
    uint64_t before = as_clock_ns(CLOCK_THREAD_CPUTIME_ID);
    for (size_t i = 0; i < pages; i += step) {
        *(volatile char *)(p + i * AS_LARGE_PAGE) = 0;
        const uint64_t now = as_clock_ns(CLOCK_THREAD_CPUTIME_ID);
        tried++;
        slow += now - before >= LARGE_DEAR;
        before = now;
        /* One in six is where both cost the same; more leaves something to chance. */
        if (4 * slow > tried + pages / 16) {
            atomic_store_explicit(&dear, true, memory_order_relaxed);
            (void)madvise(p, size, MADV_NOHUGEPAGE);
            return;
        }
    }
}

static void *look_ahead(void *unused)
{
    char *p = aligned_alloc(AS_LARGE_PAGE, AS_LARGE_PAGE);
    if (p)
        as_large_pages(p, AS_LARGE_PAGE);
    free(p);
    return unused;
}

void as_large_pages_ahead(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, look_ahead, NULL) == 0)
        pthread_detach(thread);
}

/* A large block lies on large pages, all of it: a look-up in a table of many small pages walks
 * the page table first, too. It may be up to a page longer than asked for. */
static void *take(size_t size)
{
    if (size < LARGE_FROM || size > PTRDIFF_MAX - AS_LARGE_PAGE)
        return malloc(size);
    const size_t whole = (size + AS_LARGE_PAGE - 1) / AS_LARGE_PAGE * AS_LARGE_PAGE;
    char *p = aligned_alloc(AS_LARGE_PAGE, whole);
    if (p)
        as_large_pages(p, whole);
    return p;
}

void *as_alloc(size_t size)
{
    if (size == 0 || size > PTRDIFF_MAX || refused())
        return NULL;
    return take(size);
}

void *as_calloc(size_t count, size_t size)
{
    if (count == 0 || size == 0 || count > PTRDIFF_MAX / size || refused())
        return NULL;
    if (count * size < LARGE_FROM)
        return calloc(count, size);
    void *p = take(count * size);
    return p ? memset(p, 0, count * size) : NULL;
}

void *as_realloc(void *old, size_t size)
{
    if (size == 0) /* shrinking to nothing: keep one byte, so that NULL always means failure */
        size = 1;
    if (size > PTRDIFF_MAX || refused())
        return NULL;
    return realloc(old, size);
}

void as_free(void *p)
{
    free(p);
}

void as_alloc_fail_after(long n, bool forever)
{
    fail_in = n < 0 ? -1 : n;
    fail_forever = forever;
}
