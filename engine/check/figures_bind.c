/* figures_bind.c: the block of a `figures` rule; where it lists what nothing verifies, also the
 * quotes of the other rules on the document. */
#include "check/figures.h"

extern const as_check_kind as_check_figures;

static const as_node *quotes_of(const as_rule *rule)
{
    const as_node *n = rule->spec && rule->spec->kind == AS_NODE_MAP
                           ? as_node_get(rule->spec, "quotes")
                           : NULL;
    return n && n->kind == AS_NODE_SEQ ? n : NULL;
}

/* Another rule that is on, of this kind, on the same document. */
static bool is_beside(const as_bind *b, const as_rule *other, as_str document)
{
    const as_node *n = other->spec && other->spec->kind == AS_NODE_MAP
                           ? as_node_get(other->spec, "document")
                           : NULL;
    return !other->off && !as_str_eq(other->id, b->rule->id) &&
           as_str_eq(other->kind, AS_STR("figures")) && n && n->kind == AS_NODE_SCALAR &&
           as_str_eq(n->text, document);
}

/* Their mistakes are told where they are bound themselves. */
static bool read_others(as_bind *b, as_figures_plan *p)
{
    as_diags muted;
    as_bind quiet = *b;
    as_diags_init(&muted, b->arena);
    quiet.diags = quiet.env.diags = &muted;
    for (size_t i = 0; i < b->project->rule_count; i++) {
        const as_rule *other = &b->project->rules[i];
        const as_node *quotes = quotes_of(other);
        quiet.rule = other;
        for (size_t k = 0; is_beside(b, other, p->document) && quotes && k < quotes->count; k++)
            as_figures_item(&quiet, p, quotes->items[k]);
    }
    return !quiet.nomem;
}

static size_t count_items(const as_bind *b)
{
    const as_node *own = quotes_of(b->rule);
    size_t n = own ? own->count : 0;
    for (size_t i = 0; i < b->project->rule_count; i++) {
        const as_node *quotes = quotes_of(&b->project->rules[i]);
        n += quotes ? quotes->count : 0;
    }
    return n;
}

static bool read_pattern(as_bind *b, as_figures_plan *p, const as_node *n)
{
    as_str text;
    as_regex *r = NULL;
    as_err e = {0};
    if (!as_params_text(b, n, "figures: ignore", &text))
        return true;
    as_code code = as_regex_compile(&r, b->arena, text, 0, &e);
    if (code == AS_ENOMEM)
        return false;
    if (code != AS_OK) {
        as_params_error(b, n, NULL, "figures: ignore: %s", e.text);
        return true;
    }
    p->ignore[p->ignore_count] = r;
    p->ignore_at[p->ignore_count++] = n->at;
    return true;
}

static bool read_ignore(as_bind *b, as_figures_plan *p)
{
    const as_node *n = as_params_get(b, "ignore");
    size_t count = n && n->kind == AS_NODE_SEQ ? n->count : 1;
    p->ignore = AS_NEW_N(b->arena, const as_regex *, count);
    p->ignore_at = AS_NEW_N(b->arena, as_span, count);
    bool ok = p->ignore && p->ignore_at;
    if (n && n->kind != AS_NODE_SEQ)
        return ok && read_pattern(b, p, n);
    for (size_t i = 0; ok && n && i < count; i++)
        ok = read_pattern(b, p, n->items[i]);
    return ok;
}

static bool read_own(as_bind *b, as_figures_plan *p)
{
    const as_node *n = as_params_get(b, "quotes");
    const as_node *own = quotes_of(b->rule);
    if (n && !own)
        as_params_error(b, n, "write quotes: [{quote: \"there were {} homes\", equals: homes}]",
                        "figures: quotes is a list, and this is %s", as_node_kind_name(n));
    if (!own && p->unverified == AS_REST_NONE && !n)
        as_params_error(b, b->rule->spec, "add `quotes:` or `unverified: list`",
                        "figures: the rule says nothing of the document");
    for (size_t i = 0; own && i < own->count; i++)
        as_figures_item(b, p, own->items[i]);
    return !b->nomem;
}

as_code as_figures_bind(as_bind *b, void **out, as_err *e)
{
    static const char *const rest_names[] = {"no", "list", "count", NULL};
    as_figures_plan *p = AS_NEW(b->arena, as_figures_plan);
    if (!p)
        return as_fail_nomem(e);
    *out = p;
    if (!as_params_block(b, &as_check_figures))
        return AS_OK;
    as_params_text(b, as_params_get(b, "document"), "figures: document", &p->document);
    as_params_enum(b, as_params_get(b, "unverified"), "figures: unverified", rest_names,
                   &p->unverified);
    p->items = AS_NEW_N(b->arena, as_figure_item, count_items(b) + 1);
    p->expressions = as_expressions_open(&b->env, b->want, b->want_arg);
    if (!p->items || !p->expressions || !read_ignore(b, p) || !read_own(b, p))
        return as_fail_nomem(e);
    p->foreign = p->item_count;
    if (p->unverified != AS_REST_NONE && !read_others(b, p))
        return as_fail_nomem(e);
    as_bind_extra(b, AS_STR("stated"));
    as_bind_extra(b, AS_STR("measured"));
    return AS_OK;
}
