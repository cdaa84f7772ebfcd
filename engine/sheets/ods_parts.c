/* ods_parts.c: what an OpenDocument spreadsheet has beside its cells: looks, validations, page,
 * the place of the frozen header, meta data. The names of the styles are those that ods_write.c
 * gives to cells. */
#include "base/limits.h"
#include "sheets/package.h"

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define FO "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"
#define NS "urn:oasis:names:tc:opendocument:xmlns:"

static void add(as_buf *out, const char *text)
{
    as_buf_add(out, as_str_from(text));
}

void as_xml_put(as_buf *out, as_str clean)
{
    size_t from = 0;
    for (size_t i = 0; i < clean.len; i++) {
        const char *to = clean.ptr[i] == '&'   ? "&amp;"
                         : clean.ptr[i] == '<' ? "&lt;"
                         : clean.ptr[i] == '>' ? "&gt;"
                         : clean.ptr[i] == '"' ? "&quot;"
                                               : NULL;
        if (to) {
            as_buf_add(out, as_str_sub(clean, from, i - from));
            add(out, to);
            from = i + 1;
        }
    }
    as_buf_add(out, as_str_sub(clean, from, clean.len));
}

/* ---- looks ---- */

static void cell_look(as_buf *out, const char *name, const char *data, const char *cell,
                      const char *text)
{
    as_buf_addf(out,
                "<style:style style:name=\"%s\" style:family=\"table-cell\" "
                "style:parent-style-name=\"Default\"%s><style:table-cell-properties "
                "style:vertical-align=\"top\" fo:wrap-option=\"wrap\" fo:padding=\"0.05cm\" "
                "fo:padding-bottom=\"0.2cm\" %s/>"
                "<style:text-properties %s/></style:style>\n",
                name, data, cell, text);
}

#define AS_TEXT " style:data-style-name=\"Ntext\""
#define AS_DAY " style:data-style-name=\"Nday\""
#define BORDER "fo:border=\"0.05pt solid #bfbfbf\" "
#define FIXED "style:cell-protect=\"protected\" "
#define OPEN "style:cell-protect=\"none\" fo:background-color=\"#fff9e5\" " BORDER
#define BOLD "fo:font-weight=\"bold\""

void as_ods_looks(as_buf *out, const as_book *b)
{
    add(out, "<number:date-style style:name=\"Nday\"><number:year number:style=\"long\"/>"
             "<number:text>-</number:text><number:month number:style=\"long\"/><number:text>-"
             "</number:text><number:day number:style=\"long\"/></number:date-style>\n"
             "<number:text-style style:name=\"Ntext\"><number:text-content/>"
             "</number:text-style>\n"
             "<style:style style:name=\"ta\" style:family=\"table\" "
             "style:master-page-name=\"Default\"><style:table-properties "
             "table:display=\"true\"/></style:style>\n"
             "<style:style style:name=\"ro\" style:family=\"table-row\">"
             "<style:table-row-properties style:use-optimal-row-height=\"true\"/>"
             "</style:style>\n");
    cell_look(out, "head", AS_TEXT, FIXED BORDER "fo:background-color=\"#d9e2ec\"", BOLD);
    cell_look(out, "headopen", AS_TEXT, FIXED BORDER "fo:background-color=\"#ffe699\"", BOLD);
    cell_look(out, "text", AS_TEXT, FIXED BORDER, "");
    cell_look(out, "note", AS_TEXT, FIXED, "");
    cell_look(out, "textopen", AS_TEXT, OPEN, "");
    cell_look(out, "day", AS_DAY, FIXED BORDER, "");
    cell_look(out, "dayopen", AS_DAY, OPEN, "");
    cell_look(out, "number", "", FIXED BORDER, "");
    cell_look(out, "label", AS_TEXT, FIXED, BOLD);
    cell_look(out, "title", AS_TEXT, FIXED, BOLD " fo:font-size=\"14pt\"");
    for (size_t i = 0; i < b->column_count + 2; i++) { /* the last two: of the notes */
        unsigned width = i < b->column_count    ? b->columns[i].width
                         : i == b->column_count ? AS_NOTE_LABEL_WIDTH
                                                : AS_NOTE_TEXT_WIDTH;
        as_buf_addf(out,
                    "<style:style style:name=\"co%zu\" style:family=\"table-column\">"
                    "<style:table-column-properties style:column-width=\"%u.%ucm\"/>"
                    "</style:style>\n",
                    i, width / 5, width % 5 * 2); /* 2 mm a character */
    }
}

/* ---- validations ---- */

bool as_ods_validated(const as_sheet_column *c)
{
    return c->choices || (c->open && c->kind == AS_SHEET_DATE);
}

static void condition(as_buf *out, const as_sheet_column *c)
{
    if (!c->choices) { /* 1990 to 2199, in days */
        add(out, "of:cell-content-is-date() and cell-content-is-between(32874,109574)");
        return;
    }
    add(out, "of:cell-content-is-in-list(");
    for (size_t i = 0; c->choices[i]; i++) {
        as_buf_addf(out, "%s&quot;%s&quot;", i ? ";" : "", c->choices[i]);
    }
    add(out, ")");
}

void as_ods_validations(as_buf *out, const as_book *b)
{
    add(out, "<table:content-validations>\n");
    for (size_t i = 0; i < b->column_count; i++) {
        const as_sheet_column *c = &b->columns[i];
        if (!as_ods_validated(c)) {
            continue;
        }
        as_buf_addf(out, "<table:content-validation table:name=\"v%zu\" table:condition=\"", i);
        condition(out, c);
        as_buf_addf(out,
                    "\" table:allow-empty-cell=\"true\" table:display-list=\"unsorted\">"
                    "<table:help-message table:title=\"%s\" table:display=\"true\"><text:p>",
                    c->header);
        as_xml_put(out, as_str_from(c->prompt));
        as_buf_addf(out,
                    "</text:p></table:help-message><table:error-message table:title=\"%s\" "
                    "table:message-type=\"stop\" table:display=\"true\"><text:p>%s</text:p>"
                    "</table:error-message></table:content-validation>\n",
                    c->choices ? AS_NO_CHOICE_TITLE : AS_NO_DATE_TITLE,
                    c->choices ? AS_NO_CHOICE_TEXT : AS_NO_DATE_TEXT);
    }
    add(out, "</table:content-validations>\n");
}

/* ---- the other parts ---- */

void as_ods_styles(as_buf *out)
{
    add(out, HEAD
        "<office:document-styles xmlns:office=\"" NS "office:1.0\" xmlns:style=\"" NS
        "style:1.0\" xmlns:fo=\"" FO "\" office:version=\"1.2\">\n<office:styles>"
        "<style:style style:name=\"Default\" style:family=\"table-cell\"/></office:styles>\n"
        "<office:automatic-styles><style:page-layout style:name=\"page\">"
        "<style:page-layout-properties fo:page-width=\"29.7cm\" fo:page-height=\"21cm\" "
        "style:print-orientation=\"landscape\" fo:margin=\"1.5cm\" style:scale-to-X=\"1\" "
        "style:scale-to-Y=\"0\"/></style:page-layout></office:automatic-styles>\n"
        "<office:master-styles><style:master-page style:name=\"Default\" "
        "style:page-layout-name=\"page\"/></office:master-styles>\n"
        "</office:document-styles>\n");
}

static void frozen(as_buf *out, as_str sheet)
{
    static const struct {
        const char *name, *type, *value;
    } items[] = {{"HorizontalSplitMode", "short", "2"},   {"VerticalSplitMode", "short", "2"},
                 {"HorizontalSplitPosition", "int", "1"}, {"VerticalSplitPosition", "int", "1"},
                 {"ActiveSplitRange", "short", "3"},      {"PositionLeft", "int", "0"},
                 {"PositionRight", "int", "1"},           {"PositionTop", "int", "0"},
                 {"PositionBottom", "int", "1"}};
    add(out, "<config:config-item-map-entry config:name=\"");
    as_xml_put(out, sheet);
    add(out, "\">");
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        as_buf_addf(out,
                    "<config:config-item config:name=\"%s\" config:type=\"%s\">%s"
                    "</config:config-item>",
                    items[i].name, items[i].type, items[i].value);
    }
    add(out, "</config:config-item-map-entry>\n");
}

void as_ods_settings(as_buf *out, const as_book *b)
{
    add(out,
        HEAD "<office:document-settings xmlns:office=\"" NS "office:1.0\" xmlns:config=\"" NS
             "config:1.0\" xmlns:ooo=\"http://openoffice.org/2004/office\" "
             "office:version=\"1.2\">"
             "<office:settings><config:config-item-set config:name=\"ooo:view-settings\">"
             "<config:config-item-map-indexed config:name=\"Views\">"
             "<config:config-item-map-entry><config:config-item config:name=\"ViewId\" "
             "config:type=\"string\">view1</config:config-item>"
             "<config:config-item-map-named config:name=\"Tables\">\n");
    for (size_t i = 0; i < b->sheet_count; i++) {
        frozen(out, b->sheets[i].name);
    }
    add(out, "</config:config-item-map-named></config:config-item-map-entry>"
             "</config:config-item-map-indexed></config:config-item-set></office:settings>"
             "</office:document-settings>\n");
}

void as_ods_meta(as_buf *out, const as_book *b)
{
    as_buf title = AS_BUF(AS_MIB);
    bool cut;
    as_sheet_text(&title, b->title, &cut);
    add(out, HEAD "<office:document-meta xmlns:office=\"" NS "office:1.0\" xmlns:meta=\"" NS
                  "meta:1.0\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
                  "office:version=\"1.2\"><office:meta><meta:generator>assay</meta:generator>"
                  "<dc:title>");
    as_xml_put(out, as_buf_str(&title));
    add(out, "</dc:title><meta:creation-date>");
    as_xml_put(out, b->created);
    add(out, "</meta:creation-date></office:meta></office:document-meta>\n");
    out->failed = out->failed || title.failed;
    as_buf_free(&title);
}

void as_ods_manifest(as_buf *out)
{
    static const char *const parts[] = {"content.xml", "styles.xml", "settings.xml",
                                        "meta.xml"};
    as_buf_addf(out,
                HEAD "<manifest:manifest xmlns:manifest=\"" NS
                     "manifest:1.0\" manifest:version=\"1.2\">\n<manifest:file-entry "
                     "manifest:full-path=\"/\" manifest:version=\"1.2\" "
                     "manifest:media-type=\"%s\"/>\n",
                AS_ODS_TYPE);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        as_buf_addf(out,
                    "<manifest:file-entry manifest:full-path=\"%s\" "
                    "manifest:media-type=\"text/xml\"/>\n",
                    parts[i]);
    }
    add(out, "</manifest:manifest>\n");
}
