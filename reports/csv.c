/* csv.c: one line for each finding (docs/formats/csv.md): RFC 4180, CRLF, UTF-8 without a mark.
 * What a spreadsheet would take for a formula gets an apostrophe in front. */
#include "reports/text.h"
#include "reports/view.h"

static const char header[] =
    "rule,severity,state,table,key,file,sheet,line,row,column,field,value,expected,"
    "message,values,records,steward,decision,fingerprint\r\n";

static void cell(as_buf *b, as_str s)
{
    as_csv_cell(b, s);
    as_buf_addc(b, ',');
}

static void place(as_buf *b, uint64_t n)
{
    if (n) {
        as_buf_addu(b, n);
    }
    as_buf_addc(b, ',');
}

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

static void finding(as_buf *b, as_buf *tmp, const as_doc_finding *f)
{
    cell(b, f->rule);
    cell(b, f->severity);
    cell(b, f->state);
    cell(b, f->table);
    cell(b, f->key);
    cell(b, f->file);
    cell(b, f->sheet);
    place(b, f->line);
    place(b, f->row);
    place(b, f->column);
    cell(b, f->field);
    cell(b, blamed(f));
    cell(b, f->expected);
    cell(b, f->message);
    cell(b, values(tmp, f));
    cell(b, records(tmp, f));
    cell(b, f->steward);
    cell(b, f->decision);
    as_csv_cell(b, f->fingerprint);
    as_buf_add(b, AS_STR("\r\n"));
    b->failed = b->failed || tmp->failed;
}

static as_code render(as_ledger *l, const as_doc *doc, const as_report_options *o, as_out out,
                      as_err *e)
{
    as_sink s = as_sink_to(out);
    as_buf tmp = s.buf;
    as_view *v = NULL;
    const as_doc_finding *f = NULL;
    as_code code = as_view_open(&v, l, doc, &o->filter, e);
    if (code == AS_OK) {
        as_buf_add(&s.buf, AS_STR(header));
        code = as_view_next(v, &f, e);
    }
    while (code == AS_OK && f) {
        finding(&s.buf, &tmp, f);
        code = as_sink_send(&s, false, e);
        if (code == AS_OK) {
            code = as_view_next(v, &f, e);
        }
    }
    if (code == AS_OK) {
        code = as_sink_send(&s, true, e);
    }
    as_view_close(v);
    as_buf_free(&tmp);
    as_sink_free(&s);
    return code;
}

const as_format as_format_csv = {
    .name = "csv",
    .summary = "one line for each finding, for a spreadsheet",
    .render = render,
};
