/* suggest.c: rules about the records of one table: the key, what is always there, the form of
 * identifiers, ranges of numbers. Rules about days are in suggest_dates.c, those about fields
 * that codes decide on in suggest_when.c. Each holds for all records, or breaks for at most one
 * in a hundred: those are the interesting ones. */
#include "init/suggest.h"
#include "base/alloc.h"
#include "init/model.h"
#include "init/names.h"
#include "init/rule_text.h"
#include "init/yaml_text.h"

#include <stdio.h>

#define PATTERNS 4 /* shapes that one pattern may join */

/* ---- the key ---- */

static void key_record(as_init_work *w, const as_init_schema *s, unsigned nth)
{
    as_buf_addc(&w->rules, '{');
    for (size_t i = 0; i < s->schema.key_count; i++) {
        as_buf_add(&w->rules, i ? AS_STR(", ") : AS_STR(""));
        as_rule_value(w, &s->fields[s->schema.key[i]], i + 1 < s->schema.key_count ? 0 : nth);
    }
    as_buf_addc(&w->rules, '}');
}

static void suggest_key(as_init_work *w, const as_init_schema *s, const as_init_table *t)
{
    if (s->schema.key_count == 0)
        return;
    as_rule_text r = {.table = t,
                      .what = "unique",
                      .field = AS_STR("key"),
                      .records = t->table->rows - s->key_nulls,
                      .broken = s->key_repeats};
    as_rule_begin(w, &r, "No two records share their key");
    as_buf_add(&w->rules, AS_STR("    unique: ["));
    for (size_t i = 0; i < s->schema.key_count; i++)
        as_buf_addf(&w->rules, "%s%.*s", i ? ", " : "",
                    AS_FMT(s->fields[s->schema.key[i]].name));
    as_buf_add(&w->rules, AS_STR("]\n    flags:\n      - ["));
    key_record(w, s, 0);
    as_buf_add(&w->rules, AS_STR(", "));
    key_record(w, s, 0);
    as_buf_add(&w->rules, AS_STR("]\n    passes:\n      - ["));
    key_record(w, s, 0);
    as_buf_add(&w->rules, AS_STR(", "));
    key_record(w, s, 1);
    as_buf_add(&w->rules, AS_STR("]\n"));
}

/* An identifier that is not the key, and unique all the same. */
static void suggest_distinct(as_init_work *w, const as_init_schema *s, const as_init_table *t,
                             size_t i)
{
    const as_init_field *f = &s->fields[i];
    if (!f->distinct || (s->schema.key_count == 1 && s->schema.key[0] == i))
        return;
    as_rule_text r = {.table = t,
                      .what = "unique",
                      .field = f->name,
                      .records = t->table->rows - t->table->columns[i].null_count,
                      .broken = f->repeats};
    as_rule_begin(w, &r, "No two records share their %.*s", AS_FMT(f->name));
    as_buf_addf(&w->rules, "    unique: [%.*s]\n", AS_FMT(f->name));
    for (unsigned pass = 0; pass < 2; pass++) {
        as_buf_add(&w->rules, pass ? AS_STR("    passes: [[{") : AS_STR("    flags: [[{"));
        as_rule_value(w, f, 0);
        as_buf_add(&w->rules, AS_STR("}, {"));
        as_rule_value(w, f, pass);
        as_buf_add(&w->rules, AS_STR("}]]\n"));
    }
}

/* ---- what is always there ---- */

static uint64_t empty_cells(const as_column *c)
{
    return c->null_count; /* with those that cannot be read: null to a rule */
}

static void present_rule(as_init_work *w, const as_init_schema *s, const size_t *fields,
                         size_t n)
{
    as_buf *out = &w->rules;
    as_buf_add(out, AS_STR("    expect: {"));
    for (size_t i = 0; i < n; i++)
        as_buf_addf(out, "%s%.*s: present", i ? ", " : "", AS_FMT(s->fields[fields[i]].name));
    as_buf_add(out, AS_STR("}\n    flags:\n      - {"));
    for (size_t i = 0; i < n; i++) {
        as_buf_add(out, i ? AS_STR(", ") : AS_STR(""));
        if (i + 1 < n)
            as_rule_value(w, &s->fields[fields[i]], 0);
        else
            as_buf_addf(out, "%.*s: \"\"", AS_FMT(s->fields[fields[i]].name));
    }
    as_buf_add(out, AS_STR("}\n    passes:\n      - {"));
    for (size_t i = 0; i < n; i++) {
        as_buf_add(out, i ? AS_STR(", ") : AS_STR(""));
        as_rule_value(w, &s->fields[fields[i]], 0);
    }
    as_buf_add(out, AS_STR("}\n"));
}

static as_code suggest_present(as_init_work *w, const as_init_schema *s, const as_init_table *t,
                               as_err *e)
{
    size_t *fields = AS_NEW_N(w->arena, size_t, s->count + 1), n = 0;
    uint32_t rows = t->table->rows;
    if (!fields)
        return as_fail_nomem(e);
    for (size_t i = 0; i < s->count; i++)
        if (t->table->columns[i].present && rows && !empty_cells(&t->table->columns[i]))
            fields[n++] = i;
    if (n) {
        as_rule_text r = {
            .table = t, .what = "present", .field = AS_STR("fields"), .records = rows};
        as_rule_begin(w, &r, "The fields that are always filled are filled");
        present_rule(w, s, fields, n);
    }
    for (size_t i = 0; i < s->count; i++) {
        const as_column *c = &t->table->columns[i];
        if (!c->present || !empty_cells(c) || !as_rule_worth(rows, empty_cells(c)))
            continue;
        as_rule_text r = {.table = t,
                          .what = "present",
                          .field = s->fields[i].name,
                          .records = rows,
                          .broken = empty_cells(c)};
        as_rule_begin(w, &r, "Every record has %.*s", AS_FMT(s->fields[i].name));
        present_rule(w, s, &i, 1);
    }
    return AS_OK;
}

/* ---- forms ---- */

/* "AA999" as "[A-Z]{2}[0-9]{3}". */
static void add_regex(as_buf *out, as_str shape)
{
    for (size_t i = 0, n; i < shape.len; i += n) {
        char c = shape.ptr[i];
        for (n = 1; i + n < shape.len && shape.ptr[i + n] == c;)
            n++;
        if (c == '9')
            as_buf_add(out, AS_STR("[0-9]"));
        else if (c == 'A')
            as_buf_add(out, AS_STR("[A-Z]"));
        else if (c == 'a')
            as_buf_add(out, AS_STR("[a-z]"));
        else
            as_buf_addf(out, c == ' ' ? "%c" : "\\%c", c);
        if (n > 1)
            as_buf_addf(out, "{%zu}", n);
    }
}

/* The shapes that most values have, most frequent first; how many values they cover. */
static size_t frequent_shapes(const as_facts *x, as_spelling *out, uint64_t *good)
{
    size_t n = 0;
    *good = 0;
    for (; n < PATTERNS && n < x->shape_count; n++) {
        const as_spelling *best = NULL;
        for (size_t i = 0; i < x->shape_count; i++) {
            bool used = false;
            for (size_t k = 0; k < n; k++)
                used = used || as_str_eq(out[k].text, x->shapes[i].text);
            if (!used && (!best || x->shapes[i].count > best->count))
                best = &x->shapes[i];
        }
        if (n > 0 && best->count * 100 < *good)
            break; /* a rare form is what the rule is to find */
        out[n] = *best;
        *good += best->count;
    }
    return n;
}

static void pattern_rule(as_init_work *w, const as_init_table *t, const as_init_field *f,
                         as_str regex, as_str example, uint64_t n, uint64_t broken)
{
    as_rule_text r = {
        .table = t, .what = "form", .field = f->name, .records = n, .broken = broken};
    as_rule_begin(w, &r, "%.*s has its usual form", AS_FMT(f->name));
    as_buf_addf(&w->rules, "    expect: {%.*s: {matches: ", AS_FMT(f->name));
    as_yaml_quoted(&w->rules, regex);
    as_buf_addf(&w->rules, "}}\n    flags: [{%.*s: not of this form}]\n    passes: [{%.*s: ",
                AS_FMT(f->name), AS_FMT(f->name));
    as_yaml_quoted(&w->rules, example);
    as_buf_add(&w->rules, AS_STR("}]\n"));
}

/* Facts are of all files of a schema: a form is suggested where there is one file. */
static void suggest_form(as_init_work *w, const as_init_schema *s, const as_init_table *t,
                         size_t i)
{
    const as_init_field *f = &s->fields[i];
    const as_facts *x = &f->facts;
    uint64_t n = t->table->rows - t->table->columns[i].null_count, good = 0;
    bool single = as_init_table_of(w, s, 1) == NULL;
    if (f->field->type != AS_TYPE_TEXT || n < 10 || !single)
        return;
    if (x->postcodes * 2 > n && as_rule_worth(n, n - x->postcodes - x->redacted)) {
        pattern_rule(w, t, f,
                     x->redacted ? AS_STR(AS_POSTCODE "|" AS_REDACTED) : AS_STR(AS_POSTCODE),
                     AS_STR("AB1 2CD"), n, n - x->postcodes - x->redacted);
        return;
    }
    bool key = s->schema.key_count == 1 && s->schema.key[0] == i;
    as_spelling shapes[PATTERNS];
    size_t count = frequent_shapes(x, shapes, &good);
    if (count == 0 || (!f->identifier && !key) || good > n || !as_rule_worth(n, n - good))
        return;
    as_buf regex = AS_BUF(AS_MESSAGE_MAX);
    for (size_t k = 0; k < count; k++) {
        as_buf_add(&regex, k ? AS_STR("|") : AS_STR(""));
        add_regex(&regex, shapes[k].text);
    }
    pattern_rule(w, t, f, as_buf_str(&regex), shapes[0].text, n, n - good);
    w->rules.failed = w->rules.failed || regex.failed;
    as_buf_free(&regex);
}

/* ---- ranges ---- */

typedef struct range {
    uint64_t n, below_zero, below_one, above_hundred;
    double least, most;
} range;

static range range_of(const as_table *t, const as_column *c)
{
    range r = {.n = 0};
    for (uint32_t row = 0; row < t->rows; row++) {
        if (as_cell_null(c, row))
            continue;
        double v = as_cell_num(c, row);
        r.least = r.n == 0 || v < r.least ? v : r.least;
        r.most = r.n == 0 || v > r.most ? v : r.most;
        r.n++;
        r.below_zero += v < 0;
        r.below_one += v < 1;
        r.above_hundred += v > 100;
    }
    return r;
}

static void range_rule(as_init_work *w, const as_init_table *t, const as_init_field *f,
                       const range *r, uint64_t broken, const char *words, const char *bounds,
                       const char *flag, const char *pass)
{
    as_rule_text text = {
        .table = t, .what = "range", .field = f->name, .records = r->n, .broken = broken};
    as_rule_begin(w, &text, "%.*s %s", AS_FMT(f->name), words);
    as_buf_addf(&w->rules,
                "    expect: {%.*s: {%s}}\n    flags: [{%.*s: %s}]\n    passes: [{%.*s: %s}]\n",
                AS_FMT(f->name), bounds, AS_FMT(f->name), flag, AS_FMT(f->name), pass);
}

static void suggest_range(as_init_work *w, const as_init_table *t, const as_init_field *f,
                          const as_column *c)
{
    bool whole = f->field->type == AS_TYPE_INTEGER;
    if (!c->present || (!whole && f->field->type != AS_TYPE_NUMBER))
        return;
    range r = range_of(t->table, c);
    bool percent = f->facts.percent || as_name_has(f->name, "percent") ||
                   as_name_has(f->name, "percentage") || as_name_has(f->name, "pct");
    if (whole && r.n && r.least >= 1900 && r.most <= 2100) {
        char bounds[80], early[16];
        snprintf(bounds, sizeof bounds, "min: %d, max: %d", (int)r.least, (int)r.most);
        snprintf(early, sizeof early, "%d", (int)r.least);
        range_rule(w, t, f, &r, 0, "is a year of the span that is in the file", bounds, "1800",
                   early);
    } else if (percent && as_rule_worth(r.n, r.below_zero + r.above_hundred)) {
        range_rule(w, t, f, &r, r.below_zero + r.above_hundred, "is from 0 to 100",
                   "min: 0, max: 100", "101", "50");
    } else if (whole && r.n >= 50 && !r.below_one) {
        range_rule(w, t, f, &r, 0, "is at least 1", "min: 1", "0", "1");
    } else if (as_rule_worth(r.n, r.below_zero)) {
        range_rule(w, t, f, &r, r.below_zero, "is not negative", "min: 0", "-1", "0");
    }
}

as_code as_init_suggest(as_init_work *w, as_init_schema *s, as_err *e)
{
    const as_init_table *t = as_init_table_of(w, s, 0);
    if (t->table->rows == 0) {
        as_init_doubt(w, "%.*s: the file has no records, so no rules are suggested",
                      AS_FMT(t->name));
        return AS_OK;
    }
    suggest_key(w, s, t);
    for (size_t i = 0; i < s->count; i++)
        suggest_distinct(w, s, t, i);
    as_code code = suggest_present(w, s, t, e);
    for (size_t i = 0; i < s->count && code == AS_OK; i++)
        suggest_form(w, s, t, i);
    for (size_t i = 0; i < s->count && code == AS_OK; i++)
        suggest_range(w, t, &s->fields[i], &t->table->columns[i]);
    if (code == AS_OK)
        code = as_suggest_dates(w, s, t, e);
    return code == AS_OK ? as_suggest_when(w, s, t, e) : code;
}
