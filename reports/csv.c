/* csv.c: one line for each finding (docs/formats/csv.md): RFC 4180, CRLF, UTF-8 without a mark.
 * What a spreadsheet would take for a formula gets an apostrophe in front. */
#include "reports/text.h"
#include "reports/view.h"

static as_str blamed(const as_doc_finding *f)
{
    for (size_t i = 0; i < f->value_count; i++) {
        if (f->field.len > 0 && as_str_eq(f->values[i].field, f->field)) {
            return f->values[i].text;
        }
    }
    return AS_NONE;
}

/* "provision_type=Boarding School; places=" */
static as_str values(as_buf *tmp, const as_doc_finding *f)
{
    as_buf_clear(tmp);
    for (size_t i = 0; i < f->value_count; i++) {
        as_buf_add(tmp, i ? AS_STR("; ") : AS_NONE);
        as_buf_add(tmp, f->values[i].field);
        as_buf_addc(tmp, '=');
        as_buf_add(tmp, f->values[i].null ? AS_NONE : f->values[i].text);
    }
    return as_buf_str(tmp);
}

/* "movements 1229765 (line 17); movements 1229766 (line 19)" */
static as_str records(as_buf *tmp, const as_doc_finding *f)
{
    as_buf_clear(tmp);
    for (size_t i = 0; i < f->record_count; i++) {
        const as_doc_record *r = &f->records[i];
        as_buf_add(tmp, i ? AS_STR("; ") : AS_NONE);
        as_buf_add(tmp, r->table);
        as_buf_addc(tmp, ' ');
        as_buf_add(tmp, r->key);
        if (r->line) {
            as_buf_addf(tmp, " (line %u)", (unsigned)r->line);
        }
    }
    return as_buf_str(tmp);
}

/* "Providers by type, Boarding School: 62 → 61; …" */
static as_str moved(as_buf *tmp, const as_doc_finding *f)
{
    as_buf_clear(tmp);
    for (size_t i = 0; i < f->moved_count; i++) {
        as_buf_add(tmp, i ? AS_STR("; ") : AS_NONE);
        as_text_move(tmp, &f->moved[i]);
    }
    if (f->moves > f->moved_count) {
        as_buf_addf(tmp, "; and %llu more", (unsigned long long)(f->moves - f->moved_count));
    }
    return as_buf_str(tmp);
}

/* ---- the columns ---- */

/* One cell into b; may use tmp. */
typedef void (*cell_fn)(as_buf *b, as_buf *tmp, const as_doc_finding *f);

#define TEXT_CELL(name)                                                                        \
    static void name##_of(as_buf *b, as_buf *tmp, const as_doc_finding *f)                     \
    {                                                                                          \
        (void)tmp;                                                                             \
        as_csv_cell(b, f->name);                                                               \
    }
/* Digits ask for no quotes. */
#define NUMBER_CELL(name)                                                                      \
    static void name##_of(as_buf *b, as_buf *tmp, const as_doc_finding *f)                     \
    {                                                                                          \
        (void)tmp;                                                                             \
        if (f->name)                                                                           \
            as_buf_addu(b, f->name);                                                           \
    }
#define MADE_CELL(name)                                                                        \
    static void name##_of(as_buf *b, as_buf *tmp, const as_doc_finding *f)                     \
    {                                                                                          \
        as_csv_cell(b, name(tmp, f));                                                          \
    }
TEXT_CELL(rule)
TEXT_CELL(severity)
TEXT_CELL(state)
TEXT_CELL(table)
TEXT_CELL(key)
TEXT_CELL(file)
TEXT_CELL(sheet)
NUMBER_CELL(line)
NUMBER_CELL(row)
NUMBER_CELL(column)
TEXT_CELL(field)
TEXT_CELL(expected)
TEXT_CELL(message)
TEXT_CELL(steward)
TEXT_CELL(decision)
TEXT_CELL(fingerprint)
NUMBER_CELL(moves)
MADE_CELL(values)
MADE_CELL(records)
MADE_CELL(moved)

static void blamed_of(as_buf *b, as_buf *tmp, const as_doc_finding *f)
{
    (void)tmp;
    as_csv_cell(b, blamed(f));
}

/* "17 29": every record of the finding by its number in the file. */
static void rows_of(as_buf *b, as_buf *tmp, const as_doc_finding *f)
{
    (void)tmp;
    for (size_t i = 0; i < f->record_count; i++) {
        as_buf_add(b, i ? AS_STR(" ") : AS_NONE);
        as_buf_addu(b, f->records[i].row);
    }
    if (f->record_count == 0 && f->row) {
        as_buf_addu(b, f->row);
    }
}

typedef struct column {
    const char *name;
    cell_fn cell;
    bool asked; /* only where it is asked for by name */
} column;

static const column columns[] = {
    {"rule", rule_of, false},
    {"severity", severity_of, false},
    {"state", state_of, false},
    {"table", table_of, false},
    {"key", key_of, false},
    {"file", file_of, false},
    {"sheet", sheet_of, false},
    {"line", line_of, false},
    {"row", row_of, false},
    {"column", column_of, false},
    {"field", field_of, false},
    {"value", blamed_of, false},
    {"expected", expected_of, false},
    {"message", message_of, false},
    {"values", values_of, false},
    {"records", records_of, false},
    {"steward", steward_of, false},
    {"decision", decision_of, false},
    {"fingerprint", fingerprint_of, false},
    {"moves", moves_of, false},
    {"moved", moved_of, false},
    {"rows", rows_of, true},
};
#define COLUMNS (sizeof columns / sizeof *columns)

typedef struct choice {
    const column *items[COLUMNS];
    size_t count;
} choice;

static const column *column_named(as_str name)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        if (as_str_eq(as_str_from(columns[i].name), name)) {
            return &columns[i];
        }
    }
    return NULL;
}

static as_code choose(choice *out, const as_report_options *o, as_err *e)
{
    *out = (choice){{NULL}, 0};
    for (size_t i = 0; o->column_count == 0 && i < COLUMNS; i++) {
        if (!columns[i].asked) {
            out->items[out->count++] = &columns[i];
        }
    }
    for (size_t i = 0; i < o->column_count; i++) {
        const column *c = column_named(o->columns[i]);
        if (!c || out->count == COLUMNS) {
            return as_fail(e, AS_EUSAGE, AS_NOWHERE,
                           c ? "--columns names \"%.*s\" and too many others"
                             : "--columns: the CSV report has no column \"%.*s\"; "
                               "docs/formats/csv.md lists them",
                           AS_FMT(o->columns[i]));
        }
        out->items[out->count++] = c;
    }
    return AS_OK;
}

static bool shows(const choice *c, cell_fn cell)
{
    for (size_t i = 0; i < c->count; i++) {
        if (c->items[i]->cell == cell) {
            return true;
        }
    }
    return false;
}

static as_code columns_fit(const as_report_options *o, as_err *e)
{
    choice c;
    return choose(&c, o, e);
}

static void header(as_buf *b, const choice *c)
{
    for (size_t i = 0; i < c->count; i++) {
        as_buf_add(b, i ? AS_STR(",") : AS_NONE);
        as_buf_add(b, as_str_from(c->items[i]->name));
    }
    as_buf_add(b, AS_STR("\r\n"));
}

static void finding(const void *arg, as_buf *b, as_buf *tmp, const as_doc_finding *f)
{
    const choice *c = arg;
    for (size_t i = 0; i < c->count; i++) {
        if (i) {
            as_buf_addc(b, ',');
        }
        c->items[i]->cell(b, tmp, f);
    }
    as_buf_add(b, AS_STR("\r\n"));
}

static as_code render(as_ledger *l, const as_doc *doc, const as_report_options *o, as_out out,
                      as_err *e)
{
    as_sink s = as_sink_to(out);
    choice c;
    as_finding_filter filter = o->filter;
    const as_each each = {l, doc, &filter, o->pool, AS_NONE, finding, &c};
    uint64_t count;
    as_code code = choose(&c, o, e);
    if (code == AS_OK) {
        filter.no_message = !shows(&c, message_of);
        filter.no_fingerprint = !shows(&c, fingerprint_of);
        header(&s.buf, &c);
        code = as_each_finding(&each, &s, &count, e);
    }
    if (code == AS_OK) {
        code = as_sink_send(&s, true, e);
    }
    as_sink_free(&s);
    return code;
}

const as_format as_format_csv = {
    .name = "csv",
    .summary = "one line for each finding, for a spreadsheet",
    .render = render,
    .columns_fit = columns_fit,
};
