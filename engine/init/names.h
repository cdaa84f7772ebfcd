/* names.h: what tables and fields are called, and which of them hold what identifies a person.
 * Inside init/ only. */
#ifndef AS_INIT_NAMES_H
#define AS_INIT_NAMES_H

#include "base/arena.h"
#include "base/date.h"

/* A name of letters, digits and `_` made of a text: lower case, accents gone, at most
 * AS_INIT_NAME_MAX; "" where nothing remains. Lives in `a`; .ptr NULL: out of memory. */
as_str as_name_of(as_str text, as_arena *a);
/* The file's name without folder, ending, dates and years: "providers_at_2017-03-31.csv" is
 * "providers". *date: the (last) date or year in it, 31 December of a year alone; else
 * AS_DATE_NULL. */
as_str as_name_stem(as_str path, as_arena *a, as_date *date);

/* By the words of a name ("date_of_birth"): may the field hold what identifies a person, or
 * where one lives? On the safe side; names of areas are left out. */
bool as_name_sensitive(as_str name);
/* Does the name say that the field identifies something ("urn", "pupil_id", "event_number")? */
bool as_name_identifier(as_str name);
/* Is it a telephone number, so that its digits are text? */
bool as_name_telephone(as_str name);
/* Is `word` one of the words of the name? */
bool as_name_has(as_str name, const char *word);

#endif
