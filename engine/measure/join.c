/* join.c: see join.h. */
#include "measure/join.h"

#include "base/alloc.h"
#include "rules/keys.h"

static void mistake(const as_cond_env *env, const as_measure *m, const as_node *at,
                    const char *hint, const char *key, const char *what)
{
    as_diag_add(env->diags, AS_DIAG_ERROR, at ? at->at : m->at, hint, "measure %.*s: `%s` %s",
                AS_FMT(m->name), key, what);
}

/* ---- binding ---- */

/* Values of one class can be compared: texts, dates, numbers. */
static int class_of(const as_schema *s, uint32_t field)
{
    as_type type = s->fields[field].type;

    if (type == AS_TYPE_TEXT || type == AS_TYPE_CODE)
        return 0;
    return type == AS_TYPE_DATE ? 1 : 2;
}

static bool bind_match(as_measure_join *out, const as_measure *m, const char *key,
                       const as_node *match, const as_schema *other, const as_cond_env *env)
{
    if (!match || match->kind != AS_NODE_MAP || match->count == 0 ||
        match->count > AS_KEY_FIELDS_MAX) {
        mistake(env, m, match, "write match: {field of this table: field of the other}", key,
                "needs `match`: the fields by which the records of the two tables belong "
                "together");
        return false;
    }
    for (size_t i = 0; i < match->count; i++) {
        uint32_t mine = as_field_resolve(env, env->self, match->pairs[i].key);
        uint32_t theirs = as_field_resolve(env, other, match->pairs[i].value);
        if (mine == AS_NO_FIELD || theirs == AS_NO_FIELD)
            return false;
        if (class_of(env->self, mine) != class_of(other, theirs)) {
            mistake(env, m, match->pairs[i].key,
                    "match a text with a text, a date with a date, a number with a number", key,
                    "matches fields of different types");
            return false;
        }
        out->mine[out->count] = mine;
        out->theirs[out->count++] = theirs;
    }
    return true;
}

static bool bind_where(as_measure_join *out, const as_node *where, const as_schema *other,
                       const as_cond_env *env)
{
    as_cond_env theirs = *env;

    if (!where)
        return true;
    theirs.self = other; /* the condition is about the other table alone */
    theirs.other = NULL;
    out->where = as_cond_parse(&theirs, where);
    return out->where != NULL;
}

typedef struct wants {
    as_want_fn want;
    void *arg;
    as_str table;
} wants;

static void want_field(void *arg, as_side side, uint32_t field)
{
    const wants *w = arg;

    (void)side;
    w->want(w->arg, w->table, field);
}

static void want_all(const as_measure_join *j, const as_measure *m, as_want_fn want, void *arg)
{
    wants w = {want, arg, j->table};

    want(arg, j->table, AS_NO_FIELD);
    for (size_t i = 0; i < j->count; i++) {
        want(arg, m->table, j->mine[i]);
        want(arg, j->table, j->theirs[i]);
    }
    if (j->where)
        as_cond_fields(j->where, want_field, &w);
}

bool as_measure_join_bind(as_measure_join *out, const as_measure *m, const char *key,
                          const as_cond_env *env, as_want_fn want, void *want_arg)
{
    const as_node *n = as_node_get(m->node, key), *table;
    const as_schema *other;
    size_t before = env->diags->errors;

    if (n->kind != AS_NODE_MAP) {
        mistake(env, m, n, "write {table: TABLE, match: {urn: urn}}", key, "is a mapping");
        return false;
    }
    as_keys_check(n, as_keys_measure, key, key, env->diags);
    table = as_node_get(n, "table");
    if (!table || table->kind != AS_NODE_SCALAR) {
        mistake(env, m, n, "write {table: TABLE, match: {urn: urn}}", key,
                "needs the name of a `table`");
        return false;
    }
    other = as_project_table_schema(env->project, table->text);
    if (!other) {
        as_str near = as_project_nearest(env->project, "table", table->text);
        mistake(env, m, table,
                near.len ? as_arena_printf(env->arena, "did you mean %.*s?", AS_FMT(near)).ptr
                         : NULL,
                key, "names a table that does not exist");
        return false;
    }
    out->table = table->text;
    if (!bind_match(out, m, key, as_node_get(n, "match"), other, env) ||
        !bind_where(out, as_node_get(n, "where"), other, env))
        return false;
    want_all(out, m, want, want_arg);
    return env->diags->errors == before;
}

/* ---- evaluation ---- */

as_code as_measure_needs_field(const as_measure *m, const as_table *t, uint32_t field,
                               as_err *e)
{
    if (t->rows == 0 || t->columns[field].layout != AS_LAYOUT_ABSENT)
        return AS_OK;
    return as_fail(
        e, AS_EINPUT, m->at,
        "measure %.*s reads the field %.*s, which the table %.*s does not have in this release",
        AS_FMT(m->name), AS_FMT(t->schema->fields[field].name), AS_FMT(t->name));
}

static bool same_fields(const uint32_t *x, const uint32_t *y, size_t count)
{
    return memcmp(x, y, count * sizeof *x) == 0;
}

static bool is_of(const as_ready_index *r, as_tables t, const as_key *key)
{
    return r->count == key->count && same_fields(r->fields, key->fields, r->count) &&
           as_tables_find(t, r->table) == key->table;
}

const as_index *as_ready_index_find(as_tables t, const as_key *key)
{
    for (size_t i = 0; i < t.ready_count; i++)
        if (is_of(&t.ready[i], t, key))
            return t.ready[i].index;
    return NULL;
}

const uint32_t *as_ready_match_find(as_tables t, const as_key *self, const as_key *in)
{
    for (size_t i = 0; i < t.match_count; i++) {
        const as_ready_match *m = &t.matches[i];
        if (is_of(&m->in, t, in) && same_fields(m->mine, self->fields, in->count) &&
            as_tables_find(t, m->self) == self->table)
            return m->first;
    }
    return NULL;
}

/* The rows of the other table that these records find, where somebody has looked up those rows
 * among these records: his answer turned round. select: the rows that count; NULL: all.
 * NULL: nobody has, or there is no memory for it. */
static uint32_t *turn_round(const as_key *mine, const as_key *theirs, as_tables tables,
                            const uint8_t *select)
{
    const as_index *index = as_ready_index_find(tables, mine);
    const uint32_t *match = as_ready_match_find(tables, theirs, mine);
    const uint32_t rows = mine->table->rows;
    uint32_t *first = index && match && rows ? as_alloc(rows * sizeof *first) : NULL;
    as_index *turned = NULL;
    as_err ignored;
    if (first &&
        as_index_turned(&turned, theirs, select, index, match, first, &ignored) != AS_OK) {
        as_free(first);
        first = NULL;
    }
    as_index_close(turned); /* of several rows with a key one is enough */
    return first;
}

as_code as_join_index_open(as_join_index *out, const as_measure *m, const as_measure_join *join,
                           const as_table *self, as_tables tables, as_pool *pool, as_arena *a,
                           as_err *e)
{
    const as_table *other = as_tables_find(tables, join->table);
    as_key theirs = {.table = other, .count = join->count};
    as_key mine = {.table = self, .count = join->count};
    as_bound *where = NULL;
    uint8_t *select = NULL;
    const as_index *index = NULL;
    const uint32_t *ready = NULL;
    as_code code = AS_OK;

    if (!other)
        return as_fail(e, AS_EINPUT, m->at,
                       "measure %.*s needs the table %.*s, which this release does not have",
                       AS_FMT(m->name), AS_FMT(join->table));
    out->found = join->found;
    memcpy(mine.fields, join->mine, sizeof join->mine);
    memcpy(theirs.fields, join->theirs, sizeof join->theirs);
    for (size_t i = 0; code == AS_OK && i < join->count; i++) {
        code = as_measure_needs_field(m, self, join->mine[i], e);
        if (code == AS_OK)
            code = as_measure_needs_field(m, other, join->theirs[i], e);
    }
    if (code == AS_OK && join->where)
        code = as_bound_make(&where, join->where, other, NULL, a, e);
    if (code == AS_OK && where)
        code = as_bound_all(&select, where, other, pool, a, e);
    if (code == AS_OK && !select) {
        index = as_ready_index_find(tables, &theirs);
        ready = as_ready_match_find(tables, &mine, &theirs);
    }
    if (code == AS_OK && !ready)
        ready = out->turned = turn_round(&mine, &theirs, tables, select);
    if (code == AS_OK && !ready && !index) {
        code = as_index_open(&out->own, &theirs, select, e);
        index = out->own;
    }
    return code == AS_OK ? as_probe_open(&out->probe, &mine, index, ready, e) : code;
}

void as_join_index_close(as_join_index *x)
{
    as_probe_close(&x->probe);
    as_index_close(x->own);
    as_free(x->turned);
}

void as_join_block(const as_join_index *x, uint32_t begin, uint32_t n, uint8_t *truth)
{
    uint32_t room[AS_BLOCK];
    const uint32_t *rows;

    if (!memchr(truth, AS_TRUE, n))
        return;
    rows = as_probe_block(&x->probe, begin, n, room);
    for (uint32_t i = 0; i < n; i++) {
        bool counts = x->found ? rows[i] < AS_KEY_NULL : rows[i] == AS_NO_ROW;
        truth[i] = counts ? truth[i] : (uint8_t)AS_FALSE;
    }
}
