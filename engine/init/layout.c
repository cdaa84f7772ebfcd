/* layout.c: from a path to the tables that stand in the file. */
#include "base/text.h"
#include "init/model.h"
#include "init/names.h"
#include "init/shape.h"

#include <limits.h>
#include <stdlib.h>

/* ---- the path as release.yaml will have it ---- */

/* `path` seen from `folder`, both absolute and without links. */
static as_str path_from(const char *folder, const char *path, as_arena *a)
{
    size_t common = 0, i = 0;
    for (; folder[i] && folder[i] == path[i]; i++)
        if (folder[i] == '/')
            common = i + 1;
    if (!folder[i] && path[i] == '/')
        common = i + 1;
    as_buf out = AS_BUF(64 * AS_KIB);
    bool deeper = strlen(folder) > common;
    for (const char *p = folder + (deeper ? common : 0); deeper && p; p = strchr(p + 1, '/'))
        as_buf_add(&out, AS_STR("../"));
    as_buf_add(&out, as_str_from(path + common));
    as_str result = out.failed ? AS_NONE : as_arena_str(a, as_buf_str(&out));
    as_buf_free(&out);
    return result;
}

static as_code find_from(as_init_work *w, as_init_table *t, const char *path, as_err *e)
{
    char folder[PATH_MAX], file[PATH_MAX];
    if (!realpath(w->options->folder, folder) || !realpath(path, file))
        t->from = as_arena_str(w->arena, as_str_from(path));
    else
        t->from = path_from(folder, file, w->arena);
    return t->from.ptr ? AS_OK : as_fail_nomem(e);
}

/* ---- one table ---- */

static as_str column_letters(uint32_t column, as_arena *a)
{
    char text[8];
    size_t at = sizeof text;
    for (uint32_t n = column; n > 0; n = (n - 1) / 26)
        text[--at] = (char)('A' + (n - 1) % 26);
    return as_arena_str(a, (as_str){text + at, sizeof text - at});
}

static as_code take_headers(as_init_table *t, const as_head_row *r, as_arena *a, as_err *e)
{
    t->headers = AS_NEW_N(a, as_str, (size_t)t->width + 1);
    for (uint32_t i = 0; t->headers && i < t->width; i++)
        t->headers[i] = i < r->count ? r->cells[i] : AS_STR("");
    return t->headers ? AS_OK : as_fail_nomem(e);
}

static as_code add_table(as_init_work *w, const as_head *h, const as_init_block *b,
                         const char *path, size_t nth, as_err *e)
{
    if (w->table_count == AS_INIT_TABLES_MAX)
        return as_fail(e, AS_EBUDGET, (as_span){path, 0, 0},
                       "more than %d tables (AS_INIT_TABLES_MAX); give fewer files at once",
                       AS_INIT_TABLES_MAX);
    const as_head_row *r = &h->rows[b->header];
    as_init_table *t = &w->tables[w->table_count++];
    *t = (as_init_table){.path = as_str_from(path),
                         .header_row = r->row,
                         .width = b->width,
                         .encoding = h->encoding,
                         .delimiter_name = h->delimiter_name,
                         .delimiter = h->delimiter};
    as_str stem = as_name_stem(t->path, w->arena, &t->date);
    t->stem = nth ? as_arena_printf(w->arena, "%.*s_%zu", AS_FMT(stem), nth + 1) : stem;
    t->source = (as_source){.path = t->path,
                            .open_path = t->path,
                            .sheet = AS_STR(""),
                            .range = AS_STR(""),
                            .encoding = AS_STR("auto"),
                            .delimiter = h->delimiter};
    if (b->cut && h->whole)
        t->source.range =
            as_arena_printf(w->arena, "A%u:%.*s%u", r->row,
                            AS_FMT(column_letters(b->width, w->arena)), h->rows[b->last].row);
    else
        t->source.header = r->row;
    if (!stem.ptr || !t->stem.ptr || !t->source.range.ptr)
        return as_fail_nomem(e);
    if (b->looks_like_data)
        as_init_doubt(w,
                      "%s: row %u is taken for the header, but it reads like a record; if the "
                      "file has none, write one above it",
                      path, r->row);
    as_code code = find_from(w, t, path, e);
    return code == AS_OK ? take_headers(t, r, w->arena, e) : code;
}

as_code as_init_file_tables(as_init_work *w, const char *path, as_err *e)
{
    as_source source = {.path = as_str_from(path),
                        .open_path = as_str_from(path),
                        .sheet = AS_STR(""),
                        .range = AS_STR(""),
                        .encoding = AS_STR("auto")};
    as_head h;
    as_init_block blocks[AS_INIT_BLOCKS_MAX + 1];
    as_code code = as_input_head(&h, &source, w->arena, w->diags, e);
    if (code != AS_OK)
        return code;
    size_t n = as_init_blocks(&h, blocks, AS_INIT_BLOCKS_MAX + 1);
    if (n == 0)
        return as_fail(e, AS_EINPUT, (as_span){path, 0, 0},
                       "no header was found: every row is blank; is this the right file?");
    if (n > AS_INIT_BLOCKS_MAX) {
        n = AS_INIT_BLOCKS_MAX;
        as_init_doubt(w, "%s holds more than %d tables; the first %d are described", path,
                      AS_INIT_BLOCKS_MAX, AS_INIT_BLOCKS_MAX);
    }
    for (size_t i = 0; i < n && code == AS_OK; i++)
        code = add_table(w, &h, &blocks[i], path, i, e);
    return code;
}
