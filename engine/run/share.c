/* share.c: what several rules look into is made once, before they run.
 *
 * Rules say at bind which rows of another table they will look into (as_bind.ask). Equal asks
 * of two or more rules that are to run become one share (as_other_rows); where two or more of
 * them look up the same records in it, so do the rows that these find (a match). The latest
 * rows of a table are found through the rule's own records by key, which is one user more of a
 * share and of a match, turned round.
 *
 * What cannot be made is left to the rules: each then says so in its own words.
 *
 * Two tables that look into each other (snapshots of two years, records and movements) need one
 * index: the rows of the second that look into the first tell, turned round, what the first
 * finds in the second (as_index_turned).
 *
 * Order, beside the rules that share nothing: the shares that are indexes, side by side; the
 * matches, one after the other, as every worker helps to make one; those that are turned; then,
 * beside the rules that need no more, what is latest, which is one worker's
 * (as_run_share_latest), and the rules that wait for it. */
#include "run/exec.h"

#include "base/alloc.h"

#define MATCH_ROWS (16 * AS_BLOCK)

static as_tables tables_of(const as_run *r)
{
    return (as_tables){.items = (const as_table *const *)r->tables, .count = r->table_count};
}

static bool will_run(const as_run *r, const as_rule_run *x)
{
    const as_other_ask *ask = &x->rule->bind.ask;
    return ask->table.len && !as_run_is_off(r, x) && as_tables_find(tables_of(r), ask->table) &&
           as_tables_find(tables_of(r), ask->self);
}

/* ---- who asks for what ---- */

/* The share that asks for the same, or a new one; NULL: out of memory. */
static as_share *share_of(as_run *r, const as_other_ask *ask)
{
    for (size_t i = 0; i < r->share_count; i++)
        if (as_other_ask_same(r->shares[i].ask, ask))
            return &r->shares[i];
    as_share *s = &r->shares[r->share_count++];
    *s = (as_share){.ask = ask, .arena = as_arena_open()};
    return s->arena ? s : NULL;
}

static as_shared_match *match_of(as_run *r, as_share *s, const as_other_ask *ask)
{
    for (size_t i = 0; i < r->match_count; i++)
        if (r->matches[i].share == s && as_other_ask_same_self(r->matches[i].ask, ask))
            return &r->matches[i];
    as_shared_match *m = &r->matches[r->match_count++];
    *m = (as_shared_match){.ask = ask, .share = s};
    return m;
}

/* One user more; false: out of memory. *match is NULL for what is latest. */
static bool ask_for(as_run *r, const as_other_ask *ask, as_share **share,
                    as_shared_match **match)
{
    as_share *s = *share = share_of(r, ask);
    *match = NULL;
    if (!s)
        return false;
    s->users++;
    if (ask->date != AS_NO_FIELD)
        return true;
    *match = match_of(r, s, ask);
    (*match)->users++;
    return true;
}

/* What finding the latest looks into itself. */
static bool ask_back(as_run *r, const as_share *latest)
{
    as_other_ask *back = AS_NEW(latest->arena, as_other_ask);
    as_share *share;
    as_shared_match *match;
    if (!back)
        return false;
    *back = as_other_ask_back(latest->ask);
    if (!ask_for(r, back, &share, &match))
        return false;
    share->back = true;
    return true;
}

static bool ask_for_rule(as_run *r, const as_rule_run *x, as_share **share,
                         as_shared_match **match)
{
    if (!ask_for(r, &x->rule->bind.ask, share, match))
        return false;
    return *match || (*share)->users > 1 || ask_back(r, *share);
}

/* ---- two tables that look into each other ---- */

static bool is_latest(const as_share *s)
{
    return s->ask->date != AS_NO_FIELD;
}

static bool by_index(const as_share *s)
{
    return s->users > 1 && !is_latest(s) && !s->ask->where && !s->turned;
}

/* The match that all users of a share have; NULL: they differ, or are too few. */
static as_shared_match *only_match(as_run *r, const as_share *s)
{
    for (size_t i = 0; i < r->match_count; i++)
        if (r->matches[i].share == s && r->matches[i].users > 1)
            return r->matches[i].users == s->users ? &r->matches[i] : NULL;
    return NULL;
}

/* The share that is an index over the records of a match, by the fields that are looked up. */
static as_share *share_of_self(as_run *r, const as_shared_match *m)
{
    for (size_t i = 0; i < r->share_count; i++) {
        as_share *s = &r->shares[i];
        if (by_index(s) && as_str_eq(s->ask->table, m->ask->self) &&
            s->ask->count == m->ask->count &&
            memcmp(s->ask->fields, m->ask->mine, s->ask->count * sizeof *m->ask->mine) == 0)
            return s;
    }
    return NULL;
}

/* A snapshot looks into another one and is looked into by it: one index is enough. */
static bool turn_shares(as_run *r)
{
    const size_t count = r->share_count;
    for (size_t i = 0; i < count; i++) {
        as_share *s = &r->shares[i], *self = NULL;
        const as_shared_match *m = by_index(s) && !s->back ? only_match(r, s) : NULL;
        if (!m || !(self = share_of_self(r, m)) || self == s)
            continue;
        as_other_ask *back = AS_NEW(s->arena, as_other_ask);
        if (!back)
            return false;
        *back = as_other_ask_back(m->ask);
        s->turned = match_of(r, self, back);
        s->turned->users += 2; /* it is made in any case */
        self->back = true;     /* and this one by its index */
    }
    return true;
}

/* ---- making ---- */

static void make_share(const as_run *r, as_share *s)
{
    as_err ignored;
    if (s->users > 1 && !s->turned)
        (void)as_other_rows_open(&s->rows, s->ask, r->ready, r->pool, s->arena, &ignored);
}

static void make_indexes(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end)
{
    as_run *r = arg;
    (void)worker, (void)chunk;
    for (size_t i = begin; i < end; i++)
        if (!is_latest(&r->shares[i]))
            make_share(r, &r->shares[i]);
}

typedef struct matching {
    as_probe probe;
    uint32_t *first;
} matching;

static void match_rows(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end)
{
    const matching *m = arg;
    (void)worker, (void)chunk;
    for (size_t at = begin; at < end; at += AS_BLOCK) {
        uint32_t n = (uint32_t)(end - at < AS_BLOCK ? end - at : AS_BLOCK);
        (void)as_probe_block(&m->probe, (uint32_t)at, n, m->first + at);
    }
}

static void make_match(const as_run *r, as_shared_match *m)
{
    if (m->users < 2 || !m->share->rows)
        return;
    const as_table *t = as_tables_find(r->ready, m->ask->self);
    as_key key = {.table = t, .count = m->ask->count};
    matching x = {.first = as_alloc((size_t)t->rows * sizeof *x.first)};
    as_err ignored;
    memcpy(key.fields, m->ask->mine, sizeof m->ask->mine);
    if (!x.first ||
        as_probe_open(&x.probe, &key, m->share->rows->index, NULL, &ignored) != AS_OK) {
        as_free(x.first);
        return;
    }
    as_pool_for(r->pool, t->rows, MATCH_ROWS, match_rows, &x);
    as_probe_close(&x.probe);
    m->first = x.first;
}

/* The rows of a share, and what its users find in it, from the rows that look into theirs. */
static void make_turned(const as_run *r, as_shared_match *m)
{
    as_share *s = m->share;
    const as_shared_match *back = s->turned;
    if (!back || !back->first)
        return;
    const as_table *t = as_tables_find(r->ready, s->ask->table),
                   *self = as_tables_find(r->ready, m->ask->self);
    as_key key = {.table = t, .count = s->ask->count};
    as_other_rows *rows = as_calloc(1, sizeof *rows);
    uint32_t *first = as_alloc((size_t)self->rows * sizeof *first);
    as_err ignored;
    memcpy(key.fields, s->ask->fields, sizeof s->ask->fields);
    if (!rows || !first ||
        as_index_turned(&rows->index, &key, NULL, back->share->rows->index, back->first, first,
                        &ignored) != AS_OK) {
        as_free(first);
        as_other_rows_close(rows);
        return;
    }
    s->rows = rows;
    m->first = first;
}

static void make_latest(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end)
{
    as_run *r = arg;
    (void)worker, (void)chunk;
    for (size_t i = begin; i < end; i++)
        if (is_latest(&r->shares[i]))
            make_share(r, &r->shares[i]);
}

/* ---- what measures and `latest` may use ---- */

static as_ready_index ready_index(const as_share *s)
{
    return (as_ready_index){s->ask->table, s->ask->fields, s->ask->count, s->rows->index};
}

static bool over_all_rows(const as_share *s)
{
    return s->rows && s->rows->index && !s->ask->where;
}

static as_code list_indexes(as_run *r, as_err *e)
{
    as_ready_index *ready = AS_NEW_N(r->arena, as_ready_index, r->share_count + 1);
    if (!ready)
        return as_fail_nomem(e);
    r->ready.ready = ready;
    for (size_t i = 0; i < r->share_count; i++)
        if (over_all_rows(&r->shares[i]) && !r->shares[i].turned)
            ready[r->ready.ready_count++] = ready_index(&r->shares[i]);
    return AS_OK;
}

static as_code list_matches(as_run *r, as_err *e)
{
    as_ready_match *matches = AS_NEW_N(r->arena, as_ready_match, r->match_count + 1);
    if (!matches)
        return as_fail_nomem(e);
    r->ready.matches = matches;
    r->ready.match_count = 0;
    for (size_t i = 0; i < r->match_count; i++) {
        const as_shared_match *m = &r->matches[i];
        if (m->first && over_all_rows(m->share))
            matches[r->ready.match_count++] =
                (as_ready_match){m->ask->self, m->ask->mine, ready_index(m->share), m->first};
    }
    return AS_OK;
}

static as_code make_all(as_run *r, as_err *e)
{
    r->ready = tables_of(r);
    as_pool_for(r->pool, r->share_count, 1, make_indexes, r);
    as_code code = list_indexes(r, e);
    for (size_t i = 0; i < r->match_count; i++)
        make_match(r, &r->matches[i]);
    for (size_t i = 0; i < r->match_count; i++)
        make_turned(r, &r->matches[i]);
    if (code == AS_OK)
        code = list_matches(r, e);
    if (code == AS_OK)
        code = as_measure_cache_open(&r->measures, e);
    return code;
}

as_code as_run_share(as_run *r, as_err *e)
{
    as_share **of = AS_NEW_N(r->arena, as_share *, r->rule_count + 1);
    as_shared_match **match = AS_NEW_N(r->arena, as_shared_match *, r->rule_count + 1);
    r->shares = AS_NEW_N(r->arena, as_share, 2 * r->rule_count + 1);
    r->matches = AS_NEW_N(r->arena, as_shared_match, 4 * r->rule_count + 1);
    if (!of || !match || !r->shares || !r->matches)
        return as_fail_nomem(e);
    for (size_t i = 0; i < r->rule_count; i++)
        if (will_run(r, &r->rules[i]) && !ask_for_rule(r, &r->rules[i], &of[i], &match[i]))
            return as_fail_nomem(e);
    as_code code = turn_shares(r) ? make_all(r, e) : as_fail_nomem(e);
    for (size_t i = 0; i < r->rule_count; i++) {
        as_rule_run *x = &r->rules[i];
        as_eval *ev = &x->eval;
        if (x->alone)
            continue;
        ev->given = of[i] ? of[i]->rows : NULL;
        x->waits_for = of[i] && is_latest(of[i]) ? of[i] : NULL;
        ev->matched = match[i] ? match[i]->first : NULL;
        ev->tables = r->ready;
        ev->tables.cache = r->measures;
    }
    return code;
}

void as_run_share_latest(as_run *r)
{
    as_pool_for(r->pool, r->share_count, 1, make_latest, r);
    for (size_t i = 0; i < r->rule_count; i++) {
        const as_share *s = r->rules[i].waits_for;
        if (s)
            r->rules[i].eval.given = s->rows;
    }
}

void as_run_share_close(as_run *r)
{
    for (size_t i = 0; i < r->share_count; i++) {
        as_other_rows_close(r->shares[i].rows);
        as_arena_close(r->shares[i].arena);
    }
    for (size_t i = 0; i < r->match_count; i++)
        as_free(r->matches[i].first);
    r->share_count = r->match_count = 0;
}

void as_run_unshare(as_run *r)
{
    for (size_t i = 0; i < r->rule_count; i++) {
        as_eval *ev = &r->rules[i].eval;
        ev->given = NULL;
        ev->matched = NULL;
        ev->tables = tables_of(r);
    }
}
