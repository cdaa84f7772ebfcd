/* tables.h: small schemas and tables written as text, for tests that compute the expected
 * result by hand.
 *
 *   as_schema *s = schema_of(a, "providers", "urn:text:key places:integer opened:date");
 *   as_table *t = table_of(s, "A1|4|2016-04-01\n"
 *                             "A2||\n");            an empty cell is null
 *
 * relayout() moves a text column from its dictionary to another layout, so that one test covers
 * them all. */
#ifndef AS_TESTS_TABLES_H
#define AS_TESTS_TABLES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "table/table.h"

static inline as_type type_of(as_str word)
{
    static const struct {
        const char *word;
        as_type type;
    } types[] = {{"text", AS_TYPE_TEXT},
                 {"code", AS_TYPE_CODE},
                 {"integer", AS_TYPE_INTEGER},
                 {"number", AS_TYPE_NUMBER},
                 {"date", AS_TYPE_DATE}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (as_str_eq(as_str_from(types[i].word), word))
            return types[i].type;
    fail_msg("no type %.*s", AS_FMT(word));
    return AS_TYPE_TEXT;
}

/* The part of *rest before the next `end`; *rest goes behind it. */
static inline as_str cut(as_str *rest, char end)
{
    const char *at = rest->len ? memchr(rest->ptr, end, rest->len) : NULL;
    size_t len = at ? (size_t)(at - rest->ptr) : rest->len;
    as_str part = {rest->ptr, len};
    size_t skip = at ? len + 1 : len;
    *rest = (as_str){rest->ptr + skip, rest->len - skip};
    return part;
}

static inline as_schema *schema_of(as_arena *a, const char *name, const char *fields)
{
    static const as_str formats[] = {{"%Y-%m-%d", 8}, {"%d/%m/%Y", 8}};
    static const as_str nulls[] = {{"", 0}};
    as_schema *s = AS_NEW(a, as_schema);
    as_str rest = as_str_from(fields);
    assert_non_null(s);
    s->name = as_str_from(name);
    s->nulls = nulls;
    s->null_count = 1;
    s->fields = AS_NEW_N(a, as_field, 64);
    while (rest.len) {
        as_str word = cut(&rest, ' ');
        as_field *f = &s->fields[s->count];
        f->name = cut(&word, ':');
        f->type = type_of(cut(&word, ':'));
        f->formats = formats;
        f->format_count = 2;
        f->trim = true;
        f->thousands = ',';
        while (word.len) {
            as_str mark = cut(&word, ':');
            if (as_str_eq(mark, AS_STR("key")))
                s->key[s->key_count++] = (uint32_t)s->count;
            else if (as_str_eq(mark, AS_STR("sensitive")))
                f->sensitive = true;
            else
                fail_msg("no mark %.*s", AS_FMT(mark));
        }
        s->count++;
    }
    return s;
}

/* Every column is present. Line numbers start at 2, as under a header. */
static inline as_table *table_named(const char *name, const as_schema *s, const char *rows)
{
    as_builder *b = NULL;
    as_table *t = NULL;
    as_err e = {0};
    as_str rest = as_str_from(rows);
    as_str cells[64];
    uint32_t line = 2;
    assert_int_equal(as_builder_open(&b, as_str_from(name), s, NULL, &e), AS_OK);
    for (uint32_t i = 0; i < s->count; i++)
        as_builder_present(b, i, s->fields[i].name, i);
    while (rest.len) {
        as_str row = cut(&rest, '\n');
        for (size_t i = 0; i < s->count; i++) {
            cells[i] = cut(&row, '|');
            if (!cells[i].len)
                cells[i].ptr = NULL;
        }
        assert_int_equal(as_builder_row(b, cells, line++, &e), AS_OK);
    }
    assert_int_equal(as_builder_finish(b, &t, &e), AS_OK);
    as_builder_close(b);
    return t;
}

static inline as_table *table_of(const as_schema *s, const char *rows)
{
    return table_named(s->name.ptr, s, rows);
}

/* Move a text column out of its dictionary; the table owns the new data, `a` the texts of
 * slices. width: of DICT codes, 1, 2 or 4. */
static inline void relayout(as_arena *a, as_table *t, uint32_t field, as_layout to,
                            uint8_t width)
{
    as_column *c = &t->columns[field];
    uint32_t rows = t->rows;
    as_buf bytes = AS_BUF(AS_FIELD_MAX), tmp = AS_BUF(AS_FIELD_MAX);
    uint64_t *packs = as_calloc(rows + 1, sizeof *packs);
    as_slice *slices = as_calloc(rows + 1, sizeof *slices);
    assert_int_equal(c->layout, AS_LAYOUT_DICT);
    as_buf_add(&bytes, t->bytes);
    for (uint32_t i = 0; i < rows; i++) {
        as_str text = as_cell_text(t, c, i, &tmp);
        if (to == AS_LAYOUT_DICT && width == 1)
            ((uint8_t *)packs)[i] = (uint8_t)as_cell_code(c, i);
        else if (to == AS_LAYOUT_DICT && width == 2)
            ((uint16_t *)packs)[i] = (uint16_t)as_cell_code(c, i);
        else if (to == AS_LAYOUT_DICT)
            ((uint32_t *)packs)[i] = as_cell_code(c, i);
        else if (to == AS_LAYOUT_PACK8)
            packs[i] = text.ptr ? as_text_pack(text) : 0;
        slices[i] = (as_slice){bytes.len, text.ptr ? (uint32_t)text.len : UINT32_MAX, 0};
        if (to == AS_LAYOUT_SLICE)
            as_buf_add(&bytes, text);
    }
    as_free((void *)c->data);
    as_free(to == AS_LAYOUT_SLICE ? (void *)packs : slices);
    c->data = to == AS_LAYOUT_SLICE ? (const void *)slices : packs;
    c->layout = to;
    c->width = width;
    t->bytes = as_arena_str(a, as_buf_str(&bytes));
    as_buf_free(&bytes);
    as_buf_free(&tmp);
}

#endif
