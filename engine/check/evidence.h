/* evidence.h: from a compact finding to what people read: key, place, values, sentence,
 * fingerprint. */
#ifndef AS_CHECK_EVIDENCE_H
#define AS_CHECK_EVIDENCE_H

#include "check/check.h"

/* Check the rule's message template at bind time: a {name} that is no field (nor one of the
 * kind's extra names, which describe fills) is reported with a suggestion; fields it names are
 * wanted and shown. */
as_code as_message_bind(as_bind *b, const as_check_kind *k, as_err *e);

/* Everything told of one finding; strings live in `a`. Fingerprint: first 32 hex digits of
 * SHA-256 over rule id, key and field, each with its length, so that it depends neither on row
 * order nor on other records. Threads may call it at once, each with its own arena. */
as_code as_evidence_make(const as_eval *ev, const as_bind *b, const as_check_kind *k,
                         const void *plan, const as_result *r, const as_finding *f, as_arena *a,
                         as_doc_finding *out, as_err *e);

#endif
