/* unique.c: records that share a key. Partition, then look for candidates, then compare.
 *
 * 1. Every selected row gets the hash of its key (0: a part is null, the row is counted and
 * left out).
 * 2. Rows go to partitions by the top bits of the hash, in row order, so that a partition's
 * hash table stays in the cache.
 * 3. Within a partition the first row of each key is its leader; a row that finds a leader with
 * the same key is a member of that leader's group. Most rows lead only themselves and are never
 * compared.
 * 4. Groups are numbered by their leader: the order of findings is row order.
 *
 * Invariant: nothing depends on which worker took which partition. */
#include "base/alloc.h"
#include "check/evidence.h"
#include "check/params.h"
#include "check/scan.h"

#define ROWS_A_PARTITION 16384u
#define PARTITIONS_MAX 4096u

typedef struct plan {
    uint32_t fields[AS_KEY_FIELDS_MAX];
    size_t count;
} plan;

extern const as_check_kind as_check_unique;

static as_code bind(as_bind *b, void **out, as_err *e)
{
    plan *p = AS_NEW(b->arena, plan);
    if (!p)
        return as_fail_nomem(e);
    *out = p;
    if (!as_params_fields(b, b->schema, b->rule->spec, "unique", p->fields, &p->count,
                          AS_KEY_FIELDS_MAX))
        return AS_OK; /* reported */
    for (size_t i = 0; i < p->count; i++)
        as_bind_read(b, p->fields[i]);
    return AS_OK;
}

/* ---- eval ---- */

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

/* What describe needs: rows of group g are rows[start[g]] … rows[start[g + 1] - 1], ascending.
 */
typedef struct groups {
    size_t *start;
    uint32_t *rows;
} groups;

typedef struct context {
    const as_eval *ev;
    const as_bound *where;
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
    uint8_t where[AS_BLOCK];
    uint64_t *hashes = c->hashes + begin;
    size_t *counts = c->counts + begin / AS_SCAN_ROWS * c->partitions;
    as_code code = as_bound_block(c->where, begin, n, where, c->ev->scratch[worker], e);
    if (code != AS_OK)
        return code;
    as_key_block(&c->key, begin, n, hashes);
    for (uint32_t i = 0; i < n; i++) {
        bool in = where[i] == AS_TRUE;
        part->selected += in;
        part->key_nulls += in && hashes[i] == 0;
        hashes[i] = in ? hashes[i] : 0;
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

/* slots: index of a leader's entry + 1, 0 = free. AS_EBUDGET: keys that were made to collide.
 */
static as_code find_members(const context *c, const entry *entries, size_t count,
                            uint32_t *slots, size_t mask, members *out, as_err *e)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = entries[i].tag & mask, steps = 0;
        for (; slots[at]; at = (at + 1) & mask, steps++) {
            const entry *leader = &entries[slots[at] - 1];
            if (leader->tag == entries[i].tag &&
                c->hashes[leader->row] == c->hashes[entries[i].row] &&
                as_key_equal(&c->key, leader->row, &c->key, entries[i].row))
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

static as_code look_in_partitions(void *arg, unsigned worker, size_t begin, size_t end,
                                  as_scan_part *part, as_err *e)
{
    context *c = arg;
    (void)worker, (void)part;
    for (size_t p = begin; p < end; p++) {
        const entry *entries = c->entries + c->part_begin[p];
        size_t count = c->part_begin[p + 1] - c->part_begin[p], size = 16;
        while (size < 2 * count)
            size *= 2;
        uint32_t *slots = as_calloc(size, sizeof *slots);
        as_code code = slots ? find_members(c, entries, count, slots, size - 1, &c->found[p], e)
                             : as_fail_nomem(e);
        as_free(slots);
        if (code != AS_OK)
            return code;
    }
    return AS_OK;
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
static as_code make_groups(const context *c, uint32_t *sizes, as_arena *a, as_result *out,
                           as_err *e)
{
    size_t group_count = 0, all = count_members(c), at = 0;
    for (size_t p = 0; p < c->partitions; p++)
        for (size_t i = 0; i < c->found[p].count; i++)
            group_count += sizes[c->found[p].items[i].leader]++ == 0;
    groups *g = AS_NEW(a, groups);
    if (!g)
        return as_fail_nomem(e);
    g->start = AS_NEW_N(a, size_t, group_count + 1);
    g->rows = AS_NEW_N(a, uint32_t, group_count + all);
    size_t *fill = as_calloc(group_count + 1, sizeof *fill);
    bool ok = g->start && g->rows && fill;
    for (uint32_t row = 0, n = 0; ok && n < group_count; row++) {
        if (!sizes[row])
            continue;
        g->start[n] = at;
        g->rows[at] = row;
        fill[n] = at + 1;
        at += 1 + (size_t)sizes[row];
        ok = as_findings_add(&out->findings, (as_finding){row, c->key.fields[0], AS_NO_ROW, n});
        sizes[row] = n++;
    }
    if (ok)
        g->start[group_count] = at;
    /* within a partition rows ascend, and a group lies in one partition */
    for (size_t p = 0; ok && p < c->partitions; p++)
        for (size_t i = 0; i < c->found[p].count; i++)
            g->rows[fill[sizes[c->found[p].items[i].leader]]++] = c->found[p].items[i].row;
    as_free(fill);
    out->state = g;
    return ok ? AS_OK : as_fail_nomem(e);
}

static as_code look(context *c, uint32_t rows, as_result *out, as_err *e)
{
    const size_t chunks = ((size_t)rows + AS_SCAN_ROWS - 1) / AS_SCAN_ROWS;
    as_code code = as_scan(c->ev, rows, hash_block, c, out, e);
    if (code != AS_OK)
        return code;
    size_t with_key = lay_out(c, chunks);
    c->entries = as_alloc((with_key + 1) * sizeof *c->entries);
    if (!c->entries)
        return as_fail_nomem(e);
    code = as_scan(c->ev, rows, scatter_block, c, out, e);
    if (code == AS_OK)
        code = as_scan_chunks(c->ev, c->partitions, 1, look_in_partitions, c, out, e);
    if (code != AS_OK || count_members(c) == 0)
        return code;
    uint32_t *sizes = as_calloc(rows, sizeof *sizes);
    code = sizes ? make_groups(c, sizes, c->ev->arena, out, e) : as_fail_nomem(e);
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

static as_code eval(as_eval *ev, const as_bind *b, const void *plan_, as_result *out, as_err *e)
{
    const plan *p = plan_;
    const as_table *t;
    as_bound *where;
    as_code code = as_eval_table(ev, b, b->rule->table, &t, e);
    if (code == AS_OK)
        code = as_bound_make(&where, b->where, t, NULL, ev->arena, e);
    if (code != AS_OK || t->rows == 0)
        return code;
    context c = {.ev = ev, .where = where, .key = {.table = t, .count = p->count}};
    memcpy(c.key.fields, p->fields, p->count * sizeof *p->fields);
    choose_partitions(&c, t->rows);
    size_t chunks = ((size_t)t->rows + AS_SCAN_ROWS - 1) / AS_SCAN_ROWS;
    c.hashes = as_alloc((size_t)t->rows * sizeof *c.hashes);
    c.counts = as_calloc(chunks * c.partitions, sizeof *c.counts);
    c.part_begin = as_calloc(c.partitions + 1, sizeof *c.part_begin);
    c.found = as_calloc(c.partitions, sizeof *c.found);
    if (c.hashes && c.counts && c.part_begin && c.found)
        code = look(&c, t->rows, out, e);
    else
        code = as_fail_nomem(e);
    out->undecided += out->key_nulls;
    for (size_t i = 0; c.found && i < c.partitions; i++)
        as_free(c.found[i].items);
    as_free(c.hashes);
    as_free(c.counts);
    as_free(c.part_begin);
    as_free(c.found);
    as_free(c.entries);
    return code;
}

static as_code describe(const as_eval *ev, const as_bind *b, const void *plan_,
                        const as_result *r, const as_finding *f, as_evidence *out, as_err *e)
{
    const plan *p = plan_;
    const groups *g = r->state;
    const as_table *t;
    as_code code = as_eval_table(ev, b, b->rule->table, &t, e);
    if (code != AS_OK)
        return code;
    as_key key = {.table = t, .count = p->count};
    memcpy(key.fields, p->fields, p->count * sizeof *p->fields);
    as_buf text = AS_BUF(AS_EVIDENCE_MAX);
    as_key_text(&key, f->row, &text);
    out->key = text.failed ? AS_NONE : as_arena_str(out->arena, as_buf_str(&text));
    as_buf_free(&text);
    for (size_t i = 0; i < p->count; i++)
        out->key_sensitive = out->key_sensitive || t->schema->fields[p->fields[i]].sensitive;
    out->members = g->rows + g->start[f->detail];
    out->member_count = g->start[f->detail + 1] - g->start[f->detail];
    as_str names = as_evidence_names(out->arena, t->schema, p->fields, p->count);
    out->expected = as_arena_printf(out->arena, "one record for each %.*s", AS_FMT(names));
    out->sentence = as_arena_printf(out->arena, "%zu records have the same %.*s",
                                    out->member_count, AS_FMT(names));
    return out->key.ptr && names.ptr && out->expected.ptr && out->sentence.ptr
               ? AS_OK
               : as_fail_nomem(e);
}

static const as_param_doc params[] = {
    {"", "fields", true, "The fields that together must not occur twice: `unique: [urn]`."},
    {NULL, NULL, false, NULL},
};

const as_check_kind as_check_unique = {
    .name = "unique",
    .summary = "more than one record with the same key",
    .detail = "One finding for each group of selected records that have the same values in all "
              "the fields, with all\n"
              "its members. Values are compared as rules see them: the canonical code of a "
              "code list, text without\n"
              "outer white space, numbers and dates by value.\n\n"
              "Records with a null in one of the fields are not matched with each other; their "
              "number is reported,\n"
              "and a rule none of whose records has a whole key is `empty`.",
    .level = AS_LEVEL_GROUP,
    .needs_table = true,
    .params = params,
    .example = "rules:\n"
               "  - id: EX-UNI-001\n"
               "    name: one-row-for-each-inspection\n"
               "    title: An inspection is in the extract once\n"
               "    why: An inspection that is there twice is counted twice in the outcomes.\n"
               "    table: inspections\n"
               "    unique: [urn, inspection_date]\n"
               "    flags:\n"
               "      - - {urn: A1, inspection_date: 2016-05-01, event_number: 1}\n"
               "        - {urn: A1, inspection_date: 01/05/2016, event_number: 2}\n"
               "    passes:\n"
               "      - - {urn: A1, inspection_date: 2016-05-01}\n"
               "        - {urn: A1, inspection_date: 2016-11-01}\n"
               "        - {urn: A2, inspection_date: 2016-05-01}\n",
    .bind = bind,
    .eval = eval,
    .describe = describe,
};
