/* fault_text.c: faults in one cell of text or of a code list, and those that fit any cell. */
#include "prove/fault.h"

#include <stdio.h>
#include <stdlib.h>

static bool make_blank(as_site *s, as_change *out)
{
    return !as_cell_null(as_site_column(s), s->row) && as_site_text(s, out, AS_NONE);
}

const as_fault_kind as_fault_blank = {
    .name = "blank",
    .family = "missing",
    .text = "a value is missing",
    .level = AS_FAULT_CELL,
    .make = make_blank,
};

/* ---- what spreadsheets and people do to values ---- */

static bool is_text(as_site *s)
{
    return as_site_field(s)->type == AS_TYPE_TEXT;
}

static bool make_exponent(as_site *s, as_change *out)
{
    char text[32], digits[24];
    as_str value = as_site_value(s, s->field, s->tmp);
    if (value.len < 5 || value.len >= sizeof digits) {
        return false;
    }
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] < '0' || value.ptr[i] > '9') {
            return false;
        }
    }
    memcpy(digits, value.ptr, value.len);
    digits[value.len] = '\0';
    as_str made = {text, (size_t)snprintf(text, sizeof text, "%.2E", strtod(digits, NULL))};
    return as_site_text(s, out, made);
}

const as_fault_kind as_fault_exponent = {
    .name = "exponent",
    .family = "destroyed",
    .text = "a spreadsheet turned a long number into 1.02E+07",
    .level = AS_FAULT_CELL,
    .fits = is_text,
    .make = make_exponent,
};

static bool is_number_or_date(as_site *s)
{
    as_type t = as_site_field(s)->type;
    return t == AS_TYPE_INTEGER || t == AS_TYPE_NUMBER || t == AS_TYPE_DATE;
}

static bool make_words(as_site *s, as_change *out)
{
    as_str value = as_site_value(s, s->field, s->tmp);
    if (!value.ptr) {
        return false;
    }
    as_str made = as_arena_printf(s->arena, "about %.*s", AS_FMT(value));
    return made.ptr && as_site_text(s, out, made);
}

const as_fault_kind as_fault_words = {
    .name = "words",
    .family = "destroyed",
    .text = "words stand in a number or a date",
    .level = AS_FAULT_CELL,
    .fits = is_number_or_date,
    .make = make_words,
};

static bool make_typo(as_site *s, as_change *out)
{
    as_buf made = AS_BUF(AS_FIELD_MAX);
    as_str value = as_site_value(s, s->field, s->tmp);
    bool ok =
        value.len && as_site_typo(s, value, &made) && as_site_text(s, out, as_buf_str(&made));
    as_buf_free(&made);
    return ok;
}

const as_fault_kind as_fault_typo = {
    .name = "typo",
    .family = "misspelt",
    .text = "one letter or digit is another",
    .level = AS_FAULT_CELL,
    .fits = is_text,
    .make = make_typo,
};

/* ---- codes ---- */

static bool is_listed(as_site *s)
{
    return as_site_field(s)->list != NULL;
}

static bool make_off_list(as_site *s, as_change *out)
{
    as_str value = as_site_value(s, s->field, s->tmp);
    if (value.len < 2) {
        return false;
    }
    uint32_t begin = as_dice_below(&s->dice, (uint32_t)value.len);
    for (size_t k = 0; k < value.len;
         k++) { /* without one letter, and on no line of the list */
        size_t at = (begin + k) % value.len;
        as_str made = as_arena_printf(s->arena, "%.*s%.*s", (int)at, value.ptr,
                                      (int)(value.len - at - 1), value.ptr + at + 1);
        bool ascii = ((unsigned char)value.ptr[at] & 0x80) == 0;
        if (made.ptr && ascii && !as_code_list_find(as_site_field(s)->list, made, NULL)) {
            return as_site_text(s, out, made);
        }
    }
    return false;
}

const as_fault_kind as_fault_off_list = {
    .name = "off-list",
    .family = "misspelt",
    .text = "a letter of a code is missing",
    .level = AS_FAULT_CELL,
    .fits = is_listed,
    .make = make_off_list,
};

/* A code that another record has, so that usual ones are usual here too; else one of the list.
 */
static bool make_other_code(as_site *s, as_change *out)
{
    const as_code_list *list = as_site_field(s)->list;
    as_str value = as_site_value(s, s->field, s->tmp);
    if (!value.ptr) {
        return false;
    }
    uint32_t begin = as_dice_below(&s->dice, s->table->rows);
    for (uint32_t k = 0; k < s->table->rows; k++) {
        uint32_t row = (begin + k) % s->table->rows;
        as_str other = as_cell_text(s->table, as_site_column(s), row, s->tmp2);
        if (other.ptr && !as_str_eq(other, value) && as_code_list_find(list, other, NULL)) {
            return as_site_text(s, out, as_arena_str(s->arena, other));
        }
    }
    begin = as_dice_below(&s->dice, (uint32_t)list->count);
    for (size_t k = 0; k < list->count; k++) {
        as_str other = list->entries[(begin + k) % list->count].code;
        if (!as_str_eq(other, value)) {
            return as_site_text(s, out, other);
        }
    }
    return false;
}

const as_fault_kind as_fault_other_code = {
    .name = "other-code",
    .family = "miscoded",
    .text = "a code is another one of its list",
    .level = AS_FAULT_CELL,
    .fits = is_listed,
    .make = make_other_code,
};

/* ---- what must not be published ---- */

/* Sorts of record of which none shows the field: there it is withheld, elsewhere it may be
 * told.
 */
static bool is_withheld(as_site *s)
{
    const as_field *f = as_site_field(s);
    bool any = false, *withheld = AS_NEW_N(s->arena, bool, (size_t)s->bed->stratum_count + 1);
    if (f->type != AS_TYPE_TEXT || !f->sensitive || !withheld) {
        return false;
    }
    for (uint32_t i = 0; i < s->bed->stratum_count; i++) {
        const as_stratum *x = &s->bed->strata[i];
        withheld[i] = x->count > 0;
        for (uint32_t k = 0; k < x->count && withheld[i]; k++) {
            withheld[i] = as_cell_null(as_site_column(s), x->rows[k]);
        }
        any = any || withheld[i];
    }
    s->prepared = withheld;
    return any;
}

static bool make_revealed(as_site *s, as_change *out)
{
    if (!s->prepared[s->stratum]) {
        return false;
    }
    uint32_t begin = as_dice_below(&s->dice, s->table->rows);
    for (uint32_t k = 0; k < s->table->rows; k++) {
        uint32_t row = (begin + k) % s->table->rows;
        if (!as_cell_null(as_site_column(s), row)) {
            return as_site_copy(s, out, row, s->row);
        }
    }
    return as_site_text(s, out, AS_STR("Elm House"));
}

const as_fault_kind as_fault_revealed = {
    .name = "revealed",
    .family = "redaction",
    .text = "a name or an address that is withheld is told",
    .level = AS_FAULT_CELL,
    .fits = is_withheld,
    .make = make_revealed,
};
