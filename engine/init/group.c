/* group.c: which tables are of one kind, and what everything is called.
 *
 * Two files are of one kind where all their headers are the same, or six in ten and their names
 * differ in dates alone: last year's file and this year's. */
#include "base/text.h"
#include "init/model.h"
#include "init/names.h"

#include <stdlib.h>

#define ALIKE 1.0
#define ALIKE_SAME_STEM 0.6

/* A column of a table, by its folded header. */
typedef struct header {
    as_str folded;
    uint32_t column;
    bool repeated; /* or blank, or too long: no field can have it */
} header;

static int by_folded(const void *x, const void *y)
{
    const header *a = x, *b = y;
    int c = as_str_cmp(a->folded, b->folded);
    return c ? c : (a->column > b->column) - (a->column < b->column);
}

/* Folded headers of a table, sorted. */
static header *headers_of(const as_init_table *t, as_arena *a)
{
    header *all = AS_NEW_N(a, header, (size_t)t->width + 1);
    for (uint32_t i = 0; all && i < t->width; i++) {
        all[i] = (header){as_init_fold(a, t->headers[i]), i, false};
        if (!all[i].folded.ptr)
            return NULL;
    }
    if (!all)
        return NULL;
    qsort(all, t->width, sizeof *all, by_folded);
    for (uint32_t i = 0; i < t->width; i++)
        all[i].repeated = all[i].folded.len == 0 ||
                          t->headers[all[i].column].len > AS_HEADER_TEXT_MAX ||
                          (i > 0 && as_str_eq(all[i - 1].folded, all[i].folded)) ||
                          (i + 1 < t->width && as_str_eq(all[i + 1].folded, all[i].folded));
    return all;
}

static const header *find(const header *all, uint32_t n, as_str folded)
{
    uint32_t low = 0, high = n;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (as_str_cmp(all[middle].folded, folded) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && as_str_eq(all[low].folded, folded) ? &all[low] : NULL;
}

static bool alike(const as_init_table *a, const header *x, const as_init_table *b,
                  const header *y)
{
    uint32_t both = 0, first = 0, second = 0;
    for (uint32_t i = 0; i < a->width; i++) {
        first += !x[i].repeated;
        const header *other = x[i].repeated ? NULL : find(y, b->width, x[i].folded);
        both += other && !other->repeated;
    }
    for (uint32_t i = 0; i < b->width; i++)
        second += !y[i].repeated;
    double share = (double)both / (double)(first + second - both ? first + second - both : 1);
    return both > 0 && share >= (as_str_eq(a->stem, b->stem) ? ALIKE_SAME_STEM : ALIKE);
}

/* ---- the fields of a schema ---- */

typedef struct naming {
    as_init_work *w;
    header **headers; /* per table */
    as_init_schema *s;
    size_t schema;
} naming;

/* Does a column of any of the schema's tables other than the field's own answer to this text?
 * Or is a field called so? */
static bool name_taken(const naming *n, as_str name, as_str own)
{
    for (size_t i = 0; i < n->s->count; i++)
        if (as_str_eq(n->s->fields[i].name, name))
            return true;
    char blanks[AS_INIT_NAME_MAX + 16];
    size_t len = name.len < sizeof blanks ? name.len : sizeof blanks;
    for (size_t i = 0; i < len; i++)
        blanks[i] = (char)(name.ptr[i] == '_' ? ' ' : name.ptr[i]);
    as_str spaced = {blanks, len};
    for (size_t t = 0; t < n->w->table_count; t++) {
        if (n->w->tables[t].schema != n->schema)
            continue;
        uint32_t width = n->w->tables[t].width;
        const header *a = find(n->headers[t], width, name),
                     *b = find(n->headers[t], width, spaced);
        if ((a && !as_str_eq(a->folded, own)) || (b && !as_str_eq(b->folded, own)))
            return true;
    }
    return false;
}

static as_str free_name(const naming *n, as_str text, as_str own)
{
    as_arena *a = n->w->arena;
    as_str base = as_name_of(text, a);
    if (base.ptr && base.len == 0)
        base = AS_STR("field");
    as_str name = base;
    for (unsigned k = 2; name.ptr && name_taken(n, name, own); k++)
        name = as_arena_printf(a, "%.*s_%u", AS_FMT(base), k);
    return name;
}

static bool has_field(const as_init_schema *s, const as_str *folded, as_str one)
{
    for (size_t i = 0; i < s->count; i++)
        if (as_str_eq(folded[i], one))
            return true;
    return false;
}

/* The columns of the schema's tables that are a field, in the order of the files. */
static as_code collect_fields(naming *n, as_str *folded, as_err *e)
{
    for (size_t t = 0; t < n->w->table_count; t++) {
        const as_init_table *table = &n->w->tables[t];
        for (uint32_t c = 0; table->schema == n->schema && c < table->width; c++) {
            as_str one = as_init_fold(n->w->arena, table->headers[c]);
            const header *h = find(n->headers[t], table->width, one);
            if (!h || h->repeated || has_field(n->s, folded, one))
                continue;
            as_str name = free_name(n, table->headers[c], one);
            if (!name.ptr)
                return as_fail_nomem(e);
            if (n->s->count == AS_COLUMNS_MAX)
                return as_fail(e, AS_EBUDGET, (as_span){table->path.ptr, 0, 0},
                               "the files of schema %.*s have more than %d columns together",
                               AS_FMT(n->s->name), AS_COLUMNS_MAX);
            folded[n->s->count] = one;
            n->s->fields[n->s->count++] =
                (as_init_field){.name = name, .header = table->headers[c]};
        }
    }
    return AS_OK;
}

static void settle_fields(naming *n, const as_str *folded)
{
    for (size_t i = 0; i < n->s->count; i++) {
        as_init_field *f = &n->s->fields[i];
        f->required = true;
        for (size_t t = 0; t < n->w->table_count; t++) {
            if (n->w->tables[t].schema != n->schema)
                continue;
            const header *h = find(n->headers[t], n->w->tables[t].width, folded[i]);
            f->required = f->required && h && !h->repeated;
        }
        f->sensitive = as_name_sensitive(f->name);
        f->identifier = as_name_identifier(f->name);
        f->note = AS_STR("");
        f->label =
            as_arena_printf(n->w->arena, "%.*s.%.*s", AS_FMT(n->s->name), AS_FMT(f->name));
    }
}

static const char *why_left_out(as_str written, as_str folded)
{
    if (written.len > AS_HEADER_TEXT_MAX)
        return "its header is longer than 4,096 bytes";
    return folded.len ? "its header is there more than once" : "it has no header";
}

/* Repeated headers and columns without one: said, because no rule can read them. */
static as_code note_left_out(naming *n, size_t most, as_err *e)
{
    n->s->left_out = AS_NEW_N(n->w->arena, as_init_left_out, most + 1);
    if (!n->s->left_out)
        return as_fail_nomem(e);
    for (size_t t = 0; t < n->w->table_count; t++) {
        const as_init_table *table = &n->w->tables[t];
        for (uint32_t c = 0; table->schema == n->schema && c < table->width; c++) {
            as_str one = as_init_fold(n->w->arena, table->headers[c]);
            const header *h = find(n->headers[t], table->width, one);
            if (h && h->repeated)
                n->s->left_out[n->s->left_out_count++] = (as_init_left_out){
                    table->path, table->headers[c], c, why_left_out(table->headers[c], one)};
        }
    }
    return AS_OK;
}

static as_code make_fields(naming *n, as_err *e)
{
    size_t most = 0;
    as_str path = AS_NONE;
    for (size_t t = 0; t < n->w->table_count; t++) {
        if (n->w->tables[t].schema != n->schema)
            continue;
        most += n->w->tables[t].width;
        path = n->w->tables[t].path;
    }
    as_str *folded = AS_NEW_N(n->w->arena, as_str, most + 1);
    n->s->fields = AS_NEW_N(n->w->arena, as_init_field, most + 1);
    if (!folded || !n->s->fields)
        return as_fail_nomem(e);
    as_code code = collect_fields(n, folded, e);
    if (code == AS_OK && n->s->count == 0)
        return as_fail(e, AS_EINPUT, (as_span){path.ptr, 0, 0},
                       "no column has a header of its own, so nothing in it can be named; "
                       "write one above the records");
    settle_fields(n, folded);
    return code == AS_OK ? note_left_out(n, most, e) : code;
}

/* ---- tables ---- */

static bool table_name_taken(const as_init_work *w, const as_init_table *self, as_str name)
{
    for (size_t i = 0; i < w->table_count; i++)
        if (&w->tables[i] != self && as_str_eq(w->tables[i].name, name))
            return true;
    for (size_t i = 0; i < w->schema_count; i++)
        if (i != self->schema && as_str_eq(w->schemas[i].name, name))
            return true;
    return false;
}

/* Later dates first, then as they were given. */
static int by_date(const void *x, const void *y)
{
    const as_init_table *a = x, *b = y;
    if (a->schema != b->schema)
        return (a->schema > b->schema) - (a->schema < b->schema);
    return (a->date < b->date) - (a->date > b->date);
}

/* Stable, and few. */
static void order_tables(as_init_work *w)
{
    for (size_t i = 1; i < w->table_count; i++)
        for (size_t k = i; k > 0 && by_date(&w->tables[k - 1], &w->tables[k]) > 0; k--) {
            as_init_table t = w->tables[k];
            w->tables[k] = w->tables[k - 1];
            w->tables[k - 1] = t;
        }
}

/* The latest is called as the schema, the one before it `…_before`; where names give no dates,
 * the others have numbers. */
static as_code name_tables(as_init_work *w, as_err *e)
{
    order_tables(w);
    for (size_t i = 0, nth = 0; i < w->table_count; i++) {
        as_init_table *t = &w->tables[i];
        nth = i > 0 && w->tables[i - 1].schema == t->schema ? nth + 1 : 0;
        as_str base = w->schemas[t->schema].name, name = base;
        bool earlier = t->date != AS_DATE_NULL && nth > 0 && w->tables[i - nth].date > t->date;
        if (nth > 0 && !earlier)
            name = as_arena_printf(w->arena, "%.*s_%zu", AS_FMT(base), nth + 1);
        else if (nth == 1)
            name = as_arena_printf(w->arena, "%.*s_before", AS_FMT(base));
        else if (nth > 1)
            name = as_arena_printf(w->arena, "%.*s_before_%zu", AS_FMT(base), nth);
        for (unsigned k = 2; nth > 0 && name.ptr && table_name_taken(w, t, name); k++)
            name = as_arena_printf(w->arena, "%.*s_%zu_%u", AS_FMT(base), nth + 1, k);
        t->name = name;
        if (!name.ptr)
            return as_fail_nomem(e);
    }
    return AS_OK;
}

static as_str schema_name(as_init_work *w, as_str stem)
{
    as_str name = stem;
    for (unsigned k = 2; name.ptr; k++) {
        bool taken = false;
        for (size_t i = 0; i < w->schema_count; i++)
            taken = taken || as_str_eq(w->schemas[i].name, name);
        if (!taken)
            break;
        name = as_arena_printf(w->arena, "%.*s_%u", AS_FMT(stem), k);
    }
    return name;
}

as_code as_init_group(as_init_work *w, as_err *e)
{
    header **headers = AS_NEW_N(w->arena, header *, w->table_count + 1);
    w->schemas = AS_NEW_N(w->arena, as_init_schema, w->table_count + 1);
    if (!headers || !w->schemas)
        return as_fail_nomem(e);
    for (size_t i = 0; i < w->table_count; i++) {
        as_init_table *t = &w->tables[i];
        if (!(headers[i] = headers_of(t, w->arena)))
            return as_fail_nomem(e);
        size_t like = 0;
        while (like < i && (as_str_eq(t->path, w->tables[like].path) ||
                            !alike(t, headers[i], &w->tables[like], headers[like])))
            like++; /* two tables of one sheet are never one table in two years */
        t->schema = like < i ? w->tables[like].schema : w->schema_count;
        if (like < i)
            continue;
        as_str name = schema_name(w, t->stem);
        w->schemas[w->schema_count++] = (as_init_schema){.name = name};
        if (!name.ptr)
            return as_fail_nomem(e);
    }
    as_code code = AS_OK;
    for (size_t i = 0; i < w->schema_count && code == AS_OK; i++) {
        naming n = {w, headers, &w->schemas[i], i};
        code = make_fields(&n, e);
    }
    return code == AS_OK ? name_tables(w, e) : code;
}
