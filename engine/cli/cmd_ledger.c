/* cmd_ledger.c: the ledger itself: is it as it was written, what happened, and all of it for
 * other programs. */
#include "base/limits.h"
#include "cli/export.h"
#include "ledger/event.h"
#include "reports/text.h"
#include "rules/files.h"
#include "sign/sign.h"

static const as_option options[] = {
    {"format", 'f', "F", "export: json (everything) or csv (one table). Default: json."},
    {"table", 0, "T", "export: " AS_EXPORT_TABLES " alone; CSV needs it."},
    {"output", 'o', "FILE", "export: write to FILE."},
    AS_OPTION_RELEASE,
    AS_OPTION_LEDGER,
    AS_OPTIONS_END,
};

/* Opened for reading; said where it cannot be. */
static as_ledger *open_it(as_cli *c, const char **path)
{
    as_ledger *l = NULL;
    as_err e = {0};
    *path = as_cli_ledger_of(c);
    if (as_ledger_open_read(&l, *path, &e) != AS_OK) {
        as_cli_error(c, &e);
    }
    return l;
}

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

/* ---- the sign-offs beside the release ---- */

/* The event that `assay sign` made holds the digest of the statement. */
static bool has_event(const as_event_list *all, const char *sha256)
{
    bool found = false;
    for (size_t i = 0; i < all->count && !found; i++) {
        const as_event *ev = &all->items[i];
        found = as_str_eq(ev->kind, AS_STR("sign_off")) &&
                as_str_find(ev->body, as_str_from(sha256)) != (size_t)-1;
    }
    return found;
}

/* A chain whose end was cut off is whole in itself; a sign-off beside the release may know what
 * was there. It may as well be of another ledger, so that this is said and is no fault. */
static void say_sign_off(as_cli *c, const as_event_list *all, const char *file)
{
    char sha256[AS_SHA256_HEX];
    as_err e = {0};
    as_str text = AS_NONE;
    as_statement s;
    as_code code = as_file_read(&text, c->arena, file, file, AS_STATEMENT_MAX, &e);
    code = code ? code : as_statement_read(&s, text, file, c->arena, &e);
    code = code ? code : as_sha256_of(text, sha256, &e);
    if (code == AS_OK && !has_event(all, sha256)) {
        printf("%s: its event is not in this ledger (the one before it was %.*s):\n"
               "  the end of this ledger was cut off, or the sign-off was made with another\n",
               file, AS_FMT(s.ledger_head));
    }
}

static void say_sign_offs(as_cli *c, as_ledger *l)
{
    const char *release = as_cli_release_at(c, as_cli_option(c, "release"));
    const char *slash = strrchr(release, '/');
    int folder = slash ? (int)(slash - release + 1) : 0;
    as_str where = as_arena_printf(c->arena, "%.*ssign-off", folder, release);
    as_entries files = {0};
    as_event_list all = {0};
    as_err e = {0};
    if (!where.ptr || (as_cli_option(c, "ledger") && !as_cli_option(c, "release")) ||
        as_folder_list(&files, c->arena, where.ptr, where.ptr, &e) != AS_OK ||
        as_ledger_events(l, c->arena, AS_STR(""), AS_STR(""), &all, &e) != AS_OK) {
        return; /* there is none */
    }
    for (size_t i = 0; i < files.count; i++) {
        as_str file = as_path_join(c->arena, where, files.items[i].name);
        if (file.ptr && as_name_ends(files.items[i].name, ".json")) {
            say_sign_off(c, &all, file.ptr);
        }
    }
}

static int verify(as_cli *c, as_ledger *l, const char *path)
{
    as_verified v = {0};
    as_err e = {0};
    if (as_ledger_verify(l, c->arena, &v, &e) != AS_OK) {
        as_cli_error(c, &e);
        return AS_EXIT_USAGE;
    }
    for (size_t i = 0; i < v.fault_count; i++) {
        printf("%.*s: %.*s\n", AS_FMT(v.faults[i].where), AS_FMT(v.faults[i].what));
    }
    printf("%s: %s\n", path,
           v.fault_count ? "this ledger is not as it was written" : "as it was written");
    printf("  %llu event%s, %llu run%s, %llu finding%s\n  head %.*s\n",
           (unsigned long long)v.events, plural(v.events), (unsigned long long)v.runs,
           plural(v.runs), (unsigned long long)v.findings, plural(v.findings), AS_FMT(v.head));
    say_sign_offs(c, l);
    return v.fault_count ? AS_EXIT_FINDINGS : AS_EXIT_PASS;
}

static int show_log(as_cli *c, as_ledger *l)
{
    as_event_list all = {0};
    as_err e = {0};
    as_buf line = AS_BUF(AS_REPORT_MAX);
    if (as_ledger_events(l, c->arena, AS_STR(""), AS_STR(""), &all, &e) != AS_OK) {
        as_cli_error(c, &e);
        return AS_EXIT_USAGE;
    }
    for (size_t i = 0; i < all.count && !line.failed; i++) {
        const as_event *ev = &all.items[i];
        as_buf_clear(&line);
        as_text_visible(&line, ev->at, true);
        as_buf_addf(&line, "  %-8.*s  ", AS_FMT(ev->kind));
        as_text_visible(&line, ev->who.len ? ev->who : AS_STR("-"), true);
        as_buf_add(&line, AS_STR("  "));
        as_text_visible(&line, ev->release, true);
        as_buf_add(&line, AS_STR("\n       "));
        as_text_visible(&line, ev->body, true);
        printf("%5llu  %.*s\n", (unsigned long long)ev->seq, AS_FMT(as_buf_str(&line)));
    }
    bool failed = line.failed;
    as_buf_free(&line);
    return failed ? AS_EXIT_USAGE : AS_EXIT_PASS;
}

static int export_it(as_cli *c, as_ledger *l)
{
    const char *format = as_cli_option(c, "format"), *table = as_cli_option(c, "table");
    as_err e = {0};
    as_export x = {.ledger = l, .arena = c->arena, .table = table};
    x.csv = format && strcmp(format, "csv") == 0;
    if (format && !x.csv && strcmp(format, "json") != 0) {
        return as_cli_usage(c, "`ledger export` writes json or csv, not \"%s\"", format);
    }
    if (table && !as_export_has(table)) {
        return as_cli_usage(c, "--table is " AS_EXPORT_TABLES ", not \"%s\"", table);
    }
    if (x.csv && !table) {
        return as_cli_usage(c, "a CSV file holds one table: add --table " AS_EXPORT_TABLES);
    }
    if (as_cli_write(c, as_cli_option(c, "output"), as_export_fill, &x, &e) != AS_OK) {
        as_cli_error(c, &e);
        return AS_EXIT_USAGE;
    }
    return AS_EXIT_PASS;
}

static int run_ledger(as_cli *c)
{
    static const char *const words[] = {"verify", "log", "export"};
    const char *path = NULL;
    size_t what = 0;
    while (what < 3 && strcmp(c->args[0], words[what]) != 0) {
        what++;
    }
    if (what == 3) {
        return as_cli_usage(c, "`ledger` takes verify, log or export, not \"%s\"", c->args[0]);
    }
    as_ledger *l = open_it(c, &path);
    int code = !l          ? AS_EXIT_USAGE
               : what == 0 ? verify(c, l, path)
               : what == 1 ? show_log(c, l)
                           : export_it(c, l);
    as_ledger_close(l);
    return code;
}

const as_command as_command_ledger = {
    .name = "ledger",
    .usage = "verify | log | export",
    .summary = "is the ledger as it was written; what happened; all of it",
    .detail =
        "`verify` reads the whole ledger again: SQLite's own check, the chain of events, and "
        "the "
        "digest of every run.\n"
        "An edit, a deletion or another order made with another tool is told with its place, "
        "and the exit code is 1.\n"
        "What a chain cannot show by itself is that its end was cut off: keep the head. A "
        "sign-off beside the release\n"
        "whose event is not in the ledger is told (it may be of another ledger, so it is no "
        "fault).\n"
        "`log` lists the events: runs, decisions, sign-offs. `export` writes runs with their "
        "inputs, files of rules, rules,\n"
        "findings and what stood with decisions, and the events; values of sensitive fields "
        "are masked.",
    .options = options,
    .examples = "  assay ledger verify\n  assay ledger log --release my-release\n"
                "  assay ledger export -o ledger.json\n"
                "  assay ledger export --format csv --table findings -o findings.csv\n",
    .min_args = 1,
    .max_args = 1,
    .run = run_ledger,
};
