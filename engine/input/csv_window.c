/* csv_window.c: the bytes of a segment, read into memory of the worker's own.
 *
 * The whole file is mapped, but a page costs more to map and to unmap than to copy, and a
 * worker that reads segment after segment into the same memory has them in its core's cache. So
 * what is to be looked at from end to end is read, and the map serves for what is looked at
 * here and there: long records, texts of findings. While the bytes are near, their parts of
 * the file's digest are made (base/blake3.h). */
#include "input/csv_fast.h"

#include "base/alloc.h"
#include "base/clock.h"

#include <unistd.h>

#define BEFORE ((size_t)64) /* read before a segment, for whoever looks a byte back */
/* Read beyond it: as far as a scan goes, and what a kernel looks at beyond that. */
#define AFTER_SCAN (AS_SCAN_AFTER + 2 * (size_t)64)

/* How far beyond the end of a segment its last record may go, if it is to be found near. */
static size_t over(const as_fast *f)
{
    return f->size / 64 + 64;
}

bool as_window_wanted(const as_csv *c)
{
    return !c->enc.heap && (c->file.map || c->spec->segment_bytes);
}

as_code as_window_open(as_fast *f, as_err *e)
{
    as_csv *c = f->csv;
    if (f->size % AS_BLAKE3_PART == 0 && !c->blake3) {
        as_code code = as_blake3_open(&c->blake3, c->file.bytes.len, e);
        if (code != AS_OK)
            return code;
    }
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    for (unsigned i = 0; i < f->jobs; i++) {
        as_fast_worker *w = &f->workers[i];
        w->room = as_alloc(2 * page + f->size + over(f) + AFTER_SCAN + AS_FILE_PADDING);
        if (!w->room)
            return as_fail_nomem(e);
        /* The segment begins at a page, as it does in the file: so it is copied fastest. */
        w->window = w->room + page + (page - (uintptr_t)w->room % page) % page - BEFORE;
    }
    return AS_OK;
}

void as_window_close(as_fast_worker *w)
{
    as_free(w->room);
    w->room = w->window = NULL;
}

/* The bytes at `from` of the file. */
static void digest(as_fast *f, as_str bytes, uint64_t from)
{
    as_blake3 *b = f->csv->blake3;
    for (size_t at = 0; at < bytes.len; at += AS_BLAKE3_PART) {
        size_t part = (size_t)((from + at) / AS_BLAKE3_PART);
        if (!as_blake3_has(b, part))
            (void)as_blake3_part(b, part, as_str_sub(bytes, at, AS_BLAKE3_PART));
    }
}

as_code as_window_read(as_fast *f, as_fast_worker *w, size_t i, as_err *e)
{
    as_window_whole(f, w);
    if (!w->window)
        return AS_OK;
    const as_file *file = &f->csv->file;
    const size_t from = (f->first + i) * f->size, before = from < BEFORE ? from : BEFORE;
    const size_t left = file->bytes.len - from, most = f->size + over(f) + AFTER_SCAN;
    const size_t after = left < most ? left : most, begin = from - before;
    char *out = w->window + (BEFORE - before);
    as_code code = as_file_bytes(file, begin, out, before + after, e);
    if (code != AS_OK)
        return code;
    memset(out + before + after, 0, AS_FILE_PADDING);
    if (f->csv->blake3 && f->size % AS_BLAKE3_PART == 0) {
        const double start = as_clock_ms();
        digest(f, (as_str){w->window + BEFORE, left < f->size ? left : f->size}, from);
        w->digest_ms += as_clock_ms() - start;
    }
    const size_t mark = begin < f->skip ? f->skip - begin : 0;
    w->shift = begin + mark - f->skip;
    /* To the end of the text, as a scan must know where that is; it goes no further than
     * `limit`. */
    w->near = (as_str){out + mark, f->text.len - w->shift};
    w->limit = as_fast_segment_stop(f, i) + over(f);
    w->stays = f->text.ptr + w->shift;
    return AS_OK;
}

void as_window_whole(const as_fast *f, as_fast_worker *w)
{
    w->near = f->text;
    w->shift = 0;
    w->limit = SIZE_MAX;
    w->stays = f->text.ptr;
}
