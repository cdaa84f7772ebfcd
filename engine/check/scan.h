/* scan.h: one loop over the records of a table on all workers, with what they found put
 * together in row order.
 *
 * The table is cut into chunks whose size does not depend on the number of workers; each chunk
 * keeps its own part. When chunks fail, the error of the first one is returned, so that a
 * broken rule says the same on every machine. */
#ifndef AS_CHECK_SCAN_H
#define AS_CHECK_SCAN_H

#include "check/check.h"

typedef struct as_scan_part {
    as_findings findings;
    uint64_t selected, undecided, key_nulls;
} as_scan_part;

/* A block of rows [begin, begin + n), n <= AS_BLOCK, always the same blocks. Adds to *part. */
typedef as_code (*as_scan_fn)(void *arg, unsigned worker, uint32_t begin, uint32_t n,
                              as_scan_part *part, as_err *e);

/* Adds the parts to *out (counts and findings). */
as_code as_scan(const as_eval *ev, uint32_t rows, as_scan_fn fn, void *arg, as_result *out,
                as_err *e);

/* The same loop over [0, n) in chunks of `chunk`, for work that is not by rows. */
typedef as_code (*as_scan_chunk_fn)(void *arg, unsigned worker, size_t begin, size_t end,
                                    as_scan_part *part, as_err *e);
as_code as_scan_chunks(const as_eval *ev, size_t n, size_t chunk, as_scan_chunk_fn fn,
                       void *arg, as_result *out, as_err *e);

/* How many workers there may be: the size of anything kept per worker. */
unsigned as_eval_jobs(const as_eval *ev);

#define AS_SCAN_ROWS (16 * AS_BLOCK) /* rows in a chunk of as_scan */

#endif
