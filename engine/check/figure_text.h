/* figure_text.h: a document as its sentences are compared: every run of white space one blank,
 * typographic apostrophes, quotes and dashes as ASCII, and without what is no text: Markdown
 * emphasis, link targets, comments, footnote references, bookmarks and pictures. Case is kept.
 *
 * Every byte knows where in the document it came from. Immutable once made; threads share it.
 */
#ifndef AS_CHECK_FIGURE_TEXT_H
#define AS_CHECK_FIGURE_TEXT_H

#include "base/arena.h"
#include "base/err.h"
#include "input/document.h"

typedef struct as_figure_text {
    as_str text;
    const uint32_t *from;  /* byte of the document for each byte of text, and one for the end */
    const uint32_t *lines; /* where in `text` each line of the document begins */
    size_t line_count;
    uint64_t markup; /* numbers in what was left out */
    const as_document *document;
    const struct as_figure_mark *marks; /* every so many bytes, a line and column */
} as_figure_text;

as_code as_figure_text_make(as_figure_text *out, const as_document *d, as_arena *a, as_err *e);

/* A piece of a quote, folded the same way; a blank at either end is kept as one blank. .ptr
 * NULL: out of memory. */
as_str as_figure_fold(as_str piece, as_arena *a);

/* Line and column, in characters from 1, of a byte of `text`. */
void as_figure_place(const as_figure_text *t, size_t at, uint32_t *line, uint32_t *column);

#endif
