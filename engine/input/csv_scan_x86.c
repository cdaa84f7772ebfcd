/* csv_scan_x86.c: the kernels for x86-64. Each is compiled for its own instruction set by a
 * function attribute and chosen at run time, so that one build runs everywhere. */
#include "input/csv_scan.h"

#if defined(__x86_64__)

#include "input/csv_scan_block.h"

#include <immintrin.h>

/* ---- SSE2: every x86-64 ---- */

static inline uint64_t equal_sse2(const __m128i v[4], char c)
{
    __m128i x = _mm_set1_epi8(c);
    uint64_t m = 0;
    for (int i = 0; i < 4; i++)
        m |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v[i], x)) << (16 * i);
    return m;
}

static void scan_sse2(as_scan *s, const char *p, uint32_t offset, size_t blocks)
{
    __m128i least = _mm_set1_epi8(-1), all = _mm_setzero_si128();
    for (size_t b = 0; b < blocks; b++, p += 64, offset += 64) {
        __m128i v[4];
        for (int i = 0; i < 4; i++) {
            v[i] = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
            least = _mm_min_epu8(least, v[i]);
            all = _mm_or_si128(all, v[i]);
        }
        as_scan_masks m = {equal_sse2(v, s->delimiter), equal_sse2(v, '\n'),
                           equal_sse2(v, '\r'), equal_sse2(v, '"')};
        as_scan_write(s, as_scan_block(s, &m, p[64], offset), offset);
    }
    s->nul |= _mm_movemask_epi8(_mm_cmpeq_epi8(least, _mm_setzero_si128())) != 0;
    s->high |= _mm_movemask_epi8(all) != 0;
}

/* ---- AVX2 ---- */

__attribute__((target("avx2,bmi,popcnt"))) static inline uint64_t equal_avx2(__m256i a,
                                                                             __m256i b, char c)
{
    __m256i x = _mm256_set1_epi8(c);
    uint64_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, x));
    uint64_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, x));
    return low | high << 32;
}

__attribute__((target("avx2,bmi,popcnt"))) static void scan_avx2(as_scan *s, const char *p,
                                                                 uint32_t offset, size_t blocks)
{
    __m256i least = _mm256_set1_epi8(-1), all = _mm256_setzero_si256();
    for (size_t b = 0; b < blocks; b++, p += 64, offset += 64) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)p);
        __m256i w = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
        least = _mm256_min_epu8(least, _mm256_min_epu8(v, w));
        all = _mm256_or_si256(all, _mm256_or_si256(v, w));
        as_scan_masks m = {equal_avx2(v, w, s->delimiter), equal_avx2(v, w, '\n'),
                           equal_avx2(v, w, '\r'), equal_avx2(v, w, '"')};
        as_scan_write(s, as_scan_block(s, &m, p[64], offset), offset);
    }
    __m256i zero = _mm256_setzero_si256();
    s->nul |= _mm256_movemask_epi8(_mm256_cmpeq_epi8(least, zero)) != 0;
    s->high |= _mm256_movemask_epi8(all) != 0;
}

/* ---- AVX-512 with VBMI2, which can write the positions of a mask's bits at once ---- */

#define AVX512 "avx512f,avx512bw,avx512vbmi2,bmi,popcnt"

__attribute__((target(AVX512))) static inline void write_avx512(as_scan *s, uint64_t found,
                                                                uint32_t offset, __m512i count)
{
    __m512i bytes = _mm512_maskz_compress_epi8(found, count);
    __m512i base = _mm512_set1_epi32((int)offset);
    uint32_t *out = s->ends + s->count;
    size_t n = (size_t)__builtin_popcountll(found);
    s->count += n;
    _mm512_storeu_si512(
        out, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(bytes))));
    if (__builtin_expect(n <= 16, 1))
        return;
    __m128i part = _mm512_extracti32x4_epi32(bytes, 1);
    _mm512_storeu_si512(out + 16, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(part)));
    if (n <= 32)
        return;
    part = _mm512_extracti32x4_epi32(bytes, 2);
    _mm512_storeu_si512(out + 32, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(part)));
    part = _mm512_extracti32x4_epi32(bytes, 3);
    _mm512_storeu_si512(out + 48, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(part)));
}

__attribute__((target(AVX512))) static void scan_avx512(as_scan *s, const char *p,
                                                        uint32_t offset, size_t blocks)
{
    char counting[64];
    for (int i = 0; i < 64; i++)
        counting[i] = (char)i;
    __m512i count = _mm512_loadu_si512(counting);
    __m512i delimiter = _mm512_set1_epi8(s->delimiter), lf = _mm512_set1_epi8('\n');
    __m512i cr = _mm512_set1_epi8('\r'), quote = _mm512_set1_epi8('"');
    __m512i least = _mm512_set1_epi8(-1), all = _mm512_setzero_si512();
    for (size_t b = 0; b < blocks; b++, p += 64, offset += 64) {
        __m512i v = _mm512_loadu_si512(p);
        least = _mm512_min_epu8(least, v);
        all = _mm512_or_si512(all, v);
        as_scan_masks m = {_mm512_cmpeq_epi8_mask(v, delimiter), _mm512_cmpeq_epi8_mask(v, lf),
                           _mm512_cmpeq_epi8_mask(v, cr), _mm512_cmpeq_epi8_mask(v, quote)};
        write_avx512(s, as_scan_block(s, &m, p[64], offset), offset, count);
    }
    s->nul |= _mm512_testn_epi8_mask(least, least) != 0;
    s->high |= _mm512_movepi8_mask(all) != 0;
}

as_scan_fn as_scan_x86(const char *name)
{
    bool any = !name;
    __builtin_cpu_init();
    if ((any || strcmp(name, "avx512") == 0) && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("bmi"))
        return scan_avx512;
    if ((any || strcmp(name, "avx2") == 0) && __builtin_cpu_supports("avx2") &&
        __builtin_cpu_supports("bmi"))
        return scan_avx2;
    return any || strcmp(name, "sse2") == 0 ? scan_sse2 : NULL;
}

#else

as_scan_fn as_scan_x86(const char *name)
{
    (void)name;
    return NULL;
}

#endif
