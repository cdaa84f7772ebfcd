/* blake3.c: chunks and their parents side by side, parts as they come, then the tree above
 * them.
 *
 * Nodes of a level are paired from the left; one that is left over goes up as it is. So every
 * left subtree is whole, as BLAKE3 wants it, and a part of 512 chunks is such a subtree.
 *
 * Invariant: nodes[i] is the chaining value of part i, or the digest where there is but one. */
#include "base/blake3.h"

#include "base/alloc.h"
#include "base/cpu.h"
#include "base/hash.h"

enum {
    BLOCK = 64,
    CHUNK = 1024,
    CHUNKS = AS_BLAKE3_PART / CHUNK,
    WIDEST = 32 /* inputs side by side, at most */
};
enum { CHUNK_START = 1, CHUNK_END = 2, PARENT = 4, ROOT = 8 };

typedef struct node {
    uint32_t words[8];
} node;
_Static_assert(sizeof(node) == 32 && 2 * sizeof(node) == BLOCK, "a parent is a block");
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are little-endian, as here");

static const uint32_t first_value[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
/* Which word of the block a round takes: each time the words of the round before are moved. */
static const uint8_t orders[7][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8},
    {3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1},
    {10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6},
    {12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4},
    {9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7},
    {11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13},
};

/* What is done to inputs of one sort. */
typedef struct as_blake3_work {
    size_t blocks; /* of each input */
    uint32_t flags, first_flag, last_flags, last_length;
    uint32_t counter_low[WIDEST], counter_high[WIDEST]; /* chunks: their numbers; else 0 */
} as_blake3_work;

/* ---- side by side ---- */

#define LANES 4
#define GROUPS 1
#define LANES_TARGET
#define LANES_NAME(x) x##_4
#define LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#include "base/blake3_lanes.h"

#if defined(__x86_64__)
#define LANES 8
#define GROUPS 1
#define LANES_TARGET AS_CPU_TARGET_AVX2
#define LANES_NAME(x) x##_8
#define LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#include "base/blake3_lanes.h"

#define LANES 16
#define GROUPS 2
#define LANES_TARGET AS_CPU_TARGET_AVX512
#define LANES_NAME(x) x##_16
#define LOW(a, b)                                                                              \
    __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define HIGH(a, b)                                                                             \
    __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#include "base/blake3_lanes.h"
#endif

typedef struct kernel {
    size_t width;
    void (*inputs)(const as_blake3_work *w, const char *const *inputs, node *out);
} kernel;

static kernel best_kernel(void)
{
#if defined(__x86_64__)
    if (AS_CPU_IS(AS_CPU_AVX512))
        return (kernel){32, inputs_16};
    if (AS_CPU_IS(AS_CPU_AVX2))
        return (kernel){8, inputs_8};
#endif
    return (kernel){4, inputs_4};
}

/* `count` inputs of `size` bytes each, one behind the other; `number`: that of the first chunk,
 * NULL for parents. Lanes that no input needs take the last one again. Out may lie on the
 * inputs: what is written is not read any more. */
static void each_input(as_blake3_work *w, const char *bytes, size_t size, size_t count,
                       const uint64_t *number, node *out)
{
    const kernel k = best_kernel();
    const char *inputs[WIDEST];
    node made[WIDEST];
    for (size_t done = 0; done < count; done += k.width) {
        const size_t n = count - done < k.width ? count - done : k.width;
        for (size_t i = 0; i < k.width; i++) {
            const size_t input = done + (i < n ? i : n - 1);
            const uint64_t counter = number ? *number + input : 0;
            inputs[i] = bytes + input * size;
            w->counter_low[i] = (uint32_t)counter;
            w->counter_high[i] = (uint32_t)(counter >> 32);
        }
        k.inputs(w, inputs, made);
        memcpy(out + done, made, n * sizeof *made);
    }
}

/* ---- the tree ---- */

/* From the nodes of a level to one, in place; `root`: which is the digest. */
static void climb(node *nodes, size_t count, bool root)
{
    while (count > 1) {
        as_blake3_work w = {.blocks = 1,
                            .flags = PARENT | (root && count == 2 ? ROOT : 0),
                            .last_length = BLOCK};
        each_input(&w, (const char *)nodes, BLOCK, count / 2, NULL, nodes);
        if (count % 2)
            nodes[count / 2] = nodes[count - 1];
        count = (count + 1) / 2;
    }
}

/* The last chunk of a file, whole or not; of an empty file, a chunk without a byte. */
static void last_chunk(const char *bytes, size_t size, uint64_t number, bool root, node *out)
{
    char chunk[CHUNK] = {0};
    const size_t blocks = size ? (size + BLOCK - 1) / BLOCK : 1;
    as_blake3_work w = {.blocks = blocks,
                        .first_flag = CHUNK_START,
                        .last_flags = CHUNK_END | (root ? ROOT : 0),
                        .last_length = (uint32_t)(size - (blocks - 1) * BLOCK)};
    memcpy(chunk, bytes, size);
    each_input(&w, chunk, CHUNK, 1, &number, out);
}

static node subtree(const char *bytes, size_t size, uint64_t number, bool root)
{
    node nodes[CHUNKS];
    const size_t chunks = size ? (size + CHUNK - 1) / CHUNK : 1, whole = size / CHUNK;
    as_blake3_work w = {.blocks = CHUNK / BLOCK,
                        .first_flag = CHUNK_START,
                        .last_flags = CHUNK_END,
                        .last_length = BLOCK};
    if (chunks == 1 || whole < chunks) {
        const size_t before = chunks - 1;
        last_chunk(bytes + before * CHUNK, size - before * CHUNK, number + before,
                   root && chunks == 1, &nodes[before]);
    }
    if (chunks > 1)
        each_input(&w, bytes, CHUNK, whole, &number, nodes);
    climb(nodes, chunks, root);
    return nodes[0];
}

/* ---- a file by parts ---- */

struct as_blake3 {
    uint64_t size;
    size_t parts;
    node *nodes; /* one a part */
    bool *have;
};

as_code as_blake3_open(as_blake3 **out, uint64_t size, as_err *e)
{
    as_blake3 *b = as_calloc(1, sizeof *b);
    *out = b;
    if (!b)
        return as_fail_nomem(e);
    b->size = size;
    b->parts = (size_t)((size + AS_BLAKE3_PART - 1) / AS_BLAKE3_PART);
    b->nodes = as_calloc(b->parts + 1, sizeof *b->nodes);
    b->have = as_calloc(b->parts + 1, sizeof *b->have);
    if (b->nodes && b->have)
        return AS_OK;
    as_blake3_close(b);
    *out = NULL;
    return as_fail_nomem(e);
}

void as_blake3_close(as_blake3 *b)
{
    if (!b)
        return;
    as_free(b->nodes);
    as_free(b->have);
    as_free(b);
}

size_t as_blake3_parts(const as_blake3 *b)
{
    return b->parts;
}

bool as_blake3_has(const as_blake3 *b, size_t i)
{
    return b->have[i];
}

bool as_blake3_part(as_blake3 *b, size_t i, as_str bytes)
{
    const uint64_t left = i < b->parts ? b->size - (uint64_t)i * AS_BLAKE3_PART : 0;
    if (bytes.len == 0 || bytes.len != (left < AS_BLAKE3_PART ? left : AS_BLAKE3_PART))
        return false;
    b->nodes[i] = subtree(bytes.ptr, bytes.len, (uint64_t)i * CHUNKS, b->parts == 1);
    b->have[i] = true;
    return true;
}

as_code as_blake3_end(const as_blake3 *b, char out[AS_BLAKE3_TEXT], as_err *e)
{
    out[0] = '\0';
    for (size_t i = 0; i < b->parts; i++)
        if (!b->have[i])
            return as_fail(e, AS_EIO, AS_NOWHERE,
                           "a file was changed while its digest was made; run again when "
                           "nothing writes to it");
    node *nodes = as_alloc((b->parts + 1) * sizeof *nodes);
    if (!nodes)
        return as_fail_nomem(e);
    if (b->parts)
        memcpy(nodes, b->nodes, b->parts * sizeof *nodes);
    else
        nodes[0] = subtree("", 0, 0, true);
    climb(nodes, b->parts, true);
    memcpy(out, AS_BLAKE3_NAME, sizeof AS_BLAKE3_NAME);
    as_hex((const unsigned char *)nodes, sizeof *nodes, out + sizeof AS_BLAKE3_NAME - 1);
    as_free(nodes);
    return AS_OK;
}

as_code as_blake3_of(as_str bytes, char out[AS_BLAKE3_TEXT], as_err *e)
{
    as_blake3 *b = NULL;
    as_code code = as_blake3_open(&b, bytes.len, e);
    for (size_t i = 0; code == AS_OK && i < b->parts; i++)
        (void)as_blake3_part(b, i, as_str_sub(bytes, i * AS_BLAKE3_PART, AS_BLAKE3_PART));
    if (code == AS_OK)
        code = as_blake3_end(b, out, e);
    as_blake3_close(b);
    return code;
}
