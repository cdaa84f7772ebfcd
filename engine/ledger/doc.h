/* doc.h: what one run has to say, in plain values: the model that the ledger keeps and every
 * report reads. No pointer into tables or rules. Strings live in the arena of who made the doc.
 */
#ifndef AS_LEDGER_DOC_H
#define AS_LEDGER_DOC_H

#include "base/err.h"

typedef struct as_doc_input {
    as_str table, file, digest, encoding;
    uint64_t rows, bytes, banner_rows, blank_rows, blank_columns;
    uint32_t header_row;
} as_doc_input;

typedef struct as_doc_file { /* of the rules: release.yaml, packs and what belongs to them */
    as_str path, sha256;
} as_doc_file;

typedef struct as_doc_cause {
    as_str kind;     /* "joined_and_left", "joiner_absent_at_close", "leaver_present_at_close",
                        "unlisted_joiner", "unlisted_leaver",     "reclassified_in",
                        "reclassified_out",     "duplicate_movement", "joiner_before_period", … */
    as_str sentence; /* in words */
    as_str *records; /* keys */
    size_t record_count;
    double effect; /* what it adds to closing − expected */
} as_doc_cause;
typedef struct as_doc_term {
    as_str name, label;
    double value;
    char sign; /* '+', '-', '~' adjustment */
    as_str note;
} as_doc_term;
typedef struct as_doc_bridge {
    as_str *fields, *values; /* the group */
    size_t group_count;
    double opening, plus, minus, adjustments, expected, closing, residual, explained,
        unexplained;
    as_doc_term *terms;
    size_t term_count;
    as_doc_cause *causes;
    size_t cause_count;
    as_str sentence; /* "Children's homes: 2,071 + 228 − 154 = 2,145, published 2,148: 3
                        unexplained" */
} as_doc_bridge;

typedef struct as_doc_rule {
    as_str id, name, title, kind, severity, steward, why, source, table;
    as_str status; /* pass fail empty error off */
    as_str note;   /* why it is empty, errored, off; what was allowed */
    bool blocking; /* counts against the gate as it stands */
    bool builtin;  /* made from a schema */
    uint64_t selected, findings, undecided, key_nulls, accepted;
    uint64_t new_count, open_count, reopened_count, gone_count; /* set by the ledger */
    double millis; /* not part of any deterministic output */
    as_doc_bridge *bridge;
    size_t bridge_count;
    bool has_bridge;
} as_doc_rule;

typedef struct as_doc_value {
    as_str field, text;
    bool null, sensitive;
} as_doc_value;
typedef struct as_doc_record {
    as_str table, key, file;
    uint32_t line, row; /* row: 1-based record number; 0 unknown */
} as_doc_record;

/* A published figure, and what it would be without the finding's records. */
typedef struct as_doc_move {
    as_str measure, title, unit;
    as_str group;    /* values of its `by`, " / " between; empty where it has none */
    double from, to; /* NaN: unknown */
} as_doc_move;

/* AS_PATTERN_ITSELF as n: the byte AS_PATTERN_PART itself. */
enum { AS_PATTERN_PART = 1, AS_PATTERN_ITSELF = 255 };

typedef struct as_doc_finding {
    uint64_t id; /* in the ledger */
    as_str rule, severity, table, key, file, sheet, field, expected, message, fingerprint,
        steward;
    as_str state;       /* new open reopened; set when read back */
    as_str decision;    /* "accepted until 2018-03-31 by ann: reason", …, or "" */
    uint32_t line, row; /* row: 1-based record number; 0 = a figure */
    uint32_t column;    /* 1-based column of `field` in the file, 0 unknown */
    as_str pattern; /* while it is made, instead of `message` (then that is empty): the message,
                       with AS_PATTERN_PART and a byte n for its key (0) or its value n - 1 */
    bool alike; /* a hint of who makes findings: table, file, sheet, field, expected, severity,
                   steward, column, both flags below, and fields and flags of the values are
                   those of the finding handed on before it. False: not known */
    bool key_sensitive;     /* `key` is made of sensitive fields: masked in reports */
    bool records_sensitive; /* so are the keys of `records` */
    as_doc_value *values;
    size_t value_count;
    as_doc_record *records; /* group findings: every member; else empty */
    size_t record_count;
    uint64_t moves;     /* published figures that would be others without its records */
    as_doc_move *moved; /* the first AS_MOVES_MAX of them, in the order of the measures */
    size_t moved_count;
} as_doc_finding;

/* What it says, also where there is a pattern: in the arena or as it stands. .ptr NULL: out of
 * memory. */
as_str as_doc_message(as_arena *a, const as_doc_finding *f);

/* What stands with one decision (or one finding of it) in this run. */
typedef struct as_doc_decided {
    as_str state;      /* accepted, lapsing, expired, gone (matches nothing any more), exceeded
                          (covers      none: more than at_most), unreadable, unknown (its rule was
                          not      evaluated),      rejected, proposed, query, claimed (the extracts
                          are      still      the same),      fixed,      still_there */
    as_str name;       /* "event 7", or the place in decisions.yaml */
    as_str who, until; /* until: ISO date, or "" */
    as_str rule, finding; /* finding: a fingerprint; either may be empty */
    as_str sentence;
    uint64_t count; /* findings of this run that it is about */
} as_doc_decided;

typedef struct as_doc {
    as_str assay; /* version */
    as_str release, release_file, produced_by, as_at;
    as_str
        run; /* from the digests of inputs, rules and tool: the same content has the same id */
    uint64_t seq;   /* number of the run in this ledger, from 1 */
    as_str started; /* ISO 8601 UTC; from SOURCE_DATE_EPOCH where set */
    as_str rules_sha256;
    as_str content;     /* SHA-256 of inputs, rules and tool alone: whatever was decided, and
                           whichever rules were asked for. Not read back */
    as_doc_file *files; /* behind rules_sha256; none in a run of before they were kept */
    size_t file_count;
    as_str verdict; /* pass fail incomplete */
    int exit_code;
    as_doc_input *inputs;
    size_t input_count;
    as_doc_rule *rules;
    size_t rule_count;
    as_doc_decided *decided;
    size_t decided_count;
    uint64_t findings, blocking; /* blocking: findings that count against the verdict */
    uint64_t accepted;           /* findings that an acceptance in force covers */
    uint64_t new_count, open_count, reopened_count,
        gone_count;    /* set by the ledger, against run `previous` */
    uint64_t previous; /* seq of the run that the counts compare with; 0 = none */
} as_doc;

#endif
