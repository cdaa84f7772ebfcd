/* cmd_report.c: render a stored run again, in any format. */
#include "cli/cli.h"

static const as_option options[] = {
    AS_OPTION_FORMAT,  AS_OPTION_OUTPUT,  AS_OPTION_LIMIT, AS_OPTION_RELEASE, AS_OPTION_LEDGER,
    AS_OPTIONS_FILTER, AS_OPTION_STEWARD, AS_OPTION_SORT,  AS_OPTIONS_END,
};

static int run_report(as_cli *c)
{
    const char *name = as_cli_option(c, "format");
    const as_format *format = as_cli_format(c, name ? name : "terminal");
    as_report_options o;
    as_ledger *l = NULL;
    as_doc doc = {0};
    if (!format || !as_cli_report_options(c, format, &o) ||
        as_cli_stored_run(c, c->arg_count ? c->args[0] : "", &l, &doc) != AS_EXIT_PASS) {
        return AS_EXIT_USAGE;
    }
    o.show_all_hint = "assay report --all";
    int code = as_cli_render(c, l, &doc, format, as_cli_option(c, "output"), &o);
    as_ledger_close(l);
    return code;
}

const as_command as_command_report = {
    .name = "report",
    .usage = "[RUN]",
    .summary = "render a stored run again, in any format",
    .detail = "RUN is a number or a run id (`assay runs` lists them); without it, the last "
              "run. The report has the same\n"
              "bytes as when the run was made. The exit code is 0 when the report was written, "
              "whatever it says.",
    .options = options,
    .examples = "  assay report --format csv --output findings.csv\n  assay report 3 --all\n",
    .max_args = 1,
    .run = run_report,
};
