/* sqlite_heap.h: what SQLite may hold on behalf of one thread.
 *
 * SQLite's own memory limit is one for the whole process: two queries side by side would share
 * it, and which of them fails would be chance. Here every allocation of SQLite goes through a
 * counter of the thread, so a budget is exact and belongs to one query. */
#ifndef AS_BASE_SQLITE_HEAP_H
#define AS_BASE_SQLITE_HEAP_H

#include "base/err.h"

/* Before any other use of SQLite in the process; as often as one likes. AS_ELEDGER: SQLite was
 * in use already without it. */
as_code as_sqlite_start(as_err *e);

/* From here on allocations of SQLite by this thread count against `left`: one that would go
 * beyond fails as if memory were out. */
void as_sqlite_budget_begin(size_t left);
/* No more counting. What is left now; *hit: an allocation was refused. */
size_t as_sqlite_budget_end(bool *hit);

#endif
