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

/* Offset of the first byte that is not valid UTF-8, or s.len. */
size_t as_text_utf8_valid(as_str s);
/* Number of code points (of bytes where invalid). */
size_t as_text_length(as_str s);

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
