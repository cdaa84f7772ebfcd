/* json_pairs.h: a key and its value within an object, for documents of which every line is
 * written by hand (json.c, prove/proof_json.c). A key comes in one piece with its comma, since
 * a report may hold a million findings. */
#ifndef AS_REPORTS_JSON_PAIRS_H
#define AS_REPORTS_JSON_PAIRS_H

#include "reports/text.h"

#define FIRST(name) AS_STR("\"" name "\": ")
#define KEY(name) AS_STR(", \"" name "\": ")

static inline void text(as_buf *b, as_str key, as_str s)
{
    as_buf_add(b, key);
    as_json_str(b, s);
}

/* null where s is empty */
static inline void maybe(as_buf *b, as_str key, as_str s)
{
    as_buf_add(b, key);
    as_json_str_or_null(b, s);
}

static inline void count(as_buf *b, as_str key, uint64_t n)
{
    as_buf_add(b, key);
    as_buf_addu(b, n);
}

/* Lines and rows count from 1; 0 is nowhere. */
static inline void place(as_buf *b, as_str key, uint64_t n)
{
    as_buf_add(b, key);
    if (n)
        as_buf_addu(b, n);
    else
        as_buf_add(b, AS_STR("null"));
}

#endif
