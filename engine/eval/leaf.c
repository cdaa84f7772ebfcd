/* leaf.c: one test of a condition as the loop that fits its column: a look-up table for a
 * dictionary, a range or a set for dates and numbers, a comparison of two columns, else a test
 * of text row by row. */
#include "eval/bound.h"

#include <math.h>
#include <stdatomic.h>

static as_code wrong_type(const as_cond *c, as_err *e)
{
    return as_fail(e, AS_ERULE, c->at,
                   "this comparison cannot be made on a field of this type");
}

/* What the condition says where its own field is null. */
static uint8_t null_answer(const as_cond *c)
{
    if (c->op == AS_COND_NULL)
        return AS_TRUE;
    if (c->op == AS_COND_PRESENT || c->requires_present)
        return AS_FALSE;
    return AS_UNDECIDED;
}

void as_bnode_const(bnode *b, uint8_t value)
{
    b->kind = EV_CONST;
    b->value = value;
}

static bool is_text(const as_column *c)
{
    return c->layout == AS_LAYOUT_DICT || c->layout == AS_LAYOUT_PACK8 ||
           c->layout == AS_LAYOUT_SLICE;
}

/* The bound as a whole number, where it is one and exact. */
static bool whole(const as_literal *l, int64_t *out)
{
    *out = l->i;
    return l->f == floor(l->f) && (double)l->i == l->f;
}

static void int_range(bnode *b, const as_cond *c)
{
    int64_t v;
    const int64_t least = AS_INT_NULL + 1;
    const bool exact = whole(&c->bound, &v);
    const bool from_below = c->cmp == AS_CMP_GE || c->cmp == AS_CMP_GT;
    b->lo = least;
    b->hi = INT64_MAX;
    if (!exact && fabs(c->bound.f) >= 0x1p63) { /* beyond every integer */
        if (from_below == (c->bound.f > 0))
            b->hi = least, b->lo = INT64_MAX;
    } else if (!exact) { /* between two integers */
        v = (int64_t)floor(c->bound.f);
        if (from_below)
            b->lo = v + 1;
        else
            b->hi = v;
    } else if (c->cmp == AS_CMP_GE) {
        b->lo = v > least ? v : least;
    } else if (c->cmp == AS_CMP_LE) {
        b->hi = v;
    } else if (c->cmp == AS_CMP_GT) {
        b->lo = v < INT64_MAX ? v + 1 : INT64_MAX;
        b->hi = v < INT64_MAX ? INT64_MAX : least;
    } else {
        b->hi = v > least ? v - 1 : least;
        b->lo = v > least ? least : INT64_MAX;
    }
}

static void date_range(bnode *b, const as_cond *c)
{
    const int64_t d = c->bound.d;
    b->lo = (int64_t)AS_DATE_NULL + 1;
    b->hi = INT32_MAX;
    if (c->cmp == AS_CMP_GE)
        b->lo = d;
    else if (c->cmp == AS_CMP_LE)
        b->hi = d;
    else if (c->cmp == AS_CMP_GT && d == INT32_MAX)
        b->hi = b->lo, b->lo = INT32_MAX;
    else if (c->cmp == AS_CMP_GT)
        b->lo = d + 1;
    else
        b->hi = d - 1;
}

static void num_range(bnode *b, const as_cond *c)
{
    const double v = c->bound.f;
    b->flo = -INFINITY;
    b->fhi = INFINITY;
    if (c->cmp == AS_CMP_GE)
        b->flo = v;
    else if (c->cmp == AS_CMP_LE)
        b->fhi = v;
    else if (c->cmp == AS_CMP_GT)
        b->flo = nextafter(v, INFINITY);
    else
        b->fhi = nextafter(v, -INFINITY);
}

static as_code make_range(bnode *b, const as_cond *c, as_err *e)
{
    b->kind = EV_RANGE;
    switch (b->a.c->layout) {
    case AS_LAYOUT_DATE:
        date_range(b, c);
        return AS_OK;
    case AS_LAYOUT_INT:
        int_range(b, c);
        return AS_OK;
    case AS_LAYOUT_NUM:
        num_range(b, c);
        return AS_OK;
    default:
        return wrong_type(c, e);
    }
}

/* A literal as the bits that the column holds; false: no row can hold it. */
static bool literal_bits(const as_column *c, const as_literal *l, int64_t *out)
{
    if (c->layout == AS_LAYOUT_INT)
        return whole(l, out) && *out != AS_INT_NULL;
    if (c->layout == AS_LAYOUT_DATE) {
        *out = l->d;
        return l->d != AS_DATE_NULL;
    }
    *out = l->text.len <= 8 ? (int64_t)as_text_pack(l->text) : 0;
    return l->text.len >= 1 && l->text.len <= 8 && !memchr(l->text.ptr, 0, l->text.len);
}

static as_code make_set(bnode *b, const as_cond *c, as_arena *a, as_err *e)
{
    int64_t *ints = AS_NEW_N(a, int64_t, c->value_count + 1);
    double *nums = AS_NEW_N(a, double, c->value_count + 1);
    if (!ints || !nums)
        return as_fail_nomem(e);
    b->kind = EV_SET;
    for (size_t i = 0; i < c->value_count; i++)
        if (b->a.c->layout == AS_LAYOUT_NUM)
            nums[b->set_count++] = c->values[i].f;
        else if (literal_bits(b->a.c, &c->values[i], &ints[b->set_count]))
            b->set_count++;
    b->ints = ints;
    b->nums = nums;
    return AS_OK;
}

/* Tests of text: once per distinct value where there is a dictionary, else row by row. */
static as_code make_text(bnode *b, const as_cond *c, bind_maker *m, as_err *e)
{
    static _Atomic uint32_t
        memos; /* numbers only tell tests apart: their order shows nowhere */
    as_code code = as_text_test_make(&b->test, c, m->arena, e);
    b->kind = EV_TEXT;
    b->memo = atomic_fetch_add(&memos, 1) + 1;
    if (code != AS_OK || b->a.c->layout != AS_LAYOUT_DICT)
        return code;
    uint8_t *lut = as_arena_alloc(m->arena, (size_t)b->a.c->dict.count + 1);
    if (!lut)
        return as_fail_nomem(e);
    b->kind = EV_LUT;
    b->lut = lut;
    return as_text_test_lut(&b->test, b->a.c, b->if_null, lut, m->scratch, e);
}

static as_code make_in(bnode *b, const as_cond *c, bind_maker *m, as_err *e)
{
    as_layout l = b->a.c->layout;
    bool by_bits = l == AS_LAYOUT_INT || l == AS_LAYOUT_DATE || l == AS_LAYOUT_NUM ||
                   (l == AS_LAYOUT_PACK8 && b->a.c->dict.count <= 1 && c->value_count <= 16);
    if (by_bits && !c->list)
        return make_set(b, c, m->arena, e);
    return make_text(b, c, m, e);
}

static as_code make_presence(bnode *b, bind_maker *m, as_err *e)
{
    b->kind = EV_PRESENCE;
    b->if_present = (uint8_t)(2 - b->if_null);
    if (b->a.c->layout != AS_LAYOUT_DICT)
        return AS_OK;
    size_t count = (size_t)b->a.c->dict.count + 1;
    uint8_t *lut = as_arena_alloc(m->arena, count);
    if (!lut)
        return as_fail_nomem(e);
    memset(lut, b->if_present, count);
    lut[0] = b->if_null;
    b->kind = EV_LUT;
    b->lut = lut;
    return AS_OK;
}

/* ---- leaves on two columns ---- */

static as_code make_cmp(bnode *b, const as_cond *c, as_err *e)
{
    as_layout x = b->a.c->layout, y = b->b.c->layout;
    if (is_text(b->a.c) || is_text(b->b.c) || (x == AS_LAYOUT_DATE) != (y == AS_LAYOUT_DATE))
        return wrong_type(c, e);
    b->kind = EV_CMP;
    b->cmp = c->cmp;
    b->foffset = c->offset;
    b->native = x == y && x != AS_LAYOUT_NUM && c->offset == floor(c->offset) &&
                fabs(c->offset) < 0x1p62;
    b->offset = b->native ? (int64_t)c->offset : 0;
    return AS_OK;
}

static as_code make_same(bnode *b, const as_cond *c, bind_maker *m, as_err *e)
{
    const as_column *x = b->a.c, *y = b->b.c;
    b->flip = c->op == AS_COND_DIFFERS;
    if (is_text(x) != is_text(y) ||
        (x->layout == AS_LAYOUT_DATE) != (y->layout == AS_LAYOUT_DATE))
        return wrong_type(c, e);
    b->kind = EV_SAME;
    if (!is_text(x))
        return AS_OK;
    if (x->layout == AS_LAYOUT_DICT && y->layout == AS_LAYOUT_DICT) {
        b->kind = EV_SAME_DICT;
        return as_same_dict_maps(&x->dict, &y->dict, &b->map_a, &b->map_b, m->arena, e);
    }
    bool packs = x->layout == AS_LAYOUT_PACK8 && y->layout == AS_LAYOUT_PACK8 &&
                 (x == y || x->dict.count <= 1 || y->dict.count <= 1);
    b->kind = packs ? EV_SAME_PACK : EV_SAME_TEXT;
    return AS_OK;
}

static bool reads_two(const as_cond *c)
{
    return c->op == AS_COND_SAME || c->op == AS_COND_DIFFERS ||
           (c->op == AS_COND_CMP && c->other != AS_NO_FIELD);
}

static as_code find_operand(operand *out, as_side side, uint32_t field, const as_cond *c,
                            bind_maker *m, as_err *e)
{
    const as_table *t = m->tables[side];
    if (!t || field >= t->schema->count)
        return as_fail(e, AS_ERULE, c->at,
                       "the condition reads a field of a table that is not there");
    m->reads[side] = true;
    *out = (operand){t, &t->columns[field], side};
    return AS_OK;
}

as_code as_bnode_leaf(bnode *b, const as_cond *c, bind_maker *m, as_err *e)
{
    const bool two = reads_two(c);
    as_code code = find_operand(&b->a, c->side, c->field, c, m, e);
    if (code == AS_OK && two)
        code = find_operand(&b->b, c->other_side, c->other, c, m, e);
    if (code != AS_OK)
        return code;
    b->if_null = null_answer(c);
    if (b->a.c->layout == AS_LAYOUT_ABSENT) {
        as_bnode_const(b, b->if_null);
        return AS_OK;
    }
    if (two && b->b.c->layout == AS_LAYOUT_ABSENT) { /* nothing to compare with */
        b->kind = EV_PRESENCE;
        b->if_present = AS_UNDECIDED;
        return AS_OK;
    }
    switch (c->op) {
    case AS_COND_NULL:
    case AS_COND_PRESENT:
        return make_presence(b, m, e);
    case AS_COND_IN:
        return make_in(b, c, m, e);
    case AS_COND_CMP:
        return two ? make_cmp(b, c, e) : make_range(b, c, e);
    case AS_COND_SAME:
    case AS_COND_DIFFERS:
        return make_same(b, c, m, e);
    default:
        return make_text(b, c, m, e);
    }
}
