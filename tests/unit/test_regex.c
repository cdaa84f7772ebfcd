/* Patterns: whole and part, limits, hostile subjects, threads. */
#include "unit.h"

#include "base/limits.h"
#include "base/regex.h"
#include <pthread.h>
#include <time.h>

static as_arena *arena;

static as_regex *compile(const char *pattern, unsigned flags)
{
    as_regex *r;
    as_err e;
    as_code code = as_regex_compile(&r, arena, S(pattern), flags, &e);
    if (code != AS_OK)
        fail_msg("%s", e.text);
    return r;
}

static void test_whole(void **state)
{
    (void)state;
    as_regex *r = compile("[A-Z]{2}[0-9]+", AS_REGEX_WHOLE);
    assert_int_equal(as_regex_match(r, S("SC12")), AS_MATCH_YES);
    assert_int_equal(as_regex_match(r, S("xSC12")), AS_MATCH_NO);
    assert_int_equal(as_regex_match(r, S("SC12x")), AS_MATCH_NO);
    assert_int_equal(as_regex_match(r, S("SC12\n")),
                     AS_MATCH_NO); /* no free newline at the end */
    assert_int_equal(as_regex_match(r, S("sc12")), AS_MATCH_NO);
    assert_int_equal(as_regex_match(r, AS_NONE), AS_MATCH_NO);
    assert_int_equal(as_regex_match(compile("a|ab", AS_REGEX_WHOLE), S("ab")), AS_MATCH_YES);
    assert_int_equal(as_regex_match(compile("", AS_REGEX_WHOLE), AS_NONE), AS_MATCH_YES);
    assert_int_equal(as_regex_match(compile("caf.", AS_REGEX_WHOLE), S("caf\xC3\xA9")),
                     AS_MATCH_YES);
    assert_int_equal(
        as_regex_match(compile("\xC3\x89", AS_REGEX_WHOLE | AS_REGEX_NOCASE), S("\xC3\xA9")),
        AS_MATCH_YES);
}

static void test_find(void **state)
{
    (void)state;
    size_t begin, end;
    as_regex *r = compile("\\[[^]]*\\]", 0);
    as_str s = S("12 [Note 3] 4 [x]");
    assert_int_equal(as_regex_find(r, s, &begin, &end), AS_MATCH_YES);
    assert_int_equal(begin, 3);
    assert_int_equal(end, 11);
    assert_int_equal(as_regex_find_from(r, s, end, &begin, &end), AS_MATCH_YES);
    assert_int_equal(begin, 14);
    assert_int_equal(as_regex_find_from(r, s, end, &begin, &end), AS_MATCH_NO);
    assert_int_equal(as_regex_find_from(r, s, 99, &begin, &end), AS_MATCH_NO);
    as_regex *start = compile("^x", 0); /* a start is a start of the whole subject only */
    assert_int_equal(as_regex_find_from(start, S("xx"), 1, &begin, &end), AS_MATCH_NO);
    as_regex *many = compile("(a)(b)(c)(d)(e)", 0); /* more groups than there is room to tell */
    assert_int_equal(as_regex_find(many, S("--abcde"), &begin, &end), AS_MATCH_YES);
    assert_int_equal(begin, 2);
    assert_int_equal(end, 7);
}

static void test_wrong(void **state)
{
    (void)state;
    as_regex *r;
    as_err e;
    assert_int_equal(as_regex_compile(&r, arena, S("(a"), 0, &e), AS_ERULE);
    assert_string_equal(
        e.text,
        "the regular expression \"(a\" is wrong at offset 2: missing closing parenthesis");
    assert_null(r);
    assert_int_equal(as_regex_compile(&r, arena, S("a\\Cb"), 0, &e), AS_ERULE);
    assert_int_equal(as_regex_compile(&r, arena, S("\xFF"), 0, &e), AS_ERULE);
    char *big = malloc(AS_REGEX_PATTERN_MAX + 1);
    memset(big, 'a', AS_REGEX_PATTERN_MAX + 1);
    assert_int_equal(
        as_regex_compile(&r, arena, (as_str){big, AS_REGEX_PATTERN_MAX + 1}, 0, &e), AS_ERULE);
    memset(big, '(', AS_REGEX_PATTERN_MAX);
    assert_int_equal(as_regex_compile(&r, arena, (as_str){big, AS_REGEX_PATTERN_MAX}, 0, &e),
                     AS_ERULE);
    free(big);
}

static double seconds(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void test_runaway(void **state)
{
    (void)state;
    char subject[64];
    memset(subject, 'a', sizeof subject);
    subject[sizeof subject - 1] = 'b';
    as_str s = {subject, sizeof subject};
    const char *patterns[] = {"(a+)+$",          "(a|aa)+$",
                              "(a*)*$",          "(?:a?){40}a{40}$",
                              "(*NO_JIT)(a+)+$", "(*LIMIT_MATCH=4000000000)(a+)+$"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        as_regex *r = compile(patterns[i], AS_REGEX_WHOLE);
        double before = seconds();
        assert_int_equal(as_regex_match(r, s), AS_MATCH_LIMIT);
        assert_true(seconds() - before < 2);
        assert_int_equal(as_regex_match(r, S("aaaa")),
                         patterns[i][2] == ':' ? AS_MATCH_NO : AS_MATCH_YES);
    }
}

/* The limit is ours, not PCRE2's own of 10 million steps: 26 letters take about a million. */
static void test_limit(void **state)
{
    (void)state;
    as_regex *r = compile("(*NO_JIT)(a|aa)+$", AS_REGEX_WHOLE);
    assert_int_equal(as_regex_match(r, S("aaaaaaaaaab")), AS_MATCH_NO);
    assert_int_equal(as_regex_match(r, S("aaaaaaaaaaaaaaaaaaaaaaaaaab")), AS_MATCH_LIMIT);
}

/* Deep nesting takes the matcher's stack, not the program's. */
static void test_deep(void **state)
{
    (void)state;
    size_t n = AS_REGEX_SUBJECT_MAX;
    char *subject = malloc(n + 1);
    memset(subject, '(', n + 1);
    const char *patterns[] = {"(\\((?1)?\\)?)+x", "(?:\\(|b)*x", "(*NO_JIT)(\\((?1)?\\)?)+x"};
    for (size_t i = 0; i < 3; i++) {
        as_regex *r = compile(patterns[i], AS_REGEX_WHOLE);
        assert_int_not_equal(as_regex_match(r, (as_str){subject, n}), AS_MATCH_YES);
    }
    as_regex *any = compile("(?s).*", AS_REGEX_WHOLE);
    assert_int_equal(as_regex_match(any, (as_str){subject, n}), AS_MATCH_YES);
    assert_int_equal(as_regex_match(any, (as_str){subject, n + 1}), AS_MATCH_LIMIT);
    free(subject);
}

static void test_invalid_subject(void **state)
{
    (void)state;
    size_t begin, end;
    assert_int_equal(as_regex_match(compile("(?s).*", AS_REGEX_WHOLE), S("a\xFF"
                                                                         "b")),
                     AS_MATCH_NO);
    assert_int_equal(as_regex_match(compile("[^x]+", AS_REGEX_WHOLE), S("\xC3")), AS_MATCH_NO);
    assert_int_equal(as_regex_find(compile("b", 0),
                                   S("a\xFF"
                                     "b"),
                                   &begin, &end),
                     AS_MATCH_YES);
    assert_int_equal(begin, 2);
}

static void *match_many(void *arg)
{
    intptr_t bad = 0;
    for (int i = 0; i < 2000; i++) {
        bad += as_regex_match(arg, S("SC1234")) != AS_MATCH_YES;
        bad += as_regex_match(arg, S("SC1234x")) != AS_MATCH_NO;
    }
    return (void *)bad;
}

static void test_threads(void **state)
{
    (void)state;
    as_regex *r = compile("(?:[A-Z]|[0-9])+", AS_REGEX_WHOLE);
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, match_many, r), 0);
    for (size_t i = 0; i < 4; i++) {
        void *bad;
        assert_int_equal(pthread_join(threads[i], &bad), 0);
        assert_null(bad);
    }
}

/* ---- simple patterns: the same answers as PCRE2, which has the pattern in a group ---- */

static uint32_t dice(uint32_t below)
{
    static uint64_t seed = 42;
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(seed >> 33) % below;
}

static void make_pattern(char *out, size_t size)
{
    static const char *const items[] = {"a", "b", "[ab]", "[a-c]", "[0-1a]", "-", "1"};
    static const char *const times[] = {"", "", "", "?", "{2}", "{0,2}", "{1,3}"};
    size_t at = 0;
    for (uint32_t i = dice(5) + 1; i > 0; i--)
        at += (size_t)snprintf(out + at, size - at, "%s%s%s", items[dice(7)], times[dice(7)],
                               dice(6) == 0 ? "|" : "");
}

static void test_simple(void **state)
{
    (void)state;
    uint32_t simple = 0, matched = 0;
    for (int round = 0; round < 2000; round++) {
        char pattern[100], group[110], text[12];
        make_pattern(pattern, sizeof pattern);
        (void)snprintf(group, sizeof group, "(?:%s)", pattern);
        as_regex *r = compile(pattern, AS_REGEX_WHOLE);
        as_regex *same = compile(group, AS_REGEX_WHOLE);
        assert_false(as_regex_is_cheap(same));
        simple += as_regex_is_cheap(r);
        for (int k = 0; k < 40; k++) {
            uint32_t n = dice(7);
            for (uint32_t i = 0; i < n; i++)
                text[i] = "abc01-"[dice(6)];
            as_str s = {text, n};
            as_match m = as_regex_match(same, s);
            matched += m == AS_MATCH_YES;
            if (as_regex_match(r, s) != m)
                fail_msg("%s on %.*s", pattern, (int)n, text);
        }
    }
    assert_int_equal(simple, 2000);
    assert_true(matched > 1000);
}

static void test_not_simple(void **state)
{
    static const char *const patterns[] = {"a*",   "a+",   "a??",   "a{2}+",       "a{2}?",
                                           "(a)",  "a.",   "[^a]",  "\\d",         "^a",
                                           "a$",   "[a",   "a{1,}", "[[:alpha:]]", "[\\d]",
                                           "[]a]", "[a-]", "[ -~]", "caf\xC3\xA9", ""};
    (void)state;
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        as_regex *r;
        as_err e;
        if (as_regex_compile(&r, arena, S(patterns[i]), AS_REGEX_WHOLE, &e) == AS_OK)
            assert_false(as_regex_is_cheap(r));
    }
    assert_false(as_regex_is_cheap(compile("a", 0)));
    assert_false(as_regex_is_cheap(compile("a", AS_REGEX_WHOLE | AS_REGEX_NOCASE)));
    assert_true(as_regex_is_cheap(compile("a{62}", AS_REGEX_WHOLE)));
    assert_false(as_regex_is_cheap(compile("a{64}", AS_REGEX_WHOLE)));
    as_regex *urn = compile("SC[0-9]{6}|[0-9]{7}", AS_REGEX_WHOLE);
    assert_true(as_regex_is_cheap(urn));
    assert_int_equal(as_regex_match(urn, S("SC123456")), AS_MATCH_YES);
    assert_int_equal(as_regex_match(urn, S("1234567")), AS_MATCH_YES);
    assert_int_equal(as_regex_match(urn, S("12345678")), AS_MATCH_NO);
    assert_int_equal(as_regex_match(urn, S("SC12345\n")), AS_MATCH_NO);
}

static int setup(void **state)
{
    (void)state;
    arena = as_arena_open();
    return arena ? 0 : 1;
}

static int teardown(void **state)
{
    (void)state;
    as_arena_close(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),           cmocka_unit_test(test_find),
        cmocka_unit_test(test_wrong),           cmocka_unit_test(test_runaway),
        cmocka_unit_test(test_limit),           cmocka_unit_test(test_deep),
        cmocka_unit_test(test_invalid_subject), cmocka_unit_test(test_threads),
        cmocka_unit_test(test_simple),          cmocka_unit_test(test_not_simple),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
