/* selftest.c: a rule's own tests, and those of a pack's Lua modules. Each case is a small set
 * of tables made from the YAML records; the rule is bound anew (a case may set parameters) and
 * evaluated by the same kind that evaluates the release.
 *
 * A `flags` case must make the rule find something (its record, where there is one record); a
 * `passes` case must give no finding and no error. A rule that cannot decide its own `flags`
 * record has not fired, and fails. */
#include "check/evidence.h"
#include "input/input.h"
#include "run/exec.h"

/* Reference tables are read once for all cases. */
typedef struct references {
    as_table **items;
    size_t count;
} references;

typedef struct tester {
    const as_project *project;
    as_arena *arena; /* results */
    as_diags *diags;
    references refs;
    as_scratch *scratch;
    as_lua *lua;
    as_lua_setup lua_setup;
    as_selftests *out;
} tester;

typedef struct trial {
    as_table **tables;
    size_t count;
    as_arena *arena;
    as_bound_rule *rule;
    const as_case *test;
    as_param *over; /* parameters that the case sets, and those that follow from them */
    size_t over_count;
    size_t own_records;
} trial;

static as_code find_reference(tester *t, as_str name, as_table **out, as_err *e)
{
    for (size_t i = 0; i < t->refs.count; i++) {
        if (as_str_eq(t->refs.items[i]->name, name)) {
            *out = t->refs.items[i];
            return AS_OK;
        }
    }
    as_code code = as_load_table(out, t->project, name, NULL, NULL, NULL, t->diags, e);
    if (code == AS_OK) {
        t->refs.items[t->refs.count++] = *out;
    }
    return code;
}

static const as_case_table *case_table(const trial *x, as_str name)
{
    for (size_t i = 0; i < x->test->table_count; i++) {
        const as_case_table *c = &x->test->tables[i];
        as_str asked = c->table.len ? c->table : x->rule->rule->table;
        if (as_str_eq(asked, name)) {
            return c;
        }
    }
    return NULL;
}

static as_code add_record(tester *t, trial *x, as_builder *b, const as_schema *s,
                          const as_node *record, as_str *cells, as_err *e)
{
    if (record->kind != AS_NODE_MAP) {
        as_diag_add(t->diags, AS_DIAG_ERROR, record->at, "write {field: value, …}",
                    "a test record is a mapping, not %s", as_node_kind_name(record));
        return AS_OK;
    }
    memset(cells, 0, (s->count + 1) * sizeof *cells);
    for (size_t i = 0; i < record->count; i++) {
        const as_node *key = record->pairs[i].key, *value = record->pairs[i].value;
        uint32_t f = as_schema_field(s, key->text);
        if (f == AS_NO_FIELD && as_rule_of_headers(x->rule->rule)) {
            continue; /* add_headers takes it */
        }
        if (f == AS_NO_FIELD) {
            as_diag_add(t->diags, AS_DIAG_ERROR, key->at, NULL,
                        "table `%.*s` has no field `%.*s`", AS_FMT(s->name), AS_FMT(key->text));
            continue;
        }
        if (value->kind != AS_NODE_SCALAR) {
            as_diag_add(t->diags, AS_DIAG_ERROR, value->at, NULL,
                        "the value of `%.*s` in a test record is text, not %s",
                        AS_FMT(key->text), as_node_kind_name(value));
            continue;
        }
        as_builder_present(b, f, key->text, f);
        cells[f] = as_node_is_null(value) ? AS_NONE : value->text;
    }
    return as_builder_row(b, cells, record->at.line, e);
}

static void add_header(as_table *t, as_str *headers, as_str name)
{
    for (size_t i = 0; i < t->report.extra_count; i++) {
        if (as_str_eq(headers[i], name)) {
            return;
        }
    }
    if (as_schema_field(t->schema, name) == AS_NO_FIELD) {
        headers[t->report.extra_count++] = name;
    }
}

/* The keys of a case's records that are no fields: headers of the file that the schema does not
 * name. */
static as_code add_headers(trial *x, const as_case_table *c, as_table *t, as_err *e)
{
    size_t most = 0;
    for (size_t i = 0; c && i < c->count; i++) {
        most += c->records[i]->count;
    }
    as_str *headers = AS_NEW_N(x->arena, as_str, most + 1);
    if (!headers) {
        return as_fail_nomem(e);
    }
    for (size_t i = 0; c && i < c->count; i++) {
        const as_node *record = c->records[i];
        for (size_t k = 0; record->kind == AS_NODE_MAP && k < record->count; k++) {
            add_header(t, headers, record->pairs[k].key->text);
        }
    }
    t->report.extra_headers = headers;
    return AS_OK;
}

static as_code build_table(tester *t, trial *x, const as_need *need, const as_case_table *c,
                           as_table **out, as_err *e)
{
    as_builder *b = NULL;
    as_str *cells = AS_NEW_N(x->arena, as_str, need->schema->count + 1);
    as_code code =
        cells ? as_builder_open(&b, need->table, need->schema, NULL, e) : as_fail_nomem(e);
    for (size_t i = 0; c && i < c->count && code == AS_OK; i++) {
        code = add_record(t, x, b, need->schema, c->records[i], cells, e);
    }
    if (code == AS_OK) {
        code = as_builder_finish(b, out, e);
    }
    if (code == AS_OK && as_rule_of_headers(x->rule->rule)) {
        code = add_headers(x, c, *out, e);
    }
    as_builder_close(b);
    return code;
}

/* Every table that the rule reads: from the case, else the pack's reference, else empty. */
static as_code build_tables(tester *t, trial *x, const as_table **all, size_t *count, as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; i < x->rule->needs.count && code == AS_OK; i++) {
        const as_need *need = &x->rule->needs.items[i];
        const as_case_table *c = case_table(x, need->table);
        as_table *table = NULL;
        if (!c && as_project_reference(t->project, need->table)) {
            code = find_reference(t, need->table, &table, e);
        } else {
            code = build_table(t, x, need, c, &table, e);
            if (code == AS_OK) {
                x->tables[x->count++] = table;
            }
        }
        all[(*count)++] = table;
    }
    return code;
}

static as_code build_documents(const trial *x, as_documents *out, as_err *e)
{
    const as_document **items =
        AS_NEW_N(x->arena, const as_document *, x->test->document_count + 1);
    as_code code = items ? AS_OK : as_fail_nomem(e);
    *out = (as_documents){items, 0};
    for (size_t i = 0; i < x->test->document_count && code == AS_OK; i++) {
        const as_case_document *d = &x->test->documents[i];
        code = as_document_make(&items[out->count++], d->name, as_str_from(d->at.file), d->text,
                                x->arena, e);
    }
    return code;
}

static size_t own_records(const as_case *c, const as_rule *rule)
{
    for (size_t i = 0; i < c->table_count; i++) {
        if (c->tables[i].table.len == 0 || as_str_eq(c->tables[i].table, rule->table)) {
            return c->tables[i].count;
        }
    }
    return 0;
}

/* Why a `passes` case fails: the rule's first finding, as people will read it. */
static as_str fires(tester *t, const as_eval *ev, const as_bound_rule *b, const as_result *r,
                    as_arena *a)
{
    as_doc_finding told = {0};
    as_err ignored = {0};
    as_code code = as_evidence_make(ev, &b->bind, b->kind, b->plan, r, &r->findings.items[0], a,
                                    &told, &ignored);
    return as_arena_printf(t->arena, "%.*s fires on this `passes` case: %.*s",
                           AS_FMT(b->rule->id),
                           AS_FMT(code == AS_OK ? told.message : as_str_from(ignored.text)));
}

static as_str verdict(tester *t, const as_rule *rule, bool flags, size_t own,
                      const as_result *r)
{
    if (flags && r->findings.count == 0) {
        const char *why = r->selected == 0 && own ? "its `where` selects no record of the case"
                          : r->undecided ? "what it compares is undecided: a value is missing"
                                         : "it holds for every record of the case";
        return as_arena_printf(t->arena, "%.*s does not fire on this `flags` case: %s",
                               AS_FMT(rule->id), why);
    }
    if (!flags && r->selected > 0 && r->undecided >= r->selected) {
        return as_arena_printf(
            t->arena,
            "%.*s decides nothing on this `passes` case: a value it compares is missing",
            AS_FMT(rule->id));
    }
    return AS_NONE;
}

static as_code record_result(tester *t, const as_rule *rule, const as_case *c, bool flags,
                             as_str why)
{
    as_selftests *o = t->out;
    o->items[o->count++] = (as_selftest){
        .rule = rule, .at = c->at, .flags = flags, .ok = why.ptr == NULL, .why = why};
    o->failed += why.ptr != NULL;
    return AS_OK;
}

/* What `p` of a predicate holds in this case. */
static as_code case_lua(const tester *t, const trial *x, as_lua_setup *out, as_err *e)
{
    as_lua_param *params = AS_NEW_N(x->arena, as_lua_param, t->lua_setup.param_count + 1);
    if (!params) {
        return as_fail_nomem(e);
    }
    *out = t->lua_setup;
    out->params = params;
    for (size_t i = 0; i < out->param_count; i++) {
        params[i] = t->lua_setup.params[i];
        for (size_t k = 0; k < x->over_count; k++) {
            if (as_str_eq(params[i].name, x->over[k].name)) {
                params[i].value = x->over[k].value;
            }
        }
    }
    return AS_OK;
}

static as_code evaluate(tester *t, trial *x, bool flags, as_err *e)
{
    const as_rule *rule = x->rule->rule;
    const as_table **all = AS_NEW_N(x->arena, const as_table *, x->rule->needs.count + 1);
    x->tables = AS_NEW_N(x->arena, as_table *, x->rule->needs.count + 1);
    if (!all || !x->tables) {
        return as_fail_nomem(e);
    }
    size_t count = 0;
    as_lua_setup own;
    as_lua *own_lua = NULL; /* parameters are fixed when a state opens */
    as_documents documents;
    as_code code = build_tables(t, x, all, &count, e);
    if (code == AS_OK) {
        code = build_documents(x, &documents, e);
    }
    if (code == AS_OK) {
        code = case_lua(t, x, &own, e);
    }
    if (code != AS_OK) {
        return code;
    }
    as_eval ev = {.tables = {all, count},
                  .documents = documents,
                  .arena = x->arena,
                  .scratch = &t->scratch,
                  .lua = x->over_count ? &own_lua : &t->lua,
                  .lua_setup = x->over_count ? &own : &t->lua_setup,
                  .every_field = true};
    as_result r = {0};
    as_err failed = {0};
    code = as_rule_eval(&ev, x->rule, &r, &failed);
    as_str why;
    if (code != AS_OK) {
        why = as_arena_printf(t->arena, "%.*s: %s", AS_FMT(rule->id), failed.text);
    } else if (!flags && r.findings.count) {
        why = fires(t, &ev, x->rule, &r, x->arena);
    } else {
        why = verdict(t, rule, flags, own_records(x->test, rule), &r);
    }
    as_findings_free(&r.findings);
    as_lua_close(own_lua);
    return record_result(t, rule, x->test, flags, why);
}

static as_code run_case(tester *t, const as_rule *rule, const as_case *c, bool flags, as_err *e)
{
    trial x = {.arena = as_arena_open(), .test = c};
    if (!x.arena) {
        return as_fail_nomem(e);
    }
    size_t before = t->diags->errors;
    as_code code =
        as_case_params(c, x.arena, &x.over, &x.over_count) ? AS_OK : as_fail_nomem(e);
    if (code == AS_OK) {
        code =
            as_rule_bind(&x.rule, t->project, rule, x.over, x.over_count, x.arena, t->diags, e);
    }
    if (code == AS_OK && t->diags->errors > before) {
        code = record_result(
            t, rule, c, flags,
            as_arena_printf(t->arena, "%.*s: the rule has errors", AS_FMT(rule->id)));
    } else if (code == AS_OK) {
        code = evaluate(t, &x, flags, e);
    }
    for (size_t i = 0; i < x.count; i++) {
        as_table_close(x.tables[i]);
    }
    as_arena_close(x.arena);
    return code;
}

static as_code run_rule(tester *t, const as_rule *rule, as_err *e)
{
    as_code code = AS_OK;
    if (rule->flag_count == 0) {
        t->out->rules_without++;
    }
    for (size_t i = 0; i < rule->flag_count && code == AS_OK; i++) {
        code = run_case(t, rule, &rule->flags[i], true, e);
    }
    for (size_t i = 0; i < rule->pass_count && code == AS_OK; i++) {
        code = run_case(t, rule, &rule->passes[i], false, e);
    }
    return code;
}

/* lua/NAME_test.lua of a pack: the tests of its module NAME, one case a file. */
static as_code run_module_test(tester *t, const as_lua_module *m, as_err *e)
{
    as_err failed = {0};
    as_code code = t->lua ? AS_OK : as_lua_open(&t->lua, &t->lua_setup, e);
    if (code != AS_OK) {
        return code;
    }
    as_lua_source source = {m->name, m->text, m->at};
    as_str why = AS_NONE;
    if (as_lua_run_test(t->lua, &source, &failed) != AS_OK) {
        why = as_arena_printf(t->arena, "%s", failed.text);
    }
    as_selftests *o = t->out;
    o->items[o->count++] = (as_selftest){.at = m->at, .ok = why.ptr == NULL, .why = why};
    o->failed += why.ptr != NULL;
    return AS_OK;
}

static bool is_module_test(as_str name)
{
    as_str ending = AS_STR("_test");
    return name.len > ending.len &&
           as_str_eq(as_str_sub(name, name.len - ending.len, ending.len), ending);
}

static as_code run_module_tests(tester *t, const as_pack *pack, as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; i < pack->module_count && code == AS_OK; i++) {
        if (is_module_test(pack->modules[i].name)) {
            code = run_module_test(t, &pack->modules[i], e);
        }
    }
    return code;
}

static as_code tester_open(tester *t, as_err *e)
{
    size_t cases = 0, refs = 0;
    for (size_t i = 0; i < t->project->rule_count; i++) {
        cases += t->project->rules[i].flag_count + t->project->rules[i].pass_count;
    }
    for (size_t i = 0; i < t->project->pack_count; i++) {
        refs += t->project->packs[i]->reference_count;
        cases += t->project->packs[i]->module_count;
    }
    t->out->items = AS_NEW_N(t->arena, as_selftest, cases + 1);
    t->refs.items = AS_NEW_N(t->arena, as_table *, refs + 1);
    t->scratch = as_scratch_open();
    if (!t->out->items || !t->refs.items || !t->scratch) {
        return as_fail_nomem(e);
    }
    return as_lua_setup_make(&t->lua_setup, t->project, t->arena, e);
}

as_code as_selftest_run(const as_project *p, as_arena *a, as_selftests *out, as_diags *d,
                        as_err *e)
{
    *out = (as_selftests){0};
    tester t = {.project = p, .arena = a, .diags = d, .out = out};
    as_code code = tester_open(&t, e);
    for (size_t i = 0; i < p->rule_count && code == AS_OK; i++) {
        code = run_rule(&t, &p->rules[i], e);
    }
    for (size_t i = 0; i < p->pack_count && code == AS_OK; i++) {
        code = run_module_tests(&t, p->packs[i], e);
    }
    for (size_t i = 0; i < t.refs.count; i++) {
        as_table_close(t.refs.items[i]);
    }
    as_lua_close(t.lua);
    as_scratch_close(t.scratch);
    return code;
}
