/* vtab.c: an as_table as a virtual table of SQLite.
 *
 * SQLite makes no automatic index over a virtual table, so an equality on fields is answered by
 * as_index, made at the first look-up and kept as long as the query. SQLite checks every
 * row that comes back once more, so an index may give too many rows and never too few: where
 * the type of the value sought leaves open how SQLite will compare (a text column with a
 * number), the whole table is read. */
#include "base/alloc.h"
#include "sql/sql_private.h"

#include <math.h>
#include <stdlib.h>

enum { BY_SCAN, BY_ROW, BY_INDEX };

typedef struct vtab {
    sqlite3_vtab base;
    as_sql_source *source;
} vtab;

typedef struct cursor {
    sqlite3_vtab_cursor base;
    uint32_t row, end;     /* row == end: no more */
    const as_index *index; /* NULL: one row after the other */
    as_buf tmp;
} cursor;

static const as_table *table_of(const vtab *v)
{
    return v->source->table->table;
}

/* ---- declaration ---- */

static const char *const sql_types[] = {[AS_TYPE_TEXT] = "TEXT",
                                        [AS_TYPE_CODE] = "TEXT",
                                        [AS_TYPE_INTEGER] = "INTEGER",
                                        [AS_TYPE_NUMBER] = "REAL",
                                        [AS_TYPE_DATE] = "TEXT"};

static bool has_field(const as_schema *s, const char *name)
{
    for (size_t i = 0; i < s->count; i++)
        if (sqlite3_strnicmp(s->fields[i].name.ptr, name, (int)s->fields[i].name.len) == 0 &&
            strlen(name) == s->fields[i].name.len)
            return true;
    return false;
}

static uint32_t add_hidden(as_buf *text, const as_schema *s, const char *name, uint32_t *next)
{
    if (has_field(s, name))
        return AS_NO_FIELD;
    as_buf_addf(text, ", \"%s\" INTEGER HIDDEN", name);
    return (*next)++;
}

static int connect_table(sqlite3 *db, void *arg, int argc, const char *const *argv,
                         sqlite3_vtab **out, char **message)
{
    as_sql_source *source = arg;
    const as_schema *s = source->table->schema;
    as_buf text = AS_BUF(AS_MIB);
    uint32_t next = (uint32_t)s->count;
    (void)argc;
    (void)argv;
    as_buf_add(&text, AS_STR("CREATE TABLE x("));
    for (size_t i = 0; i < s->count; i++)
        as_buf_addf(&text, "%s\"%.*s\" %s", i ? ", " : "", AS_FMT(s->fields[i].name),
                    sql_types[s->fields[i].type]);
    source->row_column = add_hidden(&text, s, "row", &next);
    source->line_column = add_hidden(&text, s, "line", &next);
    as_buf_addc(&text, ')');
    vtab *v = text.failed ? NULL : sqlite3_malloc(sizeof *v);
    source->sql->declaring = true;
    int rc = v ? sqlite3_declare_vtab(db, text.ptr) : SQLITE_NOMEM;
    source->sql->declaring = false;
    as_buf_free(&text);
    if (rc != SQLITE_OK) {
        *message = sqlite3_mprintf("table %.*s cannot be queried: %s",
                                   AS_FMT(source->table->name), sqlite3_errmsg(db));
        sqlite3_free(v);
        return rc;
    }
    *v = (vtab){.source = source};
    *out = &v->base;
    return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *v)
{
    sqlite3_free(v);
    return SQLITE_OK;
}

/* ---- choosing how to look ---- */

/* How many different values the column is thought to have. Known exactly for a dictionary; a
 * guess elsewhere. It depends on the data alone, so that plans are the same on every machine.
 */
static double distinct_values(const as_column *c, double rows)
{
    switch (c->layout) {
    case AS_LAYOUT_DICT:
        return fmax(1, (double)c->dict.count - 1);
    case AS_LAYOUT_PACK8:
    case AS_LAYOUT_SLICE:
        return fmax(1, rows / 4);
    case AS_LAYOUT_DATE:
        return 365;
    default:
        return 50;
    }
}

static bool covers_key(const as_schema *s, const uint32_t *fields, size_t count)
{
    for (size_t k = 0; k < s->key_count; k++) {
        bool found = false;
        for (size_t i = 0; i < count; i++)
            found = found || fields[i] == s->key[k];
        if (!found)
            return false;
    }
    return s->key_count > 0;
}

static double matches(const as_sql_source *source, const uint32_t *fields, size_t count,
                      double rows)
{
    double n = rows;
    if (covers_key(source->table->schema, fields, count))
        return 1;
    for (size_t i = 0; i < count && source->table->table; i++)
        n /= distinct_values(&source->table->table->columns[fields[i]], rows);
    return fmax(n, 1);
}

static bool is_row(const as_sql_source *source, int column)
{
    return column == -1 || (uint32_t)column == source->row_column;
}

/* The constraint can be answered by an index over one field. */
static bool indexable(sqlite3_index_info *info, int i, const as_sql_source *source)
{
    const struct sqlite3_index_constraint *c = &info->aConstraint[i];
    return c->usable && c->op == SQLITE_INDEX_CONSTRAINT_EQ && c->iColumn >= 0 &&
           (size_t)c->iColumn < source->table->schema->count &&
           sqlite3_stricmp(sqlite3_vtab_collation(info, i), "BINARY") == 0;
}

static int use_index(sqlite3_index_info *info, const as_sql_source *source, double rows)
{
    uint32_t fields[AS_KEY_FIELDS_MAX];
    size_t count = 0;
    as_buf list = AS_BUF(AS_KIB);
    for (int i = 0; i < info->nConstraint && count < AS_KEY_FIELDS_MAX; i++) {
        uint32_t field = (uint32_t)info->aConstraint[i].iColumn;
        bool new = indexable(info, i, source);
        for (size_t k = 0; k < count; k++)
            new = new &&fields[k] != field;
        if (!new)
            continue;
        as_buf_addf(&list, "%u ", field);
        fields[count++] = field;
        info->aConstraintUsage[i].argvIndex = (int)count;
    }
    if (count) {
        double n = matches(source, fields, count, rows);
        info->idxNum = BY_INDEX;
        info->idxStr = sqlite3_mprintf("%s", list.ptr ? list.ptr : "");
        info->needToFreeIdxStr = 1;
        info->estimatedCost = 4 + 2 * n;
        info->estimatedRows = (sqlite3_int64)n;
    }
    bool failed = list.failed || (count && !info->idxStr);
    as_buf_free(&list);
    return failed ? SQLITE_NOMEM : SQLITE_OK;
}

/* The authorizer is not told of fields that USING and NATURAL JOIN compare. The last bit stands
 * for all columns from there on. */
static void note_used(as_sql_source *source, uint64_t used)
{
    source->named = true;
    for (size_t i = 0; i < source->table->schema->count; i++)
        if (used >> (i < 63 ? i : 63) & 1)
            source->read[i] = true;
}

static int best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
    as_sql_source *source = ((vtab *)base)->source;
    const as_table *t = source->table->table;
    double rows = t ? t->rows : 1000;
    note_used(source, info->colUsed);
    info->idxNum = BY_SCAN;
    info->estimatedCost = rows + 1;
    info->estimatedRows = (sqlite3_int64)rows + 1;
    for (int i = 0; i < info->nConstraint; i++) {
        const struct sqlite3_index_constraint *c = &info->aConstraint[i];
        if (c->usable && c->op == SQLITE_INDEX_CONSTRAINT_EQ && is_row(source, c->iColumn)) {
            info->idxNum = BY_ROW;
            info->aConstraintUsage[i].argvIndex = 1;
            info->idxFlags = SQLITE_INDEX_SCAN_UNIQUE;
            info->estimatedCost = 1;
            info->estimatedRows = 1;
            return SQLITE_OK;
        }
    }
    return use_index(info, source, rows);
}

/* ---- looking ---- */

static int fail(cursor *c, const char *text)
{
    sqlite3_vtab *v = c->base.pVtab;
    sqlite3_free(v->zErrMsg);
    v->zErrMsg = sqlite3_mprintf("%s", text);
    return SQLITE_ERROR;
}

static int open_cursor(sqlite3_vtab *v, sqlite3_vtab_cursor **out)
{
    cursor *c = sqlite3_malloc(sizeof *c);
    (void)v;
    if (!c)
        return SQLITE_NOMEM;
    *c = (cursor){.tmp = AS_BUF(AS_FIELD_MAX)};
    *out = &c->base;
    return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
    cursor *c = (cursor *)base;
    as_buf_free(&c->tmp);
    sqlite3_free(c);
    return SQLITE_OK;
}

/* The values sought, as a table of one record. */
typedef struct probe {
    as_table table;
    as_key key;
    as_column columns[AS_KEY_FIELDS_MAX];
    as_dict_entry entries[AS_KEY_FIELDS_MAX][2];
    union {
        int64_t i;
        double f;
        as_date d;
    } values[AS_KEY_FIELDS_MAX];
} probe;

/* What is known of one value: it is sought; nothing can be equal; only SQLite can tell. */
typedef enum sought { SEEK, NOTHING, UNSURE } sought;

static const uint8_t code_one = 1;

static sought seek_text(probe *p, size_t i, as_str text)
{
    if (text.len == 0)
        return NOTHING; /* an empty cell is null */
    p->entries[i][1] = (as_dict_entry){.raw = text,
                                       .value = text,
                                       .hash = as_text_hash(text),
                                       .canon = 1,
                                       .status = AS_CODE_EXACT};
    p->columns[i].layout = AS_LAYOUT_DICT;
    p->columns[i].width = 1;
    p->columns[i].data = &code_one;
    p->columns[i].dict = (as_dict){p->entries[i], 2};
    return SEEK;
}

static sought seek_number(probe *p, size_t i, sqlite3_value *v)
{
    int type = sqlite3_value_numeric_type(v);
    if (type == SQLITE_INTEGER) {
        p->values[i].i = sqlite3_value_int64(v);
        p->columns[i].layout = AS_LAYOUT_INT;
        return p->values[i].i == AS_INT_NULL ? UNSURE : SEEK;
    }
    if (type != SQLITE_FLOAT)
        return UNSURE;
    p->values[i].f = sqlite3_value_double(v);
    p->columns[i].layout = AS_LAYOUT_NUM;
    return SEEK;
}

static sought seek_date(probe *p, size_t i, as_str text)
{
    p->values[i].d = as_date_parse(text, AS_STR("%Y-%m-%d"));
    p->columns[i].layout = AS_LAYOUT_DATE;
    return p->values[i].d == AS_DATE_NULL ? NOTHING : SEEK;
}

static sought seek(probe *p, size_t i, const as_column *c, sqlite3_value *v)
{
    if (sqlite3_value_type(v) == SQLITE_NULL)
        return NOTHING;
    if (c->layout == AS_LAYOUT_ABSENT)
        return NOTHING;
    p->columns[i].field = c->field;
    p->columns[i].data = &p->values[i];
    if (c->field->type == AS_TYPE_INTEGER || c->field->type == AS_TYPE_NUMBER)
        return seek_number(p, i, v);
    if (sqlite3_value_type(v) != SQLITE_TEXT)
        return UNSURE;
    const char *text = (const char *)sqlite3_value_text(v);
    as_str s = {text, text ? (size_t)sqlite3_value_bytes(v) : 0};
    return c->field->type == AS_TYPE_DATE ? seek_date(p, i, s) : seek_text(p, i, s);
}

static bool same_fields(const as_key *a, const as_key *b)
{
    return a->count == b->count &&
           memcmp(a->fields, b->fields, a->count * sizeof *a->fields) == 0;
}

/* The index over these fields, made where there is none yet. */
static as_code index_of(as_sql_source *source, const as_key *key, const as_index **out,
                        as_err *e)
{
    for (as_sql_index *x = source->indexes; x; x = x->next) {
        if (same_fields(&x->key, key)) {
            *out = x->index;
            return AS_OK;
        }
    }
    as_sql_index *x = AS_NEW(source->sql->arena, as_sql_index);
    if (!x)
        return as_fail_nomem(e);
    if (!as_sql_charge(source->sql, source->table->table->rows))
        return as_fail(e, AS_EBUDGET, AS_NOWHERE, "interrupted");
    x->key = *key;
    as_code code = as_index_open(&x->index, key, NULL, e);
    if (code == AS_OK) {
        x->next = source->indexes;
        source->indexes = x;
        *out = x->index;
    }
    return code;
}

static int look_up(cursor *c, as_sql_source *source, const as_key *key, const probe *p)
{
    as_err e = {0};
    uint64_t hash = 0;
    as_code code = index_of(source, key, &c->index, &e);
    if (code != AS_OK)
        return code == AS_ENOMEM                                   ? SQLITE_NOMEM
               : source->sql->over_steps || source->sql->over_time ? SQLITE_INTERRUPT
                                                                   : fail(c, e.text);
    as_key_block(&p->key, 0, 1, &hash);
    c->row = hash ? as_index_first(c->index, &p->key, 0, hash) : AS_NO_ROW;
    c->end = AS_NO_ROW;
    return SQLITE_OK;
}

static int filter_index(cursor *c, const char *list, int count, sqlite3_value **values)
{
    vtab *v = (vtab *)c->base.pVtab;
    const as_table *t = table_of(v);
    as_key key = {.table = t};
    probe p;
    sought all = SEEK;
    memset(&p, 0, sizeof p);
    p.table.columns = p.columns;
    p.table.rows = 1;
    p.key.table = &p.table;
    for (int i = 0; i < count; i++) {
        char *next = NULL;
        key.fields[i] = (uint32_t)strtoul(list, &next, 10);
        list = next;
        p.key.fields[i] = (uint32_t)i;
        sought one = seek(&p, (size_t)i, &t->columns[key.fields[i]], values[i]);
        all = one == NOTHING || all == SEEK ? one : all;
        if (one == NOTHING)
            break;
    }
    key.count = p.key.count = (size_t)count;
    if (all == UNSURE) /* every row, and SQLite compares */
        return SQLITE_OK;
    if (all == SEEK)
        return look_up(c, v->source, &key, &p);
    c->row = c->end;
    return SQLITE_OK;
}

static int filter(sqlite3_vtab_cursor *base, int how, const char *list, int count,
                  sqlite3_value **values)
{
    cursor *c = (cursor *)base;
    const as_table *t = table_of((vtab *)base->pVtab);
    if (!t)
        return fail(c, "the table is not loaded");
    c->index = NULL;
    c->row = 0;
    c->end = t->rows;
    if (how == BY_INDEX)
        return filter_index(c, list, count, values);
    if (how == BY_ROW && sqlite3_value_numeric_type(values[0]) == SQLITE_INTEGER) {
        sqlite3_int64 row = sqlite3_value_int64(values[0]);
        bool there = row >= 1 && row <= (sqlite3_int64)t->rows;
        c->row = there ? (uint32_t)(row - 1) : 0;
        c->end = there ? (uint32_t)row : 0;
    }
    return SQLITE_OK;
}

static int next(sqlite3_vtab_cursor *base)
{
    cursor *c = (cursor *)base;
    if (c->index)
        c->row = as_index_next(c->index, c->row);
    else
        c->row++;
    return SQLITE_OK;
}

static int at_end(sqlite3_vtab_cursor *base)
{
    const cursor *c = (const cursor *)base;
    return c->row >= c->end;
}

/* ---- values ---- */

static void give_text(sqlite3_context *to, const as_table *t, const as_column *col, cursor *c)
{
    as_str text = as_cell_text(t, col, c->row, &c->tmp);
    if (c->tmp.failed)
        sqlite3_result_error_nomem(to);
    else if (text.ptr)
        sqlite3_result_text64(to, text.ptr, text.len,
                              col->layout == AS_LAYOUT_DICT ? SQLITE_STATIC : SQLITE_TRANSIENT,
                              SQLITE_UTF8);
}

static void give_cell(sqlite3_context *to, const as_table *t, const as_column *col, cursor *c)
{
    if (col->layout == AS_LAYOUT_INT) {
        int64_t i = as_cell_int(col, c->row);
        if (i != AS_INT_NULL)
            sqlite3_result_int64(to, i);
    } else if (col->layout == AS_LAYOUT_NUM) {
        double x = as_cell_num(col, c->row);
        if (!isnan(x))
            sqlite3_result_double(to, x);
    } else if (col->layout != AS_LAYOUT_ABSENT) {
        give_text(to, t, col, c);
    }
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *to, int i)
{
    cursor *c = (cursor *)base;
    const vtab *v = (vtab *)base->pVtab;
    const as_table *t = table_of(v);
    if ((size_t)i < t->schema->count) {
        give_cell(to, t, &t->columns[i], c);
    } else if ((uint32_t)i == v->source->row_column) {
        sqlite3_result_int64(to, (sqlite3_int64)c->row + 1);
    } else {
        uint32_t line = as_table_line(t, c->row);
        if (line)
            sqlite3_result_int64(to, line);
    }
    return SQLITE_OK;
}

static int rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
    *out = (sqlite3_int64)((const cursor *)base)->row + 1;
    return SQLITE_OK;
}

/* No xCreate: the tables are there without being created, and nothing else can be. */
static const sqlite3_module module = {.xConnect = connect_table,
                                      .xBestIndex = best_index,
                                      .xDisconnect = disconnect,
                                      .xOpen = open_cursor,
                                      .xClose = close_cursor,
                                      .xFilter = filter,
                                      .xNext = next,
                                      .xEof = at_end,
                                      .xColumn = column,
                                      .xRowid = rowid};

as_code as_sql_declare(as_sql *s, as_err *e)
{
    for (size_t i = 0; i < s->spec.table_count; i++) {
        const as_sql_table *t = &s->spec.tables[i];
        as_sql_source *source = &s->sources[i];
        as_str name = as_arena_str(s->arena, t->name);
        *source = (as_sql_source){.sql = s, .table = t};
        source->read = AS_NEW_N(s->arena, bool, t->schema->count);
        if (!source->read || !name.ptr ||
            sqlite3_create_module(s->db, name.ptr, &module, source) != SQLITE_OK)
            return as_fail_nomem(e);
    }
    return AS_OK;
}

void as_sql_indexes_close(as_sql *s)
{
    for (size_t i = 0; s->sources && i < s->spec.table_count; i++)
        for (as_sql_index *x = s->sources[i].indexes; x; x = x->next)
            as_index_close(x->index);
}
