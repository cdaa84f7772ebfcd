/* memo.h: which records have the same values in a few fields, so that what depends on those
 * values alone is worked out once per distinct combination and not once per record.
 *
 * A memo belongs to one worker. It numbers the combinations that it meets, from 0; the caller
 * keeps one result for each number. The values of a record are packed into a few words
 * (dictionary codes, days, integers): equal words, equal values. Order of use: as_memo_open,
 * as_memo_block for each block, as_memo_close.
 *
 * Where combinations are nearly as many as records, or a field is long text, there is nothing
 * to gain: as_memo_worth says so and the caller goes record by record. */
#ifndef AS_CHECK_MEMO_H
#define AS_CHECK_MEMO_H

#include "table/table.h"

typedef struct as_memo as_memo;

as_code as_memo_open(as_memo **out, const as_table *t, const uint32_t *fields, size_t count,
                     as_err *e);
void as_memo_close(as_memo *m); /* NULL is fine */

/* For rows begin + i (i < n <= AS_BLOCK) with select[i] == 2: slots[i] is the number of the
 * row's combination. fresh[] gets the rows that brought a new one, in order: the k-th of them
 * has number *known + k, where *known is how many there were before. */
as_code as_memo_block(as_memo *m, uint32_t begin, uint32_t n, const uint8_t *select,
                      uint32_t *slots, uint32_t *fresh, uint32_t *fresh_count, uint32_t *known,
                      as_err *e);
/* False: stop using it. */
bool as_memo_worth(const as_memo *m);

#endif
