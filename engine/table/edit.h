/* edit.h: a copy of a table with a little changed. Columns that are not touched are shared with
 * the original, which stays as it is and must outlive the copy; so does whoever reads it. Many
 * threads may each make copies of one table.
 *
 * Call order: open; at most one of clone, drop, keep; then cells and columns; then read
 * as_edit_table; close. */
#ifndef AS_TABLE_EDIT_H
#define AS_TABLE_EDIT_H

#include "table/table.h"

typedef struct as_edit as_edit;

as_code as_edit_open(as_edit **out, const as_table *base, as_err *e);
void as_edit_close(as_edit *x); /* NULL is fine */

/* The copy; lives until as_edit_close, which closes it too. */
const as_table *as_edit_table(const as_edit *x);
/* Which record of the original a record of the copy is; AS_NO_ROW: none, it was added. */
uint32_t as_edit_origin(const as_edit *x, uint32_t row);

/* ---- records: at most one of these, before all else ---- */

/* A record like `row` at the end; *added is its row. */
as_code as_edit_clone(as_edit *x, uint32_t row, uint32_t *added, as_err *e);
as_code as_edit_drop(as_edit *x, uint32_t row, as_err *e);
/* Only the first `rows` records. */
void as_edit_keep(as_edit *x, uint32_t rows);

/* ---- cells and columns; one that was not loaded (AS_LAYOUT_ABSENT) stays as it is ---- */

/* As if `raw` stood in the file; .ptr NULL: an empty cell. */
as_code as_edit_text(as_edit *x, uint32_t row, uint32_t field, as_str raw, as_err *e);
/* A date, however the file would write it; nothing where the field is none. */
as_code as_edit_date(as_edit *x, uint32_t row, uint32_t field, as_date d, as_err *e);
/* The file does not have the column. */
void as_edit_drop_column(as_edit *x, uint32_t field);
/* Each record gets the cell of the record above it, the first one that of the last. */
as_code as_edit_shift_column(as_edit *x, uint32_t field, as_err *e);
/* The row ends before the cell of `field`: the cells from there on are missing. */
as_code as_edit_cut_row(as_edit *x, uint32_t row, uint32_t field, as_err *e);

#endif
