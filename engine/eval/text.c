/* text.c: tests of text (one of, on a list, matches, contains, length), prepared once, run once
 * per distinct value of a dictionary or row by row elsewhere; and the numbering of values that
 * makes two dictionaries comparable. */
#include "eval/bound.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/text.h"
#include <math.h>
#include <stdlib.h>

typedef struct hashed {
    uint64_t hash;
    as_str text;
} hashed;

static int by_hash(const void *x, const void *y)
{
    const hashed *a = x, *b = y;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return as_str_cmp(a->text, b->text);
}

static as_code make_set(text_test *out, const as_cond *c, as_arena *a, as_err *e)
{
    hashed *sorted = AS_NEW_N(a, hashed, c->value_count + 1);
    uint64_t *hashes = AS_NEW_N(a, uint64_t, c->value_count + 1);
    as_str *texts = AS_NEW_N(a, as_str, c->value_count + 1);
    if (!sorted || !hashes || !texts)
        return as_fail_nomem(e);
    for (size_t i = 0; i < c->value_count; i++)
        sorted[i] = (hashed){as_text_hash(c->values[i].text), c->values[i].text};
    qsort(sorted, c->value_count, sizeof *sorted, by_hash);
    for (size_t i = 0; i < c->value_count; i++) {
        hashes[i] = sorted[i].hash;
        texts[i] = sorted[i].text;
    }
    out->hashes = hashes;
    out->texts = texts;
    out->count = c->value_count;
    return AS_OK;
}

as_code as_text_test_make(text_test *out, const as_cond *c, as_arena *a, as_err *e)
{
    *out = (text_test){.cond = c};
    return c->op == AS_COND_IN ? make_set(out, c, a, e) : AS_OK;
}

static bool in_set(const text_test *t, as_str text, uint64_t hash)
{
    size_t lo = 0, hi = t->count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (t->hashes[mid] < hash)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < t->count && t->hashes[lo] == hash; lo++)
        if (as_str_eq(t->texts[lo], text))
            return true;
    return false;
}

static as_code matches(const as_cond *c, as_str text, bool *yes, as_err *e)
{
    as_match m = as_regex_match(c->regex, text);
    if (m == AS_MATCH_LIMIT)
        return as_fail(
            e, AS_EBUDGET, c->at,
            "the pattern needs too many steps on a value of %zu bytes; make it simpler",
            text.len);
    *yes = m == AS_MATCH_YES;
    return AS_OK;
}

static as_code contains(const text_test *t, as_str text, bool *yes, as_scratch *s, as_err *e)
{
    if (!t->cond->exact) {
        as_buf_clear(&s->fold);
        as_text_fold(&s->fold, text);
        if (s->fold.failed)
            return as_fail_nomem(e);
        text = as_buf_str(&s->fold);
    }
    *yes = as_str_find(text, t->cond->needle) != (size_t)-1;
    return AS_OK;
}

static bool length_fits(const as_cond *c, as_str text)
{
    double n = (double)as_text_length(text);
    return !(n < c->min_len) && !(n > c->max_len); /* NaN: no bound */
}

as_code as_text_test_run(const text_test *t, as_str text, uint8_t *out, as_scratch *s,
                         as_err *e)
{
    const as_cond *c = t->cond;
    bool yes = false;
    as_code code = AS_OK;
    switch (c->op) {
    case AS_COND_IN:
        yes = (t->count && in_set(t, text, as_text_hash(text))) ||
              (c->list && as_code_list_find(c->list, text, NULL));
        break;
    case AS_COND_MATCHES:
        code = matches(c, text, &yes, e);
        break;
    case AS_COND_CONTAINS:
        code = contains(t, text, &yes, s, e);
        break;
    case AS_COND_LENGTH:
        yes = length_fits(c, text);
        break;
    default:
        code = as_fail(e, AS_ERULE, c->at, "this test cannot be made on text");
    }
    *out = yes ? AS_TRUE : AS_FALSE;
    return code;
}

as_code as_text_test_lut(const text_test *t, const as_column *c, uint8_t if_null, uint8_t *lut,
                         as_scratch *s, as_err *e)
{
    const as_cond *cond = t->cond;
    bool own_list = cond->op == AS_COND_IN && cond->list && c->field->list == cond->list;
    lut[0] = if_null;
    for (uint32_t i = 1; i < c->dict.count; i++) {
        const as_dict_entry *d = &c->dict.entries[i];
        as_code code = AS_OK;
        if (own_list) /* reading has looked it up already */
            lut[i] = d->status != AS_CODE_UNKNOWN || in_set(t, d->value, d->hash) ? AS_TRUE
                                                                                  : AS_FALSE;
        else if (d->canon < i) /* the same value, met before */
            lut[i] = lut[d->canon];
        else
            code = as_text_test_run(t, d->value, &lut[i], s, e);
        if (code != AS_OK)
            return code;
    }
    return AS_OK;
}

/* ---- two dictionaries: equal values get equal numbers ---- */

typedef struct numbering {
    uint32_t *slots; /* open addressing: index into `of` + 1; 0 = free */
    uint64_t mask;
    const as_dict_entry **of; /* entry that got the number i + 1 */
    uint32_t count;
} numbering;

static uint32_t number_of(numbering *n, const as_dict_entry *d)
{
    uint64_t at = d->hash & n->mask;
    while (n->slots[at]) {
        const as_dict_entry *seen = n->of[n->slots[at] - 1];
        if (seen->hash == d->hash && as_str_eq(seen->value, d->value))
            return n->slots[at];
        at = (at + 1) & n->mask;
    }
    n->of[n->count++] = d;
    n->slots[at] = n->count;
    return n->count;
}

as_code as_same_dict_maps(const as_dict *a, const as_dict *b, const uint32_t **map_a,
                          const uint32_t **map_b, as_arena *arena, as_err *e)
{
    size_t both = (size_t)a->count + b->count, size = 16;
    while (size < 2 * both)
        size *= 2;
    uint32_t *ma = AS_NEW_N(arena, uint32_t, a->count + 1),
             *mb = AS_NEW_N(arena, uint32_t, b->count + 1);
    numbering n = {as_calloc(size, sizeof *n.slots), size - 1, as_calloc(both, sizeof *n.of),
                   0};
    bool ok = ma && mb && n.slots && n.of;
    for (uint32_t i = 1; ok && i < a->count; i++)
        ma[i] = number_of(&n, &a->entries[i]);
    for (uint32_t i = 1; ok && i < b->count; i++)
        mb[i] = number_of(&n, &b->entries[i]);
    as_free(n.slots);
    as_free(n.of);
    *map_a = ma;
    *map_b = mb;
    return ok ? AS_OK : as_fail_nomem(e);
}
