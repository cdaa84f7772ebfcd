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
    char *p = as_realloc(b->borrowed ? NULL : b->ptr, size);
    if (!p) {
        b->failed = true;
        return false;
    }
    if (b->borrowed)
        memcpy(p, b->ptr, b->len + 1);
    b->borrowed = false;
    b->ptr = p;
    b->size = size;
    return true;
}

void as_buf_add_slow(as_buf *b, as_str s)
{
    if (!make_room(b, s.len))
        return;
    if (s.len)
        memcpy(b->ptr + b->len, s.ptr, s.len);
    b->len += s.len;
    b->ptr[b->len] = '\0';
}

static size_t digits_of(uint64_t n)
{
    size_t digits = 1;
    for (uint64_t power = 10; n >= power && digits < 20; power *= 10)
        digits++;
    return digits;
}

/* Written where they stay, where there is room. */
void as_buf_addu(as_buf *b, uint64_t n)
{
    const size_t digits = digits_of(n);
    const bool fits = !b->failed && digits < b->size - b->len && digits <= b->cap - b->len;
    char aside[20], *at = (fits ? b->ptr + b->len : aside) + digits;
    for (size_t left = digits; left; left--, n /= 10)
        *--at = (char)('0' + n % 10);
    if (!fits) {
        as_buf_add(b, (as_str){aside, digits});
        return;
    }
    b->len += digits;
    b->ptr[b->len] = '\0';
}

/* ---- printf ---- */

/* The conversions that nearly all sentences are made of are written here, several times faster
 * than by vsnprintf: %s, %.*s, %c, %d, %u, %zu, %llu, %lld and %%. */
typedef enum conversion {
    OTHER,
    TEXT,
    TEXT_OF,
    CHARACTER,
    INT,
    UNSIGNED,
    SIZE,
    ULONGLONG,
    LONGLONG,
    PERCENT
} conversion;

/* What begins after a '%'; *len: its bytes. */
static conversion conversion_at(const char *p, size_t *len)
{
    *len = 1;
    switch (*p) {
    case 's':
        return TEXT;
    case 'c':
        return CHARACTER;
    case 'd':
        return INT;
    case 'u':
        return UNSIGNED;
    case '%':
        return PERCENT;
    default:
        break;
    }
    *len = 2;
    if (strncmp(p, "zu", 2) == 0)
        return SIZE;
    *len = 3;
    return strncmp(p, ".*s", 3) == 0   ? TEXT_OF
           : strncmp(p, "llu", 3) == 0 ? ULONGLONG
           : strncmp(p, "lld", 3) == 0 ? LONGLONG
                                       : OTHER;
}

static void add_signed(as_buf *b, long long n)
{
    if (n < 0)
        as_buf_addc(b, '-');
    as_buf_addu(b, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

/* False: a conversion that is not known here. */
static bool add_known(as_buf *b, const char *fmt, va_list ap)
{
    size_t len;
    const char *p, *text;
    for (; (p = strchr(fmt, '%')) != NULL; fmt = p + 1 + len) {
        int most = -1;
        as_buf_add(b, (as_str){fmt, (size_t)(p - fmt)});
        switch (conversion_at(p + 1, &len)) {
        case TEXT_OF:
            most = va_arg(ap, int);
            /* fall through */
        case TEXT:
            text = va_arg(ap, const char *);
            text = text ? text : "(null)";
            as_buf_add(b,
                       (as_str){text, most < 0 ? strlen(text) : strnlen(text, (size_t)most)});
            break;
        case CHARACTER:
            as_buf_addc(b, (char)va_arg(ap, int));
            break;
        case INT:
            add_signed(b, va_arg(ap, int));
            break;
        case UNSIGNED:
            as_buf_addu(b, va_arg(ap, unsigned));
            break;
        case SIZE:
            as_buf_addu(b, va_arg(ap, size_t));
            break;
        case ULONGLONG:
            as_buf_addu(b, va_arg(ap, unsigned long long));
            break;
        case LONGLONG:
            add_signed(b, va_arg(ap, long long));
            break;
        case PERCENT:
            as_buf_addc(b, '%');
            break;
        case OTHER:
            return false;
        }
    }
    as_buf_add(b, as_str_from(fmt));
    return true;
}

static void add_any(as_buf *b, const char *fmt, va_list ap)
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

void as_buf_addv(as_buf *b, const char *fmt, va_list ap)
{
    va_list again;
    size_t before = b->len;
    va_copy(again, ap);
    bool known = add_known(b, fmt, ap);
    if ((!known || b->failed) && b->len > before) { /* all of it or nothing */
        b->len = before;
        b->ptr[before] = '\0';
    }
    if (!known)
        add_any(b, fmt, again);
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
    if (!b->borrowed)
        as_free(b->ptr);
    b->borrowed = false;
    b->ptr = NULL;
    b->len = b->size = 0;
    b->failed = false;
}
