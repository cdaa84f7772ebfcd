/* csv_plain.c: a CSV text into a table, record by record through the table builder.
 *
 * Reads ranges and wide tables, and is what the fast path is compared with: whatever this file
 * makes of a text is right by definition. */
#include "input/csv.h"

#include "base/alloc.h"
#include "base/text.h"

typedef struct plain {
    as_csv *csv;
    as_builder *builder;
    as_unpivoter *unpivot; /* NULL for ordinary tables */
    as_arena *scratch;     /* texts of one record */
    as_str *row;           /* per column of the header; .ptr NULL: the record ends before it */
    as_str *cells;         /* per field */
    bool *filled;          /* per column: something stands in it, in some record */
    as_ragged *ragged;
    size_t ragged_count, ragged_size;
    uint32_t rows; /* of the table so far */
} plain;

static as_code note_ragged(plain *p, uint64_t cells, as_err *e)
{
    if (p->ragged_count == p->ragged_size) {
        size_t size = p->ragged_size ? p->ragged_size * 2 : 16;
        as_ragged *more = as_realloc(p->ragged, size * sizeof *more);
        if (!more)
            return as_fail_nomem(e);
        p->ragged = more;
        p->ragged_size = size;
    }
    uint32_t n = cells > UINT32_MAX ? UINT32_MAX : (uint32_t)cells;
    p->ragged[p->ragged_count++] = (as_ragged){p->rows, n, p->csv->bind.named};
    return AS_OK;
}

/* Cells of the range (or all) into p->row; *cells is how many the record has there. */
static as_code take_cells(plain *p, const as_records *r, uint64_t *cells, bool *blank,
                          as_err *e)
{
    const as_csv *c = p->csv;
    uint64_t first = c->range.col_first;
    *cells = r->count > first ? r->count - first : 0;
    *blank = true;
    as_arena_reset(p->scratch);
    for (uint32_t i = 0; i < c->bind.width; i++) {
        p->row[i] = AS_NONE;
        if (first + i >= r->kept)
            continue;
        p->row[i] = as_csv_text(&r->cells[first + i], p->scratch);
        if (!p->row[i].ptr)
            return as_fail_nomem(e);
        bool something = as_str_trim(p->row[i]).len > 0;
        p->filled[i] |= something;
        *blank = *blank && !something;
    }
    if (c->range.on)
        *cells = *cells > c->bind.width ? c->bind.width : *cells;
    else
        *blank = r->filled == 0;
    return AS_OK;
}

static as_code add_row(plain *p, uint32_t line, as_err *e)
{
    const as_binding *b = &p->csv->bind;
    if (p->unpivot)
        return as_unpivot_row(p->unpivot, p->builder, p->row, line, e);
    for (size_t f = 0; f < p->csv->spec->schema->count; f++)
        p->cells[f] = b->column_of[f] == AS_NO_COLUMN ? AS_NONE : p->row[b->column_of[f]];
    return as_builder_row(p->builder, p->cells, line, e);
}

static as_code read_record(plain *p, const as_records *r, as_err *e)
{
    const as_binding *b = &p->csv->bind;
    uint64_t cells = 0;
    bool blank = false;
    as_code code = take_cells(p, r, &cells, &blank, e);
    if (code != AS_OK)
        return code;
    if (blank) {
        p->csv->report.blank_rows++;
        return AS_OK;
    }
    bool longer = !p->csv->range.on && r->filled > b->width;
    if (cells < b->named || longer)
        code = note_ragged(p, cells, e);
    if (code == AS_OK)
        code = add_row(p, r->line, e);
    p->rows++;
    return code;
}

/* *not_utf8: the record is not, and that it should be was a guess. */
static as_code check_utf8(const as_csv *c, const as_records *r, bool *not_utf8, as_err *e)
{
    as_str text = as_str_sub(c->enc.text, r->begin, r->at - r->begin);
    size_t bad = c->enc.checked ? text.len : as_text_utf8_valid(text);
    if (bad == text.len)
        return AS_OK;
    *not_utf8 = c->enc.guessed;
    return *not_utf8 ? AS_OK : as_encoding_invalid(&c->enc, r->begin + bad, c->path, e);
}

static as_code read_records(plain *p, bool *not_utf8, as_err *e)
{
    as_csv *c = p->csv;
    as_records r;
    as_records_open(&r, c->enc.text, c->body, c->delimiter, c->path);
    r.next_line = c->body_line;
    r.next_row = c->body_row;
    bool more = true;
    as_code code = AS_OK;
    while (code == AS_OK && (!c->range.on || r.next_row <= c->range.row_last)) {
        code = as_records_next(&r, &more, e);
        if (code != AS_OK || !more)
            break;
        code = check_utf8(c, &r, not_utf8, e);
        if (code == AS_OK && !*not_utf8)
            code = read_record(p, &r, e);
        if (*not_utf8)
            break;
    }
    if (code == AS_OK && !*not_utf8 && c->range.on && r.next_row <= c->range.row_last &&
        c->diags)
        as_diag_add(c->diags, AS_DIAG_WARNING, (as_span){c->path, r.next_line - 1, 0}, NULL,
                    "the range %.*s goes on to row %u, but the file ends at row %u",
                    AS_FMT(c->spec->source->range), c->range.row_last, r.next_row - 1);
    as_records_close(&r);
    return code;
}

static as_code open_parts(plain *p, as_err *e)
{
    as_csv *c = p->csv;
    const as_schema *s = c->spec->schema;
    p->scratch = as_arena_open();
    p->row = AS_NEW_N(c->arena, as_str, (size_t)c->bind.width + 1);
    p->cells = AS_NEW_N(c->arena, as_str, s->count + 1);
    p->filled = AS_NEW_N(c->arena, bool, (size_t)c->bind.width + 1);
    if (!p->scratch || !p->row || !p->cells || !p->filled)
        return as_fail_nomem(e);
    as_code code = as_builder_open(&p->builder, c->spec->table, s, c->want, e);
    if (code == AS_OK && s->unpivot.on)
        code = as_unpivot_make(&p->unpivot, c, e);
    for (uint32_t f = 0; code == AS_OK && f < s->count; f++)
        if (c->bind.column_of[f] != AS_NO_COLUMN)
            as_builder_present(p->builder, f, c->bind.headers[c->bind.column_of[f]],
                               c->range.col_first + c->bind.column_of[f]);
    if (code == AS_OK && p->unpivot) {
        uint32_t name = as_schema_field(s, s->unpivot.name_to);
        uint32_t value = as_schema_field(s, s->unpivot.value_to);
        as_builder_present(p->builder, name, s->unpivot.name_to, c->range.col_first);
        as_builder_present(p->builder, value, s->unpivot.value_to, c->range.col_first);
    }
    return code;
}

/* ---- the table ---- */

/* A builder's table with this load's report and text. */
typedef struct plain_table {
    as_csv csv;      /* first: see as_csv_give */
    as_table *inner; /* whose columns the table shows */
} plain_table;

static void locate(const as_table *t, uint32_t row, uint32_t *line, uint32_t *sheet_row)
{
    const plain_table *m = t->maker;
    m->inner->locate(m->inner, row, line, sheet_row);
}

static void close_table(as_table *t)
{
    plain_table *m = t->maker;
    as_table_close(m->inner);
    as_csv_close(&m->csv);
    as_free(m);
    as_free(t);
}

static as_code wrap(as_table **out, as_table *inner, as_err *e)
{
    as_table *t = as_calloc(1, sizeof *t);
    plain_table *m = as_calloc(1, sizeof *m);
    if (!t || !m) {
        as_free(t);
        as_free(m);
        return as_fail_nomem(e);
    }
    m->inner = inner;
    *t = *inner;
    t->locate = locate;
    t->close = close_table;
    t->maker = m;
    *out = t;
    return AS_OK;
}

static as_code keep_ragged(plain *p, as_err *e)
{
    as_load_report *report = &p->csv->report;
    as_ragged *ragged = AS_NEW_N(p->csv->arena, as_ragged, p->ragged_count + 1);
    if (!ragged)
        return as_fail_nomem(e);
    if (p->ragged_count)
        memcpy(ragged, p->ragged, p->ragged_count * sizeof *ragged);
    report->ragged = ragged;
    report->ragged_count = p->ragged_count;
    return AS_OK;
}

as_code as_csv_read_plain(as_table **out, as_csv *c, bool *not_utf8, as_err *e)
{
    plain p = {.csv = c};
    as_table *inner = NULL;
    *out = NULL;
    *not_utf8 = false;
    as_code code = open_parts(&p, e);
    if (code == AS_OK)
        code = read_records(&p, not_utf8, e);
    if (code == AS_OK && !*not_utf8)
        code = as_csv_note_columns(c, p.filled, e);
    if (code == AS_OK && !*not_utf8)
        code = keep_ragged(&p, e);
    if (code == AS_OK && !*not_utf8)
        code = as_builder_finish(p.builder, &inner, e);
    if (code == AS_OK && inner)
        code = wrap(out, inner, e);
    if (code != AS_OK)
        as_table_close(inner);
    as_unpivot_close(p.unpivot);
    as_builder_close(p.builder);
    as_arena_close(p.scratch);
    as_free(p.ragged);
    return code;
}
