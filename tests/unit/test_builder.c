/* The builder and, on what it builds, keys of several fields and the index. */
#include "unit.h"

#include "base/pool.h"
#include "table/table.h"

static as_arena *arena;
static as_buf tmp;

static as_str variants[] = {AS_STR("LA"), AS_STR("council")};
static as_code_entry entry = {AS_STR("Local Authority"), variants, 2, {NULL, 0, 0}};
static as_code_list sectors = {.name = AS_STR("sectors"), .entries = &entry, .count = 1};
static const as_str no_text = AS_STR("");
enum { URN, SECTOR, PLACES, RATE, DATE, FIELDS };
static as_field fields[FIELDS] = {
    {.name = AS_STR("urn"), .type = AS_TYPE_TEXT, .trim = true},
    {.name = AS_STR("sector"), .type = AS_TYPE_CODE, .trim = true, .list = &sectors},
    {.name = AS_STR("places"), .type = AS_TYPE_INTEGER, .trim = true, .thousands = ','},
    {.name = AS_STR("rate"), .type = AS_TYPE_NUMBER, .trim = true, .thousands = ','},
    {.name = AS_STR("date"), .type = AS_TYPE_DATE, .trim = true},
};
static as_schema schema = {.name = AS_STR("providers"),
                           .fields = fields,
                           .count = FIELDS,
                           .key = {URN, DATE},
                           .key_count = 2,
                           .nulls = &no_text,
                           .null_count = 1};

static as_builder *open_builder(const bool *want)
{
    as_builder *b;
    as_err e;
    assert_int_equal(as_builder_open(&b, S("providers"), &schema, want, &e), AS_OK);
    return b;
}

static void add(as_builder *b, uint32_t line, const char *urn, const char *sector,
                const char *places, const char *rate, const char *date)
{
    as_err e;
    as_str cells[FIELDS] = {S(urn), S(sector), S(places), S(rate), S(date)};
    assert_int_equal(as_builder_row(b, cells, line, &e), AS_OK);
}

static as_table *finish(as_builder *b)
{
    as_table *t;
    as_err e;
    assert_int_equal(as_builder_finish(b, &t, &e), AS_OK);
    as_builder_close(b);
    return t;
}

static as_str cell(const as_table *t, uint32_t field, uint32_t row)
{
    return as_cell_text(t, &t->columns[field], row, &tmp);
}

static as_str raw(const as_table *t, uint32_t field, uint32_t row)
{
    return as_cell_raw(t, &t->columns[field], row, &tmp);
}

static void test_rows(void **state)
{
    (void)state;
    as_builder *b = open_builder(NULL);
    as_builder_present(b, URN, S("URN\nof provider"), 7);
    add(b, 2, " SC1", "LA", "1,234", "2.50", "31/03/2017");
    add(b, 3, "SC1", "Local Authority", "12,34", "1e5", "31/02/2017");
    add(b, 5, NULL, " council ", "", "3", NULL);
    add(b, 9, "SC2", "Charity", "x", NULL, "2017-04-01");
    as_table *t = finish(b);
    assert_int_equal(t->rows, 4);
    EXPECT_STR(t->name, "providers");
    EXPECT_STR(cell(t, URN, 0), "SC1");
    EXPECT_STR(raw(t, URN, 0), " SC1");
    assert_null(cell(t, URN, 2).ptr);
    for (uint32_t i = 0; i < 3; i++)
        EXPECT_STR(cell(t, SECTOR, i), "Local Authority");
    EXPECT_STR(raw(t, SECTOR, 2), " council ");
    EXPECT_STR(cell(t, SECTOR, 3), "Charity");
    EXPECT_STR(cell(t, PLACES, 0), "1234");
    EXPECT_STR(raw(t, PLACES, 1), "12,34");
    assert_null(cell(t, PLACES, 1).ptr);
    assert_null(raw(t, PLACES, 2).ptr);
    EXPECT_STR(cell(t, RATE, 0), "2.5");
    EXPECT_STR(raw(t, RATE, 1), "1e5");
    EXPECT_STR(raw(t, DATE, 1), "31/02/2017");
    EXPECT_STR(cell(t, DATE, 3), "2017-04-01");
    assert_int_equal(t->columns[PLACES].bad_count, 2);
    assert_int_equal(t->columns[PLACES].bad[1].row, 3);
    assert_int_equal(t->columns[PLACES].null_count, 3);
    assert_int_equal(t->columns[URN].null_count, 1);
    assert_int_equal(t->columns[SECTOR].null_count, 0);
    assert_int_equal(t->columns[DATE].null_count, 2);
    EXPECT_STR(t->columns[URN].header, "URN\nof provider");
    assert_int_equal(t->columns[URN].source_col, 7);
    EXPECT_STR(t->columns[SECTOR].header, "sector");
    const uint32_t lines[] = {2, 3, 5, 9};
    for (uint32_t i = 0; i < 4; i++)
        assert_int_equal(as_table_line(t, i), lines[i]);
    assert_int_equal(as_table_line(t, 4), 0);
    as_table_close(t);
    as_table_close(NULL);
}

static void test_dictionary(void **state)
{
    (void)state;
    as_builder *b = open_builder(NULL);
    add(b, 1, "x", "LA", NULL, NULL, NULL);
    add(b, 2, " x", "Local Authority", NULL, NULL, NULL);
    add(b, 3, "y", "la", NULL, NULL, NULL);
    add(b, 4, "x ", "Local Authority", NULL, NULL, NULL);
    add(b, 5, "x", "?", NULL, NULL, NULL);
    as_table *t = finish(b);
    const as_dict *d = &t->columns[URN].dict;
    const uint32_t codes[] = {1, 2, 3, 4, 1}, canon[] = {0, 1, 1, 3, 1};
    assert_int_equal(d->count, 5);
    assert_int_equal(t->columns[URN].width, 4);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(as_cell_code(&t->columns[URN], i), codes[i]);
        assert_int_equal(d->entries[i].canon, canon[i]);
        assert_int_equal(d->entries[i].hash, as_text_hash(d->entries[i].value));
    }
    const as_dict *s = &t->columns[SECTOR].dict;
    const uint8_t status[] = {0, AS_CODE_VARIANT, AS_CODE_EXACT, AS_CODE_VARIANT,
                              AS_CODE_UNKNOWN};
    const uint32_t same[] = {0, 1, 1, 1, 4};
    assert_int_equal(s->count, 5);
    for (uint32_t i = 1; i < 5; i++) {
        assert_int_equal(s->entries[i].status, status[i]);
        assert_int_equal(s->entries[i].canon, same[i]);
    }
    as_table_close(t);
}

static void test_absent(void **state)
{
    (void)state;
    const bool want[FIELDS] = {true, true, false, true, true};
    as_builder *b = open_builder(want);
    as_builder_present(b, SECTOR, S("Sector"), 1);
    as_builder_present(b, PLACES, S("Places"), 2);
    as_builder_present(b, 99, S("nothing"), 3);
    add(b, 1, "SC1", NULL, "5", NULL, NULL);
    as_table *t = finish(b);
    const as_layout layouts[FIELDS] = {AS_LAYOUT_DICT, AS_LAYOUT_DICT, AS_LAYOUT_ABSENT,
                                       AS_LAYOUT_ABSENT, AS_LAYOUT_ABSENT};
    const bool present[FIELDS] = {true, true, true, false, false};
    for (uint32_t i = 0; i < FIELDS; i++) {
        assert_int_equal(t->columns[i].layout, layouts[i]);
        assert_int_equal(t->columns[i].present, present[i]);
        assert_int_equal(as_cell_null(&t->columns[i], 0), i != URN);
    }
    EXPECT_STR(t->columns[PLACES].header, "Places");
    assert_int_equal(t->columns[SECTOR].null_count, 1); /* there, and every cell null */
    assert_int_equal(t->columns[RATE].null_count, 1);
    as_table_close(t);
}

static void test_no_rows(void **state)
{
    (void)state;
    as_builder *b = open_builder(NULL);
    as_builder_present(b, URN, S("URN"), 0);
    as_builder_present(b, PLACES, S("Places"), 1);
    as_table *t = finish(b);
    assert_int_equal(t->rows, 0);
    assert_int_equal(t->columns[URN].layout, AS_LAYOUT_DICT);
    assert_non_null(t->columns[URN].dict.entries);
    assert_int_equal(t->columns[URN].dict.count, 1);
    assert_non_null(t->columns[PLACES].data);
    as_key k = as_key_of(t);
    as_index *x;
    as_err e;
    assert_int_equal(as_index_open(&x, &k, NULL, &e), AS_OK);
    assert_int_equal(as_index_null_rows(x), 0);
    as_index_close(x);
    as_index_close(NULL);
    as_table_close(t);
}

static void test_after_finish(void **state)
{
    (void)state;
    as_builder *b = open_builder(NULL);
    as_table *t, *none;
    as_err e;
    const as_str cells[FIELDS] = {S("a"), S("b"), S("1"), S("2"), S("3")};
    EXPECT_STR(as_arena_str(as_builder_arena(b), S("kept")), "kept");
    assert_int_equal(as_builder_finish(b, &t, &e), AS_OK);
    assert_int_not_equal(as_builder_row(b, cells, 1, &e), AS_OK);
    assert_int_not_equal(as_builder_finish(b, &none, &e), AS_OK);
    as_builder_present(b, URN, S("x"), 1);
    as_builder_close(b);
    as_builder_close(NULL);
    as_table_close(t);
    as_builder_close(open_builder(NULL)); /* never finished */
}

static void test_bad_text_cut(void **state)
{
    (void)state;
    char text[3000];
    for (size_t shift = 0; shift < 3; shift++) {
        memset(text, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof text; i += 3)
            memcpy(text + i, "\xE2\x82\xAC", 4);
        as_builder *b = open_builder(NULL);
        add(b, 1, NULL, NULL, text, NULL, NULL);
        as_table *t = finish(b);
        size_t len = t->columns[PLACES].bad[0].text.len;
        assert_true(len <= 1024 && len > 1020 && (len - shift) % 3 == 0);
        as_table_close(t);
    }
}

/* ---- keys of several fields and the index, on 100,000 records ---- */

#define MANY 100000u

static as_table *many(void)
{
    as_builder *b = open_builder(NULL);
    for (uint32_t i = 0; i < MANY; i++) {
        char urn[32], places[32];
        (void)snprintf(urn, sizeof urn, i % 3 ? "SC%07u" : "%u", i % 40000);
        (void)snprintf(places, sizeof places, "%u", i % 7);
        add(b, i + 2, i % 10 == 9 ? NULL : urn, "LA", places, NULL,
            i % 2 ? "31/03/2017" : "2016-03-31");
    }
    return finish(b);
}

/* Block by block, from hashes or once for each combination of codes, and as somebody has it. */
static void check_probe(const as_index *x, const as_key *k, const uint64_t *hashes,
                        const uint32_t *first)
{
    as_probe p;
    as_err e;
    uint32_t room[AS_BLOCK];
    assert_int_equal(as_probe_open(&p, k, x, NULL, &e), AS_OK);
    for (int again = 0; again < 2; again++)
        for (uint32_t i = 0, n; i < MANY; i += n) {
            n = MANY - i < AS_BLOCK ? MANY - i : AS_BLOCK;
            const uint32_t *got = as_probe_block(&p, i, n, room);
            for (uint32_t j = 0; j < n; j++)
                assert_int_equal(got[j], hashes[i + j] ? first[i + j] : AS_KEY_NULL);
        }
    as_probe_close(&p);
    assert_int_equal(as_probe_open(&p, k, x, first, &e), AS_OK);
    assert_ptr_equal(as_probe_block(&p, AS_BLOCK, 7, room), first + AS_BLOCK);
    as_probe_close(&p);
}

/* The index against a plain look back over the table: for each row, the rows with its key. */
static void check_index(const as_table *t, const as_key *k, const uint8_t *select)
{
    as_index *x;
    as_err e;
    uint64_t nulls = 0;
    uint64_t *hashes = malloc(sizeof *hashes * MANY);
    assert_int_equal(as_index_open(&x, k, select, &e), AS_OK);
    as_key_block(k, 0, MANY, hashes);
    uint32_t *first = malloc(sizeof *first * MANY);
    as_index_first_block(x, k, 0, MANY, hashes, first);
    check_probe(x, k, hashes, first);
    for (uint32_t i = 0; i < MANY; i++) {
        bool admitted = !select || select[i] == 2;
        assert_int_equal(first[i], as_index_first(x, k, i, hashes[i]));
        if (hashes[i] == 0) {
            nulls += admitted;
            assert_int_equal(as_index_first(x, k, i, hashes[i]), AS_NO_ROW);
            continue;
        }
        uint32_t row = as_index_first(x, k, i, hashes[i]), before = AS_NO_ROW;
        bool met = false;
        for (; row != AS_NO_ROW; row = as_index_next(x, row)) {
            assert_true(before == AS_NO_ROW || row > before);
            assert_true(!select || select[row] == 2);
            if (i % 997 == 0)
                assert_true(as_key_equal(k, row, k, i));
            met = met || row == i;
            before = row;
        }
        assert_int_equal(met, admitted);
    }
    for (uint32_t i = 0; i < MANY; i += 4999) { /* exactly those: counted the slow way */
        uint32_t want = 0, got = 0;
        for (uint32_t j = 0; j < MANY; j++)
            want += (!select || select[j] == 2) && hashes[j] && as_key_equal(k, i, k, j);
        for (uint32_t r = as_index_first(x, k, i, hashes[i]); r != AS_NO_ROW;
             r = as_index_next(x, r))
            got++;
        assert_int_equal(got, want);
    }
    assert_int_equal(as_index_null_rows(x), nulls);
    as_index_close(x);
    free(first);
    free(hashes);
    (void)t;
}

/* A key of two combinations in all. */
static void check_cells(const as_table *t)
{
    const as_key k = {.table = t, .fields = {SECTOR}, .count = 1};
    as_index *x;
    as_err e;
    uint64_t *hashes = malloc(sizeof *hashes * MANY);
    uint32_t *first = calloc(MANY, sizeof *first);
    assert_int_equal(t->columns[SECTOR].layout, AS_LAYOUT_DICT);
    assert_int_equal(as_index_open(&x, &k, NULL, &e), AS_OK);
    as_key_block(&k, 0, MANY, hashes);
    check_probe(x, &k, hashes, first); /* one sector: the first row has it */
    as_index_close(x);
    free(first);
    free(hashes);
}

static void test_index(void **state)
{
    (void)state;
    as_table *t = many();
    check_cells(t);
    uint8_t *select = malloc(MANY);
    for (uint32_t i = 0; i < MANY; i++)
        select[i] = (uint8_t)(i % 3);
    const as_key keys[] = {
        as_key_of(t),
        {.table = t, .fields = {URN}, .count = 1},
        {.table = t, .fields = {PLACES}, .count = 1},
        {.table = t, .fields = {DATE, PLACES, URN}, .count = 3},
        {.table = t, .fields = {RATE}, .count = 1}, /* absent: null everywhere */
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        bool few = i == 2; /* each of 7 keys has 14,286 rows: one walk is enough */
        if (!few) {
            check_index(t, &keys[i], NULL);
            check_index(t, &keys[i], select);
            continue;
        }
        as_index *x;
        as_err e;
        uint64_t hash;
        uint32_t rows = 0;
        assert_int_equal(as_index_open(&x, &keys[i], NULL, &e), AS_OK);
        as_key_block(&keys[i], 3, 1, &hash);
        uint32_t r = as_index_first(x, &keys[i], 3, hash);
        assert_int_equal(r, 3);
        for (; r != AS_NO_ROW; r = as_index_next(x, r), rows++)
            assert_int_equal(r % 7, 3);
        assert_int_equal(rows, 14286);
        as_index_close(x);
    }
    free(select);
    as_table_close(t);
}

static void test_key_text(void **state)
{
    (void)state;
    as_builder *b = open_builder(NULL);
    add(b, 1, "SC001", NULL, NULL, NULL, "01/04/2016");
    add(b, 2, NULL, NULL, NULL, NULL, "01/04/2016");
    as_table *t = finish(b);
    as_key k = as_key_of(t), one = {.table = t, .fields = {URN}, .count = 1},
           none = {.table = t};
    as_buf_clear(&tmp);
    as_key_text(&k, 0, &tmp);
    as_buf_addc(&tmp, '|');
    as_key_text(&k, 1, &tmp);
    as_buf_addc(&tmp, '|');
    as_key_text(&one, 0, &tmp);
    as_key_text(&none, 0, &tmp);
    EXPECT_STR(as_buf_str(&tmp), "SC001 / 2016-04-01|(none) / 2016-04-01|SC001");
    uint64_t hashes[2];
    as_key_block(&none, 0, 2, hashes);
    assert_int_equal(hashes[0], 0);
    assert_false(as_key_equal(&none, 0, &none, 0));
    assert_false(as_key_equal(&k, 0, &one, 0));
    as_table_close(t);
}

/* "ab","c" is not "a","bc", and the order of the parts counts. */
static void test_key_parts(void **state)
{
    (void)state;
    as_builder *b = open_builder(NULL);
    add(b, 1, "ab", "c", NULL, NULL, NULL);
    add(b, 2, "a", "bc", NULL, NULL, NULL);
    add(b, 3, "c", "ab", NULL, NULL, NULL);
    as_table *t = finish(b);
    as_key k = {.table = t, .fields = {URN, SECTOR}, .count = 2};
    as_key turned = {.table = t, .fields = {SECTOR, URN}, .count = 2};
    uint64_t h[3], turned_h[3];
    as_key_block(&k, 0, 3, h);
    as_key_block(&turned, 0, 3, turned_h);
    assert_true(h[0] != h[1] && h[1] != h[2] && h[0] != h[2]);
    assert_false(as_key_equal(&k, 0, &k, 1));
    assert_true(as_key_equal(&k, 0, &turned, 2));
    assert_int_equal(h[0], turned_h[2]);
    as_table_close(t);
}

/* as_hash_u64 is one to one and known to everybody: values can be made to collide. */
static uint64_t unhash(uint64_t h)
{
    uint64_t inverse = 1, x = h;
    for (int n = 0; n < 6; n++)
        inverse *= 2 - 0xd6e8feb86659fd93ull * inverse;
    for (int n = 0; n < 2; n++) {
        x ^= x >> 32;
        x *= inverse;
    }
    return x ^ x >> 32;
}

static void test_made_to_collide(void **state)
{
    (void)state;
    const uint32_t n = 200000;
    uint64_t *packs = malloc(n * sizeof *packs);
    as_column columns[FIELDS] = {
        {.field = &fields[URN], .layout = AS_LAYOUT_PACK8, .data = packs}};
    as_table t = {
        .name = AS_STR("providers"), .schema = &schema, .rows = n, .columns = columns};
    as_key k = {.table = &t, .fields = {URN}, .count = 1};
    as_index *x;
    as_err e;
    for (uint32_t i = 0; i < n; i++) /* the same high 40 bits */
        packs[i] = unhash(77ull << 24 | i);
    assert_int_equal(as_hash_u64(packs[5]), 77ull << 24 | 5);
    assert_int_equal(as_index_open(&x, &k, NULL, &e), AS_EBUDGET);
    assert_null(x);
    assert_non_null(strstr(e.text, "table providers"));
    /* A run without a gap (places are by the high bits, and these keys take the lower 6 of 10),
     * each key near its place: keys that are not there are said so at once. */
    const uint64_t step = UINT64_MAX / n / 10 * 6;
    for (uint32_t i = 0; i < n; i++)
        packs[i] = unhash((i + 1) * step);
    assert_int_equal(as_index_open(&x, &k, NULL, &e), AS_OK);
    for (uint32_t i = 0; i < n; i++)
        packs[i] = unhash((i & 1023) * step + 1);
    for (uint32_t i = 0; i < n; i++)
        assert_int_equal(as_index_first(x, &k, i, (i & 1023) * step + 1), AS_NO_ROW);
    as_index_close(x);
    as_builder *b = open_builder(NULL);
    as_code code = AS_OK;
    for (uint32_t i = 0; i < n && code == AS_OK; i++) {
        uint64_t pack = unhash((uint64_t)i << 40 | 77);
        as_str cells[FIELDS] = {{(const char *)&pack, 8}};
        code = as_builder_row(b, cells, i, &e);
    }
    assert_int_equal(code, AS_EBUDGET);
    assert_non_null(strstr(e.text, "providers.urn"));
    as_builder_close(b);
    free(packs);
}

/* Threads share a table and an index. */
static void read_block(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end)
{
    const as_key *k = arg;
    as_buf mine = AS_BUF(1000);
    uint64_t hash;
    (void)worker, (void)chunk;
    for (size_t i = begin; i < end; i++) {
        as_key_block(k, (uint32_t)i, 1, &hash);
        as_buf_clear(&mine);
        as_key_text(k, (uint32_t)i, &mine);
    }
    as_buf_free(&mine);
}

static void test_shared(void **state)
{
    (void)state;
    as_table *t = many();
    as_key k = as_key_of(t);
    as_pool *p;
    as_err e;
    assert_int_equal(as_pool_open(&p, 3, &e), AS_OK);
    as_pool_for(p, t->rows, 1000, read_block, &k);
    as_pool_close(p);
    as_table_close(t);
}

static int setup(void **state)
{
    (void)state;
    as_diags d;
    as_err e;
    tmp = AS_BUF(1 << 20);
    arena = as_arena_open();
    as_diags_init(&d, arena);
    return as_code_list_seal(&sectors, arena, &d, &e) != AS_OK;
}

static int teardown(void **state)
{
    (void)state;
    as_buf_free(&tmp);
    as_arena_close(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),         cmocka_unit_test(test_dictionary),
        cmocka_unit_test(test_absent),       cmocka_unit_test(test_no_rows),
        cmocka_unit_test(test_after_finish), cmocka_unit_test(test_bad_text_cut),
        cmocka_unit_test(test_index),        cmocka_unit_test(test_key_text),
        cmocka_unit_test(test_key_parts),    cmocka_unit_test(test_made_to_collide),
        cmocka_unit_test(test_shared),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
