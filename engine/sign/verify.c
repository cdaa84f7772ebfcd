/* verify.c: is this sign-off good for the release as it is now? */
#include "base/limits.h"
#include "rules/files.h"
#include "sign/sign.h"

#include <stdlib.h>
#include <unistd.h>

enum {
    NAMED_MAX = 20
}; /* findings of which what is accepted changed; the others are counted */

static void look_at_signer(as_sign_off *s, const as_present *now)
{
    const as_sign_policy *policy = &now->policy;
    const as_project *p = now->project;
    const as_statement *t = &s->statement;
    const as_sign_role *role = as_sign_role_find(policy, t->role);
    if (!role) {
        as_problem(&s->problems, "release.yaml knows no role \"%.*s\"", AS_FMT(t->role));
    } else if (!as_sign_role_has(role, t->signer)) {
        as_problem(&s->problems, "%.*s is not %.*s of this release", AS_FMT(t->signer),
                   AS_FMT(t->role));
    }
    if (as_sign_is_producer(policy, t->signer)) {
        as_problem(&s->problems,
                   "%.*s produced the figures; somebody else has to sign them off",
                   AS_FMT(t->signer));
    }
    if (!as_str_eq(t->run.release, p->release)) {
        as_problem(&s->problems, "it is of the release \"%.*s\", this is \"%.*s\"",
                   AS_FMT(t->run.release), AS_FMT(p->release));
    }
    if (!as_str_eq(t->run.produced_by, p->produced_by)) {
        as_problem(&s->problems,
                   "it says that %.*s produced the figures, release.yaml says %.*s",
                   AS_FMT(t->run.produced_by), AS_FMT(p->produced_by));
    }
}

static void look_at_content(as_sign_off *s, const as_present *now)
{
    const char *rules = now->project->rules_sha256;
    const as_doc *run = &s->statement.run;
    size_t before = s->problems.count;
    as_contents_compare(&s->statement.subjects, &now->contents, &s->problems);
    if (s->problems.count == before && !as_str_eq(run->rules_sha256, as_str_from(rules))) {
        as_problem(&s->problems, "the digest over all rules was %.*s, is now %s",
                   AS_FMT(run->rules_sha256), rules);
    }
    if (!as_str_eq(run->assay, AS_STR(ASSAY_VERSION))) {
        as_problem(&s->problems, "signed with assay %.*s, this is assay " ASSAY_VERSION,
                   AS_FMT(run->assay));
    }
    if (run->blocking || !as_str_eq(run->verdict, AS_STR("pass"))) {
        as_problem(&s->problems, "the signed run has the verdict \"%.*s\"",
                   AS_FMT(run->verdict));
    }
}

static int by_text(const void *x, const void *y)
{
    return as_str_cmp(*(const as_str *)x, *(const as_str *)y);
}

/* The findings that were accepted one by one then and are not now, and the other way round. */
static void name_decisions(as_sign_off *s, const as_decisions *now)
{
    const as_statement *t = &s->statement;
    size_t told = 0, differ = 0;
    for (size_t i = 0; i < t->finding_count; i++) {
        const as_standing *x = as_decisions_find(now, t->findings[i]);
        if (x && as_standing_accepted(x)) {
            continue;
        }
        if (differ++ < NAMED_MAX) {
            told++;
            as_problem(&s->problems,
                       "decisions: finding %.*s was accepted when this was signed, and is not "
                       "now",
                       AS_FMT(t->findings[i]));
        }
    }
    for (size_t i = 0; i < now->standing_count; i++) {
        const as_standing *x = &now->standing[i];
        bool then = t->finding_count && bsearch(&x->finding, t->findings, t->finding_count,
                                                sizeof *t->findings, by_text);
        if (!as_standing_accepted(x) || then) {
            continue;
        }
        if (differ++ < NAMED_MAX) {
            told++;
            as_problem(&s->problems,
                       "decisions: finding %.*s is accepted now, and was not when this was "
                       "signed",
                       AS_FMT(x->finding));
        }
    }
    if (told < differ) {
        as_problem(&s->problems, "decisions: and %zu more findings", differ - told);
    }
}

/* Acceptances that ended are named. Of others the digest tells that they are not the same, and
 * the findings which; where those are the same, it is a reason, an end or a condition. */
static void look_at_decisions(as_sign_off *s, const as_present *now)
{
    const as_statement *t = &s->statement;
    size_t ended = 0;
    char today[AS_DATE_TEXT];
    as_str day = as_str_from(as_date_text(as_date_today(), today));
    for (size_t i = 0; i < t->run.decided_count; i++) {
        const as_doc_decided *d = &t->run.decided[i];
        if (d->until.len && as_str_cmp(d->until, day) < 0) {
            ended++;
            as_problem(&s->problems, "%.*s ended on %.*s: %.*s", AS_FMT(d->name),
                       AS_FMT(d->until), AS_FMT(d->sentence));
        }
    }
    if (ended == 0 && !as_str_eq(t->decisions_sha256, as_str_from(now->accepted))) {
        as_problem(&s->problems,
                   "decisions: what is accepted was signed with sha256 %s%.*s, is now %s",
                   t->decisions_sha256.len ? "" : "none", AS_FMT(t->decisions_sha256),
                   now->accepted[0] ? now->accepted : "none");
        name_decisions(s, now->decisions);
    }
}

/* "Good "assay-sign-off" signature for WHO with ED25519 key SHA256:…" → "ED25519 key SHA256:…"
 */
static as_str key_of(as_str said)
{
    size_t at = as_str_find(said, AS_STR(" with "));
    as_str key = at == (size_t)-1 ? AS_STR("") : as_str_sub(said, at + 6, said.len);
    size_t line = as_str_find(key, AS_STR("\n"));
    return line == (size_t)-1 ? key : as_str_sub(key, 0, line);
}

/* Nobody else's key, and not one that the producer has too. */
static as_code look_at_signature(as_sign_off *s, as_str statement, as_str signature,
                                 const as_sign_policy *policy, as_arena *a, as_err *e)
{
    bool good = false, producers = false;
    as_str said = AS_NONE, ignored = AS_NONE;
    const char *allowed = policy->allowed_signers.ptr;
    as_code code =
        as_ssh_verify(statement, signature, allowed, s->statement.signer, a, &good, &said, e);
    if (code == AS_OK && good) {
        s->key = key_of(said);
        code = as_ssh_verify(statement, signature, allowed, policy->produced_by, a, &producers,
                             &ignored, e);
    } else if (code == AS_OK) {
        as_problem(&s->problems,
                   "the signature is not one of %.*s over this statement, by a key that %s "
                   "allows now (ssh-keygen: %.*s)",
                   AS_FMT(s->statement.signer), allowed, AS_FMT(said));
    }
    if (code == AS_OK && producers) {
        as_problem(&s->problems,
                   "the key that signed is also the key of %.*s, who produced the figures",
                   AS_FMT(policy->produced_by));
    }
    return code;
}

as_code as_sign_off_check_text(as_sign_off *out, as_str statement, as_str signature,
                               const as_present *now, as_arena *a, as_err *e)
{
    as_err why = {0};
    out->problems.arena = a;
    as_code code = as_statement_read(&out->statement, statement, out->file, a, &why);
    if (code == AS_ENOMEM) {
        return as_fail_nomem(e);
    }
    if (code != AS_OK) {
        as_problem(&out->problems, "%s", why.text);
        return out->problems.nomem ? as_fail_nomem(e) : AS_OK;
    }
    out->read = true;
    code = look_at_signature(out, statement, signature, &now->policy, a, e);
    look_at_signer(out, now);
    look_at_content(out, now);
    look_at_decisions(out, now);
    return code == AS_OK && out->problems.nomem ? as_fail_nomem(e) : code;
}

as_code as_sign_off_check(as_sign_off *out, const char *file, const as_present *now,
                          as_arena *a, as_err *e)
{
    as_str sig = as_arena_printf(a, "%s.sig", file), statement = AS_NONE, signature = AS_NONE;
    *out = (as_sign_off){.file = file, .problems.arena = a};
    if (!sig.ptr) {
        return as_fail_nomem(e);
    }
    bool there = access(file, F_OK) == 0, signed_ = access(sig.ptr, F_OK) == 0;
    out->found = there && signed_;
    if (!out->found) {
        as_problem(&out->problems, "%s: there is no such file", there ? sig.ptr : file);
        return out->problems.nomem ? as_fail_nomem(e) : AS_OK;
    }
    as_code code = as_file_read(&statement, a, file, file, AS_STATEMENT_MAX, e);
    code = code ? code : as_file_read(&signature, a, sig.ptr, sig.ptr, AS_SIGNATURE_MAX, e);
    return code ? code : as_sign_off_check_text(out, statement, signature, now, a, e);
}
