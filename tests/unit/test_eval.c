/* Conditions over tables: truth tables by hand, every operator on every layout, nulls
 * everywhere. */
#include "each_cpu.h"
#include "oracle/tables.h"

#include "base/alloc.h"
#include "eval/eval.h"
#include <math.h>
#include <stdio.h>

static as_arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = as_arena_open();
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    as_arena_close(arena);
    return 0;
}

/* ---- conditions by hand ---- */

static as_cond *leaf(as_cond_op op, uint32_t field)
{
    as_cond *c = AS_NEW(arena, as_cond);
    c->op = op;
    c->field = field;
    c->other = AS_NO_FIELD;
    c->min_len = c->max_len = NAN;
    return c;
}

static as_cond *join2(as_cond_op op, as_cond *x, as_cond *y)
{
    as_cond *c = leaf(op, AS_NO_FIELD);
    c->kids = AS_NEW_N(arena, as_cond *, 2);
    c->kids[0] = x;
    c->kids[1] = y;
    c->kid_count = y ? 2 : 1;
    return c;
}

static as_cond *not_(as_cond *x)
{
    return join2(AS_COND_NOT, x, NULL);
}

static as_literal number(double f)
{
    return (as_literal){.f = f, .i = (int64_t)f, .d = AS_DATE_NULL};
}

static as_literal date(int year, int month, int day)
{
    return (as_literal){.d = as_date_from(year, month, day)};
}

static as_cond *compare(uint32_t field, as_cmp cmp, as_literal bound)
{
    as_cond *c = leaf(AS_COND_CMP, field);
    c->cmp = cmp;
    c->bound = bound;
    return c;
}

static as_cond *compare_fields(uint32_t field, as_cmp cmp, uint32_t other, double plus)
{
    as_cond *c = leaf(AS_COND_CMP, field);
    c->cmp = cmp;
    c->other = other;
    c->offset = plus;
    return c;
}

static as_cond *one_of(uint32_t field, const char *a, const char *b)
{
    as_cond *c = leaf(AS_COND_IN, field);
    as_literal *values = AS_NEW_N(arena, as_literal, 2);
    values[0] = (as_literal){.text = as_str_from(a), .d = AS_DATE_NULL};
    values[1] = (as_literal){.text = as_str_from(b), .d = AS_DATE_NULL};
    c->values = values;
    c->value_count = b ? 2 : 1;
    return c;
}

static as_cond *one_of_literals(uint32_t field, as_literal a, as_literal b)
{
    as_cond *c = one_of(field, "", "");
    as_literal *values = (as_literal *)c->values;
    values[0] = a;
    values[1] = b;
    return c;
}

static as_cond *two_fields(as_cond_op op, uint32_t field, uint32_t other)
{
    as_cond *c = leaf(op, field);
    c->other = other;
    return c;
}

/* The result for each row, as a word of F, U, T. */
static const char *run(const as_cond *c, const as_table *t)
{
    static const char letters[] = "FUT";
    as_bound *b;
    as_err e = {0};
    uint8_t out[AS_BLOCK];
    as_scratch *s = as_scratch_open();
    assert_int_equal(as_bound_make(&b, c, t, NULL, arena, &e), AS_OK);
    assert_int_equal(as_bound_block(b, 0, t->rows, out, s, &e), AS_OK);
    char *word = as_arena_zalloc(arena, t->rows + 1);
    for (uint32_t i = 0; i < t->rows; i++) {
        as_truth one;
        word[i] = letters[out[i]];
        /* a pair says what the block says */
        assert_int_equal(as_bound_pair(b, i, AS_NO_ROW, &one, s, &e), AS_OK);
        assert_int_equal(one, out[i]);
    }
    /* and so do many pairs at one time, in any order */
    uint32_t rows[AS_BLOCK];
    uint8_t picked[AS_BLOCK];
    for (uint32_t i = 0; i < t->rows; i++)
        rows[i] = t->rows - 1 - i;
    assert_int_equal(as_bound_pairs(b, rows, NULL, t->rows, picked, s, &e), AS_OK);
    for (uint32_t i = 0; i < t->rows; i++)
        assert_int_equal(picked[i], out[rows[i]]);
    as_scratch_close(s);
    return word;
}

#define EXPECT(cond, table, word) assert_string_equal(run(cond, table), word)

/* ---- leaves ---- */

static void numbers(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "t", "i:integer n:number");
    as_table *t = table_of(s, "1|1\n2|2.5\n|\n3|-3\n0|0\n");
    for (uint32_t f = 0; f < 2; f++) {
        EXPECT(leaf(AS_COND_PRESENT, f), t, "TTFTT");
        EXPECT(leaf(AS_COND_NULL, f), t, "FFTFF");
    }
    EXPECT(compare(0, AS_CMP_GE, number(2)), t, "FTUTF");
    EXPECT(compare(0, AS_CMP_GT, number(2)), t, "FFUTF");
    EXPECT(compare(0, AS_CMP_LE, number(2)), t, "TTUFT");
    EXPECT(compare(0, AS_CMP_LT, number(2)), t, "TFUFT");
    EXPECT(compare(1, AS_CMP_GE, number(2.5)), t, "FTUFF");
    EXPECT(compare(1, AS_CMP_GT, number(2.5)), t, "FFUFF");
    EXPECT(compare(1, AS_CMP_LE, number(0)), t, "FFUTT");
    EXPECT(compare(1, AS_CMP_LT, number(0)), t, "FFUTF");
    EXPECT(one_of_literals(0, number(1), number(3)), t, "TFUTF");
    EXPECT(one_of_literals(1, number(2.5), number(-3)), t, "FTUTF");
    as_table_close(t);
}

/* A bound between two integers, and bounds beyond every integer. */
static void integer_bounds(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "t", "i:integer");
    as_table *t = table_of(s, "1\n2\n9223372036854775807\n-9223372036854775807\n\n");
    as_literal half = {.f = 1.5}, huge = {.f = 1e19}, low = {.f = -1e19};
    as_literal top = {.f = 9223372036854775807.0, .i = INT64_MAX};
    as_literal bottom = {.f = -9223372036854775807.0, .i = -INT64_MAX};
    assert_int_equal(t->rows, 5);
    EXPECT(compare(0, AS_CMP_GE, half), t, "FTTFU");
    EXPECT(compare(0, AS_CMP_GT, half), t, "FTTFU");
    EXPECT(compare(0, AS_CMP_LE, half), t, "TFFTU");
    EXPECT(compare(0, AS_CMP_LT, half), t, "TFFTU");
    EXPECT(compare(0, AS_CMP_GE, huge), t, "FFFFU");
    EXPECT(compare(0, AS_CMP_LE, huge), t, "TTTTU");
    EXPECT(compare(0, AS_CMP_GE, low), t, "TTTTU");
    EXPECT(compare(0, AS_CMP_LT, low), t, "FFFFU");
    EXPECT(compare(0, AS_CMP_GT, top), t, "FFFFU");
    EXPECT(compare(0, AS_CMP_GE, top), t, "FFTFU");
    EXPECT(compare(0, AS_CMP_LT, top), t, "TTFTU");
    EXPECT(compare(0, AS_CMP_LT, bottom), t, "FFFFU");
    EXPECT(compare(0, AS_CMP_LE, bottom), t, "FFFTU");
    EXPECT(one_of_literals(0, half, number(2)), t, "FTFFU");
    as_table_close(t);
}

static void dates(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "t", "d:date");
    as_table *t = table_of(s, "2017-03-30\n2017-03-31\n2017-04-01\n\nrubbish\n");
    as_literal day = date(2017, 3, 31);
    EXPECT(leaf(AS_COND_PRESENT, 0), t, "TTTFF");
    EXPECT(compare(0, AS_CMP_GE, day), t, "FTTUU");
    EXPECT(compare(0, AS_CMP_GT, day), t, "FFTUU");
    EXPECT(compare(0, AS_CMP_LE, day), t, "TTFUU");
    EXPECT(compare(0, AS_CMP_LT, day), t, "TFFUU");
    EXPECT(one_of_literals(0, day, date(2017, 4, 1)), t, "FTTUU");
    as_table_close(t);
}

typedef struct text_case {
    as_layout layout;
    uint8_t width;
} text_case;

static const text_case layouts[] = {{AS_LAYOUT_DICT, 1},
                                    {AS_LAYOUT_DICT, 2},
                                    {AS_LAYOUT_DICT, 4},
                                    {AS_LAYOUT_PACK8, 0},
                                    {AS_LAYOUT_SLICE, 0}};
#define LAYOUTS (sizeof layouts / sizeof layouts[0])

static void text_tests(const as_table *t)
{
    as_err e = {0};
    EXPECT(leaf(AS_COND_PRESENT, 0), t, "TTTFTT");
    EXPECT(leaf(AS_COND_NULL, 0), t, "FFFTFF");
    EXPECT(one_of(0, "LS1 4AP", NULL), t, "TFFUFF");
    EXPECT(one_of(0, "LS1 4AP", "b"), t, "TFFUTF");
    EXPECT(one_of(0, "longer than eight bytes", "b"), t, "FFFUTF");
    as_cond *c = leaf(AS_COND_MATCHES, 0);
    assert_int_equal(as_regex_compile(&c->regex, arena, AS_STR("[A-Z]{2}[0-9] [0-9][A-Z]{2}"),
                                      AS_REGEX_WHOLE, &e),
                     AS_OK);
    EXPECT(c, t, "TFFUFF");
    c = leaf(AS_COND_CONTAINS, 0);
    c->needle = AS_STR("ls1");
    EXPECT(c, t, "TTFUFF");
    c->needle = AS_STR("1 4"); /* the parser has folded it; a blank counts */
    EXPECT(c, t, "TTFUFF");
    c->needle = AS_STR(" 4ap");
    EXPECT(c, t, "TTFUFF");
    c->needle = AS_STR("ls1");
    c->exact = true;
    EXPECT(c, t, "FTFUFF");
    c->needle = AS_STR("LS1");
    EXPECT(c, t, "TFFUFF");
    c = leaf(AS_COND_LENGTH, 0);
    c->min_len = 3;
    EXPECT(c, t, "TTFUFT");
    c->max_len = 3;
    EXPECT(c, t, "FFFUFT"); /* Zoë: three code points, four bytes */
    c->min_len = NAN;
    EXPECT(c, t, "FFTUTT");
}

static void texts(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "t", "x:text");
    for (size_t k = 0; k < LAYOUTS; k++) {
        as_table *t = table_of(s, "LS1 4AP\nls1 4ap\nzz\n\nb\nZo\xc3\xab\n");
        relayout(arena, t, 0, layouts[k].layout, layouts[k].width);
        text_tests(t);
        as_table_close(t);
    }
}

static void present_beside_a_bound(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "t", "i:integer n:number d:date x:text y:text j:integer");
    as_table *t = table_of(s, "1|1|2017-01-01|a|a|1\n|||||1\n1|1|2017-01-01|a||\n");
    for (size_t k = 0; k < 2; k++) {
        const char *all[] = {"TUT", "TFT"};
        const char *two[] = {"TUU", "TFU"};
        as_cond *conds[] = {
            compare(0, AS_CMP_GE, number(1)),        compare(1, AS_CMP_GE, number(1)),
            compare(2, AS_CMP_GE, date(2017, 1, 1)), one_of(3, "a", NULL),
            two_fields(AS_COND_SAME, 3, 4),          compare_fields(0, AS_CMP_GE, 5, 0)};
        for (size_t i = 0; i < 6; i++) {
            conds[i]->requires_present = k == 1;
            EXPECT(conds[i], t, i < 4 ? all[k] : two[k]);
        }
    }
    as_table_close(t);
}

static void code_lists(void **state)
{
    (void)state;
    as_diags diags;
    as_err e = {0};
    as_diags_init(&diags, arena);
    as_code_list *own = AS_NEW(arena, as_code_list), *other = AS_NEW(arena, as_code_list);
    as_str variants[] = {AS_STR("LA"), AS_STR("local auth")};
    as_code_entry own_codes[] = {{AS_STR("Local Authority"), variants, 2, AS_NOWHERE},
                                 {AS_STR("Private"), NULL, 0, AS_NOWHERE}};
    as_code_entry other_codes[] = {{AS_STR("Private"), NULL, 0, AS_NOWHERE}};
    *own = (as_code_list){.name = AS_STR("sectors"), .entries = own_codes, .count = 2};
    *other = (as_code_list){.name = AS_STR("some"), .entries = other_codes, .count = 1};
    assert_int_equal(as_code_list_seal(own, arena, &diags, &e), AS_OK);
    assert_int_equal(as_code_list_seal(other, arena, &diags, &e), AS_OK);
    as_schema *s = schema_of(arena, "t", "sector:code");
    s->fields[0].list = own;
    as_table *t = table_of(s, "Local Authority\nLA\nprivate\nPrivat\n\n");
    as_cond *c = leaf(AS_COND_IN, 0);
    c->list = own;
    EXPECT(c, t, "TTTFU");
    c->list = other;
    EXPECT(c, t, "FFTFU");
    EXPECT(one_of(0, "Local Authority", NULL), t, "TTFFU"); /* rules see the canonical code */
    as_table_close(t);
}

/* ---- two columns ---- */

static void field_to_field(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "t", "a:date b:date i:integer j:integer n:number m:number");
    as_table *t = table_of(s, "2017-01-01|2017-01-01|5|5|5|5\n"
                              "2017-01-31|2017-01-01|35|5|35|5\n"
                              "2017-02-01|2017-01-01|36|5|36|5\n"
                              "|2017-01-01||5||5\n"
                              "2017-01-01||5||5|\n"
                              "|||||\n");
    const uint32_t pairs[][2] = {{0, 1}, {2, 3}, {4, 5}, {2, 5}, {4, 3}};
    for (size_t k = 0; k < 5; k++) {
        uint32_t x = pairs[k][0], y = pairs[k][1];
        EXPECT(compare_fields(x, AS_CMP_GE, y, 0), t, "TTTUUU");
        EXPECT(compare_fields(x, AS_CMP_GT, y, 0), t, "FTTUUU");
        EXPECT(compare_fields(x, AS_CMP_LE, y, 30), t, "TTFUUU");
        EXPECT(compare_fields(x, AS_CMP_LT, y, 30), t, "TFFUUU");
        EXPECT(compare_fields(x, AS_CMP_GE, y, 30.5), t, "FFTUUU");
        EXPECT(compare_fields(y, AS_CMP_GE, x, -30), t, "TTFUUU");
        EXPECT(two_fields(AS_COND_SAME, x, y), t, "TFFUUU");
        EXPECT(two_fields(AS_COND_DIFFERS, x, y), t, "FTTUUU");
    }
    as_table_close(t);
}

static void offset_overflow(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "t", "i:integer j:integer");
    as_table *t = table_of(s, "5|9223372036854775807\n5|-9223372036854775807\n");
    EXPECT(compare_fields(0, AS_CMP_GE, 1, 10), t, "FT");
    EXPECT(compare_fields(0, AS_CMP_GE, 1, -10), t, "FT");
    as_table_close(t);
}

static void text_to_text(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "t", "x:text y:text");
    for (size_t k = 0; k < LAYOUTS; k++)
        for (size_t m = 0; m < LAYOUTS; m++) {
            as_table *t = table_of(s, "a|a\na|b\nb|a\n|a\na|\n|\nab|ab\n");
            relayout(arena, t, 0, layouts[k].layout, layouts[k].width);
            relayout(arena, t, 1, layouts[m].layout, layouts[m].width);
            EXPECT(two_fields(AS_COND_SAME, 0, 1), t, "TFFUUUT");
            EXPECT(two_fields(AS_COND_DIFFERS, 0, 1), t, "FTTUUUF");
            EXPECT(two_fields(AS_COND_SAME, 0, 0), t, "TTTUTUT");
            as_table_close(t);
        }
}

/* ---- Kleene ---- */

/* Rows are all nine pairs of false, undecided, true, in columns of every sort. */
static void truth_tables(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "t", "i:integer j:integer x:text y:text");
    as_table *t =
        table_of(s, "0|0|f|f\n0||f|\n0|1|f|t\n|0||f\n|||\n|1||t\n1|0|t|f\n1||t|\n1|1|t|t\n");
    as_cond *xs[] = {compare(0, AS_CMP_GE, number(1)), one_of(2, "t", NULL)};
    as_cond *ys[] = {compare(1, AS_CMP_GE, number(1)), one_of(3, "t", NULL)};
    for (size_t k = 0; k < 4; k++) {
        as_cond *x = xs[k & 1], *y = ys[k >> 1];
        EXPECT(x, t, "FFFUUUTTT");
        EXPECT(y, t, "FUTFUTFUT");
        EXPECT(join2(AS_COND_ALL, x, y), t, "FFFFUUFUT");
        EXPECT(join2(AS_COND_ANY, x, y), t, "FUTUUTTTT");
        EXPECT(not_(x), t, "TTTUUUFFF");
        EXPECT(not_(join2(AS_COND_ALL, x, y)), t, "TTTTUUTUF");
        EXPECT(join2(AS_COND_ANY, not_(x), not_(y)), t, "TTTTUUTUF"); /* De Morgan */
        EXPECT(join2(AS_COND_ALL, x, not_(x)), t, "FFFUUUFFF");
        EXPECT(join2(AS_COND_ANY, x, not_(x)), t, "TTTUUUTTT");
    }
    as_table_close(t);
}

/* Parts on one column become one step; it must say the same. */
static void merged_parts(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "t", "i:integer d:date n:number x:text");
    as_table *t = table_of(s, "1|2017-01-01|1|a\n5|2017-01-05|5|ab\n9|2017-01-09|9|b\n|||\n");
    as_cond *lo = compare(0, AS_CMP_GE, number(2)), *hi = compare(0, AS_CMP_LE, number(8));
    EXPECT(join2(AS_COND_ALL, lo, hi), t, "FTFU");
    EXPECT(join2(AS_COND_ANY, not_(lo), not_(hi)), t, "TFTU");
    EXPECT(join2(AS_COND_ALL, hi, compare(0, AS_CMP_GT, number(8))), t, "FFFU");
    EXPECT(join2(AS_COND_ALL, compare(1, AS_CMP_GE, date(2017, 1, 2)),
                 compare(1, AS_CMP_LT, date(2017, 1, 9))),
           t, "FTFU");
    EXPECT(
        join2(AS_COND_ALL, compare(2, AS_CMP_GT, number(1)), compare(2, AS_CMP_LT, number(9))),
        t, "FTFU");
    /* a part that is alone in its list */
    EXPECT(not_(join2(AS_COND_ALL, compare_fields(0, AS_CMP_LE, 2, 0), NULL)), t, "FFFU");
    EXPECT(not_(join2(AS_COND_ANY, compare_fields(0, AS_CMP_LT, 2, 1), NULL)), t, "FFFU");
    as_cond *required = compare(0, AS_CMP_GE, number(2));
    required->requires_present = true;
    EXPECT(join2(AS_COND_ALL, required, hi), t, "FTFF");
    as_cond *has_a = leaf(AS_COND_CONTAINS, 3), *has_b = leaf(AS_COND_CONTAINS, 3);
    has_a->needle = AS_STR("a");
    has_b->needle = AS_STR("b");
    EXPECT(join2(AS_COND_ALL, has_a, has_b), t, "FTFU");
    EXPECT(join2(AS_COND_ANY, has_a, has_b), t, "TTTU");
    EXPECT(join2(AS_COND_ALL, join2(AS_COND_ANY, has_a, has_b), not_(has_a)), t, "FFTU");
    EXPECT(join2(AS_COND_ALL, leaf(AS_COND_PRESENT, 3), has_a), t, "TTFF");
    EXPECT(join2(AS_COND_ALL, leaf(AS_COND_PRESENT, 0), lo), t, "FTTF");
    as_table_close(t);
}

static void empty_conditions(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "t", "i:integer");
    as_table *t = table_of(s, "1\n\n");
    EXPECT(NULL, t, "TT");
    EXPECT(leaf(AS_COND_ALL, AS_NO_FIELD), t, "TT");
    EXPECT(leaf(AS_COND_ANY, AS_NO_FIELD), t, "FF");
    EXPECT(not_(leaf(AS_COND_ALL, AS_NO_FIELD)), t, "FF");
    as_table_close(t);
}

/* A column that is not in the file is null in every row. */
static void absent_column(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "t", "i:integer j:integer x:text");
    const bool want[] = {true, false, false};
    as_builder *b;
    as_table *t;
    as_err e = {0};
    as_str cells[3] = {AS_STR("1"), AS_NONE, AS_NONE}, nulls[3] = {AS_NONE, AS_NONE, AS_NONE};
    assert_int_equal(as_builder_open(&b, s->name, s, want, &e), AS_OK);
    assert_int_equal(as_builder_row(b, cells, 1, &e), AS_OK);
    assert_int_equal(as_builder_row(b, nulls, 2, &e), AS_OK);
    assert_int_equal(as_builder_finish(b, &t, &e), AS_OK);
    as_builder_close(b);
    EXPECT(leaf(AS_COND_NULL, 1), t, "TT");
    EXPECT(leaf(AS_COND_PRESENT, 1), t, "FF");
    EXPECT(compare(1, AS_CMP_GE, number(1)), t, "UU");
    EXPECT(one_of(2, "a", NULL), t, "UU");
    EXPECT(compare_fields(0, AS_CMP_GE, 1, 0), t, "UU");
    EXPECT(two_fields(AS_COND_SAME, 0, 1), t, "UU");
    as_cond *c = compare_fields(0, AS_CMP_GE, 1, 0);
    c->requires_present = true;
    EXPECT(c, t, "UF");
    as_table_close(t);
}

/* ---- pairs of records ---- */

static void two_sides(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "t", "x:text d:date i:integer");
    as_table *t = table_of(s, "a|2017-01-01|1\nb|2017-06-01|\n");
    as_table *o = table_of(s, "b|2017-03-01|1\na||2\nb|2017-09-01|7\n");
    as_cond *same = two_fields(AS_COND_SAME, 0, 0), *later = compare_fields(1, AS_CMP_GE, 1, 0);
    same->other_side = later->other_side = AS_SIDE_OTHER;
    as_cond *big = compare(2, AS_CMP_GE, number(2));
    big->side = AS_SIDE_OTHER;
    as_cond *all = join2(AS_COND_ALL, same, join2(AS_COND_ALL, later, not_(big)));
    as_scratch *scratch = as_scratch_open();
    as_bound *b;
    as_err e = {0};
    as_truth got;
    uint8_t block[2];
    uint32_t blamed;
    const char expect[2][3] = {{0, 0, 0}, {2, 0, 0}};
    assert_int_equal(as_bound_make(&b, all, t, o, arena, &e), AS_OK);
    for (uint32_t i = 0; i < 2; i++)
        for (uint32_t k = 0; k < 3; k++) {
            assert_int_equal(as_bound_pair(b, i, k, &got, scratch, &e), AS_OK);
            assert_int_equal(got, expect[i][k]);
        }
    const uint32_t mine[6] = {0, 1, 0, 1, 0, 1}, theirs[6] = {2, 2, 1, 1, 0, 0};
    uint8_t six[6];
    assert_int_equal(as_bound_pairs(b, mine, theirs, 6, six, scratch, &e), AS_OK);
    for (uint32_t i = 0; i < 6; i++)
        assert_int_equal(six[i], expect[mine[i]][theirs[i]]);
    assert_int_equal(as_bound_block(b, 0, 2, block, scratch, &e), AS_ERULE);
    assert_int_equal(as_bound_blame(b, 1, 2, &blamed, scratch, &e), AS_OK);
    assert_int_equal(blamed, 1); /* same x; the date is the first that fails */
    assert_int_equal(as_bound_blame(b, 1, 0, &blamed, scratch, &e), AS_OK);
    assert_int_equal(blamed, AS_NO_FIELD); /* it holds */
    /* one side alone may be run by block, whichever it is */
    assert_int_equal(as_bound_make(&b, big, t, o, arena, &e), AS_OK);
    uint8_t three[3];
    assert_int_equal(as_bound_block(b, 0, 3, three, scratch, &e), AS_OK);
    assert_memory_equal(three, ((uint8_t[]){0, 2, 2}), 3);
    as_scratch_close(scratch);
    as_table_close(t);
    as_table_close(o);
}

static uint32_t blame(const as_cond *c, const as_table *t, uint32_t row)
{
    as_bound *b;
    as_err e = {0};
    uint32_t field = 77;
    as_scratch *s = as_scratch_open();
    assert_int_equal(as_bound_make(&b, c, t, NULL, arena, &e), AS_OK);
    assert_int_equal(as_bound_blame(b, row, AS_NO_ROW, &field, s, &e), AS_OK);
    as_scratch_close(s);
    return field;
}

static void first_failing_leaf(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "t", "i:integer j:integer k:integer");
    as_table *t = table_of(s, "1|1|1\n0|1|1\n1|0|0\n|0|1\n0|0|0\n");
    as_cond *i = compare(0, AS_CMP_GE, number(1)), *j = compare(1, AS_CMP_GE, number(1)),
            *k = compare(2, AS_CMP_GE, number(1));
    as_cond *all = join2(AS_COND_ALL, i, join2(AS_COND_ALL, j, k));
    assert_int_equal(blame(all, t, 0), AS_NO_FIELD);
    assert_int_equal(blame(all, t, 1), 0);
    assert_int_equal(blame(all, t, 2), 1);
    assert_int_equal(blame(all, t, 3), 1); /* i is undecided, j fails */
    as_cond *any = join2(AS_COND_ANY, j, k);
    assert_int_equal(blame(any, t, 4), 1);
    as_cond *neither = not_(join2(AS_COND_ANY, i, k));
    assert_int_equal(blame(neither, t, 2), 0);
    assert_int_equal(blame(neither, t, 3), 2);
    assert_int_equal(blame(not_(join2(AS_COND_ALL, j, k)), t, 0), 1);
    as_table_close(t);
}

/* ---- whole tables, limits, errors ---- */

static void whole_table(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "t", "i:integer");
    as_builder *b;
    as_table *t;
    as_err e = {0};
    const uint32_t rows = 3 * 16 * AS_BLOCK + 17;
    assert_int_equal(as_builder_open(&b, s->name, s, NULL, &e), AS_OK);
    for (uint32_t i = 0; i < rows; i++) {
        char text[16];
        int len = snprintf(text, sizeof text, "%u", i % 7);
        as_str cell = i % 5 == 0 ? AS_NONE : (as_str){text, (size_t)len};
        assert_int_equal(as_builder_row(b, &cell, i, &e), AS_OK);
    }
    assert_int_equal(as_builder_finish(b, &t, &e), AS_OK);
    as_builder_close(b);
    for (unsigned jobs = 0; jobs < 4; jobs++) {
        as_pool *pool = NULL;
        as_bound *bound;
        uint8_t *out;
        if (jobs)
            assert_int_equal(as_pool_open(&pool, jobs, &e), AS_OK);
        assert_int_equal(
            as_bound_make(&bound, compare(0, AS_CMP_GE, number(3)), t, NULL, arena, &e), AS_OK);
        assert_int_equal(as_bound_all(&out, bound, t, pool, arena, &e), AS_OK);
        for (uint32_t i = 0; i < rows; i++)
            assert_int_equal(out[i], i % 5 == 0   ? AS_UNDECIDED
                                     : i % 7 >= 3 ? AS_TRUE
                                                  : AS_FALSE);
        assert_int_equal(as_bound_all(&out, NULL, t, pool, arena, &e), AS_OK);
        assert_int_equal(out[rows - 1], AS_TRUE);
        as_pool_close(pool);
    }
    as_table_close(t);
}

static void runaway_pattern(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "t", "x:text");
    as_err e = {0};
    as_scratch *scratch = as_scratch_open();
    as_cond *c = leaf(AS_COND_MATCHES, 0);
    c->at = (as_span){"places.yaml", 7, 3};
    assert_int_equal(as_regex_compile(&c->regex, arena, AS_STR("(a+)+"), AS_REGEX_WHOLE, &e),
                     AS_OK);
    for (int sliced = 0; sliced < 2; sliced++) {
        as_table *t = table_of(
            s, "b\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\n");
        as_bound *b = NULL;
        uint8_t *out;
        if (sliced)
            relayout(arena, t, 0, AS_LAYOUT_SLICE, 0);
        as_code code = as_bound_make(&b, c, t, NULL, arena, &e);
        if (code == AS_OK)
            code = as_bound_all(&out, b, t, NULL, arena, &e);
        assert_int_equal(code, AS_EBUDGET);
        assert_int_equal(e.at.line, 7);
        as_table_close(t);
    }
    as_scratch_close(scratch);
}

/* A worker keeps answers for packed values; another test of the same value must not get them.
 */
static void answers_kept_apart(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "t", "x:text");
    as_table *t = table_of(s, "a\nb\n");
    as_scratch *scratch = as_scratch_open();
    as_cond *has[2] = {leaf(AS_COND_CONTAINS, 0), leaf(AS_COND_CONTAINS, 0)};
    as_err e = {0};
    has[0]->needle = AS_STR("a");
    has[1]->needle = AS_STR("b");
    relayout(arena, t, 0, AS_LAYOUT_PACK8, 0);
    for (int i = 0; i < 5000; i++) {
        as_bound *b;
        uint8_t out[2];
        assert_int_equal(as_bound_make(&b, has[i & 1], t, NULL, arena, &e), AS_OK);
        assert_int_equal(as_bound_block(b, 0, 2, out, scratch, &e), AS_OK);
        assert_int_equal(out[0], i & 1 ? AS_FALSE : AS_TRUE);
        assert_int_equal(out[1], i & 1 ? AS_TRUE : AS_FALSE);
        for (int k = 0; i % 2 == 0 && i < 10 && k < 2047;
             k++) /* the numbers of tests go round */
            assert_int_equal(as_bound_make(&b, has[0], t, NULL, arena, &e), AS_OK);
    }
    as_scratch_close(scratch);
    as_table_close(t);
}

static void wrong_types(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "t", "x:text d:date i:integer");
    as_table *t = table_of(s, "a|2017-01-01|1\n");
    as_bound *b;
    as_err e = {0};
    assert_int_equal(as_bound_make(&b, compare(0, AS_CMP_GE, number(1)), t, NULL, arena, &e),
                     AS_ERULE);
    assert_int_equal(as_bound_make(&b, compare_fields(1, AS_CMP_GE, 2, 0), t, NULL, arena, &e),
                     AS_ERULE);
    assert_int_equal(as_bound_make(&b, two_fields(AS_COND_SAME, 0, 2), t, NULL, arena, &e),
                     AS_ERULE);
    assert_int_equal(as_bound_make(&b, leaf(AS_COND_PRESENT, 9), t, NULL, arena, &e), AS_ERULE);
    as_table_close(t);
}

/* Every allocation fails in turn: an error, never a crash or a wrong answer. */
static void out_of_memory(void **state)
{
    (void)state;
    as_schema *s = schema_of(arena, "t", "x:text y:text i:integer");
    as_table *t = table_of(s, "a|a|1\nb|a|\n");
    as_cond *has = leaf(AS_COND_CONTAINS, 0);
    has->needle = AS_STR("b");
    as_cond *c = join2(AS_COND_ALL, join2(AS_COND_ANY, has, two_fields(AS_COND_SAME, 0, 1)),
                       not_(compare(2, AS_CMP_GE, number(2))));
    for (int forever = 0; forever < 2; forever++)
        for (long n = 0; n < 40; n++) {
            as_bound *b;
            as_err e = {0};
            uint8_t *out = NULL;
            as_arena *a = as_arena_open();
            as_alloc_fail_after(n, forever);
            as_code code = as_bound_make(&b, c, t, NULL, a, &e);
            if (code == AS_OK)
                code = as_bound_all(&out, b, t, NULL, a, &e);
            as_alloc_fail_after(-1, false);
            if (code == AS_OK)
                assert_memory_equal(out, ((uint8_t[]){2, 1}), 2);
            else
                assert_int_equal(code, AS_ENOMEM);
            as_arena_close(a);
        }
    as_table_close(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),
        cmocka_unit_test(integer_bounds),
        cmocka_unit_test(dates),
        cmocka_unit_test(texts),
        cmocka_unit_test(present_beside_a_bound),
        cmocka_unit_test(code_lists),
        cmocka_unit_test(field_to_field),
        cmocka_unit_test(offset_overflow),
        cmocka_unit_test(text_to_text),
        cmocka_unit_test(truth_tables),
        cmocka_unit_test(merged_parts),
        cmocka_unit_test(empty_conditions),
        cmocka_unit_test(absent_column),
        cmocka_unit_test(two_sides),
        cmocka_unit_test(first_failing_leaf),
        cmocka_unit_test(whole_table),
        cmocka_unit_test(runaway_pattern),
        cmocka_unit_test(answers_kept_apart),
        cmocka_unit_test(wrong_types),
        cmocka_unit_test(out_of_memory),
    };
    return RUN_ON_EACH_CPU(tests, setup, teardown);
}
