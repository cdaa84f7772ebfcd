/* Modules of a pack: loading, freezing, that they keep nothing, errors in them, and the tests
 * that packs write for them. */
#include "lua_fixture.h"

#define MODULE(n, t)                                                                           \
    {                                                                                          \
        .name = {n, sizeof n - 1}, .text = {t, sizeof t - 1}, .at = { n ".lua", 1, 0 }         \
    }

static const as_lua_source modules[] = {
    MODULE("councils", "local words = {'council', 'borough'}\n"
                       "local M = {words = words, nested = {deep = {1, 2, 3}}}\n"
                       "function M.is_council(name)\n"
                       "  local folded = assay.fold(name)\n"
                       "  for _, word in ipairs(words) do\n"
                       "    if folded:find(word, 1, true) then return true end\n"
                       "  end\n"
                       "  return false\n"
                       "end\n"
                       "function M.of(record) return M.is_council(record.owner or '') end\n"
                       "function M.deep() return M.nested.deep[2] + #M.nested.deep end\n"
                       "function M.wrong(x)\n"
                       "  return x + nil\n"
                       "end\n"
                       "return M\n"),
    MODULE("one_function", "return function(x) return x * 2 end"),
    MODULE("uses", "local councils = require 'councils'\n"
                   "return {both = function(a, b) return councils.is_council(a) and "
                   "councils.is_council(b) end}"),
    MODULE("param", "return {days = p.days}"),
    MODULE("syntax", "return {\n  x = \n}"),
    MODULE("raises", "local x = 1\nlocal y = nil + x\nreturn {}"),
    MODULE("nothing", "local x = 1"),
    MODULE("number", "return 7"),
    MODULE("loop", "while true do end"),
    MODULE("global", "function helper() end return {}"),
    MODULE("ring_a", "return {b = require 'ring_b'}"),
    MODULE("ring_b", "return {a = require 'ring_a'}"),
    MODULE("itself", "return require 'itself'"),
    MODULE("reads_r", "return {x = r}"),
    MODULE("iterator", "local words = ('a b c'):gmatch('%a') return {next = function() return "
                       "words() end}"),
    MODULE("counter", "local n = 0\n"
                      "local M = {}\n"
                      "function M.next()\n  n = n + 1\n  return n\nend\n"
                      "function M.get() return n end\n"
                      "return M\n"),
    MODULE("cache", "local seen = {}\n"
                    "return {put = function(x) seen[x] = true return true end,\n"
                    "get = function(x) return seen[x] == true end}"),
    MODULE("keeps",
           "local kept = false\n"
           "return {put = function(x) kept = x return true end, get = function() return "
           "kept end}"),
    MODULE("env", "return {put = function() _ENV = {} return true end}"),
    MODULE("cycle", "local M = {} M.me = M M[M] = 1 M.f = function() return M end return M"),
    MODULE("not_a_number", "local nan = 0 / 0 return {f = function() return nan ~= nan end}"),
    MODULE("sets", "local M = {codes = {SC = 'care', IF = 'fostering'}, list = {'b', 'a'}}\n"
                   "return M"),
    MODULE("heavy", "local t = {} for i = 1, 100000 do t[i] = i end return {n = #t}"),
    MODULE("bom", "\xEF\xBB\xBFreturn {ok = true}"),
    MODULE("stdlib", "return {s = string, rep = string.rep, fold = assay.fold, date = "
                     "assay.date '2017-03-31'}"),
};
enum { COUNT = sizeof modules / sizeof modules[0] };

static fixture f;

static int setup(void **state)
{
    (void)state;
    static const as_lua_param params[] = {{{"days", 4}, {"90", 2}}};
    as_lua_setup s = {modules, COUNT, params, 1, {0, 0, 0}};
    f = fixture_with(&s);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_close(&f);
    return 0;
}

static void test_use(void **state)
{
    (void)state;
    holds(&f, "(require 'councils').is_council('Somerset County COUNCIL')");
    holds(&f, "not assay.module('councils').is_council('A home')");
    holds(&f, "require('councils').of(r)");
    holds(&f, "require('councils') == assay.module 'councils'");
    holds(&f, "require('councils').deep() == 5");
    holds(&f, "require('one_function')(21) == 42");
    holds(&f, "require('uses').both('X Council', 'Y Borough')");
    holds(&f, "require('param').days == 90");
    holds(&f, "require('bom').ok");
    holds(&f, "require('not_a_number').f()");
    holds(&f, "require('cycle').me.f() == require('cycle')");
    holds(&f, "require('stdlib').rep('a', 2) == 'aa' and require('stdlib').date.year == 2017");
    holds(&f, "#require('sets').list == 2 and require('sets').codes.SC == 'care'");
    says(&f, 0,
         "local s = '' for k, v in pairs(require('sets').codes) do s = s .. k .. v end "
         "for i, v in ipairs(require('sets').list) do s = s .. i .. v end "
         "return s .. table.concat(require('sets').list)",
         AS_FALSE, "IFfosteringSCcare1b2aba");
    fails(&f, 0, "return require 'council'", AS_ESCRIPT, 12,
          "no module 'council'; did you mean councils?");
    fails(&f, 0, "return require 'io'", AS_ESCRIPT, 12, "no module 'io'");
    fails(&f, 0, "return require(nil)", AS_ESCRIPT, 12, "string expected");
}

static void fails_in(const char *chunk, as_code want, const char *file, uint32_t line,
                     const char *part)
{
    as_truth truth;
    for (int again = 0; again < 2;
         again++) { /* a broken module stays broken, with the same words */
        as_code code = call_text(&f, 0, as_str_from(chunk), &truth);
        if (code != want || !f.err.at.file || strcmp(f.err.at.file, file) != 0 ||
            f.err.at.line != line || !strstr(f.err.text, part))
            fail_msg("%s: code %d %s:%u %s", chunk, (int)code,
                     f.err.at.file ? f.err.at.file : "-", f.err.at.line, f.err.text);
        holds(&f, "r.places == 4");
    }
}

static void test_errors(void **state)
{
    (void)state;
    fails_in("\nreturn require('councils').wrong(1)", AS_ESCRIPT, "councils.lua", 13,
             "CSC-1: in module councils: attempt to perform arithmetic on a nil value");
    fails_in("return require('councils').is_council(nil)", AS_ESCRIPT, "councils.lua", 4,
             "string expected, got nil");
    fails_in("return require('syntax')", AS_ESCRIPT, "syntax.lua", 3,
             "syntax: unexpected symbol");
    fails_in("return require('raises')", AS_ESCRIPT, "raises.lua", 2, "arithmetic on a nil");
    fails_in("return require('nothing')", AS_ESCRIPT, "nothing.lua", 1, "returned nothing");
    fails_in("return require('number')", AS_ESCRIPT, "number.lua", 1, "returned number");
    fails_in("return require('loop')", AS_EBUDGET, "loop.lua", 1, "instructions");
    fails_in("return require('global')", AS_ESCRIPT, "global.lua", 1, "cannot set the global");
    fails_in("return require('ring_a')", AS_ESCRIPT, "ring_a.lua", 1, "needs itself");
    fails_in("return require('ring_b')", AS_ESCRIPT, "ring_a.lua", 1, "needs itself");
    fails_in("return require('itself')", AS_ESCRIPT, "itself.lua", 1, "needs itself");
    fails_in("return require('reads_r')", AS_ESCRIPT, "reads_r.lua", 1,
             "a module gets it as an argument");
    fails_in("return require('iterator')", AS_ESCRIPT, "iterator.lua", 1,
             "cannot keep an iterator");
}

static void test_frozen(void **state)
{
    (void)state;
    fails(&f, 0, "require('councils').is_council = nil", AS_ESCRIPT, 12,
          "is_council is read-only");
    fails(&f, 0, "require('councils').new = 1", AS_ESCRIPT, 12, "new is read-only");
    fails(&f, 0, "require('councils').words[1] = 'x'", AS_ESCRIPT, 12, "read-only");
    fails(&f, 0, "table.insert(require('councils').nested.deep, 4)", AS_ESCRIPT, 12,
          "read-only");
    fails(&f, 0, "table.sort(require('sets').list)", AS_ESCRIPT, 12, "read-only");
    fails(&f, 0, "table.remove(require('sets').list)", AS_ESCRIPT, 12, "read-only");
    fails(&f, 0, "require('cycle').me.me.x = 1", AS_ESCRIPT, 12, "read-only");
    holds(&f, "require('councils').is_council('a council')"); /* unharmed */
}

/* A module that keeps something fails, each time in the same way, and has kept nothing. */
static void test_no_state(void **state)
{
    (void)state;
    for (int again = 0; again < 3; again++) {
        fails_in("return require('counter').next() == 1", AS_ESCRIPT, "counter.lua", 3,
                 "the local 'n' of the module changed in a call");
        holds(&f, "require('counter').get() == 0");
        fails_in("return require('cache').put('x')", AS_ESCRIPT, "cache.lua", 2,
                 "x is read-only");
        holds(&f, "not require('cache').get('x')");
        fails_in("return require('keeps').put(r)", AS_ESCRIPT, "keeps.lua", 2,
                 "the local 'kept'");
        fails_in("return require('keeps').put({})", AS_ESCRIPT, "keeps.lua", 2,
                 "the local 'kept'");
        holds(&f, "require('keeps').get() == false");
        fails_in("return require('env').put()", AS_ESCRIPT, "env.lua", 1, "the local '_ENV'");
        /* Also when the call fails for another reason. */
        fails_in("require('counter').next()\nerror('other')", AS_ESCRIPT, "places.yaml", 13,
                 "other");
        holds(&f, "require('counter').get() == 0");
    }
}

/* What loading costs is not the call's: the first call has as much budget as the others. */
static void test_budget_of_loading(void **state)
{
    (void)state;
    as_lua_setup s = {modules, COUNT, NULL, 0, {.instructions = 1000000}};
    static const char chunk[] = "for i = 1, 900000 do end return require('heavy').n == 100000";
    for (int again = 0; again < 2; again++) {
        fixture x = fixture_with(&s);
        says(&x, 0, chunk, AS_TRUE, "");
        says(&x, 0, chunk, AS_TRUE, "");
        fixture_close(&x);
    }
}

/* ---- tests of modules ---- */

static as_code test_chunk(const char *text)
{
    as_lua_source test = {
        AS_STR("councils_test"), as_str_from(text), {"councils_test.lua", 1, 0}};
    f.err = (as_err){.code = AS_OK};
    return as_lua_run_test(f.lua, &test, &f.err);
}

static void test_asserts(void **state)
{
    (void)state;
    assert_int_equal(
        test_chunk("local c = require 'councils'\n"
                   "assert_equal(c.is_council('X council'), true, 'a council')\n"
                   "assert_equal({1, {a = 'b'}, n = 2.0}, {1, {a = 'b'}, n = 2})\n"
                   "assert_equal(c.words, {'council', 'borough'})\n"
                   "assert_equal({'council', 'borough'}, c.words)\n"
                   "assert_equal(assay.date '2017-03-31', assay.date(2017, 3, 31))\n"
                   "assert_equal(nil, nil)\n"
                   "assert_true(c.is_council('a borough'))\n"
                   "assert_error(function() c.wrong(1) end, 'arithmetic')\n"
                   "assert_error(function() c.words[1] = 2 end)\n"
                   "assert(p.days == 90)\n"),
        AS_OK);
    static const struct {
        const char *text, *part;
        uint32_t line;
    } cases[] = {
        {"\nassert_equal(1, 2, 'sum')", "councils_test: sum: expected 2, got 1", 2},
        {"\n\nassert_equal('a', 'b')", "expected \"b\", got \"a\"", 3},
        {"assert_equal(nil, false)", "expected false, got nil", 1},
        {"assert_equal('1', 1)", "expected 1, got \"1\"", 1},
        {"assert_equal({1, 2}, {1})", "expected table, got table (they differ inside)", 1},
        {"assert_equal({1}, {1, 2})", "they differ inside", 1},
        {"assert_equal({a = {b = 1}}, {a = {b = 2}})", "they differ inside", 1},
        {"local a = {} a.a = a local b = {} b.a = b assert_equal(a, b)", "nested more than", 1},
        {"assert_true(1, 'truth')", "truth: expected true, got 1", 1},
        {"assert_true(false)", "expected true, got false", 1},
        {"assert_error(function() end, 'x', 'must fail')", "must fail: expected an error", 1},
        {"assert_error(function() error('abc') end, 'xyz')",
         "expected an error with \"xyz\", got", 1},
        {"\nassert(false, 'plain')", "plain", 2},
        {"return 1 +", "unexpected symbol", 1},
        {"x = 1", "cannot set the global", 1},
        {"local n = require('counter').next()", "the local 'n'", 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        as_code code = test_chunk(cases[i].text);
        expect_error(&f, code, AS_ESCRIPT, cases[i].line, cases[i].part, __FILE__, __LINE__);
    }
    /* A budget is no error that a test may expect. */
    assert_int_equal(test_chunk("assert_error(function() while true do end end)"), AS_EBUDGET);
    assert_int_equal(test_chunk("assert_error(function() return ('x'):rep(1e9) end)"),
                     AS_EBUDGET);
    assert_int_equal(
        test_chunk("local t = {}\n"
                   "assert_error(function() while true do t[#t + 1] = ('x'):rep(1e6) end end)"),
        AS_EBUDGET);
    holds(&f, "r.places == 4");
    /* A module first used inside assert_error is loaded all the same. */
    fixture x = fixture_with(&(as_lua_setup){modules, COUNT, NULL, 0, {0, 0, 0}});
    as_lua_source test = {AS_STR("t"),
                          AS_STR("assert_error(function() require('councils').wrong(1) "
                                 "end, 'arithmetic')"),
                          {"t.lua", 1, 0}};
    assert_int_equal(as_lua_run_test(x.lua, &test, &x.err), AS_OK);
    fixture_close(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_use),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_frozen),
        cmocka_unit_test(test_no_state),
        cmocka_unit_test(test_budget_of_loading),
        cmocka_unit_test(test_asserts),
    };
    return cmocka_run_group_tests_name("lua modules", tests, setup, teardown);
}
