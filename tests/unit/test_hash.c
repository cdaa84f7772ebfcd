/* SHA-256 by the vectors of FIPS 180-4 (and the empty text); XXH3 pinned, so that no library
 * version changes what is stored. */
#include "unit.h"

#include "base/hash.h"

static void sha(as_str text, const char *want)
{
    char hex[AS_SHA256_HEX];
    as_err e;
    assert_int_equal(as_sha256_of(text, hex, &e), AS_OK);
    assert_string_equal(hex, want);
}

static void test_sha256(void **state)
{
    (void)state;
    sha(AS_NONE, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha(S("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha(S("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void test_sha256_half(void **state)
{
    (void)state;
    char hex[AS_SHA256_HALF];
    as_err e;
    assert_int_equal(as_sha256_half_of(S("abc"), hex, &e), AS_OK);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223");
    assert_int_equal(as_sha256_half_of(AS_NONE, hex, &e), AS_OK);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb924");
}

static void test_sha256_parts(void **state)
{
    (void)state;
    as_sha256 *h;
    as_err e;
    char hex[AS_SHA256_HEX];
    assert_int_equal(as_sha256_open(&h, &e), AS_OK);
    for (int i = 0; i < 1000; i++)
        as_sha256_add(
            h,
            S("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
    as_sha256_hex(h, hex); /* a million times "a" */
    assert_string_equal(hex,
                        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    as_sha256_close(h);
    as_sha256_close(NULL);
}

/* Short texts and ones that end near a block, side by side, left over, and too long for that.
 */
static void test_sha256_half_each(void **state)
{
    (void)state;
    enum { TEXTS = 41, MOST = 400 };
    static char bytes[MOST + TEXTS], hex[TEXTS][AS_SHA256_HALF];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 31 + i / 7);
    as_err e;
    char want[AS_SHA256_HEX];
    for (size_t first = 0; first < MOST; first++) {
        as_str texts[TEXTS];
        size_t count = first % TEXTS + 1;
        for (size_t k = 0; k < count; k++)
            texts[k] = (as_str){bytes + k, k % 3 ? (first + k) % MOST : first};
        memset(hex, 'x', sizeof hex);
        assert_int_equal(as_sha256_half_each(texts, count, hex, &e), AS_OK);
        for (size_t k = 0; k < count; k++) {
            assert_int_equal(as_sha256_of(texts[k], want, &e), AS_OK);
            want[AS_SHA256_HALF - 1] = '\0';
            assert_string_equal(hex[k], want);
        }
    }
}

static void test_fast(void **state)
{
    (void)state;
    assert_int_equal(as_hash(AS_NONE), 0x2d06800538d394c2ull); /* XXH3's own test value */
    assert_int_equal(as_hash_u64(0), 0);
    uint64_t seen = 0;
    for (uint64_t i = 1; i <= 100000; i++) {
        uint64_t h = as_hash_u64(i);
        assert_true(h != 0);
        seen |= h;
        /* undone: the multiplier's inverse modulo 2^64, x ^= x >> 32 is its own */
        uint64_t inverse = 1, k = 0xd6e8feb86659fd93ull;
        for (int n = 0; n < 6; n++)
            inverse *= 2 - k * inverse;
        uint64_t x = h ^ h >> 32;
        x *= inverse;
        x ^= x >> 32;
        x *= inverse;
        x ^= x >> 32;
        assert_int_equal(x, i);
    }
    assert_int_equal(seen, UINT64_MAX);
    assert_true(as_hash_join(1, 2) != as_hash_join(2, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256),       cmocka_unit_test(test_sha256_half),
        cmocka_unit_test(test_sha256_parts), cmocka_unit_test(test_sha256_half_each),
        cmocka_unit_test(test_fast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
