/* index.c: rows by key.
 *
 * Invariants
 * 1. One slot a distinct key, found by its hash (linear probing, at most 5/8 full). A slot
 * knows the first and the last row of its key; `next` chains the rows between, in ascending
 * order. Two keys with the same hash have two slots: who finds a slot compares values, unless
 * hash and value are one to one (see `exact`).
 * 2. The slots grow with the distinct keys met, so a column with few values stays in the cache.
 *    `next` is made at the first duplicate. */
#include "table/table.h"

#include "base/alloc.h"

#define FIRST_SLOTS ((size_t)1024)
#define AHEAD 16u /* rows between asking for a slot's cache line and using it */

typedef struct slot {
    uint64_t hash; /* 0: free */
    uint32_t first, last;
} slot;

struct as_index {
    as_key key;
    as_layout exact; /* of a single column whose hash is one to one; else ABSENT */
    slot *slots;
    size_t size, used; /* size: power of two */
    uint32_t *next;    /* by row, AS_NO_ROW at the end; NULL while no key came twice */
    uint64_t null_rows;
};

static as_layout exact_layout(const as_key *k)
{
    if (k->count != 1)
        return AS_LAYOUT_ABSENT;
    as_layout layout = k->table->columns[k->fields[0]].layout;
    bool one_to_one =
        layout == AS_LAYOUT_PACK8 || layout == AS_LAYOUT_INT || layout == AS_LAYOUT_DATE;
    return one_to_one ? layout : AS_LAYOUT_ABSENT;
}

static size_t place(const as_index *x, uint64_t hash)
{
    return (size_t)(hash ^ hash >> 32) & (x->size - 1);
}

static as_code grow(as_index *x)
{
    size_t old_size = x->size;
    slot *old = x->slots;
    slot *slots = as_calloc(old_size * 2, sizeof *slots);
    if (!slots)
        return AS_ENOMEM;
    x->slots = slots;
    x->size = old_size * 2;
    for (size_t i = 0; i < old_size; i++) {
        if (!old[i].hash)
            continue;
        size_t at = place(x, old[i].hash);
        while (slots[at].hash)
            at = (at + 1) & (x->size - 1);
        slots[at] = old[i];
    }
    as_free(old);
    return AS_OK;
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

static as_code insert(as_index *x, uint32_t row, uint64_t hash)
{
    size_t at = place(x, hash);
    for (; x->slots[at].hash; at = (at + 1) & (x->size - 1)) {
        slot *s = &x->slots[at];
        if (s->hash == hash && (x->exact || as_key_equal(&x->key, s->first, &x->key, row)))
            return chain(x, s, row);
    }
    x->slots[at] = (slot){hash, row, row};
    x->used++;
    return x->used > x->size / 8 * 5 ? grow(x) : AS_OK;
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

as_code as_index_open(as_index **out, const as_key *k, const uint8_t *select, as_err *e)
{
    *out = NULL;
    as_index *x = as_calloc(1, sizeof *x);
    if (!x)
        return as_fail_nomem(e);
    x->key = *k;
    x->exact = exact_layout(k);
    x->size = FIRST_SLOTS;
    x->slots = as_calloc(x->size, sizeof *x->slots);
    as_code code = x->slots ? AS_OK : AS_ENOMEM;
    uint32_t rows = k->table->rows;
    for (uint32_t begin = 0; begin < rows && code == AS_OK; begin += AS_BLOCK)
        code =
            insert_block(x, select, begin, rows - begin < AS_BLOCK ? rows - begin : AS_BLOCK);
    if (code != AS_OK) {
        as_index_close(x);
        return as_fail_nomem(e);
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

uint32_t as_index_first(const as_index *x, const as_key *probe, uint32_t row, uint64_t hash)
{
    if (hash == 0)
        return AS_NO_ROW;
    bool exact = x->exact && exact_layout(probe) == x->exact;
    for (size_t at = place(x, hash); x->slots[at].hash; at = (at + 1) & (x->size - 1)) {
        const slot *s = &x->slots[at];
        if (s->hash == hash && (exact || as_key_equal(&x->key, s->first, probe, row)))
            return s->first;
    }
    return AS_NO_ROW;
}

uint32_t as_index_next(const as_index *x, uint32_t row)
{
    return x->next ? x->next[row] : AS_NO_ROW;
}
