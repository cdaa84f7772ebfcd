/* verity.c: chunks as they come, then the levels above them.
 *
 * Invariant: nodes[i] is the digest of chunk i's page of digests. Two files are special: an
 * empty one has zeros for a tree, one of a single page has that page's digest. */
#include "base/verity.h"

#include "base/alloc.h"
#include "base/hash.h"

typedef unsigned char node[32];

enum { PER_PAGE = AS_SHA256_PAGE / sizeof(node) };
_Static_assert(AS_VERITY_CHUNK == PER_PAGE * AS_SHA256_PAGE,
               "a page of digests covers a chunk");

struct as_verity {
    uint64_t size;
    size_t chunks;
    node *nodes; /* one a chunk */
    bool *have;
};

as_code as_verity_open(as_verity **out, uint64_t size, as_err *e)
{
    as_verity *v = as_calloc(1, sizeof *v);
    *out = v;
    if (!v)
        return as_fail_nomem(e);
    v->size = size;
    v->chunks = (size_t)((size + AS_VERITY_CHUNK - 1) / AS_VERITY_CHUNK);
    v->nodes = as_calloc(v->chunks + 1, sizeof *v->nodes);
    v->have = as_calloc(v->chunks + 1, sizeof *v->have);
    if (v->nodes && v->have)
        return AS_OK;
    as_verity_close(v);
    *out = NULL;
    return as_fail_nomem(e);
}

void as_verity_close(as_verity *v)
{
    if (!v)
        return;
    as_free(v->nodes);
    as_free(v->have);
    as_free(v);
}

size_t as_verity_chunks(const as_verity *v)
{
    return v->chunks;
}

bool as_verity_has(const as_verity *v, size_t i)
{
    return v->have[i];
}

/* Digests of the pages of `size` bytes, the last filled up with zeros. */
static as_code digest_pages(const char *bytes, size_t size, node *out, as_err *e)
{
    const size_t whole = size / AS_SHA256_PAGE, rest = size % AS_SHA256_PAGE;
    as_code code = as_sha256_pages(bytes, whole, out, e);
    if (code != AS_OK || rest == 0)
        return code;
    char last[AS_SHA256_PAGE] = {0};
    memcpy(last, bytes + whole * AS_SHA256_PAGE, rest);
    return as_sha256_pages(last, 1, out + whole, e);
}

as_code as_verity_chunk(as_verity *v, size_t i, const char *bytes, as_err *e)
{
    const uint64_t left = v->size - (uint64_t)i * AS_VERITY_CHUNK;
    const size_t size = left < AS_VERITY_CHUNK ? (size_t)left : AS_VERITY_CHUNK;
    node page[PER_PAGE] = {{0}};
    as_code code = digest_pages(bytes, size, page, e);
    if (code == AS_OK && v->size > AS_SHA256_PAGE)
        code = as_sha256_pages((const char *)page, 1, &v->nodes[i], e);
    else if (code == AS_OK)
        memcpy(v->nodes[i], page[0], sizeof(node));
    v->have[i] = code == AS_OK;
    return code;
}

/* Levels above the chunks, in place: a page of digests becomes one. */
static as_code climb(node *nodes, size_t count, as_err *e)
{
    as_code code = AS_OK;
    while (code == AS_OK && count > 1) {
        code = digest_pages((const char *)nodes, count * sizeof(node), nodes, e);
        count = (count + PER_PAGE - 1) / PER_PAGE;
    }
    return code;
}

/* fsverity_descriptor of the kernel's include/uapi/linux/fsverity.h. */
static void describe(const as_verity *v, const node root, char out[256])
{
    memset(out, 0, 256);
    out[0] = 1;  /* version */
    out[1] = 1;  /* SHA-256 */
    out[2] = 12; /* pages of 1 << 12 bytes */
    for (int i = 0; i < 8; i++)
        out[8 + i] = (char)(v->size >> 8 * i);
    memcpy(out + 16, root, sizeof(node));
}

as_code as_verity_end(const as_verity *v, char out[AS_VERITY_TEXT], as_err *e)
{
    char descriptor[256];
    out[0] = '\0';
    for (size_t i = 0; i < v->chunks; i++)
        if (!v->have[i])
            return as_fail(e, AS_EIO, AS_NOWHERE,
                           "a file became shorter while its digest was made; run again when "
                           "nothing writes to it");
    node *nodes = as_alloc((v->chunks + 1) * sizeof *nodes);
    if (!nodes)
        return as_fail_nomem(e);
    memcpy(nodes, v->nodes, (v->chunks + 1) * sizeof *nodes);
    as_code code = climb(nodes, v->chunks, e);
    describe(v, nodes[0], descriptor);
    as_free(nodes);
    if (code != AS_OK)
        return code;
    memcpy(out, AS_VERITY_NAME, sizeof AS_VERITY_NAME);
    return as_sha256_of((as_str){descriptor, sizeof descriptor},
                        out + sizeof AS_VERITY_NAME - 1, e);
}

as_code as_verity_of(as_str bytes, char out[AS_VERITY_TEXT], as_err *e)
{
    as_verity *v = NULL;
    as_code code = as_verity_open(&v, bytes.len, e);
    for (size_t i = 0; code == AS_OK && i < v->chunks; i++)
        code = as_verity_chunk(v, i, bytes.ptr + i * AS_VERITY_CHUNK, e);
    if (code == AS_OK)
        code = as_verity_end(v, out, e);
    as_verity_close(v);
    return code;
}
