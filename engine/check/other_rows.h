/* other_rows.h: the rows of another table that a rule looks into, by key; for `latest` which of
 * them is the last for each of the rule's records.
 *
 * A kind says at bind which rows it will ask for (as_bind.ask). Rules that ask for the same
 * rows share them: run/ makes those once, before the rules, and puts them into as_eval.given.
 * Where nothing is given (a self-test, a rule alone) as_eval_other_rows makes them. */
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
    as_str self;   /* the rule's table, and its fields that are looked up */
    uint32_t mine[AS_KEY_FIELDS_MAX];
} as_other_ask;

/* For one record: the first row of the latest day among those with its key, and how many rows
 * share that day. */
typedef struct as_latest {
    uint32_t row;  /* ties 0: AS_KEY_NULL, or nothing */
    uint32_t ties; /* 0: there is none */
    as_date day;
} as_latest;

/* From one row of a latest day to the next. */
typedef struct as_latest_tie {
    uint32_t row, next;
} as_latest_tie;

/* Either the rows by key or, with a date, the latest for each record of the rule's table. */
typedef struct as_other_rows {
    as_index *index; /* NULL: with a date */
    as_latest *latest;
    as_latest_tie *tied; /* rows descend */
    size_t tied_count, tied_room;
} as_other_rows;

/* The next row of the day of `row`, which is one of several and not the last. */
uint32_t as_latest_next(const as_other_rows *x, uint32_t row);

/* Do both ask for the same rows? Rules of one run: parameters mean the same in both. */
bool as_other_ask_same(const as_other_ask *x, const as_other_ask *y);
/* Are they looked up by the same records of the same table? */
bool as_other_ask_same_self(const as_other_ask *x, const as_other_ask *y);
/* With a date: what finding the latest looks into, the rule's own table. */
as_other_ask as_other_ask_back(const as_other_ask *x);

as_code as_other_rows_open(as_other_rows **out, const as_other_ask *ask, as_tables tables,
                           as_pool *pool, as_arena *a, as_err *e);
void as_other_rows_close(as_other_rows *x); /* NULL is fine */
#endif
