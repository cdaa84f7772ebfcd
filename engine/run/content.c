/* content.c: what a run is made from: the files of its rules, and one digest over these, the
 * inputs and the tool. decisions.yaml is not in the digest: by it the ledger tells whether
 * there is other content to look at, and deciding is no such thing. */
#include "base/hash.h"
#include "run/exec.h"

/* The content of a run, whatever was decided of it. */
static as_code content_of(const as_project *p, const as_doc *doc, as_arena *a, as_str *out,
                          as_err *e)
{
    as_sha256 *h = NULL;
    char hex[AS_SHA256_HEX] = "";
    as_code code = as_sha256_open(&h, e);
    if (code != AS_OK) {
        return code;
    }
    as_sha256_add(h, doc->assay);
    for (size_t i = 0; i < p->file_count; i++) {
        if (!as_str_eq(p->files[i].open_path, p->decisions_file)) {
            as_sha256_add(h, as_str_from(p->files[i].sha256));
            as_sha256_add(h, p->files[i].path);
            as_sha256_add(h, AS_STR("\n"));
        }
    }
    for (size_t i = 0; i < doc->input_count; i++) {
        as_sha256_add(h, doc->inputs[i].digest);
        as_sha256_add(h, doc->inputs[i].table);
        as_sha256_add(h, AS_STR("\n"));
    }
    as_sha256_hex(h, hex);
    as_sha256_close(h);
    *out = as_arena_str(a, as_str_from(hex));
    return out->ptr ? AS_OK : as_fail_nomem(e);
}

as_code as_run_content(as_run *r, as_err *e)
{
    const as_project *p = r->plan->project;
    as_doc *doc = &r->doc;
    doc->files = AS_NEW_N(r->arena, as_doc_file, p->file_count + 1);
    if (!doc->files) {
        return as_fail_nomem(e);
    }
    for (size_t i = 0; i < p->file_count; i++) {
        doc->files[i] = (as_doc_file){p->files[i].path, as_str_from(p->files[i].sha256)};
    }
    doc->file_count = p->file_count;
    return content_of(p, doc, r->arena, &doc->content, e);
}
