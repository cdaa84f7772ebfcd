/* cmd_init.c: a first release.yaml and pack for files that nobody has described. */
#include "cli/cli.h"
#include "init/init.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static const as_option options[] = {
    {"output", 'o', "DIR",
     "The folder to write into; made where it is not there. Default: here."},
    {"pack", 'p', "NAME",
     "Name of the pack, which is written to rules/NAME. Default: the first table's name."},
    {"dry-run", 0, NULL, "Only say what was found; write nothing."},
    AS_OPTIONS_END,
};

static bool name_ok(const char *name)
{
    for (const char *c = name; *c; c++) {
        bool letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');
        bool digit = *c >= '0' && *c <= '9';
        if (!letter && (c == name || (!digit && *c != '_' && *c != '-')))
            return false;
    }
    return name[0] && strlen(name) <= 64;
}

/* --output, made where it is not there (*made). NULL: said on stderr. */
static const char *output_folder(const as_cli *c, bool *made)
{
    const char *folder = as_cli_option(c, "output");
    struct stat st;
    if (!folder) {
        return ".";
    }
    *made = !as_cli_option(c, "dry-run") && mkdir(folder, 0777) == 0;
    if (!as_cli_option(c, "dry-run") && !*made && errno != EEXIST) {
        as_err e = {0};
        as_fail_errno(&e, errno, folder);
        as_cli_error(c, &e);
        return NULL;
    }
    if (stat(folder, &st) == 0 && !S_ISDIR(st.st_mode)) {
        as_cli_errorf(c, "%s is a file, not a folder", folder);
        return NULL;
    }
    return folder;
}

static void say(const as_init *init, const char *folder, bool written)
{
    printf("%.*s", AS_FMT(init->summary));
    if (!written) {
        printf("\nNothing was written. It would be %zu files, release.yaml first.\n",
               init->count);
        return;
    }
    bool here = strcmp(folder, ".") == 0;
    printf("\nWritten: %zu files. Read them first; then:\n", init->count);
    static const char *const commands[] = {"check", "test", "lint"};
    for (size_t i = 0; i < 3; i++) {
        printf(here ? "  assay %s\n" : "  assay %s %s/release.yaml\n", commands[i], folder);
    }
}

static int run_init(as_cli *c)
{
    const char *pack = as_cli_option(c, "pack"), *folder;
    uint64_t jobs = 0;
    bool made = false;
    if (pack && !name_ok(pack)) {
        return as_cli_usage(
            c, "--pack takes letters, digits, - and _, a letter first; not \"%s\"", pack);
    }
    if (!as_cli_number(c, "jobs", 1024, &jobs) || !(folder = output_folder(c, &made))) {
        return AS_EXIT_USAGE;
    }
    as_init_options o = {.paths = c->args,
                         .count = c->arg_count,
                         .folder = folder,
                         .pack = as_str_from(pack),
                         .jobs = (unsigned)jobs};
    as_init init;
    as_err e = {0};
    bool write = as_cli_option(c, "dry-run") == NULL;
    as_code code = as_init_make(&init, &o, c->arena, &c->diags, &e);
    if (code != AS_OK && c->diags.errors == 0) {
        as_diags_error(&c->diags, &e);
    }
    if (code == AS_OK && write) {
        code = as_init_write(&init, folder, &c->diags, &e);
        as_cli_diags(c);
        if (code != AS_OK) {
            as_cli_error(c, &e);
        }
    } else {
        as_cli_diags(c);
    }
    if (code != AS_OK) {
        if (made) {
            rmdir(folder);
        }
        return AS_EXIT_USAGE;
    }
    if (!c->quiet) {
        say(&init, folder, write);
    }
    return AS_EXIT_PASS;
}

const as_command as_command_init = {
    .name = "init",
    .usage = "FILES…",
    .summary = "a first release.yaml, schemas and suggested rules from the files",
    .detail =
        "Reads all records of files that nobody has described, and writes release.yaml and a "
        "pack (rules/NAME) with\n"
        "a schema for each kind of file, code lists, and rules that hold today or nearly. "
        "Header, encoding,\n"
        "delimiter, types, date formats, null tokens and keys are guesses; comments in the "
        "files "
        "say so. Two files\n"
        "of the same shape (this year's and last year's) share a schema. Every suggested rule "
        "is a warning with\n"
        "made-up records that show what it finds. A file that is there is never overwritten.",
    .options = options,
    .examples = "  assay init extracts/*.csv\n"
                "  assay init census_2024.csv census_2023.csv --output census --pack census\n",
    .min_args = 1,
    .max_args = AS_ARGS_MAX,
    .run = run_init,
};
