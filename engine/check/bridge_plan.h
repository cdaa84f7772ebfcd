/* bridge_plan.h: what bridge_*.c share. Private to the bridge. */
#ifndef AS_CHECK_BRIDGE_PLAN_H
#define AS_CHECK_BRIDGE_PLAN_H

#include "check/bridge.h"

typedef enum as_bridge_side {
    SIDE_OPENING,
    SIDE_CLOSING,
    SIDE_MOVEMENTS,
    SIDE_COUNT
} as_bridge_side;
/* Where one record counts. Movements give two of them. */
typedef enum as_bridge_slot { AT_OPENING, AT_CLOSE, JOINED, LEFT, SLOT_COUNT } as_bridge_slot;

typedef struct as_bridge_table {
    bool used;
    as_str name;
    const as_schema *schema;
    bool complete;
    const as_cond *where; /* opening and closing: which records count; NULL: all */
    uint32_t by[AS_KEY_FIELDS_MAX], match[AS_KEY_FIELDS_MAX];
    uint32_t value; /* AS_NO_FIELD: records count 1 */
} as_bridge_table;

struct as_bridge_plan {
    as_bridge_table sides[SIDE_COUNT];
    const as_cond *joined, *left;
    uint32_t joined_on, left_on; /* date fields of the movements, or AS_NO_FIELD */
    as_date from, to;            /* AS_DATE_NULL: no period */
    size_t by_count, match_count;
    bool has_value;
    bool hide_keys; /* a field of `match` is sensitive: records are named by table and line */
};

typedef enum as_bridge_kind {
    KIND_UNLISTED_LEAVER,
    KIND_UNLISTED_JOINER,
    KIND_JOINER_ABSENT,
    KIND_LEAVER_PRESENT,
    KIND_JOINER_AT_OPENING,
    KIND_LEAVER_NOT_AT_OPENING,
    KIND_RECLASSIFIED_IN,
    KIND_RECLASSIFIED_OUT,
    KIND_DUPLICATE_MOVEMENT,
    KIND_DUPLICATE_RECORD,
    KIND_JOINER_BEFORE,
    KIND_JOINER_AFTER,
    KIND_LEAVER_BEFORE,
    KIND_LEAVER_AFTER,
    KIND_VALUE_CHANGED, /* at both ends, with another value */
    KIND_VALUE_DIFFERS, /* the movement has another value than the record */
    KIND_JOINED_AND_LEFT,
    KIND_COUNT
} as_bridge_kind;

/* One record's effect on one group. */
typedef struct as_bridge_item {
    uint32_t group; /* of as_bridge_groups */
    uint8_t kind;
    bool weak;      /* by its date alone */
    uint8_t side;   /* the table in which the record is named… */
    uint32_t row;   /* …and where */
    uint32_t other; /* reclassified: the group at the other end; group count = outside */
    as_date date;   /* of the movement, where that is what matters */
    double effect;
    as_str name; /* its key, as people read it */
} as_bridge_item;

struct as_bridge {
    const as_bridge_plan *plan;
    as_arena *arena;
    as_bridge_groups groups;
    const as_table *tables[SIDE_COUNT];
    as_key match[SIDE_COUNT];
    as_bridge_item *items; /* sorted by group, kind, weak, name once the walk is over */
    size_t count, size;
    size_t *first;  /* items of group g: first[g] … first[g + 1] */
    size_t unnamed; /* items beyond AS_BRIDGE_RECORDS_MAX have no name */
    as_bridge_steady *steady;
    uint64_t key_nulls;
};

/* Items of one group that are told as one cause. */
bool as_bridge_same_cause(const as_bridge_item *a, const as_bridge_item *b);

/* ---- one key's account (bridge_account.c) ---- */

typedef struct as_bridge_entry {
    uint32_t next;  /* index + 1 of the key's next entry; 0 = end */
    uint32_t group; /* group count = outside the rule's groups */
    uint32_t row;
    uint8_t slot;
} as_bridge_entry;

/* Scratch of the account; zero it once, free `entries` and `runs` at the end. */
typedef struct as_bridge_account {
    as_bridge_entry *entries;
    struct as_bridge_run *runs;
    size_t size;
} as_bridge_account;

/* Adds the items of one key (its entries in account->entries, `count` of them) to x. False: out
 * of memory. */
bool as_bridge_account_key(as_bridge *x, as_bridge_account *account, size_t count);
bool as_bridge_account_room(as_bridge_account *account, size_t count);
void as_bridge_account_free(as_bridge_account *account);

#endif
