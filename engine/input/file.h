/* file.h: the bytes of one extract. For input/, and for
 * worklists that come back.
 *
 * Small files are read, large ones are mapped. Either way 64 bytes past the end may be read, so
 * that vector loads need no edge case. A file that somebody changes while it is read is found
 * out by as_file_unchanged, which every reader calls last: its size and time of change must be
 * what they were. (A mapped file that is cut short under our hands raises SIGBUS: see
 * docs/security.md.) */
#ifndef AS_INPUT_FILE_H
#define AS_INPUT_FILE_H

#include "base/err.h"

#define AS_FILE_PADDING 64

typedef struct as_file {
    as_str bytes;
    const char *path; /* as the user wrote it, for messages; borrowed */
    int fd;           /* -1 when closed */
    void *map;        /* mapped, or NULL */
    size_t map_size;
    char *heap; /* read, or NULL */
    int64_t mtime_s, mtime_ns;
} as_file;

/* AS_EIO: missing, unreadable, a directory, not a regular file. */
as_code as_file_open(as_file *f, const char *open_path, const char *path, as_err *e);
/* The first bytes alone, at most `room`: to tell what the file is. *length may be 0. */
as_code as_file_peek(const char *open_path, const char *path, char *out, size_t room,
                     size_t *length, as_err *e);
/* `size` bytes from `at` on, which were there when the file was opened. AS_EIO. */
as_code as_file_bytes(const as_file *f, uint64_t at, char *out, size_t size, as_err *e);
as_code as_file_unchanged(const as_file *f, as_err *e);
/* Ends the descriptor and keeps the bytes. */
void as_file_done(as_file *f);
void as_file_close(as_file *f); /* zeroed or closed files are fine */

/* Line and column (in characters) of a byte, both from 1. CRLF, LF and CR each end a line. */
as_span as_place(const char *path, as_str text, size_t offset);

#endif
