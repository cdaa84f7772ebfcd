/* adds_up.h: what the kind adds_up works with. Three forms, told apart by what the rule names:
 *   no table              total and parts are measures: one sum for each group
 *   table                 total and parts are fields: one sum for each record
 *   table and `across`    total and parts are values of the field `across`, and what is added
 *                         up is the field `value`: one sum for each group of `by`
 * In the first two the total may be a number (100 for percentages). */
#ifndef AS_CHECK_ADDS_UP_H
#define AS_CHECK_ADDS_UP_H

#include "base/limits.h"
#include "check/check.h"
#include "check/params.h"

typedef enum as_sum_form { AS_SUM_MEASURES, AS_SUM_FIELDS, AS_SUM_ROWS } as_sum_form;

typedef struct as_adds_up {
    as_sum_form form;
    bool fixed; /* the total is `number` */
    double number;
    bool nulls_zero;
    double rounded_to; /* 0: not rounded */
    as_tolerance tolerance;
    size_t count; /* parts; 0 with AS_SUM_ROWS: all rows but the total's */
    const as_bound_measure *measures[AS_PARTS_MAX + 1]; /* parts, then the total */
    uint32_t fields[AS_PARTS_MAX + 1];                  /* the same */
    as_str values[AS_PARTS_MAX + 1];                    /* the same */
    uint32_t value, across;
    uint32_t by_fields[AS_KEY_FIELDS_MAX];
    const as_str *by;
    size_t by_count;
    bool secret;     /* a number is sensitive */
    bool secret_key; /* the group is */
} as_adds_up;

typedef struct as_sum {
    double total;   /* NaN: not there */
    double parts;   /* added up */
    size_t known;   /* numbers that went in, the total not among them */
    size_t lacking; /* parts that are null or not there */
} as_sum;

/* A group with AS_SUM_MEASURES and AS_SUM_ROWS. */
typedef struct as_sum_group {
    const as_str *keys;
    as_sum sum;
    bool has_total;
    double *values; /* of the parts that are named; NaN: not there */
} as_sum_group;

/* The block, read. Mistakes go to b->diags. (adds_up_bind.c) */
as_code as_adds_up_bind(as_bind *b, void **plan, as_err *e);
/* out->state: the groups, where there are any. (adds_up_sum.c) */
as_code as_adds_up_eval(as_eval *ev, const as_bind *b, const void *plan, as_result *out,
                        as_err *e);
/* One record's sum, with AS_SUM_FIELDS. */
as_sum as_adds_up_record(const as_adds_up *p, const as_table *t, uint32_t row);
/* How far total and sum may be apart: each rounded number is off by at most half a unit. */
as_tolerance as_adds_up_room(const as_adds_up *p, const as_sum *s);

#endif
