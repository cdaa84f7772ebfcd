/* cmd_claim_corrected.c: a steward says that records were corrected; the next extracts tell. */
#include "cli/decide.h"

static const as_option options[] = {{"note", 0, "TEXT", "What was done."},
                                    AS_OPTION_AS,
                                    AS_OPTION_RELEASE,
                                    AS_OPTION_LEDGER,
                                    AS_OPTIONS_END};

static int run_claim(as_cli *c)
{
    as_decision d = {.kind = AS_DECIDE_CLAIM};
    as_deciding x = {0};
    if (as_cli_deciding(c, &x, &d, false) != AS_EXIT_PASS ||
        as_cli_named(c, &x, &d, 0) != AS_EXIT_PASS) {
        return AS_EXIT_USAGE;
    }
    return as_cli_decide(c, &x, &d);
}

const as_command as_command_claim_corrected = {
    .name = "claim-corrected",
    .usage = "FINDING…",
    .summary = "say that the records of findings were corrected",
    .detail = "A steward says that the records were corrected in the register. Nothing counts "
              "less for it: the next run of\n"
              "other extracts says of each whether it is fixed or still there. FINDING is as "
              "for `assay accept`.",
    .options = options,
    .examples = "  assay claim-corrected 4f1c09 --note \"places entered\" --as "
                "registration@example.org\n",
    .min_args = 1,
    .max_args = AS_ARGS_MAX,
    .run = run_claim,
};
