/* pool.h: worker threads. One pool a run; nested loops are allowed (the caller works on its own
 * loop while it waits, so a loop inside a loop cannot lock up).
 *
 * Invariant for determinism: how a loop is cut into chunks depends on n and `chunk` alone,
 * never on the number of workers; results are put together in chunk order by the caller. */
#ifndef AS_BASE_POOL_H
#define AS_BASE_POOL_H

#include "base/err.h"

typedef struct as_pool as_pool;
/* A number that threads add to and others look at: how far something is. */
typedef _Atomic uint64_t as_count;

/* jobs: number of threads that work, the caller's among them; 0 = as many as the machine has.
 */
as_code as_pool_open(as_pool **out, unsigned jobs, as_err *e);
void as_pool_close(as_pool *p);
unsigned as_pool_jobs(const as_pool *p);

/* Call fn(arg, worker, chunk_index, begin, end) for consecutive chunks of [0, n); returns when
 * all are done. worker is in [0, as_pool_jobs(p)) and no two calls at one time share it, except
 * that a nested loop runs with the worker number of the thread it is on. Chunks are handed out
 * in ascending order. p may be NULL: everything runs here, in order, as worker 0. From outside
 * the pool one thread at a time may call it (it is worker 0). chunk 0: one chunk. */
typedef void (*as_pool_fn)(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end);
void as_pool_for(as_pool *p, size_t n, size_t chunk, as_pool_fn fn, void *arg);

#endif
