/* csv_fast.c: a CSV text into a table, in segments on all workers.
 *
 * Invariants
 * 1. Segment i has the records that begin in [(first + i) * size, (first + i + 1) * size) of
 * the file and not before the body. Where its first record begins is a guess until segment i -
 * 1 is known; a wrong guess is scanned again. Segments are handed out in ascending order, so
 * whoever waits waits for work in hand.
 * 2. What is wrong with a segment is said only once its beginning is certain, in the words of
 *    records.c; of several errors that of the lowest segment stands, whatever came first.
 * 3. Arrays are reserved for more rows than expected and not touched beyond what is written. If
 * that was too few, everything is read again with room for as many rows as the text could hold.
 * 4. A worker's lists (bad cells, ragged rows) are ascending by row; they are merged at the
 * end. */
#include "input/csv_fast.h"

#include "base/alloc.h"
#include "base/text.h"

#include <pthread.h>

#define GUESS_BYTES (64 * AS_KIB) /* how far a segment that is not certain may run over */
#define SEGMENT_MAX (256 * AS_MIB)

/* ---- memory ---- */

/* What only reading needs: the next table finds the memory warm. */
static void rest_workers(as_fast *f)
{
    for (unsigned i = 0; f->workers && i < f->jobs; i++) {
        as_fast_worker *w = &f->workers[i];
        as_window_close(w);
        as_scan_close(&w->scan);
        as_rows_close(&w->rows);
        as_buf_free(&w->text);
        as_buf_free(&w->tmp);
        for (size_t g = 0; w->groups && g < f->group_count; g++)
            as_free(w->groups[g].block);
        as_free(w->groups);
        w->groups = NULL;
    }
}

void as_fast_close_workers(as_fast_worker *workers, unsigned jobs, size_t columns)
{
    for (unsigned i = 0; workers && i < jobs; i++) {
        as_fast_worker *w = &workers[i];
        as_free(w->ragged);
        for (size_t k = 0; w->notes && k < columns; k++) {
            as_free(w->notes[k].bad);
            as_free(w->notes[k].memo);
        }
        as_free(w->notes);
        as_arena_close(w->arena);
    }
    as_free(workers);
}

static as_code open_workers(as_fast *f, as_err *e)
{
    as_csv *c = f->csv;
    f->jobs = as_pool_jobs(f->pool);
    f->workers = as_calloc(f->jobs, sizeof *f->workers);
    for (unsigned i = 0; f->workers && i < f->jobs; i++) {
        as_fast_worker *w = &f->workers[i];
        as_scan_open(&w->scan, f->kernel, c->delimiter);
        as_rows_open(&w->rows, c->bind.width, c->bind.named, c->delimiter);
        w->text = AS_BUF(AS_FIELD_MAX);
        w->tmp = AS_BUF(4 * AS_FIELD_MAX);
        w->arena = as_arena_open();
        w->notes = as_calloc(f->column_count + 1, sizeof *w->notes);
        w->groups = as_calloc(f->group_count + 1, sizeof *w->groups);
        if (!w->arena || !w->notes || !w->groups)
            return as_fail_nomem(e);
    }
    if (!f->workers)
        return as_fail_nomem(e);
    return as_window_wanted(c) ? as_window_open(f, e) : AS_OK;
}

void as_fast_close_columns(as_fast_block *block, as_fast_column *columns, size_t count)
{
    as_fast_unmap(block);
    for (size_t i = 0; i < count; i++) {
        as_fast_unmap(&columns[i].own);
        as_shared_dict_close(columns[i].dict);
        columns[i].dict = NULL;
    }
}

static as_code open_dict(as_fast_column *c, as_err *e)
{
    if (c->kind > AS_FAST_PACK8 || c->dict)
        return AS_OK;
    return as_shared_dict_open(&c->dict, c->schema, c->field, c->dict_limit, e);
}

/* ---- errors ---- */

static void fail_segment(as_fast *f, size_t i, as_code code, const as_err *e)
{
    pthread_mutex_lock(&f->lock);
    if (i < f->failed) {
        f->failed = i;
        f->code = code;
        f->err = *e;
        f->not_utf8 = f->too_small = false;
    }
    pthread_cond_broadcast(&f->moved);
    pthread_mutex_unlock(&f->lock);
}

/* Not errors of the text, but the work is in vain from here on. */
static void stop_at(as_fast *f, size_t i, bool not_utf8)
{
    pthread_mutex_lock(&f->lock);
    if (i < f->failed) {
        f->failed = i;
        f->code = AS_OK;
        f->not_utf8 = not_utf8;
        f->too_small = !not_utf8;
    }
    pthread_cond_broadcast(&f->moved);
    pthread_mutex_unlock(&f->lock);
}

/* 64 bytes, of which some may lie past the end. */
static inline bool is_ascii(const char *p)
{
    uint64_t all = 0;
    for (size_t k = 0; k < 64; k += 8)
        all |= as_load8(p + k);
    return (all & 0x8080808080808080ull) == 0;
}

/* Blocks of plain ASCII are passed over; what lies between two of them is looked at whole. */
static bool is_utf8(as_str s)
{
    for (size_t i = 0; i < s.len; i += 64) {
        size_t from = i;
        if (is_ascii(s.ptr + i))
            continue;
        while (i < s.len && !is_ascii(s.ptr + i))
            i += 64;
        as_str part = as_str_sub(s, from, i - from);
        if (as_text_utf8_valid(part) < part.len)
            return false;
    }
    return true;
}

/* Is there something in the segment that records.c should see? It is certain now. */
static bool suspicious(const as_fast *f, const as_fast_worker *w, bool good)
{
    const as_scan *s = &w->scan;
    as_str part = as_str_sub(w->near, s->begin, s->end - s->begin);
    if (!good || s->open || !s->complete || part.len > AS_FIELD_MAX)
        return true;
    if (s->nul && memchr(part.ptr, 0, part.len))
        return true;
    return s->high && !f->csv->enc.checked && !is_utf8(part);
}

/* The first error at or after the segment's beginning, record by record. */
static void find_error(as_fast *f, size_t i)
{
    const as_segment *g = &f->segments[i];
    as_csv *c = f->csv;
    as_err e = {.code = AS_OK};
    as_records r;
    as_records_open(&r, f->text, g->begin, c->delimiter, c->path);
    r.next_line = g->line;
    bool more = true, guessed = false;
    as_code code = AS_OK;
    while (code == AS_OK && !guessed && (r.at < g->end || g->end <= g->begin)) {
        code = as_records_next(&r, &more, &e);
        if (!more)
            break;
        size_t bad = r.begin;
        if (code == AS_OK && !c->enc.checked)
            bad += as_text_utf8_valid(as_str_sub(f->text, r.begin, r.at - r.begin));
        else
            bad = r.at;
        guessed = code == AS_OK && bad < r.at && c->enc.guessed;
        if (code == AS_OK && bad < r.at && !guessed)
            code = as_encoding_invalid(&c->enc, bad, c->path, &e);
    }
    as_records_close(&r);
    if (guessed)
        stop_at(f, i, true);
    else if (code != AS_OK)
        fail_segment(f, i, code, &e);
}

/* ---- a segment ---- */

static bool vain(as_fast *f, size_t i)
{
    pthread_mutex_lock(&f->lock);
    bool v = f->failed < i;
    pthread_mutex_unlock(&f->lock);
    return v;
}

static size_t segment_from(const as_fast *f, size_t i)
{
    return i == 0 ? f->csv->body : (f->first + i) * f->size - f->skip;
}

size_t as_fast_segment_stop(const as_fast *f, size_t i)
{
    size_t stop = (f->first + i + 1) * f->size - f->skip;
    return stop < f->text.len ? stop : f->text.len;
}

/* Scan as if records began at `begin`: near the worker, and in the whole text where what is
 * near does not hold the last record's end. */
static as_code scan(as_fast *f, as_fast_worker *w, size_t i, size_t begin, size_t limit,
                    as_err *e)
{
    size_t most = limit < w->limit ? limit : w->limit;
    as_code code = as_scan_run(&w->scan, w->near, begin - w->shift,
                               as_fast_segment_stop(f, i) - w->shift, most - w->shift, e);
    if (code != AS_OK || w->scan.complete || most == limit)
        return code;
    as_window_whole(f, w);
    return scan(f, w, i, begin, limit, e);
}

/* The same by the letter. */
static as_code scan_careful(as_fast *f, as_fast_worker *w, size_t i, bool *good, as_err *e)
{
    as_window_whole(f, w);
    return as_scan_careful(&w->scan, f->text, f->segments[i].begin, as_fast_segment_stop(f, i),
                           good, e);
}

/* Scan and count. */
static as_code try_scan(as_fast *f, as_fast_worker *w, size_t i, size_t begin, size_t limit,
                        as_err *e)
{
    as_code code = scan(f, w, i, begin, limit, e);
    if (code == AS_OK && w->scan.complete && !w->scan.odd)
        code = as_rows_make(&w->rows, &w->scan, w->near, e);
    return code;
}

/* Waits until segment i's beginning is certain. False: an earlier segment failed. */
static bool wait_for_begin(as_fast *f, size_t i)
{
    as_segment *g = &f->segments[i];
    if (i == 0) {
        g->begin = f->csv->body;
        g->line = f->csv->body_line;
        g->row = 0;
        return true;
    }
    const as_segment *before = g - 1;
    pthread_mutex_lock(&f->lock);
    while (!before->known && f->failed >= i)
        pthread_cond_wait(&f->moved, &f->lock);
    bool ok = f->failed >= i;
    if (ok) {
        g->begin = before->end;
        g->row = before->row + before->rows;
        g->line = before->line + before->lines;
    }
    pthread_mutex_unlock(&f->lock);
    return ok;
}

static void make_known(as_fast *f, size_t i, size_t end, const as_rows *r)
{
    as_segment *g = &f->segments[i];
    pthread_mutex_lock(&f->lock);
    g->end = end;
    g->rows = r ? r->rows : 0;
    g->lines = r ? r->lines : 0;
    g->known = true;
    f->blank += r ? r->blank : 0;
    pthread_cond_broadcast(&f->moved);
    pthread_mutex_unlock(&f->lock);
}

/* The right scan, now that the beginning is certain. */
static as_code scan_certain(as_fast *f, as_fast_worker *w, size_t i, size_t guess, bool *good,
                            as_err *e)
{
    as_segment *g = &f->segments[i];
    as_code code = AS_OK;
    *good = true;
    if (guess != g->begin || !w->scan.complete)
        code = try_scan(f, w, i, g->begin, f->text.len, e);
    if (code != AS_OK || !w->scan.odd)
        return code;
    g->careful = true;
    code = scan_careful(f, w, i, good, e);
    if (code == AS_OK && *good && w->scan.complete)
        code = as_rows_make(&w->rows, &w->scan, w->near, e);
    return code;
}

static as_code keep_lists(as_fast *f, as_fast_worker *w, size_t i, as_err *e)
{
    as_segment *g = &f->segments[i];
    const as_rows *r = &w->rows;
    if (r->jump_count) {
        g->jumps = as_alloc(r->jump_count * sizeof *g->jumps);
        if (!g->jumps)
            return as_fail_nomem(e);
        memcpy(g->jumps, r->jumps, r->jump_count * sizeof *g->jumps);
        g->jump_count = r->jump_count;
    }
    size_t need = w->ragged_count + r->ragged_count;
    if (need > w->ragged_room) {
        size_t room = need + w->ragged_room + 64;
        as_ragged *more = as_realloc(w->ragged, room * sizeof *more);
        if (!more)
            return as_fail_nomem(e);
        w->ragged = more;
        w->ragged_room = room;
    }
    for (size_t k = 0; k < r->ragged_count; k++) {
        as_ragged x = r->ragged[k];
        x.row += g->row;
        w->ragged[w->ragged_count++] = x;
    }
    return AS_OK;
}

static as_code decode(as_fast *f, as_fast_worker *w, size_t i, as_err *e)
{
    as_code code = AS_OK;
    bool more = true;
    as_fast_cells x = {.base = w->near.ptr + w->scan.begin};
    for (;;) {
        code = as_rows_next(&w->rows, &w->scan, w->near, &more, e);
        if (code != AS_OK || !more)
            return code;
        x.ends = w->rows.ends;
        x.stride = w->rows.stride;
        x.count = w->rows.count;
        x.row = f->segments[i].row + w->rows.first;
        for (size_t g = 0; code == AS_OK && g < f->group_count; g++)
            if (f->groups[g].columns[0]->grouped)
                code = as_fast_decode_group(&f->groups[g], &x, w, &w->groups[g], e);
        for (size_t k = 0; code == AS_OK && k < f->column_count; k++)
            if (!f->columns[k].done && !f->columns[k].grouped)
                code = as_fast_decode(&f->columns[k], &x, w, &w->notes[k], e);
        if (code != AS_OK)
            return code;
    }
}

/* After the scan is right: errors, then its place in the table, then the columns. */
static void take_segment(as_fast *f, as_fast_worker *w, size_t i, bool good)
{
    as_segment *g = &f->segments[i];
    as_err e = {.code = AS_OK};
    uint64_t end_row = (uint64_t)g->row + w->rows.rows;
    if (!good || !w->scan.complete) {
        find_error(f, i);
        if (vain(f, i + 1))
            return;
        as_code code = as_fail(&e, AS_EINPUT, (as_span){f->csv->path, g->line, 0},
                               "the text cannot be cut into records from here on");
        fail_segment(f, i, code, &e);
        return;
    }
    if (end_row > AS_ROWS_MAX) {
        as_code code =
            as_fail(&e, AS_EBUDGET, (as_span){f->csv->path, g->line, 0},
                    "the file has more than %u records, the most there may be", AS_ROWS_MAX);
        fail_segment(f, i, code, &e);
        return;
    }
    if (end_row > f->row_room) {
        stop_at(f, i, false);
        return;
    }
    make_known(f, i, w->shift + w->scan.end, &w->rows);
    if (suspicious(f, w, good)) {
        find_error(f, i);
        if (vain(f, i + 1))
            return;
    }
    as_code code = keep_lists(f, w, i, &e);
    if (code == AS_OK)
        code = decode(f, w, i, &e);
    if (code != AS_OK)
        fail_segment(f, i, code, &e);
}

/* Where the first record of a segment begins, if its first byte is not inside quotes. SIZE_MAX:
 * there is none. */
static size_t guess_begin(const as_fast *f, const as_fast_worker *w, size_t i)
{
    const size_t from = segment_from(f, i), stop = as_fast_segment_stop(f, i);
    if (i == 0)
        return from;
    size_t guess = as_scan_guess(w->near, from - w->shift, stop - w->shift);
    return guess == SIZE_MAX ? guess : guess + w->shift;
}

static void read_segment(as_fast *f, unsigned worker, size_t i)
{
    as_fast_worker *w = &f->workers[worker];
    as_err e = {.code = AS_OK};
    as_code code = AS_OK;
    const size_t from = segment_from(f, i), stop = as_fast_segment_stop(f, i);
    if (vain(f, i))
        return;
    code = as_window_read(f, w, i, &e);
    const size_t guess = code == AS_OK ? guess_begin(f, w, i) : SIZE_MAX;
    if (guess < stop)
        code = try_scan(f, w, i, guess, stop + GUESS_BYTES, &e);
    if (code == AS_OK && !wait_for_begin(f, i))
        return;
    if (code == AS_OK &&
        f->segments[i].begin >= stop) { /* a record of another goes over it all */
        make_known(f, i, f->segments[i].begin, NULL);
        return;
    }
    bool good = true;
    if (code == AS_OK)
        code = scan_certain(f, w, i, guess, &good, &e);
    if (code != AS_OK)
        fail_segment(f, i, code, &e);
    else
        take_segment(f, w, i, good);
    if (f->csv->spec->progress)
        atomic_fetch_add(f->csv->spec->progress, stop - from);
}

/* The columns that must be decoded again, from a text that is known to be good. */
static void read_again(void *arg, unsigned worker, size_t i, size_t begin, size_t end)
{
    (void)begin;
    (void)end;
    as_fast *f = arg;
    as_fast_worker *w = &f->workers[worker];
    const as_segment *g = &f->segments[i];
    as_err e = {.code = AS_OK};
    as_code code = AS_OK;
    bool good = true;
    if (g->rows == 0 || vain(f, i))
        return;
    code = as_window_read(f, w, i, &e);
    if (code == AS_OK && g->careful)
        code = scan_careful(f, w, i, &good, &e);
    else if (code == AS_OK)
        code = scan(f, w, i, g->begin, f->text.len, &e);
    if (code == AS_OK)
        code = as_rows_make(&w->rows, &w->scan, w->near, &e);
    if (code == AS_OK)
        code = decode(f, w, i, &e);
    if (code != AS_OK)
        fail_segment(f, i, code, &e);
}

/* ---- the whole ---- */

/* Columns that asked for another layout get it, and are read one by one. False: none did. */
static as_code change_columns(as_fast *f, bool *again, as_err *e)
{
    *again = false;
    for (size_t k = 0; k < f->column_count; k++) {
        as_fast_column *c = &f->columns[k];
        uint32_t next = atomic_load(&c->next);
        c->done = next == 0;
        c->grouped = false;
        if (c->done)
            continue;
        *again = true;
        as_fast_unmap(&c->own);
        c->kind = (as_fast_kind)next;
        atomic_store(&c->next, 0);
        if (c->kind > AS_FAST_PACK8) {
            as_shared_dict_close(c->dict);
            c->dict = NULL;
        }
        for (unsigned i = 0; i < f->jobs; i++) {
            f->workers[i].notes[k].nulls = 0;
            f->workers[i].notes[k].bad_count = 0;
        }
        if (!as_fast_map(&c->own, c, 1, f->row_room))
            return as_fail_nomem(e);
        as_code code = open_dict(c, e);
        if (code != AS_OK)
            return code;
    }
    return AS_OK;
}

static void read_task(void *arg, unsigned worker, size_t i, size_t begin, size_t end)
{
    (void)begin;
    (void)end;
    read_segment(arg, worker, i);
}

static as_code read_segments(as_fast *f, as_err *e)
{
    as_pool_for(f->pool, f->count, 1, read_task, f);
    bool again = f->failed == SIZE_MAX;
    while (again && f->failed == SIZE_MAX) {
        as_code code = change_columns(f, &again, e);
        if (code != AS_OK)
            return code;
        if (again)
            as_pool_for(f->pool, f->count, 1, read_again, f);
    }
    if (f->failed != SIZE_MAX && f->code != AS_OK)
        *e = f->err;
    return f->failed == SIZE_MAX ? AS_OK : f->code;
}

static void close_fast(as_fast *f)
{
    rest_workers(f);
    as_free(f->groups);
    f->groups = NULL;
    f->group_count = 0;
    as_fast_close_workers(f->workers, f->jobs, f->column_count);
    as_fast_close_columns(&f->block, f->columns, f->column_count);
    for (size_t i = 0; f->segments && i < f->count; i++)
        as_free(f->segments[i].jumps);
    as_free(f->segments);
    f->workers = NULL;
    f->columns = NULL;
    f->segments = NULL;
    f->column_count = 0;
}

static as_code open_fast(as_fast *f, uint64_t least_rows, as_err *e)
{
    as_csv *c = f->csv;
    size_t body = f->text.len - c->body;
    f->failed = SIZE_MAX;
    f->too_small = f->not_utf8 = false;
    f->blank = 0;
    as_code code = as_fast_layout(&f->columns, &f->column_count, c, f->kernel, e);
    if (code != AS_OK)
        return code;
    uint64_t most = (uint64_t)body / 2 + 2; /* a record that is not blank has two bytes */
    f->row_room = as_fast_room(c, f->text);
    f->row_room = f->row_room > least_rows ? f->row_room : least_rows;
    f->row_room = f->row_room < most ? f->row_room : most;
    f->skip = as_window_wanted(c) ? (size_t)(f->text.ptr - c->file.bytes.ptr) : 0;
    f->first = (c->body + f->skip) / f->size;
    f->count = (f->text.len + f->skip) / f->size - f->first + 1;
    f->segments = as_calloc(f->count, sizeof *f->segments);
    if (!f->segments)
        return as_fail_nomem(e);
    if (!as_fast_map(&f->block, f->columns, f->column_count, f->row_room))
        return as_fail_nomem(e);
    code = as_fast_groups(f, e);
    if (code == AS_OK)
        code = open_workers(f, e);
    for (size_t k = 0; code == AS_OK && k < f->column_count; k++)
        code = open_dict(&f->columns[k], e);
    return code;
}

as_code as_csv_read_fast(as_table **out, as_csv *c, as_pool *pool, bool *not_utf8, as_err *e)
{
    *not_utf8 = false;
    as_fast f = {.csv = c, .text = c->enc.text, .pool = pool};
    f.kernel = as_scan_kernel(c->spec->force_scan);
    f.size = c->spec->segment_bytes ? c->spec->segment_bytes : AS_SEGMENT_BYTES;
    f.size = f.size < SEGMENT_MAX ? f.size : SEGMENT_MAX;
    if (!f.kernel)
        return as_fail(e, AS_EINPUT, AS_NOWHERE, "this machine has no scan \"%s\"",
                       c->spec->force_scan);
    as_fast_dates_init();
    pthread_mutex_init(&f.lock, NULL);
    pthread_cond_init(&f.moved, NULL);
    as_code code = open_fast(&f, 0, e);
    if (code == AS_OK)
        code = read_segments(&f, e);
    if (code == AS_OK && f.too_small) {
        close_fast(&f);
        code = open_fast(&f, UINT64_MAX, e);
        if (code == AS_OK)
            code = read_segments(&f, e);
    }
    rest_workers(&f);
    for (unsigned i = 0; f.workers && i < f.jobs; i++)
        c->report.digest_ms += f.workers[i].digest_ms;
    *not_utf8 = code == AS_OK && f.not_utf8;
    if (code == AS_OK && !f.not_utf8)
        code = as_fast_table(out, &f, e);
    close_fast(&f);
    pthread_cond_destroy(&f.moved);
    pthread_mutex_destroy(&f.lock);
    return code;
}
