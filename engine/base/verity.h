/* verity.h: the digest of a file as fs-verity has it: SHA-256 over a tree of pages.
 *
 * A plain SHA-256 is one chain: a large file would keep one core busy while the others wait,
 * and no core could do several steps side by side. In the tree every page of 4,096 bytes has a
 * digest of its own, 128 of these are a page of the next level, and so on to one; the digest is
 * over that one and the file's size. It is as strong as SHA-256. Source: the Linux kernel's
 * Documentation/filesystems/fsverity.rst (version 1, SHA-256, 4,096-byte blocks, no salt);
 * `fsverity digest FILE` prints the same digits.
 *
 * A chunk is what one page of digests covers. Chunks may be given by any thread in any order,
 * each by one thread at a time. */
#ifndef AS_BASE_VERITY_H
#define AS_BASE_VERITY_H

#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"

#define AS_VERITY_CHUNK (512 * AS_KIB)
#define AS_VERITY_NAME "fsverity:"
#define AS_VERITY_TEXT (sizeof AS_VERITY_NAME + 64) /* with the NUL */

typedef struct as_verity as_verity;
as_code as_verity_open(as_verity **out, uint64_t size, as_err *e);
void as_verity_close(as_verity *v); /* NULL is fine */
size_t as_verity_chunks(const as_verity *v);
/* Was chunk i given? */
bool as_verity_has(const as_verity *v, size_t i);
/* The bytes from i * AS_VERITY_CHUNK on, as many as a chunk has; the last may have fewer.
 * AS_EIO: libcrypto failed. */
as_code as_verity_chunk(as_verity *v, size_t i, const char *bytes, as_err *e);
/* "fsverity:" and 64 digits. AS_EIO where a chunk was not given: never a wrong digest. */
as_code as_verity_end(const as_verity *v, char out[AS_VERITY_TEXT], as_err *e);
/* All at once, on this thread. */
as_code as_verity_of(as_str bytes, char out[AS_VERITY_TEXT], as_err *e);

#endif
