/* figure_number.h: numbers as a text writes them: "2,145", "3.5%", "Thirty-seven", "two
 * thirds". Works on folded text (figure_text.h): plain blanks, quotes and hyphens. */
#ifndef AS_CHECK_FIGURE_NUMBER_H
#define AS_CHECK_FIGURE_NUMBER_H

#include "base/buf.h"

typedef enum as_figure_form {
    AS_FIGURE_DIGITS,
    AS_FIGURE_WORDS,   /* zero to millions */
    AS_FIGURE_FRACTION /* half, a third, two-thirds, … nine tenths */
} as_figure_form;

typedef struct as_figure {
    size_t begin, end; /* bytes of the text; a % sign that follows is not in it */
    as_figure_form form;
    double value;      /* of a fraction 0.25; of "20%" 20 */
    unsigned decimals; /* digits behind the point */
} as_figure;

/* Part of a word, as far as numbers in it are concerned: ASCII letters, and every byte of a
 * longer character but the signs of U+0080 to U+00BF and U+2000 to U+2FFF. */
static inline bool as_figure_letter(char c)
{
    unsigned char u = (unsigned char)c;
    return (u >= 'a' && u <= 'z') || (u >= 'A' && u <= 'Z') ||
           (u >= 0x80 && u != 0xc2 && u != 0xe2);
}

/* The longest number that begins exactly at `at`; false: none does. Whether it is part of a
 * longer word is for the caller to see. */
bool as_figure_read(as_str text, size_t at, as_figure *out);
/* The same without fractions: of "two thirds" the 2. */
bool as_figure_read_whole(as_str text, size_t at, as_figure *out);

/* x with so many decimals. A half goes away from zero, and what counts is x as it is written
 * with 15 significant digits: 2.675, which binary fractions hold as 2.67499…, gives 2.68. */
double as_figure_round(double x, unsigned decimals);
/* x to so many decimals with thousands separators; NaN: "unknown". Appends. */
void as_figure_say(as_buf *out, double x, unsigned decimals);

/* Is there a whole number n from 0 to total (a positive whole number) with 100 * n / total
 * rounding to `shown`? */
bool as_figure_share_of(double shown, unsigned decimals, double total);
/* Is there a whole number n, at least `part`, with 100 * part / n rounding to `shown`? */
bool as_figure_share_with(double shown, unsigned decimals, double part);

#endif
