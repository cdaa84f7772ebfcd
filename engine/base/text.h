/* text.h: Unicode folding, encodings and nearness of words (utf8proc underneath). */
#ifndef AS_BASE_TEXT_H
#define AS_BASE_TEXT_H

#include "base/buf.h"
#include "base/err.h"

/* Case folded, NFKC, invisible characters (soft hyphen, zero-width) removed, every run of white
 * space (also newlines, U+00A0) one blank, trimmed; typographic apostrophes, quotes and dashes
 * as ASCII. This is how header names and `assay.fold` compare. Folding twice is folding once.
 * Invalid UTF-8 is kept byte for byte with ASCII folding. Appends to out, in which s must not
 * lie. */
void as_text_fold(as_buf *out, as_str s);

/* How to fold text before it is compared for likeness. */
typedef enum as_fold {
    AS_FOLD_LETTERS, /* NFKC, case folded, accents and other marks removed; the letters and
                        digits of any script kept, and bytes that are not UTF-8 */
    AS_FOLD_ASCII,   /* A-Z as a-z; a-z and 0-9 kept */
    AS_FOLD_CASE,    /* as_text_fold */
    AS_FOLD_NONE     /* as it is */
} as_fold;
void as_text_fold_as(as_buf *out, as_str s, as_fold how);

/* Offset of the first byte that is not valid UTF-8, or s.len. */
size_t as_text_utf8_valid(as_str s);
/* Number of code points (of bytes where invalid). */
size_t as_text_length(as_str s);

/* The code points of a text into `out`, with room for s.len; returns how many. A byte that is
 * not UTF-8 counts as a point of its own, apart from every code point. */
size_t as_text_points(as_str s, uint32_t *out);

/* Edit distance (insert, delete, substitute, swap of neighbours: optimal string alignment) in
 * code points, or max+1 when it is above max. Time grows with length times max. Without memory
 * (texts of more than 512 bytes need some) two texts are far apart. */
unsigned as_text_distance(as_str a, as_str b, unsigned max);

/* The candidate nearest to `word` for a "did you mean", or AS_NONE when none is near enough
 * (distance over a third of its length). Case and white space do not count. Ties: the first. */
as_str as_text_nearest(as_str word, const as_str *candidates, size_t count);

/* Integer with thousands separators: 2071 -> "2,071". Appends. */
void as_text_thousands(as_buf *out, int64_t n);

#endif
