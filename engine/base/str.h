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

static inline bool as_str_eq(as_str a, as_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
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
