/* text.h: one value as bytes of one format. Everything appends to a buffer (whose `failed`
 * tells of want of memory).
 *
 * Data come from extracts, so any byte may be in them. Every function here writes valid UTF-8:
 * a byte that is none becomes U+FFFD. */
#ifndef AS_REPORTS_TEXT_H
#define AS_REPORTS_TEXT_H

#include "reports/report.h"

/* ---- JSON ---- */

void as_json_str(as_buf *b, as_str s);         /* in quotes; control characters escaped */
void as_json_str_or_null(as_buf *b, as_str s); /* null where s is empty */
void as_json_num(as_buf *b,
                 double x); /* whole numbers without a fraction; null for no number */

/* ---- CSV ---- */

/* One cell by RFC 4180. A cell that a spreadsheet would take for a formula gets an apostrophe.
 */
void as_csv_cell(as_buf *b, as_str s);

/* ---- text for people ---- */

void as_text_utf8(as_buf *b, as_str s); /* as it is, but valid */
/* For a terminal: control characters, invisible and direction-changing ones are shown, not
 * sent. `prose`: line breaks and tabs are blanks (texts of rule authors) instead of \n and \t
 * (data). */
void as_text_visible(as_buf *b, as_str s, bool prose);
void as_text_html(as_buf *b,
                  as_str s); /* text and attributes of HTML and XML; no control characters */
void as_text_markdown(as_buf *b, as_str s); /* no markup, no line break, no cell end */
/* GitHub's workflow commands: the message, or (`property`) a value before the `::`. */
void as_text_github(as_buf *b, as_str s, bool property);
void as_text_number(as_buf *b, double x); /* 11,664 · −157 · 3.5; "unknown" for no number */
void as_text_move(as_buf *b, const as_doc_move *m); /* "Providers, Home: 2,145 → 2,144" */

/* Columns that a terminal gives s (valid UTF-8 without control characters). */
size_t as_text_width(as_str s);
/* The longest start of s that fits `width` columns and ends at a blank (or anywhere where a
 * single word is too long; at least one character). *rest is what follows, without the blank.
 */
as_str as_text_line(as_str s, size_t width, as_str *rest);

#endif
