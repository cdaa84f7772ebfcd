/* sql_tables.c: see sql_tables.h. */
#include "check/sql_tables.h"

#include "base/sql_words.h"

typedef struct list {
    const as_project *project;
    as_tables loaded;
    as_sql_table *items;
    size_t count;
} list;

static void add(list *l, as_str name)
{
    const as_schema *schema = as_project_table_schema(l->project, name);
    for (size_t i = 0; i < l->count; i++)
        if (as_sql_word_is(l->items[i].name, name))
            return;
    if (schema)
        l->items[l->count++] = (as_sql_table){name, schema, as_tables_find(l->loaded, name)};
}

static size_t words_of(as_str query)
{
    as_sql_word w;
    size_t count = 0;
    while (as_sql_word_next(&query, &w))
        count++;
    return count;
}

as_code as_sql_tables(const as_project *p, as_str query, as_tables loaded, as_arena *a,
                      const as_sql_table **out, size_t *count, as_err *e)
{
    list l = {.project = p, .loaded = loaded};
    as_sql_word w;
    size_t room = p->table_count + words_of(query) + 1;
    for (size_t i = 0; i < p->pack_count; i++)
        room += p->packs[i]->reference_count + p->packs[i]->schema_count;
    l.items = AS_NEW_N(a, as_sql_table, room);
    if (!l.items)
        return as_fail_nomem(e);
    for (size_t i = 0; i < p->table_count; i++)
        add(&l, p->tables[i].name);
    for (size_t i = 0; i < p->pack_count; i++)
        for (size_t k = 0; k < p->packs[i]->reference_count; k++)
            add(&l, p->packs[i]->references[k].name);
    for (size_t i = 0; i < p->pack_count; i++)
        for (size_t k = 0; k < p->packs[i]->schema_count; k++)
            add(&l, p->packs[i]->schemas[k]->name);
    while (as_sql_word_next(&query, &w))
        add(&l, w.text);
    *out = l.items;
    *count = l.count;
    return AS_OK;
}

as_str as_sql_value_text(as_arena *a, as_sql_value v)
{
    switch (v.type) {
    case AS_SQL_NULL:
        return AS_NONE;
    case AS_SQL_INTEGER:
        return as_arena_printf(a, "%lld", (long long)v.i);
    case AS_SQL_REAL:
        return as_arena_printf(a, "%.15g", v.f);
    case AS_SQL_TEXT:
        break;
    }
    return as_arena_str(a, v.text);
}
