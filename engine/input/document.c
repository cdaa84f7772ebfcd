/* document.c: see document.h. Encodings are told as for extracts (encoding.h). */
#include "input/document.h"

#include "base/limits.h"
#include "base/text.h"
#include "input/encoding.h"
#include "input/file.h"

const as_document *as_documents_find(as_documents d, as_str name)
{
    for (size_t i = 0; i < d.count; i++)
        if (d.items[i] && as_str_eq(d.items[i]->name, name))
            return d.items[i];
    return NULL;
}

static as_code refuse_binary(as_str bytes, const char *path, as_err *e)
{
    static const struct {
        as_str begin;
        const char *what;
    } known[] = {{{"PK\3\4", 4}, "a Word or other zipped file"},
                 {{"%PDF", 4}, "a PDF"},
                 {{"\xd0\xcf\x11\xe0", 4}, "an old Word file"},
                 {{"{\\rtf", 5}, "rich text"}};

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (as_str_starts(bytes, known[i].begin))
            return as_fail(e, AS_EINPUT, (as_span){path, 0, 0},
                           "this is %s; save the document as plain text or Markdown",
                           known[i].what);
    return AS_OK;
}

static as_code decode(as_encoded *x, const as_file *f, as_str declared, as_err *e)
{
    as_code code = as_encoding_choose(x, f->bytes, declared, f->path, e);
    if (code != AS_OK || x->checked)
        return code;
    size_t bad = as_text_utf8_valid(x->text);
    if (bad == x->text.len)
        return AS_OK;
    return x->guessed ? as_encoding_fall_back(x, f->bytes, f->path, e)
                      : as_encoding_invalid(x, bad, f->path, e);
}

static uint64_t count_lines(as_str text)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        lines += c == '\n' || (c == '\r' && (i + 1 == text.len || text.ptr[i + 1] != '\n'));
    }
    return lines + (text.len && text.ptr[text.len - 1] != '\n');
}

static as_code keep(as_document *d, const as_file *f, const as_encoded *x, as_arena *a,
                    as_err *e)
{
    const char *nul = x->text.len ? memchr(x->text.ptr, 0, x->text.len) : NULL;
    if (nul)
        return as_fail(e, AS_EINPUT, as_place(f->path, x->text, (size_t)(nul - x->text.ptr)),
                       "a NUL byte: this is no text; save the document as plain text or "
                       "Markdown");
    d->text = as_arena_str(a, x->text);
    d->encoding = as_arena_printf(a, "%s document", as_encoding_name(x));
    d->bytes = f->bytes.len;
    d->lines = count_lines(d->text);
    if (!d->text.ptr || !d->encoding.ptr)
        return as_fail_nomem(e);
    return as_blake3_of(f->bytes, d->digest, e);
}

static as_code read_file(as_document *d, const as_file *f, as_str declared, as_arena *a,
                         as_err *e)
{
    as_encoded x = {0};
    as_code code = refuse_binary(f->bytes, f->path, e);
    if (code == AS_OK)
        code = decode(&x, f, declared, e);
    if (code == AS_OK)
        code = keep(d, f, &x, a, e);
    as_encoding_close(&x);
    return code == AS_OK ? as_file_unchanged(f, e) : code;
}

as_code as_document_load(const as_document **out, as_str name, const as_source *source,
                         as_arena *a, as_err *e)
{
    as_document *d = AS_NEW(a, as_document);
    as_file f;
    *out = NULL;
    if (!d)
        return as_fail_nomem(e);
    d->name = name;
    d->path = source->path;
    as_code code = as_file_open(&f, source->open_path.ptr, source->path.ptr, e);
    if (code != AS_OK)
        return code;
    if (f.bytes.len > AS_DOCUMENT_MAX)
        code = as_fail(e, AS_EBUDGET, (as_span){f.path, 0, 0},
                       "larger than %zu MiB (AS_DOCUMENT_MAX); a commentary is a text that "
                       "people read",
                       AS_DOCUMENT_MAX / AS_MIB);
    else
        code = read_file(d, &f, source->encoding, a, e);
    as_file_close(&f);
    if (code == AS_OK)
        *out = d;
    return code;
}

as_code as_document_make(const as_document **out, as_str name, as_str path, as_str text,
                         as_arena *a, as_err *e)
{
    as_document *d = AS_NEW(a, as_document);
    if (!d)
        return as_fail_nomem(e);
    *d = (as_document){.name = name,
                       .path = path,
                       .text = text,
                       .encoding = AS_STR("utf-8 document"),
                       .bytes = text.len,
                       .lines = count_lines(text)};
    *out = d;
    return as_blake3_of(text, d->digest, e);
}
