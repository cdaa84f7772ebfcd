/* decide.h (cli): what the commands that write decisions share: finding the findings, and
 * appending the event. */
#ifndef AS_CLI_DECIDE_H
#define AS_CLI_DECIDE_H

#include "cli/cli.h"

/* One finding that the command line names. */
typedef struct as_named {
    as_str fingerprint, rule;
    as_str sentence; /* without sensitive values */
} as_named;

/* The release whose findings are decided, and the last run of it. */
typedef struct as_deciding {
    as_project *project;
    as_plan *plan;
    const char *ledger;
    as_doc doc;
    as_named *named; /* of all findings, in the order of the arguments */
    size_t named_count;
} as_deciding;

/* Opens --release, reads --as and --reason into *d (`reason`: it must be given), resolves the
 * arguments from `first` on. AS_EXIT_PASS or AS_EXIT_USAGE (said). */
int as_cli_deciding(as_cli *c, as_deciding *x, as_decision *d, bool reason);
int as_cli_named(as_cli *c, as_deciding *x, as_decision *d, size_t first);
/* Appends the event, says what was kept. */
int as_cli_decide(as_cli *c, const as_deciding *x, as_decision *d);

#define AS_OPTION_AS                                                                           \
    {                                                                                          \
        "as", 0, "WHO", "Who decides: a name or an address. Required."                         \
    }
#define AS_OPTION_REASON                                                                       \
    {                                                                                          \
        "reason", 0, "TEXT", "Why. Required."                                                  \
    }

#endif
