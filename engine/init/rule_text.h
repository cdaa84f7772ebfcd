/* rule_text.h: one suggested rule as YAML. Inside init/ only.
 *
 * as_rule_begin writes what every rule has; the caller writes the kind's block and then,
 * between as_rule_flags and as_rule_passes, made-up records. */
#ifndef AS_INIT_RULE_TEXT_H
#define AS_INIT_RULE_TEXT_H

#include "init/model.h"

typedef struct as_rule_text {
    const as_init_table *table;
    const char *what; /* for the id: "key-unique" */
    as_str field;     /* for the id: a name */
    uint64_t records; /* that decided */
    uint64_t broken;
    const char *unit; /* "records"; NULL: "records" */
} as_rule_text;

/* `title` is a sentence. */
void as_rule_begin(as_init_work *w, const as_rule_text *r, const char *title, ...)
    __attribute__((format(printf, 3, 4)));
/* "field: value" of a made-up record: the nth value of the field's type. */
void as_rule_value(as_init_work *w, const as_init_field *f, unsigned nth);
/* A day as the field writes dates. */
void as_rule_day(as_buf *out, const as_init_field *f, as_date d);
/* Does a rule that `broken` of `n` records break deserve to be suggested? */
bool as_rule_worth(uint64_t n, uint64_t broken);

#endif
