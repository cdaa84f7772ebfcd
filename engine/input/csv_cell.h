/* csv_cell.h: one cell of a column as the loops of csv_decode.c and csv_numbers.c see it.
 * Inside input/ only. */
#ifndef AS_INPUT_CSV_CELL_H
#define AS_INPUT_CSV_CELL_H

#include "input/csv_fast.h"

/* A loop of its own: together in one function they would fight for registers. */
#define LOOP __attribute__((noinline))
#define SLOW __attribute__((noinline))

typedef struct cell {
    const char *p;
    int64_t length; /* 0: empty or missing */
} cell;

/* The first n of eight bytes, n from -8 to 16, without a branch. */
static inline uint64_t first_bytes(const char *p, int64_t n)
{
    return as_load8(p) & as_load8((const char *)as_dict_mask + 32 - n);
}

/* Where a loop over the records is. Kept in locals: what a loop writes might, for all the
 * compiler knows, be what it reads its bounds from. */
typedef struct walk {
    const char *base;
    const uint32_t *ends;
    size_t stride;
    bool last;
} walk;

static inline walk walk_begin(const as_fast_column *c, const as_fast_cells *x)
{
    return (walk){x->base, x->ends + c->source, x->stride, c->last};
}

static inline cell walk_next(walk *k)
{
    uint32_t begin = k->ends[0] + 1, length = k->ends[1] - begin;
    const char *p = k->base + begin;
    k->ends += k->stride;
    length = length == UINT32_MAX ? 0 : length;
    if (k->last && length && p[length - 1] == '\r')
        length--;
    return (cell){p, length};
}

/* Without outer quotes. A quote in what remains may be half of a doubled one: no loop reads
 * that at sight. (A branch: in most columns all cells have quotes, or none.) */
static inline cell inside(cell k)
{
    if (__builtin_expect(*k.p != '"', 1) || k.length < 2)
        return k;
    return (cell){k.p + 1, k.length - 2};
}

/* A cell by as_cell_type; a bad one is kept. */
as_code as_fast_type_cell(const as_fast_column *c, as_fast_worker *w, as_fast_notes *n, cell k,
                          uint32_t row, as_cell_kind *kind, as_typed *typed, as_err *e);

/* csv_numbers.c */
as_code as_fast_decode_date(as_fast_column *c, const as_fast_cells *x, as_fast_worker *w,
                            as_fast_notes *n, as_err *e);
as_code as_fast_decode_int(as_fast_column *c, const as_fast_cells *x, as_fast_worker *w,
                           as_fast_notes *n, as_err *e);
as_code as_fast_decode_num(as_fast_column *c, const as_fast_cells *x, as_fast_worker *w,
                           as_fast_notes *n, as_err *e);

#endif
