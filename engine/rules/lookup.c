/* lookup.c: things of a project by their names. Linear: a project has tens of each, and nothing
 * here runs per record. */
#include "base/text.h"
#include "rules/load.h"

const char *as_severity_name(as_severity s)
{
    switch (s) {
    case AS_SEV_ERROR:
        return "error";
    case AS_SEV_WARNING:
        return "warning";
    default:
        return "info";
    }
}

const as_param *as_project_param(const as_project *p, as_str name)
{
    for (size_t i = 0; i < p->param_count; i++)
        if (as_str_eq(p->params[i].name, name))
            return &p->params[i];
    return NULL;
}

static as_schema *find_schema(const as_project *p, as_str name)
{
    for (size_t i = 0; i < p->pack_count; i++)
        for (size_t j = 0; j < p->packs[i]->schema_count; j++)
            if (as_str_eq(p->packs[i]->schemas[j]->name, name))
                return p->packs[i]->schemas[j];
    return NULL;
}

const as_schema *as_project_schema(const as_project *p, as_str name)
{
    return find_schema(p, name);
}

as_schema *as_schema_by_prefix(const as_project *p, as_str table)
{
    for (size_t i = table.len; i > 1; i--) {
        as_schema *s =
            table.ptr[i - 1] == '_' ? find_schema(p, as_str_sub(table, 0, i - 1)) : NULL;
        if (s)
            return s;
    }
    return NULL;
}

const as_release_table *as_release_table_find(const as_project *p, as_str name)
{
    for (size_t i = 0; i < p->table_count; i++)
        if (as_str_eq(p->tables[i].name, name))
            return &p->tables[i];
    return NULL;
}

const as_schema *as_project_table_schema(const as_project *p, as_str table)
{
    const as_release_table *t = as_release_table_find(p, table);
    if (t)
        return t->schema;
    const as_reference *ref = as_project_reference(p, table);
    if (ref)
        return ref->schema;
    const as_schema *s = find_schema(p, table);
    return s ? s : as_schema_by_prefix(p, table);
}

as_code_list *as_project_list(const as_project *p, as_str name)
{
    for (size_t i = 0; i < p->pack_count; i++)
        for (size_t j = 0; j < p->packs[i]->list_count; j++)
            if (as_str_eq(p->packs[i]->lists[j]->name, name))
                return p->packs[i]->lists[j];
    return NULL;
}

as_measure *as_project_measure(const as_project *p, as_str name)
{
    for (size_t i = 0; i < p->measure_count; i++)
        if (as_str_eq(p->measures[i].name, name))
            return &p->measures[i];
    return NULL;
}

as_reference *as_project_reference(const as_project *p, as_str name)
{
    for (size_t i = 0; i < p->pack_count; i++)
        for (size_t j = 0; j < p->packs[i]->reference_count; j++)
            if (as_str_eq(p->packs[i]->references[j].name, name))
                return &p->packs[i]->references[j];
    return NULL;
}

as_pattern *as_project_pattern(const as_project *p, as_str name)
{
    for (size_t i = 0; i < p->pack_count; i++)
        for (size_t j = 0; j < p->packs[i]->pattern_count; j++)
            if (as_str_eq(p->packs[i]->patterns[j].name, name))
                return &p->packs[i]->patterns[j];
    return NULL;
}

const as_rule *as_project_rule(const as_project *p, as_str id_or_name)
{
    for (size_t i = 0; i < p->rule_count; i++)
        if (as_str_eq(p->rules[i].id, id_or_name))
            return &p->rules[i];
    for (size_t i = 0; i < p->rule_count && id_or_name.len; i++)
        if (as_str_eq(p->rules[i].name, id_or_name))
            return &p->rules[i];
    return NULL;
}

as_str as_project_without(const as_project *p, as_str table)
{
    for (size_t i = 0; i < p->absent_count; i++)
        if (as_str_eq(p->absent[i].key->text, table))
            return as_str_trim(p->absent[i].value->text);
    return AS_NONE;
}

/* ---- the nearest ---- */

static void add_tables(as_words *w, const as_project *p)
{
    for (size_t i = 0; i < p->table_count; i++)
        as_words_add(w, p->tables[i].name);
    for (size_t i = 0; i < p->pack_count; i++)
        for (size_t j = 0; j < p->packs[i]->reference_count; j++)
            as_words_add(w, p->packs[i]->references[j].name);
}

static void add_schemas(as_words *w, const as_project *p)
{
    for (size_t i = 0; i < p->pack_count; i++)
        for (size_t j = 0; j < p->packs[i]->schema_count; j++)
            as_words_add(w, p->packs[i]->schemas[j]->name);
}

static void add_tables_and_schemas(as_words *w, const as_project *p)
{
    add_tables(w, p);
    add_schemas(w, p);
}

static void add_lists(as_words *w, const as_project *p)
{
    for (size_t i = 0; i < p->pack_count; i++)
        for (size_t j = 0; j < p->packs[i]->list_count; j++)
            as_words_add(w, p->packs[i]->lists[j]->name);
}

static void add_patterns(as_words *w, const as_project *p)
{
    for (size_t i = 0; i < p->pack_count; i++)
        for (size_t j = 0; j < p->packs[i]->pattern_count; j++)
            as_words_add(w, p->packs[i]->patterns[j].name);
}

static void add_measures(as_words *w, const as_project *p)
{
    for (size_t i = 0; i < p->measure_count; i++)
        as_words_add(w, p->measures[i].name);
}

static void add_documents(as_words *w, const as_project *p)
{
    for (size_t i = 0; i < p->document_count; i++)
        as_words_add(w, p->documents[i].name);
}

static void add_params(as_words *w, const as_project *p)
{
    for (size_t i = 0; i < p->param_count; i++)
        as_words_add(w, p->params[i].name);
}

static void add_rules(as_words *w, const as_project *p)
{
    for (size_t i = 0; i < p->rule_count; i++)
        as_words_add(w, p->rules[i].id);
    for (size_t i = 0; i < p->rule_count; i++)
        if (p->rules[i].name.len)
            as_words_add(w, p->rules[i].name);
}

typedef struct as_sort {
    const char *name;
    void (*add)(as_words *w, const as_project *p);
} as_sort;

static const as_sort sorts[] = {
    {"table", add_tables_and_schemas}, {"schema", add_schemas},     {"list", add_lists},
    {"measure", add_measures},         {"param", add_params},       {"rule", add_rules},
    {"pattern", add_patterns},         {"document", add_documents},
};

bool as_project_names(as_words *w, const as_project *p, const char *sort)
{
    for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++) {
        if (strcmp(sorts[i].name, sort) == 0) {
            sorts[i].add(w, p);
            return true;
        }
    }
    return false;
}

as_str as_project_nearest(const as_project *p, const char *sort, as_str word)
{
    as_arena *a = as_arena_open();
    as_words w = {.arena = a};
    as_str near = AS_NONE;
    if (a && as_project_names(&w, p, sort))
        near = as_text_nearest(word, w.items,
                               w.count); /* the words are the project's, not the arena's */
    as_arena_close(a);
    return near;
}

const char *as_project_suggest(const as_project *p, as_diags *d, const char *sort, as_str word)
{
    as_words w = {.arena = d->arena};
    as_project_names(&w, p, sort);
    return as_suggest(d, word, w.items, w.count);
}
