/* blake3.h: the digest of a file, made by parts: BLAKE3, 256 bits, as `b3sum FILE` prints it.
 *
 * A plain SHA-256 is one chain: a large file would keep one core busy while the others wait,
 * and no core could do several steps side by side. BLAKE3 is a tree over chunks of 1,024 bytes.
 * Source: BLAKE3, one function, fast everywhere (O'Connor, Aumasson, Neves, Wilcox-O'Hearn,
 * 2020), the mode without a key.
 *
 * A part is a subtree of 512 chunks. Parts may be given by any thread in any order, each by one
 * thread at a time. */
#ifndef AS_BASE_BLAKE3_H
#define AS_BASE_BLAKE3_H

#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"

#define AS_BLAKE3_PART (512 * AS_KIB)
#define AS_BLAKE3_NAME "blake3:"
#define AS_BLAKE3_TEXT (sizeof AS_BLAKE3_NAME + 64) /* with the NUL */

typedef struct as_blake3 as_blake3;
as_code as_blake3_open(as_blake3 **out, uint64_t size, as_err *e);
void as_blake3_close(as_blake3 *b); /* NULL is fine */
size_t as_blake3_parts(const as_blake3 *b);
/* Was part i given? */
bool as_blake3_has(const as_blake3 *b, size_t i);
/* The bytes from i * AS_BLAKE3_PART on: as many as a part has, of the last what the file has
 * left. False: another length, so the file is not what it was; nothing is taken. */
bool as_blake3_part(as_blake3 *b, size_t i, as_str bytes);
/* "blake3:" and 64 digits. AS_EIO where a part was not taken: never a wrong digest. */
as_code as_blake3_end(const as_blake3 *b, char out[AS_BLAKE3_TEXT], as_err *e);
/* All at once, on this thread. */
as_code as_blake3_of(as_str bytes, char out[AS_BLAKE3_TEXT], as_err *e);

#endif
