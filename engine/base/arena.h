/* arena.h: memory with one stated end. Everything taken from an arena dies at as_arena_close()
 * or as_arena_reset(). Whoever opens an arena closes it. Not thread-safe: one arena a thread.
 *
 * Handles (regular expressions, Lua states) tie themselves to an arena with as_arena_on_close.
 */
#ifndef AS_BASE_ARENA_H
#define AS_BASE_ARENA_H

#include "base/str.h"

#define AS_ARENA_ALIGN 16u
#define AS_ARENA_BLOCK ((size_t)1024 * 1024) /* the largest that is kept */

typedef struct as_arena { /* private; here for as_arena_alloc */
    char *at, *end;       /* what is left of the block that is being filled */
    struct as_arena_block *block;
    struct as_arena_closer *closers;
} as_arena;

as_arena *as_arena_open(void); /* NULL: out of memory */
void as_arena_close(as_arena *a);
void as_arena_reset(as_arena *a); /* runs the on_close functions, keeps one block */

/* Aligned for any object, not zeroed. NULL: out of memory, also for a product that overflows;
 * a size of 0 is a piece that holds nothing, not NULL. */
void *as_arena_alloc_slow(as_arena *a, size_t size); /* in a new block; use as_arena_alloc */
static inline void *as_arena_alloc(as_arena *a, size_t size)
{
    if (size > (size_t)(a->end - a->at) || size > AS_ARENA_BLOCK)
        return as_arena_alloc_slow(a, size);
    void *p = a->at;
    a->at += (size + AS_ARENA_ALIGN - 1) & ~(size_t)(AS_ARENA_ALIGN - 1);
    return p;
}
void *as_arena_zalloc(as_arena *a, size_t size); /* zeroed */
void *as_arena_zalloc_n(as_arena *a, size_t count, size_t size);
#define AS_NEW(a, type) ((type *)as_arena_zalloc((a), sizeof(type)))
#define AS_NEW_N(a, type, n) ((type *)as_arena_zalloc_n((a), (n), sizeof(type)))

/* A copy; .ptr is NULL when out of memory (also for an empty source: then "" is used, not
 * NULL). The copy is followed by a NUL byte that .len does not count. */
as_str as_arena_str(as_arena *a, as_str s);
as_str as_arena_printf(as_arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The parts one after another in one text; a part of AS_NONE is empty. Several times faster
 * than as_arena_printf, where texts alone are put together: AS_JOIN(a, name, AS_STR(" is "),
 * v). .ptr NULL: out of memory. */
as_str as_arena_join(as_arena *a, const as_str *parts, size_t count);
#define AS_JOIN(a, ...)                                                                        \
    as_arena_join((a), (const as_str[]){__VA_ARGS__},                                          \
                  sizeof((const as_str[]){__VA_ARGS__}) / sizeof(as_str))

/* Call fn(p) when the arena ends, last registered first. False: out of memory (fn was called).
 */
bool as_arena_on_close(as_arena *a, void (*fn)(void *), void *p);

#endif
