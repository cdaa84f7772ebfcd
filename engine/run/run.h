/* run.h: from a project to a verdict. plan (rules × kinds → immutable plan), load (only the
 * fields that a rule, a key or a message names), exec (plan × tables → results), doc (results →
 * what the ledger keeps). */
#ifndef AS_RUN_RUN_H
#define AS_RUN_RUN_H

#include "check/check.h"
#include "decide/decide.h"
#include "ledger/ledger.h"

typedef struct as_plan as_plan;
typedef struct as_run as_run;

/* What a run does, one after the other. */
typedef enum as_stage {
    AS_STAGE_READ,  /* bytes of the inputs */
    AS_STAGE_RULES, /* rules, and what several of them share */
    AS_STAGE_WRITE, /* findings, into the ledger */
    AS_STAGE_END
} as_stage;

/* How far it is; another thread may look. */
typedef struct as_progress {
    as_count stage;
    as_count done, total; /* of the stage; total 0: not known */
} as_progress;

typedef struct as_run_options {
    unsigned jobs;      /* 0 = all cores */
    const as_str *only; /* ids or names; rules not named are "off" with the reason "--only" */
    size_t only_count;
    bool fail_on_set;
    as_severity fail_on;     /* --fail-on */
    as_decisions *decisions; /* NULL: none are looked at */
    bool all_fields; /* read every field of the release's tables, not only what rules read */
    as_progress *progress; /* may be NULL */
    /* Called once all inputs have been read, before anything is evaluated: the run will be made
     * unless an input changes meanwhile or memory is out. NULL: nobody asks. */
    void (*read)(void *arg);
    void *read_arg;
} as_run_options;

/* Binds every rule, built-in ones too. Problems to `d`; *out NULL when there are errors. */
as_code as_plan_make(as_plan **out, const as_project *p, as_arena *a, as_diags *d, as_err *e);
size_t as_plan_rule_count(const as_plan *p);
/* By id or name, built-in rules too; NULL: none. */
const as_rule *as_plan_rule(const as_plan *p, as_str id_or_name);

/* What a rule asks and reads, in words. Texts live in the arena given; empty: nothing to say.
 */
typedef struct as_explained {
    as_str where, expect; /* expect: of a kind whose block is a condition */
    as_str *reads;        /* "providers: urn, places" */
    size_t read_count;
    const as_param **params; /* that it names, its measures' too */
    size_t param_count;
    const as_measure **measures;
    size_t measure_count;
} as_explained;
as_code as_plan_explain(const as_plan *p, const as_rule *r, as_arena *a, as_explained *out,
                        as_err *e);

/* Reads the inputs, evaluates, keeps all in *out. AS_EINPUT and the like: an input cannot be
 * read (all of them said in d). */
as_code as_run_make(as_run **out, const as_plan *p, const as_run_options *o, as_diags *d,
                    as_err *e);
void as_run_close(as_run *r);
/* No findings are asked for any more: begins to give back the memory of the extracts, which
 * takes as long as some rules, while the caller goes on to reports. The doc stays. */
void as_run_release(as_run *r);
/* The workers of the run, for whoever comes after it; it closes them. */
as_pool *as_run_pool(const as_run *r);
/* The doc without its findings; lives as long as the run. */
const as_doc *as_run_doc(const as_run *r);
/* The id that a run with these options has: of tool, rules and inputs in `doc`. The same
 * content and options have the same id. */
as_code as_run_id(const as_doc *doc, const as_run_options *o, as_arena *a, as_str *out,
                  as_err *e);
/* Every finding, in rule order then row order: made on all workers, given to fn one at a time.
 */
typedef as_code (*as_finding_fn)(void *arg, const as_doc_finding *f, as_err *e);
as_code as_run_findings(as_run *r, as_finding_fn fn, void *arg, as_err *e);
/* How long a stage took. */
double as_run_stage_millis(const as_run *r, as_stage stage);
/* What of reading went to the digests of the inputs. */
double as_run_digest_millis(const as_run *r);
/* After how long look-ups were ready that several rules share; others ran meanwhile. */
double as_run_share_millis(const as_run *r);
/* Writes the run into the ledger in one transaction. The verdict stands only then: which
 * findings are accepted shows as they are written. Behind the last finding the extracts are
 * released. */
as_code as_run_store(as_run *r, as_ledger *l, as_err *e);

/* One table of the release, or a reference table of its packs, with the fields for which `want`
 * says so (NULL: all). The caller closes it. Problems to `d`, or to *e alone. */
as_code as_run_table(as_table **out, const as_project *p, as_str name, const bool *want,
                     as_pool *pool, as_diags *d, as_err *e);

/* Rule self-tests, and those of Lua modules (lua/NAME_test.lua). One result per case. */
typedef struct as_selftest {
    const as_rule *rule; /* NULL: a module's test, and `flags` means nothing */
    as_span at;
    bool flags;
    bool ok;
    as_str why;
} as_selftest;
typedef struct as_selftests {
    as_selftest *items;
    size_t count, failed, rules_without;
} as_selftests;
as_code as_selftest_run(const as_project *p, as_arena *a, as_selftests *out, as_diags *d,
                        as_err *e);

/* lint: what is legal but probably wrong. Adds warnings and errors to d. */
as_code as_lint_project(const as_project *p, const as_plan *plan, as_diags *d, as_err *e);

/* The JSON Schema of the files that people write. `form` is "release", "pack", "rules",
 * "table", "codelist" or "decisions"; empty: one for all of them, told apart by their keys.
 * Appends. */
bool as_json_schema_form(as_str name);
as_code as_json_schema(as_str form, as_buf *out, as_err *e);

#endif
