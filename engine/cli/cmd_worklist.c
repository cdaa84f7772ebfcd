/* cmd_worklist.c: records to correct, for the steward who can correct them. */
#include "base/limits.h"
#include "base/text.h"
#include "cli/cli.h"
#include "reports/text.h"
#include "worklist/worklist.h"

static const as_option options[] = {
    {"steward", 's', "NAME",
     "Only what this steward corrects. Default: everything, a sheet for each steward."},
    {"output", 'o', "FILE", "The file to write: its ending, .xlsx, .ods or .csv, says what."},
    {"run", 0, "RUN", "A number or a run id. Default: the last run."},
    {"as", 0, "WHO", "import: who filled the list in, such as a steward's address."},
    {"strict", 0, NULL, "import: record nothing where any row cannot be."},
    AS_OPTIONS_FILTER,
    AS_OPTION_RELEASE,
    AS_OPTION_LEDGER,
    AS_OPTIONS_END,
};

/* ---- out ---- */

static as_code write_bytes(void *arg, as_out out, as_err *e)
{
    return out.write(out.arg, as_buf_str(arg), e);
}

static const char *rows_word(size_t n)
{
    return n == 1 ? "row" : "rows";
}

static void say(const as_cli *c, const as_worklist *w, as_str steward, uint64_t cut)
{
    if (cut) {
        as_cli_errorf(c,
                      "%llu %s longer than a spreadsheet holds (%d characters) and end in "
                      "\"…\"; CSV has them whole",
                      (unsigned long long)cut, cut == 1 ? "cell is" : "cells are",
                      AS_SHEET_CELL_MAX);
    }
    if (c->quiet) {
        return;
    }
    printf("%zu %s for %.*s", w->count, rows_word(w->count),
           AS_FMT(steward.len ? steward : AS_STR("all stewards")));
    if (w->accepted) {
        printf(", %llu accepted left out", (unsigned long long)w->accepted);
    }
    printf("\n");
    for (size_t i = 0; w->sheet_count > 1 && i < w->sheet_count; i++) {
        printf("  %zu %s in \"%.*s\"\n", w->sheets[i].count, rows_word(w->sheets[i].count),
               AS_FMT(w->sheets[i].name));
    }
}

static int write_list(as_cli *c, as_ledger *l, const as_doc *doc, const char *output,
                      as_wl_format format)
{
    as_report_options o;
    as_worklist w = {0};
    as_buf bytes = AS_BUF(AS_REPORT_MAX);
    as_err e = {0};
    uint64_t cut = 0;
    as_str steward = as_str_from(as_cli_option(c, "steward"));
    if (!as_cli_report_options(c, as_cli_format(c, "terminal"), &o) ||
        !as_cli_filter_fits(c, doc, &o.filter)) {
        return AS_EXIT_USAGE;
    }
    as_code code =
        as_worklist_make(&w, l, doc, &o.filter, false, AS_SHEET_ROWS_MAX, c->arena, &e);
    if (code == AS_OK) {
        code = as_worklist_write(&w, format, &bytes, &cut, &e);
    }
    if (code == AS_OK) {
        code = as_cli_write(c, output, write_bytes, &bytes, &e);
    }
    if (code == AS_OK) {
        say(c, &w, steward, cut);
    } else {
        as_cli_error(c, &e);
    }
    as_buf_free(&bytes);
    as_worklist_close(&w);
    return code == AS_OK ? AS_EXIT_PASS : AS_EXIT_USAGE;
}

/* ---- back ---- */

static void say_problems(const as_cli *c, const as_import *in, const char *path)
{
    as_buf line = AS_BUF(AS_FIELD_MAX);
    for (size_t i = 0; i < in->problem_count; i++) {
        const as_import_problem *p = &in->problems[i];
        as_buf_clear(&line);
        if (p->sheet.len) {
            as_buf_add(&line, AS_STR("sheet \""));
            as_text_visible(&line, p->sheet, false);
            as_buf_add(&line, AS_STR("\", "));
        }
        as_buf_addf(&line, "row %u: ", p->row);
        as_text_visible(&line, p->text, true);
        as_cli_errorf(c, "%s: %.*s", path, AS_FMT(as_buf_str(&line)));
    }
    as_buf_free(&line);
}

static void say_import(const as_import *in, bool recorded)
{
    const unsigned long long n[] = {in->made[0], in->made[1], in->made[2]};
    printf("%s: %llu claimed corrected, %llu proposed for acceptance, %llu %s",
           recorded ? "recorded" : "not recorded (--strict)", n[0], n[1], n[2],
           n[2] == 1 ? "query" : "queries");
    if (in->already) {
        printf("; %llu recorded before", (unsigned long long)in->already);
    }
    printf("; %llu %s not answered", (unsigned long long)in->unanswered,
           rows_word(in->unanswered));
    if (in->problem_count) {
        printf("; %zu %s cannot be recorded", in->problem_count, rows_word(in->problem_count));
    }
    printf("\n");
}

typedef struct recording {
    as_import *in;
    as_arena *arena;
} recording;

/* Another import may have come first since the list was read. */
static as_code still_new(void *arg, as_ledger *l, as_event_list *out, as_err *e)
{
    recording *r = arg;
    as_code code = as_import_drop_known(r->in, l, r->arena, e);
    *out = (as_event_list){r->in->events, r->in->event_count};
    return code;
}

static as_code record(as_cli *c, as_import *in, as_err *e)
{
    as_ledger *l = NULL;
    as_code code = as_ledger_open(&l, c->ledger_path, e);
    if (code == AS_OK) {
        code = as_ledger_events_make(l, still_new, &(recording){in, c->arena}, c->arena, e);
    }
    as_ledger_close(l);
    return code;
}

static as_code read_list(as_cli *c, as_import *in, as_err *e)
{
    const char *run = as_cli_option(c, "run");
    as_ledger *l = NULL;
    as_doc doc = {0};
    as_worklist known = {0};
    if (as_cli_stored_run(c, run ? run : "", &l, &doc) != AS_EXIT_PASS) {
        return AS_ELEDGER; /* said already */
    }
    as_code code =
        as_worklist_make(&known, l, &doc, NULL, true, AS_SHEET_ROWS_MAX, c->arena, e);
    if (code == AS_OK) {
        code = as_import_read(in, &known, l, c->args[1], as_str_from(as_cli_option(c, "as")),
                              c->arena, e);
    }
    if (code != AS_OK) {
        as_cli_error(c, e);
    }
    as_worklist_close(&known);
    as_ledger_close(l);
    return code;
}

/* An option of the other direction would be passed over in silence. NULL: there is none. */
static const char *misplaced(const as_cli *c, bool import)
{
    static const char *const out[] = {"output", "steward",  "rule",  "table",
                                      "key",    "severity", "state", NULL};
    static const char *const back[] = {"as", "strict", NULL};
    for (const char *const *name = import ? out : back; *name; name++) {
        if (as_cli_option(c, *name)) {
            return *name;
        }
    }
    return NULL;
}

static int run_import(as_cli *c)
{
    const char *who = as_cli_option(c, "as");
    as_import in = {0};
    as_err e = {0};
    if (misplaced(c, true)) {
        return as_cli_usage(c, "--%s is not for `worklist import`", misplaced(c, true));
    }
    if (c->arg_count < 2) {
        return as_cli_usage(c, "`worklist import` needs the file that came back");
    }
    if (!who || !*who) {
        return as_cli_usage(c, "`worklist import` needs --as WHO: who filled the list in");
    }
    if (read_list(c, &in, &e) != AS_OK) {
        return AS_EXIT_USAGE;
    }
    say_problems(c, &in, c->args[1]);
    bool recorded = in.problem_count == 0 || !as_cli_option(c, "strict");
    if (recorded && in.event_count && record(c, &in, &e) != AS_OK) {
        as_cli_error(c, &e);
        return AS_EXIT_USAGE;
    }
    if (!c->quiet) {
        say_import(&in, recorded);
    }
    return in.problem_count ? AS_EXIT_FINDINGS : AS_EXIT_PASS;
}

static int run_worklist(as_cli *c)
{
    if (c->arg_count && strcmp(c->args[0], "import") == 0) {
        return run_import(c);
    }
    if (c->arg_count) {
        return as_cli_usage(
            c, "`worklist` does not know what to do with \"%s\"%s", c->args[0],
            as_text_nearest(as_str_from(c->args[0]), &(as_str){"import", 6}, 1).len
                ? " (did you mean import?)"
                : "");
    }
    const char *output = as_cli_option(c, "output"), *run = as_cli_option(c, "run");
    as_wl_format format;
    as_ledger *l = NULL;
    as_doc doc = {0};
    if (misplaced(c, false)) {
        return as_cli_usage(c, "--%s is for `worklist import`", misplaced(c, false));
    }
    if (!output) {
        return as_cli_usage(c, "a worklist shows sensitive values and is not for a terminal: "
                               "add --output FILE.xlsx");
    }
    if (!as_worklist_format(output, &format)) {
        return as_cli_usage(c, "%s: a worklist is written as .xlsx, .ods or .csv", output);
    }
    if (as_cli_stored_run(c, run ? run : "", &l, &doc) != AS_EXIT_PASS) {
        return AS_EXIT_USAGE;
    }
    int code = write_list(c, l, &doc, output, format);
    as_ledger_close(l);
    return code;
}

const as_command as_command_worklist = {
    .name = "worklist",
    .usage = "--output FILE\n       assay worklist import FILE --as WHO",
    .summary = "the records to correct, for their steward; and back again",
    .detail =
        "One row for each record and field to correct: key, field, value, what was expected, "
        "why, since when. The steward\n"
        "fills in Answer (corrected, not an error, query), Comment and Date. Findings that "
        "were accepted are left out.\n"
        "Unlike every report it shows sensitive values, for whoever corrects a name must see "
        "it.\n\n"
        "import takes the list back, also sorted otherwise, with rows deleted or columns "
        "added, under another name, or\n"
        "saved by another program. Rows are known again by their fingerprint, else by rule, "
        "key and field. `corrected`\n"
        "is recorded as a claim, `not an error` as a proposal that the second analyst decides "
        "on. Rows that cannot be\n"
        "recorded are named with their number: exit code 1. The same list again records "
        "nothing new.",
    .options = options,
    .examples = "  assay worklist --steward registration --output registration.xlsx\n"
                "  assay worklist --severity error --output errors.csv\n"
                "  assay worklist import registration.xlsx --as registration@example.org\n",
    .max_args = 2,
    .run = run_worklist,
};
