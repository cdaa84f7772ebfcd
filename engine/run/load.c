/* load.c: tables of a release, and reference tables of its packs, with the fields that somebody
 * reads; its documents. Every input is tried, so that all that cannot be read is said at once.
 */
#include "input/input.h"
#include "run/exec.h"

#include <sys/stat.h>

/* Where a table comes from; false: the project has no such table. */
static bool find_source(const as_project *p, as_str name, as_input_spec *out)
{
    for (size_t i = 0; i < p->table_count; i++) {
        if (as_str_eq(p->tables[i].name, name)) {
            out->schema = p->tables[i].schema;
            out->source = &p->tables[i].source;
            return true;
        }
    }
    const as_reference *ref = as_project_reference(p, name);
    if (ref) {
        out->schema = ref->schema;
        out->source = &ref->source;
    }
    return ref != NULL;
}

static as_code load(as_table **out, const as_project *p, as_input_spec *spec, as_pool *pool,
                    as_diags *d, as_err *e)
{
    if (!find_source(p, spec->table, spec)) {
        return as_fail(e, AS_EINPUT, AS_NOWHERE, "there is no table `%.*s`",
                       AS_FMT(spec->table));
    }
    as_code code = as_input_load(out, spec, pool, d, e);
    if (code != AS_OK &&
        !e->at.file) { /* nothing of the file was read: say where it is named */
        e->at = spec->source->at;
    }
    return code;
}

as_code as_load_table(as_table **out, const as_project *p, as_str name, const as_need *need,
                      as_count *progress, as_pool *pool, as_diags *d, as_err *e)
{
    as_input_spec spec = {
        .table = name, .want = need ? need->want : NULL, .progress = progress};
    return load(out, p, &spec, pool, d, e);
}

as_code as_run_table(as_table **out, const as_project *p, as_str name, const bool *want,
                     as_pool *pool, as_diags *d, as_err *e)
{
    as_input_spec spec = {.table = name, .want = want};
    return load(out, p, &spec, pool, d, e);
}

/* For progress; a file that cannot be looked at counts nothing. */
static uint64_t bytes_of(const as_project *p, as_str name)
{
    as_input_spec spec = {.table = name};
    struct stat st;
    bool there = find_source(p, name, &spec) && stat(spec.source->open_path.ptr, &st) == 0;
    return there && st.st_size > 0 ? (uint64_t)st.st_size : 0;
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

/* One table being read. Tables are read side by side, each with its own list of problems. */
typedef struct job {
    as_str name;
    as_need need;
    as_arena *arena; /* of diags */
    as_diags diags;
    as_table *table;
    as_code code;
    as_err err;
} job;

typedef struct jobs {
    as_run *run;
    job *items;
} jobs;

/* What conditions of acceptances read, beside what rules do: the plan's own list stays. */
static as_code want_decided(job *j, const as_decisions *d, as_err *e)
{
    size_t n = j->need.schema->count + 1;
    bool *want = d ? AS_NEW_N(j->arena, bool, n) : j->need.want;
    if (!want) {
        return as_fail_nomem(e);
    }
    if (d) {
        memcpy(want, j->need.want, n * sizeof *want);
        as_decisions_want(d, j->name, want);
        j->need.want = want;
    }
    return AS_OK;
}

static as_code make_job(job *j, const as_run *r, as_str name, as_err *e)
{
    const as_need *need = as_needs_find(&r->plan->needs, name);
    j->name = name;
    j->arena = as_arena_open();
    if (!j->arena) {
        return as_fail_nomem(e);
    }
    as_diags_init(&j->diags, j->arena);
    if (need) {
        j->need = *need;
        return want_decided(j, r->options.decisions, e);
    }
    const as_schema *schema = as_project_table_schema(r->plan->project, name);
    j->need = (as_need){.table = name, .schema = schema}; /* no rule reads it */
    j->need.want = schema ? AS_NEW_N(j->arena, bool, schema->count + 1) : NULL;
    return j->need.want ? AS_OK : as_fail_nomem(e);
}

static void read_jobs(void *arg, unsigned worker, size_t chunk, size_t begin, size_t end)
{
    const jobs *all = arg;
    (void)worker;
    (void)chunk;
    for (size_t i = begin; i < end; i++) {
        job *j = &all->items[i];
        const as_project *p = all->run->plan->project;
        bool whole = all->run->options.all_fields && is_release_table(p, j->name);
        j->code = as_load_table(&j->table, p, j->name, whole ? NULL : &j->need,
                                &all->run->progress->done, all->run->pool, &j->diags, &j->err);
    }
}

/* The tables that could be read, and all that was wrong with the others, in their order. */
static as_code take_job(as_run *r, job *j, as_diags *d, as_err *e)
{
    as_diags_take(d, &j->diags);
    j->err.at = as_diags_span(d, j->err.at); /* the job's arena goes, the place stays */
    if (j->code == AS_OK) {
        r->tables[r->table_count++] = j->table;
        return AS_OK;
    }
    if (j->diags.errors == 0) {
        as_diags_error(d, &j->err);
    }
    *e = j->err;
    return j->code;
}

static as_code load_tables(as_run *r, as_diags *d, as_err *e)
{
    as_str *names = NULL;
    size_t count = 0, made = 0;
    as_code code = load_names(r, &names, &count, e);
    if (code != AS_OK) {
        return code;
    }
    jobs all = {r, AS_NEW_N(r->arena, job, count + 1)};
    r->tables = AS_NEW_N(r->arena, as_table *, count + 1);
    if (!all.items || !r->tables) {
        return as_fail_nomem(e);
    }
    for (; code == AS_OK && made < count; made++) {
        code = make_job(&all.items[made], r, names[made], e);
    }
    const bool read = code == AS_OK;
    uint64_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += bytes_of(r->plan->project, names[i]);
    }
    as_run_stage_begin(r, AS_STAGE_READ, bytes);
    if (read) {
        as_pool_for(r->pool, count, 1, read_jobs, &all);
    }
    for (size_t i = 0; i < made; i++) {
        as_code got = read ? take_job(r, &all.items[i], d, e) : AS_OK;
        code = got == AS_OK ? code : got;
        as_arena_close(all.items[i].arena);
    }
    return code;
}

static as_code load_documents(as_run *r, as_diags *d, as_err *e)
{
    const as_project *p = r->plan->project;
    as_code code = AS_OK;
    r->documents = AS_NEW_N(r->arena, const as_document *, p->document_count + 1);
    if (!r->documents) {
        return as_fail_nomem(e);
    }
    for (size_t i = 0; i < p->document_count; i++) {
        const as_release_document *from = &p->documents[i];
        as_err one = {0};
        as_code got = as_document_load(&r->documents[r->document_count], from->name,
                                       &from->source, r->arena, &one);
        if (got == AS_OK) {
            r->document_count++;
            continue;
        }
        if (!one.at.file) { /* nothing of the file was read: say where it is named */
            one.at = from->source.at;
        }
        as_diags_error(d, &one);
        *e = one;
        code = got;
    }
    return code;
}

as_code as_run_load(as_run *r, as_diags *d, as_err *e)
{
    as_code tables = load_tables(r, d, e);
    as_code documents = load_documents(r, d, e);
    as_run_stage_end(r, AS_STAGE_READ);
    for (size_t i = 0; i < r->table_count; i++) {
        r->digest_millis += r->tables[i]->report.digest_ms / as_pool_jobs(r->pool);
    }
    return tables != AS_OK ? tables : documents;
}
