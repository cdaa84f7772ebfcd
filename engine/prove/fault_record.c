/* fault_record.c: records that are there twice, not at all, or with what belongs to others. */
#include "prove/fault.h"

#define KEY_TRIES 64

/* ---- twice ---- */

static bool make_twice(as_site *s, as_change *out)
{
    *out = (as_change){.op = AS_CHANGE_CLONE, .row = s->row};
    return true;
}

const as_fault_kind as_fault_twice = {
    .name = "twice",
    .family = "duplicates",
    .text = "a record is there twice",
    .level = AS_FAULT_RECORD,
    .make = make_twice,
};

static bool has_text_key(as_site *s)
{
    return as_site_key_field(s) != AS_NO_FIELD;
}

/* A key of the same form that no record has. */
static bool new_key(as_site *s, as_change *out)
{
    uint32_t field = as_site_key_field(s);
    as_buf made = AS_BUF(AS_FIELD_MAX);
    as_str value = as_site_value(s, field, s->tmp);
    bool found = false;
    for (int i = 0; i < KEY_TRIES && value.len && !found; i++) {
        as_buf_clear(&made);
        for (size_t k = 0; k < value.len; k++) {
            bool digit = value.ptr[k] >= '0' && value.ptr[k] <= '9';
            /* leading digits say which sort of number it is */
            bool keep = !digit || k < value.len / 2;
            as_buf_addc(&made, keep ? value.ptr[k] : (char)('0' + as_dice_below(&s->dice, 10)));
        }
        found = !made.failed && !as_site_holds(s, s->table, field, as_buf_str(&made));
    }
    as_str kept = found ? as_arena_str(s->arena, as_buf_str(&made)) : AS_NONE;
    as_buf_free(&made);
    out->cells[out->cell_count++] = (as_cell_change){0, field, kept, AS_DATE_NULL};
    return kept.ptr != NULL;
}

static bool make_twice_new_key(as_site *s, as_change *out)
{
    return make_twice(s, out) && new_key(s, out);
}

const as_fault_kind as_fault_twice_new_key = {
    .name = "twice-new-key",
    .family = "duplicates",
    .text = "a record is there again under another key",
    .level = AS_FAULT_RECORD,
    .fits = has_text_key,
    .make = make_twice_new_key,
};

/* The field of the longest withheld text of the site's record, key fields apart. */
static uint32_t longest_name(as_site *s, size_t least)
{
    const as_schema *schema = s->table->schema;
    uint32_t best = AS_NO_FIELD;
    for (uint32_t f = 0; f < schema->count; f++) {
        if (schema->fields[f].type != AS_TYPE_TEXT || !schema->fields[f].sensitive) {
            continue;
        }
        as_str value = as_site_value(s, f, s->tmp);
        if (value.len >= least) {
            least = value.len + 1;
            best = f;
        }
    }
    return best;
}

static bool make_twice_misspelt(as_site *s, as_change *out)
{
    uint32_t field = longest_name(s, 5);
    as_buf made = AS_BUF(AS_FIELD_MAX);
    bool ok = field != AS_NO_FIELD && make_twice_new_key(s, out) &&
              as_site_typo(s, as_site_value(s, field, s->tmp), &made);
    as_str kept = ok ? as_arena_str(s->arena, as_buf_str(&made)) : AS_NONE;
    as_buf_free(&made);
    if (kept.ptr) {
        out->cells[out->cell_count++] = (as_cell_change){0, field, kept, AS_DATE_NULL};
    }
    return kept.ptr != NULL;
}

const as_fault_kind as_fault_twice_misspelt = {
    .name = "twice-misspelt",
    .family = "duplicates",
    .text = "a record is there again under another key, its name misspelt",
    .level = AS_FAULT_RECORD,
    .fits = has_text_key,
    .make = make_twice_misspelt,
};

/* ---- not at all, or one too many ---- */

static bool make_lost(as_site *s, as_change *out)
{
    *out = (as_change){.op = AS_CHANGE_DROP, .row = s->row};
    return true;
}

const as_fault_kind as_fault_lost = {
    .name = "lost",
    .family = "records",
    .text = "a record is missing",
    .level = AS_FAULT_RECORD,
    .make = make_lost,
};

/* The k-th other table of the release that has the key field of this one; NULL: no such. */
static const as_bed *other_bed(const as_site *s, uint32_t k, uint32_t *field)
{
    as_str name = s->table->schema->fields[s->table->schema->key[0]].name;
    for (size_t i = 0; i < s->bed_count; i++) {
        const as_bed *b = &s->beds[i];
        *field = b == s->bed ? AS_NO_FIELD : as_schema_field(b->table->schema, name);
        if (*field != AS_NO_FIELD && b->table->rows && b->table->columns[*field].present &&
            k-- == 0) {
            return b;
        }
    }
    return NULL;
}

static bool has_other_table(as_site *s)
{
    uint32_t field;
    return s->table->schema->key_count == 1 && has_text_key(s) && other_bed(s, 0, &field);
}

static bool make_stranger(as_site *s, as_change *out)
{
    uint32_t count = 0, field, own = s->table->schema->key[0];
    while (other_bed(s, count, &field)) {
        count++;
    }
    const as_bed *other = other_bed(s, as_dice_below(&s->dice, count), &field);
    for (int i = 0; i < KEY_TRIES; i++) {
        uint32_t row = as_dice_below(&s->dice, other->table->rows);
        as_str key = as_cell_text(other->table, &other->table->columns[field], row, s->tmp);
        if (!key.len || as_site_holds(s, s->table, own, key)) {
            continue;
        }
        as_str kept = as_arena_str(s->arena, key);
        *out = (as_change){.op = AS_CHANGE_CLONE, .row = s->row, .cell_count = 1};
        out->cells[0] = (as_cell_change){0, own, kept, AS_DATE_NULL};
        return kept.ptr != NULL;
    }
    return false;
}

const as_fault_kind as_fault_stranger = {
    .name = "stranger",
    .family = "records",
    .text = "a record that another table knows and this one should not have",
    .level = AS_FAULT_RECORD,
    .fits = has_other_table,
    .make = make_stranger,
};

static bool not_unpivoted(as_site *s)
{
    return !s->table->schema->unpivot.on;
}

static bool make_cut_row(as_site *s, as_change *out)
{
    const as_schema *schema = s->table->schema;
    uint32_t begin = as_dice_below(&s->dice, (uint32_t)schema->count);
    for (uint32_t k = 0; k < schema->count; k++) {
        uint32_t f = (begin + k) % (uint32_t)schema->count;
        if (s->table->columns[f].present && s->table->columns[f].source_col > 0) {
            *out = (as_change){.op = AS_CHANGE_CUT_ROW, .row = s->row, .field = f};
            return true;
        }
    }
    return false;
}

const as_fault_kind as_fault_cut_row = {
    .name = "cut-row",
    .family = "records",
    .text = "a row ends too early",
    .level = AS_FAULT_RECORD,
    .fits = not_unpivoted,
    .make = make_cut_row,
};

/* ---- what belongs to another record ---- */

static bool make_exchanged(as_site *s, as_change *out)
{
    as_str value = as_site_value(s, s->field, s->tmp);
    uint32_t begin = as_dice_below(&s->dice, s->bed->clean);
    for (uint32_t k = 0; k < s->bed->clean; k++) {
        uint32_t row = as_bed_row(s->bed, (begin + k) % s->bed->clean);
        as_str other = as_cell_text(s->table, as_site_column(s), row, s->tmp2);
        if (other.ptr ? !value.ptr || !as_str_eq(value, other) : value.ptr != NULL) {
            return as_site_copy(s, out, row, s->row) && as_site_copy(s, out, s->row, row);
        }
    }
    return false;
}

const as_fault_kind as_fault_exchanged = {
    .name = "exchanged",
    .family = "mixed up",
    .text = "two records have each other's value",
    .level = AS_FAULT_CELL,
    .make = make_exchanged,
};
