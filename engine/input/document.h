/* document.h: a plain-text or Markdown document of a release, whole and as UTF-8. Documents are
 * data as extracts are: read with a cap, their digest among the run's inputs. */
#ifndef AS_INPUT_DOCUMENT_H
#define AS_INPUT_DOCUMENT_H

#include "base/blake3.h"
#include "table/schema.h"

typedef struct as_document {
    as_str name;                 /* in release.yaml */
    as_str path;                 /* as the user wrote it */
    as_str text;                 /* valid UTF-8 without a byte order mark and without NUL */
    as_str encoding;             /* what it was read as: "utf-8 document" */
    uint64_t bytes, lines;       /* of the file */
    char digest[AS_BLAKE3_TEXT]; /* of its bytes */
} as_document;

typedef struct as_documents {
    const as_document *const *items;
    size_t count;
} as_documents;
const as_document *as_documents_find(as_documents d, as_str name); /* NULL: not there */

/* *out lives in `a`. AS_EIO, AS_EINPUT, AS_EBUDGET: *e says what is wrong, where, and what to
 * do. */
as_code as_document_load(const as_document **out, as_str name, const as_source *source,
                         as_arena *a, as_err *e);
/* A document from a text at hand, which is borrowed: a rule's own test. */
as_code as_document_make(const as_document **out, as_str name, as_str path, as_str text,
                         as_arena *a, as_err *e);

#endif
