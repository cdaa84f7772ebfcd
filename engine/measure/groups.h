/* groups.h: which group each record of a table is in. Private to measure/ and to the checks on
 * figures.
 *
 * A group is a combination of the values of up to AS_KEY_FIELDS_MAX fields; null is a value of
 * its own here. Two values are one where rules see the same value: dictionary columns by their
 * `canon`, numbers and dates by value, long text by its bytes.
 *
 * Order: as_group_by_make once (immutable, threads share it); then one as_group_set for each
 * thread that walks the table (as_group_block), and one into which the others are put together
 * in chunk order (as_group_add). Ids count from 0 in the order of first sight: they are never
 * shown, and never sorted by. */
#ifndef AS_MEASURE_GROUPS_H
#define AS_MEASURE_GROUPS_H

#include "table/table.h"

/* Combinations up to which a plain array finds the group; half as many as there are rows in a
 * large table. */
#define AS_GROUP_CELLS_MIN 65536u

typedef struct as_group_column {
    const as_column *column;
    const uint32_t *canon; /* dictionary code -> canon; NULL: every code is its own */
    uint32_t radix;        /* dictionary columns: number of codes */
    as_key key;            /* this field alone, to compare long text */
} as_group_column;

typedef struct as_group_by {
    const as_table *table;
    as_group_column columns[AS_KEY_FIELDS_MAX];
    size_t count;
    uint32_t cells; /* product of the radixes where a plain array does; 0: hashing */
} as_group_by;

/* Lives in `a`. fields are indexes of the table's schema, at most AS_KEY_FIELDS_MAX. */
as_code as_group_by_make(as_group_by **out, const as_table *t, const uint32_t *fields,
                         size_t count, as_arena *a, as_err *e);

typedef struct as_group_set {
    const as_group_by *by;
    uint64_t *tokens; /* by->count for each group: what its values are told apart by */
    uint32_t *rows;   /* the first record seen of each group */
    uint32_t count, size;
    uint32_t *slots; /* id + 1, 0 = free: by combination or by hash */
    uint32_t slot_count;
    bool collided;   /* a look-up took over AS_PROBES_MAX steps */
    uint32_t *cells; /* scratch of one block: place in the plain array */
    uint64_t *block; /* scratch of one block: tokens, column after column */
} as_group_set;

as_code as_group_set_open(as_group_set *s, const as_group_by *by, as_err *e);
void as_group_set_close(as_group_set *s); /* also of a zeroed one */
void as_group_set_clear(as_group_set *s); /* no groups; memory kept */

/* ids[i] = group of row begin + offsets[i], for i < m; offsets ascend and are below n <=
 * AS_BLOCK. False: as_group_fail says
 * why. */
bool as_group_block(as_group_set *s, uint32_t begin, uint32_t n, const uint16_t *offsets,
                    uint32_t m, uint32_t *ids);
/* The group with these tokens, of which `row` is a record. False: as_group_fail says why. */
bool as_group_add(as_group_set *s, const uint64_t *tokens, uint32_t row, uint32_t *id);

/* AS_ENOMEM, or AS_EBUDGET: the values were made to collide. */
as_code as_group_fail(const as_group_set *s, as_err *e);

/* The group's values as texts, by->count of them from `a`; .ptr NULL for null. NULL: out of
 * memory. */
const as_str *as_group_keys(const as_group_set *s, uint32_t id, as_arena *a);
/* Order of two lists of keys: byte order, null last. */
int as_group_keys_cmp(const as_str *x, const as_str *y, size_t count);

/* Every row's group (UINT32_MAX where select is not AS_TRUE; select NULL: all), one after the
 * other. `ids` has table->rows places. */
as_code as_group_rows(as_group_set *s, const uint8_t *select, uint32_t *ids, as_err *e);

#endif
