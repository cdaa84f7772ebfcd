/* yaml_words.h: what libyaml says of broken YAML, in words that say what to do. */
#ifndef AS_RULES_YAML_WORDS_H
#define AS_RULES_YAML_WORDS_H

#include "base/err.h"

typedef struct as_yaml_problem {
    as_str text; /* the whole file */
    const char *file;
    const char *problem; /* libyaml's words; may be NULL */
    as_span at;
    const char *context; /* "while parsing a block mapping"; may be NULL */
    as_span context_at;
} as_yaml_problem;

/* Line and column (in characters) of a byte of the text. */
as_span as_yaml_place(const char *file, as_str text, size_t offset);

/* Fills *e and returns AS_ERULE. */
as_code as_yaml_complain(const as_yaml_problem *p, as_err *e);

#endif
