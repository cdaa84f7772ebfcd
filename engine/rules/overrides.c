/* overrides.c: `rules:` of release.yaml: severity, allowance and off for single rules, built-in
 * ones too. */
#include "rules/load.h"

/* ---- telling what is wrong ---- */

/* The part of "providers.urn.type" before, between or behind its dots; .ptr NULL: not three
 * parts. */
static as_str id_part(as_str id, unsigned which)
{
    size_t first = as_str_find(id, AS_STR("."));
    as_str rest = first == (size_t)-1 ? AS_NONE : as_str_sub(id, first + 1, id.len);
    size_t second = rest.ptr ? as_str_find(rest, AS_STR(".")) : (size_t)-1;
    if (second == (size_t)-1)
        return AS_NONE;
    if (which == 0)
        return as_str_sub(id, 0, first);
    return which == 1 ? as_str_sub(rest, 0, second) : as_str_sub(rest, second + 1, rest.len);
}

static bool builtin_kind(as_str what)
{
    return as_str_eq(what, AS_STR("type")) || as_str_eq(what, AS_STR("unknown")) ||
           as_str_eq(what, AS_STR("variant"));
}

/* `homes.places.typ`: a table that there is, and no sort of rule that comes with it. */
static void unknown_builtin(as_load *l, const as_node *key, as_str field, as_str what)
{
    static const as_str of_rows[] = {{"ragged", 6}},
                        of_fields[] = {{"type", 4}, {"unknown", 7}, {"variant", 7}};
    bool rows = as_str_eq(field, AS_STR("rows"));
    as_load_error(l, key->at,
                  rows ? as_suggest(l->diags, what, of_rows, 1)
                       : as_suggest(l->diags, what, of_fields, 3),
                  "`%.*s`: no built-in rule is called `%.*s`", AS_FMT(key->text), AS_FMT(what));
}

/* TABLE.FIELD.type, TABLE.FIELD.unknown, TABLE.FIELD.variant, TABLE.rows.ragged. False: not of
 * that form. */
static bool check_builtin(as_load *l, const as_node *key)
{
    as_str table = id_part(key->text, 0), field = id_part(key->text, 1),
           what = id_part(key->text, 2);
    bool ragged = as_str_eq(field, AS_STR("rows")) && as_str_eq(what, AS_STR("ragged"));
    const as_release_table *t = as_release_table_find(l->project, table);
    if (!ragged && !builtin_kind(what)) {
        if (t && what.len)
            unknown_builtin(l, key, field, what);
        return t && what.len;
    }
    if (!table.ptr)
        return false;
    if (!t) {
        as_words known = {.arena = l->arena};
        for (size_t i = 0; i < l->project->table_count; i++)
            as_words_add(&known, l->project->tables[i].name);
        as_load_error(l, key->at, as_suggest(l->diags, table, known.items, known.count),
                      "`%.*s`: this release has no table `%.*s`", AS_FMT(key->text),
                      AS_FMT(table));
    } else if (!ragged && t->schema && as_schema_field(t->schema, field) == AS_NO_FIELD) {
        as_words known = {.arena = l->arena};
        for (size_t i = 0; i < t->schema->count; i++)
            as_words_add(&known, t->schema->fields[i].name);
        as_load_error(l, key->at, as_suggest(l->diags, field, known.items, known.count),
                      "`%.*s`: table `%.*s` has no field `%.*s`", AS_FMT(key->text),
                      AS_FMT(table), AS_FMT(field));
    }
    return true;
}

static bool is_broken(const as_load *l, as_str id)
{
    for (size_t i = 0; i < l->broken.count; i++)
        if (as_str_eq(l->broken.items[i], id))
            return true;
    return false;
}

static void check_id(as_load *l, const as_node *key)
{
    if (as_project_rule(l->project, key->text) || is_broken(l, key->text) ||
        check_builtin(l, key))
        return;
    as_load_error(l, key->at, as_project_suggest(l->project, l->diags, "rule", key->text),
                  "there is no rule `%.*s`", AS_FMT(key->text));
}

static void check_off(as_load *l, const as_node *n)
{
    const as_node *off = as_node_get(n, "off");
    bool flag = false;
    as_str reason = AS_NONE;
    if (!off || (as_node_bool(off, &flag) && !flag))
        return;
    if (as_read_text(l, n, "off", &reason) && (flag || as_str_trim(reason).len == 0))
        as_load_error(l, off->at, "write `off: reason`",
                      "a rule is switched off without a reason");
}

static void check_override(as_load *l, const as_pair *pair)
{
    const as_node *n = pair->value;
    as_severity severity;
    double allow;
    bool percent;
    check_id(l, pair->key);
    if (n->kind != AS_NODE_MAP) {
        as_load_error(l, n->at, "write {off: reason}, {severity: warning} or {allow: 3}",
                      "what is changed of rule `%.*s` must be a mapping, not %s",
                      AS_FMT(pair->key->text),
                      as_node_is_null(n) ? "empty" : as_node_kind_name(n));
        return;
    }
    as_read_keys(l, n, as_keys_release, "rules.*", "an override of a rule");
    check_off(l, n);
    as_read_severity(l, n, "severity", &severity);
    as_read_allow(l, n, &allow, &percent);
}

void as_overrides_link(as_load *l)
{
    as_project *p = l->project;
    const as_node *n = as_node_get(p->node, "rules");
    if (!n || !as_read_map(l, n, "`rules`"))
        return;
    for (size_t i = 0; i < n->count; i++)
        check_override(l, &n->pairs[i]);
    for (size_t i = 0; i < p->rule_count; i++)
        as_project_override(p, &p->rules[i]);
}

/* ---- applying ---- */

static void apply_off(const as_node *off, as_rule *r)
{
    bool flag = true;
    if (!off || off->kind != AS_NODE_SCALAR || as_node_is_null(off))
        return;
    bool is_flag = as_node_bool(off, &flag);
    r->off = is_flag ? flag : true;
    r->off_reason = is_flag ? AS_NONE : as_str_trim(off->text);
}

static const as_node *override_of(const as_node *all, as_str id)
{
    for (size_t i = 0; all && all->kind == AS_NODE_MAP && id.len && i < all->count; i++)
        if (as_str_eq(all->pairs[i].key->text, id))
            return all->pairs[i].value;
    return NULL;
}

/* What is wrong was told when the release was read; here it is left out. */
void as_project_override(const as_project *p, as_rule *r)
{
    const as_node *all = as_node_get(p->node, "rules");
    const as_node *n = override_of(all, r->id);
    if (!n)
        n = override_of(all, r->name);
    const as_node *severity = as_node_get(n, "severity"), *allow = as_node_get(n, "allow");
    apply_off(as_node_get(n, "off"), r);
    if (severity)
        as_severity_of(severity->text, &r->severity);
    if (allow && as_allow_of(allow->text, &r->allow, &r->allow_percent))
        r->allow_set = true;
}
