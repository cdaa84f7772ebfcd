/* params.c: see params.h. */
#include "check/params.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

void as_params_error(as_bind *b, const as_node *n, const char *hint, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    as_diag_add(b->diags, AS_DIAG_ERROR, n ? n->at : b->rule->at, hint, "%.*s: %s",
                AS_FMT(b->rule->id), text);
}

bool as_params_block(as_bind *b, const as_check_kind *kind)
{
    const as_node *spec = b->rule->spec;
    if (!spec || spec->kind != AS_NODE_MAP) {
        as_params_error(b, spec, NULL, "%s: needs a mapping of its settings, and this is %s",
                        kind->name, spec ? as_node_kind_name(spec) : "empty");
        return false;
    }
    as_keys_check(spec, kind->params, "", kind->name, b->diags);
    for (const as_param_doc *p = kind->params; p->name; p++)
        if (p->required && as_key_under(p, "") && !as_node_get(spec, p->name))
            as_params_error(b, spec, p->text, "%s: needs `%s`", kind->name, p->name);
    return true;
}

const as_node *as_params_get(const as_bind *b, const char *key)
{
    return as_node_get(b->rule->spec, key);
}

bool as_params_text(as_bind *b, const as_node *n, const char *what, as_str *out)
{
    if (!n)
        return false;
    if (n->kind != AS_NODE_SCALAR) {
        as_params_error(b, n, NULL, "%s is one word or number, and this is %s", what,
                        as_node_kind_name(n));
        return false;
    }
    if (as_node_is_null(n)) {
        as_params_error(b, n, "Write it, or leave the key out.", "%s is empty", what);
        return false;
    }
    return as_param_resolve(&b->env, n, out);
}

bool as_params_number(as_bind *b, const as_node *n, const char *what, double *out)
{
    as_str text;
    if (!as_params_text(b, n, what, &text))
        return false;
    if (as_str_to_f64(text, true, out))
        return true;
    as_params_error(b, n, NULL, "%s: \"%.*s\" is not a number", what, AS_FMT(text));
    return false;
}

bool as_params_date(as_bind *b, const as_node *n, const char *what, as_date *out)
{
    as_str text;
    if (!as_params_text(b, n, what, &text))
        return false;
    *out = as_date_parse(text, AS_STR("%Y-%m-%d"));
    if (*out != AS_DATE_NULL)
        return true;
    as_params_error(b, n, "Dates in rules are written 2017-03-31.",
                    "%s: \"%.*s\" is not a date", what, AS_FMT(text));
    return false;
}

bool as_params_bool(as_bind *b, const as_node *n, const char *what, bool *out)
{
    if (!n)
        return false;
    as_node resolved = *n; /* a parameter is written as text */
    resolved.quoted = false;
    if (n->kind == AS_NODE_SCALAR && !as_param_resolve(&b->env, n, &resolved.text))
        return false;
    if (as_node_bool(&resolved, out))
        return true;
    as_params_error(b, n, NULL, "%s is true or false", what);
    return false;
}

static const char *join_names(const char *const *names, char *buf, size_t size)
{
    size_t at = 0;
    buf[0] = '\0';
    for (size_t i = 0; names[i] && at < size; i++) {
        int wrote = snprintf(buf + at, size - at, "%s%s", i ? ", " : "", names[i]);
        at += wrote > 0 ? (size_t)wrote : 0;
    }
    return buf;
}

bool as_params_enum(as_bind *b, const as_node *n, const char *what, const char *const *names,
                    int *out)
{
    as_str text;
    char list[256];
    if (!as_params_text(b, n, what, &text))
        return false;
    for (int i = 0; names[i]; i++)
        if (as_str_eq(text, as_str_from(names[i]))) {
            *out = i;
            return true;
        }
    as_params_error(b, n, NULL, "%s: \"%.*s\" is not one of %s", what, AS_FMT(text),
                    join_names(names, list, sizeof list));
    return false;
}

static bool amount_of(as_str text, as_tolerance *out)
{
    as_str number = text;
    *out = (as_tolerance){0, text.len && text.ptr[text.len - 1] == '%'};
    if (out->percent)
        number = as_str_trim(as_str_sub(text, 0, text.len - 1));
    return as_str_to_f64(number, false, &out->value);
}

bool as_params_tolerance(as_bind *b, const as_node *n, const char *what, as_tolerance *out)
{
    as_str text;
    as_tolerance t;
    if (!as_params_text(b, n, what, &text))
        return false;
    if (!amount_of(text, &t) || t.value < 0) {
        as_params_error(b, n, NULL, "%s: \"%.*s\" is not a tolerance such as 3 or 0.5%%", what,
                        AS_FMT(text));
        return false;
    }
    *out = t;
    return true;
}

bool as_params_amount(as_bind *b, const as_node *n, const char *what, as_tolerance *out)
{
    as_str text;
    as_tolerance t;
    if (!as_params_text(b, n, what, &text))
        return false;
    if (!amount_of(text, &t)) {
        as_params_error(b, n, NULL, "%s: \"%.*s\" is neither a number nor a percentage", what,
                        AS_FMT(text));
        return false;
    }
    *out = t;
    return true;
}

bool as_params_minimum(as_bind *b, const as_node *n, const char *what, double *out)
{
    double x;
    if (!as_params_number(b, n, what, &x))
        return false;
    if (x < 0)
        as_params_error(b, n, NULL, "%s cannot be below 0", what);
    else
        *out = x;
    return x >= 0;
}

bool as_within(double a, double b, double base, as_tolerance t)
{
    double room = t.percent ? fabs(base) * t.value / 100 : t.value;
    double slack = 1e-12 * fmax(fabs(a), fabs(b));
    return fabs(a - b) <= room + slack;
}

uint32_t as_params_field(as_bind *b, const as_schema *s, const as_node *n, const char *what)
{
    if (!n || !s)
        return AS_NO_FIELD;
    if (n->kind != AS_NODE_SCALAR) {
        as_params_error(b, n, NULL, "%s is the name of a field, and this is %s", what,
                        as_node_kind_name(n));
        return AS_NO_FIELD;
    }
    return as_field_resolve(&b->env, s, n);
}

static bool add_field(as_bind *b, const as_schema *s, const as_node *n, const char *what,
                      uint32_t *out, size_t *count, size_t max)
{
    uint32_t field = as_params_field(b, s, n, what);
    if (field == AS_NO_FIELD)
        return false;
    for (size_t i = 0; i < *count; i++)
        if (out[i] == field) {
            as_params_error(b, n, NULL, "%s: %.*s is named twice", what, AS_FMT(n->text));
            return false;
        }
    if (*count == max) {
        as_params_error(b, n, NULL, "%s: at most %zu fields", what, max);
        return false;
    }
    out[(*count)++] = field;
    return true;
}

bool as_params_fields(as_bind *b, const as_schema *s, const as_node *n, const char *what,
                      uint32_t *out, size_t *count, size_t max)
{
    bool good = true;
    *count = 0;
    if (!n || !s)
        return false;
    if (n->kind == AS_NODE_SCALAR)
        return add_field(b, s, n, what, out, count, max);
    if (n->kind != AS_NODE_SEQ || n->count == 0) {
        as_params_error(b, n, NULL, "%s needs a list of fields, such as [urn]", what);
        return false;
    }
    for (size_t i = 0; i < n->count; i++)
        good = add_field(b, s, n->items[i], what, out, count, max) && good;
    return good;
}

const as_schema *as_params_table(as_bind *b, const as_node *n, const char *what, as_str *name)
{
    char hint[256];
    if (!n || !as_params_text(b, n, what, name))
        return NULL;
    const as_schema *s = as_project_table_schema(b->project, *name);
    if (s)
        return s;
    as_str near = as_project_nearest(b->project, "table", *name);
    snprintf(hint, sizeof hint, "Did you mean %.*s?", AS_FMT(near));
    as_params_error(b, n, near.len ? hint : NULL, "%s: there is no table \"%.*s\"", what,
                    AS_FMT(*name));
    return NULL;
}

/* Values of one class can be compared: texts, dates, numbers. */
static int class_of(const as_field *f)
{
    if (f->type == AS_TYPE_TEXT || f->type == AS_TYPE_CODE)
        return 0;
    return f->type == AS_TYPE_DATE ? 1 : 2;
}

static bool match_pair(as_bind *b, const as_pair *pair, const char *what,
                       const as_schema *other, uint32_t *mine, uint32_t *theirs)
{
    *mine = as_params_field(b, b->schema, pair->key, what);
    *theirs = as_params_field(b, other, pair->value, what);
    if (*mine == AS_NO_FIELD || *theirs == AS_NO_FIELD)
        return false;
    if (class_of(&b->schema->fields[*mine]) == class_of(&other->fields[*theirs]))
        return true;
    as_params_error(b, pair->key, NULL, "%s: %.*s is %s and %.*s is %s", what,
                    AS_FMT(pair->key->text), as_type_name(b->schema->fields[*mine].type),
                    AS_FMT(pair->value->text), as_type_name(other->fields[*theirs].type));
    return false;
}

size_t as_params_match(as_bind *b, const as_node *n, const char *what, as_str table,
                       const as_schema *other, uint32_t *mine, uint32_t *theirs)
{
    size_t count = 0;
    if (!n)
        return 0;
    if (n->kind != AS_NODE_MAP || n->count == 0 || n->count > AS_KEY_FIELDS_MAX) {
        as_params_error(b, n, "Write match: {field of this record: field of the other}.",
                        "%s is a mapping of 1 to %d fields", what, AS_KEY_FIELDS_MAX);
        return 0;
    }
    for (size_t i = 0; i < n->count; i++) {
        if (!match_pair(b, &n->pairs[i], what, other, &mine[count], &theirs[count]))
            continue;
        as_bind_read(b, mine[count]);
        as_bind_want(b, table, theirs[count++]);
    }
    return count;
}

void as_bind_want(as_bind *b, as_str table, uint32_t field)
{
    if (b->want && field != AS_NO_FIELD)
        b->want(b->want_arg, table, field);
}

void as_bind_read(as_bind *b, uint32_t field)
{
    as_bind_want(b, b->rule->table, field);
    as_bind_show(b, field);
}

typedef struct cond_walk {
    as_bind *bind;
    as_str other;
} cond_walk;

static void want_side(void *arg, as_side side, uint32_t field)
{
    cond_walk *w = arg;
    if (side == AS_SIDE_OTHER)
        as_bind_want(w->bind, w->other, field);
    else
        as_bind_read(w->bind, field);
}

void as_bind_cond(as_bind *b, const as_cond *c, as_str other)
{
    cond_walk w = {b, other};
    if (c)
        as_cond_fields(c, want_side, &w);
}

as_code as_eval_table(const as_eval *ev, const as_bind *b, as_str name, const as_table **out,
                      as_err *e)
{
    *out = as_tables_find(ev->tables, name);
    if (*out)
        return AS_OK;
    return as_fail(
        e, AS_ERULE, b->rule->at,
        "the release has no table \"%.*s\", which rule %.*s needs; name its file under "
        "`tables:` or give the reason for its absence under `without:`",
        AS_FMT(name), AS_FMT(b->rule->id));
}
