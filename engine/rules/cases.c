/* cases.c: a rule's own tests, `flags` and `passes`.
 *
 * An item is a record ({urn: A1, places: 0}), a list of records that make one case, or {tables:
 * {NAME: [records…]}, documents: {NAME: text}, params: {…}}. Fields are checked when all
 * schemas are known (as_cases_link). */
#include "rules/load.h"

const as_key_doc as_keys_case[] = {
    {"tables", "mapping", false, "TABLE: its records."},
    {"tables.*", "records", false, "The records; [] is an empty table."},
    {"documents", "names", false, "DOCUMENT: its text."},
    {"documents.*", "text", false, "The text."},
    {"params", "names", false, "Parameters that this test sets."},
    {"params.*", "text", false, "The value."},
    AS_KEYS_END};

static bool record_ok(as_load *l, const as_node *n)
{
    if (n->kind != AS_NODE_MAP) {
        as_load_error(l, n->at, "write {field: value, …}",
                      "a test record must be a mapping, not %s", as_node_kind_name(n));
        return false;
    }
    bool good = true;
    for (size_t i = 0; i < n->count; i++) {
        const as_node *value = n->pairs[i].value;
        if (value->kind == AS_NODE_SCALAR)
            continue;
        as_load_error(l, value->at, "", "`%.*s` in a test record must be text, not %s",
                      AS_FMT(n->pairs[i].key->text), as_node_kind_name(value));
        good = false;
    }
    return good;
}

static bool read_records(as_load *l, as_case_table *t, as_node *const *items, size_t count)
{
    const as_node **records = AS_NEW_N(l->arena, const as_node *, count + 1);
    if (!records)
        return as_load_nomem(l);
    bool good = true;
    for (size_t i = 0; i < count; i++) {
        good &= record_ok(l, items[i]);
        records[i] = items[i];
    }
    t->records = records;
    t->count = count;
    return good;
}

/* One table, the rule's own, with the records given. */
static bool own_table(as_load *l, as_case *c, as_node *const *items, size_t count)
{
    c->tables = AS_NEW(l->arena, as_case_table);
    if (!c->tables)
        return as_load_nomem(l);
    c->table_count = 1;
    return read_records(l, c->tables, items, count);
}

static void check_params(as_load *l, as_case *c, as_node *params)
{
    if (!params || !as_read_map(l, params, "`params`"))
        return;
    c->params = params;
    for (size_t i = 0; i < params->count; i++) {
        const as_node *value = params->pairs[i].value;
        if (value->kind != AS_NODE_SCALAR || as_node_is_null(value))
            as_load_error(l, value->at, "", "parameter `%.*s` of a test must be one value",
                          AS_FMT(params->pairs[i].key->text));
    }
}

static bool read_documents(as_load *l, as_case *c, const as_node *documents)
{
    bool good = true;
    if (!documents)
        return true;
    if (!as_read_map(l, documents, "`documents`"))
        return false;
    c->documents = AS_NEW_N(l->arena, as_case_document, documents->count + 1);
    if (!c->documents)
        return as_load_nomem(l);
    for (size_t i = 0; i < documents->count; i++) {
        const as_node *key = documents->pairs[i].key, *text = documents->pairs[i].value;
        c->documents[c->document_count++] = (as_case_document){key->text, text->text, text->at};
        if (text->kind == AS_NODE_SCALAR && !as_node_is_null(text))
            continue;
        as_load_error(l, text->at, "write {NAME: \"There were 2,145 homes.\"}",
                      "document `%.*s` of a test is text, not %s", AS_FMT(key->text),
                      as_node_is_null(text) ? "empty" : as_node_kind_name(text));
        good = false;
    }
    return good;
}

static bool read_tables_form(as_load *l, as_case *c, const as_node *n)
{
    as_read_keys(l, n, as_keys_case, "", "a test with `tables`");
    check_params(l, c, as_node_get(n, "params"));
    const as_node *tables = as_node_get(n, "tables");
    if (!read_documents(l, c, as_node_get(n, "documents")))
        return false;
    if (!tables && c->document_count)
        return true;
    if (!tables) {
        as_load_error(l, n->at, "write {tables: {NAME: [{field: value}]}, params: {…}}",
                      "a test with `params` needs its records under `tables`");
        return false;
    }
    if (!as_read_map(l, tables, "`tables`"))
        return false;
    c->tables = AS_NEW_N(l->arena, as_case_table, tables->count + 1);
    if (!c->tables)
        return as_load_nomem(l);
    bool good = true;
    for (size_t i = 0; i < tables->count; i++) {
        const as_node *records = tables->pairs[i].value;
        as_case_table *t = &c->tables[c->table_count++];
        t->table = tables->pairs[i].key->text;
        if (records->kind == AS_NODE_SEQ) {
            good &= read_records(l, t, records->items, records->count);
            continue;
        }
        as_load_error(l, records->at, "write [{field: value}, …]; `[]` is an empty table",
                      "the records of `%.*s` must be a list, not %s", AS_FMT(t->table),
                      as_node_kind_name(records));
        good = false;
    }
    return good;
}

/* A record could have a field of such a name; its value would be text. */
static bool is_tables_form(const as_node *n)
{
    for (const as_key_doc *k = as_keys_case; k->name; k++) {
        const as_node *value = as_key_under(k, "") ? as_node_get(n, k->name) : NULL;
        if (value && value->kind != AS_NODE_SCALAR)
            return true;
    }
    return false;
}

static bool read_case(as_load *l, as_case *c, as_node *n)
{
    *c =
        (as_case){.at = n->at}; /* the place may hold what is left of a case that was refused */
    if (n->kind == AS_NODE_SEQ)
        return own_table(l, c, n->items, n->count);
    if (n->kind == AS_NODE_MAP && is_tables_form(n))
        return read_tables_form(l, c, n);
    return own_table(l, c, &n, 1);
}

void as_cases_read(as_load *l, as_rule *r, const as_node *list, const char *key, as_case **out,
                   size_t *count)
{
    *out = NULL;
    *count = 0;
    if (!list)
        return;
    if (list->kind != AS_NODE_SEQ) {
        as_load_error(l, list->at, as_load_hint(l, "write `%s: [{field: value}]`", key),
                      "`%s` of rule `%.*s` must be a list of tests, not %s", key, AS_FMT(r->id),
                      as_node_is_null(list) ? "empty" : as_node_kind_name(list));
        return;
    }
    *out = AS_NEW_N(l->arena, as_case, list->count + 1);
    if (!*out) {
        as_load_nomem(l);
        return;
    }
    for (size_t i = 0; i < list->count; i++)
        *count += read_case(l, &(*out)[*count], list->items[i]);
}

/* ---- when the schemas are known ---- */

static const as_schema *case_schema(as_load *l, const as_rule *r, const as_case *c,
                                    const as_case_table *t)
{
    as_str name = t->table.len ? t->table : r->table;
    if (name.len == 0) {
        as_load_error(l, c->at, "write {tables: {NAME: [{field: value}]}}",
                      "rule `%.*s` has no table of its own; its tests name theirs",
                      AS_FMT(r->id));
        return NULL;
    }
    const as_schema *s = as_project_table_schema(l->project, name);
    if (!s && t->table.len && !as_release_table_find(l->project, name)) {
        as_load_error(l, c->at, as_project_suggest(l->project, l->diags, "table", name),
                      "no schema describes table `%.*s` of this test", AS_FMT(name));
    }
    return s; /* else the table was told where the rule or the release names it */
}

bool as_rule_of_headers(const as_rule *r)
{
    return as_str_eq(r->kind, AS_STR("columns"));
}

static void link_record(as_load *l, const as_rule *r, const as_schema *s, const as_node *record)
{
    if (as_rule_of_headers(r))
        return;
    for (size_t i = 0; i < record->count; i++) {
        const as_node *key = record->pairs[i].key;
        if (as_schema_field(s, key->text) != AS_NO_FIELD)
            continue;
        as_words known = {.arena = l->arena};
        for (size_t f = 0; f < s->count; f++)
            as_words_add(&known, s->fields[f].name);
        as_load_error(l, key->at, as_suggest(l->diags, key->text, known.items, known.count),
                      "`%.*s` has no field `%.*s`", AS_FMT(s->name), AS_FMT(key->text));
    }
}

static void link_params(as_load *l, const as_node *params)
{
    for (size_t i = 0; params && i < params->count; i++) {
        const as_node *key = params->pairs[i].key, *value = params->pairs[i].value;
        bool builtin = as_param_is_builtin(key->text);
        if (builtin && !as_str_eq(key->text, AS_STR("release")) &&
            value->kind == AS_NODE_SCALAR && as_iso_date(value->text) == AS_DATE_NULL)
            as_load_error(l, value->at, "write year-month-day, as 2017-03-31",
                          "`%.*s`: `%.*s` is not a date", AS_FMT(key->text),
                          AS_FMT(value->text));
        if (builtin || as_project_param(l->project, key->text))
            continue;
        as_load_error(l, key->at, as_project_suggest(l->project, l->diags, "param", key->text),
                      "there is no parameter `%.*s`", AS_FMT(key->text));
    }
}

static void link_cases(as_load *l, const as_rule *r, const as_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        link_params(l, cases[i].params);
        for (size_t t = 0; t < cases[i].table_count; t++) {
            const as_case_table *table = &cases[i].tables[t];
            const as_schema *s = case_schema(l, r, &cases[i], table);
            for (size_t k = 0; s && k < table->count; k++)
                link_record(l, r, s, table->records[k]);
        }
    }
}

void as_cases_link(as_load *l)
{
    for (size_t i = 0; i < l->project->rule_count; i++) {
        const as_rule *r = &l->project->rules[i];
        link_cases(l, r, r->flags, r->flag_count);
        link_cases(l, r, r->passes, r->pass_count);
    }
}
