/* match.c: which finding a row that came back is about. By its fingerprint; where the column or
 * the cell is gone, or a spreadsheet took the digits for a number, by rule, key and field. The
 * rows of one finding are told apart by key, table and line.
 *
 * Texts are the same where a spreadsheet would not tell them apart: 12 and 12.0, 1 May 2017
 * written in two ways, the apostrophe of CSV in front of a formula. */
#include "base/date.h"
#include "base/limits.h"
#include "base/text.h"
#include "worklist/import.h"

#include <stdlib.h>

struct as_matcher {
    as_worklist *known;
    size_t *by_fingerprint, *by_place; /* rows of the list, sorted */
};

enum { FINGERPRINT = 32, SHOWN = 60 };

/* ---- order ---- */

static int by_fingerprint(const void *x, const void *y, void *list)
{
    const as_wl_row *rows = ((const as_worklist *)list)->rows;
    size_t a = *(const size_t *)x, b = *(const size_t *)y;
    int order = as_str_cmp(rows[a].fingerprint, rows[b].fingerprint);
    return order ? order : a < b ? -1 : a > b;
}

static int place_cmp(const as_wl_row *r, as_str rule, as_str key, as_str field)
{
    int order = as_str_cmp(r->rule->id, rule);
    order = order ? order : as_str_cmp(r->key, key);
    return order ? order : as_str_cmp(r->field, field);
}

static int by_place(const void *x, const void *y, void *list)
{
    const as_wl_row *rows = ((const as_worklist *)list)->rows;
    size_t a = *(const size_t *)x, b = *(const size_t *)y;
    int order = place_cmp(&rows[a], rows[b].rule->id, rows[b].key, rows[b].field);
    return order ? order : a < b ? -1 : a > b;
}

as_code as_matcher_make(as_matcher **out, as_worklist *known, as_arena *a, as_err *e)
{
    as_matcher *m = *out = AS_NEW(a, as_matcher);
    if (m) {
        m->known = known;
        m->by_fingerprint = AS_NEW_N(a, size_t, known->count + 1);
        m->by_place = AS_NEW_N(a, size_t, known->count + 1);
    }
    if (!m || !m->by_fingerprint || !m->by_place) {
        return as_fail_nomem(e);
    }
    for (size_t i = 0; i < known->count; i++) {
        m->by_fingerprint[i] = m->by_place[i] = i;
    }
    qsort_r(m->by_fingerprint, known->count, sizeof(size_t), by_fingerprint, known);
    qsort_r(m->by_place, known->count, sizeof(size_t), by_place, known);
    return AS_OK;
}

/* ---- the same text ---- */

static bool same_number(as_str a, as_str b)
{
    double x, y;
    return as_str_to_f64(a, true, &x) && as_str_to_f64(b, true, &y) && x == y;
}

static as_date any_date(as_str s)
{
    static const char *const formats[] = {"%Y-%m-%d", "%d/%m/%Y", "%d %B %Y"};
    as_date d = AS_DATE_NULL;
    for (size_t i = 0; i < 3 && d == AS_DATE_NULL; i++) {
        d = as_date_parse(s, as_str_from(formats[i]));
    }
    return d;
}

static bool same_fold(as_str a, as_str b)
{
    as_buf x = AS_BUF(AS_FIELD_MAX), y = AS_BUF(AS_FIELD_MAX);
    bool cut;
    as_sheet_text(&x, as_str_trim(a), &cut);
    as_sheet_text(&y, as_str_trim(b), &cut);
    bool same = as_str_eq(as_buf_str(&x), as_buf_str(&y));
    as_buf_free(&x);
    as_buf_free(&y);
    return same;
}

static bool same(as_str cell, as_str listed, bool from_1904)
{
    if (same_fold(cell, listed) || same_number(as_str_trim(cell), as_str_trim(listed))) {
        return true;
    }
    if (cell.len && cell.ptr[0] == '\'' && same_fold(as_str_sub(cell, 1, cell.len), listed)) {
        return true;
    }
    as_date a = any_date(as_str_trim(cell)), b = any_date(as_str_trim(listed));
    if (a == AS_DATE_NULL) {
        a = as_sheet_day(as_str_trim(cell), from_1904);
    }
    return a != AS_DATE_NULL && a == b;
}

/* ---- finding the row ---- */

static bool is_fingerprint(as_str s)
{
    bool hex = s.len == FINGERPRINT;
    for (size_t i = 0; hex && i < s.len; i++) {
        char c = s.ptr[i];
        hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }
    return hex;
}

static bool fits(const as_matcher *m, size_t row, const as_wl_cells *cells, as_wl_column c)
{
    return !cells->there[c] ||
           same(cells->text[c], as_worklist_cell(m->known, row, c), cells->from_1904) ||
           (c == AS_WL_EXPECTED && /* as earlier lists have it */
            same(cells->text[c], m->known->rows[row].asked, cells->from_1904));
}

static size_t of_fingerprint(const as_matcher *m, const as_wl_cells *cells, as_buf *why)
{
    const as_worklist *w = m->known;
    as_str wanted = as_str_trim(cells->text[AS_WL_FINGERPRINT]);
    size_t low = 0, high = w->count, best = AS_WL_ABSENT, count = 0;
    unsigned best_score = 0;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (as_str_cmp(w->rows[m->by_fingerprint[mid]].fingerprint, wanted) < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    for (; low < w->count; low++, count++) {
        size_t row = m->by_fingerprint[low];
        if (!as_str_eq(w->rows[row].fingerprint, wanted)) {
            break;
        }
        unsigned score = 1u + (fits(m, row, cells, AS_WL_KEY) ? 4u : 0u) +
                         (fits(m, row, cells, AS_WL_TABLE) ? 2u : 0u) +
                         (fits(m, row, cells, AS_WL_LINE) ? 1u : 0u);
        best = score > best_score ? row : best;
        best_score = score > best_score ? score : best_score;
    }
    if (count == 0) {
        as_buf_addf(why,
                    "run %llu has no finding %.*s: it is gone since the list was made, or the "
                    "list is of another release",
                    (unsigned long long)w->doc->seq, AS_FMT(wanted));
    }
    return best;
}

static size_t of_place(const as_matcher *m, const as_wl_cells *cells, as_buf *why)
{
    const as_worklist *w = m->known;
    as_str rule = as_str_trim(cells->text[AS_WL_RULE]),
           key = as_str_trim(cells->text[AS_WL_KEY]),
           field = as_str_trim(cells->text[AS_WL_FIELD]);
    size_t low = 0, high = w->count;
    if (!rule.len || !cells->there[AS_WL_KEY] || !cells->there[AS_WL_FIELD]) {
        as_buf_add(why, AS_STR("it has neither a fingerprint nor rule, key and field, so that "
                               "nobody can tell what it is about"));
        return AS_WL_ABSENT;
    }
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (place_cmp(&w->rows[m->by_place[mid]], rule, key, field) < 0) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }
    if (low < w->count && place_cmp(&w->rows[m->by_place[low]], rule, key, field) == 0) {
        return m->by_place[low];
    }
    as_buf_addf(why,
                "it has no fingerprint, and run %llu has no finding of rule \"%.*s\" with its "
                "key and field",
                (unsigned long long)w->doc->seq, AS_FMT(as_str_sub(rule, 0, SHOWN)));
    return AS_WL_ABSENT;
}

size_t as_matcher_find(const as_matcher *m, const as_wl_cells *cells, as_buf *why)
{
    return is_fingerprint(as_str_trim(cells->text[AS_WL_FINGERPRINT]))
               ? of_fingerprint(m, cells, why)
               : of_place(m, cells, why);
}

/* ---- changed cells ---- */

static as_str shown(as_str s)
{
    s = as_str_sub(s, 0, SHOWN);
    while (s.len && as_text_utf8_valid(s) < s.len) {
        s.len--; /* not half a character */
    }
    return s;
}

bool as_matcher_changed(const as_matcher *m, size_t row, const as_wl_cells *cells, as_buf *why)
{
    static const as_wl_column fixed[] = {AS_WL_RULE,  AS_WL_TABLE, AS_WL_KEY,
                                         AS_WL_FIELD, AS_WL_VALUE, AS_WL_EXPECTED};
    const as_wl_row *r = &m->known->rows[row];
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++) {
        as_wl_column c = fixed[i];
        if (fits(m, row, cells, c)) {
            continue;
        }
        as_str listed = as_worklist_cell(m->known, row, c);
        bool secret = (c == AS_WL_KEY && r->key_sensitive) ||
                      ((c == AS_WL_VALUE || c == AS_WL_EXPECTED) && r->value_sensitive);
        if (secret) {
            as_buf_addf(why, "%s was changed (both are sensitive and not shown here)",
                        as_wl_columns[c].header);
        } else {
            as_buf_addf(why, "%s says \"%.*s\", and run %llu has \"%.*s\"",
                        as_wl_columns[c].header, AS_FMT(shown(cells->text[c])),
                        (unsigned long long)m->known->doc->seq, AS_FMT(shown(listed)));
        }
        as_buf_add(why, AS_STR(": correct the register, not the list"));
        return true;
    }
    return false;
}
