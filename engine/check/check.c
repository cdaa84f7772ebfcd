/* check.c: the registry of check kinds and the few things that all kinds share.
 *
 * checks.def is included three times: prototypes, the table, the names that YAML may use.
 * Nothing else in the engine lists the kinds. */
#include "check/check.h"

#include "base/alloc.h"

#define AS_CHECK(kind) extern const as_check_kind as_check_##kind;
#define AS_CHECK_BUILTIN(kind) extern const as_check_kind as_check_##kind;
#include "check/checks.def"
#undef AS_CHECK
#undef AS_CHECK_BUILTIN

#define AS_CHECK(kind) &as_check_##kind,
#define AS_CHECK_BUILTIN(kind) &as_check_##kind,
const as_check_kind *const as_check_kinds[] = {
#include "check/checks.def"
};
#undef AS_CHECK
#undef AS_CHECK_BUILTIN
const size_t as_check_kind_count = sizeof as_check_kinds / sizeof as_check_kinds[0];

#define AS_CHECK(kind) #kind,
#define AS_CHECK_BUILTIN(kind)
static const char *const yaml_names[] = {
#include "check/checks.def"
    NULL};
#undef AS_CHECK
#undef AS_CHECK_BUILTIN

as_kind_names as_check_names(void)
{
    return yaml_names;
}

const as_check_kind *as_check_kind_find(as_str name)
{
    for (size_t i = 0; i < as_check_kind_count; i++)
        if (as_str_eq(as_str_from(as_check_kinds[i]->name), name))
            return as_check_kinds[i];
    return NULL;
}

bool as_findings_add(as_findings *f, as_finding x)
{
    if (f->count == f->size) {
        size_t size = f->size ? 2 * f->size : 64;
        as_finding *items = as_realloc(f->items, size * sizeof *items);
        if (!items)
            return false;
        f->items = items;
        f->size = size;
    }
    f->items[f->count++] = x;
    return true;
}

void as_findings_free(as_findings *f)
{
    as_free(f->items);
    *f = (as_findings){NULL, 0, 0};
}

as_code as_eval_lua(as_eval *ev, unsigned worker, as_lua **out, as_err *e)
{
    as_code code = AS_OK;
    if (!ev->lua[worker])
        code = as_lua_open(&ev->lua[worker], ev->lua_setup, e);
    *out = ev->lua[worker];
    return code;
}

void as_bind_show(as_bind *b, uint32_t field)
{
    if (!b->schema || field >= b->schema->count)
        return;
    for (size_t i = 0; i < b->show_count; i++)
        if (b->show[i] == field)
            return;
    /* No field is kept twice, so the number of fields is the most there can be. */
    if (!b->show)
        b->show = AS_NEW_N(b->arena, uint32_t, b->schema->count);
    if (!b->show) {
        b->nomem = true;
        return;
    }
    b->show[b->show_count++] = field;
}

void as_bind_extra(as_bind *b, as_str name)
{
    for (size_t i = 0; i < b->extra_count; i++)
        if (as_str_eq(b->extras[i], name))
            return;
    as_str *grown = AS_NEW_N(b->arena, as_str, b->extra_count + 1);
    if (!grown) {
        b->nomem = true;
        return;
    }
    if (b->extra_count)
        memcpy(grown, b->extras, b->extra_count * sizeof *grown);
    grown[b->extra_count++] = name;
    b->extras = grown;
}
