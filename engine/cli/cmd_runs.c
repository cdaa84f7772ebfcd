/* cmd_runs.c: the runs that the ledger keeps. */
#include "cli/cli.h"

static const as_option options[] = {AS_OPTION_RELEASE, AS_OPTION_LEDGER, AS_OPTIONS_END};

static int run_runs(as_cli *c)
{
    as_ledger *l = NULL;
    as_doc last = {0};
    as_doc_list list = {0};
    as_err e = {0};
    if (as_cli_stored_run(c, "", &l, &last) != AS_EXIT_PASS) {
        return AS_EXIT_USAGE;
    }
    as_code code = as_ledger_runs(l, c->arena, &list, &e);
    if (code == AS_OK) {
        printf("%5s  %-12s  %-20s  %-10s  %10s  %s\n", "run", "id", "started", "verdict",
               "findings", "release");
        for (size_t i = 0; i < list.count; i++) {
            const as_doc *d = &list.items[i];
            printf("%5llu  %-12.*s  %-20.*s  %-10.*s  %10llu  %.*s\n",
                   (unsigned long long)d->seq, AS_FMT(d->run), AS_FMT(d->started),
                   AS_FMT(d->verdict), (unsigned long long)d->findings, AS_FMT(d->release));
        }
    } else {
        as_cli_error(c, &e);
    }
    as_ledger_close(l);
    return code == AS_OK ? AS_EXIT_PASS : AS_EXIT_USAGE;
}

const as_command as_command_runs = {
    .name = "runs",
    .usage = "",
    .summary = "the runs that the ledger keeps",
    .detail = "One line a run, oldest first: its number, its id (the same inputs, rules and "
              "tool have the same id),\n"
              "when it was made, its verdict.",
    .options = options,
    .run = run_runs,
};
