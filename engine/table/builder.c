/* builder.c: a table made from text cells, record by record: test records, wide tables turned
 * long, sheets, small files. Call order: open, present*, row*, finish, close.
 *
 * Invariants
 * 1. Column arrays grow by doubling, all to the same number of rows, before a record is typed:
 * a record is in all columns or in none. After an error the builder only closes.
 * 2. Text columns are dictionaries with 4-byte codes. `by_raw` finds the entry of a spelling,
 *    `by_value` the lowest entry of a value, its `canon`. A spelling that is null or bad has no
 *    entry.
 * 3. finish hands everything to the table; what is left of the builder owns nothing. */
#include "table/table.h"

#include "base/alloc.h"
#include <math.h>

#define BAD_TEXT_MAX 1024
#define FIRST_ROWS 64u
#define FIRST_SLOTS 64u

/* Open addressing over dictionary codes; 0 = free. At most half full. */
typedef struct code_map {
    uint32_t *slots;
    uint32_t size, used;
    bool collided; /* a look-up took over AS_PROBES_MAX steps */
} code_map;

typedef struct grown {
    void *data; /* codes, int64, double or int32 */
    as_dict_entry *entries;
    as_bad_cell *bad;
    code_map by_raw, by_value;
    uint32_t entry_count, entry_size;
    size_t bad_count, bad_size;
    uint64_t nulls;
    bool wanted, present, named;
    as_str header;
    uint32_t source_col;
} grown;

typedef struct made {
    as_table table;
    as_arena *arena; /* holds this, the columns and all texts */
    uint32_t *lines;
} made;

struct as_builder {
    as_str name;
    const as_schema *schema;
    as_arena *arena;
    grown *columns;
    uint32_t *lines;
    uint32_t rows, size;
    as_buf tmp;
    bool failed;
};

static size_t cell_size(const as_field *f)
{
    switch (f->type) {
    case AS_TYPE_INTEGER:
        return sizeof(int64_t);
    case AS_TYPE_NUMBER:
        return sizeof(double);
    case AS_TYPE_DATE:
        return sizeof(as_date);
    case AS_TYPE_TEXT:
    case AS_TYPE_CODE:
        break;
    }
    return sizeof(uint32_t);
}

static as_layout layout_of(const as_field *f)
{
    switch (f->type) {
    case AS_TYPE_INTEGER:
        return AS_LAYOUT_INT;
    case AS_TYPE_NUMBER:
        return AS_LAYOUT_NUM;
    case AS_TYPE_DATE:
        return AS_LAYOUT_DATE;
    case AS_TYPE_TEXT:
    case AS_TYPE_CODE:
        break;
    }
    return AS_LAYOUT_DICT;
}

/* ---- opening and closing ---- */

static void column_free(grown *c)
{
    as_free(c->data);
    as_free(c->entries);
    as_free(c->bad);
    as_free(c->by_raw.slots);
    as_free(c->by_value.slots);
    c->data = NULL;
    c->entries = NULL;
    c->bad = NULL;
    c->by_raw.slots = c->by_value.slots = NULL;
}

as_code as_builder_open(as_builder **out, as_str name, const as_schema *s, const bool *want,
                        as_err *e)
{
    *out = NULL;
    as_builder *b = as_calloc(1, sizeof *b);
    if (!b)
        return as_fail_nomem(e);
    b->schema = s;
    b->tmp = AS_BUF(4 * AS_FIELD_MAX);
    b->arena = as_arena_open();
    if (b->arena) {
        b->name = as_arena_str(b->arena, name);
        b->columns = AS_NEW_N(b->arena, grown, s->count);
    }
    if (!b->arena || !b->name.ptr || !b->columns) {
        as_builder_close(b);
        return as_fail_nomem(e);
    }
    for (size_t i = 0; i < s->count; i++)
        b->columns[i].wanted = !want || want[i];
    *out = b;
    return AS_OK;
}

void as_builder_close(as_builder *b)
{
    if (!b)
        return;
    for (size_t i = 0; b->columns && i < b->schema->count; i++)
        column_free(&b->columns[i]);
    as_free(b->lines);
    as_buf_free(&b->tmp);
    as_arena_close(b->arena);
    as_free(b);
}

as_arena *as_builder_arena(as_builder *b)
{
    return b->arena;
}

void as_builder_present(as_builder *b, uint32_t field, as_str header, uint32_t source_col)
{
    if (!b->arena || field >= b->schema->count)
        return;
    grown *c = &b->columns[field];
    c->present = c->named = true;
    c->source_col = source_col;
    c->header = as_arena_str(b->arena, header);
    b->failed = b->failed || !c->header.ptr;
}

/* ---- the dictionary of a column ---- */

static uint64_t entry_key(const as_dict_entry *entry, bool raw)
{
    return raw ? as_text_hash(entry->raw) : entry->hash;
}

/* Where `text` is, or the free slot where it belongs. */
static uint32_t *map_find(code_map *m, const as_dict_entry *entries, as_str text, uint64_t hash,
                          bool raw)
{
    uint32_t at = (uint32_t)hash & (m->size - 1), steps = 0;
    for (; m->slots[at]; at = (at + 1) & (m->size - 1), steps++) {
        const as_dict_entry *entry = &entries[m->slots[at]];
        if (as_str_eq(raw ? entry->raw : entry->value, text))
            break;
    }
    m->collided = m->collided || steps > AS_PROBES_MAX;
    return &m->slots[at];
}

static bool map_room(code_map *m, const as_dict_entry *entries, bool raw)
{
    if (m->used < m->size / 2)
        return true;
    uint32_t size = m->size ? m->size * 2 : FIRST_SLOTS;
    uint32_t *slots = size ? as_calloc(size, sizeof *slots) : NULL;
    if (!slots) /* or a size over 32 bits */
        return false;
    for (uint32_t i = 0; i < m->size; i++) {
        if (!m->slots[i])
            continue;
        uint32_t at = (uint32_t)entry_key(&entries[m->slots[i]], raw) & (size - 1);
        while (slots[at])
            at = (at + 1) & (size - 1);
        slots[at] = m->slots[i];
    }
    as_free(m->slots);
    m->slots = slots;
    m->size = size;
    return true;
}

static bool entries_room(grown *c)
{
    if (c->entry_count < c->entry_size)
        return true;
    uint32_t size = c->entry_size ? c->entry_size * 2 : 16;
    as_dict_entry *entries = size ? as_realloc(c->entries, size * sizeof *entries) : NULL;
    if (!entries)
        return false;
    if (!c->entries) { /* code 0 is null */
        memset(&entries[0], 0, sizeof entries[0]);
        c->entry_count = 1;
    }
    c->entries = entries;
    c->entry_size = size;
    return true;
}

/* A new entry for `raw`, whose value is typed->text. 0: out of memory. */
static uint32_t add_entry(as_builder *b, grown *c, as_str raw, const as_typed *typed)
{
    if (!entries_room(c) || !map_room(&c->by_raw, c->entries, true) ||
        !map_room(&c->by_value, c->entries, false))
        return 0;
    as_dict_entry entry = {.hash = as_text_hash(typed->text), .status = typed->status};
    entry.raw = as_arena_str(b->arena, raw);
    entry.value = entry.raw;
    if (!as_str_eq(raw, typed->text))
        entry.value = as_arena_str(b->arena, typed->text);
    if (!entry.raw.ptr || !entry.value.ptr)
        return 0;
    uint32_t code = c->entry_count++;
    uint32_t *same = map_find(&c->by_value, c->entries, entry.value, entry.hash, false);
    c->by_value.used += *same == 0;
    *same = *same ? *same : code;
    entry.canon = *same;
    c->entries[code] = entry;
    *map_find(&c->by_raw, c->entries, raw, as_text_hash(raw), true) = code;
    c->by_raw.used++;
    return code;
}

static bool keep_bad(as_builder *b, grown *c, as_str raw)
{
    if (c->bad_count == c->bad_size) {
        size_t size = c->bad_size ? c->bad_size * 2 : 16;
        as_bad_cell *bad = as_realloc(c->bad, size * sizeof *bad);
        if (!bad)
            return false;
        c->bad = bad;
        c->bad_size = size;
    }
    if (raw.len > BAD_TEXT_MAX) { /* at a character */
        raw.len = BAD_TEXT_MAX;
        while (raw.len > BAD_TEXT_MAX - 3 && ((unsigned char)raw.ptr[raw.len] & 0xC0) == 0x80)
            raw.len--;
    }
    as_bad_cell cell = {b->rows, as_arena_str(b->arena, raw)};
    c->bad[c->bad_count++] = cell;
    return cell.text.ptr != NULL;
}

/* ---- one record ---- */

static void put(const as_builder *b, grown *c, const as_field *f, as_cell_kind kind,
                const as_typed *typed)
{
    bool value = kind == AS_CELL_VALUE;
    c->nulls += !value;
    switch (f->type) {
    case AS_TYPE_INTEGER:
        ((int64_t *)c->data)[b->rows] = value ? typed->i : AS_INT_NULL;
        return;
    case AS_TYPE_NUMBER:
        ((double *)c->data)[b->rows] = value ? typed->f : NAN;
        return;
    case AS_TYPE_DATE:
        ((as_date *)c->data)[b->rows] = value ? typed->d : AS_DATE_NULL;
        return;
    case AS_TYPE_TEXT:
    case AS_TYPE_CODE:
        ((uint32_t *)c->data)[b->rows] = 0;
    }
}

/* True: the spelling is known and the cell is written. */
static bool put_known(const as_builder *b, grown *c, as_str raw)
{
    if (!c->by_raw.size)
        return false;
    uint32_t code = *map_find(&c->by_raw, c->entries, raw, as_text_hash(raw), true);
    if (code)
        ((uint32_t *)c->data)[b->rows] = code;
    return code != 0;
}

static bool add_cell(as_builder *b, grown *c, const as_field *f, as_str raw)
{
    as_typed typed = {.text = AS_NONE};
    as_cell_kind kind = AS_CELL_NULL;
    bool text = layout_of(f) == AS_LAYOUT_DICT;
    if (raw.ptr) {
        c->present = true;
        if (text && put_known(b, c, raw))
            return true;
        kind = as_cell_type(b->schema, f, raw, &typed, &b->tmp);
        if (b->tmp.failed)
            return false;
    }
    if (kind == AS_CELL_BAD && !keep_bad(b, c, raw))
        return false;
    if (!text || kind != AS_CELL_VALUE) {
        put(b, c, f, kind, &typed);
        return true;
    }
    uint32_t code = add_entry(b, c, raw, &typed);
    ((uint32_t *)c->data)[b->rows] = code;
    return code != 0 && !c->by_raw.collided && !c->by_value.collided;
}

static bool rows_room(as_builder *b)
{
    if (b->rows < b->size)
        return true;
    size_t size = b->size ? (size_t)b->size * 2 : FIRST_ROWS;
    if (size > AS_ROWS_MAX)
        size = AS_ROWS_MAX;
    uint32_t *lines = as_realloc(b->lines, size * sizeof *lines);
    if (!lines)
        return false;
    b->lines = lines;
    for (size_t i = 0; i < b->schema->count; i++) {
        grown *c = &b->columns[i];
        void *data = NULL;
        if (c->wanted && !(data = as_realloc(c->data, size * cell_size(&b->schema->fields[i]))))
            return false;
        c->data = data;
    }
    b->size = (uint32_t)size;
    return true;
}

static as_code row_failed(as_builder *b, as_err *e)
{
    b->failed = true;
    for (size_t i = 0; b->columns && i < b->schema->count; i++)
        if (b->columns[i].by_raw.collided || b->columns[i].by_value.collided)
            return as_fail(
                e, AS_EBUDGET, AS_NOWHERE,
                "the values of %.*s.%.*s collide as no honest data does (AS_PROBES_MAX, %d): "
                "the file may have been made to stall the program; look at how it was "
                "produced",
                AS_FMT(b->name), AS_FMT(b->schema->fields[i].name), AS_PROBES_MAX);
    return as_fail_nomem(e);
}

as_code as_builder_row(as_builder *b, const as_str *cells, uint32_t line, as_err *e)
{
    if (b->rows >= AS_ROWS_MAX)
        return as_fail(e, AS_EBUDGET, AS_NOWHERE,
                       "%.*s has more than %u records, the most there may be", AS_FMT(b->name),
                       AS_ROWS_MAX);
    bool ok = !b->failed && rows_room(b);
    for (size_t i = 0; ok && i < b->schema->count; i++) {
        grown *c = &b->columns[i];
        if (c->wanted)
            ok = add_cell(b, c, &b->schema->fields[i], cells[i]);
        else
            c->present = c->present || cells[i].ptr;
    }
    if (!ok)
        return row_failed(b, e);
    b->lines[b->rows++] = line;
    return AS_OK;
}

/* ---- the table ---- */

static void made_locate(const as_table *t, uint32_t row, uint32_t *line, uint32_t *sheet_row)
{
    const made *m = t->maker;
    *line = *sheet_row = m->lines[row];
}

static void made_close(as_table *t)
{
    made *m = t->maker;
    for (size_t i = 0; i < t->schema->count; i++) {
        as_free((void *)(uintptr_t)t->columns[i].data);
        as_free((void *)(uintptr_t)t->columns[i].bad);
        as_free(t->columns[i].dict.entries);
    }
    as_free(m->lines);
    as_arena_close(m->arena); /* and m with it */
}

static void hand_column(as_column *out, grown *c, const as_field *f, uint32_t rows)
{
    *out = (as_column){.field = f, .present = c->present, .source_col = c->source_col};
    out->header = c->named ? c->header : c->present ? f->name : AS_STR("");
    out->null_count = rows;
    if (!c->present || !c->wanted) {
        column_free(c);
        return;
    }
    out->layout = layout_of(f);
    out->data = c->data;
    out->null_count = c->nulls;
    out->bad = c->bad;
    out->bad_count = c->bad_count;
    if (out->layout == AS_LAYOUT_DICT) {
        out->width = sizeof(uint32_t);
        out->dict = (as_dict){c->entries, c->entry_count};
    }
    c->data = NULL;
    c->bad = NULL;
    c->entries = NULL;
    column_free(c); /* the maps */
}

as_code as_builder_finish(as_builder *b, as_table **out, as_err *e)
{
    *out = NULL;
    bool ok =
        !b->failed && b->arena && (b->size || rows_room(b)); /* no column's data is NULL */
    for (size_t i = 0; ok && i < b->schema->count; i++)
        ok = layout_of(&b->schema->fields[i]) != AS_LAYOUT_DICT || b->columns[i].entry_count ||
             entries_room(&b->columns[i]); /* nor is a dictionary without its null */
    made *m = ok ? AS_NEW(b->arena, made) : NULL;
    as_column *columns = ok ? AS_NEW_N(b->arena, as_column, b->schema->count) : NULL;
    if (!m || !columns) {
        b->failed = true;
        return as_fail_nomem(e);
    }
    for (size_t i = 0; i < b->schema->count; i++)
        hand_column(&columns[i], &b->columns[i], &b->schema->fields[i], b->rows);
    m->table = (as_table){.name = b->name,
                          .schema = b->schema,
                          .rows = b->rows,
                          .columns = columns,
                          .path = AS_STR(""),
                          .sheet = AS_STR(""),
                          .bytes = AS_STR(""),
                          .locate = made_locate,
                          .close = made_close,
                          .maker = m};
    m->table.report.encoding = m->table.report.delimiter_name = AS_STR("");
    m->arena = b->arena;
    m->lines = b->lines;
    b->arena = NULL;
    b->columns = NULL;
    b->lines = NULL;
    b->failed = true;
    *out = &m->table;
    return AS_OK;
}
