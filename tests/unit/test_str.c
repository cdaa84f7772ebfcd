/* Borrowed text: comparing, trimming, finding, numbers; and buffers. */
#include "unit.h"

#include "base/buf.h"
#include <math.h>

static void test_compare(void **state)
{
    (void)state;
    assert_true(as_str_eq(S(""), AS_NONE));
    assert_true(as_str_eq(S("ab"), S("ab")));
    assert_false(as_str_eq(S("ab"), S("abc")));
    assert_true(as_str_cmp(S("ab"), S("abc")) < 0);
    assert_true(as_str_cmp(S("b"), S("abc")) > 0);
    assert_true(as_str_cmp(S(""), AS_NONE) == 0);
    assert_true(as_str_cmp(S("\xC3\xA9"), S("z")) > 0); /* bytes are unsigned */
    assert_true(as_str_cmp((as_str){"a\0b", 3}, (as_str){"a\0a", 3}) > 0);
    assert_true(as_str_starts(S("provider"), S("pro")));
    assert_true(as_str_starts(S("x"), S("")));
    assert_false(as_str_starts(S("pr"), S("pro")));
}

static void test_trim(void **state)
{
    (void)state;
    EXPECT_STR(as_str_trim(S("")), "");
    EXPECT_STR(as_str_trim(AS_NONE), "");
    EXPECT_STR(as_str_trim(S(" \t\r\n\v\f")), "");
    EXPECT_STR(as_str_trim(S(" a b\r\n")), "a b");
    EXPECT_STR(as_str_trim(S("\xC2\xA0 x\xC2\xA0")), "x"); /* NBSP */
    EXPECT_STR(as_str_trim(S("\xEF\xBB\xBFURN")), "URN");  /* byte order mark */
    EXPECT_STR(as_str_trim(S("x\xEF\xBB\xBF")), "x");
    EXPECT_STR(as_str_trim(S("\xA0x")), "\xA0x");       /* a lone A0 is no NBSP */
    EXPECT_STR(as_str_trim(S("\xC3\xA0")), "\xC3\xA0"); /* à */
    EXPECT_STR(as_str_trim(S("\xC2")), "\xC2");
}

static void test_find_sub(void **state)
{
    (void)state;
    assert_int_equal(as_str_find(S("abcabc"), S("ca")), 2);
    assert_int_equal(as_str_find(S("abc"), S("abcd")), (size_t)-1);
    assert_int_equal(as_str_find(S("abc"), S("")), 0);
    assert_int_equal(as_str_find(AS_NONE, S("a")), (size_t)-1);
    assert_int_equal(as_str_find((as_str){"a\0b", 3}, S("b")), 2);
    EXPECT_STR(as_str_sub(S("abcdef"), 2, 3), "cde");
    EXPECT_STR(as_str_sub(S("abc"), 2, SIZE_MAX), "c");
    EXPECT_STR(as_str_sub(S("abc"), 9, 1), "");
    assert_null(as_str_sub(AS_NONE, 3, 1).ptr);
}

static void test_i64(void **state)
{
    (void)state;
    int64_t n = 77;
    assert_true(as_str_to_i64(S("0"), &n) && n == 0);
    assert_true(as_str_to_i64(S("-12"), &n) && n == -12);
    assert_true(as_str_to_i64(S("+007"), &n) && n == 7);
    assert_true(as_str_to_i64(S("9223372036854775807"), &n) && n == INT64_MAX);
    assert_true(as_str_to_i64(S("-9223372036854775808"), &n) && n == INT64_MIN);
    n = 77;
    const char *bad[] = {"",
                         "-",
                         "+",
                         " 1",
                         "1 ",
                         "1.0",
                         "1e3",
                         "0x10",
                         "--1",
                         "9223372036854775808",
                         "-9223372036854775809",
                         "99999999999999999999",
                         "\xD9\xA1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(as_str_to_i64(S(bad[i]), &n));
    assert_false(as_str_to_i64((as_str){"1\0", 2}, &n));
    assert_int_equal(n, 77);
}

static void test_f64(void **state)
{
    (void)state;
    double x = 7;
    assert_true(as_str_to_f64(S("3.5"), false, &x) && x == 3.5);
    assert_true(as_str_to_f64(S("-.25"), false, &x) && x == -0.25);
    assert_true(as_str_to_f64(S("5."), false, &x) && x == 5);
    assert_true(as_str_to_f64(S("1e3"), true, &x) && x == 1000);
    assert_true(as_str_to_f64(S("1.5E-2"), true, &x) && x == 0.015);
    assert_true(as_str_to_f64(S("1e-99999999999"), true, &x) && x == 0);
    const char *bad[] = {"",      ".",    "-",     "1e3", "inf", "nan",
                         "0x1p3", "1..2", "1.2.3", " 1",  "1 ",  "1,2"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(as_str_to_f64(S(bad[i]), false, &x));
    assert_false(as_str_to_f64(S("1e"), true, &x));
    assert_false(as_str_to_f64(S("1e400"), true, &x));
    assert_false(as_str_to_f64(S("1e99999999999"), true, &x));
    char zeros[600];
    memset(zeros, '0', sizeof zeros);
    assert_false(as_str_to_f64((as_str){zeros, 512}, false, &x));
    assert_true(as_str_to_f64((as_str){zeros, 511}, false, &x) && x == 0);
}

/* Against the C library, correctly rounded in glibc. */
static void test_f64_rounding(void **state)
{
    (void)state;
    const char *hard[] = {"0.1",
                          "123456789.123456789",
                          "9007199254740993",
                          "0.3",
                          "1.7976931348623157e308",
                          "2.2250738585072014e-308",
                          "4.9e-324",
                          "8.5e22",
                          "1e23",
                          "12345678901234567890",
                          "18446744073709551617",
                          "184467440737095516161",
                          "0.000000000000000000000000123456789012345678",
                          "999999999999999999.5",
                          "100000000000000000000000000000000000000000000000000"};
    for (size_t i = 0; i < sizeof hard / sizeof *hard; i++) {
        double x;
        assert_true(as_str_to_f64(S(hard[i]), true, &x));
        assert_true(x == strtod(hard[i], NULL));
    }
    srand(5);
    for (int i = 0; i < 20000; i++) {
        char text[64];
        double x;
        (void)snprintf(text, sizeof text, "%d.%0*de%d", rand() % 100000, 1 + rand() % 14,
                       rand(), rand() % 40 - 20);
        assert_true(as_str_to_f64(S(text), true, &x));
        assert_true(x == strtod(text, NULL));
    }
}

static void test_buf(void **state)
{
    (void)state;
    as_buf b = AS_BUF(100);
    EXPECT_STR(as_buf_str(&b), "");
    as_buf_add(&b, S(""));
    assert_non_null(b.ptr);
    as_buf_add(&b, S("ab"));
    as_buf_addc(&b, 'c');
    as_buf_addf(&b, "%d-%s", 12, "x");
    EXPECT_STR(as_buf_str(&b), "abc12-x");
    assert_int_equal(b.ptr[b.len], 0);
    for (int i = 0; i < 93; i++)
        as_buf_addc(&b, '.');
    assert_false(b.failed);
    assert_int_equal(b.len, 100);
    as_buf_addc(&b, '!'); /* the cap */
    assert_true(b.failed);
    assert_int_equal(b.len, 100);
    as_buf_clear(&b);
    assert_false(b.failed);
    char big[101];
    memset(big, 'x', sizeof big);
    as_buf_add(&b, S("keep"));
    as_buf_add(&b, (as_str){big, 101});
    assert_true(b.failed);
    as_buf_add(&b, S("no more")); /* nothing after a failure */
    EXPECT_STR(as_buf_str(&b), "keep");
    as_buf_free(&b);
    as_buf_addf(&b, "%s", "again");
    EXPECT_STR(as_buf_str(&b), "again");
    as_buf_free(&b);
    as_buf none = AS_BUF(0);
    as_buf_addf(&none, "%d", 1);
    assert_true(none.failed);
    as_buf_free(&none);
}

/* Every length around the steps in which short texts are copied and compared. */
static void test_bytes(void **state)
{
    (void)state;
    char from[80], to[82];
    for (size_t i = 0; i < sizeof from; i++)
        from[i] = (char)('A' + i % 61);
    for (size_t n = 0; n <= sizeof from; n++) {
        memset(to, '#', sizeof to);
        assert_ptr_equal(as_bytes_put(to + 1, from, n), to + 1 + n);
        for (size_t i = 0; i < sizeof to; i++)
            assert_int_equal(to[i], i >= 1 && i <= n ? 'A' + (int)((i - 1) % 61) : '#');
        assert_true(as_bytes_same(to + 1, from, n));
        for (size_t i = 0; i < n; i++) {
            to[1 + i] ^= 1;
            assert_false(as_bytes_same(to + 1, from, n));
            to[1 + i] ^= 1;
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare),  cmocka_unit_test(test_trim),
        cmocka_unit_test(test_find_sub), cmocka_unit_test(test_i64),
        cmocka_unit_test(test_f64),      cmocka_unit_test(test_f64_rounding),
        cmocka_unit_test(test_buf),      cmocka_unit_test(test_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
