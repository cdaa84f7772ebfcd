/* same_key.c: see same_key.h. Partition, then look for candidates, then compare.
 *
 * 1. Every row that takes part gets the hash of its key (0: a part is null, the row is counted
 * and left out).
 * 2. Rows go to partitions by the top bits of the hash, in row order, so that a partition's
 * hash table stays in the cache.
 * 3. Within a partition the first row of each key is its leader; a row that finds a leader with
 * the same tag (other bits of the hash) is a member of that leader's group. Most rows lead only
 * themselves and are never compared. The members are compared with their leaders one after the
 * other, when waiting for one does not hold up the next; where two keys have one tag, which is
 * rare, the partition is done again and each row is compared as it comes.
 * 4. Groups are numbered by their leader.
 *
 * Invariant: nothing depends on which worker took which partition. */
#include "check/same_key.h"

#include "base/alloc.h"

#define ROWS_A_PARTITION 4096u
#define PARTITIONS_A_CHUNK 8u
#define PARTITIONS_MAX 4096u

typedef struct entry {
    uint32_t row;
    uint32_t tag; /* low bits of the hash */
} entry;

/* A row that has the same key as an earlier one. */
typedef struct member {
    uint32_t leader, row;
} member;

typedef struct members {
    member *items;
    size_t count, size;
} members;

typedef struct context {
    const as_eval *ev;
    as_select_fn select;
    void *arg;
    as_key key;
    uint64_t *hashes; /* by row; 0: left out */
    uint32_t shift;   /* 64 - bits of the partition; 64: one partition */
    size_t partitions;
    size_t *counts; /* [chunk][partition]; then where the chunk's rows go */
    entry *entries;
    size_t *part_begin; /* partitions + 1 */
    members *found;     /* one a partition */
} context;

static size_t partition_of(const context *c, uint64_t hash)
{
    return c->shift == 64 ? 0 : (size_t)(hash >> c->shift);
}

static as_code hash_block(void *arg, unsigned worker, uint32_t begin, uint32_t n,
                          as_scan_part *part, as_err *e)
{
    const context *c = arg;
    uint8_t in[AS_BLOCK];
    uint64_t *hashes = c->hashes + begin;
    size_t *counts = c->counts + begin / AS_SCAN_ROWS * c->partitions;
    as_code code = c->select(c->arg, worker, begin, n, in, part, e);
    if (code != AS_OK)
        return code;
    as_key_block(&c->key, begin, n, hashes);
    for (uint32_t i = 0; i < n; i++) {
        bool takes_part = in[i] == AS_TRUE;
        part->selected += takes_part;
        part->key_nulls += takes_part && hashes[i] == 0;
        part->undecided += takes_part && hashes[i] == 0;
        hashes[i] = takes_part ? hashes[i] : 0;
        if (hashes[i])
            counts[partition_of(c, hashes[i])]++;
    }
    return AS_OK;
}

/* Counts become places: partition by partition, chunk by chunk. */
static size_t lay_out(context *c, size_t chunks)
{
    size_t at = 0;
    for (size_t p = 0; p < c->partitions; p++) {
        c->part_begin[p] = at;
        for (size_t k = 0; k < chunks; k++) {
            size_t *count = &c->counts[k * c->partitions + p];
            size_t n = *count;
            *count = at;
            at += n;
        }
    }
    c->part_begin[c->partitions] = at;
    return at;
}

static as_code scatter_block(void *arg, unsigned worker, uint32_t begin, uint32_t n,
                             as_scan_part *part, as_err *e)
{
    const context *c = arg;
    size_t *place = c->counts + begin / AS_SCAN_ROWS * c->partitions;
    (void)worker, (void)part, (void)e;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t hash = c->hashes[begin + i];
        if (hash)
            c->entries[place[partition_of(c, hash)]++] = (entry){begin + i, (uint32_t)hash};
    }
    return AS_OK;
}

static bool add_member(members *m, member x)
{
    if (m->count == m->size) {
        size_t size = m->size ? 2 * m->size : 16;
        member *items = as_realloc(m->items, size * sizeof *items);
        if (!items)
            return false;
        m->items = items;
        m->size = size;
    }
    m->items[m->count++] = x;
    return true;
}

/* A partition while its rows look for their leaders. */
typedef struct search {
    const entry *entries;
    size_t count;
    uint32_t *slots; /* index of a leader's entry + 1, 0 = free */
    size_t mask;
    bool compare; /* each row as it comes */
} search;

/* AS_EBUDGET: keys that were made to collide. */
static as_code find_members(const context *c, const search *s, members *out, as_err *e)
{
    const entry *entries = s->entries;
    uint32_t *slots = s->slots;
    memset(slots, 0, (s->mask + 1) * sizeof *slots);
    out->count = 0;
    for (size_t i = 0; i < s->count; i++) {
        const uint32_t tag = entries[i].tag;
        size_t at = tag & s->mask, steps = 0;
        for (; slots[at]; at = (at + 1) & s->mask, steps++) {
            const entry *leader = &entries[slots[at] - 1];
            if (leader->tag == tag &&
                (!s->compare || as_key_equal(&c->key, leader->row, &c->key, entries[i].row)))
                break;
        }
        if (steps > AS_PROBES_MAX)
            return as_fail(
                e, AS_EBUDGET, AS_NOWHERE,
                "the keys of table %.*s collide as no honest data does (AS_PROBES_MAX, %d)",
                AS_FMT(c->key.table->name), AS_PROBES_MAX);
        if (!slots[at])
            slots[at] = (uint32_t)(i + 1);
        else if (!add_member(out, (member){entries[slots[at] - 1].row, entries[i].row}))
            return as_fail_nomem(e);
    }
    return AS_OK;
}

static bool all_equal(const context *c, const members *m)
{
    bool same = true;
    for (size_t i = 0; i < m->count && same; i++)
        same = as_key_equal(&c->key, m->items[i].leader, &c->key, m->items[i].row);
    return same;
}

static size_t slots_for(size_t count)
{
    size_t size = 16;
    while (size < 2 * count)
        size *= 2;
    return size;
}

static as_code look_in_partitions(void *arg, unsigned worker, size_t begin, size_t end,
                                  as_scan_part *part, as_err *e)
{
    context *c = arg;
    size_t most = 0;
    as_code code = AS_OK;
    (void)worker, (void)part;
    for (size_t p = begin; p < end; p++) {
        size_t count = c->part_begin[p + 1] - c->part_begin[p];
        most = count > most ? count : most;
    }
    uint32_t *slots = as_alloc(slots_for(most) * sizeof *slots);
    if (!slots)
        return as_fail_nomem(e);
    for (size_t p = begin; code == AS_OK && p < end; p++) {
        size_t count = c->part_begin[p + 1] - c->part_begin[p];
        search s = {c->entries + c->part_begin[p], count, slots, slots_for(count) - 1, false};
        code = find_members(c, &s, &c->found[p], e);
        if (code == AS_OK && !all_equal(c, &c->found[p])) {
            s.compare = true;
            code = find_members(c, &s, &c->found[p], e);
        }
    }
    as_free(slots);
    return code;
}

/* ---- from members to groups in the order of their leaders ---- */

static size_t count_members(const context *c)
{
    size_t all = 0;
    for (size_t p = 0; p < c->partitions; p++)
        all += c->found[p].count;
    return all;
}

/* sizes[row]: members that row leads. Becomes the number of its group. */
static as_code make_groups(const context *c, uint32_t *sizes, as_arena *a, as_same_key *out,
                           as_err *e)
{
    size_t all = count_members(c), at = 0;
    for (size_t p = 0; p < c->partitions; p++)
        for (size_t i = 0; i < c->found[p].count; i++)
            out->count += sizes[c->found[p].items[i].leader]++ == 0;
    out->start = AS_NEW_N(a, size_t, out->count + 1);
    out->rows = AS_NEW_N(a, uint32_t, out->count + all);
    size_t *fill = as_calloc(out->count + 1, sizeof *fill);
    if (!out->start || !out->rows || !fill) {
        as_free(fill);
        return as_fail_nomem(e);
    }
    for (uint32_t row = 0, n = 0; n < out->count; row++) {
        if (!sizes[row])
            continue;
        out->start[n] = at;
        out->rows[at] = row;
        fill[n] = at + 1;
        at += 1 + (size_t)sizes[row];
        sizes[row] = n++;
    }
    out->start[out->count] = at;
    /* within a partition rows ascend, and a group lies in one partition */
    for (size_t p = 0; p < c->partitions; p++)
        for (size_t i = 0; i < c->found[p].count; i++)
            out->rows[fill[sizes[c->found[p].items[i].leader]]++] = c->found[p].items[i].row;
    as_free(fill);
    return AS_OK;
}

static as_code look(context *c, uint32_t rows, as_arena *a, as_same_key *out, as_result *counts,
                    as_err *e)
{
    const size_t chunks = ((size_t)rows + AS_SCAN_ROWS - 1) / AS_SCAN_ROWS;
    as_code code = as_scan(c->ev, rows, hash_block, c, counts, e);
    if (code != AS_OK)
        return code;
    size_t with_key = lay_out(c, chunks);
    c->entries = as_alloc((with_key + 1) * sizeof *c->entries);
    if (!c->entries)
        return as_fail_nomem(e);
    code = as_scan(c->ev, rows, scatter_block, c, counts, e);
    if (code == AS_OK)
        code = as_scan_chunks(c->ev, c->partitions, PARTITIONS_A_CHUNK, look_in_partitions, c,
                              counts, e);
    if (code != AS_OK || count_members(c) == 0)
        return code;
    uint32_t *sizes = as_calloc(rows, sizeof *sizes);
    code = sizes ? make_groups(c, sizes, a, out, e) : as_fail_nomem(e);
    as_free(sizes);
    return code;
}

static void choose_partitions(context *c, uint32_t rows)
{
    c->partitions = 1;
    c->shift = 64;
    while (c->partitions < PARTITIONS_MAX && c->partitions * ROWS_A_PARTITION < rows) {
        c->partitions *= 2;
        c->shift--;
    }
}

as_code as_same_key_find(const as_eval *ev, const as_key *key, as_select_fn select, void *arg,
                         as_arena *a, as_same_key *out, as_result *counts, as_err *e)
{
    const uint32_t rows = key->table->rows;
    const size_t chunks = ((size_t)rows + AS_SCAN_ROWS - 1) / AS_SCAN_ROWS;
    context c = {.ev = ev, .select = select, .arg = arg, .key = *key};
    as_code code;
    *out = (as_same_key){0};
    if (rows == 0)
        return AS_OK;
    choose_partitions(&c, rows);
    c.hashes = as_alloc((size_t)rows * sizeof *c.hashes);
    c.counts = as_calloc(chunks * c.partitions, sizeof *c.counts);
    c.part_begin = as_calloc(c.partitions + 1, sizeof *c.part_begin);
    c.found = as_calloc(c.partitions, sizeof *c.found);
    if (c.hashes && c.counts && c.part_begin && c.found)
        code = look(&c, rows, a, out, counts, e);
    else
        code = as_fail_nomem(e);
    for (size_t i = 0; c.found && i < c.partitions; i++)
        as_free(c.found[i].items);
    as_free(c.hashes);
    as_free(c.counts);
    as_free(c.part_begin);
    as_free(c.found);
    as_free(c.entries);
    return code;
}
