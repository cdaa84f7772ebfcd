/* moves.c: for every measure, which records its figures are made of: one group number a row, so
 * that a finding costs a look-up for each measure. Only tables that records are left out of
 * have them. */
#include "measure/moves_node.h"

#include "base/alloc.h"
#include "measure/groups.h"

static bool is_touched(const as_moves_ask *ask, as_str table)
{
    for (size_t i = 0; i < ask->tables.count; i++) {
        if (ask->touched[i] && as_str_eq(ask->tables.items[i]->name, table))
            return true;
    }
    return false;
}

bool as_moves_any(const as_moves_ask *ask)
{
    for (size_t i = 0; i < ask->count; i++) {
        for (size_t k = 0; k < ask->measures[i]->count; k++) {
            const as_measure_node *n = &ask->measures[i]->nodes[k];
            if (!n->formula && is_touched(ask, n->measure->table))
                return true;
        }
    }
    return false;
}

/* ---- the list of nodes ---- */

static uint32_t place_of(const as_moves *m, const as_measure *measure)
{
    uint32_t i = 0;

    while (i < m->count && m->nodes[i].n->measure != measure)
        i++;
    return i;
}

static as_code add_node(as_moves *m, const as_bound_measure *from, size_t k,
                        const as_measure_result *result, const as_moves_ask *ask, as_err *e)
{
    const as_measure_node *n = &from->nodes[k];
    as_moves_node *x = &m->nodes[m->count];

    if (place_of(m, n->measure) < m->count)
        return AS_OK;
    *x = (as_moves_node){.n = n, .result = *result};
    if (n->formula) {
        uint32_t *operands = AS_NEW_N(m->arena, uint32_t, n->formula->name_count + 1);
        if (!operands)
            return as_fail_nomem(e);
        for (size_t i = 0; i < n->formula->name_count; i++)
            operands[i] = place_of(m, from->nodes[n->operands[i]].measure);
        x->operands = operands;
    } else if (is_touched(ask, n->measure->table)) {
        x->table = as_tables_find(ask->tables, n->measure->table);
    }
    m->count++;
    return AS_OK;
}

/* "Home / Private" for each group. */
static as_code add_names(as_moves *m, as_moves_node *x, as_err *e)
{
    as_buf name = AS_BUF(AS_EVIDENCE_MAX);
    bool ok = (x->names = AS_NEW_N(m->arena, as_str, x->result.count + 1)) != NULL;

    for (size_t g = 0; ok && g < x->result.count; g++) {
        as_buf_clear(&name);
        for (size_t k = 0; k < x->result.by_count; k++) {
            as_str key = x->result.groups[g].keys[k];
            as_buf_add(&name, k ? AS_STR(" / ") : AS_STR(""));
            as_buf_add(&name, key.ptr ? key : AS_STR("(none)"));
        }
        x->names[g] = as_arena_str(m->arena, as_buf_str(&name));
        ok = x->names[g].ptr && !name.failed;
    }
    as_buf_free(&name);
    return ok ? AS_OK : as_fail_nomem(e);
}

static as_code add_measure(as_moves *m, const as_bound_measure *b, const as_moves_ask *ask,
                           as_err *e)
{
    as_measure_result *results = AS_NEW_N(m->arena, as_measure_result, b->count + 1);
    const as_measure *measure = as_bound_measure_of(b);
    as_err why = {0};
    as_code code =
        results ? as_measure_eval_nodes(b, ask->tables, ask->pool, m->arena, results, &why)
                : AS_ENOMEM;

    if (code == AS_ENOMEM)
        return as_fail_nomem(e);
    if (code != AS_OK) {
        as_diag_add(ask->diags, AS_DIAG_WARNING, measure->at, NULL,
                    "measure %.*s is published, but findings cannot say whether they move it: "
                    "%s",
                    AS_FMT(measure->name), why.text);
        return AS_OK;
    }
    for (size_t k = 0; code == AS_OK && k < b->count; k++)
        code = add_node(m, b, k, &results[k], ask, e);
    if (code == AS_OK) {
        m->asked[m->asked_count] = place_of(m, measure);
        code = add_names(m, &m->nodes[m->asked[m->asked_count++]], e);
    }
    return code;
}

/* ---- which records ---- */

typedef struct job {
    as_moves *moves;
    const as_moves_ask *ask;
    as_err *errors; /* one a node */
} job;

/* The records that the measure is made of, one byte a row, in `a`. */
static as_code choose(uint8_t **out, const as_moves_node *x, const as_moves_ask *ask,
                      as_arena *a, as_err *e)
{
    const as_measure_node *n = x->n;
    as_bound *where = NULL;
    as_code code = AS_OK;

    if (n->where)
        code = as_bound_make(&where, n->where, x->table, NULL, a, e);
    if (code == AS_OK)
        code = as_bound_all(out, where, x->table, ask->pool, a, e);
    for (size_t i = 0; code == AS_OK && i < n->join_count; i++) {
        as_join_index join = {0};
        code = as_join_index_open(&join, n->measure, &n->joins[i], x->table, ask->tables,
                                  ask->pool, a, e);
        for (uint32_t begin = 0, m; code == AS_OK && begin < x->table->rows; begin += m) {
            m = x->table->rows - begin < AS_BLOCK ? x->table->rows - begin : AS_BLOCK;
            as_join_block(&join, begin, m, *out + begin);
        }
        as_join_index_close(&join);
    }
    return code;
}

/* ids becomes the place of each row's group in the result. */
static as_code name_places(const as_moves_node *x, const as_group_set *s, uint32_t *ids,
                           as_arena *a, as_err *e)
{
    uint32_t *places = AS_NEW_N(a, uint32_t, (size_t)s->count + 1);

    for (uint32_t g = 0; places && g < s->count; g++) {
        const as_str *keys = as_group_keys(s, g, a);
        const as_measured *found = keys ? as_measure_group(&x->result, keys) : NULL;
        if (!keys)
            return as_fail_nomem(e);
        places[g] = found ? (uint32_t)(found - x->result.groups) : AS_NO_ROW;
    }
    if (!places)
        return as_fail_nomem(e);
    for (uint32_t row = 0; row < x->table->rows; row++)
        ids[row] = ids[row] == UINT32_MAX ? AS_NO_ROW : places[ids[row]];
    return AS_OK;
}

static as_code group_rows(as_moves_node *x, const uint8_t *select, as_arena *a, as_err *e)
{
    as_group_by *by = NULL;
    as_group_set s = {0};
    as_code code = as_group_by_make(&by, x->table, x->n->by, x->n->by_count, a, e);

    if (code == AS_OK)
        code = as_group_set_open(&s, by, e);
    if (code == AS_OK)
        code = as_group_rows(&s, select, x->group, e);
    if (code == AS_OK)
        code = name_places(x, &s, x->group, a, e);
    as_group_set_close(&s);
    return code;
}

static as_code count_values(as_moves_node *x, const uint8_t *select, as_arena *a, as_err *e)
{
    uint32_t fields[AS_KEY_FIELDS_MAX + 1];
    size_t count = x->n->by_count;
    as_group_by *by = NULL;
    as_group_set s = {0};
    as_code code;

    memcpy(fields, x->n->by, count * sizeof *fields);
    fields[count++] = x->n->field;
    x->value = as_alloc(((size_t)x->table->rows + 1) * sizeof *x->value);
    code = x->value ? as_group_by_make(&by, x->table, fields, count, a, e) : as_fail_nomem(e);
    if (code == AS_OK)
        code = as_group_set_open(&s, by, e);
    if (code == AS_OK)
        code = as_group_rows(&s, select, x->value, e);
    if (code == AS_OK && !(x->records = as_calloc((size_t)s.count + 1, sizeof *x->records)))
        code = as_fail_nomem(e);
    for (uint32_t row = 0; code == AS_OK && row < x->table->rows; row++) {
        if (x->value[row] != UINT32_MAX)
            x->records[x->value[row]]++;
    }
    as_group_set_close(&s);
    return code;
}

static as_code find_records(as_moves_node *x, const as_moves_ask *ask, as_err *e)
{
    as_arena *a = as_arena_open();
    uint8_t *select = NULL;
    as_code code;

    x->group = as_alloc(((size_t)x->table->rows + 1) * sizeof *x->group);
    code = a && x->group ? choose(&select, x, ask, a, e) : as_fail_nomem(e);
    if (code == AS_OK)
        code = group_rows(x, select, a, e);
    if (code == AS_OK && x->n->measure->op == AS_MEASURE_DISTINCT)
        code = count_values(x, select, a, e);
    as_arena_close(a);
    return code;
}

static void find_all(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end)
{
    job *j = arg;

    (void)worker;
    (void)chunk;
    for (size_t i = begin; i < end; i++) {
        if (j->moves->nodes[i].table)
            (void)find_records(&j->moves->nodes[i], j->ask, &j->errors[i]);
    }
}

static as_code find_nodes(as_moves *m, const as_moves_ask *ask, as_err *e)
{
    job j = {m, ask, AS_NEW_N(m->arena, as_err, m->count + 1)};

    if (!j.errors)
        return as_fail_nomem(e);
    as_pool_for(ask->pool, m->count, 1, find_all, &j);
    for (size_t i = 0; i < m->count; i++) {
        if (j.errors[i].code != AS_OK) {
            *e = j.errors[i];
            return e->code;
        }
    }
    return AS_OK;
}

as_code as_moves_open(as_moves **out, const as_moves_ask *ask, as_err *e)
{
    as_arena *a = as_arena_open();
    as_moves *m = a ? AS_NEW(a, as_moves) : NULL;
    size_t most = 0;
    as_code code = AS_OK;

    *out = NULL;
    if (!m) {
        as_arena_close(a);
        return as_fail_nomem(e);
    }
    m->arena = a;
    for (size_t i = 0; i < ask->count; i++)
        most += ask->measures[i]->count;
    m->nodes = AS_NEW_N(a, as_moves_node, most + 1);
    m->asked = AS_NEW_N(a, uint32_t, ask->count + 1);
    if (!m->nodes || !m->asked)
        code = as_fail_nomem(e);
    for (size_t i = 0; code == AS_OK && i < ask->count; i++)
        code = add_measure(m, ask->measures[i], ask, e);
    if (code == AS_OK)
        code = find_nodes(m, ask, e);
    if (code == AS_OK)
        *out = m;
    else
        as_moves_close(m);
    return code;
}

void as_moves_close(as_moves *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < m->count; i++) {
        as_free(m->nodes[i].group);
        as_free(m->nodes[i].value);
        as_free(m->nodes[i].records);
    }
    as_arena_close(m->arena);
}
