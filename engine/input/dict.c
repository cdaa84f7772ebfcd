/* dict.c: the shared dictionary. Order: open; find and add from any thread; finish; close.
 *
 * Invariants
 * 1. A slot is written before its code is stored (release), read after its code is loaded
 * (acquire), and never changes. `entries`, `arena` and adding belong to whoever holds `lock`.
 * 2. entries[0] is null. A spelling that is a null token has code 0; one that is bad
 * AS_DICT_BAD.
 * 3. The hash is seeded anew for every dictionary: a hostile file cannot aim at one slot. Codes
 * may therefore differ from run to run, as they may with the order of threads. */
#include "input/dict.h"

#include "base/alloc.h"

#include <pthread.h>
#include <sys/random.h>

#define FIRST_BITS 8
#define FIRST_ENTRIES 64
#define LARGE_SLOTS 4096

#define ONES_8 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
const unsigned char as_dict_mask[96] = {ONES_8, ONES_8, ONES_8, ONES_8};

_Static_assert(sizeof(as_dict_slot) == 64, "a slot is a cache line");

struct as_shared_dict {
    struct as_shared_dict_head head;
    const as_schema *schema;
    const as_field *field;
    pthread_mutex_t lock;
    as_arena *arena;
    as_dict_entry *entries;
    uint32_t count, size, limit;
    bool same_values; /* perhaps: some value is not its own spelling */
};

static uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 u128;
    u128 p = (u128)a * b;
    return (uint64_t)p ^ (uint64_t)(p >> 64);
}

uint64_t as_dict_hash_long(const char *p, uint32_t length, as_dict_words seed)
{
    uint64_t s[4], h = length;
    memcpy(s, &seed, sizeof s);
    uint32_t i = 0;
    for (; i + 16 < length; i += 16)
        h = mix(as_load8(p + i) ^ h ^ s[0], as_load8(p + i + 8) ^ s[1]);
    const char *last = p + length - 16;
    return mix(as_load8(last) ^ h ^ s[2], as_load8(last + 8) ^ s[3]);
}

static as_dict_slots *new_slots(unsigned bits, as_dict_slots *older)
{
    size_t n = (size_t)1 << bits, size = sizeof(as_dict_slots) + n * sizeof(as_dict_slot);
    char *block = as_calloc(1, size + 64);
    if (!block)
        return NULL;
    char *aligned = block + (64 - (uintptr_t)block % 64) % 64;
    as_dict_slots *t = (as_dict_slots *)(void *)aligned;
    t->block = block;
    t->older = older;
    t->shift = 64 - bits;
    return t;
}

static void fill(as_dict_slots *t, const as_dict_key *k, uint32_t code)
{
    uint64_t mask = UINT64_MAX >> t->shift, at = k->hash >> t->shift;
    while (atomic_load_explicit(&t->slots[at].code, memory_order_relaxed) != 0)
        at = (at + 1) & mask;
    as_dict_slot *s = &t->slots[at];
    memcpy(s->head, &k->head, sizeof s->head);
    s->text = k->text;
    s->hash = k->hash;
    s->length = k->length;
    t->used++;
    atomic_store_explicit(&s->code, code + 1, memory_order_release);
}

as_code as_shared_dict_open(as_shared_dict **out, const as_schema *s, const as_field *f,
                            uint32_t limit, as_err *e)
{
    *out = NULL;
    as_shared_dict *d = as_calloc(1, sizeof *d);
    if (!d)
        return as_fail_nomem(e);
    pthread_mutex_init(&d->lock, NULL);
    d->schema = s;
    d->field = f;
    d->limit = limit < AS_DICT_MAX ? limit : AS_DICT_MAX;
    if (getrandom(d->head.seed, sizeof d->head.seed, GRND_NONBLOCK) != sizeof d->head.seed)
        for (uint64_t i = 0; i < 8; i++)
            d->head.seed[i] = (uint32_t)as_hash_u64((uintptr_t)d + i);
    d->arena = as_arena_open();
    d->entries = as_calloc(FIRST_ENTRIES, sizeof *d->entries);
    as_dict_slots *slots = new_slots(FIRST_BITS, NULL);
    static const char nothing[32];
    as_dict_key empty = as_dict_key_of(nothing, 0, as_dict_seed_words(d));
    if (slots)
        fill(slots, &empty, 0);
    atomic_init(&d->head.slots, slots);
    d->count = 1;
    d->size = FIRST_ENTRIES;
    if (!d->arena || !d->entries || !slots) {
        as_shared_dict_close(d);
        return as_fail_nomem(e);
    }
    *out = d;
    return AS_OK;
}

void as_shared_dict_forget(as_shared_dict *d)
{
    as_dict_slots *t = atomic_load(&d->head.slots);
    while (t) {
        as_dict_slots *older = t->older;
        as_free(t->block);
        t = older;
    }
    atomic_store(&d->head.slots, NULL);
}

void as_shared_dict_close(as_shared_dict *d)
{
    if (!d)
        return;
    as_shared_dict_forget(d);
    as_free(d->entries);
    as_arena_close(d->arena);
    pthread_mutex_destroy(&d->lock);
    as_free(d);
}

/* ---- adding, under the lock ---- */

static bool make_room(as_shared_dict *d)
{
    as_dict_slots *old = atomic_load_explicit(&d->head.slots, memory_order_relaxed);
    size_t size = (size_t)1 << (64 - old->shift);
    /* A table that is large anyway may be fuller: one of twice the size is slower to touch than
     * a look-up of one more slot. */
    if (old->used < (size < LARGE_SLOTS ? size / 2 : size / 4 * 3))
        return true;
    as_dict_slots *t = new_slots(64 - old->shift + 1, old);
    if (!t)
        return false;
    for (size_t i = 0; i < size; i++) {
        uint32_t code = atomic_load_explicit(&old->slots[i].code, memory_order_relaxed);
        if (!code)
            continue;
        const as_dict_slot *from = &old->slots[i];
        as_dict_key k = {as_dict_words_at(from->head, 32), from->hash, from->text,
                         from->length};
        fill(t, &k, code - 1);
    }
    atomic_store_explicit(&d->head.slots, t, memory_order_release);
    return true;
}

static bool put_slot(as_shared_dict *d, const as_dict_key *k, uint32_t code)
{
    if (!make_room(d))
        return false;
    fill(atomic_load_explicit(&d->head.slots, memory_order_relaxed), k, code);
    return true;
}

static bool entries_room(as_shared_dict *d)
{
    if (d->count < d->size)
        return true;
    as_dict_entry *more = as_realloc(d->entries, 2 * (size_t)d->size * sizeof *more);
    if (!more)
        return false;
    d->entries = more;
    d->size *= 2;
    return true;
}

/* `raw` lives as long as the dictionary; typed->text may be part of it. */
static bool add_entry(as_shared_dict *d, as_str raw, const as_typed *typed)
{
    as_str value = typed->text;
    bool part = value.ptr >= raw.ptr && value.ptr + value.len <= raw.ptr + raw.len;
    if (!part)
        value = as_arena_str(d->arena, value);
    if (!value.ptr || !entries_room(d))
        return false;
    d->same_values = d->same_values || !as_str_eq(raw, value);
    d->entries[d->count] = (as_dict_entry){.raw = raw,
                                           .value = value,
                                           .hash = as_text_hash(value),
                                           .canon = d->count,
                                           .status = typed->status};
    d->count++;
    return true;
}

/* The code for a new spelling, which becomes an entry where it is a value. */
static as_code make_code(as_shared_dict *d, as_str raw, as_buf *tmp, uint32_t *code, as_err *e)
{
    as_typed typed;
    as_cell_kind kind = as_cell_type(d->schema, d->field, raw, &typed, tmp);
    if (tmp->failed)
        return as_fail_nomem(e);
    *code = kind == AS_CELL_BAD ? AS_DICT_BAD : 0;
    if (kind != AS_CELL_VALUE)
        return AS_OK;
    if (d->count >= d->limit)
        return as_fail(e, AS_EBUDGET, AS_NOWHERE, "too many distinct values for a dictionary");
    *code = d->count;
    return add_entry(d, raw, &typed) ? AS_OK : as_fail_nomem(e);
}

/* A copy that lives as long as the dictionary; a key may look at 32 bytes from its end on. */
static as_str keep_text(as_shared_dict *d, as_str raw)
{
    char *copy = as_arena_zalloc(d->arena, raw.len + 32);
    if (copy)
        memcpy(copy, raw.ptr, raw.len);
    return (as_str){copy, raw.len};
}

/* The code of a text without doubled quotes. */
static as_code add_plain(as_shared_dict *d, const as_dict_key *k, as_str raw, as_buf *tmp,
                         uint32_t *code, as_err *e)
{
    *code = as_dict_find(as_dict_now(d), k);
    if (*code != AS_DICT_MISS) /* somebody was faster */
        return AS_OK;
    as_str text = keep_text(d, raw);
    if (!text.ptr)
        return as_fail_nomem(e);
    as_dict_key own = *k;
    own.text = text.ptr;
    as_code done = make_code(d, text, tmp, code, e);
    if (done == AS_OK && !put_slot(d, &own, *code))
        done = as_fail_nomem(e);
    return done;
}

/* Of a text whose doubled quotes are undone. It may be known already, spelt without doubled
 * quotes: then the key is one more way to its code. */
static as_code add_doubled(as_shared_dict *d, const as_dict_key *k, as_str raw, as_buf *tmp,
                           uint32_t *code, as_err *e)
{
    *code = as_dict_find(as_dict_now(d), k);
    if (*code != AS_DICT_MISS)
        return AS_OK;
    as_str text = keep_text(d, raw); /* a key needs the 32 bytes */
    if (!text.ptr)
        return as_fail_nomem(e);
    as_dict_key plain = as_dict_key_of(text.ptr, (uint32_t)text.len, as_dict_seed_words(d));
    as_code done = add_plain(d, &plain, text, tmp, code, e);
    as_dict_key own = *k;
    own.text = keep_text(d, (as_str){k->text, k->length & AS_DICT_LENGTH}).ptr;
    if (done == AS_OK && (!own.text || !put_slot(d, &own, *code)))
        done = as_fail_nomem(e);
    return done;
}

as_code as_shared_dict_add(as_shared_dict *d, const as_dict_key *k, as_str raw, as_buf *tmp,
                           uint32_t *code, as_err *e)
{
    pthread_mutex_lock(&d->lock);
    bool doubled = (k->length & AS_DICT_DOUBLED) != 0;
    as_code done = (doubled ? add_doubled : add_plain)(d, k, raw, tmp, code, e);
    pthread_mutex_unlock(&d->lock);
    return done;
}

/* ---- finishing ---- */

/* canon: the lowest code with the same value, found through a table of codes by value. */
static bool set_canon(as_shared_dict *d)
{
    size_t size = 16;
    while (size < 2 * (size_t)d->count)
        size *= 2;
    uint32_t *by_value = as_calloc(size, sizeof *by_value);
    for (uint32_t code = 1; by_value && code < d->count; code++) {
        as_dict_entry *x = &d->entries[code];
        size_t at = as_hash_u64(x->hash) & (size - 1);
        while (by_value[at] && (d->entries[by_value[at]].hash != x->hash ||
                                !as_str_eq(d->entries[by_value[at]].value, x->value)))
            at = (at + 1) & (size - 1);
        if (!by_value[at])
            by_value[at] = code;
        x->canon = by_value[at];
    }
    as_free(by_value);
    return by_value != NULL;
}

as_code as_shared_dict_finish(as_shared_dict *d, as_dict *out, as_err *e)
{
    if (d->same_values && !set_canon(d))
        return as_fail_nomem(e);
    *out = (as_dict){d->entries, d->count};
    return AS_OK;
}
