/* Numbers in a text: how they are read, rounded, told from what is no figure, and found in
 * sentences. Expected values are by hand; rounding and shares are held against integer
 * arithmetic. */
#include "unit.h"

#include "base/limits.h"
#include "check/figure_quote.h"

#include <math.h>

static struct {
    as_arena *arena;
    as_figure_text text;
    as_figures_found all;
    as_err err;
} x;

static int setup(void **state)
{
    (void)state;
    memset(&x, 0, sizeof x);
    x.arena = as_arena_open();
    return x.arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    as_arena_close(x.arena);
    return 0;
}

static as_code scan_bytes(as_str text)
{
    const as_document *d = NULL;
    as_code code = as_document_make(&d, AS_STR("d"), AS_STR("d.md"), text, x.arena, &x.err);
    if (code == AS_OK)
        code = as_figure_text_make(&x.text, d, x.arena, &x.err);
    return code == AS_OK ? as_figures_scan(&x.all, &x.text, x.arena, &x.err) : code;
}

static void scan(const char *text)
{
    assert_int_equal(scan_bytes(S(text)), AS_OK);
}

/* ---- reading ---- */

typedef struct reading {
    const char *text; /* read from its beginning */
    const char *rest; /* what is left */
    double value;
    as_figure_form form;
    unsigned decimals;
} reading;

#define D AS_FIGURE_DIGITS
#define W AS_FIGURE_WORDS
#define F AS_FIGURE_FRACTION

static const reading readings[] = {
    {"2,145 homes", " homes", 2145, D, 0},
    {"12,345,678", "", 12345678, D, 0},
    {"2145", "", 2145, D, 0},
    {"20%", "%", 20, D, 0},
    {"3.5%", "%", 3.5, D, 1},
    {"11,664.", ".", 11664, D, 0},
    {"0.50", "", 0.5, D, 2},
    {"-2.5", "", -2.5, D, 1},
    {"1,23", ",23", 1, D, 0}, /* no group of three */
    {"1,2345", ",2345", 1, D, 0},
    {"2017,145", ",145", 2017, D, 0}, /* four digits begin no group */
    {"2,691, of", ", of", 2691, D, 0},
    {"Thirty-seven LAs", " LAs", 37, W, 0},
    {"thirty seven", "", 37, W, 0},
    {"thirty", "", 30, W, 0},
    {"ZERO", "", 0, W, 0},
    {"nineteen", "", 19, W, 0},
    {"Ninety four of", " of", 94, W, 0},
    {"One hundred and twenty eight homes", " homes", 128, W, 0},
    {"one hundred", "", 100, W, 0},
    {"a hundred and one", "", 101, W, 0},
    {"one hundred and homes", " and homes", 100, W, 0},
    {"two thousand one hundred and forty-five", "", 2145, W, 0},
    {"a thousand", "", 1000, W, 0},
    {"three million", "", 3000000, W, 0},
    {"two and three", " and three", 2, W, 0},
    {"two three", " three", 2, W, 0},
    {"twenty twelve", " twelve", 20, W, 0},
    {"one third of", " of", 1.0 / 3, F, 0},
    {"two-thirds", "", 2.0 / 3, F, 0},
    {"a quarter", "", 0.25, F, 0},
    {"three quarters", "", 0.75, F, 0},
    {"Half of", " of", 0.5, F, 0},
    {"a half", "", 0.5, F, 0},
    {"nine tenths", "", 0.9, F, 0},
    {"one quarter", "", 0.25, F, 0},
};

static const char *const unreadable[] = {
    "homes", "",        "third", "a home", "and two", "hundred",
    "tent",  "onerous", "-",     ",145",   ".5",      "123456789012345678901234567890",
};

static void read_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof readings / sizeof *readings; i++) {
        const reading *r = &readings[i];
        as_figure f;
        as_str text = S(r->text);
        if (!as_figure_read(text, 0, &f) || f.value != r->value || f.form != r->form ||
            f.decimals != r->decimals ||
            !as_str_eq(as_str_sub(text, f.end, text.len), S(r->rest)))
            fail_msg("\"%s\" reads as %.17g", r->text, f.value);
    }
    for (size_t i = 0; i < sizeof unreadable / sizeof *unreadable; i++) {
        as_figure f;
        if (as_figure_read(S(unreadable[i]), 0, &f))
            fail_msg("\"%s\" reads as %.17g", unreadable[i], f.value);
    }
}

/* ---- rounding ---- */

static void ties(void **state)
{
    static const struct {
        double x;
        unsigned decimals;
        double want;
    } all[] = {
        {0.5, 0, 1},         {1.5, 0, 2},
        {2.5, 0, 3},         {12.5, 0, 13},
        {-0.5, 0, -1},       {-2.5, 0, -3},
        {2.4999, 0, 2},      {0.49999999999, 0, 0},
        {2.675, 2, 2.68},    {1.005, 2, 1.01},
        {3.45, 1, 3.5},      {8.35, 1, 8.4},
        {0.05, 1, 0.1},      {99.5, 0, 100},
        {2145, 0, 2145},     {0, 0, 0},
        {1e20, 2, 1e20},     {1e-20, 3, 0},
        {0.1 + 0.2, 1, 0.3}, {1.15 * 100, 0, 115},
        {9.995, 2, 10},      {1234567.5, 0, 1234568},
        {0.285, 2, 0.29},
    };
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (as_figure_round(all[i].x, all[i].decimals) != all[i].want)
            fail_msg("%.17g to %u decimals is %.17g", all[i].x, all[i].decimals,
                     as_figure_round(all[i].x, all[i].decimals));
    assert_true(isnan(as_figure_round(NAN, 0)));
}

/* 10^d * 100 a / b, a half up, in whole numbers. */
static int64_t percent(int64_t a, int64_t b, unsigned decimals)
{
    int64_t scale = decimals == 0 ? 1 : decimals == 1 ? 10 : 100;
    return (200 * scale * a + b) / (2 * b);
}

static void rounding_is_integer_arithmetic(void **state)
{
    static const double scale[] = {1, 10, 100};
    (void)state;
    for (int64_t b = 1; b <= 400; b++)
        for (int64_t a = 0; a <= b; a++)
            for (unsigned d = 0; d < 3; d++) {
                double want = (double)percent(a, b, d) / scale[d];
                if (as_figure_round(100 * (double)a / (double)b, d) != want ||
                    as_figure_round(100 * ((double)a / (double)b), d) != want)
                    fail_msg("%d of %d to %u decimals is not %g", (int)a, (int)b, d, want);
            }
}

static void shares_exist(void **state)
{
    (void)state;
    for (int64_t total = 1; total <= 60; total++)
        for (int64_t shown = 0; shown <= 100; shown++) {
            bool of = false, with = false;
            for (int64_t n = 0; n <= total; n++)
                of = of || percent(n, total, 0) == shown;
            for (int64_t n = total; n <= 300 * total && !with; n++) /* here total is the part */
                with = percent(total, n, 0) == shown;
            if (as_figure_share_of((double)shown, 0, (double)total) != of)
                fail_msg("%d%% of %d", (int)shown, (int)total);
            if (as_figure_share_with((double)shown, 0, (double)total) != with)
                fail_msg("%d as %d%%", (int)total, (int)shown);
        }
    assert_true(as_figure_share_of(12.5, 1, 8));
    assert_false(as_figure_share_of(12.4, 1, 8));
}

/* ---- folding ---- */

static void expect_folded(const char *document, const char *want)
{
    scan(document);
    EXPECT_STR(x.text.text, want);
}

static void folding(void **state)
{
    (void)state;
    expect_folded("  a \t\r\n b  ", "a b");
    expect_folded("children\u2019s \u201chomes\u201d \u2013 a\u00a0b \u22122",
                  "children's \"homes\" - a b -2");
    expect_folded("sof\u00adt zero\u200bwidth", "soft zerowidth");
    expect_folded("**2,145** _homes_ `x` snake_case *a*", "2,145 homes x snake_case a");
    expect_folded("2,691[footnoteRef:3],[footnoteRef:4] providers", "2,691 providers");
    expect_folded("homes[^1], and[^2]: 5\n[^1]: text", "homes, and: 5 text");
    expect_folded("[bookmark: _Toc491090865]Introduction [image: ]x", "Introduction x");
    expect_folded("see [the 3 tables](http://a.org/4) here", "see the 3 tables here");
    expect_folded("![chart 5](c5.png) end", "chart 5 end");
    expect_folded("a<!-- 7 \n 8 -->b", "ab");
    expect_folded("[p.4] [unclosed", "[p.4] [unclosed");
    expect_folded("", "");
    expect_folded("*", "");
}

/* By hand: lines and columns in characters, of bytes of the folded text. */
static void places(void **state)
{
    uint32_t line, column;
    (void)state;
    scan("caf\u00e9 1\r\n\r\n  **22** x\r3");
    as_figure_place(&x.text, x.all.items[0].figure.begin, &line, &column);
    assert_int_equal(line, 1);
    assert_int_equal(column, 6);
    as_figure_place(&x.text, x.all.items[1].figure.begin, &line, &column);
    assert_int_equal(line, 3);
    assert_int_equal(column, 5);
    as_figure_place(&x.text, x.all.items[2].figure.begin, &line, &column);
    assert_int_equal(line, 4);
    assert_int_equal(column, 1);
}

/* ---- scanning ---- */

/* "2,145 d:31 March 2017": each number, with the letter of its class where it is no figure. */
static const char *found(const char *document)
{
    static const char letters[] = "?dylckoni";
    as_buf b = AS_BUF(AS_MIB);
    scan(document);
    for (size_t i = 0; i < x.all.count; i++) {
        const as_figure_found *f = &x.all.items[i];
        if (i)
            as_buf_addc(&b, '|');
        if (f->class)
            as_buf_addf(&b, "%c:", letters[f->class]);
        as_buf_add(&b,
                   as_str_sub(x.text.text, f->figure.begin, f->figure.end - f->figure.begin));
    }
    as_str out = as_arena_str(x.arena, as_buf_str(&b));
    as_buf_free(&b);
    return out.ptr;
}

static void classes(void **state)
{
    (void)state;
    assert_string_equal(found("2,145 homes, 20% and 3.5%"), "2,145|20|3.5");
    assert_string_equal(found("As at 31 March 2017, 1st April, 31 Mar 17 and March 2016"),
                        "d:31 March 2017|d:1st April|d:31 Mar 17|d:March 2016");
    assert_string_equal(found("2017-03-31, 31/03/2017, 01.04.2016"),
                        "d:2017-03-31|d:31/03/2017|d:01.04.2016");
    assert_string_equal(found("in 2016-17, 2016/17, 2013-2015 or 2017."),
                        "y:2016-17|y:2016/17|y:2013-2015|y:2017");
    assert_string_equal(found("2,017 of 1850 and 2017%"), "2,017|1850|2017");
    assert_string_equal(found("2000 homes; May 5 homes"), "y:2000|5");
    assert_string_equal(found("Chart 3, table 12b, [p.4], page 5, Quartile One, (Map 2)"),
                        "l:3|c:12|l:4|l:5|l:One|l:2");
    assert_string_equal(found("[3: see 4] [12:  x"), "l:3|4|l:12");
    assert_string_equal(found("1. first\n2) 7 next\nA 3. x"), "l:1|l:2|7|3");
    assert_string_equal(found("SC049123 and A1, 1.2.3, 03000 130020, 10:30"),
                        "c:SC049123|c:A1|c:1.2|c:03000|130020|c:10");
    assert_string_equal(found("www.a.org/2017/1 and mail4me@b.org (https://x/9)"),
                        "k:2017|k:1|k:4|k:9");
    assert_string_equal(found("the 25th, twenty-fifth and 2nd"), "o:25|o:twenty|o:2");
    assert_string_equal(found("One of the one hundred, one-bed"), "n:One|one hundred|n:one");
    assert_string_equal(found("a third of two thirds; for Thirty-seven"),
                        "a third|two thirds|Thirty-seven");
    assert_string_equal(found("12m of 3.5bn and 40k, \u00a3394"), "12|3.5|40|394");
    assert_string_equal(found("3-4 beds, 10 - 2, (-5%) \u22123"), "3|4|10|2|-5|-3");
    assert_string_equal(found("tent onerous homeone 4x"), "c:4");
    assert_string_equal(found("x[footnoteRef:9] y"), "");
    assert_int_equal(x.text.markup, 1);
}

static void ignoring(void **state)
{
    as_regex *r = NULL;
    (void)state;
    assert_int_equal(as_regex_compile(&r, x.arena, AS_STR("helpline [0-9]+|^9"), 0, &x.err),
                     AS_OK);
    scan("5 calls to helpline 1234\n9 or 9");
    assert_int_equal(as_figures_ignore(&x.all, &x.text, r, AS_NOWHERE, &x.err), AS_OK);
    assert_int_equal(x.all.count, 4);
    assert_int_equal(x.all.items[0].class, AS_FIGURE_COUNTED);
    assert_int_equal(x.all.items[1].class, AS_FIGURE_IGNORED);
    assert_int_equal(x.all.items[3].class, AS_FIGURE_COUNTED);
}

/* ---- quotes ---- */

static as_quote quote(const char *text)
{
    as_quote q;
    assert_int_equal(as_quote_parse(&q, S(text), AS_NOWHERE, x.arena, &x.err), AS_OK);
    return q;
}

/* Values found, "2145 74", "" where the quote is not there; *times is how often it is. */
static const char *values(const char *document, const char *text, size_t *times)
{
    static char out[256];
    as_quote q = quote(text);
    as_quote_match m;
    size_t from = 0, stop = 0, len = 0;
    as_str piece;
    out[0] = '\0';
    scan(document);
    for (*times = 0; as_quote_find(&q, &x.text, &x.all, from, &m, &stop, &piece); ++*times) {
        for (size_t i = 0; *times == 0 && i < q.count; i++)
            len += (size_t)snprintf(out + len, sizeof out - len, "%s%g", i ? " " : "",
                                    m.figures[i].value);
        from = m.end;
    }
    return out;
}

static void quotes(void **state)
{
    size_t n;
    (void)state;
    assert_string_equal(values("there were **2,145** homes \u2013 an increase\nof 74 homes.",
                               "there were {} homes - an increase of {} homes", &n),
                        "2145 74");
    assert_int_equal(n, 1);
    assert_string_equal(values("Thirty-seven LAs", "{} LAs", &n), "37");
    assert_string_equal(values("LAs (20%)", "LAs ({}%)", &n), "20");
    assert_string_equal(values("LAs (20%)", "LAs ({})", &n),
                        "20"); /* the sign may be left out */
    assert_string_equal(values("two thirds of", "{} thirds of", &n), "2");
    assert_string_equal(values("2 homes, 3 homes", "{} homes", &n), "2");
    assert_int_equal(n, 2);
    assert_string_equal(values("some homes", "{} homes", &n), "");
    assert_string_equal(values("There were 5", "there were {}", &n), ""); /* case */
    assert_string_equal(values("12 homes", "2 {}", &n), "");
    assert_string_equal(values("", "{} homes", &n), "");
    assert_string_equal(values("end 7", "end {}", &n), "7");
    assert_string_equal(values("children\u2019s home 1", "children's home {}", &n), "1");
    assert_string_equal(values("children's home 1", "children\u2019s  home {}", &n), "1");
}

static void bad_quotes(void **state)
{
    static const char *const bad[] = {"no number", "{}",      "{a}{b} x",
                                      "{} {",      "{a b} x", "{} }{"};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        as_quote q;
        if (as_quote_parse(&q, S(bad[i]), AS_NOWHERE, x.arena, &x.err) != AS_ERULE)
            fail_msg("\"%s\" is a quote", bad[i]);
    }
}

/* ---- hostile documents: linear, and nothing read past the end ---- */

static as_str repeated(const char *piece, size_t bytes)
{
    size_t n = strlen(piece), times = bytes / n;
    char *out = as_arena_alloc(x.arena, times * n + 1);
    assert_non_null(out);
    for (size_t i = 0; i < times; i++)
        memcpy(out + i * n, piece, n);
    out[times * n] = '\0';
    return (as_str){out, times * n};
}

static void hostile(void **state)
{
    static const char *const pieces[] = {"[",     "(",      "<!--",
                                         "*",     "_",      "{",
                                         "![a](", "[^",     "a",
                                         "1",     "1,",     "1.",
                                         "www.",  "one ",   "one hundred and ",
                                         "-",     "\u2013", "[footnoteRef:1],",
                                         "(@",    "p.",     "31 March "};
    as_quote q = quote("1 {} 1 {} x");
    as_quote_match m;
    (void)state;
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        size_t stop = 0;
        as_str piece;
        assert_int_equal(scan_bytes(repeated(pieces[i], 512 * AS_KIB)), AS_OK);
        assert_false(as_quote_find(&q, &x.text, &x.all, 0, &m, &stop, &piece));
    }
    assert_int_equal(scan_bytes(repeated("1 ", 200000)), AS_OK); /* on one line */
    assert_int_equal(x.all.count, 100000);
    uint32_t line, column;
    as_figure_place(&x.text, x.all.items[99999].figure.begin, &line, &column);
    assert_int_equal(line, 1);
    assert_int_equal(column, 199999);
    assert_int_equal(scan_bytes(repeated("1 ", 2 * (AS_FIGURES_MAX + 1))), AS_EBUDGET);
    assert_non_null(strstr(x.err.text, "AS_FIGURES_MAX"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(read_numbers, setup, teardown),
        cmocka_unit_test_setup_teardown(ties, setup, teardown),
        cmocka_unit_test_setup_teardown(rounding_is_integer_arithmetic, setup, teardown),
        cmocka_unit_test_setup_teardown(shares_exist, setup, teardown),
        cmocka_unit_test_setup_teardown(folding, setup, teardown),
        cmocka_unit_test_setup_teardown(places, setup, teardown),
        cmocka_unit_test_setup_teardown(classes, setup, teardown),
        cmocka_unit_test_setup_teardown(ignoring, setup, teardown),
        cmocka_unit_test_setup_teardown(quotes, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_quotes, setup, teardown),
        cmocka_unit_test_setup_teardown(hostile, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
