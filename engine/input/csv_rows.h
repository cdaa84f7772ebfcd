/* csv_rows.h: the records of one scanned stretch, laid out so that a column is a plain loop.
 *
 * Where every record has as many cells as the header, the scan's own list serves: cell c of
 * record r lies between ends[r * width + c] + 1 and ends[r * width + c + 1]. Otherwise (blank
 * or ragged records) the list is written anew with one more entry a record: blank records gone,
 * cells beyond the header gone, missing cells given the length UINT32_MAX. Either way:
 *
 *     begin = ends[r * stride + c] + 1; length = ends[r * stride + c + 1] - begin;
 *
 * (in uint32_t), less a CR at the end of a record. */
#ifndef AS_INPUT_CSV_ROWS_H
#define AS_INPUT_CSV_ROWS_H

#include "input/csv_scan.h"
#include "table/table.h"

/* From `row` on (counted in the stretch) lines are `extra` more than records: after blank
 * records and line ends inside quotes. */
typedef struct as_line_jump {
    uint32_t row, extra;
} as_line_jump;

/* A record among the separators of a scan: its cells lie between ends[from] and ends[to]. */
typedef struct as_record_place {
    uint32_t from, to;
} as_record_place;

typedef struct as_rows {
    uint32_t width; /* cells of the header */
    uint32_t named; /* a record with fewer cells than this is ragged */
    char delimiter;
    uint8_t may_be_blank[256]; /* a record that begins with this byte might be blank */

    /* The stretch: */
    uint32_t rows;
    uint64_t blank; /* records left out */
    uint32_t lines;
    bool regular;
    as_line_jump *jumps;
    size_t jump_count, jump_room;
    as_ragged *ragged; /* rows counted in the stretch */
    size_t ragged_count, ragged_room;
    as_record_place *places; /* of the records, where they are not regular */
    size_t place_room;

    /* The part of it that as_rows_next laid out last: */
    uint32_t first, count; /* rows */
    const uint32_t *ends;
    size_t stride;
    uint32_t *own; /* the list written anew */
    size_t own_room;
} as_rows;

void as_rows_open(as_rows *r, uint32_t width, uint32_t named, char delimiter);
void as_rows_close(as_rows *r);
/* Counts and checks the records of a scan. AS_ENOMEM. */
as_code as_rows_make(as_rows *r, const as_scan *s, as_str text, as_err *e);
/* Lays out the next records (all of them where they are regular). Call until *more is false;
 * nothing is valid after the next scan. AS_ENOMEM. */
as_code as_rows_next(as_rows *r, const as_scan *s, as_str text, bool *more, as_err *e);

#endif
