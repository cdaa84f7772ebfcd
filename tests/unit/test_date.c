/* Civil dates: a walk through every day of two centuries, and formats. Day numbers of single
 * dates are from Python's datetime. */
#include "unit.h"

#include "base/date.h"

static as_date parse(const char *text, const char *format)
{
    return as_date_parse(S(text), S(format));
}

static void test_known_days(void **state)
{
    (void)state;
    const struct {
        int y, m, d;
        as_date days;
    } known[] = {{1, 1, 1, -719162},    {1899, 12, 30, -25569}, {1900, 2, 28, -25509},
                 {1900, 3, 1, -25508},  {1968, 2, 29, -672},    {1970, 1, 1, 0},
                 {1999, 12, 31, 10956}, {2000, 2, 29, 11016},   {2000, 3, 1, 11017},
                 {2016, 2, 29, 16860},  {2017, 3, 31, 17256},   {2100, 2, 28, 47540},
                 {2100, 3, 1, 47541},   {9999, 12, 31, 2932896}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_int_equal(as_date_from(known[i].y, known[i].m, known[i].d), known[i].days);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        int y, m, d;
        as_date_civil(known[i].days, &y, &m, &d);
        assert_true(y == known[i].y && m == known[i].m && d == known[i].d);
    }
}

static int month_days(int y, int m)
{
    if (m == 2)
        return (y % 400 == 0 || (y % 4 == 0 && y % 100 != 0)) ? 29 : 28;
    return m == 4 || m == 6 || m == 9 || m == 11 ? 30 : 31;
}

/* Every day from 1899 to 2100 follows the one before, both ways and through its text. */
static void test_every_day(void **state)
{
    (void)state;
    as_date expected = as_date_from(1899, 1, 1);
    assert_int_equal(expected, -25932);
    for (int y = 1899; y <= 2100; y++)
        for (int m = 1; m <= 12; m++) {
            for (int d = 1; d <= month_days(y, m); d++, expected++) {
                int yy, mm, dd;
                char text[AS_DATE_TEXT];
                assert_int_equal(as_date_from(y, m, d), expected);
                as_date_civil(expected, &yy, &mm, &dd);
                assert_true(yy == y && mm == m && dd == d);
                assert_int_equal(parse(as_date_text(expected, text), "%Y-%m-%d"), expected);
            }
            assert_int_equal(as_date_from(y, m, month_days(y, m) + 1), AS_DATE_NULL);
        }
}

static void test_no_such_day(void **state)
{
    (void)state;
    const int bad[][3] = {{2015, 2, 29}, {1900, 2, 29}, {2017, 4, 31}, {2017, 0, 1},
                          {2017, 13, 1}, {2017, 1, 0},  {2017, 1, 32}, {2017, -1, 5},
                          {0, 1, 1},     {10000, 1, 1}, {-5, 3, 3}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(as_date_from(bad[i][0], bad[i][1], bad[i][2]), AS_DATE_NULL);
}

static void test_text(void **state)
{
    (void)state;
    char buf[AS_DATE_TEXT];
    assert_string_equal(as_date_text(17256, buf), "2017-03-31");
    assert_string_equal(as_date_text(-719162, buf), "0001-01-01");
    assert_string_equal(as_date_text(AS_DATE_NULL, buf), "");
    assert_true(as_str_eq(as_date_str(2932896, buf), S("9999-12-31")));
    assert_int_equal(as_date_str(AS_DATE_NULL, buf).len, 0);
    (void)as_date_text(INT32_MAX, buf); /* fits, whatever it is */
    (void)as_date_text(INT32_MIN + 1, buf);
    assert_true(strlen(buf) < AS_DATE_TEXT);
}

static void test_add_years(void **state)
{
    (void)state;
    as_date leap = as_date_from(2016, 2, 29);
    assert_int_equal(as_date_add_years(leap, 1), as_date_from(2017, 2, 28));
    assert_int_equal(as_date_add_years(leap, 4), as_date_from(2020, 2, 29));
    assert_int_equal(as_date_add_years(leap, -116), as_date_from(1900, 2, 28));
    assert_int_equal(as_date_add_years(as_date_from(2017, 3, 31), -1),
                     as_date_from(2016, 3, 31));
    assert_int_equal(as_date_add_years(leap, 100000), AS_DATE_NULL);
    assert_int_equal(as_date_add_years(leap, INT32_MAX), AS_DATE_NULL);
    assert_int_equal(as_date_add_years(AS_DATE_NULL, 1), AS_DATE_NULL);
}

static void test_parse(void **state)
{
    (void)state;
    as_date march = as_date_from(2017, 3, 31), april = as_date_from(2017, 4, 1);
    assert_int_equal(parse("31/03/2017", "%d/%m/%Y"), march);
    assert_int_equal(parse("1/4/2017", "%d/%m/%Y"), april);
    assert_int_equal(parse("2017-03-31", "%Y-%m-%d"), march);
    assert_int_equal(parse("31 March 2017", "%d %B %Y"), march);
    assert_int_equal(parse("31 mar 2017", "%d %B %Y"), march);
    assert_int_equal(parse("31-MAR-2017", "%d-%b-%Y"), march);
    assert_int_equal(parse("31-march-2017", "%d-%b-%Y"), march);
    assert_int_equal(parse("1 May 2017", "%d %b %Y"), as_date_from(2017, 5, 1));
    assert_int_equal(parse("31 \t March  2017", "%d %B %Y"), march);
    assert_int_equal(parse("31032017", "%d%m%Y"), march);
    assert_int_equal(parse("as at 31.3.2017 (100%)", "as at %d.%m.%Y (100%%)"), march);
    assert_int_equal(parse("29/02/2016", "%d/%m/%Y"), as_date_from(2016, 2, 29));
}

static void test_parse_not(void **state)
{
    (void)state;
    const char *bad[] = {
        "",           " 31/03/2017", "31/03/2017 ", "31/03/17",   "31/3/02017",
        "29/02/2015", "31/04/2017",  "00/01/2017",  "1/13/2017",  "31-03-2017",
        "31/03",      "31/03/2017x", "031/03/2017", "31//2017",   "31/03/2017 00:00",
        "-1/03/2017", "31/03/+2017", "31/03/0000",  "aa/bb/cccc", "31/03/201"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(parse(bad[i], "%d/%m/%Y"), AS_DATE_NULL);
    assert_int_equal(as_date_parse(AS_NONE, S("%d/%m/%Y")), AS_DATE_NULL);
    assert_int_equal(parse("31 Mars 2017", "%d %B %Y"), AS_DATE_NULL);
    assert_int_equal(parse("31 Ma 2017", "%d %B %Y"), AS_DATE_NULL);
    assert_int_equal(parse("31March2017", "%d %B %Y"), AS_DATE_NULL);
    assert_int_equal(parse("03/2017", "%m/%Y"), AS_DATE_NULL); /* no day: no date */
    assert_int_equal(as_date_parse((as_str){"31/03/2017\0", 11}, S("%d/%m/%Y")), AS_DATE_NULL);
}

static void test_two_digit_years(void **state)
{
    (void)state;
    assert_int_equal(parse("31/03/00", "%d/%m/%y"), as_date_from(2000, 3, 31));
    assert_int_equal(parse("31/03/68", "%d/%m/%y"), as_date_from(2068, 3, 31));
    assert_int_equal(parse("31/03/69", "%d/%m/%y"), as_date_from(1969, 3, 31));
    assert_int_equal(parse("31/03/99", "%d/%m/%y"), as_date_from(1999, 3, 31));
    assert_int_equal(parse("31/03/2017", "%d/%m/%y"), AS_DATE_NULL);
    assert_int_equal(parse("31/03/7", "%d/%m/%y"), AS_DATE_NULL);
}

static void test_times(void **state)
{
    (void)state;
    as_date march = as_date_from(2017, 3, 31);
    assert_int_equal(parse("31/03/2017 00:00", "%d/%m/%Y %H:%M"), march);
    assert_int_equal(parse("2017-03-31T23:59:60", "%Y-%m-%dT%H:%M:%S"), march);
    assert_int_equal(parse("2017-03-31 23:59:59.123", "%Y-%m-%d %H:%M:%S"), march);
    assert_int_equal(parse("2017-03-31 24:00", "%Y-%m-%d %H:%M"), AS_DATE_NULL);
    assert_int_equal(parse("2017-03-31 23:60", "%Y-%m-%d %H:%M"), AS_DATE_NULL);
    assert_int_equal(parse("2017-03-31 23:59:61", "%Y-%m-%d %H:%M:%S"), AS_DATE_NULL);
    assert_int_equal(parse("2017-03-31 23:59:59.", "%Y-%m-%d %H:%M:%S"), AS_DATE_NULL);
    assert_int_equal(parse("2017-03-31", "%Y-%m-%d %H:%M"), AS_DATE_NULL);
}

static void test_format_ok(void **state)
{
    (void)state;
    const char *good[] = {"%d/%m/%Y",  "%Y-%m-%d",          "%d %B %Y",
                          "%b %d, %y", "%Y-%m-%dT%H:%M:%S", "%%%d%m%Y"};
    const char *bad[] = {
        "",           "%d/%m",      "%m/%Y",      "%d/%Y",      "%d/%d/%m/%Y", "%d %b %m %Y",
        "%d/%m/%Y %", "%d/%m/%Q%Y", "dd/mm/yyyy", "%d/%m/%Y/%y"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(as_date_format_ok(S(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(as_date_format_ok(S(bad[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_days),  cmocka_unit_test(test_every_day),
        cmocka_unit_test(test_no_such_day), cmocka_unit_test(test_text),
        cmocka_unit_test(test_add_years),   cmocka_unit_test(test_parse),
        cmocka_unit_test(test_parse_not),   cmocka_unit_test(test_two_digit_years),
        cmocka_unit_test(test_times),       cmocka_unit_test(test_format_ok),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
