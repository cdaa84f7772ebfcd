/* csv.c: the CSV reader: prepares the load (csv_open.c), chooses how to read it, and hands what
 * it owns to the table. */
#include "input/csv.h"

static as_code unchanged(const as_table *t, as_err *e)
{
    const as_csv *c = t->maker;
    return as_file_unchanged(&c->file, e);
}

/* The table takes the arena, the file and the text; `c` is left empty. */
static as_code give(as_table *t, as_csv *c, as_err *e)
{
    t->path = as_arena_str(c->arena, c->spec->source->path);
    t->sheet = as_arena_str(c->arena, c->spec->source->sheet);
    if (!t->path.ptr || !t->sheet.ptr)
        return as_fail_nomem(e);
    t->report = c->report;
    t->file = c->file.bytes;
    t->blake3 = c->blake3;
    c->blake3 = NULL;
    t->unchanged = unchanged;
    c->file.path = t->path.ptr; /* what it was borrowed from may go */
    c->spec = NULL;
    c->diags = NULL;
    *(as_csv *)t->maker = *c;
    *c = (as_csv){.file.fd = -1};
    return AS_OK;
}

static as_code read_once(as_table **out, as_csv *c, as_pool *pool, bool *not_utf8, as_err *e)
{
    const char *scan = c->spec->force_scan;
    bool plain =
        c->range.on || c->spec->schema->unpivot.on || (scan && strcmp(scan, "reference") == 0);
    return plain ? as_csv_read_plain(out, c, not_utf8, e)
                 : as_csv_read_fast(out, c, pool, not_utf8, e);
}

static as_code csv_load(as_table **out, const as_input_spec *spec, as_pool *pool, as_diags *d,
                        as_err *e)
{
    as_csv c;
    as_table *t = NULL;
    bool not_utf8 = false;
    as_code code = as_csv_open(&c, spec, d, e);
    if (code == AS_OK)
        code = read_once(&t, &c, pool, &not_utf8, e);
    if (code == AS_OK && not_utf8)
        code = as_csv_fall_back(&c, e);
    if (code == AS_OK && not_utf8)
        code = read_once(&t, &c, pool, &not_utf8, e);
    if (code == AS_OK)
        code = as_file_unchanged(&c.file, e);
    if (code == AS_OK)
        code = give(t, &c, e);
    if (code == AS_OK)
        *out = t;
    else
        as_table_close(t);
    as_csv_close(&c);
    return code;
}

const as_reader as_reader_csv = {.name = "csv",
                                 .summary = "delimited text: comma, semicolon, tab or bar",
                                 .endings = "csv,tsv,txt",
                                 .load = csv_load,
                                 .head = as_csv_head};
