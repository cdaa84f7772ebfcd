/* The kind estimate against the method as it is written down: which group's mean, what counts
 * as valid, half up; what is missing, wrong, or an estimate that nobody flagged. */
#include "oracle/rules.h"

#define RULE(more)                                                                             \
    "rules:\n  - id: R\n    table: providers\n"                                                \
    "    estimate: {field: places, type: provision_type, within: sector, " more "}\n"
#define HEADER "urn|provision_type|sector|places|owner\n"

static void run(const char *rule, const char *rows, const char *expected)
{
    world_expect(rule, "providers", rows, expected);
}

/* n private boarding schools with 20 and 21 places in turn (mean 20.5 or just below), five of
 * the local authority with 80, and one private without. */
static const char *schools(int n, const char *last)
{
    static char rows[4096];
    size_t len = (size_t)snprintf(rows, sizeof rows, "%s", HEADER);

    for (int i = 0; i < n; i++)
        len += (size_t)snprintf(rows + len, sizeof rows - len,
                                "P%d|Boarding School|Private|%d|\n", i, 20 + i % 2);
    for (int i = 0; i < 5; i++)
        len +=
            (size_t)snprintf(rows + len, sizeof rows - len, "L%d|Boarding School|LA|80|\n", i);
    (void)snprintf(rows + len, sizeof rows - len, "%s", last);
    return rows;
}

/* 9 valid: the mean of the type, (5 * 20 + 4 * 21 + 400) / 14 = 41.71; exactly 10 and 11: that
 * of the sector, 20.5 and 20.4545. Nulls and zeros count for nothing. */
static void which_group(void **state)
{
    static const char *gap = "X|Boarding School|Private||\nY|Boarding School|Private|0|\n";

    (void)state;
    run(RULE("find: missing"), schools(9, gap),
        "15 places X: places is (none), the method gives 42, the mean of 14 records of the "
        "same "
        "provision_type, as only 9 of the same sector have a value\n"
        "16 places Y: places is 0, the method gives 42, the mean of 14 records of the same "
        "provision_type, as only 9 of the same sector have a value\n"
        "selected 16 undecided 0 key nulls 0\n");
    run(RULE("find: missing"), schools(10, gap),
        "16 places X: places is (none), the method gives 21, the mean of 10 records of the "
        "same "
        "provision_type and sector\n"
        "17 places Y: places is 0, the method gives 21, the mean of 10 records of the same "
        "provision_type and sector\n"
        "selected 17 undecided 0 key nulls 0\n");
    run(RULE("find: missing") "    message: \"{estimate} {estimate_of} {within_valid} "
                              "{within_mean} {type_valid}\"\n",
        schools(11, "X|Boarding School|Private||\n"),
        "17 places 20 provision_type and sector 11 20.455 16\n"
        "selected 17 undecided 0 key nulls 0\n");
}

/* Other types are not in the mean, nor are records that `where` leaves out; a value is missing
 * also where the method cannot fill it. */
static void who_is_in(void **state)
{
    static const char *rows =
        HEADER "A1|Boarding School|Private|10|\nA2|CH|Private|99|\n"
               "A3|Boarding School|Private||\nA4|CH|LA|0|\nA5|IFA|LA|\n"
               "A6|Boarding School|||\nA7||LA|x|\nA8|Boarding School|LA|-3|\n";

    (void)state;
    run(RULE("find: missing, minimum: 1"), rows,
        "3 places A3: places is (none), the method gives 10, the mean of 1 record of the same "
        "provision_type and sector\n"
        "4 places A4: places is 0, the method gives 99, the mean of 1 record of the same "
        "provision_type, as none of the same sector has a value\n"
        "5 places A5: places is (none), the method gives nothing, as no record of the same "
        "provision_type has a value\n"
        "6 places A6: places is (none), the method gives nothing without provision_type and "
        "sector\n"
        "7 places A7: places is x, the method gives nothing without provision_type and sector\n"
        "8 places A8: places is -3, the method gives 10, the mean of 1 record of the same "
        "provision_type, as none of the same sector has a value\n"
        "selected 8 undecided 0 key nulls 0\n");
    run(RULE("find: missing") "    where: {provision_type: IFA, urn: A9}\n", rows,
        "selected 0 undecided 0 key nulls 0\n");
}

#define WRONG RULE("find: wrong, flag: {owner: estimated}")

/* Flagged values are in no mean, so that nine private schools and an estimate are still nine.
 */
static void wrong(void **state)
{
    (void)state;
    run(WRONG,
        schools(9, "X|Boarding School|Private|42|estimated\n"
                   "Y|Boarding School|Private|20|estimated\n"
                   "Z|Boarding School|Private|30|estimated\n"
                   "V|Boarding School|Private|0|estimated\n"
                   "W|Boarding School||42|estimated\n"),
        "16 places Y: places is 20, the method gives 42, the mean of 14 records of the same "
        "provision_type, as only 9 of the same sector have a value; it is the mean of 9 "
        "records of the same provision_type and sector\n"
        "17 places Z: places is 30, the method gives 42, the mean of 14 records of the same "
        "provision_type, as only 9 of the same sector have a value; it is the mean of neither "
        "group\n"
        "selected 5 undecided 2 key nulls 0\n");
    /* with ten the branch is the other one: (205 + 400) / 15 = 40.33 */
    run(WRONG,
        schools(10, "X|Boarding School|Private|40|estimated\n"
                    "Y|Boarding School|Private|21|estimated\n"
                    "Z|Boarding School|Private|20|estimated\n"),
        "16 places X: places is 40, the method gives 21, the mean of 10 records of the same "
        "provision_type and sector; it is the mean of 15 records of the same "
        "provision_type\n"
        "18 places Z: places is 20, the method gives 21, the mean of 10 records of the same "
        "provision_type and sector; it is the mean of neither group\n"
        "selected 3 undecided 0 key nulls 0\n");
    run(WRONG, schools(10, ""), "selected 0 undecided 0 key nulls 0\n");
}

/* 80 stands five times and is all there is of its sector: taken out, the rest of the type gives
 * 21 (10 private schools), not 80. X and Y share 21, but so do five others: without them the
 * sector has five of 20, too few, and the type (100 + 400) / 10 = 50. Q is what the rest gives.
 */
static void unflagged(void **state)
{
    (void)state;
    run(RULE("find: unflagged"), schools(10, ""), "selected 15 undecided 0 key nulls 0\n");
    run(RULE("find: unflagged"),
        schools(10, "Q|Boarding School|LA|25|\nV|Boarding School|LA||\n"),
        /* without Q: 15 records, (205 + 400) / 15 = 40.33; 25 is not that */
        "selected 16 undecided 0 key nulls 0\n");
    run(RULE("find: unflagged"), schools(10, "Q|Boarding School|LA|40|\n"),
        "16 places Q: places is 40, which may be an estimate that is not flagged: without it "
        "the "
        "method gives 40, the mean of 15 records of the same provision_type, as only 5 of the "
        "same sector have a value\n"
        "selected 16 undecided 0 key nulls 0\n");
    /* two that share it are both taken out */
    run(RULE("find: unflagged") "    message: \"{estimate} {type_valid}\"\n",
        schools(10, "Q|Boarding School|LA|40|\nR|Boarding School|LA|40|\n"),
        "16 places 40 15\n17 places 40 15\nselected 17 undecided 0 key nulls 0\n");
    /* one that is flagged is not asked about, and is in no mean */
    run(RULE("find: unflagged, flag: {owner: estimated}"),
        schools(10, "Q|Boarding School|LA|40|estimated\n"),
        "selected 15 undecided 0 key nulls 0\n");
    run(RULE("find: unflagged"), HEADER "A|IFA|LA|5|\n",
        "selected 1 undecided 1 key nulls 0\n");
}

static void masked(void **state)
{
    world *w = world_open("rules: []\n");

    (void)state;
    world_write(w, "tables/pay.yaml",
                "table: pay\nkey: [id]\nfields:\n  id: {type: text}\n  a: {type: text}\n"
                "  b: {type: text}\n  pay: {type: integer, sensitive: true}\n");
    world_load(w,
               "rules:\n  - id: R\n    table: pay\n    estimate: {field: pay, type: a, within: "
               "b, find: missing}\n");
    world_table(w, "pay", "id|a|b|pay\nA|x|y|10\nB|x|y|0\n");
    assert_string_equal(
        world_run(w, "R"),
        "2 pay B: pay is (masked), which is not what the method of the estimates "
        "asks\nselected 2 undecided 0 key nulls 0\n");
    world_close(w);
}

static void mistakes(void **state)
{
    static const struct {
        const char *rule, *text;
    } cases[] = {
        {RULE("minimum: 5"), "needs `find`"},
        {RULE("find: all"), "not one of missing, wrong, unflagged"},
        {RULE("find: wrong"), "cannot be told without knowing"},
        {RULE("find: missing, minimum: 0"), "at least 1"},
        {RULE("find: missing, flag: {ownr: x}"), "ownr"},
        {"rules:\n  - id: R\n    table: providers\n    estimate: {field: owner, type: sector, "
         "within: sectr, find: missing}\n",
         "owner is text, not a number"},
        {"rules:\n  - id: R\n    table: providers\n    estimate: {field: places, type: sector, "
         "within: sectr, find: missing}\n",
         "no field `sectr`"}};

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
        cmocka_unit_test(which_group), cmocka_unit_test(who_is_in), cmocka_unit_test(wrong),
        cmocka_unit_test(unflagged),   cmocka_unit_test(masked),    cmocka_unit_test(mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
