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

#include <openssl/sha.h>
#include <xxhash.h>

uint64_t as_hash(as_str s)
{
    return XXH3_64bits(s.ptr, s.len);
}

/* Four bytes a turn, `bytes` is a multiple of it: a byte's two halves beside each other, each
 * half a digit. */
static void to_hex(const unsigned char *md, size_t bytes, char *out)
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
        to_hex(md, sizeof md, out);
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
    to_hex(md, count, out);
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

/* Two at a time: when one is at its end the next text takes its place. */
static void each_in_pairs(const as_str *texts, size_t count, char (*out)[AS_SHA256_HEX])
{
    as_sha256_lane lane[2];
    size_t text[2], next = 0, busy = 0;
    for (;;) {
        for (; busy < 2 && next < count; next++) {
            as_sha256_lane_begin(&lane[busy], texts[next]);
            text[busy++] = next;
        }
        if (busy == 0)
            return;
        size_t l = busy == 2 && lane[1].rest.len < lane[0].rest.len;
        if (busy == 2)
            as_sha256_two(&lane[0], &lane[1], lane[l].rest.len / AS_SHA256_BLOCK);
        unsigned char md[32];
        as_sha256_lane_end(&lane[l], md);
        to_hex(md, sizeof md, out[text[l]]);
        busy--;
        lane[l] = lane[busy];
        text[l] = text[busy];
    }
}

as_code as_sha256_each(const as_str *texts, size_t count, char (*out)[AS_SHA256_HEX], as_err *e)
{
    as_code code = AS_OK;
    if (count > 1 && as_sha256_can_pair())
        each_in_pairs(texts, count, out);
    else
        for (size_t i = 0; code == AS_OK && i < count; i++)
            code = as_sha256_of(texts[i], out[i], e);
    return code;
}

/* ---- many short texts ---- */

#define SHORT_BLOCKS 4 /* the longest that are taken in pairs, with their ends */

static void half_hex(const as_sha256_lane *l, char *out)
{
    unsigned char md[16];
    as_sha256_lane_digest(l, md, sizeof md);
    to_hex(md, sizeof md, out);
}

/* Of as many blocks each. */
static void two_halves(as_str a, as_str b, size_t blocks, char *out_a, char *out_b)
{
    char room[2][SHORT_BLOCKS * AS_SHA256_BLOCK];
    const size_t size = blocks * AS_SHA256_BLOCK;
    as_sha256_lane lane[2];
    as_sha256_ending(a, a.len, room[0], size);
    as_sha256_ending(b, b.len, room[1], size);
    as_sha256_lane_begin(&lane[0], (as_str){room[0], size});
    as_sha256_lane_begin(&lane[1], (as_str){room[1], size});
    as_sha256_two(&lane[0], &lane[1], blocks);
    half_hex(&lane[0], out_a);
    half_hex(&lane[1], out_b);
}

as_code as_sha256_half_each(const as_str *texts, size_t count, char (*out)[AS_SHA256_HALF],
                            as_err *e)
{
    size_t waiting[SHORT_BLOCKS + 1] = {0}; /* by blocks: number + 1 of the text that waits */
    const bool pairs = as_sha256_can_pair();
    as_code code = AS_OK;
    for (size_t i = 0; code == AS_OK && i < count; i++) {
        size_t blocks = (texts[i].len + 9 + AS_SHA256_BLOCK - 1) / AS_SHA256_BLOCK;
        if (!pairs || blocks > SHORT_BLOCKS) {
            code = as_sha256_half_of(texts[i], out[i], e);
        } else if (waiting[blocks]) {
            size_t other = waiting[blocks] - 1;
            two_halves(texts[other], texts[i], blocks, out[other], out[i]);
            waiting[blocks] = 0;
        } else {
            waiting[blocks] = i + 1;
        }
    }
    for (size_t i = 1; code == AS_OK && i <= SHORT_BLOCKS; i++)
        if (waiting[i])
            code = as_sha256_half_of(texts[waiting[i] - 1], out[waiting[i] - 1], e);
    return code;
}
