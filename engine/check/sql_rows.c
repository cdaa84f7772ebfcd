/* sql_rows.c: see sql_rows.h. */
#include "check/sql_rows.h"

#include "base/limits.h"
#include "check/params.h"
#include "check/sql_tables.h"

#include <stdlib.h>

typedef struct kept {
    uint32_t record; /* AS_NO_ROW: at a figure */
    const as_sql_cell *cells;
    struct kept *next;
} kept;

typedef struct rows {
    const as_eval *ev;
    const as_bind *b;
    const as_sql_plan *p;
    const as_table *own; /* of the rule; NULL: it has none */
    kept *all;           /* the last first */
    uint64_t count, bytes;
} rows;

/* ---- which tables ---- */

typedef struct lookout {
    const as_eval *ev;
    const as_sql_table *tables;
    bool missing; /* a column that the query reads is in no file */
    bool empty;   /* a table that it reads has no records */
    uint64_t records;
} lookout;

static void look_at(void *arg, uint32_t table, uint32_t field)
{
    lookout *l = arg;
    const as_table *t = l->tables[table].table;
    if (field == AS_NO_FIELD) {
        l->records += t->rows;
        l->empty = l->empty || t->rows == 0;
    } else if (!l->ev->every_field && !t->columns[field].present) {
        l->missing = true;
    }
}

/* ---- one row ---- */

static bool same_value(const as_table *t, uint32_t row, uint32_t field, const as_sql_value *v,
                       as_buf *tmp)
{
    const as_column *c = &t->columns[field];
    if (v->type == AS_SQL_NULL || as_cell_null(c, row))
        return v->type == AS_SQL_NULL && as_cell_null(c, row);
    if (v->type == AS_SQL_TEXT)
        return as_str_eq(as_cell_text(t, c, row, tmp), v->text);
    return v->type == AS_SQL_INTEGER && c->layout == AS_LAYOUT_INT
               ? as_cell_int(c, row) == v->i
               : as_cell_num(c, row) >= v->f && as_cell_num(c, row) <= v->f;
}

/* What is shown as a field of the record must be that: `q.places` of another record of the same
 * table is not. */
static as_code check_shown(const rows *x, const kept *k, as_err *e)
{
    as_buf tmp = AS_BUF(AS_FIELD_MAX);
    as_code code = AS_OK;
    for (size_t i = 0; i < x->p->column_count && code == AS_OK; i++) {
        const as_sql_column *c = &x->p->columns[i];
        if (x->p->shown[i] &&
            !same_value(x->own, k->record, c->field, &k->cells[i].value, &tmp))
            code =
                as_fail(e, AS_ERULE, x->p->at,
                        "the query's column %.*s is not that of record %u, which `row` names; "
                        "give it another name with AS",
                        AS_FMT(c->name), k->record + 1);
    }
    as_buf_free(&tmp);
    return code;
}

static as_code find_record(const rows *x, kept *k, as_err *e)
{
    k->record = AS_NO_ROW;
    if (x->p->row == AS_SQL_NO_COLUMN)
        return AS_OK;
    const as_sql_cell *c = &k->cells[x->p->row];
    if (c->value.type != AS_SQL_INTEGER || c->value.i < 1 || c->value.i > x->own->rows)
        return as_fail(e, AS_ERULE, x->p->at,
                       "the query's column `row` is %.*s, which is no record of %.*s",
                       AS_FMT(c->text.ptr ? c->text : AS_STR("null")), AS_FMT(x->own->name));
    k->record = (uint32_t)(c->value.i - 1);
    return check_shown(x, k, e);
}

static as_code keep_row(rows *x, as_sql *s, as_err *e)
{
    as_arena *a = x->ev->arena;
    kept *k = AS_NEW(a, kept);
    as_sql_cell *cells = AS_NEW_N(a, as_sql_cell, x->p->column_count);
    if (!k || !cells)
        return as_fail_nomem(e);
    for (size_t i = 0; i < x->p->column_count; i++) {
        cells[i].value = as_sql_get(s, i);
        cells[i].text = as_sql_value_text(a, cells[i].value);
        if (cells[i].value.type != AS_SQL_NULL && !cells[i].text.ptr)
            return as_fail_nomem(e);
        if (cells[i].value.type == AS_SQL_TEXT)
            cells[i].value.text = cells[i].text;
        x->bytes += sizeof *cells + cells[i].text.len;
    }
    if (++x->count > AS_SQL_ROWS_MAX || x->bytes > AS_SQL_RESULT_MAX)
        return as_fail(
            e, AS_EBUDGET, x->p->at,
            "the query returns more than %d rows, or more than %zu MiB; a rule's query "
            "returns what is wrong",
            AS_SQL_ROWS_MAX, AS_SQL_RESULT_MAX / AS_MIB);
    k->cells = cells;
    k->next = x->all;
    x->all = k;
    return find_record(x, k, e);
}

/* ---- in order ---- */

static int compare_numbers(double a, double b)
{
    return a < b ? -1 : a > b;
}

/* Nulls, then numbers, then texts. */
static int compare_values(const as_sql_value *a, const as_sql_value *b)
{
    int sort_a = a->type == AS_SQL_REAL ? AS_SQL_INTEGER : (int)a->type;
    int sort_b = b->type == AS_SQL_REAL ? AS_SQL_INTEGER : (int)b->type;
    if (sort_a != sort_b)
        return sort_a < sort_b ? -1 : 1;
    if (a->type == AS_SQL_INTEGER && b->type == AS_SQL_INTEGER)
        return a->i < b->i ? -1 : a->i > b->i;
    if (sort_a == AS_SQL_INTEGER)
        return compare_numbers(a->type == AS_SQL_REAL ? a->f : (double)a->i,
                               b->type == AS_SQL_REAL ? b->f : (double)b->i);
    return a->type == AS_SQL_TEXT ? as_str_cmp(a->text, b->text) : 0;
}

static int compare_rows(const void *a_, const void *b_, void *arg)
{
    const kept *a = *(const kept *const *)a_, *b = *(const kept *const *)b_;
    const as_sql_plan *p = arg;
    int order = a->record < b->record ? -1 : a->record > b->record;
    for (size_t i = 0; i < p->column_count && order == 0; i++)
        order = compare_values(&a->cells[i].value, &b->cells[i].value);
    return order;
}

static as_code make_findings(const rows *x, as_result *out, as_err *e)
{
    const kept **list = AS_NEW_N(x->ev->arena, const kept *, x->count + 1);
    const as_sql_cell **cells = AS_NEW_N(x->ev->arena, const as_sql_cell *, x->count + 1);
    size_t n = 0;
    if (!list || !cells)
        return as_fail_nomem(e);
    for (const kept *k = x->all; k; k = k->next)
        list[n++] = k;
    as_sql_plan plan = *x->p;
    qsort_r(list, n, sizeof *list, compare_rows, &plan);
    for (size_t i = 0; i < n; i++) {
        as_finding f = {list[i]->record, AS_NO_FIELD, AS_NO_ROW, (uint32_t)i};
        cells[i] = list[i]->cells;
        if (!as_findings_add(&out->findings, f))
            return as_fail_nomem(e);
    }
    out->state = cells;
    return AS_OK;
}

/* ---- eval ---- */

static as_code run(rows *x, as_sql *s, as_err *e)
{
    bool got = true;
    as_code code = AS_OK;
    for (size_t i = 0; i < x->p->param_count && code == AS_OK; i++)
        code = as_sql_bind(s, i, x->p->params[i], e);
    while (code == AS_OK && (code = as_sql_next(s, &got, e)) == AS_OK && got)
        code = keep_row(x, s, e);
    return code;
}

as_code as_sql_rows_eval(as_eval *ev, const as_bind *b, const void *plan, as_result *out,
                         as_err *e)
{
    rows x = {.ev = ev, .b = b, .p = plan};
    as_sql_spec spec = {.query = x.p->query, .at = x.p->at};
    lookout seen = {.ev = ev};
    as_sql *s = NULL;
    as_code code = b->rule->table.len ? as_eval_table(ev, b, b->rule->table, &x.own, e) : AS_OK;
    if (code == AS_OK)
        code = as_sql_tables(b->project, x.p->query, ev->tables, ev->arena, &spec.tables,
                             &spec.table_count, e);
    if (code == AS_OK)
        code = as_sql_open(&s, &spec, e);
    if (code != AS_OK)
        return code;
    seen.tables = spec.tables;
    as_sql_reads(s, look_at, &seen);
    if (!seen.missing)
        code = run(&x, s, e);
    as_sql_close(s);
    if (code == AS_OK)
        code = make_findings(&x, out, e);
    if (!seen.missing && (!seen.empty || x.count))
        out->selected = x.own ? x.own->rows : seen.records;
    return code;
}
