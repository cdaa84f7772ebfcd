/* Arenas, and errors and diagnostics that live in them. */
#include "unit.h"

#include "base/alloc.h"
#include "base/err.h"
#include "base/limits.h"
#include <errno.h>

static char order[16];

static void note(void *p)
{
    size_t n = strlen(order);
    order[n] = *(const char *)p;
    order[n + 1] = '\0';
}

static void test_pieces(void **state)
{
    (void)state;
    as_arena *a = as_arena_open();
    unsigned char *pieces[2000];
    for (size_t i = 0; i < 2000; i++) {
        pieces[i] = as_arena_alloc(a, i);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % 16, 0);
        memset(pieces[i], (int)(i & 255), i);
    }
    for (size_t i = 0; i < 2000; i++) /* no piece lies on another */
        for (size_t j = 0; j < i; j++)
            assert_int_equal(pieces[i][j], i & 255);
    assert_non_null(as_arena_alloc(a, 5 * AS_MIB));
    assert_null(as_arena_alloc(a, SIZE_MAX));
    assert_null(as_arena_alloc(a, SIZE_MAX - 20));
    assert_null(as_arena_zalloc_n(a, SIZE_MAX / 8 + 2, 8));
    assert_non_null(AS_NEW_N(a, uint64_t, (size_t)0));
    const uint64_t *zeroed = AS_NEW_N(a, uint64_t, (size_t)1000);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(zeroed[i], 0);
    as_arena_close(a);
    as_arena_close(NULL);
}

static void test_zeroed_after_reset(void **state)
{
    (void)state;
    as_arena *a = as_arena_open();
    memset(as_arena_alloc(a, 4000), 0xff, 4000);
    as_arena_reset(a);
    const unsigned char *p = as_arena_zalloc(a, 4000);
    for (size_t i = 0; i < 4000; i++)
        assert_int_equal(p[i], 0);
    as_arena_close(a);
}

/* Of the blocks of an arena that is filled and emptied again and again one stays: the largest
 * that is no piece of its own. */
static void test_reset_keeps_a_block(void **state)
{
    (void)state;
    as_arena *a = as_arena_open();
    for (int i = 0; i < 100; i++)
        assert_non_null(as_arena_alloc(a, 1000));
    assert_non_null(as_arena_alloc(a, 3 << 20)); /* a block for itself: not kept */
    as_arena_reset(a);
    char *first = as_arena_alloc(a, 1000);
    for (int i = 1; i < 30; i++) {
        char *p = as_arena_alloc(a, 1000);
        assert_ptr_equal(p, first + i * 1008); /* one after another, in one block */
    }
    as_arena_close(a);
}

static void test_texts(void **state)
{
    (void)state;
    as_arena *a = as_arena_open();
    as_str s = as_arena_str(a, (as_str){"abcdef", 3});
    EXPECT_STR(s, "abc");
    assert_int_equal(s.ptr[3], 0);
    assert_non_null(as_arena_str(a, AS_NONE).ptr);
    assert_int_equal(as_arena_str(a, AS_NONE).len, 0);
    EXPECT_STR(as_arena_printf(a, "%d of %s", 3, "four"), "3 of four");
    EXPECT_STR(AS_JOIN(a, AS_STR("one"), AS_NONE, AS_STR(", "), AS_STR("two")), "one, two");
    EXPECT_STR(AS_JOIN(a, AS_NONE), "");
    as_arena_close(a);
}

static void test_closers(void **state)
{
    (void)state;
    order[0] = '\0';
    as_arena *a = as_arena_open();
    assert_true(as_arena_on_close(a, note, "1"));
    assert_true(as_arena_on_close(a, note, "2"));
    as_arena_reset(a);
    assert_string_equal(order, "21");
    assert_true(as_arena_on_close(a, note, "3"));
    as_arena_close(a);
    assert_string_equal(order, "213");
}

static void test_err(void **state)
{
    (void)state;
    as_err e;
    char buf[64];
    as_span at = {"rules.yaml", 3, 7};
    assert_int_equal(as_fail(&e, AS_ERULE, at, "min %d exceeds max %d", 5, 3), AS_ERULE);
    assert_string_equal(e.text, "min 5 exceeds max 3");
    assert_int_equal(e.at.line, 3);
    assert_int_equal(as_fail(NULL, AS_EIO, AS_NOWHERE, "x"), AS_EIO);
    assert_int_equal(as_fail_errno(&e, ENOENT, "a.csv"), AS_EIO);
    assert_string_equal(e.text, "a.csv: no such file or directory");
    assert_int_equal(as_fail_errno(&e, ENOMEM, "a.csv"), AS_ENOMEM);
    assert_string_equal(as_span_text(at, buf, sizeof buf), "rules.yaml:3:7: ");
    assert_string_equal(as_span_text((as_span){"a", 3, 0}, buf, sizeof buf), "a:3: ");
    assert_string_equal(as_span_text((as_span){"a", 0, 0}, buf, sizeof buf), "a: ");
    assert_string_equal(as_span_text((as_span){NULL, 2, 4}, buf, sizeof buf),
                        "line 2, column 4: ");
    assert_string_equal(as_span_text(AS_NOWHERE, buf, sizeof buf), "");
    assert_string_equal(as_span_text(at, buf, 4), "rul");
}

/* However long: cut at a character, never inside one. */
static void test_err_cut(void **state)
{
    (void)state;
    as_err e;
    char text[1200];
    for (size_t shift = 0; shift < 4; shift++) {
        memset(text, 'x', shift);
        for (size_t i = shift; i + 4 < sizeof text; i += 4)
            memcpy(text + i, "\xF0\x9F\x8F\xA0", 5);
        (void)as_fail(&e, AS_EINPUT, AS_NOWHERE, "%s", text);
        size_t len = strlen(e.text);
        assert_int_equal((len - shift) % 4, 0);
        assert_true(len > 1018);
    }
    memset(text, 'x', 1199);
    text[1199] = '\0';
    (void)as_fail(&e, AS_EINPUT, AS_NOWHERE, "%s", text);
    assert_int_equal(strlen(e.text), 1023);
}

static void test_diags(void **state)
{
    (void)state;
    as_arena *a = as_arena_open();
    as_diags d;
    as_diags_init(&d, a);
    as_diag_add(&d, AS_DIAG_ERROR, (as_span){"b", 1, 1}, "do it", "last %d", 1);
    as_diag_add(&d, AS_DIAG_WARNING, (as_span){"a", 10, 1}, NULL, "third");
    as_diag_add(&d, AS_DIAG_NOTE, (as_span){"a", 9, 5}, NULL, "second");
    as_diag_add(&d, AS_DIAG_ERROR, (as_span){"a", 9, 5}, NULL, "first");
    as_diags_sort(&d);
    assert_int_equal(d.count, 4);
    assert_int_equal(d.errors, 2);
    EXPECT_STR(d.items[0].text, "first");
    EXPECT_STR(d.items[1].text, "second");
    EXPECT_STR(d.items[2].text, "third");
    EXPECT_STR(d.items[3].text, "last 1");
    EXPECT_STR(d.items[3].hint, "do it");
    EXPECT_STR(d.items[0].hint, "");
    as_err e;
    (void)as_fail(&e, AS_ERULE, (as_span){"c", 1, 1}, "broken");
    for (size_t i = 0; i < AS_DIAGS_MAX; i++)
        as_diags_error(&d, &e);
    assert_int_equal(d.count, AS_DIAGS_MAX);
    assert_int_equal(d.left_out, 4);
    assert_int_equal(d.errors, AS_DIAGS_MAX + 2);
    as_arena_close(a);
}

static void test_alloc(void **state)
{
    (void)state;
    assert_null(as_alloc(0));
    assert_null(as_calloc(SIZE_MAX / 2, 4));
    as_alloc_fail_after(1, false);
    void *p = as_alloc(8), *q = as_alloc(8), *r = as_alloc(8);
    assert_non_null(p);
    assert_null(q);
    assert_non_null(r);
    as_alloc_fail_after(0, true);
    assert_null(as_realloc(p, 100)); /* p stays */
    assert_null(as_alloc(1));
    as_alloc_fail_after(-1, false);
    p = as_realloc(p, 100);
    assert_non_null(p);
    as_free(p);
    as_free(r);
    as_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_zeroed_after_reset),
        cmocka_unit_test(test_reset_keeps_a_block),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_closers),
        cmocka_unit_test(test_err),
        cmocka_unit_test(test_err_cut),
        cmocka_unit_test(test_diags),
        cmocka_unit_test(test_alloc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
