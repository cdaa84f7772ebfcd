/* given.h: what run/share.c makes before rules run, made for one rule, so that a rule can be
 * tried with it and without it. */
#ifndef AS_TESTS_GIVEN_H
#define AS_TESTS_GIVEN_H

#include "oracle/rules.h"

typedef struct given {
    as_other_rows *rows, *back; /* back: what finding the latest looks into */
    uint32_t *first;
    as_ready_index index;
    as_ready_match match;
} given;

static inline uint32_t *given_first(as_tables tables, const as_other_ask *ask,
                                    const as_index *index)
{
    const as_table *t = as_tables_find(tables, ask->self);
    as_key key = {.table = t, .count = ask->count};
    as_probe probe;
    as_err e;
    uint32_t *first = malloc((t->rows + 1) * sizeof *first);
    memcpy(key.fields, ask->mine, sizeof ask->mine);
    assert_int_equal(as_probe_open(&probe, &key, index, NULL, &e), AS_OK);
    for (uint32_t at = 0; at < t->rows; at += AS_BLOCK)
        (void)as_probe_block(&probe, at, t->rows - at < AS_BLOCK ? t->rows - at : AS_BLOCK,
                             first + at);
    as_probe_close(&probe);
    return first;
}

/* False: the rule looks into no other table, or that could not be made. `g` is for given_take.
 */
static inline bool given_make(given *g, as_eval *ev, const as_other_ask *ask)
{
    const as_other_ask back = as_other_ask_back(ask);
    as_err e;
    memset(g, 0, sizeof *g);
    if (ask->table.len == 0)
        return false;
    if (ask->date != AS_NO_FIELD) {
        if (as_other_rows_open(&g->back, &back, ev->tables, NULL, ev->arena, &e) != AS_OK)
            return false;
        g->first = given_first(ev->tables, &back, g->back->index);
        g->index = (as_ready_index){back.table, ask->mine, ask->count, g->back->index};
        g->match = (as_ready_match){ask->table, ask->fields, g->index, g->first};
        ev->tables.ready = &g->index;
        ev->tables.matches = &g->match;
        ev->tables.ready_count = ev->tables.match_count = 1;
    }
    if (as_other_rows_open(&g->rows, ask, ev->tables, NULL, ev->arena, &e) != AS_OK)
        return false;
    ev->given = g->rows;
    if (ask->date == AS_NO_FIELD)
        ev->matched = g->first = given_first(ev->tables, ask, g->rows->index);
    return true;
}

static inline void given_take(given *g, as_eval *ev)
{
    ev->given = NULL;
    ev->matched = NULL;
    ev->tables.ready_count = ev->tables.match_count = 0;
    as_other_rows_close(g->rows);
    as_other_rows_close(g->back);
    free(g->first);
    memset(g, 0, sizeof *g);
}

#endif
