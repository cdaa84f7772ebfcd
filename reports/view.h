/* view.h: the findings that a report may show, one after another, with sensitive values masked.
 *
 * Every format reads findings through this and nothing else, so none can forget to mask. */
#ifndef AS_REPORTS_VIEW_H
#define AS_REPORTS_VIEW_H

#include "reports/report.h"

#define AS_MASK AS_STR("[masked]")

typedef struct as_view as_view;

/* `filter` may be NULL. */
as_code as_view_open(as_view **out, as_ledger *l, const as_doc *doc,
                     const as_finding_filter *filter, as_err *e);
/* The next finding, which lives until the next call; NULL: no more. */
as_code as_view_next(as_view *v, const as_doc_finding **out, as_err *e);
void as_view_close(as_view *v); /* NULL is fine */

/* ---- where a report goes, in pieces of some size ---- */

typedef struct as_sink {
    as_out out;
    as_buf buf;
} as_sink;

as_sink as_sink_to(as_out out);
/* Sends what is in `buf` where it is enough for a piece, or `all` of it. AS_ENOMEM where the
 * buffer failed. */
as_code as_sink_send(as_sink *s, bool all, as_err *e);
void as_sink_free(as_sink *s);

#endif
