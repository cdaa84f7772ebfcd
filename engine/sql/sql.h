/* sql.h: a read-only query over loaded tables, through SQLite's virtual tables. There is no
 * database: the connection is in memory and empty, every table is a view of an as_table, and no
 * file can be opened.
 *
 * Order: as_sql_open compiles the query (on schemas alone, or on loaded tables) → as_sql_reads,
 * as_sql_columns → as_sql_next until there are no more rows, as_sql_get → as_sql_close. A query
 * belongs to the thread that works on it. Queries may run on several threads at once, each with
 * its own as_sql, over the same tables.
 *
 * Invariants
 * 1. Types: text and code TEXT (the value as rules see it), integer INTEGER, number REAL, date
 *    TEXT 'YYYY-MM-DD', null NULL (so is a cell that does not parse). Hidden: `row` (from 1,
 * the rowid too) and `line`, unless the table has a field of that name.
 * 2. What a query may do is a list of what is allowed (guard.c), not of what is forbidden.
 * 3. A query has budgets (limits.h: AS_SQL_…). One that is used up is an error, AS_EBUDGET, and
 *    never fewer rows.
 * 4. Same tables, same query, same rows in the same order: no clock, no chance, no environment.
 */
#ifndef AS_SQL_SQL_H
#define AS_SQL_SQL_H

#include "table/table.h"

typedef struct as_sql as_sql;

typedef struct as_sql_table {
    as_str name;
    const as_schema *schema;
    const as_table *table; /* NULL: known by its schema alone; the query cannot run */
} as_sql_table;

typedef struct as_sql_spec {
    as_str query;
    const as_sql_table *tables; /* borrowed as long as the as_sql lives; so are the texts */
    size_t table_count;
    as_span at;   /* where the query is written */
    size_t steps; /* budgets; 0: those of limits.h */
    size_t memory;
} as_sql_spec;

#define AS_SQL_NO_TABLE UINT32_MAX
#define AS_SQL_ROW (UINT32_MAX - 1) /* as a field: the number of the record */

/* A column of the result. Where it is a column of a table as it stands, `table` is an index
 * into the tables of the spec and `field` one of its schema or AS_SQL_ROW; else
 * AS_SQL_NO_TABLE. */
typedef struct as_sql_column {
    as_str name;
    uint32_t table, field;
    bool sensitive;   /* it may show a sensitive value: masked whatever its type */
    bool text_masked; /* an expression: masked where it is text */
} as_sql_column;

/* Compile. AS_ERULE: what is wrong with the query, with a suggestion; AS_EBUDGET: too large. */
as_code as_sql_open(as_sql **out, const as_sql_spec *spec, as_err *e);
void as_sql_close(as_sql *s); /* NULL is fine */

/* The parameters that the query names, without $, in their order. */
size_t as_sql_params(const as_sql *s);
as_str as_sql_param(const as_sql *s, size_t i); /* borrowed */
/* Give parameter i its value: what reads as a number (12, -0.5, not 012) is bound as one, else
 * text; .ptr NULL is null. Borrowed until as_sql_close. */
as_code as_sql_bind(as_sql *s, size_t i, as_str value, as_err *e);

size_t as_sql_columns(const as_sql *s, const as_sql_column **out); /* borrowed */
/* What the query reads: fn(arg, table, field) for each field, and once with AS_NO_FIELD for
 * each table that it names. */
void as_sql_reads(const as_sql *s, void (*fn)(void *arg, uint32_t table, uint32_t field),
                  void *arg);

/* The next row; *got false: there is none. */
as_code as_sql_next(as_sql *s, bool *got, as_err *e);

typedef enum as_sql_type { AS_SQL_NULL, AS_SQL_INTEGER, AS_SQL_REAL, AS_SQL_TEXT } as_sql_type;
typedef struct as_sql_value {
    as_sql_type type;
    int64_t i;   /* INTEGER */
    double f;    /* REAL, and INTEGER as a double */
    as_str text; /* TEXT; dies at the next as_sql_next */
} as_sql_value;
/* A value of the present row. A blob (only a CAST makes one) is text. */
as_sql_value as_sql_get(as_sql *s, size_t column);

#endif
