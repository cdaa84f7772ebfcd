/* cmd_test.c: do the rules of a pack fire on their `flags` and stay silent on their `passes`?
 */
#include "cli/cli.h"

static const as_option options[] = {
    {"verbose", 'v', NULL, "List every case, also those that hold."},
    AS_OPTIONS_END,
};

static void print_result(const as_selftest *t)
{
    char where[512];
    if (t->ok && !t->rule) {
        printf("ok    module test %s\n", t->at.file);
    } else if (t->ok) {
        printf("ok    %.*s %s at %s\n", AS_FMT(t->rule->id), t->flags ? "flags" : "passes",
               as_span_text(t->at, where, sizeof where));
    } else {
        printf("FAIL  %s%.*s\n", as_span_text(t->at, where, sizeof where), AS_FMT(t->why));
    }
}

static int summary(const as_selftests *s, size_t rules)
{
    printf("%zu rules, %zu cases: %zu held, %zu failed", rules, s->count, s->count - s->failed,
           s->failed);
    if (s->rules_without) {
        printf("; %zu %s no `flags`, so nothing proves that they can fire", s->rules_without,
               s->rules_without == 1 ? "rule has" : "rules have");
    }
    printf("\n");
    if (s->failed) {
        return AS_EXIT_FINDINGS;
    }
    return s->count == 0 ? AS_EXIT_INCOMPLETE : AS_EXIT_PASS;
}

static int run_test(as_cli *c)
{
    as_project *p = NULL;
    as_plan *plan = NULL;
    as_selftests results = {0};
    as_err e = {0};
    if (as_cli_pack_or_release(c, &p, &plan) != AS_EXIT_PASS) {
        return AS_EXIT_USAGE;
    }
    as_code code = as_selftest_run(p, c->arena, &results, &c->diags, &e);
    if (code != AS_OK || c->diags.errors) {
        if (c->diags.errors == 0) {
            as_diags_error(&c->diags, &e);
        }
        as_cli_diags(c);
        return AS_EXIT_USAGE;
    }
    bool all = as_cli_option(c, "verbose") != NULL;
    for (size_t i = 0; i < results.count; i++) {
        if (all || !results.items[i].ok) {
            print_result(&results.items[i]);
        }
    }
    return summary(&results, p->rule_count);
}

const as_command as_command_test = {
    .name = "test",
    .usage = "[PACK | release.yaml]",
    .summary = "prove that the rules of a pack fire on their own test records",
    .detail = "Every rule carries made-up records that it must flag and records that it must "
              "pass. A rule that does not\n"
              "fire on its `flags`, fires on its `passes` or cannot be evaluated fails, and so "
              "does a test of a Lua module\n"
              "(lua/NAME_test.lua) that raises an error. 0 all held, 1 some failed,\n"
              "2 the pack has errors, 3 there was nothing to test.\n\n"
              "With a release.yaml, as_at and the period are the release's; with a pack alone "
              "as_at is 2017-03-31\n"
              "and the period the year up to it. A case may set its own under `params:`.",
    .options = options,
    .examples = "  assay test rules/childrens-social-care\n",
    .max_args = 1,
    .run = run_test,
};
