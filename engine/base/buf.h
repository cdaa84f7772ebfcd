/* buf.h: text that grows, up to a cap named in limits.h. Zero-initialise with AS_BUF(cap), or
 * with AS_BUF_ON(room, cap) where the text is mostly short: it begins in an array of the caller
 * and takes memory of its own only when it outgrows that.
 * A failed append (cap reached or out of memory) sets `failed` and later appends do nothing, so
 * that a writer may append many times and look once. */
#ifndef AS_BASE_BUF_H
#define AS_BASE_BUF_H

#include "base/str.h"
#include <stdarg.h>

typedef struct as_buf {
    char *ptr; /* NUL-terminated whenever non-NULL */
    size_t len;
    size_t size; /* allocated */
    size_t cap;  /* largest len ever allowed */
    bool failed;
    bool borrowed; /* ptr is the caller's room */
} as_buf;

#define AS_BUF(max) ((as_buf){NULL, 0, 0, (max), false, false})
/* `room`: a char array that outlives the buffer. */
#define AS_BUF_ON(room, max)                                                                   \
    ((as_buf){((room)[0] = '\0', (room)), 0, sizeof(room), (max), false, true})

void as_buf_add_slow(as_buf *b, as_str s); /* where there may be no room; use as_buf_add */
static inline void as_buf_add(as_buf *b, as_str s)
{
    if (b->failed || s.len >= b->size - b->len || s.len > b->cap - b->len) {
        as_buf_add_slow(b, s);
        return;
    }
    if (s.len)
        memcpy(b->ptr + b->len, s.ptr, s.len);
    b->len += s.len;
    b->ptr[b->len] = '\0';
}
static inline void as_buf_addc(as_buf *b, char c)
{
    as_buf_add(b, (as_str){&c, 1});
}
void as_buf_addu(as_buf *b, uint64_t n); /* in decimal */
void as_buf_addf(as_buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void as_buf_addv(as_buf *b, const char *fmt, va_list ap);
void as_buf_clear(as_buf *b); /* length 0, memory kept, `failed` cleared */
void as_buf_free(as_buf *b);
static inline as_str as_buf_str(const as_buf *b)
{
    return (as_str){b->ptr ? b->ptr : "", b->len};
}

#endif
