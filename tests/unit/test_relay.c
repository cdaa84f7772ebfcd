/* base/relay: every part once, handed on in order, one at a time, in as many slots as there
 * are, with any number of workers; an error ends it. */
#include "base/relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>

#include <cmocka.h>

enum { PARTS = 3000, SLOTS = 5 };

typedef struct seen {
    size_t in_slot[SLOTS]; /* the part that is in it, + 1 */
    size_t order[PARTS], count;
    size_t fails_at; /* part; PARTS: none does */
    _Atomic int handing, wrong, made;
} seen;

static void make(void *arg, size_t slot, size_t part)
{
    seen *s = arg;
    s->wrong += slot >= SLOTS || s->in_slot[slot] != 0;
    s->in_slot[slot] = part + 1;
    s->made++;
}

static as_code hand(void *arg, size_t slot, size_t part, as_err *e)
{
    seen *s = arg;
    s->wrong += s->handing++ != 0 || s->in_slot[slot] != part + 1;
    if (part == s->fails_at)
        return as_fail(e, AS_EIO, AS_NOWHERE, "part %zu", part);
    s->order[s->count++] = part;
    s->in_slot[slot] = 0;
    s->handing--;
    return AS_OK;
}

static as_code run(seen *s, unsigned jobs, size_t parts, as_err *e)
{
    as_pool *p = NULL;
    assert_int_equal(as_pool_open(&p, jobs, e), AS_OK);
    as_relay r = {parts, SLOTS, s, make, hand};
    as_code code = as_relay_run(&r, p, e);
    as_pool_close(p);
    return code;
}

static void test_in_order(void **state)
{
    (void)state;
    for (unsigned jobs = 1; jobs <= 4; jobs++) {
        static seen s;
        as_err e = {0};
        s = (seen){.fails_at = PARTS};
        assert_int_equal(run(&s, jobs, PARTS, &e), AS_OK);
        assert_int_equal(s.wrong, 0);
        assert_int_equal(s.count, PARTS);
        for (size_t i = 0; i < PARTS; i++)
            assert_int_equal(s.order[i], i);
    }
}

static void test_nothing(void **state)
{
    (void)state;
    as_err e = {0};
    seen s = {.fails_at = PARTS};
    as_relay r = {0, 1, &s, make, hand};
    assert_int_equal(as_relay_run(&r, NULL, &e), AS_OK);
    assert_int_equal(s.made, 0);
}

/* What came before the error was handed on, nothing after it, and the loop ends. */
static void test_error(void **state)
{
    (void)state;
    for (unsigned jobs = 1; jobs <= 4; jobs++) {
        static seen s;
        as_err e = {0};
        s = (seen){.fails_at = 100};
        assert_int_equal(run(&s, jobs, PARTS, &e), AS_EIO);
        assert_string_equal(e.text, "part 100");
        assert_int_equal(s.count, 100);
        assert_true(s.made <= 100 + SLOTS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_order),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
