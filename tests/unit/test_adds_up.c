/* The kind adds_up in its three forms: rounding, nulls, what is missing, what people read. */
#include "figures_fixture.h"
#include "oracle/rules.h"

/* ---- measures ---- */

#define MEASURES                                                                               \
    "measures:\n"                                                                              \
    "  all: {count: closing, by: [sector]}\n"                                                  \
    "  homes: {count: closing, where: {kind: Home}, by: [sector]}\n"                           \
    "  schools: {count: closing, where: {kind: School}, by: [sector]}\n"                       \
    "  home_places: {sum: places, of: closing, where: {kind: Home}, by: [sector]}\n"           \
    "  school_places: {sum: places, of: closing, where: {kind: School}, by: [sector]}\n"       \
    "  all_places: {sum: places, of: closing, by: [sector]}\n"                                 \
    "  mean: {mean: places, of: closing, by: [sector]}\n"                                      \
    "  grand: {count: closing}\n"                                                              \
    "  share_homes: {formula: \"100 * homes / all\"}\n"                                        \
    "  share_schools: {formula: \"100 * schools / all\"}\n"                                    \
    "  by_kind: {count: closing, by: [kind]}\n"

static void start(const char *adds_up)
{
    char rules[2048];

    (void)snprintf(rules, sizeof rules, MEASURES "rules:\n  - id: T-1\n    adds_up: %s\n",
                   adds_up);
    fig_open(rules);
    fig_table("closing", "A1|Home|Private|4\nA2|home|Private|5\nA3|School|Private|6\n"
                         "A4|Scheme|Private|\nA5|School|Voluntary|\nA6|Home|Voluntary|2\n"
                         "A7|Home|Local Authority|3\n");
}

static void expect_said(const char *adds_up, const char *want)
{
    start(adds_up);
    fig_run();
    assert_string_equal(fig_said(), want);
    fig_close();
}

static void of_measures(void **state)
{
    as_doc_finding f;

    (void)state;
    start("{total: all, parts: [homes, schools]}");
    fig_run(); /* Private has a scheme, which is neither; a group that a count lacks is 0 */
    assert_string_equal(fig_said(), "Private: all is 4, its parts add up to 3 (2 + 1): a "
                                    "difference of 1\n3 0");
    f = fig_finding(0);
    EXPECT_STR(f.expected, "3, the sum of its parts");
    EXPECT_STR(f.field, "all");
    assert_string_equal(fig_value(&f, "total"), "4");
    assert_string_equal(fig_value(&f, "sum"), "3");
    assert_string_equal(fig_value(&f, "difference"), "1");
    assert_string_equal(fig_value(&f, "parts"), "2 + 1");
    assert_string_equal(fig_value(&f, "sector"), "Private");
    fig_close();
    /* Voluntary: the school has no places, so its sum is unknown */
    expect_said("{total: all_places, parts: [home_places, school_places]}",
                "3 1 1 group lacking the total or a part: Voluntary");
    expect_said("{total: all_places, parts: [home_places, school_places], nulls: zero}", "3 0");
    expect_said(
        "{total: all_places, parts: [mean]}",
        "Private: all_places is 15, its parts add up to 5 (5): a difference of 10\n3 0");
    /* a measure without `by` goes with every group */
    expect_said(
        "{total: grand, parts: [homes, schools], tolerance: 5}",
        "Local Authority: grand is 7, its parts add up to 1 (1 + 0): a difference of 6, "
        "at most 5 expected\n3 0");
    expect_said(
        "{total: grand, parts: [homes, schools], tolerance: 80%}",
        "Local Authority: grand is 7, its parts add up to 1 (1 + 0): a difference of 6, "
        "at most 80% expected\n3 0");
}

/* A total that is a number: not rounded, no part of the room. */
static void to_a_number(void **state)
{
    (void)state;
    expect_said(
        "{total: 100, parts: [share_homes, share_schools]}",
        "Private: the parts add up to 75 (50 + 25), 100 expected: a difference of 25\n3 "
        "0");
    expect_said("{total: 100, parts: [share_homes, share_schools], rounded_to: 25}", "3 0");
    expect_said(
        "{total: 100, parts: [share_homes, share_schools], rounded_to: 24.9}",
        "Private: the parts add up to 75 (50 + 25), 100 expected: a difference of 25, at "
        "most 24.9 expected from rounding\n3 0");
    expect_said("{total: 2, parts: [homes], tolerance: 1}", "3 0");
}

static void nothing_to_add(void **state)
{
    (void)state;
    start("{total: all, parts: [homes, schools]}");
    fig_table("closing", "");
    fig_run();
    assert_string_equal(fig_said(), "0 0");
    fig_close();
}

static void refuse(const char *adds_up, const char *text)
{
    start(adds_up);
    fig_refused(text);
    fig_close();
}

static void refused(void **state)
{
    (void)state;
    refuse("{parts: [homes]}", "needs `total`");
    refuse("{total: all}", "`parts` is a list");
    refuse("{total: all, parts: homes}", "`parts` is a list");
    refuse("{total: all, parts: []}", "`parts` is a list");
    refuse("{total: all, parts: [homes, homes]}", "homes is named twice");
    refuse("{total: all, parts: [homes, all]}", "all is named twice");
    refuse("{total: all, parts: [homes, hoems]}", "no measure hoems");
    refuse("{total: all, parts: [homes, by_kind]}", "by different fields");
    refuse("{total: all, parts: [homes], rounded_to: 0}", "rounded_to is above 0");
    refuse("{total: all, parts: [homes], rounded_to: 1, tolerance: 2}", "write one");
    refuse("{total: all, parts: [homes], tolerance: -1}", "not a tolerance");
    refuse("{total: all, parts: [homes], nulls: none}", "not one of undecided, zero");
    refuse("{total: all, parts: [homes], by: [kind]}", "`by` goes with `across`");
    refuse("{total: all, parts: [homes], value: n, across: kind}", "fields of a table");
    refuse("{total: all, parts: [[homes]]}", "one word");
}

/* ---- fields ---- */

#define FIELDS_RULE(body) "rules:\n  - id: R\n    table: providers\n    adds_up: " body "\n"

static void of_fields(void **state)
{
    static const char *rows = "urn|places|share_occupied\nA1|4|4\nA2|4|3.5\nA3||1\nA4|1|\n"
                              "A5|0|0\nA6|x|2\n";

    (void)state;
    world_expect(
        FIELDS_RULE("{total: places, parts: [share_occupied]}"), "providers", rows,
        "2 places A2: places is 4, its parts add up to 3.5 (3.5): a difference of 0.5\n"
        "selected 6 undecided 3 key nulls 0\n");
    world_expect(
        FIELDS_RULE("{total: places, parts: [share_occupied], nulls: zero}"), "providers", rows,
        "2 places A2: places is 4, its parts add up to 3.5 (3.5): a difference of 0.5\n"
        "4 places A4: places is 1, its parts add up to 0 (0): a difference of 1\n"
        "selected 6 undecided 2 key nulls 0\n");
    world_expect(FIELDS_RULE("{total: places, parts: [share_occupied], rounded_to: 0.5}"),
                 "providers", rows, "selected 6 undecided 3 key nulls 0\n");
    world_expect(FIELDS_RULE("{total: 4, parts: [places, share_occupied], tolerance: 3.5}\n"
                             "    where: {urn: [A1, A2]}\n"
                             "    message: \"{urn}: {parts} = {sum}, not {total}\""),
                 "providers", rows,
                 "1 places A1: 4 + 4 = 8, not 4\nselected 2 undecided 0 key nulls 0\n");
    /* a tenth has no exact binary fraction: 0.1 + 0.2 is 0.3 */
    world_expect(
        FIELDS_RULE("{total: 1, parts: [share_occupied], tolerance: 0.7}"), "providers",
        "urn|share_occupied\nA1|0.3\nA2|0.29\n",
        "2 share_occupied A2: the parts add up to 0.29 (0.29), 1 expected: a difference "
        "of 0.71, at most 0.7 expected\nselected 2 undecided 0 key nulls 0\n");
}

static void field_mistakes(const char *rule, const char *text)
{
    world *w = world_open(rule);
    const char *said;

    world_table(w, "providers", "urn\n");
    said = world_run(w, NULL);
    if (!strstr(said, text))
        fail_msg("%s\nnot said: %s", said, text);
    world_close(w);
}

static void refused_fields(void **state)
{
    (void)state;
    field_mistakes(FIELDS_RULE("{total: places, parts: [owner]}"),
                   "owner is text, not a number");
    field_mistakes(FIELDS_RULE("{total: place, parts: [share_occupied]}"), "no field `place`");
    field_mistakes(FIELDS_RULE("{total: 4, parts: [places], by: [sector]}"),
                   "`by` goes with `across`");
    field_mistakes(FIELDS_RULE("{total: LA, value: places}"), "go together");
    field_mistakes(FIELDS_RULE("{total: LA, value: places, across: registered}"),
                   "registered is date, not text or code");
    field_mistakes(FIELDS_RULE("{total: Privat, value: places, across: sector}"), "Privat");
    world_expect(FIELDS_RULE("{total: places, parts: [share_occupied]}"), "providers",
                 "urn|places\nA1|4\n",
                 "error 3 line 2: rule R reads the field share_occupied, which the table "
                 "providers does not have in this release\n");
}

/* ---- rows of a long table ---- */

#define ROWS_RULE(body) "rules:\n  - id: R\n    table: published\n    adds_up: " body "\n"

static const char *series = "date|data_type|provision_type|n\n"
                            "2016-03-31|Providers|Boarding School|5\n"
                            "2016-03-31|Providers|IFA|8\n"
                            "2016-03-31|Providers|Children's home|3\n"
                            "2017-03-31|Providers|Boarding School|5\n"
                            "2017-03-31|Providers|IFA|9\n"
                            "2017-03-31|Providers|CH|3\n"
                            "2017-03-31|Places|Boarding School|50\n"
                            "2017-03-31|Places|IFA|60\n"
                            "2018-03-31|Providers|Boarding School|5\n"
                            "2018-03-31|Providers|CH|3\n";

/* In this table the agencies hold the total. */
static void of_rows(void **state)
{
    (void)state;
    world_expect(
        ROWS_RULE("{value: n, across: provision_type, total: IFA, parts: [Boarding "
                  "School, CH], by: [date, data_type]}"),
        "published", series,
        "0 n 2017-03-31 / Providers: Independent Fostering Agency is 9, its parts add "
        "up to 8 (5 + 3): a difference of 1\n"
        "selected 4 undecided 2 key nulls 0\n"
        "note: 2 groups lacking the total or a part: 2017-03-31 / Places, 2018-03-31 / "
        "Providers\n");
    /* the places of homes are not there: read as 0 */
    world_expect(ROWS_RULE("{value: n, across: provision_type, total: IFA, parts: [Boarding "
                           "School, CH], by: [date, data_type], nulls: zero, rounded_to: 1}\n"
                           "    message: \"{date} {data_type}: {total} not {sum}\""),
                 "published", series,
                 "0 n 2017-03-31 Places: 60 not 50\n"
                 "selected 4 undecided 1 key nulls 0\n"
                 "note: 1 group lacking the total or a part: 2018-03-31 / Providers\n");
    /* all the others; all dates at once: 77 against 74 */
    world_expect(
        ROWS_RULE("{value: n, across: provision_type, total: IFA}\n"
                  "    where: {date: {max: 2017-03-31}}"),
        "published", series,
        "0 n all records: Independent Fostering Agency is 77, its parts add up to 66 (5 "
        "parts): a difference of 11\n"
        "selected 1 undecided 0 key nulls 0\n");
    /* five parts and the total, each half a unit: 3 */
    world_expect(
        ROWS_RULE("{value: n, across: provision_type, total: IFA, rounded_to: 3.6}\n"
                  "    where: {date: {max: 2017-03-31}}"),
        "published", series,
        "0 n all records: Independent Fostering Agency is 77, its parts add up to 66 (5 "
        "parts): a difference of 11, at most 10.8 expected from rounding\n"
        "selected 1 undecided 0 key nulls 0\n");
}

/* A null row makes its number unknown wherever it stands; a row without a name is one of the
 * others. */
static void rows_with_nulls(void **state)
{
    static const char *rows =
        "data_type|provision_type|n\nx|IFA|5\nx|CH|\nx|CH|5\ny|IFA|5\ny|CH|5\n"
        "y|CH|\nz|IFA|5\nz||4\nz|IFA|\nv|IFA|5\nv||4\nw|IFA|5\n";

    (void)state;
    world_expect(ROWS_RULE("{value: n, across: provision_type, total: IFA, parts: [CH], by: "
                           "data_type}"),
                 "published", rows,
                 "selected 5 undecided 5 key nulls 0\n"
                 "note: 5 groups lacking the total or a part: v, w, x, y, z\n");
    world_expect(
        ROWS_RULE("{value: n, across: provision_type, total: IFA, by: data_type, nulls: "
                  "zero}"),
        "published", rows,
        "0 n v: Independent Fostering Agency is 5, its parts add up to 4 (1 part): a "
        "difference of 1\n"
        "selected 5 undecided 2 key nulls 0\n"
        "note: 2 groups lacking the total or a part: w, z\n");
    world_expect(ROWS_RULE("{value: n, across: provision_type, total: IFA}"), "published",
                 "data_type|provision_type|n\n", "selected 0 undecided 0 key nulls 0\n");
}

static void masked(void **state)
{
    (void)state;
    world_expect(
        "rules:\n  - id: R\n    table: providers\n    adds_up: {value: places, across: "
        "sector, total: LA, by: name}\n",
        "providers",
        "urn|name|sector|places\nA1|Oak House|LA|5\nA2|Oak House|Private|4\n"
        "A3|Elm House|LA|5\n",
        "0 places Local Authority is 5, its parts add up to 4 (1 part): a difference of "
        "1\n"
        "selected 2 undecided 1 key nulls 0\n"
        "note: 1 group lacking the total or a part\n");
    world_expect(
        "rules:\n  - id: R\n    table: providers\n    adds_up: {value: places, across: "
        "name, total: Oak House}\n    message: \"{total} {sum} {parts}\"\n",
        "providers", "urn|name|places\nA1|Oak House|5\nA2|Elm House|4\n",
        "0 places (masked) (masked) (masked)\nselected 1 undecided 0 key nulls 0\n");
    world_expect(
        "rules:\n  - id: R\n    table: providers\n    adds_up: {value: places, across: "
        "name, total: Oak House}\n",
        "providers", "urn|name|places\nA1|Oak House|5\nA2|Elm House|4\n",
        "0 places all records: the parts do not add up to the total\n"
        "selected 1 undecided 0 key nulls 0\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_measures),    cmocka_unit_test(to_a_number),
        cmocka_unit_test(nothing_to_add), cmocka_unit_test(refused),
        cmocka_unit_test(of_fields),      cmocka_unit_test(refused_fields),
        cmocka_unit_test(of_rows),        cmocka_unit_test(rows_with_nulls),
        cmocka_unit_test(masked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
