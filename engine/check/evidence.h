/* evidence.h: from a compact finding to what people read: key, place, values, sentence,
 * fingerprint. */
#ifndef AS_CHECK_EVIDENCE_H
#define AS_CHECK_EVIDENCE_H

#include "check/check.h"

/* Check the rule's message template at bind time: a {name} that is no field (nor one of the
 * kind's extra names, which describe fills) is reported with a suggestion; fields it names are
 * wanted and shown. */
as_code as_message_bind(as_bind *b, const as_check_kind *k, as_err *e);

/* Whether the rule's message shows {name}. */
bool as_message_names(const as_rule *rule, as_str name);

/* Makes what is told of the findings of one rule. It lives in `a`, as do the texts that it
 * makes; a text may also stand in the tables, so they outlive what was told. One thread at a
 * time; several makers of a rule may work at once, each with its own arena. NULL: out of
 * memory. */
typedef struct as_evidence_maker as_evidence_maker;
as_evidence_maker *as_evidence_open(const as_eval *ev, const as_bind *b, const as_check_kind *k,
                                    const void *plan, const as_result *r, as_arena *a);

/* Everything told of `count` findings, into as many places of `out`; what they say may be a
 * pattern (as_doc_message). Fingerprint: first 32 hex digits of SHA-256 over rule id, key and
 * field, each with its length, so that it depends neither on row order nor on other records.
 * Several at once take less time than one by one. */
as_code as_evidence_tell(as_evidence_maker *m, const as_finding *f, size_t count,
                         as_doc_finding *out, as_err *e);
/* The same for a single finding, with its message. */
as_code as_evidence_make(const as_eval *ev, const as_bind *b, const as_check_kind *k,
                         const void *plan, const as_result *r, const as_finding *f, as_arena *a,
                         as_doc_finding *out, as_err *e);

/* ---- for the kinds' own describe ---- */

#define AS_SAID_BYTES 200 /* of a value within a sentence */

/* Sets out->table to the rule's table and, where `other` is a name, out->other_table to that
 * one. AS_ERULE: the release has none of that name. */
as_code as_evidence_tables(const as_eval *ev, const as_bind *b, as_str other, as_evidence *out,
                           as_err *e);
/* One cell as it stands in a sentence, in the arena or the table: the raw text on one line, at
 * most AS_SAID_BYTES and then "…"; "(none)" for null, "(masked)" for a sensitive field. */
as_code as_evidence_value(const as_table *t, uint32_t row, uint32_t field, as_arena *a,
                          as_str *out, as_err *e);
/* A cell of the finding's record as a piece of a sentence. */
as_code as_evidence_own(const as_evidence *ev, uint32_t row, uint32_t field, as_piece *out,
                        as_err *e);
/* The sentence in pieces, each appended: texts of the rule (AS_SAY), a cell of the finding's
 * record, a value that is in `extra` (its place there). More than AS_PIECES_MAX are counted,
 * and an error of the rule. */
static inline void as_say_piece(as_evidence *ev, as_piece p)
{
    if (ev->piece_count < AS_PIECES_MAX)
        ev->pieces[AS_PIECES_BEFORE + ev->piece_count] = p;
    ev->piece_count++;
}
static inline void as_say_texts(as_evidence *ev, const as_str *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        as_say_piece(ev, (as_piece){texts[i], AS_PIECE_TEXT});
}
#define AS_SAY(ev, ...)                                                                        \
    as_say_texts((ev), (const as_str[]){__VA_ARGS__},                                          \
                 sizeof((const as_str[]){__VA_ARGS__}) / sizeof(as_str))
as_code as_say_own(as_evidence *ev, uint32_t row, uint32_t field, as_err *e);
void as_say_extra(as_evidence *ev, size_t place);
/* Whether a text can stand in a sentence as it is: short, and without bytes below ' '. */
static inline bool as_evidence_plain(as_str text)
{
    const uint64_t ones = 0x0101010101010101u, tops = 0x80 * ones;
    uint64_t low = 0, eight;
    size_t i = 0;
    if (text.len > AS_SAID_BYTES)
        return false;
    for (; i + 8 <= text.len; i += 8) {
        memcpy(&eight, text.ptr + i, 8);
        low |= (eight - ' ' * ones) & ~eight & tops;
    }
    if (i && i < text.len) { /* the last eight, some of them again */
        memcpy(&eight, text.ptr + text.len - 8, 8);
        return (low | ((eight - ' ' * ones) & ~eight & tops)) == 0;
    }
    for (; i < text.len; i++)
        low |= (unsigned char)text.ptr[i] < ' ';
    return low == 0;
}
/* A text as it stands in a sentence: itself where it can. .ptr NULL: out of memory. */
as_str as_evidence_said(as_arena *a, as_str text);
/* A cell's text, raw or as rules see it, in the arena unless it stands in the table; AS_NONE
 * for null. False: out of memory. */
bool as_evidence_cell_text(const as_table *t, uint32_t row, uint32_t field, bool raw,
                           as_arena *a, as_str *out);
/* A value in full, up to AS_EVIDENCE_MAX; a longer one says how long it was. .ptr NULL: out of
 * memory. */
as_str as_evidence_whole(as_arena *a, as_str raw);
/* What was written, in the arena; frees the buffer. .ptr NULL: it failed. */
as_str as_evidence_keep(as_arena *a, as_buf *buf);
/* Put a value that is no field of the record (the other table's, a figure's) into ev->extra;
 * full: dropped, as the names were fixed when the rule was bound. */
void as_evidence_extra(as_evidence *ev, as_str name, as_str text, bool null, bool sensitive);
/* The same for a cell of another table, as "TABLE.FIELD"; row AS_NO_ROW: a null. */
as_code as_evidence_cell(as_evidence *ev, const as_table *t, uint32_t row, uint32_t field,
                         as_err *e);
/* Text that a script made, without the values of the record's sensitive fields among `fields`.
 */
as_code as_evidence_mask(const as_table *t, uint32_t row, const uint32_t *fields, size_t count,
                         as_arena *a, as_str *text, as_err *e);
/* A condition in words, in the arena; .ptr NULL: out of memory. */
as_str as_evidence_words(as_arena *a, const as_cond *c, const as_schema *self,
                         const as_schema *other);
/* Names of fields for a sentence: "urn, event_number". .ptr NULL: out of memory. */
as_str as_evidence_names(as_arena *a, const as_schema *s, const uint32_t *fields, size_t count);

#endif
