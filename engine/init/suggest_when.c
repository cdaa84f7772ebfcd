/* suggest_when.c: fields that are filled for some codes of another field and empty for all
 * others: a closing date where the status is "Closed", a judgement where the inspection was
 * full. Suggested where every code is on one side, but for one record in a hundred. */
#include "base/alloc.h"
#include "init/model.h"
#include "init/rule_text.h"
#include "init/suggest.h"
#include "init/yaml_text.h"

#define CODES 12           /* of the deciding field; more are no reason */
#define SIDE_LEAST 20      /* records on either side, before it is more than chance */
#define GROUPS (CODES + 1) /* the last: no code */

typedef struct split {
    uint64_t n[GROUPS], filled[GROUPS];
    uint64_t with, without; /* records of codes that go with a value, and of the others */
    uint64_t with_broken, without_broken;

} split;

/* Which entry of the code list each record has; CODES where it has none. */
static uint8_t *groups_of(const as_table *t, const as_column *c, const as_code_list *l)
{
    uint8_t *of = as_alloc((size_t)t->rows + 1), *entry = as_alloc((size_t)c->dict.count + 1);
    uint32_t codes[AS_BLOCK];
    for (uint32_t i = 0; of && entry && i < c->dict.count; i++) {
        const as_code_entry *e =
            i ? as_code_list_find(l, c->dict.entries[i].value, NULL) : NULL;
        entry[i] = e ? (uint8_t)(e - l->entries) : CODES;
    }
    for (uint32_t begin = 0; of && entry && begin < t->rows; begin += AS_BLOCK) {
        uint32_t n = t->rows - begin < AS_BLOCK ? t->rows - begin : AS_BLOCK;
        as_column_block_codes(c, begin, n, codes);
        for (uint32_t i = 0; i < n; i++)
            of[begin + i] = entry[codes[i]];
    }
    if (!entry) {
        as_free(of);
        of = NULL;
    }
    as_free(entry);
    return of;
}

static split split_of(const as_table *t, const as_column *f, const uint8_t *groups)
{
    split x = {.with = 0};
    for (uint32_t row = 0; row < t->rows; row++) {
        x.n[groups[row]]++;
        x.filled[groups[row]] += !as_cell_null(f, row);
    }
    for (size_t g = 0; g < GROUPS; g++) {
        bool with = x.filled[g] * 2 > x.n[g];
        x.with += with ? x.n[g] : 0;
        x.without += with ? 0 : x.n[g];
        x.with_broken += with ? x.n[g] - x.filled[g] : 0;
        x.without_broken += with ? 0 : x.filled[g];
    }
    return x;
}

static bool decides(const split *x)
{
    return x->with >= SIDE_LEAST && x->without >= SIDE_LEAST &&
           as_rule_worth(x->with, x->with_broken) &&
           as_rule_worth(x->without, x->without_broken);
}

/* "status: [A, B]", or "status: null"; several codes and none: any. */
static void add_where(as_init_work *w, const as_init_field *c, const split *x, bool with)
{
    as_buf *out = &w->rules;
    size_t codes = 0;
    bool none = x->n[CODES] && (x->filled[CODES] * 2 > x->n[CODES]) == with;
    for (size_t g = 0; g < CODES; g++)
        codes += x->n[g] && (x->filled[g] * 2 > x->n[g]) == with;
    as_buf_addf(out, "    where: {%s", codes && none ? "any: [{" : "");
    if (codes) {
        as_buf_addf(out, "%.*s: [", AS_FMT(c->name));
        bool first = true;
        for (size_t g = 0; g < CODES; g++) {
            if (!x->n[g] || (x->filled[g] * 2 > x->n[g]) != with)
                continue;
            as_buf_add(out, first ? AS_STR("") : AS_STR(", "));
            as_yaml_quoted(out, c->field->list->entries[g].code);
            first = false;
        }
        as_buf_addc(out, ']');
    }
    as_buf_add(out, codes && none ? AS_STR("}, {") : AS_STR(""));
    if (none)
        as_buf_addf(out, "%.*s: null", AS_FMT(c->name));
    as_buf_add(out, codes && none ? AS_STR("}]}\n") : AS_STR("}\n"));
}

/* A code of the side, as a made-up record has it. */
static void add_code(as_init_work *w, const as_init_field *c, const split *x, bool with)
{
    as_buf_addf(&w->rules, "{%.*s: ", AS_FMT(c->name));
    for (size_t g = 0; g < CODES; g++)
        if (x->n[g] && (x->filled[g] * 2 > x->n[g]) == with) {
            as_yaml_quoted(&w->rules, c->field->list->entries[g].code);
            return;
        }
    as_buf_add(&w->rules, AS_STR("\"\""));
}

static void when_rule(as_init_work *w, const as_init_table *t, const as_init_field *c,
                      const as_init_field *f, const split *x, bool with)
{
    as_rule_text r = {.table = t,
                      .what = with ? "given" : "not-given",
                      .field = f->name,
                      .records = with ? x->with : x->without,
                      .broken = with ? x->with_broken : x->without_broken};
    as_rule_begin(w, &r, "%.*s is %s where %.*s says so", AS_FMT(f->name),
                  with ? "given" : "empty", AS_FMT(c->name));
    add_where(w, c, x, with);
    as_buf_addf(&w->rules, "    expect: {%.*s: %s}\n", AS_FMT(f->name),
                with ? "present" : "null");
    for (int pass = 0; pass < 2; pass++) {
        as_buf_addf(&w->rules, "    %s: [", pass ? "passes" : "flags");
        add_code(w, c, x, with);
        as_buf_add(&w->rules, AS_STR(", "));
        if ((pass == 1) == with)
            as_rule_value(w, f, 0);
        else
            as_buf_addf(&w->rules, "%.*s: \"\"", AS_FMT(f->name));
        as_buf_add(&w->rules, AS_STR("}]\n"));
    }
}

/* The first code field that decides about a field is the reason. by[i]: who decides about field
 * i, plus 1; a field is no reason for what decides about it, which would say the same again. */
static as_code try_reason(as_init_work *w, const as_init_schema *s, const as_init_table *t,
                          size_t reason, size_t *by, as_err *e)
{
    const as_init_field *c = &s->fields[reason];
    uint8_t *groups = groups_of(t->table, &t->table->columns[reason], c->field->list);
    for (size_t i = 0; groups && i < s->count; i++) {
        const as_column *f = &t->table->columns[i];
        if (i == reason || by[i] || by[reason] == i + 1 || !f->present ||
            f->null_count < SIDE_LEAST || t->table->rows - f->null_count < SIDE_LEAST)
            continue;
        split x = split_of(t->table, f, groups);
        if (!decides(&x))
            continue;
        by[i] = reason + 1;
        when_rule(w, t, c, &s->fields[i], &x, true);
        when_rule(w, t, c, &s->fields[i], &x, false);
    }
    as_free(groups);
    return groups ? AS_OK : as_fail_nomem(e);
}

as_code as_suggest_when(as_init_work *w, const as_init_schema *s, const as_init_table *t,
                        as_err *e)
{
    size_t *by = AS_NEW_N(w->arena, size_t, s->count + 1);
    as_code code = by ? AS_OK : as_fail_nomem(e);
    for (size_t i = 0; i < s->count && code == AS_OK; i++) {
        const as_field *d = s->fields[i].field;
        const as_column *c = &t->table->columns[i];
        if (d->type == AS_TYPE_CODE && d->list->count <= CODES && c->layout == AS_LAYOUT_DICT)
            code = try_reason(w, s, t, i, by, e);
    }
    return code;
}
