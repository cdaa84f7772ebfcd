/* cmd_compare.c: two runs of one ledger, record by record: what is new, fixed, still open.
 *
 * Findings are the same where their fingerprints are; two with one fingerprint in one run are
 * matched one to one. A rule that one of the runs did not evaluate is not compared. */
#include "cli/export.h"
#include "reports/text.h"

#include <stdlib.h>

static const as_option options[] = {
    {"format", 'f', "F", "terminal, json or csv. Default: terminal."},
    AS_OPTION_OUTPUT,
    {"rule", 0, "ID", "Only findings of this rule."},
    AS_OPTION_RELEASE,
    AS_OPTION_LEDGER,
    AS_OPTIONS_END,
};

typedef struct print {
    as_str fingerprint;
    uint32_t count, used;
} print;

/* One run's fingerprints of one rule, each once, in order. */
typedef struct prints {
    print *items;
    size_t count;
} prints;

typedef enum verdict { FIXED, NEW, OPEN, VERDICTS } verdict;
static const char *const words[] = {"fixed", "new", "open"};

typedef struct comparing {
    as_ledger *ledger;
    as_doc runs[2]; /* before, after */
    const char *rule;
    bool json, csv, first;
    as_sink sink;
    uint64_t totals[VERDICTS];
    size_t left_out; /* rules */
} comparing;

/* ---- fingerprints ---- */

static int by_print(const void *a, const void *b)
{
    return as_str_cmp(((const print *)a)->fingerprint, ((const print *)b)->fingerprint);
}

static as_code read_prints(comparing *x, size_t run, as_str rule, uint64_t n, as_arena *a,
                           prints *out, as_err *e)
{
    as_finding_filter filter = {.rule = rule};
    as_finding_cursor *cursor = NULL;
    as_doc_finding f;
    bool got = true;
    size_t all = 0;
    *out = (prints){AS_NEW_N(a, print, n + 1), 0};
    as_code code = out->items
                       ? as_ledger_findings(x->ledger, x->runs[run].seq, &filter, &cursor, e)
                       : as_fail_nomem(e);
    while (code == AS_OK && got && all < n) {
        code = as_ledger_next(cursor, &f, &got, e);
        if (code == AS_OK && got) {
            out->items[all] = (print){as_arena_str(a, f.fingerprint), 1, 0};
            code = out->items[all++].fingerprint.ptr ? AS_OK : as_fail_nomem(e);
        }
    }
    as_ledger_findings_close(cursor);
    qsort(out->items, code == AS_OK ? all : 0, sizeof *out->items, by_print);
    for (size_t i = 0; code == AS_OK && i < all; i++) {
        print *last = out->count ? &out->items[out->count - 1] : NULL;
        if (last && as_str_eq(last->fingerprint, out->items[i].fingerprint)) {
            last->count++;
        } else {
            out->items[out->count++] = out->items[i];
        }
    }
    return code;
}

/* Takes one of them; false: there is none left. */
static bool take(prints *p, as_str fingerprint)
{
    print key = {fingerprint, 0, 0};
    print *found =
        p->count ? bsearch(&key, p->items, p->count, sizeof *p->items, by_print) : NULL;
    return found && found->used < found->count && ++found->used;
}

/* ---- one rule ---- */

static void say_finding(comparing *x, const as_doc_finding *f, verdict v)
{
    as_buf *b = &x->sink.buf;
    if (x->json || x->csv) {
        const as_cell cells[] = {{"rule", f->rule, 0},
                                 {"change", as_str_from(words[v]), 0},
                                 {"severity", f->severity, 0},
                                 {"table", f->table, 0},
                                 {"key", f->key, 0},
                                 {"field", f->field, 0},
                                 {"message", f->message, 0},
                                 {"decision", f->decision, 0},
                                 {"fingerprint", f->fingerprint, 0}};
        as_export_row(b, cells, sizeof cells / sizeof *cells, x->csv, x->first);
        x->first = false;
        return;
    }
    as_buf_addf(b, "  %-5s  ", words[v]);
    as_text_visible(b, f->key, true);
    as_buf_add(b, AS_STR("  "));
    as_text_visible(b, f->message, true);
    as_buf_addc(b, '\n');
}

/* The findings of one run that are `other`'s too, or are not: `shared` tells which are said. */
static as_code say_run(comparing *x, size_t run, as_str rule, prints *other, bool shared,
                       verdict v, as_err *e)
{
    as_finding_filter filter = {.rule = rule};
    as_view *view = NULL;
    const as_doc_finding *f = NULL;
    as_code code = as_view_open(&view, x->ledger, &x->runs[run], &filter, e);
    for (size_t i = 0; i < other->count; i++) {
        other->items[i].used = 0;
    }
    while (code == AS_OK && (code = as_view_next(view, &f, e)) == AS_OK && f) {
        if (take(other, f->fingerprint) == shared) {
            x->totals[v]++;
            say_finding(x, f, v);
            code = as_sink_send(&x->sink, false, e);
        }
    }
    as_view_close(view);
    return code;
}

static const as_doc_rule *rule_in(const as_doc *d, as_str id)
{
    for (size_t i = 0; i < d->rule_count; i++) {
        if (as_str_eq(d->rules[i].id, id)) {
            return &d->rules[i];
        }
    }
    return NULL;
}

static bool evaluated(const as_doc_rule *r)
{
    return r && (as_str_eq(r->status, AS_STR("pass")) || as_str_eq(r->status, AS_STR("fail")));
}

static void say_rule(comparing *x, const as_doc_rule *r)
{
    if (!x->json && !x->csv) {
        as_text_visible(&x->sink.buf, r->id, true);
        as_buf_add(&x->sink.buf, AS_STR("  "));
        as_text_visible(&x->sink.buf, r->title, true);
        as_buf_addc(&x->sink.buf, '\n');
    }
}

static as_code compare_rule(comparing *x, const as_doc_rule *r, as_err *e)
{
    const as_doc_rule *before = rule_in(&x->runs[0], r->id),
                      *after = rule_in(&x->runs[1], r->id);
    prints was, is;
    if (!evaluated(before) || !evaluated(after)) {
        bool any = (before && before->findings) || (after && after->findings);
        x->left_out += any;
        return AS_OK;
    }
    if (before->findings == 0 && after->findings == 0) {
        return AS_OK;
    }
    as_arena *a = as_arena_open();
    as_code code =
        a ? read_prints(x, 0, r->id, before->findings, a, &was, e) : as_fail_nomem(e);
    code = code ? code : read_prints(x, 1, r->id, after->findings, a, &is, e);
    if (code == AS_OK) {
        say_rule(x, after);
        code = say_run(x, 1, r->id, &was, false, NEW, e);
    }
    code = code ? code : say_run(x, 0, r->id, &is, false, FIXED, e);
    code = code ? code : say_run(x, 1, r->id, &was, true, OPEN, e);
    as_arena_close(a);
    return code;
}

/* ---- the whole ---- */

static as_code all_rules(comparing *x, as_err *e)
{
    as_code code = AS_OK;
    for (size_t run = 2;
         run-- > 0 && code == AS_OK;) { /* the later run's, then what it lacks */
        for (size_t i = 0; i < x->runs[run].rule_count && code == AS_OK; i++) {
            const as_doc_rule *r = &x->runs[run].rules[i];
            bool wanted = !x->rule || as_str_eq(r->id, as_str_from(x->rule));
            if (wanted && (run == 1 || !rule_in(&x->runs[1], r->id))) {
                code = compare_rule(x, r, e);
            }
        }
    }
    return code;
}

static void totals(comparing *x)
{
    as_buf *b = &x->sink.buf;
    unsigned long long is_new = x->totals[NEW], fixed = x->totals[FIXED],
                       open = x->totals[OPEN];
    if (x->json) {
        as_buf_addf(b,
                    "%s],\n  \"new\": %llu, \"fixed\": %llu, \"open\": %llu, "
                    "\"rules_not_compared\": %zu\n}\n",
                    x->first ? "" : "\n  ", is_new, fixed, open, x->left_out);
    } else if (!x->csv) {
        as_buf_addf(b, "\n%llu new, %llu fixed, %llu open\n", is_new, fixed, open);
        if (x->left_out) {
            as_buf_addf(b, "%zu %s not compared: not evaluated in both runs\n", x->left_out,
                        x->left_out == 1 ? "rule" : "rules");
        }
    }
}

static as_code fill(void *arg, as_out out, as_err *e)
{
    comparing *x = arg;
    const as_doc *before = &x->runs[0], *after = &x->runs[1];
    x->sink = as_sink_to(out);
    x->first = true;
    if (x->json) {
        as_buf_addf(&x->sink.buf,
                    "{\n  \"before\": {\"run\": %llu, \"id\": \"%.*s\"},\n"
                    "  \"after\": {\"run\": %llu, \"id\": \"%.*s\"},\n  \"findings\": [",
                    (unsigned long long)before->seq, AS_FMT(before->run),
                    (unsigned long long)after->seq, AS_FMT(after->run));
    } else if (!x->csv) {
        as_buf_addf(&x->sink.buf, "run %llu (%.*s) and run %llu (%.*s)\n",
                    (unsigned long long)before->seq, AS_FMT(before->run),
                    (unsigned long long)after->seq, AS_FMT(after->run));
    }
    as_code code = all_rules(x, e);
    if (code == AS_OK) {
        totals(x);
        code = as_sink_send(&x->sink, true, e);
    }
    as_sink_free(&x->sink);
    return code;
}

static int run_compare(as_cli *c)
{
    const char *format = as_cli_option(c, "format");
    comparing x = {.rule = as_cli_option(c, "rule")};
    as_err e = {0};
    x.json = format && strcmp(format, "json") == 0;
    x.csv = format && strcmp(format, "csv") == 0;
    if (format && !x.json && !x.csv && strcmp(format, "terminal") != 0) {
        return as_cli_usage(c, "`compare` writes terminal, json or csv, not \"%s\"", format);
    }
    if (as_cli_stored_run(c, c->args[0], &x.ledger, &x.runs[0]) != AS_EXIT_PASS) {
        return AS_EXIT_USAGE;
    }
    as_code code =
        as_ledger_read(x.ledger, c->arena, as_str_from(c->args[1]), AS_NONE, &x.runs[1], &e);
    if (code == AS_OK && x.rule && !rule_in(&x.runs[1], as_str_from(x.rule)) &&
        !rule_in(&x.runs[0], as_str_from(x.rule))) {
        as_ledger_close(x.ledger);
        return as_cli_usage(c, "neither run has a rule \"%s\"", x.rule);
    }
    code = code ? code : as_cli_write(c, as_cli_option(c, "output"), fill, &x, &e);
    if (code != AS_OK) {
        as_cli_error(c, &e);
    }
    as_ledger_close(x.ledger);
    return code == AS_OK ? AS_EXIT_PASS : AS_EXIT_USAGE;
}

const as_command as_command_compare = {
    .name = "compare",
    .usage = "RUN RUN",
    .summary = "two runs, record by record: new, fixed, still open",
    .detail =
        "Holds the findings of two runs of one ledger against each other by their "
        "fingerprints, "
        "rule by rule. The runs\n"
        "may be of other extracts: both releases of a revised extract, this year's and last "
        "year's. Every record is\n"
        "listed; sensitive values are masked. A rule that one of the runs did not evaluate is "
        "not compared, and counted.\n"
        "RUN is a number, a run id or its beginning, or last.",
    .options = options,
    .examples = "  assay compare 7 last\n  assay compare 7 8 --format csv -o changes.csv\n",
    .min_args = 2,
    .max_args = 2,
    .run = run_compare,
};
