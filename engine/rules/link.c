/* link.c: what can be said only when everything is read: names used twice, tables and schemas
 * that do not exist.
 *
 * Order: as_link_names, as_link_release, then as_without_link, as_overrides_link,
 * as_link_tables. */
#include "rules/load.h"

#include <stdlib.h>

/* ---- names used twice ---- */

typedef struct as_named {
    as_str name;
    as_span at;
    size_t index; /* in the order of reading */
} as_named;

static int by_name_then_order(const void *x, const void *y)
{
    const as_named *a = x, *b = y;
    int c = as_str_cmp(a->name, b->name);
    return c ? c : (a->index > b->index) - (a->index < b->index);
}

static void check_twice(as_load *l, as_named *all, size_t count, as_diag_level level,
                        const char *what, const char *hint)
{
    if (count > 1)
        qsort(all, count, sizeof *all, by_name_then_order);
    for (size_t i = 1, first = 0; i < count; i++) {
        if (!as_str_eq(all[i].name, all[first].name)) {
            first = i;
            continue;
        }
        as_diag_add(l->diags, level, all[i].at, hint, "%s `%.*s` is also in %s:%u", what,
                    AS_FMT(all[i].name), all[first].at.file, (unsigned)all[first].at.line);
    }
}

void as_link_names(as_load *l)
{
    const as_project *p = l->project;
    as_named *ids = AS_NEW_N(l->arena, as_named, p->rule_count + 1);
    as_named *names = AS_NEW_N(l->arena, as_named, p->rule_count + 1);
    as_named *measures = AS_NEW_N(l->arena, as_named, p->measure_count + 1);
    size_t named = 0;
    if (!ids || !names || !measures) {
        as_load_nomem(l);
        return;
    }
    for (size_t i = 0; i < p->rule_count; i++) {
        const as_rule *r = &p->rules[i];
        ids[i] = (as_named){r->id, r->at, i};
        if (r->name.len)
            names[named++] = (as_named){r->name, as_node_get(r->node, "name")->at, i};
    }
    for (size_t i = 0; i < p->measure_count; i++)
        measures[i] = (as_named){p->measures[i].name, p->measures[i].at, i};
    check_twice(l, ids, p->rule_count, AS_DIAG_ERROR, "rule id",
                "give one of the two rules another id");
    check_twice(l, names, named, AS_DIAG_WARNING, "rule name",
                "give one of the two rules another name, or `--only` takes both");
    check_twice(l, measures, p->measure_count, AS_DIAG_ERROR, "measure",
                "give one of the two another name");
}

/* ---- tables of the release ---- */

static const char *schema_hint(as_load *l, const as_release_table *t)
{
    const as_schema *s = as_schema_by_prefix(l->project, t->schema_name);
    if (s)
        return as_load_hint(l, "add `schema: %.*s`", AS_FMT(s->name));
    if (l->project->pack_count == 0)
        return "name the folders of the rule packs under `packs:`";
    return as_project_suggest(l->project, l->diags, "schema", t->schema_name);
}

void as_link_release(as_load *l)
{
    as_project *p = l->project;
    const as_node *tables = as_node_get(p->node, "tables");
    for (size_t i = 0; i < p->table_count; i++) {
        as_release_table *t = &p->tables[i];
        as_schema *s = (as_schema *)as_project_schema(p, t->schema_name);
        const as_node *n = as_node_get(tables, t->name.ptr);
        const as_node *schema = as_node_get(n, "schema");
        t->schema = s || schema ? s : as_schema_by_prefix(p, t->name); /* once this is said */
        if (s)
            s->used = true;
        else
            as_load_error(l, schema ? schema->at : as_node_key(tables, t->name.ptr)->at,
                          schema_hint(l, t),
                          schema ? "there is no schema `%.*s`"
                                 : "no schema describes table `%.*s`",
                          AS_FMT(t->schema_name));
        if (as_project_reference(p, t->name))
            as_load_error(l, as_node_key(tables, t->name.ptr)->at, "give it another name",
                          "table `%.*s` has the name of a reference table of a pack",
                          AS_FMT(t->name));
    }
}

/* ---- tables of rules and measures ---- */

typedef struct as_lack {
    as_str table;
    const char *what; /* "rule" or "measure" */
    as_str whose;     /* the first */
    size_t more;
} as_lack;

typedef struct as_lacks {
    as_lack *items;
    size_t count;
} as_lacks;

static void lack(as_load *l, as_lacks *all, as_str table, const char *what, as_str whose)
{
    for (size_t i = 0; i < all->count; i++) {
        if (as_str_eq(all->items[i].table, table)) {
            all->items[i].more++;
            return;
        }
    }
    as_lack *items = as_load_room(l, all->items, all->count, sizeof *items);
    if (!items)
        return;
    all->items = items;
    items[all->count++] = (as_lack){table, what, whose, 0};
}

static bool is_release(const as_project *p)
{
    return p->node != NULL;
}

/* The schema of a table that a rule or measure names; NULL: reported. A table that the release
 * lacks is not a mistake of the pack: the rule says so when it is to run. */
static const as_schema *link_table(as_load *l, as_lacks *lacks, const as_node *node,
                                   const char *key, as_str table, const char *what,
                                   as_str whose)
{
    const as_project *p = l->project;
    const as_schema *s = as_project_table_schema(p, table);
    bool given = as_release_table_find(p, table) || as_project_reference(p, table);
    if (given)
        return s;
    if (!s)
        as_load_error(
            l, as_node_get(node, key)->at, as_project_suggest(p, l->diags, "table", table),
            "%s `%.*s`: no schema describes table `%.*s`", what, AS_FMT(whose), AS_FMT(table));
    else if (is_release(p) && !as_project_without(p, table).ptr)
        lack(l, lacks, table, what, whose);
    return s;
}

static void tell_lacks(as_load *l, const as_lacks *lacks)
{
    const as_project *p = l->project;
    const as_node *key = as_node_key(p->node, "tables");
    for (size_t i = 0; i < lacks->count; i++) {
        const as_lack *x = &lacks->items[i];
        as_str more = x->more ? as_arena_printf(l->arena, " and %zu more", x->more) : AS_NONE;
        as_load_warn(l, key ? key->at : p->node->at,
                     as_load_hint(l,
                                  "name its file here, or write under `without:` why there is "
                                  "none: `%.*s: reason`",
                                  AS_FMT(x->table)),
                     "this release has no table `%.*s`, which %s `%.*s`%.*s need%s",
                     AS_FMT(x->table), x->what, AS_FMT(x->whose), AS_FMT(more),
                     x->more ? "" : "s");
    }
}

void as_link_tables(as_load *l)
{
    as_project *p = l->project;
    as_lacks lacks = {NULL, 0};
    for (size_t i = 0; i < p->rule_count; i++) {
        as_rule *r = &p->rules[i];
        if (r->table.len == 0)
            continue;
        const as_schema *s = link_table(l, &lacks, r->node, "table", r->table, "rule", r->id);
        if (s)
            r->schema = s->name;
    }
    for (size_t i = 0; i < p->measure_count; i++) {
        const as_measure *m = &p->measures[i];
        if (m->table.len)
            link_table(l, &lacks, m->node, m->op == AS_MEASURE_COUNT ? "count" : "of", m->table,
                       "measure", m->name);
    }
    tell_lacks(l, &lacks);
}
