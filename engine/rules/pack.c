/* pack.c: one pack: pack.yaml, then what lies in its folder. Nothing has to be listed twice: a
 * file is read because of where it lies. A file that looks as if it should be read and is not,
 * is told. */
#include "base/limits.h"
#include "base/text.h"
#include "rules/load.h"

const as_key_doc as_keys_pack[] = {
    {"pack", "text", true, "Name of the pack."},
    {"version", "text", false, "Its version."},
    {"title", "text", false, "What it is for."},
    {"source", "text", false, "Where its rules come from."},
    {"stewards", "mapping", false, "NAME: contact, for those whom rules name under `steward`."},
    {"stewards.*", "value", false, "How to reach them."},
    {"params", "names", false, "NAME: default, which a release may replace."},
    {"params.*", "text", false, "The default."},
    {"patterns", "names", false, "NAME: regular expression, for `format: NAME`."},
    {"patterns.*", "text", false, "What the whole value must match."},
    {"optional", "mapping", false,
     "NAME: reason, for tables and documents that a release need not have."},
    {"optional.*", "text", false, "What it means that it is not there."},
    AS_KEYS_END};

/* ---- pack.yaml ---- */

static void read_stewards(as_load *l, const as_node *n)
{
    as_pack *k = l->pack;
    if (!n || !as_read_map(l, n, "`stewards`"))
        return;
    k->stewards = AS_NEW_N(l->arena, as_steward, n->count + 1);
    if (!k->stewards) {
        as_load_nomem(l);
        return;
    }
    for (size_t i = 0; i < n->count; i++) {
        as_str contact = AS_NONE;
        const as_node *key = n->pairs[i].key;
        if (!as_node_is_null(n->pairs[i].value))
            as_read_text(l, n, key->text.ptr, &contact);
        k->stewards[k->steward_count++] = (as_steward){key->text, contact};
    }
}

static void read_pattern(as_load *l, const as_node *n, const as_pair *pair)
{
    as_pattern pattern = {.name = pair->key->text, .at = pair->key->at};
    as_regex *compiled = NULL;
    as_err e = {0};
    if (!as_read_name(l, pair->key, "a pattern") ||
        !as_read_text(l, n, pattern.name.ptr, &pattern.regex))
        return;
    const as_pattern *other = as_project_pattern(l->project, pattern.name);
    if (other) {
        as_load_error(l, pattern.at, "give one of them another name",
                      "pattern `%.*s` is also in %s:%u", AS_FMT(pattern.name), other->at.file,
                      (unsigned)other->at.line);
        return;
    }
    as_code code = as_regex_compile(&compiled, l->arena, pattern.regex, AS_REGEX_WHOLE, &e);
    if (code == AS_ENOMEM)
        as_load_nomem(l);
    else if (code != AS_OK)
        as_load_error(l, pair->value->at, "", "pattern `%.*s`: %s", AS_FMT(pattern.name),
                      e.text);
    as_pattern *all = as_load_room(l, l->pack->patterns, l->pack->pattern_count, sizeof *all);
    if (!all)
        return;
    l->pack->patterns = all;
    all[l->pack->pattern_count++] = pattern;
}

static void read_patterns(as_load *l, const as_node *n)
{
    if (!n || !as_read_map(l, n, "`patterns`"))
        return;
    for (size_t i = 0; i < n->count; i++)
        read_pattern(l, n, &n->pairs[i]);
}

static void check_pack_name(as_load *l, const as_node *root)
{
    as_pack *k = l->pack;
    if (!as_need_text(l, root, "pack", "the pack", &k->name)) {
        k->name = as_path_name(k->folder);
        return;
    }
    for (size_t i = 0; i + 1 < l->project->pack_count; i++)
        if (as_str_eq(l->project->packs[i]->name, k->name))
            as_load_error(l, as_node_get(root, "pack")->at, "give one of them another name",
                          "pack `%.*s` is also in %.*s", AS_FMT(k->name),
                          AS_FMT(l->project->packs[i]->folder));
}

static bool read_pack_yaml(as_load *l)
{
    const as_node *root = as_load_pack_yaml(l, AS_STR("pack.yaml"));
    if (!root || !as_read_root(l, root, as_keys_pack, "pack.yaml"))
        return false;
    check_pack_name(l, root);
    as_read_text(l, root, "version", &l->pack->version);
    as_read_text(l, root, "title", &l->pack->title);
    as_read_text(l, root, "source", &l->pack->source);
    read_stewards(l, as_node_get(root, "stewards"));
    as_params_read(l, as_node_get(root, "params"));
    read_patterns(l, as_node_get(root, "patterns"));
    l->pack->optional = as_node_get(root, "optional");
    as_reasons_read(l, l->pack->optional, "`optional`");
    return true;
}

/* ---- folders of the pack ---- */

typedef void (*as_file_fn)(as_load *l, as_str inside, as_str name);

/* A name for what the file holds: letters, digits and `_`. */
static bool file_name_ok(as_load *l, as_str shown, as_str name)
{
    as_node n = {.kind = AS_NODE_SCALAR, .text = name, .at = {shown.ptr, 0, 0}};
    return as_read_name(l, &n, "a file here");
}

static bool list_folder(as_load *l, const char *folder, as_entries *out, as_str *shown)
{
    as_err e = {0};
    *shown = as_path_join(l->arena, l->pack->folder, as_str_from(folder));
    as_str real = AS_NONE;
    if (!shown->ptr)
        return as_load_nomem(l);
    *out = (as_entries){NULL, 0};
    as_code code = as_path_real(&real, l->arena, shown->ptr, shown->ptr, &e);
    if (code == AS_ENOMEM)
        return as_load_nomem(l);
    if (code != AS_OK)
        return false; /* no such folder: nothing in it */
    if (folder[0] && !as_path_inside(l->pack->open_folder, real)) {
        as_load_error(l, (as_span){shown->ptr, 0, 0},
                      "a pack may only read files inside itself",
                      "this folder leads out of the pack, to %.*s", AS_FMT(real));
        return false;
    }
    code = as_folder_list(out, l->arena, real.ptr, shown->ptr, &e);
    if (code == AS_ENOMEM)
        return as_load_nomem(l);
    if (code != AS_OK)
        as_diags_error(l->diags, &e);
    return code == AS_OK;
}

static void read_folder(as_load *l, const char *folder, const char *ending, as_file_fn read)
{
    as_entries entries = {NULL, 0};
    as_str shown;
    if (!list_folder(l, folder, &entries, &shown))
        return;
    for (size_t i = 0; i < entries.count; i++) {
        as_str file = entries.items[i].name;
        as_str path = as_path_join(l->arena, shown, file);
        as_str inside = as_path_join(l->arena, as_str_from(folder), file);
        if (!path.ptr || !inside.ptr) {
            as_load_nomem(l);
            return;
        }
        if (entries.items[i].folder || as_name_ends(file, ".md") || as_name_ends(file, ".txt"))
            continue;
        if (!as_name_ends(file, ending)) {
            as_load_warn(l, (as_span){path.ptr, 0, 0},
                         as_load_hint(l, "files here end in `%s`", ending),
                         "this file is not read");
            continue;
        }
        as_str name = as_arena_str(l->arena, as_str_sub(file, 0, file.len - strlen(ending)));
        if (name.ptr && file_name_ok(l, path, name))
            read(l, inside, name);
    }
}

static void read_list_file(as_load *l, as_str inside, as_str name)
{
    const as_node *root = as_load_pack_yaml(l, inside);
    if (root)
        as_code_list_read(l, root, name);
}

static void read_schema_file(as_load *l, as_str inside, as_str name)
{
    const as_node *root = as_load_pack_yaml(l, inside);
    if (root)
        as_schema_read(l, root, name);
}

static const as_schema *own_schema(const as_pack *k, as_str name)
{
    for (size_t i = 0; i < k->schema_count; i++)
        if (as_str_eq(k->schemas[i]->name, name))
            return k->schemas[i];
    return NULL;
}

static void read_reference_file(as_load *l, as_str inside, as_str name)
{
    as_str shown;
    as_reference ref = {.name = name, .schema = own_schema(l->pack, name)};
    if (!as_load_pack_digest(l, inside, &shown, &ref.source.open_path))
        return;
    ref.source.path = shown;
    ref.source.encoding = AS_STR("auto");
    ref.source.at = (as_span){shown.ptr, 1, 1};
    if (!ref.schema) {
        as_load_error(l, (as_span){shown.ptr, 0, 0},
                      as_load_hint(l, "write tables/%.*s.yaml", AS_FMT(name)),
                      "reference table `%.*s` has no schema in this pack", AS_FMT(name));
        return;
    }
    as_reference *all =
        as_load_room(l, l->pack->references, l->pack->reference_count, sizeof *all);
    if (!all)
        return;
    l->pack->references = all;
    all[l->pack->reference_count++] = ref;
}

static const as_lua_module *find_module(const as_project *p, as_str name)
{
    for (size_t i = 0; i < p->pack_count; i++)
        for (size_t j = 0; j < p->packs[i]->module_count; j++)
            if (as_str_eq(p->packs[i]->modules[j].name, name))
                return &p->packs[i]->modules[j];
    return NULL;
}

static void read_lua_file(as_load *l, as_str inside, as_str name)
{
    as_lua_module module = {.name = name};
    if (!as_load_pack_file(l, inside, AS_LUA_SOURCE_MAX, &module.text, &module.path))
        return;
    module.open_path = module.path;
    module.at = (as_span){module.path.ptr, 1, 1};
    const as_lua_module *other = find_module(l->project, name);
    if (other) {
        as_load_error(l, module.at, "give one of them another name",
                      "module `%.*s` is also %.*s", AS_FMT(name), AS_FMT(other->path));
        return;
    }
    as_lua_module *all = as_load_room(l, l->pack->modules, l->pack->module_count, sizeof *all);
    if (!all)
        return;
    l->pack->modules = all;
    all[l->pack->module_count++] = module;
}

/* ---- the files directly in the pack ---- */

/* A folder whose name is nearly one that is read: "codelist". */
static void check_folder_name(as_load *l, as_str path, as_str name)
{
    static const as_str read_ones[] = {
        {"tables", 6}, {"codelists", 9}, {"reference", 9}, {"lua", 3}};
    const size_t count = sizeof read_ones / sizeof *read_ones;
    as_str near = as_text_nearest(name, read_ones, count);
    if (near.ptr && !as_str_eq(near, name))
        as_load_warn(l, (as_span){path.ptr, 0, 0},
                     as_load_hint(l, "did you mean `%.*s`?", AS_FMT(near)),
                     "this folder is not read");
}

/* "places.yml", "places.YAML": meant to be read. */
static bool nearly_yaml(as_str name)
{
    as_str tail = as_str_sub(name, name.len > 5 ? name.len - 5 : 0, 5);
    char lower[6] = {0};
    for (size_t i = 0; i < tail.len && i < sizeof lower - 1; i++)
        lower[i] =
            (char)(tail.ptr[i] >= 'A' && tail.ptr[i] <= 'Z' ? tail.ptr[i] + 32 : tail.ptr[i]);
    as_str text = as_str_from(lower);
    return as_name_ends(text, ".yml") || strcmp(lower, ".yaml") == 0;
}

static void read_root_entry(as_load *l, const as_entry *entry, as_str path)
{
    as_span at = {path.ptr, 0, 0};
    if (entry->folder) {
        check_folder_name(l, path, entry->name);
        return;
    }
    if (as_str_eq(entry->name, AS_STR("pack.yaml")))
        return;
    if (as_name_ends(entry->name, ".yaml")) {
        const as_node *root = as_load_pack_yaml(l, entry->name);
        if (root)
            as_rule_file_read(l, root);
    } else if (nearly_yaml(entry->name)) {
        as_load_warn(l, at, "rename it so that it ends in `.yaml`", "this file is not read");
    }
}

static void read_root(as_load *l, const as_entries *entries)
{
    for (size_t i = 0; i < entries->count; i++) {
        as_str path = as_path_join(l->arena, l->pack->folder, entries->items[i].name);
        if (path.ptr)
            read_root_entry(l, &entries->items[i], path);
        else
            as_load_nomem(l);
    }
}

void as_pack_read(as_load *l)
{
    if (!read_pack_yaml(l))
        return;
    const as_project *p = l->project;
    size_t before = p->rule_count + p->measure_count, errors = l->diags->errors;
    as_entries root = {NULL, 0};
    as_str shown;
    if (list_folder(l, "", &root, &shown))
        l->ahead = as_ahead_begin(l->pack, &root, l->arena);
    read_folder(l, "codelists", ".yaml", read_list_file);
    read_folder(l, "tables", ".yaml", read_schema_file);
    read_folder(l, "reference", ".csv", read_reference_file);
    read_folder(l, "lua", ".lua", read_lua_file);
    read_root(l, &root);
    as_ahead_end(l->ahead);
    l->ahead = NULL;
    if (p->rule_count + p->measure_count == before && l->diags->errors == errors)
        as_load_warn(l, (as_span){l->pack->folder.ptr, 0, 0},
                     "put `rules:` into a .yaml file beside pack.yaml",
                     "pack `%.*s` holds no rules and no measures", AS_FMT(l->pack->name));
}
