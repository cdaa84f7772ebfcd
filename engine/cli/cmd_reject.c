/* cmd_reject.c: findings that are right: the records are to be corrected. */
#include "cli/decide.h"

static const as_option options[] = {AS_OPTION_REASON, AS_OPTION_AS, AS_OPTION_RELEASE,
                                    AS_OPTION_LEDGER, AS_OPTIONS_END};

static int run_reject(as_cli *c)
{
    as_decision d = {.kind = AS_DECIDE_REJECT};
    as_deciding x = {0};
    if (as_cli_deciding(c, &x, &d, true) != AS_EXIT_PASS ||
        as_cli_named(c, &x, &d, 0) != AS_EXIT_PASS) {
        return AS_EXIT_USAGE;
    }
    return as_cli_decide(c, &x, &d);
}

const as_command as_command_reject = {
    .name = "reject",
    .usage = "FINDING…",
    .summary = "say that findings are right and their records to be corrected",
    .detail = "The findings are right: the records are to be corrected. Ends what was accepted "
              "or proposed for them before,\n"
              "by condition or in decisions.yaml too. FINDING is as for `assay accept`.",
    .options = options,
    .examples = "  assay reject 4f1c09 --reason \"the register says 4 places\" --as "
                "second.analyst@example.org\n",
    .min_args = 1,
    .max_args = AS_ARGS_MAX,
    .run = run_reject,
};
