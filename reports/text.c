/* text.c: escaping, numbers and widths; see text.h. The loops copy runs of plain bytes at once.
 */
#include "reports/text.h"
#include "base/text.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <utf8proc.h>

#define REPLACEMENT AS_STR("\xef\xbf\xbd")

/* One character from s at `at`: its code point and length; an invalid byte is -1 and 1. */
static int32_t character(as_str s, size_t at, size_t *len)
{
    unsigned char c = (unsigned char)s.ptr[at];
    *len = 1;
    if (c < 0x80) {
        return c;
    }
    utf8proc_int32_t cp;
    utf8proc_ssize_t left = (utf8proc_ssize_t)(s.len - at);
    utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)s.ptr + at, left, &cp);
    if (n <= 0) {
        return -1;
    }
    *len = (size_t)n;
    return cp;
}

/* ---- the common loop: `special` says which ASCII bytes are not copied as they are ---- */

typedef struct escape {
    const bool *ascii; /* 128 */
    /* Writes what stands for the character; false: it may be copied. */
    bool (*put)(as_buf *b, int32_t cp, const void *arg);
    const void *arg;
} escape;

/* Eight bytes at once: whether any is a control, beyond ASCII, `a` or `b`. A borrow or a carry
 * between bytes comes only from one that is told already. */
static bool any_odd(uint64_t x, uint64_t a, uint64_t b)
{
    const uint64_t ones = 0x0101010101010101;
    uint64_t odd =
        (x - 0x20 * ones) | x | ((x ^ a * ones) - ones) | ((x ^ b * ones) - ones) | (x + ones);
    return (odd & 0x80 * ones) != 0;
}

/* Whether s is printable ASCII without `a` and `b`: the common case. The last bytes are looked
 * at in a word that may overlap the one before. */
static bool all_plain(as_str s, unsigned char a, unsigned char b)
{
    uint64_t x;
    if (s.len == 0) {
        return true;
    }
    if (s.len < sizeof x) { /* behind the text what is plain */
        return !any_odd(as_text_pack(s) | 0x7878787878787878u << 8 * s.len, a, b);
    }
    for (size_t i = 0; i + sizeof x < s.len; i += sizeof x) {
        memcpy(&x, s.ptr + i, sizeof x);
        if (any_odd(x, a, b)) {
            return false;
        }
    }
    memcpy(&x, s.ptr + s.len - sizeof x, sizeof x);
    return !any_odd(x, a, b);
}

static size_t plain_until(as_str s, size_t at, const bool *special)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    while (at < s.len && p[at] < 0x80 && !special[p[at]]) {
        at++;
    }
    return at;
}

static void escaped(as_buf *b, as_str s, const escape *x)
{
    size_t from = 0, at = 0;
    while ((at = plain_until(s, at, x->ascii)) < s.len) {
        size_t len;
        int32_t cp = character(s, at, &len);
        if (cp >= 0xa0 && cp < 0x2000 && cp != 0xad && cp != 0x61c) {
            at += len; /* letters: nobody escapes these */
            continue;
        }
        as_buf_add(b, as_str_sub(s, from, at - from));
        from = at;
        if (cp < 0) {
            as_buf_add(b, REPLACEMENT);
            from = at + len;
        } else if (x->put(b, cp, x->arg)) {
            from = at + len;
        }
        at += len;
    }
    as_buf_add(b, as_str_sub(s, from, s.len - from));
}

/* Tables of ASCII bytes. 0x00-0x1f and 0x7f are controls. */
#define CONTROLS [0 ... 0x1f] = true, [0x7f] = true

static bool put_nothing(as_buf *b, int32_t cp, const void *arg)
{
    (void)b;
    (void)cp;
    (void)arg;
    return false;
}

void as_text_utf8(as_buf *b, as_str s)
{
    static const bool none[128];
    escaped(b, s, &(escape){none, put_nothing, NULL});
}

/* ---- JSON ---- */

static bool put_json(as_buf *b, int32_t cp, const void *arg)
{
    (void)arg;
    static const char names[] = "btn\vfr"; /* 8 to 13; 11 has no short form */
    if (cp == '"' || cp == '\\') {
        as_buf_addc(b, '\\');
        as_buf_addc(b, (char)cp);
    } else if (cp >= 8 && cp <= 13 && cp != 11) {
        as_buf_addc(b, '\\');
        as_buf_addc(b, names[cp - 8]);
    } else if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 || cp == 0x2029) {
        as_buf_addf(b, "\\u%04x", (unsigned)cp);
    } else {
        return false;
    }
    return true;
}

void as_json_str(as_buf *b, as_str s)
{
    static const bool special[128] = {CONTROLS, ['"'] = true, ['\\'] = true};
    as_buf_addc(b, '"');
    if (all_plain(s, '"', '\\')) {
        as_buf_add(b, s);
    } else {
        escaped(b, s, &(escape){special, put_json, NULL});
    }
    as_buf_addc(b, '"');
}

void as_json_str_or_null(as_buf *b, as_str s)
{
    if (s.len == 0) {
        as_buf_add(b, AS_STR("null"));
    } else {
        as_json_str(b, s);
    }
}

/* The shortest decimal that reads back as x. */
static void shortest(as_buf *b, double x)
{
    char text[40];
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, x);
        if (strtod(text, NULL) == x) {
            break;
        }
    }
    as_buf_add(b, as_str_from(text));
}

void as_json_num(as_buf *b, double x)
{
    if (!isfinite(x)) {
        as_buf_add(b, AS_STR("null"));
    } else if (x == floor(x) && fabs(x) < 1e15) {
        as_buf_addf(b, "%.0f", x == 0 ? 0.0 : x); /* no -0 */
    } else {
        shortest(b, x);
    }
}

/* ---- CSV ---- */

static bool put_csv(as_buf *b, int32_t cp, const void *arg)
{
    (void)arg;
    if (cp == '"') {
        as_buf_add(b, AS_STR("\"\""));
        return true;
    }
    if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0)) {
        as_buf_add(b, REPLACEMENT); /* would reach a terminal as a command */
        return true;
    }
    return false;
}

/* A spreadsheet takes these at the start of a cell for a formula; the last are the full-width
 * forms of = + - @. */
static bool formula(as_str s)
{
    if (s.len == 0) {
        return false;
    }
    switch (s.ptr[0]) {
    case '=':
    case '+':
    case '-':
    case '@':
    case '\t':
    case '\r':
        return true;
    case '\xef':
        return s.len >= 3 && s.ptr[1] == '\xbc' &&
               (s.ptr[2] == '\x9d' || s.ptr[2] == '\x8b' || s.ptr[2] == '\x8d' ||
                s.ptr[2] == '\xa0');
    default:
        return false;
    }
}

void as_csv_cell(as_buf *b, as_str s)
{
    static const bool special[128] = {
        [0 ... 8] = true, [11 ... 12] = true, [14 ... 31] = true, [0x7f] = true, ['"'] = true};
    if (all_plain(s, '"', ',') && !formula(s) &&
        (s.len == 0 || (s.ptr[0] != ' ' && s.ptr[s.len - 1] != ' '))) {
        as_buf_add(b, s);
        return;
    }
    static const bool asks[128] = {['"'] = true, [','] = true, ['\n'] = true, ['\r'] = true};
    bool quoted = s.len > 0 && (s.ptr[0] == ' ' || s.ptr[s.len - 1] == ' ');
    for (size_t i = 0; i < s.len && !quoted; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        quoted = c < 0x80 && asks[c];
    }
    if (quoted) {
        as_buf_addc(b, '"');
    }
    if (formula(s)) {
        as_buf_addc(b, '\'');
    }
    escaped(b, s, &(escape){special, put_csv, NULL});
    if (quoted) {
        as_buf_addc(b, '"');
    }
}

/* ---- terminal ---- */

/* Characters that show nothing, or turn the direction of what follows. */
static bool invisible(int32_t cp)
{
    return (cp >= 0x80 && cp < 0xa0) || cp == 0xad || cp == 0x61c ||
           (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) ||
           (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff || (cp >= 0xfff9 && cp <= 0xfffb) ||
           (cp >= 0xe0000 && cp <= 0xe007f);
}

static bool put_visible(as_buf *b, int32_t cp, const void *arg)
{
    bool prose = arg != NULL;
    if (cp == '\n' || cp == '\r' || cp == '\t') {
        as_buf_add(b, prose        ? AS_STR(" ")
                      : cp == '\n' ? AS_STR("\\n")
                      : cp == '\r' ? AS_STR("\\r")
                                   : AS_STR("\\t"));
    } else if (cp < 0x20 || cp == 0x7f) {
        as_buf_addf(b, "\\x%02x", (unsigned)cp);
    } else if (invisible(cp)) {
        as_buf_addf(b, "\\u{%04x}", (unsigned)cp);
    } else {
        return false;
    }
    return true;
}

void as_text_visible(as_buf *b, as_str s, bool prose)
{
    static const bool special[128] = {CONTROLS};
    if (all_plain(s, 0, 0)) {
        as_buf_add(b, s);
        return;
    }
    escaped(b, s, &(escape){special, put_visible, prose ? "" : NULL});
}

/* ---- markup ---- */

static bool put_html(as_buf *b, int32_t cp, const void *arg)
{
    (void)arg;
    static const char from[] = "&<>\"'";
    static const char *const to[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    const char *at = cp > 0 && cp < 0x80 ? strchr(from, (int)cp) : NULL;
    if (at) {
        as_buf_add(b, as_str_from(to[at - from]));
        return true;
    }
    if ((cp < 0x20 && cp != '\t' && cp != '\n' && cp != '\r') || (cp >= 0x7f && cp < 0xa0) ||
        cp == 0xfffe || cp == 0xffff) {
        as_buf_add(b, REPLACEMENT); /* no XML document may hold it, in no form */
        return true;
    }
    return false;
}

void as_text_html(as_buf *b, as_str s)
{
    static const bool special[128] = {
        CONTROLS, ['&'] = true, ['<'] = true, ['>'] = true, ['"'] = true, ['\''] = true};
    escaped(b, s, &(escape){special, put_html, NULL});
}

static bool put_markdown(as_buf *b, int32_t cp, const void *arg)
{
    (void)arg;
    if (cp == '<' || cp == '>' || cp == '&') {
        return put_html(b, cp, NULL);
    }
    if (cp >= 0x20 && cp < 0x7f) {
        as_buf_addc(b, '\\');
        as_buf_addc(b, (char)cp);
        return true;
    }
    return put_visible(b, cp, "");
}

void as_text_markdown(as_buf *b, as_str s)
{
    static const bool special[128] = {
        CONTROLS,     ['\\'] = true, ['`'] = true, ['*'] = true, ['_'] = true, ['{'] = true,
        ['}'] = true, ['['] = true,  [']'] = true, ['<'] = true, ['>'] = true, ['('] = true,
        [')'] = true, ['#'] = true,  ['+'] = true, ['!'] = true, ['|'] = true, ['~'] = true,
        ['&'] = true, ['@'] = true,  ['$'] = true};
    escaped(b, s, &(escape){special, put_markdown, NULL});
}

static bool put_github(as_buf *b, int32_t cp, const void *arg)
{
    bool property = arg != NULL;
    if (cp == '%' || cp == '\r' || cp == '\n' || (property && (cp == ':' || cp == ','))) {
        as_buf_addf(b, "%%%02X", (unsigned)cp);
        return true;
    }
    return cp == ':' || cp == ',' ? false : put_visible(b, cp, "");
}

void as_text_github(as_buf *b, as_str s, bool property)
{
    static const bool special[128] = {CONTROLS, ['%'] = true, [':'] = true, [','] = true};
    escaped(b, s, &(escape){special, put_github, property ? "" : NULL});
}

/* ---- numbers and widths ---- */

#define MINUS AS_STR("\xe2\x88\x92")

void as_text_number(as_buf *b, double x)
{
    if (!isfinite(x)) {
        as_buf_add(b, AS_STR("unknown"));
        return;
    }
    if (x < 0) {
        as_buf_add(b, MINUS);
        x = -x;
    }
    if (x >= 9e15 || (x != floor(x) && x < 1e-4)) {
        shortest(b, x);
        return;
    }
    double whole = floor(x);
    as_text_thousands(b, (int64_t)whole);
    if (x != whole) {
        as_buf digits =
            AS_BUF(64); /* "0.25" of the shortest form of the whole number: "12.25" */
        shortest(&digits, x);
        as_str s = as_buf_str(&digits);
        size_t dot = as_str_find(s, AS_STR("."));
        as_buf_add(b, dot == (size_t)-1 ? AS_NONE : as_str_sub(s, dot, s.len));
        as_buf_free(&digits);
    }
}

/* With so many decimals that the two differ, 2 at least: 71.43 → 83.33. */
static double rounded(double x, const as_doc_move *m)
{
    double scale = 100;
    while (scale < 1e9 && round(m->from * scale) == round(m->to * scale)) {
        scale *= 10;
    }
    return fabs(x) < 1e9 ? round(x * scale) / scale : x;
}

void as_text_move(as_buf *b, const as_doc_move *m)
{
    as_text_utf8(b, m->title.len ? m->title : m->measure);
    if (m->group.len) {
        as_buf_add(b, AS_STR(", "));
        as_text_utf8(b, m->group);
    }
    as_buf_add(b, AS_STR(": "));
    as_text_number(b, rounded(m->from, m));
    as_buf_add(b, AS_STR(" \xe2\x86\x92 "));
    as_text_number(b, rounded(m->to, m));
}

static size_t columns_of(int32_t cp)
{
    if (cp >= 0x20 && cp < 0x7f) {
        return 1;
    }
    int w = cp < 0 ? 1 : utf8proc_charwidth(cp);
    return w > 0 ? (size_t)w : 0;
}

size_t as_text_width(as_str s)
{
    size_t width = 0, len;
    for (size_t at = 0; at < s.len; at += len) {
        int32_t cp = character(s, at, &len);
        width += columns_of(cp);
    }
    return width;
}

as_str as_text_line(as_str s, size_t width, as_str *rest)
{
    size_t used = 0, at = 0, len, blank = 0;
    bool found = false;
    for (; at < s.len; at += len) {
        int32_t cp = character(s, at, &len);
        if (cp == ' ' && at > 0) {
            blank = at; /* the line may end here, whether or not the blank itself fits */
            found = true;
        }
        used += columns_of(cp);
        if (used > width && at > 0) {
            break;
        }
    }
    if (at >= s.len) {
        *rest = AS_STR("");
        return s;
    }
    size_t end = found ? blank : at, next = end;
    while (end > 0 && s.ptr[end - 1] == ' ') {
        end--;
    }
    while (next < s.len && s.ptr[next] == ' ') {
        next++;
    }
    *rest = as_str_sub(s, next, s.len);
    return as_str_sub(s, 0, end);
}
