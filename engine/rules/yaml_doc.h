/* yaml_doc.h: a YAML file as a tree of nodes that know where they stand. The only user of
 * yaml.h.
 *
 * Scalars stay text: nothing is turned into a number, a date or a boolean here. Duplicate keys,
 * tabs, anchors that expand without end, depth, size: clear errors. Aliases are resolved
 * (shared nodes), counted and capped. */
#ifndef AS_RULES_YAML_DOC_H
#define AS_RULES_YAML_DOC_H

#include "base/err.h"

typedef enum as_node_kind { AS_NODE_SCALAR, AS_NODE_SEQ, AS_NODE_MAP } as_node_kind;

typedef struct as_node as_node;
typedef struct as_pair {
    as_node *key; /* always a scalar */
    as_node *value;
} as_pair;

struct as_node {
    as_node_kind kind;
    as_span at;
    bool quoted;        /* scalar written in quotes or as a block: never null, never a $param */
    uint32_t text_line; /* scalar: the line on which its text begins (of a `|` block: the one
                           below) */
    as_str text;        /* scalar; valid UTF-8 without NUL inside; NUL-terminated behind .len */
    as_node **items;    /* seq */
    as_pair *pairs;     /* map, in the order of the file */
    size_t count;
};

/* `shown` is the path for messages (copied). An empty file gives *out = an empty map. */
as_code as_yaml_parse(as_node **out, as_arena *a, as_str text, const char *shown, as_err *e);
as_code as_yaml_load(as_node **out, as_arena *a, const char *path, const char *shown,
                     as_err *e);

as_node *as_node_get(const as_node *map, const char *key); /* NULL: not there, or not a map */
/* A plain (unquoted) scalar that is empty, `null` or `~`. */
bool as_node_is_null(const as_node *n);
/* A plain (unquoted) scalar: true/false (also yes/no, on/off). False returned: it is not one.
 */
bool as_node_bool(const as_node *n, bool *out);
/* Written the same: kind, texts, quotes, order. Both NULL: the same. */
bool as_node_same(const as_node *x, const as_node *y);
const char *as_node_kind_name(const as_node *n); /* "a mapping", "a list", "text" */

/* Report keys of `map` that are not in `known` (NULL-terminated), each with a "did you mean".
 */
void as_node_check_keys(const as_node *map, const char *const *known, const char *what,
                        as_diags *d);

#endif
