/* test_reports.c: single values, JSON, CSV and masking, from a hand-made run. Expected texts
 * are written by hand; the JSON is also read back by an independent parser (jansson). */
#include "unit/report_helpers.h"
#include <jansson.h>
#include <math.h>

/* ---- single values ---- */

typedef void (*put_fn)(as_buf *b, as_str s);

static void puts_as(put_fn put, as_str s, const char *want)
{
    as_buf b = AS_BUF(10000);
    put(&b, s);
    assert_false(b.failed);
    assert_string_equal(b.ptr ? b.ptr : "", want);
    assert_int_equal(as_text_utf8_valid(as_buf_str(&b)), b.len);
    as_buf_free(&b);
}

static void json_strings(void **state)
{
    (void)state;
    puts_as(as_json_str, S(""), "\"\"");
    puts_as(as_json_str, AS_NONE, "\"\"");
    puts_as(as_json_str, S("a\"b\\c/d"), "\"a\\\"b\\\\c/d\"");
    puts_as(as_json_str, S("\b\t\n\v\f\r\x1b\x7f"), "\"\\b\\t\\n\\u000b\\f\\r\\u001b\\u007f\"");
    puts_as(as_json_str, S("a\0b"), "\"a\\u0000b\"");
    puts_as(as_json_str, S("Caf\xc3\xa9 \xe2\x80\x93 \xf0\x9f\x8f\xa0"),
            "\"Caf\xc3\xa9 \xe2\x80\x93 \xf0\x9f\x8f\xa0\"");
    puts_as(as_json_str, S("Caf\xe9"), "\"Caf\xef\xbf\xbd\""); /* Windows-1252 */
    puts_as(as_json_str, S("\xc3"), "\"\xef\xbf\xbd\"");       /* cut short */
    puts_as(as_json_str, S("\xed\xa0\x80"), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    puts_as(as_json_str, S("\xc2\x85\xe2\x80\xa8"), "\"\\u0085\\u2028\"");
    puts_as(as_json_str_or_null, S(""), "null");
}

static void numbers(void **state)
{
    (void)state;
    static const struct {
        double x;
        const char *json, *people;
    } all[] = {
        {0, "0", "0"},
        {-0.0, "0", "0"},
        {2071, "2071", "2,071"},
        {-157, "-157",
         "\xe2\x88\x92"
         "157"},
        {1e15, "1e+15", "1,000,000,000,000,000"},
        {0.1, "0.1", "0.1"},
        {-1234.25, "-1234.25",
         "\xe2\x88\x92"
         "1,234.25"},
        {1.0 / 3, "0.3333333333333333", "0.3333333333333333"},
        {NAN, "null", "unknown"},
        {INFINITY, "null", "unknown"},
    };
    as_buf b = AS_BUF(1000);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        as_buf_clear(&b);
        as_json_num(&b, all[i].x);
        assert_string_equal(b.ptr, all[i].json);
        as_buf_clear(&b);
        as_text_number(&b, all[i].x);
        assert_string_equal(b.ptr, all[i].people);
    }
    as_buf_clear(&b);
    as_buf_addu(&b, UINT64_MAX);
    assert_string_equal(b.ptr, "18446744073709551615");
    as_buf_free(&b);
}

static void csv_cells(void **state)
{
    (void)state;
    puts_as(as_csv_cell, S(""), "");
    puts_as(as_csv_cell, S("plain"), "plain");
    puts_as(as_csv_cell, S("a,b"), "\"a,b\"");
    puts_as(as_csv_cell, S("say \"x\""), "\"say \"\"x\"\"\"");
    puts_as(as_csv_cell, S("two\nlines"), "\"two\nlines\"");
    puts_as(as_csv_cell, S(" blank"), "\" blank\"");
    puts_as(as_csv_cell, S("=1+1"), "'=1+1");
    puts_as(as_csv_cell, S("+44"), "'+44");
    puts_as(as_csv_cell, S("-3"), "'-3");
    puts_as(as_csv_cell, S("@x"), "'@x");
    puts_as(as_csv_cell, S("\tx"), "'\tx");
    puts_as(as_csv_cell, S("\rx"), "\"'\rx\"");
    puts_as(as_csv_cell, S("=HYPERLINK(\"x\",\"y\")"), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
    puts_as(as_csv_cell,
            S("\xef\xbc\x9d"
              "1"),
            "'\xef\xbc\x9d"
            "1"); /* full-width = */
    puts_as(as_csv_cell, S("a=b"), "a=b");
    puts_as(as_csv_cell, S("\x1b[31m\0\xe9"), "\xef\xbf\xbd[31m\xef\xbf\xbd\xef\xbf\xbd");
}

static void visible(as_buf *b, as_str s)
{
    as_text_visible(b, s, false);
}

static void prose(as_buf *b, as_str s)
{
    as_text_visible(b, s, true);
}

static void github(as_buf *b, as_str s)
{
    as_text_github(b, s, false);
}

static void github_property(as_buf *b, as_str s)
{
    as_text_github(b, s, true);
}

static void other_escapes(void **state)
{
    (void)state;
    puts_as(visible, S("\x1b[2J\r\n\tx\x7f"), "\\x1b[2J\\r\\n\\tx\\x7f");
    puts_as(visible,
            S("a\xe2\x80\xae"
              "b\xc2\x9b\xef\xbb\xbf"),
            "a\\u{202e}b\\u{009b}\\u{feff}");
    puts_as(visible, S("\xe2\x80\x99 \xe6\x9d\xb1 \xff"),
            "\xe2\x80\x99 \xe6\x9d\xb1 \xef\xbf\xbd");
    puts_as(prose, S("one\ntwo\tthree"), "one two three");
    puts_as(as_text_html, S("<a href=\"x\">'&\x01\n"),
            "&lt;a href=&quot;x&quot;&gt;&#39;&amp;\xef\xbf\xbd\n");
    puts_as(as_text_markdown, S("a|b*c_d`e\n[x](y) <z>"),
            "a\\|b\\*c\\_d\\`e \\[x\\]\\(y\\) &lt;z&gt;");
    puts_as(github, S("50%\nof: a,b"), "50%25%0Aof: a,b");
    puts_as(github_property, S("a:b,c%"), "a%3Ab%2Cc%25");
    puts_as(as_text_utf8, S("x\xff\xe2\x80\xae"), "x\xef\xbf\xbd\xe2\x80\xae");
}

static void widths_and_lines(void **state)
{
    (void)state;
    assert_int_equal(as_text_width(S("abc")), 3);
    assert_int_equal(as_text_width(S("Caf\xc3\xa9")), 4);
    assert_int_equal(as_text_width(S("Cafe\xcc\x81")), 4);             /* a combining accent */
    assert_int_equal(as_text_width(S("\xe6\x9d\xb1\xe4\xba\xac")), 4); /* two wide characters */
    as_str rest, line = as_text_line(S("one two  three"), 8, &rest);
    assert_true(as_str_eq(line, S("one two")) && as_str_eq(rest, S("three")));
    line = as_text_line(S("onetwothree four"), 5, &rest);
    assert_true(as_str_eq(line, S("onetw")) && as_str_eq(rest, S("othree four")));
    line = as_text_line(S("short"), 5, &rest);
    assert_true(as_str_eq(line, S("short")) && rest.len == 0);
    line = as_text_line(S("\xe6\x9d\xb1\xe4\xba\xac"), 1, &rest); /* at least one character */
    assert_true(line.len == 3 && rest.len == 3);
}

/* ---- JSON ---- */

static void json_is_exact(void **state)
{
    (void)state;
    static const char want[] =
        "{\n"
        "  \"assay\": \"0.1.0\",\n"
        "  \"release\": \"rel\",\n"
        "  \"run\": \"abc\",\n"
        "  \"verdict\": \"fail\",\n"
        "  \"exit_code\": 1,\n"
        "  \"as_at\": null,\n"
        "  \"rules_sha256\": null,\n"
        "  \"counts\": {\"findings\": 1, \"blocking\": 1, \"new\": 1, \"open\": 0, "
        "\"reopened\": 0, "
        "\"gone\": 0, \"accepted\": 0},\n  \"decisions\": [],\n"
        "  \"inputs\": [],\n"
        "  \"rules\": [\n"
        "    {\"id\": \"R-1\", \"name\": \"\", \"title\": \"a title\", \"kind\": \"expect\", "
        "\"severity\": \"error\", \"status\": \"fail\", \"selected\": 10, \"findings\": 1, "
        "\"undecided\": 0, \"key_nulls\": 0, \"accepted\": 0, \"blocking\": true, \"builtin\": "
        "false, "
        "\"table\": null, \"steward\": null, \"note\": null, \"why\": null, \"source\": null}\n"
        "  ],\n"
        "  \"findings\": [\n"
        "    {\"rule\": \"R-1\", \"severity\": \"error\", \"table\": \"t\", \"key\": \"k\", "
        "\"file\": "
        "\"f.csv\", \"line\": 3, \"field\": \"n\", \"values\": {\"n\": \"\", \"m\": null}, "
        "\"expected\": \"at least 1\", \"message\": \"k has no n\", \"fingerprint\": \"ab\", "
        "\"state\": "
        "\"new\", \"records\": [], \"row\": 2, \"column\": null, \"sheet\": null, \"steward\": "
        "null, "
        "\"decision\": null, \"moves\": 3, \"moved\": [{\"measure\": \"schools\", \"title\": "
        "\"Providers by type\", \"group\": \"Boarding School\", \"unit\": \"providers\", "
        "\"from\": 2145, \"to\": 2144, \"change\": -1}, {\"measure\": \"share\", \"title\": "
        "null, \"group\": null, \"unit\": null, \"from\": 50.5, \"to\": null, \"change\": "
        "null}]}\n"
        "  ],\n"
        "  \"left_out\": 0\n"
        "}\n";
    as_doc_value values[] = {{S("n"), S(""), false, false}, {S("m"), AS_NONE, true, false}};
    as_doc doc = one_finding((as_doc_finding){.moves = 3,
                                              .moved = made_moves,
                                              .moved_count = 2,
                                              .table = S("t"),
                                              .key = S("k"),
                                              .file = S("f.csv"),
                                              .line = 3,
                                              .row = 2,
                                              .field = S("n"),
                                              .values = values,
                                              .value_count = 2,
                                              .expected = S("at least 1"),
                                              .message = S("k has no n"),
                                              .fingerprint = S("ab")});
    same_text(report("json", &doc, NULL), want);
}

static const char *string_at(json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void json_reads_back(void **state)
{
    (void)state;
    json_error_t error;
    json_t *root = json_loads(made("json", NULL), JSON_REJECT_DUPLICATES, &error);
    assert_non_null(root);
    assert_string_equal(string_at(root, "verdict"), "incomplete");
    assert_int_equal(json_integer_value(json_object_get(root, "exit_code")), 3);
    json_t *inputs = json_object_get(root, "inputs");
    assert_int_equal(json_array_size(inputs), 2);
    json_t *input = json_array_get(inputs, 0);
    assert_string_equal(string_at(input, "table"), "providers");
    assert_string_equal(string_at(input, "digest"), "blake3:aa11");
    assert_string_equal(string_at(input, "encoding"), "windows-1252");
    assert_int_equal(json_integer_value(json_object_get(input, "rows")), 2145);

    json_t *rules = json_object_get(root, "rules");
    assert_int_equal(json_array_size(rules), MADE_RULES);
    assert_null(json_object_get(json_array_get(rules, 0), "bridge"));
    json_t *bridge = json_object_get(json_array_get(rules, 1), "bridge");
    assert_int_equal(json_array_size(bridge), 2);
    json_t *gap = json_array_get(bridge, 1);
    assert_string_equal(string_at(json_object_get(gap, "group"), "provision_type"),
                        "Residential Holiday Scheme");
    static const struct {
        const char *name;
        int value;
    } figures[] = {{"opening", 15},    {"plus", 2},       {"minus", 1},
                   {"adjustments", 0}, {"expected", 16},  {"closing", 15},
                   {"residual", -1},   {"explained", -1}, {"unexplained", 0}};
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++) {
        json_t *x = json_object_get(gap, figures[i].name);
        assert_true(json_is_integer(x)); /* no fraction */
        assert_int_equal(json_integer_value(x), figures[i].value);
    }
    assert_int_equal(json_array_size(json_object_get(gap, "terms")), 2);
    json_t *cause = json_array_get(json_object_get(gap, "causes"), 0);
    assert_string_equal(string_at(cause, "kind"), "joiner_before_period");
    assert_string_equal(json_string_value(json_array_get(json_object_get(cause, "records"), 0)),
                        "1229765");
    assert_int_equal(json_integer_value(json_object_get(cause, "effect")), -1);

    json_t *findings = json_object_get(root, "findings");
    assert_int_equal(json_array_size(findings), MADE_FINDINGS);
    json_t *f = json_array_get(findings, 0);
    assert_string_equal(string_at(f, "fingerprint"), "00112233445566778899aabbccddeeff");
    assert_true(json_is_null(json_object_get(json_object_get(f, "values"), "places")));
    assert_string_equal(string_at(json_object_get(f, "values"), "name"), "[masked]");
    f = json_array_get(findings, 2); /* a figure stands nowhere */
    assert_true(json_is_null(json_object_get(f, "line")));
    assert_true(json_is_null(json_object_get(f, "file")));
    json_t *records = json_object_get(f, "records");
    assert_int_equal(json_array_size(records), 2);
    assert_int_equal(json_integer_value(json_object_get(json_array_get(records, 1), "line")),
                     19);
    json_decref(root);
}

/* A rule of kind reconcile that could not run has its bridge all the same. */
static void json_bridge_of_a_rule_that_did_not_run(void **state)
{
    (void)state;
    as_doc_rule rule = {.id = S("X"), .kind = S("reconcile"), .status = S("error")};
    as_doc_bridge b = {.unexplained = NAN};
    as_doc doc = {.run = S("1"), .rules = &rule, .rule_count = 1};
    store(&doc, NULL, 0);
    report("json", &doc, NULL);
    HAS("\"bridge\": []}");
    rule.bridge = &b; /* a group of records without a value, and a figure nobody knows */
    rule.bridge_count = 1;
    as_str field = S("type"), none = AS_NONE;
    b.fields = &field;
    b.values = &none;
    b.group_count = 1;
    report("json", &doc, NULL);
    HAS("\"group\": {\"type\": null}");
    HAS("\"unexplained\": null");
}

static void json_of_hostile_data(void **state)
{
    (void)state;
    as_doc_value values[] = {{S("a\x01"), S("\xff\xfe\0\x1b[31m\"}"), false, false}};
    as_doc doc = one_finding((as_doc_finding){.key = S("k\n\xe2\x80"),
                                              .message = S("</script>\x7f"),
                                              .values = values,
                                              .value_count = 1,
                                              .fingerprint = S("\"")});
    as_str all = (report("json", &doc, NULL), as_buf_str(&text));
    assert_int_equal(as_text_utf8_valid(all), all.len);
    for (size_t i = 0; i < all.len; i++) {
        assert_true((unsigned char)all.ptr[i] >= 0x20 || all.ptr[i] == '\n');
    }
    json_error_t error;
    json_t *root = json_loadb(all.ptr, all.len, JSON_ALLOW_NUL, &error);
    assert_non_null(root);
    json_decref(root);
}

static void json_says_what_it_leaves_out(void **state)
{
    (void)state;
    made("json", &(as_report_options){.filter = {.rule = S("CSC-PLC-001")}});
    HAS("\"left_out\": 1\n");
    HAS_NOT("\"rule\": \"CSC-REC-001\"");
}

/* ---- masking ---- */

static void sensitive_values_are_masked(void **state)
{
    (void)state;
    as_doc_value values[] = {{S("name"), S("Rose Cottage"), false, true},
                             {S("owner"), S("Al"), false, true},
                             {S("street"), S("Rose"), false, true},
                             {S("gone"), AS_NONE, true, true},
                             {S("places"), S("4"), false, false}};
    as_doc_record members[] = {{S("t"), S("SECRET-1"), S("f.csv"), 4, 3}};
    as_doc doc = one_finding((as_doc_finding){
        .key = S("SECRET-1 / 2016-04-01"),
        .key_sensitive = true,
        .records_sensitive = true,
        .values = values,
        .value_count = 5,
        .message = S("SECRET-1: Rose Cottage (Al) is owned by Alan in Rosefield"),
        .expected = S("not Rose Cottage"),
        .records = members,
        .record_count = 1,
        .fingerprint = S("f")});
    for (size_t i = 0; i < as_format_count; i++) {
        report(as_formats[i]->name, &doc, NULL);
        HAS("masked");
        HAS_NOT("Cottage");
        HAS_NOT("SECRET");
        HAS_NOT("2016-04-01");
    }
    static const char *const whole[] = {"terminal", "json", "csv"}; /* and nothing else is */
    for (size_t i = 0; i < 3; i++) {
        report(whole[i], &doc, NULL);
        HAS("[masked]: [masked] ([masked]) is owned by Alan in [masked]field");
        HAS("not [masked]");
        HAS("places");
    }
    report("json", &doc, NULL);
    HAS("\"gone\": null");
    HAS("\"key\": \"[masked]\", \"file\": \"f.csv\", \"line\": 4");
}

/* ---- CSV ---- */

static void csv_is_exact(void **state)
{
    (void)state;
    static const char want[] =
        "rule,severity,state,table,key,file,sheet,line,row,column,field,value,expected,message,"
        "values,records,steward,decision,fingerprint,moves,moved\r\n"
        "CSC-PLC-001,error,new,providers,SC001,extracts/providers.csv,,12,10,7,places,,at "
        "least 1,"
        "SC001: Children's Home has no places,"
        "provision_type=Children's Home; places=; name=[masked],,registration,,"
        "00112233445566778899aabbccddeeff,,\r\n"
        "CSC-PLC-001,error,new,providers,SC002,extracts/providers.csv,,40,38,7,places,0,at "
        "least 1,"
        "SC002: Boarding School has 0 places,"
        "provision_type=Boarding School; places=0; name=[masked],,registration,,"
        "10112233445566778899aabbccddeeff,3,\"Providers by type, Boarding School: 2,145 → "
        "2,144; share: 50.5 → unknown; and 1 more\"\r\n"
        "CSC-REC-001,error,new,providers,Residential Holiday Scheme,,,,,,,,16,"
        "\"Residential Holiday Scheme: 15 + 2 - 1 = 16, published 15\",,"
        "movements 1229765 (line 17); movements 1229766 (line 19),,,"
        "20112233445566778899aabbccddeeff,,\r\n";
    same_text(made("csv", NULL), want);
}

static void csv_without_findings_has_its_header(void **state)
{
    (void)state;
    as_doc doc = {.run = S("1")};
    store(&doc, NULL, 0);
    report("csv", &doc, NULL);
    assert_non_null(strstr(text.ptr, "fingerprint,moves,moved\r\n"));
    assert_int_equal(text.len, strlen(text.ptr));
    assert_int_equal(text.ptr[text.len - 1], '\n');
}

static as_code no_room(void *arg, as_str bytes, as_err *e)
{
    (void)arg;
    (void)bytes;
    return as_fail(e, AS_EIO, AS_NOWHERE, "out.json: no space left on device");
}

static void a_failing_output_is_said(void **state)
{
    (void)state;
    as_doc_rule rules[MADE_RULES];
    as_doc doc = made_doc(rules);
    static const as_report_options options;
    store(&doc, made_findings, MADE_FINDINGS);
    for (size_t i = 0; i < as_format_count; i++) {
        as_err e = {0};
        assert_int_equal(
            as_formats[i]->render(ledger, &doc, &options, (as_out){no_room, NULL}, &e), AS_EIO);
        assert_non_null(strstr(e.text, "no space left"));
    }
}

static void formats_are_listed(void **state)
{
    (void)state;
    assert_true(as_format_count >= 3);
    assert_null(as_format_find(S("xml")));
    for (size_t i = 0; i < as_format_count; i++) {
        assert_true(strlen(as_formats[i]->summary) > 10);
        assert_ptr_equal(as_format_find(as_str_from(as_formats[i]->name)), as_formats[i]);
    }
}

/* The same content again, in the same ledger: the same bytes in every format. */
static void the_same_content_gives_the_same_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < as_format_count; i++) {
        char *before = strdup(made(as_formats[i]->name, NULL));
        assert_string_equal(made(as_formats[i]->name, NULL), before);
        free(before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(json_strings),
        TEST(numbers),
        TEST(csv_cells),
        TEST(other_escapes),
        TEST(widths_and_lines),
        TEST(json_is_exact),
        TEST(json_reads_back),
        TEST(json_bridge_of_a_rule_that_did_not_run),
        TEST(json_of_hostile_data),
        TEST(json_says_what_it_leaves_out),
        TEST(sensitive_values_are_masked),
        TEST(csv_is_exact),
        TEST(csv_without_findings_has_its_header),
        TEST(a_failing_output_is_said),
        TEST(formats_are_listed),
        TEST(the_same_content_gives_the_same_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
