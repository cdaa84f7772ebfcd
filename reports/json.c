/* json.c: the whole run as one JSON object (docs/formats/json.md). Other programs rely on it:
 * keys stay, new ones may come. Inputs, rules and findings are written one a line, so that two
 * reports can be compared with diff. Findings are streamed. */
#include "reports/text.h"
#include "reports/view.h"

/* `"name": ` with what stands before it. */
static void key(as_buf *b, bool first, const char *name)
{
    as_buf_add(b, first ? AS_STR("\"") : AS_STR(", \""));
    as_buf_add(b, as_str_from(name));
    as_buf_add(b, AS_STR("\": "));
}

static void text(as_buf *b, const char *name, as_str s)
{
    key(b, false, name);
    as_json_str(b, s);
}

static void maybe(as_buf *b, const char *name, as_str s)
{
    key(b, false, name);
    as_json_str_or_null(b, s);
}

static void count(as_buf *b, const char *name, uint64_t n)
{
    key(b, false, name);
    as_json_u64(b, n);
}

/* Lines and rows count from 1; 0 is nowhere. */
static void place(as_buf *b, const char *name, uint64_t n)
{
    key(b, false, name);
    if (n) {
        as_json_u64(b, n);
    } else {
        as_buf_add(b, AS_STR("null"));
    }
}

static void number(as_buf *b, const char *name, double x)
{
    key(b, false, name);
    as_json_num(b, x);
}

static void flag(as_buf *b, const char *name, bool yes)
{
    key(b, false, name);
    as_buf_add(b, yes ? AS_STR("true") : AS_STR("false"));
}

/* ---- inputs ---- */

static void input(as_buf *b, const as_doc_input *in)
{
    as_buf_addc(b, '{');
    key(b, true, "table");
    as_json_str(b, in->table);
    text(b, "file", in->file);
    text(b, "sha256", in->sha256);
    count(b, "rows", in->rows);
    text(b, "encoding", in->encoding);
    count(b, "bytes", in->bytes);
    place(b, "header_row", in->header_row);
    count(b, "banner_rows", in->banner_rows);
    count(b, "blank_rows", in->blank_rows);
    count(b, "blank_columns", in->blank_columns);
    as_buf_addc(b, '}');
}

/* ---- rules ---- */

static void group(as_buf *b, const as_doc_bridge *x)
{
    as_buf_addc(b, '{');
    for (size_t i = 0; i < x->group_count; i++) {
        as_buf_add(b, i ? AS_STR(", ") : AS_NONE);
        as_json_str(b, x->fields[i]);
        as_buf_add(b, AS_STR(": "));
        as_json_str_or_null(b, x->values[i]);
    }
    as_buf_addc(b, '}');
}

static void terms(as_buf *b, const as_doc_bridge *x)
{
    key(b, false, "terms");
    as_buf_addc(b, '[');
    for (size_t i = 0; i < x->term_count; i++) {
        const as_doc_term *t = &x->terms[i];
        as_buf_add(b, i ? AS_STR(", {") : AS_STR("{"));
        key(b, true, "name");
        as_json_str(b, t->name);
        text(b, "label", t->label);
        text(b, "sign", (as_str){&t->sign, t->sign ? 1 : 0});
        number(b, "value", t->value);
        text(b, "note", t->note);
        as_buf_addc(b, '}');
    }
    as_buf_addc(b, ']');
}

static void causes(as_buf *b, const as_doc_bridge *x)
{
    key(b, false, "causes");
    as_buf_addc(b, '[');
    for (size_t i = 0; i < x->cause_count; i++) {
        const as_doc_cause *c = &x->causes[i];
        as_buf_add(b, i ? AS_STR(", {") : AS_STR("{"));
        key(b, true, "kind");
        as_json_str(b, c->kind);
        key(b, false, "records");
        as_buf_addc(b, '[');
        for (size_t j = 0; j < c->record_count; j++) {
            as_buf_add(b, j ? AS_STR(", ") : AS_NONE);
            as_json_str(b, c->records[j]);
        }
        as_buf_addc(b, ']');
        number(b, "effect", c->effect);
        text(b, "sentence", c->sentence);
        as_buf_addc(b, '}');
    }
    as_buf_addc(b, ']');
}

static void bridge(as_buf *b, const as_doc_bridge *x)
{
    as_buf_addc(b, '{');
    key(b, true, "group");
    group(b, x);
    number(b, "opening", x->opening);
    number(b, "plus", x->plus);
    number(b, "minus", x->minus);
    number(b, "adjustments", x->adjustments);
    number(b, "expected", x->expected);
    number(b, "closing", x->closing);
    number(b, "residual", x->residual);
    number(b, "explained", x->explained);
    number(b, "unexplained", x->unexplained);
    terms(b, x);
    causes(b, x);
    text(b, "sentence", x->sentence);
    as_buf_addc(b, '}');
}

static void rule(as_buf *b, const as_doc_rule *r)
{
    as_buf_addc(b, '{');
    key(b, true, "id");
    as_json_str(b, r->id);
    text(b, "name", r->name);
    text(b, "title", r->title);
    text(b, "kind", r->kind);
    text(b, "severity", r->severity);
    text(b, "status", r->status);
    count(b, "selected", r->selected);
    count(b, "findings", r->findings);
    count(b, "undecided", r->undecided);
    count(b, "key_nulls", r->key_nulls);
    count(b, "accepted", r->accepted);
    flag(b, "blocking", r->blocking);
    flag(b, "builtin", r->builtin);
    maybe(b, "table", r->table);
    maybe(b, "steward", r->steward);
    maybe(b, "note", r->note);
    maybe(b, "why", r->why);
    maybe(b, "source", r->source);
    if (r->has_bridge || r->bridge_count || as_str_eq(r->kind, AS_STR("reconcile"))) {
        key(b, false, "bridge");
        as_buf_addc(b, '[');
        for (size_t i = 0; i < r->bridge_count; i++) {
            as_buf_add(b, i ? AS_STR(",\n      ") : AS_STR("\n      "));
            bridge(b, &r->bridge[i]);
        }
        as_buf_add(b, r->bridge_count ? AS_STR("\n    ]") : AS_STR("]"));
    }
    as_buf_addc(b, '}');
}

/* ---- findings ---- */

static void values(as_buf *b, const as_doc_finding *f)
{
    key(b, false, "values");
    as_buf_addc(b, '{');
    for (size_t i = 0; i < f->value_count; i++) {
        const as_doc_value *v = &f->values[i];
        as_buf_add(b, i ? AS_STR(", ") : AS_NONE);
        as_json_str(b, v->field);
        as_buf_add(b, AS_STR(": "));
        if (v->null) {
            as_buf_add(b, AS_STR("null"));
        } else {
            as_json_str(b, v->text);
        }
    }
    as_buf_addc(b, '}');
}

static void records(as_buf *b, const as_doc_finding *f)
{
    key(b, false, "records");
    as_buf_addc(b, '[');
    for (size_t i = 0; i < f->record_count; i++) {
        const as_doc_record *r = &f->records[i];
        as_buf_add(b, i ? AS_STR(", {") : AS_STR("{"));
        key(b, true, "table");
        as_json_str(b, r->table);
        text(b, "key", r->key);
        text(b, "file", r->file);
        place(b, "line", r->line);
        place(b, "row", r->row);
        as_buf_addc(b, '}');
    }
    as_buf_addc(b, ']');
}

static void finding(as_buf *b, const as_doc_finding *f)
{
    as_buf_addc(b, '{');
    key(b, true, "rule");
    as_json_str(b, f->rule);
    text(b, "severity", f->severity);
    maybe(b, "table", f->table);
    text(b, "key", f->key);
    maybe(b, "file", f->file);
    place(b, "line", f->line);
    maybe(b, "field", f->field);
    values(b, f);
    text(b, "expected", f->expected);
    text(b, "message", f->message);
    text(b, "fingerprint", f->fingerprint);
    text(b, "state", f->state);
    records(b, f);
    place(b, "row", f->row);
    place(b, "column", f->column);
    maybe(b, "sheet", f->sheet);
    maybe(b, "steward", f->steward);
    maybe(b, "decision", f->decision);
    as_buf_addc(b, '}');
}

/* ---- the object ---- */

static void head(as_buf *b, const as_doc *doc)
{
    as_buf_add(b, AS_STR("{\n  \"assay\": "));
    as_json_str(b, doc->assay);
    as_buf_add(b, AS_STR(",\n  \"release\": "));
    as_json_str(b, doc->release);
    as_buf_add(b, AS_STR(",\n  \"run\": "));
    as_json_str(b, doc->run);
    as_buf_add(b, AS_STR(",\n  \"verdict\": "));
    as_json_str(b, doc->verdict);
    as_buf_add(b, AS_STR(",\n  \"exit_code\": "));
    as_json_num(b, doc->exit_code);
    as_buf_add(b, AS_STR(",\n  \"as_at\": "));
    as_json_str_or_null(b, doc->as_at);
    as_buf_add(b, AS_STR(",\n  \"rules_sha256\": "));
    as_json_str_or_null(b, doc->rules_sha256);
    as_buf_add(b, AS_STR(",\n  \"counts\": {"));
    key(b, true, "findings");
    as_json_u64(b, doc->findings);
    count(b, "blocking", doc->blocking);
    count(b, "new", doc->new_count);
    count(b, "open", doc->open_count);
    count(b, "reopened", doc->reopened_count);
    count(b, "gone", doc->gone_count);
    as_buf_add(b, AS_STR("},\n  \"inputs\": ["));
    for (size_t i = 0; i < doc->input_count; i++) {
        as_buf_add(b, i ? AS_STR(",\n    ") : AS_STR("\n    "));
        input(b, &doc->inputs[i]);
    }
    as_buf_add(b, doc->input_count ? AS_STR("\n  ],\n  \"rules\": [")
                                   : AS_STR("],\n  \"rules\": ["));
    for (size_t i = 0; i < doc->rule_count; i++) {
        as_buf_add(b, i ? AS_STR(",\n    ") : AS_STR("\n    "));
        rule(b, &doc->rules[i]);
    }
    as_buf_add(b, doc->rule_count ? AS_STR("\n  ],\n") : AS_STR("],\n"));
}

static as_code all_findings(as_sink *s, as_view *v, uint64_t *listed, as_err *e)
{
    const as_doc_finding *f = NULL;
    as_code code = as_view_next(v, &f, e);
    for (*listed = 0; code == AS_OK && f; ++*listed) {
        as_buf_add(&s->buf, *listed ? AS_STR(",\n    ") : AS_STR("\n    "));
        finding(&s->buf, f);
        code = as_sink_send(s, false, e);
        if (code == AS_OK) {
            code = as_view_next(v, &f, e);
        }
    }
    return code;
}

static as_code render(as_ledger *l, const as_doc *doc, const as_report_options *o, as_out out,
                      as_err *e)
{
    as_sink s = as_sink_to(out);
    as_view *v = NULL;
    uint64_t listed = 0;
    as_code code = as_view_open(&v, l, doc, &o->filter, e);
    if (code == AS_OK) {
        head(&s.buf, doc);
        as_buf_add(&s.buf, AS_STR("  \"findings\": ["));
        code = all_findings(&s, v, &listed, e);
    }
    if (code == AS_OK) {
        as_buf_add(&s.buf, listed ? AS_STR("\n  ],\n  \"left_out\": ")
                                  : AS_STR("],\n  \"left_out\": "));
        as_json_u64(&s.buf, doc->findings > listed ? doc->findings - listed : 0);
        as_buf_add(&s.buf, AS_STR("\n}\n"));
        code = as_sink_send(&s, true, e);
    }
    as_view_close(v);
    as_sink_free(&s);
    return code;
}

const as_format as_format_json = {
    .name = "json",
    .summary = "the whole run for other programs",
    .render = render,
};
