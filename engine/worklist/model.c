/* model.c: findings of a run as rows of a worklist. See worklist.h. */
#include "base/alloc.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/text.h"
#include "worklist/worklist.h"
#include <stdlib.h>

typedef struct maker {
    as_worklist *w;
    as_arena *a;
    size_t size;
    bool nomem;
} maker;

/* ---- rows of one finding ---- */

static as_str keep(maker *m, as_str s)
{
    as_str out = s.len ? as_arena_str(m->a, s) : AS_STR("");
    m->nomem = m->nomem || !out.ptr;
    return out;
}

static as_wl_row *new_row(maker *m)
{
    as_worklist *w = m->w;
    if (w->count == m->size) {
        size_t size = m->size ? m->size * 2 : 256;
        as_wl_row *rows = as_realloc(w->rows, size * sizeof *rows);
        if (!rows) {
            m->nomem = true;
            return NULL;
        }
        w->rows = rows;
        m->size = size;
    }
    return &w->rows[w->count++];
}

static const as_doc_rule *rule_of(const as_doc *doc, as_str id)
{
    static const as_doc_rule none;
    for (size_t i = 0; i < doc->rule_count; i++) {
        if (as_str_eq(doc->rules[i].id, id)) {
            return &doc->rules[i];
        }
    }
    return &none;
}

static as_str value_of(const as_doc_finding *f)
{
    for (size_t i = 0; i < f->value_count; i++) {
        if (f->field.len && as_str_eq(f->values[i].field, f->field)) {
            return f->values[i].null ? AS_NONE : f->values[i].text;
        }
    }
    return AS_NONE;
}

/* What another table has for the field: the only value that is called TABLE.FIELD. NULL: there
 * is none, there are several, or it is the same. */
static const as_doc_value *others(const as_doc_finding *f)
{
    const as_doc_value *found = NULL;
    for (size_t i = 0; i < f->value_count; i++) {
        const as_doc_value *v = &f->values[i];
        size_t dot = v->field.len - f->field.len;
        if (f->field.len == 0 || v->field.len < f->field.len + 2 ||
            v->field.ptr[dot - 1] != '.' ||
            !as_str_eq(as_str_sub(v->field, dot, v->field.len), f->field)) {
            continue;
        }
        if (found) {
            return NULL;
        }
        found = v;
    }
    return found && (found->null || !as_str_eq(found->text, value_of(f))) ? found : NULL;
}

/* "providers has Resigned; a row of providers with the same urn, and …" */
static as_str expected(maker *m, const as_doc_finding *f)
{
    const as_doc_value *v = others(f);
    if (!v) {
        return keep(m, f->expected);
    }
    as_str table = as_str_sub(v->field, 0, v->field.len - f->field.len - 1);
    as_str out = as_arena_printf(m->a, "%.*s has %.*s%s%.*s", AS_FMT(table),
                                 AS_FMT(v->null ? AS_STR("nothing") : v->text),
                                 f->expected.len ? "; " : "", AS_FMT(f->expected));
    m->nomem = m->nomem || !out.ptr;
    return out;
}

static bool sensitive(const as_doc_finding *f)
{
    const as_doc_value *v = others(f);
    bool any = v && v->sensitive;
    for (size_t i = 0; i < f->value_count; i++) {
        any = any || (as_str_eq(f->values[i].field, f->field) && f->values[i].sensitive);
    }
    return any;
}

static as_wl_row common(maker *m, const as_doc_finding *f)
{
    const as_doc_rule *rule = rule_of(m->w->doc, f->rule);
    return (as_wl_row){.rule = rule,
                       .table = keep(m, f->table),
                       .key = keep(m, f->key),
                       .file = keep(m, f->file),
                       .field = keep(m, f->field),
                       .value = keep(m, value_of(f)),
                       .expected = expected(m, f),
                       .asked = keep(m, f->expected),
                       .message = keep(m, f->message),
                       .fingerprint = keep(m, f->fingerprint),
                       .steward = keep(m, f->steward),
                       .severity = keep(m, f->severity),
                       .state = keep(m, f->state),
                       .decision = keep(m, f->decision),
                       .key_sensitive = f->key_sensitive || f->records_sensitive,
                       .value_sensitive = sensitive(f),
                       .age = -1,
                       .moves = f->moves,
                       .line = f->line,
                       .finding = m->w->findings};
}

/* The values of a finding are those of its own record. The other records of a `unique` have the
 * same, for that is what was found; of any other kind theirs are not known here. */
static void add_rows(maker *m, const as_doc_finding *f)
{
    as_wl_row all = common(m, f), *row;
    bool same = as_str_eq(all.rule->kind, AS_STR("unique"));
    for (size_t i = 0; i < f->record_count; i++) {
        const as_doc_record *r = &f->records[i];
        bool own = as_str_eq(r->table, f->table) && r->row == f->row;
        if ((row = new_row(m)) != NULL) {
            *row = all;
            row->order = m->w->count;
            row->table = keep(m, r->table);
            row->key = keep(m, r->key);
            row->file = keep(m, r->file);
            row->line = r->line;
            row->value = own || same ? all.value : AS_STR("");
        }
    }
    if (f->record_count == 0 && (row = new_row(m)) != NULL) {
        *row = all;
        row->order = m->w->count;
    }
    m->w->findings++;
}

static as_code collect(maker *m, as_ledger *l, const as_finding_filter *filter, bool accepted,
                       as_err *e)
{
    as_finding_cursor *cursor = NULL;
    as_doc_finding f;
    bool got = true;
    as_code code = as_ledger_findings(l, m->w->doc->seq, filter, &cursor, e);
    while (code == AS_OK && got) {
        code = as_ledger_next(cursor, &f, &got, e);
        if (code != AS_OK || !got) {
            break;
        }
        if (!accepted && as_str_starts(f.decision, AS_STR("accepted"))) {
            m->w->accepted++;
        } else {
            add_rows(m, &f);
        }
        code = m->nomem ? as_fail_nomem(e) : AS_OK;
    }
    as_ledger_findings_close(cursor);
    return code;
}

/* ---- since when ---- */

static as_date day_of(as_str time)
{
    return as_date_parse(as_str_sub(time, 0, 10), AS_STR("%Y-%m-%d"));
}

static as_code add_first_seen(maker *m, as_ledger *l, as_err *e)
{
    as_worklist *w = m->w;
    as_str *fingerprints = AS_NEW_N(m->a, as_str, w->count + 1);
    as_first_seen *seen = AS_NEW_N(m->a, as_first_seen, w->count + 1);
    if (!fingerprints || !seen) {
        return as_fail_nomem(e);
    }
    for (size_t i = 0; i < w->count; i++) {
        fingerprints[i] = w->rows[i].fingerprint;
    }
    as_code code = as_ledger_first_seen(l, m->a, w->doc->release, w->doc->seq, fingerprints,
                                        w->count, seen, e);
    as_date now = day_of(w->doc->started);
    for (size_t i = 0; code == AS_OK && i < w->count; i++) {
        as_date then = day_of(seen[i].started);
        w->rows[i].first_run = seen[i].seq;
        if (then != AS_DATE_NULL && now != AS_DATE_NULL) {
            w->rows[i].first_seen = as_str_sub(seen[i].started, 0, 10);
            w->rows[i].age = now > then ? now - then : 0;
        }
    }
    return code;
}

/* ---- sheets ---- */

/* By steward, those without one last; then as they came. */
static int by_steward(const void *x, const void *y)
{
    const as_wl_row *a = x, *b = y;
    if (!a->steward.len != !b->steward.len) {
        return a->steward.len ? -1 : 1;
    }
    int order = as_str_cmp(a->steward, b->steward);
    return order ? order : a->order < b->order ? -1 : a->order > b->order;
}

static bool taken(const as_worklist *w, as_str name)
{
    as_buf a = AS_BUF(AS_KIB), b = AS_BUF(AS_KIB);
    bool same = false;
    as_text_fold(&a, name);
    for (size_t i = 0; i <= w->sheet_count && !same; i++) {
        as_buf_clear(&b);
        as_text_fold(&b, i < w->sheet_count ? w->sheets[i].name : AS_STR("Read me"));
        same = as_str_eq(as_buf_str(&a), as_buf_str(&b));
    }
    as_buf_free(&a);
    as_buf_free(&b);
    return same;
}

static as_code add_sheet(maker *m, as_str steward, size_t first, size_t count, as_err *e)
{
    as_worklist *w = m->w;
    as_str name = AS_NONE, text = steward.len ? steward : AS_STR("no steward");
    for (size_t n = 1; !name.ptr || taken(w, name); n++) {
        name = as_sheet_name(m->a, text, n);
        if (!name.ptr) {
            return as_fail_nomem(e);
        }
    }
    as_sheet *more = as_realloc(w->sheets, (w->sheet_count + 1) * sizeof *more);
    if (!more) {
        return as_fail_nomem(e);
    }
    w->sheets = more;
    w->sheets[w->sheet_count++] = (as_sheet){name, first, count};
    return AS_OK;
}

static as_code cut_into_sheets(maker *m, size_t rows_max, as_err *e)
{
    as_worklist *w = m->w;
    as_code code = AS_OK;
    for (size_t first = 0, end; code == AS_OK && first < w->count; first = end) {
        for (end = first; end < w->count && end - first < rows_max - 1 &&
                          as_str_eq(w->rows[end].steward, w->rows[first].steward);) {
            end++;
        }
        code = add_sheet(m, w->rows[first].steward, first, end - first, e);
    }
    return code;
}

as_code as_worklist_make(as_worklist *out, as_ledger *l, const as_doc *doc,
                         const as_finding_filter *filter, bool accepted, size_t rows_max,
                         as_arena *a, as_err *e)
{
    *out = (as_worklist){.doc = doc, .cell = AS_BUF(AS_FIELD_MAX)};
    maker m = {.w = out, .a = a};
    as_code code = collect(&m, l, filter, accepted, e);
    if (code == AS_OK) {
        code = add_first_seen(&m, l, e);
    }
    if (code == AS_OK && out->count) {
        qsort(out->rows, out->count, sizeof *out->rows, by_steward);
        code = cut_into_sheets(&m, rows_max, e);
    } else if (code == AS_OK) { /* an empty list is a list too */
        code = add_sheet(&m, filter ? filter->steward : AS_NONE, 0, 0, e);
    }
    return code;
}

void as_worklist_close(as_worklist *w)
{
    as_free(w->rows);
    as_free(w->sheets);
    as_buf_free(&w->cell);
    *w = (as_worklist){0};
}

/* ---- cells ---- */

static as_str number(as_worklist *w, uint64_t n)
{
    as_buf_clear(&w->cell);
    as_buf_addu(&w->cell, n);
    return as_buf_str(&w->cell);
}

as_str as_worklist_cell(as_worklist *w, size_t row, as_wl_column column)
{
    const as_wl_row *r = &w->rows[row];
    const as_str texts[AS_WL_COLUMNS] = {
        [AS_WL_KEY] = r->key,
        [AS_WL_FIELD] = r->field,
        [AS_WL_VALUE] = r->value,
        [AS_WL_EXPECTED] = r->expected,
        [AS_WL_MESSAGE] = r->message,
        [AS_WL_WHY] = r->rule->why,
        [AS_WL_RULE] = r->rule->id,
        [AS_WL_SEVERITY] = r->severity,
        [AS_WL_STEWARD] = r->steward,
        [AS_WL_STATE] = r->state,
        [AS_WL_DECISION] = r->decision,
        [AS_WL_FIRST_SEEN] = r->first_seen,
        [AS_WL_TABLE] = r->table,
        [AS_WL_FILE] = r->file,
        [AS_WL_FINGERPRINT] = r->fingerprint,
    };
    switch (column) {
    case AS_WL_FIRST_RUN:
        return r->first_run ? number(w, r->first_run) : AS_NONE;
    case AS_WL_AGE:
        return r->age >= 0 ? number(w, (uint64_t)r->age) : AS_NONE;
    case AS_WL_MOVES:
        return r->moves ? number(w, r->moves) : AS_NONE;
    case AS_WL_LINE:
        return r->line ? number(w, r->line) : AS_NONE;
    default:
        return texts[column];
    }
}
