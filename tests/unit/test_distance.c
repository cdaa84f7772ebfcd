/* Levenshtein distance against a full matrix, Jaro-Winkler against published pairs, bags
 * against both. */
#include "unit.h"

#include "base/alloc.h"
#include "base/distance.h"
#include "base/text.h"
#include "oracle/alike.h"
#include <limits.h>

static unsigned edits(const char *a, const char *b, unsigned max)
{
    as_pattern *p = as_pattern_open(strlen(a) > strlen(b) ? strlen(a) : strlen(b));
    assert_non_null(p);
    as_pattern_set(p, S(a));
    unsigned there = as_pattern_edits(p, S(b), max);
    as_pattern_set(p, S(b));
    assert_int_equal(as_pattern_edits(p, S(a), max), there);
    as_pattern_close(p);
    return there;
}

static double alike(const char *a, const char *b)
{
    as_pattern *p = as_pattern_open(strlen(a) > strlen(b) ? strlen(a) : strlen(b));
    assert_non_null(p);
    as_pattern_set(p, S(a));
    double there = as_pattern_similarity(p, S(b));
    as_pattern_set(p, S(b));
    assert_true(fabs(as_pattern_similarity(p, S(a)) - there) < 1e-12);
    as_pattern_close(p);
    return there;
}

static void test_edits(void **state)
{
    (void)state;
    assert_int_equal(edits("", "", 0), 0);
    assert_int_equal(edits("", "abc", 3), 3);
    assert_int_equal(edits("", "abc", 2), 3); /* max + 1 */
    assert_int_equal(edits("a", "a", 0), 0);
    assert_int_equal(edits("a", "b", 5), 1);
    assert_int_equal(edits("a", "b", 0), 1);
    assert_int_equal(edits("kitten", "sitting", 10), 3);
    assert_int_equal(edits("kitten", "sitting", 2), 3);
    assert_int_equal(edits("kitten", "sitting", 1), 2);
    assert_int_equal(edits("saturday", "sunday", UINT_MAX - 1), 3);
    assert_int_equal(edits("ab", "ba", 5), 2); /* a swap is two: no optimal string alignment */
    assert_int_equal(edits("ca", "abc", 5), 3);
    /* code points, not bytes */
    assert_int_equal(edits("caf\xC3\xA9", "cafe", 5), 1);
    assert_int_equal(edits("\xE4\xB8\xAD\xE6\x96\x87", "\xE4\xB8\xAD", 5), 1);
    assert_int_equal(edits("\xF0\x9F\x8F\xA0x", "x", 5), 1);
    /* bytes that are not UTF-8 are characters, and no code point */
    assert_int_equal(edits("caf\xE9", "cafe", 5), 1);
    assert_int_equal(edits("caf\xE9", "caf\xC3\xA9", 5), 1);
    assert_int_equal(edits("caf\xE9", "caf\xE9", 5), 0);
}

/* At 63 to 66 code points another way is taken. */
static void test_edits_at_a_word(void **state)
{
    (void)state;
    for (size_t n = 62; n <= 67; n++) {
        char a[80], b[80];
        memset(a, 'x', n);
        a[n] = '\0';
        memcpy(b, a, n + 1);
        assert_int_equal(edits(a, b, 3), 0);
        b[n - 1] = 'y'; /* the last row's bit */
        assert_int_equal(edits(a, b, 3), 1);
        b[0] = 'y';
        assert_int_equal(edits(a, b, 3), 2);
        b[n - 2] = '\0';
        assert_int_equal(edits(a, b, 3), 3);
        assert_int_equal(edits(a, b, 2), 3);
    }
}

/* ---- against the whole matrix ---- */

static uint64_t seed = 7;
static unsigned rnd(unsigned n)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)(seed >> 33) % n;
}

/* b: a with a few edits, so that near pairs are frequent; or another text. */
static void random_pair(char *a, char *b, unsigned longest, unsigned letters)
{
    unsigned na = rnd(longest + 1), nb = 0;
    for (unsigned i = 0; i < na; i++)
        a[i] = (char)('a' + rnd(letters));
    a[na] = '\0';
    if (rnd(4) == 0) {
        nb = rnd(longest + 1);
        for (unsigned i = 0; i < nb; i++)
            b[i] = (char)('a' + rnd(letters));
    } else {
        unsigned odds = 2 + rnd(20);
        for (unsigned i = 0; i < na && nb < longest; i++) {
            unsigned what = rnd(odds);
            if (what != 0)
                b[nb++] = what == 1 ? (char)('a' + rnd(letters)) : a[i];
            if (rnd(3 * odds) == 0 && nb < longest)
                b[nb++] = (char)('a' + rnd(letters));
        }
    }
    b[nb] = '\0';
}

static void test_edits_random(void **state)
{
    (void)state;
    char a[260], b[260];
    for (unsigned round = 0; round < 30000; round++) {
        unsigned longest = round % 3 == 0 ? 10 : round % 3 == 1 ? 70 : 150;
        random_pair(a, b, longest, 1 + rnd(6));
        unsigned d = plain_edits(a, b), max = rnd(d + 4), got = edits(a, b, max);
        if (got != (d > max ? max + 1 : d))
            fail_msg("\"%s\" \"%s\": %u, got %u (max %u)", a, b, d, got, max);
    }
}

/* A bag never tells apart what is near. */
static void test_bags(void **state)
{
    (void)state;
    char a[260], b[260];
    unsigned told = 0;
    for (unsigned round = 0; round < 30000; round++) {
        random_pair(a, b, 30, 26);
        unsigned d = plain_edits(a, b);
        uint64_t x = as_text_bag(S(a)), y = as_text_bag(S(b));
        assert_false(as_bag_lacks(x, y, d));
        assert_false(as_bag_lacks(y, x, d));
        told += d && as_bag_lacks(x, y, d - 1);
    }
    assert_true(told > 1000); /* and is of some use */
    assert_true(as_bag_lacks(as_text_bag(S("aab")), as_text_bag(S("ab")), 0)); /* a second a */
    assert_false(as_bag_lacks(as_text_bag(S("ab")), as_text_bag(S("aab")), 0));
    assert_true(as_bag_lacks(7, 0, 2));
    assert_false(as_bag_lacks(7, 0, 3));
    assert_int_equal(as_text_bag(S("")), 0);
}

static void test_bags_beyond_ascii(void **state)
{
    (void)state;
    /* one character each, whatever its bytes */
    uint64_t e = as_text_bag(S("caf\xC3\xA9")), plain = as_text_bag(S("caf"));
    assert_true(as_bag_lacks(e, plain, 0) || e == plain);
    assert_false(as_bag_lacks(e, plain, 1));
    assert_false(as_bag_lacks(as_text_bag(S("\xF0\x9F\x8F\xA0")), 0, 1));
}

static void test_very_long(void **state)
{
    (void)state;
    const size_t n = 300000;
    char *a = malloc(n + 2), *b = malloc(n + 2);
    for (size_t i = 0; i < n; i++)
        a[i] = (char)('a' + i % 26);
    a[n] = '\0';
    memcpy(b, a, n + 1);
    assert_int_equal(edits(a, b, 2), 0);
    b[5] = '!';
    b[n - 5] = '!';
    assert_int_equal(edits(a, b, 2), 2);
    b[n / 2] = '!';
    assert_int_equal(edits(a, b, 2), 3);
    memmove(b + 6, b + 7, n - 6); /* and one less */
    assert_int_equal(edits(a, b, 5), 4);
    assert_int_equal(edits(a, "abc", 5), 6);
    free(a);
    free(b);
}

/* The same pattern compared with many texts, and set again: nothing is left behind. */
static void test_set_again(void **state)
{
    (void)state;
    as_pattern *p = as_pattern_open(200);
    char longer[201];
    memset(longer, 'q', 200);
    longer[200] = '\0';
    for (int i = 0; i < 3; i++) {
        as_pattern_set(p, S("\xC3\xA9t\xC3\xA9"));
        assert_int_equal(as_pattern_edits(p, S("\xC3\xA9te"), 9), 1);
        as_pattern_set(p, S(longer));
        assert_int_equal(as_pattern_edits(p, S("q"), 500), 199);
        as_pattern_set(p, S("ete"));
        assert_int_equal(as_pattern_edits(p, S("\xC3\xA9t\xC3\xA9"), 9), 2);
        assert_int_equal(as_pattern_edits(p, S("ete"), 0), 0);
    }
    as_pattern_close(p);
    as_pattern_close(NULL);
}

/* ---- Jaro-Winkler ---- */

static void test_similarity_at_a_word(void **state)
{
    (void)state;
    for (size_t n = 62; n <= 67; n++) {
        char a[80], b[80];
        for (size_t i = 0; i < n; i++)
            a[i] = (char)('0' + i);
        a[n] = '\0';
        memcpy(b, a, n + 1);
        assert_true(alike(a, b) == 1);
        b[n - 1] = 'z'; /* one in the last place */
        double jaro = ((double)(n - 1) / (double)n * 2 + 1) / 3;
        assert_true(fabs(alike(a, b) - (jaro + 0.4 * (1 - jaro))) < 1e-12);
    }
}

static void near_to(double got, double want)
{
    if (fabs(got - want) > 0.00005)
        fail_msg("got %.6f, want %.6f", got, want);
}

static void test_similarity(void **state)
{
    (void)state;
    /* Winkler's own pairs */
    near_to(alike("MARTHA", "MARHTA"), 0.9611);
    near_to(alike("DWAYNE", "DUANE"), 0.8400);
    near_to(alike("DIXON", "DICKSONX"), 0.8133);
    near_to(alike("JONES", "JOHNSON"), 0.8324);
    near_to(alike("ABROMS", "ABRAMS"), 0.9222);
    near_to(alike("HARDIN", "MARTINEZ"), 0.7222);
    near_to(alike("ITMAN", "SMITH"), 0.4667); /* below 0.7: no prefix */
    near_to(alike("", ""), 1);
    near_to(alike("", "a"), 0);
    near_to(alike("a", "a"), 1);
    near_to(alike("a", "b"), 0);
    near_to(alike("abcd", "abcd"), 1);
    /* within reach: half of 4 less one is 1 */
    near_to(alike("abcd", "dabc"), (3.0 / 4 + 3.0 / 4 + 1) / 3);
    /* b and c both out of order: one transposition */
    near_to(alike("abcd", "acbd"), (1 + 1 + 3.0 / 4) / 3 + 0.1 * (1 - (1 + 1 + 3.0 / 4) / 3));
    /* Jaro of (2/3, 2/5, 1) is 0.6889, under the threshold, although both begin alike */
    near_to(alike("abx", "abcde"), (2.0 / 3 + 2.0 / 5 + 1) / 3);
    /* the prefix is counted up to four */
    near_to(alike("abcdefgh", "abcdefgx"), 0.95 - 0.0333 + 4 * 0.1 * (1 - 0.9167));
    near_to(alike("caf\xC3\xA9", "caf\xC3\xA8"), alike("cafe", "cafx"));
}

static void test_similarity_random(void **state)
{
    (void)state;
    char a[260], b[260];
    for (unsigned round = 0; round < 30000; round++) {
        random_pair(a, b, round % 3 == 0 ? 8 : round % 3 == 1 ? 40 : 90, 2 + rnd(5));
        double x = alike(a, b); /* the same both ways round */
        if (fabs(x - plain_similarity(a, b)) > 1e-12)
            fail_msg("\"%s\" \"%s\": %f, got %f", a, b, plain_similarity(a, b), x);
        assert_true(x >= 0 && x <= 1);
        assert_int_equal(x == 1, strcmp(a, b) == 0);
        /* what the bags allow is never less */
        size_t na = strlen(a), nb = strlen(b);
        uint64_t bag_a = as_text_bag(S(a)), bag_b = as_text_bag(S(b));
        size_t lacks = 0;
        while (as_bag_lacks(bag_a, bag_b, (unsigned)lacks))
            lacks++;
        if (na && nb && x > 0.82) /* there a prefix cannot carry it */
            assert_true(
                ((double)(na - lacks) / (double)na + (double)(na - lacks) / (double)nb + 1) /
                        3 * 0.6 +
                    0.4 >=
                x - 1e-9);
    }
}

static void test_memory(void **state)
{
    (void)state;
    for (long n = 0; n < 6; n++) {
        as_alloc_fail_after(n, false);
        assert_null(as_pattern_open(10));
    }
    as_alloc_fail_after(-1, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edits),
        cmocka_unit_test(test_edits_at_a_word),
        cmocka_unit_test(test_edits_random),
        cmocka_unit_test(test_bags),
        cmocka_unit_test(test_bags_beyond_ascii),
        cmocka_unit_test(test_very_long),
        cmocka_unit_test(test_set_again),
        cmocka_unit_test(test_similarity),
        cmocka_unit_test(test_similarity_at_a_word),
        cmocka_unit_test(test_similarity_random),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
