/* Changed copies of tables: after random changes the copy reads as a table built from the
 * changed texts does, in every layout; and the original is what it was. */
#include "table_fixture.h"

#include "../oracle/random.h"
#include "table/edit.h"

#define ROWS_MAX 12
#define COLUMNS 5

static as_str variants[] = {AS_STR("LA")};
static as_code_entry entries[] = {{AS_STR("Local Authority"), variants, 1, {NULL, 0, 0}},
                                  {AS_STR("Private"), NULL, 0, {NULL, 0, 0}}};
static as_code_list sectors = {.name = AS_STR("sectors"), .entries = entries, .count = 2};
static const as_str no_text = AS_STR("");
static as_field columns[COLUMNS] = {
    {.name = AS_STR("urn"), .type = AS_TYPE_TEXT, .trim = true},
    {.name = AS_STR("sector"), .type = AS_TYPE_CODE, .trim = true, .list = &sectors},
    {.name = AS_STR("places"), .type = AS_TYPE_INTEGER, .trim = true},
    {.name = AS_STR("rate"), .type = AS_TYPE_NUMBER, .trim = true},
    {.name = AS_STR("date"), .type = AS_TYPE_DATE, .trim = true}};
static as_schema schema = {.name = AS_STR("t"),
                           .fields = columns,
                           .count = COLUMNS,
                           .nulls = &no_text,
                           .null_count = 1};

static const char *const cell_texts[COLUMNS][6] = {
    {"", "A1", "A2", " A1 ", "a name of some length", "A\nB"},
    {"", "LA", "Local Authority", "private", "Pirvate", "x"},
    {"", "0", "4", "-7", "about 4", "1.02E+07"},
    {"", "0.5", "4", "-7", "lots", "1e5"},
    {"", "2017-03-31", "2016-02-29", "2017-02-29", "not known", "01/04/2016"}};

/* The texts of a table; NULL: the row or the column is not there. */
typedef struct grid {
    const char *cells[ROWS_MAX + 1][COLUMNS];
    uint32_t rows;
    bool absent[COLUMNS];
} grid;

static as_table *built(const grid *g)
{
    as_builder *b;
    as_table *t;
    as_err e;
    assert_int_equal(as_builder_open(&b, S("t"), &schema, NULL, &e), AS_OK);
    for (uint32_t c = 0; c < COLUMNS; c++) {
        if (!g->absent[c])
            as_builder_present(b, c, columns[c].name, c);
    }
    for (uint32_t r = 0; r < g->rows; r++) {
        as_str cells[COLUMNS];
        for (uint32_t c = 0; c < COLUMNS; c++)
            cells[c] = g->absent[c] ? AS_NONE : as_str_from(g->cells[r][c]);
        assert_int_equal(as_builder_row(b, cells, r + 1, &e), AS_OK);
    }
    assert_int_equal(as_builder_finish(b, &t, &e), AS_OK);
    as_builder_close(b);
    return t;
}

static void expect_same_text(as_str a, as_str b)
{
    assert_int_equal(!a.ptr, !b.ptr);
    assert_true(as_str_eq(a, b));
}

static void expect_same(const as_table *a, const as_table *b)
{
    as_buf x = AS_BUF(AS_FIELD_MAX), y = AS_BUF(AS_FIELD_MAX);
    assert_int_equal(a->rows, b->rows);
    for (uint32_t c = 0; c < COLUMNS; c++) {
        const as_column *p = &a->columns[c], *q = &b->columns[c];
        assert_int_equal(p->present, q->present);
        assert_int_equal(p->null_count, q->null_count);
        assert_int_equal(p->bad_count, q->bad_count);
        for (size_t i = 0; i < p->bad_count; i++)
            assert_int_equal(p->bad[i].row, q->bad[i].row);
        for (uint32_t r = 0; r < a->rows; r++) {
            expect_same_text(as_cell_text(a, p, r, &x), as_cell_text(b, q, r, &y));
            expect_same_text(as_cell_raw(a, p, r, &x), as_cell_raw(b, q, r, &y));
        }
        uint64_t h[ROWS_MAX + 1], k[ROWS_MAX + 1];
        as_column_block_hashes(a, p, 0, a->rows, h);
        as_column_block_hashes(b, q, 0, b->rows, k);
        assert_memory_equal(h, k, a->rows * sizeof *h);
    }
    as_buf_free(&x);
    as_buf_free(&y);
}

/* Codes of one value have one `canon`, and it is the lowest. */
static void expect_canon(const as_table *t)
{
    for (uint32_t c = 0; c < COLUMNS; c++) {
        const as_dict *d = &t->columns[c].dict;
        for (uint32_t i = 1; t->columns[c].layout == AS_LAYOUT_DICT && i < d->count; i++) {
            uint32_t lowest = 1;
            while (!as_str_eq(d->entries[lowest].value, d->entries[i].value))
                lowest++;
            assert_int_equal(d->entries[i].canon, lowest);
        }
    }
}

static void change_rows(rng *r, as_edit *x, grid *g)
{
    as_err e;
    uint32_t row = rnd(r, g->rows), added, what = rnd(r, 4);
    if (what == 0) {
        assert_int_equal(as_edit_clone(x, row, &added, &e), AS_OK);
        assert_int_equal(added, g->rows);
        assert_int_equal(as_edit_origin(x, added), AS_NO_ROW);
        memcpy(g->cells[g->rows++], g->cells[row], sizeof g->cells[row]);
    } else if (what == 1) {
        assert_int_equal(as_edit_drop(x, row, &e), AS_OK);
        g->rows--;
        memmove(g->cells[row], g->cells[row + 1], (g->rows - row) * sizeof g->cells[0]);
        for (uint32_t i = 0; i < g->rows; i++)
            assert_int_equal(as_edit_origin(x, i), i < row ? i : i + 1);
    } else if (what == 2) {
        as_edit_keep(x, row);
        g->rows = row;
    }
}

static void change_cell(rng *r, as_edit *x, grid *g)
{
    as_err e;
    uint32_t c = rnd(r, COLUMNS), row = rnd(r, g->rows);
    if (chance(r, 10)) {
        assert_int_equal(as_edit_text(x, row, c, AS_NONE, &e), AS_OK);
        g->cells[row][c] = "";
    } else if (c == 4 && chance(r, 30)) {
        assert_int_equal(as_edit_date(x, row, c, as_date_from(2016, 2, 29), &e), AS_OK);
        g->cells[row][c] = "2016-02-29";
    } else {
        g->cells[row][c] = PICK(r, cell_texts[c]);
        assert_int_equal(as_edit_text(x, row, c, S(g->cells[row][c]), &e), AS_OK);
    }
}

static void change_column(rng *r, as_edit *x, grid *g)
{
    as_err e;
    uint32_t c = rnd(r, COLUMNS);
    if (chance(r, 50)) {
        as_edit_drop_column(x, c);
        g->absent[c] = true;
    } else if (!g->absent[c]) {
        assert_int_equal(as_edit_shift_column(x, c, &e), AS_OK);
        const char *last = g->cells[g->rows - 1][c];
        for (uint32_t i = g->rows - 1; i > 0; i--)
            g->cells[i][c] = g->cells[i - 1][c];
        g->cells[0][c] = last;
    }
}

static void test_random_changes(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        rng r = {seed};
        grid before = {.rows = 1 + rnd(&r, ROWS_MAX - 1)}, after;
        for (uint32_t i = 0; i < before.rows; i++)
            for (uint32_t c = 0; c < COLUMNS; c++)
                before.cells[i][c] = PICK(&r, cell_texts[c]);
        after = before;
        as_table *base = built(&before), *untouched = built(&before);
        as_edit *x;
        as_err e;
        assert_int_equal(as_edit_open(&x, base, &e), AS_OK);
        change_rows(&r, x, &after);
        for (uint32_t n = rnd(&r, 5); n && after.rows; n--)
            change_cell(&r, x, &after);
        if (after.rows && chance(&r, 50))
            change_column(&r, x, &after);
        as_table *want = built(&after);
        expect_same(as_edit_table(x), want);
        expect_canon(as_edit_table(x));
        expect_same(base, untouched);
        as_edit_close(x);
        as_table_close(base);
        as_table_close(untouched);
        as_table_close(want);
    }
}

/* Layouts that only the fast reader makes. */
static void expect_cells(const as_table *t, const char *const *want)
{
    as_buf tmp = AS_BUF(AS_FIELD_MAX);
    for (uint32_t r = 0; r < t->rows; r++) {
        as_str got = as_cell_text(t, &t->columns[0], r, &tmp);
        assert_int_equal(!got.ptr, !want[r]);
        if (want[r])
            EXPECT_STR(got, want[r]);
    }
    as_buf_free(&tmp);
}

static void put_and_expect(const as_table *t, const char *text, const char *const *want)
{
    as_edit *x;
    as_err e;
    uint32_t added;
    assert_int_equal(as_edit_open(&x, t, &e), AS_OK);
    assert_int_equal(as_edit_clone(x, 0, &added, &e), AS_OK);
    assert_int_equal(as_edit_text(x, 1, 0, as_str_from(text), &e), AS_OK);
    expect_cells(as_edit_table(x), want);
    as_edit_close(x);
}

static void test_other_layouts(void **state)
{
    static fixture x;
    const char *const now[] = {"A1", "A2", NULL}, *const say[] = {"say \"yes\"", "A2", NULL};
    (void)state;
    fixture_pack(&x, (const char *const[]){"A1", "A2", ""}, 3);
    put_and_expect(&x.table, "B7", (const char *const[]){"A1", "B7", NULL, "A1"});
    put_and_expect(&x.table, NULL, (const char *const[]){"A1", NULL, NULL, "A1"});
    put_and_expect(&x.table, "a text too long to pack",
                   (const char *const[]){"A1", "a text too long to pack", NULL, "A1"});
    expect_cells(&x.table, now);
    fixture_slice(&x, say, 3);
    put_and_expect(&x.table, "B7", (const char *const[]){say[0], "B7", NULL, say[0]});
    put_and_expect(&x.table, say[0], (const char *const[]){say[0], say[0], NULL, say[0]});
    expect_cells(&x.table, say);
    for (uint8_t width = 1; width <= 4; width *= 2) {
        fixture_dict(&x, width, now, 3);
        put_and_expect(&x.table, "B7", (const char *const[]){"A1", "B7", NULL, "A1"});
        put_and_expect(&x.table, "A1", (const char *const[]){"A1", "A1", NULL, "A1"});
        expect_cells(&x.table, now);
    }
}

static void test_cut_row(void **state)
{
    grid g = {.cells = {{"A1", "LA", "4", "1", "2017-03-31"}, {"A2", "LA", "5", "2", ""}},
              .rows = 2};
    as_edit *x;
    as_err e;
    (void)state;
    as_table *base = built(&g);
    assert_int_equal(as_edit_open(&x, base, &e), AS_OK);
    assert_int_equal(as_edit_cut_row(x, 1, 2, &e), AS_OK);
    const as_table *t = as_edit_table(x);
    assert_int_equal(t->report.ragged_count, 1);
    assert_int_equal(t->report.ragged[0].row, 1);
    assert_int_equal(t->report.ragged[0].cells, 2);
    assert_int_equal(t->report.ragged[0].expected, 5);
    assert_false(as_cell_null(&t->columns[1], 1));
    assert_true(as_cell_null(&t->columns[2], 1));
    assert_true(as_cell_null(&t->columns[3], 1));
    assert_int_equal(as_cell_int(&t->columns[2], 0), 4);
    as_edit_close(x);
    as_table_close(base);
}

int main(void)
{
    as_arena *a = as_arena_open();
    as_diags d;
    as_err e;
    as_diags_init(&d, a);
    if (as_code_list_seal(&sectors, a, &d, &e) != AS_OK)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_changes),
        cmocka_unit_test(test_other_layouts),
        cmocka_unit_test(test_cut_row),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    as_arena_close(a);
    return failed;
}
