/* hash.c: XXH3 for tables in memory, SHA-256 (libcrypto) for what people sign and for
 * fingerprints.
 *
 * The plain SHA256_ functions, not EVP: they keep their state in a struct of ours and need
 * neither memory nor providers. A run that has 100,000 fingerprints to make spends a third of
 * the time that EVP takes for them, and no time on libcrypto's start. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash.h"

#include "base/alloc.h"
#include "base/sha256_pair.h"
#include "base/sha256_wide.h"

#include <openssl/sha.h>
#include <xxhash.h>

uint64_t as_hash(as_str s)
{
    return XXH3_64bits(s.ptr, s.len);
}

/* Four bytes a turn: a byte's two halves beside each other, each half a digit. */
void as_hex(const unsigned char *md, size_t bytes, char *out)
{
    const uint64_t ones = 0x0101010101010101u;
    for (size_t i = 0; i < bytes; i += 4) {
        uint32_t four;
        memcpy(&four, md + i, 4);
        uint64_t x = (four | (uint64_t)four << 16) & 0x0000ffff0000ffffu;
        x = (x | x << 8) & 0x00ff00ff00ff00ffu;
        x = (x >> 4 & 0x000f000f000f000fu) | (x & 0x000f000f000f000fu) << 8;
        x += '0' * ones + ((x + 6 * ones) >> 4 & ones) * ('a' - '9' - 1);
        memcpy(out + 2 * i, &x, 8);
    }
    out[2 * bytes] = '\0';
}

struct as_sha256 {
    SHA256_CTX state;
    bool failed; /* libcrypto said no: the digest is then "" rather than a wrong one */
};

as_code as_sha256_open(as_sha256 **out, as_err *e)
{
    *out = as_calloc(1, sizeof **out);
    if (!*out)
        return as_fail_nomem(e);
    (*out)->failed = SHA256_Init(&(*out)->state) != 1;
    return AS_OK;
}

void as_sha256_add(as_sha256 *h, as_str bytes)
{
    if (bytes.len && SHA256_Update(&h->state, bytes.ptr, bytes.len) != 1)
        h->failed = true;
}

void as_sha256_hex(as_sha256 *h, char out[AS_SHA256_HEX])
{
    unsigned char md[SHA256_DIGEST_LENGTH];
    out[0] = '\0';
    if (!h->failed && SHA256_Final(md, &h->state) == 1)
        as_hex(md, sizeof md, out);
}

void as_sha256_close(as_sha256 *h)
{
    as_free(h);
}

/* False: libcrypto said no. */
static bool digest_of(as_str bytes, unsigned char md[SHA256_DIGEST_LENGTH])
{
    SHA256_CTX state;
    return SHA256_Init(&state) == 1 &&
           (bytes.len == 0 || SHA256_Update(&state, bytes.ptr, bytes.len) == 1) &&
           SHA256_Final(md, &state) == 1;
}

static as_code first_digits(as_str bytes, size_t count, char *out, as_err *e)
{
    unsigned char md[SHA256_DIGEST_LENGTH];
    out[0] = '\0';
    if (!digest_of(bytes, md))
        return as_fail(e, AS_EIO, AS_NOWHERE, "libcrypto failed to hash %zu bytes", bytes.len);
    as_hex(md, count, out);
    return AS_OK;
}

as_code as_sha256_of(as_str bytes, char out[AS_SHA256_HEX], as_err *e)
{
    return first_digits(bytes, SHA256_DIGEST_LENGTH, out, e);
}

as_code as_sha256_half_of(as_str bytes, char out[AS_SHA256_HALF], as_err *e)
{
    return first_digits(bytes, SHA256_DIGEST_LENGTH / 2, out, e);
}

/* ---- many short texts ---- */

#define SHORT_BLOCKS 4 /* the longest that are taken side by side, with their ends */
#define WIDE_MIN 6     /* texts for which sixteen at once take less time than pairs */

/* Texts of `blocks` blocks each that wait for others of their length. */
typedef struct crowd {
    size_t blocks, count;
    size_t texts[AS_SHA256_WIDE]; /* their numbers */
} crowd;

static void pair_of(const as_str *texts, size_t a, size_t b, size_t blocks,
                    char (*out)[AS_SHA256_HALF])
{
    char room[2][SHORT_BLOCKS * AS_SHA256_BLOCK];
    const size_t size = blocks * AS_SHA256_BLOCK, both[2] = {a, b};
    as_sha256_lane lane[2];
    unsigned char md[16];
    for (size_t l = 0; l < 2; l++) {
        as_sha256_ending(texts[both[l]], texts[both[l]].len, room[l], size);
        as_sha256_lane_begin(&lane[l], (as_str){room[l], size});
    }
    as_sha256_two(&lane[0], &lane[1], blocks);
    for (size_t l = 0; l < 2; l++) {
        as_sha256_lane_digest(&lane[l], md, sizeof md);
        as_hex(md, sizeof md, out[both[l]]);
    }
}

/* Lanes that no text needs take the last one again. */
static void wide_of(const as_str *texts, const crowd *c, char (*out)[AS_SHA256_HALF])
{
    char room[AS_SHA256_WIDE][SHORT_BLOCKS * AS_SHA256_BLOCK];
    const char *ended[AS_SHA256_WIDE];
    unsigned char md[AS_SHA256_WIDE][16];
    for (size_t i = 0; i < AS_SHA256_WIDE; i++) {
        ended[i] = i < c->count ? room[i] : room[c->count - 1];
        if (i < c->count)
            as_sha256_ending(texts[c->texts[i]], texts[c->texts[i]].len, room[i],
                             c->blocks * AS_SHA256_BLOCK);
    }
    as_sha256_sixteen(ended, c->blocks, md);
    for (size_t i = 0; i < c->count; i++)
        as_hex(md[i], sizeof md[i], out[c->texts[i]]);
}

/* All that wait. */
static as_code take(const as_str *texts, crowd *c, char (*out)[AS_SHA256_HALF], as_err *e)
{
    as_code code = AS_OK;
    size_t next = 0;
    if (c->count >= WIDE_MIN && as_sha256_can_wide()) {
        wide_of(texts, c, out);
        next = c->count;
    }
    for (; next + 1 < c->count && as_sha256_can_pair(); next += 2)
        pair_of(texts, c->texts[next], c->texts[next + 1], c->blocks, out);
    for (; code == AS_OK && next < c->count; next++)
        code = as_sha256_half_of(texts[c->texts[next]], out[c->texts[next]], e);
    c->count = 0;
    return code;
}

as_code as_sha256_half_each(const as_str *texts, size_t count, char (*out)[AS_SHA256_HALF],
                            as_err *e)
{
    crowd crowds[SHORT_BLOCKS];
    as_code code = AS_OK;
    for (size_t i = 0; i < SHORT_BLOCKS; i++) {
        crowds[i].blocks = i + 1;
        crowds[i].count = 0;
    }
    for (size_t i = 0; code == AS_OK && i < count; i++) {
        size_t blocks = (texts[i].len + 9 + AS_SHA256_BLOCK - 1) / AS_SHA256_BLOCK;
        if (blocks > SHORT_BLOCKS) {
            code = as_sha256_half_of(texts[i], out[i], e);
            continue;
        }
        crowd *c = &crowds[blocks - 1];
        c->texts[c->count++] = i;
        if (c->count == AS_SHA256_WIDE)
            code = take(texts, c, out, e);
    }
    for (size_t i = 0; code == AS_OK && i < SHORT_BLOCKS; i++)
        code = take(texts, &crowds[i], out, e);
    return code;
}
