/* suggest.h: "did you mean": hints for a word that is not known. Texts live in the diags'
 * arena. */
#ifndef AS_RULES_SUGGEST_H
#define AS_RULES_SUGGEST_H

#include "base/err.h"

/* Words from several places, gathered to be suggested. Lives in its arena; running out of
 * memory loses words only. */
typedef struct as_words {
    as_arena *arena;
    as_str *items;
    size_t count, size;
} as_words;

void as_words_add(as_words *w, as_str word);

/* "did you mean `urn`?" where one is near; else "known: a, b, c" (at most 20 of them, in the
 * order given, and how many more there are); "" where there is none. Never NULL. */
const char *as_suggest(as_diags *d, as_str word, const as_str *known, size_t count);
const char *as_suggest_words(as_diags *d, as_str word,
                             const char *const *known); /* NULL-terminated */

#endif
