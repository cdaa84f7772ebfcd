/* evidence_words.c: the texts that evidence is made of (evidence.h): cells in full and within a
 * sentence, conditions in words, and without what is sensitive. */
#include "base/text.h"
#include "check/evidence.h"
#include "check/params.h"

#define CELL_ROOM 64  /* nearly every cell that must be spelled out */
#define TEXT_ROOM 512 /* nearly every sentence */

as_str as_evidence_keep(as_arena *a, as_buf *buf)
{
    as_str out = buf->failed ? AS_NONE : as_arena_str(a, as_buf_str(buf));
    as_buf_free(buf);
    return out;
}

as_str as_evidence_words(as_arena *a, const as_cond *c, const as_schema *self,
                         const as_schema *other)
{
    as_buf buf = AS_BUF(AS_EVIDENCE_MAX);
    as_cond_words(c, self, other, &buf);
    return as_evidence_keep(a, &buf);
}

as_str as_evidence_names(as_arena *a, const as_schema *s, const uint32_t *fields, size_t count)
{
    as_buf buf = AS_BUF(AS_EVIDENCE_MAX);
    for (size_t i = 0; i < count; i++) {
        as_buf_add(&buf, i ? AS_STR(", ") : AS_STR(""));
        as_buf_add(&buf, s->fields[fields[i]].name);
    }
    return as_evidence_keep(a, &buf);
}

/* ---- a cell ---- */

/* Begins and ends in what is no blank, whatever stands between. */
static bool bare(as_str s)
{
    return s.len && (unsigned char)(s.ptr[0] - '!') < 94 &&
           (unsigned char)(s.ptr[s.len - 1] - '!') < 94;
}

/* A cell of the plainest layouts, where it stands or, of PACK8 and DATE, in `room`
 * (AS_DATE_TEXT). False: another layout, or its text is kept beside. */
static bool plain_cell(const as_table *t, const as_column *c, uint32_t row, bool raw,
                       char *room, as_str *out)
{
    const bool null_said = !raw || c->bad_count == 0; /* else its text is kept beside */
    *out = AS_NONE;
    if (c->layout == AS_LAYOUT_DICT) {
        uint32_t code = as_cell_code(c, row);
        if (code)
            *out = raw ? c->dict.entries[code].raw : c->dict.entries[code].value;
        return code || null_said;
    }
    if (c->layout == AS_LAYOUT_DATE) {
        if (as_column_dates(c)[row] != AS_DATE_NULL)
            *out = as_date_str(as_column_dates(c)[row], room);
        return out->ptr || null_said;
    }
    if (c->layout == AS_LAYOUT_SLICE) {
        const as_slice *s = (const as_slice *)c->data + row;
        if (s->len != UINT32_MAX)
            *out = (as_str){as_slice_at(t, s), s->len};
        return (s->len == UINT32_MAX && null_said) ||
               (s->len != UINT32_MAX && !(s->flags & 1) &&
                (raw || !c->field->trim || bare(*out)));
    }
    if (c->layout != AS_LAYOUT_PACK8 || as_pack_is_long(as_column_packs(c)[row]))
        return false;
    uint64_t bytes = as_column_packs(c)[row];
    memcpy(room, &bytes, sizeof bytes);
    if (bytes)
        *out = (as_str){room, 8 - (size_t)__builtin_clzll(bytes) / 8};
    return bytes || null_said;
}

bool as_evidence_cell_text(const as_table *t, uint32_t row, uint32_t field, bool raw,
                           as_arena *a, as_str *out)
{
    const as_column *c = &t->columns[field];
    const bool spelled = c->layout == AS_LAYOUT_PACK8 || c->layout == AS_LAYOUT_DATE;
    char *kept = spelled ? as_arena_alloc(a, AS_DATE_TEXT) : NULL;
    if (spelled && !kept)
        return false;
    if (plain_cell(t, c, row, raw, kept, out))
        return true;
    char room[CELL_ROOM];
    as_buf tmp = AS_BUF_ON(room, AS_FIELD_MAX);
    as_str text = raw ? as_cell_raw(t, c, row, &tmp) : as_cell_text(t, c, row, &tmp);
    bool passing = text.ptr && text.ptr == tmp.ptr;
    *out = passing ? as_arena_str(a, text) : text;
    bool ok = !tmp.failed && (out->ptr || !text.ptr);
    as_buf_free(&tmp);
    return ok;
}

as_str as_evidence_whole(as_arena *a, as_str raw)
{
    if (raw.len <= AS_EVIDENCE_MAX)
        return raw;
    return as_arena_printf(a, "%.*s… (%zu bytes in all)", (int)AS_EVIDENCE_MAX, raw.ptr,
                           raw.len);
}

/* ---- within a sentence ---- */

/* On one line, and short enough to be read within a sentence. */
as_str as_evidence_said(as_arena *a, as_str text)
{
    if (as_evidence_plain(text))
        return text;
    char room[TEXT_ROOM];
    as_buf said = AS_BUF_ON(room, AS_MESSAGE_MAX);
    size_t len = text.len;
    if (len > AS_SAID_BYTES) {
        len = AS_SAID_BYTES;
        while (len &&
               ((unsigned char)text.ptr[len] & 0xc0) == 0x80) /* not inside a character */
            len--;
    }
    for (size_t i = 0; i < len; i++)
        as_buf_addc(&said, (unsigned char)text.ptr[i] < ' ' ? ' ' : text.ptr[i]);
    if (len < text.len)
        as_buf_add(&said, AS_STR("…"));
    return as_evidence_keep(a, &said);
}

as_code as_evidence_value(const as_table *t, uint32_t row, uint32_t field, as_arena *a,
                          as_str *out, as_err *e)
{
    as_str raw;
    if (!as_evidence_cell_text(t, row, field, true, a, &raw))
        return as_fail_nomem(e);
    *out = !raw.ptr                             ? AS_STR("(none)")
           : t->schema->fields[field].sensitive ? AS_STR("(masked)")
                                                : as_evidence_said(a, raw);
    return out->ptr ? AS_OK : as_fail_nomem(e);
}

/* ---- a sentence in pieces ---- */

void as_say_extra(as_evidence *ev, size_t place)
{
    const size_t shown = ev->shown ? ev->shown->show_count : 0;
    as_say_piece(ev, (as_piece){AS_NONE, (uint32_t)(AS_PIECE_VALUE + shown + place)});
}

as_code as_evidence_own(const as_evidence *ev, uint32_t row, uint32_t field, as_piece *out,
                        as_err *e)
{
    for (size_t i = 0; ev->shown && i < ev->shown->show_count; i++)
        if (ev->shown->show[i] == field) {
            *out = (as_piece){AS_NONE, (uint32_t)(AS_PIECE_VALUE + i)};
            return AS_OK;
        }
    *out = (as_piece){AS_NONE, AS_PIECE_ONCE};
    return as_evidence_value(ev->table, row, field, ev->arena, &out->text, e);
}

as_code as_say_own(as_evidence *ev, uint32_t row, uint32_t field, as_err *e)
{
    as_piece p = {AS_NONE, AS_PIECE_ONCE};
    as_code code = as_evidence_own(ev, row, field, &p, e);
    if (code == AS_OK)
        as_say_piece(ev, p);
    return code;
}

/* ---- values that are no fields of the record ---- */

void as_evidence_begin(as_evidence *ev, as_arena *a)
{
    memset(ev, 0, offsetof(as_evidence, extra));
    ev->arena = a;
}

as_code as_evidence_tables(const as_eval *ev, const as_bind *b, as_str other, as_evidence *out,
                           as_err *e)
{
    as_code code = AS_OK;
    if (!out->table)
        code = as_eval_table(ev, b, b->rule->table, &out->table, e);
    if (code == AS_OK && other.len && !out->other_table)
        code = as_eval_table(ev, b, other, &out->other_table, e);
    return code;
}

void as_evidence_extra(as_evidence *ev, as_str name, as_str text, bool null, bool sensitive)
{
    if (ev->extra_count < sizeof ev->extra / sizeof ev->extra[0])
        ev->extra[ev->extra_count++] = (as_doc_value){name, text, null, sensitive};
}

static bool is_cell_name(as_str name, as_str table, as_str field)
{
    return name.len == table.len + 1 + field.len && name.ptr[table.len] == '.' &&
           as_str_starts(name, table) &&
           as_str_eq(as_str_sub(name, table.len + 1, field.len), field);
}

/* "TABLE.FIELD": mostly a name that was bound, and in the order in which they were. */
static as_str cell_name(const as_evidence *ev, const as_table *t, const as_field *f)
{
    for (size_t i = 0; i < ev->name_count; i++) {
        as_str name = ev->names[(ev->extra_count + i) % ev->name_count];
        if (is_cell_name(name, t->name, f->name))
            return name;
    }
    return AS_JOIN(ev->arena, t->name, AS_STR("."), f->name);
}

as_code as_evidence_cell(as_evidence *ev, const as_table *t, uint32_t row, uint32_t field,
                         as_err *e)
{
    const as_field *f = &t->schema->fields[field];
    as_str raw = AS_NONE;
    as_str name = cell_name(ev, t, f);
    bool ok = row == AS_NO_ROW || as_evidence_cell_text(t, row, field, true, ev->arena, &raw);
    as_str text = raw.ptr ? as_evidence_whole(ev->arena, raw) : AS_STR("");
    if (!ok || !name.ptr || !text.ptr)
        return as_fail_nomem(e);
    as_evidence_extra(ev, name, text, raw.ptr == NULL, f->sensitive);
    return AS_OK;
}

/* ---- without what is sensitive ---- */

static as_str replaced(as_arena *a, as_str text, as_str what)
{
    as_buf out = AS_BUF(AS_EVIDENCE_MAX);
    while (text.len) {
        size_t at = as_str_find(text, what);
        bool found = at != (size_t)-1;
        as_buf_add(&out, as_str_sub(text, 0, found ? at : text.len));
        if (found)
            as_buf_add(&out, AS_STR("(masked)"));
        text = found ? as_str_sub(text, at + what.len, text.len) : AS_STR("");
    }
    return as_evidence_keep(a, &out);
}

as_code as_evidence_mask(const as_table *t, uint32_t row, const uint32_t *fields, size_t count,
                         as_arena *a, as_str *text, as_err *e)
{
    char raw_room[CELL_ROOM], value_room[CELL_ROOM];
    as_buf raw = AS_BUF_ON(raw_room, AS_FIELD_MAX);
    as_buf value = AS_BUF_ON(value_room, AS_FIELD_MAX);
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++) {
        if (!t->schema->fields[fields[i]].sensitive)
            continue;
        as_str spellings[2] = {as_cell_raw(t, &t->columns[fields[i]], row, &raw),
                               as_cell_text(t, &t->columns[fields[i]], row, &value)};
        for (size_t k = 0; ok && k < 2; k++)
            if (spellings[k].len && as_str_find(*text, spellings[k]) != (size_t)-1)
                ok = (*text = replaced(a, *text, spellings[k])).ptr != NULL;
    }
    as_buf_free(&raw);
    as_buf_free(&value);
    return ok ? AS_OK : as_fail_nomem(e);
}
