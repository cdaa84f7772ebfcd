/* test_csv_dates.c: dates that are read eight at a time: every day of three centuries against a
 * calendar counted by hand, and cells with a mistake among good ones against the plain reader.
 */
#include "unit/csv_diff.h"

enum { FIRST_DAY = -25932 /* 1 January 1899 */, FIRST_YEAR = 1899, LAST_YEAR = 2160 };
enum { LEAP_YEARS = 64 }; /* every fourth from 1904 to 2160, not 2100 */

static int month_length(int y, int m)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    return lengths[m - 1] + (m == 2 && leap);
}

static void add_day(as_buf *text, unsigned form, int y, int m, int d)
{
    const char *quote = form & 2 ? "\"" : "";
    if (form & 1)
        as_buf_addf(text, "a,%s%04d-%02d-%02d%s,\n", quote, y, m, d, quote);
    else
        as_buf_addf(text, "a,%s%02d/%02d/%04d%s,\n", quote, d, m, y, quote);
}

/* In both forms, with quotes and without, by every scan's way. */
static void every_day(void **state)
{
    (void)state;
    fixture x;
    open_fixture(&x);
    as_buf text = AS_BUF(16 * AS_MIB);
    for (unsigned form = 0; form < 4; form++) {
        as_buf_clear(&text);
        as_buf_add(&text, AS_STR("k,d,n\n"));
        for (int y = FIRST_YEAR; y <= LAST_YEAR; y++)
            for (int m = 1; m <= 12; m++)
                for (int d = 1; d <= month_length(y, m); d++)
                    add_day(&text, form, y, m, d);
        fixture_write(&x, as_buf_str(&text));
        for (unsigned i = 0; i < SCANS; i++) {
            x.spec.force_scan = scans[i];
            if (fixture_load(&x) != AS_OK) /* this machine has no such scan */
                continue;
            const as_date *dates = as_column_dates(&x.table->columns[2]);
            assert_int_equal(x.table->rows, 262 * 365 + LEAP_YEARS);
            for (uint32_t row = 0; row < x.table->rows; row++)
                assert_int_equal(dates[row], FIRST_DAY + (int)row);
        }
    }
    as_buf_free(&text);
    fixture_close(&x);
}

/* A cell among good ones, each time at another place of eight, with so many before and behind
 * that runs of eight begin anew; `quote` around the good ones. */
static void add_among(as_buf *text, const char *odd, const char *quote, unsigned *at)
{
    static const char *const good[] = {"28/02/2017", "31/12/1999"};
    for (unsigned i = 0; i < 24; i++)
        if (i == 8 + *at % 8)
            as_buf_addf(text, "a,%s,\n", odd);
        else
            as_buf_addf(text, "a,%s%s%s,\n", quote, good[i % 2], quote);
    ++*at;
}

static void one_way_each(fixture *x, as_buf *text)
{
    expected want = read_plain(x, as_buf_str(text));
    for (unsigned i = 0; i < SCANS; i++)
        for (size_t bytes = 4096; bytes <= AS_MIB; bytes *= 256)
            try_size(x, &want, i, bytes, 0);
    as_table_close(want.table);
}

/* Each character at each place, and cells that are shorter, longer, empty or in quotes. */
static void mistakes(void **state)
{
    (void)state;
    static const char *const others[] = {"",
                                         "1/2/2017",
                                         "31/03/17",
                                         "31/03/20170",
                                         " 31/03/2017",
                                         "\"31/03/2017\"",
                                         "\"1/03/2017\"",
                                         "2017-03-31",
                                         "N/A",
                                         "2017/03/31",
                                         "31-03-2017",
                                         "x31/03/2017x"};
    fixture x;
    open_fixture(&x);
    as_buf text = AS_BUF(16 * AS_MIB);
    unsigned at = 0;
    as_buf_add(&text, AS_STR("k,d,n\n"));
    for (unsigned place = 0; place < 20; place++)
        for (char c = 1; c < 127; c++) {
            const char *quote = place < 10 ? "" : "\"";
            char odd[] = "\"11/11/2011\"";
            odd[1 + place % 10] = c;
            odd[place < 10 ? 11 : 12] = 0;
            if (c != '\n' && c != '\r' && c != ',' && c != '"')
                add_among(&text, odd + (place < 10), quote, &at);
        }
    for (unsigned i = 0; i < 16 * sizeof others / sizeof *others; i++)
        add_among(&text, others[i / 16], i % 16 < 8 ? "" : "\"", &at);
    one_way_each(&x, &text);
    as_buf_free(&text);
    fixture_close(&x);
}

/* Days and months that are none, in years with 29 February and without. */
static void no_such_day(void **state)
{
    (void)state;
    static const int years[] = {0, 1, 1900, 2000, 2016, 2100, 2156, 9999};
    fixture x;
    open_fixture(&x);
    as_buf text = AS_BUF(16 * AS_MIB);
    unsigned at = 0;
    as_buf_add(&text, AS_STR("k,d,n\n"));
    for (size_t i = 0; i < 2 * sizeof years / sizeof *years; i++)
        for (int m = 0; m < 100; m += m < 17 ? 1 : 41)
            for (int d = 0; d < 100; d += d == 1 ? 26 : d < 34 ? 1 : 33) {
                char odd[32];
                const char *quote = i % 2 ? "\"" : "";
                (void)snprintf(odd, sizeof odd, "%s%02d/%02d/%04d%s", quote, d, m, years[i / 2],
                               quote);
                add_among(&text, odd, quote, &at);
            }
    one_way_each(&x, &text);
    as_buf_free(&text);
    fixture_close(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(no_such_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
