/* Lua patterns: the counted matcher against the Lua library's own, on thousands of random
 * patterns and texts and on the corner cases of the manual; what is refused; that the count of
 * steps is kept. */
#include "unit.h"

#include "base/alloc.h"
#include "lua/pattern.h"
#include <lauxlib.h>
#include <lualib.h>

/* ---- the oracle: string.find of the library ---- */

static lua_State *oracle;
static long compared; /* cases that both answered */

static int open_oracle(void **state)
{
    (void)state;
    oracle = luaL_newstate();
    if (!oracle)
        return -1;
    luaL_openlibs(oracle);
    return 0;
}

static int close_oracle(void **state)
{
    (void)state;
    lua_close(oracle);
    return 0;
}

/* "begin,end;capture;capture…" in text form, "nil", or "error". */
static void by_library(char *out, size_t size, as_str pattern, as_str subject, size_t from)
{
    lua_settop(oracle, 0);
    lua_getglobal(oracle, "string");
    lua_getfield(oracle, -1, "find");
    lua_pushlstring(oracle, subject.ptr, subject.len);
    lua_pushlstring(oracle, pattern.ptr, pattern.len);
    lua_pushinteger(oracle, (lua_Integer)from + 1);
    if (lua_pcall(oracle, 3, LUA_MULTRET, 0) != LUA_OK) {
        (void)snprintf(out, size, "error");
        return;
    }
    if (lua_isnil(oracle, 2)) {
        (void)snprintf(out, size, "nil");
        return;
    }
    size_t at = (size_t)snprintf(out, size, "%lld,%lld", (long long)lua_tointeger(oracle, 2),
                                 (long long)lua_tointeger(oracle, 3));
    for (int i = 4; i <= lua_gettop(oracle); i++)
        at += (size_t)snprintf(out + at, size - at, ";%s", lua_tostring(oracle, i));
}

/* "refused": for the one reason that the library does not have. */
static void by_ours(char *out, size_t size, as_str pattern, as_str subject, size_t from)
{
    as_luapat *p = as_alloc(as_luapat_size(pattern));
    as_luapat_run r = {.subject = subject, .limit = 100000000};
    size_t begin = 0, end = 0;
    const char *wrong = as_luapat_compile(p, pattern);
    if (wrong) {
        (void)snprintf(out, size, strstr(wrong, "names no class") ? "refused" : "error");
    } else if (as_luapat_find(p, &r, from, &begin, &end) != AS_LUAPAT_YES) {
        (void)snprintf(out, size, "nil");
    } else {
        size_t at = (size_t)snprintf(out, size, "%zu,%zu", begin + 1, end);
        for (uint32_t i = 0; i < p->captures; i++) {
            if (p->position >> i & 1)
                at += (size_t)snprintf(out + at, size - at, ";%zu", r.begin[i]);
            else
                at += (size_t)snprintf(out + at, size - at, ";%.*s",
                                       (int)(r.end[i] - r.begin[i]), subject.ptr + r.begin[i]);
        }
    }
    as_free(p);
}

static void compare(as_str pattern, as_str subject, size_t from)
{
    char want[1024], got[1024];
    by_library(want, sizeof want, pattern, subject, from);
    by_ours(got, sizeof got, pattern, subject, from);
    /* A malformed pattern is an error for us even where the library did not get that far. */
    bool later = strcmp(got, "error") == 0 && strcmp(want, "nil") == 0;
    bool plain = pattern.len == 1 && pattern.ptr[0] == ')'; /* find takes it for plain text */
    if (later || plain || strcmp(got, "refused") == 0)
        return;
    compared++;
    if (strcmp(want, got) != 0)
        fail_msg("pattern \"%.*s\" subject \"%.*s\" from %zu: library %s, ours %s",
                 AS_FMT(pattern), AS_FMT(subject), from, want, got);
}

/* ---- corner cases ---- */

static void test_manual(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "",
        "a",
        "^a",
        "a$",
        "^$",
        "$",
        "a$b",
        "$a",
        "a^b",
        "^^a",
        ".",
        "..",
        ".*",
        ".-",
        ".-b",
        "a*",
        "a+",
        "a-",
        "a?",
        "a*b",
        "a+b",
        "a-b",
        "a?b",
        "*a",
        "+",
        "?",
        "-",
        "a**",
        "[a]*",
        "%a+",
        "%d+",
        "%s*",
        "%w-x",
        "%A",
        "%D+",
        "%x+",
        "%X",
        "%p",
        "%P+",
        "%c",
        "%C",
        "%g+",
        "%G",
        "%l%u",
        "%L%U",
        "%S+",
        "%W",
        "[%a_][%w_]*",
        "[abc]+",
        "[^abc]+",
        "[a-c]",
        "[^a-c]*",
        "[]]",
        "[^]]",
        "[]-a]",
        "[a-]",
        "[-a]",
        "[a%-z]",
        "[%]]",
        "[%a-z]",
        "[a-%%]",
        "[a-%a]",
        "[x-%%]",
        "[%%]",
        "[+-]?%d+",
        "(a)(b)",
        "(a(b))",
        "((a)b)",
        "()a()",
        "(a*)(b*)",
        "(.-)%s",
        "(a*)%1",
        "(.)%1",
        "(..)%1",
        "()%1",
        "(a)(b)%2%1",
        "%b()",
        "%bxx",
        "%b()*",
        "%f[%a]%a+",
        "%f[%A]",
        "%f[^%z]",
        "%f[%w]b%f[%W]",
        "^(%a+)%s*=%s*(.-)$",
        "a.-b.-c",
        "%.%.%.",
        "%(%)",
        "%*",
        "(",
        ")",
        "%",
        "[",
        "[a",
        "[^",
        "[]",
        "%b",
        "%ba",
        "%f",
        "%fa",
        "%1",
        "(%1)",
        "(a",
        "a)",
        "(()",
        "())",
        "[%",
        "[%a",
        "(a)%2",
        "%0",
        "\xC3\xA9+",
        "[\x80-\xFF]+",
    };
    static const char *const subjects[] = {
        "",
        "a",
        "b",
        "ab",
        "aab",
        "aaab",
        "abab",
        "aabb",
        "ba",
        "a b",
        "foo = bar",
        "(a(b)c)d",
        "THE (quick) fox",
        "xaxbx",
        "a\nb",
        "A1b2",
        "...",
        "a-b_c",
        "]",
        "a]",
        "[a]",
        "%",
        "*+?-^$",
        "x=1,y=22",
        "caf\xC3\xA9 noir",
        "aaaaaaaab",
        "  lead",
        "abcabc",
        "))((",
        "0x1F",
    };
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++)
        for (size_t j = 0; j < sizeof subjects / sizeof subjects[0]; j++)
            for (size_t from = 0; from <= strlen(subjects[j]); from += 2)
                compare(S(patterns[i]), S(subjects[j]), from);
}

static void test_nul_bytes(void **state)
{
    (void)state;
    as_str subject = {"a\0b\0\0c", 6};
    compare((as_str){"\0", 1}, subject, 0);
    compare((as_str){"[\0]+c", 5}, subject, 0);
    compare((as_str){"b\0*c", 4}, subject, 0);
    compare(S("%c+"), subject, 0);
    compare(S("%f[%z]"), S("ab"), 0);
    compare((as_str){"%f[\0]", 5}, S("ab"), 0);
    compare((as_str){"[^\0]-\0", 6}, subject, 2);
}

static uint32_t seed = 20170331;
static uint32_t pick(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % n;
}

static size_t random_text(char *out, size_t max, const char *const *parts, uint32_t count)
{
    size_t len = 0;
    for (uint32_t n = pick(8) + 1; n > 0; n--) {
        const char *part = parts[pick(count)];
        if (len + strlen(part) >= max)
            break;
        len += (size_t)snprintf(out + len, max - len, "%s", part);
    }
    return len;
}

/* Patterns from a grammar that is mostly well formed, over an alphabet of three. */
static void test_random(void **state)
{
    (void)state;
    static const char *const parts[] = {
        "a",      "b",   "a*",    "b+",   "a-",   "b?",    ".",      ".*",   ".-",
        "(",      ")",   "(a",    "b)",   "()",   "%1",    "%2",     "[ab]", "[^a]",
        "[a-c]*", "%a",  "%A+",   "%s",   "%bab", "%f[b]", "%f[^a]", "$",    "^",
        "c",      "%w-", "[%s]?", "(.-)", "(a*)", "%%",    "[",      "]"};
    static const char *const letters[] = {"a", "b", "c", " ", "ab", "aab", "ba", "%"};
    char pattern[128], subject[128];
    compared = 0;
    for (int i = 0; i < 60000; i++) {
        size_t p = random_text(pattern, 64, parts, sizeof parts / sizeof parts[0]);
        size_t s = random_text(subject, 64, letters, 8);
        compare((as_str){pattern, p}, (as_str){subject, s}, pick((uint32_t)s + 1));
    }
    assert_true(compared > 20000);
}

/* ---- what is refused ---- */

static void test_malformed(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *why;
    } cases[] = {{"x(", "unfinished capture"},
                 {"x)", "invalid pattern capture"},
                 {"%", "ends with '%'"},
                 {"[a", "missing ']'"},
                 {"[]", "missing ']'"},
                 {"[%]", "missing ']'"},
                 {"%b(", "missing arguments"},
                 {"%fa", "missing '['"},
                 {"%1", "invalid capture index"},
                 {"(a%1)", "invalid capture index"},
                 {"%e", "names no class"},
                 {"[%e]", "names no class"},
                 {"(a)%2", "invalid capture index"}};
    char memory[8192];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *wrong = as_luapat_compile((as_luapat *)(void *)memory, S(cases[i].pattern));
        assert_non_null(wrong);
        assert_non_null(strstr(wrong, cases[i].why));
    }
    char many[80];
    for (size_t i = 0; i < 33; i++)
        memcpy(many + 2 * i, "()", 2);
    as_luapat *p = as_alloc(as_luapat_size((as_str){many, 66}));
    assert_null(as_luapat_compile(p, (as_str){many, 64}));
    assert_string_equal(as_luapat_compile(p, (as_str){many, 66}), "too many captures");
    as_free(p);
}

/* ---- steps ---- */

static as_luapat_result steps_of(const char *pattern, as_str subject, uint64_t limit,
                                 uint64_t *steps)
{
    as_luapat *p = as_alloc(as_luapat_size(S(pattern)));
    as_luapat_run r = {.subject = subject, .limit = limit};
    size_t begin, end;
    assert_null(as_luapat_compile(p, S(pattern)));
    as_luapat_result found = as_luapat_find(p, &r, 0, &begin, &end);
    *steps = r.steps;
    as_free(p);
    return found;
}

static void test_limit(void **state)
{
    (void)state;
    uint64_t steps;
    static const char forty[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const char *optional = "a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?"
                           "aaaaaaaaaaaaaaaaaaaaaaaaaab";
    assert_int_equal(steps_of(optional, S(forty), 1000000, &steps), AS_LUAPAT_LIMIT);
    assert_true(steps < 1000000 + 100);
    assert_int_equal(steps_of("(a*)*b", S(forty), 1000000, &steps),
                     AS_LUAPAT_NO); /* `)*` is a * */
    assert_int_equal(steps_of("a*a*a*a*a*a*b", S(forty), 1000000, &steps), AS_LUAPAT_LIMIT);
    assert_int_equal(steps_of(".-.-.-.-.-.-b", S(forty), 1000000, &steps), AS_LUAPAT_LIMIT);
    assert_int_equal(steps_of("%bab", S(forty), 10, &steps), AS_LUAPAT_LIMIT);
    /* Linear work is cheap: about three steps a byte. */
    assert_int_equal(steps_of("b", S(forty), 1000, &steps), AS_LUAPAT_NO);
    assert_true(steps <= 3 * sizeof forty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_manual), cmocka_unit_test(test_nul_bytes),
        cmocka_unit_test(test_random), cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_limit),
    };
    return cmocka_run_group_tests_name("lua patterns", tests, open_oracle, close_oracle);
}
