/* figure_number.c: see figure_number.h. */
#include "check/figure_number.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define DIGITS_MAX 40 /* of one number; a longer one is none */

static char at(as_str s, size_t i)
{
    return i < s.len ? s.ptr[i] : 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* ---- digits ---- */

static size_t run_of_digits(as_str s, size_t i)
{
    size_t n = 0;
    while (is_digit(at(s, i + n)))
        n++;
    return n;
}

/* ",145" that continues "2": three digits and no more. */
static bool is_group(as_str s, size_t i)
{
    return at(s, i) == ',' && run_of_digits(s, i + 1) == 3;
}

static bool read_digits(as_str s, size_t begin, as_figure *out)
{
    char plain[DIGITS_MAX + 8];
    size_t i = begin, n = 0, lead;
    if (at(s, i) == '-')
        plain[n++] = s.ptr[i++];
    lead = run_of_digits(s, i);
    if (lead == 0 || lead > DIGITS_MAX / 2)
        return false;
    for (size_t k = 0; k < lead; k++)
        plain[n++] = s.ptr[i++];
    while (lead <= 3 && n < DIGITS_MAX / 2 && is_group(s, i)) {
        memcpy(plain + n, s.ptr + i + 1, 3);
        n += 3;
        i += 4;
    }
    size_t decimals = at(s, i) == '.' ? run_of_digits(s, i + 1) : 0;
    if (decimals > DIGITS_MAX / 2 - 2)
        return false;
    if (decimals) {
        memcpy(plain + n, s.ptr + i, decimals + 1);
        n += decimals + 1;
        i += decimals + 1;
    }
    *out = (as_figure){begin, i, AS_FIGURE_DIGITS, 0, (unsigned)decimals};
    return as_str_to_f64((as_str){plain, n}, false, &out->value);
}

/* ---- words ---- */

typedef enum word_sort {
    W_NONE,
    W_UNIT,
    W_TENS,
    W_HUNDRED,
    W_SCALE,
    W_PART,
    W_AND,
    W_A
} word_sort;
typedef struct word {
    const char *text;
    word_sort sort;
    double value; /* W_PART: what it divides by */
} word;

static const word words[] = {
    {"zero", W_UNIT, 0},       {"one", W_UNIT, 1},        {"two", W_UNIT, 2},
    {"three", W_UNIT, 3},      {"four", W_UNIT, 4},       {"five", W_UNIT, 5},
    {"six", W_UNIT, 6},        {"seven", W_UNIT, 7},      {"eight", W_UNIT, 8},
    {"nine", W_UNIT, 9},       {"ten", W_UNIT, 10},       {"eleven", W_UNIT, 11},
    {"twelve", W_UNIT, 12},    {"thirteen", W_UNIT, 13},  {"fourteen", W_UNIT, 14},
    {"fifteen", W_UNIT, 15},   {"sixteen", W_UNIT, 16},   {"seventeen", W_UNIT, 17},
    {"eighteen", W_UNIT, 18},  {"nineteen", W_UNIT, 19},  {"twenty", W_TENS, 20},
    {"thirty", W_TENS, 30},    {"forty", W_TENS, 40},     {"fifty", W_TENS, 50},
    {"sixty", W_TENS, 60},     {"seventy", W_TENS, 70},   {"eighty", W_TENS, 80},
    {"ninety", W_TENS, 90},    {"hundred", W_HUNDRED, 0}, {"thousand", W_SCALE, 1e3},
    {"million", W_SCALE, 1e6}, {"and", W_AND, 0},         {"a", W_A, 1},
    {"half", W_PART, 2},       {"halves", W_PART, 2},     {"third", W_PART, 3},
    {"thirds", W_PART, 3},     {"quarter", W_PART, 4},    {"quarters", W_PART, 4},
    {"fifth", W_PART, 5},      {"fifths", W_PART, 5},     {"sixth", W_PART, 6},
    {"sixths", W_PART, 6},     {"seventh", W_PART, 7},    {"sevenths", W_PART, 7},
    {"eighth", W_PART, 8},     {"eighths", W_PART, 8},    {"ninth", W_PART, 9},
    {"ninths", W_PART, 9},     {"tenth", W_PART, 10},     {"tenths", W_PART, 10},
};

/* The whole word at `i`, case folded; *end behind it. NULL: no word of a number. */
static const word *word_at(as_str s, size_t i, size_t *end)
{
    char text[12];
    size_t n = 0;
    while (as_figure_letter(at(s, i + n))) {
        if (n == sizeof text - 1)
            return NULL;
        text[n] = lower(s.ptr[i + n]);
        n++;
    }
    text[n] = '\0';
    *end = i + n;
    for (size_t k = 0; n && k < sizeof words / sizeof *words; k++)
        if (strcmp(words[k].text, text) == 0)
            return &words[k];
    return NULL;
}

/* The next word of the number, behind one blank or hyphen. */
static const word *next_word(as_str s, size_t i, size_t *end)
{
    return at(s, i) == ' ' || at(s, i) == '-' ? word_at(s, i + 1, end) : NULL;
}

typedef struct sum {
    double total, current;
    double scale;         /* the last of thousand, million */
    bool any, tens, open; /* open: "hundred" or a scale was last, units may follow */
} sum;

/* Take one word into the number; false: it does not continue it. */
static bool take(sum *n, const word *w)
{
    switch (w->sort) {
    case W_UNIT:
        if (n->any && !n->open && !(n->tens && w->value > 0 && w->value < 10))
            return false;
        n->current += w->value;
        n->tens = n->open = false;
        break;
    case W_TENS:
        if (n->any && !n->open)
            return false;
        n->current += w->value;
        n->tens = true;
        n->open = false;
        break;
    case W_HUNDRED:
        if (n->current < 1 || n->current >= 100)
            return false;
        n->current *= 100;
        n->tens = false;
        n->open = true;
        break;
    case W_SCALE:
        if (n->current < 1 || (n->scale > 0 && w->value >= n->scale))
            return false;
        n->total += n->current * w->value;
        n->scale = w->value;
        n->current = 0;
        n->tens = false;
        n->open = true;
        break;
    default:
        return false;
    }
    return n->any = true;
}

/* "and" within a number: "one hundred and twenty". */
static const word *behind_and(as_str s, const sum *n, size_t *end)
{
    const word *w = n->open ? next_word(s, *end, end) : NULL;
    return w && (w->sort == W_UNIT || w->sort == W_TENS) ? w : NULL;
}

static bool read_words(as_str s, size_t begin, as_figure *out)
{
    sum n = {0};
    size_t end = begin, next = begin;
    const word *w = word_at(s, begin, &next);
    if (w && w->sort == W_A) { /* a hundred, a thousand */
        w = next_word(s, next, &next);
        if (!w || (w->sort != W_HUNDRED && w->sort != W_SCALE))
            return false;
        n = (sum){.current = 1, .any = true};
    }
    while (w) {
        if (w->sort == W_AND)
            w = behind_and(s, &n, &next);
        if (!w || !take(&n, w))
            break;
        end = next;
        w = next_word(s, end, &next);
    }
    *out = (as_figure){begin, end, AS_FIGURE_WORDS, n.total + n.current, 0};
    return end > begin;
}

/* "half", "a third", "one-third", "two thirds", "half a": a count below what it divides by. */
static bool read_fraction(as_str s, size_t begin, as_figure *out)
{
    size_t end;
    const word *w = word_at(s, begin, &end);
    double count = 1;
    if (!w)
        return false;
    if (w->sort == W_UNIT || w->sort == W_A) {
        count = w->value;
        w = next_word(s, end, &end);
    } else if (w->value != 2) {
        return false;
    }
    if (!w || w->sort != W_PART || count < 1 || count >= w->value)
        return false;
    *out = (as_figure){begin, end, AS_FIGURE_FRACTION, count / w->value, 0};
    return true;
}

bool as_figure_read_whole(as_str text, size_t begin, as_figure *out)
{
    return read_digits(text, begin, out) || read_words(text, begin, out);
}

bool as_figure_read(as_str text, size_t begin, as_figure *out)
{
    return read_fraction(text, begin, out) || as_figure_read_whole(text, begin, out);
}

/* ---- rounding ---- */

#define KEPT 15 /* significant digits of a double that decimals can rely on */

static int64_t power_of_ten(int n)
{
    int64_t p = 1;
    while (n-- > 0)
        p *= 10;
    return p;
}

double as_figure_round(double x, unsigned decimals)
{
    char text[40];
    int64_t digits = 0;
    if (!isfinite(x) || x == 0)
        return x;
    /* "d.dddddddddddddde-07": correctly rounded by the C library. */
    (void)snprintf(text, sizeof text, "%.*e", KEPT - 1, fabs(x));
    int exponent = (int)strtol(strchr(text, 'e') + 1, NULL, 10);
    for (const char *p = text; *p != 'e'; p++)
        if (*p != '.')
            digits = digits * 10 + (*p - '0');
    int behind = KEPT - 1 - exponent;  /* digits behind the point */
    int drop = behind - (int)decimals; /* of these */
    if (drop <= 0)
        return x;
    if (drop > KEPT)
        return 0;
    int64_t unit = power_of_ten(drop);
    digits = digits / unit + (2 * (digits % unit) >= unit);
    char rounded[48];
    double out = 0;
    int n = snprintf(rounded, sizeof rounded, "%lld.e-%u", (long long)digits, decimals);
    as_str_to_f64((as_str){rounded, (size_t)n}, true, &out);
    return x < 0 ? -out : out;
}

void as_figure_say(as_buf *out, double x, unsigned decimals)
{
    char text[400];
    if (isnan(x)) {
        as_buf_add(out, AS_STR("unknown"));
        return;
    }
    x = as_figure_round(x, decimals);
    if (x < 0)
        as_buf_add(out, AS_STR("\xe2\x88\x92"));
    if (fabs(x) >= 9e15) {
        as_buf_addf(out, "%.6g", fabs(x));
        return;
    }
    as_text_thousands(out, (int64_t)fabs(x));
    if (decimals) {
        (void)snprintf(text, sizeof text, "%.*f", (int)(decimals < KEPT ? decimals : KEPT),
                       fabs(x));
        as_buf_add(out, as_str_from(strchr(text, '.')));
    }
}

/* ---- shares ---- */

static bool rounds_to(double part, double total, double shown, unsigned decimals)
{
    return total > 0 && part >= 0 && part <= total &&
           as_figure_round(100 * part / total, decimals) == shown;
}

bool as_figure_share_of(double shown, unsigned decimals, double total)
{
    double near = floor(shown * total / 100);
    for (int i = -1; i <= 2; i++)
        if (rounds_to(near + i, total, shown, decimals))
            return true;
    return false;
}

bool as_figure_share_with(double shown, unsigned decimals, double part)
{
    double half = 0.5 / pow(10, decimals);
    if (part == 0 || shown < half) /* a share of nothing, or of anything large enough */
        return shown == 0;
    double least = fmax(part, floor(100 * part / (shown + half)));
    for (int i = 0; i <= 2; i++)
        if (rounds_to(part, least + i, shown, decimals))
            return true;
    return false;
}
