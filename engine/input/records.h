/* records.h: CSV text cut into records, one at a time and with no cleverness. For input/, and
 * for worklists that come back.
 *
 * This is the meaning of CSV here; csv_scan.c is the fast way to the same cells.
 *  - A record ends at LF, CRLF or CR outside quotes, or at the end of the text.
 *  - A cell that begins with a quote goes on to the closing quote; "" inside stands for one
 * quote. After the closing quote only a delimiter or the end of the record may follow.
 *  - A quote inside a cell that does not begin with one is text like any other.
 *  - NUL bytes are errors everywhere. */
#ifndef AS_INPUT_RECORDS_H
#define AS_INPUT_RECORDS_H

#include "base/arena.h"
#include "base/err.h"

typedef struct as_csv_cell {
    as_str raw;   /* without the outer quotes */
    bool doubled; /* holds "" that stand for one quote */
} as_csv_cell;

typedef struct as_records {
    as_str text;
    size_t at; /* where the next record begins */
    char delimiter;
    const char *path;
    uint32_t next_line, next_row; /* of the next record, from 1 */

    /* The record last read. Only the first AS_COLUMNS_MAX cells are kept; the rest is counted.
     */
    size_t begin;
    uint32_t line, row; /* line of the text; row as a spreadsheet would show it */
    as_csv_cell *cells;
    size_t kept, size;
    uint64_t count; /* cells */
    uint64_t
        filled; /* number of the last cell that is not blank; 0: the whole record is blank */
} as_records;

/* line and row: where text.ptr[at] stands. */
void as_records_open(as_records *r, as_str text, size_t at, char delimiter, const char *path);
/* *more false: the text is at its end and nothing was read. */
as_code as_records_next(as_records *r, bool *more, as_err *e);
void as_records_close(as_records *r);

/* Where a quoted cell ends: the offset of its closing quote, or text.len. `at`: after the
 * opening quote. Sets *doubled and adds the line ends inside to *lines. */
size_t as_csv_quote_end(as_str text, size_t at, bool *doubled, uint32_t *lines);

/* The cell as text: doubled quotes undone into `a`. .ptr NULL: out of memory. */
as_str as_csv_text(const as_csv_cell *c, as_arena *a);

/* The errors of this grammar, for all readers of it. They return AS_EINPUT or AS_EBUDGET. */
as_code as_csv_fail_nul(const char *path, as_str text, size_t at, as_err *e);
as_code as_csv_fail_open_quote(const char *path, as_str text, size_t at, as_err *e);
as_code as_csv_fail_after_quote(const char *path, as_str text, size_t at, as_err *e);
as_code as_csv_fail_field_max(const char *path, as_str text, size_t at, as_err *e);
as_code as_csv_fail_record_max(const char *path, uint32_t line, as_err *e);

#endif
