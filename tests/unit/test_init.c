/* assay init, from two sides. Small files of which a person can say what should be guessed: a
 * table of columns with the type, null tokens and key expected. And random hostile files, of
 * which only this is demanded: what was written loads without an error, lint has no errors,
 * every rule's own records hold, and a check finds exactly in those rules something of which
 * the rule says that records break it. */
#include "unit.h"

#include "check/check.h"
#include "init/init.h"
#include "oracle/random.h"
#include "run/run.h"

#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static as_arena *arena;
static as_diags diags;
static as_init made;

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/assay-init-XXXXXX");
    arena = as_arena_open();
    as_diags_init(&diags, arena);
    return mkdtemp(folder) && arena ? 0 : -1;
}

static int teardown(void **state)
{
    char command[128];
    (void)state;
    as_arena_close(arena);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

/* An empty folder. */
static void again(void **state)
{
    assert_int_equal(teardown(state), 0);
    assert_int_equal(setup(state), 0);
}

static const char *put(const char *name, as_str bytes)
{
    const char *path = as_arena_printf(arena, "%s/%s", folder, name).ptr;
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, f), bytes.len);
    assert_int_equal(fclose(f), 0);
    return path;
}

static void print_diags(void)
{
    char where[256];
    for (size_t i = 0; i < diags.count; i++)
        print_error("%s%.*s\n", as_span_text(diags.items[i].at, where, sizeof where),
                    AS_FMT(diags.items[i].text));
}

static void make(const char *const *paths, size_t count, unsigned jobs)
{
    as_err e = {0};
    as_init_options o = {
        .paths = paths, .count = count, .folder = folder, .pack = AS_STR(""), .jobs = jobs};
    as_code code = as_init_make(&made, &o, arena, &diags, &e);
    if (code != AS_OK || diags.errors) {
        print_diags();
        fail_msg("init: %s", e.text);
    }
}

static as_str written(const char *ending)
{
    for (size_t i = 0; i < made.count; i++) {
        as_str path = made.files[i].path;
        size_t len = strlen(ending);
        if (path.len >= len && memcmp(path.ptr + path.len - len, ending, len) == 0)
            return made.files[i].text;
    }
    fail_msg("no file %s was written", ending);
    return AS_NONE;
}

static void expect_in(as_str text, const char *want)
{
    if (as_str_find(text, S(want)) != (size_t)-1)
        return;
    print_error("not there: %s\nin:\n%.*s\n", want, AS_FMT(text));
    fail();
}

/* What was written must work: see the opening comment. */
static void prove(void)
{
    as_err e = {0};
    as_project *p = NULL;
    as_plan *plan = NULL;
    as_run *r = NULL;
    if (as_init_write(&made, folder, &diags, &e) != AS_OK)
        fail_msg("write: %s", e.text);
    const char *path = as_arena_printf(arena, "%s/release.yaml", folder).ptr;
    as_code code = as_project_open(&p, arena, path, as_check_names(), &diags, &e);
    if (code == AS_OK)
        code = as_plan_make(&plan, p, arena, &diags, &e);
    if (code == AS_OK)
        code = as_lint_project(p, plan, &diags, &e);
    as_selftests tests = {0};
    if (code == AS_OK && !diags.errors)
        code = as_selftest_run(p, arena, &tests, &diags, &e);
    as_run_options o = {.jobs = 2};
    if (code == AS_OK && !diags.errors)
        code = as_run_make(&r, plan, &o, &diags, &e);
    if (code != AS_OK || diags.errors) {
        print_diags();
        fail_msg("what init wrote does not work: %s", e.text);
    }
    for (size_t i = 0; i < tests.count; i++)
        if (!tests.items[i].ok)
            fail_msg("%.*s: %.*s", AS_FMT(tests.items[i].rule->id), AS_FMT(tests.items[i].why));
    assert_int_equal(tests.rules_without, 0);
    const as_doc *doc = as_run_doc(r);
    bool no_records = false; /* such a table is never a pass */
    for (size_t i = 0; i < doc->input_count; i++)
        no_records = no_records || doc->inputs[i].rows == 0;
    for (size_t i = 0; i < doc->rule_count; i++) {
        const as_doc_rule *rule = &doc->rules[i];
        bool says = as_str_find(rule->why, S(" it. Review")) != (size_t)-1;
        if (!rule->builtin && says != (rule->findings > 0))
            fail_msg("%.*s has %llu findings and says: %.*s", AS_FMT(rule->id),
                     (unsigned long long)rule->findings, AS_FMT(rule->why));
        if ((as_str_eq(rule->status, S("empty")) && !no_records) ||
            as_str_eq(rule->status, S("error")))
            fail_msg("%.*s is %.*s: %.*s", AS_FMT(rule->id), AS_FMT(rule->status),
                     AS_FMT(rule->note));
    }
    assert_int_equal(doc->exit_code, no_records ? 3 : 0);
    as_run_close(r);
}

/* ---- one column ---- */

/* `values` are put one below the other, `|` between, and repeated until there are at least
 * `rows` records. */
typedef struct guess_case {
    const char *header, *values;
    unsigned rows;
    const char *field; /* what the schema must say */
} guess_case;

static const guess_case guesses[] = {
    {"Count", "1|22|3,333", 0, "count: {type: integer, required: true, header: [\"Count\"]}"},
    {"Cost", "1|2.5|1,000.25", 0, "cost: {type: number, "},
    {"Cost", "£1|£2.50", 0, "cost: {type: number, required: true, strip: \"^£\\\\s*\""},
    {"Share", "1%|2.5 %", 0, "share: {type: number, required: true, strip: \"\\\\s*%$\""},
    {"Year", "2016|2017", 0, "year: {type: integer, "},
    {"URN", "1027076|1027077", 0, "urn: {type: text, "},
    {"Cases", "007|123", 0, "cases: {type: text, "}, /* leading zeros */
    {"Card", "1234567890123456|1", 0,
     "card: {type: text, "}, /* more digits than amounts have */
    {"Date", "13/02/2016|01/02/2016", 0,
     "date: {type: date, required: true, formats: [\"%d/%m/%Y\"]"},
    {"Date", "02/13/2016|02/01/2016", 0,
     "date: {type: date, required: true, formats: [\"%m/%d/%Y\"]"},
    {"Date", "02/03/2016|01/02/2016", 0, "# no day is above 12"},
    {"Date", "2016-02-13|13/02/2016", 0, "formats: ["},
    {"Date", "20160213|20170101", 0, "formats: [\"%Y%m%d\"]"},
    {"Reading", "20160213|20170101", 0, "reading: {type: integer, "}, /* nothing says day */
    {"Seen", "13/02/2016 09:30|14/02/2016 23:59", 0, "formats: [\"%d/%m/%Y %H:%M\"]"},
    {"Seen", "2016-02-13T09:30:00|2016-02-13T09:30:01", 0, "formats: [\"%Y-%m-%dT%H:%M:%S\"]"},
    {"At", "31 March 2016|1 Apr 2017 [Note 2]", 0, "strip: \"\\\\s*\\\\[[^]]*\\\\]$\""},
    {"Kind", "red|blue|Red|red", 40, "kind: {type: code, list: kind, "},
    {"Pupils", "12|c|14|z", 0, "nulls: [\"\", \"c\", \"z\"]"}, /* weak tokens, among numbers */
    {"Pupils", "12|N/A|14", 0, "nulls: [\"\", \"N/A\"]"},
    {"Grade", "a|c|b|c", 40, "grade: {type: code, list: grade, required: true, header"},
    {"Mixed", "1|2|x1", 0,
     "# kept as text: 1 of 3 values are neither number nor date, for example \"x1\""},
    {"Odd", "1|2|3|4|5|6|7|8|9|10|11", 200, "odd: {type: integer, "},
    {"Money", "1.234,56|2,50|3.000,10", 0, "# kept as text: decimal commas"},
    {"all", "x", 0, "all_: {"},
    {"2016", "x", 0, "c_2016: {"},
    {"Café – %", "x", 0, "cafe_percent: {"},
    {"E-mail", "x", 0, "sensitive: true"},
    {"Contact", "a@b.example|c@d.example", 0, "sensitive: true"},
    {"Where", "AB1 2CD|EF3 4GH", 0, "sensitive: true"}, /* reads like postcodes */
    {"la_name", "x", 0, "la_name: {type: text, required: true, header"}, /* an area */
    {"Nothing", "|", 0, "# empty in every record"},
};

static void write_case(const guess_case *c, as_buf *out)
{
    /* A column beside it keeps blank cells from being blank rows. */
    as_buf_addf(out, "Row,\"%s\"\n", c->header);
    unsigned row = 0;
    do {
        const char *v = c->values;
        for (bool more = true; more; row++) {
            size_t n = strcspn(v, "|");
            as_buf_addf(out, "r%u,\"%.*s\"\n", row, (int)n, v);
            more = v[n] != '\0';
            v += n + more;
        }
    } while (row < c->rows);
}

static void test_guesses(void **state)
{
    for (size_t i = 0; i < sizeof guesses / sizeof *guesses; i++) {
        as_buf text = AS_BUF(1 << 20);
        write_case(&guesses[i], &text);
        const char *path = put("things.csv", as_buf_str(&text));
        make(&path, 1, 1);
        expect_in(written("tables/things.yaml"), guesses[i].field);
        prove();
        as_buf_free(&text);
        again(state);
    }
}

/* One value in 200 that is no number: typed, and the check says so as a warning. */
static void test_nearly(void **state)
{
    as_buf text = AS_BUF(1 << 20);
    (void)state;
    as_buf_add(&text, S("id,n\n"));
    for (unsigned i = 0; i < 200; i++)
        as_buf_addf(&text, i == 150 ? "X%u,some\n" : "X%u,%u\n", i, i);
    const char *path = put("t.csv", as_buf_str(&text));
    make(&path, 1, 1);
    expect_in(written("tables/t.yaml"),
              "# 1 of 200 values cannot be read as integer, for example \"some\"");
    expect_in(written("release.yaml"), "t.n.type: {severity: warning}");
    prove();
    as_buf_free(&text);
}

/* 120 closed, one of them without its date; 80 open, none with a date; last year the last
 * four of the closed were open. */
static void test_when(void **state)
{
    as_buf text = AS_BUF(1 << 20), before = AS_BUF(1 << 20);
    (void)state;
    as_buf_add(&text, S("id,status,closed\n"));
    as_buf_add(&before, S("id,status,closed\n"));
    for (unsigned i = 0; i < 200; i++) {
        bool closed = i < 120;
        as_buf_addf(&text, "X%u,%s,%s\n", i, closed ? "Closed" : "Open",
                    closed && i != 7 ? "2016-05-01" : "");
        as_buf_addf(&before, "X%u,%s,%s\n", i, i < 116 ? "Closed" : "Open",
                    i < 116 ? "2016-05-01" : "");
    }
    const char *paths[] = {put("t_2017.csv", as_buf_str(&text)),
                           put("t_2016.csv", as_buf_str(&before))};
    make(paths, 2, 2);
    as_str rules = written("suggested.yaml");
    expect_in(rules, "where: {status: [\"Closed\"]}\n    expect: {closed: present}");
    expect_in(rules, "where: {status: [\"Open\"]}\n    expect: {closed: null}");
    expect_in(rules, "from 120 records; 1 of them breaks it.");
    expect_in(rules, "changed: {from: t_before, key: [id], fields: [status]}");
    expect_in(rules, "from 200 records that are in both files; 4 of them break it.");
    prove();
    as_buf_free(&text);
    as_buf_free(&before);
}

/* ---- keys, relations, sheets ---- */

typedef struct key_case {
    const char *csv, *key;
} key_case;

static void test_keys(void **state)
{
    static const key_case cases[] = {
        {"n,id\n5,a\n6,b\n7,c\n", "key: [id]"}, /* an identifier before a number */
        {"when,what\n2016-01-01,x\n2016-01-02,x\n", "key: [when]"},
        {"a,b,n\nx,p,1\nx,q,1\ny,p,1\ny,q,1\n", "key: [a, b]"},
        {"a,b,c\nx,p,1\nx,p,2\nx,q,1\ny,p,1\ny,q,2\n", "key: [a, b, c]"},
        {"a,b\nx,p\nx,p\n", "# key: [] # none was found"},
        {"a,b\nx,\ny,p\n", "key: [a]"},
        {"a,b\n,p\ny,p\n", "# key: [] # none was found"}, /* an empty cell is no key */
        {"a\nx\n", "# key: [] # none was found"},         /* one record says nothing */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *path = put("t.csv", S(cases[i].csv));
        make(&path, 1, 1);
        expect_in(written("tables/t.yaml"), cases[i].key);
    }
    (void)state;
}

static void test_sheets(void **state)
{
    static const key_case cases[] = {
        {"Title\n\na,b,c\n1,x,2\n2,y,3\n", "header in row 3; 2 records"},
        {"Title,,\nPart one,,Part two\na,b,c\n1,x,2\n", "header in row 3; 1 records"},
        {"a,b,c\n1,x,2\n2,y,3\n\nSource: us,,\n", "range: \"A1:C3\""},
        {"a,b,c\n1,x,2\n2,y,3\nSource: us,,\n", "range: \"A1:C3\""},
        {"a,b,c\n1,x,2\n,,\n2,y,3\n", "header in row 1; 2 records"}, /* a blank row is no end */
        {"T1\na,b\n1,2\nT2\na,b\n3,4\n5,6\n", "t_2: {file: \"t.csv\", range: \"A5:B7\"}"},
        {"x,1,2\n\na,b,c,d,e\n1,2,3,4,5\n", "header in row 3; 1 records"},
        {"region;2015;2016\nx;1;2\ny;3;4\n", "delimiter: \";\""},
        {"a|b\nx,1|2\n", "delimiter: \"|\""},
        {"\"a\nb\",c\n1,2\n", "header in row 1; 1 records"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *path = put("t.csv", S(cases[i].csv));
        make(&path, 1, 1);
        expect_in(written("release.yaml"), cases[i].key);
    }
    (void)state;
}

/* In a file above 4 MiB only the header is looked for; a note at its end is asked about. */
static void test_large(void **state)
{
    as_buf text = AS_BUF(16 << 20);
    (void)state;
    as_buf_add(&text, S("Banner\nid,colour,n,text\n"));
    for (unsigned i = 0; i < 70000; i++)
        as_buf_addf(&text, "X%u,%s,%u,some words that make the file large enough %u\n", i,
                    i % 2 ? "red" : "blue", i % 97, i);
    as_buf_add(&text, S("\nSource: nobody,,,\n"));
    const char *path = put("t.csv", as_buf_str(&text));
    make(&path, 1, 2);
    expect_in(written("release.yaml"), "header in row 2; 70,001 records");
    expect_in(made.summary, "the last record fills one cell at most");
    prove();
    as_buf_free(&text);
}

/* ---- random files ---- */

static const char *const headers[] = {"id",
                                      "Name",
                                      "URN",
                                      "Date: of\\birth",
                                      "a,b",
                                      "#x",
                                      "- y",
                                      "'quoted'",
                                      "dup",
                                      "dup",
                                      "",
                                      "\xC3\xA9t\xC3\xA9",
                                      "any",
                                      "tab\there",
                                      "line\nbreak",
                                      "0",
                                      "null",
                                      "{a: b}",
                                      "\x07",
                                      "\xE2\x80\xAE",
                                      "type",
                                      "A_b",
                                      "a b",
                                      "%",
                                      "x\"y",
                                      "\xF0\x9F\x98\x80",
                                      "Date",
                                      "code",
                                      "*&!|>",
                                      "? z"};
static const char *const cells[] = {
    "",           "NULL",       "-",           "1",          "2",
    "007",        "1,234",      "-5",          "3.5",        "45%",
    "[c]",        "c",          "red",         "Red",        "blue",
    "yes",        "no",         "null",        "a: b",       "#",
    "x\"y",       "l\nm",       "13/02/2016",  "01/02/2016", "2016-02-13",
    "31/12/9999", "01/01/1900", "a@b.example", "AB1 2CD",    "\xE2\x80\x99",
    " padded ",   "2016",       "{}",          "'"};

static void quoted(as_buf *out, const char *text)
{
    as_buf_addc(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            as_buf_addc(out, '"');
        as_buf_addc(out, *text);
    }
    as_buf_addc(out, '"');
}

/* A column draws from a few cells, from all, or counts; now and then a stranger. */
static void random_cell(as_buf *out, rng *r, unsigned style, unsigned row)
{
    char text[32];
    switch (style % 5) {
    case 0:
        snprintf(text, sizeof text, "%u", 1000 + row);
        quoted(out, chance(r, 1) ? PICK(r, cells) : text);
        break;
    case 1:
        quoted(out, cells[(style * 7 + rnd(r, 3)) % (sizeof cells / sizeof *cells)]);
        break;
    case 2:
        snprintf(text, sizeof text, "%02u/%02u/20%02u", 1 + rnd(r, 28), 1 + rnd(r, 12),
                 10 + rnd(r, 4));
        quoted(out, chance(r, 1) ? PICK(r, cells) : text);
        break;
    case 3:
        snprintf(text, sizeof text, "%d", (int)rnd(r, 200) - (chance(r, 1) ? 100 : 0));
        quoted(out, text);
        break;
    default:
        quoted(out, PICK(r, cells));
    }
}

static const char *random_file(rng *r, const char *name)
{
    as_buf out = AS_BUF(4 << 20);
    unsigned columns = 1 + rnd(r, 8), rows = chance(r, 20) ? rnd(r, 4) : rnd(r, 300), styles[8];
    if (chance(r, 20))
        as_buf_add(&out, S("Banner\n\n"));
    for (unsigned c = 0; c < columns; c++) {
        styles[c] = rnd(r, 1000);
        as_buf_add(&out, c ? S(",") : S(""));
        quoted(&out, c == 0 ? "first" : PICK(r, headers));
    }
    as_buf_addc(&out, '\n');
    for (unsigned i = 0; i < rows; i++) {
        unsigned cut = chance(r, 1) ? rnd(r, columns) : columns; /* a ragged row */
        for (unsigned c = 0; c < columns && c <= cut; c++) {
            as_buf_add(&out, c ? S(",") : S(""));
            random_cell(&out, r, styles[c], i);
        }
        as_buf_addc(&out, '\n');
    }
    if (chance(r, 10))
        as_buf_add(&out, S("\nSource: nobody\n"));
    const char *path = put(name, as_buf_str(&out));
    as_buf_free(&out);
    return path;
}

static void test_random(void **state)
{
    const char *rounds = getenv("ASSAY_INIT_ROUNDS");
    uint64_t count = rounds ? strtoull(rounds, NULL, 10) : 150;
    for (uint64_t seed = 1; seed <= count; seed++) {
        rng r = {seed};
        const char *paths[3] = {random_file(&r, "a_2016.csv")};
        size_t n = 1;
        if (chance(&r, 40))
            paths[n++] = random_file(&r, "b.csv");
        if (chance(&r, 40)) { /* the same columns a year before: the same seed */
            rng same = {seed};
            paths[n++] = random_file(&same, "a_2015.csv");
        }
        if (rounds)
            print_message("seed %llu\n", (unsigned long long)seed);
        make(paths, n, 1 + rnd(&r, 3));
        prove();
        again(state);
    }
}

/* ---- what is written ---- */

static void test_any_jobs(void **state)
{
    rng r = {42};
    (void)state;
    const char *path = random_file(&r, "a.csv");
    make(&path, 1, 1);
    as_init one = made;
    make(&path, 1, 7);
    assert_int_equal(one.count, made.count);
    for (size_t i = 0; i < one.count; i++) {
        assert_true(as_str_eq(one.files[i].path, made.files[i].path));
        assert_true(as_str_eq(one.files[i].text, made.files[i].text));
    }
}

static void test_overwrites_nothing(void **state)
{
    as_err e = {0};
    struct stat st;
    (void)state;
    const char *path = put("t.csv", S("id\na\nb\n"));
    const char *mine = put("release.yaml", S("mine"));
    make(&path, 1, 1);
    assert_int_equal(as_init_write(&made, folder, &diags, &e), AS_EUSAGE);
    assert_int_equal(diags.errors, 1);
    assert_int_equal(stat(mine, &st), 0);
    assert_int_equal(st.st_size, 4);
    assert_int_not_equal(stat(as_arena_printf(arena, "%s/rules", folder).ptr, &st), 0);
}

/* A header of 10,000 characters belongs to no field; one of 4,000 is written as it is. */
static void test_long_header(void **state)
{
    as_buf text = AS_BUF(1 << 20);
    (void)state;
    as_buf_add(&text, S("id,\""));
    for (int i = 0; i < 10000; i++)
        as_buf_addc(&text, (char)('a' + i % 26));
    as_buf_add(&text, S("\"\n1,2\n2,3\n"));
    const char *path = put("t.csv", as_buf_str(&text));
    make(&path, 1, 1);
    expect_in(written("tables/t.yaml"), "its header is longer than 4,096 bytes");
    prove();
    as_buf_clear(&text);
    as_buf_add(&text, S("id,\""));
    for (int i = 0; i < 4000; i++)
        as_buf_addc(&text, (char)('a' + i % 26));
    as_buf_add(&text, S("\"\n1,2\n2,3\n"));
    path = put("u.csv", as_buf_str(&text));
    make(&path, 1, 1);
    expect_in(written("tables/u.yaml"), "  abcdefghij");
    as_buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_guesses, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nearly, setup, teardown),
        cmocka_unit_test_setup_teardown(test_when, setup, teardown),
        cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sheets, setup, teardown),
        cmocka_unit_test_setup_teardown(test_large, setup, teardown),
        cmocka_unit_test_setup_teardown(test_random, setup, teardown),
        cmocka_unit_test_setup_teardown(test_any_jobs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_overwrites_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_long_header, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
