/* plan.c: rules × kinds → an immutable plan. Order: as_plan_make binds every rule once; each
 * bind says which fields of which tables it reads; the union is what will be read from the
 * files.
 *
 * Invariant: a bound rule never moves, because its as_bind is handed to eval and describe. */
#include "run/plan.h"
#include "check/builtin.h"
#include "check/evidence.h"

const as_need *as_needs_find(const as_needs *n, as_str table)
{
    for (size_t i = 0; i < n->count; i++) {
        if (as_str_eq(n->items[i].table, table)) {
            return &n->items[i];
        }
    }
    return NULL;
}

static as_need *needs_table(as_needs *n, as_arena *a, const as_project *p, as_str table)
{
    as_need *found = (as_need *)as_needs_find(n, table);
    if (found) {
        return found;
    }
    const as_schema *schema = as_project_table_schema(p, table);
    as_need *grown = AS_NEW_N(a, as_need, n->count + 1);
    if (!grown || !schema) {
        return NULL;
    }
    if (n->count) {
        memcpy(grown, n->items, n->count * sizeof *grown);
    }
    n->items = grown;
    found = &grown[n->count];
    found->table = table;
    found->schema = schema;
    found->want = AS_NEW_N(a, bool, schema->count + 1);
    found->decides = AS_NEW_N(a, bool, schema->count + 1);
    if (!found->want || !found->decides) {
        return NULL;
    }
    for (size_t i = 0; i < schema->key_count; i++) {
        found->want[schema->key[i]] = true;
    }
    n->count++;
    return found;
}

bool as_needs_add(as_needs *n, as_arena *a, const as_project *p, as_str table, uint32_t field)
{
    as_need *need = needs_table(n, a, p, table);
    if (!need) {
        return false;
    }
    if (field < need->schema->count) {
        need->want[field] = true;
    }
    return true;
}

/* What the want callback needs: the rule's own list, and whether memory ran out. */
typedef struct want_ctx {
    as_bound_rule *rule;
    const as_project *project;
    as_arena *arena;
    bool telling; /* what is wanted now names a record or stands in the message */
    bool failed;
} want_ctx;

static void want_field(void *arg, as_str table, uint32_t field)
{
    want_ctx *w = arg;
    if (!as_needs_add(&w->rule->needs, w->arena, w->project, table, field)) {
        w->failed = true;
        return;
    }
    const as_need *need = as_needs_find(&w->rule->needs, table);
    if (!w->telling && field < need->schema->count) {
        need->decides[field] = true;
    }
}

static void want_cond_field(void *arg, as_side side, uint32_t field)
{
    as_bind *b = arg;
    if (side == AS_SIDE_SELF) {
        b->want(b->want_arg, b->rule->table, field);
        as_bind_show(b, field);
    }
}

static void bind_where(as_bind *b)
{
    if (!b->rule->where) {
        return;
    }
    if (!b->schema) {
        as_diag_add(b->diags, AS_DIAG_ERROR, b->rule->where->at,
                    "add `table:` to the rule, or drop `where`",
                    "rule %.*s has a `where` but no table", AS_FMT(b->rule->id));
        return;
    }
    b->where = as_cond_parse(&b->env, b->rule->where);
    if (b->where) {
        as_cond_fields(b->where, want_cond_field, b);
    }
}

static as_code bind_kind(as_bound_rule *r, want_ctx *w, as_err *e)
{
    as_bind *b = &r->bind;
    if (r->kind->needs_table && !b->schema) {
        if (b->rule->table.len ==
            0) { /* a table that no schema describes was reported before */
            as_diag_add(b->diags, AS_DIAG_ERROR, b->rule->at, "add `table: NAME`",
                        "rule %.*s (%s) does not say which table it is about",
                        AS_FMT(b->rule->id), r->kind->name);
        }
        return AS_OK;
    }
    w->telling = true;
    if (b->schema) {
        b->want(b->want_arg, b->rule->table, AS_NO_FIELD); /* the table itself, its key */
        for (size_t i = 0; i < b->schema->key_count; i++) {
            b->want(b->want_arg, b->rule->table, b->schema->key[i]);
        }
    }
    w->telling = false;
    bind_where(b);
    as_code code = r->kind->bind(b, &r->plan, e);
    w->telling = true;
    if (code == AS_OK) {
        code = as_message_bind(b, r->kind, e);
    }
    return code;
}

as_code as_rule_bind(as_bound_rule **out, const as_project *p, const as_rule *rule,
                     const as_param *over, size_t over_count, as_arena *a, as_diags *d,
                     as_err *e)
{
    as_bound_rule *r = AS_NEW(a, as_bound_rule);
    want_ctx *w = AS_NEW(a, want_ctx);
    if (!r || !w) {
        return as_fail_nomem(e);
    }
    r->rule = rule;
    r->builtin = as_builtin_is(rule);
    r->kind = as_check_kind_find(rule->kind);
    if (!r->kind) {
        return as_fail(e, AS_ERULE, rule->at, "rule %.*s is of no known check kind",
                       AS_FMT(rule->id));
    }
    *w = (want_ctx){.rule = r, .project = p, .arena = a};
    r->bind = (as_bind){
        .project = p, .rule = rule, .arena = a, .diags = d, .want = want_field, .want_arg = w};
    r->bind.schema = rule->table.len ? as_project_table_schema(p, rule->table) : NULL;
    r->bind.env = (as_cond_env){.project = p,
                                .self = r->bind.schema,
                                .plain = AS_SIDE_SELF,
                                .over = over,
                                .over_count = over_count,
                                .arena = a,
                                .diags = d};
    as_code code = bind_kind(r, w, e);
    if (code == AS_OK && w->failed) {
        code = as_fail_nomem(e);
    }
    *out = r;
    return code;
}

static as_code take_needs(as_plan *p, const as_needs *needs, as_err *e)
{
    for (size_t i = 0; i < needs->count; i++) {
        const as_need *need = &needs->items[i];
        for (uint32_t f = 0; f < need->schema->count; f++) {
            if (need->want[f] &&
                !as_needs_add(&p->needs, p->arena, p->project, need->table, f)) {
                return as_fail_nomem(e);
            }
        }
    }
    return AS_OK;
}

static as_code plan_add(as_plan *p, const as_rule *rule, as_diags *d, as_err *e)
{
    as_bound_rule *r = NULL;
    as_code code = as_rule_bind(&r, p->project, rule, NULL, 0, p->arena, d, e);
    if (code != AS_OK) {
        return code;
    }
    p->rules[p->count++] = r;
    if (rule->off) {
        return AS_OK;
    }
    return take_needs(p, &r->needs, e);
}

/* ---- published measures ---- */

static bool has_table(const as_project *p, as_str name)
{
    for (size_t i = 0; i < p->table_count; i++) {
        if (as_str_eq(p->tables[i].name, name)) {
            return true;
        }
    }
    return as_project_reference(p, name) != NULL;
}

/* The table that keeps a measure from being worked out; .ptr NULL: none. */
static as_str lacks_table(const as_project *p, const as_needs *needs)
{
    for (size_t i = 0; i < needs->count; i++) {
        if (!has_table(p, needs->items[i].table)) {
            return needs->items[i].table;
        }
    }
    return AS_NONE;
}

static as_code plan_published(as_plan *plan, const as_measure *m, as_diags *d, as_err *e)
{
    const as_project *p = plan->project;
    as_bound_rule *reader = AS_NEW(plan->arena, as_bound_rule); /* collects what is read */
    want_ctx w = {.rule = reader, .project = p, .arena = plan->arena, .telling = true};
    if (!reader) {
        return as_fail_nomem(e);
    }
    const as_bound_measure *b =
        as_measure_bind(p, m->name, m->at, NULL, 0, plan->arena, d, want_field, &w);
    if (w.failed) {
        return as_fail_nomem(e);
    }
    as_str lacks = lacks_table(p, &reader->needs);
    if (!b || p->table_count == 0 || lacks.ptr) {
        if (b && p->table_count && !as_project_without(p, lacks).ptr) {
            as_diag_add(
                d, AS_DIAG_WARNING, m->at,
                "name its file under `tables:`, or say under `without:` why there is "
                "none",
                "measure %.*s is published, but the release has no table %.*s: findings "
                "do not say whether they move it",
                AS_FMT(m->name), AS_FMT(lacks));
        }
        return AS_OK;
    }
    plan->published[plan->published_count++] = b;
    return take_needs(plan, &reader->needs, e);
}

static as_code plan_measures(as_plan *plan, as_diags *d, as_err *e)
{
    const as_project *p = plan->project;
    as_code code = AS_OK;
    plan->published = AS_NEW_N(plan->arena, const as_bound_measure *, p->measure_count + 1);
    if (!plan->published) {
        return as_fail_nomem(e);
    }
    for (size_t i = 0; i < p->measure_count && code == AS_OK; i++) {
        if (p->measures[i].published) {
            code = plan_published(plan, &p->measures[i], d, e);
        }
    }
    return code;
}

as_code as_plan_make(as_plan **out, const as_project *p, as_arena *a, as_diags *d, as_err *e)
{
    *out = NULL;
    as_rule *builtin = NULL;
    size_t builtin_count = 0;
    as_code code = as_builtin_rules(p, a, &builtin, &builtin_count, d, e);
    if (code != AS_OK) {
        return code;
    }
    as_plan *plan = AS_NEW(a, as_plan);
    if (!plan ||
        !(plan->rules = AS_NEW_N(a, as_bound_rule *, p->rule_count + builtin_count + 1))) {
        return as_fail_nomem(e);
    }
    plan->project = p;
    plan->arena = a;
    for (size_t i = 0; i < p->rule_count && code == AS_OK; i++) {
        if (as_check_kind_find(p->rules[i].kind)) { /* no kind, or two: reported before */
            code = plan_add(plan, &p->rules[i], d, e);
        }
    }
    for (size_t i = 0; i < builtin_count && code == AS_OK; i++) {
        code = plan_add(plan, &builtin[i], d, e);
    }
    if (code == AS_OK) {
        code = plan_measures(plan, d, e);
    }
    if (code == AS_OK && d->errors == 0) {
        *out = plan;
    }
    return code;
}

size_t as_plan_rule_count(const as_plan *p)
{
    return p->count;
}

const as_rule *as_plan_rule(const as_plan *p, as_str id_or_name)
{
    for (size_t i = 0; i < p->count; i++) {
        const as_rule *r = p->rules[i]->rule;
        if (as_str_eq(r->id, id_or_name) || as_str_eq(r->name, id_or_name)) {
            return r;
        }
    }
    return NULL;
}
