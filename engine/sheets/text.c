/* text.c: texts as spreadsheets can hold them. */
#include "base/text.h"
#include "base/limits.h"
#include "sheets/package.h"
#include <stdio.h>

#define REPLACEMENT AS_STR("\xef\xbf\xbd")
#define ELLIPSIS AS_STR("\xe2\x80\xa6")

enum { NAME_MAX = 31 };

/* Length of the character that starts s; 0: no valid character. */
static size_t valid_length(as_str s)
{
    unsigned char c = (unsigned char)s.ptr[0];
    size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
    return len <= s.len && as_text_utf8_valid(as_str_sub(s, 0, len)) == len ? len : 0;
}

/* No XML document may hold these, in no form; the C1 controls reach terminals. */
static bool forbidden(as_str c)
{
    unsigned char a = (unsigned char)c.ptr[0];
    if (c.len == 1) {
        return (a < 0x20 && a != '\t' && a != '\n') || a == 0x7f;
    }
    unsigned char b = (unsigned char)c.ptr[1];
    return (a == 0xc2 && b < 0xa0) ||
           (a == 0xef && b == 0xbf && (unsigned char)c.ptr[2] >= 0xbe);
}

void as_sheet_text(as_buf *out, as_str s, bool *cut)
{
    size_t units = 0, kept = out->len;
    *cut = false;
    while (s.len) {
        size_t len = valid_length(s);
        as_str c = as_str_sub(s, 0, len ? len : 1);
        s = as_str_sub(s, c.len, s.len);
        if (c.ptr[0] == '\r') { /* CRLF and CR are line ends like LF */
            if (s.len && s.ptr[0] == '\n') {
                continue;
            }
            c = AS_STR("\n");
        }
        units += c.len == 4 ? 2 : 1; /* as UTF-16, in which spreadsheets count */
        if (units > AS_SHEET_CELL_MAX) {
            *cut = true;
            out->len = kept;
            as_buf_add(out, ELLIPSIS);
            return;
        }
        as_buf_add(out, !len || forbidden(c) ? REPLACEMENT : c);
        kept = units <= AS_SHEET_CELL_MAX - 1 ? out->len : kept;
    }
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

int as_xlsx_escape(as_str s)
{
    int code = 0;
    if (s.len < AS_XLSX_ESCAPE || s.ptr[0] != '_' || s.ptr[1] != 'x' || s.ptr[6] != '_') {
        return -1;
    }
    for (int i = 2; i < 6; i++) {
        int digit = hex(s.ptr[i]);
        if (digit < 0) {
            return -1;
        }
        code = code * 16 + digit;
    }
    return code < 0x80 ? code : -1; /* others have no need of it */
}

size_t as_sheet_lines(as_str s, size_t width)
{
    size_t lines = 1, used = 0, word = 0;
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];
        if (c == '\n') {
            lines++;
            used = word = 0;
        } else if ((c & 0xc0) != 0x80) { /* not the rest of a character */
            used++;
            word = c == ' ' ? 0 : word + 1;
        }
        if (used > width && c != ' ') {
            lines++;
            used = word = word > width ? 1 : word;
        }
    }
    return lines;
}

as_str as_sheet_name(as_arena *a, as_str text, size_t number)
{
    char tail[24] = "";
    as_buf clean = AS_BUF(AS_SHEET_CELL_MAX * 4), name = AS_BUF(AS_KIB);
    bool cut;
    if (number > 1) {
        snprintf(tail, sizeof tail, " (%zu)", number);
    }
    as_sheet_text(&clean, text, &cut);
    size_t room = NAME_MAX - strlen(tail), used = 0;
    for (as_str s = as_buf_str(&clean); s.len && used < room;) {
        size_t len = valid_length(s);
        bool bad = len <= 1 && strchr("[]:*?/\\'\n\t", s.ptr[0]);
        used += len == 4 ? 2 : 1;
        if (used <= room) {
            as_buf_add(&name, bad ? AS_STR("-") : as_str_sub(s, 0, len ? len : 1));
        }
        s = as_str_sub(s, len ? len : 1, s.len);
    }
    as_buf_add(&name, as_str_from(tail));
    as_str out = name.failed || clean.failed ? AS_NONE : as_arena_str(a, as_buf_str(&name));
    as_buf_free(&clean);
    as_buf_free(&name);
    return out;
}
