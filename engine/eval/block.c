/* block.c: running a bound condition over a block of rows, leaf by leaf. The loops that most
 * rules are made of are in loops.c.
 *
 * The results are 0, 1, 2 (false, undecided, true): and = min, or = max, not = 2 - x. */
#include "eval/bound.h"

#include "base/alloc.h"
#include "base/hash.h"
#include <math.h>

bool as_scratch_levels(as_scratch *s, uint32_t levels)
{
    if (levels <= s->level_count)
        return true;
    uint8_t *grown = as_realloc(s->levels, (size_t)levels * AS_BLOCK);
    if (!grown)
        return false;
    s->levels = grown;
    s->level_count = levels;
    return true;
}

/* ---- text, row by row ---- */

static as_str unpack(const as_column *c, uint64_t pack, char text[8])
{
    if (as_pack_is_long(pack))
        return c->dict.entries[as_pack_code(pack)].value;
    memcpy(text, &pack, 8);
    return (as_str){text, pack ? 8 - (size_t)__builtin_clzll(pack) / 8 : 0};
}

#define SHAPES 512u /* rows whose shapes are at hand at one time */

static uint8_t match_pack(const bnode *b, uint64_t pack)
{
    char text[8];
    const as_match m = as_regex_match(b->test.cond->regex, unpack(b->a.c, pack, text));
    return m == AS_MATCH_YES ? (uint8_t)AS_TRUE : (uint8_t)AS_FALSE;
}

static uint8_t match_shape(const bnode *b, uint64_t pack, uint64_t shape, as_scratch *s)
{
    const uint64_t spread = (shape * 0x9e3779b97f4a7c15ull >> 32) + b->memo;
    memo_entry *m = &s->memo[spread & (EV_MEMO - 1)];
    if (m->pack != shape || m->memo != b->memo)
        *m = (memo_entry){shape, b->memo, match_pack(b, pack)};
    return m->value;
}

/* A pattern of a few classes of characters: what it says of a text it says of all texts of its
 * shape, the classes of its bytes, of which a column has few. */
static void run_shapes(const bnode *b, uint32_t first, uint32_t n, uint8_t *out, as_scratch *s)
{
    const uint8_t *classes = as_regex_classes(b->test.cond->regex);
    uint64_t shapes[SHAPES];
    for (uint32_t at = 0; at < n; at += SHAPES, out += SHAPES) {
        const uint32_t part = n - at < SHAPES ? n - at : SHAPES;
        const uint64_t *x = as_column_packs(b->a.c) + first + at;
        as_bytes_map(classes, 256, (const uint8_t *)x, 8 * part, (uint8_t *)shapes);
        for (uint32_t i = 0; i < part; i++) {
            if (x[i] == 0)
                out[i] = b->if_null;
            else if (as_pack_is_long(x[i]))
                out[i] = match_pack(b, x[i]);
            else
                out[i] = match_shape(b, x[i], shapes[i], s);
        }
    }
}

static as_code run_text_packs(const bnode *b, uint32_t first, uint32_t n, uint8_t *out,
                              as_scratch *s, as_err *e)
{
    const uint64_t *x = as_column_packs(b->a.c) + first;
    char text[8];
    for (uint32_t i = 0; i < n; i++) {
        if (x[i] == 0) {
            out[i] = b->if_null;
            continue;
        }
        memo_entry *m = &s->memo[(as_hash_u64(x[i]) + b->memo) & (EV_MEMO - 1)];
        if (m->pack != x[i] || m->memo != b->memo) {
            as_code code =
                as_text_test_run(&b->test, unpack(b->a.c, x[i], text), &m->value, s, e);
            m->pack = code == AS_OK ? x[i] : 0;
            m->memo = b->memo;
            if (code != AS_OK)
                return code;
        }
        out[i] = m->value;
    }
    return AS_OK;
}

static as_code run_text(const bnode *b, uint32_t first, uint32_t n, uint8_t *out, as_scratch *s,
                        as_err *e)
{
    const as_column *c = b->a.c;
    const as_cond *cond = b->test.cond;
    if (c->layout == AS_LAYOUT_PACK8 && cond->op == AS_COND_MATCHES &&
        as_regex_is_cheap(cond->regex)) {
        run_shapes(b, first, n, out, s);
        return AS_OK;
    }
    if (c->layout == AS_LAYOUT_PACK8)
        return run_text_packs(b, first, n, out, s, e);
    for (uint32_t i = 0; i < n; i++) {
        if (as_cell_null(c, first + i)) {
            out[i] = b->if_null;
            continue;
        }
        as_str text = as_cell_text(b->a.t, c, first + i, &s->text);
        if (s->text.failed)
            return as_fail_nomem(e);
        as_code code = as_text_test_run(&b->test, text, &out[i], s, e);
        if (code != AS_OK)
            return code;
    }
    return AS_OK;
}

/* ---- two columns ---- */

static void load_doubles(const as_column *c, uint32_t first, uint32_t n, double *restrict out)
{
    if (c->layout == AS_LAYOUT_NUM)
        memcpy(out, as_column_nums(c) + first, n * sizeof *out);
    else if (c->layout == AS_LAYOUT_INT)
        for (uint32_t i = 0; i < n; i++)
            out[i] = as_column_ints(c)[first + i] == AS_INT_NULL
                         ? NAN
                         : (double)as_column_ints(c)[first + i];
    else
        for (uint32_t i = 0; i < n; i++)
            out[i] = as_cell_num(c, first + i);
}

static void cmp_doubles(const bnode *b, uint32_t n, uint8_t *restrict out, const as_scratch *s)
{
    const as_cmp cmp = b->cmp;
    for (uint32_t i = 0; i < n; i++) {
        uint8_t holds = (uint8_t)(EV_COMPARE(cmp, s->num_a[i], s->num_b[i] + b->foffset) << 1);
        out[i] = isnan(s->num_a[i])   ? b->if_null
                 : isnan(s->num_b[i]) ? (uint8_t)AS_UNDECIDED
                                      : holds;
    }
}

static void run_cmp(const bnode *b, const uint32_t begin[2], uint32_t n, uint8_t *out,
                    as_scratch *s)
{
    if (!b->native) {
        load_doubles(b->a.c, begin[b->a.side], n, s->num_a);
        load_doubles(b->b.c, begin[b->b.side], n, s->num_b);
        cmp_doubles(b, n, out, s);
        return;
    }
    as_leaf_compare(b, begin, n, out);
}

/* flip: 2 where the leaf says `differs_from`, so that equal ^ flip is the answer. */
#define SAME_LOOP(type, xs, ys, null_x, null_y)                                                \
    do {                                                                                       \
        const type *x = (xs) + begin[b->a.side], *y = (ys) + begin[b->b.side];                 \
        for (uint32_t i = 0; i < n; i++) {                                                     \
            uint8_t same = (uint8_t)(((x[i] == y[i]) << 1) ^ flip);                            \
            out[i] = (null_x) ? no : (null_y) ? (uint8_t)AS_UNDECIDED : same;                  \
        }                                                                                      \
    } while (0)

static void run_same(const bnode *b, const uint32_t begin[2], uint32_t n, uint8_t *restrict out,
                     as_scratch *s)
{
    const uint8_t no = b->if_null, flip = b->flip ? 2 : 0;
    const as_column *ca = b->a.c, *cb = b->b.c;
    if (b->kind == EV_SAME_PACK) {
        SAME_LOOP(uint64_t, as_column_packs(ca), as_column_packs(cb), x[i] == 0, y[i] == 0);
    } else if (ca->layout == AS_LAYOUT_DATE && cb->layout == AS_LAYOUT_DATE) {
        SAME_LOOP(as_date, as_column_dates(ca), as_column_dates(cb), x[i] == AS_DATE_NULL,
                  y[i] == AS_DATE_NULL);
    } else if (ca->layout == AS_LAYOUT_INT && cb->layout == AS_LAYOUT_INT) {
        SAME_LOOP(int64_t, as_column_ints(ca), as_column_ints(cb), x[i] == AS_INT_NULL,
                  y[i] == AS_INT_NULL);
    } else {
        load_doubles(ca, begin[b->a.side], n, s->num_a);
        load_doubles(cb, begin[b->b.side], n, s->num_b);
        for (uint32_t i = 0; i < n; i++) {
            uint8_t same = (uint8_t)(((s->num_a[i] == s->num_b[i]) << 1) ^ flip);
            out[i] = isnan(s->num_a[i])   ? no
                     : isnan(s->num_b[i]) ? (uint8_t)AS_UNDECIDED
                                          : same;
        }
    }
}

/* Codes as the numbers that both dictionaries share. */
static void load_numbers(const operand *o, const uint32_t *map, uint32_t first, uint32_t n,
                         uint32_t *out)
{
    as_column_block_codes(o->c, first, n, out);
    for (uint32_t i = 0; i < n; i++)
        out[i] = map[out[i]];
}

static void run_same_dict(const bnode *b, const uint32_t begin[2], uint32_t n,
                          uint8_t *restrict out, as_scratch *s)
{
    const uint8_t no = b->if_null, flip = b->flip ? 2 : 0;
    load_numbers(&b->a, b->map_a, begin[b->a.side], n, s->code_a);
    load_numbers(&b->b, b->map_b, begin[b->b.side], n, s->code_b);
    for (uint32_t i = 0; i < n; i++) {
        uint8_t same = (uint8_t)(((s->code_a[i] == s->code_b[i]) << 1) ^ flip);
        out[i] = !s->code_a[i] ? no : !s->code_b[i] ? (uint8_t)AS_UNDECIDED : same;
    }
}

static as_code same_text(const bnode *b, uint32_t row_a, uint32_t row_b, bool *same,
                         as_scratch *s, as_err *e)
{
    as_str x = as_cell_text(b->a.t, b->a.c, row_a, &s->text);
    as_str y = as_cell_text(b->b.t, b->b.c, row_b, &s->fold);
    *same = as_str_eq(x, y);
    return s->text.failed || s->fold.failed ? as_fail_nomem(e) : AS_OK;
}

static as_code run_same_text(const bnode *b, const uint32_t begin[2], uint32_t n, uint8_t *out,
                             as_scratch *s, as_err *e)
{
    const uint32_t first_a = begin[b->a.side], first_b = begin[b->b.side];
    const uint8_t flip = b->flip ? 2 : 0;
    as_column_block_hashes(b->a.t, b->a.c, first_a, n, s->hash_a);
    as_column_block_hashes(b->b.t, b->b.c, first_b, n, s->hash_b);
    for (uint32_t i = 0; i < n; i++) {
        bool same = s->hash_a[i] == s->hash_b[i];
        if (same && s->hash_a[i]) {
            as_code code = same_text(b, first_a + i, first_b + i, &same, s, e);
            if (code != AS_OK)
                return code;
        }
        uint8_t said = (uint8_t)((same << 1) ^ flip);
        out[i] = !s->hash_a[i] ? b->if_null : !s->hash_b[i] ? (uint8_t)AS_UNDECIDED : said;
    }
    return AS_OK;
}

/* ---- all, any, not ---- */

static as_code run_picked(const bnode *b, uint32_t n, uint8_t *out, as_scratch *s, as_err *e);

static as_code run_steps(const bnode *b, const uint32_t begin[2], uint32_t n, uint8_t *out,
                         uint32_t level, as_scratch *s, as_err *e)
{
    as_code code = as_bnode_run(b->steps[0], begin, n, out, level, s, e);
    bool open = true;
    for (size_t k = 1; code == AS_OK && open && k < b->step_count; k++) {
        uint8_t *more = s->levels + (size_t)level * AS_BLOCK;
        code = as_bnode_run(b->steps[k], begin, n, more, level + 1, s, e);
        if (code == AS_OK)
            open = as_truth_join(b->kind == EV_ALL, out, more, n);
    }
    return code;
}

static as_code run_leaf(const bnode *b, const uint32_t begin[2], uint32_t n, uint8_t *out,
                        as_scratch *s, as_err *e)
{
    as_code code = AS_OK;
    switch (b->kind) {
    case EV_PRESENCE:
        as_leaf_presence(b, begin[b->a.side], n, out);
        break;
    case EV_LUT:
        as_leaf_lut(b, begin[b->a.side], n, out);
        break;
    case EV_RANGE:
        as_leaf_range(b, begin[b->a.side], n, out);
        break;
    case EV_SET:
        as_leaf_set(b, begin[b->a.side], n, out);
        break;
    case EV_TEXT:
        code = run_text(b, begin[b->a.side], n, out, s, e);
        break;
    case EV_CMP:
        run_cmp(b, begin, n, out, s);
        break;
    case EV_SAME:
    case EV_SAME_PACK:
        run_same(b, begin, n, out, s);
        break;
    case EV_SAME_DICT:
        run_same_dict(b, begin, n, out, s);
        break;
    case EV_SAME_TEXT:
        code = run_same_text(b, begin, n, out, s, e);
        break;
    default: /* not a leaf */
        break;
    }
    return code;
}

as_code as_bnode_run(const bnode *b, const uint32_t begin[2], uint32_t n, uint8_t *out,
                     uint32_t level, as_scratch *s, as_err *e)
{
    as_code code;
    switch (b->kind) {
    case EV_CONST:
        memset(out, b->value, n);
        return AS_OK;
    case EV_ALL:
    case EV_ANY:
        return run_steps(b, begin, n, out, level, s, e);
    case EV_NOT:
        code = as_bnode_run(b->steps[0], begin, n, out, level, s, e);
        if (code == AS_OK)
            as_truth_not(out, n);
        return code;
    default:
        break;
    }
    return s->rows[AS_SIDE_SELF] ? run_picked(b, n, out, s, e)
                                 : run_leaf(b, begin, n, out, s, e);
}

/* ---- rows that are not in a row ---- */

/* Copies, so that a value keeps its type. */
#define PICK(size)                                                                             \
    do {                                                                                       \
        for (uint32_t i = 0; i < n; i++)                                                       \
            memcpy(to + (size_t)i * (size), from + (size_t)rows[i] * (size), (size));          \
    } while (0)

static void pick(const as_column *c, const uint32_t *rows, uint32_t n, void *out)
{
    const char *from = c->data;
    char *to = out;
    if (c->layout == AS_LAYOUT_SLICE)
        PICK(sizeof(as_slice));
    else if (c->layout == AS_LAYOUT_DICT && c->width == 1)
        PICK(1);
    else if (c->layout == AS_LAYOUT_DICT && c->width == 2)
        PICK(2);
    else if (c->layout == AS_LAYOUT_DICT || c->layout == AS_LAYOUT_DATE)
        PICK(4);
    else
        PICK(8); /* PACK8, INT, NUM */
}

static void pick_operand(operand *o, as_column *copy, as_scratch *s, uint32_t n, void *room)
{
    if (!o->c || o->c->layout == AS_LAYOUT_ABSENT)
        return;
    pick(o->c, s->rows[o->side], n, room);
    *copy = *o->c;
    copy->data = room;
    o->c = copy;
}

/* The leaf over copies of its columns that hold the rows at hand, one behind the other. */
static as_code run_picked(const bnode *b, uint32_t n, uint8_t *out, as_scratch *s, as_err *e)
{
    static const uint32_t from_first[2] = {0, 0};
    bnode leaf = *b;
    as_column a, other;
    pick_operand(&leaf.a, &a, s, n, s->picked);
    pick_operand(&leaf.b, &other, s, n, s->picked + AS_BLOCK);
    return run_leaf(&leaf, from_first, n, out, s, e);
}
