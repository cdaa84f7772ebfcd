/* dict.h: the dictionary of one column, filled by all workers at once. Inside input/ only.
 *
 * Looking up is lock-free: a table of slots, each written once and then published by its code;
 * a full table is replaced by a larger one that is published as a whole, and the old one stays
 * until the end because somebody may still be reading it. New spellings are added under a lock;
 * there a cell is typed (as_cell_type) once for all its rows.
 *
 * A spelling is the cell's text without outer quotes; where it holds doubled quotes the key is
 * the text with them, marked, so that nothing need be undone to look up. */
#ifndef AS_INPUT_DICT_H
#define AS_INPUT_DICT_H

#include "table/table.h"

#include <stdatomic.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define AS_DICT_BAD (UINT32_MAX - 1)  /* the cell is null and its text is to be kept as bad */
#define AS_DICT_MISS (UINT32_MAX - 2) /* not (yet) there */
#define AS_DICT_MAX (UINT32_MAX - 3)

/* One slot is one cache line. Up to 32 bytes the key is in it, padded with zeros; of a longer
 * one the first 32 are, and all of it is at `text`. */
typedef struct as_dict_slot {
    char head[32];
    const char *text;
    uint64_t hash;
    uint32_t length;       /* with AS_DICT_DOUBLED */
    _Atomic uint32_t code; /* plus one; 0: free */
    uint64_t unused;
} as_dict_slot;

typedef struct as_dict_slots {
    struct as_dict_slots *older;
    void *block; /* what to free: slots are aligned in it */
    uint32_t used;
    unsigned shift; /* 64 less the bits of an index */
    uint64_t unused[5];
    as_dict_slot slots[]; /* the empty text is there from the start, with code 0 */
} as_dict_slots;

typedef struct as_shared_dict as_shared_dict;
struct as_shared_dict_head { /* what looking up needs, first in as_shared_dict */
    _Atomic(as_dict_slots *) slots;
    uint64_t seed;
};

#define AS_DICT_DOUBLED (1u << 31)

typedef struct as_dict_key {
    uint64_t hash;
    const char *text; /* 32 bytes from here may be read whatever the length is */
    uint32_t length;
} as_dict_key;

static inline uint64_t as_load8(const char *p)
{
    uint64_t x;
    memcpy(&x, p, 8);
    return x;
}

uint64_t as_dict_hash_long(const char *p, uint32_t length, uint64_t seed);
/* [24 + n]: the first n bytes of eight, for n from -24 (none) to 32 (all). */
extern const uint64_t as_dict_mask[57];

static inline uint64_t as_dict_mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 u128;
    u128 p = (u128)a * b;
    return (uint64_t)p ^ (uint64_t)(p >> 64);
}

/* Without a branch up to 32 bytes: lengths vary from cell to cell, and a wrong guess of the
 * processor costs more than the whole hash. */
static inline as_dict_key as_dict_key_of(const char *p, uint32_t length, uint64_t seed)
{
    as_dict_key k = {.text = p, .length = length};
    if (__builtin_expect(length > 32, 0)) {
        k.hash = as_dict_hash_long(p, length, seed);
        return k;
    }
    const uint64_t *mask = as_dict_mask + length;
    uint64_t a = as_load8(p) & mask[24], b = as_load8(p + 8) & mask[16];
    uint64_t c = as_load8(p + 16) & mask[8], d = as_load8(p + 24) & mask[0];
    k.hash = as_dict_mix(a ^ seed, b ^ 0x9fb21c651e98df25ull) ^
             as_dict_mix(c ^ seed ^ length, d ^ 0xd6e8feb86659fd93ull);
    return k;
}

/* The key of a text that holds doubled quotes. */
static inline void as_dict_key_doubled(as_dict_key *k)
{
    k->length |= AS_DICT_DOUBLED;
    k->hash = ~k->hash;
}

/* Are the first n bytes (n at most 32) of both the same? 32 of each may be read. */
static inline bool as_dict_same(const char *p, const char *q, uint32_t n)
{
#if defined(__SSE2__)
    __m128i a = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(p + 16));
    __m128i c = _mm_loadu_si128((const __m128i *)(const void *)q);
    __m128i d = _mm_loadu_si128((const __m128i *)(const void *)(q + 16));
    uint64_t same = (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(a, c)) |
                    (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(b, d)) << 16;
    return (~same & ((1ull << n) - 1)) == 0;
#else
    const uint64_t *mask = as_dict_mask + n;
    return (((as_load8(p) ^ as_load8(q)) & mask[24]) |
            ((as_load8(p + 8) ^ as_load8(q + 8)) & mask[16]) |
            ((as_load8(p + 16) ^ as_load8(q + 16)) & mask[8]) |
            ((as_load8(p + 24) ^ as_load8(q + 24)) & mask[0])) == 0;
#endif
}

static inline bool as_dict_slot_is(const as_dict_slot *s, const as_dict_key *k)
{
    uint32_t n = k->length & ~AS_DICT_DOUBLED;
    if (s->length != k->length || !as_dict_same(s->head, k->text, n < 32 ? n : 32))
        return false;
    return n <= 32 || memcmp(s->text, k->text, n) == 0;
}

/* The code of a key, AS_DICT_BAD or AS_DICT_MISS. */
static inline uint32_t as_dict_find(const as_dict_slots *t, const as_dict_key *k)
{
    uint64_t mask = UINT64_MAX >> t->shift;
    for (uint64_t at = k->hash >> t->shift;; at = (at + 1) & mask) {
        const as_dict_slot *s = &t->slots[at];
        uint32_t code = atomic_load_explicit(&s->code, memory_order_acquire);
        if (code == 0)
            return AS_DICT_MISS;
        if (as_dict_slot_is(s, k))
            return code - 1;
    }
}

static inline const as_dict_slots *as_dict_now(const as_shared_dict *d)
{
    const struct as_shared_dict_head *h = (const struct as_shared_dict_head *)(const void *)d;
    return atomic_load_explicit(&h->slots, memory_order_acquire);
}
static inline uint64_t as_dict_seed(const as_shared_dict *d)
{
    return ((const struct as_shared_dict_head *)(const void *)d)->seed;
}

/* At most `limit` entries: one more is AS_EBUDGET (the column should not be a dictionary). */
as_code as_shared_dict_open(as_shared_dict **out, const as_schema *s, const as_field *f,
                            uint32_t limit, as_err *e);
/* The code of a key that was not found, added if it still is not there. Its text must outlive
 * the dictionary. `raw`: that text, or where it holds doubled quotes the text with them undone
 * (which is copied). `tmp` is used. */
as_code as_shared_dict_add(as_shared_dict *d, const as_dict_key *k, as_str raw, as_buf *tmp,
                           uint32_t *code, as_err *e);
/* No more adding: sets every entry's canon. The entries die with the dictionary. */
as_code as_shared_dict_finish(as_shared_dict *d, as_dict *out, as_err *e);
/* Frees the slots, which only reading needed. */
void as_shared_dict_forget(as_shared_dict *d);
void as_shared_dict_close(as_shared_dict *d); /* NULL is fine */

#endif
