/* other_rows.c: see other_rows.h. */
#include "check/other_rows.h"

#include "base/alloc.h"
#include "check/params.h"

bool as_other_ask_same_self(const as_other_ask *x, const as_other_ask *y)
{
    return as_str_eq(x->self, y->self) && x->count == y->count &&
           memcmp(x->mine, y->mine, x->count * sizeof *x->mine) == 0;
}

bool as_other_ask_same(const as_other_ask *x, const as_other_ask *y)
{
    return as_str_eq(x->table, y->table) && x->count == y->count && x->date == y->date &&
           memcmp(x->fields, y->fields, x->count * sizeof *x->fields) == 0 &&
           as_node_same(x->written, y->written) &&
           (x->date == AS_NO_FIELD || as_other_ask_same_self(x, y));
}

as_other_ask as_other_ask_back(const as_other_ask *x)
{
    as_other_ask back = {
        .table = x->self, .count = x->count, .date = AS_NO_FIELD, .self = x->table};
    memcpy(back.fields, x->mine, sizeof x->mine);
    memcpy(back.mine, x->fields, sizeof x->fields);
    return back;
}

static as_key key_of(const as_table *t, const uint32_t *fields, size_t count)
{
    as_key key = {.table = t, .count = count};
    memcpy(key.fields, fields, count * sizeof *fields);
    return key;
}

static as_code open_index(as_other_rows *x, const as_other_ask *ask, const as_table *t,
                          as_pool *pool, as_arena *a, as_err *e)
{
    const as_key key = key_of(t, ask->fields, ask->count);
    as_bound *where = NULL;
    uint8_t *select = NULL;
    as_code code = as_bound_make(&where, ask->where, NULL, t, a, e);
    if (code == AS_OK && where)
        code = as_bound_all(&select, where, t, pool, a, e);
    return code == AS_OK ? as_index_open(&x->index, &key, select, e) : code;
}

/* ---- the latest ---- */

/* The rows of the other table go by once, from the last to the first, each to the record that
 * has its key: so the rows of a day that are kept ascend. */
typedef struct pass {
    as_other_rows *out;
    as_probe probe; /* from the other table to the first record with the key */
    const as_bound *where;
    const as_column *dates;
    as_scratch *scratch;
    uint32_t rows;
} pass;

/* Ties are few: they stand in a list, as they are met, not in an array as long as the table. */
static as_code add_tie(const pass *p, as_latest *at, uint32_t row)
{
    as_other_rows *out = p->out;
    if (out->tied_count == out->tied_room) {
        const size_t room = out->tied_room ? 2 * out->tied_room : 256;
        as_latest_tie *tied = as_realloc(out->tied, room * sizeof *tied);
        if (!tied)
            return AS_ENOMEM;
        out->tied = tied;
        out->tied_room = room;
    }
    out->tied[out->tied_count++] = (as_latest_tie){row, at->row};
    at->row = row;
    at->ties++;
    return AS_OK;
}

uint32_t as_latest_next(const as_other_rows *x, uint32_t row)
{
    size_t from = 0, to = x->tied_count;
    while (to - from > 1) {
        const size_t mid = from + (to - from) / 2;
        if (x->tied[mid].row >= row)
            from = mid;
        else
            to = mid;
    }
    return x->tied[from].next;
}

/* Which rows of the block count, as places in it. */
static uint32_t choose(const pass *p, uint32_t begin, uint32_t n, const uint8_t *in,
                       const uint32_t *records, uint16_t *out)
{
    const as_date *days = as_column_dates(p->dates) + begin;
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        out[count] = (uint16_t)i;
        count += (in[i] == AS_TRUE) & (records[i] < AS_KEY_NULL) & (days[i] != AS_DATE_NULL);
    }
    return count;
}

static as_code pass_block(const pass *p, uint32_t begin, uint32_t n, as_err *e)
{
    const uint32_t ahead = 32;
    const as_date *days = as_column_dates(p->dates) + begin;
    uint8_t in[AS_BLOCK];
    uint32_t room[AS_BLOCK];
    uint16_t chosen[AS_BLOCK];
    as_code code = as_bound_block(p->where, begin, n, in, p->scratch, e);
    if (code != AS_OK)
        return code;
    const uint32_t *records = as_probe_block(&p->probe, begin, n, room);
    as_latest *latest = p->out->latest;
    for (uint32_t k = choose(p, begin, n, in, records, chosen); k-- > 0;) {
        const uint32_t i = chosen[k];
        as_latest *at = &latest[records[i]];
        if (k >= ahead)
            __builtin_prefetch(&latest[records[chosen[k - ahead]]], 1);
        if (at->ties && at->day == days[i]) {
            if (add_tie(p, at, begin + i) != AS_OK)
                return as_fail_nomem(e);
            continue;
        }
        const bool newer = !at->ties | (days[i] > at->day);
        at->row = newer ? begin + i : at->row;
        at->ties = newer ? 1 : at->ties;
        at->day = newer ? days[i] : at->day;
    }
    return AS_OK;
}

static as_code run_pass(const pass *p, as_err *e)
{
    as_code code = AS_OK;
    for (uint32_t end = p->rows, n; end > 0 && code == AS_OK; end -= n) {
        n = end % AS_BLOCK ? end % AS_BLOCK : AS_BLOCK;
        code = pass_block(p, end - n, n, e);
    }
    return code;
}

/* What the first record of a key has is that of the others; and who has no key. */
static void tell_all(as_other_rows *x, const as_key *self, const as_index *index)
{
    const uint32_t rows = self->table->rows;
    uint64_t hashes[AS_BLOCK];
    for (uint32_t begin = 0, n; begin < rows; begin += n) {
        n = rows - begin < AS_BLOCK ? rows - begin : AS_BLOCK;
        as_key_block(self, begin, n, hashes);
        for (uint32_t i = 0; i < n; i++)
            if (hashes[i] == 0)
                x->latest[begin + i].row = AS_KEY_NULL;
    }
    for (uint32_t i = 0; i < rows && as_index_repeats(index); i++) {
        uint32_t next = as_index_next(index, i);
        if (next != AS_NO_ROW)
            x->latest[next] = x->latest[i];
    }
}

static as_code open_latest(as_other_rows *x, const as_other_ask *ask, const as_table *t,
                           as_tables tables, as_arena *a, as_err *e)
{
    const as_table *self_table = as_tables_find(tables, ask->self);
    const as_key self = key_of(self_table, ask->mine, ask->count),
                 other = key_of(t, ask->fields, ask->count);
    const as_index *index = as_ready_index_find(tables, &self);
    as_index *own = NULL;
    as_bound *where = NULL;
    pass p = {.out = x, .dates = &t->columns[ask->date], .rows = t->rows};
    x->latest = as_calloc((size_t)self_table->rows + 1, sizeof *x->latest);
    p.scratch = as_scratch_open();
    as_code code = x->latest && p.scratch ? AS_OK : as_fail_nomem(e);
    if (code == AS_OK)
        code = as_bound_make(&where, ask->where, NULL, t, a, e);
    if (code == AS_OK && !index)
        code = as_index_open(&own, &self, NULL, e);
    index = index ? index : own;
    if (code == AS_OK)
        code = as_probe_open(&p.probe, &other, index,
                             as_ready_match_find(tables, &other, &self), e);
    p.where = where;
    if (code == AS_OK && p.dates->layout == AS_LAYOUT_DATE)
        code = run_pass(&p, e);
    if (code == AS_OK)
        tell_all(x, &self, index);
    as_probe_close(&p.probe);
    as_index_close(own);
    as_scratch_close(p.scratch);
    return code;
}

/* Without the column nothing would be found, and every record be blamed for it. */
static as_code must_be_there(const as_table *t, uint32_t field, as_err *e)
{
    if (t->rows == 0 || field == AS_NO_FIELD || t->columns[field].layout != AS_LAYOUT_ABSENT)
        return AS_OK;
    return as_fail(
        e, AS_EINPUT, AS_NOWHERE,
        "the file of table %.*s has no column for %.*s, by which its rows are looked up",
        AS_FMT(t->name), AS_FMT(t->schema->fields[field].name));
}

static as_code all_there(const as_other_ask *ask, const as_table *t, as_err *e)
{
    as_code code = must_be_there(t, ask->date, e);
    for (size_t i = 0; i < ask->count && code == AS_OK; i++)
        code = must_be_there(t, ask->fields[i], e);
    return code;
}

as_code as_other_rows_open(as_other_rows **out, const as_other_ask *ask, as_tables tables,
                           as_pool *pool, as_arena *a, as_err *e)
{
    const as_table *t = as_tables_find(tables, ask->table);
    as_other_rows *x = as_calloc(1, sizeof *x);
    *out = NULL;
    if (!x)
        return as_fail_nomem(e);
    as_code code = all_there(ask, t, e);
    if (code == AS_OK)
        code = ask->date == AS_NO_FIELD ? open_index(x, ask, t, pool, a, e)
                                        : open_latest(x, ask, t, tables, a, e);
    if (code == AS_OK)
        *out = x;
    else
        as_other_rows_close(x);
    return code;
}

as_code as_eval_other_rows(const as_eval *ev, const as_bind *b, const as_other_rows **out,
                           as_other_rows **own, as_err *e)
{
    as_code code = AS_OK;
    *own = NULL;
    *out = ev->given;
    if (!ev->given) {
        code = as_other_rows_open(own, &b->ask, ev->tables, ev->pool, ev->arena, e);
        *out = *own;
    }
    return code;
}

as_code as_eval_probe(as_probe *out, const as_eval *ev, const as_bind *b, const as_table *self,
                      const as_other_rows *rows, as_err *e)
{
    const as_key key = key_of(self, b->ask.mine, b->ask.count);
    const bool shared = rows == ev->given;
    return as_probe_open(out, &key, rows->index, shared ? ev->matched : NULL, e);
}

void as_other_rows_close(as_other_rows *x)
{
    if (!x)
        return;
    as_index_close(x->index);
    as_free(x->latest);
    as_free(x->tied);
    as_free(x);
}
