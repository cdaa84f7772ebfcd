/* Documents of a release: encodings, line counts, what is refused and where. */
#include "unit.h"

#include "base/limits.h"
#include "input/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct {
    as_arena *arena;
    char path[64];
    const as_document *doc;
    as_err err;
} x;

static int setup(void **state)
{
    (void)state;
    memset(&x, 0, sizeof x);
    x.arena = as_arena_open();
    strcpy(x.path, "/tmp/assay-document-XXXXXX");
    int fd = mkstemp(x.path);
    assert_true(x.arena && fd >= 0);
    return close(fd);
}

static int teardown(void **state)
{
    (void)state;
    as_arena_close(x.arena);
    return remove(x.path);
}

static as_code load_as(const char *bytes, size_t len, const char *encoding)
{
    FILE *f = fopen(x.path, "w");
    as_source s = {.path = AS_STR("text.md"),
                   .open_path = as_str_from(x.path),
                   .encoding = as_str_from(encoding)};
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    x.err = (as_err){0};
    return as_document_load(&x.doc, AS_STR("commentary"), &s, x.arena, &x.err);
}
#define LOAD(bytes, encoding) load_as(bytes, sizeof(bytes) - 1, encoding)

#define IS(want, enc, n)                                                                       \
    do {                                                                                       \
        assert_true(as_str_eq(x.doc->text, AS_STR(want)));                                     \
        assert_true(as_str_eq(x.doc->encoding, AS_STR(enc)));                                  \
        assert_int_equal(x.doc->lines, n);                                                     \
    } while (0)

static void encodings(void **state)
{
    (void)state;
    assert_int_equal(LOAD("74 homes \xe2\x80\x93 more\n", "auto"), AS_OK);
    IS("74 homes \xe2\x80\x93 more\n", "utf-8 document", 1);
    assert_int_equal(LOAD("\xef\xbb\xbf"
                          "74",
                          "auto"),
                     AS_OK);
    IS("74", "utf-8 (byte order mark) document", 1);
    assert_int_equal(LOAD("74 homes \x96 more\r\nend", "auto"), AS_OK);
    IS("74 homes \xe2\x80\x93 more\r\nend", "windows-1252 document", 2);
    assert_int_equal(LOAD("\xff\xfe"
                          "7\0"
                          "4\0"
                          "\n\0",
                          "auto"),
                     AS_OK);
    IS("74\n", "utf-16le (byte order mark) document", 1);
    assert_int_equal(LOAD("", "auto"), AS_OK);
    IS("", "utf-8 document", 0);
}

/* `b3sum` of the bytes as they are in the file, not of the text. */
static void digest_is_of_the_bytes(void **state)
{
    (void)state;
    assert_int_equal(LOAD("\xef\xbb\xbf"
                          "74\n",
                          "auto"),
                     AS_OK);
    assert_string_equal(x.doc->digest,
                        "blake3:"
                        "deb8dc1dbe5293fb7c0abbc290c750db90b1d212ff8e09c2093e5cb8eb04ecb9");
    assert_int_equal(LOAD("74\n", "auto"), AS_OK);
    assert_string_equal(x.doc->digest,
                        "blake3:"
                        "84c9242dc153920ff22a1a67885f0e25f5983bf0d5805efd997e85bac08b271b");
    assert_int_equal(x.doc->bytes, 3);
}

static void refused(void **state)
{
    (void)state;
    assert_int_equal(LOAD("one\ntwo\0three", "utf-8"), AS_EINPUT);
    assert_int_equal(x.err.at.line, 2);
    assert_int_equal(x.err.at.column, 4);
    assert_non_null(strstr(x.err.text, "NUL"));
    assert_int_equal(LOAD("one\nb\x96", "utf-8"), AS_EINPUT);
    assert_int_equal(x.err.at.line, 2);
    assert_int_equal(x.err.at.column, 2);
    assert_int_equal(LOAD("PK\3\4rest", "auto"), AS_EINPUT);
    assert_non_null(strstr(x.err.text, "Word"));
    assert_int_equal(LOAD("%PDF-1.7", "auto"), AS_EINPUT);
    assert_non_null(strstr(x.err.text, "PDF"));
}

static void too_large(void **state)
{
    size_t n = AS_DOCUMENT_MAX + 1;
    char *bytes = malloc(n);
    (void)state;
    assert_non_null(bytes);
    memset(bytes, 'a', n);
    assert_int_equal(load_as(bytes, n, "auto"), AS_EBUDGET);
    assert_non_null(strstr(x.err.text, "AS_DOCUMENT_MAX"));
    assert_int_equal(load_as(bytes, n - 1, "auto"), AS_OK);
    free(bytes);
}

static void missing(void **state)
{
    as_source s = {.path = AS_STR("no.md"), .open_path = AS_STR("/nowhere/no.md")};
    (void)state;
    assert_int_equal(as_document_load(&x.doc, AS_STR("d"), &s, x.arena, &x.err), AS_EIO);
    assert_non_null(strstr(x.err.text, "no.md"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(encodings, setup, teardown),
        cmocka_unit_test_setup_teardown(digest_is_of_the_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(refused, setup, teardown),
        cmocka_unit_test_setup_teardown(too_large, setup, teardown),
        cmocka_unit_test_setup_teardown(missing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
