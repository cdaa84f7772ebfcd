/* bind.c: header texts to fields, and sentences for when they do not fit.
 *
 * The binder is a sorted list of folded names, made once a load; rows are tried against it with
 * a binary search per cell. */
#include "input/bind.h"

#include "base/limits.h"
#include "base/text.h"

#include <stdlib.h>

/* One code point folds into 18 at most. */
#define FOLDED_MAX ((size_t)32 * AS_HEADER_TEXT_MAX)
#define HEADERS_SHOWN 30

typedef struct bind_name {
    as_str folded;
    uint32_t field;
} bind_name;

struct as_binder {
    const as_schema *schema;
    bind_name *names;
    size_t count;
    bool *answers;  /* per field */
    bool *required; /* per field */
    bool any_required;
};

static int by_name(const void *a, const void *b)
{
    const bind_name *x = a, *y = b;
    int c = as_str_cmp(x->folded, y->folded);
    return c ? c : (x->field > y->field) - (x->field < y->field);
}

static as_code add_name(as_binder *b, as_arena *a, as_buf *tmp, as_str text, uint32_t field,
                        as_err *e)
{
    as_buf_clear(tmp);
    as_text_fold(tmp, text);
    as_str folded = as_arena_str(a, as_buf_str(tmp));
    if (tmp->failed || !folded.ptr)
        return as_fail_nomem(e);
    if (folded.len > 0)
        b->names[b->count++] = (bind_name){folded, field};
    return AS_OK;
}

static as_code add_field(as_binder *b, as_arena *a, as_buf *tmp, uint32_t i, as_err *e)
{
    const as_field *f = &b->schema->fields[i];
    as_code code = add_name(b, a, tmp, f->name, i, e);
    as_str spaced = as_arena_str(a, f->name);
    if (!spaced.ptr)
        return as_fail_nomem(e);
    char *p = (char *)(uintptr_t)spaced.ptr;
    for (size_t k = 0; k < spaced.len; k++)
        if (p[k] == '_')
            p[k] = ' ';
    if (code == AS_OK)
        code = add_name(b, a, tmp, spaced, i, e);
    for (size_t k = 0; code == AS_OK && k < f->header_count; k++)
        code = add_name(b, a, tmp, f->headers[k], i, e);
    return code;
}

/* Which fields look for a column, and which of them must find one. */
static void choose_fields(as_binder *b)
{
    const as_schema *s = b->schema;
    for (uint32_t i = 0; i < s->count; i++) {
        b->answers[i] = !s->unpivot.on;
        b->required[i] = !s->unpivot.on && s->fields[i].required;
    }
    for (size_t k = 0; s->unpivot.on && k < s->unpivot.keep_count; k++) {
        uint32_t i = as_schema_field(s, s->unpivot.keep[k]);
        if (i != AS_NO_FIELD)
            b->answers[i] = b->required[i] = true;
    }
    for (uint32_t i = 0; i < s->count; i++)
        b->any_required |= b->required[i];
}

as_code as_binder_make(as_binder **out, as_arena *a, const as_schema *s, as_err *e)
{
    as_binder *b = AS_NEW(a, as_binder);
    size_t room = 2 * s->count;
    for (size_t i = 0; i < s->count; i++)
        room += s->fields[i].header_count;
    if (!b)
        return as_fail_nomem(e);
    b->schema = s;
    b->names = AS_NEW_N(a, bind_name, room + 1);
    b->answers = AS_NEW_N(a, bool, s->count + 1);
    b->required = AS_NEW_N(a, bool, s->count + 1);
    if (!b->names || !b->answers || !b->required)
        return as_fail_nomem(e);
    choose_fields(b);
    as_buf tmp = AS_BUF(FOLDED_MAX);
    as_code code = AS_OK;
    for (uint32_t i = 0; code == AS_OK && i < s->count; i++)
        if (b->answers[i])
            code = add_field(b, a, &tmp, i, e);
    as_buf_free(&tmp);
    qsort(b->names, b->count, sizeof *b->names, by_name);
    *out = b;
    return code;
}

static uint32_t find(const as_binder *b, as_str folded)
{
    size_t low = 0, high = b->count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (as_str_cmp(b->names[mid].folded, folded) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    bool hit = low < b->count && as_str_eq(b->names[low].folded, folded);
    return hit ? b->names[low].field : AS_NO_FIELD;
}

as_code as_bind(as_binding *out, const as_binder *b, as_arena *a, as_str *headers,
                uint32_t width, as_err *e)
{
    size_t fields = b->schema->count;
    *out = (as_binding){.binder = b, .headers = headers, .width = width};
    out->field_of = AS_NEW_N(a, uint32_t, (size_t)width + 1);
    out->column_of = AS_NEW_N(a, uint32_t, fields + 1);
    if (!out->field_of || !out->column_of)
        return as_fail_nomem(e);
    for (size_t i = 0; i < fields; i++)
        out->column_of[i] = AS_NO_COLUMN;
    as_buf tmp = AS_BUF(FOLDED_MAX);
    for (uint32_t c = 0; c < width; c++) {
        out->field_of[c] = AS_NO_FIELD;
        if (as_str_trim(headers[c]).len == 0)
            continue;
        out->named = c + 1;
        if (headers[c].len > AS_HEADER_TEXT_MAX)
            continue;
        as_buf_clear(&tmp);
        as_text_fold(&tmp, headers[c]);
        if (tmp.failed)
            break;
        uint32_t f = find(b, as_buf_str(&tmp));
        out->field_of[c] = f;
        if (f == AS_NO_FIELD || out->column_of[f] != AS_NO_COLUMN)
            continue;
        out->column_of[f] = c;
        out->matched++;
    }
    bool failed = tmp.failed;
    as_buf_free(&tmp);
    if (failed)
        return as_fail_nomem(e);
    for (size_t i = 0; i < fields; i++)
        out->missing += b->required[i] && out->column_of[i] == AS_NO_COLUMN;
    return AS_OK;
}

bool as_binder_requires(const as_binder *b)
{
    return b->any_required;
}

bool as_binding_better(const as_binding *b, const as_binding *other)
{
    if (b->missing != other->missing)
        return b->missing < other->missing;
    return b->matched > other->matched;
}

bool as_binding_complete(const as_binding *b)
{
    return b->missing == 0 && b->matched > 0;
}

/* ---- sentences ---- */

/* A header on one line and not too long: evidence for a person. */
static void show(as_buf *out, as_str text)
{
    as_str t = as_str_trim(text);
    size_t n = t.len > 60 ? 60 : t.len;
    while (n < t.len && n > 0 && ((unsigned char)t.ptr[n] & 0xc0) == 0x80)
        n--;
    as_buf_addc(out, '"');
    for (size_t i = 0; i < n; i++)
        as_buf_addc(out, (unsigned char)t.ptr[i] < ' ' ? ' ' : t.ptr[i]);
    as_buf_add(out, n < t.len ? AS_STR("…\"") : AS_STR("\""));
}

static void show_headers(as_buf *out, const as_binding *b, uint32_t row)
{
    uint32_t shown = 0, all = 0;
    as_buf_addf(out, "row %u has the headers ", row);
    for (uint32_t c = 0; c < b->width; c++) {
        if (as_str_trim(b->headers[c]).len == 0)
            continue;
        if (++all > HEADERS_SHOWN)
            continue;
        if (shown++)
            as_buf_add(out, AS_STR(", "));
        show(out, b->headers[c]);
    }
    if (all > shown)
        as_buf_addf(out, " and %u more", all - shown);
}

/* The free header nearest to any name of field f. */
static as_str nearest(const as_binding *b, const as_field *f, as_arena *a)
{
    as_str *free_headers = AS_NEW_N(a, as_str, (size_t)b->width + 1);
    size_t n = 0;
    for (uint32_t c = 0; free_headers && c < b->width; c++)
        if (b->field_of[c] == AS_NO_FIELD && as_str_trim(b->headers[c]).len > 0 &&
            b->headers[c].len <= AS_HEADER_TEXT_MAX)
            free_headers[n++] = b->headers[c];
    as_str found = AS_NONE;
    for (size_t k = 0; n > 0 && !found.ptr && k < f->header_count; k++)
        found = as_text_nearest(f->headers[k], free_headers, n);
    if (n > 0 && !found.ptr)
        found = as_text_nearest(f->name, free_headers, n);
    return found;
}

static void say_missing(const as_binding *b, uint32_t i, as_span at, as_arena *a, as_diags *d,
                        as_buf *all)
{
    const as_field *f = &b->binder->schema->fields[i];
    as_buf one = AS_BUF(8 * AS_KIB);
    as_buf_addf(&one, "\"%.*s\"", AS_FMT(f->name));
    for (size_t k = 0; k < f->header_count; k++) {
        as_buf_add(&one, k ? AS_STR(", ") : AS_STR(" (looked for "));
        show(&one, f->headers[k]);
    }
    if (f->header_count)
        as_buf_addc(&one, ')');
    as_str close = nearest(b, f, a);
    as_buf hint = AS_BUF(AS_KIB);
    if (close.ptr) {
        as_buf_add(&hint, AS_STR("did you mean "));
        show(&hint, close);
        as_buf_addc(&hint, '?');
    }
    as_buf_addf(all, "%s%.*s", all->len ? ", " : "", AS_FMT(as_buf_str(&one)));
    if (hint.len)
        as_buf_addf(all, "; %.*s", AS_FMT(as_buf_str(&hint)));
    if (d)
        as_diag_add(d, AS_DIAG_ERROR, at, hint.len ? hint.ptr : NULL,
                    "no column for the required field %.*s", AS_FMT(as_buf_str(&one)));
    as_buf_free(&one);
    as_buf_free(&hint);
}

static as_code fail_missing(const as_binding *b, as_span at, uint32_t row, as_diags *d,
                            as_err *e)
{
    as_arena *a = as_arena_open();
    if (!a)
        return as_fail_nomem(e);
    as_buf fields = AS_BUF(64 * AS_KIB), found = AS_BUF(64 * AS_KIB);
    for (uint32_t i = 0; i < b->binder->schema->count; i++)
        if (b->binder->required[i] && b->column_of[i] == AS_NO_COLUMN)
            say_missing(b, i, at, a, d, &fields);
    show_headers(&found, b, row);
    if (d && b->missing)
        as_diag_add(d, AS_DIAG_NOTE, at, NULL, "%.*s", AS_FMT(as_buf_str(&found)));
    as_code code =
        b->missing == 0
            ? as_fail(e, AS_EINPUT, at,
                      "none of the fields of \"%.*s\" has a column here: %.*s. Give the fields "
                      "their header names in the schema, or the header's row as header:",
                      AS_FMT(b->binder->schema->name), AS_FMT(as_buf_str(&found)))
            : as_fail(e, AS_EINPUT, at, "no column for %s %.*s; %.*s",
                      b->missing == 1 ? "the required field" : "the required fields",
                      AS_FMT(as_buf_str(&fields)), AS_FMT(as_buf_str(&found)));
    as_buf_free(&fields);
    as_buf_free(&found);
    as_arena_close(a);
    return code;
}

static as_code fail_twice(const as_binding *b, uint32_t column, as_span at, as_diags *d,
                          as_err *e)
{
    uint32_t f = b->field_of[column], first = b->column_of[f];
    as_buf text = AS_BUF(4 * AS_KIB);
    as_buf_addf(&text, "columns %u (", first + 1);
    show(&text, b->headers[first]);
    as_buf_addf(&text, ") and %u (", column + 1);
    show(&text, b->headers[column]);
    as_buf_addf(&text, ") both match the field \"%.*s\"",
                AS_FMT(b->binder->schema->fields[f].name));
    const char *hint =
        "remove one of the columns, or take its name out of the field's header: list";
    if (d)
        as_diag_add(d, AS_DIAG_ERROR, at, hint, "%.*s", AS_FMT(as_buf_str(&text)));
    as_code code = as_fail(e, AS_EINPUT, at, "%.*s; %s", AS_FMT(as_buf_str(&text)), hint);
    as_buf_free(&text);
    return code;
}

as_code as_binding_check(const as_binding *b, as_span at, uint32_t row, as_diags *d, as_err *e)
{
    if (!as_binding_complete(b))
        return fail_missing(b, at, row, d, e);
    as_code code = AS_OK;
    for (uint32_t c = 0; c < b->width; c++) {
        uint32_t f = b->field_of[c];
        if (f != AS_NO_FIELD && b->column_of[f] != c)
            code = fail_twice(b, c, at, d, code == AS_OK ? e : NULL);
    }
    return code;
}
