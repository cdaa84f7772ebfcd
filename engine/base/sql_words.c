/* sql_words.c: see sql_words.h. */
#include "base/sql_words.h"

static bool word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || (unsigned char)c >= 0x80;
}

/* Offset after the sign `end` that closes what began at `at`; a doubled sign does not close. */
static size_t after(as_str s, size_t at, char end)
{
    for (at++; at < s.len; at++) {
        if (s.ptr[at] != end)
            continue;
        if (end == ']' || at + 1 == s.len || s.ptr[at + 1] != end)
            return at + 1;
        at++;
    }
    return s.len;
}

/* Offset after a comment at `at`; `at` where there is none. */
static size_t after_comment(as_str s, size_t at)
{
    as_str here = as_str_sub(s, at, 2);
    const char *close = as_str_eq(here, AS_STR("--"))   ? "\n"
                        : as_str_eq(here, AS_STR("/*")) ? "*/"
                                                        : NULL;
    if (!close)
        return at;
    size_t end = as_str_find(as_str_sub(s, at + 2, s.len), as_str_from(close));
    return end == (size_t)-1 ? s.len : at + 2 + end + strlen(close);
}

static char closing(char c)
{
    return c == '"' || c == '`' ? c : c == '[' ? ']' : (char)0;
}

bool as_sql_word_next(as_str *rest, as_sql_word *out)
{
    as_str s = *rest;
    size_t at = 0;
    *out = (as_sql_word){AS_NONE, false, 0};
    while (at < s.len) {
        size_t end = after_comment(s, at);
        char c = s.ptr[at];
        if (end == at && c == '\'') {
            end = after(s, at, c);
            out->mark = c;
        } else if (end == at && closing(c)) {
            end = after(s, at, closing(c));
            out->quoted = true;
            out->text = as_str_sub(s, at + 1, end - at >= 2 ? end - at - 2 : 0);
        } else if (end == at && word_char(c)) {
            while (end < s.len && word_char(s.ptr[end]))
                end++;
            out->text = as_str_sub(s, at, end - at);
        } else if (end == at) {
            end++;
            if (c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f')
                out->mark = c;
        }
        at = end;
        if (out->text.ptr) {
            *rest = as_str_sub(s, at, s.len);
            return true;
        }
    }
    *rest = AS_STR("");
    return false;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool as_sql_word_is(as_str word, as_str name)
{
    if (word.len != name.len)
        return false;
    for (size_t i = 0; i < word.len; i++)
        if (lower(word.ptr[i]) != lower(name.ptr[i]))
            return false;
    return true;
}

bool as_sql_words_from(as_str query, as_str table)
{
    as_sql_word w;
    bool opens = false; /* the word before is FROM or JOIN */
    while (as_sql_word_next(&query, &w)) {
        bool here = (opens && !w.mark) || w.mark == ',' || w.mark == '(';
        if (here && as_sql_word_is(w.text, table))
            return true;
        opens = !w.quoted && (as_sql_word_is(w.text, AS_STR("from")) ||
                              as_sql_word_is(w.text, AS_STR("join")));
    }
    return false;
}
