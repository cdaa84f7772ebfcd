/* sql_tables.h: the tables that a query may name, for the kind `sql` and for `assay query`. */
#ifndef AS_CHECK_SQL_TABLES_H
#define AS_CHECK_SQL_TABLES_H

#include "check/check.h"
#include "sql/sql.h"

/* All tables of the release, reference tables and schemas of its packs, and what the words of
 * `query` name besides (providers_before, which no schema is called after). `loaded` may hold
 * none: then the query can be compiled and not run. The list lives in `a`. */
as_code as_sql_tables(const as_project *p, as_str query, as_tables loaded, as_arena *a,
                      const as_sql_table **out, size_t *count, as_err *e);

/* "12", "3.5" (15 digits), the text; .ptr NULL for null, and for out of memory where it is not
 * null. */
as_str as_sql_value_text(as_arena *a, as_sql_value v);

#endif
