/* The kind compare: groups, relations, tolerances and missing groups by hand; what people read;
 * what binding refuses. */
#include "figures_fixture.h"

#define MEASURES                                                                               \
    "measures:\n"                                                                              \
    "  counted: {count: closing, by: [kind]}\n"                                                \
    "  listed: {sum: n, of: published, by: [kind]}\n"                                          \
    "  all: {count: closing}\n"                                                                \
    "  listed_all: {sum: n, of: published}\n"                                                  \
    "  places: {sum: places, of: closing, by: [kind]}\n"                                       \
    "  by_sector: {count: closing, by: [sector]}\n"                                            \
    "  before: {count: opening, by: [kind]}\n"                                                 \
    "  share: {formula: \"100 * counted / listed\"}\n"

static void start(const char *compare)
{
    char rules[2048];

    (void)snprintf(rules, sizeof rules, MEASURES "rules:\n  - id: T-1\n    compare: %s\n",
                   compare);
    fig_open(rules);
    fig_table("closing",
              "A1|Home|Private|4\nA2|Home|Private|5\nA3|Home|Private|6\nA4|School|Private|\n"
              "A5||Private|1\n");
    fig_table("opening", "A1|Home\nA2|Home\nA3|Home\nA9|Agency\n");
    fig_table("published", "Home|||2\nSchool|||1\nScheme|||4\n");
}

/* "Home School" */
static const char *groups(void)
{
    as_buf s = AS_BUF(AS_MIB);
    as_str out;

    for (size_t i = 0; i < fig.result.findings.count; i++)
        as_buf_addf(&s, "%s%.*s", i ? " " : "", AS_FMT(fig_finding(i).key));
    out = as_arena_str(fig.run, as_buf_str(&s));
    as_buf_free(&s);
    return out.ptr;
}

static void expect_groups(const char *compare, const char *want, uint64_t selected)
{
    start(compare);
    fig_run();
    assert_string_equal(groups(), want);
    assert_int_equal(fig.result.selected, selected);
    fig_close();
}

static void equal(void **state)
{
    as_doc_finding f;

    (void)state;
    start("{left: counted, right: listed}");
    fig_run();
    /* 3 against 2, 1 against 1, none against 4, one without a type against none. */
    assert_string_equal(groups(), "Home Scheme (none)");
    assert_int_equal(fig.result.selected, 4);
    assert_int_equal(fig.result.undecided, 0);
    f = fig_finding(0);
    EXPECT_STR(f.message, "Home: 3 counted from the records, 2 published: 1 fewer published");
    EXPECT_STR(f.expected, "2");
    EXPECT_STR(f.field, "listed");
    assert_string_equal(fig_value(&f, "kind"), "Home");
    assert_string_equal(fig_value(&f, "left"), "3");
    assert_string_equal(fig_value(&f, "right"), "2");
    assert_string_equal(fig_value(&f, "difference"), "-1");
    f = fig_finding(1);
    EXPECT_STR(f.message, "Scheme: 0 counted from the records, 4 published: 4 more published");
    f = fig_finding(2);
    assert_string_equal(fig_value(&f, "kind"), "(none)");
    fig_close();
}

static void relations(void **state)
{
    (void)state;
    expect_groups("{left: counted, right: listed, is: at_most}", "Home (none)", 4);
    expect_groups("{left: counted, right: listed, is: at_least}", "Scheme", 4);
    expect_groups("{left: counted, right: listed, is: below}", "Home School (none)", 4);
    expect_groups("{left: counted, right: listed, is: above}", "Scheme School", 4);
    expect_groups("{left: counted, right: 1, is: equal}", "Home", 3);
    expect_groups("{left: counted, right: 3, is: at_least}", "School (none)", 3);
    expect_groups("{left: all, right: listed_all}", "all records", 1);
    expect_groups("{left: all, right: 5}", "", 1);
}

static void tolerances(void **state)
{
    (void)state;
    expect_groups("{left: counted, right: listed, tolerance: 1}", "Scheme", 4);
    expect_groups("{left: counted, right: listed, tolerance: 0.9}", "Home Scheme (none)", 4);
    expect_groups("{left: counted, right: listed, tolerance: 50%}", "Scheme (none)",
                  4); /* of the right */
    expect_groups("{left: counted, right: listed, tolerance: 49%}", "Home Scheme (none)", 4);
    expect_groups("{left: counted, right: listed, is: at_most, tolerance: 1}", "", 4);
    expect_groups("{left: counted, right: listed, is: below, tolerance: 1}", "", 4);
    /* 150 = 100 * 3 / 2 in binary fractions */
    expect_groups("{left: share, right: 150, missing: skip}", "Scheme School", 4);
}

static void missing_groups(void **state)
{
    as_doc_finding f;

    (void)state;
    expect_groups("{left: counted, right: listed, missing: zero}", "Home Scheme (none)", 4);
    expect_groups("{left: counted, right: listed, missing: finding, tolerance: 9}",
                  "Scheme (none)", 4);
    start("{left: counted, right: listed, missing: skip}");
    fig_run();
    assert_string_equal(groups(), "Home");
    assert_int_equal(fig.result.selected, 2);
    EXPECT_STR(fig.result.note, "2 groups that one side lacks left out: Scheme, (none)");
    fig_close();
    start("{left: counted, right: listed, missing: finding}");
    fig_run();
    f = fig_finding(1);
    EXPECT_STR(f.message, "Scheme: no figure counted from the records, 4 published");
    assert_string_equal(fig_value(&f, "left"), "(none)");
    assert_string_equal(fig_value(&f, "difference"), "(none)");
    f = fig_finding(2);
    EXPECT_STR(f.expected, "a figure");
    EXPECT_STR(f.message, "(none): 1 counted from the records, no figure published");
    fig_close();
}

/* School has one record and no places: unknown, not 0. */
static void unknown_figures(void **state)
{
    (void)state;
    start("{left: places, right: 100, is: at_most}");
    fig_run();
    assert_int_equal(fig.result.selected, 3);
    assert_int_equal(fig.result.undecided, 1);
    assert_int_equal(fig.result.findings.count, 0);
    fig_close();
    /* Dividing by a published figure that is not there is unknown too: Home 150, School 100,
     * the others unknown. */
    start("{left: share, right: 100}");
    fig_run();
    assert_string_equal(groups(), "Home Scheme");
    assert_int_equal(fig.result.selected, 4);
    assert_int_equal(fig.result.undecided, 1); /* (none): 1 / unknown */
    fig_close();
}

static void sentence(const char *compare, size_t i, const char *want)
{
    start(compare);
    fig_run();
    EXPECT_STR(fig_finding(i).message, want);
    fig_close();
}

static void sentences(void **state)
{
    (void)state;
    sentence("{left: listed, right: counted}", 0,
             "Home: 2 published, 3 counted from the records: 1 fewer published");
    sentence(
        "{left: counted, right: before}", 0,
        "Agency: 0 counted from the records, 1 counted from the records: a difference of 1");
    sentence("{left: counted, right: 2}", 0,
             "Home: 3 counted from the records, 2 expected: 1 more than expected");
    sentence("{left: counted, right: 2}", 1,
             "School: 1 counted from the records, 2 expected: 1 fewer than expected");
    sentence("{left: counted, right: listed, is: at_most}", 0,
             "Home: 3 counted from the records, at most 2 published: 1 too many");
    sentence("{left: counted, right: listed, is: at_least}", 0,
             "Scheme: 0 counted from the records, at least 4 published: 4 too few");
    sentence("{left: counted, right: listed, is: below}", 1,
             "School: 1 counted from the records, below 1 published: not below");
    sentence("{left: share, right: 20.5, is: at_most}", 0,
             "Home: 150 calculated, at most 20.5 expected: 129.5 too high");
    sentence("{left: all, right: listed_all}", 0,
             "all records: 5 counted from the records, 7 published: 2 more published");
}

static void numbers(void **state)
{
    static const struct {
        double x;
        const char *said, *plain;
    } cases[] = {{0, "0", "0"},
                 {-0.0, "0", "0"},
                 {2071, "2,071", "2071"},
                 {-157,
                  "−"
                  "157",
                  "-157"},
                 {1234567.125, "1,234,567.125", "1234567.125"},
                 {83.25, "83.25", "83.25"},
                 {-0.5,
                  "−"
                  "0.5",
                  "-0.5"},
                 {66.66666666, "66.667", "66.66666666"},
                 {0.9996, "1", "0.9996"},
                 {999.9999, "1,000", "999.9999"},
                 {0.00012, "0.00012", "0.00012"},
                 {1e18, "1e+18", "1e+18"}};

    (void)state;
    fig_open("measures: {n: {count: closing}}\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        as_buf s = AS_BUF(AS_MIB);
        as_say_number(&s, cases[i].x);
        EXPECT_STR(as_buf_str(&s), cases[i].said);
        EXPECT_STR(as_plain_number(fig.run, cases[i].x), cases[i].plain);
        as_buf_free(&s);
    }
    EXPECT_STR(as_plain_rounded(fig.run, 133.048780487805), "133.049");
    EXPECT_STR(as_plain_rounded(fig.run, 41), "41");
    EXPECT_STR(as_plain_rounded(fig.run, 0.00012345), "0.000123");
    EXPECT_STR(as_plain_rounded(fig.run, 0), "0");
    fig_close();
}

static void template_names(void **state)
{
    (void)state;
    fig_open(MEASURES "rules:\n  - id: T-1\n    compare: {left: counted, right: listed}\n"
                      "    message: \"{kind} has {left}, not {right} ({difference})\"\n");
    fig_table("closing", "A1|Home\n");
    fig_table("published", "Home|||2\n");
    assert_int_equal(fig_rule(), 0);
    assert_int_equal(as_message_bind(&fig.bind, fig.kind, &fig.err), AS_OK);
    assert_int_equal(fig.diags.errors, 0);
    fig_run();
    EXPECT_STR(fig_finding(0).message, "Home has 1, not 2 (1)");
    fig_close();
}

static void refuse(const char *compare, const char *text)
{
    start(compare);
    fig_refused(text);
    fig_close();
}

static void refused(void **state)
{
    (void)state;
    refuse("{left: counted}", "needs `right`");
    refuse("{right: 3}", "needs `left`");
    refuse("{left: countd, right: 3}", "no measure countd");
    refuse("{left: counted, right: lsted}", "no measure lsted");
    refuse("{left: counted, right: by_sector}", "by different fields");
    refuse("{left: counted, right: 3, is: same}", "\"same\" is not one of");
    refuse("{left: counted, right: 3, tolerance: -1}", "not a tolerance");
    refuse("{left: counted, right: 3, missing: maybe}", "is not one of zero, finding, skip");
    refuse("{left: counted, right: 3, rihgt: 4}", "rihgt");
    refuse("[counted, 3]", "needs a mapping");
}

static void nothing_to_compare(void **state)
{
    (void)state;
    start("{left: counted, right: listed}");
    fig_table("closing", "");
    fig_table("published", "");
    fig_run();
    assert_int_equal(fig.result.selected, 0); /* the rule is empty, not passed */
    assert_int_equal(fig.result.findings.count, 0);
    fig_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal),           cmocka_unit_test(relations),
        cmocka_unit_test(tolerances),      cmocka_unit_test(missing_groups),
        cmocka_unit_test(unknown_figures), cmocka_unit_test(sentences),
        cmocka_unit_test(numbers),         cmocka_unit_test(template_names),
        cmocka_unit_test(refused),         cmocka_unit_test(nothing_to_compare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
