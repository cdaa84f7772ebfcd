/* sql_rows.h: (the kind `sql`) a query bound to a rule, and its rows as findings. */
#ifndef AS_CHECK_SQL_ROWS_H
#define AS_CHECK_SQL_ROWS_H

#include "check/check.h"
#include "sql/sql.h"

#define AS_SQL_NO_COLUMN SIZE_MAX

typedef struct as_sql_plan {
    as_str query;
    as_span at;
    const as_sql_table
        *tables; /* by schema; the same list is made again when they are loaded */
    size_t table_count;
    bool *read; /* one a table */
    as_sql_column *columns;
    size_t column_count;
    size_t row; /* the column with the record's number; AS_SQL_NO_COLUMN: findings at figures */
    bool *shown;  /* one a column: it is a field of the record as it stands */
    bool *in_key; /* one a column */
    as_str *params;
    size_t param_count;
} as_sql_plan;

/* One value of a row that is kept. */
typedef struct as_sql_cell {
    as_sql_value value; /* its text is `text` */
    as_str text;        /* as people read it; .ptr NULL: null */
} as_sql_cell;

/* The kind's eval. out->state: one array of cells a finding, by as_finding.detail. */
as_code as_sql_rows_eval(as_eval *ev, const as_bind *b, const void *plan, as_result *out,
                         as_err *e);

#endif
