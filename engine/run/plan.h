/* plan.h: for run/ and prove/. A rule bound to its kind, and what every table must hold for the
 * rules to be evaluated. */
#ifndef AS_RUN_PLAN_H
#define AS_RUN_PLAN_H

#include "run/run.h"

/* Which fields of one table somebody reads. `present` tells whether the release (or a pack) has
 * the table. */
typedef struct as_need {
    as_str table;
    const as_schema *schema;
    bool *want;    /* one a field */
    bool *decides; /* one a field: what a rule finds may depend on it; the others are read to
                      name a record, or for the message */
} as_need;

typedef struct as_needs {
    as_need *items;
    size_t count;
} as_needs;

/* One rule, ready to be evaluated. as_bind keeps pointers into this struct, so it must not
 * move. */
typedef struct as_bound_rule {
    const as_rule *rule;
    const as_check_kind *kind;
    as_bind bind;
    void *plan;
    as_needs needs; /* of this rule alone */
    bool builtin;
} as_bound_rule;

struct as_plan {
    const as_project *project;
    as_arena *arena;
    as_bound_rule **rules;
    size_t count;
    as_needs needs;                     /* of all rules, and of the measures below */
    const as_bound_measure **published; /* whose tables the release has */
    size_t published_count;
};

/* Bind one rule; `over` are the parameters of a test case. Mistakes in the rule go to `d`:
 * compare d->errors. */
as_code as_rule_bind(as_bound_rule **out, const as_project *p, const as_rule *rule,
                     const as_param *over, size_t over_count, as_arena *a, as_diags *d,
                     as_err *e);

/* Add one need to a list; false: out of memory. */
bool as_needs_add(as_needs *n, as_arena *a, const as_project *p, as_str table, uint32_t field);
const as_need *as_needs_find(const as_needs *n, as_str table);

/* Load one table (of the release or a reference) with the fields of `need`; NULL need = all
 * fields. */
as_code as_load_table(as_table **out, const as_project *p, as_str name, const as_need *need,
                      as_count *progress, as_pool *pool, as_diags *d, as_err *e);

/* Evaluate one rule on tables that are there. The caller owns ev->arena, which keeps what
 * describe needs. */
as_code as_rule_eval(as_eval *ev, const as_bound_rule *r, as_result *out, as_err *e);

/* lint_rules.c: rules that never find anything, contradict or repeat each other. */
as_code as_lint_rules(const as_plan *plan, as_diags *d, as_err *e);

#endif
