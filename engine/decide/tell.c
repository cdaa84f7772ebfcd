/* tell.c: what stands with each decision in a run: in force, about to lapse, ended, matching
 * nothing any more; and what became of what stewards said was corrected.
 *
 * What is history is not told: a rejected finding that is gone, a claim that an earlier run
 * found to be true. */
#include "base/limits.h"
#include "decide/decide.h"

typedef struct teller {
    as_decisions *d;
    as_doc *doc;
    size_t size;
    bool partial, nomem;
} teller;

static void add(teller *t, const as_decision *x, const char *state, as_str rule, as_str finding,
                uint64_t count, as_str sentence)
{
    as_doc *doc = t->doc;
    char until[AS_DATE_TEXT] = "";
    if (doc->decided_count == t->size) {
        size_t size = t->size ? 2 * t->size : 16;
        as_doc_decided *all = AS_NEW_N(t->d->arena, as_doc_decided, size);
        if (!all) {
            t->nomem = true;
            return;
        }
        if (t->size) {
            memcpy(all, doc->decided, t->size * sizeof *all);
        }
        doc->decided = all;
        t->size = size;
    }
    as_doc_decided *out = &doc->decided[doc->decided_count++];
    *out = (as_doc_decided){
        .state = as_str_from(state),
        .name = as_decision_name(x, t->d->arena),
        .who = x->who,
        .until = as_arena_str(t->d->arena, as_str_from(as_date_text(x->until, until))),
        .rule = rule,
        .finding = finding,
        .sentence = sentence,
        .count = count};
    t->nomem = t->nomem || !out->name.ptr || !out->until.ptr || !out->sentence.ptr;
}

#define SAY(t, ...) as_arena_printf((t)->d->arena, __VA_ARGS__)

static bool evaluated(as_str status)
{
    return as_str_eq(status, AS_STR("pass")) || as_str_eq(status, AS_STR("fail"));
}

/* Would the finding have been found? A rule that the release switched off finds nothing for
 * good. */
static bool looked_for(const teller *t, as_str rule)
{
    for (size_t i = 0; i < t->doc->rule_count; i++) {
        const as_doc_rule *r = &t->doc->rules[i];
        bool off = !t->partial && as_str_eq(r->status, AS_STR("off"));
        if ((rule.len == 0 || as_str_eq(r->id, rule)) && !evaluated(r->status) && !off) {
            return false;
        }
    }
    return rule.len > 0 || !t->partial;
}

static const char *in_force(const teller *t, const as_decision *x)
{
    return x->until - t->d->today <= AS_LAPSE_DAYS ? "lapsing" : "accepted";
}

static as_str force_text(const teller *t, const as_decision *x)
{
    int days = x->until - t->d->today;
    if (days > AS_LAPSE_DAYS) {
        return x->text;
    }
    return days ? SAY(t, "%.*s; it ends in %d %s", AS_FMT(x->text), days,
                      days == 1 ? "day" : "days")
                : SAY(t, "%.*s; today is its last day", AS_FMT(x->text));
}

/* ---- acceptances ---- */

static void tell_condition(teller *t, const as_decision *x)
{
    if (x->expired) {
        add(t, x, "expired", x->rule, AS_STR(""), 0,
            SAY(t, "%.*s; what it covered counts again", AS_FMT(x->text)));
    } else if (x->exceeded) {
        add(t, x, "exceeded", x->rule, AS_STR(""), x->exceeded,
            SAY(t,
                "%.*s; it would cover %llu findings, more than its at_most of %llu, so it "
                "covers none",
                AS_FMT(x->text), (unsigned long long)x->exceeded,
                (unsigned long long)x->at_most));
    } else if (!looked_for(t, x->rule)) {
        add(t, x, "unknown", x->rule, AS_STR(""), 0,
            SAY(t, "%.*s; the rule was not evaluated", AS_FMT(x->text)));
    } else if (x->hits == 0) {
        add(t, x, "gone", x->rule, AS_STR(""), 0,
            SAY(t, "%.*s; it covers nothing any more", AS_FMT(x->text)));
    } else {
        add(t, x, in_force(t, x), x->rule, AS_STR(""), x->hits, force_text(t, x));
    }
}

/* The rule of what is told once for several findings. */
static as_str rule_of(const as_decision *x)
{
    return x->rules && x->finding_count == 1 ? x->rules[0] : AS_STR("");
}

static void tell_ended(teller *t, const as_decision *x, uint64_t seen)
{
    as_str finding = x->finding_count == 1 ? x->findings[0] : AS_STR("");
    if (seen) {
        add(t, x, "expired", rule_of(x), finding, seen,
            SAY(t, "%.*s; %llu %s again", AS_FMT(x->text), (unsigned long long)seen,
                seen == 1 ? "finding counts" : "findings count"));
    } else if (!x->event) { /* of the ledger it is history; of the file somebody may take it out
                             */
        add(t, x, "expired", rule_of(x), finding, 0,
            SAY(t, "%.*s; what it covered does not occur", AS_FMT(x->text)));
    }
}

static void tell_absent(teller *t, const as_decision *x, const as_standing *s)
{
    bool looked = looked_for(t, s->rule);
    add(t, x, looked ? "gone" : "unknown", s->rule, s->finding, 0,
        SAY(t, looked ? "%.*s; it no longer occurs" : "%.*s; its rule was not evaluated",
            AS_FMT(x->text)));
}

static void tell_findings(teller *t, const as_decision *x)
{
    uint64_t seen = 0, stands = 0;
    for (size_t i = 0; i < x->finding_count; i++) {
        const as_standing *s = as_decisions_find(t->d, x->findings[i]);
        bool last = s && (s->verdict == x || s->file == x);
        bool accepted = s && as_standing_accepted(s) == x;
        if (accepted && !s->seen) {
            tell_absent(t, x, s);
        }
        bool ended = last && x->expired && !as_standing_accepted(s);
        stands += accepted || ended;
        seen += s && s->seen && (accepted || ended);
    }
    if (stands && x->expired) {
        tell_ended(t, x, seen);
    } else if (seen) {
        add(t, x, in_force(t, x), rule_of(x),
            x->finding_count == 1 ? x->findings[0] : AS_STR(""), seen, force_text(t, x));
    }
}

/* ---- rejections, proposals, queries ---- */

static void tell_waiting(teller *t, const as_decision *x)
{
    uint64_t seen = 0;
    bool reject = x->kind == AS_DECIDE_REJECT;
    const char *state = reject ? "rejected" : x->kind == AS_DECIDE_QUERY ? "query" : "proposed";
    for (size_t i = 0; i < x->finding_count; i++) {
        const as_standing *s = as_decisions_find(t->d, x->findings[i]);
        bool corrected = s && s->claim && s->claim->event > x->event; /* said since */
        bool waits = s && s->proposal == x && !corrected && !s->covered;
        seen += s && s->seen && (reject ? s->verdict == x : waits);
    }
    if (seen) {
        add(t, x, state, rule_of(x), x->finding_count == 1 ? x->findings[0] : AS_STR(""), seen,
            x->text);
    }
}

/* ---- claims ---- */

static bool same_inputs(const as_doc_input *a, size_t n, const as_doc_input *b, size_t m)
{
    bool same = n == m;
    for (size_t i = 0; same && i < n; i++) {
        same = as_str_eq(a[i].table, b[i].table) && as_str_eq(a[i].digest, b[i].digest);
    }
    return same;
}

static bool same_as_now(const teller *t, const as_decided_run *r)
{
    return same_inputs(r->inputs, r->input_count, t->doc->inputs, t->doc->input_count);
}

/* *other: this run's extracts are not those of the claim. *told: a run between them had others
 * already, and not this run's. */
static void since_claim(const teller *t, const as_decision *x, bool *other, bool *told)
{
    const as_decisions *d = t->d;
    size_t at = 0;
    *other = true;
    *told = false;
    while (at < d->run_count && d->runs[at].seq != x->run) {
        at++;
    }
    if (x->run == 0 || at == d->run_count) {
        return;
    }
    const as_decided_run *then = &d->runs[at];
    *other = !same_as_now(t, then);
    for (size_t i = at + 1; *other && !*told && i < d->run_count; i++) {
        const as_decided_run *r = &d->runs[i];
        *told = !same_inputs(then->inputs, then->input_count, r->inputs, r->input_count) &&
                !same_as_now(t, r);
    }
}

static void tell_claimed(teller *t, const as_decision *x, const as_standing *s, bool other,
                         bool told)
{
    if (!other) {
        add(t, x, "claimed", s->rule, s->finding, s->seen,
            SAY(t, "%.*s; the extracts are still the same", AS_FMT(x->text)));
    } else if (s->seen) {
        add(t, x, "still_there", s->rule, s->finding, 1,
            SAY(t, "%.*s; it is still there", AS_FMT(x->text)));
    } else if (!looked_for(t, s->rule)) {
        add(t, x, "unknown", s->rule, s->finding, 0,
            SAY(t, "%.*s; its rule was not evaluated", AS_FMT(x->text)));
    } else if (!told) {
        add(t, x, "fixed", s->rule, s->finding, 0,
            SAY(t, "%.*s; it is fixed", AS_FMT(x->text)));
    }
}

static void tell_claim(teller *t, const as_decision *x)
{
    bool other = false, told = false;
    since_claim(t, x, &other, &told);
    for (size_t i = 0; i < x->finding_count; i++) {
        const as_standing *s = as_decisions_find(t->d, x->findings[i]);
        bool decided = s && s->verdict && s->verdict->event > x->event;
        if (s && s->claim == x && !decided) {
            tell_claimed(t, x, s, other, told);
        }
    }
}

/* ---- the whole ---- */

static void tell_one(teller *t, const as_decision *x)
{
    if (x->withdrawn || x->kind == AS_DECIDE_WITHDRAW) {
        return;
    }
    if (x->problem.len) {
        add(t, x, "unreadable", x->rule, AS_STR(""), 0,
            SAY(t, "this decision cannot be understood and covers nothing: %.*s",
                AS_FMT(x->problem)));
    } else if (x->kind == AS_DECIDE_CLAIM) {
        tell_claim(t, x);
    } else if (x->kind != AS_DECIDE_ACCEPT) {
        tell_waiting(t, x);
    } else if (x->rule.len) {
        tell_condition(t, x);
    } else {
        tell_findings(t, x);
    }
}

as_code as_decisions_tell(as_decisions *d, as_doc *doc, bool partial, as_err *e)
{
    teller t = {.d = d, .doc = doc, .partial = partial};
    doc->decided = NULL;
    doc->decided_count = 0;
    for (size_t i = 0; i < d->count; i++) {
        tell_one(&t, &d->items[i]);
    }
    return t.nomem ? as_fail_nomem(e) : AS_OK;
}
