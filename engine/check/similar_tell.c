/* similar_tell.c: see similar.h. What is told of probable duplicates.
 *
 * A finding is known by the keys of its members in byte order, so that it stays the same
 * however the file is sorted; a record without a whole key is known by its block and its texts.
 * Of many members the first keys are told and a digest of all. */
#include "base/distance.h"
#include "base/hash.h"
#include "check/evidence.h"
#include "check/similar.h"

#include <stdlib.h>

#define KEYS_TOLD 8

static as_str keep(as_arena *a, as_buf *buf)
{
    as_str out = buf->failed ? AS_NONE : as_arena_str(a, as_buf_str(buf));
    as_buf_free(buf);
    return out;
}

/* ---- the key ---- */

static bool has_key(const as_key *k, uint32_t row)
{
    for (size_t i = 0; i < k->count; i++)
        if (as_cell_null(&k->table->columns[k->fields[i]], row))
            return false;
    return k->count > 0;
}

static as_key block_key(const similar_plan *p, const as_table *t)
{
    as_key key = {.table = t, .count = p->within_count};
    memcpy(key.fields, p->within, p->within_count * sizeof *p->within);
    return key;
}

static void mark_sensitive(const as_key *k, as_evidence *out)
{
    for (size_t i = 0; i < k->count; i++)
        out->key_sensitive =
            out->key_sensitive || k->table->schema->fields[k->fields[i]].sensitive;
}

static as_str member_key(const similar_plan *p, const as_table *t, uint32_t row,
                         as_evidence *out)
{
    as_buf buf = AS_BUF(AS_EVIDENCE_MAX);
    as_key key = as_key_of(t);
    bool whole = has_key(&key, row);
    if (!whole)
        key = block_key(p, t);
    as_key_text(&key, row, &buf);
    mark_sensitive(&key, out);
    for (size_t f = 0; !whole && f < p->field_count; f++) {
        as_key text = {.table = t, .fields = {p->fields[f]}, .count = 1};
        as_buf_add(&buf, AS_STR(" / "));
        as_key_text(&text, row, &buf);
        mark_sensitive(&text, out);
    }
    return keep(out->arena, &buf);
}

static int by_bytes(const void *a, const void *b)
{
    return as_str_cmp(*(const as_str *)a, *(const as_str *)b);
}

static as_code digest(const as_str *keys, size_t count, char hex[AS_SHA256_HEX], as_err *e)
{
    as_sha256 *h;
    as_code code = as_sha256_open(&h, e);
    if (code != AS_OK)
        return code;
    for (size_t i = 0; i < count; i++) {
        as_sha256_add(h, keys[i]);
        as_sha256_add(h, AS_STR("\n"));
    }
    as_sha256_hex(h, hex);
    as_sha256_close(h);
    return AS_OK;
}

static as_code tell_key(const similar_plan *p, const as_table *t, as_evidence *out, as_err *e)
{
    const size_t n = out->member_count, told = n > KEYS_TOLD ? KEYS_TOLD / 2 : n;
    char hex[AS_SHA256_HEX];
    as_str *keys = AS_NEW_N(out->arena, as_str, n);
    as_buf buf = AS_BUF((KEYS_TOLD + 1) * AS_EVIDENCE_MAX);
    as_code code = keys ? AS_OK : as_fail_nomem(e);
    for (size_t i = 0; code == AS_OK && i < n; i++) {
        keys[i] = member_key(p, t, out->members[i], out);
        code = keys[i].ptr ? AS_OK : as_fail_nomem(e);
    }
    if (code != AS_OK)
        return code;
    qsort(keys, n, sizeof *keys, by_bytes);
    for (size_t i = 0; i < told; i++)
        as_buf_addf(&buf, "%s%.*s", i ? " + " : "", AS_FMT(keys[i]));
    if (told < n) {
        code = digest(keys, n, hex, e);
        as_buf_addf(&buf, " + %zu more (%.12s)", n - told, hex);
    }
    out->key = keep(out->arena, &buf);
    return code == AS_OK && !out->key.ptr ? as_fail_nomem(e) : code;
}

/* ---- how near ---- */

typedef struct nearness {
    unsigned edits;    /* of all fields */
    double similarity; /* of the field that is least alike */
} nearness;

static as_code measure(const similar_plan *p, const as_table *t, size_t f,
                       const similar_found *x, nearness *out, as_err *e)
{
    as_buf raw = AS_BUF(AS_FIELD_MAX), a = AS_BUF(4 * AS_FIELD_MAX), b = a;
    similar_fold(p, t, f, x->first, &raw, &a);
    similar_fold(p, t, f, x->second, &raw, &b);
    as_pattern *pattern = as_pattern_open(a.len > b.len ? a.len : b.len);
    bool ok = pattern && !a.failed && !b.failed;
    if (ok) {
        as_pattern_set(pattern, as_buf_str(&a));
        out->edits = as_pattern_edits(pattern, as_buf_str(&b), AS_EDITS_MAX);
        out->similarity = as_pattern_similarity(pattern, as_buf_str(&b));
    }
    as_pattern_close(pattern);
    as_buf_free(&raw);
    as_buf_free(&a);
    as_buf_free(&b);
    return ok ? AS_OK : as_fail_nomem(e);
}

static as_code add_cell(as_evidence *out, const as_table *t, uint32_t row, uint32_t field,
                        int number, as_err *e)
{
    as_code code = as_evidence_cell(out, t, row, field, e);
    as_str name = as_arena_printf(out->arena, "nearest_%d.%.*s", number,
                                  AS_FMT(t->schema->fields[field].name));
    out->extra[out->extra_count - 1].field = name;
    return code == AS_OK && !name.ptr ? as_fail_nomem(e) : code;
}

static void say_nearness(const similar_plan *p, nearness n, as_buf *out)
{
    if (!p->by_edits)
        as_buf_addf(out, "similarity %.3f", n.similarity);
    else if (n.edits == 0)
        as_buf_add(out, AS_STR("the same as compared"));
    else
        as_buf_addf(out, "%u edit%s apart", n.edits, n.edits == 1 ? "" : "s");
}

/* "name Oak House and Oaks House, 1 edit apart"; the values go to the extras. */
static as_code say_field(const similar_plan *p, const as_table *t, size_t f,
                         const similar_found *x, nearness *all, as_buf *say, as_evidence *out,
                         as_err *e)
{
    as_str first, second;
    nearness n = {0, 1};
    const uint32_t field = p->fields[f];
    as_code code = as_evidence_value(t, x->first, field, out->arena, &first, e);
    if (code == AS_OK)
        code = as_evidence_value(t, x->second, field, out->arena, &second, e);
    if (code == AS_OK)
        code = add_cell(out, t, x->first, field, 1, e);
    if (code == AS_OK)
        code = add_cell(out, t, x->second, field, 2, e);
    if (code == AS_OK)
        code = measure(p, t, f, x, &n, e);
    if (code != AS_OK)
        return code;
    as_buf_addf(say, "%s%.*s %.*s and %.*s, ", f ? "; " : "",
                AS_FMT(t->schema->fields[field].name), AS_FMT(first), AS_FMT(second));
    say_nearness(p, n, say);
    all->edits += n.edits;
    all->similarity = n.similarity < all->similarity ? n.similarity : all->similarity;
    return AS_OK;
}

/* ---- a finding ---- */

/* "LS1 1AA", "LS1 1AA, (masked)". */
static as_code say_block(const similar_plan *p, const as_table *t, uint32_t row, as_arena *a,
                         as_str *out, as_err *e)
{
    as_buf buf = AS_BUF(AS_EVIDENCE_MAX);
    as_code code = AS_OK;
    for (size_t i = 0; code == AS_OK && i < p->within_count; i++) {
        as_str value = AS_NONE;
        code = as_evidence_value(t, row, p->within[i], a, &value, e);
        as_buf_addf(&buf, "%s%.*s", i ? ", " : "", AS_FMT(value));
    }
    *out = keep(a, &buf);
    return code == AS_OK && !out->ptr ? as_fail_nomem(e) : code;
}

static as_str limit_words(as_arena *a, const similar_plan *p)
{
    if (p->by_edits)
        return as_arena_printf(a, "at most %u edit%s apart", p->at_most,
                               p->at_most == 1 ? "" : "s");
    return as_arena_printf(a, "of similarity at least %g", p->at_least);
}

static as_code tell_alike(const similar_plan *p, const as_table *t, const similar_found *x,
                          as_str block, as_evidence *out, as_err *e)
{
    as_buf say = AS_BUF(AS_EVIDENCE_MAX);
    nearness all = {0, 1};
    as_code code = tell_key(p, t, out, e);
    as_str within = as_evidence_names(out->arena, t->schema, p->within, p->within_count);
    as_str fields = as_evidence_names(out->arena, t->schema, p->fields, p->field_count);
    as_buf_addf(&say, "%zu records with the same %.*s (%.*s) are alike: %s", out->member_count,
                AS_FMT(within), AS_FMT(block), out->member_count > 2 ? "nearest are " : "");
    for (size_t f = 0; code == AS_OK && f < p->field_count; f++)
        code = say_field(p, t, f, x, &all, &say, out, e);
    out->sentence = keep(out->arena, &say);
    as_str limit = limit_words(out->arena, p);
    out->expected = as_arena_printf(
        out->arena, "no two records with the same %.*s and %.*s %.*s%s%.*s", AS_FMT(within),
        AS_FMT(fields), AS_FMT(limit), p->except ? ", unless " : "", AS_FMT(p->except_words));
    as_str count = as_arena_printf(out->arena, "%zu", out->member_count);
    as_str near = p->by_edits ? as_arena_printf(out->arena, "%u", all.edits)
                              : as_arena_printf(out->arena, "%.3f", all.similarity);
    as_evidence_extra(out, AS_STR("count"), count, false, false);
    as_evidence_extra(out, AS_STR("block"), block, false, false);
    as_evidence_extra(out, p->by_edits ? AS_STR("distance") : AS_STR("similarity"), near, false,
                      false);
    bool ok = within.ptr && fields.ptr && limit.ptr && count.ptr && near.ptr &&
              out->sentence.ptr && out->expected.ptr;
    return code == AS_OK && !ok ? as_fail_nomem(e) : code;
}

static as_str number(as_arena *a, size_t n)
{
    as_buf buf = AS_BUF(64);
    as_text_thousands(&buf, (int64_t)n);
    return keep(a, &buf);
}

/* A block or a text that was not compared: the rule's message is not about it. */
static as_code tell_left_out(const similar_plan *p, const as_table *t, const as_finding *f,
                             const similar_found *x, as_str block, as_evidence *out, as_err *e)
{
    as_arena *a = out->arena;
    out->own_words = true;
    if (x->what == SIMILAR_TOO_LONG) {
        out->expected = as_arena_printf(a, "at most %d characters", AS_COMPARED_MAX);
        out->sentence =
            as_arena_printf(a, "%.*s is too long to be compared: more than %d characters",
                            AS_FMT(t->schema->fields[f->field].name), AS_COMPARED_MAX);
        return out->expected.ptr && out->sentence.ptr ? AS_OK : as_fail_nomem(e);
    }
    as_buf key = AS_BUF(AS_EVIDENCE_MAX);
    as_key own = block_key(p, t);
    as_key_text(&own, f->row, &key);
    out->key = keep(a, &key);
    mark_sensitive(&own, out);
    as_str within = as_evidence_names(a, t->schema, p->within, p->within_count);
    as_str count = number(a, x->count), limit = number(a, p->block_limit);
    out->expected = as_arena_printf(
        a,
        "at most %.*s records with the same %.*s; leave such values out with `where`, or "
        "raise `block_limit`",
        AS_FMT(limit), AS_FMT(within));
    out->sentence = as_arena_printf(
        a,
        "%.*s records have the same %.*s (%.*s), more than the %.*s that are compared with "
        "each other: none of them was",
        AS_FMT(count), AS_FMT(within), AS_FMT(block), AS_FMT(limit));
    return out->key.ptr && within.ptr && count.ptr && limit.ptr && out->expected.ptr &&
                   out->sentence.ptr
               ? AS_OK
               : as_fail_nomem(e);
}

as_code similar_tell(const as_eval *ev, const as_bind *b, const void *plan, const as_result *r,
                     const as_finding *f, as_evidence *out, as_err *e)
{
    const similar_plan *p = plan;
    const similar_state *s = r->state;
    const similar_found *x = &s->found[f->detail];
    const as_table *t = as_tables_find(ev->tables, b->rule->table); /* eval found it */
    as_str block;
    as_code code = say_block(p, t, f->row, out->arena, &block, e);
    if (code != AS_OK)
        return code;
    if (x->what != SIMILAR_ALIKE)
        return tell_left_out(p, t, f, x, block, out, e);
    out->members = s->rows + x->start;
    out->member_count = x->count;
    return tell_alike(p, t, x, block, out, e);
}
