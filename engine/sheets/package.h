/* package.h: XLSX and ODS are zip files of XML parts. Private to sheets/.
 *
 * A part is unpacked and parsed piece by piece and never held whole. Bounded are the number of
 * parts, what one unpacks to, its ratio, and the depth of elements. A document type is refused:
 * no spreadsheet has one, and entities are how small XML becomes large. */
#ifndef AS_SHEETS_PACKAGE_H
#define AS_SHEETS_PACKAGE_H

#include "sheets/sheets.h"

#include <zip.h>

typedef struct as_package {
    zip_t *zip;
    const char *path;
} as_package;

as_code as_package_open(as_package *p, const char *path, as_str bytes, as_err *e);
void as_package_close(as_package *p);
bool as_package_has(const as_package *p, const char *part);

typedef struct as_xml as_xml;

/* Names come without their namespace. What a handler finds wrong it says by as_xml_stop. */
typedef struct as_xml_handlers {
    void (*start)(as_xml *x, const char *name, const char **attributes);
    void (*end)(as_xml *x, const char *name);
    void (*text)(as_xml *x, as_str text); /* NULL: not wanted */
} as_xml_handlers;

struct as_xml {
    void *arg; /* the caller's */
    as_code code;
    as_err *e;
    const as_package *package;
    const char *part;
    const as_xml_handlers *on;
    void *parser;
    unsigned depth;
};

/* AS_EINPUT where the part is not there or is no XML. */
as_code as_package_parse(const as_package *p, const char *part, const as_xml_handlers *on,
                         void *arg, as_err *e);
/* Ends the parse with this code; x->e has been filled. */
void as_xml_stop(as_xml *x, as_code code);
/* The value of an attribute, or NULL. Those of LibreOffice's own extension do not count. */
const char *as_xml_attribute(const char **attributes, const char *name);

/* ---- texts: text.c ---- */

enum { AS_XLSX_ESCAPE = 7 };
/* _x000D_, by which XLSX says a control character, at the start of s: the ASCII character that
 * it stands for, or -1. */
int as_xlsx_escape(as_str s);

/* ---- rows: rows.c ---- */

typedef struct as_row_maker {
    const as_sheet_reader *reader;
    const char *path;
    as_arena *texts; /* of the present row */
    as_str *cells;
    size_t count, size;
    uint64_t total; /* cells of the file */
    as_sheet_row row;
} as_row_maker;

as_code as_row_maker_open(as_row_maker *m, const as_sheet_reader *reader, const char *path,
                          as_err *e);
void as_row_maker_close(as_row_maker *m);
/* A cell of the present row, column from 0; empty ones need not be said. */
as_code as_row_cell(as_row_maker *m, size_t column, as_str text, as_err *e);
/* Hands the row over `times` times, the number going up, and begins the next. */
as_code as_row_end(as_row_maker *m, uint64_t times, as_err *e);

/* ---- what both writers say and measure ---- */

enum { AS_NOTE_LABEL_WIDTH = 28, AS_NOTE_TEXT_WIDTH = 90 }; /* characters */
#define AS_NO_CHOICE_TITLE "Not one of the answers"
#define AS_NO_CHOICE_TEXT "Choose an answer from the list, or leave the cell empty."
#define AS_NO_DATE_TITLE "No date"
#define AS_NO_DATE_TEXT "Write a date, such as 2018-05-02, or leave the cell empty."
#define AS_ODS_TYPE "application/vnd.oasis.opendocument.spreadsheet"

/* ---- what an ODS has beside its cells: ods_parts.c ---- */

void as_xml_put(as_buf *out, as_str clean); /* escaped; valid text as as_sheet_text makes it */
/* The looks of cells and columns, and of the tables, as automatic styles of content.xml. */
void as_ods_looks(as_buf *out, const as_book *b);
/* What may be filled in; the column's is called v and its number. */
void as_ods_validations(as_buf *out, const as_book *b);
bool as_ods_validated(const as_sheet_column *c);
void as_ods_styles(as_buf *out);
void as_ods_settings(as_buf *out, const as_book *b); /* the header stays where it is */
void as_ods_meta(as_buf *out, const as_book *b);
void as_ods_manifest(as_buf *out);

/* ---- readers ---- */

as_code as_xlsx_read(const as_package *p, as_row_maker *m, as_err *e);
as_code as_ods_read(const as_package *p, as_row_maker *m, as_err *e);

#endif
