/* fault.c: the registry of faults, and what their kinds share. */
#include "prove/fault.h"

#define AS_FAULT(name) extern const as_fault_kind as_fault_##name;
#include "prove/faults.def"
#undef AS_FAULT

#define AS_FAULT(name) &as_fault_##name,
const as_fault_kind *const as_fault_kinds[] = {
#include "prove/faults.def"
};
#undef AS_FAULT
const size_t as_fault_kind_count = sizeof as_fault_kinds / sizeof as_fault_kinds[0];

const char *as_fault_name(const as_fault_kind *k)
{
    return k->name;
}

const char *as_fault_family(const as_fault_kind *k)
{
    return k->family;
}

const char *as_fault_text(const as_fault_kind *k)
{
    return k->text;
}

uint64_t as_dice_next(as_dice *d)
{
    uint64_t x = d->state += 0x9e3779b97f4a7c15ull;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
}

uint32_t as_dice_below(as_dice *d, uint32_t n)
{
    return n ? (uint32_t)(((as_dice_next(d) >> 32) * n) >> 32) : 0;
}

uint32_t as_bed_row(const as_bed *b, uint32_t k)
{
    uint32_t i = 0;
    for (; k >= b->strata[i].count; i++) {
        k -= b->strata[i].count;
    }
    return b->strata[i].rows[k];
}

as_str as_site_value(as_site *s, uint32_t field, as_buf *tmp)
{
    return as_cell_text(s->table, &s->table->columns[field], s->row, tmp);
}

static bool add_cell(as_change *out, as_cell_change cell)
{
    out->op = AS_CHANGE_CELLS;
    out->cells[out->cell_count++] = cell;
    return true;
}

bool as_site_text(as_site *s, as_change *out, as_str raw)
{
    as_str now = as_cell_raw(s->table, as_site_column(s), s->row, s->tmp2);
    if (now.ptr ? raw.ptr && as_str_eq(now, raw) : !raw.ptr) {
        return false;
    }
    as_str kept = raw.ptr ? as_arena_str(s->arena, raw) : AS_NONE;
    return (kept.ptr || !raw.ptr) &&
           add_cell(out, (as_cell_change){s->row, s->field, kept, AS_DATE_NULL});
}

bool as_site_date(as_site *s, as_change *out, as_date d)
{
    return d != AS_DATE_NULL && d != as_cell_date(as_site_column(s), s->row) &&
           add_cell(out, (as_cell_change){s->row, s->field, AS_NONE, d});
}

bool as_site_copy(as_site *s, as_change *out, uint32_t from, uint32_t to)
{
    const as_column *c = as_site_column(s);
    as_cell_change cell = {to, s->field, AS_NONE, as_cell_date(c, from)};
    if (cell.date == AS_DATE_NULL) {
        as_str raw = as_cell_raw(s->table, c, from, s->tmp2);
        cell.raw = raw.ptr ? as_arena_str(s->arena, raw) : AS_NONE;
        if (raw.ptr && !cell.raw.ptr) {
            return false;
        }
    }
    return add_cell(out, cell);
}

static char other_of(char c, const char *first, uint32_t count, as_dice *dice)
{
    uint32_t at = (uint32_t)(c - *first);
    return (char)(*first + (char)((at + 1 + as_dice_below(dice, count - 1)) % count));
}

bool as_site_typo(as_site *s, as_str text, as_buf *out)
{
    uint32_t begin = as_dice_below(&s->dice, (uint32_t)text.len);
    for (size_t k = 0; k < text.len; k++) {
        size_t at = (begin + k) % text.len;
        char c = text.ptr[at], with = 0;
        if (c >= '0' && c <= '9') {
            with = other_of(c, "0", 10, &s->dice);
        } else if (c >= 'a' && c <= 'z') {
            with = other_of(c, "a", 26, &s->dice);
        } else if (c >= 'A' && c <= 'Z') {
            with = other_of(c, "A", 26, &s->dice);
        }
        if (with) {
            as_buf_add(out, as_str_sub(text, 0, at));
            as_buf_addc(out, with);
            as_buf_add(out, as_str_sub(text, at + 1, text.len));
            return !out->failed;
        }
    }
    return false;
}

bool as_site_holds(as_site *s, const as_table *t, uint32_t field, as_str value)
{
    for (uint32_t row = 0; row < t->rows; row++) {
        as_str text = as_cell_text(t, &t->columns[field], row, s->tmp2);
        if (text.ptr && as_str_eq(text, value)) {
            return true;
        }
    }
    return false;
}

uint32_t as_site_key_field(const as_site *s)
{
    const as_schema *schema = s->table->schema;
    for (size_t i = schema->key_count; i-- > 0;) {
        uint32_t f = schema->key[i];
        if (schema->fields[f].type == AS_TYPE_TEXT && s->table->columns[f].present) {
            return f;
        }
    }
    return AS_NO_FIELD;
}
