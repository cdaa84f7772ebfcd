/* cli_project.c: what several commands share: finding the release, opening and planning it, the
 * ledger's place, rendering to a file or to standard output. */
#include "base/text.h"
#include "cli/cli.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Findings from which it is worth it to start threads for a report. */
enum { SIDE_BY_SIDE = 4096 };

typedef enum path_kind { PATH_NONE, PATH_FILE, PATH_FOLDER, PATH_OTHER } path_kind;

static path_kind kind_of(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return PATH_NONE;
    }
    return S_ISREG(st.st_mode) ? PATH_FILE : S_ISDIR(st.st_mode) ? PATH_FOLDER : PATH_OTHER;
}

static const char *inside(as_cli *c, const char *folder, const char *name)
{
    size_t len = strlen(folder);
    return as_arena_printf(c->arena, "%s%s%s", folder, len && folder[len - 1] == '/' ? "" : "/",
                           name)
        .ptr;
}

const char *as_cli_release_at(as_cli *c, const char *path)
{
    if (!path) {
        return "release.yaml";
    }
    return kind_of(path) == PATH_FOLDER ? inside(c, path, "release.yaml") : path;
}

const char *as_cli_release_path(as_cli *c, size_t at)
{
    return as_cli_release_at(c, at < c->arg_count ? c->args[at] : NULL);
}

/* After opening: bind the rules, then say all that is wrong. */
static int plan_project(as_cli *c, as_code opened, as_err *e, as_project *p, as_plan **plan)
{
    if (opened == AS_OK && p) { /* also after errors: what is wrong in rules is told at once */
        opened = as_plan_make(plan, p, c->arena, &c->diags, e);
    }
    if (opened != AS_OK && c->diags.errors == 0) {
        as_diags_error(&c->diags, e);
    }
    as_cli_diags(c);
    if (c->diags.errors) {
        as_cli_errorf(c, "%zu %s; nothing was checked", c->diags.errors,
                      c->diags.errors == 1 ? "error" : "errors");
        return AS_EXIT_USAGE;
    }
    c->diags.count = 0;
    return AS_EXIT_PASS;
}

int as_cli_project(as_cli *c, const char *path, as_project **project, as_plan **plan)
{
    as_err e = {0};
    as_code code = as_project_open(project, c->arena, path, as_check_names(), &c->diags, &e);
    return plan_project(c, code, &e, *project, plan);
}

int as_cli_pack_or_release(as_cli *c, as_project **project, as_plan **plan)
{
    const char *folder = c->arg_count ? c->args[0] : ".";
    if (kind_of(inside(c, folder, "pack.yaml")) == PATH_NONE) {
        return as_cli_project(c, as_cli_release_path(c, 0), project, plan);
    }
    as_err e = {0};
    as_code code =
        as_project_open_pack(project, c->arena, folder, as_check_names(), &c->diags, &e);
    return plan_project(c, code, &e, *project, plan);
}

const char *as_cli_ledger_path(as_cli *c, const as_project *p, const char *release_path)
{
    const char *given = as_cli_option(c, "ledger"), *slash = strrchr(release_path, '/');
    if (given) {
        return given;
    }
    as_str rel = p && p->ledger.len ? p->ledger : AS_STR(".assay/ledger.db");
    if (rel.ptr[0] == '/') {
        return rel.ptr;
    }
    int folder = slash ? (int)(slash - release_path + 1) : 0;
    return as_arena_printf(c->arena, "%.*s%.*s", folder, release_path, AS_FMT(rel)).ptr;
}

static const as_rule *rule_of(const void *plan, as_str id)
{
    return as_plan_rule(plan, id);
}

bool as_cli_decisions(as_cli *c, const as_project *p, const as_plan *plan, const char *ledger,
                      as_decisions **out)
{
    as_err e = {0};
    as_decide_env env = {p, rule_of, plan, &c->diags};
    const char *there = kind_of(ledger) == PATH_FILE ? ledger : NULL;
    as_code code = as_decisions_open(out, there, &env, c->arena, &e);
    if (code != AS_OK) {
        as_cli_error(c, &e);
    }
    bool good = code == AS_OK && c->diags.errors == 0;
    if (!good) {
        as_cli_diags(c);
        as_cli_errorf(c, "the decisions cannot be read; nothing was checked");
    }
    return good;
}

/* The ledger's place is in release.yaml; a release that no longer reads is no reason to refuse
 * old runs. */
static const char *ledger_of(as_cli *c, as_project **p)
{
    const char *path = as_cli_release_at(c, as_cli_option(c, "release"));
    as_err e = {0};
    *p = NULL;
    if (!as_cli_option(c, "ledger") && kind_of(path) == PATH_FILE) {
        as_diags quiet;
        as_diags_init(&quiet, c->arena);
        if (as_project_open(p, c->arena, path, as_check_names(), &quiet, &e) != AS_OK) {
            *p = NULL;
        }
    }
    return as_cli_ledger_path(c, *p, path);
}

const char *as_cli_ledger_of(as_cli *c)
{
    as_project *p = NULL;
    return ledger_of(c, &p);
}

int as_cli_stored_run(as_cli *c, const char *which, as_ledger **l, as_doc *doc)
{
    as_project *p = NULL;
    as_err e = {0};
    const char *ledger = c->ledger_path = ledger_of(c, &p);
    as_code code = as_ledger_open_read(l, ledger, &e);
    if (code == AS_OK) {
        code =
            as_ledger_read(*l, c->arena, as_str_from(which), p ? p->release : AS_NONE, doc, &e);
    }
    if (code != AS_OK) {
        as_cli_error(c, &e);
        as_ledger_close(*l);
        *l = NULL;
        return AS_EXIT_USAGE;
    }
    return AS_EXIT_PASS;
}

const as_format *as_cli_format(const as_cli *c, const char *name)
{
    const as_format *f = as_format_find(as_str_from(name));
    as_str names[64];
    size_t n = 0;
    if (f) {
        return f;
    }
    for (; n < as_format_count && n < 64; n++) {
        names[n] = as_str_from(as_formats[n]->name);
    }
    as_str near = as_text_nearest(as_str_from(name), names, n);
    if (near.len) {
        as_cli_usage(c, "there is no format \"%s\" (did you mean %.*s?)", name, AS_FMT(near));
    } else {
        as_cli_usage(c, "there is no format \"%s\"; `assay help formats` lists them", name);
    }
    return NULL;
}

/* Pieces of a report are large: a stream's buffer would only be a detour. */
static as_code write_file(void *arg, as_str bytes, as_err *e)
{
    FILE *f = arg;
    bool good = fflush(f) == 0;
    while (good && bytes.len > 0) {
        ssize_t n = write(fileno(f), bytes.ptr, bytes.len);
        good = n >= 0 || errno == EINTR;
        bytes = as_str_sub(bytes, n > 0 ? (size_t)n : 0, bytes.len);
    }
    return good ? AS_OK
                : as_fail(e, AS_EIO, AS_NOWHERE, "could not write the report: %s",
                          strerror(errno));
}

/* Into a file beside the target, then renamed: nobody ever reads half a report. */
static as_code write_to_file(as_cli *c, const char *path, as_cli_fill fill, void *arg,
                             as_err *e)
{
    bool direct = kind_of(path) == PATH_OTHER; /* a pipe or a device */
    const char *target =
        direct ? path : as_arena_printf(c->arena, "%s.%ld.part", path, (long)getpid()).ptr;
    FILE *f = fopen(target, "wb");
    if (!f) {
        return as_fail_errno(e, errno, path);
    }
    as_code code = fill(arg, (as_out){write_file, f}, e);
    if (fclose(f) != 0 && code == AS_OK) {
        code = as_fail_errno(e, errno, path);
    }
    if (!direct && code == AS_OK && rename(target, path) != 0) {
        code = as_fail_errno(e, errno, path);
    }
    if (!direct && code != AS_OK) {
        unlink(target);
    }
    return code;
}

as_code as_cli_write(as_cli *c, const char *output, as_cli_fill fill, void *arg, as_err *e)
{
    return output ? write_to_file(c, output, fill, arg, e)
                  : fill(arg, (as_out){write_file, stdout}, e);
}

typedef struct rendering {
    as_ledger *ledger;
    const as_doc *doc;
    const as_format *format;
    const as_report_options *options;
} rendering;

static as_code render(void *arg, as_out out, as_err *e)
{
    const rendering *r = arg;
    return r->format->render(r->ledger, r->doc, r->options, out, e);
}

static bool not_in_run(const as_cli *c, const char *what, as_str word, const as_str *known,
                       size_t count)
{
    as_str near = as_text_nearest(word, known, count);
    as_cli_usage(c,
                 near.len ? "the run has no %s \"%.*s\" (did you mean %.*s?)"
                          : "the run has no %s \"%.*s\"%.*s",
                 what, AS_FMT(word), AS_FMT(near));
    return false;
}

static bool rule_fits(const as_cli *c, const as_doc *doc, as_str *rule)
{
    as_str *ids = AS_NEW_N(c->arena, as_str, doc->rule_count + 1);
    for (size_t i = 0; ids && i < doc->rule_count; i++) {
        const as_doc_rule *r = &doc->rules[i];
        ids[i] = r->id;
        if (as_str_eq(r->id, *rule) || (!r->builtin && as_str_eq(r->name, *rule))) {
            *rule = r->id;
            return true;
        }
    }
    return not_in_run(c, "rule", *rule, ids, ids ? doc->rule_count : 0);
}

static bool table_fits(const as_cli *c, const as_doc *doc, as_str table)
{
    as_str *names = AS_NEW_N(c->arena, as_str, doc->input_count + 1);
    for (size_t i = 0; names && i < doc->input_count; i++) {
        names[i] = doc->inputs[i].table;
        if (as_str_eq(names[i], table)) {
            return true;
        }
    }
    return not_in_run(c, "table", table, names, names ? doc->input_count : 0);
}

/* Does a rule of the run belong to the steward? A misspelt one would have an empty list. */
static bool steward_fits(const as_cli *c, const as_doc *doc, as_str steward)
{
    as_str *names = AS_NEW_N(c->arena, as_str, doc->rule_count + 1);
    size_t n = 0;
    for (size_t i = 0; names && i < doc->rule_count; i++) {
        if (as_str_eq(doc->rules[i].steward, steward)) {
            return true;
        }
        if (doc->rules[i].steward.len) {
            names[n++] = doc->rules[i].steward;
        }
    }
    as_str near = as_text_nearest(steward, names, n);
    as_cli_usage(c,
                 near.len ? "no rule of the run has a steward \"%.*s\" (did you mean %.*s?)"
                          : "no rule of the run has a steward \"%.*s\"%.*s",
                 AS_FMT(steward), AS_FMT(near));
    return false;
}

bool as_cli_filter_fits(const as_cli *c, const as_doc *doc, as_finding_filter *f)
{
    static const as_str states[] = {{"new", 3}, {"open", 4}, {"reopened", 8}};
    bool state = f->state.len == 0;
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        state = state || as_str_eq(states[i], f->state);
    }
    return (f->rule.len == 0 || rule_fits(c, doc, &f->rule)) &&
           (f->table.len == 0 || table_fits(c, doc, f->table)) &&
           (f->steward.len == 0 || steward_fits(c, doc, f->steward)) &&
           (state ||
            not_in_run(c, "state", f->state, states, sizeof states / sizeof states[0]));
}

int as_cli_render(as_cli *c, as_ledger *l, const as_doc *doc, const as_format *format,
                  const char *output, const as_report_options *o)
{
    as_err e = {0};
    as_report_options own = *o;
    if (!as_cli_filter_fits(c, doc, &own.filter)) {
        return AS_EXIT_USAGE;
    }
    if (!output && format->binary && isatty(STDOUT_FILENO)) {
        return as_cli_usage(c, "%s is not for a terminal: add --output FILE", format->name);
    }
    rendering r = {l, doc, format, &own};
    as_pool *pool = NULL;
    as_code code = AS_OK;
    if (!own.pool && doc->findings >= SIDE_BY_SIDE) {
        uint64_t jobs = 0;
        if (!as_cli_number(c, "jobs", 1024, &jobs)) {
            return AS_EXIT_USAGE;
        }
        code = as_pool_open(&pool, (unsigned)jobs, &e);
        own.pool = pool;
    }
    if (code == AS_OK) {
        code = as_cli_write(c, output, render, &r, &e);
    }
    as_pool_close(pool);
    if (code != AS_OK) {
        as_cli_error(c, &e);
        return AS_EXIT_USAGE;
    }
    return AS_EXIT_PASS;
}

bool as_cli_only(as_cli *c, const as_project *p, const as_plan *plan, const as_str **only,
                 size_t *count)
{
    as_str *names = NULL;
    *count = as_cli_list(c, "only", &names);
    *only = names;
    if (as_cli_option(c, "only") && *count == 0) {
        as_cli_usage(c, "--only names no rule");
        return false;
    }
    for (size_t i = 0; i < *count; i++) {
        if (!as_plan_rule(plan, names[i])) {
            as_str near = as_project_nearest(p, "rule", names[i]);
            as_cli_usage(
                c,
                near.len ? "--only: no rule is called \"%.*s\" (did you mean %.*s?)"
                         : "--only: no rule is called \"%.*s\"%.*s; `assay rules` lists them",
                AS_FMT(names[i]), AS_FMT(near));
            return false;
        }
    }
    return true;
}

unsigned as_cli_width(void)
{
    struct winsize w;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 ? w.ws_col : 0;
}

/* --columns: the format must have such columns. */
static bool columns_fit(const as_cli *c, const as_format *format, const as_report_options *o)
{
    as_err e;
    if (o->column_count == 0 && !as_cli_option(c, "columns")) {
        return true;
    }
    if (!format->columns_fit || o->column_count == 0) {
        as_cli_usage(c, format->columns_fit ? "--columns names no column"
                                            : "--columns is for --format csv");
        return false;
    }
    if (format->columns_fit(o, &e) != AS_OK) {
        as_cli_usage(c, "%s", e.text);
        return false;
    }
    return true;
}

bool as_cli_report_options(as_cli *c, const as_format *format, as_report_options *o)
{
    *o = (as_report_options){.color = c->color_out, .width = as_cli_width(), .quiet = c->quiet};
    o->filter = (as_finding_filter){.rule = as_str_from(as_cli_option(c, "rule")),
                                    .table = as_str_from(as_cli_option(c, "table")),
                                    .key = as_str_from(as_cli_option(c, "key")),
                                    .severity = as_str_from(as_cli_option(c, "severity")),
                                    .state = as_str_from(as_cli_option(c, "state")),
                                    .steward = as_str_from(as_cli_option(c, "steward"))};
    as_severity ignored;
    if (o->filter.severity.len && !as_cli_severity(c, o->filter.severity.ptr, &ignored)) {
        return false;
    }
    const char *sort = as_cli_option(c, "sort");
    if (sort && strcmp(sort, "moves") != 0) {
        as_cli_usage(c, "findings can be sorted by moves, not by \"%s\"", sort);
        return false;
    }
    o->filter.by_moves = sort != NULL;
    as_str *columns = NULL;
    o->column_count = as_cli_list(c, "columns", &columns);
    o->columns = columns;
    if (as_cli_option(c, "all")) {
        o->per_rule = UINT64_MAX;
    }
    return columns_fit(c, format, o) && as_cli_number(c, "limit", UINT32_MAX, &o->per_rule);
}

bool as_cli_severity(const as_cli *c, const char *text, as_severity *out)
{
    static const as_severity all[] = {AS_SEV_INFO, AS_SEV_WARNING, AS_SEV_ERROR};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (strcmp(text, as_severity_name(all[i])) == 0) {
            *out = all[i];
            return true;
        }
    }
    as_cli_usage(c, "a severity is error, warning or info, not \"%s\"", text);
    return false;
}
