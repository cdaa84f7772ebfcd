/* reports/each.c: findings of several blocks as CSV and JSON, with no pool and with several
 * workers: all of them, in the order in which they were stored, sensitive values masked. */
#include "unit/report_helpers.h"

enum { RULES = 3, EACH = 9000 };

static as_doc_rule rules[RULES];
static char ids[RULES][8];

/* Rule r's finding i: row i + 1, key "K<r>-<i>"; that of every seventh is sensitive. */
static as_doc many(void)
{
    as_err e = {0};
    for (size_t r = 0; r < RULES; r++) {
        snprintf(ids[r], sizeof ids[r], "R-%zu", r);
        rules[r] = (as_doc_rule){.id = as_str_from(ids[r]),
                                 .title = S("a title"),
                                 .kind = S("expect"),
                                 .severity = S("error"),
                                 .status = S("fail"),
                                 .selected = EACH,
                                 .findings = EACH};
    }
    as_doc doc = {.assay = S("0.1.0"),
                  .release = S("rel"),
                  .run = S("abc"),
                  .verdict = S("fail"),
                  .rules = rules,
                  .rule_count = RULES,
                  .findings = RULES * EACH};
    OK(as_ledger_begin(ledger, &doc, &e));
    for (size_t n = 0; n < RULES * EACH; n++) {
        char key[32], fingerprint[40];
        snprintf(key, sizeof key, "K%zu-%zu", n / EACH, n % EACH);
        snprintf(fingerprint, sizeof fingerprint, "%032zx", n);
        as_doc_finding f = {.rule = rules[n / EACH].id,
                            .severity = S("error"),
                            .table = S("t"),
                            .key = as_str_from(key),
                            .key_sensitive = n % 7 == 0,
                            .fingerprint = as_str_from(fingerprint),
                            .message = S("wrong"),
                            .row = (uint32_t)(n % EACH + 1)};
        OK(as_ledger_finding(ledger, &f, &e));
    }
    OK(as_ledger_commit(ledger, &doc, &e));
    return doc;
}

static char *expected(void)
{
    as_buf b = AS_BUF((size_t)1 << 30);
    as_buf_add(&b, AS_STR("rule,key,row\r\n"));
    for (size_t n = 0; n < RULES * EACH; n++) {
        if (n % 7 == 0) {
            as_buf_addf(&b, "R-%zu,[masked],%zu\r\n", n / EACH, n % EACH + 1);
        } else {
            as_buf_addf(&b, "R-%zu,K%zu-%zu,%zu\r\n", n / EACH, n / EACH, n % EACH,
                        n % EACH + 1);
        }
    }
    return b.ptr;
}

static void test_csv(void **state)
{
    (void)state;
    as_doc doc = many();
    const as_str columns[] = {AS_STR("rule"), AS_STR("key"), AS_STR("row")};
    as_report_options o = {.columns = columns, .column_count = 3};
    char *want = expected();
    same_text(report("csv", &doc, &o), want);
    for (unsigned jobs = 1; jobs <= 4; jobs++) {
        as_err e = {0};
        OK(as_pool_open(&o.pool, jobs, &e));
        same_text(report("csv", &doc, &o), want);
        as_pool_close(o.pool);
    }
    o.pool = NULL;
    o.filter.limit = RULES * EACH; /* one after another */
    same_text(report("csv", &doc, &o), want);
    o.filter.limit = 5000;
    report("csv", &doc, &o);
    assert_memory_equal(text.ptr, want, text.len);
    assert_non_null(strstr(text.ptr, "R-0,K0-4999,5000\r\n"));
    free(want);
}

/* Each finding of a filtered rule once, between them commas, and how many were left out. */
static void test_json(void **state)
{
    (void)state;
    as_doc doc = many();
    as_err e = {0};
    as_report_options o = {.filter = {.rule = S("R-1")}};
    char *alone = strdup(report("json", &doc, &o));
    assert_non_null(strstr(alone, "\"left_out\": 18000"));
    size_t count = 0;
    for (const char *p = alone; (p = strstr(p, "},\n    {\"rule\": \"R-1\"")) != NULL; p++) {
        count++;
    }
    assert_int_equal(count, EACH - 1);
    assert_non_null(strstr(alone, "[\n    {\"rule\": \"R-1\""));
    OK(as_pool_open(&o.pool, 3, &e));
    same_text(report("json", &doc, &o), alone);
    as_pool_close(o.pool);
    free(alone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_csv), TEST(test_json)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
