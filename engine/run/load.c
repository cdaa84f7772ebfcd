/* load.c: tables of a release, and reference tables of its packs, with the fields that somebody
 * reads. Every input is tried, so that all that cannot be read is said at once. */
#include "input/input.h"
#include "run/exec.h"

as_code as_load_table(as_table **out, const as_project *p, as_str name, const as_need *need,
                      as_pool *pool, as_diags *d, as_err *e)
{
    as_input_spec spec = {.table = name, .want = need ? need->want : NULL};
    for (size_t i = 0; i < p->table_count && !spec.source; i++) {
        if (as_str_eq(p->tables[i].name, name)) {
            spec.schema = p->tables[i].schema;
            spec.source = &p->tables[i].source;
        }
    }
    if (!spec.source) {
        const as_reference *ref = as_project_reference(p, name);
        if (!ref) {
            return as_fail(e, AS_EINPUT, AS_NOWHERE, "there is no table `%.*s`", AS_FMT(name));
        }
        spec.schema = ref->schema;
        spec.source = &ref->source;
    }
    as_code code = as_input_load(out, &spec, pool, d, e);
    if (code != AS_OK &&
        !e->at.file) { /* nothing of the file was read: say where it is named */
        e->at = spec.source->at;
    }
    return code;
}

static bool is_release_table(const as_project *p, as_str name)
{
    for (size_t i = 0; i < p->table_count; i++) {
        if (as_str_eq(p->tables[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* Tables of the release in its order, then the reference tables that rules read. */
static as_code load_names(as_run *r, as_str **out, size_t *count, as_err *e)
{
    const as_project *p = r->plan->project;
    *out = AS_NEW_N(r->arena, as_str, p->table_count + r->plan->needs.count + 1);
    *count = 0;
    if (!*out) {
        return as_fail_nomem(e);
    }
    for (size_t i = 0; i < p->table_count; i++) {
        (*out)[(*count)++] = p->tables[i].name;
    }
    for (size_t i = 0; i < r->plan->needs.count; i++) {
        as_str name = r->plan->needs.items[i].table;
        if (!is_release_table(p, name) && as_project_reference(p, name)) {
            (*out)[(*count)++] = name;
        }
    }
    return AS_OK;
}

as_code as_run_load(as_run *r, as_diags *d, as_err *e)
{
    as_str *names = NULL;
    size_t count = 0;
    as_code code = load_names(r, &names, &count, e);
    if (code != AS_OK) {
        return code;
    }
    r->tables = AS_NEW_N(r->arena, as_table *, count + 1);
    if (!r->tables) {
        return as_fail_nomem(e);
    }
    for (size_t i = 0; i < count; i++) {
        const as_need *need = as_needs_find(&r->plan->needs, names[i]);
        const as_schema *schema = as_project_table_schema(r->plan->project, names[i]);
        as_need nothing = {.table = names[i], .schema = schema}; /* no rule reads it */
        if (!need &&
            (!schema || !(nothing.want = AS_NEW_N(r->arena, bool, schema->count + 1)))) {
            return as_fail_nomem(e);
        }
        size_t before = d->errors;
        as_err one = {0};
        as_table *t = NULL;
        as_code got = as_load_table(&t, r->plan->project, names[i], need ? need : &nothing,
                                    r->pool, d, &one);
        if (got == AS_OK) {
            r->tables[r->table_count++] = t;
            continue;
        }
        code = got;
        *e = one;
        if (d->errors == before) {
            as_diags_error(d, &one);
        }
    }
    return code;
}
