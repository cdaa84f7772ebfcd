/* memo.c: see memo.h.
 *
 * Invariants
 * 1. Where all fields are dictionaries with few combinations of codes, a record's combination
 * is a cell: its codes as digits of a mixed radix. `table` is indexed by it.
 * 2. Else each field has a place in one word: (word, shift). A word of a record is the sum of
 * its fields, keys[s * words …] are the words of combination s, and `table` is an open hash
 * table of numbers + 1, at most half full. */
#include "check/memo.h"

#include "base/alloc.h"
#include "base/cpu.h"
#include "base/hash.h"

#define CELLS_MAX (1u << 18)
#define STRIP 512u      /* records whose words are at hand at one time */
#define TRY_ROWS 16384u /* records to look at before judging */
#define COMBINATIONS_MAX (1u << 18)

typedef struct place {
    const as_column *column;
    uint32_t word, shift;
} place;

struct as_memo {
    place *places;
    size_t place_count;
    uint32_t words;
    bool possible;
    uint32_t *table;   /* numbers + 1; 0 = free */
    size_t table_size; /* cells, or a power of two */
    bool direct;       /* by cell */
    uint64_t *keys;
    uint32_t count, room;
    uint64_t looked_at;
    uint64_t *strip; /* words * STRIP */
};

static uint32_t bits_of(const as_column *c)
{
    uint32_t bits = 0;
    switch (c->layout) {
    case AS_LAYOUT_ABSENT:
        return 0;
    case AS_LAYOUT_DICT:
        while (bits < 32 && (uint64_t)1 << bits < c->dict.count)
            bits++;
        return bits;
    case AS_LAYOUT_DATE:
        return 32;
    default:
        return 64;
    }
}

/* How many combinations of codes there can be; 0: too many, or not only dictionaries. */
static uint32_t cell_count(const as_memo *m)
{
    uint32_t cells = 1;
    for (size_t i = 0; i < m->place_count; i++) {
        const as_column *c = m->places[i].column;
        if (c->layout == AS_LAYOUT_ABSENT)
            continue;
        if (c->layout != AS_LAYOUT_DICT || c->dict.count > CELLS_MAX / cells)
            return 0;
        cells *= c->dict.count;
    }
    return cells;
}

/* First fit: the fields of a rule are few. */
static void arrange(as_memo *m, const as_table *t, const uint32_t *fields)
{
    uint32_t used = 0;
    m->words = 1;
    for (size_t i = 0; i < m->place_count; i++) {
        const as_column *c = &t->columns[fields[i]];
        uint32_t bits = bits_of(c);
        if (c->layout == AS_LAYOUT_SLICE)
            m->possible = false;
        if (used + bits > 64) {
            m->words++;
            used = 0;
        }
        m->places[i] = (place){c, m->words - 1, used};
        used += bits;
    }
}

as_code as_memo_open(as_memo **out, const as_table *t, const uint32_t *fields, size_t count,
                     as_err *e)
{
    *out = NULL;
    as_memo *m = as_calloc(1, sizeof *m);
    if (!m)
        return as_fail_nomem(e);
    m->possible = true;
    m->place_count = count;
    m->places = as_calloc(count + 1, sizeof *m->places);
    if (m->places)
        arrange(m, t, fields);
    uint32_t cells = m->places ? cell_count(m) : 0;
    m->direct = cells > 0;
    m->table_size = cells ? cells : 1024;
    m->table = as_calloc(m->table_size, sizeof *m->table);
    m->strip = as_calloc((size_t)m->words * STRIP, sizeof *m->strip);
    if (!m->places || !m->table || !m->strip) {
        as_memo_close(m);
        return as_fail_nomem(e);
    }
    *out = m;
    return AS_OK;
}

void as_memo_close(as_memo *m)
{
    if (!m)
        return;
    as_free(m->places);
    as_free(m->table);
    as_free(m->keys);
    as_free(m->strip);
    as_free(m);
}

bool as_memo_worth(const as_memo *m)
{
    return m->possible && m->count < COMBINATIONS_MAX &&
           (m->looked_at < TRY_ROWS || m->count < m->looked_at / 2);
}

/* ---- words ---- */

#define ADD_LOOP(type, expression)                                                             \
    do {                                                                                       \
        const type *x = (const type *)c->data + begin;                                         \
        for (uint32_t i = 0; i < n; i++)                                                       \
            out[i] |= (uint64_t)(expression) << shift;                                         \
    } while (0)

static void add_column(const as_column *c, uint32_t begin, uint32_t n, uint32_t shift,
                       uint64_t *restrict out)
{
    switch (c->layout) {
    case AS_LAYOUT_DICT:
        if (c->width == 1)
            ADD_LOOP(uint8_t, x[i]);
        else if (c->width == 2)
            ADD_LOOP(uint16_t, x[i]);
        else
            ADD_LOOP(uint32_t, x[i]);
        break;
    case AS_LAYOUT_DATE:
        ADD_LOOP(uint32_t, x[i]);
        break;
    case AS_LAYOUT_PACK8:
    case AS_LAYOUT_INT:
        ADD_LOOP(uint64_t, x[i]);
        break;
    case AS_LAYOUT_NUM: /* by its bits: two nulls may differ, which costs a combination, no more
                         */
        for (uint32_t i = 0; i < n; i++) {
            uint64_t bits;
            memcpy(&bits, as_column_nums(c) + begin + i, sizeof bits);
            out[i] |= bits;
        }
        break;
    default:
        break;
    }
}

static void make_words(as_memo *m, uint32_t begin, uint32_t n)
{
    memset(m->strip, 0, (size_t)m->words * STRIP * sizeof *m->strip);
    for (size_t i = 0; i < m->place_count; i++) {
        const place *p = &m->places[i];
        if (p->shift < 64)
            add_column(p->column, begin, n, p->shift, m->strip + (size_t)p->word * STRIP);
    }
}

/* ---- cells ---- */

#define CELL_LOOP(type)                                                                        \
    do {                                                                                       \
        const type *codes = (const type *)c->data + begin;                                     \
        for (uint32_t i = 0; i < n; i++)                                                       \
            out[i] = out[i] * c->dict.count + codes[i];                                        \
    } while (0)

AS_CPU_LOOP add_digit_loop(const as_column *c, uint32_t begin, uint32_t n,
                           uint32_t *restrict out)
{
    if (c->width == 1)
        CELL_LOOP(uint8_t);
    else if (c->width == 2)
        CELL_LOOP(uint16_t);
    else
        CELL_LOOP(uint32_t);
}
AS_CPU_VERSIONS(add_digit, (const as_column *c, uint32_t begin, uint32_t n, uint32_t *out),
                (c, begin, n, out))

static void make_cells(const as_memo *m, uint32_t begin, uint32_t n, uint32_t *restrict out)
{
    memset(out, 0, n * sizeof *out);
    for (size_t k = 0; k < m->place_count; k++)
        if (m->places[k].column->layout != AS_LAYOUT_ABSENT)
            add_digit(m->places[k].column, begin, n, out);
}

static uint32_t block_by_cell(as_memo *m, uint32_t begin, uint32_t n, const uint8_t *select,
                              uint32_t *slots, uint32_t *fresh)
{
    uint32_t fresh_count = 0, looked_at = 0;
    for (uint32_t at = 0; at < n; at += STRIP)
        make_cells(m, begin + at, n - at < STRIP ? n - at : STRIP, slots + at);
    for (uint32_t i = 0; i < n; i++) {
        if (select[i] != 2)
            continue;
        uint32_t *number = &m->table[slots[i]];
        looked_at++;
        if (!*number) {
            *number = ++m->count;
            fresh[fresh_count++] = begin + i;
        }
        slots[i] = *number - 1;
    }
    m->looked_at += looked_at;
    return fresh_count;
}

/* ---- numbers ---- */

static uint64_t hash_words(const as_memo *m, uint32_t i)
{
    uint64_t h = as_hash_u64(m->strip[i]);
    for (uint32_t w = 1; w < m->words; w++)
        h = as_hash_join(h, m->strip[(size_t)w * STRIP + i]);
    return h;
}

static bool same_words(const as_memo *m, uint32_t slot, uint32_t i)
{
    const uint64_t *key = m->keys + (size_t)slot * m->words;
    for (uint32_t w = 0; w < m->words; w++)
        if (key[w] != m->strip[(size_t)w * STRIP + i])
            return false;
    return true;
}

static bool make_room(as_memo *m)
{
    if (m->count < m->room)
        return true;
    uint32_t room = m->room ? 2 * m->room : 64;
    uint64_t *keys = as_realloc(m->keys, (size_t)room * m->words * sizeof *keys);
    if (!keys)
        return false;
    m->keys = keys;
    m->room = room;
    return true;
}

static uint64_t hash_key(const as_memo *m, uint32_t slot)
{
    const uint64_t *key = m->keys + (size_t)slot * m->words;
    uint64_t h = as_hash_u64(key[0]);
    for (uint32_t w = 1; w < m->words; w++)
        h = as_hash_join(h, key[w]);
    return h;
}

static bool grow_table(as_memo *m)
{
    if (2 * ((size_t)m->count + 1) <= m->table_size)
        return true;
    size_t size = 4 * m->table_size;
    uint32_t *table = as_calloc(size, sizeof *table);
    if (!table)
        return false;
    for (uint32_t s = 0; s < m->count; s++) {
        size_t at = hash_key(m, s) & (size - 1);
        while (table[at])
            at = (at + 1) & (size - 1);
        table[at] = s + 1;
    }
    as_free(m->table);
    m->table = table;
    m->table_size = size;
    return true;
}

/* Where the number of record i of the strip is, or goes. */
static size_t find(const as_memo *m, uint32_t i)
{
    size_t at = hash_words(m, i) & (m->table_size - 1);
    while (m->table[at] && !same_words(m, m->table[at] - 1, i))
        at = (at + 1) & (m->table_size - 1);
    return at;
}

static bool add(as_memo *m, uint32_t i)
{
    if (!make_room(m) || !grow_table(m))
        return false;
    for (uint32_t w = 0; w < m->words; w++)
        m->keys[(size_t)m->count * m->words + w] = m->strip[(size_t)w * STRIP + i];
    m->count++;
    m->table[find(m, i)] = m->count; /* found free: the table may have grown since */
    return true;
}

as_code as_memo_block(as_memo *m, uint32_t begin, uint32_t n, const uint8_t *select,
                      uint32_t *slots, uint32_t *fresh, uint32_t *fresh_count, uint32_t *known,
                      as_err *e)
{
    *known = m->count;
    *fresh_count = 0;
    if (m->direct) {
        *fresh_count = block_by_cell(m, begin, n, select, slots, fresh);
        return AS_OK;
    }
    for (uint32_t from = 0; from < n; from += STRIP) {
        uint32_t part = n - from < STRIP ? n - from : STRIP;
        make_words(m, begin + from, part);
        for (uint32_t i = 0; i < part; i++) {
            if (select[from + i] != 2)
                continue;
            size_t at = find(m, i);
            m->looked_at++;
            if (!m->table[at]) {
                if (!add(m, i))
                    return as_fail_nomem(e);
                fresh[(*fresh_count)++] = begin + from + i;
                slots[from + i] = m->count - 1;
            } else {
                slots[from + i] = m->table[at] - 1;
            }
        }
    }
    return AS_OK;
}
