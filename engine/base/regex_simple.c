/* regex_simple.c: see regex_simple.h. Reads what surely means the same to PCRE2 and gives up on
 * everything else: groups, escapes, dots, anchors, `*`, `+`, lazy or possessive quantifiers,
 * negated or named classes, and bytes that are not printable ASCII.
 *
 * Items of all alternatives stand in one line of at most 64 bits; each alternative ends with a
 * bit of its own that reads nothing. */
#include "base/regex_simple.h"

#include <string.h>

#define BITS 64u

typedef struct reader {
    as_regex_simple *out;
    const char *at, *end;
    unsigned used; /* bits */
    unsigned run;  /* optional items just before */
} reader;

static bool is_plain(char c)
{
    return c >= ' ' && c <= '~' && !strchr("\\^$.|?*+()[]{}", c);
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static void put(bool set[256], char from, char to)
{
    for (unsigned c = (unsigned char)from; c <= (unsigned char)to; c++)
        set[c] = true;
}

/* Behind "[". */
static bool read_class(reader *r, bool set[256])
{
    const char *first = r->at;
    for (; r->at < r->end && *r->at != ']'; r->at++) {
        const char from = *r->at;
        const bool range = r->end - r->at > 2 && r->at[1] == '-' && r->at[2] != ']';
        if (!is_plain(from) || from == '-')
            return false;
        if (!range) {
            put(set, from, from);
            continue;
        }
        if (!is_alnum(from) || !is_alnum(r->at[2]) || from > r->at[2])
            return false;
        put(set, from, r->at[2]);
        r->at += 2;
    }
    return r->at < r->end && r->at++ != first;
}

static bool read_number(reader *r, unsigned *out)
{
    const char *first = r->at;
    for (*out = 0; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++)
        if ((*out = *out * 10 + (unsigned)(*r->at - '0')) > BITS)
            return false;
    return r->at != first;
}

/* How often the item stands there: nothing, "?", "{n}" or "{n,m}". */
static bool read_times(reader *r, unsigned *least, unsigned *most)
{
    *least = *most = 1;
    if (r->at == r->end || !strchr("?*+{", *r->at))
        return true;
    if (*r->at == '?') {
        *least = 0;
    } else if (*r->at == '{') {
        r->at++;
        if (!read_number(r, least))
            return false;
        *most = *least;
        if (r->at < r->end && *r->at == ',' && (r->at++, !read_number(r, most)))
            return false;
        if (r->at == r->end || *r->at != '}' || *most < *least || *most == 0)
            return false;
    } else {
        return false;
    }
    r->at++;
    return r->at == r->end || !strchr("?*+{", *r->at);
}

static bool add_item(reader *r, const bool set[256], bool optional)
{
    as_regex_simple *m = r->out;
    if (r->used == BITS - 1)
        return false;
    for (unsigned c = 0; c < 256; c++)
        m->reads[c] |= (uint64_t)set[c] << r->used;
    m->optional |= (uint64_t)optional << r->used;
    r->run = optional ? r->run + 1 : 0;
    m->run = r->run > m->run ? r->run : m->run;
    r->used++;
    return true;
}

static bool read_item(reader *r)
{
    bool set[256] = {false};
    unsigned least, most;
    char c = *r->at++;
    if (c == '[') {
        if (!read_class(r, set))
            return false;
    } else if (is_plain(c)) {
        set[(unsigned char)c] = true;
    } else {
        return false;
    }
    if (!read_times(r, &least, &most))
        return false;
    for (unsigned i = 0; i < most; i++)
        if (!add_item(r, set, i >= least))
            return false;
    return true;
}

static bool read_alternative(reader *r)
{
    r->run = 0;
    r->out->starts |= 1ull << r->used;
    while (r->at < r->end && *r->at != '|')
        if (!read_item(r))
            return false;
    r->out->ends |= 1ull << r->used++;
    return r->used < BITS;
}

/* Few at a time are new: printable bytes, and one class for all the others. */
static void make_classes(as_regex_simple *m)
{
    uint8_t count = 0;
    for (unsigned c = 1; c < 256; c++) {
        unsigned like = 1;
        while (m->reads[like] != m->reads[c])
            like++;
        m->classes[c] = like < c ? m->classes[like] : ++count;
    }
}

bool as_regex_simple_make(as_regex_simple *out, as_str pattern)
{
    *out = (as_regex_simple){.starts = 0};
    if (pattern.len == 0)
        return false;
    reader r = {out, pattern.ptr, pattern.ptr + pattern.len, 0, 0};
    for (;;) {
        if (!read_alternative(&r))
            return false;
        if (r.at == r.end)
            break;
        r.at++;
    }
    out->starts = as_regex_simple_skip(out, out->starts);
    make_classes(out);
    return true;
}
