/* Measures, compare and reconcile against SQLite over random tables: the same rows are loaded
 * into both, and the SQL says in plain words what the answer is. Weights are quarters, so that
 * sums are exact in any order. */
#include "figures_fixture.h"

#include <sqlite3.h>

static sqlite3 *db;
static uint64_t seed = 20170331;

static uint32_t rnd(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % n;
}

static void sql(const char *text)
{
    char *why = NULL;

    if (sqlite3_exec(db, text, NULL, NULL, &why) != SQLITE_OK)
        fail_msg("%s: %s", text, why);
}

static const char *rules =
    "measures:\n"
    "  n: {count: closing, by: [kind, sector]}\n"
    "  some: {count: closing, where: {sector: Private, places: {min: 3}}, by: [kind]}\n"
    "  places: {sum: places, of: closing, by: [sector, kind]}\n"
    "  weight: {sum: weight, of: closing, by: [kind]}\n"
    "  mean: {mean: places, of: closing, by: [kind]}\n"
    "  urns: {distinct: urn, of: closing, by: [kind]}\n"
    "  values: {distinct: places, of: closing}\n"
    "  total: {sum: places, of: closing}\n"
    "  share: {formula: \"100 * some / c\"}\n"
    "  o: {count: opening, by: [kind]}\n"
    "  c: {count: closing, by: [kind]}\n"
    "  j: {count: movements, where: {joined: Y}, by: [kind]}\n"
    "  l: {count: movements, where: {left: Y}, by: [kind]}\n"
    "  vo: {sum: places, of: opening, by: [kind]}\n"
    "  vc: {sum: places, of: closing, by: [kind]}\n"
    "  vj: {sum: places, of: movements, where: {joined: Y}, by: [kind]}\n"
    "  vl: {sum: places, of: movements, where: {left: Y}, by: [kind]}\n"
    "  p: {sum: n, of: published, by: [kind]}\n"
    "rules:\n  - id: T-1\n    ";

static const char *bridge = "bridge: {opening: {table: opening}, closing: {table: closing}, "
                            "movements: {table: movements, "
                            "joined: {joined: Y}, left: {left: Y}}, match: [urn]";

static void start(const char *rule)
{
    char text[8192];

    (void)snprintf(text, sizeof text, "%s%s\n", rules, rule);
    fig_open(text);
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    sql("create table opening (urn, kind, sector, places integer, weight real);"
        "create table closing (urn, kind, sector, places integer, weight real);"
        "create table movements (urn, kind, sector, places integer, joined, left_);"
        "create table published (kind, sector, end_, n integer)");
}

static void stop(void)
{
    sqlite3_close(db);
    fig_close();
}

/* ---- random rows ---- */

static const char *pick(const char *const *from, uint32_t n)
{
    return from[rnd(n)];
}

static const char *kind(void)
{
    static const char *const kinds[] = {"A", "B", "C", "Home", "School", ""};

    return pick(kinds, 6);
}

static const char *sector(void)
{
    static const char *const sectors[] = {"Private", "Voluntary", "Local Authority", ""};

    return pick(sectors, 4);
}

/* "'text'", or null where empty. */
static const char *quoted(const char *text)
{
    static char out[4][64];
    static unsigned next;
    char *to = out[next++ % 4];

    (void)snprintf(to, 64, *text ? "'%s'" : "null", text);
    return to;
}

static void number(char *to, bool null, uint32_t n)
{
    *to = 0;
    if (!null)
        (void)snprintf(to, 16, "%u", n);
}

/* Rows of opening or closing. `keys`: how many keys there are to draw from; 0 = every row its
 * own. */
static void fill_records(const char *name, uint32_t rows, uint32_t keys)
{
    as_buf text = AS_BUF(64 * AS_MIB);
    char insert[256], places[16];

    sql("begin");
    for (uint32_t i = 0; i < rows; i++) {
        const char *k = kind(), *s = sector();
        uint32_t urn = keys ? rnd(keys) : i * 2 + rnd(2);
        double weight = rnd(1000) / 4.0;
        number(places, rnd(4) == 0, rnd(12));
        as_buf_addf(&text, "U%u|%s|%s|%s|%.2f\n", urn, k, s, places, weight);
        (void)snprintf(insert, sizeof insert, "insert into %s values ('U%u', %s, %s, %s, %.2f)",
                       name, urn, quoted(k), quoted(s), *places ? places : "null", weight);
        sql(insert);
    }
    sql("commit");
    fig_table(name, text.len ? text.ptr : "");
    as_buf_free(&text);
}

static void fill_movements(uint32_t rows, uint32_t keys)
{
    as_buf text = AS_BUF(64 * AS_MIB);
    char insert[256], places[16];

    sql("begin");
    for (uint32_t i = 0; i < rows; i++) {
        const char *k = kind();
        const char *joined = rnd(2) ? "Y" : "", *left = rnd(2) ? "Y" : "";
        uint32_t urn = keys ? rnd(keys) : i * 3 + rnd(3);
        number(places, rnd(4) == 0, rnd(12));
        as_buf_addf(&text, "U%u|%s||%s|%s|%s\n", urn, k, places, joined, left);
        (void)snprintf(insert, sizeof insert,
                       "insert into movements values ('U%u', %s, null, %s, %s, %s)", urn,
                       quoted(k), *places ? places : "null", quoted(joined), quoted(left));
        sql(insert);
    }
    sql("commit");
    fig_table("movements", text.len ? text.ptr : "");
    as_buf_free(&text);
}

static void fill_published(uint32_t rows)
{
    as_buf text = AS_BUF(AS_MIB);
    char insert[256], n[16];

    for (uint32_t i = 0; i < rows; i++) {
        const char *k = kind();
        number(n, rnd(4) == 0, rnd(9));
        as_buf_addf(&text, "%s|||%s\n", k, n);
        (void)snprintf(insert, sizeof insert,
                       "insert into published values (%s, null, null, %s)", quoted(k),
                       *n ? n : "null");
        sql(insert);
    }
    fig_table("published", text.len ? text.ptr : "");
    as_buf_free(&text);
}

/* ---- measures ---- */

/* The rows of a query as "A/Private=3 A/(none)=1"; the last column is the figure, the others
 * the group; null last. */
static const char *answer(const char *query)
{
    sqlite3_stmt *st = NULL;
    as_buf s = AS_BUF(16 * AS_MIB);
    as_str out;

    if (sqlite3_prepare_v2(db, query, -1, &st, NULL) != SQLITE_OK)
        fail_msg("%s: %s", query, sqlite3_errmsg(db));
    while (sqlite3_step(st) == SQLITE_ROW) {
        int last = sqlite3_column_count(st) - 1;
        if (s.len)
            as_buf_addc(&s, ' ');
        for (int i = 0; i < last; i++) {
            const unsigned char *text = sqlite3_column_text(st, i);
            as_buf_addf(&s, "%s%s", i ? "/" : "", text ? (const char *)text : "(none)");
        }
        if (sqlite3_column_type(st, last) == SQLITE_NULL)
            as_buf_add(&s, AS_STR("=?"));
        else
            as_buf_addf(&s, "=%.15g", sqlite3_column_double(st, last));
    }
    sqlite3_finalize(st);
    out = as_arena_str(fig.run, as_buf_str(&s));
    as_buf_free(&s);
    return out.ptr;
}

static void same(const char *measure, const char *query)
{
    as_measure_result r = fig_measure(measure);
    const char *got = fig_say(&r), *want = answer(query);

    if (strcmp(got, want) != 0)
        print_message("%s\n got %s\nwant %s\n", measure, got, want);
    assert_string_equal(got, want);
}

static void measures(void **state)
{
    static const uint32_t sizes[] = {0, 1, 2, 7, 40, 200, 5000};

    (void)state;
    for (int round = 0; round < 28; round++) {
        start("compare: {left: c, right: p}");
        fill_records("closing", sizes[round % 7], round % 2 ? 50 : 0);
        if (round % 3)
            assert_int_equal(as_pool_open(&fig.pool, (unsigned)round % 3, &fig.err), AS_OK);
        same("n", "select kind, sector, count(*) from closing group by 1, 2 order by kind "
                  "nulls last, sector nulls last");
        same("some", "select kind, count(*) from closing where sector = 'Private' and places "
                     ">= 3 group by 1 order by "
                     "kind nulls last");
        same("places", "select sector, kind, sum(places) from closing group by 1, 2 order by "
                       "sector nulls last, kind "
                       "nulls last");
        same("weight",
             "select kind, sum(weight) from closing group by 1 order by kind nulls last");
        same("mean",
             "select kind, avg(places) from closing group by 1 order by kind nulls last");
        same("urns", "select kind, count(distinct urn) from closing group by 1 order by kind "
                     "nulls last");
        same("values", "select count(distinct places) from closing");
        same("total", "select sum(places) from closing");
        same("share", "select kind, 100.0 * sum(case when sector = 'Private' and places >= 3 "
                      "then 1 else 0 end) / count(*) "
                      "from closing group by 1 order by kind nulls last");
        stop();
    }
}

/* ---- compare ---- */

static const char *found(void)
{
    as_buf s = AS_BUF(AS_MIB);
    as_str out;

    for (size_t i = 0; i < fig.result.findings.count; i++) {
        as_doc_finding f = fig_finding(i);
        as_buf_addf(&s, "%s%.*s=%s", i ? " " : "", AS_FMT(f.key), fig_value(&f, "difference"));
    }
    out = as_arena_str(fig.run, as_buf_str(&s));
    as_buf_free(&s);
    return out.ptr;
}

static void compare(void **state)
{
    /* All kinds of either side; a count that is not there is 0, and so is a sum; a sum over
     * nulls alone is unknown. */
    static const char *sides = "with a as (select kind, count(*) x from closing group by 1), b "
                               "as (select kind, sum(n) x from published group "
                               "by 1), g as (select kind from a union select kind from b), s "
                               "as (select g.kind, coalesce(a.x, 0) l, case when "
                               "exists (select 1 from b where b.kind is g.kind) then b.x else "
                               "0 end r from g left join a on a.kind is g.kind "
                               "left join b on b.kind is g.kind) ";
    char query[2048];

    (void)state;
    for (int round = 0; round < 60; round++) {
        static const char *const how[] = {"equal", "at_most", "at_least", "below", "above"};
        static const char *const op[] = {"<>", ">", "<", ">=", "<="};
        char rule[256];
        (void)snprintf(rule, sizeof rule, "compare: {left: c, right: p, is: %s}",
                       how[round % 5]);
        start(rule);
        fill_records("closing", rnd(30), 0);
        fill_published(rnd(12));
        fig_run();
        (void)snprintf(query, sizeof query,
                       "%sselect kind, r - l from s where l %s r order by kind nulls last",
                       sides, op[round % 5]);
        assert_string_equal(found(), answer(query));
        (void)snprintf(query, sizeof query, "%sselect count(*) from s", sides);
        assert_int_equal(fig.result.selected, atoi(answer(query) + 1));
        (void)snprintf(query, sizeof query, "%sselect count(*) from s where r is null", sides);
        assert_int_equal(fig.result.undecided, atoi(answer(query) + 1));
        stop();
    }
}

/* ---- reconcile ---- */

/* "A=-1 B=2 …": closing less (opening + joiners - leavers) of every group, 0 too. */
static const char *residuals(void)
{
    as_buf s = AS_BUF(AS_MIB);
    as_str out;

    for (size_t g = 0; g < fig.result.bridge_count; g++) {
        const as_doc_bridge *d = &fig.result.bridge[g];
        double sum = 0;
        as_buf_addf(&s, "%s%.*s=%.15g", g ? " " : "", AS_FMT(d->values[0]), d->residual);
        /* Both ends hold every record: the records explain it all. */
        for (size_t i = 0; i < d->cause_count; i++)
            sum += d->causes[i].effect;
        assert_true(sum == d->residual && d->unexplained == 0);
    }
    out = as_arena_str(fig.run, as_buf_str(&s));
    as_buf_free(&s);
    return out.ptr;
}

/* Every record's part in closing - (opening + joiners - leavers), x being what it counts. */
#define PARTS(x)                                                                               \
    "select urn, kind, " x " e from closing union all select urn, kind, -(" x                  \
    ") from opening "                                                                          \
    "union all select urn, kind, -(" x ") from movements where joined = 'Y' "                  \
    "union all select urn, kind, " x " from movements where left_ = 'Y'"

static void reconcile(void **state)
{
    char rule[1024];

    (void)state;
    for (int round = 0; round < 120; round++) {
        uint32_t keys =
            round % 2 ? 0 : 5 + rnd(40); /* few keys: the same one many times, in many groups */
        (void)snprintf(rule, sizeof rule,
                       "reconcile: {opening: o, plus: [j], minus: [l], closing: c, %s}}",
                       bridge);
        start(rule);
        fill_records("opening", rnd(50), keys);
        fill_records("closing", rnd(50), keys);
        fill_movements(rnd(30), keys);
        fig_run();
        assert_string_equal(residuals(), answer("select kind, sum(e) from (" PARTS(
                                             "1") ") group by 1 order by kind nulls last"));
        stop();
    }
}

static void reconcile_values(void **state)
{
    char rule[1024];

    (void)state;
    for (int round = 0; round < 120; round++) {
        uint32_t keys = round % 2 ? 0 : 5 + rnd(40);
        (void)snprintf(rule, sizeof rule,
                       "reconcile: {opening: vo, plus: [vj], minus: [vl], closing: vc, %s, "
                       "value: places}}",
                       bridge);
        start(rule);
        fill_records("opening", rnd(50), keys);
        fill_records("closing", rnd(50), keys);
        fill_movements(rnd(30), keys);
        fig_run();
        /* Left out: a kind of which neither end knows any places, and in which none moved. */
        sql("create view known as select kind from opening where places is not null union "
            "select kind from closing "
            "where places is not null union select kind from movements where joined = 'Y' "
            "group by kind having "
            "sum(places) <> 0 union select kind from movements where left_ = 'Y' group by kind "
            "having sum(places) <> 0");
        assert_string_equal(
            residuals(),
            answer("select kind, sum(e) from (" PARTS(
                "coalesce(places, 0)") ") p where exists "
                                       "(select 1 from known where known.kind is p.kind) group "
                                       "by 1 order by kind nulls last"));
        stop();
    }
}

/* Who is behind it, where every key stands at most once in a table. */
static void expect_names(const char *kind_of_cause, const char *query)
{
    as_buf s = AS_BUF(AS_MIB);

    for (size_t g = 0; g < fig.result.bridge_count; g++) {
        const as_doc_bridge *d = &fig.result.bridge[g];
        for (size_t i = 0; i < d->cause_count; i++) {
            const as_doc_cause *c = &d->causes[i];
            if (!as_str_eq(c->kind, S(kind_of_cause)))
                continue;
            for (size_t k = 0; k < c->record_count; k++)
                as_buf_addf(&s, "%s%.*s/%.*s=%d", s.len ? " " : "", AS_FMT(d->values[0]),
                            AS_FMT(c->records[k]), c->effect > 0 ? 1 : -1);
        }
    }
    assert_string_equal(s.ptr ? s.ptr : "", answer(query));
    as_buf_free(&s);
}

static void names(void **state)
{
    char rule[1024];

    (void)state;
    for (int round = 0; round < 60; round++) {
        (void)snprintf(rule, sizeof rule,
                       "reconcile: {opening: o, plus: [j], minus: [l], closing: c, %s}}",
                       bridge);
        start(rule);
        fill_records("opening", rnd(60), 0);
        fill_records("closing", rnd(60), 0);
        fill_movements(rnd(20), 0);
        sql("create view moved as select urn from movements where joined = 'Y' or left_ = 'Y'");
        fig_run();
        expect_names("unlisted_leaver", "select kind, urn, -1 from opening o where urn not in "
                                        "(select urn from closing) and not exists "
                                        "(select 1 from movements m where m.urn = o.urn and "
                                        "(left_ = 'Y' or joined = 'Y' and m.kind is "
                                        "o.kind)) order by kind nulls last, urn");
        expect_names("unlisted_joiner", "select kind, urn, 1 from closing c where urn not in "
                                        "(select urn from opening) and not exists "
                                        "(select 1 from movements m where m.urn = c.urn and "
                                        "(joined = 'Y' or left_ = 'Y' and m.kind is "
                                        "c.kind)) order by kind nulls last, urn");
        expect_names("joiner_absent_at_close",
                     "select kind, urn, -1 from movements m where joined = 'Y' and left_ is "
                     "null and urn not in (select "
                     "urn from closing) and not exists (select 1 from opening o where o.urn = "
                     "m.urn and o.kind is "
                     "m.kind) order by kind nulls last, urn");
        /* There at both ends, whatever its type: one type too many is the one that the ends do
         * not share with the movement. */
        expect_names("leaver_present_at_close",
                     "select case when o.urn is null or o.kind is m.kind then c.kind else "
                     "m.kind end kind, m.urn, 1 from "
                     "movements m join closing c using (urn) left join opening o using (urn) "
                     "where left_ = 'Y' and "
                     "joined is null and (case when o.urn is null then c.kind is m.kind else "
                     "o.kind is m.kind end or "
                     "o.urn is not null and o.kind is c.kind) order by 1 nulls last, m.urn");
        expect_names("leaver_absent_at_opening",
                     "select kind, urn, 1 from movements m where left_ = 'Y' and joined is "
                     "null and urn not in (select "
                     "urn from opening) and not exists (select 1 from closing c where c.urn = "
                     "m.urn and c.kind is "
                     "m.kind) order by kind nulls last, urn");
        expect_names("joiner_present_at_opening",
                     "select case when c.urn is null or c.kind is m.kind then o.kind else "
                     "m.kind end kind, m.urn, -1 "
                     "from movements m join opening o using (urn) left join closing c using "
                     "(urn) where joined = 'Y' "
                     "and left_ is null and (case when c.urn is null then o.kind is m.kind "
                     "else c.kind is m.kind end or "
                     "c.urn is not null and c.kind is o.kind) order by 1 nulls last, m.urn");
        sql("create view parts as select urn, kind, sum(e) e from (" PARTS(
            "1") ") group by urn, kind");
        expect_names(
            "reclassified_in",
            "select kind, urn, 1 from parts where e > 0 and exists (select 1 from parts x "
            "where x.urn = parts.urn and x.e < 0) order by kind nulls last, urn");
        expect_names(
            "reclassified_out",
            "select kind, urn, -1 from parts where e < 0 and exists (select 1 from parts x "
            "where x.urn = parts.urn and x.e > 0) order by kind nulls last, urn");
        stop();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measures),  cmocka_unit_test(compare),
        cmocka_unit_test(reconcile), cmocka_unit_test(reconcile_values),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
