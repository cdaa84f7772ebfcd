/* digest.c: the digests of the inputs, for the run's id and the sign-off (base/verity.h). Most
 * chunks were digested while they were read; what is left is done here, by whichever worker has
 * time, beside the rules. Afterwards the files must still be what was read. */
#include "run/exec.h"

/* A chunk that reading left. */
typedef struct piece {
    const as_table *table;
    size_t chunk;
} piece;

typedef struct pieces {
    piece *list;
    as_err *errors; /* one a piece */
} pieces;

static void digest(void *arg, unsigned worker, size_t i, size_t begin, size_t end)
{
    pieces *p = arg;
    const as_table *t = p->list[i].table;
    const size_t chunk = p->list[i].chunk;
    (void)worker;
    (void)begin;
    (void)end;
    (void)as_verity_chunk(t->verity, chunk, t->file.ptr + chunk * AS_VERITY_CHUNK,
                          &p->errors[i]);
}

/* How many there are; each into `list`, where that is given. */
static size_t left_over(const as_run *r, piece *list)
{
    size_t n = 0;
    for (size_t i = 0; i < r->table_count; i++) {
        const as_verity *v = r->tables[i]->verity;
        for (size_t chunk = 0; v && chunk < as_verity_chunks(v); chunk++) {
            if (as_verity_has(v, chunk)) {
                continue;
            }
            if (list) {
                list[n] = (piece){r->tables[i], chunk};
            }
            n++;
        }
    }
    return n;
}

static as_code digest_rest(as_run *r, as_err *e)
{
    as_arena *a = as_arena_open();
    size_t n = left_over(r, NULL);
    pieces p = {.list = a ? AS_NEW_N(a, piece, n + 1) : NULL,
                .errors = a ? AS_NEW_N(a, as_err, n + 1) : NULL};
    as_code code = p.list && p.errors ? AS_OK : as_fail_nomem(e);
    if (code == AS_OK) {
        left_over(r, p.list);
        as_pool_for(r->pool, n, 1, digest, &p);
    }
    for (size_t i = 0; code == AS_OK && i < n; i++) {
        if (!as_verity_has(p.list[i].table->verity, p.list[i].chunk)) {
            *e = p.errors[i];
            code = e->code;
        }
    }
    as_arena_close(a);
    return code;
}

as_code as_run_digest(as_run *r, as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; code == AS_OK && i < r->table_count; i++) {
        as_table *t = r->tables[i];
        if (t->file.ptr && !t->verity) {
            code = as_verity_open(&t->verity, t->file.len, e);
        }
    }
    if (code == AS_OK) {
        code = digest_rest(r, e);
    }
    for (size_t i = 0; code == AS_OK && i < r->table_count; i++) {
        as_table *t = r->tables[i];
        if (t->verity) {
            code = as_verity_end(t->verity, t->report.digest, e);
        }
        if (code == AS_OK) {
            code = as_table_unchanged(t, e);
        }
    }
    return code;
}
