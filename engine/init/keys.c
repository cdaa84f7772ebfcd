/* keys.c: which fields tell the records apart: the fewest of them, identifiers before other
 * fields, left before right. An identifier that is unique but for one record in a hundred is
 * the key all the same: what repeats it is what a reviewer wants to see. */
#include "base/alloc.h"
#include "init/model.h"
#include "init/rule_text.h"

#define CANDIDATES 16
#define KEY_LONGEST 6
#define DISTINCT_LEAST 20    /* records, before it is more than chance */
#define TRIPLES 10           /* candidates of which triples are tried */
#define SET_SLOTS (1u << 24) /* 128 MiB at most; larger tables are looked at in parts */
#define TEXT_LONGEST 60      /* bytes; longer texts are no key */

typedef struct candidate {
    uint32_t field;
    int rank;
    uint64_t distinct; /* at most; rows where unknown */
} candidate;

typedef struct search {
    as_init_schema *s;
    const as_table *t;
    candidate items[CANDIDATES];
    size_t count;
    uint64_t *set, *hashes;
    size_t slots;
} search;

/* ---- counting repeats ---- */

static bool put(search *x, uint64_t hash)
{
    size_t at = (size_t)(hash ^ hash >> 29) & (x->slots - 1);
    while (x->set[at] && x->set[at] != hash)
        at = (at + 1) & (x->slots - 1);
    bool there = x->set[at] == hash;
    x->set[at] = hash;
    return there;
}

/* Records whose key an earlier one has; stops above `stop`. By 64-bit hashes of values: chance
 * makes two of 100 million different keys one in less than a run in a thousand. */
static uint64_t repeats(search *x, const as_key *k, uint64_t stop, uint64_t *nulls)
{
    uint32_t rows = x->t->rows;
    uint64_t parts = (uint64_t)rows * 2 / x->slots + 1, found = 0;
    *nulls = 0;
    for (uint64_t part = 0; part < parts && found <= stop; part++) {
        memset(x->set, 0, x->slots * sizeof *x->set);
        for (uint32_t begin = 0; begin < rows && found <= stop; begin += AS_BLOCK) {
            uint32_t n = rows - begin < AS_BLOCK ? rows - begin : AS_BLOCK;
            as_key_block(k, begin, n, x->hashes);
            for (uint32_t i = 0; i < n; i++) {
                uint64_t h = x->hashes[i];
                *nulls += h == 0 && part == 0;
                if (h && (h >> 32) % parts == part)
                    found += put(x, h);
            }
        }
    }
    return found;
}

static bool unique(search *x, const uint32_t *fields, size_t count)
{
    as_key k = {.table = x->t, .count = count};
    uint64_t nulls;
    memcpy(k.fields, fields, count * sizeof *fields);
    return repeats(x, &k, 0, &nulls) == 0 && nulls == 0;
}

/* ---- candidates ---- */

/* 0 identifiers, 1 other texts, codes and dates, 2 whole numbers; -1: not in a key. */
static int rank_of(const as_init_field *f, size_t position)
{
    if (f->identifier)
        return f->sensitive ? 1 : 0;
    if (f->sensitive || f->field->type == AS_TYPE_NUMBER)
        return -1;
    if (f->field->type == AS_TYPE_TEXT && f->facts.longest > TEXT_LONGEST)
        return -1;
    return f->field->type == AS_TYPE_INTEGER ? (position < 6 ? 2 : -1) : 1;
}

static void find_candidates(search *x)
{
    for (int rank = 0; rank <= 2; rank++)
        for (size_t i = 0; i < x->s->count && x->count < CANDIDATES; i++) {
            const as_column *c = &x->t->columns[i];
            if (rank_of(&x->s->fields[i], i) != rank || !c->present || c->null_count ||
                c->bad_count)
                continue;
            if (c->layout == AS_LAYOUT_DICT && c->dict.count <= 2)
                continue; /* always the same value */
            uint64_t distinct = c->layout == AS_LAYOUT_DICT ? c->dict.count : x->t->rows;
            x->items[x->count++] = (candidate){(uint32_t)i, rank, distinct};
        }
}

static void set_key(as_init_schema *s, const uint32_t *fields, size_t count)
{
    memcpy(s->schema.key, fields, count * sizeof *fields);
    s->schema.key_count = count;
}

/* Of the rank, among the first `columns` columns. */
static bool try_single(search *x, int rank, uint32_t columns)
{
    for (size_t i = 0; i < x->count; i++) {
        const candidate *c = &x->items[i];
        if (c->rank != rank || c->field >= columns || c->distinct < x->t->rows)
            continue;
        if (unique(x, &c->field, 1)) {
            set_key(x->s, &c->field, 1);
            return true;
        }
    }
    return false;
}

/* An identifier that all but one record in a hundred have to themselves. */
static bool try_nearly(as_init_work *w, search *x, bool sensitive)
{
    uint32_t rows = x->t->rows;
    for (uint32_t i = 0; i < x->s->count; i++) {
        const as_init_field *f = &x->s->fields[i];
        if (!f->identifier || f->sensitive != sensitive || !x->t->columns[i].present ||
            rows < 100)
            continue;
        as_key k = {.table = x->t, .fields = {i}, .count = 1};
        uint64_t nulls = x->t->columns[i].null_count, same = 0;
        if (nulls * 100 > rows)
            continue;
        same = repeats(x, &k, rows / 100, &nulls);
        if (same * 100 > rows)
            continue;
        set_key(x->s, &i, 1);
        x->s->key_repeats = same;
        x->s->key_nulls = nulls;
        if (same || nulls)
            as_init_doubt(
                w,
                "%.*s: %.*s is taken for the key, though records repeat it (%llu) or lack "
                "it (%llu)",
                AS_FMT(x->s->name), AS_FMT(f->name), (unsigned long long)same,
                (unsigned long long)nulls);
        return true;
    }
    return false;
}

static bool try_several(search *x, size_t size)
{
    size_t n = size == 3 && x->count > TRIPLES ? TRIPLES : x->count;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n; j++)
            for (size_t k = size == 3 ? j + 1 : j; k < n && (size == 3 || k == j); k++) {
                uint32_t fields[3] = {x->items[i].field, x->items[j].field, x->items[k].field};
                double most = (double)x->items[i].distinct * (double)x->items[j].distinct *
                              (size == 3 ? (double)x->items[k].distinct : 1.0);
                if (most < x->t->rows || !unique(x, fields, size))
                    continue;
                set_key(x->s, fields, size);
                return true;
            }
    return false;
}

/* All candidates, less those that are not needed, the rightmost of the last rank first. */
static bool try_all_but(search *x)
{
    uint32_t fields[CANDIDATES];
    size_t n = x->count;
    for (size_t i = 0; i < n; i++)
        fields[i] = x->items[i].field;
    if (n < 4 || !unique(x, fields, n))
        return false;
    for (size_t i = n; i-- > 0;) {
        uint32_t fewer[CANDIDATES];
        memcpy(fewer, fields, i * sizeof *fields);
        memcpy(fewer + i, fields + i + 1, (n - i - 1) * sizeof *fields);
        if (!unique(x, fewer, n - 1))
            continue;
        memcpy(fields, fewer, sizeof fields);
        n--;
    }
    if (n <= KEY_LONGEST)
        set_key(x->s, fields, n);
    return n <= KEY_LONGEST;
}

/* Identifiers that nearly all records which have one have to themselves, whatever the key. */
static void note_distinct(search *x)
{
    for (uint32_t i = 0, looked = 0; i < x->s->count && looked < CANDIDATES; i++) {
        as_init_field *f = &x->s->fields[i];
        const as_column *c = &x->t->columns[i];
        uint64_t n = x->t->rows - c->null_count, nulls;
        if (!f->identifier || !c->present || n < DISTINCT_LEAST)
            continue;
        as_key k = {.table = x->t, .fields = {i}, .count = 1};
        looked++;
        f->repeats = repeats(x, &k, n / 100, &nulls);
        f->distinct = as_rule_worth(n, f->repeats);
    }
}

as_code as_init_find_key(as_init_work *w, as_init_schema *s, as_err *e)
{
    search x = {.s = s, .t = as_init_table_of(w, s, 0)->table, .slots = 1024};
    if (x.t->rows < 2)
        return AS_OK;
    while (x.slots < SET_SLOTS && x.slots < 2 * (size_t)x.t->rows)
        x.slots *= 2;
    x.set = as_alloc(x.slots * sizeof *x.set);
    x.hashes = as_alloc(AS_BLOCK * sizeof *x.hashes);
    as_code code = x.set && x.hashes ? AS_OK : as_fail_nomem(e);
    if (code == AS_OK) {
        find_candidates(&x);
        /* A whole number further right may be an amount that happens to be unique. */
        bool found = try_single(&x, 0, UINT32_MAX) || try_nearly(w, &x, false) ||
                     try_single(&x, 2, 1) || try_single(&x, 1, UINT32_MAX) ||
                     try_single(&x, 2, 3) || try_nearly(w, &x, true) || try_several(&x, 2) ||
                     try_several(&x, 3) || try_all_but(&x);
        if (!found)
            as_init_doubt(w,
                          "%.*s: the first %zu fields that could be a key do not tell all "
                          "records apart; name the key yourself",
                          AS_FMT(s->name), x.count);
        note_distinct(&x);
    }
    as_free(x.set);
    as_free(x.hashes);
    return code;
}
