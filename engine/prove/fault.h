/* fault.h: private to prove/. What a kind of fault is: one function that says how a record
 * would look with it, and one line in faults.def. A kind knows schemas and values, never rules:
 * what is planted does not depend on what somebody thought of checking.
 *
 * Life of one: fits (once for each field or table) → make (for one record after the other,
 * until it says yes) → plant.c keeps the change → try.c makes it in a copy of the table. */
#ifndef AS_PROVE_FAULT_H
#define AS_PROVE_FAULT_H

#include "prove/prove.h"
#include "table/edit.h"

/* Numbers by chance that are the same on every machine (SplitMix64). */
typedef struct as_dice {
    uint64_t state;
} as_dice;
uint64_t as_dice_next(as_dice *d);
uint32_t as_dice_below(as_dice *d, uint32_t n); /* 0 where n is 0 */

/* The records of one table in which faults are planted: those of which the release as it is has
 * no error and no warning, sorted by stratum (the value of the first field of a code list), so
 * that rare sorts of record get their share. */
typedef struct as_stratum {
    const uint32_t *rows; /* ascending */
    uint32_t count;
} as_stratum;
typedef struct as_bed {
    const as_table *table;
    as_stratum *strata;
    uint32_t stratum_count;
    uint32_t clean; /* records in all strata */
} as_bed;
/* The k-th of the clean records, k < clean. */
uint32_t as_bed_row(const as_bed *b, uint32_t k);

typedef struct as_site {
    const as_project *project;
    const as_bed *beds; /* one for each table of the release */
    size_t bed_count;
    const as_bed *bed;
    const as_table *table;
    uint32_t field; /* CELL and COLUMN */
    uint32_t row, stratum;
    uint32_t partner;     /* fits may keep another field here for make, */
    const bool *prepared; /* or one answer for each stratum */
    as_dice dice;
    as_arena *arena; /* of the proof: what a change keeps */
    as_buf *tmp, *tmp2;
} as_site;

typedef enum as_change_op {
    AS_CHANGE_CELLS,
    AS_CHANGE_CLONE, /* `row` once more; the cells are those of the new record */
    AS_CHANGE_DROP,
    AS_CHANGE_KEEP, /* the first `row` records */
    AS_CHANGE_DROP_COLUMN,
    AS_CHANGE_SHIFT_COLUMN,
    AS_CHANGE_CUT_ROW /* before `field` */
} as_change_op;

#define AS_CHANGE_CELLS_MAX 4
typedef struct as_cell_change {
    uint32_t row, field; /* of a CLONE the row means nothing */
    as_str raw;          /* .ptr NULL: emptied */
    as_date date;        /* instead of raw where it is a day */
} as_cell_change;
typedef struct as_change {
    as_change_op op;
    uint32_t row, field;
    as_cell_change cells[AS_CHANGE_CELLS_MAX];
    size_t cell_count;
} as_change;

struct as_fault_kind {
    const char *name, *family;
    const char *text; /* "a value is missing" */
    as_fault_level level;
    bool (*fits)(as_site *s); /* NULL: everywhere */
    /* False: there is nothing to change at this record (or no memory: the arena gave none). */
    bool (*make)(as_site *s, as_change *out);
};

/* ---- for the kinds ---- */

static inline const as_field *as_site_field(const as_site *s)
{
    return &s->table->schema->fields[s->field];
}
static inline const as_column *as_site_column(const as_site *s)
{
    return &s->table->columns[s->field];
}
/* The value of the site's record; AS_NONE for null. Dies at the next use of `tmp`. */
as_str as_site_value(as_site *s, uint32_t field, as_buf *tmp);
/* The cell of the site becomes `raw` (copied); false where it is that already, or for want of
 * memory. */
bool as_site_text(as_site *s, as_change *out, as_str raw);
bool as_site_date(as_site *s, as_change *out, as_date d);
/* The cell of `to` becomes what that of `from` is; false as above. */
bool as_site_copy(as_site *s, as_change *out, uint32_t from, uint32_t to);
/* The text with one letter or digit replaced by another of its sort; false: it has none. */
bool as_site_typo(as_site *s, as_str text, as_buf *out);
/* Does any record hold this value? */
bool as_site_holds(as_site *s, const as_table *t, uint32_t field, as_str value);
/* A field of text in the key, the last one; AS_NO_FIELD: none. */
uint32_t as_site_key_field(const as_site *s);

#endif
