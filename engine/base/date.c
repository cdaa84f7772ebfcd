/* date.c: civil dates as day numbers, and reading them by a strptime-like format.
 *
 * Years 1 to 9999 are dates; anything outside is not (AS_DATE_NULL), so that the text of a date
 * is always ten characters and no arithmetic overflows. */
#include "base/date.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define YEAR_MIN 1
#define YEAR_MAX 9999

static bool is_leap(int y)
{
    return y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
}

static int days_in_month(int year, int month)
{
    static const signed char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

as_date as_date_from(int year, int month, int day)
{
    if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month))
        return AS_DATE_NULL;
    /* Hinnant, days_from_civil: years begin in March, so the leap day is the last. */
    int y = year - (month <= 2);
    int era = y / 400;
    int year_of_era = y - era * 400;
    int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

/* Neri and Schneider, "Euclidean affine functions and their application to calendar
 * algorithms", 2022: years begin in March here too. Whole eras are added first, so that no day
 * number is below zero. */
void as_date_civil(as_date d, int *year, int *month, int *day)
{
    enum { ERAS = 14700, ERA_DAYS = 146097 };
    uint64_t quarters = 4 * (uint64_t)((int64_t)d + 719468 + (int64_t)ERAS * ERA_DAYS) + 3;
    uint64_t century = quarters / ERA_DAYS;
    uint64_t years = 2939745 * (uint64_t)((uint32_t)(quarters % ERA_DAYS) | 3);
    uint32_t day_of_year = (uint32_t)years / 2939745 / 4;
    uint32_t months = 2141 * day_of_year + 197913;
    int next = day_of_year >= 306; /* January and February are of the year after */
    *day = (int)((months & 0xffff) / 2141) + 1;
    *month = (int)(months >> 16) - 12 * next;
    *year = (int)(100 * century + (years >> 32)) - 400 * ERAS + next;
}

as_date as_date_add_years(as_date d, int years)
{
    if (d == AS_DATE_NULL)
        return d;
    int y, m, day;
    as_date_civil(d, &y, &m, &day);
    if (__builtin_add_overflow(y, years, &y))
        return AS_DATE_NULL;
    if (m == 2 && day == 29 && !is_leap(y))
        day = 28;
    return as_date_from(y, m, day);
}

/* Reads text by format; both move forward together. Unset parts are -1. */
typedef struct reader {
    const char *p, *end;
    int year, month, day;
} reader;

static bool read_digits(reader *r, int min, int max, int *out)
{
    int n = 0, count = 0;
    for (; count < max && r->p < r->end && *r->p >= '0' && *r->p <= '9'; count++)
        n = n * 10 + (*r->p++ - '0');
    *out = n;
    return count >= min;
}

static bool read_month_name(reader *r, int *out)
{
    static const char *const names[] = {"january",   "february", "march",    "april",
                                        "may",       "june",     "july",     "august",
                                        "september", "october",  "november", "december"};
    size_t left = (size_t)(r->end - r->p), n = 0;
    while (n < left && (r->p[n] | 32) >= 'a' && (r->p[n] | 32) <= 'z')
        n++;
    for (int m = 0; m < 12; m++) {
        size_t len = strlen(names[m]);
        if (n != 3 && n != len)
            continue;
        size_t i = 0;
        while (i < n && (r->p[i] | 32) == names[m][i])
            i++;
        if (i == n) {
            r->p += n;
            *out = m + 1;
            return true;
        }
    }
    return false;
}

static bool read_seconds(reader *r)
{
    int n, fraction;
    if (!read_digits(r, 1, 2, &n) || n > 60) /* 60: a leap second */
        return false;
    if (r->p == r->end || *r->p != '.')
        return true;
    r->p++;
    return read_digits(r, 1, 9, &fraction);
}

static bool read_conversion(reader *r, char c)
{
    int n;
    switch (c) {
    case 'd':
        return read_digits(r, 1, 2, &r->day);
    case 'm':
        return read_digits(r, 1, 2, &r->month);
    case 'Y':
        return read_digits(r, 4, 4, &r->year);
    case 'y':
        if (!read_digits(r, 2, 2, &r->year))
            return false;
        r->year += r->year <= 68 ? 2000 : 1900;
        return true;
    case 'b':
    case 'B':
        return read_month_name(r, &r->month);
    case 'H':
        return read_digits(r, 1, 2, &n) && n <= 23;
    case 'M':
        return read_digits(r, 1, 2, &n) && n <= 59;
    case 'S':
        return read_seconds(r);
    default:
        return c == '%' && r->p < r->end && *r->p++ == '%';
    }
}

static bool read_literal(reader *r, char c)
{
    if (c != ' ')
        return r->p < r->end && *r->p++ == c;
    const char *begin = r->p;
    while (r->p < r->end && (*r->p == ' ' || *r->p == '\t'))
        r->p++;
    return r->p > begin;
}

as_date as_date_parse(as_str text, as_str format)
{
    if (text.len == 0)
        return AS_DATE_NULL;
    reader r = {text.ptr, text.ptr + text.len, -1, -1, -1};
    for (size_t i = 0; i < format.len; i++) {
        char c = format.ptr[i];
        bool ok;
        if (c == '%')
            ok = ++i < format.len && read_conversion(&r, format.ptr[i]);
        else
            ok = read_literal(&r, c);
        if (!ok)
            return AS_DATE_NULL;
    }
    return r.p == r.end ? as_date_from(r.year, r.month, r.day) : AS_DATE_NULL;
}

bool as_date_format_ok(as_str format)
{
    int day = 0, month = 0, year = 0;
    for (size_t i = 0; i < format.len; i++) {
        if (format.ptr[i] != '%')
            continue;
        char c = ++i < format.len ? format.ptr[i] : '\0';
        if (c == '\0' || !strchr("dmYybBHMS%", c))
            return false;
        day += c == 'd';
        month += c == 'm' || c == 'b' || c == 'B';
        year += c == 'Y' || c == 'y';
    }
    return day == 1 && month == 1 && year == 1;
}

/* Two digits as a number, the first byte lowest. */
static uint64_t two_digits(unsigned n)
{
    static const unsigned char digits[] = "00010203040506070809101112131415161718192021222324"
                                          "25262728293031323334353637383940414243444546474849"
                                          "50515253545556575859606162636465666768697071727374"
                                          "75767778798081828384858687888990919293949596979899";
    return digits[2 * n] | (uint64_t)digits[2 * n + 1] << 8;
}

/* Stored at once: who copies the text right behind several small stores waits for all of them
 * to reach the cache. */
as_str as_date_str(as_date d, char buf[AS_DATE_TEXT])
{
    typedef uint64_t halves __attribute__((vector_size(AS_DATE_TEXT)));
    buf[0] = '\0';
    if (d == AS_DATE_NULL)
        return (as_str){buf, 0};
    int y, m, day;
    as_date_civil(d, &y, &m, &day);
    const uint64_t year = two_digits((unsigned)y / 100 % 100) | two_digits((unsigned)y % 100)
                                                                    << 16;
    const halves text = {year | (uint64_t)'-' << 32 | two_digits((unsigned)m) << 40 |
                             (uint64_t)'-' << 56,
                         two_digits((unsigned)day) /* and zeros */};
    memcpy(buf, &text, sizeof text);
    return (as_str){buf, sizeof "yyyy-mm-dd" - 1};
}

const char *as_date_text(as_date d, char buf[AS_DATE_TEXT])
{
    return as_date_str(d, buf).ptr;
}

const char *as_time_text(char buf[AS_TIME_TEXT])
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    int64_t fixed = 0;
    time_t when =
        epoch && as_str_to_i64(as_str_from(epoch), &fixed) ? (time_t)fixed : time(NULL);
    struct tm tm;
    if (!gmtime_r(&when, &tm) || !strftime(buf, AS_TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm))
        buf[0] = '\0';
    return buf;
}

as_date as_date_today(void)
{
    char text[AS_TIME_TEXT];
    return as_date_parse((as_str){as_time_text(text), strnlen(text, 10)}, AS_STR("%Y-%m-%d"));
}
