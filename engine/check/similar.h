/* similar.h: (similar_*.c only) the parts of the check kind `similar`: similar.c binds the rule
 * and makes findings of what similar_near.c finds near, in the groups of similar_forest.c;
 * similar_tell.c tells them. */
#ifndef AS_CHECK_SIMILAR_H
#define AS_CHECK_SIMILAR_H

#include "base/text.h"
#include "check/same_key.h"

#define SIMILAR_FIELDS_MAX 8

typedef struct similar_plan {
    uint32_t fields[SIMILAR_FIELDS_MAX], within[AS_KEY_FIELDS_MAX];
    size_t field_count, within_count;
    as_fold fold;
    bool by_edits; /* at_most, else at_least */
    unsigned at_most;
    double at_least;
    bool nulls_empty, pairs;
    uint32_t block_limit;
    const as_cond *except;
    as_str except_words;
} similar_plan;

/* A pair of slots (places in as_same_key.rows) that is near, a < b, the nearer the less its
 * rank: the edits of all fields, or what their similarities lack, in units of 1e-8. */
typedef struct similar_pair {
    uint32_t rank, a, b;
} similar_pair;

/* Slots that belong together, each group with its nearest pair. */
typedef struct similar_node {
    uint32_t parent;      /* its own index: a root */
    bool untold;          /* nearest joined nothing when it was met */
    similar_pair nearest; /* of a root with members */
} similar_node;

void similar_forest_init(similar_node *nodes, uint32_t count);
uint32_t similar_root(similar_node *nodes, uint32_t i);
/* The rank of the nearest pair of the group that both are in; UINT32_MAX: they are in two. A
 * pair is news when its rank is less. */
uint32_t similar_known(similar_node *nodes, uint32_t a, uint32_t b);
/* Notes a pair that is news; true when it joined two groups. Its slots count from `base`. */
bool similar_join(similar_node *nodes, uint32_t base, similar_pair x);

/* What the parts share while a rule is evaluated. */
typedef struct similar_context {
    const as_eval *ev;
    const similar_plan *p;
    const as_table *t;
    const as_bound *where, *except;
    as_same_key blocks;
} similar_context;

/* The record's text in field f as it is compared. Appends to out; raw is for reading the cell.
 */
void similar_fold(const similar_plan *p, const as_table *t, size_t f, uint32_t row, as_buf *raw,
                  as_buf *out);

/* Pairs that are near in every field and that `except` does not excuse, as findings: row and
 * other are slots, detail the rank. With `pairs` all of them; else enough of them to know the
 * groups and the nearest pair of each. Records with a text longer than AS_COMPARED_MAX are left
 * out and go to *too_long, row and field set. The caller frees both. AS_EBUDGET: more than
 * AS_PAIRS_MAX pairs. */
as_code similar_near(const similar_context *c, as_findings *near, as_findings *too_long,
                     as_err *e);

/* as_result.state: finding i (its detail) is about the rows start[i] … start[i + 1] - 1 of
 * `rows`, ascending. */
typedef enum similar_what { SIMILAR_ALIKE, SIMILAR_TOO_LONG, SIMILAR_TOO_MANY } similar_what;
typedef struct similar_found {
    similar_what what;
    size_t start, count;    /* TOO_MANY: count alone */
    uint32_t first, second; /* the nearest pair, rows */
} similar_found;
typedef struct similar_state {
    similar_found *found;
    uint32_t *rows;
} similar_state;

as_code similar_tell(const as_eval *ev, const as_bind *b, const void *plan, const as_result *r,
                     const as_finding *f, as_evidence *out, as_err *e);

#endif
