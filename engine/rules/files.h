/* files.h: files and folders as rules/ needs them: read whole, with a cap, and never outside a
 * pack. */
#ifndef AS_RULES_FILES_H
#define AS_RULES_FILES_H

#include "base/blake3.h"
#include "base/err.h"
#include "base/hash.h"

/* The whole file, in `a`, followed by a NUL. `shown` is the path for messages.
 * AS_EIO: not there, a folder, not a regular file. AS_EBUDGET: larger than `max`. */
as_code as_file_read(as_str *out, as_arena *a, const char *path, const char *shown, size_t max,
                     as_err *e);

/* SHA-256 of a file of any size; with its digest as blake3.h has it, unless that is NULL. */
as_code as_file_digest(char out[AS_SHA256_HEX], char blake3[AS_BLAKE3_TEXT], const char *path,
                       const char *shown, as_err *e);

/* folder/name; name alone where it is absolute or the folder is empty. NUL-terminated; .ptr
 * NULL: out of memory. */
as_str as_path_join(as_arena *a, as_str folder, as_str name);
/* The folder part, "" where there is none. Borrowed. */
as_str as_path_folder(as_str path);
/* The last part. Borrowed. */
as_str as_path_name(as_str path);
/* The same path without `x/..` and `.`, where that leads to the same place; else as it is. */
as_str as_path_tidy(as_arena *a, as_str path);

/* The path with all links followed. AS_EIO: not there. */
as_code as_path_real(as_str *out, as_arena *a, const char *path, const char *shown, as_err *e);
/* Is `real` inside folder `real_folder`? Both with links followed. */
bool as_path_inside(as_str real_folder, as_str real);

typedef struct as_entry {
    as_str name;
    bool folder; /* a folder, or a link to one */
} as_entry;
typedef struct as_entries {
    as_entry *items;
    size_t count;
} as_entries;

/* What is in a folder, sorted by name (bytes), without names that begin with a dot. A folder
 * that is not there has nothing in it. AS_EIO: it cannot be read. */
as_code as_folder_list(as_entries *out, as_arena *a, const char *path, const char *shown,
                       as_err *e);

/* "places.yaml" ends with ".yaml" and has something before it. */
bool as_name_ends(as_str name, const char *ending);

#endif
