/* import.c: a worklist that came back, as events for the ledger. See import.h.
 *
 * Order: columns (in each sheet, by their headers), rows, then one event for each finding that
 * was answered. Two rows of one finding may say the same, or one of them nothing; where they
 * differ nothing is recorded of that finding. */
#include "worklist/import.h"
#include "base/alloc.h"
#include "base/limits.h"
#include "base/text.h"
#include "reports/text.h"

#include <stdlib.h>

enum { DATE_TEXT = 16 };

typedef struct said { /* one answered row */
    as_str fingerprint, rule, comment, sheet;
    uint32_t row;
    as_answer answer;
    char date[DATE_TEXT];
    size_t order;
} said;

typedef struct importer {
    as_import *out;
    const as_worklist *known;
    as_matcher *matcher;
    const char *path;
    as_str who;
    as_arena *a;
    as_str sheet; /* the present one */
    bool any_sheet, has_header, any_header;
    size_t at[AS_WL_COLUMNS]; /* of the cell with this column; AS_WL_ABSENT */
    as_wl_cells cells;
    said *said;
    size_t said_count, said_size, problem_size;
    as_buf why;
} importer;

static as_code add_problem(importer *m, as_str sheet, uint32_t row, as_str text, as_err *e)
{
    as_import *out = m->out;
    if (out->problem_count == m->problem_size) {
        size_t size = m->problem_size ? m->problem_size * 2 : 64;
        as_import_problem *more = AS_NEW_N(m->a, as_import_problem, size);
        if (!more) {
            return as_fail_nomem(e);
        }
        if (out->problem_count) {
            memcpy(more, out->problems, out->problem_count * sizeof *more);
        }
        out->problems = more;
        m->problem_size = size;
    }
    as_import_problem p = {sheet, row, as_arena_str(m->a, text)};
    out->problems[out->problem_count++] = p;
    return p.text.ptr ? AS_OK : as_fail_nomem(e);
}

/* ---- columns ---- */

static int column_named(as_str header)
{
    as_buf a = AS_BUF(AS_FIELD_MAX), b = AS_BUF(AS_KIB);
    int found = -1;
    as_text_fold(&a, header);
    for (int c = 0; c < AS_WL_COLUMNS && found < 0; c++) {
        as_buf_clear(&b);
        as_text_fold(&b, as_str_from(as_wl_columns[c].header));
        found = as_str_eq(as_buf_str(&a), as_buf_str(&b)) ? c : -1;
    }
    as_buf_free(&a);
    as_buf_free(&b);
    return found;
}

/* Is this row the header? Then m->at has the columns. */
static as_code take_header(importer *m, const as_sheet_row *row, as_err *e)
{
    int twice = -1;
    for (int c = 0; c < AS_WL_COLUMNS; c++) {
        m->at[c] = AS_WL_ABSENT;
    }
    for (size_t i = 0; i < row->count; i++) {
        int c = row->cells[i].len && row->cells[i].len < AS_HEADER_TEXT_MAX
                    ? column_named(row->cells[i])
                    : -1;
        if (c >= 0) {
            twice = m->at[c] != AS_WL_ABSENT ? c : twice;
            m->at[c] = i;
        }
    }
    const size_t *at = m->at;
    m->has_header = at[AS_WL_ANSWER] != AS_WL_ABSENT &&
                    (at[AS_WL_FINGERPRINT] != AS_WL_ABSENT ||
                     (at[AS_WL_RULE] != AS_WL_ABSENT && at[AS_WL_KEY] != AS_WL_ABSENT &&
                      at[AS_WL_FIELD] != AS_WL_ABSENT));
    m->any_header = m->any_header || m->has_header;
    if (m->has_header && twice >= 0) {
        return as_fail(e, AS_EINPUT, (as_span){m->path, row->number, 0},
                       "%.*s%sthe column %s is there twice: give one of them another name",
                       AS_FMT(row->sheet), row->sheet.len ? ": " : "",
                       as_wl_columns[twice].header);
    }
    return AS_OK;
}

static void take_cells(importer *m, const as_sheet_row *row)
{
    for (int c = 0; c < AS_WL_COLUMNS; c++) {
        size_t at = m->at[c];
        m->cells.there[c] = at != AS_WL_ABSENT;
        m->cells.text[c] = at < row->count && row->cells[at].len ? row->cells[at] : AS_STR("");
    }
    m->cells.from_1904 = row->from_1904;
}

/* ---- rows ---- */

static as_code add_said(importer *m, size_t listed, as_answer answer, const char *date,
                        uint32_t row, as_err *e)
{
    if (m->said_count == m->said_size) {
        size_t size = m->said_size ? m->said_size * 2 : 256;
        said *more = as_realloc(m->said, size * sizeof *more);
        if (!more) {
            return as_fail_nomem(e);
        }
        m->said = more;
        m->said_size = size;
    }
    said *s = &m->said[m->said_count];
    *s = (said){.fingerprint = m->known->rows[listed].fingerprint,
                .rule = m->known->rows[listed].rule->id,
                .comment = as_arena_str(m->a, as_str_trim(m->cells.text[AS_WL_COMMENT])),
                .sheet = m->sheet,
                .row = row,
                .answer = answer,
                .order = m->said_count};
    memcpy(s->date, date, DATE_TEXT);
    m->said_count++;
    m->out->answered++;
    return s->comment.ptr ? AS_OK : as_fail_nomem(e);
}

static as_code take_row(importer *m, const as_sheet_row *row, as_err *e)
{
    as_answer answer = AS_ANSWER_QUERY;
    char date[DATE_TEXT] = "";
    take_cells(m, row);
    bool filled = as_str_trim(m->cells.text[AS_WL_ANSWER]).len ||
                  as_str_trim(m->cells.text[AS_WL_COMMENT]).len ||
                  as_str_trim(m->cells.text[AS_WL_DATE]).len;
    as_buf_clear(&m->why);
    size_t listed = as_matcher_find(m->matcher, &m->cells, &m->why);
    if (!filled && listed == AS_WL_ABSENT) {
        m->out->unanswered++; /* a note of somebody's, or a row that is over: nothing is lost */
        return AS_OK;
    }
    bool good =
        listed != AS_WL_ABSENT && !as_matcher_changed(m->matcher, listed, &m->cells, &m->why);
    if (good && !filled) {
        m->out->unanswered++;
        return AS_OK;
    }
    good = good && as_answer_parse(&m->cells, &answer, date, &m->why);
    if (m->why.failed) {
        return as_fail_nomem(e);
    }
    return good ? add_said(m, listed, answer, date, row->number, e)
                : add_problem(m, m->sheet, row->number, as_buf_str(&m->why), e);
}

static as_code on_row(void *arg, const as_sheet_row *row, as_err *e)
{
    importer *m = arg;
    if (!m->any_sheet || !as_str_eq(m->sheet, row->sheet)) {
        m->sheet = as_arena_str(m->a, row->sheet);
        m->any_sheet = true;
        m->has_header = false;
        if (!m->sheet.ptr) {
            return as_fail_nomem(e);
        }
    }
    if (m->has_header) {
        return take_row(m, row, e);
    }
    return row->number <= AS_HEADER_SEARCH_ROWS ? take_header(m, row, e) : AS_OK;
}

/* ---- events ---- */

static int by_finding(const void *x, const void *y)
{
    const said *a = x, *b = y;
    int order = as_str_cmp(a->fingerprint, b->fingerprint);
    return order ? order : a->order < b->order ? -1 : a->order > b->order;
}

static int by_first_row(const void *x, const void *y)
{
    const as_event *a = x, *b = y;
    return a->seq < b->seq ? -1 : a->seq > b->seq;
}

static int by_body(const void *x, const void *y)
{
    const as_event *a = x, *b = y;
    int order = as_str_cmp(a->kind, b->kind);
    return order ? order : as_str_cmp(a->body, b->body);
}

/* {"date": "2018-05-02", "findings": ["…"], "note": "…", "rules": ["…"]}; of a proposal the
 * note is "reason".
 */
static as_code make_event(importer *m, const said *rows, size_t count, as_event *out, as_err *e)
{
    static const char *const kinds[] = {"claim", "propose", "query"};
    const char *date = "";
    as_buf note = AS_BUF(AS_FIELD_MAX), body = AS_BUF(AS_FIELD_MAX);
    for (size_t i = 0; i < count; i++) {
        bool again = rows[i].comment.len == 0;
        for (size_t j = 0; j < i && !again; j++) {
            again = as_str_eq(rows[i].comment, rows[j].comment);
        }
        if (!again) {
            as_buf_add(&note, note.len ? AS_STR("; ") : AS_NONE);
            as_buf_add(&note, rows[i].comment);
        }
        date = strcmp(rows[i].date, date) > 0 ? rows[i].date : date; /* the last of them */
    }
    as_buf_addc(&body, '{');
    if (*date && rows[0].answer == AS_ANSWER_CORRECTED) {
        as_buf_addf(&body, "\"date\": \"%s\", ", date);
    }
    as_buf_addf(&body, "\"findings\": [\"%.*s\"], \"%s\": ", AS_FMT(rows[0].fingerprint),
                rows[0].answer == AS_ANSWER_NOT_AN_ERROR ? "reason" : "note");
    as_json_str(&body, as_buf_str(&note));
    as_buf_add(&body, AS_STR(", \"rules\": ["));
    as_json_str(&body, rows[0].rule);
    as_buf_add(&body, AS_STR("]}"));
    *out = (as_event){.kind = as_str_from(kinds[rows[0].answer]),
                      .who = m->who,
                      .release = m->known->doc->release,
                      .body = as_arena_str(m->a, as_buf_str(&body)),
                      .seq = rows[0].order}; /* until the ledger numbers it */
    bool failed = note.failed || body.failed || !out->body.ptr;
    as_buf_free(&note);
    as_buf_free(&body);
    return failed ? as_fail_nomem(e) : AS_OK;
}

/* All that was said of one finding: the same, or it is a problem. */
static as_code one_finding(importer *m, const said *rows, size_t count, as_err *e)
{
    bool differ = false;
    as_code code = AS_OK;
    for (size_t i = 1; code == AS_OK && i < count; i++) {
        if (rows[i].answer == rows[0].answer) {
            continue;
        }
        as_buf_clear(&m->why);
        as_buf_addf(
            &m->why,
            "it says \"%s\" and row %u says \"%s\", and both are of one finding: answer "
            "one of them, or both alike",
            as_wl_answers[rows[i].answer], rows[0].row, as_wl_answers[rows[0].answer]);
        code = add_problem(m, rows[i].sheet, rows[i].row, as_buf_str(&m->why), e);
        differ = true;
    }
    if (code == AS_OK && !differ) {
        code = make_event(m, rows, count, &m->out->events[m->out->event_count++], e);
    }
    return code;
}

as_code as_import_drop_known(as_import *out, as_ledger *l, as_arena *a, as_err *e)
{
    as_event_list had = {NULL, 0};
    as_code code = out->event_count
                       ? as_ledger_events(l, a, AS_NONE, out->events[0].release, &had, e)
                       : AS_OK;
    if (code != AS_OK) {
        return code;
    }
    memset(out->made, 0, sizeof out->made);
    if (had.count) {
        qsort(had.items, had.count, sizeof *had.items, by_body);
    }
    size_t kept = 0;
    for (size_t i = 0; i < out->event_count; i++) {
        const as_event *ev = &out->events[i];
        if (had.count && bsearch(ev, had.items, had.count, sizeof *ev, by_body)) {
            out->already++;
            continue;
        }
        out->made[as_str_eq(ev->kind, AS_STR("claim"))     ? AS_ANSWER_CORRECTED
                  : as_str_eq(ev->kind, AS_STR("propose")) ? AS_ANSWER_NOT_AN_ERROR
                                                           : AS_ANSWER_QUERY]++;
        out->events[kept++] = *ev;
    }
    out->event_count = kept;
    return AS_OK;
}

static as_code make_events(importer *m, as_ledger *l, as_err *e)
{
    as_code code = AS_OK;
    m->out->events = AS_NEW_N(m->a, as_event, m->said_count + 1);
    if (!m->out->events) {
        return as_fail_nomem(e);
    }
    if (m->said_count) {
        qsort(m->said, m->said_count, sizeof *m->said, by_finding);
    }
    for (size_t i = 0, end; code == AS_OK && i < m->said_count; i = end) {
        for (end = i + 1; end < m->said_count &&
                          as_str_eq(m->said[end].fingerprint, m->said[i].fingerprint);) {
            end++;
        }
        code = one_finding(m, &m->said[i], end - i, e);
    }
    if (code == AS_OK && m->out->event_count) { /* in the order of the file */
        qsort(m->out->events, m->out->event_count, sizeof(as_event), by_first_row);
    }
    return code == AS_OK ? as_import_drop_known(m->out, l, m->a, e) : code;
}

/* ---- the whole ---- */

as_code as_import_read(as_import *out, as_worklist *known, as_ledger *l, const char *path,
                       as_str who, as_arena *a, as_err *e)
{
    *out = (as_import){0};
    importer m = {.out = out,
                  .known = known,
                  .path = path,
                  .who = who,
                  .a = a,
                  .why = AS_BUF(AS_FIELD_MAX)};
    as_code code = as_matcher_make(&m.matcher, known, a, e);
    if (code == AS_OK) {
        code = as_worklist_read(path, &(as_sheet_reader){on_row, &m}, e);
    }
    if (code == AS_OK && !m.any_header) {
        code = as_fail(e, AS_EINPUT, (as_span){path, 0, 0},
                       "no row has the columns Answer and Fingerprint (or Answer, Rule, Key "
                       "and Field): this is no worklist, or its header is gone");
    }
    if (code == AS_OK) {
        code = make_events(&m, l, e);
    }
    as_free(m.said);
    as_buf_free(&m.why);
    return code;
}
