/* ods_read.c: the rows of an OpenDocument spreadsheet, which is one part, content.xml. Rows and
 * cells may be repeated: empty ones up to the end of the sheet, which costs nothing here. */
#include "base/limits.h"
#include "sheets/package.h"

typedef struct document {
    as_row_maker *rows;
    as_arena *names; /* of sheets */
    as_buf text;     /* of the cell */
    size_t column;
    uint64_t repeat_cell, repeat_row;
    unsigned skip; /* how deep in what is not the cell's text: a comment, a drawing */
    unsigned paragraphs, in_paragraph;
    bool in_cell, valued; /* valued: `text` has been set by an attribute */
} document;

static void check(as_xml *x, as_code code)
{
    if (code != AS_OK) {
        as_xml_stop(x, code);
    }
}

static bool is(const char *name, const char *wanted)
{
    return strcmp(name, wanted) == 0;
}

static uint64_t times(const char **attributes, const char *name)
{
    const char *text = as_xml_attribute(attributes, name);
    int64_t n;
    return text && as_str_to_i64(as_str_from(text), &n) && n > 0 ? (uint64_t)n : 1;
}

/* ---- cells ---- */

/* The value as it is stored, not as it is shown; texts are in the paragraphs. */
static const char *stored(const char **attributes)
{
    const char *type = as_xml_attribute(attributes, "value-type");
    if (!type || is(type, "string")) {
        return as_xml_attribute(attributes, "string-value");
    }
    return as_xml_attribute(attributes, is(type, "date")      ? "date-value"
                                        : is(type, "time")    ? "time-value"
                                        : is(type, "boolean") ? "boolean-value"
                                                              : "value");
}

static void start_cell(document *d, const char **attributes)
{
    const char *value = stored(attributes);
    as_buf_clear(&d->text);
    d->in_cell = true;
    d->valued = value != NULL;
    d->paragraphs = d->in_paragraph = 0;
    d->repeat_cell = times(attributes, "number-columns-repeated");
    as_buf_add(&d->text, as_str_from(value));
}

static void end_cell(as_xml *x, document *d)
{
    as_str text = as_buf_str(&d->text);
    as_code code = AS_OK;
    d->in_cell = false;
    for (uint64_t i = 0; code == AS_OK && text.len && i < d->repeat_cell; i++) {
        code = as_row_cell(d->rows, d->column + i, text, x->e);
    }
    d->column = d->repeat_cell > AS_COLUMNS_MAX ? AS_COLUMNS_MAX : d->column + d->repeat_cell;
    check(x, code);
}

/* ---- text in a cell ---- */

static void add_blanks(as_xml *x, document *d, const char **attributes)
{
    uint64_t n = times(attributes, "c");
    for (uint64_t i = 0; i < n && !d->text.failed; i++) {
        as_buf_addc(&d->text, ' ');
    }
    if (d->text.failed) {
        as_xml_stop(x, as_fail(x->e, AS_EBUDGET, (as_span){x->package->path, 0, 0},
                               "%s: a cell of more than 1 MiB", x->part));
    }
}

static void start_in_cell(as_xml *x, document *d, const char *name, const char **attributes)
{
    if (d->skip || is(name, "annotation") || is(name, "frame") || is(name, "custom-shape")) {
        d->skip++;
    } else if (is(name, "p") && !d->valued) {
        as_buf_add(&d->text, d->paragraphs++ ? AS_STR("\n") : AS_NONE);
        d->in_paragraph++;
    } else if (d->in_paragraph && is(name, "s")) {
        add_blanks(x, d, attributes);
    } else if (d->in_paragraph && is(name, "tab")) {
        as_buf_addc(&d->text, '\t');
    } else if (d->in_paragraph && is(name, "line-break")) {
        as_buf_addc(&d->text, '\n');
    }
}

static void end_in_cell(document *d, const char *name)
{
    if (d->skip) {
        d->skip--;
    } else if (is(name, "p") && d->in_paragraph) {
        d->in_paragraph--;
    }
}

static void on_text(as_xml *x, as_str text)
{
    document *d = x->arg;
    if (!d->in_cell || d->skip || !d->in_paragraph) {
        return;
    }
    as_buf_add(&d->text, text);
    if (d->text.failed) {
        as_xml_stop(x, as_fail(x->e, AS_EBUDGET, (as_span){x->package->path, 0, 0},
                               "%s: a cell of more than 1 MiB", x->part));
    }
}

/* ---- sheets and rows ---- */

static bool cell_name(const char *name)
{
    return is(name, "table-cell") || is(name, "covered-table-cell");
}

static void start_table(as_xml *x, document *d, const char **attributes)
{
    d->rows->row.sheet =
        as_arena_str(d->names, as_str_from(as_xml_attribute(attributes, "name")));
    d->rows->row.number = 1;
    if (!d->rows->row.sheet.ptr) {
        as_xml_stop(x, as_fail_nomem(x->e));
    }
}

static void on_start(as_xml *x, const char *name, const char **attributes)
{
    document *d = x->arg;
    if (d->in_cell) {
        start_in_cell(x, d, name, attributes);
    } else if (is(name, "table")) {
        start_table(x, d, attributes);
    } else if (is(name, "table-row")) {
        d->repeat_row = times(attributes, "number-rows-repeated");
        d->column = 0;
    } else if (cell_name(name)) {
        start_cell(d, attributes);
    }
}

static void on_end(as_xml *x, const char *name)
{
    document *d = x->arg;
    if (d->in_cell && !d->skip && cell_name(name)) {
        end_cell(x, d);
    } else if (d->in_cell) {
        end_in_cell(d, name);
    } else if (is(name, "table-row")) {
        check(x, as_row_end(d->rows, d->repeat_row, x->e));
    }
}

as_code as_ods_read(const as_package *p, as_row_maker *m, as_err *e)
{
    static const as_xml_handlers handlers = {on_start, on_end, on_text};
    document d = {.rows = m, .text = AS_BUF(AS_MIB), .names = as_arena_open()};
    if (!d.names) {
        return as_fail_nomem(e);
    }
    as_code code = as_package_parse(p, "content.xml", &handlers, &d, e);
    as_buf_free(&d.text);
    as_arena_close(d.names);
    return code;
}
