/* evidence.c: see evidence.h. Nothing here looks at another record than the finding's own, so a
 * finding reads the same, and has the same fingerprint, however the file is sorted and whatever
 * else is in it.
 *
 * What all findings of a rule share (its table, key, message in parts, the begin of the
 * fingerprint's text) is found out once, by as_evidence_open. */
#include "check/evidence.h"

#include "base/hash.h"
#include "check/message.h"
#include "check/moved.h"

#define TEXT_ROOM 512 /* nearly every text that is made and not kept */

struct as_evidence_maker {
    const as_eval *eval;
    const as_bind *b;
    const as_check_kind *kind;
    const void *plan;
    const as_result *result;
    as_arena *a;
    const as_table *t; /* of the rule; NULL: it has none */
    as_key key;        /* of t; count 0: it has none */
    bool key_sensitive;
    as_message_part *message;
    size_t message_count;
    as_str id;           /* the rule's, as it stands in a fingerprint's text */
    as_doc_finding same; /* what every finding of the rule says */

    /* the finding that is being made */
    const as_finding *f;
    as_doc_finding *out;
    as_str parts[AS_KEY_FIELDS_MAX]; /* of its key; .ptr NULL: null */
    as_evidence ev;
};

/* ---- the rule ---- */

static bool any_sensitive(const as_key *k)
{
    for (size_t i = 0; i < k->count; i++)
        if (k->table->schema->fields[k->fields[i]].sensitive)
            return true;
    return false;
}

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

as_evidence_maker *as_evidence_open(const as_eval *ev, const as_bind *b, const as_check_kind *k,
                                    const void *plan, const as_result *r, as_arena *a)
{
    const as_rule *rule = b->rule;
    as_evidence_maker *m = as_arena_alloc(a, sizeof *m);
    char room[TEXT_ROOM];
    as_buf id = AS_BUF_ON(room, AS_FIELD_MAX);
    if (!m)
        return NULL;
    memset(m, 0, offsetof(as_evidence_maker, f));
    m->eval = ev;
    m->b = b;
    m->kind = k;
    m->plan = plan;
    m->result = r;
    m->a = a;
    m->same = (as_doc_finding){.rule = rule->id,
                               .table = rule->table,
                               .steward = rule->steward,
                               .severity = as_str_from(as_severity_name(rule->severity))};
    m->t = rule->table.len ? as_tables_find(ev->tables, rule->table) : NULL;
    if (m->t) {
        m->key = as_key_of(m->t);
        m->key_sensitive = any_sensitive(&m->key);
        m->same.file = m->t->path;
        m->same.sheet = m->t->sheet;
    }
    m->message = as_message_parts(b, a, &m->message_count);
    add_part(&id, rule->id);
    m->id = as_evidence_keep(a, &id);
    return m->message && m->id.ptr ? m : NULL;
}

void as_evidence_ahead(const as_evidence_maker *m, const as_finding *f)
{
    if (!m->t || f->row == AS_NO_ROW)
        return;
    for (size_t i = 0; i < m->key.count; i++)
        as_cell_ahead(&m->t->columns[m->key.fields[i]], f->row);
    for (size_t i = 0; i < m->b->show_count; i++)
        as_cell_ahead(&m->t->columns[m->b->show[i]], f->row);
}

/* ---- key, values, place ---- */

/* A record's key, or "record 17" where the table has none; `parts`: its values. */
static as_str key_text(const as_evidence_maker *m, uint32_t row, as_str *parts)
{
    as_str words[2 * AS_KEY_FIELDS_MAX];
    for (size_t i = 0; i < m->key.count; i++) {
        if (!as_evidence_cell_text(m->t, row, m->key.fields[i], false, m->a, &parts[i]))
            return AS_NONE;
        words[2 * i] = parts[i].ptr ? parts[i] : AS_STR("(none)");
        words[2 * i + 1] = AS_STR(" / ");
    }
    if (m->key.count == 0)
        return as_arena_printf(m->a, "record %llu", (unsigned long long)row + 1);
    return m->key.count == 1 ? words[0] : as_arena_join(m->a, words, 2 * m->key.count - 1);
}

static bool of_record(const as_evidence_maker *m)
{
    return m->t && m->f->row != AS_NO_ROW;
}

static as_code make_key(as_evidence_maker *m, as_err *e)
{
    as_doc_finding *o = m->out;
    o->key = m->ev.key;
    o->key_sensitive = m->ev.key_sensitive;
    if (!o->key.len && of_record(m)) {
        o->key = key_text(m, m->f->row, m->parts);
        o->key_sensitive = m->key_sensitive;
        if (!o->key.ptr)
            return as_fail_nomem(e);
    }
    return AS_OK;
}

static as_code make_values(as_evidence_maker *m, as_err *e)
{
    as_doc_finding *o = m->out;
    const as_field *fields = m->t ? m->t->schema->fields : NULL;
    size_t count = of_record(m) ? m->b->show_count : 0;
    o->values = as_arena_alloc(m->a, (count + m->ev.extra_count) * sizeof *o->values);
    if (!o->values)
        return as_fail_nomem(e);
    for (size_t i = 0; i < count; i++) {
        uint32_t field = m->b->show[i];
        as_str raw;
        bool ok = as_evidence_cell_text(m->t, m->f->row, field, true, m->a, &raw);
        as_str text = raw.ptr ? as_evidence_whole(m->a, raw) : AS_STR("");
        if (!ok || !text.ptr)
            return as_fail_nomem(e);
        o->values[o->value_count++] =
            (as_doc_value){fields[field].name, text, raw.ptr == NULL, fields[field].sensitive};
    }
    for (size_t i = 0; i < m->ev.extra_count; i++)
        o->values[o->value_count++] = m->ev.extra[i];
    return AS_OK;
}

static as_code make_records(as_evidence_maker *m, as_err *e)
{
    as_doc_finding *o = m->out;
    as_str parts[AS_KEY_FIELDS_MAX];
    if (m->ev.member_count == 0)
        return AS_OK;
    o->records = AS_NEW_N(m->a, as_doc_record, m->ev.member_count);
    if (!o->records)
        return as_fail_nomem(e);
    o->records_sensitive = m->key_sensitive;
    for (size_t i = 0; i < m->ev.member_count; i++) {
        uint32_t row = m->ev.members[i];
        as_str key = key_text(m, row, parts);
        if (!key.ptr)
            return as_fail_nomem(e);
        o->records[o->record_count++] = (as_doc_record){m->b->rule->table, key, m->t->path,
                                                        as_table_line(m->t, row), row + 1};
    }
    return AS_OK;
}

static void make_place(as_evidence_maker *m)
{
    as_doc_finding *o = m->out;
    if (!m->t) {
        o->file = m->ev.file;
        o->line = m->ev.line;
        o->column = m->ev.column;
        return;
    }
    if (m->f->row != AS_NO_ROW) {
        o->row = m->f->row + 1;
        o->line = as_table_line(m->t, m->f->row);
    } else if (m->kind->level == AS_LEVEL_TABLE) {
        o->line = m->t->report.header_row;
    }
    if (m->f->field != AS_NO_FIELD && m->t->columns[m->f->field].present)
        o->column = m->t->columns[m->f->field].source_col + 1;
}

/* ---- the message ---- */

static as_str extra_said(const as_evidence_maker *m, as_str name)
{
    const as_evidence *ev = &m->ev;
    for (size_t i = 0; i < ev->extra_count; i++) {
        const as_doc_value *v = &ev->extra[i];
        if (as_str_eq(v->field, name))
            return v->null        ? AS_STR("(none)")
                   : v->sensitive ? AS_STR("(masked)")
                                  : as_evidence_said(m->a, v->text);
    }
    return AS_STR("(none)");
}

static as_code from_template(const as_evidence_maker *m, as_buf *out, as_err *e)
{
    for (size_t i = 0; i < m->message_count; i++) {
        const as_message_part *p = &m->message[i];
        as_str said = AS_NONE;
        as_code code = AS_OK;
        as_buf_add(out, p->before);
        if (p->named && p->field != AS_NO_FIELD && of_record(m))
            code = as_evidence_value(m->t, m->f->row, p->field, m->a, &said, e);
        else if (p->named)
            said = extra_said(m, p->name);
        if (code != AS_OK)
            return code;
        as_buf_add(out, said);
        out->failed = out->failed || (p->named && !said.ptr);
    }
    return AS_OK;
}

static as_code make_message(as_evidence_maker *m, as_err *e)
{
    as_doc_finding *o = m->out;
    as_code code = AS_OK;
    if (m->b->rule->message.len && !m->ev.own_words) {
        char room[TEXT_ROOM];
        as_buf buf = AS_BUF_ON(room, AS_EVIDENCE_MAX);
        code = from_template(m, &buf, e);
        o->message = as_evidence_keep(m->a, &buf);
    } else if (o->key.len && !o->key_sensitive) {
        as_str key = as_evidence_said(m->a, o->key);
        o->message = key.ptr ? AS_JOIN(m->a, key, AS_STR(": "), m->ev.sentence) : AS_NONE;
    } else {
        o->message = m->ev.sentence.ptr ? m->ev.sentence : AS_STR("");
    }
    return code == AS_OK && !o->message.ptr ? as_fail_nomem(e) : code;
}

/* ---- the fingerprint ---- */

/* What stands in for a key: the values of the fields shown, in the order of the schema. */
static void add_shown(as_buf *out, const as_evidence_maker *m)
{
    for (uint32_t f = 0; f < m->t->schema->count; f++)
        for (size_t i = 0; i < m->b->show_count; i++) {
            as_str value;
            if (m->b->show[i] != f)
                continue;
            if (!as_evidence_cell_text(m->t, m->f->row, f, false, m->a, &value))
                out->failed = true;
            add_part(out, m->t->schema->fields[f].name);
            add_part(out, value);
        }
}

/* The parts of the record's key; where it has none, or not a whole one, the values shown too.
 */
static void add_record(as_buf *out, const as_evidence_maker *m)
{
    bool whole = m->key.count > 0;
    for (size_t i = 0; i < m->key.count; i++) {
        add_part(out, m->parts[i]);
        whole = whole && m->parts[i].ptr;
    }
    if (!whole)
        add_shown(out, m);
}

static as_code make_fingerprint(as_evidence_maker *m, as_err *e)
{
    char room[TEXT_ROOM], *hex = as_arena_alloc(m->a, AS_SHA256_HALF);
    as_buf buf = AS_BUF_ON(room, 4 * AS_FIELD_MAX);
    as_buf_add(&buf, m->id);
    if (m->ev.key.len || !of_record(m))
        add_part(&buf, m->ev.key);
    else
        add_record(&buf, m);
    add_part(&buf, m->out->field);
    as_code code =
        buf.failed || !hex ? as_fail_nomem(e) : as_sha256_half_of(as_buf_str(&buf), hex, e);
    as_buf_free(&buf);
    m->out->fingerprint = (as_str){hex, AS_SHA256_HALF - 1};
    return code;
}

/* ---- one finding ---- */

as_code as_evidence_tell(as_evidence_maker *m, const as_finding *f, as_doc_finding *out,
                         as_err *e)
{
    m->f = f;
    m->out = out;
    as_evidence_begin(&m->ev, m->a);
    *out = m->same;
    as_code code = m->kind->describe(m->eval, m->b, m->plan, m->result, f, &m->ev, e);
    if (code != AS_OK)
        return code;
    out->expected = m->ev.expected;
    out->field = m->ev.field;
    if (!out->field.len && f->field != AS_NO_FIELD && m->b->schema)
        out->field = m->b->schema->fields[f->field].name;
    make_place(m);
    code = make_key(m, e);
    if (code == AS_OK)
        code = make_values(m, e);
    if (code == AS_OK)
        code = make_records(m, e);
    if (code == AS_OK)
        code = make_message(m, e);
    if (code == AS_OK)
        code = as_moved_tell(m->eval, m->t, f, &m->ev, out, e);
    return code == AS_OK ? make_fingerprint(m, e) : code;
}

as_code as_evidence_make(const as_eval *ev, const as_bind *b, const as_check_kind *k,
                         const void *plan, const as_result *r, const as_finding *f, as_arena *a,
                         as_doc_finding *out, as_err *e)
{
    as_evidence_maker *m = as_evidence_open(ev, b, k, plan, r, a);
    return m ? as_evidence_tell(m, f, out, e) : as_fail_nomem(e);
}
