/* records.c: the plain record reader. Called for headers, ranges, wide tables and as the
 * yardstick of the fast path: as_records_open, as_records_next until *more is false,
 * as_records_close. */
#include "input/records.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "input/file.h"

void as_records_open(as_records *r, as_str text, size_t at, char delimiter, const char *path)
{
    *r = (as_records){.text = text,
                      .at = at,
                      .delimiter = delimiter,
                      .path = path,
                      .next_line = 1,
                      .next_row = 1};
}

void as_records_close(as_records *r)
{
    as_free(r->cells);
    r->cells = NULL;
}

/* ---- errors ---- */

as_code as_csv_fail_nul(const char *path, as_str text, size_t at, as_err *e)
{
    return as_fail(
        e, AS_EINPUT, as_place(path, text, at),
        "a NUL byte (0x00) stands here: the file is damaged or is not text; export it "
        "again as CSV, or write encoding: utf-16 if it is that");
}

as_code as_csv_fail_open_quote(const char *path, as_str text, size_t at, as_err *e)
{
    return as_fail(
        e, AS_EINPUT, as_place(path, text, at),
        "the quote that opens here is never closed: the file is cut short, or a quote "
        "inside a cell is not doubled");
}

as_code as_csv_fail_after_quote(const char *path, as_str text, size_t at, as_err *e)
{
    return as_fail(e, AS_EINPUT, as_place(path, text, at),
                   "text follows a closing quote: a quote inside a quoted cell must be doubled "
                   "(\"\"), and nothing may stand between the closing quote and the delimiter");
}

as_code as_csv_fail_field_max(const char *path, as_str text, size_t at, as_err *e)
{
    return as_fail(
        e, AS_EBUDGET, as_place(path, text, at),
        "the cell that begins here is longer than %zu MiB (AS_FIELD_MAX): a quote may "
        "be missing its partner, or the file is not CSV",
        AS_FIELD_MAX / AS_MIB);
}

as_code as_csv_fail_record_max(const char *path, uint32_t line, as_err *e)
{
    return as_fail(
        e, AS_EBUDGET, (as_span){path, line, 0},
        "the record that begins here is longer than %zu MiB (AS_RECORD_MAX): the file "
        "has no line ends that CSV knows, or is not CSV",
        AS_RECORD_MAX / AS_MIB);
}

/* ---- cells ---- */

size_t as_csv_quote_end(as_str text, size_t at, bool *doubled, uint32_t *lines)
{
    for (; at < text.len; at++) {
        char c = text.ptr[at];
        bool next_is = at + 1 < text.len && text.ptr[at + 1] == (c == '\r' ? '\n' : c);
        if (c == '"' && !next_is)
            return at;
        if (c == '"') {
            *doubled = true;
            at++;
        } else if (c == '\n' || (c == '\r' && !next_is)) {
            (*lines)++;
        }
    }
    return text.len;
}

as_str as_csv_text(const as_csv_cell *c, as_arena *a)
{
    if (!c->doubled)
        return c->raw;
    char *out = as_arena_alloc(a, c->raw.len);
    size_t n = 0;
    for (size_t i = 0; out && i < c->raw.len; i++) {
        out[n++] = c->raw.ptr[i];
        if (c->raw.ptr[i] == '"')
            i++;
    }
    return (as_str){out, n};
}

static as_code keep(as_records *r, as_csv_cell cell, as_err *e)
{
    r->count++;
    if (cell.raw.len > AS_FIELD_MAX)
        return as_csv_fail_field_max(r->path, r->text, (size_t)(cell.raw.ptr - r->text.ptr), e);
    if (r->at - r->begin > AS_RECORD_MAX)
        return as_csv_fail_record_max(r->path, r->line, e);
    if (as_str_trim(cell.raw).len > 0)
        r->filled = r->count;
    if (r->kept == AS_COLUMNS_MAX)
        return AS_OK;
    if (r->kept == r->size) {
        size_t size = r->size ? r->size * 2 : 32;
        as_csv_cell *more = as_realloc(r->cells, size * sizeof *more);
        if (!more)
            return as_fail_nomem(e);
        r->cells = more;
        r->size = size;
    }
    r->cells[r->kept++] = cell;
    return AS_OK;
}

static as_code read_quoted(as_records *r, as_err *e)
{
    as_csv_cell cell = {.doubled = false};
    size_t open = r->at,
           close = as_csv_quote_end(r->text, open + 1, &cell.doubled, &r->next_line);
    cell.raw = as_str_sub(r->text, open + 1, close - open - 1);
    const char *nul = cell.raw.len ? memchr(cell.raw.ptr, 0, cell.raw.len) : NULL;
    if (nul)
        return as_csv_fail_nul(r->path, r->text, (size_t)(nul - r->text.ptr), e);
    if (close == r->text.len)
        return as_csv_fail_open_quote(r->path, r->text, open, e);
    r->at = close + 1;
    char after = r->at < r->text.len ? r->text.ptr[r->at] : '\n';
    if (after != r->delimiter && after != '\n' && after != '\r')
        return as_csv_fail_after_quote(r->path, r->text, r->at, e);
    return keep(r, cell, e);
}

static as_code read_plain(as_records *r, as_err *e)
{
    size_t begin = r->at;
    for (; r->at < r->text.len; r->at++) {
        char c = r->text.ptr[r->at];
        if (c == r->delimiter || c == '\n' || c == '\r')
            break;
        if (c == 0)
            return as_csv_fail_nul(r->path, r->text, r->at, e);
    }
    return keep(r, (as_csv_cell){.raw = as_str_sub(r->text, begin, r->at - begin)}, e);
}

as_code as_records_next(as_records *r, bool *more, as_err *e)
{
    *more = r->at < r->text.len;
    if (!*more)
        return AS_OK;
    r->begin = r->at;
    r->line = r->next_line++;
    r->row = r->next_row++;
    r->kept = 0;
    r->count = r->filled = 0;
    for (;;) {
        bool quoted = r->at < r->text.len && r->text.ptr[r->at] == '"';
        as_code code = quoted ? read_quoted(r, e) : read_plain(r, e);
        if (code != AS_OK)
            return code;
        if (r->at == r->text.len)
            return AS_OK;
        char end = r->text.ptr[r->at++];
        if (end == r->delimiter)
            continue;
        if (end == '\r' && r->at < r->text.len && r->text.ptr[r->at] == '\n')
            r->at++;
        return AS_OK;
    }
}
