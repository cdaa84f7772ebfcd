/* cli.h: the command line: a table of commands and options from which parsing, --help and the
 * man pages come. */
#ifndef AS_CLI_CLI_H
#define AS_CLI_CLI_H

#include "reports/report.h"
#include "run/run.h"

#include <stdio.h>

/* Exit codes, the same under all flags (DESIGN 5). */
enum {
    AS_EXIT_PASS = 0,
    AS_EXIT_FINDINGS = 1,
    AS_EXIT_USAGE = 2,
    AS_EXIT_INCOMPLETE = 3,
    AS_EXIT_SIGN_OFF = 4
};

typedef struct as_option {
    const char *name; /* without -- */
    char letter;      /* or 0 */
    const char *arg;  /* "N", or NULL for a switch */
    const char *text; /* one sentence */
} as_option;

#define AS_ARGS_MAX 512

typedef struct as_cli as_cli;

typedef struct as_command {
    const char *name;
    const char *usage;        /* "[release.yaml]" */
    const char *summary;      /* one line */
    const char *detail;       /* paragraphs for --help and the man page */
    const as_option *options; /* ends with a NULL name */
    const char *examples;
    unsigned min_args, max_args;
    int (*run)(as_cli *c);
} as_command;

struct as_cli {
    const as_command *command;
    as_arena *arena;
    as_diags diags;
    const char *args[AS_ARGS_MAX];
    size_t arg_count;
    struct {
        const as_option *option;
        const char *value;
    } given[AS_ARGS_MAX];
    size_t given_count;
    bool color_out, color_err, quiet;
    const char *ledger_path; /* of the ledger that as_cli_stored_run opened */
};

extern const as_command *const as_commands[];
extern const size_t as_command_count;
extern const as_option as_global_options[];

int as_cli_main(int argc, char **argv);

/* Last value given, or NULL. A switch gives "". */
const char *as_cli_option(const as_cli *c, const char *name);
/* All values of a repeated option, commas split. */
size_t as_cli_list(const as_cli *c, const char *name, as_str **out);
/* A whole number; false: said on stderr. *out stays where the option is not given. */
bool as_cli_number(const as_cli *c, const char *name, uint64_t max, uint64_t *out);

/* Messages on stderr, coloured where that is a terminal. */
void as_cli_error(const as_cli *c, const as_err *e);
void as_cli_errorf(const as_cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* All collected problems, sorted; then how many. */
void as_cli_diags(as_cli *c);
/* Says it and how to get help; returns AS_EXIT_USAGE. */
int as_cli_usage(const as_cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void as_cli_help(FILE *f, const as_command *command); /* NULL: the overview */

/* Pages for docs/checks and docs/man: cli_docs.c. */
void as_cli_kind_page(FILE *f, const as_check_kind *kind);
void as_cli_man_page(FILE *f, const as_command *command);

/* ---- cli_progress.c ---- */

/* A line on a terminal for whatever takes over a second; NULL: none is wanted or possible. */
typedef struct as_ticker as_ticker;
as_ticker *as_ticker_start(const as_cli *c, as_progress *progress);
void as_ticker_stop(as_ticker *t); /* NULL is fine; once more does nothing */
/* Where the time of a run went, on stderr. */
void as_cli_timings(const as_cli *c, const as_run *r);

/* ---- shared by commands: cli_project.c ---- */

/* The release that args[at] names: a file, or a folder with release.yaml in it; default
 * ./release.yaml. */
const char *as_cli_release_path(as_cli *c, size_t at);
/* The same for a path from elsewhere; NULL: ./release.yaml. */
const char *as_cli_release_at(as_cli *c, const char *path);
/* Open and plan; problems are said. AS_EXIT_PASS or AS_EXIT_USAGE. */
int as_cli_project(as_cli *c, const char *path, as_project **project, as_plan **plan);
/* args[0] is a pack folder, a release, or not there (then what the present folder holds). */
int as_cli_pack_or_release(as_cli *c, as_project **project, as_plan **plan);
/* What was decided of the release's findings, in decisions.yaml and in the ledger where there
 * is one. False: said on stderr. */
bool as_cli_decisions(as_cli *c, const as_project *p, const as_plan *plan, const char *ledger,
                      as_decisions **out);
/* --ledger, else the release's, else .assay/ledger.db beside release.yaml. */
const char *as_cli_ledger_path(as_cli *c, const as_project *project, const char *release_path);
/* The ledger of the release that --release names. */
const char *as_cli_ledger_of(as_cli *c);
/* Open the ledger of the release that --release names, and read the run `which` ("" = the
 * last). */
int as_cli_stored_run(as_cli *c, const char *which, as_ledger **l, as_doc *doc);

/* Is there such a format? Said on stderr where not, with the nearest name. */
const as_format *as_cli_format(const as_cli *c, const char *name);
/* Write a stored run to `output` (NULL: standard output). */
int as_cli_render(as_cli *c, as_ledger *l, const as_doc *doc, const as_format *format,
                  const char *output, const as_report_options *o);
/* What `fill` writes, into `output` (whole or not at all) or to standard output (NULL). */
typedef as_code (*as_cli_fill)(void *arg, as_out out, as_err *e);
as_code as_cli_write(as_cli *c, const char *output, as_cli_fill fill, void *arg, as_err *e);
/* The rules that --only names; false: said on stderr. */
bool as_cli_only(as_cli *c, const as_project *p, const as_plan *plan, const as_str **only,
                 size_t *count);
/* Report options from --rule --table --key --severity --state --limit --all and the terminal.
 */
bool as_cli_report_options(as_cli *c, const as_format *format, as_report_options *o);
/* Does the run know the rule (id or name; a name becomes the id), table and state that the
 * filter asks for? A misspelt one would select nothing and read as "no findings". False: said
 * on stderr. */
bool as_cli_filter_fits(const as_cli *c, const as_doc *doc, as_finding_filter *f);
/* Of the terminal; 0: standard output is none. */
unsigned as_cli_width(void);
/* A severity by its name; false: said on stderr. */
bool as_cli_severity(const as_cli *c, const char *text, as_severity *out);

/* What `check` leaves for `gate`. */
typedef struct as_cli_checked {
    as_project *project; /* NULL: nothing was checked */
    as_plan *plan;
    uint64_t accepted, lapsing, expired; /* findings; acceptances; acceptances */
} as_cli_checked;
/* All that `check` does with args[0] and the options given; its exit code. (cmd_check.c) */
int as_cli_check(as_cli *c, as_cli_checked *out);

#define AS_OPTIONS_FILTER                                                                      \
    {"rule", 0, "ID", "Only findings of this rule."},                                          \
        {"table", 0, "NAME", "Only findings in this table."},                                  \
        {"key", 0, "KEY", "Only findings of the record with this key."},                       \
        {"severity", 0, "S", "Only findings of severity error, warning or info."},             \
    {                                                                                          \
        "state", 0, "S", "Only findings that are new, open or reopened since the run before."  \
    }
#define AS_OPTION_STEWARD                                                                      \
    {                                                                                          \
        "steward", 's', "NAME", "Only findings that this steward corrects."                    \
    }
#define AS_OPTION_SORT                                                                         \
    {                                                                                          \
        "sort", 0, "moves",                                                                    \
            "First the findings that move most published figures, across all rules."           \
    }
#define AS_OPTION_LEDGER                                                                       \
    {                                                                                          \
        "ledger", 0, "FILE",                                                                   \
            "The ledger to use. Default: .assay/ledger.db beside release.yaml."                \
    }
#define AS_OPTION_RELEASE                                                                      \
    {                                                                                          \
        "release", 'r', "FILE",                                                                \
            "The release whose ledger is read. Default: release.yaml here."                    \
    }
#define AS_OPTION_FORMAT                                                                       \
    {                                                                                          \
        "format", 'f', "F",                                                                    \
            "How to write it; `assay help formats` lists them. Default: terminal."             \
    }
#define AS_OPTION_OUTPUT                                                                       \
    {                                                                                          \
        "output", 'o', "FILE", "Write the report to FILE."                                     \
    }
#define AS_OPTION_LIMIT                                                                        \
    {"limit", 'n', "N",                                                                        \
     "Findings to show of each rule (on a terminal 5; CSV and JSON have all); --all for "      \
     "all."},                                                                                  \
        {"columns", 0, "NAME…",                                                                \
         "Only these columns of the CSV report, in this order, commas between."},              \
    {                                                                                          \
        "all", 'a', NULL, "Show every finding."                                                \
    }
#define AS_OPTIONS_END                                                                         \
    {                                                                                          \
        NULL, 0, NULL, NULL                                                                    \
    }

#endif
