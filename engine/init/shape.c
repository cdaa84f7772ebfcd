/* shape.c: find the header rows.
 *
 * A header is the first row that fills most of the columns with different texts, none of them a
 * value; banner rows above it fill a few cells. A table ends where its header is repeated, at a
 * blank row that is followed by other names or by a row of one cell (notes), and before rows of
 * one cell at the end. */
#include "init/shape.h"

#include "base/text.h"
#include "init/facts.h"

#define SEARCH AS_HEADER_SEARCH_ROWS
#define ENOUGH 0.6 /* of the columns that the fullest row fills */

/* A cell that is a value rather than a name. */
static bool is_value(as_str cell)
{
    static const as_schema none = {.count = 0};
    static const as_field number = {.type = AS_TYPE_NUMBER, .thousands = ','};
    as_str v = as_str_trim(cell);
    as_typed typed;
    as_buf tmp = AS_BUF(AS_FIELD_MAX);
    bool is = v.len && as_cell_type(&none, &number, v, &typed, &tmp) == AS_CELL_VALUE;
    as_buf_free(&tmp);
    for (size_t i = 0; !is && v.len <= 30 && i < as_date_form_count; i++)
        is = as_date_parse(v, as_date_forms[i]) != AS_DATE_NULL;
    return is;
}

/* Year columns are names too: "Region,2015,2016". */
static bool is_year(as_str cell)
{
    as_str v = as_str_trim(cell);
    int64_t n = 0;
    return v.len == 4 && as_str_to_i64(v, &n) && n >= 1900 && n <= 2100;
}

/* Are the filled cells names: few values, few repeats? */
static bool reads_like_names(const as_head_row *r)
{
    uint32_t values = 0, repeats = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        as_str cell = as_str_trim(r->cells[i]);
        values += cell.len && is_value(cell) && !is_year(cell);
        bool again = false;
        for (uint32_t k = i > 200 ? i - 200 : 0; cell.len && !again && k < i; k++)
            again = as_str_eq(cell, as_str_trim(r->cells[k]));
        repeats += again;
    }
    return values * 5 <= r->filled && repeats * 3 <= r->filled;
}

static uint32_t fullest(const as_head *h, size_t from, size_t rows)
{
    uint32_t most = 0;
    for (size_t i = from; i < h->count && i < from + rows; i++)
        most = h->rows[i].filled > most ? h->rows[i].filled : most;
    return most;
}

/* Rows from `from` up to a blank row after at least two of them that fill two cells: where a
 * narrow table stands above a wide one, each is judged by itself. */
static size_t stretch(const as_head *h, size_t from)
{
    size_t full = 0, i = from;
    for (; i < h->count && i < from + 4 * SEARCH; i++) {
        if (h->rows[i].filled == 0 && full >= 2)
            break;
        full += h->rows[i].filled >= 2;
    }
    return i - from;
}

/* Groups of columns have a title, and their names stand in the next row, above values? */
static bool banner_over_names(const as_head *h, size_t row)
{
    if (row + 2 >= h->count)
        return false;
    const as_head_row *r = &h->rows[row], *names = &h->rows[row + 1],
                      *below = &h->rows[row + 2];
    if (r->filled >= names->filled || !reads_like_names(names))
        return false;
    for (uint32_t i = 0; i < below->count && i < names->count; i++)
        if (is_value(below->cells[i]) && !is_value(names->cells[i]))
            return true;
    return false;
}

/* Index of the header at or after `from`; h->count: none. */
static size_t find_header(const as_head *h, size_t from, bool *doubtful)
{
    size_t rows = stretch(h, from);
    uint32_t most = fullest(h, from, rows);
    double need = most > 2 ? ENOUGH * most : most;
    size_t fallback = h->count;
    *doubtful = false;
    for (size_t i = from; i < from + rows && i < from + SEARCH; i++) {
        const as_head_row *r = &h->rows[i];
        if (r->filled == 0 || r->filled < need)
            continue;
        if (reads_like_names(r))
            return banner_over_names(h, i) ? i + 1 : i;
        fallback = fallback == h->count ? i : fallback;
    }
    *doubtful = true;
    return fallback;
}

/* The same names again? */
static bool repeats_header(const as_head *h, size_t header, size_t row)
{
    const as_head_row *r = &h->rows[row], *top = &h->rows[header];
    uint32_t same = 0;
    for (uint32_t i = 0; i < r->count && i < top->count; i++)
        same += as_str_trim(r->cells[i]).len &&
                as_str_eq(as_str_trim(r->cells[i]), as_str_trim(top->cells[i]));
    return same >= 2 && same * 2 >= r->filled;
}

/* Other names, where the rows above were values? */
static bool begins_another(const as_head *h, size_t row)
{
    const as_head_row *r = &h->rows[row];
    if (r->filled < 2 || !reads_like_names(r))
        return false;
    /* Below it there must be values where it has names. */
    size_t next = row + 1;
    uint32_t values = 0;
    for (uint32_t i = 0; next < h->count && i < h->rows[next].count; i++)
        values += is_value(h->rows[next].cells[i]);
    return next < h->count && values * 2 >= h->rows[next].filled && h->rows[next].filled >= 2;
}

/* The last row of the table whose header is given, and whether something else stands below. */
static void find_end(const as_head *h, as_init_block *b)
{
    bool narrow = h->rows[b->header].filled <= 2;
    size_t last = b->header, i = b->header + 1;
    for (; i < h->count; i++) {
        const as_head_row *r = &h->rows[i];
        bool after_blank = h->rows[i - 1].filled == 0;
        if (r->filled == 0)
            continue;
        bool below = after_blank && last > b->header &&
                     ((r->filled == 1 && !narrow) || begins_another(h, i));
        if (below || repeats_header(h, b->header, i)) {
            b->cut = true;
            break;
        }
        last = i;
    }
    if (h->whole && !narrow) /* notes at the end, or a title, without a blank row */
        while (last > b->header + 1 && h->rows[last].filled <= 1) {
            last--;
            b->cut = b->cut || h->rows[last + 1].filled == 1;
        }
    b->last = last;
    b->width = 0;
    for (i = b->header; i <= last; i++)
        b->width = h->rows[i].last > b->width ? h->rows[i].last : b->width;
}

size_t as_init_blocks(const as_head *h, as_init_block *out, size_t most)
{
    size_t n = 0, from = 0;
    while (n < most && from < h->count) {
        as_init_block b = {.cut = false};
        b.header = find_header(h, from, &b.looks_like_data);
        if (b.header == h->count ||
            (n > 0 && (b.looks_like_data || h->rows[b.header].filled < 2)))
            break;
        find_end(h, &b);
        if (n > 0 && b.last == b.header)
            break; /* a header of nothing */
        out[n++] = b;
        if (!b.cut || !h->whole)
            break;
        from = b.last + 1;
    }
    /* Every table of a sheet of several needs its range. */
    if (n > 1)
        for (size_t i = 0; i < n; i++)
            out[i].cut = true;
    return n;
}
