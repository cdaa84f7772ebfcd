/* sql_private.h: (sql/ only) what the parts of one query share. */
#ifndef AS_SQL_SQL_PRIVATE_H
#define AS_SQL_SQL_PRIVATE_H

#include "base/limits.h"
#include "sql/sql.h"

#include <sqlite3.h>

/* An index that a query made over some fields of a table. */
typedef struct as_sql_index {
    as_key key;
    as_index *index;
    struct as_sql_index *next;
} as_sql_index;

/* One table of the query; the module's client data. */
typedef struct as_sql_source {
    struct as_sql *sql;
    const as_sql_table *table;
    bool *read; /* one a field */
    bool named; /* the query reads from it */
    uint32_t row_column,
        line_column; /* of the declared table; AS_NO_FIELD: hidden by a field */
    as_sql_index *indexes;
} as_sql_source;

struct as_sql {
    sqlite3 *db;
    sqlite3_stmt *stmt;
    as_arena *arena;
    as_sql_spec spec;
    as_sql_source *sources; /* one a table of the spec */
    as_sql_column *columns;
    size_t column_count;
    uint64_t steps;     /* used */
    uint64_t wall, cpu; /* when it began, in ns */
    size_t memory;      /* what SQLite may still hold */
    bool over_steps, over_time, over_memory;
    bool declaring;    /* vtab.c tells SQLite the columns of a table */
    char refused[160]; /* what the guard refused: the end of the sentence "a query …" */
};

/* columns.c: names and origins of the result. */
as_code as_sql_columns_find(as_sql *s, as_err *e);
/* vtab.c: make every table of the spec known to the connection. */
as_code as_sql_declare(as_sql *s, as_err *e);
void as_sql_indexes_close(as_sql *s);
/* guard.c: what a query may do. Called once on a fresh connection. */
int as_sql_guard(as_sql *s);
/* The name of a file system without files and with no clock; NULL: it could not be registered.
 */
const char *as_sql_no_files(void);
/* Between enter and leave the guard knows which query this thread works on, and its memory is
 * counted. */
void as_sql_enter(as_sql *s);
void as_sql_leave(as_sql *s);
/* Count steps that SQLite does not see; false: the budget is used up. */
bool as_sql_charge(as_sql *s, uint64_t steps);
as_sql_source *as_sql_source_named(as_sql *s, const char *name);

#endif
