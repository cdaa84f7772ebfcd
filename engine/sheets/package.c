/* package.c: parts of a zip file, as XML. See package.h. */
#include "sheets/package.h"
#include "base/limits.h"

#include <expat.h>
#include <stdio.h>

enum { PIECE = 64 * 1024 };

static as_code damaged(const char *path, const char *part, const char *what, as_err *e)
{
    return as_fail(e, AS_EINPUT, (as_span){path, 0, 0},
                   "%s%sthe spreadsheet is damaged (%s): open it, save it again, and send that",
                   part ? part : "", part ? ": " : "", what);
}

/* ---- the package ---- */

as_code as_package_open(as_package *p, const char *path, as_str bytes, as_err *e)
{
    zip_error_t error;
    *p = (as_package){NULL, path};
    if (bytes.len > AS_SHEET_FILE_MAX) {
        return as_fail(e, AS_EBUDGET, (as_span){path, 0, 0},
                       "a spreadsheet of more than %zu MiB (AS_SHEET_FILE_MAX)",
                       AS_SHEET_FILE_MAX / AS_MIB);
    }
    zip_error_init(&error);
    zip_source_t *source = zip_source_buffer_create(bytes.ptr, bytes.len, 0, &error);
    p->zip = source ? zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error) : NULL;
    as_code code = AS_OK;
    if (!p->zip) {
        code = damaged(path, NULL, zip_error_strerror(&error), e);
        zip_source_free(source);
    } else if (zip_get_num_entries(p->zip, 0) > AS_SHEET_ENTRIES_MAX) {
        code = as_fail(e, AS_EBUDGET, (as_span){path, 0, 0},
                       "more than %d parts (AS_SHEET_ENTRIES_MAX): this is no spreadsheet",
                       AS_SHEET_ENTRIES_MAX);
    }
    zip_error_fini(&error);
    return code;
}

void as_package_close(as_package *p)
{
    if (p->zip) {
        zip_discard(p->zip);
    }
    p->zip = NULL;
}

bool as_package_has(const as_package *p, const char *part)
{
    return zip_name_locate(p->zip, part, 0) >= 0;
}

/* ---- XML ---- */

void as_xml_stop(as_xml *x, as_code code)
{
    if (x->code == AS_OK) {
        x->code = code;
    }
    XML_StopParser(x->parser, XML_FALSE);
}

static const char *local(const char *name)
{
    const char *bar = strrchr(name, '|');
    return bar ? bar + 1 : name;
}

const char *as_xml_attribute(const char **attributes, const char *name)
{
    for (; *attributes; attributes += 2) {
        if (strcmp(local(attributes[0]), name) == 0 && !strstr(attributes[0], "calcext")) {
            return attributes[1];
        }
    }
    return NULL;
}

static void on_start(void *arg, const char *name, const char **attributes)
{
    as_xml *x = arg;
    if (++x->depth > AS_XML_DEPTH_MAX) {
        as_xml_stop(x, as_fail(x->e, AS_EBUDGET, (as_span){x->package->path, 0, 0},
                               "%s: elements more than %d deep (AS_XML_DEPTH_MAX)", x->part,
                               AS_XML_DEPTH_MAX));
    } else if (x->code == AS_OK) {
        x->on->start(x, local(name), attributes);
    }
}

static void on_end(void *arg, const char *name)
{
    as_xml *x = arg;
    x->depth--;
    if (x->code == AS_OK) {
        x->on->end(x, local(name));
    }
}

static void on_text(void *arg, const char *text, int len)
{
    as_xml *x = arg;
    if (x->code == AS_OK) {
        x->on->text(x, (as_str){text, (size_t)len});
    }
}

static void on_doctype(void *arg, const char *name, const char *system, const char *public,
                       int internal)
{
    as_xml *x = arg;
    (void)name;
    (void)system;
    (void)public;
    (void)internal;
    as_xml_stop(x, as_fail(x->e, AS_EINPUT, (as_span){x->package->path, 0, 0},
                           "%s: a document type is declared, which no spreadsheet needs: the "
                           "file is not read",
                           x->part));
}

static as_code not_xml(as_xml *x, XML_Parser parser)
{
    char what[160];
    if (XML_GetErrorCode(parser) == XML_ERROR_NO_MEMORY) {
        return as_fail_nomem(x->e);
    }
    snprintf(what, sizeof what, "line %lu: %s", (unsigned long)XML_GetCurrentLineNumber(parser),
             XML_ErrorString(XML_GetErrorCode(parser)));
    return damaged(x->package->path, x->part, what, x->e);
}

/* What a part may unpack to, by its size in the package. */
static as_code within(const as_xml *x, uint64_t packed, uint64_t unpacked)
{
    as_span at = {x->package->path, 0, 0};
    if (unpacked > AS_SHEET_PART_MAX) {
        return as_fail(x->e, AS_EBUDGET, at,
                       "%s unpacks to more than %zu MiB "
                       "(AS_SHEET_PART_MAX)",
                       x->part, AS_SHEET_PART_MAX / AS_MIB);
    }
    if (unpacked > AS_SHEET_RATIO_FROM && unpacked / AS_SHEET_RATIO_MAX > packed) {
        return as_fail(x->e, AS_EBUDGET, at,
                       "%s unpacks to more than %d times its size (AS_SHEET_RATIO_MAX): no "
                       "list of records does",
                       x->part, AS_SHEET_RATIO_MAX);
    }
    return AS_OK;
}

static as_code feed(as_xml *x, XML_Parser parser, zip_file_t *file, uint64_t packed)
{
    uint64_t unpacked = 0;
    for (;;) {
        void *piece = XML_GetBuffer(parser, PIECE);
        if (!piece) {
            return as_fail_nomem(x->e);
        }
        zip_int64_t n = zip_fread(file, piece, PIECE);
        if (n < 0) {
            return damaged(x->package->path, x->part, zip_file_strerror(file), x->e);
        }
        unpacked += (uint64_t)n;
        as_code code = within(x, packed, unpacked);
        if (code != AS_OK) {
            return code;
        }
        if (XML_ParseBuffer(parser, (int)n, n == 0) != XML_STATUS_OK) {
            return x->code != AS_OK ? x->code : not_xml(x, parser);
        }
        if (n == 0 || x->code != AS_OK) {
            return x->code;
        }
    }
}

static as_code parse_file(as_xml *x, zip_file_t *file, uint64_t packed)
{
    XML_Parser parser = XML_ParserCreateNS(NULL, '|');
    if (!parser) {
        return as_fail_nomem(x->e);
    }
    x->parser = parser;
    XML_SetUserData(parser, x);
    XML_SetElementHandler(parser, on_start, on_end);
    XML_SetStartDoctypeDeclHandler(parser, on_doctype);
    if (x->on->text) {
        XML_SetCharacterDataHandler(parser, on_text);
    }
    as_code code = feed(x, parser, file, packed);
    XML_ParserFree(parser);
    return code;
}

as_code as_package_parse(const as_package *p, const char *part, const as_xml_handlers *on,
                         void *arg, as_err *e)
{
    zip_stat_t stat;
    as_xml x = {.arg = arg, .e = e, .package = p, .part = part, .on = on};
    if (zip_stat(p->zip, part, 0, &stat) != 0) {
        return damaged(p->path, part, "it is missing", e);
    }
    if (!(stat.valid & ZIP_STAT_COMP_SIZE)) {
        return damaged(p->path, part, "its size is not known", e);
    }
    zip_file_t *file = zip_fopen(p->zip, part, 0);
    if (!file) {
        return damaged(p->path, part, zip_strerror(p->zip), e);
    }
    as_code code = parse_file(&x, file, stat.comp_size);
    zip_fclose(file);
    return code;
}
