/* random.h: random small tables, and random conditions written twice: as the YAML that assay
 * reads and as the SQL that says the same. SQL's three-valued logic is the one of the
 * conditions, so the two are alike part by part.
 *
 * Domains are tiny, so that nulls, duplicates, ties and matches are frequent. Everything
 * follows from the seed. */
#ifndef AS_TESTS_RANDOM_H
#define AS_TESTS_RANDOM_H

#include "base/buf.h"

typedef struct rng {
    uint64_t state;
} rng;

static inline uint32_t rnd(rng *r, uint32_t n) /* 0 … n - 1; splitmix64 */
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return (uint32_t)((z ^ z >> 31) % n);
}

static inline bool chance(rng *r, uint32_t percent)
{
    return rnd(r, 100) < percent;
}

#define PICK(r, list) ((list)[rnd((r), sizeof(list) / sizeof *(list))])

typedef enum sort { TEXT, LONG_TEXT, CODE, INT, NUM, DATE } sort;
typedef struct field {
    const char *name;
    sort sort;
} field;
static const field fields[] = {{"k", TEXT}, {"k2", LONG_TEXT}, {"c", CODE}, {"c2", CODE},
                               {"i", INT},  {"j", INT},        {"f", NUM},  {"g", NUM},
                               {"d", DATE}, {"e", DATE}};
#define FIELDS (sizeof fields / sizeof fields[0])

static const char *const texts[] = {"p", "q", "Pq", "zq"};
static const char *const longs[] = {"p", "q", "pqpqpqpqpq", "12345678"};
static const char *const codes[] = {"Alpha", "Beta", "Gamma"};
static const char *const dates[] = {"2016-01-01", "2016-01-02", "2016-01-03", "2016-02-01"};
static const char *const ints[] = {"-1", "0", "1", "2", "3"};
static const char *const nums[] = {"0", "0.5", "1", "2"};

/* A value as rules see it. */
static inline const char *value_of(rng *r, sort s)
{
    switch (s) {
    case TEXT:
        return PICK(r, texts);
    case LONG_TEXT: /* not for PACK8 */
        return PICK(r, longs);
    case CODE:
        return PICK(r, codes);
    case INT:
        return PICK(r, ints);
    case NUM:
        return PICK(r, nums);
    case DATE:
        break;
    }
    return PICK(r, dates);
}

/* The same as a file may write it: codes by a variant, dates the other way round. */
static inline const char *spelling_of(rng *r, const char *value)
{
    if (!strcmp(value, "Alpha") && chance(r, 50))
        return chance(r, 50) ? "al" : "ALPHA";
    if (!strcmp(value, "Gamma") && chance(r, 30))
        return "ga";
    if (!strcmp(value, "2016-01-02") && chance(r, 50))
        return "02/01/2016";
    return value;
}

/* One condition in both languages. `plain`: the alias of plain names; `record`: that of
 * {record: f}, or NULL. */
typedef struct writer {
    rng *r;
    as_buf *yaml, *sql;
    const char *plain, *record;
} writer;

static inline bool is_text(sort s)
{
    return s == TEXT || s == LONG_TEXT || s == CODE;
}

static inline void sql_value(as_buf *out, sort s, const char *value)
{
    as_buf_addf(out, s == INT || s == NUM ? "%s" : "'%s'", value);
}

/* The other field of the same type: they stand side by side. */
static inline const char *other_name(const field *f)
{
    return fields[(size_t)(f - fields) ^ 1].name;
}

/* A bound: a literal, another field, or one of this record, perhaps moved. */
static inline void write_bound(writer *w, const field *f, const char *key, const char *op)
{
    bool record = w->record && chance(w->r, 50), other = record || chance(w->r, 30);
    if (!other) {
        const char *value = value_of(w->r, f->sort);
        as_buf_addf(w->yaml, "{%s: %s}", key, value);
        as_buf_addf(w->sql, "%s.%s %s ", w->plain, f->name, op);
        sql_value(w->sql, f->sort, value);
        return;
    }
    const char *name = other_name(f), *side = record ? w->record : w->plain;
    int plus = chance(w->r, 50) ? (int)rnd(w->r, 5) - 2 : 0;
    as_buf_addf(w->yaml, "{%s: {%s: %s", key, record ? "record" : "field", name);
    if (plus)
        as_buf_addf(w->yaml, ", plus: %d", plus);
    as_buf_add(w->yaml, AS_STR("}}"));
    if (f->sort == DATE)
        as_buf_addf(w->sql, "%s.%s %s date(%s.%s, '%+d days')", w->plain, f->name, op, side,
                    name, plus);
    else
        as_buf_addf(w->sql, "%s.%s %s %s.%s + %d", w->plain, f->name, op, side, name, plus);
}

static inline void write_range(writer *w, const field *f)
{
    static const char *const keys[] = {"min", "max", "above", "below"};
    static const char *const ops[] = {">=", "<=", ">", "<"};
    uint32_t which = rnd(w->r, 4);
    const char *value = value_of(w->r, f->sort);
    if (chance(w->r, 60)) {
        write_bound(w, f, keys[which], ops[which]);
    } else if (chance(w->r, 50)) {
        as_buf_addf(w->yaml, "{present: true, %s: %s}", keys[which], value);
        as_buf_addf(w->sql, "(%s.%s IS NOT NULL AND %s.%s %s ", w->plain, f->name, w->plain,
                    f->name, ops[which]);
        sql_value(w->sql, f->sort, value);
        as_buf_add(w->sql, AS_STR(")"));
    } else { /* the same value at both ends */
        as_buf_addf(w->yaml, "{min: %s, max: %s}", value, value);
        as_buf_addf(w->sql, "%s.%s BETWEEN ", w->plain, f->name);
        sql_value(w->sql, f->sort, value);
        as_buf_add(w->sql, AS_STR(" AND "));
        sql_value(w->sql, f->sort, value);
    }
}

static inline void write_text_test(writer *w, const field *f)
{
    const char *p = w->plain, *n = f->name;
    switch (rnd(w->r, f->sort == CODE ? 7 : 6)) {
    case 0:
        as_buf_add(w->yaml, AS_STR("{matches: \"[pPA].*\"}"));
        as_buf_addf(w->sql, "%s.%s GLOB '[pPA]*'", p, n);
        break;
    case 1:
        as_buf_add(w->yaml, AS_STR("{contains: P}"));
        as_buf_addf(w->sql, "instr(lower(%s.%s), 'p') > 0", p, n);
        break;
    case 2:
        as_buf_add(w->yaml, AS_STR("{contains: P, exact: true}"));
        as_buf_addf(w->sql, "instr(%s.%s, 'P') > 0", p, n);
        break;
    case 3:
        as_buf_add(w->yaml, AS_STR("{length: {min: 2, max: 4}}"));
        as_buf_addf(w->sql, "length(%s.%s) BETWEEN 2 AND 4", p, n);
        break;
    case 4:
        as_buf_add(w->yaml, AS_STR("{length: {max: 1}}"));
        as_buf_addf(w->sql, "length(%s.%s) <= 1", p, n);
        break;
    case 5:
        as_buf_add(w->yaml, AS_STR("{matches: \"q|Beta\"}"));
        as_buf_addf(w->sql, "%s.%s IN ('q', 'Beta')", p, n);
        break;
    default:
        as_buf_addf(w->yaml, "{list: %s}", chance(w->r, 50) ? "greek" : "some");
        bool some = w->yaml->ptr[w->yaml->len - 2] == 'e';
        as_buf_addf(w->sql, "%s.%s IN ('Alpha'%s, 'Gamma')", p, n, some ? "" : ", 'Beta'");
    }
}

static inline void write_same(writer *w, const field *f)
{
    bool differs = chance(w->r, 50), record = w->record && chance(w->r, 50);
    const char *name = other_name(f);
    as_buf_addf(w->yaml, record ? "{%s: {record: %s}}" : "{%s: %s}",
                differs ? "differs_from" : "same_as", name);
    as_buf_addf(w->sql, "%s.%s %s %s.%s", w->plain, f->name, differs ? "<>" : "=",
                record ? w->record : w->plain, name);
}

static inline void write_equal(writer *w, const field *f)
{
    const char *x = value_of(w->r, f->sort), *y = value_of(w->r, f->sort);
    bool two = chance(w->r, 50) && strcmp(x, y) != 0;
    as_buf_addf(w->yaml, two ? "[%s, %s]" : chance(w->r, 50) ? "%s" : "{is: %s}", x, y);
    as_buf_addf(w->sql, "%s.%s IN (", w->plain, f->name);
    sql_value(w->sql, f->sort, x);
    if (two) {
        as_buf_add(w->sql, AS_STR(", "));
        sql_value(w->sql, f->sort, y);
    }
    as_buf_add(w->sql, AS_STR(")"));
}

static inline void write_test(writer *w, const field *f, int depth)
{
    switch (rnd(w->r, depth > 0 ? 7 : 6)) {
    case 0:
        as_buf_add(w->yaml, AS_STR("null"));
        as_buf_addf(w->sql, "%s.%s IS NULL", w->plain, f->name);
        break;
    case 1:
        as_buf_add(w->yaml, chance(w->r, 50) ? AS_STR("present") : AS_STR("{present: true}"));
        as_buf_addf(w->sql, "%s.%s IS NOT NULL", w->plain, f->name);
        break;
    case 2:
        write_equal(w, f);
        break;
    case 3:
        write_same(w, f);
        break;
    case 6:
        as_buf_add(w->yaml, AS_STR("{not: "));
        as_buf_add(w->sql, AS_STR("(NOT ("));
        write_test(w, f, depth - 1);
        as_buf_add(w->yaml, AS_STR("}"));
        as_buf_add(w->sql, AS_STR("))"));
        break;
    default:
        if (is_text(f->sort))
            write_text_test(w, f);
        else
            write_range(w, f);
    }
}

static inline void write_condition(writer *w, int depth);

static inline void write_list(writer *w, int depth, const char *yaml, const char *sql)
{
    uint32_t count = 1 + rnd(w->r, 3);
    as_buf_addf(w->yaml, "{%s: [", yaml);
    as_buf_add(w->sql, AS_STR("("));
    for (uint32_t i = 0; i < count; i++) {
        if (i) {
            as_buf_add(w->yaml, AS_STR(", "));
            as_buf_addf(w->sql, " %s ", sql);
        }
        write_condition(w, depth - 1);
    }
    as_buf_add(w->yaml, AS_STR("]}"));
    as_buf_add(w->sql, AS_STR(")"));
}

/* A mapping of one to three fields, or any, all, not. */
static inline void write_condition(writer *w, int depth)
{
    uint32_t kind = rnd(w->r, depth > 0 ? 5 : 2);
    if (kind == 2 || kind == 3) {
        write_list(w, depth, kind == 2 ? "any" : "all", kind == 2 ? "OR" : "AND");
        return;
    }
    if (kind == 4) {
        as_buf_add(w->yaml, AS_STR("{not: "));
        as_buf_add(w->sql, AS_STR("(NOT "));
        write_list(w, depth, "all", "AND");
        as_buf_add(w->yaml, AS_STR("}"));
        as_buf_add(w->sql, AS_STR(")"));
        return;
    }
    uint32_t first = rnd(w->r, FIELDS), count = 1 + rnd(w->r, 3);
    as_buf_add(w->yaml, AS_STR("{"));
    as_buf_add(w->sql, AS_STR("("));
    for (uint32_t i = 0; i < count; i++) {
        const field *f = &fields[(first + 3 * i) % FIELDS]; /* never twice the same */
        as_buf_addf(w->yaml, "%s%s: ", i ? ", " : "", f->name);
        as_buf_addf(w->sql, "%s", i ? " AND " : "");
        write_test(w, f, depth);
    }
    as_buf_add(w->yaml, AS_STR("}"));
    as_buf_add(w->sql, AS_STR(")"));
}

#endif
