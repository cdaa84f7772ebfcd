/* rows.c: the rows that are read from a spreadsheet, and which kind of file it is. */
#include "base/alloc.h"
#include "base/limits.h"
#include "sheets/package.h"

as_code as_row_maker_open(as_row_maker *m, const as_sheet_reader *reader, const char *path,
                          as_err *e)
{
    *m = (as_row_maker){.reader = reader, .path = path, .row = {.number = 1}};
    m->texts = as_arena_open();
    return m->texts ? AS_OK : as_fail_nomem(e);
}

void as_row_maker_close(as_row_maker *m)
{
    if (m->texts) {
        as_arena_close(m->texts);
    }
    as_free(m->cells);
    *m = (as_row_maker){0};
}

static as_code too_many(const as_row_maker *m, const char *what, as_err *e)
{
    return as_fail(e, AS_EBUDGET, (as_span){m->path, 0, 0}, "sheet \"%.*s\" has %s",
                   AS_FMT(m->row.sheet), what);
}

as_code as_row_cell(as_row_maker *m, size_t column, as_str text, as_err *e)
{
    if (text.len == 0) {
        return AS_OK;
    }
    if (column >= AS_COLUMNS_MAX) {
        return too_many(m, "text beyond column 4,096 (AS_COLUMNS_MAX)", e);
    }
    if (++m->total > AS_SHEET_CELLS_MAX) {
        return too_many(m, "more cells than are read (AS_SHEET_CELLS_MAX)", e);
    }
    if (column >= m->size) {
        size_t size = column + 32;
        as_str *cells = as_realloc(m->cells, size * sizeof *cells);
        if (!cells) {
            return as_fail_nomem(e);
        }
        m->cells = cells;
        m->size = size;
    }
    while (m->count <= column) {
        m->cells[m->count++] = AS_NONE;
    }
    m->cells[column] = as_arena_str(m->texts, text);
    return m->cells[column].ptr ? AS_OK : as_fail_nomem(e);
}

as_code as_row_end(as_row_maker *m, uint64_t times, as_err *e)
{
    as_code code = AS_OK;
    uint64_t after = m->row.number + times;
    if (m->count && after > AS_SHEET_ROWS_MAX + 1) {
        return too_many(m, "more rows than a spreadsheet holds (AS_SHEET_ROWS_MAX)", e);
    }
    m->row.cells = m->cells;
    m->row.count = m->count;
    for (uint64_t i = 0; code == AS_OK && m->count && i < times; i++) {
        m->total += i ? m->count : 0;
        code = m->total > AS_SHEET_CELLS_MAX
                   ? too_many(m, "more cells than are read (AS_SHEET_CELLS_MAX)", e)
                   : m->reader->row(m->reader->arg, &m->row, e);
        m->row.number++;
    }
    m->row.number = after > UINT32_MAX ? UINT32_MAX : (uint32_t)after;
    m->count = 0;
    as_arena_reset(m->texts);
    return code;
}

as_date as_sheet_day(as_str number, bool from_1904)
{
    enum { LEAST = 1, MOST = 73050 }; /* to the end of 2099 */
    double days;
    if (!as_str_to_f64(number, false, &days) || days < LEAST || days >= MOST + 1) {
        return AS_DATE_NULL;
    }
    return (as_date)days + (from_1904 ? as_date_from(1904, 1, 1) : as_date_from(1899, 12, 30));
}

/* ---- which kind ---- */

#define ZIP_START AS_STR("PK\003\004")
#define OLD_START AS_STR("\xd0\xcf\x11\xe0") /* OLE: .xls, and .xlsx with a password */

bool as_sheets_are(as_str bytes)
{
    return as_str_starts(bytes, ZIP_START) || as_str_starts(bytes, OLD_START);
}

static as_code unknown(const char *path, as_str bytes, as_err *e)
{
    return as_fail(e, AS_EINPUT, (as_span){path, 0, 0},
                   as_str_starts(bytes, OLD_START)
                       ? "an old .xls file, or one with a password: save it as .xlsx, without "
                         "one"
                       : "neither XLSX nor ODS: save the list as one of them, or as CSV");
}

as_code as_sheets_read(const char *path, as_str bytes, const as_sheet_reader *reader, as_err *e)
{
    as_package p;
    as_row_maker m = {0};
    if (!as_str_starts(bytes, ZIP_START)) {
        return unknown(path, bytes, e);
    }
    as_code code = as_package_open(&p, path, bytes, e);
    if (code == AS_OK) {
        code = as_row_maker_open(&m, reader, path, e);
    }
    if (code == AS_OK && as_package_has(&p, "xl/workbook.xml")) {
        code = as_xlsx_read(&p, &m, e);
    } else if (code == AS_OK && as_package_has(&p, "content.xml")) {
        code = as_ods_read(&p, &m, e);
    } else if (code == AS_OK) {
        code = unknown(path, bytes, e);
    }
    as_row_maker_close(&m);
    as_package_close(&p);
    return code;
}
