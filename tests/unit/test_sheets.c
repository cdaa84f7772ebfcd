/* Spreadsheets: what is written reads back the same; files that somebody made to hurt. */
#include "base/limits.h"
#include "sheets/sheets.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include <setjmp.h>

#include <cmocka.h>

static as_arena *arena;
static as_buf seen; /* rows read: "sheet!3:a|b|" a line */

static int start(void **state)
{
    (void)state;
    arena = as_arena_open();
    seen = AS_BUF(64 * AS_MIB);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    as_arena_close(arena);
    as_buf_free(&seen);
    return 0;
}

static as_code see(void *arg, const as_sheet_row *row, as_err *e)
{
    (void)arg;
    (void)e;
    as_buf_addf(&seen, "%.*s!%u:", AS_FMT(row->sheet), row->number);
    for (size_t i = 0; i < row->count; i++) {
        as_buf_add(&seen, row->cells[i]);
        as_buf_addc(&seen, '|');
    }
    as_buf_addc(&seen, '\n');
    return AS_OK;
}

static as_code read_bytes(as_str bytes, as_err *e)
{
    static const as_sheet_reader reader = {see, NULL};
    as_buf_clear(&seen);
    return as_sheets_read("back.xlsx", bytes, &reader, e);
}

/* ---- what is written reads back ---- */

static const as_sheet_column columns[] = {
    {.header = "Key", .width = 10},
    {.header = "Day", .width = 10, .kind = AS_SHEET_DATE, .open = true},
    {.header = "Number", .width = 10, .kind = AS_SHEET_NUMBER},
};
static const char *const cells[][3] = {
    {"00123", "2017-03-31", "42"},
    {"=1+1", "", ""},
    {"a\nb <&> \"c\"", "not a date", "12x"},
    {"http://example.org", "1999-12-31", "0"},
    {"@SUM(1)", "", "7"},
    {"  two  blanks ", "", ""},
    {"caf\xc3\xa9 \xf0\x9f\x98\x80", "", ""},
    {"a_x0041_b", "", ""},
};

static as_str cell(void *arg, size_t row, size_t column)
{
    (void)arg;
    return as_str_from(cells[row][column]);
}

static as_book small_book(void)
{
    static const as_note note = {{"Run", 3}, {"1", 1}};
    static const as_sheet sheets[] = {{{"one", 3}, 0, 3}, {{"two", 3}, 3, 5}};
    return (as_book){.title = AS_STR("t"),
                     .created = AS_STR("2017-04-28T09:00:00Z"),
                     .notes = &note,
                     .note_count = 1,
                     .columns = columns,
                     .column_count = 3,
                     .print_columns = 3,
                     .sheets = sheets,
                     .sheet_count = 2,
                     .cell = cell};
}

typedef as_code (*write_fn)(as_book *b, as_buf *out, as_err *e);

static void write_book(write_fn write, as_buf *out)
{
    as_err e = {0};
    as_book b = small_book();
    as_code code = write(&b, out, &e);
    if (code != AS_OK) {
        print_error("%s\n", e.text);
    }
    assert_int_equal(code, AS_OK);
    assert_int_equal(b.cut, 0);
}

static void round_trip(write_fn write, const char *day, const char *day2)
{
    as_err e = {0};
    as_buf file = AS_BUF(AS_MIB);
    char expected[1024];
    write_book(write, &file);
    assert_int_equal(read_bytes(as_buf_str(&file), &e), AS_OK);
    snprintf(expected, sizeof expected,
             "Read me!1:Worklist|\n"
             "Read me!3:Run|1|\n"
             "one!1:Key|Day|Number|\n"
             "one!2:00123|%s|42|\n"
             "one!3:=1+1|\n"
             "one!4:a\nb <&> \"c\"|not a date|12x|\n"
             "two!1:Key|Day|Number|\n"
             "two!2:http://example.org|%s|0|\n"
             "two!3:@SUM(1)||7|\n"
             "two!4:  two  blanks |\n"
             "two!5:caf\xc3\xa9 \xf0\x9f\x98\x80|\n"
             "two!6:a_x0041_b|\n",
             day, day2);
    assert_string_equal(seen.ptr, expected);
    as_buf_free(&file);
}

static void test_xlsx_reads_back(void **state)
{
    (void)state;
    round_trip(as_xlsx_write, "42825", "36525"); /* days since 30 December 1899 */
}

static void test_ods_reads_back(void **state)
{
    (void)state;
    round_trip(as_ods_write, "2017-03-31", "1999-12-31");
}

static void same_bytes(write_fn write)
{
    as_buf one = AS_BUF(AS_MIB), two = AS_BUF(AS_MIB);
    write_book(write, &one);
    setenv("TZ", "Asia/Tokyo", 1);
    write_book(write, &two);
    unsetenv("TZ");
    assert_true(as_str_eq(as_buf_str(&one), as_buf_str(&two)));
    as_buf_free(&one);
    as_buf_free(&two);
}

static void test_xlsx_same_bytes(void **state)
{
    (void)state;
    same_bytes(as_xlsx_write);
}

static void test_ods_same_bytes(void **state)
{
    (void)state;
    same_bytes(as_ods_write);
}

/* What other programs look at first: the type, not compressed, before all else. */
static void test_ods_begins_with_its_type(void **state)
{
    (void)state;
    as_buf file = AS_BUF(AS_MIB);
    write_book(as_ods_write, &file);
    assert_int_equal(file.ptr[8], 0); /* stored */
    assert_memory_equal(file.ptr + 30, "mimetypeapplication/vnd.oasis.opendocument.spreadsheet",
                        54);
    as_buf_free(&file);
}

static void test_days(void **state)
{
    (void)state;
    assert_int_equal(as_sheet_day(AS_STR("42825"), false), as_date_from(2017, 3, 31));
    assert_int_equal(as_sheet_day(AS_STR("42825.75"), false), as_date_from(2017, 3, 31));
    assert_int_equal(as_sheet_day(AS_STR("41363"), true), as_date_from(2017, 3, 31));
    assert_int_equal(as_sheet_day(AS_STR("0"), false), AS_DATE_NULL);
    assert_int_equal(as_sheet_day(AS_STR("1e300"), false), AS_DATE_NULL);
    assert_int_equal(as_sheet_day(AS_STR("nan"), false), AS_DATE_NULL);
}

/* ---- files made by hand ---- */

typedef struct part {
    const char *name;
    as_str text;
} part;

/* A zip file in memory. */
static as_str zip_of(const part *parts, size_t count)
{
    zip_error_t error;
    zip_stat_t stat;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_source_keep(source);
    zip_t *zip = zip_open_from_source(source, ZIP_TRUNCATE, &error);
    assert_non_null(zip);
    for (size_t i = 0; i < count; i++) {
        zip_source_t *s = zip_source_buffer(zip, parts[i].text.ptr, parts[i].text.len, 0);
        assert_true(zip_file_add(zip, parts[i].name, s, 0) >= 0);
    }
    assert_int_equal(zip_close(zip), 0);
    zip_source_open(source);
    zip_source_stat(source, &stat);
    char *bytes = as_arena_alloc(arena, stat.size);
    assert_int_equal(zip_source_read(source, bytes, stat.size), (zip_int64_t)stat.size);
    zip_source_close(source);
    zip_source_free(source);
    return (as_str){bytes, stat.size};
}

#define BOOK                                                                                   \
    AS_STR("<workbook xmlns:r='r'><sheets><sheet name='S' sheetId='1' r:id='a'/></sheets>"     \
           "</workbook>")
#define RELATIONS                                                                              \
    AS_STR("<Relationships><Relationship Id='a' Type='x/worksheet' "                           \
           "Target='worksheets/s.xml'/><Relationship Id='b' Type='x/sharedStrings' "           \
           "Target='/xl/sharedStrings.xml'/></Relationships>")

static as_code read_xlsx(as_str sheet, as_str strings, as_err *e)
{
    const part parts[] = {{"xl/workbook.xml", BOOK},
                          {"xl/_rels/workbook.xml.rels", RELATIONS},
                          {"xl/worksheets/s.xml", sheet},
                          {"xl/sharedStrings.xml", strings}};
    return read_bytes(zip_of(parts, 4), e);
}

static as_code read_ods(as_str content, as_err *e)
{
    const part parts[] = {{"content.xml", content}};
    return read_bytes(zip_of(parts, 1), e);
}

static void test_xlsx_cells(void **state)
{
    (void)state;
    as_err e = {0};
    as_code code = read_xlsx(
        AS_STR("<worksheet><sheetData><row r='2'><c r='A2' t='s'><v>0</v></c>"
               "<c r='C2' t='inlineStr'><is><r><t>in</t></r><r><t>line</t></r></is></c>"
               "<c t='str'><f>1+1</f><v>two</v></c><c t='b'><v>1</v></c>"
               "<c><f>A1</f><v>1.5</v></c></row><row><c><v>9</v></c></row>"
               "<row r='9' hidden='1'><c r='B9' t='s'><v>1</v></c></row>"
               "</sheetData></worksheet>"),
        AS_STR("<sst><si><t>a_x000D_b</t><rPh><t>no</t></rPh></si><si><t/></si></sst>"), &e);
    assert_int_equal(code, AS_OK);
    assert_string_equal(seen.ptr, "S!2:a\rb||inline|two|TRUE|1.5|\nS!3:9|\n");
}

static void test_ods_cells(void **state)
{
    (void)state;
    as_err e = {0};
    as_code code = read_ods(
        AS_STR("<d xmlns:o='office' xmlns:t='table' xmlns:x='text' xmlns:calcext='calcext'>"
               "<t:table t:name='S'><t:table-header-rows><t:table-row>"
               "<t:table-cell o:value-type='string' calcext:value-type='string'>"
               "<x:p>a<x:s x:c='2'/><x:span>b</x:span><x:tab/>c</x:p><x:p>d</x:p>"
               "<o:annotation><x:p>a note</x:p></o:annotation></t:table-cell>"
               "<t:table-cell t:number-columns-repeated='2' o:value-type='float' o:value='7'>"
               "<x:p>7.00</x:p></t:table-cell>"
               "<t:table-cell o:value-type='date' o:date-value='2017-03-31'><x:p>31.3.</x:p>"
               "</t:table-cell><t:table-cell t:number-columns-repeated='16378'/>"
               "</t:table-row></t:table-header-rows>"
               "<t:table-row t:number-rows-repeated='3'><t:table-cell/></t:table-row>"
               "<t:table-row t:number-rows-repeated='2'><t:covered-table-cell/><t:table-cell "
               "o:value-type='string'><x:p>e</x:p></t:table-cell></t:table-row>"
               "<t:table-row t:number-rows-repeated='1048570'><t:table-cell "
               "t:number-columns-repeated='16384'/></t:table-row></t:table></d>"),
        &e);
    assert_int_equal(code, AS_OK);
    assert_string_equal(seen.ptr, "S!1:a  b\tc\nd|7|7|2017-03-31|\nS!5:|e|\nS!6:|e|\n");
}

/* ---- hostile ---- */

static void refused(as_code got, as_code code, const as_err *e, const char *says, int line)
{
    if (got != code || !strstr(e->text, says)) {
        print_error("line %d: code %d: %s\n", line, got, got == AS_OK ? "" : e->text);
    }
    assert_int_equal(got, code);
    assert_non_null(strstr(e->text, says));
}
#define REFUSED(call, code, part) refused((call), (code), &e, (part), __LINE__)

static as_str repeated(const char *before, const char *what, size_t times, const char *after)
{
    size_t n = strlen(what), first = strlen(before), last = strlen(after);
    char *p = as_arena_alloc(arena, first + n * times + last);
    memcpy(p, before, first);
    for (size_t i = 0; i < times; i++) {
        memcpy(p + first + i * n, what, n);
    }
    memcpy(p + first + n * times, after, last);
    return (as_str){p, first + n * times + last};
}

static void test_not_a_spreadsheet(void **state)
{
    (void)state;
    as_err e = {0};
    const part other = {"word/document.xml", AS_STR("<w/>")};
    REFUSED(read_bytes(zip_of(&other, 1), &e), AS_EINPUT, "neither XLSX nor ODS");
    REFUSED(read_bytes(AS_STR("\xd0\xcf\x11\xe0rest"), &e), AS_EINPUT, "password");
    REFUSED(read_bytes(AS_STR("PK\003\004rest"), &e), AS_EINPUT, "damaged");
    REFUSED(read_xlsx(AS_STR("<worksheet><row>"), AS_STR("<sst/>"), &e), AS_EINPUT, "damaged");
    REFUSED(read_xlsx(AS_STR("<worksheet><row><c t='s'><v>5</v></c></row></worksheet>"),
                      AS_STR("<sst/>"), &e),
            AS_EINPUT, "a text that is not there");
    const part lone = {"xl/workbook.xml", BOOK};
    REFUSED(read_bytes(zip_of(&lone, 1), &e), AS_EINPUT, "it is missing");
}

/* Cut at every byte: an error or, where only the padding is gone, the same; never a crash. */
static void test_cut_short(void **state)
{
    (void)state;
    as_err e = {0};
    as_buf file = AS_BUF(AS_MIB);
    write_book(as_xlsx_write, &file);
    for (size_t len = 0; len < file.len; len += len < 200 || len + 200 > file.len ? 1 : 37) {
        char *copy = malloc(len + 1); /* so that a sanitizer sees a read past the end */
        memcpy(copy, file.ptr, len);
        assert_int_equal(read_bytes((as_str){copy, len}, &e), AS_EINPUT);
        free(copy);
    }
    as_buf_free(&file);
}

/* One byte changed anywhere: an answer, and never a crash. */
static void test_bytes_changed(void **state)
{
    (void)state;
    as_err e = {0};
    as_buf file = AS_BUF(AS_MIB);
    write_book(as_xlsx_write, &file);
    for (size_t at = 0; at < file.len; at += 3) {
        char was = file.ptr[at];
        file.ptr[at] = (char)(was ^ 0x55);
        (void)read_bytes(as_buf_str(&file), &e);
        file.ptr[at] = was;
    }
    as_buf_free(&file);
}

static void test_bombs(void **state)
{
    (void)state;
    as_err e = {0};
    as_str blanks = repeated("<worksheet>", "                ", 2 * AS_MIB, "</worksheet>");
    REFUSED(read_xlsx(blanks, AS_STR("<sst/>"), &e), AS_EBUDGET, "AS_SHEET_RATIO_MAX");
    as_str deep = repeated("", "<a>", AS_XML_DEPTH_MAX + 1, "");
    REFUSED(read_xlsx(deep, AS_STR("<sst/>"), &e), AS_EBUDGET, "AS_XML_DEPTH_MAX");
    REFUSED(read_ods(AS_STR("<!DOCTYPE d [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]>"
                            "<d>&b;</d>"),
                     &e),
            AS_EINPUT, "a document type");
    part *many = malloc((AS_SHEET_ENTRIES_MAX + 1) * sizeof *many);
    for (size_t i = 0; i <= AS_SHEET_ENTRIES_MAX; i++) {
        many[i] = (part){as_arena_printf(arena, "%zu", i).ptr, AS_STR("")};
    }
    REFUSED(read_bytes(zip_of(many, AS_SHEET_ENTRIES_MAX + 1), &e), AS_EBUDGET,
            "AS_SHEET_ENTRIES_MAX");
    free(many);
}

#define ODS_ROW(repeat, cell)                                                                  \
    AS_STR("<d xmlns:o='o' xmlns:t='t'><t:table t:name='S'><t:table-row " repeat               \
           "><t:table-cell o:value-type='float' o:value='1' " cell                             \
           "/></t:table-row></t:table></d>")

static void test_repeated_too_often(void **state)
{
    (void)state;
    as_err e = {0};
    REFUSED(read_ods(ODS_ROW("t:number-rows-repeated='1048577'", ""), &e), AS_EBUDGET,
            "AS_SHEET_ROWS_MAX");
    REFUSED(read_ods(ODS_ROW("", "t:number-columns-repeated='99999999999'"), &e), AS_EBUDGET,
            "AS_COLUMNS_MAX");
    REFUSED(read_xlsx(AS_STR("<w><row r='1048577'/></w>"), AS_STR("<sst/>"), &e), AS_EBUDGET,
            "AS_SHEET_ROWS_MAX");
    REFUSED(
        read_xlsx(AS_STR("<w><row><c r='ZZZZ1'><v>1</v></c></row></w>"), AS_STR("<sst/>"), &e),
        AS_EBUDGET, "AS_COLUMNS_MAX");
    REFUSED(read_xlsx(repeated("<w><row><c><v>", "1234567890", 200000, "</v></c></row></w>"),
                      AS_STR("<sst/>"), &e),
            AS_EBUDGET, "1 MiB");
}

int main(void)
{
#define SHEET_TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
    const struct CMUnitTest tests[] = {
        SHEET_TEST(test_xlsx_reads_back),
        SHEET_TEST(test_xlsx_same_bytes),
        SHEET_TEST(test_ods_reads_back),
        SHEET_TEST(test_ods_same_bytes),
        SHEET_TEST(test_ods_begins_with_its_type),
        SHEET_TEST(test_days),
        SHEET_TEST(test_xlsx_cells),
        SHEET_TEST(test_ods_cells),
        SHEET_TEST(test_not_a_spreadsheet),
        SHEET_TEST(test_cut_short),
        SHEET_TEST(test_bytes_changed),
        SHEET_TEST(test_bombs),
        SHEET_TEST(test_repeated_too_often),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
