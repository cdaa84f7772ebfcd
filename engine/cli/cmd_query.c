/* cmd_query.c: one SELECT over the tables of a release. Compiled on schemas first, so that only
 * the columns that it names are read; then on the tables. */
#include "base/alloc.h"
#include "base/limits.h"
#include "cli/query.h"

static const as_option options[] = {
    AS_OPTION_RELEASE,
    {"format", 'f', "F", "terminal, csv or json. Default: terminal."},
    {"output", 'o', "FILE", "Write the rows to FILE."},
    {"tables", 0, NULL, "List the tables, their columns and types instead."},
    {"show-sensitive", 0, NULL, "Show the values of sensitive fields, which are masked else."},
    AS_OPTIONS_END,
};

typedef struct asking {
    as_cli *c;
    const as_project *project;
    as_pool *pool;
    as_sql_spec spec;
    bool **want; /* one list a table that the query reads */
    as_table **tables;
    size_t table_count;
    as_query_rows rows;
    as_sql_value *values; /* grows */
    as_str *texts;
    size_t size, bytes;
} asking;

/* ---- the query ---- */

/* "-": from standard input. NULL: said on stderr. */
static as_str query_text(as_cli *c)
{
    as_buf text = AS_BUF(AS_SQL_QUERY_MAX);
    char part[4096];
    size_t got;
    if (strcmp(c->args[0], "-") != 0)
        return as_str_from(c->args[0]);
    while ((got = fread(part, 1, sizeof part, stdin)) > 0)
        as_buf_add(&text, (as_str){part, got});
    as_str out = text.failed ? AS_NONE : as_arena_str(c->arena, as_buf_str(&text));
    as_buf_free(&text);
    if (!out.ptr)
        as_cli_errorf(c, "the query has more than %zu bytes", AS_SQL_QUERY_MAX);
    return out;
}

static void want_field(void *arg, uint32_t table, uint32_t field)
{
    asking *q = arg;
    size_t fields = q->spec.tables[table].schema->count;
    if (q->want && !q->want[table])
        q->want[table] = AS_NEW_N(q->c->arena, bool, fields + 1);
    if (q->want && q->want[table] && field != AS_NO_FIELD)
        q->want[table][field] = true;
}

/* On schemas alone: which columns of which tables. */
static as_code find_reads(asking *q, as_err *e)
{
    as_sql *s = NULL;
    as_code code = as_sql_open(&s, &q->spec, e);
    if (code == AS_OK) {
        q->want = AS_NEW_N(q->c->arena, bool *, q->spec.table_count + 1);
        as_sql_reads(s, want_field, q);
    }
    as_sql_close(s);
    return code;
}

/* ---- the tables ---- */

static bool is_there(const as_project *p, as_str name)
{
    for (size_t i = 0; i < p->table_count; i++)
        if (as_str_eq(p->tables[i].name, name))
            return true;
    return as_project_reference(p, name) != NULL;
}

static as_code not_there(const as_project *p, as_str name, as_err *e)
{
    as_str why = as_project_without(p, name);
    if (why.len)
        return as_fail(e, AS_ERULE, AS_NOWHERE, "the release has no table %.*s: %.*s",
                       AS_FMT(name), AS_FMT(why));
    return as_fail(e, AS_ERULE, AS_NOWHERE,
                   "the release has no table %.*s: its packs describe one, and release.yaml "
                   "names no file for it",
                   AS_FMT(name));
}

static as_code check_columns(const as_table *t, const bool *want, as_err *e)
{
    for (size_t f = 0; f < t->schema->count; f++)
        if (want[f] && !t->columns[f].present)
            return as_fail(e, AS_EINPUT, AS_NOWHERE, "%.*s has no column %.*s", AS_FMT(t->path),
                           AS_FMT(t->schema->fields[f].name));
    return AS_OK;
}

static as_code load(asking *q, as_err *e)
{
    as_code code = AS_OK;
    q->tables = AS_NEW_N(q->c->arena, as_table *, q->spec.table_count + 1);
    if (!q->tables || !q->want)
        return as_fail_nomem(e);
    for (size_t i = 0; i < q->spec.table_count && code == AS_OK; i++) {
        as_str name = q->spec.tables[i].name;
        as_table *t = NULL;
        if (!q->want[i])
            continue;
        code = is_there(q->project, name)
                   ? as_run_table(&t, q->project, name, q->want[i], q->pool, &q->c->diags, e)
                   : not_there(q->project, name, e);
        if (code != AS_OK)
            return code;
        q->tables[q->table_count++] = t;
        code = check_columns(t, q->want[i], e);
    }
    return code;
}

/* ---- the rows ---- */

static as_code bind_params(asking *q, as_sql *s, as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; i < as_sql_params(s) && code == AS_OK; i++) {
        as_str name = as_sql_param(s, i);
        const as_param *p = as_project_param(q->project, name);
        as_str near = p ? AS_NONE : as_project_nearest(q->project, "param", name);
        code = p ? as_sql_bind(s, i, p->value, e)
                 : as_fail(e, AS_ERULE, AS_NOWHERE, "there is no parameter $%.*s%s%.*s%s",
                           AS_FMT(name), near.len ? " (did you mean $" : "", AS_FMT(near),
                           near.len ? "?)" : "");
    }
    return code;
}

static bool make_room(asking *q)
{
    size_t need = (q->rows.count + 1) * q->rows.column_count;
    if (need <= q->size)
        return true;
    size_t size = need * 2;
    as_sql_value *values = as_realloc(q->values, size * sizeof *values);
    q->values = values ? values : q->values;
    as_str *texts = values ? as_realloc(q->texts, size * sizeof *texts) : NULL;
    q->texts = texts ? texts : q->texts;
    q->size = texts ? size : q->size;
    return texts != NULL;
}

static bool masked(const asking *q, const as_sql_column *c, as_sql_type type)
{
    return !as_cli_option(q->c, "show-sensitive") &&
           (c->sensitive || (c->text_masked && type == AS_SQL_TEXT));
}

static as_code keep_row(asking *q, as_sql *s, as_err *e)
{
    if (q->rows.count == AS_SQL_ROWS_MAX || q->bytes > AS_SQL_RESULT_MAX)
        return as_fail(
            e, AS_EBUDGET, AS_NOWHERE,
            "the query returns more than %d rows, or more than %zu MiB: count or sum "
            "them, or choose fewer with WHERE or LIMIT",
            AS_SQL_ROWS_MAX, AS_SQL_RESULT_MAX / AS_MIB);
    if (!make_room(q))
        return as_fail_nomem(e);
    for (size_t i = 0; i < q->rows.column_count; i++) {
        size_t at = q->rows.count * q->rows.column_count + i;
        as_sql_value v = as_sql_get(s, i);
        as_str text = as_sql_value_text(q->c->arena, v);
        if (v.type != AS_SQL_NULL && !text.ptr)
            return as_fail_nomem(e);
        q->bytes += sizeof v + sizeof text + text.len;
        if (text.ptr && masked(q, &q->rows.columns[i], v.type)) {
            text = AS_STR("(masked)");
            v = (as_sql_value){.type = AS_SQL_TEXT};
        }
        v.text = text;
        q->values[at] = v;
        q->texts[at] = text;
    }
    q->rows.count++;
    return AS_OK;
}

static as_code print_rows(asking *q, as_cli_fill fill, as_err *e)
{
    q->rows.values = q->values;
    q->rows.texts = q->texts;
    as_code code = as_cli_write(q->c, as_cli_option(q->c, "output"), fill, &q->rows, e);
    if (code == AS_OK && !q->c->quiet)
        fprintf(stderr, "%zu %s\n", q->rows.count, q->rows.count == 1 ? "row" : "rows");
    return code;
}

static as_code answer(asking *q, as_cli_fill fill, as_err *e)
{
    as_sql *s = NULL;
    bool got = true;
    as_tables loaded = {.items = (const as_table *const *)q->tables, .count = q->table_count};
    as_code code = as_sql_tables(q->project, q->spec.query, loaded, q->c->arena,
                                 &q->spec.tables, &q->spec.table_count, e);
    if (code == AS_OK)
        code = as_sql_open(&s, &q->spec, e);
    if (code == AS_OK) {
        q->rows.column_count = as_sql_columns(s, &q->rows.columns);
        code = bind_params(q, s, e);
    }
    while (code == AS_OK && (code = as_sql_next(s, &got, e)) == AS_OK && got)
        code = keep_row(q, s, e);
    if (code == AS_OK)
        code = print_rows(q, fill, e);
    as_sql_close(s);
    return code;
}

/* ---- the command ---- */

static void list_tables(const as_project *p, const as_sql_table *tables, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const as_schema *s = tables[i].schema;
        if (!is_there(p, tables[i].name))
            continue;
        printf("%.*s%s\n", AS_FMT(tables[i].name),
               as_project_reference(p, tables[i].name) ? " (reference)" : "");
        for (size_t f = 0; f < s->count; f++)
            printf("  %-28.*s %s%s\n", AS_FMT(s->fields[f].name),
                   as_type_name(s->fields[f].type),
                   s->fields[f].sensitive ? ", sensitive" : "");
    }
}

static as_cli_fill format_of(const as_cli *c)
{
    static const struct {
        const char *name;
        as_cli_fill fill;
    } formats[] = {
        {"terminal", as_query_terminal}, {"csv", as_query_csv}, {"json", as_query_json}};
    const char *name = as_cli_option(c, "format");
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (!name || strcmp(name, formats[i].name) == 0)
            return formats[i].fill;
    as_cli_usage(c, "a query is written as terminal, csv or json, not \"%s\"", name);
    return NULL;
}

static int say_error(as_cli *c, const as_err *e)
{
    if (c->diags.errors == 0)
        as_diags_error(&c->diags, e);
    as_cli_diags(c);
    return AS_EXIT_USAGE;
}

static int ask(asking *q, as_cli_fill fill)
{
    uint64_t jobs = 0;
    as_err e = {0};
    if (!as_cli_number(q->c, "jobs", 1024, &jobs))
        return AS_EXIT_USAGE;
    as_code code = find_reads(q, &e);
    if (code == AS_OK)
        code = as_pool_open(&q->pool, (unsigned)jobs, &e);
    if (code == AS_OK)
        code = load(q, &e);
    if (code == AS_OK)
        code = answer(q, fill, &e);
    for (size_t i = 0; i < q->table_count; i++)
        as_table_close(q->tables[i]);
    as_pool_close(q->pool);
    as_free(q->values);
    as_free(q->texts);
    return code == AS_OK ? AS_EXIT_PASS : say_error(q->c, &e);
}

static int run_query(as_cli *c)
{
    asking q = {.c = c};
    as_project *p = NULL;
    as_err e = {0};
    bool list = as_cli_option(c, "tables") != NULL;
    as_cli_fill fill = format_of(c);
    if (!fill)
        return AS_EXIT_USAGE;
    if (!list && c->arg_count == 0)
        return as_cli_usage(c, "`query` needs a SELECT, or --tables");
    q.spec.query = list ? AS_STR("") : query_text(c);
    if (!q.spec.query.ptr)
        return AS_EXIT_USAGE;
    const char *path = as_cli_release_at(c, as_cli_option(c, "release"));
    as_code code = as_project_open(&p, c->arena, path, as_check_names(), &c->diags, &e);
    if (code != AS_OK || c->diags.errors)
        return say_error(c, &e);
    q.project = p;
    code = as_sql_tables(p, q.spec.query, (as_tables){.count = 0}, c->arena, &q.spec.tables,
                         &q.spec.table_count, &e);
    if (code != AS_OK)
        return say_error(c, &e);
    if (list)
        list_tables(p, q.spec.tables, q.spec.table_count);
    return list ? AS_EXIT_PASS : ask(&q, fill);
}

const as_command as_command_query = {
    .name = "query",
    .usage = "\"SELECT …\" | - | --tables",
    .summary = "read-only SQL over the tables of a release",
    .detail =
        "Runs one SELECT of SQLite over the tables and reference tables of a release, as rules "
        "see them, and prints the\n"
        "rows; their exact number goes to stderr. Only the columns that the query names are "
        "read. "
        "`-` takes the query\n"
        "from standard input. Parameters are written $as_at. Values of sensitive fields, and "
        "what "
        "may be made of them, are\n"
        "masked unless --show-sensitive is given. Exit code 0, or 2 where something is wrong. "
        "docs/reference/sql.md has the\n"
        "dialect, the functions and the limits.",
    .options = options,
    .examples =
        "  assay query --tables\n"
        "  assay query \"SELECT sector, count(*) AS n FROM providers GROUP BY sector\"\n"
        "  assay query --release fixtures/sample-release --format csv -o open.csv \\\n"
        "    \"SELECT urn FROM providers WHERE registration_status = 'Active'\"\n",
    .max_args = 1,
    .run = run_query,
};
