/* body.c: bodies of events as decisions, and back. The only user of jansson in the engine but
 * for what signs.
 *
 * A condition is kept as JSON of the same shape as in a rule: texts are texts, numbers and
 * true/false may be written either way. A word of the grammar (`present`, `$param`) is a text
 * there, so a quoted literal that looks like one cannot be kept, and is refused. */
#include "base/alloc.h"
#include "base/limits.h"
#include "decide/decide.h"

#include <stdio.h>

#include <jansson.h>

static const char *const kinds[] = {"accept",  "reject",   "claim",
                                    "propose", "withdraw", "query"};
enum { KINDS = sizeof kinds / sizeof *kinds };

as_str as_decision_kind_name(as_decision_kind k)
{
    return as_str_from(kinds[k]);
}

/* ---- reading ---- */

/* Out of memory while reading; anything else is the body's fault. */
typedef struct reader {
    as_arena *arena;
    as_decision *out;
    bool nomem;
} reader;

static void problem(reader *r, const char *text)
{
    if (r->out->problem.len == 0) {
        r->out->problem = as_str_from(text);
    }
}

static as_str keep(reader *r, as_str text)
{
    as_str out = as_arena_str(r->arena, text);
    r->nomem = r->nomem || !out.ptr;
    return out;
}

static as_str text_of(reader *r, const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    return json_is_string(v) ? keep(r, (as_str){json_string_value(v), json_string_length(v)})
                             : AS_STR("");
}

static uint64_t number_of(const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    return json_is_integer(v) && json_integer_value(v) > 0 ? (uint64_t)json_integer_value(v)
                                                           : 0;
}

static const as_str *texts_of(reader *r, const json_t *list, size_t *count)
{
    size_t n = json_array_size(list);
    as_str *out = AS_NEW_N(r->arena, as_str, n + 1);
    r->nomem = r->nomem || !out;
    for (*count = 0; out && *count < n; ++*count) {
        const json_t *v = json_array_get(list, *count);
        out[*count] =
            json_is_string(v) ? keep(r, as_str_from(json_string_value(v))) : AS_STR("");
    }
    return out;
}

static as_node *node_of(reader *r, const json_t *v, unsigned depth);

static as_node *scalar(reader *r, as_str text, bool quoted)
{
    as_node *n = AS_NEW(r->arena, as_node);
    if (n) {
        n->kind = AS_NODE_SCALAR;
        n->text = keep(r, text);
        n->quoted = quoted;
    }
    r->nomem = r->nomem || !n;
    return n;
}

static bool null_word(as_str s)
{
    return s.len == 0 || as_str_eq(s, AS_STR("null")) || as_str_eq(s, AS_STR("~")) ||
           as_str_eq(s, AS_STR("Null")) || as_str_eq(s, AS_STR("NULL"));
}

static as_node *map_of(reader *r, const json_t *v, unsigned depth)
{
    as_node *n = AS_NEW(r->arena, as_node);
    as_pair *pairs = AS_NEW_N(r->arena, as_pair, json_object_size(v) + 1);
    const char *key;
    json_t *value;
    if (!n || !pairs) {
        r->nomem = true;
        return NULL;
    }
    n->kind = AS_NODE_MAP;
    n->pairs = pairs;
    json_object_foreach((json_t *)(uintptr_t)v, key, value)
    {
        as_pair *p = &pairs[n->count++];
        p->key = scalar(r, as_str_from(key), false);
        p->value = node_of(r, value, depth + 1);
        if (!p->key || !p->value) {
            return NULL;
        }
    }
    return n;
}

static as_node *list_of(reader *r, const json_t *v, unsigned depth)
{
    as_node *n = AS_NEW(r->arena, as_node);
    as_node **items = AS_NEW_N(r->arena, as_node *, json_array_size(v) + 1);
    if (!n || !items) {
        r->nomem = true;
        return NULL;
    }
    n->kind = AS_NODE_SEQ;
    n->items = items;
    for (size_t i = 0; i < json_array_size(v); i++) {
        items[n->count] = node_of(r, json_array_get(v, i), depth + 1);
        if (!items[n->count++]) {
            return NULL;
        }
    }
    return n;
}

/* NULL: out of memory, or too deep (a problem). */
static as_node *node_of(reader *r, const json_t *v, unsigned depth)
{
    char number[40];
    if (depth > AS_YAML_DEPTH_MAX) {
        problem(r, "its condition is nested too deeply");
        return NULL;
    }
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        return map_of(r, v, depth);
    case JSON_ARRAY:
        return list_of(r, v, depth);
    case JSON_STRING: {
        as_str s = {json_string_value(v), json_string_length(v)};
        return scalar(r, s, null_word(s));
    }
    case JSON_INTEGER:
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(v));
        return scalar(r, as_str_from(number), false);
    case JSON_REAL:
        snprintf(number, sizeof number, "%.17g", json_real_value(v));
        return scalar(r, as_str_from(number), false);
    case JSON_TRUE:
        return scalar(r, AS_STR("true"), false);
    case JSON_FALSE:
        return scalar(r, AS_STR("false"), false);
    default:
        return scalar(r, AS_STR("null"), false);
    }
}

static void read_findings(reader *r, const json_t *o)
{
    as_decision *d = r->out;
    const json_t *list = json_object_get(o, "findings"), *rules = json_object_get(o, "rules");
    size_t known = 0;
    d->findings = texts_of(r, list, &d->finding_count);
    for (size_t i = 0; !r->nomem && i < d->finding_count; i++) {
        if (!as_is_fingerprint(d->findings[i])) {
            problem(r, "one of its findings is no fingerprint");
        }
    }
    if (d->finding_count == 0) {
        problem(r, "it names no finding");
    }
    if (json_array_size(rules) == d->finding_count) {
        d->rules = texts_of(r, rules, &known);
    }
}

static void read_accept(reader *r, const json_t *o)
{
    as_decision *d = r->out;
    as_str until = text_of(r, o, "until");
    d->until = until.ptr ? as_date_parse(until, AS_STR("%Y-%m-%d")) : AS_DATE_NULL;
    if (d->until == AS_DATE_NULL) {
        problem(r, "it does not say until when");
    }
    if (as_str_trim(d->reason).len == 0) {
        problem(r, "it gives no reason");
    }
    if (!json_object_get(o, "rule")) {
        read_findings(r, o);
        return;
    }
    const json_t *where = json_object_get(o, "where");
    d->rule = text_of(r, o, "rule");
    d->at_most = number_of(o, "at_most");
    d->where = json_is_object(where) ? node_of(r, where, 0) : NULL;
    if (d->rule.len == 0 || !d->where || d->at_most == 0) {
        problem(r, "by rule it needs a rule, a condition and at_most");
    }
}

static void read_body(reader *r, const json_t *o)
{
    as_decision *d = r->out;
    if (!json_is_object(o)) {
        problem(r, "its body is no JSON object");
        return;
    }
    if (as_str_trim(d->who).len == 0) {
        problem(r, "it does not say who decided");
    }
    bool note = d->kind == AS_DECIDE_CLAIM || d->kind == AS_DECIDE_QUERY;
    d->reason = text_of(r, o, note ? "note" : "reason");
    if (d->kind == AS_DECIDE_WITHDRAW) {
        d->target = number_of(o, "event");
    } else if (d->kind == AS_DECIDE_ACCEPT) {
        read_accept(r, o);
    } else {
        read_findings(r, o);
    }
}

static json_t *parse(as_str body)
{
    json_set_alloc_funcs(as_alloc, as_free);
    return body.len <= AS_JSON_BODY_MAX
               ? json_loadb(body.ptr, body.len, JSON_REJECT_DUPLICATES, NULL)
               : NULL;
}

as_code as_decision_read(as_decision *out, bool *is, const as_event *ev, as_arena *a, as_err *e)
{
    size_t kind = 0;
    while (kind < KINDS && !as_str_eq(ev->kind, as_str_from(kinds[kind]))) {
        kind++;
    }
    *is = kind < KINDS;
    *out = (as_decision){.kind = (as_decision_kind)kind,
                         .event = ev->seq,
                         .who = ev->who,
                         .made = ev->at,
                         .until = AS_DATE_NULL};
    if (!*is) {
        return AS_OK;
    }
    reader r = {.arena = a, .out = out};
    json_t *body = parse(ev->body);
    read_body(&r, body);
    json_decref(body);
    return r.nomem ? as_fail_nomem(e) : AS_OK;
}

uint64_t as_event_run(const as_event *ev)
{
    json_t *body = as_str_eq(ev->kind, AS_STR("run")) ? parse(ev->body) : NULL;
    uint64_t run = number_of(body, "run");
    json_decref(body);
    return run;
}

/* ---- writing ---- */

static json_t *string_of(as_str s)
{
    return json_stringn(s.ptr ? s.ptr : "", s.len);
}

/* Whole numbers as such: what else looks like a number stays a text. */
static json_t *scalar_json(const as_node *n, bool strict, as_err *e)
{
    int64_t i = 0;
    bool flag;
    char back[40];
    if (as_node_is_null(n)) {
        return json_null();
    }
    if (strict && n->quoted &&
        (as_str_eq(n->text, AS_STR("present")) || as_str_starts(n->text, AS_STR("$")))) {
        as_fail(e, AS_EUSAGE, n->at,
                "the quoted text \"%.*s\" would be read as a word of the grammar; accept the "
                "findings one by one",
                AS_FMT(n->text));
        return NULL;
    }
    if (!n->quoted && as_str_to_i64(n->text, &i)) {
        snprintf(back, sizeof back, "%lld", (long long)i);
        return as_str_eq(n->text, as_str_from(back)) ? json_integer(i) : string_of(n->text);
    }
    if (as_node_bool(n, &flag) &&
        (as_str_eq(n->text, AS_STR("true")) || as_str_eq(n->text, AS_STR("false")))) {
        return json_boolean(flag);
    }
    return string_of(n->text);
}

/* The depth of a node is bounded by the YAML reader. NULL: *e says why, or memory. */
static json_t *json_of(const as_node *n, bool strict, as_err *e)
{
    if (n->kind == AS_NODE_SCALAR) {
        return scalar_json(n, strict, e);
    }
    json_t *out = n->kind == AS_NODE_MAP ? json_object() : json_array();
    for (size_t i = 0; out && i < n->count; i++) {
        json_t *v =
            json_of(n->kind == AS_NODE_MAP ? n->pairs[i].value : n->items[i], strict, e);
        int failed = !v ? -1
                     : n->kind == AS_NODE_MAP
                         ? json_object_set_new(out, n->pairs[i].key->text.ptr, v)
                         : json_array_append_new(out, v);
        if (failed) {
            json_decref(out);
            out = NULL;
        }
    }
    return out;
}

/* Takes the reference. */
static as_code dump(as_str *out, json_t *v, as_arena *a, as_err *e)
{
    char *text = v ? json_dumps(v, JSON_SORT_KEYS) : NULL;
    *out = text ? as_arena_str(a, as_str_from(text)) : AS_NONE;
    as_free(text);
    json_decref(v);
    return out->ptr ? AS_OK : as_fail_nomem(e);
}

as_code as_condition_json(as_str *out, const as_node *n, as_arena *a, as_err *e)
{
    json_set_alloc_funcs(as_alloc, as_free);
    return dump(out, json_of(n, false, e), a, e);
}

/* Adds what is made here; false: out of memory. */
static bool put(json_t *o, const char *key, json_t *v)
{
    return json_object_set_new(o, key, v) == 0;
}

static json_t *list_json(const as_str *items, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < count; i++) {
        if (json_array_append_new(list, string_of(items[i]))) {
            json_decref(list);
            list = NULL;
        }
    }
    return list;
}

as_code as_decision_body(as_str *out, const as_decision *d, as_arena *a, as_err *e)
{
    char until[AS_DATE_TEXT];
    as_err why = {0};
    json_set_alloc_funcs(as_alloc, as_free);
    json_t *o = json_object();
    bool ok = o != NULL;
    if (d->kind == AS_DECIDE_WITHDRAW) {
        ok = ok && put(o, "event", json_integer((json_int_t)d->target));
    } else if (d->rule.len) {
        ok = ok && put(o, "rule", string_of(d->rule)) &&
             put(o, "where", json_of(d->where, true, &why)) &&
             put(o, "at_most", json_integer((json_int_t)d->at_most));
    } else {
        ok = ok && put(o, "findings", list_json(d->findings, d->finding_count)) &&
             (!d->rules || put(o, "rules", list_json(d->rules, d->finding_count)));
    }
    if (d->reason.len) {
        ok = ok && put(o, d->kind == AS_DECIDE_CLAIM ? "note" : "reason", string_of(d->reason));
    }
    if (d->kind == AS_DECIDE_ACCEPT) {
        ok = ok && put(o, "until", string_of(as_str_from(as_date_text(d->until, until))));
    }
    if (!ok) {
        json_decref(o);
        *e = why;
        return why.code != AS_OK ? why.code : as_fail_nomem(e);
    }
    return dump(out, o, a, e);
}
