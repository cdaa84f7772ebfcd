/* plant.c: which faults, and in which records. Every kind is tried in every field that it fits,
 * whether a rule reads the field or not, so that the share that is caught also says what nobody
 * checks. Records are taken from each sort in turn.
 *
 * Chance comes from the seed and the names of table, kind and field, so that a fault stays the
 * same when other tables, kinds or rules come and go. */
#include "prove/proof.h"

#include "base/hash.h"

#define LOOK_AT_MAX 4096u /* records of one sort that are looked at for one fault */

static uint64_t seed_of(const as_prover *p, const as_site *s, const as_fault_kind *k)
{
    uint64_t h = as_hash_join(as_hash_u64(p->options->seed + 1), as_hash(s->table->name));
    h = as_hash_join(h, as_hash(as_str_from(k->name)));
    return s->field == AS_NO_FIELD ? h : as_hash_join(h, as_hash(as_site_field(s)->name));
}

/* ---- a change in words ---- */

static void add_value(as_buf *out, const as_field *f, as_str value)
{
    if (!value.ptr) {
        as_buf_add(out, AS_STR("(none)"));
    } else if (f->sensitive) {
        as_buf_add(out, AS_STR("[masked]"));
    } else {
        as_buf_add(out, as_str_sub(value, 0, 200));
    }
}

static void add_new_value(as_buf *out, const as_field *f, const as_cell_change *c)
{
    char date[AS_DATE_TEXT];
    bool day = c->date != AS_DATE_NULL;
    add_value(out, f, day ? as_str_from(as_date_text(c->date, date)) : c->raw);
}

static as_str change_words(as_prover *p, as_site *s, const as_change *c)
{
    as_buf out = AS_BUF(AS_MESSAGE_MAX);
    const as_field *fields = s->table->schema->fields;
    for (size_t i = 0; i < c->cell_count; i++) {
        const as_cell_change *x = &c->cells[i];
        bool other = c->op == AS_CHANGE_CELLS && x->row != s->row;
        uint32_t row = c->op == AS_CHANGE_CELLS ? x->row : c->row;
        as_buf_addf(&out, "%s%.*s%s: ", i ? "; " : "", AS_FMT(fields[x->field].name),
                    other ? " of the other" : "");
        add_value(&out, &fields[x->field],
                  as_cell_raw(s->table, &s->table->columns[x->field], row, s->tmp));
        as_buf_add(&out, AS_STR(" → "));
        add_new_value(&out, &fields[x->field], x);
    }
    if (c->op == AS_CHANGE_KEEP) {
        as_buf_addf(&out, "%u of %u records left", c->row, s->table->rows);
    } else if (c->op == AS_CHANGE_CUT_ROW) {
        as_buf_addf(&out, "before %.*s", AS_FMT(fields[c->field].name));
    }
    as_str kept = as_arena_str(p->arena, as_buf_str(&out));
    as_buf_free(&out);
    return kept;
}

/* ---- one fault ---- */

static bool any_sensitive(const as_key *k)
{
    for (size_t i = 0; i < k->count; i++) {
        if (k->table->schema->fields[k->fields[i]].sensitive) {
            return true;
        }
    }
    return false;
}

static as_str key_words(as_prover *p, const as_site *s)
{
    as_key key = as_key_of(s->table);
    as_buf out = AS_BUF(AS_EVIDENCE_MAX);
    if (key.count == 0) {
        as_buf_addf(&out, "record %u", s->row + 1);
    } else if (any_sensitive(&key)) {
        as_buf_add(&out, AS_STR("[masked]"));
    } else {
        as_key_text(&key, s->row, &out);
    }
    as_str kept = as_arena_str(p->arena, as_buf_str(&out));
    as_buf_free(&out);
    return kept;
}

static bool room(as_prover *p)
{
    as_proof *proof = p->proof;
    if (proof->count < p->size) {
        return true;
    }
    size_t size = p->size ? 2 * p->size : 256;
    as_planted *faults = AS_NEW_N(p->arena, as_planted, size);
    as_job *jobs = AS_NEW_N(p->arena, as_job, size);
    if (!faults || !jobs) {
        return false;
    }
    if (proof->count) {
        memcpy(faults, proof->faults, proof->count * sizeof *faults);
        memcpy(jobs, p->jobs, proof->count * sizeof *jobs);
    }
    proof->faults = faults;
    p->jobs = jobs;
    p->size = size;
    return true;
}

static bool keep(as_prover *p, as_site *s, const as_fault_kind *k, const as_change *c)
{
    size_t bed = (size_t)(s->bed - p->beds);
    const as_readers *table = &p->by_table[bed];
    const as_readers *field = s->field == AS_NO_FIELD ? table : &p->by_field[bed][s->field];
    bool record = k->level == AS_FAULT_CELL || k->level == AS_FAULT_RECORD;
    if (!room(p)) {
        return false;
    }
    as_planted *f = &p->proof->faults[p->proof->count];
    *f = (as_planted){.kind = k,
                      .table = p->run->plan->project->tables[bed].name, /* outlives the run */
                      .field = s->field == AS_NO_FIELD ? AS_STR("") : as_site_field(s)->name,
                      .key = record ? key_words(p, s) : AS_STR(""),
                      .row = record ? s->row + 1 : 0,
                      .line = record ? as_table_line(s->table, s->row) : 0,
                      .change = change_words(p, s, c)};
    p->jobs[p->proof->count++] =
        (as_job){.change = *c,
                 .bed = (uint32_t)bed,
                 .asked = c->op == AS_CHANGE_DROP_COLUMN ? table : field,
                 .concerned = field,
                 .masked = AS_NO_RULE,
                 .allowed = AS_NO_RULE};
    return f->key.ptr && f->change.ptr;
}

/* ---- choosing records ---- */

typedef struct choice {
    uint32_t *used; /* rows */
    uint32_t used_count;
} choice;

static bool is_used(const choice *c, uint32_t row)
{
    for (uint32_t i = 0; i < c->used_count; i++) {
        if (c->used[i] == row) {
            return true;
        }
    }
    return false;
}

static bool from_stratum(as_site *s, const as_fault_kind *k, const choice *c, as_change *out)
{
    const as_stratum *x = &s->bed->strata[s->stratum];
    uint32_t begin = as_dice_below(&s->dice, x->count);
    for (uint32_t i = 0; i < x->count && i < LOOK_AT_MAX; i++) {
        s->row = x->rows[(begin + i) % x->count];
        *out = (as_change){0};
        if (!is_used(c, s->row) && k->make(s, out)) {
            return true;
        }
    }
    return false;
}

static bool plant_in_records(as_prover *p, as_site *s, const as_fault_kind *k)
{
    choice chosen = {.used = AS_NEW_N(p->arena, uint32_t, p->options->each)};
    s->dice.state = seed_of(p, s, k);
    uint32_t first = as_dice_below(&s->dice, s->bed->stratum_count);
    bool found = true, ok = chosen.used != NULL;
    for (uint32_t n = 0; ok && found && n < p->options->each; n++) {
        as_change change;
        found = false;
        for (uint32_t i = 0; !found && i < s->bed->stratum_count; i++) {
            s->stratum = (first + n + i) % s->bed->stratum_count;
            found = from_stratum(s, k, &chosen, &change);
        }
        if (found) {
            chosen.used[chosen.used_count++] = s->row;
            ok = keep(p, s, k, &change);
        }
    }
    return ok;
}

static bool plant_once(as_prover *p, as_site *s, const as_fault_kind *k)
{
    as_change change = {0};
    s->dice.state = seed_of(p, s, k);
    return !k->make(s, &change) || keep(p, s, k, &change);
}

static bool plant(as_prover *p, as_site *s, const as_fault_kind *k)
{
    bool record = k->level == AS_FAULT_CELL || k->level == AS_FAULT_RECORD;
    if (k->fits && !k->fits(s)) {
        return true;
    }
    return record ? plant_in_records(p, s, k) : plant_once(p, s, k);
}

static bool plant_in_fields(as_prover *p, as_site *s, const as_fault_kind *k, size_t bed)
{
    bool ok = true;
    for (uint32_t f = 0; ok && f < s->table->schema->count; f++) {
        s->field = f;
        bool asked = p->options->only_count == 0 || p->by_field[bed][f].count;
        if (asked && s->table->columns[f].present && !p->dirty_field[bed][f]) {
            ok = plant(p, s, k);
        }
    }
    s->field = AS_NO_FIELD;
    return ok;
}

as_code as_prove_plant(as_prover *p, as_err *e)
{
    as_buf tmp = AS_BUF(AS_FIELD_MAX), tmp2 = AS_BUF(AS_FIELD_MAX);
    bool ok = true;
    for (size_t b = 0; ok && b < p->bed_count; b++) {
        as_site s = {.project = p->run->plan->project,
                     .beds = p->beds,
                     .bed_count = p->bed_count,
                     .bed = &p->beds[b],
                     .table = p->beds[b].table,
                     .field = AS_NO_FIELD,
                     .arena = p->arena,
                     .tmp = &tmp,
                     .tmp2 = &tmp2};
        bool asked = (p->options->only_count == 0 || p->by_table[b].count) &&
                     (p->options->earlier || !as_prove_is_earlier(p, b));
        for (size_t i = 0; ok && asked && p->beds[b].clean && i < as_fault_kind_count; i++) {
            const as_fault_kind *k = as_fault_kinds[i];
            bool fields = k->level == AS_FAULT_CELL || k->level == AS_FAULT_COLUMN;
            ok = fields ? plant_in_fields(p, &s, k, b) : plant(p, &s, k);
        }
    }
    ok = ok && !tmp.failed && !tmp2.failed;
    as_buf_free(&tmp);
    as_buf_free(&tmp2);
    return ok ? AS_OK : as_fail_nomem(e);
}
