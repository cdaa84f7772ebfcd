/* grouped.h: the records of a table by the values of some fields, for the kinds that hold a
 * record against its group, or a group against a figure (share, adds_up, outlier, estimate). */
#ifndef AS_CHECK_GROUPED_H
#define AS_CHECK_GROUPED_H

#include "check/check.h"
#include "measure/groups.h"

#define AS_NO_GROUP UINT32_MAX

/* Heap; as_grouped_close, also of a zeroed one. A null is a value of its own. */
typedef struct as_grouped {
    as_group_set set;
    uint32_t
        *ids; /* by row: its group, in the order of first sight; AS_NO_GROUP: not selected */
    uint32_t count;
} as_grouped;

/* select: one byte a row, AS_TRUE = selected; NULL: all. A field that the file does not have is
 * an AS_EINPUT that says so: it would make one group of everything. */
as_code as_grouped_open(as_grouped *out, const as_eval *ev, const as_bind *b, const as_table *t,
                        const uint32_t *fields, size_t count, const uint8_t *select, as_err *e);
void as_grouped_close(as_grouped *g);

/* keys[id]: the group's values as texts; order: the groups sorted by them. From `a`. */
as_code as_grouped_names(const as_grouped *g, as_arena *a, const as_str *const **keys,
                         const uint32_t **order, as_err *e);

/* AS_EINPUT where the file does not have this field. */
as_code as_eval_field(const as_bind *b, const as_table *t, uint32_t field, as_err *e);
bool as_any_sensitive(const as_schema *s, const uint32_t *fields, size_t count);
/* The group's values into out->extra, under the names of the fields, marked where sensitive. */
void as_extra_fields(as_evidence *out, const as_schema *s, const uint32_t *fields, size_t count,
                     const as_str *keys);

#endif
