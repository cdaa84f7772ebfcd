/* YAML as trees: places, scalars that stay text, and everything that is refused, with its exact
 * sentence. */
#include "rules_fixture.h"

#include "base/limits.h"

static as_node *parse(const char *text)
{
    as_node *n = NULL;
    as_code code = as_yaml_parse(&n, arena, S(text), "f.yaml", &err);
    if (code != AS_OK)
        fail_msg("%s", err.text);
    return n;
}

static void refused_bytes(as_str text, as_code code, const char *sentence)
{
    as_node *n = NULL;
    char at[256];
    assert_int_equal(as_yaml_parse(&n, arena, text, "f.yaml", &err), code);
    assert_null(n);
    assert_int_equal(err.code, code);
    as_span_text(err.at, at, sizeof at);
    as_str whole = as_arena_printf(arena, "%s%s", at, err.text);
    EXPECT_STR(whole, sentence);
}

static void refused(const char *text, const char *sentence)
{
    refused_bytes(S(text), AS_ERULE, sentence);
}

static void at(const as_node *n, unsigned line, unsigned column)
{
    assert_string_equal(n->at.file, "f.yaml");
    assert_int_equal(n->at.line, line);
    assert_int_equal(n->at.column, column);
}

static void test_tree(void **state)
{
    (void)state;
    as_node *n = parse("rules:\n  - id: A-1\n    where: {kind: [a, \"b\"]}\n# a "
                       "comment\nother: |\n  one\n  two\n");
    assert_int_equal(n->kind, AS_NODE_MAP);
    assert_int_equal(n->count, 2);
    at(n, 1, 1);
    at(n->pairs[0].key, 1, 1);
    as_node *rules = as_node_get(n, "rules");
    assert_int_equal(rules->kind, AS_NODE_SEQ);
    at(rules, 2, 3);
    at(rules->items[0], 2, 5);
    as_node *id = as_node_get(rules->items[0], "id");
    EXPECT_STR(id->text, "A-1");
    at(id, 2, 9);
    assert_false(id->quoted);
    assert_int_equal(id->text.ptr[id->text.len], 0);
    as_node *list = as_node_get(as_node_get(rules->items[0], "where"), "kind");
    at(list, 3, 19);
    at(list->items[1], 3, 23);
    assert_false(list->items[0]->quoted);
    assert_true(list->items[1]->quoted);
    as_node *block = as_node_get(n, "other");
    EXPECT_STR(block->text, "one\ntwo\n");
    at(block, 5, 8);
    assert_int_equal(block->text_line, 6);
    assert_true(block->quoted);
    assert_int_equal(id->text_line, 2);
    assert_null(as_node_get(n, "nothing"));
    assert_null(as_node_get(id, "id"));
    assert_null(as_node_get(NULL, "id"));
}

/* Columns count characters, not bytes; a byte order mark is no character. */
static void test_columns(void **state)
{
    (void)state;
    as_node *n = parse("\xef\xbb\xbf{é: ü, b: c}\n");
    at(n->pairs[0].key, 1, 2);
    at(n->pairs[1].key, 1, 8);
    EXPECT_STR(n->pairs[0].value->text, "ü");
}

static void test_text(void **state)
{
    (void)state;
    as_node *n = parse("[no, 1e5, 2016-10, 0x1F, null, \"null\", ~, true, '', 010, .inf, =]");
    const char *want[] = {"no", "1e5",  "2016-10", "0x1F", "null", "null",
                          "~",  "true", "",        "010",  ".inf", "="};
    assert_int_equal(n->count, 12);
    for (size_t i = 0; i < n->count; i++)
        EXPECT_STR(n->items[i]->text, want[i]);
}

static void test_null_and_bool(void **state)
{
    (void)state;
    bool b = false;
    as_node *n = parse("a: null\nb: ~\nc:\nd: \"null\"\ne: \"\"\nf: nil\ng: yes\nh: "
                       "\"yes\"\ni: Off\nj: [x]\nk: y\n");
    assert_true(as_node_is_null(as_node_get(n, "a")));
    assert_true(as_node_is_null(as_node_get(n, "b")));
    assert_true(as_node_is_null(as_node_get(n, "c")));
    assert_false(as_node_is_null(as_node_get(n, "d")));
    assert_false(as_node_is_null(as_node_get(n, "e")));
    assert_false(as_node_is_null(as_node_get(n, "f")));
    assert_false(as_node_is_null(as_node_get(n, "j")));
    assert_false(as_node_is_null(NULL));
    assert_true(as_node_bool(as_node_get(n, "g"), &b));
    assert_true(b);
    assert_false(as_node_bool(as_node_get(n, "h"), &b));
    assert_true(as_node_bool(as_node_get(n, "i"), &b));
    assert_false(b);
    assert_false(as_node_bool(as_node_get(n, "j"), &b));
    assert_false(as_node_bool(as_node_get(n, "k"), &b));
    assert_string_equal(as_node_kind_name(n), "a mapping");
    assert_string_equal(as_node_kind_name(as_node_get(n, "j")), "a list");
    assert_string_equal(as_node_kind_name(as_node_get(n, "a")), "text");
}

static void test_empty(void **state)
{
    (void)state;
    const char *empty[] = {"",     "# only a comment\n", "---\n", "---\n...\n", "null\n",
                           "\n\n", "\xef\xbb\xbf"};
    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        as_node *n = parse(empty[i]);
        assert_int_equal(n->kind, AS_NODE_MAP);
        assert_int_equal(n->count, 0);
        at(n, 1, 1);
    }
}

static void test_aliases(void **state)
{
    (void)state;
    as_node *n = parse("a: &x {k: v}\nb: *x\nc: [*x, *x]\nd: &x two\ne: *x\n");
    assert_ptr_equal(as_node_get(n, "a"), as_node_get(n, "b"));
    assert_ptr_equal(as_node_get(n, "a"), as_node_get(n, "c")->items[1]);
    EXPECT_STR(as_node_get(n, "e")->text, "two"); /* the latest anchor of that name */
    refused(
        "a: *nowhere\n",
        "f.yaml:1:4: `*nowhere` names an anchor that is not above; put a text that begins with "
        "`*` in quotes");
    refused("a: &x\n  b: *x\n", "f.yaml:2:6: `*x` stands inside what it names");
    refused("&x [*x]\n", "f.yaml:1:5: `*x` stands inside what it names");
}

static void test_duplicates(void **state)
{
    (void)state;
    refused("id: a\nx: 1\nid: b\nx: 2\n",
            "f.yaml:3:1: the key `id` is written twice; the first is on line 1");
    refused("a: {b: 1, \"b\": 2}\n",
            "f.yaml:1:11: the key `b` is written twice; the first is on line 1");
    as_buf text = AS_BUF(AS_MIB);
    for (int i = 0; i < 40; i++) /* above the small case */
        as_buf_addf(&text, "k%d: 1\n", i);
    parse(text.ptr);
    as_buf_add(&text, S("k39: 1\nk7: 1\n"));
    refused(text.ptr, "f.yaml:41:1: the key `k39` is written twice; the first is on line 40");
    as_buf_free(&text);
}

static void test_refused(void **state)
{
    (void)state;
    refused("a:\n  <<: {b: 1}\n",
            "f.yaml:2:3: merge keys (`<<`) are not supported; write the keys out");
    refused(
        "a: !!int 5\n",
        "f.yaml:1:4: tags (`!…`) are not supported; put a text that begins with `!` in quotes");
    refused(
        "a: !x [b]\n",
        "f.yaml:1:4: tags (`!…`) are not supported; put a text that begins with `!` in quotes");
    refused("? [a]\n: b\n", "f.yaml:1:3: a key must be text, not a list");
    refused("{[a]: b}\n", "f.yaml:1:2: a key must be text, not a list");
    refused("?\n: b\n", "f.yaml:1:2: a key is missing before the `:`");
    refused(
        "a: 1\n---\nb: 2\n",
        "f.yaml:2:1: a second document (`---`) begins here; a file holds one, put the other "
        "into its own file");
    refused("a: \"\\0\"\n", "f.yaml:1:4: a text with a NUL character in it (`\\0`)");
}

static void test_syntax(void **state)
{
    (void)state;
    refused("a:\n\t- b\n", "f.yaml:2:1: this line is indented with a tab; YAML wants blanks");
    refused("a:\n  b: 1\n \tc: 2\n",
            "f.yaml:3:2: this line is indented with a tab; YAML wants blanks");
    refused("a: b: c\n", "f.yaml:1:5: a `:` where no key can be; put a text that holds `: ` in "
                         "quotes, or check the "
                         "indentation");
    refused(
        "a: 1\nb\nc: 2\n",
        "f.yaml:2:1: this line is neither a key with its `:` nor part of a text; check `:` and "
        "the indentation");
    refused(
        "a: [b, c\nd: e\n",
        "f.yaml:2:2: the list opened by `[` is not closed; it begins on line 1; `,` or `]` is "
        "expected here");
    refused("a: {b: c\nd: [e]\n",
            "f.yaml:2:2: the mapping opened by `{` is not closed; it begins on line 1; `,` or "
            "`}` is expected here");
    refused("a: \"b\nc: d\n", "f.yaml:1:4: the quote that opens here is never closed");
    refused("a: 'b\n", "f.yaml:1:4: the quote that opens here is never closed");
    refused(
        "a: \"\\d\"\n",
        "f.yaml:1:5: an unknown escape in double quotes; write `\\\\` for a backslash, or use "
        "single quotes");
    refused("a: %b\n", "f.yaml:1:4: a text cannot begin with `%`; put it in quotes");
    refused("a: @b\n", "f.yaml:1:4: a text cannot begin with `@`; put it in quotes");
    refused("a: `b`\n", "f.yaml:1:4: a text cannot begin with ```; put it in quotes");
    refused("a: - b\n", "f.yaml:1:4: a `- ` where no list can begin; put it on its own line");
    refused("a:\n  - b\n  c: d\n",
            "f.yaml:3:3: this does not fit the list that begins on line 2; check the "
            "indentation and the `- `");
    refused(
        "a: 1\n  b: 2\n",
        "f.yaml:2:4: a `:` where no key can be; put a text that holds `: ` in quotes, or check "
        "the indentation");
    refused("a:\n    b: 1\n  c: 2\n",
            "f.yaml:3:3: this does not fit the mapping that begins on line 1; check "
            "indentation, quotes and commas");
}

static void test_bytes(void **state)
{
    (void)state;
    refused_bytes((as_str){"a: b\nc: \0\n", 10}, AS_ERULE,
                  "f.yaml:2:4: a NUL byte; this is not a text file");
    refused("a: b\nc: \xe9t\xe9\n",
            "f.yaml:2:4: byte 0xE9 is not UTF-8; save the file as UTF-8");
    refused("é: \x01\n", "f.yaml:1:4: a control character; remove it");
    refused_bytes((as_str){"\xff\xfe"
                           "a\0",
                           4},
                  AS_ERULE, "f.yaml:1:1: this file is UTF-16; save it as UTF-8");
    refused_bytes((as_str){"\xfe\xff\0a", 4}, AS_ERULE,
                  "f.yaml:1:1: this file is UTF-16; save it as UTF-8");
    parse("a: b\r\nc: d\r\n");
}

static as_str repeat(const char *head, const char *s, size_t n, const char *tail)
{
    as_buf b = AS_BUF(32 * AS_MIB);
    as_buf_add(&b, S(head));
    for (size_t i = 0; i < n; i++)
        as_buf_add(&b, S(s));
    as_buf_add(&b, S(tail));
    as_str out = as_arena_str(arena, as_buf_str(&b));
    as_buf_free(&b);
    return out;
}

static void test_limits(void **state)
{
    (void)state;
    as_node *n = NULL;
    assert_int_equal(as_yaml_parse(&n, arena, repeat("", "[", 64, repeat("", "]", 64, "").ptr),
                                   "f.yaml", &err),
                     AS_OK);
    refused_bytes(repeat("", "[", 65, repeat("", "]", 65, "").ptr), AS_EBUDGET,
                  "f.yaml:1:65: nested deeper than 64 levels");
    refused_bytes(repeat("", "[", 100000, ""), AS_EBUDGET,
                  "f.yaml:1:65: nested deeper than 64 levels");
    refused_bytes(repeat("", "- ", 100000, "x"), AS_EBUDGET,
                  "f.yaml:1:129: nested deeper than 64 levels");
    refused_bytes(repeat("a: ", "x", 9 * AS_MIB, ""), AS_EBUDGET, "f.yaml: larger than 8 MiB");
    refused_bytes(repeat("[", "a,", 1000001, "]"), AS_EBUDGET,
                  "f.yaml:1:2000000: more than 1000000 values in one file, aliases expanded");
    /* What an alias stands for counts for depth: 40 levels used at level 40. */
    as_str deep =
        repeat("a: &x ", "[", 40, repeat("", "]", 40, repeat("\nb: ", "[", 40, "*x").ptr).ptr);
    refused_bytes(repeat(deep.ptr, "]", 40, ""), AS_EBUDGET,
                  "f.yaml:2:44: nested deeper than 64 levels through `*x`");
    refused_bytes(repeat("a: &x b\nc: [", "*x,", 1001, "]"), AS_EBUDGET,
                  "f.yaml:2:3005: more than 1000 aliases (`*…`) in one file");
    refused_bytes(repeat("[", "&a b,", 1001, "]"), AS_EBUDGET,
                  "f.yaml:1:5002: more than 1000 anchors in one file");
}

static void test_bomb(void **state)
{
    (void)state;
    refused_bytes(S("a: &a [x, x, x, x, x, x, x, x, x, x]\n"
                    "b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\n"
                    "c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n"
                    "d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\n"
                    "e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\n"
                    "f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]\n"),
                  AS_EBUDGET,
                  "f.yaml:6:36: more than 1000000 values in one file, aliases expanded");
}

static void load_fails(const char *path, as_code code, const char *sentence)
{
    as_node *n = NULL;
    assert_int_equal(as_yaml_load(&n, arena, path, "as/written.yaml", &err), code);
    assert_string_equal(err.text, sentence);
}

static void test_load(void **state)
{
    (void)state;
    as_node *n = NULL;
    put("good.yaml", "a: b\n");
    assert_int_equal(as_yaml_load(&n, arena, "good.yaml", "as/written.yaml", &err), AS_OK);
    assert_string_equal(n->at.file, "as/written.yaml");
    load_fails("none.yaml", AS_EIO, "as/written.yaml: no such file or directory");
    load_fails(".", AS_EIO, "as/written.yaml: a folder where a file is expected");
    load_fails("/dev/null", AS_EIO, "as/written.yaml: not a regular file");
    assert_int_equal(mkfifo("pipe", 0600), 0);
    load_fails("pipe", AS_EIO, "as/written.yaml: not a regular file");
    put("empty.yaml", "");
    assert_int_equal(as_yaml_load(&n, arena, "empty.yaml", "e", &err), AS_OK);
    assert_int_equal(n->count, 0);
    as_str big = repeat("a: ", "x", 8 * AS_MIB, "");
    put_bytes("big.yaml", big);
    load_fails("big.yaml", AS_EBUDGET, "as/written.yaml: larger than 8 MiB");
}

static void test_check_keys(void **state)
{
    (void)state;
    static const char *const known[] = {"id", "title", "severity", NULL};
    as_node *n = parse("id: a\ntitel: b\nzzz: c\n");
    as_node_check_keys(n, known, "a rule", &diags);
    as_node_check_keys(n->pairs[0].value, known, "a rule", &diags);
    EXPECT_REPORT(
        "f.yaml:2:1: error: unknown key `titel` in a rule | did you mean `title`?\n"
        "f.yaml:3:1: error: unknown key `zzz` in a rule | known: id, title, severity\n");
}

#define T(f) cmocka_unit_test_setup_teardown(f, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_tree),   T(test_columns),    T(test_text),       T(test_null_and_bool),
        T(test_empty),  T(test_aliases),    T(test_duplicates), T(test_refused),
        T(test_syntax), T(test_bytes),      T(test_limits),     T(test_bomb),
        T(test_load),   T(test_check_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
