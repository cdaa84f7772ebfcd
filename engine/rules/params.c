/* params.c: parameters: the built-in ones, the packs' defaults, the release's overrides, and
 * those of a test case. Values stay text; who uses one types it. */
#include "rules/load.h"

typedef struct as_builtin_param {
    const char *name;
    size_t date; /* offset of the date in as_project, or NOT_A_DATE */
    bool before; /* a year earlier */
} as_builtin_param;

#define NOT_A_DATE SIZE_MAX
static const as_builtin_param builtins[] = {
    {"as_at", offsetof(as_project, as_at), false},
    {"as_at_before", offsetof(as_project, as_at), true},
    {"period_from", offsetof(as_project, period_from), false},
    {"period_to", offsetof(as_project, period_to), false},
    {"period_from_before", offsetof(as_project, period_from), true},
    {"period_to_before", offsetof(as_project, period_to), true},
    {"release", NOT_A_DATE, false},
};
#define BUILTIN_COUNT (sizeof builtins / sizeof *builtins)

bool as_param_is_builtin(as_str name)
{
    for (size_t i = 0; i < BUILTIN_COUNT; i++)
        if (as_str_eq(name, as_str_from(builtins[i].name)))
            return true;
    return false;
}

as_str as_param_base(as_str name)
{
    static const as_str ending = {"_before", 7};
    if (!as_param_is_builtin(name) || name.len <= ending.len)
        return AS_NONE;
    as_str base = as_str_sub(name, 0, name.len - ending.len);
    return as_param_is_builtin(base) ? base : AS_NONE;
}

static as_str date_text(as_arena *a, as_date d)
{
    char text[AS_DATE_TEXT];
    return as_arena_str(a, as_str_from(as_date_text(d, text)));
}

as_str as_param_year_before(as_arena *a, as_str value)
{
    as_date d = as_iso_date(value);
    return d == AS_DATE_NULL ? AS_NONE : date_text(a, as_date_add_years(d, -1));
}

static as_param *find(as_param *all, size_t count, as_str name)
{
    for (size_t i = 0; i < count; i++)
        if (as_str_eq(all[i].name, name))
            return &all[i];
    return NULL;
}

static void add(as_load *l, as_param param)
{
    as_project *p = l->project;
    as_param *all = as_load_room(l, p->params, p->param_count, sizeof *all);
    if (!all)
        return;
    p->params = all;
    all[p->param_count++] = param;
}

void as_params_builtin(as_load *l)
{
    as_project *p = l->project;
    for (size_t i = 0; i < BUILTIN_COUNT; i++) {
        const as_builtin_param *b = &builtins[i];
        as_param param = {
            .name = as_str_from(b->name), .at = {p->path.ptr, 0, 0}, .from = "built-in"};
        if (b->date == NOT_A_DATE) {
            param.value = p->release;
        } else {
            as_date d;
            memcpy(&d, (const char *)p + b->date, sizeof d);
            if (d == AS_DATE_NULL)
                continue;
            param.value = date_text(l->arena, b->before ? as_date_add_years(d, -1) : d);
        }
        if (!param.value.ptr && b->date != NOT_A_DATE)
            as_load_nomem(l);
        add(l, param);
    }
}

/* A value as it may stand in `params:`; false: reported. */
static bool read_value(as_load *l, const as_pair *pair, as_str *out)
{
    const as_node *n = pair->value;
    as_str name = pair->key->text;
    if (n->kind != AS_NODE_SCALAR) {
        as_load_error(l, n->at, "", "parameter `%.*s` must be one value, not %s", AS_FMT(name),
                      as_node_kind_name(n));
        return false;
    }
    if (as_node_is_null(n)) {
        as_load_error(l, n->at, "", "parameter `%.*s` has no value", AS_FMT(name));
        return false;
    }
    if (!n->quoted && n->text.ptr[0] == '$') {
        as_load_error(l, n->at, "write the value itself",
                      "parameter `%.*s` cannot stand for another parameter", AS_FMT(name));
        return false;
    }
    *out = n->text;
    return true;
}

static void read_default(as_load *l, const as_pair *pair)
{
    as_pack *k = l->pack;
    as_param param = {.name = pair->key->text, .at = pair->key->at, .from = "pack"};
    if (!as_read_name(l, pair->key, "a parameter") || !read_value(l, pair, &param.value))
        return;
    if (as_param_is_builtin(param.name)) {
        as_load_error(l, param.at, "choose another name", "`%.*s` is a built-in parameter",
                      AS_FMT(param.name));
        return;
    }
    as_param *all = as_load_room(l, k->params, k->param_count, sizeof *all);
    if (!all)
        return;
    k->params = all;
    all[k->param_count++] = param;
    const as_param *other = find(l->project->params, l->project->param_count, param.name);
    if (!other)
        add(l, param);
    else if (!as_str_eq(other->value, param.value))
        as_load_error(l, param.at, "give one of them another name",
                      "parameter `%.*s` has another default in %s:%u", AS_FMT(param.name),
                      other->at.file, (unsigned)other->at.line);
}

void as_params_read(as_load *l, const as_node *map)
{
    if (!map || !as_read_map(l, map, "`params`"))
        return;
    for (size_t i = 0; i < map->count; i++)
        read_default(l, &map->pairs[i]);
}

static void override(as_load *l, const as_pair *pair)
{
    as_project *p = l->project;
    as_str name = pair->key->text;
    as_param *param = find(p->params, p->param_count, name);
    if (as_param_is_builtin(name)) {
        as_load_error(l, pair->key->at, "it follows from `release`, `as_at` and `period`",
                      "`%.*s` is a built-in parameter and cannot be set here", AS_FMT(name));
        return;
    }
    if (!param) {
        as_words known = {.arena = l->arena};
        for (size_t i = 0; i < p->param_count; i++)
            if (!as_param_is_builtin(p->params[i].name))
                as_words_add(&known, p->params[i].name);
        as_load_error(l, pair->key->at, as_suggest(l->diags, name, known.items, known.count),
                      "no pack of this release has a parameter `%.*s`", AS_FMT(name));
        return;
    }
    if (read_value(l, pair, &param->value)) {
        param->at = pair->key->at;
        param->from = "release";
    }
}

void as_params_release(as_load *l, const as_node *map)
{
    if (!map || !as_read_map(l, map, "`params`"))
        return;
    for (size_t i = 0; i < map->count; i++)
        override(l, &map->pairs[i]);
}

/* ---- parameters of a test case ---- */

/* What follows from a parameter that a case sets; behind those that it sets, so that a written
 * one wins. */
static size_t add_derived(as_arena *a, as_param *out, size_t n, as_param set)
{
    for (size_t i = 0; i < BUILTIN_COUNT; i++) {
        as_str before = as_str_from(builtins[i].name);
        as_str base = as_param_base(before);
        bool follows = base.len && as_str_eq(base, set.name);
        as_str value = follows ? as_param_year_before(a, set.value) : AS_NONE;
        if (value.ptr)
            out[n++] = (as_param){.name = before, .value = value, .at = set.at, .from = "test"};
    }
    return n;
}

bool as_case_params(const as_case *c, as_arena *a, as_param **out, size_t *count)
{
    const as_node *map = c->params;
    size_t n = 0;
    *out = NULL;
    *count = 0;
    if (!map || map->kind != AS_NODE_MAP || map->count == 0)
        return true;
    as_param *all = AS_NEW_N(a, as_param, map->count * 2);
    if (!all)
        return false;
    for (size_t i = 0; i < map->count; i++) {
        const as_node *key = map->pairs[i].key, *value = map->pairs[i].value;
        if (value->kind == AS_NODE_SCALAR)
            all[n++] = (as_param){
                .name = key->text, .value = value->text, .at = key->at, .from = "test"};
    }
    for (size_t i = 0, set = n; i < set; i++)
        n = add_derived(a, all, n, all[i]);
    *out = all;
    *count = n;
    return true;
}
