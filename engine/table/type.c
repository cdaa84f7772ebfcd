/* type.c: what the text of a cell means. One function for all readers, so that a record means
 * the same from CSV, from a spreadsheet and in a rule's own test. */
#include "table/table.h"

#include "base/text.h"

static bool same_token(as_str text, as_str token, as_buf *tmp)
{
    if (as_str_eq(text, token))
        return true;
    bool ascii = true, same = text.len == token.len;
    for (size_t i = 0; i < token.len; i++)
        ascii = ascii && (unsigned char)token.ptr[i] < 0x80;
    for (size_t i = 0; same && i < token.len; i++) {
        char a = text.ptr[i], b = token.ptr[i];
        same = a == b || ((a ^ b) == 32 && (a | 32) >= 'a' && (a | 32) <= 'z');
    }
    if (same || ascii || text.len > 4 * token.len)
        return same;
    size_t start = tmp->len;
    as_text_fold(tmp, text);
    size_t middle = tmp->len;
    as_text_fold(tmp, token);
    if (!tmp->failed)
        same = as_str_eq((as_str){tmp->ptr + start, middle - start},
                         (as_str){tmp->ptr + middle, tmp->len - middle});
    return same;
}

/* `failed` as in as_buf: no memory to fold with. */
static bool is_null(const as_schema *s, const as_field *f, as_str text, bool *failed)
{
    if (text.len == 0)
        return true;
    const as_str *nulls = f->nulls ? f->nulls : s->nulls;
    size_t count = f->nulls ? f->null_count : s->null_count;
    bool found = false;
    as_buf tmp = AS_BUF(AS_FIELD_MAX);
    for (size_t i = 0; i < count && !found; i++)
        found = same_token(text, as_str_trim(nulls[i]), &tmp);
    *failed = *failed || tmp.failed;
    as_buf_free(&tmp);
    return found;
}

/* The text without what `strip` matches, in tmp. False: the pattern ran into its limit. */
static bool strip_text(const as_regex *strip, as_str text, as_buf *tmp)
{
    size_t done = 0, from = 0;
    while (from <= text.len) {
        size_t begin, end;
        as_match m = as_regex_find_from(strip, text, from, &begin, &end);
        if (m == AS_MATCH_LIMIT)
            return false;
        if (m == AS_MATCH_NO)
            break;
        if (begin > done)
            as_buf_add(tmp, as_str_sub(text, done, begin - done));
        if (end > done)
            done = end;
        /* An empty match removes nothing; look on from the next character. */
        from = end > from ? end : from + 1;
        while (from < text.len && ((unsigned char)text.ptr[from] & 0xC0) == 0x80)
            from++;
    }
    as_buf_add(tmp, as_str_sub(text, done, text.len - done));
    return true;
}

/* Digits without separators, and where the point was. */
typedef struct digits {
    char text[512];
    size_t len, whole; /* whole: length before the point (sign and digits) */
} digits;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The digits before the point, from `at`; each separator stands before exactly three of them.
 */
static size_t scan_whole(as_str s, size_t at, char separator, digits *d)
{
    size_t group = 0;
    bool grouped = false;
    for (; at < s.len && d->len < sizeof d->text; at++) {
        char c = s.ptr[at];
        if (is_digit(c)) {
            d->text[d->len++] = c;
            group++;
        } else if (c == separator && separator && group >= 1 &&
                   (grouped ? group == 3 : group <= 3)) {
            grouped = true;
            group = 0;
        } else {
            break;
        }
    }
    return grouped && group != 3 ? SIZE_MAX : at;
}

static bool scan_number(as_str s, char separator, digits *d)
{
    size_t at = 0;
    d->len = 0;
    if (s.ptr[0] == '-' || s.ptr[0] == '+')
        d->text[d->len++] = s.ptr[at++];
    size_t first = at;
    at = scan_whole(s, at, separator, d);
    if (at == SIZE_MAX)
        return false;
    d->whole = d->len;
    if (at == s.len)
        return at > first && d->len < sizeof d->text;
    if (s.ptr[at] != '.' || at + 1 == s.len)
        return false;
    for (; at < s.len && d->len < sizeof d->text; at++) {
        if (!is_digit(s.ptr[at]) && d->len > d->whole)
            return false;
        d->text[d->len++] = s.ptr[at];
    }
    return at == s.len && d->len < sizeof d->text;
}

static as_cell_kind type_integer(const as_field *f, as_str text, as_typed *out)
{
    digits d;
    if (!scan_number(text, f->thousands, &d))
        return AS_CELL_BAD;
    for (size_t i = d.whole + 1; i < d.len; i++)
        if (d.text[i] != '0')
            return AS_CELL_BAD;
    if (!as_str_to_i64((as_str){d.text, d.whole}, &out->i) || out->i == AS_INT_NULL)
        return AS_CELL_BAD;
    out->f = (double)out->i;
    return AS_CELL_VALUE;
}

static as_cell_kind type_number(const as_field *f, as_str text, as_typed *out)
{
    digits d;
    if (!scan_number(text, f->thousands, &d) ||
        !as_str_to_f64((as_str){d.text, d.len}, false, &out->f))
        return AS_CELL_BAD;
    out->f += 0.0; /* -0 is 0 */
    return AS_CELL_VALUE;
}

static as_cell_kind type_date(const as_field *f, as_str text, as_typed *out)
{
    static const as_str usual[] = {{"%d/%m/%Y", 8}, {"%Y-%m-%d", 8}};
    const as_str *formats = f->format_count ? f->formats : usual;
    size_t count = f->format_count ? f->format_count : 2;
    for (size_t i = 0; i < count; i++) {
        out->d = as_date_parse(text, formats[i]);
        if (out->d != AS_DATE_NULL)
            return AS_CELL_VALUE;
    }
    return AS_CELL_BAD;
}

static as_cell_kind type_code(const as_field *f, as_str text, as_typed *out, as_buf *tmp)
{
    as_code_status status = AS_CODE_EXACT;
    const as_code_entry *entry = NULL;
    as_buf own = AS_BUF(tmp->cap); /* stripped text lies in tmp, which must not move then */
    as_buf *folded = f->strip ? &own : tmp;
    if (f->list)
        entry = as_code_list_find_in(f->list, text, &status, folded);
    tmp->failed = tmp->failed || folded->failed;
    as_buf_free(&own);
    out->text = entry ? entry->code : text;
    out->status = (uint8_t)status;
    return AS_CELL_VALUE;
}

as_cell_kind as_cell_type(const as_schema *s, const as_field *f, as_str raw, as_typed *out,
                          as_buf *tmp)
{
    *out = (as_typed){.text = AS_NONE, .i = AS_INT_NULL, .d = AS_DATE_NULL};
    as_buf_clear(tmp);
    as_str whole = raw, text;
    if (f->strip) {
        if (!strip_text(f->strip, as_str_trim(raw), tmp))
            return AS_CELL_BAD;
        whole = as_buf_str(tmp);
    }
    text = as_str_trim(whole);
    if (is_null(s, f, text, &tmp->failed))
        return AS_CELL_NULL;
    switch (f->type) {
    case AS_TYPE_INTEGER:
        return type_integer(f, text, out);
    case AS_TYPE_NUMBER:
        return type_number(f, text, out);
    case AS_TYPE_DATE:
        return type_date(f, text, out);
    case AS_TYPE_CODE:
        return type_code(f, text, out, tmp);
    case AS_TYPE_TEXT:
        break;
    }
    out->text = f->trim ? text : whole;
    return AS_CELL_VALUE;
}
