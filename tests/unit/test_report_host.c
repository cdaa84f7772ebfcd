/* test_report_host.c: report writers in Lua: what they have, what they have not, and their
 * budgets. */
#include "base/alloc.h"
#include "unit/report_helpers.h"

/* ---- the Lua host ---- */

static as_code run_writer(const char *script, as_writer_texts texts, as_err *e)
{
    static as_doc_rule rules[MADE_RULES];
    as_doc doc = made_doc(rules);
    static const as_report_options options;
    const as_writer w = {S("mine.lua"), as_str_from(script), texts};
    store(&doc, made_findings, MADE_FINDINGS);
    as_buf_clear(&text);
    return as_host_render(&w, ledger, &doc, &options, (as_out){collect, &text}, e);
}

static void writes(const char *script, const char *want)
{
    as_err e = {0};
    OK(run_writer(script, AS_TEXTS_AS_THEY_ARE, &e));
    same_text(text.ptr ? text.ptr : "", want);
}

static void a_writer_has_what_it_needs(void **state)
{
    (void)state;
    writes(
        "return function(doc, o) write(doc.verdict, ' ', doc.exit_code, ' ', #doc.rules) end",
        "incomplete 3 5");
    writes("return function(doc) for f in findings() do write(f.rule, ' ', f.key, ' ', "
           "tostring(f.line), ';') end end",
           "CSC-PLC-001 SC001 12;CSC-PLC-001 SC002 40;CSC-REC-001 Residential Holiday Scheme "
           "nil;");
    writes("return function() for f in findings{rule = 'CSC-PLC-001', limit = 1} do "
           "write(f.values[3].text, f.values[2].text == nil and 'null' or '?') end end",
           "[masked]null");
    writes("return function() for f in findings{state = 'open'} do write(f.key) end "
           "write(json{b = {1, 2.5, 'x', true}, a = {}, c = 1e300, d = 'q\"'}) end",
           "{\"a\": [], \"b\": [1, 2.5, \"x\", true], \"c\": 1e+300, \"d\": "
           "\"q\\\"\"}");
    writes("return function() write(pad('é', 3), '|', pad('x', 3, 'right'), '|', pad('x', 3, "
           "'center'), '|', thousands(-1234.5), '|', width('東'), '|', escape_html('<'), '|', "
           "escape_xml('&'), '|', escape_markdown('*'), '|', escape_github('a:%', true), '|', "
           "escape_csv('=1'), '|', escape_terminal('\\27')) end",
           "é  |  x| x |−1,234.5|2|&lt;|&amp;|\\*|a%3A%25|'=1|\\x1b");
    writes("return function() local s = 'a.b.c' write(s:find('.', 1), s:find('.', 3), "
           "tostring(s:find('x')), s:replace('.', '%1'), table.concat(wrap('one two', 4), "
           "'/')) end",
           "2"
           "4"
           "nil"
           "a%1b%1c"
           "one/two");
    writes("return function(doc) local b = doc.rules[2].bridge[2] write(b.group[1].value, "
           "b.terms[1].sign, thousands(b.residual), b.causes[1].records[1]) end",
           "Residential Holiday Scheme+−11229765");
    writes("return function(doc) write(tostring(doc.started), tostring(doc.seq), "
           "tostring(doc.rules[1].millis), tostring(doc.previous)) end",
           "nilnilnilnil");
}

static void refuses(const char *script, as_code code, const char *part)
{
    as_err e = {0};
    assert_int_equal(run_writer(script, AS_TEXTS_AS_THEY_ARE, &e), code);
    if (!strstr(e.text, part)) {
        print_error("\"%s\" does not say \"%s\"\n", e.text, part);
    }
    assert_non_null(strstr(e.text, part));
}

static void a_writer_has_no_way_out(void **state)
{
    (void)state;
    static const char *const names[] = {"io",
                                        "os",
                                        "debug",
                                        "package",
                                        "require",
                                        "load",
                                        "loadstring",
                                        "dofile",
                                        "loadfile",
                                        "pcall",
                                        "xpcall",
                                        "coroutine",
                                        "getmetatable",
                                        "setmetatable",
                                        "rawset",
                                        "rawget",
                                        "collectgarbage",
                                        "print",
                                        "_G",
                                        "string.dump",
                                        "string.gsub",
                                        "string.match",
                                        "string.gmatch",
                                        "math.random"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char script[200];
        snprintf(script, sizeof script, "return function() write(tostring(%s)) end", names[i]);
        writes(script, "nil");
    }
    writes("return function() write(tostring(('x').gsub), tostring(('x').dump)) end", "nilnil");
}

static void a_writer_in_the_wrong_is_said(void **state)
{
    (void)state;
    refuses("return function( end", AS_ESCRIPT, "mine.lua:1:");
    refuses("\nerror('my fault')", AS_ESCRIPT, "mine.lua:2: my fault");
    refuses("return 7", AS_ESCRIPT, "must return a function");
    refuses("return function(d) write(d.nothing.x) end", AS_ESCRIPT, "mine.lua:1:");
    refuses("return function() write({}) end", AS_ESCRIPT, "string expected");
    refuses("return function() write(json(print)) write(json(write)) end", AS_ESCRIPT,
            "json: a function");
    refuses("return function() local t = {} t[1] = t write(json(t)) end", AS_ESCRIPT,
            "64 levels");
    refuses("\x1bLua", AS_ESCRIPT, "binary");
    refuses("return function() for f in findings() do error({}) end end", AS_ESCRIPT,
            "(no text)");
}

static void a_writer_has_budgets(void **state)
{
    (void)state;
    refuses("return function() while true do end end", AS_EBUDGET, "too many instructions");
    refuses("return function() local t = {} while true do t[#t + 1] = ('x'):rep(1000000) .. #t "
            "end end",
            AS_EBUDGET, "too much memory");
    refuses("return function() write(('x'):rep(1 << 40)) end", AS_ESCRIPT, "too large");
}

static as_code ignore(void *arg, as_str bytes, as_err *e)
{
    (void)arg;
    (void)bytes;
    (void)e;
    return AS_OK;
}

/* Each allocation fails once, and from then on: always "out of memory", never a torn report
 * called whole. */
static void want_of_memory_is_said(void **state)
{
    (void)state;
    as_doc_rule rules[MADE_RULES];
    as_doc doc = made_doc(rules);
    static const as_report_options options;
    store(&doc, made_findings, MADE_FINDINGS);
    for (size_t i = 0; i < as_format_count; i++) {
        for (int forever = 0; forever < 2; forever++) {
            as_code code = AS_ENOMEM;
            as_err e = {0};
            long n = 0;
            for (; code == AS_ENOMEM; n += 1 + n / 8) {
                as_alloc_fail_after(n, forever);
                code =
                    as_formats[i]->render(ledger, &doc, &options, (as_out){ignore, NULL}, &e);
                as_alloc_fail_after(-1, false);
                /* Lua tries again after a collection, so one fault may do no harm. */
                code = code == AS_OK && !forever && n < 2000 ? AS_ENOMEM : code;
            }
            ok_at(code, &e, __LINE__);
            assert_true(n > 5);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_writer_has_what_it_needs),    TEST(a_writer_has_no_way_out),
        TEST(a_writer_in_the_wrong_is_said), TEST(a_writer_has_budgets),
        TEST(want_of_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
