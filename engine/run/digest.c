/* digest.c: the digests of the inputs, for the run's id and the sign-off (base/blake3.h). Most
 * parts were digested while they were read; what is left is done here, by whichever worker has
 * time, beside the rules. Afterwards the files must still be what was read. */
#include "base/alloc.h"
#include "run/exec.h"

/* A part that reading left. */
typedef struct piece {
    const as_table *table;
    size_t part;
} piece;

static void digest(void *arg, unsigned worker, size_t i, size_t begin, size_t end)
{
    const piece *p = (const piece *)arg + i;
    (void)worker;
    (void)begin;
    (void)end;
    (void)as_blake3_part(p->table->blake3, p->part,
                         as_str_sub(p->table->file, p->part * AS_BLAKE3_PART, AS_BLAKE3_PART));
}

/* How many there are; each into `list`, where that is given. */
static size_t left_over(const as_run *r, piece *list)
{
    size_t n = 0;
    for (size_t i = 0; i < r->table_count; i++) {
        const as_blake3 *b = r->tables[i]->blake3;
        for (size_t part = 0; b && part < as_blake3_parts(b); part++) {
            if (as_blake3_has(b, part)) {
                continue;
            }
            if (list) {
                list[n] = (piece){r->tables[i], part};
            }
            n++;
        }
    }
    return n;
}

static as_code digest_rest(as_run *r, as_err *e)
{
    const size_t n = left_over(r, NULL);
    piece *list = as_alloc((n + 1) * sizeof *list);
    if (!list) {
        return as_fail_nomem(e);
    }
    left_over(r, list);
    as_pool_for(r->pool, n, 1, digest, list);
    as_free(list);
    return AS_OK;
}

as_code as_run_digest(as_run *r, as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; code == AS_OK && i < r->table_count; i++) {
        as_table *t = r->tables[i];
        if (t->file.ptr && !t->blake3) {
            code = as_blake3_open(&t->blake3, t->file.len, e);
        }
    }
    if (code == AS_OK) {
        code = digest_rest(r, e);
    }
    for (size_t i = 0; code == AS_OK && i < r->table_count; i++) {
        as_table *t = r->tables[i];
        if (t->blake3) {
            code = as_blake3_end(t->blake3, t->report.digest, e);
        }
        if (code == AS_OK) {
            code = as_table_unchanged(t, e);
        }
    }
    return code;
}
