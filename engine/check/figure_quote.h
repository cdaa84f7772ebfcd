/* figure_quote.h: a sentence of a document with {} where its numbers stand.
 *
 * `{}` is any number, `{a}` one with a name, `{_}` one that is not looked at. Everything else
 * must stand in the document as it does in the quote, but for white space, typography and
 * markup (figure_text.h). */
#ifndef AS_CHECK_FIGURE_QUOTE_H
#define AS_CHECK_FIGURE_QUOTE_H

#include "check/figure_scan.h"

#define AS_QUOTE_FIGURES_MAX 32

typedef struct as_quote {
    as_str written;
    as_span at;
    as_str *pieces; /* count + 1 folded texts: before, between and behind the numbers */
    as_str *names;  /* count; "" for {}, "_" for {_} */
    size_t count;
} as_quote;

/* AS_ERULE: not a quote; e->text says why. */
as_code as_quote_parse(as_quote *out, as_str written, as_span at, as_arena *a, as_err *e);

typedef struct as_quote_match {
    size_t begin, end; /* bytes of the folded text */
    as_figure figures[AS_QUOTE_FIGURES_MAX];
} as_quote_match;

/* The first place at or behind `from`. False: none; then *stop (which begins as 0) is the place
 * furthest into the quote at which it stopped to agree, and *piece what should follow there.
 * Both stay where the quote's beginning is nowhere. */
bool as_quote_find(const as_quote *q, const as_figure_text *t, const as_figures_found *all,
                   size_t from, as_quote_match *out, size_t *stop, as_str *piece);

#endif
