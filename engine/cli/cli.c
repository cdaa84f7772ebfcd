/* cli.c: parse the command line by the table of commands, and run one. Order: as_cli_main →
 * find_command → parse → command->run. Exit codes are those of DESIGN 5 under all flags. */
#include "cli/cli.h"
#include "base/text.h"

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#define AS_COMMAND(name) extern const as_command as_command_##name;
#include "cli/commands.def"
#undef AS_COMMAND

#define AS_COMMAND(name) &as_command_##name,
const as_command *const as_commands[] = {
#include "cli/commands.def"
};
#undef AS_COMMAND
const size_t as_command_count = sizeof as_commands / sizeof as_commands[0];

const as_option as_global_options[] = {
    {"jobs", 'j', "N",
     "Threads that work; results are the same with any number. Default: all cores."},
    {"color", 0, "WHEN",
     "always, never or auto (default: on a terminal, unless NO_COLOR is set)."},
    {"quiet", 'q', NULL, "Say nothing but what was asked for and what is wrong."},
    {"help", 'h', NULL, "Help for this command."},
    AS_OPTIONS_END,
};

/* ---- parsing ---- */

static const as_option *find_option(const as_command *k, as_str name, char letter)
{
    const as_option *lists[] = {k->options, as_global_options};
    for (size_t l = 0; l < 2; l++) {
        for (const as_option *o = lists[l]; o && o->name; o++) {
            if (letter ? o->letter == letter : as_str_eq(as_str_from(o->name), name)) {
                return o;
            }
        }
    }
    return NULL;
}

static int unknown_option(as_cli *c, const char *arg, as_str name)
{
    as_str names[128];
    size_t n = 0;
    for (const as_option *o = c->command->options; o && o->name && n < 100; o++) {
        names[n++] = as_str_from(o->name);
    }
    for (const as_option *o = as_global_options; o->name; o++) {
        names[n++] = as_str_from(o->name);
    }
    as_str near = as_text_nearest(name, names, n);
    return near.len
               ? as_cli_usage(c, "unknown option %s (did you mean --%.*s?)", arg, AS_FMT(near))
               : as_cli_usage(c, "unknown option %s", arg);
}

/* One option at argv[*i]; moves *i past its value. */
static int parse_option(as_cli *c, int argc, char **argv, int *i)
{
    const char *arg = argv[*i], *eq = arg[1] == '-' ? strchr(arg, '=') : NULL;
    as_str name = AS_NONE;
    if (arg[1] == '-') {
        name = (as_str){arg + 2, eq ? (size_t)(eq - arg - 2) : strlen(arg + 2)};
    }
    const as_option *o = find_option(c->command, name, arg[1] == '-' ? (char)0 : arg[1]);
    if (!o || (arg[1] != '-' && arg[2])) {
        return unknown_option(c, arg, name);
    }
    const char *value = "";
    if (o->arg) {
        value = eq ? eq + 1 : *i + 1 < argc ? argv[++*i] : NULL;
    } else if (eq) {
        return as_cli_usage(c, "--%s takes no value", o->name);
    }
    if (!value) {
        return as_cli_usage(c, "--%s needs a value (%s)", o->name, o->arg);
    }
    if (c->given_count == AS_ARGS_MAX) {
        return as_cli_usage(c, "more than %d options", AS_ARGS_MAX);
    }
    c->given[c->given_count].option = o;
    c->given[c->given_count++].value = value;
    return AS_EXIT_PASS;
}

static int parse(as_cli *c, int argc, char **argv)
{
    bool only_args = false;
    for (int i = 0; i < argc; i++) {
        if (!only_args && strcmp(argv[i], "--") == 0) {
            only_args = true;
        } else if (!only_args && argv[i][0] == '-' && argv[i][1]) {
            int code = parse_option(c, argc, argv, &i);
            if (code != AS_EXIT_PASS) {
                return code;
            }
        } else if (c->arg_count == AS_ARGS_MAX) {
            return as_cli_usage(c, "more than %d arguments", AS_ARGS_MAX);
        } else {
            c->args[c->arg_count++] = argv[i];
        }
    }
    return AS_EXIT_PASS;
}

const char *as_cli_option(const as_cli *c, const char *name)
{
    for (size_t i = c->given_count; i-- > 0;) {
        if (strcmp(c->given[i].option->name, name) == 0) {
            return c->given[i].value;
        }
    }
    return NULL;
}

size_t as_cli_list(const as_cli *c, const char *name, as_str **out)
{
    size_t count = 0, room = 1;
    for (size_t i = 0; i < c->given_count; i++) {
        room += strlen(c->given[i].value) + 1; /* no more parts than characters */
    }
    *out = AS_NEW_N(c->arena, as_str, room);
    for (size_t i = 0; *out && i < c->given_count; i++) {
        if (strcmp(c->given[i].option->name, name) != 0) {
            continue;
        }
        as_str rest = as_str_from(c->given[i].value);
        while (rest.len) {
            size_t comma = as_str_find(rest, AS_STR(","));
            size_t len = comma == (size_t)-1 ? rest.len : comma;
            if (len) {
                (*out)[count++] = as_str_sub(rest, 0, len);
            }
            rest = as_str_sub(rest, len + 1, rest.len);
        }
    }
    return count;
}

bool as_cli_number(const as_cli *c, const char *name, uint64_t max, uint64_t *out)
{
    const char *text = as_cli_option(c, name);
    int64_t n = 0;
    if (!text) {
        return true;
    }
    if (!as_str_to_i64(as_str_from(text), &n) || n < 0 || (uint64_t)n > max) {
        as_cli_usage(c, "--%s takes a whole number from 0 to %llu, not \"%s\"", name,
                     (unsigned long long)max, text);
        return false;
    }
    *out = (uint64_t)n;
    return true;
}

/* ---- commands ---- */

static const as_command *find_command(const char *name)
{
    for (size_t i = 0; i < as_command_count; i++) {
        if (strcmp(as_commands[i]->name, name) == 0) {
            return as_commands[i];
        }
    }
    return NULL;
}

static int unknown_command(const as_cli *c, const char *name)
{
    as_str names[64];
    size_t n = 0;
    for (; n < as_command_count && n < 64; n++) {
        names[n] = as_str_from(as_commands[n]->name);
    }
    as_str near = as_text_nearest(as_str_from(name), names, n);
    return near.len ? as_cli_usage(c, "there is no command `%s` (did you mean `%.*s`?)", name,
                                   AS_FMT(near))
                    : as_cli_usage(c, "there is no command `%s`", name);
}

static int set_color(as_cli *c)
{
    const char *when = as_cli_option(c, "color"), *no = getenv("NO_COLOR");
    bool forced = when && strcmp(when, "always") == 0,
         never = when && strcmp(when, "never") == 0;
    if (when && !forced && !never && strcmp(when, "auto") != 0) {
        return as_cli_usage(c, "--color takes always, never or auto, not \"%s\"", when);
    }
    bool off = never || (!forced && no && *no);
    c->color_out = forced || (!off && isatty(STDOUT_FILENO));
    c->color_err = forced || (!off && isatty(STDERR_FILENO));
    c->quiet = as_cli_option(c, "quiet") != NULL;
    return AS_EXIT_PASS;
}

static int run_command(as_cli *c, int argc, char **argv)
{
    int code = parse(c, argc, argv);
    if (code == AS_EXIT_PASS) {
        code = set_color(c);
    }
    if (code != AS_EXIT_PASS) {
        return code;
    }
    if (as_cli_option(c, "help")) {
        as_cli_help(stdout, c->command);
        return AS_EXIT_PASS;
    }
    if (c->arg_count < c->command->min_args) {
        return as_cli_usage(c, "`%s` needs an argument", c->command->name);
    }
    if (c->arg_count > c->command->max_args) {
        return as_cli_usage(c, "`%s` does not know what to do with \"%s\"", c->command->name,
                            c->args[c->command->max_args]);
    }
    return c->command->run(c);
}

/* What was written but never reached the disk or the pipe is not a success. */
static int flush(const as_cli *c, int code)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        as_cli_errorf(c, "could not write all of the output");
        return AS_EXIT_USAGE;
    }
    return code;
}

int as_cli_main(int argc, char **argv)
{
    static as_cli c; /* large; one a process */
    c = (as_cli){0};
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error with a sentence */
    if (argc < 2) {
        as_cli_help(stderr, NULL);
        return AS_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        as_cli_help(stdout, NULL);
        return flush(&c, AS_EXIT_PASS);
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("assay %s\n", ASSAY_VERSION);
        return flush(&c, AS_EXIT_PASS);
    }
    c.command = find_command(argv[1]);
    if (!c.command) {
        return unknown_command(&c, argv[1]);
    }
    c.arena = as_arena_open();
    if (!c.arena) {
        as_cli_errorf(&c, "out of memory");
        return AS_EXIT_USAGE;
    }
    as_diags_init(&c.diags, c.arena);
    int code = run_command(&c, argc - 2, argv + 2);
    as_arena_close(c.arena);
    return flush(&c, code);
}
