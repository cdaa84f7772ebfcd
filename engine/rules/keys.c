/* keys.c: keys of a mapping held against a table of them. */
#include "rules/keys.h"

#include <string.h>

#define KEYS_MAX 128 /* keys of one mapping; the largest has twenty */

const char *as_key_under(const as_key_doc *k, const char *under)
{
    size_t len = strlen(under);
    const char *rest = k->name;
    if (len) {
        if (strncmp(rest, under, len) != 0 || rest[len] != '.')
            return NULL;
        rest += len + 1;
    }
    return rest[0] && !strchr(rest, '.') ? rest : NULL;
}

void as_keys_check(const as_node *map, const as_key_doc *keys, const char *under,
                   const char *what, as_diags *d)
{
    const char *known[KEYS_MAX + 1];
    size_t count = 0;
    for (; keys->name && count < KEYS_MAX; keys++) {
        const char *name = as_key_under(keys, under);
        if (name)
            known[count++] = name;
    }
    known[count] = NULL;
    as_node_check_keys(map, known, what, d);
}
