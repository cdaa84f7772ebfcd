/* The Lua sandbox against chunks that mean harm: ways out, ways to leave something behind, ways
 * to run on or to fill memory. Every case must end within seconds (also under the sanitizers)
 * and leave the state usable, which fails() tries each time. */
#include "lua_fixture.h"

static fixture f;

static int setup(void **state)
{
    (void)state;
    f = fixture_open();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_close(&f);
    return 0;
}

/* ---- ways out ---- */

static void test_names(void **state)
{
    (void)state;
    static const char *const gone[] = {
        "io",           "os",           "debug",  "package",   "load",
        "loadstring",   "loadfile",     "dofile", "pcall",     "xpcall",
        "setmetatable", "getmetatable", "rawget", "rawset",    "rawequal",
        "rawlen",       "_G",           "print",  "coroutine", "collectgarbage",
        "next",         "unpack",       "warn",   "_VERSION",  "arg"};
    for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++) {
        char chunk[64], part[64];
        (void)snprintf(chunk, sizeof chunk, "\nlocal x = %s", gone[i]);
        (void)snprintf(part, sizeof part, "'%s'", gone[i]);
        fails(&f, 0, chunk, AS_ESCRIPT, 13, part);
    }
    static const char *const members[] = {
        "string.dump",     "string.pack", "string.unpack", "string.packsize", "math.random",
        "math.randomseed", "table.maxn",  "utf8.x",        "('x').dump",      "('x').nothing",
    };
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        char chunk[64];
        (void)snprintf(chunk, sizeof chunk, "return %s ~= nil", members[i]);
        as_truth truth = AS_TRUE;
        as_code code = call_text(&f, 0, as_str_from(chunk), &truth);
        assert_true(code == AS_ESCRIPT || truth == AS_FALSE);
    }
    fails(&f, 0, "return string.dump(function() end)", AS_ESCRIPT, 12, "string has no 'dump'");
    fails(&f, 0, "return math.random()", AS_ESCRIPT, 12, "math has no 'random'");
    fails(&f, 0, "return assert_equal(1, 1)", AS_ESCRIPT, 12, "nothing called");
    fails(&f, 0, "return require 'os'", AS_ESCRIPT, 12, "the pack has no module 'os'");
    fails(&f, 0, "return asay.fold('x')", AS_ESCRIPT, 12, "did you mean assay?");
}

static void test_allowed_names(void **state)
{
    (void)state;
    holds(&f, "select('#', 1, 2) == 2 and tonumber('12') == 12 and tonumber('ff', 16) == 255");
    holds(&f, "type(math.pi) == 'number' and math.floor(2.5) == 2 and math.max(1, 3) == 3");
    holds(&f, "utf8.len('caf\xC3\xA9') == 4 and utf8.char(233) == '\xC3\xA9'");
    holds(&f,
          "table.concat({1, 2, 3}, '-') == '1-2-3' and select(2, table.unpack({4, 5})) == 5");
    says(&f, 0,
         "local t = {3, 1, 2} table.sort(t) table.insert(t, 1, 0) table.remove(t) "
         "return table.concat(table.move(t, 1, 3, 2, {9}))",
         AS_FALSE, "9012");
    says(&f, 0,
         "local n = 0 for _, c in utf8.codes('\xC3\xA9x') do n = n + c end return n == 353",
         AS_TRUE, "");
    says(&f, 0,
         "local t = {} for w in ('a bc d'):gmatch('%a+') do t[#t + 1] = w end "
         "return table.concat(t, ',')",
         AS_FALSE, "a,bc,d");
}

static void test_bytecode(void **state)
{
    (void)state;
    as_truth truth;
    as_str binary = {"\x1bLua\x54\x00\x19\x93\r\n\x1a\n", 12};
    fails_at(&f, 0, binary, AS_ESCRIPT, 12, "compiled Lua is not accepted", __FILE__, __LINE__);
    fails_at(&f, 0, (as_str){"\x1b", 1}, AS_ESCRIPT, 12, "compiled Lua", __FILE__, __LINE__);
    assert_int_equal(call_text(&f, 0, AS_STR("\xEF\xBB\xBFreturn true"), &truth), AS_OK);
    assert_int_equal(call_text(&f, 0, AS_STR("\xEF\xBB\xBF\x1bLua"), &truth), AS_ESCRIPT);
    fails_at(&f, 0, (as_str){"return\0true", 11}, AS_ESCRIPT, 12, "unexpected symbol", __FILE__,
             __LINE__);
}

/* ---- ways to leave something behind ---- */

static void test_writes(void **state)
{
    (void)state;
    fails(&f, 0, "count = 1", AS_ESCRIPT, 12,
          "cannot set the global 'count': write local count");
    fails(&f, 0, "function helper() end", AS_ESCRIPT, 12, "cannot set the global 'helper'");
    fails(&f, 0, "r = nil", AS_ESCRIPT, 12, "cannot set the global 'r'");
    fails(&f, 0, "p = {}", AS_ESCRIPT, 12, "cannot set the global 'p'");
    fails(&f, 0, "string = nil", AS_ESCRIPT, 12, "cannot set the global 'string'");
    fails(&f, 0, "_ENV[1] = 2", AS_ESCRIPT, 12, "cannot set the global '1'");
    fails(&f, 0, "_ENV[{}] = 2", AS_ESCRIPT, 12, "string expected");
    fails(&f, 0, "string.rep = nil", AS_ESCRIPT, 12, "rep is read-only");
    fails(&f, 0, "string.new = 1", AS_ESCRIPT, 12, "new is read-only");
    fails(&f, 0, "('').rep = nil", AS_ESCRIPT, 12, "attempt to index a string value");
    fails(&f, 0, "assay.fold = nil", AS_ESCRIPT, 12, "fold is read-only");
    fails(&f, 0, "table.insert(string, 1)", AS_ESCRIPT, 12, "read-only");
    fails(&f, 0, "table.insert(_ENV, 1)", AS_ESCRIPT, 12, "cannot set the global '1'");
    fails(&f, 0, "table.move({1}, 1, 1, 1, string)", AS_ESCRIPT, 12, "read-only");
    fails(&f, 0, "getmetatable('').__index = {}", AS_ESCRIPT, 12, "metatables cannot be used");
    fails(&f, 0, "return ('1') + 1", AS_ESCRIPT, 12, "arithmetic on a string");
    fails(&f, 0, "local x <close> = {}", AS_ESCRIPT, 12, "non-closable value");
    /* What pairs shows of a library is not the library. */
    says(&f, 0, "for k, v in pairs(string) do k = nil end return string.rep('a', 2)", AS_FALSE,
         "aa");
    says(&f, 0, "local n = 0 for k in pairs(_ENV) do n = n + 1 end return n == 1", AS_TRUE, "");
    says(&f, 0, "local x <const> = 1 return x == 1", AS_TRUE, "");
}

/* The same handle twice: the second call must see nothing of the first. */
static void test_no_state(void **state)
{
    (void)state;
    static const char *const chunks[] = {
        "local seen = _ENV.seen_before == nil return seen",
        "if _ENV == r then return false end local old = _ENV _ENV = {old = old} return "
        "old.r.urn == 'A1'",
        "local s = string local _ENV = {} x = (x or 0) + 1 return x == 1",
        "local function count() n = n + 1 end local t = {} return #t == 0",
    };
    for (size_t i = 0; i < sizeof chunks / sizeof chunks[0]; i++) {
        as_predicate p = predicate_of(&f, as_str_from(chunks[i]));
        int handle;
        as_truth truth = AS_FALSE, first = AS_FALSE;
        assert_int_equal(as_lua_compile(f.lua, &p, &handle, &f.err), AS_OK);
        as_code code = as_lua_call(f.lua, handle, f.table, 0, &first, &f.why, &f.err);
        for (int again = 0; again < 3; again++) {
            assert_int_equal(as_lua_call(f.lua, handle, f.table, 0, &truth, &f.why, &f.err),
                             code);
            assert_int_equal(truth, first);
        }
        assert_true(i == 0 ? code == AS_ESCRIPT : truth == AS_TRUE);
    }
}

/* Same chunk, two states: the same bytes, whatever the hash seed and the addresses. */
static void test_determinism(void **state)
{
    (void)state;
    static const char chunk[] =
        "local t = {z = 1, a = 2, [3] = 'x', [1] = 'y', [2.5] = 'f', [true] = 'b', [-7] = 'n', "
        "[assay.date '2017-03-31'] = 'd', [assay.date '2016-03-31'] = 'e', [math.huge] = 'i'} "
        "for i = 1, 50 do t['key' .. i] = i end "
        "local s = '' for k, v in pairs(t) do s = s .. tostring(k) .. '=' .. tostring(v) .. ' "
        "' end "
        "return s .. tostring({}) .. tostring(string.rep) .. ('%s'):format({}) .. "
        "('%s'):format(print_ == nil)";
    char first[2048] = "";
    for (int i = 0; i < 4; i++) {
        fixture other = fixture_open();
        as_truth truth;
        as_str text = as_str_from(chunk);
        text.len -= strlen("('%s'):format(print_ == nil)") + 4;
        assert_int_equal(call_text(&other, 0, text, &truth), AS_OK);
        if (i == 0)
            (void)snprintf(first, sizeof first, "%s", other.why.ptr);
        assert_string_equal(first, other.why.ptr);
        fixture_close(&other);
    }
    static const char want[] = "-7=n 1=y 2.5=f 3=x inf=i a=2 key1=1 key10=10 ";
    assert_memory_equal(first, want, sizeof want - 1);
    assert_non_null(strstr(first, " z=1 true=b 2016-03-31=e 2017-03-31=d tablefunctiontable"));
    fails(&f, 0, "for k in pairs({[{}] = 1}) do end", AS_ESCRIPT, 12, "have no order");
    fails(&f, 0, "return ('%p'):format('x')", AS_ESCRIPT, 12, "%p is not available");
    fails(&f, 0, "return ('%5p'):format({})", AS_ESCRIPT, 12, "%p is not available");
    says(&f, 0, "return ('%%p %d%%'):format(3)", AS_FALSE, "%p 3%");
}

static void test_pairs(void **state)
{
    (void)state;
    says(&f, 0,
         "local t, s = {a = 1, b = 2, c = 3}, '' for k in pairs(t) do s = s .. k "
         "t.b = nil t.d = 4 end return s",
         AS_FALSE, "ac");
    says(&f, 0, "local s = '' for k, v in pairs({}) do s = 'x' end return s == ''", AS_TRUE,
         "");
    says(&f, 0, "local s = 0 for k, v in pairs({false, 0}) do s = s + k end return s == 3",
         AS_TRUE, "");
    fails(&f, 0, "for k in pairs(nil) do end", AS_ESCRIPT, 12, "table expected, got nil");
}

/* ---- ways to run on ---- */

typedef struct attack {
    const char *chunk;
    uint32_t line; /* from 12; 0: anywhere */
    const char *part;
} attack;

/* Each must end with AS_EBUDGET and `part` in its words, in bounded time. */
static void attack_all(fixture *x, const attack *a, size_t count, double most)
{
    for (size_t i = 0; i < count; i++) {
        as_truth truth;
        double start = seconds_now();
        as_code code = call_text(x, 0, as_str_from(a[i].chunk), &truth);
        double took = seconds_now() - start;
        if (code != AS_EBUDGET || !strstr(x->err.text, a[i].part) || took > most)
            fail_msg("%s\n  code %d in %.2f s at line %u: %s", a[i].chunk, (int)code, took,
                     x->err.at.line, x->err.text);
        if (a[i].line && a[i].line != x->err.at.line)
            fail_msg("%s\n  line %u: %s", a[i].chunk, x->err.at.line, x->err.text);
        says(x, 0, "return r.places == 4 and #('x'):rep(1000) == 1000", AS_TRUE, "");
    }
}

static void test_endless(void **state)
{
    (void)state;
    static const attack attacks[] = {
        {"while true do end", 12, "stopped after 10000000 instructions"},
        {"\nrepeat until false", 13, "instructions"},
        {"local function f() return f() end\nreturn f()", 12, "instructions"},
        {"::top::\ngoto top", 0, "instructions"},
        {"for i = 1, math.huge do end", 12, "instructions"},
        {"local t = {1, 2, 3} table.sort(t, function() while true do end end)", 12,
         "instructions"},
        {"('x'):gsub('.', function() while true do end end)", 12, "instructions"},
        {"for w in ('x'):gmatch('x') do while true do end end", 12, "instructions"},
        /* Work inside C functions is paid for. */
        {"local t = {} for i = 1, 200000 do t[i] = i end\nwhile true do table.sort(t) end", 13,
         "instructions"},
        {"local t = {} for i = 1, 200000 do t[i] = '' end\nwhile true do table.concat(t) end",
         13, "instructions"},
        {"local t = {} for i = 1, 200000 do t[i] = i end\nwhile true do table.insert(t, 1, 0) "
         "end",
         13, "instructions"},
        {"local t = {} for i = 1, 200000 do t[i] = i end\nwhile true do table.remove(t, 1) "
         "t[#t + 1] = 0 end",
         13, "instructions"},
        {"table.move({}, 1, math.maxinteger - 1, 2)", 12, "instructions"},
        {"table.move({}, math.mininteger, -2, 1)", 12, "instructions"},
        {"local s = ('x'):rep(10000000) while true do s:find('y', 1, true) end", 12,
         "instructions"},
        {"local s = ('1'):rep(1000000) while true do tonumber(s) end", 12, "instructions"},
        {"local s = ('x'):rep(1000000) while true do s:upper() end", 12, "instructions"},
        {"local s = ('x'):rep(1000000) while true do assay.fold(s) end", 12, "instructions"},
        {"local s = ('x'):rep(1000000) while true do utf8.len(s) end", 12, "instructions"},
        {"local s = ('x'):rep(60000) while true do s:gsub('x', 'y') end", 12, "instructions"},
        {"local a, b = ('a'):rep(4000), ('b'):rep(4000) while true do assay.distance(a, b) end",
         12, "instructions"},
        {"local t = {} for i = 1, 200000 do t[i] = i end while true do pairs(t) end", 12,
         "instructions"},
        {"local t = {} for i = 1, 200000 do t[i] = i end while true do select('#', "
         "table.unpack(t)) "
         "end",
         12, "instructions"},
    };
    attack_all(&f, attacks, sizeof attacks / sizeof attacks[0], 20);
}

/* The count is exact: what fits once fits always, and the clock does not enter into it. */
static void test_exact_instructions(void **state)
{
    (void)state;
    as_lua_setup s = {.limits = {.instructions = 100000}};
    fixture x = fixture_with(&s);
    as_truth truth;
    int low = 0, high = 400000;
    char chunk[80];
    while (high - low > 1) {
        int n = (low + high) / 2;
        (void)snprintf(chunk, sizeof chunk, "for i = 1, %d do end return true", n);
        as_code code = call_text(&x, 0, as_str_from(chunk), &truth);
        *(code == AS_OK ? &low : &high) = n;
    }
    for (int i = 0; i < 20; i++) {
        (void)snprintf(chunk, sizeof chunk, "for i = 1, %d do end return true",
                       i % 2 ? low : high);
        assert_int_equal(call_text(&x, 0, as_str_from(chunk), &truth),
                         i % 2 ? AS_OK : AS_EBUDGET);
    }
    fixture_close(&x);
    s.limits.instructions = 10; /* below a tick of the hook */
    x = fixture_with(&s);
    assert_int_equal(call_text(&x, 0, AS_STR("return true"), &truth), AS_OK);
    assert_int_equal(call_text(&x, 0, AS_STR("while true do end"), &truth), AS_EBUDGET);
    fixture_close(&x);
}

static void test_clock(void **state)
{
    (void)state;
    as_lua_setup s = {.limits = {.instructions = UINT64_MAX / 8, .call_ms = 50}};
    fixture x = fixture_with(&s);
    static const attack attacks[] = {
        {"while true do end", 12, "stopped after 50 milliseconds"},
        /* Between two ticks of the hook: the allocator looks too. */
        {"local s = ('x'):rep(20000000) while true do local t = s .. 'y' end", 12,
         "milliseconds"},
        {"local t = {} for i = 1, 100000 do t[i] = i end while true do table.sort(t) end", 12,
         "milliseconds"},
    };
    attack_all(&x, attacks, sizeof attacks / sizeof attacks[0], 5);
    fixture_close(&x);
}

static void test_memory(void **state)
{
    (void)state;
    static const attack attacks[] = {
        {"local t = {}\nwhile true do t[#t + 1] = ('x'):rep(1e6) end", 13,
         "more than 65536 KiB of memory"},
        {"local s = 'x'\nwhile true do s = s .. s end", 13, "memory"},
        {"local t = {}\nwhile true do t = {t, t} end", 13, ""},
        {"return ('x'):rep(1e9)", 12, "longer than 65536 KiB"},
        {"return ('x'):rep(math.maxinteger)", 12, "longer than 65536 KiB"},
        {"return (''):rep(1e9, ', ')", 12, "longer than 65536 KiB"},
        {"return ('xy'):rep(math.maxinteger, 'abc')", 12, "longer than 65536 KiB"},
        {"local t = {} for i = 1, 1e9 do t[i] = i end", 12, ""},
        {"local t = {}\nfor i = 1, 1e9 do t['k' .. i] = {} end", 13, ""},
        {"local s = ('x'):rep(60000) for i = 1, 50 do s = s .. s end", 12, "memory"},
        {"local t = {} for i = 1, 300 do t[i] = ('x'):rep(1000000) end table.concat(t)", 12,
         "memory"},
        {"return ('x'):rep(60000):gsub('x', ('y'):rep(60000))", 12, "memory"},
        {"local function f(...) return f(1, ...) end f()", 12, ""},
        {"local a = {} for i = 1, 600000 do a[i] = {} end local b = {} "
         "for i = 1, 1e8 do b = {b} if i % 2 == 0 then b = {} end end",
         12, ""},
    };
    attack_all(&f, attacks, sizeof attacks / sizeof attacks[0], 20);
    says(&f, 0, "return (''):rep(1e9) == '' and ('x'):rep(-5) == '' and ('ab'):rep(3, '-')",
         AS_FALSE, "ab-ab-ab");
    as_lua_setup tiny = {.limits = {.memory = 4096}};
    as_lua *l = NULL;
    assert_int_equal(as_lua_open(&l, &tiny, &f.err), AS_EBUDGET);
    assert_null(l);
}

/* Memory that a call left goes away: each call takes half of the cap. */
static void test_memory_comes_back(void **state)
{
    (void)state;
    as_predicate p = predicate_of(&f, AS_STR("local s = ('x'):rep(3e7) return #s == 3e7"));
    int handle;
    as_truth truth;
    assert_int_equal(as_lua_compile(f.lua, &p, &handle, &f.err), AS_OK);
    for (int i = 0; i < 20; i++) {
        assert_int_equal(as_lua_call(f.lua, handle, f.table, 0, &truth, &f.why, &f.err), AS_OK);
        assert_int_equal(truth, AS_TRUE);
    }
}

static void test_recursion(void **state)
{
    (void)state;
    static const attack attacks[] = {
        {"local function f(n) return 1 + f(n) end\nreturn f(1)", 12, "too deeply"},
        {"local function f() return (('x'):gsub('x', f)) end\nreturn f()", 0, "too deeply"},
        {"local function f() table.sort({1, 2, 3}, f) end\nf()", 0, "too deeply"},
    };
    attack_all(&f, attacks, sizeof attacks / sizeof attacks[0], 10);
    /* In the parser. */
    as_buf deep = AS_BUF(AS_MIB);
    as_truth truth;
    as_buf_add(&deep, AS_STR("return "));
    for (int i = 0; i < 100000; i++)
        as_buf_addc(&deep, '(');
    assert_int_equal(call_text(&f, 0, as_buf_str(&deep), &truth), AS_EBUDGET);
    as_buf_clear(&deep);
    for (int i = 0; i < 100000; i++)
        as_buf_add(&deep, AS_STR("do "));
    assert_int_equal(call_text(&f, 0, as_buf_str(&deep), &truth), AS_EBUDGET);
    as_buf_clear(&deep);
    while (deep.len < AS_LUA_SOURCE_MAX - 10)
        as_buf_add(&deep, AS_STR("        "));
    assert_int_equal(call_text(&f, 0, as_buf_str(&deep), &truth), AS_OK);
    as_buf_free(&deep);
    deep = AS_BUF(2 * AS_MIB);
    while (deep.len <= AS_LUA_SOURCE_MAX)
        as_buf_add(&deep, AS_STR("        "));
    assert_int_equal(call_text(&f, 0, as_buf_str(&deep), &truth), AS_EBUDGET);
    assert_non_null(strstr(f.err.text, "1024 KiB"));
    as_buf_free(&deep);
}

static void test_patterns(void **state)
{
    (void)state;
    static const attack attacks[] = {
        {"return ('a'):rep(30):find(('a?'):rep(26) .. ('a'):rep(31))", 12,
         "more than 1000000 steps"},
        {"\nreturn ('a'):rep(30):match(('a*'):rep(20) .. 'b')", 13, "more than 1000000 steps"},
        {"return string.gsub(('a'):rep(30), ('a-'):rep(20) .. 'b', '')", 12, "steps"},
        {"for w in ('a'):rep(30):gmatch(('a*'):rep(20) .. 'b') do end", 12, "steps"},
        {"return ('('):rep(60000):find('%b()')", 12, "steps"},
        {"return ('x'):rep(65000):find('.*y')", 12, "steps"},
        {"return ('x'):rep(65537):find('y+')", 12, "at most 64 KiB"},
        {"return ('x'):find(('x'):rep(257) .. '.')", 12, "longer than 256 bytes"},
        {"local s = ('a'):rep(30) while true do s:find(('a?'):rep(10) .. ('a'):rep(31)) end",
         12, ""},
    };
    attack_all(&f, attacks, sizeof attacks / sizeof attacks[0], 20);
    holds(&f, "('x'):rep(1e6):find('xy', 1, true) == nil"); /* plain search has no cap */
    holds(&f, "('x'):rep(1e6):find('y') == nil"); /* nor has a pattern that is plain */
    holds(&f, "('x'):rep(65536):find('y+') == nil");
    holds(&f, "('x'):find(('x'):rep(255) .. '.') == nil");
    fails(&f, 0, "return ('x'):find('[a')", AS_ESCRIPT, 12,
          "malformed pattern (missing ']'): \"[a\"");
}

/* Formats are bounded by the library: widths of two digits. */
static void test_format(void **state)
{
    (void)state;
    holds(&f, "('%5.1f|%-5s|%05d|%x|%q'):format(2.25, 'a', 42, 255, 'x') == '  2.2|a    "
              "|00042|ff|\"x\"'");
    holds(&f, "#('%99.99f'):format(1e308) > 300");
    fails(&f, 0, "return ('%100d'):format(1)", AS_ESCRIPT, 12, "invalid");
    fails(&f, 0, "return ('%d'):format('x')", AS_ESCRIPT, 12, "number expected");
    fails(&f, 0, "return ('%y'):format(1)", AS_ESCRIPT, 12, "invalid");
    fails(&f, 0, "return ('%s'):format()", AS_ESCRIPT, 12, "no value");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_allowed_names),
        cmocka_unit_test(test_bytecode),
        cmocka_unit_test(test_writes),
        cmocka_unit_test(test_no_state),
        cmocka_unit_test(test_determinism),
        cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_endless),
        cmocka_unit_test(test_exact_instructions),
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_memory_comes_back),
        cmocka_unit_test(test_recursion),
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_format),
    };
    return cmocka_run_group_tests_name("lua sandbox", tests, setup, teardown);
}
