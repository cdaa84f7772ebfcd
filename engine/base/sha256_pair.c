/* sha256_pair.c: SHA-256 (FIPS 180-4) with the processor's own instructions, two texts in
 * turns.
 *
 * The instructions keep the eight words of the state as ABEF and CDGH and do two rounds at once
 * (Intel, "SHA Extensions", 2013). One text
 * alone is libcrypto's job (hash.c): tests hold both against each other. */
#include "base/sha256_pair.h"

/* The zeros begin in one of the last two blocks. */
void as_sha256_ending(as_str rest, uint64_t length, char *out, size_t size)
{
    const uint64_t bits = __builtin_bswap64(length << 3);
    char *last = out + size - AS_SHA256_BLOCK;
    memset(last, 0, AS_SHA256_BLOCK);
    if (size > AS_SHA256_BLOCK)
        memset(last - AS_SHA256_BLOCK, 0, AS_SHA256_BLOCK);
    *as_bytes_put(out, rest.ptr, rest.len) = (char)0x80;
    memcpy(out + size - sizeof bits, &bits, sizeof bits);
}

void as_sha256_lane_digest(const as_sha256_lane *l, unsigned char *out, unsigned count)
{
    for (unsigned i = 0; i < count / 4; i++) {
        uint32_t word = __builtin_bswap32(l->state[i]);
        memcpy(out + 4 * (size_t)i, &word, 4);
    }
}

const uint32_t as_sha256_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
    0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
    0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
    0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
    0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
    0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
    0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2};

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>
#include <stdatomic.h>

#define BLOCK AS_SHA256_BLOCK
#define SHA "sha,sse4.1,ssse3"

/* Asked once: on a virtual machine the question goes to the host, some microseconds. */
bool as_sha256_can_pair(void)
{
    static atomic_int answer; /* 0: not asked yet, 1: no, 2: yes */
    int known = atomic_load_explicit(&answer, memory_order_relaxed);
    if (known == 0) {
        unsigned a, b, c, d;
        __builtin_cpu_init();
        bool can = __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1) &&
                   __builtin_cpu_supports("sse4.1");
        known = can ? 2 : 1;
        atomic_store_explicit(&answer, known, memory_order_relaxed);
    }
    return known == 2;
}

typedef struct vectors {
    __m128i abef, cdgh;
} vectors;

__attribute__((target(SHA))) static vectors load_state(const uint32_t s[8])
{
    return (vectors){
        _mm_set_epi32((int)s[0], (int)s[1], (int)s[4], (int)s[5]),
        _mm_set_epi32((int)s[2], (int)s[3], (int)s[6], (int)s[7]),
    };
}

__attribute__((target(SHA))) static void store_state(uint32_t s[8], vectors v)
{
    uint32_t x[4], y[4];
    _mm_storeu_si128((__m128i *)(void *)x, v.abef);
    _mm_storeu_si128((__m128i *)(void *)y, v.cdgh);
    const uint32_t all[8] = {x[3], x[2], y[3], y[2], x[1], x[0], y[1], y[0]};
    memcpy(s, all, sizeof all);
}

/* One text's part of four rounds: r counts them from 0 to 15, w holds the last 16 words. */
#define FOUR_ROUNDS(v, w, r)                                                                   \
    do {                                                                                       \
        __m128i k =                                                                            \
            _mm_loadu_si128((const __m128i *)(const void *)(as_sha256_constants + 4 * (r)));   \
        __m128i sum = _mm_add_epi32((w)[(r)&3], k);                                            \
        (v).cdgh = _mm_sha256rnds2_epu32((v).cdgh, (v).abef, sum);                             \
        if ((r) < 12) {                                                                        \
            __m128i next = _mm_sha256msg1_epu32((w)[(r)&3], (w)[((r) + 1) & 3]);               \
            __m128i back = _mm_alignr_epi8((w)[((r) + 3) & 3], (w)[((r) + 2) & 3], 4);         \
            (w)[(r)&3] = _mm_sha256msg2_epu32(_mm_add_epi32(next, back), (w)[((r) + 3) & 3]);  \
        }                                                                                      \
        (v).abef = _mm_sha256rnds2_epu32((v).abef, (v).cdgh, _mm_shuffle_epi32(sum, 0x0e));    \
    } while (0)

__attribute__((target(SHA))) void as_sha256_two(as_sha256_lane *a, as_sha256_lane *b,
                                                size_t blocks)
{
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL);
    as_sha256_lane *const lanes[2] = {a, b};
    vectors v[2];
    const char *p[2];
    for (int l = 0; l < 2; l++) {
        v[l] = load_state(lanes[l]->state);
        p[l] = lanes[l]->rest.ptr;
        lanes[l]->rest = as_str_sub(lanes[l]->rest, blocks * BLOCK, lanes[l]->rest.len);
    }
    for (size_t n = 0; n < blocks; n++) {
        vectors before[2];
        __m128i w[2][4];
        for (int l = 0; l < 2; l++, before[l - 1] = v[l - 1])
            for (int i = 0; i < 4; i++)
                w[l][i] = _mm_shuffle_epi8(
                    _mm_loadu_si128((const __m128i *)(const void *)(p[l] + n * BLOCK + 16 * i)),
                    big_endian);
#pragma GCC unroll 16
        for (int r = 0; r < 16; r++) {
            FOUR_ROUNDS(v[0], w[0], r);
            FOUR_ROUNDS(v[1], w[1], r);
        }
        for (int l = 0; l < 2; l++) {
            v[l].abef = _mm_add_epi32(v[l].abef, before[l].abef);
            v[l].cdgh = _mm_add_epi32(v[l].cdgh, before[l].cdgh);
        }
    }
    for (int l = 0; l < 2; l++)
        store_state(lanes[l]->state, v[l]);
}

void as_sha256_lane_begin(as_sha256_lane *l, as_str text)
{
    *l = (as_sha256_lane){{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f,
                           0x9b05688c, 0x1f83d9ab, 0x5be0cd19},
                          text};
}

#else

bool as_sha256_can_pair(void)
{
    return false;
}

void as_sha256_lane_begin(as_sha256_lane *l, as_str text)
{
    (void)l;
    (void)text;
}

void as_sha256_two(as_sha256_lane *a, as_sha256_lane *b, size_t blocks)
{
    (void)a;
    (void)b;
    (void)blocks;
}

#endif
