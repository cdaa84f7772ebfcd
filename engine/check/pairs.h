/* pairs.h: records of a block, each with a row of another table, decided together.
 *
 * Of most records a rule says the same as of most others: all is well with them and the first
 * row that has their key. Kinds settle those here, block by block, and look only at the rest
 * one by one: as_pairs_take, as_pairs_keep… for each thing asked, as_pairs_settle. */
#ifndef AS_CHECK_PAIRS_H
#define AS_CHECK_PAIRS_H

#include "eval/eval.h"

typedef struct as_pairs {
    uint32_t begin, count;
    uint32_t rows[AS_BLOCK + 16], others[AS_BLOCK + 16]; /* room to write 16 at a time */
} as_pairs;

/* The records begin + i, i < n, with where[i] AS_TRUE that have a row in `first` (as
 * as_probe_block gives it). */
void as_pairs_take(as_pairs *x, uint32_t begin, uint32_t n, const uint8_t *where,
                   const uint32_t *first);
/* Keep those for which the condition is true; NULL: all. */
as_code as_pairs_keep(as_pairs *x, const as_bound *b, as_scratch *s, as_err *e);

/* Those that are left are no longer selected in `where`. Returns how many. */
uint32_t as_pairs_settle(const as_pairs *x, uint8_t *where);

/* A date of the record, and where the other row's time begins and ends; NULL, or null in a row:
 * it is open. */
typedef struct as_pairs_time {
    const as_column *day, *from, *to;
} as_pairs_time;
/* where[i] becomes false for records that have no row in `first`, or whose day is null or not
 * in the time of that row. other_rows: how many the other table has. */
void as_pairs_valid(uint32_t begin, uint32_t n, const uint32_t *first, const as_pairs_time *t,
                    uint32_t other_rows, uint8_t *where);

/* The same where nothing but a row and a time is asked: those with fit[i] AS_TRUE. */
uint32_t as_pairs_settle_fit(uint8_t *where, const uint8_t *fit, uint32_t n);
/* How many are AS_TRUE. */
uint32_t as_truth_count(const uint8_t *truth, uint32_t n);

#endif
