/* test_csv_group.c: columns of codes that stand side by side and are decoded as one text
 * (csv_group.c), against the plain reader: few combinations and many, texts of every length
 * around the edges of a slot, quotes, white space, records with too few and too many cells,
 * values that appear late, and a column that becomes another kind half-way. */
#include "unit/csv_diff.h"

#define COLUMNS 10 /* side by side: a group is of eight */

static uint64_t state_of_dice;

static unsigned dice(unsigned sides)
{
    state_of_dice = state_of_dice * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)(state_of_dice >> 33) % sides;
}

static void open_columns(fixture *x)
{
    fixture_open(x, "k!:text a:text b:code c:text d:text e:text f:text g:text h:code i:text "
                    "j:text z:integer");
    code_entries[0] = (as_code_entry){AS_STR("Red"), NULL, 0, AS_NOWHERE};
    code_entries[1] = (as_code_entry){AS_STR("Blue"), NULL, 0, AS_NOWHERE};
    assert_int_equal(as_code_list_seal(&code_list, x->arena, &x->diags, &x->err), AS_OK);
    x->fields[2].list = x->fields[8].list = &code_list;
    x->schema.nulls = null_tokens;
    x->schema.null_count = 3;
}

static const char *const cells[] = {"Good",
                                    "",
                                    "Requires improvement to be good",
                                    "N/A",
                                    "Red",
                                    "\"Good\"",
                                    "red",
                                    "\"one, two\"",
                                    " Good ",
                                    "\"say \"\"no\"\"\"",
                                    "-",
                                    "\"\"",
                                    "\"two\nlines\"",
                                    "Gut, caf\xc3\xa9",
                                    "\xc2\xa0Good",
                                    "0123456789012345678901234567890123456789"};

/* What a text is like: how many different cells, and one in how many records something else. */
typedef struct plan {
    unsigned cells, shapes;      /* shapes: combinations of cells; 0: any */
    unsigned ragged, late, bent; /* one in so many; 0: never */
    unsigned turns_at;           /* the record from which column e has a value of its own */
} plan;

static void add_cell(as_buf *text, const plan *p, unsigned record, unsigned column,
                     unsigned dot)
{
    if (column == 4 && p->turns_at && record >= p->turns_at)
        as_buf_addf(text, "own %u", record);
    else if (p->late && dice(p->late) == 0)
        as_buf_addf(text, "late %u", dice(40));
    else if (dot == 13)
        as_buf_addf(text, "\"%s\"", cells[dot]);
    else
        as_buf_add(text, as_str_from(cells[dot]));
}

static void make(as_buf *text, const plan *p, unsigned records)
{
    as_buf_clear(text);
    as_buf_add(text, AS_STR("k,a,b,c,d,e,f,g,h,i,j,z\r\n"));
    for (unsigned i = 0; i < records; i++) {
        const uint64_t dice_are = state_of_dice;
        if (p->shapes)
            state_of_dice = 77 + dice(p->shapes); /* the same cells again */
        unsigned dots[COLUMNS];
        for (unsigned c = 0; c < COLUMNS; c++)
            dots[c] = dice(p->cells);
        if (p->shapes)
            state_of_dice = dice_are * 3 + 1;
        as_buf_addf(text, "key %u", i);
        unsigned count = COLUMNS;
        if (p->ragged && dice(p->ragged) == 0)
            count = dice(COLUMNS + 1);
        for (unsigned c = 0; c < count; c++) {
            as_buf_addc(text, ',');
            add_cell(text, p, i, c, dots[c]);
        }
        if (count == COLUMNS)
            as_buf_addf(text, ",%u", i % 7);
        if (p->ragged && dice(p->ragged) == 0)
            as_buf_add(text, AS_STR(",too,many"));
        as_buf_add(text, p->bent && dice(p->bent) == 0 ? AS_STR("\n\r\n") : AS_STR("\r\n"));
    }
    assert_false(text->failed);
}

static void try_plan(const plan *p, unsigned records)
{
    static const size_t bytes[] = {777, 65536, AS_SEGMENT_BYTES};
    fixture x;
    open_columns(&x);
    as_buf text = AS_BUF(32 * AS_MIB);
    make(&text, p, records);
    expected want = read_plain(&x, as_buf_str(&text));
    assert_int_equal(want.code, AS_OK);
    for (unsigned k = 0; k < 3; k++)
        same_as_plain(&x, &want, bytes[k], k);
    as_table_close(want.table);
    as_buf_free(&text);
    fixture_close(&x);
}

static void few(void **state)
{
    (void)state;
    try_plan(&(plan){.cells = 16, .shapes = 300}, 30000);
    try_plan(&(plan){.cells = 16, .shapes = 300, .ragged = 40, .late = 300, .bent = 50}, 30000);
}

static void many(void **state)
{
    (void)state;
    try_plan(&(plan){.cells = 16}, 20000);
    try_plan(&(plan){.cells = 3, .late = 2000, .ragged = 300}, 30000);
}

static void turns(void **state)
{
    (void)state;
    try_plan(&(plan){.cells = 14, .shapes = 100, .turns_at = 12000}, 30000);
}

/* Every length of a combination around that of a slot, and beyond the longest that is kept. */
static void lengths(void **state)
{
    (void)state;
    fixture x;
    open_columns(&x);
    as_buf text = AS_BUF(8 * AS_MIB);
    as_buf_add(&text, AS_STR("k,a,b,c,d,e,f,g,h,i,j,z\n"));
    for (int times = 0; times < 3; times++)
        for (int i = 0; i < 300; i++)
            as_buf_addf(&text, "key,%0*d,Red,%0*d,,,,,Blue,x,y,1\n", i % 150 + 1, i % 3,
                        i / 2 + 1, i % 2);
    expected want = read_plain(&x, as_buf_str(&text));
    for (unsigned k = 0; k < SIZES; k++)
        same_as_plain(&x, &want, sizes[k] * 16, k % JOBS);
    as_table_close(want.table);
    as_buf_free(&text);
    fixture_close(&x);
}

/* The shortest: nothing in any cell, and a record that ends before the group does. */
static void shortest(void **state)
{
    (void)state;
    fixture x;
    open_columns(&x);
    all_ways(&x,
             AS_STR("k,a,b,c,d,e,f,g,h,i,j,z\na\na,\na,,\na,,,,,,,,,,,\na\n\na,,,\nb,x,,,,,,,"
                    ",,,\nb,x\nb,,x\na"));
    all_ways(&x, AS_STR("a,b,c,k\r\n,,,k\r\nx,,\r\nx\r\n,,,k\r\nx,,,k\r\n\"x\",,,k\r\nx"));
    all_ways(&x, AS_STR("k,a,b,c\r\nk,,,\r\nk,,,x\r\nk,,\r\nk,\r\nk,,,x\nk,x,x,x\r\nk,x,x,x"));
    fixture_close(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few),     cmocka_unit_test(many),     cmocka_unit_test(turns),
        cmocka_unit_test(lengths), cmocka_unit_test(shortest),
    };
    return cmocka_run_group_tests(tests, open_pools, close_pools);
}
