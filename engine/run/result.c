/* result.c: what a run found, in the ledger's words: inputs, one line a rule, verdict, exit
 * code; findings materialised chunk by chunk on all workers and handed on in order.
 *
 * Invariant: nothing here depends on the number of workers or on the clock, but `started` and
 * `millis`, which no report but timings shows. */
#include "base/hash.h"
#include "base/limits.h"
#include "check/evidence.h"
#include "run/exec.h"

#include <stdlib.h>
#include <time.h>

static const char *const status_names[] = {"pass", "fail", "empty", "error", "off"};

static void doc_inputs(as_run *r)
{
    as_doc *doc = &r->doc;
    for (size_t i = 0; i < r->table_count; i++) {
        const as_table *t = r->tables[i];
        doc->inputs[doc->input_count++] =
            (as_doc_input){.table = t->name,
                           .file = t->path,
                           .sha256 = as_str_from(t->report.sha256),
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
                                                         .sha256 = as_str_from(d->sha256),
                                                         .encoding = d->encoding,
                                                         .rows = d->lines,
                                                         .bytes = d->bytes};
    }
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
        as_sha256_add(h, doc->inputs[i].sha256);
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
    doc_inputs(r);
    as_run_doc_rules(r);
    return as_run_id(doc, &r->options, r->arena, &doc->run, e);
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

/* ---- findings ---- */

#define CHUNK 256
#define AHEAD 8 /* findings whose records are on their way while one is made */
#define BATCH (CHUNK * 16)

typedef struct batch {
    const as_rule_run *rule;
    size_t first, count;
    as_doc_finding *out;
    as_arena **arenas; /* one a chunk */
    as_err *errors;    /* one a chunk */
} batch;

static void materialise(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end)
{
    batch *b = arg;
    (void)worker;
    const as_rule_run *x = b->rule;
    const as_finding *items = x->result.findings.items + b->first;
    for (size_t i = begin; i < end && i < begin + AHEAD; i++)
        as_evidence_ahead(&x->eval, &x->rule->bind, &items[i]);
    for (size_t i = begin; i < end && b->errors[chunk].code == AS_OK; i++) {
        if (i + AHEAD < end) {
            as_evidence_ahead(&x->eval, &x->rule->bind, &items[i + AHEAD]);
        }
        as_code code =
            as_evidence_make(&x->eval, &x->rule->bind, x->rule->kind, x->rule->plan, &x->result,
                             &items[i], b->arenas[chunk], &b->out[i], &b->errors[chunk]);
        b->errors[chunk].code = code;
    }
}

static size_t chunks_of(const batch *b)
{
    return (b->count + CHUNK - 1) / CHUNK;
}

/* While one batch is made on all workers, the one before is handed on, finding by finding and
 * in order, by one of them. */
typedef struct relay {
    as_run *run;
    batch *making, *before; /* count 0: none */
    as_finding_fn fn;
    void *arg;
    as_code code;
    as_err err;
} relay;

static as_code hand_on(relay *y, as_err *e)
{
    batch *b = y->before;
    for (size_t i = 0; i < chunks_of(b); i++) {
        if (b->errors[i].code != AS_OK) {
            *e = b->errors[i];
            return e->code;
        }
    }
    as_code code = AS_OK;
    for (size_t i = 0; i < b->count && code == AS_OK; i++) {
        as_run_decide(y->run, b->rule, b->first + i, &b->out[i]);
        code = y->fn(y->arg, &b->out[i], e);
    }
    y->run->progress->done += b->count;
    return code;
}

/* Item 0 is the batch before; the others are chunks of the one being made. */
static void relay_item(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end)
{
    relay *y = arg;
    (void)chunk;
    for (size_t i = begin; i < end; i++) {
        if (i == 0) {
            y->code = hand_on(y, &y->err);
        } else {
            size_t first = (i - 1) * CHUNK, left = y->making->count - first;
            materialise(y->making, worker, i - 1, first, first + (left < CHUNK ? left : CHUNK));
        }
    }
}

/* Makes `making`, hands on the one before, and changes their places. */
static as_code step(relay *y, as_err *e)
{
    batch *b = y->making;
    for (size_t i = 0; i < chunks_of(b); i++) {
        as_arena_reset(b->arenas[i]);
        b->errors[i] = (as_err){0};
    }
    as_pool_for(y->run->pool, chunks_of(b) + 1, 1, relay_item, y);
    y->making = y->before;
    y->before = b;
    if (y->code != AS_OK) {
        *e = y->err;
    }
    return y->code;
}

static as_code batch_open(batch *b, as_arena *a, as_err *e)
{
    b->out = AS_NEW_N(a, as_doc_finding, BATCH);
    b->arenas = AS_NEW_N(a, as_arena *, BATCH / CHUNK);
    b->errors = AS_NEW_N(a, as_err, BATCH / CHUNK);
    if (!b->out || !b->arenas || !b->errors) {
        return as_fail_nomem(e);
    }
    for (size_t i = 0; i < BATCH / CHUNK; i++) {
        if (!(b->arenas[i] = as_arena_open())) {
            return as_fail_nomem(e);
        }
    }
    return AS_OK;
}

static void batch_close(batch *b)
{
    for (size_t i = 0; b->arenas && i < BATCH / CHUNK; i++) {
        as_arena_close(b->arenas[i]);
    }
}

static as_code all_findings(relay *y, as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; i < y->run->rule_count && code == AS_OK; i++) {
        const as_rule_run *rule = &y->run->rules[i];
        size_t total = rule->result.findings.count, count;
        for (size_t first = 0; first < total && code == AS_OK; first += count) {
            count = total - first < BATCH ? total - first : BATCH;
            y->making->rule = rule;
            y->making->first = first;
            y->making->count = count;
            code = step(y, e);
        }
    }
    y->making->count = 0; /* the last one is still to be handed on */
    return code == AS_OK ? step(y, e) : code;
}

as_code as_run_findings(as_run *r, as_finding_fn fn, void *arg, as_err *e)
{
    batch one = {0}, two = {0};
    as_arena *a = as_arena_open();
    as_code code = a ? batch_open(&one, a, e) : as_fail_nomem(e);
    if (code == AS_OK) {
        code = batch_open(&two, a, e);
    }
    as_run_decide_begin(r);
    relay y = {.run = r, .making = &one, .before = &two, .fn = fn, .arg = arg};
    if (code == AS_OK) {
        code = all_findings(&y, e);
    }
    batch_close(&one);
    batch_close(&two);
    as_arena_close(a);
    return code;
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
