/* csv.h: the CSV reader's own parts. Only files of input/ include it.
 *
 * as_csv is one load in progress: the file's text, what was found out about it (delimiter,
 * header, range) and what is to be told of it. It is prepared once (csv_open.c) and then read
 * by one of two readers with the same results: csv_plain.c, record by record into a table
 * builder (ranges, wide tables, the yardstick of tests), or csv.c, in segments on all workers.
 * The arena, the bytes and the text pass to the table. */
#ifndef AS_INPUT_CSV_H
#define AS_INPUT_CSV_H

#include "base/blake3.h"
#include "input/bind.h"
#include "input/encoding.h"
#include "input/file.h"
#include "input/input.h"
#include "input/records.h"

/* A6:Q13. Rows from 1, columns from 0, both ends included. */
typedef struct as_range {
    bool on;
    uint32_t row_first, row_last;
    uint32_t col_first, col_last;
} as_range;
as_code as_range_parse(as_range *out, as_str text, as_span at, as_err *e);

typedef struct as_csv {
    const as_input_spec *spec;
    as_diags *diags;
    const char *path; /* for messages; outlives the load */
    as_arena *arena;  /* lives as long as the table */
    as_file file;
    as_blake3 *blake3; /* what was read of the file in passing; NULL: nothing */
    as_encoded enc;
    as_range range;
    char delimiter;

    as_binding bind; /* columns counted from range.col_first */
    uint32_t header_row, header_line;
    size_t body; /* offset of the first record after the header */
    uint32_t body_line, body_row;

    bool *want; /* per field: the spec's, and the key */
    as_load_report report;
} as_csv;

/* csv_open.c: everything before the first record. as_csv_close also after a failure. */
as_code as_csv_open(as_csv *c, const as_input_spec *spec, as_diags *d, as_err *e);
/* The text was UTF-8 by guess and is not: convert it and look for the header again. */
as_code as_csv_fall_back(as_csv *c, as_err *e);
void as_csv_close(as_csv *c);
/* Columns without a header: counted, or told where something stands in them (filled[column]).
 */
as_code as_csv_note_columns(as_csv *c, const bool *filled, as_err *e);

/* csv_head.c: rows as they stand. */
as_code as_csv_head(as_head *out, const as_source *source, as_arena *a, as_err *e);
/* csv_open.c: "comma" …; for any other character, itself in quotes. */
as_str as_delimiter_name(char delimiter, as_arena *a);

/* csv_plain.c, csv_fast.c: the two readers. Where the text turns out not to be UTF-8 and that
 * was a guess, *not_utf8 is set and *out is NULL. t->maker begins with an as_csv, which is
 * empty until as_csv_give has given it this one. */
as_code as_csv_read_plain(as_table **out, as_csv *c, bool *not_utf8, as_err *e);
as_code as_csv_read_fast(as_table **out, as_csv *c, as_pool *pool, bool *not_utf8, as_err *e);
/* unpivot.c: adds the records of one wide row. */
typedef struct as_unpivoter as_unpivoter;
as_code as_unpivot_make(as_unpivoter **out, as_csv *c, as_err *e);
as_code as_unpivot_row(as_unpivoter *u, as_builder *b, const as_str *row, uint32_t line,
                       as_err *e);
void as_unpivot_close(as_unpivoter *u);

#endif
