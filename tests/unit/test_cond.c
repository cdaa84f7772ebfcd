/* Conditions: what every form parses to, in words; every mistake with its place and what to do.
 */
#include "rules_fixture.h"

#include "base/limits.h"
#include "table/table.h"

#include <math.h>

static as_project *project;
static as_cond_env env;

static int open_all(void **state)
{
    if (fixture_open(state) != 0)
        return 1;
    put_pack();
    put("pack/codelists/odd.yaml", "list: odd\ncodes: [Secure, Elsewhere]\n");
    put("pack/codelists/alien.yaml", "list: alien\ncodes: [X, Y]\n");
    put("pack/tables/visits.yaml",
        "table: visits\nfields: {urn: , day: {type: date}, kind: {type: code, list: kinds}, "
        "n: {type: number}, raw: {trim: false, nulls: [\"-\"]}}\n");
    put("pack/rules.yaml", one_rule);
    project = open_pack("pack");
    env = (as_cond_env){.project = project,
                        .self = as_project_schema(project, S("homes")),
                        .plain = AS_SIDE_SELF,
                        .arena = arena,
                        .diags = &diags};
    return diags.count != 0;
}

static as_node *yaml(const char *text)
{
    as_node *n = NULL;
    if (as_yaml_parse(&n, arena, S(text), "c", &err) != AS_OK)
        fail_msg("%s", err.text);
    return n;
}

static as_cond *parse(const char *text)
{
    as_cond *c = as_cond_parse(&env, yaml(text));
    if (!c)
        fail_msg("%s: %s", text, report());
    assert_int_equal(diags.count, 0);
    return c;
}

static void says(const char *text, const char *words)
{
    as_buf out = AS_BUF(AS_MIB);
    as_cond_words(parse(text), env.self, env.other, &out);
    EXPECT_STR(as_buf_str(&out), words);
    as_buf_free(&out);
}

/* Every mistake of one condition: "1:7: error: …" a line. */
static void wrong(const char *text, const char *want)
{
    as_diags_init(&diags, arena);
    assert_null(as_cond_parse(&env, yaml(text)));
    EXPECT_REPORT(want);
    as_diags_init(&diags, arena);
}

/* ---- forms ---- */

static void test_words(void **state)
{
    (void)state;
    says("{kind: Secure}", "kind is Secure");
    says("{kind: [Secure, School]}", "kind is Secure or School");
    says("{kind: {is: Secure}}", "kind is Secure");
    says("{kind: {in: [Secure, School, CH]}}", "kind is Secure, School or Children's home");
    says("{kind: {list: with_places}}", "kind is on code list with_places");
    says("{name: [a, b, c, d, e, f, g, h]}", "name is a, b, c, d, e, f or one of 2 more");
    says("{places: null}", "places is null");
    says("{places: ~}", "places is null");
    says("{places: present}", "places is present");
    says("{places: {present: true}}", "places is present");
    says("{places: {present: false}}", "places is null");
    says("{places: {is: null}}", "places is null");
    says("{name: \"null\"}", "name is null"); /* the text */
    says("{kind: {not: Secure}}", "kind is not Secure");
    says("{kind: {not: [Secure, School]}}", "kind is not Secure or School");
    says("{places: {not: null}}", "places is not null");
    says("{places: {not: {min: 3}}}", "places is not at least 3");
    says("{places: {present: true, min: 1}}", "places is present and at least 1");
    says("{name: {matches: x, present: true}}", "name matches `x` and is present");
    says("{places: {min: 1, max: 9}}", "places is at least 1 and at most 9");
    says("{places: {above: 0, below: 10.5}}", "places is above 0 and below 10.5");
    says("{opened: {min: 2016-04-01, max: 2017-03-31}}",
         "opened is on or after 2016-04-01 and on or before 2017-03-31");
    says("{opened: {above: $since, below: $as_at}}",
         "opened is after 2016-04-01 and before 2017-03-31");
    says("{opened: {max: {field: closed}}}", "opened is on or before closed");
    says("{opened: {min: {field: closed, plus: -90}}}",
         "opened is on or after closed minus 90 days");
    says("{opened: {min: {field: closed, plus: 1}}}",
         "opened is on or after closed plus 1 day");
    says("{places: {max: {field: share, plus: 0.5}}}", "places is at most share plus 0.5");
    says("{opened: {same_as: closed}}", "opened is the same as closed");
    says("{urn: {differs_from: name}}", "urn differs from name");
    says("{urn: {not: {differs_from: name}}}", "urn does not differ from name");
    says("{name: {matches: \"[A-Z]+\"}}", "name matches `[A-Z]+`");
    says("{name: {not: {matches: x}}}", "name does not match `x`");
    says("{name: {format: postcode}}", "name has the format postcode");
    says("{name: {contains: Council}}", "name contains \"Council\"");
    says("{name: {contains: Council, exact: true}}", "name contains \"Council\" as written");
    says("{name: {length: {min: 3, max: 8}}}", "name has 3 to 8 characters");
    says("{name: {length: {min: 3}}}", "name has at least 3 characters");
    says("{name: {length: {max: 1}}}", "name has at most 1 character");
    says("{name: {length: {min: 8, max: 8}}}", "name has exactly 8 characters");
    says("{kind: Secure, places: {present: true, min: 1}}",
         "kind is Secure and places is present and at least 1");
    says("{any: [{kind: Secure}, {places: null, name: present}]}",
         "kind is Secure or (places is null and name is present)");
    says("{any: [{places: null}, {places: 0}]}", "places is null or 0");
    says("{kind: Secure, any: [{places: null}, {name: null}]}",
         "kind is Secure and (places is null or name is null)");
    says("{all: [{places: null}, {all: [{name: null}, {urn: null}]}]}",
         "places is null and name is null and urn is null");
    says("{not: {places: null}}", "places is not null");
    says("{not: {places: null, name: null}}", "not (places is null and name is null)");
    says("{not: {not: {places: null}}}", "not (places is not null)");
    says("{any: [{kind: Secure}]}", "kind is Secure");
    as_buf out = AS_BUF(AS_KIB);
    as_cond_words(as_cond_parse(&env, NULL), env.self, NULL, &out);
    EXPECT_STR(as_buf_str(&out), "every record");
    as_buf_free(&out);
}

static void test_trees(void **state)
{
    (void)state;
    as_cond *c = parse("{kind: [ch, \"children's  HOME\"]}");
    assert_int_equal(c->op, AS_COND_IN);
    assert_int_equal(c->field, 1);
    assert_int_equal(c->value_count, 2);
    EXPECT_STR(c->values[0].text, "Children's home"); /* variants are mapped to their code */
    EXPECT_STR(c->values[1].text, "Children's home");
    c = parse("{places: {present: true, min: $least}}");
    assert_int_equal(c->op, AS_COND_ALL);
    assert_int_equal(c->kid_count, 2);
    assert_int_equal(c->kids[0]->op, AS_COND_PRESENT);
    assert_false(c->kids[0]->requires_present);
    assert_int_equal(c->kids[1]->op, AS_COND_CMP);
    assert_true(c->kids[1]->requires_present);
    assert_int_equal(c->kids[1]->cmp, AS_CMP_GE);
    assert_true(c->kids[1]->bound.f == 1 && c->kids[1]->bound.i == 1);
    assert_int_equal(c->kids[1]->other, AS_NO_FIELD);
    c = parse("{places: {min: 2.5}}"); /* a fraction will do as a bound */
    assert_true(c->bound.f == 2.5 && c->bound.i == AS_INT_NULL);
    c = parse("{share: [0.5, 2]}");
    assert_true(c->values[0].f == 0.5 && c->values[0].i == AS_INT_NULL && c->values[1].i == 2);
    c = parse("{opened: 2017-03-31}");
    assert_int_equal(c->values[0].d, as_date_from(2017, 3, 31));
    c = parse("{name: {contains: \"  St. MARY \"}}");
    EXPECT_STR(c->needle, " st. mary ");
    assert_false(c->exact);
    c = parse("{name: {contains: \" Ltd\", exact: true}}");
    EXPECT_STR(c->needle, " Ltd");
    assert_true(c->exact);
    c = parse("{name: {format: postcode}}");
    assert_int_equal(c->op, AS_COND_MATCHES);
    assert_int_equal(as_regex_match(c->regex, S("SW1A 1AA")), AS_MATCH_YES);
    assert_int_equal(as_regex_match(c->regex, S("x SW1A 1AA")), AS_MATCH_NO);
    c = parse("{name: {length: {min: 2}}}");
    assert_true(c->min_len == 2 && isnan(c->max_len));
    c = parse("{name: \"$least\"}"); /* quoted: the text itself */
    EXPECT_STR(c->values[0].text, "$least");
    c = parse("{name: $5}"); /* no name can begin with a digit */
    EXPECT_STR(c->values[0].text, "$5");
    assert_true(as_project_list(project, S("kinds"))->used);
    assert_true(as_project_pattern(project, S("postcode"))->used);
    assert_false(as_project_list(project, S("alien"))->used);
    c = as_cond_parse(&env, NULL);
    assert_int_equal(c->op, AS_COND_ALL);
    assert_int_equal(c->kid_count, 0);
}

static void mark(void *arg, as_side side, uint32_t field)
{
    as_buf_addf(arg, "%s%u ", side == AS_SIDE_SELF ? "" : "o", (unsigned)field);
}

static void test_fields(void **state)
{
    (void)state;
    as_buf out = AS_BUF(AS_KIB);
    as_cond_fields(parse("{any: [{kind: Secure}, {not: {opened: {max: {field: closed}}}}, "
                         "{urn: {same_as: name}}]}"),
                   mark, &out);
    EXPECT_STR(as_buf_str(&out), "1 4 5 0 6 ");
    as_cond_fields(NULL, mark, &out);
    as_buf_free(&out);
}

/* Plain names are the other table's; {record: f} is this record's. */
static void test_other_side(void **state)
{
    (void)state;
    env.other = as_project_schema(project, S("visits"));
    env.plain = AS_SIDE_OTHER;
    as_cond *c = parse(
        "{day: {max: {record: opened, plus: 3}}, urn: {same_as: {record: urn}}, kind: Secure}");
    assert_int_equal(c->kids[0]->side, AS_SIDE_OTHER);
    assert_int_equal(c->kids[0]->field, 1);
    assert_int_equal(c->kids[0]->other_side, AS_SIDE_SELF);
    assert_int_equal(c->kids[0]->other, 4);
    assert_true(c->kids[0]->offset == 3);
    as_buf out = AS_BUF(AS_KIB);
    as_cond_words(c, env.self, env.other, &out);
    EXPECT_STR(
        as_buf_str(&out),
        "day is on or before this record's opened plus 3 days and urn is the same as this "
        "record's urn and kind is Secure");
    as_buf_clear(&out);
    as_cond_fields(c, mark, &out);
    EXPECT_STR(as_buf_str(&out), "o1 4 o0 0 o2 ");
    /* several that are the same are named once */
    c = parse("{urn: {same_as: {record: urn}}, kind: {same_as: {record: kind}}, day: present}");
    as_buf_clear(&out);
    as_cond_words(c, env.self, env.other, &out);
    EXPECT_STR(as_buf_str(&out),
               "urn and kind are the same as this record's and day is present");
    c = parse("{any: [{urn: {same_as: {record: urn}}}, {kind: {same_as: {record: kind}}}]}");
    as_buf_clear(&out);
    as_cond_words(c, env.self, env.other, &out);
    EXPECT_STR(as_buf_str(&out), "urn is the same as this record's urn or kind is the same as "
                                 "this record's kind");
    as_buf_free(&out);
    parse("{raw: \" a \"}"); /* cells that keep their blanks may be compared with blanks */
    wrong("{day: {max: {field: day, plus: 1}}}",
          "c:1:13: error: `day` is compared with itself | name another field\n");
}

static void test_params(void **state)
{
    (void)state;
    as_cond *c = parse("{opened: {min: $as_at_before}}");
    assert_int_equal(c->bound.d, as_date_from(2016, 3, 31));
    as_param over[] = {{.name = S("as_at"), .value = S("2020-02-29")},
                       {.name = S("least"), .value = S("7")}};
    env.over = over;
    env.over_count = 2;
    assert_int_equal(parse("{opened: $as_at}")->values[0].d, as_date_from(2020, 2, 29));
    assert_int_equal(parse("{opened: $as_at_before}")->values[0].d, as_date_from(2019, 2, 28));
    assert_int_equal(parse("{places: $least}")->values[0].i, 7);
    assert_int_equal(parse("{opened: $period_to}")->values[0].d, as_date_from(2017, 3, 31));
    env.over = NULL;
    env.over_count = 0;
    wrong("{places: {min: $leest, max: $most}, name: $release, opened: {min: $as_att}}",
          "c:1:16: error: there is no parameter `$leest` | did you mean `$least`?\n"
          "c:1:29: error: there is no parameter `$most` | known: $least, $since, $as_at, "
          "$as_at_before, $period_from, "
          "$period_to, $period_from_before, $period_to_before, $release\n"
          "c:1:67: error: there is no parameter `$as_att` | did you mean `$as_at`?\n");
    wrong("{places: $since, opened: $least, kind: $least}",
          "c:1:10: error: `places`: `2016-04-01` (`$since`) is not a number | write digits "
          "with a point, as 12 or 0.5\n"
          "c:1:26: error: `opened`: `1` (`$least`) is not a date | write year-month-day, as "
          "2017-03-31\n"
          "c:1:40: error: `kind`: `1` (`$least`) is not on code list `kinds` | known: "
          "Children's home, Secure, School\n");
}

/* A release that does not say as_at or period has no such parameters. */
static void test_no_dates(void **state)
{
    (void)state;
    put("release.yaml", "release: x\npacks: [pack]\ntables: {homes: {file: h.csv}}\n");
    env.project = open_release();
    assert_int_equal(diags.count, 0);
    wrong("{opened: {min: $period_from, max: $as_at}, closed: $as_at_before}",
          "c:1:16: error: `$period_from` has no value: the release has no `period` | add "
          "`period: {from: 2016-04-01, "
          "to: 2017-03-31}` to release.yaml\n"
          "c:1:35: error: `$as_at` has no value: the release has no `as_at` | add `as_at: "
          "2017-03-31` to "
          "release.yaml\n"
          "c:1:52: error: `$as_at_before` has no value: the release has no `as_at` | add "
          "`as_at: 2017-03-31` to "
          "release.yaml\n");
}

/* ---- mistakes ---- */

static void test_shape_mistakes(void **state)
{
    (void)state;
    wrong("[{kind: Secure}]", "c:1:1: error: a condition must be a mapping, not a list | put "
                              "the list under `any:` or "
                              "`all:`\n");
    wrong("kind",
          "c:1:1: error: a condition must be a mapping, not text | write {field: value}\n");
    wrong("{}", "c:1:1: error: an empty condition holds for every record | leave it out, or "
                "write {field: value}\n");
    wrong("{any: {kind: Secure}, all: [], not: [a]}",
          "c:1:7: error: `any` must be a list of conditions, not a mapping | write `any: "
          "[{field: value}, {field: "
          "value}]`\n"
          "c:1:28: error: `all` must be a list of conditions, not empty | write `all: [{field: "
          "value}, {field: "
          "value}]`\n"
          "c:1:37: error: a condition must be a mapping, not a list | put the list under "
          "`any:` or `all:`\n");
    wrong("{any: [{kind: Secure}, null, {}]}",
          "c:1:24: error: a condition must be a mapping, not empty | write {field: value}\n"
          "c:1:30: error: an empty condition holds for every record | leave it out, or write "
          "{field: value}\n");
    wrong("{plcaes: 1, zzzzzzzz: 2}",
          "c:1:2: error: `homes` has no field `plcaes` | did you mean `places`?\n"
          "c:1:13: error: `homes` has no field `zzzzzzzz` | known: urn, kind, places, share, "
          "opened, closed, name\n");
    wrong("{places: , name: {}, kind: []}",
          "c:1:10: error: `places` is compared with nothing | `places: null` holds where there "
          "is no value, `places: "
          "present` where there is\n"
          "c:1:18: error: `name` is compared with nothing | write {min: 1}, {list: L}, "
          "{present: true}, …\n"
          "c:1:28: error: `kind` is compared with an empty list\n");
}

static void test_literal_mistakes(void **state)
{
    (void)state;
    wrong("{kind: [Secur, Elsewhere]}",
          "c:1:9: error: `kind`: `Secur` is not on code list `kinds` | did you mean `Secure`?\n"
          "c:1:16: error: `kind`: `Elsewhere` is not on code list `kinds` | known: Children's "
          "home, Secure, School\n");
    wrong("{places: [1, x, 2.5, 1e3, 1e400]}",
          "c:1:14: error: `places`: `x` is not a number | write digits with a point, as 12 or "
          "0.5\n"
          "c:1:17: error: `places`: `2.5` is not a whole number, and the field holds whole "
          "numbers\n"
          "c:1:22: error: `places`: `1e3` is not a number | write digits with a point, as 12 "
          "or 0.5\n"
          "c:1:27: error: `places`: `1e400` is not a number | write digits with a point, as 12 "
          "or 0.5\n");
    wrong("{opened: 31/03/2017, closed: {min: 2017-02-29}}",
          "c:1:10: error: `opened`: `31/03/2017` is not a date | write year-month-day, as "
          "2017-03-31\n"
          "c:1:36: error: `closed`: `2017-02-29` is not a date | write year-month-day, as "
          "2017-03-31\n");
    wrong("{name: [\"\", \" a\", null, {b: c}]}",
          "c:1:9: error: `name`: `` is read as null and never equal to anything | write `name: "
          "null`\n"
          "c:1:13: error: `name`: ` a` has blanks around it, which cells never have | remove "
          "them\n"
          "c:1:19: error: `name`: null is not equal to anything | write `name: null`\n"
          "c:1:25: error: a value must be text, not a mapping\n");
}

static void test_operator_mistakes(void **state)
{
    (void)state;
    wrong("{places: {mim: 1, maxx: 2, quite: 3}}",
          "c:1:11: error: unknown operator `mim` on `places` | did you mean `min`?\n"
          "c:1:19: error: unknown operator `maxx` on `places` | did you mean `max`?\n"
          "c:1:28: error: unknown operator `quite` on `places` | known: is, in, list, present, "
          "not, min, max, above, "
          "below, same_as, differs_from, matches, format, contains, exact, length\n");
    wrong("{name: {min: 1}, places: {matches: x, list: kinds, contains: a, length: {min: 1}, "
          "format: postcode}}",
          "c:1:9: error: `min` does not go with `name`, which holds type text | declare the "
          "field as integer, number or "
          "date; for texts there is `length`\n"
          "c:1:27: error: `matches` does not go with `places`, which holds type integer | a "
          "regular expression is for "
          "texts and codes\n"
          "c:1:39: error: `list` does not go with `places`, which holds type integer | write "
          "`in: [a, b]`\n"
          "c:1:52: error: `contains` does not go with `places`, which holds type integer | "
          "`contains` is for texts and "
          "codes\n"
          "c:1:65: error: `length` does not go with `places`, which holds type integer | "
          "`length` is for texts and "
          "codes\n"
          "c:1:83: error: `format` does not go with `places`, which holds type integer | a "
          "format is for texts and "
          "codes\n");
    wrong(
        "{places: {min: 5, max: 3}, opened: {min: 2017-01-01, max: 2016-01-01}, share: {above: "
        "1, max: 1}}",
        "c:1:19: error: `places`: min (5) exceeds max (3), so it never holds | exchange them\n"
        "c:1:54: error: `opened`: min (2017-01-01) exceeds max (2016-01-01), so it never holds "
        "| exchange them\n"
        "c:1:90: error: `share`: above (1) exceeds max (1), so it never holds | exchange "
        "them\n");
    wrong("{places: {present: 1, min: 1}, share: {present: false, min: 1}}",
          "c:1:20: error: `present` must be true or false, not 1 | write `true` or `false`\n"
          "c:1:49: error: `present: false` beside other tests of `share` never holds | write "
          "it as a condition of its "
          "own, under `any:`\n");
    wrong("{kind: {is: [a], in: b}}",
          "c:1:13: error: `is` takes one value, not a list | write `in:`\n"
          "c:1:22: error: `in` takes a list of values, not text | write `in: [a, b]`, `is: "
          "a` or `list: CODE_LIST`\n");
    wrong("{kind: {list: knids}, name: {list: nothing}}",
          "c:1:15: error: there is no code list `knids` | did you mean `kinds`?\n"
          "c:1:36: error: there is no code list `nothing` | write it into codelists/NAME.yaml "
          "of the pack\n");
    wrong("{kind: {list: alien}}",
          "c:1:15: error: no code of `alien` is on `kinds`, the code list of `kind`\n");
    wrong("{name: {matches: \"([a-z\", format: postcod}, urn: {format: nothing}}",
          "c:1:18: error: `name`: the regular expression \"([a-z\" is wrong at offset 5: "
          "missing terminating ] for "
          "character class\n"
          "c:1:35: error: there is no pattern `postcod` | did you mean `postcode`?\n"
          "c:1:59: error: there is no pattern `nothing` | write it under `patterns:` of "
          "pack.yaml\n");
    wrong("{name: {contains: \"  \", exact: maybe}, urn: {exact: true}, kind: {contains: a, "
          "exact: maybe}}",
          "c:1:19: error: `contains` looks for nothing\n"
          "c:1:46: error: `exact` goes with `contains` | write {contains: text, exact: true}\n"
          "c:1:87: error: `exact` must be true or false | write `true` or `false`\n");
    wrong("{name: {length: 3}, urn: {length: {min: -1, max: x, mx: 1}}, kind: {length: {min: "
          "4, max: 3}}}",
          "c:1:17: error: `length` must be a mapping, not text | write {min: 3, max: 8}\n"
          "c:1:41: error: `min` of `length` cannot be `-1` | write a whole number from 0\n"
          "c:1:50: error: `max` of `length` cannot be `x` | write a whole number from 0\n"
          "c:1:53: error: unknown key `mx` in `length` | known: min, max\n"
          "c:1:91: error: min exceeds max | exchange them\n");
}

static void test_field_mistakes(void **state)
{
    (void)state;
    wrong("{opened: {same_as: opend, max: {field: closd, plus: x}}}",
          "c:1:20: error: `homes` has no field `opend` | did you mean `opened`?\n"
          "c:1:40: error: `homes` has no field `closd` | did you mean `closed`?\n"
          "c:1:53: error: `plus` cannot be `x` | write a number of days, as 90 or -1\n");
    wrong("{opened: {same_as: opened, differs_from: places, max: {field: name}}}",
          "c:1:20: error: `opened` is compared with itself | name another field\n"
          "c:1:42: error: `opened` is of type date and `places` of type integer: they cannot "
          "be compared\n"
          "c:1:55: error: `opened` is of type date and `name` of type text: they cannot be "
          "compared\n");
    wrong("{opened: {max: {field: closed, pluss: 1, plus: 0.5}}, places: {min: {plus: 1}, max: "
          "{field: share, record: "
          "share}}}",
          "c:1:32: error: unknown key `pluss` in a bound | did you mean `plus`?\n"
          "c:1:48: error: `plus` cannot be `0.5` | write a number of days, as 90 or -1\n"
          "c:1:69: error: a field must be named here | write {field: g}, or {record: g} for "
          "this record's\n"
          "c:1:85: error: a field must be named here | write {field: g}, or {record: g} for "
          "this record's\n");
    wrong("{opened: {max: {record: closed}, same_as: {record: closed}}}",
          "c:1:25: error: there is no other table here, so `record` means nothing | write "
          "{field: …}\n"
          "c:1:52: error: there is no other table here, so `record` means nothing | write "
          "{field: …}\n");
}

/* Codes of a list that the field can never have: told once, at the list. */
static void test_odd_codes(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++)
        assert_non_null(as_cond_parse(&env, yaml("{kind: {list: odd}}")));
    EXPECT_REPORT("pack/codelists/odd.yaml:2:17: warning: `Elsewhere` is not on `kinds`, the "
                  "code list of `kind`: no "
                  "record has it | known: Children's home, Secure, School\n");
    as_diags_init(&diags, arena);
    assert_non_null(
        as_cond_parse(&env, yaml("{name: {list: odd}}"))); /* a text may be anything */
    EXPECT_REPORT("");
}

static void nested(unsigned depth, const char *open, const char *inner, const char *shut,
                   as_buf *out)
{
    as_buf_clear(out);
    for (unsigned i = 0; i < depth; i++)
        as_buf_addf(out, "%s", open);
    as_buf_addf(out, "%s", inner);
    for (unsigned i = 0; i < depth; i++)
        as_buf_addf(out, "%s", shut);
}

static void test_depth(void **state)
{
    (void)state;
    as_buf text = AS_BUF(AS_MIB);
    nested(32, "{not: ", "{places: null}", "}", &text);
    parse(text.ptr);
    nested(33, "{not: ", "{places: null}", "}", &text);
    wrong(text.ptr,
          "c:1:194: error: a condition nested deeper than 32 levels | split the rule\n");
    nested(30, "{any: [", "{places: null}", "]}", &text);
    parse(text.ptr);
    as_buf deep = AS_BUF(AS_MIB);
    nested(33, "{not: ", "null", "}", &deep);
    as_buf_clear(&text);
    as_buf_addf(&text, "{places: %s}", deep.ptr);
    wrong(text.ptr,
          "c:1:208: error: a condition nested deeper than 32 levels | split the rule\n");
    as_buf_free(&deep);
    as_buf_free(&text);
}

#define T(f) cmocka_unit_test_setup_teardown(f, open_all, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_words),
        T(test_trees),
        T(test_fields),
        T(test_other_side),
        T(test_params),
        T(test_no_dates),
        T(test_shape_mistakes),
        T(test_literal_mistakes),
        T(test_operator_mistakes),
        T(test_field_mistakes),
        T(test_odd_codes),
        T(test_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
