/* contents.c: the files that a sign-off covers, with their digests as they are now, and what
 * differs from those that were signed. */
#include "rules/files.h"
#include "sign/sign.h"

#include <stdlib.h>

static int by_name(const void *x, const void *y)
{
    const as_signed_file *a = x, *b = y;
    return as_str_cmp(a->name, b->name);
}

static as_code add(as_contents *c, as_str name, const char *sha256, const char *blake3,
                   as_arena *a, as_err *e)
{
    as_signed_file f = {name, as_arena_str(a, as_str_from(sha256)),
                        as_arena_str(a, as_str_from(blake3))};
    c->items[c->count++] = f;
    return f.sha256.ptr && f.blake3.ptr ? AS_OK : as_fail_nomem(e);
}

static as_code add_source(as_contents *c, const as_source *s, as_arena *a, as_err *e)
{
    char sha256[AS_SHA256_HEX], blake3[AS_BLAKE3_TEXT];
    as_code code = as_file_digest(sha256, blake3, s->open_path.ptr, s->open_path.ptr, e);
    return code ? code : add(c, s->path, sha256, blake3, a, e);
}

as_code as_contents_now(as_contents *out, const as_project *p, as_arena *a, as_err *e)
{
    as_code code = AS_OK;
    size_t kept = 0;
    *out = (as_contents){0};
    out->items =
        AS_NEW_N(a, as_signed_file, p->table_count + p->document_count + p->file_count + 1);
    if (!out->items) {
        return as_fail_nomem(e);
    }
    for (size_t i = 0; code == AS_OK && i < p->table_count; i++) {
        code = add_source(out, &p->tables[i].source, a, e);
    }
    for (size_t i = 0; code == AS_OK && i < p->document_count; i++) {
        code = add_source(out, &p->documents[i].source, a, e);
    }
    for (size_t i = 0; code == AS_OK && i < p->file_count; i++) {
        code = add(out, p->files[i].path, p->files[i].sha256, "", a, e);
    }
    if (code != AS_OK) {
        return code;
    }
    qsort(out->items, out->count, sizeof *out->items, by_name);
    for (size_t i = 0; i < out->count; i++) { /* a file that two tables read is one subject */
        if (kept == 0 || !as_str_eq(out->items[i].name, out->items[kept - 1].name)) {
            out->items[kept++] = out->items[i];
        } else if (out->items[kept - 1].blake3.len == 0) {
            out->items[kept - 1].blake3 = out->items[i].blake3;
        }
    }
    out->count = kept;
    return AS_OK;
}

const as_signed_file *as_contents_find(const as_contents *c, as_str name)
{
    const as_signed_file key = {.name = name};
    return c->count ? bsearch(&key, c->items, c->count, sizeof key, by_name) : NULL;
}

void as_contents_compare(const as_contents *then, const as_contents *now, as_problems *out)
{
    size_t t = 0, n = 0;
    while (t < then->count || n < now->count) {
        const as_signed_file *was = &then->items[t], *is = &now->items[n];
        int c = t == then->count ? 1 : n == now->count ? -1 : as_str_cmp(was->name, is->name);
        if (c < 0) {
            as_problem(out, "%.*s: signed with sha256 %.*s, is no longer part of the release",
                       AS_FMT(was->name), AS_FMT(was->sha256));
        } else if (c > 0) {
            as_problem(out, "%.*s: is part of the release now (sha256 %.*s), was not signed",
                       AS_FMT(is->name), AS_FMT(is->sha256));
        } else if (!as_str_eq(was->sha256, is->sha256)) {
            as_problem(out, "%.*s: signed with sha256 %.*s, is now %.*s", AS_FMT(was->name),
                       AS_FMT(was->sha256), AS_FMT(is->sha256));
        }
        t += c <= 0;
        n += c >= 0;
    }
}
