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
/* The event that a run has, or must have: its body holds the digest of all its rows.
 * `findings`: the digest of its blocks of findings, which then stands beside that of the other
 * rows; NULL: one digest over all, as before version 5. */
as_code as_event_of_run(as_ledger *l, int64_t run, const char *findings, as_arena *a,
                        as_event *out, as_err *e);
#define AS_EVENT_FINDINGS "\"findings\": " /* in the body of a run's event */
/* That digest, from what is in the ledger: SHA-256 over all columns of the rows of
 * finding_block, in order; where there is none, of nothing. Whoever writes the rows makes it
 * with the two functions below, column by column, instead of reading them again. */
as_code as_event_findings(as_ledger *l, int64_t run, char out[AS_SHA256_HEX], as_err *e);
void as_event_add_number(as_sha256 *h, int64_t n);
void as_event_add_text(as_sha256 *h, as_str s); /* or a blob */
/* Appends within the transaction that is open. */
as_code as_event_append(as_ledger *l, as_event *ev, as_arena *a, as_err *e);
/* A row of AS_EVENT_COLUMNS. */
as_code as_event_read(sqlite3_stmt *s, as_arena *a, as_event *out, as_err *e);

#endif
