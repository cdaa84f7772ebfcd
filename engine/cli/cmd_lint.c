/* cmd_lint.c: what is legal in a pack but probably wrong. */
#include "cli/cli.h"

static const as_option options[] = {AS_OPTIONS_END};

static int run_lint(as_cli *c)
{
    as_project *p = NULL;
    as_plan *plan = NULL;
    as_err e = {0};
    if (as_cli_pack_or_release(c, &p, &plan) != AS_EXIT_PASS) {
        return AS_EXIT_USAGE;
    }
    if (as_lint_project(p, plan, &c->diags, &e) != AS_OK) {
        as_cli_error(c, &e);
        return AS_EXIT_USAGE;
    }
    as_cli_diags(c);
    size_t remarks = c->diags.count + c->diags.left_out;
    printf("%zu %s, %zu %s in %zu %s: %zu %s\n", p->rule_count,
           p->rule_count == 1 ? "rule" : "rules", p->measure_count,
           p->measure_count == 1 ? "measure" : "measures", p->pack_count,
           p->pack_count == 1 ? "pack" : "packs", remarks, remarks == 1 ? "remark" : "remarks");
    return c->diags.count ? AS_EXIT_FINDINGS : AS_EXIT_PASS;
}

const as_command as_command_lint = {
    .name = "lint",
    .usage = "[PACK | release.yaml]",
    .summary = "what is legal in a pack but probably wrong",
    .detail =
        "Errors (unknown keys and fields, bad patterns, ids that are not unique, …) end "
        "with 2. Remarks end with 1:\n"
        "code lists, measures, patterns and schemas that nothing uses; rules without "
        "`flags`, `passes`, `why` or\n"
        "`source`; rules switched off without a reason; and what is proven of conditions: a "
        "rule that can never find\n"
        "anything, one that finds nothing that another does not, two that contradict each "
        "other.",
    .options = options,
    .examples = "  assay lint rules/childrens-social-care\n",
    .max_args = 1,
    .run = run_lint,
};
