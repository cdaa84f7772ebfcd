/* explain.c: what a bound rule asks and reads, in words, for `assay explain`. */
#include "base/limits.h"
#include "run/plan.h"

static const as_bound_rule *find(const as_plan *p, const as_rule *r)
{
    for (size_t i = 0; i < p->count; i++)
        if (as_str_eq(p->rules[i]->rule->id, r->id))
            return p->rules[i];
    return NULL;
}

static as_str keep(as_arena *a, as_buf *b)
{
    as_str text = b->failed ? AS_NONE : as_arena_str(a, as_buf_str(b));
    as_buf_free(b);
    return text;
}

static as_str words(as_arena *a, const as_cond *c, const as_schema *s)
{
    as_buf out = AS_BUF(AS_EVIDENCE_MAX);
    as_cond_words(c, s, NULL, &out);
    return keep(a, &out);
}

/* "providers: urn, places": each table with the fields that are read of it. */
static as_str table_read(as_arena *a, const as_need *need)
{
    as_buf out = AS_BUF(AS_EVIDENCE_MAX);
    const char *before = ": ";
    as_buf_add(&out, need->table);
    for (size_t f = 0; f < need->schema->count; f++) {
        if (!need->want[f])
            continue;
        as_buf_addf(&out, "%s%.*s", before, AS_FMT(need->schema->fields[f].name));
        before = ", ";
    }
    return keep(a, &out);
}

/* ---- parameters and measures that the rule names ---- */

typedef struct names {
    const as_project *project;
    as_arena *arena;
    as_explained *out;
    bool nomem;
} names;

static void add_param(names *n, const as_param *p)
{
    as_explained *x = n->out;
    for (size_t i = 0; i < x->param_count; i++)
        if (x->params[i] == p)
            return;
    const as_param **all = AS_NEW_N(n->arena, const as_param *, x->param_count + 1);
    n->nomem |= !all;
    if (!all)
        return;
    if (x->param_count)
        memcpy(all, x->params, x->param_count * sizeof *all);
    all[x->param_count++] = p;
    x->params = all;
}

static void add_measure(names *n, const as_measure *m)
{
    as_explained *x = n->out;
    for (size_t i = 0; i < x->measure_count; i++)
        if (x->measures[i] == m)
            return;
    const as_measure **all = AS_NEW_N(n->arena, const as_measure *, x->measure_count + 1);
    n->nomem |= !all;
    if (!all)
        return;
    if (x->measure_count)
        memcpy(all, x->measures, x->measure_count * sizeof *all);
    all[x->measure_count++] = m;
    x->measures = all;
}

/* The depth is that of the YAML: AS_YAML_DEPTH_MAX. */
static void walk(names *n, const as_node *node)
{
    for (size_t i = 0; node && i < node->count; i++)
        walk(n, node->kind == AS_NODE_MAP ? node->pairs[i].value : node->items[i]);
    if (!node || node->kind != AS_NODE_SCALAR || node->text.len == 0)
        return;
    bool param = !node->quoted && node->text.ptr[0] == '$';
    const as_param *p =
        param ? as_project_param(n->project, as_str_sub(node->text, 1, node->text.len)) : NULL;
    const as_measure *m = param ? NULL : as_project_measure(n->project, node->text);
    if (p)
        add_param(n, p);
    if (m) {
        add_measure(n, m);
        walk(n, m->where);
    }
}

as_code as_plan_explain(const as_plan *p, const as_rule *r, as_arena *a, as_explained *out,
                        as_err *e)
{
    const as_bound_rule *b = find(p, r);
    *out = (as_explained){0};
    if (!b)
        return AS_OK;
    names n = {p->project, a, out, false};
    const as_key_doc *first = b->kind->params;
    bool condition =
        first && first->name && !first->name[0] && !strcmp(first->type, "condition");
    const as_cond *expect =
        condition && b->bind.schema ? as_cond_parse(&b->bind.env, r->spec) : NULL;
    if (b->bind.where)
        out->where = words(a, b->bind.where, b->bind.schema);
    if (expect)
        out->expect = words(a, expect, b->bind.schema);
    out->reads = AS_NEW_N(a, as_str, b->needs.count + 1);
    for (size_t i = 0; out->reads && i < b->needs.count; i++)
        out->reads[out->read_count++] = table_read(a, &b->needs.items[i]);
    walk(&n, r->where);
    walk(&n, r->spec);
    return out->reads && !n.nomem ? AS_OK : as_fail_nomem(e);
}
