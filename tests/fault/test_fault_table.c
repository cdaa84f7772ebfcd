/* Every allocation of base/ and table/ is made to fail in turn, once and from then on. Whatever
 * fails must say AS_ENOMEM, leave nothing behind (the sanitizer looks) and never a wrong
 * result: when an operation says AS_OK under faults, its result is that of a run without. */
#include "unit/unit.h"

#include "base/alloc.h"
#include "base/text.h"
#include "table/table.h"

#define TRIES_MAX 5000

/* One round of work; AS_OK only if everything it made was checked to be right. */
typedef as_code (*work)(as_err *e);

static void every_fault(work fn)
{
    as_err e = {AS_OK, AS_NOWHERE, ""};
    assert_int_equal(fn(&e), AS_OK);
    for (int forever = 0; forever <= 1; forever++) {
        long n = 0;
        as_code code;
        do {
            e.code = AS_OK;
            as_alloc_fail_after(n, forever);
            code = fn(&e);
            /* A later allocation still fails: the fault has not been reached. */
            as_alloc_fail_after(-1, false);
            assert_true(code == AS_OK || code == AS_ENOMEM);
            if (code == AS_ENOMEM)
                assert_int_equal(e.code, AS_ENOMEM);
            n++;
        } while (code == AS_ENOMEM && n < TRIES_MAX);
        assert_int_equal(code, AS_OK); /* the fault lies behind the last allocation */
        assert_true(n > 1);
    }
}

static int closed;

static void count_closed(void *p)
{
    (void)p;
    closed++;
}

static as_code arena_work(as_err *e)
{
    as_arena *a = as_arena_open();
    if (!a)
        return as_fail_nomem(e);
    closed = 0;
    int registered = 0;
    bool ok = true;
    for (size_t i = 0; i < 1000 && ok; i++) {
        ok = as_arena_on_close(a, count_closed, a);
        registered++;
    }
    for (size_t i = 0; i < 200 && ok; i++) {
        ok = as_arena_on_close(a, count_closed, a);
        registered++; /* called at once where it could not be kept */
        ok = ok && as_arena_alloc(a, 2000) && as_arena_printf(a, "%zu", i).ptr &&
             as_arena_str(a, S("text")).ptr && AS_NEW_N(a, uint64_t, i);
    }
    as_arena_close(a);
    assert_int_equal(closed, registered);
    return ok ? AS_OK : as_fail_nomem(e);
}

static as_code buf_work(as_err *e)
{
    as_buf b = AS_BUF(100000), f = AS_BUF(100000);
    for (int i = 0; i < 1000; i++)
        as_buf_addf(&b, "%03d ", i);
    as_text_fold(&f, as_buf_str(&b));
    as_text_fold(&f, S(" \xC3\x89 "));
    bool ok = !b.failed && !f.failed;
    if (ok) {
        assert_int_equal(b.len, 4000);
        assert_int_equal(f.len, 3999 + 2);
    }
    as_buf_free(&b);
    as_buf_free(&f);
    return ok ? AS_OK : as_fail_nomem(e);
}

/* Problems are counted even where there is no memory to keep them. */
static as_code diags_work(as_err *e)
{
    as_arena *a = as_arena_open();
    if (!a)
        return as_fail_nomem(e);
    as_diags d;
    as_diags_init(&d, a);
    for (int i = 0; i < 300; i++)
        as_diag_add(&d, AS_DIAG_ERROR, AS_NOWHERE, "hint", "problem %d of many, with some text",
                    i);
    assert_int_equal(d.errors, 300);
    assert_int_equal(d.count + d.left_out, 300);
    bool ok = d.left_out == 0;
    as_arena_close(a);
    return ok ? AS_OK : as_fail_nomem(e);
}

static as_code regex_work(as_err *e)
{
    as_arena *a = as_arena_open();
    as_regex *r = NULL;
    as_code code =
        a ? as_regex_compile(&r, a, S("(?i)sc[0-9]+"), AS_REGEX_WHOLE, e) : as_fail_nomem(e);
    if (code == AS_OK && as_regex_match(r, S("SC1")) != AS_MATCH_YES)
        code = as_fail_nomem(e); /* a match without memory says LIMIT */
    as_arena_close(a);
    return code;
}

static as_str variants[] = {AS_STR("LA"), AS_STR("soci\xC3\xA9t\xC3\xA9")};
static as_code_entry entry = {AS_STR("Local Authority"), variants, 2, {NULL, 0, 0}};
static const as_str nulls[] = {AS_STR(""), AS_STR("n\xC3\xA9"
                                                  "ant")};

static char long_text[20000]; /* takes an arena's block of its own, or soon needs a new one */

/* Seal a code list, build a table of 150 records, index it, look a key up. */
static as_code check_table(as_table *t, as_err *e)
{
    as_buf tmp = AS_BUF(1000);
    assert_int_equal(t->rows, 150);
    assert_int_equal(t->columns[1].bad_count, 75);
    for (size_t i = 0; i < 75; i++)
        assert_int_equal(t->columns[1].bad[i].text.len, 900);
    assert_int_equal(t->columns[0].header.len, sizeof long_text);
    assert_int_equal(t->columns[2].dict.count, 4);
    assert_int_equal(t->columns[2].dict.entries[2].status, AS_CODE_VARIANT);
    assert_int_equal(t->columns[2].null_count, 38);
    as_key k = as_key_of(t);
    as_index *x;
    as_code code = as_index_open(&x, &k, NULL, e);
    if (code == AS_OK) {
        uint64_t hash;
        as_key_block(&k, 149, 1, &hash);
        assert_int_equal(as_index_first(x, &k, 149, hash), 74);
        assert_int_equal(as_index_next(x, 74), 149);
        as_key_text(&k, 149, &tmp);
        if (tmp.failed)
            code = as_fail_nomem(e);
        else
            EXPECT_STR(as_buf_str(&tmp), "U0000000000074");
        as_index_close(x);
    }
    as_buf_free(&tmp);
    return code;
}

static as_code fill(as_builder *b, as_err *e)
{
    as_code code = AS_OK;
    for (uint32_t i = 0; i < 150 && code == AS_OK; i++) {
        static const char *codes[] = {"SOCI\xC3\x89T\xC3\x89",
                                      "N\xC3\x89"
                                      "ANT",
                                      "la", "other"};
        char urn[32];
        (void)snprintf(urn, sizeof urn, "U%013u", i % 75);
        as_str cells[3] = {S(urn), i % 2 ? S("12") : (as_str){long_text, 900}, S(codes[i % 4])};
        code = as_builder_row(b, cells, i + 2, e);
    }
    return code;
}

static as_code table_work(as_err *e)
{
    as_code_list list = {.name = AS_STR("l"), .entries = &entry, .count = 1};
    as_field fields[3] = {{.name = AS_STR("urn"), .trim = true},
                          {.name = AS_STR("places"), .type = AS_TYPE_INTEGER, .thousands = ','},
                          {.name = AS_STR("sector"), .type = AS_TYPE_CODE, .list = &list}};
    const as_schema schema = {
        .fields = fields, .count = 3, .key_count = 1, .nulls = nulls, .null_count = 2};
    as_arena *a = as_arena_open();
    as_builder *b = NULL;
    as_table *t = NULL;
    as_diags d;
    as_diags_init(&d, a);
    as_code code = a ? as_code_list_seal(&list, a, &d, e) : as_fail_nomem(e);
    if (code == AS_OK)
        code = as_builder_open(&b, S("t"), &schema, NULL, e);
    if (code == AS_OK) {
        as_builder_present(b, 0, (as_str){long_text, sizeof long_text}, 0);
        code = fill(b, e);
    }
    if (code == AS_OK)
        code = as_builder_finish(b, &t, e);
    if (code == AS_OK)
        code = check_table(t, e);
    as_builder_close(b);
    as_table_close(t);
    as_arena_close(a);
    return code;
}

/* Folding a code that was stripped needs memory of its own. */
static as_code strip_work(as_err *e)
{
    as_code_list list = {.name = AS_STR("l"), .entries = &entry, .count = 1};
    as_field f = {.name = AS_STR("sector"), .type = AS_TYPE_CODE, .list = &list};
    const as_schema schema = {.fields = &f, .count = 1, .nulls = nulls, .null_count = 1};
    as_arena *a = as_arena_open();
    as_buf tmp = AS_BUF(1000);
    as_diags d;
    as_typed typed;
    as_diags_init(&d, a);
    as_code code = a ? as_code_list_seal(&list, a, &d, e) : as_fail_nomem(e);
    if (code == AS_OK)
        code = as_regex_compile(&f.strip, a, S("[*]"), 0, e);
    if (code == AS_OK) {
        as_cell_kind kind =
            as_cell_type(&schema, &f, S("SOCI\xC3\x89T\xC3\x89 *"), &typed, &tmp);
        if (tmp.failed || kind == AS_CELL_BAD) /* BAD: no memory to match with */
            code = as_fail_nomem(e);
        else
            EXPECT_STR(typed.text, "Local Authority");
    }
    as_buf_free(&tmp);
    as_arena_close(a);
    return code;
}

static void test_arena(void **state)
{
    (void)state;
    every_fault(arena_work);
}

static void test_buf(void **state)
{
    (void)state;
    every_fault(buf_work);
}

static void test_diags(void **state)
{
    (void)state;
    every_fault(diags_work);
}

static void test_regex(void **state)
{
    (void)state;
    every_fault(regex_work);
}

static void test_table(void **state)
{
    (void)state;
    every_fault(table_work);
}

static void test_strip(void **state)
{
    (void)state;
    every_fault(strip_work);
}

int main(void)
{
    memset(long_text, 'x', sizeof long_text);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena), cmocka_unit_test(test_buf),
        cmocka_unit_test(test_diags), cmocka_unit_test(test_regex),
        cmocka_unit_test(test_table), cmocka_unit_test(test_strip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
