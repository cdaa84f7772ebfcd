/* regex.h: PCRE2, UTF-8, with the limits of limits.h so that no pattern runs away. */
#ifndef AS_BASE_REGEX_H
#define AS_BASE_REGEX_H

#include "base/arena.h"
#include "base/err.h"

typedef struct as_regex as_regex;

typedef enum as_regex_flags { AS_REGEX_WHOLE = 1, AS_REGEX_NOCASE = 2 } as_regex_flags;

/* Compiled (and JIT-compiled where possible); lives as long as `a`. AS_ERULE: e->text names
 * what is wrong and the offset. Threads may share it. */
as_code as_regex_compile(as_regex **out, as_arena *a, as_str pattern, unsigned flags,
                         as_err *e);

/* LIMIT: the pattern ran into a limit (or out of memory) before it could say yes or no: neither
 * a match nor a mismatch. A subject over AS_REGEX_SUBJECT_MAX is LIMIT too. Bytes that are not
 * UTF-8 match nothing. Threads may match at the same time. */
typedef enum as_match { AS_MATCH_NO = 0, AS_MATCH_YES = 1, AS_MATCH_LIMIT = -1 } as_match;
as_match as_regex_match(const as_regex *r, as_str subject);
/* A match costs a few steps a byte, so there is nothing to gain by keeping answers by text. */
bool as_regex_is_cheap(const as_regex *r);
/* Of a cheap pattern: classes[byte], so that texts whose bytes have the same classes are
 * answered the same; class 0 is NUL's alone. NULL: the pattern is not cheap. */
const uint8_t *as_regex_classes(const as_regex *r);
/* Span of the first match (flags without WHOLE), in bytes. */
as_match as_regex_find(const as_regex *r, as_str subject, size_t *begin, size_t *end);
/* The same for the first match that begins at or after byte `from` of the same subject. */
as_match as_regex_find_from(const as_regex *r, as_str subject, size_t from, size_t *begin,
                            size_t *end);

#endif
