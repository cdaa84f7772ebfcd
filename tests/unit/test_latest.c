/* The check kind `latest` on small tables, each finding worked out by hand. */
#include "each_cpu.h"
#include "oracle/rules.h"

#define LATEST(body)                                                                           \
    "rules:\n  - id: R\n    table: providers\n    latest:\n      of: inspections\n"            \
    "      match: {urn: urn}\n      date: inspection_date\n" body
#define SAY "    message: \"{urn} {inspections.inspection_date}\"\n"

/* The same rule with no pool and with three workers. */
static void expect_run(const char *rule, const char *providers, const char *inspections,
                       const char *expected)
{
    world *w = world_open(rule);
    as_err e = {0};
    world_table(w, "providers", providers);
    world_table(w, "inspections", inspections);
    assert_string_equal(world_run(w, NULL), expected);
    assert_int_equal(as_pool_open(&w->pool, 3, &e), AS_OK);
    assert_string_equal(world_run(w, NULL), expected);
    as_pool_close(w->pool);
    w->pool = NULL;
    world_close(w);
}

static void none_and_tie(void **state)
{
    (void)state;
    const char *providers = "urn\nA1\nA2\nA3\n\nA4\n";
    const char *inspections = "urn|inspection_date\n"
                              "A1|2016-05-01\nA1|2015-05-01\n"
                              "A2|2015-01-01\nA2|2016-05-01\nA2|01/05/2016\n"
                              "A4|\n|2016-05-01\n"; /* no date, no key: as if not there */
    expect_run(LATEST(""), providers, inspections,
               "2 urn A2: has more than one record in inspections on its latest day, "
               "2016-05-01\n"
               "3 urn A3: has no dated record in inspections\n"
               "5 urn A4: has no dated record in inspections\n"
               "selected 5 undecided 1 key nulls 1\n");
    expect_run(LATEST("      none: pass\n" SAY), providers, inspections,
               "2 urn A2 2016-05-01\nselected 5 undecided 1 key nulls 1\n");
    expect_run(LATEST("      tie: pass\n" SAY), providers, inspections,
               "3 urn A3 (none)\n5 urn A4 (none)\nselected 5 undecided 1 key nulls 1\n");
    /* a tie before the latest day is none */
    expect_run(LATEST(SAY), "urn\nA1\n",
               "urn|inspection_date\nA1|2015-05-01\nA1|2015-05-01\nA1|2016-05-01\n",
               "selected 1 undecided 0 key nulls 0\n");
}

static void empty_tables(void **state)
{
    (void)state;
    expect_run(LATEST(SAY), "urn\n", "urn|inspection_date\nA1|2016-05-01\n",
               "selected 0 undecided 0 key nulls 0\n");
    expect_run(LATEST(SAY), "urn\nA1\n", "urn|inspection_date\n",
               "1 urn A1 (none)\nselected 1 undecided 0 key nulls 0\n");
    expect_run("rules:\n  - id: R\n    table: providers\n    where: {sector: LA}\n"
               "    latest: {of: inspections, match: {urn: urn}, date: inspection_date}\n" SAY,
               "urn|sector\nA1|LA\nA2|Private\nA3|\n", "urn|inspection_date\n",
               "1 urn A1 (none)\nselected 1 undecided 0 key nulls 0\n");
}

/* The last day that is recent enough, and the one before it. */
static void too_old(void **state)
{
    (void)state;
    expect_run(LATEST("      expect: {inspection_date: {min: 2015-04-01}}\n"),
               "urn\nA1\nA2\nA3\n",
               "urn|inspection_date\nA1|2015-03-31\nA1|2014-12-31\nA2|2015-04-01\n"
               "A3|2015-03-31\nA3|2015-04-02\n",
               "1 urn A1: its latest record in inspections, of 2015-03-31, does not fit: "
               "inspection_date is on or after 2015-04-01\n"
               "selected 3 undecided 0 key nulls 0\n");
    /* against a date of this record, and the day itself */
    expect_run(LATEST("      expect: {inspection_date: {max: {record: registered}}}\n" SAY),
               "urn|registered\nA1|2016-05-01\nA2|2016-05-01\nA3|\n",
               "urn|inspection_date\nA1|2016-05-01\nA2|2016-05-02\nA3|2016-05-02\n",
               "2 urn A2 2016-05-02\nselected 3 undecided 1 key nulls 0\n");
    /* the file has no such column */
    expect_run(LATEST("      expect: {inspection_date: {max: {record: registered}}}\n" SAY),
               "urn\nA1\n", "urn|inspection_date\nA1|2016-05-01\n",
               "selected 1 undecided 1 key nulls 0\n");
}

/* `where` chooses the rows; `expect` asks of the latest whatever it is. */
static void kind_of_event(void **state)
{
    (void)state;
    const char *inspections =
        "urn|event_type|inspection_date\n"
        "A1|Full inspection|2015-05-01\nA1|Interim inspection|2016-05-01\n"
        "A2|Interim inspection|2016-05-01\n"
        "A3|Full inspection|2016-05-01\nA4||2016-05-01\n";
    expect_run(LATEST("      where: {event_type: Full inspection}\n"), "urn\nA1\nA2\nA3\nA4\n",
               inspections,
               "2 urn A2: has no dated record in inspections where event_type is Full "
               "inspection\n"
               "4 urn A4: has no dated record in inspections where event_type is Full "
               "inspection\n"
               "selected 4 undecided 0 key nulls 0\n");
    expect_run(LATEST("      expect: {event_type: Full inspection}\n" SAY),
               "urn\nA1\nA2\nA3\nA4\n", inspections,
               "1 urn A1 2016-05-01\n2 urn A2 2016-05-01\n"
               "selected 4 undecided 1 key nulls 0\n");
    /* a tie of two kinds is none among the rows that count */
    expect_run(LATEST("      where: {event_type: Full inspection}\n" SAY), "urn\nA1\n",
               "urn|event_type|inspection_date\nA1|Full inspection|2016-05-01\n"
               "A1|Interim inspection|2016-05-01\n",
               "selected 1 undecided 0 key nulls 0\n");
}

static void fields_disagree(void **state)
{
    (void)state;
    const char *rule = LATEST("      agree: {owner: event_type, registered: published}\n");
    const char *providers = "urn|owner|registered\nA1|x|2016-01-01\nA2|x|2016-01-01\n"
                            "A3|x|2016-01-01\nA4||2016-01-01\nA5||2016-01-01\nA6|x|\n";
    const char *inspections = "urn|event_type|published|inspection_date\n"
                              "A1|y|2016-01-02|2015-01-01\nA1|x|2016-01-01|2016-01-01\n"
                              "A2|y|2016-01-01|2016-01-01\n"
                              "A3|x|2016-01-02|2016-01-01\n"
                              "A4|x|2016-01-01|2016-01-01\n"
                              "A5|x|2016-01-02|2016-01-01\n" /* the other one decides */
                              "A6|x|2016-01-01|2016-01-01\n";
    expect_run(rule, providers, inspections,
               "2 owner A2: owner is not that of its latest record in inspections, of "
               "2016-01-01\n"
               "3 registered A3: registered is not that of its latest record in inspections, "
               "of 2016-01-01\n"
               "5 registered A5: registered is not that of its latest record in inspections, "
               "of 2016-01-01\n"
               "selected 6 undecided 2 key nulls 0\n");
    expect_run(LATEST("      agree: {owner: event_type}\n"
                      "    message: \"{owner} {inspections.event_type}\"\n"),
               "urn|owner\nA1|x\n", "urn|event_type|inspection_date\nA1|y|2016-01-01\n",
               "1 owner x y\nselected 1 undecided 0 key nulls 0\n");
}

/* Several rows on the latest day: what holds for one of them holds. */
static void tie_passes(void **state)
{
    (void)state;
    const char *rule = LATEST("      expect: {event_type: Full inspection}\n"
                              "      agree: {owner: event_number}\n      tie: pass\n" SAY);
    expect_run(
        rule, "urn|owner\nA1|7\nA2|7\nA3|7\nA4|7\n",
        "urn|event_type|event_number|inspection_date\n"
        "A1|Interim|7|2016-01-01\nA1|Full inspection|8|2016-01-01\n" /* one each: holds */
        "A2|Interim|7|2016-01-01\nA2|Interim|7|2016-01-01\n"
        "A3|Full inspection|8|2016-01-01\nA3|Interim|9|2016-01-01\n"
        "A4|Interim|7|2016-01-01\nA4||7|2016-01-01\n", /* may be one */
        "2 urn A2 2016-01-01\n3 owner A3 2016-01-01\n"
        "selected 4 undecided 1 key nulls 0\n");
}

/* The first that is wrong is told: no row, a tie, one that does not fit, one that disagrees. */
static void one_finding_a_record(void **state)
{
    (void)state;
    const char *body = "      expect: {inspection_date: {min: 2016-01-01}}\n"
                       "      agree: {owner: event_type}\n";
    char rule[800];
    snprintf(rule, sizeof rule, "%s%s    message: \"{urn}\"\n", LATEST(""), body);
    expect_run(rule, "urn|owner\nA1|x\nA2|x\nA3|x\n",
               "urn|event_type|inspection_date\nA1|y|2015-01-01\n"
               "A2|y|2015-01-01\nA2|y|2015-01-01\nA3|x|2016-01-01\n",
               "1 urn A1\n2 urn A2\nselected 3 undecided 0 key nulls 0\n");
}

static void several_keys(void **state)
{
    (void)state;
    expect_run(
        "rules:\n  - id: R\n    table: providers\n    latest:\n      of: inspections\n"
        "      match: {urn: urn, owner: event_number}\n      date: inspection_date\n" SAY,
        "urn|owner\nA1|7\nA1|8\nA1|\n",
        "urn|event_number|inspection_date\nA1|7|2016-01-01\nA2|8|2016-01-01\nA1||2016-01-01\n",
        "2 urn A1 (none)\nselected 3 undecided 1 key nulls 1\n");
}

static void mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *block, *said;
    } cases[] = {
        {"{match: {urn: urn}, date: inspection_date}", "needs `of`"},
        {"{of: inspections, date: inspection_date}", "needs `match`"},
        {"{of: inspections, match: {urn: urn}}", "needs `date`"},
        {"{of: inspection, match: {urn: urn}, date: inspection_date}",
         "no table \"inspection\""},
        {"{of: inspections, match: {urn: urn}, date: event_type}", "is text, not a date"},
        {"{of: inspections, match: {urn: urn}, date: inspection_date, none: pass, tie: pass}",
         "nothing is asked"},
        {"{of: inspections, match: {urn: urn}, date: inspection_date, tie: maybe}",
         "is not one of finding, pass"},
        {"{of: inspections, match: {urn: urn}, date: inspection_date,\n"
         "        where: {inspection_date: {min: {record: registered}}}}",
         "cannot read {record: …}"},
        {"{of: inspections, match: {places: urn}, date: inspection_date}",
         "places is integer and urn is text"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char rule[600];
        snprintf(rule, sizeof rule, "rules:\n  - id: R\n    table: providers\n    latest: %s\n",
                 cases[i].block);
        world *w = world_open(rule);
        world_table(w, "providers", "urn\nA\n");
        world_table(w, "inspections", "urn\nA\n");
        const char *got = world_run(w, NULL);
        if (!strstr(got, cases[i].said))
            fail_msg("%s\ngot: %s", cases[i].block, got);
        world_close(w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(none_and_tie),
        cmocka_unit_test(empty_tables),
        cmocka_unit_test(too_old),
        cmocka_unit_test(kind_of_event),
        cmocka_unit_test(fields_disagree),
        cmocka_unit_test(tie_passes),
        cmocka_unit_test(one_finding_a_record),
        cmocka_unit_test(several_keys),
        cmocka_unit_test(mistakes),
    };
    return RUN_ON_EACH_CPU(tests, NULL, NULL);
}
