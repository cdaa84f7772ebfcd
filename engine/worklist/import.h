/* import.h: what the parts of the import share. Private to worklist/.
 *
 * import.c finds the columns, takes the rows one by one and makes the events; match.c finds the
 * finding that a row is about and tells whether somebody changed what it says. */
#ifndef AS_WORKLIST_IMPORT_H
#define AS_WORKLIST_IMPORT_H

#include "worklist/worklist.h"

#define AS_WL_ABSENT ((size_t)-1)

/* A row of the file by column; an absent column is AS_NONE, an empty cell "". */
typedef struct as_wl_cells {
    as_str text[AS_WL_COLUMNS];
    bool there[AS_WL_COLUMNS];
    bool from_1904;
} as_wl_cells;

/* ---- match.c ---- */

typedef struct as_matcher as_matcher;
as_code as_matcher_make(as_matcher **out, as_worklist *known, as_arena *a, as_err *e);
/* The row of the list, or AS_WL_ABSENT and a sentence in `why`. */
size_t as_matcher_find(const as_matcher *m, const as_wl_cells *cells, as_buf *why);
/* Has a protected cell another text than the list has? The sentence is in `why`. */
bool as_matcher_changed(const as_matcher *m, size_t row, const as_wl_cells *cells, as_buf *why);

/* ---- answer.c ---- */

/* False: `why` has the sentence. *date is empty where there is none. */
bool as_answer_parse(const as_wl_cells *cells, as_answer *answer, char date[16], as_buf *why);

#endif
