/* Field names, types, code lists. */
#include "unit.h"

#include "base/text.h"
#include "table/schema.h"

static as_arena *arena;

static const as_str authority[] = {AS_STR("LA"), AS_STR("Council run"), AS_STR("la")};
static const as_str private_own[] = {AS_STR("privately owned")};
static as_code_entry entries[] = {
    {AS_STR("Local Authority"), authority, 3, {"codelists/sectors.yaml", 4, 3}},
    {AS_STR("Children's home"), NULL, 0, {"codelists/sectors.yaml", 5, 3}},
    {AS_STR("Private"), private_own, 1, {"codelists/sectors.yaml", 6, 3}},
};

static as_code_list sealed(as_code_entry *e, size_t count, as_diags *d)
{
    as_code_list l = {.name = AS_STR("sectors"), .entries = e, .count = count};
    as_err err;
    as_diags_init(d, arena);
    assert_int_equal(as_code_list_seal(&l, arena, d, &err), AS_OK);
    return l;
}

static void find(const as_code_list *l, const char *raw, const char *want,
                 as_code_status status)
{
    as_code_status got = AS_CODE_UNKNOWN;
    const as_code_entry *e = as_code_list_find(l, S(raw), &got);
    assert_int_equal(got, status);
    if (want)
        EXPECT_STR(e->code, want);
    else
        assert_null(e);
}

static void test_names(void **state)
{
    (void)state;
    as_field fields[] = {{.name = AS_STR("urn")}, {.name = AS_STR("places")}};
    as_schema s = {.fields = fields, .count = 2};
    assert_int_equal(as_schema_field(&s, S("places")), 1);
    assert_int_equal(as_schema_field(&s, S("Places")), AS_NO_FIELD);
    assert_int_equal(as_schema_field(&s, S("")), AS_NO_FIELD);
    const char *names[] = {"text", "code", "integer", "number", "date"};
    for (int i = 0; i < 5; i++)
        assert_string_equal(as_type_name((as_type)i), names[i]);
}

static void test_find(void **state)
{
    (void)state;
    as_diags d;
    as_code_list l = sealed(entries, 3, &d);
    assert_int_equal(d.count, 0);
    find(&l, "Local Authority", "Local Authority", AS_CODE_EXACT);
    find(&l, " Local Authority\xC2\xA0", "Local Authority", AS_CODE_EXACT); /* outer blanks */
    find(&l, "LOCAL  authority", "Local Authority", AS_CODE_VARIANT);
    find(&l, "Local\nAuthority", "Local Authority", AS_CODE_VARIANT);
    find(&l, "LA", "Local Authority", AS_CODE_VARIANT);
    find(&l, "council RUN", "Local Authority", AS_CODE_VARIANT);
    find(&l, "Children\xE2\x80\x99s Home", "Children's home", AS_CODE_VARIANT);
    find(&l, "Privately Owned", "Private", AS_CODE_VARIANT);
    find(&l, "Local", NULL, AS_CODE_UNKNOWN);
    find(&l, "", NULL, AS_CODE_UNKNOWN);
    find(&l, "Local\xFF", NULL, AS_CODE_UNKNOWN);
    assert_non_null(as_code_list_find(&l, S("Private"), NULL));
}

static void test_empty_list(void **state)
{
    (void)state;
    as_diags d;
    as_code_list l = sealed(NULL, 0, &d);
    find(&l, "x", NULL, AS_CODE_UNKNOWN);
}

static void test_claimed_twice(void **state)
{
    (void)state;
    const as_str first[] = {AS_STR("vol"), AS_STR("third sector")};
    const as_str second[] = {AS_STR("Third  Sector"), AS_STR("PRIVATE")};
    as_code_entry e[] = {{AS_STR("Private"), NULL, 0, {"c.yaml", 1, 1}},
                         {AS_STR("Voluntary"), first, 2, {"c.yaml", 2, 1}},
                         {AS_STR("Charity"), second, 2, {"c.yaml", 3, 1}}};
    as_diags d;
    as_code_list l = sealed(e, 3, &d);
    assert_int_equal(d.errors, 2);
    EXPECT_STR(d.items[0].text,
               "code list \"sectors\": \"Third  Sector\" is claimed by two codes, "
               "\"Voluntary\" and \"Charity\"");
    assert_int_equal(d.items[0].at.line, 3);
    EXPECT_STR(d.items[1].text, "code list \"sectors\": \"PRIVATE\" is claimed by two codes, "
                                "\"Private\" and \"Charity\"");
    find(&l, "third sector", "Voluntary", AS_CODE_VARIANT); /* the first keeps it */
}

static void test_codes_alike(void **state)
{
    (void)state;
    as_code_entry e[] = {{AS_STR("Private"), NULL, 0, {"c.yaml", 1, 1}},
                         {AS_STR("PRIVATE"), NULL, 0, {"c.yaml", 2, 1}},
                         {AS_STR(" "), NULL, 0, {"c.yaml", 3, 1}}};
    as_diags d;
    as_code_list l = sealed(e, 3, &d);
    assert_int_equal(d.errors, 2);
    EXPECT_STR(d.items[1].text, "code list \"sectors\": an empty code");
    find(&l, "PRIVATE", "PRIVATE", AS_CODE_EXACT);
    find(&l, "private", "Private", AS_CODE_VARIANT);
}

static void test_large_list(void **state)
{
    (void)state;
    enum { N = 5000 };
    as_code_entry *e = AS_NEW_N(arena, as_code_entry, (size_t)N);
    as_str *variants = AS_NEW_N(arena, as_str, (size_t)N);
    for (unsigned i = 0; i < N; i++) {
        e[i].code = as_arena_printf(arena, "Code %u", i);
        variants[i] = as_arena_printf(arena, "c%u", i);
        e[i].variants = &variants[i];
        e[i].variant_count = 1;
    }
    as_diags d;
    as_code_list l = sealed(e, N, &d);
    assert_int_equal(d.count, 0);
    for (unsigned i = 0; i < N; i++) {
        as_code_status status;
        assert_ptr_equal(as_code_list_find(&l, e[i].code, &status), &e[i]);
        assert_int_equal(status, AS_CODE_EXACT);
        assert_ptr_equal(as_code_list_find(&l, variants[i], &status), &e[i]);
        assert_int_equal(status, AS_CODE_VARIANT);
    }
}

static int setup(void **state)
{
    (void)state;
    arena = as_arena_open();
    return arena ? 0 : 1;
}

static int teardown(void **state)
{
    (void)state;
    as_arena_close(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),       cmocka_unit_test(test_find),
        cmocka_unit_test(test_empty_list),  cmocka_unit_test(test_claimed_twice),
        cmocka_unit_test(test_codes_alike), cmocka_unit_test(test_large_list),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
