/* err.h: how a function says that it failed, and how many problems are told at once.
 *
 * A function that can fail returns an as_code and writes the story into the caller's as_err
 * (fixed size: reporting out-of-memory needs no memory). Problems of what users wrote are
 * collected in an as_diags, so that all of them are shown together. Findings are data, not
 * errors. */
#ifndef AS_BASE_ERR_H
#define AS_BASE_ERR_H

#include "base/arena.h"
#include "base/str.h"

typedef enum as_code {
    AS_OK = 0,
    AS_ENOMEM,  /* out of memory */
    AS_EIO,     /* the operating system said no */
    AS_EINPUT,  /* an extract cannot be read as what it is said to be */
    AS_ERULE,   /* a rule, schema or release file is wrong */
    AS_ESCRIPT, /* a Lua predicate is wrong */
    AS_EBUDGET, /* a limit of limits.h was reached */
    AS_ELEDGER, /* the ledger cannot be read or written */
    AS_EUSAGE   /* the command line is wrong */
} as_code;

/* A place in a text. line and column count from 1 (column in bytes... of characters where
 * known); 0 = unknown. `file` is borrowed and lives at least as long as the project or the
 * table. */
typedef struct as_span {
    const char *file; /* NUL-terminated path as the user would write it, or NULL */
    uint32_t line;
    uint32_t column;
} as_span;

#define AS_NOWHERE ((as_span){NULL, 0, 0})

typedef struct as_err {
    as_code code;
    as_span at;
    char text[1024]; /* one or two sentences, no trailing newline; cut at a character if too
                        long */
} as_err;

/* Fill *e (may be NULL) and return `code`:  return as_fail(e, AS_ERULE, node->at, "…"); */
as_code as_fail(as_err *e, as_code code, as_span at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
as_code as_fail_nomem(as_err *e);
/* Text of errno `saved` for `path`: "PATH: no such file or directory". */
as_code as_fail_errno(as_err *e, int saved, const char *path);

/* "file:line:column: " as far as known, into buf; returns buf. */
const char *as_span_text(as_span at, char *buf, size_t size);

typedef enum as_diag_level { AS_DIAG_NOTE, AS_DIAG_WARNING, AS_DIAG_ERROR } as_diag_level;

typedef struct as_diag {
    as_diag_level level;
    as_span at;
    as_str text; /* what is wrong */
    as_str hint; /* what to do; may be empty */
} as_diag;

typedef struct as_diags {
    as_arena *arena; /* texts live here; the caller owns it */
    as_diag *items;
    size_t count, size;
    size_t errors; /* of level ERROR, also those beyond AS_DIAGS_MAX that were not kept */
    size_t left_out;
} as_diags;

void as_diags_init(as_diags *d, as_arena *a);
/* `hint` may be NULL. Never fails: when memory is out, only the counts go up. */
void as_diag_add(as_diags *d, as_diag_level level, as_span at, const char *hint,
                 const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void as_diags_error(as_diags *d, const as_err *e);
/* The place with its file's name in the list's own arena. */
as_span as_diags_span(as_diags *d, as_span at);
/* Adds what another list has, in its order; nothing of it is needed afterwards. */
void as_diags_take(as_diags *into, const as_diags *from);
/* Sort by file, line, column, text: the order in which people read. */
void as_diags_sort(as_diags *d);

#endif
