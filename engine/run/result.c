/* result.c: what a run found, in the ledger's words: inputs, one line a rule, verdict, exit
 * code. Its findings: findings.c.
 *
 * Invariant: nothing here depends on the number of workers or on the clock, but `started` and
 * `millis`, which no report but timings shows. */
#include "base/hash.h"
#include "run/exec.h"

#include <stdlib.h>
#include <time.h>

static const char *const status_names[] = {"pass", "fail", "empty", "error", "off"};

/* The doc outlives the tables. */
static bool keep(as_run *r, as_doc_input *in)
{
    as_str *const texts[] = {&in->table, &in->file, &in->digest, &in->encoding};
    bool kept = true;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        *texts[i] = as_arena_str(r->arena, *texts[i]);
        kept = kept && texts[i]->ptr;
    }
    return kept;
}

static as_code doc_inputs(as_run *r, as_err *e)
{
    as_doc *doc = &r->doc;
    bool kept = true;
    for (size_t i = 0; i < r->table_count; i++) {
        const as_table *t = r->tables[i];
        doc->inputs[doc->input_count++] =
            (as_doc_input){.table = t->name,
                           .file = t->path,
                           .digest = as_str_from(t->report.digest),
                           .encoding = t->report.encoding,
                           .rows = t->rows,
                           .bytes = t->report.bytes,
                           .banner_rows = t->report.banner_rows,
                           .blank_rows = t->report.blank_rows,
                           .blank_columns = t->report.blank_columns,
                           .header_row = t->report.header_row};
    }
    for (size_t i = 0; i < r->document_count; i++) { /* its lines stand for rows */
        const as_document *d = r->documents[i];
        doc->inputs[doc->input_count++] = (as_doc_input){.table = d->name,
                                                         .file = d->path,
                                                         .digest = as_str_from(d->digest),
                                                         .encoding = d->encoding,
                                                         .rows = d->lines,
                                                         .bytes = d->bytes};
    }
    for (size_t i = 0; i < doc->input_count; i++) {
        kept = keep(r, &doc->inputs[i]) && kept;
    }
    return kept ? AS_OK : as_fail_nomem(e);
}

static as_doc_rule doc_rule(const as_rule_run *x)
{
    const as_rule *rule = x->rule->rule;
    const as_result *res = &x->result;
    return (as_doc_rule){.id = rule->id,
                         .name = rule->name,
                         .title = rule->title,
                         .kind = rule->kind,
                         .severity = as_str_from(as_severity_name(rule->severity)),
                         .steward = rule->steward,
                         .why = rule->why,
                         .source = rule->source,
                         .table = rule->table,
                         .status = as_str_from(status_names[x->status]),
                         .note = x->note,
                         .blocking = x->blocking,
                         .builtin = x->rule->builtin,
                         .selected = res->selected,
                         .findings = res->findings.count,
                         .undecided = res->undecided,
                         .key_nulls = res->key_nulls,
                         .accepted = x->accepted,
                         .millis = x->millis,
                         .bridge = res->bridge,
                         .bridge_count = res->bridge_count,
                         .has_bridge = as_str_eq(rule->kind, AS_STR("reconcile"))};
}

/* DESIGN 5: 3 (a rule errored or was empty) before 1 (blocking findings). A run that looked at
 * no rule is not a pass. */
static void verdict(as_run *r)
{
    bool incomplete = true, fails = false;
    for (size_t i = 0; i < r->rule_count; i++) {
        if (r->rules[i].status != AS_STATUS_OFF) {
            incomplete = false;
        }
    }
    for (size_t i = 0; i < r->rule_count; i++) {
        const as_rule_run *x = &r->rules[i];
        bool undone = x->status == AS_STATUS_ERROR || x->status == AS_STATUS_EMPTY;
        incomplete = incomplete || undone;
        fails = fails || (x->blocking && !undone);
    }
    r->doc.exit_code = incomplete ? 3 : fails ? 1 : 0;
    r->doc.verdict = as_str_from(incomplete ? "incomplete" : fails ? "fail" : "pass");
}

as_code as_run_id(const as_doc *doc, const as_run_options *o, as_arena *a, as_str *out,
                  as_err *e)
{
    as_sha256 *h = NULL;
    as_code code = as_sha256_open(&h, e);
    if (code != AS_OK) {
        return code;
    }
    as_sha256_add(h, doc->assay);
    as_sha256_add(h, doc->rules_sha256);
    for (size_t i = 0; i < doc->input_count; i++) {
        as_sha256_add(h, doc->inputs[i].table);
        as_sha256_add(h, AS_STR("="));
        as_sha256_add(h, doc->inputs[i].digest);
    }
    for (size_t i = 0; i < o->only_count; i++) {
        as_sha256_add(h, AS_STR(" only "));
        as_sha256_add(h, o->only[i]);
    }
    if (o->fail_on_set) {
        as_sha256_add(h, AS_STR(" fail-on "));
        as_sha256_add(h, as_str_from(as_severity_name(o->fail_on)));
    }
    char hex[AS_SHA256_HEX] = "";
    code = o->decisions ? as_decisions_digest(o->decisions, hex, e) : AS_OK;
    if (hex[0]) {
        as_sha256_add(h, AS_STR(" decisions "));
        as_sha256_add(h, as_str_from(hex));
    }
    as_sha256_hex(h, hex);
    as_sha256_close(h);
    if (code != AS_OK) {
        return code;
    }
    *out = as_arena_str(a, (as_str){hex, 12});
    return out->ptr ? AS_OK : as_fail_nomem(e);
}

static as_str started(as_arena *a)
{
    char text[AS_TIME_TEXT];
    return as_arena_str(a, as_str_from(as_time_text(text)));
}

static uint64_t blocking_findings(const as_rule_run *x)
{
    if (!x->blocking) {
        return 0;
    }
    return x->by_moves ? x->movers - x->movers_accepted
                       : x->result.findings.count - x->accepted;
}

as_code as_run_doc_make(as_run *r, as_err *e)
{
    const as_project *p = r->plan->project;
    as_doc *doc = &r->doc;
    char as_at[AS_DATE_TEXT] = "";
    doc->assay = AS_STR(ASSAY_VERSION);
    doc->release = p->release;
    doc->release_file = p->path;
    doc->produced_by = p->produced_by;
    doc->as_at = as_arena_str(
        r->arena, as_str_from(p->as_at == AS_DATE_NULL ? "" : as_date_text(p->as_at, as_at)));
    doc->rules_sha256 = as_str_from(p->rules_sha256);
    doc->started = started(r->arena);
    doc->inputs = AS_NEW_N(r->arena, as_doc_input, r->table_count + r->document_count + 1);
    doc->rules = AS_NEW_N(r->arena, as_doc_rule, r->rule_count + 1);
    if (!doc->inputs || !doc->rules || !doc->as_at.ptr || !doc->started.ptr) {
        return as_fail_nomem(e);
    }
    as_code code = doc_inputs(r, e);
    as_run_doc_rules(r);
    return code == AS_OK ? as_run_id(doc, &r->options, r->arena, &doc->run, e) : code;
}

void as_run_doc_rules(as_run *r)
{
    as_doc *doc = &r->doc;
    doc->rule_count = 0;
    doc->findings = doc->blocking = doc->accepted = 0;
    for (size_t i = 0; i < r->rule_count; i++) {
        const as_rule_run *x = &r->rules[i];
        doc->rules[doc->rule_count++] = doc_rule(x);
        doc->findings += x->result.findings.count;
        doc->blocking += blocking_findings(x);
        doc->accepted += x->accepted;
    }
    verdict(r);
}

const as_doc *as_run_doc(const as_run *r)
{
    return &r->doc;
}

static as_code store_one(void *arg, const as_doc_finding *f, as_err *e)
{
    return as_ledger_finding(arg, f, e);
}

as_code as_run_store(as_run *r, as_ledger *l, as_err *e)
{
    as_run_stage_begin(r, AS_STAGE_WRITE, r->doc.findings);
    as_code code = as_ledger_begin(l, &r->doc, e);
    if (code == AS_OK) {
        code = as_run_findings(r, store_one, l, e);
    }
    as_run_release(r);
    if (code == AS_OK) {
        code = as_run_settle(r, e);
    }
    if (code == AS_OK) {
        code = as_ledger_commit(l, &r->doc, e);
    }
    if (code != AS_OK) {
        as_ledger_abandon(l);
    }
    as_run_stage_end(r, AS_STAGE_WRITE);
    return code;
}
