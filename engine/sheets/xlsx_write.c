/* xlsx_write.c: a book as XLSX, by libxlsxwriter.
 *
 * Cells are written as strings, numbers and dates, by functions that never make a formula or a
 * link of them. libxlsxwriter wants NUL-terminated, valid UTF-8, which as_sheet_text gives, and
 * a file to write to: a nameless one is made for it. */
#include "base/date.h"
#include "base/limits.h"
#include "base/text.h"
#include "sheets/package.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xlsxwriter.h>

enum { LINE_HEIGHT = 15, LINES_MAX = 27 };

typedef struct writer {
    as_book *book;
    lxw_workbook *workbook;
    lxw_format *head, *head_open, *locked, *open, *number, *day, *day_open, *title, *label,
        *text;
    as_buf clean, cell;
    lxw_error error; /* the first */
    bool nomem;
} writer;

static void note_error(writer *w, lxw_error error)
{
    if (w->error == LXW_NO_ERROR) {
        w->error = error;
    }
}

/* ---- looks ---- */

static lxw_format *look(writer *w, bool bold, bool open, const char *number)
{
    lxw_format *f = workbook_add_format(w->workbook);
    if (!f) {
        w->nomem = true;
        return NULL;
    }
    format_set_text_wrap(f);
    format_set_align(f, LXW_ALIGN_VERTICAL_TOP);
    format_set_num_format(f, number);
    if (bold) {
        format_set_bold(f);
    }
    if (open) {
        format_set_unlocked(f);
    }
    return f;
}

/* Rows are told apart on paper too, where the lines of a spreadsheet are not printed. */
static void line(lxw_format *f)
{
    if (f) {
        format_set_border(f, LXW_BORDER_THIN);
        format_set_border_color(f, 0xBFBFBF);
    }
}

static void fill(lxw_format *f, lxw_color_t color)
{
    line(f);
    if (f) {
        format_set_bg_color(f, color);
    }
}

static bool make_looks(writer *w)
{
    w->head = look(w, true, false, "@");
    w->head_open = look(w, true, false, "@");
    w->locked = look(w, false, false, "@");
    w->open = look(w, false, true, "@");
    w->number = look(w, false, false, "0");
    w->day = look(w, false, false, "yyyy-mm-dd");
    w->day_open = look(w, false, true, "yyyy-mm-dd");
    w->title = look(w, true, false, "@");
    w->label = look(w, true, false, "@");
    w->text = look(w, false, false, "@");
    line(w->locked);
    line(w->number);
    line(w->day);
    fill(w->head, 0xD9E2EC);
    fill(w->head_open, 0xFFE699);
    fill(w->open, 0xFFF9E5);
    fill(w->day_open, 0xFFF9E5);
    if (!w->nomem) {
        format_set_font_size(w->title, 14);
    }
    return !w->nomem;
}

/* ---- cells ---- */

static const char *cell_text(writer *w, as_str s)
{
    bool cut;
    as_buf_clear(&w->clean);
    as_buf_clear(&w->cell);
    as_sheet_text(&w->clean, s, &cut);
    as_str clean = as_buf_str(&w->clean);
    for (size_t at = 0; at < clean.len; at++) { /* a text that reads like an escape */
        bool like = as_xlsx_escape(as_str_sub(clean, at, clean.len)) >= 0;
        as_buf_add(&w->cell, like ? AS_STR("_x005F_") : as_str_sub(clean, at, 1));
    }
    w->book->cut += cut;
    w->nomem = w->nomem || w->clean.failed || w->cell.failed;
    if (as_text_length(as_buf_str(&w->cell)) > AS_SHEET_CELL_MAX) {
        return clean.ptr; /* no room for escapes: such a piece reads as its character */
    }
    return w->cell.ptr && !w->cell.failed ? w->cell.ptr : "";
}

static void put_text(writer *w, lxw_worksheet *s, lxw_row_t row, lxw_col_t column, as_str text,
                     lxw_format *look)
{
    note_error(w, worksheet_write_string(s, row, column, cell_text(w, text), look));
}

static void put_cell(writer *w, lxw_worksheet *s, lxw_row_t row, lxw_col_t column, as_str text)
{
    const as_sheet_column *c = &w->book->columns[column];
    bool date = c->kind == AS_SHEET_DATE;
    lxw_format *look = date ? (c->open ? w->day_open : w->day) : c->open ? w->open : w->locked;
    as_date day = date ? as_date_parse(text, AS_STR("%Y-%m-%d")) : AS_DATE_NULL;
    int64_t n;
    if (text.len == 0) {
        note_error(w, worksheet_write_blank(s, row, column, look));
    } else if (day != AS_DATE_NULL) {
        lxw_datetime when = {0};
        as_date_civil(day, &when.year, &when.month, &when.day);
        note_error(w, worksheet_write_datetime(s, row, column, &when, look));
    } else if (c->kind == AS_SHEET_NUMBER && as_str_to_i64(text, &n)) {
        note_error(w, worksheet_write_number(s, row, column, (double)n, w->number));
    } else {
        put_text(w, s, row, column, text, look);
    }
}

/* Excel finds a row's height when it opens the file, LibreOffice does not. */
static void set_height(writer *w, lxw_worksheet *s, lxw_row_t row, size_t lines)
{
    lines = lines < LINES_MAX ? lines : LINES_MAX; /* no row may be higher */
    note_error(w, worksheet_set_row(s, row, (double)(LINE_HEIGHT * lines), NULL));
}

static void put_row(writer *w, lxw_worksheet *s, lxw_row_t row, size_t at)
{
    size_t lines = 1;
    for (size_t c = 0; c < w->book->column_count; c++) {
        as_str text = w->book->cell(w->book->arg, at, c);
        /* A width is in digits; letters are narrower. */
        size_t width = w->book->columns[c].width * 11 / 10;
        size_t n = w->book->columns[c].hidden ? 1 : as_sheet_lines(text, width);
        lines = n > lines ? n : lines;
        put_cell(w, s, row, (lxw_col_t)c, text);
    }
    set_height(w, s, row, lines);
}

/* ---- sheets ---- */

static lxw_worksheet *add_sheet(writer *w, as_str name)
{
    lxw_worksheet *s = workbook_add_worksheet(w->workbook, cell_text(w, name));
    w->nomem = w->nomem || !s;
    return s;
}

static void protect(lxw_worksheet *s)
{
    lxw_protection allowed = {.format_cells = LXW_TRUE,
                              .format_columns = LXW_TRUE,
                              .format_rows = LXW_TRUE,
                              .sort = LXW_TRUE,
                              .autofilter = LXW_TRUE};
    worksheet_protect(s, NULL, &allowed);
}

static void add_notes(writer *w)
{
    lxw_worksheet *s = add_sheet(w, AS_STR("Read me"));
    if (!s) {
        return;
    }
    note_error(w, worksheet_set_column(s, 0, 0, AS_NOTE_LABEL_WIDTH, NULL));
    note_error(w, worksheet_set_column(s, 1, 1, AS_NOTE_TEXT_WIDTH, NULL));
    put_text(w, s, 0, 0, AS_STR("Worklist"), w->title);
    for (size_t i = 0; i < w->book->note_count; i++) {
        lxw_row_t row = (lxw_row_t)i + 2;
        put_text(w, s, row, 0, w->book->notes[i].label, w->label);
        put_text(w, s, row, 1, w->book->notes[i].text, w->text);
        set_height(w, s, row, as_sheet_lines(w->book->notes[i].text, AS_NOTE_TEXT_WIDTH));
    }
    worksheet_set_landscape(s);
    worksheet_set_paper(s, 9);
    worksheet_fit_to_pages(s, 1, 0);
    protect(s);
}

static void add_validation(writer *w, lxw_worksheet *s, lxw_row_t last, lxw_col_t column)
{
    const as_sheet_column *c = &w->book->columns[column];
    lxw_data_validation v = {.ignore_blank = LXW_VALIDATION_ON,
                             .input_title = (char *)c->header,
                             .input_message = (char *)c->prompt};
    if (c->choices) {
        v.validate = LXW_VALIDATION_TYPE_LIST;
        v.value_list = (char **)c->choices;
        v.error_title = AS_NO_CHOICE_TITLE;
        v.error_message = AS_NO_CHOICE_TEXT;
    } else if (c->kind == AS_SHEET_DATE && c->open) {
        v.validate = LXW_VALIDATION_TYPE_DATE;
        v.criteria = LXW_VALIDATION_CRITERIA_BETWEEN;
        v.minimum_datetime = (lxw_datetime){.year = 1990, .month = 1, .day = 1};
        v.maximum_datetime = (lxw_datetime){.year = 2199, .month = 12, .day = 31};
        v.error_title = AS_NO_DATE_TITLE;
        v.error_message = AS_NO_DATE_TEXT;
    } else {
        return;
    }
    note_error(w, worksheet_data_validation_range(s, 1, column, last, column, &v));
}

static void set_columns(writer *w, lxw_worksheet *s, lxw_row_t last)
{
    for (size_t i = 0; i < w->book->column_count; i++) {
        const as_sheet_column *c = &w->book->columns[i];
        lxw_col_t at = (lxw_col_t)i;
        lxw_row_col_options hidden = {.hidden = c->hidden};
        note_error(w, worksheet_set_column_opt(s, at, at, c->width, NULL, &hidden));
        put_text(w, s, 0, at, as_str_from(c->header), c->open ? w->head_open : w->head);
        if (last) {
            add_validation(w, s, last, at);
        }
    }
}

static void add_list(writer *w, const as_sheet *sheet)
{
    lxw_worksheet *s = add_sheet(w, sheet->name);
    lxw_row_t last = (lxw_row_t)sheet->count;
    lxw_col_t end = (lxw_col_t)(w->book->column_count - 1);
    if (!s) {
        return;
    }
    set_columns(w, s, last);
    for (size_t i = 0; i < sheet->count && !w->nomem; i++) {
        put_row(w, s, (lxw_row_t)i + 1, sheet->first + i);
    }
    note_error(w, worksheet_autofilter(s, 0, 0, last, end));
    worksheet_freeze_panes(s, 1, 1);
    note_error(w, worksheet_repeat_rows(s, 0, 0));
    note_error(w, worksheet_print_area(s, 0, 0, last, (lxw_col_t)(w->book->print_columns - 1)));
    worksheet_set_landscape(s);
    worksheet_set_paper(s, 9);
    worksheet_fit_to_pages(s, 1, 0);
    protect(s);
}

/* ---- the file ---- */

static time_t seconds_of(as_str time)
{
    as_date day = as_date_parse(as_str_sub(time, 0, 10), AS_STR("%Y-%m-%d"));
    return day == AS_DATE_NULL ? 1 : (time_t)day * 86400;
}

static void set_properties(writer *w)
{
    lxw_doc_properties p = {.title = (char *)cell_text(w, w->book->title),
                            .author = "assay",
                            .created = seconds_of(w->book->created)};
    note_error(w, workbook_set_properties(w->workbook, &p));
}

static as_code fail(const writer *w, lxw_error error, as_err *e)
{
    if (w->nomem || error == LXW_ERROR_MEMORY_MALLOC_FAILED) {
        return as_fail_nomem(e);
    }
    return as_fail(e, AS_EIO, AS_NOWHERE, "the workbook cannot be written: %s",
                   lxw_strerror(error));
}

/* libxlsxwriter closes and frees the workbook also where it fails. */
static as_code write_to(as_book *b, const char *path, as_err *e)
{
    lxw_workbook_options options = {.use_zip64 = LXW_FALSE};
    writer w = {.book = b, .clean = AS_BUF(AS_MIB), .cell = AS_BUF(AS_MIB)};
    w.workbook = workbook_new_opt(path, &options);
    if (!w.workbook) {
        return as_fail_nomem(e);
    }
    if (make_looks(&w)) {
        set_properties(&w);
        add_notes(&w);
        for (size_t i = 0; i < b->sheet_count; i++) {
            add_list(&w, &b->sheets[i]);
        }
    }
    lxw_error closed = workbook_close(w.workbook);
    as_buf_free(&w.clean);
    as_buf_free(&w.cell);
    note_error(&w, closed);
    return w.nomem || w.error != LXW_NO_ERROR ? fail(&w, w.error, e) : AS_OK;
}

static as_code read_back(const char *path, as_buf *out, as_err *e)
{
    char piece[16384];
    size_t n;
    FILE *f = fopen(path, "rb");
    if (!f) {
        return as_fail_errno(e, errno, path);
    }
    while ((n = fread(piece, 1, sizeof piece, f)) > 0) {
        as_buf_add(out, (as_str){piece, n});
    }
    as_code code = ferror(f)     ? as_fail_errno(e, EIO, path)
                   : out->failed ? as_fail_nomem(e)
                                 : AS_OK;
    fclose(f);
    return code;
}

as_code as_xlsx_write(as_book *b, as_buf *out, as_err *e)
{
    const char *folder = getenv("TMPDIR");
    char path[4096];
    snprintf(path, sizeof path, "%s/assay-XXXXXX", folder && *folder ? folder : "/tmp");
    b->cut = 0;
    int fd = mkstemp(path); /* for its owner alone */
    if (fd < 0) {
        return as_fail_errno(e, errno, path);
    }
    close(fd);
    as_code code = write_to(b, path, e);
    if (code == AS_OK) {
        code = read_back(path, out, e);
    }
    unlink(path);
    return code;
}
