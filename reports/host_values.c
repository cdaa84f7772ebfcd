/* host_values.c: the run and its findings as Lua values. Fields that do not apply are nil; see
 * docs/internals/reports.md for their names. Times (`started`, `millis`) and the number of the
 * run are not told: the same content must give the same bytes. */
#include "reports/host_int.h"
#include "reports/text.h"

/* ---- one value ---- */

static void push_text(lua_State *L, as_str s, bool prose)
{
    as_buf *b = as_host_tmp(L);
    if (as_host_of(L)->writer->texts == AS_TEXTS_FOR_A_TERMINAL) {
        as_text_visible(b, s, prose);
    } else {
        as_text_utf8(b, s);
    }
    as_host_give(L, b);
}

static void set_text(lua_State *L, const char *name, as_str s)
{
    push_text(L, s, false);
    lua_setfield(L, -2, name);
}

static void set_prose(lua_State *L, const char *name, as_str s)
{
    push_text(L, s, true);
    lua_setfield(L, -2, name);
}

static void set_count(lua_State *L, const char *name, uint64_t n)
{
    lua_pushinteger(L, n > INT64_MAX ? INT64_MAX : (lua_Integer)n);
    lua_setfield(L, -2, name);
}

/* nil for 0: there is no such line, row or run. */
static void set_place(lua_State *L, const char *name, uint64_t n)
{
    if (n) {
        set_count(L, name, n);
    }
}

static void set_number(lua_State *L, const char *name, double x)
{
    lua_pushnumber(L, x);
    lua_setfield(L, -2, name);
}

static void set_flag(lua_State *L, const char *name, bool yes)
{
    lua_pushboolean(L, yes);
    lua_setfield(L, -2, name);
}

static void new_list(lua_State *L, size_t count)
{
    lua_createtable(L, count > 65536 ? 65536 : (int)count, 0);
}

/* ---- findings{rule = …, limit = …} ---- */

static const char view_type[] = "assay.findings";

static int close_view(lua_State *L)
{
    as_view **v = luaL_checkudata(L, 1, view_type);
    as_view_close(*v);
    *v = NULL;
    return 0;
}

static void push_values(lua_State *L, const as_doc_finding *f)
{
    new_list(L, f->value_count);
    for (size_t i = 0; i < f->value_count; i++) {
        const as_doc_value *v = &f->values[i];
        lua_createtable(L, 0, 3);
        set_text(L, "field", v->field);
        set_flag(L, "null", v->null);
        if (!v->null) {
            set_text(L, "text", v->text);
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "values");
}

static void push_records(lua_State *L, const as_doc_finding *f)
{
    new_list(L, f->record_count);
    for (size_t i = 0; i < f->record_count; i++) {
        const as_doc_record *r = &f->records[i];
        lua_createtable(L, 0, 5);
        set_text(L, "table", r->table);
        set_text(L, "key", r->key);
        set_text(L, "file", r->file);
        set_place(L, "line", r->line);
        set_place(L, "row", r->row);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "records");
}

static void set_sentence(lua_State *L, const as_doc_move *m)
{
    as_buf *b = &as_host_of(L)->move;
    as_buf_clear(b);
    as_text_move(b, m);
    set_prose(L, "sentence", as_buf_str(b));
}

static void push_moved(lua_State *L, const as_doc_finding *f)
{
    new_list(L, f->moved_count);
    for (size_t i = 0; i < f->moved_count; i++) {
        const as_doc_move *m = &f->moved[i];
        lua_createtable(L, 0, 7);
        set_text(L, "measure", m->measure);
        set_prose(L, "title", m->title);
        set_prose(L, "unit", m->unit);
        set_text(L, "group", m->group);
        set_number(L, "from", m->from);
        set_number(L, "to", m->to);
        set_sentence(L, m);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "moved");
}

static void push_finding(lua_State *L, const as_doc_finding *f)
{
    lua_createtable(L, 0, 20);
    set_text(L, "rule", f->rule);
    set_text(L, "severity", f->severity);
    set_text(L, "table", f->table);
    set_text(L, "key", f->key);
    set_text(L, "file", f->file);
    set_text(L, "sheet", f->sheet);
    set_text(L, "field", f->field);
    set_text(L, "expected", f->expected);
    set_text(L, "message", f->message);
    set_text(L, "fingerprint", f->fingerprint);
    set_text(L, "state", f->state);
    set_text(L, "steward", f->steward);
    set_text(L, "decision", f->decision);
    set_place(L, "line", f->line);
    set_place(L, "row", f->row);
    set_place(L, "column", f->column);
    push_values(L, f);
    push_records(L, f);
    set_count(L, "moves", f->moves);
    push_moved(L, f);
}

static int next_finding(lua_State *L)
{
    as_view **v = luaL_checkudata(L, lua_upvalueindex(1), view_type);
    const as_doc_finding *f = NULL;
    if (!*v) {
        lua_pushnil(L);
        return 1;
    }
    as_err e;
    as_code code = as_view_next(*v, &f, &e);
    if (code != AS_OK) {
        return as_host_fail(L, code, &e);
    }
    if (f) {
        push_finding(L, f);
        return 1;
    }
    as_view_close(*v);
    *v = NULL;
    lua_pushnil(L);
    return 1;
}

/* The writer narrows what the user asked for; *none: the two cannot both hold. */
static void narrow(lua_State *L, const char *name, as_str *text, bool *none)
{
    if (lua_getfield(L, 1, name) != LUA_TNIL) { /* the table keeps the text alive */
        as_str s;
        s.ptr = luaL_checklstring(L, -1, &s.len);
        *none = *none || (text->len > 0 && !as_str_eq(*text, s));
        *text = s;
    }
    lua_pop(L, 1);
}

static int l_findings(lua_State *L)
{
    as_host *h = as_host_of(L);
    as_finding_filter filter = h->options->filter;
    bool none = false;
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_newtable(L);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    narrow(L, "rule", &filter.rule, &none);
    narrow(L, "table", &filter.table, &none);
    narrow(L, "severity", &filter.severity, &none);
    narrow(L, "state", &filter.state, &none);
    narrow(L, "steward", &filter.steward, &none);
    lua_getfield(L, 1, "limit");
    lua_Integer limit = luaL_optinteger(L, -1, 0);
    if (limit > 0 && (filter.limit == 0 || (uint64_t)limit < filter.limit)) {
        filter.limit = (uint64_t)limit;
    }
    as_view **v = lua_newuserdatauv(L, sizeof *v, 0);
    *v = NULL;
    luaL_setmetatable(L, view_type);
    as_err e;
    as_code code = none ? AS_OK : as_view_open(v, h->ledger, h->doc, &filter, &e);
    if (code != AS_OK) {
        return as_host_fail(L, code, &e);
    }
    lua_pushcclosure(L, next_finding, 1);
    return 1;
}

/* ---- the run ---- */

static void push_inputs(lua_State *L, const as_doc *doc)
{
    new_list(L, doc->input_count);
    for (size_t i = 0; i < doc->input_count; i++) {
        const as_doc_input *in = &doc->inputs[i];
        lua_createtable(L, 0, 10);
        set_text(L, "table", in->table);
        set_text(L, "file", in->file);
        set_text(L, "digest", in->digest);
        set_text(L, "encoding", in->encoding);
        set_count(L, "rows", in->rows);
        set_count(L, "bytes", in->bytes);
        set_count(L, "banner_rows", in->banner_rows);
        set_count(L, "blank_rows", in->blank_rows);
        set_count(L, "blank_columns", in->blank_columns);
        set_place(L, "header_row", in->header_row);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "inputs");
}

static void push_terms(lua_State *L, const as_doc_bridge *b)
{
    new_list(L, b->term_count);
    for (size_t i = 0; i < b->term_count; i++) {
        const as_doc_term *t = &b->terms[i];
        lua_createtable(L, 0, 5);
        set_text(L, "name", t->name);
        set_prose(L, "label", t->label);
        set_text(L, "sign", (as_str){&t->sign, t->sign ? 1 : 0});
        set_prose(L, "note", t->note);
        set_number(L, "value", t->value);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "terms");
}

static void push_causes(lua_State *L, const as_doc_bridge *b)
{
    new_list(L, b->cause_count);
    for (size_t i = 0; i < b->cause_count; i++) {
        const as_doc_cause *c = &b->causes[i];
        lua_createtable(L, 0, 4);
        set_text(L, "kind", c->kind);
        set_prose(L, "sentence", c->sentence);
        set_number(L, "effect", c->effect);
        new_list(L, c->record_count);
        for (size_t j = 0; j < c->record_count; j++) {
            push_text(L, c->records[j], false);
            lua_rawseti(L, -2, (lua_Integer)j + 1);
        }
        lua_setfield(L, -2, "records");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "causes");
}

static void push_bridge(lua_State *L, const as_doc_bridge *b)
{
    lua_createtable(L, 0, 13);
    new_list(L, b->group_count);
    for (size_t i = 0; i < b->group_count; i++) {
        lua_createtable(L, 0, 2);
        set_text(L, "field", b->fields[i]);
        if (b->values[i].ptr) {
            set_text(L, "value", b->values[i]);
        }
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "group");
    set_number(L, "opening", b->opening);
    set_number(L, "plus", b->plus);
    set_number(L, "minus", b->minus);
    set_number(L, "adjustments", b->adjustments);
    set_number(L, "expected", b->expected);
    set_number(L, "closing", b->closing);
    set_number(L, "residual", b->residual);
    set_number(L, "explained", b->explained);
    set_number(L, "unexplained", b->unexplained);
    set_prose(L, "sentence", b->sentence);
    push_terms(L, b);
    push_causes(L, b);
}

static void push_rule(lua_State *L, const as_doc_rule *r)
{
    lua_createtable(L, 0, 24);
    set_text(L, "id", r->id);
    set_text(L, "name", r->name);
    set_text(L, "kind", r->kind);
    set_text(L, "severity", r->severity);
    set_text(L, "status", r->status);
    set_text(L, "steward", r->steward);
    set_text(L, "table", r->table);
    set_prose(L, "title", r->title);
    set_prose(L, "why", r->why);
    set_prose(L, "source", r->source);
    set_prose(L, "note", r->note);
    set_flag(L, "blocking", r->blocking);
    set_flag(L, "builtin", r->builtin);
    set_count(L, "selected", r->selected);
    set_count(L, "findings", r->findings);
    set_count(L, "undecided", r->undecided);
    set_count(L, "key_nulls", r->key_nulls);
    set_count(L, "accepted", r->accepted);
    set_count(L, "new", r->new_count);
    set_count(L, "open", r->open_count);
    set_count(L, "reopened", r->reopened_count);
    set_count(L, "gone", r->gone_count);
    if (r->has_bridge || r->bridge_count > 0) {
        new_list(L, r->bridge_count);
        for (size_t i = 0; i < r->bridge_count; i++) {
            push_bridge(L, &r->bridge[i]);
            lua_rawseti(L, -2, (lua_Integer)i + 1);
        }
        lua_setfield(L, -2, "bridge");
    }
}

static void push_decided(lua_State *L, const as_doc *doc)
{
    new_list(L, doc->decided_count);
    for (size_t i = 0; i < doc->decided_count; i++) {
        const as_doc_decided *d = &doc->decided[i];
        lua_createtable(L, 0, 8);
        set_text(L, "state", d->state);
        set_text(L, "name", d->name);
        set_text(L, "who", d->who);
        set_text(L, "until", d->until);
        set_text(L, "rule", d->rule);
        set_text(L, "finding", d->finding);
        set_prose(L, "sentence", d->sentence);
        set_count(L, "count", d->count);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "decisions");
}

void as_host_push_doc(lua_State *L, const as_doc *doc)
{
    lua_createtable(L, 0, 20);
    set_text(L, "assay", doc->assay);
    set_prose(L, "release", doc->release);
    set_text(L, "release_file", doc->release_file);
    set_text(L, "produced_by", doc->produced_by);
    set_text(L, "as_at", doc->as_at);
    set_text(L, "run", doc->run);
    set_text(L, "rules_sha256", doc->rules_sha256);
    set_text(L, "verdict", doc->verdict);
    lua_pushinteger(L, doc->exit_code);
    lua_setfield(L, -2, "exit_code");
    set_count(L, "findings", doc->findings);
    set_count(L, "blocking", doc->blocking);
    set_count(L, "new", doc->new_count);
    set_count(L, "open", doc->open_count);
    set_count(L, "reopened", doc->reopened_count);
    set_count(L, "gone", doc->gone_count);
    set_count(L, "accepted", doc->accepted);
    push_decided(L, doc);
    set_place(L, "previous", doc->previous);
    push_inputs(L, doc);
    new_list(L, doc->rule_count);
    for (size_t i = 0; i < doc->rule_count; i++) {
        push_rule(L, &doc->rules[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "rules");
}

void as_host_push_options(lua_State *L, const as_report_options *o)
{
    lua_createtable(L, 0, 7);
    set_flag(L, "color", o->color);
    set_flag(L, "quiet", o->quiet);
    set_count(L, "width", o->width ? o->width : 100);
    uint64_t few = o->filter.by_moves ? 20 : 5; /* one list, or one a rule */
    set_count(L, "per_rule", o->per_rule ? o->per_rule : few);
    set_place(L, "limit", o->per_rule);
    if (o->show_all_hint) {
        set_text(L, "show_all_hint", as_str_from(o->show_all_hint));
    }
    const as_finding_filter *f = &o->filter;
    set_flag(L, "by_moves", f->by_moves);
    set_flag(L, "filtered",
             f->rule.len || f->table.len || f->key.len || f->severity.len || f->state.len ||
                 f->steward.len || f->limit);
}

void as_host_findings(lua_State *L)
{
    lua_pushcfunction(L, l_findings);
    lua_setglobal(L, "findings");
    luaL_newmetatable(L, view_type);
    lua_pushcfunction(L, close_view);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}
