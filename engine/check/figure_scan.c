/* figure_scan.c: see figure_scan.h. One pass by tokens, made twice: to count, then to keep. */
#include "check/figure_scan.h"

#include "base/limits.h"

#include <strings.h>

typedef struct scan {
    as_str text;
    const as_figure_text *of;
    as_figure_found *items; /* NULL: counting */
    size_t count;
    size_t line; /* the next line of of->lines that is not reached yet */
} scan;

static char at(as_str s, size_t i)
{
    return i < s.len ? s.ptr[i] : 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits_at(as_str s, size_t i)
{
    size_t n = 0;
    while (is_digit(at(s, i + n)))
        n++;
    return n;
}

/* Does the character before i belong to a word? */
static bool word_before(as_str s, size_t i)
{
    if (i == 0)
        return false;
    if (is_digit(s.ptr[i - 1]) || s.ptr[i - 1] == '_')
        return true;
    while (--i && ((unsigned char)s.ptr[i] & 0xc0) == 0x80)
        ;
    return as_figure_letter(s.ptr[i]);
}

static void keep(scan *s, as_figure f, as_figure_class class)
{
    if (s->items)
        s->items[s->count] = (as_figure_found){f, class};
    s->count++;
}

static size_t keep_span(scan *s, size_t begin, size_t end, as_figure_class class)
{
    keep(s, (as_figure){.begin = begin, .end = end}, class);
    return end;
}

/* ---- dates and years ---- */

static bool same_word(as_str s, size_t i, const char *word, size_t n)
{
    return s.len - i >= n && strncasecmp(s.ptr + i, word, n) == 0 &&
           !as_figure_letter(at(s, i + n));
}

/* Behind the name of a month, in full or its first three letters; 0: no month. */
static size_t month_end(as_str s, size_t i)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    if (i >= s.len)
        return 0;
    for (size_t k = 0; k < 12; k++) {
        size_t n = strlen(months[k]);
        if (same_word(s, i, months[k], n))
            return i + n;
        if (same_word(s, i, months[k], 3))
            return i + 3;
    }
    return same_word(s, i, "Sept", 4) ? i + 4 : 0;
}

static bool is_year(as_str s, size_t i)
{
    bool begins =
        at(s, i) == '2' ? at(s, i + 1) == '0' : at(s, i) == '1' && at(s, i + 1) == '9';
    return begins && digits_at(s, i) == 4;
}

/* Behind " 2017" or " 17" (only where `two`), or i. */
static size_t year_behind(as_str s, size_t i, bool two)
{
    if (at(s, i) == ' ' && is_year(s, i + 1))
        return i + 5;
    if (two && at(s, i) == ' ' && digits_at(s, i + 1) == 2 && at(s, i + 3) != '%' &&
        !as_figure_letter(at(s, i + 3)))
        return i + 3;
    return i;
}

static size_t skip_ordinal(as_str s, size_t i)
{
    static const char *const endings[] = {"st", "nd", "rd", "th"};
    for (size_t k = 0; k < 4; k++)
        if (same_word(s, i, endings[k], 2))
            return i + 2;
    return i;
}

/* 31 March 2017, 31st March, 31 Mar 17, 2017-03-31, 31/03/2017; 0: no date. */
static size_t date_end(as_str s, size_t i)
{
    size_t n = digits_at(s, i), day = skip_ordinal(s, i + n), end;
    if (n <= 2 && at(s, day) == ' ' && (end = month_end(s, day + 1)) != 0)
        return year_behind(s, end, true);
    char mark = at(s, i + n);
    if (mark != '-' && mark != '/' && mark != '.')
        return 0;
    size_t second = digits_at(s, i + n + 1), third = i + n + 1 + second + 1;
    if (at(s, third - 1) != mark || second < 1 || second > 2)
        return 0;
    size_t last = digits_at(s, third);
    bool whole = (n == 4 && last == 2) || (n <= 2 && (last == 4 || (last == 2 && mark == '/')));
    return whole && !as_figure_letter(at(s, third + last)) ? third + last : 0;
}

/* 2017, 2016-17, 2016/17, 2013-2015; 0: no year. */
static size_t year_end(as_str s, size_t i)
{
    if (!is_year(s, i))
        return 0;
    size_t end = i + 4;
    char next = at(s, end);
    if (next == '%' || as_figure_letter(next) || (next == '.' && is_digit(at(s, end + 1))))
        return 0;
    if (next == ',' && digits_at(s, end + 1) == 3)
        return 0;
    if (next == '-' || next == '/') {
        size_t n = digits_at(s, end + 1);
        if (n == 2 || (n == 4 && is_year(s, end + 1)))
            end += 1 + n;
    }
    return end;
}

/* ---- labels ---- */

/* The word before the blank before i is one that numbers things. */
static bool labelled(as_str s, size_t i)
{
    static const char *const words[] = {
        "chart",     "charts",   "table",    "tables",   "map",      "maps",    "figure",
        "figures",   "annex",    "appendix", "section",  "sections", "chapter", "part",
        "note",      "notes",    "footnote", "page",     "pages",    "p.",      "pp.",
        "paragraph", "question", "version",  "quartile", "row",      "column",  "line"};
    size_t end = i && s.ptr[i - 1] == ' ' ? i - 1 : i, begin = end;
    while (begin && end - begin < 12 &&
           (as_figure_letter(s.ptr[begin - 1]) || s.ptr[begin - 1] == '.'))
        begin--;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        size_t n = strlen(words[k]);
        if (end - begin == n && strncasecmp(s.ptr + begin, words[k], n) == 0)
            return end < i || words[k][n - 1] == '.'; /* "p.4", but not "chart4" */
    }
    return false;
}

/* "[3:" of a footnote's text. */
static bool noted(as_str s, size_t begin, size_t end)
{
    return begin && s.ptr[begin - 1] == '[' && at(s, end) == ':';
}

/* "1. " or "1) " at the beginning of a line of the document. */
static bool listed(const scan *s, size_t begin, size_t end)
{
    char next = at(s->text, end);
    size_t line = s->line ? s->of->lines[s->line - 1] : 0;
    bool first = begin == line || begin == line + 1; /* behind the blank of the line's end */
    return first && (next == '.' || next == ')') && at(s->text, end + 1) == ' ';
}

/* ---- digits ---- */

/* Behind everything that hangs together with the digits: letters, digits, points between. */
static size_t run_end(as_str s, size_t i)
{
    while (is_digit(at(s, i)) || as_figure_letter(at(s, i)) || at(s, i) == '_' ||
           ((at(s, i) == '.' || at(s, i) == ':') && is_digit(at(s, i + 1))))
        i++;
    return i;
}

/* "12m", "3.5bn", "40k": what is counted, in units that the reader knows. */
static bool has_unit(as_str s, size_t i)
{
    return same_word(s, i, "m", 1) || same_word(s, i, "k", 1) || same_word(s, i, "bn", 2);
}

static as_figure_class class_of(const scan *s, const as_figure *f)
{
    as_str t = s->text;
    size_t begin = f->begin + (t.ptr[f->begin] == '-');
    bool zero = t.ptr[begin] == '0' && is_digit(at(t, begin + 1));
    if (skip_ordinal(t, f->end) > f->end)
        return AS_FIGURE_ORDINAL;
    if (zero || (run_end(t, f->end) > f->end && !has_unit(t, f->end)))
        return noted(t, begin, f->end) ? AS_FIGURE_LABEL : AS_FIGURE_CODE;
    if (labelled(t, begin) || noted(t, begin, f->end) || listed(s, begin, f->end))
        return AS_FIGURE_LABEL;
    return AS_FIGURE_COUNTED;
}

static size_t scan_digits(scan *s, size_t i)
{
    size_t begin = i + (s->text.ptr[i] == '-'), end;
    as_figure f;
    if ((end = date_end(s->text, begin)) != 0)
        return keep_span(s, begin, end, AS_FIGURE_DATE);
    if ((end = year_end(s->text, begin)) != 0)
        return keep_span(s, begin, end, AS_FIGURE_YEAR);
    if (!as_figure_read(s->text, i, &f)) /* longer than any number is */
        return keep_span(s, i, run_end(s->text, begin), AS_FIGURE_CODE);
    as_figure_class class = class_of(s, &f);
    keep(s, f, class);
    return class == AS_FIGURE_CODE || class == AS_FIGURE_ORDINAL ? run_end(s->text, f.end)
                                                                 : f.end;
}

/* ---- words ---- */

static bool ordinal_behind(as_str s, size_t i)
{
    static const char *const words[] = {"first", "second",  "third",  "fourth", "fifth",
                                        "sixth", "seventh", "eighth", "ninth"};
    for (size_t k = 0; at(s, i) == '-' && k < sizeof words / sizeof *words; k++)
        if (same_word(s, i + 1, words[k], strlen(words[k])))
            return true;
    return false;
}

static size_t word_end(as_str s, size_t i, bool *digits)
{
    *digits = false;
    for (; as_figure_letter(at(s, i)) || is_digit(at(s, i)) || at(s, i) == '_'; i++)
        *digits = *digits || is_digit(s.ptr[i]);
    return i;
}

static size_t scan_word(scan *s, size_t i)
{
    as_figure f;
    bool digits;
    size_t end = word_end(s->text, i, &digits), month = month_end(s->text, i);
    if (digits)
        return keep_span(s, i, end, AS_FIGURE_CODE);
    if (month && year_behind(s->text, month, false) > month)
        return keep_span(s, i, month + 5, AS_FIGURE_DATE);
    if (!as_figure_read(s->text, i, &f))
        return end;
    as_figure_class class = AS_FIGURE_COUNTED;
    if (ordinal_behind(s->text, f.end))
        class = AS_FIGURE_ORDINAL;
    else if (labelled(s->text, i))
        class = AS_FIGURE_LABEL;
    else if (f.form == AS_FIGURE_WORDS && f.end - f.begin == 3 && f.value == 1)
        class = AS_FIGURE_ONE;
    keep(s, f, class);
    return f.end;
}

/* ---- addresses ---- */

#define ADDRESS_MAX 256 /* bytes in which the @ of a mail address is looked for */

static size_t token_end(as_str s, size_t i)
{
    while (i < s.len && s.ptr[i] != ' ')
        i++;
    return i;
}

/* A web or mail address begins at i, which begins a token: behind it, or i. */
static size_t scan_link(scan *s, size_t i)
{
    static const as_str begins[] = {{"http://", 7}, {"https://", 8}, {"www.", 4}};
    as_str rest = as_str_sub(s->text, i, ADDRESS_MAX);
    bool link = memchr(rest.ptr, '@', token_end(rest, 0)) != NULL;
    for (size_t k = 0; k < 3; k++)
        link = link || as_str_starts(rest, begins[k]);
    if (!link)
        return i;
    size_t end = token_end(s->text, i);
    for (size_t k = i; k < end;) {
        size_t n = digits_at(s->text, k);
        if (n)
            keep_span(s, k, k + n, AS_FIGURE_LINK);
        k += n ? n : 1;
    }
    return end;
}

/* ---- the whole ---- */

static size_t scan_token(scan *s, size_t i)
{
    char c = s->text.ptr[i], before = i ? s->text.ptr[i - 1] : ' ';
    bool opens = before == ' ' || before == '(' || before == '[';
    size_t end;
    while (s->line < s->of->line_count && s->of->lines[s->line] <= i)
        s->line++;
    if (opens && (end = scan_link(s, i)) > i)
        return end;
    if (word_before(s->text, i) || ((unsigned char)c & 0xc0) == 0x80)
        return i + 1;
    if (is_digit(c) || (c == '-' && opens && is_digit(at(s->text, i + 1))))
        return scan_digits(s, i);
    return as_figure_letter(c) ? scan_word(s, i) : i + 1;
}

static void scan_all(scan *s)
{
    s->count = s->line = 0;
    for (size_t i = 0; i < s->text.len;)
        i = scan_token(s, i);
}

as_code as_figures_scan(as_figures_found *out, const as_figure_text *t, as_arena *a, as_err *e)
{
    scan s = {.text = t->text, .of = t};
    scan_all(&s);
    if (s.count > AS_FIGURES_MAX)
        return as_fail(
            e, AS_EBUDGET, (as_span){t->document->path.ptr, 0, 0},
            "%zu numbers, more than a commentary has (AS_FIGURES_MAX: %d); is this a "
            "table?",
            s.count, AS_FIGURES_MAX);
    s.items = AS_NEW_N(a, as_figure_found, s.count + 1);
    if (!s.items)
        return as_fail_nomem(e);
    scan_all(&s);
    *out = (as_figures_found){s.items, s.count};
    return AS_OK;
}

size_t as_figures_at(const as_figures_found *all, size_t where)
{
    size_t low = 0, high = all->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (all->items[mid].figure.end <= where)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* ---- ignore ---- */

#define PIECE 4096 /* bytes of a line that a pattern sees at once */

static void ignore_span(as_figures_found *all, size_t begin, size_t end)
{
    for (size_t i = as_figures_at(all, begin);
         i < all->count && all->items[i].figure.begin < end; i++)
        all->items[i].class = AS_FIGURE_IGNORED;
}

static as_code ignore_piece(as_figures_found *all, as_str piece, size_t base, const as_regex *r,
                            as_span at, as_err *e)
{
    size_t from = 0, begin, end;
    while (from <= piece.len) {
        as_match m = as_regex_find_from(r, piece, from, &begin, &end);
        if (m == AS_MATCH_LIMIT)
            return as_fail(e, AS_EBUDGET, at,
                           "ignore: this pattern takes too long on the document; make it "
                           "simpler");
        if (m == AS_MATCH_NO)
            return AS_OK;
        ignore_span(all, base + begin, base + end);
        from = end > begin ? end : end + 1;
        while (from < piece.len && ((unsigned char)piece.ptr[from] & 0xc0) == 0x80)
            from++; /* not inside a character */
    }
    return AS_OK;
}

/* The end of a piece of a line, behind a blank where there is one. */
static size_t piece_end(as_str s, size_t begin, size_t end)
{
    size_t cut = begin + PIECE;
    if (end - begin <= PIECE)
        return end;
    while (cut > begin && s.ptr[cut - 1] != ' ')
        cut--;
    if (cut > begin)
        return cut;
    for (cut = begin + PIECE; ((unsigned char)s.ptr[cut] & 0xc0) == 0x80; cut--)
        ;
    return cut;
}

as_code as_figures_ignore(as_figures_found *all, const as_figure_text *t, const as_regex *r,
                          as_span at, as_err *e)
{
    as_code code = AS_OK;
    for (size_t l = 0; l < t->line_count && code == AS_OK; l++) {
        size_t begin = t->lines[l];
        size_t end = l + 1 < t->line_count ? t->lines[l + 1] : t->text.len;
        while (begin < end && code == AS_OK) {
            size_t cut = piece_end(t->text, begin, end);
            code = ignore_piece(all, as_str_sub(t->text, begin, cut - begin), begin, r, at, e);
            begin = cut;
        }
    }
    return code;
}

const char *as_figure_class_name(as_figure_class c, size_t count)
{
    static const char *const one[] = {"figure", "date",    "year",    "label",  "code",
                                      "link",   "ordinal", "\"one\"", "ignored"};
    static const char *const many[] = {"figures", "dates",    "years",   "labels", "codes",
                                       "links",   "ordinals", "\"one\"", "ignored"};
    return count == 1 ? one[c] : many[c];
}
