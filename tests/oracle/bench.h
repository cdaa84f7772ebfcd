/* bench.h: random tables and random rules of one kind, written twice: as YAML and as a query.
 *
 * A test writes one function for each kind, which adds the kind's block to the rule and says in
 * SQL what it finds (a line a finding: record or group, and what else tells it) and counts
 * (selected, undecided). try_kind does the rest: where the two disagree, the tables, the rule
 * and the queries are printed. AS_ORACLE_SEED and AS_ORACLE_CASES change what is tried. */
#ifndef AS_TESTS_BENCH_H
#define AS_TESTS_BENCH_H

#include "base/cpu.h"
#include "oracle/given.h"

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

static inline void write_rows(bench *x, const char *name, as_buf *text, uint32_t rows)
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

static inline void make_tables(bench *x)
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

static inline void write_where(bench *x, trial *t, as_buf *sql)
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

typedef void (*write_kind)(bench *x, trial *t, const as_buf *where);

static inline void write_trial(bench *x, trial *t, size_t number, write_kind kind)
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

/* What a kind that calculates says of it. */
static inline void say_numbers(const as_evidence *ev, as_buf *out)
{
    static const char *const names[] = {"part", "whole", "total", "sum", "estimate"};
    for (size_t n = 0; n < sizeof names / sizeof *names; n++)
        for (size_t i = 0; i < ev->extra_count; i++)
            if (as_str_eq(ev->extra[i].field, as_str_from(names[n])))
                as_buf_addf(out, " %.*s", AS_FMT(ev->extra[i].text));
}

static inline void say_finding(const world_eval *x, const as_bind *b, const as_check_kind *k,
                               const void *plan, const as_finding *f, as_buf *out)
{
    as_evidence ev = {.arena = x->ev.arena};
    as_err e = {0};
    assert_int_equal(k->describe(&x->ev, b, plan, &x->result, f, &ev, &e), AS_OK);
    if (f->row == AS_NO_ROW)
        as_buf_addf(out, "%.*s", AS_FMT(ev.key));
    else
        as_buf_addf(out, "%u", f->row + 1);
    say_numbers(&ev, out);
    for (size_t i = 0; i < ev.member_count; i++)
        as_buf_addf(out, "%s%u", i ? "," : " ", ev.members[i] + 1);
    if (!strcmp(k->name, "changed"))
        as_buf_addf(out, " %u %.*s", f->detail, AS_FMT(b->schema->fields[f->field].name));
    if (!strcmp(k->name, "latest"))
        as_buf_addf(out, " %u", f->detail);
    as_buf_add(out, AS_STR("\n"));
}

/* False: the counts do not agree with the query ("*" agrees with anything). */
static inline bool same_counts(const as_result *r, const as_buf *said)
{
    char all[64], some[64];
    int n = snprintf(all, sizeof all, "%llu %llu\n", (unsigned long long)r->selected,
                     (unsigned long long)r->undecided);
    snprintf(some, sizeof some, "%llu *\n", (unsigned long long)r->selected);
    return n > 0 && (!strcmp(all, said->ptr) || !strcmp(some, said->ptr) ||
                     (r->selected == 0 && !strcmp("0 -\n", said->ptr)));
}

static inline void disagree(const bench *x, const trial *t, const as_result *r,
                            const as_buf *want, const as_buf *counts, const as_buf *got)
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

/* shared: with what several rules would share. */
static inline void try_rule(bench *x, trial *t, const as_rule *rule, bool shared)
{
    world_eval ev;
    given g = {0};
    void *plan;
    as_err e = {0};
    as_buf got = AS_BUF(AS_FIELD_MAX), want = AS_BUF(AS_FIELD_MAX),
           counts = AS_BUF(AS_FIELD_MAX);
    const as_check_kind *k = as_check_kind_find(rule->kind);
    as_bind *b = world_bind(x->w, rule, &plan);
    if (!b)
        fail_msg("%.*s\n%s", AS_FMT(x->w->diags.items[0].text), t->yaml.ptr);
    world_eval_open(x->w, &ev);
    if (shared)
        (void)given_make(&g, &ev.ev, &b->ask);
    if (k->eval(&ev.ev, b, plan, &ev.result, &e) != AS_OK)
        fail_msg("%s\n%s", e.text, t->yaml.ptr);
    for (size_t i = 0; i < ev.result.findings.count; i++)
        say_finding(&ev, b, k, plan, &ev.result.findings.items[i], &got);
    sql_text(x->db, t->findings.ptr, &want);
    sql_text(x->db, t->counts.ptr, &counts);
    if (!as_str_eq(as_buf_str(&got), as_buf_str(&want)) || !same_counts(&ev.result, &counts))
        disagree(x, t, &ev.result, &want, &counts, &got);
    given_take(&g, &ev.ev);
    world_eval_close(&ev);
    as_buf_free(&got);
    as_buf_free(&want);
    as_buf_free(&counts);
}

/* ---- rounds ---- */

static inline uint64_t setting(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

static inline void try_round(bench *x, write_kind kind)
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
        for (int shared = 0; shared < 2; shared++)
            try_rule(x, &x->trials[i], &x->w->project->rules[i], shared == 1);
    as_buf_free(&all);
}

static inline void try_kind(write_kind kind, uint64_t seed)
{
    bench *x = calloc(1, sizeof *x);
    uint64_t cases = setting("AS_ORACLE_CASES", 720);
    assert_non_null(x);
    x->r.state = seed + setting("AS_ORACLE_SEED", 20170331);
    x->a = x->b = AS_BUF(AS_FIELD_MAX);
    x->w = world_open_in(ASSAY_SOURCE_DIR "/tests/oracle/pack", "rules: []\n");
    assert_int_equal(sqlite3_open(":memory:", &x->db), SQLITE_OK);
    sql_functions(x->db);
    for (size_t i = 0; i < RULES_A_ROUND; i++)
        x->trials[i].yaml = x->trials[i].findings = x->trials[i].counts = AS_BUF(AS_FIELD_MAX);
    for (uint64_t done = 0; done < cases; done += RULES_A_ROUND) {
        as_cpu_at_most((as_cpu)(done / RULES_A_ROUND % 3)); /* loops for each in turn */
        try_round(x, kind);
    }
    as_cpu_at_most(AS_CPU_AVX512);
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

#endif
