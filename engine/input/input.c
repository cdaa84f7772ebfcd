/* input.c: the readers there are, and which of them reads a file.
 *
 * A file's first bytes decide, then its ending, then it is taken for CSV. Files that are
 * certainly something else are named for what they are: nobody should have to guess why a
 * spreadsheet gave "invalid UTF-8". */
#include "input/input.h"

#include "input/file.h"

#include <strings.h>

#define AS_READER(NAME) extern const as_reader as_reader_##NAME;
#include "input/readers.def"
#undef AS_READER

const as_reader *const as_readers[] = {
#define AS_READER(NAME) &as_reader_##NAME,
#include "input/readers.def"
#undef AS_READER
};
const size_t as_reader_count = sizeof as_readers / sizeof *as_readers;

/* Signatures of what no reader reads (yet): asked only after every reader's `knows`. */
static const struct {
    const char *magic;
    size_t length;
    const char *what;
} others[] = {
    {"PK\x03\x04", 4, "a spreadsheet file (XLSX or ODS) or another ZIP archive"},
    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8,
     "an old spreadsheet file (XLS) or another Office file"},
    {"SQLite format 3", 16, "an SQLite database"},
    {"%PDF-", 5, "a PDF document"},
    {"\x1f\x8b", 2, "a file compressed with gzip"},
    {"{\\rtf", 5, "a rich text document"},
    {"PAR1", 4, "a Parquet file"},
};

static as_code refuse(as_str first, const char *path, as_err *e)
{
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (as_str_starts(first, (as_str){others[i].magic, others[i].length}))
            return as_fail(e, AS_EINPUT, (as_span){path, 0, 0},
                           "this is %s, not delimited text; open it and save the table as CSV "
                           "(UTF-8)",
                           others[i].what);
    return AS_OK;
}

/* Is the file's ending among "csv,tsv,txt"? */
static bool ending_fits(const char *endings, as_str path)
{
    size_t dot = path.len;
    while (dot > 0 && path.ptr[dot - 1] != '.' && path.ptr[dot - 1] != '/')
        dot--;
    as_str ending = as_str_sub(path, dot, path.len);
    if (dot == 0 || path.ptr[dot - 1] != '.' || ending.len == 0)
        return false;
    for (const char *p = endings; *p;) {
        size_t n = strcspn(p, ",");
        if (n == ending.len && strncasecmp(p, ending.ptr, n) == 0)
            return true;
        p += n + (p[n] == ',');
    }
    return false;
}

static const as_reader *pick(as_str first, as_str path)
{
    for (size_t i = 0; i < as_reader_count; i++)
        if (as_readers[i]->knows && as_readers[i]->knows(first))
            return as_readers[i];
    for (size_t i = 0; i < as_reader_count; i++)
        if (!as_readers[i]->knows && ending_fits(as_readers[i]->endings, path))
            return as_readers[i];
    return NULL;
}

/* The reader for a file, by its first bytes and its ending. Paths are copied to where they
 * outlive the load. */
static as_code choose(const as_reader **out, const as_source *source, as_diags *d, as_err *e)
{
    as_str path = d ? as_arena_str(d->arena, source->path) : source->path;
    as_str open_path = d ? as_arena_str(d->arena, source->open_path) : source->open_path;
    if (!path.ptr || !open_path.ptr)
        return as_fail_nomem(e);
    char bytes[512];
    as_str first = {bytes, 0};
    as_code code = as_file_peek(open_path.ptr, path.ptr, bytes, sizeof bytes, &first.len, e);
    if (code != AS_OK)
        return code;
    const as_reader *reader = pick(first, path);
    *out = reader ? reader : &as_reader_csv;
    return !reader || !reader->knows ? refuse(first, path.ptr, e) : AS_OK;
}

as_code as_input_load(as_table **out, const as_input_spec *spec, as_pool *pool, as_diags *d,
                      as_err *e)
{
    *out = NULL;
    const as_reader *reader = NULL;
    as_code code = choose(&reader, spec->source, d, e);
    return code == AS_OK ? reader->load(out, spec, pool, d, e) : code;
}

as_code as_input_head(as_head *out, const as_source *source, as_arena *a, as_diags *d,
                      as_err *e)
{
    *out = (as_head){.count = 0};
    const as_reader *reader = NULL;
    as_code code = choose(&reader, source, d, e);
    if (code == AS_OK && !reader->head)
        code = as_fail(e, AS_EINPUT, (as_span){source->path.ptr, 0, 0},
                       "the rows of a %s file can be read only with a schema; save the table "
                       "as CSV (UTF-8)",
                       reader->name);
    return code == AS_OK ? reader->head(out, source, a, e) : code;
}
