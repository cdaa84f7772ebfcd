/* fuzz_sql.c: any bytes as a query over two small tables, with small budgets.
 *
 * Besides crashes: the same query run twice gives the same rows, error and all. */
#include "sql/sql.h"

#include "base/limits.h"

#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const as_str formats[] = {{"%Y-%m-%d", 8}}, nulls[] = {{"", 0}};
static as_field fields[] = {
    {.name = {"urn", 3}, .type = AS_TYPE_TEXT, .trim = true},
    {.name = {"name", 4}, .type = AS_TYPE_TEXT, .trim = true, .sensitive = true},
    {.name = {"places", 6}, .type = AS_TYPE_INTEGER, .trim = true},
    {.name = {"rate", 4}, .type = AS_TYPE_NUMBER, .trim = true},
    {.name = {"opened", 6},
     .type = AS_TYPE_DATE,
     .trim = true,
     .formats = formats,
     .format_count = 1}};
#define FIELDS (sizeof fields / sizeof fields[0])
static as_schema schema = {.name = {"homes", 5},
                           .fields = fields,
                           .count = FIELDS,
                           .key_count = 1,
                           .nulls = nulls,
                           .null_count = 1};
static as_sql_table tables[2];

static void check(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char *const rows[][FIELDS] = {
        {"A1", "Ash", "4", "0.5", "2016-02-29"},
        {"A2", NULL, NULL, NULL, NULL},
        {"LONGER-THAN-8", "Caf\xC3\xA9", "0", "-1", "2017-03-31"}};
    (void)argc;
    (void)argv;
    as_builder *b = NULL;
    as_table *t = NULL;
    check(as_builder_open(&b, schema.name, &schema, NULL, NULL) == AS_OK);
    for (uint32_t i = 0; i < 3; i++) {
        as_str cells[FIELDS];
        for (size_t k = 0; k < FIELDS; k++)
            cells[k] = as_str_from(rows[i][k]);
        check(as_builder_row(b, cells, i + 2, NULL) == AS_OK);
    }
    check(as_builder_finish(b, &t, NULL) == AS_OK);
    as_builder_close(b);
    tables[0] = (as_sql_table){schema.name, &schema, t};
    tables[1] = (as_sql_table){AS_STR("other"), &schema, t};
    return 0;
}

/* Code, rows and error as one number. */
static uint64_t run(as_str query)
{
    as_sql_spec spec = {.query = query,
                        .tables = tables,
                        .table_count = 2,
                        .steps = 200000,
                        .memory = 16 * AS_MIB};
    as_sql *s = NULL;
    as_err e = {0};
    bool got = true;
    const as_sql_column *columns;
    uint64_t all = 1;
    as_code code = as_sql_open(&s, &spec, &e);
    for (size_t i = 0; code == AS_OK && i < as_sql_params(s); i++)
        code = as_sql_bind(s, i, AS_STR("4"), &e);
    while (code == AS_OK && (code = as_sql_next(s, &got, &e)) == AS_OK && got) {
        size_t count = as_sql_columns(s, &columns);
        for (size_t i = 0; i < count; i++) {
            as_sql_value v = as_sql_get(s, i);
            all = as_hash_join(all,
                               as_hash_join((uint64_t)v.type, as_hash(v.text)) ^ (uint64_t)v.i);
        }
    }
    as_sql_close(s);
    return as_hash_join(as_hash_join(all, code), as_hash(as_str_from(e.text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    as_str query = {(const char *)data, size};
    check(run(query) == run(query));
    return 0;
}
