/* aggregate.c: count, sum, mean and distinct over the records of one table, by group.
 *
 * The table is cut into at most CHUNKS_MAX chunks of whole blocks, a cut that depends on the
 * number of rows alone. Each chunk is added up by itself (on any worker) and the chunks are put
 * together in their order, so that the result has the same bits with any number of workers.
 * Whole numbers are added in 128 bits, where no table can overflow them; others with Neumaier's
 * compensated sum (A. Neumaier, ZAMM 54, 1974). `distinct` groups by the field as well and then
 * counts the groups. */
#include "base/alloc.h"
#include "eval/eval.h"
#include "measure/bound.h"
#include "measure/groups.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#define CHUNKS_MAX 64
#define CHUNK_ROWS_MIN 65536

__extension__ typedef __int128 wide;

typedef struct acc {
    wide whole;
    double sum, rest; /* of Neumaier */
    uint64_t records, nulls;
} acc;

/* One chunk's groups. */
typedef struct part {
    uint64_t *tokens;
    uint32_t *rows;
    acc *accs;
    uint32_t count;
    as_code code;
    as_err err;
} part;

typedef struct worker {
    as_group_set set;
    as_scratch *scratch;
    acc *accs;
    uint32_t size;
    uint8_t truth[AS_BLOCK];
    uint16_t offsets[AS_BLOCK];
    uint32_t ids[AS_BLOCK];
} worker;

typedef struct job {
    const as_table *table;
    const as_group_by *by;
    const as_bound *where;
    as_join_index joins[AS_MEASURE_JOINS_MAX];
    size_t join_count;
    const as_column *field; /* NULL: only count */
    worker **workers;
    part *parts;
    size_t chunk_rows, chunks;
    atomic_bool stop;
} job;

/* ---- adding ---- */

static void add_double(acc *a, double x)
{
    double t = a->sum + x;

    a->rest += fabs(a->sum) >= fabs(x) ? (a->sum - t) + x : (x - t) + a->sum;
    a->sum = t;
}

static void add_acc(acc *into, const acc *x)
{
    into->whole += x->whole;
    add_double(into, x->sum);
    into->rest += x->rest;
    into->records += x->records;
    into->nulls += x->nulls;
}

/* The null of a column that is only counted (distinct) does not matter here: the group tells.
 */
static void add_block(const job *j, worker *w, uint32_t begin, uint32_t m)
{
    const as_column *f = j->field;

    if (!f) {
        for (uint32_t i = 0; i < m; i++)
            w->accs[w->ids[i]].records++;
    } else if (f->layout == AS_LAYOUT_INT) {
        const int64_t *x = as_column_ints(f) + begin;
        for (uint32_t i = 0; i < m; i++) {
            acc *a = &w->accs[w->ids[i]];
            bool null = x[w->offsets[i]] == AS_INT_NULL;
            a->records++;
            a->nulls += null;
            a->whole += null ? 0 : x[w->offsets[i]];
        }
    } else {
        const double *x = as_column_nums(f) + begin;
        for (uint32_t i = 0; i < m; i++) {
            acc *a = &w->accs[w->ids[i]];
            a->records++;
            if (isnan(x[w->offsets[i]]))
                a->nulls++;
            else
                add_double(a, x[w->offsets[i]]);
        }
    }
}

/* ---- one chunk ---- */

static bool room(worker *w)
{
    acc *accs;

    if (w->set.count <= w->size)
        return true;
    accs = as_realloc(w->accs, (size_t)w->set.size * sizeof(*accs));
    if (!accs)
        return false;
    memset(accs + w->size, 0, (w->set.size - w->size) * sizeof(*accs));
    w->accs = accs;
    w->size = w->set.size;
    return true;
}

static as_code walk(const job *j, worker *w, uint32_t begin, uint32_t end, as_err *e)
{
    for (uint32_t n; begin < end; begin += n) {
        uint32_t m = 0;
        n = end - begin < AS_BLOCK ? end - begin : AS_BLOCK;
        if (j->where) {
            as_code code = as_bound_block(j->where, begin, n, w->truth, w->scratch, e);
            if (code != AS_OK)
                return code;
        } else {
            memset(w->truth, AS_TRUE, n);
        }
        for (size_t i = 0; i < j->join_count; i++)
            as_join_block(&j->joins[i], begin, n, w->truth);
        for (uint32_t i = 0; i < n; i++) {
            w->offsets[m] = (uint16_t)i;
            m += w->truth[i] == AS_TRUE;
        }
        if (!as_group_block(&w->set, begin, n, w->offsets, m, w->ids))
            return as_group_fail(&w->set, e);
        if (!room(w))
            return as_fail_nomem(e);
        add_block(j, w, begin, m);
    }
    return AS_OK;
}

/* Copy the worker's groups into the chunk's part and make the worker empty again. */
static bool put_by(worker *w, part *p)
{
    uint32_t count = w->set.count;
    size_t width = w->set.by->count;

    p->tokens = as_alloc(count * width * sizeof(*p->tokens));
    p->rows = as_alloc(count * sizeof(*p->rows));
    p->accs = as_alloc(count * sizeof(*p->accs));
    if (count && ((width && !p->tokens) || !p->rows || !p->accs))
        return false;
    if (count) {
        if (width)
            memcpy(p->tokens, w->set.tokens, count * width * sizeof(*p->tokens));
        memcpy(p->rows, w->set.rows, count * sizeof(*p->rows));
        memcpy(p->accs, w->accs, count * sizeof(*p->accs));
        memset(w->accs, 0, count * sizeof(*w->accs));
    }
    p->count = count;
    return true;
}

static as_code worker_open(job *j, unsigned i, as_err *e)
{
    worker *w = as_calloc(1, sizeof(*w));

    if (!w)
        return as_fail_nomem(e);
    j->workers[i] = w;
    if (as_group_set_open(&w->set, j->by, e) != AS_OK)
        return AS_ENOMEM;
    w->scratch = as_scratch_open();
    return w->scratch ? AS_OK : as_fail_nomem(e);
}

static void worker_close(worker *w)
{
    if (!w)
        return;
    as_group_set_close(&w->set);
    as_scratch_close(w->scratch);
    as_free(w->accs);
    as_free(w);
}

static void run_chunk(void *arg, unsigned i, size_t chunk, size_t begin, size_t end)
{
    job *j = arg;
    part *p = &j->parts[chunk];

    if (atomic_load(&j->stop)) /* chunks begin in order: one that failed has all before it done
                                  or begun */
        return;
    if (!j->workers[i])
        p->code = worker_open(j, i, &p->err);
    if (p->code == AS_OK)
        p->code = walk(j, j->workers[i], (uint32_t)begin, (uint32_t)end, &p->err);
    if (p->code == AS_OK && !put_by(j->workers[i], p))
        p->code = as_fail_nomem(&p->err);
    if (p->code == AS_OK)
        as_group_set_clear(&j->workers[i]->set);
    else
        atomic_store(&j->stop, true);
}

/* ---- all chunks ---- */

typedef struct total {
    as_group_set set;
    acc *accs;
    uint32_t size;
} total;

/* What is known of the group so far; NULL: out of memory. */
static acc *total_at(total *t, const uint64_t *tokens, uint32_t row)
{
    uint32_t id;

    if (!as_group_add(&t->set, tokens, row, &id))
        return NULL;
    if (t->set.size > t->size) {
        acc *accs = as_realloc(t->accs, (size_t)t->set.size * sizeof(*accs));
        if (!accs)
            return NULL;
        memset(accs + t->size, 0, (t->set.size - t->size) * sizeof(*accs));
        t->accs = accs;
        t->size = t->set.size;
    }
    return &t->accs[id];
}

static void total_close(total *t)
{
    as_group_set_close(&t->set);
    as_free(t->accs);
}

static bool total_add(total *t, const part *p)
{
    size_t width = t->set.by->count;

    for (uint32_t g = 0; g < p->count; g++) {
        acc *a = total_at(t, p->tokens + g * width, p->rows[g]);
        if (!a)
            return false;
        add_acc(a, &p->accs[g]);
    }
    return true;
}

static as_code merge(const job *j, total *t, as_err *e)
{
    for (size_t i = 0; i < j->chunks; i++) {
        const part *p = &j->parts[i];
        if (p->code != AS_OK) {
            if (e)
                *e = p->err;
            return p->code;
        }
    }
    for (size_t i = 0; i < j->chunks; i++) {
        if (!total_add(t, &j->parts[i]))
            return as_group_fail(&t->set, e);
    }
    return AS_OK;
}

static as_code job_run(job *j, as_pool *pool, total *t, as_err *e)
{
    unsigned jobs = pool ? as_pool_jobs(pool) : 1;
    size_t per = (j->table->rows + CHUNKS_MAX - 1) / CHUNKS_MAX;
    as_code code;

    j->chunk_rows =
        per < CHUNK_ROWS_MIN ? CHUNK_ROWS_MIN : (per + AS_BLOCK - 1) / AS_BLOCK * AS_BLOCK;
    j->chunks = (j->table->rows + j->chunk_rows - 1) / j->chunk_rows;
    j->workers = as_calloc(jobs, sizeof(*j->workers));
    j->parts = as_calloc(j->chunks + 1, sizeof(*j->parts));
    code = as_group_set_open(&t->set, j->by, e);
    if (code == AS_OK && (!j->workers || !j->parts))
        code = as_fail_nomem(e);
    if (code == AS_OK) {
        as_pool_for(pool, j->table->rows, j->chunk_rows, run_chunk, j);
        code = merge(j, t, e);
    }
    for (unsigned i = 0; j->workers && i < jobs; i++)
        worker_close(j->workers[i]);
    for (size_t i = 0; j->parts && i < j->chunks; i++) {
        as_free(j->parts[i].tokens);
        as_free(j->parts[i].rows);
        as_free(j->parts[i].accs);
    }
    as_free(j->workers);
    as_free(j->parts);
    return code;
}

/* ---- groups as people know them ---- */

static double sum_of(const acc *a)
{
    return (double)a->whole + (a->sum + a->rest);
}

static void value_of(const as_measure_node *n, const acc *a, as_measured *out)
{
    as_measure_op op = n->measure->op;
    uint64_t with = a->records - a->nulls;

    out->records = a->records;
    out->nulls = a->nulls;
    out->known = op == AS_MEASURE_COUNT || op == AS_MEASURE_DISTINCT || with > 0;
    if (!out->known)
        out->value = (double)NAN;
    else if (op == AS_MEASURE_COUNT)
        out->value = (double)a->records;
    else if (op == AS_MEASURE_MEAN)
        out->value = sum_of(a) / (double)with;
    else
        out->value = sum_of(a);
}

static int by_keys(const void *x, const void *y, void *by_count)
{
    const as_measured *a = x, *b = y;

    return as_group_keys_cmp(a->keys, b->keys, *(const size_t *)by_count);
}

/* Without `by` there is one group, also over no records. */
static void no_records(const as_measure_node *n, as_measure_result *out, const as_str *keys)
{
    as_measure_op op = n->measure->op;
    bool known = op == AS_MEASURE_COUNT || op == AS_MEASURE_DISTINCT;

    out->groups[0] =
        (as_measured){.keys = keys, .value = known ? 0 : (double)NAN, .known = known};
    out->count = 1;
}

/* Groups by `by` and the field -> groups by `by`, `whole` being the number of their values. */
static as_code count_distinct(const total *fine, const as_group_by *by, total *out, as_err *e)
{
    const as_column *field = fine->set.by->columns[by->count].column;
    size_t width = by->count + 1;
    as_code code = as_group_set_open(&out->set, by, e);

    for (uint32_t g = 0; code == AS_OK && g < fine->set.count; g++) {
        acc *a = total_at(out, fine->set.tokens + g * width, fine->set.rows[g]);
        bool null = as_cell_null(field, fine->set.rows[g]);
        if (!a)
            return as_group_fail(&out->set, e);
        a->records += fine->accs[g].records;
        a->nulls += null ? fine->accs[g].records : 0;
        a->whole += null ? 0 : 1;
    }
    return code;
}

static as_code finish(const as_measure_node *n, const total *t, as_arena *a,
                      as_measure_result *out, as_err *e)
{
    out->by_count = t->set.by->count;
    out->groups = AS_NEW_N(a, as_measured, (size_t)t->set.count + 1);
    if (!out->groups)
        return as_fail_nomem(e);
    for (uint32_t g = 0; g < t->set.count; g++) {
        as_measured *m = &out->groups[out->count++];
        m->keys = as_group_keys(&t->set, g, a);
        if (!m->keys)
            return as_fail_nomem(e);
        value_of(n, &t->accs[g], m);
    }
    if (out->count > 1)
        qsort_r(out->groups, out->count, sizeof(*out->groups), by_keys, &out->by_count);
    if (out->count == 0 && n->by_count == 0)
        no_records(n, out, AS_NEW(a, as_str));
    return AS_OK;
}

static as_code check_fields(const as_measure_node *n, const as_table *t, const uint32_t *fields,
                            size_t count, as_err *e)
{
    as_code code = AS_OK;

    for (size_t i = 0; i < count && code == AS_OK; i++)
        code = as_measure_needs_field(n->measure, t, fields[i], e);
    return code;
}

/* What chooses the records: `where`, and the joins. */
static as_code open_choice(job *j, const as_measure_node *n, as_tables tables, as_pool *pool,
                           as_arena *a, as_err *e)
{
    as_bound *where = NULL;
    as_code code = AS_OK;

    if (n->where)
        code = as_bound_make(&where, n->where, j->table, NULL, a, e);
    j->where = where;
    for (size_t i = 0; code == AS_OK && i < n->join_count; i++)
        code = as_join_index_open(&j->joins[j->join_count++], n->measure, &n->joins[i],
                                  j->table, tables, pool, a, e);
    return code;
}

as_code as_measure_aggregate(const as_measure_node *n, const as_table *t, as_tables tables,
                             as_pool *pool, as_arena *a, as_measure_result *out, as_err *e)
{
    uint32_t fields[AS_KEY_FIELDS_MAX + 1];
    size_t count = n->by_count;
    as_measure_op op = n->measure->op;
    job j = {.table = t};
    total sum = {0}, values = {0};
    as_group_by *by = NULL, *coarse = NULL;
    as_code code;

    *out = (as_measure_result){0};
    memcpy(fields, n->by, count * sizeof(*fields));
    if (op == AS_MEASURE_DISTINCT)
        fields[count++] = n->field;
    code = check_fields(n, t, fields, count, e);
    if (code == AS_OK && (op == AS_MEASURE_SUM || op == AS_MEASURE_MEAN)) {
        code = check_fields(n, t, &n->field, 1, e);
        j.field = t->rows ? &t->columns[n->field] : NULL;
    }
    if (code == AS_OK)
        code = open_choice(&j, n, tables, pool, a, e);
    if (code == AS_OK)
        code = as_group_by_make(&by, t, fields, count, a, e);
    j.by = by;
    if (code == AS_OK)
        code = job_run(&j, pool, &sum, e);
    if (code == AS_OK && op == AS_MEASURE_DISTINCT) {
        code = as_group_by_make(&coarse, t, fields, n->by_count, a, e);
        if (code == AS_OK)
            code = count_distinct(&sum, coarse, &values, e);
    }
    if (code == AS_OK)
        code = finish(n, coarse ? &values : &sum, a, out, e);
    for (size_t i = 0; i < j.join_count; i++)
        as_join_index_close(&j.joins[i]);
    total_close(&sum);
    total_close(&values);
    return code;
}
