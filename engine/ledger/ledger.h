/* ledger.h: the SQLite database of runs and findings (schema.sql). The only user of sqlite3.h,
 * input/sqlite aside.
 *
 * Order: open, (begin, finding…, commit | abandon)*, read…, close. A run is one transaction: a
 * process killed before commit leaves no trace. Two processes may write at once (busy timeout).
 */
#ifndef AS_LEDGER_LEDGER_H
#define AS_LEDGER_LEDGER_H

#include "ledger/doc.h"

typedef struct as_ledger as_ledger;

/* Creates the file and its folder where missing. path ":memory:" keeps nothing. */
as_code as_ledger_open(as_ledger **out, const char *path, as_err *e);
as_code as_ledger_open_read(as_ledger **out, const char *path, as_err *e); /* must exist */
/* The same; *out is NULL where the file holds nothing: another process is just making the
 * ledger, or was stopped while it made it. */
as_code as_ledger_open_begun(as_ledger **out, const char *path, as_err *e);
void as_ledger_close(as_ledger *l); /* NULL is fine; abandons an open run */
/* Begins what closing would do, to move what was written from the journal into the ledger's
 * file, on a thread of its own while the caller goes on reading. Not needed for anything:
 * whatever it leaves, closing does. */
void as_ledger_tidy(as_ledger *l);
/* How long to wait for another process that writes (default 30 s). */
void as_ledger_wait(as_ledger *l, unsigned ms);

/* doc's header, inputs are written at begin; rules and totals at commit (doc->rules, verdict,
 * exit_code). Every finding's rule must be among doc->rules. States compare with the latest run
 * of the same release whose content is another: to check the same content again, after a
 * decision too, changes nothing. A rule compares with the last run in which it was evaluated
 * (pass or fail), so one that was off, empty or broken neither fixes nor renews. After an error
 * nothing can be committed; abandon (or close). */
as_code as_ledger_begin(as_ledger *l, const as_doc *doc, as_err *e);
as_code as_ledger_finding(as_ledger *l, const as_doc_finding *f, as_err *e);
as_code as_ledger_commit(as_ledger *l, as_doc *doc, as_err *e); /* sets doc->seq, previous,
    the counts new/open/reopened/gone, also of the rules */
void as_ledger_abandon(as_ledger *l);

/* `which`: "" or "last" = the latest run (of `release` where not empty), a number, or a run id
 * or a prefix of one (at least four characters). Texts live in `a`. */
as_code as_ledger_read(as_ledger *l, as_arena *a, as_str which, as_str release, as_doc *out,
                       as_err *e);
/* The inputs of one run, for what is asked of many; none where there is no such run. */
as_code as_ledger_inputs(as_ledger *l, as_arena *a, uint64_t seq, as_doc_input **out,
                         size_t *count, as_err *e);
typedef struct as_doc_list {
    as_doc *items;
    size_t count;
} as_doc_list;
as_code as_ledger_runs(as_ledger *l, as_arena *a, as_doc_list *out,
                       as_err *e); /* headers alone, oldest first */

/* Findings of a run in rule order, then as written. Filter texts empty = any. `key` also finds
 * the groups that the record is a member of. */
typedef struct as_finding_filter {
    as_str rule, table, key, severity, state, steward;
    uint64_t limit; /* 0 = all */
    bool by_moves;  /* those that move most published figures first, equal ones as they come */
    /* What the caller does not look at, to save the time: it is "". */
    bool no_message, no_fingerprint;
} as_finding_filter;
typedef struct as_finding_cursor as_finding_cursor;
as_code as_ledger_findings(as_ledger *l, uint64_t seq, const as_finding_filter *f,
                           as_finding_cursor **out, as_err *e);
/* AS_OK and *got; *out lives until the next call. */
as_code as_ledger_next(as_finding_cursor *c, as_doc_finding *out, bool *got, as_err *e);
void as_ledger_findings_close(as_finding_cursor *c);

/* The same findings by parts: those of part 0, then those of part 1 and so on are what
 * as_ledger_next gives of a filter without `limit` and `by_moves`, which parts do not heed.
 * One thread at a time takes a part out of the ledger; from then on until the cursor is closed
 * it needs no ledger, and parts may be read side by side. A part has memory of its own and can
 * take another part afterwards. */
typedef struct as_finding_part as_finding_part;
as_code as_ledger_part_open(as_finding_part **out, as_err *e);
void as_ledger_part_close(as_finding_part *p); /* NULL is fine */
size_t as_ledger_part_count(const as_finding_cursor *c);
as_code as_ledger_part_take(as_finding_cursor *c, size_t number, as_finding_part *p, as_err *e);
as_code as_ledger_part_next(as_finding_part *p, as_doc_finding *out, bool *got, as_err *e);

/* The earliest run of the release that found a fingerprint. seq 0: none did. */
typedef struct as_first_seen {
    uint64_t seq;
    as_str started; /* lives in the arena */
} as_first_seen;
/* For each of the fingerprints, in runs up to `until`: first_seen.c. */
as_code as_ledger_first_seen(as_ledger *l, as_arena *a, as_str release, uint64_t until,
                             const as_str *fingerprints, size_t count, as_first_seen *out,
                             as_err *e);

#endif
