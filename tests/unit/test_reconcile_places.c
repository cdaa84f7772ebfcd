/* The kind reconcile with `value`: places rather than records, and the term that balances;
 * expected values by hand. */
#include "reconcile_fixture.h"

static const char *places(bool complete, const char *balance)
{
    (void)snprintf(spec, sizeof spec,
                   "opening: vo, plus: [vj], minus: [vl], closing: vc, unit: places, %s "
                   "bridge: {opening: {table: "
                   "opening, complete: %s}, closing: {table: closing, complete: %s}, "
                   "movements: {table: movements, "
                   "joined: {joined: Y}, left: {left: Y}}, match: [urn], value: places, " DATED
                   "}",
                   balance, complete ? "true" : "false", complete ? "true" : "false");
    return spec;
}

static void values(void **state)
{
    (void)state;
    start(places(true, ""));
    rows("K|A||4\nX|A||10\nG|A||3\nS|B||1\n", "K|A||6\nX|B||11\nJ|A||8\nN|A||5\nS|B||1\n",
         "J|A||7|Y||2016-05-01|\n");
    fig_run();
    /* A: 17 + 7 = 24 against 19: K +2, G -3, N +5, J +1 (7 listed, 8 counted), X -10 = -5 */
    expect_group("A", -5, 0,
                 "unlisted_leaver{-3: G} unlisted_joiner{+5: N} reclassified_out{-10: X} "
                 "value_changed{+2: K} "
                 "value_differs{+1: J}");
    expect_group("B", 11, 0, "reclassified_in{+11: X}");
    EXPECT_STR(fig_bridge("A")->causes[3].sentence,
               "1 there at both ends with another value: K (+2)");
    EXPECT_STR(fig_bridge("B")->causes[0].sentence,
               "1 reclassified into this group: X (from A)");
    fig_close();
}

/* The end at which a record is taken to be has the value that came with the joiner, or went
 * with the leaver. */
static void assumed_values(void **state)
{
    (void)state;
    start(places(false, ""));
    rows("X|A||5\nG|A||9\n", "Y|A||6\nN|A||8\n",
         "X|A||7|Y||2016-05-01|\nY|A||4||Y||2016-05-01\n");
    fig_run();
    /* 14 + 7 - 4 = 17 against 14. X was there with 5 and joined with 7: 7 - 5 - 7 = -5. Y left
     * with 4 and is there with 6: 6 - 4 + 4 = +6. G and N stand in one list each, which says
     * nothing. */
    expect_group("A", -3, -4,
                 "leaver_present_at_close{+6: Y} joiner_present_at_opening{-5: X}");
    fig_close();
}

static void null_values(void **state)
{
    (void)state;
    start(places(true, ""));
    rows("K|A||\nM|A||4\n", "K|A||6\nM|A||\n", "");
    fig_run();
    expect_group("A", 2, 0, "value_changed{+2: K,M}");
    fig_close();
}

static void balance_derived(void **state)
{
    const as_doc_bridge *d;

    (void)state;
    start("opening: po, plus: [vj], minus: [vl], closing: pc, balance: steady state, bridge: "
          "{opening: {table: opening, "
          "complete: false}, closing: {table: closing, complete: false}, movements: {table: "
          "movements, joined: {joined: "
          "Y}, left: {left: Y}}, match: [urn], value: places}");
    rows("K|A||4\nM|A||10\nX|A||7\nN|A||\n", "K|A||6\nM|A||5\nX|B||7\nN|A||2\n",
         "J|A||16|Y\nL|A||34||Y\n");
    fig_table("published", "A||open|11639\nA||close|11464\n");
    fig_run();
    assert_int_equal(fig.result.findings.count, 0);
    expect_group("A", 0, 0, "");
    d = fig_bridge("A");
    expect_number(d->adjustments, -157, __LINE__);
    assert_int_equal(d->term_count, 3);
    EXPECT_STR(d->terms[2].name, "steady state");
    assert_int_equal(d->terms[2].sign, '~');
    expect_number(d->terms[2].value, -157, __LINE__);
    EXPECT_STR(d->terms[2].note,
               "the term that balances; 2 records present at both ends account for −3; left "
               "out: 1 without a value at one end; reclassified into or out of this group: 1, "
               "−7; −147 rests on the totals alone");
    EXPECT_STR(d->sentence,
               "A: 11,639 + 16 − 34 − 157 = 11,464, where −157 is steady state, "
               "the term that balances; 2 records "
               "present at both ends account for −3; left out: 1 without a value at one end; "
               "reclassified into or out of this group: 1, −7; −147 rests on the totals alone");
    fig_close();
}

/* Where both ends hold every record the term is measured, and the group may still fail to
 * close. */
static void balance_measured(void **state)
{
    const as_doc_bridge *d;

    (void)state;
    start(places(true, "balance: steady state,"));
    rows("K|A||4\nM|A||10\nG|A||3\n", "K|A||6\nM|A||5\n", "");
    fig_run();
    d = fig_bridge("A");
    expect_number(d->terms[2].value, -3, __LINE__);
    expect_group("A", -3, 0, "unlisted_leaver{-3: G}");
    EXPECT_STR(d->sentence,
               "A: 17 + 0 − 0 − 3 = 14, where −3 is steady state, measured from 2 records "
               "present at both ends, added up from the records 11: −3 gone but not listed as "
               "a leaver (G)");
    assert_int_equal(fig.result.findings.count, 1);
    fig_close();
}

/* A value that is there at one end only is part of the measured change. */
static void balance_measured_null(void **state)
{
    (void)state;
    start(places(true, "balance: steady state,"));
    rows("K|A||4\nM|A||\n", "K|A||6\nM|A||5\n", "");
    fig_run();
    expect_number(fig_bridge("A")->terms[2].value, 7, __LINE__);
    expect_group("A", 0, 0, "");
    fig_close();
}

static void balance_without_bridge(void **state)
{
    (void)state;
    start("opening: po, closing: pc, balance: steady state");
    fig_table("published", "A||open|10\nA||close|8\n");
    fig_run();
    EXPECT_STR(fig_bridge("A")->sentence,
               "A: 10 − 2 = 8, where −2 is steady state, the term that balances; no "
               "records say how much of it they account for");
    fig_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(assumed_values),
        cmocka_unit_test(null_values),
        cmocka_unit_test(balance_derived),
        cmocka_unit_test(balance_measured),
        cmocka_unit_test(balance_measured_null),
        cmocka_unit_test(balance_without_bridge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
