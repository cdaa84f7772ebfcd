/* sheets.h: spreadsheets that a person fills in and sends back: XLSX and ODS.
 *
 * Written: a book has a first sheet of notes and then sheets that all have the same columns.
 * Cells are texts, whole numbers or dates; no cell is ever a formula, whatever it holds. What
 * is not to be filled in is protected, without a password. The same book has the same bytes.
 *
 * Read: any XLSX or ODS, row by row: texts as they are, numbers in decimal, of a formula the
 * value that was stored with it. A file from elsewhere is hostile until read: limits.h names
 * what it may cost. */
#ifndef AS_SHEETS_SHEETS_H
#define AS_SHEETS_SHEETS_H

#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"

/* ---- writing ---- */

typedef enum as_sheet_kind {
    AS_SHEET_TEXT,
    AS_SHEET_NUMBER, /* cells in decimal; empty: no number */
    AS_SHEET_DATE    /* cells as 2017-03-31; empty: no date */
} as_sheet_kind;

typedef struct as_sheet_column {
    const char *header;
    unsigned width; /* characters */
    as_sheet_kind kind;
    bool open; /* to be filled in: not protected */
    bool hidden;
    const char *const *choices; /* of a drop-down, up to a NULL */
    const char *prompt;         /* what a spreadsheet says beside an open cell, or NULL */
} as_sheet_column;

typedef struct as_sheet {
    as_str name; /* as_sheet_name */
    size_t first, count;
} as_sheet;

typedef struct as_note {
    as_str label, text;
} as_note;

typedef struct as_book {
    as_str title;
    as_str created; /* 2017-04-28T09:00:00Z */
    const as_note *notes;
    size_t note_count;
    const as_sheet_column *columns;
    size_t column_count;
    size_t print_columns; /* the first so many are printed */
    const as_sheet *sheets;
    size_t sheet_count;
    /* The text of a cell; lives until the next call. */
    as_str (*cell)(void *arg, size_t row, size_t column);
    void *arg;
    uint64_t cut; /* set by the writers: cells longer than a spreadsheet holds */
} as_book;

/* The whole file into `out`. A cell over AS_SHEET_CELL_MAX is cut, ends with "…" and is
 * counted. */
as_code as_xlsx_write(as_book *b, as_buf *out, as_err *e);
as_code as_ods_write(as_book *b, as_buf *out, as_err *e);

/* A text as a cell holds it: valid, without control characters but line ends and tabs, cut
 * where it is too long (*cut). Appends. */
void as_sheet_text(as_buf *out, as_str s, bool *cut);
/* Lines that a text takes in a column so many characters wide, broken at blanks. */
size_t as_sheet_lines(as_str s, size_t width);
/* A sheet's name from any text: at most 31 characters, none of []:*?/\ and no apostrophe at
 * the ends; number 2 and on follows in brackets. */
as_str as_sheet_name(as_arena *a, as_str text, size_t number);

/* ---- reading ---- */

typedef struct as_sheet_row {
    as_str sheet;
    uint32_t number; /* as the spreadsheet shows it, from 1 */
    const as_str *cells;
    size_t count;
    bool from_1904; /* a date is days since 1904-01-01, not 1899-12-30 */
} as_sheet_row;

/* The day that a spreadsheet means by a number of days, 42885 or 42885.5; AS_DATE_NULL where
 * the text is no number, or the day is not in this or the last century. */
as_date as_sheet_day(as_str number, bool from_1904);

/* What takes the rows that hold anything; they live until it returns. */
typedef struct as_sheet_reader {
    as_code (*row)(void *arg, const as_sheet_row *row, as_err *e);
    void *arg;
} as_sheet_reader;

/* Do the bytes begin as those of a spreadsheet, old ones too? */
bool as_sheets_are(as_str bytes);
/* AS_EINPUT: damaged, or no spreadsheet that is known; AS_EBUDGET: over a limit. `path` is for
 * messages. */
as_code as_sheets_read(const char *path, as_str bytes, const as_sheet_reader *reader,
                       as_err *e);

#endif
