/* view.c: masking, and the buffer in front of an output.
 *
 * A sensitive value is replaced where it stands, and wherever its text occurs in the sentence
 * and in the expectation of the same finding: whole words for short texts, anywhere for longer
 * ones. A sensitive key also goes from the members of a group. */
#include "reports/view.h"
#include "base/alloc.h"
#include "base/limits.h"

enum { ANYWHERE = 4, PIECE = 64 * 1024 };

struct as_view {
    as_finding_cursor *cursor; /* NULL: findings come from `part` */
    as_finding_part *part;
    as_doc_finding raw, shown;
    as_buf message, expected;
    as_doc_value *values;
    size_t value_size;
    as_doc_record *records;
    size_t record_size;
    as_str *secrets;
    size_t secret_count, secret_size;
};

static as_view *make(void)
{
    as_view *v = as_calloc(1, sizeof *v);
    if (v) {
        v->message = v->expected = AS_BUF(AS_REPORT_MAX);
    }
    return v;
}

as_code as_view_open(as_view **out, as_ledger *l, const as_doc *doc,
                     const as_finding_filter *filter, as_err *e)
{
    as_view *v = *out = make();
    as_code code =
        v ? as_ledger_findings(l, doc->seq, filter, &v->cursor, e) : as_fail_nomem(e);
    if (code != AS_OK) {
        as_view_close(v);
        *out = NULL;
    }
    return code;
}

as_code as_view_open_part(as_view **out, as_err *e)
{
    as_view *v = *out = make();
    as_code code = v ? as_ledger_part_open(&v->part, e) : as_fail_nomem(e);
    if (code != AS_OK) {
        as_view_close(v);
        *out = NULL;
    }
    return code;
}

as_code as_view_take(as_view *v, as_finding_cursor *from, size_t number, as_err *e)
{
    return as_ledger_part_take(from, number, v->part, e);
}

void as_view_close(as_view *v)
{
    if (!v) {
        return;
    }
    as_ledger_findings_close(v->cursor);
    as_ledger_part_close(v->part);
    as_buf_free(&v->message);
    as_buf_free(&v->expected);
    as_free(v->values);
    as_free(v->records);
    as_free(v->secrets);
    as_free(v);
}

/* ---- masking ---- */

static void *room_for(void *items, size_t *size, size_t n, size_t each)
{
    if (items && n <= *size) {
        return items;
    }
    void *p = as_realloc(items, (n + 16) * each);
    *size = p ? n + 16 : *size;
    return p;
}

static bool add_secret(as_view *v, as_str s)
{
    if (s.len == 0) {
        return true;
    }
    as_str *p = room_for(v->secrets, &v->secret_size, v->secret_count + 1, sizeof *p);
    if (!p) {
        return false;
    }
    v->secrets = p;
    size_t at = v->secret_count++;
    for (; at > 0 && p[at - 1].len < s.len; at--) {
        p[at] = p[at - 1]; /* the longest first: it may hold a shorter one */
    }
    p[at] = s;
    return true;
}

/* The key, and its parts where it has several ("SC001 / 2016-04-01"). */
static bool add_key(as_view *v, as_str key)
{
    bool ok = add_secret(v, key);
    const as_str between = AS_STR(" / ");
    for (size_t at = as_str_find(key, between); ok && at != (size_t)-1;
         at = as_str_find(key, between)) {
        ok = add_secret(v, as_str_sub(key, 0, at));
        key = as_str_sub(key, at + between.len, key.len);
        ok = ok && (as_str_find(key, between) != (size_t)-1 || add_secret(v, key));
    }
    return ok;
}

static bool collect(as_view *v)
{
    const as_doc_finding *f = &v->raw;
    bool ok = true;
    v->secret_count = 0;
    for (size_t i = 0; i < f->value_count && ok; i++) {
        if (f->values[i].sensitive && !f->values[i].null) {
            ok = add_secret(v, f->values[i].text);
        }
    }
    if (f->key_sensitive) {
        ok = ok && add_key(v, f->key);
    }
    for (size_t i = 0; f->records_sensitive && i < f->record_count && ok; i++) {
        ok = add_key(v, f->records[i].key);
    }
    return ok;
}

static bool word_byte(char c)
{
    unsigned char u = (unsigned char)c;
    return u >= 0x80 || (u >= '0' && u <= '9') || ((u | 0x20) >= 'a' && (u | 0x20) <= 'z');
}

static bool stands_at(as_str text, size_t at, as_str secret)
{
    if (!as_str_starts(as_str_sub(text, at, text.len), secret)) {
        return false;
    }
    size_t end = at + secret.len;
    bool alone = (at == 0 || !word_byte(text.ptr[at - 1])) &&
                 (end == text.len || !word_byte(text.ptr[end]));
    return alone || secret.len >= ANYWHERE;
}

static as_str masked(as_view *v, as_buf *b, as_str text)
{
    bool starts[256] = {false}; /* bytes with which a secret starts */
    for (size_t i = 0; i < v->secret_count; i++) {
        starts[(unsigned char)v->secrets[i].ptr[0]] = true;
    }
    as_buf_clear(b);
    size_t from = 0, at = 0;
    while (at < text.len) {
        size_t used = 0;
        for (size_t i = 0; starts[(unsigned char)text.ptr[at]] && i < v->secret_count && !used;
             i++) {
            used = stands_at(text, at, v->secrets[i]) ? v->secrets[i].len : 0;
        }
        if (used) {
            as_buf_add(b, as_str_sub(text, from, at - from));
            as_buf_add(b, AS_MASK);
            from = at + used;
        }
        at += used ? used : 1;
    }
    as_buf_add(b, as_str_sub(text, from, text.len));
    return as_buf_str(b);
}

static bool mask_values(as_view *v)
{
    const as_doc_finding *f = &v->raw;
    as_doc_value *p = room_for(v->values, &v->value_size, f->value_count, sizeof *p);
    if (!p) {
        return false;
    }
    v->values = v->shown.values = p;
    for (size_t i = 0; i < f->value_count; i++) {
        p[i] = f->values[i];
        if (p[i].sensitive && !p[i].null) {
            p[i].text = AS_MASK;
        }
    }
    return true;
}

static bool mask_records(as_view *v)
{
    const as_doc_finding *f = &v->raw;
    as_doc_record *p = room_for(v->records, &v->record_size, f->record_count, sizeof *p);
    if (!p) {
        return false;
    }
    v->records = v->shown.records = p;
    for (size_t i = 0; i < f->record_count; i++) {
        p[i] = f->records[i];
        p[i].key = AS_MASK;
    }
    return true;
}

as_code as_view_next(as_view *v, const as_doc_finding **out, as_err *e)
{
    bool got;
    *out = NULL;
    as_code code = v->part ? as_ledger_part_next(v->part, &v->raw, &got, e)
                           : as_ledger_next(v->cursor, &v->raw, &got, e);
    if (code != AS_OK || !got) {
        return code;
    }
    if (!collect(v)) {
        return as_fail_nomem(e);
    }
    *out = &v->raw;
    if (v->secret_count == 0) {
        return AS_OK;
    }
    v->shown = v->raw;
    *out = &v->shown;
    if (v->raw.key_sensitive) {
        v->shown.key = AS_MASK;
    }
    bool ok = mask_values(v) && (!v->raw.records_sensitive || mask_records(v));
    v->shown.message = masked(v, &v->message, v->raw.message);
    v->shown.expected = masked(v, &v->expected, v->raw.expected);
    return ok && !v->message.failed && !v->expected.failed ? AS_OK : as_fail_nomem(e);
}

/* ---- the output ---- */

as_sink as_sink_to(as_out out)
{
    return (as_sink){out, AS_BUF(AS_REPORT_MAX)};
}

as_code as_sink_send(as_sink *s, bool all, as_err *e)
{
    if (s->buf.failed) {
        return as_fail_nomem(e);
    }
    if (s->buf.len == 0 || (!all && s->buf.len < PIECE)) {
        return AS_OK;
    }
    as_code code = s->out.write(s->out.arg, as_buf_str(&s->buf), e);
    as_buf_clear(&s->buf);
    return code;
}

as_code as_sink_pass(as_sink *s, as_str text, as_err *e)
{
    if (text.len < PIECE) {
        as_buf_add(&s->buf, text);
        return as_sink_send(s, false, e);
    }
    as_code code = as_sink_send(s, true, e);
    return code == AS_OK ? s->out.write(s->out.arg, text, e) : code;
}

void as_sink_free(as_sink *s)
{
    as_buf_free(&s->buf);
}
