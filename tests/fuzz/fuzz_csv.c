/* fuzz_csv.c: any bytes as an extract. The plain reader and the fast one must agree on every
 * one: the same records, lines and oddities, or the same error.
 *
 * Byte 0 of the input chooses encoding, delimiter, segment size and scan; the rest is the file.
 */
#include "input/input.h"

#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const as_str no_nulls[] = {{"", 0}, {"NULL", 4}};
static as_field fields[] = {
    {.name = {"k", 1}, .type = AS_TYPE_TEXT, .trim = true, .required = true},
    {.name = {"n", 1}, .type = AS_TYPE_INTEGER, .trim = true, .thousands = ','},
    {.name = {"d", 1}, .type = AS_TYPE_DATE, .trim = true},
    {.name = {"x", 1}, .type = AS_TYPE_NUMBER, .trim = true, .thousands = ','},
    {.name = {"t", 1}, .type = AS_TYPE_TEXT}};
static const as_str keep[] = {{"k", 1}};
static as_schema schema = {.name = {"things", 6},
                           .fields = fields,
                           .count = 5,
                           .nulls = no_nulls,
                           .null_count = 2,
                           .unpivot = {false, keep, 1, {"t", 1}, {"n", 1}, true}};

static uint64_t add(uint64_t h, uint64_t x)
{
    return as_hash_join(h, x);
}

static uint64_t add_text(uint64_t h, as_str s)
{
    return add(add(h, s.len), as_hash(s));
}

static uint64_t add_column(uint64_t h, const as_table *t, const as_column *c)
{
    as_buf tmp = AS_BUF(AS_FIELD_MAX);
    h = add(add(add_text(h, c->header), c->null_count), c->bad_count);
    for (size_t i = 0; i < c->bad_count; i++)
        h = add_text(add(h, c->bad[i].row), c->bad[i].text);
    for (uint32_t row = 0; row < t->rows; row++) {
        bool null = as_cell_null(c, row);
        (void)as_cell_raw(t, c, row, &tmp);
        h = add_text(add(h, null), null ? AS_NONE : as_cell_text(t, c, row, &tmp));
    }
    as_buf_free(&tmp);
    return h;
}

/* All that a table says, as one number. */
static uint64_t digest(const as_table *t)
{
    const as_load_report *r = &t->report;
    uint64_t h =
        add_text(add_text(add(t->rows, r->header_row), r->encoding), r->delimiter_name);
    h = add(add(add(add(h, r->blank_rows), r->blank_columns), r->ragged_count), r->extra_count);
    for (size_t i = 0; i < r->ragged_count; i++)
        h = add(add(h, r->ragged[i].row), r->ragged[i].cells);
    for (size_t i = 0; i < r->extra_count; i++)
        h = add_text(h, r->extra_headers[i]);
    for (uint32_t row = 0; row < t->rows; row++)
        h = add(h, as_table_line(t, row));
    for (size_t i = 0; i < schema.count; i++)
        h = add_column(h, t, &t->columns[i]);
    return h;
}

static uint64_t load(const as_input_spec *spec, as_err *e)
{
    as_arena *a = as_arena_open();
    as_diags d;
    as_diags_init(&d, a);
    as_table *t = NULL;
    uint64_t h = 0;
    if (as_input_load(&t, spec, NULL, &d, e) == AS_OK)
        h = digest(t);
    else
        h = add(add(as_hash(as_str_from(e->text)), e->at.line), e->at.column);
    as_table_close(t);
    as_arena_close(a);
    return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const encodings[] = {"auto",   "auto",      "utf-8",   "windows-1252",
                                            "utf-16", "mac-roman", "latin-1", "auto"};
    static const char *const scans[] = {NULL, "scalar", "sse2", NULL};
    static const size_t sizes[] = {1, 7, 64, 1000};
    static int fd = -1;
    static char path[64];
    if (size == 0)
        return 0;
    if (fd < 0) {
        fd = memfd_create("fuzz", 0);
        (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data + 1, size - 1, 0) != (ssize_t)(size - 1))
        return 0;
    uint8_t choice = data[0];
    as_source source = {.path = AS_STR("things.csv"), .open_path = as_str_from(path)};
    source.encoding = as_str_from(encodings[choice & 7]);
    if ((choice >> 3 & 7) == 7)
        source.range = AS_STR("A1:D9");
    schema.unpivot.on = (choice >> 3 & 7) == 6;
    as_input_spec spec = {.table = AS_STR("things"), .schema = &schema, .source = &source};
    as_err plain = {.code = AS_OK}, fast = {.code = AS_OK};
    spec.force_scan = "reference";
    uint64_t want = load(&spec, &plain);
    spec.force_scan = scans[choice >> 6];
    spec.segment_bytes = sizes[choice >> 3 & 3];
    uint64_t got = load(&spec, &fast);
    if (want != got) {
        (void)fprintf(stderr, "plain: %u:%u %s\nfast: %u:%u %s\n", plain.at.line,
                      plain.at.column, plain.text, fast.at.line, fast.at.column, fast.text);
        abort();
    }
    return 0;
}
