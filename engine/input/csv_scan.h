/* csv_scan.h: where the cells of a stretch of CSV end, found 64 bytes at a time. Inside input/
 * only.
 *
 * A scan begins where a record begins (or is believed to) and gives the offsets of all
 * delimiters and record ends outside quotes. Quoted text is told by the parity of quotes, which
 * is right as long as every quote opens or closes a cell, or is doubled; a quote anywhere else
 * sets `odd`, and then as_scan_careful must find the cells by the letter of records.h instead.
 */
#ifndef AS_INPUT_CSV_SCAN_H
#define AS_INPUT_CSV_SCAN_H

#include "base/err.h"

typedef struct as_scan as_scan;
/* Adds the separators of `blocks` * 64 bytes at p, whose first byte is `offset` in the scan.
 * There is room for them. p[64 * blocks] may be read. */
typedef void (*as_scan_fn)(as_scan *s, const char *p, uint32_t offset, size_t blocks);

struct as_scan {
    as_scan_fn kernel;
    char delimiter;

    /* Between blocks: */
    uint64_t inside; /* all ones inside quotes */
    uint64_t opens;  /* 1: a quote may open at the next byte */
    uint64_t closed; /* 1: the byte before closed a cell */

    /* ends[0] is UINT32_MAX, so that cell i lies between ends[i] + 1 and ends[i + 1]. Offsets
     * count from `begin`. */
    uint32_t *ends;
    size_t count, room; /* with the first */
    uint32_t *quoted;   /* offsets of line ends inside quotes */
    size_t quoted_count, quoted_room;
    size_t newlines; /* record ends among `ends` */
    size_t dropped;  /* cells of an endless last record that are not among `ends` */

    size_t begin, end; /* in the text; end: where the next record begins */
    bool complete;     /* false: the limit came before the end of the last record */
    bool open;         /* the text ended inside quotes */
    uint64_t odd;      /* a quote where none may stand */
    bool nul, high;    /* a NUL byte, a byte above 127 (perhaps a little after `end`) */
};

/* name: NULL = the best here; "avx512", "avx2", "sse2", "neon", "scalar". NULL: not on this
 * machine. */
as_scan_fn as_scan_kernel(const char *name);

void as_scan_open(as_scan *s, as_scan_fn kernel, char delimiter);
void as_scan_close(as_scan *s);

#define AS_SCAN_AFTER                                                                          \
    ((size_t)1024) /* a scan looks so far beyond its limit, and a block more */
/* Records from `begin` to the first that begins at or after `stop`, or to the end of the text.
 * 64 bytes past the text may be read. Stops with `complete` false where no record has ended by
 * `limit`; records and cells are then of no use. AS_ENOMEM. */
as_code as_scan_run(as_scan *s, as_str text, size_t begin, size_t stop, size_t limit,
                    as_err *e);
/* The same by the rules of records.h, one byte at a time. *good false: the text breaks them. */
as_code as_scan_careful(as_scan *s, as_str text, size_t begin, size_t stop, bool *good,
                        as_err *e);

/* The first place at or after `from` where a record begins if `from` is not inside quotes;
 * SIZE_MAX: none before `limit`. */
size_t as_scan_guess(as_str text, size_t from, size_t limit);

/* csv_scan_x86.c */
as_scan_fn as_scan_x86(const char *name);

#endif
