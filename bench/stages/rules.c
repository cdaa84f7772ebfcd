/* rules.c: a whole check of the benchmark's data on one worker: its stages, each rule a row,
 * each finding as evidence and into the ledger. */
#include "stages.h"

#include "run/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define RULES_MAX 256

typedef struct costs {
    double stage[AS_STAGE_END], rule[RULES_MAX], evidence, ledger_open;
} costs;

static void less(double *best, double x)
{
    *best = *best == 0 || x < *best ? x : *best;
}

/* ---- a release over the folder ---- */

static void write_types(const char *folder, const char *work)
{
    char path[4096], line[256];
    snprintf(path, sizeof path, "%s/codelist_type.txt", folder);
    FILE *in = fopen(path, "r");
    snprintf(path, sizeof path, "%s/types.csv", work);
    FILE *out = fopen(path, "w");
    if (!in || !out) {
        perror(path);
        exit(2);
    }
    fprintf(out, "provision_type\n");
    while (fgets(line, sizeof line, in))
        fprintf(out, "\"%.*s\"\n", (int)strcspn(line, "\n"), line);
    fclose(in);
    fclose(out);
}

static void write_release(const char *folder, const char *pack, const char *work)
{
    static const char *const tables[] = {"providers", "previous", "inspections", "published",
                                         "combos"};
    char path[4096];
    snprintf(path, sizeof path, "%s/release.yaml", work);
    FILE *out = fopen(path, "w");
    if (!out) {
        perror(path);
        exit(2);
    }
    fprintf(out,
            "release: stages\nas_at: 2018-03-31\npacks: [\"%s\", \"%s/../stages/pack\"]\n"
            "tables:\n  types: {file: types.csv}\n",
            pack, pack);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        fprintf(out, "  %s: {file: \"%s/%s.csv\"}\n", tables[i], folder, tables[i]);
    fclose(out);
    write_types(folder, work);
}

static as_plan *open_plan(const char *work, as_arena *a, as_diags *d)
{
    char path[4096];
    as_project *p = NULL;
    as_plan *plan = NULL;
    as_err e = {.code = AS_OK};
    snprintf(path, sizeof path, "%s/release.yaml", work);
    as_code code = as_project_open(&p, a, path, as_check_names(), d, &e);
    if (code == AS_OK)
        code = as_plan_make(&plan, p, a, d, &e);
    for (size_t i = 0; i < d->count; i++)
        fprintf(stderr, "bench/micro: %.*s\n", AS_FMT(d->items[i].text));
    stage_must(code, &e);
    if (!plan || d->errors)
        exit(2);
    return plan;
}

/* ---- one round ---- */

static as_code look_at(void *arg, const as_doc_finding *f, as_err *e)
{
    uint64_t *count = arg;
    (void)f;
    (void)e;
    ++*count;
    return AS_OK;
}

static void round_of(as_run *r, costs *b, const char *ledger)
{
    as_err e;
    as_ledger *l = NULL;
    uint64_t seen = 0;
    double began = stage_now();
    stage_must(as_run_findings(r, look_at, &seen, &e), &e);
    less(&b->evidence, stage_now() - began);
    unlink(ledger);
    began = stage_now();
    stage_must(as_ledger_open(&l, ledger, &e), &e);
    less(&b->ledger_open, stage_now() - began);
    stage_must(as_run_store(r, l, &e), &e);
    as_ledger_close(l);
    unlink(ledger);
    for (int s = 0; s < AS_STAGE_END; s++)
        less(&b->stage[s], as_run_stage_millis(r, (as_stage)s) / 1e3);
    const as_doc *doc = as_run_doc(r);
    for (size_t i = 0; i < doc->rule_count && i < RULES_MAX; i++)
        less(&b->rule[i], doc->rules[i].millis / 1e3);
}

/* ---- telling ---- */

static void tell_rules(const as_doc *doc, const costs *b)
{
    stage_title("rules, by the records that each looked at (without what several share)");
    for (size_t i = 0; i < doc->rule_count && i < RULES_MAX; i++) {
        const as_doc_rule *x = &doc->rules[i];
        char what[128];
        if (x->builtin || x->selected < 1000)
            continue;
        snprintf(what, sizeof what, "%.*s (%.*s), %llu findings", AS_FMT(x->id),
                 AS_FMT(x->kind), (unsigned long long)x->findings);
        stage_each(what, (double)x->selected, b->rule[i], "a record");
    }
}

static void tell(const as_doc *doc, const costs *b)
{
    uint64_t bytes = 0, rows = 0;
    for (size_t i = 0; i < doc->input_count; i++) {
        bytes += doc->inputs[i].bytes;
        rows += doc->inputs[i].rows;
    }
    stage_title("a whole check");
    stage_rate("read all inputs", (double)bytes, b->stage[AS_STAGE_READ]);
    stage_each("read all inputs", (double)rows, b->stage[AS_STAGE_READ], "a record");
    stage_each("rules", (double)rows, b->stage[AS_STAGE_RULES], "a record");
    stage_each("evidence alone", (double)doc->findings, b->evidence, "a finding");
    stage_each("evidence, into the ledger", (double)doc->findings, b->stage[AS_STAGE_WRITE],
               "a finding");
    stage_millis("a new ledger", b->ledger_open);
    tell_rules(doc, b);
}

void stages_rules(const char *folder, const char *pack, const char *work)
{
    static costs b;
    char ledger[4096];
    as_arena *a = as_arena_open();
    as_diags d;
    as_diags_init(&d, a);
    write_release(folder, pack, work);
    snprintf(ledger, sizeof ledger, "%s/ledger.db", work);
    const as_plan *plan = open_plan(work, a, &d);
    for (int i = 0; i < STAGE_ROUNDS; i++) {
        as_run_options o = {.jobs = 1};
        as_run *r = NULL;
        as_err e = {.code = AS_OK};
        stage_must(as_run_make(&r, plan, &o, &d, &e), &e);
        round_of(r, &b, ledger);
        if (i + 1 == STAGE_ROUNDS)
            tell(as_run_doc(r), &b);
        as_run_close(r);
    }
    as_arena_close(a);
    const char *const files[] = {"release.yaml", "types.csv", "ledger.db-wal", "ledger.db-shm"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        snprintf(ledger, sizeof ledger, "%s/%s", work, files[i]);
        unlink(ledger);
    }
}
