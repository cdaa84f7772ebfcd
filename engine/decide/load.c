/* load.c: replays the events, joins decisions.yaml, and reads the conditions against the rules'
 * tables. */
#include "decide/decide.h"

#include <stdlib.h>

/* ---- gathering ---- */

static void from_file(as_decision *out, const as_decided *x)
{
    *out = (as_decision){.kind = AS_DECIDE_ACCEPT,
                         .at = x->at,
                         .who = x->by,
                         .made = AS_STR(""),
                         .reason = x->reason,
                         .until = x->until,
                         .findings = x->findings,
                         .finding_count = x->finding_count,
                         .rule = x->rule,
                         .where = x->where,
                         .at_most = x->at_most};
}

static as_code gather(as_decisions *d, const as_event_list *events, const as_project *p,
                      as_err *e)
{
    size_t most = events->count + p->decided_count + 1;
    d->items = AS_NEW_N(d->arena, as_decision, most);
    d->runs = AS_NEW_N(d->arena, as_decided_run, events->count + 1);
    if (!d->items || !d->runs) {
        return as_fail_nomem(e);
    }
    for (size_t i = 0; i < p->decided_count; i++) {
        from_file(&d->items[d->count++], &p->decided[i]);
    }
    for (size_t i = 0; i < events->count; i++) {
        bool is = false;
        uint64_t run = as_event_run(&events->items[i]);
        as_code code =
            as_decision_read(&d->items[d->count], &is, &events->items[i], d->arena, e);
        if (code != AS_OK) {
            return code;
        }
        if (run) {
            d->runs[d->run_count++].seq = run;
        }
        if (is) {
            d->items[d->count++].run = d->run_count ? d->runs[d->run_count - 1].seq : 0;
        }
    }
    return AS_OK;
}

/* A withdrawal stands for good: what was withdrawn may be decided again. */
static void withdraw(as_decisions *d)
{
    for (size_t i = 0; i < d->count; i++) {
        for (size_t k = 0; d->items[i].kind == AS_DECIDE_WITHDRAW && k < i; k++) {
            if (d->items[k].event && d->items[k].event == d->items[i].target &&
                d->items[k].kind != AS_DECIDE_WITHDRAW) {
                d->items[k].withdrawn = true;
            }
        }
    }
}

as_str as_decision_name(const as_decision *d, as_arena *a)
{
    return d->event ? as_arena_printf(a, "event %llu", (unsigned long long)d->event)
                    : as_arena_printf(a, "%s:%u", d->at.file ? d->at.file : "decisions.yaml",
                                      d->at.line);
}

/* ---- what stands with a finding ---- */

/* On one line: control characters would speak to terminals. */
static as_str one_line(as_str s, as_arena *a)
{
    as_str out = as_arena_str(a, s);
    for (size_t i = 0; out.ptr && i < out.len; i++) {
        if ((unsigned char)out.ptr[i] < ' ' || out.ptr[i] == 0x7f) {
            ((char *)(uintptr_t)out.ptr)[i] = ' ';
        }
    }
    return out;
}

static as_str text_of(const as_decision *d, as_arena *a)
{
    static const char *const starts[] = {
        "accepted until",          "to be corrected, says", "said to be corrected by",
        "acceptance asked for by", "withdrawn by",          "asked by"};
    char day[AS_DATE_TEXT];
    const char *colon = d->reason.len ? ": " : "", *start = starts[d->kind];
    const char *until = as_date_text(d->until, day);
    if (d->expired) {
        return as_arena_printf(a, "the acceptance by %.*s ended on %s%s%.*s", AS_FMT(d->who),
                               until, colon, AS_FMT(d->reason));
    }
    if (d->kind == AS_DECIDE_ACCEPT) {
        return as_arena_printf(a, "%s %s by %.*s%s%.*s", start, until, AS_FMT(d->who), colon,
                               AS_FMT(d->reason));
    }
    return as_arena_printf(a, "%s %.*s on %.*s%s%.*s", start, AS_FMT(d->who),
                           AS_FMT(as_str_sub(d->made, 0, 10)), colon, AS_FMT(d->reason));
}

static as_code make_texts(as_decisions *d, as_err *e)
{
    for (size_t i = 0; i < d->count; i++) {
        as_decision *x = &d->items[i];
        x->who = one_line(x->who, d->arena);
        x->reason = one_line(x->reason, d->arena);
        x->expired = x->kind == AS_DECIDE_ACCEPT && x->until < d->today;
        x->text = x->who.ptr && x->reason.ptr ? text_of(x, d->arena) : AS_NONE;
        if (!x->text.ptr) {
            return as_fail_nomem(e);
        }
    }
    return AS_OK;
}

typedef struct mention {
    as_str finding, rule;
    as_decision *by;
    size_t order;
} mention;

static int by_finding(const void *a, const void *b)
{
    const mention *x = a, *y = b;
    int c = as_str_cmp(x->finding, y->finding);
    return c ? c : (x->order > y->order) - (x->order < y->order);
}

static void stand(as_standing *s, const mention *m)
{
    as_decision *d = m->by;
    if (m->rule.len) {
        s->rule = m->rule;
    }
    switch (d->kind) {
    case AS_DECIDE_ACCEPT:
        if (d->event) {
            s->verdict = d;
            s->proposal = NULL;
        } else if (!s->file || s->file->expired) {
            s->file = d;
        }
        break;
    case AS_DECIDE_REJECT:
        s->verdict = d;
        s->proposal = NULL;
        break;
    case AS_DECIDE_CLAIM:
        s->claim = d;
        break;
    case AS_DECIDE_PROPOSE:
    case AS_DECIDE_QUERY:
        s->proposal = d;
        break;
    default:
        break;
    }
}

static as_code make_standing(as_decisions *d, as_err *e)
{
    size_t total = 0, n = 0;
    for (size_t i = 0; i < d->count; i++) {
        total += d->items[i].finding_count;
    }
    mention *all = AS_NEW_N(d->arena, mention, total + 1);
    d->standing = AS_NEW_N(d->arena, as_standing, total + 1);
    if (!all || !d->standing) {
        return as_fail_nomem(e);
    }
    for (size_t i = 0; i < d->count; i++) {
        as_decision *x = &d->items[i];
        for (size_t k = 0; !x->withdrawn && !x->problem.len && k < x->finding_count; k++) {
            all[n] = (mention){x->findings[k], x->rules ? x->rules[k] : AS_STR(""), x, n};
            n++;
        }
    }
    qsort(all, n, sizeof *all, by_finding);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || !as_str_eq(all[i].finding, all[i - 1].finding)) {
            d->standing[d->standing_count++] =
                (as_standing){.finding = all[i].finding, .rule = AS_STR("")};
        }
        stand(&d->standing[d->standing_count - 1], &all[i]);
    }
    return AS_OK;
}

static int compare_finding(const void *key, const void *item)
{
    return as_str_cmp(*(const as_str *)key, ((const as_standing *)item)->finding);
}

as_standing *as_decisions_find(const as_decisions *d, as_str fingerprint)
{
    return d->standing_count ? bsearch(&fingerprint, d->standing, d->standing_count,
                                       sizeof *d->standing, compare_finding)
                             : NULL;
}

/* ---- conditions ---- */

static void no_rule(as_decision *x, const as_decide_env *env, as_arena *a)
{
    as_str near = as_project_nearest(env->project, "rule", x->rule);
    if (x->event) {
        x->problem = as_arena_printf(a, "there is no rule %.*s any more", AS_FMT(x->rule));
        return;
    }
    as_str hint = as_arena_printf(a, near.len ? "did you mean `%.*s`?" : "%.*s", AS_FMT(near));
    as_diag_add(env->diags, AS_DIAG_ERROR, x->at, hint.ptr, "there is no rule `%.*s`",
                AS_FMT(x->rule));
}

/* Mistakes of decisions.yaml are the reader's to mend; an event cannot be mended. */
static void bind(as_decision *x, const as_decide_env *env, as_arena *a)
{
    as_diags own;
    as_diags_init(&own, a);
    x->about = env->rule(env->arg, x->rule);
    if (!x->about) {
        no_rule(x, env, a);
        return;
    }
    const as_schema *schema =
        x->about->table.len ? as_project_table_schema(env->project, x->about->table) : NULL;
    if (!schema) {
        as_diag_add(&own, AS_DIAG_ERROR, x->at, "accept its findings one by one",
                    "rule %.*s is about no table: there is no record for a condition",
                    AS_FMT(x->rule));
    } else {
        as_cond_env cond = {.project = env->project,
                            .self = schema,
                            .plain = AS_SIDE_SELF,
                            .arena = a,
                            .diags = &own};
        x->cond = as_cond_parse(&cond, x->where);
    }
    if (!x->event) {
        as_diags_take(env->diags, &own);
    } else if (!x->cond) {
        x->problem = own.count ? own.items[0].text : AS_STR("its condition cannot be read");
    }
}

as_code as_decisions_load(as_decisions **out, const as_event_list *events,
                          const as_decide_env *env, as_arena *a, as_err *e)
{
    as_decisions *d = AS_NEW(a, as_decisions);
    *out = NULL;
    if (!d) {
        return as_fail_nomem(e);
    }
    d->arena = a;
    d->today = as_date_today();
    as_code code = gather(d, events, env->project, e);
    if (code == AS_OK) {
        withdraw(d);
        code = make_texts(d, e);
    }
    if (code == AS_OK) {
        code = make_standing(d, e);
    }
    for (size_t i = 0; code == AS_OK && env->rule && i < d->count; i++) {
        as_decision *x = &d->items[i];
        if (x->rule.len && !x->withdrawn && !x->problem.len) {
            bind(x, env, a);
        }
    }
    *out = code == AS_OK ? d : NULL;
    return code;
}

static bool any_claim(const as_decisions *d)
{
    for (size_t i = 0; i < d->count; i++) {
        if (d->items[i].kind == AS_DECIDE_CLAIM) {
            return true;
        }
    }
    return false;
}

static as_code read_inputs(as_decisions *d, as_ledger *l, as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; code == AS_OK && any_claim(d) && i < d->run_count; i++) {
        as_decided_run *r = &d->runs[i];
        code = as_ledger_inputs(l, d->arena, r->seq, &r->inputs, &r->input_count, e);
    }
    return code;
}

as_code as_decisions_open(as_decisions **out, const char *path, const as_decide_env *env,
                          as_arena *a, as_err *e)
{
    as_event_list events = {NULL, 0};
    as_ledger *l = NULL;
    as_code code = path ? as_ledger_open_begun(&l, path, e) : AS_OK;
    *out = NULL;
    if (code == AS_OK && l) {
        code = as_ledger_events(l, a, AS_STR(""), env->project->release, &events, e);
    }
    if (code == AS_OK) {
        code = as_decisions_load(out, &events, env, a, e);
    }
    if (code == AS_OK && l) {
        code = read_inputs(*out, l, e);
    }
    as_ledger_close(l);
    return code;
}
