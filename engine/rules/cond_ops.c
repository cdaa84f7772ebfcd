/* cond_ops.c: the operators on one field, `f: {min: 1, present: true}`: one function each, in
 * one table.
 *
 * A new operator is a function and a line in `ops`; docs/reference/language.md lists them. */
#include "base/limits.h"
#include "base/text.h"
#include "rules/cond_parse.h"
#include "rules/keys.h"
#include "rules/suggest.h"

#include <math.h>

const as_key_doc as_keys_bound[] = {
    {"field", "field", false, "The field whose value is the bound."},
    {"record", "field", false, "The same of this record, where names are the other table's."},
    {"plus", "number", false, "Days or units that are added to it."},
    AS_KEYS_END};
const as_key_doc as_keys_other[] = {
    {"field", "field", false, "The field."},
    {"record", "field", false, "The same of this record, where names are the other table's."},
    AS_KEYS_END};

const as_key_doc as_keys_length[] = {{"min", "number", false, "At least so many characters."},
                                     {"max", "number", false, "At most so many characters."},
                                     AS_KEYS_END};

typedef struct as_op {
    as_key_doc doc;
    as_cond *(*parse)(as_cond_parser *p, as_subject s, const as_node *key, const as_node *value,
                      const as_node *map);
} as_op;

/* ---- equal to values ---- */

as_cond *as_cond_is(as_cond_parser *p, as_subject s, const as_node *value)
{
    as_literal *v = AS_NEW(p->env->arena, as_literal);
    as_cond *c = v ? as_cond_leaf(p, AS_COND_IN, s, value->at)
                   : as_cond_error(p, value->at, "", "out of memory");
    if (!c)
        return NULL;
    if (!as_literal_parse(p->env, s.field, value, v))
        p->failed = true;
    c->values = v;
    c->value_count = 1;
    return c;
}

as_cond *as_cond_in(as_cond_parser *p, as_subject s, const as_node *list)
{
    if (list->count == 0)
        return as_cond_error(p, list->at, "", "`%.*s` is compared with an empty list",
                             AS_FMT(s.field->name));
    as_literal *all = AS_NEW_N(p->env->arena, as_literal, list->count);
    as_cond *c = all ? as_cond_leaf(p, AS_COND_IN, s, list->at)
                     : as_cond_error(p, list->at, "", "out of memory");
    for (size_t i = 0; c && i < list->count; i++)
        if (!as_literal_parse(p->env, s.field, list->items[i], &all[i]))
            p->failed = true;
    if (c) {
        c->values = all;
        c->value_count = list->count;
    }
    return c;
}

static as_cond *op_is(as_cond_parser *p, as_subject s, const as_node *key, const as_node *value,
                      const as_node *map)
{
    (void)key;
    (void)map;
    if (value->kind != AS_NODE_SCALAR)
        return as_cond_error(p, value->at, value->kind == AS_NODE_SEQ ? "write `in:`" : "",
                             "`is` takes one value, not %s", as_node_kind_name(value));
    return as_node_is_null(value) ? as_cond_leaf(p, AS_COND_NULL, s, value->at)
                                  : as_cond_is(p, s, value);
}

static as_cond *op_in(as_cond_parser *p, as_subject s, const as_node *key, const as_node *value,
                      const as_node *map)
{
    (void)key;
    (void)map;
    if (value->kind != AS_NODE_SEQ)
        return as_cond_error(p, value->at, "write `in: [a, b]`, `is: a` or `list: CODE_LIST`",
                             "`in` takes a list of values, not %s", as_node_kind_name(value));
    return as_cond_in(p, s, value);
}

/* ---- code lists ---- */

static bool is_text(const as_field *f)
{
    return f->type == AS_TYPE_TEXT || f->type == AS_TYPE_CODE;
}

static as_cond *not_for_type(as_cond_parser *p, as_subject s, const as_node *key,
                             const char *hint)
{
    return as_cond_error(p, key->at, hint,
                         "`%.*s` does not go with `%.*s`, which holds type %s",
                         AS_FMT(key->text), AS_FMT(s.field->name), as_type_name(s.field->type));
}

/* A code of `list` that the field can never have. */
static bool never_there(const as_field *f, const as_code_entry *entry, const as_code_list *list)
{
    const as_code_entry *own = as_code_list_find(f->list, entry->code, NULL);
    return !own || !as_code_list_find(list, own->code, NULL);
}

static bool told_before(const as_diags *d, as_span at)
{
    for (size_t i = 0; i < d->count; i++)
        if (d->items[i].level == AS_DIAG_WARNING && d->items[i].at.file == at.file &&
            d->items[i].at.line == at.line && d->items[i].at.column == at.column)
            return true;
    return false;
}

/* Codes of a list of values must be codes of the field's own list, or they look at nothing. */
static void check_codes(as_cond_parser *p, as_subject s, const as_node *value,
                        const as_code_list *list)
{
    const as_code_list *own = s.field->list;
    as_diags *d = p->env->diags;
    size_t never = 0;
    if (s.field->type != AS_TYPE_CODE || !own || own == list)
        return;
    for (size_t i = 0; i < list->count; i++)
        never += never_there(s.field, &list->entries[i], list);
    if (never == list->count) {
        as_cond_error(p, value->at, "",
                      "no code of `%.*s` is on `%.*s`, the code list of `%.*s`",
                      AS_FMT(list->name), AS_FMT(own->name), AS_FMT(s.field->name));
        return;
    }
    for (size_t i = 0; never && i < list->count; i++) {
        const as_code_entry *entry = &list->entries[i];
        if (!never_there(s.field, entry, list) || told_before(d, entry->at))
            continue;
        as_words known = {.arena = d->arena};
        for (size_t k = 0; k < own->count; k++)
            as_words_add(&known, own->entries[k].code);
        as_diag_add(d, AS_DIAG_WARNING, entry->at,
                    as_suggest(d, entry->code, known.items, known.count),
                    "`%.*s` is not on `%.*s`, the code list of `%.*s`: no record has it",
                    AS_FMT(entry->code), AS_FMT(own->name), AS_FMT(s.field->name));
    }
}

static as_cond *op_list(as_cond_parser *p, as_subject s, const as_node *key,
                        const as_node *value, const as_node *map)
{
    as_str name;
    (void)map;
    if (!is_text(s.field))
        return not_for_type(p, s, key, "write `in: [a, b]`");
    if (!as_param_resolve(p->env, value, &name)) {
        p->failed = true;
        return NULL;
    }
    as_code_list *list = as_project_list(p->env->project, name);
    if (!list) {
        as_str near = as_project_nearest(p->env->project, "list", name);
        const char *hint = near.len ? as_cond_hint(p->env, "did you mean `%.*s`?", AS_FMT(near))
                                    : "write it into codelists/NAME.yaml of the pack";
        return as_cond_error(p, value->at, hint, "there is no code list `%.*s`", AS_FMT(name));
    }
    list->used = true;
    check_codes(p, s, value, list);
    as_cond *c = as_cond_leaf(p, AS_COND_IN, s, value->at);
    if (c)
        c->list = list;
    return c;
}

/* ---- null or not ---- */

static as_cond *op_present(as_cond_parser *p, as_subject s, const as_node *key,
                           const as_node *value, const as_node *map)
{
    bool present = true;
    (void)key;
    if (!as_node_bool(value, &present))
        return as_cond_error(
            p, value->at, "write `true` or `false`", "`present` must be true or false, not %s",
            value->kind == AS_NODE_SCALAR && value->text.len ? value->text.ptr
                                                             : as_node_kind_name(value));
    if (!present && map->count > 1)
        return as_cond_error(p, value->at, "write it as a condition of its own, under `any:`",
                             "`present: false` beside other tests of `%.*s` never holds",
                             AS_FMT(s.field->name));
    return as_cond_leaf(p, present ? AS_COND_PRESENT : AS_COND_NULL, s, value->at);
}

static as_cond *op_not(as_cond_parser *p, as_subject s, const as_node *key,
                       const as_node *value, const as_node *map)
{
    (void)key;
    (void)map;
    return as_cond_field_not(p, s, value);
}

/* ---- other fields ---- */

typedef struct as_ref {
    uint32_t field;
    as_side side;
    const as_field *def;
} as_ref;

/* A field named plainly, as {field: g} or as {record: g} (this record, where plain names are
 * the other table's). */
static bool parse_ref(as_cond_parser *p, const as_node *n, as_ref *out)
{
    const as_node *field = as_node_get(n, "field"), *record = as_node_get(n, "record");
    const as_node *name = n->kind == AS_NODE_MAP ? (record ? record : field) : n;
    if (!name || (field && record)) {
        as_cond_error(p, n->at, "write {field: g}, or {record: g} for this record's",
                      "a field must be named here");
        return false;
    }
    if (record && !p->env->other) {
        as_cond_error(p, record->at, "write {field: …}",
                      "there is no other table here, so `record` means nothing");
        return false;
    }
    out->side = record ? AS_SIDE_SELF : p->env->plain;
    const as_schema *s = as_side_schema(p->env, out->side);
    out->field = s ? as_field_resolve(p->env, s, name) : AS_NO_FIELD;
    if (out->field == AS_NO_FIELD) {
        p->failed = true;
        return false;
    }
    out->def = &s->fields[out->field];
    return true;
}

/* Values of two fields can be compared when they are of one sort: texts and codes, numbers,
 * dates. */
static int sort_of(as_type t)
{
    switch (t) {
    case AS_TYPE_TEXT:
    case AS_TYPE_CODE:
        return 0;
    case AS_TYPE_INTEGER:
    case AS_TYPE_NUMBER:
        return 1;
    default:
        return 2;
    }
}

static bool comparable(as_cond_parser *p, as_subject s, const as_node *at, as_ref r)
{
    if (r.field == s.index && r.side == s.side) {
        as_cond_error(p, at->at, "name another field", "`%.*s` is compared with itself",
                      AS_FMT(s.field->name));
        return false;
    }
    if (sort_of(s.field->type) == sort_of(r.def->type))
        return true;
    as_cond_error(p, at->at, "",
                  "`%.*s` is of type %s and `%.*s` of type %s: they cannot be compared",
                  AS_FMT(s.field->name), as_type_name(s.field->type), AS_FMT(r.def->name),
                  as_type_name(r.def->type));
    return false;
}

static as_cond *other_field(as_cond_parser *p, as_subject s, const as_node *value,
                            as_cond_op op)
{
    as_ref r;
    size_t errors = p->env->diags->errors;
    as_keys_check(value, as_keys_other, "", "a field's name", p->env->diags);
    p->failed |= p->env->diags->errors != errors;
    if (!parse_ref(p, value, &r) || !comparable(p, s, value, r))
        return NULL;
    as_cond *c = as_cond_leaf(p, op, s, value->at);
    if (c) {
        c->other = r.field;
        c->other_side = r.side;
    }
    return c;
}

static as_cond *op_same(as_cond_parser *p, as_subject s, const as_node *key,
                        const as_node *value, const as_node *map)
{
    (void)key;
    (void)map;
    return other_field(p, s, value, AS_COND_SAME);
}

static as_cond *op_differs(as_cond_parser *p, as_subject s, const as_node *key,
                           const as_node *value, const as_node *map)
{
    (void)key;
    (void)map;
    return other_field(p, s, value, AS_COND_DIFFERS);
}

/* ---- bounds ---- */

static bool parse_offset(as_cond_parser *p, as_subject s, const as_node *n, double *out)
{
    as_str text;
    double value = 0;
    if (!as_param_resolve(p->env, n, &text)) {
        p->failed = true;
        return false;
    }
    bool good = as_str_to_f64(as_str_trim(text), false, &value) && isfinite(value);
    bool days = s.field->type == AS_TYPE_DATE;
    if (!good || (days && (value != floor(value) || fabs(value) > 1e6))) {
        as_cond_error(p, n->at,
                      days ? "write a number of days, as 90 or -1"
                           : "write a number, as 5 or -0.5",
                      "`plus` cannot be `%.*s`", AS_FMT(text));
        return false;
    }
    *out = value;
    return true;
}

static bool field_bound(as_cond_parser *p, as_subject s, const as_node *n, as_cond *c)
{
    as_ref r;
    size_t errors = p->env->diags->errors;
    as_keys_check(n, as_keys_bound, "", "a bound", p->env->diags);
    p->failed |= p->env->diags->errors != errors;
    const as_node *plus = as_node_get(n, "plus");
    bool good = !plus || parse_offset(p, s, plus, &c->offset);
    if (!parse_ref(p, n, &r))
        return false;
    c->other = r.field;
    c->other_side = r.side;
    return comparable(p, s, n, r) && good;
}

static as_cond *bound(as_cond_parser *p, as_subject s, const as_node *key, const as_node *value,
                      as_cmp cmp)
{
    if (is_text(s.field))
        return not_for_type(
            p, s, key,
            "declare the field as integer, number or date; for texts there is `length`");
    as_cond *c = as_cond_leaf(p, AS_COND_CMP, s, key->at);
    if (!c)
        return NULL;
    c->cmp = cmp;
    if (value->kind == AS_NODE_MAP)
        return field_bound(p, s, value, c) ? c : NULL;
    if (as_literal_bound(p->env, s.field, value, &c->bound))
        return c;
    p->failed = true;
    return NULL;
}

static as_cond *op_min(as_cond_parser *p, as_subject s, const as_node *key,
                       const as_node *value, const as_node *map)
{
    (void)map;
    return bound(p, s, key, value, AS_CMP_GE);
}

static as_cond *op_max(as_cond_parser *p, as_subject s, const as_node *key,
                       const as_node *value, const as_node *map)
{
    (void)map;
    return bound(p, s, key, value, AS_CMP_LE);
}

static as_cond *op_above(as_cond_parser *p, as_subject s, const as_node *key,
                         const as_node *value, const as_node *map)
{
    (void)map;
    return bound(p, s, key, value, AS_CMP_GT);
}

static as_cond *op_below(as_cond_parser *p, as_subject s, const as_node *key,
                         const as_node *value, const as_node *map)
{
    (void)map;
    return bound(p, s, key, value, AS_CMP_LT);
}

static bool literal_bound(const as_cond *c)
{
    return c && c->op == AS_COND_CMP && c->other == AS_NO_FIELD;
}

/* The name of a bound, as it is written. */
static const char *cmp_name(as_cmp cmp)
{
    static const char *const names[] = {
        [AS_CMP_GE] = "min", [AS_CMP_LE] = "max", [AS_CMP_GT] = "above", [AS_CMP_LT] = "below"};
    return names[cmp];
}

static void check_range(as_cond_parser *p, as_subject s, const as_cond *low,
                        const as_cond *high)
{
    bool dates = s.field->type == AS_TYPE_DATE;
    double a = dates ? (double)low->bound.d : low->bound.f;
    double b = dates ? (double)high->bound.d : high->bound.f;
    bool open = low->cmp == AS_CMP_GT || high->cmp == AS_CMP_LT;
    if (a < b || (a == b && !open))
        return;
    as_cond_error(p, high->at, "exchange them",
                  "`%.*s`: %s (%.*s) exceeds %s (%.*s), so it never holds",
                  AS_FMT(s.field->name), cmp_name(low->cmp), AS_FMT(low->bound.text),
                  cmp_name(high->cmp), AS_FMT(high->bound.text));
}

static void check_ranges(as_cond_parser *p, as_subject s, as_cond *const *kids, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool low =
            literal_bound(kids[i]) && (kids[i]->cmp == AS_CMP_GE || kids[i]->cmp == AS_CMP_GT);
        for (size_t j = 0; low && j < count; j++)
            if (literal_bound(kids[j]) &&
                (kids[j]->cmp == AS_CMP_LE || kids[j]->cmp == AS_CMP_LT))
                check_range(p, s, kids[i], kids[j]);
    }
}

/* ---- texts ---- */

static as_cond *regex_leaf(as_cond_parser *p, as_subject s, const as_node *value,
                           as_str pattern, as_str written)
{
    as_err e = {0};
    as_cond *c = as_cond_leaf(p, AS_COND_MATCHES, s, value->at);
    if (!c)
        return NULL;
    c->written = written;
    if (as_regex_compile(&c->regex, p->env->arena, pattern, AS_REGEX_WHOLE, &e) != AS_OK)
        return as_cond_error(p, value->at, "", "`%.*s`: %s", AS_FMT(s.field->name), e.text);
    return c;
}

static as_cond *op_matches(as_cond_parser *p, as_subject s, const as_node *key,
                           const as_node *value, const as_node *map)
{
    as_str pattern;
    (void)map;
    if (!is_text(s.field))
        return not_for_type(p, s, key, "a regular expression is for texts and codes");
    if (!as_param_resolve(p->env, value, &pattern)) {
        p->failed = true;
        return NULL;
    }
    return regex_leaf(p, s, value, pattern, pattern);
}

static as_cond *op_format(as_cond_parser *p, as_subject s, const as_node *key,
                          const as_node *value, const as_node *map)
{
    as_str name;
    (void)map;
    if (!is_text(s.field))
        return not_for_type(p, s, key, "a format is for texts and codes");
    if (!as_param_resolve(p->env, value, &name)) {
        p->failed = true;
        return NULL;
    }
    as_pattern *pattern = as_project_pattern(p->env->project, name);
    if (!pattern) {
        as_str near = as_project_nearest(p->env->project, "pattern", name);
        return as_cond_error(p, value->at,
                             near.len
                                 ? as_cond_hint(p->env, "did you mean `%.*s`?", AS_FMT(near))
                                 : "write it under `patterns:` of pack.yaml",
                             "there is no pattern `%.*s`", AS_FMT(name));
    }
    pattern->used = true;
    as_cond *c = regex_leaf(p, s, value, pattern->regex, pattern->name);
    if (c)
        c->named = true;
    return c;
}

/* Folded, but a blank at either end stays one: " ltd" is not "ltd". */
static bool fold_needle(as_arena *a, as_str needle, as_str *out)
{
    as_buf text = AS_BUF(AS_YAML_FILE_MAX);
    as_str bare = as_str_trim(needle);
    if (bare.ptr > needle.ptr)
        as_buf_addc(&text, ' ');
    as_text_fold(&text, bare);
    if (bare.ptr + bare.len < needle.ptr + needle.len)
        as_buf_addc(&text, ' ');
    *out = text.failed ? AS_NONE : as_arena_str(a, as_buf_str(&text));
    as_buf_free(&text);
    return out->ptr != NULL;
}

static as_cond *op_contains(as_cond_parser *p, as_subject s, const as_node *key,
                            const as_node *value, const as_node *map)
{
    as_str needle;
    const as_node *exact = as_node_get(map, "exact");
    if (!is_text(s.field))
        return not_for_type(p, s, key, "`contains` is for texts and codes");
    if (!as_param_resolve(p->env, value, &needle)) {
        p->failed = true;
        return NULL;
    }
    if (as_str_trim(needle).len == 0)
        return as_cond_error(p, value->at, "", "`contains` looks for nothing");
    as_cond *c = as_cond_leaf(p, AS_COND_CONTAINS, s, value->at);
    if (!c)
        return NULL;
    c->written = c->needle = needle;
    if (exact && !as_node_bool(exact, &c->exact))
        return as_cond_error(p, exact->at, "write `true` or `false`",
                             "`exact` must be true or false");
    if (!c->exact && !fold_needle(p->env->arena, needle, &c->needle))
        return as_cond_error(p, value->at, "", "out of memory");
    return c;
}

static as_cond *op_exact(as_cond_parser *p, as_subject s, const as_node *key,
                         const as_node *value, const as_node *map)
{
    (void)s;
    (void)value;
    if (!as_node_get(map, "contains"))
        return as_cond_error(p, key->at, "write {contains: text, exact: true}",
                             "`exact` goes with `contains`");
    return NULL; /* read by `contains` */
}

static bool parse_length(as_cond_parser *p, const as_node *n, const char *key, double *out)
{
    as_str text;
    int64_t value = 0;
    const as_node *at = as_node_get(n, key);
    if (!at)
        return false;
    if (!as_param_resolve(p->env, at, &text)) {
        p->failed = true;
        return false;
    }
    if (!as_str_to_i64(as_str_trim(text), &value) || value < 0) {
        as_cond_error(p, at->at, "write a whole number from 0",
                      "`%s` of `length` cannot be `%.*s`", key, AS_FMT(text));
        return false;
    }
    *out = (double)value;
    return true;
}

static as_cond *op_length(as_cond_parser *p, as_subject s, const as_node *key,
                          const as_node *value, const as_node *map)
{
    (void)map;
    if (!is_text(s.field))
        return not_for_type(p, s, key, "`length` is for texts and codes");
    if (value->kind != AS_NODE_MAP || value->count == 0)
        return as_cond_error(
            p, value->at, "write {min: 3, max: 8}", "`length` must be a mapping, not %s",
            value->kind == AS_NODE_MAP || as_node_is_null(value) ? "empty"
                                                                 : as_node_kind_name(value));
    size_t errors = p->env->diags->errors;
    as_keys_check(value, as_keys_length, "", "`length`", p->env->diags);
    p->failed |= p->env->diags->errors != errors;
    as_cond *c = as_cond_leaf(p, AS_COND_LENGTH, s, key->at);
    if (!c)
        return NULL;
    bool low = parse_length(p, value, "min", &c->min_len),
         high = parse_length(p, value, "max", &c->max_len);
    if (low && high && c->min_len > c->max_len)
        return as_cond_error(p, as_node_get(value, "max")->at, "exchange them",
                             "min exceeds max");
    return c;
}

/* ---- the mapping ---- */

static const as_op ops[] = {
    {{"is", "value", false, "The value is this; null: there is none."}, op_is},
    {{"in", "texts", false, "The value is one of these."}, op_in},
    {{"list", "code list", false, "The value is on this code list."}, op_list},
    {{"present", "boolean", false, "There is a value (false: there is none)."}, op_present},
    {{"not", "test", false, "The opposite."}, op_not},
    {{"min", "text or @bound", false,
      "At least; a number or date, $param, or {field: g, plus: 90}."},
     op_min},
    {{"max", "text or @bound", false, "At most."}, op_max},
    {{"above", "text or @bound", false, "More than, or after."}, op_above},
    {{"below", "text or @bound", false, "Less than, or before."}, op_below},
    {{"same_as", "text or @other", false, "Equal to another field of the record."}, op_same},
    {{"differs_from", "text or @other", false, "Different from another field of the record."},
     op_differs},
    {{"matches", "text", false, "A regular expression (PCRE2) over the whole value."},
     op_matches},
    {{"format", "text", false, "A named pattern of the pack."}, op_format},
    {{"contains", "text", false, "The value holds this text; case does not count."},
     op_contains},
    {{"exact", "boolean", false, "With `contains`: case counts."}, op_exact},
    {{"length", "@length", false, "How many characters the value has."}, op_length},
};
#define OP_COUNT (sizeof ops / sizeof *ops)

const as_key_doc *as_key_operator(size_t i)
{
    return i < OP_COUNT ? &ops[i].doc : NULL;
}

static as_cond *unknown_operator(as_cond_parser *p, as_subject s, const as_node *key)
{
    as_str names[OP_COUNT];
    for (size_t i = 0; i < OP_COUNT; i++)
        names[i] = as_str_from(ops[i].doc.name);
    return as_cond_error(p, key->at, as_suggest(p->env->diags, key->text, names, OP_COUNT),
                         "unknown operator `%.*s` on `%.*s`", AS_FMT(key->text),
                         AS_FMT(s.field->name));
}

static as_cond *parse_operator(as_cond_parser *p, as_subject s, const as_pair *pair,
                               const as_node *map)
{
    for (size_t i = 0; i < OP_COUNT; i++)
        if (as_str_eq(pair->key->text, as_str_from(ops[i].doc.name)))
            return ops[i].parse(p, s, pair->key, pair->value, map);
    return unknown_operator(p, s, pair->key);
}

as_cond *as_cond_operators(as_cond_parser *p, as_subject s, const as_node *map)
{
    bool present = false;
    size_t count = 0;
    as_cond **kids = AS_NEW_N(p->env->arena, as_cond *, map->count + 1);
    if (!kids)
        return as_cond_error(p, map->at, "", "out of memory");
    if (map->count == 0)
        return as_cond_error(p, map->at, "write {min: 1}, {list: L}, {present: true}, …",
                             "`%.*s` is compared with nothing", AS_FMT(s.field->name));
    for (size_t i = 0; i < map->count; i++) {
        as_cond *kid = parse_operator(p, s, &map->pairs[i], map);
        if (kid)
            kids[count++] = kid;
    }
    check_ranges(p, s, kids, count);
    if (p->failed || count == 0)
        return NULL;
    for (size_t i = 0; i < count; i++)
        present |= kids[i]->op == AS_COND_PRESENT;
    for (size_t i = 0; present && i < count; i++)
        kids[i]->requires_present = kids[i]->op != AS_COND_PRESENT;
    return as_cond_all(p, kids, count, map->at);
}
