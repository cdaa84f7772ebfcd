/* test_file.c: an extract that another program writes while it is read is found out, small
 * (read) and large (mapped). */
#include "input/file.h"
#include "unit.h"

#include <fcntl.h>
#include <unistd.h>

static void make(char *path, size_t size)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)size), 0);
    close(fd);
}

static void changed_under_our_hands(size_t size)
{
    char path[] = "/tmp/assay-file-XXXXXX";
    as_file f = {0};
    as_err e = {0};
    make(path, size);
    assert_int_equal(as_file_open(&f, path, "extract.csv", &e), AS_OK);
    assert_int_equal(f.bytes.len, size);
    assert_int_equal(as_file_unchanged(&f, &e), AS_OK);
    int fd = open(path, O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, "x", 1), 1);
    close(fd);
    assert_int_equal(as_file_unchanged(&f, &e), AS_EIO);
    assert_string_equal(e.at.file, "extract.csv");
    assert_non_null(strstr(e.text, "was changed while it was being read"));
    as_file_close(&f);
    unlink(path);
}

static void small_file(void **state)
{
    (void)state;
    changed_under_our_hands(100);
}

static void mapped_file(void **state)
{
    (void)state;
    changed_under_our_hands((size_t)3 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_file),
        cmocka_unit_test(mapped_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
