/* ods_write.c: a book as an OpenDocument spreadsheet: content.xml, and the zip file of all
 * parts. Nothing here writes a formula: cells have a type and a value, or text. Same book, same
 * bytes: the parts have no time of their own. */
#include "base/date.h"
#include "base/limits.h"
#include "sheets/package.h"

#include <stdio.h>

#define NS "urn:oasis:names:tc:opendocument:xmlns:"

enum { DOS_DATE = 33 }; /* 1 January 1980, the first day that zip knows */

typedef struct writer {
    as_book *book;
    as_buf *out;
    as_buf cell;
} writer;

static void add(writer *w, const char *text)
{
    as_buf_add(w->out, as_str_from(text));
}

/* ---- cells ---- */

/* Blanks that XML would take for one, and line ends, have elements of their own. */
static void paragraphs(writer *w, as_str clean)
{
    size_t from = 0;
    add(w, "<text:p>");
    for (size_t i = 0; i < clean.len; i++) {
        char c = clean.ptr[i];
        bool extra = c == ' ' && (i == 0 || i + 1 == clean.len || clean.ptr[i - 1] == ' ' ||
                                  clean.ptr[i - 1] == '\n' || clean.ptr[i + 1] == '\n');
        if (c == '\n' || c == '\t' || extra) {
            as_xml_put(w->out, as_str_sub(clean, from, i - from));
            add(w, c == '\n' ? "</text:p><text:p>" : c == '\t' ? "<text:tab/>" : "<text:s/>");
            from = i + 1;
        }
    }
    as_xml_put(w->out, as_str_sub(clean, from, clean.len));
    add(w, "</text:p>");
}

static void put_text(writer *w, as_str text)
{
    bool cut;
    as_buf_clear(&w->cell);
    as_sheet_text(&w->cell, text, &cut);
    w->book->cut += cut;
    w->out->failed = w->out->failed || w->cell.failed;
    add(w, " office:value-type=\"string\">");
    paragraphs(w, as_buf_str(&w->cell));
}

static void put_cell(writer *w, size_t column, as_str text)
{
    const as_sheet_column *c = &w->book->columns[column];
    bool date = c->kind == AS_SHEET_DATE;
    int64_t n;
    as_buf_addf(w->out, "<table:table-cell table:style-name=\"%s%s\"",
                date                         ? "day"
                : c->kind == AS_SHEET_NUMBER ? "number"
                                             : "text",
                c->open ? "open" : "");
    if (as_ods_validated(c)) {
        as_buf_addf(w->out, " table:content-validation-name=\"v%zu\"", column);
    }
    if (text.len == 0) {
        add(w, ">");
    } else if (date && as_date_parse(text, AS_STR("%Y-%m-%d")) != AS_DATE_NULL) {
        as_buf_addf(w->out,
                    " office:value-type=\"date\" office:date-value=\"%.*s\"><text:p>%.*s"
                    "</text:p>",
                    AS_FMT(text), AS_FMT(text));
    } else if (c->kind == AS_SHEET_NUMBER && as_str_to_i64(text, &n)) {
        as_buf_addf(w->out,
                    " office:value-type=\"float\" office:value=\"%lld\"><text:p>%lld</text:p>",
                    (long long)n, (long long)n);
    } else {
        put_text(w, text);
    }
    add(w, "</table:table-cell>");
}

static void put_plain(writer *w, const char *look, as_str text)
{
    as_buf_addf(w->out, "<table:table-cell table:style-name=\"%s\"", look);
    put_text(w, text);
    add(w, "</table:table-cell>");
}

/* ---- sheets ---- */

#define ROW "<table:table-row table:style-name=\"ro\">"
#define ROW_END "</table:table-row>\n"

/* A column's letters: 0 is A, 26 is AA. */
static const char *letters(size_t column, char out[4])
{
    size_t n = 0;
    if (column >= 26) {
        out[n++] = (char)('A' + column / 26 - 1);
    }
    out[n++] = (char)('A' + column % 26);
    out[n] = '\0';
    return out;
}

static void start_sheet(writer *w, as_str name, const char *print)
{
    add(w, "<table:table table:name=\"");
    as_xml_put(w->out, name);
    add(w, "\" table:style-name=\"ta\" table:protected=\"true\"");
    if (print) {
        add(w, " table:print-ranges=\"'");
        as_xml_put(w->out, name);
        as_buf_addf(w->out, "'.A1:'");
        as_xml_put(w->out, name);
        as_buf_addf(w->out, "'.%s\"", print);
    }
    add(w, "><loext:table-protection loext:select-protected-cells=\"true\" "
           "loext:select-unprotected-cells=\"true\"/>\n");
}

static void put_notes(writer *w)
{
    const as_book *b = w->book;
    start_sheet(w, AS_STR("Read me"), NULL);
    as_buf_addf(w->out,
                "<table:table-column table:style-name=\"co%zu\"/>"
                "<table:table-column table:style-name=\"co%zu\"/>\n" ROW,
                b->column_count, b->column_count + 1);
    put_plain(w, "title", AS_STR("Worklist"));
    add(w, ROW_END ROW "<table:table-cell/>" ROW_END);
    for (size_t i = 0; i < b->note_count; i++) {
        add(w, ROW);
        put_plain(w, "label", b->notes[i].label);
        put_plain(w, "note", b->notes[i].text);
        add(w, ROW_END);
    }
    add(w, "</table:table>\n");
}

static void put_columns(writer *w)
{
    const as_book *b = w->book;
    for (size_t i = 0; i < b->column_count; i++) {
        as_buf_addf(w->out, "<table:table-column table:style-name=\"co%zu\"%s/>", i,
                    b->columns[i].hidden ? " table:visibility=\"collapse\"" : "");
    }
    add(w, "\n<table:table-header-rows>" ROW);
    for (size_t i = 0; i < b->column_count; i++) {
        put_plain(w, b->columns[i].open ? "headopen" : "head",
                  as_str_from(b->columns[i].header));
    }
    add(w, ROW_END "</table:table-header-rows>\n");
}

static void put_sheet(writer *w, const as_sheet *s)
{
    const as_book *b = w->book;
    char column[4], print[32];
    snprintf(print, sizeof print, "%s%zu", letters(b->print_columns - 1, column), s->count + 1);
    start_sheet(w, s->name, print);
    put_columns(w);
    for (size_t i = 0; i < s->count && !w->out->failed; i++) {
        add(w, ROW);
        for (size_t c = 0; c < b->column_count; c++) {
            put_cell(w, c, b->cell(b->arg, s->first + i, c));
        }
        add(w, ROW_END);
    }
    add(w, "</table:table>\n");
}

static void put_filters(writer *w)
{
    const as_book *b = w->book;
    char column[4];
    add(w, "<table:database-ranges>\n");
    for (size_t i = 0; i < b->sheet_count; i++) {
        as_buf_addf(w->out,
                    "<table:database-range table:name=\"__Anonymous_Sheet_DB__%zu\" "
                    "table:display-filter-buttons=\"true\" table:target-range-address=\"'",
                    i + 1);
        as_xml_put(w->out, b->sheets[i].name);
        add(w, "'.A1:'");
        as_xml_put(w->out, b->sheets[i].name);
        as_buf_addf(w->out, "'.%s%zu\"/>\n", letters(b->column_count - 1, column),
                    b->sheets[i].count + 1);
    }
    add(w, "</table:database-ranges>\n");
}

static void put_content(writer *w)
{
    static const char *const spaces[] = {"office", "style", "table", "text"};
    add(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<office:document-content");
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
        as_buf_addf(w->out, " xmlns:%s=\"" NS "%s:1.0\"", spaces[i], spaces[i]);
    }
    add(w, " xmlns:number=\"" NS "datastyle:1.0\" xmlns:fo=\"" NS
           "xsl-fo-compatible:1.0\" xmlns:of=\"" NS "of:1.2\" xmlns:loext=\"urn:org:"
           "documentfoundation:names:experimental:office:xmlns:loext:1.0\" "
           "office:version=\"1.2\">\n<office:automatic-styles>\n");
    as_ods_looks(w->out, w->book);
    add(w, "</office:automatic-styles>\n<office:body><office:spreadsheet>\n");
    as_ods_validations(w->out, w->book);
    put_notes(w);
    for (size_t i = 0; i < w->book->sheet_count; i++) {
        put_sheet(w, &w->book->sheets[i]);
    }
    put_filters(w);
    add(w, "</office:spreadsheet></office:body></office:document-content>\n");
}

/* ---- the package ---- */

static bool add_part(zip_t *zip, const char *name, as_str bytes, bool stored)
{
    zip_source_t *s = zip_source_buffer(zip, bytes.ptr, bytes.len, 0);
    zip_int64_t at = s ? zip_file_add(zip, name, s, ZIP_FL_ENC_UTF_8) : -1;
    if (at < 0) {
        zip_source_free(s);
        return false;
    }
    zip_uint64_t index = (zip_uint64_t)at;
    return zip_set_file_compression(zip, index, stored ? ZIP_CM_STORE : ZIP_CM_DEFLATE, 0) ==
               0 &&
           zip_file_set_dostime(zip, index, 0, DOS_DATE, 0) == 0;
}

static as_code take(zip_source_t *source, as_buf *out, as_err *e)
{
    char piece[16384];
    zip_int64_t n = -1;
    if (zip_source_open(source) == 0) {
        while ((n = zip_source_read(source, piece, sizeof piece)) > 0) {
            as_buf_add(out, (as_str){piece, (size_t)n});
        }
        zip_source_close(source);
    }
    if (n < 0) {
        return as_fail(e, AS_EIO, AS_NOWHERE, "the spreadsheet cannot be made: %s",
                       zip_error_strerror(zip_source_error(source)));
    }
    return out->failed ? as_fail_nomem(e) : AS_OK;
}

enum { PARTS = 5 };

static as_code pack(const as_buf parts[PARTS], as_buf *out, as_err *e)
{
    static const char *const names[PARTS] = {"content.xml", "styles.xml", "settings.xml",
                                             "meta.xml", "META-INF/manifest.xml"};
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &error);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_TRUNCATE, &error) : NULL;
    zip_error_fini(&error);
    if (!zip) {
        zip_source_free(source);
        return as_fail_nomem(e);
    }
    zip_source_keep(source);
    bool good = add_part(zip, "mimetype", AS_STR(AS_ODS_TYPE), true);
    for (size_t i = 0; good && i < PARTS; i++) {
        good = add_part(zip, names[i], as_buf_str(&parts[i]), false);
    }
    as_code code = AS_OK;
    if (!good || zip_close(zip) != 0) {
        code = as_fail(e, AS_EIO, AS_NOWHERE, "the spreadsheet cannot be made: %s",
                       zip_strerror(zip));
        zip_discard(zip);
    } else {
        code = take(source, out, e);
    }
    zip_source_free(source);
    return code;
}

as_code as_ods_write(as_book *b, as_buf *out, as_err *e)
{
    as_buf parts[PARTS];
    writer w = {.book = b, .out = &parts[0], .cell = AS_BUF(AS_MIB)};
    bool failed = false;
    for (size_t i = 0; i < PARTS; i++) {
        parts[i] = AS_BUF(AS_REPORT_MAX);
    }
    b->cut = 0;
    put_content(&w);
    as_ods_styles(&parts[1]);
    as_ods_settings(&parts[2], b);
    as_ods_meta(&parts[3], b);
    as_ods_manifest(&parts[4]);
    for (size_t i = 0; i < PARTS; i++) {
        failed = failed || parts[i].failed;
    }
    as_code code = failed ? as_fail_nomem(e) : pack(parts, out, e);
    for (size_t i = 0; i < PARTS; i++) {
        as_buf_free(&parts[i]);
    }
    as_buf_free(&w.cell);
    return code;
}
