/* sql.c: rows that a read-only query over the loaded tables returns (engine/sql).
 *
 * The query is compiled once on schemas, to learn which fields must be read, and again on the
 * loaded tables. Each row is a finding: at the record whose number the column `row` gives,
 * where the rule has a table, else at a figure with the row's values as evidence.
 *
 * Findings are put in order by record and then by all values, whatever the query's own order.
 */
#include "check/evidence.h"
#include "check/params.h"
#include "check/sql_rows.h"
#include "check/sql_tables.h"

#include "base/limits.h"
#include "base/sql_words.h"

extern const as_check_kind as_check_sql;

/* ---- bind ---- */

static as_code bind_block(as_bind *b, as_sql_plan *p)
{
    const as_node *spec = b->rule->spec, *query = spec;
    if (spec->kind == AS_NODE_MAP) {
        as_params_block(b, &as_check_sql);
        query = as_params_get(b, "query");
    }
    if (b->rule->where)
        as_params_error(b, b->rule->where, "write the condition into the query",
                        "sql: a rule with a query has no `where`");
    if (!query)
        return AS_OK; /* reported */
    if (query->kind != AS_NODE_SCALAR) {
        as_params_error(b, query, NULL, "sql: a query is a text, and this is %s",
                        as_node_kind_name(query));
        return AS_OK;
    }
    p->query = query->text;
    p->at = query->at;
    return AS_OK;
}

static bool is_row(const as_bind *b, as_str name)
{
    return b->schema && as_sql_word_is(name, AS_STR("row"));
}

/* `row` must be the number of the rule's own record. Of an expression, such as min(row), only
 * the author can know. */
static void bind_row(as_bind *b, as_sql_plan *p, const as_sql_column *c, size_t i)
{
    if (c->table != AS_SQL_NO_TABLE &&
        (!as_str_eq(p->tables[c->table].name, b->rule->table) || c->field != AS_SQL_ROW))
        as_params_error(b, b->rule->spec,
                        "write SELECT t.row, where t is the rule's own table, or leave it out",
                        "sql: the column `row` is not the number of a record of %.*s",
                        AS_FMT(b->rule->table));
    if (p->row != AS_SQL_NO_COLUMN)
        as_params_error(b, b->rule->spec, NULL, "sql: the query has two columns called row");
    p->row = i;
}

static bool is_own_field(const as_bind *b, const as_sql_plan *p, const as_sql_column *c)
{
    return b->schema && c->table != AS_SQL_NO_TABLE && c->field < b->schema->count &&
           as_str_eq(p->tables[c->table].name, b->rule->table) &&
           as_sql_word_is(c->name, b->schema->fields[c->field].name);
}

static void bind_column(as_bind *b, as_sql_plan *p, size_t i)
{
    as_sql_column *c = &p->columns[i];
    uint32_t field = b->schema ? as_schema_field(b->schema, c->name) : AS_NO_FIELD;
    for (size_t k = 0; k < i; k++)
        if (as_sql_word_is(p->columns[k].name, c->name))
            as_params_error(b, b->rule->spec, "give one of them another name with AS",
                            "sql: two columns of the query are called %.*s", AS_FMT(c->name));
    if (p->row == AS_SQL_NO_COLUMN) {
        as_bind_extra(b, c->name);
    } else if (is_own_field(b, p, c)) {
        p->shown[i] = true;
        as_bind_show(b, c->field);
    } else if (field != AS_NO_FIELD) {
        as_params_error(b, b->rule->spec, "give it another name with AS",
                        "sql: the column %.*s is called like a field of %.*s and is not it",
                        AS_FMT(c->name), AS_FMT(b->rule->table));
    } else {
        as_bind_extra(b, c->name);
    }
}

static as_code bind_columns(as_bind *b, as_sql_plan *p, const as_sql *s, as_err *e)
{
    const as_sql_column *from;
    size_t extras = 0, room = sizeof((as_evidence *)0)->extra / sizeof(as_doc_value);
    p->column_count = as_sql_columns(s, &from);
    p->columns = AS_NEW_N(b->arena, as_sql_column, p->column_count);
    p->shown = AS_NEW_N(b->arena, bool, p->column_count);
    if (!p->columns || !p->shown)
        return as_fail_nomem(e);
    for (size_t i = 0; i < p->column_count; i++) {
        p->columns[i] = from[i];
        p->columns[i].name = as_arena_str(b->arena, from[i].name);
        if (!p->columns[i].name.ptr)
            return as_fail_nomem(e);
        if (is_row(b, from[i].name))
            bind_row(b, p, &p->columns[i], i);
    }
    for (size_t i = 0; i < p->column_count; i++) {
        if (i != p->row)
            bind_column(b, p, i);
        extras += i != p->row && !p->shown[i];
    }
    if (extras > room)
        as_params_error(b, b->rule->spec, "select what a reader of a finding needs",
                        "sql: the query returns %zu values; a finding can show %zu", extras,
                        room);
    return AS_OK;
}

static void bind_key(as_bind *b, as_sql_plan *p)
{
    const as_node *n =
        b->rule->spec->kind == AS_NODE_MAP ? as_params_get(b, "key") : (const as_node *)NULL;
    if (!n)
        return;
    if (p->row != AS_SQL_NO_COLUMN)
        as_params_error(b, n, "remove it, or the column `row`",
                        "sql: findings at records have the record's own key");
    size_t count = n->kind == AS_NODE_SEQ ? n->count : 1;
    for (size_t i = 0; i < count; i++) {
        const as_node *word = n->kind == AS_NODE_SEQ ? n->items[i] : n;
        size_t at = 0;
        as_str name;
        if (!as_params_text(b, word, "sql: key", &name))
            continue;
        while (at < p->column_count && !as_sql_word_is(p->columns[at].name, name))
            at++;
        if (at == p->column_count)
            as_params_error(b, word, NULL, "sql: key: the query has no column %.*s",
                            AS_FMT(name));
        else
            p->in_key[at] = true;
    }
}

/* A parameter's value as everywhere else: a test case's own, or the release's. */
static as_code bind_params(as_bind *b, as_sql_plan *p, const as_sql *s, as_err *e)
{
    p->param_count = as_sql_params(s);
    p->params = AS_NEW_N(b->arena, as_str, p->param_count + 1);
    if (!p->params)
        return as_fail_nomem(e);
    for (size_t i = 0; i < p->param_count; i++) {
        as_node asked = {.kind = AS_NODE_SCALAR, .at = p->at};
        asked.text = as_arena_printf(b->arena, "$%.*s", AS_FMT(as_sql_param(s, i)));
        if (!asked.text.ptr)
            return as_fail_nomem(e);
        as_param_resolve(&b->env, &asked, &p->params[i]);
    }
    return AS_OK;
}

typedef struct reading {
    as_bind *b;
    as_sql_plan *p;
} reading;

static void want_field(void *arg, uint32_t table, uint32_t field)
{
    reading *r = arg;
    r->p->read[table] = true;
    r->b->want(r->b->want_arg, r->p->tables[table].name, field);
}

static as_code bind_query(as_bind *b, as_sql_plan *p, as_err *e)
{
    as_sql_spec spec = {.query = p->query, .at = p->at};
    as_sql *s = NULL;
    as_code code = as_sql_tables(b->project, p->query, (as_tables){.count = 0}, b->arena,
                                 &p->tables, &p->table_count, e);
    if (code != AS_OK)
        return code;
    spec.tables = p->tables;
    spec.table_count = p->table_count;
    p->read = AS_NEW_N(b->arena, bool, p->table_count + 1);
    if (!p->read)
        return as_fail_nomem(e);
    as_err wrong = {0};
    code = as_sql_open(&s, &spec, &wrong);
    if (code == AS_ENOMEM || code == AS_ELEDGER) {
        *e = wrong;
        return code;
    }
    if (code != AS_OK) {
        as_diag_add(b->diags, AS_DIAG_ERROR, p->at, NULL, "%.*s: sql: %s", AS_FMT(b->rule->id),
                    wrong.text);
        return AS_OK;
    }
    reading r = {b, p};
    as_sql_reads(s, want_field, &r);
    code = bind_columns(b, p, s, e);
    if (code == AS_OK)
        code = bind_params(b, p, s, e);
    p->in_key = AS_NEW_N(b->arena, bool, p->column_count + 1);
    if (code == AS_OK && !p->in_key)
        code = as_fail_nomem(e);
    if (code == AS_OK)
        bind_key(b, p);
    as_sql_close(s);
    return code;
}

static as_code bind(as_bind *b, void **out, as_err *e)
{
    as_sql_plan *p = AS_NEW(b->arena, as_sql_plan);
    if (!p)
        return as_fail_nomem(e);
    *out = p;
    p->row = AS_SQL_NO_COLUMN;
    as_code code = bind_block(b, p);
    return code == AS_OK && p->query.ptr ? bind_query(b, p, e) : code;
}

/* ---- describe ---- */

static bool masked(const as_sql_column *c, const as_sql_cell *v)
{
    return c->sensitive || (c->text_masked && v->value.type == AS_SQL_TEXT);
}

/* "copies 2, first_line 3": what the reader does not see elsewhere. */
static void say_values(as_buf *out, const as_sql_plan *p, const as_sql_cell *cells)
{
    bool any = false;
    for (size_t i = 0; i < p->column_count; i++) {
        if (i == p->row || p->shown[i])
            continue;
        as_str text = !cells[i].text.ptr                  ? AS_STR("(none)")
                      : masked(&p->columns[i], &cells[i]) ? AS_STR("(masked)")
                                                          : cells[i].text;
        as_buf_addf(out, "%s%.*s %.*s", any ? ", " : ": ", AS_FMT(p->columns[i].name),
                    (int)(text.len < 200 ? text.len : 200), text.ptr);
        any = true;
    }
}

static void make_key(as_buf *out, const as_sql_plan *p, const as_sql_cell *cells,
                     bool *sensitive)
{
    bool chosen = false;
    for (size_t i = 0; i < p->column_count; i++)
        chosen = chosen || p->in_key[i];
    for (size_t i = 0; i < p->column_count; i++) {
        if (chosen && !p->in_key[i])
            continue;
        as_buf_add(out, out->len ? AS_STR(" / ") : AS_STR(""));
        as_buf_add(out, cells[i].text.ptr ? cells[i].text : AS_STR("(none)"));
        *sensitive = *sensitive || (cells[i].text.ptr && masked(&p->columns[i], &cells[i]));
    }
}

static as_code describe(const as_eval *ev, const as_bind *b, const void *plan_,
                        const as_result *r, const as_finding *f, as_evidence *out, as_err *e)
{
    const as_sql_plan *p = plan_;
    const as_sql_cell *cells = ((const as_sql_cell *const *)r->state)[f->detail];
    as_buf said = AS_BUF(AS_EVIDENCE_MAX), key = AS_BUF(AS_EVIDENCE_MAX);
    (void)ev;
    (void)b;
    for (size_t i = 0; i < p->column_count; i++)
        if (i != p->row && !p->shown[i])
            as_evidence_extra(out, p->columns[i].name,
                              cells[i].text.ptr ? cells[i].text : AS_STR(""),
                              !cells[i].text.ptr, masked(&p->columns[i], &cells[i]));
    as_buf_add(&said, AS_STR("the query returns it"));
    say_values(&said, p, cells);
    if (f->row == AS_NO_ROW)
        make_key(&key, p, cells, &out->key_sensitive);
    out->key = as_arena_str(out->arena, as_buf_str(&key));
    out->sentence = as_arena_str(out->arena, as_buf_str(&said));
    out->expected = AS_STR("no such row");
    bool failed = key.failed || said.failed || !out->key.ptr || !out->sentence.ptr;
    as_buf_free(&said);
    as_buf_free(&key);
    return failed ? as_fail_nomem(e) : AS_OK;
}

static const as_param_doc params[] = {
    {"", "text", false, "The query itself: `sql: \"SELECT …\"`."},
    {"query", "text", true, "One SELECT over the tables of the release and of its packs."},
    {"key", "texts", false,
     "Columns of the query that name a finding which is at no record. Default: all of them."},
    AS_KEYS_END,
};

const as_check_kind as_check_sql = {
    .name = "sql",
    .summary = "rows returned by a read-only SQL query over the loaded tables",
    .detail =
        "Each row that the query returns is a finding. Where the rule has a `table` and the "
        "query "
        "a column `row`,\n"
        "that is the number of a record of this table, and the finding is at the record, with "
        "its "
        "key and line:\n"
        "`SELECT p.row, … FROM providers p …`. Otherwise the finding is at a figure, and `key` "
        "says which columns\n"
        "name it. The message may name every column. Two columns may not have the same name.\n"
        "\n"
        "The dialect is SQLite's; tables, types, functions and limits are in [queries](../"
        "reference/sql.md). Parameters\n"
        "are written `$as_at`. The order of the rows does not count: findings are sorted by "
        "record and values.\n"
        "\n"
        "`selected` is the number of records of the rule's table, or of all tables that the "
        "query "
        "reads where the rule\n"
        "has none. Where one of these tables is empty, or a column that the query reads is in "
        "no "
        "file, a rule without\n"
        "findings is `empty`: it looked at nothing. Nulls follow SQL: a comparison with null "
        "selects nothing, and no\n"
        "undecided records are counted, so a query says `IS NULL` where a missing value is a "
        "fault.\n"
        "\n"
        "Where the query reads a sensitive field, every value that is not a column of a table "
        "as "
        "it stands is masked in\n"
        "reports if it is text, and a number too where the field is a number.",
    .level = AS_LEVEL_RECORD,
    .needs_table = false,
    .params = params,
    .example =
        "rules:\n"
        "  - id: EX-SQL-001\n"
        "    name: joiner-inspected-before-it-joined\n"
        "    title: No provider was inspected before it joined\n"
        "    why: An inspection before the date of joining has the wrong provider or the wrong "
        "date.\n"
        "    table: inspections\n"
        "    sql: |\n"
        "      SELECT i.row, i.inspection_date, m.active_date AS joined\n"
        "      FROM inspections i JOIN movements m ON m.urn = i.urn\n"
        "      WHERE i.inspection_date < m.active_date\n"
        "    message: \"{urn} was inspected on {inspection_date}, before it joined on "
        "{joined}\"\n"
        "    flags:\n"
        "      - tables:\n"
        "          inspections: [{urn: A1, inspection_date: 2016-05-01}]\n"
        "          movements: [{urn: A1, active_date: 2016-05-02}]\n"
        "    passes:\n"
        "      - tables:\n"
        "          inspections: [{urn: A1, inspection_date: 2016-05-02}]\n"
        "          movements: [{urn: A1, active_date: 2016-05-02}, {urn: A2}]\n"
        "  - id: EX-SQL-002\n"
        "    name: owner-places-share\n"
        "    title: No owner has more than half of the places of a sector\n"
        "    why: An owner that large is more often a wrong owner than a large one.\n"
        "    sql:\n"
        "      query: |\n"
        "        SELECT sector, owner, sum(places) AS places\n"
        "        FROM providers p\n"
        "        GROUP BY sector, owner\n"
        "        HAVING sum(places) > (SELECT 0.5 * sum(places) FROM providers q WHERE "
        "q.sector = "
        "p.sector)\n"
        "      key: [sector, owner]\n"
        "    message: \"{owner} has {places} places of sector {sector}\"\n"
        "    flags:\n"
        "      - tables:\n"
        "          providers:\n"
        "            - {urn: A1, sector: Private, owner: One Ltd, places: 5}\n"
        "            - {urn: A2, sector: Private, owner: Two Ltd, places: 4}\n"
        "    passes:\n"
        "      - tables:\n"
        "          providers:\n"
        "            - {urn: A1, sector: Private, owner: One Ltd, places: 4}\n"
        "            - {urn: A2, sector: Private, owner: Two Ltd, places: 4}\n",
    .bind = bind,
    .eval = as_sql_rows_eval,
    .describe = describe,
};
