/* The digest of a file: what `b3sum` 1.2 prints for the same bytes, at every edge of a block, a
 * chunk, a part and a group of chunks side by side; with each set of instructions; parts in any
 * order; a part that is missing or has another length. */
#include "unit.h"

#include "base/blake3.h"
#include "base/cpu.h"

#define MOST (64 * AS_MIB + 5000)

static const struct {
    size_t size;
    const char *digits;
} known[] = {
    {0, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"},
    {1, "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"},
    {63, "8f750b75d1861b95f74de67db8f1f2e4b52e6dc6f2a1aa8e4d98344c28d04e22"},
    {64, "072a256d1c244e565e5d73a01619cb4aa257e29da9957eb4d2b971ab6ad42f5d"},
    {65, "e0f4eb7ff4069ec1024841606a3b690f4686dd79d44d5681b762ef25b41357f9"},
    {127, "0adde1e9fb722822fe9c9d69e897995995b47db2183d8c982f49fc77154ccaf9"},
    {128, "d4de863aaa01a0411322de46ae2eac7c2d28c539a074df8da657d4820ee02d78"},
    {1023, "d603d4b45a87e2ec7df633c42e348487a7fa61f5e9874c073fbef63ecc8743e9"},
    {1024, "8915b634ab4b9accf29d1fa415b83dab854074b560c7a59e44e96b2bde4ab79b"},
    {1025, "dce2f620e22e3a9250f71f3bb7acd48e55a29aabdb9281e694dadd8c50fe5c39"},
    {2047, "3cd564849a7857bfc5edbf97b96a390543f9db2ee6c1345c72836c12fb37897c"},
    {2048, "47cc0f43c4488865415d01790531a00d3be0225589fdb9428641ff51bf42c0db"},
    {2049, "5c9da7ef29d1908c6042ba2613cfd3db91f2e16cef448bb063c03933dab18c15"},
    {3072, "c86de1065a87ceea1f095898ca15f19c9b5a97fde111abe71b76e7f2e8d81312"},
    {3073, "820eab75a55290d630eec736cbb864105bd3b9599bcd0b3b415a6641e82f0a44"},
    {4096, "ddcf27dc2b41df343e5820b18458de307cb35df54b1266405b0dea90ac463ebf"},
    {4097, "e521cceb31d37ca999f0d1ae2ec7117154344ce47528ac0645b4fe07e22e6b54"},
    {5120, "821a76c898b50144e2bb00162f09327ae8743f47a8f892f606192841f3f32635"},
    {7168, "65a01249713db38d4f73af26ed7783810af11e4e8e6a9faf8ab5b0072310114e"},
    {8193, "4f3d7a08f7fa529e3cc150a2cd50891f6b08dc8286d335e338962766b7cdf3cd"},
    {16384, "d36cea55fabff5a32cc594a2198ec87547a167da71d9877c7f26a0da351880e9"},
    {31744, "115377de4c3890c7c43b4ba5c2dd6e889a9fcae11179b1f252d4262f2ce09871"},
    {32768, "c90057518618271e5ae2da2db693bd86a937634993ccb94ab9d055c2b9dc13e7"},
    {32769, "14011e8b6362e8402a4dfd2cd6120b8b97c2d9cc9011684c3f982cc7a975b5b2"},
    {33793, "a13cad299ab71dd25c56c313b6ebaa35d43a272a53b98d7bc7b9e35a0d177ec8"},
    {131072, "dbb80cced7eddf701c43cd06ac96bbe3b5ab21ab13730fc9a6576aa85a4ddeb1"},
    {131073, "9e6d636595ad5755e9b85f98da10f219c4df4047d234e87b4e5bfade2bef1d0a"},
    {524287, "de97164ed1aba8cb6d65148f4f235101b98a6447661f083f614ea04044b1f74a"},
    {524288, "f9eab99ad9ed51a212a24c64a64a0d1215cb05d1288afa121e3f3d432fba5d79"},
    {524289, "b64f68f85a035d1352a26ef3d85dc12444a2af955760f3c277b898f1ed78ceaa"},
    {525313, "68a62e98ad467696d59961d8338f6f1d798bacd2def17472c148783d6e793a68"},
    {1048576, "d824a25011eec299c93ee07e69688c609c2a3f2611de4b6ecf0ad5c3b10373dd"},
    {1048577, "a26d58f4196da4c5df706ba63ed75a33e5ccf1bbe6940c80f0b405b553513e6d"},
    {1572864, "95c715f12f29a680b11a72ce23791a3cca4b02c38b651f2ee7aef62ede17a290"},
    {2097153, "b38f1bb4c6a6263d9d1e6eed355941490322d05ba72f20bf7c62291e1e34aaec"},
    {67108864, "a30635a3cda51d6c909ee15f06d31ed546f0636a78c22efe81d52f198b09f4b8"},
    {67108865, "33d44fea463bb260639b9c50576ea3e2e8243441bea81a9fa38f4fd60adec28d"},
    {67113000, "e9fa964042621143c1e5647a17a73634ea86f8650769f87e660d60241b59aee6"},
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
    char *bytes = made(), digest[AS_BLAKE3_TEXT];
    as_err e;
    const as_cpu best = as_cpu_best();
    for (as_cpu cpu = AS_CPU_ANY; cpu <= best; cpu++) {
        as_cpu_at_most(cpu);
        for (size_t i = 0; i < KNOWN; i++) {
            assert_int_equal(as_blake3_of((as_str){bytes, known[i].size}, digest, &e), AS_OK);
            assert_memory_equal(digest, "blake3:", 7);
            assert_string_equal(digest + 7, known[i].digits);
        }
    }
    as_cpu_at_most(best);
    free(bytes);
}

static void test_any_order(void **state)
{
    (void)state;
    char *bytes = made(), digest[AS_BLAKE3_TEXT];
    as_blake3 *b;
    as_err e;
    for (size_t i = 0; i < KNOWN; i++) {
        const as_str whole = {bytes, known[i].size};
        assert_int_equal(as_blake3_open(&b, whole.len, &e), AS_OK);
        const size_t n = as_blake3_parts(b);
        assert_int_equal(n, (whole.len + AS_BLAKE3_PART - 1) / AS_BLAKE3_PART);
        for (size_t k = n; k-- > 0;) {
            assert_false(as_blake3_has(b, k));
            assert_int_equal(as_blake3_end(b, digest, &e), AS_EIO);
            assert_string_equal(digest, "");
            assert_true(
                as_blake3_part(b, k, as_str_sub(whole, k * AS_BLAKE3_PART, AS_BLAKE3_PART)));
            assert_true(as_blake3_has(b, k));
        }
        assert_int_equal(as_blake3_end(b, digest, &e), AS_OK);
        assert_string_equal(digest + 7, known[i].digits);
        as_blake3_close(b);
    }
    as_blake3_close(NULL);
    free(bytes);
}

/* A file that was cut or grew while it was read has no digest. */
static void test_other_length(void **state)
{
    (void)state;
    char *bytes = made(), digest[AS_BLAKE3_TEXT];
    as_blake3 *b;
    as_err e;
    assert_int_equal(as_blake3_open(&b, AS_BLAKE3_PART + 100, &e), AS_OK);
    assert_false(as_blake3_part(b, 0, (as_str){bytes, AS_BLAKE3_PART - 1}));
    assert_false(as_blake3_part(b, 1, (as_str){bytes, 99}));
    assert_false(as_blake3_part(b, 1, (as_str){bytes, 101}));
    assert_false(as_blake3_part(b, 1, AS_NONE));
    assert_false(as_blake3_part(b, 2, (as_str){bytes, 100})); /* it grew */
    assert_false(as_blake3_has(b, 0));
    assert_false(as_blake3_has(b, 1));
    assert_true(as_blake3_part(b, 0, (as_str){bytes, AS_BLAKE3_PART}));
    assert_int_equal(as_blake3_end(b, digest, &e), AS_EIO);
    assert_true(as_blake3_part(b, 1, (as_str){bytes, 100}));
    assert_int_equal(as_blake3_end(b, digest, &e), AS_OK);
    as_blake3_close(b);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_any_order),
        cmocka_unit_test(test_other_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
