/* lint.c: what is legal but probably wrong in a pack: things that nothing uses, rules that
 * nothing proves; lint_rules.c has what is proven of their conditions. Errors proper (unknown
 * fields, ids that are not unique) were reported when the project was read. */
#include "run/plan.h"

static void lint_rule(const as_rule *r, as_diags *d)
{
    if (r->flag_count == 0) {
        as_diag_add(d, AS_DIAG_WARNING, r->at,
                    "add `flags:` with a made-up record that the rule must find",
                    "rule %.*s has no `flags`: nothing proves that it can fire", AS_FMT(r->id));
    }
    if (r->pass_count == 0) {
        as_diag_add(
            d, AS_DIAG_WARNING, r->at, "add `passes:` with a made-up record that is right",
            "rule %.*s has no `passes`: nothing proves that it lets right records through",
            AS_FMT(r->id));
    }
    if (r->why.len == 0) {
        as_diag_add(d, AS_DIAG_WARNING, r->at,
                    "add `why:` with one sentence for the reader of a finding",
                    "rule %.*s does not say why it matters", AS_FMT(r->id));
    }
    if (r->source.len == 0) {
        as_diag_add(d, AS_DIAG_WARNING, r->at, "add `source:`",
                    "rule %.*s does not say where it comes from", AS_FMT(r->id));
    }
    if (r->off && r->off_reason.len == 0) {
        as_diag_add(d, AS_DIAG_WARNING, r->at, "write `off: reason`",
                    "rule %.*s is off without a reason", AS_FMT(r->id));
    }
}

static bool schema_needed(const as_plan *plan, const as_schema *s)
{
    for (size_t i = 0; i < plan->needs.count; i++) {
        if (plan->needs.items[i].schema == s) {
            return true;
        }
    }
    return false;
}

static void unused(as_diags *d, as_span at, const char *what, as_str name)
{
    as_diag_add(d, AS_DIAG_WARNING, at, "remove it, or use it in a rule",
                "%s `%.*s` is not used by any rule", what, AS_FMT(name));
}

static void lint_pack(const as_pack *k, const as_plan *plan, as_diags *d)
{
    for (size_t i = 0; i < k->list_count; i++) {
        if (!k->lists[i]->used) {
            unused(d, k->lists[i]->at, "code list", k->lists[i]->name);
        }
    }
    for (size_t i = 0; i < k->pattern_count; i++) {
        if (!k->patterns[i].used) {
            unused(d, k->patterns[i].at, "pattern", k->patterns[i].name);
        }
    }
    for (size_t i = 0; i < k->schema_count; i++) {
        if (!schema_needed(plan, k->schemas[i])) {
            unused(d, k->schemas[i]->at, "schema", k->schemas[i]->name);
        }
    }
}

as_code as_lint_project(const as_project *p, const as_plan *plan, as_diags *d, as_err *e)
{
    as_code code = plan ? as_lint_rules(plan, d, e) : AS_OK;
    for (size_t i = 0; i < p->rule_count; i++) {
        lint_rule(&p->rules[i], d);
    }
    for (size_t i = 0; i < p->measure_count; i++) {
        if (!p->measures[i].used) {
            unused(d, p->measures[i].at, "measure", p->measures[i].name);
        }
    }
    for (size_t i = 0; plan && i < p->pack_count; i++) {
        lint_pack(p->packs[i], plan, d);
    }
    as_diags_sort(d);
    return code;
}
