/* cli_export.c: see export.h. Findings are read through the view that masks. */
#include "cli/export.h"
#include "ledger/event.h"
#include "reports/text.h"

#define TEXT(name, value)                                                                      \
    {                                                                                          \
        name, (value).ptr ? (value) : AS_STR(""), 0                                            \
    }
#define NUMBER(name, value)                                                                    \
    {                                                                                          \
        name, AS_NONE, (uint64_t)(value)                                                       \
    }
#define COUNT(cells) (sizeof cells / sizeof *cells)

static void csv_row(as_buf *b, const as_cell *cells, size_t count, bool names)
{
    for (size_t i = 0; i < count; i++) {
        as_buf_add(b, i ? AS_STR(",") : AS_STR(""));
        if (names) {
            as_buf_add(b, as_str_from(cells[i].name));
        } else if (cells[i].text.ptr) {
            as_csv_cell(b, cells[i].text);
        } else {
            as_buf_addu(b, cells[i].number);
        }
    }
    as_buf_add(b, AS_STR("\r\n"));
}

void as_export_row(as_buf *b, const as_cell *cells, size_t count, bool csv, bool first)
{
    if (csv) {
        if (first) {
            csv_row(b, cells, count, true);
        }
        csv_row(b, cells, count, false);
        return;
    }
    as_buf_add(b, first ? AS_STR("\n    {") : AS_STR(",\n    {"));
    for (size_t i = 0; i < count; i++) {
        as_buf_addf(b, "%s\"%s\": ", i ? ", " : "", cells[i].name);
        if (cells[i].text.ptr) {
            as_json_str(b, cells[i].text);
        } else {
            as_buf_addu(b, cells[i].number);
        }
    }
    as_buf_addc(b, '}');
}

typedef struct writing {
    const as_export *x;
    as_sink sink;
    as_doc_list runs;
    bool first; /* of the table */
} writing;

static as_code put(writing *w, const as_cell *cells, size_t count, as_err *e)
{
    as_export_row(&w->sink.buf, cells, count, w->x->csv, w->first);
    w->first = false;
    return as_sink_send(&w->sink, false, e);
}

/* ---- the tables ---- */

static as_code put_run(writing *w, const as_doc *d, as_err *e)
{
    const as_cell cells[] = {NUMBER("run", d->seq),
                             TEXT("id", d->run),
                             TEXT("release", d->release),
                             TEXT("started", d->started),
                             TEXT("as_at", d->as_at),
                             TEXT("produced_by", d->produced_by),
                             TEXT("assay", d->assay),
                             TEXT("rules_sha256", d->rules_sha256),
                             TEXT("verdict", d->verdict),
                             NUMBER("exit_code", d->exit_code),
                             NUMBER("findings", d->findings),
                             NUMBER("blocking", d->blocking),
                             NUMBER("new", d->new_count),
                             NUMBER("open", d->open_count),
                             NUMBER("reopened", d->reopened_count),
                             NUMBER("gone", d->gone_count),
                             NUMBER("previous", d->previous)};
    return put(w, cells, COUNT(cells), e);
}

static as_code put_inputs(writing *w, const as_doc *d, as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; code == AS_OK && i < d->input_count; i++) {
        const as_doc_input *in = &d->inputs[i];
        const as_cell cells[] = {NUMBER("run", d->seq),
                                 TEXT("table", in->table),
                                 TEXT("file", in->file),
                                 TEXT("digest", in->digest),
                                 TEXT("encoding", in->encoding),
                                 NUMBER("rows", in->rows),
                                 NUMBER("bytes", in->bytes),
                                 NUMBER("header_row", in->header_row),
                                 NUMBER("banner_rows", in->banner_rows),
                                 NUMBER("blank_rows", in->blank_rows),
                                 NUMBER("blank_columns", in->blank_columns)};
        code = put(w, cells, COUNT(cells), e);
    }
    return code;
}

static as_code put_files(writing *w, const as_doc *d, as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; code == AS_OK && i < d->file_count; i++) {
        const as_cell cells[] = {NUMBER("run", d->seq), TEXT("file", d->files[i].path),
                                 TEXT("sha256", d->files[i].sha256)};
        code = put(w, cells, COUNT(cells), e);
    }
    return code;
}

static as_code put_decisions(writing *w, const as_doc *d, as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; code == AS_OK && i < d->decided_count; i++) {
        const as_doc_decided *x = &d->decided[i];
        const as_cell cells[] = {NUMBER("run", d->seq),        TEXT("state", x->state),
                                 TEXT("decision", x->name),    TEXT("by", x->who),
                                 TEXT("until", x->until),      TEXT("rule", x->rule),
                                 TEXT("finding", x->finding),  NUMBER("findings", x->count),
                                 TEXT("sentence", x->sentence)};
        code = put(w, cells, COUNT(cells), e);
    }
    return code;
}

static as_code put_rules(writing *w, const as_doc *d, as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; code == AS_OK && i < d->rule_count; i++) {
        const as_doc_rule *r = &d->rules[i];
        const as_cell cells[] = {
            NUMBER("run", d->seq),           TEXT("rule", r->id),
            TEXT("name", r->name),           TEXT("title", r->title),
            TEXT("kind", r->kind),           TEXT("severity", r->severity),
            TEXT("steward", r->steward),     TEXT("table", r->table),
            TEXT("status", r->status),       TEXT("note", r->note),
            NUMBER("blocking", r->blocking), NUMBER("selected", r->selected),
            NUMBER("findings", r->findings), NUMBER("undecided", r->undecided),
            NUMBER("accepted", r->accepted), NUMBER("new", r->new_count),
            NUMBER("open", r->open_count),   NUMBER("reopened", r->reopened_count),
            NUMBER("gone", r->gone_count)};
        code = put(w, cells, COUNT(cells), e);
    }
    return code;
}

static as_code put_findings(writing *w, const as_doc *d, as_err *e)
{
    as_view *v = NULL;
    const as_doc_finding *f = NULL;
    as_code code = as_view_open(&v, w->x->ledger, d, NULL, e);
    while (code == AS_OK && (code = as_view_next(v, &f, e)) == AS_OK && f) {
        const as_cell cells[] = {NUMBER("run", d->seq),
                                 TEXT("rule", f->rule),
                                 TEXT("severity", f->severity),
                                 TEXT("state", f->state),
                                 TEXT("table", f->table),
                                 TEXT("key", f->key),
                                 TEXT("file", f->file),
                                 NUMBER("line", f->line),
                                 TEXT("field", f->field),
                                 TEXT("expected", f->expected),
                                 TEXT("message", f->message),
                                 TEXT("decision", f->decision),
                                 TEXT("fingerprint", f->fingerprint)};
        code = put(w, cells, COUNT(cells), e);
    }
    as_view_close(v);
    return code;
}

static as_code put_events(writing *w, as_err *e)
{
    as_event_list all = {0};
    as_code code = as_ledger_events(w->x->ledger, w->x->arena, AS_STR(""), AS_STR(""), &all, e);
    for (size_t i = 0; code == AS_OK && i < all.count; i++) {
        const as_event *ev = &all.items[i];
        const as_cell cells[] = {NUMBER("event", ev->seq),
                                 TEXT("kind", ev->kind),
                                 TEXT("at", ev->at),
                                 TEXT("who", ev->who),
                                 TEXT("release", ev->release),
                                 TEXT("body", ev->body),
                                 TEXT("previous", ev->previous),
                                 TEXT("hash", ev->hash)};
        code = put(w, cells, COUNT(cells), e);
    }
    return code;
}

/* Of every run, read whole. */
static as_code of_runs(writing *w, as_code (*one)(writing *, const as_doc *, as_err *),
                       as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; code == AS_OK && i < w->runs.count; i++) {
        char seq[24];
        as_doc doc = {0};
        as_arena *a = as_arena_open();
        snprintf(seq, sizeof seq, "%llu", (unsigned long long)w->runs.items[i].seq);
        code = a ? as_ledger_read(w->x->ledger, a, as_str_from(seq), AS_NONE, &doc, e)
                 : as_fail_nomem(e);
        if (code == AS_OK) {
            code = one(w, &doc, e);
        }
        as_arena_close(a);
    }
    return code;
}

static as_code runs(writing *w, as_err *e)
{
    return of_runs(w, put_run, e);
}

static as_code inputs(writing *w, as_err *e)
{
    return of_runs(w, put_inputs, e);
}

static as_code files(writing *w, as_err *e)
{
    return of_runs(w, put_files, e);
}

static as_code decisions(writing *w, as_err *e)
{
    return of_runs(w, put_decisions, e);
}

static as_code rules(writing *w, as_err *e)
{
    return of_runs(w, put_rules, e);
}

static as_code findings(writing *w, as_err *e)
{
    return of_runs(w, put_findings, e);
}

static const struct {
    const char *name;
    as_code (*put)(writing *w, as_err *e);
} tables[] = {{"runs", runs},        {"inputs", inputs},     {"files", files},
              {"rules", rules},      {"findings", findings}, {"decisions", decisions},
              {"events", put_events}};

bool as_export_has(const char *table)
{
    for (size_t i = 0; i < COUNT(tables); i++) {
        if (strcmp(table, tables[i].name) == 0) {
            return true;
        }
    }
    return false;
}

as_code as_export_fill(void *arg, as_out out, as_err *e)
{
    writing w = {.x = arg, .sink = as_sink_to(out)};
    as_code code = as_ledger_runs(w.x->ledger, w.x->arena, &w.runs, e);
    bool csv = w.x->csv, some = false;
    as_buf *b = &w.sink.buf;
    for (size_t i = 0; code == AS_OK && i < COUNT(tables); i++) {
        if (w.x->table && strcmp(w.x->table, tables[i].name) != 0) {
            continue;
        }
        if (!csv) {
            as_buf_addf(b, "%s  \"%s\": [", some ? ",\n" : "{\n", tables[i].name);
        }
        w.first = some = true;
        code = tables[i].put(&w, e);
        if (!csv) {
            as_buf_add(b, w.first ? AS_STR("]") : AS_STR("\n  ]"));
        }
    }
    as_buf_add(b, csv ? AS_STR("") : AS_STR("\n}\n"));
    if (code == AS_OK) {
        code = as_sink_send(&w.sink, true, e);
    }
    as_sink_free(&w.sink);
    return code;
}
