/* moved.h: the published figures that would be others without a finding's records: its row; of
 * a group all members but the first, as one of them stays. None where the record counts
 * already as it would were it corrected (as_evidence.settled). */
#ifndef AS_CHECK_MOVED_H
#define AS_CHECK_MOVED_H

#include "check/check.h"

/* Into out->moves and out->moved; `x` is what the kind told of the finding, `t` the rule's
 * table or NULL. ev->moves NULL, or a finding on no record: nothing. */
as_code as_moved_tell(const as_eval *ev, const as_table *t, const as_finding *f,
                      const as_evidence *x, as_doc_finding *out, as_err *e);
/* How many figures it moves, before anything else is told of it; uses `a`. */
as_code as_moved_count(const as_eval *ev, const as_bind *b, const as_check_kind *k,
                       const void *plan, const as_result *r, const as_finding *f, as_arena *a,
                       uint64_t *count, as_err *e);

#endif
