/* csv_fixture.h: small CSV files for tests of input/. A test writes bytes to a temporary file,
 * loads it with a schema made of literals, and compares rows written as "a|b|~" (~ = null). */
#ifndef TEST_CSV_FIXTURE_H
#define TEST_CSV_FIXTURE_H

#include "input/input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define FIXTURE_FIELDS 12

typedef struct fixture {
    as_field fields[FIXTURE_FIELDS];
    as_schema schema;
    as_source source;
    as_input_spec spec;
    as_pool *pool;
    char path[64];
    as_arena *arena;
    as_diags diags;
    as_table *table;
    as_err err;
    as_code code;
} fixture;

/* "urn!:text name:text=Setting name,Name" : fields, ! required, aliases after = (; for blanks).
 */
static as_type fixture_type(as_str s)
{
    static const char *const names[] = {"text", "code", "integer", "number", "date"};
    for (size_t i = 0; i < 5; i++)
        if (as_str_eq(s, as_str_from(names[i])))
            return (as_type)i;
    abort();
}

static void fixture_aliases(fixture *x, as_field *f, as_str list)
{
    as_str *headers = AS_NEW_N(x->arena, as_str, 8);
    size_t n = 0;
    while (list.len > 0) {
        size_t end = as_str_find(list, AS_STR(","));
        as_str one = as_str_sub(list, 0, end == (size_t)-1 ? list.len : end);
        char *copy = (char *)(uintptr_t)as_arena_str(x->arena, one).ptr;
        for (size_t i = 0; i < one.len; i++)
            if (copy[i] == ';')
                copy[i] = ' ';
        headers[n++] = (as_str){copy, one.len};
        list = as_str_sub(list, one.len + 1, list.len);
    }
    f->headers = headers;
    f->header_count = n;
}

static void fixture_open(fixture *x, const char *fields)
{
    static const as_str no_nulls[] = {{"", 0}};
    memset(x, 0, sizeof *x);
    x->arena = as_arena_open();
    as_diags_init(&x->diags, x->arena);
    as_str rest = as_str_from(fields);
    while (rest.len > 0) {
        size_t end = as_str_find(rest, AS_STR(" "));
        as_str one = as_str_sub(rest, 0, end == (size_t)-1 ? rest.len : end);
        rest = as_str_sub(rest, one.len + 1, rest.len);
        as_field *f = &x->fields[x->schema.count++];
        size_t colon = as_str_find(one, AS_STR(":")), equals = as_str_find(one, AS_STR("="));
        f->required = one.ptr[colon - 1] == '!';
        f->name = as_str_sub(one, 0, colon - (f->required ? 1 : 0));
        if (equals == (size_t)-1)
            equals = one.len;
        f->type = fixture_type(as_str_sub(one, colon + 1, equals - colon - 1));
        f->trim = true;
        f->thousands = ',';
        fixture_aliases(x, f, as_str_sub(one, equals + 1, one.len));
    }
    x->schema.name = AS_STR("things");
    x->schema.fields = x->fields;
    x->schema.nulls = no_nulls;
    x->schema.null_count = 1;
    x->schema.unpivot.skip_null = true;
    strcpy(x->path, "/tmp/assay-csv-XXXXXX");
    int fd = mkstemp(x->path);
    assert_true(fd >= 0);
    close(fd);
    x->source.path = AS_STR("extracts/things.csv");
    x->source.open_path = as_str_from(x->path);
    x->source.at.file = x->source.path.ptr;
    x->source.encoding = AS_STR("auto");
    x->spec =
        (as_input_spec){.table = AS_STR("things"), .schema = &x->schema, .source = &x->source};
}

static void fixture_write(fixture *x, as_str bytes)
{
    FILE *f = fopen(x->path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, f), bytes.len);
    assert_int_equal(fclose(f), 0);
}

static as_code fixture_load(fixture *x)
{
    as_table_close(x->table);
    x->table = NULL;
    memset(&x->err, 0, sizeof x->err);
    x->code = as_input_load(&x->table, &x->spec, x->pool, &x->diags, &x->err);
    return x->code;
}

static void fixture_close(fixture *x)
{
    as_table_close(x->table);
    as_pool_close(x->pool);
    as_arena_close(x->arena);
    unlink(x->path);
}

/* All cells of a row as rules see them. */
static inline const char *fixture_row(const fixture *x, uint32_t row)
{
    as_buf out = AS_BUF(AS_MIB), tmp = AS_BUF(AS_MIB);
    for (size_t i = 0; i < x->schema.count; i++) {
        const as_column *c = &x->table->columns[i];
        if (i)
            as_buf_addc(&out, '|');
        if (as_cell_null(c, row))
            as_buf_addc(&out, '~');
        else
            as_buf_add(&out, as_cell_text(x->table, c, row, &tmp));
    }
    const char *text = as_arena_str(x->arena, as_buf_str(&out)).ptr;
    as_buf_free(&out);
    as_buf_free(&tmp);
    return text;
}

#endif
