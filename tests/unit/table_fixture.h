/* table_fixture.h: tables made by hand, one column in any layout, for tests of cells and keys.
 */
#ifndef AS_TESTS_TABLE_FIXTURE_H
#define AS_TESTS_TABLE_FIXTURE_H

#include "unit.h"

#include "table/table.h"
#include <math.h>

#define FIXTURE_ROWS 32

typedef struct fixture {
    as_field field;
    as_schema schema;
    as_column column;
    as_table table;
    as_dict_entry entries[FIXTURE_ROWS + 1];
    union {
        uint8_t u8[FIXTURE_ROWS];
        uint16_t u16[FIXTURE_ROWS];
        uint32_t u32[FIXTURE_ROWS];
        uint64_t u64[FIXTURE_ROWS];
        int64_t i64[FIXTURE_ROWS];
        double f64[FIXTURE_ROWS];
        as_date days[FIXTURE_ROWS];
        as_slice slices[FIXTURE_ROWS];
    } data;
    char bytes[4096];
} fixture;

static inline as_key fixture_start(fixture *x, as_layout layout, uint32_t rows)
{
    memset(x, 0, sizeof *x);
    x->field = (as_field){.name = AS_STR("f"), .trim = true};
    x->schema =
        (as_schema){.name = AS_STR("t"), .fields = &x->field, .count = 1, .key_count = 1};
    x->column =
        (as_column){.field = &x->field, .layout = layout, .present = true, .data = &x->data};
    x->table = (as_table){
        .name = AS_STR("t"), .schema = &x->schema, .rows = rows, .columns = &x->column};
    return as_key_of(&x->table);
}

/* Texts as a dictionary with codes of `width` bytes, every row a spelling of its own: raw is
 * the text with a blank before it. NULL = null. */
static inline as_key fixture_dict(fixture *x, uint8_t width, const char *const *texts,
                                  uint32_t rows)
{
    static char raw[FIXTURE_ROWS][600];
    as_key k = fixture_start(x, AS_LAYOUT_DICT, rows);
    x->column.width = width;
    x->column.dict = (as_dict){x->entries, rows + 1};
    for (uint32_t i = 0; i < rows; i++) {
        uint32_t code = texts[i] ? rows - i : 0; /* codes in no useful order */
        if (code) {
            (void)snprintf(raw[i], sizeof raw[i], " %s", texts[i]);
            x->entries[code] = (as_dict_entry){.raw = S(raw[i]),
                                               .value = S(texts[i]),
                                               .hash = as_text_hash(S(texts[i])),
                                               .canon = code};
        }
        if (width == 1)
            x->data.u8[i] = (uint8_t)code;
        else if (width == 2)
            x->data.u16[i] = (uint16_t)code;
        else
            x->data.u32[i] = code;
    }
    for (uint32_t c = 1; c <= rows; c++)
        for (uint32_t d = 1; d < c && x->entries[c].value.ptr; d++)
            if (x->entries[c].canon == c && x->entries[d].value.ptr &&
                as_str_eq(x->entries[c].value, x->entries[d].value))
                x->entries[c].canon = d;
    return k;
}

static inline as_key fixture_pack(fixture *x, const char *const *texts, uint32_t rows)
{
    as_key k = fixture_start(x, AS_LAYOUT_PACK8, rows);
    for (uint32_t i = 0; i < rows; i++)
        x->data.u64[i] = as_text_pack(S(texts[i]));
    return k;
}

/* Slices of one long text, quotes doubled where `quoted`, blanks around them. */
static inline as_key fixture_slice(fixture *x, const char *const *texts, uint32_t rows)
{
    as_key k = fixture_start(x, AS_LAYOUT_SLICE, rows);
    size_t at = 0;
    for (uint32_t i = 0; i < rows; i++) {
        size_t begin = at;
        if (!texts[i]) {
            x->data.slices[i] = (as_slice){0, UINT32_MAX, 0};
            continue;
        }
        x->bytes[at++] = ' ';
        bool doubled = false;
        for (const char *p = texts[i]; *p; p++) {
            if (*p == '"') {
                x->bytes[at++] = '"';
                doubled = true;
            }
            x->bytes[at++] = *p;
        }
        x->bytes[at++] = '\t';
        x->data.slices[i] = (as_slice){begin, (uint32_t)(at - begin), doubled};
        assert_true(at < sizeof x->bytes);
    }
    x->table.bytes = (as_str){x->bytes, at};
    return k;
}

#endif
