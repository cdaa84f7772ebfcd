/* lookup_bind.c: the block of a look-up: which table, matched by which fields, valid when,
 * fitting what; and which fields of this record decide it. */
#include "check/evidence.h"
#include "check/lookup.h"
#include "check/params.h"

static void add_read(as_lookup *p, uint32_t field)
{
    for (size_t i = 0; i < p->read_count; i++)
        if (p->reads[i] == field)
            return;
    if (p->read_count < AS_LOOKUP_READS_MAX)
        p->reads[p->read_count++] = field;
    else
        p->reads_all = false;
}

static void add_shown(as_bind *b, as_lookup *p, uint32_t field)
{
    for (size_t i = 0; i < p->shown_count; i++)
        if (p->shown[i] == field)
            return;
    if (field == AS_NO_FIELD || p->shown_count == AS_LOOKUP_SHOWN_MAX)
        return;
    p->shown[p->shown_count++] = field;
    as_str name = as_arena_printf(b->arena, "%.*s.%.*s", AS_FMT(p->in),
                                  AS_FMT(p->other->fields[field].name));
    as_bind_extra(b, name);
    b->nomem = b->nomem || !name.ptr;
}

typedef struct sides {
    as_bind *b;
    as_lookup *p;
    bool self;
} sides;

static void note_side(void *arg, as_side side, uint32_t field)
{
    sides *s = arg;
    if (side == AS_SIDE_SELF) {
        s->self = true;
        add_read(s->p, field);
    } else {
        add_shown(s->b, s->p, field);
    }
}

static as_code bind_cond(as_bind *b, as_lookup *p, const char *name, const as_cond **out,
                         as_str *words, bool *pairs, as_err *e)
{
    const as_node *n = as_params_get(b, name);
    as_cond_env env = b->env;
    sides s = {b, p, false};
    env.other = p->other;
    env.plain = AS_SIDE_OTHER;
    if (!n)
        return AS_OK;
    *out = as_cond_parse(&env, n);
    if (!*out)
        return AS_OK; /* reported */
    as_bind_cond(b, *out, p->in);
    as_cond_fields(*out, note_side, &s);
    *pairs = s.self;
    *words = as_evidence_words(b->arena, *out, b->schema, p->other);
    return words->ptr ? AS_OK : as_fail_nomem(e);
}

static void bind_match(as_bind *b, as_lookup *p)
{
    p->count = as_params_match(b, as_params_get(b, "match"), "lookup: match", p->in, p->other,
                               p->self_fields, p->other_fields);
    for (size_t i = 0; i < p->count; i++)
        add_read(p, p->self_fields[i]);
}

static uint32_t date_field(as_bind *b, const as_schema *s, const as_node *n)
{
    if (as_node_is_null(n))
        return AS_NO_FIELD;
    uint32_t field = as_params_field(b, s, n, "lookup: valid");
    if (field != AS_NO_FIELD && s->fields[field].type != AS_TYPE_DATE)
        as_params_error(b, n, NULL, "lookup: valid: %.*s is %s, not a date", AS_FMT(n->text),
                        as_type_name(s->fields[field].type));
    return field;
}

static void bind_valid(as_bind *b, as_lookup *p)
{
    const as_node *n = as_params_get(b, "valid");
    p->date = p->from = p->to = AS_NO_FIELD;
    if (!n)
        return;
    const as_node *ends = n->kind == AS_NODE_MAP && n->count == 1 ? n->pairs[0].value : NULL;
    if (!ends || ends->kind != AS_NODE_SEQ || ends->count != 2) {
        as_params_error(b, n, "Write valid: {inspection_date: [valid_from, valid_to]}.",
                        "lookup: `valid` is one date of this record and two of the other");
        return;
    }
    p->date = date_field(b, b->schema, n->pairs[0].key);
    p->from = date_field(b, p->other, ends->items[0]);
    p->to = date_field(b, p->other, ends->items[1]);
    if (p->date == AS_NO_FIELD)
        return;
    as_bind_read(b, p->date);
    as_bind_want(b, p->in, p->from);
    as_bind_want(b, p->in, p->to);
    add_read(p, p->date);
    add_shown(b, p, p->from);
    add_shown(b, p, p->to);
}

static void bind_missing(as_bind *b, as_lookup *p)
{
    static const char *const names[] = {"finding", "pass", NULL};
    const as_node *n = as_params_get(b, "missing");
    int choice = 0;
    as_params_bool(b, as_params_get(b, "absent"), "lookup: absent", &p->absent);
    if (!as_params_enum(b, n, "lookup: missing", names, &choice))
        return;
    p->missing_pass = choice == 1;
    if (p->missing_pass && (!p->expect || p->absent))
        as_params_error(
            b, n, "Add `expect`, or drop `missing`.",
            "lookup: with `missing: pass` and nothing expected of the row, the rule can "
            "never find anything");
}

static void bind_ask(as_bind *b, const as_lookup *p)
{
    b->ask = (as_other_ask){
        .table = p->in, .count = p->count, .date = AS_NO_FIELD, .self = b->rule->table};
    memcpy(b->ask.fields, p->other_fields, sizeof p->other_fields);
    memcpy(b->ask.mine, p->self_fields, sizeof p->self_fields);
    if (!p->where_pairs) {
        b->ask.where = p->where;
        b->ask.written = as_params_get(b, "where");
    }
}

static as_code bind_expected(as_bind *b, as_lookup *p, as_err *e)
{
    as_buf buf = AS_BUF(AS_EVIDENCE_MAX), *out = &buf;
    as_buf_addf(out, "%s row of %.*s with the same ", p->absent ? "no" : "a", AS_FMT(p->in));
    for (size_t i = 0; i < p->count; i++)
        as_buf_addf(out, "%s%.*s", i ? ", " : "",
                    AS_FMT(p->other->fields[p->other_fields[i]].name));
    if (p->date != AS_NO_FIELD)
        as_buf_addf(out, ", valid at the date");
    if (p->where)
        as_buf_addf(out, ", where %.*s", AS_FMT(p->where_words));
    if (p->expect)
        as_buf_addf(out, ", and %.*s", AS_FMT(p->expect_words));
    p->expected = as_evidence_keep(b->arena, out);
    return p->expected.ptr ? AS_OK : as_fail_nomem(e);
}

as_code as_lookup_bind(as_bind *b, void **out, as_err *e)
{
    as_lookup *p = AS_NEW(b->arena, as_lookup);
    bool pairs = false;
    if (!p)
        return as_fail_nomem(e);
    *out = p;
    p->reads_all = true;
    if (!as_params_block(b, &as_check_lookup))
        return AS_OK;
    p->other = as_params_table(b, as_params_get(b, "in"), "lookup: in", &p->in);
    if (!p->other)
        return AS_OK;
    as_bind_want(b, p->in, AS_NO_FIELD);
    bind_match(b, p);
    bind_valid(b, p);
    as_code code = bind_cond(b, p, "where", &p->where, &p->where_words, &p->where_pairs, e);
    if (code == AS_OK)
        code = bind_cond(b, p, "expect", &p->expect, &p->expect_words, &pairs, e);
    bind_missing(b, p);
    bind_ask(b, p);
    return code == AS_OK ? bind_expected(b, p, e) : code;
}
