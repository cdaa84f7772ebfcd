/* message.h: a rule's message in parts. For evidence.c; the rest of it is in evidence.h. */
#ifndef AS_CHECK_MESSAGE_H
#define AS_CHECK_MESSAGE_H

#include "check/check.h"

/* Text, then a name (the last part has none). */
typedef struct as_message_part {
    as_str before, name;
    bool named;
    uint32_t field; /* of the rule's schema; AS_NO_FIELD: one of the kind's extra names */
} as_message_part;

/* In the arena; at least one. NULL: out of memory. */
as_message_part *as_message_parts(const as_bind *b, as_arena *a, size_t *count);

#endif
