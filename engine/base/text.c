/* text.c: folding, UTF-8, edit distance, "did you mean".
 *
 * Folding has two ways that give the same for ASCII: a byte loop (plain ASCII, and text that is
 * not UTF-8) and utf8proc's case-folding compatibility decomposition followed by composition.
 */
#include "base/text.h"

#include "base/alloc.h"
#include <limits.h>
#include <utf8proc.h>

/* ---- folding ---- */

static bool is_ascii_blank(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Blanks become one ' ' between words: written only when the next word begins. */
typedef struct folder {
    as_buf *out;
    size_t start;
    bool blank;
} folder;

static void fold_put(folder *f, const char *bytes, size_t n)
{
    if (f->blank && f->out->len > f->start)
        as_buf_addc(f->out, ' ');
    f->blank = false;
    if (n == 1)
        as_buf_addc(f->out, *bytes);
    else
        as_buf_add(f->out, (as_str){bytes, n});
}

static void fold_bytes(folder *f, as_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        char folded = c >= 'A' && c <= 'Z' ? (char)(c + 32) : (char)c;
        if (is_ascii_blank(c))
            f->blank = true;
        else
            fold_put(f, &folded, 1);
    }
}

/* Before NFKC, which would take the acute accent for a blank with an accent on it. */
static utf8proc_int32_t plain_punctuation(utf8proc_int32_t c, void *unused)
{
    (void)unused;
    switch (c) {
    case 0x00B4: /* acute accent, prime, modifier letters, single quotes: ' */
    case 0x02B9:
    case 0x02BC:
    case 0x2018:
    case 0x2019:
    case 0x201A:
    case 0x201B:
    case 0x2032:
        return '\'';
    case 0x00AB: /* guillemets, double quotes, double prime: " */
    case 0x00BB:
    case 0x201C:
    case 0x201D:
    case 0x201E:
    case 0x201F:
    case 0x2033:
        return '"';
    case 0x2010: /* hyphens, dashes, the minus sign: - */
    case 0x2011:
    case 0x2012:
    case 0x2013:
    case 0x2014:
    case 0x2015:
    case 0x2212:
    case 0xFE58:
    case 0xFE63:
        return '-';
    default:
        return c;
    }
}

static bool is_blank_point(utf8proc_int32_t c)
{
    return (c < 0x80 && is_ascii_blank((unsigned char)c)) || c == 0x85 || c == 0xA0 ||
           c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x3000;
}

static void fold_points(void *arg, const utf8proc_int32_t *points, size_t n)
{
    folder *f = arg;
    for (size_t i = 0; i < n; i++) {
        utf8proc_uint8_t bytes[4];
        if (is_blank_point(points[i])) {
            f->blank = true;
            continue;
        }
        /* Again: NFKC makes such punctuation itself, as of U+0149. */
        utf8proc_int32_t point = plain_punctuation(points[i], NULL);
        utf8proc_ssize_t len = utf8proc_encode_char(point, bytes);
        fold_put(f, (const char *)bytes, (size_t)len);
    }
}

#define FOLD_OPTIONS                                                                           \
    (UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE)

/* Hands the code points of s, normalised, to `take`. False: not UTF-8, and nothing is taken.
 * Without memory out->failed is set. */
static bool normalized(as_buf *out, as_str s, int options,
                       void (*take)(void *arg, const utf8proc_int32_t *points, size_t n),
                       void *arg)
{
    utf8proc_int32_t few[256], *points = few;
    const utf8proc_uint8_t *text = (const utf8proc_uint8_t *)s.ptr;
    utf8proc_ssize_t len = (utf8proc_ssize_t)s.len;
    utf8proc_option_t how = (utf8proc_option_t)options;
    utf8proc_ssize_t n =
        utf8proc_decompose_custom(text, len, few, 256, how, plain_punctuation, NULL);
    if (n > 256) {
        points = as_calloc((size_t)n + 1, sizeof *points);
        if (!points) {
            out->failed = true;
            return true;
        }
        n = utf8proc_decompose_custom(text, len, points, n, how, plain_punctuation, NULL);
    }
    if (n > 0)
        n = utf8proc_normalize_utf32(points, n, how);
    if (n > 0)
        take(arg, points, (size_t)n);
    if (points != few)
        as_free(points);
    return n >= 0;
}

static bool is_ascii(as_str s)
{
    unsigned char all = 0;
    for (size_t i = 0; i < s.len; i++)
        all |= (unsigned char)s.ptr[i];
    return all < 0x80;
}

void as_text_fold(as_buf *out, as_str s)
{
    folder f = {out, out->len, false};
    if (is_ascii(s) || !normalized(out, s, FOLD_OPTIONS, fold_points, &f))
        fold_bytes(&f, s);
}

/* ---- folding to letters and digits ---- */

/* Letters and digits of ASCII, letters small; other bytes only where `keep_others`. */
static void letters_of_bytes(as_buf *out, as_str s, bool keep_others)
{
    char some[256];
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i], small = c | 32;
        bool letter = small >= 'a' && small <= 'z';
        some[n] = (char)(letter ? small : c);
        n += letter || (c >= '0' && c <= '9') || (keep_others && c >= 0x80);
        if (n == sizeof some) {
            as_buf_add(out, (as_str){some, n});
            n = 0;
        }
    }
    as_buf_add(out, (as_str){some, n});
}

static bool is_letter_or_digit(utf8proc_int32_t point)
{
    utf8proc_category_t c = utf8proc_category(point);
    return (c >= UTF8PROC_CATEGORY_LU && c <= UTF8PROC_CATEGORY_LO) ||
           (c >= UTF8PROC_CATEGORY_ND && c <= UTF8PROC_CATEGORY_NO);
}

static void keep_letters(void *out, const utf8proc_int32_t *points, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        utf8proc_uint8_t bytes[4];
        if (is_letter_or_digit(points[i])) {
            utf8proc_ssize_t len = utf8proc_encode_char(points[i], bytes);
            as_buf_add(out, (as_str){(const char *)bytes, (size_t)len});
        }
    }
}

void as_text_fold_as(as_buf *out, as_str s, as_fold how)
{
    switch (how) {
    case AS_FOLD_LETTERS:
        if (is_ascii(s) ||
            !normalized(out, s, FOLD_OPTIONS | UTF8PROC_STRIPMARK, keep_letters, out))
            letters_of_bytes(out, s, true);
        break;
    case AS_FOLD_ASCII:
        letters_of_bytes(out, s, false);
        break;
    case AS_FOLD_CASE:
        as_text_fold(out, s);
        break;
    case AS_FOLD_NONE:
        as_buf_add(out, s);
        break;
    }
}

/* ---- UTF-8 ---- */

/* Bytes of the sequence at p (RFC 3629: no overlong forms, no surrogates), 0 if it is not one.
 */
static size_t sequence_at(const unsigned char *p, size_t left)
{
    unsigned char c = p[0];
    if (c < 0x80)
        return 1;
    size_t n = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    if (c < 0xC2 || c > 0xF4 || n > left)
        return 0;
    unsigned char low = 0x80, high = 0xBF;
    if (c == 0xE0)
        low = 0xA0;
    else if (c == 0xED)
        high = 0x9F;
    else if (c == 0xF0)
        low = 0x90;
    else if (c == 0xF4)
        high = 0x8F;
    if (p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return n;
}

size_t as_text_utf8_valid(as_str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    size_t i = 0;
    while (i < s.len) {
        uint64_t eight;
        if (s.len - i >= 8 &&
            (memcpy(&eight, p + i, 8), (eight & 0x8080808080808080ull) == 0)) {
            i += 8;
            continue;
        }
        size_t n = sequence_at(p + i, s.len - i);
        if (n == 0)
            return i;
        i += n;
    }
    return s.len;
}

/* One code point; a byte that begins none counts as itself, apart from every code point. */
static size_t next_point(as_str s, size_t at, uint32_t *point)
{
    const unsigned char *p = (const unsigned char *)s.ptr + at;
    size_t n = sequence_at(p, s.len - at);
    switch (n) {
    case 0:
        *point = 0x110000u + p[0];
        return 1;
    case 1:
        *point = p[0];
        return 1;
    case 2:
        *point = (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu);
        return 2;
    case 3:
        *point = (p[0] & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
        return 3;
    default:
        *point =
            (p[0] & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
        return 4;
    }
}

size_t as_text_length(as_str s)
{
    size_t count = 0;
    uint32_t point;
    for (size_t i = 0; i < s.len; count++)
        i += next_point(s, i, &point);
    return count;
}

size_t as_text_points(as_str s, uint32_t *out)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    size_t count = 0;
    for (size_t i = 0; i < s.len; count++)
        if (p[i] < 0x80)
            out[count] = p[i++];
        else
            i += next_point(s, i, &out[count]);
    return count;
}

/* ---- distance ---- */

static unsigned min_unsigned(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* The band of the matrix with |i - j| <= max, three rows of it at a time. `rows` holds 3 *
 * (nb+2) cells. A cell outside the band reads as `far`. */
static unsigned banded(const uint32_t *a, size_t na, const uint32_t *b, size_t nb, unsigned max,
                       unsigned *rows)
{
    unsigned far = max + 1;
    unsigned *two = rows, *one = rows + nb + 2, *row = rows + 2 * (nb + 2);
    for (size_t j = 0; j <= nb + 1; j++)
        one[j] = j <= max ? (unsigned)j : far;
    for (size_t i = 1; i <= na; i++) {
        size_t from = i > max ? i - max : 1;
        size_t to = nb < i + max ? nb : i + max;
        unsigned best = far;
        row[from - 1] = from == 1 && i <= max ? (unsigned)i : far;
        for (size_t j = from; j <= to; j++) {
            unsigned d = one[j - 1] + (a[i - 1] != b[j - 1]);
            d = min_unsigned(d, min_unsigned(one[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d = min_unsigned(d, two[j - 2] + 1);
            row[j] = min_unsigned(d, far);
            best = min_unsigned(best, row[j]);
        }
        row[to + 1] = far;
        /* Nothing is near any more. Not even through a swap, which reaches back two rows: it
         * costs as much as the substitution that it passes over, so that one's cell would be
         * near. */
        if (best == far)
            return far;
        unsigned *free_row = two;
        two = one;
        one = row;
        row = free_row;
    }
    return one[nb];
}

#define FEW 512

unsigned as_text_distance(as_str a, as_str b, unsigned max)
{
    if (as_str_eq(a, b))
        return 0;
    uint32_t few[2 * FEW], *points = few;
    unsigned few_rows[3 * (FEW + 2)], *rows = few_rows;
    if (max > INT_MAX - 1)
        max = INT_MAX - 1;
    unsigned d = max + 1;
    bool big = a.len > FEW || b.len > FEW;
    if (big) {
        points = as_calloc(a.len + b.len, sizeof *points);
        rows = as_calloc(3 * (b.len + 2), sizeof *rows);
    }
    if (points && rows) {
        uint32_t *pa = points, *pb = points + (big ? a.len : FEW);
        size_t na = as_text_points(a, pa), nb = as_text_points(b, pb);
        for (; na && nb && pa[na - 1] == pb[nb - 1]; na--, nb--)
            ;
        for (; na && nb && pa[0] == pb[0]; na--, nb--, pa++, pb++)
            ;
        size_t gap = na > nb ? na - nb : nb - na;
        if (gap > max)
            d = max + 1;
        else if (na == 0 || nb == 0)
            d = (unsigned)gap;
        else
            d = banded(pa, na, pb, nb, max, rows);
    }
    if (big) {
        as_free(points);
        as_free(rows);
    }
    return d;
}

/* ---- did you mean ---- */

static void fold_without_blanks(as_buf *out, as_str s)
{
    as_buf_clear(out);
    as_text_fold(out, s);
    size_t n = 0;
    for (size_t i = 0; i < out->len; i++)
        if (out->ptr[i] != ' ')
            out->ptr[n++] = out->ptr[i];
    out->len = n;
}

as_str as_text_nearest(as_str word, const as_str *candidates, size_t count)
{
    as_buf w = AS_BUF(4096), c = AS_BUF(4096); /* longer words are not misspelt names */
    as_str best = AS_NONE;
    fold_without_blanks(&w, word);
    unsigned limit = (unsigned)(as_text_length(as_buf_str(&w)) / 3);
    for (size_t i = 0; i < count && !w.failed && w.len; i++) {
        fold_without_blanks(&c, candidates[i]);
        unsigned d = as_text_distance(as_buf_str(&w), as_buf_str(&c), limit);
        if (c.failed || d > limit)
            continue;
        best = candidates[i];
        if (d == 0)
            break;
        limit = d - 1; /* only a nearer one may take its place */
    }
    as_buf_free(&w);
    as_buf_free(&c);
    return best;
}

void as_text_thousands(as_buf *out, int64_t n)
{
    char text[32];
    size_t at = sizeof text;
    uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    for (unsigned digits = 0; digits == 0 || left; digits++, left /= 10) {
        if (digits && digits % 3 == 0)
            text[--at] = ',';
        text[--at] = (char)('0' + left % 10);
    }
    if (n < 0)
        text[--at] = '-';
    as_buf_add(out, (as_str){text + at, sizeof text - at});
}
