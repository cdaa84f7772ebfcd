/* csv_fast.h: the parts of the fast CSV reader. Inside input/ only.
 *
 * csv_layout.c looks at a sample and gives every wanted column a layout. csv_fast.c cuts the
 * text into segments; workers read them (csv_window.c), scan them (csv_scan.c), count their
 * records (csv_rows.c) and, as
 * soon as it is certain where a segment begins and which row that is, decode it column by
 * column (csv_decode.c; csv_group.c: some at once) straight into the table's arrays. A column
 * that turns out to need another layout asks for it in `next` and is decoded again from the
 * start when all segments are known. */
#ifndef AS_INPUT_CSV_FAST_H
#define AS_INPUT_CSV_FAST_H

#include "input/csv.h"
#include "input/csv_rows.h"
#include "input/dict.h"

#include <pthread.h>

/* FILLED keeps nothing: it finds out whether anything stands in a column without a header. */
typedef enum as_fast_kind {
    AS_FAST_DICT1 = 1,
    AS_FAST_DICT2,
    AS_FAST_DICT4,
    AS_FAST_PACK8,
    AS_FAST_SLICE,
    AS_FAST_DATE,
    AS_FAST_INT,
    AS_FAST_NUM,
    AS_FAST_FILLED
} as_fast_kind;

/* special[first byte of a cell]: what the plain loops leave to as_cell_type. */
#define AS_SPECIAL_ALWAYS 1 /* a quote, white space, strange tokens */
#define AS_SPECIAL_TOKEN 2  /* it may be a null token, if it is no longer than the longest */

/* csv_dates_x86.c: dates of `groups` times eight records from where `ends` points, all
 * dd/mm/yyyy or all yyyy-mm-dd. How many groups could be read so; the rest is for another way.
 */
typedef uint32_t (*as_dates_fn)(const char *base, const uint32_t *ends, size_t stride,
                                uint32_t groups, bool dmy, as_date *out);
/* By the name of a scan, NULL: the best here. NULL: there is none. */
as_dates_fn as_dates_kernel(const char *name);

/* Memory of arrays (csv_arrays.c). */
typedef struct as_fast_block {
    char *map, *data;
    size_t size; /* of the map */
} as_fast_block;

typedef struct as_fast_column {
    as_fast_kind kind;
    const as_schema *schema;
    const as_field *field; /* NULL: FILLED */
    uint32_t field_index;
    uint32_t source;   /* cell of the record, from 0 */
    uint32_t number;   /* among the load's columns */
    bool grouped;      /* decoded with its neighbours (csv_group.c) */
    bool last;         /* the header's last: its cells may end in CR */
    bool dmy, ymd;     /* DATE: these two forms may be read at sight */
    as_dates_fn dates; /* DATE: NULL: one by one */
    bool plain;        /* no `strip`: numbers and dates may be read at sight at all */
    uint32_t token_max;
    uint8_t special[256];
    as_shared_dict *dict;
    uint32_t dict_limit;
    char *data;
    as_fast_block own;     /* where `data` is, if the layout was changed */
    _Atomic uint32_t next; /* the as_fast_kind that the data asks for; 0: none */
    bool done;
} as_fast_column;

size_t as_fast_cell_size(as_fast_kind kind);

/* A value of a slow cell, kept by its text: real files repeat themselves. */
typedef struct as_memo {
    uint64_t a, b;
    uint32_t length; /* 0: free */
    as_cell_kind kind;
    int64_t value; /* of a date or integer, or a double's bits */
} as_memo;

/* What one worker keeps for one column. */
typedef struct as_fast_notes {
    uint64_t nulls;
    as_bad_cell *bad; /* ascending by row */
    size_t bad_count, bad_room;
    as_memo *memo;
    bool filled;
} as_fast_notes;

/* Cells of some records, as csv_rows.h lays them out. */
typedef struct as_fast_cells {
    const char *base; /* what the entries of `ends` count from */
    const uint32_t *ends;
    size_t stride;
    uint32_t count;
    uint32_t row; /* of the table: the first record's */
} as_fast_cells;

/* Columns of codes that stand side by side. */
#define AS_GROUP_COLUMNS 8
typedef struct as_fast_group {
    as_fast_column *columns[AS_GROUP_COLUMNS];
    unsigned count;
    uint32_t source; /* of the first */
} as_fast_group;

/* What one worker knows of one group's texts. */
typedef struct as_group_memory {
    void *block; /* of slots; NULL: not needed yet */
    size_t used;
    uint64_t records, misses;
} as_group_memory;

typedef struct as_fast_worker {
    /* Where the scan finds the text, and its offsets count: a segment and a little more in
     * memory of the worker's own, or all of it. */
    as_str near;
    size_t shift;      /* of near's first byte in the text */
    size_t limit;      /* in the text: no scan begins to look further; SIZE_MAX: it is all */
    const char *stays; /* the same bytes, where they are as long as the table */
    char *room, *window;
    double digest_ms;      /* so far */
    char *copy, *copy_end; /* room for texts that stay, in `arena` */
    as_scan scan;
    as_rows rows;
    as_arena *arena;         /* texts that bad cells need; lives as long as the table */
    as_buf text;             /* a cell with doubled quotes undone */
    as_buf tmp;              /* for as_cell_type */
    as_fast_notes *notes;    /* per column of the load */
    as_group_memory *groups; /* per group of the load */
    as_ragged *ragged;
    size_t ragged_count, ragged_room;
} as_fast_worker;

typedef struct as_segment {
    size_t begin, end;
    uint32_t row, rows;   /* of the table */
    uint32_t line, lines; /* line of the first record */
    as_line_jump *jumps;
    size_t jump_count;
    bool careful; /* scanned by the letter */
    bool known;   /* begin, row and line are certain, and so is the end */
} as_segment;

typedef struct as_fast {
    as_csv *csv;
    as_str text;
    as_scan_fn kernel;
    as_pool *pool;
    size_t skip;  /* bytes of the file before the text */
    size_t size;  /* of a segment: they begin at multiples of it in the file */
    size_t first; /* number of the first one, which holds the first record */
    as_segment *segments;
    size_t count;
    as_fast_column *columns;
    size_t column_count;
    as_fast_group *groups; /* of these columns, in the first reading */
    size_t group_count;
    as_fast_block block; /* the columns' arrays */
    uint64_t row_room;
    as_fast_worker *workers;
    unsigned jobs;

    pthread_mutex_t lock; /* for all below, and for segments becoming known */
    pthread_cond_t moved;
    size_t failed; /* the lowest segment with an error; SIZE_MAX: none */
    as_code code;
    as_err err;
    bool not_utf8, too_small; /* why, where code is AS_OK */
    uint64_t blank;
} as_fast;

/* csv_fast.c: in the text. */
size_t as_fast_segment_stop(const as_fast *f, size_t i);

/* csv_window.c. Is it better to read this text than to look at it where it is mapped? */
bool as_window_wanted(const as_csv *c);
/* Memory for each worker. */
as_code as_window_open(as_fast *f, as_err *e);
void as_window_close(as_fast_worker *w);
/* Segment i near the worker, where there is memory for it. AS_EIO. */
as_code as_window_read(as_fast *f, as_fast_worker *w, size_t i, as_err *e);
/* All of the text instead. */
void as_window_whole(const as_fast *f, as_fast_worker *w);

/* csv_decode.c: one column of some records. AS_ENOMEM. */
as_code as_fast_decode(as_fast_column *c, const as_fast_cells *x, as_fast_worker *w,
                       as_fast_notes *n, as_err *e);
void as_fast_dates_init(void); /* once a process, before the first date */

/* csv_group.c: finds the groups. AS_ENOMEM. */
as_code as_fast_groups(as_fast *f, as_err *e);
/* One group of some records. AS_ENOMEM. */
as_code as_fast_decode_group(const as_fast_group *g, const as_fast_cells *x, as_fast_worker *w,
                             as_group_memory *m, as_err *e);

/* csv_layout.c: columns of a load, in c->arena. */
as_code as_fast_layout(as_fast_column **out, size_t *count, as_csv *c, as_scan_fn kernel,
                       as_err *e);

/* csv_arrays.c: for how many rows arrays should have room, so that it is hardly ever too
 * little.
 */
uint64_t as_fast_room(const as_csv *c, as_str text);
/* Arrays for columns, by their kinds, in a block that is empty. False: no memory. */
bool as_fast_map(as_fast_block *b, as_fast_column *columns, size_t count, uint64_t rows);
void as_fast_unmap(as_fast_block *b);

/* csv_table.c: a table of what was read; takes segments, workers and columns. */
as_code as_fast_table(as_table **out, as_fast *f, as_err *e);

void as_fast_close_workers(as_fast_worker *workers, unsigned jobs, size_t columns);
void as_fast_close_columns(as_fast_block *block, as_fast_column *columns, size_t count);

#endif
