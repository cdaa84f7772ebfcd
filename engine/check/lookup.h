/* lookup.h: what a rule of the kind lookup asks for. */
#ifndef AS_CHECK_LOOKUP_H
#define AS_CHECK_LOOKUP_H

#include "base/limits.h"
#include "check/check.h"

#define AS_LOOKUP_READS_MAX 64
#define AS_LOOKUP_SHOWN_MAX 20

typedef struct as_lookup {
    as_str in;
    const as_schema *other;
    uint32_t self_fields[AS_KEY_FIELDS_MAX], other_fields[AS_KEY_FIELDS_MAX];
    size_t count;
    uint32_t date, from, to; /* AS_NO_FIELD: not asked, or that end is open */
    const as_cond *where;
    bool where_pairs; /* `where` reads this record too: it is decided pair by pair */
    const as_cond *expect;
    bool absent, missing_pass;
    uint32_t reads[AS_LOOKUP_READS_MAX]; /* this record's fields, for the memo */
    size_t read_count;
    bool reads_all;                      /* reads[] holds them all */
    uint32_t shown[AS_LOOKUP_SHOWN_MAX]; /* the other's fields that are told */
    size_t shown_count;
    as_str where_words, expect_words;
    as_str expected; /* what a finding says */
} as_lookup;

/* lookup_bind.c: reads the block; *out is an as_lookup. */
as_code as_lookup_bind(as_bind *b, void **out, as_err *e);

extern const as_check_kind as_check_lookup;

#endif
