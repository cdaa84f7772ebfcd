/* figures_item.c: one entry of `quotes:` as an item: quotes read, names gathered, formulas
 * bound. A mistake is told at its place and the rest is read all the same. */
#include "check/figures.h"

extern const as_check_kind as_check_figures;

/* One entry of `quotes:` while it is read. */
typedef struct reader {
    as_bind *b;
    as_figures_plan *plan;
    as_figure_item *item;
    const as_node *node;
    bool *used; /* per name: some check looks at it */
    const as_node *group;
    as_figure_check base; /* `is` and `tolerance` of the whole entry */
} reader;

static const char *const relation_names[] = {"equal", "at_most", "at_least",
                                             "below", "above",   NULL};
static const as_relation relations[] = {AS_REL_EQUAL, AS_REL_AT_MOST, AS_REL_AT_LEAST,
                                        AS_REL_BELOW, AS_REL_ABOVE};

/* ---- quotes and names ---- */

static bool read_quote(reader *r, const as_node *n, as_quote *out)
{
    as_err e = {0};
    as_str text;
    if (!as_params_text(r->b, n, "figures: quote", &text))
        return false;
    if (as_quote_parse(out, text, n->at, r->b->arena, &e) == AS_OK)
        return true;
    as_params_error(r->b, n, NULL, "figures: %s", e.text);
    return false;
}

static size_t find_name(const as_figure_item *item, as_str name)
{
    for (size_t i = 0; name.len && i < item->name_count; i++)
        if (as_str_eq(item->names[i], name))
            return i;
    return AS_OWN_NONE;
}

static bool add_name(reader *r, as_str name, const as_node *at, size_t *own)
{
    as_figure_item *item = r->item;
    char first = name.len ? name.ptr[0] : 'a';
    *own = find_name(item, name);
    if (as_str_eq(name, AS_STR("_")))
        return true;
    if (*own != AS_OWN_NONE) {
        r->used[*own] = true; /* the same number at both places is a check by itself */
        return true;
    }
    if ((first >= '0' && first <= '9') || as_project_measure(r->b->project, name)) {
        as_params_error(r->b, at, "a name is a word that no measure has: {a}",
                        "figures: a number cannot be called {%.*s}", AS_FMT(name));
        return false;
    }
    *own = item->name_count;
    item->names[item->name_count++] = name;
    return true;
}

static bool read_quotes(reader *r)
{
    as_figure_item *item = r->item;
    const as_node *n = as_node_get(r->node, "quote");
    as_arena *a = r->b->arena;
    if (!n || (n->kind == AS_NODE_SEQ && n->count == 0) || n->kind == AS_NODE_MAP) {
        as_params_error(r->b, n ? n : r->node, "write quote: \"there were {} homes\"",
                        "figures: a quote, or a list of quotes, is missing");
        return false;
    }
    as_node *const *nodes = n->kind == AS_NODE_SEQ ? n->items : (as_node *const *)&n;
    item->quote_count = n->kind == AS_NODE_SEQ ? n->count : 1;
    item->quotes = AS_NEW_N(a, as_quote, item->quote_count);
    item->own = as_arena_zalloc_n(a, item->quote_count, sizeof *item->own);
    item->names = AS_NEW_N(a, as_str, item->quote_count * AS_QUOTE_FIGURES_MAX);
    r->used = AS_NEW_N(a, bool, item->quote_count *AS_QUOTE_FIGURES_MAX);
    if (!item->quotes || !item->own || !item->names || !r->used)
        return !(r->b->nomem = true);
    bool ok = true;
    for (size_t q = 0; q < item->quote_count; q++) {
        as_quote *quote = &item->quotes[q];
        bool read = read_quote(r, nodes[q], quote);
        for (size_t i = 0; read && i < quote->count; i++)
            ok = add_name(r, quote->names[i], nodes[q], &item->own[q][i]) && ok;
        ok = ok && read;
    }
    return ok;
}

static void read_places(reader *r)
{
    as_figure_item *item = r->item;
    const as_node *n = as_node_get(r->node, "occurrence");
    double which = 0;
    as_params_bool(r->b, as_node_get(r->node, "all"), "figures: all", &item->all);
    if (as_params_number(r->b, n, "figures: occurrence", &which)) {
        if (which >= 1 && which <= 1e6 && which == (double)(uint32_t)which)
            item->occurrence = (uint32_t)which;
        else
            as_params_error(r->b, n, "1 is the first", "figures: occurrence counts from 1");
    }
    if ((item->all || item->occurrence) && item->quote_count > 1)
        as_params_error(r->b, r->node, "make one entry of each quote",
                        "figures: `all` and `occurrence` are for an entry with one quote");
    if (item->all && item->occurrence)
        as_params_error(r->b, r->node, NULL,
                        "figures: `all` and `occurrence` exclude each other");
}

/* ---- checks ---- */

static void use_names(reader *r, const as_expression *x)
{
    for (size_t i = 0; i < r->item->name_count; i++)
        r->used[i] = r->used[i] || as_expression_uses(x, i);
}

static as_expression_ask ask_of(const reader *r, as_str text, const as_node *at,
                                const as_node *group)
{
    return (as_expression_ask){.text = text,
                               .at = at->at,
                               .own = r->item->names,
                               .own_count = r->item->name_count,
                               .group = group,
                               .diags = r->b->diags};
}

/* Every field of a group is one that a measure of the formula is by. */
static void check_group(const reader *r, const as_node *group, const as_expression *x,
                        const as_expression *y)
{
    for (size_t i = 0; i < group->count; i++) {
        const as_node *key = group->pairs[i].key;
        if (!as_expression_is_by(x, key->text) && !(y && as_expression_is_by(y, key->text)))
            as_params_error(r->b, key, "remove it, or use a measure that is `by` it",
                            "figures: no measure here is by %.*s", AS_FMT(key->text));
    }
}

static bool group_ok(const reader *r, const as_node *group)
{
    if (!group || group->kind == AS_NODE_MAP)
        return true;
    as_params_error(r->b, group, "write group: {provision_type: Children's home}",
                    "figures: group is a mapping, and this is %s", as_node_kind_name(group));
    return false;
}

static void read_relation(reader *r, const as_node *n, as_figure_check *c)
{
    int is = 0;
    const as_node *tolerance = as_node_get(n, "tolerance");
    if (as_params_enum(r->b, as_node_get(n, "is"), "figures: is", relation_names, &is))
        c->is = relations[is];
    if (as_params_tolerance(r->b, tolerance, "figures: tolerance", &c->tolerance))
        c->tolerant = true;
}

/* What an element says the number is: formula, share_of or part. NULL: reported. */
static const as_node *formula_node(const reader *r, const as_node *n, as_figure_check *c)
{
    static const char *const keys[] = {"formula", "share_of", "part"};
    const as_node *found = NULL;
    size_t count = 0;
    if (n->kind == AS_NODE_SCALAR)
        return n;
    as_keys_check(n, as_check_figures.params, "quotes.*.equals.*", "a number under `equals`",
                  r->b->diags);
    for (size_t i = 0; i < 3; i++) {
        const as_node *value = as_node_get(n, keys[i]);
        count += value != NULL;
        if (value) {
            found = value;
            c->test = (as_figure_test)((int)AS_FIGURE_EQUALS + (int)i);
        }
    }
    if (count == 1)
        return found;
    as_params_error(r->b, n, "write {formula: homes}, {share_of: 127} or {part: 16}",
                    "figures: a number under `equals` has one of formula, share_of and part");
    return NULL;
}

static void add_check(reader *r, as_figure_check c)
{
    r->item->checks[r->item->check_count++] = c;
}

/* One element of `equals`: a formula, or a mapping with one. */
static void read_equal(reader *r, const as_node *n, size_t own)
{
    as_figure_check c = r->base;
    as_str text;
    c.own = own;
    if (n->kind == AS_NODE_SEQ) {
        as_params_error(r->b, n, NULL, "figures: a number is one formula, and this is a list");
        return;
    }
    if (as_node_is_null(n))
        return;
    const as_node *own_group = n->kind == AS_NODE_MAP ? as_node_get(n, "group") : NULL;
    const as_node *group = own_group ? own_group : r->group;
    const as_node *formula = formula_node(r, n, &c);
    if (n->kind == AS_NODE_MAP)
        read_relation(r, n, &c);
    if (!formula || !group_ok(r, own_group) ||
        !as_params_text(r->b, formula, "figures: equals", &text))
        return;
    as_expression_ask ask = ask_of(r, text, formula, group);
    c.formula = as_expression_bind(r->plan->expressions, &ask);
    if (!c.formula)
        return;
    if (own_group)
        check_group(r, own_group, c.formula, NULL);
    if (as_expression_uses(c.formula, own)) {
        as_params_error(r->b, formula, "say what else it must be",
                        "figures: the number is compared with itself");
        return;
    }
    c.written = as_expression_text(c.formula);
    use_names(r, c.formula);
    r->used[own] = true;
    add_check(r, c);
}

static void read_equals_list(reader *r, const as_node *n)
{
    size_t name = 0;
    for (size_t i = 0; i < n->count; i++, name++) {
        if (name == r->item->name_count) {
            as_params_error(r->b, n->items[i], "{_} is not counted",
                            "figures: `equals` has more entries than the quote has numbers "
                            "(%zu)",
                            r->item->name_count);
            return;
        }
        if (as_node_is_null(n->items[i]))
            r->used[name] = true; /* said to be left out */
        else
            read_equal(r, n->items[i], name);
    }
}

static void read_equals(reader *r)
{
    const as_node *n = as_node_get(r->node, "equals");
    if (!n)
        return;
    if (n->kind == AS_NODE_SEQ) {
        read_equals_list(r, n);
        return;
    }
    bool one = n->kind == AS_NODE_SCALAR;
    if (one && r->item->name_count != 1) {
        as_params_error(r->b, n, "write a list, one for each {}, or {name: formula}",
                        "figures: the quote has %zu numbers, and `equals` speaks of one",
                        r->item->name_count);
        return;
    }
    if (one) {
        read_equal(r, n, 0);
        return;
    }
    for (size_t i = 0; i < n->count; i++) {
        const as_node *key = n->pairs[i].key;
        size_t own = find_name(r->item, key->text);
        if (own == AS_OWN_NONE)
            as_params_error(r->b, key, "name it in the quote",
                            "figures: the quote has no {%.*s}", AS_FMT(key->text));
        else
            read_equal(r, n->pairs[i].value, own);
    }
}

static void read_hold(reader *r, const as_node *n)
{
    as_figure_check c = r->base;
    as_str text;
    c.test = AS_FIGURE_HOLDS;
    if (!as_params_text(r->b, n, "figures: holds", &text))
        return;
    as_expression_ask ask = ask_of(r, text, n, r->group);
    c.holds = as_comparison_bind(r->plan->expressions, &ask);
    if (!c.holds)
        return;
    c.written = as_str_trim(text);
    use_names(r, c.holds->left);
    use_names(r, c.holds->right);
    add_check(r, c);
}

static void read_holds(reader *r)
{
    const as_node *n = as_node_get(r->node, "holds");
    if (n && n->kind == AS_NODE_SEQ) {
        for (size_t i = 0; i < n->count; i++)
            read_hold(r, n->items[i]);
    } else if (n) {
        read_hold(r, n);
    }
}

/* ---- an entry ---- */

static void check_item_group(const reader *r)
{
    for (size_t i = 0; r->group && i < r->group->count; i++) {
        const as_node *key = r->group->pairs[i].key;
        bool heard = false;
        for (size_t c = 0; c < r->item->check_count; c++) {
            const as_figure_check *x = &r->item->checks[c];
            const as_expression *first = x->holds ? x->holds->left : x->formula;
            heard = heard || as_expression_is_by(first, key->text) ||
                    (x->holds && as_expression_is_by(x->holds->right, key->text));
        }
        if (!heard)
            as_params_error(r->b, key, "remove it, or use a measure that is `by` it",
                            "figures: no measure here is by %.*s", AS_FMT(key->text));
    }
}

static size_t most_checks(const reader *r)
{
    const as_node *holds = as_node_get(r->node, "holds");
    return r->item->name_count + 1 + (holds && holds->kind == AS_NODE_SEQ ? holds->count : 1);
}

static void read_checks(reader *r)
{
    size_t before = r->b->diags->errors;
    r->item->checks = AS_NEW_N(r->b->arena, as_figure_check, most_checks(r));
    if (!r->item->checks) {
        r->b->nomem = true;
        return;
    }
    read_relation(r, r->node, &r->base);
    if (!group_ok(r, r->group))
        return;
    read_equals(r);
    read_holds(r);
    if (r->b->diags->errors > before)
        return;
    check_item_group(r);
    for (size_t i = 0; i < r->item->name_count; i++)
        if (!r->used[i])
            as_params_error(r->b, r->node,
                            "say it under `equals` or `holds`, or write {_} for a number that "
                            "is not looked at",
                            "figures: nothing says what number %zu of the quote must be",
                            i + 1);
}

static void count_entry(const as_figures_plan *p, as_figure_item *item)
{
    item->entry = 1;
    for (size_t i = 0; i < p->item_count; i++)
        item->entry += as_str_eq(p->items[i].quotes[0].written, item->quotes[0].written);
}

void as_figures_item(as_bind *b, as_figures_plan *p, const as_node *n)
{
    reader r = {.b = b, .plan = p, .item = &p->items[p->item_count], .node = n};
    size_t before = b->diags->errors;
    *r.item =
        (as_figure_item){0}; /* the place may hold what is left of an entry with mistakes */
    if (n->kind != AS_NODE_MAP) {
        as_params_error(b, n, "write {quote: \"there were {} homes\", equals: homes}",
                        "figures: an entry of `quotes` is a mapping, and this is %s",
                        as_node_kind_name(n));
        return;
    }
    as_keys_check(n, as_check_figures.params, "quotes.*", "an entry of `quotes`", b->diags);
    r.group = as_node_get(n, "group");
    if (read_quotes(&r)) {
        read_places(&r);
        read_checks(&r);
    }
    if (b->diags->errors == before && !b->nomem) {
        count_entry(p, r.item);
        p->item_count++;
    }
}
