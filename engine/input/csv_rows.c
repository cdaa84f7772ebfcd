/* csv_rows.c: from separators to records. Most stretches are regular: one look at each record's
 * end and first byte proves it and nothing is copied. */
#include "input/csv_rows.h"

#include "base/alloc.h"
#include "input/records.h"

/* Entries laid out at once: a few rows of a very wide table, all of an ordinary one. */
#define LAYOUT_ENTRIES ((size_t)1 << 20)

void as_rows_open(as_rows *r, uint32_t width, uint32_t named, char delimiter)
{
    *r = (as_rows){.width = width, .named = named, .delimiter = delimiter};
    memset(r->may_be_blank, 1, ' ' + 1);
    r->may_be_blank[(unsigned char)'"'] = 1;
    r->may_be_blank[(unsigned char)delimiter] = 1;
    r->may_be_blank[0xc2] = r->may_be_blank[0xef] = 1; /* U+00A0, U+FEFF */
}

void as_rows_close(as_rows *r)
{
    as_free(r->jumps);
    as_free(r->ragged);
    as_free(r->places);
    as_free(r->own);
    r->jumps = NULL;
    r->ragged = NULL;
    r->places = NULL;
    r->own = NULL;
}

/* ---- blank cells and records ---- */

static bool cell_blank(const char *p, uint32_t length)
{
    if (length && p[length - 1] == '\r') /* of the record's end */
        length--;
    if (length >= 2 && *p == '"')
        return as_str_trim((as_str){p + 1, length - 2}).len == 0;
    return as_str_trim((as_str){p, length}).len == 0;
}

/* Are the cells between ends[from] and ends[to] all blank? */
static bool cells_blank(const uint32_t *ends, size_t from, size_t to, const char *base)
{
    for (size_t i = from; i < to; i++) {
        uint32_t begin = ends[i] + 1u;
        if (!cell_blank(base + begin, ends[i + 1] - begin))
            return false;
    }
    return true;
}

/* ---- lines ---- */

static bool push_jump(as_rows *r, uint32_t row, uint32_t extra)
{
    if (r->jump_count && r->jumps[r->jump_count - 1].row == row) {
        r->jumps[r->jump_count - 1].extra = extra;
        return true;
    }
    if (r->jump_count == r->jump_room) {
        size_t room = r->jump_room ? r->jump_room * 2 : 64;
        as_line_jump *more = as_realloc(r->jumps, room * sizeof *more);
        if (!more)
            return false;
        r->jumps = more;
        r->jump_room = room;
    }
    r->jumps[r->jump_count++] = (as_line_jump){row, extra};
    return true;
}

/* Line ends inside quotes of regular records. */
static bool regular_jumps(as_rows *r, const as_scan *s)
{
    size_t width = r->width;
    size_t row = 0;
    for (size_t q = 0; q < s->quoted_count; q++) {
        size_t high = r->rows;
        while (row < high) { /* the first record that ends after the line end */
            size_t mid = (row + high) / 2;
            if (s->ends[(mid + 1) * width] < s->quoted[q])
                row = mid + 1;
            else
                high = mid;
        }
        if (!push_jump(r, (uint32_t)row + 1, (uint32_t)q + 1))
            return false;
    }
    return true;
}

/* ---- records ---- */

static bool regular(as_rows *r, const as_scan *s, const char *base)
{
    size_t width = r->width, rows = s->newlines;
    if (s->count - 1 != rows * width || s->dropped)
        return false;
    const uint32_t *ends = s->ends;
    char delimiter = r->delimiter;
    for (size_t row = 0; row < rows; row++, ends += width) {
        unsigned char first = (unsigned char)base[ends[0] + 1u];
        if (base[ends[width]] == delimiter)
            return false;
        if (r->may_be_blank[first] && cells_blank(ends, 0, width, base))
            return false;
    }
    r->rows = (uint32_t)rows;
    return true;
}

static bool push_ragged(as_rows *r, uint64_t cells)
{
    if (r->ragged_count == r->ragged_room) {
        size_t room = r->ragged_room ? r->ragged_room * 2 : 64;
        as_ragged *more = as_realloc(r->ragged, room * sizeof *more);
        if (!more)
            return false;
        r->ragged = more;
        r->ragged_room = room;
    }
    uint32_t n = cells > UINT32_MAX ? UINT32_MAX : (uint32_t)cells;
    r->ragged[r->ragged_count++] = (as_ragged){r->rows, n, r->named};
    return true;
}

/* Did the scan not keep all cells of the record? Then all of the rest is in its last. */
static bool is_endless(const as_scan *s, as_record_place at)
{
    return at.to + 1u == s->count && s->dropped;
}

/* Cells and last filled cell of such a record. What is wrong with it is found and told when it
 * is certain that it begins here. */
static as_code count_cells(as_rows *r, const as_scan *s, as_str text, as_record_place at,
                           uint64_t *cells, uint64_t *filled, as_err *e)
{
    as_records all;
    bool more;
    as_err wrong;
    as_records_open(&all, text, s->begin + (s->ends[at.from] + 1u), r->delimiter, NULL);
    as_code code = as_records_next(&all, &more, &wrong);
    *cells = all.count;
    *filled = all.filled;
    as_records_close(&all);
    return code == AS_ENOMEM ? as_fail_nomem(e) : AS_OK;
}

static as_code is_blank(as_rows *r, const as_scan *s, as_str text, as_record_place at,
                        bool *blank, as_err *e)
{
    uint64_t cells, filled = 0;
    as_code code = AS_OK;
    if (is_endless(s, at))
        code = count_cells(r, s, text, at, &cells, &filled, e);
    *blank = is_endless(s, at) ? filled == 0
                               : cells_blank(s->ends, at.from, at.to, text.ptr + s->begin);
    return code;
}

static as_code add_record(as_rows *r, const as_scan *s, as_str text, as_record_place at,
                          as_err *e)
{
    uint64_t cells = at.to - at.from, filled = r->width;
    if (is_endless(s, at)) {
        as_code code = count_cells(r, s, text, at, &cells, &filled, e);
        if (code != AS_OK)
            return code;
    } else if (cells > r->width &&
               !cells_blank(s->ends, at.from + r->width, at.to, text.ptr + s->begin)) {
        filled = r->width + 1;
    }
    if ((cells < r->named || filled > r->width) && !push_ragged(r, cells))
        return as_fail_nomem(e);
    r->places[r->rows++] = at;
    return AS_OK;
}

static bool place_room(as_rows *r, size_t need)
{
    if (need <= r->place_room)
        return true;
    as_free(r->places);
    r->places = as_alloc(need * sizeof *r->places);
    r->place_room = r->places ? need : 0;
    return r->places != NULL;
}

static as_code survey(as_rows *r, const as_scan *s, as_str text, as_err *e)
{
    const char *base = text.ptr + s->begin;
    if (!place_room(r, s->newlines))
        return as_fail_nomem(e);
    uint32_t line = 0;
    size_t q = 0;
    for (size_t from = 0, to; from + 1 < s->count; from = to) {
        for (to = from + 1; base[s->ends[to]] == r->delimiter;)
            to++;
        bool blank;
        as_record_place at = {(uint32_t)from, (uint32_t)to};
        as_code code = is_blank(r, s, text, at, &blank, e);
        if (code != AS_OK)
            return code;
        uint32_t extra = line - r->rows;
        uint32_t before = r->jump_count ? r->jumps[r->jump_count - 1].extra : 0;
        if (!blank && extra != before && !push_jump(r, r->rows, extra))
            return as_fail_nomem(e);
        code = blank ? AS_OK : add_record(r, s, text, at, e);
        if (code != AS_OK)
            return code;
        r->blank += blank;
        line++;
        for (; q < s->quoted_count && s->quoted[q] < s->ends[to]; q++)
            line++;
    }
    return AS_OK;
}

as_code as_rows_make(as_rows *r, const as_scan *s, as_str text, as_err *e)
{
    r->rows = r->first = r->count = 0;
    r->blank = 0;
    r->jump_count = r->ragged_count = 0;
    r->lines = (uint32_t)(s->newlines + s->quoted_count);
    r->regular = regular(r, s, text.ptr + s->begin);
    if (!r->regular)
        return survey(r, s, text, e);
    return regular_jumps(r, s) ? AS_OK : as_fail_nomem(e);
}

/* ---- laying out ---- */

static void lay_out(const as_rows *r, uint32_t *out, const uint32_t *ends, as_record_place at,
                    const char *base)
{
    size_t cells = at.to - at.from;
    for (size_t c = 0; c <= r->width; c++)
        out[c] = ends[at.from + (c < cells ? c : cells)];
    uint32_t end = ends[at.to], cell = ends[at.to - 1] + 1u;
    if (cells <= r->width && end > cell && base[end - 1] == '\r')
        for (size_t c = cells; c <= r->width; c++)
            out[c] = end - 1;
}

as_code as_rows_next(as_rows *r, const as_scan *s, as_str text, bool *more, as_err *e)
{
    r->first += r->count;
    *more = r->first < r->rows;
    if (!*more)
        return AS_OK;
    r->count = r->rows - r->first;
    r->ends = s->ends;
    r->stride = r->width;
    if (r->regular)
        return AS_OK;
    r->stride = (size_t)r->width + 1;
    if (r->count > LAYOUT_ENTRIES / r->stride)
        r->count = (uint32_t)(LAYOUT_ENTRIES / r->stride);
    if (r->own_room < r->count * r->stride) {
        as_free(r->own);
        r->own_room = r->count * r->stride;
        r->own = as_alloc(r->own_room * sizeof *r->own);
        if (!r->own) {
            r->own_room = 0;
            return as_fail_nomem(e);
        }
    }
    for (uint32_t i = 0; i < r->count; i++)
        lay_out(r, r->own + i * r->stride, s->ends, r->places[r->first + i],
                text.ptr + s->begin);
    r->ends = r->own;
    return AS_OK;
}
