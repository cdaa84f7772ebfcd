/* bridge_account.c: one key's account: in which groups it stands too often or not often enough,
 * and why. The method is in bridge.h.
 *
 * The key's entries are put in order by group; a run is what it has in one group. First the end
 * at which its absence says nothing is completed (at most one record, where the account then
 * comes out even); what is left over is evidence. */
#include "base/alloc.h"
#include "check/bridge_plan.h"

#include <math.h>
#include <stdlib.h>

typedef struct as_bridge_run {
    uint32_t group;
    uint32_t n[SLOT_COUNT];   /* records */
    double v[SLOT_COUNT];     /* their values; null adds nothing */
    uint32_t row[SLOT_COUNT]; /* the first of them */
    bool null[SLOT_COUNT];    /* one of them has no value */
    bool assumed[2];          /* there at the opening, at the close, though no record says so */
    int64_t units;            /* c − o − j + l, with what was assumed */
    double effect;
} run;

typedef struct totals {
    uint64_t n[SLOT_COUNT];
    bool unknown[2]; /* absence from the opening, the close says nothing */
    /* The first group in which the key stands too seldom, too often; NULL: none. */
    const run *too_few, *too_many;
} totals;

bool as_bridge_account_room(as_bridge_account *account, size_t count)
{
    size_t size = account->size ? account->size : 16;
    as_bridge_entry *entries;
    run *runs;

    if (count <= account->size)
        return true;
    while (size < count)
        size *= 2;
    entries = as_realloc(account->entries, size * sizeof(*entries));
    if (entries)
        account->entries = entries;
    runs = as_realloc(account->runs, size * sizeof(*runs));
    if (runs)
        account->runs = runs;
    if (!entries || !runs)
        return false;
    account->size = size;
    return true;
}

void as_bridge_account_free(as_bridge_account *account)
{
    as_free(account->entries);
    as_free(account->runs);
    *account = (as_bridge_account){0};
}

/* ---- runs ---- */

static int by_group(const void *x, const void *y)
{
    const as_bridge_entry *a = x, *b = y;

    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    if (a->slot != b->slot)
        return a->slot < b->slot ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static as_bridge_side side_of(unsigned slot)
{
    return slot == AT_OPENING ? SIDE_OPENING : slot == AT_CLOSE ? SIDE_CLOSING : SIDE_MOVEMENTS;
}

static void add_entry(const as_bridge *x, run *r, const as_bridge_entry *entry)
{
    as_bridge_side side = side_of(entry->slot);
    uint32_t field = x->plan->sides[side].value;
    double value = 1;

    if (x->plan->has_value) {
        value = as_cell_num(&x->tables[side]->columns[field], entry->row);
        if (isnan(value)) {
            r->null[entry->slot] = true;
            value = 0;
        }
    }
    if (!r->n[entry->slot])
        r->row[entry->slot] = entry->row;
    r->n[entry->slot]++;
    r->v[entry->slot] += value;
}

static size_t make_runs(const as_bridge *x, as_bridge_account *account, size_t count)
{
    size_t runs = 0;

    if (count > 1)
        qsort(account->entries, count, sizeof(*account->entries), by_group);
    for (size_t i = 0; i < count; i++) {
        const as_bridge_entry *entry = &account->entries[i];
        if (!runs || account->runs[runs - 1].group != entry->group)
            account->runs[runs++] = (run){.group = entry->group};
        add_entry(x, &account->runs[runs - 1], entry);
    }
    return runs;
}

/* ---- completing an end that does not hold every record ---- */

static int64_t units_of(const run *r)
{
    return (int64_t)r->n[AT_CLOSE] - (int64_t)r->n[AT_OPENING] - (int64_t)r->n[JOINED] +
           (int64_t)r->n[LEFT];
}

/* Take the key to be at this end once, in the first group where that helps. */
static bool assume(run *runs, size_t count, as_bridge_slot end)
{
    for (size_t i = 0; i < count; i++) {
        run *r = &runs[i];
        if (end == AT_CLOSE ? r->units < 0 : r->units > 0) {
            r->units += end == AT_CLOSE ? 1 : -1;
            r->assumed[end] = true;
            return true;
        }
    }
    return false;
}

static totals complete(const as_bridge *x, run *runs, size_t count)
{
    totals t = {0};
    int64_t sum = 0;

    for (size_t i = 0; i < count; i++) {
        for (int s = 0; s < SLOT_COUNT; s++)
            t.n[s] += runs[i].n[s];
        runs[i].units = units_of(&runs[i]);
        sum += runs[i].units;
    }
    t.unknown[AT_OPENING] = !t.n[AT_OPENING] && !x->plan->sides[SIDE_OPENING].complete;
    t.unknown[AT_CLOSE] = !t.n[AT_CLOSE] && !x->plan->sides[SIDE_CLOSING].complete;
    if (sum < 0 && t.unknown[AT_CLOSE])
        assume(runs, count, AT_CLOSE);
    if (sum > 0 && t.unknown[AT_OPENING])
        assume(runs, count, AT_OPENING);
    return t;
}

/* The effect on the group. What was assumed has the value that the account knows best: it came
 * with the joiner, or it did not change, or it went with the leaver. */
static double effect_of(const run *r, bool has_value)
{
    double opening = r->v[AT_OPENING], close = r->v[AT_CLOSE];

    if (!has_value)
        return (double)r->units;
    if ((r->assumed[AT_OPENING] || r->assumed[AT_CLOSE]) && r->units == 0)
        return 0;
    if (r->assumed[AT_CLOSE])
        close = r->n[JOINED] ? r->v[JOINED] / (double)r->n[JOINED] : opening;
    if (r->assumed[AT_OPENING])
        opening = r->n[LEFT] ? r->v[LEFT] / (double)r->n[LEFT] : close;
    return close - opening - r->v[JOINED] + r->v[LEFT];
}

/* ---- items ---- */

static bool add_item(as_bridge *x, as_bridge_item item)
{
    if (item.group >= x->groups.count)
        return true; /* outside the rule's groups */
    if (x->count == x->size) {
        size_t size = x->size ? x->size * 2 : 64;
        as_bridge_item *items = as_realloc(x->items, size * sizeof(*items));
        if (!items)
            return false;
        x->items = items;
        x->size = size;
    }
    x->items[x->count++] = item;
    return true;
}

/* The record by which the key is named: where it was last seen. */
static as_bridge_item item_of(const run *r, as_bridge_kind kind)
{
    static const as_bridge_slot order[] = {AT_CLOSE, AT_OPENING, JOINED, LEFT};
    as_bridge_item item = {
        .group = r->group, .kind = (uint8_t)kind, .effect = r->effect, .date = AS_DATE_NULL};

    for (size_t i = 0; i < SLOT_COUNT; i++) {
        if (!r->n[order[i]])
            continue;
        item.side = (uint8_t)side_of(order[i]);
        item.row = r->row[order[i]];
        break;
    }
    return item;
}

static as_date date_of(const as_bridge *x, const run *r, as_bridge_slot slot)
{
    uint32_t field = slot == JOINED ? x->plan->joined_on : x->plan->left_on;

    if (field == AS_NO_FIELD || !r->n[slot])
        return AS_DATE_NULL;
    return as_cell_date(&x->tables[SIDE_MOVEMENTS]->columns[field], r->row[slot]);
}

static bool before(const as_bridge *x, as_date d)
{
    return d != AS_DATE_NULL && x->plan->from != AS_DATE_NULL && d < x->plan->from;
}

static bool after(const as_bridge *x, as_date d)
{
    return d != AS_DATE_NULL && x->plan->to != AS_DATE_NULL && d > x->plan->to;
}

/* ---- why ---- */

/* Fewer at the close than the movements say. */
static as_bridge_kind why_fewer(const as_bridge *x, const run *r, const totals *t)
{
    as_date joined = date_of(x, r, JOINED);

    if (r->n[JOINED] && t->n[JOINED] > 1)
        return KIND_DUPLICATE_MOVEMENT;
    if (t->n[JOINED] && t->n[LEFT])
        return KIND_JOINED_AND_LEFT;
    if (t->n[JOINED] && t->n[AT_OPENING] &&
        (t->n[AT_CLOSE] || t->unknown[AT_CLOSE] || (r->n[JOINED] && r->n[AT_OPENING])))
        return before(x, joined) ? KIND_JOINER_BEFORE : KIND_JOINER_AT_OPENING;
    if (r->n[JOINED])
        return after(x, joined) ? KIND_JOINER_AFTER : KIND_JOINER_ABSENT;
    return t->n[AT_OPENING] > 1 ? KIND_DUPLICATE_RECORD : KIND_UNLISTED_LEAVER;
}

/* More at the close than the movements say. */
static as_bridge_kind why_more(const as_bridge *x, const run *r, const totals *t)
{
    as_date left = date_of(x, r, LEFT);

    if (r->n[LEFT] && t->n[LEFT] > 1)
        return KIND_DUPLICATE_MOVEMENT;
    if (t->n[JOINED] && t->n[LEFT])
        return KIND_JOINED_AND_LEFT;
    if (t->n[LEFT] && t->n[AT_CLOSE] &&
        (t->n[AT_OPENING] || t->unknown[AT_OPENING] || (r->n[LEFT] && r->n[AT_CLOSE])))
        return after(x, left) ? KIND_LEAVER_AFTER : KIND_LEAVER_PRESENT;
    if (r->n[LEFT])
        return before(x, left) ? KIND_LEAVER_BEFORE : KIND_LEAVER_NOT_AT_OPENING;
    return t->n[AT_CLOSE] > 1 ? KIND_DUPLICATE_RECORD : KIND_UNLISTED_JOINER;
}

static bool add_uneven(as_bridge *x, const run *r, const totals *t)
{
    const run *other = r->units < 0 ? t->too_many : t->too_few;
    as_bridge_item item;

    if (other) {
        item = item_of(r, r->units < 0 ? KIND_RECLASSIFIED_OUT : KIND_RECLASSIFIED_IN);
        item.other = other->group;
        if (r->group < x->groups.count) {
            x->steady[r->group].moved++;
            x->steady[r->group].moved_change += r->effect;
        }
        return add_item(x, item);
    }
    item = item_of(r, r->units < 0 ? why_fewer(x, r, t) : why_more(x, r, t));
    item.date = date_of(x, r, r->n[JOINED] ? JOINED : LEFT);
    return add_item(x, item);
}

static bool add_even(as_bridge *x, const run *r)
{
    as_bridge_steady *s = r->group < x->groups.count ? &x->steady[r->group] : NULL;

    if (r->n[JOINED] && r->n[LEFT])
        return add_item(x, item_of(r, KIND_JOINED_AND_LEFT));
    if (r->n[JOINED] || r->n[LEFT])
        return r->effect == 0 || add_item(x, item_of(r, KIND_VALUE_DIFFERS));
    if (s && r->n[AT_OPENING] && r->n[AT_CLOSE]) {
        bool null = r->null[AT_OPENING] != r->null[AT_CLOSE];
        s->records++;
        s->change += null ? 0 : r->effect;
        s->nulls += null;
        s->null_change += null ? r->effect : 0;
    }
    return r->effect == 0 || add_item(x, item_of(r, KIND_VALUE_CHANGED));
}

/* ---- dates outside the period, where the records do not decide ---- */

static bool add_weak(as_bridge *x, const run *r, as_bridge_kind kind, as_bridge_slot slot)
{
    as_bridge_item item = item_of(r, kind);
    double value = x->plan->has_value ? r->v[slot] : (double)r->n[slot];

    item.side = SIDE_MOVEMENTS;
    item.row = r->row[slot];
    item.weak = true;
    item.date = date_of(x, r, slot);
    item.effect = slot == JOINED ? -value : value;
    return add_item(x, item);
}

static bool add_doubts(as_bridge *x, const run *r, const totals *t)
{
    as_date joined = date_of(x, r, JOINED), left = date_of(x, r, LEFT);
    bool ok = true;

    /* A record that came and went before the opening, or after the close, is in neither. */
    if (before(x, joined) && !before(x, left) && t->unknown[AT_OPENING] &&
        !r->assumed[AT_OPENING])
        ok = add_weak(x, r, KIND_JOINER_BEFORE, JOINED);
    if (ok && after(x, joined) && t->unknown[AT_CLOSE] && r->assumed[AT_CLOSE])
        ok = add_weak(x, r, KIND_JOINER_AFTER, JOINED);
    if (ok && before(x, left) && t->unknown[AT_OPENING] && r->assumed[AT_OPENING])
        ok = add_weak(x, r, KIND_LEAVER_BEFORE, LEFT);
    if (ok && after(x, left) && !after(x, joined) && t->unknown[AT_CLOSE] &&
        !r->assumed[AT_CLOSE])
        ok = add_weak(x, r, KIND_LEAVER_AFTER, LEFT);
    return ok;
}

bool as_bridge_account_key(as_bridge *x, as_bridge_account *account, size_t count)
{
    size_t n = make_runs(x, account, count);
    run *runs = account->runs;
    totals t = complete(x, runs, n);
    bool ok = true;

    for (size_t i = n; i-- > 0;) {
        runs[i].effect = effect_of(&runs[i], x->plan->has_value);
        if (runs[i].units < 0)
            t.too_few = &runs[i];
        else if (runs[i].units > 0)
            t.too_many = &runs[i];
    }
    for (size_t i = 0; ok && i < n; i++) {
        ok = runs[i].units ? add_uneven(x, &runs[i], &t) : add_even(x, &runs[i]);
        if (ok && !t.too_few && !t.too_many)
            ok = add_doubts(x, &runs[i], &t);
    }
    return ok;
}
