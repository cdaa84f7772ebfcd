/* Folding, UTF-8, edit distance against a full matrix, "did you mean", thousands. */
#include "unit.h"

#include "base/text.h"
#include <limits.h>

static as_buf out;

static as_str fold(as_str s)
{
    out.cap = 1 << 20;
    as_buf_clear(&out);
    as_text_fold(&out, s);
    assert_false(out.failed);
    return as_buf_str(&out);
}

static void test_fold(void **state)
{
    (void)state;
    EXPECT_STR(fold(S("")), "");
    EXPECT_STR(fold(AS_NONE), "");
    EXPECT_STR(fold(S("  ")), "");
    EXPECT_STR(fold(S("Provision Type")), "provision type");
    EXPECT_STR(fold(S("\n Max/Estimated\r\nPlaces\t ")), "max/estimated places");
    EXPECT_STR(fold(S("Local\xC2\xA0\xC2\xA0"
                      "Authority\xC2\xA0")),
               "local authority"); /* NBSP */
    EXPECT_STR(fold(S("Children\xE2\x80\x99s \xE2\x80\x9CHome\xE2\x80\x9D")),
               "children's \"home\"");
    EXPECT_STR(fold(S("Children\xC2\xB4s")), "children's"); /* acute accent as apostrophe */
    EXPECT_STR(fold(S("2016\xE2\x80\x93"
                      "17")),
               "2016-17"); /* en dash */
    EXPECT_STR(fold(S("\xE2\x88\x92"
                      "5")),
               "-5");                                   /* minus sign */
    EXPECT_STR(fold(S("CAF\xC3\x89")), "caf\xC3\xA9");  /* É */
    EXPECT_STR(fold(S("cafe\xCC\x81")), "caf\xC3\xA9"); /* e + combining acute: composed */
    EXPECT_STR(fold(S("Stra\xC3\x9F"
                      "e")),
               "strasse");
    EXPECT_STR(fold(S("\xEF\xAC\x81ne \xEF\xBC\xA1")),
               "fine a"); /* ligature fi, full-width A */
    EXPECT_STR(fold(S("pro\xC2\xADvider\xE2\x80\x8B")),
               "provider"); /* soft hyphen, zero width */
    EXPECT_STR(fold(S("a\xE2\x80\xA8"
                      "b\xE3\x80\x80"
                      "c")),
               "a b c"); /* line separator, wide blank */
    EXPECT_STR(fold(S("\xEF\xBB\xBFURN")), "urn");
}

static as_str fold_as(as_str s, as_fold how)
{
    out.cap = 1 << 20;
    as_buf_clear(&out);
    as_text_fold_as(&out, s, how);
    assert_false(out.failed);
    return as_buf_str(&out);
}

static void test_fold_letters(void **state)
{
    (void)state;
    EXPECT_STR(fold_as(S("St. John's  Children's-Home (No 2)"), AS_FOLD_LETTERS),
               "stjohnschildrenshomeno2");
    EXPECT_STR(fold_as(S("Si\xC3\xA2n Caf\xC3\x89"), AS_FOLD_LETTERS), "siancafe");
    EXPECT_STR(fold_as(S("cafe\xCC\x81"), AS_FOLD_LETTERS), "cafe"); /* combining acute */
    EXPECT_STR(fold_as(S("Stra\xC3\x9F\x65 \xEF\xBC\x91\xC2\xB2"), AS_FOLD_LETTERS),
               "strasse12");
    EXPECT_STR(
        fold_as(S("\xCE\x91\xCE\xB8\xCE\xAE\xCE\xBD\xCE\xB1"), AS_FOLD_LETTERS),
        "\xCE\xB1\xCE\xB8\xCE\xB7\xCE\xBD\xCE\xB1"); /* another script, without its accent */
    EXPECT_STR(fold_as(S("\xE2\x80\x94 \xF0\x9F\x8F\xA0"), AS_FOLD_LETTERS),
               "");                                                 /* a dash, a house */
    EXPECT_STR(fold_as(S("Caf\xE9!"), AS_FOLD_LETTERS), "caf\xE9"); /* not UTF-8 */
    EXPECT_STR(fold_as(S(""), AS_FOLD_LETTERS), "");
    EXPECT_STR(fold_as(S("Si\xC3\xA2n's 2"), AS_FOLD_ASCII), "sins2");
    EXPECT_STR(fold_as(S("@[`{/:AZaz09"), AS_FOLD_ASCII),
               "azaz09"); /* what stands beside letters */
    EXPECT_STR(fold_as(S(" Oak  House "), AS_FOLD_CASE), "oak house");
    EXPECT_STR(fold_as(S(" Oak  House "), AS_FOLD_NONE), " Oak  House ");
    char text[1000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 3 ? 'Q' : '-';
    assert_int_equal(fold_as((as_str){text, sizeof text}, AS_FOLD_ASCII).len, 666);
}

static void test_fold_invalid(void **state)
{
    (void)state;
    EXPECT_STR(fold(S("CAF\xC9  X")), "caf\xC9 x"); /* Windows-1252: bytes kept */
    EXPECT_STR(fold(S("\xFF")), "\xFF");
    EXPECT_STR(fold((as_str){"A\xC3", 2}), "a\xC3");
    const char *bad[] = {"\xC0\x80",         "\xE0\x80\x80",     "\xED\xA0\x80",
                         "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xC3\xA9\xC3"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        EXPECT_STR(fold(S(bad[i])), bad[i]);
    as_str nul = fold((as_str){"A\0B", 3});
    assert_int_equal(nul.len, 3);
    assert_memory_equal(nul.ptr, "a\0b", 3);
}

static void test_fold_appends(void **state)
{
    (void)state;
    as_buf b = AS_BUF(6);
    as_buf_add(&b, S("x"));
    as_text_fold(&b, S(" A B"));
    EXPECT_STR(as_buf_str(&b), "xa b");
    as_text_fold(&b, S("long"));
    assert_true(b.failed);
    as_buf_free(&b);
}

static size_t put_point(char *p, uint32_t c)
{
    if (c < 0x80) {
        p[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n; i-- > 1; c >>= 6)
        p[i] = (char)(0x80 | (c & 63));
    p[0] = (char)((0xF0u << (4 - n)) | c);
    return n;
}

/* Every code point: valid UTF-8 in, valid UTF-8 out, and folding twice is folding once. */
static void test_fold_every_point(void **state)
{
    (void)state;
    char text[8], once[128];
    for (uint32_t c = 1; c < 0x110000; c++) {
        if (c >= 0xD800 && c < 0xE000)
            continue;
        as_str s = {text, put_point(text, c)};
        assert_int_equal(as_text_utf8_valid(s), s.len);
        assert_int_equal(as_text_length(s), 1);
        as_str folded = fold(s);
        assert_true(folded.len < sizeof once);
        assert_int_equal(as_text_utf8_valid(folded), folded.len);
        memcpy(once, folded.ptr, folded.len);
        as_str again = fold((as_str){once, folded.len});
        if (again.len != folded.len || memcmp(once, again.ptr, again.len) != 0)
            fail_msg("U+%04X is not folded once for all", c);
    }
}

static void test_fold_long(void **state)
{
    (void)state;
    char *text = malloc(90000);
    for (size_t i = 0; i < 30000; i++)
        memcpy(text + 3 * i, i % 2 ? "\xE2\x80\x99" : "\xC3\x89 ", 3);
    as_str folded = fold((as_str){text, 90000});
    assert_int_equal(folded.len, 15000 * 4); /* "é '" */
    assert_memory_equal(folded.ptr, "\xC3\xA9 '\xC3\xA9 '", 8);
    free(text);
}

static void test_utf8_valid(void **state)
{
    (void)state;
    assert_int_equal(as_text_utf8_valid(S("plain ascii text, long enough")), 29);
    assert_int_equal(as_text_utf8_valid(S("12345678\xE9 and on")), 8);
    const char *bad[] = {"\x80",
                         "\xC0\x80",
                         "\xC1\xBF",
                         "\xE0\x80\x80",
                         "\xED\xA0\x80",
                         "\xF0\x80\x80\x80",
                         "\xF4\x90\x80\x80",
                         "\xF5\x80\x80\x80",
                         "\xC3",
                         "\xE2\x82",
                         "\xF0\x9F\x8F",
                         "\xC3x",
                         "\xE2\x82x",
                         "\xFE",
                         "\xFF"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(as_text_utf8_valid(S(bad[i])), 0);
    assert_int_equal(as_text_utf8_valid(AS_NONE), 0);
    assert_int_equal(as_text_length(S("caf\xC3\xA9")), 4);
    assert_int_equal(as_text_length(S("caf\xE9")), 4);
    assert_int_equal(as_text_length(S("\xF0\x9F\x8F\xA0!")), 2);
    assert_int_equal(as_text_length(AS_NONE), 0);
}

static unsigned distance(const char *a, const char *b, unsigned max)
{
    return as_text_distance(S(a), S(b), max);
}

static void test_distance(void **state)
{
    (void)state;
    assert_int_equal(distance("", "", 0), 0);
    assert_int_equal(distance("", "abc", 5), 3);
    assert_int_equal(distance("abc", "", 2), 3); /* above max: max + 1 */
    assert_int_equal(distance("kitten", "sitting", 5), 3);
    assert_int_equal(distance("ab", "ba", 1), 1);
    assert_int_equal(distance("ca", "abc", 5),
                     3); /* optimal string alignment, not Damerau's 2 */
    assert_int_equal(distance("a", "b", 0), 1);
    assert_int_equal(distance("caf\xC3\xA9", "cafe", 5), 1); /* characters, not bytes */
    assert_int_equal(distance("caf\xE9", "caf\xC3\xA9", 5), 1);
    assert_int_equal(distance("completely", "different!", 2), 3);
    assert_int_equal(distance("abc", "xyz", UINT_MAX), 3);
}

static unsigned full_matrix(as_str a, as_str b)
{
    unsigned d[24][24];
    for (size_t i = 0; i <= a.len; i++)
        for (size_t j = 0; j <= b.len; j++) {
            if (i == 0 || j == 0) {
                d[i][j] = (unsigned)(i + j);
                continue;
            }
            unsigned best = d[i - 1][j - 1] + (a.ptr[i - 1] != b.ptr[j - 1]);
            best = d[i - 1][j] + 1 < best ? d[i - 1][j] + 1 : best;
            best = d[i][j - 1] + 1 < best ? d[i][j - 1] + 1 : best;
            if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2] &&
                a.ptr[i - 2] == b.ptr[j - 1] && d[i - 2][j - 2] + 1 < best)
                best = d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    return d[a.len][b.len];
}

static void test_distance_oracle(void **state)
{
    (void)state;
    srand(11);
    for (int round = 0; round < 60000; round++) {
        char a[20], b[20];
        as_str sa = {a, (size_t)rand() % 20}, sb = {b, (size_t)rand() % 20};
        int letters = 2 + rand() % 3;
        for (size_t i = 0; i < 20; i++) {
            a[i] = (char)('a' + rand() % letters);
            b[i] = (char)('a' + rand() % letters);
            if (rand() % 3)
                b[i] = a[i];
        }
        unsigned max = (unsigned)rand() % 12, want = full_matrix(sa, sb);
        assert_int_equal(as_text_distance(sa, sb, max), want > max ? max + 1 : want);
    }
}

static void test_distance_long(void **state)
{
    (void)state;
    size_t n = 100000;
    char *a = malloc(n + 1), *b = malloc(n + 1);
    for (size_t i = 0; i < n; i++)
        a[i] = b[i] = (char)('a' + (i * 7 + i / 13) % 26);
    b[0] = '#';
    b[n / 2] = '#';
    b[n - 1] = '#';
    assert_int_equal(as_text_distance((as_str){a, n}, (as_str){b, n}, 3), 3);
    assert_int_equal(as_text_distance((as_str){a, n}, (as_str){b, n}, 2), 3);
    assert_int_equal(as_text_distance((as_str){a, n}, (as_str){b, n - 5}, 2), 3);
    free(a);
    free(b);
}

static void test_nearest(void **state)
{
    (void)state;
    const as_str names[] = {AS_STR("provision_type"), AS_STR("places"), AS_STR("plates"),
                            AS_STR("urn")};
    EXPECT_STR(as_text_nearest(S("Provison_Type"), names, 4), "provision_type");
    EXPECT_STR(as_text_nearest(S("PLACES "), names, 4), "places");
    EXPECT_STR(as_text_nearest(S("plazes"), names, 4), "places"); /* a tie: the first */
    EXPECT_STR(as_text_nearest(S("plate"), names, 4), "plates");
    EXPECT_STR(as_text_nearest(S("u r n"), names, 4), "urn");
    assert_null(as_text_nearest(S("postcode"), names, 4).ptr);
    assert_null(as_text_nearest(S("xx"), names, 4).ptr);
    assert_null(as_text_nearest(S(""), names, 4).ptr);
    assert_null(as_text_nearest(S("urn"), NULL, 0).ptr);
}

static void thousands(int64_t n, const char *want)
{
    as_buf_clear(&out);
    as_text_thousands(&out, n);
    EXPECT_STR(as_buf_str(&out), want);
}

static void test_thousands(void **state)
{
    (void)state;
    out.cap = 100;
    thousands(0, "0");
    thousands(999, "999");
    thousands(1000, "1,000");
    thousands(2071, "2,071");
    thousands(-157, "-157");
    thousands(-1234567, "-1,234,567");
    thousands(INT64_MAX, "9,223,372,036,854,775,807");
    thousands(INT64_MIN, "-9,223,372,036,854,775,808");
}

static int finish(void **state)
{
    (void)state;
    as_buf_free(&out);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_fold_letters),
        cmocka_unit_test(test_fold_invalid),
        cmocka_unit_test(test_fold_appends),
        cmocka_unit_test(test_fold_every_point),
        cmocka_unit_test(test_fold_long),
        cmocka_unit_test(test_utf8_valid),
        cmocka_unit_test(test_distance),
        cmocka_unit_test(test_distance_oracle),
        cmocka_unit_test(test_distance_long),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_thousands),
    };
    return cmocka_run_group_tests(tests, NULL, finish);
}
