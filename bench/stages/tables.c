/* tables.c: keys: their hashes, an index over them, and look-ups in it by blocks. */
#include "stages.h"

#include "base/limits.h"
#include "table/table.h"

#define ROWS 1000000u

typedef struct job {
    as_key key;
    as_index *index;
} job;

static void hash(void *arg)
{
    const job *j = arg;
    uint64_t out[AS_BLOCK];
    for (uint32_t row = 0; row < ROWS; row += AS_BLOCK)
        as_key_block(&j->key, row, ROWS - row < AS_BLOCK ? ROWS - row : AS_BLOCK, out);
}

static void build(void *arg)
{
    job *j = arg;
    as_err e;
    as_index_close(j->index);
    stage_must(as_index_open(&j->index, &j->key, NULL, &e), &e);
}

static void probe(void *arg)
{
    const job *j = arg;
    uint64_t hashes[AS_BLOCK];
    uint32_t out[AS_BLOCK];
    for (uint32_t row = 0; row < ROWS; row += AS_BLOCK) {
        uint32_t n = ROWS - row < AS_BLOCK ? ROWS - row : AS_BLOCK;
        as_key_block(&j->key, row, n, hashes);
        as_index_first_block(j->index, &j->key, row, n, hashes, out);
    }
}

static void keys(const char *work, stage_sort sort, uint32_t fields, const char *what)
{
    stage_made *m = stage_make(work, sort, fields, ROWS);
    as_table *t = stage_load(m, fields);
    job j = {.key = {.table = t, .count = fields}};
    for (uint32_t f = 0; f < fields; f++)
        j.key.fields[f] = f;
    stage_title(what);
    stage_each("hash", ROWS, stage_best(hash, &j), "a row");
    stage_each("index", ROWS, stage_best(build, &j), "a row");
    stage_each("hash and look up", ROWS, stage_best(probe, &j), "a row");
    as_index_close(j.index);
    as_table_close(t);
    stage_unmake(m);
}

void stages_tables(const char *work)
{
    keys(work, STAGE_SHORT, 1, "keys: 1,000,000 rows, packed, unique");
    keys(work, STAGE_LONG, 1, "keys: 1,000,000 rows, long texts, unique");
    keys(work, STAGE_SOME, 1, "keys: 1,000,000 rows, dictionary, 10,000 keys");
    keys(work, STAGE_SHORT, 2, "keys: 1,000,000 rows, two packed columns");
}
