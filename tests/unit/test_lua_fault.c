/* The Lua sandbox without memory: every allocation fails in turn, once and from then on.
 * Nothing may crash, leak (the sanitizer looks) or pass: the answer is the right one or
 * AS_ENOMEM. */
#include "lua_fixture.h"

#include "base/alloc.h"

#define MODULE                                                                                 \
    "local words = {'a', 'b', {c = 'd'}} local M = {words = words} "                           \
    "function M.first() return words[1] end return M"
static const as_lua_source modules[] = {
    {.name = {"m", 1}, .text = {MODULE, sizeof MODULE - 1}, .at = {"m.lua", 1, 0}},
};
static const as_lua_param params[] = {{{"as_at", 5}, {"2017-03-31", 10}}};

static const char chunk[] =
    "local m = require 'm'\n"
    "local t = {}\n"
    "for w in (r.owner or ''):gmatch('%a+') do t[#t + 1] = assay.fold(w) end\n"
    "for k, v in pairs({b = 1, a = 2, [3] = 4}) do t[#t + 1] = k .. v end\n"
    "t[#t + 1] = ('x'):rep(100) .. tostring(r.opened + 1) .. assay.thousands(12345)\n"
    "t[#t + 1] = (t[1]:gsub('s(.)', '%1%1'))\n"
    "if assay.distance(t[1], ('y'):rep(600)) ~= 600 then return 'distance' end\n"
    "if p.as_at - r.opened ~= 396 then return 'days' end\n"
    "return table.concat(t, m.first()) .. ('%s %d'):format(r.urn, r.places)\n";
static const char want[] = "somersetacountyacouncila34aa2ab1a";

/* Open, compile, call in both forms, run a test, close. *done: all of it worked. */
static as_code everything(const fixture *f, bool *done)
{
    as_lua_setup s = {modules, 1, params, 1, {0, 0, 0}};
    as_predicate p = predicate_of(f, as_str_from(chunk));
    as_lua_source test = {AS_STR("t"),
                          AS_STR("assert_equal(require('m').first(), 'a')\n"
                                 "assert_error(function() error('x') end, 'x')"),
                          {"t.lua", 1, 0}};
    static const uint32_t rows[] = {0, 1};
    as_lua *l = NULL;
    as_err e = {.code = AS_OK};
    as_buf why = AS_BUF(AS_MESSAGE_MAX);
    as_truth truth = AS_UNDECIDED;
    uint32_t which;
    int handle = -1, group = -1;
    *done = false;
    as_code code = as_lua_open(&l, &s, &e);
    if (code == AS_OK)
        code = as_lua_compile(l, &p, &handle, &e);
    p.chunk = AS_STR("return 1, g[1].owner");
    if (code == AS_OK)
        code = as_lua_compile(l, &p, &group, &e);
    for (int i = 0; i < 2 && code == AS_OK; i++) {
        code = as_lua_call(l, handle, f->table, 0, &truth, &why, &e);
        if (code == AS_OK &&
            (truth != AS_FALSE || strncmp(why.ptr, want, sizeof want - 1) != 0))
            fail_msg("truth %d, said %s", (int)truth, why.ptr);
    }
    if (code == AS_OK)
        code = as_lua_call_group(l, group, f->table, rows, 2, &truth, &which, &why, &e);
    if (code == AS_OK)
        code = as_lua_run_test(l, &test, &e);
    *done = code == AS_OK;
    if (code != AS_OK && code != AS_ENOMEM)
        print_error("%s\n", e.text);
    as_lua_close(l);
    as_buf_free(&why);
    return code;
}

static as_code with_fault(const fixture *f, long n, bool forever, bool *done)
{
    as_alloc_fail_after(n, forever);
    as_code code = everything(f, done);
    as_alloc_fail_after(-1, false);
    if (code != AS_OK && code != AS_ENOMEM)
        fail_msg("allocation %ld: code %d", n, (int)code);
    return code;
}

/* From the n-th on, until there is nothing left to fail; then each of them once. Lua collects
 * and asks again, so one refusal is often survived. */
static void test_each(void **state)
{
    (void)state;
    fixture f = fixture_open();
    bool done = false;
    long count = 0, failures = 0;
    for (; !done; count++)
        (void)with_fault(&f, count, true, &done);
    assert_true(count > 500);
    for (long n = 0; n < count; n++)
        failures += with_fault(&f, n, false, &done) == AS_ENOMEM;
    assert_true(failures > 10);
    fixture_close(&f);
}

/* A state that ran out of memory works again when there is some. */
static void test_recovers(void **state)
{
    (void)state;
    fixture f = fixture_open();
    as_predicate p = predicate_of(&f, AS_STR("local t = {} for i = 1, 100 do t[i] = {i} end "
                                             "return #t == 100"));
    int handle;
    assert_int_equal(as_lua_compile(f.lua, &p, &handle, &f.err), AS_OK);
    int failures = 0;
    for (long n = 0; n < 60; n++) {
        as_truth truth;
        as_alloc_fail_after(n, true);
        as_code code = as_lua_call(f.lua, handle, f.table, 0, &truth, &f.why, &f.err);
        as_alloc_fail_after(-1, false);
        assert_true(code == AS_OK || code == AS_ENOMEM);
        failures += code == AS_ENOMEM;
        assert_int_equal(as_lua_call(f.lua, handle, f.table, 0, &truth, &f.why, &f.err), AS_OK);
        assert_int_equal(truth, AS_TRUE);
    }
    assert_true(failures > 10);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each),
        cmocka_unit_test(test_recovers),
    };
    return cmocka_run_group_tests_name("lua without memory", tests, NULL, NULL);
}
