/* The kind trend: bounds either way, groups that are new, gone or small, what people read; and
 * against SQL over random tables. */
#include "figures_fixture.h"

#include <sqlite3.h>

#define MEASURES                                                                               \
    "measures:\n"                                                                              \
    "  now: {count: closing, by: [kind]}\n"                                                    \
    "  before: {count: opening, by: [kind]}\n"                                                 \
    "  n: {sum: n, of: published, where: {end: now}, by: [kind]}\n"                            \
    "  n_before: {sum: n, of: published, where: {end: then}, by: [kind]}\n"                    \
    "  all: {sum: n, of: published, where: {end: now}}\n"                                      \
    "  all_before: {sum: n, of: published, where: {end: then}}\n"                              \
    "  mean: {mean: n, of: published, where: {end: now}, by: [kind]}\n"                        \
    "  by_sector: {count: closing, by: [sector]}\n"

static void start(const char *trend)
{
    char rules[2048];

    (void)snprintf(rules, sizeof rules, MEASURES "rules:\n  - id: T-1\n    trend: %s\n", trend);
    fig_open(rules);
}

/* Home 2,071 → 2,145 (+3.573%), School 100 → 90 (−10%), A 10 → 14, B 3 → 1. */
static void series(const char *trend, const char *want)
{
    start(trend);
    fig_table("published", "Home||then|2071\nHome||now|2145\nSchool||then|100\nSchool||now|90\n"
                           "A||then|10\nA||now|14\nB||then|3\nB||now|1\n");
    fig_run();
    assert_string_equal(fig_said(), want);
    fig_close();
}

static void bounds(void **state)
{
    (void)state;
    series("{now: n, before: n_before, within: 3.5%, minimum: 20}",
           "Home: 2,071 → 2,145, +74 (+3.6%), within ±3.5% expected\n"
           "School: 100 → 90, −10 (−10%), within ±3.5% expected\n"
           "2 0 2 groups below 20 both times left out: A, B");
    series("{now: n, before: n_before, within: 3.6%, minimum: 20}",
           "School: 100 → 90, −10 (−10%), within ±3.6% expected\n"
           "2 0 2 groups below 20 both times left out: A, B");
    series("{now: n, before: n_before, at_most: 3.57%, minimum: 20}",
           "Home: 2,071 → 2,145, +74 (+3.6%), at most +3.57% expected\n"
           "2 0 2 groups below 20 both times left out: A, B");
    /* exactly at the bound */
    series("{now: n, before: n_before, at_least: -10%, minimum: 20}",
           "2 0 2 groups below 20 both times left out: A, B");
    series("{now: n, before: n_before, at_least: -9.99%, at_most: 40%}",
           "B: 3 → 1, −2 (−66.7%), at least −9.99% and at most +40% expected\n"
           "School: 100 → 90, −10 (−10%), at least −9.99% and at most +40% expected\n4 0");
    series("{now: n, before: n_before, within: 10}",
           "Home: 2,071 → 2,145, +74 (+3.6%), within ±10 expected\n4 0");
    series("{now: n, before: n_before, at_most: 4, at_least: -50%}",
           "B: 3 → 1, −2 (−66.7%), at least −50% and at most +4 expected\n"
           "Home: 2,071 → 2,145, +74 (+3.6%), at least −50% and at most +4 expected\n4 0");
    /* a small change is none */
    series("{now: n, before: n_before, within: 5%, ignore: 4}",
           "School: 100 → 90, −10 (−10%), within ±5% expected\n4 0");
    series("{now: n, before: n_before, within: 5%, ignore: 3.9}",
           "A: 10 → 14, +4 (+40%), within ±5% expected\n"
           "School: 100 → 90, −10 (−10%), within ±5% expected\n4 0");
    /* one of the two figures is enough for the minimum; growth may be asked for */
    series("{now: n, before: n_before, within: 100%, minimum: 14}",
           "3 0 1 group below 14 both times left out: B");
    series("{now: n, before: n_before, at_least: 1%, minimum: 20}",
           "School: 100 → 90, −10 (−10%), at least +1% expected\n"
           "2 0 2 groups below 20 both times left out: A, B");
    series("{now: all, before: all_before, within: 3%}",
           "all records: 2,184 → 2,250, +66 (+3.02%), within ±3% expected\n1 0");
}

static void new_and_gone(void **state)
{
    static const char *rows = "Home||then|5\nHome||now|5\nSchool||now|7\nAgency||then|9\n"
                              "A||then|0\nA||now|3\nB||then|0\nB||now|0\nC||then|\nC||now|4\n";
    as_doc_finding f;

    (void)state;
    start("{now: n, before: n_before, within: 500%}");
    fig_table("published", rows);
    fig_run();
    assert_string_equal(
        fig_said(), "A: 3 where there was nothing before: a new group\n"
                    "Agency: nothing where there was 9 before: the group is gone\n"
                    "School: 7 where there was nothing before: a new group\n"
                    "5 1 1 group of nothing both times left out: B; 1 group with an unknown "
                    "figure: C");
    f = fig_finding(0);
    EXPECT_STR(f.expected, "a figure before");
    EXPECT_STR(f.field, "n");
    assert_string_equal(fig_value(&f, "kind"), "A");
    assert_string_equal(fig_value(&f, "now"), "3");
    assert_string_equal(fig_value(&f, "before"), "0");
    assert_string_equal(fig_value(&f, "change"), "3");
    assert_string_equal(fig_value(&f, "change_percent"), "(none)");
    fig_close();
    start("{now: n, before: n_before, within: 5%, new: pass, gone: pass}");
    fig_table("published", rows);
    fig_run();
    assert_string_equal(
        fig_said(), "2 1 1 group of nothing both times left out: B; 2 groups new, which this "
                    "rule lets pass: A, School; 1 group gone, which this rule lets pass: "
                    "Agency; 1 group with an unknown figure: C");
    fig_close();
    start("{now: n, before: n_before, within: 5%, minimum: 8}");
    fig_table("published", rows); /* only the agency was so large */
    fig_run();
    assert_string_equal(fig_said(),
                        "Agency: nothing where there was 9 before: the group is gone\n"
                        "2 1 3 groups below 8 both times left out: A, Home, School; 1 group of "
                        "nothing both times left out: B; 1 group with an unknown figure: C");
    fig_close();
}

/* Counts of two tables; a null type is a group; a mean that is not there is not 0. */
static void of_counts(void **state)
{
    (void)state;
    start("{now: now, before: before, within: 50%}");
    fig_table("opening", "A1|Home\nA2|home\nA3|School\nA4|\n");
    fig_table("closing", "A1|Home\nA2|Home\nA5|Home\nA6|Home\nA3|School\nA7|\n");
    fig_run();
    assert_string_equal(fig_said(), "Home: 2 → 4, +2 (+100%), within ±50% expected\n3 0");
    fig_close();
    /* 0.57% of 10,000 is 57, though not in binary fractions */
    start("{now: n, before: n_before, at_most: 0.57%}");
    fig_table("published", "Home||then|10000\nHome||now|10057\n");
    fig_run();
    assert_string_equal(fig_said(), "1 0");
    fig_close();
    start("{now: mean, before: n_before, within: 50%}");
    fig_table("published", "Home||then|5\n");
    fig_run();
    assert_string_equal(fig_said(), "1 1 1 group with an unknown figure: Home");
    fig_close();
}

/* No group, or nothing to hold anything against: the rule is empty. */
static void nothing_moved(void **state)
{
    (void)state;
    start("{now: now, before: before, within: 5%}");
    fig_table("opening", "");
    fig_table("closing", "");
    fig_run();
    assert_string_equal(fig_said(), "0 0");
    fig_close();
    start("{now: now, before: before, within: 5%, new: pass}");
    fig_table("opening", "");
    fig_table("closing", "A1|Home\n");
    fig_run();
    assert_string_equal(fig_said(), "0 0 1 group new, which this rule lets pass: Home");
    fig_close();
}

static void template_names(void **state)
{
    (void)state;
    fig_open(MEASURES
             "rules:\n  - id: T-1\n    trend: {now: n, before: n_before, within: 1%}\n"
             "    message: \"{kind}: {before} to {now} ({change}, {change_percent})\"\n");
    fig_table("published", "Home||then|2071\nHome||now|2145\n");
    assert_int_equal(fig_rule(), 0);
    assert_int_equal(as_message_bind(&fig.bind, fig.kind, &fig.err), AS_OK);
    fig_run();
    EXPECT_STR(fig_finding(0).message, "Home: 2071 to 2145 (74, +3.6%)");
    fig_close();
}

static void refuse(const char *trend, const char *text)
{
    start(trend);
    fig_refused(text);
    fig_close();
}

static void refused(void **state)
{
    (void)state;
    refuse("{now: n, within: 3%}", "needs `before`");
    refuse("{before: n, within: 3%}", "needs `now`");
    refuse("{now: n, before: n_before}", "needs `within`, `at_least` or `at_most`");
    refuse("{now: n, before: n_before, within: 3%, at_most: 4%}", "says both bounds");
    refuse("{now: n, before: n_before, within: -3%}", "not a tolerance");
    refuse("{now: n, before: n_before, at_most: many}", "neither a number nor a percentage");
    refuse("{now: n, before: n_before, at_least: 4%, at_most: 3%}", "can never hold");
    refuse("{now: n, before: by_sector, within: 3%}", "by different fields");
    refuse("{now: n, before: m, within: 3%}", "no measure m");
    refuse("{now: n, before: n_before, within: 3%, new: ok}", "not one of finding, pass");
    refuse("{now: n, before: n_before, within: 3%, minimum: -2}", "cannot be below 0");
    refuse("{now: n, before: n_before, within: 3%, befor: n}", "befor");
}

/* ---- against SQL ---- */

static uint64_t seed = 20180331;

static uint32_t rnd(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % n;
}

static const char *found(void)
{
    as_buf s = AS_BUF(AS_MIB);
    as_str out;

    for (size_t i = 0; i < fig.result.findings.count; i++) {
        as_doc_finding f = fig_finding(i);
        as_buf_addf(&s, "%.*s %s %s\n", AS_FMT(f.key), fig_value(&f, "before"),
                    fig_value(&f, "now"));
    }
    as_buf_addf(&s, "%llu %llu\n", (unsigned long long)fig.result.selected,
                (unsigned long long)fig.result.undecided);
    out = as_arena_str(fig.run, as_buf_str(&s));
    as_buf_free(&s);
    return out.ptr;
}

static void fill(sqlite3 *db)
{
    static const char *const kinds[] = {"A", "B", "C", "Home", ""};
    as_buf rows = AS_BUF(AS_MIB), sql = AS_BUF(AS_MIB);
    uint32_t count = rnd(30);

    as_buf_add(&sql, AS_STR("create table published (kind, end_, n integer);"));
    for (uint32_t i = 0; i < count; i++) {
        const char *kind = kinds[rnd(5)], *end = rnd(2) ? "now" : "then";
        uint32_t n = rnd(14);
        as_buf_addf(&rows, n > 11 ? "%s||%s|\n" : "%s||%s|%u\n", kind, end, n);
        as_buf_addf(&sql, "insert into published values (nullif('%s', ''), '%s', ", kind, end);
        as_buf_addf(&sql, n > 11 ? "null);" : "%u);", n);
    }
    assert_int_equal(sqlite3_exec(db, sql.ptr, NULL, NULL, NULL), SQLITE_OK);
    fig_table("published", rows.len ? rows.ptr : "");
    as_buf_free(&rows);
    as_buf_free(&sql);
}

static int add_row(void *arg, int count, char **cells, char **names)
{
    as_buf *out = arg;

    (void)names;
    for (int i = 0; i < count; i++)
        as_buf_addf(out, "%s%s", i ? " " : "", cells[i]);
    as_buf_addc(out, '\n');
    return 0;
}

static void oracle(void **state)
{
    char rule[512], query[4096];

    (void)state;
    for (int round = 0; round < 300; round++) {
        uint32_t most = rnd(4) * 50, least = rnd(3) * 40, minimum = rnd(8), ignore = rnd(4);
        bool pass = rnd(2);
        as_buf want = AS_BUF(AS_MIB);
        sqlite3 *db;
        (void)snprintf(
            rule, sizeof rule,
            "{now: n, before: n_before, at_most: %u%%, at_least: -%u%%, minimum: %u, "
            "ignore: %u, new: %s}",
            most, least, minimum, ignore, pass ? "pass" : "finding");
        start(rule);
        assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
        fill(db);
        fig_run();
        /* 0 where there is no row, null where there are rows and no number */
        (void)snprintf(
            query, sizeof query,
            "create view g as select k.kind, "
            "case when exists (select 1 from published p where p.kind is k.kind and end_ = "
            "'now') then (select sum(n) from published p where p.kind is k.kind and end_ = "
            "'now') else 0 end n, "
            "case when exists (select 1 from published p where p.kind is k.kind and end_ = "
            "'then') then (select sum(n) from published p where p.kind is k.kind and end_ = "
            "'then') else 0 end b from (select distinct kind from published) k;"
            "create view held as select * from g where n is null or b is null or "
            "(n + b > 0 and max(n, b) >= %u and not (%d and b = 0));"
            "select coalesce(kind, '(none)'), b, n from held where n + b is not null and (b = "
            "0 or n = 0 or "
            "(abs(n - b) > %u and (100 * (n - b) > %u * b or 100 * (n - b) < -%u * b))) "
            "order by kind nulls last;"
            "select count(*), count(case when n is null or b is null then 1 end) from held",
            minimum, pass, ignore, most, least);
        assert_int_equal(sqlite3_exec(db, query, add_row, &want, NULL), SQLITE_OK);
        assert_string_equal(found(), want.ptr);
        as_buf_free(&want);
        sqlite3_close(db);
        fig_close();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds),         cmocka_unit_test(new_and_gone),
        cmocka_unit_test(of_counts),      cmocka_unit_test(nothing_moved),
        cmocka_unit_test(template_names), cmocka_unit_test(refused),
        cmocka_unit_test(oracle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
