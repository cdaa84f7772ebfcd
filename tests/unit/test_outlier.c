/* The kind outlier: scores worked out by hand, groups that are small or all alike, logarithms,
 * what people read. */
#include "oracle/rules.h"

#include <math.h>

#define RULE(body) "rules:\n  - id: R\n    table: providers\n    outlier: " body "\n"

static void run(const char *rule, const char *rows, const char *expected)
{
    world_expect(rule, "providers", rows, expected);
}

/* 1 2 3 4 5 6 7 8 9 100: median 5.5; deviations 0.5 0.5 1.5 1.5 2.5 2.5 3.5 3.5 4.5 94.5, MAD
 * 2.5; 100 scores 0.6745 * 94.5 / 2.5 = 25.4961. */
static void by_hand(void **state)
{
    static const char *rows =
        "urn|places\nA1|1\nA2|2\nA3|3\nA4|4\nA5|5\nA6|6\nA7|7\nA8|8\nA9|9\n"
        "B1|100\nB2|\nB3|x\n";

    (void)state;
    run(RULE("{field: places}"), rows,
        "10 places B1: places is 100, far above the median of 5.5 of 10 values: modified "
        "z-score "
        "25.5, at most 3.5 either way expected\n"
        "selected 12 undecided 2 key nulls 0\n");
    run(RULE("{field: places}\n    message: \"{urn}: {places} against {median} ± {deviation}, "
             "{score}, {records}\""),
        rows,
        "10 places B1: 100 against 5.5 ± 2.5, 25.5, 10\nselected 12 undecided 2 key nulls 0\n");
    /* 1 is 0.6745 * 4.5 / 2.5 = 1.2141 below */
    run(RULE("{field: places, beyond: 1.2}"), rows,
        "1 places A1: places is 1, far below the median of 5.5 of 10 values: modified z-score "
        "−1.21, at most 1.2 either way expected\n"
        "10 places B1: places is 100, far above the median of 5.5 of 10 values: modified "
        "z-score "
        "25.5, at most 1.2 either way expected\n"
        "selected 12 undecided 2 key nulls 0\n");
    /* an odd number, and the last one of its own group: median 5, MAD 2; 0.6745 * 4 / 2 = 1.349
     */
    run(RULE("{field: places, beyond: 1.348, minimum: 9}\n    where: {places: {max: 9}}"), rows,
        "1 places A1: places is 1, far below the median of 5 of 9 values: modified z-score "
        "−1.35, at most 1.348 either way expected\n"
        "9 places A9: places is 9, far above the median of 5 of 9 values: modified z-score "
        "1.35, "
        "at most 1.348 either way expected\n"
        "selected 9 undecided 0 key nulls 0\n");
}

/* More than half alike: the mean deviation, 96 / 10 = 9.6; 96 / (1.253314 * 9.6) = 7.9788. */
static void alike(void **state)
{
    (void)state;
    run(RULE("{field: places}"),
        "urn|places\nA1|4\nA2|4\nA3|4\nA4|4\nA5|4\nA6|4\nA7|4\nA8|4\nA9|4\nB1|100\n",
        "10 places B1: places is 100, far above the median of 4 of 10 values: modified z-score "
        "8.0, "
        "at most 3.5 either way expected\n"
        "selected 10 undecided 0 key nulls 0\n");
    run(RULE("{field: places, minimum: 1, beyond: 0}"), "urn|places\nA1|4\nA2|4\nA3|4\n",
        "selected 3 undecided 0 key nulls 0\n");
    run(RULE("{field: places, minimum: 1}"), "urn|places\nA1|4\n",
        "selected 1 undecided 0 key nulls 0\n");
}

/* To four figures: 1.349 with 0.6745, 7.9788 with 1.253314. */
static void constants(void **state)
{
    static const char *nine =
        "urn|places\nA1|1\nA2|2\nA3|3\nA4|4\nA5|5\nA6|6\nA7|7\nA8|8\nA9|9\n";
    static const char *ten =
        "urn|places\nA1|4\nA2|4\nA3|4\nA4|4\nA5|4\nA6|4\nA7|4\nA8|4\nA9|4\nB1|100\n";

    (void)state;
    run(RULE("{field: places, minimum: 9, beyond: 1.3489}\n    message: \"{score}\""), nine,
        "1 places −1.35\n9 places 1.35\nselected 9 undecided 0 key nulls 0\n");
    run(RULE("{field: places, minimum: 9, beyond: 1.3491}"), nine,
        "selected 9 undecided 0 key nulls 0\n");
    run(RULE("{field: places, beyond: 7.9788}\n    message: \"{score}\""), ten,
        "10 places 8.0\nselected 10 undecided 0 key nulls 0\n");
    run(RULE("{field: places, beyond: 7.9789}"), ten, "selected 10 undecided 0 key nulls 0\n");
}

/* A sensitive number is in no sentence, nor is what tells it. */
static void masked(void **state)
{
    world *w = world_open("rules: []\n");

    (void)state;
    world_write(w, "tables/pay.yaml",
                "table: pay\nkey: [id]\nfields:\n  id: {type: text}\n"
                "  pay: {type: integer, sensitive: true}\n");
    world_load(w, "rules:\n"
                  "  - {id: R, table: pay, outlier: {field: pay, minimum: 4}}\n"
                  "  - {id: S, table: pay, outlier: {field: pay, minimum: 4}, message: "
                  "\"{pay} {median} {deviation} {score} {records}\"}\n");
    world_table(w, "pay", "id|pay\nA|10\nB|11\nC|12\nD|999\n");
    assert_string_equal(world_run(w, "R"),
                        "4 pay D: pay is (masked), far above the median of 4 values\n"
                        "selected 4 undecided 0 key nulls 0\n");
    assert_string_equal(world_run(w, "S"), "4 pay (masked) (masked) (masked) (masked) 4\n"
                                           "selected 4 undecided 0 key nulls 0\n");
    world_close(w);
}

/* The group of Private has 4 values, that of no sector 1; an outlier in a small group is none.
 */
static void small_groups(void **state)
{
    static const char *rows =
        "urn|sector|places\nA1|LA|1\nA2|LA|2\nA3|la|2\nA4|LA|3\nA5|LA|90\n"
        "B1|Private|1\nB2|Private|2\nB3|Private|2\nB4|Private|900\nB5|Private|\n"
        "C1||7\n";

    (void)state;
    run(RULE("{field: places, by: sector, minimum: 5}"), rows,
        "5 places A5: places is 90, far above the median of 2 of 5 values: modified z-score "
        "59.4, at most 3.5 either way expected\n"
        "selected 5 undecided 0 key nulls 0\n"
        "note: 2 groups of fewer than 5 values left out: Private, (none)\n");
    run(RULE("{field: places, by: sector}"), rows,
        "selected 0 undecided 0 key nulls 0\n"
        "note: 3 groups of fewer than 10 values left out: Local Authority, Private, (none)\n");
    run(RULE("{field: places}"), "urn|places\n", "selected 0 undecided 0 key nulls 0\n");
    run(RULE("{field: places, by: name}"), "urn|name|places\nA1|Oak House|4\n",
        "selected 0 undecided 0 key nulls 0\n"
        "note: 1 group of fewer than 10 values left out\n");
    run(RULE("{field: places}"), "urn|sector\nA1|LA\n",
        "error 3 line 2: rule R reads the field places, which the table providers does not "
        "have "
        "in this release\n");
}

/* 1 2 4 8 16 32 64 128 4096 and a 0: logarithms in base 2 0 1 2 3 4 5 6 7 12, median 4 (16),
 * MAD 2; 4096 scores 0.6745 * 8 / 2 = 2.698, and without logarithms far more. */
static void logarithms(void **state)
{
    static const char *rows =
        "urn|places\nA1|1\nA2|2\nA3|4\nA4|8\nA5|16\nA6|32\nA7|64\nA8|128\n"
        "A9|4096\nB1|0\n";

    (void)state;
    run(RULE("{field: places, log: true, minimum: 9, beyond: 2.69}"), rows,
        "9 places A9: places is 4096, far above the median of 16 of 9 values: modified z-score "
        "2.7, at most 2.69 either way expected\n"
        "selected 10 undecided 1 key nulls 0\n"
        "note: 1 value of 0 or less, which has no logarithm\n");
    run(RULE("{field: places, log: true, minimum: 9}"), rows,
        "selected 10 undecided 1 key nulls 0\n"
        "note: 1 value of 0 or less, which has no logarithm\n");
    /* even: the median is the root of 2 * 8 */
    run(RULE("{field: places, log: true, minimum: 4, beyond: 3}\n"
             "    message: \"{median}\""),
        "urn|places\nA1|1\nA2|2\nA3|8\nA4|65536\n",
        "4 places 4\nselected 4 undecided 0 key nulls 0\n");
}

static void mistakes(void **state)
{
    static const struct {
        const char *rule, *text;
    } cases[] = {{RULE("{by: sector}"), "needs `field`"},
                 {RULE("{field: owner}"), "owner is text, not a number"},
                 {RULE("{field: place}"), "no field `place`"},
                 {RULE("{field: places, by: [sector, sector]}"), "named twice"},
                 {RULE("{field: places, beyond: -1}"), "cannot be below 0"},
                 {RULE("{field: places, minimum: few}"), "is not a number"},
                 {RULE("{field: places, log: maybe}"), "true or false"},
                 {RULE("{field: places, abov: 1}"), "abov"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        world *w = world_open(cases[i].rule);
        const char *said;
        world_table(w, "providers", "urn\n");
        said = world_run(w, NULL);
        if (!strstr(said, cases[i].text))
            fail_msg("%s\nnot said: %s", said, cases[i].text);
        world_close(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),      cmocka_unit_test(alike),
        cmocka_unit_test(constants),    cmocka_unit_test(masked),
        cmocka_unit_test(small_groups), cmocka_unit_test(logarithms),
        cmocka_unit_test(mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
