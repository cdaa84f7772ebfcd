/* test_csv_diff.c: the fast CSV reader against the plain one. For random and for hostile texts
 * every scan, segment size and number of workers must give the same table, line for line, or
 * the same error, word for word. The plain reader is itself tested in test_input.c. */
#include "unit/csv_diff.h"

/* ---- hostile texts ---- */

#define HEAD "k,n,d,x,t,c,s\n"

static void hostile(void **state)
{
    (void)state;
    static const char *const texts[] = {
        HEAD "a,1,31/03/2017,1.5,t,Red,s",
        HEAD "a,1,31/03/2017,1.5,t,Red,s\r\n\r\nb,2,2017-04-01,2,u,rot,\"\"",
        "k,n,d,x,t,c,s\r\na,1,31/03/2017,1.5,t,Red,s\r\nb,2,2017-04-01,2,u,rot,v\r\n",
        "k,n,d,x,t,c,s\ra,1,31/03/2017,1.5,t,Red,s\rb,2,2017-04-01,2,u,rot,v\r",
        "k,n,d,x,t,c,s\ra,1,31/03/2017,1.5,t,Red,s\n\rb,2,2017-04-01,2,u,rot,v\r\r\n\n",
        /* quoted line ends everywhere */
        HEAD "\"a\n\n\n\",\"1\",\"31/03/2017\",\"1.5\",\"\n\",\"Red\",\"\r\n\r\n\"\n"
             "\"\r\",\"1\n\",\"31/03/2017\",\"\n1.5\",\"\n\r\",\"Red\n\",\"x\"\n\"\n\"\n",
        /* a quote that opens early and closes many segments later, then another */
        HEAD
        "a,1,,,\"one\ntwo\nthree,four,\"\"five\"\"\nsix\nseven\neight\nnine\nten\neleven\n"
        "twelve\nthirteen\nfourteen\nfifteen\",Red,s\nb,2,,,\"\n\n\n\n\n\n\n\n\n\n\n\n\n\"\n",
        /* quotes that only look like quotes */
        HEAD "5\",6\" x,a\"b\"c,\"\",\"\"\"\",\"\"\"\"\"\",'\"'\nb\"\nc,\"\n\"\n\"d\"\n",
        HEAD "a,1,,,t\",Red,\"s\nu,v\"\nb,\",\"\n,,\",\nd,\"x\"\n",
        /* errors */
        HEAD "a,1,,,\"never closed\nb,2\nc,3\n",
        HEAD "a,1\nb,\"2\"x,3\nc,\"never closed\nb,2\nc,3\n",
        HEAD "a,1\nb,\"2\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\"x,3\n",
        HEAD "a,1\nb,2\"\n\n\nc,\"",
        /* blank and ragged records, in front, between, behind */
        HEAD "\n\n , ,\na\n\n\nb,1,2,3,4,5,6,7,8\n,,,,,,\n\"\",\" \"\n,,,,,,,,,\nc,,,,,,,,\n\n",
        HEAD "\n",
        HEAD ",,,,,,",
        HEAD " ",
        HEAD "\"\"",
        HEAD "a\n\xc2\xa0,\xef\xbb\xbf\nb",
        /* cells that are not plain */
        HEAD
        " a ,\" 1 \", 31/03/2017 ,\"1,234.5\", t ,RED,\"x [note] y\"\n"
        "N/A,n/a,N/a,-,-,-,-\n-1,-1,-,-1,- ,blue,[all]\n"
        "123456789012345678901234567890,99999999999999999999,1/4/2017,1e5,,Green,\n"
        "12345678,12345678,29/02/2016,0.1,1,Blue,s\n"
        "123456789,1234567890123456,30/02/2016,123456789.123456,1,Blue,s\n"
        "x,007,2016-02-29,.5,1,Blue,s\ny,+7,2016-02-30,5.,1,Blue,s\nz,1.0,0017-01-01,-0,,,\n"
        "w,1-2,31-03-2017,1.2.3,,,\nv,12a45678,3a/03/2017,1,,,\n",
        /* encodings */
        HEAD "caf\xc3\xa9,1\nb,2\n",
        HEAD "caf\xe9,1\nb,2\n",
        HEAD "a,1\nb,2\nc,3\nd,4\ne,5\nf\xe9\ng\n",
        "\xef\xbb\xbf" HEAD "a,1\nb\xe9,2\n",
        "\xef\xbb\xbf" HEAD "a,1\n\"b\n\n\n\n\n\n\n\n\xe9\",2\n\"c\n",
        HEAD "a,\x81\nb,\xe9\n",
        /* columns without a header */
        "k,n,d,x,t,c,s,,\na,1,,,,,,,\nb,2,,,,,,,\nc,3,,,,,,,,\n",
        "k,,n,d,x,t,c,s,,,\na,,1,,,,,,,!\nb,,2,,,,,,,,,\nc, ,3\n",
        "k;n;d\na;1,5;\n\"b;\n\";2;31/03/2017\n",
        HEAD "\"\"\"\"\"\"\n\"\"\n\"\"\"x\"\n\"x\"\nx\na\"b\n\"a\"\"b\"\n\"a\"\"b\"\n",
        "k\na\n\nb\n \n\"\n\"\nc\n",
        "k\n\"a\"\n\"\"\n\"\"\"\"\n",
    };
    fixture x;
    open_fixture(&x);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        all_ways(&x, as_str_from(texts[i]));
    all_ways(&x, AS_STR(HEAD "a,1\nb,\0002\nc,3\n"));
    all_ways(&x, AS_STR(HEAD "a,1\n\"b\n\n\n\n\n\n\0\n\",2\nc,3\n"));
    all_ways(&x, AS_STR(HEAD "a,1\nb,2\nc,\"\0"));
    fixture_close(&x);
}

/* The end of a line at every place around the borders of 64 bytes. */
static void borders(void **state)
{
    (void)state;
    fixture x;
    open_fixture(&x);
    as_buf text = AS_BUF(AS_MIB);
    for (int i = 40; i < 72; i++) {
        as_buf_clear(&text);
        as_buf_addf(&text, "k,n,t\r\n%*s,1,\"\r\n\"\r\nb\r,\"2\"\r\n\"\"\"\",3,%*s\r", i, "a",
                    i, "\"");
        all_ways(&x, as_buf_str(&text));
    }
    as_buf_free(&text);
    fixture_close(&x);
}

/* ---- random texts ---- */

static void add_cell(as_buf *b, unsigned wild)
{
    static const char *const cells[] = {
        "a",          "b",          "",     " ",
        "31/03/2017", "2017-03-31", "12",   "1,234",
        "3.5",        "N/A",        "Red",  "rot",
        "blue ",      "x [note]",   "-",    "longer text than eight",
        "q\"q",       "line\nline", "\r\n", "caf\xc3\xa9",
        "12345678",   "123456789",  "\"",   "\"\""};
    if (pick(100) < wild) { /* anything at all */
        static const char bytes[] = "\",\"\n\r a1\xc3\xa9\"";
        for (unsigned n = pick(6); n; n--)
            as_buf_addc(b, bytes[pick(sizeof bytes - 1)]);
        return;
    }
    const char *cell = cells[pick(sizeof cells / sizeof *cells)];
    bool quote = strpbrk(cell, ",\"\r\n") || pick(4) == 0;
    if (quote)
        as_buf_addc(b, '"');
    for (const char *p = cell; *p; p++) {
        if (*p == '"')
            as_buf_addc(b, '"');
        as_buf_addc(b, *p);
    }
    if (quote)
        as_buf_addc(b, '"');
}

static void make_text(as_buf *b, unsigned wild)
{
    static const char *const ends[] = {"\n", "\r\n", "\r"};
    unsigned end = pick(3), rows = pick(60), columns = 7 + (pick(4) == 0) * pick(4);
    bool mixed = pick(5) == 0, ragged = pick(3) == 0;
    as_buf_clear(b);
    as_buf_add(b, AS_STR("k,n,d,x,t,c,s"));
    for (unsigned i = 7; i < columns; i++)
        as_buf_addc(b, ',');
    for (unsigned r = 0; r < rows; r++) {
        as_buf_add(b, as_str_from(ends[mixed ? pick(3) : end]));
        unsigned cells = ragged && pick(4) == 0 ? pick(12) : columns;
        for (unsigned i = 0; i < cells; i++) {
            if (i)
                as_buf_addc(b, ',');
            add_cell(b, wild);
        }
    }
    if (pick(2))
        as_buf_add(b, as_str_from(ends[end]));
}

static void random_texts(void **state)
{
    (void)state;
    fixture x;
    open_fixture(&x);
    as_buf text = AS_BUF(AS_MIB);
    int rounds = getenv("ASSAY_DIFF_ROUNDS") ? atoi(getenv("ASSAY_DIFF_ROUNDS")) : 300;
    seed = getenv("ASSAY_DIFF_SEED") ? strtoull(getenv("ASSAY_DIFF_SEED"), NULL, 10) : seed;
    for (int i = 0; i < rounds; i++) {
        make_text(&text, i % 4 == 0 ? 3 : 0);
        expected want = read_plain(&x, as_buf_str(&text));
        for (int k = 0; k < 8; k++)
            if (!try_one(&x, &want, pick(SCANS), pick(SIZES), pick(JOBS)))
                k--;
        as_table_close(want.table);
    }
    x.pool = NULL;
    as_buf_free(&text);
    fixture_close(&x);
}

/* ---- columns that change their layout, dictionaries that outgrow their codes ---- */

static void layouts(void **state)
{
    (void)state;
    fixture x;
    open_fixture(&x);
    as_buf text = AS_BUF(64 * AS_MIB);
    as_buf_add(&text, AS_STR("k,n,d,x,t,c,s\n"));
    /* The sample sees few values of k, short unique ones of t; later k has 70,000 and t long
     * ones. */
    for (unsigned i = 0; i < 90000; i++) {
        unsigned k = i < 20000 ? i % 50 : i;
        as_buf_addf(&text, "key %u,%u,%02u/%02u/%u,%u.%02u,t%u%s,%s,s%u\n", k, i, i % 28 + 1,
                    i % 12 + 1, 1900 + i % 250, i, i % 100, i, i < 80000 ? "" : " and longer",
                    i % 2 ? "Red" : "blue", i < 30000 ? i % 10 : i % 300);
    }
    expected want = read_plain(&x, as_buf_str(&text));
    for (unsigned j = 0; j < JOBS; j++) {
        for (size_t size = 4096; size <= AS_MIB; size *= 256) {
            same_as_plain(&x, &want, size, j);
            assert_int_equal(x.table->columns[4].layout, AS_LAYOUT_SLICE);
            assert_int_equal(x.table->columns[6].width, 2);
        }
    }
    as_table_close(want.table);
    as_buf_free(&text);
    fixture_close(&x);
}

/* Which row the index of a table finds first for the k of each row. */
static uint32_t *first_rows(const as_table *t)
{
    as_key key = {.table = t, .fields = {0}, .count = 1};
    uint32_t *out = malloc((t->rows + 1) * sizeof *out);
    uint64_t hashes[AS_BLOCK];
    as_index *index;
    as_err e;
    assert_non_null(out);
    assert_int_equal(as_index_open(&index, &key, NULL, &e), AS_OK);
    for (uint32_t row = 0; row < t->rows; row += AS_BLOCK) {
        uint32_t n = t->rows - row < AS_BLOCK ? t->rows - row : AS_BLOCK;
        as_key_block(&key, row, n, hashes);
        as_index_first_block(index, &key, row, n, hashes, out + row);
    }
    as_index_close(index);
    return out;
}

/* A column of short keys in which a few are long: packed all the same, and found all the same.
 */
static void packed(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
    } longs[] = {{"a long key ", ""},
                 {"  a long key ", " "},
                 {"\"a long key ", "\""},
                 {"12345678", ""},
                 {"a longer key than the others ", ""}};
    fixture x;
    open_fixture(&x);
    as_buf text = AS_BUF(64 * AS_MIB);
    as_buf_add(&text, AS_STR("k,n,d,x,t,c,s\n"));
    for (unsigned i = 0; i < 20000; i++) {
        if (i % 60)
            as_buf_addf(&text, "SC%u,,,,t,,\n", i * 7919 % 20000 / 5);
        else
            as_buf_addf(&text, "%s%u%s", longs[i / 60 % 5].before, i / 900,
                        longs[i / 60 % 5].after);
        as_buf_add(&text, i % 60 ? AS_STR("") : AS_STR(",,,,t,,\n"));
    }
    expected want = read_plain(&x, as_buf_str(&text));
    assert_int_equal(want.code, AS_OK);
    uint32_t *rows = first_rows(want.table);
    for (unsigned j = 0; j < JOBS; j++) {
        same_as_plain(&x, &want, 4096, j);
        assert_int_equal(x.table->columns[0].layout, AS_LAYOUT_PACK8);
        uint32_t *mine = first_rows(x.table);
        assert_memory_equal(mine, rows, want.table->rows * sizeof *rows);
        free(mine);
    }
    free(rows);
    as_table_close(want.table);
    as_buf_free(&text);
    fixture_close(&x);
}

/* Half of the cells of a key are one value; the other keys are all different. That half says
 * nothing of how many there are. */
static void skewed(void **state)
{
    (void)state;
    fixture x;
    open_fixture(&x);
    as_buf text = AS_BUF(AS_MIB);
    as_buf_add(&text, AS_STR("k,n,d,x,t,c,s\n"));
    for (unsigned i = 0; i < 20000; i++)
        as_buf_addf(&text, "%s%u,,,,K%u,,\n",
                    i % 2 ? "one and the same name " : "a name of its own ", i % 2 ? 0 : i,
                    i % 2 ? 0 : i);
    expected want = read_plain(&x, as_buf_str(&text));
    same_as_plain(&x, &want, 4096, 1);
    assert_int_equal(x.table->columns[0].layout, AS_LAYOUT_SLICE);
    assert_int_equal(x.table->columns[4].layout, AS_LAYOUT_PACK8);
    as_table_close(want.table);
    as_buf_free(&text);
    fixture_close(&x);
}

/* Null tokens among texts that are no dictionary, and tokens that look like numbers and dates.
 */
static void tokens(void **state)
{
    (void)state;
    static const as_str marks[] = {
        {"n/a", 3}, {"999", 3}, {"01/01/1900", 10}, {"\xe2\x80\x93", 3}};
    static const char *const odd[] = {
        "N/A",  "n/a              ", " N/A",     "\"n/a\"",      "N/A1", "999",
        "0999", "01/01/1900",        "1/1/1900", "\xe2\x80\x93", "-",    "",
        "na",   "nnnnnnnnnnnn"};
    fixture x;
    open_fixture(&x);
    x.schema.null_count = sizeof marks / sizeof *marks;
    as_buf text = AS_BUF(AS_MIB);
    for (size_t dash = 0; dash < 2; dash++) {
        x.schema.nulls = marks;
        x.schema.null_count =
            sizeof marks / sizeof *marks - dash; /* with and without the dash */
        as_buf_clear(&text);
        as_buf_add(&text, AS_STR("k,n,d,x,t,c,s\n"));
        for (unsigned i = 0; i < 3000; i++) {
            const char *cell = odd[i / 9 % (sizeof odd / sizeof *odd)];
            const char *brief = strlen(cell) <= 8 ? cell : "999";
            if (i % 9)
                as_buf_addf(&text, "name number %u of a long list,1,,2,t%u,,\n", i, i);
            else
                as_buf_addf(&text, "%s,%s,%s,%s,%s,%s,%s\n", cell, cell, cell, cell, brief,
                            cell, cell);
        }
        expected want = read_plain(&x, as_buf_str(&text));
        for (unsigned j = 0; j < JOBS; j++) {
            same_as_plain(&x, &want, 4096, j);
            assert_int_equal(x.table->columns[0].layout, AS_LAYOUT_SLICE);
            assert_int_equal(x.table->columns[4].layout, AS_LAYOUT_PACK8);
        }
        as_table_close(want.table);
    }
    as_buf_free(&text);
    fixture_close(&x);
}

/* Quotes around cells of every layout: around all of them, around some, and in them. A quote in
 * a cell without outer ones stands for itself, so that a""b and "a""b" are two texts. */
static void quoted(void **state)
{
    (void)state;
    static const char *const odd[] = {
        "a\"\"b",         "\"a\"\"b\"",   "a\"b",       "\"\"",        "\"\"\"\"", "\"\"\"a\"",
        "\" a \"",        "\"\"\"\"\"\"", "\"12\"\"\"", "1\"",         "\" 12 \"", "\"N/A\"",
        "\"31/03/2017\"", "31/03/\"17",   "\"1\"\"2\"", "\"12345678\""};
    static const char *const q[] = {"", "\""};
    fixture x;
    open_fixture(&x);
    as_buf text = AS_BUF(AS_MIB);
    for (unsigned some = 0; some < 4; some++) { /* none, half, all of the plain cells */
        as_buf_clear(&text);
        as_buf_add(&text, AS_STR("k,n,d,x,t,c,s\n"));
        for (unsigned i = 0; i < 3000; i++) {
            const char *o = odd[pick(sizeof odd / sizeof *odd)];
            const char *z = q[some == 1 ? pick(2) : some / 2];
            if (i % 40 == 0 && some < 3)
                as_buf_addf(&text, "%s,%s,%s,%s,%s,%s,%s\n", o, o, o, o, o, o, o);
            else
                as_buf_addf(&text,
                            "%sname number %u of a "
                            "list%s,%s%u%s,%s%02u/03/2017%s,%s%u.5%s,%st%u%s,%sRed%s,"
                            "%ss%u%s\n",
                            z, i, z, z, i, z, z, i % 31 + 1, z, z, i, z, z, i, z, z, z, z,
                            i % 9, z);
        }
        expected want = read_plain(&x, as_buf_str(&text));
        for (unsigned j = 0; j < JOBS; j++) {
            same_as_plain(&x, &want, 4096, j);
            assert_int_equal(x.table->columns[0].layout, AS_LAYOUT_SLICE);
            assert_int_equal(x.table->columns[4].layout, AS_LAYOUT_PACK8);
        }
        as_table_close(want.table);
    }
    as_buf_free(&text);
    fixture_close(&x);
}

/* Errors in nearly every segment at once: the first in the file is the one that is told. */
static void many_errors(void **state)
{
    (void)state;
    fixture x;
    open_fixture(&x);
    as_buf text = AS_BUF(4 * AS_MIB);
    as_buf_add(&text, AS_STR("k,n,d,x,t,c,s\na,1\nb,2\n"));
    for (unsigned i = 0; i < 20000; i++) {
        as_buf_addf(&text, "a,%u", i);
        as_buf_add(&text, i % 50 == 49 ? AS_STR("\0\n") : AS_STR("\n"));
    }
    expected want = read_plain(&x, as_buf_str(&text));
    assert_int_equal(want.code, AS_EINPUT);
    assert_int_equal(want.err.at.line, 53);
    for (unsigned k = 0; k < 60; k++)
        try_one(&x, &want, 0, 2 + k % 3, k % JOBS);
    x.pool = NULL;
    as_buf_free(&text);
    fixture_close(&x);
}

/* One cell of many megabytes with lines in it, in the middle of a file. */
static void one_huge_cell(void **state)
{
    (void)state;
    fixture x;
    open_fixture(&x);
    as_buf text = AS_BUF(128 * AS_MIB);
    as_buf_add(&text, AS_STR("k,n,t\n1,1,1\n2,2,\""));
    for (unsigned i = 0; i < 400000; i++)
        as_buf_addf(&text, "line %u, \"\"quoted\"\"\n", i);
    as_buf_add(&text, AS_STR("\"\n3,3,3\n"));
    expected want = read_plain(&x, as_buf_str(&text));
    assert_int_equal(want.code, AS_OK);
    assert_int_equal(want.table->rows, 3);
    for (unsigned j = 0; j < JOBS; j++) {
        same_as_plain(&x, &want, 65536, j);
    }
    as_table_close(want.table);
    as_buf_free(&text);
    fixture_close(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hostile),      cmocka_unit_test(borders),
        cmocka_unit_test(random_texts), cmocka_unit_test(layouts),
        cmocka_unit_test(packed),       cmocka_unit_test(one_huge_cell),
        cmocka_unit_test(tokens),       cmocka_unit_test(many_errors),
        cmocka_unit_test(quoted),       cmocka_unit_test(skewed),
    };
    return cmocka_run_group_tests(tests, open_pools, close_pools);
}
