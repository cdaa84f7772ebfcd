/* view.h: (table/ only) the text of a cell where it lies, without memory of its own. */
#ifndef AS_TABLE_VIEW_H
#define AS_TABLE_VIEW_H

#include "table/table.h"

typedef struct as_view {
    as_str text;  /* may point into pack; .ptr NULL = null */
    bool doubled; /* text holds doubled quotes: each pair is one quote */
    char pack[8];
} as_view;

/* Fill *v for a text layout (DICT, PACK8, SLICE); false for the others. `raw`: as the file has
 * it. */
bool as_view_cell(as_view *v, const as_table *t, const as_column *c, uint32_t row, bool raw);
/* The same text? Both not null. */
bool as_view_equal(const as_view *a, const as_view *b);
/* as_text_hash of the text. */
uint64_t as_view_hash(const as_view *v);

#endif
