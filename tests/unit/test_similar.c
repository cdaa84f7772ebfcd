/* Probable duplicates on small tables, each finding worked out by hand; and on larger ones
 * against every pair compared. */
#include "oracle/alike.h"
#include "oracle/rules.h"

#include "base/limits.h"

#define SIMILAR(body) "rules:\n  - id: R\n    table: providers\n    similar:\n" body
#define BY_TWO "      fields: [owner]\n      within: [postcode]\n      at_most: 2\n"

/* The same rule with no pool, and with two and four workers. */
static void expect_run(const char *rule, const char *rows, const char *expected)
{
    world *w = world_open(rule);
    as_err e = {0};
    world_table(w, "providers", rows);
    assert_string_equal(world_run(w, NULL), expected);
    for (unsigned jobs = 2; jobs <= 4; jobs += 2) {
        assert_int_equal(as_pool_open(&w->pool, jobs, &e), AS_OK);
        assert_string_equal(world_run(w, NULL), expected);
        as_pool_close(w->pool);
        w->pool = NULL;
    }
    world_close(w);
}

static void near_and_far(void **state)
{
    (void)state;
    expect_run(SIMILAR(BY_TWO),
               "urn|owner|postcode\n"
               "A1|Oak House|P1\nA2|OAKS, House.|P1\nA3|Elm House|P2\nA4|Oak House|P2\n"
               "A5|Elm House|P3\nA6|elm-house|P3\n",
               "1 owner A1 + A2: 2 records with the same postcode (P1) are alike: owner Oak "
               "House and OAKS, House., 1 edit apart [1,2]\n"
               "5 owner A5 + A6: 2 records with the same postcode (P3) are alike: owner Elm "
               "House and elm-house, the same as compared [5,6]\n"
               "selected 6 undecided 0 key nulls 0\n");
}

static void nothing_to_compare(void **state)
{
    (void)state;
    expect_run(SIMILAR(BY_TWO), "urn|owner|postcode\n", "selected 0 undecided 0 key nulls 0\n");
    expect_run(SIMILAR(BY_TWO), "urn|owner|postcode\nA1|Oak|P1\n",
               "selected 1 undecided 0 key nulls 0\n");
    /* a null block is no block; what folds to nothing is not compared */
    expect_run(SIMILAR(BY_TWO "    message: \"{urn}\"\n"),
               "urn|owner|postcode\nA1|Oak|\nA2|Oak|\nA3||P1\nA4|--|P1\nA5|!|P1\nA6|a|P1\n",
               "selected 6 undecided 5 key nulls 2\n");
    expect_run(SIMILAR(BY_TWO "      nulls: empty\n    message: \"{urn} {distance}\"\n"),
               "urn|owner|postcode\nA1|Oak|\nA2|Oak|\nA3||P1\nA4|--|P1\nA5|abc|P1\nA6|a|P1\n",
               "3 owner A3 0 [3,4,5,6]\n" /* abc is 2 from a, a is 1 from nothing */
               "selected 6 undecided 2 key nulls 2\n");
}

/* A to B and B to C are near, A to C is not: one cluster; the nearest pair is told. */
static void cluster_through_others(void **state)
{
    (void)state;
    const char *rows = "urn|owner|postcode\nA1|abcdefgh|P1\nA9|zzzzzzzz|P1\nA2|abcdefxx|P1\n"
                       "A3|abcdeyxx|P1\nA4|zzzzzzzz|P2\n";
    expect_run(SIMILAR(BY_TWO "    message: \"{count} {block} {distance} {nearest_1.owner} "
                              "{nearest_2.owner}\"\n"),
               rows,
               "1 owner 3 P1 1 abcdefxx abcdeyxx [1,3,4]\n"
               "selected 5 undecided 0 key nulls 0\n");
    expect_run(SIMILAR(BY_TWO "      report: pairs\n    message: \"{distance}\"\n"), rows,
               "1 owner 2 [1,3]\n3 owner 1 [3,4]\nselected 5 undecided 0 key nulls 0\n");
}

static void pairs_of_equal_texts(void **state)
{
    (void)state;
    expect_run(SIMILAR(BY_TWO "      report: pairs\n    message: \"{distance}\"\n"),
               "urn|owner|postcode\nA1|x|P1\nA2|x|P1\nA3|x|P1\n",
               "1 owner 0 [1,2]\n1 owner 0 [1,3]\n2 owner 0 [2,3]\n"
               "selected 3 undecided 0 key nulls 0\n");
}

static void boundaries(void **state)
{
    (void)state;
    /* two edits are within two, three are not; a swap is two */
    expect_run(SIMILAR(BY_TWO "    message: \"{distance}\"\n"),
               "urn|owner|postcode\nA1|abcd|P1\nA2|abdc|P1\nA3|abcd|P2\nA4|axyz|P2\nA5|ab|P3\n"
               "A6|abcd|P3\nA7|ab|P4\nA8|abcde|P4\n",
               "1 owner 2 [1,2]\n5 owner 2 [5,6]\nselected 8 undecided 0 key nulls 0\n");
    expect_run(SIMILAR("      fields: [owner]\n      within: [postcode]\n      at_most: 0\n"
                       "    message: \"{distance}\"\n"),
               "urn|owner|postcode\nA1|Caf\xC3\xA9|P1\nA2|CAFE|P1\nA3|cafes|P1\n",
               "1 owner 0 [1,2]\nselected 3 undecided 0 key nulls 0\n");
    /* MARTHA and MARHTA are 0.9611 alike, DIXON and DICKSONX 0.8133 */
    const char *rows = "urn|owner|postcode\nA1|MARTHA|P1\nA2|MARHTA|P1\nA3|DIXON|P2\n"
                       "A4|DICKSONX|P2\n";
    expect_run(
        SIMILAR("      fields: [owner]\n      within: [postcode]\n      at_least: 0.9611\n"),
        rows,
        "1 owner A1 + A2: 2 records with the same postcode (P1) are alike: owner MARTHA "
        "and MARHTA, similarity 0.961 [1,2]\nselected 4 undecided 0 key nulls 0\n");
    expect_run(
        SIMILAR("      fields: [owner]\n      within: [postcode]\n      at_least: 0.813\n"
                "    message: \"{similarity}\"\n"),
        rows,
        "1 owner 0.961 [1,2]\n3 owner 0.813 [3,4]\n"
        "selected 4 undecided 0 key nulls 0\n");
    expect_run(SIMILAR("      fields: [owner]\n      within: [postcode]\n      at_least: 1\n"
                       "    message: \"{similarity}\"\n"),
               "urn|owner|postcode\nA1|abcd|P1\nA2|ABCD|P1\nA3|abce|P1\n",
               "1 owner 1.000 [1,2]\nselected 3 undecided 0 key nulls 0\n");
}

static void folds(void **state)
{
    (void)state;
    const char *rows =
        "urn|owner|postcode\nA1|Oak  House|P1\nA2|oak house|P1\nA3|oak-house|P1\n"
        "A4|O\xC3\xA4k House|P1\nA5|Oak  House|P1\n";
#define FOLD(how)                                                                              \
    SIMILAR("      fields: [owner]\n      within: [postcode]\n      at_most: 0\n"              \
            "      fold: " how "\n    message: x\n")
    expect_run(FOLD("letters_and_digits"), rows,
               "1 owner x [1,2,3,4,5]\nselected 5 undecided 0 key nulls 0\n");
    expect_run(FOLD("ascii_letters_and_digits"), rows,
               "1 owner x [1,2,3,5]\nselected 5 undecided 0 key nulls 0\n");
    expect_run(FOLD("case"), rows, "1 owner x [1,2,5]\nselected 5 undecided 0 key nulls 0\n");
    expect_run(FOLD("none"), rows, "1 owner x [1,5]\nselected 5 undecided 0 key nulls 0\n");
}

/* Each field must be near; the distance is that of all together. */
static void several_fields(void **state)
{
    (void)state;
    expect_run(SIMILAR("      fields: [owner, registration_status]\n      within: [postcode]\n"
                       "      at_most: 1\n"),
               "urn|owner|registration_status|postcode\n"
               "A1|abcd|Active|P1\nA2|abce|Actives|P1\nA3|abcd|Resigned|P1\nA4|abcd||P1\n",
               "1 owner A1 + A2: 2 records with the same postcode (P1) are alike: owner abcd "
               "and abce, 1 edit apart; registration_status Active and Actives, 1 edit apart "
               "[1,2]\nselected 4 undecided 1 key nulls 0\n");
    expect_run(SIMILAR("      fields: [owner, registration_status]\n"
                       "      within: [postcode, sector]\n      at_most: 1\n"
                       "    message: \"{distance} {block}\"\n"),
               "urn|owner|registration_status|postcode|sector\n"
               "A1|abcd|Active|P1|LA\nA2|abce|Actives|P1|Local Authority\nA3|abcd|Active|P1|\n"
               "A4|abcd|Active|P1|Private\n",
               "1 owner 2 P1, LA [1,2]\nselected 4 undecided 1 key nulls 1\n");
}

/* Closed before the other was registered, written either way round. */
static void except_either_way(void **state)
{
    (void)state;
    const char *rule =
        SIMILAR(BY_TWO "      except: {registration_status: Resigned, registered: "
                       "{below: {record: registered}}}\n    message: x\n");
    const char *head = "urn|owner|postcode|registration_status|registered\n";
    char rows[1000];
#define ROWS(text) (snprintf(rows, sizeof rows, "%s%s", head, text), rows)
    expect_run(rule, ROWS("A1|Oak|P1|Resigned|2001-01-01\nA2|Oak|P1|Active|2015-01-01\n"),
               "selected 2 undecided 0 key nulls 0\n");
    expect_run(rule, ROWS("A2|Oak|P1|Active|2015-01-01\nA1|Oak|P1|Resigned|2001-01-01\n"),
               "selected 2 undecided 0 key nulls 0\n");
    expect_run(rule, ROWS("A1|Oak|P1|Resigned|2015-01-01\nA2|Oak|P1|Active|2015-01-01\n"),
               "1 owner x [1,2]\nselected 2 undecided 0 key nulls 0\n");
    /* what cannot be decided is not excused */
    expect_run(rule, ROWS("A1|Oak|P1|Resigned|\nA2|Oak|P1|Active|2015-01-01\n"),
               "1 owner x [1,2]\nselected 2 undecided 0 key nulls 0\n");
    /* of three equal ones only the pairs with the resigned one are excused */
    expect_run(rule,
               ROWS("A1|Oak|P1|Resigned|2001-01-01\nA2|Oak|P1|Active|2015-01-01\n"
                    "A3|Oaks|P1|Active|2016-01-01\nA4|Oak|P1|Active|2016-01-01\n"),
               "2 owner x [2,3,4]\nselected 4 undecided 0 key nulls 0\n");
#undef ROWS
}

static void sensitive_is_masked(void **state)
{
    (void)state;
    expect_run(SIMILAR("      fields: [name]\n      within: [postcode]\n      at_most: 2\n"),
               "urn|name|postcode\nA1|Oak House|P1\nA2|Oaks House|P1\n",
               "1 name A1 + A2: 2 records with the same postcode (P1) are alike: name (masked) "
               "and (masked), 1 edit apart [1,2]\nselected 2 undecided 0 key nulls 0\n");
    expect_run(SIMILAR("      fields: [name]\n      within: [postcode]\n      at_most: 2\n"
                       "    message: \"{nearest_1.name} {nearest_2.name} {distance}\"\n"),
               "urn|name|postcode\nA1|Oak House|P1\nA2|Oaks House|P1\n",
               "1 name (masked) (masked) 1 [1,2]\nselected 2 undecided 0 key nulls 0\n");
    /* without a key a record is known by its block and texts: not told where they are
     * sensitive */
    expect_run(SIMILAR("      fields: [name]\n      within: [postcode]\n      at_most: 2\n"),
               "urn|name|postcode\n|Oak House|P1\n|Oaks House|P1\n",
               "1 name 2 records with the same postcode (P1) are alike: name (masked) and "
               "(masked), 1 edit apart [1,2]\nselected 2 undecided 0 key nulls 0\n");
    expect_run(SIMILAR("      fields: [owner]\n      within: [name]\n      at_most: 2\n"
                       "      block_limit: 2\n"),
               "urn|name|owner\nA1|N|Oak\nA2|N|Oaks\nA3|M|x\nA4|M|y\nA5|M|z\n",
               "1 owner A1 + A2: 2 records with the same name ((masked)) are alike: owner Oak "
               "and Oaks, 1 edit apart [1,2]\n"
               "3 name 3 records have the same name ((masked)), more than the 2 that are "
               "compared with each other: none of them was\n"
               "selected 5 undecided 0 key nulls 0\n");
}

/* What is not compared is said, whatever the rule's message. */
static void left_out(void **state)
{
    (void)state;
    as_buf rows = AS_BUF(AS_FIELD_MAX);
    as_buf_add(&rows, AS_STR("urn|owner|postcode\nA1|a|P1\nA2|a|P1\nA3|a|P1\nA4|a|P2\nA5|a|P2\n"
                             "A6|"));
    for (int i = 0; i < AS_COMPARED_MAX + 1; i++)
        as_buf_addc(&rows, 'x');
    as_buf_add(&rows, AS_STR("|P2\n"));
    expect_run(SIMILAR(BY_TWO "      block_limit: 3\n    message: \"{urn}\"\n"), rows.ptr,
               "1 owner A1 [1,2,3]\n4 owner A4 [4,5]\n"
               "6 owner A6: owner is too long to be compared: more than 4096 characters\n"
               "selected 6 undecided 0 key nulls 0\n");
    expect_run(SIMILAR(BY_TWO "      block_limit: 2\n    message: \"{urn}\"\n"),
               "urn|owner|postcode\nA1|a|P1\nA2|b|P1\nA3|c|P1\nA4|a|P2\nA5|a|P2\n",
               "1 postcode P1: 3 records have the same postcode (P1), more than the 2 that are "
               "compared with each other: none of them was\n"
               "4 owner A4 [4,5]\nselected 5 undecided 0 key nulls 0\n");
    as_buf_free(&rows);
}

/* The key of a cluster does not depend on the order of the file; of many members some are
 * told. */
static void keys(void **state)
{
    (void)state;
    expect_run(SIMILAR(BY_TWO), "urn|owner|postcode\nB|Oak|P1\nA|Oak|P1\n",
               "1 owner A + B: 2 records with the same postcode (P1) are alike: owner Oak and "
               "Oak, the same as compared [1,2]\nselected 2 undecided 0 key nulls 0\n");
    const char *got[2];
    for (int i = 0; i < 2; i++) {
        world *w = world_open(SIMILAR(BY_TWO));
        world_table(w, "providers",
                    i ? "urn|owner|postcode\nA9|x|P\nA8|x|P\nA7|x|P\nA6|x|P\nA5|x|P\nA4|x|P\n"
                        "A3|x|P\nA2|x|P\nA1|x|P\n"
                      : "urn|owner|postcode\nA1|x|P\nA2|x|P\nA3|x|P\nA4|x|P\nA5|x|P\nA6|x|P\n"
                        "A7|x|P\nA8|x|P\nA9|x|P\n");
        got[i] = strdup(world_run(w, NULL));
        world_close(w);
    }
    assert_string_equal(got[0], got[1]);
    assert_non_null(strstr(got[0], "A1 + A2 + A3 + A4 + 5 more ("));
    free((void *)got[0]);
    free((void *)got[1]);
}

/* ---- against every pair ---- */

static uint64_t seed = 3;
static unsigned rnd(unsigned n)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)(seed >> 33) % n;
}

#define MANY 1500
static char texts[MANY][100];
static unsigned blocks[MANY], leader[MANY];
static double nearest[MANY];

static bool few_equal;

static void random_text(char *out)
{
    static const char *const words[] = {"oak",    "oaks", "elm",  "house", "home",
                                        "lodge",  "st",   "view", "the",   "north",
                                        "norths", "1",    "12",   "21"};
    unsigned n = 1 + rnd(4);
    *out = '\0';
    for (unsigned i = 0; i < n; i++)
        strcat(out, words[rnd(14)]);
    for (unsigned i = 0; few_equal && i < 4; i++) {
        char c[2] = {(char)('a' + rnd(26)), '\0'};
        strcat(out, c);
    }
    if (rnd(20) == 0) /* beyond a word of bits */
        for (unsigned i = 0; i < 4; i++)
            strcat(out, "averylongname"), strcat(out, words[rnd(14)]);
}

static unsigned leader_of(unsigned i)
{
    while (leader[i] != i)
        i = leader[i];
    return i;
}

/* How far apart: edits, or what similarity lacks. */
static double apart(bool by_edits, unsigned i, unsigned j)
{
    return by_edits ? plain_edits(texts[i], texts[j])
                    : 1 - plain_similarity(texts[i], texts[j]);
}

static void say_group(bool by_edits, unsigned i, unsigned members, as_buf *want)
{
    as_buf_addf(want, "%u owner %u ", i + 1, members);
    if (by_edits)
        as_buf_addf(want, "%.0f", nearest[i]);
    else
        as_buf_addf(want, "%.3f", 1 - nearest[i]);
    for (unsigned j = i, first = 1; j < MANY; j++)
        if (leader_of(j) == i) {
            as_buf_addf(want, "%s%u", first ? " [" : ",", j + 1);
            first = 0;
        }
    as_buf_add(want, AS_STR("]\n"));
}

/* Blocks of many sizes, the largest cut into several strips. */
static void try_many(bool by_edits, double most, const char *rule, unsigned block_count)
{
    as_buf rows = AS_BUF(AS_FIELD_MAX), want = AS_BUF(AS_FIELD_MAX);
    as_buf_add(&rows, AS_STR("urn|owner|postcode\n"));
    for (unsigned i = 0; i < MANY; i++) {
        random_text(texts[i]);
        blocks[i] = rnd(3) ? 0 : rnd(block_count);
        leader[i] = i;
        nearest[i] = 1e9;
        as_buf_addf(&rows, "%u|%s|P%u\n", i, texts[i], blocks[i]);
    }
    for (unsigned i = 0; i < MANY; i++)
        for (unsigned j = 0; j < i; j++) {
            double d = blocks[i] == blocks[j] ? apart(by_edits, i, j) : 1e9;
            if (d > most + 1e-12)
                continue;
            unsigned a = leader_of(i), b = leader_of(j), low = a < b ? a : b,
                     high = a ^ b ^ low;
            leader[high] = low;
            nearest[low] = fmin(fmin(nearest[low], nearest[high]), d);
        }
    for (unsigned i = 0; i < MANY; i++) {
        unsigned members = 0;
        for (unsigned j = i; j < MANY; j++)
            members += leader_of(j) == i;
        if (members > 1)
            say_group(by_edits, i, members, &want);
    }
    as_buf_addf(&want, "selected %u undecided 0 key nulls 0\n", MANY);
    expect_run(rule, rows.ptr, want.ptr);
    as_buf_free(&rows);
    as_buf_free(&want);
}

static void every_pair(void **state)
{
    (void)state;
#define MANY_RULE(how, name)                                                                   \
    SIMILAR("      fields: [owner]\n      within: [postcode]\n      " how                      \
            "\n    message: \"{count} {" name "}\"\n")
    try_many(true, 1, MANY_RULE("at_most: 1", "distance"), 40);
    few_equal = true;
    try_many(true, 3, MANY_RULE("at_most: 3", "distance"), 40);
    try_many(false, 0.05, MANY_RULE("at_least: 0.95", "similarity"), 40);
    try_many(false, 0.2, MANY_RULE("at_least: 0.8", "similarity"), 40);
    few_equal = false;
    try_many(true, 2, MANY_RULE("at_most: 2", "distance"), 400);
    try_many(true, 5, MANY_RULE("at_most: 5", "distance"), 400);
    try_many(false, 0.05, MANY_RULE("at_least: 0.95", "similarity"), 40);
    try_many(false, 0.1, MANY_RULE("at_least: 0.9", "similarity"), 400);
    try_many(false, 0.3, MANY_RULE("at_least: 0.7", "similarity"), 400);
}

/* ---- mistakes ---- */

static void mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *block, *said;
    } cases[] = {
        {"{fields: [owner], within: [postcode]}", "needs one of `at_most` and `at_least`"},
        {"{fields: [owner], within: [postcode], at_most: 2, at_least: 0.9}", "not both"},
        {"{fields: [owner], at_most: 2}", "needs `within`"},
        {"{within: [postcode], at_most: 2}", "needs `fields`"},
        {"{fields: [places], within: [postcode], at_most: 2}", "places is integer, not text"},
        {"{fields: [owner], within: [owner], at_most: 2}", "in `fields` and in `within`"},
        {"{fields: [owner], within: [postcode], at_most: 1.5}", "whole number from 0 to 100"},
        {"{fields: [owner], within: [postcode], at_most: 101}", "whole number from 0 to 100"},
        {"{fields: [owner], within: [postcode], at_least: 0}", "above 0 and at most 1"},
        {"{fields: [owner], within: [postcode], at_least: 90}", "above 0 and at most 1"},
        {"{fields: [owner], within: [postcode], at_most: 2, fold: upper}", "is not one of"},
        {"{fields: [owner], within: [postcode], at_most: 2, block_limit: 1}",
         "whole number from 2 to 100000"},
        {"{fields: [ownr], within: [postcode], at_most: 2}", "ownr"},
        {"{fields: [owner], within: [postcode], at_most: 2, exept: {}}", "exept"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char rule[500];
        snprintf(rule, sizeof rule,
                 "rules:\n  - id: R\n    table: providers\n    similar: %s\n", cases[i].block);
        world *w = world_open(rule);
        world_table(w, "providers", "urn|owner|postcode\nA|b|c\n");
        const char *got = world_run(w, NULL);
        if (!strstr(got, cases[i].said))
            fail_msg("%s\ngot: %s", cases[i].block, got);
        world_close(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(near_and_far),
        cmocka_unit_test(nothing_to_compare),
        cmocka_unit_test(cluster_through_others),
        cmocka_unit_test(pairs_of_equal_texts),
        cmocka_unit_test(boundaries),
        cmocka_unit_test(folds),
        cmocka_unit_test(several_fields),
        cmocka_unit_test(except_either_way),
        cmocka_unit_test(sensitive_is_masked),
        cmocka_unit_test(left_out),
        cmocka_unit_test(keys),
        cmocka_unit_test(every_pair),
        cmocka_unit_test(mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
