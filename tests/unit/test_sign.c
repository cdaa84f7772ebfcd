/* test_sign.c: the signed statement: its exact bytes, hostile statements, what differs between
 * what was signed and what is, who is the same person, pages that data cannot break out of. The
 * whole cycle with keys is tests/release/test-sign-off. */
#include "rules_fixture.h"

#include "sign/sign.h"

static as_signed_file signed_files[] = {{{"a.csv", 5}, {"11", 2}, {"blake3:1", 8}},
                                        {{"b.yaml", 6}, {"22", 2}, {"", 0}},
                                        {{"d.lua", 5}, {"33", 2}, {"", 0}}};
static as_str findings[] = {{"ff", 2}};
static as_str links[] = {{"https://example.org/1", 21}};
static as_doc_rule rules[] = {{.id = {"R-1", 3},
                               .title = {"Every \"home\" <b>|x|</b>", 23},
                               .severity = {"warning", 7},
                               .status = {"fail", 4},
                               .findings = 3,
                               .accepted = 1,
                               .selected = 12,
                               .undecided = 2}};

static as_doc_decided decided[] = {{.state = {"accepted", 8},
                                    .name = {"event 7", 7},
                                    .who = {"c@x", 3},
                                    .until = {"2017-12-31", 10},
                                    .rule = {"R-1", 3},
                                    .finding = {"ff", 2},
                                    .sentence = {"closed <i>since</i>", 19},
                                    .count = 1},
                                   {.state = {"expired", 7}, .name = {"event 3", 7}}};

static as_statement statement(void)
{
    as_statement s = {.subjects = {signed_files, 2},
                      .signer = S("b@x"),
                      .role = S("assurer"),
                      .signed_at = S("2017-05-02T14:03:00Z"),
                      .ledger_head = S("00"),
                      .summary = S("Nothing\nblocks"),
                      .links = links,
                      .link_count = 1,
                      .findings = findings,
                      .finding_count = 1,
                      .decisions_sha256 = S("55"),
                      .round = 2};
    s.run = (as_doc){.assay = S("0.1.0"),
                     .release = S("Caf\xc3\xa9"),
                     .produced_by = S("a@x"),
                     .as_at = S("2017-03-31"),
                     .run = S("abc"),
                     .seq = 7,
                     .started = S("2017-05-01T00:00:00Z"),
                     .rules_sha256 = S("44"),
                     .verdict = S("pass"),
                     .rules = rules,
                     .rule_count = 1,
                     .decided = decided,
                     .decided_count = 2,
                     .findings = 3,
                     .accepted = 1};
    return s;
}

/* Written by hand from docs/formats/sign-off.md. */
static const char canonical[] =
    "{\"_type\":\"https://in-toto.io/Statement/v1\",\"predicate\":{\"accepted\":[{\"count\":1,"
    "\"finding\":\"ff\",\"name\":\"event 7\",\"rule\":\"R-1\",\"sentence\":\"closed "
    "<i>since</i>\",\"until\":\"2017-12-31\",\"who\":\"c@x\"}],\"accepted_findings\":[\"ff\"],"
    "\"as_at\":\"2017-03-31\","
    "\"counts\":{\"accepted\":1,\"blocking\":0,\"findings\":3},\"decisions_sha256\":\"55\","
    "\"ledger_head\":\"00\",\"links\":"
    "[\"https://example.org/1\"],\"produced_by\":\"a@x\",\"release\":\"Caf\xc3\xa9\",\"role\":"
    "\"assurer\",\"round\":2,\"rules\":[{\"accepted\":1,\"blocking\":false,\"findings\":3,"
    "\"id\":\"R-1\",\"note\":\"\",\"selected\":12,\"severity\":\"warning\",\"status\":"
    "\"fail\",\"title\":\"Every \\\"home\\\" <b>|x|</b>\",\"undecided\":2}],\"rules_sha256\":"
    "\"44\",\"run\":{\"id\":\"abc\",\"number\":7,\"started\":\"2017-05-01T00:00:00Z\"},"
    "\"signed_at\":\"2017-05-02T14:03:00Z\",\"signer\":\"b@x\",\"summary\":\"Nothing\\n"
    "blocks\",\"tool\":{\"name\":\"assay\",\"version\":\"0.1.0\"},\"verdict\":\"pass\"},"
    "\"predicateType\":\"urn:assay:sign-off:v1\",\"subject\":[{\"digest\":{\"sha256\":\"11\"},"
    "\"name\":\"a.csv\"},{\"digest\":{\"sha256\":\"22\"},\"name\":\"b.yaml\"}]}\n";

static void test_written(void **state)
{
    (void)state;
    as_statement s = statement();
    as_str text;
    assert_int_equal(as_statement_write(&s, arena, &text, &err), AS_OK);
    EXPECT_STR(text, canonical);
}

static void test_read_back(void **state)
{
    (void)state;
    as_statement s;
    as_str again;
    assert_int_equal(as_statement_read(&s, S(canonical), "s.json", arena, &err), AS_OK);
    EXPECT_STR(s.signer, "b@x");
    EXPECT_STR(s.run.release, "Caf\xc3\xa9");
    assert_int_equal(s.run.seq, 7);
    assert_int_equal(s.run.rules[0].accepted, 1);
    assert_int_equal(s.subjects.count, 2);
    assert_int_equal(as_statement_write(&s, arena, &again, &err), AS_OK);
    EXPECT_STR(again, canonical);
}

static void test_not_utf8(void **state)
{
    (void)state;
    as_statement s = statement();
    as_str text;
    s.summary = S("\xff");
    assert_int_not_equal(as_statement_write(&s, arena, &text, &err), AS_OK);
    assert_non_null(strstr(err.text, "UTF-8"));
}

/* The text with one part replaced. */
static as_str but(const char *part, const char *by)
{
    const char *at = strstr(canonical, part);
    assert_non_null(at);
    return as_arena_printf(arena, "%.*s%s%s", (int)(at - canonical), canonical, by,
                           at + strlen(part));
}

static void refused(as_str text, const char *why)
{
    as_statement s;
    err = (as_err){0};
    assert_int_equal(as_statement_read(&s, text, "s.json", arena, &err), AS_EINPUT);
    if (!strstr(err.text, why)) {
        print_error("said \"%s\", not \"%s\"\n", err.text, why);
    }
    assert_non_null(strstr(err.text, why));
}

static void test_refused(void **state)
{
    (void)state;
    refused(S(""), "not a signed statement");
    refused(S("{"), "not a signed statement");
    refused(S("[]"), "not a sign-off of assay");
    refused(S("null"), "not a signed statement"); /* jansson: '[' or '{' expected */
    refused(but("\"round\":2", "\"round\":2,\"round\":2"), "duplicate");
    refused(but("\"round\":2", "\"round\":\"2\""), "`round`");
    refused(but("\"round\":2", "\"round\":-2"), "`round`");
    refused(but("\"round\":2", "\"round\":2.5"), "`round`");
    refused(but("\"round\":2", "\"round\":99999999999999999999"), "too big integer");
    refused(but("\"signer\":\"b@x\",", ""), "`signer`");
    refused(but("\"signer\":\"b@x\"", "\"signer\":\"\\u0000\""), "NUL");
    refused(but("\"signer\":\"b@x\"", "\"signer\":\"\xff\""), "unable to decode");
    refused(but("sign-off:v1", "sign-off:v2"), "urn:assay:sign-off:v2");
    refused(but("Statement/v1", "Statement/v0"), "not a sign-off of assay");
    refused(but("\"name\":\"b.yaml\"", "\"name\":\"a.csv\""), "names must ascend");
    refused(but("\"subject\":[{", "\"subject\":[3,{"), "`name`");
    refused(but("\"blocking\":false", "\"blocking\":0"), "`blocking`");
    refused(but("[\"https://example.org/1\"]", "[3]"), "`links`");
    refused(but("}]}\n", "}]}x"), "not a signed statement");
    as_buf deep = AS_BUF((size_t)1 << 20);
    for (int i = 0; i < 100000; i++) {
        as_buf_addc(&deep, '[');
    }
    refused(as_buf_str(&deep), "not a signed statement");
    as_buf_free(&deep);
}

static void test_compare(void **state)
{
    (void)state;
    as_signed_file now_files[] = {{S("b.yaml"), S("23"), AS_NONE},
                                  {S("c.yaml"), S("55"), AS_NONE},
                                  {S("d.lua"), S("33"), AS_NONE}};
    as_contents then = {signed_files, 3}, now = {now_files, 3}, none = {0};
    as_problems p = {.arena = arena};
    as_contents_compare(&then, &now, &p);
    assert_int_equal(p.count, 3);
    EXPECT_STR(p.items[0], "a.csv: signed with sha256 11, is no longer part of the release");
    EXPECT_STR(p.items[1], "b.yaml: signed with sha256 22, is now 23");
    EXPECT_STR(p.items[2], "c.yaml: is part of the release now (sha256 55), was not signed");
    p.count = 0;
    as_contents_compare(&then, &then, &p);
    as_contents_compare(&none, &none, &p);
    assert_int_equal(p.count, 0);
    as_contents_compare(&none, &then, &p);
    as_contents_compare(&then, &none, &p);
    assert_int_equal(p.count, 6);
}

static void test_same_person(void **state)
{
    (void)state;
    as_sign_policy p = {.produced_by = S("Ann  Example")};
    const char *const same[] = {"Ann  Example", "ann example", " ANN EXAMPLE\n", "annexample",
                                "Ann\xc2\xa0"
                                "Example"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        assert_true(as_sign_is_producer(&p, S(same[i])));
    }
    assert_false(as_sign_is_producer(&p, S("ann exampl")));
    assert_false(as_sign_is_producer(&p, S("")));
}

static void test_paths(void **state)
{
    (void)state;
    as_project p = {.folder = S("r")};
    EXPECT_STR(as_sign_off_path(&p, arena, S("assurer"), S("b.c+d@x")),
               "r/sign-off/assurer.b.c+d@x.json");
    EXPECT_STR(as_sign_off_path(&p, arena, S("../a"), S("../../etc/x y\n")),
               "r/sign-off/_._a._._.._etc_x_y_.json");
}

static as_sign_policy policy_of(const char *text)
{
    as_sign_policy policy = {0};
    as_project p = {.folder = S(""), .path = S("release.yaml"), .produced_by = S("a")};
    as_node *root;
    assert_int_equal(as_yaml_parse(&root, arena, S(text), "release.yaml", &err), AS_OK);
    p.sign_off = as_node_get(root, "sign_off");
    err = (as_err){0};
    as_sign_policy_read(&policy, &p, arena, &err);
    return policy;
}

static void test_policy(void **state)
{
    (void)state;
    as_sign_policy p = policy_of(
        "sign_off: {required: yes, allowed_signers: f, roles: {assurer: [b, c], head: [d]}}");
    assert_int_equal(err.code, AS_OK);
    assert_true(p.required);
    EXPECT_STR(p.allowed_signers, "f");
    assert_int_equal(p.role_count, 2);
    assert_true(as_sign_role_has(as_sign_role_find(&p, S("assurer")), S("c")));
    assert_false(as_sign_role_has(as_sign_role_find(&p, S("assurer")), S("d")));
    assert_false(as_sign_role_has(as_sign_role_find(&p, S("none")), S("d")));
    policy_of("x: 1");
    assert_int_equal(err.code, AS_ERULE);
    policy_of("sign_off: {allowed_signers: f}");
    assert_int_equal(err.code, AS_ERULE);
    policy_of("sign_off: {allowed_signers: f, roles: {}}");
    assert_int_equal(err.code, AS_ERULE);
    policy_of("sign_off: {roles: {assurer: [b]}}");
    assert_int_equal(err.code, AS_ERULE);
}

static void test_pages(void **state)
{
    (void)state;
    as_sign_off s = {.statement = statement(), .read = true, .problems = {.arena = arena}};
    as_buf page = AS_BUF((size_t)1 << 20);
    s.statement.signer = S("<script>|b@x");
    as_problem(&s.problems, "homes.csv: %s", "signed\033[31m <i>");
    assert_int_equal(as_sign_page(&s, true, &page, &err), AS_OK);
    assert_null(strstr(page.ptr, "<script>"));
    assert_null(strstr(page.ptr, "<i>"));
    assert_null(strstr(page.ptr, "<b>"));
    assert_null(strchr(page.ptr, '\033'));
    assert_non_null(strstr(page.ptr, "Not valid"));
    as_buf_clear(&page);
    assert_int_equal(as_sign_page(&s, false, &page, &err), AS_OK);
    assert_null(strstr(page.ptr, "<script>"));
    assert_null(strstr(page.ptr, "|b@x"));
    assert_non_null(strstr(page.ptr, "| Round | 2 |"));
    assert_non_null(strstr(page.ptr, "1 accepted"));
    as_buf_free(&page);
    s.read = false;
    assert_int_equal(as_sign_page(&s, false, &page, &err), AS_EINPUT);
}

/* What is said of an input that a run read with `then` and that is `blake3:1` now. */
static bool refused_with(const char *then, const char *words)
{
    as_release_table table = {.name = S("homes"), .source = {.path = S("a.csv")}};
    as_project project = {.tables = &table, .table_count = 1};
    as_doc_input input = {.table = S("homes"), .file = S("a.csv"), .digest = as_str_from(then)};
    as_doc run = {.assay = S(ASSAY_VERSION), .seq = 7, .inputs = &input, .input_count = 1};
    as_present now = {.project = &project, .contents = {signed_files, 3}};
    as_problems out = {.arena = arena};
    bool said = false;
    assert_int_equal(as_sign_refusals(&now, &run, &out, &err), AS_OK);
    for (size_t i = 0; i < out.count; i++) {
        said = said || as_str_find(out.items[i], as_str_from(words)) != (size_t)-1;
    }
    return said;
}

static void test_input_changed(void **state)
{
    (void)state;
    const char changed[] = "a.csv: run 7 read it with digest ",
               kind[] = "another kind of digest";
    assert_false(refused_with("blake3:1", "a.csv"));
    assert_true(refused_with("blake3:2", changed));
    assert_false(refused_with("blake3:2", kind));
    assert_true(refused_with("fsverity:1", kind));
    assert_true(refused_with("11", kind)); /* an older run's: SHA-256 */
    assert_false(refused_with("11", changed));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_written), TEST(test_read_back),     TEST(test_not_utf8), TEST(test_refused),
        TEST(test_compare), TEST(test_same_person),   TEST(test_paths),    TEST(test_policy),
        TEST(test_pages),   TEST(test_input_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
