/* shape.h: where tables stand in a sheet that nobody has described. Inside init/ only. */
#ifndef AS_INIT_SHAPE_H
#define AS_INIT_SHAPE_H

#include "input/input.h"

/* Rows of one table in a head. */
typedef struct as_init_block {
    size_t header;        /* index into head->rows */
    size_t last;          /* index of the last row of data; where cut, of the head's last row */
    uint32_t width;       /* columns up to the last one that has anything */
    bool cut;             /* something else stands below: a check needs a range */
    bool looks_like_data; /* the header is the best there is, but reads like a record */
} as_init_block;

/* The tables from row `from` on. Returns how many, at most `most`; 0: no row has anything. */
size_t as_init_blocks(const as_head *head, as_init_block *out, size_t most);

#endif
