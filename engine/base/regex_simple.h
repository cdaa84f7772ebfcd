/* regex_simple.h: (base/regex.c only) patterns that are a few alternatives of characters and
 * classes, each once, optional or a few times: "SC[0-9]{6}|[0-9]{7}". Most patterns of rules
 * are, and all values of a column go through them: one step of a few instructions a byte says
 * for a whole value what PCRE2 says. Everything else is for PCRE2. */
#ifndef AS_BASE_REGEX_SIMPLE_H
#define AS_BASE_REGEX_SIMPLE_H

#include "base/str.h"

/* A machine whose states are bits: bit i is set when the items before i were read. */
typedef struct as_regex_simple {
    uint64_t reads[256]; /* by byte: the items that take it */
    uint64_t optional;   /* items that may be left out */
    uint64_t starts, ends;
    unsigned run;         /* most optional items in a row */
    uint8_t classes[256]; /* bytes that the same items take have the same; NUL alone has 0 */
} as_regex_simple;

/* False: the pattern is not simple. */
bool as_regex_simple_make(as_regex_simple *out, as_str pattern);

static inline uint64_t as_regex_simple_skip(const as_regex_simple *r, uint64_t states)
{
    for (unsigned i = 0; i < r->run; i++)
        states |= (states & r->optional) << 1;
    return states;
}

/* Is the whole text one of the pattern's? */
static inline bool as_regex_simple_match(const as_regex_simple *r, as_str text)
{
    uint64_t states = text.len < 64 ? r->starts : 0; /* longer than any pattern */
    for (size_t i = 0; i < text.len && states; i++)
        states = as_regex_simple_skip(r, (states & r->reads[(unsigned char)text.ptr[i]]) << 1);
    return (states & r->ends) != 0;
}

#endif
