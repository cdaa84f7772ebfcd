/* str.h: borrowed text. An as_str points into memory that somebody else owns and is NOT
 * NUL-terminated; it may hold any byte. The empty string and "no string" are both length 0;
 * where the difference matters ptr is NULL for "none". */
#ifndef AS_BASE_STR_H
#define AS_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct as_str {
    const char *ptr;
    size_t len;
} as_str;

/* For a string literal, and for printf("%.*s", AS_FMT(s)). */
#define AS_STR(lit) ((as_str){(lit), sizeof(lit) - 1})
#define AS_NONE ((as_str){NULL, 0})
#define AS_FMT(s) ((int)(s).len), ((s).ptr ? (s).ptr : "")

static inline as_str as_str_from(const char *cstr) /* cstr may be NULL */
{
    return (as_str){cstr, cstr ? strlen(cstr) : 0};
}

/* The same n bytes? Most texts here are of a few bytes, and a call would cost more than they
 * do: they are looked at in two loads that overlap in bytes that are the same. */
static inline bool as_bytes_same(const char *a, const char *b, size_t n)
{
    uint64_t x, y, v, w;
    if (n > 16)
        return memcmp(a, b, n) == 0;
    if (n >= 8) {
        memcpy(&x, a, 8);
        memcpy(&y, b, 8);
        memcpy(&v, a + n - 8, 8);
        memcpy(&w, b + n - 8, 8);
        return ((x ^ y) | (v ^ w)) == 0;
    }
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

/* Copies n bytes, without a call where they are few; returns where they end. They must not
 * overlap. */
static inline char *as_bytes_put(char *to, const char *from, size_t n)
{
    if (n > 64) {
        memcpy(to, from, n);
    } else if (n >= 32) {
        struct {
            uint64_t a, b, c, d;
        } first, last;
        memcpy(&first, from, 32);
        memcpy(&last, from + n - 32, 32);
        memcpy(to, &first, 32);
        memcpy(to + n - 32, &last, 32);
    } else if (n >= 16) {
        struct {
            uint64_t a, b;
        } first, last;
        memcpy(&first, from, 16);
        memcpy(&last, from + n - 16, 16);
        memcpy(to, &first, 16);
        memcpy(to + n - 16, &last, 16);
    } else if (n >= 8) {
        uint64_t first, last;
        memcpy(&first, from, 8);
        memcpy(&last, from + n - 8, 8);
        memcpy(to, &first, 8);
        memcpy(to + n - 8, &last, 8);
    } else if (n >= 4) {
        uint32_t first, last;
        memcpy(&first, from, 4);
        memcpy(&last, from + n - 4, 4);
        memcpy(to, &first, 4);
        memcpy(to + n - 4, &last, 4);
    } else if (n) {
        char first = from[0], middle = from[n / 2], last = from[n - 1];
        to[0] = first;
        to[n / 2] = middle;
        to[n - 1] = last;
    }
    return to + n;
}

/* Text of at most 8 bytes as a number, first byte lowest; 0 for "". One text, one number, as
 * long as no byte is NUL (the padding). */
static inline uint64_t as_text_pack(as_str s)
{
    uint32_t a, b;
    if (s.len >= 4) { /* two loads that overlap in bytes that are the same */
        memcpy(&a, s.ptr, 4);
        memcpy(&b, s.ptr + s.len - 4, 4);
        return a | (uint64_t)b << (8 * (s.len - 4));
    }
    if (s.len == 0)
        return 0;
    const unsigned char *p = (const unsigned char *)s.ptr;
    size_t mid = s.len / 2, last = s.len - 1;
    return p[0] | (uint64_t)p[mid] << (8 * mid) | (uint64_t)p[last] << (8 * last);
}

static inline bool as_str_eq(as_str a, as_str b)
{
    return a.len == b.len && as_bytes_same(a.ptr, b.ptr, a.len);
}

/* Byte order; the shorter of two equal prefixes comes first. Like memcmp: <0, 0, >0. */
int as_str_cmp(as_str a, as_str b);

/* Without leading and trailing white space (ASCII blanks, CR, LF, TAB, U+00A0, U+FEFF).
 * Borrowed. */
as_str as_str_trim(as_str s);

bool as_str_starts(as_str s, as_str prefix);

/* First position of `needle`, or (size_t)-1. */
size_t as_str_find(as_str s, as_str needle);

/* Part of s from `at`, at most `len` bytes; clamps. */
as_str as_str_sub(as_str s, size_t at, size_t len);

/* Whole text as an optionally signed decimal integer. False: not one, or out of range. */
bool as_str_to_i64(as_str s, int64_t *out);

/* Whole text as a decimal number (no hex, no inf/nan), correctly rounded. Exponent only if
 * allow_exponent. False also for texts of 512 bytes or more. */
bool as_str_to_f64(as_str s, bool allow_exponent, double *out);

#endif
