/* str.c: borrowed text: comparing, trimming, finding, and reading decimal numbers exactly. */
#include "base/str.h"

#include <math.h>
#include <stdlib.h>

int as_str_cmp(as_str a, as_str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int c = n ? memcmp(a.ptr, b.ptr, n) : 0;
    return c ? c : (a.len > b.len) - (a.len < b.len);
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Bytes of the blank that begins at p, 0 if none. */
static size_t blank_at(const char *p, size_t len)
{
    if (len && is_blank(*p))
        return 1;
    if (len >= 2 && memcmp(p, "\xC2\xA0", 2) == 0)
        return 2;
    return len >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

/* Bytes of the blank that ends before p + len, 0 if none. */
static size_t blank_before(const char *p, size_t len)
{
    if (len && is_blank(p[len - 1]))
        return 1;
    if (len >= 2 && memcmp(p + len - 2, "\xC2\xA0", 2) == 0)
        return 2;
    return len >= 3 && memcmp(p + len - 3, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

as_str as_str_trim(as_str s)
{
    for (size_t n; (n = blank_at(s.ptr, s.len)) != 0; s.ptr += n, s.len -= n)
        ;
    for (size_t n; (n = blank_before(s.ptr, s.len)) != 0; s.len -= n)
        ;
    return s;
}

bool as_str_starts(as_str s, as_str prefix)
{
    return s.len >= prefix.len &&
           (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

size_t as_str_find(as_str s, as_str needle)
{
    if (needle.len == 0)
        return 0;
    const char *p = s.len >= needle.len ? memmem(s.ptr, s.len, needle.ptr, needle.len) : NULL;
    return p ? (size_t)(p - s.ptr) : (size_t)-1;
}

as_str as_str_sub(as_str s, size_t at, size_t len)
{
    if (at > s.len)
        at = s.len;
    if (len > s.len - at)
        len = s.len - at;
    return (as_str){s.ptr ? s.ptr + at : NULL, len};
}

bool as_str_to_i64(as_str s, int64_t *out)
{
    bool minus = s.len && s.ptr[0] == '-';
    size_t i = s.len && (s.ptr[0] == '-' || s.ptr[0] == '+');
    if (i == s.len)
        return false;
    int64_t n = 0; /* kept negative: that side has one value more */
    for (; i < s.len; i++) {
        int digit = s.ptr[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(n, 10, &n) ||
            __builtin_sub_overflow(n, digit, &n))
            return false;
    }
    if (!minus && n == INT64_MIN)
        return false;
    *out = minus ? n : -n;
    return true;
}

/* The parts of a decimal number as written. */
typedef struct decimal {
    uint64_t digits; /* all digits without the point, as far as they fit */
    unsigned kept; /* significant digits that are in `digits`: 18, then the rest is left out */
    bool minus;
    int exponent; /* of ten */
} decimal;

static bool scan_exponent(as_str s, size_t i, int *out)
{
    int sign = 1, n = 0;
    if (i < s.len && (s.ptr[i] == '-' || s.ptr[i] == '+'))
        sign = s.ptr[i++] == '-' ? -1 : 1;
    if (i == s.len)
        return false;
    for (; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            return false;
        if (n < 100000) /* far beyond any double, far from overflow */
            n = n * 10 + (s.ptr[i] - '0');
    }
    *out = sign * n;
    return true;
}

static bool scan_decimal(as_str s, bool allow_exponent, decimal *d)
{
    *d = (decimal){0};
    size_t i = 0;
    if (s.len && (s.ptr[0] == '-' || s.ptr[0] == '+'))
        d->minus = s.ptr[i++] == '-';
    bool point = false, any = false;
    for (; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '.' && !point) {
            point = true;
        } else if (c >= '0' && c <= '9') {
            any = true;
            if (d->kept < 18) {
                d->digits = d->digits * 10 + (uint64_t)(c - '0');
                d->kept += d->digits != 0;
                d->exponent -= point;
            } else {
                d->exponent += !point;
            }
        } else {
            break;
        }
    }
    if (!any || i == s.len)
        return any;
    int exponent = 0;
    if (!allow_exponent || (s.ptr[i] != 'e' && s.ptr[i] != 'E') ||
        !scan_exponent(s, i + 1, &exponent))
        return false;
    d->exponent += exponent;
    return true;
}

bool as_str_to_f64(as_str s, bool allow_exponent, double *out)
{
    static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                 1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    char text[512];
    decimal d;
    if (s.len >= sizeof text || !scan_decimal(s, allow_exponent, &d))
        return false;
    /* Both operands are exact doubles, so the one rounding is the right one (Clinger 1990).
     * Where digits were left out, the 18 that were kept are above 2^53. */
    if (d.digits <= (1ull << 53) && d.exponent >= -22 && d.exponent <= 22) {
        double x = (double)d.digits;
        x = d.exponent < 0 ? x / ten[-d.exponent] : x * ten[d.exponent];
        *out = d.minus ? -x : x;
        return true;
    }
    memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    double x = strtod(text, NULL); /* the syntax is checked and nobody calls setlocale */
    if (!isfinite(x))
        return false;
    *out = x;
    return true;
}
