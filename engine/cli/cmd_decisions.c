/* cmd_decisions.c: what stands with every decision now. The rules are evaluated for it, as
 * `assay check` does, so that nothing told is of yesterday; nothing is kept. */
#include "base/limits.h"
#include "cli/decide.h"
#include "reports/text.h"
#include "reports/view.h"

#include <stdlib.h>

static const as_option options[] = {
    {"as", 0, "WHO", "withdraw: who takes it back. Required."},
    {"reason", 0, "TEXT", "withdraw: why. Required."},
    AS_OPTION_RELEASE,
    AS_OPTION_LEDGER,
    AS_OPTIONS_END,
};

/* ---- what stands ---- */

/* In the order in which people read them. `amiss`: `check` says it and fails. */
static const struct {
    const char *state, *title;
    bool amiss;
} states[] = {
    {"exceeded", "Covers more than it may, so it covers none", true},
    {"unreadable", "Cannot be understood, so it covers nothing", true},
    {"expired", "Ended", true},
    {"lapsing", "In force, about to end", true},
    {"gone", "Covers nothing any more", true},
    {"unknown", "Not known: the rule was not evaluated", false},
    {"accepted", "In force", false},
    {"proposed", "Acceptance asked for, to be decided", false},
    {"query", "Asked by a steward, to be answered", false},
    {"rejected", "To be corrected", false},
    {"claimed", "Said to be corrected, the extracts are still the same", false},
    {"still_there", "Said to be corrected, but still there", false},
    {"fixed", "Said to be corrected, and fixed", false},
};
enum { STATES = sizeof states / sizeof *states };

/* One finding in words, so that nobody has to look a fingerprint up. */
typedef struct named {
    as_str finding, rule, words;
} named;
typedef struct names {
    named *items;
    size_t count;
} names;

static int by_finding(const void *x, const void *y)
{
    return as_str_cmp(((const named *)x)->finding, ((const named *)y)->finding);
}

static named *name_of(const names *n, as_str finding)
{
    named key = {.finding = finding};
    return n->count ? bsearch(&key, n->items, n->count, sizeof key, by_finding) : NULL;
}

static as_str in_words(const as_doc_finding *f, as_arena *a)
{
    as_buf b = AS_BUF(AS_REPORT_MAX);
    if (f->message.len == 0 || as_str_find(f->message, f->key) == (size_t)-1) {
        as_text_visible(&b, f->key, true);
        as_buf_add(&b, f->message.len ? AS_STR(": ") : AS_NONE);
    }
    as_text_visible(&b, f->message, true);
    as_str out = b.failed ? AS_NONE : as_arena_str(a, as_buf_str(&b));
    as_buf_free(&b);
    return out;
}

/* The findings of the run that single decisions are about. */
static as_code name_findings(names *out, as_ledger *l, const as_doc *doc, as_arena *a,
                             as_err *e)
{
    as_view *v = NULL;
    const as_doc_finding *f = NULL;
    out->items = AS_NEW_N(a, named, doc->decided_count + 1);
    if (!out->items) {
        return as_fail_nomem(e);
    }
    for (size_t i = 0; i < doc->decided_count; i++) {
        if (doc->decided[i].finding.len) {
            out->items[out->count++] = (named){doc->decided[i].finding, AS_STR(""), AS_STR("")};
        }
    }
    if (out->count == 0) {
        return AS_OK;
    }
    qsort(out->items, out->count, sizeof *out->items, by_finding);
    as_code code = as_view_open(&v, l, doc, NULL, e);
    while (code == AS_OK && (code = as_view_next(v, &f, e)) == AS_OK && f) {
        named *n = name_of(out, f->fingerprint);
        if (n && n->words.len == 0) {
            n->words = in_words(f, a);
            n->rule = as_arena_str(a, f->rule);
            code = n->words.ptr && n->rule.ptr ? AS_OK : as_fail_nomem(e);
        }
    }
    as_view_close(v);
    return code;
}

static void say_one(const as_doc_decided *d, const names *all)
{
    const named *n = d->finding.len ? name_of(all, d->finding) : NULL;
    printf("  %.*s", AS_FMT(d->name));
    as_str rule = d->rule.len || !n ? d->rule : n->rule;
    if (rule.len) {
        printf("  %.*s", AS_FMT(rule));
    }
    if (d->finding.len) {
        printf("  %.*s", AS_FMT(as_str_sub(d->finding, 0, 12)));
    }
    if (d->count && !(n && n->words.len)) {
        printf("  %llu %s", (unsigned long long)d->count,
               d->count == 1 ? "finding" : "findings");
    }
    if (n && n->words.len) {
        printf("\n    %.*s", AS_FMT(n->words));
    }
    printf("\n    %.*s\n", AS_FMT(d->sentence));
}

/* How many there are of this state. */
static size_t say_state(const as_doc *doc, size_t state, const names *all)
{
    size_t n = 0;
    for (size_t i = 0; i < doc->decided_count; i++) {
        if (as_str_eq(doc->decided[i].state, as_str_from(states[state].state))) {
            if (n++ == 0) {
                printf("%s\n", states[state].title);
            }
            say_one(&doc->decided[i], all);
        }
    }
    return n;
}

static int say_all(const as_doc *doc, const names *all, bool check)
{
    size_t amiss = 0, unknown = 0, said = 0;
    for (size_t i = 0; i < STATES; i++) {
        bool unsure = strcmp(states[i].state, "unknown") == 0;
        if (check && !states[i].amiss && !unsure) {
            continue;
        }
        size_t n = say_state(doc, i, all);
        said += n;
        amiss += states[i].amiss ? n : 0;
        unknown += unsure ? n : 0;
    }
    if (said == 0) {
        printf(check ? "Every acceptance is in force and covers something.\n"
                     : "Nothing is decided of this release's findings.\n");
    }
    if (!check) {
        return AS_EXIT_PASS;
    }
    return unknown ? AS_EXIT_INCOMPLETE : amiss ? AS_EXIT_FINDINGS : AS_EXIT_PASS;
}

/* ---- the run for it ---- */

static as_code evaluate(as_cli *c, const as_plan *plan, const as_run_options *o, as_run **r,
                        names *all, as_err *e)
{
    as_ledger *l = NULL;
    as_code code = as_run_make(r, plan, o, &c->diags, e);
    if (code != AS_OK && c->diags.errors == 0) {
        as_diags_error(&c->diags, e);
    }
    as_cli_diags(c);
    if (code != AS_OK) {
        as_cli_errorf(c, "the inputs could not all be read; nothing was checked");
        return code;
    }
    code = as_ledger_open(&l, ":memory:", e);
    if (code == AS_OK) {
        code = as_run_store(*r, l, e);
    }
    if (code == AS_OK) {
        code = name_findings(all, l, as_run_doc(*r), c->arena, e);
    }
    if (code != AS_OK) {
        as_cli_error(c, e);
    }
    as_ledger_close(l);
    return code;
}

static int tell(as_cli *c, bool check)
{
    const char *path = as_cli_release_at(c, as_cli_option(c, "release"));
    as_project *p = NULL;
    as_plan *plan = NULL;
    as_run *r = NULL;
    as_run_options o = {0};
    as_err e = {0};
    uint64_t jobs = 0;
    if (!as_cli_number(c, "jobs", 1024, &jobs) ||
        as_cli_project(c, path, &p, &plan) != AS_EXIT_PASS ||
        !as_cli_decisions(c, p, plan, as_cli_ledger_path(c, p, path), &o.decisions)) {
        return AS_EXIT_USAGE;
    }
    o.jobs = (unsigned)jobs;
    names all = {NULL, 0};
    as_code code = evaluate(c, plan, &o, &r, &all, &e);
    int result = code == AS_OK ? say_all(as_run_doc(r), &all, check) : AS_EXIT_USAGE;
    as_run_close(r);
    return result;
}

/* ---- taking back ---- */

static int withdraw(as_cli *c)
{
    as_decision d = {.kind = AS_DECIDE_WITHDRAW};
    as_deciding x = {0};
    as_decisions *all = NULL;
    int64_t number = 0;
    if (c->arg_count < 2 || !as_str_to_i64(as_str_from(c->args[1]), &number) || number < 1) {
        return as_cli_usage(c, "`decisions withdraw` needs the number of an event");
    }
    if (as_cli_deciding(c, &x, &d, true) != AS_EXIT_PASS ||
        !as_cli_decisions(c, x.project, x.plan, x.ledger, &all)) {
        return AS_EXIT_USAGE;
    }
    d.target = (uint64_t)number;
    for (size_t i = 0; i < all->count; i++) {
        const as_decision *t = &all->items[i];
        if (t->event == d.target && t->kind != AS_DECIDE_WITHDRAW && !t->withdrawn) {
            return as_cli_decide(c, &x, &d);
        }
    }
    as_cli_errorf(c,
                  "event %llu of %s is no decision that stands; `assay ledger log` lists them",
                  (unsigned long long)d.target, x.ledger);
    return AS_EXIT_USAGE;
}

static int run_decisions(as_cli *c)
{
    const char *what = c->arg_count ? c->args[0] : "list";
    bool check = strcmp(what, "check") == 0;
    if (strcmp(what, "withdraw") == 0) {
        return withdraw(c);
    }
    if (!check && strcmp(what, "list") != 0) {
        return as_cli_usage(c, "`decisions` takes list, check or withdraw, not \"%s\"", what);
    }
    return c->arg_count > 1 ? as_cli_usage(c, "`decisions %s` takes no more arguments", what)
                            : tell(c, check);
}

const as_command as_command_decisions = {
    .name = "decisions",
    .usage = "[list | check | withdraw EVENT]",
    .summary = "what was decided of findings, and what stands with it now",
    .detail =
        "Lists what is in force, what ended or is about to, what covers nothing any more, what "
        "waits to be decided,\n"
        "and what became of records that are said to be corrected: of the ledger and of "
        "decisions.yaml. The rules are\n"
        "evaluated for it; no run is kept. `check` lists only what is amiss, and exits with 1 "
        "where something is: ended,\n"
        "about to end (within 30 days), covering nothing or too much; with 3 where a rule "
        "could "
        "not be evaluated.\n"
        "`withdraw` takes a decision of the ledger back.",
    .options = options,
    .examples = "  assay decisions\n  assay decisions check --release my-release\n"
                "  assay decisions withdraw 7 --reason \"meant another home\" --as "
                "second.analyst@example.org\n",
    .max_args = 2,
    .run = run_decisions,
};
