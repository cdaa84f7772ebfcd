/* pattern.h: Lua patterns that cannot run away. Private to engine/lua; knows nothing of lua.h.
 *
 * The matcher of the Lua library backtracks in C without a limit. This one has the same meaning
 * (Lua 5.4 reference manual, 6.4.1) and counts its steps. Two differences, both on the strict
 * side: a malformed pattern is always refused, not only when a match happens to get that far;
 * and `%` before a letter that names no class is refused (there it stands for the letter).
 * Classes are those of ASCII, whatever the locale.
 *
 * Call order: as_luapat_size → as_luapat_compile → as_luapat_match, as often as wanted. A
 * compiled pattern holds no pointers: it may be copied and lives where the caller put it. */
#ifndef AS_LUA_PATTERN_H
#define AS_LUA_PATTERN_H

#include "base/str.h"

#define AS_LUAPAT_CAPTURES 32

typedef struct as_luapat_item {
    uint8_t kind;    /* private to pattern.c */
    uint8_t repeat;  /* 0 = once, else one of ? * + - */
    uint8_t a, b;    /* number of a capture; delimiters of %b */
    uint32_t set[8]; /* the bytes that it matches, a bit each */
} as_luapat_item;

typedef struct as_luapat {
    bool anchored;
    uint32_t captures;
    uint32_t position; /* bit i: capture i is a position, `()` */
    uint32_t count;
    as_luapat_item items[];
} as_luapat;

/* Bytes that as_luapat_compile needs for this pattern. */
size_t as_luapat_size(as_str pattern);

/* NULL, or a sentence that says what is wrong with the pattern (a literal). */
const char *as_luapat_compile(as_luapat *out, as_str pattern);

typedef struct as_luapat_run {
    as_str subject;
    uint64_t steps, limit; /* the caller zeroes steps; matching goes on counting */
    size_t begin[AS_LUAPAT_CAPTURES], end[AS_LUAPAT_CAPTURES]; /* of each capture */
} as_luapat_run;

typedef enum as_luapat_result {
    AS_LUAPAT_NO = 0,
    AS_LUAPAT_YES = 1,
    AS_LUAPAT_LIMIT = -1 /* steps reached limit: no answer */
} as_luapat_result;

/* Does the pattern match at offset `at` exactly? *end is the offset behind the match. */
as_luapat_result as_luapat_match(const as_luapat *p, as_luapat_run *r, size_t at, size_t *end);

/* The first match at or after `from` (only at `from` when anchored). */
as_luapat_result as_luapat_find(const as_luapat *p, as_luapat_run *r, size_t from,
                                size_t *begin, size_t *end);

#endif
