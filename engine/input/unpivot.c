/* unpivot.c: one wide row into many records. Fields in `keep` are bound by header as always;
 * each other column with a header makes a record of its own, with the header's text in one
 * field and the cell in another, both typed like any cell. */
#include "input/csv.h"

#include "base/alloc.h"

struct as_unpivoter {
    as_csv *csv;
    uint32_t name, value; /* fields */
    as_str *cells;        /* per field */
    as_buf tmp;
};

as_code as_unpivot_make(as_unpivoter **out, as_csv *c, as_err *e)
{
    const as_schema *s = c->spec->schema;
    as_unpivoter *u = AS_NEW(c->arena, as_unpivoter);
    if (!u)
        return as_fail_nomem(e);
    u->csv = c;
    u->tmp = AS_BUF(AS_FIELD_MAX);
    u->name = as_schema_field(s, s->unpivot.name_to);
    u->value = as_schema_field(s, s->unpivot.value_to);
    u->cells = AS_NEW_N(c->arena, as_str, s->count + 1);
    if (!u->cells)
        return as_fail_nomem(e);
    if (u->name == AS_NO_FIELD || u->value == AS_NO_FIELD)
        return as_fail(e, AS_EINPUT, s->at,
                       "unpivot: name and value must be fields of the schema \"%.*s\"",
                       AS_FMT(s->name));
    *out = u;
    return AS_OK;
}

void as_unpivot_close(as_unpivoter *u)
{
    if (u)
        as_buf_free(&u->tmp);
}

static bool skipped(as_unpivoter *u, as_str cell)
{
    const as_schema *s = u->csv->spec->schema;
    if (!s->unpivot.skip_null)
        return false;
    as_typed typed;
    bool null = !cell.ptr ||
                as_cell_type(s, &s->fields[u->value], cell, &typed, &u->tmp) == AS_CELL_NULL;
    u->csv->report.unpivot_empty += null;
    return null;
}

as_code as_unpivot_row(as_unpivoter *u, as_builder *b, const as_str *row, uint32_t line,
                       as_err *e)
{
    const as_binding *bind = &u->csv->bind;
    size_t fields = u->csv->spec->schema->count;
    for (size_t f = 0; f < fields; f++)
        u->cells[f] = bind->column_of[f] == AS_NO_COLUMN ? AS_NONE : row[bind->column_of[f]];
    as_code code = AS_OK;
    for (uint32_t i = 0; code == AS_OK && i < bind->width; i++) {
        if (bind->field_of[i] != AS_NO_FIELD || as_str_trim(bind->headers[i]).len == 0)
            continue;
        if (skipped(u, row[i]))
            continue;
        u->cells[u->name] = bind->headers[i];
        u->cells[u->value] = row[i];
        code = as_builder_row(b, u->cells, line, e);
    }
    return code;
}
