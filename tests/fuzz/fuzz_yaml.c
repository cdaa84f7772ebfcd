/* fuzz_yaml.c: any bytes as a YAML file. Besides crashes: a tree that was accepted keeps the
 * promises of yaml_doc.h. */
#include "base/limits.h"
#include "base/text.h"
#include "rules/yaml_doc.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static size_t walk(const as_node *n, unsigned depth)
{
    size_t seen = 1;
    check(depth <= AS_YAML_DEPTH_MAX + 1);
    check(n->at.file && n->at.line && n->at.column);
    if (n->kind == AS_NODE_SCALAR) {
        check(n->text.ptr[n->text.len] == '\0' && strlen(n->text.ptr) == n->text.len);
        check(as_text_utf8_valid(n->text) == n->text.len);
        check(n->text_line == n->at.line || (n->quoted && n->text_line == n->at.line + 1));
    }
    for (size_t i = 0; n->kind == AS_NODE_SEQ && i < n->count; i++)
        seen += walk(n->items[i], depth + 1);
    for (size_t i = 0; n->kind == AS_NODE_MAP && i < n->count; i++) {
        check(n->pairs[i].key->kind == AS_NODE_SCALAR);
        check(as_node_get(n, n->pairs[i].key->text.ptr) ==
              n->pairs[i].value); /* no key twice */
        seen += walk(n->pairs[i].key, depth + 1) + walk(n->pairs[i].value, depth + 1);
    }
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    as_arena *a = as_arena_open();
    as_err e = {0};
    as_node *root = NULL;
    check(a != NULL);
    as_code code = as_yaml_parse(&root, a, (as_str){(const char *)data, size}, "f.yaml", &e);
    check((code == AS_OK) == (root != NULL));
    if (root)
        check(walk(root, 0) <= AS_YAML_NODES_MAX + 1);
    else
        check(e.code == code && e.text[0] && (code == AS_ERULE || code == AS_EBUDGET));
    as_arena_close(a);
    return 0;
}
