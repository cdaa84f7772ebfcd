/* test_csv_hostile.c: files that someone might make in order to fool a reader that cuts them
 * into segments, and files whose columns do not stay what they were at the beginning. As in
 * test_csv_diff.c every scan, segment size and number of workers must tell the plain reader's
 * story. ASSAY_DIFF_SEED and ASSAY_DIFF_ROUNDS make more of the random ones. */
#include "unit/csv_diff.h"

/* Sanitizers take twenty times as long: for them large texts are smaller, and the one that
 * looks at threads sees no more than it must. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { LARGE = 5 << 20 };
#else
enum { LARGE = 50 << 20 };
#endif
#if defined(__SANITIZE_THREAD__)
enum { FIRST_SCAN = SCANS, FIRST_JOB = JOBS - 1 };
#else
enum { FIRST_SCAN = 0, FIRST_JOB = 0 };
#endif

/* Large texts: every scan, segment sizes and workers in turn. */
static void some_ways(fixture *x, as_str text, const size_t *bytes, size_t count)
{
    expected want = read_plain(x, text);
    for (unsigned i = FIRST_SCAN; i < SCANS; i++)
        try_size(x, &want, i, bytes[i % count], i % JOBS);
    for (size_t k = 0; k < count; k++)
        for (unsigned j = FIRST_JOB; j < JOBS; j++)
            try_size(x, &want, 0, bytes[k], j);
    as_table_close(want.table);
    x->pool = NULL;
}

/* ---- borders of segments ---- */

/* Records in which nearly every byte matters, moved on by one byte at a time, so that each of
 * their bytes is once the last of a block, once the last of a segment. */
static void every_shift(void **state)
{
    (void)state;
    static const char body[] =
        "\r\n\"a\r\n\r\n\",\"1\",31/03/2017,\"1\r\n\",\"\"\"\",Red,\"\"\"\r\n\"\r\n"
        "b\r\r\n\n\r,2,,,\",\",\"\"\"\"\"\",\"\r\"\r\n"
        "\"one\r\n\"\"two\"\"\r\nthree,four\n\r\nfive\",5,,,\"\",rot\r\n\r\n"
        ",,,,,,\r\nc,\"3\",\"31/03/2017\"\r";
    fixture x;
    open_fixture(&x);
    as_buf text = AS_BUF(AS_MIB);
    for (int i = 1; i <= 64; i++) {
        as_buf_clear(&text);
        as_buf_addf(&text, "k,n,d,x,t,c,s\r\n%*s", i, "z");
        as_buf_add(&text, (as_str){body, sizeof body - 1});
        all_ways(&x, as_buf_str(&text));
    }
    as_buf_free(&text);
    fixture_close(&x);
}

/* A quote that opens in one segment of 64 bytes and closes in it or up to five later, at every
 * distance; what is inside looks like records, with a quote or without. */
static void long_quotes(void **state)
{
    (void)state;
    static const char *const insides[] = {"k,1\n", "\"\"\n,\"\"", "\r\n\"\",\"\"\r\n", "\n"};
    fixture x;
    open_fixture(&x);
    as_buf text = AS_BUF(AS_MIB);
    for (unsigned length = 0; length < 330; length += 1 + length / 40) {
        const char *inside = insides[length % 4];
        as_buf_clear(&text);
        as_buf_add(&text, AS_STR("k,n,d,x,t,c,s\na,1,31/03/2017\nb,2,,,\""));
        for (unsigned n = 0; n < length; n += (unsigned)strlen(inside))
            as_buf_add(&text, as_str_from(inside));
        as_buf_addf(&text, "\",Red\nc,3,,,\"%.*s\"\nd,4\n", (int)(length % 64),
                    "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n");
        all_ways(&x, as_buf_str(&text));
        as_buf_clear(&text); /* the same, but it never closes */
        as_buf_add(&text, AS_STR("k,n,d,x,t,c,s\na,1,31/03/2017\nb,2,,,\""));
        for (unsigned n = 0; n < length; n += (unsigned)strlen(inside))
            as_buf_add(&text, as_str_from(inside));
        all_ways(&x, as_buf_str(&text));
    }
    as_buf_free(&text);
    fixture_close(&x);
}

/* ---- one thing over and over ---- */

static const size_t segments[] = {333, 4096, 65536};

static void only(fixture *x, as_buf *text, const char *head, const char *piece, unsigned times,
                 const char *tail)
{
    as_buf_clear(text);
    as_buf_add(text, as_str_from(head));
    for (unsigned i = 0; i < times; i++)
        as_buf_add(text, as_str_from(piece));
    as_buf_add(text, as_str_from(tail));
    some_ways(x, as_buf_str(text), segments, 3);
}

static void monotonous(void **state)
{
    (void)state;
    static const char head[] = "k,n,d,x,t,c,s\n";
    fixture x;
    open_fixture(&x);
    as_buf text = AS_BUF(8 * AS_MIB);
    static const char *const pieces[] = {
        "\n",       "\r",      "\r\n",         ",",  ",,,,,,\n", ",,,,,,,,,,,,,\r\n",
        "\"\"",     "\"\n\"",  "\"\"\"",       " ",  "\"\",",    "\"\r\n\",\"\n\"\n",
        "a",        "\"a\"\n", "a,\"\n\n\"\n", "\t", "\n\r",     "\xc3\xa9",
        "\"a\",1\n"};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        only(&x, &text, head, pieces[i], 20000, "");
        only(&x, &text, head, pieces[i], 20000, "\nz,1\n\"y\",\"2");
    }
    only(&x, &text, "", "\n", 100, ""); /* no header at all */
    only(&x, &text, "", ",", 100, "");
    only(&x, &text, "", "\"", 100, "");
    only(&x, &text, "k,n,d,x,t,c,s", "", 0, ""); /* a file of one line */
    only(&x, &text, "k,n,d,x,t,c,s,", "extra,", 4000, "");
    only(&x, &text, "k,n,d,x,t,c,s,", "extra,", 5000, ""); /* more columns than there may be */
    for (unsigned i = 10000; i < 20000; i += 1000) { /* a NUL after more cells than are kept */
        only(&x, &text, "k,n,d,x,t,c,s\na,1\n", ",", 20000, "\nb,2\n");
        text.ptr[i] = 0;
        some_ways(&x, as_buf_str(&text), segments, 3);
    }
    as_buf_free(&text);
    fixture_close(&x);
}

/* ---- large ones ---- */

static void fifty_megabytes(void **state)
{
    (void)state;
    static const size_t bytes[] = {65536, AS_SEGMENT_BYTES};
    fixture x;
    open_fixture(&x);
    as_buf text = AS_BUF(256 * AS_MIB);
    as_buf line = AS_BUF(AS_MIB);
    while (line.len < 64 * AS_KIB)
        as_buf_add(&line, AS_STR("\"\"lines\"\", commas\n, and \r\n"));
    as_buf_add(&text, AS_STR("k,n,t\n1,1,1\n2,2,\""));
    while (text.len < LARGE)
        as_buf_add(&text, as_buf_str(&line));
    size_t end = text.len;
    as_buf_add(&text, AS_STR("\",3\n3,3,3\n"));
    some_ways(&x, as_buf_str(&text), bytes, 2);
    text.len = end; /* it does not close */
    some_ways(&x, as_buf_str(&text), bytes, 2);
    while (text.len < LARGE / 10 * 13) /* longer than a cell may be, where LARGE is */
        as_buf_add(&text, as_buf_str(&line));
    as_buf_add(&text, AS_STR("\",3\n3,3,3\n"));
    some_ways(&x, as_buf_str(&text), bytes, 2);
    as_buf_clear(&text); /* and without quotes */
    as_buf_add(&text, AS_STR("k,n,t\n1,1,1\n2,2,"));
    while (text.len < LARGE)
        as_buf_add(&text, AS_STR("no line ends, no commas: the next mark; and words "));
    as_buf_add(&text, AS_STR("\n3,3,3\n"));
    for (size_t i = 18; i < text.len; i++)
        if (text.ptr[i] == ',' && i + 10 < text.len)
            text.ptr[i] = ';';
    some_ways(&x, as_buf_str(&text), bytes, 2);
    as_buf_free(&line);
    as_buf_free(&text);
    fixture_close(&x);
}

/* A mark before the text, so that pieces of the file and of the text do not begin alike; at
 * every border of 512 KiB of the file a record that is longer than what is read beyond it, one
 * that is just as long, bad cells, short and long texts that stay. */
static void borders_of_windows(void **state)
{
    (void)state;
    static const size_t bytes[] = {AS_SEGMENT_BYTES, 4 * AS_SEGMENT_BYTES};
    fixture x;
    open_fixture(&x);
    as_buf text = AS_BUF(16 * AS_MIB);
    as_buf_add(&text, AS_STR("\xef\xbb\xbf"
                             "k,n,d,x,t,c,s\r\n"));
    for (unsigned i = 0; text.len < 5 * AS_MIB; i++) {
        const size_t left = AS_SEGMENT_BYTES - text.len % AS_SEGMENT_BYTES;
        unsigned length = pick(90);
        if (left < 6000)
            length = pick(2) ? 20000 : (unsigned)left + 8192 + pick(200);
        as_buf_addf(&text, "key %u,%s%u,31/0%u/2017,%u.5,\"%0*u%s\",%s,%06u\r\n", i,
                    pick(50) ? "" : "no ", i, pick(12), i, (int)length + 1, i,
                    pick(20) ? "" : "\r\n\"\"and more\"\"", pick(30) ? "Red" : "rot", i);
    }
    some_ways(&x, as_buf_str(&text), bytes, 2);
    as_buf_free(&text);
    fixture_close(&x);
}

/* ---- bytes of all sorts ---- */

static void add_wild(as_buf *b, unsigned sort)
{
    static const char plain[] = "\",\"\n\r a1x", nul[] = "\",\n\ra1x\0",
                      high[] = "\",\n\ra1\xe9\x80\xc3\xa9";
    const char *bytes = sort == 1 ? nul : sort == 2 ? high : plain;
    size_t count = sort == 1 ? sizeof nul - 1 : sort == 2 ? sizeof high - 1 : sizeof plain - 1;
    unsigned rare = pick(3) ? 40 : 4; /* of what is strange */
    for (unsigned n = pick(600); n; n--) {
        unsigned i = pick((unsigned)count);
        if (sort && i > 5 && pick(rare))
            i = 4;
        if (bytes[i] == '"' && pick(4))
            as_buf_add(b, pick(2) ? AS_STR("\"\"") : AS_STR(",\"a\nb\","));
        else
            as_buf_addc(b, bytes[i]);
    }
}

/* ASCII as UTF-16, perhaps cut short. */
static void widen(as_buf *b, bool big, bool mark)
{
    as_buf out = AS_BUF(AS_MIB);
    if (mark)
        as_buf_add(&out, big ? AS_STR("\xfe\xff") : AS_STR("\xff\xfe"));
    for (size_t i = 0; i < b->len; i++) {
        as_buf_addc(&out, big ? 0 : b->ptr[i]);
        as_buf_addc(&out, big ? b->ptr[i] : 0);
    }
    if (pick(4) == 0)
        out.len -= pick(4);
    as_buf_clear(b);
    as_buf_add(b, as_buf_str(&out));
    as_buf_free(&out);
}

static void random_bytes(void **state)
{
    (void)state;
    fixture x;
    open_fixture(&x);
    as_buf text = AS_BUF(AS_MIB);
    int rounds = getenv("ASSAY_DIFF_ROUNDS") ? atoi(getenv("ASSAY_DIFF_ROUNDS")) : 400;
    seed = getenv("ASSAY_DIFF_SEED") ? strtoull(getenv("ASSAY_DIFF_SEED"), NULL, 10) : 1948;
    for (int i = 0; i < rounds; i++) {
        unsigned sort = pick(3);
        as_buf_clear(&text);
        if (pick(6) == 0)
            as_buf_add(&text, AS_STR("\xef\xbb\xbf"));
        as_buf_add(&text,
                   pick(2) ? AS_STR("k,n,d,x,t,c,s\n") : AS_STR("k,n,t\r\na,1,\"x\"\r\n"));
        add_wild(&text, sort);
        if (sort == 0 && pick(4) == 0)
            widen(&text, pick(2), pick(2));
        static const char *const encodings[] = {"auto", "utf-8", "windows-1252", "utf-16"};
        x.source.encoding = as_str_from(encodings[pick(3) ? 0 : pick(4)]);
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

/* ---- columns that do not stay what they were ---- */

/* Exactly `values` distinct texts in t, c and s; the first 6,000 records have three of them. */
static void add_values(as_buf *text, unsigned values, const char *more, unsigned records)
{
    as_buf_clear(text);
    as_buf_add(text, AS_STR("k,n,d,x,t,c,s\n"));
    for (unsigned i = 0; i < records; i++) {
        unsigned v = i < 6000 ? i % 3 : (i - 6000) % values;
        as_buf_addf(text, "k%u,,,,%u%s,odd %u,[note] %u\n", i % 7, v, more, v, v);
    }
}

/* Dictionaries of codes (never anything else) at the borders of one, two and four bytes a code.
 * Null has a code too. */
static void code_widths(void **state)
{
    (void)state;
    static const struct {
        unsigned values, width;
    } cases[] = {{3, 1},     {254, 1},   {255, 1},   {256, 2},   {257, 2},
                 {65534, 2}, {65535, 2}, {65536, 4}, {65537, 4}, {80000, 4}};
    fixture x;
    open_fixture(&x);
    as_buf text = AS_BUF(64 * AS_MIB);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        add_values(&text, cases[i].values, "", 6000 + 2 * cases[i].values);
        expected want = read_plain(&x, as_buf_str(&text));
        assert_int_equal(want.code, AS_OK);
        for (unsigned j = FIRST_JOB; j < JOBS; j++) {
            try_size(&x, &want, 0, j == 1 ? 4096 : 100000, j);
            assert_int_equal(x.table->columns[5].layout, AS_LAYOUT_DICT);
            assert_int_equal(x.table->columns[5].dict.count, cases[i].values + 1);
            assert_int_equal(x.table->columns[5].width, cases[i].width);
            assert_int_equal(x.table->columns[6].width, cases[i].width);
        }
        x.pool = NULL;
        as_table_close(want.table);
    }
    as_buf_free(&text);
    fixture_close(&x);
}

/* Text that looks like a few values and is nearly unique; packed text of which more and more is
 * long; and text in which one value is half of all. */
static void changing(void **state)
{
    (void)state;
    static const size_t bytes[] = {4096, 300000};
    fixture x;
    open_fixture(&x);
    as_buf text = AS_BUF(64 * AS_MIB);
    add_values(&text, 90000, " is the number of a long text", 100000);
    some_ways(&x, as_buf_str(&text), bytes, 2);
    add_values(&text, 90000, "", 100000);
    some_ways(&x, as_buf_str(&text), bytes, 2);
    add_values(&text, 90000, " of 5\"", 100000); /* quotes where none may be */
    some_ways(&x, as_buf_str(&text), bytes, 2);
    for (unsigned every = 2; every <= 200; every *= 10) { /* one in so many is long */
        as_buf_clear(&text);
        as_buf_add(&text, AS_STR("k,n,d,x,t,c,s\n"));
        for (unsigned i = 0; i < 60000; i++)
            as_buf_addf(&text, "%s%u,%s,%s,,SC%u%s,,\n", i % 2 ? "UNKNOWN" : "", i % 2 ? 1 : i,
                        i < 30000 ? "1" : "one", i < 30000 ? "31/03/2017" : "March", i,
                        i > 20000 && i % every == 0 ? " and longer" : "");
        some_ways(&x, as_buf_str(&text), bytes, 2);
    }
    as_buf_free(&text);
    fixture_close(&x);
}

/* More records than the samples of the text promise: 20,000 long ones, and between two places
 * that are looked at (32 KB apart) 3,000 short ones. */
static void crowded(void **state)
{
    (void)state;
    static const size_t bytes[] = {4096, 300000};
    fixture x;
    open_fixture(&x);
    as_buf text = AS_BUF(8 * AS_MIB);
    as_buf_add(&text, AS_STR("k,n,d,x,t,c,s\n"));
    for (unsigned i = 0; i < 20000; i++) {
        as_buf_addf(&text, "key %06u,%u,31/03/2017,%u.5,%060u,Red,\n", i, i, i, i);
        for (unsigned k = 0; i == 5257 && k < 3000; k++)
            as_buf_addf(&text, "%u,,,,,,\n", k % 10);
    }
    some_ways(&x, as_buf_str(&text), bytes, 2);
    assert_int_equal(x.table->rows, 23000);
    as_buf_free(&text);
    fixture_close(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shift),        cmocka_unit_test(long_quotes),
        cmocka_unit_test(monotonous),         cmocka_unit_test(random_bytes),
        cmocka_unit_test(fifty_megabytes),    cmocka_unit_test(code_widths),
        cmocka_unit_test(changing),           cmocka_unit_test(crowded),
        cmocka_unit_test(borders_of_windows),
    };
    return cmocka_run_group_tests(tests, open_pools, close_pools);
}
