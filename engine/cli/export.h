/* export.h: the whole ledger, or one table of it, as JSON or CSV; and rows of named cells,
 * which `compare` writes too. */
#ifndef AS_CLI_EXPORT_H
#define AS_CLI_EXPORT_H

#include "cli/cli.h"
#include "reports/view.h"

/* One cell of a row: a text, or a number where `text.ptr` is NULL. */
typedef struct as_cell {
    const char *name;
    as_str text;
    uint64_t number;
} as_cell;

/* `first`: of its table: CSV writes the names before it, JSON no comma. */
void as_export_row(as_buf *b, const as_cell *cells, size_t count, bool csv, bool first);

typedef struct as_export {
    as_ledger *ledger;
    as_arena *arena;
    const char *table; /* NULL: all, JSON alone */
    bool csv;
} as_export;

#define AS_EXPORT_TABLES "runs, inputs, files, rules, findings, decisions or events"
bool as_export_has(const char *table);
/* arg: an as_export. */
as_code as_export_fill(void *arg, as_out out, as_err *e);

#endif
