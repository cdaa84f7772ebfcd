/* cmd_rules.c: the rules of a release or a pack, and the kinds of check that there are. */
#include "base/text.h"
#include "cli/cli.h"

static const as_option options[] = {
    {"kinds", 0, NULL, "List the check kinds instead."},
    AS_OPTIONS_END,
};

static int list_kinds(void)
{
    for (size_t i = 0; i < as_check_kind_count; i++) {
        printf("%-12s %s\n", as_check_kinds[i]->name, as_check_kinds[i]->summary);
    }
    return AS_EXIT_PASS;
}

static size_t longest_id(const as_project *p)
{
    size_t width = 4;
    for (size_t i = 0; i < p->rule_count; i++) {
        width = p->rules[i].id.len > width ? p->rules[i].id.len : width;
    }
    return width;
}

static int run_rules(as_cli *c)
{
    as_project *p = NULL;
    as_plan *plan = NULL;
    if (as_cli_option(c, "kinds")) {
        return list_kinds();
    }
    if (as_cli_pack_or_release(c, &p, &plan) != AS_EXIT_PASS) {
        return AS_EXIT_USAGE;
    }
    int width = (int)longest_id(p);
    printf("%-*s  %-8s %-10s %-16s %s\n", width, "rule", "severity", "kind", "table", "title");
    for (size_t i = 0; i < p->rule_count; i++) {
        const as_rule *r = &p->rules[i];
        printf("%-*.*s  %-8s %-10.*s %-16.*s %.*s%s\n", width, AS_FMT(r->id),
               as_severity_name(r->severity), AS_FMT(r->kind), AS_FMT(r->table),
               AS_FMT(r->title), r->off ? "  (off)" : "");
    }
    printf("%zu rules, and %zu built in\n", p->rule_count,
           as_plan_rule_count(plan) - p->rule_count);
    return AS_EXIT_PASS;
}

const as_command as_command_rules = {
    .name = "rules",
    .usage = "[release.yaml | PACK]",
    .summary = "the rules of a release or a pack",
    .detail = "One line a rule. --kinds lists the check kinds that rules can be made of; "
              "`assay explain ID` tells all of one.",
    .options = options,
    .examples =
        "  assay rules\n  assay rules rules/childrens-social-care\n  assay rules --kinds\n",
    .max_args = 1,
    .run = run_rules,
};
