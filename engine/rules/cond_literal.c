/* cond_literal.c: the values in conditions: parameters put in, then typed as the field is.
 *
 * A literal that could never be equal to any cell (a code on no list, a null token, a text with
 * blanks around it) is a mistake: a condition with it would look at nothing, and nobody would
 * know. */
#include "base/limits.h"
#include "rules/cond_parse.h"
#include "rules/load.h"
#include "table/table.h"

#include <math.h>

/* ---- parameters ---- */

static bool name_begins(as_str s)
{
    char c = s.len > 1 ? s.ptr[1] : '\0';
    return s.len > 1 && s.ptr[0] == '$' &&
           ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_');
}

static bool is_param(const as_node *n)
{
    return n->kind == AS_NODE_SCALAR && !n->quoted && name_begins(n->text);
}

static const as_param *find_over(const as_cond_env *env, as_str name)
{
    for (size_t i = 0; i < env->over_count; i++)
        if (as_str_eq(env->over[i].name, name))
            return &env->over[i];
    return NULL;
}

/* A test case's own value, or what follows from it (as_at_before from its as_at); AS_NONE:
 * neither. */
static as_str case_value(const as_cond_env *env, as_str name)
{
    const as_param *own = find_over(env, name);
    if (own)
        return own->value;
    as_str base = as_param_base(name);
    const as_param *from = base.len ? find_over(env, base) : NULL;
    return from ? as_param_year_before(env->arena, from->value) : AS_NONE;
}

/* Like as_suggest, with the $ that people write. */
static const char *param_hint(const as_cond_env *env, as_str name)
{
    const as_project *p = env->project;
    as_words known = {.arena = env->diags->arena};
    for (size_t i = 0; i < p->param_count; i++) {
        as_str word = as_arena_printf(env->diags->arena, "$%.*s", AS_FMT(p->params[i].name));
        if (word.ptr)
            as_words_add(&known, word);
    }
    as_str asked = as_arena_printf(env->diags->arena, "$%.*s", AS_FMT(name));
    return as_suggest(env->diags, asked, known.items, known.count);
}

static void tell_unknown(const as_cond_env *env, const as_node *n, as_str name)
{
    as_str base = as_param_base(name);
    if (!base.len)
        base = name;
    bool period = as_str_starts(base, AS_STR("period"));
    if (as_param_is_builtin(name))
        as_diag_add(env->diags, AS_DIAG_ERROR, n->at,
                    period ? "add `period: {from: 2016-04-01, to: 2017-03-31}` to release.yaml"
                           : "add `as_at: 2017-03-31` to release.yaml",
                    "`$%.*s` has no value: the release has no `%s`", AS_FMT(name),
                    period ? "period" : "as_at");
    else
        as_diag_add(env->diags, AS_DIAG_ERROR, n->at, param_hint(env, name),
                    "there is no parameter `$%.*s`", AS_FMT(name));
}

bool as_param_resolve(const as_cond_env *env, const as_node *n, as_str *out)
{
    *out = AS_NONE;
    if (n->kind != AS_NODE_SCALAR) {
        as_diag_add(env->diags, AS_DIAG_ERROR, n->at, "", "a value must be text, not %s",
                    as_node_kind_name(n));
        return false;
    }
    if (!is_param(n)) {
        *out = n->text;
        return true;
    }
    as_str name = as_str_sub(n->text, 1, n->text.len);
    as_str value = case_value(env, name);
    const as_param *param = value.ptr ? NULL : as_project_param(env->project, name);
    if (!value.ptr && !param) {
        tell_unknown(env, n, name);
        return false;
    }
    *out = param ? param->value : value;
    return true;
}

/* ---- typing ---- */

/* "`12x` (`$limit`)" or "`12x`": what was written, and what it stands for. */
static const char *said(const as_cond_env *env, const as_node *n, as_str text)
{
    if (is_param(n))
        return as_cond_hint(env, "`%.*s` (`%.*s`)", AS_FMT(text), AS_FMT(n->text));
    return as_cond_hint(env, "`%.*s`", AS_FMT(text));
}

static bool refuse(const as_cond_env *env, const as_field *f, const as_node *n, as_str text,
                   const char *why, const char *hint)
{
    as_diag_add(env->diags, AS_DIAG_ERROR, n->at, hint, "`%.*s`: %s %s", AS_FMT(f->name),
                said(env, n, text), why);
    return false;
}

static bool type_number(const as_cond_env *env, const as_field *f, const as_node *n,
                        as_str text, bool whole, as_literal *out)
{
    as_str trimmed = as_str_trim(text);
    if (as_str_to_i64(trimmed, &out->i) && out->i != AS_INT_NULL) {
        out->f = (double)out->i;
        return true;
    }
    out->i = AS_INT_NULL;
    if (!as_str_to_f64(trimmed, false, &out->f) || !isfinite(out->f))
        return refuse(env, f, n, text, "is not a number",
                      "write digits with a point, as 12 or 0.5");
    if (whole)
        return refuse(env, f, n, text,
                      "is not a whole number, and the field holds whole numbers", "");
    if (out->f == floor(out->f) && fabs(out->f) < 9007199254740992.0)
        out->i = (int64_t)out->f;
    return true;
}

static bool type_date(const as_cond_env *env, const as_field *f, const as_node *n, as_str text,
                      as_literal *out)
{
    out->d = as_iso_date(as_str_trim(text));
    if (out->d == AS_DATE_NULL)
        return refuse(env, f, n, text, "is not a date", "write year-month-day, as 2017-03-31");
    return true;
}

static bool type_code(const as_cond_env *env, const as_field *f, const as_node *n, as_str text,
                      as_literal *out)
{
    if (!f->list)
        return true; /* the missing list was reported with the schema */
    const as_code_entry *entry = as_code_list_find(f->list, text, NULL);
    if (entry) {
        out->text = entry->code;
        return true;
    }
    as_words known = {.arena = env->diags->arena};
    for (size_t i = 0; i < f->list->count; i++)
        as_words_add(&known, f->list->entries[i].code);
    const char *why = as_cond_hint(env, "is not on code list `%.*s`", AS_FMT(f->list->name));
    return refuse(env, f, n, text, why, as_suggest(env->diags, text, known.items, known.count));
}

/* The schema that holds the field: its null tokens count where the field has none of its own.
 */
static const as_schema *schema_of(const as_cond_env *env, const as_field *f)
{
    const as_schema *const sides[] = {env->self, env->other};
    for (size_t i = 0; i < 2; i++)
        if (sides[i] && f >= sides[i]->fields && f < sides[i]->fields + sides[i]->count)
            return sides[i];
    return NULL;
}

static bool is_null_token(const as_cond_env *env, const as_field *f, as_str text)
{
    const as_schema *s = schema_of(env, f);
    const as_str *tokens = f->nulls ? f->nulls : s ? s->nulls : NULL;
    size_t count = f->nulls ? f->null_count : s ? s->null_count : 0;
    for (size_t i = 0; i < count; i++)
        if (as_str_eq(tokens[i], text))
            return true;
    return text.len == 0;
}

static bool type_text(const as_cond_env *env, const as_field *f, const as_node *n, as_str text)
{
    if (is_null_token(env, f, text))
        return refuse(env, f, n, text, "is read as null and never equal to anything",
                      as_cond_hint(env, "write `%.*s: null`", AS_FMT(f->name)));
    if (f->trim && as_str_trim(text).len != text.len)
        return refuse(env, f, n, text, "has blanks around it, which cells never have",
                      "remove them");
    return true;
}

static bool type_literal(const as_cond_env *env, const as_field *f, const as_node *n,
                         bool whole, as_literal *out)
{
    as_str text;
    *out = (as_literal){.i = AS_INT_NULL, .d = AS_DATE_NULL, .f = NAN};
    if (n->kind == AS_NODE_SCALAR && as_node_is_null(n)) {
        as_diag_add(env->diags, AS_DIAG_ERROR, n->at,
                    as_cond_hint(env, "write `%.*s: null`", AS_FMT(f->name)),
                    "`%.*s`: null is not equal to anything", AS_FMT(f->name));
        return false;
    }
    if (!as_param_resolve(env, n, &text))
        return false;
    out->text = text;
    if (is_param(n))
        out->param = as_str_sub(n->text, 1, n->text.len);
    switch (f->type) {
    case AS_TYPE_INTEGER:
        return type_number(env, f, n, text, whole, out);
    case AS_TYPE_NUMBER:
        return type_number(env, f, n, text, false, out);
    case AS_TYPE_DATE:
        return type_date(env, f, n, text, out);
    case AS_TYPE_CODE:
        return type_code(env, f, n, text, out);
    default:
        return type_text(env, f, n, text);
    }
}

bool as_literal_parse(const as_cond_env *env, const as_field *f, const as_node *n,
                      as_literal *out)
{
    return type_literal(env, f, n, true, out);
}

bool as_literal_bound(const as_cond_env *env, const as_field *f, const as_node *n,
                      as_literal *out)
{
    return type_literal(env, f, n, false, out);
}

/* ---- fields ---- */

uint32_t as_field_resolve(const as_cond_env *env, const as_schema *s, const as_node *n)
{
    if (n->kind != AS_NODE_SCALAR) {
        as_diag_add(env->diags, AS_DIAG_ERROR, n->at, "",
                    "the name of a field must be text, not %s", as_node_kind_name(n));
        return AS_NO_FIELD;
    }
    uint32_t f = as_schema_field(s, n->text);
    if (f != AS_NO_FIELD)
        return f;
    as_words known = {.arena = env->diags->arena};
    for (size_t i = 0; i < s->count; i++)
        as_words_add(&known, s->fields[i].name);
    as_diag_add(env->diags, AS_DIAG_ERROR, n->at,
                as_suggest(env->diags, n->text, known.items, known.count),
                "`%.*s` has no field `%.*s`", AS_FMT(s->name), AS_FMT(n->text));
    return AS_NO_FIELD;
}
