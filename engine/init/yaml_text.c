/* yaml_text.c: quoting. What files hold is hostile: quotes, colons, line ends, control
 * characters. */
#include "init/yaml_text.h"

#include <stdio.h>
#include <strings.h>

/* The next code point and its length; a byte that is not UTF-8 counts as one character. */
static uint32_t next_point(as_str s, size_t at, size_t *len)
{
    const unsigned char *p = (const unsigned char *)s.ptr + at;
    size_t left = s.len - at, n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    *len = 1;
    if (n == 1 || n > left || p[0] < 0xc2)
        return p[0];
    uint32_t c = p[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return p[0];
        c = c << 6 | (p[i] & 0x3f);
    }
    *len = n;
    return c;
}

/* Is it shown as it is, in a file and on a terminal? Not: controls, line and paragraph
 * separators, marks that turn the direction of text, byte order marks, what is no character. */
static bool printable(uint32_t c)
{
    if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad)
        return false;
    if ((c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
        (c >= 0x2060 && c <= 0x206f))
        return false;
    return c != 0xfeff && (c & 0xfffe) != 0xfffe && (c < 0xfdd0 || c > 0xfdef) &&
           (c < 0xd800 || c > 0xf8ff);
}

static void add_escape(as_buf *out, uint32_t c)
{
    switch (c) {
    case '\n':
        as_buf_add(out, AS_STR("\\n"));
        break;
    case '\r':
        as_buf_add(out, AS_STR("\\r"));
        break;
    case '\t':
        as_buf_add(out, AS_STR("\\t"));
        break;
    default:
        as_buf_addf(out,
                    c < 0x100     ? "\\x%02x"
                    : c < 0x10000 ? "\\u%04x"
                                  : "\\U%08x",
                    (unsigned)c);
    }
}

void as_yaml_quoted(as_buf *out, as_str s)
{
    as_buf_addc(out, '"');
    for (size_t at = 0, len; at < s.len; at += len) {
        uint32_t c = next_point(s, at, &len);
        if (c == '"' || c == '\\') {
            as_buf_addc(out, '\\');
            as_buf_addc(out, (char)c);
        } else if (!printable(c)) {
            add_escape(out, c);
        } else {
            as_buf_add(out, as_str_sub(s, at, len));
        }
    }
    as_buf_addc(out, '"');
}

static bool word_of_yaml(as_str s)
{
    static const char *const words[] = {"null",    "true", "false", "yes", "no",  "on",  "off",
                                        "present", "y",    "n",     "any", "all", "not", NULL};
    for (size_t i = 0; words[i]; i++)
        if (strlen(words[i]) == s.len && strncasecmp(words[i], s.ptr, s.len) == 0)
            return true;
    return false;
}

void as_yaml_scalar(as_buf *out, as_str s)
{
    bool plain = s.len > 0 && s.len <= 100 && !word_of_yaml(s) && s.ptr[s.len - 1] != ' ';
    for (size_t i = 0; plain && i < s.len; i++) {
        char c = s.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool digit = c >= '0' && c <= '9';
        plain = letter || digit || (i > 0 && c && strchr(" -./'()+", c));
    }
    if (plain)
        as_buf_add(out, s);
    else
        as_yaml_quoted(out, s);
}

void as_yaml_shown(as_buf *out, as_str s, size_t most)
{
    bool blank = false;
    size_t shown = 0;
    s = as_str_trim(s);
    for (size_t at = 0, len; at < s.len; at += len) {
        uint32_t c = next_point(s, at, &len);
        if (!printable(c) || (len == 1 && c >= 0x80) || c == ' ' || c == 0xa0) {
            blank = true;
            continue;
        }
        if (shown >= most) {
            as_buf_add(out, AS_STR("…"));
            return;
        }
        if (blank && shown)
            as_buf_addc(out, ' ');
        blank = false;
        as_buf_add(out, as_str_sub(s, at, len));
        shown++;
    }
}
