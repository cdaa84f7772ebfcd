/* moves.h: which figures would be others if records were left out of a table, and what they
 * would be then.
 *
 * A measure's own records count: those of its table that its `where`, `found_in` and
 * `missing_from` choose. That a record left out of another table might change the choice is
 * not followed.
 *
 * Order: as_moves_open once on loaded tables → as_moves_without as often as wanted, from any
 * thread, each with its own arena → as_moves_close. */
#ifndef AS_MEASURE_MOVES_H
#define AS_MEASURE_MOVES_H

#include "measure/measure.h"

typedef struct as_moves as_moves;

typedef struct as_move {
    const as_measure *measure;
    as_str group;    /* values of its `by`, " / " between, "(none)" for null; lives as long as
                        the as_moves */
    double from, to; /* NaN: unknown */
} as_move;

/* The figures of `measures`; records will be left out of those tables for which `touched` (one
 * a table of `tables`) says so. Tables and their cache must outlive *out. A measure that cannot
 * be worked out is a warning in `d`, and moves never. */
typedef struct as_moves_ask {
    const as_bound_measure *const *measures;
    size_t count;
    as_tables tables;
    const bool *touched;
    as_pool *pool;
    as_diags *diags;
} as_moves_ask;
as_code as_moves_open(as_moves **out, const as_moves_ask *ask, as_err *e);
void as_moves_close(as_moves *m); /* NULL is fine */

/* Does any of the measures read a table that is touched? Then opening is worth it. */
bool as_moves_any(const as_moves_ask *ask);

/* The figures that change when `rows` (each once) are left out of `t`, in the order of the
 * measures, then of the groups. *out lives in `a`. */
as_code as_moves_without(const as_moves *m, const as_table *t, const uint32_t *rows, size_t n,
                         as_arena *a, as_move **out, size_t *count, as_err *e);

#endif
