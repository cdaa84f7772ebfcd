/* rules.h: one rule as YAML over tables as text, run through its kind; what it finds as text.
 *
 *   world *w = world_open("rules:\n  - {id: R, table: providers, unique: [urn]}\n");
 *   world_table(w, "providers", "urn|places\nA1|4\nA1|5\n");
 *   assert_string_equal(world_run(w, NULL), "1 urn A1: …\n" "selected 2 undecided 0 key nulls
 * 0\n"); world_close(w);
 *
 * Schemas and code lists are those of docs/example-pack (a folder of the test's own may be
 * given instead). */
#ifndef AS_TESTS_RULES_H
#define AS_TESTS_RULES_H

#include "oracle/tables.h"

#include "check/builtin.h"
#include "check/evidence.h"
#include <stdio.h>
#include <stdlib.h>

#define WORLD_TABLES 8

typedef struct world {
    char folder[64];
    as_arena *arena;
    as_diags diags;
    as_project *project;
    as_table *tables[WORLD_TABLES];
    size_t table_count;
    as_pool *pool; /* NULL: the calling thread alone */
    as_buf out;
} world;

static inline void world_shell(const char *format, const char *a, const char *b)
{
    char command[1024];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(command, sizeof command, format, a, b);
#pragma GCC diagnostic pop
    assert_int_equal(system(command), 0);
}

static inline void world_write(const world *w, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", w->folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

/* Other rules over no tables yet. Mistakes in the rules are left in w->diags. */
static inline void world_load(world *w, const char *rules)
{
    as_err e = {0};
    for (size_t i = 0; i < w->table_count; i++)
        as_table_close(w->tables[i]);
    w->table_count = 0;
    as_arena_close(w->arena);
    w->arena = as_arena_open();
    as_diags_init(&w->diags, w->arena);
    world_write(w, "rules.yaml", rules);
    assert_int_equal(
        as_project_open_pack(&w->project, w->arena, w->folder, as_check_names(), &w->diags, &e),
        AS_OK);
}

/* pack: a folder to copy. */
static inline world *world_open_in(const char *pack, const char *rules)
{
    world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    strcpy(w->folder, "/tmp/assay-world-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    world_shell("cp -r '%s/.' '%s'", pack, w->folder);
    w->out = AS_BUF(AS_FIELD_MAX);
    world_load(w, rules);
    return w;
}

static inline world *world_open(const char *rules)
{
    return world_open_in(ASSAY_SOURCE_DIR "/docs/example-pack", rules);
}

static inline void world_close(world *w)
{
    for (size_t i = 0; i < w->table_count; i++)
        as_table_close(w->tables[i]);
    world_shell("rm -rf '%s'%s", w->folder, "");
    as_buf_free(&w->out);
    as_arena_close(w->arena);
    free(w);
}

/* The first line of `text` names the fields; they are the columns that the file has. */
static inline as_table *world_table(world *w, const char *name, const char *text)
{
    const as_schema *s = as_project_table_schema(w->project, as_str_from(name));
    as_builder *b = NULL;
    as_err e = {0};
    as_str rest = as_str_from(text), header, cells[64];
    uint32_t fields[64], count = 0, line = 2;
    assert_non_null(s);
    assert_int_equal(as_builder_open(&b, as_str_from(name), s, NULL, &e), AS_OK);
    for (header = cut(&rest, '\n'); header.len; count++) {
        as_str field = cut(&header, '|');
        fields[count] = as_schema_field(s, field);
        if (fields[count] == AS_NO_FIELD)
            fail_msg("table %s has no field %.*s", name, AS_FMT(field));
        as_builder_present(b, fields[count], field, count);
    }
    while (rest.len) {
        as_str row = cut(&rest, '\n');
        memset(cells, 0, sizeof cells);
        for (uint32_t i = 0; i < count; i++) {
            as_str cell = cut(&row, '|');
            cells[fields[i]] = cell.len ? cell : AS_NONE;
        }
        assert_int_equal(as_builder_row(b, cells, line++, &e), AS_OK);
    }
    assert_true(w->table_count < WORLD_TABLES);
    assert_int_equal(as_builder_finish(b, &w->tables[w->table_count++], &e), AS_OK);
    as_builder_close(b);
    return w->tables[w->table_count - 1];
}

static inline void world_want(void *arg, as_str table, uint32_t field)
{
    (void)arg, (void)table, (void)field; /* tables in memory have every column */
}

static inline void world_show(void *arg, as_side side, uint32_t field)
{
    if (side == AS_SIDE_SELF)
        as_bind_show(arg, field);
}

/* Bind a rule as the planner does. NULL: it has mistakes (w->diags). */
static inline as_bind *world_bind(world *w, const as_rule *rule, void **plan)
{
    const as_check_kind *k = as_check_kind_find(rule->kind);
    as_bind *b = AS_NEW(w->arena, as_bind);
    as_err e = {0};
    size_t before = w->diags.errors;
    assert_non_null(k);
    *b = (as_bind){.project = w->project,
                   .rule = rule,
                   .arena = w->arena,
                   .diags = &w->diags,
                   .want = world_want};
    if (rule->table.len)
        b->schema = as_project_table_schema(w->project, rule->table);
    b->env = (as_cond_env){.project = w->project,
                           .self = b->schema,
                           .plain = AS_SIDE_SELF,
                           .arena = w->arena,
                           .diags = &w->diags};
    if (rule->where)
        b->where = as_cond_parse(&b->env, rule->where);
    if (b->where)
        as_cond_fields(b->where, world_show, b);
    assert_int_equal(k->bind(b, plan, &e), AS_OK);
    assert_int_equal(as_message_bind(b, k, &e), AS_OK);
    return w->diags.errors == before ? b : NULL;
}

typedef struct world_eval {
    as_eval ev;
    as_result result;
    as_scratch *scratch[16];
    as_lua *lua[16];
    as_lua_setup setup;
} world_eval;

static inline void world_eval_open(world *w, world_eval *x)
{
    memset(x, 0, sizeof *x);
    for (size_t i = 0; i < 16; i++)
        x->scratch[i] = as_scratch_open();
    x->ev = (as_eval){.tables = {(const as_table *const *)w->tables, w->table_count},
                      .pool = w->pool,
                      .arena = as_arena_open(),
                      .scratch = x->scratch,
                      .lua = x->lua,
                      .lua_setup = &x->setup};
}

static inline void world_eval_close(world_eval *x)
{
    as_findings_free(&x->result.findings);
    as_arena_close(x->ev.arena);
    for (size_t i = 0; i < 16; i++) {
        as_scratch_close(x->scratch[i]);
        as_lua_close(x->lua[i]);
    }
}

/* One line a finding: row, field, message, [rows of the group]. */
static inline void world_say(as_buf *out, const as_doc_finding *f)
{
    as_buf_addf(out, "%u %.*s %.*s", f->row, AS_FMT(f->field.len ? f->field : AS_STR("-")),
                AS_FMT(f->message));
    for (size_t i = 0; i < f->record_count; i++)
        as_buf_addf(out, "%s%u", i ? "," : " [", f->records[i].line - 1);
    as_buf_add(out, f->record_count ? AS_STR("]\n") : AS_STR("\n"));
}

/* What a rule finds, or its error. Lives until the next call. */
static inline const char *world_run_rule(world *w, const as_rule *rule)
{
    world_eval x;
    void *plan;
    as_err e = {0};
    as_bind *b = world_bind(w, rule, &plan);
    as_buf_clear(&w->out);
    if (!b) {
        for (size_t i = 0; i < w->diags.count; i++)
            as_buf_addf(&w->out, "%u:%u %.*s\n", w->diags.items[i].at.line,
                        w->diags.items[i].at.column, AS_FMT(w->diags.items[i].text));
        return w->out.ptr;
    }
    const as_check_kind *k = as_check_kind_find(rule->kind);
    world_eval_open(w, &x);
    as_code code = k->eval(&x.ev, b, plan, &x.result, &e);
    if (code != AS_OK)
        as_buf_addf(&w->out, "error %d line %u: %s\n", (int)code, e.at.line, e.text);
    for (size_t i = 0; code == AS_OK && i < x.result.findings.count; i++) {
        as_doc_finding f;
        assert_int_equal(as_evidence_make(&x.ev, b, k, plan, &x.result,
                                          &x.result.findings.items[i], x.ev.arena, &f, &e),
                         AS_OK);
        assert_int_equal(f.fingerprint.len, 32);
        world_say(&w->out, &f);
    }
    if (code == AS_OK) {
        as_buf_addf(&w->out, "selected %llu undecided %llu key nulls %llu\n",
                    (unsigned long long)x.result.selected,
                    (unsigned long long)x.result.undecided,
                    (unsigned long long)x.result.key_nulls);
        if (x.result.note.len)
            as_buf_addf(&w->out, "note: %.*s\n", AS_FMT(x.result.note));
    }
    world_eval_close(&x);
    return w->out.ptr;
}

/* The rule with this id; NULL: the first. */
static inline const char *world_run(world *w, const char *id)
{
    if (w->project->rule_count == 0) {
        as_buf_clear(&w->out);
        for (size_t i = 0; i < w->diags.count; i++)
            as_buf_addf(&w->out, "%.*s\n", AS_FMT(w->diags.items[i].text));
        return w->out.ptr ? w->out.ptr : "no rule";
    }
    const as_rule *rule =
        id ? as_project_rule(w->project, as_str_from(id)) : &w->project->rules[0];
    assert_non_null(rule);
    return world_run_rule(w, rule);
}

/* The first rule over one table, on the calling thread and with three workers. */
static inline void world_expect(const char *rules, const char *table, const char *rows,
                                const char *expected)
{
    world *w = world_open(rules);
    as_err e = {0};
    world_table(w, table, rows);
    assert_string_equal(world_run(w, NULL), expected);
    assert_int_equal(as_pool_open(&w->pool, 3, &e), AS_OK);
    assert_string_equal(world_run(w, NULL), expected);
    as_pool_close(w->pool);
    w->pool = NULL;
    world_close(w);
}

#endif
