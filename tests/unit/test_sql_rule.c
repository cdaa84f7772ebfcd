/* Rules that are queries: what is bound, where findings stand, what is masked, and when a query
 * has looked at nothing. Expected results by hand. */
#include "base/sqlite_heap.h"
#include "oracle/rules.h"

#include "check/sql_tables.h"

static const char providers[] = "urn|name|sector|owner|places|registered\n"
                                "A1|Ash|Private|One Ltd|4|2016-04-01\n"
                                "A2|Elm|Private|Two Ltd||2016-05-01\n"
                                "A3|Oak|Voluntary|One Ltd|7|2010-01-01\n"
                                "A3|Oak|Voluntary|One Ltd|7|2010-01-01\n";
static const char inspections[] = "urn|inspection_date|overall\n"
                                  "A1|2016-03-01|Good\n"
                                  "A3|2016-06-01|\n";

static void expect_both(const char *rule, const char *p, const char *i, const char *want)
{
    char rules[2000];
    snprintf(rules, sizeof rules, "rules:\n  - id: R\n%s", rule);
    world *w = world_open(rules);
    world_table(w, "providers", p);
    world_table(w, "inspections", i);
    const char *got = world_run(w, NULL);
    if (strcmp(got, want) != 0)
        fail_msg("%s\ngot:\n%s\nwant:\n%s", rule, got, want);
    world_close(w);
}

static void expect_found(const char *rule, const char *want)
{
    expect_both(rule, providers, inspections, want);
}

/* ---- where findings stand ---- */

static void at_records(void **state)
{
    (void)state;
    expect_found(
        "    table: providers\n"
        "    sql: SELECT row, places FROM providers WHERE places > 3 ORDER BY row DESC\n"
        "    message: \"{urn} has {places}\"\n",
        "1 - A1 has 4\n3 - A3 has 7\n4 - A3 has 7\n"
        "selected 4 undecided 0 key nulls 0\n");
    expect_found(
        "    table: providers\n"
        "    sql: |\n"
        "      SELECT p.row AS row, julianday(p.registered) - julianday(inspection_date) "
        "AS days\n"
        "      FROM providers p JOIN inspections i ON p.urn = i.urn\n"
        "      WHERE inspection_date < registered\n",
        "1 - A1: the query returns it: days 31\nselected 4 undecided 0 key nulls 0\n");
    expect_found(
        "    table: providers\n"
        "    sql: SELECT min(row) AS row, count(*) AS copies FROM providers GROUP BY urn "
        "HAVING count(*) > 1\n"
        "    message: \"{urn} {copies} times\"\n",
        "3 - A3 2 times\nselected 4 undecided 0 key nulls 0\n");
    expect_found(
        "    table: providers\n    sql: SELECT row FROM providers WHERE places IS NULL\n",
        "2 - A2: the query returns it\nselected 4 undecided 0 key nulls 0\n");
    expect_found("    table: providers\n    sql: SELECT row FROM providers WHERE places < 0\n",
                 "selected 4 undecided 0 key nulls 0\n");
}

static void at_figures(void **state)
{
    (void)state;
    expect_found("    sql:\n"
                 "      query: SELECT owner, count(*) AS n, avg(places) AS mean FROM providers "
                 "GROUP BY owner ORDER BY n DESC\n"
                 "      key: owner\n",
                 "0 - One Ltd: the query returns it: owner One Ltd, n 3, mean 6\n"
                 "0 - Two Ltd: the query returns it: owner Two Ltd, n 1, mean (none)\n"
                 "selected 4 undecided 0 key nulls 0\n");
    expect_found("    sql: SELECT sector, 1.5 AS x FROM providers UNION SELECT NULL, 2\n"
                 "    message: \"{sector} {x}\"\n",
                 "0 - (none) 2\n0 - Private 1.5\n0 - Voluntary 1.5\n"
                 "selected 4 undecided 0 key nulls 0\n");
    expect_found("    sql: SELECT count(*) AS n FROM providers, inspections\n",
                 "0 - 8: the query returns it: n 8\nselected 6 undecided 0 key nulls 0\n");
}

static void unknown_param(void **state)
{
    (void)state;
    world *w = world_open("rules:\n  - id: R\n    table: providers\n"
                          "    sql: SELECT row FROM providers WHERE places >= $leest\n");
    world_table(w, "providers", providers);
    assert_non_null(strstr(world_run(w, NULL), "leest"));
    world_close(w);
}

/* ---- nothing to look at ---- */

static void empty(void **state)
{
    (void)state;
    static const char join[] =
        "    table: providers\n"
        "    sql: SELECT p.row FROM providers p JOIN inspections i ON i.urn = p.urn\n";
    expect_both(join, providers, "urn|inspection_date\n",
                "selected 0 undecided 0 key nulls 0\n");
    expect_both(join, "urn|places\n", inspections, "selected 0 undecided 0 key nulls 0\n");
    expect_both(
        "    table: providers\n"
        "    sql: SELECT row FROM providers p WHERE NOT EXISTS (SELECT 1 FROM inspections "
        "i WHERE i.urn = p.urn)\n",
        "urn|places\nA1|4\n", "urn|inspection_date\n",
        "1 - A1: the query returns it\nselected 1 undecided 0 key nulls 0\n");
    expect_both(
        "    table: providers\n    sql: SELECT row FROM providers WHERE places IS NULL\n",
        "urn|sector\nA1|Private\n", inspections, "selected 0 undecided 0 key nulls 0\n");
}

/* ---- sensitive fields: providers.name ---- */

static void sensitive(void **state)
{
    (void)state;
    expect_found(
        "    table: providers\n"
        "    sql: SELECT row, name, upper(name) AS loud, length(name) AS n, sector || '' "
        "AS s FROM providers WHERE row = 1\n"
        "    message: \"{urn} {name} {loud} {n} {s} {sector}\"\n",
        "1 - A1 (masked) (masked) 3 (masked) Private\n"
        "selected 4 undecided 0 key nulls 0\n");
    expect_found("    table: providers\n"
                 "    sql: SELECT row, upper(name) AS loud FROM providers WHERE row = 1\n",
                 "1 - A1: the query returns it: loud (masked)\n"
                 "selected 4 undecided 0 key nulls 0\n");
    expect_found(
        "    sql: SELECT name, count(*) AS n FROM providers GROUP BY name HAVING n > 1\n",
        "0 - the query returns it: name (masked), n 2\n"
        "selected 4 undecided 0 key nulls 0\n");
}

/* ---- mistakes ---- */

static void expect_mistake(const char *rule, const char *words)
{
    char rules[2000];
    snprintf(rules, sizeof rules, "rules:\n  - id: R\n%s", rule);
    world *w = world_open(rules);
    world_table(w, "providers", providers);
    world_table(w, "inspections", inspections);
    const char *got = world_run(w, NULL);
    if (!strstr(got, words))
        fail_msg("%s\ngot:\n%s", rule, got);
    world_close(w);
}

static void mistakes(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"    sql: SELECT urm FROM providers\n", "3:10 R: sql: the query names a column that"},
        {"    sql: SELECT urn FROM provider\n", "did you mean providers?"},
        {"    sql: DELETE FROM providers\n", "R: sql:"},
        {"    sql: [SELECT]\n", "a query is a text"},
        {"    sql: {query: [x]}\n", "a query is a text"},
        {"    sql: {key: [x]}\n", "needs `query`"},
        {"    sql: {query: SELECT 1 AS n, keys: [n]}\n", "keys"},
        {"    sql: {query: SELECT 1 AS n, key: [m]}\n", "the query has no column m"},
        {"    sql: SELECT urn, sector AS urn FROM providers\n", "two columns of the query"},
        {"    table: providers\n    where: {places: 1}\n    sql: SELECT row FROM providers\n",
         "has no `where`"},
        {"    table: providers\n    sql: SELECT row FROM inspections\n",
         "is not the number of a record of providers"},
        {"    table: providers\n    sql: SELECT places AS row FROM providers\n",
         "is not the number of a record of providers"},
        {"    table: providers\n    sql: SELECT providers.row, overall AS places FROM "
         "providers JOIN "
         "inspections USING (urn)\n",
         "is called like a field of providers"},
        {"    table: providers\n    sql: {query: SELECT row FROM providers, key: [row]}\n",
         "the record's own key"},
        {"    table: providers\n    sql: SELECT row, 1 AS x FROM providers\n    message: "
         "\"{y}\"\n",
         "{y} is no field"},
        {"    sql: SELECT 1 AS a1, 1 AS a2, 1 AS a3, 1 AS a4, 1 AS a5, 1 AS a6, 1 AS a7, 1 AS "
         "a8, "
         "1 AS b1, 1 AS b2, 1 AS b3, 1 AS b4, 1 AS b5, 1 AS b6, 1 AS b7, 1 AS b8, 1 AS c1, 1 "
         "AS "
         "c2, 1 AS c3, 1 AS c4, 1 AS c5, 1 AS c6, 1 AS c7, 1 AS c8, 1 AS d1\n",
         "returns 25 values"},
        /* seen only when it runs */
        {"    table: providers\n    sql: SELECT max(row) + 1 AS row FROM providers\n",
         "`row` is 5, which is no record of providers"},
        {"    table: providers\n    sql: SELECT NULL AS row FROM providers\n", "`row` is null"},
        {"    table: providers\n    sql: SELECT p.row, q.places FROM providers p JOIN "
         "providers q "
         "ON q.row = p.row + 1\n",
         "is not that of record"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        expect_mistake(cases[i][0], cases[i][1]);
}

/* ---- the examples of docs/reference/sql.md ---- */

/* Every block ```sql is compiled against the schemas of the example pack, parameters and all.
 */
static void documented(void **state)
{
    (void)state;
    static char page[65536];
    FILE *f = fopen(ASSAY_SOURCE_DIR "/docs/reference/sql.md", "r");
    assert_non_null(f);
    size_t len = fread(page, 1, sizeof page - 1, f), tried = 0;
    assert_int_equal(fclose(f), 0);
    page[len] = '\0';
    world *w = world_open("rules: []\n");
    for (const char *at = page; (at = strstr(at, "```sql\n")) != NULL; tried++) {
        const char *end = strstr(at += 7, "```");
        as_sql_spec spec = {.query = {at, (size_t)(end - at)}};
        as_sql *s = NULL;
        as_err e;
        at = end + 3;
        assert_int_equal(as_sql_tables(w->project, spec.query, (as_tables){.count = 0},
                                       w->arena, &spec.tables, &spec.table_count, &e),
                         AS_OK);
        if (as_sql_open(&s, &spec, &e) != AS_OK)
            fail_msg("%.*s\n%s", AS_FMT(spec.query), e.text);
        as_sql_close(s);
    }
    assert_int_equal(tried, 4);
    world_close(w);
}

static int start(void **state)
{
    as_err e;
    (void)state;
    return as_sqlite_start(&e) != AS_OK;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_records),    cmocka_unit_test(at_figures),
        cmocka_unit_test(unknown_param), cmocka_unit_test(empty),
        cmocka_unit_test(sensitive),     cmocka_unit_test(mistakes),
        cmocka_unit_test(documented)};
    return cmocka_run_group_tests(tests, start, NULL);
}
