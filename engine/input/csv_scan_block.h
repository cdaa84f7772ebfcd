/* csv_scan_block.h: what every kernel does with the bit masks of 64 bytes (bit i: byte i).
 *
 * A kernel makes the masks, calls as_scan_block and writes down the positions of the bits that
 * come back. All kernels give the same result byte for byte. */
#ifndef AS_INPUT_CSV_SCAN_BLOCK_H
#define AS_INPUT_CSV_SCAN_BLOCK_H

#include "input/csv_scan.h"

typedef struct as_scan_masks {
    uint64_t delimiter, lf, cr, quote;
} as_scan_masks;

/* Bit i: the number of bits set in x at or below i is odd. */
static inline __attribute__((always_inline)) uint64_t as_scan_parity(uint64_t x)
{
    x ^= x << 1;
    x ^= x << 2;
    x ^= x << 4;
    x ^= x << 8;
    x ^= x << 16;
    x ^= x << 32;
    return x;
}

/* Which bytes are inside quotes; the state of the quotes goes on to the next block. `inside`
 * holds for an opening quote and not for a closing one. */
static inline __attribute__((always_inline)) uint64_t
as_scan_quotes(as_scan *s, const as_scan_masks *m, uint64_t edges)
{
    uint64_t inside = as_scan_parity(m->quote) ^ s->inside;
    uint64_t opening = m->quote & inside, closing = m->quote & ~inside;
    uint64_t may_open = (edges | closing) << 1 | s->opens;
    uint64_t must_end = closing << 1 | s->closed;
    s->odd |= (opening & ~may_open) | (must_end & ~(edges | m->quote));
    s->opens = (edges | closing) >> 63;
    s->closed = closing >> 63;
    s->inside = (uint64_t)((int64_t)inside >> 63);
    return inside;
}

/* The separators among the 64 bytes. `next`: the byte after them. */
static inline __attribute__((always_inline)) uint64_t
as_scan_block(as_scan *s, const as_scan_masks *m, char next, uint32_t offset)
{
    /* CR ends a record unless LF does so right after it. */
    uint64_t before_lf = m->lf >> 1 | (uint64_t)(next == '\n') << 63;
    uint64_t ends = m->lf | (m->cr & ~before_lf);
    uint64_t edges = m->delimiter | m->lf | m->cr;
    uint64_t inside = 0;
    if (__builtin_expect((m->quote | s->inside | s->closed) != 0, 0)) {
        inside = as_scan_quotes(s, m, edges);
        for (uint64_t q = ends & inside; q; q &= q - 1)
            s->quoted[s->quoted_count++] = offset + (uint32_t)__builtin_ctzll(q);
    } else {
        s->opens = edges >> 63;
    }
    s->newlines += (size_t)__builtin_popcountll(ends & ~inside);
    return (m->delimiter | ends) & ~inside;
}

/* Positions of the bits of `found`, four at a time: what is written beyond them is overwritten.
 */
static inline __attribute__((always_inline)) void as_scan_write(as_scan *s, uint64_t found,
                                                                uint32_t offset)
{
    uint32_t *out = s->ends + s->count;
    s->count += (size_t)__builtin_popcountll(found);
    while (found) {
        for (int k = 0; k < 4; k++) {
            out[k] = offset + (uint32_t)__builtin_ctzll(found | 1ull << 63);
            found &= found - 1;
        }
        out += 4;
    }
}

#endif
