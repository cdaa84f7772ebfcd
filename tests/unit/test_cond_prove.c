/* What is proven of conditions: by hand what must be proven and what must not, and on random
 * conditions and records that every record is like one that was tried. */
#include "oracle/bench.h"

#include "rules/cond_prove.h"

static world *w;
static as_cond_env env;

static const as_param params[] = {{.name = {"p", 1}, .value = {"2016-01-02", 10}},
                                  {.name = {"q", 1}, .value = {"2016-01-02", 10}},
                                  {.name = {"t", 1}, .value = {"p", 1}}};

static void open_env(void)
{
    env = (as_cond_env){.project = w->project,
                        .self = as_project_schema(w->project, AS_STR("a")),
                        .plain = AS_SIDE_SELF,
                        .over = params,
                        .over_count = 3,
                        .arena = w->arena,
                        .diags = &w->diags};
}

static int open_world(void **state)
{
    (void)state;
    w = world_open_in(ASSAY_SOURCE_DIR "/tests/oracle/pack", "rules: []\n");
    open_env();
    return 0;
}

static int close_world(void **state)
{
    (void)state;
    world_close(w);
    return 0;
}

/* NULL: the text is not a condition (check_codes and the like refuse what never holds). */
static as_cond *parse(const char *text)
{
    as_node *n = NULL;
    as_err e = {0};
    if (as_yaml_parse(&n, w->arena, as_str_from(text), "c", &e) != AS_OK)
        fail_msg("%s: %s", text, e.text);
    return as_cond_parse(&env, n);
}

static bool never_true(const as_truth *t)
{
    return t[0] != AS_TRUE;
}

static bool never_false(const as_truth *t)
{
    return t[0] != AS_FALSE;
}

static bool implies(const as_truth *t)
{
    return t[0] != AS_TRUE || t[1] == AS_TRUE;
}

static bool proven(as_claim claim, const char *x, const char *y)
{
    const as_cond *conds[] = {parse(x), y ? parse(y) : NULL};
    as_proof p;
    if (!conds[0] || (y && !conds[1]))
        fail_msg("%s / %s: %.*s", x, y ? y : "", AS_FMT(w->diags.items[0].text));
    assert_true(as_proof_make(&p, env.self, NULL, conds, y ? 2 : 1));
    return as_proof_all(&p, claim);
}

#define YES(claim, x, y) assert_true(proven(claim, x, y))
#define NO(claim, x, y) assert_false(proven(claim, x, y))

static void test_never_holds(void **state)
{
    (void)state;
    YES(never_true, "{all: [{i: {min: 5}}, {i: {max: 3}}]}", NULL);
    NO(never_true, "{all: [{i: {min: 3}}, {i: {max: 3}}]}", NULL);
    YES(never_true, "{all: [{i: {above: 3}}, {i: {below: 4}}]}", NULL);
    NO(never_true, "{all: [{f: {above: 3}}, {f: {below: 4}}]}", NULL);
    YES(never_true, "{all: [{i: 2}, {i: 3}]}", NULL);
    YES(never_true, "{all: [{c: [Alpha, Beta]}, {c: Gamma}]}", NULL);
    YES(never_true, "{all: [{c: Beta}, {c: {list: some}}]}", NULL);
    NO(never_true, "{all: [{c: Alpha}, {c: {list: some}}]}", NULL);
    YES(never_true, "{all: [{c: null}, {c: present}]}", NULL);
    YES(never_true, "{all: [{k: abc}, {k: {matches: '[0-9]+'}}]}", NULL);
    NO(never_true, "{all: [{k: abc}, {k: {matches: '[a-z]+'}}]}", NULL);
    YES(never_true, "{all: [{k: {matches: 'x+'}}, {k: {not: {matches: 'x+'}}}]}", NULL);
    NO(never_true, "{all: [{k: {matches: 'x+'}}, {k: {not: {matches: 'x'}}}]}", NULL);
    YES(never_true, "{all: [{k: {length: {min: 3}}}, {k: {length: {max: 2}}}]}", NULL);
    NO(never_true, "{k: {length: {min: 3}}}", NULL);
    YES(never_true, "{all: [{k: ab}, {k: {length: {min: 3}}}]}", NULL);
    YES(never_true, "{all: [{k: Rose Cottage}, {not: {k: {contains: COTTAGE}}}]}", NULL);
    YES(never_true, "{all: [{d: {min: 2017-01-01}}, {d: {below: 2017-01-01}}]}", NULL);
    YES(never_true, "{all: [{i: {same_as: j}}, {j: {differs_from: i}}]}", NULL);
    YES(never_true, "{all: [{i: {above: {field: j}}}, {j: {min: {field: i}}}]}", NULL);
    NO(never_true, "{all: [{i: {min: {field: j}}}, {j: {min: {field: i}}}]}", NULL);
    YES(never_true, "{all: [{i: {above: {field: j}}}, {j: null}]}", NULL);
    /* two steps apart are not seen: the fields' order and their values are tried freely */
    NO(never_true, "{all: [{i: {max: 1}}, {j: {min: 5}}, {i: {above: {field: j}}}]}", NULL);
}

/* Null decides nothing: what looks like a tautology is one only with it said. */
static void test_never_fails(void **state)
{
    (void)state;
    YES(never_false, "{any: [{k: null}, {k: present}]}", NULL);
    YES(never_false, "{any: [{i: {min: 3}}, {i: {below: 3}}]}", NULL);
    NO(never_false, "{any: [{i: {present: true, min: 3}}, {i: {present: true, below: 3}}]}",
       NULL);
    NO(never_false, "{i: present}", NULL);
    YES(never_false, "{any: [{i: {max: 3}}, {i: {min: 4}}]}", NULL);
    NO(never_false, "{any: [{f: {max: 3}}, {f: {min: 4}}]}", NULL);
    YES(never_false, "{any: [{c: Alpha}, {c: {not: Alpha}}]}", NULL);
    NO(never_false, "{c: [Alpha, Beta, Gamma]}", NULL); /* a value on no list */
}

static void test_implies(void **state)
{
    (void)state;
    YES(implies, "{i: {min: 1}}", "{i: present}");
    YES(implies, "{i: {min: 1}}", "{i: {above: 0}}");
    NO(implies, "{f: {above: 0}}", "{f: {min: 1}}");
    YES(implies, "{c: Alpha}", "{c: {list: some}}");
    YES(implies, "{c: {list: some}}", "{c: {list: greek}}");
    NO(implies, "{c: {list: greek}}", "{c: {list: some}}");
    YES(implies, "{c: Alpha, i: 1}", "{any: [{c: Alpha}, {c: Beta}]}");
    YES(implies, "{i: {same_as: j}}", "{j: present}");
    YES(implies, "{i: {above: {field: j, plus: 2}}}", "{i: {min: {field: j, plus: 2}}}");
    NO(implies, "{i: {min: {field: j, plus: 2}}}", "{i: {above: {field: j, plus: 2}}}");
    NO(implies, "{i: {min: {field: j, plus: 2}}}", "{i: {min: {field: j, plus: 1}}}");
}

/* What a release may set is not what it is today: $p is 2016-01-02 here. */
static void test_params(void **state)
{
    (void)state;
    YES(never_true, "{all: [{d: {min: $p}}, {d: {below: $p}}]}", NULL);
    NO(never_true, "{all: [{d: {min: $p}}, {d: {below: 2016-01-01}}]}", NULL);
    YES(never_true, "{all: [{d: $p}, {d: {above: $p}}]}", NULL);
    YES(implies, "{d: {above: $p}}", "{d: {not: $p}}");
    YES(implies, "{d: {above: $p}}", "{d: {present: true, min: $p}}");
    NO(implies, "{d: {min: 2016-01-02}}", "{d: {min: $p}}");
    NO(implies, "{d: {min: $p}}", "{d: {min: $q}}");
    YES(never_true, "{all: [{k: $t}, {k: null}]}", NULL);
    NO(never_true, "{all: [{k: $t}, {k: q}]}", NULL);
}

/* ---- random ---- */

#define ROUNDS 1500
#define ROWS 24

static as_truth truth_of(const as_cond *c, const as_table *t, uint32_t row, as_scratch *s)
{
    as_bound *b;
    as_truth out;
    as_err e = {0};
    assert_int_equal(as_bound_make(&b, c, t, NULL, w->arena, &e), AS_OK);
    assert_int_equal(as_bound_pair(b, row, AS_NO_ROW, &out, s, &e), AS_OK);
    return out;
}

static void hold_against(const as_proof *p, const as_cond *const *conds, const as_table *t,
                         const char *words)
{
    as_scratch *s = as_scratch_open();
    for (uint32_t row = 0; row < t->rows; row++) {
        size_t met = 0, place = 1;
        for (size_t i = 0; i < p->count; i++, place *= 3)
            met += place * (size_t)truth_of(conds[i], t, row, s);
        if (!p->met[met])
            fail_msg("row %u of the table is like none that was tried: %s", row, words);
    }
    as_scratch_close(s);
}

static void test_random(void **state)
{
    bench x = {.r.state = setting("AS_ORACLE_SEED", 20170331), .w = w};
    size_t made = 0, decided = 0, rounds = setting("AS_ORACLE_CASES", ROUNDS);
    (void)state;
    x.a = x.b = AS_BUF(AS_FIELD_MAX);
    assert_int_equal(sqlite3_open(":memory:", &x.db), SQLITE_OK);
    for (size_t round = 0; round < rounds; round++) {
        as_buf yaml = AS_BUF(AS_FIELD_MAX), sql = AS_BUF(AS_FIELD_MAX),
               all = AS_BUF(AS_FIELD_MAX);
        const as_cond *conds[AS_PROOF_CONDS];
        size_t count = 1 + rnd(&x.r, AS_PROOF_CONDS);
        as_proof p;
        world_load(w, "rules: []\n");
        open_env();
        for (size_t i = 0; i < count; i++) {
            writer wr = {&x.r, &yaml, &sql, "a", NULL};
            as_buf_clear(&yaml);
            write_condition(&wr, 2);
            conds[i] = parse(yaml.ptr);
            assert_non_null(conds[i]);
            as_buf_addf(&all, "%s\n", yaml.ptr);
        }
        make_tables(&x);
        if (as_proof_make(&p, env.self, NULL, conds, count)) {
            hold_against(&p, conds, w->tables[0], all.ptr);
            made++;
            decided += as_proof_all(&p, never_true) || as_proof_all(&p, never_false);
        }
        as_buf_free(&yaml);
        as_buf_free(&sql);
        as_buf_free(&all);
    }

    assert_true(made > rounds / 2); /* the rest is too many to try */
    assert_true(decided > 0);       /* and something is proven */
    as_buf_free(&x.a);
    as_buf_free(&x.b);
    sqlite3_close(x.db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_never_holds), cmocka_unit_test(test_never_fails),
        cmocka_unit_test(test_implies),     cmocka_unit_test(test_params),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
