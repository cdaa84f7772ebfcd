/* prove.c: see prove.h. */
#include "prove/proof.h"

static bool start(as_prover *p, const as_plan *plan, const as_prove_options *o)
{
    p->arena = as_arena_open();
    p->proof = p->arena ? AS_NEW(p->arena, as_proof) : NULL;
    p->options = o;
    if (!p->proof) {
        as_arena_close(p->arena);
        return false;
    }
    p->proof->arena = p->arena;
    p->proof->release = plan->project->release;
    p->proof->seed = o->seed;
    p->proof->each = o->each;
    p->proof->some_rules = o->only_count > 0;
    return true;
}

static as_code list_rules(as_prover *p, as_err *e)
{
    as_proof *proof = p->proof;
    proof->rules = AS_NEW_N(p->arena, as_proved_rule, p->run->rule_count + 1);
    for (size_t i = 0; proof->rules && i < p->run->rule_count; i++) {
        const as_rule_run *x = &p->run->rules[i];
        proof->rules[proof->rule_count++] = (as_proved_rule){.rule = x->rule->rule,
                                                             .builtin = x->rule->builtin,
                                                             .off = !as_prove_takes_part(p, i)};
    }
    return proof->rules ? AS_OK : as_fail_nomem(e);
}

as_code as_prove(as_proof **out, const as_plan *plan, const as_prove_options *o, as_diags *d,
                 as_err *e)
{
    as_prover p = {0};
    as_run_options run = {
        .jobs = o->jobs, .only = o->only, .only_count = o->only_count, .all_fields = true};
    *out = NULL;
    if (!start(&p, plan, o)) {
        return as_fail_nomem(e);
    }
    as_code (*const steps[])(as_prover *, as_err *) = {list_rules,    as_prove_baseline,
                                                       as_prove_beds, as_prove_plant,
                                                       as_prove_try,  as_prove_why};
    as_code code = as_run_make(&p.run, plan, &run, d, e);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && code == AS_OK; i++) {
        code = steps[i](&p, e);
    }
    as_run_close(p.run);
    if (code != AS_OK) {
        as_arena_close(p.arena);
        return code;
    }
    *out = p.proof;
    return AS_OK;
}

void as_proof_close(as_proof *p)
{
    if (p) {
        as_arena_close(p->arena); /* and p with it */
    }
}

double as_proof_share(const as_proof *p)
{
    return p->count ? 100.0 * (double)p->caught / (double)p->count : 100.0;
}
