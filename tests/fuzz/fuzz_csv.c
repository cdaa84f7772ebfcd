/* fuzz_csv.c: any bytes as an extract. The first byte chooses the size of the segments, so that
 * quotes, line ends and fields are cut in odd places; the rest is the file. Whatever is read
 * can be located and shown. */
#include "base/limits.h"
#include "input/input.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const as_table *t)
{
    as_buf tmp = AS_BUF(AS_FIELD_MAX);
    for (uint32_t row = 0; row < t->rows && row < 64; row++) {
        (void)as_table_line(t, row);
        for (size_t f = 0; f < t->schema->count; f++) {
            (void)as_cell_text(t, &t->columns[f], row, &tmp);
            (void)as_cell_raw(t, &t->columns[f], row, &tmp);
        }
    }
    as_buf_free(&tmp);
}

static void load(const char *path, size_t segment)
{
    static const as_str formats[] = {{"%d/%m/%Y", 8}, {"%Y-%m-%d", 8}};
    static const as_str nulls[] = {{"", 0}, {"NULL", 4}};
    as_field fields[] = {
        {.name = AS_STR("urn"), .type = AS_TYPE_TEXT, .required = true, .trim = true},
        {.name = AS_STR("places"), .type = AS_TYPE_INTEGER, .trim = true, .thousands = ','},
        {.name = AS_STR("day"),
         .type = AS_TYPE_DATE,
         .formats = formats,
         .format_count = 2,
         .trim = true},
        {.name = AS_STR("name"), .type = AS_TYPE_TEXT, .trim = true},
    };
    as_schema schema = {.name = AS_STR("homes"),
                        .fields = fields,
                        .count = 4,
                        .key = {0},
                        .key_count = 1,
                        .nulls = nulls,
                        .null_count = 2};
    as_source source = {
        .path = as_str_from(path), .open_path = as_str_from(path), .encoding = AS_STR("auto")};
    as_input_spec spec = {.table = AS_STR("homes"),
                          .schema = &schema,
                          .source = &source,
                          .segment_bytes = segment};
    as_arena *a = as_arena_open();
    as_diags d;
    as_err e = {0};
    as_table *t = NULL;
    as_diags_init(&d, a);
    if (as_input_load(&t, &spec, NULL, &d, &e) == AS_OK)
        read_all(t);
    else if (e.text[0] == '\0')
        abort(); /* refused without a word */
    as_table_close(t);
    as_arena_close(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t segments[] = {0, 1, 7, 64, 4096};
    char path[] = "/tmp/assay-fuzz-csv-XXXXXX";
    int fd = size ? mkstemp(path) : -1;
    if (fd < 0)
        return 0;
    FILE *f = fdopen(fd, "wb");
    (void)fwrite(data + 1, 1, size - 1, f);
    (void)fclose(f);
    load(path, segments[data[0] % 5]);
    (void)unlink(path);
    return 0;
}
