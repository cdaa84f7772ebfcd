/* Random small tables and random rules of the kinds that weigh records against each other:
 * probable duplicates, and the latest of several records. Against queries in SQLite
 * (oracle/bench.h). */
#include "oracle/bench.h"

/* Pairs are found by a join of the table with itself, groups by what is reached from each
 * record. Texts fold to themselves but for case. */
static void write_similar_pairs(bench *x, trial *t, as_buf *with, const as_buf *where)
{
    static const char *const folds[] = {"", "      fold: ascii_letters_and_digits\n",
                                        "      fold: case\n", "      fold: none\n"};
    static const char *const ways[] = {"at_most: 0",    "at_most: 1",    "at_most: 2",
                                       "at_least: 0.5", "at_least: 0.8", "at_least: 1"};
    static const char *const tests[] = {"edits(%s, %s) <= 0",   "edits(%s, %s) <= 1",
                                        "edits(%s, %s) <= 2",   "alike(%s, %s) >= 0.5",
                                        "alike(%s, %s) >= 0.8", "alike(%s, %s) >= 1"};
    static const char *const names[] = {"k", "k2", "c"}, *const blocks[] = {"c2", "i", "d"};
    uint32_t fold = rnd(&x->r, 4), way = rnd(&x->r, 6), first = rnd(&x->r, 3),
             count = 1 + rnd(&x->r, 2), block = rnd(&x->r, 3);
    bool two = chance(&x->r, 30), empty = chance(&x->r, 30), except = chance(&x->r, 50);
    const char *more = two ? blocks[(block + 1) % 3] : NULL;
    as_buf_addf(&t->yaml, "    similar:\n      %s\n%s%s      within: [%s%s%s]\n      fields: [",
                ways[way], folds[fold], empty ? "      nulls: empty\n" : "", blocks[block],
                more ? ", " : "", more ? more : "");
    as_buf_addf(with, "WITH RECURSIVE open AS (SELECT a.*, (%s IS NULL", blocks[block]);
    if (more)
        as_buf_addf(with, " OR %s IS NULL", more);
    for (uint32_t i = 0; i < count && !empty; i++)
        as_buf_addf(with, " OR %s IS NULL", names[(first + i) % 3]);
    as_buf_addf(with,
                ") AS undecided FROM a WHERE %s),\nmet AS (SELECT x.row AS a, y.row AS b, ",
                where->ptr);
    writer w = {&x->r, &t->yaml, with, "y", "x"};
    as_buf yaml = AS_BUF(AS_FIELD_MAX);
    w.yaml = &yaml;
    if (except)
        write_condition(&w, 1);
    else
        as_buf_add(with, AS_STR("0"));
    as_buf_addf(with,
                " AS excused FROM open x, open y WHERE x.row <> y.row\n"
                " AND NOT x.undecided AND NOT y.undecided AND x.%s = y.%s",
                blocks[block], blocks[block]);
    if (more)
        as_buf_addf(with, " AND x.%s = y.%s", more, more);
    for (uint32_t i = 0; i < count; i++) {
        const char *n = names[(first + i) % 3];
        char mine[64], theirs[64], test[256];
        snprintf(mine, sizeof mine, "%s(coalesce(x.%s, ''))", fold == 3 ? "" : "lower", n);
        snprintf(theirs, sizeof theirs, "%s(coalesce(y.%s, ''))", fold == 3 ? "" : "lower", n);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(test, sizeof test, tests[way], mine, theirs);
#pragma GCC diagnostic pop
        as_buf_addf(&t->yaml, "%s%s", i ? ", " : "", n);
        as_buf_addf(with, "\n AND %s", test);
    }
    as_buf_add(&t->yaml, AS_STR("]\n"));
    if (except)
        as_buf_addf(&t->yaml, "      except: %s\n", yaml.ptr);
    as_buf_add(
        with, AS_STR("),\nnear AS (SELECT a, b FROM met WHERE NOT EXISTS (SELECT 1 FROM met m\n"
                     " WHERE m.excused AND (m.a = met.a AND m.b = met.b OR\n"
                     "  m.a = met.b AND m.b = met.a)))"));
    as_buf_free(&yaml);
}

static void write_similar(bench *x, trial *t, const as_buf *where)
{
    as_buf with = AS_BUF(AS_FIELD_MAX);
    write_similar_pairs(x, t, &with, where);
    as_buf_addf(&t->counts, "%s\nSELECT count(*), coalesce(sum(undecided), 0) FROM open",
                with.ptr);
    if (chance(&x->r, 50)) {
        as_buf_add(&t->yaml, AS_STR("      report: pairs\n"));
        as_buf_addf(&t->findings,
                    "%s\nSELECT a, a || ',' || b FROM near WHERE a < b ORDER BY a, b",
                    with.ptr);
    } else {
        as_buf_addf(&t->findings,
                    "%s,\nreach AS (SELECT row AS a, row AS b FROM open UNION\n"
                    " SELECT reach.a, near.b FROM reach JOIN near ON near.a = reach.b)\n"
                    "SELECT leader, group_concat(row) FROM (SELECT a AS row, min(b) AS leader\n"
                    " FROM reach GROUP BY a ORDER BY a)\n"
                    "GROUP BY leader HAVING count(*) > 1 ORDER BY leader",
                    with.ptr);
    }
    as_buf_free(&with);
}

/* What holds for one of the rows of the latest day holds; what is open for one, and for none
 * true, is open. */
#define BEST(x) "CASE WHEN max(" x ") THEN 1 WHEN max((" x ") IS NULL) THEN NULL ELSE 0 END"

static void write_latest(bench *x, trial *t, const as_buf *where)
{
    static const char *const keys[][2] = {{"k", "k"}, {"c", "c2"}, {"i", "j"}};
    const char *const *one = keys[rnd(&x->r, 3)];
    const char *date = chance(&x->r, 70) ? "d" : "e";
    bool expect = chance(&x->r, 60), agree = chance(&x->r, 50), two = chance(&x->r, 30);
    bool asked = expect || agree, none = chance(&x->r, 40), tie = chance(&x->r, 50);
    as_buf of = AS_BUF(AS_FIELD_MAX), fits = AS_BUF(AS_FIELD_MAX), same = AS_BUF(1000),
           all = AS_BUF(AS_FIELD_MAX);
    tie = tie && (asked || !none);
    as_buf_addf(&t->yaml, "    latest:\n      of: b\n      match: {%s: %s}\n      date: %s\n",
                one[0], one[1], date);
    writer w = {&x->r, &t->yaml, &of, "b", NULL};
    if (chance(&x->r, 50)) {
        as_buf_add(&t->yaml, AS_STR("      where: "));
        as_buf_add(&of, AS_STR(" AND "));
        write_condition(&w, 1);
        as_buf_add(&t->yaml, AS_STR("\n"));
    }
    w.sql = &fits;
    w.record = "a";
    if (expect) {
        as_buf_add(&t->yaml, AS_STR("      expect: "));
        write_condition(&w, 1);
        as_buf_add(&t->yaml, AS_STR("\n"));
    } else {
        as_buf_add(&fits, AS_STR("1"));
    }
    as_buf_addf(&t->yaml, "%s%s%s",
                !agree ? ""
                : two  ? "      agree: {c: c, f: g}\n"
                       : "      agree: {c: c}\n",
                none ? "      none: pass\n" : "", tie ? "      tie: pass\n" : "");
    as_buf_addf(&same, "%s", !agree ? "1" : two ? "a.c = b.c AND a.f = b.g" : "a.c = b.c");
    as_buf_addf(
        &all,
        "WITH met AS (SELECT a.row AS row, b.%s AS day, (%s) AS fits, (%s) AS same\n"
        " FROM a JOIN b ON a.%s = b.%s AND b.%s IS NOT NULL%s),\n"
        "last AS (SELECT * FROM met WHERE day = (SELECT max(day) FROM met m WHERE "
        "m.row = met.row)),\n"
        "said AS (SELECT a.row AS row, a.%s IS NULL AS open,\n"
        " (SELECT count(*) FROM last WHERE last.row = a.row) AS n,\n"
        " (SELECT " BEST("fits") " FROM last WHERE last.row = a.row) AS fits,\n"
                                 " (SELECT " BEST(
                                     "same") " FROM last WHERE last.row = a.row) AS same\n"
                                             " FROM a WHERE %s),\n"
                                             "fault AS (SELECT *, CASE WHEN open THEN NULL "
                                             "WHEN n = 0 THEN %s\n"
                                             " WHEN n > 1 AND NOT %d THEN 1 WHEN NOT fits THEN "
                                             "2 WHEN NOT same THEN 3 END "
                                             "AS what FROM said)\n",
        date, fits.ptr, same.ptr, one[0], one[1], date, of.len ? of.ptr : "", one[0],
        where->ptr, none ? "NULL" : "0", tie);
    as_buf_addf(&t->findings,
                "%sSELECT row, what FROM fault WHERE what IS NOT NULL ORDER BY row", all.ptr);
    as_buf_addf(&t->counts,
                "%sSELECT count(*), count(CASE WHEN open OR what IS NULL AND n > 0 AND\n"
                " (fits IS NULL OR same IS NULL) THEN 1 END) FROM fault",
                all.ptr);
    as_buf_free(&of);
    as_buf_free(&fits);
    as_buf_free(&same);
    as_buf_free(&all);
}

static void similar(void **state)
{
    (void)state;
    try_kind(write_similar, 7);
}

static void latest(void **state)
{
    (void)state;
    try_kind(write_latest, 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(similar), cmocka_unit_test(latest)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
