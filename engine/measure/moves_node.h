/* moves_node.h: what as_moves holds. Private to moves.c and moves_without.c.
 *
 * Nodes of all measures stand in one list, each measure once and behind those that its formula
 * names, so that one pass over the list carries a change from counts to formulas. */
#ifndef AS_MEASURE_MOVES_NODE_H
#define AS_MEASURE_MOVES_NODE_H

#include "measure/bound.h"
#include "measure/moves.h"

typedef struct as_moves_node {
    const as_measure_node *n;
    as_measure_result result;
    const uint32_t *operands; /* of a formula: nodes of this list */
    const as_table *table;    /* records may be left out of it; else NULL */
    uint32_t *group;          /* of each row of `table`: its place in result.groups; AS_NO_ROW:
                                 not chosen */
    uint32_t *value;   /* distinct: of each row, the number of group and value together */
    uint32_t *records; /* distinct: of each of these, how many records have it */
    as_str *names;     /* one a group, where the measure is one of those asked for */
} as_moves_node;

struct as_moves {
    as_arena *arena;
    as_moves_node *nodes;
    size_t count;
    uint32_t *asked; /* nodes, in the order of the measures */
    size_t asked_count;
};

#endif
