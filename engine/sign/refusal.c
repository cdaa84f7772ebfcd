/* refusal.c: why a stored run cannot be signed off. Nothing is evaluated: digests tell whether
 * the run is of what is here now. */
#include "sign/sign.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

/* The file of a table or document; NULL: a reference table, which is a file of its pack. */
static const as_source *source_of(const as_project *p, as_str name)
{
    for (size_t i = 0; i < p->table_count; i++) {
        if (as_str_eq(p->tables[i].name, name)) {
            return &p->tables[i].source;
        }
    }
    const as_release_document *d = as_project_document(p, name);
    return d ? &d->source : NULL;
}

/* "blake3", "fsverity"; empty: SHA-256, by its digits alone. */
static as_str digest_kind(as_str digest)
{
    const size_t colon = as_str_find(digest, AS_STR(":"));
    return colon == (size_t)-1 ? AS_NONE : as_str_sub(digest, 0, colon);
}

static void compare_inputs(const as_present *now, const as_doc *run, as_problems *out)
{
    for (size_t i = 0; i < run->input_count; i++) {
        const as_doc_input *in = &run->inputs[i];
        const as_source *s = source_of(now->project, in->table);
        const as_signed_file *f = s ? as_contents_find(&now->contents, s->path) : NULL;
        as_str is = !s ? in->digest : f ? f->blake3 : AS_NONE;
        if (is.len > 0 && !as_str_eq(digest_kind(in->digest), digest_kind(is))) {
            as_problem(out,
                       "%.*s: run %llu was made by a version of assay that knew files by "
                       "another kind of digest; check again",
                       AS_FMT(in->file), (unsigned long long)run->seq);
        } else if (!as_str_eq(in->digest, is)) {
            as_problem(out, "%.*s: run %llu read it with digest %.*s, it is now %.*s",
                       AS_FMT(in->file), (unsigned long long)run->seq, AS_FMT(in->digest),
                       AS_FMT(is));
        }
    }
}

/* Of a run from before the files' own digests were kept: the file is told by its time of
 * change.
 */
static void name_by_time(const as_project *p, const as_doc *run, as_problems *out)
{
    for (size_t i = 0; i < p->file_count; i++) {
        struct stat st;
        struct tm day;
        char changed[32];
        if (stat(p->files[i].open_path.ptr, &st) == 0 && gmtime_r(&st.st_mtime, &day) &&
            strftime(changed, sizeof changed, "%Y-%m-%dT%H:%M:%SZ", &day) > 0 &&
            as_str_cmp(as_str_from(changed), run->started) >= 0) {
            as_problem(out, "%.*s: changed since run %llu was made (%s)",
                       AS_FMT(p->files[i].path), (unsigned long long)run->seq, changed);
        }
    }
}

static void name_by_digest(const as_project *p, const as_doc *run, as_problems *out)
{
    unsigned long long seq = run->seq;
    for (size_t i = 0; i < p->file_count; i++) {
        const as_project_file *now = &p->files[i];
        const as_doc_file *then = NULL;
        for (size_t k = 0; k < run->file_count && !then; k++) {
            then = as_str_eq(run->files[k].path, now->path) ? &run->files[k] : NULL;
        }
        if (!then) {
            as_problem(out, "%.*s: is part of the release now, run %llu did not use it",
                       AS_FMT(now->path), seq);
        } else if (!as_str_eq(then->sha256, as_str_from(now->sha256))) {
            as_problem(out, "%.*s: run %llu read it with sha256 %.*s, it is now %s",
                       AS_FMT(now->path), seq, AS_FMT(then->sha256), now->sha256);
        }
    }
    for (size_t k = 0; k < run->file_count; k++) {
        bool there = false;
        for (size_t i = 0; i < p->file_count && !there; i++) {
            there = as_str_eq(run->files[k].path, p->files[i].path);
        }
        if (!there) {
            as_problem(out, "%.*s: run %llu used it, it is no longer part of the release",
                       AS_FMT(run->files[k].path), seq);
        }
    }
}

static void compare_rules(const as_project *p, const as_doc *run, as_problems *out)
{
    size_t named = out->count;
    if (as_str_eq(run->rules_sha256, as_str_from(p->rules_sha256))) {
        return;
    }
    if (run->file_count) {
        name_by_digest(p, run, out);
    } else {
        name_by_time(p, run, out);
    }
    if (out->count == named) {
        as_problem(out,
                   "a rule, schema, code list, reference table, module or release.yaml is not "
                   "what run %llu used",
                   (unsigned long long)run->seq);
    }
}

static void look_at_rules(const as_doc *run, as_problems *out)
{
    for (size_t i = 0; i < run->rule_count; i++) {
        const as_doc_rule *r = &run->rules[i];
        bool empty = as_str_eq(r->status, AS_STR("empty"));
        if (empty || as_str_eq(r->status, AS_STR("error"))) {
            as_problem(out, "%.*s: %s%s%.*s", AS_FMT(r->id),
                       empty ? "looked at nothing" : "could not be evaluated",
                       r->note.len ? ": " : "", AS_FMT(r->note));
        } else if (r->blocking) {
            as_problem(out, "%.*s: blocking findings are open (%llu): %.*s", AS_FMT(r->id),
                       (unsigned long long)(r->findings - r->accepted), AS_FMT(r->title));
        }
    }
}

as_code as_sign_refusals(const as_present *now, const as_doc *run, as_problems *out, as_err *e)
{
    const as_run_options whole = {.decisions = now->decisions};
    as_str id = AS_NONE;
    as_code code = as_run_id(run, &whole, out->arena, &id, e);
    if (code != AS_OK) {
        return code;
    }
    if (!as_str_eq(run->assay, AS_STR(ASSAY_VERSION))) {
        as_problem(out, "run %llu was made by assay %.*s, this is assay " ASSAY_VERSION,
                   (unsigned long long)run->seq, AS_FMT(run->assay));
    }
    if (!as_str_eq(run->run, id)) {
        as_problem(out,
                   "run %llu was made with --only or --fail-on, or before what is accepted now "
                   "was decided or ended; a sign-off needs a whole run of today's decisions",
                   (unsigned long long)run->seq);
    }
    compare_inputs(now, run, out);
    compare_rules(now->project, run, out);
    if (out->count == 0) {
        look_at_rules(run, out);
        if (out->count == 0 && run->exit_code != 0) {
            as_problem(out, "the verdict of run %llu is \"%.*s\"", (unsigned long long)run->seq,
                       AS_FMT(run->verdict));
        }
    }
    return out->nomem ? as_fail_nomem(e) : AS_OK;
}
