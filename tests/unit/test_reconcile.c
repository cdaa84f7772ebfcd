/* The kind reconcile: the arithmetic, every cause of the bridge, incomplete tables, sentences;
 * all expected values by hand. Values and the balancing term: test_reconcile_places.c. */
#include "reconcile_fixture.h"

/* ---- arithmetic ---- */

static void closes(void **state)
{
    const as_doc_bridge *d;

    (void)state;
    start(records(true, true, ""));
    rows("A1|A\nA2|A\nB1|B\n", "A1|A\nA3|A\nB1|B\n",
         "A3|A|||Y||2016-06-01|\nA2|A||||Y||2017-01-01\n");
    fig_run();
    assert_int_equal(fig.result.findings.count, 0);
    assert_int_equal(fig.result.selected, 2);
    assert_int_equal(fig.result.undecided, 0);
    expect_group("A", 0, 0, "");
    d = fig_bridge("A");
    EXPECT_STR(d->sentence, "A: 2 + 1 − 1 = 2");
    EXPECT_STR(d->fields[0], "kind");
    assert_int_equal(d->term_count, 2);
    EXPECT_STR(d->terms[0].name, "j");
    assert_int_equal(d->terms[0].sign, '+');
    expect_number(d->terms[0].value, 1, __LINE__);
    assert_int_equal(d->terms[1].sign, '-');
    fig_close();
}

static void unexplained(void **state)
{
    as_doc_finding f;

    (void)state;
    start("opening: po, plus: [j], minus: [l], closing: pc, unit: providers");
    fig_table("published",
              "Home||open|2071\nHome||close|2148\nSchool||open|5\nSchool||close|5\n");
    fig_table("movements", "J1|Home|||Y\nJ2|Home|||Y\nL1|Home||||Y\n");
    fig_run();
    assert_int_equal(fig.result.findings.count, 1);
    expect_group("Home", 76, 76, "");
    f = fig_finding(0);
    EXPECT_STR(f.key, "Home");
    EXPECT_STR(f.field, "closing");
    EXPECT_STR(f.expected, "2,072 providers");
    EXPECT_STR(f.message, "Home: 2,071 + 2 − 1 = 2,072, published 2,148: 76 unexplained");
    EXPECT_STR(fig_bridge("Home")->sentence,
               "Home: 2,071 + 2 − 1 = 2,072, published 2,148: 76 unexplained");
    assert_string_equal(fig_value(&f, "kind"), "Home");
    assert_string_equal(fig_value(&f, "opening"), "2071");
    assert_string_equal(fig_value(&f, "expected"), "2072");
    assert_string_equal(fig_value(&f, "closing"), "2148");
    assert_string_equal(fig_value(&f, "residual"), "76");
    assert_string_equal(fig_value(&f, "unexplained"), "76");
    fig_close();
}

static void without_groups(void **state)
{
    as_doc_finding f;

    (void)state;
    start("opening: oo, plus: [jj], minus: [ll], closing: cc");
    rows("A1|A\nB1|B\n", "A1|A\n", "");
    fig_run();
    f = fig_finding(0);
    EXPECT_STR(f.key, "all records");
    EXPECT_STR(f.message,
               "all records: 2 + 0 − 0 = 2, counted from the records 1: 1 unexplained");
    fig_close();
}

static void adjusted(void **state)
{
    (void)state;
    start("opening: po, plus: [j], minus: [l], adjust: [re], closing: pc, tolerance: 1");
    fig_table("published", "A||open|10\nA||close|8\nA||re|-2\nB||open|10\nB||close|12\nB||re|"
                           "3\nC||open|10\nC||close|"
                           "12\nC||re|\n");
    fig_table("movements", "");
    fig_run();
    EXPECT_STR(fig_bridge("A")->sentence, "A: 10 + 0 − 0 − 2 = 8");
    EXPECT_STR(fig_bridge("B")->sentence,
               "B: 10 + 0 − 0 + 3 = 13, published 12: 1 apart, within the tolerance");
    /* An adjustment without a value reads as 0, and that is said. */
    expect_group("C", 2, 2, "");
    EXPECT_STR(fig_bridge("C")->terms[2].note, "1 of 1 records have no value");
    assert_int_equal(fig.result.findings.count, 1);
    fig_close();
}

/* Groups of all measures; a stray type among the movements is one. */
static void groups(void **state)
{
    (void)state;
    start("opening: po, plus: [j], minus: [l], closing: pc");
    fig_table("published",
              "A||open|1\nA||close|1\nB||close|2\nC||open|\nC||close|\nD||open|3\n");
    fig_table("movements", "J1|School|||Y\nJ2||||Y\n");
    fig_run();
    /* C is not published at either end and nothing moved. */
    EXPECT_STR(fig.result.note, "1 group left out, neither opening nor closing is known: C");
    assert_int_equal(fig.result.selected, 6);
    assert_int_equal(fig.result.undecided, 1);
    EXPECT_STR(fig_bridge("B")->sentence,
               "B: 0 (no figure) + 0 − 0 = 0, published 2: 2 unexplained");
    EXPECT_STR(fig_bridge("D")->sentence,
               "D: 3 + 0 − 0 = 3, no figure at the close, read as 0: 3 unexplained");
    expect_group("School", -1, -1, "");
    expect_group("(none)", -1, -1, "");
    assert_int_equal(fig.result.findings.count, 4);
    fig_close();
}

static void all_left_out(void **state)
{
    (void)state;
    start("opening: po, plus: [j], minus: [l], closing: pc");
    fig_table("published", "C||open|\nC||close|\n");
    fig_table("movements", "");
    fig_run();
    assert_int_equal(fig.result.selected, 1);
    assert_int_equal(fig.result.undecided, 1); /* the rule is empty, not passed */
    fig_close();
}

/* ---- one cause at a time, both ends complete ---- */

static void one(const char *opening, const char *closing, const char *movements,
                double residual, const char *causes)
{
    start(records(true, true, ""));
    rows(opening, closing, movements);
    fig_run();
    expect_group("A", residual, 0, causes);
    fig_close();
}

static void causes(void **state)
{
    (void)state;
    one("A1|A\nX|A\n", "A1|A\n", "", -1, "unlisted_leaver{-1: X}");
    one("A1|A\n", "A1|A\nX|A\n", "", 1, "unlisted_joiner{+1: X}");
    one("A1|A\n", "A1|A\n", "X|A|||Y||2016-05-01|\n", -1, "joiner_absent_at_close{-1: X}");
    one("X|A\n", "X|A\n", "X|A||||Y||2016-05-01\n", 1, "leaver_present_at_close{+1: X}");
    one("X|A\n", "X|A\n", "X|A|||Y||2016-05-01|\n", -1, "joiner_present_at_opening{-1: X}");
    one("A1|A\n", "A1|A\n", "X|A||||Y||2016-05-01\n", 1, "leaver_absent_at_opening{+1: X}");
    one("", "X|A\n", "X|A|||Y\nX|A|||Y\n", -1, "duplicate_movement{-1: X}");
    one("X|A\n", "", "X|A||||Y\nX|A||||Y\n", 1, "duplicate_movement{+1: X}");
    one("", "X|A\n", "X|A|||Y\nX|A|||Y\nX|A|||Y\n", -2, "duplicate_movement{-2: X}");
    one("X|A\nX|A\n", "X|A\n", "", -1, "duplicate_record{-1: X}");
    one("X|A\n", "X|A\nX|A\n", "", 1, "duplicate_record{+1: X}");
    one("X|A\n", "X|A\n", "X|A|||Y||2016-03-31|\n", -1, "joiner_before_period{-1: X}");
    one("A1|A\n", "A1|A\n", "X|A|||Y||2017-04-01|\n", -1, "joiner_after_period{-1: X}");
    one("A1|A\n", "A1|A\n", "X|A||||Y||2016-03-31\n", 1, "leaver_before_period{+1: X}");
    one("X|A\n", "X|A\n", "X|A||||Y||2017-04-01\n", 1, "leaver_after_period{+1: X}");
    /* Joined and left: no effect, unless one end counts it. */
    one("A1|A\n", "", "X|A|||Y|Y|2016-05-01|2016-06-01\n", -1,
        "unlisted_leaver{-1: A1} joined_and_left{+0: X}");
    one("A1|A\n", "A1|A\nX|A\n", "X|A|||Y|Y|2016-05-01|2016-06-01\n", 1,
        "joined_and_left{+1: X}");
    one("A1|A\nX|A\n", "A1|A\n", "X|A|||Y|Y|2016-05-01|2016-06-01\n", -1,
        "joined_and_left{-1: X}");
    /* Left and joined again: there at both ends, and nothing is wrong. */
    one("X|A\n", "X|A\n", "X|A||||Y||2016-05-01\nX|A|||Y||2016-06-01|\n", 0, "");
    one("", "X|A\n", "X|A|||Y\nX|A||||Y\nX|A|||Y\n", 0, "");
    /* Dates on the first and the last day are inside. */
    one("A1|A\n", "A1|A\n", "X|A|||Y||2016-04-01|\n", -1, "joiner_absent_at_close{-1: X}");
    one("A1|A\n", "A1|A\n", "X|A|||Y||2017-03-31|\n", -1, "joiner_absent_at_close{-1: X}");
    one("X|A\n", "X|A\n", "X|A||||Y||2017-03-31\n", 1, "leaver_present_at_close{+1: X}");
    /* Records in the order of their keys, several kinds in one group. */
    one("Z|A\nY|A\n", "W|A\n", "V|A|||Y||2016-05-01|\n", -2,
        "unlisted_leaver{-2: Y,Z} unlisted_joiner{+1: W} joiner_absent_at_close{-1: V}");
}

static void two(const char *opening, const char *closing, const char *movements, const char *a,
                double residual_a, const char *b, double residual_b)
{
    start(records(true, true, ""));
    rows(opening, closing, movements);
    fig_run();
    expect_group("A", residual_a, 0, a);
    expect_group("B", residual_b, 0, b);
    fig_close();
}

static void reclassified(void **state)
{
    (void)state;
    two("X|A\nB1|B\n", "X|B\nB1|B\n", "", "reclassified_out{-1: X}", -1,
        "reclassified_in{+1: X}", 1);
    two("B1|B\n", "X|B\nB1|B\n", "X|A|||Y\n", "reclassified_out{-1: X}", -1,
        "reclassified_in{+1: X}", 1);
    two("X|B\n", "", "X|A||||Y\n", "reclassified_in{+1: X}", 1, "reclassified_out{-1: X}", -1);
    two("", "", "X|A|||Y\nX|B||||Y\n", "reclassified_out{-1: X}", -1, "reclassified_in{+1: X}",
        1);
    /* A key listed as a joiner of two types is one too many in one of them. */
    two("", "X|A\n", "X|A|||Y\nX|B|||Y\n", "", 0, "duplicate_movement{-1: X}", -1);
    /* Joined or left as one type, there as another all along. */
    two("X|A\n", "X|B\n", "X|B|||Y\n", "joiner_present_at_opening{-1: X}", -1, "", 0);
    two("X|B\n", "X|A\n", "X|B||||Y\n", "leaver_present_at_close{+1: X}", 1, "", 0);
    two("X|A\n", "", "X|B|||Y\n", "unlisted_leaver{-1: X}", -1, "joiner_absent_at_close{-1: X}",
        -1);
    two("B1|B\n", "X|A\nB1|B\n", "X|B|||Y|Y\n", "joined_and_left{+1: X}", 1, "", 0);
    /* Each way once: both groups close, and the two records are told because they offset each
     * other. */
    two("X|A\nY|B\n", "X|B\nY|A\n", "", "reclassified_in{+1: Y} reclassified_out{-1: X}", 0,
        "reclassified_in{+1: X} reclassified_out{-1: Y}", 0);
}

/* What records and sentences say of movements whose date alone is wrong, and of those that
 * records show. */
static void seen_or_doubted(void **state)
{
    (void)state;
    start(records(true, true, ""));
    rows("X|A\n", "X|A\n", "X|A|||Y||2016-03-31|\n");
    fig_run();
    EXPECT_STR(
        fig_bridge("A")->causes[0].sentence,
        "1 joiner dated before the period and already there at the opening: X (2016-03-31)");
    fig_close();
    start(totals(false, false));
    rows("", "", "X|A|||Y||2016-03-31|\n");
    fig_table("published", "A||open|1\nA||close|1\n");
    fig_run();
    EXPECT_STR(fig_bridge("A")->causes[0].sentence,
               "1 joiner dated before the period, so probably already counted at the opening: "
               "X (2016-03-31)");
    EXPECT_STR(fig_bridge("A")->sentence,
               "A: 1 + 1 − 0 = 2, published 1: −1 joiner dated before the period (X)");
    fig_close();
}

static void offsetting(void **state)
{
    (void)state;
    start(totals(false, false));
    rows("", "", "");
    fig_table("published", "A||open|5\nA||close|6\nB||open|5\nB||close|4\nC||open|1\nC||close|"
                           "1\nD||open|\nD||close|\n");
    fig_run();
    EXPECT_STR(
        fig.result.note,
        "1 group left out, neither opening nor closing is known: D; what is unexplained in 2 "
        "groups adds up to 0, "
        "as it would for records that moved between them and are in only one of the lists");
    fig_table("published", "A||open|5\nA||close|6\nB||open|5\nB||close|3\n");
    fig_run();
    EXPECT_STR(fig.result.note, "");
    fig_close();
}

static void to_outside(void **state)
{
    (void)state;
    /* `where` leaves Y out at the close: it is no longer counted, and it did not leave. */
    fig_open(MEASURES
             "  act: {count: closing, where: {sector: Active}, by: [kind]}\n"
             "rules:\n  - id: T-1\n    reconcile: {opening: o, plus: [j], minus: [l], closing: "
             "act, bridge: "
             "{opening: {table: opening}, closing: {table: closing, where: {sector: Active}}, "
             "movements: "
             "{table: movements, joined: {joined: Y}, left: {left: Y}}, match: [urn]}}\n");
    rows("X|A\nY|A\n", "X|A|Active\nY|A|Closed\n", "");
    fig_run();
    expect_group("A", -1, 0, "reclassified_out{-1: Y}");
    EXPECT_STR(fig_bridge("A")->causes[0].sentence,
               "1 reclassified out of this group: Y (to outside these groups)");
    fig_close();
}

/* ---- incomplete tables ---- */

static void closing_incomplete(void **state)
{
    (void)state;
    start(totals(true, false));
    rows("A1|A\nA2|A\nB1|B\n", "B2|A\n", "J1|A|||Y||2016-05-01|\nA2|A||||Y||2016-05-01\n");
    fig_table("published", "A||open|2\nA||close|9\nB||open|1\nB||close|1\n");
    fig_run();
    /* A1 and J1 are not in the closing list, which says nothing; B2 is new there and nobody
     * listed it. */
    expect_group("A", 7, 6, "unlisted_joiner{+1: B2}");
    expect_group("B", 0, 0, "");
    fig_close();
}

static void opening_incomplete(void **state)
{
    (void)state;
    start(totals(false, true));
    rows("A1|A\nG1|A\n", "A1|A\nN1|A\nJ1|A\n",
         "J1|A|||Y||2016-05-01|\nL1|A||||Y||2016-05-01\n");
    fig_table("published", "A||open|4\nA||close|3\n");
    fig_run();
    /* N1 may have been there before, L1 too; G1 is gone and not a leaver. */
    expect_group("A", -1, 0, "unlisted_leaver{-1: G1}");
    EXPECT_STR(fig_bridge("A")->sentence,
               "A: 4 + 1 − 1 = 4, published 3: −1 gone but not listed as a leaver (G1)");
    fig_close();
}

static void both_incomplete(void **state)
{
    (void)state;
    start(totals(false, false));
    rows("X|A\nY|A\nZ|B\n", "X|B\nZ|B\nL1|A\n",
         "J1|A|||Y||2016-05-01|\nL1|A||||Y||2016-05-01\n");
    fig_table("published", "A||open|10\nA||close|10\nB||open|5\nB||close|6\n");
    fig_run();
    /* X is in both lists with another type; L1 left and is still there: evidence, though
     * neither list is complete. */
    expect_group("B", 1, 0, "reclassified_in{+1: X}");
    expect_group("A", 0, 0, "leaver_present_at_close{+1: L1} reclassified_out{-1: X}");
    fig_close();
}

/* Joined as one type and left as another, and neither list need hold it. */
static void moved_under_two_types(void **state)
{
    (void)state;
    start(totals(false, false));
    rows("", "", "X|A|||Y||2016-05-01|\nX|B||||Y||2016-06-01\n");
    fig_table("published", "A||open|10\nA||close|10\nB||open|5\nB||close|5\n");
    fig_run();
    expect_group("A", -1, 0, "reclassified_out{-1: X}");
    expect_group("B", 1, 0, "reclassified_in{+1: X}");
    fig_close();
}

/* No table of the opening: absence from it is no evidence. */
static void no_opening_table(void **state)
{
    (void)state;
    start("opening: po, plus: [j], minus: [l], closing: pc, bridge: {closing: {table: "
          "closing}, movements: {table: "
          "movements, joined: {joined: Y}, left: {left: Y}}, match: [urn]}");
    fig_table("closing", "N|A\nL|A\n");
    fig_table("movements", "J|A|||Y\nL|A||||Y\n");
    fig_table("published", "A||open|3\nA||close|3\n");
    fig_run();
    expect_group("A", 0, 0, "joiner_absent_at_close{-1: J} leaver_present_at_close{+1: L}");
    fig_close();
}

/* A group that closes while the records say otherwise: told as possible, without an effect. */
static void closes_all_the_same(void **state)
{
    (void)state;
    start(totals(false, false));
    rows("", "L1|A\n", "L1|A||||Y||2016-05-01\n");
    fig_table("published", "A||open|10\nA||close|9\n");
    fig_run();
    expect_group("A", 0, 0, "leaver_present_at_close{+0: L1}");
    EXPECT_STR(fig_bridge("A")->causes[0].sentence,
               "possible: 1 leaver still there at the close: L1 (2016-05-01); the "
               "group closes all the same");
    assert_int_equal(fig.result.findings.count, 0);
    fig_close();
}

/* ---- dates alone ---- */

static void doubt(const char *closing, const char *movements, const char *published,
                  double residual, double left, const char *causes_)
{
    start(totals(false, false));
    rows("", closing, movements);
    fig_table("published", published);
    fig_run();
    expect_group("A", residual, left, causes_);
    fig_close();
}

static void doubts(void **state)
{
    (void)state;
    /* 11 + 1 = 12, published 11: the joiner was registered before the year. */
    doubt("J1|A\n", "J1|A|||Y||2016-03-11|\n", "A||open|11\nA||close|11\n", -1, 0,
          "joiner_before_period{-1: J1}");
    doubt("", "J1|A|||Y||2016-03-11|\n", "A||open|11\nA||close|11\n", -1, 0,
          "joiner_before_period{-1: J1}");
    doubt("", "J1|A|||Y||2017-04-01|\n", "A||open|11\nA||close|11\n", -1, 0,
          "joiner_after_period{-1: J1}");
    doubt("", "L1|A||||Y||2016-03-31\n", "A||open|11\nA||close|11\n", 1, 0,
          "leaver_before_period{+1: L1}");
    doubt("", "L1|A||||Y||2017-04-01\n", "A||open|11\nA||close|11\n", 1, 0,
          "leaver_after_period{+1: L1}");
    /* Joiner after the period, and yet in the closing list: nothing to explain. */
    doubt("J1|A\n", "J1|A|||Y||2017-04-01|\n", "A||open|11\nA||close|11\n", -1, -1, "");
    /* Of the wrong sign: possible only. */
    doubt("", "J1|A|||Y||2016-03-11|\n", "A||open|11\nA||close|13\n", 1, 1,
          "joiner_before_period{+0: J1}");
    /* Two candidates and one missing: which of them is not to be told. */
    doubt("", "J1|A|||Y||2016-03-11|\nJ2|A|||Y||2016-03-12|\n", "A||open|10\nA||close|11\n", -1,
          -1, "joiner_before_period{+0: J1,J2}");
    /* Two of two kinds fit together. */
    doubt("", "J1|A|||Y||2016-03-11|\nJ2|A|||Y||2017-05-01|\n", "A||open|10\nA||close|10\n", -2,
          0, "joiner_before_period{-1: J1} joiner_after_period{-1: J2}");
    /* Fewer than needed: they count, the rest is unexplained. */
    doubt("", "J1|A|||Y||2016-03-11|\n", "A||open|10\nA||close|6\n", -5, -4,
          "joiner_before_period{-1: J1}");
    /* One kind is exactly what is left, the other is not. */
    doubt("", "J1|A|||Y||2016-03-11|\nJ2|A|||Y||2016-03-12|\nJ3|A|||Y||2017-05-01|\n",
          "A||open|10\nA||close|11\n", -2, 0,
          "joiner_before_period{-2: J1,J2} joiner_after_period{+0: J3}");
    /* Two kinds, each exactly what is left: which of them is not to be told. */
    doubt("", "J1|A|||Y||2016-03-11|\nJ2|A|||Y||2017-05-01|\n", "A||open|10\nA||close|11\n", -1,
          -1, "joiner_before_period{+0: J1} joiner_after_period{+0: J2}");
    /* The first and the last day are inside. */
    doubt("", "J1|A|||Y||2016-04-01|\n", "A||open|11\nA||close|11\n", -1, -1, "");
    doubt("", "L1|A||||Y||2017-03-31\n", "A||open|11\nA||close|11\n", 1, 1, "");
    /* Left, joined again and there at the close: it was at the opening for certain, whatever
     * its date. */
    doubt("X|A\n", "X|A||||Y||2016-06-01\nX|A|||Y||2016-03-01|\n", "A||open|11\nA||close|10\n",
          -1, -1, "joined_and_left{+0: X}");
    /* Came and went within the period but for one date: counted at one end, perhaps. */
    doubt("", "X|A|||Y|Y|2016-03-01|2016-06-01\n", "A||open|11\nA||close|10\n", -1, 0,
          "joiner_before_period{-1: X} joined_and_left{+0: X}");
    doubt("", "X|A|||Y|Y|2016-06-01|2017-05-01\n", "A||open|11\nA||close|12\n", 1, 0,
          "leaver_after_period{+1: X} joined_and_left{+0: X}");
    /* Came and went before the opening, or after the close: in neither. */
    doubt("", "X|A|||Y|Y|2016-02-01|2016-03-01\n", "A||open|11\nA||close|10\n", -1, -1,
          "joined_and_left{+0: X}");
    doubt("", "X|A|||Y|Y|2017-05-01|2017-06-01\n", "A||open|11\nA||close|12\n", 1, 1,
          "joined_and_left{+0: X}");
    doubt("", "X|A|||Y|Y|2017-05-01|2017-06-01\n", "A||open|11\nA||close|10\n", -1, -1,
          "joined_and_left{+0: X}");
    /* Two candidates for one, whatever there is of the other sign. */
    doubt("", "J1|A|||Y||2016-03-11|\nJ2|A|||Y||2016-03-12|\nL1|A||||Y||2016-03-31\n",
          "A||open|10\nA||close|10\n", -1, -1,
          "joiner_before_period{+0: J1,J2} leaver_before_period{+0: L1}");
    /* No date, no doubt. */
    doubt("", "J1|A|||Y|||\n", "A||open|11\nA||close|11\n", -1, -1, "");
    /* A group that closes has no doubts. */
    doubt("", "J1|A|||Y||2016-03-11|\n", "A||open|11\nA||close|12\n", 0, 0, "");
}

/* What records show comes first; a date goes beyond what is left. */
static void firm_before_weak(void **state)
{
    (void)state;
    start(totals(false, true));
    rows("G1|A\nG2|A\nG3|A\n", "J1|A\n", "J1|A|||Y||2016-03-11|\n");
    fig_table("published", "A||open|82\nA||close|80\n");
    fig_run();
    expect_group("A", -3, 0, "unlisted_leaver{-3: G1,G2,G3} joiner_before_period{+0: J1}");
    EXPECT_STR(fig_bridge("A")->causes[1].sentence,
               "possible: 1 joiner dated before the period, so probably already counted at the "
               "opening: J1 (2016-03-11); it does not fit what is left to explain");
    EXPECT_STR(
        fig_bridge("A")->sentence,
        "A: 82 + 1 − 0 = 83, published 80: −3 gone but not listed as leavers (G1, G2, G3)");
    fig_close();
}

/* There, left and joined again: at the close for certain, whatever the date of leaving. */
static void leaver_back_again(void **state)
{
    (void)state;
    start(totals(false, false));
    rows("X|A\n", "", "X|A||||Y||2017-05-01\nX|A|||Y||2016-06-01|\n");
    fig_table("published", "A||open|5\nA||close|6\n");
    fig_run();
    expect_group("A", 1, 1, "joined_and_left{+0: X}");
    fig_close();
}

static void leaver_known_at_opening(void **state)
{
    (void)state;
    /* The leaver dated before the period is in the opening list: it was counted, so its date
     * explains nothing. */
    start(totals(false, true));
    rows("L1|A\n", "", "L1|A||||Y||2016-03-31\n");
    fig_table("published", "A||open|5\nA||close|5\n");
    fig_run();
    expect_group("A", 1, 1, "");
    fig_close();
}

/* ---- keys ---- */

static void null_keys(void **state)
{
    (void)state;
    start(records(true, true, ""));
    rows("|A\nA1|A\n", "A1|A\n", "|A|||Y\n|A||||\n"); /* the last is no movement */
    fig_run();
    /* 2 + 1 - 0 = 3 against 1; the two records without a key cannot be matched with anything.
     */
    expect_group("A", -2, -2, "");
    assert_int_equal(fig.result.key_nulls, 2);
    fig_close();
}

static void hidden_keys(void **state)
{
    const as_schema *s;

    (void)state;
    start(records(true, true, ""));
    s = as_project_table_schema(fig.project, S("opening"));
    s->fields[as_schema_field(s, S("urn"))].sensitive = true;
    rows("A1|A\nX|A\n", "A1|A\n", "");
    fig_run();
    expect_group("A", -1, 0, "unlisted_leaver{-1: opening line 3}");
    fig_close();
}

/* Keys and groups do not depend on the order of the rows. */
static void row_order(void **state)
{
    as_str said;

    (void)state;
    start(records(true, true, ""));
    rows("A1|A\nG1|A\nG2|A\nX|B\n", "A1|A\nN1|A\nX|A\n", "J1|B|||Y||2016-05-01|\n");
    fig_run();
    said = as_arena_printf(fig.arena, "%s; %s", fig_causes("A"), fig_causes("B"));
    rows("X|B\nG2|A\nG1|A\nA1|A\n", "X|A\nN1|A\nA1|A\n", "J1|B|||Y||2016-05-01|\n");
    fig_run();
    EXPECT_STR(as_arena_printf(fig.arena, "%s; %s", fig_causes("A"), fig_causes("B")),
               said.ptr);
    fig_close();
}

static void many_names(void **state)
{
    as_buf s = AS_BUF(AS_MIB);

    (void)state;
    start(records(true, true, ""));
    for (int i = 0; i < 12; i++)
        as_buf_addf(&s, "G%02d|A\n", 11 - i);
    rows(s.ptr, "", "");
    as_buf_free(&s);
    fig_run();
    EXPECT_STR(fig_bridge("A")->causes[0].sentence,
               "12 gone but not listed as leavers: G00, G01, G02, G03, G04 and 7 more");
    assert_int_equal(fig_bridge("A")->causes[0].record_count, 12);
    fig_close();
}

/* One key on three hundred thousand rows in many groups must not take for ever. */
static void one_huge_key(void **state)
{
    as_buf s = AS_BUF(64 * AS_MIB);

    (void)state;
    fig_open("measures:\n  o: {count: opening, by: [places]}\n  c: {count: closing, by: "
             "[places]}\nrules:\n  - id: T-1\n"
             "    reconcile: {opening: o, closing: c, bridge: {opening: {table: opening}, "
             "closing: {table: closing}, "
             "match: [urn]}}\n");
    for (int i = 0; i < 150000; i++)
        as_buf_addf(&s, "UNKNOWN|A||%d\n", i);
    fig_table("opening", s.ptr);
    as_buf_clear(&s);
    for (int i = 150000; i < 300000; i++)
        as_buf_addf(&s, "UNKNOWN|A||%d\n", i);
    fig_table("closing", s.ptr);
    as_buf_free(&s);
    fig_run();
    assert_int_equal(fig.result.findings.count, 300000);
    fig_close();
}

/* ---- what binding refuses ---- */

static void refuse(const char *reconcile, const char *text)
{
    bool said = false;

    start(reconcile);
    assert_true(fig_rule() > 0);
    for (size_t i = 0; i < fig.diags.count; i++)
        said = said || as_str_find(fig.diags.items[i].text, S(text)) != (size_t)-1;
    if (!said) {
        fig_print_diags();
        fail_msg("not said: %s", text);
    }
    fig_close();
}

#define ENDS "opening: o, closing: c, "
#define MOVES "movements: {table: movements, joined: {joined: Y}, left: {left: Y}}, "

static void refused(void **state)
{
    (void)state;
    refuse("opening: o", "needs `closing`");
    refuse("opening: [o], closing: c", "`opening` is one measure");
    refuse("opening: o, closing: cx", "no measure cx");
    refuse("opening: o, closing: by_sector", "by_sector is not by the same fields as o");
    refuse(ENDS "pluss: [j]", "pluss");
    refuse(ENDS "tolerance: x", "not a tolerance");
    refuse(ENDS "bridge: {opening: {table: openin}, match: [urn]}", "no table \"openin\"");
    refuse(ENDS "bridge: {opening: {table: opening, complet: false}, match: [urn]}", "complet");
    refuse(ENDS "bridge: {opening: {table: opening}}", "needs `match`");
    refuse(ENDS "bridge: {opening: {table: opening}, match: [ur]}", "ur");
    refuse(ENDS
           "bridge: {opening: {table: published}, closing: {table: closing}, match: [urn]}",
           "urn");
    refuse(ENDS "bridge: {opening: {table: opening}, match: [urn], value: sector}",
           "sector is a text");
    refuse(ENDS "bridge: {movements: {table: movements}, match: [urn]}",
           "needs `joined` and `left`");
    refuse(ENDS "bridge: {" MOVES "match: [urn], joined_on: places}", "places is not a date");
    refuse(ENDS "bridge: {" MOVES "match: [urn], period: [2017-03-31, 2016-04-01]}",
           "ends before it begins");
    refuse(ENDS "bridge: {" MOVES "match: [urn], period: 2017}", "list of two dates");
    refuse(ENDS "bridge: {opening: {table: opening, where: {kin: A}}, match: [urn]}", "kin");
    refuse(ENDS "bridge: {opening: opening, match: [urn]}", "needs `{table: NAME");
    refuse(ENDS "bridge: opening", "is a mapping");
}

static void missing_table(void **state)
{
    (void)state;
    start(records(true, true, ""));
    fig_table("opening", "A1|A\n");
    fig_table("closing", "A1|A\n");
    assert_int_equal(fig_rule(), 0);
    fig.eval = (as_eval){.tables = fig_tables(), .arena = fig.run};
    assert_int_not_equal(fig.kind->eval(&fig.eval, &fig.bind, fig.plan, &fig.result, &fig.err),
                         AS_OK);
    assert_non_null(strstr(fig.err.text, "movements"));
    fig_close();
}

static void faults(void **state)
{
    (void)state;
    start(records(true, true, ""));
    rows("A1|A\nG1|A\nX|B\n", "A1|A\nN1|A\nX|A\n", "J1|B|||Y||2016-05-01|\n");
    assert_int_equal(fig_rule(), 0);
    for (int forever = 0; forever < 2; forever++) {
        as_code code = AS_ENOMEM;
        for (long n = 0; code != AS_OK; n++) {
            assert_true(n < 2000);
            fig.eval = (as_eval){.tables = fig_tables(), .arena = as_arena_open()};
            fig.result = (as_result){0};
            as_alloc_fail_after(n, forever);
            code = fig.kind->eval(&fig.eval, &fig.bind, fig.plan, &fig.result, &fig.err);
            as_alloc_fail_after(-1, false);
            assert_true(code == AS_OK || code == AS_ENOMEM);
            if (code == AS_OK)
                assert_int_equal(fig.result.findings.count, 1 + 1);
            as_findings_free(&fig.result.findings);
            as_arena_close(fig.eval.arena);
        }
    }
    fig.result = (as_result){0};
    fig_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closes),
        cmocka_unit_test(unexplained),
        cmocka_unit_test(without_groups),
        cmocka_unit_test(adjusted),
        cmocka_unit_test(groups),
        cmocka_unit_test(all_left_out),
        cmocka_unit_test(causes),
        cmocka_unit_test(reclassified),
        cmocka_unit_test(seen_or_doubted),
        cmocka_unit_test(offsetting),
        cmocka_unit_test(to_outside),
        cmocka_unit_test(closing_incomplete),
        cmocka_unit_test(opening_incomplete),
        cmocka_unit_test(both_incomplete),
        cmocka_unit_test(moved_under_two_types),
        cmocka_unit_test(no_opening_table),
        cmocka_unit_test(closes_all_the_same),
        cmocka_unit_test(doubts),
        cmocka_unit_test(firm_before_weak),
        cmocka_unit_test(leaver_back_again),
        cmocka_unit_test(leaver_known_at_opening),
        cmocka_unit_test(null_keys),
        cmocka_unit_test(hidden_keys),
        cmocka_unit_test(row_order),
        cmocka_unit_test(many_names),
        cmocka_unit_test(one_huge_key),
        cmocka_unit_test(refused),
        cmocka_unit_test(missing_table),
        cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
