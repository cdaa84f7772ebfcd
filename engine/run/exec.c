/* exec.c: plan × tables → results. Rules run side by side, each in an arena of its own; inside
 * a rule the kinds use the same workers. One broken rule becomes its own status `error` and
 * stops nothing else.
 *
 * Order: as_run_make (load, exec, cover, doc) → as_run_doc, as_run_findings, as_run_store →
 * as_run_close. */
#include "run/exec.h"

#include "base/clock.h"

#include <stdlib.h>

as_code as_lua_setup_make(as_lua_setup *out, const as_project *p, as_arena *a, as_err *e)
{
    size_t modules = 0;
    for (size_t i = 0; i < p->pack_count; i++) {
        modules += p->packs[i]->module_count;
    }
    as_lua_source *m = AS_NEW_N(a, as_lua_source, modules + 1);
    as_lua_param *params = AS_NEW_N(a, as_lua_param, p->param_count + 1);
    if (!m || !params) {
        return as_fail_nomem(e);
    }
    *out = (as_lua_setup){.modules = m, .params = params, .param_count = p->param_count};
    for (size_t i = 0; i < p->pack_count; i++) {
        for (size_t j = 0; j < p->packs[i]->module_count; j++) {
            const as_lua_module *from = &p->packs[i]->modules[j];
            m[out->module_count++] = (as_lua_source){from->name, from->text, from->at};
        }
    }
    for (size_t i = 0; i < p->param_count; i++) {
        params[i] = (as_lua_param){p->params[i].name, p->params[i].value};
    }
    return AS_OK;
}

as_code as_rule_eval(as_eval *ev, const as_bound_rule *r, as_result *out, as_err *e)
{
    for (size_t i = 0; i < r->needs.count; i++) {
        as_str name = r->needs.items[i].table;
        if (!as_tables_find(ev->tables, name)) {
            return as_fail(e, AS_ERULE, r->rule->at,
                           "the release has no table `%.*s`, which this rule needs: name its "
                           "file under `tables:`, or say "
                           "under `without:` why there is none",
                           AS_FMT(name));
        }
    }
    return r->kind->eval(ev, &r->bind, r->plan, out, e);
}

void as_run_stage_begin(as_run *r, as_stage stage, uint64_t total)
{
    r->progress->done = 0;
    r->progress->total = total;
    r->progress->stage = stage;
    r->began = as_clock_ms();
}

void as_run_stage_end(as_run *r, as_stage stage)
{
    r->millis[stage] = as_clock_ms() - r->began;
}

double as_run_stage_millis(const as_run *r, as_stage stage)
{
    return r->millis[stage];
}

double as_run_digest_millis(const as_run *r)
{
    return r->digest_millis;
}

double as_run_share_millis(const as_run *r)
{
    return r->share_millis;
}

static bool named(const as_run_options *o, const as_rule *rule)
{
    for (size_t i = 0; i < o->only_count; i++) {
        if (as_str_eq(o->only[i], rule->id) || as_str_eq(o->only[i], rule->name)) {
            return true;
        }
    }
    return o->only_count == 0;
}

bool as_run_is_off(const as_run *r, const as_rule_run *x)
{
    return x->rule->rule->off || !named(&r->options, x->rule->rule);
}

static as_severity fail_on(const as_run *r)
{
    return r->options.fail_on_set ? r->options.fail_on : r->plan->project->fail_on;
}

static double allowed(const as_rule *rule, uint64_t selected)
{
    if (!rule->allow_set) {
        return 0;
    }
    return rule->allow_percent ? rule->allow * (double)selected / 100.0 : rule->allow;
}

/* Looked at nothing, or could decide nothing of what it looked at. */
static bool looked_at_nothing(const as_result *x)
{
    return x->findings.count == 0 && (x->selected == 0 || x->undecided >= x->selected);
}

static const char *empty_note(const as_result *x)
{
    return x->selected == 0 ? "no record was selected: the rule looked at nothing"
                            : "none of the selected records could be decided: a value it "
                              "compares is always missing";
}

/* Why a rule has nothing to say, often: a column that it reads is not in the file. */
static void note_missing_columns(const as_rule_run *x, as_str *note)
{
    for (size_t i = 0; i < x->rule->needs.count; i++) {
        const as_need *need = &x->rule->needs.items[i];
        const as_table *t = as_tables_find(x->eval.tables, need->table);
        for (size_t f = 0; t && f < need->schema->count; f++) {
            if (need->want[f] && !t->columns[f].present) {
                *note = as_arena_printf(x->eval.arena, "%.*s; %.*s has no column `%.*s`",
                                        AS_FMT(*note), AS_FMT(need->table),
                                        AS_FMT(need->schema->fields[f].name));
            }
        }
    }
}

as_status as_open_status(const as_rule *rule, const as_result *x, uint64_t open)
{
    if (looked_at_nothing(x)) {
        return rule->on_empty_pass ? AS_STATUS_PASS : AS_STATUS_EMPTY;
    }
    return (double)open <= allowed(rule, x->selected) ? AS_STATUS_PASS : AS_STATUS_FAIL;
}

as_status as_result_status(const as_rule *rule, const as_result *x)
{
    return as_open_status(rule, x, x->findings.count);
}

static void judge(as_run *r, as_rule_run *x)
{
    const as_rule *rule = x->rule->rule;
    uint64_t found = x->result.findings.count;
    x->status = as_result_status(rule, &x->result);
    x->blocking = x->status == AS_STATUS_EMPTY ||
                  (x->status == AS_STATUS_FAIL && rule->severity >= fail_on(r));
    if (looked_at_nothing(&x->result)) {
        x->note = as_str_from(empty_note(&x->result));
        if (!x->rule->builtin) {
            note_missing_columns(x, &x->note);
        }
    } else if (found && x->status == AS_STATUS_PASS) {
        x->note = as_arena_printf(
            x->eval.arena, "%llu found, within what the rule allows (%g%s)",
            (unsigned long long)found, rule->allow, rule->allow_percent ? "%" : "");
    }
    if (x->result.note.len) {
        x->note = x->note.len ? as_arena_printf(x->eval.arena, "%.*s; %.*s", AS_FMT(x->note),
                                                AS_FMT(x->result.note))
                              : x->result.note;
    }
}

static void run_rule(as_run *r, as_rule_run *x)
{
    const as_rule *rule = x->rule->rule;
    if (as_run_is_off(r, x)) {
        x->status = AS_STATUS_OFF;
        x->note = rule->off ? rule->off_reason : AS_STR("not named by --only");
        return;
    }
    as_err e = {0};
    double start = as_clock_ms();
    as_code code = as_rule_eval(&x->eval, x->rule, &x->result, &e);
    x->millis = as_clock_ms() - start;
    if (code == AS_OK) {
        judge(r, x);
        return;
    }
    char where[256];
    x->status = AS_STATUS_ERROR;
    x->blocking = true;
    x->note =
        as_arena_printf(x->eval.arena, "%s%s", as_span_text(e.at, where, sizeof where), e.text);
    as_findings_free(&x->result.findings);
    x->result = (as_result){0};
}

/* Rules that are evaluated at one time. */
typedef enum which { ALONE, SHARING, WAITING } which;
typedef struct some_rules {
    as_run *run;
    which which;
} some_rules;

static which which_is(const as_rule_run *x)
{
    return x->alone ? ALONE : x->waits_for ? WAITING : SHARING;
}

static void run_rules(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end)
{
    const some_rules *some = arg;
    as_run *r = some->run;
    (void)worker;
    (void)chunk;
    for (size_t i = begin; i < end; i++) {
        if (which_is(&r->rules[i]) == some->which) {
            run_rule(r, &r->rules[i]);
            r->progress->done++;
        }
    }
}

static void run_some(as_run *r, which these)
{
    some_rules some = {r, these};
    as_pool_for(r->pool, r->rule_count, 1, run_rules, &some);
}

static void run_sharing(void *arg, unsigned worker, size_t i, size_t begin, size_t end)
{
    (void)worker;
    (void)begin;
    (void)end;
    if (i == 0) {
        as_run_share_latest(arg);
    }
    run_some(arg, i == 0 ? WAITING : SHARING);
}

/* Two things go on side by side: what rules share and the rules that share it, and those that
 * do not. */
typedef struct evaluation {
    as_run *run;
    as_code code;
    as_err err;
} evaluation;

static void evaluate_side(void *arg, unsigned worker, size_t i, size_t begin, size_t end)
{
    evaluation *v = arg;
    as_run *r = v->run;
    (void)worker;
    (void)begin;
    (void)end;
    if (i == 1) {
        run_some(r, ALONE);
        return;
    }
    const double start = as_clock_ms();
    v->code = as_run_share(r, &v->err);
    r->share_millis = as_clock_ms() - start;
    if (v->code == AS_OK) {
        as_pool_for(r->pool, 2, 1, run_sharing, r);
    }
}

static bool is_alone(const as_bound_rule *x)
{
    return x->rule->table.len && x->needs.count == 1 && !x->bind.ask.table.len;
}

static as_code evaluate(as_run *r, as_err *e)
{
    evaluation v = {.run = r};
    as_run_stage_begin(r, AS_STAGE_RULES, r->rule_count);
    for (size_t i = 0; i < r->rule_count; i++) {
        r->rules[i].alone = is_alone(r->rules[i].rule);
    }
    as_pool_for(r->pool, 2, 1, evaluate_side, &v);
    as_run_stage_end(r, AS_STAGE_RULES);
    as_run_unshare(r);
    if (v.code != AS_OK) {
        *e = v.err;
    }
    return v.code;
}

/* Two things go on side by side: the digests, which take long and wait for nobody, and the
 * rules. */
typedef struct sides {
    as_run *run;
    as_code code[2];
    as_err err[2];
} sides;

static void run_side(void *arg, unsigned worker, size_t side, size_t begin, size_t end)
{
    sides *s = arg;
    (void)worker;
    (void)begin;
    (void)end;
    s->code[side] =
        side == 0 ? as_run_digest(s->run, &s->err[side]) : evaluate(s->run, &s->err[side]);
}

as_code as_run_exec(as_run *r, as_err *e)
{
    r->rules = AS_NEW_N(r->arena, as_rule_run, r->plan->count + 1);
    if (!r->rules) {
        return as_fail_nomem(e);
    }
    for (size_t i = 0; i < r->plan->count; i++) {
        as_rule_run *x = &r->rules[i];
        x->rule = r->plan->rules[i];
        x->eval = (as_eval){.tables = {(const as_table *const *)r->tables, r->table_count},
                            .documents = {r->documents, r->document_count},
                            .pool = r->pool,
                            .arena = as_arena_open(),
                            .scratch = r->scratch,
                            .lua = r->lua,
                            .lua_setup = &r->lua_setup};
        r->rule_count++;
        if (!x->eval.arena) {
            return as_fail_nomem(e);
        }
    }
    sides s = {.run = r};
    as_pool_for(r->pool, 2, 1, run_side, &s);
    const int failed = s.code[0] != AS_OK ? 0 : 1;
    if (s.code[failed] != AS_OK) {
        *e = s.err[failed];
    }
    return s.code[failed];
}

static as_code open_workers(as_run *r, as_err *e)
{
    as_code code = as_pool_open(&r->pool, r->options.jobs, e);
    if (code != AS_OK) {
        return code;
    }
    unsigned jobs = as_pool_jobs(r->pool);
    r->scratch = AS_NEW_N(r->arena, as_scratch *, jobs);
    r->lua = AS_NEW_N(r->arena, as_lua *, jobs);
    if (!r->scratch || !r->lua) {
        return as_fail_nomem(e);
    }
    for (unsigned i = 0; i < jobs; i++) {
        if (!(r->scratch[i] = as_scratch_open())) {
            return as_fail_nomem(e);
        }
    }
    return as_lua_setup_make(&r->lua_setup, r->plan->project, r->arena, e);
}

as_code as_run_make(as_run **out, const as_plan *p, const as_run_options *o, as_diags *d,
                    as_err *e)
{
    *out = NULL;
    as_arena *a = as_arena_open();
    as_run *r = a ? AS_NEW(a, as_run) : NULL;
    if (!r) {
        as_arena_close(a);
        return as_fail_nomem(e);
    }
    r->plan = p;
    r->options = *o;
    r->progress = o->progress ? o->progress : &r->own_progress;
    r->arena = a;
    as_code code = open_workers(r, e);
    if (code == AS_OK) {
        code = as_run_load(r, d, e);
    }
    if (code == AS_OK && o->read) {
        o->read(o->read_arg);
    }
    if (code == AS_OK) {
        code = as_run_exec(r, e);
    }
    if (code == AS_OK) {
        code = as_run_moves(r, d, e);
    }
    if (code == AS_OK) {
        code = as_run_cover(r, e);
    }
    if (code == AS_OK) {
        code = as_run_doc_make(r, e);
    }
    if (code == AS_OK) {
        code = as_run_content(r, e);
    }
    if (code != AS_OK) {
        as_run_close(r);
        return code;
    }
    *out = r;
    return AS_OK;
}

as_pool *as_run_pool(const as_run *r)
{
    return r->pool;
}

/* What rules and findings looked at. */
static void close_tables(as_run *r)
{
    as_run_share_close(r);
    for (size_t i = 0; i < r->table_count; i++) {
        as_table_close(r->tables[i]);
    }
    r->table_count = 0;
}

static void *release(void *r)
{
    close_tables(r);
    return NULL;
}

void as_run_release(as_run *r)
{
    if (!r->releasing) {
        r->releasing = pthread_create(&r->release, NULL, release, r) == 0;
    }
}

void as_run_close(as_run *r)
{
    if (!r) {
        return;
    }
    for (size_t i = 0; i < r->rule_count; i++) {
        as_findings_free(&r->rules[i].result.findings);
        as_arena_close(r->rules[i].eval.arena);
    }
    for (unsigned i = 0; r->pool && i < as_pool_jobs(r->pool); i++) {
        if (r->scratch) {
            as_scratch_close(r->scratch[i]);
        }
        if (r->lua) {
            as_lua_close(r->lua[i]);
        }
    }
    as_moves_close(r->moves);
    as_measure_cache_close(r->measures);
    if (r->releasing) {
        pthread_join(r->release, NULL);
    }
    close_tables(r);
    as_pool_close(r->pool);
    as_arena_close(r->arena);
}
