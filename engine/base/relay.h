/* relay.h: a loop whose parts are made by all workers and handed on one at a time, in order:
 * findings into the ledger's blocks, blocks into a report. */
#ifndef AS_BASE_RELAY_H
#define AS_BASE_RELAY_H

#include "base/pool.h"

/* Parts 0 to n - 1, in slots 0 to slot_count - 1 (at least one): no two parts are in one slot
 * at a time, so what a slot holds is all the memory that there is, however many parts. */
typedef struct as_relay {
    size_t n, slot_count;
    void *arg;
    /* Side by side. What goes wrong is kept in the slot, for `hand`. */
    void (*make)(void *arg, size_t slot, size_t part);
    /* In the order of parts, one at a time, on any worker. An error ends the loop. */
    as_code (*hand)(void *arg, size_t slot, size_t part, as_err *e);
} as_relay;

/* The first error of `hand`, in order. Which part is made in which slot, and what is handed on,
 * does not depend on the number of workers. p may be NULL. */
as_code as_relay_run(const as_relay *r, as_pool *p, as_err *e);

#endif
