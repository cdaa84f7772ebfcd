/* cli_docs.c: pages made from the tables in the program: a Markdown page for each check kind
 * (docs/checks), a man page for each command (docs/man). scripts/docs writes them; a test
 * compares them with what the program says. */
#include "cli/cli.h"

void as_cli_kind_page(FILE *f, const as_check_kind *k)
{
    fprintf(f, "<!-- Made by scripts/docs from the kind's descriptor in engine/check. -->\n\n");
    fprintf(f, "# %s\n\n", k->name);
    fprintf(f, "%c%s.\n\n%s\n",
            k->summary[0] >= 'a' && k->summary[0] <= 'z' ? k->summary[0] - 32 : k->summary[0],
            k->summary + 1, k->detail ? k->detail : "");
    if (k->params && k->params->name) {
        fprintf(f, "\n| key | type | required | meaning |\n|---|---|---|---|\n");
    }
    for (const as_param_doc *p = k->params; p && p->name; p++) {
        fprintf(f, "| %s%s%s | ", p->name[0] ? "`" : "", p->name[0] ? p->name : "(itself)",
                p->name[0] ? "`" : "");
        for (const char *t = p->type; *t; t++) {
            fprintf(f, *t == '|' ? "\\%c" : "%c", *t);
        }
        fprintf(f, " | %s | %s |\n", p->required ? "yes" : "", p->text);
    }
    if (k->example && *k->example) {
        fprintf(f, "\n## Example\n\n```yaml\n%s%s```\n", k->example,
                k->example[strlen(k->example) - 1] == '\n' ? "" : "\n");
    }
}

/* roff takes a leading dot or quote as a request and a backslash as an escape. */
static void roff(FILE *f, const char *text)
{
    bool start = true;
    for (; *text; text++) {
        if (start && (*text == '.' || *text == '\'')) {
            fputs("\\&", f);
        }
        if (*text == '\\') {
            fputs("\\e", f);
        } else if (*text == '-') {
            fputs("\\-", f);
        } else {
            fputc(*text, f);
        }
        start = *text == '\n';
    }
}

static void man_options(FILE *f, const as_option *o)
{
    for (; o && o->name; o++) {
        fprintf(f, ".TP\n");
        if (o->letter) {
            fprintf(f, "\\fB\\-%c\\fR, ", o->letter);
        }
        fprintf(f, "\\fB\\-\\-");
        roff(f, o->name);
        fprintf(f, "\\fR%s%s\n", o->arg ? " " : "", o->arg ? o->arg : "");
        roff(f, o->text);
        fputc('\n', f);
    }
}

void as_cli_man_page(FILE *f, const as_command *k)
{
    fprintf(f, ".\\\" Made by scripts/docs from engine/cli/cmd_%s.c: change it there.\n",
            k->name);
    fprintf(f, ".TH ASSAY\\-%s 1 \"\" \"assay %s\"\n.SH NAME\nassay\\-%s \\- ", k->name,
            ASSAY_VERSION, k->name);
    roff(f, k->summary);
    fprintf(f, "\n.SH SYNOPSIS\n\\fBassay %s\\fR ", k->name);
    roff(f, k->usage);
    fprintf(f, "\n.SH DESCRIPTION\n");
    roff(f, k->detail);
    fprintf(f, "\n.SH OPTIONS\n");
    man_options(f, k->options);
    man_options(f, as_global_options);
    if (k->examples) {
        fprintf(f, ".SH EXAMPLES\n.nf\n");
        roff(f, k->examples);
        fprintf(f, ".fi\n");
    }
    fprintf(
        f,
        ".SH EXIT STATUS\n0 passed, 1 blocking findings, 2 usage, configuration or input "
        "error,\n"
        "3 incomplete (a rule errored or looked at nothing), 4 sign\\-off missing or stale.\n");
}
