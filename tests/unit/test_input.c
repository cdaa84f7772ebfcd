/* test_input.c: reading CSV extracts. Expected values are written by hand from RFC 4180, the
 * code charts of the encodings, and docs/reference/language.md. */
#include "unit/csv_fixture.h"

#include "base/alloc.h"

#include <sys/stat.h>

#define BYTES(lit) AS_STR(lit)

/* ---- how tests speak ---- */

static void load_ok(fixture *x, as_str bytes)
{
    fixture_write(x, bytes);
    if (fixture_load(x) != AS_OK)
        fail_msg("%s", x->err.text);
}

static void load_fails(fixture *x, as_str bytes, as_code code, uint32_t line, uint32_t column,
                       const char *part)
{
    fixture_write(x, bytes);
    if (fixture_load(x) != code || !strstr(x->err.text, part) || x->err.at.line != line ||
        x->err.at.column != column)
        fail_msg("wanted %d at %u:%u with \"%s\", got %d at %u:%u: %s", code, line, column,
                 part, x->code, x->err.at.line, x->err.at.column, x->err.text);
    assert_null(x->table);
    assert_string_equal(x->err.at.file, "extracts/things.csv");
}

static void rows_are(const fixture *x, uint32_t n, const char *const *rows)
{
    assert_int_equal(x->table->rows, n);
    for (uint32_t i = 0; i < n; i++)
        assert_string_equal(fixture_row(x, i), rows[i]);
}
#define ROWS(x, ...)                                                                           \
    rows_are(x, (uint32_t)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)),            \
             (const char *[]){__VA_ARGS__})

static void str_is(as_str s, const char *text)
{
    assert_true(as_str_eq(s, as_str_from(text)));
}

/* ---- records ---- */

static void line_ends(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "a!:text b:text");
    const char *texts[] = {"a,b\n1,2\n3,4\n", "a,b\r\n1,2\r\n3,4\r\n", "a,b\r1,2\r3,4\r",
                           "a,b\r1,2\n3,4", "a,b\n1,2\r\n3,4\r"};
    for (size_t i = 0; i < 5; i++) {
        load_ok(&x, as_str_from(texts[i]));
        ROWS(&x, "1|2", "3|4");
        assert_int_equal(as_table_line(x.table, 0), 2);
        assert_int_equal(as_table_line(x.table, 1), 3);
        assert_int_equal(x.table->report.blank_rows, 0);
    }
    fixture_close(&x);
}

static void quotes(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "a!:text b:text c:text");
    load_ok(&x, BYTES("a,b,c\n"
                      "\"1,1\",\"say \"\"x\"\"\",\"two\r\nlines\"\n"
                      "5\" pipe,a\"b\"c,\"\"\n"
                      "\"\"\"\",\"\"\"a\",\"a\"\"\"\n"
                      " \"x\",',\"\n\"\n"
                      "last,\"1\",2"));
    ROWS(&x, "1,1|say \"x\"|two\r\nlines", "5\" pipe|a\"b\"c|~", "\"|\"a|a\"", "\"x\"|'|~",
         "last|1|2");
    uint32_t lines[] = {2, 4, 5, 6, 8};
    for (uint32_t i = 0; i < 5; i++)
        assert_int_equal(as_table_line(x.table, i), lines[i]);
    assert_int_equal(x.table->report.ragged_count, 0);
    fixture_close(&x);
}

static void broken_quotes(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "a!:text b:text");
    load_fails(&x, BYTES("a,b\n1,2\nx,\"never closed\n3,4\n"), AS_EINPUT, 3, 3, "never closed");
    load_fails(&x, BYTES("a,b\n1,\"2"), AS_EINPUT, 2, 3, "never closed");
    load_fails(&x, BYTES("a,b\n1,\"2\"\""), AS_EINPUT, 2, 3, "never closed");
    load_fails(&x, BYTES("a,b\n1,\""), AS_EINPUT, 2, 3, "never closed");
    load_fails(&x, BYTES("a,b\n1,2\n\xc3\xa9,\"2\"3\n"), AS_EINPUT, 3, 6, "closing quote");
    load_fails(&x, BYTES("a,b\n\"1\" ,2\n"), AS_EINPUT, 2, 4, "closing quote");
    load_fails(&x, BYTES("a,\"b\n1,2\n"), AS_EINPUT, 1, 3, "never closed");
    load_ok(&x, BYTES("a,b\n1,\"2\""));
    ROWS(&x, "1|2");
    fixture_close(&x);
}

static void nul_bytes(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "a!:text b:text");
    load_fails(&x, BYTES("a,b\n1,2\n3\0,4\n"), AS_EINPUT, 3, 2, "NUL byte");
    load_fails(&x, BYTES("a,b\n1,\"2\n3\0\",4\n"), AS_EINPUT, 3, 2, "NUL byte");
    load_fails(&x, BYTES("a,b\n1,2\n\0"), AS_EINPUT, 3, 1, "NUL byte");
    load_fails(&x, BYTES("\0a,b\n1,2\n"), AS_EINPUT, 1, 1, "NUL byte");
    fixture_close(&x);
}

static void blank_and_ragged(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "a!:text b:text c:text");
    load_ok(&x, BYTES("a,b,c\n1,2,3\n\n , ,\t\n4,5\n,,\n6,7,8,9\n10,11,12,,\n13\n\"\",\" \","
                      "\"\n\"\n14,15,16\n\n,,,,\n"));
    ROWS(&x, "1|2|3", "4|5|~", "6|7|8", "10|11|12", "13|~|~", "14|15|16");
    const as_load_report *r = &x.table->report;
    assert_int_equal(r->blank_rows, 6);
    assert_int_equal(r->ragged_count, 3);
    uint32_t ragged[3][3] = {{1, 2, 3}, {2, 4, 3}, {4, 1, 3}};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(r->ragged[i].row, ragged[i][0]);
        assert_int_equal(r->ragged[i].cells, ragged[i][1]);
        assert_int_equal(r->ragged[i].expected, ragged[i][2]);
    }
    uint32_t lines[] = {2, 5, 7, 8, 9, 12};
    for (uint32_t i = 0; i < 6; i++)
        assert_int_equal(as_table_line(x.table, i), lines[i]);
    fixture_close(&x);
}

static void blank_columns(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "a!:text b:text");
    load_ok(&x, BYTES("a,,b,more,,,\n1,,2,x,,,\n3, ,4,y,,\n5,,6,z,!,,\n7,,8,w\n"));
    ROWS(&x, "1|2", "3|4", "5|6", "7|8");
    const as_load_report *r = &x.table->report;
    assert_int_equal(r->blank_columns, 3);
    assert_int_equal(r->ragged_count,
                     0); /* the last row misses columns without a header alone */
    assert_int_equal(r->extra_count, 2);
    str_is(r->extra_headers[0], "more");
    str_is(r->extra_headers[1], "(column 5, without a header)");
    fixture_close(&x);
}

static void header_alone(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "a!:text b:text n:integer");
    const char *texts[] = {"a,b,n", "a,b,n\n", "a,b,n\r\n\r\n", "a,b,n\n , ,\n"};
    for (size_t i = 0; i < 4; i++) {
        load_ok(&x, as_str_from(texts[i]));
        assert_int_equal(x.table->rows, 0);
        assert_true(x.table->columns[0].present);
        assert_int_equal(x.table->report.blank_rows, i < 2 ? 0 : 1);
    }
    fixture_close(&x);
}

/* ---- header ---- */

static void header_search(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x,
                 "urn!:text provision_type!:text places:integer=Places,Max/Estimated;Places");
    load_ok(
        &x,
        BYTES("Children's social care,,\nas at 31 March,,\n\n"
              "\"max/estimated\r\n  PLACES\",Provision\xc2\xa0Type,\" urn \"\n7,Home,A1\n"));
    ROWS(&x, "A1|Home|7");
    assert_int_equal(x.table->report.header_row, 4);
    assert_int_equal(x.table->report.banner_rows, 3);
    assert_int_equal(as_table_line(x.table, 0), 6);
    str_is(x.table->columns[2].header, "max/estimated\r\n  PLACES");
    assert_int_equal(x.table->columns[0].source_col, 2);
    fixture_close(&x);
}

static void header_fixed(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "a!:text b:text");
    x.source.header = 2;
    load_ok(&x, BYTES("a,b\nb,a\n1,2\n"));
    ROWS(&x, "2|1");
    x.source.header = 9;
    load_fails(&x, BYTES("a,b\n1,2\n"), AS_EINPUT, 0, 0, "only 2 rows");
    x.source.header = 2;
    load_fails(&x, BYTES("a,b\n1,2\n"), AS_EINPUT, 2, 0,
               "no column for the required field \"a\"");
    fixture_close(&x);
}

/* Without a required field the row that names most fields is the header. */
static void header_none_required(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "a:text b:text");
    load_ok(&x, BYTES("some a\nb\nb,a,c\n1,2,3\n"));
    ROWS(&x, "2|1");
    load_fails(&x, BYTES("x,y\n1,2\n"), AS_EINPUT, 1, 0, "none of the fields");
    fixture_close(&x);
}

static void header_missing(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "urn!:text=URN sector!:text places!:integer name:text");
    load_fails(&x, BYTES("Banner\nURN,Sectr,Place count,Postcode\n1,2,3,4\n"), AS_EINPUT, 2, 0,
               "did you mean \"Sectr\"?");
    assert_non_null(strstr(x.err.text, "\"places\""));
    assert_non_null(strstr(x.err.text,
                           "row 2 has the headers \"URN\", \"Sectr\", \"Place count\", "
                           "\"Postcode\""));
    assert_int_equal(x.diags.errors, 2);
    assert_non_null(strstr(x.diags.items[0].text.ptr, "sector"));
    str_is(x.diags.items[0].hint, "did you mean \"Sectr\"?");
    assert_non_null(strstr(x.diags.items[1].text.ptr, "places"));
    fixture_close(&x);
}

static void header_twice(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "urn!:text date:date=Date,Inspection;date");
    load_fails(
        &x, BYTES("urn,Date,x,Inspection  date\n"), AS_EINPUT, 1, 0,
        "columns 2 (\"Date\") and 4 (\"Inspection  date\") both match the field \"date\"");
    fixture_close(&x);
}

static void delimiters(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "a!:text b!:text");
    const char *texts[] = {"a,b\n1;1,2\n", "a;b\n\"1,1\";2\n", "a\tb\n1\t2\n", "a|b\n1|2\n"};
    const char *names[] = {"comma", "semicolon", "tab", "bar"};
    const char *first[] = {"1;1|2", "1,1|2", "1|2", "1|2"};
    for (size_t i = 0; i < 4; i++) {
        load_ok(&x, as_str_from(texts[i]));
        ROWS(&x, first[i]);
        str_is(x.table->report.delimiter_name, names[i]);
    }
    x.source.delimiter = ';';
    load_fails(&x, BYTES("a,b\n1,2\n"), AS_EINPUT, 1, 0, "no column");
    x.source.delimiter = '~';
    load_ok(&x, BYTES("a~b\n1~2\n"));
    ROWS(&x, "1|2");
    x.source.delimiter = '"';
    load_fails(&x, BYTES("a~b\n1~2\n"), AS_EINPUT, 0, 0, "cannot be the delimiter");
    fixture_close(&x);
}

/* A banner full of commas above a table of semicolons. */
static void delimiter_by_sense(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "urn!:text places!:integer");
    load_ok(&x, BYTES("One, two, three, four, five, six, and seven\nurn;places\n1;2\n"));
    ROWS(&x, "1|2");
    str_is(x.table->report.delimiter_name, "semicolon");
    fixture_close(&x);
}

/* ---- encodings ---- */

static void encodings(void **state)
{
    (void)state;
    /* "a\n–é€" in each: en dash U+2013, e acute U+00E9, euro U+20AC */
    static const struct {
        const char *declared;
        as_str bytes;
        const char *chosen;
    } cases[] = {
        {"auto", BYTES("a\n\xe2\x80\x93\xc3\xa9\xe2\x82\xac\n"), "utf-8"},
        {"auto",
         BYTES("\xef\xbb\xbf"
               "a\n\xe2\x80\x93\xc3\xa9\xe2\x82\xac\n"),
         "utf-8 (byte order mark)"},
        {"auto", BYTES("a\n\x96\xe9\x80\n"), "windows-1252"},
        {"windows-1252", BYTES("a\n\x96\xe9\x80\n"), "windows-1252"},
        {"mac-roman", BYTES("a\n\xd0\x8e\xdb\n"), "mac-roman"},
        {"auto",
         BYTES("\xff\xfe"
               "a\0\n\0\x13\x20\xe9\0\xac\x20\n\0"),
         "utf-16le (byte order mark)"},
        {"auto", BYTES("\xfe\xff\0a\0\n\x20\x13\0\xe9\x20\xac\0\n"),
         "utf-16be (byte order mark)"},
        {"utf-16le", BYTES("a\0\n\0\x13\x20\xe9\0\xac\x20\n\0"), "utf-16le"},
        {"utf-16be", BYTES("\0a\0\n\x20\x13\0\xe9\x20\xac\0\n"), "utf-16be"},
        {"utf-16", BYTES("\xfe\xff\0a\0\n\x20\x13\0\xe9\x20\xac\0\n"),
         "utf-16be (byte order mark)"},
        {"utf-16", BYTES("a\0\n\0\x13\x20\xe9\0\xac\x20\n\0"), "utf-16le"},
    };
    fixture x;
    fixture_open(&x, "a!:text");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        x.source.encoding = as_str_from(cases[i].declared);
        load_ok(&x, cases[i].bytes);
        ROWS(&x, "\xe2\x80\x93\xc3\xa9\xe2\x82\xac");
        str_is(x.table->report.encoding, cases[i].chosen);
    }
    x.source.encoding = AS_STR("latin-1");
    load_ok(&x, BYTES("a\n\xe9\xa3\n"));
    ROWS(&x, "\xc3\xa9\xc2\xa3");
    x.source.encoding = AS_STR("auto"); /* UTF-16 without a mark, by its zeros */
    load_ok(&x, BYTES("a\0\n\0x\0y\0\n\0\xe9\0\n\0"));
    ROWS(&x, "xy", "\xc3\xa9");
    str_is(x.table->report.encoding, "utf-16le");
    load_ok(&x, BYTES("\xff\xfe"
                      "a\0\n\0\x3d\xd8\x00\xde\n\0")); /* U+1F600 */
    ROWS(&x, "\xf0\x9f\x98\x80");
    fixture_close(&x);
}

/* Only the header shows that the file is not UTF-8. */
static void encoding_of_header(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "a!:text b:text=caf\xc3\xa9");
    load_ok(&x, BYTES("a,caf\xe9,\xa3\n1,2,3\n"));
    ROWS(&x, "1|2");
    str_is(x.table->report.encoding, "windows-1252");
    str_is(x.table->report.extra_headers[0], "\xc2\xa3");
    assert_int_equal(x.diags.count, 0);
    x.source.encoding = AS_STR("utf-8");
    load_fails(&x, BYTES("a,caf\xe9\n1,2\n"), AS_EINPUT, 1, 6, "not valid UTF-8");
    fixture_close(&x);
}

/* The first format that fits wins, also where another could be read faster. */
static void date_formats(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "d!:date e:date");
    static const as_str month_first[] = {{"%m/%d/%Y", 8}, {"%d/%m/%Y", 8}};
    static const as_str day_first[] = {{"%d/%m/%Y", 8}, {"%m/%d/%Y", 8}};
    x.fields[0].formats = month_first;
    x.fields[1].formats = day_first;
    x.fields[0].format_count = x.fields[1].format_count = 2;
    load_ok(&x, BYTES("d,e\n03/04/2017,03/04/2017\n31/12/2016,12/31/2016\n2017-03-31,1\n"));
    ROWS(&x, "2017-03-04|2017-04-03", "2016-12-31|2016-12-31", "~|~");
    assert_int_equal(x.table->columns[0].bad_count, 1);
    fixture_close(&x);
}

static void encodings_wrong(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "a!:text");
    x.source.encoding = AS_STR("utf-8");
    load_fails(&x, BYTES("a\nok\n\xc3\xa9\xe9x\n"), AS_EINPUT, 3, 2,
               "byte 0xE9 is not valid UTF-8");
    x.source.encoding = AS_STR("auto");
    load_fails(&x,
               BYTES("\xef\xbb\xbf"
                     "a\n\xe9\n"),
               AS_EINPUT, 2, 1, "mark of UTF-8");
    load_fails(&x, BYTES("a\nok\nx\x81\n"), AS_EINPUT, 3, 2, "0x81 is no character");
    x.source.encoding = AS_STR("windows-1252");
    load_fails(&x,
               BYTES("\xef\xbb\xbf"
                     "a\nx\n"),
               AS_EINPUT, 1, 1, "begins with the mark of UTF-8");
    x.source.encoding = AS_STR("utf-16le");
    load_fails(&x, BYTES("a\0\n\0x\0\x00\xdcy\0"), AS_EINPUT, 2, 2, "not valid UTF-16");
    load_fails(&x, BYTES("a\0\n\0x\0y"), AS_EINPUT, 2, 2, "not valid UTF-16");
    x.source.encoding = AS_STR("ebcdic");
    load_fails(&x, BYTES("a\n1\n"), AS_EINPUT, 0, 0, "unknown encoding \"ebcdic\"");
    x.source.encoding = AS_STR("auto");
    load_fails(&x, BYTES("\xff\xfe\0\0a\0\0\0"), AS_EINPUT, 1, 1, "UTF-32");
    fixture_close(&x);
}

/* Invalid UTF-8 far into a file that was taken for UTF-8. */
static void encoding_late(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "a!:text b:text");
    as_buf text = AS_BUF(64 * AS_MIB);
    as_buf_add(&text, AS_STR("a,b\n"));
    for (int i = 0; i < 300000; i++)
        as_buf_addf(&text, "row %d,x\n", i);
    as_buf_add(&text, AS_STR("last,caf\xe9\n"));
    load_ok(&x, as_buf_str(&text));
    assert_int_equal(x.table->rows, 300001);
    assert_string_equal(fixture_row(&x, 300000), "last|caf\xc3\xa9");
    str_is(x.table->report.encoding, "windows-1252");
    x.source.encoding = AS_STR("utf-8");
    load_fails(&x, as_buf_str(&text), AS_EINPUT, 300002, 9, "not valid UTF-8");
    as_buf_free(&text);
    fixture_close(&x);
}

/* ---- typing ---- */

static void typing(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "t!:text i:integer n:number d:date");
    static const as_str nulls[] = {{"", 0}, {"NULL", 4}, {"N/A", 3}};
    x.schema.nulls = nulls;
    x.schema.null_count = 3;
    load_ok(&x, BYTES("t,i,n,d\n"
                      " x ,\"1,234\",2.50,31/03/2017\n"
                      "null,-7,-0.5,2016-02-29\n"
                      "N/A,NULL,n/a,\n"
                      "y,1.5,abc,31/02/2017\n"
                      "z,9223372036854775807,1e5, 1/4/2016 \n"
                      "w,12345678,007,2017-3-1\n"));
    ROWS(&x, "x|1234|2.5|2017-03-31", "~|-7|-0.5|2016-02-29", "~|~|~|~", "y|~|~|~",
         "z|9223372036854775807|~|2016-04-01", "w|12345678|7|2017-03-01");
    fixture_close(&x);
}

static void bad_cells(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "t!:text i:integer d:date");
    load_ok(&x, BYTES("t,i,d\nx,one,2017\ny,2,\"a \"\"date\"\"\"\nz,3x,1/4/2016\n"));
    ROWS(&x, "x|~|~", "y|2|~", "z|~|2016-04-01");
    const as_column *i = &x.table->columns[1], *d = &x.table->columns[2];
    assert_int_equal(i->bad_count, 2);
    assert_int_equal(i->bad[0].row, 0);
    str_is(i->bad[0].text, "one");
    assert_int_equal(i->bad[1].row, 2);
    str_is(i->bad[1].text, "3x");
    assert_int_equal(d->bad_count, 2);
    str_is(d->bad[1].text, "a \"date\"");
    as_buf tmp = AS_BUF(AS_KIB);
    str_is(as_cell_raw(x.table, d, 1, &tmp), "a \"date\"");
    as_buf_free(&tmp);
    fixture_close(&x);
}

static void codes(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "s!:code");
    static const as_str variants[] = {{"LA", 2}};
    as_code_entry entries[] = {{AS_STR("Local Authority"), variants, 1, AS_NOWHERE},
                               {AS_STR("Private"), NULL, 0, AS_NOWHERE}};
    as_code_list list = {.name = AS_STR("sectors"), .entries = entries, .count = 2};
    assert_int_equal(as_code_list_seal(&list, x.arena, &x.diags, &x.err), AS_OK);
    x.fields[0].list = &list;
    load_ok(&x, BYTES("s\nPrivate\nLA\nprivate\n Private\nCharity\n\"\"\n"));
    ROWS(&x, "Private", "Local Authority", "Private", "Private", "Charity");
    const as_column *c = &x.table->columns[0];
    assert_int_equal(c->layout, AS_LAYOUT_DICT);
    uint8_t status[] = {AS_CODE_EXACT, AS_CODE_VARIANT, AS_CODE_VARIANT, AS_CODE_EXACT,
                        AS_CODE_UNKNOWN};
    uint32_t first = as_cell_code(c, 0);
    for (uint32_t r = 0; r < 5; r++) {
        const as_dict_entry *d = &c->dict.entries[as_cell_code(c, r)];
        assert_int_equal(d->status, status[r]);
        uint32_t canon = d->canon;
        assert_true(as_str_eq(c->dict.entries[canon].value, d->value));
    }
    assert_int_equal(c->dict.entries[as_cell_code(c, 2)].canon, c->dict.entries[first].canon);
    as_buf tmp = AS_BUF(AS_KIB);
    str_is(as_cell_raw(x.table, c, 1, &tmp), "LA");
    as_buf_free(&tmp);
    fixture_close(&x);
}

static void wanted_only(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "k!:text a:text b:integer");
    static const bool want[] = {false, false, true};
    x.spec.want = want;
    x.schema.key_count = 1; /* field 0 */
    load_ok(&x, BYTES("k,a,b,extra\nK1,x,1,e\nK2,y,2,e\n"));
    assert_int_equal(x.table->columns[1].layout, AS_LAYOUT_ABSENT);
    assert_true(x.table->columns[1].present);
    str_is(x.table->columns[1].header, "a");
    ROWS(&x, "K1|~|1", "K2|~|2");
    str_is(x.table->report.extra_headers[0], "extra");
    fixture_close(&x);
}

/* ---- range, unpivot ---- */

static const char sheet[] = "Title,,,\n"
                            "\n"
                            "Date,Type,\"Children's\nhomes\",Schools,\n"
                            "31/03/2016,Providers,\"2,071\",79,\n"
                            "31/03/2016,Places,,\"1,000\",\n"
                            "31/03/2017,Providers,\"2,145\",\n"
                            "Second,,,\n"
                            "x,y,z,\n";

static void ranges(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "type!:text homes:integer=Children's;homes schools:integer");
    x.source.range = AS_STR("B3:D6");
    load_ok(&x, as_str_from(sheet));
    ROWS(&x, "Providers|2071|79", "Places|~|1000", "Providers|2145|~");
    assert_int_equal(x.table->report.header_row, 3);
    assert_int_equal(x.table->report.banner_rows, 0);
    assert_int_equal(as_table_line(x.table, 0), 5); /* the header has two lines */
    assert_int_equal(x.table->columns[1].source_col, 2);
    assert_int_equal(x.table->report.ragged_count, 0);
    x.source.range = AS_STR("b3:c4");
    load_ok(&x, as_str_from(sheet));
    ROWS(&x, "Providers|2071|~");
    assert_int_equal(x.diags.count, 0);
    x.source.range = AS_STR("B3:D99");
    load_ok(&x, as_str_from(sheet));
    assert_int_equal(x.table->rows, 4);
    assert_int_equal(x.table->report.blank_rows, 1); /* "Second" stands in column A */
    assert_int_equal(x.diags.count, 1); /* a warning: the file ends before the range */
    x.source.range = AS_STR("B30:D99");
    load_fails(&x, as_str_from(sheet), AS_EINPUT, 0, 0, "has only 8");
    const char *wrong[] = {"B3",    "3:6",   "B3:A6",  "B6:D3",
                           "B3-D6", "B0:D6", "B3:D6x", "ZZZZ1:ZZZZ2"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        x.source.range = as_str_from(wrong[i]);
        fixture_write(&x, as_str_from(sheet));
        assert_int_equal(fixture_load(&x), AS_EINPUT);
        assert_non_null(strstr(x.err.text, "is not a range"));
    }
    fixture_close(&x);
}

static void unpivots(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "date!:date type:text provision_type:code n:integer");
    as_code_entry entries[] = {{AS_STR("Children's homes"), NULL, 0, AS_NOWHERE}};
    as_code_list list = {.name = AS_STR("types"), .entries = entries, .count = 1};
    assert_int_equal(as_code_list_seal(&list, x.arena, &x.diags, &x.err), AS_OK);
    x.fields[2].list = &list;
    static const as_str keep[] = {{"date", 4}, {"type", 4}};
    x.schema.unpivot = (as_unpivot){true, keep, 2, AS_STR("provision_type"), AS_STR("n"), true};
    x.source.range = AS_STR("A3:E6");
    load_ok(&x, as_str_from(sheet));
    ROWS(&x, "2016-03-31|Providers|Children's homes|2071", "2016-03-31|Providers|Schools|79",
         "2016-03-31|Places|Schools|1000", "2017-03-31|Providers|Children's homes|2145");
    assert_int_equal(x.table->report.unpivot_empty, 2);
    assert_int_equal(x.table->report.blank_columns, 1);
    assert_int_equal(x.table->report.extra_count, 0);
    assert_int_equal(as_table_line(x.table, 1), 5);
    assert_int_equal(as_table_line(x.table, 2), 6);
    x.schema.unpivot.skip_null = false;
    load_ok(&x, as_str_from(sheet));
    assert_int_equal(x.table->rows, 6);
    assert_string_equal(fixture_row(&x, 2), "2016-03-31|Places|Children's homes|~");
    fixture_close(&x);
}

/* ---- hostile ---- */

static void no_file(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "a!:text");
    load_fails(&x, BYTES(""), AS_EINPUT, 0, 0, "empty");
    load_fails(&x, BYTES("\n\n \n"), AS_EINPUT, 0, 0, "no header");
    load_fails(&x, BYTES("\xef\xbb\xbf"), AS_EINPUT, 0, 0, "no header");
    load_fails(&x, BYTES("PK\x03\x04zip"), AS_EINPUT, 0, 0, "spreadsheet");
    load_fails(&x, BYTES("SQLite format 3\0xyz"), AS_EINPUT, 0, 0, "SQLite");
    unlink(x.path);
    assert_int_equal(fixture_load(&x), AS_EIO);
    assert_non_null(strstr(x.err.text, "extracts/things.csv"));
    assert_int_equal(mkdir(x.path, 0700), 0);
    assert_int_equal(fixture_load(&x), AS_EIO);
    assert_non_null(strstr(x.err.text, "folder"));
    rmdir(x.path);
    assert_int_equal(mkfifo(x.path, 0600), 0);
    assert_int_equal(fixture_load(&x), AS_EIO);
    assert_non_null(strstr(x.err.text, "not an ordinary file"));
    if (geteuid() != 0) { /* root reads everything */
        unlink(x.path);
        fixture_write(&x, BYTES("a\n1\n"));
        chmod(x.path, 0);
        assert_int_equal(fixture_load(&x), AS_EIO);
    }
    fixture_close(&x);
}

static void too_many_columns(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "a!:text");
    as_buf text = AS_BUF(AS_MIB);
    as_buf_add(&text, AS_STR("a"));
    for (int i = 1; i < AS_COLUMNS_MAX; i++)
        as_buf_addf(&text, ",c%d", i);
    as_buf_add(&text, AS_STR("\n1\n"));
    load_ok(&x, as_buf_str(&text));
    ROWS(&x, "1");
    assert_int_equal(x.table->report.extra_count, AS_COLUMNS_MAX - 1);
    as_buf_clear(&text);
    as_buf_add(&text, AS_STR("a"));
    for (int i = 1; i < 10000; i++)
        as_buf_addf(&text, ",c%d", i);
    as_buf_add(&text, AS_STR("\n1\n"));
    load_fails(&x, as_buf_str(&text), AS_EBUDGET, 1, 0, "10000 columns");
    /* As many cells in a record are a finding. */
    as_buf_clear(&text);
    as_buf_add(&text, AS_STR("a,b\n1,2\nx"));
    for (int i = 1; i < 10000; i++)
        as_buf_add(&text, AS_STR(",y"));
    load_ok(&x, as_buf_str(&text));
    ROWS(&x, "1", "x");
    assert_int_equal(x.table->report.ragged_count, 1);
    assert_int_equal(x.table->report.ragged[0].cells, 10000);
    as_buf_free(&text);
    fixture_close(&x);
}

static void huge_cells(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "a!:text b:text");
    size_t size = 100 * AS_MIB;
    char *text = as_alloc(size);
    memset(text, 'x', size);
    memcpy(text, "a,b\n1,", 6);
    load_fails(&x, (as_str){text, size}, AS_EBUDGET, 2, 3, "64 MiB");
    text[6] = '"';
    text[size - 1] = '"';
    load_fails(&x, (as_str){text, size}, AS_EBUDGET, 2, 4, "64 MiB");
    /* A line of 100 MB made of smaller cells is a record with too many of them. */
    text[6] = 'x';
    text[size - 1] = 'x';
    for (size_t i = 7; i < size; i += 1000)
        text[i] = ',';
    load_ok(&x, (as_str){text, size});
    assert_int_equal(x.table->rows, 1);
    assert_int_equal(x.table->report.ragged_count, 1);
    as_free(text);
    fixture_close(&x);
}

/* Every allocation fails once, and from then on: an error that says so, or no harm done. */
static void out_of_memory(void **state)
{
    (void)state;
    static const char text[] =
        "k,,n,d,c\nx,,1,31/03/2017,\"a\"\"b\"\ny\n\nz,,q,w,c,,,!\n\"1\n\",,2\n";
    static const char *const scans[] = {"reference", NULL};
    fixture x;
    fixture_open(&x, "k!:text n:integer d:date c:text");
    fixture_write(&x, as_str_from(text));
    for (int way = 0; way < 4; way++) {
        x.spec.force_scan = scans[way & 1];
        x.spec.segment_bytes = 7;
        unsigned good = 0;
        for (long n = 0; n < 400; n++) {
            as_table_close(x.table);
            x.table = NULL;
            as_alloc_fail_after(n, way >= 2);
            x.code = as_input_load(&x.table, &x.spec, NULL, NULL, &x.err);
            as_alloc_fail_after(-1, false);
            assert_true(x.code == AS_ENOMEM || x.code == AS_OK);
            good += x.code == AS_OK;
            if (x.code == AS_OK)
                ROWS(&x, "x|1|2017-03-31|a\"b", "y|~|~|~", "z|~|~|c", "1|2|~|~");
        }
        assert_in_range(good, 1, 380);
    }
    fixture_close(&x);
}

/* What a digest is made of: the bytes as they are, byte order mark and all, until somebody
 * changes them. */
static void file_bytes(void **state)
{
    (void)state;
    fixture x;
    fixture_open(&x, "abc:text");
    load_ok(&x, BYTES("\xef\xbb\xbf"
                      "abc"));
    str_is(x.table->file, "\xef\xbb\xbf"
                          "abc");
    assert_int_equal(x.table->report.bytes, 6);
    assert_int_equal(as_table_unchanged(x.table, &x.err), AS_OK);
    FILE *f = fopen(x.path, "a");
    assert_non_null(f);
    assert_int_equal(fputc('!', f), '!');
    assert_int_equal(fclose(f), 0);
    assert_int_equal(as_table_unchanged(x.table, &x.err), AS_EIO);
    str_is(x.table->path, "extracts/things.csv");
    str_is(x.table->name, "things");
    fixture_close(&x);
}

static void registry(void **state)
{
    (void)state;
    assert_true(as_reader_count >= 1);
    assert_string_equal(as_readers[0]->name, "csv");
    for (size_t i = 0; i < as_reader_count; i++)
        assert_non_null(as_readers[i]->summary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_ends),        cmocka_unit_test(quotes),
        cmocka_unit_test(broken_quotes),    cmocka_unit_test(nul_bytes),
        cmocka_unit_test(blank_and_ragged), cmocka_unit_test(blank_columns),
        cmocka_unit_test(header_alone),     cmocka_unit_test(header_search),
        cmocka_unit_test(header_fixed),     cmocka_unit_test(header_none_required),
        cmocka_unit_test(header_missing),   cmocka_unit_test(header_twice),
        cmocka_unit_test(delimiters),       cmocka_unit_test(delimiter_by_sense),
        cmocka_unit_test(encodings),        cmocka_unit_test(encoding_of_header),
        cmocka_unit_test(date_formats),     cmocka_unit_test(encodings_wrong),
        cmocka_unit_test(encoding_late),    cmocka_unit_test(typing),
        cmocka_unit_test(bad_cells),        cmocka_unit_test(codes),
        cmocka_unit_test(wanted_only),      cmocka_unit_test(ranges),
        cmocka_unit_test(unpivots),         cmocka_unit_test(no_file),
        cmocka_unit_test(too_many_columns), cmocka_unit_test(huge_cells),
        cmocka_unit_test(file_bytes),       cmocka_unit_test(registry),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
