/* date.h: civil dates as whole days since 1970-01-01 (proleptic Gregorian; H. Hinnant,
 * "chrono-compatible low-level date algorithms"). No times, no zones. */
#ifndef AS_BASE_DATE_H
#define AS_BASE_DATE_H

#include "base/str.h"

typedef int32_t as_date;
#define AS_DATE_NULL INT32_MIN
#define AS_DATE_TEXT 16 /* bytes that as_date_text needs */

as_date as_date_from(int year, int month,
                     int day); /* AS_DATE_NULL: no such day in years 1-9999 */
void as_date_civil(as_date d, int *year, int *month, int *day);
as_date as_date_add_years(as_date d, int years); /* 29 February becomes 28 where it must */

/* Whole text by a strptime-like format: %d %m %Y %y %b %B %H %M %S %% and literal text; a blank
 * in the format is one or more blanks. %d and %m take one or two digits. A time of day after
 * the date (T or blank, then HH:MM[:SS[.fff]]) is accepted only where the format asks for it.
 * %Y takes four digits. %y: 00-68 are 2000s. Month names are English, case folded, full or
 * three letters for both. AS_DATE_NULL: the text is not a date in this format. */
as_date as_date_parse(as_str text, as_str format);
bool as_date_format_ok(as_str format); /* has day, month and year, nothing unknown */

/* ISO 8601, "2017-03-31", NUL-terminated; "" for AS_DATE_NULL. Returns buf. */
const char *as_date_text(as_date d, char buf[AS_DATE_TEXT]);
as_str as_date_str(as_date d, char buf[AS_DATE_TEXT]); /* the same, with its length */

as_date as_date_today(void); /* UTC; from SOURCE_DATE_EPOCH where the environment has it */

#define AS_TIME_TEXT 32
/* Now, or SOURCE_DATE_EPOCH where the environment has it: "2017-05-02T14:03:00Z". Returns buf.
 */
const char *as_time_text(char buf[AS_TIME_TEXT]);

#endif
