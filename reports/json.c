/* json.c: the whole run as one JSON object (docs/formats/json.md). Other programs rely on it:
 * keys stay, new ones may come. Inputs, rules and findings are written one a line, so that two
 * reports can be compared with diff. Findings are streamed. */
#include "reports/json_pairs.h"
#include "reports/view.h"

static void number(as_buf *b, as_str key, double x)
{
    as_buf_add(b, key);
    as_json_num(b, x);
}

static void flag(as_buf *b, as_str key, bool yes)
{
    as_buf_add(b, key);
    as_buf_add(b, yes ? AS_STR("true") : AS_STR("false"));
}

/* ---- inputs ---- */

static void input(as_buf *b, const as_doc_input *in)
{
    as_buf_addc(b, '{');
    text(b, FIRST("table"), in->table);
    text(b, KEY("file"), in->file);
    text(b, KEY("digest"), in->digest);
    count(b, KEY("rows"), in->rows);
    text(b, KEY("encoding"), in->encoding);
    count(b, KEY("bytes"), in->bytes);
    place(b, KEY("header_row"), in->header_row);
    count(b, KEY("banner_rows"), in->banner_rows);
    count(b, KEY("blank_rows"), in->blank_rows);
    count(b, KEY("blank_columns"), in->blank_columns);
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
    as_buf_add(b, KEY("terms"));
    as_buf_addc(b, '[');
    for (size_t i = 0; i < x->term_count; i++) {
        const as_doc_term *t = &x->terms[i];
        as_buf_add(b, i ? AS_STR(", {") : AS_STR("{"));
        text(b, FIRST("name"), t->name);
        text(b, KEY("label"), t->label);
        text(b, KEY("sign"), (as_str){&t->sign, t->sign ? 1 : 0});
        number(b, KEY("value"), t->value);
        text(b, KEY("note"), t->note);
        as_buf_addc(b, '}');
    }
    as_buf_addc(b, ']');
}

static void causes(as_buf *b, const as_doc_bridge *x)
{
    as_buf_add(b, KEY("causes"));
    as_buf_addc(b, '[');
    for (size_t i = 0; i < x->cause_count; i++) {
        const as_doc_cause *c = &x->causes[i];
        as_buf_add(b, i ? AS_STR(", {") : AS_STR("{"));
        text(b, FIRST("kind"), c->kind);
        as_buf_add(b, KEY("records"));
        as_buf_addc(b, '[');
        for (size_t j = 0; j < c->record_count; j++) {
            as_buf_add(b, j ? AS_STR(", ") : AS_NONE);
            as_json_str(b, c->records[j]);
        }
        as_buf_addc(b, ']');
        number(b, KEY("effect"), c->effect);
        text(b, KEY("sentence"), c->sentence);
        as_buf_addc(b, '}');
    }
    as_buf_addc(b, ']');
}

static void bridge(as_buf *b, const as_doc_bridge *x)
{
    as_buf_addc(b, '{');
    as_buf_add(b, FIRST("group"));
    group(b, x);
    number(b, KEY("opening"), x->opening);
    number(b, KEY("plus"), x->plus);
    number(b, KEY("minus"), x->minus);
    number(b, KEY("adjustments"), x->adjustments);
    number(b, KEY("expected"), x->expected);
    number(b, KEY("closing"), x->closing);
    number(b, KEY("residual"), x->residual);
    number(b, KEY("explained"), x->explained);
    number(b, KEY("unexplained"), x->unexplained);
    terms(b, x);
    causes(b, x);
    text(b, KEY("sentence"), x->sentence);
    as_buf_addc(b, '}');
}

static void rule(as_buf *b, const as_doc_rule *r)
{
    as_buf_addc(b, '{');
    text(b, FIRST("id"), r->id);
    text(b, KEY("name"), r->name);
    text(b, KEY("title"), r->title);
    text(b, KEY("kind"), r->kind);
    text(b, KEY("severity"), r->severity);
    text(b, KEY("status"), r->status);
    count(b, KEY("selected"), r->selected);
    count(b, KEY("findings"), r->findings);
    count(b, KEY("undecided"), r->undecided);
    count(b, KEY("key_nulls"), r->key_nulls);
    count(b, KEY("accepted"), r->accepted);
    flag(b, KEY("blocking"), r->blocking);
    flag(b, KEY("builtin"), r->builtin);
    maybe(b, KEY("table"), r->table);
    maybe(b, KEY("steward"), r->steward);
    maybe(b, KEY("note"), r->note);
    maybe(b, KEY("why"), r->why);
    maybe(b, KEY("source"), r->source);
    if (r->has_bridge || r->bridge_count || as_str_eq(r->kind, AS_STR("reconcile"))) {
        as_buf_add(b, KEY("bridge"));
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
    as_buf_add(b, KEY("values"));
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
    as_buf_add(b, KEY("records"));
    as_buf_addc(b, '[');
    for (size_t i = 0; i < f->record_count; i++) {
        const as_doc_record *r = &f->records[i];
        as_buf_add(b, i ? AS_STR(", {") : AS_STR("{"));
        text(b, FIRST("table"), r->table);
        text(b, KEY("key"), r->key);
        text(b, KEY("file"), r->file);
        place(b, KEY("line"), r->line);
        place(b, KEY("row"), r->row);
        as_buf_addc(b, '}');
    }
    as_buf_addc(b, ']');
}

static void moved(as_buf *b, const as_doc_finding *f)
{
    as_buf_add(b, KEY("moved"));
    as_buf_addc(b, '[');
    for (size_t i = 0; i < f->moved_count; i++) {
        const as_doc_move *m = &f->moved[i];
        as_buf_add(b, i ? AS_STR(", {") : AS_STR("{"));
        text(b, FIRST("measure"), m->measure);
        maybe(b, KEY("title"), m->title);
        maybe(b, KEY("group"), m->group);
        maybe(b, KEY("unit"), m->unit);
        number(b, KEY("from"), m->from);
        number(b, KEY("to"), m->to);
        number(b, KEY("change"), m->to - m->from);
        as_buf_addc(b, '}');
    }
    as_buf_addc(b, ']');
}

static void finding(const void *arg, as_buf *b, as_buf *tmp, const as_doc_finding *f)
{
    (void)arg, (void)tmp;
    as_buf_add(b, AS_STR("\n    {"));
    text(b, FIRST("rule"), f->rule);
    text(b, KEY("severity"), f->severity);
    maybe(b, KEY("table"), f->table);
    text(b, KEY("key"), f->key);
    maybe(b, KEY("file"), f->file);
    place(b, KEY("line"), f->line);
    maybe(b, KEY("field"), f->field);
    values(b, f);
    text(b, KEY("expected"), f->expected);
    text(b, KEY("message"), f->message);
    text(b, KEY("fingerprint"), f->fingerprint);
    text(b, KEY("state"), f->state);
    records(b, f);
    place(b, KEY("row"), f->row);
    place(b, KEY("column"), f->column);
    maybe(b, KEY("sheet"), f->sheet);
    maybe(b, KEY("steward"), f->steward);
    maybe(b, KEY("decision"), f->decision);
    count(b, KEY("moves"), f->moves);
    moved(b, f);
    as_buf_addc(b, '}');
}

static void decided(as_buf *b, const as_doc_decided *d)
{
    as_buf_addc(b, '{');
    text(b, FIRST("state"), d->state);
    text(b, KEY("decision"), d->name);
    text(b, KEY("by"), d->who);
    maybe(b, KEY("until"), d->until);
    maybe(b, KEY("rule"), d->rule);
    maybe(b, KEY("finding"), d->finding);
    count(b, KEY("findings"), d->count);
    text(b, KEY("sentence"), d->sentence);
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
    count(b, FIRST("findings"), doc->findings);
    count(b, KEY("blocking"), doc->blocking);
    count(b, KEY("new"), doc->new_count);
    count(b, KEY("open"), doc->open_count);
    count(b, KEY("reopened"), doc->reopened_count);
    count(b, KEY("gone"), doc->gone_count);
    count(b, KEY("accepted"), doc->accepted);
    as_buf_add(b, AS_STR("},\n  \"decisions\": ["));
    for (size_t i = 0; i < doc->decided_count; i++) {
        as_buf_add(b, i ? AS_STR(",\n    ") : AS_STR("\n    "));
        decided(b, &doc->decided[i]);
    }
    as_buf_add(b, doc->decided_count ? AS_STR("\n  ],\n  \"inputs\": [")
                                     : AS_STR("],\n  \"inputs\": ["));
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

static as_code render(as_ledger *l, const as_doc *doc, const as_report_options *o, as_out out,
                      as_err *e)
{
    as_sink s = as_sink_to(out);
    const as_each each = {l, doc, &o->filter, o->pool, AS_STR(","), finding, NULL};
    uint64_t listed = 0;
    head(&s.buf, doc);
    as_buf_add(&s.buf, AS_STR("  \"findings\": ["));
    as_code code = as_each_finding(&each, &s, &listed, e);
    if (code == AS_OK) {
        as_buf_add(&s.buf, listed ? AS_STR("\n  ],\n  \"left_out\": ")
                                  : AS_STR("],\n  \"left_out\": "));
        as_buf_addu(&s.buf, doc->findings > listed ? doc->findings - listed : 0);
        as_buf_add(&s.buf, AS_STR("\n}\n"));
        code = as_sink_send(&s, true, e);
    }
    as_sink_free(&s);
    return code;
}

const as_format as_format_json = {
    .name = "json",
    .summary = "the whole run for other programs",
    .render = render,
};
