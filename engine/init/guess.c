/* guess.c: the type of a field from all its values.
 *
 * A type is taken where every value fits, or 99 in 100 of at least 100 values: then the others
 * are findings of TABLE.FIELD.type, which release.yaml makes a warning. Leading zeros, more
 * than 15 digits and names such as "number" or "id" keep digits as text: they are not amounts.
 * A text of few different values is a code (few_values). */
#include "base/text.h"
#include "init/model.h"
#include "init/names.h"
#include "init/yaml_text.h"

#include <stdio.h>

#define FIXED_DIGITS 9   /* numbers that all have so many are no amounts */
#define ALMOST_LEAST 100 /* values, before one in a hundred may be odd */

static bool nearly_all(uint64_t good, uint64_t all)
{
    return good > 0 && (good == all || (all >= ALMOST_LEAST && good * 100 >= all * 99));
}

static as_code add_note(as_init_work *w, as_init_field *f, const char *text, as_err *e)
{
    f->note = f->note.len ? as_arena_printf(w->arena, "%.*s; %s", AS_FMT(f->note), text)
                          : as_arena_str(w->arena, as_str_from(text));
    return f->note.ptr ? AS_OK : as_fail_nomem(e);
}

/* "(for example "x", "y")" of values that are not what the others are; never of people. */
static as_code note_odd(as_init_work *w, as_init_field *f, const char *what, as_err *e)
{
    as_buf text = AS_BUF(AS_MESSAGE_MAX);
    as_buf_add(&text, as_str_from(what));
    for (size_t i = 0; i < f->facts.odd_count && !f->sensitive; i++) {
        as_buf_add(&text, i ? AS_STR(", ") : AS_STR(", for example "));
        as_buf_addc(&text, '"');
        as_yaml_shown(&text, f->facts.odd[i], 40);
        as_buf_addc(&text, '"');
    }
    as_code code = text.failed ? as_fail_nomem(e) : add_note(w, f, text.ptr, e);
    if (code == AS_OK)
        as_init_doubt(w, "%.*s: %.*s", AS_FMT(f->label), AS_FMT(as_buf_str(&text)));
    as_buf_free(&text);
    return code;
}

/* ---- dates ---- */

static uint64_t covered(const as_facts *f, uint32_t forms)
{
    uint64_t n = 0;
    for (size_t i = 0; i < f->mask_count; i++)
        n += f->masks[i].mask & forms ? f->masks[i].count : 0;
    return n;
}

/* Forms of which each reads what the ones before cannot, the most useful first; never day first
 * and month first together. */
static uint32_t choose_forms(const as_facts *f, size_t *order, size_t *count)
{
    uint32_t chosen = 0;
    *count = 0;
    while (*count < 6) {
        uint64_t have = covered(f, chosen), best = have;
        size_t which = SIZE_MAX;
        for (size_t i = 0; i < as_date_form_count; i++) {
            bool clash = (i == AS_FORM_MDY && (chosen & 1u << AS_FORM_DMY)) ||
                         (i == AS_FORM_DMY && (chosen & 1u << AS_FORM_MDY));
            uint64_t now = clash ? 0 : covered(f, chosen | 1u << i);
            if (now > best) {
                best = now;
                which = i;
            }
        }
        if (which == SIZE_MAX)
            break;
        chosen |= 1u << which;
        order[(*count)++] = which;
    }
    return chosen;
}

/* Is a run of eight digits a day here, not a number? */
static bool digits_are_days(const as_init_field *f, uint64_t n)
{
    return n >= 20 || as_name_has(f->name, "date") || as_name_has(f->name, "dob") ||
           as_name_has(f->name, "day");
}

static as_code note_dates(as_init_work *w, as_init_field *f, uint32_t chosen, as_err *e)
{
    uint32_t dmy = 1u << AS_FORM_DMY, mdy = 1u << AS_FORM_MDY;
    as_code code = AS_OK;
    if ((chosen & dmy) && covered(&f->facts, dmy) &&
        covered(&f->facts, mdy) >= covered(&f->facts, dmy)) {
        code = add_note(w, f,
                        "no day is above 12, so day and month could be the other way "
                        "round; day first is assumed",
                        e);
        as_init_doubt(w, "%.*s: no day is above 12; day first is assumed", AS_FMT(f->label));
    }
    for (size_t i = 0; i < as_date_form_count && code == AS_OK; i++)
        if ((chosen & 1u << i) && as_str_find(as_date_forms[i], AS_STR("%H")) != (size_t)-1) {
            code = add_note(w, f, "the time of day is read and not kept", e);
            break;
        }
    return code;
}

static as_code try_date(as_init_work *w, as_init_field *f, uint64_t n, bool *is, as_err *e)
{
    size_t order[8], count;
    uint32_t chosen = choose_forms(&f->facts, order, &count);
    uint64_t good = covered(&f->facts, chosen);
    bool bare = f->facts.numbers > 0;
    *is = nearly_all(good, n) && (!bare || digits_are_days(f, good));
    if (!*is)
        return AS_OK;
    as_str *forms = AS_NEW_N(w->arena, as_str, count + 1);
    if (!forms)
        return as_fail_nomem(e);
    for (size_t i = 0; i < count; i++)
        forms[i] = as_date_forms[order[i]];
    f->field->type = AS_TYPE_DATE;
    f->field->formats = forms;
    f->field->format_count = count;
    f->odd = n - good;
    return note_dates(w, f, chosen, e);
}

/* ---- numbers ---- */

static as_code try_number(as_init_work *w, as_init_field *f, uint64_t n, bool *is, as_err *e)
{
    const as_facts *x = &f->facts;
    *is = nearly_all(x->numbers, n);
    if (!*is)
        return AS_OK;
    bool fixed = !x->negative && x->shortest == x->longest && x->longest >= FIXED_DIGITS &&
                 x->whole == x->numbers;
    if (x->leading_zero || x->long_digits || f->identifier || fixed ||
        as_name_telephone(f->name)) {
        bool by_name = f->identifier;
        *is = false;
        f->identifier = !as_name_telephone(f->name);
        if (!f->identifier)
            return add_note(w, f, "kept as text: a telephone number", e);
        if (x->leading_zero)
            return add_note(w, f, "kept as text: leading zeros", e);
        if (fixed && !by_name)
            return add_note(w, f, "kept as text: every value has as many digits", e);
        return x->long_digits ? add_note(w, f, "kept as text: more than 15 digits", e)
                              : add_note(w, f, "kept as text: an identifier by its name", e);
    }
    f->field->type = x->whole == x->numbers ? AS_TYPE_INTEGER : AS_TYPE_NUMBER;
    f->odd = n - x->numbers;
    if (x->percent)
        return add_note(w, f,
                        x->percent == x->numbers
                            ? "the percent sign is taken off: 45% is read as 45"
                            : "some values have a percent sign, some have none: "
                              "45% is read as 45; look whether they mean the same",
                        e);
    return AS_OK;
}

/* ---- what stands around values, and for no value ---- */

static as_code make_strip(as_init_work *w, as_init_field *f, as_err *e)
{
    const as_facts *x = &f->facts;
    bool date = f->field->type == AS_TYPE_DATE;
    bool noted = date ? x->dates_noted > 0 : x->noted > 0;
    bool percent = !date && x->percent, pound = !date && x->pound;
    if (f->field->type == AS_TYPE_TEXT || f->field->type == AS_TYPE_CODE ||
        (!noted && !percent && !pound))
        return AS_OK;
    f->strip_text =
        as_arena_printf(w->arena, "%s%s%s%s%s", noted ? "\\s*\\[[^]]*\\]$" : "",
                        noted && (percent || pound) ? "|" : "", percent ? "\\s*%$" : "",
                        percent && pound ? "|" : "", pound ? "^£\\s*" : "");
    if (!f->strip_text.ptr)
        return as_fail_nomem(e);
    as_code code = as_regex_compile(&f->field->strip, w->arena, f->strip_text, 0, e);
    return code == AS_OK && noted
               ? add_note(w, f, "notes in brackets are taken off before reading", e)
               : code;
}

/* Weak tokens are null where the other values are numbers or dates. */
static as_code own_nulls(as_init_work *w, as_init_schema *s, as_init_field *f, as_err *e)
{
    bool typed = f->field->type != AS_TYPE_TEXT && f->field->type != AS_TYPE_CODE;
    as_str *all = AS_NEW_N(w->arena, as_str, s->schema.null_count + as_token_count + 1);
    if (!all)
        return as_fail_nomem(e);
    size_t n = s->schema.null_count;
    memcpy(all, s->schema.nulls, n * sizeof *all);
    for (size_t i = 0; typed && i < as_token_count; i++) {
        if (as_tokens[i].strong || f->facts.tokens[i] == 0)
            continue;
        all[n++] = as_str_from(as_tokens[i].text);
        f->own_nulls = true;
    }
    if (f->own_nulls) {
        f->field->nulls = all;
        f->field->null_count = n;
    }
    return AS_OK;
}

/* ---- codes ---- */

/* Few different values for so many records. Small files: each value three times on average;
 * up to 100 values: eight times; up to 500: fifteen times. */
static bool few_values(uint64_t distinct, uint64_t n)
{
    if (distinct == 0 || n == 0)
        return false;
    if (n < 20)
        return distinct <= 6 && distinct * 3 <= n;
    return (distinct <= 100 && distinct * 8 <= n) || (distinct <= 500 && distinct * 15 <= n);
}

static uint64_t distinct_values(const as_facts *x)
{
    uint64_t n = 0;
    for (size_t i = 0; i < x->spelling_count; i++) {
        size_t token = as_token_find(x->spellings[i].text);
        n += token == SIZE_MAX || !as_tokens[token].strong;
    }
    return n;
}

static void look_at_values(as_init_work *w, as_init_field *f, uint64_t n)
{
    const as_facts *x = &f->facts;
    bool people = n > 0 && ((x->postcodes && (x->postcodes + x->redacted) * 10 >= n * 9) ||
                            x->emails * 10 >= n * 9);
    if (people && !f->sensitive)
        as_init_doubt(w, "%.*s: reads like %s, so it is marked sensitive", AS_FMT(f->label),
                      x->emails * 10 >= n * 9 ? "e-mail addresses" : "postcodes");
    f->sensitive = f->sensitive || people;
}

static as_code guess_text(as_init_work *w, as_init_schema *s, as_init_field *f, uint64_t n,
                          as_err *e)
{
    const as_facts *x = &f->facts;
    uint64_t weak = 0;
    for (size_t i = 0; i < as_token_count; i++)
        weak += as_tokens[i].strong ? 0 : x->tokens[i];
    if (n + weak == 0)
        return add_note(w, f, "empty in every record: nothing is known of it", e);
    if (!f->sensitive && !x->many && few_values(distinct_values(x), n + weak)) {
        f->field->type = AS_TYPE_CODE;
        return as_init_list_join(w, s, f, e);
    }
    bool commas = x->decimal_commas && x->decimal_commas * 10 >= x->texts * 9;
    bool mixed = !f->identifier && x->texts && (x->numbers || x->dates) &&
                 (x->numbers + x->dates) * 2 >= n;
    if (!mixed && !commas)
        return AS_OK;
    char text[200];
    if (commas)
        snprintf(text, sizeof text, "kept as text: decimal commas, which are not read");
    else
        snprintf(text, sizeof text,
                 "kept as text: %llu of %llu values are neither number nor date",
                 (unsigned long long)x->texts, (unsigned long long)n);
    return note_odd(w, f, text, e);
}

as_code as_init_guess(as_init_work *w, as_init_schema *s, as_init_field *f, as_err *e)
{
    const as_facts *x = &f->facts;
    uint64_t n = x->numbers + x->dates + x->texts;
    bool is = false;
    look_at_values(w, f, n);
    as_code code = n ? try_date(w, f, n, &is, e) : AS_OK;
    if (code == AS_OK && n && !is)
        code = try_number(w, f, n, &is, e);
    if (code == AS_OK && !is)
        code = guess_text(w, s, f, n, e);
    if (code == AS_OK)
        code = make_strip(w, f, e);
    if (code == AS_OK)
        code = own_nulls(w, s, f, e);
    if (code == AS_OK && f->odd) {
        char text[100];
        snprintf(text, sizeof text, "%llu of %llu values cannot be read as %s",
                 (unsigned long long)f->odd, (unsigned long long)n,
                 as_type_name(f->field->type));
        code = note_odd(w, f, text, e);
    }
    f->field->sensitive = f->sensitive;
    return code;
}
