/* alloc.h: the only door to the heap. alloc.c is the only file that calls malloc.
 *
 * Contract: as_alloc(0) returns NULL and is not a failure; any other NULL is out of memory.
 * as_realloc keeps the old block on failure. as_free(NULL) does nothing. Blocks are aligned for
 * any object. Tests make the n-th allocation fail through as_alloc_fail_after(). */
#ifndef AS_BASE_ALLOC_H
#define AS_BASE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

void *as_alloc(size_t size);
void *as_calloc(size_t count, size_t size); /* zeroed; NULL on overflow too */
void *as_realloc(void *old, size_t size);
void as_free(void *p);

#define AS_LARGE_PAGE ((size_t)2 << 20)
/* Says that a block of fresh memory that begins at a large page is to lie on such, where they
 * are cheap: a first touch of a small page costs more than what is written to it. Writes a zero
 * into some of its pages. */
void as_large_pages(char *p, size_t size);
/* Finds out whether they are, beside what the caller does until it needs some. */
void as_large_pages_ahead(void);

/* Test hook: fail the n-th allocation from now (0 = the next); `forever` also all after it.
 * n < 0 switches it off. Not for threads. */
void as_alloc_fail_after(long n, bool forever);

#endif
