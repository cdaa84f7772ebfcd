/* Releases and packs from folders of files: what is read, and every mistake with its place and
 * what to do. */
#include "rules_fixture.h"

#include "base/hash.h"

/* ---- what is read ---- */

static void test_release(void **state)
{
    (void)state;
    put_pack();
    put("release.yaml", "release: Children's homes 2017\nas_at: 2017-03-31\nperiod: {from: "
                        "2016-04-01, to: 2017-03-31}\n"
                        "produced_by: first@example.org\npacks: [pack]\nledger: l.db\ngate: "
                        "{fail_on: warning}\n"
                        "params: {least: 2}\n"
                        "tables:\n  homes: {file: in/homes.csv}\n"
                        "  before: {file: /tmp/x.xlsx, schema: homes, sheet: Data, range: "
                        "\"A6:Q13\", encoding: utf-16le, "
                        "delimiter: tab, header: 3}\n");
    put("pack/rules.yaml", one_rule);
    as_project *p = open_release();
    EXPECT_REPORT("");
    assert_true(p->usable);
    EXPECT_STR(p->release, "Children's homes 2017");
    EXPECT_STR(p->produced_by, "first@example.org");
    EXPECT_STR(p->ledger, "l.db");
    EXPECT_STR(p->folder, "");
    assert_int_equal(p->as_at, as_date_from(2017, 3, 31));
    assert_int_equal(p->period_from, as_date_from(2016, 4, 1));
    assert_int_equal(p->fail_on, AS_SEV_WARNING);
    assert_int_equal(p->table_count, 2);
    EXPECT_STR(p->tables[0].source.open_path, "in/homes.csv");
    EXPECT_STR(p->tables[0].source.encoding, "auto");
    assert_int_equal(p->tables[0].source.header, 0);
    EXPECT_STR(p->tables[1].source.open_path, "/tmp/x.xlsx");
    EXPECT_STR(p->tables[1].source.sheet, "Data");
    EXPECT_STR(p->tables[1].source.range, "A6:Q13");
    EXPECT_STR(p->tables[1].source.encoding, "utf-16le");
    assert_int_equal(p->tables[1].source.delimiter, '\t');
    assert_int_equal(p->tables[1].source.header, 3);
    assert_ptr_equal(p->tables[0].schema, p->tables[1].schema);
    assert_ptr_equal(as_project_table_schema(p, S("before")), as_project_schema(p, S("homes")));
    EXPECT_STR(as_project_param(p, S("least"))->value, "2");
    assert_string_equal(as_project_param(p, S("least"))->from, "release");
    EXPECT_STR(as_project_param(p, S("since"))->value, "2016-04-01");
    EXPECT_STR(as_project_param(p, S("as_at_before"))->value, "2016-03-31");
    EXPECT_STR(as_project_param(p, S("period_from_before"))->value, "2015-04-01");
    EXPECT_STR(as_project_param(p, S("release"))->value, "Children's homes 2017");
    assert_null(as_project_param(p, S("nothing")));
}

static void test_pack(void **state)
{
    (void)state;
    put_pack();
    put("release.yaml", plain_release);
    put("pack/b.yaml", one_rule);
    put("pack/a.yaml",
        "measures:\n  open: {count: homes, by: [kind], where: {places: present}, title: Open}\n"
        "  beds: {sum: places, of: homes}\n  owners: {distinct: name, of: homes}\n"
        "  average: {mean: places, of: homes}\n  share: {formula: \"100 * open / beds\", unit: "
        "percent}\n"
        "rules:\n  - {id: A-1, unique: [urn], table: homes, off: not yet}\n");
    put("pack/lua/words.lua", "return {}\n");
    put("pack/lua/words_test.lua", "assert(true)\n");
    put("pack/tables/frameworks.yaml", "table: frameworks\nfields: {term: }\n");
    put("pack/reference/frameworks.csv", "term\nGood\n");
    as_project *p = open_release();
    EXPECT_REPORT("");
    const as_pack *k = p->packs[0];
    EXPECT_STR(k->name, "small");
    EXPECT_STR(k->version, "1.0");
    EXPECT_STR(k->folder, "pack");
    assert_int_equal(k->steward_count, 1);
    EXPECT_STR(k->stewards[0].contact, "r@example.org");
    assert_int_equal(k->module_count, 2);
    EXPECT_STR(k->modules[0].name, "words");
    EXPECT_STR(k->modules[1].name, "words_test");
    EXPECT_STR(k->modules[0].text, "return {}\n");
    EXPECT_STR(k->modules[0].path, "pack/lua/words.lua");
    const as_reference *ref = as_project_reference(p, S("frameworks"));
    assert_ptr_equal(ref->schema, as_project_schema(p, S("frameworks")));
    EXPECT_STR(ref->source.path, "pack/reference/frameworks.csv");
    assert_int_equal(p->rule_count, 2); /* by file name: a.yaml first */
    EXPECT_STR(p->rules[0].id, "A-1");
    assert_true(p->rules[0].off);
    EXPECT_STR(p->rules[0].off_reason, "not yet");
    assert_int_equal(p->measure_count, 5);
    const as_measure *m = as_project_measure(p, S("open"));
    assert_int_equal(m->op, AS_MEASURE_COUNT);
    EXPECT_STR(m->table, "homes");
    EXPECT_STR(m->by[0], "kind");
    assert_non_null(m->where);
    EXPECT_STR(as_project_measure(p, S("beds"))->field, "places");
    EXPECT_STR(as_project_measure(p, S("share"))->formula, "100 * open / beds");
    EXPECT_STR(as_project_measure(p, S("share"))->unit, "percent");
    assert_int_equal(as_project_measure(p, S("average"))->op, AS_MEASURE_MEAN);
    assert_int_equal(as_project_measure(p, S("owners"))->op, AS_MEASURE_DISTINCT);
    assert_non_null(as_project_pattern(p, S("postcode")));
}

static void test_rule(void **state)
{
    (void)state;
    put_pack();
    put("release.yaml", plain_release);
    put("pack/rules.yaml", one_rule);
    as_project *p = open_release();
    EXPECT_REPORT("");
    const as_rule *r = as_project_rule(p, S("places-missing"));
    assert_ptr_equal(r, as_project_rule(p, S("H-1")));
    assert_int_equal(r->severity, AS_SEV_WARNING);
    EXPECT_STR(r->kind, "expect");
    EXPECT_STR(r->schema, "homes");
    EXPECT_STR(r->steward, "registration");
    EXPECT_STR(r->message, "{urn} has {places}");
    assert_true(r->allow_set && r->allow_percent && r->allow == 0.5);
    assert_true(r->on_empty_pass);
    assert_string_equal(r->at.file, "pack/rules.yaml");
    assert_int_equal(r->at.line, 2);
    assert_non_null(as_node_get(r->spec, "places"));
    assert_int_equal(r->flag_count, 2);
    assert_int_equal(r->flags[0].table_count, 1);
    assert_int_equal(r->flags[0].tables[0].table.len, 0);
    assert_int_equal(r->flags[0].tables[0].count, 1);
    assert_int_equal(r->flags[1].tables[0].count, 2);
    assert_int_equal(r->pass_count, 1);
    EXPECT_STR(r->passes[0].tables[0].table, "homes");
    as_param *params;
    size_t count;
    assert_true(as_case_params(&r->passes[0], arena, &params, &count));
    assert_int_equal(count, 2);
    EXPECT_STR(params[0].value, "2018-03-31");
    EXPECT_STR(params[1].name, "as_at_before");
    EXPECT_STR(params[1].value, "2017-03-31");
}

static void test_schema(void **state)
{
    (void)state;
    put_pack();
    put("pack/tables/wide.yaml",
        "table: wide\ntitle: A wide table\nkey: [date, kind]\nnulls: [\"\", \"-\"]\n"
        "fields:\n"
        "  date: {type: date, formats: [\"%d %B %Y\"], required: true}\n"
        "  kind: {type: code, list: kinds, nulls: [none]}\n"
        "  n: {type: number, thousands: none, strip: \"\\\\[.*?\\\\]\", trim: no}\n"
        "unpivot: {keep: [date], name: kind, value: n, skip_null: false}\n");
    as_project *p = open_pack("pack");
    EXPECT_REPORT(
        "pack: warning: pack `small` holds no rules and no measures | put `rules:` into a "
        ".yaml file beside pack.yaml\n");
    const as_schema *s = as_project_schema(p, S("wide"));
    assert_int_equal(s->count, 3);
    assert_int_equal(s->key_count, 2);
    assert_int_equal(s->key[1], 1);
    EXPECT_STR(s->nulls[1], "-");
    assert_true(s->fields[0].required);
    EXPECT_STR(s->fields[0].formats[0], "%d %B %Y");
    assert_ptr_equal(s->fields[1].list, as_project_list(p, S("kinds")));
    assert_int_equal(s->fields[1].null_count, 1);
    assert_int_equal(s->fields[2].thousands, 0);
    assert_non_null(s->fields[2].strip);
    assert_false(s->fields[2].trim);
    assert_true(s->unpivot.on);
    assert_false(s->unpivot.skip_null);
    EXPECT_STR(s->unpivot.value_to, "n");
    const as_schema *homes = as_project_schema(p, S("homes"));
    assert_int_equal(homes->fields[4].format_count, 2); /* the defaults */
    assert_int_equal(homes->fields[2].thousands, ',');
    assert_true(homes->fields[6].sensitive);
    assert_true(homes->fields[6].trim);
    assert_int_equal(homes->null_count, 1);
}

static void test_code_list(void **state)
{
    (void)state;
    put_pack();
    as_project *p = open_pack("pack");
    const as_code_list *kinds = as_project_list(p, S("kinds"));
    assert_int_equal(kinds->count, 3);
    as_code_status status;
    EXPECT_STR(as_code_list_find(kinds, S("ch"), &status)->code, "Children's home");
    assert_int_equal(status, AS_CODE_VARIANT);
    assert_non_null(as_code_list_find(kinds, S("School"), &status));
    assert_int_equal(status, AS_CODE_EXACT);
    assert_int_equal(as_project_list(p, S("with_places"))->count, 2);
}

/* A pack alone: plausible built-in parameters, and tables by the beginning of their name. */
static void test_pack_alone(void **state)
{
    (void)state;
    put_pack();
    put("pack/rules.yaml", "rules:\n  - {id: A-1, table: homes_before, unique: [urn]}\n"
                           "  - {id: A-2, table: hoems, unique: [urn]}\n");
    as_project *p = open_pack("pack");
    EXPECT_REPORT(
        "pack/rules.yaml:3:22: error: rule `A-2`: no schema describes table `hoems` | did "
        "you mean `homes`?\n");
    EXPECT_STR(p->rules[0].schema, "homes");
    EXPECT_STR(as_project_param(p, S("as_at"))->value, "2017-03-31");
    EXPECT_STR(as_project_param(p, S("period_from"))->value, "2016-04-01");
    EXPECT_STR(as_project_param(p, S("as_at_before"))->value, "2016-03-31");
    EXPECT_STR(p->release, "A small pack");
    assert_int_equal(p->as_at, as_date_from(2017, 3, 31));
    assert_false(p->usable);
}

/* ---- mistakes ---- */

static void test_without(void **state)
{
    (void)state;
    put_pack();
    put("release.yaml",
        "release: x\npacks: [pack]\ntables: {homes: {file: h.csv}}\n"
        "without: {visits: \" not collected \", homes_before: first year, hoems: typo}\n");
    put("pack/tables/visits.yaml", "table: visits\nfields: {day: {type: date}}\n");
    put("pack/tables/late.yaml", "table: late\nfields: {day: {type: date}}\n");
    put("pack/rules.yaml",
        "measures:\n  more: {formula: \"1 + part\"}\n  part: {formula: \"seen / all\"}\n"
        "  seen: {count: visits}\n"
        "  all: {count: homes}\n  lateness: {count: late}\n"
        "rules:\n"
        "  - {id: W-1, table: visits, unique: [day]}\n"
        "  - {id: W-2, table: homes, lookup: {in: homes_before, match: {urn: "
        "urn}}}\n"
        "  - {id: W-3, compare: {left: more, right: 1}}\n"
        "  - {id: W-4, compare: {left: all, right: 1}}\n"
        "  - {id: W-5, table: homes, expect: {name: {is: visits}, urn: {is: seen}}}\n"
        "  - {id: W-6, reconcile: {opening: all, plus: [seen], bridge: {opening: {table: "
        "homes}}}}\n"
        "  - {id: W-7, reconcile: {opening: all, bridge: {opening: {table: homes_before}}}}\n"
        "  - {id: W-8, table: late, unique: [day]}\n"
        "  - {id: W-9, table: late, unique: [day]}\n"
        "  - {id: W-10, table: visits, unique: [day], off: broken}\n"
        "  - {id: W-11, table: homes, lookup: {in: homes, match: {urn: urn}, where: {from: "
        "visits}}}\n");
    as_project *p = open_release();
    EXPECT_REPORT(
        "release.yaml:3:1: warning: this release has no table `late`, which rule `W-8` and 2 "
        "more need | name its file here, or write under `without:` why there is none: `late: "
        "reason`\n"
        "release.yaml:4:64: warning: no rule needs table `hoems` | did you mean `homes`?\n");
    const char *off[] = {"W-1", "W-2", "W-3", "W-6", "W-7", "W-10"};
    const char *reason[] = {"not collected", "first year", "not collected",
                            "not collected", "first year", "broken"};
    for (size_t i = 0; i < 6; i++) {
        assert_true(as_project_rule(p, S(off[i]))->off);
        EXPECT_STR(as_project_rule(p, S(off[i]))->off_reason, reason[i]);
    }
    const char *on[] = {"W-4", "W-5", "W-8", "W-9", "W-11"};
    for (size_t i = 0; i < 5; i++)
        assert_false(as_project_rule(p, S(on[i]))->off);
    EXPECT_STR(as_project_without(p, S("visits")), "not collected");
    assert_null(as_project_without(p, S("late")).ptr);
}

static void test_overrides(void **state)
{
    (void)state;
    put_pack();
    put("pack/rules.yaml", "rules:\n  - {id: O-1, name: first, table: homes, unique: [urn]}\n"
                           "  - {id: O-2, table: homes, unique: [urn], off: not yet}\n"
                           "  - {id: O-3, table: homes}\n");
    put("release.yaml", "release: x\npacks: [pack]\ntables: {homes: {file: h.csv}}\nrules:\n"
                        "  first: {severity: info, allow: 2%}\n"
                        "  O-2: {off: false}\n"
                        "  O-3: {off: is broken}\n"
                        "  homes.rows.ragged: {off: known}\n"
                        "  homes.places.type: {severity: warning, allow: 3}\n");
    as_project *p = open_release();
    EXPECT_REPORT("pack/rules.yaml:4:5: error: rule `O-3` has no check kind | it needs one of: "
                  "expect, unique, lookup, lua, compare, reconcile\n");
    const as_rule *first = as_project_rule(p, S("O-1"));
    assert_int_equal(first->severity, AS_SEV_INFO);
    assert_true(first->allow_set && first->allow_percent && first->allow == 2);
    assert_false(as_project_rule(p, S("O-2"))->off);
    as_rule builtin = {.id = S("homes.places.type"), .severity = AS_SEV_ERROR};
    as_project_override(p, &builtin);
    assert_int_equal(builtin.severity, AS_SEV_WARNING);
    assert_true(builtin.allow_set && !builtin.allow_percent && builtin.allow == 3);
    as_rule ragged = {.id = S("homes.rows.ragged")};
    as_project_override(p, &ragged);
    assert_true(ragged.off);
    EXPECT_STR(ragged.off_reason, "known");
}

/* ---- the trust boundary, digests, faults of the file system ---- */

static void test_outside(void **state)
{
    (void)state;
    put_pack();
    put("pack/rules.yaml", one_rule);
    put("outside/extra.yaml", "rules: []\n");
    put("pack2/near.yaml", "rules: []\n"); /* its name begins as the pack's does */
    assert_int_equal(symlink("../pack2/near.yaml", "pack/near.yaml"), 0);
    put("outside/lists/x.yaml", "list: x\ncodes: [A]\n");
    put("pack/inside/good.yaml", "rules:\n  - {id: IN-1, table: homes, unique: [urn]}\n");
    assert_int_equal(symlink("../outside/extra.yaml", "pack/out.yaml"), 0);
    assert_int_equal(symlink("inside/good.yaml", "pack/in.yaml"), 0);
    assert_int_equal(symlink("nowhere.yaml", "pack/dangling.yaml"), 0);
    assert_int_equal(symlink("../outside/lists", "pack/reference"), 0);
    assert_int_equal(symlink("pack", "link"), 0);
    as_project *p = open_pack("link");
    char here[4096];
    assert_non_null(getcwd(here, sizeof here));
    as_str want = as_arena_printf(arena,
                                  "error: link/dangling.yaml: no such file or directory\n"
                                  "link/near.yaml: error: this file leads out of the pack, to "
                                  "%s/pack2/near.yaml | a pack may only read files "
                                  "inside itself\n"
                                  "link/out.yaml: error: this file leads out of the pack, to "
                                  "%s/outside/extra.yaml | a pack may only read files "
                                  "inside itself\n"
                                  "link/reference: error: this folder leads out of the pack, "
                                  "to %s/outside/lists | a pack may only read files "
                                  "inside itself\n",
                                  here, here, here);
    EXPECT_REPORT(want.ptr);
    assert_non_null(as_project_rule(p, S("IN-1")));
}

/* Files of over 32 KiB together are parsed by two threads: rules stay in the order of files,
 * mistakes are told as ever, and the digests are those of the bytes. */
static void test_large_pack(void **state)
{
    (void)state;
    enum { FILES = 12, RULES = 40 };
    for (int round = 0; round < 20; round++) {
        as_buf text = AS_BUF((size_t)1 << 20);
        as_diags_init(&diags, arena);
        put_pack();
        for (int f = 0; f < FILES; f++) {
            char path[64];
            as_buf_clear(&text);
            as_buf_addf(&text, "rules:\n");
            for (int r = 0; r < RULES; r++)
                as_buf_addf(&text, "  - {id: F%d-%d, title: %s, table: homes, unique: [urn]}\n",
                            f, r, "a title that makes the file a little longer than it was");
            snprintf(path, sizeof path, "pack/file%c.yaml", 'a' + f);
            put_bytes(path, as_buf_str(&text));
        }
        char digest[AS_SHA256_HEX];
        assert_int_equal(as_sha256_of(as_buf_str(&text), digest, &err), AS_OK);
        as_project *p = open_pack("pack");
        EXPECT_REPORT("");
        assert_int_equal(p->rule_count, FILES * RULES);
        for (int i = 0; i < FILES * RULES; i++) {
            char id[16];
            snprintf(id, sizeof id, "F%d-%d", i / RULES, i % RULES);
            EXPECT_STR(p->rules[i].id, id);
        }
        assert_int_equal(p->file_count, FILES + 4);
        EXPECT_STR(p->files[FILES + 1].path, "pack/filel.yaml");
        assert_string_equal(p->files[FILES + 1].sha256, digest);
        put("pack/filec.yaml", "rules: []\nrules: []\n");
        put("pack/filek.yaml", "rules:\n  - {id: K-1, table: homes, unique: [urm]}\n");
        put("far.yaml", "rules: []\n");
        symlink("../far.yaml", "pack/filez.yaml");
        char here[4096];
        assert_non_null(getcwd(here, sizeof here));
        p = open_pack("pack");
        EXPECT_REPORT(
            as_arena_printf(arena,
                            "pack/filec.yaml:2:1: error: the key `rules` is written "
                            "twice; the first is on line 1\n"
                            "pack/filez.yaml: error: this file leads out of the pack, "
                            "to %s/far.yaml | a pack may only read files inside "
                            "itself\n",
                            here)
                .ptr);
        assert_int_equal(p->rule_count, (FILES - 2) * RULES + 1);
        assert_int_equal(unlink("pack/filez.yaml"), 0);
        as_buf_free(&text);
    }
}

static void test_paths(void **state)
{
    (void)state;
    put_pack();
    put("releases/2017/release.yaml",
        "release: x\npacks: [../../pack]\ntables: {homes: {file: in/h.csv}}\n");
    put("pack/rules.yaml", "rules:\n  - {id: P-1}\n");
    as_project *p = NULL;
    assert_int_equal(
        as_project_open(&p, arena, "releases/2017/release.yaml", test_kinds, &diags, &err),
        AS_OK);
    EXPECT_REPORT("pack/rules.yaml:2:5: error: rule `P-1` has no check kind | it needs one of: "
                  "expect, unique, lookup, lua, compare, reconcile\n");
    EXPECT_STR(p->folder, "releases/2017");
    EXPECT_STR(p->tables[0].source.path, "in/h.csv");
    EXPECT_STR(p->tables[0].source.open_path, "releases/2017/in/h.csv");
    EXPECT_STR(p->packs[0]->folder, "pack");
}

static void test_cannot_open(void **state)
{
    (void)state;
    as_project *p = NULL;
    assert_int_equal(as_project_open(&p, arena, "release.yaml", test_kinds, &diags, &err),
                     AS_EIO);
    assert_string_equal(err.text, "release.yaml: no such file or directory");
    assert_null(p);
    put("release.yaml", "release: [\n");
    assert_int_equal(as_project_open(&p, arena, "release.yaml", test_kinds, &diags, &err),
                     AS_ERULE);
    assert_null(p);
    assert_int_equal(as_project_open_pack(&p, arena, "nowhere", test_kinds, &diags, &err),
                     AS_EIO);
    assert_string_equal(err.text, "nowhere: no such file or directory");
    assert_int_equal(as_project_open_pack(&p, arena, "release.yaml", test_kinds, &diags, &err),
                     AS_EIO);
    assert_string_equal(err.text,
                        "release.yaml: not a folder; name the folder that holds pack.yaml");
    EXPECT_REPORT("");
    put("bare/x.yaml", "");
    p = open_pack("bare");
    EXPECT_REPORT("error: bare/pack.yaml: no such file or directory\n");
}

static void test_files(void **state)
{
    (void)state;
    put_pack();
    put("pack/rules.yaml", one_rule);
    put("signers", "a b c\n");
    put("release.yaml", "release: x\npacks: [pack]\ntables: {homes: {file: h.csv}}\nsign_off: "
                        "{allowed_signers: signers}\n");
    as_project *p = open_release();
    EXPECT_REPORT("");
    const char *paths[] = {"pack/codelists/kinds.yaml",
                           "pack/codelists/with_places.yaml",
                           "pack/pack.yaml",
                           "pack/rules.yaml",
                           "pack/tables/homes.yaml",
                           "release.yaml",
                           "signers"};
    assert_int_equal(p->file_count, 7);
    for (size_t i = 0; i < 7; i++)
        EXPECT_STR(p->files[i].path, paths[i]);
    char digest[AS_SHA256_HEX];
    assert_int_equal(as_sha256_of(S("a b c\n"), digest, &err), AS_OK);
    assert_string_equal(p->files[6].sha256, digest);
    /* Over all of them, in the form of sha256sum, by name in the pack: release and signers come
     * first. */
    const char *names[] = {"allowed_signers",
                           "release.yaml",
                           "small/codelists/kinds.yaml",
                           "small/codelists/with_places.yaml",
                           "small/pack.yaml",
                           "small/rules.yaml",
                           "small/tables/homes.yaml"};
    const size_t order[] = {6, 5, 0, 1, 2, 3, 4};
    as_buf lines = AS_BUF((size_t)1 << 16);
    for (size_t i = 0; i < 7; i++)
        as_buf_addf(&lines, "%s  %s\n", p->files[order[i]].sha256, names[i]);
    assert_int_equal(as_sha256_of(as_buf_str(&lines), digest, &err), AS_OK);
    assert_string_equal(p->rules_sha256, digest);
    as_buf_free(&lines);
    /* The same files elsewhere give the same digest over all; another byte gives another. */
    char before[AS_SHA256_HEX];
    memcpy(before, p->rules_sha256, sizeof before);
    assert_int_equal(strlen(before), 64);
    assert_int_equal(mkdir("moved", 0755), 0);
    assert_int_equal(rename("pack", "moved/elsewhere"), 0);
    put("release.yaml", "release: x\npacks: [pack]\ntables: {homes: {file: h.csv}}\nsign_off: "
                        "{allowed_signers: signers}\n");
    assert_int_equal(symlink("moved/elsewhere", "pack"), 0);
    EXPECT_STR(S(open_release()->rules_sha256), before);
    put("moved/elsewhere/rules.yaml", "rules: []\n");
    assert_string_not_equal(open_release()->rules_sha256, before);
}

static void test_nearest(void **state)
{
    (void)state;
    put_pack();
    put("pack/rules.yaml", one_rule);
    put("pack/m.yaml", "measures: {beds: {sum: places, of: homes}}\n");
    put("release.yaml", plain_release);
    as_project *p = open_release();
    const char *asked[][3] = {{"table", "hoems", "homes"},
                              {"schema", "home", "homes"},
                              {"list", "kind", "kinds"},
                              {"measure", "bed", "beds"},
                              {"param", "leest", "least"},
                              {"rule", "H-2", "H-1"},
                              {"rule", "place-missing", "places-missing"},
                              {"pattern", "postcod", "postcode"}};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        EXPECT_STR(as_project_nearest(p, asked[i][0], S(asked[i][1])), asked[i][2]);
    assert_null(as_project_nearest(p, "table", S("quite different")).ptr);
    assert_null(as_project_nearest(p, "nonsense", S("homes")).ptr);
    assert_string_equal(as_severity_name(AS_SEV_ERROR), "error");
    assert_string_equal(as_severity_name(AS_SEV_WARNING), "warning");
    assert_string_equal(as_severity_name(AS_SEV_INFO), "info");
}

#define T(f) cmocka_unit_test_setup_teardown(f, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_release),   T(test_pack),       T(test_rule),        T(test_schema),
        T(test_code_list), T(test_pack_alone), T(test_without),     T(test_overrides),
        T(test_outside),   T(test_paths),      T(test_cannot_open), T(test_files),
        T(test_nearest),   T(test_large_pack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
