/* documents.c: `documents:` of release.yaml, the texts that are published beside the figures,
 * and the documents that rules name. */
#include "rules/load.h"

const as_release_document *as_project_document(const as_project *p, as_str name)
{
    for (size_t i = 0; i < p->document_count; i++)
        if (as_str_eq(p->documents[i].name, name))
            return &p->documents[i];
    return NULL;
}

static void read_document(as_load *l, const as_pair *pair)
{
    as_project *p = l->project;
    const as_node *n = pair->value;
    if (!as_read_name(l, pair->key, "a document"))
        return;
    if (n->kind != AS_NODE_MAP) {
        as_load_error(l, n->at, "write {file: commentary.md}",
                      "document `%.*s` must be a mapping, not %s", AS_FMT(pair->key->text),
                      as_node_is_null(n) ? "empty" : as_node_kind_name(n));
        return;
    }
    if (as_release_table_find(p, pair->key->text))
        as_load_error(l, pair->key->at, "give one of the two another name",
                      "`%.*s` is a table and a document", AS_FMT(pair->key->text));
    as_release_document *all = as_load_room(l, p->documents, p->document_count, sizeof *all);
    if (!all)
        return;
    p->documents = all;
    as_release_document *d = &all[p->document_count++];
    d->name = pair->key->text;
    as_read_keys(l, n, as_keys_release, "documents.*", "a document");
    as_read_source(l, n, "a document", pair->key->at, &d->source);
}

void as_documents_read(as_load *l, const as_node *root)
{
    const as_node *n = as_node_get(root, "documents");
    if (!n || !as_read_map(l, n, "`documents`"))
        return;
    for (size_t i = 0; i < n->count; i++)
        read_document(l, &n->pairs[i]);
}

/* The document that the rule names and the release neither has nor excuses; NULL: none. */
static const as_node *lack_of(const as_project *p, const as_rule *r)
{
    const as_node *n =
        r->spec && r->spec->kind == AS_NODE_MAP ? as_node_get(r->spec, "document") : NULL;
    bool lacks = n && n->kind == AS_NODE_SCALAR && !as_project_document(p, n->text) &&
                 !as_project_without(p, n->text).ptr;
    return lacks ? n : NULL;
}

/* Rules from `from` on that lack this document. */
static size_t count_lacks(const as_project *p, size_t from, size_t to, as_str document)
{
    size_t count = 0;
    for (size_t i = from; i < to; i++) {
        const as_node *n = lack_of(p, &p->rules[i]);
        count += n && as_str_eq(n->text, document);
    }
    return count;
}

/* A document that the release lacks is no mistake of the pack: the rule says so when it is to
 * run. */
static void tell_lack(as_load *l, const as_rule *r, as_str document, size_t more)
{
    const as_project *p = l->project;
    const as_node *key = as_node_key(p->node, "documents");
    as_str near = as_project_nearest(p, "document", document);
    as_str others = more ? as_arena_printf(l->arena, " and %zu more", more) : AS_NONE;
    as_load_warn(l, key ? key->at : p->node->at,
                 near.len ? as_load_hint(l, "did you mean `%.*s`?", AS_FMT(near))
                          : as_load_hint(l,
                                         "name its file under `documents:`, or write under "
                                         "`without:` why there is none: `%.*s: reason`",
                                         AS_FMT(document)),
                 "this release has no document `%.*s`, which rule `%.*s`%.*s need%s",
                 AS_FMT(document), AS_FMT(r->id), AS_FMT(others), more ? "" : "s");
}

void as_documents_link(as_load *l)
{
    const as_project *p = l->project;
    for (size_t i = 0; p->node && i < p->rule_count; i++) {
        const as_node *n = lack_of(p, &p->rules[i]);
        if (n && count_lacks(p, 0, i, n->text) == 0)
            tell_lack(l, &p->rules[i], n->text, count_lacks(p, i + 1, p->rule_count, n->text));
    }
}
