/* cli_query.c: see query.h. Values come from extracts: as everywhere, they cannot drive a
 * terminal, nor become a formula in a spreadsheet. */
#include "base/limits.h"
#include "cli/query.h"
#include "reports/text.h"

static as_code flush(as_buf *b, as_out out, as_err *e)
{
    as_code code = b->failed ? as_fail_nomem(e) : out.write(out.arg, as_buf_str(b), e);
    as_buf_clear(b);
    return code;
}

static const as_str *row_of(const as_query_rows *r, size_t row)
{
    return r->texts + row * r->column_count;
}

/* ---- terminal ---- */

static void visible(as_buf *b, as_str text)
{
    if (text.ptr)
        as_text_visible(b, text, false);
    else
        as_buf_add(b, AS_STR("NULL"));
}

static size_t width_of(as_buf *tmp, as_str text)
{
    as_buf_clear(tmp);
    visible(tmp, text);
    return as_text_width(as_buf_str(tmp));
}

typedef struct layout {
    size_t *widths;
    bool *right; /* numbers alone */
} layout;

static bool is_number(const as_query_rows *r, size_t column)
{
    bool some = false;
    for (size_t row = 0; row < r->count; row++) {
        as_sql_type type = r->values[row * r->column_count + column].type;
        if (type == AS_SQL_TEXT)
            return false;
        some = some || type != AS_SQL_NULL;
    }
    return some;
}

static void measure(const as_query_rows *r, layout *l, as_buf *tmp)
{
    for (size_t i = 0; i < r->column_count; i++) {
        l->widths[i] = width_of(tmp, r->columns[i].name);
        l->right[i] = is_number(r, i);
        for (size_t row = 0; row < r->count; row++) {
            size_t w = width_of(tmp, row_of(r, row)[i]);
            l->widths[i] = w > l->widths[i] ? w : l->widths[i];
        }
    }
}

static void put_cell(as_buf *line, as_buf *tmp, as_str text, const layout *l, size_t i,
                     bool last)
{
    size_t width = width_of(tmp, text);
    int pad = (int)(l->widths[i] - width);
    if (l->right[i])
        as_buf_addf(line, "%*s", pad, "");
    as_buf_add(line, as_buf_str(tmp));
    if (!l->right[i] && !last)
        as_buf_addf(line, "%*s", pad, "");
    as_buf_add(line, last ? AS_STR("\n") : AS_STR("  "));
}

static as_code put_table(const as_query_rows *r, const layout *l, as_out out, as_err *e)
{
    as_buf line = AS_BUF(AS_REPORT_MAX), tmp = AS_BUF(AS_FIELD_MAX * 4);
    as_code code = AS_OK;
    for (size_t i = 0; i < r->column_count; i++)
        put_cell(&line, &tmp, r->columns[i].name, l, i, i + 1 == r->column_count);
    for (size_t row = 0; row < r->count && code == AS_OK; row++) {
        for (size_t i = 0; i < r->column_count; i++)
            put_cell(&line, &tmp, row_of(r, row)[i], l, i, i + 1 == r->column_count);
        line.failed = line.failed || tmp.failed;
        if (line.len > AS_MIB)
            code = flush(&line, out, e);
    }
    if (code == AS_OK)
        code = flush(&line, out, e);
    as_buf_free(&line);
    as_buf_free(&tmp);
    return code;
}

as_code as_query_terminal(void *arg, as_out out, as_err *e)
{
    const as_query_rows *r = arg;
    as_arena *a = as_arena_open();
    as_buf tmp = AS_BUF(AS_FIELD_MAX * 4);
    layout l = {NULL, NULL};
    if (a) {
        l.widths = AS_NEW_N(a, size_t, r->column_count);
        l.right = AS_NEW_N(a, bool, r->column_count);
    }
    as_code code = l.widths && l.right ? AS_OK : as_fail_nomem(e);
    if (code == AS_OK) {
        measure(r, &l, &tmp);
        code = tmp.failed ? as_fail_nomem(e) : put_table(r, &l, out, e);
    }
    as_buf_free(&tmp);
    as_arena_close(a);
    return code;
}

/* ---- for other programs ---- */

as_code as_query_csv(void *arg, as_out out, as_err *e)
{
    const as_query_rows *r = arg;
    as_buf b = AS_BUF(AS_REPORT_MAX);
    as_code code = AS_OK;
    for (size_t i = 0; i < r->column_count; i++) {
        as_buf_add(&b, i ? AS_STR(",") : AS_STR(""));
        as_csv_cell(&b, r->columns[i].name);
    }
    as_buf_add(&b, AS_STR("\r\n"));
    for (size_t row = 0; row < r->count && code == AS_OK; row++) {
        for (size_t i = 0; i < r->column_count; i++) {
            const as_str text = row_of(r, row)[i];
            as_sql_type type = r->values[row * r->column_count + i].type;
            as_buf_add(&b, i ? AS_STR(",") : AS_STR(""));
            if (text.ptr && type != AS_SQL_TEXT) /* -3 is a number, no formula */
                as_buf_add(&b, text);
            else if (text.ptr && text.len)
                as_csv_cell(&b, text);
            else if (text.ptr)
                as_buf_add(&b, AS_STR("\"\""));
        }
        as_buf_add(&b, AS_STR("\r\n"));
        if (b.len > AS_MIB)
            code = flush(&b, out, e);
    }
    if (code == AS_OK)
        code = flush(&b, out, e);
    as_buf_free(&b);
    return code;
}

static void json_value(as_buf *b, as_str text, const as_sql_value *v)
{
    if (!text.ptr)
        as_buf_add(b, AS_STR("null"));
    else if (v->type == AS_SQL_INTEGER)
        as_buf_add(b, text);
    else if (v->type == AS_SQL_REAL)
        as_json_num(b, v->f);
    else
        as_json_str(b, text);
}

as_code as_query_json(void *arg, as_out out, as_err *e)
{
    const as_query_rows *r = arg;
    as_buf b = AS_BUF(AS_REPORT_MAX);
    as_code code = AS_OK;
    as_buf_add(&b, AS_STR("{\n  \"columns\": ["));
    for (size_t i = 0; i < r->column_count; i++) {
        as_buf_add(&b, i ? AS_STR(", ") : AS_STR(""));
        as_json_str(&b, r->columns[i].name);
    }
    as_buf_add(&b, AS_STR("],\n  \"rows\": ["));
    for (size_t row = 0; row < r->count && code == AS_OK; row++) {
        as_buf_add(&b, row ? AS_STR(",\n    [") : AS_STR("\n    ["));
        for (size_t i = 0; i < r->column_count; i++) {
            as_buf_add(&b, i ? AS_STR(", ") : AS_STR(""));
            json_value(&b, row_of(r, row)[i], &r->values[row * r->column_count + i]);
        }
        as_buf_addc(&b, ']');
        if (b.len > AS_MIB)
            code = flush(&b, out, e);
    }
    as_buf_add(&b, r->count ? AS_STR("\n  ]\n}\n") : AS_STR("]\n}\n"));
    if (code == AS_OK)
        code = flush(&b, out, e);
    as_buf_free(&b);
    return code;
}
