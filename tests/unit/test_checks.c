/* The check kinds on small tables, each expected finding worked out by hand. */
#include "each_cpu.h"
#include "oracle/rules.h"

#include "check/memo.h"
#include "check/params.h"
#include "check/scan.h"

/* template.c is copied, never built into the program: here it must compile and work. */
#include "check/template.c"

#define RULE(body) "rules:\n  - id: R\n    table: providers\n" body

/* The same rule with no pool and with three workers. */
static void expect_run(world *w, const char *id, const char *expected)
{
    as_err e = {0};
    assert_string_equal(world_run(w, id), expected);
    assert_int_equal(as_pool_open(&w->pool, 3, &e), AS_OK);
    assert_string_equal(world_run(w, id), expected);
    as_pool_close(w->pool);
    w->pool = NULL;
}

static world *providers(const char *rule, const char *rows)
{
    world *w = world_open(rule);
    world_table(w, "providers", rows);
    return w;
}

static void one_table(const char *rule, const char *rows, const char *expected)
{
    world *w = providers(rule, rows);
    expect_run(w, NULL, expected);
    world_close(w);
}

/* ---- expect ---- */

static void expect_kind(void **state)
{
    (void)state;
    one_table(RULE("    where: {registration_status: Active}\n"
                   "    expect: {places: {present: true, min: 1}}\n"
                   "    message: \"{urn}: {places} places\"\n"),
              "urn|registration_status|places\n"
              "A1|Active|4\nA2|Active|0\nA3|Active|\nA4|Resigned|0\nA5||0\nA6|Active|x\n",
              "2 places A2: 0 places\n"
              "3 places A3: (none) places\n"
              "6 places A6: x places\n"
              "selected 4 undecided 0 key nulls 0\n");
    /* without `present`, null is undecided: passes, counted; records not selected count for
     * nothing */
    one_table(RULE("    where: {sector: LA}\n    expect: {places: {min: 1}}\n"),
              "urn|sector|places\nA1|LA|4\nA2|LA|0\nA3|LA|\nA4|Private|\nA5||0\n",
              "2 places A2: places is 0, expected: places is at least 1\n"
              "selected 3 undecided 1 key nulls 0\n");
    /* a column that the file does not have: A1 fails for want of it alone, A2 does not */
    one_table(RULE("    expect: {sector: present, places: present}\n    message: x\n"),
              "urn|sector\nA1|LA\nA2|\n",
              "2 sector x\n"
              "selected 2 undecided 1 key nulls 0\n");
    /* nor does such a column, written first, hide the parts behind it */
    one_table(RULE("    expect: {places: present, sector: present, any: [{places: {min: 1}}, "
                   "{urn: A1}]}\n    message: x\n"),
              "urn|sector\nA1|LA\nA2|\n",
              "2 sector x\n"
              "selected 2 undecided 1 key nulls 0\n");
}

static void expect_blames_the_first(void **state)
{
    (void)state;
    one_table(
        RULE("    expect: {any: [{sector: Private}, {places: {min: 1}}], postcode: present}\n"
             "    message: x\n"),
        "urn|sector|places|postcode\n"
        "A1|Private||LS1\nA2|Voluntary|0|LS1\nA3|Private|3|\nA4|LA|0|\nA5||0|LS1\n",
        "2 sector x\n"
        "3 postcode x\n"
        "4 sector x\n"
        "selected 5 undecided 1 key nulls 0\n");
}

static void expect_nothing_selected(void **state)
{
    (void)state;
    one_table(RULE("    where: {sector: Private}\n    expect: {places: present}\n"),
              "urn|sector|places\nA1|LA|1\nA2||1\n", "selected 0 undecided 0 key nulls 0\n");
    one_table(RULE("    expect: {places: present}\n"), "urn|places\n",
              "selected 0 undecided 0 key nulls 0\n");
}

/* Findings of many chunks come in row order, at any number of workers. */
static void expect_many_rows(void **state)
{
    (void)state;
    const uint32_t rows = 3 * AS_SCAN_ROWS + 5;
    world *w = world_open(RULE("    expect: {places: {min: 1}}\n    message: x\n"));
    as_buf text = AS_BUF(AS_FIELD_MAX);
    as_buf_add(&text, AS_STR("urn|places\n"));
    for (uint32_t i = 0; i < rows; i++)
        as_buf_addf(&text, "%u|%d\n", i, i % 50000 == 7 ? 0 : 1);
    world_table(w, "providers", text.ptr);
    expect_run(w, NULL,
               "8 places x\n50008 places x\n100008 places x\n150008 places x\n"
               "selected 196613 undecided 0 key nulls 0\n");
    as_buf_free(&text);
    world_close(w);
}

/* ---- unique ---- */

static void unique_kind(void **state)
{
    (void)state;
    one_table(RULE("    unique: [urn]\n"),
              "urn|places\nA1|1\nA2|1\nA1|2\n|1\n|2\nA3|1\nA1|1\nA2|9\n",
              "1 urn A1: 3 records have the same urn [1,3,7]\n"
              "2 urn A2: 2 records have the same urn [2,8]\n"
              "selected 8 undecided 2 key nulls 2\n");
    one_table(RULE("    where: {places: {min: 2}}\n    unique: [urn]\n"),
              "urn|places\nA1|1\nA2|1\nA1|2\nA1|1\nA2|9\nA2|9\n|1\n|9\n",
              "5 urn A2: 2 records have the same urn [5,6]\n"
              "selected 4 undecided 1 key nulls 1\n");
    /* values as rules see them: canonical codes, dates by day */
    one_table(RULE("    unique: [sector, registered]\n"),
              "urn|sector|registered\nA1|LA|2016-01-02\nA2|Local "
              "Authority|02/01/2016\nA3|LA|2016-01-03\n"
              "A4|LA|\nA5|LA|\n",
              "1 sector Local Authority / 2016-01-02: 2 records have the same sector, "
              "registered [1,2]\n"
              "selected 5 undecided 2 key nulls 2\n");
}

static void unique_every_layout(void **state)
{
    (void)state;
    const as_layout layouts[] = {AS_LAYOUT_DICT, AS_LAYOUT_PACK8, AS_LAYOUT_SLICE};
    for (size_t i = 0; i < 3; i++) {
        world *w = world_open(RULE("    unique: [urn, name]\n    message: \"{urn}\"\n"));
        as_table *t = world_table(w, "providers", "urn|name\nA1|x\nA1|y\nA1|x\nB|x\n|x\nB|\n");
        relayout(w->arena, t, 0, layouts[i], 2);
        relayout(w->arena, t, 1, layouts[2 - i], 1);
        expect_run(w, NULL, "1 urn A1 [1,3]\nselected 6 undecided 2 key nulls 2\n");
        world_close(w);
    }
}

/* Many partitions; every row is a duplicate; groups numbered by their first row. */
static void unique_all_double(void **state)
{
    (void)state;
    const uint32_t half = 70000;
    world *w = world_open(RULE("    unique: [urn]\n"));
    as_buf text = AS_BUF(AS_FIELD_MAX);
    as_buf_add(&text, AS_STR("urn\n"));
    for (uint32_t i = 0; i < 2 * half; i++)
        as_buf_addf(&text, "u%u\n", i % half);
    world_table(w, "providers", text.ptr);
    as_buf_free(&text);
    world_eval x;
    void *plan;
    as_err e = {0};
    as_bind *b = world_bind(w, &w->project->rules[0], &plan);
    assert_non_null(b);
    for (unsigned jobs = 1; jobs <= 3; jobs++) {
        assert_int_equal(as_pool_open(&w->pool, jobs, &e), AS_OK);
        world_eval_open(w, &x);
        const as_check_kind *k = as_check_kind_find(AS_STR("unique"));
        assert_int_equal(k->eval(&x.ev, b, plan, &x.result, &e), AS_OK);
        assert_int_equal(x.result.findings.count, half);
        for (uint32_t i = 0; i < half; i++) {
            as_evidence ev;
            as_evidence_begin(&ev, x.ev.arena);
            assert_int_equal(x.result.findings.items[i].row, i);
            if (i % 1000)
                continue;
            assert_int_equal(
                k->describe(&x.ev, b, plan, &x.result, &x.result.findings.items[i], &ev, &e),
                AS_OK);
            assert_int_equal(ev.member_count, 2);
            assert_int_equal(ev.members[0], i);
            assert_int_equal(ev.members[1], i + half);
        }
        world_eval_close(&x);
        as_pool_close(w->pool);
    }
    w->pool = NULL;
    world_close(w);
}

/* ---- lookup ---- */

#define INSPECTIONS(body)                                                                      \
    "rules:\n  - id: R\n    table: inspections\n    lookup:\n      in: providers\n" body

static void two_tables(const char *rule, const char *inspections, const char *rows,
                       const char *expected)
{
    world *w = world_open(rule);
    world_table(w, "inspections", inspections);
    world_table(w, "providers", rows);
    expect_run(w, NULL, expected);
    world_close(w);
}

static void lookup_kind(void **state)
{
    (void)state;
    const char *rows = "urn|sector|registered\nA1|LA|2016-01-01\nA2|Private|2016-05-01\nA2|LA|"
                       "2017-01-01\n|LA|\n";
    const char *records =
        "urn|inspection_date\nA1|2016-03-01\nA2|2016-03-01\nA9|2016-03-01\n|2016-03-01\n";
    two_tables(INSPECTIONS("      match: {urn: urn}\n"), records, rows,
               "3 urn A9 / 2016-03-01: providers has no row with urn A9\n"
               "selected 4 undecided 1 key nulls 1\n");
    two_tables(INSPECTIONS("      match: {urn: urn}\n      absent: true\n"), records, rows,
               "1 urn A1 / 2016-03-01: providers has a row with urn A1\n"
               "2 urn A2 / 2016-03-01: providers has a row with urn A2\n"
               "selected 4 undecided 1 key nulls 1\n");
    two_tables(
        INSPECTIONS(
            "      match: {urn: urn}\n      where: {sector: LA}\n    message: \"{urn}\"\n"),
        records, rows, "3 urn A9\nselected 4 undecided 1 key nulls 1\n");
    two_tables(INSPECTIONS("      match: {urn: urn}\n"
                           "      expect: {registered: {max: {record: inspection_date}}}\n"
                           "    message: \"{urn} {providers.registered}\"\n"),
               records, rows,
               "2 inspection_date A2 2016-05-01\n"
               "3 urn A9 (none)\n"
               "selected 4 undecided 1 key nulls 1\n");
}

/* One row that fits is enough; none that fits but one undecided is undecided. */
static void lookup_expect(void **state)
{
    (void)state;
    const char *rule =
        INSPECTIONS("      match: {urn: urn}\n      expect: {places: {min: 5}}\n"
                    "      missing: pass\n    message: \"{urn} {providers.places}\"\n");
    two_tables(rule, "urn\nA1\nA2\nA3\nA4\n", "urn|places\nA1|1\nA1|9\nA2|1\nA2|\nA3|1\nA3|2\n",
               "3 urn A3 1\nselected 4 undecided 1 key nulls 0\n");
    two_tables(rule, "urn\nA8\nA9\n", "urn|places\nA1|1\n",
               "selected 2 undecided 2 key nulls 0\nnote: no record has a row in providers\n");
    two_tables(
        INSPECTIONS(
            "      match: {urn: urn}\n      expect: {places: {min: 5}}\n      absent: true\n"
            "    message: \"{urn} {providers.places}\"\n"),
        "urn\nA1\nA2\nA3\nA4\n", "urn|places\nA1|1\nA1|9\nA2|1\nA2|\nA3|1\nA3|2\n",
        "1 urn A1 9\nselected 4 undecided 1 key nulls 0\n");
}

/* `where` may read this record too. */
static void lookup_pairs(void **state)
{
    (void)state;
    two_tables(INSPECTIONS("      match: {urn: urn}\n"
                           "      where: {registered: {max: {record: inspection_date}}}\n"
                           "    message: \"{urn}\"\n"),
               "urn|inspection_date\nA1|2016-01-01\nA1|2015-01-01\nA2|\n",
               "urn|registered\nA1|2015-06-01\nA2|2016-01-01\n",
               "2 urn A1\n3 urn A2\nselected 3 undecided 0 key nulls 0\n");
}

static void lookup_valid(void **state)
{
    (void)state;
    world *w = world_open(
        "rules:\n  - id: R\n    table: inspections\n    lookup:\n      in: frameworks\n"
        "      match: {overall: term}\n"
        "      valid: {inspection_date: [valid_from, valid_to]}\n"
        "    message: \"{overall} {inspection_date} {frameworks.valid_to}\"\n");
    world_table(
        w, "inspections",
        "urn|overall|inspection_date\n"
        "A1|Adequate|2015-03-31\nA2|Adequate|2015-04-01\nA3|Good|1990-01-01\n"
        "A4|Good|\nA5||2016-01-01\nA6|Inadequate|2016-01-01\n"
        "A7|Inadequate|2015-12-31\nA8|Adequate|2014-01-01\nA9|Outstanding|2016-01-01\n");
    world_table(w, "frameworks",
                "event_type|term|valid_from|valid_to\n"
                "F|Adequate|2015-01-01|2015-03-31\nF|Good||\nF|Inadequate|2016-01-01|\n");
    expect_run(w, NULL,
               "2 inspection_date Adequate 2015-04-01 (none)\n"
               "7 inspection_date Inadequate 2015-12-31 (none)\n"
               "8 inspection_date Adequate 2014-01-01 (none)\n"
               "9 overall Outstanding 2016-01-01 (none)\n"
               "selected 9 undecided 2 key nulls 2\n");
    world_close(w);
}

/* ---- changed ---- */

static void two_years(const char *rule, const char *now, const char *before,
                      const char *expected)
{
    world *w = world_open(rule);
    world_table(w, "providers", now);
    world_table(w, "providers_before", before);
    expect_run(w, NULL, expected);
    world_close(w);
}

static void changed_kind(void **state)
{
    (void)state;
    const char *now =
        "urn|sector|places\nA1|Private|4\nA2|LA|5\nA3|Private|\nA4||6\nA9|LA|1\n|LA|1\n";
    const char *before = "urn|sector|places\nA1|Voluntary|4\nA2|Local "
                         "Authority|9\nA3|Private|3\nA4|LA|6\n|LA|2\n";
    two_years(RULE("    changed: {from: providers_before, fields: [sector, places]}\n"), now,
              before,
              "1 sector A1: sector is Private, and was Voluntary in providers_before\n"
              "2 places A2: places is 5, and was 9 in providers_before\n"
              "selected 4 undecided 0 key nulls 1\n");
    two_years(
        RULE("    changed: {from: providers_before, fields: [sector, places], nulls: differ}\n"
             "    message: \"{sector} {providers_before.sector} {places} "
             "{providers_before.places}\"\n"),
        now, before,
        "1 sector Private Voluntary 4 4\n"
        "2 places LA Local Authority 5 9\n"
        "3 places Private Private (none) 3\n"
        "4 sector (none) LA 6 6\n"
        "selected 4 undecided 0 key nulls 1\n");
    two_years(RULE("    changed: {from: providers_before, fields: [sector], allow: [{from: "
                   "Voluntary, to: Private}]}\n"),
              now, before, "selected 4 undecided 1 key nulls 1\n");
    two_years(RULE("    where: {places: {min: 5}}\n    changed: {from: providers_before, "
                   "fields: [places]}\n"
                   "    message: x\n"),
              now, before, "2 places x\nselected 2 undecided 0 key nulls 0\n");
}

static void changed_tolerance(void **state)
{
    (void)state;
    const char *now = "urn|places\nA1|110\nA2|111\nA3|90\nA4|89\nA5|0\n";
    const char *before = "urn|places\nA1|100\nA2|100\nA3|100\nA4|100\nA5|0\n";
    two_years(RULE("    changed: {from: providers_before, fields: [places], tolerance: 10%}\n  "
                   "  message: x\n"),
              now, before, "2 places x\n4 places x\nselected 5 undecided 0 key nulls 0\n");
    two_years(RULE("    changed: {from: providers_before, fields: [places], tolerance: 10.5}\n "
                   "   message: x\n"),
              now, before, "2 places x\n4 places x\nselected 5 undecided 0 key nulls 0\n");
}

/* A key twice in the other table: changed only when it differs from both. */
static void changed_twice(void **state)
{
    (void)state;
    const char *rule =
        RULE("    changed: {from: providers_before, fields: [places]}\n    message: x\n");
    const char *now = "urn|places\nA1|1\nA2|1\n";
    two_years(rule, now, "urn|places\nA1|2\nA2|2\nA1|1\nA2|3\n",
              "2 places x\nselected 2 undecided 0 key nulls 0\n");
    two_years(rule, now, "urn|places\nA1|1\nA2|3\nA1|2\nA2|2\n",
              "2 places x\nselected 2 undecided 0 key nulls 0\n");
}

/* A null there decides nothing, whatever other rows with the key say. */
static void changed_twice_null(void **state)
{
    (void)state;
    const char *rule =
        RULE("    changed: {from: providers_before, fields: [places]}\n    message: x\n");
    two_years(rule, "urn|places\nA1|1\nA2|1\n", "urn|places\nA1|\nA1|2\nA2|2\nA2|\n",
              "selected 2 undecided 2 key nulls 0\n");
}

/* ---- lua ---- */

static void lua_kind(void **state)
{
    (void)state;
    one_table(
        RULE("    reads: [places]\n"
             "    lua: |\n"
             "      if r.places == nil then return nil end\n"
             "      if r.places < 0 then return (\"%d is below zero\"):format(r.places) end\n"
             "      return r.places > 0\n"),
        "urn|places\nA1|4\nA2|0\nA3|-2\nA4|\nA5|-2\nA6|4\n",
        "2 places A2: the predicate does not hold\n"
        "3 places A3: -2 is below zero\n"
        "5 places A5: -2 is below zero\n"
        "selected 6 undecided 1 key nulls 0\n");
}

/* A script error is the rule's error, with the line of the YAML file; of the first row that has
 * it. */
static void lua_error(void **state)
{
    (void)state;
    world *w = providers(RULE("    where: {places: present}\n    reads: [places]\n    lua: |\n"
                              "      local x = nil\n      return r.places == 1 or x.y\n"),
                         "urn|places\nA1|1\nA2|2\n");
    const char *got = world_run(w, NULL);
    assert_true(strncmp(got, "error 5 line 8:", 15) == 0);
    world_close(w);
}

/* More combinations than a memo is worth: every record is asked, and nothing changes. */
static void lua_many(void **state)
{
    (void)state;
    const uint32_t rows = 40000;
    world *w = world_open(
        RULE("    reads: [places]\n    lua: return r.places ~= 39999\n    message: x\n"));
    as_buf text = AS_BUF(AS_FIELD_MAX);
    as_buf_add(&text, AS_STR("urn|places\n"));
    for (uint32_t i = 0; i < rows; i++)
        as_buf_addf(&text, "%u|%u\n", i, i);
    world_table(w, "providers", text.ptr);
    as_buf_free(&text);
    expect_run(w, NULL, "40000 places x\nselected 40000 undecided 0 key nulls 0\n");
    world_close(w);
}

static void lua_groups(void **state)
{
    (void)state;
    const char *rule = RULE("    reads: [places]\n    per: [owner]\n    order: [places]\n"
                            "    lua: |\n"
                            "      local sum = 0\n"
                            "      for i = 1, #g do\n"
                            "        if g[i].places == 99 then return i, \"too many\" end\n"
                            "        sum = sum * 10 + (g[i].places or 0)\n"
                            "      end\n"
                            "      if sum == 5 then return nil end\n"
                            "      return sum ~= 123 or \"places are 1, 2, 3\"\n");
    one_table(rule,
              "urn|owner|places\n"
              "A1|x|3\nA2|y|5\nA3|x|1\nA4||1\nA5|z|99\nA6|x|2\nA7|z|1\nA8|w|7\n",
              "1 places x: places are 1, 2, 3 [1,3,6]\n"
              "5 places A5: too many\n"
              "selected 4 undecided 1 key nulls 1\n");
}

/* ---- columns ---- */

static void columns_kind(void **state)
{
    (void)state;
    one_table(RULE("    columns: {required: [urn, Provider type, places], forbidden: [Setting "
                   "Name, address], "
                   "only: [urn, name, sector]}\n"),
              "urn|name|sector|provision_type\nA1|x||\n",
              "0 places places: the file has no column \"places\"\n"
              "0 name name: the file has a column \"name\", which must not be there\n"
              "0 provision_type provision_type: the file has a column \"provision_type\" that "
              "is not one of "
              "those allowed\n"
              "selected 9 undecided 0 key nulls 0\n");
}

/* ---- built-in rules ---- */

static as_rule builtin(const char *kind, const char *field)
{
    return (as_rule){.id = AS_STR("providers.x"),
                     .name = as_str_from(field),
                     .kind = as_str_from(kind),
                     .table = AS_STR("providers"),
                     .severity = AS_SEV_ERROR,
                     .on_empty_pass = true};
}

static void builtin_kinds(void **state)
{
    (void)state;
    world *w =
        providers(RULE("    unique: [urn]\n"), "urn|sector|places|registered\n"
                                               "A1|LA|4|2016-01-01\nA2|Privat|four|31/02/2016\n"
                                               "A3|private||\nA4|Private|5.5|\n");
    as_rule rule = builtin("type", "places");
    assert_true(as_builtin_is(&rule));
    assert_false(as_builtin_is(&w->project->rules[0]));
    assert_string_equal(world_run_rule(w, &rule),
                        "2 places A2: places is \"four\", which is not a whole number\n"
                        "4 places A4: places is \"5.5\", which is not a whole number\n"
                        "selected 3 undecided 0 key nulls 0\n");
    rule = builtin("type", "registered");
    assert_string_equal(world_run_rule(w, &rule),
                        "2 registered A2: registered is \"31/02/2016\", which is not a date "
                        "written as %d/%m/%Y "
                        "or %Y-%m-%d\n"
                        "selected 2 undecided 0 key nulls 0\n");
    rule = builtin("unknown", "sector");
    assert_string_equal(
        world_run_rule(w, &rule),
        "2 sector A2: sector is \"Privat\", which is not on the code list sectors\n"
        "selected 4 undecided 0 key nulls 0\n");
    rule = builtin("variant", "sector");
    assert_string_equal(
        world_run_rule(w, &rule),
        "1 sector A1: sector is written \"LA\" and was read as \"Local Authority\"\n"
        "3 sector A3: sector is written \"private\" and was read as \"Private\"\n"
        "selected 4 undecided 0 key nulls 0\n");
    rule = builtin("type", "share_occupied");
    assert_string_equal(world_run_rule(w, &rule), "selected 0 undecided 0 key nulls 0\n"
                                                  "note: the file has no such column\n");
    as_ragged ragged[] = {{2, 7, 10}};
    w->tables[0]->report.ragged = ragged;
    w->tables[0]->report.ragged_count = 1;
    rule = builtin("ragged", "rows");
    assert_string_equal(world_run_rule(w, &rule),
                        "3 - A3: the row has 7 cells, the header has 10\n"
                        "selected 4 undecided 0 key nulls 0\n");
    world_close(w);
}

/* ---- mistakes ---- */

static void mistake(const char *rule, const char *expected)
{
    world *w = world_open(rule);
    world_table(w, "providers", "urn\nA1\n");
    assert_string_equal(world_run(w, NULL), expected);
    world_close(w);
}

static void mistakes(void **state)
{
    (void)state;
    mistake(RULE("    unique: [urn, urn]\n"), "4:19 R: unique: urn is named twice\n");
    mistake(RULE("    unique: []\n"), "4:13 R: unique needs a list of fields, such as [urn]\n");
    mistake(RULE("    unique: [urn]\n    message: \"{nrn} {urn\"\n"),
            "5:14 R: message: {nrn} is no field that this rule can show\n5:14 R: message: a { "
            "has no }\n");
    mistake(RULE("    lookup: {in: frameworks, match: {urn: valid_from}, missing: pass, "
                 "absent: maybe}\n"),
            "4:38 R: lookup: match: urn is text and valid_from is date\n"
            "4:79 R: lookup: absent is true or false\n"
            "4:65 R: lookup: with `missing: pass` and nothing expected of the row, the rule "
            "can never find anything\n");
    mistake(RULE("    lookup: {match: {urn: urn}}\n"), "4:13 R: lookup: needs `in`\n");
    mistake(RULE("    changed: {from: providers_before, fields: [sector], tolerance: 3}\n"),
            "4:68 R: changed: a tolerance is for numbers, and no field is one\n");
    mistake(RULE("    columns: {}\n"),
            "4:14 R: columns: say what is `required`, `forbidden` or the `only` columns\n");
    mistake(RULE("    reads: [places]\n    lua: return r.places = 1\n"),
            "5:0 R: <eof> expected near '='\n");
    mistake(RULE("    lua: return true\n"),
            "4:10 R: lua: say which fields the predicate reads\n");
}

/* ---- evidence ---- */

static as_doc_finding first_finding(world *w, world_eval *x)
{
    as_doc_finding f;
    void *plan;
    as_err e = {0};
    const as_rule *rule = &w->project->rules[0];
    const as_check_kind *k = as_check_kind_find(rule->kind);
    as_bind *b = world_bind(w, rule, &plan);
    assert_non_null(b);
    world_eval_open(w, x);
    x->ev.every_field = true; /* columns that the text does not give are null */
    assert_int_equal(k->eval(&x->ev, b, plan, &x->result, &e), AS_OK);
    assert_true(x->result.findings.count > 0);
    assert_int_equal(as_evidence_make(&x->ev, b, k, plan, &x->result, x->result.findings.items,
                                      w->arena, &f, &e),
                     AS_OK);
    return f;
}

static void fingerprint_of(const char *rule, const char *rows, char out[33])
{
    world_eval x;
    world *w = providers(rule, rows);
    as_doc_finding f = first_finding(w, &x);
    memcpy(out, f.fingerprint.ptr, 32);
    out[32] = '\0';
    world_eval_close(&x);
    world_close(w);
}

/* Rule, key and field make the fingerprint; row order, other records and other values do not.
 */
static void fingerprints(void **state)
{
    (void)state;
    const char *rule = RULE("    expect: {places: {min: 1}}\n");
    char one[33], two[33];
    fingerprint_of(rule, "urn|places\nA1|0\n", one);
    /* SHA-256 of "1:R2:A16:places": the rule, the key, the field, each with its length */
    char hex[AS_SHA256_HEX];
    as_err e = {0};
    assert_int_equal(as_sha256_of(AS_STR("1:R2:A16:places"), hex, &e), AS_OK);
    assert_memory_equal(one, hex, 32);
    fingerprint_of(rule, "urn|name|places\nA2|x|1\nA3||5\nA1|y|-7\n", two);
    assert_string_equal(one, two);
    fingerprint_of(rule, "urn|places\nA2|0\n", two);
    assert_string_not_equal(one, two);
    fingerprint_of(RULE("    expect: {sector: present, places: {min: 1}}\n"),
                   "urn|places\nA1|0\n", two);
    assert_string_not_equal(one, two);
    /* a record without its key is known by what is shown */
    fingerprint_of(rule, "urn|places\n|0\n", one);
    fingerprint_of(rule, "urn|places\n|-1\n", two);
    assert_string_not_equal(one, two);
    /* groups by their key, whoever is in them */
    fingerprint_of(RULE("    unique: [owner]\n"), "urn|owner\nA1|x\nA2|x\n", one);
    fingerprint_of(RULE("    unique: [owner]\n"), "urn|owner\nA3|x\nA1|x\nA4|x\n", two);
    assert_string_equal(one, two);
}

static void evidence(void **state)
{
    (void)state;
    world_eval x;
    world *w =
        providers(RULE("    steward: registration\n    severity: warning\n"
                       "    where: {sector: LA}\n    expect: {name: {length: {max: 3}}}\n"
                       "    message: \"{urn} {name} {sector}\"\n"),
                  "urn|sector|name\nA1|Private|x\nA2|LA|Rose Cottage\n");
    as_doc_finding f = first_finding(w, &x);
    assert_true(as_str_eq(f.rule, AS_STR("R")));
    assert_true(as_str_eq(f.severity, AS_STR("warning")));
    assert_true(as_str_eq(f.steward, AS_STR("registration")));
    assert_true(as_str_eq(f.table, AS_STR("providers")));
    assert_true(as_str_eq(f.key, AS_STR("A2")));
    assert_true(as_str_eq(f.field, AS_STR("name")));
    assert_int_equal(f.row, 2);
    assert_int_equal(f.line, 3);
    assert_int_equal(f.column, 3);
    assert_false(f.key_sensitive);
    assert_true(as_str_eq(f.message, AS_STR("A2 (masked) LA"))); /* raw, and no personal data */
    assert_int_equal(f.value_count, 3);
    assert_true(as_str_eq(f.values[0].field, AS_STR("sector")));
    assert_true(as_str_eq(f.values[0].text, AS_STR("LA")));
    assert_true(as_str_eq(f.values[1].text, AS_STR("Rose Cottage")));
    assert_true(f.values[1].sensitive);
    assert_false(f.values[0].sensitive);
    world_eval_close(&x);
    world_close(w);
}

/* A script may quote what it reads; sensitive values do not get out. */
static void evidence_masks(void **state)
{
    (void)state;
    one_table(
        RULE("    reads: [name, sector]\n    lua: return (\"%s of %s, %s\"):format(r.name, "
             "r.sector, r.name)\n"),
        "urn|name|sector\nA1|Rose|LA\n",
        "1 - A1: (masked) of Local Authority, (masked)\nselected 1 undecided 0 key nulls 0\n");
    one_table(
        RULE(
            "    reads: [name]\n    per: [owner]\n    lua: return 1, \"like \" .. g[2].name\n"),
        "urn|name|owner\nA1|Rose|x\nA2|Lily|x\n",
        "1 name A1: like (masked)\nselected 1 undecided 0 key nulls 0\n");
    one_table(
        RULE("    unique: [name]\n"), "urn|name\nA1|Rose\nA2|Rose\n",
        "1 name 2 records have the same name [1,2]\nselected 2 undecided 0 key nulls 0\n");
    one_table(RULE("    expect: {name: Lily}\n"), "urn|name\nA1|Rose\n",
              "1 name A1: name is (masked), expected: name is Lily\nselected 1 undecided 0 "
              "key nulls 0\n");
}

/* Long and many-lined values are one line of a sentence, visibly cut; the value itself is
 * whole. */
static void evidence_long(void **state)
{
    (void)state;
    as_buf rows = AS_BUF(AS_FIELD_MAX), expected = AS_BUF(AS_FIELD_MAX);
    as_buf_add(&rows, AS_STR("urn|owner\nA1|"));
    as_buf_add(&expected, AS_STR("1 owner "));
    for (int i = 0; i < 150; i++)
        as_buf_add(&rows, AS_STR("\xc3\xab")); /* two bytes each */
    for (int i = 0; i < 100; i++)
        as_buf_add(&expected, AS_STR("\xc3\xab"));
    as_buf_add(&rows, AS_STR("\n"));
    as_buf_add(&expected, AS_STR("…\nselected 1 undecided 0 key nulls 0\n"));
    one_table(RULE("    expect: {owner: null}\n    message: \"{owner}\"\n"), rows.ptr,
              expected.ptr);
    as_buf_free(&rows);
    as_buf_free(&expected);
}

/* ---- pieces ---- */

static void tolerances(void **state)
{
    (void)state;
    const as_tolerance none = {0, false}, half = {0.5, true}, three = {3, false};
    assert_true(as_within(5, 5, 5, none));
    assert_true(as_within(0.1 + 0.2, 0.3, 0.3, none));
    assert_false(as_within(1000000001, 1000000000, 1000000000, none));
    assert_true(as_within(1005, 1000, 1000, half));
    assert_false(as_within(1006, 1000, 1000, half));
    assert_true(as_within(-1005, -1000, -1000, half));
    assert_true(as_within(3, 0, 0, three));
    assert_false(as_within(3.1, 0, 0, three));
}

/* Equal combinations have one number, different ones different numbers, in every layout. */
static void memo(void **state)
{
    (void)state;
    as_arena *a = as_arena_open();
    as_schema *s = schema_of(a, "t", "x:text y:text d:date i:integer n:number");
    as_table *t = table_of(
        s, "a|p|2016-01-01|1|1.5\nb|p|2016-01-01|1|1.5\na|p|2016-01-01|1|1.5\n"
           "a|q|2016-01-01|1|1.5\na|p||1|1.5\na|p|2016-01-01|2|1.5\na|p|2016-01-01|1|2\n"
           "|||||\n|||||\na|p||1|1.5\n");
    const uint32_t all[] = {0, 1, 2, 3, 4}, expected[] = {0, 1, 0, 2, 3, 4, 5, 9, 9, 3};
    as_err e = {0};
    for (size_t count = 1; count <= 5; count++) {
        as_memo *m;
        uint32_t slots[10], fresh[10], fresh_count, known;
        uint8_t select[10] = {2, 2, 2, 2, 2, 2, 2, 1, 0, 2};
        assert_int_equal(as_memo_open(&m, t, all, count, &e), AS_OK);
        assert_int_equal(
            as_memo_block(m, 0, 10, select, slots, fresh, &fresh_count, &known, &e), AS_OK);
        assert_int_equal(known, 0);
        if (count == 5) {
            assert_int_equal(fresh_count, 6);
            for (size_t i = 0; i < 10; i++)
                assert_true(expected[i] == 9 || slots[i] == expected[i]);
        }
        if (count == 1)
            assert_int_equal(fresh_count, 2);
        assert_int_equal(
            as_memo_block(m, 0, 10, select, slots, fresh, &fresh_count, &known, &e), AS_OK);
        assert_int_equal(fresh_count, 0);
        assert_true(as_memo_worth(m));
        as_memo_close(m);
    }
    as_table_close(t);
    as_arena_close(a);
}

static as_code sometimes(void *arg, unsigned worker, uint32_t begin, uint32_t n,
                         as_scan_part *part, as_err *e)
{
    const uint32_t *bad = arg;
    (void)worker;
    part->selected += n;
    if (begin == bad[0] * AS_BLOCK || begin == bad[1] * AS_BLOCK)
        return as_fail(e, AS_EBUDGET, AS_NOWHERE, "block %u", begin / AS_BLOCK);
    return AS_OK;
}

/* Whichever worker fails first: the error of the first chunk is told. */
static void scan_errors(void **state)
{
    (void)state;
    as_err e = {0};
    for (unsigned jobs = 0; jobs < 5; jobs++) {
        as_eval ev = {.pool = NULL};
        as_result r = {0};
        uint32_t bad[2] = {100, 37};
        if (jobs)
            assert_int_equal(as_pool_open(&ev.pool, jobs, &e), AS_OK);
        assert_int_equal(as_scan(&ev, 200 * AS_BLOCK, sometimes, bad, &r, &e), AS_EBUDGET);
        assert_string_equal(e.text, "block 37");
        bad[0] = bad[1] = 1000;
        assert_int_equal(as_scan(&ev, 200 * AS_BLOCK + 1, sometimes, bad, &r, &e), AS_OK);
        assert_int_equal(r.selected, 200 * AS_BLOCK + 1);
        as_pool_close(ev.pool);
    }
}

/* Every allocation fails in turn, once and from then on: an error or the right answer. */
static void out_of_memory(void **state)
{
    (void)state;
    static const char *const rules[] = {
        RULE("    expect: {places: {min: 1}}\n"), RULE("    unique: [sector]\n"),
        RULE("    lookup: {in: providers_before, match: {sector: sector}, expect: {places: "
             "{min: 3}}}\n"),
        RULE("    changed: {from: providers_before, fields: [sector, places]}\n"),
        RULE("    columns: {forbidden: [sector]}\n")};
    for (size_t k = 0; k < sizeof rules / sizeof rules[0]; k++) {
        world *w = providers(rules[k], "urn|sector|places\nA1|LA|0\nA2|LA|1\n");
        world_table(w, "providers_before", "urn|sector|places\nA1|Private|0\nA2|LA|1\n");
        as_err e = {0};
        void *plan;
        as_bind *b = world_bind(w, &w->project->rules[0], &plan);
        const as_check_kind *kind = as_check_kind_find(w->project->rules[0].kind);
        size_t right = 0;
        assert_non_null(b);
        for (long n = -1; n < 60; n++)
            for (int forever = 0; forever < 2; forever++) {
                world_eval x;
                world_eval_open(w, &x);
                as_alloc_fail_after(n, forever);
                as_code code = kind->eval(&x.ev, b, plan, &x.result, &e);
                as_doc_finding f;
                if (code == AS_OK && x.result.findings.count)
                    code = as_evidence_make(&x.ev, b, kind, plan, &x.result,
                                            x.result.findings.items, x.ev.arena, &f, &e);
                as_alloc_fail_after(-1, false);
                if (n < 0)
                    right = x.result.findings.count;
                assert_true(right > 0);
                assert_true(code == AS_ENOMEM ||
                            (code == AS_OK && x.result.findings.count == right));
                world_eval_close(&x);
            }
        world_close(w);
    }
}

/* The skeleton that a new kind is copied from works as it stands. */
static void template_kind(void **state)
{
    (void)state;
    world *w =
        providers(RULE("    expect: {places: present}\n"), "urn|places\nA1|4\nA2|7\nA3|\n");
    as_node key = {.kind = AS_NODE_SCALAR, .text = AS_STR("field")};
    as_node value = {.kind = AS_NODE_SCALAR, .text = AS_STR("places")};
    as_node max_key = {.kind = AS_NODE_SCALAR, .text = AS_STR("max")};
    as_node max = {.kind = AS_NODE_SCALAR, .text = AS_STR("5")};
    as_pair pairs[] = {{&key, &value}, {&max_key, &max}};
    as_node spec = {.kind = AS_NODE_MAP, .pairs = pairs, .count = 2};
    as_rule rule = w->project->rules[0];
    rule.spec = &spec;
    as_bind b = {.project = w->project,
                 .rule = &rule,
                 .arena = w->arena,
                 .diags = &w->diags,
                 .want = world_want};
    b.schema = as_project_table_schema(w->project, AS_STR("providers"));
    b.env = (as_cond_env){
        .project = w->project, .self = b.schema, .arena = w->arena, .diags = &w->diags};
    void *plan;
    as_err e = {0};
    world_eval x;
    as_doc_finding f;
    assert_int_equal(as_check_template.bind(&b, &plan, &e), AS_OK);
    assert_int_equal(w->diags.errors, 0);
    world_eval_open(w, &x);
    assert_int_equal(as_check_template.eval(&x.ev, &b, plan, &x.result, &e), AS_OK);
    assert_int_equal(x.result.findings.count, 1);
    assert_int_equal(x.result.selected, 3);
    assert_int_equal(x.result.undecided, 1);
    assert_int_equal(as_evidence_make(&x.ev, &b, &as_check_template, plan, &x.result,
                                      x.result.findings.items, x.ev.arena, &f, &e),
                     AS_OK);
    assert_true(as_str_eq(f.message, AS_STR("A2: places is 7, at most 5 expected")));
    world_eval_close(&x);
    world_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expect_kind),
        cmocka_unit_test(expect_blames_the_first),
        cmocka_unit_test(expect_nothing_selected),
        cmocka_unit_test(expect_many_rows),
        cmocka_unit_test(unique_kind),
        cmocka_unit_test(unique_every_layout),
        cmocka_unit_test(unique_all_double),
        cmocka_unit_test(lookup_kind),
        cmocka_unit_test(lookup_expect),
        cmocka_unit_test(lookup_pairs),
        cmocka_unit_test(lookup_valid),
        cmocka_unit_test(changed_kind),
        cmocka_unit_test(changed_tolerance),
        cmocka_unit_test(changed_twice),
        cmocka_unit_test(changed_twice_null),
        cmocka_unit_test(lua_kind),
        cmocka_unit_test(lua_error),
        cmocka_unit_test(lua_many),
        cmocka_unit_test(lua_groups),
        cmocka_unit_test(columns_kind),
        cmocka_unit_test(builtin_kinds),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(fingerprints),
        cmocka_unit_test(evidence),
        cmocka_unit_test(evidence_masks),
        cmocka_unit_test(evidence_long),
        cmocka_unit_test(tolerances),
        cmocka_unit_test(memo),
        cmocka_unit_test(scan_errors),
        cmocka_unit_test(out_of_memory),
        cmocka_unit_test(template_kind),
    };
    return RUN_ON_EACH_CPU(tests, NULL, NULL);
}
