/* made.c: tables made up for one stage: all columns of one sort. */
#include "stages.h"

#include "base/alloc.h"
#include "input/input.h"

#include <stdio.h>
#include <unistd.h>

#define FIELDS_MAX 16

struct stage_made {
    as_arena *arena;
    as_field fields[FIELDS_MAX];
    as_schema schema;
    as_source source;
};

static as_type type_of(stage_sort sort)
{
    switch (sort) {
    case STAGE_DATE:
    case STAGE_ISO_DATE:
        return AS_TYPE_DATE;
    case STAGE_INTEGER:
        return AS_TYPE_INTEGER;
    case STAGE_NUMBER:
        return AS_TYPE_NUMBER;
    default:
        return AS_TYPE_TEXT;
    }
}

/* The same numbers in an order that no cache foresees. */
static uint32_t scramble(uint32_t i, uint32_t f)
{
    uint64_t x = ((uint64_t)i + 1) * 0x9e3779b97f4a7c15ull + f * 0xd6e8feb86659fd93ull;
    x ^= x >> 29;
    x *= 0xbf58476d1ce4e5b9ull;
    return (uint32_t)(x >> 32);
}

static void write_cell(FILE *out, stage_sort sort, uint32_t i, uint32_t f)
{
    uint32_t x = scramble(i, f);
    switch (sort) {
    case STAGE_FEW:
        fprintf(out, "%.*s%u", (int)(x % 17), "of some length or", x % 100);
        break;
    case STAGE_SOME:
        fprintf(out, "value %u", x % 10000);
        break;
    case STAGE_SHORT: /* all different: the multiplier is prime to 9,000,000 */
        fprintf(out, "%llu", 1000000 + (i * 7654321ull + f) % 9000000);
        break;
    case STAGE_LONG:
        fprintf(out, "%.*s House %u", (int)(x % 20), "A name of many a word", i);
        break;
    case STAGE_QUOTED:
        fprintf(out, "\"%.*s%u\"", (int)(x % 17), "of some length, o", x % 100);
        break;
    case STAGE_DATE:
        fprintf(out, "%02u/%02u/%u", x % 28 + 1, x / 28 % 12 + 1, 2010 + x / 400 % 9);
        break;
    case STAGE_ISO_DATE:
        fprintf(out, "%u-%02u-%02u", 2010 + x / 400 % 9, x / 28 % 12 + 1, x % 28 + 1);
        break;
    case STAGE_INTEGER:
        fprintf(out, "%u", x >> (x & 15));
        break;
    case STAGE_NUMBER:
        fprintf(out, "%u.%02u", x >> (8 + (x & 15)), x % 100);
        break;
    }
}

static void write_file(const stage_made *m, stage_sort sort, uint32_t rows)
{
    uint32_t fields = (uint32_t)m->schema.count;
    FILE *out = fopen(m->source.open_path.ptr, "wb");
    if (!out) {
        as_err e;
        stage_must(as_fail(&e, AS_EIO, AS_NOWHERE, "cannot write %s", m->source.path.ptr), &e);
        return;
    }
    for (uint32_t f = 0; f < fields; f++)
        fprintf(out, "k%u%c", f, f + 1 < fields ? ',' : '\n');
    for (uint32_t i = 0; i < rows; i++)
        for (uint32_t f = 0; f < fields; f++) {
            write_cell(out, sort, i, f);
            putc(f + 1 < fields ? ',' : '\n', out);
        }
    fclose(out);
}

stage_made *stage_make(const char *work, stage_sort sort, uint32_t fields, uint32_t rows)
{
    static const as_str nulls[] = {{"", 0}};
    as_arena *a = as_arena_open();
    stage_made *m = AS_NEW(a, stage_made);
    m->arena = a;
    for (uint32_t f = 0; f < fields && f < FIELDS_MAX; f++)
        m->fields[f] = (as_field){.name = as_arena_printf(a, "k%u", f),
                                  .type = type_of(sort),
                                  .trim = true,
                                  .thousands = ','};
    m->schema = (as_schema){.name = AS_STR("made"),
                            .fields = m->fields,
                            .count = fields,
                            .nulls = nulls,
                            .null_count = 1};
    as_str path = as_arena_printf(a, "%s/made-%d-%u.csv", work, (int)sort, fields);
    m->source = (as_source){.path = path, .open_path = path, .encoding = AS_STR("auto")};
    write_file(m, sort, rows);
    return m;
}

as_table *stage_load(const stage_made *m, uint32_t fields)
{
    bool want[FIELDS_MAX] = {false};
    for (uint32_t f = 0; f < fields; f++)
        want[f] = true;
    as_input_spec spec = {
        .table = AS_STR("made"), .schema = &m->schema, .source = &m->source, .want = want};
    as_table *t = NULL;
    as_diags d;
    as_err e = {.code = AS_OK};
    as_diags_init(&d, m->arena);
    stage_must(as_input_load(&t, &spec, NULL, &d, &e), &e);
    return t;
}

void stage_unmake(stage_made *m)
{
    unlink(m->source.open_path.ptr);
    as_arena_close(m->arena);
}
