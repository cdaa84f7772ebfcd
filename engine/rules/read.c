/* read.c: nodes read as text, lists, dates, numbers and choices, with every mistake told at its
 * place.
 *
 * A reader that finds nothing under its key leaves *out alone and says nothing: who requires a
 * key asks as_need_*. */
#include "rules/load.h"

#include <stdarg.h>
#include <stdio.h>

/* ---- telling ---- */

#define TEXT_MAX 2048 /* more than a diag keeps: the diag cuts, and at a character */

__attribute__((format(printf, 5, 0))) static void
tell(as_load *l, as_diag_level level, as_span at, const char *hint, const char *fmt, va_list ap)
{
    char text[TEXT_MAX];
    if (vsnprintf(text, sizeof text, fmt, ap) >= 0)
        as_diag_add(l->diags, level, at, hint, "%s", text);
}

void as_load_error(as_load *l, as_span at, const char *hint, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    tell(l, AS_DIAG_ERROR, at, hint, fmt, ap);
    va_end(ap);
}

void as_load_warn(as_load *l, as_span at, const char *hint, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    tell(l, AS_DIAG_WARNING, at, hint, fmt, ap);
    va_end(ap);
}

const char *as_load_hint(as_load *l, const char *fmt, ...)
{
    char text[TEXT_MAX];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= sizeof text)
        return ""; /* a hint is one line; what is at fault was told */
    as_str out = as_arena_str(l->arena, as_str_from(text));
    return out.ptr ? out.ptr : "";
}

bool as_load_nomem(as_load *l)
{
    l->nomem = true;
    return false;
}

void *as_load_room(as_load *l, void *items, size_t count, size_t size)
{
    char *all = items;
    if ((count & (count - 1)) == 0) {
        all = as_arena_alloc(l->arena, (count ? count * 2 : 1) * size);
        if (!all) {
            l->nomem = true;
            return NULL;
        }
        if (count)
            memcpy(all, items, count * size);
    }
    memset(all + count * size, 0, size);
    return all;
}

/* ---- mappings ---- */

as_node *as_node_key(const as_node *map, const char *key)
{
    as_str want = as_str_from(key);
    for (size_t i = 0; map && map->kind == AS_NODE_MAP && i < map->count; i++)
        if (as_str_eq(map->pairs[i].key->text, want))
            return map->pairs[i].key;
    return NULL;
}

bool as_read_map(as_load *l, const as_node *n, const char *what)
{
    if (n->kind == AS_NODE_MAP && n->count <= AS_LOAD_NAMES_MAX)
        return true;
    if (n->kind == AS_NODE_MAP)
        as_load_error(l, n->at, "", "%s has more than %d entries", what, AS_LOAD_NAMES_MAX);
    else if (as_node_is_null(n))
        as_load_error(l, n->at, "", "%s is empty; it should be a mapping", what);
    else
        as_load_error(l, n->at, "", "%s must be a mapping, not %s", what, as_node_kind_name(n));
    return false;
}

void as_read_keys(as_load *l, const as_node *map, const as_key_doc *keys, const char *under,
                  const char *what)
{
    as_keys_check(map, keys, under, what, l->diags);
}

bool as_read_root(as_load *l, const as_node *root, const as_key_doc *keys, const char *what)
{
    if (root->kind != AS_NODE_MAP) {
        as_load_error(l, root->at, as_load_hint(l, "begin with `%s:`", keys[0].name),
                      "%s must be a mapping, not %s", what, as_node_kind_name(root));
        return false;
    }
    as_read_keys(l, root, keys, "", what);
    return true;
}

/* ---- text ---- */

bool as_read_text(as_load *l, const as_node *map, const char *key, as_str *out)
{
    const as_node *n = as_node_get(map, key);
    if (!n)
        return true;
    if (n->kind != AS_NODE_SCALAR) {
        as_load_error(l, n->at, "", "`%s` must be text, not %s", key, as_node_kind_name(n));
        return false;
    }
    if (as_node_is_null(n)) {
        as_load_error(l, n->at, "write it, or leave the key out", "`%s` is empty", key);
        return false;
    }
    *out = n->text;
    return true;
}

bool as_need_text(as_load *l, const as_node *map, const char *key, const char *what,
                  as_str *out)
{
    const as_node *n = as_node_get(map, key);
    if (!n) {
        as_load_error(l, map->at, as_load_hint(l, "add `%s: …`", key), "%s has no `%s`", what,
                      key);
        return false;
    }
    if (!as_read_text(l, map, key, out))
        return false;
    if (as_str_trim(n->text).len == 0) {
        as_load_error(l, n->at, "", "`%s` is empty", key);
        return false;
    }
    return true;
}

bool as_read_bool(as_load *l, const as_node *map, const char *key, bool *out)
{
    const as_node *n = as_node_get(map, key);
    if (!n)
        return false;
    if (as_node_bool(n, out))
        return true;
    if (n->kind == AS_NODE_SCALAR)
        as_load_error(l, n->at, "write `true` or `false`",
                      "`%s` must be true or false, not `%.*s`", key, AS_FMT(n->text));
    else
        as_load_error(l, n->at, "write `true` or `false`", "`%s` must be true or false, not %s",
                      key, as_node_kind_name(n));
    return false;
}

as_date as_iso_date(as_str text)
{
    return as_date_parse(text, AS_STR("%Y-%m-%d"));
}

bool as_read_date(as_load *l, const as_node *map, const char *key, as_date *out)
{
    as_str text = AS_NONE;
    if (!as_node_get(map, key) || !as_read_text(l, map, key, &text))
        return false;
    as_date d = as_iso_date(text);
    if (d == AS_DATE_NULL) {
        as_load_error(l, as_node_get(map, key)->at, "write year-month-day, as 2017-03-31",
                      "`%s`: `%.*s` is not a date", key, AS_FMT(text));
        return false;
    }
    *out = d;
    return true;
}

/* ---- lists ---- */

static bool read_items(as_load *l, const as_node *n, const char *key, as_str *texts)
{
    bool good = true;
    for (size_t i = 0; i < n->count; i++) {
        const as_node *item = n->items[i];
        if (item->kind == AS_NODE_SCALAR) {
            texts[i] = item->text;
            continue;
        }
        as_load_error(l, item->at, "put a text that holds `: ` in quotes",
                      "`%s` must list texts, not %s", key, as_node_kind_name(item));
        good = false;
    }
    return good;
}

bool as_read_texts(as_load *l, const as_node *map, const char *key, const char *example,
                   const as_str **out, size_t *count)
{
    const as_node *n = as_node_get(map, key);
    *out = NULL;
    *count = 0;
    if (!n)
        return false;
    if (n->kind == AS_NODE_SCALAR && !as_node_is_null(n)) {
        as_load_error(l, n->at, as_load_hint(l, "write `[%.*s]`", AS_FMT(n->text)),
                      "`%s` must be a list, not text", key);
        return false;
    }
    if (n->kind != AS_NODE_SEQ || n->count == 0) {
        as_load_error(l, n->at,
                      as_load_hint(l, "write it as `%s`, or leave the key out", example),
                      n->kind == AS_NODE_MAP ? "`%s` must be a list, not a mapping"
                                             : "`%s` is an empty list",
                      key);
        return false;
    }
    as_str *texts = AS_NEW_N(l->arena, as_str, n->count);
    if (!texts)
        return as_load_nomem(l);
    if (!read_items(l, n, key, texts))
        return false;
    *out = texts;
    *count = n->count;
    return true;
}

/* ---- choices and numbers ---- */

bool as_read_choice(as_load *l, const as_node *map, const char *key, const char *const *words,
                    size_t *out)
{
    as_str text = AS_NONE;
    const as_node *n = as_node_get(map, key);
    if (!n || !as_read_text(l, map, key, &text))
        return false;
    for (size_t i = 0; words[i]; i++) {
        if (as_str_eq(text, as_str_from(words[i]))) {
            *out = i;
            return true;
        }
    }
    as_load_error(l, n->at, as_suggest_words(l->diags, text, words), "`%s` cannot be `%.*s`",
                  key, AS_FMT(text));
    return false;
}

static const char *const severities[] = {"error", "warning", "info", NULL};
static const as_severity severity_values[] = {AS_SEV_ERROR, AS_SEV_WARNING, AS_SEV_INFO};

bool as_severity_of(as_str text, as_severity *out)
{
    for (size_t i = 0; severities[i]; i++) {
        if (as_str_eq(text, as_str_from(severities[i]))) {
            *out = severity_values[i];
            return true;
        }
    }
    return false;
}

bool as_read_severity(as_load *l, const as_node *map, const char *key, as_severity *out)
{
    size_t i = 0;
    if (!as_read_choice(l, map, key, severities, &i))
        return false;
    *out = severity_values[i];
    return true;
}

bool as_allow_of(as_str text, double *out, bool *percent)
{
    as_str number = as_str_trim(text);
    bool is_percent = number.len && number.ptr[number.len - 1] == '%';
    double value = 0;
    int64_t whole = 0;
    if (is_percent)
        number = as_str_trim(as_str_sub(number, 0, number.len - 1));
    bool good = is_percent ? as_str_to_f64(number, false, &value) && value >= 0 && value <= 100
                           : as_str_to_i64(number, &whole) && whole >= 0;
    if (good) {
        *out = is_percent ? value : (double)whole;
        *percent = is_percent;
    }
    return good;
}

bool as_read_allow(as_load *l, const as_node *map, double *out, bool *percent)
{
    const as_node *n = as_node_get(map, "allow");
    as_str text = AS_NONE;
    if (!n || !as_read_text(l, map, "allow", &text))
        return false;
    if (as_allow_of(text, out, percent))
        return true;
    as_load_error(l, n->at,
                  "write a number of findings, as `3`, or a share of the records, as `0.5%`",
                  "`allow` cannot be `%.*s`", AS_FMT(text));
    return false;
}

static bool name_char(char c, bool first)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    return letter || (!first && c >= '0' && c <= '9');
}

bool as_read_name(as_load *l, const as_node *n, const char *what)
{
    bool good = n->kind == AS_NODE_SCALAR && n->text.len > 0 && n->text.len <= 100;
    for (size_t i = 0; good && i < n->text.len; i++)
        good = name_char(n->text.ptr[i], i == 0);
    if (!good)
        as_load_error(l, n->at, "use letters, digits and `_`, not a digit first, at most 100",
                      "`%.*s` cannot be the name of %s", AS_FMT(n->text), what);
    return good;
}
