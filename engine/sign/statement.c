/* statement.c: the in-toto Statement as JSON, out and in. docs/formats/sign-off.md lists the
 * fields. jansson's memory comes from base/alloc.h. */
#include "base/alloc.h"
#include "base/limits.h"
#include "sign/sign.h"

#include <jansson.h>

/* For json_pack's "s%". */
#define TEXT(s) ((s).ptr ? (s).ptr : ""), (s).len
#define WHOLE(n) ((json_int_t)(n))

/* jansson passes over some failures of the heap, so they are noted here. */
static _Thread_local bool heap_failed;

static void *take(size_t size)
{
    void *p = as_alloc(size);
    heap_failed = heap_failed || (!p && size);
    return p;
}

static void use_our_heap(void)
{
    heap_failed = false;
    json_set_alloc_funcs(take, as_free);
}

/* ---- out ---- */

static json_t *rule_out(const as_doc_rule *r)
{
    return json_pack("{s:s%, s:s%, s:s%, s:s%, s:s%, s:I, s:I, s:I, s:I, s:b}", "id",
                     TEXT(r->id), "title", TEXT(r->title), "severity", TEXT(r->severity),
                     "status", TEXT(r->status), "note", TEXT(r->note), "findings",
                     WHOLE(r->findings), "accepted", WHOLE(r->accepted), "selected",
                     WHOLE(r->selected), "undecided", WHOLE(r->undecided), "blocking",
                     r->blocking);
}

static json_t *decided_out(const as_doc_decided *d)
{
    return json_pack("{s:s%, s:s%, s:s%, s:s%, s:s%, s:s%, s:I}", "name", TEXT(d->name), "who",
                     TEXT(d->who), "until", TEXT(d->until), "rule", TEXT(d->rule), "finding",
                     TEXT(d->finding), "sentence", TEXT(d->sentence), "count", WHOLE(d->count));
}

static json_t *subject_out(const as_signed_file *f)
{
    return json_pack("{s:s%, s:{s:s%}}", "name", TEXT(f->name), "digest", "sha256",
                     TEXT(f->sha256));
}

static bool in_force(const as_doc_decided *d)
{
    return as_str_eq(d->state, AS_STR("accepted")) || as_str_eq(d->state, AS_STR("lapsing"));
}

/* Lists are filled after packing; false: out of memory, or a text that is not UTF-8. */
static bool lists_out(json_t *root, const as_statement *s)
{
    bool whole = true;
    json_t *predicate = json_object_get(root, "predicate"),
           *subject = json_object_get(root, "subject"),
           *rules = json_object_get(predicate, "rules"),
           *accepted = json_object_get(predicate, "accepted"),
           *findings = json_object_get(predicate, "accepted_findings"),
           *links = json_object_get(predicate, "links");
    for (size_t i = 0; whole && i < s->subjects.count; i++) {
        whole = json_array_append_new(subject, subject_out(&s->subjects.items[i])) == 0;
    }
    for (size_t i = 0; whole && i < s->run.rule_count; i++) {
        whole = json_array_append_new(rules, rule_out(&s->run.rules[i])) == 0;
    }
    for (size_t i = 0; whole && i < s->run.decided_count; i++) {
        const as_doc_decided *d = &s->run.decided[i];
        whole = !in_force(d) || json_array_append_new(accepted, decided_out(d)) == 0;
    }
    for (size_t i = 0; whole && i < s->finding_count; i++) {
        whole = json_array_append_new(findings, json_stringn(TEXT(s->findings[i]))) == 0;
    }
    for (size_t i = 0; whole && i < s->link_count; i++) {
        whole = json_array_append_new(links, json_stringn(TEXT(s->links[i]))) == 0;
    }
    return whole;
}

static json_t *statement_out(const as_statement *s)
{
    const as_doc *d = &s->run;
    json_t *predicate = json_pack(
        "{s:s%, s:s%, s:s%, s:{s:s%, s:I, s:s%}, s:s%, s:{s:I, s:I, s:I}, s:[], s:[], s:s%, "
        "s:{s:s, s:s%}, s:s%, s:s%, s:s%, s:s%, s:s%, s:I, s:s%, s:[], s:[]}",
        "release", TEXT(d->release), "as_at", TEXT(d->as_at), "produced_by",
        TEXT(d->produced_by), "run", "id", TEXT(d->run), "number", WHOLE(d->seq), "started",
        TEXT(d->started), "verdict", TEXT(d->verdict), "counts", "findings", WHOLE(d->findings),
        "blocking", WHOLE(d->blocking), "accepted", WHOLE(d->accepted), "rules", "accepted",
        "decisions_sha256", TEXT(s->decisions_sha256), "tool", "name", "assay", "version",
        TEXT(d->assay), "rules_sha256", TEXT(d->rules_sha256), "signer", TEXT(s->signer),
        "role", TEXT(s->role), "signed_at", TEXT(s->signed_at), "ledger_head",
        TEXT(s->ledger_head), "round", WHOLE(s->round), "summary", TEXT(s->summary), "links",
        "accepted_findings");
    return json_pack("{s:s, s:[], s:s, s:o}", "_type", AS_SIGN_TYPE, "subject", "predicateType",
                     AS_SIGN_PREDICATE, "predicate", predicate);
}

/* Ends `root`. */
static as_code canonical(json_t *root, as_arena *a, as_str *out, as_err *e)
{
    bool utf8 = root || heap_failed;
    char *text = root ? json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    /* json_dumps may lose a key where memory runs out for a moment, and says nothing. */
    *out = text && !heap_failed ? as_arena_printf(a, "%s\n", text) : AS_NONE;
    as_free(text);
    json_decref(root);
    if (!utf8) {
        return as_fail(e, AS_EINPUT, AS_NOWHERE,
                       "the statement cannot be written: a text in it is not UTF-8");
    }
    return out->ptr ? AS_OK : as_fail_nomem(e);
}

as_code as_statement_write(const as_statement *s, as_arena *a, as_str *out, as_err *e)
{
    use_our_heap();
    json_t *root = statement_out(s);
    if (root && !lists_out(root, s)) {
        json_decref(root);
        root = NULL;
    }
    return canonical(root, a, out, e);
}

as_code as_sign_off_event(const as_statement *s, as_str statement, as_str signature,
                          as_arena *a, as_str *out, as_err *e)
{
    char digest[AS_SHA256_HEX];
    use_our_heap();
    as_code code = as_sha256_of(statement, digest, e);
    return code ? code
                : canonical(json_pack("{s:s, s:s%, s:s%, s:s%, s:I, s:s%}", "statement_sha256",
                                      digest, "signature", TEXT(signature), "who",
                                      TEXT(s->signer), "role", TEXT(s->role), "run",
                                      WHOLE(s->run.seq), "run_id", TEXT(s->run.run)),
                            a, out, e);
}

/* ---- in ---- */

typedef struct reader {
    as_arena *arena;
    const char *wrong; /* the first key that is missing or of another kind */
    bool nomem;
} reader;

static as_str text_as(reader *r, const json_t *v, const char *key)
{
    if (!json_is_string(v)) {
        r->wrong = r->wrong ? r->wrong : key;
        return AS_STR("");
    }
    as_str s = as_arena_str(r->arena, (as_str){json_string_value(v), json_string_length(v)});
    r->nomem = r->nomem || !s.ptr;
    return s;
}

static as_str text_of(reader *r, const json_t *map, const char *key)
{
    return text_as(r, json_object_get(map, key), key);
}

static uint64_t whole_of(reader *r, const json_t *map, const char *key)
{
    const json_t *v = json_object_get(map, key);
    if (!json_is_integer(v) || json_integer_value(v) < 0) {
        r->wrong = r->wrong ? r->wrong : key;
        return 0;
    }
    return (uint64_t)json_integer_value(v);
}

static bool bool_of(reader *r, const json_t *map, const char *key)
{
    const json_t *v = json_object_get(map, key);
    if (!json_is_boolean(v)) {
        r->wrong = r->wrong ? r->wrong : key;
    }
    return json_is_true(v);
}

/* A list of `size`-byte items; NULL: it is not there (noted) or memory ran out. */
static void *list_of(reader *r, const json_t *map, const char *key, const json_t **list,
                     size_t size)
{
    *list = json_object_get(map, key);
    if (!json_is_array(*list)) {
        r->wrong = r->wrong ? r->wrong : key;
        return NULL;
    }
    void *items = as_arena_zalloc_n(r->arena, json_array_size(*list) + 1, size);
    r->nomem = r->nomem || !items;
    return items;
}

static void subjects_in(reader *r, const json_t *root, as_contents *out)
{
    const json_t *list;
    out->items = list_of(r, root, "subject", &list, sizeof *out->items);
    for (size_t i = 0; out->items && i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        as_signed_file f = {text_of(r, one, "name"),
                            text_of(r, json_object_get(one, "digest"), "sha256"), AS_NONE};
        if (i > 0 && as_str_cmp(out->items[i - 1].name, f.name) >= 0) {
            r->wrong = r->wrong ? r->wrong : "subject (names must ascend)";
        }
        out->items[out->count++] = f;
    }
}

static void rules_in(reader *r, const json_t *predicate, as_doc *out)
{
    const json_t *list;
    out->rules = list_of(r, predicate, "rules", &list, sizeof *out->rules);
    for (size_t i = 0; out->rules && i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        out->rules[out->rule_count++] =
            (as_doc_rule){.id = text_of(r, one, "id"),
                          .title = text_of(r, one, "title"),
                          .severity = text_of(r, one, "severity"),
                          .status = text_of(r, one, "status"),
                          .note = text_of(r, one, "note"),
                          .blocking = bool_of(r, one, "blocking"),
                          .findings = whole_of(r, one, "findings"),
                          .accepted = whole_of(r, one, "accepted"),
                          .selected = whole_of(r, one, "selected"),
                          .undecided = whole_of(r, one, "undecided")};
    }
}

static void decided_in(reader *r, const json_t *predicate, as_doc *out)
{
    const json_t *list;
    out->decided = list_of(r, predicate, "accepted", &list, sizeof *out->decided);
    for (size_t i = 0; out->decided && i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        out->decided[out->decided_count++] =
            (as_doc_decided){.state = AS_STR("accepted"),
                             .name = text_of(r, one, "name"),
                             .who = text_of(r, one, "who"),
                             .until = text_of(r, one, "until"),
                             .rule = text_of(r, one, "rule"),
                             .finding = text_of(r, one, "finding"),
                             .sentence = text_of(r, one, "sentence"),
                             .count = whole_of(r, one, "count")};
    }
}

static void run_in(reader *r, const json_t *p, as_doc *out)
{
    const json_t *run = json_object_get(p, "run"), *counts = json_object_get(p, "counts");
    *out = (as_doc){.assay = text_of(r, json_object_get(p, "tool"), "version"),
                    .release = text_of(r, p, "release"),
                    .produced_by = text_of(r, p, "produced_by"),
                    .as_at = text_of(r, p, "as_at"),
                    .run = text_of(r, run, "id"),
                    .seq = whole_of(r, run, "number"),
                    .started = text_of(r, run, "started"),
                    .rules_sha256 = text_of(r, p, "rules_sha256"),
                    .verdict = text_of(r, p, "verdict"),
                    .findings = whole_of(r, counts, "findings"),
                    .blocking = whole_of(r, counts, "blocking"),
                    .accepted = whole_of(r, counts, "accepted")};
    rules_in(r, p, out);
    decided_in(r, p, out);
}

static as_str *texts_of(reader *r, const json_t *map, const char *key, size_t *count)
{
    const json_t *list;
    as_str *out = list_of(r, map, key, &list, sizeof *out);
    for (size_t i = 0; out && i < json_array_size(list); i++) {
        out[(*count)++] = text_as(r, json_array_get(list, i), key);
    }
    return out;
}

static void predicate_in(reader *r, const json_t *p, as_statement *out)
{
    run_in(r, p, &out->run);
    out->signer = text_of(r, p, "signer");
    out->role = text_of(r, p, "role");
    out->signed_at = text_of(r, p, "signed_at");
    out->ledger_head = text_of(r, p, "ledger_head");
    out->decisions_sha256 = text_of(r, p, "decisions_sha256");
    out->summary = text_of(r, p, "summary");
    out->round = whole_of(r, p, "round");
    out->links = texts_of(r, p, "links", &out->link_count);
    out->findings = texts_of(r, p, "accepted_findings", &out->finding_count);
}

as_code as_statement_read(as_statement *out, as_str text, const char *shown, as_arena *a,
                          as_err *e)
{
    json_error_t why;
    reader r = {.arena = a};
    use_our_heap();
    *out = (as_statement){0};
    json_t *root = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &why);
    if (heap_failed) {
        json_decref(root);
        return as_fail_nomem(e);
    }
    if (!root) {
        return as_fail(e, AS_EINPUT,
                       (as_span){shown, why.line > 0 ? (uint32_t)why.line : 0,
                                 why.column > 0 ? (uint32_t)why.column : 0},
                       "not a signed statement: %s", why.text);
    }
    as_str type = text_of(&r, root, "_type"), kind = text_of(&r, root, "predicateType");
    bool ours =
        as_str_eq(type, AS_STR(AS_SIGN_TYPE)) && as_str_eq(kind, AS_STR(AS_SIGN_PREDICATE));
    if (ours) {
        subjects_in(&r, root, &out->subjects);
        predicate_in(&r, json_object_get(root, "predicate"), out);
    }
    json_decref(root);
    if (r.nomem) {
        return as_fail_nomem(e);
    }
    if (!ours) {
        return as_fail(e, AS_EINPUT, (as_span){shown, 0, 0},
                       "not a sign-off of assay: `predicateType` is \"%.*s\", not "
                       "\"" AS_SIGN_PREDICATE "\"",
                       AS_FMT(kind));
    }
    return r.wrong
               ? as_fail(e, AS_EINPUT, (as_span){shown, 0, 0},
                         "not a sign-off of assay: `%s` is missing or of another kind", r.wrong)
               : AS_OK;
}
