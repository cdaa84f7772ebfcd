/* Decisions: what stands with a finding after several of them. Expected results are those of
 * docs/reference/decisions.md, worked out by hand. Today is 2017-03-31. */
#include "decide/decide.h"
#include "unit/made_doc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define FP_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define FP_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define TODAY "1490918400" /* 2017-03-31T00:00:00Z */
#define TODAY_LAST_SECOND "1491004799"
#define TOMORROW "1491004800"

static as_arena *arena;
static as_event events[32];
static size_t event_count;
static as_project project;
static as_diags diags;

static int setup(void **state)
{
    (void)state;
    arena = as_arena_open();
    event_count = 0;
    project = (as_project){.release = S("rel")};
    as_diags_init(&diags, arena);
    setenv("SOURCE_DATE_EPOCH", TODAY, 1);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    as_arena_close(arena);
    return 0;
}

static void event(const char *kind, const char *who, const char *body)
{
    events[event_count] = (as_event){.seq = event_count + 1,
                                     .kind = as_str_from(kind),
                                     .at = S("2017-03-01T10:00:00Z"),
                                     .who = as_str_from(who),
                                     .release = S("rel"),
                                     .body = as_str_from(body)};
    event_count++;
}

static as_decisions *load(void)
{
    as_err e = {0};
    as_decisions *d = NULL;
    as_event_list list = {events, event_count};
    as_decide_env env = {.project = &project, .diags = &diags};
    as_code code = as_decisions_load(&d, &list, &env, arena, &e);
    if (code != AS_OK)
        fail_msg("%s", e.text);
    return d;
}

/* What stands with a finding: "+" before it where it is accepted. */
static const char *stands(as_decisions *d, const char *fingerprint)
{
    as_str text;
    bool accepted = as_decisions_apply(d, as_str_from(fingerprint), NULL, &text);
    return as_arena_printf(arena, "%s%.*s", accepted ? "+" : "", AS_FMT(text)).ptr;
}

#define ACCEPT_A(until)                                                                        \
    "{\"findings\": [\"" FP_A "\"], \"reason\": \"by phone\", \"until\": \"" until "\"}"

static void the_last_day(void **state)
{
    (void)state;
    event("accept", "ann", ACCEPT_A("2017-03-31"));
    assert_string_equal(stands(load(), FP_A), "+accepted until 2017-03-31 by ann: by phone");
    assert_string_equal(stands(load(), FP_B), "");
    setenv("SOURCE_DATE_EPOCH", TODAY_LAST_SECOND, 1);
    assert_string_equal(stands(load(), FP_A), "+accepted until 2017-03-31 by ann: by phone");
    setenv("SOURCE_DATE_EPOCH", TOMORROW, 1);
    assert_string_equal(stands(load(), FP_A),
                        "the acceptance by ann ended on 2017-03-31: by phone");
}

static void the_later_stands(void **state)
{
    (void)state;
    event("accept", "ann", ACCEPT_A("2018-12-31"));
    event("accept", "ben", ACCEPT_A("2017-04-01"));
    assert_string_equal(stands(load(), FP_A), "+accepted until 2017-04-01 by ben: by phone");
    /* ben's was the last word: ann's does not come back when it ends */
    setenv("SOURCE_DATE_EPOCH", "1491091200", 1); /* 2017-04-02 */
    assert_string_equal(stands(load(), FP_A),
                        "the acceptance by ben ended on 2017-04-01: by phone");
    event("withdraw", "ben", "{\"event\": 2}");
    assert_string_equal(stands(load(), FP_A), "+accepted until 2018-12-31 by ann: by phone");
}

static void rejected(void **state)
{
    (void)state;
    static const char reject[] = "{\"findings\": [\"" FP_A "\"], \"reason\": \"it is 4\"}";
    event("propose", "reg", "{\"findings\": [\"" FP_A "\"], \"reason\": \"small\"}");
    assert_string_equal(stands(load(), FP_A),
                        "acceptance asked for by reg on 2017-03-01: small");
    event("accept", "ann", ACCEPT_A("2018-03-31"));
    event("reject", "ben", reject);
    assert_string_equal(stands(load(), FP_A),
                        "to be corrected, says ben on 2017-03-01: it is 4");
    assert_null(as_decisions_find(load(), S(FP_A))->proposal);
    event("claim", "reg", "{\"findings\": [\"" FP_A "\"]}");
    assert_string_equal(stands(load(), FP_A), "said to be corrected by reg on 2017-03-01");
    event("accept", "ann", ACCEPT_A("2018-03-31"));
    assert_string_equal(stands(load(), FP_A), "+accepted until 2018-03-31 by ann: by phone");
}

static void from_the_file(void **state)
{
    (void)state;
    static const as_str a[] = {{FP_A, 32}};
    as_decided entry = {.findings = a,
                        .finding_count = 1,
                        .reason = S("in the file"),
                        .by = S("cleo"),
                        .until = as_date_from(2017, 4, 1),
                        .at = {"decisions.yaml", 2, 3}};
    project.decided = &entry;
    project.decided_count = 1;
    assert_string_equal(stands(load(), FP_A),
                        "+accepted until 2017-04-01 by cleo: in the file");
    event("accept", "ann", ACCEPT_A("2017-03-30")); /* ended: the file's holds */
    assert_string_equal(stands(load(), FP_A),
                        "+accepted until 2017-04-01 by cleo: in the file");
    event("reject", "ben", "{\"findings\": [\"" FP_A "\"], \"reason\": \"no\"}");
    assert_string_equal(stands(load(), FP_A), "to be corrected, says ben on 2017-03-01: no");
}

/* Nothing is accepted by what cannot be understood; nothing crashes. */
static void hostile(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "",
        "[]",
        "{",
        "{\"findings\": [\"" FP_A "\"], \"reason\": \"\", \"until\": \"2018-01-01\"}",
        "{\"findings\": [\"" FP_A "\"], \"reason\": \"x\"}",
        "{\"findings\": [\"" FP_A "\"], \"reason\": \"x\", \"until\": \"2018-13-01\"}",
        "{\"findings\": [\"" FP_A "\", 7], \"reason\": \"x\", \"until\": \"2018-01-01\"}",
        "{\"findings\": \"" FP_A "\", \"reason\": \"x\", \"until\": \"2018-01-01\"}",
        "{\"rule\": \"R\", \"reason\": \"x\", \"until\": \"2018-01-01\", \"findings\": [\"" FP_A
        "\"]}",
        "{\"rule\": \"R\", \"where\": {}, \"at_most\": -1, \"reason\": \"x\", \"until\": "
        "\"2018-01-01\"}",
        "{\"findings\": [\"" FP_A "\"], \"findings\": [], \"reason\": \"x\", \"until\": "
        "\"2018-01-01\"}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        event("accept", "eve", bodies[i]);
        as_decisions *d = load();
        if (stands(d, FP_A)[0] || d->items[i].problem.len == 0)
            fail_msg("%s: was taken", bodies[i]);
    }
    event_count = 0;
    event("accept", " ", ACCEPT_A("2018-01-01")); /* nobody */
    assert_string_equal(stands(load(), FP_A), "");
    char deep[10000] = "{\"rule\": \"R\", \"at_most\": 1, \"reason\": \"x\", \"until\": "
                       "\"2018-01-01\", \"where\": ";
    for (int i = 0; i < 900; i++)
        strcat(deep, "{\"not\":");
    strcat(deep, "1");
    for (int i = 0; i < 901; i++)
        strcat(deep, "}");
    event("accept", "eve", deep);
    assert_true(load()->items[1].problem.len > 0);
}

static void control_characters(void **state)
{
    (void)state;
    event("accept", "ann",
          "{\"findings\": [\"" FP_A
          "\"], \"reason\": \"a\\u001b[31mb\\nc\", \"until\": \"2018-03-31\"}");
    assert_string_equal(stands(load(), FP_A), "+accepted until 2018-03-31 by ann: a [31mb c");
}

/* A body that is written reads as what it was. */
static void bodies_come_back(void **state)
{
    (void)state;
    static const char where[] =
        "{any: [{places: {min: 0, max: 1e3}}, {sector: [Private, \"null\"]}], urn: null}";
    as_err e = {0};
    as_node *node = NULL;
    as_str body, again;
    bool is = false;
    assert_int_equal(as_yaml_parse(&node, arena, as_str_from(where), "x", &e), AS_OK);
    as_decision d = {.kind = AS_DECIDE_ACCEPT,
                     .who = S("ann"),
                     .reason = S("\"quoted\" and é"),
                     .rule = S("R-1"),
                     .where = node,
                     .at_most = 12,
                     .until = as_date_from(2018, 3, 31)};
    assert_int_equal(as_decision_body(&body, &d, arena, &e), AS_OK);
    assert_string_equal(
        body.ptr,
        "{\"at_most\": 12, \"reason\": \"\\\"quoted\\\" and é\", \"rule\": \"R-1\", \"until\": "
        "\"2018-03-31\", \"where\": {\"any\": [{\"places\": {\"max\": \"1e3\", \"min\": 0}}, "
        "{\"sector\": [\"Private\", \"null\"]}], \"urn\": null}}");
    as_event ev = {.seq = 1, .kind = S("accept"), .who = S("ann"), .body = body};
    as_decision back;
    assert_int_equal(as_decision_read(&back, &is, &ev, arena, &e), AS_OK);
    assert_true(is);
    assert_int_equal(back.problem.len, 0);
    assert_int_equal(as_decision_body(&again, &back, arena, &e), AS_OK);
    assert_string_equal(again.ptr, body.ptr);
    assert_true(as_node_is_null(as_node_get(back.where, "urn")));
    assert_int_equal(as_yaml_parse(&node, arena, S("{a: \"present\"}"), "x", &e), AS_OK);
    d.where = node;
    assert_int_equal(as_decision_body(&body, &d, arena, &e), AS_EUSAGE);
}

/* ---- in a run ---- */

static const char *digest(void)
{
    static char hex[AS_SHA256_HEX];
    as_err e = {0};
    assert_int_equal(as_decisions_digest(load(), hex, &e), AS_OK);
    return as_arena_str(arena, as_str_from(hex)).ptr;
}

static void the_digest(void **state)
{
    (void)state;
    assert_string_equal(digest(), "");
    event("propose", "reg", "{\"findings\": [\"" FP_A "\"], \"reason\": \"small\"}");
    assert_string_equal(digest(), ""); /* nothing counts less for it */
    event("accept", "ann", ACCEPT_A("2017-03-31"));
    const char *one = digest();
    assert_int_equal(strlen(one), 64);
    assert_string_equal(digest(), one);
    event("accept", "ann", ACCEPT_A("2017-04-30"));
    assert_string_not_equal(digest(), one);
    event("withdraw", "ann", "{\"event\": 3}");
    assert_string_equal(digest(), one);
    setenv("SOURCE_DATE_EPOCH", TOMORROW, 1);
    assert_string_equal(digest(), "");
}

static as_doc told(as_decisions *d, const char *status)
{
    static as_doc_rule rule;
    as_err e = {0};
    rule = (as_doc_rule){.id = S("R"), .status = as_str_from(status)};
    as_doc doc = {.rules = &rule, .rule_count = 1};
    assert_int_equal(as_decisions_tell(d, &doc, false, &e), AS_OK);
    return doc;
}

static void told_of_acceptances(void **state)
{
    (void)state;
    event("accept", "ann",
          "{\"findings\": [\"" FP_A "\", \"" FP_B
          "\"], \"reason\": \"x\", \"until\": \"2018-03-31\"}");
    as_decisions *d = load();
    as_str text;
    as_decisions_begin(d);
    as_decisions_apply(d, S(FP_A), NULL, &text);
    as_doc doc = told(d, "fail");
    assert_int_equal(doc.decided_count, 2);
    assert_string_equal(doc.decided[0].state.ptr, "gone");
    assert_string_equal(doc.decided[0].finding.ptr, FP_B);
    assert_string_equal(doc.decided[1].state.ptr, "accepted");
    assert_int_equal(doc.decided[1].count, 1);
    doc = told(d, "error"); /* nobody looked: it may be there */
    assert_string_equal(doc.decided[0].state.ptr, "unknown");
    doc = told(d, "off"); /* for good */
    assert_string_equal(doc.decided[0].state.ptr, "gone");
}

/* A steward's question waits until it is decided, withdrawn, or the record is said to be
 * corrected. Nothing counts less for it. */
static void a_query_waits(void **state)
{
    (void)state;
    static const struct {
        const char *kind, *body, *waits;
    } then[] = {
        {NULL, NULL, "query"},
        {"accept", ACCEPT_A("2018-03-31"), NULL},
        {"reject", "{\"findings\": [\"" FP_A "\"], \"reason\": \"it is 4\"}", NULL},
        {"propose", "{\"findings\": [\"" FP_A "\"], \"reason\": \"small\"}", "proposed"},
        {"withdraw", "{\"event\": 1}", NULL},
        {"claim", "{\"findings\": [\"" FP_A "\"], \"note\": \"\"}", NULL},
    };
    for (size_t i = 0; i < sizeof then / sizeof *then; i++) {
        as_str text;
        const char *waits = NULL;
        event_count = 0;
        event("query", "reg",
              "{\"findings\": [\"" FP_A "\"], \"note\": \"which year?\", \"rules\": [\"R\"]}");
        assert_string_equal(digest(), "");
        if (then[i].kind) {
            event(then[i].kind, "ann", then[i].body);
        } else {
            assert_string_equal(stands(load(), FP_A),
                                "asked by reg on 2017-03-01: which year?");
        }
        as_decisions *d = load();
        as_decisions_begin(d);
        as_decisions_apply(d, S(FP_A), NULL, &text);
        as_doc doc = told(d, "fail");
        for (size_t k = 0; k < doc.decided_count; k++) {
            const char *s = doc.decided[k].state.ptr;
            waits = strcmp(s, "query") == 0 || strcmp(s, "proposed") == 0 ? s : waits;
        }
        assert_string_equal(waits ? waits : "", then[i].waits ? then[i].waits : "");
    }
}

/* What is accepted by decisions.yaml, or by a condition, does not wait; when that ends it does.
 */
static void a_proposal_of_what_is_accepted(void **state)
{
    (void)state;
    as_str text, finding = S(FP_A);
    as_decided entry = {.findings = &finding,
                        .finding_count = 1,
                        .reason = S("by phone"),
                        .by = S("ann"),
                        .until = as_date_from(2017, 3, 31)};
    as_decision by_rule = {.kind = AS_DECIDE_ACCEPT, .event = 9, .text = S("accepted")};
    event("propose", "reg", "{\"findings\": [\"" FP_A "\"], \"reason\": \"small\"}");
    as_decisions *d = load();
    as_decisions_begin(d);
    assert_true(as_decisions_apply(d, S(FP_A), &by_rule, &text));
    assert_int_equal(told(d, "fail").decided_count, 0);
    project.decided = &entry;
    project.decided_count = 1;
    d = load();
    as_decisions_begin(d);
    assert_true(as_decisions_apply(d, S(FP_A), NULL, &text));
    as_doc doc = told(d, "fail");
    assert_int_equal(doc.decided_count, 1);
    assert_string_equal(doc.decided[0].state.ptr, "lapsing");
    setenv("SOURCE_DATE_EPOCH", TOMORROW, 1);
    d = load();
    as_decisions_begin(d);
    assert_false(as_decisions_apply(d, S(FP_A), NULL, &text));
    doc = told(d, "fail");
    assert_int_equal(doc.decided_count, 2);
    assert_string_equal(doc.decided[0].state.ptr, "expired");
    assert_string_equal(doc.decided[1].state.ptr, "proposed");
}

/* 30 days before its end it is about to lapse, 31 days before not. */
static void about_to_lapse(void **state)
{
    (void)state;
    static const char *const ends[][2] = {{ACCEPT_A("2017-04-30"), "lapsing"},
                                          {ACCEPT_A("2017-05-01"), "accepted"},
                                          {ACCEPT_A("2017-03-31"), "lapsing"},
                                          {ACCEPT_A("2017-03-30"), "expired"}};
    for (size_t i = 0; i < 4; i++) {
        as_str text;
        event_count = 0;
        event("accept", "ann", ends[i][0]);
        as_decisions *d = load();
        as_decisions_apply(d, S(FP_A), NULL, &text);
        as_doc doc = told(d, "fail");
        assert_int_equal(doc.decided_count, 1);
        assert_string_equal(doc.decided[0].state.ptr, ends[i][1]);
        assert_int_equal(doc.decided[0].count, 1);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_last_day),     TEST(the_later_stands), TEST(rejected),
        TEST(from_the_file),    TEST(hostile),          TEST(control_characters),
        TEST(bodies_come_back), TEST(the_digest),       TEST(told_of_acceptances),
        TEST(about_to_lapse),   TEST(a_query_waits),    TEST(a_proposal_of_what_is_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
