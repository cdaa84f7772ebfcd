/* decided.c: decisions in a run: which findings a condition covers, what stands with each
 * finding, and the verdict once it is known which of them are accepted. */
#include "run/exec.h"

/* ---- after the rules were evaluated ---- */

static as_code cover(as_run *r, as_rule_run *x, as_err *e)
{
    const as_rule *rule = x->rule->rule;
    const as_findings *f = &x->result.findings;
    const as_table *t = as_tables_find(x->eval.tables, rule->table);
    uint32_t *rows = AS_NEW_N(r->arena, uint32_t, f->count + 1);
    if (!rows) {
        return as_fail_nomem(e);
    }
    for (size_t i = 0; i < f->count; i++) {
        rows[i] = f->items[i].row;
    }
    return t ? as_decisions_cover(r->options.decisions, rule->id, t, rows, f->count,
                                  &x->covered, e)
             : AS_OK;
}

as_code as_run_cover(as_run *r, as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; r->options.decisions && code == AS_OK && i < r->rule_count; i++) {
        as_rule_run *x = &r->rules[i];
        bool evaluated = x->status == AS_STATUS_PASS || x->status == AS_STATUS_FAIL;
        if (evaluated && as_decisions_on_rule(r->options.decisions, x->rule->rule->id)) {
            code = cover(r, x, e);
        }
    }
    return code;
}

/* ---- per finding ---- */

void as_run_decide(as_run *r, const as_rule_run *rule, size_t finding, as_doc_finding *f)
{
    if (r->options.decisions) {
        as_rule_run *x = &r->rules[rule - r->rules];
        as_decision *by_rule = x->covered ? x->covered[finding] : NULL;
        bool accepted =
            as_decisions_apply(r->options.decisions, f->fingerprint, by_rule, &f->decision);
        x->accepted += accepted;
        x->movers_accepted +=
            accepted && x->by_moves && f->moves >= r->plan->project->fail_on_moves;
    }
}

void as_run_decide_begin(as_run *r)
{
    for (size_t i = 0; r->options.decisions && i < r->rule_count; i++) {
        r->rules[i].accepted = r->rules[i].movers_accepted = 0;
    }
    if (r->options.decisions) {
        as_decisions_begin(r->options.decisions);
    }
}

/* ---- the verdict ---- */

static const as_decision *exceeded(const as_decisions *d, as_str rule)
{
    for (size_t i = 0; i < d->count; i++) {
        if (d->items[i].exceeded && as_str_eq(d->items[i].rule, rule)) {
            return &d->items[i];
        }
    }
    return NULL;
}

static as_code note(as_run *r, as_rule_run *x, as_str text, as_err *e)
{
    x->note = x->note.len && text.ptr
                  ? as_arena_printf(r->arena, "%.*s; %.*s", AS_FMT(x->note), AS_FMT(text))
                  : text;
    return x->note.ptr ? AS_OK : as_fail_nomem(e);
}

/* An acceptance that covers more than it may is a mistake in what people decided: it blocks,
 * whatever the rule's severity. */
static as_code settle_rule(as_run *r, as_rule_run *x, as_err *e)
{
    const as_decision *over = exceeded(r->options.decisions, x->rule->rule->id);
    if (over) {
        x->status = AS_STATUS_FAIL;
        x->blocking = true;
        x->by_moves = false; /* now all of them */
        return note(r, x,
                    as_arena_printf(r->arena,
                                    "an acceptance by %.*s would cover %llu findings, more "
                                    "than its at_most of %llu: it covers none",
                                    AS_FMT(over->who), (unsigned long long)over->exceeded,
                                    (unsigned long long)over->at_most),
                    e);
    }
    x->blocking = x->blocking && !(x->by_moves && x->movers == x->movers_accepted);
    uint64_t open = x->result.findings.count - x->accepted;
    if (x->accepted && x->status == AS_STATUS_FAIL &&
        as_open_status(x->rule->rule, &x->result, open) == AS_STATUS_PASS) {
        x->status = AS_STATUS_PASS;
        x->blocking = false;
    }
    return AS_OK;
}

as_code as_run_settle(as_run *r, as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; r->options.decisions && code == AS_OK && i < r->rule_count; i++) {
        as_rule_run *x = &r->rules[i];
        if (x->status == AS_STATUS_PASS || x->status == AS_STATUS_FAIL) {
            code = settle_rule(r, x, e);
        }
    }
    if (code == AS_OK) {
        as_run_doc_rules(r);
    }
    return code == AS_OK && r->options.decisions
               ? as_decisions_tell(r->options.decisions, &r->doc, r->options.only_count > 0, e)
               : code;
}
