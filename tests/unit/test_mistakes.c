/* What is wrong in releases and packs: every mistake at once, with its place and what to do. */
#include "rules_fixture.h"

static void test_release_mistakes(void **state)
{
    (void)state;
    put_pack();
    put("pack/rules.yaml", one_rule);
    put("release.yaml",
        "relase: x\nas_at: 31/03/2017\nperiod: {from: 2017-03-31, to: 2016-04-01, til: x}\n"
        "packs: [pack, ./pack, nowhere, pack/pack.yaml]\n"
        "gate: {fail_on: errors}\n"
        "params: {leest: 3, as_at: 2018-01-01, since: [a], least: }\n"
        "tables:\n"
        "  homes: {schema: hoems}\n"
        "  homes_before: {file: x.csv}\n"
        "  a-b: {file: x.csv}\n"
        "  more: x.csv\n"
        "  odd: {file: x.csv, schema: homes, range: A6, header: 0, delimiter: ab, encoding: "
        "utf8, shet: a}\n"
        "  flip: {file: x.csv, schema: homes, range: B2:A9, header: auto, delimiter: \";\"}\n"
        "without: {homes: \"\", visits: }\n"
        "sign_off: {required: true, roles: {assurer: me}}\n");
    as_project *p = open_release();
    assert_false(p->usable);
    EXPECT_REPORT(
        "release.yaml:1:1: error: the release has no `release` | add `release: …`\n"
        "release.yaml:1:1: error: unknown key `relase` in a release file | did you mean "
        "`release`?\n"
        "release.yaml:2:8: error: `as_at`: `31/03/2017` is not a date | write year-month-day, "
        "as 2017-03-31\n"
        "release.yaml:3:16: error: `period` begins after it ends | exchange them\n"
        "release.yaml:3:44: error: unknown key `til` in `period` | known: from, to\n"
        "release.yaml:4:15: error: pack `./pack` is named twice | remove one\n"
        "release.yaml:4:23: error: pack `nowhere`: nowhere: no such file or directory | name "
        "the folder that holds pack.yaml, from the folder of release.yaml\n"
        "release.yaml:4:32: error: pack `pack/pack.yaml`: pack/pack.yaml: not a folder | name "
        "the folder that holds pack.yaml, from the folder of release.yaml\n"
        "release.yaml:5:17: error: `fail_on` cannot be `errors` | did you mean `error`?\n"
        "release.yaml:6:10: error: no pack of this release has a parameter `leest` | did you "
        "mean `least`?\n"
        "release.yaml:6:20: error: `as_at` is a built-in parameter and cannot be set here | it "
        "follows from `release`, `as_at` and `period`\n"
        "release.yaml:6:46: error: parameter `since` must be one value, not a list\n"
        "release.yaml:6:58: error: parameter `least` has no value\n"
        "release.yaml:8:10: error: a table has no `file` | add `file: …`\n"
        "release.yaml:8:19: error: there is no schema `hoems` | did you mean `homes`?\n"
        "release.yaml:9:3: error: no schema describes table `homes_before` | add `schema: "
        "homes`\n"
        "release.yaml:10:3: error: `a-b` cannot be the name of a table | use letters, digits "
        "and `_`, not a digit first, at most 100\n"
        "release.yaml:11:9: error: table `more` must be a mapping, not text | write {file: "
        "extracts/NAME.csv}\n"
        "release.yaml:12:44: error: `range` cannot be `A6` | write two corners, as \"A6:Q13\"\n"
        "release.yaml:12:56: error: `header` cannot be `0` | the number of a row, from 1, or "
        "`auto`\n"
        "release.yaml:12:70: error: `delimiter` cannot be `ab` | one character, or comma, "
        "semicolon, tab, bar, auto\n"
        "release.yaml:12:84: error: `encoding` cannot be `utf8` | did you mean `utf-8`?\n"
        "release.yaml:12:90: error: unknown key `shet` in a table | did you mean `sheet`?\n"
        "release.yaml:13:45: error: `range` `B2:A9` is empty | the upper left corner comes "
        "first\n"
        "release.yaml:14:11: error: `homes` is both under `tables` and under `without` | "
        "remove one of the two\n"
        "release.yaml:14:18: error: `without` gives no reason for the absence of `homes` | "
        "write `TABLE: reason`\n"
        "release.yaml:14:22: warning: no rule needs table `visits`\n"
        "release.yaml:14:30: error: `without` gives no reason for the absence of `visits` | "
        "write `TABLE: reason`\n"
        "release.yaml:15:11: error: `sign_off` is required, but no file says who may sign | "
        "add `allowed_signers: FILE`\n"
        "release.yaml:15:45: error: `assurer` must be a list, not text | write `[me]`\n");
}

static void test_pack_mistakes(void **state)
{
    (void)state;
    put_pack();
    put("pack/pack.yaml", "pack: small\nstewards: [a]\nparams: {as_at: 1, a b: 2, x: $least}\n"
                          "patterns: {bad: \"([\"}\nauthor: me\n");
    put("pack/rules.yml", "rules: []\n");
    put("pack/table/x.yaml", "");
    put("pack/tables/notes.txt", "");
    put("pack/tables/old.yml", "");
    put("pack/tables/a-b.yaml", "table: a-b\n");
    put("pack/reference/loose.csv", "a\n");
    put("pack/empty.yaml", "");
    put("pack/list.yaml", "- a\n");
    put("pack/broken.yaml", "rules: [\n");
    open_pack("pack");
    EXPECT_REPORT(
        "pack/broken.yaml:2:1: error: the file ends here, but a `[` or `{` above is not "
        "closed\n"
        "pack/empty.yaml:1:1: warning: a file without rules | write `rules:` or `measures:`, "
        "or remove the file\n"
        "pack/list.yaml:1:1: error: a file of rules must be a mapping, not a list | begin with "
        "`rules:`\n"
        "pack/pack.yaml:2:11: error: `stewards` must be a mapping, not a list\n"
        "pack/pack.yaml:3:10: error: `as_at` is a built-in parameter | choose another name\n"
        "pack/pack.yaml:3:20: error: `a b` cannot be the name of a parameter | use letters, "
        "digits and `_`, not a digit first, at most 100\n"
        "pack/pack.yaml:3:31: error: parameter `x` cannot stand for another parameter | write "
        "the value itself\n"
        "pack/pack.yaml:4:17: error: pattern `bad`: the regular expression \"([\" is wrong at "
        "offset 2: missing terminating ] for character class\n"
        "pack/pack.yaml:5:1: error: unknown key `author` in pack.yaml | known: pack, version, "
        "title, source, stewards, params, patterns, optional\n"
        "pack/reference/loose.csv: error: reference table `loose` has no schema in this pack | "
        "write tables/loose.yaml\n"
        "pack/rules.yml: warning: this file is not read | rename it so that it ends in "
        "`.yaml`\n"
        "pack/table: warning: this folder is not read | did you mean `tables`?\n"
        "pack/tables/a-b.yaml: error: `a-b` cannot be the name of a file here | use letters, "
        "digits and `_`, not a digit first, at most 100\n"
        "pack/tables/old.yml: warning: this file is not read | files here end in `.yaml`\n");
}

static void test_schema_mistakes(void **state)
{
    (void)state;
    put_pack();
    put("pack/rules.yaml", one_rule);
    put("pack/tables/bad.yaml",
        "table: good\nkey: [urnn, a, a]\nnulls: x\n"
        "fields:\n"
        "  a: {type: interger}\n"
        "  b: {type: code}\n"
        "  c: {type: code, list: knids}\n"
        "  d: {list: kinds, formats: [\"%d\"]}\n"
        "  e: {type: date, formats: [\"%d/%m\", \"%d/%m/%Y\"]}\n"
        "  f: {type: number, thousands: \".\", strip: \"(\", required: maybe}\n"
        "  any: {}\n"
        "  h: {header: [B], nuls: [x]}\n"
        "  i: text\n"
        "  j: {header: [Same]}\n"
        "  k: {header: [same ]}\n"
        "unpivot: {keep: [a, zz], name: a, value: f, extra: 1}\n");
    put("pack/tables/none.yaml", "table: none\n");
    put("pack/codelists/bad.yaml", "list: worse\ncodes: {A: a, B: [[c]], \"\": []}\n");
    put("pack/codelists/none.yaml", "list: none\ncodes: []\nsorce: x\n");
    put("pack/codelists/twice.yaml", "list: twice\ncodes: {A: [x], B: [X]}\n");
    open_pack("pack");
    EXPECT_REPORT(
        "pack/codelists/bad.yaml:1:7: error: `list: worse` is in a file named bad.yaml | write "
        "`list: bad`\n"
        "pack/codelists/bad.yaml:2:12: error: the variants of code `A` must be a list, not "
        "text | write `[variant, …]`, or `[]` where there are none\n"
        "pack/codelists/bad.yaml:2:19: error: a variant must be text, not a list | put a "
        "variant that holds `: ` in quotes\n"
        "pack/codelists/bad.yaml:2:25: error: an empty code\n"
        "pack/codelists/none.yaml:2:8: error: code list `none` has no codes | write `codes: "
        "{CODE: [variant, …], …}` or `codes: [CODE, …]`\n"
        "pack/codelists/none.yaml:3:1: error: unknown key `sorce` in a code list | did you "
        "mean `source`?\n"
        "pack/codelists/twice.yaml:2:17: error: code list \"twice\": \"X\" is claimed by two "
        "codes, \"A\" and \"B\" | a spelling stands for one code: take it from one of the two\n"
        "pack/tables/bad.yaml:1:8: error: `table: good` is in a file named bad.yaml | write "
        "`table: bad`\n"
        "pack/tables/bad.yaml:2:7: error: `key` names no field of `bad`: `urnn` | known: a, b, "
        "c, d, e, f, h, i, j, k\n"
        "pack/tables/bad.yaml:2:16: error: `key` names `a` twice\n"
        "pack/tables/bad.yaml:3:8: error: `nulls` must be a list, not text | write `[x]`\n"
        "pack/tables/bad.yaml:5:13: error: `type` cannot be `interger` | did you mean "
        "`integer`?\n"
        "pack/tables/bad.yaml:6:6: error: field `b` is a code without a code list | add `list: "
        "NAME`, or use `type: text`\n"
        "pack/tables/bad.yaml:7:25: error: there is no code list `knids` | did you mean "
        "`kinds`?\n"
        "pack/tables/bad.yaml:8:7: error: `list` is for fields of type code only | is `type: "
        "code` missing?\n"
        "pack/tables/bad.yaml:8:20: error: `formats` is for fields of type date only | is "
        "`type: date` missing?\n"
        "pack/tables/bad.yaml:8:30: error: `%d` is not a date format | day, month and year, as "
        "\"%d/%m/%Y\", \"%Y-%m-%d\" or \"%d %B %Y\"\n"
        "pack/tables/bad.yaml:9:29: error: `%d/%m` is not a date format | day, month and year, "
        "as \"%d/%m/%Y\", \"%Y-%m-%d\" or \"%d %B %Y\"\n"
        "pack/tables/bad.yaml:10:32: error: `thousands` cannot be `.` | one character that is "
        "not part of a number, as \",\", or `none`\n"
        "pack/tables/bad.yaml:10:44: error: `strip`: the regular expression \"(\" is wrong at "
        "offset 1: missing closing parenthesis\n"
        "pack/tables/bad.yaml:10:59: error: `required` must be true or false, not `maybe` | "
        "write `true` or `false`\n"
        "pack/tables/bad.yaml:11:3: error: a field cannot be named `any`: conditions use that "
        "word | choose another name and put the column's name into `header`\n"
        "pack/tables/bad.yaml:12:20: error: unknown key `nuls` in a field | did you mean "
        "`nulls`?\n"
        "pack/tables/bad.yaml:13:6: error: field `i` must be a mapping, not text | write "
        "{type: text}\n"
        "pack/tables/bad.yaml:16:21: error: `keep` names no field of `bad`: `zz` | known: a, "
        "b, c, d, e, f, h, i, j, k\n"
        "pack/tables/bad.yaml:16:32: error: `name` and `keep` both name `a` | a kept field "
        "stays as it is; name another one\n"
        "pack/tables/bad.yaml:16:45: error: unknown key `extra` in `unpivot` | known: keep, "
        "name, value, skip_null\n"
        "pack/tables/none.yaml:1:1: error: schema `none` has no fields | write `fields: {NAME: "
        "{type: text}, …}`\n");
}

/* A header belongs to one field; what an earlier field lists goes before a later one's own
 * name. */
static void test_headers(void **state)
{
    (void)state;
    put_pack();
    put("pack/rules.yaml", one_rule);
    put("pack/tables/good.yaml",
        "table: good\nfields:\n  ofsted_region: {header: [Region]}\n  region: {header: [GOR]}\n"
        "  b: {header: [B, b]}\n");
    put("pack/tables/wide.yaml",
        "table: wide\nfields: {day: {}, what: {header: [X]}, n: {header: [X]}}\n"
        "unpivot: {keep: [day], name: what, value: n}\n");
    open_pack("pack");
    EXPECT_REPORT("");
    put("pack/tables/wrong.yaml",
        "table: wrong\nfields:\n  region: {header: [GOR]}\n  ofsted_region: {header: "
        "[Region]}\n"
        "  one: {header: [\"Same\\nheader\"]}\n  two: {header: [\"  same header\"]}\n"
        "  a_b: {}\n  A_B: {}\n");
    open_pack("pack");
    EXPECT_REPORT("pack/tables/wrong.yaml:4:3: error: fields `region` and `ofsted_region` both "
                  "claim the header `region` | write field `ofsted_region` above `region`\n"
                  "pack/tables/wrong.yaml:6:3: error: fields `one` and `two` both claim the "
                  "header `same header` | a header belongs to one field\n"
                  "pack/tables/wrong.yaml:8:3: error: fields `a_b` and `A_B` both claim the "
                  "header `a b` | a header belongs to one field\n"
                  "pack/tables/wrong.yaml:8:3: error: fields `a_b` and `A_B` both claim the "
                  "header `a_b` | a header belongs to one field\n");
}

static void test_rule_mistakes(void **state)
{
    (void)state;
    put_pack();
    put("release.yaml", plain_release);
    put("pack/rules.yaml",
        "rules:\n"
        "  - titel: x\n"
        "  - id: R-1\n    table: homes\n"
        "  - {id: R-2, table: homes, unique: [urn], expect: {urn: present}}\n"
        "  - {id: R-3, table: homes, uniqe: [urn]}\n"
        "  - {id: R-4, table: homes, unique: }\n"
        "  - {id: \"R 5\", table: homes, unique: [urn]}\n"
        "  - {id: homes.urn.type, table: homes, unique: [urn]}\n"
        "  - id: R-6\n    table: homes\n    unique: [urn]\n    severity: fatal\n    steward: "
        "registrtion\n"
        "    allow: some\n    on_empty: fail\n    off: yes\n    where: urn\n    reads: [urn]\n "
        "   title: [a]\n"
        "  - just text\n"
        "  - {id: R-7, table: homes, unique: [urn], allow: 101%}\n"
        "  - {id: R-8, table: homes, unique: [urn], allow: -1, off: false, where: {}, why: }\n"
        "  - {id: R-9, table: homes, lua: return true, reads: [urn], per: [urn], order: "
        "[opened]}\n"
        "  - {id: R-10, table: nothing_like_it, unique: [urn]}\n");
    as_project *p = open_release();
    EXPECT_REPORT(
        "pack/rules.yaml:2:5: error: the rule has no `id` | add `id: …`\n"
        "pack/rules.yaml:2:5: error: unknown key `titel` in a rule | did you mean `title`?\n"
        "pack/rules.yaml:3:5: error: rule `R-1` has no check kind | it needs one of: expect, "
        "unique, lookup, lua, compare, reconcile\n"
        "pack/rules.yaml:5:44: error: rule `R-2` has two check kinds, `unique` and `expect` | "
        "make two rules of it, each with its own id\n"
        "pack/rules.yaml:6:29: error: unknown key `uniqe` in a rule | did you mean `unique`?\n"
        "pack/rules.yaml:7:37: error: `unique` of rule `R-4` is empty | `assay explain unique` "
        "shows an example\n"
        "pack/rules.yaml:8:10: error: `R 5` cannot be the id of a rule | use letters, digits, "
        "`-`, `_` and `.`, a letter or digit first, at most 100\n"
        "pack/rules.yaml:9:10: error: `homes.urn.type` has the form of a built-in rule's id | "
        "choose another ending\n"
        "pack/rules.yaml:13:15: error: `severity` cannot be `fatal` | known: error, warning, "
        "info\n"
        "pack/rules.yaml:14:14: error: pack `small` has no steward `registrtion` | did you "
        "mean `registration`?\n"
        "pack/rules.yaml:15:12: error: `allow` cannot be `some` | write a number of findings, "
        "as `3`, or a share of the records, as `0.5%`\n"
        "pack/rules.yaml:16:15: error: `on_empty` cannot be `fail` | known: pass\n"
        "pack/rules.yaml:17:10: error: rule `R-6` is off without a reason | write the reason: "
        "`off: waiting for the 2018 register`\n"
        "pack/rules.yaml:18:12: error: `where` must be a condition, not text | write {field: "
        "value}\n"
        "pack/rules.yaml:19:5: error: `reads` belongs to `lua` rules, and this one is `unique` "
        "| remove it\n"
        "pack/rules.yaml:20:12: error: `title` must be text, not a list\n"
        "pack/rules.yaml:21:5: error: a rule must be a mapping, not text | a rule begins with "
        "`- id: …`\n"
        "pack/rules.yaml:22:51: error: `allow` cannot be `101%` | write a number of findings, "
        "as `3`, or a share of the records, as `0.5%`\n"
        "pack/rules.yaml:23:51: error: `allow` cannot be `-1` | write a number of findings, as "
        "`3`, or a share of the records, as `0.5%`\n"
        "pack/rules.yaml:23:83: error: `why` is empty | write it, or leave the key out\n"
        "pack/rules.yaml:25:23: error: rule `R-10`: no schema describes table "
        "`nothing_like_it` | known: homes\n");
    assert_int_equal(p->rule_count, 5); /* those with an id and a kind */
    assert_false(as_project_rule(p, S("R-8"))->off);
}

static void test_rules_not_a_list(void **state)
{
    (void)state;
    put_pack();
    put("pack/rules.yaml", "rules: {id: a}\nmeasures: [a]\nruels: []\n");
    open_pack("pack");
    EXPECT_REPORT("pack/rules.yaml:1:8: error: `rules` must be a list, not a mapping | begin "
                  "each rule with `- id: …`\n"
                  "pack/rules.yaml:2:11: error: `measures` must be a mapping, not a list | "
                  "write `NAME: {count: TABLE}` under it\n"
                  "pack/rules.yaml:3:1: error: unknown key `ruels` in a file of rules | did "
                  "you mean `rules`?\n");
}

static void test_measure_mistakes(void **state)
{
    (void)state;
    put_pack();
    put("pack/rules.yaml", "measures:\n"
                           "  a: {count: homes, sum: places}\n"
                           "  b: {sum: places}\n"
                           "  c: {count: homes, of: homes, whre: {}, by: kind}\n"
                           "  d: {formula: a + b, by: [kind], where: {}}\n"
                           "  e: {by: [kind]}\n"
                           "  f: homes\n"
                           "  g-h: {count: homes}\n"
                           "  i: {count: hoems, by: [kind, kind], where: x}\n"
                           "  j: {mean: , of: homes}\n");
    as_project *p = open_pack("pack");
    EXPECT_REPORT(
        "pack/rules.yaml:2:21: error: measure `a` has both `count` and `sum` | make two "
        "measures of it\n"
        "pack/rules.yaml:3:6: error: the measure has no `of` | add `of: …`\n"
        "pack/rules.yaml:4:21: error: `of` does not go with `count` | remove it\n"
        "pack/rules.yaml:4:32: error: unknown key `whre` in a measure | did you mean `where`?\n"
        "pack/rules.yaml:4:46: error: `by` must be a list, not text | write `[kind]`\n"
        "pack/rules.yaml:5:23: error: `by` does not go with `formula` | remove it\n"
        "pack/rules.yaml:5:35: error: `where` does not go with `formula` | remove it\n"
        "pack/rules.yaml:6:6: error: measure `e` does not say what it counts | write {count: "
        "TABLE}, {sum: FIELD, of: TABLE} or {formula: \"…\"}\n"
        "pack/rules.yaml:7:6: error: measure `f` must be a mapping, not text | write {count: "
        "TABLE}, {sum: FIELD, of: TABLE} or {formula: \"…\"}\n"
        "pack/rules.yaml:8:3: error: `g-h` cannot be the name of a measure | use letters, "
        "digits and `_`, not a digit first, at most 100\n"
        "pack/rules.yaml:9:14: error: measure `i`: no schema describes table `hoems` | did you "
        "mean `homes`?\n"
        "pack/rules.yaml:9:32: error: `by` names `kind` twice | remove one\n"
        "pack/rules.yaml:9:46: error: `where` must be a condition, not text | write {field: "
        "value}\n"
        "pack/rules.yaml:10:13: error: `mean` is empty | write it, or leave the key out\n");
    assert_int_equal(p->measure_count, 3); /* c, d and i say enough to go on with */
}

static void test_case_mistakes(void **state)
{
    (void)state;
    put_pack();
    put("pack/rules.yaml",
        "rules:\n"
        "  - id: C-1\n    table: homes\n    unique: [urn]\n"
        "    flags: {urn: A1}\n"
        "    passes:\n"
        "      - {urnn: A1}\n"
        "      - [A1]\n"
        "      - {urn: [A1]}\n"
        "      - {tables: {hoems: [{urn: A1}], homes: {urn: A1}}, parms: {}}\n"
        "      - {params: {as_at: 31 March, leest: 1, least: [1]}}\n"
        "      - {tables: {homes: []}, params: {as_at: 31 March, leest: 1, least: [1]}}\n"
        "      - {tables: x, urn: A2}\n"
        "  - id: C-2\n    compare: {left: a, right: 1}\n    passes: [{urn: A1}]\n    flags: "
        "[]\n");
    open_pack("pack");
    EXPECT_REPORT(
        "pack/rules.yaml:5:12: error: `flags` of rule `C-1` must be a list of tests, not a "
        "mapping | write `flags: [{field: value}]`\n"
        "pack/rules.yaml:7:10: error: `homes` has no field `urnn` | did you mean `urn`?\n"
        "pack/rules.yaml:8:10: error: a test record must be a mapping, not text | write "
        "{field: value, …}\n"
        "pack/rules.yaml:9:15: error: `urn` in a test record must be text, not a list\n"
        "pack/rules.yaml:10:46: error: the records of `homes` must be a list, not a mapping | "
        "write [{field: value}, …]; `[]` is an empty table\n"
        "pack/rules.yaml:10:58: error: unknown key `parms` in a test with `tables` | did you "
        "mean `params`?\n"
        "pack/rules.yaml:11:9: error: a test with `params` needs its records under `tables` | "
        "write {tables: {NAME: [{field: value}]}, params: {…}}\n"
        "pack/rules.yaml:11:53: error: parameter `least` of a test must be one value\n"
        "pack/rules.yaml:12:47: error: `as_at`: `31 March` is not a date | write "
        "year-month-day, as 2017-03-31\n"
        "pack/rules.yaml:12:57: error: there is no parameter `leest` | did you mean `least`?\n"
        "pack/rules.yaml:12:74: error: parameter `least` of a test must be one value\n"
        "pack/rules.yaml:13:10: error: `homes` has no field `tables` | known: urn, kind, "
        "places, share, opened, closed, name\n"
        "pack/rules.yaml:16:14: error: rule `C-2` has no table of its own; its tests name "
        "theirs | write {tables: {NAME: [{field: value}]}}\n");
}

static void test_names_twice(void **state)
{
    (void)state;
    put_pack();
    put("release.yaml", "release: x\npacks: [pack, other]\n");
    put("pack/a.yaml", "rules:\n  - {id: R-1, name: same, table: homes, unique: "
                       "[urn]}\nmeasures: {m: {count: homes}}\n");
    put("pack/b.yaml", "rules:\n  - {id: R-1, name: same, table: homes, unique: "
                       "[urn]}\nmeasures: {m: {count: homes}}\n");
    put("pack/lua/words.lua", "");
    put("other/pack.yaml",
        "pack: small\nparams: {least: 2, since: 2016-04-01}\npatterns: {postcode: x}\n");
    put("other/a.yaml", "rules:\n  - {id: R-1, table: homes, unique: [urn]}\n");
    put("other/tables/homes.yaml", "table: homes\nfields: {urn: }\n");
    put("other/codelists/kinds.yaml", "list: kinds\ncodes: [A]\n");
    put("other/lua/words.lua", "");
    open_release();
    EXPECT_REPORT("other/a.yaml:2:10: error: rule id `R-1` is also in pack/a.yaml:2 | give one "
                  "of the two rules another id\n"
                  "other/codelists/kinds.yaml:1:7: error: code list `kinds` is also in "
                  "pack/codelists/kinds.yaml:1 | give one of them another name\n"
                  "other/lua/words.lua:1:1: error: module `words` is also pack/lua/words.lua | "
                  "give one of them another name\n"
                  "other/pack.yaml:1:7: error: pack `small` is also in pack | give one of them "
                  "another name\n"
                  "other/pack.yaml:2:10: error: parameter `least` has another default in "
                  "pack/pack.yaml:5 | give one of them another name\n"
                  "other/pack.yaml:3:12: error: pattern `postcode` is also in pack/pack.yaml:6 "
                  "| give one of them another name\n"
                  "other/tables/homes.yaml:1:8: error: schema `homes` is also in "
                  "pack/tables/homes.yaml:1 | give one of them another name\n"
                  "pack/b.yaml:2:10: error: rule id `R-1` is also in pack/a.yaml:2 | give one "
                  "of the two rules another id\n"
                  "pack/b.yaml:2:21: warning: rule name `same` is also in pack/a.yaml:2 | give "
                  "one of the two rules another name, or `--only` takes both\n"
                  "pack/b.yaml:3:12: error: measure `m` is also in pack/a.yaml:3 | give one of "
                  "the two another name\n"
                  "release.yaml:1:1: warning: this release has no table `homes`, which rule "
                  "`R-1` and 4 more need | name its file here, or write under `without:` why "
                  "there is none: `homes: reason`\n");
}

static void test_override_mistakes(void **state)
{
    (void)state;
    put_pack();
    put("pack/rules.yaml", "rules:\n  - {id: O-1, table: homes, unique: [urn]}\n");
    put("release.yaml", "release: x\npacks: [pack]\ntables: {homes: {file: h.csv}}\nrules:\n"
                        "  O-11: {severity: info}\n"
                        "  O-1: {severty: info, off: yes, allow: 1.5}\n"
                        "  hoems.places.type: {off: x}\n"
                        "  homes.plces.variant: off\n"
                        "  homes.places.types: {off: }\n");
    open_release();
    EXPECT_REPORT(
        "release.yaml:5:3: error: there is no rule `O-11` | did you mean `O-1`?\n"
        "release.yaml:6:9: error: unknown key `severty` in an override of a rule | did you "
        "mean `severity`?\n"
        "release.yaml:6:29: error: a rule is switched off without a reason | write `off: "
        "reason`\n"
        "release.yaml:6:41: error: `allow` cannot be `1.5` | write a number of findings, as "
        "`3`, or a share of the records, as `0.5%`\n"
        "release.yaml:7:3: error: `hoems.places.type`: this release has no table `hoems` | did "
        "you mean `homes`?\n"
        "release.yaml:8:3: error: `homes.plces.variant`: table `homes` has no field `plces` | "
        "did you mean `places`?\n"
        "release.yaml:8:24: error: what is changed of rule `homes.plces.variant` must be a "
        "mapping, not text | write {off: reason}, {severity: warning} or {allow: 3}\n"
        "release.yaml:9:3: error: `homes.places.types`: no built-in rule is called `types` | "
        "did you mean `type`?\n"
        "release.yaml:9:29: error: `off` is empty | write it, or leave the key out\n");
}

/* Things that are looked up one after the other are kept few. */
static void test_too_many(void **state)
{
    (void)state;
    as_buf text = AS_BUF((size_t)1 << 22);
    put_pack();
    as_buf_add(&text, S("pack: small\nparams: {"));
    for (int i = 0; i < 10001; i++)
        as_buf_addf(&text, "p%d: 1, ", i);
    as_buf_add(&text, S("}\n"));
    put("pack/pack.yaml", text.ptr);
    as_buf_clear(&text);
    as_buf_add(&text, S("measures:\n"));
    for (int i = 0; i < 10001; i++)
        as_buf_addf(&text, "  m%d: {count: homes}\n", i);
    put("pack/rules.yaml", text.ptr);
    as_buf_free(&text);
    open_pack("pack");
    EXPECT_REPORT("pack/pack.yaml:2:9: error: `params` has more than 10000 entries\n"
                  "pack/rules.yaml:2:3: error: `measures` has more than 10000 entries\n");
}

#define T(f) cmocka_unit_test_setup_teardown(f, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_release_mistakes),  T(test_pack_mistakes), T(test_schema_mistakes),
        T(test_headers),           T(test_rule_mistakes), T(test_rules_not_a_list),
        T(test_measure_mistakes),  T(test_case_mistakes), T(test_names_twice),
        T(test_override_mistakes), T(test_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
