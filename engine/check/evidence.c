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
#include "check/wording.h"

#define NUMBER_ROOM 24 /* a number in decimal, and what stands beside it */
#define AHEAD 8        /* findings whose records are on their way while one is made */

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
    as_piece *pieces; /* room for what the rule's message says of a finding */
    as_wordings *wordings;
    size_t *by_field;    /* places in b->show, in the order of the schema */
    as_str *texts;       /* room for the parts of a fingerprint */
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

/* "4:C7-a", or "-" for none; returns where it ends. */
static char *put_part(char *at, as_str s)
{
    char digits[NUMBER_ROOM], *first = digits + sizeof digits;
    if (!s.ptr) {
        *at++ = '-';
        return at;
    }
    if (s.len < 10) {
        *at++ = (char)('0' + s.len);
    } else {
        for (size_t n = s.len; n; n /= 10)
            *--first = (char)('0' + n % 10);
        at = as_bytes_put(at, first, (size_t)(digits + sizeof digits - first));
    }
    *at++ = ':';
    return as_bytes_put(at, s.ptr, s.len);
}

/* The places of the fields shown, in the order of the schema. */
static size_t *by_field(const as_bind *b, as_arena *a)
{
    size_t *order = AS_NEW_N(a, size_t, b->show_count + 1);
    for (size_t i = 0; order && i < b->show_count; i++) {
        size_t at = i;
        for (; at && b->show[order[at - 1]] > b->show[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    return order;
}

as_evidence_maker *as_evidence_open(const as_eval *ev, const as_bind *b, const as_check_kind *k,
                                    const void *plan, const as_result *r, as_arena *a)
{
    const as_rule *rule = b->rule;
    as_evidence_maker *m = as_arena_alloc(a, sizeof *m);
    char *id = as_arena_alloc(a, rule->id.len + NUMBER_ROOM);
    if (!m || !id)
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
    m->pieces = as_arena_alloc(a, (2 * m->message_count + 1) * sizeof *m->pieces);
    m->wordings = as_wordings_open(a);
    m->by_field = by_field(b, a);
    m->texts = AS_NEW_N(a, as_str, AS_KEY_FIELDS_MAX + 2 * b->show_count + 1);
    m->ev.table = m->t;
    m->ev.other_table = NULL;
    m->id = (as_str){id, (size_t)(put_part(id, rule->id) - id)};
    return m->message && m->pieces && m->wordings && m->by_field && m->texts ? m : NULL;
}

/* Brings the record of a finding near that is told soon: such records lie far apart. */
static void ahead(const as_evidence_maker *m, const as_finding *f)
{
    if (!m->t || f->row == AS_NO_ROW)
        return;
    for (size_t i = 0; i < m->key.count; i++)
        as_cell_ahead(&m->t->columns[m->key.fields[i]], f->row);
    for (size_t i = 0; i < m->b->show_count; i++)
        as_cell_ahead(&m->t->columns[m->b->show[i]], f->row);
}

/* And its texts, when it has come. */
static void texts_ahead(const as_evidence_maker *m, const as_finding *f)
{
    if (!m->t || f->row == AS_NO_ROW)
        return;
    for (size_t i = 0; i < m->b->show_count; i++)
        as_cell_raw_ahead(m->t, &m->t->columns[m->b->show[i]], f->row);
}

/* ---- key, values, place ---- */

static as_str record_text(as_arena *a, uint64_t n)
{
    const size_t size = sizeof "record " + NUMBER_ROOM;
    char *text = as_arena_alloc(a, size), *at = text + size;
    if (!text)
        return AS_NONE;
    for (*--at = '\0'; n; n /= 10)
        *--at = (char)('0' + n % 10);
    at -= sizeof "record " - 1;
    memcpy(at, "record ", sizeof "record " - 1);
    return (as_str){at, (size_t)(text + size - 1 - at)};
}

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
        return record_text(m->a, (uint64_t)row + 1);
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

/* A value by its name; where the finding has none of that name: "(none)". */
static as_piece extra_piece(const as_evidence_maker *m, as_str name)
{
    const as_doc_finding *o = m->out;
    for (size_t i = o->value_count - m->ev.extra_count; i < o->value_count; i++)
        if (as_str_eq(o->values[i].field, name))
            return (as_piece){AS_NONE, (uint32_t)(AS_PIECE_VALUE + i)};
    return (as_piece){AS_STR("(none)"), AS_PIECE_TEXT};
}

/* The rule's template. */
static as_code from_template(const as_evidence_maker *m, size_t *count, as_err *e)
{
    as_piece *at = m->pieces;
    as_code code = AS_OK;
    for (size_t i = 0; code == AS_OK && i < m->message_count; i++) {
        const as_message_part *p = &m->message[i];
        *at++ = (as_piece){p->before, AS_PIECE_TEXT};
        if (p->named && p->field != AS_NO_FIELD && of_record(m))
            code = as_evidence_own(&m->ev, m->f->row, p->field, at++, e);
        else if (p->named)
            *at++ = extra_piece(m, p->name);
    }
    *count = (size_t)(at - m->pieces);
    return code;
}

/* "SC1: places is 0": the key, then what the kind says. */
static const as_piece *own_words(as_evidence_maker *m, size_t *count)
{
    as_evidence *ev = &m->ev;
    as_piece *first = ev->pieces + AS_PIECES_BEFORE;
    if (!ev->piece_count)
        as_say_piece(ev,
                     (as_piece){ev->sentence.ptr ? ev->sentence : AS_STR(""), AS_PIECE_ONCE});
    *count = ev->piece_count;
    if (m->out->key.len && !m->out->key_sensitive) {
        *--first = (as_piece){AS_STR(": "), AS_PIECE_TEXT};
        *--first = (as_piece){AS_NONE, AS_PIECE_KEY};
        *count += AS_PIECES_BEFORE;
    }
    return first;
}

static as_code make_message(as_evidence_maker *m, as_err *e)
{
    size_t count = 0;
    const as_piece *pieces = m->pieces;
    as_code code = AS_OK;
    if (m->b->rule->message.len && !m->ev.own_words)
        code = from_template(m, &count, e);
    else if (m->ev.piece_count > AS_PIECES_MAX)
        code = as_fail(e, AS_EBUDGET, AS_NOWHERE,
                       "rule %.*s: its sentence has more than %d pieces; give it a `message`",
                       AS_FMT(m->b->rule->id), AS_PIECES_MAX);
    else
        pieces = own_words(m, &count);
    return code == AS_OK ? as_wordings_say(m->wordings, pieces, count, m->out, e) : code;
}

/* ---- the fingerprint ---- */

/* A value shown, as rules see it: mostly that is what was made to be shown. */
static bool shown_text(const as_evidence_maker *m, size_t i, as_str *out)
{
    const as_column *c = &m->t->columns[m->b->show[i]];
    const as_doc_value *v = &m->out->values[i];
    bool as_shown = c->layout != AS_LAYOUT_DICT && c->layout != AS_LAYOUT_SLICE &&
                    !c->bad_count && !(c->layout == AS_LAYOUT_PACK8 && c->dict.count > 1);
    *out = v->null ? AS_NONE : v->text;
    return as_shown || as_evidence_cell_text(m->t, m->f->row, m->b->show[i], false, m->a, out);
}

/* What a fingerprint is the digest of, after the rule's id, and room for it. */
typedef struct parts {
    as_str *texts;
    size_t count, size;
} parts;

static void add_part(parts *p, as_str text)
{
    p->texts[p->count++] = text;
    p->size += text.len + NUMBER_ROOM;
}

/* What stands in for a key: the values of the fields shown, in the order of the schema. */
static bool add_shown(const as_evidence_maker *m, parts *p)
{
    bool ok = true;
    for (size_t i = 0; ok && i < m->b->show_count; i++) {
        size_t at = m->by_field[i];
        as_str text;
        ok = shown_text(m, at, &text);
        add_part(p, m->t->schema->fields[m->b->show[at]].name);
        add_part(p, text);
    }
    return ok;
}

/* The key (of a record without a whole one the values shown too), then the field. */
static bool fingerprint_parts(const as_evidence_maker *m, parts *p)
{
    bool ok = true, whole = m->key.count > 0;
    if (m->ev.key.len || !of_record(m)) {
        add_part(p, m->ev.key);
    } else {
        for (size_t i = 0; i < m->key.count; i++) {
            add_part(p, m->parts[i]);
            whole = whole && m->parts[i].ptr;
        }
        ok = whole || add_shown(m, p);
    }
    add_part(p, m->out->field);
    return ok;
}

static as_str fingerprint_text(const as_evidence_maker *m)
{
    parts p = {m->texts, 0, m->id.len};
    if (!fingerprint_parts(m, &p))
        return AS_NONE;
    char *text = as_arena_alloc(m->a, p.size);
    if (!text)
        return AS_NONE;
    char *at = as_bytes_put(text, m->id.ptr, m->id.len);
    for (size_t i = 0; i < p.count; i++)
        at = put_part(at, p.texts[i]);
    return (as_str){text, (size_t)(at - text)};
}

static as_code make_fingerprints(as_evidence_maker *m, const as_str *texts, size_t count,
                                 as_doc_finding *out, as_err *e)
{
    char(*hex)[AS_SHA256_HALF] = as_arena_alloc(m->a, count * sizeof *hex);
    as_code code = hex ? as_sha256_half_each(texts, count, hex, e) : as_fail_nomem(e);
    for (size_t i = 0; code == AS_OK && i < count; i++)
        out[i].fingerprint = (as_str){hex[i], AS_SHA256_HALF - 1};
    return code;
}

/* ---- findings ---- */

static as_code tell(as_evidence_maker *m, const as_finding *f, as_doc_finding *out, as_err *e)
{
    const as_table *table = m->ev.table, *other = m->ev.other_table;
    m->f = f;
    m->out = out;
    as_evidence_begin(&m->ev, m->a);
    m->ev.table = table;
    m->ev.other_table = other;
    m->ev.names = m->b->extras;
    m->ev.name_count = m->b->extra_count;
    m->ev.shown = of_record(m) ? m->b : NULL;
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
    return code == AS_OK ? as_moved_tell(m->eval, m->t, f, &m->ev, out, e) : code;
}

static bool one_text(as_str a, as_str b)
{
    return a.ptr == b.ptr && a.len == b.len;
}

/* Neighbours, so that their texts live: where they stand says whether they are the same. The
 * first `shown` values are fields of the record, the same ones wherever there is a record. */
static bool alike(const as_doc_finding *a, const as_doc_finding *b, size_t shown)
{
    bool same = one_text(a->field, b->field) && one_text(a->expected, b->expected) &&
                one_text(a->file, b->file) && a->column == b->column &&
                a->key_sensitive == b->key_sensitive &&
                a->records_sensitive == b->records_sensitive &&
                a->value_count == b->value_count && (a->row == 0) == (b->row == 0);
    for (size_t i = shown; same && i < a->value_count; i++)
        same = one_text(a->values[i].field, b->values[i].field) &&
               a->values[i].sensitive == b->values[i].sensitive;
    return same;
}

as_code as_evidence_tell(as_evidence_maker *m, const as_finding *f, size_t count,
                         as_doc_finding *out, as_err *e)
{
    as_str *texts = as_arena_alloc(m->a, count * sizeof *texts);
    as_code code = texts ? AS_OK : as_fail_nomem(e);
    for (size_t i = 0; i < count && i < AHEAD; i++)
        ahead(m, &f[i]);
    for (size_t i = 0; code == AS_OK && i < count; i++) {
        if (i + AHEAD < count)
            ahead(m, &f[i + AHEAD]);
        if (i + AHEAD / 2 < count)
            texts_ahead(m, &f[i + AHEAD / 2]);
        code = tell(m, &f[i], &out[i], e);
        if (code != AS_OK)
            break;
        out[i].alike = i && alike(&out[i - 1], &out[i], of_record(m) ? m->b->show_count : 0);
        texts[i] = fingerprint_text(m);
        code = texts[i].ptr ? AS_OK : as_fail_nomem(e);
    }
    return code == AS_OK ? make_fingerprints(m, texts, count, out, e) : code;
}

as_code as_evidence_make(const as_eval *ev, const as_bind *b, const as_check_kind *k,
                         const void *plan, const as_result *r, const as_finding *f, as_arena *a,
                         as_doc_finding *out, as_err *e)
{
    as_evidence_maker *m = as_evidence_open(ev, b, k, plan, r, a);
    as_code code = m ? as_evidence_tell(m, f, 1, out, e) : as_fail_nomem(e);
    if (code != AS_OK)
        return code;
    out->message = as_doc_message(a, out);
    out->pattern = AS_NONE;
    return out->message.ptr ? AS_OK : as_fail_nomem(e);
}
