/* input.h: from a file to a table. Readers know no rules.
 *
 * as_input_load picks the reader (readers.def) by what the file's bytes are, then by its
 * ending; it finds the header, binds columns to fields, types the cells and reports what it
 * skipped. */
#ifndef AS_INPUT_INPUT_H
#define AS_INPUT_INPUT_H

#include "base/pool.h"
#include "table/table.h"

typedef struct as_input_spec {
    as_str table; /* name in release.yaml */
    const as_schema *schema;
    const as_source *source;
    const bool *want;   /* per field: does anybody need it? NULL = all. Keys are always read */
    as_count *progress; /* bytes read so far are added here; may be NULL */
    size_t segment_bytes;   /* 0 = AS_SEGMENT_BYTES; tests use small ones */
    const char *force_scan; /* NULL = best for this machine; "scalar", "sse2", "avx2", "avx512":
                               tests */
} as_input_spec;

/* AS_EINPUT and AS_EIO: *e says file, line, column, what is wrong and what to do. Several
 * problems (every missing column, say) go to `d` as well. The table is closed with
 * as_table_close and may outlive `d`. */
as_code as_input_load(as_table **out, const as_input_spec *spec, as_pool *pool, as_diags *d,
                      as_err *e);

/* ---- rows as they stand, for who does not know the file yet (engine/init) ---- */

typedef struct as_head_row {
    uint32_t row; /* from 1, as a spreadsheet would show it */
    as_str *cells;
    uint32_t count;        /* cells; at most AS_COLUMNS_MAX */
    uint32_t filled, last; /* cells that are not blank; the last of them, from 1 */
} as_head_row;

typedef struct as_head {
    as_head_row *rows;
    size_t count;
    bool whole;     /* these are all rows of the file */
    char delimiter; /* 0 where the format has none */
    as_str delimiter_name, encoding;
    uint64_t bytes;
} as_head;

/* The rows of a small file, the first ones of a large one. `source` gives path, encoding and
 * delimiter (0: the one with which the rows agree best). All lives in `a`. AS_EINPUT, AS_EIO as
 * as_input_load. */
as_code as_input_head(as_head *out, const as_source *source, as_arena *a, as_diags *d,
                      as_err *e);

/* One reader: a file in input/ exporting `const as_reader as_reader_NAME`, one line in
 * readers.def. */
typedef struct as_reader {
    const char *name; /* "csv" */
    const char *summary;
    const char *endings;               /* "csv,tsv,txt" */
    bool (*knows)(as_str first_bytes); /* by signature; NULL: by ending only */
    as_code (*load)(as_table **out, const as_input_spec *spec, as_pool *pool, as_diags *d,
                    as_err *e);
    /* NULL: rows cannot be had without a schema. */
    as_code (*head)(as_head *out, const as_source *source, as_arena *a, as_err *e);
} as_reader;
extern const as_reader *const as_readers[];
extern const size_t as_reader_count;

#endif
