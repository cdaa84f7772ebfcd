/* proof.h: private to prove/. What its parts share while a proof is made.
 *
 * Order: baseline (what the release as it is has) → beds and reads → plant (all faults, in
 * order, on one thread) → try (each fault, on all workers) → why (counts and reasons, in
 * order).
 */
#ifndef AS_PROVE_PROOF_H
#define AS_PROVE_PROOF_H

#include "prove/fault.h"
#include "run/exec.h"

/* A finding of the release as it is: who it is, and what it says. */
typedef struct as_known {
    char fingerprint[32];
    uint64_t said; /* hash of the sentence */
} as_known;
/* Where it is, for rules that look at records one by one. */
typedef struct as_known_place {
    uint32_t row, field;
} as_known_place;

typedef struct as_baseline {
    as_known *known; /* by fingerprint */
    size_t known_count;
    as_known_place *places; /* by row and field */
    size_t place_count;
} as_baseline;

/* Rules that may find a fault: indexes into the run's rules, ascending. */
typedef struct as_readers {
    uint32_t *rules;
    size_t count;
} as_readers;

#define AS_NO_RULE UINT32_MAX
typedef struct as_job {
    as_change change;
    uint32_t bed;
    const as_readers *asked;     /* are evaluated */
    const as_readers *concerned; /* may be expected to find it: those that read the field */
    uint32_t masked;  /* a rule of which only an old finding changed; AS_NO_RULE: none */
    uint32_t allowed; /* a rule that found it, and allows as much */
} as_job;

typedef struct as_prover {
    as_proof *proof;
    as_run *run;
    const as_prove_options *options;
    as_arena *arena;       /* the proof's */
    as_baseline *baseline; /* by rule */
    uint8_t **dirty;       /* by table of the run, by row: it has an error or a warning */
    uint8_t **dirty_field; /* the same of whole columns */
    as_bed *beds;          /* of the release's tables, which are the first of the run's */
    size_t bed_count;
    as_readers **by_field; /* by bed, by field */
    as_readers *by_table;  /* by bed */
    as_job *jobs;          /* beside proof->faults */
    size_t size;
} as_prover;

as_code as_prove_baseline(as_prover *p, as_err *e);
/* NULL: the release as it is has no such finding. */
const as_known *as_baseline_known(const as_baseline *b, as_str fingerprint);
bool as_baseline_at(const as_baseline *b, uint32_t row, uint32_t field);
as_code as_prove_beds(as_prover *p, as_err *e);
/* NAME_before or NAME_earlier where the release has NAME too: a list of a year gone by, at hand
 * to compare with. */
bool as_prove_is_earlier(const as_prover *p, size_t bed);
as_code as_prove_plant(as_prover *p, as_err *e);
as_code as_prove_try(as_prover *p, as_err *e);
as_code as_prove_why(as_prover *p, as_err *e);

/* Does the rule take part: not off, not in error before anything was planted, of the pack asked
 * for? */
bool as_prove_takes_part(const as_prover *p, size_t rule);

#endif
