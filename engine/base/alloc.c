/* alloc.c: the heap's only door, and the test hook that makes it refuse.
 *
 * The hook's two variables are written by tests alone, before and after they run one thread; in
 * production they are only ever read, so threads may allocate freely. */
#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
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

/* Ask for large pages under a large block that nobody has touched yet: a first touch of a small
 * page costs more than what is written to it, and a table of keys touches all of them. */
static void *on_large_pages(void *p, size_t size)
{
    const uintptr_t page = 2u << 20;
    uintptr_t begin = ((uintptr_t)p + page - 1) / page * page;
    uintptr_t end = ((uintptr_t)p + size) / page * page;
    if (p && size >= 2 * page && end > begin)
        (void)madvise((void *)begin, end - begin, MADV_HUGEPAGE); /* a wish */
    return p;
}

void *as_alloc(size_t size)
{
    if (size == 0 || size > PTRDIFF_MAX || refused())
        return NULL;
    return on_large_pages(malloc(size), size);
}

void *as_calloc(size_t count, size_t size)
{
    if (count == 0 || size == 0 || count > PTRDIFF_MAX / size || refused())
        return NULL;
    return on_large_pages(calloc(count, size), count * size);
}

void *as_calloc_scattered(size_t count, size_t size)
{
    const uintptr_t page = 4096;
    char *p = as_calloc(count, size);
#ifdef MADV_POPULATE_WRITE
    uintptr_t begin = ((uintptr_t)p + page - 1) / page * page;
    uintptr_t end = ((uintptr_t)p + count * size) / page * page;
    if (p && end > begin + 64 * page)
        (void)madvise((void *)begin, end - begin, MADV_POPULATE_WRITE); /* a wish */
#endif
    return p;
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
