/* codelist_file.c: codelists/NAME.yaml: canonical codes with their spelling variants, or a
 * plain list of codes. */
#include "rules/load.h"

const as_key_doc as_keys_code_list[] = {
    {"list", "text", true, "The list's name, as the file is called."},
    {"source", "text", false, "Where it is from."},
    {"codes", "mapping or list", true,
     "CODE: [variant, …], or a list of codes that have no variants."},
    {"codes.*", "codes", false, "The variants of a code, or a code."},
    AS_KEYS_END};

static bool read_code(as_load *l, const as_node *n, as_code_entry *out)
{
    if (n->kind != AS_NODE_SCALAR) {
        as_load_error(l, n->at, "put a code that holds `: ` in quotes",
                      "a code must be text, not %s", as_node_kind_name(n));
        return false;
    }
    out->code = as_str_trim(n->text);
    out->at = n->at;
    if (out->code.len == 0)
        as_load_error(l, n->at, "", "an empty code");
    return out->code.len > 0;
}

static void read_variants(as_load *l, const as_node *n, as_code_entry *out)
{
    if (as_node_is_null(n))
        return;
    if (n->kind != AS_NODE_SEQ) {
        as_load_error(l, n->at, "write `[variant, …]`, or `[]` where there are none",
                      "the variants of code `%.*s` must be a list, not %s", AS_FMT(out->code),
                      as_node_kind_name(n));
        return;
    }
    as_str *all = AS_NEW_N(l->arena, as_str, n->count + 1);
    if (!all) {
        as_load_nomem(l);
        return;
    }
    for (size_t i = 0; i < n->count; i++) {
        if (n->items[i]->kind == AS_NODE_SCALAR)
            all[out->variant_count++] = n->items[i]->text;
        else
            as_load_error(l, n->items[i]->at, "put a variant that holds `: ` in quotes",
                          "a variant must be text, not %s", as_node_kind_name(n->items[i]));
    }
    out->variants = all;
}

static void read_codes(as_load *l, const as_node *codes, as_code_list *list)
{
    bool map = codes->kind == AS_NODE_MAP;
    list->entries = AS_NEW_N(l->arena, as_code_entry, codes->count + 1);
    if (!list->entries) {
        as_load_nomem(l);
        return;
    }
    for (size_t i = 0; i < codes->count; i++) {
        as_code_entry *entry = &list->entries[list->count];
        if (!read_code(l, map ? codes->pairs[i].key : codes->items[i], entry))
            continue;
        list->count++;
        if (map)
            read_variants(l, codes->pairs[i].value, entry);
    }
}

static bool add_list(as_load *l, as_code_list *list)
{
    const as_code_list *other = as_project_list(l->project, list->name);
    if (other) {
        as_load_error(l, list->at, "give one of them another name",
                      "code list `%.*s` is also in %s:%u", AS_FMT(list->name), other->at.file,
                      (unsigned)other->at.line);
        return false;
    }
    as_code_list **all = as_load_room(l, l->pack->lists, l->pack->list_count, sizeof(void *));
    if (!all)
        return false;
    l->pack->lists = all;
    all[l->pack->list_count++] = list;
    return true;
}

void as_code_list_read(as_load *l, const as_node *root, as_str name)
{
    as_str written = AS_NONE;
    as_err e = {0};
    as_code_list *list = AS_NEW(l->arena, as_code_list);
    if (!list) {
        as_load_nomem(l);
        return;
    }
    *list = (as_code_list){
        .name = name, .at = (as_node_get(root, "list") ? as_node_get(root, "list") : root)->at};
    if (!as_read_root(l, root, as_keys_code_list, "a code list"))
        return;
    if (as_need_text(l, root, "list", "the code list", &written) && !as_str_eq(written, name))
        as_load_error(l, as_node_get(root, "list")->at,
                      as_load_hint(l, "write `list: %.*s`", AS_FMT(name)),
                      "`list: %.*s` is in a file named %.*s.yaml", AS_FMT(written),
                      AS_FMT(name));
    as_read_text(l, root, "source", &list->source);
    const as_node *codes = as_node_get(root, "codes");
    bool empty = !codes || codes->kind == AS_NODE_SCALAR || codes->count == 0;
    if (empty)
        as_load_error(l, codes ? codes->at : root->at,
                      "write `codes: {CODE: [variant, …], …}` or `codes: [CODE, …]`",
                      "code list `%.*s` has no codes", AS_FMT(name));
    else
        read_codes(l, codes, list);
    if (add_list(l, list) && as_code_list_seal(list, l->arena, l->diags, &e) == AS_ENOMEM)
        as_load_nomem(l);
}
