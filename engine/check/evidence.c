/* evidence.c: see evidence.h. Nothing here looks at another record than the finding's own, so a
 * finding reads the same, and has the same fingerprint, however the file is sorted and whatever
 * else is in it. */
#include "check/evidence.h"

#include "base/hash.h"
#include "base/text.h"
#include "check/moved.h"
#include "check/params.h"

#define SAID_BYTES 200 /* of a value within a sentence */
#define CELL_ROOM 64   /* nearly every cell that must be spelled out */
#define TEXT_ROOM 512  /* nearly every sentence */

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

/* On one line, and short enough to be read within a sentence. */
static void say(as_buf *out, as_str text)
{
    size_t len = text.len;
    if (len > SAID_BYTES) {
        len = SAID_BYTES;
        while (len &&
               ((unsigned char)text.ptr[len] & 0xc0) == 0x80) /* not inside a character */
            len--;
    }
    size_t controls = 0;
    for (size_t i = 0; i < len; i++)
        controls += (unsigned char)text.ptr[i] < ' ';
    if (!controls)
        as_buf_add(out, as_str_sub(text, 0, len));
    for (size_t i = 0; controls && i < len; i++)
        as_buf_addc(out, (unsigned char)text.ptr[i] < ' ' ? ' ' : text.ptr[i]);
    if (len < text.len)
        as_buf_add(out, AS_STR("…"));
}

void as_evidence_say(as_buf *out, const as_table *t, uint32_t row, uint32_t field)
{
    char room[CELL_ROOM];
    as_buf tmp = AS_BUF_ON(room, AS_FIELD_MAX);
    as_str raw = as_cell_raw(t, &t->columns[field], row, &tmp);
    if (!raw.ptr)
        as_buf_add(out, AS_STR("(none)"));
    else if (t->schema->fields[field].sensitive)
        as_buf_add(out, AS_STR("(masked)"));
    else
        say(out, raw);
    out->failed = out->failed || tmp.failed;
    as_buf_free(&tmp);
}

as_code as_evidence_value(const as_table *t, uint32_t row, uint32_t field, as_arena *a,
                          as_str *out, as_err *e)
{
    char room[TEXT_ROOM];
    as_buf said = AS_BUF_ON(room, AS_MESSAGE_MAX);
    as_evidence_say(&said, t, row, field);
    *out = as_evidence_keep(a, &said);
    return out->ptr ? AS_OK : as_fail_nomem(e);
}

void as_evidence_begin(as_evidence *ev, as_arena *a)
{
    memset(ev, 0, offsetof(as_evidence, extra));
    ev->arena = a;
}

void as_evidence_extra(as_evidence *ev, as_str name, as_str text, bool null, bool sensitive)
{
    if (ev->extra_count < sizeof ev->extra / sizeof ev->extra[0])
        ev->extra[ev->extra_count++] = (as_doc_value){name, text, null, sensitive};
}

/* A value in full, up to the cap; a longer one says how long it was. */
static as_str whole(as_arena *a, as_str raw)
{
    if (raw.len <= AS_EVIDENCE_MAX)
        return as_arena_str(a, raw);
    return as_arena_printf(a, "%.*s… (%zu bytes in all)", (int)AS_EVIDENCE_MAX, raw.ptr,
                           raw.len);
}

static as_code cell_value(const as_table *t, uint32_t row, uint32_t field, as_str name,
                          as_arena *a, as_doc_value *out, as_err *e)
{
    char room[CELL_ROOM];
    as_buf tmp = AS_BUF_ON(room, AS_FIELD_MAX);
    as_str raw = row == AS_NO_ROW ? AS_NONE : as_cell_raw(t, &t->columns[field], row, &tmp);
    *out = (as_doc_value){name, raw.ptr ? whole(a, raw) : AS_STR(""), raw.ptr == NULL,
                          t->schema->fields[field].sensitive};
    bool failed = tmp.failed;
    as_buf_free(&tmp);
    return out->text.ptr && !failed ? AS_OK : as_fail_nomem(e);
}

as_code as_evidence_cell(as_evidence *ev, const as_table *t, uint32_t row, uint32_t field,
                         as_err *e)
{
    as_doc_value value;
    as_str name = as_arena_printf(ev->arena, "%.*s.%.*s", AS_FMT(t->name),
                                  AS_FMT(t->schema->fields[field].name));
    if (!name.ptr)
        return as_fail_nomem(e);
    as_code code = cell_value(t, row, field, name, ev->arena, &value, e);
    if (code == AS_OK)
        as_evidence_extra(ev, value.field, value.text, value.null, value.sensitive);
    return code;
}

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

/* ---- the message template ---- */

/* The next {name} of a template. *before is the text in front of it. False: no more, *before is
 * the rest. A brace that is never closed gives a name with ptr NULL. */
static bool next_name(as_str *rest, as_str *before, as_str *name)
{
    size_t open = as_str_find(*rest, AS_STR("{"));
    *before = as_str_sub(*rest, 0, open == (size_t)-1 ? rest->len : open);
    *name = AS_NONE;
    if (open == (size_t)-1)
        return false;
    *rest = as_str_sub(*rest, open + 1, rest->len);
    size_t close = as_str_find(*rest, AS_STR("}"));
    if (close == (size_t)-1)
        return true;
    *name = as_str_trim(as_str_sub(*rest, 0, close));
    *rest = as_str_sub(*rest, close + 1, rest->len);
    return true;
}

static bool is_extra(const as_bind *b, as_str name)
{
    for (size_t i = 0; i < b->extra_count; i++)
        if (as_str_eq(b->extras[i], name))
            return true;
    return false;
}

static as_str nearest_name(const as_bind *b, as_str name)
{
    size_t fields = b->schema ? b->schema->count : 0, count = 0;
    as_str *all = AS_NEW_N(b->arena, as_str, fields + b->extra_count + 1);
    for (size_t i = 0; all && i < fields; i++)
        all[count++] = b->schema->fields[i].name;
    for (size_t i = 0; all && i < b->extra_count; i++)
        all[count++] = b->extras[i];
    return as_text_nearest(name, all, count);
}

static void unknown_name(as_bind *b, as_str name)
{
    as_str near = nearest_name(b, name);
    as_str hint =
        near.len ? as_arena_printf(b->arena, "Did you mean {%.*s}?", AS_FMT(near)) : AS_NONE;
    const as_node *at = b->rule->node ? as_node_get(b->rule->node, "message") : NULL;
    as_params_error(b, at, hint.ptr, "message: {%.*s} is no field that this rule can show",
                    AS_FMT(name));
}

bool as_message_names(const as_rule *rule, as_str asked)
{
    as_str rest = rule->message, before, name;
    while (next_name(&rest, &before, &name))
        if (as_str_eq(name, asked))
            return true;
    return false;
}

as_code as_message_bind(as_bind *b, const as_check_kind *k, as_err *e)
{
    (void)k;
    as_str rest = b->rule->message, before, name;
    while (next_name(&rest, &before, &name)) {
        uint32_t field = b->schema ? as_schema_field(b->schema, name) : AS_NO_FIELD;
        if (!name.ptr) {
            const as_node *at = b->rule->node ? as_node_get(b->rule->node, "message") : NULL;
            as_params_error(b, at, NULL, "message: a { has no }");
            break;
        }
        if (field != AS_NO_FIELD)
            as_bind_read(b, field);
        else if (!is_extra(b, name))
            unknown_name(b, name);
    }
    return b->nomem ? as_fail_nomem(e) : AS_OK;
}

/* ---- one finding ---- */

typedef struct maker {
    const as_bind *b;
    const as_finding *f;
    const as_table *t; /* of the rule; NULL: it has none */
    as_key key;        /* of t */
    as_arena *a;
    as_doc_finding *out;
    as_evidence ev;
} maker;

static const as_doc_value *extra_named(const as_evidence *ev, as_str name)
{
    for (size_t i = 0; i < ev->extra_count; i++)
        if (as_str_eq(ev->extra[i].field, name))
            return &ev->extra[i];
    return NULL;
}

static void add_named(const maker *m, as_str name, as_buf *out)
{
    uint32_t field = m->b->schema ? as_schema_field(m->b->schema, name) : AS_NO_FIELD;
    if (field != AS_NO_FIELD && m->t && m->f->row != AS_NO_ROW) {
        as_evidence_say(out, m->t, m->f->row, field);
        return;
    }
    const as_doc_value *v = extra_named(&m->ev, name);
    if (!v || v->null)
        as_buf_add(out, AS_STR("(none)"));
    else if (v->sensitive)
        as_buf_add(out, AS_STR("(masked)"));
    else
        say(out, v->text);
}

static void from_template(const maker *m, as_buf *out)
{
    as_str rest = m->b->rule->message, before, name;
    bool more = true;
    while (more) {
        more = next_name(&rest, &before, &name);
        as_buf_add(out, before);
        if (more)
            add_named(m, name, out);
    }
}

static as_code make_message(maker *m, as_err *e)
{
    char room[TEXT_ROOM];
    as_buf buf = AS_BUF_ON(room, AS_EVIDENCE_MAX);
    if (m->b->rule->message.len && !m->ev.own_words) {
        from_template(m, &buf);
    } else {
        if (m->out->key.len && !m->out->key_sensitive) {
            say(&buf, m->out->key);
            as_buf_add(&buf, AS_STR(": "));
        }
        as_buf_add(&buf, m->ev.sentence);
    }
    m->out->message = as_evidence_keep(m->a, &buf);
    return m->out->message.ptr ? AS_OK : as_fail_nomem(e);
}

static bool any_sensitive(const as_key *k)
{
    for (size_t i = 0; i < k->count; i++)
        if (k->table->schema->fields[k->fields[i]].sensitive)
            return true;
    return false;
}

/* The record's key, or "record 17" where the table has none. */
static as_str key_text(const as_key *key, uint32_t row, as_arena *a)
{
    char room[TEXT_ROOM];
    as_buf buf = AS_BUF_ON(room, AS_EVIDENCE_MAX);
    if (key->count)
        as_key_text(key, row, &buf);
    else
        as_buf_addf(&buf, "record %llu", (unsigned long long)row + 1);
    return as_evidence_keep(a, &buf);
}

static as_code make_key(maker *m, as_err *e)
{
    as_doc_finding *o = m->out;
    o->key = m->ev.key;
    o->key_sensitive = m->ev.key_sensitive;
    if (!o->key.len && m->t && m->f->row != AS_NO_ROW) {
        o->key = key_text(&m->key, m->f->row, m->a);
        o->key_sensitive = any_sensitive(&m->key);
        if (!o->key.ptr)
            return as_fail_nomem(e);
    }
    return AS_OK;
}

static as_code make_values(maker *m, as_err *e)
{
    as_doc_finding *o = m->out;
    size_t fields = m->t && m->f->row != AS_NO_ROW ? m->b->show_count : 0;
    o->values = AS_NEW_N(m->a, as_doc_value, fields + m->ev.extra_count + 1);
    if (!o->values)
        return as_fail_nomem(e);
    for (size_t i = 0; i < fields; i++) {
        uint32_t field = m->b->show[i];
        as_code code = cell_value(m->t, m->f->row, field, m->t->schema->fields[field].name,
                                  m->a, &o->values[o->value_count++], e);
        if (code != AS_OK)
            return code;
    }
    for (size_t i = 0; i < m->ev.extra_count; i++)
        o->values[o->value_count++] = m->ev.extra[i];
    return AS_OK;
}

static as_code make_records(maker *m, as_err *e)
{
    as_doc_finding *o = m->out;
    if (m->ev.member_count == 0)
        return AS_OK;
    o->records = AS_NEW_N(m->a, as_doc_record, m->ev.member_count);
    if (!o->records)
        return as_fail_nomem(e);
    o->records_sensitive = any_sensitive(&m->key);
    for (size_t i = 0; i < m->ev.member_count; i++) {
        uint32_t row = m->ev.members[i];
        as_str key = key_text(&m->key, row, m->a);
        if (!key.ptr)
            return as_fail_nomem(e);
        o->records[o->record_count++] = (as_doc_record){m->b->rule->table, key, m->t->path,
                                                        as_table_line(m->t, row), row + 1};
    }
    return AS_OK;
}

static void make_place(maker *m, as_level level)
{
    as_doc_finding *o = m->out;
    if (!m->t) {
        o->file = m->ev.file;
        o->line = m->ev.line;
        o->column = m->ev.column;
        return;
    }
    o->file = m->t->path;
    o->sheet = m->t->sheet;
    if (m->f->row != AS_NO_ROW) {
        o->row = m->f->row + 1;
        o->line = as_table_line(m->t, m->f->row);
    } else if (level == AS_LEVEL_TABLE) {
        o->line = m->t->report.header_row;
    }
    if (m->f->field != AS_NO_FIELD && m->t->columns[m->f->field].present)
        o->column = m->t->columns[m->f->field].source_col + 1;
}

/* ---- the fingerprint ---- */

static void add_part(as_buf *out, as_str s)
{
    if (s.ptr) {
        as_buf_addu(out, s.len);
        as_buf_addc(out, ':');
        as_buf_add(out, s);
    } else {
        as_buf_addc(out, '-');
    }
}

static bool add_cells(as_buf *out, const as_table *t, uint32_t row, const uint32_t *fields,
                      size_t count)
{
    char room[CELL_ROOM];
    as_buf tmp = AS_BUF_ON(room, AS_FIELD_MAX);
    bool all = true;
    for (size_t i = 0; i < count; i++) {
        as_str value = as_cell_text(t, &t->columns[fields[i]], row, &tmp);
        all = all && value.ptr;
        add_part(out, value);
    }
    out->failed = out->failed || tmp.failed;
    as_buf_free(&tmp);
    return all;
}

/* What stands in for a key: the values of the fields shown, in the order of the schema. */
static void add_shown(as_buf *out, const maker *m)
{
    for (uint32_t f = 0; f < m->t->schema->count; f++)
        for (size_t i = 0; i < m->b->show_count; i++)
            if (m->b->show[i] == f) {
                add_part(out, m->t->schema->fields[f].name);
                add_cells(out, m->t, m->f->row, &f, 1);
            }
}

static as_code make_fingerprint(maker *m, as_err *e)
{
    char hex[AS_SHA256_HALF], room[TEXT_ROOM];
    as_buf buf = AS_BUF_ON(room, 4 * AS_FIELD_MAX);
    add_part(&buf, m->b->rule->id);
    if (m->ev.key.len || !m->t || m->f->row == AS_NO_ROW) {
        add_part(&buf, m->ev.key);
    } else {
        bool whole_key = add_cells(&buf, m->t, m->f->row, m->key.fields, m->key.count);
        if (m->key.count == 0 || !whole_key)
            add_shown(&buf, m);
    }
    add_part(&buf, m->out->field);
    as_code code = buf.failed ? as_fail_nomem(e) : as_sha256_half_of(as_buf_str(&buf), hex, e);
    as_buf_free(&buf);
    if (code != AS_OK)
        return code;
    m->out->fingerprint = as_arena_str(m->a, (as_str){hex, 32});
    return m->out->fingerprint.ptr ? AS_OK : as_fail_nomem(e);
}

void as_evidence_ahead(const as_eval *ev, const as_bind *b, const as_finding *f)
{
    const as_rule *rule = b->rule;
    const as_table *t = rule->table.len ? as_tables_find(ev->tables, rule->table) : NULL;
    if (!t || f->row == AS_NO_ROW)
        return;
    for (size_t i = 0; i < t->schema->key_count; i++)
        as_cell_ahead(&t->columns[t->schema->key[i]], f->row);
    for (size_t i = 0; i < b->show_count; i++)
        as_cell_ahead(&t->columns[b->show[i]], f->row);
}

as_code as_evidence_make(const as_eval *ev, const as_bind *b, const as_check_kind *k,
                         const void *plan, const as_result *r, const as_finding *f, as_arena *a,
                         as_doc_finding *out, as_err *e)
{
    const as_rule *rule = b->rule;
    maker m;
    m.b = b;
    m.f = f;
    m.t = NULL;
    m.a = a;
    m.out = out;
    as_evidence_begin(&m.ev, a);
    *out = (as_doc_finding){.rule = rule->id,
                            .table = rule->table,
                            .steward = rule->steward,
                            .severity = as_str_from(as_severity_name(rule->severity))};
    if (rule->table.len)
        m.t = as_tables_find(ev->tables, rule->table);
    if (m.t)
        m.key = as_key_of(m.t);
    as_code code = k->describe(ev, b, plan, r, f, &m.ev, e);
    if (code != AS_OK)
        return code;
    out->expected = m.ev.expected;
    out->field = m.ev.field;
    if (!out->field.len && f->field != AS_NO_FIELD && b->schema)
        out->field = b->schema->fields[f->field].name;
    make_place(&m, k->level);
    code = make_key(&m, e);
    if (code == AS_OK)
        code = make_values(&m, e);
    if (code == AS_OK)
        code = make_records(&m, e);
    if (code == AS_OK)
        code = make_message(&m, e);
    if (code == AS_OK)
        code = as_moved_tell(ev, m.t, f, &m.ev, out, e);
    return code == AS_OK ? make_fingerprint(&m, e) : code;
}
