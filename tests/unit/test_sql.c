/* Queries over tables: what they return, in every layout, against plain tables of SQLite with
 * the same data; what they may not do; and that their budgets hold. */
#include "base/sqlite_heap.h"
#include "oracle/tables.h"

#include "oracle/random.h"
#include "oracle/sql.h"

#include "base/limits.h"
#include "sql/sql.h"

#include <stdio.h>
#include <stdlib.h>

static as_arena *arena;
static as_buf text;

static int setup(void **state)
{
    as_err e;
    (void)state;
    text = AS_BUF(AS_FIELD_MAX);
    arena = as_arena_open();
    return !arena || as_sqlite_start(&e) != AS_OK;
}

static int teardown(void **state)
{
    (void)state;
    as_buf_free(&text);
    as_arena_close(arena);
    return 0;
}

/* ---- a query's rows as text, as sql_text writes those of the oracle ---- */

static void write_value(as_buf *out, as_sql_value v)
{
    if (v.type == AS_SQL_NULL)
        as_buf_addc(out, '-');
    else if (v.type == AS_SQL_INTEGER)
        as_buf_addf(out, "%lld", (long long)v.i);
    else if (v.type == AS_SQL_REAL)
        as_buf_addf(out, v.f == (double)(int64_t)v.f ? "%.1f" : "%.15g", v.f);
    else
        as_buf_add(out, v.text);
}

typedef struct asked {
    as_str name, value;
} asked;

static as_code rows_of(const as_sql_table *tables, size_t count, const char *query,
                       const asked *params, as_buf *out, as_err *e)
{
    as_sql_spec spec = {.query = as_str_from(query),
                        .tables = tables,
                        .table_count = count,
                        .steps = 50000000,
                        .memory = 16 * AS_MIB};
    as_sql *s = NULL;
    bool got = true;
    const as_sql_column *columns;
    as_buf_clear(out);
    *e = (as_err){0};
    as_code code = as_sql_open(&s, &spec, e);
    for (size_t i = 0; code == AS_OK && i < as_sql_params(s); i++) {
        const asked *p = params;
        while (!as_str_eq(p->name, as_sql_param(s, i)))
            p++;
        code = as_sql_bind(s, i, p->value, e);
    }
    while (code == AS_OK && (code = as_sql_next(s, &got, e)) == AS_OK && got) {
        size_t n = as_sql_columns(s, &columns);
        for (size_t i = 0; i < n; i++) {
            as_buf_add(out, i ? AS_STR(" ") : AS_STR(""));
            write_value(out, as_sql_get(s, i));
        }
        as_buf_addc(out, '\n');
    }
    as_sql_close(s);
    as_buf_add(out, AS_STR(""));
    return code;
}

/* ---- by hand ---- */

static const char homes_rows[] = "A1|Ash|4|0.5|2016-04-01\n"
                                 "A2||0||\n"
                                 "LONGER-THAN-8|Elm|x|2|31/03/2017\n"
                                 "A4|O'ak \"2\"|7|-1.25|not a day\n";

static as_sql_table homes(void)
{
    as_schema *s = schema_of(arena, "homes",
                             "urn:text:key name:text:sensitive places:integer rate:number "
                             "opened:date");
    return (as_sql_table){s->name, s, table_of(s, homes_rows)};
}

static void expect_rows(const char *query, const char *want)
{
    as_sql_table t = homes();
    static const asked params[] = {{{"least", 5}, {"4", 1}},
                                   {{"as_at", 5}, {"2017-03-31", 10}},
                                   {{"code", 4}, {"012", 3}},
                                   {{"half", 4}, {"0.5", 3}},
                                   {{"none", 4}, {NULL, 0}}};
    as_err e;
    as_code code = rows_of(&t, 1, query, params, &text, &e);
    as_table_close((as_table *)t.table);
    if (code != AS_OK)
        fail_msg("%s\n%s", query, e.text);
    if (strcmp(text.ptr, want) != 0)
        fail_msg("%s\ngot:\n%swant:\n%s", query, text.ptr, want);
}

static void by_hand(void **state)
{
    (void)state;
    expect_rows("SELECT * FROM homes", "A1 Ash 4 0.5 2016-04-01\n"
                                       "A2 - 0 - -\n"
                                       "LONGER-THAN-8 Elm - 2.0 2017-03-31\n"
                                       "A4 O'ak \"2\" 7 -1.25 -\n");
    expect_rows("SELECT row, line, rowid, urn FROM homes ORDER BY 1 DESC LIMIT 2;",
                "4 5 4 A4\n3 4 3 LONGER-THAN-8\n");
    expect_rows("SELECT typeof(urn), typeof(places), typeof(rate), typeof(opened) FROM homes "
                "WHERE row = 1",
                "text integer real text\n");
    expect_rows("SELECT count(*), sum(places), count(rate), max(opened) FROM Homes",
                "4 11 3 2017-03-31\n");
    expect_rows(
        "SELECT julianday(opened) - julianday('2016-03-31') FROM homes WHERE urn = 'A1'",
        "1.0\n");
    expect_rows("SELECT date(opened, '+1 day') FROM homes WHERE opened = '2017-03-31'",
                "2017-04-01\n");
    expect_rows("SELECT urn FROM homes WHERE urn = 'LONGER-THAN-8' -- one\n",
                "LONGER-THAN-8\n");
    expect_rows("SELECT urn FROM homes WHERE urn IN ('A4', 'A1', 'B', NULL)", "A1\nA4\n");
    expect_rows("SELECT urn FROM homes WHERE urn = 'a1' COLLATE NOCASE", "A1\n");
    expect_rows("SELECT urn FROM homes WHERE opened = '2017-3-31'", "");
    expect_rows("SELECT urn FROM homes WHERE opened = 'yesterday' OR urn = ''", "");
    expect_rows("SELECT urn FROM homes WHERE places = '4'", "A1\n");
    expect_rows("SELECT urn FROM homes WHERE places = 4.0 AND urn = 'A1'", "A1\n");
    expect_rows("SELECT urn FROM homes WHERE row = '2' OR row = 99 OR row = 2.5", "A2\n");
    expect_rows("SELECT 1", "1\n");
    expect_rows("WITH homes AS (SELECT 1) SELECT count(*) FROM homes", "1\n");
    expect_rows("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) "
                "SELECT sum(i) FROM n",
                "6\n");
    expect_rows("SELECT urn, rank() OVER (ORDER BY places DESC) FROM homes WHERE places >= 0 "
                "ORDER BY 2",
                "A4 1\nA1 2\nA2 3\n");
    expect_rows("VALUES (1, 'x')", "1 x\n");
}

static void params(void **state)
{
    (void)state;
    expect_rows("SELECT urn FROM homes WHERE places >= $least", "A1\nA4\n");
    expect_rows("SELECT urn FROM homes WHERE opened = :as_at", "LONGER-THAN-8\n");
    expect_rows("SELECT count(*) > $least, typeof(@code), typeof($half), typeof($none), "
                "$half + $half FROM homes",
                "0 text real null 1.0\n");
    expect_rows("SELECT date($as_at, '-1 year')", "2016-03-31\n");
}

static void empty_table(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "homes", "urn:text:key places:integer");
    as_sql_table t = {s->name, s, table_of(s, "")};
    as_err e;
    assert_int_equal(
        rows_of(&t, 1, "SELECT count(*), sum(h.places) FROM homes h JOIN homes USING (urn)",
                NULL, &text, &e),
        AS_OK);
    assert_string_equal(text.ptr, "0 -\n");
    as_table_close((as_table *)t.table);
}

/* A table that has fields called row and line: they win, the rowid stays. */
static void own_row(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "t", "Row:text line:integer");
    as_sql_table t = {s->name, s, table_of(s, "x|9\ny|8\n")};
    as_err e;
    assert_int_equal(
        rows_of(&t, 1, "SELECT row, line, rowid FROM t WHERE rowid = 2", NULL, &text, &e),
        AS_OK);
    assert_string_equal(text.ptr, "y 8 2\n");
    as_table_close((as_table *)t.table);
}

/* ---- what it reads and returns ---- */

typedef struct read_list {
    as_buf *out;
    const as_sql_table *tables;
} read_list;

static void note_read(void *arg, uint32_t table, uint32_t at)
{
    read_list *l = arg;
    const as_sql_table *t = &l->tables[table];
    if (at == AS_NO_FIELD)
        as_buf_addf(l->out, "%.*s:", AS_FMT(t->name));
    else
        as_buf_addf(l->out, " %.*s", AS_FMT(t->schema->fields[at].name));
}

static void reads(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "homes", "urn:text:key name:text places:integer");
    as_schema *o = schema_of(arena, "other", "urn:text:key n:integer");
    as_sql_table t[] = {{s->name, s, NULL}, {o->name, o, NULL}, {AS_STR("third"), o, NULL}};
    static const char *const cases[][2] = {
        {"SELECT count(*) FROM homes", "homes:"},
        {"SELECT urn FROM homes h WHERE PLACES > 1", "homes: urn places"},
        {"SELECT * FROM other", "other: urn n"},
        {"WITH third AS (SELECT urn FROM homes) SELECT * FROM third", "homes: urn"},
        {"SELECT 1 WHERE EXISTS (SELECT 1 FROM homes JOIN other USING (urn))",
         "homes: urnother: urn"},
        {"SELECT row FROM homes", "homes:"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        as_sql_spec spec = {.query = as_str_from(cases[i][0]), .tables = t, .table_count = 3};
        as_sql *q;
        as_err e;
        read_list l = {&text, t};
        as_buf_clear(&text);
        assert_int_equal(as_sql_open(&q, &spec, &e), AS_OK);
        as_sql_reads(q, note_read, &l);
        as_sql_close(q);
        assert_string_equal(text.ptr, cases[i][1]);
    }
}

/* Per column of the result: o = known not to be sensitive, s = sensitive, t = masked where it
 * is text. */
static void masks(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "homes", "urn:text:key name:text:sensitive places:integer");
    as_schema *o = schema_of(arena, "staff", "urn:text:key pay:integer:sensitive");
    as_sql_table t[] = {{s->name, s, NULL}, {o->name, o, NULL}};
    static const char *const cases[][2] = {
        {"SELECT urn, upper(urn), places + 1 FROM homes", "ooo"},
        {"SELECT urn, name, row, line FROM homes", "osoo"},
        {"SELECT urn, upper(name), count(*) FROM homes GROUP BY 1", "ott"},
        {"SELECT urn, upper(urn) FROM homes WHERE name = 'x'", "ot"},
        {"SELECT n FROM (SELECT name AS n FROM homes)", "s"},
        {"SELECT u FROM (SELECT name AS n, urn AS u FROM homes)", "o"},
        {"SELECT (SELECT name FROM homes), (SELECT max(name) FROM homes)", "st"},
        {"WITH x(v) AS (SELECT urn FROM homes UNION ALL SELECT name FROM homes) SELECT v FROM "
         "x",
         "t"},
        {"SELECT urn FROM homes UNION SELECT name FROM homes", "t"},
        {"SELECT name FROM homes EXCEPT SELECT urn FROM homes", "t"},
        {"SELECT (VALUES (urn), (name)) FROM homes", "t"},
        {"SELECT urn, sum(pay), count(*) FROM staff GROUP BY urn", "oss"},
        {"SELECT urn, max(pay, 0) FROM staff UNION SELECT urn, 0 FROM staff", "ss"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        as_sql_spec spec = {.query = as_str_from(cases[i][0]), .tables = t, .table_count = 2};
        const as_sql_column *c;
        as_sql *q;
        as_err e;
        as_buf_clear(&text);
        assert_int_equal(as_sql_open(&q, &spec, &e), AS_OK);
        size_t n = as_sql_columns(q, &c);
        for (size_t k = 0; k < n; k++)
            as_buf_addc(&text, c[k].sensitive ? 's' : c[k].text_masked ? 't' : 'o');
        as_sql_close(q);
        if (strcmp(text.ptr, cases[i][1]) != 0)
            fail_msg("%s: %s, not %s", cases[i][0], text.ptr, cases[i][1]);
    }
}

/* ---- what is refused ---- */

static void expect_error(const char *query, as_code code, const char *words)
{
    as_sql_table t = homes();
    as_err e;
    as_code got = rows_of(&t, 1, query, NULL, &text, &e);
    as_table_close((as_table *)t.table);
    if (got != code || !strstr(e.text, words))
        fail_msg("%.200s\ngot %d: %s", query, got, got == AS_OK ? text.ptr : e.text);
}

static void refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"", "the query is empty"},
        {"  -- nothing\n", "the query is empty"},
        {";", "the query is empty"},
        {"SELECT 1; SELECT 2", "more than one statement"},
        {"SELECT 1; -- and\n DROP TABLE homes", "more than one statement"},
        {"ATTACH ':memory:' AS other", "cannot attach"},
        {"ATTACH 'x.db' AS other", "cannot attach"},
        {"DETACH main", "cannot attach"},
        {"PRAGMA user_version", "cannot use PRAGMA user_version"},
        {"PRAGMA temp_store = FILE", "cannot use PRAGMA temp_store"},
        {"SELECT * FROM pragma_table_info('homes')", "a query only reads"},
        {"CREATE TABLE t(a)", "only reads"},
        {"CREATE TEMP TABLE t AS SELECT 1", "only reads"},
        {"CREATE VIRTUAL TABLE t USING fts5(a)", "only reads"},
        {"CREATE VIEW v AS SELECT 1", "only reads"},
        {"DROP TABLE homes", ""},
        {"INSERT INTO homes(urn) VALUES ('x')", ""},
        {"UPDATE homes SET urn = 'x'", ""},
        {"DELETE FROM homes", ""},
        {"BEGIN", "only reads"},
        {"SAVEPOINT a", "only reads"},
        {"VACUUM INTO 'copy.db'", "a query"},
        {"REINDEX", "a query"},
        {"ANALYZE", "a query"},
        {"EXPLAIN SELECT 1", "EXPLAIN"},
        {"EXPLAIN QUERY PLAN SELECT * FROM homes", "EXPLAIN"},
        {"SELECT * FROM sqlite_master", "cannot read sqlite_master"},
        {"SELECT count(*) FROM json_each('[1, 2]')", "a query only reads"},
        {"SELECT count(*) FROM pragma_database_list", "a query only reads"},
        {"SELECT * FROM sqlite_schema", "cannot read sqlite_master"},
        {"SELECT * FROM sqlite_temp_master", "cannot read"},
        {"SELECT * FROM sqlite_stmt", "a query only reads"},
        {"SELECT * FROM dbstat", "a query only reads"},
        {"SELECT * FROM json_each('[1]')", "a query only reads"},
        {"SELECT load_extension('x')", "load_extension"},
        {"SELECT writefile('x', 'y')", "writefile"},
        {"SELECT readfile('/etc/passwd')", "readfile"},
        {"SELECT fts3_tokenizer('simple')", "fts3_tokenizer"},
        {"SELECT random()", "cannot use the function random()"},
        {"SELECT hex(randomblob(16))", "randomblob"},
        {"SELECT zeroblob(1000)", "zeroblob"},
        {"SELECT sqlite_version()", "sqlite_version"},
        {"SELECT sqlite_source_id()", "sqlite_source_id"},
        {"SELECT changes()", "changes"},
        {"SELECT rtreecheck('a')", "rtreecheck"},
        {"SELECT CURRENT_DATE", "cannot read the clock"},
        {"SELECT CURRENT_TIMESTAMP FROM homes", "cannot read the clock"},
        {"SELECT date('now')", "cannot read the clock"},
        {"SELECT date()", "cannot read the clock"},
        {"SELECT julianday('no' || 'w') FROM homes", "cannot read the clock"},
        {"SELECT strftime('%Y')", "cannot read the clock"},
        {"SELECT urn FROM homes WHERE opened < date('now', '-1 year')",
         "cannot read the clock"},
        {"SELECT datetime(opened, 'localtime') FROM homes", "localtime"},
        {"SELECT datetime(opened, 'UTC') FROM homes", "'utc'"},
        {"SELECT ?", "without a name"},
        {"SELECT ?1", "without a name"},
        {"SELECT urn FORM homes", "syntax error"},
        {"SELECT urn\nFROM homes\nWHERE places >< 4", "line 3 of the query"},
        {"SELECT urm FROM homes", "a column that there is not: urm (did you mean urn?)"},
        {"SELECT h.plces FROM homes h", "h.plces (did you mean places?)"},
        {"SELECT \"urm\" FROM homes", "did you mean urn?"},
        {"SELECT urn FROM hommes", "a table that there is not: hommes (did you mean homes?)"},
        {"SELECT urn FROM main.hommes", "did you mean homes?"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_error(cases[i][0], AS_ERULE, cases[i][1]);
}

/* ---- budgets ---- */

static void too_much(void **state)
{
    (void)state;
    expect_error("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                 "SELECT max(i) FROM n",
                 AS_EBUDGET, "steps");
    expect_error("WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n) SELECT max(i) "
                 "FROM n",
                 AS_EBUDGET, "MiB of memory");
    expect_error("SELECT printf('%.*c', 1000000000, 'x')", AS_ERULE, "printf");
    expect_error("SELECT format('%.*c', 1000000000, 'x')", AS_ERULE, "format");
    expect_error("WITH RECURSIVE n(t) AS (SELECT 'xxxxxxxxxx' UNION ALL SELECT replace(t, 'x', "
                 "'xxxxxxxxxx') FROM n) SELECT max(t) FROM n",
                 AS_EBUDGET, "bytes");
    expect_error("WITH RECURSIVE n(t) AS (SELECT 'x' UNION ALL SELECT hex(t) FROM n) SELECT "
                 "max(t) FROM n",
                 AS_EBUDGET, "bytes");
    expect_error("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
                 "1000000) SELECT group_concat('0123456789') FROM n",
                 AS_EBUDGET, "bytes");
    expect_error("WITH RECURSIVE n(t) AS (SELECT 'x' UNION ALL SELECT t || t FROM n) "
                 "SELECT max(t) FROM n",
                 AS_EBUDGET, "bytes");
    expect_error("WITH RECURSIVE n(t) AS (SELECT '%a' UNION ALL SELECT t || t FROM n LIMIT 10) "
                 "SELECT 'a' LIKE t FROM n",
                 AS_ERULE, "LIKE");
}

/* The answer before the budget is the same every time, so is the step at which it ends. */
static void long_queries(void **state)
{
    (void)state;
    as_buf q = AS_BUF(AS_MIB);
    as_buf_add(&q, AS_STR("SELECT "));
    for (int i = 0; i < 1000; i++)
        as_buf_addc(&q, '(');
    as_buf_add(&q, AS_STR("1"));
    for (int i = 0; i < 1000; i++)
        as_buf_addc(&q, ')');
    expect_error(q.ptr, AS_ERULE, "");
    as_buf_clear(&q);
    as_buf_add(&q, AS_STR("SELECT 1"));
    for (int i = 0; i < 1000; i++)
        as_buf_add(&q, AS_STR("+1"));
    expect_error(q.ptr, AS_ERULE, "depth");
    as_buf_clear(&q);
    as_buf_add(&q, AS_STR("SELECT 1"));
    for (int i = 0; i < 100; i++)
        as_buf_add(&q, AS_STR(" UNION SELECT 1"));
    expect_error(q.ptr, AS_ERULE, "compound");
    as_buf_clear(&q); /* each name doubles the query when SQLite puts it in */
    as_buf_add(&q, AS_STR("WITH c0(x) AS (SELECT 1)"));
    for (int i = 1; i < 60; i++)
        as_buf_addf(&q, ", c%d(x) AS (SELECT a.x FROM c%d a, c%d)", i, i - 1, i - 1);
    as_buf_add(&q, AS_STR(" SELECT * FROM c59"));
    expect_error(q.ptr, AS_EBUDGET, "MiB of memory");
    as_buf_clear(&q);
    as_buf_add(&q, AS_STR("SELECT '"));
    for (int i = 0; i < 100000; i++)
        as_buf_addc(&q, 'x');
    as_buf_addc(&q, '\'');
    expect_error(q.ptr, AS_EBUDGET, "bytes");
    as_buf_free(&q);
}

static void longest_cell(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "t", "k:text v:text");
    as_buf rows = AS_BUF(AS_MIB);
    as_buf_add(&rows, AS_STR("A|"));
    for (size_t i = 0; i < AS_SQL_TEXT_MAX + 1; i++)
        as_buf_addc(&rows, 'x');
    as_sql_table t = {s->name, s, table_of(s, rows.ptr)};
    as_err e;
    assert_int_equal(rows_of(&t, 1, "SELECT k FROM t", NULL, &text, &e), AS_OK);
    assert_int_equal(rows_of(&t, 1, "SELECT length(v) FROM t", NULL, &text, &e), AS_EBUDGET);
    as_table_close((as_table *)t.table);
    as_buf_free(&rows);
}

/* ---- against plain tables ---- */

static const char *const declared[] = {"TEXT",    "TEXT", "TEXT", "TEXT", "INTEGER",
                                       "INTEGER", "REAL", "REAL", "TEXT", "TEXT"};

typedef struct bench {
    rng r;
    sqlite3 *db;
    as_sql_table tables[2];
} bench;

static void random_table(bench *x, size_t at, const char *name, uint32_t rows)
{
    static const as_layout layouts[] = {AS_LAYOUT_DICT, AS_LAYOUT_SLICE, AS_LAYOUT_PACK8};
    static const uint8_t widths[] = {1, 2, 4};
    as_buf sql = AS_BUF(AS_FIELD_MAX), cells = AS_BUF(AS_FIELD_MAX);
    as_schema *s = schema_of(arena, name,
                             "k:text k2:text c:text c2:text i:integer j:integer f:number "
                             "g:number d:date e:date");
    if (chance(&x->r, 30)) {
        s->key_count = 1;
        s->key[0] = rnd(&x->r, FIELDS);
    }
    as_buf_addf(&sql, "DROP TABLE IF EXISTS %s; CREATE TABLE %s(row INTEGER PRIMARY KEY", name,
                name);
    for (size_t i = 0; i < FIELDS; i++)
        as_buf_addf(&sql, ", %s %s", fields[i].name, declared[i]);
    as_buf_add(&sql, AS_STR(");"));
    for (uint32_t row = 1; row <= rows; row++) {
        as_buf_addf(&sql, "INSERT INTO %s VALUES(%u", name, row);
        for (size_t i = 0; i < FIELDS; i++) {
            bool null = chance(&x->r, 20);
            const char *value = value_of(&x->r, fields[i].sort);
            if (fields[i].sort == TEXT && chance(&x->r, 30))
                value = PICK(&x->r, ints); /* text that reads as a number */
            as_buf_addf(&cells, "%s%s", i ? "|" : "", null ? "" : value);
            as_buf_add(&sql, AS_STR(", "));
            if (null)
                as_buf_add(&sql, AS_STR("NULL"));
            else
                sql_value(&sql, fields[i].sort, value);
        }
        as_buf_add(&cells, AS_STR("\n"));
        as_buf_add(&sql, AS_STR(");"));
    }
    sql_run(x->db, sql.ptr);
    as_table *t = table_of(s, cells.ptr ? cells.ptr : "");
    for (uint32_t f = 0; f < 4; f++)
        relayout(arena, t, f, layouts[rnd(&x->r, fields[f].sort == LONG_TEXT ? 2 : 3)],
                 PICK(&x->r, widths));
    x->tables[at] = (as_sql_table){s->name, s, t};
    as_buf_free(&sql);
    as_buf_free(&cells);
}

static const char *any_field(bench *x)
{
    return fields[rnd(&x->r, FIELDS)].name;
}

/* Equalities of any two fields, whatever their types: SQLite's rules of comparison must hold on
 * tables that answer by index as on its own. */
static void random_query(bench *x, as_buf *q)
{
    static const char *const values[] = {"'p'", "1",    "'1'",  "0.5",        "'2016-01-01'",
                                         "1.0", "NULL", "'q '", "'12345678'", "'pqpqpqpqpq'",
                                         "+1",  "'01'"};
    static const char *const collate[] = {"", "", "", " COLLATE NOCASE", " COLLATE RTRIM"};
    const char *f = any_field(x), *g = any_field(x), *h = any_field(x),
               *v = PICK(&x->r, values);
    const char *op = chance(&x->r, 80) ? "=" : "IS", *c = PICK(&x->r, collate);
    as_buf_clear(q);
    switch (rnd(&x->r, 9)) {
    case 0:
        as_buf_addf(q, "SELECT row, k, k2, c, i, f, d FROM a WHERE %s %s %s%s ORDER BY row", f,
                    op, v, c);
        break;
    case 1:
        as_buf_addf(q, "SELECT a.row, b.row FROM a JOIN b ON a.%s %s b.%s%s ORDER BY 1, 2", f,
                    op, g, c);
        break;
    case 2:
        as_buf_addf(
            q,
            "SELECT a.row, b.row, b.%s FROM a LEFT JOIN b ON a.%s = b.%s AND a.%s = b.%s "
            "ORDER BY 1, 2",
            h, f, f, g, h);
        break;
    case 3:
        as_buf_addf(q,
                    "SELECT row, %s FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.%s = a.%s "
                    "AND b.%s IS NOT NULL) ORDER BY row",
                    f, g, f, h);
        break;
    case 4:
        as_buf_addf(q,
                    "SELECT %s, count(*), count(%s), min(%s), max(%s) FROM a GROUP BY %s%s "
                    "ORDER BY 1, 2",
                    f, g, g, g, f, c);
        break;
    case 5:
        as_buf_addf(q,
                    "SELECT row FROM a WHERE %s IN (SELECT %s FROM b) AND %s IN (%s, %s) "
                    "ORDER BY row",
                    f, g, h, v, PICK(&x->r, values));
        break;
    case 6:
        as_buf_addf(q,
                    "SELECT a.row, b.%s FROM a, b WHERE a.row = b.row AND b.%s >= %s "
                    "ORDER BY 1",
                    f, g, v);
        break;
    case 7:
        as_buf_addf(q, "SELECT row FROM a WHERE %s = %s OR %s = %s OR row = 3 ORDER BY row", f,
                    v, g, PICK(&x->r, values));
        break;
    default:
        as_buf_addf(q,
                    "SELECT x.row, y.row, z.row FROM a x JOIN b y ON y.%s = x.%s JOIN a z ON "
                    "z.%s = y.%s AND z.%s = x.%s ORDER BY 1, 2, 3",
                    f, f, g, g, h, h);
    }
}

static void against_plain_tables(void **state)
{
    (void)state;
    const char *seed = getenv("AS_ORACLE_SEED"), *cases = getenv("AS_ORACLE_CASES");
    bench x = {.r = {seed ? strtoull(seed, NULL, 10) : 11}};
    as_buf query = AS_BUF(AS_MIB), want = AS_BUF(AS_FIELD_MAX);
    long rounds = cases ? strtol(cases, NULL, 10) : 300, found = 0;
    as_err e;
    assert_int_equal(sqlite3_open(":memory:", &x.db), SQLITE_OK);
    for (long round = 0; round < rounds; round++) {
        random_table(&x, 0, "a", rnd(&x.r, 13));
        random_table(&x, 1, "b", rnd(&x.r, 9));
        for (int i = 0; i < 20; i++) {
            random_query(&x, &query);
            as_buf_clear(&want);
            sql_text(x.db, query.ptr, &want);
            as_buf_add(&want, AS_STR(""));
            if (rows_of(x.tables, 2, query.ptr, NULL, &text, &e) != AS_OK)
                fail_msg("%s\n%s", query.ptr, e.text);
            found += want.len > 0;
            if (!as_str_eq(as_buf_str(&want), as_buf_str(&text)))
                fail_msg("round %ld: %s\ngot:\n%swant:\n%s", round, query.ptr, text.ptr,
                         want.ptr);
        }
        as_table_close((as_table *)x.tables[0].table);
        as_table_close((as_table *)x.tables[1].table);
    }
    assert_true(found > rounds * 5); /* the queries look at something */
    sqlite3_close(x.db);
    as_buf_free(&query);
    as_buf_free(&want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(by_hand),
                                       cmocka_unit_test(params),
                                       cmocka_unit_test(empty_table),
                                       cmocka_unit_test(own_row),
                                       cmocka_unit_test(reads),
                                       cmocka_unit_test(masks),
                                       cmocka_unit_test(refused),
                                       cmocka_unit_test(too_much),
                                       cmocka_unit_test(long_queries),
                                       cmocka_unit_test(longest_cell),
                                       cmocka_unit_test(against_plain_tables)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
