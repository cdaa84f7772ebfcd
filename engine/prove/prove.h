/* prove.h: do the rules of a release have teeth? Faults of known kinds are planted, one at a
 * time, into a copy of one table in memory; the rules that read what was changed are evaluated
 * again; what they find that they did not find before is the catch.
 *
 * The same release, options and tool give the same proof with any number of workers. */
#ifndef AS_PROVE_PROVE_H
#define AS_PROVE_PROVE_H

#include "run/run.h"

/* What a kind of fault changes. */
typedef enum as_fault_level {
    AS_FAULT_CELL,   /* planted in each field that it fits */
    AS_FAULT_RECORD, /* planted in each table */
    AS_FAULT_COLUMN, /* once for each field */
    AS_FAULT_TABLE   /* once for each table */
} as_fault_level;

typedef struct as_fault_kind as_fault_kind;
extern const as_fault_kind *const as_fault_kinds[];
extern const size_t as_fault_kind_count;
const char *as_fault_name(const as_fault_kind *k);
const char *as_fault_family(const as_fault_kind *k);
const char *as_fault_text(const as_fault_kind *k);

typedef struct as_prove_options {
    uint64_t seed;
    unsigned each;      /* faults of one kind in one field (or one table); at least 1 */
    unsigned jobs;      /* 0 = all cores */
    const as_str *only; /* rules, by id or name; faults are planted only in what they read */
    size_t only_count;
    bool earlier;        /* also in tables of years gone by */
    const as_pack *pack; /* only its rules and those that come with schemas; NULL: all */
    /* Called on one thread now and then; may be NULL. */
    void (*progress)(void *arg, size_t done, size_t all);
    void *progress_arg;
} as_prove_options;

typedef enum as_fate {
    AS_FATE_CAUGHT, /* a rule of severity error or warning found it, or could say nothing more
                     */
    AS_FATE_TOLD,   /* only findings for information, or within what a rule allows */
    AS_FATE_MISSED
} as_fate;

/* One fault. `key` is the record's; empty for a whole column or table. */
typedef struct as_planted {
    const as_fault_kind *kind;
    as_str table, field, key;
    uint32_t row, line; /* from 1; 0: none or unknown */
    as_str change;      /* "places: 4 → 40"; sensitive values masked */
    as_fate fate;
    uint32_t *by; /* the rules that fired, of any severity: indexes into `rules` */
    size_t by_count;
    as_str why; /* not caught: why */
} as_planted;

typedef struct as_proved_rule {
    const as_rule *rule;
    bool builtin, off;
    size_t planted; /* faults in what it reads */
    size_t caught;  /* at which it fired */
    size_t alone;   /* that no other rule would have caught */
    as_str why;     /* never fired: why */
} as_proved_rule;

typedef struct as_proved_family {
    const char *name;
    size_t planted, caught, told;
} as_proved_family;

/* Something of a table that the proof says nothing about, or that no rule looks at. */
typedef struct as_proof_gap {
    as_str table, field; /* field empty: the whole table */
    as_str why;
} as_proof_gap;

typedef struct as_proof {
    as_arena *arena;
    as_str release;
    uint64_t seed;
    unsigned each;
    bool some_rules;    /* only some rules were asked for */
    as_planted *faults; /* in the order of tables, kinds, fields */
    size_t count, caught, told, missed;
    as_proved_rule *rules;
    size_t rule_count;
    as_proved_family *families;
    size_t family_count;
    as_proof_gap *unread; /* fields that no rule's finding depends on */
    size_t unread_count;
    as_proof_gap *untested; /* tables and columns in which nothing was planted */
    size_t untested_count;
} as_proof;

/* The proof lives until as_proof_close. AS_EINPUT and the like: as of as_run_make. */
as_code as_prove(as_proof **out, const as_plan *plan, const as_prove_options *o, as_diags *d,
                 as_err *e);
void as_proof_close(as_proof *p);
/* Of a hundred faults so many were caught; 100 where none was planted. */
double as_proof_share(const as_proof *p);

/* docs/formats/prove.md. Appends. */
void as_proof_json(const as_proof *p, as_buf *out);
/* For people; `list`: sorts of miss to show, `least`: the share that was asked for. Appends. */
void as_proof_text(const as_proof *p, as_buf *out, size_t list, double least, bool color);

#endif
