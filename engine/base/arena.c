/* arena.c: a chain of blocks, filled from the front. A piece never moves and is never freed
 * alone.
 *
 * Invariants
 * 1. `block` is the one that is being filled. A reset keeps the largest block of at most
 *    BLOCK_MAX: an arena that is filled and emptied many times soon asks for nothing any more.
 * 2. A piece that does not fit gets a new block of at least twice the last one's size (up to
 *    BLOCK_MAX), so the number of blocks grows with the logarithm of what is taken.
 * 3. The closers live in the arena itself and run, last registered first, before any block
 * goes. */
#include "base/arena.h"

#include "base/alloc.h"
#include "base/buf.h"

#define ALIGN AS_ARENA_ALIGN
#define BLOCK_MIN ((size_t)8 * 1024)
#define BLOCK_MAX AS_ARENA_BLOCK

typedef struct as_arena_block {
    struct as_arena_block *next; /* filled before this one */
    size_t size;                 /* of data[], a multiple of ALIGN */
    _Alignas(ALIGN) char data[];
} block;

typedef struct as_arena_closer {
    struct as_arena_closer *next;
    void (*fn)(void *);
    void *p;
} closer;

static block *block_open(size_t size)
{
    if (size > SIZE_MAX - sizeof(block))
        return NULL;
    block *b = as_alloc(sizeof(block) + size);
    if (b) {
        b->next = NULL;
        b->size = size;
    }
    return b;
}

/* What is taken next comes from b. */
static void fill(as_arena *a, block *b)
{
    a->block = b;
    a->at = b->data;
    a->end = b->data + b->size;
}

as_arena *as_arena_open(void)
{
    as_arena *a = as_calloc(1, sizeof *a);
    if (!a)
        return NULL;
    block *b = block_open(BLOCK_MIN);
    if (!b) {
        as_free(a);
        return NULL;
    }
    fill(a, b);
    return a;
}

void as_arena_reset(as_arena *a)
{
    while (a->closers) {
        closer *c = a->closers;
        a->closers = c->next;
        c->fn(c->p);
    }
    block *kept = NULL;
    while (a->block) {
        block *b = a->block, *other = b;
        a->block = b->next;
        if (b->size <= BLOCK_MAX && (!kept || b->size > kept->size)) {
            other = kept;
            kept = b;
        }
        as_free(other);
    }
    kept->next = NULL;
    fill(a, kept);
}

void as_arena_close(as_arena *a)
{
    if (!a)
        return;
    as_arena_reset(a);
    as_free(a->block);
    as_free(a);
}

void *as_arena_alloc_slow(as_arena *a, size_t size)
{
    if (size > SIZE_MAX - ALIGN)
        return NULL;
    size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (size > (size_t)(a->end - a->at)) {
        size_t last = a->block->size, next = last < BLOCK_MAX / 2 ? last * 2 : BLOCK_MAX;
        block *b = block_open(size > next ? size : next);
        if (!b)
            return NULL;
        b->next = a->block;
        fill(a, b);
    }
    void *p = a->at;
    a->at += size;
    return p;
}

void *as_arena_zalloc(as_arena *a, size_t size)
{
    void *p = as_arena_alloc(a, size);
    return p ? memset(p, 0, size) : NULL;
}

void *as_arena_zalloc_n(as_arena *a, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        return NULL;
    return as_arena_zalloc(a, count * size);
}

as_str as_arena_str(as_arena *a, as_str s)
{
    if (s.len == 0)
        return AS_STR("");
    char *p = s.len < SIZE_MAX ? as_arena_alloc(a, s.len + 1) : NULL;
    if (!p)
        return AS_NONE;
    as_bytes_put(p, s.ptr, s.len);
    p[s.len] = '\0';
    return (as_str){p, s.len};
}

as_str as_arena_join(as_arena *a, const as_str *parts, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += parts[i].len;
    char *text = as_arena_alloc(a, len + 1), *at = text;
    if (!text)
        return AS_NONE;
    for (size_t i = 0; i < count; i++)
        at = as_bytes_put(at, parts[i].ptr, parts[i].len);
    *at = '\0';
    return (as_str){text, len};
}

as_str as_arena_printf(as_arena *a, const char *fmt, ...)
{
    char brief[512];
    as_buf text = AS_BUF_ON(brief, SIZE_MAX / 2);
    va_list ap;
    va_start(ap, fmt);
    as_buf_addv(&text, fmt, ap);
    va_end(ap);
    as_str out = text.failed ? AS_NONE : as_arena_str(a, as_buf_str(&text));
    as_buf_free(&text);
    return out;
}

bool as_arena_on_close(as_arena *a, void (*fn)(void *), void *p)
{
    closer *c = as_arena_alloc(a, sizeof *c);
    if (!c) {
        fn(p);
        return false;
    }
    *c = (closer){a->closers, fn, p};
    a->closers = c;
    return true;
}
