/* cmd_help.c: help for a command, the list of formats, and the man page of a command. */
#include "cli/cli.h"
#include "input/input.h"

static const as_option options[] = {
    {"man", 0, NULL, "Print the command's man page (roff)."},
    {"page", 0, NULL, "Print the check kind's reference page (Markdown)."},
    AS_OPTIONS_END,
};

static int help_formats(void)
{
    for (size_t i = 0; i < as_format_count; i++) {
        printf("%-10s %s\n", as_formats[i]->name, as_formats[i]->summary);
    }
    return AS_EXIT_PASS;
}

static int help_inputs(void)
{
    for (size_t i = 0; i < as_reader_count; i++) {
        printf("%-10s %-16s %s\n", as_readers[i]->name, as_readers[i]->endings,
               as_readers[i]->summary);
    }
    return AS_EXIT_PASS;
}

static int kind_page(as_cli *c, const char *what)
{
    const as_check_kind *k = as_check_kind_find(as_str_from(what));
    if (!k) {
        return as_cli_usage(
            c, "there is no check kind \"%s\"; `assay rules --kinds` lists them", what);
    }
    as_cli_kind_page(stdout, k);
    return AS_EXIT_PASS;
}

static int run_help(as_cli *c)
{
    const char *what = c->arg_count ? c->args[0] : "";
    if (as_cli_option(c, "page")) {
        return kind_page(c, what);
    }
    if (!*what) {
        as_cli_help(stdout, NULL);
        return AS_EXIT_PASS;
    }
    if (strcmp(what, "formats") == 0) {
        return help_formats();
    }
    if (strcmp(what, "inputs") == 0) {
        return help_inputs();
    }
    for (size_t i = 0; i < as_command_count; i++) {
        if (strcmp(as_commands[i]->name, what) == 0) {
            if (as_cli_option(c, "man")) {
                as_cli_man_page(stdout, as_commands[i]);
            } else {
                as_cli_help(stdout, as_commands[i]);
            }
            return AS_EXIT_PASS;
        }
    }
    return as_cli_usage(c, "there is no help on \"%s\"", what);
}

const as_command as_command_help = {
    .name = "help",
    .usage = "[COMMAND | formats | inputs]",
    .summary = "help for a command; report formats; kinds of input",
    .detail = "The same as COMMAND --help; `help formats` lists the report formats, `help "
              "inputs` the files that can be read.",
    .options = options,
    .max_args = 1,
    .run = run_help,
};
