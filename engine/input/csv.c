/* csv.c: the CSV reader. Prepares the load (csv_open.c), chooses how to read it, makes the
 * digest of the file's bytes, and hands everything to the table. */
#include "input/csv.h"

#include "base/alloc.h"
#include "base/hash.h"

/* What a table made here holds besides its columns. */
typedef struct csv_table {
    as_csv csv;      /* arena, file, text */
    as_table *inner; /* whose columns the table shows */
} csv_table;

static void locate(const as_table *t, uint32_t row, uint32_t *line, uint32_t *sheet_row)
{
    const csv_table *m = t->maker;
    m->inner->locate(m->inner, row, line, sheet_row);
}

static void close_table(as_table *t)
{
    csv_table *m = t->maker;
    as_table_close(m->inner);
    as_csv_close(&m->csv);
    as_free(m);
    as_free(t);
}

/* The table that the caller gets: the inner one's columns with this load's report and bytes. */
static as_code wrap(as_table **out, as_csv *c, as_table *inner, as_err *e)
{
    as_table *t = as_calloc(1, sizeof *t);
    csv_table *m = as_calloc(1, sizeof *m);
    as_str path = as_arena_str(c->arena, c->spec->source->path);
    as_str sheet = as_arena_str(c->arena, c->spec->source->sheet);
    if (!t || !m || !path.ptr || !sheet.ptr) {
        as_free(t);
        as_free(m);
        return as_fail_nomem(e);
    }
    as_file_done(&c->file);
    *m = (csv_table){*c, inner};
    *t = *inner;
    t->path = path;
    t->sheet = sheet;
    t->report = c->report;
    t->locate = locate;
    t->close = close_table;
    t->maker = m;
    *out = t;
    return AS_OK;
}

static as_code digest(as_csv *c, as_err *e)
{
    return as_sha256_of(c->file.bytes, c->report.sha256, e);
}

static as_code csv_load(as_table **out, const as_input_spec *spec, as_pool *pool, as_diags *d,
                        as_err *e)
{
    (void)pool;
    as_csv c;
    as_table *inner = NULL;
    as_code code = as_csv_open(&c, spec, d, e);
    if (code == AS_OK)
        code = as_csv_read_plain(&inner, &c, e);
    if (code == AS_OK)
        code = digest(&c, e);
    if (code == AS_OK)
        code = as_file_unchanged(&c.file, e);
    if (code == AS_OK)
        code = wrap(out, &c, inner, e);
    if (code != AS_OK) {
        as_table_close(inner);
        as_csv_close(&c);
    }
    return code;
}

const as_reader as_reader_csv = {.name = "csv",
                                 .summary = "delimited text: comma, semicolon, tab or bar",
                                 .endings = "csv,tsv,txt",
                                 .load = csv_load};
