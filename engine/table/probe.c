/* probe.c: looking up the records of a table in an index, block by block.
 *
 * Three ways, the cheapest that can be taken: what somebody has looked up already; one look-up
 * for each combination of dictionary codes, kept in `cells`; hashes of keys, and the index.
 * Two threads may fill one cell: they write the same. */
#include "table/table.h"

#include "base/alloc.h"
#include <stdatomic.h>

#define CELLS_MAX (1u << 18)
#define NOT_YET (UINT32_MAX - 2) /* AS_ROWS_MAX is less */

/* How many combinations of codes there are; 0: too many, or not all are dictionaries. */
static uint32_t cell_count(const as_key *k)
{
    uint32_t cells = k->count > 0;
    for (size_t i = 0; i < k->count; i++) {
        const as_column *c = &k->table->columns[k->fields[i]];
        if (c->layout != AS_LAYOUT_DICT || c->dict.count > CELLS_MAX / cells)
            return 0;
        cells *= c->dict.count;
    }
    return cells <= k->table->rows / 4 ? cells : 0;
}

as_code as_probe_open(as_probe *out, const as_key *key, const as_index *index,
                      const uint32_t *ready, as_err *e)
{
    const uint32_t cells = ready ? 0 : cell_count(key);
    *out = (as_probe){.key = *key, .index = index, .ready = ready};
    if (cells == 0)
        return AS_OK;
    out->cells = as_alloc(cells * sizeof *out->cells);
    if (!out->cells)
        return as_fail_nomem(e);
    for (uint32_t i = 0; i < cells; i++)
        atomic_init(&out->cells[i], NOT_YET);
    return AS_OK;
}

void as_probe_close(as_probe *p)
{
    as_free(p->cells);
    p->cells = NULL;
}

static void by_hash(const as_probe *p, uint32_t begin, uint32_t n, uint32_t *out)
{
    uint64_t hashes[AS_BLOCK];
    as_key_block(&p->key, begin, n, hashes);
    as_index_first_block(p->index, &p->key, begin, n, hashes, out);
    for (uint32_t i = 0; i < n; i++)
        out[i] = hashes[i] ? out[i] : AS_KEY_NULL;
}

static void by_cell(const as_probe *p, uint32_t begin, uint32_t n, uint32_t *out)
{
    uint32_t codes[AS_BLOCK];
    as_column_block_codes(&p->key.table->columns[p->key.fields[0]], begin, n, out);
    for (size_t k = 1; k < p->key.count; k++) {
        const as_column *c = &p->key.table->columns[p->key.fields[k]];
        as_column_block_codes(c, begin, n, codes);
        as_digits_add(out, codes, NULL, c->dict.count, n);
    }
    for (uint32_t i = 0; i < n; i++) {
        _Atomic uint32_t *cell = &p->cells[out[i]];
        out[i] = atomic_load_explicit(cell, memory_order_relaxed);
        if (out[i] == NOT_YET) {
            by_hash(p, begin + i, 1, &out[i]);
            atomic_store_explicit(cell, out[i], memory_order_relaxed);
        }
    }
}

const uint32_t *as_probe_block(const as_probe *p, uint32_t begin, uint32_t n, uint32_t *room)
{
    if (p->ready)
        return p->ready + begin;
    if (p->cells)
        by_cell(p, begin, n, room);
    else
        by_hash(p, begin, n, room);
    return room;
}
