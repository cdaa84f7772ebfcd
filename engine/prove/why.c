/* why.c: the counts of a proof, and the reasons: why a fault got through, why a rule never
 * fired, what nobody looks at. */
#include "prove/proof.h"

#define NAMED_MAX 6 /* rules named in one reason; how many more is said */

/* ---- why a fault got through ---- */

static void add_rules(const as_prover *p, as_buf *out, const uint32_t *rules, size_t count)
{
    for (size_t i = 0; i < count && i < NAMED_MAX; i++) {
        as_buf_addf(out, "%s%.*s", i ? ", " : "",
                    AS_FMT(p->run->rules[rules[i]].rule->rule->id));
    }
    if (count > NAMED_MAX) {
        as_buf_addf(out, " and %zu more", count - NAMED_MAX);
    }
}

static size_t written_rules(const as_prover *p, const as_readers *r, uint32_t *out)
{
    size_t n = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (!p->run->rules[r->rules[i]].rule->builtin) {
            out[n++] = r->rules[i];
        }
    }
    return n;
}

static void missed_why(const as_prover *p, const as_planted *f, const as_job *job, as_buf *out)
{
    uint32_t *written = AS_NEW_N(p->arena, uint32_t, job->concerned->count + 1);
    size_t count = written ? written_rules(p, job->concerned, written) : 0;
    const char *dot = f->field.len ? "." : "";
    if (job->masked != AS_NO_RULE) {
        as_buf_addf(out,
                    "%.*s has a finding there already, and only what it says changes: mend the "
                    "release, and prove again",
                    AS_FMT(p->run->rules[job->masked].rule->rule->id));
    } else if (count == 0) {
        as_buf_addf(out, "no rule reads %.*s%s%.*s", AS_FMT(f->table), dot, AS_FMT(f->field));
        as_buf_addf(
            out, "%s",
            job->concerned->count
                ? ", but those that come with the schema, which see only whether a value "
                  "can be read"
                : "");
    } else {
        add_rules(p, out, written, count);
        as_buf_addf(out, " read%s %.*s%s%.*s and let%s it pass", count == 1 ? "s" : "",
                    AS_FMT(f->table), dot, AS_FMT(f->field), count == 1 ? "s" : "");
    }
}

static void told_why(const as_prover *p, const as_planted *f, const as_job *job, as_buf *out)
{
    if (job->allowed != AS_NO_RULE) {
        as_buf_addf(out, "%.*s found it, and allows as many",
                    AS_FMT(p->run->rules[job->allowed].rule->rule->id));
        return;
    }
    as_buf_add(out, AS_STR("only for information: "));
    add_rules(p, out, f->by, f->by_count);
}

static bool explain(const as_prover *p, size_t i)
{
    as_planted *f = &p->proof->faults[i];
    as_buf out = AS_BUF(AS_MESSAGE_MAX);
    if (f->fate == AS_FATE_CAUGHT) {
        return true;
    }
    if (f->fate == AS_FATE_TOLD) {
        told_why(p, f, &p->jobs[i], &out);
    } else {
        missed_why(p, f, &p->jobs[i], &out);
    }
    f->why = as_arena_str(p->arena, as_buf_str(&out));
    as_buf_free(&out);
    return f->why.ptr != NULL;
}

/* ---- counts ---- */

static bool count_families(as_prover *p)
{
    as_proof *proof = p->proof;
    proof->families = AS_NEW_N(p->arena, as_proved_family, as_fault_kind_count + 1);
    for (size_t i = 0; proof->families && i < proof->count; i++) {
        const as_planted *f = &proof->faults[i];
        size_t at = 0;
        while (at < proof->family_count &&
               strcmp(proof->families[at].name, f->kind->family) != 0) {
            at++;
        }
        proof->family_count += at == proof->family_count;
        as_proved_family *x = &proof->families[at];
        x->name = f->kind->family;
        x->planted++;
        x->caught += f->fate == AS_FATE_CAUGHT;
        x->told += f->fate == AS_FATE_TOLD;
    }
    return proof->families != NULL;
}

static bool is_among(const as_readers *r, uint32_t rule)
{
    for (size_t i = 0; i < r->count; i++) {
        if (r->rules[i] == rule) {
            return true;
        }
    }
    return false;
}

static void count_fault(as_prover *p, size_t i)
{
    as_proof *proof = p->proof;
    const as_planted *f = &proof->faults[i];
    const as_readers *r = p->jobs[i].concerned;
    size_t alone = 0;
    as_proved_rule *only = NULL;
    proof->caught += f->fate == AS_FATE_CAUGHT;
    proof->told += f->fate == AS_FATE_TOLD;
    proof->missed += f->fate == AS_FATE_MISSED;
    for (size_t k = 0; k < r->count; k++) {
        proof->rules[r->rules[k]].planted++;
    }
    for (size_t k = 0; k < f->by_count; k++) {
        as_proved_rule *x = &proof->rules[f->by[k]];
        x->planted += !is_among(r, f->by[k]);
        x->caught++;
        if (x->rule->severity != AS_SEV_INFO) {
            only = x;
            alone++;
        }
    }
    if (alone == 1 && f->fate == AS_FATE_CAUGHT) {
        only->alone++;
    }
}

/* ---- rules that never fired ---- */

/* A figure that is wrong already: faults change only what its finding says. */
static bool was_masked(const as_prover *p, size_t rule)
{
    for (size_t i = 0; i < p->proof->count; i++) {
        if (p->jobs[i].masked == rule) {
            return true;
        }
    }
    return false;
}

static as_str silent_why(const as_prover *p, size_t i)
{
    const as_rule_run *x = &p->run->rules[i];
    const as_proved_rule *r = &p->proof->rules[i];
    if (x->status == AS_STATUS_OFF) {
        return as_arena_printf(p->arena, "off: %.*s", AS_FMT(x->note));
    }
    if (x->status == AS_STATUS_ERROR) {
        return as_arena_printf(p->arena, "cannot be evaluated: %.*s", AS_FMT(x->note));
    }
    if (!as_prove_takes_part(p, i)) {
        return AS_STR("of another pack");
    }
    if (x->status == AS_STATUS_EMPTY) {
        return as_arena_printf(p->arena, "in this release as it is %.*s", AS_FMT(x->note));
    }
    if (r->planted == 0) {
        return AS_STR("no fault was planted in what it reads");
    }
    if (was_masked(p, i)) {
        return AS_STR("it has a finding already, and faults only change what that says");
    }
    return as_arena_printf(p->arena, "none of the %zu faults in what it reads broke it",
                           r->planted);
}

static bool explain_rules(as_prover *p)
{
    for (size_t i = 0; i < p->proof->rule_count; i++) {
        as_proved_rule *r = &p->proof->rules[i];
        if (r->caught == 0 && !(r->why = silent_why(p, i)).ptr) {
            return false;
        }
    }
    return true;
}

/* ---- gaps ---- */

static void add_gap(as_proof_gap *list, size_t *count, as_str table, as_str field,
                    const char *why)
{
    list[(*count)++] = (as_proof_gap){table, field, as_str_from(why)};
}

static bool bed_gaps(as_prover *p, size_t bed, as_str name)
{
    as_proof *proof = p->proof;
    const as_table *t = p->beds[bed].table;
    const as_load_report *report = &t->report;
    uint32_t *written = AS_NEW_N(p->arena, uint32_t, p->run->rule_count + 1);
    if (!written) {
        return false;
    }
    if (!p->options->earlier && as_prove_is_earlier(p, bed)) {
        add_gap(proof->untested, &proof->untested_count, name, AS_STR(""),
                "it was published in a year gone by, and is there to compare with; --earlier "
                "plants in it too");
        return true;
    }
    if (p->beds[bed].clean == 0) {
        add_gap(proof->untested, &proof->untested_count, name, AS_STR(""),
                t->rows ? "every record has an error or a warning already" : "no records");
    }
    for (uint32_t f = 0; f < t->schema->count; f++) {
        const as_readers *r = &p->by_field[bed][f];
        as_str field = t->schema->fields[f].name;
        if (!t->columns[f].present) {
            add_gap(proof->untested, &proof->untested_count, name, field,
                    "the file has no such column");
        } else if (p->dirty_field[bed][f]) {
            add_gap(proof->untested, &proof->untested_count, name, field,
                    "the column has an error or a warning already");
        } else if (r->count == 0) {
            add_gap(proof->unread, &proof->unread_count, name, field, "no rule reads it");
        } else if (written_rules(p, r, written) == 0) {
            add_gap(
                proof->unread, &proof->unread_count, name, field,
                "only rules that come with the schema read it: they see whether a value can "
                "be read, not whether it is right");
        }
    }
    for (size_t i = 0; i < report->extra_count; i++) {
        as_str header = as_arena_str(p->arena, report->extra_headers[i]);
        if (!header.ptr) {
            return false;
        }
        add_gap(proof->untested, &proof->untested_count, name, header,
                "the schema does not name the column, so it is not read");
    }
    return true;
}

static bool find_gaps(as_prover *p)
{
    const as_project *project = p->run->plan->project;
    size_t most = 1;
    for (size_t i = 0; i < p->bed_count; i++) {
        most += 1 + p->beds[i].table->schema->count + p->beds[i].table->report.extra_count;
    }
    p->proof->unread = AS_NEW_N(p->arena, as_proof_gap, most);
    p->proof->untested = AS_NEW_N(p->arena, as_proof_gap, most);
    bool ok = p->proof->unread && p->proof->untested;
    for (size_t i = 0; ok && i < p->bed_count; i++) {
        ok = bed_gaps(p, i, project->tables[i].name);
    }
    return ok;
}

as_code as_prove_why(as_prover *p, as_err *e)
{
    bool ok = true;
    for (size_t i = 0; ok && i < p->proof->count; i++) {
        count_fault(p, i);
        ok = explain(p, i);
    }
    ok = ok && count_families(p) && explain_rules(p) && find_gaps(p);
    return ok ? AS_OK : as_fail_nomem(e);
}
