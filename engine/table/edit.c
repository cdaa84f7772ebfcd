/* edit.c: see edit.h. A column is the original's until something in it changes; then its array,
 * its dictionary and its bad cells are copied, each when it is first needed.
 *
 * Invariants
 * 1. `own[i].data`, `.entries` and `.bad` are the copy's memory or NULL; the column points to
 * them or to the original.
 * 2. An array of the copy has room for one more record than the original.
 * 3. Text in a layout that cannot hold a new value (PACK8, SLICE) becomes a dictionary, in
 * which the spelling of the other cells is their value. */
#include "table/edit.h"

#include "base/alloc.h"
#include <math.h>

typedef struct owned {
    void *data;
    as_dict_entry *entries;
    uint32_t entry_size;
    as_bad_cell *bad;
} owned;

struct as_edit {
    as_table table;
    const as_table *base;
    as_arena *arena; /* the columns, texts, the list of ragged rows */
    owned *own;
    as_buf tmp;
    uint32_t dropped; /* or AS_NO_ROW */
};

static size_t cell_size(const as_column *c)
{
    switch (c->layout) {
    case AS_LAYOUT_DICT:
        return c->width;
    case AS_LAYOUT_PACK8:
        return sizeof(uint64_t);
    case AS_LAYOUT_SLICE:
        return sizeof(as_slice);
    case AS_LAYOUT_DATE:
        return sizeof(as_date);
    case AS_LAYOUT_INT:
        return sizeof(int64_t);
    case AS_LAYOUT_NUM:
        return sizeof(double);
    case AS_LAYOUT_ABSENT:
        break;
    }
    return 0;
}

static void edit_locate(const as_table *t, uint32_t row, uint32_t *line, uint32_t *sheet_row)
{
    const as_edit *x = t->maker;
    uint32_t origin = as_edit_origin(x, row);
    *line = *sheet_row = 0;
    if (origin != AS_NO_ROW && x->base->locate)
        x->base->locate(x->base, origin, line, sheet_row);
}

as_code as_edit_open(as_edit **out, const as_table *base, as_err *e)
{
    as_arena *a = as_arena_open();
    as_edit *x = a ? AS_NEW(a, as_edit) : NULL;
    *out = NULL;
    if (x) {
        x->arena = a;
        x->own = AS_NEW_N(a, owned, base->schema->count);
        x->table.columns = AS_NEW_N(a, as_column, base->schema->count);
    }
    if (!x || !x->own || !x->table.columns) {
        as_arena_close(a);
        return as_fail_nomem(e);
    }
    as_column *columns = x->table.columns;
    memcpy(columns, base->columns, base->schema->count * sizeof *columns);
    x->table = *base;
    x->table.columns = columns;
    x->table.locate = edit_locate;
    x->table.close = NULL;
    x->table.maker = x;
    x->base = base;
    x->dropped = AS_NO_ROW;
    x->tmp = AS_BUF(4 * AS_FIELD_MAX);
    *out = x;
    return AS_OK;
}

void as_edit_close(as_edit *x)
{
    if (!x)
        return;
    for (size_t i = 0; i < x->base->schema->count; i++) {
        as_free(x->own[i].data);
        as_free(x->own[i].entries);
        as_free(x->own[i].bad);
    }
    as_buf_free(&x->tmp);
    as_arena_close(x->arena); /* and x with it */
}

const as_table *as_edit_table(const as_edit *x)
{
    return &x->table;
}

uint32_t as_edit_origin(const as_edit *x, uint32_t row)
{
    uint32_t origin = row + (row >= x->dropped ? 1 : 0);
    return origin < x->base->rows ? origin : AS_NO_ROW;
}

/* ---- making a column the copy's own ---- */

/* The array; room for one record more than the original has. */
static bool own_data(as_edit *x, uint32_t field)
{
    as_column *c = &x->table.columns[field];
    owned *o = &x->own[field];
    if (o->data)
        return true;
    size_t size = cell_size(c);
    o->data = as_alloc(((size_t)x->base->rows + 1) * size);
    if (!o->data)
        return false;
    if (x->table.rows)
        memcpy(o->data, c->data, (size_t)x->table.rows * size);
    c->data = o->data;
    return true;
}

/* The bad cells, with room for one more. */
static bool own_bad(as_edit *x, uint32_t field)
{
    as_column *c = &x->table.columns[field];
    owned *o = &x->own[field];
    as_bad_cell *bad = as_realloc(o->bad, (c->bad_count + 1) * sizeof *bad);
    if (!bad)
        return false;
    if (!o->bad && c->bad_count)
        memcpy(bad, c->bad, c->bad_count * sizeof *bad);
    o->bad = bad;
    c->bad = bad;
    return true;
}

static bool own_entries(as_edit *x, uint32_t field)
{
    as_column *c = &x->table.columns[field];
    owned *o = &x->own[field];
    if (o->entries && c->dict.count < o->entry_size)
        return true;
    uint32_t size = c->dict.count + 8;
    as_dict_entry *entries = as_realloc(o->entries, size * sizeof *entries);
    if (!entries)
        return false;
    if (!o->entries)
        memcpy(entries, c->dict.entries, c->dict.count * sizeof *entries);
    o->entries = entries;
    o->entry_size = size;
    c->dict.entries = entries;
    return true;
}

/* Codes of 4 bytes, whatever they had. */
static bool widen(as_edit *x, uint32_t field)
{
    as_column *c = &x->table.columns[field];
    owned *o = &x->own[field];
    if (c->width == sizeof(uint32_t))
        return own_data(x, field);
    uint32_t *codes = as_alloc(((size_t)x->base->rows + 1) * sizeof *codes);
    if (!codes)
        return false;
    as_column_block_codes(c, 0, x->table.rows, codes);
    as_free(o->data);
    o->data = codes;
    c->data = codes;
    c->width = sizeof *codes;
    return true;
}

/* The code of `text` in a map over codes by value; a free slot's content is 0. */
static uint32_t *find_slot(uint32_t *slots, uint32_t size, const as_dict_entry *entries,
                           as_str text, uint64_t hash)
{
    uint32_t at = (uint32_t)hash & (size - 1);
    while (slots[at] && !as_str_eq(entries[slots[at]].value, text))
        at = (at + 1) & (size - 1);
    return &slots[at];
}

/* Every cell's code into `codes`, a new entry for each value. */
static bool number_values(as_edit *x, uint32_t field, uint32_t *codes, as_dict_entry *entries,
                          uint32_t *count)
{
    const as_column *c = &x->table.columns[field];
    uint32_t size = 16;
    while (size / 2 < x->table.rows + 1)
        size *= 2;
    uint32_t *slots = as_calloc(size, sizeof *slots);
    bool ok = slots != NULL;
    *count = 1;
    for (uint32_t row = 0; ok && row < x->table.rows; row++) {
        as_str text = as_cell_text(&x->table, c, row, &x->tmp);
        codes[row] = 0;
        if (!text.ptr)
            continue;
        uint64_t hash = as_text_hash(text);
        uint32_t *slot = find_slot(slots, size, entries, text, hash);
        if (!*slot) {
            as_str kept = as_arena_str(x->arena, text);
            ok = kept.ptr && !x->tmp.failed;
            entries[*count] = (as_dict_entry){kept, kept, hash, *count, AS_CODE_EXACT};
            *slot = (*count)++;
        }
        codes[row] = *slot;
    }
    as_free(slots);
    return ok;
}

static bool to_dictionary(as_edit *x, uint32_t field)
{
    as_column *c = &x->table.columns[field];
    owned *o = &x->own[field];
    uint32_t size = x->table.rows + 9, count = 1;
    uint32_t *codes = as_alloc(((size_t)x->base->rows + 1) * sizeof *codes);
    as_dict_entry *entries = as_calloc(size, sizeof *entries);
    if (!codes || !entries || !number_values(x, field, codes, entries, &count)) {
        as_free(codes);
        as_free(entries);
        return false;
    }
    as_free(o->data);
    as_free(o->entries);
    o->data = codes;
    o->entries = entries;
    o->entry_size = size;
    c->layout = AS_LAYOUT_DICT;
    c->width = sizeof *codes;
    c->data = codes;
    c->dict = (as_dict){entries, count};
    return true;
}

/* ---- records ---- */

/* The bad cell of the dropped record goes, those behind it move up. */
static bool drop_bad(as_edit *x, uint32_t field, uint32_t dropped)
{
    as_column *c = &x->table.columns[field];
    if (c->bad_count == 0)
        return true;
    if (!own_bad(x, field))
        return false;
    as_bad_cell *bad = x->own[field].bad;
    size_t kept = 0;
    for (size_t i = 0; i < c->bad_count; i++) {
        if (bad[i].row == dropped)
            continue;
        bad[kept] = bad[i];
        bad[kept++].row -= bad[i].row > dropped ? 1 : 0;
    }
    c->bad_count = kept;
    return true;
}

static bool add_bad(as_edit *x, uint32_t field, uint32_t row, as_str text)
{
    as_column *c = &x->table.columns[field];
    as_str kept = as_arena_str(x->arena, as_str_sub(text, 0, AS_KIB));
    if (!kept.ptr || !own_bad(x, field))
        return false;
    as_bad_cell *bad = x->own[field].bad;
    size_t at = c->bad_count++;
    for (; at > 0 && bad[at - 1].row > row; at--)
        bad[at] = bad[at - 1];
    bad[at] = (as_bad_cell){row, kept};
    return true;
}

static const as_bad_cell *bad_at(const as_column *c, uint32_t row)
{
    for (size_t i = 0; i < c->bad_count && c->bad[i].row <= row; i++)
        if (c->bad[i].row == row)
            return &c->bad[i];
    return NULL;
}

as_code as_edit_clone(as_edit *x, uint32_t row, uint32_t *added, as_err *e)
{
    *added = x->table.rows;
    for (uint32_t i = 0; i < x->base->schema->count; i++) {
        as_column *c = &x->table.columns[i];
        size_t size = cell_size(c);
        c->null_count += as_cell_null(c, row) ? 1 : 0;
        if (size == 0)
            continue;
        const as_bad_cell *bad = bad_at(c, row);
        if (!own_data(x, i) || (bad && !add_bad(x, i, *added, bad->text)))
            return as_fail_nomem(e);
        char *data = x->own[i].data;
        memcpy(data + *added * size, data + row * size, size);
    }
    x->table.rows++;
    return AS_OK;
}

static bool drop_ragged(as_edit *x, uint32_t row)
{
    as_load_report *r = &x->table.report;
    as_ragged *all = AS_NEW_N(x->arena, as_ragged, r->ragged_count + 1);
    size_t kept = 0;
    if (!all)
        return false;
    for (size_t i = 0; i < r->ragged_count; i++) {
        if (r->ragged[i].row == row)
            continue;
        all[kept] = r->ragged[i];
        all[kept++].row -= r->ragged[i].row > row ? 1 : 0;
    }
    r->ragged = all;
    r->ragged_count = kept;
    return true;
}

as_code as_edit_drop(as_edit *x, uint32_t row, as_err *e)
{
    for (uint32_t i = 0; i < x->base->schema->count; i++) {
        as_column *c = &x->table.columns[i];
        size_t size = cell_size(c);
        c->null_count -= as_cell_null(c, row) ? 1 : 0;
        if (size == 0)
            continue;
        if (!own_data(x, i) || !drop_bad(x, i, row))
            return as_fail_nomem(e);
        char *data = x->own[i].data;
        memmove(data + row * size, data + ((size_t)row + 1) * size,
                (size_t)(x->table.rows - row - 1) * size);
    }
    if (!drop_ragged(x, row))
        return as_fail_nomem(e);
    x->table.rows--;
    x->dropped = row;
    return AS_OK;
}

void as_edit_keep(as_edit *x, uint32_t rows)
{
    for (uint32_t i = 0; i < x->base->schema->count; i++) {
        as_column *c = &x->table.columns[i];
        for (uint32_t row = rows; row < x->table.rows; row++)
            c->null_count -= as_cell_null(c, row) ? 1 : 0;
        while (c->bad_count && c->bad[c->bad_count - 1].row >= rows)
            c->bad_count--;
    }
    as_load_report *r = &x->table.report;
    while (r->ragged_count && r->ragged[r->ragged_count - 1].row >= rows)
        r->ragged_count--;
    x->table.rows = rows;
}

/* ---- cells ---- */

/* The code of a spelling, found or made; 0: out of memory. */
static uint32_t code_of(as_edit *x, uint32_t field, as_str raw, const as_typed *typed)
{
    as_column *c = &x->table.columns[field];
    uint64_t hash = as_text_hash(typed->text);
    uint32_t canon = 0;
    for (uint32_t i = 1; i < c->dict.count; i++) {
        if (as_str_eq(c->dict.entries[i].raw, raw))
            return i;
        if (!canon && c->dict.entries[i].hash == hash &&
            as_str_eq(c->dict.entries[i].value, typed->text))
            canon = c->dict.entries[i].canon;
    }
    if (!own_entries(x, field) || !widen(x, field))
        return 0;
    uint32_t code = c->dict.count;
    as_dict_entry *entry = &x->own[field].entries[code];
    *entry = (as_dict_entry){.raw = as_arena_str(x->arena, raw),
                             .value = as_arena_str(x->arena, typed->text),
                             .hash = hash,
                             .canon = canon ? canon : code,
                             .status = typed->status};
    if (!entry->raw.ptr || !entry->value.ptr)
        return 0;
    c->dict.count++;
    return code;
}

static void put_code(as_column *c, void *data, uint32_t row, uint32_t code)
{
    if (c->width == 1)
        ((uint8_t *)data)[row] = (uint8_t)code;
    else if (c->width == 2)
        ((uint16_t *)data)[row] = (uint16_t)code;
    else
        ((uint32_t *)data)[row] = code;
}

static bool fits_packed(as_str text)
{
    return text.len >= 1 && text.len <= 8 && !memchr(text.ptr, 0, text.len);
}

static bool put_text(as_edit *x, uint32_t field, uint32_t row, as_str raw,
                     const as_typed *typed, bool value)
{
    as_column *c = &x->table.columns[field];
    if (c->layout == AS_LAYOUT_PACK8 && (!value || fits_packed(typed->text))) {
        if (!own_data(x, field))
            return false;
        ((uint64_t *)x->own[field].data)[row] = value ? as_text_pack(typed->text) : 0;
        return true;
    }
    if (c->layout != AS_LAYOUT_DICT && !to_dictionary(x, field))
        return false;
    uint32_t code = value ? code_of(x, field, raw, typed) : 0;
    if ((value && !code) || !own_data(x, field))
        return false;
    put_code(c, x->own[field].data, row, code);
    return true;
}

static bool put(as_edit *x, uint32_t field, uint32_t row, as_str raw, const as_typed *typed,
                bool value)
{
    as_column *c = &x->table.columns[field];
    switch (c->layout) {
    case AS_LAYOUT_DATE:
        if (own_data(x, field))
            ((as_date *)x->own[field].data)[row] = value ? typed->d : AS_DATE_NULL;
        return x->own[field].data != NULL;
    case AS_LAYOUT_INT:
        if (own_data(x, field))
            ((int64_t *)x->own[field].data)[row] = value ? typed->i : AS_INT_NULL;
        return x->own[field].data != NULL;
    case AS_LAYOUT_NUM:
        if (own_data(x, field))
            ((double *)x->own[field].data)[row] = value ? typed->f : NAN;
        return x->own[field].data != NULL;
    default:
        return put_text(x, field, row, raw, typed, value);
    }
}

static bool clear_bad(as_edit *x, uint32_t field, uint32_t row)
{
    as_column *c = &x->table.columns[field];
    if (!bad_at(c, row))
        return true;
    if (!own_bad(x, field))
        return false;
    as_bad_cell *bad = x->own[field].bad;
    size_t at = (size_t)(bad_at(c, row) - bad);
    memmove(&bad[at], &bad[at + 1], (c->bad_count - at - 1) * sizeof *bad);
    c->bad_count--;
    return true;
}

static as_code put_cell(as_edit *x, uint32_t row, uint32_t field, as_str raw, as_cell_kind kind,
                        const as_typed *typed, as_err *e)
{
    as_column *c = &x->table.columns[field];
    c->null_count -= as_cell_null(c, row) ? 1 : 0;
    c->null_count += kind == AS_CELL_VALUE ? 0 : 1;
    bool ok = clear_bad(x, field, row) &&
              put(x, field, row, raw, typed, kind == AS_CELL_VALUE) &&
              (kind != AS_CELL_BAD || add_bad(x, field, row, raw));
    return ok ? AS_OK : as_fail_nomem(e);
}

as_code as_edit_text(as_edit *x, uint32_t row, uint32_t field, as_str raw, as_err *e)
{
    as_typed typed = {.text = AS_NONE};
    as_cell_kind kind = AS_CELL_NULL;
    as_buf tmp = AS_BUF(4 * AS_FIELD_MAX); /* to_dictionary uses the other one */
    if (x->table.columns[field].layout == AS_LAYOUT_ABSENT)
        return AS_OK;
    if (raw.ptr)
        kind =
            as_cell_type(x->base->schema, &x->base->schema->fields[field], raw, &typed, &tmp);
    as_code code =
        tmp.failed ? as_fail_nomem(e) : put_cell(x, row, field, raw, kind, &typed, e);
    as_buf_free(&tmp);
    return code;
}

as_code as_edit_date(as_edit *x, uint32_t row, uint32_t field, as_date d, as_err *e)
{
    as_typed typed = {.text = AS_NONE, .d = d};
    if (x->table.columns[field].layout != AS_LAYOUT_DATE)
        return AS_OK;
    return put_cell(x, row, field, AS_NONE, AS_CELL_VALUE, &typed, e);
}

/* ---- columns and rows ---- */

void as_edit_drop_column(as_edit *x, uint32_t field)
{
    x->table.columns[field] = (as_column){.field = &x->base->schema->fields[field],
                                          .header = AS_STR(""),
                                          .null_count = x->table.rows};
}

as_code as_edit_shift_column(as_edit *x, uint32_t field, as_err *e)
{
    as_column *c = &x->table.columns[field];
    size_t size = cell_size(c), rows = x->table.rows;
    if (size == 0 || rows < 2)
        return AS_OK;
    if (!own_data(x, field) || (c->bad_count && !own_bad(x, field)))
        return as_fail_nomem(e);
    char *data = x->own[field].data, last[sizeof(as_slice)];
    memcpy(last, data + (rows - 1) * size, size);
    memmove(data + size, data, (rows - 1) * size);
    memcpy(data, last, size);
    as_bad_cell *bad = x->own[field].bad;
    for (size_t i = 0; i < c->bad_count; i++)
        bad[i].row++;
    if (c->bad_count && bad[c->bad_count - 1].row == rows) { /* round to the first */
        as_bad_cell first = {0, bad[c->bad_count - 1].text};
        memmove(&bad[1], &bad[0], (c->bad_count - 1) * sizeof *bad);
        bad[0] = first;
    }
    return AS_OK;
}

as_code as_edit_cut_row(as_edit *x, uint32_t row, uint32_t field, as_err *e)
{
    const as_schema *s = x->base->schema;
    uint32_t first = x->base->columns[field].source_col, all = 0;
    as_code code = AS_OK;
    for (uint32_t i = 0; i < s->count && code == AS_OK; i++) {
        const as_column *c = &x->table.columns[i];
        if (!c->present)
            continue;
        all = c->source_col + 1 > all ? c->source_col + 1 : all;
        if (c->source_col >= first)
            code = as_edit_text(x, row, i, AS_NONE, e);
    }
    as_load_report *r = &x->table.report;
    as_ragged *ragged = AS_NEW_N(x->arena, as_ragged, r->ragged_count + 1);
    if (code != AS_OK || !ragged)
        return as_fail_nomem(e);
    size_t at = 0;
    for (; at < r->ragged_count && r->ragged[at].row < row; at++)
        ragged[at] = r->ragged[at];
    ragged[at] = (as_ragged){row, first, all};
    if (r->ragged_count > at)
        memcpy(&ragged[at + 1], &r->ragged[at], (r->ragged_count - at) * sizeof *ragged);
    r->ragged = ragged;
    r->ragged_count++;
    return AS_OK;
}
