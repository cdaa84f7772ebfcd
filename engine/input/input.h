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
    const bool *want; /* per field: does anybody need it? NULL = all. Keys are always read */
    size_t segment_bytes;   /* 0 = AS_SEGMENT_BYTES; tests use small ones */
    const char *force_scan; /* NULL = best for this machine; "scalar", "sse2", "avx2", "avx512":
                               tests */
} as_input_spec;

/* AS_EINPUT and AS_EIO: *e says file, line, column, what is wrong and what to do. Several
 * problems (every missing column, say) go to `d` as well. The table is closed with
 * as_table_close and may outlive `d`. */
as_code as_input_load(as_table **out, const as_input_spec *spec, as_pool *pool, as_diags *d,
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
} as_reader;
extern const as_reader *const as_readers[];
extern const size_t as_reader_count;

#endif
