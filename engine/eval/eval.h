/* eval.h: conditions over tables, fast. A condition bound to a table is made once (look-up
 * tables per distinct value for dictionary columns; native loops for dates and numbers), then
 * evaluated by blocks of rows. A bound condition is immutable: threads share it; each brings
 * its own scratch. */
#ifndef AS_EVAL_EVAL_H
#define AS_EVAL_EVAL_H

#include "base/pool.h"
#include "base/truth.h"
#include "rules/cond.h"
#include "table/table.h"

typedef struct as_bound as_bound;
typedef struct as_scratch as_scratch; /* a worker's buffers */

as_scratch *as_scratch_open(void);
void as_scratch_close(as_scratch *s);

/* `other` may be NULL where the condition has no other side. Lives in `a`. AS_EBUDGET: a
 * pattern ran away. A condition NULL gives *out NULL, which always holds. */
as_code as_bound_make(as_bound **out, const as_cond *c, const as_table *self,
                      const as_table *other, as_arena *a, as_err *e);

/* out[i] for row begin+i as 0, 1, 2 (as_truth), n <= AS_BLOCK. Only for conditions that read
 * one side; the rows are that side's. AS_EBUDGET: a pattern hit its limit on some row. */
as_code as_bound_block(const as_bound *b, uint32_t begin, uint32_t n, uint8_t *out,
                       as_scratch *s, as_err *e);
/* One pair of records (or one record: other_row AS_NO_ROW where there is no other side). */
as_code as_bound_pair(const as_bound *b, uint32_t row, uint32_t other_row, as_truth *out,
                      as_scratch *s, as_err *e);

/* Many pairs: rows[i] with other_rows[i], i < n <= AS_BLOCK; several times faster than one by
 * one. */
as_code as_bound_pairs(const as_bound *b, const uint32_t *rows, const uint32_t *other_rows,
                       uint32_t n, uint8_t *out, as_scratch *s, as_err *e);

/* The field of this record most to blame for a condition that is false on this pair: that of
 * the first failing leaf in reading order. *out is AS_NO_FIELD where the condition is not
 * false, or where the leaf reads the other record alone. */
as_code as_bound_blame(const as_bound *b, uint32_t row, uint32_t other_row, uint32_t *out,
                       as_scratch *s, as_err *e);

/* Evaluate over the whole table with the pool: one byte a row, from `a`. NULL condition: all
 * AS_TRUE. */
as_code as_bound_all(uint8_t **out, const as_bound *b, const as_table *t, as_pool *pool,
                     as_arena *a, as_err *e);

#endif
