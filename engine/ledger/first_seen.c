/* first_seen.c: the earliest run that found each of some fingerprints.
 *
 * Blocks hold 16 bytes a finding beside the packed body (block.h), so that nothing is unpacked
 * here. The runs are gone through from the oldest, and no further than until all are found. */
#include "base/alloc.h"
#include "ledger/ledger_int.h"
#include <stdlib.h>

typedef struct wanted {
    as_fp fp;
    size_t at; /* in the caller's list */
} wanted;

typedef struct search {
    wanted *items; /* by fingerprint */
    size_t count, left;
    as_first_seen *out;
} search;

static int by_fp(const void *a, const void *b)
{
    return memcmp(((const wanted *)a)->fp.b, ((const wanted *)b)->fp.b, sizeof(as_fp));
}

static as_code collect(search *s, const as_str *fingerprints, size_t count, as_err *e)
{
    as_fp_kind kind;
    s->items = as_calloc(count ? count : 1, sizeof *s->items);
    if (!s->items) {
        return as_fail_nomem(e);
    }
    for (size_t i = 0; i < count; i++) {
        as_code code = as_fp_of(fingerprints[i], &s->items[i].fp, &kind, e);
        if (code != AS_OK) {
            return code;
        }
        s->items[i].at = i;
        s->out[i] = (as_first_seen){0};
    }
    s->count = s->left = count;
    if (count) {
        qsort(s->items, count, sizeof *s->items, by_fp);
    }
    return AS_OK;
}

/* All wanted ones that are this fingerprint: the same may be asked for more than once. */
static void found(search *s, const as_fp *fp, as_first_seen when)
{
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (memcmp(s->items[mid].fp.b, fp->b, sizeof *fp) < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    for (; low < s->count && memcmp(s->items[low].fp.b, fp->b, sizeof *fp) == 0; low++) {
        as_first_seen *out = &s->out[s->items[low].at];
        s->left -= out->seq == 0;
        *out = out->seq ? *out : when;
    }
}

static as_code go_through(search *s, sqlite3_stmt *q, as_arena *a, as_err *e)
{
    as_first_seen when = {0};
    while (s->left && sqlite3_step(q) == SQLITE_ROW) {
        uint64_t seq = as_column_u64(q, 0);
        if (seq != when.seq) {
            when = (as_first_seen){seq, as_arena_str(a, as_column_str(q, 1))};
        }
        if (!when.started.ptr) {
            return as_fail_nomem(e);
        }
        as_str fps = as_column_str(q, 2);
        as_fp fp;
        for (size_t at = 0; at + sizeof fp.b <= fps.len; at += sizeof fp.b) {
            memcpy(fp.b, fps.ptr + at, sizeof fp.b);
            found(s, &fp, when);
        }
    }
    return AS_OK;
}

as_code as_ledger_first_seen(as_ledger *l, as_arena *a, as_str release, uint64_t until,
                             const as_str *fingerprints, size_t count, as_first_seen *out,
                             as_err *e)
{
    search s = {.out = out};
    sqlite3_stmt *q = NULL;
    as_code code = collect(&s, fingerprints, count, e);
    if (code == AS_OK) {
        code = as_ledger_prepare(
            l, &q,
            "SELECT r.seq, r.started, b.fingerprints FROM run r CROSS JOIN finding_block b ON "
            "b.run = r.seq WHERE r.release = ?1 AND r.seq <= ?2 ORDER BY r.seq",
            e);
    }
    if (code == AS_OK) {
        as_bind_str(q, 1, release);
        as_bind_u64(q, 2, until);
        code = go_through(&s, q, a, e);
        int rc = sqlite3_errcode(l->db);
        if (code == AS_OK && rc != SQLITE_OK && rc != SQLITE_ROW && rc != SQLITE_DONE) {
            code = as_ledger_fail(l, "the runs cannot be read", e);
        }
    }
    sqlite3_finalize(q);
    as_free(s.items);
    return code;
}
