/* alloc.c: the heap's only door, and the test hook that makes it refuse.
 *
 * The hook's two variables are written by tests alone, before and after they run one thread; in
 * production they are only ever read, so threads may allocate freely. */
#include "base/alloc.h"

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

#define LARGE_PAGE ((size_t)2 << 20)
#define LARGE_FROM ((size_t)1 << 20)

/* A large block lies on large pages, all of it: a first touch of a small page costs more than
 * what is written to it, and a look-up in a table of many small pages walks the page table
 * first. It may be up to a page longer than asked for. */
static void *take(size_t size)
{
    if (size < LARGE_FROM || size > PTRDIFF_MAX - LARGE_PAGE)
        return malloc(size);
    const size_t whole = (size + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
    void *p = aligned_alloc(LARGE_PAGE, whole);
    if (p)
        (void)madvise(p, whole, MADV_HUGEPAGE); /* a wish */
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
