/* bound.c: from a condition and its tables to a bound condition (bound.h), and the public face
 * of eval/.
 *
 * Order: as_scratch_open, as_bound_make, then as_bound_block, as_bound_pair(s), as_bound_blame
 * by any thread that brings its own scratch; as_bound_all brings its own. */
#include "eval/bound.h"

#include "base/alloc.h"
#include <math.h>

/* ---- scratch ---- */

as_scratch *as_scratch_open(void)
{
    as_scratch *s = as_alloc(sizeof *s);
    if (!s)
        return NULL;
    memset(s, 0, offsetof(as_scratch, hash_a)); /* the blocks behind are written before read */
    s->text = AS_BUF(AS_FIELD_MAX);
    s->fold = AS_BUF(4 * AS_FIELD_MAX); /* folding may make text longer */
    s->memo = as_calloc(EV_MEMO, sizeof *s->memo);
    if (s->memo)
        return s;
    as_scratch_close(s);
    return NULL;
}

void as_scratch_close(as_scratch *s)
{
    if (!s)
        return;
    as_buf_free(&s->text);
    as_buf_free(&s->fold);
    as_free(s->memo);
    as_free(s->levels);
    as_free(s->picked);
    as_free(s);
}

/* ---- all, any, not: steps ---- */

static bool same_column(const bnode *x, const bnode *y)
{
    return x->kind == y->kind && x->a.c == y->a.c && x->a.side == y->a.side;
}

/* Both look-up tables as one, a new one: a kid's own stays as it is for blame. */
static as_code merge_luts(bnode **into, const bnode *x, const bnode *y, bool all, as_arena *a,
                          as_err *e)
{
    const size_t count = x->a.c->dict.count;
    uint8_t *lut = as_arena_alloc(a, count + 1);
    bnode *merged = AS_NEW(a, bnode);
    if (!lut || !merged)
        return as_fail_nomem(e);
    for (size_t i = 0; i < count; i++) {
        bool x_wins = all ? x->lut[i] <= y->lut[i] : x->lut[i] >= y->lut[i];
        lut[i] = x_wins ? x->lut[i] : y->lut[i];
    }
    *merged = *x;
    merged->lut = lut;
    *into = merged;
    return AS_OK;
}

static as_code merge_ranges(bnode **into, const bnode *x, const bnode *y, as_arena *a,
                            as_err *e)
{
    bnode *merged = AS_NEW(a, bnode);
    if (!merged)
        return as_fail_nomem(e);
    *merged = *x;
    merged->lo = x->lo > y->lo ? x->lo : y->lo;
    merged->hi = x->hi < y->hi ? x->hi : y->hi;
    merged->flo = fmax(x->flo, y->flo);
    merged->fhi = fmin(x->fhi, y->fhi);
    merged->if_null = x->if_null < y->if_null ? x->if_null : y->if_null;
    *into = merged;
    return AS_OK;
}

static as_code add_step(bnode *b, bnode *step, bind_maker *m, as_err *e)
{
    const bool all = b->kind == EV_ALL;
    if (step->kind == EV_CONST && step->value == (all ? AS_TRUE : AS_FALSE))
        return AS_OK;
    for (size_t i = 0; i < b->step_count; i++) {
        if (!same_column(b->steps[i], step))
            continue;
        if (step->kind == EV_LUT)
            return merge_luts(&b->steps[i], b->steps[i], step, all, m->arena, e);
        if (step->kind == EV_RANGE && all)
            return merge_ranges(&b->steps[i], b->steps[i], step, m->arena, e);
    }
    b->steps[b->step_count++] = step;
    return AS_OK;
}

/* Become what the only step is, keeping the condition and the kids. */
static void become(bnode *b, const bnode *step)
{
    bnode as_step = *step;
    as_step.cond = b->cond;
    as_step.kids = b->kids;
    as_step.kid_count = b->kid_count;
    *b = as_step;
}

static as_code make_steps(bnode *b, bind_maker *m, as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; code == AS_OK && i < b->kid_count; i++)
        code = add_step(b, b->kids[i], m, e);
    if (code != AS_OK)
        return code;
    if (b->step_count == 0)
        as_bnode_const(b, b->kind == EV_ALL ? AS_TRUE : AS_FALSE);
    else if (b->step_count == 1)
        become(b, b->steps[0]);
    return AS_OK;
}

static as_code make_not(bnode *b, bind_maker *m, as_err *e)
{
    const bnode *kid = b->kids[0];
    b->steps[b->step_count++] = b->kids[0];
    if (kid->kind == EV_CONST)
        as_bnode_const(b, (uint8_t)(2 - kid->value));
    if (kid->kind != EV_LUT)
        return AS_OK;
    uint8_t *lut = as_arena_alloc(m->arena, (size_t)kid->a.c->dict.count + 1);
    if (!lut)
        return as_fail_nomem(e);
    for (size_t i = 0; i < kid->a.c->dict.count; i++)
        lut[i] = (uint8_t)(2 - kid->lut[i]);
    become(b, kid);
    b->lut = lut;
    return AS_OK;
}

/* Recursion is as deep as the YAML was: AS_YAML_DEPTH_MAX. *height: buffers that a block needs
 * here. */
static as_code make(bnode **out, const as_cond *c, bind_maker *m, uint32_t *height, as_err *e)
{
    const bool inner = c->op == AS_COND_ALL || c->op == AS_COND_ANY || c->op == AS_COND_NOT;
    bnode *b = AS_NEW(m->arena, bnode);
    *height = 0;
    *out = b;
    if (!b)
        return as_fail_nomem(e);
    b->cond = c;
    if (!inner)
        return as_bnode_leaf(b, c, m, e);
    b->kids = AS_NEW_N(m->arena, bnode *, c->kid_count + 1);
    b->steps = AS_NEW_N(m->arena, bnode *, c->kid_count + 1);
    if (!b->kids || !b->steps)
        return as_fail_nomem(e);
    for (size_t i = 0; i < c->kid_count; i++) {
        uint32_t below;
        as_code code = make(&b->kids[i], c->kids[i], m, &below, e);
        if (code != AS_OK)
            return code;
        b->kid_count++;
        *height = below + 1 > *height ? below + 1 : *height;
    }
    b->kind = c->op == AS_COND_ALL ? EV_ALL : c->op == AS_COND_ANY ? EV_ANY : EV_NOT;
    return b->kind == EV_NOT ? make_not(b, m, e) : make_steps(b, m, e);
}

as_code as_bound_make(as_bound **out, const as_cond *c, const as_table *self,
                      const as_table *other, as_arena *a, as_err *e)
{
    *out = NULL;
    if (!c)
        return AS_OK;
    as_bound *b = AS_NEW(a, as_bound);
    bind_maker m = {{self, other}, a, as_scratch_open(), {false, false}};
    as_code code = b && m.scratch ? AS_OK : as_fail_nomem(e);
    if (code == AS_OK)
        code = make(&b->root, c, &m, &b->levels, e);
    as_scratch_close(m.scratch);
    if (code != AS_OK)
        return code;
    b->both_sides = m.reads[AS_SIDE_SELF] && m.reads[AS_SIDE_OTHER];
    *out = b;
    return AS_OK;
}

/* ---- running ---- */

as_code as_bound_block(const as_bound *b, uint32_t begin, uint32_t n, uint8_t *out,
                       as_scratch *s, as_err *e)
{
    const uint32_t both[2] = {begin, begin};
    if (!b) {
        memset(out, AS_TRUE, n);
        return AS_OK;
    }
    if (b->both_sides)
        return as_fail(e, AS_ERULE, b->root->cond->at, "the condition needs a pair of records");
    if (!as_scratch_levels(s, b->levels + 1))
        return as_fail_nomem(e);
    return as_bnode_run(b->root, both, n, out, 0, s, e);
}

as_code as_bound_pair(const as_bound *b, uint32_t row, uint32_t other_row, as_truth *out,
                      as_scratch *s, as_err *e)
{
    const uint32_t begin[2] = {row, other_row};
    uint8_t truth = AS_TRUE;
    if (b && !as_scratch_levels(s, b->levels + 1))
        return as_fail_nomem(e);
    as_code code = b ? as_bnode_run(b->root, begin, 1, &truth, 0, s, e) : AS_OK;
    *out = (as_truth)truth;
    return code;
}

as_code as_bound_pairs(const as_bound *b, const uint32_t *rows, const uint32_t *other_rows,
                       uint32_t n, uint8_t *out, as_scratch *s, as_err *e)
{
    static const uint32_t unused[2] = {0, 0};
    if (!b) {
        memset(out, AS_TRUE, n);
        return AS_OK;
    }
    if (!s->picked)
        s->picked = as_alloc(2 * AS_BLOCK * sizeof *s->picked);
    if (!s->picked || !as_scratch_levels(s, b->levels + 1))
        return as_fail_nomem(e);
    s->rows[AS_SIDE_SELF] = rows;
    s->rows[AS_SIDE_OTHER] = other_rows;
    as_code code = as_bnode_run(b->root, unused, n, out, 0, s, e);
    s->rows[AS_SIDE_SELF] = s->rows[AS_SIDE_OTHER] = NULL;
    return code;
}

/* Go down to the leaf that makes `b` be `truth`. A `not` asks for the opposite below it. */
static as_code blame(const bnode *b, const uint32_t begin[2], uint8_t truth,
                     const as_cond **leaf, as_scratch *s, as_err *e)
{
    const as_cond *c = b->cond;
    uint8_t got;
    if (c->op == AS_COND_NOT)
        return blame(b->kids[0], begin, (uint8_t)(2 - truth), leaf, s, e);
    if (c->op != AS_COND_ALL && c->op != AS_COND_ANY) {
        *leaf = c;
        return AS_OK;
    }
    for (size_t i = 0; i < b->kid_count; i++) {
        as_code code = as_bnode_run(b->kids[i], begin, 1, &got, 0, s, e);
        if (code != AS_OK)
            return code;
        if (got == truth)
            return blame(b->kids[i], begin, truth, leaf, s, e);
    }
    return AS_OK;
}

as_code as_bound_blame(const as_bound *b, uint32_t row, uint32_t other_row, uint32_t *out,
                       as_scratch *s, as_err *e)
{
    const uint32_t begin[2] = {row, other_row};
    const as_cond *leaf = NULL;
    as_truth truth = AS_TRUE;
    *out = AS_NO_FIELD;
    as_code code = as_bound_pair(b, row, other_row, &truth, s, e);
    if (code != AS_OK || truth != AS_FALSE)
        return code;
    code = blame(b->root, begin, AS_FALSE, &leaf, s, e);
    if (code == AS_OK && leaf && leaf->side == AS_SIDE_SELF)
        *out = leaf->field;
    else if (code == AS_OK && leaf && leaf->other_side == AS_SIDE_SELF)
        *out = leaf->other; /* AS_NO_FIELD where the leaf reads one field */
    return code;
}

/* ---- a whole table ---- */

#define ROWS_A_CHUNK (16 * AS_BLOCK)

typedef struct whole_table {
    const as_bound *b;
    uint8_t *out;
    as_scratch **scratch; /* one a worker */
    as_err *errs;         /* one a chunk would be many: the first chunk that failed wins */
    size_t *failed_chunk; /* one a worker */
} whole_table;

static void run_chunk(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end)
{
    whole_table *w = arg;
    as_code code = AS_OK;
    if (w->failed_chunk[worker] < chunk)
        return;
    for (size_t at = begin; code == AS_OK && at < end; at += AS_BLOCK) {
        uint32_t n = (uint32_t)(end - at < AS_BLOCK ? end - at : AS_BLOCK);
        code = as_bound_block(w->b, (uint32_t)at, n, w->out + at, w->scratch[worker],
                              &w->errs[worker]);
    }
    if (code != AS_OK)
        w->failed_chunk[worker] = chunk;
}

static as_code run_whole(whole_table *w, uint32_t rows, unsigned jobs, as_pool *pool, as_err *e)
{
    size_t first = SIZE_MAX;
    as_code code = AS_OK;
    for (unsigned i = 0; i < jobs; i++) {
        w->failed_chunk[i] = SIZE_MAX;
        w->scratch[i] = as_scratch_open();
        if (!w->scratch[i])
            return as_fail_nomem(e);
    }
    as_pool_for(pool, rows, ROWS_A_CHUNK, run_chunk, w);
    for (unsigned i = 0; i < jobs; i++)
        if (w->failed_chunk[i] < first) {
            first = w->failed_chunk[i];
            code = w->errs[i].code;
            if (e)
                *e = w->errs[i];
        }
    return code;
}

as_code as_bound_all(uint8_t **out, const as_bound *b, const as_table *t, as_pool *pool,
                     as_arena *a, as_err *e)
{
    const unsigned jobs = pool ? as_pool_jobs(pool) : 1;
    *out = as_arena_alloc(a, (size_t)t->rows + 1);
    if (!*out)
        return as_fail_nomem(e);
    if (!b) {
        memset(*out, AS_TRUE, t->rows);
        return AS_OK;
    }
    whole_table w = {b, *out, as_calloc(jobs, sizeof *w.scratch),
                     as_calloc(jobs, sizeof *w.errs), as_calloc(jobs, sizeof *w.failed_chunk)};
    as_code code = AS_OK;
    if (!w.scratch || !w.errs || !w.failed_chunk)
        code = as_fail_nomem(e);
    else
        code = run_whole(&w, t->rows, jobs, pool, e);
    for (unsigned i = 0; w.scratch && i < jobs; i++)
        as_scratch_close(w.scratch[i]);
    as_free(w.scratch);
    as_free(w.errs);
    as_free(w.failed_chunk);
    return code;
}
