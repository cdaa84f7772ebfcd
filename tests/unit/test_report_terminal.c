/* test_report_terminal.c: what the second analyst sees, byte for byte, and what data cannot do
 * to a screen. */
#include "unit/report_helpers.h"

/* ---- terminal ---- */

static const char made_screen[] =
    "Children's social care in England 2016 to 2017\n"
    "as at 2017-03-31 · run 3f9c2a7b41d0 · assay 0.1.0\n"
    "\n"
    "Inputs\n"
    "  providers  2,145 rows  extracts/providers.csv\n"
    "                         windows-1252 · header in row 2 · skipped 1 row above the header, "
    "3 "
    "blank\n"
    "                         rows\n"
    "  movements    382 rows  extracts/movements.csv · utf-8 · header in row 1\n"
    "\n"
    "Rules\n"
    "                                                                                   "
    "findings  "
    "checked\n"
    "  EMPTY  warning  CSC-JDG-004  Judgements are terms of their framework                    "
    "0  "
    "      0\n"
    "                               no record was selected\n"
    "  FAIL   error    CSC-PLC-001  Every provider of a type that has places has               "
    "2  "
    "  2,071\n"
    "                               places above zero\n"
    "                               4 undecided\n"
    "  FAIL   error    CSC-REC-001  Openings, joiners and leavers account for the              "
    "1  "
    "      2\n"
    "                               providers at the close\n"
    "\n"
    "  pass   1 rule that could not decide every record\n"
    "         CSC-DUP-001  1 record without a key left out of 2,145 checked\n"
    "  pass   1 built-in rule on types, codes and rows, 2,145 values looked at\n"
    "\n"
    "CSC-PLC-001  Every provider of a type that has places has places above zero\n"
    "  error · 2 findings of 2,071 checked · 4 undecided · steward registration\n"
    "  A null or zero count is replaced by an estimate in the published figures.\n"
    "\n"
    "  • SC001: Children's Home has no places\n"
    "    extracts/providers.csv:12 · expected at least 1\n"
    "    provision_type: Children's Home · places: null · name: [masked]\n"
    "  • SC002: Boarding School has 0 places\n"
    "    extracts/providers.csv:40\n"
    "    provision_type: Boarding School · places: 0 · name: [masked]\n"
    "    left out, it moves 3 published figures: Providers by type, Boarding School: 2,145 → "
    "2,144 "
    "·\n"
    "    share: 50.5 → unknown · and 1 more\n"
    "\n"
    "CSC-REC-001  Openings, joiners and leavers account for the providers at the close\n"
    "  error · 1 finding of 2 checked\n"
    "\n"
    "                            opening  + joined  − left  = expected  published  difference  "
    "unexplained\n"
    "  Residential Holiday            15         2       1          16         15          −1  "
    "   "
    "       0\n"
    "  Scheme\n"
    "  Children's Home             2,071       228     154       2,145      2,145           0  "
    "   "
    "       0\n"
    "\n"
    "  Residential Holiday Scheme: −1 against the expected 16\n"
    "          −1  joined before the year, listed as a joiner: 1229765\n"
    "\n"
    "────────────────────────────────────────────────────────────────────────\n"
    "INCOMPLETE  4 rules, 6,363 records and figures looked at\n"
    "  looked at nothing: CSC-JDG-004\n"
    "  3 blocking findings in 2 rules\n"
    "  3 errors, 0 warnings, 0 infos\n"
    "  exit code 3: incomplete, a rule looked at nothing or could not be evaluated\n";

static void the_screen_is_exact(void **state)
{
    (void)state;
    same_text(made("terminal", NULL), made_screen);
}

/* Colour adds escape sequences and changes nothing else. */
static void colour_changes_no_text(void **state)
{
    (void)state;
    made("terminal", &(as_report_options){.color = true});
    HAS("\x1b[1;31mFAIL \x1b[0m");
    char *to = text.ptr;
    for (const char *p = text.ptr; *p;) {
        if (*p == '\x1b') {
            p = strchr(p, 'm') + 1;
        } else {
            *to++ = *p++;
        }
    }
    *to = '\0';
    same_text(text.ptr, made_screen);
}

static void nothing_is_left_out_in_silence(void **state)
{
    (void)state;
    made("terminal",
         &(as_report_options){.per_rule = 1, .show_all_hint = "assay findings --all"});
    HAS("  … and 1 more finding\n");
    HAS("1 finding of 1 rule is not shown. To see all: assay findings --all\n");
    HAS_NOT("SC002");
}

static void bridges_have_a_column_for_each_term_where_there_is_room(void **state)
{
    (void)state;
    made("terminal", &(as_report_options){.width = 130});
    HAS("                              opening  + joiners  − leavers  = expected  published  "
        "difference "
        " unexplained\n"
        "  Residential Holiday Scheme       15          2          1          16         15    "
        "      −1 "
        "           0\n");
}

static void runs_are_compared(void **state)
{
    (void)state;
    as_doc_rule rules[MADE_RULES];
    as_doc doc = made_doc(rules);
    store(&doc, made_findings, 2);
    doc = made_doc(rules);
    doc.run = S("other");
    store(&doc, made_findings + 1, 2);
    report("terminal", &doc, NULL);
    HAS("1 new, 1 open, 1 fixed since run 1\n");
    HAS("extracts/providers.csv:40 · open · expected at least 1\n");
    HAS("2 findings of 2,071 checked · 4 undecided · 1 fixed · steward registration\n");
    HAS("1 finding of 2 checked · 1 new\n");
    report("terminal", &doc, &(as_report_options){.quiet = true});
    assert_true(text.len < 600);
    HAS("INCOMPLETE");
    HAS_NOT("Inputs");
}

static void data_cannot_drive_the_terminal(void **state)
{
    (void)state;
    as_doc_value values[] = {{S("v\x1b[8m"), S("\x1b]0;title\x07"), false, false}};
    as_doc doc = one_finding((as_doc_finding){.key = S("k\x1b[2J"),
                                              .message = S("a\rb\nc\xe2\x80\xae"),
                                              .file = S("f\x1b.csv"),
                                              .line = 2,
                                              .expected = S("\x9b"),
                                              .values = values,
                                              .value_count = 1,
                                              .fingerprint = S("x")});
    one_rule.title = S("title\nof two lines\x1b[0m");
    one_rule.note = S("\x1b[31m");
    report("terminal", &doc, NULL);
    for (size_t i = 0; i < text.len; i++) {
        assert_true((unsigned char)text.ptr[i] >= 0x20 || text.ptr[i] == '\n');
    }
    assert_int_equal(as_text_utf8_valid(as_buf_str(&text)), text.len);
    HAS("k\\x1b[2J: a\\rb\\nc\\u{202e}\n");
    HAS("title of two lines\\x1b[0m");
    HAS("f\\x1b.csv:2");
    HAS_NOT("\x1b");
}

static void wide_characters_stay_in_line(void **state)
{
    (void)state;
    as_doc_input inputs[] = {{.table = S("東京"), .file = S("a.csv"), .rows = 1},
                             {.table = S("Ysgol Ŵ"), .file = S("b.csv"), .rows = 10}};
    as_doc doc = {.run = S("1"),
                  .inputs = inputs,
                  .input_count = 2,
                  .verdict = S("incomplete"),
                  .exit_code = 3};
    store(&doc, NULL, 0);
    report("terminal", &doc, NULL);
    HAS("  東京      1 row   a.csv\n"
        "  Ysgol Ŵ  10 rows  b.csv\n");
}

/* A hundred rules that pass take a few lines; what was off and why is said once. */
static void passes_are_short(void **state)
{
    (void)state;
    enum { N = 100 };
    as_doc_rule rules[N];
    char ids[N][16];
    for (size_t i = 0; i < N; i++) {
        snprintf(ids[i], sizeof ids[i], "R-%03zu", i);
        rules[i] = (as_doc_rule){.id = as_str_from(ids[i]),
                                 .title = S("a title"),
                                 .severity = S("error"),
                                 .table = i % 2 ? S("a") : S("b"),
                                 .status = i < 97 ? S("pass") : S("off"),
                                 .selected = i < 97 ? 10 : 0,
                                 .note = i < 97 ? AS_NONE : S("no owners this year")};
    }
    as_doc doc = {.run = S("1"),
                  .release = S("r"),
                  .verdict = S("pass"),
                  .rules = rules,
                  .rule_count = N};
    store(&doc, NULL, 0);
    report("terminal", &doc, NULL);
    size_t lines = 0;
    for (const char *p = text.ptr; *p; p++) {
        lines += *p == '\n';
    }
    assert_true(lines < 30);
    HAS("  pass   97 rules, 970 records and figures looked at\n         b  R-000  R-002");
    HAS("  off    3 rules off: no owners this year\n         R-097  R-098  R-099\n");
    HAS("PASS  97 rules, 970 records and figures looked at\n");
    HAS("  exit code 0: passed\n");
    /* All of them in full, when asked. */
    report("terminal", &doc, &(as_report_options){.per_rule = UINT64_MAX});
    HAS("  pass   error  R-096  a title");
    HAS("  off    error  R-099  a title");
}

static void nothing_checked_is_no_success(void **state)
{
    (void)state;
    as_doc doc = {.run = S("1"), .release = S("r"), .verdict = S("pass"), .exit_code = 0};
    store(&doc, NULL, 0);
    report("terminal", &doc, &(as_report_options){.color = true});
    HAS("NOTHING WAS CHECKED");
    HAS("there are no rules: this is no pass");
    HAS_NOT("\x1b[1;32m");
    as_doc_rule rules[] = {{.id = S("A"), .status = S("pass")},
                           {.id = S("B"), .status = S("off")}};
    doc.rules = rules;
    doc.rule_count = 2;
    doc.run = S("2");
    store(&doc, NULL, 0);
    report("terminal", &doc, NULL);
    HAS("NOTHING WAS CHECKED\n  no rule looked at any record: this is no pass\n");
    HAS_NOT("PASS ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_screen_is_exact),
        TEST(colour_changes_no_text),
        TEST(nothing_is_left_out_in_silence),
        TEST(bridges_have_a_column_for_each_term_where_there_is_room),
        TEST(runs_are_compared),
        TEST(data_cannot_drive_the_terminal),
        TEST(wide_characters_stay_in_line),
        TEST(passes_are_short),
        TEST(nothing_checked_is_no_success),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
