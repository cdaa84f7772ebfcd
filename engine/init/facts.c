/* facts.c: count what stands in a column. Dictionary columns are looked at once per distinct
 * value, others once per record. */
#include "init/facts.h"

#include "base/alloc.h"
#include "base/text.h"

#include <stdlib.h>

#define SLOTS (4 * AS_FACTS_SPELLINGS)
#define SHAPE_SLOTS (4 * AS_FACTS_SHAPES)
#define SPELLING_MAX 120 /* longer values are no codes */

const as_token as_tokens[] = {
    {"NULL", true},
    {"N/A", true},
    {"#N/A", true},
    {"(null)", true},
    {"-", true},
    {"--", true},
    {"..", true},
    {"...", true},
    {"[c]", true},
    {"[x]", true},
    {"[z]", true},
    {"[u]", true},
    {"[w]", true},
    {"[low]", true},
    {"[e]", true},
    {"[k]", true},
    {"NaN", true},
    {"#VALUE!", true},
    {"#REF!", true},
    {"#DIV/0!", true},
    {".", false},
    {":", false},
    {"*", false},
    {"~", false},
    {"?", false},
    {"???", false},
    {"c", false},
    {"k", false},
    {"u", false},
    {"x", false},
    {"z", false},
    {"low", false},
    {"NA", false},
    {"NE", false},
    {"NP", false},
    {"SUPP", false},
    {"LOWCOV", false},
    {"none", false},
    {"unknown", false},
    {"not known", false},
    {"not applicable", false},
    {"not available", false},
    {"suppressed", false},
    {"TBC", false},
};
const size_t as_token_count = sizeof as_tokens / sizeof *as_tokens;

#define FORM(text)                                                                             \
    {                                                                                          \
        text, sizeof(text) - 1                                                                 \
    }
const as_str as_date_forms[] = {
    FORM("%d/%m/%Y"),          FORM("%m/%d/%Y"),          FORM("%Y-%m-%d"),
    FORM("%d-%m-%Y"),          FORM("%d.%m.%Y"),          FORM("%d %B %Y"),
    FORM("%d-%b-%Y"),          FORM("%d-%b-%y"),          FORM("%d/%m/%y"),
    FORM("%d %b %y"),          FORM("%Y/%m/%d"),          FORM("%Y%m%d"),
    FORM("%d/%m/%Y %H:%M"),    FORM("%d/%m/%Y %H:%M:%S"), FORM("%Y-%m-%d %H:%M"),
    FORM("%Y-%m-%d %H:%M:%S"), FORM("%Y-%m-%dT%H:%M:%S"), FORM("%Y-%m-%dT%H:%M:%SZ"),
    FORM("%Y-%m-%dT%H:%M"),    FORM("%m/%d/%Y %H:%M"),
};
const size_t as_date_form_count = sizeof as_date_forms / sizeof *as_date_forms;

/* ---- small sets of texts ---- */

/* The slot of `text` in an open table of `size` slots. */
static as_spelling *slot_of(as_spelling *slots, size_t size, as_str text)
{
    size_t at = as_hash(text) & (size - 1);
    while (slots[at].text.ptr && !as_str_eq(slots[at].text, text))
        at = (at + 1) & (size - 1);
    return &slots[at];
}

/* False: the set holds `most` already. */
static bool count_in(as_facts *f, as_spelling *slots, size_t size, size_t most, size_t *used,
                     as_str text, uint64_t n)
{
    as_spelling *s = slot_of(slots, size, text);
    if (!s->text.ptr) {
        if (*used == most)
            return false;
        s->text = as_arena_str(f->arena, text);
        f->failed = f->failed || !s->text.ptr;
        ++*used;
    }
    s->count += n;
    return true;
}

static int by_text(const void *x, const void *y)
{
    return as_str_cmp(((const as_spelling *)x)->text, ((const as_spelling *)y)->text);
}

/* Slots to a sorted list. */
static void close_up(as_spelling *slots, size_t size, size_t used)
{
    size_t n = 0;
    for (size_t i = 0; i < size && n < used; i++)
        if (slots[i].text.ptr)
            slots[n++] = slots[i];
    if (n > 1)
        qsort(slots, n, sizeof *slots, by_text);
}

/* ---- one value ---- */

size_t as_token_find(as_str text)
{
    if (text.len == 0 || text.len > 14 || (text.ptr[0] >= '0' && text.ptr[0] <= '9'))
        return SIZE_MAX; /* none is longer, or begins with a digit */
    for (size_t i = 0; i < as_token_count; i++) {
        const char *token = as_tokens[i].text;
        size_t k = 0;
        while (k < text.len && token[k] &&
               (token[k] == text.ptr[k] || ((token[k] ^ text.ptr[k]) == 32 &&
                                            (token[k] | 32) >= 'a' && (token[k] | 32) <= 'z')))
            k++;
        if (k == text.len && !token[k])
            return i;
    }
    return SIZE_MAX;
}

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Every form begins with digits: four for a year, else one or two; what follows them in the
 * form must follow them in the value. Most values are no date, so this is what counts. */
static uint32_t forms_of(as_str v)
{
    uint32_t mask = 0;
    size_t lead = 0;
    if (v.len < 6 || v.len > 40)
        return 0;
    while (lead < v.len && digit(v.ptr[lead]))
        lead++;
    if (lead == 0 || (lead == v.len ? lead != 8 : lead > 4))
        return 0;
    for (size_t i = 0; i < as_date_form_count; i++) {
        const char *form = as_date_forms[i].ptr;
        bool fits = lead == v.len ? form[2] == '%'
                                  : form[2] == v.ptr[lead] && (form[1] == 'Y') == (lead == 4);
        if (fits && as_date_parse(v, as_date_forms[i]) != AS_DATE_NULL)
            mask |= 1u << i;
    }
    return mask;
}

static void count_mask(as_facts *f, uint32_t mask, uint64_t n)
{
    size_t i = 0;
    while (i < f->mask_count && f->masks[i].mask != mask)
        i++;
    if (i == AS_FACTS_MASKS)
        return;
    if (i == f->mask_count) {
        f->masks[f->mask_count++].mask = mask;
        f->masks[i].count = 0;
    }
    f->masks[i].count += n;
}

/* What "1,234", "007" or "-3.5" is, as the reader will see it. */
static bool count_number(as_facts *f, as_str v, uint64_t n)
{
    static const as_schema none = {.count = 0};
    static const as_field number = {.type = AS_TYPE_NUMBER, .thousands = ','},
                          integer = {.type = AS_TYPE_INTEGER, .thousands = ','};
    char first = v.ptr[0];
    size_t digits = 0;
    for (size_t i = 0; i < v.len; i++) {
        if (!digit(v.ptr[i]) && !strchr("-+.,", v.ptr[i]))
            return false;
        digits += digit(v.ptr[i]);
    }
    if (digits == v.len && digits <= 15) {
        f->whole += n;
        f->leading_zero += first == '0' && digits > 1 ? n : 0;
        return true;
    }
    as_typed typed;
    as_buf tmp = AS_BUF(AS_FIELD_MAX);
    bool is = as_cell_type(&none, &number, v, &typed, &tmp) == AS_CELL_VALUE;
    bool whole = is && memchr(v.ptr, '.', v.len) == NULL &&
                 as_cell_type(&none, &integer, v, &typed, &tmp) == AS_CELL_VALUE;
    as_buf_free(&tmp);
    if (!is)
        return false;
    f->whole += whole ? n : 0;
    f->negative += first == '-' ? n : 0;
    f->leading_zero += first == '0' && v.len > 1 && digit(v.ptr[1]) ? n : 0;
    f->long_digits += digits > 15 && memchr(v.ptr, '.', v.len) == NULL ? n : 0;
    return true;
}

/* The text before a note in brackets at its end: "31 March 2013 [Note 1]". */
static as_str without_note(as_str v)
{
    if (v.len < 3 || v.ptr[v.len - 1] != ']')
        return v;
    size_t at = v.len;
    while (at > 0 && v.ptr[at - 1] != '[')
        at--;
    return at > 1 ? as_str_trim(as_str_sub(v, 0, at - 1)) : v;
}

static bool count_dressed(as_facts *f, as_str v, uint64_t n)
{
    as_str bare = without_note(v);
    if (bare.len < v.len && bare.len) {
        uint32_t mask = forms_of(bare);
        if (mask) {
            count_mask(f, mask, n);
            f->dates += n;
            f->dates_noted += n;
            return true;
        }
        if (count_number(f, bare, n)) {
            f->numbers += n;
            f->noted += n;
            return true;
        }
    }
    bool percent = v.len > 1 && v.ptr[v.len - 1] == '%';
    bool pound = as_str_starts(v, AS_STR("£"));
    bare = percent ? as_str_trim(as_str_sub(v, 0, v.len - 1))
           : pound ? as_str_trim(as_str_sub(v, 2, v.len))
                   : v;
    if ((!percent && !pound) || !bare.len || !count_number(f, bare, n))
        return false;
    f->numbers += n;
    f->percent += percent ? n : 0;
    f->pound += pound ? n : 0;
    return true;
}

static bool letter(char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* A UK postcode by its form: AS_POSTCODE. */
static bool is_postcode(as_str v)
{
    if (v.len < 5 || v.len > 8 || !letter(v.ptr[0]))
        return false;
    const char *in = v.ptr + v.len - 3;
    if (!digit(in[0]) || !letter(in[1]) || !letter(in[2]))
        return false;
    size_t end = v.len - 3, at = 1 + letter(v.ptr[1]);
    end -= v.ptr[end - 1] == ' ';
    if (at >= end || !digit(v.ptr[at++]))
        return false;
    at += at < end && (digit(v.ptr[at]) || letter(v.ptr[at]));
    return at == end;
}

static bool is_email(as_str v)
{
    const char *at = v.len > 5 && v.len < 255 ? memchr(v.ptr, '@', v.len) : NULL;
    return at && at > v.ptr && memchr(at, '.', (size_t)(v.ptr + v.len - at)) &&
           !memchr(v.ptr, ' ', v.len);
}

static bool is_decimal_comma(as_str v)
{
    const char *comma = v.len > 2 && v.len < 30 ? memchr(v.ptr, ',', v.len) : NULL;
    if (!comma)
        return false;
    for (size_t i = 0; i < v.len; i++)
        if (!digit(v.ptr[i]) && v.ptr[i] != '.' && v.ptr + i != comma &&
            !(i == 0 && v.ptr[i] == '-'))
            return false;
    return true;
}

/* The ODD first texts in byte order, whatever order they come in. */
static void keep_odd(as_facts *f, as_str v)
{
    if (v.len > 60)
        return;
    size_t at = 0;
    while (at < f->odd_count && as_str_cmp(f->odd[at], v) < 0)
        at++;
    if (at == AS_FACTS_ODD || (at < f->odd_count && as_str_eq(f->odd[at], v)))
        return;
    as_str copy = as_arena_str(f->arena, v);
    f->failed = f->failed || !copy.ptr;
    f->odd_count += f->odd_count < AS_FACTS_ODD;
    for (size_t i = f->odd_count - 1; i > at; i--)
        f->odd[i] = f->odd[i - 1];
    f->odd[at] = copy;
}

static void count_shape(as_facts *f, as_str v, uint64_t n)
{
    char shape[AS_FACTS_SHAPE_MAX];
    if (f->shapeless)
        return;
    f->shapeless = v.len > AS_FACTS_SHAPE_MAX;
    for (size_t i = 0; i < v.len && !f->shapeless; i++) {
        char c = v.ptr[i];
        shape[i] = (char)(digit(c)               ? '9'
                          : c >= 'A' && c <= 'Z' ? 'A'
                          : c >= 'a' && c <= 'z' ? 'a'
                                                 : c);
        f->shapeless = (unsigned char)c < ' ' || (unsigned char)c >= 0x7f;
    }
    if (!f->shapeless)
        f->shapeless = !count_in(f, f->shapes, SHAPE_SLOTS, AS_FACTS_SHAPES, &f->shape_count,
                                 (as_str){shape, v.len}, n);
}

static void count_value(as_facts *f, as_str v, uint64_t n)
{
    size_t token = as_token_find(v);
    if (token != SIZE_MAX)
        f->tokens[token] += n;
    if (v.len > SPELLING_MAX)
        f->many = true;
    if (!f->many)
        f->many =
            !count_in(f, f->spellings, SLOTS, AS_FACTS_SPELLINGS, &f->spelling_count, v, n);
    if (token != SIZE_MAX)
        return;
    uint32_t mask = forms_of(v);
    if (mask)
        count_mask(f, mask, n);
    if (count_number(f, v, n)) {
        f->numbers += n;
    } else if (mask) {
        f->dates += n;
    } else if (!count_dressed(f, v, n)) {
        f->texts += n;
        f->postcodes += is_postcode(v) ? n : 0;
        f->emails += is_email(v) ? n : 0;
        f->redacted += as_str_eq(v, AS_STR(AS_REDACTED)) ? n : 0;
        f->decimal_commas += is_decimal_comma(v) ? n : 0;
        keep_odd(f, v);
    }
    count_shape(f, v, n);
    f->shortest = v.len < f->shortest ? v.len : f->shortest;
    f->longest = v.len > f->longest ? v.len : f->longest;
}

/* ---- a column ---- */

as_code as_facts_open(as_facts *f, as_err *e)
{
    *f = (as_facts){.shortest = SIZE_MAX};
    f->arena = as_arena_open();
    if (!f->arena)
        return as_fail_nomem(e);
    f->tokens = AS_NEW_N(f->arena, uint64_t, as_token_count);
    f->spellings = AS_NEW_N(f->arena, as_spelling, SLOTS);
    f->shapes = AS_NEW_N(f->arena, as_spelling, SHAPE_SLOTS);
    return f->tokens && f->spellings && f->shapes ? AS_OK : as_fail_nomem(e);
}

void as_facts_close(as_facts *f)
{
    as_arena_close(f->arena);
    f->arena = NULL;
}

static void add_dict(as_facts *f, const as_column *c, uint32_t rows)
{
    uint64_t *counts = as_calloc((size_t)c->dict.count + 1, sizeof *counts);
    uint32_t *codes = as_alloc(AS_BLOCK * sizeof *codes);
    f->failed = f->failed || !counts || !codes;
    for (uint32_t begin = 0; !f->failed && begin < rows; begin += AS_BLOCK) {
        uint32_t n = rows - begin < AS_BLOCK ? rows - begin : AS_BLOCK;
        as_column_block_codes(c, begin, n, codes);
        for (uint32_t i = 0; i < n; i++)
            counts[codes[i]]++;
    }
    for (uint32_t i = 1; !f->failed && i < c->dict.count; i++)
        if (counts[i])
            count_value(f, c->dict.entries[i].value, counts[i]);
    as_free(counts);
    as_free(codes);
}

void as_facts_add(as_facts *f, const as_table *t, const as_column *c)
{
    f->rows += t->rows;
    f->blank += c->null_count;
    if (c->layout == AS_LAYOUT_DICT) {
        add_dict(f, c, t->rows);
        return;
    }
    as_buf tmp = AS_BUF(AS_FIELD_MAX);
    for (uint32_t row = 0; row < t->rows && !f->failed; row++) {
        as_str v = as_cell_text(t, c, row, &tmp);
        if (v.ptr)
            count_value(f, v, 1);
    }
    f->failed = f->failed || tmp.failed;
    as_buf_free(&tmp);
}

as_code as_facts_end(as_facts *f, as_err *e)
{
    if (f->many)
        f->spelling_count = 0;
    if (f->shapeless)
        f->shape_count = 0;
    close_up(f->spellings, SLOTS, f->spelling_count);
    close_up(f->shapes, SHAPE_SLOTS, f->shape_count);
    return f->failed ? as_fail_nomem(e) : AS_OK;
}
