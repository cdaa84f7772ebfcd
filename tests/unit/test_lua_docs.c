/* Every ```lua block of docs/reference/lua.md does what its comments say.
 *
 *   -- lua/NAME.lua         first line: a module         -- lua/NAME_test.lua   its test
 *   -- per: [field]         first line: the group form, with the records that have a sector
 *   -- A1: holds            what it says of that record: holds, undecided, finding: TEXT
 *   -- group: finding about A3: TEXT */
#include "lua_fixture.h"

typedef struct block {
    as_str text;
    uint32_t line;
} block;

static as_buf page;
static block blocks[32];
static size_t block_count;
static as_lua_source modules[8];
static size_t module_count;
static fixture f;

static void read_page(void)
{
    char bytes[4096];
    FILE *file = fopen(ASSAY_SOURCE_DIR "/docs/reference/lua.md", "r");
    assert_non_null(file);
    page = AS_BUF(AS_MIB);
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, file)) > 0;)
        as_buf_add(&page, (as_str){bytes, n});
    assert_int_equal(fclose(file), 0);
}

static void find_blocks(void)
{
    as_str rest = as_buf_str(&page);
    const char *begin = NULL;
    for (uint32_t line = 1; rest.len; line++) {
        as_str text = cut(&rest, '\n');
        if (begin && as_str_eq(text, AS_STR("```"))) {
            blocks[block_count].text.ptr = begin;
            blocks[block_count++].text.len = (size_t)(text.ptr - begin);
            begin = NULL;
        } else if (as_str_eq(text, AS_STR("```lua"))) {
            assert_true(block_count < sizeof blocks / sizeof blocks[0]);
            begin = rest.ptr;
            blocks[block_count].line = line + 1;
        }
    }
    assert_null(begin);
}

/* "councils" of "-- lua/councils.lua". */
static bool module_name(as_str text, as_str *name)
{
    as_str first = cut(&text, '\n'), head = AS_STR("-- lua/"), tail = AS_STR(".lua");
    if (!as_str_starts(first, head))
        return false;
    *name = as_str_sub(first, head.len, first.len - head.len - tail.len);
    return true;
}

static bool is_test(as_str name)
{
    return name.len > 5 && as_str_eq(as_str_sub(name, name.len - 5, 5), AS_STR("_test"));
}

static int setup(void **state)
{
    (void)state;
    static const as_lua_param params[] = {{{"as_at", 5}, {"2017-03-31", 10}}};
    read_page();
    find_blocks();
    for (size_t i = 0; i < block_count; i++) {
        as_str name;
        if (module_name(blocks[i].text, &name) && !is_test(name))
            modules[module_count++] =
                (as_lua_source){name, blocks[i].text, {"lua.md", blocks[i].line, 0}};
    }
    as_lua_setup s = {modules, module_count, params, 1, {0, 0, 0}};
    f = fixture_with(&s);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    fixture_close(&f);
    as_buf_free(&page);
    return 0;
}

static const char *show(char *out, size_t size, as_code code, as_truth truth)
{
    if (code != AS_OK)
        (void)snprintf(out, size, "error: %s", f.err.text);
    else if (truth == AS_FALSE)
        (void)snprintf(out, size, "finding: %.*s", AS_FMT(as_buf_str(&f.why)));
    else
        (void)snprintf(out, size, "%s", truth == AS_TRUE ? "holds" : "undecided");
    size_t len = strlen(out);
    if (out[len - 1] == ' ') /* editors take blanks off the ends of lines */
        out[len - 1] = '\0';
    return out;
}

/* Returns how many comments of the block said what to expect. */
static int check_record(const block *b)
{
    as_str rest = b->text;
    int said = 0;
    while (rest.len) {
        as_str line = cut(&rest, '\n');
        char got[AS_MESSAGE_MAX + 32];
        as_truth truth;
        if (!as_str_starts(line, AS_STR("-- A")) || line.len < 8)
            continue;
        as_code code = call_text(&f, (uint32_t)(line.ptr[4] - '1'), b->text, &truth);
        as_str want = as_str_sub(line, 7, line.len);
        if (!as_str_eq(as_str_from(show(got, sizeof got, code, truth)), want))
            fail_msg("lua.md:%u: %.*s\n  got %s", b->line, AS_FMT(line), got);
        said++;
    }
    return said;
}

static int check_group(const block *b)
{
    static const uint32_t rows[] = {0, 2};
    char text[2048], got[AS_MESSAGE_MAX + 64];
    as_truth truth;
    as_str head = AS_STR("\n-- group: finding about ");
    size_t at = as_str_find(b->text, head);
    assert_true(at != (size_t)-1);
    (void)snprintf(text, sizeof text, "%.*s", AS_FMT(b->text));
    as_code code = group_text(&f, rows, 2, text, &truth);
    if (code != AS_OK)
        fail_msg("lua.md:%u: %s", b->line, f.err.text);
    (void)snprintf(got, sizeof got, "A%u: %.*s\n", f.which + 1, AS_FMT(as_buf_str(&f.why)));
    as_str want = as_str_sub(b->text, at + head.len, b->text.len);
    if (truth != AS_FALSE || !as_str_eq(as_str_from(got), want))
        fail_msg("lua.md:%u: got %s", b->line, got);
    return 1;
}

static void test_blocks(void **state)
{
    (void)state;
    int said = 0, tests = 0;
    for (size_t i = 0; i < block_count; i++) {
        const block *b = &blocks[i];
        as_str name;
        if (module_name(b->text, &name)) {
            as_lua_source s = {name, b->text, {"lua.md", b->line, 0}};
            if (is_test(name) && as_lua_run_test(f.lua, &s, &f.err) != AS_OK)
                fail_msg("lua.md:%u: %s", f.err.at.line, f.err.text);
            tests += is_test(name);
            continue;
        }
        int here = as_str_starts(b->text, AS_STR("-- per:")) ? check_group(b) : check_record(b);
        if (here == 0)
            fail_msg("lua.md:%u: the example does not say what it gives", b->line);
        said += here;
    }
    assert_true(said >= 19 && tests == 1);
}

/* The chunk inside the ```yaml block is the same as elsewhere in these tests; here only: it
 * works. */
static void test_yaml_block(void **state)
{
    (void)state;
    as_str all = as_buf_str(&page), head = AS_STR("  lua: |\n");
    size_t at = as_str_find(all, head);
    assert_true(at != (size_t)-1);
    as_str rest = as_str_sub(all, at + head.len, all.len);
    rest.len = as_str_find(rest, AS_STR("```"));
    as_truth truth;
    assert_int_equal(call_text(&f, 0, rest, &truth), AS_OK);
    assert_string_equal(f.why.ptr,
                        "owner \"Somerset County Council\" reads like a local authority");
    assert_int_equal(call_text(&f, 1, rest, &truth), AS_OK);
    assert_int_equal(truth, AS_TRUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_yaml_block),
    };
    return cmocka_run_group_tests_name("lua page", tests, setup, teardown);
}
