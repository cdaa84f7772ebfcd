/* sql.c: one query: compiled, bound, stepped through. What it may do is in guard.c, what its
 * tables are in vtab.c, which of its columns may be shown in columns.c. */
#include "sql/sql_private.h"

#include "base/alloc.h"
#include "base/sql_words.h"
#include "base/sqlite_heap.h"
#include "base/text.h"

#include <stdio.h>

/* ---- sentences for what SQLite says ---- */

/* The word nearest to the last part of `name` (p.urm → urm) among the fields of the tables that
 * the query names, or the tables. */
static as_str nearest(const as_sql *s, as_str name, bool field)
{
    size_t room = 1, count = 0;
    for (size_t i = 0; i < s->spec.table_count; i++)
        room += s->spec.tables[i].schema->count + 1;
    as_str *words = AS_NEW_N(s->arena, as_str, room);
    for (size_t at; (at = as_str_find(name, AS_STR("."))) != (size_t)-1;)
        name = as_str_sub(name, at + 1, name.len);
    for (size_t i = 0; words && i < s->spec.table_count; i++) {
        const as_sql_table *t = &s->spec.tables[i];
        if (!field)
            words[count++] = t->name;
        else if (as_sql_words_from(s->spec.query, t->name))
            for (size_t f = 0; f < t->schema->count; f++)
                words[count++] = t->schema->fields[f].name;
    }
    return as_text_nearest(name, words, count);
}

static as_code unknown_name(const as_sql *s, const char *said, as_err *e)
{
    static const as_str column = {"no such column: ", 16}, table = {"no such table: ", 15};
    as_str text = as_str_from(said);
    bool field = as_str_starts(text, column);
    as_str name = as_str_sub(text, field ? column.len : table.len, text.len);
    as_str near = nearest(s, name, field);
    return as_fail(e, AS_ERULE, s->spec.at,
                   "the query names %s that there is not: %.*s%s%.*s%s",
                   field ? "a column" : "a table", AS_FMT(name),
                   near.len ? " (did you mean " : "", AS_FMT(near), near.len ? "?)" : "");
}

/* "(line 3 of the query)" where SQLite knows the place and there is more than one. */
static const char *place(const as_sql *s, char *buf, size_t size)
{
    int offset = sqlite3_error_offset(s->db);
    unsigned line = 1, lines = 1;
    for (size_t i = 0; i < s->spec.query.len; i++) {
        bool feed = s->spec.query.ptr[i] == '\n' && i + 1 < s->spec.query.len;
        lines += feed;
        line += feed && offset >= 0 && i < (size_t)offset;
    }
    buf[0] = '\0';
    if (offset >= 0 && lines > 1)
        snprintf(buf, size, " (line %u of the query)", line);
    return buf;
}

static as_code over_budget(const as_sql *s, as_err *e)
{
    if (s->over_time)
        return as_fail(e, AS_EBUDGET, s->spec.at,
                       "the query took more than %d seconds; join on keys, or look at fewer "
                       "records",
                       AS_SQL_MS / 1000);
    return as_fail(
        e, AS_EBUDGET, s->spec.at,
        "the query needs more than %zu steps; join on keys, look at fewer records, and "
        "give a recursive query an end",
        s->spec.steps);
}

static as_code too_much_memory(const as_sql *s, as_err *e)
{
    return as_fail(e, AS_EBUDGET, s->spec.at,
                   "the query needs more than %zu MiB of memory; sort, group and join fewer "
                   "records",
                   s->spec.memory / AS_MIB);
}

static as_code fail_with(const as_sql *s, int rc, as_err *e)
{
    const char *said = sqlite3_errmsg(s->db);
    char where[64];
    if (s->refused[0])
        return as_fail(e, AS_ERULE, s->spec.at, "a query %s", s->refused);
    if (s->over_steps || s->over_time)
        return over_budget(s, e);
    if (strncmp(said, "no such column: ", 16) == 0 || strncmp(said, "no such table: ", 15) == 0)
        return unknown_name(s, said, e);
    switch (rc & 0xff) {
    case SQLITE_NOMEM:
        return s->over_memory ? too_much_memory(s, e) : as_fail_nomem(e);
    case SQLITE_TOOBIG:
        return as_fail(e, AS_EBUDGET, s->spec.at,
                       "the query makes a text, or a row, of more than %zu bytes",
                       AS_SQL_TEXT_MAX);
    default:
        return as_fail(e, AS_ERULE, s->spec.at, "the query cannot be understood or run: %s%s",
                       said, place(s, where, sizeof where));
    }
}

/* ---- opening ---- */

static bool has_word(as_str text, as_str word)
{
    for (size_t i = 0; i + word.len <= text.len; i++)
        if (as_sql_word_is(as_str_sub(text, i, word.len), word))
            return true;
    return false;
}

static as_code check_text(const as_sql_spec *spec, as_err *e)
{
    if (as_str_trim(spec->query).len == 0)
        return as_fail(e, AS_ERULE, spec->at, "the query is empty");
    if (spec->query.len > AS_SQL_QUERY_MAX)
        return as_fail(e, AS_EBUDGET, spec->at, "the query has more than %zu bytes",
                       AS_SQL_QUERY_MAX);
    if (memchr(spec->query.ptr, 0, spec->query.len))
        return as_fail(e, AS_ERULE, spec->at, "the query has a NUL byte");
    if (has_word(spec->query, AS_STR("'localtime'")) || has_word(spec->query, AS_STR("'utc'")))
        return as_fail(
            e, AS_ERULE, spec->at,
            "a query cannot use 'localtime' or 'utc': the answer would depend on the "
            "machine");
    return AS_OK;
}

/* After the first statement there may be nothing but a semicolon, blanks and comments. */
static bool is_alone(as_str rest)
{
    as_sql_word w;
    return !as_sql_word_next(&rest, &w) && (w.mark == 0 || w.mark == ';');
}

static as_code check_statement(const as_sql *s, const char *tail, as_err *e)
{
    const char *end = s->spec.query.ptr + s->spec.query.len;
    if (!s->stmt)
        return as_fail(e, AS_ERULE, s->spec.at, "the query is empty");
    if (!is_alone((as_str){tail, (size_t)(end - tail)}))
        return as_fail(e, AS_ERULE, s->spec.at,
                       "there is more than one statement; a query is one SELECT");
    if (sqlite3_stmt_isexplain(s->stmt))
        return as_fail(e, AS_ERULE, s->spec.at, "a query cannot use EXPLAIN");
    if (!sqlite3_stmt_readonly(s->stmt) || sqlite3_column_count(s->stmt) == 0)
        return as_fail(e, AS_ERULE, s->spec.at, "a query is a SELECT");
    for (int i = 1; i <= sqlite3_bind_parameter_count(s->stmt); i++) {
        const char *name = sqlite3_bind_parameter_name(s->stmt, i);
        if (!name || name[0] == '?')
            return as_fail(
                e, AS_ERULE, s->spec.at,
                "the query has a parameter without a name; write $as_at, $period_from "
                "or another parameter of the release");
    }
    return AS_OK;
}

static as_code prepare(as_sql *s, as_err *e)
{
    const char *tail = NULL;
    as_sql_enter(s);
    int rc =
        sqlite3_prepare_v2(s->db, s->spec.query.ptr, (int)s->spec.query.len, &s->stmt, &tail);
    as_sql_leave(s);
    if (rc != SQLITE_OK)
        return fail_with(s, rc, e);
    as_code code = check_statement(s, tail, e);
    return code == AS_OK ? as_sql_columns_find(s, e) : code;
}

static as_code connect(as_sql *s, as_err *e)
{
    const char *vfs = as_sql_no_files();
    if (!vfs)
        return as_fail_nomem(e);
    as_sql_enter(s);
    int rc =
        sqlite3_open_v2(":memory:", &s->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX, vfs);
    if (rc == SQLITE_OK)
        rc = as_sql_guard(s);
    as_sql_leave(s);
    return rc == SQLITE_OK ? as_sql_declare(s, e) : fail_with(s, rc, e);
}

as_code as_sql_open(as_sql **out, const as_sql_spec *spec, as_err *e)
{
    *out = NULL;
    as_code code = check_text(spec, e);
    if (code == AS_OK)
        code = as_sqlite_start(e);
    if (code != AS_OK)
        return code;
    as_arena *a = as_arena_open();
    as_sql *s = a ? AS_NEW(a, as_sql) : NULL;
    if (!s) {
        as_arena_close(a);
        return as_fail_nomem(e);
    }
    s->arena = a;
    s->spec = *spec;
    s->sources = AS_NEW_N(a, as_sql_source, spec->table_count + 1);
    s->spec.steps = spec->steps ? spec->steps : AS_SQL_STEPS;
    s->spec.memory = spec->memory ? spec->memory : AS_SQL_MEMORY;
    s->memory = s->spec.memory;
    code = s->sources ? connect(s, e) : as_fail_nomem(e);
    if (code == AS_OK)
        code = prepare(s, e);
    if (code != AS_OK) {
        as_sql_close(s);
        return code;
    }
    *out = s;
    return AS_OK;
}

void as_sql_close(as_sql *s)
{
    if (!s)
        return;
    (void)sqlite3_finalize(s->stmt);
    (void)sqlite3_close(s->db);
    as_sql_indexes_close(s);
    as_arena_close(s->arena);
}

/* ---- parameters ---- */

size_t as_sql_params(const as_sql *s)
{
    return (size_t)sqlite3_bind_parameter_count(s->stmt);
}

as_str as_sql_param(const as_sql *s, size_t i)
{
    return as_str_from(sqlite3_bind_parameter_name(s->stmt, (int)i + 1) + 1);
}

/* 012 is a text: as a number it would not be what was written. */
static bool reads_as_number(as_str v)
{
    size_t at = v.len && v.ptr[0] == '-';
    char first = at < v.len ? v.ptr[at] : 'x', second = at + 1 < v.len ? v.ptr[at + 1] : '.';
    double ignored;
    return first >= '0' && first <= '9' && (first != '0' || second == '.') &&
           as_str_to_f64(v, false, &ignored);
}

as_code as_sql_bind(as_sql *s, size_t i, as_str value, as_err *e)
{
    int64_t whole = 0;
    double number = 0;
    int at = (int)i + 1, rc;
    if (!value.ptr)
        rc = sqlite3_bind_null(s->stmt, at);
    else if (!reads_as_number(value))
        rc = sqlite3_bind_text64(s->stmt, at, value.ptr, value.len, SQLITE_STATIC, SQLITE_UTF8);
    else if (as_str_to_i64(value, &whole))
        rc = sqlite3_bind_int64(s->stmt, at, whole);
    else
        rc = as_str_to_f64(value, false, &number) ? sqlite3_bind_double(s->stmt, at, number)
                                                  : SQLITE_MISMATCH;
    return rc == SQLITE_OK ? AS_OK : fail_with(s, rc, e);
}

/* ---- what it reads and returns ---- */

size_t as_sql_columns(const as_sql *s, const as_sql_column **out)
{
    *out = s->columns;
    return s->column_count;
}

void as_sql_reads(const as_sql *s, void (*fn)(void *arg, uint32_t table, uint32_t field),
                  void *arg)
{
    for (uint32_t i = 0; i < s->spec.table_count; i++) {
        if (!s->sources[i].named)
            continue;
        fn(arg, i, AS_NO_FIELD);
        for (uint32_t f = 0; f < s->spec.tables[i].schema->count; f++)
            if (s->sources[i].read[f])
                fn(arg, i, f);
    }
}

as_code as_sql_next(as_sql *s, bool *got, as_err *e)
{
    as_sql_enter(s);
    int rc = sqlite3_step(s->stmt);
    as_sql_leave(s);
    *got = rc == SQLITE_ROW;
    bool fine = rc == SQLITE_ROW || rc == SQLITE_DONE;
    return fine && !s->refused[0] ? AS_OK : fail_with(s, rc, e);
}

as_sql_value as_sql_get(as_sql *s, size_t column)
{
    int at = (int)column;
    as_sql_value v = {.type = AS_SQL_NULL};
    switch (sqlite3_column_type(s->stmt, at)) {
    case SQLITE_INTEGER:
        v.type = AS_SQL_INTEGER;
        v.i = sqlite3_column_int64(s->stmt, at);
        v.f = (double)v.i;
        break;
    case SQLITE_FLOAT:
        v.type = AS_SQL_REAL;
        v.f = sqlite3_column_double(s->stmt, at);
        break;
    case SQLITE_TEXT:
    case SQLITE_BLOB:
        v.type = AS_SQL_TEXT;
        v.text.ptr = sqlite3_column_blob(s->stmt, at);
        v.text.len = (size_t)sqlite3_column_bytes(s->stmt, at);
        v.text.ptr = v.text.ptr ? v.text.ptr : "";
        break;
    default:
        break;
    }
    return v;
}
