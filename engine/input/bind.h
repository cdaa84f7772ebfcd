/* bind.h: which row is the header, and which column is which field. Inside input/ only.
 *
 * Header texts and field names compare by as_text_fold. A field answers to its name, its name
 * with blanks for underscores, and its aliases. */
#ifndef AS_INPUT_BIND_H
#define AS_INPUT_BIND_H

#include "base/arena.h"
#include "table/schema.h"

#define AS_NO_COLUMN UINT32_MAX

typedef struct as_binder as_binder; /* the names that a schema's fields answer to */

/* Lives in `a`. With `unpivot` on, only the kept fields answer, and all of them are required.
 */
as_code as_binder_make(as_binder **out, as_arena *a, const as_schema *s, as_err *e);

/* One row taken as the header. */
typedef struct as_binding {
    const as_binder *binder;
    as_str *headers;     /* per column, as written */
    uint32_t *field_of;  /* per column: field, or AS_NO_FIELD */
    uint32_t width;      /* columns of the row */
    uint32_t named;      /* columns up to the last one whose header is not blank */
    uint32_t *column_of; /* per field: column, or AS_NO_COLUMN */
    uint32_t matched;    /* fields found */
    uint32_t missing;    /* required fields not found */
} as_binding;

/* headers[0..width) must live in `a` or longer. Two columns for one field are told by
 * as_binding_check, not here: a row that is only tried is no error. */
as_code as_bind(as_binding *out, const as_binder *b, as_arena *a, as_str *headers,
                uint32_t width, as_err *e);
/* Is any field required? If not, every row would do. */
bool as_binder_requires(const as_binder *b);
/* A better header than `other`: fewer missing, then more found. */
bool as_binding_better(const as_binding *b, const as_binding *other);
/* No required field misses and at least one field was found. */
bool as_binding_complete(const as_binding *b);
/* AS_EINPUT: fields without a column, columns that claim one field. Each goes to `d` too.
 * row: of the sheet, for the sentence; 0 = no row had anything. */
as_code as_binding_check(const as_binding *b, as_span at, uint32_t row, as_diags *d, as_err *e);

#endif
