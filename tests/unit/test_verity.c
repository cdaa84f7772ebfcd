/* The digest of a file: what `fsverity digest` 1.5 prints for the same bytes, at every edge of
 * a page, a chunk and a level; chunks in any order; a chunk that is missing. */
#include "unit.h"

#include "base/verity.h"

#define MOST (64 * AS_MIB + 5000)

static const struct {
    size_t size;
    const char *digits;
} known[] = {
    {0, "3d248ca542a24fc62d1c43b916eae5016878e2533c88238480b26128a1f1af95"},
    {1, "b803429503d95915829b29fdbc8bbad142f3abfd11b1cadf5526582e685c0551"},
    {4095, "32b7d24652eaa3c99e043f5fb256fa7685a0755e205e0b1273094ab27b497b7d"},
    {4096, "a85668e25ccd060b6b6e92de5bd79c287d48c8545efbb29cc7ef768017633a05"},
    {4097, "3f84a5e28b61ce7a29aa9c6c788ff62843abddfa9b3b681364dda6cb28b6ee82"},
    {8192, "fcdda8a58541ecd36ba75f5183864406d1c668b4532e553ed2e7af6a971b962c"},
    {57344, "59cd7684d9960ae1af77fefdc99fdd4c0b6cf87e795d88fd1faf695f7b17bd43"},
    {131072, "bb3a61d6a961475a952fe6550215bfc8bf27a1c75d727abdb290c5658248e8f1"},
    {131073, "2af4cc9bbc08976d07cd0ee8146810f57c79cc1a08bd6bb2bd61612748914ce5"},
    {524287, "d7b4ddee44a0da5e261e48eec5ea27eb54d210a2612fd8c75874f30aeaab5c98"},
    {524288, "2d3a290e376bfe2cf03776d2d017e541350fba2bf027d64d16df164a983a5c2f"},
    {524289, "7fe07e9dd31f067eb8db4ba647899993d97dbd1fed0a79513b3464b31aaf871d"},
    {1048576, "e246e82a89b56e18e217b4f57ac1c8302ca81da95e57ea074fc37b8a203a5f8e"},
    {67108864, "c6a90dfe74452233eb0f83f929f49128017b8b91172a1cc901287a0185962bc8"},
    {67108865, "d28c9dcd572dd5ba111c4f10e8457d3b25a356a9884924311364097e06bf7bab"},
    {67113000, "32e96ddb37d48ff8e963641c47aabcad422cc47a3c521102298bb5b0288f5d3a"},
};
#define KNOWN (sizeof known / sizeof *known)

static char *made(void)
{
    char *bytes = malloc(MOST);
    assert_non_null(bytes);
    for (size_t i = 0; i < MOST; i++)
        bytes[i] = (char)(i * 167 + i / 64);
    return bytes;
}

static void test_known(void **state)
{
    (void)state;
    char *bytes = made(), digest[AS_VERITY_TEXT];
    as_err e;
    for (size_t i = 0; i < KNOWN; i++) {
        assert_int_equal(as_verity_of((as_str){bytes, known[i].size}, digest, &e), AS_OK);
        assert_memory_equal(digest, "fsverity:", 9);
        assert_string_equal(digest + 9, known[i].digits);
    }
    free(bytes);
}

static void test_any_order(void **state)
{
    (void)state;
    char *bytes = made(), digest[AS_VERITY_TEXT];
    as_verity *v;
    as_err e;
    for (size_t i = 0; i < KNOWN; i++) {
        assert_int_equal(as_verity_open(&v, known[i].size, &e), AS_OK);
        const size_t n = as_verity_chunks(v);
        assert_int_equal(n, (known[i].size + AS_VERITY_CHUNK - 1) / AS_VERITY_CHUNK);
        for (size_t k = n; k-- > 0;) {
            assert_false(as_verity_has(v, k));
            assert_int_equal(as_verity_end(v, digest, &e), AS_EIO);
            assert_string_equal(digest, "");
            assert_int_equal(as_verity_chunk(v, k, bytes + k * AS_VERITY_CHUNK, &e), AS_OK);
            assert_true(as_verity_has(v, k));
        }
        assert_int_equal(as_verity_end(v, digest, &e), AS_OK);
        assert_string_equal(digest + 9, known[i].digits);
        as_verity_close(v);
    }
    as_verity_close(NULL);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
