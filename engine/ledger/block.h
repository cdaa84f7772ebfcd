/* block.h: findings of one rule packed into one value (finding_block.body). Private here.
 *
 * A body of format 2 is: 2, the number of strings, the strings (each length, bytes): the
 * block's own dictionary. Then for each finding:
 *
 * - head: its length (0: as the finding before), then the string numbers of table, file, sheet,
 *   field, expected, severity and steward; column; flags (1: the key is sensitive, 2: so are
 *   the keys of the records, 4: the string number of the decision follows); the number of
 *   values; for each value its field's string number * 2 + sensitive.
 * - place: the signed distance to the row of the finding before, then line - row, signed.
 * - tag: state (0 new, 1 open, 2 reopened) + 4 * how the fingerprint is spelled (as_fp_kind)
 *   + 16 where figures that move follow the records.
 * - key: length, bytes; with AS_FP_TEXT then the fingerprint: length, bytes.
 * - values, each: 0 null, 1 then length and bytes, 2 the key's text, else string number + 3.
 * - message: 0 then length and bytes, else the string number + 1 of its template: a pattern as
 * doc.h says.
 * - records: their number; for each the string numbers of table and file, row, line - row
 *   (signed), key (length, bytes).
 * - figures that move: how many, how many of them follow; for each the string number of the
 *   figure (measure, title, unit, group, each length and bytes; its value, a double), then what
 *   it becomes: 0 unknown, 1 then the signed change (both are whole), 2 then a double.
 *
 * Format 1 is the same without figures that move and decisions, and is read.
 *
 * The 16 bytes of each fingerprint stand beside the body, in finding_block.fingerprints. */
#ifndef AS_LEDGER_BLOCK_H
#define AS_LEDGER_BLOCK_H

#include "ledger/codec.h"

enum { AS_BLOCK_FORMAT = 2 };

/* What a fingerprint is compared by. */
typedef struct as_fp {
    unsigned char b[16];
} as_fp;

typedef enum as_fp_kind {
    AS_FP_HEX16, /* 32 lower-case hex digits: the 16 bytes */
    AS_FP_HEX8,  /* 16 hex digits: 8 bytes, then zeros */
    AS_FP_TEXT   /* anything else; 64 hex digits: their first 16 bytes, else the SHA-256's */
} as_fp_kind;

as_code as_fp_of(as_str text, as_fp *out, as_fp_kind *kind, as_err *e);

typedef enum as_state { AS_STATE_NEW, AS_STATE_OPEN, AS_STATE_REOPENED } as_state;
as_str as_state_name(as_state s);

/* ---- writing ---- */

typedef struct as_block_slot as_block_slot;
enum { AS_BLOCK_CUTS = 4 };
/* The template of dictionary number of - 1, in pieces; of 0: of none. */
struct as_block_cut {
    struct as_block_piece *pieces;
    size_t count, size;
    uint32_t of;
};
typedef struct as_block_writer {
    as_enc rows, head, last_head,
        strings; /* `strings`: the dictionary's texts, one after another */
    as_enc fingerprints;
    struct as_block_string *dict;
    size_t dict_count, dict_size;
    uint32_t *buckets; /* dictionary number + 1; a power of two */
    size_t bucket_count;
    as_block_slot *slots; /* by place in the finding: what stood there last */
    struct as_block_cut cuts[AS_BLOCK_CUTS]; /* templates met last, that of the last message
                                                first */
    as_enc pattern;                          /* a message's template while it is made */
    as_enc figure;                           /* a figure's string while it is made */
    size_t slot_count;
    uint32_t count;
    uint32_t last_row;
    bool last_decided; /* the finding before had a decision */
    bool failed;       /* out of memory */
} as_block_writer;

void as_block_add(as_block_writer *w, const as_doc_finding *f, const as_fp *fp, as_fp_kind kind,
                  as_state state);
bool as_block_full(const as_block_writer *w);
/* The body, into `out` (cleared first). False: out of memory, or over AS_BLOB_MAX. */
bool as_block_body(as_block_writer *w, as_enc *out);
void as_block_clear(as_block_writer *w); /* memory kept */
void as_block_free(as_block_writer *w);

/* ---- reading: texts point into the body ---- */

typedef struct as_block_reader {
    as_dec r;
    const unsigned char *fps;
    as_str *dict;
    size_t dict_count, dict_size;
    as_str head;          /* of the finding before */
    as_doc_finding shape; /* what the head says */
    as_doc_value *values;
    size_t value_size;
    as_doc_record *records;
    size_t record_size;
    as_doc_move *moved;
    size_t moved_size;
    uint32_t left, row;
    as_enc message;
    char fingerprint[33];
    bool no_message, no_fingerprint; /* leave them out; set before as_block_open */
    bool nomem;
} as_block_reader;

/* False: damaged or out of memory (`nomem`). */
bool as_block_open(as_block_reader *r, as_str body, as_str fps, uint32_t count);
/* False at the end, when damaged (r->r.bad) and out of memory. *out lives until the next call.
 */
bool as_block_next(as_block_reader *r, as_doc_finding *out);
void as_block_reader_free(as_block_reader *r);

#endif
