/* decide.h: what people decided of findings: the ledger's events and decisions.yaml as one.
 *
 * Order: load (replays the events) → want, before the extracts are read → cover, a rule at a
 * time, when the rules were evaluated → begin, apply per finding → tell.
 *
 * Invariants
 * 1. Of several events on one finding the later stands; a withdrawn event never was. An entry
 * of decisions.yaml has no place among the events: it holds unless a finding was rejected.
 * 2. An acceptance holds through its last day (UTC). After it the finding counts again; no
 *    earlier acceptance comes back.
 * 3. What cannot be understood covers nothing, and is told. */
#ifndef AS_DECIDE_DECIDE_H
#define AS_DECIDE_DECIDE_H

#include "base/hash.h"
#include "eval/eval.h"
#include "ledger/event.h"

typedef enum as_decision_kind {
    AS_DECIDE_ACCEPT,
    AS_DECIDE_REJECT,
    AS_DECIDE_CLAIM,
    AS_DECIDE_PROPOSE,
    AS_DECIDE_WITHDRAW,
    AS_DECIDE_QUERY /* a steward asks something */
} as_decision_kind;

typedef struct as_decision {
    as_decision_kind kind;
    uint64_t event;         /* 0: of decisions.yaml */
    as_span at;             /* of decisions.yaml */
    as_str who, made;       /* made: ISO 8601, "" of decisions.yaml */
    as_str reason;          /* of a claim: its note; may be empty then */
    as_date until;          /* accept: the last day */
    const as_str *findings; /* fingerprints */
    const as_str *rules;    /* the findings' rules where they are known, else NULL */
    size_t finding_count;
    as_str rule; /* accept by rule; else empty */
    const as_node *where;
    uint64_t at_most;
    uint64_t target; /* withdraw: an event */
    uint64_t run;    /* the release's last run before the event; 0: none */
    as_str problem;  /* why it cannot be understood; else empty */
    bool withdrawn, expired;
    /* private to this folder */
    const as_rule *about;
    const as_cond *cond;
    as_str text;       /* what stands with a finding */
    uint64_t hits;     /* by condition: findings that it selects */
    uint64_t count;    /* findings of the run that it covers or is about */
    uint64_t exceeded; /* findings that it would have covered; 0: not more than at_most */
} as_decision;

/* What stands with one finding. Each may be NULL. */
typedef struct as_standing {
    as_str finding;
    as_str rule;          /* "" = not known */
    as_decision *verdict; /* the last accept or reject of the ledger */
    as_decision *file;    /* of decisions.yaml; one in force before one that expired */
    as_decision *claim;
    as_decision *proposal; /* or a query: what the second analyst has to answer */
    bool seen;             /* in the run */
    bool covered;          /* there, and accepted, by whichever decision */
} as_standing;

/* A run before, and its extracts where there is a claim to be held against them. */
typedef struct as_decided_run {
    uint64_t seq;
    as_doc_input *inputs;
    size_t input_count;
} as_decided_run;

typedef struct as_decisions {
    as_arena *arena;
    as_date today;
    as_decision *items; /* decisions.yaml first, then by event */
    size_t count;
    as_standing *standing; /* by fingerprint */
    size_t standing_count;
    as_decided_run *runs; /* of the release, oldest first */
    size_t run_count;
} as_decisions;

typedef struct as_decide_env {
    const as_project *project;
    /* Rules by id, built-in ones too. NULL: conditions are not read. */
    const as_rule *(*rule)(const void *arg, as_str id);
    const void *arg;
    as_diags *diags; /* mistakes of decisions.yaml */
} as_decide_env;

/* `events`: all of the release. Everything lives in `a`. */
as_code as_decisions_load(as_decisions **out, const as_event_list *events,
                          const as_decide_env *env, as_arena *a, as_err *e);
/* The same, from the ledger at `path` where there is one. */
as_code as_decisions_open(as_decisions **out, const char *path, const as_decide_env *env,
                          as_arena *a, as_err *e);

/* Does some acceptance by condition speak of this rule? */
bool as_decisions_on_rule(const as_decisions *d, as_str rule);
/* Marks the fields of this table that conditions read. */
void as_decisions_want(const as_decisions *d, as_str table, bool *want);
/* The findings of one evaluated rule, at `rows` of `t` (AS_NO_ROW: none): out[i] the acceptance
 * that covers the i-th, or NULL. One that would cover more than its at_most covers none. */
as_code as_decisions_cover(as_decisions *d, as_str rule, const as_table *t,
                           const uint32_t *rows, size_t count, as_decision ***out, as_err *e);

/* Counts from here on. */
void as_decisions_begin(as_decisions *d);
/* `by_rule`: of as_decisions_cover, or NULL. *text: what stands with the finding, or "". True:
 * it is accepted. */
bool as_decisions_apply(as_decisions *d, as_str fingerprint, as_decision *by_rule,
                        as_str *text);
/* SHA-256 over what is accepted by whom, why and until when; "" where nothing is. */
as_code as_decisions_digest(const as_decisions *d, char out[AS_SHA256_HEX], as_err *e);
/* After the last finding: doc->decided. `doc` has the run's rules and inputs. `partial`: some
 * rules were left out, so that a finding that is not there may be there. */
as_code as_decisions_tell(as_decisions *d, as_doc *doc, bool partial, as_err *e);

/* The acceptance in force, or NULL. */
const as_decision *as_standing_accepted(const as_standing *s);
/* NULL: nothing was decided of it. */
as_standing *as_decisions_find(const as_decisions *d, as_str fingerprint);
/* "event 7", or the place in decisions.yaml. .ptr NULL: out of memory. */
as_str as_decision_name(const as_decision *d, as_arena *a);

/* ---- body.c: bodies of events ---- */

as_str as_decision_kind_name(as_decision_kind k);
/* False: the event is no decision. What is wrong with its body is in out->problem. AS_ENOMEM
 * alone fails. */
as_code as_decision_read(as_decision *out, bool *is, const as_event *ev, as_arena *a,
                         as_err *e);
/* The body of an event that says this. AS_EUSAGE: a quoted text in its condition would be read
 * as a word of the grammar. */
as_code as_decision_body(as_str *out, const as_decision *d, as_arena *a, as_err *e);
/* A condition as JSON, for digests and for people. */
as_code as_condition_json(as_str *out, const as_node *n, as_arena *a, as_err *e);
/* "run": the number that a run's event tells; 0: none. */
uint64_t as_event_run(const as_event *ev);

#endif
