/* keys.c: hashes of values and of keys, and whether two keys are the same.
 *
 * Invariant: values that as_key_equal calls equal have the same hash. Texts are equal by their
 * bytes in whatever layout; an integer equals a number of exactly its value; a date equals only
 * a date; null equals nothing. */
#include "table/table.h"

#include "base/cpu.h"
#include "table/view.h"
#include <math.h>

/* The null of a layout goes to 0 and, hashing being one to one, nothing else does. */
static uint64_t hash_int(int64_t i)
{
    return as_hash_u64((uint64_t)i ^ (uint64_t)AS_INT_NULL);
}

/* The integer that x exactly is. */
static bool whole_number(double x, int64_t *out)
{
    if (!(x >= -9223372036854775808.0 && x < 9223372036854775808.0))
        return false;
    *out = (int64_t)x;
    return (double)*out == x && *out != AS_INT_NULL;
}

static uint64_t hash_num(double x)
{
    int64_t whole;
    uint64_t bits;
    if (isnan(x))
        return 0;
    if (whole_number(x, &whole))
        return hash_int(whole);
    memcpy(&bits, &x, sizeof bits);
    uint64_t h = as_hash_u64(bits + 0x9e3779b97f4a7c15ull);
    return h ? h : 1;
}

static uint64_t hash_date(as_date d)
{
    return d == AS_DATE_NULL ? 0 : as_hash_u64(1ull << 40 | (uint32_t)d);
}

static void dict_hashes(const as_column *c, uint32_t begin, uint32_t n, uint64_t *out)
{
    const as_dict_entry *entries = c->dict.entries;
    if (c->width == 1) {
        const uint8_t *codes = (const uint8_t *)c->data + begin;
        for (uint32_t i = 0; i < n; i++)
            out[i] = entries[codes[i]].hash;
    } else if (c->width == 2) {
        const uint16_t *codes = (const uint16_t *)c->data + begin;
        for (uint32_t i = 0; i < n; i++)
            out[i] = entries[codes[i]].hash;
    } else {
        const uint32_t *codes = (const uint32_t *)c->data + begin;
        for (uint32_t i = 0; i < n; i++)
            out[i] = entries[codes[i]].hash;
    }
}

/* Long texts are rare: by so many rows it is asked whether there is one. */
#define PIECE 32u

/* entries: of the long texts; NULL: there are none. */
AS_CPU_LOOP hash_packs_loop(const uint64_t *restrict packs, uint32_t n,
                            const as_dict_entry *entries, uint64_t *restrict out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = as_hash_u64(packs[i]);
    for (uint32_t at = 0; entries && at < n; at += PIECE) {
        const uint32_t end = n - at < PIECE ? n : at + PIECE;
        uint64_t some = 0;
        for (uint32_t i = at; i < end; i++)
            some |= as_pack_is_long(packs[i]);
        for (uint32_t i = at; some && i < end; i++)
            if (as_pack_is_long(packs[i]))
                out[i] = entries[as_pack_code(packs[i])].hash;
    }
}
AS_CPU_VERSIONS(hash_packs,
                (const uint64_t *packs, uint32_t n, const as_dict_entry *entries,
                 uint64_t *out),
                (packs, n, entries, out))

static void pack_hashes(const as_column *c, uint32_t begin, uint32_t n, uint64_t *out)
{
    hash_packs(as_column_packs(c) + begin, n, c->dict.count > 1 ? c->dict.entries : NULL, out);
}

AS_CPU_LOOP hash_dates_loop(const as_date *restrict dates, uint32_t n, uint64_t *restrict out)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = hash_date(dates[i]);
}
AS_CPU_VERSIONS(hash_dates, (const as_date *dates, uint32_t n, uint64_t *out), (dates, n, out))

static void slice_hashes(const as_table *t, const as_column *c, uint32_t begin, uint32_t n,
                         uint64_t *out)
{
    as_view v;
    for (uint32_t i = 0; i < n; i++) {
        (void)as_view_cell(&v, t, c, begin + i, false);
        out[i] = as_view_hash(&v);
    }
}

void as_column_block_hashes(const as_table *t, const as_column *c, uint32_t begin, uint32_t n,
                            uint64_t *out)
{
    switch (c->layout) {
    case AS_LAYOUT_DICT:
        dict_hashes(c, begin, n, out);
        return;
    case AS_LAYOUT_SLICE:
        slice_hashes(t, c, begin, n, out);
        return;
    case AS_LAYOUT_PACK8:
        pack_hashes(c, begin, n, out);
        return;
    case AS_LAYOUT_DATE:
        hash_dates(as_column_dates(c) + begin, n, out);
        return;
    case AS_LAYOUT_INT:
        for (uint32_t i = 0; i < n; i++)
            out[i] = hash_int(as_column_ints(c)[begin + i]);
        return;
    case AS_LAYOUT_NUM:
        for (uint32_t i = 0; i < n; i++)
            out[i] = hash_num(as_column_nums(c)[begin + i]);
        return;
    case AS_LAYOUT_ABSENT:
        break;
    }
    memset(out, 0, n * sizeof *out);
}

static const as_column *key_column(const as_key *k, size_t part)
{
    return &k->table->columns[k->fields[part]];
}

/* Of two hashes: each is spread over all its bits already. */
static inline uint64_t join(uint64_t a, uint64_t b)
{
    uint64_t joined = (a ^ a >> 29) * 0x9e3779b97f4a7c15ull + b;
    return joined ? joined : 1;
}

AS_CPU_LOOP join_hashes_loop(uint64_t *restrict out, const uint64_t *restrict next, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        uint64_t joined = join(out[i], next[i]);
        out[i] = out[i] && next[i] ? joined : 0;
    }
}
AS_CPU_VERSIONS(join_hashes, (uint64_t * out, const uint64_t *next, uint32_t n), (out, next, n))

#define STRIP 512u /* rows whose hashes stay in the innermost cache between two fields */

void as_key_block(const as_key *k, uint32_t begin, uint32_t n, uint64_t *out)
{
    uint64_t next[STRIP];
    if (k->count == 0) {
        memset(out, 0, n * sizeof *out);
        return;
    }
    for (uint32_t at = 0; at < n; at += STRIP) {
        const uint32_t part = n - at < STRIP ? n - at : STRIP;
        as_column_block_hashes(k->table, key_column(k, 0), begin + at, part, out + at);
        for (size_t i = 1; i < k->count; i++) {
            as_column_block_hashes(k->table, key_column(k, i), begin + at, part, next);
            join_hashes(out + at, next, part);
        }
    }
}

static bool numbers_equal(const as_column *a, uint32_t row_a, const as_column *b,
                          uint32_t row_b)
{
    int64_t whole;
    if (a->layout == AS_LAYOUT_NUM && b->layout == AS_LAYOUT_NUM)
        return as_column_nums(a)[row_a] == as_column_nums(b)[row_b];
    if (a->layout == AS_LAYOUT_INT && b->layout == AS_LAYOUT_INT)
        return as_column_ints(a)[row_a] == as_column_ints(b)[row_b];
    if (a->layout == AS_LAYOUT_INT)
        return whole_number(as_column_nums(b)[row_b], &whole) &&
               whole == as_column_ints(a)[row_a];
    return whole_number(as_column_nums(a)[row_a], &whole) && whole == as_column_ints(b)[row_b];
}

static bool is_number(const as_column *c)
{
    return c->layout == AS_LAYOUT_INT || c->layout == AS_LAYOUT_NUM;
}

static bool values_equal(const as_table *ta, const as_column *a, uint32_t row_a,
                         const as_table *tb, const as_column *b, uint32_t row_b)
{
    if (as_cell_null(a, row_a) || as_cell_null(b, row_b))
        return false;
    if (a == b && a->layout == AS_LAYOUT_DICT)
        return a->dict.entries[as_cell_code(a, row_a)].canon ==
               a->dict.entries[as_cell_code(a, row_b)].canon;
    if (a->layout == AS_LAYOUT_PACK8 && b->layout == AS_LAYOUT_PACK8 &&
        (a == b || a->dict.count <= 1 || b->dict.count <= 1)) /* a long one is in one column */
        return as_column_packs(a)[row_a] == as_column_packs(b)[row_b];
    if (a->layout == AS_LAYOUT_DATE && b->layout == AS_LAYOUT_DATE)
        return as_column_dates(a)[row_a] == as_column_dates(b)[row_b];
    if (is_number(a) && is_number(b))
        return numbers_equal(a, row_a, b, row_b);
    as_view va, vb;
    return as_view_cell(&va, ta, a, row_a, false) && as_view_cell(&vb, tb, b, row_b, false) &&
           as_view_equal(&va, &vb);
}

bool as_key_equal(const as_key *a, uint32_t row_a, const as_key *b, uint32_t row_b)
{
    if (a->count != b->count || a->count == 0)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!values_equal(a->table, key_column(a, i), row_a, b->table, key_column(b, i), row_b))
            return false;
    return true;
}

/* Members of groups lie anywhere: column by column many wait for memory at one time. */
bool as_key_all_equal(const as_key *k, const as_row_pair *pairs, size_t count)
{
    for (size_t part = 0; part < k->count; part++) {
        const as_column *c = key_column(k, part);
        uint64_t differ = 0;
        size_t i = 0;
        if (c->layout == AS_LAYOUT_PACK8) {
            const uint64_t *x = as_column_packs(c);
            for (; i < count; i++)
                differ |= (x[pairs[i].leader] ^ x[pairs[i].row]) | (x[pairs[i].leader] == 0);
        }
        for (; i < count && !differ; i++)
            differ = !values_equal(k->table, c, pairs[i].leader, k->table, c, pairs[i].row);
        if (differ)
            return false;
    }
    return k->count > 0;
}

void as_key_text(const as_key *k, uint32_t row, as_buf *out)
{
    char room[64];
    as_buf tmp = AS_BUF_ON(room, AS_FIELD_MAX);
    for (size_t i = 0; i < k->count; i++) {
        if (i)
            as_buf_add(out, AS_STR(" / "));
        as_str text = as_cell_text(k->table, key_column(k, i), row, &tmp);
        as_buf_add(out, text.ptr ? text : AS_STR("(none)"));
        out->failed = out->failed || tmp.failed;
    }
    as_buf_free(&tmp);
}

as_key as_key_of(const as_table *t)
{
    as_key k = {.table = t, .count = t->schema->key_count};
    for (size_t i = 0; i < k.count; i++)
        k.fields[i] = t->schema->key[i];
    return k;
}
