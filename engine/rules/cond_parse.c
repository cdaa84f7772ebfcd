/* cond_parse.c: the grammar of conditions, down to one field; its operators are in cond_ops.c,
 * values in cond_literal.c.
 *
 * Every mistake is reported and the parser goes on; the result is NULL when there was one.
 * Nesting is capped, so the recursion is bounded. */
#include "rules/cond_parse.h"

#include "rules/suggest.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

/* ---- making ---- */

as_cond *as_cond_error(as_cond_parser *p, as_span at, const char *hint, const char *fmt, ...)
{
    char text[2048];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    as_diag_add(p->env->diags, AS_DIAG_ERROR, at, hint, "%s", n < 0 ? "" : text);
    p->failed = true;
    return NULL;
}

const char *as_cond_hint(const as_cond_env *env, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= sizeof text)
        return "(a long text)";
    as_str out = as_arena_str(env->diags->arena, as_str_from(text));
    return out.ptr ? out.ptr : "";
}

as_cond *as_cond_new(as_cond_parser *p, as_cond_op op, as_span at)
{
    as_cond *c = AS_NEW(p->env->arena, as_cond);
    if (!c)
        return as_cond_error(p, at, "", "out of memory");
    *c = (as_cond){.op = op,
                   .at = at,
                   .field = AS_NO_FIELD,
                   .other = AS_NO_FIELD,
                   .min_len = NAN,
                   .max_len = NAN};
    return c;
}

as_cond *as_cond_leaf(as_cond_parser *p, as_cond_op op, as_subject s, as_span at)
{
    as_cond *c = as_cond_new(p, op, at);
    if (c) {
        c->field = s.index;
        c->side = s.side;
    }
    return c;
}

as_cond *as_cond_all(as_cond_parser *p, as_cond **kids, size_t count, as_span at)
{
    if (count == 1)
        return kids[0];
    as_cond *c = as_cond_new(p, AS_COND_ALL, at);
    if (c) {
        c->kids = kids;
        c->kid_count = count;
    }
    return c;
}

const as_schema *as_side_schema(const as_cond_env *env, as_side side)
{
    return side == AS_SIDE_SELF ? env->self : env->other;
}

static as_cond **new_kids(as_cond_parser *p, size_t count, as_span at)
{
    as_cond **kids = AS_NEW_N(p->env->arena, as_cond *, count + 1);
    if (!kids)
        as_cond_error(p, at, "", "out of memory");
    return kids;
}

/* ---- the grammar ---- */

static as_cond *parse_condition(as_cond_parser *p, const as_node *n);

static bool deeper(as_cond_parser *p, as_span at)
{
    if (p->depth < AS_COND_DEPTH_MAX) {
        p->depth++;
        return true;
    }
    as_cond_error(p, at, "split the rule", "a condition nested deeper than %d levels",
                  AS_COND_DEPTH_MAX);
    return false;
}

static as_cond *negate(as_cond_parser *p, as_cond *inner, as_span at)
{
    as_cond **kids = inner ? new_kids(p, 1, at) : NULL;
    as_cond *c = kids ? as_cond_new(p, AS_COND_NOT, at) : NULL;
    if (c) {
        kids[0] = inner;
        c->kids = kids;
        c->kid_count = 1;
    }
    return c;
}

static as_cond *parse_not(as_cond_parser *p, const as_node *key, const as_node *value)
{
    if (!deeper(p, key->at))
        return NULL;
    as_cond *inner = parse_condition(p, value);
    p->depth--;
    return negate(p, inner, key->at);
}

/* any: [condition, …] · all: [condition, …] */
static as_cond *parse_list(as_cond_parser *p, const as_node *key, const as_node *value,
                           as_cond_op op)
{
    if (value->kind != AS_NODE_SEQ || value->count == 0)
        return as_cond_error(
            p, value->at,
            as_cond_hint(p->env, "write `%.*s: [{field: value}, {field: value}]`",
                         AS_FMT(key->text)),
            "`%.*s` must be a list of conditions, not %s", AS_FMT(key->text),
            value->kind == AS_NODE_SEQ || as_node_is_null(value) ? "empty"
                                                                 : as_node_kind_name(value));
    if (!deeper(p, key->at))
        return NULL;
    as_cond **kids = new_kids(p, value->count, key->at);
    as_cond *c = kids ? as_cond_new(p, op, key->at) : NULL;
    for (size_t i = 0; c && i < value->count; i++)
        kids[i] = parse_condition(p, value->items[i]);
    p->depth--;
    if (c) {
        c->kids = kids;
        c->kid_count = value->count;
    }
    return c;
}

static bool subject_of(as_cond_parser *p, const as_node *key, as_subject *out)
{
    out->side = p->env->plain;
    out->schema = as_side_schema(p->env, out->side);
    if (!out->schema) {
        as_cond_error(p, key->at, "", "a condition on `%.*s` where there is no table",
                      AS_FMT(key->text));
        return false;
    }
    out->index = as_field_resolve(p->env, out->schema, key);
    if (out->index == AS_NO_FIELD) {
        p->failed = true;
        return false;
    }
    out->field = &out->schema->fields[out->index];
    return true;
}

static as_cond *parse_entry(as_cond_parser *p, const as_pair *pair)
{
    const as_node *key = pair->key;
    as_subject s;
    if (as_str_eq(key->text, AS_STR("any")))
        return parse_list(p, key, pair->value, AS_COND_ANY);
    if (as_str_eq(key->text, AS_STR("all")))
        return parse_list(p, key, pair->value, AS_COND_ALL);
    if (as_str_eq(key->text, AS_STR("not")))
        return parse_not(p, key, pair->value);
    return subject_of(p, key, &s) ? as_cond_field_value(p, s, pair->value) : NULL;
}

static as_cond *parse_condition(as_cond_parser *p, const as_node *n)
{
    if (n->kind != AS_NODE_MAP)
        return as_cond_error(p, n->at,
                             n->kind == AS_NODE_SEQ ? "put the list under `any:` or `all:`"
                                                    : "write {field: value}",
                             "a condition must be a mapping, not %s",
                             as_node_is_null(n) ? "empty" : as_node_kind_name(n));
    if (n->count == 0)
        return as_cond_error(p, n->at, "leave it out, or write {field: value}",
                             "an empty condition holds for every record");
    as_cond **kids = new_kids(p, n->count, n->at);
    for (size_t i = 0; kids && i < n->count; i++)
        kids[i] = parse_entry(p, &n->pairs[i]);
    return kids && !p->failed ? as_cond_all(p, kids, n->count, n->at) : NULL;
}

as_cond *as_cond_field_not(as_cond_parser *p, as_subject s, const as_node *value)
{
    if (!deeper(p, value->at))
        return NULL;
    as_cond *inner = as_cond_field_value(p, s, value);
    p->depth--;
    return negate(p, inner, value->at);
}

as_cond *as_cond_field_value(as_cond_parser *p, as_subject s, const as_node *value)
{
    if (value->kind == AS_NODE_SEQ)
        return as_cond_in(p, s, value);
    if (value->kind == AS_NODE_MAP)
        return as_cond_operators(p, s, value);
    if (!value->quoted && value->text.len == 0)
        return as_cond_error(
            p, value->at,
            as_cond_hint(
                p->env,
                "`%.*s: null` holds where there is no value, `%.*s: present` where there is",
                AS_FMT(s.field->name), AS_FMT(s.field->name)),
            "`%.*s` is compared with nothing", AS_FMT(s.field->name));
    if (as_node_is_null(value))
        return as_cond_leaf(p, AS_COND_NULL, s, value->at);
    if (!value->quoted && as_str_eq(value->text, AS_STR("present")))
        return as_cond_leaf(p, AS_COND_PRESENT, s, value->at);
    return as_cond_is(p, s, value);
}

as_cond *as_cond_parse(const as_cond_env *env, const as_node *node)
{
    as_cond_parser p = {.env = env};
    as_cond *c = node ? parse_condition(&p, node) : as_cond_new(&p, AS_COND_ALL, AS_NOWHERE);
    return p.failed ? NULL : c;
}

void as_cond_fields(const as_cond *c, void (*fn)(void *arg, as_side side, uint32_t field),
                    void *arg)
{
    if (!c)
        return;
    if (c->field != AS_NO_FIELD)
        fn(arg, c->side, c->field);
    if (c->other != AS_NO_FIELD)
        fn(arg, c->other_side, c->other);
    for (size_t i = 0; i < c->kid_count; i++)
        as_cond_fields(c->kids[i], fn, arg);
}
