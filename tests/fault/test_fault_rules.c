/* Every allocation of rules/ is made to fail in turn, once and from then on, while a release is
 * opened and its conditions are parsed. Whatever fails must say that memory is out and leave
 * nothing behind (the sanitizer looks); what says AS_OK must have read everything. libyaml's
 * own allocations are not ours to fail. */
#include "unit/rules_fixture.h"

#include "base/alloc.h"

#define TRIES_MAX 20000

static char reference[65]; /* rules_sha256 of a run without faults */
static char words[4096];   /* and its conditions in words */

/* All conditions of the project in words, a line each; false: one could not be parsed. */
static bool tell_conditions(const as_project *p, as_arena *a, as_diags *d, as_buf *out)
{
    bool good = true;
    for (size_t i = 0; i < p->rule_count; i++) {
        as_cond_env env = {.project = p,
                           .self = as_project_table_schema(p, p->rules[i].table),
                           .arena = a,
                           .diags = d};
        as_cond *c = as_cond_parse(&env, p->rules[i].spec);
        good = good && c;
        if (c)
            as_cond_words(c, env.self, NULL, out);
        as_buf_addc(out, '\n');
    }
    return good && !out->failed;
}

/* `pad` moves the places where the arena needs a new block: an allocation inside a block cannot
 * fail. */
static as_code open_all(size_t pad, as_err *e)
{
    as_arena *a = as_arena_open();
    as_project *p = NULL;
    as_diags d;
    as_buf out = AS_BUF((size_t)1 << 16);
    if (!a)
        return as_fail_nomem(e);
    as_diags_init(&d, a);
    if (!as_arena_alloc(a, pad + 1)) {
        as_arena_close(a);
        return as_fail_nomem(e);
    }
    as_code code = as_project_open(&p, a, "release.yaml", test_kinds, &d, e);
    assert_true((code == AS_OK) == (p != NULL));
    if (code == AS_OK && !tell_conditions(p, a, &d, &out)) {
        code = AS_ENOMEM;
        if (e)
            e->code = AS_ENOMEM;
    }
    if (code == AS_OK) {
        if (d.errors)
            fail_msg("%.*s", AS_FMT(d.items[0].text));
        assert_true(p->usable);
        assert_int_equal(p->rule_count, 3);
        assert_int_equal(p->measure_count, 1);
        assert_int_equal(p->packs[0]->schema_count, 2);
        assert_int_equal(p->packs[0]->reference_count, 1);
        assert_int_equal(p->packs[0]->module_count, 1);
        assert_int_equal(p->rules[0].flag_count, 2);
        assert_true(p->rules[2].off);
        EXPECT_STR(as_project_param(p, S("as_at_before"))->value, "2016-03-31");
        if (!reference[0]) {
            strcpy(reference, p->rules_sha256);
            snprintf(words, sizeof words, "%s", out.ptr);
        }
        assert_string_equal(p->rules_sha256, reference);
        EXPECT_STR(as_buf_str(&out), words);
    }
    as_buf_free(&out);
    as_arena_close(a);
    return code;
}

static void put_all(void)
{
    put_pack();
    put("release.yaml",
        "release: x\nas_at: 2017-03-31\npacks: [./pack]\ntables:\n  homes: {file: h.csv}\n"
        "  before: {file: b.csv, schema: homes}\nwithout: {visits: none}\nparams: {least: 2}\n"
        "rules: {H-1: {severity: info, allow: 3}, homes.urn.type: {off: known}}\n"
        "sign_off: {allowed_signers: signers}\n");
    put("signers", "a b c\n");
    put("pack/a.yaml", one_rule);
    put("pack/b.yaml", "rules:\n  - {id: B-1, table: homes, expect: {name: {contains: Ltd, "
                       "matches: \"[a-z]+\", "
                       "format: postcode}, any: [{kind: {list: with_places}}, {opened: {max: "
                       "{field: closed}}}]}}\n"
                       "  - {id: B-2, table: visits, expect: {urn: present}}\n"
                       "measures: {m: {count: homes, by: [kind]}}\n");
    put("pack/lua/words.lua", "return {}\n");
    put("pack/tables/visits.yaml", "table: visits\nfields: {urn: }\n");
    put("pack/reference/visits.csv", "urn\n");
}

static as_code with_fault(size_t pad, long n, bool forever)
{
    err.code = AS_OK;
    as_alloc_fail_after(n, forever);
    as_code code = open_all(pad, &err);
    as_alloc_fail_after(-1, false);
    if (code != AS_OK && (code != AS_ENOMEM || err.code != AS_ENOMEM))
        fail_msg("fault %ld: code %d, %s", n, (int)code, err.text);
    return code;
}

/* From then on first: that counts the allocations. One fault alone may be survived (patterns do
 * without their compiler); open_all has then looked at the result. */
static void every_fault(size_t pad)
{
    long count = 0;
    while (with_fault(pad, count, true) == AS_ENOMEM && count < TRIES_MAX)
        count++;
    assert_in_range(count, 50, TRIES_MAX - 1);
    for (long n = 0; n < count; n++)
        with_fault(pad, n, false);
}

static void test_open(void **state)
{
    (void)state;
    put_all();
    assert_int_equal(open_all(0, &err), AS_OK);
    for (size_t pad = 0; pad < 70000; pad += 4999)
        every_fault(pad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_open, fixture_open, fixture_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
