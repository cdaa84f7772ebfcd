/* cmd_check.c: run the rules of a release, write the ledger, print the summary. */
#include "cli/cli.h"

#include "base/alloc.h"

#include <pthread.h>

static const as_option options[] = {
    AS_OPTION_FORMAT,
    AS_OPTION_OUTPUT,
    {"only", 0, "ID…",
     "Evaluate these rules alone (ids or names, commas between); the others are off."},
    {"fail-on", 0, "S",
     "Severity from which findings block: error, warning or info. Default: the release's."},
    AS_OPTION_LIMIT,
    AS_OPTION_LEDGER,
    {"no-ledger", 0, NULL, "Do not keep this run."},
    {"timings", 0, NULL, "Show where the time went, on stderr."},
    AS_OPTIONS_FILTER,
    AS_OPTION_STEWARD,
    AS_OPTION_SORT,
    AS_OPTIONS_END,
};

static bool run_options(as_cli *c, const as_project *p, const as_plan *plan, as_run_options *o)
{
    uint64_t jobs = 0;
    const char *fail_on = as_cli_option(c, "fail-on");
    if (!as_cli_number(c, "jobs", 1024, &jobs) ||
        (fail_on && !as_cli_severity(c, fail_on, &o->fail_on))) {
        return false;
    }
    o->jobs = (unsigned)jobs;
    o->fail_on_set = fail_on != NULL;
    return as_cli_only(c, p, plan, &o->only, &o->only_count);
}

/* The report that was asked for; a summary for the person where the report went to a file. */
static int show(as_cli *c, as_ledger *l, const as_doc *doc, const as_format *format,
                as_report_options *o)
{
    const char *output = as_cli_option(c, "output");
    int code = as_cli_render(c, l, doc, format, output, o);
    const as_format *terminal = as_format_find(AS_STR("terminal"));
    if (code == AS_EXIT_PASS && output && terminal && !c->quiet) {
        o->filter = (as_finding_filter){0};
        code = as_cli_render(c, l, doc, terminal, NULL, o);
    }
    return code == AS_EXIT_PASS ? doc->exit_code : code;
}

/* The ledger, opened while the rules run: a new one waits for the disk several times. */
typedef struct opening {
    const char *path;
    as_ledger *ledger;
    as_code code;
    as_err err;
    bool begun, threaded;
    pthread_t thread;
} opening;

static void *open_ledger(void *arg)
{
    opening *o = arg;
    o->code = as_ledger_open(&o->ledger, o->path, &o->err);
    return NULL;
}

static void begin_opening(void *arg)
{
    opening *o = arg;
    o->begun = true;
    o->threaded = pthread_create(&o->thread, NULL, open_ledger, o) == 0;
    if (!o->threaded) {
        open_ledger(o);
    }
}

/* NULL: it could not be opened, or was not asked to be. */
static as_ledger *opened(opening *o)
{
    if (o->threaded) {
        pthread_join(o->thread, NULL);
    }
    o->threaded = false;
    return o->begun && o->code == AS_OK ? o->ledger : NULL;
}

static int store_and_show(as_cli *c, as_run *r, opening *ledger, as_ticker *ticker,
                          const as_format *format, as_report_options *o)
{
    as_ledger *l = opened(ledger);
    as_err e = ledger->err;
    as_code stored = ledger->code;
    if (stored == AS_OK) {
        stored = as_run_store(r, l, &e);
    }
    if (stored == AS_OK) {
        as_ledger_tidy(l);
    }
    as_run_release(r); /* also where nothing was stored */
    as_ticker_stop(ticker);
    o->pool = as_run_pool(r);
    if (stored != AS_OK) {
        as_cli_error(c, &e);
        as_cli_errorf(c, "the run was not kept, so it counts for nothing; --no-ledger checks "
                         "without keeping");
    }
    int code = stored == AS_OK ? show(c, l, as_run_doc(r), format, o) : AS_EXIT_USAGE;
    as_ledger_close(l);
    return code;
}

static void tell_gate(const as_doc *doc, as_cli_checked *out)
{
    out->accepted = doc->accepted;
    for (size_t i = 0; i < doc->decided_count; i++) {
        out->lapsing += as_str_eq(doc->decided[i].state, AS_STR("lapsing"));
        out->expired += as_str_eq(doc->decided[i].state, AS_STR("expired"));
    }
}

int as_cli_check(as_cli *c, as_cli_checked *out)
{
    const char *path = as_cli_release_path(c, 0), *name = as_cli_option(c, "format");
    const as_format *format = as_cli_format(c, name ? name : "terminal");
    as_project *p = NULL;
    as_plan *plan = NULL;
    as_run *r = NULL;
    as_run_options o = {0};
    as_report_options report;
    as_err e = {0};
    as_large_pages_ahead();
    if (!format || !as_cli_report_options(c, format, &report) ||
        as_cli_project(c, path, &p, &plan) != AS_EXIT_PASS || !run_options(c, p, plan, &o)) {
        return AS_EXIT_USAGE;
    }
    opening ledger = {.path = as_cli_option(c, "no-ledger") ? ":memory:"
                                                            : as_cli_ledger_path(c, p, path)};
    report.show_all_hint =
        as_arena_printf(c->arena, "assay findings --release %s --all", path).ptr;
    if (!as_cli_decisions(c, p, plan, as_cli_ledger_path(c, p, path), &o.decisions)) {
        return AS_EXIT_USAGE;
    }
    as_progress progress = {0};
    o.progress = &progress;
    o.read = begin_opening;
    o.read_arg = &ledger;
    as_ticker *ticker = as_ticker_start(c, &progress);
    as_code code = as_run_make(&r, plan, &o, &c->diags, &e);
    if (code != AS_OK && c->diags.errors == 0) {
        as_diags_error(&c->diags, &e);
    }
    if (code != AS_OK || c->diags.count) {
        as_ticker_stop(ticker);
    }
    as_cli_diags(c);
    if (code != AS_OK) {
        as_ledger_close(opened(&ledger));
        as_cli_errorf(c, "the inputs could not all be read; nothing was checked");
        return AS_EXIT_USAGE;
    }
    out->project = p;
    out->plan = plan;
    int result = store_and_show(c, r, &ledger, ticker, format, &report);
    if (as_cli_option(c, "timings")) {
        as_cli_timings(c, r);
    }
    tell_gate(as_run_doc(r), out);
    as_run_close(r);
    return result;
}

static int run_check(as_cli *c)
{
    as_cli_checked ignored = {0};
    return as_cli_check(c, &ignored);
}

const as_command as_command_check = {
    .name = "check",
    .usage = "[release.yaml]",
    .summary = "run the rules, write the ledger, print the summary",
    .detail = "Reads release.yaml (a file, or a folder that holds one), the packs and the "
              "extracts that it names,\n"
              "evaluates every rule once, writes the run to the ledger and prints what it "
              "found. The exit code says\n"
              "the verdict: 0 passed, 1 blocking findings, 2 something could not be read, 3 a "
              "rule could not be\n"
              "evaluated or looked at nothing.",
    .options = options,
    .examples =
        "  assay check\n  assay check fixtures/sample-release --only CSC-PLC-001 --all\n"
        "  assay check --format json --output findings.json\n",
    .max_args = 1,
    .run = run_check,
};
