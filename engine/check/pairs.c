/* pairs.c: see pairs.h. Loops without branches that depend on data: a pair is written where the
 * next one will be, and stays when it is kept. */
#include "check/pairs.h"

#include "base/cpu.h"
#if defined(__x86_64__)
#include <immintrin.h>
#endif

static void take_any(as_pairs *x, uint32_t begin, uint32_t n, const uint8_t *where,
                     const uint32_t *first)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        x->rows[count] = begin + i;
        x->others[count] = first[i];
        count += (where[i] == AS_TRUE) & (first[i] < AS_KEY_NULL);
    }
    x->count = count;
}

static void keep_any(as_pairs *x, const uint8_t *truth)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < x->count; i++) {
        x->rows[kept] = x->rows[i];
        x->others[kept] = x->others[i];
        kept += truth[i] == AS_TRUE;
    }
    x->count = kept;
}

#if defined(__x86_64__)
/* Sixteen at a time: those that stay are moved together and written where the next ones will
 * be, with whatever is behind them. */
#define LANES 16u

AS_CPU_TARGET_AVX512 static inline __mmask16 lanes_true(const uint8_t *truth, uint32_t left)
{
    const __mmask16 there = (__mmask16)(left < LANES ? (1u << left) - 1 : 0xffffu);
    const __m128i t = _mm_maskz_loadu_epi8(there, truth);
    return _mm_mask_cmpeq_epi8_mask(there, t, _mm_set1_epi8(AS_TRUE));
}

AS_CPU_TARGET_AVX512 static void take_avx512(as_pairs *x, uint32_t begin, uint32_t n,
                                             const uint8_t *where, const uint32_t *first)
{
    uint32_t count = 0;
    const __m512i null = _mm512_set1_epi32((int)AS_KEY_NULL);
    __m512i row = _mm512_add_epi32(
        _mm512_set1_epi32((int)begin),
        _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
    for (uint32_t i = 0; i < n; i += LANES) {
        const __mmask16 in = lanes_true(where + i, n - i);
        const __m512i other = _mm512_maskz_loadu_epi32(in, first + i);
        const __mmask16 stay = _mm512_mask_cmplt_epu32_mask(in, other, null);
        _mm512_storeu_si512(x->rows + count, _mm512_maskz_compress_epi32(stay, row));
        _mm512_storeu_si512(x->others + count, _mm512_maskz_compress_epi32(stay, other));
        count += (uint32_t)__builtin_popcount(stay);
        row = _mm512_add_epi32(row, _mm512_set1_epi32((int)LANES));
    }
    x->count = count;
}

AS_CPU_TARGET_AVX512 static void keep_avx512(as_pairs *x, const uint8_t *truth)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < x->count; i += LANES) {
        const __mmask16 stay = lanes_true(truth + i, x->count - i);
        const __m512i row = _mm512_loadu_si512(x->rows + i);
        const __m512i other = _mm512_loadu_si512(x->others + i);
        _mm512_storeu_si512(x->rows + kept, _mm512_maskz_compress_epi32(stay, row));
        _mm512_storeu_si512(x->others + kept, _mm512_maskz_compress_epi32(stay, other));
        kept += (uint32_t)__builtin_popcount(stay);
    }
    x->count = kept;
}
#else
#define take_avx512 take_any
#define keep_avx512 keep_any
#endif

void as_pairs_take(as_pairs *x, uint32_t begin, uint32_t n, const uint8_t *where,
                   const uint32_t *first)
{
    x->begin = begin;
    if (AS_CPU_IS(AS_CPU_AVX512))
        take_avx512(x, begin, n, where, first);
    else
        take_any(x, begin, n, where, first);
}

static void keep(as_pairs *x, const uint8_t *truth)
{
    if (AS_CPU_IS(AS_CPU_AVX512))
        keep_avx512(x, truth);
    else
        keep_any(x, truth);
}

as_code as_pairs_keep(as_pairs *x, const as_bound *b, as_scratch *s, as_err *e)
{
    uint8_t truth[AS_BLOCK];
    if (!b)
        return AS_OK;
    as_code code = as_bound_pairs(b, x->rows, x->others, x->count, truth, s, e);
    if (code == AS_OK)
        keep(x, truth);
    return code;
}

/* The dates of a column, or one null that stands for all. */
typedef struct days {
    const as_date *at;
    uint32_t mask; /* 0: there is no such column */
} days;

static const as_date no_day = AS_DATE_NULL;

static days days_of(const as_column *c)
{
    const bool there = c && c->layout == AS_LAYOUT_DATE;
    return there ? (days){as_column_dates(c), UINT32_MAX} : (days){&no_day, 0};
}

_Static_assert(AS_FALSE == 0 && AS_DATE_NULL == INT32_MIN, "what the loops below rely on");

AS_CPU_LOOP valid_loop(const as_date *day, days from, days to, const uint32_t *restrict first,
                       uint32_t n, uint8_t *restrict where)
{
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t other = first[i] < AS_KEY_NULL ? first[i] : 0;
        const as_date begins = from.at[other & from.mask], ends = to.at[other & to.mask];
        const bool begun = (begins == AS_DATE_NULL) | (day[i] >= begins);
        const bool on = (ends == AS_DATE_NULL) | (day[i] <= ends);
        const bool in = (first[i] < AS_KEY_NULL) & (day[i] != AS_DATE_NULL) & begun & on;
        where[i] = in ? where[i] : (uint8_t)AS_FALSE;
    }
}
AS_CPU_VERSIONS(valid,
                (const as_date *day, days from, days to, const uint32_t *first, uint32_t n,
                 uint8_t *where),
                (day, from, to, first, n, where))

#if defined(__x86_64__)
#define FEW_ROWS 32u /* whose times two pairs of registers hold */

AS_CPU_TARGET_AVX512 static void valid_of_few(const as_date *day, const days bounds[2],
                                              uint32_t other_rows, const uint32_t *first,
                                              uint32_t n, uint8_t *where)
{
    as_date from[FEW_ROWS], to[FEW_ROWS];
    for (uint32_t i = 0; i < FEW_ROWS; i++) {
        const uint32_t row = i < other_rows ? i : 0;
        from[i] = bounds[0].at[row & bounds[0].mask]; /* null is the least */
        to[i] = bounds[1].at[row & bounds[1].mask];
        to[i] = to[i] == AS_DATE_NULL ? INT32_MAX : to[i];
    }
    const __m512i from_a = _mm512_loadu_si512(from), from_b = _mm512_loadu_si512(from + LANES);
    const __m512i to_a = _mm512_loadu_si512(to), to_b = _mm512_loadu_si512(to + LANES);
    const __m512i null = _mm512_set1_epi32(AS_DATE_NULL);
    const __m512i none = _mm512_set1_epi32((int)AS_KEY_NULL);
    for (uint32_t i = 0; i < n; i += LANES) {
        const __mmask16 there = (__mmask16)(n - i < LANES ? (1u << (n - i)) - 1 : 0xffffu);
        const __m512i other = _mm512_maskz_loadu_epi32(there, first + i);
        const __m512i d = _mm512_maskz_loadu_epi32(there, day + i);
        const __m512i begins = _mm512_permutex2var_epi32(from_a, other, from_b);
        const __m512i ends = _mm512_permutex2var_epi32(to_a, other, to_b);
        __mmask16 in = _mm512_mask_cmplt_epu32_mask(there, other, none);
        in = _mm512_mask_cmpneq_epi32_mask(in, d, null);
        in = _mm512_mask_cmpge_epi32_mask(in, d, begins);
        in = _mm512_mask_cmple_epi32_mask(in, d, ends);
        const __m128i was = _mm_maskz_loadu_epi8(in, where + i);
        _mm_mask_storeu_epi8(where + i, there, was);
    }
}
#endif

void as_pairs_valid(uint32_t begin, uint32_t n, const uint32_t *first, const as_pairs_time *t,
                    uint32_t other_rows, uint8_t *where)
{
    const days day = days_of(t->day), bounds[2] = {days_of(t->from), days_of(t->to)};
    if (day.mask == 0 || other_rows == 0) {
        memset(where, AS_FALSE, n); /* a null day is in no time */
        return;
    }
#if defined(__x86_64__)
    if (other_rows <= FEW_ROWS && AS_CPU_IS(AS_CPU_AVX512)) {
        valid_of_few(day.at + begin, bounds, other_rows, first, n, where);
        return;
    }
#endif
    valid(day.at + begin, bounds[0], bounds[1], first, n, where);
}

uint32_t as_pairs_settle(const as_pairs *x, uint8_t *where)
{
    for (uint32_t i = 0; i < x->count; i++)
        where[x->rows[i] - x->begin] = AS_FALSE;
    return x->count;
}

AS_CPU_LOOP settle_fit_loop(uint8_t *restrict where, const uint8_t *restrict fit, uint32_t n,
                            uint32_t *restrict settled)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        count += fit[i] == AS_TRUE;
        where[i] = fit[i] == AS_TRUE ? (uint8_t)AS_FALSE : where[i];
    }
    *settled = count;
}
AS_CPU_VERSIONS(settle_fit,
                (uint8_t * where, const uint8_t *fit, uint32_t n, uint32_t *settled),
                (where, fit, n, settled))

uint32_t as_pairs_settle_fit(uint8_t *where, const uint8_t *fit, uint32_t n)
{
    uint32_t settled;
    settle_fit(where, fit, n, &settled);
    return settled;
}

AS_CPU_LOOP count_loop(const uint8_t *truth, uint32_t n, uint32_t *restrict out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++)
        count += truth[i] == AS_TRUE;
    *out = count;
}
AS_CPU_VERSIONS(count, (const uint8_t *truth, uint32_t n, uint32_t *out), (truth, n, out))

uint32_t as_truth_count(const uint8_t *truth, uint32_t n)
{
    uint32_t out;
    count(truth, n, &out);
    return out;
}
