/* fuzz_lua.c: any bytes as a predicate: compiled, called on records and on a group.
 *
 * Besides crashes: purity. Each call is made twice in one state and once in another, with
 * another call in between; code, truth, sentence and error must be the same. Calls that met the
 * memory cap or the clock are left out: how much a state holds, and time, may differ. */
#include "lua/lua_env.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static as_field fields[4];
static const as_str formats[] = {{"%Y-%m-%d", 8}}, nulls[] = {{"", 0}};
static as_schema schema = {
    .name = {"homes", 5}, .fields = fields, .count = 4, .nulls = nulls, .null_count = 1};
static as_table *table;

#define WORDS                                                                                  \
    "local words = {'council', {'x'}} local n = 0 local M = {words = words} "                  \
    "function M.has(s) return assay.contains(s, words[1]) end "                                \
    "function M.count() n = n + 1 return n end return M"
static const as_lua_source modules[] = {
    {{"words", 5}, {WORDS, sizeof WORDS - 1}, {"words.lua", 1, 0}}};
static const as_lua_param params[] = {{{"as_at", 5}, {"2017-03-31", 10}}, {{"n", 1}, {"7", 1}}};
static const as_lua_setup setup = {modules, 1, params, 2, {8 * AS_MIB, 300000, 50}};

static void check(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const struct {
        const char *name;
        as_type type;
    } types[] = {{"urn", AS_TYPE_TEXT},
                 {"name", AS_TYPE_TEXT},
                 {"places", AS_TYPE_INTEGER},
                 {"opened", AS_TYPE_DATE}};
    static const char *const rows[][4] = {{"A1", "Somerset County Council", "4", "2016-02-29"},
                                          {"A2", NULL, NULL, NULL},
                                          {"A3", "Caf\xC3\xA9", "0", "2017-03-31"}};
    (void)argc;
    (void)argv;
    for (size_t i = 0; i < 4; i++)
        fields[i] = (as_field){.name = as_str_from(types[i].name),
                               .type = types[i].type,
                               .formats = formats,
                               .format_count = 1,
                               .trim = true};
    as_builder *b = NULL;
    check(as_builder_open(&b, schema.name, &schema, NULL, NULL) == AS_OK);
    for (uint32_t i = 0; i < 4; i++)
        as_builder_present(b, i, fields[i].name, i);
    for (uint32_t i = 0; i < 3; i++) {
        as_str cells[4];
        for (size_t j = 0; j < 4; j++)
            cells[j] = as_str_from(rows[i][j]);
        check(as_builder_row(b, cells, i + 2, NULL) == AS_OK);
    }
    check(as_builder_finish(b, &table, NULL) == AS_OK);
    as_builder_close(b);
    return 0;
}

typedef struct outcome {
    as_code code;
    as_truth truth;
    uint32_t which;
    as_buf why;
    as_err e;
} outcome;

static void call(as_lua *l, int handle, uint32_t row, bool group, outcome *o)
{
    static const uint32_t rows[] = {2, 0, 1};
    o->e = (as_err){.code = AS_OK};
    o->which = AS_NO_ROW;
    o->code = group ? as_lua_call_group(l, handle, table, rows, 3, &o->truth, &o->which,
                                        &o->why, &o->e)
                    : as_lua_call(l, handle, table, row, &o->truth, &o->why, &o->e);
    check(o->code == AS_OK || (o->code == o->e.code && o->e.text[0] && o->why.len == 0));
    check(o->code == AS_OK || o->code == AS_ESCRIPT || o->code == AS_EBUDGET);
}

static bool depends(const outcome *o)
{
    return o->code == AS_EBUDGET &&
           (strstr(o->e.text, "memory") || strstr(o->e.text, "millisec"));
}

static void compare(const outcome *a, const outcome *b)
{
    if (depends(a) || depends(b))
        return;
    check(a->code == b->code && a->truth == b->truth && a->which == b->which);
    check(as_str_eq(as_buf_str(&a->why), as_buf_str(&b->why)));
    check(strcmp(a->e.text, b->e.text) == 0 && a->e.at.line == b->e.at.line);
}

static void compare_calls(as_lua *const *l, int handle)
{
    outcome o[3];
    for (int i = 0; i < 3; i++)
        o[i] = (outcome){.why = AS_BUF(AS_MESSAGE_MAX)};
    for (uint32_t row = 0; row < 4; row++) {
        bool group = row == 3;
        call(l[0], handle, row, group, &o[0]);
        call(l[0], handle, (row + 1) % 3, false, &o[1]); /* something else in between */
        call(l[0], handle, row, group, &o[1]);
        call(l[1], handle, row, group, &o[2]);
        compare(&o[0], &o[1]);
        compare(&o[0], &o[2]);
    }
    for (int i = 0; i < 3; i++)
        as_buf_free(&o[i].why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t reads[] = {0, 1, 2, 3};
    as_predicate p = {{"F-1", 3}, {(const char *)data, size}, {"f.yaml", 9, 0}, &schema, reads,
                      4};
    as_lua *l[2] = {NULL, NULL};
    int handle[2];
    as_code code[2];
    as_err e[2];
    for (int i = 0; i < 2; i++) {
        check(as_lua_open(&l[i], &setup, &e[i]) == AS_OK);
        code[i] = as_lua_compile(l[i], &p, &handle[i], &e[i]);
    }
    check(code[0] == code[1] && (code[0] == AS_OK || strcmp(e[0].text, e[1].text) == 0));
    if (code[0] == AS_OK)
        compare_calls(l, handle[0]);
    as_lua_close(l[0]);
    as_lua_close(l[1]);
    return 0;
}
