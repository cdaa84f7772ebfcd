/* init.c: the order of things: layout, group, read as text, guess, read as a check does, keys,
 * rules, texts. */
#include "init/init.h"

#include "base/alloc.h"
#include "base/text.h"
#include "init/model.h"
#include "init/names.h"

#include <stdarg.h>

void as_init_doubt(as_init_work *w, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    as_buf_add(&w->doubts, AS_STR("  "));
    as_buf_addv(&w->doubts, fmt, ap);
    as_buf_addc(&w->doubts, '\n');
    va_end(ap);
}

as_str as_init_fold(as_arena *a, as_str text)
{
    as_buf folded = AS_BUF(AS_FIELD_MAX);
    as_text_fold(&folded, text);
    as_str result = folded.failed ? AS_NONE : as_arena_str(a, as_buf_str(&folded));
    as_buf_free(&folded);
    return result;
}

as_str as_init_file_name(as_str path)
{
    size_t slash = path.len;
    while (slash > 0 && path.ptr[slash - 1] != '/')
        slash--;
    return as_str_sub(path, slash, path.len);
}

as_init_table *as_init_table_of(as_init_work *w, const as_init_schema *s, size_t nth)
{
    for (size_t i = 0; i < w->table_count; i++)
        if (&w->schemas[w->tables[i].schema] == s && nth-- == 0)
            return &w->tables[i];
    return NULL;
}

/* ---- reading ---- */

static const as_str blank[] = {{"", 0}};

static as_code make_schema(as_init_work *w, as_init_schema *s, as_err *e)
{
    s->schema = (as_schema){.name = s->name,
                            .fields = AS_NEW_N(w->arena, as_field, s->count + 1),
                            .count = s->count,
                            .nulls = blank,
                            .null_count = 1,
                            .title = AS_STR(""),
                            .source = AS_STR("")};
    for (size_t i = 0; s->schema.fields && i < s->count; i++) {
        as_init_field *f = &s->fields[i];
        f->field = &s->schema.fields[i];
        *f->field = (as_field){.name = f->name,
                               .type = AS_TYPE_TEXT,
                               .headers = &f->header,
                               .header_count = 1,
                               .required = f->required,
                               .trim = true,
                               .thousands = ','};
        as_code code = as_facts_open(&f->facts, e);
        if (code != AS_OK)
            return code;
    }
    return s->schema.fields ? AS_OK : as_fail_nomem(e);
}

static as_code load(as_init_work *w, as_init_table *t, as_err *e)
{
    as_input_spec spec = {
        .table = t->name, .schema = &w->schemas[t->schema].schema, .source = &t->source};
    size_t before = w->diags->errors;
    as_code code = as_input_load(&t->table, &spec, w->pool, w->diags, e);
    if (code != AS_OK && w->diags->errors == before)
        as_diags_error(w->diags, e);
    return code;
}

/* Every table is tried, so that all that cannot be read is said at once. */
static as_code load_all(as_init_work *w, as_err *e)
{
    as_code result = AS_OK;
    for (size_t i = 0; i < w->table_count; i++) {
        as_code code = load(w, &w->tables[i], e);
        result = code == AS_OK ? result : code;
    }
    return result;
}

typedef struct looking {
    as_init_schema *s;
    const as_table *t;
} looking;

static void look_at_columns(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end)
{
    const looking *l = arg;
    (void)worker;
    (void)chunk;
    for (size_t i = begin; i < end; i++)
        if (l->t->columns[i].present)
            as_facts_add(&l->s->fields[i].facts, l->t, &l->t->columns[i]);
}

/* A note below the table of a file that was too large to be looked at row by row (shape.c). */
static void note_footer(as_init_work *w, const as_init_table *t)
{
    size_t filled = 0;
    for (size_t i = 0; t->table->rows && i < t->table->schema->count; i++)
        filled += !as_cell_null(&t->table->columns[i], t->table->rows - 1);
    if (t->table->rows && filled <= 1 && t->table->schema->count >= 3)
        as_init_doubt(w,
                      "%.*s: the last record fills one cell at most: is it a note below the "
                      "table? Then give a range that ends above it",
                      AS_FMT(t->name));
}

/* One table after the other: as text it takes more room than as what it means. */
static as_code gather_facts(as_init_work *w, as_err *e)
{
    as_code result = AS_OK;
    for (size_t i = 0; i < w->table_count; i++) {
        as_init_table *t = &w->tables[i];
        as_code code = load(w, t, e);
        result = code == AS_OK ? result : code;
        if (code != AS_OK)
            continue;
        looking l = {&w->schemas[t->schema], t->table};
        as_pool_for(w->pool, l.s->count, 1, look_at_columns, &l);
        note_footer(w, t);
        as_table_close(t->table);
        t->table = NULL;
    }
    for (size_t i = 0; i < w->schema_count && result == AS_OK; i++)
        for (size_t k = 0; k < w->schemas[i].count && result == AS_OK; k++)
            result = as_facts_end(&w->schemas[i].fields[k].facts, e);
    return result;
}

/* Strong tokens that any field has are null in all fields. */
static as_code schema_nulls(as_init_work *w, as_init_schema *s, as_err *e)
{
    as_str *all = AS_NEW_N(w->arena, as_str, as_token_count + 2);
    if (!all)
        return as_fail_nomem(e);
    size_t n = 0;
    all[n++] = AS_STR("");
    for (size_t i = 0; i < as_token_count; i++) {
        bool seen = false;
        for (size_t k = 0; k < s->count && as_tokens[i].strong; k++)
            seen = seen || s->fields[k].facts.tokens[i];
        if (seen)
            all[n++] = as_str_from(as_tokens[i].text);
    }
    s->schema.nulls = all;
    s->schema.null_count = n;
    return AS_OK;
}

static as_code guess_all(as_init_work *w, as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; i < w->schema_count && code == AS_OK; i++) {
        as_init_schema *s = &w->schemas[i];
        code = schema_nulls(w, s, e);
        for (size_t k = 0; k < s->count && code == AS_OK; k++)
            code = as_init_guess(w, s, &s->fields[k], e);
    }
    return code == AS_OK ? as_init_lists_make(w, e) : code;
}

/* ---- the whole ---- */

static as_code find_tables(as_init_work *w, as_err *e)
{
    as_code result = AS_OK;
    w->tables = AS_NEW_N(w->arena, as_init_table, AS_INIT_TABLES_MAX);
    if (!w->tables)
        return as_fail_nomem(e);
    for (size_t i = 0; i < w->options->count; i++) {
        size_t before = w->diags->errors;
        as_code code = as_init_file_tables(w, w->options->paths[i], e);
        if (code != AS_OK && w->diags->errors == before)
            as_diags_error(w->diags, e);
        result = code == AS_OK ? result : code;
    }
    return result;
}

static as_code find_out(as_init_work *w, as_err *e)
{
    as_code code = find_tables(w, e);
    if (code == AS_OK)
        code = as_init_group(w, e);
    for (size_t i = 0; i < w->schema_count && code == AS_OK; i++)
        code = make_schema(w, &w->schemas[i], e);
    if (code == AS_OK)
        code = gather_facts(w, e);
    if (code == AS_OK)
        code = guess_all(w, e);
    if (code == AS_OK)
        code = load_all(w, e);
    for (size_t i = 0; i < w->schema_count && code == AS_OK; i++)
        code = as_init_find_key(w, &w->schemas[i], e);
    for (size_t i = 0; i < w->schema_count && code == AS_OK; i++)
        code = as_init_suggest(w, &w->schemas[i], e);
    return code == AS_OK ? as_init_relate(w, e) : code;
}

as_code as_init_make(as_init *out, const as_init_options *o, as_arena *a, as_diags *d,
                     as_err *e)
{
    as_init_work w = {.options = o,
                      .arena = a,
                      .diags = d,
                      .rules = AS_BUF(AS_INIT_TEXT_MAX),
                      .doubts = AS_BUF(AS_INIT_TEXT_MAX),
                      .settings = AS_BUF(AS_INIT_TEXT_MAX)};
    *out = (as_init){.count = 0};
    as_code code = as_pool_open(&w.pool, o->jobs, e);
    if (code == AS_OK)
        code = find_out(&w, e);
    if (code == AS_OK) {
        w.pack = o->pack.len ? o->pack : w.schemas[0].name;
        code = as_init_write_texts(&w, out, e);
    }
    for (size_t i = 0; i < w.table_count; i++)
        as_table_close(w.tables[i].table);
    for (size_t i = 0; i < w.schema_count; i++)
        for (size_t k = 0; w.schemas[i].fields && k < w.schemas[i].count; k++)
            as_facts_close(&w.schemas[i].fields[k].facts);
    as_buf_free(&w.rules);
    as_buf_free(&w.doubts);
    as_buf_free(&w.settings);
    as_pool_close(w.pool);
    return code;
}
