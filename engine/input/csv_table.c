/* csv_table.c: a table over what the fast reader read: the columns' arrays and dictionaries,
 * the workers' lists merged by row, lines found through the segments. */
#include "input/csv_fast.h"

#include "base/alloc.h"

typedef struct fast_table {
    as_csv csv; /* first: see as_csv_give */
    as_segment *segments;
    size_t count;
    as_fast_block block;
    as_fast_column *columns;
    size_t column_count;
    as_fast_worker *workers; /* for their arenas */
    unsigned jobs;
} fast_table;

static void locate(const as_table *t, uint32_t row, uint32_t *line, uint32_t *sheet_row)
{
    const fast_table *m = t->maker;
    size_t low = 0, high = m->count; /* the last segment that begins at or before the row */
    while (low + 1 < high) {
        size_t mid = (low + high) / 2;
        if (m->segments[mid].row <= row)
            low = mid;
        else
            high = mid;
    }
    const as_segment *g = &m->segments[low];
    uint32_t at = row - g->row, extra = 0;
    size_t from = 0, to = g->jump_count;
    while (from < to) {
        size_t mid = (from + to) / 2;
        if (g->jumps[mid].row <= at) {
            extra = g->jumps[mid].extra;
            from = mid + 1;
        } else {
            to = mid;
        }
    }
    *line = *sheet_row = g->line + at + extra;
}

static void close_table(as_table *t)
{
    fast_table *m = t->maker;
    for (size_t i = 0; i < m->count; i++)
        as_free(m->segments[i].jumps);
    as_free(m->segments);
    as_fast_close_workers(m->workers, m->jobs, m->column_count);
    as_fast_close_columns(&m->block, m->columns, m->column_count);
    as_csv_close(&m->csv);
    as_free(m);
    as_free(t);
}

/* The workers' bad cells of one column, by row. */
static as_code merge_bad(const as_fast *f, size_t k, as_column *out, as_err *e)
{
    size_t total = 0;
    for (unsigned i = 0; i < f->jobs; i++)
        total += f->workers[i].notes[k].bad_count;
    as_bad_cell *all = AS_NEW_N(f->csv->arena, as_bad_cell, total + 1);
    size_t *at = AS_NEW_N(f->csv->arena, size_t, f->jobs);
    if (!all || !at)
        return as_fail_nomem(e);
    for (size_t n = 0; n < total; n++) {
        const as_bad_cell *least = NULL;
        unsigned from = 0;
        for (unsigned i = 0; i < f->jobs; i++) {
            const as_fast_notes *notes = &f->workers[i].notes[k];
            if (at[i] < notes->bad_count && (!least || notes->bad[at[i]].row < least->row)) {
                least = &notes->bad[at[i]];
                from = i;
            }
        }
        all[n] = *least;
        at[from]++;
    }
    out->bad = all;
    out->bad_count = total;
    return AS_OK;
}

static as_code merge_ragged(const as_fast *f, as_load_report *report, as_err *e)
{
    size_t total = 0;
    for (unsigned i = 0; i < f->jobs; i++)
        total += f->workers[i].ragged_count;
    as_ragged *all = AS_NEW_N(f->csv->arena, as_ragged, total + 1);
    size_t *at = AS_NEW_N(f->csv->arena, size_t, f->jobs);
    if (!all || !at)
        return as_fail_nomem(e);
    for (size_t n = 0; n < total; n++) {
        const as_ragged *least = NULL;
        unsigned from = 0;
        for (unsigned i = 0; i < f->jobs; i++) {
            const as_fast_worker *w = &f->workers[i];
            if (at[i] < w->ragged_count && (!least || w->ragged[at[i]].row < least->row)) {
                least = &w->ragged[at[i]];
                from = i;
            }
        }
        all[n] = *least;
        at[from]++;
    }
    report->ragged = all;
    report->ragged_count = total;
    return AS_OK;
}

static as_layout layout_of(as_fast_kind kind)
{
    switch (kind) {
    case AS_FAST_PACK8:
        return AS_LAYOUT_PACK8;
    case AS_FAST_SLICE:
        return AS_LAYOUT_SLICE;
    case AS_FAST_DATE:
        return AS_LAYOUT_DATE;
    case AS_FAST_INT:
        return AS_LAYOUT_INT;
    case AS_FAST_NUM:
        return AS_LAYOUT_NUM;
    default:
        return AS_LAYOUT_DICT;
    }
}

static as_code fill_column(const as_fast *f, size_t k, as_column *out, as_err *e)
{
    as_fast_column *c = &f->columns[k];
    as_code code = AS_OK;
    out->layout = layout_of(c->kind);
    out->width = out->layout == AS_LAYOUT_DICT ? (uint8_t)as_fast_cell_size(c->kind) : 0;
    out->data = c->data;
    out->null_count = 0;
    for (unsigned i = 0; i < f->jobs; i++)
        out->null_count += f->workers[i].notes[k].nulls;
    if (c->dict) {
        code = as_shared_dict_finish(c->dict, &out->dict, e);
        as_shared_dict_forget(c->dict);
    }
    return code == AS_OK ? merge_bad(f, k, out, e) : code;
}

static as_code fill_columns(const as_fast *f, as_table *t, as_err *e)
{
    const as_csv *c = f->csv;
    const as_schema *s = c->spec->schema;
    as_column *columns = AS_NEW_N(c->arena, as_column, s->count + 1);
    bool *filled = AS_NEW_N(c->arena, bool, (size_t)c->bind.width + 1);
    if (!columns || !filled)
        return as_fail_nomem(e);
    for (size_t i = 0; i < s->count; i++) {
        uint32_t col = c->bind.column_of[i];
        columns[i] = (as_column){.field = &s->fields[i], .header = AS_STR("")};
        columns[i].null_count = t->rows;
        if (col == AS_NO_COLUMN)
            continue;
        columns[i].present = true;
        columns[i].header = c->bind.headers[col];
        columns[i].source_col = col;
    }
    as_code code = AS_OK;
    for (size_t k = 0; code == AS_OK && k < f->column_count; k++) {
        const as_fast_column *x = &f->columns[k];
        if (x->kind != AS_FAST_FILLED)
            code = fill_column(f, k, &columns[x->field_index], e);
        for (unsigned i = 0; x->kind == AS_FAST_FILLED && i < f->jobs; i++)
            filled[x->source] |= f->workers[i].notes[k].filled;
    }
    t->columns = columns;
    return code == AS_OK ? as_csv_note_columns(f->csv, filled, e) : code;
}

as_code as_fast_table(as_table **out, as_fast *f, as_err *e)
{
    as_csv *c = f->csv;
    const as_segment *last = &f->segments[f->count - 1];
    as_table *t = as_calloc(1, sizeof *t);
    fast_table *m = as_calloc(1, sizeof *m);
    as_code code = t && m ? AS_OK : as_fail_nomem(e);
    if (code == AS_OK) {
        *t = (as_table){.schema = c->spec->schema, .rows = last->row + last->rows};
        t->name = as_arena_str(c->arena, c->spec->table);
        t->path = as_arena_str(c->arena, c->spec->source->path);
        t->sheet = as_arena_str(c->arena, c->spec->source->sheet);
        t->bytes = f->text;
        code = t->name.ptr && t->path.ptr && t->sheet.ptr ? AS_OK : as_fail_nomem(e);
    }
    if (code == AS_OK)
        code = fill_columns(f, t, e);
    c->report.blank_rows = f->blank;
    if (code == AS_OK)
        code = merge_ragged(f, &c->report, e);
    if (code != AS_OK) {
        as_free(t);
        as_free(m);
        return code;
    }
    *m = (fast_table){.segments = f->segments,
                      .count = f->count,
                      .block = f->block,
                      .columns = f->columns,
                      .column_count = f->column_count,
                      .workers = f->workers,
                      .jobs = f->jobs};
    f->segments = NULL;
    f->workers = NULL;
    f->columns = NULL;
    f->block = (as_fast_block){.map = NULL};
    f->column_count = 0;
    t->locate = locate;
    t->close = close_table;
    t->maker = m;
    *out = t;
    return AS_OK;
}
