/* csv_dates_x86.c: dates in their usual forms, eight cells at a time, by AVX2 where the
 * processor has it. What is not plain (another length, no digits, no such day, 29 February)
 * ends the run: csv_decode.c reads these cells one by one. */
#include "input/csv_fast.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define TWICE(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)

/* Sixteen bytes from where each of two cells begins. */
AVX2 static inline __m256i two_cells(const char *a, const char *b)
{
    __m128i low = _mm_loadu_si128((const __m128i *)(const void *)a);
    __m128i high = _mm_loadu_si128((const __m128i *)(const void *)b);
    return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
}

/* How a form is written, twice: its separators and zeros; the most that may remain of a byte by
 * exclusive or with them; where in it the digits of ddmmyyyy stand. */
typedef struct form {
    __m256i zeros, most, order;
} form;

AVX2 static inline form form_of(bool dmy)
{
    if (dmy)
        return (form){TWICE('0', '0', '/', '0', '0', '/', '0', '0', '0', '0', 0, 0, 0, 0, 0, 0),
                      TWICE(9, 9, 0, 9, 9, 0, 9, 9, 9, 9, -1, -1, -1, -1, -1, -1),
                      TWICE(0, 1, 3, 4, 6, 7, 8, 9, -1, -1, -1, -1, -1, -1, -1, -1)};
    return (form){TWICE('0', '0', '0', '0', '-', '0', '0', '-', '0', '0', 0, 0, 0, 0, 0, 0),
                  TWICE(9, 9, 9, 9, 0, 9, 9, 0, 9, 9, -1, -1, -1, -1, -1, -1),
                  TWICE(8, 9, 5, 6, 0, 1, 2, 3, -1, -1, -1, -1, -1, -1, -1, -1)};
}

/* The same in quotes, moved on by one. What begins with a quote ends with one. */
AVX2 static inline form in_quotes(form f)
{
    const __m256i quote = TWICE('"', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    return (form){_mm256_or_si256(_mm256_slli_si256(f.zeros, 1), quote),
                  _mm256_slli_si256(f.most, 1), _mm256_add_epi8(f.order, _mm256_set1_epi8(1))};
}

/* The eight digits of two cells; bits remain in *bad where something else stands. */
AVX2 static inline __m256i digits_of(const form *f, __m256i cells, __m256i *bad)
{
    __m256i x = _mm256_xor_si256(cells, f->zeros);
    *bad = _mm256_or_si256(*bad, _mm256_subs_epu8(x, f->most));
    return _mm256_shuffle_epi8(x, f->order);
}

/* Days of dates of years from 1 to 9999 by the formulas of C. Neri and L. Schneider, "Euclidean
 * affine functions and their application to calendar algorithms" (2022): the year begins in
 * March. `day_month`: 128 * month + day. */
AVX2 static inline __m256i days_of(__m256i day_month, __m256i year, __m256i *bad)
{
    const __m256i lengths = TWICE(0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0, 0, 0);
    __m256i month = _mm256_srli_epi32(day_month, 7);
    __m256i day = _mm256_and_si256(day_month, _mm256_set1_epi32(127));
    __m256i length = _mm256_shuffle_epi8(lengths, month);
    *bad = _mm256_or_si256(*bad, _mm256_cmpgt_epi32(month, _mm256_set1_epi32(12)));
    *bad = _mm256_or_si256(*bad, _mm256_cmpgt_epi32(day, length));
    *bad = _mm256_or_si256(*bad, _mm256_cmpeq_epi32(day, _mm256_setzero_si256()));
    *bad = _mm256_or_si256(*bad, _mm256_cmpeq_epi32(year, _mm256_setzero_si256()));
    __m256i before = _mm256_cmpgt_epi32(_mm256_set1_epi32(3), month); /* March: -1 */
    __m256i y = _mm256_add_epi32(year, before);
    __m256i m = _mm256_add_epi32(month, _mm256_and_si256(before, _mm256_set1_epi32(12)));
    __m256i century = _mm256_madd_epi16(y, _mm256_set1_epi32(5243));
    century = _mm256_srli_epi32(century, 19);
    __m256i days = _mm256_srli_epi32(_mm256_madd_epi16(y, _mm256_set1_epi32(1461)), 2);
    days = _mm256_sub_epi32(days, century);
    days = _mm256_add_epi32(days, _mm256_srli_epi32(century, 2));
    m = _mm256_madd_epi16(m, _mm256_set1_epi32(979));
    m = _mm256_srli_epi32(_mm256_sub_epi32(m, _mm256_set1_epi32(2919)), 5);
    days = _mm256_add_epi32(days, _mm256_add_epi32(m, day));
    return _mm256_sub_epi32(days, _mm256_set1_epi32(719469)); /* from 1970-01-01 */
}

AVX2 static uint32_t dates_avx2(const char *base, const uint32_t *ends, size_t stride,
                                uint32_t groups, bool dmy, as_date *out)
{
    const bool quoted = base[ends[0] + 1u] == '"';
    const form f = quoted ? in_quotes(form_of(dmy)) : form_of(dmy);
    const uint32_t apart = quoted ? 13 : 11;                     /* ends of cells */
    const __m256i tens = _mm256_set1_epi16(0x010a);              /* of two digits */
    const __m256i join = _mm256_set1_epi64x(0x0001006400800001); /* as days_of wants them */
    for (uint32_t g = 0; g < groups; g++, out += 8) {
        const char *p[8];
        uint32_t odd = 0;
        for (int i = 0; i < 8; i++, ends += stride) {
            odd |= (ends[1] - ends[0]) ^ apart;
            p[i] = base + (ends[0] + 1u);
        }
        if (odd)
            return g;
        __m256i bad = _mm256_setzero_si256(), x[4];
        for (int i = 0; i < 4; i++)
            x[i] = digits_of(&f, two_cells(p[i], p[i + 4]), &bad);
        __m256i a = _mm256_maddubs_epi16(_mm256_unpacklo_epi64(x[0], x[1]), tens);
        __m256i b = _mm256_maddubs_epi16(_mm256_unpacklo_epi64(x[2], x[3]), tens);
        __m256 c = _mm256_castsi256_ps(_mm256_madd_epi16(a, join));
        __m256 d = _mm256_castsi256_ps(_mm256_madd_epi16(b, join));
        __m256i day_month = _mm256_castps_si256(_mm256_shuffle_ps(c, d, 0x88));
        __m256i year = _mm256_castps_si256(_mm256_shuffle_ps(c, d, 0xdd));
        __m256i days = days_of(day_month, year, &bad);
        if (!_mm256_testz_si256(bad, bad))
            return g;
        _mm256_storeu_si256((__m256i *)(void *)out, days);
    }
    return groups;
}

as_dates_fn as_dates_kernel(const char *name)
{
    bool wanted = !name || strcmp(name, "avx2") == 0 || strcmp(name, "avx512") == 0;
    __builtin_cpu_init();
    return wanted && __builtin_cpu_supports("avx2") ? dates_avx2 : NULL;
}

#else

as_dates_fn as_dates_kernel(const char *name)
{
    (void)name;
    return NULL;
}

#endif
