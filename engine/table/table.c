/* table.c: reading a finished table: one cell in any layout, blocks of codes, lines, closing.
 */
#include "table/table.h"

#include "base/cpu.h"
#include "table/view.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "packed text is little-endian");

void as_table_close(as_table *t)
{
    if (!t)
        return;
    as_blake3_close(t->blake3);
    t->close(t);
}

as_code as_table_unchanged(const as_table *t, as_err *e)
{
    return t->unchanged ? t->unchanged(t, e) : AS_OK;
}

uint32_t as_table_line(const as_table *t, uint32_t row)
{
    uint32_t line = 0, sheet_row = 0;
    if (t->locate && row < t->rows)
        t->locate(t, row, &line, &sheet_row);
    return line;
}

uint32_t as_cell_code(const as_column *c, uint32_t row)
{
    if (c->layout != AS_LAYOUT_DICT)
        return 0;
    switch (c->width) {
    case 1:
        return ((const uint8_t *)c->data)[row];
    case 2:
        return ((const uint16_t *)c->data)[row];
    default:
        return ((const uint32_t *)c->data)[row];
    }
}

void as_cell_raw_ahead(const as_table *t, const as_column *c, uint32_t row)
{
    if (c->layout == AS_LAYOUT_DICT)
        __builtin_prefetch(c->dict.entries[as_cell_code(c, row)].raw.ptr);
    else
        as_cell_expect(t, c, row, true);
}

void as_cell_expect(const as_table *t, const as_column *c, uint32_t row, bool text)
{
    if (c->layout != AS_LAYOUT_SLICE)
        return;
    const as_slice *s = (const as_slice *)c->data + row;
    if (!text) {
        __builtin_prefetch(s);
    } else if (s->len != UINT32_MAX) {
        __builtin_prefetch(as_slice_at(t, s));
        __builtin_prefetch(as_slice_at(t, s) + s->len);
    }
}

int64_t as_cell_int(const as_column *c, uint32_t row)
{
    return c->layout == AS_LAYOUT_INT ? as_column_ints(c)[row] : AS_INT_NULL;
}

as_date as_cell_date(const as_column *c, uint32_t row)
{
    return c->layout == AS_LAYOUT_DATE ? as_column_dates(c)[row] : AS_DATE_NULL;
}

double as_cell_num(const as_column *c, uint32_t row)
{
    if (as_cell_null(c, row))
        return NAN;
    switch (c->layout) {
    case AS_LAYOUT_INT:
        return (double)as_column_ints(c)[row];
    case AS_LAYOUT_DATE:
        return as_column_dates(c)[row];
    case AS_LAYOUT_NUM:
        return as_column_nums(c)[row];
    default:
        return NAN;
    }
}

void as_cell_ahead(const as_column *c, uint32_t row)
{
    static const uint8_t bytes[] = {[AS_LAYOUT_PACK8] = 8,
                                    [AS_LAYOUT_SLICE] = sizeof(as_slice),
                                    [AS_LAYOUT_DATE] = 4,
                                    [AS_LAYOUT_INT] = 8,
                                    [AS_LAYOUT_NUM] = 8};
    size_t width = c->layout == AS_LAYOUT_DICT ? c->width : bytes[c->layout];
    if (width)
        __builtin_prefetch((const char *)c->data + row * width);
}

bool as_cell_null(const as_column *c, uint32_t row)
{
    switch (c->layout) {
    case AS_LAYOUT_DICT:
        return as_cell_code(c, row) == 0;
    case AS_LAYOUT_PACK8:
        return as_column_packs(c)[row] == 0;
    case AS_LAYOUT_SLICE:
        return ((const as_slice *)c->data)[row].len == UINT32_MAX;
    case AS_LAYOUT_DATE:
        return as_column_dates(c)[row] == AS_DATE_NULL;
    case AS_LAYOUT_INT:
        return as_column_ints(c)[row] == AS_INT_NULL;
    case AS_LAYOUT_NUM:
        return isnan(as_column_nums(c)[row]);
    case AS_LAYOUT_ABSENT:
        break;
    }
    return true;
}

/* The shortest decimal that reads back as x, without an exponent where that is readable. */
static void number_text(double x, as_buf *out)
{
    char text[64];
    int precision = 15;
    for (;; precision++) {
        (void)snprintf(text, sizeof text, "%.*e", precision - 1, x);
        if (precision == 17 || strtod(text, NULL) == x)
            break;
    }
    const char *e = strchr(text, 'e');
    long exponent = e ? strtol(e + 1, NULL, 10) : 0;
    if (exponent < -20 || exponent > 20) {
        as_buf_addf(out, "%.*g", precision, x);
        return;
    }
    long decimals = precision - 1 - exponent;
    size_t start = out->len;
    as_buf_addf(out, "%.*f", decimals > 0 ? (int)decimals : 0, x);
    if (decimals <= 0 || out->failed)
        return;
    while (out->len > start && out->ptr[out->len - 1] == '0')
        out->len--;
    out->len -= out->ptr[out->len - 1] == '.';
    out->ptr[out->len] = '\0';
}

static as_str other_text(const as_column *c, uint32_t row, as_buf *tmp)
{
    char date[AS_DATE_TEXT];
    if (as_cell_null(c, row))
        return AS_NONE;
    if (c->layout == AS_LAYOUT_INT)
        as_buf_addf(tmp, "%lld", (long long)as_column_ints(c)[row]);
    else if (c->layout == AS_LAYOUT_DATE)
        as_buf_add(tmp, as_date_str(as_column_dates(c)[row], date));
    else
        number_text(as_column_nums(c)[row], tmp);
    return as_buf_str(tmp);
}

static as_str cell_text(const as_table *t, const as_column *c, uint32_t row, as_buf *tmp,
                        bool raw)
{
    as_view v;
    as_buf_clear(tmp);
    if (!as_view_cell(&v, t, c, row, raw))
        return other_text(c, row, tmp);
    if (!v.text.ptr || (!v.doubled && v.text.ptr != v.pack))
        return v.text;
    if (!v.doubled)
        as_buf_add(tmp, v.text); /* it stands in the view */
    for (size_t i = 0; v.doubled && i < v.text.len && !tmp->failed; i++) {
        as_buf_addc(tmp, v.text.ptr[i]);
        if (v.text.ptr[i] == '"' && i + 1 < v.text.len && v.text.ptr[i + 1] == '"')
            i++;
    }
    return as_buf_str(tmp);
}

as_str as_cell_text(const as_table *t, const as_column *c, uint32_t row, as_buf *tmp)
{
    return cell_text(t, c, row, tmp, false);
}

as_str as_cell_raw(const as_table *t, const as_column *c, uint32_t row, as_buf *tmp)
{
    size_t low = 0, high = c->bad_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->bad[middle].row < row)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < c->bad_count && c->bad[low].row == row)
        return c->bad[low].text;
    return cell_text(t, c, row, tmp, true);
}

void as_column_block_codes(const as_column *c, uint32_t begin, uint32_t n, uint32_t *out)
{
    if (c->layout != AS_LAYOUT_DICT) {
        memset(out, 0, n * sizeof *out);
    } else if (c->width == 1) {
        const uint8_t *codes = (const uint8_t *)c->data + begin;
        for (uint32_t i = 0; i < n; i++)
            out[i] = codes[i];
    } else if (c->width == 2) {
        const uint16_t *codes = (const uint16_t *)c->data + begin;
        for (uint32_t i = 0; i < n; i++)
            out[i] = codes[i];
    } else {
        memcpy(out, (const uint32_t *)c->data + begin, n * sizeof *out);
    }
}

AS_CPU_LOOP digits_add_loop(uint32_t *restrict numbers, const uint32_t *restrict codes,
                            const uint32_t *restrict digit_of, uint32_t radix, uint32_t n)
{
    if (digit_of)
        for (uint32_t i = 0; i < n; i++)
            numbers[i] = numbers[i] * radix + digit_of[codes[i]];
    else
        for (uint32_t i = 0; i < n; i++)
            numbers[i] = numbers[i] * radix + codes[i];
}
AS_CPU_VERSIONS(digits_add,
                (uint32_t * numbers, const uint32_t *codes, const uint32_t *digit_of,
                 uint32_t radix, uint32_t n),
                (numbers, codes, digit_of, radix, n))

void as_digits_add(uint32_t *numbers, const uint32_t *codes, const uint32_t *digit_of,
                   uint32_t radix, uint32_t n)
{
    digits_add(numbers, codes, digit_of, radix, n);
}
