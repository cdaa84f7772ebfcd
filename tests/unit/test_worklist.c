/* Worklists: the rows of a run, and the files that are made of them. */
#include "base/limits.h"
#include "ledger_helpers.h"
#include "worklist/worklist.h"

static as_arena *arena;
static as_ledger *ledger;
static as_worklist list;
static as_doc doc;
static as_doc_rule rules[MADE_RULES];

static int start(void **state)
{
    arena = as_arena_open();
    return setup(state);
}

static int stop(void **state)
{
    as_worklist_close(&list);
    as_ledger_close(ledger);
    as_arena_close(arena);
    ledger = NULL;
    return teardown(state);
}

static void made_run(void)
{
    ledger = open_ledger();
    doc = made_doc(rules);
    write_made(ledger, &doc);
}

static void make(const as_finding_filter *f, size_t rows_max)
{
    as_err e = {0};
    as_worklist_close(&list);
    OK(as_worklist_make(&list, ledger, &doc, f, false, rows_max, arena, &e));
}

static as_str cell(size_t row, as_wl_column c)
{
    return as_worklist_cell(&list, row, c);
}

/* Two findings of single records for registration; one finding of two records for nobody. */
static void test_rows(void **state)
{
    (void)state;
    made_run();
    make(NULL, AS_SHEET_ROWS_MAX);
    assert_int_equal(list.findings, 3);
    assert_int_equal(list.count, 4);
    SAME(cell(0, AS_WL_KEY), S("SC001"));
    SAME(cell(0, AS_WL_VALUE), S("")); /* null */
    SAME(cell(1, AS_WL_VALUE), S("0"));
    SAME(cell(1, AS_WL_WHY), made_rules[0].why);
    SAME(cell(1, AS_WL_LINE), S("40"));
    SAME(cell(2, AS_WL_KEY), S("1229765"));
    SAME(cell(3, AS_WL_KEY), S("1229766"));
    SAME(cell(3, AS_WL_TABLE), S("movements"));
    SAME(cell(2, AS_WL_FINGERPRINT), cell(3, AS_WL_FINGERPRINT));
    assert_int_equal(list.sheet_count, 2); /* who has no steward comes last */
    SAME(list.sheets[0].name, S("registration"));
    SAME(list.sheets[1].name, S("no steward"));
    assert_int_equal(list.sheets[1].first, 2);
}

/* What was accepted is left out and counted; what was claimed stays, and says so. */
static void test_accepted(void **state)
{
    (void)state;
    as_err e = {0};
    as_doc_finding decided[MADE_FINDINGS];
    memcpy(decided, made_findings, sizeof decided);
    decided[0].decision = S("accepted until 2018-03-31 by ann: closed");
    decided[1].decision = S("said to be corrected by bob");
    ledger = open_ledger();
    doc = made_doc(rules);
    OK(as_ledger_begin(ledger, &doc, &e));
    for (size_t i = 0; i < MADE_FINDINGS; i++) {
        OK(as_ledger_finding(ledger, &decided[i], &e));
    }
    OK(as_ledger_commit(ledger, &doc, &e));
    make(NULL, AS_SHEET_ROWS_MAX);
    assert_int_equal(list.accepted, 1);
    assert_int_equal(list.findings, 2);
    SAME(cell(0, AS_WL_KEY), S("SC002"));
    SAME(cell(0, AS_WL_DECISION), decided[1].decision);
}

static void test_one_steward(void **state)
{
    (void)state;
    made_run();
    make(&(as_finding_filter){.steward = S("registration")}, AS_SHEET_ROWS_MAX);
    assert_int_equal(list.count, 2);
    make(&(as_finding_filter){.steward = S("inspection")}, AS_SHEET_ROWS_MAX);
    assert_int_equal(list.count, 0);
    assert_int_equal(list.sheet_count, 1); /* with its header */
    SAME(list.sheets[0].name, S("inspection"));
}

/* "a" is found on 1 March, gone on 3 March, back on 31 March with "b": since 1 March, 30 days.
 */
static void test_first_seen(void **state)
{
    (void)state;
    as_err e = {0};
    ledger = open_ledger();
    static const char *const runs[][3] = {{"one", "a", "2017-03-01T10:00:00Z"},
                                          {"two", "c", "2017-03-03T10:00:00Z"},
                                          {"three", "ab", "2017-03-31T09:00:00Z"},
                                          {"four", "b", "2017-05-01T09:00:00Z"}};
    for (size_t i = 0; i < 4; i++) {
        as_doc_rule rule = {.id = S("R"), .status = S("fail"), .severity = S("error")};
        as_doc d = {.run = as_str_from(runs[i][0]),
                    .release = S("rel"),
                    .started = as_str_from(runs[i][2]),
                    .rules = &rule,
                    .rule_count = 1};
        OK(as_ledger_begin(ledger, &d, &e));
        for (const char *p = runs[i][1]; *p; p++) {
            as_doc_finding f = {.rule = S("R"), .key = {p, 1}, .fingerprint = {p, 1}};
            OK(as_ledger_finding(ledger, &f, &e));
        }
        OK(as_ledger_commit(ledger, &d, &e));
    }
    OK(as_ledger_read(ledger, arena, S("3"), S(""), &doc, &e));
    make(NULL, AS_SHEET_ROWS_MAX);
    SAME(cell(0, AS_WL_KEY), S("a"));
    SAME(cell(0, AS_WL_FIRST_SEEN), S("2017-03-01"));
    SAME(cell(0, AS_WL_FIRST_RUN), S("1"));
    SAME(cell(0, AS_WL_AGE), S("30"));
    SAME(cell(1, AS_WL_FIRST_SEEN), S("2017-03-31"));
    SAME(cell(1, AS_WL_AGE), S("0"));
}

/* A sheet of three rows, one of them its header. */
static void test_more_rows_than_a_sheet_holds(void **state)
{
    (void)state;
    ledger = open_ledger();
    doc = small_run(ledger, "one", "abcde", "fail");
    make(NULL, 3);
    assert_int_equal(list.sheet_count, 3);
    SAME(list.sheets[0].name, S("no steward"));
    SAME(list.sheets[1].name, S("no steward (2)"));
    SAME(list.sheets[2].name, S("no steward (3)"));
    assert_int_equal(list.sheets[2].first, 4);
    assert_int_equal(list.sheets[2].count, 1);
}

static void test_sheet_names(void **state)
{
    (void)state;
    SAME(as_sheet_name(arena, S("a/b[c]:*?\\'"), 1), S("a-b-c------"));
    SAME(as_sheet_name(arena, S("0123456789012345678901234567890123456789"), 12),
         S("01234567890123456789012345 (12)"));
}

static void sheet_text(const char *from, const char *to)
{
    as_buf b = AS_BUF(AS_MIB);
    bool cut;
    as_sheet_text(&b, as_str_from(from), &cut);
    SAME(as_buf_str(&b), as_str_from(to));
    assert_false(cut);
    as_buf_free(&b);
}

static void test_texts(void **state)
{
    (void)state;
    sheet_text("a\r\nb\rc\td", "a\nb\nc\td");
    sheet_text("a\001b\033[1m\177", "a\xef\xbf\xbd"
                                    "b\xef\xbf\xbd[1m\xef\xbf\xbd");
    sheet_text("Z\xfcrich \xe2\x82", "Z\xef\xbf\xbdrich \xef\xbf\xbd\xef\xbf\xbd");
    sheet_text("caf\xc3\xa9 \xef\xbf\xbf", "caf\xc3\xa9 \xef\xbf\xbd");
}

/* 32,767 characters fit; one more, and the last that fits is an ellipsis. A character beyond
 * the basic plane counts as two. */
static void test_long_texts(void **state)
{
    (void)state;
    as_buf from = AS_BUF(AS_MIB), to = AS_BUF(AS_MIB);
    bool cut;
    for (int i = 0; i < AS_SHEET_CELL_MAX; i++) {
        as_buf_addc(&from, 'x');
    }
    as_sheet_text(&to, as_buf_str(&from), &cut);
    assert_false(cut);
    assert_int_equal(to.len, AS_SHEET_CELL_MAX);
    as_buf_addc(&from, 'y');
    as_buf_clear(&to);
    as_sheet_text(&to, as_buf_str(&from), &cut);
    assert_true(cut);
    assert_int_equal(to.len, AS_SHEET_CELL_MAX - 1 + 3);
    assert_string_equal(to.ptr + to.len - 4, "x\xe2\x80\xa6");
    from.len = AS_SHEET_CELL_MAX - 1;
    as_buf_add(&from, S("\xf0\x9f\x98\x80"));
    as_buf_clear(&to);
    as_sheet_text(&to, as_buf_str(&from), &cut);
    assert_true(cut);
    assert_int_equal(to.len, AS_SHEET_CELL_MAX - 1 + 3);
    as_buf_free(&from);
    as_buf_free(&to);
}

static void test_lines(void **state)
{
    (void)state;
    assert_int_equal(as_sheet_lines(S(""), 5), 1);
    assert_int_equal(as_sheet_lines(S("12345"), 5), 1);
    assert_int_equal(as_sheet_lines(S("123 45"), 5), 2);
    assert_int_equal(as_sheet_lines(S("1234567890a"), 5), 3);
    assert_int_equal(as_sheet_lines(S("a\nb\nc"), 5), 3);
}

/* ---- back ---- */

static as_import back;

/* Imports a CSV with this text against the made run. */
static as_code import_text(const char *text, as_err *e)
{
    as_err own = {0};
    char file[256];
    snprintf(file, sizeof file, "%s/back.csv", folder);
    FILE *f = fopen(file, "w");
    fputs(text, f);
    fclose(f);
    as_worklist_close(&list);
    as_code code =
        as_worklist_make(&list, ledger, &doc, NULL, true, AS_SHEET_ROWS_MAX, arena, &own);
    assert_int_equal(code, AS_OK);
    return as_import_read(&back, &list, ledger, file, S("ann"), arena, e);
}

static void body_is(const char *text, const char *kind, const char *body)
{
    as_err e = {0};
    OK(import_text(text, &e));
    if (back.problem_count) {
        print_error("%.*s\n", AS_FMT(back.problems[0].text));
    }
    assert_int_equal(back.problem_count, 0);
    assert_int_equal(back.event_count, 1);
    SAME(back.events[0].kind, as_str_from(kind));
    SAME(back.events[0].body, as_str_from(body));
    SAME(back.events[0].release, doc.release);
    SAME(back.events[0].who, S("ann"));
}

static void problem_is(const char *text, const char *part)
{
    as_err e = {0};
    OK(import_text(text, &e));
    assert_int_equal(back.event_count, 0);
    assert_int_equal(back.problem_count, 1);
    if (as_str_find(back.problems[0].text, as_str_from(part)) == (size_t)-1) {
        print_error("\"%.*s\" does not say \"%s\"\n", AS_FMT(back.problems[0].text), part);
        fail();
    }
}

#define ONE "00112233445566778899aabbccddeeff"
#define TWO "10112233445566778899aabbccddeeff"
#define GROUP "20112233445566778899aabbccddeeff"
#define OF_PLC ", \"rules\": [\"CSC-PLC-001\"]}"

static void test_events(void **state)
{
    (void)state;
    made_run();
    body_is("Fingerprint,Answer,Comment,Date\n" ONE ",corrected,,42830\n", "claim",
            "{\"date\": \"2017-04-05\", \"findings\": [\"" ONE "\"], \"note\": \"\"" OF_PLC);
    body_is("Fingerprint,Answer,Comment,Date\n" ONE ",corrected,\"a \"\"b\"\"\",5 April 2017\n",
            "claim",
            "{\"date\": \"2017-04-05\", \"findings\": [\"" ONE
            "\"], \"note\": \"a \\\"b\\\"\"" OF_PLC);
    body_is("comment;FINGERPRINT; answer \nright;" TWO ";Not  an ERROR\n", "propose",
            "{\"findings\": [\"" TWO "\"], \"reason\": \"right\"" OF_PLC);
    /* without a fingerprint, in windows-1252 */
    body_is("Rule,Key,Field,Answer,Comment\nCSC-PLC-001,SC002,places,query,which \xa3?\n",
            "query", "{\"findings\": [\"" TWO "\"], \"note\": \"which \xc2\xa3?\"" OF_PLC);
}

/* Both records of one finding: once, with both comments and the later date. */
static void test_members(void **state)
{
    (void)state;
    made_run();
    body_is("Fingerprint,Key,Answer,Comment,Date\n" GROUP
            ",1229766,corrected,b,2017-04-02\n" GROUP ",1229765,corrected,a,2017-04-01\n" GROUP
            ",1229765,corrected,a,\n",
            "claim",
            "{\"date\": \"2017-04-02\", \"findings\": [\"" GROUP
            "\"], \"note\": \"b; a\", \"rules\": [\"CSC-REC-001\"]}");
    problem_is("Fingerprint,Answer,Comment\n" GROUP ",corrected,a\n" GROUP ",query,b\n",
               "it says \"query\" and row 2 says \"corrected\"");
    problem_is("Fingerprint,Key,Answer\n" GROUP ",1229767,corrected\n", "Key says \"1229767\"");
}

/* Written otherwise is not changed. */
static void test_same_in_other_words(void **state)
{
    (void)state;
    made_run();
    body_is("Fingerprint,Value,Expected,Answer\n" TWO ",0.0, at least 1 ,corrected\n", "claim",
            "{\"findings\": [\"" TWO "\"], \"note\": \"\"" OF_PLC);
    problem_is("Fingerprint,Value,Answer\n" TWO ",1,corrected\n", "Value says \"1\"");
    problem_is("Fingerprint,Expected,Answer\n" TWO ",nothing,\n", "Expected says \"nothing\"");
}

static void test_problems(void **state)
{
    (void)state;
    made_run();
    problem_is("Fingerprint,Answer\n" ONE ",not an error\n", "needs a comment that says why");
    problem_is("Fingerprint,Answer\n" ONE ",query\n", "what the question is");
    problem_is("Fingerprint,Answer,Comment\n" ONE ",,hm\n", "a comment, but no answer");
    problem_is("Fingerprint,Answer,Date\n" ONE ",corrected,31/02/2017\n", "is no date");
    problem_is("Fingerprint,Answer,Date\n" ONE ",corrected,04/25/2017\n", "is no date");
    problem_is("Fingerprint,Answer\n00000000000000000000000000000000,corrected\n",
               "run 1 has no finding");
    problem_is("Fingerprint,Answer\n1.01E+30,corrected\n", "neither a fingerprint nor rule");
}

/* A finding that somebody claims with the same words is not claimed twice; with others it is.
 */
static void test_not_twice(void **state)
{
    (void)state;
    as_err e = {0};
    made_run();
    OK(import_text("Fingerprint,Answer\n" ONE ",corrected\n", &e));
    OK(as_ledger_events_add(ledger, back.events, back.event_count, arena, &e));
    OK(import_text("Fingerprint,Answer\n" ONE ",corrected\n" TWO ",corrected\n", &e));
    assert_int_equal(back.already, 1);
    assert_int_equal(back.event_count, 1);
    OK(import_text("Fingerprint,Answer,Comment\n" ONE ",corrected,again\n", &e));
    assert_int_equal(back.already, 0);
    assert_int_equal(back.event_count, 1);
}

static void test_no_list(void **state)
{
    (void)state;
    as_err e = {0};
    made_run();
    assert_int_equal(import_text("", &e), AS_EINPUT);
    SAYS("no row has the columns Answer and Fingerprint");
    assert_int_equal(import_text("Answer,Rule,Key\n", &e), AS_EINPUT);
    assert_int_equal(import_text("Answer,Fingerprint,ANSWER\n", &e), AS_EINPUT);
    SAYS("is there twice");
    assert_int_equal(import_text("a,\"b\n", &e), AS_EINPUT);
}

int main(void)
{
#define WL_TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)
    const struct CMUnitTest tests[] = {
        WL_TEST(test_rows),
        WL_TEST(test_accepted),
        WL_TEST(test_one_steward),
        WL_TEST(test_first_seen),
        WL_TEST(test_more_rows_than_a_sheet_holds),
        WL_TEST(test_sheet_names),
        WL_TEST(test_texts),
        WL_TEST(test_long_texts),
        WL_TEST(test_lines),
        WL_TEST(test_events),
        WL_TEST(test_members),
        WL_TEST(test_same_in_other_words),
        WL_TEST(test_problems),
        WL_TEST(test_not_twice),
        WL_TEST(test_no_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
