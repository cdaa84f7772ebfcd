/* message.c: the rule's message, "{urn}: {places} places", checked once and cut into its parts.
 */
#include "check/message.h"

#include "base/text.h"
#include "check/evidence.h"
#include "check/params.h"

/* The next {name} of a template. *before is the text in front of it. False: no more, *before is
 * the rest. A brace that is never closed gives a name with ptr NULL. */
static bool next_name(as_str *rest, as_str *before, as_str *name)
{
    size_t open = as_str_find(*rest, AS_STR("{"));
    *before = as_str_sub(*rest, 0, open == (size_t)-1 ? rest->len : open);
    *name = AS_NONE;
    if (open == (size_t)-1)
        return false;
    *rest = as_str_sub(*rest, open + 1, rest->len);
    size_t close = as_str_find(*rest, AS_STR("}"));
    if (close == (size_t)-1)
        return true;
    *name = as_str_trim(as_str_sub(*rest, 0, close));
    *rest = as_str_sub(*rest, close + 1, rest->len);
    return true;
}

static bool is_extra(const as_bind *b, as_str name)
{
    for (size_t i = 0; i < b->extra_count; i++)
        if (as_str_eq(b->extras[i], name))
            return true;
    return false;
}

static as_str nearest_name(const as_bind *b, as_str name)
{
    size_t fields = b->schema ? b->schema->count : 0, count = 0;
    as_str *all = AS_NEW_N(b->arena, as_str, fields + b->extra_count + 1);
    for (size_t i = 0; all && i < fields; i++)
        all[count++] = b->schema->fields[i].name;
    for (size_t i = 0; all && i < b->extra_count; i++)
        all[count++] = b->extras[i];
    return as_text_nearest(name, all, count);
}

static void unknown_name(as_bind *b, as_str name)
{
    as_str near = nearest_name(b, name);
    as_str hint =
        near.len ? as_arena_printf(b->arena, "Did you mean {%.*s}?", AS_FMT(near)) : AS_NONE;
    const as_node *at = b->rule->node ? as_node_get(b->rule->node, "message") : NULL;
    as_params_error(b, at, hint.ptr, "message: {%.*s} is no field that this rule can show",
                    AS_FMT(name));
}

bool as_message_names(const as_rule *rule, as_str asked)
{
    as_str rest = rule->message, before, name;
    while (next_name(&rest, &before, &name))
        if (as_str_eq(name, asked))
            return true;
    return false;
}

as_code as_message_bind(as_bind *b, const as_check_kind *k, as_err *e)
{
    (void)k;
    as_str rest = b->rule->message, before, name;
    while (next_name(&rest, &before, &name)) {
        uint32_t field = b->schema ? as_schema_field(b->schema, name) : AS_NO_FIELD;
        if (!name.ptr) {
            const as_node *at = b->rule->node ? as_node_get(b->rule->node, "message") : NULL;
            as_params_error(b, at, NULL, "message: a { has no }");
            break;
        }
        if (field != AS_NO_FIELD)
            as_bind_read(b, field);
        else if (!is_extra(b, name))
            unknown_name(b, name);
    }
    return b->nomem ? as_fail_nomem(e) : AS_OK;
}

as_message_part *as_message_parts(const as_bind *b, as_arena *a, size_t *count)
{
    as_str rest = b->rule->message, before, name;
    size_t n = 1;
    while (next_name(&rest, &before, &name))
        n++;
    as_message_part *parts = AS_NEW_N(a, as_message_part, n);
    *count = parts ? n : 0;
    rest = b->rule->message;
    for (size_t i = 0; i < *count; i++) {
        bool more = next_name(&rest, &parts[i].before, &parts[i].name);
        parts[i].named = more;
        parts[i].field =
            more && b->schema ? as_schema_field(b->schema, parts[i].name) : AS_NO_FIELD;
    }
    return parts;
}
