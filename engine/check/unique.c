/* unique.c: records that share a key. The order of findings is that of the groups' first rows.
 */
#include "check/evidence.h"
#include "check/params.h"
#include "check/same_key.h"

typedef struct plan {
    uint32_t fields[AS_KEY_FIELDS_MAX];
    size_t count;
    as_str names, expected;
} plan;

extern const as_check_kind as_check_unique;

static as_code bind(as_bind *b, void **out, as_err *e)
{
    plan *p = AS_NEW(b->arena, plan);
    if (!p)
        return as_fail_nomem(e);
    *out = p;
    if (!as_params_fields(b, b->schema, b->rule->spec, "unique", p->fields, &p->count,
                          AS_KEY_FIELDS_MAX))
        return AS_OK; /* reported */
    for (size_t i = 0; i < p->count; i++)
        as_bind_read(b, p->fields[i]);
    p->names = as_evidence_names(b->arena, b->schema, p->fields, p->count);
    p->expected = as_arena_printf(b->arena, "one record for each %.*s", AS_FMT(p->names));
    return p->names.ptr && p->expected.ptr ? AS_OK : as_fail_nomem(e);
}

/* ---- eval ---- */

typedef struct context {
    const as_eval *ev;
    const as_bound *where;
} context;

static as_code select_block(void *arg, unsigned worker, uint32_t begin, uint32_t n,
                            uint8_t *out, as_scan_part *part, as_err *e)
{
    const context *c = arg;
    (void)part;
    return as_bound_block(c->where, begin, n, out, c->ev->scratch[worker], e);
}

static as_key key_of(const plan *p, const as_table *t)
{
    as_key key = {.table = t, .count = p->count};
    memcpy(key.fields, p->fields, p->count * sizeof *p->fields);
    return key;
}

static as_code eval(as_eval *ev, const as_bind *b, const void *plan_, as_result *out, as_err *e)
{
    const plan *p = plan_;
    const as_table *t;
    as_bound *where;
    as_same_key *groups = AS_NEW(ev->arena, as_same_key);
    as_code code = groups ? AS_OK : as_fail_nomem(e);
    if (code == AS_OK)
        code = as_eval_table(ev, b, b->rule->table, &t, e);
    if (code == AS_OK)
        code = as_bound_make(&where, b->where, t, NULL, ev->arena, e);
    if (code != AS_OK)
        return code;
    context c = {ev, where};
    as_key key = key_of(p, t);
    code = as_same_key_find(ev, &key, select_block, &c, ev->arena, groups, out, e);
    out->state = groups;
    for (size_t g = 0; code == AS_OK && g < groups->count; g++) {
        as_finding f = {groups->rows[groups->start[g]], p->fields[0], AS_NO_ROW, (uint32_t)g};
        if (!as_findings_add(&out->findings, f))
            code = as_fail_nomem(e);
    }
    return code;
}

static as_code describe(const as_eval *ev, const as_bind *b, const void *plan_,
                        const as_result *r, const as_finding *f, as_evidence *out, as_err *e)
{
    const plan *p = plan_;
    const as_same_key *g = r->state;
    as_code code = as_evidence_tables(ev, b, AS_NONE, out, e);
    if (code != AS_OK)
        return code;
    const as_table *t = out->table;
    as_key key = key_of(p, t);
    char room[256];
    as_buf text = AS_BUF_ON(room, AS_EVIDENCE_MAX);
    as_key_text(&key, f->row, &text);
    out->key = as_evidence_keep(out->arena, &text);
    for (size_t i = 0; i < p->count; i++)
        out->key_sensitive = out->key_sensitive || t->schema->fields[p->fields[i]].sensitive;
    out->members = g->rows + g->start[f->detail];
    out->member_count = g->start[f->detail + 1] - g->start[f->detail];
    out->expected = p->expected;
    out->sentence = as_arena_printf(out->arena, "%zu records have the same %.*s",
                                    out->member_count, AS_FMT(p->names));
    return out->key.ptr && out->sentence.ptr ? AS_OK : as_fail_nomem(e);
}

static const as_param_doc params[] = {
    {"", "fields", true, "The fields that together must not occur twice: `unique: [urn]`."},
    {NULL, NULL, false, NULL},
};

const as_check_kind as_check_unique = {
    .name = "unique",
    .summary = "more than one record with the same key",
    .detail = "One finding for each group of selected records that have the same values in all "
              "the fields, with all\n"
              "its members. Values are compared as rules see them: the canonical code of a "
              "code list, text without\n"
              "outer white space, numbers and dates by value.\n\n"
              "Records with a null in one of the fields are not matched with each other; their "
              "number is reported,\n"
              "and a rule none of whose records has a whole key is `empty`.",
    .level = AS_LEVEL_GROUP,
    .needs_table = true,
    .params = params,
    .example = "rules:\n"
               "  - id: EX-UNI-001\n"
               "    name: one-row-for-each-inspection\n"
               "    title: An inspection is in the extract once\n"
               "    why: An inspection that is there twice is counted twice in the outcomes.\n"
               "    table: inspections\n"
               "    unique: [urn, inspection_date]\n"
               "    flags:\n"
               "      - - {urn: A1, inspection_date: 2016-05-01, event_number: 1}\n"
               "        - {urn: A1, inspection_date: 01/05/2016, event_number: 2}\n"
               "    passes:\n"
               "      - - {urn: A1, inspection_date: 2016-05-01}\n"
               "        - {urn: A1, inspection_date: 2016-11-01}\n"
               "        - {urn: A2, inspection_date: 2016-05-01}\n",
    .bind = bind,
    .eval = eval,
    .describe = describe,
};
