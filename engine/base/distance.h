/* distance.h: how alike two texts are, in code points. A byte that is not UTF-8 counts as a
 * character of its own.
 *
 * Levenshtein distance (V. I. Levenshtein, "Binary codes capable of correcting deletions,
 * insertions, and reversals", 1966): the least number of characters inserted, deleted or
 * replaced; a swap of neighbours counts as two, unlike in as_text_distance.
 *
 * Jaro-Winkler similarity (M. A. Jaro, 1989; W. E. Winkler, 1990), from 0 to 1: characters
 * count as common when they stand within half the longer length less one of each other; half of
 * the common ones that are out of order, rounded down, are transpositions; a common prefix of
 * up to 4 characters adds a tenth of what is missing to 1 for each, where the similarity
 * without it is above 0.7 (as in the Census Bureau's strcmp95, without its table of similar
 * letters and its rule for long texts). Two empty texts are equal, an empty one and another
 * have nothing in common.
 *
 * Texts are compared with one that is prepared once: as_pattern. A bag tells most texts apart
 * without comparing them. */
#ifndef AS_BASE_DISTANCE_H
#define AS_BASE_DISTANCE_H

#include "base/str.h"

typedef struct as_pattern as_pattern;

/* For texts of at most `longest` bytes. NULL: out of memory. _close accepts NULL. */
as_pattern *as_pattern_open(size_t longest);
void as_pattern_close(as_pattern *p);
/* The text that others are compared with; it is copied. */
void as_pattern_set(as_pattern *p, as_str text);

/* Levenshtein distance, or max + 1 when it is above max. Time grows with the length of `text`,
 * where the pattern has more than 64 code points with length times max. */
unsigned as_pattern_edits(as_pattern *p, as_str text, unsigned max);
/* Jaro-Winkler similarity. Time grows with length times length. */
double as_pattern_similarity(as_pattern *p, as_str text);

/* Which characters a text has: one bit for each kind, and for letters one for a second of the
 * kind. A bit that one bag has and another lacks is a character of the one that has no partner
 * in the other. */
uint64_t as_text_bag(as_str text);
/* Has `a` more than `most` bits that `b` lacks? */
static inline bool as_bag_lacks(uint64_t a, uint64_t b, unsigned most)
{
    uint64_t only = a & ~b;
    for (; most && only; most--)
        only &= only - 1;
    return only != 0;
}

#endif
