/* Loops that are compiled for several instruction sets: each version gives what the same loop
 * gives row by row, on columns of more than one block and on counts that fill no vector. */
#include "unit.h"

#include "each_cpu.h"

#include "check/pairs.h"
#include "check/same_key.h"
#include "eval/bound.h"
#include "table/table.h"

#define ROWS 9001u /* two blocks and a piece */

static uint64_t state = 20170331;

static uint32_t random_below(uint32_t n)
{
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)((state >> 33) % n);
}

/* ---- a table of one column ---- */

typedef struct one {
    as_field field;
    as_schema schema;
    as_column column;
    as_table table;
} one;

static as_key one_column(one *x, as_layout layout, const void *data, uint32_t rows)
{
    x->field = (as_field){.name = AS_STR("f")};
    x->schema = (as_schema){.fields = &x->field, .count = 1, .key_count = 1};
    x->column =
        (as_column){.field = &x->field, .layout = layout, .present = true, .data = data};
    x->table = (as_table){.name = AS_STR("t"), .schema = &x->schema, .rows = rows};
    x->table.columns = &x->column;
    return as_key_of(&x->table);
}

static uint64_t packs[ROWS];

/* Texts "0" to "keys - 1", and some nulls; `longs`: some long ones too. */
static void fill_packs(uint32_t keys, bool longs)
{
    for (uint32_t i = 0; i < ROWS; i++) {
        char text[16];
        int len = snprintf(text, sizeof text, "%u", random_below(keys));
        packs[i] = as_text_pack((as_str){text, (size_t)len});
        if (random_below(50) == 0)
            packs[i] = longs && random_below(2) ? as_pack_of_long(1 + random_below(2)) : 0;
    }
}

static void hashes(void **unused)
{
    (void)unused;
    static uint64_t out[ROWS];
    as_dict_entry entries[3] = {{.hash = 0}, {.hash = 77}, {.hash = 78}};
    one x;
    fill_packs(1000000, true);
    as_key k = one_column(&x, AS_LAYOUT_PACK8, packs, ROWS);
    x.column.dict = (as_dict){entries, 3};
    as_key_block(&k, 3, ROWS - 3, out);
    for (uint32_t i = 3; i < ROWS; i++) {
        bool is_long = packs[i] && (packs[i] & 0xff) == 0;
        uint64_t want = is_long ? 76 + (packs[i] >> 8) : as_hash_u64(packs[i]);
        assert_int_equal(out[i - 3], want);
    }
    k.fields[1] = 0;
    k.count = 2; /* the same column twice */
    as_key_block(&k, 0, ROWS, out);
    for (uint32_t i = 0; i < ROWS; i++)
        assert_int_equal(out[i] == 0, packs[i] == 0);
}

static void first_rows(void **unused)
{
    (void)unused;
    static uint64_t hash[ROWS];
    static uint32_t first[ROWS];
    uint32_t by_key[5000];
    one x;
    as_index *index;
    as_err e;
    fill_packs(5000, false);
    as_key k = one_column(&x, AS_LAYOUT_PACK8, packs, ROWS);
    assert_int_equal(as_index_open(&index, &k, NULL, &e), AS_OK);
    as_key_block(&k, 0, ROWS, hash);
    for (uint32_t at = 0; at < ROWS; at += AS_BLOCK)
        as_index_first_block(index, &k, at, ROWS - at < AS_BLOCK ? ROWS - at : AS_BLOCK,
                             hash + at, first + at);
    memset(by_key, 0xff, sizeof by_key);
    for (uint32_t i = 0; i < ROWS; i++) {
        char text[9] = {0};
        memcpy(text, &packs[i], 8);
        uint32_t *known = &by_key[strtoul(text, NULL, 10)];
        if (packs[i] && *known == UINT32_MAX)
            *known = i;
        assert_int_equal(first[i], packs[i] ? *known : AS_NO_ROW);
    }
    as_index_close(index);
}

/* ---- bytes and patterns ---- */

static void bytes(void **unused)
{
    (void)unused;
    static uint8_t from[ROWS], to[ROWS + 1];
    for (uint32_t entries = 1; entries <= 256; entries += 51) {
        uint8_t map[256];
        for (uint32_t i = 0; i < 256; i++)
            map[i] = (uint8_t)(i * 7 + entries);
        for (uint32_t i = 0; i < ROWS; i++)
            from[i] = (uint8_t)random_below(entries);
        for (uint32_t n = ROWS - 70; n <= ROWS; n++) {
            to[n] = 0xee;
            as_bytes_map(map, entries, from, n, to);
            assert_int_equal(to[n], 0xee);
            for (uint32_t i = 0; i<n; i += n> ROWS - 66 ? 997 : 1)
                assert_int_equal(to[i], (uint8_t)(from[i] * 7 + entries));
            assert_int_equal(to[n - 1], (uint8_t)(from[n - 1] * 7 + entries));
        }
    }
}

static bool is_urn(as_str s)
{
    const size_t digits = s.len == 8 ? 6 : 7;
    bool yes = s.len == 7 || (s.len == 8 && s.ptr[0] == 'S' && s.ptr[1] == 'C');
    for (size_t i = 0; yes && i < digits; i++)
        yes = s.ptr[s.len - 1 - i] >= '0' && s.ptr[s.len - 1 - i] <= '9';
    return yes;
}

static void patterns(void **unused)
{
    (void)unused;
    static const char letters[] = "SC0123456789012345678901234567890123456789x ";
    one x;
    as_err e;
    as_arena *a = as_arena_open();
    as_scratch *s = as_scratch_open();
    as_cond c = {.op = AS_COND_MATCHES, .other = AS_NO_FIELD};
    as_bound *b;
    uint8_t out[AS_BLOCK];
    as_dict_entry entries[2] = {{.hash = 0}, {.value = AS_STR("SC1234567"), .hash = 5}};
    assert_int_equal(
        as_regex_compile(&c.regex, a, S("SC[0-9]{6}|[0-9]{7}"), AS_REGEX_WHOLE, &e), AS_OK);
    static char texts[ROWS][9];
    for (uint32_t i = 0; i < ROWS; i++) {
        const uint32_t len = 6 + random_below(3);
        memset(texts[i], 0, sizeof texts[i]);
        for (uint32_t k = 0; k < len; k++)
            texts[i][k] = letters[random_below(sizeof letters - 1)];
        if (len == 8 && random_below(2))
            memcpy(texts[i], "SC", 2);
        packs[i] = i % 100 == 7   ? 0
                   : i % 100 == 8 ? as_pack_of_long(1)
                                  : as_text_pack(S(texts[i]));
    }
    (void)one_column(&x, AS_LAYOUT_PACK8, packs, ROWS);
    x.column.dict = (as_dict){entries, 2};
    assert_int_equal(as_bound_make(&b, &c, &x.table, NULL, a, &e), AS_OK);
    for (uint32_t at = 0; at < ROWS; at += AS_BLOCK) {
        const uint32_t n = ROWS - at < AS_BLOCK ? ROWS - at : AS_BLOCK;
        assert_int_equal(as_bound_block(b, at, n, out, s, &e), AS_OK);
        for (uint32_t i = 0; i < n; i++) {
            const uint32_t row = at + i;
            uint8_t want = is_urn(S(texts[row])) ? AS_TRUE : AS_FALSE;
            want = row % 100 == 8 ? AS_FALSE : row % 100 == 7 ? AS_UNDECIDED : want;
            assert_int_equal(out[i], want);
        }
    }
    as_scratch_close(s);
    as_arena_close(a);
}

/* ---- pairs ---- */

static void random_pairs(uint32_t n, uint32_t others, uint8_t *where, uint32_t *first)
{
    for (uint32_t i = 0; i < n; i++) {
        where[i] = (uint8_t)(random_below(8) < 2 ? random_below(2) : 2);
        first[i] = random_below(others);
        if (random_below(8) == 0)
            first[i] = random_below(2) ? AS_NO_ROW : AS_KEY_NULL;
    }
}

static void pairs(void **unused)
{
    (void)unused;
    static as_pairs x;
    static uint8_t where[AS_BLOCK];
    static uint32_t first[AS_BLOCK];
    for (uint32_t n = 0; n <= AS_BLOCK; n += n < 40 ? 1 : 1014) {
        random_pairs(n, 5000, where, first);
        as_pairs_take(&x, 8192, n, where, first);
        uint32_t count = 0;
        for (uint32_t i = 0; i < n; i++) {
            if (where[i] != 2 || first[i] >= AS_KEY_NULL)
                continue;
            assert_int_equal(x.rows[count], 8192 + i);
            assert_int_equal(x.others[count++], first[i]);
        }
        assert_int_equal(x.count, count);
    }
}

static void times(void **unused)
{
    (void)unused;
    static as_date day[AS_BLOCK], from[100], to[100];
    static uint8_t where[AS_BLOCK], was[AS_BLOCK];
    static uint32_t first[AS_BLOCK];
    one d, f, t;
    (void)one_column(&d, AS_LAYOUT_DATE, day, AS_BLOCK);
    (void)one_column(&f, AS_LAYOUT_DATE, from, 100);
    (void)one_column(&t, AS_LAYOUT_DATE, to, 100);
    for (uint32_t round = 0; round < 60; round++) {
        const uint32_t others = 1 + random_below(round % 2 ? 32 : 100);
        const uint32_t n = round < 40 ? round : AS_BLOCK - round;
        const bool open_end = round % 5 == 0;
        for (uint32_t i = 0; i < 100; i++) {
            from[i] = random_below(4) ? (as_date)random_below(1000) : AS_DATE_NULL;
            to[i] = random_below(4) ? (as_date)random_below(1000) : AS_DATE_NULL;
        }
        for (uint32_t i = 0; i < n; i++)
            day[i] = random_below(9) ? (as_date)random_below(1000) : AS_DATE_NULL;
        random_pairs(n, others, where, first);
        memcpy(was, where, n);
        as_pairs_time at = {&d.column, &f.column, open_end ? NULL : &t.column};
        as_pairs_valid(0, n, first, &at, others, where);
        for (uint32_t i = 0; i < n; i++) {
            bool in = first[i] < others && day[i] != AS_DATE_NULL;
            if (in && from[first[i]] != AS_DATE_NULL)
                in = day[i] >= from[first[i]];
            if (in && !open_end && to[first[i]] != AS_DATE_NULL)
                in = day[i] <= to[first[i]];
            assert_int_equal(where[i], in ? was[i] : 0);
        }
    }
}

/* ---- groups ---- */

static as_code every_row(void *arg, unsigned worker, uint32_t begin, uint32_t n, uint8_t *out,
                         as_scan_part *part, as_err *e)
{
    (void)arg, (void)worker, (void)begin, (void)part, (void)e;
    memset(out, AS_TRUE, n);
    return AS_OK;
}

/* A group is in the order of its rows, groups in the order of their first ones. */
static void groups_of(uint32_t keys)
{
    one x;
    as_err e;
    as_eval ev = {.pool = NULL};
    as_result counts = {0};
    as_same_key got;
    as_arena *a = as_arena_open();
    fill_packs(keys, false);
    as_key k = one_column(&x, AS_LAYOUT_PACK8, packs, ROWS);
    assert_int_equal(as_same_key_find(&ev, &k, every_row, NULL, a, &got, &counts, &e), AS_OK);
    size_t g = 0;
    static bool done[ROWS];
    memset(done, 0, sizeof done);
    for (uint32_t i = 0; i < ROWS; i++) {
        uint32_t members = 0;
        const bool leads = !done[i] && packs[i];
        for (uint32_t j = i; leads && j < ROWS; j++) {
            if (packs[j] != packs[i])
                continue;
            done[j] = true;
            members++;
            if (j > i)
                assert_true(g < got.count);
            if (j > i)
                assert_int_equal(got.rows[got.start[g] + members - 1], j);
        }
        if (members < 2)
            continue;
        assert_int_equal(got.rows[got.start[g]], i);
        assert_int_equal(got.start[g + 1] - got.start[g], members);
        g++;
    }
    assert_int_equal(got.count, g);
    as_arena_close(a);
}

static void groups(void **unused)
{
    (void)unused;
    groups_of(3);
    groups_of(4000);
    groups_of(400000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes),   cmocka_unit_test(first_rows), cmocka_unit_test(bytes),
        cmocka_unit_test(patterns), cmocka_unit_test(pairs),      cmocka_unit_test(times),
        cmocka_unit_test(groups),
    };
    return RUN_ON_EACH_CPU(tests, NULL, NULL);
}
