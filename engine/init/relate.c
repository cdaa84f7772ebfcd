/* relate.c: rules between tables: values that are another table's key, and fields that stay as
 * they were a year before. */
#include "base/text.h"
#include "init/model.h"
#include "init/rule_text.h"

#define FOUND_LEAST 10 /* different records, before a look-up is more than chance */
#define STAYS 95       /* percent of the records whose value is the same as before */
#define MATCHED_LEAST 20

/* ---- look-ups ---- */

typedef struct match {
    uint64_t n, missing;
} match;

/* How many of `from`'s values are the key of `to`. */
static match count_found(const as_init_table *from, uint32_t field, const as_index *keys)
{
    as_key probe = {.table = from->table, .fields = {field}, .count = 1};
    uint64_t hashes[AS_BLOCK];
    uint32_t rows[AS_BLOCK];
    match m = {0, 0};
    for (uint32_t begin = 0; begin < from->table->rows; begin += AS_BLOCK) {
        uint32_t n =
            from->table->rows - begin < AS_BLOCK ? from->table->rows - begin : AS_BLOCK;
        as_key_block(&probe, begin, n, hashes);
        as_index_first_block(keys, &probe, begin, n, hashes, rows);
        for (uint32_t i = 0; i < n; i++) {
            m.n += hashes[i] != 0;
            m.missing += hashes[i] != 0 && rows[i] == AS_NO_ROW;
        }
    }
    return m;
}

static void lookup_rule(as_init_work *w, const as_init_table *from, const as_init_field *f,
                        const as_init_table *to, const as_init_field *key, const match *m)
{
    as_rule_text r = {.table = from,
                      .what = "found",
                      .field = f->name,
                      .records = m->n,
                      .broken = m->missing};
    as_buf *out = &w->rules;
    as_rule_begin(w, &r, "%.*s is in %.*s", AS_FMT(f->name), AS_FMT(to->name));
    as_buf_addf(out, "    # %.1f%% of the records with a value have it there.\n",
                100.0 * (double)(m->n - m->missing) / (double)m->n);
    as_buf_addf(out, "    lookup: {in: %.*s, match: {%.*s: %.*s}}\n", AS_FMT(to->name),
                AS_FMT(f->name), AS_FMT(key->name));
    for (unsigned pass = 0; pass < 2; pass++) {
        as_buf_addf(out, "    %s:\n      - tables: {%.*s: [{", pass ? "passes" : "flags",
                    AS_FMT(from->name));
        as_rule_value(w, f, 0);
        as_buf_addf(out, "}], %.*s: [{", AS_FMT(to->name));
        as_rule_value(w, key, pass ? 0 : 1);
        as_buf_add(out, AS_STR("}]}\n"));
    }
}

/* Might the field name records of a table with this key? */
static bool may_refer(const as_init_field *f, const as_init_field *key)
{
    as_type a = f->field->type, b = key->field->type;
    bool texts = a == AS_TYPE_TEXT && b == AS_TYPE_TEXT;
    bool same = as_str_eq(f->name, key->name);
    return (texts && (same || f->identifier)) || (a == b && same && a != AS_TYPE_DATE);
}

static as_code relate_to(as_init_work *w, const as_init_table *to, as_err *e)
{
    const as_init_schema *s = &w->schemas[to->schema];
    if (s->schema.key_count != 1 || to->table->rows == 0)
        return AS_OK;
    const as_init_field *key = &s->fields[s->schema.key[0]];
    as_key k = {.table = to->table, .fields = {s->schema.key[0]}, .count = 1};
    as_index *index = NULL;
    as_code code = as_index_open(&index, &k, NULL, e);
    for (size_t i = 0; i < w->schema_count && code == AS_OK; i++) {
        const as_init_table *from = as_init_table_of(w, &w->schemas[i], 0);
        for (uint32_t c = 0; &w->schemas[i] != s && c < w->schemas[i].count; c++) {
            const as_init_field *f = &w->schemas[i].fields[c];
            if (!from->table->columns[c].present || !may_refer(f, key))
                continue;
            match m = count_found(from, c, index);
            if (m.n - m.missing >= FOUND_LEAST && as_rule_worth(m.n, m.missing))
                lookup_rule(w, from, f, to, key, &m);
            else if (m.n >= FOUND_LEAST && (m.n - m.missing) * 4 >= 3 * m.n)
                as_init_doubt(w,
                              "%.*s.%.*s: %.1f%% of the values are keys of %.*s; too few for a "
                              "rule, but do they refer to it?",
                              AS_FMT(from->name), AS_FMT(f->name),
                              100.0 * (double)(m.n - m.missing) / (double)m.n,
                              AS_FMT(to->name));
        }
    }
    as_index_close(index);
    return code;
}

/* ---- a year before ---- */

typedef struct changes {
    uint64_t both, differ; /* records with the key and a value in both tables */
} changes;

static changes count_changes(const as_table *now, const as_table *before, const uint32_t *rows,
                             uint32_t field)
{
    changes c = {0, 0};
    as_key a = {.table = now, .fields = {field}, .count = 1},
           b = {.table = before, .fields = {field}, .count = 1};
    const as_column *x = &now->columns[field], *y = &before->columns[field];
    for (uint32_t row = 0; x->present && y->present && row < now->rows; row++) {
        if (rows[row] == AS_NO_ROW || as_cell_null(x, row) || as_cell_null(y, rows[row]))
            continue;
        c.both++;
        c.differ += !as_key_equal(&a, row, &b, rows[row]);
    }
    return c;
}

static void changed_test(as_init_work *w, const as_init_schema *s, const as_init_table *now,
                         const as_init_table *before, const as_init_field *f, bool pass)
{
    as_buf *out = &w->rules;
    as_buf_addf(out, "    %s:\n      - tables: {", pass ? "passes" : "flags");
    for (unsigned side = 0; side < 2; side++) {
        as_buf_addf(out, "%s%.*s: [{", side ? ", " : "",
                    AS_FMT(side ? before->name : now->name));
        for (size_t i = 0; i < s->schema.key_count; i++) {
            as_rule_value(w, &s->fields[s->schema.key[i]], 0);
            as_buf_add(out, AS_STR(", "));
        }
        as_rule_value(w, f, side && !pass ? 1 : 0);
        as_buf_add(out, AS_STR("}]"));
    }
    as_buf_add(out, AS_STR("}\n"));
}

static void changed_rule(as_init_work *w, const as_init_schema *s, const as_init_table *now,
                         const as_init_table *before, const as_init_field *f, const changes *c)
{
    as_rule_text r = {.table = now,
                      .what = "changed",
                      .field = f->name,
                      .records = c->both,
                      .broken = c->differ,
                      .unit = "records that are in both files"};
    as_rule_begin(w, &r, "%.*s is as it was in %.*s", AS_FMT(f->name), AS_FMT(before->name));
    as_buf_addf(&w->rules, "    changed: {from: %.*s, key: [", AS_FMT(before->name));
    for (size_t i = 0; i < s->schema.key_count; i++)
        as_buf_addf(&w->rules, "%s%.*s", i ? ", " : "",
                    AS_FMT(s->fields[s->schema.key[i]].name));
    as_buf_addf(&w->rules, "], fields: [%.*s]}\n", AS_FMT(f->name));
    changed_test(w, s, now, before, f, false);
    changed_test(w, s, now, before, f, true);
}

static bool in_key(const as_init_schema *s, size_t field)
{
    for (size_t i = 0; i < s->schema.key_count; i++)
        if (s->schema.key[i] == field)
            return true;
    return false;
}

static as_code relate_years(as_init_work *w, const as_init_schema *s, as_err *e)
{
    const as_init_table *now = as_init_table_of(w, s, 0), *before = as_init_table_of(w, s, 1);
    if (!before || before->date == AS_DATE_NULL || before->date == now->date ||
        s->schema.key_count == 0 || now->table->rows == 0)
        return AS_OK;
    as_key old = as_key_of(before->table), probe = as_key_of(now->table);
    as_index *index = NULL;
    uint32_t *rows = AS_NEW_N(w->arena, uint32_t, now->table->rows);
    uint64_t hash;
    as_code code = rows ? as_index_open(&index, &old, NULL, e) : as_fail_nomem(e);
    for (uint32_t row = 0; code == AS_OK && row < now->table->rows; row++) {
        as_key_block(&probe, row, 1, &hash);
        rows[row] = hash ? as_index_first(index, &probe, row, hash) : AS_NO_ROW;
    }
    for (uint32_t i = 0; code == AS_OK && i < s->count; i++) {
        const as_init_field *f = &s->fields[i];
        bool steady = f->field->type == AS_TYPE_CODE || f->field->type == AS_TYPE_TEXT;
        bool constant = f->field->type == AS_TYPE_CODE && f->field->list->count < 2;
        if (!steady || constant || f->sensitive || in_key(s, i))
            continue;
        changes c = count_changes(now->table, before->table, rows, i);
        if (c.both >= MATCHED_LEAST && c.differ * 100 <= c.both * (100 - STAYS))
            changed_rule(w, s, now, before, f, &c);
    }
    as_index_close(index);
    return code;
}

as_code as_init_relate(as_init_work *w, as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; i < w->schema_count && code == AS_OK; i++)
        code = relate_years(w, &w->schemas[i], e);
    for (size_t i = 0; i < w->schema_count && code == AS_OK; i++)
        code = relate_to(w, as_init_table_of(w, &w->schemas[i], 0), e);
    return code;
}
