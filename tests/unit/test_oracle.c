/* Random small tables and random rules of each record kind, against queries in SQLite that a
 * person can read.
 *
 * Each case is a rule in YAML, a query for its findings and a query for its counts. Where they
 * disagree, the tables, the rule and the queries are printed. AS_ORACLE_SEED and
 * AS_ORACLE_CASES change what is tried. */
#include "oracle/rules.h"

#include "oracle/random.h"
#include "oracle/sql.h"

#define RULES_A_ROUND 24

typedef struct trial {
    as_buf yaml, findings,
        counts; /* findings: row and what else tells it; counts: selected, undecided */
} trial;

typedef struct bench {
    rng r;
    world *w;
    sqlite3 *db;
    trial trials[RULES_A_ROUND];
    as_buf a, b; /* the tables as text */
} bench;

/* ---- tables ---- */

static void write_rows(bench *x, const char *name, as_buf *text, uint32_t rows)
{
    as_buf sql = AS_BUF(AS_FIELD_MAX);
    as_buf_clear(text);
    as_buf_addf(
        &sql, "DROP TABLE IF EXISTS %s; CREATE TABLE %s(row, k, k2, c, c2, i, j, f, g, d, e);",
        name, name);
    as_buf_add(text, AS_STR("k|k2|c|c2|i|j|f|g|d|e\n"));
    for (uint32_t row = 1; row <= rows; row++) {
        as_buf_addf(&sql, "INSERT INTO %s VALUES(%u", name, row);
        for (size_t i = 0; i < FIELDS; i++) {
            bool null = chance(&x->r, 20);
            const char *value = value_of(&x->r, fields[i].sort);
            if (fields[i].sort == CODE && chance(&x->r, 10))
                value = "zz"; /* on no list */
            as_buf_addf(text, "%s%s", i ? "|" : "", null ? "" : spelling_of(&x->r, value));
            as_buf_add(&sql, AS_STR(", "));
            if (null)
                as_buf_add(&sql, AS_STR("NULL"));
            else
                sql_value(&sql, fields[i].sort, value);
        }
        as_buf_add(text, AS_STR("\n"));
        as_buf_add(&sql, AS_STR(");"));
    }
    sql_run(x->db, sql.ptr);
    as_buf_free(&sql);
}

static void make_tables(bench *x)
{
    static const as_layout layouts[] = {AS_LAYOUT_DICT, AS_LAYOUT_SLICE, AS_LAYOUT_PACK8};
    static const uint8_t widths[] = {1, 2, 4};
    write_rows(x, "a", &x->a, rnd(&x->r, 13));
    write_rows(x, "b", &x->b, rnd(&x->r, 9));
    as_table *both[] = {world_table(x->w, "a", x->a.ptr), world_table(x->w, "b", x->b.ptr)};
    for (size_t t = 0; t < 2; t++)
        for (uint32_t f = 0; f < 4; f++) {
            uint32_t choices = fields[f].sort == CODE ? 1 : fields[f].sort == LONG_TEXT ? 2 : 3;
            relayout(x->w->arena, both[t], f, layouts[rnd(&x->r, choices)],
                     PICK(&x->r, widths));
        }
}

/* ---- rules ---- */

static void write_where(bench *x, trial *t, as_buf *sql)
{
    writer w = {&x->r, &t->yaml, sql, "a", NULL};
    if (chance(&x->r, 40)) {
        as_buf_add(sql, AS_STR("1"));
        return;
    }
    as_buf_add(&t->yaml, AS_STR("    where: "));
    write_condition(&w, 2);
    as_buf_add(&t->yaml, AS_STR("\n"));
}

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

typedef void (*write_kind)(bench *x, trial *t, const as_buf *where);

static void write_trial(bench *x, trial *t, size_t number, write_kind kind)
{
    as_buf where = AS_BUF(AS_FIELD_MAX);
    as_buf_clear(&t->yaml);
    as_buf_clear(&t->findings);
    as_buf_clear(&t->counts);
    as_buf_addf(&t->yaml, "  - id: R%zu\n    table: a\n", number);
    write_where(x, t, &where);
    kind(x, t, &where);
    as_buf_free(&where);
}

/* ---- the engine's answer ---- */

static void say_finding(const world_eval *x, const as_bind *b, const as_check_kind *k,
                        const void *plan, const as_finding *f, as_buf *out)
{
    as_evidence ev = {.arena = x->ev.arena};
    as_err e = {0};
    as_buf_addf(out, "%u", f->row + 1);
    assert_int_equal(k->describe(&x->ev, b, plan, &x->result, f, &ev, &e), AS_OK);
    for (size_t i = 0; i < ev.member_count; i++)
        as_buf_addf(out, "%s%u", i ? "," : " ", ev.members[i] + 1);
    if (!strcmp(k->name, "changed"))
        as_buf_addf(out, " %u %.*s", f->detail, AS_FMT(b->schema->fields[f->field].name));
    as_buf_add(out, AS_STR("\n"));
}

/* False: the counts do not agree with the query ("*" agrees with anything). */
static bool same_counts(const as_result *r, const as_buf *said)
{
    char all[64], some[64];
    int n = snprintf(all, sizeof all, "%llu %llu\n", (unsigned long long)r->selected,
                     (unsigned long long)r->undecided);
    snprintf(some, sizeof some, "%llu *\n", (unsigned long long)r->selected);
    return n > 0 && (!strcmp(all, said->ptr) || !strcmp(some, said->ptr) ||
                     (r->selected == 0 && !strcmp("0 -\n", said->ptr)));
}

static void disagree(const bench *x, const trial *t, const as_result *r, const as_buf *want,
                     const as_buf *counts, const as_buf *got)
{
    print_error("--- table a\n%s--- table b\n%s", x->a.ptr, x->b.ptr);
    print_error("--- rule\n%s", t->yaml.ptr);
    print_error("--- findings by SQL\n%s\n", t->findings.ptr);
    print_error("--- counts by SQL\n%s\n", t->counts.ptr);
    print_error("--- SQL finds\n%s--- counts\n%s", want->ptr ? want->ptr : "", counts->ptr);
    print_error("--- assay finds\n%s", got->ptr ? got->ptr : "");
    print_error("--- counts\n%llu %llu\n", (unsigned long long)r->selected,
                (unsigned long long)r->undecided);
    fail();
}

static void try_rule(bench *x, trial *t, const as_rule *rule)
{
    world_eval ev;
    void *plan;
    as_err e = {0};
    as_buf got = AS_BUF(AS_FIELD_MAX), want = AS_BUF(AS_FIELD_MAX),
           counts = AS_BUF(AS_FIELD_MAX);
    const as_check_kind *k = as_check_kind_find(rule->kind);
    as_bind *b = world_bind(x->w, rule, &plan);
    if (!b)
        fail_msg("%.*s\n%s", AS_FMT(x->w->diags.items[0].text), t->yaml.ptr);
    world_eval_open(x->w, &ev);
    if (k->eval(&ev.ev, b, plan, &ev.result, &e) != AS_OK)
        fail_msg("%s\n%s", e.text, t->yaml.ptr);
    for (size_t i = 0; i < ev.result.findings.count; i++)
        say_finding(&ev, b, k, plan, &ev.result.findings.items[i], &got);
    sql_text(x->db, t->findings.ptr, &want);
    sql_text(x->db, t->counts.ptr, &counts);
    if (!as_str_eq(as_buf_str(&got), as_buf_str(&want)) || !same_counts(&ev.result, &counts))
        disagree(x, t, &ev.result, &want, &counts, &got);
    world_eval_close(&ev);
    as_buf_free(&got);
    as_buf_free(&want);
    as_buf_free(&counts);
}

/* ---- rounds ---- */

static uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void try_round(bench *x, write_kind kind)
{
    as_buf all = AS_BUF(AS_FIELD_MAX);
    as_buf_add(&all, AS_STR("rules:\n"));
    for (size_t i = 0; i < RULES_A_ROUND; i++) {
        write_trial(x, &x->trials[i], i, kind);
        as_buf_add(&all, as_buf_str(&x->trials[i].yaml));
    }
    world_load(x->w, all.ptr);
    if (x->w->diags.errors)
        fail_msg("%.*s (line %u)\n%s", AS_FMT(x->w->diags.items[0].text),
                 x->w->diags.items[0].at.line, all.ptr);
    assert_int_equal(x->w->project->rule_count, RULES_A_ROUND);
    make_tables(x);
    for (size_t i = 0; i < RULES_A_ROUND; i++)
        try_rule(x, &x->trials[i], &x->w->project->rules[i]);
    as_buf_free(&all);
}

static void try_kind(write_kind kind, uint64_t seed)
{
    bench *x = calloc(1, sizeof *x);
    uint64_t cases = setting("AS_ORACLE_CASES", 720);
    assert_non_null(x);
    x->r.state = seed + setting("AS_ORACLE_SEED", 20170331);
    x->a = x->b = AS_BUF(AS_FIELD_MAX);
    x->w = world_open_in(ASSAY_SOURCE_DIR "/tests/oracle/pack", "rules: []\n");
    assert_int_equal(sqlite3_open(":memory:", &x->db), SQLITE_OK);
    for (size_t i = 0; i < RULES_A_ROUND; i++)
        x->trials[i].yaml = x->trials[i].findings = x->trials[i].counts = AS_BUF(AS_FIELD_MAX);
    for (uint64_t done = 0; done < cases; done += RULES_A_ROUND)
        try_round(x, kind);
    for (size_t i = 0; i < RULES_A_ROUND; i++) {
        as_buf_free(&x->trials[i].yaml);
        as_buf_free(&x->trials[i].findings);
        as_buf_free(&x->trials[i].counts);
    }
    as_buf_free(&x->a);
    as_buf_free(&x->b);
    sqlite3_close(x->db);
    world_close(x->w);
    free(x);
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
