/* expression.c: see expression.h. A formula's names are looked up once: first among the
 * caller's own, then among the measures; a measure with `by` is narrowed to one group. */
#include "measure/expression.h"

#include "base/limits.h"
#include "measure/bound.h"

#include <math.h>

typedef struct operand {
    bool own;
    size_t index;       /* of the caller's name, or of the set's measure */
    const as_str *keys; /* measures: the group */
} operand;

struct as_expression {
    as_str text;
    const as_formula *formula;
    const operand *operands; /* one for each of formula->names */
    const as_expressions *set;
};

struct as_expressions {
    as_cond_env env;
    as_want_fn want;
    void *want_arg;
    const as_bound_measure **measures; /* room for every measure of the project */
    size_t count;
};

as_expressions *as_expressions_open(const as_cond_env *env, as_want_fn want, void *want_arg)
{
    as_expressions *s = AS_NEW(env->arena, as_expressions);

    if (!s)
        return NULL;
    *s = (as_expressions){.env = *env, .want = want, .want_arg = want_arg};
    s->measures =
        AS_NEW_N(env->arena, const as_bound_measure *, env->project->measure_count + 1);
    return s->measures ? s : NULL;
}

/* ---- binding ---- */

static void *nomem(const as_expression_ask *ask)
{
    as_diag_add(ask->diags, AS_DIAG_ERROR, ask->at, NULL, "out of memory");
    return NULL;
}

static void report_unknown(const as_expressions *s, const as_expression_ask *ask, as_str name)
{
    as_str near = as_project_nearest(s->env.project, "measure", name);
    as_str hint = near.len ? as_arena_printf(s->env.arena, "did you mean %.*s?", AS_FMT(near))
                           : AS_STR("name a measure, or a number of the sentence: {a}");

    as_diag_add(ask->diags, AS_DIAG_ERROR, ask->at, hint.ptr,
                "\"%.*s\": there is no measure %.*s", AS_FMT(ask->text), AS_FMT(name));
}

/* The set's place of the measure; SIZE_MAX: reported. */
static size_t measure_of(as_expressions *s, const as_expression_ask *ask, as_str name)
{
    const as_bound_measure *m;

    for (size_t i = 0; i < s->count; i++) {
        if (as_str_eq(as_bound_measure_of(s->measures[i])->name, name))
            return i;
    }
    if (!as_project_measure(s->env.project, name)) {
        report_unknown(s, ask, name);
        return SIZE_MAX;
    }
    m = as_measure_bind(s->env.project, name, ask->at, s->env.over, s->env.over_count,
                        s->env.arena, ask->diags, s->want, s->want_arg);
    if (!m)
        return SIZE_MAX;
    s->measures[s->count] = m;
    return s->count++;
}

/* The schema field that the measure is by under this name, from the first table that has it. */
static const as_field *field_of(const as_expressions *s, const as_bound_measure *m, as_str name)
{
    for (size_t i = 0; i < m->count; i++) {
        const as_measure *part = m->nodes[i].measure;
        const as_schema *schema = part->op == AS_MEASURE_FORMULA
                                      ? NULL
                                      : as_project_table_schema(s->env.project, part->table);
        uint32_t field = schema ? as_schema_field(schema, name) : AS_NO_FIELD;
        if (field != AS_NO_FIELD)
            return &schema->fields[field];
    }
    return NULL;
}

static bool key_of(const as_expressions *s, const as_expression_ask *ask,
                   const as_bound_measure *m, as_str by, as_str *key)
{
    const as_node *value = as_node_get(ask->group, by.ptr);
    const as_field *field = field_of(s, m, by);
    as_cond_env env = s->env;
    as_literal literal;

    if (!value) {
        as_diag_add(ask->diags, AS_DIAG_ERROR, ask->group ? ask->group->at : ask->at,
                    "write group: {FIELD: value}, or use a measure without `by`",
                    "\"%.*s\": measure %.*s is by %.*s; say which group is meant",
                    AS_FMT(ask->text), AS_FMT(as_bound_measure_of(m)->name), AS_FMT(by));
        return false;
    }
    if (as_node_is_null(value))
        return true; /* the records whose field is null */
    env.diags = ask->diags;
    if (!field || !as_literal_parse(&env, field, value, &literal))
        return false;
    *key = literal.text;
    return true;
}

static bool bind_group(const as_expressions *s, const as_expression_ask *ask,
                       const as_bound_measure *m, operand *out)
{
    size_t count;
    const as_str *by = as_bound_measure_by(m, &count);
    as_str *keys = AS_NEW_N(s->env.arena, as_str, count + 1);
    bool ok = true;

    if (!keys)
        return nomem(ask) != NULL;
    for (size_t i = 0; ok && i < count; i++)
        ok = key_of(s, ask, m, by[i], &keys[i]);
    out->keys = keys;
    return ok;
}

static bool bind_name(as_expressions *s, const as_expression_ask *ask, as_str name,
                      operand *out)
{
    for (size_t i = 0; i < ask->own_count; i++) {
        if (as_str_eq(ask->own[i], name)) {
            *out = (operand){.own = true, .index = i};
            return true;
        }
    }
    out->index = measure_of(s, ask, name);
    return out->index != SIZE_MAX && bind_group(s, ask, s->measures[out->index], out);
}

const as_expression *as_expression_bind(as_expressions *s, const as_expression_ask *ask)
{
    as_arena *a = s->env.arena;
    as_expression *x = AS_NEW(a, as_expression);
    as_err err = {0};
    as_formula *f;
    operand *operands;
    bool ok = true;

    if (!x)
        return nomem(ask);
    if (as_formula_compile(&f, a, ask->text, ask->at, &err) != AS_OK) {
        as_diags_error(ask->diags, &err);
        return NULL;
    }
    operands = AS_NEW_N(a, operand, f->name_count + 1);
    if (!operands)
        return nomem(ask);
    for (size_t i = 0; i < f->name_count; i++)
        ok = bind_name(s, ask, f->names[i], &operands[i]) && ok;
    *x = (as_expression){as_str_trim(ask->text), f, operands, s};
    return ok ? x : NULL;
}

static bool is_relation(char c)
{
    return c == '=' || c == '<' || c == '>' || c == '!';
}

static bool relation_of(as_str text, as_relation *out)
{
    static const struct {
        as_str text;
        as_relation is;
    } all[] = {{{"=", 1}, AS_REL_EQUAL}, {{"!=", 2}, AS_REL_NOT_EQUAL},
               {{"<", 1}, AS_REL_BELOW}, {{"<=", 2}, AS_REL_AT_MOST},
               {{">", 1}, AS_REL_ABOVE}, {{">=", 2}, AS_REL_AT_LEAST}};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (as_str_eq(all[i].text, text)) {
            *out = all[i].is;
            return true;
        }
    }
    return false;
}

const as_comparison *as_comparison_bind(as_expressions *s, const as_expression_ask *ask)
{
    as_comparison *c = AS_NEW(s->env.arena, as_comparison);
    as_expression_ask side = *ask;
    size_t from = 0, to;

    while (from < ask->text.len && !is_relation(ask->text.ptr[from]))
        from++;
    for (to = from; to < ask->text.len && is_relation(ask->text.ptr[to]);)
        to++;
    if (!c)
        return nomem(ask);
    if (!relation_of(as_str_sub(ask->text, from, to - from), &c->is)) {
        as_diag_add(ask->diags, AS_DIAG_ERROR, ask->at,
                    "write two formulas with one of = != < <= > >= between them",
                    "\"%.*s\" compares nothing", AS_FMT(ask->text));
        return NULL;
    }
    side.text = as_str_sub(ask->text, 0, from);
    c->left = as_expression_bind(s, &side);
    side.text = as_str_sub(ask->text, to, ask->text.len);
    c->right = as_expression_bind(s, &side);
    return c->left && c->right ? c : NULL;
}

bool as_expression_uses(const as_expression *x, size_t i)
{
    for (size_t k = 0; k < x->formula->name_count; k++) {
        if (x->operands[k].own && x->operands[k].index == i)
            return true;
    }
    return false;
}

bool as_expression_is_own(const as_expression *x, size_t i)
{
    return x->formula->count == 1 && as_expression_uses(x, i);
}

bool as_expression_is_by(const as_expression *x, as_str field)
{
    for (size_t k = 0; k < x->formula->name_count; k++) {
        const operand *o = &x->operands[k];
        size_t count = 0;
        const as_str *by =
            o->own ? NULL : as_bound_measure_by(x->set->measures[o->index], &count);
        for (size_t i = 0; i < count; i++) {
            if (as_str_eq(by[i], field))
                return true;
        }
    }
    return false;
}

as_str as_expression_text(const as_expression *x)
{
    return x->text;
}

/* ---- evaluation ---- */

as_code as_expressions_eval(const as_expressions *s, as_tables tables, as_pool *pool,
                            as_arena *a, const as_measure_result **results, as_err *e)
{
    as_measure_result *out = AS_NEW_N(a, as_measure_result, s->count + 1);
    as_code code = out ? AS_OK : as_fail_nomem(e);

    for (size_t i = 0; code == AS_OK && i < s->count; i++)
        code = as_measure_eval(s->measures[i], tables, pool, a, &out[i], e);
    *results = out;
    return code;
}

double as_expression_value(const as_expression *x, const as_measure_result *results,
                           const double *own)
{
    double values[AS_FORMULA_STEPS_MAX];

    for (size_t i = 0; i < x->formula->name_count; i++) {
        const operand *o = &x->operands[i];
        const as_measured *m = o->own ? NULL : as_measure_group(&results[o->index], o->keys);
        if (o->own)
            values[i] = own[o->index];
        else if (!m)
            values[i] = as_bound_measure_of(x->set->measures[o->index])->op == AS_MEASURE_COUNT
                            ? 0
                            : (double)NAN;
        else
            values[i] = m->known ? m->value : (double)NAN;
    }
    return as_formula_value(x->formula, values);
}
