/* groups.c: combinations of values -> small numbers.
 *
 * Every value becomes a 64-bit token: the canon code of a dictionary column, the packed bytes
 * of a short text, the number or the date itself. These are exact. Long text has the hash of
 * its bytes as token, and is compared as well. Where all columns are dictionaries with few
 * combinations a plain array finds the group, else open addressing. */
#include "measure/groups.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/truth.h"

/* canon of each code, or NULL where that says nothing new. */
static as_code canon_make(as_group_column *c, as_arena *a, as_err *e)
{
    const as_dict *d = &c->column->dict;
    uint32_t *canon;
    bool same = true;

    for (uint32_t i = 0; i < d->count && same; i++)
        same = d->entries[i].canon == i;
    if (same)
        return AS_OK;
    canon = AS_NEW_N(a, uint32_t, d->count);
    if (!canon)
        return as_fail_nomem(e);
    for (uint32_t i = 0; i < d->count; i++)
        canon[i] = d->entries[i].canon;
    c->canon = canon;
    return AS_OK;
}

as_code as_group_by_make(as_group_by **out, const as_table *t, const uint32_t *fields,
                         size_t count, as_arena *a, as_err *e)
{
    as_group_by *by = AS_NEW(a, as_group_by);
    uint64_t cells = 1, most = t->rows / 2;

    if (!by)
        return as_fail_nomem(e);
    if (most < AS_GROUP_CELLS_MIN)
        most = AS_GROUP_CELLS_MIN;
    by->table = t;
    by->count = count;
    for (size_t i = 0; i < count; i++) {
        as_group_column *c = &by->columns[i];
        c->column = &t->columns[fields[i]];
        c->key = (as_key){.table = t, .fields = {fields[i]}, .count = 1};
        if (c->column->layout == AS_LAYOUT_ABSENT) {
            c->radix = 1;
        } else if (c->column->layout == AS_LAYOUT_DICT) {
            if (canon_make(c, a, e) != AS_OK)
                return AS_ENOMEM;
            c->radix = c->column->dict.count;
        }
        /* 0 stays 0: a column that is no dictionary means hashing. */
        cells = cells > most ? cells : cells * c->radix;
    }
    by->cells = cells <= most ? (uint32_t)cells : 0;
    *out = by;
    return AS_OK;
}

as_code as_group_set_open(as_group_set *s, const as_group_by *by, as_err *e)
{
    *s = (as_group_set){.by = by};
    s->slot_count = by->cells ? by->cells : 64;
    s->slots = as_calloc(s->slot_count, sizeof(*s->slots));
    s->cells = as_alloc(AS_BLOCK * sizeof(*s->cells));
    s->block = as_alloc(AS_BLOCK * sizeof(*s->block) * (by->count ? by->count : 1));
    if (s->slots && s->cells && s->block)
        return AS_OK;
    as_group_set_close(s);
    return as_fail_nomem(e);
}

void as_group_set_close(as_group_set *s)
{
    as_free(s->tokens);
    as_free(s->rows);
    as_free(s->slots);
    as_free(s->cells);
    as_free(s->block);
    *s = (as_group_set){0};
}

static uint32_t cell_of(const as_group_by *by, const uint64_t *tokens)
{
    uint32_t cell = 0;

    for (size_t i = 0; i < by->count; i++)
        cell = cell * by->columns[i].radix + (uint32_t)tokens[i];
    return cell;
}

void as_group_set_clear(as_group_set *s)
{
    if (s->by->cells) { /* few groups in a large array: only their places */
        for (uint32_t g = 0; g < s->count; g++)
            s->slots[cell_of(s->by, s->tokens + (size_t)g * s->by->count)] = 0;
    } else {
        memset(s->slots, 0, (size_t)s->slot_count * sizeof(*s->slots));
    }
    s->count = 0;
}

/* ---- tokens ---- */

static uint64_t token_of_double(double x)
{
    uint64_t bits;

    if (x != x)
        return UINT64_MAX; /* a NaN that no number has the bits of */
    x += 0.0;              /* -0 is 0 */
    memcpy(&bits, &x, sizeof(bits));
    return bits;
}

static void tokens_block(const as_group_by *by, const as_group_column *c, uint32_t begin,
                         uint32_t n, uint32_t *codes, uint64_t *out)
{
    switch (c->column->layout) {
    case AS_LAYOUT_ABSENT:
        memset(out, 0, n * sizeof(*out));
        break;
    case AS_LAYOUT_DICT:
        as_column_block_codes(c->column, begin, n, codes);
        for (uint32_t i = 0; i < n; i++)
            out[i] = c->canon ? c->canon[codes[i]] : codes[i];
        break;
    case AS_LAYOUT_PACK8:
        memcpy(out, as_column_packs(c->column) + begin, n * sizeof(*out));
        break;
    case AS_LAYOUT_SLICE:
        as_column_block_hashes(by->table, c->column, begin, n, out);
        break;
    case AS_LAYOUT_DATE:
        for (uint32_t i = 0; i < n; i++)
            out[i] = (uint64_t)(int64_t)as_column_dates(c->column)[begin + i];
        break;
    case AS_LAYOUT_INT:
        for (uint32_t i = 0; i < n; i++)
            out[i] = (uint64_t)as_column_ints(c->column)[begin + i];
        break;
    case AS_LAYOUT_NUM:
        for (uint32_t i = 0; i < n; i++)
            out[i] = token_of_double(as_column_nums(c->column)[begin + i]);
        break;
    }
}

/* ---- finding and adding ---- */

static bool grow(as_group_set *s)
{
    uint32_t size = s->size ? s->size * 2 : 64;
    size_t width = s->by->count ? s->by->count : 1;
    uint64_t *tokens;
    uint32_t *rows;

    if (s->size > UINT32_MAX / 2)
        return false;
    tokens = as_realloc(s->tokens, size * width * sizeof(*tokens));
    if (tokens)
        s->tokens = tokens;
    rows = as_realloc(s->rows, (size_t)size * sizeof(*rows));
    if (rows)
        s->rows = rows;
    if (!tokens || !rows)
        return false;
    s->size = size;
    return true;
}

static bool append(as_group_set *s, const uint64_t *tokens, uint32_t row, uint32_t *id)
{
    if (s->count == s->size && !grow(s))
        return false;
    for (size_t i = 0; i < s->by->count; i++)
        s->tokens[(size_t)s->count * s->by->count + i] = tokens[i];
    s->rows[s->count] = row;
    *id = s->count++;
    return true;
}

static uint64_t hash_tokens(const uint64_t *tokens, size_t count)
{
    uint64_t h = 0;

    for (size_t i = 0; i < count; i++)
        h = as_hash_join(h, tokens[i]);
    return h;
}

static bool rehash(as_group_set *s)
{
    uint32_t n = s->slot_count * 2;
    uint32_t *slots;

    if (s->slot_count > UINT32_MAX / 2)
        return false;
    slots = as_calloc(n, sizeof(*slots));
    if (!slots)
        return false;
    for (uint32_t g = 0; g < s->count; g++) {
        uint64_t h = hash_tokens(s->tokens + (size_t)g * s->by->count, s->by->count);
        uint32_t at = (uint32_t)h & (n - 1);
        while (slots[at])
            at = (at + 1) & (n - 1);
        slots[at] = g + 1;
    }
    as_free(s->slots);
    s->slots = slots;
    s->slot_count = n;
    return true;
}

/* Long text: the hashes agree; do the bytes? */
static bool slices_equal(const as_group_by *by, uint32_t x, uint32_t y)
{
    for (size_t i = 0; i < by->count; i++) {
        const as_group_column *c = &by->columns[i];
        if (c->column->layout != AS_LAYOUT_SLICE || as_cell_null(c->column, x))
            continue;
        if (!as_key_equal(&c->key, x, &c->key, y))
            return false;
    }
    return true;
}

static bool same_group(const as_group_set *s, uint32_t g, const uint64_t *tokens, uint32_t row)
{
    const uint64_t *have = s->tokens + (size_t)g * s->by->count;

    for (size_t i = 0; i < s->by->count; i++) {
        if (have[i] != tokens[i])
            return false;
    }
    return slices_equal(s->by, s->rows[g], row);
}

static bool add_hashed(as_group_set *s, const uint64_t *tokens, uint32_t row, uint32_t *id)
{
    uint32_t at, steps = 0;

    if (s->count >= s->slot_count / 2 && !rehash(s))
        return false;
    at = (uint32_t)hash_tokens(tokens, s->by->count) & (s->slot_count - 1);
    while (s->slots[at]) {
        if (same_group(s, s->slots[at] - 1, tokens, row)) {
            *id = s->slots[at] - 1;
            return true;
        }
        if (++steps > AS_PROBES_MAX) {
            s->collided = true;
            return false;
        }
        at = (at + 1) & (s->slot_count - 1);
    }
    if (!append(s, tokens, row, id))
        return false;
    s->slots[at] = *id + 1;
    return true;
}

as_code as_group_fail(const as_group_set *s, as_err *e)
{
    const as_table *t = s->by->table;

    if (!s->collided)
        return as_fail_nomem(e);
    return as_fail(e, AS_EBUDGET, AS_NOWHERE,
                   "the values by which table %.*s is grouped collide as no honest data does "
                   "(AS_PROBES_MAX, %d): the file may have been made to stall the program; "
                   "look at how it was produced",
                   AS_FMT(t->name), AS_PROBES_MAX);
}

static bool add_cell(as_group_set *s, uint32_t cell, const uint64_t *tokens, uint32_t row,
                     uint32_t *id)
{
    if (s->slots[cell]) {
        *id = s->slots[cell] - 1;
        return true;
    }
    if (!append(s, tokens, row, id))
        return false;
    s->slots[cell] = *id + 1;
    return true;
}

bool as_group_add(as_group_set *s, const uint64_t *tokens, uint32_t row, uint32_t *id)
{
    if (s->by->cells)
        return add_cell(s, cell_of(s->by, tokens), tokens, row, id);
    return add_hashed(s, tokens, row, id);
}

/* ---- one block ---- */

static bool block_cells(as_group_set *s, uint32_t begin, uint32_t n, const uint16_t *offsets,
                        uint32_t m, uint32_t *ids)
{
    const as_group_by *by = s->by;
    uint32_t *codes = (uint32_t *)(void *)s->block; /* one column's codes at a time */
    uint64_t tokens[AS_KEY_FIELDS_MAX];

    memset(s->cells, 0, n * sizeof(*s->cells));
    for (size_t k = 0; k < by->count; k++) {
        const as_group_column *c = &by->columns[k];
        if (c->column->layout == AS_LAYOUT_ABSENT)
            continue; /* radix 1, token 0 */
        as_column_block_codes(c->column, begin, n, codes);
        as_digits_add(s->cells, codes, c->canon, (uint32_t)c->radix, n);
    }
    for (uint32_t i = 0; i < m; i++) {
        uint32_t cell = s->cells[offsets[i]], rest = cell;
        if (s->slots[cell]) {
            ids[i] = s->slots[cell] - 1;
            continue;
        }
        for (size_t k = by->count; k-- > 0; rest /= by->columns[k].radix)
            tokens[k] = rest % by->columns[k].radix;
        if (!add_cell(s, cell, tokens, begin + offsets[i], &ids[i]))
            return false;
    }
    return true;
}

bool as_group_block(as_group_set *s, uint32_t begin, uint32_t n, const uint16_t *offsets,
                    uint32_t m, uint32_t *ids)
{
    const as_group_by *by = s->by;
    uint64_t tokens[AS_KEY_FIELDS_MAX];

    if (by->cells)
        return block_cells(s, begin, n, offsets, m, ids);
    for (size_t k = 0; k < by->count; k++)
        tokens_block(by, &by->columns[k], begin, n, s->cells, s->block + k * AS_BLOCK);
    for (uint32_t i = 0; i < m; i++) {
        for (size_t k = 0; k < by->count; k++)
            tokens[k] = s->block[k * AS_BLOCK + offsets[i]];
        if (!add_hashed(s, tokens, begin + offsets[i], &ids[i]))
            return false;
    }
    return true;
}

as_code as_group_rows(as_group_set *s, const uint8_t *select, uint32_t *ids, as_err *e)
{
    uint32_t rows = s->by->table->rows;
    uint16_t offsets[AS_BLOCK];
    uint32_t found[AS_BLOCK];

    for (uint32_t begin = 0; begin < rows;) {
        uint32_t n = rows - begin < AS_BLOCK ? rows - begin : AS_BLOCK, m = 0;
        for (uint32_t i = 0; i < n; i++) {
            offsets[m] = (uint16_t)i;
            m += !select || select[begin + i] == AS_TRUE;
            ids[begin + i] = UINT32_MAX;
        }
        if (!as_group_block(s, begin, n, offsets, m, found))
            return as_group_fail(s, e);
        for (uint32_t i = 0; i < m; i++)
            ids[begin + offsets[i]] = found[i];
        begin += n;
    }
    return AS_OK;
}

/* ---- what people call a group ---- */

const as_str *as_group_keys(const as_group_set *s, uint32_t id, as_arena *a)
{
    const as_group_by *by = s->by;
    as_str *keys = AS_NEW_N(a, as_str, by->count + 1);
    as_buf tmp = AS_BUF(AS_FIELD_MAX);
    bool ok = keys != NULL;

    for (size_t k = 0; ok && k < by->count; k++) {
        const as_column *c = by->columns[k].column;
        if (as_cell_null(c, s->rows[id]))
            continue;
        keys[k] = as_arena_str(a, as_cell_text(by->table, c, s->rows[id], &tmp));
        ok = keys[k].ptr != NULL && !tmp.failed;
    }
    as_buf_free(&tmp);
    return ok ? keys : NULL;
}

int as_group_keys_cmp(const as_str *x, const as_str *y, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        int order = 0;
        if (x[k].ptr == y[k].ptr && x[k].len == y[k].len)
            continue; /* of one dictionary, or null both */
        if (!x[k].ptr || !y[k].ptr)
            order = (x[k].ptr == NULL) - (y[k].ptr == NULL);
        else
            order = as_str_cmp(x[k], y[k]);
        if (order)
            return order;
    }
    return 0;
}
