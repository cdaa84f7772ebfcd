/* try.c: one fault after the other, on all workers. Each is made in a copy of its table; the
 * rules that read what it changes are evaluated on the release with that copy; what they find
 * is compared with what they found before.
 *
 * A worker evaluates alone (no pool), so that many faults run side by side. */
#include "prove/proof.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "check/evidence.h"

#include <stdatomic.h>

#define LUA_FAULTS 32 /* a state keeps every predicate it has compiled: it is renewed */

typedef struct worker {
    as_arena *arena;         /* of one rule on one fault */
    as_arena *kept;          /* of the proof */
    const as_table **tables; /* the run's, one of them replaced */
    as_lua *lua;
    unsigned lua_faults;
    as_err err;
} worker;

typedef struct trial {
    as_prover *p;
    worker *workers;
    unsigned jobs;
    atomic_size_t done;
    atomic_bool stop;
} trial;

/* One fault at one worker. */
typedef struct attempt {
    as_prover *p;
    worker *w;
    as_job *job;
    as_planted *fault;
    as_edit *edit;
    unsigned number;
} attempt;

/* ---- making the change ---- */

static as_code change_cells(attempt *x, bool cloned, uint32_t added, as_err *e)
{
    const as_change *c = &x->job->change;
    as_code code = AS_OK;
    for (size_t i = 0; i < c->cell_count && code == AS_OK; i++) {
        const as_cell_change *cell = &c->cells[i];
        uint32_t row = cloned ? added : cell->row;
        code = cell->date != AS_DATE_NULL
                   ? as_edit_date(x->edit, row, cell->field, cell->date, e)
                   : as_edit_text(x->edit, row, cell->field, cell->raw, e);
    }
    return code;
}

static as_code make_change(attempt *x, as_err *e)
{
    const as_change *c = &x->job->change;
    uint32_t added = AS_NO_ROW;
    as_code code = AS_OK;
    switch (c->op) {
    case AS_CHANGE_CELLS:
        return change_cells(x, false, added, e);
    case AS_CHANGE_CLONE:
        code = as_edit_clone(x->edit, c->row, &added, e);
        return code == AS_OK ? change_cells(x, true, added, e) : code;
    case AS_CHANGE_DROP:
        return as_edit_drop(x->edit, c->row, e);
    case AS_CHANGE_KEEP:
        as_edit_keep(x->edit, c->row);
        return AS_OK;
    case AS_CHANGE_DROP_COLUMN:
        as_edit_drop_column(x->edit, c->field);
        return AS_OK;
    case AS_CHANGE_SHIFT_COLUMN:
        return as_edit_shift_column(x->edit, c->field, e);
    case AS_CHANGE_CUT_ROW:
        return as_edit_cut_row(x->edit, c->row, c->field, e);
    }
    return code;
}

/* ---- was it found? ---- */

static bool is_changed_row(const attempt *x, uint32_t row)
{
    const as_change *c = &x->job->change;
    for (size_t i = 0; c->op == AS_CHANGE_CELLS && i < c->cell_count; i++) {
        if (c->cells[i].row == row) {
            return true;
        }
    }
    return c->op == AS_CHANGE_CUT_ROW && c->row == row;
}

/* The rule had this finding before: it looks at records one by one, and at a record that the
 * fault does not touch. Only to save the work of putting the finding into words. */
static bool was_there(const attempt *x, uint32_t rule, const as_finding *f)
{
    const as_bound_rule *r = x->p->run->rules[rule].rule;
    uint32_t row = f->row;
    if (r->kind->level != AS_LEVEL_RECORD || f->row == AS_NO_ROW) {
        return false;
    }
    if (as_str_eq(r->rule->table, x->fault->table)) {
        row = as_edit_origin(x->edit, f->row);
        if (row == AS_NO_ROW || is_changed_row(x, row)) {
            return false;
        }
    }
    return as_baseline_at(&x->p->baseline[rule], row, f->field);
}

typedef enum answer { ANSWER_SILENT, ANSWER_MASKED, ANSWER_FIRED } answer;

static as_code ask_finding(attempt *x, const as_eval *ev, uint32_t rule, const as_result *r,
                           const as_finding *f, answer *out, as_err *e)
{
    const as_bound_rule *b = x->p->run->rules[rule].rule;
    as_doc_finding told;
    as_code code =
        as_evidence_make(ev, &b->bind, b->kind, b->plan, r, f, x->w->arena, &told, e);
    if (code != AS_OK) {
        return code;
    }
    const as_known *known = as_baseline_known(&x->p->baseline[rule], told.fingerprint);
    if (!known) {
        *out = ANSWER_FIRED;
    } else if (*out == ANSWER_SILENT && known->said != as_hash(told.message)) {
        *out = ANSWER_MASKED;
    }
    return AS_OK;
}

static as_code ask_findings(attempt *x, const as_eval *ev, uint32_t rule, const as_result *r,
                            answer *out, as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; i < r->findings.count && code == AS_OK && *out != ANSWER_FIRED; i++) {
        if (!was_there(x, rule, &r->findings.items[i])) {
            code = ask_finding(x, ev, rule, r, &r->findings.items[i], out, e);
        }
    }
    return code;
}

/* A rule that can no longer be evaluated, or looks at nothing, blocks like an error. */
static as_code ask(attempt *x, const as_eval *ev, uint32_t rule, const as_result *r,
                   answer *out, as_err *e)
{
    const as_rule_run *before = &x->p->run->rules[rule];
    if (as_result_status(before->rule->rule, r) == AS_STATUS_EMPTY) {
        *out = before->status == AS_STATUS_EMPTY ? ANSWER_SILENT : ANSWER_FIRED;
        return AS_OK;
    }
    return ask_findings(x, ev, rule, r, out, e);
}

static as_code ask_rule(attempt *x, uint32_t rule, answer *out, bool *allowed, as_err *e)
{
    as_prover *p = x->p;
    const as_rule_run *before = &p->run->rules[rule];
    as_result r = {0};
    as_err failed = {0};
    as_arena_reset(x->w->arena);
    as_eval ev = {.tables = {x->w->tables, p->run->table_count},
                  .arena = x->w->arena,
                  .scratch = &p->run->scratch[x->number],
                  .lua = &x->w->lua,
                  .lua_setup = &p->run->lua_setup};
    *out = ANSWER_SILENT;
    as_code code = as_rule_eval(&ev, before->rule, &r, &failed);
    if (code == AS_OK) {
        code = ask(x, &ev, rule, &r, out, e);
        *allowed =
            as_result_status(before->rule->rule, &r) == AS_STATUS_PASS && r.findings.count;
    } else if (code != AS_ENOMEM) {
        *out = ANSWER_FIRED; /* the gate does not open for a rule in error */
        *allowed = false;
        code = AS_OK;
    } else {
        *e = failed;
    }
    as_findings_free(&r.findings);
    return code;
}

static as_code ask_all(attempt *x, as_err *e)
{
    const as_readers *asked = x->job->asked;
    as_planted *f = x->fault;
    f->fate = AS_FATE_MISSED;
    f->by = AS_NEW_N(x->w->kept, uint32_t, asked->count + 1);
    if (!f->by) {
        return as_fail_nomem(e);
    }
    for (size_t i = 0; i < asked->count; i++) {
        uint32_t rule = asked->rules[i];
        answer got = ANSWER_SILENT;
        bool allowed = false;
        as_code code = ask_rule(x, rule, &got, &allowed, e);
        if (code != AS_OK) {
            return code;
        }
        if (got == ANSWER_MASKED && x->job->masked == AS_NO_RULE) {
            x->job->masked = rule;
        } else if (got == ANSWER_FIRED) {
            bool info = x->p->run->rules[rule].rule->rule->severity == AS_SEV_INFO;
            f->by[f->by_count++] = rule;
            x->job->allowed = allowed && !info ? rule : x->job->allowed;
            f->fate = !info && !allowed           ? AS_FATE_CAUGHT
                      : f->fate == AS_FATE_MISSED ? AS_FATE_TOLD
                                                  : f->fate;
        }
    }
    return AS_OK;
}

/* ---- all of them ---- */

static void renew_lua(worker *w)
{
    if (w->lua && ++w->lua_faults == LUA_FAULTS) {
        as_lua_close(w->lua);
        w->lua = NULL;
        w->lua_faults = 0;
    }
}

static as_code try_fault(trial *t, unsigned number, size_t i, as_err *e)
{
    as_prover *p = t->p;
    attempt x = {.p = p,
                 .w = &t->workers[number],
                 .job = &p->jobs[i],
                 .fault = &p->proof->faults[i],
                 .number = number};
    if (x.job->asked->count == 0) {
        x.fault->fate = AS_FATE_MISSED;
        return AS_OK;
    }
    const as_table *base = p->beds[x.job->bed].table;
    as_code code = as_edit_open(&x.edit, base, e);
    if (code == AS_OK) {
        code = make_change(&x, e);
    }
    if (code == AS_OK) {
        x.w->tables[x.job->bed] = as_edit_table(x.edit);
        code = ask_all(&x, e);
    }
    x.w->tables[x.job->bed] = base;
    as_arena_reset(x.w->arena);
    as_edit_close(x.edit);
    renew_lua(x.w);
    return code;
}

static void try_chunk(void *arg, unsigned number, size_t chunk, size_t begin, size_t end)
{
    trial *t = arg;
    const as_prove_options *o = t->p->options;
    (void)chunk;
    for (size_t i = begin; i < end && !atomic_load(&t->stop); i++) {
        as_err e = {0};
        if (try_fault(t, number, i, &e) != AS_OK) {
            t->workers[number].err = e;
            atomic_store(&t->stop, true); /* out of memory: nothing that follows would count */
        }
        size_t done = atomic_fetch_add(&t->done, 1) + 1;
        if (o->progress && number == 0) {
            o->progress(o->progress_arg, done, t->p->proof->count);
        }
    }
}

static as_code open_workers(trial *t, as_err *e)
{
    const as_run *run = t->p->run;
    t->jobs = as_pool_jobs(run->pool);
    t->workers = AS_NEW_N(t->p->arena, worker, t->jobs);
    for (unsigned i = 0; t->workers && i < t->jobs; i++) {
        worker *w = &t->workers[i];
        w->arena = as_arena_open();
        w->kept = as_arena_open();
        w->tables = AS_NEW_N(t->p->arena, const as_table *, run->table_count + 1);
        if (!w->arena || !w->kept || !w->tables) {
            return as_fail_nomem(e);
        }
        for (size_t k = 0; k < run->table_count; k++) {
            w->tables[k] = run->tables[k];
        }
    }
    return t->workers ? AS_OK : as_fail_nomem(e);
}

static void close_arena(void *a)
{
    as_arena_close(a);
}

/* What is kept goes with the proof's arena. */
static as_code close_workers(trial *t, as_code code, as_err *e)
{
    for (unsigned i = 0; t->workers && i < t->jobs; i++) {
        worker *w = &t->workers[i];
        if (code == AS_OK && w->err.code != AS_OK) {
            *e = w->err;
            code = w->err.code;
        }
        as_lua_close(w->lua);
        as_arena_close(w->arena);
        if (w->kept && !as_arena_on_close(t->p->arena, close_arena, w->kept)) {
            code = as_fail_nomem(e);
        }
    }
    return code;
}

as_code as_prove_try(as_prover *p, as_err *e)
{
    trial t = {.p = p};
    as_code code = open_workers(&t, e);
    if (code == AS_OK) {
        as_pool_for(p->run->pool, p->proof->count, 1, try_chunk, &t);
    }
    return close_workers(&t, code, e);
}
