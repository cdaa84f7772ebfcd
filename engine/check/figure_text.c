/* figure_text.c: see figure_text.h. One pass over the document; the folded text is never longer
 * than the document is. */
#include "check/figure_text.h"

#include <string.h>

#define MARK_EVERY 4096 /* bytes of the document */
#define MARKUP_MAX                                                                             \
    4096 /* bytes of one reference, bookmark, link or comment; longer is text                  \
          */

typedef struct as_figure_mark {
    uint32_t line, column;
} mark;

typedef struct folder {
    as_str in;
    char *out;
    uint32_t *from; /* NULL for a quote */
    uint32_t *lines;
    size_t len, line_count;
    uint64_t markup;
    bool blank;      /* white space that is not written yet */
    bool keep_blank; /* also at the beginning and the end */
    size_t blank_from;
    size_t no_bracket, no_paren; /* up to here no ] and no ) is found: find_in_line */
    size_t link_end, link_next;  /* the ] of a link whose text is being read, what follows it */
} folder;

static char byte_at(as_str s, size_t i)
{
    return i < s.len ? s.ptr[i] : 0;
}

static bool is_word(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           ((unsigned char)c & 0x80);
}

static void put(folder *f, char c, size_t from)
{
    if (f->blank && (f->len || f->keep_blank)) {
        f->out[f->len] = ' ';
        if (f->from)
            f->from[f->len] = (uint32_t)f->blank_from;
        f->len++;
    }
    f->blank = false;
    f->out[f->len] = c;
    if (f->from)
        f->from[f->len] = (uint32_t)from;
    f->len++;
}

/* ---- characters ---- */

/* How many bytes at i are white space (also U+0085, U+00A0, U+1680, U+2000 to U+200A, U+2028,
 * U+2029, U+202F, U+205F, U+3000); 0: none. */
static size_t white_space(as_str s, size_t i)
{
    static const as_str wide[] = {{"\xc2\x85", 2},     {"\xc2\xa0", 2},     {"\xe1\x9a\x80", 3},
                                  {"\xe2\x80\xa8", 3}, {"\xe2\x80\xa9", 3}, {"\xe2\x80\xaf", 3},
                                  {"\xe2\x81\x9f", 3}, {"\xe3\x80\x80", 3}};
    char c = s.ptr[i];
    if (c == ' ' || (c >= '\t' && c <= '\r'))
        return 1;
    if (!((unsigned char)c & 0x80))
        return 0;
    as_str rest = as_str_sub(s, i, 3);
    if (as_str_starts(rest, AS_STR("\xe2\x80")) && rest.len == 3 &&
        (unsigned char)rest.ptr[2] >= 0x80 && (unsigned char)rest.ptr[2] <= 0x8a)
        return 3;
    for (size_t k = 0; k < sizeof wide / sizeof *wide; k++)
        if (as_str_starts(rest, wide[k]))
            return wide[k].len;
    return 0;
}

/* Typographic characters and what they are folded to; 0: nothing at all. */
static const struct {
    as_str text;
    char plain;
} typographic[] = {
    {{"\xe2\x80\x98", 3}, '\''}, {{"\xe2\x80\x99", 3}, '\''}, {{"\xe2\x80\x9a", 3}, '\''},
    {{"\xe2\x80\x9b", 3}, '\''}, {{"\xe2\x80\xb2", 3}, '\''}, {{"\xc2\xb4", 2}, '\''},
    {{"\xca\xbc", 2}, '\''},     {{"\xe2\x80\x9c", 3}, '"'},  {{"\xe2\x80\x9d", 3}, '"'},
    {{"\xe2\x80\x9e", 3}, '"'},  {{"\xe2\x80\x9f", 3}, '"'},  {{"\xe2\x80\xb3", 3}, '"'},
    {{"\xc2\xab", 2}, '"'},      {{"\xc2\xbb", 2}, '"'},      {{"\xe2\x80\x90", 3}, '-'},
    {{"\xe2\x80\x91", 3}, '-'},  {{"\xe2\x80\x92", 3}, '-'},  {{"\xe2\x80\x93", 3}, '-'},
    {{"\xe2\x80\x94", 3}, '-'},  {{"\xe2\x80\x95", 3}, '-'},  {{"\xe2\x88\x92", 3}, '-'},
    {{"\xc2\xad", 2}, 0},        {{"\xe2\x80\x8b", 3}, 0},    {{"\xe2\x80\x8c", 3}, 0},
    {{"\xe2\x80\x8d", 3}, 0},    {{"\xe2\x81\xa0", 3}, 0},    {{"\xef\xbb\xbf", 3}, 0},
};

/* One character at i, folded; returns its bytes. */
static size_t fold_character(folder *f, size_t i)
{
    as_str rest = as_str_sub(f->in, i, 3);
    for (size_t k = 0;
         (unsigned char)rest.ptr[0] & 0x80 && k < sizeof typographic / sizeof *typographic;
         k++) {
        if (!as_str_starts(rest, typographic[k].text))
            continue;
        if (typographic[k].plain)
            put(f, typographic[k].plain, i);
        return typographic[k].text.len;
    }
    put(f, f->in.ptr[i], i);
    return 1;
}

/* ---- what is no text ---- */

/* The next `c` on this line; 0: none, or too far. *none is up to where the last look found
 * none: looks that begin further on need not see that again. */
static size_t find_in_line(as_str s, size_t i, char c, size_t *none)
{
    size_t end = s.len - i > MARKUP_MAX ? i + MARKUP_MAX : s.len;
    for (i = *none > i ? *none : i; i < end && s.ptr[i] != '\n' && s.ptr[i] != '\r'; i++)
        if (s.ptr[i] == c)
            return i;
    *none = i;
    return 0;
}

/* A footnote reference or its Markdown form, "[footnoteRef:3]", "[^3]", or the "[^3]:" of its
 * text: bytes; 0: none. */
static size_t reference(folder *f, size_t i)
{
    as_str rest = as_str_sub(f->in, i, f->in.len);
    if (!as_str_starts(rest, AS_STR("[footnoteRef:")) &&
        !as_str_starts(rest, AS_STR("[endnoteRef:")) && !as_str_starts(rest, AS_STR("[^")))
        return 0;
    size_t close = find_in_line(f->in, i, ']', &f->no_bracket);
    bool defined = close && (i == 0 || f->in.ptr[i - 1] == '\n') &&
                   byte_at(f->in, i + 1) == '^' && byte_at(f->in, close + 1) == ':';
    return close ? close + 1 + defined - i : 0;
}

/* References one after the other, with the commas and blanks between them. */
static size_t references(folder *f, size_t i)
{
    size_t end = i, next = i;
    for (size_t n = reference(f, next); n; n = reference(f, next)) {
        next = end = next + n;
        while (byte_at(f->in, next) == ',' || byte_at(f->in, next) == ' ')
            next++;
    }
    return end - i;
}

static size_t bracketed(folder *f, size_t i)
{
    as_str rest = as_str_sub(f->in, i, f->in.len);
    if (!as_str_starts(rest, AS_STR("[bookmark:")) && !as_str_starts(rest, AS_STR("[image:")))
        return references(f, i);
    size_t close = find_in_line(f->in, i, ']', &f->no_bracket);
    return close ? close + 1 - i : 0;
}

static size_t comment(as_str s, size_t i)
{
    as_str rest = as_str_sub(s, i, MARKUP_MAX);
    if (!as_str_starts(rest, AS_STR("<!--")))
        return 0;
    size_t end = as_str_find(rest, AS_STR("-->"));
    return end == (size_t)-1 ? 0 : end + 3;
}

/* "[text](target)": the bracket goes, the text stays, the target goes when it is reached. */
static size_t link_begins(folder *f, size_t i)
{
    size_t text = i + (f->in.ptr[i] == '!'); /* a picture */
    if (byte_at(f->in, text) != '[' || i < f->link_next)
        return 0;
    size_t close = find_in_line(f->in, text, ']', &f->no_bracket);
    if (!close || byte_at(f->in, close + 1) != '(')
        return 0;
    size_t end = find_in_line(f->in, close + 1, ')', &f->no_paren);
    if (!end)
        return 0;
    f->link_end = close;
    f->link_next = end + 1;
    return text + 1 - i;
}

static size_t emphasis(const folder *f, size_t i)
{
    char c = f->in.ptr[i];
    char before = i ? f->in.ptr[i - 1] : ' ';
    if (c == '*' || c == '`')
        return 1;
    return c == '_' && !(is_word(before) && is_word(byte_at(f->in, i + 1)));
}

/* Bytes at i that are no text; 0: text. */
static size_t markup_at(folder *f, size_t i)
{
    size_t n = 0;
    switch (f->in.ptr[i]) {
    case '[':
        n = bracketed(f, i);
        return n ? n : link_begins(f, i);
    case '!':
        return link_begins(f, i);
    case ']':
        return f->link_next && i == f->link_end ? f->link_next - i : 0;
    case '<':
        return comment(f->in, i);
    case '*':
    case '`':
    case '_':
        return emphasis(f, i);
    default:
        return 0;
    }
}

static uint64_t count_numbers(as_str s)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        bool digit = s.ptr[i] >= '0' && s.ptr[i] <= '9';
        n += digit && !(i && s.ptr[i - 1] >= '0' && s.ptr[i - 1] <= '9');
    }
    return n;
}

/* ---- the whole ---- */

static void fold(folder *f)
{
    size_t i = 0, n;
    while (i < f->in.len) {
        if ((n = white_space(f->in, i)) != 0) {
            if (!f->blank)
                f->blank_from = i;
            f->blank = true;
            if (f->lines && f->in.ptr[i] == '\n')
                f->lines[f->line_count++] = (uint32_t)f->len;
        } else if ((n = markup_at(f, i)) != 0) {
            f->markup += count_numbers(as_str_sub(f->in, i, n));
        } else {
            n = fold_character(f, i);
        }
        i += n;
    }
    if (f->blank && f->keep_blank) {
        f->blank = false;
        put(f, ' ', f->blank_from);
    }
}

as_str as_figure_fold(as_str piece, as_arena *a)
{
    folder f = {.in = piece, .out = as_arena_alloc(a, piece.len + 2), .keep_blank = true};
    if (!f.out)
        return AS_NONE;
    fold(&f);
    f.out[f.len] = '\0';
    return (as_str){f.out, f.len};
}

static void set_marks(mark *marks, as_str s)
{
    uint32_t line = 1, column = 1;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bool crlf = c == '\r' && byte_at(s, i + 1) == '\n';
        if (i % MARK_EVERY == 0)
            marks[i / MARK_EVERY] = (mark){line, column};
        if (c == '\n' || (c == '\r' && !crlf)) {
            line++;
            column = 1;
        } else if (((unsigned char)c & 0xc0) != 0x80) {
            column++;
        }
    }
    if (s.len % MARK_EVERY == 0)
        marks[s.len / MARK_EVERY] = (mark){line, column};
}

static size_t count_newlines(as_str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += s.ptr[i] == '\n';
    return n;
}

as_code as_figure_text_make(as_figure_text *out, const as_document *d, as_arena *a, as_err *e)
{
    folder f = {.in = d->text,
                .out = as_arena_alloc(a, d->text.len + 2),
                .from = as_arena_alloc(a, (d->text.len + 2) * sizeof(uint32_t)),
                .lines = AS_NEW_N(a, uint32_t, count_newlines(d->text) + 2),
                .line_count = 1};
    mark *marks = AS_NEW_N(a, mark, d->text.len / MARK_EVERY + 1);
    if (!f.out || !f.from || !f.lines || !marks)
        return as_fail_nomem(e);
    fold(&f);
    f.out[f.len] = '\0';
    f.from[f.len] = (uint32_t)d->text.len;
    set_marks(marks, d->text);
    *out = (as_figure_text){.text = {f.out, f.len},
                            .from = f.from,
                            .lines = f.lines,
                            .line_count = f.line_count,
                            .markup = f.markup,
                            .document = d,
                            .marks = marks};
    return AS_OK;
}

void as_figure_place(const as_figure_text *t, size_t at, uint32_t *line, uint32_t *column)
{
    as_str s = t->document->text;
    size_t to = t->from[at < t->text.len ? at : t->text.len];
    mark m = t->marks[to / MARK_EVERY];
    for (size_t i = to / MARK_EVERY * MARK_EVERY; i < to; i++) {
        char c = s.ptr[i];
        bool crlf = c == '\r' && byte_at(s, i + 1) == '\n';
        if (c == '\n' || (c == '\r' && !crlf))
            m = (mark){m.line + 1, 1};
        else if (((unsigned char)c & 0xc0) != 0x80)
            m.column++;
    }
    *line = m.line;
    *column = m.column;
}
