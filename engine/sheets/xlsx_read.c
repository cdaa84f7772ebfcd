/* xlsx_read.c: the rows of an XLSX workbook: its sheets, their parts, the texts they share,
 * then each sheet's cells. A formula's cell has the value that was stored with it. */
#include "base/alloc.h"
#include "base/limits.h"
#include "sheets/package.h"

#include <stdio.h>
#include <stdlib.h>

enum { SHEETS_MAX = 1000, PART_NAME_MAX = 512 };

typedef struct sheet {
    as_str name, id;
    char part[PART_NAME_MAX]; /* "": not known */
} sheet;

typedef enum cell_type { CELL_PLAIN, CELL_SHARED, CELL_INLINE, CELL_TRUTH } cell_type;

typedef struct workbook {
    const as_package *package;
    as_row_maker *rows;
    as_arena *arena;
    sheet *sheets;
    size_t sheet_count;
    char strings_part[PART_NAME_MAX];
    as_str *strings;
    size_t string_count, string_size;
    uint64_t string_bytes;
    as_buf text; /* of the string or cell being read */
    unsigned phonetic;
    bool in_text, in_value, in_cell, saw_cell;
    cell_type type;
    size_t column;
} workbook;

static void over(as_xml *x, const char *what)
{
    as_xml_stop(x, as_fail(x->e, AS_EBUDGET, (as_span){x->package->path, 0, 0}, "%s: %s",
                           x->part, what));
}

static void ignore_end(as_xml *x, const char *name)
{
    (void)x;
    (void)name;
}

/* ---- the workbook and where its parts are ---- */

static void workbook_start(as_xml *x, const char *name, const char **attributes)
{
    workbook *w = x->arg;
    const char *date = as_xml_attribute(attributes, "date1904");
    if (strcmp(name, "workbookPr") == 0 && date) {
        w->rows->row.from_1904 = strcmp(date, "1") == 0 || strcmp(date, "true") == 0;
    }
    const char *id = as_xml_attribute(attributes, "id");
    const char *title = as_xml_attribute(attributes, "name");
    if (strcmp(name, "sheet") != 0 || !id || !title) {
        return;
    }
    if (w->sheet_count == SHEETS_MAX) {
        over(x, "more than 1,000 sheets");
        return;
    }
    sheet *s = &w->sheets[w->sheet_count++];
    s->name = as_arena_str(w->arena, as_str_from(title));
    s->id = as_arena_str(w->arena, as_str_from(id));
    if (!s->name.ptr || !s->id.ptr) {
        as_xml_stop(x, as_fail_nomem(x->e));
    }
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static void relation_start(as_xml *x, const char *name, const char **attributes)
{
    workbook *w = x->arg;
    const char *id = as_xml_attribute(attributes, "Id"),
               *target = as_xml_attribute(attributes, "Target"),
               *type = as_xml_attribute(attributes, "Type");
    char part[PART_NAME_MAX];
    if (strcmp(name, "Relationship") != 0 || !id || !target || !type) {
        return;
    }
    int n = snprintf(part, sizeof part, "%s%s", target[0] == '/' ? "" : "xl/",
                     target[0] == '/' ? target + 1 : target);
    if (n < 0 || (size_t)n >= sizeof part) {
        return; /* a name that no part has */
    }
    if (ends_with(type, "/sharedStrings")) {
        memcpy(w->strings_part, part, sizeof part);
    }
    for (size_t i = 0; i < w->sheet_count; i++) {
        if (ends_with(type, "/worksheet") && as_str_eq(w->sheets[i].id, as_str_from(id))) {
            memcpy(w->sheets[i].part, part, sizeof part);
        }
    }
}

/* ---- texts, shared or in a cell ---- */

static as_str unescaped(as_str s, as_buf *out)
{
    as_buf_clear(out);
    for (size_t at = 0; at < s.len;) {
        int code = as_xlsx_escape(as_str_sub(s, at, s.len));
        as_buf_addc(out, code >= 0 ? (char)code : s.ptr[at]);
        at += code >= 0 ? AS_XLSX_ESCAPE : 1;
    }
    return as_buf_str(out);
}

static void string_start(workbook *w, const char *name)
{
    w->phonetic += strcmp(name, "rPh") == 0;
    w->in_text = strcmp(name, "t") == 0 && !w->phonetic;
}

static void string_end(workbook *w, const char *name)
{
    w->phonetic -= strcmp(name, "rPh") == 0 && w->phonetic;
    w->in_text = false;
}

static void add_text(as_xml *x, as_str text)
{
    workbook *w = x->arg;
    if (w->in_text || w->in_value) {
        as_buf_add(&w->text, text);
        if (w->text.failed) {
            over(x, "a cell of more than 1 MiB");
        }
    }
}

/* The text that was read, in the arena. */
static as_str take_text(workbook *w, as_arena *a)
{
    as_str raw = as_buf_str(&w->text);
    if (as_str_find(raw, AS_STR("_x")) == (size_t)-1) {
        return as_arena_str(a, raw);
    }
    as_buf plain = AS_BUF(AS_MIB);
    as_str out = as_arena_str(a, unescaped(raw, &plain));
    out = plain.failed ? AS_NONE : out;
    as_buf_free(&plain);
    return out;
}

static void shared_start(as_xml *x, const char *name, const char **attributes)
{
    workbook *w = x->arg;
    (void)attributes;
    if (strcmp(name, "si") == 0) {
        as_buf_clear(&w->text);
    }
    string_start(w, name);
}

static void shared_end(as_xml *x, const char *name)
{
    workbook *w = x->arg;
    string_end(w, name);
    if (strcmp(name, "si") != 0) {
        return;
    }
    if (w->string_count == w->string_size) {
        size_t size = w->string_size ? w->string_size * 2 : 1024;
        as_str *more = as_realloc(w->strings, size * sizeof *more);
        if (!more) {
            as_xml_stop(x, as_fail_nomem(x->e));
            return;
        }
        w->strings = more;
        w->string_size = size;
    }
    as_str text = take_text(w, w->arena);
    w->strings[w->string_count++] = text;
    w->string_bytes += text.len + sizeof text;
    if (!text.ptr) {
        as_xml_stop(x, as_fail_nomem(x->e));
    } else if (w->string_bytes > AS_SHEET_TEXT_MAX) {
        over(x, "more text than is read (AS_SHEET_TEXT_MAX)");
    }
}

/* ---- cells ---- */

/* "AB12": column 27. Without a letter: the one after the last. */
static size_t column_of(const workbook *w, const char *reference)
{
    size_t column = 0;
    const char *p = reference ? reference : "";
    for (; *p >= 'A' && *p <= 'Z' && column < AS_COLUMNS_MAX * 26; p++) {
        column = column * 26 + (size_t)(*p - 'A' + 1);
    }
    return column ? column - 1 : w->saw_cell ? w->column + 1 : 0;
}

static cell_type type_of(const char *type)
{
    return !type                            ? CELL_PLAIN
           : strcmp(type, "s") == 0         ? CELL_SHARED
           : strcmp(type, "inlineStr") == 0 ? CELL_INLINE
           : strcmp(type, "b") == 0         ? CELL_TRUTH
                                            : CELL_PLAIN;
}

static void start_row(as_xml *x, workbook *w, const char **attributes)
{
    const char *number = as_xml_attribute(attributes, "r");
    int64_t n;
    if (number && as_str_to_i64(as_str_from(number), &n) && n > 0) {
        if (n > AS_SHEET_ROWS_MAX) {
            over(x, "a row beyond the last that a spreadsheet has (AS_SHEET_ROWS_MAX)");
            return;
        }
        w->rows->row.number = (uint32_t)n;
    }
    w->saw_cell = false;
}

static void sheet_start(as_xml *x, const char *name, const char **attributes)
{
    workbook *w = x->arg;
    if (strcmp(name, "row") == 0) {
        start_row(x, w, attributes);
    } else if (strcmp(name, "c") == 0) {
        w->column = column_of(w, as_xml_attribute(attributes, "r"));
        w->type = type_of(as_xml_attribute(attributes, "t"));
        w->saw_cell = w->in_cell = true;
        as_buf_clear(&w->text);
    } else if (w->in_cell && w->type == CELL_INLINE) {
        string_start(w, name);
    } else if (w->in_cell) {
        w->in_value = strcmp(name, "v") == 0;
    }
}

static as_code shared_text(as_xml *x, workbook *w, as_str *text)
{
    int64_t n;
    if (!as_str_to_i64(as_str_trim(*text), &n) || n < 0 || (uint64_t)n >= w->string_count) {
        return as_fail(x->e, AS_EINPUT, (as_span){x->package->path, 0, 0},
                       "%s: the spreadsheet is damaged (row %u has a text that is not there)",
                       x->part, w->rows->row.number);
    }
    *text = w->strings[n];
    return AS_OK;
}

static void end_cell(as_xml *x, workbook *w)
{
    as_str text = as_buf_str(&w->text);
    as_code code = AS_OK;
    w->in_cell = w->in_value = w->in_text = false;
    if (w->type == CELL_SHARED && text.len) {
        code = shared_text(x, w, &text);
    } else if (w->type == CELL_TRUTH) {
        text = as_str_eq(text, AS_STR("1")) ? AS_STR("TRUE") : AS_STR("FALSE");
    } else {
        text = take_text(w, w->rows->texts);
        code = text.ptr ? AS_OK : as_fail_nomem(x->e);
    }
    if (code == AS_OK) {
        code = as_row_cell(w->rows, w->column, text, x->e);
    }
    if (code != AS_OK) {
        as_xml_stop(x, code);
    }
}

static void sheet_end(as_xml *x, const char *name)
{
    workbook *w = x->arg;
    if (strcmp(name, "row") == 0) {
        as_code code = as_row_end(w->rows, 1, x->e);
        if (code != AS_OK) {
            as_xml_stop(x, code);
        }
    } else if (strcmp(name, "c") == 0) {
        end_cell(x, w);
    } else {
        string_end(w, name);
        w->in_value = false;
    }
}

/* ---- the whole ---- */

static as_code read_sheets(workbook *w, as_err *e)
{
    static const as_xml_handlers cells = {sheet_start, sheet_end, add_text};
    as_code code = AS_OK;
    for (size_t i = 0; code == AS_OK && i < w->sheet_count; i++) {
        w->rows->row.sheet = w->sheets[i].name;
        w->rows->row.number = 1;
        if (w->sheets[i].part[0]) { /* else a chart on a sheet of its own */
            code = as_package_parse(w->package, w->sheets[i].part, &cells, w, e);
        }
    }
    return code;
}

static as_code read_workbook(workbook *w, as_err *e)
{
    static const as_xml_handlers book = {workbook_start, ignore_end, NULL},
                                 relations = {relation_start, ignore_end, NULL},
                                 shared = {shared_start, shared_end, add_text};
    const char *const rels = "xl/_rels/workbook.xml.rels";
    as_code code = as_package_parse(w->package, "xl/workbook.xml", &book, w, e);
    if (code == AS_OK) {
        code = as_package_parse(w->package, rels, &relations, w, e);
    }
    if (code == AS_OK && w->strings_part[0]) {
        code = as_package_parse(w->package, w->strings_part, &shared, w, e);
    }
    return code == AS_OK ? read_sheets(w, e) : code;
}

as_code as_xlsx_read(const as_package *p, as_row_maker *m, as_err *e)
{
    workbook w = {.package = p, .rows = m, .text = AS_BUF(AS_MIB), .arena = as_arena_open()};
    w.sheets = as_calloc(SHEETS_MAX, sizeof *w.sheets);
    as_code code = w.arena && w.sheets ? read_workbook(&w, e) : as_fail_nomem(e);
    as_free(w.sheets);
    as_free(w.strings);
    as_buf_free(&w.text);
    if (w.arena) {
        as_arena_close(w.arena);
    }
    return code;
}
