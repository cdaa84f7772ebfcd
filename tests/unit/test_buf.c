/* Text that grows: room of the caller's, and the formats that are written without printf. */
#include "base/arena.h"
#include "base/buf.h"
#include "unit.h"

#include <limits.h>
#include <string.h>

static void test_room(void **state)
{
    (void)state;
    char room[8];
    as_buf b = AS_BUF_ON(room, 100);
    EXPECT_STR(as_buf_str(&b), "");
    as_buf_add(&b, AS_STR("1234567"));
    assert_ptr_equal(b.ptr, room);
    as_buf_addc(&b, '8'); /* with its NUL one byte too many */
    assert_ptr_not_equal(b.ptr, room);
    EXPECT_STR(as_buf_str(&b), "12345678");
    assert_int_equal(b.ptr[8], 0);
    as_buf_free(&b);
    as_buf_add(&b, AS_STR("again"));
    EXPECT_STR(as_buf_str(&b), "again");
    as_buf_free(&b);
}

static void test_cap_on_room(void **state)
{
    (void)state;
    char room[64];
    as_buf b = AS_BUF_ON(room, 4);
    as_buf_add(&b, AS_STR("abc"));
    as_buf_add(&b, AS_STR("de"));
    assert_true(b.failed);
    EXPECT_STR(as_buf_str(&b), "abc");
    as_buf_free(&b);
}

static void expect(as_buf *b, const char *text)
{
    assert_false(b->failed);
    as_str have = as_buf_str(b);
    assert_int_equal(have.len, strlen(text));
    assert_string_equal(have.ptr, text);
    as_buf_clear(b);
}

static void test_formats(void **state)
{
    (void)state;
    as_buf b = AS_BUF(1000);
    as_buf_addf(&b, "%s, %.*s and %.*s%%%c", "one", 3, "twofold", 9, "ten", '!');
    expect(&b, "one, two and ten%!");
    as_buf_addf(&b, "%d %d %d %u", INT_MIN, -1, 7, UINT_MAX);
    expect(&b, "-2147483648 -1 7 4294967295");
    as_buf_addf(&b, "%zu %llu %lld %lld", (size_t)10, ULLONG_MAX, LLONG_MIN, 42LL);
    expect(&b, "10 18446744073709551615 -9223372036854775808 42");
    as_buf_addf(&b, "%.*s|", 4, "a\0bc"); /* as printf: a text ends at a NUL */
    expect(&b, "a|");
    as_buf_addf(&b, "plain");
    expect(&b, "plain");
    as_buf_free(&b);
}

/* One conversion that is not known sends the whole format to printf, from its beginning. */
static void test_other_formats(void **state)
{
    (void)state;
    as_buf b = AS_BUF(1000);
    as_buf_add(&b, AS_STR("= "));
    as_buf_addf(&b, "%s %d %.2f %5u %-4s|%04x", "x", 3, 2.5, 12u, "ab", 0xbeefu);
    expect(&b, "= x 3 2.50    12 ab  |beef");
    as_buf_free(&b);
}

static void test_all_or_nothing(void **state)
{
    (void)state;
    as_buf b = AS_BUF(10);
    as_buf_add(&b, AS_STR("1234"));
    as_buf_addf(&b, "%s%s", "5678", "90123");
    assert_true(b.failed);
    EXPECT_STR(as_buf_str(&b), "1234");
    as_buf_free(&b);
}

static void test_long_in_arena(void **state)
{
    (void)state;
    char long_text[3001];
    memset(long_text, 'x', 3000);
    long_text[3000] = '\0';
    as_arena *a = as_arena_open();
    as_str s = as_arena_printf(a, "%s-%d", long_text, 5);
    assert_int_equal(s.len, 3002);
    assert_memory_equal(s.ptr, long_text, 3000);
    assert_string_equal(s.ptr + 3000, "-5");
    as_arena_close(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_room),           cmocka_unit_test(test_cap_on_room),
        cmocka_unit_test(test_formats),        cmocka_unit_test(test_other_formats),
        cmocka_unit_test(test_all_or_nothing), cmocka_unit_test(test_long_in_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
