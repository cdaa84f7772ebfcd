/* columns.c: where each column of a result comes from, and what of it must be masked.
 *
 * SQLite says of a result column whether it is a column of a table as it stands. Of a compound
 * (UNION and the like, VALUES) it knows the first part only, so there nothing is proved. All
 * else is an expression: where the query reads a sensitive field, any text may hold a part of
 * it, and a number may where the sensitive field is itself a number. */
#include "sql/sql_private.h"

#include "base/sql_words.h"

static bool is_compound(as_str query)
{
    static const char *const words[] = {"union", "intersect", "except", "values"};
    as_sql_word w;
    while (as_sql_word_next(&query, &w))
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            if (!w.quoted && as_sql_word_is(w.text, as_str_from(words[i])))
                return true;
    return false;
}

typedef struct secrets {
    bool any, number;
} secrets;

static secrets secrets_read(const as_sql *s)
{
    secrets x = {false, false};
    for (size_t i = 0; i < s->spec.table_count; i++) {
        const as_schema *schema = s->spec.tables[i].schema;
        for (size_t f = 0; f < schema->count; f++) {
            const as_field *field = &schema->fields[f];
            if (!s->sources[i].read[f] || !field->sensitive)
                continue;
            x.any = true;
            x.number |= field->type == AS_TYPE_INTEGER || field->type == AS_TYPE_NUMBER;
        }
    }
    return x;
}

static void find_origin(as_sql *s, int i, as_sql_column *c)
{
    const char *table = sqlite3_column_table_name(s->stmt, i);
    const char *field = sqlite3_column_origin_name(s->stmt, i);
    as_sql_source *source = as_sql_source_named(s, table);
    c->table = AS_SQL_NO_TABLE;
    c->field = AS_NO_FIELD;
    if (!source || !field)
        return;
    const as_schema *schema = source->table->schema;
    c->table = (uint32_t)(source - s->sources);
    for (uint32_t f = 0; f < schema->count; f++)
        if (as_sql_word_is(as_str_from(field), schema->fields[f].name))
            c->field = f;
    if (c->field == AS_NO_FIELD &&
        (sqlite3_stricmp(field, "row") == 0 || sqlite3_stricmp(field, "rowid") == 0))
        c->field = AS_SQL_ROW;
}

as_code as_sql_columns_find(as_sql *s, as_err *e)
{
    int count = sqlite3_column_count(s->stmt);
    bool compound = is_compound(s->spec.query);
    secrets x = secrets_read(s);
    s->columns = AS_NEW_N(s->arena, as_sql_column, (size_t)count);
    if (!s->columns)
        return as_fail_nomem(e);
    for (int i = 0; i < count; i++) {
        as_sql_column *c = &s->columns[i];
        c->name = as_arena_str(s->arena, as_str_from(sqlite3_column_name(s->stmt, i)));
        if (!c->name.ptr)
            return as_fail_nomem(e);
        find_origin(s, i, c);
        bool known = c->table != AS_SQL_NO_TABLE;
        if (compound)
            c->table = AS_SQL_NO_TABLE;
        if (known && !compound) {
            const as_schema *schema = s->spec.tables[c->table].schema;
            c->sensitive = c->field < schema->count && schema->fields[c->field].sensitive;
        } else {
            c->sensitive = x.number;
            c->text_masked = x.any;
        }
    }
    s->column_count = (size_t)count;
    return AS_OK;
}
