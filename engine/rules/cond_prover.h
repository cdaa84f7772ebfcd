/* cond_prover.h: private to the prover of conditions: what cond_prove.c (collecting and trying)
 * and cond_stand_in.c (values that stand for all) share. */
#ifndef AS_RULES_COND_PROVER_H
#define AS_RULES_COND_PROVER_H

#include "rules/cond_prove.h"

#define SUBJECTS_MAX 24
#define NONE SIZE_MAX

typedef struct subject { /* a field */
    as_side side;
    uint32_t index;
    const as_field *field;
    uint8_t **stand_ins; /* without null, which comes first */
    size_t count;
} subject;

/* The order of field `a` and field `b` plus offset, or of field `a` and a parameter. */
typedef struct pair {
    size_t a, b; /* b NONE: the parameter */
    double offset;
    as_str param;
} pair;

typedef struct leaf {
    const as_cond *cond;
    size_t a, pair; /* pair NONE: no other field and no parameter */
    bool mirrored;  /* written as b against a */
} leaf;

typedef struct prover {
    as_arena *arena;
    const as_schema *schemas[2];
    leaf *leaves;
    size_t leaf_count;
    subject subjects[SUBJECTS_MAX];
    size_t subject_count;
    pair pairs[SUBJECTS_MAX];
    size_t pair_count;
    /* the record that is tried */
    size_t at[SUBJECTS_MAX];     /* 0 = null, else a stand-in + 1 */
    uint8_t order[SUBJECTS_MAX]; /* of each pair: 0 less, 1 equal, 2 greater */
    bool failed;
} prover;

/* Find the stand-ins of a field; sets p->failed where they are too many or memory is out. */
void as_prover_stand_ins(prover *p, subject *s);
bool as_prover_compares(as_cmp cmp, double x, double bound);

#endif
