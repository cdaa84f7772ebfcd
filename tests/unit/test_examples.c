/* Every kind's example is put into docs/example-pack and must prove itself: it loads without a
 * complaint, each rule has flags and passes, fires on the former and not on the latter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "check/check.h"
#include "run/run.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define PACK ASSAY_SOURCE_DIR "/docs/example-pack"

static char folder[] = "/tmp/assay-examples-XXXXXX";

static int setup(void **state)
{
    char command[512];
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(command, sizeof command, "cp -r '%s/.' '%s'", PACK, folder);
    return system(command);
}

static int teardown(void **state)
{
    char command[512];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static void write_example(const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/example.yaml", folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

static void print_diags(const as_diags *d)
{
    char where[256];
    for (size_t i = 0; i < d->count; i++)
        print_error("%s%.*s (%.*s)\n", as_span_text(d->items[i].at, where, sizeof where),
                    AS_FMT(d->items[i].text), AS_FMT(d->items[i].hint));
}

static void prove(const as_check_kind *k)
{
    as_arena *a = as_arena_open();
    as_diags d;
    as_err e = {0};
    as_project *p;
    as_selftests tests;
    write_example(k->example);
    as_diags_init(&d, a);
    assert_int_equal(as_project_open_pack(&p, a, folder, as_check_names(), &d, &e), AS_OK);
    as_code code = as_selftest_run(p, a, &tests, &d, &e);
    if (code != AS_OK)
        print_error("%s: %s\n", k->name, e.text);
    assert_int_equal(code, AS_OK);
    print_diags(&d);
    assert_int_equal(d.errors, 0);
    for (size_t i = 0; i < tests.count; i++)
        if (!tests.items[i].ok)
            print_error("%s: %.*s\n", k->name, AS_FMT(tests.items[i].why));
    assert_int_equal(tests.failed, 0);
    assert_true(p->rule_count > 0);
    for (size_t i = 0; i < p->rule_count; i++) {
        assert_true(as_str_eq(p->rules[i].kind, as_str_from(k->name)));
        assert_true(p->rules[i].flag_count > 0 && p->rules[i].pass_count > 0);
    }
    as_arena_close(a);
}

static void examples(void **state)
{
    (void)state;
    for (as_kind_names name = as_check_names(); *name; name++) {
        const as_check_kind *k = as_check_kind_find(as_str_from(*name));
        assert_non_null(k);
        assert_non_null(k->example);
        prove(k);
    }
}

/* A kind says what it is: the reference page, the listing and the JSON Schema are made of it.
 */
static void descriptors(void **state)
{
    (void)state;
    for (size_t i = 0; i < as_check_kind_count; i++) {
        const as_check_kind *k = as_check_kinds[i];
        assert_ptr_equal(as_check_kind_find(as_str_from(k->name)), k);
        assert_non_null(k->bind);
        assert_non_null(k->eval);
        assert_non_null(k->describe);
        assert_true(strlen(k->summary) > 10 && !strchr(k->summary, '\n'));
        assert_true(strlen(k->detail) > 10);
        for (const as_param_doc *p = k->params; p->name; p++)
            assert_true(p->type && strlen(p->text) > 3);
    }
    assert_null(as_check_kind_find(AS_STR("uniqe")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(descriptors),
                                       cmocka_unit_test(examples)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
