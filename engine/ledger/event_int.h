/* event_int.h: what event.c, verify.c and the writing of runs share. Private to ledger/. */
#ifndef AS_LEDGER_EVENT_INT_H
#define AS_LEDGER_EVENT_INT_H

#include "base/hash.h"
#include "ledger/event.h"
#include "ledger/ledger_int.h"

#define AS_LEDGER_EVENTS 2 /* the ledger version from which there are events */
#define AS_EVENT_NONE "0000000000000000000000000000000000000000000000000000000000000000"
#define AS_EVENT_COLUMNS "SELECT seq, kind, at, who, release, body, previous, hash FROM event"

as_code as_event_hash(const as_event *ev, char out[AS_SHA256_HEX], as_err *e);
/* The event that a run has, or must have: its body holds the digest of all its rows. */
as_code as_event_of_run(as_ledger *l, int64_t run, as_arena *a, as_event *out, as_err *e);
/* Appends within the transaction that is open. */
as_code as_event_append(as_ledger *l, as_event *ev, as_arena *a, as_err *e);
/* A row of AS_EVENT_COLUMNS. */
as_code as_event_read(sqlite3_stmt *s, as_arena *a, as_event *out, as_err *e);

#endif
