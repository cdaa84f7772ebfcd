/* figures_fixture.h: a pack in a temporary folder and tables written as text, for tests of
 * measures, compare and reconcile.
 *
 *   fig_open("measures: {homes: {count: closing, by: [kind]}}");      rules file of the pack
 *   fig_table("closing", "A1|Home|4|2017-01-01\n…");                  fields as in FIG_TABLES
 * below as_measure_result r = fig_measure("homes");
 *
 * Tables: opening, closing (urn kind sector places weight opened), movements (urn kind sector
 * places joined left joined_on left_on), published (kind sector end n). `kind` and `sector` are
 * codes with variants. */
#ifndef AS_TESTS_FIGURES_FIXTURE_H
#define AS_TESTS_FIGURES_FIXTURE_H

#include "oracle/tables.h"
#include "unit.h"

#include "check/by_group.h"
#include "check/evidence.h"
#include "measure/measure.h"

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIG_TABLES_MAX 8

static const struct {
    const char *name, *fields;
} fig_schemas[] = {
    {"opening",
     "  urn: {type: text}\n  kind: {type: code, list: kinds}\n  sector: {type: text}\n"
     "  places: {type: integer}\n  weight: {type: number}\n  opened: {type: date}\n"
     "  owner: {type: text, sensitive: true}\n"},
    {"closing",
     "  urn: {type: text}\n  kind: {type: code, list: kinds}\n  sector: {type: text}\n"
     "  places: {type: integer}\n  weight: {type: number}\n  opened: {type: date}\n"
     "  owner: {type: text, sensitive: true}\n"},
    {"movements",
     "  urn: {type: text}\n  kind: {type: code, list: kinds}\n  sector: {type: text}\n"
     "  places: {type: integer}\n  joined: {type: text}\n  left: {type: text}\n"
     "  joined_on: {type: date}\n  left_on: {type: date}\n"},
    {"published",
     "  kind: {type: code, list: kinds}\n  sector: {type: text}\n  end: {type: text}\n"
     "  n: {type: integer}\n"},
};

static struct {
    as_arena *arena; /* project and plan */
    as_arena *run;   /* results */
    as_diags diags;
    as_project *project;
    char folder[64];
    as_table *tables[FIG_TABLES_MAX];
    size_t count;
    as_pool *pool;
    as_bind bind;
    const as_check_kind *kind;
    void *plan;
    as_eval eval;
    as_result result;
    as_err err;
} fig;

static bool fig_may_be_wrong; /* mistakes that reading the pack finds already are no failure */

static inline void fig_write(const char *name, const char *text)
{
    char path[256];
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s", fig.folder, name);
    f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static inline void fig_mkdir(const char *name)
{
    char path[256];

    (void)snprintf(path, sizeof path, "%s/%s", fig.folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static inline void fig_pack(const char *rules)
{
    char text[1024], name[64];

    fig_write("pack.yaml", "pack: figures\nversion: \"1\"\n");
    fig_mkdir("tables");
    fig_mkdir("codelists");
    fig_write("codelists/kinds.yaml",
              "list: kinds\ncodes:\n  Home: [home, children's home]\n"
              "  School: [school]\n  Scheme: []\n  Agency: []\n  A: []\n  B: []\n"
              "  C: []\n  D: []\n");
    for (size_t i = 0; i < sizeof fig_schemas / sizeof *fig_schemas; i++) {
        (void)snprintf(name, sizeof name, "tables/%s.yaml", fig_schemas[i].name);
        (void)snprintf(text, sizeof text, "table: %s\nkey: [%s]\nfields:\n%s",
                       fig_schemas[i].name, i < 3 ? "urn" : "kind, sector, end",
                       fig_schemas[i].fields);
        fig_write(name, text);
    }
    fig_write("rules.yaml", rules);
}

/* Removes the folder whose name mkdtemp made. */
static inline void fig_remove(void)
{
    char path[256];
    static const char *const files[] = {"pack.yaml", "rules.yaml", "codelists/kinds.yaml",
                                        "codelists"};

    for (size_t i = 0; i < sizeof fig_schemas / sizeof *fig_schemas; i++) {
        (void)snprintf(path, sizeof path, "%s/tables/%s.yaml", fig.folder, fig_schemas[i].name);
        (void)remove(path);
    }
    (void)snprintf(path, sizeof path, "%s/tables", fig.folder);
    (void)remove(path);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", fig.folder, files[i]);
        (void)remove(path);
    }
    (void)remove(fig.folder);
}

static inline void fig_print_diags(void)
{
    for (size_t i = 0; i < fig.diags.count; i++)
        print_message("%u: %.*s (%.*s)\n", fig.diags.items[i].at.line,
                      AS_FMT(fig.diags.items[i].text), AS_FMT(fig.diags.items[i].hint));
}

static inline void fig_open(const char *rules)
{
    static const char *const kinds[] = {"compare", "reconcile", "share", "trend",
                                        "adds_up", "expect",    NULL};

    memset(&fig, 0, sizeof fig);
    strcpy(fig.folder, "/tmp/assay-figures-XXXXXX");
    assert_non_null(mkdtemp(fig.folder));
    fig_pack(rules);
    fig.arena = as_arena_open();
    fig.run = as_arena_open();
    as_diags_init(&fig.diags, fig.arena);
    assert_int_equal(
        as_project_open_pack(&fig.project, fig.arena, fig.folder, kinds, &fig.diags, &fig.err),
        AS_OK);
    fig_remove();
    if (fig.diags.errors && !fig_may_be_wrong)
        fig_print_diags();
    assert_true(fig_may_be_wrong || fig.diags.errors == 0);
}

static inline void fig_close(void)
{
    for (size_t i = 0; i < fig.count; i++)
        as_table_close(fig.tables[i]);
    as_findings_free(&fig.result.findings);
    as_pool_close(fig.pool);
    as_arena_close(fig.run);
    as_arena_close(fig.arena);
}

static inline as_table *fig_table(const char *name, const char *rows)
{
    const as_schema *s = as_project_table_schema(fig.project, S(name));
    as_table *t;

    assert_non_null(s);
    assert_true(fig.count < FIG_TABLES_MAX);
    t = table_named(name, s, rows);
    for (size_t i = 0; i < fig.count; i++) {
        if (as_str_eq(fig.tables[i]->name, S(name))) { /* again: in its place */
            as_table_close(fig.tables[i]);
            fig.tables[i] = t;
            return t;
        }
    }
    fig.tables[fig.count++] = t;
    return t;
}

static inline as_tables fig_tables(void)
{
    return (as_tables){.items = (const as_table *const *)fig.tables, .count = fig.count};
}

/* ---- measures ---- */

static inline const as_bound_measure *fig_bind(const char *name)
{
    return as_measure_bind(fig.project, S(name), AS_NOWHERE, NULL, 0, fig.arena, &fig.diags,
                           NULL, NULL);
}

static inline as_measure_result fig_measure(const char *name)
{
    const as_bound_measure *m = fig_bind(name);
    as_measure_result r = {0};
    as_code code;

    if (!m)
        fig_print_diags();
    assert_non_null(m);
    code = as_measure_eval(m, fig_tables(), fig.pool, fig.run, &r, &fig.err);
    if (code != AS_OK)
        print_message("%s\n", fig.err.text);
    assert_int_equal(code, AS_OK);
    return r;
}

/* "Home=2 School=1 (none)=3", unknown as "?", groups over several fields with "/". */
static inline const char *fig_say(const as_measure_result *r)
{
    as_buf s = AS_BUF(AS_MIB);
    as_str out;

    for (size_t g = 0; g < r->count; g++) {
        if (g)
            as_buf_addc(&s, ' ');
        for (size_t i = 0; i < r->by_count; i++) {
            if (i)
                as_buf_addc(&s, '/');
            as_buf_add(&s, r->groups[g].keys[i].ptr ? r->groups[g].keys[i] : AS_STR("(none)"));
        }
        if (r->groups[g].known)
            as_buf_addf(&s, "=%.15g", r->groups[g].value);
        else
            as_buf_add(&s, AS_STR("=?"));
    }
    out = as_arena_str(fig.run, as_buf_str(&s));
    as_buf_free(&s);
    return out.ptr;
}

#define EXPECT_MEASURE(name, want)                                                             \
    do {                                                                                       \
        as_measure_result fig_r = fig_measure(name);                                           \
        assert_string_equal(fig_say(&fig_r), want);                                            \
    } while (0)

/* ---- rules ---- */

/* Bind the first rule of the pack; the number of errors. */
static inline size_t fig_rule(void)
{
    const as_rule *rule = &fig.project->rules[0];

    fig.kind = as_check_kind_find(rule->kind);
    assert_non_null(fig.kind);
    fig.bind = (as_bind){
        .project = fig.project, .rule = rule, .arena = fig.arena, .diags = &fig.diags};
    fig.bind.env = (as_cond_env){
        .project = fig.project, .plain = AS_SIDE_SELF, .arena = fig.arena, .diags = &fig.diags};
    assert_int_equal(fig.kind->bind(&fig.bind, &fig.plan, &fig.err), AS_OK);
    return fig.diags.errors;
}

static inline void fig_run(void)
{
    as_code code;

    if (fig_rule())
        fig_print_diags();
    assert_int_equal(fig.diags.errors, 0);
    fig.eval = (as_eval){.tables = fig_tables(), .pool = fig.pool, .arena = fig.run};
    as_findings_free(&fig.result.findings);
    fig.result = (as_result){0};
    code = fig.kind->eval(&fig.eval, &fig.bind, fig.plan, &fig.result, &fig.err);
    if (code != AS_OK)
        print_message("%s\n", fig.err.text);
    assert_int_equal(code, AS_OK);
}

static inline as_doc_finding fig_finding(size_t i)
{
    as_doc_finding f = {0};

    assert_true(i < fig.result.findings.count);
    assert_int_equal(as_evidence_make(&fig.eval, &fig.bind, fig.kind, fig.plan, &fig.result,
                                      &fig.result.findings.items[i], fig.run, &f, &fig.err),
                     AS_OK);
    return f;
}

static inline const char *fig_value(const as_doc_finding *f, const char *field)
{
    for (size_t i = 0; i < f->value_count; i++) {
        if (as_str_eq(f->values[i].field, S(field)))
            return f->values[i].null ? "(none)" : f->values[i].text.ptr;
    }
    fail_msg("no value %s", field);
    return "";
}

/* What the rule finds, a line a finding, then "selected undecided note". */
static inline const char *fig_said(void)
{
    as_buf s = AS_BUF(AS_MIB);
    as_str out;

    for (size_t i = 0; i < fig.result.findings.count; i++)
        as_buf_addf(&s, "%.*s\n", AS_FMT(fig_finding(i).message));
    as_buf_addf(&s, "%llu %llu", (unsigned long long)fig.result.selected,
                (unsigned long long)fig.result.undecided);
    if (fig.result.note.len)
        as_buf_addf(&s, " %.*s", AS_FMT(fig.result.note));
    out = as_arena_str(fig.run, as_buf_str(&s));
    as_buf_free(&s);
    return out.ptr;
}

/* Bind a rule that has mistakes; one of them must say `text`. */
static inline void fig_refused(const char *text)
{
    bool found = false;

    assert_true(fig_rule() > 0);
    for (size_t i = 0; i < fig.diags.count; i++)
        found = found || as_str_find(fig.diags.items[i].text, S(text)) != (size_t)-1;
    if (!found) {
        fig_print_diags();
        fail_msg("not said: %s", text);
    }
}

/* ---- bridges ---- */

static inline const as_doc_bridge *fig_bridge(const char *group)
{
    for (size_t g = 0; g < fig.result.bridge_count; g++) {
        const as_doc_bridge *d = &fig.result.bridge[g];
        if (d->group_count == 0 || as_str_eq(d->values[0], S(group)))
            return d;
    }
    fail_msg("no bridge for %s", group);
    return NULL;
}

/* "kind{+1: A1,A2} kind{…}" in the order of the bridge. */
static inline const char *fig_causes(const char *group)
{
    const as_doc_bridge *d = fig_bridge(group);
    as_buf s = AS_BUF(AS_MIB);
    as_str out;

    for (size_t i = 0; i < d->cause_count; i++) {
        const as_doc_cause *c = &d->causes[i];
        as_buf_addf(&s, "%s%.*s{%+g: ", i ? " " : "", AS_FMT(c->kind), c->effect);
        for (size_t k = 0; k < c->record_count; k++)
            as_buf_addf(&s, "%s%.*s", k ? "," : "", AS_FMT(c->records[k]));
        as_buf_addc(&s, '}');
    }
    out = as_arena_str(fig.run, as_buf_str(&s));
    as_buf_free(&s);
    return out.ptr;
}

#endif
