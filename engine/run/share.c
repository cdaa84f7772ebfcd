/* share.c: what several rules look into is made once, before they run.
 *
 * Rules say at bind which rows of another table they will look into (as_bind.ask). Equal asks
 * of two or more rules that are to run become one as_other_rows, made on all workers side by
 * side. What cannot be made is left to the rules: each then says so in its own words. */
#include "run/exec.h"

static bool will_run(const as_run *r, const as_rule_run *x)
{
    const as_other_ask *ask = &x->rule->bind.ask;
    const as_tables tables = {.items = (const as_table *const *)r->tables,
                              .count = r->table_count};
    return ask->table.len && !as_run_is_off(r, x) && as_tables_find(tables, ask->table);
}

/* The share that asks for the same, or a new one; NULL: out of memory. */
static as_share *share_of(as_run *r, const as_rule_run *x)
{
    const as_other_ask *ask = &x->rule->bind.ask;
    for (size_t i = 0; i < r->share_count; i++)
        if (as_other_ask_same(r->shares[i].ask, ask))
            return &r->shares[i];
    as_share *s = &r->shares[r->share_count++];
    *s = (as_share){.ask = ask, .arena = as_arena_open()};
    return s->arena ? s : NULL;
}

static void make(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end)
{
    as_run *r = arg;
    const as_tables tables = {.items = (const as_table *const *)r->tables,
                              .count = r->table_count};
    (void)worker;
    (void)chunk;
    for (size_t i = begin; i < end; i++) {
        as_share *s = &r->shares[i];
        as_err ignored;
        if (s->users > 1)
            (void)as_other_rows_open(&s->rows, s->ask, tables, r->pool, s->arena, &ignored);
    }
}

/* Shares that hold every row of their table serve measures too. */
static as_code list_ready(as_run *r, as_err *e)
{
    r->ready_count = 0;
    r->ready = AS_NEW_N(r->arena, as_ready_index, r->share_count + 1);
    if (!r->ready)
        return as_fail_nomem(e);
    for (size_t i = 0; i < r->share_count; i++) {
        const as_other_ask *ask = r->shares[i].ask;
        if (r->shares[i].rows && !ask->where && ask->date == AS_NO_FIELD)
            r->ready[r->ready_count++] =
                (as_ready_index){ask->table, ask->fields, ask->count, r->shares[i].rows->index};
    }
    return as_measure_cache_open(&r->measures, e);
}

as_code as_run_share(as_run *r, as_err *e)
{
    as_share **of = AS_NEW_N(r->arena, as_share *, r->rule_count + 1);
    r->shares = AS_NEW_N(r->arena, as_share, r->rule_count + 1);
    if (!of || !r->shares)
        return as_fail_nomem(e);
    for (size_t i = 0; i < r->rule_count; i++) {
        if (!will_run(r, &r->rules[i]))
            continue;
        of[i] = share_of(r, &r->rules[i]);
        if (!of[i])
            return as_fail_nomem(e);
        of[i]->users++;
    }
    as_pool_for(r->pool, r->share_count, 1, make, r);
    as_code code = list_ready(r, e);
    for (size_t i = 0; i < r->rule_count; i++) {
        as_eval *ev = &r->rules[i].eval;
        ev->given = of[i] ? of[i]->rows : NULL;
        ev->tables.ready = r->ready;
        ev->tables.ready_count = r->ready_count;
        ev->tables.cache = r->measures;
    }
    return code;
}

void as_run_unshare(as_run *r)
{
    for (size_t i = 0; i < r->share_count; i++) {
        as_other_rows_close(r->shares[i].rows);
        as_arena_close(r->shares[i].arena);
    }
    r->share_count = 0;
    for (size_t i = 0; i < r->rule_count; i++) {
        as_eval *ev = &r->rules[i].eval;
        ev->given = NULL;
        ev->tables.ready_count = 0;
        ev->tables.cache = NULL;
    }
}
