/* index.c: rows by key.
 *
 * Invariants
 * 1. A bucket is one cache line: the hashes and first rows of up to PLACES keys. A key is in
 * the bucket of its hash or, where that is full, in the next one that was not. Two keys with
 * the same hash have two places: who finds a place compares values, unless hash and value are
 * one to one (see `exact`).
 * 2. Rows are put in from the last to the first: a row that finds its key there becomes the
 * first one, and `next` leads to the row that was. So rows of a key ascend, and a place needs
 * no more than its first row. `next` is made at the first duplicate.
 * 3. The buckets grow with the distinct keys met, so a column with few values stays in the
 * cache; they grow faster while nearly every row brings a new key, but never beyond what the
 * rows that are left can need.
 * 4. No key is further from its bucket than `longest`, and that is at most AS_PROBES_MAX: keys
 * that were made to collide are refused, and look-ups stay short whatever the other table
 * holds.
 * 5. A random look-up waits for memory. Blocks ask for the cache lines of the rows ahead, so
 *    that many waits run at one time: build by blocks, and probe by blocks where you can. */
#include "table/table.h"

#include "base/alloc.h"
#include "base/cpu.h"
#include <stdlib.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define PLACES 5u         /* in a bucket */
#define FILL 3u           /* keys a bucket where the number of keys is known */
#define FIRST_BUCKETS 64u /* 4 KiB */
#define SAMPLE_PLACES 64u
#define SAMPLE_ROWS 32u
#define AHEAD 48u /* rows between asking for a bucket's cache line and using it */

typedef struct bucket {
    uint64_t hash[PLACES]; /* 0: free, as are those behind it */
    uint32_t first[PLACES];
    uint32_t unused;
} bucket;
_Static_assert(sizeof(bucket) == 64, "a bucket is a cache line");

struct as_index {
    as_key key;
    as_layout exact; /* of a single column whose hash is one to one; else ABSENT */
    bool text;       /* the key is a single text: short ones have a hash of their own */
    void *memory;    /* where the buckets are, on a cache line */
    bucket *buckets;
    size_t count, used; /* buckets, keys */
    uint32_t longest;
    uint32_t *next; /* by row, AS_NO_ROW at the end; NULL while no key came twice */
    uint64_t null_rows;
};

static as_layout exact_layout(const as_key *k)
{
    if (k->count != 1)
        return AS_LAYOUT_ABSENT;
    const as_column *c = &k->table->columns[k->fields[0]];
    bool one_to_one = (c->layout == AS_LAYOUT_PACK8 && c->dict.count <= 1) ||
                      c->layout == AS_LAYOUT_INT || c->layout == AS_LAYOUT_DATE;
    return one_to_one ? c->layout : AS_LAYOUT_ABSENT;
}

static bool is_one_text(const as_key *k)
{
    if (k->count != 1)
        return false;
    as_layout l = k->table->columns[k->fields[0]].layout;
    return l == AS_LAYOUT_PACK8 || l == AS_LAYOUT_SLICE || l == AS_LAYOUT_DICT;
}

static size_t place(const as_index *x, uint64_t hash)
{
    return (size_t)(((hash >> 32) * x->count) >> 32);
}

static bool make_buckets(as_index *x, size_t count)
{
    const size_t line = sizeof(bucket);
    x->memory = as_calloc(count + 1, line);
    x->buckets = (bucket *)(((uintptr_t)x->memory + line - 1) / line * line);
    x->count = count;
    x->longest = 0;
    return x->memory != NULL;
}

static bool too_full(size_t used, size_t count)
{
    return used > 4 * count;
}

/* `met`: how many rows were looked at. */
static size_t next_count(const as_index *x, uint32_t met)
{
    bool nearly_unique = x->used / 3 >= (size_t)met / 4;
    bool many_left = too_full(x->used + (x->key.table->rows - met), x->count * 2);
    return nearly_unique && many_left ? x->count * 4 : x->count * 2;
}

/* Puts a key into the first free place from bucket `at` on, `steps` after its own. */
static as_code settle(as_index *x, size_t at, uint32_t steps, uint64_t hash, uint32_t first)
{
    for (;; at = at + 1 == x->count ? 0 : at + 1, steps++) {
        bucket *b = &x->buckets[at];
        for (uint32_t k = 0; k < PLACES; k++) {
            if (b->hash[k])
                continue;
            b->hash[k] = hash;
            b->first[k] = first;
            x->longest = steps > x->longest ? steps : x->longest;
            return x->longest > AS_PROBES_MAX ? AS_EBUDGET : AS_OK;
        }
    }
}

static as_code grow(as_index *x, uint32_t met)
{
    const size_t old_count = x->count;
    void *old_memory = x->memory;
    const bucket *old = x->buckets;
    if (!make_buckets(x, next_count(x, met))) {
        x->memory = old_memory; /* to be closed */
        return AS_ENOMEM;
    }
    as_code code = AS_OK;
    for (size_t i = 0; i < old_count && code == AS_OK; i++)
        for (uint32_t k = 0; k < PLACES && old[i].hash[k] && code == AS_OK; k++)
            code = settle(x, place(x, old[i].hash[k]), 0, old[i].hash[k], old[i].first[k]);
    as_free(old_memory);
    return code;
}

/* `row` comes before the rows of its key so far, of which *first was the first. */
static as_code chain(as_index *x, uint32_t *first, uint32_t row)
{
    if (!x->next) {
        size_t bytes = (size_t)x->key.table->rows * sizeof *x->next;
        x->next = as_alloc(bytes);
        if (!x->next)
            return AS_ENOMEM;
        memset(x->next, 0xff, bytes); /* AS_NO_ROW */
    }
    x->next[row] = *first;
    *first = row;
    return AS_OK;
}

/* A text of at most 8 bytes, of which as_text_hash says that its hash is that of no other
 * (readers refuse NUL bytes). The key is one column. */
static bool is_short(const as_key *k, uint32_t row)
{
    const as_column *c = &k->table->columns[k->fields[0]];
    if (c->layout == AS_LAYOUT_SLICE)
        return ((const as_slice *)c->data)[row].len <= 8;
    return c->layout == AS_LAYOUT_PACK8 && !as_pack_is_long(as_column_packs(c)[row]);
}

/* The same key, given that the hashes are the same. `text`: both are a single text; then a
 * short probe need not be compared with the row it found, which may be anywhere in memory. */
static inline bool same_key(const as_index *x, uint32_t mine, const as_key *probe, uint32_t row,
                            bool text)
{
    return (text && is_short(probe, row)) || as_key_equal(&x->key, mine, probe, row);
}

/* Which places of a bucket have this hash, as bits. */
static inline uint32_t places_with(const bucket *b, uint64_t hash)
{
    uint32_t bits = 0;
    for (uint32_t k = 0; k < PLACES; k++)
        bits |= (uint32_t)(b->hash[k] == hash) << k;
    return bits;
}

/* The place of the probe's key; NULL: it is not there, and then *at and *steps say where a
 * search would go on: at a bucket with a free place, or beyond the longest way. hash is not 0.
 */
static inline __attribute__((always_inline)) uint32_t *
find(const as_index *x, const as_key *probe, uint32_t row, uint64_t hash, bool exact, bool text,
     size_t *at, uint32_t *steps)
{
    *at = place(x, hash);
    for (*steps = 0; *steps <= x->longest; ++*steps) {
        bucket *b = &x->buckets[*at];
        for (uint32_t bits = places_with(b, hash); bits; bits &= bits - 1) {
            uint32_t *first = &b->first[__builtin_ctz(bits)];
            if (exact || same_key(x, *first, probe, row, text))
                return first;
        }
        if (b->hash[PLACES - 1] == 0)
            break;
        *at = *at + 1 == x->count ? 0 : *at + 1;
    }
    return NULL;
}

/* places_with, where it is known when the loop around it is compiled. */
typedef uint32_t (*places_fn)(const bucket *b, uint64_t hash);

#if defined(__x86_64__)
AS_CPU_TARGET_AVX512 static inline uint32_t places_avx512(const bucket *b, uint64_t hash)
{
    const __m512i line = _mm512_load_si512(b), sought = _mm512_set1_epi64((long long)hash);
    return (uint32_t)_mm512_cmpeq_epi64_mask(line, sought) & ((1u << PLACES) - 1);
}
#endif

/* Where the key's own bucket is full, or may hold the key. */
static __attribute__((noinline)) as_code insert_slowly(as_index *x, uint32_t row, uint64_t hash)
{
    size_t at;
    uint32_t steps;
    uint32_t *first = find(x, &x->key, row, hash, x->exact, x->text, &at, &steps);
    if (first)
        return chain(x, first, row);
    as_code code = settle(x, at, steps, hash, row);
    x->used++;
    return code == AS_OK && too_full(x->used, x->count) ? grow(x, x->key.table->rows - row)
                                                        : code;
}

static inline __attribute__((always_inline)) as_code
insert_rows_by(as_index *x, const uint32_t *rows, const uint64_t *hashes, uint32_t count,
               places_fn places)
{
    as_code code = AS_OK;
    for (uint32_t i = count; i-- > 0 && code == AS_OK;) { /* see 2 above */
        bucket *b = &x->buckets[place(x, hashes[i])];
        const uint32_t free = places(b, 0);
        if (i >= AHEAD)
            __builtin_prefetch(&x->buckets[place(x, hashes[i - AHEAD])], 1);
        if (free && !places(b, hashes[i])) { /* most keys where they hardly repeat */
            const int k = __builtin_ctz(free);
            b->hash[k] = hashes[i];
            b->first[k] = rows[i];
            x->used++;
            if (too_full(x->used, x->count))
                code = grow(x, x->key.table->rows - rows[i]);
        } else {
            code = insert_slowly(x, rows[i], hashes[i]);
        }
    }
    return code;
}

#if defined(__x86_64__)
AS_CPU_TARGET_AVX512 static as_code insert_rows_avx512(as_index *x, const uint32_t *rows,
                                                       const uint64_t *hashes, uint32_t count)
{
    return insert_rows_by(x, rows, hashes, count, places_avx512);
}
#endif

static as_code insert_rows(as_index *x, const uint32_t *rows, const uint64_t *hashes,
                           uint32_t count)
{
#if defined(__x86_64__)
    if (AS_CPU_IS(AS_CPU_AVX512))
        return insert_rows_avx512(x, rows, hashes, count);
#endif
    return insert_rows_by(x, rows, hashes, count, places_with);
}

/* The admitted rows of a block that have a key, close together. */
static uint32_t gather(as_index *x, const uint8_t *select, uint32_t begin, uint32_t n,
                       uint64_t *hashes, uint32_t *rows)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        bool admitted = !select || select[begin + i] == 2;
        uint64_t hash = hashes[i];
        x->null_rows += admitted && hash == 0;
        hashes[kept] = hash;
        rows[kept] = begin + i;
        kept += admitted && hash != 0;
    }
    return kept;
}

static as_code insert_block(as_index *x, const uint8_t *select, uint32_t begin, uint32_t n)
{
    uint64_t hashes[AS_BLOCK];
    uint32_t rows[AS_BLOCK];
    as_key_block(&x->key, begin, n, hashes);
    const uint32_t kept = gather(x, select, begin, n, hashes, rows);
    return insert_rows(x, rows, hashes, kept);
}

/* ---- how large to begin ---- */

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Hashes of admitted rows from SAMPLE_PLACES places of the table; returns how many. */
static size_t take_sample(as_index *x, const uint8_t *select, uint64_t *out)
{
    uint32_t rows = x->key.table->rows, step = rows / SAMPLE_PLACES;
    size_t count = 0;
    for (uint32_t p = 0; p < SAMPLE_PLACES; p++) {
        uint64_t hashes[SAMPLE_ROWS];
        uint32_t begin = p * step;
        as_key_block(&x->key, begin, SAMPLE_ROWS, hashes);
        for (uint32_t i = 0; i < SAMPLE_ROWS; i++)
            if (hashes[i] && (!select || select[begin + i] == 2))
                out[count++] = hashes[i];
    }
    return count;
}

/* About how many keys there will be: in a sample of n of which p pairs are equal there are
 * about n * (n - 1) / (2 * p) to choose from, and never more than rows. A wrong guess costs
 * time or memory, nothing else; so does none. */
static size_t first_count(as_index *x, const uint8_t *select)
{
    uint64_t sample[SAMPLE_PLACES * SAMPLE_ROWS];
    uint32_t rows = x->key.table->rows;
    if (rows < 2 * SAMPLE_PLACES * SAMPLE_ROWS)
        return FIRST_BUCKETS;
    size_t n = take_sample(x, select, sample), run = 0;
    double pairs = 0, admitted = (double)n / (SAMPLE_PLACES * SAMPLE_ROWS) * rows;
    qsort(sample, n, sizeof *sample, by_value);
    for (size_t i = 1; i < n; i++) {
        run = sample[i] == sample[i - 1] ? run + 1 : 0;
        pairs += (double)run;
    }
    double keys = pairs > 0 ? (double)n * (double)(n - 1) / (2 * pairs) : admitted;
    keys = keys < admitted ? keys : admitted;
    return FIRST_BUCKETS + (size_t)keys / FILL;
}

static as_code fail_collided(const as_key *k, as_err *e)
{
    return as_fail(
        e, AS_EBUDGET, AS_NOWHERE,
        "the keys of table %.*s collide as no honest data does (AS_PROBES_MAX, %d): the "
        "file may have been made to stall the program; look at how it was produced",
        AS_FMT(k->table->name), AS_PROBES_MAX);
}

as_code as_index_open(as_index **out, const as_key *k, const uint8_t *select, as_err *e)
{
    *out = NULL;
    as_index *x = as_calloc(1, sizeof *x);
    if (!x)
        return as_fail_nomem(e);
    x->key = *k;
    x->exact = exact_layout(k);
    x->text = is_one_text(k);
    as_code code = make_buckets(x, first_count(x, select)) ? AS_OK : AS_ENOMEM;
    for (uint32_t end = k->table->rows, n; end > 0 && code == AS_OK; end -= n) {
        n = end % AS_BLOCK ? end % AS_BLOCK : AS_BLOCK;
        code = insert_block(x, select, end - n, n);
    }
    if (code != AS_OK) {
        as_index_close(x);
        return code == AS_ENOMEM ? as_fail_nomem(e) : fail_collided(k, e);
    }
    *out = x;
    return AS_OK;
}

/* Rows of the other table: what the first of a key has is that of the others; and who has no
 * key. */
static void tell_other_rows(const as_index *in, uint32_t *first)
{
    const uint32_t rows = in->key.table->rows;
    uint64_t hashes[AS_BLOCK];
    for (uint32_t row = 0; in->next && row < rows; row++)
        if (in->next[row] != AS_NO_ROW)
            first[in->next[row]] = first[row];
    for (uint32_t begin = 0, n; in->null_rows && begin < rows; begin += n) {
        n = rows - begin < AS_BLOCK ? rows - begin : AS_BLOCK;
        as_key_block(&in->key, begin, n, hashes);
        for (uint32_t i = 0; i < n; i++)
            first[begin + i] = hashes[i] ? first[begin + i] : AS_KEY_NULL;
    }
}

as_code as_index_turned(as_index **out, const as_key *k, const uint8_t *select,
                        const as_index *in, const uint32_t *match, uint32_t *first, as_err *e)
{
    *out = NULL;
    as_index *x = as_calloc(1, sizeof *x);
    if (!x)
        return as_fail_nomem(e);
    x->key = *k;
    memset(first, 0xff, in->key.table->rows * sizeof *first); /* AS_NO_ROW */
    as_code code = AS_OK;
    for (uint32_t row = k->table->rows; row-- > 0 && code == AS_OK;) {
        const uint32_t other = match[row];
        if (select && select[row] != 2)
            continue;
        x->null_rows += other == AS_KEY_NULL;
        if (other >= AS_KEY_NULL)
            continue;
        if (first[other] == AS_NO_ROW)
            first[other] = row;
        else
            code = chain(x, &first[other], row);
    }
    if (code != AS_OK) {
        as_index_close(x);
        return as_fail_nomem(e);
    }
    tell_other_rows(in, first);
    *out = x;
    return AS_OK;
}

void as_index_close(as_index *x)
{
    if (!x)
        return;
    as_free(x->memory);
    as_free(x->next);
    as_free(x);
}

uint64_t as_index_null_rows(const as_index *x)
{
    return x->null_rows;
}

uint32_t as_index_first(const as_index *x, const as_key *probe, uint32_t row, uint64_t hash)
{
    size_t at;
    uint32_t steps;
    bool exact = x->exact && exact_layout(probe) == x->exact;
    bool text = x->text && is_one_text(probe);
    const uint32_t *first = hash ? find(x, probe, row, hash, exact, text, &at, &steps) : NULL;
    return first ? *first : AS_NO_ROW;
}

/* Where the hash says all: the most frequent look-up, so it has a loop of its own, with a
 * `places` that is known where it is compiled. packs: of the probe's rows, where their long
 * texts are to be compared; else NULL. */
static inline __attribute__((always_inline)) void
find_exact_by(const as_index *x, const as_key *probe, uint32_t begin, uint32_t n,
              const uint64_t *hashes, const uint64_t *packs, uint32_t *out, places_fn places)
{
    const bucket *buckets = x->buckets;
    const uint64_t count = x->count;
    for (uint32_t i = 0; i < n; i++) {
        const uint64_t hash = hashes[i];
        size_t at = (size_t)(((hash >> 32) * count) >> 32);
        uint32_t bits = places(&buckets[at], hash);
        if (i + AHEAD < n)
            __builtin_prefetch(&buckets[place(x, hashes[i + AHEAD])]);
        for (uint32_t steps = 0; !bits && buckets[at].hash[PLACES - 1] && steps < x->longest;
             steps++) {
            at = at + 1 == count ? 0 : at + 1;
            bits = places(&buckets[at], hash);
        }
        bool there = bits && hash;
        out[i] = there ? buckets[at].first[__builtin_ctz(bits)] : AS_NO_ROW;
        if (there && packs && as_pack_is_long(packs[i]))
            out[i] = as_index_first(x, probe, begin + i, hash);
    }
}

#if defined(__x86_64__)
AS_CPU_TARGET_AVX512 static void find_exact_avx512(const as_index *x, const as_key *probe,
                                                   uint32_t begin, uint32_t n,
                                                   const uint64_t *hashes,
                                                   const uint64_t *packs, uint32_t *out)
{
    find_exact_by(x, probe, begin, n, hashes, packs, out, places_avx512);
}
#endif

static void find_exact(const as_index *x, const as_key *probe, uint32_t begin, uint32_t n,
                       const uint64_t *hashes, const uint64_t *packs, uint32_t *out)
{
#if defined(__x86_64__)
    if (AS_CPU_IS(AS_CPU_AVX512)) {
        find_exact_avx512(x, probe, begin, n, hashes, packs, out);
        return;
    }
#endif
    find_exact_by(x, probe, begin, n, hashes, packs, out, places_with);
}

static void find_compared(const as_index *x, const as_key *probe, uint32_t begin, uint32_t n,
                          const uint64_t *hashes, uint32_t *out)
{
    const bool text = x->text && is_one_text(probe);
    size_t at;
    uint32_t steps;
    for (uint32_t i = 0; i < n; i++) {
        if (i + AHEAD < n)
            __builtin_prefetch(&x->buckets[place(x, hashes[i + AHEAD])]);
        const uint32_t *first =
            hashes[i] ? find(x, probe, begin + i, hashes[i], false, text, &at, &steps) : NULL;
        out[i] = first ? *first : AS_NO_ROW;
    }
}

void as_index_first_block(const as_index *x, const as_key *probe, uint32_t begin, uint32_t n,
                          const uint64_t *hashes, uint32_t *out)
{
    const as_column *c = &probe->table->columns[probe->fields[0]];
    if (x->exact && exact_layout(probe) == x->exact)
        find_exact(x, probe, begin, n, hashes, NULL, out);
    else if (x->text && probe->count == 1 && c->layout == AS_LAYOUT_PACK8)
        find_exact(x, probe, begin, n, hashes, as_column_packs(c) + begin, out);
    else
        find_compared(x, probe, begin, n, hashes, out);
}

uint32_t as_index_next(const as_index *x, uint32_t row)
{
    return x->next ? x->next[row] : AS_NO_ROW;
}

bool as_index_repeats(const as_index *x)
{
    return x->next != NULL;
}
