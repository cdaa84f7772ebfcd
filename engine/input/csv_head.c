/* csv_head.c: the rows of a delimited text as they stand, before any schema is known.
 *
 * The delimiter is the one with which most rows have the same number of cells; of two that do
 * equally well, the one that makes more cells. */
#include "input/csv.h"

#include "base/text.h"

#define HEAD_BYTES (4 * AS_MIB) /* a file up to this size is given whole */
#define HEAD_ROWS 400           /* of a larger file */
#define SNIFF_ROWS 200
#define SNIFF_WIDTH 512 /* rows of more cells than this count as equally wide */

static const char candidates[] = {',', ';', '\t', '|'};

typedef struct fit {
    uint32_t agree, rows, width;
} fit;

/* How well the first rows agree on a width. An error of the text ends the look. */
static fit fit_of(as_str text, char delimiter, const char *path)
{
    uint32_t widths[SNIFF_WIDTH + 1] = {0};
    fit f = {0, 0, 0};
    as_records r;
    as_records_open(&r, text, 0, delimiter, path);
    bool more = true;
    while (f.rows < SNIFF_ROWS && as_records_next(&r, &more, NULL) == AS_OK && more) {
        if (r.filled == 0)
            continue;
        f.rows++;
        widths[r.count < SNIFF_WIDTH ? r.count : SNIFF_WIDTH]++;
    }
    as_records_close(&r);
    for (uint32_t w = 2; w <= SNIFF_WIDTH; w++)
        if (widths[w] && widths[w] >= f.agree) {
            f.agree = widths[w];
            f.width = w;
        }
    return f;
}

static char sniff(as_str text, const char *path)
{
    char best = ',';
    fit top = {0, 1, 0};
    for (size_t i = 0; i < sizeof candidates; i++) {
        fit f = fit_of(text, candidates[i], path);
        uint64_t a = (uint64_t)f.agree * top.rows, b = (uint64_t)top.agree * f.rows;
        if (f.agree > 0 && (a > b || (a == b && f.width > top.width))) {
            best = candidates[i];
            top = f;
        }
    }
    return best;
}

static as_code keep_row(as_head *out, size_t *room, const as_records *r, as_arena *a, as_err *e)
{
    if (out->count == *room) {
        size_t more = *room ? 2 * *room : 256;
        as_head_row *rows = AS_NEW_N(a, as_head_row, more);
        if (!rows)
            return as_fail_nomem(e);
        if (out->count)
            memcpy(rows, out->rows, out->count * sizeof *rows);
        out->rows = rows;
        *room = more;
    }
    as_head_row *row = &out->rows[out->count++];
    *row = (as_head_row){
        .row = r->row, .cells = AS_NEW_N(a, as_str, r->kept + 1), .count = (uint32_t)r->kept};
    if (!row->cells)
        return as_fail_nomem(e);
    for (uint32_t i = 0; i < row->count; i++) {
        row->cells[i] = as_csv_text(&r->cells[i], a);
        if (!row->cells[i].ptr)
            return as_fail_nomem(e);
        if (as_str_trim(row->cells[i]).len) {
            row->filled++;
            row->last = i + 1;
        }
    }
    return AS_OK;
}

static as_code read_rows(as_head *out, as_str text, size_t all, as_arena *a, const char *path,
                         as_err *e)
{
    as_records r;
    as_records_open(&r, text, 0, out->delimiter, path);
    size_t room = 0;
    bool more = true;
    as_code code = AS_OK;
    out->whole = text.len == all;
    while (code == AS_OK && (out->whole || out->count < HEAD_ROWS)) {
        code = as_records_next(&r, &more, e);
        if (code == AS_OK && !more)
            break;
        if (code == AS_OK && r.count > AS_COLUMNS_MAX)
            code = as_fail(e, AS_EBUDGET, (as_span){path, r.line, 0},
                           "a row of %llu cells; the limit is %d (AS_COLUMNS_MAX). Is the "
                           "delimiter right?",
                           (unsigned long long)r.count, AS_COLUMNS_MAX);
        else if (code != AS_OK && !out->whole && code != AS_ENOMEM && out->count > 0) {
            code = AS_OK; /* the text was cut inside a record */
            break;
        }
        if (code == AS_OK)
            code = keep_row(out, &room, &r, a, e);
    }
    as_records_close(&r);
    return code;
}

static as_code decode(as_encoded *enc, const as_file *file, const as_source *source,
                      const char *path, as_err *e)
{
    if (file->bytes.len == 0)
        return as_fail(e, AS_EINPUT, (as_span){path, 0, 0},
                       "the file is empty (0 bytes); export it again");
    as_code code = as_encoding_choose(enc, file->bytes, source->encoding, path, e);
    if (code != AS_OK || enc->checked)
        return code;
    size_t bad = as_text_utf8_valid(enc->text);
    if (bad == enc->text.len)
        return AS_OK;
    return enc->guessed ? as_encoding_fall_back(enc, file->bytes, path, e)
                        : as_encoding_invalid(enc, bad, path, e);
}

as_code as_csv_head(as_head *out, const as_source *source, as_arena *a, as_err *e)
{
    as_str path = as_arena_str(a, source->path), open_path = as_arena_str(a, source->open_path);
    as_file file = {.fd = -1};
    as_encoded enc = {.heap = NULL};
    *out = (as_head){.count = 0};
    if (!path.ptr || !open_path.ptr)
        return as_fail_nomem(e);
    as_code code = as_file_open(&file, open_path.ptr, path.ptr, e);
    if (code == AS_OK)
        code = decode(&enc, &file, source, path.ptr, e);
    if (code == AS_OK) {
        size_t all = enc.text.len;
        as_str text = as_arena_str(a, as_str_sub(enc.text, 0, HEAD_BYTES)); /* outlives it */
        out->bytes = file.bytes.len;
        out->encoding = as_str_from(as_encoding_name(&enc));
        if (text.ptr) {
            out->delimiter = source->delimiter ? source->delimiter : sniff(text, path.ptr);
            out->delimiter_name = as_delimiter_name(out->delimiter, a);
            code = read_rows(out, text, all, a, path.ptr, e);
        } else {
            code = as_fail_nomem(e);
        }
    }
    if (code == AS_OK)
        code = as_file_unchanged(&file, e);
    as_encoding_close(&enc);
    as_file_close(&file);
    return code;
}
