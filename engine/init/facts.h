/* facts.h: what stands in the cells of one column, of one or more files, taken as text. Inside
 * init/ only.
 *
 * All values count, not a sample. Facts do not depend on the order in which values come: where
 * a list of spellings, shapes or forms would grow too long, all of it is given up and said
 * (many, shapeless), not its end. */
#ifndef AS_INIT_FACTS_H
#define AS_INIT_FACTS_H

#include "table/table.h"

#define AS_FACTS_SPELLINGS 1024 /* distinct values that are kept */
#define AS_FACTS_SHAPES 64
#define AS_FACTS_SHAPE_MAX 24 /* longer values have no shape */
#define AS_FACTS_MASKS 256
#define AS_FACTS_ODD 3

typedef struct as_spelling {
    as_str text; /* trimmed */
    uint64_t count;
} as_spelling;

typedef struct as_facts {
    as_arena *arena; /* of its own: columns are looked at by several threads */
    bool failed;     /* out of memory */
    uint64_t rows, blank;

    uint64_t *tokens; /* per line of as_tokens */

    /* Each value that is neither blank nor a token is a number, else a date, else text. */
    uint64_t numbers, dates, texts;

    uint64_t whole, leading_zero, long_digits, negative;
    uint64_t percent, pound, noted; /* numbers after "%", "£", "[note]" went */
    uint64_t dates_noted;

    /* Which date formats (bits of as_date_forms) a value has: also values that are numbers. */
    struct {
        uint32_t mask;
        uint64_t count;
    } masks[AS_FACTS_MASKS];
    size_t mask_count;

    as_spelling *spellings; /* unordered slots while counting; sorted by as_facts_end */
    size_t spelling_count;
    bool many; /* more than AS_FACTS_SPELLINGS, or long ones: none are kept */

    as_spelling *shapes; /* "AA999999": letters and digits; anything else as it is */
    size_t shape_count;
    bool shapeless;

    uint64_t postcodes, emails, redacted, decimal_commas;
    size_t shortest, longest; /* bytes */
    as_str odd[AS_FACTS_ODD]; /* the first texts in byte order, of at most 60 bytes */
    size_t odd_count;
} as_facts;

/* A text that stands for "no value". strong: in any column; else only where the other values
 * are numbers or dates. */
typedef struct as_token {
    const char *text;
    bool strong;
} as_token;
extern const as_token as_tokens[];
extern const size_t as_token_count;

/* What `postcodes` counts. */
#define AS_POSTCODE "[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}"

#define AS_REDACTED "REDACTED" /* what publishers write over what they hide */

extern const as_str as_date_forms[]; /* preferred first */
extern const size_t as_date_form_count;
#define AS_FORM_DMY 0
#define AS_FORM_MDY 1

as_code as_facts_open(as_facts *f, as_err *e);
void as_facts_close(as_facts *f);
/* Add a column of a table that was read as text. */
void as_facts_add(as_facts *f, const as_table *t, const as_column *c);
/* Sorts; call once, after the last as_facts_add. AS_ENOMEM where something failed. */
as_code as_facts_end(as_facts *f, as_err *e);

/* Is it on as_tokens? Index or SIZE_MAX. */
size_t as_token_find(as_str text);

#endif
