/* hash.h: fast hashes for tables in memory, SHA-256 for what people sign and for fingerprints.
 */
#ifndef AS_BASE_HASH_H
#define AS_BASE_HASH_H

#include "base/err.h"
#include "base/str.h"

uint64_t as_hash(as_str s);                    /* XXH3, 64 bits, fixed seed */
static inline uint64_t as_hash_u64(uint64_t x) /* a bijection: different in, different out */
{
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93ull;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93ull;
    x ^= x >> 32;
    return x;
}
static inline uint64_t as_hash_join(uint64_t a, uint64_t b) /* ordered combination */
{
    return as_hash_u64(a * 0x9e3779b97f4a7c15ull + b);
}

#define AS_SHA256_HEX 65
typedef struct as_sha256 as_sha256; /* a handle */
as_code as_sha256_open(as_sha256 **out, as_err *e);
void as_sha256_add(as_sha256 *h, as_str bytes);
/* Ends the stream; NUL-terminated; "" if libcrypto failed: never a wrong digest. */
void as_sha256_hex(as_sha256 *h, char out[AS_SHA256_HEX]);
void as_sha256_close(as_sha256 *h);
as_code as_sha256_of(as_str bytes, char out[AS_SHA256_HEX], as_err *e);
/* `bytes` (a multiple of four) in hexadecimal digits, and a NUL. */
void as_hex(const unsigned char *md, size_t bytes, char *out);
#define AS_SHA256_HALF 33
/* The first 32 of its 64 digits. */
as_code as_sha256_half_of(as_str bytes, char out[AS_SHA256_HALF], as_err *e);
/* The same for many texts, several times faster where they are short. */
as_code as_sha256_half_each(const as_str *texts, size_t count, char (*out)[AS_SHA256_HALF],
                            as_err *e);

#endif
