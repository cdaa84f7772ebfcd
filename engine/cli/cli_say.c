/* cli_say.c: what a person reads of the command line itself: messages on stderr, and --help,
 * which comes from the table of commands (the man pages are made from the same text). */
#include "cli/cli.h"

#include <stdarg.h>

static const char *red(const as_cli *c)
{
    return c->color_err ? "\033[1;31m" : "";
}

static const char *plain(const as_cli *c)
{
    return c->color_err ? "\033[0m" : "";
}

void as_cli_errorf(const as_cli *c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fprintf(stderr, "%sassay:%s ", red(c), plain(c));
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
}

void as_cli_error(const as_cli *c, const as_err *e)
{
    char where[512];
    as_cli_errorf(c, "%s%s", as_span_text(e->at, where, sizeof where), e->text);
}

static void print_diag(const as_cli *c, const as_diag *d)
{
    static const char *const words[] = {"note", "warning", "error"};
    bool error = d->level == AS_DIAG_ERROR;
    char where[512];
    fprintf(stderr, "%s%s%s:%s %.*s\n", as_span_text(d->at, where, sizeof where),
            error ? red(c) : "", words[d->level], error ? plain(c) : "", AS_FMT(d->text));
    if (d->hint.len) {
        fprintf(stderr, "    %.*s\n", AS_FMT(d->hint));
    }
}

void as_cli_diags(as_cli *c)
{
    as_diags_sort(&c->diags);
    for (size_t i = 0; i < c->diags.count; i++) {
        if (!c->quiet || c->diags.items[i].level == AS_DIAG_ERROR) {
            print_diag(c, &c->diags.items[i]);
        }
    }
    if (c->diags.left_out) {
        as_cli_errorf(c, "%zu more problems are not shown; mend these first",
                      c->diags.left_out);
    }
}

int as_cli_usage(const as_cli *c, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    as_cli_errorf(c, "%s", text);
    if (c->command) {
        fprintf(stderr, "usage: assay %s %s\n       assay %s --help\n", c->command->name,
                c->command->usage, c->command->name);
    } else {
        fprintf(stderr, "usage: assay COMMAND …\n       assay --help\n");
    }
    return AS_EXIT_USAGE;
}

static void print_options(FILE *f, const as_option *o)
{
    for (; o && o->name; o++) {
        char left[64], letter[8] = "    ";
        if (o->letter) {
            snprintf(letter, sizeof letter, "-%c, ", o->letter);
        }
        snprintf(left, sizeof left, "%s--%s%s%s", letter, o->name, o->arg ? " " : "",
                 o->arg ? o->arg : "");
        fprintf(f, "  %-22s %s\n", left, o->text);
    }
}

static void overview(FILE *f)
{
    fprintf(f,
            "assay %s: checks extracted records before they are published\n\nusage: assay "
            "COMMAND …\n\n",
            ASSAY_VERSION);
    for (size_t i = 0; i < as_command_count; i++) {
        fprintf(f, "  %-16s %s\n", as_commands[i]->name, as_commands[i]->summary);
    }
    fprintf(
        f,
        "\n  assay COMMAND --help   what a command does, its options, examples\n"
        "  assay --version\n\nExit codes, the same under all flags:\n"
        "  0 passed · 1 blocking findings · 2 usage, configuration or input error\n"
        "  3 incomplete (a rule errored or looked at nothing) · 4 sign-off missing or stale\n");
}

void as_cli_help(FILE *f, const as_command *k)
{
    if (!k) {
        overview(f);
        return;
    }
    fprintf(f, "assay %s: %s\n\nusage: assay %s %s\n\n%s\n\nOptions:\n", k->name, k->summary,
            k->name, k->usage, k->detail);
    print_options(f, k->options);
    print_options(f, as_global_options);
    if (k->examples) {
        fprintf(f, "\nExamples:\n%s", k->examples);
    }
}
