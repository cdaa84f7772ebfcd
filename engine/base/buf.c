/* buf.c: text that grows by doubling up to its cap. Invariant: ptr is NULL or size > len and
 * ptr[len] is NUL; a refused append leaves ptr and len as they were. */
#include "base/buf.h"

#include "base/alloc.h"
#include <stdio.h>

#define FIRST_SIZE ((size_t)64)

/* Room for `more` bytes and a NUL. */
static bool make_room(as_buf *b, size_t more)
{
    if (b->failed)
        return false;
    if (b->len > b->cap || more > b->cap - b->len || b->len + more == SIZE_MAX) {
        b->failed = true;
        return false;
    }
    size_t need = b->len + more + 1;
    if (need <= b->size)
        return true;
    size_t size = b->size ? b->size : FIRST_SIZE;
    while (size < need)
        size = size > SIZE_MAX / 2 ? need : size * 2;
    char *p = as_realloc(b->ptr, size);
    if (!p) {
        b->failed = true;
        return false;
    }
    b->ptr = p;
    b->size = size;
    return true;
}

void as_buf_add(as_buf *b, as_str s)
{
    if (!make_room(b, s.len))
        return;
    if (s.len)
        memcpy(b->ptr + b->len, s.ptr, s.len);
    b->len += s.len;
    b->ptr[b->len] = '\0';
}

void as_buf_addc(as_buf *b, char c)
{
    if (!make_room(b, 1))
        return;
    b->ptr[b->len++] = c;
    b->ptr[b->len] = '\0';
}

void as_buf_addu(as_buf *b, uint64_t n)
{
    char text[24];
    size_t at = sizeof text;
    do {
        text[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    as_buf_add(b, (as_str){text + at, sizeof text - at});
}

void as_buf_addv(as_buf *b, const char *fmt, va_list ap)
{
    va_list again;
    char brief[256]; /* nearly all are shorter: formatted once */
    va_copy(again, ap);
    int n = vsnprintf(brief, sizeof brief, fmt, ap);
    if (n < 0) {
        b->failed = true;
    } else if ((size_t)n < sizeof brief) {
        as_buf_add(b, (as_str){brief, (size_t)n});
    } else if (make_room(b, (size_t)n)) {
        (void)vsnprintf(b->ptr + b->len, (size_t)n + 1, fmt, again);
        b->len += (size_t)n;
    }
    va_end(again);
}

void as_buf_addf(as_buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    as_buf_addv(b, fmt, ap);
    va_end(ap);
}

void as_buf_clear(as_buf *b)
{
    b->len = 0;
    b->failed = false;
    if (b->ptr)
        b->ptr[0] = '\0';
}

void as_buf_free(as_buf *b)
{
    as_free(b->ptr);
    b->ptr = NULL;
    b->len = b->size = 0;
    b->failed = false;
}
