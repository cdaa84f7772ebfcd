/* sql_words.h: the words of an SQL text, without those in texts ('…') and comments. Enough to
 * see which tables a query may name; what it means is SQLite's business (engine/sql). */
#ifndef AS_BASE_SQL_WORDS_H
#define AS_BASE_SQL_WORDS_H

#include "base/str.h"

typedef struct as_sql_word {
    as_str text; /* without its quotes */
    bool quoted; /* "…", […] or `…`: a name, never a key word */
    char mark;   /* the last sign between the word before and this one; 0: white space alone */
} as_sql_word;

/* The next word of *rest, which moves on; false: no more. Digits count as words too. */
bool as_sql_word_next(as_str *rest, as_sql_word *out);
/* The same word but for the case of ASCII letters, as SQL compares names. */
bool as_sql_word_is(as_str word, as_str name);
/* Does the query read from a table of this name: the word follows FROM, JOIN, a comma or an
 * opening bracket? A column in a list that is called like a table is taken for it too. */
bool as_sql_words_from(as_str query, as_str table);

#endif
