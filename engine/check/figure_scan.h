/* figure_scan.h: every number in a document, and which of them are figures: a date, a year, the
 * number of a chart or a web address is none. Documented in docs/checks/figures.md. */
#ifndef AS_CHECK_FIGURE_SCAN_H
#define AS_CHECK_FIGURE_SCAN_H

#include "base/regex.h"
#include "check/figure_number.h"
#include "check/figure_text.h"

typedef enum as_figure_class {
    AS_FIGURE_COUNTED, /* a figure */
    AS_FIGURE_DATE,    /* 31 March 2017, March 2017, 2017-03-31, 31/03/2017 */
    AS_FIGURE_YEAR,    /* 2017, 2016-17, 2013-2015 */
    AS_FIGURE_LABEL,   /* Chart 3, [p.4], [3: …], 1. at the beginning of a line */
    AS_FIGURE_CODE,    /* SC049, 1.2.3, 0300 */
    AS_FIGURE_LINK,    /* numbers in web and mail addresses */
    AS_FIGURE_ORDINAL, /* 25th, twenty-fifth */
    AS_FIGURE_ONE,     /* the word "one" alone */
    AS_FIGURE_IGNORED, /* within a match of `ignore` */
    AS_FIGURE_CLASSES
} as_figure_class;

/* "dates", "years", … for the sentence that counts them. */
const char *as_figure_class_name(as_figure_class c, size_t count);

typedef struct as_figure_found {
    as_figure figure;
    as_figure_class class;
} as_figure_found;

typedef struct as_figures_found {
    as_figure_found *items; /* ascending */
    size_t count;
} as_figures_found;

/* AS_EBUDGET: more than AS_FIGURES_MAX numbers. */
as_code as_figures_scan(as_figures_found *out, const as_figure_text *t, as_arena *a, as_err *e);
/* Numbers within a match of the pattern become AS_FIGURE_IGNORED. A match lies on one line;
 * lines over 4 KiB are looked at in pieces. AS_EBUDGET: the pattern ran away. */
as_code as_figures_ignore(as_figures_found *all, const as_figure_text *t, const as_regex *r,
                          as_span at, as_err *e);
/* Index of the first number that ends behind byte `at`; count where there is none. */
size_t as_figures_at(const as_figures_found *all, size_t at);

#endif
