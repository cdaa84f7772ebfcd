/* cmd_gate.c: the verdict for a pipeline: the rules, then the sign-off. Where several things
 * are wrong, the exit code is the first of 2, 3, 1, 4. */
#include "cli/cli_sign.h"

static const as_option options[] = {
    AS_OPTION_FORMAT,
    AS_OPTION_OUTPUT,
    AS_OPTION_LIMIT,
    AS_OPTION_LEDGER,
    {"no-ledger", 0, NULL, "Do not keep this run; the files in sign-off/ are what counts."},
    AS_OPTIONS_FILTER,
    AS_OPTION_STEWARD,
    AS_OPTION_SORT,
    AS_OPTIONS_END,
};

static int sign_off(as_cli *c, const as_project *p, const as_plan *plan, FILE *f)
{
    bool required = false;
    const as_node *n = as_node_get(p->sign_off, "required");
    as_present s;
    as_sign_off ignored;
    if (!n || !as_node_bool(n, &required) || !required) {
        fprintf(f, "sign-off: not asked for (release.yaml does not say `sign_off: {required: "
                   "true}`)\n");
        return AS_EXIT_PASS;
    }
    int code = as_cli_present(c, as_cli_release_path(c, 0), p, plan, &s);
    return code == AS_EXIT_PASS ? as_cli_sign_offs(c, &s, f, &ignored) : code;
}

static void say_decisions(FILE *f, const as_cli_checked *run)
{
    fprintf(f, "decisions: %llu %s accepted", (unsigned long long)run->accepted,
            run->accepted == 1 ? "finding" : "findings");
    if (run->lapsing) {
        fprintf(f, ", %llu about to lapse", (unsigned long long)run->lapsing);
    }
    if (run->expired) {
        fprintf(f, ", %llu ended", (unsigned long long)run->expired);
    }
    fputc('\n', f);
}

static int run_gate(as_cli *c)
{
    static const char *const words[] = {"pass", "blocking findings", "failed", "incomplete"};
    as_cli_checked run = {0};
    int checked = as_cli_check(c, &run), signed_ = AS_EXIT_PASS;
    /* A report on standard output is for a machine: the verdicts go beside it. */
    FILE *f = as_cli_option(c, "format") && !as_cli_option(c, "output") ? stderr : stdout;
    if (checked == AS_EXIT_USAGE) {
        return checked; /* what was wrong is said */
    }
    fprintf(f, "check: %s\n", words[checked]);
    say_decisions(f, &run);
    signed_ = sign_off(c, run.project, run.plan, f);
    int code = signed_ == AS_EXIT_USAGE || checked == AS_EXIT_PASS ? signed_ : checked;
    fprintf(f, "gate: %s (exit code %d)\n", code == AS_EXIT_PASS ? "open" : "closed", code);
    return code;
}

const as_command as_command_gate = {
    .name = "gate",
    .usage = "[release.yaml]",
    .summary = "the verdict for a pipeline: check and sign-off in one",
    .detail = "Runs every rule of the release as `assay check` does, then checks the sign-offs "
              "as `assay verify` does where\n"
              "release.yaml says `sign_off: {required: true}`. The exit code is 0 only where "
              "both pass: 2 something could\n"
              "not be read, 3 incomplete, 1 blocking findings, 4 sign-off missing or stale; "
              "where several hold, the\n"
              "first of these. With --format and no --output, the verdicts go to standard "
              "error.",
    .options = options,
    .examples = "  assay gate my-release\n  assay gate my-release --no-ledger --format json "
                "--output assay.json\n",
    .max_args = 1,
    .run = run_gate,
};
