/* The kinds that hold records and groups against figures (share, adds_up, outlier, estimate)
 * over random tables, against SQL. */
#include "oracle/bench.h"

/* ---- share ---- */

static void write_share(bench *x, trial *t, const as_buf *where)
{
    static const char *const groups[] = {NULL, "c", "k2", "i"};
    const char *by = PICK(&x->r, groups);
    uint32_t small = rnd(&x->r, 3);
    bool most = chance(&x->r, 40);
    uint32_t least = 25 * (rnd(&x->r, 4) + !most); /* neither at_least: 0% nor at_most: 100% */
    as_buf holds = AS_BUF(AS_FIELD_MAX);
    writer w = {&x->r, &t->yaml, &holds, "a", NULL};
    as_buf_add(&t->yaml, AS_STR("    share:\n      holds: "));
    write_condition(&w, 2);
    as_buf_addf(&t->yaml, "\n      %s: %u%%\n      minimum: %u\n",
                most ? "at_most" : "at_least", least, small);
    if (by)
        as_buf_addf(&t->yaml, "      by: [%s]\n", by);
    as_buf_addf(&t->counts,
                "SELECT count(*), count(CASE WHEN n = 0 THEN 1 END) FROM\n"
                "(SELECT count((%s)) AS n FROM a WHERE %s GROUP BY %s HAVING n >= %u)",
                holds.ptr, where->ptr, by ? by : "'all'", small);
    as_buf_addf(&t->findings,
                "SELECT coalesce(g, '(none)'), p, n FROM\n"
                "(SELECT %s AS g, sum((%s) IS TRUE) AS p, count((%s)) AS n FROM a\n"
                " WHERE %s GROUP BY 1)\n"
                "WHERE n >= %u AND n > 0 AND 100 * p %s %u * n ORDER BY g IS NULL, "
                "CAST(g AS TEXT)",
                by ? by : "'all records'", holds.ptr, holds.ptr, where->ptr, small,
                most ? ">" : "<", least);
    as_buf_free(&holds);
}

static void share(void **state)
{
    (void)state;
    try_kind(write_share, 11);
}

/* ---- adds_up ---- */

/* How far off a sum may be, and the SQL for one that is further. `known`: numbers that are
 * there, the total among them unless it is fixed. */
static void write_room(bench *x, trial *t, as_buf *off)
{
    static const char *const yaml[] = {"", "tolerance: 50%, ", "rounded_to: 0.5, "};
    static const char *const room[] = {"0", "0.5 * abs(total)", "0.25 * known"};
    uint32_t how = rnd(&x->r, 3);
    as_buf_addf(&t->yaml, ", %s", yaml[how]);
    as_buf_addf(off, "abs(total - sum) > %s", room[how]);
}

static void write_adds_up_fields(bench *x, trial *t, const as_buf *where)
{
    static const char *const totals[] = {"f", "2", "i"};
    const char *total = PICK(&x->r, totals);
    bool zero = chance(&x->r, 50), fixed = *total == '2';
    as_buf off = AS_BUF(1000);
    as_buf_addf(&t->yaml, "    adds_up: {total: \"%s\", parts: [j, g]", total);
    write_room(x, t, &off);
    as_buf_addf(&t->yaml, "nulls: %s}\n", zero ? "zero" : "undecided");
    as_buf_addf(&t->findings,
                "WITH s AS (SELECT row, %s AS total, %s AS sum, (j IS NOT NULL) + "
                "(g IS NOT NULL) + %d AS known FROM a WHERE %s)\n"
                "SELECT row, printf('%%.15g', total), printf('%%.15g', sum) FROM s WHERE total "
                "IS NOT NULL AND sum IS NOT NULL\n"
                "AND %s ORDER BY row",
                total, zero ? "coalesce(j, 0) + coalesce(g, 0)" : "j + g", !fixed, where->ptr,
                off.ptr);
    as_buf_addf(&t->counts,
                "SELECT count(*), count(CASE WHEN %s IS NULL OR %s THEN 1 END) FROM a WHERE %s",
                total, zero ? "0" : "j IS NULL OR g IS NULL", where->ptr);
    as_buf_free(&off);
}

/* Rows named Alpha hold the total of those named Beta and Gamma, or of all others. */
static void write_adds_up_rows(bench *x, trial *t, const as_buf *where)
{
    static const char *const groups[] = {NULL, "k2", "i", "d"};
    const char *by = PICK(&x->r, groups);
    bool zero = chance(&x->r, 50), rest = chance(&x->r, 50);
    as_buf off = AS_BUF(1000);
    as_buf_add(&t->yaml, AS_STR("    adds_up: {value: f, across: c, total: al"));
    if (!rest)
        as_buf_add(&t->yaml, AS_STR(", parts: [Gamma, Beta]"));
    if (by)
        as_buf_addf(&t->yaml, ", by: [%s]", by);
    write_room(x, t, &off);
    as_buf_addf(&t->yaml, "nulls: %s}\n", zero ? "zero" : "undecided");
    /* rows of one name are one number, null where one of them is; with `rest` each row is one
     */
    as_buf_addf(
        &t->findings,
        "WITH r AS (SELECT %s AS grp, c, f FROM a WHERE %s),\n"
        "n AS (SELECT grp, %s AS name, CASE WHEN count(*) = count(f) THEN sum(f) END AS n "
        "FROM r GROUP BY grp, name),\n"
        "s AS (SELECT grp,\n"
        " (SELECT n FROM n t WHERE t.grp IS g.grp AND t.name = 'Alpha') AS total,\n"
        " (SELECT total(n) FROM n p WHERE p.grp IS g.grp AND %s) AS sum,\n"
        " 1 + (SELECT count(n) FROM n p WHERE p.grp IS g.grp AND %s) AS known,\n"
        " (SELECT count(*) FROM n p WHERE p.grp IS g.grp AND %s) AS there\n"
        " FROM (SELECT DISTINCT grp FROM r) g),\n"
        "d AS (SELECT *, total IS NULL OR %s AS open FROM s)\n",
        by ? by : "'all records'", where->ptr,
        rest ? "CASE WHEN c IS 'Alpha' THEN c ELSE random() END" : "c",
        rest ? "p.name IS NOT 'Alpha'" : "p.name IN ('Beta', 'Gamma')",
        rest ? "p.name IS NOT 'Alpha'" : "p.name IN ('Beta', 'Gamma')",
        rest ? "p.name IS NOT 'Alpha'" : "p.name IN ('Beta', 'Gamma')",
        rest   ? (zero ? "there = 0" : "there = 0 OR known <= there")
        : zero ? "0"
               : "known < 3");
    as_buf_addf(&t->counts, "%sSELECT count(*), count(CASE WHEN open THEN 1 END) FROM d",
                t->findings.ptr);
    as_buf_addf(&t->findings,
                "SELECT coalesce(grp, '(none)'), printf('%%.15g', total), printf('%%.15g', "
                "sum) FROM d WHERE NOT open AND %s\n"
                "ORDER BY grp IS NULL, CAST(grp AS TEXT)",
                off.ptr);
    as_buf_free(&off);
}

static void adds_up(void **state)
{
    (void)state;
    try_kind(write_adds_up_fields, 12);
    try_kind(write_adds_up_rows, 13);
}

/* ---- outlier ---- */

/* Medians by rank: the value in the middle, or the mean of the two. */
#define MEDIAN(of, from)                                                                       \
    "SELECT grp, avg(" of ") AS m FROM (SELECT grp, " of ", row_number() OVER (PARTITION BY "  \
    "grp ORDER BY " of ") AS place, count(*) OVER (PARTITION BY grp) AS n FROM " from ") "     \
    "WHERE place IN ((n + 1) / 2, (n + 2) / 2) GROUP BY grp"

static void write_outlier(bench *x, trial *t, const as_buf *where)
{
    static const char *const groups[] = {NULL, "k2", "c", "c2"};
    static const char *const limits[] = {"0.5", "1.1", "2", "3.5"};
    const char *by = PICK(&x->r, groups), *beyond = PICK(&x->r, limits);
    const char *value = chance(&x->r, 50) ? "i" : "f";
    uint32_t minimum = rnd(&x->r, 5);
    as_buf_addf(&t->yaml, "    outlier: {field: %s, beyond: %s, minimum: %u", value, beyond,
                minimum);
    as_buf_addf(&t->yaml, by ? ", by: [%s]}\n" : "}\n", by);
    as_buf_addf(
        &t->findings,
        "WITH a0 AS (SELECT row, %s AS grp, %s AS v FROM a WHERE %s),\n"
        "r AS (SELECT row, coalesce(grp, '-') AS grp, v FROM a0),\n"
        "k AS (SELECT grp FROM r GROUP BY grp HAVING count(v) >= %u),\n"
        "x AS (SELECT * FROM r WHERE v IS NOT NULL AND grp IN k),\n"
        "med AS (" MEDIAN(
            "v", "x") "),\n"
                      "dev AS (SELECT row, x.grp AS grp, v - m AS d, abs(v - m) AS u FROM x "
                      "JOIN med "
                      "ON x.grp = med.grp),\n"
                      "mad AS (" MEDIAN(
                          "u",
                          "dev") "),\n"
                                 "mean AS (SELECT grp, avg(u) AS m FROM dev GROUP BY grp)\n",
        by ? by : "'all'", value, where->ptr, minimum);
    as_buf_addf(
        &t->counts,
        "%sSELECT count(*), count(CASE WHEN v IS NULL THEN 1 END) FROM r WHERE grp IN k",
        t->findings.ptr);
    as_buf_addf(&t->findings,
                "SELECT row FROM dev JOIN mad ON dev.grp = mad.grp JOIN mean ON dev.grp = "
                "mean.grp\n"
                "WHERE CASE WHEN mad.m > 0 THEN 0.6745 * u / mad.m WHEN mean.m > 0 THEN u / "
                "(1.253314 * mean.m) ELSE 0 END > %s ORDER BY row",
                beyond);
}

static void outlier(void **state)
{
    (void)state;
    try_kind(write_outlier, 14);
}

/* ---- estimate ---- */

static void write_estimate(bench *x, trial *t, const as_buf *where)
{
    static const char *const finds[] = {"missing", "wrong", "unflagged"};
    static const char *const looked[] = {"1", "fl", "v > 0 AND NOT fl"};
    static const char *const found[] = {"(v > 0) IS NOT TRUE", "v > 0 AND v <> est", "v = est"};
    uint32_t find = rnd(&x->r, 3), minimum = 1 + rnd(&x->r, 3);
    bool flag = find == 1 || chance(&x->r, 50);
    const char *value = chance(&x->r, 50) ? "i" : "f";
    as_buf_addf(&t->yaml,
                "    estimate: {field: %s, type: c, within: k2, find: %s, minimum: %u%s}\n",
                value, finds[find], minimum, flag ? ", flag: {c2: [Alpha, Gamma]}" : "");
    as_buf_addf(
        &t->findings,
        "WITH r AS (SELECT row, c AS ty, k2 AS wi, %s AS v, %s AS fl FROM a WHERE %s),\n"
        "ok AS (SELECT * FROM r WHERE v > 0 AND NOT fl),\n"
        "n AS (SELECT *,\n"
        " (SELECT count(*) FROM ok WHERE ok.ty = r.ty AND ok.wi = r.wi AND NOT (%d AND "
        "ok.v = r.v)) AS wn,\n"
        " (SELECT avg(v) FROM ok WHERE ok.ty = r.ty AND ok.wi = r.wi AND NOT (%d AND "
        "ok.v = r.v)) AS wm,\n"
        " (SELECT avg(v) FROM ok WHERE ok.ty = r.ty AND NOT (%d AND ok.wi IS r.wi AND "
        "ok.v = r.v)) AS tm FROM r WHERE %s),\n"
        "e AS (SELECT *, CASE WHEN ty IS NULL OR wi IS NULL THEN NULL\n"
        " ELSE CAST(CASE WHEN wn >= %u THEN wm ELSE tm END + 0.5 AS INTEGER) END AS est "
        "FROM n)\n",
        value, flag ? "(c2 IN ('Alpha', 'Gamma')) IS TRUE" : "0", where->ptr, find == 2,
        find == 2, find == 2, looked[find], minimum);
    as_buf_addf(
        &t->counts,
        "%sSELECT count(*), count(CASE WHEN %d AND (est IS NULL OR (v > 0) IS NOT TRUE) "
        "THEN 1 END) FROM e",
        t->findings.ptr, find != 0);
    as_buf_addf(&t->findings, "SELECT row, coalesce(est, '') FROM e WHERE %s ORDER BY row",
                found[find]);
}

static void estimate(void **state)
{
    (void)state;
    try_kind(write_estimate, 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(share),
        cmocka_unit_test(adds_up),
        cmocka_unit_test(outlier),
        cmocka_unit_test(estimate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
