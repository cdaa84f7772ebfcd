/* bridge_bind.c: reading the block `bridge:` of a reconcile rule. */
#include "check/bridge_plan.h"

extern const as_check_kind as_check_reconcile; /* whose parameters name the keys here */

typedef struct cond_wants {
    as_bind *bind;
    as_str table;
} cond_wants;

static void want_field(void *arg, as_side side, uint32_t field)
{
    cond_wants *w = arg;

    (void)side;
    as_bind_want(w->bind, w->table, field);
}

static const as_cond *bind_cond(as_bind *b, const as_bridge_table *t, const as_node *n)
{
    as_cond_env env = b->env;
    cond_wants w = {b, t->name};
    const as_cond *c;

    if (!n || !t->schema)
        return NULL;
    env.self = t->schema;
    env.other = NULL;
    env.plain = AS_SIDE_SELF;
    c = as_cond_parse(&env, n);
    if (c)
        as_cond_fields(c, want_field, &w);
    return c;
}

static bool bind_table(as_bind *b, as_bridge_table *t, const as_node *n, const char *what,
                       const char *under)
{
    t->value = AS_NO_FIELD;
    if (!n)
        return true;
    if (n->kind != AS_NODE_MAP || !as_node_get(n, "table")) {
        as_params_error(b, n, NULL, "%s needs `{table: NAME, …}`", what);
        return false;
    }
    as_keys_check(n, as_check_reconcile.params, under, what, b->diags);
    t->schema = as_params_table(b, as_node_get(n, "table"), what, &t->name);
    t->used = t->schema != NULL;
    if (t->used && b->want)
        b->want(b->want_arg, t->name, AS_NO_FIELD);
    return t->used;
}

/* The fields of the rule's groups, by their names, in one of the tables. */
static bool bind_by(as_bind *b, as_bridge_table *t, const as_node *at, const as_str *by,
                    size_t count)
{
    bool ok = true;

    for (size_t i = 0; t->used && i < count; i++) {
        as_node n = {.kind = AS_NODE_SCALAR, .at = at->at, .text = by[i]};
        t->by[i] = as_params_field(b, t->schema, &n, "reconcile: the groups of the measures");
        as_bind_want(b, t->name, t->by[i]);
        ok = ok && t->by[i] != AS_NO_FIELD;
    }
    return ok;
}

static bool textual(as_type t)
{
    return t == AS_TYPE_TEXT || t == AS_TYPE_CODE;
}

/* Keys are compared by value: text with text, a number with a number of its type. */
static void check_match_types(as_bind *b, const as_bridge_plan *p, const as_node *n)
{
    for (size_t i = 0; i < p->match_count; i++) {
        const as_field *first = NULL;
        for (int s = 0; s < SIDE_COUNT; s++) {
            const as_bridge_table *t = &p->sides[s];
            const as_field *f = t->used ? &t->schema->fields[t->match[i]] : NULL;
            if (!f)
                continue;
            if (first && first->type != f->type && !(textual(first->type) && textual(f->type)))
                as_params_error(b, n, "give the field the same type in every schema",
                                "bridge: match: %.*s is of different types in the tables",
                                AS_FMT(f->name));
            first = first ? first : f;
        }
    }
}

static bool bind_match(as_bind *b, as_bridge_plan *p, const as_node *block)
{
    const as_node *n = as_node_get(block, "match");
    bool ok = true;

    if (!n) {
        as_params_error(
            b, block, "match: [urn]",
            "bridge needs `match`: the fields by which a record is the same in all tables");
        return false;
    }
    for (int s = 0; s < SIDE_COUNT; s++) {
        as_bridge_table *t = &p->sides[s];
        if (!t->used)
            continue;
        ok = as_params_fields(b, t->schema, n, "bridge: match", t->match, &p->match_count,
                              AS_KEY_FIELDS_MAX) &&
             ok;
        for (size_t i = 0; ok && i < p->match_count; i++) {
            as_bind_want(b, t->name, t->match[i]);
            p->hide_keys = p->hide_keys || t->schema->fields[t->match[i]].sensitive;
        }
    }
    if (ok)
        check_match_types(b, p, n);
    return ok;
}

static void bind_value(as_bind *b, as_bridge_plan *p, const as_node *n)
{
    p->has_value = n != NULL;
    for (int s = 0; n && s < SIDE_COUNT; s++) {
        as_bridge_table *t = &p->sides[s];
        as_type type;
        if (!t->used)
            continue;
        t->value = as_params_field(b, t->schema, n, "bridge: value");
        if (t->value == AS_NO_FIELD)
            continue;
        as_bind_want(b, t->name, t->value);
        type = t->schema->fields[t->value].type;
        if (type != AS_TYPE_INTEGER && type != AS_TYPE_NUMBER)
            as_params_error(b, n, NULL, "bridge: value: %.*s is a %s in %.*s, not a number",
                            AS_FMT(n->text), as_type_name(type), AS_FMT(t->name));
    }
}

static uint32_t bind_date(as_bind *b, const as_bridge_table *t, const as_node *n,
                          const char *what)
{
    uint32_t field;

    if (!n)
        return AS_NO_FIELD;
    if (!t->used) {
        as_params_error(b, n, NULL, "%s is a field of the movements, and there are none", what);
        return AS_NO_FIELD;
    }
    field = as_params_field(b, t->schema, n, what);
    if (field == AS_NO_FIELD)
        return field;
    as_bind_want(b, t->name, field);
    if (t->schema->fields[field].type == AS_TYPE_DATE)
        return field;
    as_params_error(b, n, NULL, "%s: %.*s is not a date", what, AS_FMT(n->text));
    return AS_NO_FIELD;
}

static void bind_period(as_bind *b, as_bridge_plan *p, const as_node *n)
{
    p->from = b->project->period_from;
    p->to = b->project->period_to;
    if (!n)
        return;
    if (n->kind != AS_NODE_SEQ || n->count != 2) {
        as_params_error(b, n, NULL, "bridge: period is a list of two dates, [from, to]");
        return;
    }
    if (as_params_date(b, n->items[0], "bridge: period", &p->from) &&
        as_params_date(b, n->items[1], "bridge: period", &p->to) && p->from > p->to)
        as_params_error(b, n, NULL, "bridge: period ends before it begins");
}

static void bind_movements(as_bind *b, as_bridge_plan *p, const as_node *block)
{
    const as_bridge_table *t = &p->sides[SIDE_MOVEMENTS];
    const as_node *n = as_node_get(block, "movements");
    const as_node *joined = n ? as_node_get(n, "joined") : NULL;
    const as_node *left = n ? as_node_get(n, "left") : NULL;

    if (t->used && (!joined || !left))
        as_params_error(
            b, n, "movements: {table: movements, joined: {…}, left: {…}}",
            "bridge: movements needs `joined` and `left`: which movements are which");
    p->joined = bind_cond(b, t, joined);
    p->left = bind_cond(b, t, left);
    p->joined_on = bind_date(b, t, as_node_get(block, "joined_on"), "bridge: joined_on");
    p->left_on = bind_date(b, t, as_node_get(block, "left_on"), "bridge: left_on");
}

static bool bind_end(as_bind *b, as_bridge_table *t, const as_node *n, const char *what,
                     const char *under)
{
    bool ok = bind_table(b, t, n, what, under);

    t->complete = true;
    if (t->used) {
        as_params_bool(b, as_node_get(n, "complete"), "bridge: complete", &t->complete);
        t->where = bind_cond(b, t, as_node_get(n, "where"));
    }
    /* A table that is not there is one that holds nothing for certain. */
    t->complete = t->complete && t->used;
    return ok;
}

as_code as_bridge_bind(as_bridge_plan **out, as_bind *b, const as_node *n, const as_str *by,
                       size_t by_count, as_err *e)
{
    as_bridge_plan *p = AS_NEW(b->arena, as_bridge_plan);
    bool ok;

    *out = NULL;
    if (!p)
        return as_fail_nomem(e);
    if (n->kind != AS_NODE_MAP) {
        as_params_error(b, n, NULL,
                        "reconcile: bridge is a mapping of opening, closing, movements, …");
        return AS_OK;
    }
    as_keys_check(n, as_check_reconcile.params, "bridge", "bridge", b->diags);
    ok = bind_end(b, &p->sides[SIDE_OPENING], as_node_get(n, "opening"), "bridge: opening",
                  "bridge.opening");
    ok = bind_end(b, &p->sides[SIDE_CLOSING], as_node_get(n, "closing"), "bridge: closing",
                  "bridge.closing") &&
         ok;
    ok = bind_table(b, &p->sides[SIDE_MOVEMENTS], as_node_get(n, "movements"),
                    "bridge: movements", "bridge.movements") &&
         ok;
    for (int s = 0; s < SIDE_COUNT; s++)
        ok = bind_by(b, &p->sides[s], n, by, by_count) && ok;
    p->by_count = by_count;
    ok = bind_match(b, p, n) && ok;
    bind_value(b, p, as_node_get(n, "value"));
    bind_movements(b, p, n);
    bind_period(b, p, as_node_get(n, "period"));
    *out = ok ? p : NULL;
    return AS_OK;
}

bool as_bridge_complete(const as_bridge_plan *p)
{
    return p->sides[SIDE_OPENING].complete && p->sides[SIDE_CLOSING].complete;
}
