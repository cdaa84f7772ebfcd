/* init.h: a first release.yaml, pack, schemas, code lists and suggested rules for files that
 * were never seen before. Knows readers and tables; writes YAML as text and knows nothing of
 * how it is read.
 *
 * as_init_make looks twice. First every file is read as text alone: where the header is
 * (shape.c), what the fields are called (names.c), what stands in each column (facts.c), hence
 * types, null tokens and code lists (guess.c). Then the files are read again with these
 * schemas, as a check would read them, and keys (keys.c), relations (relate.c) and rules
 * (suggest.c) are taken from what that gives: what a suggested rule says of the records is what
 * a check will find. The same files give the same text, with any number of threads. */
#ifndef AS_INIT_INIT_H
#define AS_INIT_INIT_H

#include "base/err.h"

typedef struct as_init_options {
    const char *const *paths; /* as the user wrote them */
    size_t count;
    const char *folder; /* where the files will be written; must exist */
    as_str pack;        /* name of the pack; "" = the first schema's */
    unsigned jobs;      /* 0 = all cores */
} as_init_options;

typedef struct as_init_text {
    as_str path; /* from the folder: "rules/census/tables/schools.yaml" */
    as_str text;
} as_init_text;

typedef struct as_init {
    as_init_text *files;
    size_t count;
    as_str summary; /* for the terminal: tables, keys, what is doubtful */
} as_init;

/* Everything lives in `a`. AS_EINPUT and AS_EIO: a file cannot be read (all of them are said in
 * `d`). Nothing is written. */
as_code as_init_make(as_init *out, const as_init_options *o, as_arena *a, as_diags *d,
                     as_err *e);
/* Writes all files below the folder, or none: where one of them is there already, AS_EUSAGE,
 * and each is said in `d`. */
as_code as_init_write(const as_init *init, const char *folder, as_diags *d, as_err *e);

#endif
