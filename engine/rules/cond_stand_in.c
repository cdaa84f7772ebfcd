/* cond_stand_in.c: for one field a value for each sort of value that the conditions tell apart:
 * the numbers that they name and their neighbours; the texts that they name and one for each
 * way in which another text could answer. A stand-in is one byte for each leaf: what the leaf
 * says of it; stand-ins of which every leaf says the same are one. */
#include "base/limits.h"
#include "base/text.h"
#include "rules/cond_prover.h"

#include <math.h>

#define FREE_MAX 6      /* tests of an unnamed text that are tried both ways */
#define NUMBER_MAX 1e15 /* beyond it neighbours are not told apart */

static bool reads(const prover *p, size_t l, const subject *s)
{
    return &p->subjects[p->leaves[l].a] == s && p->leaves[l].pair == NONE;
}

/* Keep it, unless the leaves say of another one what they say of this. */
static void add(prover *p, subject *s, const uint8_t *says)
{
    for (size_t i = 0; i < s->count; i++)
        if (memcmp(s->stand_ins[i], says, p->leaf_count) == 0)
            return;
    bool full = (s->count & (s->count - 1)) == 0;
    uint8_t **all =
        full ? AS_NEW_N(p->arena, uint8_t *, s->count ? 2 * s->count : 1) : s->stand_ins;
    uint8_t *copy = as_arena_alloc(p->arena, p->leaf_count + 1);
    if (!all || !copy) {
        p->failed = true;
        return;
    }
    if (full && s->count)
        memcpy(all, s->stand_ins, s->count * sizeof *all);
    memcpy(copy, says, p->leaf_count);
    s->stand_ins = all;
    all[s->count++] = copy;
}

/* ---- numbers and dates ---- */

static double number_of(const subject *s, const as_literal *v)
{
    return s->field->type == AS_TYPE_DATE ? (double)v->d : v->f;
}

bool as_prover_compares(as_cmp cmp, double x, double bound)
{
    switch (cmp) {
    case AS_CMP_GE:
        return x >= bound;
    case AS_CMP_LE:
        return x <= bound;
    case AS_CMP_GT:
        return x > bound;
    default:
        return x < bound;
    }
}

static bool number_says(const subject *s, const as_cond *c, double x)
{
    if (c->op == AS_COND_CMP)
        return as_prover_compares(c->cmp, x, number_of(s, &c->bound));
    for (size_t i = 0; c->op == AS_COND_IN && i < c->value_count; i++)
        if (number_of(s, &c->values[i]) == x)
            return true;
    return false;
}

static void add_number(prover *p, subject *s, double x, uint8_t *says)
{
    memset(says, 0, p->leaf_count);
    for (size_t l = 0; l < p->leaf_count; l++)
        if (reads(p, l, s))
            says[l] = number_says(s, p->leaves[l].cond, x);
    add(p, s, says);
}

/* A number that a leaf names, and its neighbours: between two that are named there is one. */
static void add_near(prover *p, subject *s, double x, uint8_t *says)
{
    bool whole = s->field->type != AS_TYPE_NUMBER;
    if (!(fabs(x) < NUMBER_MAX)) {
        p->failed = true;
        return;
    }
    if (!whole) {
        add_number(p, s, x, says);
        add_number(p, s, nextafter(x, -INFINITY), says);
        add_number(p, s, nextafter(x, INFINITY), says);
        return;
    }
    for (int step = -1; step <= 2; step++)
        add_number(p, s, floor(x) + step, says);
}

static void number_stand_ins(prover *p, subject *s, uint8_t *says)
{
    bool named = false;
    for (size_t l = 0; l < p->leaf_count; l++) {
        const as_cond *c = p->leaves[l].cond;
        if (!reads(p, l, s) || (c->op != AS_COND_CMP && c->op != AS_COND_IN))
            continue;
        named = true;
        if (c->op == AS_COND_CMP)
            add_near(p, s, number_of(s, &c->bound), says);
        for (size_t i = 0; c->op == AS_COND_IN && i < c->value_count; i++)
            add_near(p, s, number_of(s, &c->values[i]), says);
    }
    if (!named)
        add_number(p, s, 0, says);
}

/* ---- texts ---- */

static bool length_says(const as_cond *c, double n)
{
    return !(n < c->min_len) && !(n > c->max_len); /* NaN: no bound */
}

static bool contains_says(prover *p, const as_cond *c, as_str text)
{
    as_buf folded = AS_BUF(AS_YAML_FILE_MAX);
    bool yes;
    if (c->exact)
        return as_str_find(text, c->needle) != (size_t)-1;
    as_text_fold(&folded, text);
    p->failed |= folded.failed;
    yes = as_str_find(as_buf_str(&folded), c->needle) != (size_t)-1;
    as_buf_free(&folded);
    return yes;
}

static bool in_says(const as_cond *c, as_str text)
{
    for (size_t i = 0; i < c->value_count; i++)
        if (as_str_eq(c->values[i].text, text))
            return true;
    return c->list && as_code_list_find(c->list, text, NULL);
}

/* What a leaf says of a text that is known. */
static bool text_says(prover *p, const as_cond *c, as_str text)
{
    as_match m;
    switch (c->op) {
    case AS_COND_IN:
        return in_says(c, text);
    case AS_COND_MATCHES:
        m = as_regex_match(c->regex, text);
        p->failed |= m == AS_MATCH_LIMIT;
        return m == AS_MATCH_YES;
    case AS_COND_CONTAINS:
        return contains_says(p, c, text);
    case AS_COND_LENGTH:
        return length_says(c, (double)as_text_length(text));
    default:
        return false;
    }
}

static void add_text(prover *p, subject *s, as_str text, uint8_t *says)
{
    memset(says, 0, p->leaf_count);
    for (size_t l = 0; l < p->leaf_count; l++)
        if (reads(p, l, s))
            says[l] = text_says(p, p->leaves[l].cond, text);
    add(p, s, says);
}

/* Every spelling of `list` is one of `own`. */
static bool within(const as_code_list *list, const as_code_list *own)
{
    for (size_t i = 0; list != own && i < list->count; i++) {
        const as_code_entry *e = &list->entries[i];
        if (!as_code_list_find(own, e->code, NULL))
            return false;
        for (size_t v = 0; v < e->variant_count; v++)
            if (!as_code_list_find(own, e->variants[v], NULL))
                return false;
    }
    return true;
}

/* Does the leaf's answer on a text that nobody named depend on the text? A code field holds
 * codes of its list, which are all named, and texts that are not on it. */
static bool is_free(const subject *s, const as_cond *c)
{
    if (c->op == AS_COND_IN)
        return c->list && !(s->field->type == AS_TYPE_CODE && s->field->list &&
                            within(c->list, s->field->list));
    return c->op == AS_COND_MATCHES || c->op == AS_COND_CONTAINS;
}

static bool same_test(const as_cond *x, const as_cond *y)
{
    if (x->op != y->op)
        return false;
    if (x->op == AS_COND_IN)
        return x->list == y->list;
    if (x->op == AS_COND_MATCHES)
        return x->named == y->named && as_str_eq(x->written, y->written);
    return x->exact == y->exact && as_str_eq(x->needle, y->needle);
}

/* The free tests of a field's unnamed texts; returns how many, FREE_MAX + 1: too many. */
static size_t free_tests(const prover *p, const subject *s, const as_cond *tests[FREE_MAX])
{
    size_t count = 0;
    for (size_t l = 0; l < p->leaf_count; l++) {
        const as_cond *c = p->leaves[l].cond;
        bool known = !reads(p, l, s) || !is_free(s, c);
        for (size_t i = 0; !known && i < count; i++)
            known = same_test(tests[i], c);
        if (!known && count == FREE_MAX)
            return FREE_MAX + 1;
        if (!known)
            tests[count++] = c;
    }
    return count;
}

/* A text that nobody named, of this length, for which the free tests say the bits of `mask`. */
static void add_unnamed(prover *p, subject *s, double length, const as_cond *const *tests,
                        size_t count, unsigned mask, uint8_t *says)
{
    memset(says, 0, p->leaf_count);
    for (size_t l = 0; l < p->leaf_count; l++) {
        const as_cond *c = p->leaves[l].cond;
        if (!reads(p, l, s))
            continue;
        if (c->op == AS_COND_LENGTH)
            says[l] = length_says(c, length);
        for (size_t i = 0; is_free(s, c) && i < count; i++)
            if (same_test(tests[i], c))
                says[l] = mask >> i & 1;
    }
    add(p, s, says);
}

static void add_lengths(prover *p, subject *s, double length, uint8_t *says)
{
    const as_cond *tests[FREE_MAX];
    size_t count = free_tests(p, s, tests);
    p->failed |= count > FREE_MAX;
    for (unsigned mask = 0; !p->failed && mask < 1u << count; mask++)
        add_unnamed(p, s, length, tests, count, mask, says);
}

static void text_stand_ins(prover *p, subject *s, uint8_t *says)
{
    const as_code_list *own = s->field->type == AS_TYPE_CODE ? s->field->list : NULL;
    for (size_t i = 0; own && i < own->count; i++)
        add_text(p, s, own->entries[i].code, says);
    add_lengths(p, s, 0, says);
    for (size_t l = 0; l < p->leaf_count; l++) {
        const as_cond *c = p->leaves[l].cond;
        if (!reads(p, l, s))
            continue;
        for (size_t i = 0; c->op == AS_COND_IN && i < c->value_count; i++)
            add_text(p, s, c->values[i].text, says);
        if (c->op != AS_COND_LENGTH)
            continue;
        const double ends[] = {c->min_len - 1, c->min_len, c->max_len, c->max_len + 1};
        for (size_t i = 0; i < 4; i++)
            if (ends[i] >= 0)
                add_lengths(p, s, ends[i], says);
    }
}

void as_prover_stand_ins(prover *p, subject *s)
{
    uint8_t *says = as_arena_alloc(p->arena, p->leaf_count + 1);
    if (!says)
        p->failed = true;
    else if (s->field->type == AS_TYPE_TEXT || s->field->type == AS_TYPE_CODE)
        text_stand_ins(p, s, says);
    else
        number_stand_ins(p, s, says);
}
