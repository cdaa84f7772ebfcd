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

/* The same over parts, each of which is taken from a cursor that outlives the view; several
 * views may go through parts of one cursor side by side, while one of them takes. */
as_code as_view_open_part(as_view **out, as_err *e);
as_code as_view_take(as_view *v, as_finding_cursor *from, size_t number, as_err *e);

/* ---- where a report goes, in pieces of some size ---- */

typedef struct as_sink {
    as_out out;
    as_buf buf;
} as_sink;

as_sink as_sink_to(as_out out);
/* Sends what is in `buf` where it is enough for a piece, or `all` of it. AS_ENOMEM where the
 * buffer failed. */
as_code as_sink_send(as_sink *s, bool all, as_err *e);
/* What is longer than a piece goes out as it is, behind what is in the buffer. */
as_code as_sink_pass(as_sink *s, as_str text, as_err *e);
void as_sink_free(as_sink *s);

/* ---- each.c: every finding as text, made by all workers of a pool ---- */

typedef struct as_each {
    as_ledger *ledger;
    const as_doc *doc;
    const as_finding_filter *filter;
    as_pool *pool;  /* NULL: this thread alone */
    as_str between; /* two findings */
    /* The finding's text into b; called side by side. `tmp` may be used as it likes. */
    void (*text)(const void *arg, as_buf *b, as_buf *tmp, const as_doc_finding *f);
    const void *arg;
} as_each;

/* In the order of findings, whoever made them. *count: how many there were. */
as_code as_each_finding(const as_each *x, as_sink *s, uint64_t *count, as_err *e);

#endif
