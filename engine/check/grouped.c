/* grouped.c: see grouped.h. */
#include "check/grouped.h"

#include "base/alloc.h"
#include "check/evidence.h"

#include <stdlib.h>

as_code as_eval_field(const as_bind *b, const as_table *t, uint32_t field, as_err *e)
{
    if (t->rows == 0 || t->columns[field].layout != AS_LAYOUT_ABSENT)
        return AS_OK;
    return as_fail(
        e, AS_EINPUT, b->rule->at,
        "rule %.*s reads the field %.*s, which the table %.*s does not have in this release",
        AS_FMT(b->rule->id), AS_FMT(t->schema->fields[field].name), AS_FMT(t->name));
}

as_code as_grouped_open(as_grouped *out, const as_eval *ev, const as_bind *b, const as_table *t,
                        const uint32_t *fields, size_t count, const uint8_t *select, as_err *e)
{
    as_group_by *by = NULL;
    as_code code = AS_OK;

    for (size_t i = 0; code == AS_OK && i < count; i++)
        code = as_eval_field(b, t, fields[i], e);
    if (code == AS_OK)
        code = as_group_by_make(&by, t, fields, count, ev->arena, e);
    if (code == AS_OK)
        code = as_group_set_open(&out->set, by, e);
    if (code != AS_OK)
        return code;
    out->ids = as_alloc(((size_t)t->rows + 1) * sizeof *out->ids);
    if (!out->ids)
        return as_fail_nomem(e);
    code = as_group_rows(&out->set, select, out->ids, e);
    out->count = out->set.count;
    return code;
}

void as_grouped_close(as_grouped *g)
{
    as_group_set_close(&g->set);
    as_free(g->ids);
    g->ids = NULL;
}

typedef struct sorting {
    const as_str *const *keys;
    size_t count;
} sorting;

static int by_keys(const void *x, const void *y, void *arg)
{
    const sorting *s = arg;

    return as_group_keys_cmp(s->keys[*(const uint32_t *)x], s->keys[*(const uint32_t *)y],
                             s->count);
}

as_code as_grouped_names(const as_grouped *g, as_arena *a, const as_str *const **keys,
                         const uint32_t **order, as_err *e)
{
    const as_str **names = AS_NEW_N(a, const as_str *, (size_t)g->count + 1);
    uint32_t *sorted = AS_NEW_N(a, uint32_t, (size_t)g->count + 1);

    if (!names || !sorted)
        return as_fail_nomem(e);
    for (uint32_t i = 0; i < g->count; i++) {
        sorted[i] = i;
        names[i] = as_group_keys(&g->set, i, a);
        if (!names[i])
            return as_fail_nomem(e);
    }
    if (g->count > 1) {
        sorting s = {names, g->set.by->count};
        qsort_r(sorted, g->count, sizeof *sorted, by_keys, &s);
    }
    *keys = names;
    *order = sorted;
    return AS_OK;
}

bool as_any_sensitive(const as_schema *s, const uint32_t *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (s->fields[fields[i]].sensitive)
            return true;
    return false;
}

void as_extra_fields(as_evidence *out, const as_schema *s, const uint32_t *fields, size_t count,
                     const as_str *keys)
{
    for (size_t i = 0; i < count; i++) {
        const as_field *f = &s->fields[fields[i]];
        as_evidence_extra(out, f->name, keys[i].ptr ? keys[i] : AS_STR(""), keys[i].ptr == NULL,
                          f->sensitive);
    }
}
