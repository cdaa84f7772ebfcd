/* cmd_findings.c: the findings of a stored run, one after the other, by rule, table, key,
 * severity or state. */
#include "cli/cli.h"

static const as_option options[] = {
    AS_OPTIONS_FILTER,
    AS_OPTION_STEWARD,
    AS_OPTION_SORT,
    {"run", 0, "RUN", "A number or a run id. Default: the last run."},
    {"count", 0, NULL, "Print only how many there are."},
    AS_OPTION_FORMAT,
    AS_OPTION_OUTPUT,
    AS_OPTION_LIMIT,
    AS_OPTION_RELEASE,
    AS_OPTION_LEDGER,
    AS_OPTIONS_END,
};

static as_code count_findings(as_ledger *l, uint64_t seq, const as_finding_filter *f,
                              uint64_t *n, as_err *e)
{
    as_finding_cursor *cursor = NULL;
    as_doc_finding finding;
    bool got = true;
    as_code code = as_ledger_findings(l, seq, f, &cursor, e);
    for (*n = 0; code == AS_OK && got; *n += got) {
        code = as_ledger_next(cursor, &finding, &got, e);
    }
    as_ledger_findings_close(cursor);
    return code;
}

static int print_count(as_cli *c, as_ledger *l, const as_doc *doc, as_finding_filter *f)
{
    uint64_t n = 0;
    as_err e = {0};
    if (!as_cli_filter_fits(c, doc, f)) {
        return AS_EXIT_USAGE;
    }
    if (count_findings(l, doc->seq, f, &n, &e) != AS_OK) {
        as_cli_error(c, &e);
        return AS_EXIT_USAGE;
    }
    printf("%llu\n", (unsigned long long)n);
    return AS_EXIT_PASS;
}

static int run_findings(as_cli *c)
{
    const char *run = as_cli_option(c, "run"), *name = as_cli_option(c, "format");
    const as_format *format = as_cli_format(c, name ? name : "terminal");
    as_report_options o;
    as_ledger *l = NULL;
    as_doc doc = {0};
    if (!format || !as_cli_report_options(c, format, &o)) {
        return AS_EXIT_USAGE;
    }
    if (c->arg_count) {
        o.filter.rule = as_str_from(c->args[0]);
    }
    if (o.per_rule == 0) {
        o.per_rule = UINT64_MAX; /* this command is the way to see all of them */
    }
    if (as_cli_stored_run(c, run ? run : "", &l, &doc) != AS_EXIT_PASS) {
        return AS_EXIT_USAGE;
    }
    o.show_all_hint = "assay findings --all";
    int code = as_cli_option(c, "count")
                   ? print_count(c, l, &doc, &o.filter)
                   : as_cli_render(c, l, &doc, format, as_cli_option(c, "output"), &o);
    as_ledger_close(l);
    return code;
}

const as_command as_command_findings = {
    .name = "findings",
    .usage = "[RULE]",
    .summary = "the findings of a stored run, all of them or by rule, table, key",
    .detail = "Every finding of the last run (or of --run), with its place and values. RULE is "
              "the same as --rule.",
    .options = options,
    .examples = "  assay findings CSC-PLC-001\n  assay findings --key SC001234 --format json\n"
                "  assay findings --severity error --count\n",
    .max_args = 1,
    .run = run_findings,
};
