/* exec.h: for run/ and prove/. What one run holds while it lives. */
#ifndef AS_RUN_EXEC_H
#define AS_RUN_EXEC_H

#include "run/plan.h"

#include <pthread.h>

typedef enum as_status {
    AS_STATUS_PASS,
    AS_STATUS_FAIL,
    AS_STATUS_EMPTY,
    AS_STATUS_ERROR,
    AS_STATUS_OFF
} as_status;

typedef struct as_rule_run {
    const as_bound_rule *rule;
    as_status status;
    as_result result;
    as_eval eval; /* with its own arena: alive until the run closes, for describe */
    as_str note;
    bool blocking;
    bool by_moves;         /* it blocks by what its findings move alone */
    uint64_t movers;       /* findings that move as many figures as the gate asks for */
    as_decision **covered; /* by finding: the acceptance by condition; NULL: there is none */
    uint64_t accepted, movers_accepted;
    double millis;
    bool alone; /* it reads one table and shares nothing, and can run at once */
    const struct as_share *waits_for; /* of what is latest; NULL: it need not */
} as_rule_run;

/* Rows of a table that several rules look into: share.c. */
typedef struct as_share {
    const as_other_ask *ask;
    unsigned users;
    as_arena *arena;
    as_other_rows *rows; /* NULL: one user, or they could not be made */
    bool back;           /* looked into to find what is latest */
    /* The rows of its table, looked up in the share that its only users' own table is: then its
     * rows are found by turning that round. NULL: by an index. */
    struct as_shared_match *turned;
} as_share;

/* Records that several rules look up in the rows of a share. */
typedef struct as_shared_match {
    const as_other_ask *ask; /* of one of them */
    as_share *share;
    unsigned users;
    uint32_t *first; /* by record, as as_probe_block gives it; NULL as above */
} as_shared_match;

struct as_run {
    const as_plan *plan;
    as_run_options options;
    as_arena *arena;
    as_pool *pool;
    as_table **tables;
    size_t table_count;
    const as_document **documents; /* in the order of release.yaml */
    size_t document_count;
    as_scratch **scratch; /* one a worker */
    as_lua **lua;
    as_lua_setup lua_setup;
    as_rule_run *rules;
    size_t rule_count;
    as_share *shares; /* these while the rules run */
    size_t share_count;
    as_shared_match *matches;
    size_t match_count;
    as_tables ready; /* r->tables with what was made of the shares and matches that are over
                        all rows of a table */
    as_moves *moves; /* NULL: no finding is in a table of a published measure */
    as_measure_cache *measures; /* as long as the run: findings quote what it keeps */
    double millis[AS_STAGE_END];
    double digest_millis; /* of reading, on all workers */
    double share_millis;
    double began; /* the stage that is on */
    as_progress own_progress;
    as_progress *progress; /* never NULL */
    pthread_t release;     /* closes the tables, where `releasing` */
    bool releasing;
    as_doc doc;
};

/* pass, fail or empty. */
as_status as_result_status(const as_rule *rule, const as_result *x);
/* The same where only `open` of the findings count. */
as_status as_open_status(const as_rule *rule, const as_result *x, uint64_t open);

as_code as_run_load(as_run *r, as_diags *d, as_err *e);
void as_run_stage_begin(as_run *r, as_stage stage, uint64_t total);
void as_run_stage_end(as_run *r, as_stage stage);
/* Switched off, or not named by --only. */
bool as_run_is_off(const as_run *r, const as_rule_run *x);
/* Rules that are alone may run meanwhile. */
as_code as_run_share(as_run *r, as_err *e);
/* What the rules with `waits_for` wait for; the others may run meanwhile. */
void as_run_share_latest(as_run *r);
/* Rules look at nothing shared any more; also where nothing is shared. */
void as_run_unshare(as_run *r);
void as_run_share_close(as_run *r); /* gives its memory back */
as_code as_run_exec(as_run *r, as_err *e);
as_code as_run_digest(as_run *r, as_err *e); /* digest.c; AS_EIO: an input was changed */
/* moves.c: which published figures findings move; what the gate says to that. */
as_code as_run_moves(as_run *r, as_diags *d, as_err *e);
as_code as_run_doc_make(as_run *r, as_err *e);
as_code as_run_content(as_run *r, as_err *e); /* doc.files, doc.content; doc.inputs are there */
void as_run_doc_rules(as_run *r);             /* rules, totals and verdict as they stand */

/* decided.c. Order: cover, begin, decide per finding, settle. */
as_code as_run_cover(as_run *r, as_err *e);
void as_run_decide_begin(as_run *r);
void as_run_decide(as_run *r, const as_rule_run *rule, size_t finding, as_doc_finding *f);
as_code as_run_settle(as_run *r, as_err *e);
as_code as_lua_setup_make(as_lua_setup *out, const as_project *p, as_arena *a, as_err *e);

#endif
