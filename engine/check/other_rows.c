/* other_rows.c: see other_rows.h. */
#include "check/other_rows.h"

#include "base/alloc.h"
#include "check/params.h"

bool as_other_ask_same(const as_other_ask *x, const as_other_ask *y)
{
    return as_str_eq(x->table, y->table) && x->count == y->count && x->date == y->date &&
           memcmp(x->fields, y->fields, x->count * sizeof *x->fields) == 0 &&
           as_node_same(x->written, y->written);
}

/* The rows that count: those that `where` admits, with a date where one is asked for. NULL in
 * *out: all. */
static as_code select_rows(uint8_t **out, const as_other_ask *ask, const as_table *t,
                           as_pool *pool, as_arena *a, as_err *e)
{
    as_bound *where = NULL;
    *out = NULL;
    if (!ask->where && ask->date == AS_NO_FIELD)
        return AS_OK;
    as_code code = as_bound_make(&where, ask->where, NULL, t, a, e);
    if (code == AS_OK)
        code = as_bound_all(out, where, t, pool, a, e);
    if (code != AS_OK || ask->date == AS_NO_FIELD)
        return code;
    const as_column *dates = &t->columns[ask->date];
    for (uint32_t i = 0; i < t->rows; i++)
        if (as_cell_null(dates, i))
            (*out)[i] = AS_FALSE;
    return AS_OK;
}

/* Walks the rows of one key from its first row on. */
static void find_latest(as_other_rows *x, const as_date *dates, uint32_t first)
{
    uint32_t best = first, ties = 1;
    for (uint32_t at = as_index_next(x->index, first); at != AS_NO_ROW;
         at = as_index_next(x->index, at)) {
        x->latest[at] = first; /* seen: no first row */
        ties = dates[at] > dates[best] ? 1 : ties + (dates[at] == dates[best]);
        best = dates[at] > dates[best] ? at : best;
    }
    x->latest[first] = best;
    x->ties[first] = ties;
}

/* A key's first row comes before its others, so a row that nobody has seen is a first one. */
static as_code find_all_latest(as_other_rows *x, const as_table *t, uint32_t date,
                               const uint8_t *select, as_err *e)
{
    const as_column *c = &t->columns[date];
    size_t bytes = ((size_t)t->rows + 1) * sizeof *x->latest;
    x->latest = as_alloc(bytes);
    x->ties = as_alloc(bytes);
    if (!x->latest || !x->ties)
        return as_fail_nomem(e);
    memset(x->latest, 0xff, bytes); /* AS_NO_ROW */
    for (uint32_t i = 0; c->layout == AS_LAYOUT_DATE && i < t->rows; i++)
        if (select[i] == AS_TRUE && x->latest[i] == AS_NO_ROW)
            find_latest(x, as_column_dates(c), i);
    return AS_OK;
}

/* Without the column nothing would be found, and every record be blamed for it. */
static as_code must_be_there(const as_table *t, uint32_t field, as_err *e)
{
    if (t->rows == 0 || field == AS_NO_FIELD || t->columns[field].layout != AS_LAYOUT_ABSENT)
        return AS_OK;
    return as_fail(
        e, AS_EINPUT, AS_NOWHERE,
        "the file of table %.*s has no column for %.*s, by which its rows are looked up",
        AS_FMT(t->name), AS_FMT(t->schema->fields[field].name));
}

static as_code all_there(const as_other_ask *ask, const as_table *t, as_err *e)
{
    as_code code = must_be_there(t, ask->date, e);
    for (size_t i = 0; i < ask->count && code == AS_OK; i++)
        code = must_be_there(t, ask->fields[i], e);
    return code;
}

as_code as_other_rows_open(as_other_rows **out, const as_other_ask *ask, as_tables tables,
                           as_pool *pool, as_arena *a, as_err *e)
{
    const as_table *t = as_tables_find(tables, ask->table);
    as_other_rows *x = as_calloc(1, sizeof *x);
    uint8_t *select = NULL;
    *out = NULL;
    if (!x)
        return as_fail_nomem(e);
    as_key key = {.table = t, .count = ask->count};
    memcpy(key.fields, ask->fields, sizeof ask->fields);
    as_code code = all_there(ask, t, e);
    if (code == AS_OK)
        code = select_rows(&select, ask, t, pool, a, e);
    if (code == AS_OK)
        code = as_index_open(&x->index, &key, select, e);
    if (code == AS_OK && ask->date != AS_NO_FIELD)
        code = find_all_latest(x, t, ask->date, select, e);
    if (code == AS_OK)
        *out = x;
    else
        as_other_rows_close(x);
    return code;
}

as_code as_eval_other_rows(const as_eval *ev, const as_bind *b, const as_other_rows **out,
                           as_other_rows **own, as_err *e)
{
    as_code code = AS_OK;
    *own = NULL;
    *out = ev->given;
    if (!ev->given) {
        code = as_other_rows_open(own, &b->ask, ev->tables, ev->pool, ev->arena, e);
        *out = *own;
    }
    return code;
}

void as_other_rows_close(as_other_rows *x)
{
    if (!x)
        return;
    as_index_close(x->index);
    as_free(x->latest);
    as_free(x->ties);
    as_free(x);
}
