/* ledger_int.h: what the files of this folder share. Private. */
#ifndef AS_LEDGER_INT_H
#define AS_LEDGER_INT_H

#include "base/hash.h"
#include "ledger/block.h"
#include "ledger/ledger.h"
#include <pthread.h>
#include <sqlite3.h>

#define AS_LEDGER_VERSION 5              /* user_version */
#define AS_LEDGER_DECIDED 3              /* the version from which there is run_decision */
#define AS_LEDGER_CONTENT 4              /* and run_content, run_file */
#define AS_LEDGER_APART 5                /* runs whose findings have a digest of their own */
#define AS_LEDGER_APPLICATION 0x61737379 /* application_id, "assy" */
#define AS_LEDGER_WAIT_MS 30000
#define AS_LEDGER_JOURNAL_PAGES 1000 /* SQLite's own: a longer journal is moved at a commit */

typedef struct as_states as_states;
typedef struct as_rule_states as_rule_states;

/* A run being written. */
typedef struct as_writing {
    bool on;
    bool failed; /* a finding was refused: nothing can be committed */
    int64_t seq;
    as_states *states;
    as_rule_states *rule; /* of the block being filled */
    as_block_writer block;
    as_enc body;
    int64_t block_first; /* number of the block's first finding */
    sqlite3_stmt *insert_block;
    as_sha256 *digest; /* of the blocks written so far (event_int.h) */
} as_writing;

struct as_ledger {
    sqlite3 *db;
    char *path; /* for messages */
    bool read_only;
    bool wal;    /* written through a journal that has to be moved into the file */
    int version; /* of the file */
    unsigned wait_ms;
    as_writing w;
    bool tidying;
    pthread_t tidy; /* where `tidying`; uses `path` alone */
};

/* A sentence for the error that SQLite just reported on l->db. `doing`: "the run cannot be
 * written". */
as_code as_ledger_fail(as_ledger *l, const char *doing, as_err *e);
/* What version `version` (from 1) adds, as SQL; NULL: there is no such version. */
const char *as_ledger_script(int version);
as_code as_ledger_damaged(as_ledger *l, const char *what, as_err *e);
as_code as_ledger_exec(as_ledger *l, const char *sql, const char *doing, as_err *e);
/* *out is finalised by the caller (sqlite3_finalize accepts NULL). */
as_code as_ledger_prepare(as_ledger *l, sqlite3_stmt **out, const char *sql, as_err *e);

int as_bind_str(sqlite3_stmt *s, int at, as_str text); /* borrowed until the step */
int as_bind_u64(sqlite3_stmt *s, int at, uint64_t n);
as_str as_column_str(sqlite3_stmt *s, int at); /* text or blob; dies at the next step */
uint64_t as_column_u64(sqlite3_stmt *s, int at);

/* ---- state.c: new, open, reopened, gone ---- */

/* What one rule's findings compare with. */
struct as_rule_states {
    as_rule_states *next;
    char *rule;
    size_t rule_len;
    int64_t basis; /* the run to compare with; 0 = none */
    struct as_fp_slot *slots;
    size_t mask, used;
    bool known;                        /* slots hold the basis' fingerprints */
    bool gone_known;                   /* and those that went in earlier runs */
    bool listed;                       /* among the run's rules */
    uint64_t written, counts[3], gone; /* counts by as_state; gone: at the end */
};

/* The comparison run: the latest of the release whose content is another (content.c); 0 = none.
 * A run of the same content compares with what the first one compared with, so that its
 * findings stay new until there is something else to look at. */
as_code as_states_open(as_states **out, as_ledger *l, const as_doc *doc, as_err *e);
void as_states_close(as_states *s);
int64_t as_states_previous(const as_states *s);
as_code as_states_rule(as_states *s, as_str rule, as_rule_states **out, as_err *e);
as_code as_states_add(as_states *s, as_rule_states *r, const as_fp *fp, as_state *out,
                      as_err *e);
/* After the last finding of an evaluated rule: counts what is gone and lists it
 * (run_rule.gone_fingerprints). */
as_code as_states_gone(as_states *s, as_rule_states *r, as_enc *list, as_err *e);
as_rule_states *as_states_first(as_states *s);

/* ---- content.c ---- */

/* Within the transaction of the run that is being written. */
as_code as_content_insert(as_ledger *l, const as_doc *doc, as_err *e);
as_code as_content_previous(as_ledger *l, const as_doc *doc, int64_t *out, as_err *e);

#endif
