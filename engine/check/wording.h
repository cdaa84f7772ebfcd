/* wording.h: what a finding says, in pieces, and of that a pattern which many findings share.
 * For evidence.c. */
#ifndef AS_CHECK_WORDING_H
#define AS_CHECK_WORDING_H

#include "check/check.h"

/* The wordings of a rule's findings met last. They live in `a`; NULL: out of memory. */
typedef struct as_wordings as_wordings;
as_wordings *as_wordings_open(as_arena *a);

/* Sets the finding's pattern or, where that cannot be, its message, in the arena. Its key and
 * its values are there. AS_ENOMEM. */
as_code as_wordings_say(as_wordings *w, const as_piece *pieces, size_t count, as_doc_finding *f,
                        as_err *e);

#endif
