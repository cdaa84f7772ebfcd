/* baseline.c: what the rules find in the release as it is. A fault is caught by what is not
 * among it; and records that are wrong already are no place to plant in. */
#include "prove/proof.h"

#include "base/hash.h"

#include <stdlib.h>

bool as_prove_takes_part(const as_prover *p, size_t rule)
{
    const as_rule_run *x = &p->run->rules[rule];
    const as_pack *pack = p->options->pack;
    return x->status != AS_STATUS_OFF && x->status != AS_STATUS_ERROR &&
           (!pack || x->rule->builtin || x->rule->rule->pack == pack);
}

static int by_fingerprint(const void *a, const void *b)
{
    return memcmp(((const as_known *)a)->fingerprint, ((const as_known *)b)->fingerprint, 32);
}

static int by_place(const void *a, const void *b)
{
    const as_known_place *x = a, *y = b;
    if (x->row != y->row) {
        return x->row < y->row ? -1 : 1;
    }
    return x->field < y->field ? -1 : x->field > y->field;
}

static void mark(as_prover *p, as_str table, uint32_t row)
{
    for (size_t i = 0; i < p->run->table_count; i++) {
        const as_table *t = p->run->tables[i];
        if (row && row <= t->rows && as_str_eq(t->name, table)) {
            p->dirty[i][row - 1] = 1;
        }
    }
}

/* A finding of no record speaks of the whole column: one that must not be there, say. */
static void mark_column(as_prover *p, as_str table, as_str field)
{
    for (size_t i = 0; field.len && i < p->run->table_count; i++) {
        const as_table *t = p->run->tables[i];
        uint32_t f =
            as_str_eq(t->name, table) ? as_schema_field(t->schema, field) : AS_NO_FIELD;
        if (f != AS_NO_FIELD) {
            p->dirty_field[i][f] = 1;
        }
    }
}

typedef struct taking {
    as_prover *p;
    size_t rule;    /* findings come in the order of the rules */
    as_arena *said; /* of the message at hand */
} taking;

static as_code take(void *arg, const as_doc_finding *f, as_err *e)
{
    taking *t = arg;
    as_arena_reset(t->said);
    const as_str message = as_doc_message(t->said, f);
    if (!message.ptr) {
        return as_fail_nomem(e);
    }
    while (!as_str_eq(t->p->run->rules[t->rule].rule->rule->id, f->rule) ||
           t->p->baseline[t->rule].known_count ==
               t->p->run->rules[t->rule].result.findings.count) {
        t->rule++;
    }
    as_baseline *b = &t->p->baseline[t->rule];
    as_known *k = &b->known[b->known_count++];
    memcpy(k->fingerprint, f->fingerprint.ptr, sizeof k->fingerprint);
    k->said = as_hash(message);
    if (t->p->run->rules[t->rule].rule->rule->severity != AS_SEV_INFO) {
        mark(t->p, f->table, f->row);
        if (f->row == 0) {
            mark_column(t->p, f->table, f->field);
        }
        for (size_t i = 0; i < f->record_count; i++) {
            mark(t->p, f->records[i].table, f->records[i].row);
        }
    }
    return AS_OK;
}

static bool make_room(as_prover *p)
{
    p->baseline = AS_NEW_N(p->arena, as_baseline, p->run->rule_count + 1);
    p->dirty = AS_NEW_N(p->arena, uint8_t *, p->run->table_count + 1);
    p->dirty_field = AS_NEW_N(p->arena, uint8_t *, p->run->table_count + 1);
    bool ok = p->baseline && p->dirty && p->dirty_field;
    for (size_t i = 0; ok && i < p->run->rule_count; i++) {
        size_t count = p->run->rules[i].result.findings.count;
        p->baseline[i].known = AS_NEW_N(p->arena, as_known, count + 1);
        p->baseline[i].places = AS_NEW_N(p->arena, as_known_place, count + 1);
        ok = p->baseline[i].known && p->baseline[i].places;
    }
    for (size_t i = 0; ok && i < p->run->table_count; i++) {
        p->dirty[i] = AS_NEW_N(p->arena, uint8_t, (size_t)p->run->tables[i]->rows + 1);
        p->dirty_field[i] = AS_NEW_N(p->arena, uint8_t, p->run->tables[i]->schema->count + 1);
        ok = p->dirty[i] && p->dirty_field[i];
    }
    return ok;
}

as_code as_prove_baseline(as_prover *p, as_err *e)
{
    if (!make_room(p)) {
        return as_fail_nomem(e);
    }
    taking t = {p, 0, as_arena_open()};
    as_code code = t.said ? as_run_findings(p->run, take, &t, e) : as_fail_nomem(e);
    as_arena_close(t.said);
    for (size_t i = 0; i < p->run->rule_count && code == AS_OK; i++) {
        as_baseline *b = &p->baseline[i];
        const as_findings *f = &p->run->rules[i].result.findings;
        for (size_t k = 0; k < f->count; k++) {
            b->places[b->place_count++] = (as_known_place){f->items[k].row, f->items[k].field};
        }
        qsort(b->known, b->known_count, sizeof *b->known, by_fingerprint);
        qsort(b->places, b->place_count, sizeof *b->places, by_place);
    }
    return code;
}

const as_known *as_baseline_known(const as_baseline *b, as_str fingerprint)
{
    as_known one;
    memcpy(one.fingerprint, fingerprint.ptr, sizeof one.fingerprint);
    return b->known_count ? bsearch(&one, b->known, b->known_count, sizeof one, by_fingerprint)
                          : NULL;
}

bool as_baseline_at(const as_baseline *b, uint32_t row, uint32_t field)
{
    as_known_place one = {row, field};
    return b->place_count && bsearch(&one, b->places, b->place_count, sizeof one, by_place);
}
