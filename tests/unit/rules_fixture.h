/* rules_fixture.h: files written into a temporary folder (which is the working folder while a
 * test runs), and what was reported as one text, a line a problem: "release.yaml:5:1: error:
 * TEXT | HINT". */
#ifndef AS_TESTS_RULES_FIXTURE_H
#define AS_TESTS_RULES_FIXTURE_H

#include "unit.h"

#include "base/buf.h"
#include "rules/cond.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const test_kinds[] = {"expect",  "unique",    "lookup", "lua",
                                         "compare", "reconcile", NULL};

static as_arena *arena;
static as_diags diags;
static as_err err;
static as_buf told;
static char folder[64];
static char home[4096];

static inline int fixture_open(void **state)
{
    (void)state;
    arena = as_arena_open();
    as_diags_init(&diags, arena);
    err = (as_err){AS_OK, AS_NOWHERE, ""};
    told = AS_BUF((size_t)1 << 20);
    strcpy(folder, "/tmp/assay-rules-XXXXXX");
    return !arena || !getcwd(home, sizeof home) || !mkdtemp(folder) || chdir(folder) != 0;
}

static inline int fixture_remove(const char *path, const struct stat *st, int flag,
                                 struct FTW *at)
{
    (void)st;
    (void)flag;
    (void)at;
    return remove(path);
}

static inline int fixture_close(void **state)
{
    (void)state;
    as_buf_free(&told);
    as_arena_close(arena);
    return chdir(home) != 0 || nftw(folder, fixture_remove, 8, FTW_DEPTH | FTW_PHYS) != 0;
}

static inline void put_bytes(const char *path, as_str bytes)
{
    char part[256];
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(part, sizeof part, "%.*s", (int)(slash - path), path);
        mkdir(part, 0755);
    }
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, f), bytes.len);
    assert_int_equal(fclose(f), 0);
}

static inline void put(const char *path, const char *text)
{
    put_bytes(path, S(text));
}

/* Everything reported so far, in the order in which people read. */
static inline const char *report(void)
{
    char at[512];
    as_diags_sort(&diags);
    as_buf_clear(&told);
    for (size_t i = 0; i < diags.count; i++) {
        const as_diag *d = &diags.items[i];
        as_buf_addf(&told, "%s%s: %.*s%s%.*s\n", as_span_text(d->at, at, sizeof at),
                    d->level == AS_DIAG_ERROR ? "error" : "warning", AS_FMT(d->text),
                    d->hint.len ? " | " : "", AS_FMT(d->hint));
    }
    return told.ptr ? told.ptr : "";
}

/* Compare with what was reported; the first line that differs is shown. */
static inline void expect_report(const char *want, const char *file, int line)
{
    const char *got = report();
    size_t i = 0, begin = 0;
    for (; got[i] && got[i] == want[i]; i++)
        if (got[i] == '\n')
            begin = i + 1;
    if (!got[i] && !want[i])
        return;
    print_error("got:  %.*s\nwant: %.*s\n", (int)strcspn(got + begin, "\n"), got + begin,
                (int)strcspn(want + begin, "\n"), want + begin);
    if (getenv("SHOW_REPORT"))
        fprintf(stderr, "%s", got);
    _fail(file, line);
}
#define EXPECT_REPORT(want) expect_report((want), __FILE__, __LINE__)

static inline as_project *open_release(void)
{
    as_project *p = NULL;
    as_code code = as_project_open(&p, arena, "release.yaml", test_kinds, &diags, &err);
    if (code != AS_OK)
        fail_msg("%s", err.text);
    return p;
}

static inline as_project *open_pack(const char *path)
{
    as_project *p = NULL;
    as_code code = as_project_open_pack(&p, arena, path, test_kinds, &diags, &err);
    if (code != AS_OK)
        fail_msg("%s", err.text);
    return p;
}

/* A small pack: table homes (urn, kind, places, opened, closed), code list kinds. */
static inline void put_pack(void)
{
    put("pack/pack.yaml",
        "pack: small\nversion: \"1.0\"\ntitle: A small pack\nstewards: {registration: "
        "r@example.org}\n"
        "params: {least: 1, since: 2016-04-01}\n"
        "patterns: {postcode: \"[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}\"}\n");
    put("pack/codelists/kinds.yaml", "list: kinds\ncodes:\n  Children's home: [childrens home, "
                                     "CH]\n  Secure: []\n  School:\n");
    put("pack/codelists/with_places.yaml",
        "list: with_places\ncodes: [Children's home, Secure]\n");
    put("pack/tables/homes.yaml",
        "table: homes\nkey: [urn]\nfields:\n  urn: {required: true}\n"
        "  kind: {type: code, list: kinds}\n  places: {type: integer, header: [Max Places]}\n"
        "  share: {type: number}\n"
        "  opened: {type: date}\n  closed: {type: date}\n  name: {sensitive: true}\n");
}

/* A release and a rule without mistakes. */
static const char plain_release[] =
    "release: Children's homes 2017\nas_at: 2017-03-31\n"
    "period: {from: 2016-04-01, to: 2017-03-31}\npacks: [pack]\n"
    "tables:\n  homes: {file: homes.csv}\n";

static const char one_rule[] =
    "rules:\n"
    "  - id: H-1\n"
    "    name: places-missing\n"
    "    title: Homes have places\n"
    "    steward: registration\n"
    "    severity: warning\n"
    "    table: homes\n"
    "    where: {kind: Secure}\n"
    "    expect: {places: {present: true, min: $least}}\n"
    "    allow: 0.5%\n"
    "    on_empty: pass\n"
    "    message: \"{urn} has {places}\"\n"
    "    flags:\n"
    "      - {urn: A1, kind: Secure, places: 0}\n"
    "      - [{urn: A1}, {urn: A2}]\n"
    "    passes:\n"
    "      - {tables: {homes: [{urn: A3, places: 4}]}, params: {as_at: 2018-03-31}}\n";

#endif
