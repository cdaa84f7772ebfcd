/* loops.c: the loops of the leaves that read one column, of comparisons of days and whole
 * numbers, and of all, any and not. They are written so that the compiler can use vector
 * instructions (one column, one result array, no calls, no branches that depend on data), and
 * compiled for the instruction sets of base/cpu.h.
 *
 * The results are 0, 1, 2 (false, undecided, true): and = min, or = max, not = 2 - x. */
#include "base/cpu.h"
#include "eval/bound.h"

#include <math.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* ---- a byte for each code ---- */

#define IN_REGISTERS 256u /* entries of a table that fits into four of them */

#define LUT_LOOP(type)                                                                         \
    do {                                                                                       \
        const type *codes = (const type *)b->a.c->data + first;                                \
        for (uint32_t i = 0; i < n; i++)                                                       \
            out[i] = lut[codes[i]];                                                            \
    } while (0)

static void lut_in_memory(const bnode *b, uint32_t first, uint32_t n, uint8_t *restrict out)
{
    const uint8_t *lut = b->lut;
    if (b->a.c->width == 2)
        LUT_LOOP(uint16_t);
    else
        LUT_LOOP(uint32_t);
}

#if defined(__x86_64__)
/* 64 codes at a time: each instruction looks up 64 bytes in a table of 128. */
AS_CPU_TARGET_AVX512 static void lut_in_registers(const uint8_t *lut, size_t entries,
                                                  const uint8_t *codes, uint32_t n,
                                                  uint8_t *out)
{
    uint8_t table[IN_REGISTERS] = {0};
    memcpy(table, lut, entries);
    const __m512i a = _mm512_loadu_si512(table), b = _mm512_loadu_si512(table + 64);
    const __m512i c = _mm512_loadu_si512(table + 128), d = _mm512_loadu_si512(table + 192);
    for (uint32_t i = 0; i < n; i += 64) {
        const __mmask64 m = n - i < 64 ? (1ull << (n - i)) - 1 : ~0ull;
        const __m512i at = _mm512_maskz_loadu_epi8(m, codes + i);
        __m512i x = _mm512_permutex2var_epi8(a, at, b);
        if (entries > 128)
            x = _mm512_mask_mov_epi8(x, _mm512_movepi8_mask(at),
                                     _mm512_permutex2var_epi8(c, at, d));
        _mm512_mask_storeu_epi8(out + i, m, x);
    }
}
#endif

void as_bytes_map(const uint8_t *map, uint32_t entries, const uint8_t *from, uint32_t n,
                  uint8_t *restrict to)
{
#if defined(__x86_64__)
    if (n >= AS_CPU_FEW && AS_CPU_IS(AS_CPU_AVX512)) {
        lut_in_registers(map, entries, from, n, to);
        return;
    }
#endif
    (void)entries;
    for (uint32_t i = 0; i < n; i++)
        to[i] = map[from[i]];
}

void as_leaf_lut(const bnode *b, uint32_t first, uint32_t n, uint8_t *out)
{
    const as_column *c = b->a.c;
    if (c->width == 1)
        as_bytes_map(b->lut, c->dict.count, (const uint8_t *)c->data + first, n, out);
    else
        lut_in_memory(b, first, n, out);
}

/* ---- a test of one column ---- */

AS_CPU_LOOP presence_loop(const bnode *b, uint32_t first, uint32_t n, uint8_t *restrict out)
{
    const as_column *c = b->a.c;
    const uint8_t no = b->if_null, yes = b->if_present;
    switch (c->layout) {
    case AS_LAYOUT_DATE:
        for (uint32_t i = 0; i < n; i++)
            out[i] = as_column_dates(c)[first + i] == AS_DATE_NULL ? no : yes;
        break;
    case AS_LAYOUT_INT:
        for (uint32_t i = 0; i < n; i++)
            out[i] = as_column_ints(c)[first + i] == AS_INT_NULL ? no : yes;
        break;
    case AS_LAYOUT_NUM:
        for (uint32_t i = 0; i < n; i++)
            out[i] = isnan(as_column_nums(c)[first + i]) ? no : yes;
        break;
    case AS_LAYOUT_PACK8:
        for (uint32_t i = 0; i < n; i++)
            out[i] = as_column_packs(c)[first + i] == 0 ? no : yes;
        break;
    case AS_LAYOUT_SLICE:
        for (uint32_t i = 0; i < n; i++)
            out[i] = ((const as_slice *)c->data)[first + i].len == UINT32_MAX ? no : yes;
        break;
    default:
        for (uint32_t i = 0; i < n; i++)
            out[i] = as_cell_null(c, first + i) ? no : yes;
    }
}
AS_CPU_VERSIONS(presence, (const bnode *b, uint32_t first, uint32_t n, uint8_t *out),
                (b, first, n, out))

void as_leaf_presence(const bnode *b, uint32_t first, uint32_t n, uint8_t *out)
{
    presence(b, first, n, out);
}

AS_CPU_LOOP range_loop(const bnode *b, uint32_t first, uint32_t n, uint8_t *restrict out)
{
    const as_column *c = b->a.c;
    const uint8_t no = b->if_null;
    if (c->layout == AS_LAYOUT_DATE) {
        const as_date *x = as_column_dates(c) + first;
        const as_date lo = (as_date)b->lo, hi = (as_date)b->hi;
        for (uint32_t i = 0; i < n; i++) {
            uint8_t in = (uint8_t)(((x[i] >= lo) & (x[i] <= hi)) << 1);
            out[i] = x[i] == AS_DATE_NULL ? no : in;
        }
    } else if (c->layout == AS_LAYOUT_INT) {
        const int64_t *x = as_column_ints(c) + first;
        const int64_t lo = b->lo, hi = b->hi;
        for (uint32_t i = 0; i < n; i++) {
            uint8_t in = (uint8_t)(((x[i] >= lo) & (x[i] <= hi)) << 1);
            out[i] = x[i] == AS_INT_NULL ? no : in;
        }
    } else {
        const double *x = as_column_nums(c) + first;
        const double lo = b->flo, hi = b->fhi;
        for (uint32_t i = 0; i < n; i++) {
            uint8_t in = (uint8_t)(((x[i] >= lo) & (x[i] <= hi)) << 1);
            out[i] = isnan(x[i]) ? no : in;
        }
    }
}
AS_CPU_VERSIONS(range, (const bnode *b, uint32_t first, uint32_t n, uint8_t *out),
                (b, first, n, out))

void as_leaf_range(const bnode *b, uint32_t first, uint32_t n, uint8_t *out)
{
    range(b, first, n, out);
}

/* x is one of `set`: one pass for each member, as sets are short. */
#define SET_LOOP(type, column, null_test, set)                                                 \
    do {                                                                                       \
        const type *x = column(c) + first;                                                     \
        for (uint32_t i = 0; i < n; i++)                                                       \
            out[i] = (null_test) ? b->if_null : AS_FALSE;                                      \
        for (size_t k = 0; k < b->set_count; k++) {                                            \
            const type v = (type)(set)[k];                                                     \
            for (uint32_t i = 0; i < n; i++)                                                   \
                out[i] = (uint8_t)(out[i] | ((x[i] == v) << 1));                               \
        }                                                                                      \
    } while (0)

AS_CPU_LOOP set_loop(const bnode *b, uint32_t first, uint32_t n, uint8_t *restrict out)
{
    const as_column *c = b->a.c;
    if (c->layout == AS_LAYOUT_DATE)
        SET_LOOP(as_date, as_column_dates, x[i] == AS_DATE_NULL, b->ints);
    else if (c->layout == AS_LAYOUT_INT)
        SET_LOOP(int64_t, as_column_ints, x[i] == AS_INT_NULL, b->ints);
    else if (c->layout == AS_LAYOUT_PACK8)
        SET_LOOP(uint64_t, as_column_packs, x[i] == 0, b->ints);
    else
        SET_LOOP(double, as_column_nums, isnan(x[i]), b->nums);
}
AS_CPU_VERSIONS(set, (const bnode *b, uint32_t first, uint32_t n, uint8_t *out),
                (b, first, n, out))

void as_leaf_set(const bnode *b, uint32_t first, uint32_t n, uint8_t *out)
{
    set(b, first, n, out);
}

/* ---- two columns ---- */

static inline int64_t add_clamped(int64_t x, int64_t by)
{
    int64_t sum;
    if (__builtin_add_overflow(x, by, &sum))
        return by > 0 ? INT64_MAX : INT64_MIN;
    return sum;
}

#define CMP_LOOP(type, column, null, sum)                                                      \
    do {                                                                                       \
        const type *x = column(b->a.c) + begin[b->a.side];                                     \
        const type *y = column(b->b.c) + begin[b->b.side];                                     \
        for (uint32_t i = 0; i < n; i++) {                                                     \
            uint8_t holds = (uint8_t)(EV_COMPARE(cmp, x[i], sum) << 1);                        \
            out[i] = x[i] == null ? no : y[i] == null ? (uint8_t)AS_UNDECIDED : holds;         \
        }                                                                                      \
    } while (0)

/* Called with a constant `cmp`, so that each comparison gets a loop of its own. Days of four
 * digits' years plus a few thousand years are far from the ends of 32 bits; the null of y may
 * wrap, which its own test passes over. */
static inline __attribute__((always_inline)) void cmp_native(const bnode *b, as_cmp cmp,
                                                             const uint32_t begin[2],
                                                             uint32_t n, uint8_t *restrict out)
{
    const uint8_t no = b->if_null;
    const int64_t by = b->offset;
    const bool near = by > -(1 << 30) && by < 1 << 30;
    if (b->a.c->layout == AS_LAYOUT_DATE && near)
        CMP_LOOP(as_date, as_column_dates, AS_DATE_NULL,
                 (as_date)((uint32_t)y[i] + (uint32_t)by));
    else if (b->a.c->layout == AS_LAYOUT_DATE)
        CMP_LOOP(as_date, as_column_dates, AS_DATE_NULL, add_clamped(y[i], by));
    else
        CMP_LOOP(int64_t, as_column_ints, AS_INT_NULL, add_clamped(y[i], by));
}

AS_CPU_LOOP compare_loop(const bnode *b, const uint32_t begin[2], uint32_t n,
                         uint8_t *restrict out)
{
    switch (b->cmp) {
    case AS_CMP_GE:
        cmp_native(b, AS_CMP_GE, begin, n, out);
        break;
    case AS_CMP_LE:
        cmp_native(b, AS_CMP_LE, begin, n, out);
        break;
    case AS_CMP_GT:
        cmp_native(b, AS_CMP_GT, begin, n, out);
        break;
    case AS_CMP_LT:
        cmp_native(b, AS_CMP_LT, begin, n, out);
        break;
    }
}
AS_CPU_VERSIONS(compare, (const bnode *b, const uint32_t begin[2], uint32_t n, uint8_t *out),
                (b, begin, n, out))

void as_leaf_compare(const bnode *b, const uint32_t begin[2], uint32_t n, uint8_t *out)
{
    compare(b, begin, n, out);
}

/* ---- all, any, not ---- */

AS_CPU_LOOP join_loop(bool all, uint8_t *restrict out, const uint8_t *restrict more, uint32_t n,
                      uint8_t *restrict open)
{
    uint8_t some = 0;
    if (all)
        for (uint32_t i = 0; i < n; i++) {
            out[i] = more[i] < out[i] ? more[i] : out[i];
            some |= out[i];
        }
    else
        for (uint32_t i = 0; i < n; i++) {
            out[i] = more[i] > out[i] ? more[i] : out[i];
            some |= out[i] ^ AS_TRUE;
        }
    *open = some;
}
AS_CPU_VERSIONS(join, (bool all, uint8_t *out, const uint8_t *more, uint32_t n, uint8_t *open),
                (all, out, more, n, open))

bool as_truth_join(bool all, uint8_t *out, const uint8_t *more, uint32_t n)
{
    uint8_t open;
    join(all, out, more, n, &open);
    return open != 0;
}

void as_truth_not(uint8_t *out, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        out[i] = (uint8_t)(2 - out[i]);
}
