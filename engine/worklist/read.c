/* read.c: the rows of a list that came back, whichever program saved it. */
#include "base/text.h"
#include "input/encoding.h"
#include "input/file.h"
#include "input/records.h"
#include "worklist/worklist.h"

/* Of comma, semicolon and tab the one that makes most cells of the first record. */
static as_code choose_delimiter(as_str text, const char *path, char *out, as_err *e)
{
    uint64_t most = 0;
    *out = ',';
    for (const char *c = ",;\t"; *c; c++) {
        as_records r;
        bool more;
        as_records_open(&r, text, 0, *c, path);
        as_code code = as_records_next(&r, &more, NULL);
        if (code == AS_ENOMEM) {
            as_records_close(&r);
            return as_fail_nomem(e);
        }
        if (code == AS_OK && r.count > most) {
            most = r.count;
            *out = *c;
        }
        as_records_close(&r);
    }
    return AS_OK;
}

static as_code hand_over(as_records *r, const as_sheet_reader *reader, as_arena *texts,
                         as_err *e)
{
    as_str *cells = AS_NEW_N(texts, as_str, r->kept + 1);
    for (size_t i = 0; cells && i < r->kept; i++) {
        cells[i] = as_csv_text(&r->cells[i], texts);
        if (!cells[i].ptr && r->cells[i].raw.len) {
            cells = NULL;
        }
    }
    if (!cells) {
        return as_fail_nomem(e);
    }
    as_sheet_row row = {.number = r->row, .cells = cells, .count = r->kept};
    as_code code = reader->row(reader->arg, &row, e);
    as_arena_reset(texts);
    return code;
}

static as_code read_text(as_str text, const char *path, const as_sheet_reader *reader,
                         as_err *e)
{
    as_records r;
    char delimiter;
    bool more = true;
    as_code code = choose_delimiter(text, path, &delimiter, e);
    as_arena *texts = as_arena_open();
    if (!texts) {
        return as_fail_nomem(e);
    }
    as_records_open(&r, text, 0, delimiter, path);
    while (code == AS_OK && more) {
        code = as_records_next(&r, &more, e);
        if (code == AS_OK && more && r.filled) {
            code = hand_over(&r, reader, texts, e);
        }
    }
    as_records_close(&r);
    as_arena_close(texts);
    return code;
}

static as_code read_csv(const as_file *f, const as_sheet_reader *reader, as_err *e)
{
    as_encoded enc = {0};
    as_code code = as_encoding_choose(&enc, f->bytes, AS_STR("auto"), f->path, e);
    if (code == AS_OK && enc.guessed && !enc.checked &&
        as_text_utf8_valid(enc.text) < enc.text.len) {
        code = as_encoding_fall_back(&enc, f->bytes, f->path, e);
    }
    if (code == AS_OK) {
        code = read_text(enc.text, f->path, reader, e);
    }
    as_encoding_close(&enc);
    return code;
}

as_code as_worklist_read(const char *path, const as_sheet_reader *reader, as_err *e)
{
    as_file f = {.fd = -1};
    as_code code = as_file_open(&f, path, path, e);
    if (code == AS_OK) {
        code = as_sheets_are(f.bytes) ? as_sheets_read(path, f.bytes, reader, e)
                                      : read_csv(&f, reader, e);
    }
    as_file_close(&f);
    return code;
}
