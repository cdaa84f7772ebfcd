/* Every allocation is made to fail in turn, once and from then on, while a statement is
 * written, read back, compared and made into a page. Whatever fails must say so and leave
 * nothing behind (the sanitizer looks); what says AS_OK must have the same bytes as without
 * faults. */
#include "unit/unit.h"

#include "base/alloc.h"
#include "sign/sign.h"

#define TRIES_MAX 5000

static as_str text = {NULL, 0}; /* without faults */
static size_t page_bytes;

static as_statement statement(as_signed_file *files, as_doc_rule *rules)
{
    *files = (as_signed_file){S("homes.csv"), S("11"), AS_NONE};
    *rules = (as_doc_rule){.id = S("R-1"), .status = S("pass"), .findings = 1};
    as_statement s = {.subjects = {files, 1}, .signer = S("b@x"), .role = S("assurer")};
    s.run = (as_doc){.release = S("A release"), .rules = rules, .rule_count = 1, .findings = 1};
    return s;
}

/* `pad` moves the places where the arena needs a new block. */
static as_code whole(as_arena *a, size_t pad, as_err *e)
{
    as_signed_file file;
    as_doc_rule rule;
    as_statement s = statement(&file, &rule);
    as_sign_off read = {.read = true, .problems = {.arena = a}};
    as_contents none = {0};
    as_str written, body;
    as_buf page = AS_BUF((size_t)1 << 20);
    as_code code = as_arena_alloc(a, pad + 1) ? AS_OK : as_fail_nomem(e);
    code = code ? code : as_statement_write(&s, a, &written, e);
    code = code ? code : as_statement_read(&read.statement, written, "s.json", a, e);
    code = code ? code : as_sign_off_event(&s, written, S("sig"), a, &body, e);
    if (code == AS_OK) {
        as_contents_compare(&read.statement.subjects, &none, &read.problems);
        code = read.problems.nomem ? as_fail_nomem(e) : as_sign_page(&read, true, &page, e);
    }
    if (code == AS_OK) {
        page_bytes = page_bytes ? page_bytes : page.len;
        assert_int_equal(page.len, page_bytes);
        assert_int_equal(read.problems.count, 1);
        assert_true(!text.ptr || as_str_eq(text, written));
        if (!text.ptr) {
            text = (as_str){strndup(written.ptr, written.len), written.len};
        }
    }
    as_buf_free(&page);
    return code;
}

static as_code attempt(size_t pad, as_err *e)
{
    as_arena *a = as_arena_open();
    as_code code = a ? whole(a, pad, e) : as_fail_nomem(e);
    as_arena_close(a);
    return code;
}

static void test_faults(void **state)
{
    (void)state;
    as_err e = {0};
    size_t failed = 0;
    assert_int_equal(attempt(0, &e), AS_OK);
    for (int forever = 0; forever < 2; forever++) {
        for (size_t pad = 0; pad < 4096; pad += 1365) {
            as_code code = AS_ENOMEM;
            for (long n = 0; code != AS_OK && n < TRIES_MAX; n++) {
                e = (as_err){0};
                as_alloc_fail_after(n, forever);
                code = attempt(pad, &e);
                as_alloc_fail_after(-1, false);
                failed += code != AS_OK;
                if (code != AS_OK && code != AS_ENOMEM) {
                    fail_msg("allocation %ld: %s", n, e.text);
                }
            }
            assert_int_equal(code, AS_OK);
        }
    }
    assert_true(failed > 100);
    free((char *)text.ptr);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_faults)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
