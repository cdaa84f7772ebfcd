/* adds_up_bind.c: the block of an adds_up rule. */
#include "check/adds_up.h"
#include "check/by_group.h"
#include "check/evidence.h"
#include "check/grouped.h"

static const char *const null_names[] = {"undecided", "zero", NULL};

extern const as_check_kind as_check_adds_up;

/* What the parts may be called is the form's; here only that there are some, none twice, and
 * none is the total. */
static const as_node *const *part_nodes(as_bind *b, as_adds_up *p)
{
    const as_node *n = as_params_get(b, "parts"), *total = as_params_get(b, "total");

    if (!n && p->form == AS_SUM_ROWS)
        return NULL; /* all the others */
    if (!n || n->kind != AS_NODE_SEQ || n->count == 0 || n->count > AS_PARTS_MAX) {
        as_params_error(b, n ? n : b->rule->spec, "write parts: [A, B]",
                        "adds_up: `parts` is a list of 1 to %d", AS_PARTS_MAX);
        return NULL;
    }
    for (size_t i = 0; i < n->count; i++) {
        bool twice = total && as_str_eq(n->items[i]->text, total->text);
        for (size_t k = 0; k < i; k++)
            twice = twice || as_str_eq(n->items[i]->text, n->items[k]->text);
        if (twice)
            as_params_error(b, n->items[i], NULL,
                            "adds_up: %.*s is named twice among total and parts",
                            AS_FMT(n->items[i]->text));
    }
    p->count = n->count;
    return (const as_node *const *)n->items;
}

static bool bind_number(as_bind *b, as_adds_up *p, const as_node *n)
{
    as_str text;

    if (p->form == AS_SUM_ROWS || !as_params_text(b, n, "adds_up: total", &text))
        return false;
    p->fixed = as_str_to_f64(text, false, &p->number);
    return p->fixed;
}

static void bind_measures(as_bind *b, as_adds_up *p, const as_node *const *parts)
{
    const as_node *at[AS_PARTS_MAX + 1] = {0};

    for (size_t i = 0; i < p->count; i++) {
        at[i] = parts[i];
        p->measures[i] = as_by_group_measure(b, at[i], "adds_up: parts");
    }
    at[p->count] = as_params_get(b, "total");
    if (!p->fixed)
        p->measures[p->count] = as_by_group_measure(b, at[p->count], "adds_up: total");
    as_by_group_fields(b, p->measures, at, p->count + !p->fixed, "adds_up", &p->by,
                       &p->by_count);
}

/* A field that holds numbers. */
static uint32_t bind_field(as_bind *b, const as_node *n, const char *what)
{
    uint32_t field = as_params_field(b, b->schema, n, what);

    if (field == AS_NO_FIELD)
        return field;
    if (b->schema->fields[field].type != AS_TYPE_INTEGER &&
        b->schema->fields[field].type != AS_TYPE_NUMBER)
        as_params_error(b, n, NULL, "%s: %.*s is %s, not a number", what, AS_FMT(n->text),
                        as_type_name(b->schema->fields[field].type));
    as_bind_read(b, field);
    return field;
}

static void bind_fields(as_bind *b, as_adds_up *p, const as_node *const *parts)
{
    size_t count = p->count + !p->fixed;

    for (size_t i = 0; i < p->count; i++)
        p->fields[i] = bind_field(b, parts[i], "adds_up: parts");
    if (!p->fixed)
        p->fields[p->count] = bind_field(b, as_params_get(b, "total"), "adds_up: total");
    for (size_t i = 0; i < count; i++)
        p->secret = p->secret ||
                    (p->fields[i] != AS_NO_FIELD && b->schema->fields[p->fields[i]].sensitive);
}

static void bind_value(as_bind *b, const as_adds_up *p, const as_node *n, as_str *out)
{
    const as_field *f = &b->schema->fields[p->across];
    as_literal value;

    if (n && as_literal_parse(&b->env, f, n, &value))
        *out = value.text;
}

static as_code bind_by(as_bind *b, as_adds_up *p, as_err *e)
{
    const as_node *n = as_params_get(b, "by");
    as_str *names = AS_NEW_N(b->arena, as_str, AS_KEY_FIELDS_MAX);

    if (!names)
        return as_fail_nomem(e);
    p->by = names;
    if (n && !as_params_fields(b, b->schema, n, "adds_up: by", p->by_fields, &p->by_count,
                               AS_KEY_FIELDS_MAX))
        p->by_count = 0; /* reported */
    for (size_t i = 0; i < p->by_count; i++) {
        names[i] = b->schema->fields[p->by_fields[i]].name;
        as_bind_read(b, p->by_fields[i]);
        as_bind_extra(b, names[i]);
    }
    p->secret_key = as_any_sensitive(b->schema, p->by_fields, p->by_count);
    return AS_OK;
}

static as_code bind_rows(as_bind *b, as_adds_up *p, const as_node *const *parts, as_err *e)
{
    const as_node *value = as_params_get(b, "value"), *across = as_params_get(b, "across");

    p->value = bind_field(b, value, "adds_up: value");
    p->across = as_params_field(b, b->schema, across, "adds_up: across");
    if (!value || !across)
        as_params_error(b, b->rule->spec, "value: n, across: provision_type",
                        "adds_up: `value` and `across` go together");
    if (p->across != AS_NO_FIELD) {
        as_type type = b->schema->fields[p->across].type;
        as_bind_read(b, p->across);
        if (type != AS_TYPE_TEXT && type != AS_TYPE_CODE)
            as_params_error(b, across, NULL, "adds_up: across: %.*s is %s, not text or code",
                            AS_FMT(across->text), as_type_name(type));
        for (size_t i = 0; i < p->count; i++)
            bind_value(b, p, parts[i], &p->values[i]);
        bind_value(b, p, as_params_get(b, "total"), &p->values[p->count]);
    }
    if (p->across != AS_NO_FIELD && p->value != AS_NO_FIELD)
        p->secret =
            b->schema->fields[p->across].sensitive || b->schema->fields[p->value].sensitive;
    return bind_by(b, p, e);
}

static void bind_room(as_bind *b, as_adds_up *p)
{
    const as_node *unit = as_params_get(b, "rounded_to");
    const as_node *tolerance = as_params_get(b, "tolerance");
    int nulls = 0;

    if (as_params_number(b, unit, "adds_up: rounded_to", &p->rounded_to) && p->rounded_to <= 0)
        as_params_error(b, unit, "0.1 for one decimal, 1 for whole numbers, 10 for tens",
                        "adds_up: rounded_to is above 0");
    as_params_tolerance(b, tolerance, "adds_up: tolerance", &p->tolerance);
    if (unit && tolerance)
        as_params_error(b, tolerance, NULL,
                        "adds_up: `rounded_to` and `tolerance` are two ways to say how far off "
                        "a sum may be; write one");
    as_params_enum(b, as_params_get(b, "nulls"), "adds_up: nulls", null_names, &nulls);
    p->nulls_zero = nulls == 1;
}

static void bind_form(as_bind *b, as_adds_up *p)
{
    bool rows = as_params_get(b, "across") || as_params_get(b, "value");

    p->form = rows ? AS_SUM_ROWS : b->rule->table.len ? AS_SUM_FIELDS : AS_SUM_MEASURES;
    if (rows && b->rule->table.len == 0)
        as_params_error(b, b->rule->spec, "add `table: NAME`",
                        "adds_up: `value` and `across` are fields of a table");
    if (!rows && as_params_get(b, "by"))
        as_params_error(b, as_params_get(b, "by"), NULL,
                        "adds_up: `by` goes with `across`; measures bring their own");
}

as_code as_adds_up_bind(as_bind *b, void **out, as_err *e)
{
    static const char *const names[] = {"total", "sum", "difference", "parts"};
    as_adds_up *p = AS_NEW(b->arena, as_adds_up);
    as_code code = AS_OK;

    if (!p)
        return as_fail_nomem(e);
    *out = p;
    if (!as_params_block(b, &as_check_adds_up))
        return AS_OK;
    bind_form(b, p);
    bind_room(b, p);
    bind_number(b, p, as_params_get(b, "total"));
    const as_node *const *parts = part_nodes(b, p);
    if (p->form == AS_SUM_MEASURES)
        bind_measures(b, p, parts);
    else if (b->schema && p->form == AS_SUM_FIELDS)
        bind_fields(b, p, parts);
    else if (b->schema)
        code = bind_rows(b, p, parts, e);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        as_bind_extra(b, as_str_from(names[i]));
    return code;
}
