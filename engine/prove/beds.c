/* beds.c: where faults are planted, and which rules could find them there. */
#include "prove/proof.h"

#include <stdlib.h>

/* ---- who reads what ---- */

static bool reads(const as_bound_rule *r, as_str table, uint32_t field)
{
    const as_need *need = as_needs_find(&r->needs, table);
    return need && (field == AS_NO_FIELD || need->decides[field]);
}

static bool find_readers(as_prover *p, as_str table, uint32_t field, as_readers *out)
{
    out->rules = AS_NEW_N(p->arena, uint32_t, p->run->rule_count + 1);
    for (size_t i = 0; out->rules && i < p->run->rule_count; i++) {
        if (as_prove_takes_part(p, i) && reads(p->run->rules[i].rule, table, field)) {
            out->rules[out->count++] = (uint32_t)i;
        }
    }
    return out->rules != NULL;
}

static bool bed_readers(as_prover *p, size_t bed)
{
    const as_table *t = p->beds[bed].table;
    p->by_field[bed] = AS_NEW_N(p->arena, as_readers, t->schema->count + 1);
    bool ok = p->by_field[bed] && find_readers(p, t->name, AS_NO_FIELD, &p->by_table[bed]);
    for (uint32_t f = 0; ok && f < t->schema->count; f++) {
        ok = find_readers(p, t->name, f, &p->by_field[bed][f]);
    }
    return ok;
}

/* ---- sorts of record ---- */

typedef struct sorted_row {
    as_str value; /* .ptr NULL sorts first */
    uint32_t row;
} sorted_row;

static int by_value(const void *a, const void *b)
{
    const sorted_row *x = a, *y = b;
    if (!x->value.ptr != !y->value.ptr) {
        return x->value.ptr ? 1 : -1;
    }
    int order = as_str_cmp(x->value, y->value);
    return order ? order : x->row < y->row ? -1 : x->row > y->row;
}

static uint32_t sort_field(const as_table *t)
{
    for (uint32_t f = 0; f < t->schema->count; f++) {
        if (t->schema->fields[f].type == AS_TYPE_CODE &&
            t->columns[f].layout == AS_LAYOUT_DICT) {
            return f;
        }
    }
    return AS_NO_FIELD;
}

/* The clean rows by value; texts of a dictionary live as long as the table. */
static sorted_row *sorted_rows(as_prover *p, const as_table *t, const uint8_t *dirty,
                               uint32_t *count)
{
    uint32_t field = sort_field(t);
    as_buf unused = AS_BUF(AS_FIELD_MAX);
    sorted_row *all = AS_NEW_N(p->arena, sorted_row, (size_t)t->rows + 1);
    *count = 0;
    for (uint32_t row = 0; all && row < t->rows; row++) {
        if (!dirty[row]) {
            as_str value = field == AS_NO_FIELD
                               ? AS_NONE
                               : as_cell_text(t, &t->columns[field], row, &unused);
            all[(*count)++] = (sorted_row){value, row};
        }
    }
    as_buf_free(&unused);
    if (all) {
        qsort(all, *count, sizeof *all, by_value);
    }
    return all;
}

static bool new_sort(const sorted_row *all, uint32_t i)
{
    return i == 0 || !all[i].value.ptr != !all[i - 1].value.ptr ||
           !as_str_eq(all[i].value, all[i - 1].value);
}

static bool fill_bed(as_prover *p, as_bed *b, const as_table *t, const uint8_t *dirty)
{
    sorted_row *all = sorted_rows(p, t, dirty, &b->clean);
    uint32_t *rows = AS_NEW_N(p->arena, uint32_t, (size_t)b->clean + 1);
    b->table = t;
    for (uint32_t i = 0; all && i < b->clean; i++) {
        b->stratum_count += new_sort(all, i);
    }
    b->strata = AS_NEW_N(p->arena, as_stratum, (size_t)b->stratum_count + 1);
    if (!all || !rows || !b->strata) {
        return false;
    }
    as_stratum *x = b->strata - 1;
    for (uint32_t i = 0; i < b->clean; i++) {
        rows[i] = all[i].row;
        if (new_sort(all, i)) {
            (++x)->rows = &rows[i];
        }
        x->count++;
    }
    return true;
}

/* The part of `name` before `ending`; AS_NONE: it does not end so. */
static as_str without_ending(as_str name, as_str ending)
{
    bool ends = name.len > ending.len &&
                as_str_eq(as_str_sub(name, name.len - ending.len, ending.len), ending);
    return ends ? as_str_sub(name, 0, name.len - ending.len) : AS_NONE;
}

bool as_prove_is_earlier(const as_prover *p, size_t bed)
{
    static const as_str endings[] = {{"_before", 7}, {"_earlier", 8}};
    const as_project *project = p->run->plan->project;
    for (size_t k = 0; k < sizeof endings / sizeof endings[0]; k++) {
        as_str now = without_ending(project->tables[bed].name, endings[k]);
        for (size_t i = 0; now.len && i < project->table_count; i++) {
            if (as_str_eq(project->tables[i].name, now)) {
                return true;
            }
        }
    }
    return false;
}

/* One for each table of the release; reference tables are the pack's own, and reviewed with it.
 */
as_code as_prove_beds(as_prover *p, as_err *e)
{
    const as_project *project = p->run->plan->project;
    size_t tables = p->run->table_count;
    p->beds = AS_NEW_N(p->arena, as_bed, tables + 1);
    p->by_field = AS_NEW_N(p->arena, as_readers *, tables + 1);
    p->by_table = AS_NEW_N(p->arena, as_readers, tables + 1);
    bool ok = p->beds && p->by_field && p->by_table;
    for (size_t i = 0; ok && i < tables && i < project->table_count; i++) {
        ok = fill_bed(p, &p->beds[i], p->run->tables[i], p->dirty[i]) && bed_readers(p, i);
        p->bed_count++;
    }
    return ok ? AS_OK : as_fail_nomem(e);
}
