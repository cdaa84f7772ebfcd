/* hash.c: XXH3 for tables in memory, SHA-256 (libcrypto) for what people sign. */
#include "base/hash.h"

#include "base/alloc.h"
#include <openssl/evp.h>
#include <xxhash.h>

uint64_t as_hash(as_str s)
{
    return XXH3_64bits(s.ptr, s.len);
}

struct as_sha256 {
    EVP_MD_CTX *md;
    bool failed; /* libcrypto said no: the digest is then "" rather than a wrong one */
};

as_code as_sha256_open(as_sha256 **out, as_err *e)
{
    *out = NULL;
    as_sha256 *h = as_calloc(1, sizeof *h);
    if (!h)
        return as_fail_nomem(e);
    h->md = EVP_MD_CTX_new();
    if (!h->md || EVP_DigestInit_ex(h->md, EVP_sha256(), NULL) != 1) {
        as_sha256_close(h);
        return as_fail(e, AS_EIO, AS_NOWHERE, "libcrypto cannot compute SHA-256 here");
    }
    *out = h;
    return AS_OK;
}

void as_sha256_add(as_sha256 *h, as_str bytes)
{
    if (bytes.len && EVP_DigestUpdate(h->md, bytes.ptr, bytes.len) != 1)
        h->failed = true;
}

void as_sha256_hex(as_sha256 *h, char out[AS_SHA256_HEX])
{
    static const char digit[] = "0123456789abcdef";
    unsigned char md[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    out[0] = '\0';
    if (h->failed || EVP_DigestFinal_ex(h->md, md, &n) != 1 || n != 32)
        return;
    for (unsigned i = 0; i < n; i++) {
        out[2 * i] = digit[md[i] >> 4];
        out[2 * i + 1] = digit[md[i] & 15];
    }
    out[2 * n] = '\0';
}

void as_sha256_close(as_sha256 *h)
{
    if (!h)
        return;
    EVP_MD_CTX_free(h->md);
    as_free(h);
}

as_code as_sha256_of(as_str bytes, char out[AS_SHA256_HEX], as_err *e)
{
    as_sha256 *h;
    out[0] = '\0';
    as_code code = as_sha256_open(&h, e);
    if (code != AS_OK)
        return code;
    as_sha256_add(h, bytes);
    as_sha256_hex(h, out);
    as_sha256_close(h);
    return out[0] ? AS_OK
                  : as_fail(e, AS_EIO, AS_NOWHERE, "libcrypto failed to hash %zu bytes",
                            bytes.len);
}
