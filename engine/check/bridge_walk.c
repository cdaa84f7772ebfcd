/* bridge_walk.c: from three tables to the keys' accounts. One pass over each table: its
 * condition, its groups (as numbers), its keys (interned by hash and value); then one pass over
 * the keys. Cost grows linearly with the records. */
#include "base/alloc.h"
#include "base/hash.h"
#include "check/bridge_plan.h"
#include "measure/groups.h"

#include <stdlib.h>

typedef struct key_slot {
    uint64_t hash;
    uint32_t row, first, last; /* entries, index + 1 */
    uint8_t side;
} key_slot;

typedef struct walk {
    as_bridge *bridge;
    as_eval *ev;
    const as_bind *bind;
    key_slot *keys;
    uint32_t key_count, key_size;
    uint32_t *slots; /* key + 1; open addressing, a power of two */
    uint32_t slot_count;
    as_bridge_entry *entries;
    uint32_t entry_count, entry_size;
    bool collided; /* a look-up took over AS_PROBES_MAX steps */
} walk;

/* ---- growing ---- */

static bool grow_slots(walk *w)
{
    uint32_t n = w->slot_count ? w->slot_count * 2 : 1024;
    uint32_t *slots;

    if (w->slot_count > UINT32_MAX / 2)
        return false;
    slots = as_calloc(n, sizeof(*slots));
    if (!slots)
        return false;
    for (uint32_t k = 0; k < w->key_count; k++) {
        uint32_t at = (uint32_t)w->keys[k].hash & (n - 1);
        while (slots[at])
            at = (at + 1) & (n - 1);
        slots[at] = k + 1;
    }
    as_free(w->slots);
    w->slots = slots;
    w->slot_count = n;
    return true;
}

static bool grow_keys(walk *w)
{
    uint32_t size = w->key_size ? w->key_size * 2 : 512;
    key_slot *keys;

    if (w->key_size > UINT32_MAX / 4)
        return false;
    keys = as_realloc(w->keys, size * sizeof(*keys));
    if (!keys)
        return false;
    w->keys = keys;
    w->key_size = size;
    return true;
}

static bool grow_entries(walk *w)
{
    uint32_t size = w->entry_size ? w->entry_size * 2 : 1024;
    as_bridge_entry *entries;

    if (w->entry_size > UINT32_MAX / 4)
        return false;
    entries = as_realloc(w->entries, size * sizeof(*entries));
    if (!entries)
        return false;
    w->entries = entries;
    w->entry_size = size;
    return true;
}

/* ---- keys ---- */

static bool intern(walk *w, as_bridge_side side, uint32_t row, uint64_t hash, uint32_t *key)
{
    const as_key *match = w->bridge->match;
    uint32_t at, steps = 0;

    if (w->key_count >= w->slot_count / 2 && !grow_slots(w))
        return false;
    hash = as_hash_u64(hash);
    at = (uint32_t)hash & (w->slot_count - 1);
    while (w->slots[at]) {
        const key_slot *k = &w->keys[w->slots[at] - 1];
        if (k->hash == hash && as_key_equal(&match[k->side], k->row, &match[side], row)) {
            *key = w->slots[at] - 1;
            return true;
        }
        if (++steps > AS_PROBES_MAX) {
            w->collided = true;
            return false;
        }
        at = (at + 1) & (w->slot_count - 1);
    }
    if (w->key_count == w->key_size && !grow_keys(w))
        return false;
    w->keys[w->key_count] = (key_slot){.hash = hash, .row = row, .side = (uint8_t)side};
    *key = w->key_count++;
    w->slots[at] = *key + 1;
    return true;
}

static bool add_entry(walk *w, uint32_t key, as_bridge_slot slot, uint32_t row, uint32_t group)
{
    key_slot *k = &w->keys[key];

    if (w->entry_count == w->entry_size && !grow_entries(w))
        return false;
    w->entries[w->entry_count++] =
        (as_bridge_entry){.group = group, .row = row, .slot = (uint8_t)slot};
    if (k->last)
        w->entries[k->last - 1].next = w->entry_count;
    else
        k->first = w->entry_count;
    k->last = w->entry_count;
    return true;
}

/* ---- one table ---- */

/* Group of the rule for each of the table's own groups; groups.count where the rule has no such
 * group. */
static as_code map_groups(const walk *w, const as_group_set *set, uint32_t **map, as_err *e)
{
    const as_bridge_groups *groups = &w->bridge->groups;

    *map = AS_NEW_N(w->ev->arena, uint32_t, (size_t)set->count + 1);
    if (!*map)
        return as_fail_nomem(e);
    for (uint32_t g = 0; g < set->count; g++) {
        const as_str *keys = as_group_keys(set, g, w->ev->arena);
        size_t low = 0, high = groups->count;
        if (!keys)
            return as_fail_nomem(e);
        while (low < high) {
            size_t mid = low + (high - low) / 2;
            if (as_group_keys_cmp(groups->keys[mid], keys, groups->by_count) < 0)
                low = mid + 1;
            else
                high = mid;
        }
        (*map)[g] = (uint32_t)groups->count;
        if (low < groups->count &&
            as_group_keys_cmp(groups->keys[low], keys, groups->by_count) == 0)
            (*map)[g] = (uint32_t)low;
    }
    return AS_OK;
}

typedef struct rows {
    const uint8_t *select[2]; /* NULL: all. Movements: joined, left */
    as_bridge_slot slots[2];
    size_t count;
    uint32_t *groups; /* of each row, as the rule counts them */
} rows;

static bool selected(const uint8_t *select, uint32_t row)
{
    return !select || select[row] == AS_TRUE;
}

static bool add_row(walk *w, as_bridge_side side, const rows *r, uint32_t row, uint64_t hash)
{
    uint32_t key, outside = (uint32_t)w->bridge->groups.count;
    bool moved = side == SIDE_MOVEMENTS;

    /* A movement that is neither a joiner nor a leaver says nothing; a record that `where`
     * leaves out is there all the same, outside the rule's groups. */
    if (moved && !selected(r->select[0], row) && !selected(r->select[1], row))
        return true;
    if (hash == 0) {
        w->bridge->key_nulls++;
        return true;
    }
    if (!intern(w, side, row, hash, &key))
        return false;
    for (size_t i = 0; i < r->count; i++) {
        bool in = selected(r->select[i], row);
        if ((in || !moved) &&
            !add_entry(w, key, r->slots[i], row, in ? r->groups[row] : outside))
            return false;
    }
    return true;
}

static as_code row_failed(const walk *w, const as_table *t, as_err *e)
{
    if (!w->collided)
        return as_fail_nomem(e);
    return as_fail(
        e, AS_EBUDGET, w->bind->rule->at,
        "the keys of table %.*s collide as no honest data does (AS_PROBES_MAX, %d): "
        "the file may have been made to stall the program; look at how it was produced",
        AS_FMT(t->name), AS_PROBES_MAX);
}

static as_code add_rows(walk *w, as_bridge_side side, const rows *r, as_err *e)
{
    const as_key *match = &w->bridge->match[side];
    uint64_t hashes[AS_BLOCK];
    uint32_t total = match->table->rows;

    for (uint32_t begin = 0; begin < total;) {
        uint32_t n = total - begin < AS_BLOCK ? total - begin : AS_BLOCK;
        as_key_block(match, begin, n, hashes);
        for (uint32_t i = 0; i < n; i++) {
            if (!add_row(w, side, r, begin + i, hashes[i]))
                return row_failed(w, match->table, e);
        }
        begin += n;
    }
    return AS_OK;
}

static as_code select_rows(const walk *w, const as_cond *c, const as_table *t,
                           const uint8_t **out, as_err *e)
{
    as_bound *bound;
    uint8_t *bytes;
    as_code code;

    *out = NULL;
    if (!c)
        return AS_OK;
    code = as_bound_make(&bound, c, t, NULL, w->ev->arena, e);
    if (code == AS_OK)
        code = as_bound_all(&bytes, bound, t, w->ev->pool, w->ev->arena, e);
    if (code == AS_OK)
        *out = bytes;
    return code;
}

static as_code select_side(const walk *w, as_bridge_side side, const as_table *t, rows *r,
                           as_err *e)
{
    const as_bridge_plan *p = w->bridge->plan;
    as_code code;

    r->count = side == SIDE_MOVEMENTS ? 2 : 1;
    r->slots[0] = side == SIDE_OPENING ? AT_OPENING : side == SIDE_CLOSING ? AT_CLOSE : JOINED;
    r->slots[1] = LEFT;
    if (side != SIDE_MOVEMENTS)
        return select_rows(w, p->sides[side].where, t, &r->select[0], e);
    code = select_rows(w, p->joined, t, &r->select[0], e);
    if (code == AS_OK)
        code = select_rows(w, p->left, t, &r->select[1], e);
    return code;
}

static as_code group_rows(const walk *w, as_bridge_side side, const as_table *t, rows *r,
                          as_err *e)
{
    const as_bridge_plan *p = w->bridge->plan;
    as_group_by *by;
    as_group_set set = {0};
    uint32_t *map = NULL;
    as_code code;

    r->groups = as_alloc(((size_t)t->rows + 1) * sizeof(*r->groups));
    if (!r->groups)
        return as_fail_nomem(e);
    code = as_group_by_make(&by, t, p->sides[side].by, p->by_count, w->ev->arena, e);
    if (code == AS_OK)
        code = as_group_set_open(&set, by, e);
    if (code == AS_OK)
        code = as_group_rows(&set, NULL, r->groups, e);
    if (code == AS_OK)
        code = map_groups(w, &set, &map, e);
    for (uint32_t i = 0; code == AS_OK && i < t->rows; i++)
        r->groups[i] = map[r->groups[i]];
    as_group_set_close(&set);
    return code;
}

/* Fields without which the bridge would look at nothing. */
static as_code must_have(const walk *w, const as_bridge_table *side, const as_table *t,
                         uint32_t field, as_err *e)
{
    if (field == AS_NO_FIELD || t->rows == 0 || t->columns[field].layout != AS_LAYOUT_ABSENT)
        return AS_OK;
    return as_fail(
        e, AS_EINPUT, w->bind->rule->at,
        "the bridge of rule %.*s reads the field %.*s, which the table %.*s does not have in "
        "this release",
        AS_FMT(w->bind->rule->id), AS_FMT(t->schema->fields[field].name), AS_FMT(side->name));
}

static as_code walk_table(walk *w, as_bridge_side side, as_err *e)
{
    const as_bridge_plan *p = w->bridge->plan;
    const as_bridge_table *s = &p->sides[side];
    const as_table *t;
    rows r = {0};
    as_code code = as_eval_table(w->ev, w->bind, s->name, &t, e);

    for (size_t i = 0; code == AS_OK && i < p->match_count; i++)
        code = must_have(w, s, t, s->match[i], e);
    for (size_t i = 0; code == AS_OK && i < p->by_count; i++)
        code = must_have(w, s, t, s->by[i], e);
    if (code == AS_OK)
        code = must_have(w, s, t, s->value, e);
    if (code != AS_OK)
        return code;
    w->bridge->tables[side] = t;
    w->bridge->match[side] = (as_key){.table = t, .count = p->match_count};
    memcpy(w->bridge->match[side].fields, s->match, p->match_count * sizeof(*s->match));
    code = select_side(w, side, t, &r, e);
    if (code == AS_OK)
        code = group_rows(w, side, t, &r, e);
    if (code == AS_OK)
        code = add_rows(w, side, &r, e);
    as_free(r.groups);
    return code;
}

/* ---- all keys ---- */

static as_code settle(walk *w, as_err *e)
{
    as_bridge_account account = {0};
    bool ok = true;

    for (uint32_t k = 0; ok && k < w->key_count; k++) {
        size_t n = 0;
        for (uint32_t at = w->keys[k].first; ok && at; at = w->entries[at - 1].next) {
            ok = as_bridge_account_room(&account, n + 1);
            if (ok)
                account.entries[n++] = w->entries[at - 1];
        }
        ok = ok && as_bridge_account_key(w->bridge, &account, n);
    }
    as_bridge_account_free(&account);
    return ok ? AS_OK : as_fail_nomem(e);
}

/* ---- names and order ---- */

static as_str name_of(const as_bridge *x, const as_bridge_item *item)
{
    const as_table *t = x->tables[item->side];
    as_buf text = AS_BUF(AS_MESSAGE_MAX);
    as_str name;

    if (x->plan->hide_keys)
        return as_arena_printf(x->arena, "%.*s line %u", AS_FMT(t->name),
                               as_table_line(t, item->row));
    as_key_text(&x->match[item->side], item->row, &text);
    name = as_arena_str(x->arena, as_buf_str(&text));
    as_buf_free(&text);
    return name;
}

bool as_bridge_same_cause(const as_bridge_item *a, const as_bridge_item *b)
{
    return a->kind == b->kind && a->weak == b->weak && (a->effect == 0) == (b->effect == 0);
}

static int in_order(const void *x, const void *y)
{
    const as_bridge_item *a = x, *b = y;
    int order;

    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->weak != b->weak)
        return a->weak ? 1 : -1;
    if ((a->effect == 0) != (b->effect == 0))
        return a->effect == 0 ? 1 : -1;
    if (!a->name.ptr != !b->name.ptr)
        return a->name.ptr ? -1 : 1;
    order = a->name.ptr ? as_str_cmp(a->name, b->name) : 0;
    if (order)
        return order;
    return (a->row > b->row) - (a->row < b->row);
}

static as_code name_items(as_bridge *x, as_err *e)
{
    for (size_t i = 0; i < x->count; i++) {
        if (i >= AS_BRIDGE_RECORDS_MAX) {
            x->unnamed = x->count - i;
            break;
        }
        x->items[i].name = name_of(x, &x->items[i]);
        if (!x->items[i].name.ptr)
            return as_fail_nomem(e);
    }
    if (x->count > 1)
        qsort(x->items, x->count, sizeof(*x->items), in_order);
    x->first = AS_NEW_N(x->arena, size_t, x->groups.count + 1);
    if (!x->first)
        return as_fail_nomem(e);
    for (size_t g = 0, i = 0; g <= x->groups.count; g++) {
        x->first[g] = i;
        while (i < x->count && x->items[i].group == g)
            i++;
    }
    return AS_OK;
}

as_code as_bridge_walk(as_bridge **out, as_eval *ev, const as_bind *b, const as_bridge_plan *p,
                       as_bridge_groups groups, as_err *e)
{
    as_bridge *x = as_calloc(1, sizeof(*x));
    walk w = {.bridge = x, .ev = ev, .bind = b};
    as_code code = AS_OK;

    *out = x;
    if (!x)
        return as_fail_nomem(e);
    x->plan = p;
    x->arena = ev->arena;
    x->groups = groups;
    x->steady = AS_NEW_N(ev->arena, as_bridge_steady, groups.count + 1);
    if (!x->steady)
        code = as_fail_nomem(e);
    for (int s = 0; code == AS_OK && s < SIDE_COUNT; s++) {
        if (p->sides[s].used)
            code = walk_table(&w, (as_bridge_side)s, e);
    }
    if (code == AS_OK)
        code = settle(&w, e);
    if (code == AS_OK)
        code = name_items(x, e);
    as_free(w.keys);
    as_free(w.slots);
    as_free(w.entries);
    return code;
}

void as_bridge_close(as_bridge *x)
{
    if (!x)
        return;
    as_free(x->items);
    as_free(x);
}

uint64_t as_bridge_key_nulls(const as_bridge *x)
{
    return x->key_nulls;
}

as_bridge_steady as_bridge_steady_of(const as_bridge *x, size_t group)
{
    return x->steady[group];
}
