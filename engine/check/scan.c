/* scan.c: see scan.h. */
#include "check/scan.h"

#include "base/alloc.h"

typedef struct scan {
    as_scan_chunk_fn fn;
    void *arg;
    as_scan_part *parts;  /* one a chunk */
    size_t *failed_chunk; /* one a worker; SIZE_MAX = none. Chunks come in ascending order */
    as_err *errs;         /* one a worker */
} scan;

unsigned as_eval_jobs(const as_eval *ev)
{
    return ev->pool ? as_pool_jobs(ev->pool) : 1;
}

static void run_chunk(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end)
{
    scan *s = arg;
    if (s->failed_chunk[worker] < chunk)
        return;
    as_err e = {0};
    as_code code = s->fn(s->arg, worker, begin, end, &s->parts[chunk], &e);
    if (code == AS_OK)
        return;
    e.code = code;
    s->failed_chunk[worker] = chunk;
    s->errs[worker] = e;
}

static as_code first_error(const scan *s, unsigned jobs, as_err *e)
{
    size_t first = SIZE_MAX;
    as_code code = AS_OK;
    for (unsigned i = 0; i < jobs; i++)
        if (s->failed_chunk[i] < first) {
            first = s->failed_chunk[i];
            code = s->errs[i].code;
            if (e)
                *e = s->errs[i];
        }
    return code;
}

static as_code gather(const scan *s, size_t chunks, as_result *out, as_err *e)
{
    as_findings *all = &out->findings;
    size_t more = 0;
    for (size_t i = 0; i < chunks; i++) {
        out->selected += s->parts[i].selected;
        out->undecided += s->parts[i].undecided;
        out->key_nulls += s->parts[i].key_nulls;
        more += s->parts[i].findings.count;
    }
    if (more == 0)
        return AS_OK;
    as_finding *items = as_realloc(all->items, (all->count + more) * sizeof *items);
    if (!items)
        return as_fail_nomem(e);
    all->items = items;
    all->size = all->count + more;
    for (size_t i = 0; i < chunks; i++) {
        as_findings *part = &s->parts[i].findings;
        if (part->count)
            memcpy(items + all->count, part->items, part->count * sizeof *items);
        all->count += part->count;
        as_findings_free(part); /* so that they are not all kept twice */
    }
    return AS_OK;
}

as_code as_scan_chunks(const as_eval *ev, size_t n, size_t chunk, as_scan_chunk_fn fn,
                       void *arg, as_result *out, as_err *e)
{
    const unsigned jobs = as_eval_jobs(ev);
    const size_t chunks = (n + chunk - 1) / chunk;
    if (n == 0)
        return AS_OK;
    scan s = {fn, arg, as_calloc(chunks, sizeof *s.parts),
              as_calloc(jobs, sizeof *s.failed_chunk), as_calloc(jobs, sizeof *s.errs)};
    as_code code = AS_OK;
    if (!s.parts || !s.failed_chunk || !s.errs) {
        code = as_fail_nomem(e);
    } else {
        for (unsigned i = 0; i < jobs; i++)
            s.failed_chunk[i] = SIZE_MAX;
        as_pool_for(ev->pool, n, chunk, run_chunk, &s);
        code = first_error(&s, jobs, e);
    }
    if (code == AS_OK)
        code = gather(&s, chunks, out, e);
    for (size_t i = 0; s.parts && i < chunks; i++)
        as_findings_free(&s.parts[i].findings);
    as_free(s.parts);
    as_free(s.failed_chunk);
    as_free(s.errs);
    return code;
}

/* ---- by blocks of rows ---- */

typedef struct by_rows {
    as_scan_fn fn;
    void *arg;
} by_rows;

static as_code run_rows(void *arg, unsigned worker, size_t begin, size_t end,
                        as_scan_part *part, as_err *e)
{
    const by_rows *r = arg;
    as_code code = AS_OK;
    for (size_t at = begin; code == AS_OK && at < end; at += AS_BLOCK) {
        uint32_t n = (uint32_t)(end - at < AS_BLOCK ? end - at : AS_BLOCK);
        code = r->fn(r->arg, worker, (uint32_t)at, n, part, e);
    }
    return code;
}

as_code as_scan(const as_eval *ev, uint32_t rows, as_scan_fn fn, void *arg, as_result *out,
                as_err *e)
{
    by_rows r = {fn, arg};
    return as_scan_chunks(ev, rows, AS_SCAN_ROWS, run_rows, &r, out, e);
}
