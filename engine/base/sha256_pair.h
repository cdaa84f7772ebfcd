/* sha256_pair.h: SHA-256 of two texts in turns. For hash.c and sha256_wide.c alone.
 *
 * One digest is a chain in which each step waits for the one before; the processor could do
 * another one in the meantime. */
#ifndef AS_BASE_SHA256_PAIR_H
#define AS_BASE_SHA256_PAIR_H

#include "base/str.h"

#define AS_SHA256_BLOCK 64 /* bytes */

extern const uint32_t as_sha256_constants[64]; /* K of FIPS 180-4 */

/* Has this processor the instructions? Else as_sha256_two must not be called. */
bool as_sha256_can_pair(void);

/* A digest in the making, of whole blocks: the text's ending is one of them. */
typedef struct as_sha256_lane {
    uint32_t state[8]; /* a to h of FIPS 180-4 */
    as_str rest;       /* what is not yet taken; borrowed */
} as_sha256_lane;

/* How a text of `length` bytes ends: its last bytes (`rest`), a bit, zeros and the length in
 * bits. `size`: as few whole blocks as hold the rest and 9 bytes more. */
void as_sha256_ending(as_str rest, uint64_t length, char *out, size_t size);
/* The digest's first `count` bytes (at most 32, whole words) of a lane that has taken its
 * ending. */
void as_sha256_lane_digest(const as_sha256_lane *l, unsigned char *out, unsigned count);

void as_sha256_lane_begin(as_sha256_lane *l, as_str text);
/* Takes `blocks` blocks of both; they must be there. */
void as_sha256_two(as_sha256_lane *a, as_sha256_lane *b, size_t blocks);

#endif
