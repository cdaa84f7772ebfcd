/* blake3_lanes.h: BLAKE3's compression of several blocks side by side; blake3.c includes it
 * once for each width of vectors.
 *
 * Wants: LANES (words of a vector: 16, 8 or 4), GROUPS (1 or 2), LANES_TARGET (an attribute, or
 * nothing), LANES_NAME(x), LOW(a, b) and HIGH(a, b): words of the two vectors' lower (upper)
 * halves in turns.
 *
 * A vector holds the same word of LANES inputs. The rounds wait for themselves most of the
 * time; where a processor has enough registers, two groups take their turns. Source: BLAKE3,
 * one function, fast everywhere (O'Connor, Aumasson, Neves, Wilcox-O'Hearn, 2020), section 2.
 */

typedef uint32_t LANES_NAME(word) __attribute__((vector_size(4 * LANES), aligned(4 * LANES)));
#define WORD LANES_NAME(word)
#define LANES_INLINE LANES_TARGET __attribute__((always_inline)) static inline void

LANES_INLINE LANES_NAME(spread)(WORD *out, uint32_t x)
{
    *out = x - (WORD){0};
}

/* A square of LANES rows: what was row i, word j becomes row j, word i. */
LANES_INLINE LANES_NAME(turn)(WORD *rows)
{
    WORD other[LANES];
#pragma GCC unroll 4
    for (unsigned size = LANES; size > 1; size /= 2) {
#pragma GCC unroll 8
        for (unsigned i = 0; i < LANES / 2; i++) {
            other[2 * i] = LOW(rows[i], rows[i + LANES / 2]);
            other[2 * i + 1] = HIGH(rows[i], rows[i + LANES / 2]);
        }
#pragma GCC unroll 16
        for (unsigned i = 0; i < LANES; i++)
            rows[i] = other[i];
    }
}

/* m[i]: word i of the block at `at` of each input. */
LANES_INLINE LANES_NAME(load)(WORD m[16], const char *const *inputs, size_t at)
{
#pragma GCC unroll 4
    for (unsigned from = 0; from < 16; from += LANES) {
#pragma GCC unroll 16
        for (unsigned i = 0; i < LANES; i++)
            memcpy(&m[from + i], inputs[i] + at + sizeof(uint32_t) * from, sizeof *m);
        LANES_NAME(turn)(m + from);
    }
}

#define RIGHT(x, n) ((x) >> (n) | (x) << (32 - (n)))
/* The quarter-round on words a, b, c and d with two words of the message. */
#define MIX(a, b, c, d, first, second)                                                         \
    do {                                                                                       \
        v[a] = v[a] + (first) + v[b];                                                          \
        v[d] = RIGHT(v[d] ^ v[a], 16);                                                         \
        v[c] += v[d];                                                                          \
        v[b] = RIGHT(v[b] ^ v[c], 12);                                                         \
        v[a] = v[a] + (second) + v[b];                                                         \
        v[d] = RIGHT(v[d] ^ v[a], 8);                                                          \
        v[c] += v[d];                                                                          \
        v[b] = RIGHT(v[b] ^ v[c], 7);                                                          \
    } while (0)

LANES_INLINE LANES_NAME(columns)(WORD v[16], const WORD m[16], const uint8_t order[16])
{
    MIX(0, 4, 8, 12, m[order[0]], m[order[1]]);
    MIX(1, 5, 9, 13, m[order[2]], m[order[3]]);
    MIX(2, 6, 10, 14, m[order[4]], m[order[5]]);
    MIX(3, 7, 11, 15, m[order[6]], m[order[7]]);
}

LANES_INLINE LANES_NAME(diagonals)(WORD v[16], const WORD m[16], const uint8_t order[16])
{
    MIX(0, 5, 10, 15, m[order[8]], m[order[9]]);
    MIX(1, 6, 11, 12, m[order[10]], m[order[11]]);
    MIX(2, 7, 8, 13, m[order[12]], m[order[13]]);
    MIX(3, 4, 9, 14, m[order[14]], m[order[15]]);
}

/* The block at `at` of every input, into their chaining values. Not inlined: the compiler then
 * keeps more of it in registers. */
LANES_TARGET __attribute__((noinline)) static void
LANES_NAME(block)(WORD (*values)[8], const as_blake3_work *w, const char *const *inputs,
                  size_t at, uint32_t length, uint32_t flags)
{
    WORD m[GROUPS][16], v[GROUPS][16];
#pragma GCC unroll 2
    for (unsigned g = 0; g < GROUPS; g++) {
        LANES_NAME(load)(m[g], inputs + g * LANES, at);
#pragma GCC unroll 8
        for (unsigned i = 0; i < 8; i++)
            v[g][i] = values[g][i];
#pragma GCC unroll 4
        for (unsigned i = 0; i < 4; i++)
            LANES_NAME(spread)(&v[g][8 + i], first_value[i]);
        memcpy(&v[g][12], w->counter_low + g * LANES, sizeof v[g][12]);
        memcpy(&v[g][13], w->counter_high + g * LANES, sizeof v[g][13]);
        LANES_NAME(spread)(&v[g][14], length);
        LANES_NAME(spread)(&v[g][15], flags);
    }
#pragma GCC unroll 7
    for (unsigned round = 0; round < 7; round++) {
#pragma GCC unroll 2
        for (unsigned g = 0; g < GROUPS; g++)
            LANES_NAME(columns)(v[g], m[g], orders[round]);
#pragma GCC unroll 2
        for (unsigned g = 0; g < GROUPS; g++)
            LANES_NAME(diagonals)(v[g], m[g], orders[round]);
    }
#pragma GCC unroll 2
    for (unsigned g = 0; g < GROUPS; g++)
#pragma GCC unroll 8
        for (unsigned i = 0; i < 8; i++)
            values[g][i] = v[g][i] ^ v[g][i + 8];
}

/* All blocks of LANES * GROUPS inputs. */
LANES_TARGET static void LANES_NAME(inputs)(const as_blake3_work *w, const char *const *inputs,
                                            node *out)
{
    WORD values[GROUPS][8];
    uint32_t words[8][LANES];
    for (unsigned g = 0; g < GROUPS; g++)
        for (unsigned i = 0; i < 8; i++)
            LANES_NAME(spread)(&values[g][i], first_value[i]);
    for (size_t n = 0; n < w->blocks; n++) {
        const bool last = n + 1 == w->blocks;
        LANES_NAME(block)
        (values, w, inputs, n * BLOCK, last ? w->last_length : BLOCK,
         w->flags | (n == 0 ? w->first_flag : 0) | (last ? w->last_flags : 0));
    }
    for (unsigned g = 0; g < GROUPS; g++) {
        memcpy(words, values[g], sizeof words);
        for (unsigned lane = 0; lane < LANES; lane++)
            for (unsigned i = 0; i < 8; i++)
                out[g * LANES + lane].words[i] = words[i][lane];
    }
}

#undef MIX
#undef RIGHT
#undef WORD
#undef LANES_INLINE
#undef LANES
#undef GROUPS
#undef LANES_TARGET
#undef LANES_NAME
#undef LOW
#undef HIGH
