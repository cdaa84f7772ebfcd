/* csv_diff.h: the fast CSV reader against the plain one, for test_csv_diff.c and
 * test_csv_hostile.c: a schema with every layout in it, and two tables compared cell by cell,
 * line by line. */
#ifndef TEST_CSV_DIFF_H
#define TEST_CSV_DIFF_H

#include "unit/csv_fixture.h"

#include "base/alloc.h"

#include <inttypes.h>

static const char *const scans[] = {"scalar", "sse2", "avx2", "avx512", "neon"};
static const size_t sizes[] = {1, 7, 64, 333, 4096};
static const unsigned jobs[] = {1, 2, 4};
enum { SCANS = 5, SIZES = 5, JOBS = 3 };
static as_pool *pools[JOBS];

/* ---- a schema with every layout in it ---- */

static as_code_entry code_entries[2];
static as_code_list code_list = {.name = {"colours", 7}, .entries = code_entries, .count = 2};
static const as_str null_tokens[] = {{"", 0}, {"N/A", 3}, {"-", 1}};

static inline void open_fixture(fixture *x)
{
    fixture_open(x, "k!:text n:integer d:date x:number t:text c:code s:text");
    static const as_str variants[] = {{"rot", 3}};
    code_entries[0] = (as_code_entry){AS_STR("Red"), variants, 1, AS_NOWHERE};
    code_entries[1] = (as_code_entry){AS_STR("Blue"), NULL, 0, AS_NOWHERE};
    assert_int_equal(as_code_list_seal(&code_list, x->arena, &x->diags, &x->err), AS_OK);
    x->fields[5].list = &code_list;
    x->fields[4].trim = false;
    assert_int_equal(
        as_regex_compile(&x->fields[6].strip, x->arena, AS_STR("\\[[^]]*\\]"), 0, &x->err),
        AS_OK);
    x->schema.nulls = null_tokens;
    x->schema.null_count = 3;
}

/* ---- comparing ---- */

static void same_cell(const as_table *a, const as_table *b, size_t i, uint32_t row)
{
    const as_column *p = &a->columns[i], *q = &b->columns[i];
    as_buf s = AS_BUF(AS_FIELD_MAX), t = AS_BUF(AS_FIELD_MAX);
    bool null = as_cell_null(p, row);
    if (null != as_cell_null(q, row))
        fail_msg("row %u field %zu: null %d and %d", row, i, null, !null);
    as_str u = null ? AS_NONE : as_cell_text(a, p, row, &s);
    as_str v = null ? AS_NONE : as_cell_text(b, q, row, &t);
    if (!as_str_eq(u, v))
        fail_msg("row %u field %zu: \"%.*s\" and \"%.*s\"", row, i, AS_FMT(u), AS_FMT(v));
    u = as_str_trim(as_cell_raw(a, p, row, &s));
    v = as_str_trim(as_cell_raw(b, q, row, &t));
    if (!as_str_eq(u, v))
        fail_msg("row %u field %zu: raw \"%.*s\" and \"%.*s\"", row, i, AS_FMT(u), AS_FMT(v));
    if (p->layout == AS_LAYOUT_DICT && q->layout == AS_LAYOUT_DICT && !null)
        assert_int_equal(p->dict.entries[as_cell_code(p, row)].status,
                         q->dict.entries[as_cell_code(q, row)].status);
    as_buf_free(&s);
    as_buf_free(&t);
}

static void same_column(const as_table *a, const as_table *b, size_t i)
{
    const as_column *p = &a->columns[i], *q = &b->columns[i];
    assert_int_equal(p->present, q->present);
    assert_true(as_str_eq(p->header, q->header));
    assert_int_equal(p->source_col, q->source_col);
    assert_int_equal(p->null_count, q->null_count);
    assert_int_equal(p->bad_count, q->bad_count);
    for (size_t k = 0; k < p->bad_count; k++) {
        assert_int_equal(p->bad[k].row, q->bad[k].row);
        assert_true(as_str_eq(p->bad[k].text, q->bad[k].text));
    }
    for (uint32_t row = 0; row < a->rows; row++)
        same_cell(a, b, i, row);
    for (uint32_t row = 0; row < a->rows; row += AS_BLOCK) {
        uint64_t u[AS_BLOCK], v[AS_BLOCK];
        uint32_t n = a->rows - row < AS_BLOCK ? a->rows - row : AS_BLOCK;
        as_column_block_hashes(a, p, row, n, u);
        as_column_block_hashes(b, q, row, n, v);
        assert_memory_equal(u, v, n * sizeof *u);
    }
    for (uint32_t code = 1; q->layout == AS_LAYOUT_DICT && code < q->dict.count; code++) {
        const as_dict_entry *x = &q->dict.entries[code];
        assert_true(x->canon <= code);
        assert_true(as_str_eq(q->dict.entries[x->canon].value, x->value));
        assert_int_equal(q->dict.entries[x->canon].canon, x->canon);
        assert_int_equal(x->hash, as_text_hash(x->value));
    }
}

/* Where segments are whole parts, the digest was made in passing, and is that of the file. */
static void same_digest(const as_table *t, size_t segment_bytes)
{
    char want[AS_BLAKE3_TEXT], is[AS_BLAKE3_TEXT];
    as_err e;
    assert_true(!t->blake3 ==
                (segment_bytes % AS_BLAKE3_PART != 0 || t->bytes.ptr < t->file.ptr ||
                 t->bytes.ptr > t->file.ptr + t->file.len));
    if (!t->blake3)
        return;
    assert_int_equal(as_blake3_of(t->file, want, &e), AS_OK);
    assert_int_equal(as_blake3_end(t->blake3, is, &e), AS_OK);
    assert_string_equal(is, want);
}

static void same_table(const as_table *a, const as_table *b)
{
    const as_load_report *p = &a->report, *q = &b->report;
    assert_int_equal(a->rows, b->rows);
    assert_true(as_str_eq(a->file, b->file));
    assert_true(as_str_eq(p->encoding, q->encoding));
    assert_true(as_str_eq(p->delimiter_name, q->delimiter_name));
    assert_int_equal(p->header_row, q->header_row);
    assert_int_equal(p->banner_rows, q->banner_rows);
    assert_int_equal(p->blank_rows, q->blank_rows);
    assert_int_equal(p->blank_columns, q->blank_columns);
    assert_int_equal(p->ragged_count, q->ragged_count);
    for (size_t i = 0; i < p->ragged_count; i++)
        assert_memory_equal(&p->ragged[i], &q->ragged[i], sizeof p->ragged[i]);
    assert_int_equal(p->extra_count, q->extra_count);
    for (size_t i = 0; i < p->extra_count; i++)
        assert_true(as_str_eq(p->extra_headers[i], q->extra_headers[i]));
    for (uint32_t row = 0; row < a->rows; row++)
        assert_int_equal(as_table_line(a, row), as_table_line(b, row));
    for (size_t i = 0; i < a->schema->count; i++)
        same_column(a, b, i);
}

/* What the plain reader made of a text. */
typedef struct expected {
    as_table *table;
    as_code code;
    as_err err;
} expected;

static inline expected read_plain(fixture *x, as_str text)
{
    fixture_write(x, text);
    x->spec.force_scan = "reference";
    x->pool = NULL;
    fixture_load(x);
    expected want = {x->table, x->code, x->err};
    x->table = NULL;
    return want;
}

/* By number of scan and workers. False: this machine has no such scan. */
static inline bool try_size(fixture *x, const expected *want, unsigned scan, size_t bytes,
                            unsigned job)
{
    x->spec.force_scan = scans[scan];
    x->spec.segment_bytes = bytes;
    x->pool = pools[job];
    if (getenv("ASSAY_DIFF_TRACE")) /* the last line is the way that failed */
        (void)fprintf(stderr, "%s %zu %u %s\n", scans[scan], bytes, jobs[job], x->path);
    fixture_load(x);
    if (x->code == AS_EINPUT && strstr(x->err.text, "no scan"))
        return false;
    if (x->code != want->code || strcmp(x->err.text, want->err.text) != 0 ||
        x->err.at.line != want->err.at.line || x->err.at.column != want->err.at.column ||
        !x->err.at.file != !want->err.at.file)
        fail_msg("%s %zu %u: plain: %d at %u:%u %s\nfast: %d at %u:%u %s", scans[scan], bytes,
                 jobs[job], want->code, want->err.at.line, want->err.at.column, want->err.text,
                 x->code, x->err.at.line, x->err.at.column, x->err.text);
    if (x->code == AS_OK) {
        same_table(want->table, x->table);
        same_digest(x->table, bytes);
    }
    return true;
}

static inline bool try_one(fixture *x, const expected *want, unsigned scan, unsigned size,
                           unsigned job)
{
    return try_size(x, want, scan, sizes[size], job);
}

/* The best scan of this machine; the text must be good, and x->table stays for a closer look.
 */
static inline void same_as_plain(fixture *x, const expected *want, size_t bytes, unsigned job)
{
    x->spec.force_scan = NULL;
    x->spec.segment_bytes = bytes;
    x->pool = pools[job];
    assert_int_equal(want->code, AS_OK);
    assert_int_equal(fixture_load(x), AS_OK);
    same_table(want->table, x->table);
    x->pool = NULL;
}

static inline void all_ways(fixture *x, as_str text)
{
    expected want = read_plain(x, text);
    for (unsigned k = 0; k < SIZES; k++)
        for (unsigned i = 0; i < SCANS; i++)
            try_one(x, &want, i, k, (i + k) % JOBS);
    for (unsigned k = 0; k < 3; k++)
        for (unsigned j = 0; j < JOBS; j++)
            try_one(x, &want, 0, k, j);
    as_table_close(want.table);
    x->pool = NULL;
}

/* ---- chance ---- */

static uint64_t seed =
    20170331; /* ASSAY_DIFF_SEED and ASSAY_DIFF_ROUNDS: more of it, by hand */

static inline unsigned pick(unsigned n)
{
    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)(seed >> 33) % n;
}

/* ---- workers: a group's setup and teardown ---- */

static inline int open_pools(void **state)
{
    (void)state;
    as_err e;
    for (unsigned i = 0; i < JOBS; i++)
        if (as_pool_open(&pools[i], jobs[i], &e) != AS_OK)
            return -1;
    return 0;
}

static inline int close_pools(void **state)
{
    (void)state;
    for (unsigned i = 0; i < JOBS; i++)
        as_pool_close(pools[i]);
    return 0;
}

#endif
