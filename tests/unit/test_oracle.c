/* Random small tables and random rules of each record kind, against queries in SQLite that a
 * person can read.
 *
 * Each case is a rule in YAML, a query for its findings and a query for its counts. Where they
 * disagree, the tables, the rule and the queries are printed. AS_ORACLE_SEED and
 * AS_ORACLE_CASES change what is tried. */
#include "oracle/bench.h"

/* ---- rules ---- */

static void write_expect(bench *x, trial *t, const as_buf *where)
{
    as_buf sql = AS_BUF(AS_FIELD_MAX);
    writer w = {&x->r, &t->yaml, &sql, "a", NULL};
    as_buf_add(&t->yaml, AS_STR("    expect: "));
    write_condition(&w, 3);
    as_buf_add(&t->yaml, AS_STR("\n"));
    as_buf_addf(&t->findings, "SELECT a.row FROM a\nWHERE %s\nAND NOT (%s)\nORDER BY a.row",
                where->ptr, sql.ptr);
    as_buf_addf(&t->counts,
                "SELECT count(*), count(CASE WHEN (%s) IS NULL THEN 1 END) FROM a\nWHERE %s",
                sql.ptr, where->ptr);
    as_buf_free(&sql);
}

static void write_unique(bench *x, trial *t, const as_buf *where)
{
    uint32_t first = rnd(&x->r, FIELDS), count = 1 + rnd(&x->r, 3);
    as_buf key = AS_BUF(1000), whole = AS_BUF(1000);
    for (uint32_t i = 0; i < count; i++) {
        as_buf_addf(&key, "%s%s", i ? ", " : "", fields[(first + i) % FIELDS].name);
        as_buf_addf(&whole, "%s%s IS NOT NULL", i ? " AND " : "",
                    fields[(first + i) % FIELDS].name);
    }
    as_buf_addf(&t->yaml, "    unique: [%s]\n", key.ptr);
    as_buf_addf(&t->findings,
                "SELECT min(row), group_concat(row) FROM\n"
                "(SELECT * FROM a WHERE %s\nAND %s ORDER BY row)\n"
                "GROUP BY %s HAVING count(*) > 1 ORDER BY min(row)",
                where->ptr, whole.ptr, key.ptr);
    as_buf_addf(&t->counts,
                "SELECT count(*), count(CASE WHEN NOT (%s) THEN 1 END) FROM a\nWHERE %s",
                whole.ptr, where->ptr);
    as_buf_free(&key);
    as_buf_free(&whole);
}

/* `match`: rows of b that this record meets; `fits`: those for which `expect` holds. */
static void write_lookup(bench *x, trial *t, const as_buf *where)
{
    static const char *const keys[][2] = {
        {"k", "k"}, {"c", "c2"}, {"i", "j"}, {"k", "k2"}, {"d", "d"}};
    as_buf match = AS_BUF(AS_FIELD_MAX), whole = AS_BUF(1000), fits = AS_BUF(AS_FIELD_MAX);
    uint32_t first = rnd(&x->r, 5), count = 1 + rnd(&x->r, 2);
    as_buf_add(&t->yaml, AS_STR("    lookup:\n      in: b\n      match: {"));
    for (uint32_t i = 0; i < count; i++) {
        const char *const *pair = keys[(first + i) % 5];
        as_buf_addf(&t->yaml, "%s%s: %s", i ? ", " : "", pair[0], pair[1]);
        as_buf_addf(&match, "%sb.%s = a.%s", i ? " AND " : "", pair[1], pair[0]);
        as_buf_addf(&whole, "%sa.%s IS NOT NULL", i ? " AND " : "", pair[0]);
        if (keys[(first + 1) % 5][0] == keys[first][0])
            break; /* one field of this record, two of the other: not in a mapping */
    }
    as_buf_add(&t->yaml, AS_STR("}\n"));
    if (chance(&x->r, 40)) {
        as_buf_add(&t->yaml, AS_STR("      valid: {d: [d, e]}\n"));
        as_buf_add(
            &match,
            AS_STR("\n  AND (b.d IS NULL OR a.d >= b.d) AND (b.e IS NULL OR a.d <= b.e)"));
        as_buf_add(&whole, AS_STR(" AND a.d IS NOT NULL"));
    }
    writer w = {&x->r, &t->yaml, &match, "b", chance(&x->r, 50) ? "a" : NULL};
    if (chance(&x->r, 50)) {
        as_buf_add(&t->yaml, AS_STR("      where: "));
        as_buf_add(&match, AS_STR("\n  AND "));
        write_condition(&w, 1);
        as_buf_add(&t->yaml, AS_STR("\n"));
    }
    bool expect = chance(&x->r, 50), absent = chance(&x->r, 30),
         pass = expect && !absent && chance(&x->r, 50);
    w.sql = &fits;
    if (expect) {
        as_buf_add(&t->yaml, AS_STR("      expect: "));
        write_condition(&w, 1);
        as_buf_add(&t->yaml, AS_STR("\n"));
    } else {
        as_buf_add(&fits, AS_STR("1"));
    }
    as_buf_addf(&t->yaml, "%s%s", absent ? "      absent: true\n" : "",
                pass ? "      missing: pass\n" : "");
    as_buf_addf(&t->findings, "SELECT a.row FROM a\nWHERE %s\nAND %s\n", where->ptr, whole.ptr);
    if (absent)
        as_buf_addf(&t->findings, "AND EXISTS (SELECT 1 FROM b WHERE %s\n  AND %s)\n",
                    match.ptr, fits.ptr);
    else /* one that fits, or may fit, is enough */
        as_buf_addf(&t->findings,
                    "AND NOT EXISTS (SELECT 1 FROM b WHERE %s\n  AND (%s) IS NOT FALSE)\n",
                    match.ptr, fits.ptr);
    if (pass)
        as_buf_addf(&t->findings, "AND EXISTS (SELECT 1 FROM b WHERE %s)\n", match.ptr);
    as_buf_add(&t->findings, AS_STR("ORDER BY a.row"));
    as_buf_addf(&t->counts,
                "SELECT count(*), CASE WHEN %d AND count(*) AND NOT max(met) THEN count(*) "
                "ELSE sum(open) END FROM\n"
                "(SELECT %s AND EXISTS (SELECT 1 FROM b WHERE %s) AS met,\n"
                " (NOT (%s) OR NOT EXISTS (SELECT 1 FROM b WHERE %s\n  AND %s)\n"
                "  AND EXISTS (SELECT 1 FROM b WHERE %s\n  AND (%s) IS NULL)) AS open\nFROM a "
                "WHERE %s)",
                pass, whole.ptr, match.ptr, whole.ptr, match.ptr, fits.ptr, match.ptr, fits.ptr,
                where->ptr);
    as_buf_free(&match);
    as_buf_free(&whole);
    as_buf_free(&fits);
}

static void write_changed(bench *x, trial *t, const as_buf *where)
{
    static const char *const names[] = {"c", "i", "d", "f", "k2"};
    uint32_t first = rnd(&x->r, 5), count = 1 + rnd(&x->r, 3), tolerance = rnd(&x->r, 3);
    bool two = chance(&x->r, 40), differ = chance(&x->r, 50), allow = chance(&x->r, 40);
    const char *key = two ? "b.k = a.k AND b.c2 = a.c2" : "b.k = a.k";
    const char *from = PICK(&x->r, codes), *to = PICK(&x->r, codes);
    bool number = false;
    as_buf_addf(&t->yaml, "    changed:\n      from: b\n%s      fields: [",
                two ? "      key: [k, c2]\n" : "");
    if (allow)
        first = 0, count = 1; /* a transition of codes */
    for (uint32_t i = 0; i < count; i++) {
        const char *n = names[(first + i) % 5];
        bool is_number = *n == 'i' || *n == 'f';
        number = number || is_number;
        as_buf_addf(&t->yaml, "%s%s", i ? ", " : "", n);
        as_buf_addf(&t->findings,
                    "%sSELECT a.row, %u AS field, '%s' FROM a\nWHERE %s\n"
                    "AND EXISTS (SELECT 1 FROM b WHERE %s)\n"
                    "AND NOT EXISTS (SELECT 1 FROM b WHERE %s\n  AND (",
                    i ? "\nUNION ALL\n" : "", i, n, where->ptr, key, key);
        if (differ)
            as_buf_addf(&t->findings, "a.%s IS b.%s", n, n);
        else
            as_buf_addf(&t->findings, "a.%s IS NULL OR b.%s IS NULL OR a.%s = b.%s", n, n, n,
                        n);
        if (is_number && tolerance == 1)
            as_buf_addf(&t->findings, " OR abs(a.%s - b.%s) <= 1", n, n);
        if (is_number && tolerance == 2)
            as_buf_addf(&t->findings, " OR abs(a.%s - b.%s) <= 0.5 * abs(b.%s)", n, n, n);
        if (allow)
            as_buf_addf(&t->findings, " OR b.c = '%s' AND a.c = '%s'", from, to);
        as_buf_add(&t->findings, AS_STR("))"));
    }
    as_buf_add(&t->findings, AS_STR("\nORDER BY 1, 2"));
    as_buf_addf(&t->yaml, "]\n%s", differ ? "      nulls: differ\n" : "");
    if (number && tolerance)
        as_buf_addf(&t->yaml, "      tolerance: %s\n", tolerance == 1 ? "1" : "50%");
    if (allow)
        as_buf_addf(&t->yaml, "      allow: [{from: %s, to: %s}]\n", from, to);
    as_buf_addf(&t->counts,
                "SELECT count(*), '*' FROM a\nWHERE %s\nAND EXISTS (SELECT 1 FROM b WHERE %s)",
                where->ptr, key);
}

static void write_lua(bench *x, trial *t, const as_buf *where)
{
    int limit = (int)rnd(&x->r, 5) - 1;
    const char *code = PICK(&x->r, codes);
    as_buf_addf(&t->yaml,
                "    reads: [i, c, d]\n"
                "    lua: |\n"
                "      if r.i == nil or r.c == nil then return nil end\n"
                "      return not (r.i < %d and r.c == \"%s\" and r.d ~= nil)\n",
                limit, code);
    as_buf_addf(
        &t->findings,
        "SELECT row FROM a\nWHERE %s\nAND i < %d AND c = '%s' AND d IS NOT NULL ORDER BY row",
        where->ptr, limit, code);
    as_buf_addf(
        &t->counts,
        "SELECT count(*), count(CASE WHEN i IS NULL OR c IS NULL THEN 1 END) FROM a\nWHERE %s",
        where->ptr);
}

/* Of each group the record that comes first by date, then in the file, must not have the
 * number. */
static void write_lua_group(bench *x, trial *t, const as_buf *where)
{
    int number = (int)rnd(&x->r, 3);
    const char *per = chance(&x->r, 50) ? "k" : "c", *order = chance(&x->r, 50) ? "d" : "k2";
    as_buf_addf(&t->yaml,
                "    reads: [i]\n    per: [%s]\n    order: [%s]\n"
                "    lua: |\n"
                "      if g[1].i == %d then return 1, \"the first\" end\n"
                "      return true\n",
                per, order, number);
    as_buf_addf(&t->findings,
                "SELECT row FROM\n"
                "(SELECT row, i, row_number() OVER (PARTITION BY %s ORDER BY %s IS NULL, %s, "
                "row) AS place\n"
                " FROM a WHERE %s\n AND %s IS NOT NULL)\n"
                "WHERE place = 1 AND i = %d ORDER BY row",
                per, order, order, where->ptr, per, number);
    as_buf_addf(&t->counts, "SELECT count(DISTINCT %s), 0 FROM a\nWHERE %s", per, where->ptr);
}

static void expect(void **state)
{
    (void)state;
    try_kind(write_expect, 1);
}

static void unique(void **state)
{
    (void)state;
    try_kind(write_unique, 2);
}

static void lookup(void **state)
{
    (void)state;
    try_kind(write_lookup, 3);
}

static void changed(void **state)
{
    (void)state;
    try_kind(write_changed, 4);
}

static void lua(void **state)
{
    (void)state;
    try_kind(write_lua, 5);
    try_kind(write_lua_group, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expect),  cmocka_unit_test(unique), cmocka_unit_test(lookup),
        cmocka_unit_test(changed), cmocka_unit_test(lua),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
