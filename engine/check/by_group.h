/* by_group.h: what the kinds on figures (compare, reconcile, share, trend, adds_up) share:
 * measures named in a rule, numbers and groups in words. */
#ifndef AS_CHECK_BY_GROUP_H
#define AS_CHECK_BY_GROUP_H

#include "check/params.h"

/* The measure that `n` names, bound; NULL: reported (also where n is NULL: then a required
 * parameter is missing, which as_params_block reports). */
const as_bound_measure *as_by_group_measure(as_bind *b, const as_node *n, const char *what);
/* Both by the same fields in the same order. */
bool as_by_group_same(const as_bound_measure *x, const as_bound_measure *y);
/* The measure's group, or NULL; a measure without `by` has one for every group. */
const as_measured *as_by_group_find(const as_measure_result *r, const as_str *keys);

/* What the groups of several measures are by: all of them are by the same fields in the same
 * order, or by none; one that is not is reported at its node (NULL: at the rule). Measures that
 * are NULL were reported before and are passed over. The names may be used in messages. */
void as_by_group_fields(as_bind *b, const as_bound_measure *const *measures,
                        const as_node *const *at, size_t count, const char *kind,
                        const as_str **by, size_t *by_count);

/* The figures of several measures, and every group that any of them has. Lives in the run's
 * arena. */
typedef struct as_figures {
    as_measure_result *of;
    const as_str *const *keys;
    size_t count; /* groups */
} as_figures;
as_code as_by_group_figures(as_eval *ev, const as_bound_measure *const *measures, size_t count,
                            size_t by_count, as_figures *out, as_err *e);
/* The group's figure. NaN: unknown; so is a group that a mean or a formula lacks. One that a
 * count or a sum lacks is 0: nothing was there to add. */
double as_by_group_value(const as_bound_measure *m, const as_measure_result *r,
                         const as_str *keys);

/* Where the measure's number comes from: "counted from the records", "published" (a sum over a
 * table whose schema is an unpivoted sheet or whose name begins with "published"), … */
const char *as_say_origin(const as_bind *b, const as_bound_measure *m);
/* For sentences: "2,071", "−3", "83.25"; at most three decimals; "unknown" for NaN. Appends. */
void as_say_number(as_buf *out, double x);
/* The same with its sign always: "+2", "−3". */
void as_say_signed(as_buf *out, double x);
/* For values: "2071", "-3", "83.25". .ptr NULL: out of memory. */
as_str as_plain_number(as_arena *a, double x);
/* The same to three decimals, for means and the like. */
as_str as_plain_rounded(as_arena *a, double x);
/* "Boarding School / Private"; "(none)" for null; "" without keys. .ptr NULL: out of memory. */
as_str as_say_group(as_arena *a, const as_str *keys, size_t count);

/* Put into out->extra: the group's values under the names of its fields; a number (NaN: null).
 * False: out of memory. */
void as_extra_group(as_evidence *out, const as_str *by, const as_str *keys, size_t count);
bool as_extra_number(as_evidence *out, const char *name, double x);

/* For what is judged unrounded: one decimal, and as many more as it takes not to look like one
 * of `marks` that it is not: 98.996 is not 99. "100" where it is whole. Appends. */
void as_say_rounded(as_buf *out, double x, const double *marks, size_t count);
/* The same with "%". */
void as_say_percent(as_buf *out, double percent, const double *marks, size_t count);

/* "A, B and 3 more": at most `most` groups by name. Appends. */
void as_say_groups(as_buf *out, const as_str *const *keys, size_t count, size_t by_count,
                   size_t most);
/* Add "3 groups WHY: A, B and C" to a result's note; nothing where count is 0. `secret`: the
 * groups are of sensitive values and are not named. */
as_code as_note_groups(as_arena *a, as_str *note, const char *why, const as_str *const *keys,
                       size_t count, size_t by_count, bool secret, as_err *e);
/* Add a sentence to a result's note, with "; " between. */
as_code as_note_add(as_arena *a, as_str *note, as_str text, as_err *e);

#endif
