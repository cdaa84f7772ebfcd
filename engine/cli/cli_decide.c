/* cli_decide.c: who decides what, from the command line into the ledger. Nothing is assumed:
 * who and why are asked for, and an abbreviation that fits several findings is an error. */
#include "base/limits.h"
#include "base/text.h"
#include "cli/decide.h"

enum { PREFIX_MIN = 6, CANDIDATES_SHOWN = 10 };

/* ---- who and why ---- */

/* False: said. */
static bool text_option(as_cli *c, const char *name, size_t max, bool required, as_str *out)
{
    const char *given = as_cli_option(c, name);
    as_str text = as_str_trim(as_str_from(given ? given : ""));
    if (text.len == 0 && (required || given)) {
        as_cli_usage(c, given ? "--%s is empty" : "--%s is missing", name);
        return false;
    }
    if (text.len > max) {
        as_cli_usage(c, "--%s has %zu bytes, more than %zu", name, text.len, max);
        return false;
    }
    if (as_text_utf8_valid(text) != text.len) {
        as_cli_usage(c, "--%s is not UTF-8", name);
        return false;
    }
    *out = text;
    return true;
}

int as_cli_deciding(as_cli *c, as_deciding *x, as_decision *d, bool reason)
{
    const char *path = as_cli_release_at(c, as_cli_option(c, "release"));
    const char *key = d->kind == AS_DECIDE_CLAIM ? "note" : "reason";
    if (!text_option(c, "as", AS_WHO_MAX, true, &d->who) ||
        !text_option(c, key, AS_REASON_MAX, reason, &d->reason) ||
        as_cli_project(c, path, &x->project, &x->plan) != AS_EXIT_PASS) {
        return AS_EXIT_USAGE;
    }
    x->ledger = as_cli_ledger_path(c, x->project, path);
    return AS_EXIT_PASS;
}

/* ---- which findings ---- */

/* What an argument may mean, and what it was found to mean. */
typedef struct wanted {
    const char *arg;
    as_named found[CANDIDATES_SHOWN];
    size_t count; /* of different fingerprints */
} wanted;

static bool read_argument(as_cli *c, wanted *w, const char *arg)
{
    size_t len = strlen(arg);
    bool digits = strspn(arg, "0123456789abcdef") == len;
    *w = (wanted){.arg = arg};
    if (!digits || len < PREFIX_MIN || len > 32) {
        as_cli_usage(c,
                     "\"%s\" is no finding: give six or more digits of its fingerprint, as "
                     "`assay findings` shows them",
                     arg);
    }
    return digits && len >= PREFIX_MIN && len <= 32;
}

static bool add_candidate(as_cli *c, wanted *w, const as_doc_finding *f)
{
    for (size_t i = 0; i < w->count && i < CANDIDATES_SHOWN; i++) {
        if (as_str_eq(w->found[i].fingerprint, f->fingerprint)) {
            return true;
        }
    }
    if (w->count++ >= CANDIDATES_SHOWN) {
        return true;
    }
    as_named *n = &w->found[w->count - 1];
    as_str said = f->message.len ? f->message : f->key_sensitive ? AS_STR("(masked)") : f->key;
    n->fingerprint = as_arena_str(c->arena, f->fingerprint);
    n->rule = as_arena_str(c->arena, f->rule);
    n->sentence = as_arena_str(c->arena, said);
    return n->fingerprint.ptr && n->rule.ptr && n->sentence.ptr;
}

static as_code look(as_cli *c, as_ledger *l, uint64_t run, wanted *all, size_t count, as_err *e)
{
    as_finding_cursor *cursor = NULL;
    as_doc_finding f;
    bool got = true;
    as_code code = as_ledger_findings(l, run, NULL, &cursor, e);
    while (code == AS_OK && got) {
        code = as_ledger_next(cursor, &f, &got, e);
        for (size_t i = 0; code == AS_OK && got && i < count; i++) {
            wanted *w = &all[i];
            bool fits = as_str_starts(f.fingerprint, as_str_from(w->arg));
            if (fits && !add_candidate(c, w, &f)) {
                code = as_fail_nomem(e);
            }
        }
    }
    as_ledger_findings_close(cursor);
    return code;
}

static void print_named(FILE *out, const as_named *n)
{
    fprintf(out, "  %.*s  %.*s  %.*s\n", AS_FMT(n->fingerprint), AS_FMT(n->rule),
            AS_FMT(n->sentence));
}

static bool is_one(as_cli *c, const as_deciding *x, const wanted *w)
{
    if (w->count == 0) {
        as_cli_errorf(c,
                      "run %llu of this release has no finding \"%s\"; `assay findings` lists "
                      "them",
                      (unsigned long long)x->doc.seq, w->arg);
    } else if (w->count > 1) {
        as_cli_errorf(c, "\"%s\" may be one of %zu findings; give more of it:", w->arg,
                      w->count);
        for (size_t i = 0; i < w->count && i < CANDIDATES_SHOWN; i++) {
            print_named(stderr, &w->found[i]);
        }
        if (w->count > CANDIDATES_SHOWN) {
            fprintf(stderr, "  and %zu more\n", w->count - CANDIDATES_SHOWN);
        }
    }
    return w->count == 1;
}

static bool is_known(const as_deciding *x, as_str fingerprint)
{
    for (size_t i = 0; i < x->named_count; i++) {
        if (as_str_eq(x->named[i].fingerprint, fingerprint)) {
            return true;
        }
    }
    return false;
}

/* Into *d, each once. False: out of memory. */
static bool take(as_cli *c, as_deciding *x, as_decision *d, const wanted *all, size_t count)
{
    as_str *findings = AS_NEW_N(c->arena, as_str, count + 1);
    as_str *rules = AS_NEW_N(c->arena, as_str, count + 1);
    x->named = AS_NEW_N(c->arena, as_named, count + 1);
    if (!findings || !rules || !x->named) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const as_named *n = &all[i].found[0];
        if (!is_known(x, n->fingerprint)) {
            findings[x->named_count] = n->fingerprint;
            rules[x->named_count] = n->rule;
            x->named[x->named_count++] = *n;
        }
    }
    d->findings = findings;
    d->rules = rules;
    d->finding_count = x->named_count;
    return true;
}

int as_cli_named(as_cli *c, as_deciding *x, as_decision *d, size_t first)
{
    size_t count = c->arg_count - first;
    wanted *all = AS_NEW_N(c->arena, wanted, count + 1);
    as_ledger *l = NULL;
    as_err e = {0};
    for (size_t i = 0; all && i < count; i++) {
        if (!read_argument(c, &all[i], c->args[first + i])) {
            return AS_EXIT_USAGE;
        }
    }
    if (all && as_cli_stored_run(c, "", &l, &x->doc) != AS_EXIT_PASS) {
        return AS_EXIT_USAGE;
    }
    as_code code = all ? look(c, l, x->doc.seq, all, count, &e) : as_fail_nomem(&e);
    as_ledger_close(l);
    bool good = code == AS_OK;
    for (size_t i = 0; code == AS_OK && i < count; i++) {
        good = is_one(c, x, &all[i]) && good;
    }
    if (good && !take(c, x, d, all, count)) {
        code = as_fail_nomem(&e);
    }
    if (code != AS_OK) {
        as_cli_error(c, &e);
    }
    return good && code == AS_OK ? AS_EXIT_PASS : AS_EXIT_USAGE;
}

/* ---- keeping it ---- */

static void say_kept(const as_cli *c, const as_deciding *x, const as_event *ev)
{
    if (c->quiet) {
        return;
    }
    for (size_t i = 0; i < x->named_count; i++) {
        print_named(stdout, &x->named[i]);
    }
    printf("Kept as event %llu of %s. It counts from the next `assay check` on.\n",
           (unsigned long long)ev->seq, x->ledger);
}

int as_cli_decide(as_cli *c, const as_deciding *x, as_decision *d)
{
    as_event ev = {
        .kind = as_decision_kind_name(d->kind), .who = d->who, .release = x->project->release};
    as_ledger *l = NULL;
    as_err e = {0};
    as_code code = as_decision_body(&ev.body, d, c->arena, &e);
    if (code == AS_OK) {
        code = as_ledger_open(&l, x->ledger, &e);
    }
    if (code == AS_OK) {
        code = as_ledger_event_add(l, &ev, c->arena, &e);
    }
    as_ledger_close(l);
    if (code != AS_OK) {
        as_cli_error(c, &e);
        return AS_EXIT_USAGE;
    }
    say_kept(c, x, &ev);
    return AS_EXIT_PASS;
}
