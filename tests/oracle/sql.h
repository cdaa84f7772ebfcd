/* sql.h: the oracle: the same tables in SQLite, and a query's rows as text. */
#ifndef AS_TESTS_SQL_H
#define AS_TESTS_SQL_H

#include "base/buf.h"
#include "oracle/alike.h"
#include <sqlite3.h>

static inline void sql_run(sqlite3 *db, const char *sql)
{
    char *why = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s\n%s", why, sql);
}

/* Columns with a blank between, rows with a line end; NULL is "-". */
static inline void sql_text(sqlite3 *db, const char *sql, as_buf *out)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
        fail_msg("%s\n%s", sqlite3_errmsg(db), sql);
    while (sqlite3_step(s) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(s); i++) {
            const char *text = (const char *)sqlite3_column_text(s, i);
            as_buf_addf(out, "%s%s", i ? " " : "", text ? text : "-");
        }
        as_buf_add(out, AS_STR("\n"));
    }
    sqlite3_finalize(s);
}

static inline void sql_edits(sqlite3_context *c, int n, sqlite3_value **v)
{
    (void)n;
    sqlite3_result_int(c, (int)plain_edits((const char *)sqlite3_value_text(v[0]),
                                           (const char *)sqlite3_value_text(v[1])));
}

static inline void sql_alike(sqlite3_context *c, int n, sqlite3_value **v)
{
    (void)n;
    sqlite3_result_double(c, plain_similarity((const char *)sqlite3_value_text(v[0]),
                                              (const char *)sqlite3_value_text(v[1])));
}

/* edits(a, b), alike(a, b): of two texts that are not null. */
static inline void sql_functions(sqlite3 *db)
{
    sqlite3_create_function(db, "edits", 2, SQLITE_UTF8, NULL, sql_edits, NULL, NULL);
    sqlite3_create_function(db, "alike", 2, SQLITE_UTF8, NULL, sql_alike, NULL, NULL);
}

#endif
