/* other_rows.h: the rows of another table that a rule looks into, by key; for `latest` also
 * which of them is the last.
 *
 * A kind says at bind which rows it will ask for (as_bind.ask). Rules that ask for the same
 * rows share them: run/ makes those once, before the rules, and puts them into as_eval.given.
 * Where nothing is given (a self-test, a rule alone) as_other_rows_get makes them. */
#ifndef AS_CHECK_OTHER_ROWS_H
#define AS_CHECK_OTHER_ROWS_H

#include "eval/eval.h"
#include "measure/measure.h"

typedef struct as_other_ask {
    as_str table; /* empty: the rule asks for nothing */
    uint32_t fields[AS_KEY_FIELDS_MAX];
    size_t count;
    const as_cond *where;   /* on that table alone; NULL: every row */
    const as_node *written; /* `where` as the rule has it: what two rules are compared by */
    uint32_t date; /* rows without it are left out, and the latest is found; AS_NO_FIELD */
} as_other_ask;

typedef struct as_other_rows {
    as_index *index;
    /* With a date: by the first row of each key, the first row of its latest day, and how many
     * rows share that day. */
    uint32_t *latest, *ties;
} as_other_rows;

/* Do both ask for the same rows? Rules of one run: parameters mean the same in both. */
bool as_other_ask_same(const as_other_ask *x, const as_other_ask *y);

as_code as_other_rows_open(as_other_rows **out, const as_other_ask *ask, as_tables tables,
                           as_pool *pool, as_arena *a, as_err *e);
void as_other_rows_close(as_other_rows *x); /* NULL is fine */

#endif
