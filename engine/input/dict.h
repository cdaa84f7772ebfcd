/* dict.h: the dictionary of one column, filled by all workers at once. Inside input/ only.
 *
 * Looking up is lock-free: a table of slots, each written once and then published by its code;
 * a full table is replaced by a larger one that is published as a whole, and the old one stays
 * until the end because somebody may still be reading it. New spellings are added under a lock;
 * there a cell is typed (as_cell_type) once for all its rows.
 *
 * A spelling is the cell's text without outer quotes; where it holds doubled quotes the key is
 * the text with them, marked, so that nothing need be undone to look up. Whatever holds a quote
 * is marked too: the short way to look up finds none of it, as it does not know whether two
 * quotes are two or stand for one. */
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
    uint32_t length;       /* with the marks */
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
    uint32_t seed[8];
};

#define AS_DICT_DOUBLED (1u << 31) /* the text holds doubled quotes */
#define AS_DICT_QUOTE (1u << 30)   /* the text holds a quote, whatever it stands for */
#define AS_DICT_LENGTH (AS_DICT_QUOTE - 1)

/* 32 bytes of a text, zeros behind its end, as the machine likes them. */
#if defined(__SSE2__)
typedef struct as_dict_words {
    __m128i low, high;
} as_dict_words;
#else
typedef struct as_dict_words {
    uint64_t w[4];
} as_dict_words;
#endif

typedef struct as_dict_key {
    as_dict_words head;
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

uint64_t as_dict_hash_long(const char *p, uint32_t length, as_dict_words seed);
extern const unsigned char as_dict_mask[96]; /* 32 bytes of ones, then zeros */

/* The first n bytes (at most 32) at p. */
static inline as_dict_words as_dict_words_at(const char *p, uint32_t n)
{
    const unsigned char *mask = as_dict_mask + 32 - n;
    as_dict_words x;
#if defined(__SSE2__)
    const __m128i *from = (const __m128i *)(const void *)p;
    const __m128i *by = (const __m128i *)(const void *)mask;
    x.low = _mm_and_si128(_mm_loadu_si128(from), _mm_loadu_si128(by));
    x.high = _mm_and_si128(_mm_loadu_si128(from + 1), _mm_loadu_si128(by + 1));
#else
    for (int i = 0; i < 4; i++)
        x.w[i] = as_load8(p + 8 * i) & as_load8((const char *)mask + 8 * i);
#endif
    return x;
}

/* Universal for keys of up to 32 bytes (NH: J. Black et al., "UMAC: fast and secure message
 * authentication", 1999): sums of products of 32-bit words, each with its own random summand.
 */
static inline uint64_t as_dict_hash(as_dict_words x, as_dict_words seed)
{
    uint64_t sum;
#if defined(__SSE2__)
    __m128i a = _mm_add_epi32(x.low, seed.low), b = _mm_add_epi32(x.high, seed.high);
    a = _mm_mul_epu32(a, _mm_srli_epi64(a, 32));
    b = _mm_mul_epu32(b, _mm_srli_epi64(b, 32));
    a = _mm_add_epi64(a, b);
    a = _mm_add_epi64(a, _mm_unpackhi_epi64(a, a));
    sum = (uint64_t)_mm_cvtsi128_si64(a);
#else
    sum = 0;
    for (int i = 0; i < 4; i++) {
        uint32_t low = (uint32_t)x.w[i] + (uint32_t)seed.w[i];
        uint32_t high = (uint32_t)(x.w[i] >> 32) + (uint32_t)(seed.w[i] >> 32);
        sum += (uint64_t)low * high;
    }
#endif
    return sum * 0x9e3779b97f4a7c15ull;
}

static inline as_dict_key as_dict_key_of(const char *p, uint32_t length, as_dict_words seed)
{
    as_dict_key k = {.text = p, .length = length};
    k.length |= length && memchr(p, '"', length) ? AS_DICT_QUOTE : 0;
    k.head = as_dict_words_at(p, length > 32 ? 32 : length);
    k.hash = length > 32 ? as_dict_hash_long(p, length, seed) : as_dict_hash(k.head, seed);
    return k;
}

/* The key of a text that holds doubled quotes. */
static inline void as_dict_key_doubled(as_dict_key *k)
{
    k->length |= AS_DICT_DOUBLED;
    k->hash = ~k->hash;
}

static inline bool as_dict_same(const char *head, as_dict_words x)
{
#if defined(__SSE2__)
    const __m128i *h = (const __m128i *)(const void *)head;
    __m128i a = _mm_cmpeq_epi8(_mm_load_si128(h), x.low);
    __m128i b = _mm_cmpeq_epi8(_mm_load_si128(h + 1), x.high);
    return _mm_movemask_epi8(_mm_and_si128(a, b)) == 0xffff;
#else
    return memcmp(head, x.w, 32) == 0;
#endif
}

static inline bool as_dict_slot_is(const as_dict_slot *s, const as_dict_key *k)
{
    if (s->length != k->length || !as_dict_same(s->head, k->head))
        return false;
    uint32_t n = k->length & ~(AS_DICT_DOUBLED | AS_DICT_QUOTE);
    return __builtin_expect(n <= 32, 1) || memcmp(s->text, k->text, n) == 0;
}

/* A table as it was when looked at. */
typedef struct as_dict_view {
    const as_dict_slot *slots;
    unsigned shift;
} as_dict_view;

/* The code of a key, AS_DICT_BAD or AS_DICT_MISS. */
static inline uint32_t as_dict_find(as_dict_view t, const as_dict_key *k)
{
    uint64_t mask = UINT64_MAX >> t.shift;
    for (uint64_t at = k->hash >> t.shift;; at = (at + 1) & mask) {
        const as_dict_slot *s = &t.slots[at];
        uint32_t code = atomic_load_explicit(&s->code, memory_order_acquire);
        if (code == 0)
            return AS_DICT_MISS;
        if (as_dict_slot_is(s, k))
            return code - 1;
    }
}

/* The same for the text at p. Longer ones than 32 bytes and those with quotes are not found.
 * Lengths vary from cell to cell, and a wrong guess of the processor costs more than all of
 * this: there is no branch on the length below that. */
static inline uint32_t as_dict_find_short(as_dict_view t, const char *p, uint32_t length,
                                          as_dict_words seed)
{
    if (__builtin_expect(length > 32, 0))
        return AS_DICT_MISS;
    as_dict_words x = as_dict_words_at(p, length);
    uint64_t mask = UINT64_MAX >> t.shift;
    for (uint64_t at = as_dict_hash(x, seed) >> t.shift;; at = (at + 1) & mask) {
        const as_dict_slot *s = &t.slots[at];
        uint32_t code = atomic_load_explicit(&s->code, memory_order_acquire);
        if (__builtin_expect(code == 0, 0))
            return AS_DICT_MISS;
        if (__builtin_expect(s->length == length && as_dict_same(s->head, x), 1))
            return code - 1;
    }
}

static inline as_dict_view as_dict_now(const as_shared_dict *d)
{
    const struct as_shared_dict_head *h = (const struct as_shared_dict_head *)(const void *)d;
    const as_dict_slots *t = atomic_load_explicit(&h->slots, memory_order_acquire);
    return (as_dict_view){t->slots, t->shift};
}
static inline as_dict_words as_dict_seed_words(const as_shared_dict *d)
{
    const struct as_shared_dict_head *h = (const struct as_shared_dict_head *)(const void *)d;
    return as_dict_words_at((const char *)h->seed, 32);
}

/* At most `limit` entries: one more is AS_EBUDGET (the column should not be a dictionary). */
as_code as_shared_dict_open(as_shared_dict **out, const as_schema *s, const as_field *f,
                            uint32_t limit, as_err *e);
/* The code of a key that was not found, added if it still is not there; what stays of it is
 * copied. `raw`: its text, or where that holds doubled quotes the text with them undone. `tmp`
 * is used. */
as_code as_shared_dict_add(as_shared_dict *d, const as_dict_key *k, as_str raw, as_buf *tmp,
                           uint32_t *code, as_err *e);
/* No more adding: sets every entry's canon. The entries die with the dictionary. */
as_code as_shared_dict_finish(as_shared_dict *d, as_dict *out, as_err *e);
/* Frees the slots, which only reading needed. */
void as_shared_dict_forget(as_shared_dict *d);
void as_shared_dict_close(as_shared_dict *d); /* NULL is fine */

#endif
