/* What the text of a cell means: one row of a table each. */
#include "unit.h"

#include "table/table.h"

static as_arena *arena;
static as_buf tmp;

static const as_str nulls[] = {AS_STR(""), AS_STR("NULL"), AS_STR("N/A"),
                               AS_STR(" Non renseign\xC3\xA9 ")};
static const as_schema schema = {.nulls = nulls, .null_count = 4};

static as_cell_kind type(as_field f, as_str raw, as_typed *out)
{
    as_cell_kind kind = as_cell_type(&schema, &f, raw, out, &tmp);
    assert_false(tmp.failed);
    return kind;
}

static void text_is(as_field f, const char *raw, const char *want)
{
    as_typed out;
    as_cell_kind kind = type(f, S(raw), &out);
    assert_int_equal(kind, want ? AS_CELL_VALUE : AS_CELL_NULL);
    if (want)
        EXPECT_STR(out.text, want);
    else
        assert_null(out.text.ptr);
}

static void test_text(void **state)
{
    (void)state;
    as_field f = {.type = AS_TYPE_TEXT, .trim = true};
    text_is(f, "SC1", "SC1");
    text_is(f, " \t SC 1\xC2\xA0\r\n", "SC 1");
    text_is(f, "two\nlines", "two\nlines");
    text_is(f, "\xFF", "\xFF");
    text_is(f, "", NULL);
    text_is(f, "  \xC2\xA0", NULL);
    text_is(f, "NULL", NULL);
    text_is(f, " null ", NULL);
    text_is(f, "n/a", NULL);
    text_is(f, "NULLS", "NULLS");
    text_is(f, "NON RENSEIGN\xC3\x89", NULL); /* case folded beyond ASCII */
    text_is(f, "Non renseigne", "Non renseigne");
    text_is(f, "-", "-");
    f.trim = false;
    text_is(f, " SC 1 ", " SC 1 ");
    text_is(f, "  ", NULL);
    text_is(f, " NULL ", NULL);
    text_is(f, "N\\A", "N\\A"); /* '\\' is not '/' in another case */
    text_is(f,
            "n\x0F"
            "a",
            "n\x0F"
            "a");
}

static void test_own_nulls(void **state)
{
    (void)state;
    const as_str own[] = {AS_STR("-"), AS_STR("not known")};
    as_field f = {.type = AS_TYPE_TEXT, .trim = true, .nulls = own, .null_count = 2};
    text_is(f, "-", NULL);
    text_is(f, "Not Known", NULL);
    text_is(f, "NULL", "NULL"); /* the schema's no longer count */
    text_is(f, "", NULL);       /* an empty cell is null all the same */
}

static void test_strip(void **state)
{
    (void)state;
    as_err e;
    as_field f = {.type = AS_TYPE_TEXT, .trim = true};
    assert_int_equal(as_regex_compile(&f.strip, arena, S("\\[[^]]*\\]"), 0, &e), AS_OK);
    text_is(f, "Children's home [Note 3] [x]", "Children's home");
    text_is(f, "[a]b[c]", "b");
    text_is(f, "[Note 3]", NULL);
    text_is(f, "NULL [note]", NULL);
    text_is(f, "no notes", "no notes");
    f.type = AS_TYPE_INTEGER;
    f.thousands = ',';
    as_typed out;
    assert_int_equal(type(f, S("2,071 [Note 3]"), &out), AS_CELL_VALUE);
    assert_int_equal(out.i, 2071);
    f.type = AS_TYPE_TEXT;
    assert_int_equal(as_regex_compile(&f.strip, arena, S("^x"), 0, &e), AS_OK);
    text_is(f, "xxx", "xx"); /* the start of the cell, not of what is left */
    assert_int_equal(as_regex_compile(&f.strip, arena, S("x*"), 0, &e), AS_OK);
    text_is(f, "axxb\xC3\xA9x", "ab\xC3\xA9"); /* empty matches between */
    text_is(f, "\xC3", "\xC3");
    assert_int_equal(as_regex_compile(&f.strip, arena, S("(a+)+$"), 0, &e), AS_OK);
    assert_int_equal(type(f, S("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"), &out),
                     AS_CELL_BAD);
}

static void integer_is(const char *raw, as_cell_kind kind, int64_t want)
{
    as_field f = {.type = AS_TYPE_INTEGER, .trim = true, .thousands = ','};
    as_typed out;
    if (type(f, S(raw), &out) != kind)
        fail_msg("integer \"%s\"", raw);
    assert_int_equal(out.i, want);
}

static void test_integer(void **state)
{
    (void)state;
    integer_is("12", AS_CELL_VALUE, 12);
    integer_is(" -12 ", AS_CELL_VALUE, -12);
    integer_is("+5", AS_CELL_VALUE, 5);
    integer_is("007", AS_CELL_VALUE, 7);
    integer_is("1,234", AS_CELL_VALUE, 1234);
    integer_is("-12,345,678", AS_CELL_VALUE, -12345678);
    integer_is("12.0", AS_CELL_VALUE, 12);
    integer_is("1,234.000", AS_CELL_VALUE, 1234);
    integer_is("9223372036854775807", AS_CELL_VALUE, INT64_MAX);
    integer_is("-9223372036854775807", AS_CELL_VALUE, -INT64_MAX);
    integer_is("", AS_CELL_NULL, AS_INT_NULL);
    integer_is("N/A", AS_CELL_NULL, AS_INT_NULL);
    const char *bad[] = {"12,34",
                         "1234,567",
                         ",123",
                         "1,,234",
                         "1,23",
                         "123,",
                         "1,234,5",
                         "12.5",
                         "12.",
                         ".0",
                         "1e5",
                         "1.02E+07",
                         "12%",
                         "1 234",
                         "x",
                         "-",
                         "+",
                         "--5",
                         "5-",
                         "0x1F",
                         "1.0.0",
                         ".",
                         "9223372036854775808",
                         "-9223372036854775808",
                         "1,234.0,0",
                         "12.0,000",
                         "(5)",
                         "\xC2\xA3"
                         "5",
                         "1.000,0",
                         "1,23,456",
                         "1,2,345",
                         "12,345,67,890",
                         "1'234"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        as_field f = {.type = AS_TYPE_INTEGER, .trim = true, .thousands = ','};
        as_typed out;
        if (type(f, S(bad[i]), &out) != AS_CELL_BAD)
            fail_msg("\"%s\" is no integer", bad[i]);
    }
    char digits[600];
    memset(digits, '0', sizeof digits);
    as_field f = {.type = AS_TYPE_INTEGER, .trim = true};
    as_typed out;
    for (size_t n = 505; n < 520; n++) /* about the size of the buffer */
        assert_int_equal(type(f, (as_str){digits, n}, &out),
                         n < 512 ? AS_CELL_VALUE : AS_CELL_BAD);
}

static void test_separators(void **state)
{
    (void)state;
    as_field f = {.type = AS_TYPE_INTEGER, .trim = true, .thousands = 0};
    as_typed out;
    assert_int_equal(type(f, S("1,234"), &out), AS_CELL_BAD);
    assert_int_equal(type(f, (as_str){"1\000234", 5}, &out),
                     AS_CELL_BAD); /* 0 is no separator */
    f.thousands = '.';
    assert_int_equal(type(f, S("1.234"), &out), AS_CELL_VALUE);
    assert_int_equal(out.i, 1234);
    assert_int_equal(type(f, S("12.0"), &out), AS_CELL_BAD);
    f.thousands = ' ';
    assert_int_equal(type(f, S(" 1 234 "), &out), AS_CELL_VALUE);
    assert_int_equal(out.i, 1234);
}

static void test_number(void **state)
{
    (void)state;
    as_field f = {.type = AS_TYPE_NUMBER, .trim = true, .thousands = ','};
    const struct {
        const char *raw;
        double want;
    } good[] = {
        {"3.5", 3.5},  {"-0.1", -0.1},         {".5", 0.5},
        {"-.5", -0.5}, {"1,234.56", 1234.56},  {"12", 12},
        {"0", 0},      {"1,234,567", 1234567}, {"0.30000000000000004", 0.30000000000000004}};
    const char *bad[] = {"5.",  "1e5", "1.02E+07", "12%",     "12,34.5", "1.2.3",
                         "inf", "nan", "3,5",      "1.234,5", "",        "."};
    as_typed out;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(type(f, S(good[i].raw), &out), AS_CELL_VALUE);
        assert_true(out.f == good[i].want);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (type(f, S(bad[i]), &out) != (*bad[i] ? AS_CELL_BAD : AS_CELL_NULL))
            fail_msg("\"%s\" is no number", bad[i]);
    assert_int_equal(type(f, S("-0"), &out), AS_CELL_VALUE);
    assert_true(1 / out.f > 0); /* no negative zero */
}

static void test_date(void **state)
{
    (void)state;
    as_field f = {.type = AS_TYPE_DATE, .trim = true};
    as_typed out;
    assert_int_equal(type(f, S(" 31/03/2017 "), &out), AS_CELL_VALUE);
    assert_int_equal(out.d, 17256);
    assert_int_equal(type(f, S("2017-03-31"), &out), AS_CELL_VALUE);
    assert_int_equal(out.d, 17256);
    assert_int_equal(type(f, S("29/02/2015"), &out), AS_CELL_BAD);
    assert_int_equal(type(f, S("03/31/2017"), &out), AS_CELL_BAD);
    assert_int_equal(type(f, S("42825"), &out), AS_CELL_BAD);
    assert_int_equal(type(f, S("null"), &out), AS_CELL_NULL);
    assert_int_equal(out.d, AS_DATE_NULL);
    const as_str formats[] = {AS_STR("%m/%d/%Y"), AS_STR("%d/%m/%Y")};
    f.formats = formats;
    f.format_count = 2;
    assert_int_equal(type(f, S("01/02/2017"), &out), AS_CELL_VALUE);
    assert_int_equal(out.d, as_date_from(2017, 1, 2)); /* the first format that fits */
    assert_int_equal(type(f, S("31/02/2017"), &out), AS_CELL_BAD);
    assert_int_equal(type(f, S("31/01/2017"), &out), AS_CELL_VALUE);
    assert_int_equal(type(f, S("2017-03-31"), &out), AS_CELL_BAD);
}

static void code_is(as_field f, const char *raw, const char *want, as_code_status status)
{
    as_typed out;
    assert_int_equal(type(f, S(raw), &out), AS_CELL_VALUE);
    EXPECT_STR(out.text, want);
    assert_int_equal(out.status, status);
}

static void test_code(void **state)
{
    (void)state;
    as_str variants[] = {AS_STR("LA")};
    as_code_entry entry = {AS_STR("Local Authority"), variants, 1, AS_NOWHERE};
    as_code_list list = {.name = AS_STR("s"), .entries = &entry, .count = 1};
    as_diags d;
    as_err e;
    as_diags_init(&d, arena);
    assert_int_equal(as_code_list_seal(&list, arena, &d, &e), AS_OK);
    as_field f = {.type = AS_TYPE_CODE, .trim = true, .list = &list};
    as_typed out;
    code_is(f, "Local Authority ", "Local Authority", AS_CODE_EXACT);
    code_is(f, "la", "Local Authority", AS_CODE_VARIANT);
    code_is(f, " Voluntary ", "Voluntary", AS_CODE_UNKNOWN);
    assert_int_equal(type(f, S("n/a"), &out), AS_CELL_NULL);
    f.trim = false;
    code_is(f, " Voluntary ", "Voluntary", AS_CODE_UNKNOWN);
    assert_int_equal(as_regex_compile(&f.strip, arena, S("\\[[^]]*\\]"), 0, &e), AS_OK);
    code_is(f, "LA [1]", "Local Authority", AS_CODE_VARIANT);
    /* Stripped text and its folded form share a buffer, which has to grow: none may be lost. */
    char raw[6000], want[5000];
    for (size_t n = 20; n < 4900; n = n * 2 + 1) {
        memset(want, 'X', n);
        want[n] = '\0';
        (void)snprintf(raw, sizeof raw, "%s [note]", want);
        as_buf_free(&tmp);
        code_is(f, raw, want, AS_CODE_UNKNOWN);
    }
    f.list = NULL;
    code_is(f, "x [1]", "x", AS_CODE_EXACT);
}

static int setup(void **state)
{
    (void)state;
    tmp = AS_BUF(1 << 20);
    arena = as_arena_open();
    return arena ? 0 : 1;
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
        cmocka_unit_test(test_text),       cmocka_unit_test(test_own_nulls),
        cmocka_unit_test(test_strip),      cmocka_unit_test(test_integer),
        cmocka_unit_test(test_separators), cmocka_unit_test(test_number),
        cmocka_unit_test(test_date),       cmocka_unit_test(test_code),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
