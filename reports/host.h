/* host.h: runs a report writer written in Lua. The only user of lua.h here is host.c.
 *
 * A writer is a chunk that returns a function; it is called with the run and the options
 * (docs/internals/reports.md lists their fields and the functions that it may call). It has no
 * way to files, clocks or other programs, and a budget of instructions and of memory. */
#ifndef AS_REPORTS_HOST_H
#define AS_REPORTS_HOST_H

#include "reports/report.h"

typedef enum as_writer_texts {
    AS_TEXTS_AS_THEY_ARE,   /* valid UTF-8; the writer escapes for its format */
    AS_TEXTS_FOR_A_TERMINAL /* control and invisible characters are shown, in prose line breaks
                               are blanks */
} as_writer_texts;

typedef struct as_writer {
    as_str name; /* for messages: "terminal.lua" */
    as_str script;
    as_writer_texts texts;
} as_writer;

/* AS_ESCRIPT: the writer is wrong (e->text names its line). AS_EBUDGET: it used too much. Else
 * what the ledger or `out` said. */
as_code as_host_render(const as_writer *w, as_ledger *l, const as_doc *doc,
                       const as_report_options *o, as_out out, as_err *e);

#endif
