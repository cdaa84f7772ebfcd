/* pairs.c: see pairs.h. Loops without branches that depend on data: a pair is written where the
 * next one will be, and stays when it is kept. */
#include "check/pairs.h"

void as_pairs_take(as_pairs *x, uint32_t begin, uint32_t n, const uint8_t *where,
                   const uint32_t *first)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i++) {
        x->rows[count] = begin + i;
        x->others[count] = first[i];
        count += (where[i] == AS_TRUE) & (first[i] < AS_KEY_NULL);
    }
    x->begin = begin;
    x->count = count;
}

static void keep(as_pairs *x, const uint8_t *truth)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < x->count; i++) {
        x->rows[kept] = x->rows[i];
        x->others[kept] = x->others[i];
        kept += truth[i] == AS_TRUE;
    }
    x->count = kept;
}

as_code as_pairs_keep(as_pairs *x, const as_bound *b, as_scratch *s, as_err *e)
{
    uint8_t truth[AS_BLOCK];
    if (!b)
        return AS_OK;
    as_code code = as_bound_pairs(b, x->rows, x->others, x->count, truth, s, e);
    if (code == AS_OK)
        keep(x, truth);
    return code;
}

static void pick_days(const as_column *c, const uint32_t *rows, uint32_t n, as_date *out)
{
    const bool there = c && c->layout == AS_LAYOUT_DATE;
    for (uint32_t i = 0; i < n; i++)
        out[i] = there ? as_column_dates(c)[rows[i]] : AS_DATE_NULL;
}

void as_pairs_keep_valid(as_pairs *x, const as_pairs_time *t)
{
    as_date day[AS_BLOCK], from[AS_BLOCK], to[AS_BLOCK];
    uint8_t truth[AS_BLOCK];
    pick_days(t->day, x->rows, x->count, day);
    pick_days(t->from, x->others, x->count, from);
    pick_days(t->to, x->others, x->count, to);
    for (uint32_t i = 0; i < x->count; i++) {
        bool begun = (from[i] == AS_DATE_NULL) | (day[i] >= from[i]);
        bool on = (to[i] == AS_DATE_NULL) | (day[i] <= to[i]);
        truth[i] = (uint8_t)(((day[i] != AS_DATE_NULL) & begun & on) << 1);
    }
    keep(x, truth);
}

uint32_t as_pairs_settle(const as_pairs *x, uint8_t *where)
{
    for (uint32_t i = 0; i < x->count; i++)
        where[x->rows[i] - x->begin] = AS_FALSE;
    return x->count;
}
