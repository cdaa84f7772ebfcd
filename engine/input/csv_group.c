/* csv_group.c: columns of codes that stand side by side in the file, decoded as one text.
 *
 * Judgements, regions and statuses often stand next to each other and come in few combinations.
 * The cells of a record, separators and all, are then a text that was seen before, and one
 * look-up gives the codes of all of them. What a text means does not depend on where it stands:
 * a separator in it is a separator again, so it has the same cells, and a cell's text always
 * gets the same code. Combinations not seen yet and cells that are bad go cell by
 * cell, and so do all where combinations are many.
 *
 * Every worker has slots of its own: nothing is shared or locked. A text is compared whole. */
#include "input/csv_cell.h"

#include "base/alloc.h"

#define LEAST_COLUMNS 3u /* fewer are as fast one by one */
#define TEXT 64          /* bytes of a text that are in its slot, zeros behind its end */
#define TEXT_MAX 256
#define SLOT_BITS 11
#define SLOTS ((size_t)1 << SLOT_BITS)
#define FULL (SLOTS / 2)
#define TRIES 8         /* slots in which a text may be */
#define SAMPLE 4096     /* records after which it shows whether a group is worth it */
#define MISSES_ONE_IN 8 /* records, at most: else it is not */
#define ROUND 255       /* records whose nulls a byte can count */

typedef struct slot {
    char text[TEXT];
    uint64_t codes;   /* a byte a column */
    uint64_t nulls;   /* 1 in the byte of a column that is null */
    const char *rest; /* of a longer text, in the worker's arena */
    uint32_t size;    /* of the text, plus one; 0: free */
    uint32_t unused[(TEXT - 3 * sizeof(uint64_t)) / sizeof(uint32_t) - 1];
} slot;
_Static_assert(sizeof(slot) == 2 * TEXT, "two cache lines");

/* ---- which columns ---- */

static bool fits(const as_fast_column *c)
{
    return c->kind == AS_FAST_DICT1 && !c->done && !atomic_load(&c->next);
}

static as_fast_column *column_at(const as_fast *f, uint32_t source)
{
    for (size_t k = 0; k < f->column_count; k++)
        if (f->columns[k].source == source && fits(&f->columns[k]))
            return &f->columns[k];
    return NULL;
}

as_code as_fast_groups(as_fast *f, as_err *e)
{
    const bool short_one = f->row_room < SAMPLE && !f->csv->spec->segment_bytes;
    const uint32_t width = short_one ? 0 : f->csv->bind.width; /* tests take short ones */
    f->groups = as_calloc(width / LEAST_COLUMNS + 1, sizeof *f->groups);
    if (!f->groups)
        return as_fail_nomem(e);
    for (uint32_t source = 0; source < width; source++) {
        as_fast_group *g = &f->groups[f->group_count];
        g->source = source;
        g->count = 0;
        as_fast_column *c;
        while (g->count < AS_GROUP_COLUMNS && (c = column_at(f, source + g->count)))
            g->columns[g->count++] = c;
        if (g->count < LEAST_COLUMNS)
            continue;
        for (unsigned k = 0; k < g->count; k++)
            g->columns[k]->grouped = true;
        source += g->count - 1;
        f->group_count++;
    }
    return AS_OK;
}

/* ---- a text ---- */

typedef struct lookup {
    slot *slots;
    as_dict_words seed_low, seed_high;
} lookup;

typedef struct text {
    as_dict_words low, high; /* its first bytes */
    const char *p;
    uint32_t length;
    size_t place; /* the first slot in which it may be */
} text;

static inline text text_at(const lookup *l, const char *p, uint32_t length)
{
    const uint32_t head = length < TEXT ? length : TEXT, low = head < 32 ? head : 32;
    text t = {as_dict_words_at(p, low), as_dict_words_at(p + 32, head - low), p, length, 0};
    uint64_t hash = as_dict_hash(t.low, l->seed_low) + as_dict_hash(t.high, l->seed_high);
    if (__builtin_expect(length > TEXT, 0))
        hash += as_dict_hash_long(p, length, l->seed_low);
    t.place = (size_t)(hash >> (64 - SLOT_BITS));
    return t;
}

/* (The first three at once: which of them differs cannot be foretold.) */
static inline bool is(const slot *s, const text *t)
{
    const bool head = (s->size == t->length + 1) & as_dict_same(s->text, t->low) &
                      as_dict_same(s->text + 32, t->high);
    return __builtin_expect(head, 1) &&
           (t->length <= TEXT || memcmp(s->rest, t->p + TEXT, t->length - TEXT) == 0);
}

/* NULL: it is not there. */
static inline const slot *find(const lookup *l, const text *t)
{
    size_t at = t->place;
    for (unsigned i = 0; i < TRIES; i++, at = (at + 1) % SLOTS) {
        const slot *s = &l->slots[at];
        if (is(s, t))
            return s;
        if (s->size == 0)
            return NULL;
    }
    return NULL;
}

static slot *free_slot(const lookup *l, const text *t)
{
    size_t at = t->place;
    for (unsigned i = 0; i < TRIES; i++, at = (at + 1) % SLOTS)
        if (l->slots[at].size == 0)
            return &l->slots[at];
    return NULL;
}

/* ---- decoding ---- */

/* What a group's loop works on. */
typedef struct grouped {
    const as_fast_group *group;
    as_fast_worker *w;
    as_group_memory *memory; /* the worker's, of this group */
    lookup lookup;
} grouped;

static as_fast_notes *notes_of(const grouped *y, unsigned k)
{
    return &y->w->notes[y->group->columns[k]->number];
}

/* Adds what a byte a column counts. */
static void count_nulls(const grouped *y, uint64_t nulls)
{
    for (unsigned k = 0; k < y->group->count; k++)
        notes_of(y, k)->nulls += nulls >> 8 * k & UINT8_MAX;
}

/* Records column by column. */
static as_code decode_columns(const grouped *y, const as_fast_cells *x, as_err *e)
{
    as_code code = AS_OK;
    for (unsigned k = 0; code == AS_OK && k < y->group->count; k++)
        code = as_fast_decode(y->group->columns[k], x, y->w, notes_of(y, k), e);
    return code;
}

/* Each cell of a record by its column's dictionary. False: it has one that is not there. */
static bool look_up_cells(const as_fast_group *g, const as_fast_cells *one, uint64_t *codes,
                          uint64_t *nulls)
{
    *codes = *nulls = 0;
    for (unsigned k = 0; k < g->count; k++) {
        const as_fast_column *c = g->columns[k];
        walk at = walk_begin(c, one);
        const cell in = inside(walk_next(&at));
        uint64_t code = as_dict_find_short(as_dict_now(c->dict), in.p, (uint32_t)in.length,
                                           as_dict_seed_words(c->dict));
        if (code > UINT8_MAX)
            return false;
        *codes |= code << 8 * k;
        *nulls |= (uint64_t)(code == 0) << 8 * k;
    }
    return true;
}

/* Where there is no room or memory, the text stays unknown. */
static void keep(grouped *y, const text *t, uint64_t codes, uint64_t nulls)
{
    slot *s = y->memory->used < FULL ? free_slot(&y->lookup, t) : NULL;
    const size_t rest = t->length > TEXT ? t->length - TEXT : 0;
    if (!s || (rest && !(s->rest = as_arena_str(y->w->arena, (as_str){t->p + TEXT, rest}).ptr)))
        return;
    memcpy(s->text, &t->low, sizeof t->low);
    memcpy(s->text + 32, &t->high, sizeof t->high);
    s->size = t->length + 1;
    s->codes = codes;
    s->nulls = nulls;
    y->memory->used++;
}

/* A record whose text is not known, or NULL as it is too long. *stop: a column asks for another
 * layout. */
static SLOW as_code decode_one(grouped *y, const as_fast_cells *one, const text *t, bool *stop,
                               as_err *e)
{
    const as_fast_group *g = y->group;
    uint64_t codes, nulls;
    y->memory->misses++;
    if (!look_up_cells(g, one, &codes, &nulls)) {
        as_code code = decode_columns(y, one, e);
        for (unsigned k = 0; k < g->count; k++)
            *stop = *stop || !fits(g->columns[k]);
        return code;
    }
    for (unsigned k = 0; k < g->count; k++)
        ((uint8_t *)g->columns[k]->data)[one->row] = (uint8_t)(codes >> 8 * k);
    count_nulls(y, nulls);
    if (t)
        keep(y, t, codes, nulls);
    return AS_OK;
}

/* At most ROUND records; x->count: how many of them were done. */
static LOOP as_code decode_round(grouped *y, as_fast_cells *x, bool *stop, as_err *e)
{
    const as_fast_group *g = y->group;
    const lookup l = y->lookup;
    const unsigned count = g->count;
    uint8_t *out[AS_GROUP_COLUMNS];
    for (unsigned k = 0; k < count; k++)
        out[k] = (uint8_t *)g->columns[k]->data + x->row;
    as_code code = AS_OK;
    const uint32_t *ends = x->ends + g->source;
    uint64_t nulls = 0;
    uint32_t i = 0;
    for (; i < x->count && code == AS_OK && !*stop; i++, ends += x->stride) {
        const uint32_t begin = ends[0] + 1, length = ends[count] - begin;
        const bool fits_slot = length <= TEXT_MAX;
        /* A missing cell's place may lie behind the text, and beyond what may be read there. */
        const text t = text_at(&l, x->base + (fits_slot ? begin : 0), fits_slot ? length : 0);
        const slot *s = fits_slot ? find(&l, &t) : NULL;
        if (__builtin_expect(!s, 0)) {
            const as_fast_cells one = {x->base, ends - g->source, x->stride, 1, x->row + i};
            code = decode_one(y, &one, fits_slot ? &t : NULL, stop, e);
            continue;
        }
        uint64_t codes = s->codes;
        nulls += s->nulls;
        for (unsigned k = 0; k < count; k++, codes >>= 8)
            out[k][i] = (uint8_t)codes;
    }
    count_nulls(y, nulls);
    x->count = i;
    return code;
}

static bool worth_it(const grouped *y)
{
    const as_group_memory *m = y->memory;
    for (unsigned k = 0; k < y->group->count; k++)
        if (!fits(y->group->columns[k]))
            return false;
    return m->records < SAMPLE || m->misses < m->records / MISSES_ONE_IN;
}

static as_code open_lookup(grouped *y, as_err *e)
{
    as_group_memory *m = y->memory;
    if (!m->block)
        m->block = as_calloc(SLOTS + 1, sizeof(slot));
    if (!m->block)
        return as_fail_nomem(e);
    char *p = m->block;
    p += (TEXT - (uintptr_t)p % TEXT) % TEXT;
    y->lookup = (lookup){(slot *)(void *)p, as_dict_seed_words(y->group->columns[0]->dict),
                         as_dict_seed_words(y->group->columns[1]->dict)};
    return AS_OK;
}

as_code as_fast_decode_group(const as_fast_group *g, const as_fast_cells *x, as_fast_worker *w,
                             as_group_memory *m, as_err *e)
{
    grouped y = {.group = g, .w = w, .memory = m};
    as_fast_cells left = *x;
    bool stop = !worth_it(&y);
    as_code code = stop ? AS_OK : open_lookup(&y, e);
    while (code == AS_OK && !stop && left.count) {
        as_fast_cells part = left;
        part.count = left.count < ROUND ? left.count : ROUND;
        code = decode_round(&y, &part, &stop, e);
        m->records += part.count;
        left.ends += part.count * left.stride;
        left.row += part.count;
        left.count -= part.count;
    }
    return code == AS_OK && left.count ? decode_columns(&y, &left, e) : code;
}
