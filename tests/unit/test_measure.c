/* Measures: every operation by hand, groups over every layout, formulas, what binding refuses,
 * the same bits with any number of workers, every allocation fault. */
#include "figures_fixture.h"

#include "base/hash.h"

static const char *const closing_rows = "A1|Home|Private|4|0.5|2016-04-01|x\n"
                                        "A2|home|Voluntary|6|1.5|2016-04-01|x\n"
                                        "A3|School|Private||0.25||y\n"
                                        "A4|children's home|Private|10|||\n"
                                        "A5||Private|1|8|2017-01-01|x\n"
                                        "A6|Agency|||||\n"
                                        "A7|Agency|Private||||\n";

static void start(const char *measures)
{
    char rules[4096];

    (void)snprintf(rules, sizeof rules, "measures:\n%s", measures);
    fig_open(rules);
    fig_table("closing", closing_rows);
}

static void counts(void **state)
{
    (void)state;
    start("  all: {count: closing}\n"
          "  kinds: {count: closing, by: [kind]}\n"
          "  both: {count: closing, by: [sector, kind]}\n"
          "  private: {count: closing, where: {sector: Private}, by: [kind]}\n"
          "  none: {count: closing, where: {sector: Public}}\n"
          "  none_by: {count: closing, where: {sector: Public}, by: [kind]}\n"
          "  big: {count: closing, where: {places: {min: 5}}, by: [kind]}\n");
    EXPECT_MEASURE("all", "=7");
    /* Variants are their code; null is a group of its own, last. */
    EXPECT_MEASURE("kinds", "Agency=2 Home=3 School=1 (none)=1");
    EXPECT_MEASURE(
        "both",
        "Private/Agency=1 Private/Home=2 Private/School=1 Private/(none)=1 Voluntary/Home=1 "
        "(none)/Agency=1");
    /* A6 has no sector: undecided selects nothing. */
    EXPECT_MEASURE("private", "Agency=1 Home=2 School=1 (none)=1");
    EXPECT_MEASURE("none", "=0");
    EXPECT_MEASURE("none_by", "");
    EXPECT_MEASURE("big", "Home=2");
    fig_close();
}

static void sums(void **state)
{
    as_measure_result r;

    (void)state;
    start("  places: {sum: places, of: closing, by: [kind], unit: places}\n"
          "  weight: {sum: weight, of: closing, by: [kind]}\n"
          "  mean: {mean: places, of: closing, by: [kind]}\n"
          "  mean_all: {mean: places, of: closing}\n"
          "  nothing: {sum: places, of: closing, where: {sector: Public}}\n");
    r = fig_measure("places");
    assert_string_equal(fig_say(&r), "Agency=? Home=20 School=? (none)=1");
    assert_string_equal(r.unit, "places");
    assert_int_equal(r.groups[0].records, 2);
    assert_int_equal(r.groups[0].nulls, 2);
    assert_true(isnan(r.groups[0].value));
    assert_int_equal(r.groups[1].records, 3);
    assert_int_equal(r.groups[1].nulls, 0);
    EXPECT_MEASURE("weight", "Agency=? Home=2 School=0.25 (none)=8");
    EXPECT_MEASURE("mean", "Agency=? Home=6.66666666666667 School=? (none)=1");
    EXPECT_MEASURE("mean_all", "=5.25"); /* 21 over the 4 that have places */
    EXPECT_MEASURE("nothing", "=?");
    fig_close();
}

static void distinct_values(void **state)
{
    as_measure_result r;

    (void)state;
    start("  owners: {distinct: owner, of: closing}\n"
          "  by_kind: {distinct: sector, of: closing, by: [kind]}\n"
          "  kinds: {distinct: kind, of: closing}\n"
          "  dates: {distinct: opened, of: closing, by: [sector]}\n"
          "  none: {distinct: owner, of: closing, where: {sector: Public}}\n");
    EXPECT_MEASURE("owners", "=2");
    r = fig_measure("by_kind");
    assert_string_equal(fig_say(&r), "Agency=1 Home=2 School=1 (none)=1");
    assert_int_equal(r.groups[0].records, 2); /* one of them without a sector */
    assert_int_equal(r.groups[0].nulls, 1);
    EXPECT_MEASURE("kinds", "=3");
    EXPECT_MEASURE("dates", "Private=2 Voluntary=1 (none)=0");
    EXPECT_MEASURE("none", "=0");
    fig_close();
}

/* Sums of whole numbers are exact in 64 bits and beyond; others do not lose what cancels. */
static void exact(void **state)
{
    (void)state;
    start("  places: {sum: places, of: closing}\n"
          "  weight: {sum: weight, of: closing}\n");
    fig_table("closing",
              "A1|||9223372036854775807|10000000000000000|\nA2|||9223372036854775807|1|\n"
              "A3|||-9223372036854775807|-10000000000000000|\nA4|||-9223372036854775804|1|\n");
    EXPECT_MEASURE("places", "=3");
    EXPECT_MEASURE("weight", "=2");
    fig_close();
}

/* What a chunk's sum left over is not lost between chunks. */
static void exact_over_chunks(void **state)
{
    as_buf s = AS_BUF(64 * AS_MIB);

    (void)state;
    start("  weight: {sum: weight, of: closing}\n");
    as_buf_addf(&s, "A|||1|10000000000000000|\n");
    for (int i = 0; i < 200001; i++)
        as_buf_addf(&s, "A|||1|1|\n");
    as_buf_addf(&s, "A|||1|-10000000000000000|\n");
    fig_table("closing", s.ptr);
    as_buf_free(&s);
    EXPECT_MEASURE("weight", "=200001");
    fig_close();
}

static void no_records(void **state)
{
    (void)state;
    start("  n: {count: closing}\n  by: {count: closing, by: [kind]}\n"
          "  p: {sum: places, of: closing}\n  pk: {sum: places, of: closing, by: [kind]}\n"
          "  d: {distinct: urn, of: closing}\n  f: {formula: \"by / n\"}\n");
    fig_table("closing", "");
    EXPECT_MEASURE("n", "=0");
    EXPECT_MEASURE("by", "");
    EXPECT_MEASURE("p", "=?");
    EXPECT_MEASURE("pk", "");
    EXPECT_MEASURE("d", "=0");
    EXPECT_MEASURE("f", "");
    fig_close();
}

static void formulas(void **state)
{
    (void)state;
    start("  n: {count: closing, by: [kind]}\n"
          "  private: {count: closing, where: {sector: Private}, by: [kind]}\n"
          "  voluntary: {count: closing, where: {sector: Voluntary}, by: [kind]}\n"
          "  places: {sum: places, of: closing, by: [kind]}\n"
          "  all: {count: closing}\n"
          "  share: {formula: \"100 * private / n\", unit: percent}\n"
          "  order: {formula: \"2 + 3 * 4 - 10 / 5 / 2\"}\n"
          "  brackets: {formula: \"(2 + 3) * -(4 - 10)\"}\n"
          "  minus: {formula: \"n - -n\"}\n"
          "  by_zero: {formula: \"n / voluntary\"}\n"
          "  twice_zero: {formula: \"n / (n / voluntary)\"}\n"
          "  of_all: {formula: \"n / all\"}\n"
          "  per_home: {formula: \"places / n\"}\n"
          "  twice: {formula: \"share * 2 - share\"}\n");
    EXPECT_MEASURE("share", "Agency=50 Home=66.6666666666667 School=100 (none)=100");
    EXPECT_MEASURE("order", "=13");
    EXPECT_MEASURE("brackets", "=30");
    EXPECT_MEASURE("minus", "Agency=4 Home=6 School=2 (none)=2");
    /* A count that lacks the group is 0, and dividing by it gives an unknown figure. */
    EXPECT_MEASURE("by_zero", "Agency=? Home=3 School=? (none)=?");
    EXPECT_MEASURE("twice_zero", "Agency=? Home=1 School=? (none)=?");
    EXPECT_MEASURE("of_all",
                   "Agency=0.285714285714286 Home=0.428571428571429 School=0.142857142857143 "
                   "(none)=0.142857142857143");
    EXPECT_MEASURE("per_home", "Agency=? Home=6.66666666666667 School=? (none)=1");
    EXPECT_MEASURE("twice", "Agency=50 Home=66.6666666666667 School=100 (none)=100");
    fig_close();
}

/* Every layout of a text column groups alike; numbers and dates group by value. */
static void layouts(void **state)
{
    static const struct {
        as_layout to;
        uint8_t width;
    } ways[] = {{AS_LAYOUT_DICT, 1},
                {AS_LAYOUT_DICT, 2},
                {AS_LAYOUT_DICT, 4},
                {AS_LAYOUT_PACK8, 0},
                {AS_LAYOUT_SLICE, 0}};
    as_table *t;

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        start("  n: {count: closing, by: [sector, kind]}\n  o: {distinct: sector, of: closing, "
              "by: [kind]}\n");
        t = fig_table(
            "closing",
            "A1|Home|Priv|4\nA2|Home|Vol|6\nA3|School|Priv|\nA4|Home|Priv|1\nA5||Priv|\n"
            "A6|Home|Vol|3\nA7|Home||3\n");
        relayout(fig.run, t, as_schema_field(t->schema, S("sector")), ways[i].to,
                 ways[i].width);
        EXPECT_MEASURE("n", "Priv/Home=2 Priv/School=1 Priv/(none)=1 Vol/Home=2 (none)/Home=1");
        EXPECT_MEASURE("o", "Home=2 School=1 (none)=1");
        fig_close();
    }
    start("  p: {count: closing, by: [places]}\n  d: {count: closing, by: [opened, kind]}\n"
          "  w: {count: closing, by: [weight]}\n");
    EXPECT_MEASURE("p", "1=1 10=1 4=1 6=1 (none)=3"); /* as text: byte order */
    EXPECT_MEASURE(
        "d",
        "2016-04-01/Home=2 2017-01-01/(none)=1 (none)/Agency=2 (none)/Home=1 (none)/School=1");
    EXPECT_MEASURE("w", "0.25=1 0.5=1 1.5=1 8=1 (none)=3");
    t = fig_table("closing", "A1||||0|\nA2||||1|\nA3||||0.0|\n");
    ((double *)t->columns[as_schema_field(t->schema, S("weight"))].data)[1] = -0.0;
    EXPECT_MEASURE("w", "0=3");
    fig_close();
}

/* ---- many rows ---- */

static const char *many_rows(size_t n)
{
    as_buf s = AS_BUF(256 * AS_MIB);
    uint64_t x = 88172645463325252u;

    for (size_t i = 0; i < n; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        as_buf_addf(&s, "U%zu|%s|s%u|%u|%u.%07u\n", i % 70001, x % 7 ? "Home" : "School",
                    (unsigned)(x >> 8) % 300, (unsigned)(x >> 20) % 50,
                    (unsigned)(x >> 30) % 100000, (unsigned)(x >> 40) % 10000000);
    }
    return s.ptr;
}

static bool same_bits(const as_measure_result *x, const as_measure_result *y)
{
    bool same = x->count == y->count;

    for (size_t g = 0; same && g < x->count; g++) {
        same = memcmp(&x->groups[g].value, &y->groups[g].value, sizeof(double)) == 0 &&
               x->groups[g].records == y->groups[g].records;
        for (size_t i = 0; i < x->by_count; i++)
            same = same && as_str_eq(x->groups[g].keys[i], y->groups[g].keys[i]);
    }
    return same;
}

static void workers(void **state)
{
    static const char *const names[] = {"w", "ws", "wu", "d"};
    const char *rows = many_rows(200000);
    as_measure_result first[4];
    double sum = 0;

    (void)state;
    start("  w: {sum: weight, of: closing, by: [kind]}\n  ws: {sum: weight, of: closing, by: "
          "[sector, kind]}\n"
          "  wu: {mean: weight, of: closing, by: [urn]}\n  d: {distinct: urn, of: closing, by: "
          "[sector]}\n"
          "  n: {count: closing, by: [sector]}\n");
    fig_table("closing", rows);
    free((void *)rows);
    for (unsigned jobs = 0; jobs <= 4; jobs++) {
        as_pool_close(fig.pool);
        fig.pool = NULL;
        if (jobs)
            assert_int_equal(as_pool_open(&fig.pool, jobs, &fig.err), AS_OK);
        for (size_t i = 0; i < 4; i++) {
            as_measure_result r = fig_measure(names[i]);
            if (!jobs)
                first[i] = r;
            assert_true(same_bits(&first[i], &r));
        }
    }
    assert_int_equal(first[0].count, 2);
    assert_int_equal(first[1].count, 600);
    assert_int_equal(first[2].count, 70001);
    first[0] = fig_measure("n");
    assert_int_equal(first[0].count, 300);
    for (size_t g = 0; g < first[0].count; g++)
        sum += first[0].groups[g].value;
    assert_int_equal(sum, 200000);
    for (size_t g = 1; g < first[2].count; g++) /* sorted, each once */
        assert_true(as_str_cmp(first[2].groups[g - 1].keys[0], first[2].groups[g].keys[0]) < 0);
    fig_close();
}

static void found_by_keys(void **state)
{
    as_measure_result r;
    as_str keys[1] = {AS_STR("Home")};

    (void)state;
    start("  n: {count: closing, by: [kind]}\n");
    r = fig_measure("n");
    assert_int_equal(as_measure_group(&r, keys)->value, 3);
    keys[0] = AS_NONE;
    assert_int_equal(as_measure_group(&r, keys)->value, 1);
    keys[0] = AS_STR("Scheme");
    assert_null(as_measure_group(&r, keys));
    fig_close();
}

/* Only records that have, or have not, a row in another table. A5 to A7 are at the closing
 * alone; at the opening A9 alone. A record without a key is neither found nor missing. */
static void joins(void **state)
{
    (void)state;
    start(
        "  both: {count: closing, found_in: {table: opening, match: {urn: urn}}, by: [kind]}\n"
        "  joined: {count: closing, missing_from: {table: opening, match: {urn: urn}}, by: "
        "[kind]}\n"
        "  left: {count: opening, missing_from: {table: closing, match: {urn: urn}}, by: "
        "[kind]}\n"
        "  places: {sum: places, of: closing, found_in: {table: opening, match: {urn: urn}}}\n"
        "  kinds: {distinct: kind, of: closing, found_in: {table: opening, match: {urn: "
        "urn}}}\n"
        "  same: {count: closing, found_in: {table: opening, match: {urn: urn, kind: kind}}}\n"
        "  open: {count: closing, where: {kind: Home}, found_in: {table: opening, match: {urn: "
        "urn}, where: {sector: Private}}}\n"
        "  two: {count: closing, found_in: {table: opening, match: {urn: urn}}, missing_from: "
        "{table: movements, match: {urn: urn}}}\n");
    fig_table("closing",
              "A1|Home|Private|4||||\nA2|home|Voluntary|6||||\nA3|School|Private|||||\n"
              "A4|Home|Private|10||||\nA5||Private|1||||\nA6|Agency||||||\n"
              "A7|Agency|Private|||||\n|Home|Private|7||||\n");
    fig_table("opening",
              "A1|Home|Private|4||||\nA1|Home|Private|4||||\nA2|School|Voluntary|6||||\n"
              "A3|School|Private|||||\nA4|Home|Private|9||||\nA9|Home|Private|3||||\n"
              "|Home|Private|2||||\n");
    fig_table("movements", "A2|Home|Voluntary|6|yes||||\n");
    EXPECT_MEASURE("both", "Home=3 School=1"); /* A1 (once), A2, A4; A3 */
    EXPECT_MEASURE("joined", "Agency=2 (none)=1");
    EXPECT_MEASURE("left", "Home=1");
    EXPECT_MEASURE("places", "=20");
    EXPECT_MEASURE("kinds", "=2");
    EXPECT_MEASURE("same", "=3"); /* A2 was a school */
    EXPECT_MEASURE("open", "=2");
    EXPECT_MEASURE("two", "=3");
    fig_table("opening", "");
    EXPECT_MEASURE("both", "");
    EXPECT_MEASURE("joined", "Agency=2 Home=3 School=1 (none)=1");
    fig_close();
}

/* What has been looked up from closing to opening serves measures of opening: a key that comes
 * twice, a record without one, rows of closing that do not count. */
static void joins_turned_round(void **state)
{
    const uint32_t urn[1] = {0}; /* the first field of both */
    as_measure_result r;

    (void)state;
    start(
        "  left: {count: opening, missing_from: {table: closing, match: {urn: urn}}}\n"
        "  stayed: {count: opening, found_in: {table: closing, match: {urn: urn}}}\n"
        "  no_home: {count: opening, missing_from: {table: closing, match: {urn: urn}, where: "
        "{kind: Home}}}\n");
    fig_table("closing",
              "A3|School||||||\nA1|Home||||||\n|Home||||||\nA7|Home||||||\nA1|Home||||||\n");
    fig_table("opening", "A1|Home||||||\nA9|Home||||||\nA1|Home||||||\n|Home||||||\n"
                         "A3|School||||||\nA8|Home||||||\nA1|Home||||||\n");
    as_tables tables = fig_tables();
    const uint32_t first[5] = {4, 0, AS_KEY_NULL, AS_NO_ROW, 0}; /* closing's rows in opening */
    as_key key = {.table = as_tables_find(tables, AS_STR("opening")), .count = 1};
    as_index *index;
    assert_int_equal(as_index_open(&index, &key, NULL, &fig.err), AS_OK);
    const as_ready_index opening = {AS_STR("opening"), urn, 1, index};
    const as_ready_match match = {AS_STR("closing"), urn, opening, first};
    tables.ready = &opening;
    tables.matches = &match;
    tables.ready_count = tables.match_count = 1;
    static const struct {
        const char *name, *figure;
    } cases[] = {{"left", "=2"}, {"stayed", "=4"}, {"no_home", "=3"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(
            as_measure_eval(fig_bind(cases[i].name), tables, NULL, fig.run, &r, &fig.err),
            AS_OK);
        assert_string_equal(fig_say(&r), cases[i].figure);
    }
    as_index_close(index);
    fig_close();
}

/* ---- what binding refuses ---- */

static void refuse(const char *measures, const char *name, const char *text, const char *hint)
{
    bool said = false;

    fig_may_be_wrong = true;
    start(measures);
    fig_may_be_wrong = false;
    assert_null(fig_bind(name));
    for (size_t i = 0; i < fig.diags.count; i++)
        said = said || (as_str_find(fig.diags.items[i].text, S(text)) != (size_t)-1 &&
                        as_str_find(fig.diags.items[i].hint, S(hint)) != (size_t)-1);
    if (!said) {
        fig_print_diags();
        fail_msg("not said: %s", text);
    }
    fig_close();
}

static void refused(void **state)
{
    (void)state;
    refuse("  homes: {count: closing}\n", "hoems", "no measure hoems", "homes");
    refuse("  m: {count: closng}\n", "m", "table closng", "closing");
    refuse("  m: {count: closing, by: [kindd]}\n", "m", "kindd", "kind");
    refuse("  m: {sum: sector, of: closing}\n", "m", "sector is a text", "integer or number");
    refuse("  m: {mean: opened, of: closing}\n", "m", "opened is a date", "");
    refuse("  m: {count: closing, by: [owner]}\n", "m", "sensitive", "");
    refuse("  m: {count: closing, where: {sectr: x}}\n", "m", "sectr", "sector");
    refuse("  a: {formula: \"b + 1\"}\n  b: {formula: \"c\"}\n  c: {formula: \"a\"}\n", "a",
           "a is defined through itself: a \xe2\x86\x92 b \xe2\x86\x92 c \xe2\x86\x92 a", "");
    refuse("  a: {formula: \"a\"}\n", "a", "through itself", "");
    refuse("  n: {count: closing, by: [kind]}\n  s: {count: closing, by: [sector]}\n  f: "
           "{formula: n + s}\n",
           "f", "s is by other fields", "same fields");
    refuse("  n: {count: closing}\n  f: {formula: n + nn}\n", "f", "no measure nn", "");
    refuse("  f: {formula: \"1 +\"}\n", "f", "at character 4", "");
    refuse("  f: {formula: \"1 2\"}\n", "f", "expected + - * / or the end at character 3", "");
    refuse("  f: {formula: \"(1\"}\n", "f", "not closed at character 1", "");
    refuse("  f: {formula: \"1.2.3\"}\n", "f", "not a number", "");
    refuse("  f: {formula: \"12abc\"}\n", "f", "not a number", "");
    refuse("  f: {formula: \"a ^ 2\"}\n", "f", "at character 3", "");
    refuse("  m: {count: closing, found_in: opening}\n", "m", "is a mapping", "match");
    refuse("  m: {count: closing, found_in: {table: opening}}\n", "m", "needs `match`", "");
    refuse("  m: {count: closing, found_in: {table: openin, match: {urn: urn}}}\n", "m",
           "does not exist", "opening");
    refuse("  m: {count: closing, missing_from: {table: opening, match: {urn: opened}}}\n", "m",
           "different types", "");
    refuse("  m: {count: closing, missing_from: {table: opening, match: {urn: urm}}}\n", "m",
           "urm", "urn");
    refuse("  m: {count: closing, missing_from: {match: {urn: urn}}}\n", "m", "needs the name",
           "");
    refuse(
        "  m: {count: closing, missing_from: {table: opening, match: {urn: urn}, were: {}}}\n",
        "m", "were", "where");
}

/* A measure that two formulas name is reported once. */
static void said_once(void **state)
{
    (void)state;
    start("  bad: {count: closing, by: [kindd]}\n  a: {formula: \"bad + 1\"}\n  b: {formula: "
          "\"bad + 2\"}\n"
          "  c: {formula: \"a + b + bad\"}\n");
    assert_null(fig_bind("c"));
    assert_int_equal(fig.diags.errors, 1);
    fig_close();
}

static void deep(void **state)
{
    char text[4096] = "  f: {formula: \"";

    (void)state;
    for (int i = 0; i < 80; i++)
        strcat(text, "(");
    strcat(text, "\"}\n");
    refuse(text, "f", "too deep", "");
    strcpy(text, "  f: {formula: \"");
    for (int i = 0; i < 1100; i++)
        strcat(text, "1+");
    strcat(text, "1\"}\n");
    refuse(text, "f", "too long", "");
}

/* A chain in which each measure names the two before it: bound and evaluated once each, or this
 * would not end. */
static void chain(void **state)
{
    as_buf s = AS_BUF(AS_MIB);

    (void)state;
    as_buf_addf(&s, "measures:\n  m0: {count: closing}\n  m1: {count: closing}\n");
    for (int i = 2; i < 60; i++)
        as_buf_addf(&s, "  m%d: {formula: \"m%d + m%d\"}\n", i, i - 1, i - 2);
    fig_open(s.ptr);
    as_buf_free(&s);
    fig_table("closing", closing_rows);
    EXPECT_MEASURE("m59", "=10836061291440"); /* 7 times the 60th Fibonacci number */
    fig_close();
}

static void missing(void **state)
{
    as_measure_result r;
    const as_bound_measure *m;
    as_table *t;

    (void)state;
    start("  n: {count: movements}\n  p: {sum: places, of: closing}\n  k: {count: closing, by: "
          "[sector]}\n");
    m = fig_bind("n");
    assert_int_equal(as_measure_eval(m, fig_tables(), NULL, fig.run, &r, &fig.err), AS_EINPUT);
    assert_non_null(strstr(fig.err.text, "movements"));
    /* A column that the file does not have is not a sum of nothing. */
    t = fig_table("closing", closing_rows);
    t->columns[as_schema_field(t->schema, S("places"))].layout = AS_LAYOUT_ABSENT;
    assert_int_equal(as_measure_eval(fig_bind("p"), fig_tables(), NULL, fig.run, &r, &fig.err),
                     AS_EINPUT);
    assert_non_null(strstr(fig.err.text, "places"));
    t->columns[as_schema_field(t->schema, S("places"))].layout = AS_LAYOUT_INT;
    fig_close();
}

/* Whole numbers whose hashes differ in their high half alone: every one falls into the same
 * place. */
static int64_t colliding(uint64_t i)
{
    uint64_t x = i << 32, inverse = 1;

    for (int k = 0; k < 6; k++) /* Newton: of the multiplier of as_hash_u64 */
        inverse *= 2 - 0xd6e8feb86659fd93u * inverse;
    x ^= x >> 32;
    x *= inverse;
    x ^= x >> 32;
    x *= inverse;
    x ^= x >> 32;
    assert_int_equal(as_hash_u64(x), i << 32);
    return (int64_t)x;
}

static void collisions(void **state)
{
    as_buf s = AS_BUF(AS_MIB);
    as_measure_result r;

    (void)state;
    start("  n: {count: closing, by: [places]}\n");
    for (uint64_t i = 1; i < 3000; i++)
        as_buf_addf(&s, "A|||%lld\n", (long long)colliding(i));
    fig_table("closing", s.ptr);
    as_buf_free(&s);
    assert_int_equal(as_measure_eval(fig_bind("n"), fig_tables(), NULL, fig.run, &r, &fig.err),
                     AS_EBUDGET);
    assert_non_null(strstr(fig.err.text, "table closing"));
    fig_close();
}

static void faults(void **state)
{
    static const char *const names[] = {"w", "u", "f"};

    (void)state;
    start("  w: {sum: weight, of: closing, where: {sector: Private}, by: [kind]}\n"
          "  u: {distinct: urn, of: closing, by: [places]}\n  f: {formula: \"w / n\"}\n"
          "  n: {count: closing, by: [kind]}\n");
    for (size_t i = 0; i < 3; i++) {
        for (int forever = 0; forever < 2; forever++) {
            as_code code = AS_ENOMEM;
            for (long n = 0; code != AS_OK; n++) {
                as_arena *run = as_arena_open();
                const as_bound_measure *m = fig_bind(names[i]);
                as_measure_result r;
                assert_true(n < 1000);
                assert_non_null(m);
                as_alloc_fail_after(n, forever);
                code = as_measure_eval(m, fig_tables(), NULL, run, &r, &fig.err);
                as_alloc_fail_after(-1, false);
                assert_true(code == AS_OK || code == AS_ENOMEM);
                as_arena_close(run);
            }
        }
    }
    fig_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts),
        cmocka_unit_test(sums),
        cmocka_unit_test(distinct_values),
        cmocka_unit_test(exact),
        cmocka_unit_test(exact_over_chunks),
        cmocka_unit_test(no_records),
        cmocka_unit_test(formulas),
        cmocka_unit_test(layouts),
        cmocka_unit_test(workers),
        cmocka_unit_test(found_by_keys),
        cmocka_unit_test(joins),
        cmocka_unit_test(joins_turned_round),
        cmocka_unit_test(refused),
        cmocka_unit_test(said_once),
        cmocka_unit_test(deep),
        cmocka_unit_test(chain),
        cmocka_unit_test(missing),
        cmocka_unit_test(faults),
        cmocka_unit_test(collisions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
