/* query.h: (cli/ only) the rows of a query in memory, and how they are printed. */
#ifndef AS_CLI_QUERY_H
#define AS_CLI_QUERY_H

#include "check/sql_tables.h"
#include "cli/cli.h"

typedef struct as_query_rows {
    const as_sql_column *columns;
    size_t column_count;
    as_sql_value *values; /* row after row */
    as_str *texts;        /* the same as text; .ptr NULL: null; masked already */
    size_t count;
} as_query_rows;

/* as_cli_fill functions; arg: as_query_rows. */
as_code as_query_terminal(void *arg, as_out out, as_err *e); /* aligned, numbers to the right */
as_code as_query_csv(void *arg, as_out out, as_err *e);      /* nulls empty, an empty text "" */
as_code as_query_json(void *arg, as_out out, as_err *e);     /* {columns, rows: [[…]]} */

#endif
