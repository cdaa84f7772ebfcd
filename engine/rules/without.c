/* without.c: rules that need a table or a document which the release says it has not are off,
 * with the reason it gives; so are those that need a table which their pack calls optional and
 * the release does not mention.
 *
 * What a rule needs is its own `table`, the tables and the document that its kind's block names
 * under the keys that name them, and the tables of the measures that the block names, formulas
 * followed; of a query, the names after FROM, JOIN and commas.
 * Blocks are read by that vocabulary alone; what they mean is the kinds' business. */
#include "base/sql_words.h"
#include "rules/load.h"

/* Keys under which a block names a table or a document. */
static const char *const table_keys[] = {"in",     "from", "of",       "table",
                                         "tables", "to",   "document", NULL};
/* Keys whose values are conditions or texts and so never name a table or a measure. */
static const char *const other_keys[] = {
    "where", "expect", "match", "valid", "fields", "key",    "value",  "unit",
    "holds", "by",     "quote", "group", "ignore", "within", "except", NULL};

typedef struct as_lackers {
    as_load *l;
    const as_pair *
        *lacks;   /* per measure: the entry of project->absent that it needs, or NULL */
    bool *used;   /* per entry of project->absent */
    size_t given; /* of these, the first are what the release says itself */
} as_lackers;

static bool key_in(as_str key, const char *const *keys)
{
    for (; *keys; keys++)
        if (as_str_eq(key, as_str_from(*keys)))
            return true;
    return false;
}

static const as_pair *entry_of(const as_lackers *x, as_str table)
{
    const as_project *p = x->l->project;
    for (size_t i = 0; i < p->absent_count; i++)
        if (as_str_eq(p->absent[i].key->text, table))
            return &p->absent[i];
    return NULL;
}

/* ---- measures ---- */

static bool word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_';
}

static const as_pair *measure_lack(const as_lackers *x, as_str name)
{
    const as_project *p = x->l->project;
    const as_measure *m = as_project_measure(p, name);
    return m ? x->lacks[m - p->measures] : NULL;
}

static const as_pair *formula_lack(const as_lackers *x, as_str formula)
{
    for (size_t i = 0; i < formula.len;) {
        size_t begin = i;
        while (i < formula.len && word_char(formula.ptr[i]))
            i++;
        const as_pair *found =
            i > begin ? measure_lack(x, as_str_sub(formula, begin, i - begin)) : NULL;
        if (found)
            return found;
        i += i == begin;
    }
    return NULL;
}

/* A measure's own table, or one that it looks into. */
static const as_pair *own_lack(const as_lackers *x, const as_measure *m)
{
    static const char *const joins[] = {"found_in", "missing_from"};
    const as_pair *found = entry_of(x, m->table);
    for (size_t i = 0; i < 2 && !found; i++) {
        const as_node *join = as_node_get(m->node, joins[i]);
        const as_node *table =
            join && join->kind == AS_NODE_MAP ? as_node_get(join, "table") : NULL;
        found = table && table->kind == AS_NODE_SCALAR ? entry_of(x, table->text) : NULL;
    }
    return found;
}

/* Formulas of formulas: repeated until nothing changes. */
static void find_measures(as_lackers *x)
{
    const as_project *p = x->l->project;
    for (size_t i = 0; i < p->measure_count; i++)
        x->lacks[i] = own_lack(x, &p->measures[i]);
    for (bool changed = true; changed;) {
        changed = false;
        for (size_t i = 0; i < p->measure_count; i++) {
            if (x->lacks[i] || p->measures[i].op != AS_MEASURE_FORMULA)
                continue;
            x->lacks[i] = formula_lack(x, p->measures[i].formula);
            changed |= x->lacks[i] != NULL;
        }
    }
}

/* ---- rules ---- */

static const as_pair *node_lack(const as_lackers *x, const as_node *n, bool tables,
                                bool measures)
{
    const as_pair *found = NULL;
    switch (n->kind) {
    case AS_NODE_SCALAR:
        found = tables ? entry_of(x, n->text) : NULL;
        return found || !measures ? found : formula_lack(x, n->text);
    case AS_NODE_SEQ:
        for (size_t i = 0; i < n->count && !found; i++)
            found = node_lack(x, n->items[i], tables, measures);
        return found;
    case AS_NODE_MAP:
        for (size_t i = 0; i < n->count && !found; i++) {
            const as_pair *pair = &n->pairs[i];
            bool texts = as_str_eq(pair->key->text, AS_STR("holds")) &&
                         pair->value->kind != AS_NODE_MAP; /* comparisons of formulas */
            if (texts || !key_in(pair->key->text, other_keys))
                found =
                    node_lack(x, pair->value, key_in(pair->key->text, table_keys), measures);
        }
        return found;
    }
    return NULL;
}

/* A query's tables are words in a text. */
static const as_pair *query_lack(const as_lackers *x, const as_rule *r)
{
    const as_project *p = x->l->project;
    const as_node *query =
        r->spec->kind == AS_NODE_MAP ? as_node_get(r->spec, "query") : r->spec;
    for (size_t i = 0; query && query->kind == AS_NODE_SCALAR && i < p->absent_count; i++)
        if (as_sql_words_from(query->text, p->absent[i].key->text))
            return &p->absent[i];
    return NULL;
}

/* Kinds on measures have no table of their own. The block's depth is that of the file: capped.
 */
static const as_pair *rule_lack(const as_lackers *x, const as_rule *r)
{
    const as_pair *found = r->table.len ? entry_of(x, r->table) : NULL;
    if (!found && as_str_eq(r->kind, AS_STR("sql")))
        found = query_lack(x, r);
    else if (!found && r->spec->kind != AS_NODE_SCALAR)
        found = node_lack(x, r->spec, false, r->table.len == 0);
    return found;
}

static void switch_off(as_lackers *x)
{
    as_project *p = x->l->project;
    for (size_t i = 0; i < p->rule_count; i++) {
        as_rule *r = &p->rules[i];
        const as_pair *found = rule_lack(x, r);
        if (!found)
            continue;
        x->used[found - p->absent] = true;
        if (!r->off) {
            r->off = true;
            r->off_reason = as_str_trim(found->value->text);
        }
    }
    for (size_t i = 0; i < p->measure_count; i++)
        if (x->lacks[i])
            x->used[x->lacks[i] - p->absent] = true;
}

static void tell_unused(as_load *l, const as_node *key)
{
    as_str near = as_project_nearest(l->project, "table", key->text);
    as_load_warn(l, key->at,
                 near.len && !as_str_eq(near, key->text)
                     ? as_load_hint(l, "did you mean `%.*s`?", AS_FMT(near))
                     : "",
                 "no rule needs table `%.*s`", AS_FMT(key->text));
}

static void check_entries(const as_lackers *x)
{
    as_load *l = x->l;
    for (size_t i = 0; i < x->given; i++) {
        const as_node *key = l->project->absent[i].key;
        bool table = as_release_table_find(l->project, key->text) != NULL;
        if (table || as_project_document(l->project, key->text))
            as_load_error(l, key->at, "remove one of the two",
                          "`%.*s` is both under `%s` and under `without`", AS_FMT(key->text),
                          table ? "tables" : "documents");
        else if (!x->used[i])
            tell_unused(l, key);
    }
}

/* ---- which tables are absent ---- */

void as_reasons_read(as_load *l, const as_node *n, const char *what)
{
    if (!n || !as_read_map(l, n, what))
        return;
    for (size_t i = 0; i < n->count; i++) {
        const as_pair *pair = &n->pairs[i];
        as_str reason =
            pair->value->kind == AS_NODE_SCALAR ? as_str_trim(pair->value->text) : AS_NONE;
        if (reason.len == 0 || as_node_is_null(pair->value))
            as_load_error(l, pair->value->at, "write `TABLE: reason`",
                          "%s gives no reason for the absence of `%.*s`", what,
                          AS_FMT(pair->key->text));
    }
}

/* What the release says is kept as it is; of a pack, only what the release does not mention. */
static void add_absent(as_load *l, const as_node *map, bool of_pack)
{
    as_project *p = l->project;
    for (size_t i = 0; map && map->kind == AS_NODE_MAP && i < map->count; i++) {
        const as_pair *pair = &map->pairs[i];
        as_str table = pair->key->text;
        if (pair->value->kind != AS_NODE_SCALAR ||
            (of_pack && (as_release_table_find(p, table) || as_project_document(p, table) ||
                         as_project_without(p, table).ptr)))
            continue;
        as_pair *all = as_load_room(l, (void *)p->absent, p->absent_count, sizeof *all);
        if (!all)
            return;
        p->absent = all;
        all[p->absent_count++] = *pair;
    }
}

void as_without_link(as_load *l)
{
    as_project *p = l->project;
    if (!p->node)
        return; /* a pack by itself */
    as_lackers x = {.l = l};
    add_absent(l, as_node_get(p->node, "without"), false);
    x.given = p->absent_count;
    for (size_t i = 0; i < p->pack_count; i++)
        add_absent(l, p->packs[i]->optional, true);
    x.lacks = AS_NEW_N(l->arena, const as_pair *, p->measure_count + 1);
    x.used = AS_NEW_N(l->arena, bool, p->absent_count + 1);
    if (!x.lacks || !x.used) {
        as_load_nomem(l);
        return;
    }
    find_measures(&x);
    switch_off(&x);
    check_entries(&x);
}
