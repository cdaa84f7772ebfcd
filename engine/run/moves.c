/* moves.c: which published figures the findings of a run move. Made ready once, after the rules
 * and before the verdict, and only where a rule found something in a table that a published
 * measure reads; what one finding moves is worked out when it is told.
 *
 * The gate may ask for more (`fail_on: {moves: {any: 1}}`): then every finding of the rules
 * that do not block yet is looked at here, in chunks on all workers. */
#include "check/moved.h"
#include "run/exec.h"

#define CHUNK 256

static bool *touched_tables(as_run *r)
{
    bool *touched = AS_NEW_N(r->arena, bool, r->table_count + 1);
    for (size_t i = 0; touched && i < r->rule_count; i++) {
        const as_rule_run *x = &r->rules[i];
        for (size_t t = 0; x->result.findings.count && t < r->table_count; t++) {
            touched[t] = touched[t] || as_str_eq(r->tables[t]->name, x->rule->rule->table);
        }
    }
    return touched;
}

/* ---- the gate ---- */

typedef struct tally {
    as_rule_run *x;
    uint64_t least;
    uint64_t *movers; /* one a chunk */
    as_err *errors;
} tally;

static void count_chunk(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end)
{
    tally *t = arg;
    const as_rule_run *x = t->x;
    as_arena *a = as_arena_open();
    as_err *e = &t->errors[chunk];
    as_code code = a ? AS_OK : as_fail_nomem(e);
    (void)worker;
    for (size_t i = begin; i < end && code == AS_OK; i++) {
        uint64_t n = 0;
        code = as_moved_count(&x->eval, &x->rule->bind, x->rule->kind, x->rule->plan,
                              &x->result, &x->result.findings.items[i], a, &n, e);
        t->movers[chunk] += n >= t->least;
        as_arena_reset(a);
    }
    as_arena_close(a);
}

static as_code count_movers(as_run *r, as_rule_run *x, as_err *e)
{
    size_t total = x->result.findings.count, chunks = (total + CHUNK - 1) / CHUNK;
    tally t = {.x = x,
               .least = r->plan->project->fail_on_moves,
               .movers = AS_NEW_N(x->eval.arena, uint64_t, chunks + 1),
               .errors = AS_NEW_N(x->eval.arena, as_err, chunks + 1)};
    if (!t.movers || !t.errors) {
        return as_fail_nomem(e);
    }
    as_pool_for(r->pool, total, CHUNK, count_chunk, &t);
    for (size_t i = 0; i < chunks; i++) {
        if (t.errors[i].code != AS_OK) {
            *e = t.errors[i];
            return e->code;
        }
        x->movers += t.movers[i];
    }
    x->by_moves = x->movers > 0;
    x->blocking = x->blocking || x->by_moves;
    return AS_OK;
}

static as_code judge_movers(as_run *r, as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; i < r->rule_count && code == AS_OK; i++) {
        as_rule_run *x = &r->rules[i];
        if (x->status == AS_STATUS_FAIL && !x->blocking) {
            code = count_movers(r, x, e);
        }
    }
    return code;
}

as_code as_run_moves(as_run *r, as_diags *d, as_err *e)
{
    as_moves_ask ask = {.measures = r->plan->published,
                        .count = r->plan->published_count,
                        .tables = {.items = (const as_table *const *)r->tables,
                                   .count = r->table_count,
                                   .cache = r->measures},
                        .touched = touched_tables(r),
                        .pool = r->pool,
                        .diags = d};
    if (!ask.touched) {
        return as_fail_nomem(e);
    }
    if (!as_moves_any(&ask)) {
        return AS_OK;
    }
    as_code code = as_moves_open(&r->moves, &ask, e);
    for (size_t i = 0; i < r->rule_count; i++) {
        r->rules[i].eval.moves = r->moves;
    }
    return code == AS_OK && r->plan->project->fail_on_moves ? judge_movers(r, e) : code;
}
