/* expression.h: formulas that a rule writes in place, over measures, numbers and names of the
 * rule's own: "homes_close - homes_open", "100 * a / 127", "a - b = c".
 *
 * A set holds the measures that its expressions name, each once. Order: as_expressions_open →
 * as_expression_bind, as_comparison_bind (every mistake is reported to diags) →
 * as_expressions_eval once on loaded tables → as_expression_value as often as wanted. A set is
 * immutable after binding. Everything lives in the arena. */
#ifndef AS_MEASURE_EXPRESSION_H
#define AS_MEASURE_EXPRESSION_H

#include "measure/measure.h"
#include "rules/cond.h"

typedef struct as_expressions as_expressions;
typedef struct as_expression as_expression;

/* env: project, parameters of a test case, arena, diags. NULL: out of memory. */
as_expressions *as_expressions_open(const as_cond_env *env, as_want_fn want, void *want_arg);

typedef struct as_expression_ask {
    as_str text;
    as_span at;
    const as_str *own; /* names whose values come with as_expression_value; they go before
                          measures */
    size_t own_count;
    const as_node *group; /* {field: value, …}: which group of a measure that has `by`; or NULL
                           */
    as_diags *diags;
} as_expression_ask;

/* NULL: reported. */
const as_expression *as_expression_bind(as_expressions *s, const as_expression_ask *ask);

typedef enum as_relation {
    AS_REL_EQUAL,
    AS_REL_NOT_EQUAL,
    AS_REL_BELOW,
    AS_REL_AT_MOST,
    AS_REL_ABOVE,
    AS_REL_AT_LEAST
} as_relation;
typedef struct as_comparison {
    const as_expression *left, *right;
    as_relation is;
} as_comparison;
/* "LEFT = RIGHT", also != < <= > >=. NULL: reported. */
const as_comparison *as_comparison_bind(as_expressions *s, const as_expression_ask *ask);

/* Whether own name `i` is in it. If it is nothing but own name i: as_expression_is_own. */
bool as_expression_uses(const as_expression *x, size_t i);
bool as_expression_is_own(const as_expression *x, size_t i);
/* Whether one of its measures is by this field, so that `group` is heard. */
bool as_expression_is_by(const as_expression *x, as_str field);
as_str as_expression_text(const as_expression *x); /* as written, trimmed */

/* Works out every measure of the set. *results, for as_expression_value, lives in `a`. */
as_code as_expressions_eval(const as_expressions *s, as_tables tables, as_pool *pool,
                            as_arena *a, const as_measure_result **results, as_err *e);
/* NaN: unknown. own[i] belongs to name i of the ask. A group that a count lacks is 0. */
double as_expression_value(const as_expression *x, const as_measure_result *results,
                           const double *own);

#endif
