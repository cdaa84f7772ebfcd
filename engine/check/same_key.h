/* same_key.h: the records of a table that share a key, in groups. */
#ifndef AS_CHECK_SAME_KEY_H
#define AS_CHECK_SAME_KEY_H

#include "check/scan.h"

/* Groups of two or more, numbered by their first row; rows of group g are
 * rows[start[g]] … rows[start[g + 1] - 1], ascending. */
typedef struct as_same_key {
    size_t count;
    size_t *start; /* count + 1 */
    uint32_t *rows;
} as_same_key;

/* Which rows of a block take part: out[i] is AS_TRUE for those. It may add to *part for rows
 * that it leaves out. */
typedef as_code (*as_select_fn)(void *arg, unsigned worker, uint32_t begin, uint32_t n,
                                uint8_t *out, as_scan_part *part, as_err *e);

/* The groups of the rows that take part, in memory from `a` (the calling thread's). Adds to
 * *counts: the rows that take part as selected, those with a null in the key, which are in no
 * group, also as key_nulls and undecided. AS_EBUDGET: the keys were made to collide. */
as_code as_same_key_find(const as_eval *ev, const as_key *key, as_select_fn select, void *arg,
                         as_arena *a, as_same_key *out, as_result *counts, as_err *e);

#endif
