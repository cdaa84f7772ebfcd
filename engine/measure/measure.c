/* measure.c: binding a measure (its table, fields, condition, formula; every mistake is
 * reported) and evaluating it.
 *
 * Binding walks from a measure to those that its formula names, at most AS_FORMULA_DEPTH_MAX
 * deep; a measure that comes back to itself is reported with the way round. Each measure is
 * bound once however often it is named. */
#include "measure/bound.h"

#include "base/alloc.h"
#include "measure/groups.h"

typedef struct binder {
    const as_project *project;
    const as_param *over;
    size_t over_count;
    as_arena *arena;
    as_diags *diags;
    as_want_fn want;
    void *want_arg;
    as_measure_node *nodes; /* room for every measure of the project */
    size_t count;
    const as_measure *stack[AS_FORMULA_DEPTH_MAX]; /* the way from the measure asked for */
    size_t depth;
    const as_measure **failed; /* reported already */
    size_t failed_count;
    bool nomem;
} binder;

static const as_measure_node *bind_node(binder *b, as_str name, as_span at);

static void *nomem(binder *b)
{
    b->nomem = true;
    return NULL;
}

/* ---- tables and fields ---- */

/* Where `key` of the measure's mapping stands, for messages. */
static as_span span_of(const as_measure *m, const char *key)
{
    const as_node *n = m->node ? as_node_get(m->node, key) : NULL;

    return n ? n->at : m->at;
}

static const char *op_name(as_measure_op op)
{
    static const char *const names[] = {"count", "sum", "mean", "distinct", "formula"};

    return names[op];
}

static as_cond_env env_of(const binder *b, const as_schema *s)
{
    return (as_cond_env){.project = b->project,
                         .self = s,
                         .plain = AS_SIDE_SELF,
                         .over = b->over,
                         .over_count = b->over_count,
                         .arena = b->arena,
                         .diags = b->diags};
}

/* A field of the measure's table by name; AS_NO_FIELD: reported. */
static uint32_t field_of(const binder *b, const as_measure *m, const as_schema *s, as_str name,
                         const char *key)
{
    as_cond_env env = env_of(b, s);
    as_node n = {.kind = AS_NODE_SCALAR, .at = span_of(m, key), .text = name};
    uint32_t field = as_field_resolve(&env, s, &n);

    if (field != AS_NO_FIELD)
        b->want(b->want_arg, m->table, field);
    return field;
}

static bool bind_by(binder *b, const as_measure *m, const as_schema *s, as_measure_node *out)
{
    bool ok = true;

    /* `distinct` groups by its field as well. */
    size_t most = AS_KEY_FIELDS_MAX - (m->op == AS_MEASURE_DISTINCT);

    if (m->by_count > most) {
        as_diag_add(b->diags, AS_DIAG_ERROR, span_of(m, "by"), NULL,
                    "measure %.*s is by %zu fields; at most %zu are possible", AS_FMT(m->name),
                    m->by_count, most);
        return false;
    }
    for (size_t i = 0; i < m->by_count; i++) {
        out->by[i] = field_of(b, m, s, m->by[i], "by");
        ok = ok && out->by[i] != AS_NO_FIELD;
        if (out->by[i] != AS_NO_FIELD && s->fields[out->by[i]].sensitive) {
            as_diag_add(b->diags, AS_DIAG_ERROR, span_of(m, "by"),
                        "a group's name stands in every report",
                        "measure %.*s is by %.*s, which is sensitive", AS_FMT(m->name),
                        AS_FMT(m->by[i]));
            ok = false;
        }
    }
    out->by_names = m->by;
    out->by_count = m->by_count;
    return ok;
}

static bool bind_field(binder *b, const as_measure *m, const as_schema *s, as_measure_node *out)
{
    const char *key = op_name(m->op);
    as_type type;

    out->field = AS_NO_FIELD;
    if (m->op == AS_MEASURE_COUNT)
        return true;
    out->field = field_of(b, m, s, m->field, key);
    if (out->field == AS_NO_FIELD)
        return false;
    type = s->fields[out->field].type;
    if (m->op == AS_MEASURE_DISTINCT || type == AS_TYPE_INTEGER || type == AS_TYPE_NUMBER)
        return true;
    as_diag_add(b->diags, AS_DIAG_ERROR, span_of(m, key),
                "give the field the type integer or number in its schema, or use `count`",
                "measure %.*s: %.*s is a %s, and a %s needs a number", AS_FMT(m->name),
                AS_FMT(m->field), as_type_name(type), op_name(m->op));
    return false;
}

typedef struct wants {
    const binder *b;
    as_str table;
} wants;

static void want_field(void *arg, as_side side, uint32_t field)
{
    const wants *w = arg;

    (void)side;
    w->b->want(w->b->want_arg, w->table, field);
}

static bool bind_where(binder *b, const as_measure *m, const as_schema *s, as_measure_node *out)
{
    as_cond_env env = env_of(b, s);
    wants w = {b, m->table};

    if (!m->where)
        return true;
    out->where = as_cond_parse(&env, m->where);
    if (!out->where)
        return false;
    as_cond_fields(out->where, want_field, &w);
    return true;
}

static bool bind_joins(binder *b, const as_measure *m, const as_schema *s, as_measure_node *out)
{
    static const char *const keys[AS_MEASURE_JOINS_MAX] = {"found_in", "missing_from"};
    as_cond_env env = env_of(b, s);
    bool ok = true;

    for (size_t i = 0; i < AS_MEASURE_JOINS_MAX; i++) {
        as_measure_join *join = &out->joins[out->join_count];
        if (!as_node_get(m->node, keys[i]))
            continue;
        join->found = i == 0;
        ok = as_measure_join_bind(join, m, keys[i], &env, b->want, b->want_arg) && ok;
        out->join_count++;
    }
    return ok;
}

static bool bind_table(binder *b, const as_measure *m, as_measure_node *out)
{
    const as_schema *s = as_project_table_schema(b->project, m->table);
    as_str near;
    bool ok;

    if (!s) {
        near = as_project_nearest(b->project, "table", m->table);
        as_diag_add(
            b->diags, AS_DIAG_ERROR, span_of(m, m->op == AS_MEASURE_COUNT ? "count" : "of"),
            near.len ? as_arena_printf(b->arena, "did you mean %.*s?", AS_FMT(near)).ptr : NULL,
            "measure %.*s is over the table %.*s, which does not exist", AS_FMT(m->name),
            AS_FMT(m->table));
        return false;
    }
    b->want(b->want_arg, m->table, AS_NO_FIELD); /* a plain count reads no field */
    ok = bind_field(b, m, s, out);
    ok = bind_by(b, m, s, out) && ok;
    ok = bind_joins(b, m, s, out) && ok;
    return bind_where(b, m, s, out) && ok;
}

/* ---- formulas ---- */

static bool same_by(const as_measure_node *x, const as_str *names, size_t count)
{
    if (x->by_count != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!as_str_eq(x->by_names[i], names[i]))
            return false;
    }
    return true;
}

/* A formula is by what its measures are by. */
static bool join_by(const binder *b, const as_measure *m, const as_measure_node *part,
                    as_measure_node *out)
{
    if (part->by_count == 0)
        return true;
    if (out->by_count == 0) {
        out->by_names = part->by_names;
        out->by_count = part->by_count;
        return true;
    }
    if (same_by(part, out->by_names, out->by_count))
        return true;
    as_diag_add(b->diags, AS_DIAG_ERROR, span_of(m, "formula"),
                "measures in one formula are by the same fields in the same order, or by none",
                "formula %.*s: %.*s is by other fields than the measures before it",
                AS_FMT(m->name), AS_FMT(part->measure->name));
    return false;
}

static bool bind_formula(binder *b, const as_measure *m, as_measure_node *out)
{
    as_err err = {0};
    as_formula *f;
    uint32_t *operands;
    bool ok = true;

    if (as_formula_compile(&f, b->arena, m->formula, span_of(m, "formula"), &err) != AS_OK) {
        as_diags_error(b->diags, &err);
        return false;
    }
    operands = AS_NEW_N(b->arena, uint32_t, f->name_count + 1);
    if (!operands)
        return nomem(b) != NULL;
    for (size_t i = 0; i < f->name_count; i++) {
        const as_measure_node *part = bind_node(b, f->names[i], span_of(m, "formula"));
        if (!part) {
            ok = false;
            continue;
        }
        operands[i] = (uint32_t)(part - b->nodes);
        ok = join_by(b, m, part, out) && ok;
    }
    out->formula = f;
    out->operands = operands;
    return ok;
}

/* ---- the walk ---- */

static const as_measure_node *report_cycle(binder *b, const as_measure *m)
{
    as_buf way = AS_BUF(AS_MESSAGE_MAX);
    size_t i = 0;

    while (b->stack[i] != m)
        i++;
    for (; i < b->depth; i++)
        as_buf_addf(&way, "%.*s \xe2\x86\x92 ", AS_FMT(b->stack[i]->name));
    as_diag_add(b->diags, AS_DIAG_ERROR, span_of(m, "formula"), NULL,
                "measure %.*s is defined through itself: %.*s%.*s", AS_FMT(m->name),
                AS_FMT(as_buf_str(&way)), AS_FMT(m->name));
    as_buf_free(&way);
    return NULL;
}

static const as_measure_node *report_unknown(binder *b, as_str name, as_span at)
{
    as_str near = as_project_nearest(b->project, "measure", name);

    as_diag_add(b->diags, AS_DIAG_ERROR, at,
                near.len ? as_arena_printf(b->arena, "did you mean %.*s?", AS_FMT(near)).ptr
                         : NULL,
                "there is no measure %.*s", AS_FMT(name));
    return NULL;
}

static bool on_list(const as_measure *const *list, size_t count, const as_measure *m)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == m)
            return true;
    }
    return false;
}

static const as_measure_node *bind_new(binder *b, as_measure *m)
{
    as_measure_node node = {.measure = m, .field = AS_NO_FIELD};
    bool ok;

    m->used = true;
    b->stack[b->depth++] = m;
    ok = m->op == AS_MEASURE_FORMULA ? bind_formula(b, m, &node) : bind_table(b, m, &node);
    b->depth--;
    if (!ok) {
        b->failed[b->failed_count++] = m;
        return NULL;
    }
    b->nodes[b->count] = node;
    return &b->nodes[b->count++];
}

static const as_measure_node *bind_node(binder *b, as_str name, as_span at)
{
    as_measure *m = as_project_measure(b->project, name);

    if (!m)
        return report_unknown(b, name, at);
    for (size_t i = 0; i < b->count; i++) {
        if (b->nodes[i].measure == m)
            return &b->nodes[i];
    }
    if (on_list(b->failed, b->failed_count, m))
        return NULL;
    if (on_list(b->stack, b->depth, m))
        return report_cycle(b, m);
    if (b->depth == AS_FORMULA_DEPTH_MAX) {
        as_diag_add(
            b->diags, AS_DIAG_ERROR, at, NULL,
            "measure %.*s is defined by measures more than %d deep (AS_FORMULA_DEPTH_MAX)",
            AS_FMT(name), AS_FORMULA_DEPTH_MAX);
        return NULL;
    }
    return bind_new(b, m);
}

static void want_nothing(void *arg, as_str table, uint32_t field)
{
    (void)arg;
    (void)table;
    (void)field;
}

static const as_bound_measure *keep(binder *b)
{
    as_bound_measure *out = AS_NEW(b->arena, as_bound_measure);
    as_measure_node *nodes = AS_NEW_N(b->arena, as_measure_node, b->count);

    if (!out || !nodes)
        return nomem(b);
    memcpy(nodes, b->nodes, b->count * sizeof(*nodes));
    *out = (as_bound_measure){nodes, b->count};
    return out;
}

const as_bound_measure *as_measure_bind(const as_project *p, as_str name, as_span asked_at,
                                        const as_param *over, size_t over_count, as_arena *a,
                                        as_diags *d, as_want_fn want, void *arg)
{
    binder b = {.project = p,
                .over = over,
                .over_count = over_count,
                .arena = a,
                .diags = d,
                .want = want ? want : want_nothing,
                .want_arg = arg};
    const as_bound_measure *out = NULL;

    b.nodes = as_calloc(p->measure_count + 1, sizeof(*b.nodes));
    b.failed = as_calloc(p->measure_count + 1, sizeof(*b.failed));
    if (!b.nodes || !b.failed)
        b.nomem = true;
    else if (bind_node(&b, name, asked_at))
        out = keep(&b);
    if (b.nomem)
        as_diag_add(d, AS_DIAG_ERROR, asked_at, NULL, "out of memory");
    as_free(b.nodes);
    as_free(b.failed);
    return b.nomem ? NULL : out;
}

const as_measure *as_bound_measure_of(const as_bound_measure *m)
{
    return m->nodes[m->count - 1].measure;
}

const as_str *as_bound_measure_by(const as_bound_measure *m, size_t *count)
{
    *count = m->nodes[m->count - 1].by_count;
    return m->nodes[m->count - 1].by_names;
}

/* ---- evaluation ---- */

const as_table *as_tables_find(as_tables t, as_str name)
{
    for (size_t i = 0; i < t.count; i++) {
        if (t.items[i] && as_str_eq(t.items[i]->name, name))
            return t.items[i];
    }
    return NULL;
}

static as_code eval_node(const as_bound_measure *m, size_t i, as_tables tables, as_pool *pool,
                         as_arena *a, as_measure_result *results, as_err *e)
{
    const as_measure_node *n = &m->nodes[i];
    const as_table *t;

    if (n->formula)
        return as_measure_combine(n, m->nodes, results, a, &results[i], e);
    t = as_tables_find(tables, n->measure->table);
    if (!t)
        return as_fail(e, AS_EINPUT, n->measure->at,
                       "measure %.*s needs the table %.*s, which this release does not have",
                       AS_FMT(n->measure->name), AS_FMT(n->measure->table));
    return as_measure_kept(n, t, tables, pool, a, &results[i], e);
}

as_code as_measure_eval_nodes(const as_bound_measure *m, as_tables tables, as_pool *pool,
                              as_arena *a, as_measure_result *results, as_err *e)
{
    for (size_t i = 0; i < m->count; i++) {
        const as_measure_node *n = &m->nodes[i];
        as_code code = eval_node(m, i, tables, pool, a, results, e);
        if (code != AS_OK)
            return code;
        results[i].by = n->by_names;
        results[i].by_count = n->by_count;
        results[i].unit = n->measure->unit.ptr ? n->measure->unit.ptr : "";
    }
    return AS_OK;
}

as_code as_measure_eval(const as_bound_measure *m, as_tables tables, as_pool *pool, as_arena *a,
                        as_measure_result *out, as_err *e)
{
    as_measure_result *results = AS_NEW_N(a, as_measure_result, m->count);
    as_code code;

    if (!results)
        return as_fail_nomem(e);
    code = as_measure_eval_nodes(m, tables, pool, a, results, e);
    if (code == AS_OK)
        *out = results[m->count - 1];
    return code;
}

const as_measured *as_measure_group(const as_measure_result *r, const as_str *keys)
{
    size_t low = 0, high = r->count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int order = as_group_keys_cmp(r->groups[mid].keys, keys, r->by_count);
        if (order == 0)
            return &r->groups[mid];
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return NULL;
}
