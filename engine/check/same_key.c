/* same_key.c: see same_key.h. Partition, then look for candidates, then compare.
 *
 * 1. Every row that takes part gets the hash of its key (0: a part is null, the row is counted
 * and left out). A chunk of rows is sorted into partitions by the top bits of the hash, in row
 * order, in its own part of `entries`: while that is done it stays in the cache.
 * 2. A partition is put together from its pieces in the chunks, so rows ascend in it, and its
 * hash table stays in the cache as well. Rows that share no bit of a filter with another are
 * alone and go; where few are left, the table is small (thin_out). The first row of each key is
 * its leader; a row that finds a leader with the same tag (other bits of the hash) is a member
 * of that leader's group. Most rows lead only themselves and are never compared. The members
 * are compared with their leaders one after the other, when waiting for one does not hold up
 * the next; where two keys have one tag, which is rare, the partition is done again and each
 * row is compared as it comes.
 * 3. The members are sorted by their leaders, which makes them groups in the order of their
 * first rows. Nothing is as long as the table but the entries.
 *
 * Invariant: nothing depends on which worker took which chunk or partition. */
#include "check/same_key.h"

#include "base/alloc.h"

#define ROWS_A_PARTITION 4096u
#define PARTITIONS_A_CHUNK 8u
#define PARTITIONS_MAX 4096u
#define DIGIT_BITS 11u /* of a row, by which members are sorted */

typedef struct entry {
    uint32_t row;
    uint32_t tag; /* low bits of the hash */
} entry;

/* A row that has the same key as an earlier one. */
typedef as_row_pair member;

typedef struct members {
    member *items;
    size_t count, size;
} members;

typedef struct context {
    const as_eval *ev;
    as_select_fn select;
    void *arg;
    as_key key;
    uint32_t shift; /* 64 - bits of the partition; 64: one partition */
    size_t partitions, chunks;
    uint32_t *begins;  /* [chunk][partitions + 1]: where a piece begins in the chunk */
    entry *entries;    /* by chunk, then by partition */
    uint64_t **hashes; /* one a worker: of the chunk at hand */
    members *found;    /* one a partition */
} context;

static size_t partition_of(const context *c, uint64_t hash)
{
    return c->shift == 64 ? 0 : (size_t)(hash >> c->shift);
}

static as_code hash_block(const context *c, unsigned worker, uint32_t begin, uint32_t n,
                          uint64_t *hashes, as_scan_part *part, as_err *e)
{
    uint8_t in[AS_BLOCK];
    uint32_t selected = 0, nulls = 0;
    as_code code = c->select(c->arg, worker, begin, n, in, part, e);
    if (code != AS_OK)
        return code;
    as_key_block(&c->key, begin, n, hashes);
    for (uint32_t i = 0; i < n; i++) {
        bool takes_part = in[i] == AS_TRUE;
        selected += takes_part;
        nulls += takes_part & (hashes[i] == 0);
        hashes[i] = takes_part ? hashes[i] : 0;
    }
    part->selected += selected;
    part->key_nulls += nulls;
    part->undecided += nulls;
    return AS_OK;
}

/* begins[p + 1] counts the rows of p, then is where they begin, then where they end. */
static void sort_chunk(const context *c, uint32_t row, uint32_t n, const uint64_t *hashes,
                       uint32_t *begins)
{
    entry *entries = c->entries + row;
    uint32_t *place = begins + 1, at = 0;
    for (uint32_t i = 0; i < n; i++)
        if (hashes[i])
            place[partition_of(c, hashes[i])]++;
    for (size_t p = 0; p < c->partitions; p++) {
        uint32_t count = place[p];
        place[p] = at;
        at += count;
    }
    for (uint32_t i = 0; i < n; i++)
        if (hashes[i])
            entries[place[partition_of(c, hashes[i])]++] =
                (entry){row + i, (uint32_t)hashes[i]};
}

static as_code partition_chunk(void *arg, unsigned worker, size_t begin, size_t end,
                               as_scan_part *part, as_err *e)
{
    const context *c = arg;
    uint64_t **hashes = &c->hashes[worker];
    as_code code = AS_OK;
    if (!*hashes)
        *hashes = as_alloc(AS_SCAN_ROWS * sizeof **hashes);
    if (!*hashes)
        return as_fail_nomem(e);
    for (size_t at = begin; code == AS_OK && at < end; at += AS_BLOCK) {
        uint32_t n = (uint32_t)(end - at < AS_BLOCK ? end - at : AS_BLOCK);
        code = hash_block(c, worker, (uint32_t)at, n, *hashes + (at - begin), part, e);
    }
    if (code == AS_OK)
        sort_chunk(c, (uint32_t)begin, (uint32_t)(end - begin), *hashes,
                   c->begins + begin / AS_SCAN_ROWS * (c->partitions + 1));
    return code;
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

/* The pieces of a partition behind each other, in row order. */
static size_t put_together(const context *c, size_t p, entry *out)
{
    size_t count = 0;
    for (size_t k = 0; k < c->chunks; k++) {
        const uint32_t *begins = c->begins + k * (c->partitions + 1);
        size_t n = begins[p + 1] - begins[p];
        if (out && n)
            memcpy(out + count, c->entries + k * AS_SCAN_ROWS + begins[p], n * sizeof *out);
        count += n;
    }
    return count;
}

static size_t slots_for(size_t count)
{
    size_t size = 16;
    while (size < 4 * count) /* thin: most places that a row looks at are free */
        size *= 2;
    return size;
}

/* ---- rows that are surely alone ---- */

#define FILTER_BITS 15u /* 4 KiB for ROWS_A_PARTITION rows: a bit in eight */
#define FILTER_WORDS ((1u << FILTER_BITS) / 64)

typedef struct filter {
    uint64_t once[FILTER_WORDS], twice[FILTER_WORDS];
} filter;

static inline uint64_t bit_of(const entry *x, uint32_t *word)
{
    const uint32_t at = x->tag >> (32 - FILTER_BITS); /* the table's slots go by the low bits */
    *word = at / 64;
    return 1ull << at % 64;
}

/* Keeps the entries that share their bit, in their order; returns how many. Where these are
 * many already when the bits are set, all: to look at them once more gains nothing. No branch
 * depends on an entry. */
static size_t thin_out(filter *f, entry *entries, size_t count)
{
    size_t shared = 0, kept = 0;
    uint32_t w;
    memset(f, 0, sizeof *f);
    for (size_t i = 0; i < count; i++) {
        const uint64_t bit = bit_of(&entries[i], &w), before = f->once[w];
        f->once[w] = before | bit;
        f->twice[w] |= before & bit;
        shared += (before & bit) != 0;
    }
    if (shared > count / 4)
        return count;
    for (size_t i = 0; i < count; i++) {
        const uint64_t bit = bit_of(&entries[i], &w);
        const bool stays = (f->twice[w] & bit) != 0;
        entries[kept] = entries[i];
        kept += stays;
    }
    return kept;
}

static as_code look_in_partition(context *c, size_t p, entry *entries, uint32_t *slots,
                                 as_err *e)
{
    filter f;
    size_t count = thin_out(&f, entries, put_together(c, p, entries));
    search s = {entries, count, slots, slots_for(count) - 1, false};
    as_code code = find_members(c, &s, &c->found[p], e);
    if (code == AS_OK && !as_key_all_equal(&c->key, c->found[p].items, c->found[p].count)) {
        s.compare = true;
        code = find_members(c, &s, &c->found[p], e);
    }
    return code;
}

static as_code look_in_partitions(void *arg, unsigned worker, size_t begin, size_t end,
                                  as_scan_part *part, as_err *e)
{
    context *c = arg;
    size_t most = 0;
    (void)worker, (void)part;
    for (size_t p = begin; p < end; p++) {
        size_t count = put_together(c, p, NULL);
        most = count > most ? count : most;
    }
    entry *entries = as_alloc((most + 1) * sizeof *entries);
    uint32_t *slots = as_alloc(slots_for(most) * sizeof *slots);
    as_code code = entries && slots ? AS_OK : as_fail_nomem(e);
    for (size_t p = begin; code == AS_OK && p < end; p++)
        code = look_in_partition(c, p, entries, slots, e);
    as_free(entries);
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

static member *copy_members(const context *c, size_t all)
{
    member *out = as_alloc(all * sizeof *out);
    for (size_t p = 0, at = 0; out && p < c->partitions; p++) {
        if (c->found[p].count)
            memcpy(out + at, c->found[p].items, c->found[p].count * sizeof *out);
        at += c->found[p].count;
    }
    return out;
}

/* By leader, those of one leader in the order they have: digit by digit, the least first.
 * Returns where they are then, `m` or `room`. */
static const member *sort_by_leader(member *m, member *room, size_t n, uint32_t rows)
{
    for (uint32_t shift = 0; shift < 32 && rows >> shift; shift += DIGIT_BITS) {
        size_t place[1u << DIGIT_BITS] = {0}, at = 0;
        const uint32_t mask = (1u << DIGIT_BITS) - 1;
        for (size_t i = 0; i < n; i++)
            place[m[i].leader >> shift & mask]++;
        for (size_t digit = 0; digit <= mask; digit++) {
            size_t count = place[digit];
            place[digit] = at;
            at += count;
        }
        for (size_t i = 0; i < n; i++)
            room[place[m[i].leader >> shift & mask]++] = m[i];
        member *sorted = room;
        room = m;
        m = sorted;
    }
    return m;
}

/* Within a partition rows ascend, and a group lies in one partition: so members that are sorted
 * by leader are the groups. */
static as_code make_groups(const member *m, size_t n, as_arena *a, as_same_key *out, as_err *e)
{
    size_t at = 0, g = 0;
    for (size_t i = 0; i < n; i++)
        out->count += i == 0 || m[i].leader != m[i - 1].leader;
    out->start = AS_NEW_N(a, size_t, out->count + 1);
    out->rows = AS_NEW_N(a, uint32_t, out->count + n);
    if (!out->start || !out->rows)
        return as_fail_nomem(e);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || m[i].leader != m[i - 1].leader) {
            out->start[g++] = at;
            out->rows[at++] = m[i].leader;
        }
        out->rows[at++] = m[i].row;
    }
    out->start[g] = at;
    return AS_OK;
}

static as_code look(context *c, uint32_t rows, as_arena *a, as_same_key *out, as_result *counts,
                    as_err *e)
{
    as_code code = as_scan_chunks(c->ev, rows, AS_SCAN_ROWS, partition_chunk, c, counts, e);
    if (code == AS_OK)
        code = as_scan_chunks(c->ev, c->partitions, PARTITIONS_A_CHUNK, look_in_partitions, c,
                              counts, e);
    const size_t n = code == AS_OK ? count_members(c) : 0;
    if (n == 0)
        return code;
    member *m = copy_members(c, n), *room = as_alloc(n * sizeof *room);
    code = m && room ? make_groups(sort_by_leader(m, room, n, rows), n, a, out, e)
                     : as_fail_nomem(e);
    as_free(m);
    as_free(room);
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
    const unsigned jobs = as_eval_jobs(ev);
    context c = {.ev = ev, .select = select, .arg = arg, .key = *key};
    as_code code;
    *out = (as_same_key){0};
    if (rows == 0)
        return AS_OK;
    choose_partitions(&c, rows);
    c.chunks = ((size_t)rows + AS_SCAN_ROWS - 1) / AS_SCAN_ROWS;
    c.begins = as_calloc(c.chunks * (c.partitions + 1), sizeof *c.begins);
    c.entries = as_alloc((size_t)rows * sizeof *c.entries);
    c.hashes = as_calloc(jobs, sizeof *c.hashes);
    c.found = as_calloc(c.partitions, sizeof *c.found);
    if (c.begins && c.entries && c.hashes && c.found)
        code = look(&c, rows, a, out, counts, e);
    else
        code = as_fail_nomem(e);
    for (size_t i = 0; c.found && i < c.partitions; i++)
        as_free(c.found[i].items);
    for (unsigned i = 0; c.hashes && i < jobs; i++)
        as_free(c.hashes[i]);
    as_free(c.begins);
    as_free(c.entries);
    as_free(c.hashes);
    as_free(c.found);
    return code;
}
