/* node.c: small questions asked of nodes of a YAML tree. Nothing here allocates but the texts
 * of diags. */
#include "base/limits.h"
#include "rules/suggest.h"
#include "rules/yaml_doc.h"

as_node *as_node_get(const as_node *map, const char *key)
{
    as_str want = as_str_from(key);
    if (!map || map->kind != AS_NODE_MAP)
        return NULL;
    for (size_t i = 0; i < map->count; i++)
        if (as_str_eq(map->pairs[i].key->text, want))
            return map->pairs[i].value;
    return NULL;
}

static bool is_word(as_str text, const char *const *words)
{
    for (; *words; words++)
        if (as_str_eq(text, as_str_from(*words)))
            return true;
    return false;
}

bool as_node_is_null(const as_node *n)
{
    static const char *const nulls[] = {"null", "Null", "NULL", "~", NULL};
    if (!n || n->kind != AS_NODE_SCALAR || n->quoted)
        return false;
    return n->text.len == 0 || is_word(n->text, nulls);
}

bool as_node_bool(const as_node *n, bool *out)
{
    static const char *const yes[] = {"true", "True", "TRUE", "yes", "Yes",
                                      "YES",  "on",   "On",   "ON",  NULL};
    static const char *const no[] = {"false", "False", "FALSE", "no",  "No",
                                     "NO",    "off",   "Off",   "OFF", NULL};
    if (!n || n->kind != AS_NODE_SCALAR || n->quoted)
        return false;
    bool is_yes = is_word(n->text, yes);
    if (is_yes || is_word(n->text, no)) {
        *out = is_yes;
        return true;
    }
    return false;
}

/* As deep as a file may be (AS_YAML_DEPTH_MAX). */
bool as_node_same(const as_node *x, const as_node *y)
{
    if (x == y || !x || !y)
        return x == y;
    if (x->kind != y->kind || x->count != y->count || x->quoted != y->quoted ||
        !as_str_eq(x->text, y->text))
        return false;
    bool same = true;
    for (size_t i = 0; same && x->kind == AS_NODE_SEQ && i < x->count; i++)
        same = as_node_same(x->items[i], y->items[i]);
    for (size_t i = 0; same && x->kind == AS_NODE_MAP && i < x->count; i++)
        same = as_node_same(x->pairs[i].key, y->pairs[i].key) &&
               as_node_same(x->pairs[i].value, y->pairs[i].value);
    return same;
}

const char *as_node_kind_name(const as_node *n)
{
    if (!n)
        return "nothing";
    switch (n->kind) {
    case AS_NODE_SEQ:
        return "a list";
    case AS_NODE_MAP:
        return "a mapping";
    default:
        return "text";
    }
}

void as_node_check_keys(const as_node *map, const char *const *known, const char *what,
                        as_diags *d)
{
    if (!map || map->kind != AS_NODE_MAP)
        return;
    for (size_t i = 0; i < map->count; i++) {
        const as_node *key = map->pairs[i].key;
        if (!is_word(key->text, known))
            as_diag_add(d, AS_DIAG_ERROR, key->at, as_suggest_words(d, key->text, known),
                        "unknown key `%.*s` in %s", AS_FMT(key->text), what);
    }
}
