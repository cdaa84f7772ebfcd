/* test_ledger_states.c: new, open, reopened and gone: what a run's findings compare with. */
#include "unit/ledger_helpers.h"

static void states_over_three_runs(void **state)
{
    (void)state;
    as_ledger *l = open_ledger();
    as_doc d = small_run(l, "1", "abc", "fail");
    assert_states(l, &d, "nnn", 0);
    assert_int_equal(d.previous, 0);
    d = small_run(l, "2", "bd", "fail"); /* a and c are gone, d is new */
    assert_states(l, &d, "on", 2);
    assert_int_equal(d.previous, 1);
    d = small_run(l, "3", "adce", "fail"); /* a and c are back, b is gone */
    assert_states(l, &d, "rorn", 1);
    d = small_run(l, "4", "", "pass");
    assert_states(l, &d, "", 4);
    d = small_run(l, "5", "b", "fail"); /* gone since run 3 */
    assert_states(l, &d, "r", 0);
    assert_int_equal(d.previous, 4);
    /* Stored, not only counted. */
    char again[16];
    states_of(l, 3, again);
    assert_string_equal(again, "rorn");
    as_ledger_close(l);
}

static void repeated_fingerprints_count(void **state)
{
    (void)state;
    as_ledger *l = open_ledger();
    as_doc d = small_run(l, "1", "aab", "fail");
    d = small_run(l, "2", "aaab", "fail"); /* one more a */
    assert_states(l, &d, "oono", 0);
    d = small_run(l, "3", "ab", "fail"); /* two a fewer */
    assert_states(l, &d, "oo", 2);
    d = small_run(l, "4", "aaaab", "fail"); /* three were there once, the fourth never */
    assert_states(l, &d, "orrno", 0);
    as_ledger_close(l);
}

/* The second analyst checks the same content again: the same report. */
static void same_content_compares_alike(void **state)
{
    (void)state;
    as_ledger *l = open_ledger();
    as_doc d = small_run(l, "X", "ab", "fail");
    d = small_run(l, "X", "ab", "fail");
    assert_states(l, &d, "nn", 0);
    assert_int_equal(d.previous, 0);
    d = small_run(l, "Y", "b", "fail");
    assert_states(l, &d, "o", 1);
    assert_int_equal(d.previous, 2);
    d = small_run(l, "Y", "b", "fail");
    assert_states(l, &d, "o", 1);
    assert_int_equal(d.previous, 2);
    d = small_run(l, "X", "ab", "fail"); /* back to the old extract */
    assert_states(l, &d, "ro", 0);
    d = small_run(l, "X", "ab", "fail");
    assert_states(l, &d, "ro", 0);
    d = small_run(l, "Z", "ab", "fail");
    assert_states(l, &d, "oo", 0);
    as_ledger_close(l);
}

/* A decision, --only and --fail-on make another run of the same content: what came with the
 * content stays new until other content is there. */
static void decisions_make_nothing_old(void **state)
{
    (void)state;
    as_ledger *l = open_ledger();
    as_doc d = small_run_of(l, "march", "1", "ab", "fail");
    d = small_run_of(l, "april", "2", "bc", "fail");
    assert_states(l, &d, "on", 1);
    d = small_run_of(l, "april", "2 accepted", "bc", "pass");
    assert_states(l, &d, "on", 1);
    assert_int_equal(d.previous, 1);
    d = small_run_of(l, "april", "2 only another rule", "", "off");
    assert_int_equal(d.previous, 1);
    d = small_run_of(l, "april", "2 accepted", "bc", "pass");
    assert_states(l, &d, "on", 1);
    d = small_run_of(l, "may", "3", "bc", "fail");
    assert_states(l, &d, "oo", 0);
    assert_int_equal(d.previous, 5);
    d = small_run_of(l, "march", "1", "ab", "fail"); /* back to the old extract */
    assert_states(l, &d, "ro", 1);
    as_ledger_close(l);
}

/* Runs of before this was kept are told apart by their ids. */
static void content_that_is_not_known(void **state)
{
    (void)state;
    as_ledger *l = open_ledger();
    as_doc d = small_run(l, "1", "a", "fail");
    d = small_run_of(l, "march", "1", "a", "fail");
    assert_states(l, &d, "n", 0);
    d = small_run_of(l, "march", "2", "a", "fail");
    assert_states(l, &d, "o", 0);
    assert_int_equal(d.previous, 1);
    as_ledger_close(l);
}

/* The files of a run's rules come back. */
static void files_come_back(void **state)
{
    (void)state;
    as_err e = {0};
    as_arena *a = as_arena_open();
    as_ledger *l = open_ledger();
    as_doc back;
    as_doc_file files[] = {{S("pack/rules.yaml"), S("aa")}, {S("release.yaml"), S("bb")}};
    as_doc doc = {.run = S("1"), .release = S("rel"), .files = files, .file_count = 2};
    OK(as_ledger_begin(l, &doc, &e));
    OK(as_ledger_commit(l, &doc, &e));
    OK(as_ledger_read(l, a, AS_STR(""), AS_STR(""), &back, &e));
    assert_int_equal(back.file_count, 2);
    for (size_t i = 0; i < 2; i++) {
        SAME(back.files[i].path, files[i].path);
        SAME(back.files[i].sha256, files[i].sha256);
    }
    as_ledger_close(l);
    as_arena_close(a);
}

/* A rule that was off, empty or broken fixes nothing and makes nothing new. */
static void rules_not_evaluated_keep_their_findings(void **state)
{
    (void)state;
    static const char *const statuses[] = {"off", "empty", "error"};
    as_ledger *l = open_ledger();
    as_doc d = small_run(l, "1", "ab", "fail");
    for (size_t i = 0; i < 3; i++) {
        char id[] = {'x', (char)('a' + i), '\0'};
        d = small_run(l, id, "", statuses[i]);
        assert_states(l, &d, "", 0);
    }
    d = small_run(l, "2", "bc", "fail");
    assert_states(l, &d, "on", 1);
    as_ledger_close(l);
}

static void releases_do_not_mix(void **state)
{
    (void)state;
    as_err e = {0};
    as_ledger *l = open_ledger();
    as_doc d = small_run(l, "1", "ab", "fail");
    as_doc_rule rule = {.id = S("R"), .status = S("fail")};
    as_doc other = {.run = S("2"), .release = S("another"), .rules = &rule, .rule_count = 1};
    as_doc_finding f = {.rule = S("R"), .fingerprint = S("a")};
    OK(as_ledger_begin(l, &other, &e));
    OK(as_ledger_finding(l, &f, &e));
    OK(as_ledger_commit(l, &other, &e));
    assert_states(l, &other, "n", 0);
    d = small_run(l, "3", "a", "fail");
    assert_states(l, &d, "o", 1);
    assert_int_equal(d.previous, 1);
    as_ledger_close(l);
}

/* Nor does a rule that this release has never evaluated compare with another release. */
static void a_rule_compares_within_its_release(void **state)
{
    (void)state;
    as_err e = {0};
    as_ledger *l = open_ledger();
    as_doc_rule rule = {.id = S("R"), .status = S("fail")};
    as_doc other = {.run = S("1"), .release = S("another"), .rules = &rule, .rule_count = 1};
    as_doc_finding f = {.rule = S("R"), .fingerprint = S("a")};
    OK(as_ledger_begin(l, &other, &e));
    OK(as_ledger_finding(l, &f, &e));
    OK(as_ledger_commit(l, &other, &e));
    as_doc d = small_run(l, "2", "", "off");
    d = small_run(l, "3", "a", "fail");
    assert_int_equal(d.previous, 2);
    assert_states(l, &d, "n", 0);
    as_ledger_close(l);
}

/* Against an oracle: random multisets over many runs, states found by reading all earlier runs.
 */
static void states_agree_with_plain_counting(void **state)
{
    (void)state;
    enum { RUNS = 40, LETTERS = 12 };
    static int had[RUNS][LETTERS];
    memset(had, 0, sizeof had);
    as_ledger *l = open_ledger();
    srand(7);
    for (int run = 0; run < RUNS; run++) {
        char fps[64], want[64], id[8];
        size_t n = 0;
        uint64_t gone = 0;
        for (int i = 0; i < rand() % 25; i++) {
            int x = rand() % LETTERS, ever = 0;
            for (int r = 0; r < run; r++) {
                ever = had[r][x] > ever ? had[r][x] : ever;
            }
            int prev = run ? had[run - 1][x] : 0, now = had[run][x]++;
            want[n] = now < prev ? 'o' : now < ever ? 'r' : 'n';
            fps[n++] = (char)('a' + x);
        }
        want[n] = fps[n] = '\0';
        for (int x = 0; x < LETTERS && run; x++) {
            gone +=
                (uint64_t)(had[run - 1][x] > had[run][x] ? had[run - 1][x] - had[run][x] : 0);
        }
        snprintf(id, sizeof id, "%d", run);
        as_doc d = small_run(l, id, fps, n ? "fail" : "pass");
        assert_states(l, &d, want, gone);
    }
    as_ledger_close(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(states_over_three_runs),
        TEST(repeated_fingerprints_count),
        TEST(same_content_compares_alike),
        TEST(decisions_make_nothing_old),
        TEST(content_that_is_not_known),
        TEST(files_come_back),
        TEST(rules_not_evaluated_keep_their_findings),
        TEST(releases_do_not_mix),
        TEST(a_rule_compares_within_its_release),
        TEST(states_agree_with_plain_counting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
