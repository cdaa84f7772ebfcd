/* project.c: opening a release or a pack: the order in which things are read, the files that
 * are, their digests.
 *
 * Entry points: as_project_open, as_project_open_pack. Order: release.yaml, built-in
 * parameters, each pack (pack.c), the release's parameters, then linking (link.c and its
 * neighbours). A pack that cannot be read is a diag, and the rest is read all the same.
 *
 * Invariants: every file that was read is in `files`. rules_sha256 depends on what the files
 * hold and how they are called inside their pack, not on where the pack or the release lies. */
#include "base/limits.h"
#include "rules/load.h"

#include <stdlib.h>
#include <sys/stat.h>

/* ---- files ---- */

bool as_load_record(as_load *l, as_project_file file, const as_pack *pack, as_str inside)
{
    as_project *p = l->project;
    as_project_file *files = as_load_room(l, p->files, p->file_count, sizeof *files);
    as_file_name *names = as_load_room(l, l->file_names, l->file_name_count, sizeof *names);
    if (!files || !names)
        return false;
    p->files = files;
    l->file_names = names;
    files[p->file_count++] = file;
    names[l->file_name_count++] = (as_file_name){pack, inside};
    return true;
}

/* Where a file of the pack really is; *shown for messages. False: reported. */
static bool find_inside(as_load *l, as_str inside, as_str *shown, as_str *real)
{
    as_err e = {0};
    *shown = as_path_join(l->arena, l->pack->folder, inside);
    if (!shown->ptr)
        return as_load_nomem(l);
    as_code code = as_path_real(real, l->arena, shown->ptr, shown->ptr, &e);
    if (code == AS_ENOMEM)
        return as_load_nomem(l);
    if (code != AS_OK) {
        e.at = l->pack_at;
        as_diags_error(l->diags, &e);
        return false;
    }
    if (as_path_inside(l->pack->open_folder, *real))
        return true;
    as_load_error(l, (as_span){shown->ptr, 0, 0}, "a pack may only read files inside itself",
                  "this file leads out of the pack, to %.*s", AS_FMT(*real));
    return false;
}

static bool record_inside(as_load *l, as_str inside, as_project_file file)
{
    file.path = as_path_join(l->arena, l->pack_written, inside);
    return file.path.ptr ? as_load_record(l, file, l->pack, inside) : as_load_nomem(l);
}

static bool tell(as_load *l, as_code code, const as_err *e)
{
    if (code == AS_ENOMEM)
        return as_load_nomem(l);
    if (code != AS_OK)
        as_diags_error(l->diags, e);
    return code == AS_OK;
}

bool as_load_pack_file(as_load *l, as_str inside, size_t max, as_str *bytes, as_str *shown)
{
    as_err e = {0};
    as_project_file file = {0};
    if (!find_inside(l, inside, shown, &file.open_path))
        return false;
    as_code code = as_file_read(bytes, l->arena, file.open_path.ptr, shown->ptr, max, &e);
    if (!code)
        code = as_sha256_of(*bytes, file.sha256, &e);
    return tell(l, code, &e) && record_inside(l, inside, file);
}

const as_node *as_load_pack_yaml(as_load *l, as_str inside)
{
    as_err e = {0};
    as_str bytes, shown;
    as_node *root = NULL;
    as_project_file file = {0};
    if (as_ahead_take(l->ahead, inside, &root, &file))
        return record_inside(l, inside, file) ? root : NULL;
    if (!as_load_pack_file(l, inside, AS_YAML_FILE_MAX, &bytes, &shown))
        return NULL;
    return tell(l, as_yaml_parse(&root, l->arena, bytes, shown.ptr, &e), &e) ? root : NULL;
}

bool as_load_pack_digest(as_load *l, as_str inside, as_str *shown, as_str *open_path)
{
    as_err e = {0};
    as_project_file file = {0};
    if (!find_inside(l, inside, shown, &file.open_path))
        return false;
    *open_path = file.open_path;
    return tell(l, as_file_digest(file.sha256, NULL, open_path->ptr, shown->ptr, &e), &e) &&
           record_inside(l, inside, file);
}

/* ---- packs ---- */

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* A pack with its folder, added to the project. False: it is not there, or was named before
 * (reported). */
static bool add_pack(as_load *l, as_str path)
{
    as_project *p = l->project;
    as_err e = {0};
    as_pack *k = AS_NEW(l->arena, as_pack);
    if (!k)
        return as_load_nomem(l);
    k->folder = as_path_tidy(l->arena, path);
    if (!k->folder.ptr)
        return as_load_nomem(l);
    as_code code = as_path_real(&k->open_folder, l->arena, k->folder.ptr, k->folder.ptr, &e);
    if (code == AS_ENOMEM)
        return as_load_nomem(l);
    if (code != AS_OK || !is_folder(k->open_folder.ptr)) {
        as_load_error(l, l->pack_at,
                      "name the folder that holds pack.yaml, from the folder of release.yaml",
                      code ? "pack `%.*s`: %s" : "pack `%.*s`: %s: not a folder",
                      AS_FMT(l->pack_written), code ? e.text : k->folder.ptr);
        return false;
    }
    for (size_t i = 0; i < p->pack_count; i++) {
        if (as_str_eq(p->packs[i]->open_folder, k->open_folder)) {
            as_load_error(l, l->pack_at, "remove one", "pack `%.*s` is named twice",
                          AS_FMT(l->pack_written));
            return false;
        }
    }
    as_pack **packs = as_load_room(l, p->packs, p->pack_count, sizeof(void *));
    if (!packs)
        return false;
    p->packs = packs;
    packs[p->pack_count++] = k;
    l->pack = k;
    return true;
}

static void read_packs(as_load *l)
{
    const as_node *n = as_node_get(l->project->node, "packs");
    const as_str *folders;
    size_t count;
    if (!as_read_texts(l, l->project->node, "packs", "[../rules/my-pack]", &folders, &count))
        return;
    for (size_t i = 0; i < count; i++) {
        as_str path = as_path_join(l->arena, l->project->folder, folders[i]);
        if (!path.ptr) {
            as_load_nomem(l);
            return;
        }
        l->pack_written = folders[i];
        l->pack_at = n->items[i]->at;
        if (add_pack(l, path))
            as_pack_read(l);
    }
}

/* ---- digests ---- */

typedef struct as_keyed {
    as_str key;
    const char *sha256;
} as_keyed;

static int by_key(const void *x, const void *y)
{
    const as_keyed *a = x, *b = y;
    int c = as_str_cmp(a->key, b->key);
    return c ? c : strcmp(a->sha256, b->sha256);
}

static int by_path(const void *x, const void *y)
{
    const as_project_file *a = x, *b = y;
    int c = as_str_cmp(a->path, b->path);
    return c ? c : as_str_cmp(a->open_path, b->open_path);
}

static as_code digest_all(as_load *l, const as_keyed *all, size_t count, as_err *e)
{
    as_sha256 *h = NULL;
    as_code code = as_sha256_open(&h, e);
    for (size_t i = 0; !code && i < count; i++) {
        as_sha256_add(h, as_str_from(all[i].sha256));
        as_sha256_add(h, AS_STR("  "));
        as_sha256_add(h, all[i].key);
        as_sha256_add(h, AS_STR("\n"));
    }
    if (!code)
        as_sha256_hex(h, l->project->rules_sha256);
    as_sha256_close(h);
    return code;
}

/* The form of sha256sum's output, sorted by name: anybody can compute it again. */
static as_code finish_files(as_load *l, as_err *e)
{
    as_project *p = l->project;
    as_keyed *all = AS_NEW_N(l->arena, as_keyed, p->file_count + 1);
    if (!all)
        return as_fail_nomem(e);
    for (size_t i = 0; i < p->file_count; i++) {
        as_file_name name = l->file_names[i];
        as_str folder = name.pack ? name.pack->name : AS_STR("");
        all[i] = (as_keyed){as_path_join(l->arena, folder, name.inside), p->files[i].sha256};
        if (!all[i].key.ptr)
            return as_fail_nomem(e);
    }
    if (p->file_count == 0)
        return digest_all(l, all, 0, e);
    qsort(all, p->file_count, sizeof *all, by_key);
    as_code code = digest_all(l, all, p->file_count, e);
    qsort(p->files, p->file_count, sizeof *p->files, by_path);
    return code;
}

/* ---- opening ---- */

static as_code begin(as_load *l, as_arena *a, const char *path, as_kind_names kinds,
                     as_diags *d, as_err *e)
{
    *l = (as_load){.arena = a, .diags = d, .kinds = kinds, .broken = {.arena = a}};
    l->project = AS_NEW(a, as_project);
    if (!l->project)
        return as_fail_nomem(e);
    as_project *p = l->project;
    p->arena = a;
    p->as_at = p->period_from = p->period_to = AS_DATE_NULL;
    p->fail_on = AS_SEV_ERROR;
    p->path = as_arena_str(a, as_str_from(path));
    p->folder = as_arena_str(a, as_path_folder(p->path));
    return p->path.ptr && p->folder.ptr ? AS_OK : as_fail_nomem(e);
}

static as_code finish(as_load *l, as_project **out, size_t errors_before, as_err *e)
{
    as_schemas_link(l);
    as_link_names(l);
    as_link_release(l);
    as_without_link(l);
    as_overrides_link(l);
    as_link_tables(l);
    as_documents_link(l);
    as_cases_link(l);
    as_code code = l->nomem ? as_fail_nomem(e) : finish_files(l, e);
    l->project->usable = l->diags->errors == errors_before;
    if (code == AS_OK)
        *out = l->project;
    return code;
}

static as_code read_release(as_load *l, as_node **root, as_err *e)
{
    as_str path = l->project->path, bytes;
    as_project_file file = {.path = as_path_name(path), .open_path = path};
    as_code code = as_file_read(&bytes, l->arena, path.ptr, path.ptr, AS_YAML_FILE_MAX, e);
    if (!code)
        code = as_yaml_parse(root, l->arena, bytes, path.ptr, e);
    if (!code)
        code = as_sha256_of(bytes, file.sha256, e);
    if (!code && !as_load_record(l, file, NULL, AS_STR("release.yaml")))
        code = as_fail_nomem(e);
    return code;
}

as_code as_project_open(as_project **out, as_arena *a, const char *release_path,
                        as_kind_names kinds, as_diags *d, as_err *e)
{
    as_load l;
    as_node *root = NULL;
    size_t errors = d->errors;
    *out = NULL;
    as_code code = begin(&l, a, release_path, kinds, d, e);
    if (!code)
        code = read_release(&l, &root, e);
    if (code)
        return code;
    as_release_read(&l, root);
    as_params_builtin(&l);
    read_packs(&l);
    as_params_release(&l, as_node_get(root, "params"));
    as_decisions_read(&l);
    return finish(&l, out, errors, e);
}

/* What the built-in parameters are where there is no release: the year of the first one. */
static void pretend_release(as_project *p)
{
    p->release = p->pack_count ? p->packs[0]->title.len ? p->packs[0]->title : p->packs[0]->name
                               : AS_STR("");
    p->as_at = as_date_from(2017, 3, 31);
    p->period_from = as_date_from(2016, 4, 1);
    p->period_to = as_date_from(2017, 3, 31);
}

as_code as_project_open_pack(as_project **out, as_arena *a, const char *pack_path,
                             as_kind_names kinds, as_diags *d, as_err *e)
{
    as_load l;
    size_t errors = d->errors;
    *out = NULL;
    as_code code = begin(&l, a, pack_path, kinds, d, e);
    if (code)
        return code;
    as_str real = AS_NONE;
    code = as_path_real(&real, a, pack_path, pack_path, e);
    if (code)
        return code;
    if (!is_folder(real.ptr))
        return as_fail(e, AS_EIO, AS_NOWHERE,
                       "%s: not a folder; name the folder that holds pack.yaml", pack_path);
    l.pack_written = l.project->path;
    l.project->folder = l.project->path;
    if (add_pack(&l, l.project->path))
        as_pack_read(&l);
    pretend_release(l.project);
    as_params_builtin(&l);
    return finish(&l, out, errors, e);
}
