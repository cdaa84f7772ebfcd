/* event.h: the append-only, hash-chained list of what was run, decided and signed.
 *
 * Each event carries the SHA-256 of the one before it (event.sql says over what), so that an
 * edit, a deletion or another order shows. A run is an event too: its body holds the digest of
 * all its rows, inputs and findings, so those cannot be changed unseen either. What a chain
 * alone cannot show is that its last events were cut off together with every trace of them: a
 * sign-off carries the hash of the chain's head, under the reviewer's key.
 *
 * The bodies are JSON objects whose meaning belongs to who writes them. */
#ifndef AS_LEDGER_EVENT_H
#define AS_LEDGER_EVENT_H

#include "ledger/ledger.h"

/* Kinds: "run" (written by as_ledger_commit), "accept", "reject", "claim" (said to be
 * corrected), "propose" (a steward asks for acceptance), "query" (a steward cannot tell
 * yet), "withdraw" (of an acceptance), "sign_off". */
typedef struct as_event {
    uint64_t seq; /* from 1 */
    as_str kind, at, who, release, body;
    as_str previous, hash; /* 64 hex digits */
} as_event;

typedef struct as_event_list {
    as_event *items;
    size_t count;
} as_event_list;

/* Append one event in a transaction of its own. kind, who, release, body are the caller's, `at`
 * too where it is not empty (else now, or SOURCE_DATE_EPOCH); fills the rest. Texts that are
 * made live in `a`. Several at once, all or none: as_ledger_events_add. */
as_code as_ledger_event_add(as_ledger *l, as_event *ev, as_arena *a, as_err *e);
as_code as_ledger_events_add(as_ledger *l, as_event *events, size_t count, as_arena *a,
                             as_err *e);

/* The same where what is to be added depends on what is there: `make` is called once nobody
 * else can write, and says what to append. */
typedef as_code (*as_events_fn)(void *arg, as_ledger *l, as_event_list *out, as_err *e);
as_code as_ledger_events_make(as_ledger *l, as_events_fn make, void *arg, as_arena *a,
                              as_err *e);

/* Oldest first; kind and release "" = any. */
as_code as_ledger_events(as_ledger *l, as_arena *a, as_str kind, as_str release,
                         as_event_list *out, as_err *e);
/* Hash of the last event, 64 zeros where there is none. */
as_code as_ledger_head(as_ledger *l, as_arena *a, as_str *out, as_err *e);

/* ---- verify.c ---- */

typedef struct as_fault {
    as_str where; /* "event 7", "run 3" */
    as_str what;  /* a sentence */
} as_fault;

typedef struct as_verified {
    uint64_t events, runs, findings;
    as_str head;
    as_fault *faults;
    size_t fault_count; /* 0: the ledger is as it was written */
} as_verified;

/* Reads everything again. Faults of the ledger are in *out, with AS_OK; an error means that it
 * could not be read at all. */
as_code as_ledger_verify(as_ledger *l, as_arena *a, as_verified *out, as_err *e);

#endif
