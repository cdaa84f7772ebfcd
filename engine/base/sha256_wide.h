/* sha256_wide.h: SHA-256 of sixteen short texts at once, each in a lane of AVX-512 vectors. For
 * hash.c. */
#ifndef AS_BASE_SHA256_WIDE_H
#define AS_BASE_SHA256_WIDE_H

#include "base/hash.h"

enum { AS_SHA256_WIDE = 16 };

/* Has this processor the instructions? Else as_sha256_sixteen must not be called. */
bool as_sha256_can_wide(void);

/* Texts of `blocks` whole blocks each, endings (as_sha256_ending) included; *digests: the first
 * 16 bytes of each. */
void as_sha256_sixteen(const char *const texts[AS_SHA256_WIDE], size_t blocks,
                       unsigned char digests[AS_SHA256_WIDE][16]);

#endif
