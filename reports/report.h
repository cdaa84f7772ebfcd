/* report.h: one format = one file in reports/ and one line in formats.def. A format reads the
 * ledger's model and writes bytes; it knows no rules, tables or checks. Same doc and findings,
 * same bytes. */
#ifndef AS_REPORTS_REPORT_H
#define AS_REPORTS_REPORT_H

#include "base/buf.h"
#include "base/pool.h"
#include "ledger/ledger.h"

typedef struct as_report_options {
    bool color;
    unsigned width;    /* of the terminal; 0 = 100 */
    uint64_t per_rule; /* terminal: findings shown of one rule; 0 = 5; UINT64_MAX = all */
    bool quiet;
    const char *show_all_hint; /* the command that shows what was left out */
    as_finding_filter filter;
    const as_str *columns; /* csv: these alone, in this order */
    size_t column_count;   /* 0: all */
    as_pool *pool;         /* may help; NULL: none */
} as_report_options;

/* Where a report goes: called with pieces of text. */
typedef struct as_out {
    as_code (*write)(void *arg, as_str bytes, as_err *e);
    void *arg;
} as_out;

typedef struct as_format {
    const char *name; /* "json" */
    const char *summary;
    bool binary; /* refuses a terminal */
    as_code (*render)(as_ledger *l, const as_doc *doc, const as_report_options *o, as_out out,
                      as_err *e);
    /* Does it have the columns that the options name? NULL: it has none to choose from. */
    as_code (*columns_fit)(const as_report_options *o, as_err *e);
} as_format;

extern const as_format *const as_formats[];
extern const size_t as_format_count;
const as_format *as_format_find(as_str name);

#endif
