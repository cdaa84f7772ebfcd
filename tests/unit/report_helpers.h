/* report_helpers.h: a ledger in memory, and a report of it as text, for the tests of reports/.
 */
#ifndef REPORT_HELPERS_H
#define REPORT_HELPERS_H

#include "base/text.h"
#include "reports/host.h"
#include "reports/text.h"
#include "unit/made_doc.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static as_ledger *ledger;
static as_buf text;

static inline int setup(void **state)
{
    (void)state;
    as_err e;
    text = AS_BUF((size_t)1 << 30);
    return as_ledger_open(&ledger, ":memory:", &e) == AS_OK ? 0 : -1;
}

static inline int teardown(void **state)
{
    (void)state;
    as_ledger_close(ledger);
    as_buf_free(&text);
    return 0;
}

static inline void ok_at(as_code code, const as_err *e, int line)
{
    if (code != AS_OK) {
        print_error("line %d: code %d: %s\n", line, code, e->text);
    }
    assert_int_equal(code, AS_OK);
}
#define OK(call) ok_at((call), &e, __LINE__)

static inline as_code collect(void *arg, as_str bytes, as_err *e)
{
    (void)e;
    as_buf_add(arg, bytes);
    return AS_OK;
}

static inline void store(as_doc *doc, const as_doc_finding *findings, size_t n)
{
    as_err e = {0};
    OK(as_ledger_begin(ledger, doc, &e));
    for (size_t i = 0; i < n; i++) {
        OK(as_ledger_finding(ledger, &findings[i], &e));
    }
    OK(as_ledger_commit(ledger, doc, &e));
}

static inline const char *report(const char *format, const as_doc *doc,
                                 const as_report_options *o)
{
    static const as_report_options plain;
    as_err e = {0};
    const as_format *f = as_format_find(as_str_from(format));
    assert_non_null(f);
    as_buf_clear(&text);
    OK(f->render(ledger, doc, o ? o : &plain, (as_out){collect, &text}, &e));
    return text.ptr;
}

static inline const char *made(const char *format, const as_report_options *o)
{
    static as_doc_rule rules[MADE_RULES];
    as_doc doc = made_doc(rules);
    store(&doc, made_findings, MADE_FINDINGS);
    return report(format, &doc, o);
}

/* One finding of one failing rule. */
static as_doc_rule one_rule;
static inline as_doc one_finding(as_doc_finding f)
{
    one_rule = (as_doc_rule){.id = S("R-1"),
                             .title = S("a title"),
                             .kind = S("expect"),
                             .severity = S("error"),
                             .status = S("fail"),
                             .blocking = true,
                             .selected = 10,
                             .findings = 1};
    as_doc doc = {.assay = S("0.1.0"),
                  .release = S("rel"),
                  .run = S("abc"),
                  .verdict = S("fail"),
                  .exit_code = 1,
                  .rules = &one_rule,
                  .rule_count = 1,
                  .findings = 1,
                  .blocking = 1};
    f.rule = S("R-1");
    f.severity = S("error");
    store(&doc, &f, 1);
    return doc;
}

static inline void has_at(const char *part, int line)
{
    if (!strstr(text.ptr, part)) {
        print_error("line %d: no \"%s\" in:\n%s\n", line, part, text.ptr);
    }
    assert_non_null(strstr(text.ptr, part));
}
#define HAS(part) has_at((part), __LINE__)
#define HAS_NOT(part) assert_null(strstr(text.ptr, (part)))

static inline void same_text(const char *have, const char *want)
{
    size_t at = 0;
    while (have[at] && have[at] == want[at]) {
        at++;
    }
    if (have[at] != want[at]) {
        print_error("differs at byte %zu, after:\n%.*s\nhave: %.80s\nwant: %.80s\n", at,
                    (int)at, have, have + at, want + at);
    }
    assert_string_equal(have, want);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
