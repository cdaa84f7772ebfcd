/* figures.h: the parts of the check kind `figures`: what bind makes of a rule (figures_bind.c,
 * figures_item.c), the sentences held against the document (figures_weigh.c), the list of what
 * nothing verifies (figures_rest.c). Private to check/.
 *
 * An item is one entry of `quotes:`: one quote or several, names for their numbers, and checks
 * on the names. A rule that lists unverified numbers takes in the items of every other rule on
 * the document, for the count; what they find is for those rules to tell. */
#ifndef AS_CHECK_FIGURES_H
#define AS_CHECK_FIGURES_H

#include "check/figure_quote.h"
#include "check/params.h"
#include "measure/expression.h"

/* A fraction in words is this precise where no tolerance is given: a third is 31% to 36%. */
#define AS_FRACTION_ROOM 0.025

typedef enum as_figure_test {
    AS_FIGURE_EQUALS,     /* the number is the formula, or above, at most, … it */
    AS_FIGURE_SHARE_OF,   /* some whole number of so many is this percentage */
    AS_FIGURE_SHARE_WITH, /* so many are this percentage of some whole number */
    AS_FIGURE_HOLDS       /* a comparison over names and measures */
} as_figure_test;

typedef struct as_figure_check {
    as_figure_test test;
    size_t own; /* which name; not for HOLDS */
    const as_expression *formula;
    const as_comparison *holds;
    as_str written;
    as_relation is; /* what the formula is to the number */
    as_tolerance tolerance;
    bool tolerant;
} as_figure_check;

#define AS_OWN_NONE SIZE_MAX /* {_} */

typedef struct as_figure_item {
    as_quote *quotes;
    size_t (*own)[AS_QUOTE_FIGURES_MAX]; /* quote, number -> name */
    size_t quote_count;
    uint32_t entry;      /* from 1, among the rule's entries with the same first quote */
    uint32_t occurrence; /* from 1; 0: there must be one */
    bool all;
    as_str *names; /* "" where the number has none */
    size_t name_count;
    as_figure_check *checks;
    size_t check_count;
} as_figure_item;

typedef enum as_unverified { AS_REST_NONE, AS_REST_LIST, AS_REST_COUNT } as_unverified;

typedef struct as_figures_plan {
    as_str document;
    as_figure_item *items;
    size_t item_count;
    size_t foreign; /* items from here on are other rules' */
    as_expressions *expressions;
    const as_regex **ignore;
    as_span *ignore_at;
    size_t ignore_count;
    int unverified;
} as_figures_plan;

as_code as_figures_bind(as_bind *b, void **plan, as_err *e);
/* One entry of `quotes:`, added to plan->items unless it has mistakes (reported). */
void as_figures_item(as_bind *b, as_figures_plan *plan, const as_node *entry);

/* ---- evaluation ---- */

enum { AS_FIGURE_BOUND = 1, AS_FIGURE_FAILED = 2, AS_FIGURE_UNDECIDED = 4 };

/* One finding, ready to be told; texts live in the run's arena. */
typedef struct as_figure_finding {
    as_str key, field, expected, sentence, stated;
    double measured;
    bool has_measured;
    size_t at; /* byte of the folded text; SIZE_MAX: no place */
} as_figure_finding;

typedef struct as_figures_run {
    const as_figures_plan *plan;
    as_arena *arena;
    as_figure_text text;
    as_figures_found all;
    uint8_t *flags; /* one a number */
    const as_measure_result *results;
    as_figure_finding *told;
    size_t told_count, told_size;
    bool muted; /* items of other rules */
    as_result *out;
} as_figures_run;

/* False: out of memory. */
bool as_figures_tell(as_figures_run *r, as_figure_finding f);
/* Hold one item against the document. */
as_code as_figures_weigh(as_figures_run *r, const as_figure_item *item, as_err *e);
/* List, or count, what nothing verifies. */
as_code as_figures_rest(as_figures_run *r, as_err *e);

#endif
