/* test_report_ci.c: accepted findings in the formats for CI. A line before the writer says what
 * the ledger will: the first finding of the hand-made run is accepted. */
#include "embedded.h"
#include "unit/report_helpers.h"

#define ACCEPTED                                                                               \
    "local all = findings local function findings(q) local n = all(q) return function() "      \
    "local f = n() if f and f.key == 'SC001' then f.decision = 'accepted until 2018-03-31: "   \
    "closed {0} \\u{202e}[x](1)' end return f end end "

static void writes(const char *name, const unsigned char *script, size_t size)
{
    as_doc_rule rules[MADE_RULES];
    as_doc doc = made_doc(rules);
    rules[0].accepted = 1;
    static const as_report_options options;
    as_buf all = AS_BUF(1 << 20);
    as_err e = {0};
    store(&doc, made_findings, MADE_FINDINGS);
    as_buf_add(&all, S(ACCEPTED));
    as_buf_add(&all, (as_str){(const char *)script, size});
    const as_writer w = {as_str_from(name), as_buf_str(&all), AS_TEXTS_AS_THEY_ARE};
    as_buf_clear(&text);
    OK(as_host_render(&w, ledger, &doc, &options, (as_out){collect, &text}, &e));
    as_buf_free(&all);
}
#define WRITES(name) writes(#name, as_embedded_##name##_lua, as_embedded_##name##_lua_size)

static size_t how_often(const char *part)
{
    size_t n = 0;
    for (const char *at = text.ptr; (at = strstr(at, part)); at++) {
        n++;
    }
    return n;
}

/* The standard: where one result has suppressions, all have (none is an empty list). */
static void sarif_suppresses_what_was_accepted(void **state)
{
    (void)state;
    WRITES(sarif);
    HAS("\"suppressions\": [{\"justification\": \"accepted until 2018-03-31: closed {0} "
        "\\\\u{202e}[x](1)\", \"kind\": \"external\", \"status\": \"accepted\"}]");
    assert_int_equal(how_often("\"suppressions\": []"), 2);
    assert_int_equal(how_often("\"ruleId\""), 3);
    made("sarif", NULL); /* nothing accepted, nothing said */
    HAS_NOT("suppressions");
}

static void no_annotation_for_what_was_accepted(void **state)
{
    (void)state;
    WRITES(github);
    HAS_NOT("SC001");
    HAS("SC002");
    HAS("1 accepted finding not annotated");
}

static void lists_name_the_decision(void **state)
{
    (void)state;
    WRITES(junit);
    HAS("SC001: Children&#39;s Home has no places (extracts/providers.csv:12 · accepted until "
        "2018-03-31: closed {0} \\u{202e}[x](1))");
    HAS("1 finding accepted");
    WRITES(markdown);
    HAS("(extracts/providers.csv:12 · accepted until 2018-03-31: closed \\{0\\}");
    WRITES(html);
    HAS("<td>new · accepted until 2018-03-31");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sarif_suppresses_what_was_accepted),
        TEST(no_annotation_for_what_was_accepted),
        TEST(lists_name_the_decision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
