/* cond_prove.c: see cond_prove.h.
 *
 * Order: collect (leaves, the fields that they read, the pairs of fields that they compare) →
 * as_prover_stand_ins for each field → meet, step. Leaves are numbered in the order in which
 * `value` meets them. */
#include "rules/cond_prover.h"

#include <math.h>

#define TRIES_MAX 100000 /* records tried for one proof */

/* ---- collecting ---- */

static size_t subject_of(prover *p, as_side side, uint32_t index)
{
    for (size_t i = 0; i < p->subject_count; i++)
        if (p->subjects[i].side == side && p->subjects[i].index == index)
            return i;
    const as_schema *s = p->schemas[side];
    if (p->subject_count == SUBJECTS_MAX || !s || index >= s->count) {
        p->failed = true;
        return 0;
    }
    p->subjects[p->subject_count] =
        (subject){.side = side, .index = index, .field = &s->fields[index]};
    return p->subject_count++;
}

static size_t pair_of(prover *p, pair x)
{
    for (size_t i = 0; i < p->pair_count; i++)
        if (p->pairs[i].a == x.a && p->pairs[i].b == x.b && p->pairs[i].offset == x.offset &&
            as_str_eq(p->pairs[i].param, x.param))
            return i;
    if (p->pair_count == SUBJECTS_MAX) {
        p->failed = true;
        return 0;
    }
    p->pairs[p->pair_count] = x;
    return p->pair_count++;
}

/* Without an offset a < b is b > a; with one the two are not the same to the last digit. */
static void against_field(prover *p, leaf *l)
{
    size_t b = subject_of(p, l->cond->other_side, l->cond->other);
    l->mirrored = l->cond->offset == 0 && l->a > b;
    l->pair = pair_of(p, l->mirrored ? (pair){.a = b, .b = l->a}
                                     : (pair){.a = l->a, .b = b, .offset = l->cond->offset});
}

/* What a release may set is not what it is today. */
static void against_param(prover *p, leaf *l)
{
    const as_cond *c = l->cond;
    as_str param = c->op == AS_COND_CMP ? c->bound.param : AS_NONE;
    for (size_t i = 0; c->op == AS_COND_IN && i < c->value_count; i++)
        param = c->values[i].param.len ? c->values[i].param : param;
    p->failed |= param.len && c->op == AS_COND_IN && c->value_count > 1; /* one among others */
    if (param.len)
        l->pair = pair_of(p, (pair){.a = l->a, .b = NONE, .param = param});
}

static bool is_group(const as_cond *c)
{
    return c->op == AS_COND_ALL || c->op == AS_COND_ANY || c->op == AS_COND_NOT;
}

static size_t count_leaves(const as_cond *c)
{
    size_t n = c && !is_group(c);
    for (size_t i = 0; c && i < c->kid_count; i++)
        n += count_leaves(c->kids[i]);
    return n;
}

static void collect(prover *p, const as_cond *c)
{
    if (!c)
        return;
    for (size_t i = 0; is_group(c) && i < c->kid_count; i++)
        collect(p, c->kids[i]);
    if (is_group(c))
        return;
    leaf l = {.cond = c, .a = subject_of(p, c->side, c->field), .pair = NONE};
    if (c->other != AS_NO_FIELD)
        against_field(p, &l);
    else
        against_param(p, &l);
    p->leaves[p->leaf_count++] = l;
}

/* ---- trying ---- */

static as_truth pair_truth(const prover *p, const leaf *l)
{
    const pair *x = &p->pairs[l->pair];
    size_t other = l->mirrored ? x->a : x->b;
    int order = l->mirrored ? 2 - p->order[l->pair] : p->order[l->pair];
    bool yes = false;
    if (other != NONE && p->at[other] == 0)
        return AS_UNDECIDED;
    if (l->cond->op == AS_COND_CMP)
        yes = as_prover_compares(l->cond->cmp, order, 1);
    else
        yes = (order == 1) == (l->cond->op != AS_COND_DIFFERS);
    return yes ? AS_TRUE : AS_FALSE;
}

static as_truth leaf_truth(const prover *p, size_t i)
{
    const leaf *l = &p->leaves[i];
    size_t at = p->at[l->a];
    as_cond_op op = l->cond->op;
    if (op == AS_COND_NULL || op == AS_COND_PRESENT)
        return (at == 0) == (op == AS_COND_NULL) ? AS_TRUE : AS_FALSE;
    if (at == 0)
        return l->cond->requires_present ? AS_FALSE : AS_UNDECIDED;
    if (l->pair != NONE)
        return pair_truth(p, l);
    return p->subjects[l->a].stand_ins[at - 1][i] ? AS_TRUE : AS_FALSE;
}

/* Every leaf is asked, so that *next keeps step. */
static as_truth value(const prover *p, const as_cond *c, size_t *next)
{
    if (!c)
        return AS_TRUE;
    if (!is_group(c))
        return leaf_truth(p, (*next)++);
    as_truth all = AS_TRUE, any = AS_FALSE;
    for (size_t i = 0; i < c->kid_count; i++) {
        as_truth t = value(p, c->kids[i], next);
        all = t < all ? t : all;
        any = t > any ? t : any;
    }
    if (c->op == AS_COND_ANY)
        return any;
    return c->op == AS_COND_ALL ? all : (as_truth)(AS_TRUE - all);
}

static void meet(const prover *p, const as_cond *const *conds, as_proof *out)
{
    size_t next = 0, world = 0, place = 1;
    for (size_t i = 0; i < out->count; i++, place *= 3)
        world += place * (size_t)value(p, conds[i], &next);
    out->met[world] = true;
}

/* The next record to try; false: that was the last. */
static bool step(prover *p)
{
    for (size_t i = 0; i < p->subject_count; i++) {
        if (++p->at[i] <= p->subjects[i].count)
            return true;
        p->at[i] = 0;
    }
    for (size_t i = 0; i < p->pair_count; i++) {
        if (++p->order[i] < 3)
            return true;
        p->order[i] = 0;
    }
    return false;
}

static bool too_many(const prover *p)
{
    double tries = 1;
    for (size_t i = 0; i < p->subject_count; i++)
        tries *= (double)p->subjects[i].count + 1;
    return tries * pow(3, (double)p->pair_count) > TRIES_MAX;
}

bool as_proof_make(as_proof *out, const as_schema *self, const as_schema *other,
                   const as_cond *const *conds, size_t count)
{
    prover p = {.arena = as_arena_open(), .schemas = {self, other}};
    size_t most = 1;
    *out = (as_proof){.count = count};
    for (size_t i = 0; i < count; i++)
        most += count_leaves(conds[i]);
    p.leaves = p.arena ? AS_NEW_N(p.arena, leaf, most) : NULL;
    p.failed = !p.leaves;
    for (size_t i = 0; !p.failed && i < count; i++)
        collect(&p, conds[i]);
    for (size_t i = 0; !p.failed && i < p.subject_count; i++)
        as_prover_stand_ins(&p, &p.subjects[i]);
    bool made = !p.failed && !too_many(&p);
    if (made)
        do
            meet(&p, conds, out);
        while (step(&p));
    as_arena_close(p.arena);
    return made;
}

bool as_proof_all(const as_proof *p, as_claim claim)
{
    size_t worlds = 1;
    for (size_t i = 0; i < p->count; i++)
        worlds *= 3;
    for (size_t w = 0; w < worlds; w++) {
        as_truth truth[AS_PROOF_CONDS];
        for (size_t i = 0, rest = w; i < p->count; i++, rest /= 3)
            truth[i] = (as_truth)(rest % 3);
        if (p->met[w] && !claim(truth))
            return false;
    }
    return true;
}
