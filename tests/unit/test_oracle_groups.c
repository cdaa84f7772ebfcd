/* The kinds that hold records and groups against figures (share, adds_up, outlier, estimate)
 * over random tables, against SQL. */
#include "oracle/bench.h"

/* ---- share ---- */

static void write_share(bench *x, trial *t, const as_buf *where)
{
    static const char *const groups[] = {NULL, "c", "k2", "i"};
    const char *by = PICK(&x->r, groups);
    uint32_t least = 25 * rnd(&x->r, 5), small = rnd(&x->r, 3);
    bool most = chance(&x->r, 40);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
