/* reading.c: what it takes to read: the digest, the scan with each kernel of this machine, a
 * field of each layout. */
#include "stages.h"

#include "base/hash.h"
#include "input/csv_scan.h"
#include "input/file.h"
#include "table/table.h"

#include <stdio.h>

#define FIELD_ROWS 300000u
#define FIELDS 8u

static as_str text; /* of the file that is scanned */

static void digest(void *arg)
{
    char hex[AS_BLAKE3_TEXT];
    as_err e;
    (void)arg;
    stage_must(as_blake3_of(text, hex, &e), &e);
}

static void newlines(void *arg)
{
    size_t *count = arg;
    const char *end = text.ptr + text.len;
    *count = 0;
    for (const char *p = text.ptr; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
        ++*count;
}

static void scan(void *arg)
{
    as_scan *s = arg;
    as_err e;
    for (size_t at = 0; at < text.len;) {
        size_t stop = at + AS_SEGMENT_BYTES < text.len ? at + AS_SEGMENT_BYTES : text.len;
        stage_must(as_scan_run(s, text, at, stop, text.len, &e), &e);
        at = s->end;
    }
}

static void scans(void)
{
    static const char *const kernels[] = {"scalar", "sse2", "avx2", "avx512", "neon"};
    for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
        as_scan_fn kernel = as_scan_kernel(kernels[i]);
        if (!kernel)
            continue;
        char what[64];
        as_scan s;
        as_scan_open(&s, kernel, ',');
        snprintf(what, sizeof what, "scan, %s", kernels[i]);
        stage_rate(what, (double)text.len, stage_best(scan, &s));
        as_scan_close(&s);
    }
}

typedef struct load {
    const stage_made *made;
    uint32_t fields;
} load;

static void load_made(void *arg)
{
    const load *l = arg;
    as_table_close(stage_load(l->made, l->fields));
}

/* Eight columns of a layout, less what reading the file for none of them takes. */
static void field(const char *work, stage_sort sort, const char *what)
{
    stage_made *m = stage_make(work, sort, FIELDS, FIELD_ROWS);
    load all = {m, FIELDS}, none = {m, 0};
    double base = stage_best(load_made, &none);
    stage_each(what, (double)FIELDS * FIELD_ROWS, stage_best(load_made, &all) - base,
               "a field");
    stage_unmake(m);
}

void stages_read(const char *folder, const char *work)
{
    char path[4096];
    as_file f;
    as_err e;
    size_t count;
    snprintf(path, sizeof path, "%s/inspections.csv", folder);
    stage_must(as_file_open(&f, path, path, &e), &e);
    text = f.bytes;
    stage_title("reading");
    stage_rate("count line ends with memchr, to compare", (double)text.len,
               stage_best(newlines, &count));
    stage_rate("digest", (double)text.len, stage_best(digest, NULL));
    scans();
    as_file_close(&f);
    field(work, STAGE_FEW, "a hundred texts (dictionary)");
    field(work, STAGE_QUOTED, "the same in quotes");
    field(work, STAGE_SOME, "ten thousand texts (dictionary)");
    field(work, STAGE_SHORT, "unique texts of 7 bytes (packed)");
    field(work, STAGE_LONG, "unique texts of about 25 bytes (slices)");
    field(work, STAGE_DATE, "dates, 31/03/2017");
    field(work, STAGE_ISO_DATE, "dates, 2017-03-31");
    field(work, STAGE_INTEGER, "integers");
    field(work, STAGE_NUMBER, "numbers");
}
