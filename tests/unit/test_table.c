/* Cells in every layout, blocks, hashes equal across layouts, keys, the index. */
#include "each_cpu.h"
#include "table_fixture.h"

static as_buf tmp;
static char long_quoted[560];

/* Texts of 1 to 9 bytes and more, quotes, a newline; row 6 repeats row 1. */
static const char *texts[] = {"SC1",       "ab",          "12345678",
                              "123456789", NULL,          "say \"hi\"",
                              "ab",        "a",           "two\nlines, long enough",
                              "\"\"",      "caf\xC3\xA9", long_quoted};
#define TEXTS 12u

static void text_cells(const as_key *k)
{
    const as_column *c = k->table->columns;
    for (uint32_t i = 0; i < k->table->rows; i++) {
        as_str text = as_cell_text(k->table, c, i, &tmp);
        assert_int_equal(as_cell_null(c, i), texts[i] == NULL);
        if (texts[i])
            EXPECT_STR(text, texts[i]);
        else
            assert_null(text.ptr);
        assert_int_equal(as_cell_int(c, i), AS_INT_NULL);
        assert_int_equal(as_cell_date(c, i), AS_DATE_NULL);
        assert_true(isnan(as_cell_num(c, i)));
    }
}

static void test_text_cells(void **state)
{
    (void)state;
    fixture x;
    for (uint8_t width = 1; width <= 4; width = (uint8_t)(width * 2)) {
        as_key k = fixture_dict(&x, width, texts, TEXTS);
        text_cells(&k);
        EXPECT_STR(as_cell_raw(&x.table, &x.column, 0, &tmp), " SC1");
        assert_int_equal(as_cell_code(&x.column, 0), TEXTS);
        uint32_t codes[TEXTS];
        as_column_block_codes(&x.column, 3, TEXTS - 3, codes);
        for (uint32_t i = 3; i < TEXTS; i++)
            assert_int_equal(codes[i - 3], texts[i] ? TEXTS - i : 0);
    }
    as_key k = fixture_slice(&x, texts, TEXTS);
    text_cells(&k);
    EXPECT_STR(as_cell_raw(&x.table, &x.column, 5, &tmp), " say \"hi\"\t");
    assert_int_equal(as_cell_code(&x.column, 0), 0);
    x.field.trim = false;
    EXPECT_STR(as_cell_text(&x.table, &x.column, 0, &tmp), " SC1\t");
    k = fixture_pack(&x, texts, 3);
    text_cells(&k);
    k = fixture_start(&x, AS_LAYOUT_ABSENT, 2);
    assert_true(as_cell_null(&x.column, 1));
    assert_null(as_cell_text(&x.table, &x.column, 1, &tmp).ptr);
    assert_null(as_cell_raw(&x.table, &x.column, 1, &tmp).ptr);
}

static void number_is(double n, const char *want)
{
    fixture x;
    (void)fixture_start(&x, AS_LAYOUT_NUM, 1);
    x.data.f64[0] = n;
    EXPECT_STR(as_cell_text(&x.table, &x.column, 0, &tmp), want);
}

static void test_number_text(void **state)
{
    (void)state;
    number_is(0, "0");
    number_is(3.5, "3.5");
    number_is(-0.1, "-0.1");
    number_is(12, "12");
    number_is(100, "100");
    number_is(1e15, "1000000000000000");
    number_is(1e20, "100000000000000000000");
    number_is(0.1 + 0.2, "0.30000000000000004");
    number_is(1.0 / 3, "0.3333333333333333");
    number_is(0.00001, "0.00001");
    number_is(9007199254740993.0, "9007199254740992");
    number_is(1e300, "1e+300");
    number_is(2.5e-30, "2.5e-30");
    for (int i = 0; i < 2000; i++) { /* whatever it is, it reads back */
        double n = ldexp((double)rand() / 7, rand() % 120 - 60), back = 0;
        fixture x;
        (void)fixture_start(&x, AS_LAYOUT_NUM, 1);
        x.data.f64[0] = n;
        assert_true(as_str_to_f64(as_cell_text(&x.table, &x.column, 0, &tmp), true, &back));
        assert_true(back == n);
    }
}

static void test_other_cells(void **state)
{
    (void)state;
    fixture x;
    (void)fixture_start(&x, AS_LAYOUT_INT, 2);
    x.data.i64[0] = -1234567;
    x.data.i64[1] = AS_INT_NULL;
    EXPECT_STR(as_cell_text(&x.table, &x.column, 0, &tmp), "-1234567");
    assert_null(as_cell_text(&x.table, &x.column, 1, &tmp).ptr);
    assert_true(as_cell_num(&x.column, 0) == -1234567 && isnan(as_cell_num(&x.column, 1)));
    assert_true(as_cell_null(&x.column, 1));
    (void)fixture_start(&x, AS_LAYOUT_DATE, 2);
    x.data.days[0] = 17256;
    x.data.days[1] = AS_DATE_NULL;
    EXPECT_STR(as_cell_text(&x.table, &x.column, 0, &tmp), "2017-03-31");
    assert_true(as_cell_num(&x.column, 0) == 17256 && isnan(as_cell_num(&x.column, 1)));
    (void)fixture_start(&x, AS_LAYOUT_NUM, 1);
    x.data.f64[0] = NAN;
    assert_true(as_cell_null(&x.column, 0));
    assert_null(as_cell_text(&x.table, &x.column, 0, &tmp).ptr);
}

static void test_bad_cells(void **state)
{
    (void)state;
    fixture x;
    (void)fixture_start(&x, AS_LAYOUT_INT, 9);
    const as_bad_cell bad[] = {{2, AS_STR("12,34")}, {3, AS_STR("1e5")}, {8, AS_STR("x")}};
    for (uint32_t i = 0; i < 9; i++)
        x.data.i64[i] = i;
    x.data.i64[2] = x.data.i64[3] = x.data.i64[8] = AS_INT_NULL;
    x.column.bad = bad;
    x.column.bad_count = 3;
    EXPECT_STR(as_cell_raw(&x.table, &x.column, 2, &tmp), "12,34");
    EXPECT_STR(as_cell_raw(&x.table, &x.column, 3, &tmp), "1e5");
    EXPECT_STR(as_cell_raw(&x.table, &x.column, 8, &tmp), "x");
    EXPECT_STR(as_cell_raw(&x.table, &x.column, 7, &tmp), "7");
    EXPECT_STR(as_cell_raw(&x.table, &x.column, 0, &tmp), "0");
    assert_null(as_cell_text(&x.table, &x.column, 2, &tmp).ptr);
}

static void test_pack(void **state)
{
    (void)state;
    assert_int_equal(as_text_pack(S("")), 0);
    const char *all = "\x81\x82\x83\x84\x85\x86\x87\x88";
    for (size_t n = 1; n <= 8; n++) {
        uint64_t want = 0;
        memcpy(&want, all, n);
        assert_int_equal(as_text_pack((as_str){all, n}), want);
    }
    assert_int_equal(as_text_hash(S("")), 0);
    assert_int_equal(as_text_hash(S("SC1")), as_hash_u64(0x314353));
    assert_int_equal(as_text_hash(S("123456789")),
                     as_hash_u64((as_hash(S("123456789")) | 1) << 8)); /* of no short text */
    assert_int_equal(as_text_hash((as_str){"\0\0", 2}), 1);            /* never 0 */
}

/* The same texts hash alike in every layout, and equal keys are found in every pair of layouts.
 */
static void test_across_layouts(void **state)
{
    (void)state;
    static fixture x[5];
    const char *brief[] = {"SC1", "ab", "12345678", NULL, "a", "ab", "z"};
    as_key k[5] = {fixture_dict(&x[0], 1, brief, 7), fixture_dict(&x[1], 2, brief, 7),
                   fixture_dict(&x[2], 4, brief, 7), fixture_pack(&x[3], brief, 7),
                   fixture_slice(&x[4], brief, 7)};
    for (size_t i = 0; i < 5; i++) {
        uint64_t hashes[7];
        as_key_block(&k[i], 0, 7, hashes);
        for (uint32_t row = 0; row < 7; row++) {
            assert_int_equal(hashes[row], brief[row] ? as_text_hash(S(brief[row])) : 0);
            for (size_t j = 0; j < 5; j++)
                for (uint32_t other = 0; other < 7; other++) {
                    bool same =
                        brief[row] && brief[other] && strcmp(brief[row], brief[other]) == 0;
                    assert_int_equal(as_key_equal(&k[i], row, &k[j], other), same);
                }
        }
        for (size_t j = 0; j < 5; j++) { /* an index of layout j, asked with keys of layout i */
            as_index *index;
            as_err e;
            assert_int_equal(as_index_open(&index, &k[j], NULL, &e), AS_OK);
            for (uint32_t row = 0; row < 7; row++) {
                uint32_t want = brief[row] ? row == 5 ? 1 : row : AS_NO_ROW;
                assert_int_equal(as_index_first(index, &k[i], row, hashes[row]), want);
            }
            as_index_close(index);
        }
    }
}

static void test_long_slices(void **state)
{
    (void)state;
    static fixture s, d;
    as_key ks = fixture_slice(&s, texts, TEXTS), kd = fixture_dict(&d, 1, texts, TEXTS);
    uint64_t hs[TEXTS], hd[TEXTS];
    as_key_block(&ks, 0, TEXTS, hs);
    as_key_block(&kd, 0, TEXTS, hd);
    for (uint32_t i = 0; i < TEXTS; i++) {
        assert_int_equal(hs[i], hd[i]);
        for (uint32_t j = 0; j < TEXTS; j++) {
            bool same = texts[i] && texts[j] && strcmp(texts[i], texts[j]) == 0;
            assert_int_equal(as_key_equal(&ks, i, &kd, j), same);
            assert_int_equal(as_key_equal(&ks, i, &ks, j), same);
        }
    }
    s.bytes[s.data.slices[11].at + 600] = '#'; /* one byte, far behind, in the second part */
    assert_false(as_key_equal(&ks, 11, &kd, 11));
    as_key_block(&ks, 11, 1, hs);
    assert_true(hs[0] != hd[11]);
}

/* A text with a NUL byte packs like the text without it: the same hash, but not the same key.
 */
static void test_nul_bytes(void **state)
{
    (void)state;
    static fixture d, p;
    const char *ab[] = {"ab"};
    as_key kp = fixture_pack(&p, ab, 1), kd = fixture_dict(&d, 1, ab, 1);
    d.entries[1].value = (as_str){"ab\0", 3};
    d.entries[1].hash = as_text_hash(d.entries[1].value);
    uint64_t hp, hd;
    as_key_block(&kp, 0, 1, &hp);
    as_key_block(&kd, 0, 1, &hd);
    assert_int_equal(hp, hd);
    as_index *index;
    as_err e;
    assert_int_equal(as_index_open(&index, &kp, NULL, &e), AS_OK);
    assert_int_equal(as_index_first(index, &kd, 0, hd), AS_NO_ROW);
    as_index_close(index);
}

static void test_number_keys(void **state)
{
    (void)state;
    static fixture i, n, d;
    as_key ki = fixture_start(&i, AS_LAYOUT_INT, 6), kn = fixture_start(&n, AS_LAYOUT_NUM, 6);
    as_key kd = fixture_start(&d, AS_LAYOUT_DATE, 6);
    const int64_t ints[] = {12, 0, -5, AS_INT_NULL, 9007199254740993, INT64_MAX};
    const double nums[] = {12.0, -0.0, -5, NAN, 9007199254740992.0, 12.5};
    const as_date days[] = {12, 0, -5, AS_DATE_NULL, 7, 8};
    memcpy(i.data.i64, ints, sizeof ints);
    memcpy(n.data.f64, nums, sizeof nums);
    memcpy(d.data.days, days, sizeof days);
    uint64_t hi[6], hn[6], hd[6];
    as_key_block(&ki, 0, 6, hi);
    as_key_block(&kn, 0, 6, hn);
    as_key_block(&kd, 0, 6, hd);
    for (uint32_t row = 0; row < 6; row++) {
        assert_int_equal(as_key_equal(&ki, row, &kn, row), row < 3); /* 2^53 + 1 is not 2^53 */
        assert_int_equal(as_key_equal(&kn, row, &ki, row), row < 3);
        assert_int_equal(hi[row] == 0, row == 3);
        assert_int_equal(hn[row] == 0, row == 3);
        assert_int_equal(hd[row] == 0, row == 3);
        assert_int_equal(hi[row] == hn[row], row <= 3);
        assert_false(as_key_equal(&ki, row, &kd, row)); /* a date is no number */
        assert_false(as_key_equal(&kd, row, &kn, row));
        assert_int_equal(as_key_equal(&kd, row, &kd, row), row != 3);
    }
    n.data.f64[0] = 9223372036854775808.0; /* beyond int64 */
    n.data.f64[1] = -9223372036854775808.0;
    n.data.f64[2] = 1e300;
    as_key_block(&kn, 0, 3, hn);
    for (uint32_t row = 0; row < 3; row++) {
        assert_true(hn[row] != 0);
        assert_true(as_key_equal(&kn, row, &kn, row));
        assert_false(as_key_equal(&kn, row, &ki, 5));
        assert_false(as_key_equal(&kn, row, &ki, 3));
    }
}

static int setup(void **state)
{
    (void)state;
    tmp = AS_BUF(1 << 20);
    for (size_t i = 0; i + 1 < sizeof long_quoted; i++)
        long_quoted[i] = i % 5 ? (char)('a' + i % 26) : '"';
    long_quoted[0] = 'x';
    long_quoted[sizeof long_quoted - 2] = 'x';
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    as_buf_free(&tmp);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_cells),  cmocka_unit_test(test_number_text),
        cmocka_unit_test(test_other_cells), cmocka_unit_test(test_bad_cells),
        cmocka_unit_test(test_pack),        cmocka_unit_test(test_across_layouts),
        cmocka_unit_test(test_long_slices), cmocka_unit_test(test_nul_bytes),
        cmocka_unit_test(test_number_keys),
    };
    return RUN_ON_EACH_CPU(tests, setup, teardown);
}
