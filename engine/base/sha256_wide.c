/* sha256_wide.c: SHA-256 (FIPS 180-4) of sixteen short texts side by side.
 *
 * A vector holds the same word of sixteen texts: the rounds are written as the standard has
 * them, once for all. AVX-512 has rotation and every function of three bits as one instruction,
 * so that a block takes about half of the time that the processor's own SHA instructions need
 * (sha256_pair.c), where there are sixteen to take. Tests hold both against libcrypto. */
#include "base/sha256_wide.h"

#include "base/sha256_pair.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <stdatomic.h>

#define WIDE "avx512f,avx512bw"
#define XOR3 0x96   /* a ^ b ^ c, as _mm512_ternarylogic_epi32 has it */
#define CHOOSE 0xca /* a ? b : c */
#define MOST 0xe8   /* the value that two of the three have */

bool as_sha256_can_wide(void)
{
    static atomic_int answer; /* 0: not asked yet, 1: no, 2: yes */
    int known = atomic_load_explicit(&answer, memory_order_relaxed);
    if (known == 0) {
        __builtin_cpu_init();
        bool can = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
        known = can ? 2 : 1;
        atomic_store_explicit(&answer, known, memory_order_relaxed);
    }
    return known == 2;
}

/* Sixteen words of each of sixteen rows, turned so that w[i] holds word i of every row: first
 * within groups of four rows and words, then the groups. */
__attribute__((target(WIDE), always_inline)) static inline void turn(__m512i w[16])
{
    __m512i t[16];
#pragma GCC unroll 4
    for (int g = 0; g < 16; g += 4) {
        __m512i a = _mm512_unpacklo_epi32(w[g], w[g + 1]);
        __m512i b = _mm512_unpackhi_epi32(w[g], w[g + 1]);
        __m512i c = _mm512_unpacklo_epi32(w[g + 2], w[g + 3]);
        __m512i d = _mm512_unpackhi_epi32(w[g + 2], w[g + 3]);
        t[g] = _mm512_unpacklo_epi64(a, c);
        t[g + 1] = _mm512_unpackhi_epi64(a, c);
        t[g + 2] = _mm512_unpacklo_epi64(b, d);
        t[g + 3] = _mm512_unpackhi_epi64(b, d);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        __m512i a = _mm512_shuffle_i32x4(t[i], t[i + 4], 0x44);
        __m512i b = _mm512_shuffle_i32x4(t[i], t[i + 4], 0xee);
        __m512i c = _mm512_shuffle_i32x4(t[i + 8], t[i + 12], 0x44);
        __m512i d = _mm512_shuffle_i32x4(t[i + 8], t[i + 12], 0xee);
        w[i] = _mm512_shuffle_i32x4(a, c, 0x88);
        w[i + 4] = _mm512_shuffle_i32x4(a, c, 0xdd);
        w[i + 8] = _mm512_shuffle_i32x4(b, d, 0x88);
        w[i + 12] = _mm512_shuffle_i32x4(b, d, 0xdd);
    }
}

/* ---- the standard's functions ---- */

#define THREE(a, b, c, f) _mm512_ternarylogic_epi32((a), (b), (c), (f))
#define TURNED(x, n) _mm512_ror_epi32((x), (n))
#define SUM(x, i, j, k) THREE(TURNED(x, i), TURNED(x, j), TURNED(x, k), XOR3)
#define SIGMA(x, i, j, k) THREE(TURNED(x, i), TURNED(x, j), _mm512_srli_epi32((x), (k)), XOR3)
#define ADD(a, b) _mm512_add_epi32((a), (b))

/* Round r of 16: words a to h are v[-r], v[1 - r] and so on, so that nothing is moved. What the
 * next round waits for, WORD(3) and WORD(7), gets the longest sum last. */
__attribute__((target(WIDE), always_inline)) static inline void one_round(__m512i v[8], int r,
                                                                          __m512i word)
{
#define WORD(n) v[((n)-r) & 7]
    const __m512i choose = THREE(WORD(4), WORD(5), WORD(6), CHOOSE);
    const __m512i late = SUM(WORD(4), 6, 11, 25), first = ADD(WORD(7), word);
    const __m512i second = ADD(SUM(WORD(0), 2, 13, 22), THREE(WORD(0), WORD(1), WORD(2), MOST));
    WORD(3) = ADD(ADD(ADD(WORD(3), first), choose), late);
    WORD(7) = ADD(ADD(ADD(first, choose), second), late);
#undef WORD
}

/* Round r of the block's turn; the words of its first turn are those of the text. */
__attribute__((target(WIDE), always_inline)) static inline void
step(__m512i v[8], __m512i w[16], bool first, int r, __m512i k)
{
    if (!first)
        w[r] = ADD(ADD(w[r], SIGMA(w[(r + 1) & 15], 7, 18, 3)),
                   ADD(w[(r + 9) & 15], SIGMA(w[(r + 14) & 15], 17, 19, 10)));
    one_round(v, r, ADD(w[r], k));
}

__attribute__((target(WIDE), always_inline)) static inline void
load(__m512i w[16], const char *const *texts, size_t at)
{
    const __m512i big_endian =
        _mm512_broadcast_i32x4(_mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL));
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++)
        w[i] = _mm512_shuffle_epi8(_mm512_loadu_si512(texts[i] + at), big_endian);
    turn(w);
}

/* A block of each text; w holds its words. */
__attribute__((target(WIDE), always_inline)) static inline void take(__m512i state[8],
                                                                     __m512i w[16])
{
    __m512i v[8];
    for (int i = 0; i < 8; i++)
        v[i] = state[i];
    for (size_t turns = 0; turns < 4; turns++) {
#pragma GCC unroll 16
        for (int r = 0; r < 16; r++)
            step(v, w, turns == 0, r,
                 _mm512_set1_epi32((int)as_sha256_constants[16 * turns + (size_t)r]));
    }
    for (int i = 0; i < 8; i++)
        state[i] = ADD(state[i], v[i]);
}

__attribute__((target(WIDE), always_inline)) static inline void begin(__m512i state[8])
{
    as_sha256_lane first;
    as_sha256_lane_begin(&first, AS_NONE);
    for (int i = 0; i < 8; i++)
        state[i] = _mm512_set1_epi32((int)first.state[i]);
}

__attribute__((target(WIDE))) void as_sha256_sixteen(const char *const texts[AS_SHA256_WIDE],
                                                     size_t blocks,
                                                     unsigned char digests[AS_SHA256_WIDE][16])
{
    __m512i state[8], w[16];
    uint32_t words[4][AS_SHA256_WIDE];
    begin(state);
    for (size_t n = 0; n < blocks; n++) {
        load(w, texts, n * AS_SHA256_BLOCK);
        take(state, w);
    }
    for (int i = 0; i < 4; i++)
        _mm512_storeu_si512(words[i], state[i]);
    for (int t = 0; t < AS_SHA256_WIDE; t++)
        for (int i = 0; i < 4; i++) {
            uint32_t word = __builtin_bswap32(words[i][t]);
            memcpy(digests[t] + 4 * i, &word, 4);
        }
}

#else

bool as_sha256_can_wide(void)
{
    return false;
}

void as_sha256_sixteen(const char *const texts[AS_SHA256_WIDE], size_t blocks,
                       unsigned char digests[AS_SHA256_WIDE][16])
{
    (void)texts;
    (void)blocks;
    (void)digests;
}

#endif
