/* index.c: rows by key.
 *
 * Invariants
 * 1. One slot a distinct key, found by its hash (linear probing, at most 5/8 full). A slot
 * knows the first and the last row of its key; `next` chains the rows between, in ascending
 * order. Two keys with the same hash have two slots: who finds a slot compares values, unless
 * hash and value are one to one (see `exact`).
 * 2. The slots grow with the distinct keys met, so a column with few values stays in the cache;
 *    they grow faster while nearly every row brings a new key, but never beyond what the rows
 *    that are left can need. `next` is made at the first duplicate.
 * 3. No key is further from its place than `longest`, and that is at most AS_PROBES_MAX: keys
 * that were made to collide are refused, and look-ups stay short whatever the other table
 * holds.
 * 4. A random look-up waits for memory. Blocks ask for the cache lines of the rows ahead, so
 *    that many waits run at one time: build by blocks, and probe by blocks where you can. */
#include "table/table.h"

#include "base/alloc.h"
#include <stdlib.h>

#define FIRST_SLOTS ((size_t)1024)
#define SAMPLE_PLACES 64u
#define SAMPLE_ROWS 32u
#define AHEAD 16u /* rows between asking for a slot's cache line and using it */

typedef struct slot {
    uint64_t hash; /* 0: free */
    uint32_t first, last;
} slot;

struct as_index {
    as_key key;
    as_layout exact; /* of a single column whose hash is one to one; else ABSENT */
    bool text;       /* the key is a single text: short ones have a hash of their own */
    slot *slots;
    size_t size, used; /* size: power of two */
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
    return (size_t)hash & (x->size - 1);
}

static bool too_full(size_t used, size_t size)
{
    return used > size / 8 * 5;
}

/* `row`: the last one met. */
static size_t next_size(const as_index *x, uint32_t row)
{
    bool nearly_unique = x->used / 3 >= (size_t)row / 4;
    bool many_left = too_full(x->used + (x->key.table->rows - row), x->size * 2);
    return nearly_unique && many_left ? x->size * 4 : x->size * 2;
}

/* Puts a key into the first free slot from `at` on, `steps` after its place. */
static as_code settle(as_index *x, size_t at, uint32_t steps, slot key)
{
    for (; x->slots[at].hash; at = (at + 1) & (x->size - 1))
        steps++;
    x->slots[at] = key;
    x->longest = steps > x->longest ? steps : x->longest;
    return x->longest > AS_PROBES_MAX ? AS_EBUDGET : AS_OK;
}

static as_code grow(as_index *x, uint32_t row)
{
    size_t old_size = x->size, size = next_size(x, row);
    slot *old = x->slots;
    slot *slots = as_calloc_scattered(size, sizeof *slots);
    if (!slots)
        return AS_ENOMEM;
    x->slots = slots;
    x->size = size;
    x->longest = 0;
    as_code code = AS_OK;
    for (size_t i = 0; i < old_size && code == AS_OK; i++)
        if (old[i].hash)
            code = settle(x, place(x, old[i].hash), 0, old[i]);
    as_free(old);
    return code;
}

static as_code chain(as_index *x, slot *s, uint32_t row)
{
    if (!x->next) {
        size_t bytes = (size_t)x->key.table->rows * sizeof *x->next;
        x->next = as_alloc(bytes);
        if (!x->next)
            return AS_ENOMEM;
        memset(x->next, 0xff, bytes); /* AS_NO_ROW */
    }
    x->next[s->last] = row;
    s->last = row;
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

static as_code insert(as_index *x, uint32_t row, uint64_t hash)
{
    size_t at = place(x, hash);
    uint32_t steps = 0;
    for (; x->slots[at].hash && steps <= x->longest; at = (at + 1) & (x->size - 1), steps++) {
        slot *s = &x->slots[at];
        if (s->hash == hash && (x->exact || same_key(x, s->first, &x->key, row, x->text)))
            return chain(x, s, row);
    }
    as_code code = settle(x, at, steps, (slot){hash, row, row});
    x->used++;
    return code == AS_OK && too_full(x->used, x->size) ? grow(x, row) : code;
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
    uint32_t kept = gather(x, select, begin, n, hashes, rows);
    as_code code = AS_OK;
    for (uint32_t i = 0; i < kept && code == AS_OK; i++) {
        if (i + AHEAD < kept)
            __builtin_prefetch(&x->slots[place(x, hashes[i + AHEAD])], 1);
        code = insert(x, rows[i], hashes[i]);
    }
    return code;
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
static size_t first_size(as_index *x, const uint8_t *select)
{
    uint64_t sample[SAMPLE_PLACES * SAMPLE_ROWS];
    uint32_t rows = x->key.table->rows;
    if (rows < 2 * SAMPLE_PLACES * SAMPLE_ROWS)
        return FIRST_SLOTS;
    size_t n = take_sample(x, select, sample), run = 0;
    double pairs = 0, admitted = (double)n / (SAMPLE_PLACES * SAMPLE_ROWS) * rows;
    qsort(sample, n, sizeof *sample, by_value);
    for (size_t i = 1; i < n; i++) {
        run = sample[i] == sample[i - 1] ? run + 1 : 0;
        pairs += (double)run;
    }
    double keys = pairs > 0 ? (double)n * (double)(n - 1) / (2 * pairs) : admitted;
    keys = keys < admitted ? keys : admitted;
    size_t size = FIRST_SLOTS;
    while (size < ((size_t)1 << 31) && (double)size / 8 * 5 < keys)
        size *= 2;
    return size;
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
    x->size = first_size(x, select);
    x->slots = as_calloc_scattered(x->size, sizeof *x->slots);
    as_code code = x->slots ? AS_OK : AS_ENOMEM;
    uint32_t rows = k->table->rows;
    for (uint32_t begin = 0; begin < rows && code == AS_OK; begin += AS_BLOCK)
        code =
            insert_block(x, select, begin, rows - begin < AS_BLOCK ? rows - begin : AS_BLOCK);
    if (code != AS_OK) {
        as_index_close(x);
        return code == AS_ENOMEM ? as_fail_nomem(e) : fail_collided(k, e);
    }
    *out = x;
    return AS_OK;
}

void as_index_close(as_index *x)
{
    if (!x)
        return;
    as_free(x->slots);
    as_free(x->next);
    as_free(x);
}

uint64_t as_index_null_rows(const as_index *x)
{
    return x->null_rows;
}

static inline uint32_t find(const as_index *x, const as_key *probe, uint32_t row, uint64_t hash,
                            bool exact, bool text)
{
    if (hash == 0)
        return AS_NO_ROW;
    size_t at = place(x, hash);
    for (uint32_t steps = 0; x->slots[at].hash && steps <= x->longest; steps++) {
        const slot *s = &x->slots[at];
        if (s->hash == hash && (exact || same_key(x, s->first, probe, row, text)))
            return s->first;
        at = (at + 1) & (x->size - 1);
    }
    return AS_NO_ROW;
}

uint32_t as_index_first(const as_index *x, const as_key *probe, uint32_t row, uint64_t hash)
{
    bool exact = x->exact && exact_layout(probe) == x->exact;
    return find(x, probe, row, hash, exact, x->text && is_one_text(probe));
}

void as_index_first_block(const as_index *x, const as_key *probe, uint32_t begin, uint32_t n,
                          const uint64_t *hashes, uint32_t *out)
{
    bool exact = x->exact && exact_layout(probe) == x->exact;
    bool text = x->text && is_one_text(probe);
    for (uint32_t i = 0; i < n; i++) {
        if (i + 2 * AHEAD < n)
            __builtin_prefetch(&x->slots[place(x, hashes[i + 2 * AHEAD])]);
        out[i] = find(x, probe, begin + i, hashes[i], exact, text);
    }
}

uint32_t as_index_next(const as_index *x, uint32_t row)
{
    return x->next ? x->next[row] : AS_NO_ROW;
}
