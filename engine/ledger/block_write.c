/* block_write.c: packs findings into a block; the format is in block.h.
 *
 * Why a dictionary: findings of one rule repeat their table, file, expectation and most values.
 * Each place in a finding (a slot) first tries the string that stood there last; a slot whose
 * strings hardly ever repeat (names, keys) stops looking them up and writes them in place.
 *
 * Why templates: a rule's sentences differ by what stands in `{urn}` and `{places}`, and those
 * texts are in the finding already. A sentence is first held against the template of the one
 * before, piece by piece, then against a few met earlier, as a rule's sentences take turns;
 * only where none fits is a template made. Templates are cut when they are met, not each time.
 * Who makes findings by the thousand gives the template itself (a pattern). */
#include "base/alloc.h"
#include "base/hash.h"
#include "ledger/block.h"

#include <math.h>

struct as_block_string {
    size_t at;
    uint32_t len;
    uint32_t hash;
};

struct as_block_slot {
    uint32_t last; /* dictionary number + 1; 0 = none yet */
    uint32_t hits, misses;
};

/* Of the template that messages are held against: text, or what stands for a part. */
struct as_block_piece {
    size_t at, len; /* text: within the template */
    int part;       /* of part_of; -1: text */
};

enum {
    BLOCK_FINDINGS = 4096,
    BLOCK_BYTES = 96 * 1024,
    INTERN_MAX = 64,    /* longer values are written in place */
    MESSAGE_MAX = 1024, /* and longer messages */
    HEAD_SLOTS = 7,
    MESSAGE_SLOT = 7,
    DECISION_SLOT = 8,
    VALUE_SLOTS = 9, /* then two for each value: its field, its text */
    FIRST_BUCKETS = 1024
};

/* ---- the dictionary ---- */

static bool grow_buckets(as_block_writer *w)
{
    size_t n = w->bucket_count ? w->bucket_count * 2 : FIRST_BUCKETS;
    uint32_t *b = as_calloc(n, sizeof *b);
    if (!b) {
        return false;
    }
    for (size_t i = 0; i < w->dict_count; i++) {
        size_t at = w->dict[i].hash & (n - 1);
        while (b[at]) {
            at = (at + 1) & (n - 1);
        }
        b[at] = (uint32_t)i + 1;
    }
    as_free(w->buckets);
    w->buckets = b;
    w->bucket_count = n;
    return true;
}

static as_str string_of(const as_block_writer *w, uint32_t number)
{
    const struct as_block_string *d = &w->dict[number];
    return (as_str){d->len ? (const char *)w->strings.ptr + d->at : "", d->len};
}

static bool same_string(const as_block_writer *w, uint32_t number, as_str s)
{
    const struct as_block_string *d = &w->dict[number];
    return d->len == s.len && as_bytes_same((const char *)w->strings.ptr + d->at, s.ptr, s.len);
}

static bool room_in_dict(as_block_writer *w)
{
    if (w->dict_count == w->dict_size) {
        size_t n = w->dict_size ? w->dict_size * 2 : 256;
        struct as_block_string *d = as_realloc(w->dict, n * sizeof *d);
        if (!d) {
            return false;
        }
        w->dict = d;
        w->dict_size = n;
    }
    return (w->dict_count + 1) * 2 <= w->bucket_count || grow_buckets(w);
}

static uint32_t intern(as_block_writer *w, as_str s)
{
    if (!room_in_dict(w) || s.len > UINT32_MAX) {
        w->failed = true;
        return 0;
    }
    uint32_t hash = (uint32_t)as_hash(s);
    size_t at = hash & (w->bucket_count - 1);
    while (w->buckets[at]) {
        uint32_t number = w->buckets[at] - 1;
        if (w->dict[number].hash == hash && same_string(w, number, s)) {
            return number;
        }
        at = (at + 1) & (w->bucket_count - 1);
    }
    w->dict[w->dict_count] = (struct as_block_string){w->strings.len, (uint32_t)s.len, hash};
    as_enc_bytes(&w->strings, s.ptr, s.len);
    if (w->strings.failed) {
        w->failed = true;
        return 0;
    }
    w->buckets[at] = (uint32_t)++w->dict_count;
    return (uint32_t)w->dict_count - 1;
}

/* The string's number, trying first what stood in this slot before. */
static uint32_t intern_at(as_block_writer *w, as_block_slot *slot, as_str s)
{
    if (w->failed) {
        return 0;
    }
    if (slot->last && same_string(w, slot->last - 1, s)) {
        slot->hits++;
        return slot->last - 1;
    }
    size_t before = w->dict_count;
    uint32_t number = intern(w, s);
    *(w->dict_count == before ? &slot->hits : &slot->misses) += 1;
    slot->last = number + 1;
    return number;
}

static bool room_for_slots(as_block_writer *w, size_t n)
{
    if (n <= w->slot_count) {
        return true;
    }
    as_block_slot *s = as_realloc(w->slots, n * sizeof *s);
    if (!s) {
        return false;
    }
    memset(s + w->slot_count, 0, (n - w->slot_count) * sizeof *s);
    w->slots = s;
    w->slot_count = n;
    return true;
}

/* ---- writing ---- */

/* A decision is in the head too, and who made the finding does not know it. */
static bool head_as_before(const as_block_writer *w, const as_doc_finding *f)
{
    return f->alike && w->count && f->decision.len == 0 && !w->last_decided;
}

static void put_head(as_block_writer *w, const as_doc_finding *f)
{
    if (head_as_before(w, f)) {
        as_enc_uint(&w->rows, 0);
        return;
    }
    w->last_decided = f->decision.len > 0;
    const as_str texts[HEAD_SLOTS] = {f->table,    f->file,     f->sheet,  f->field,
                                      f->expected, f->severity, f->steward};
    w->head.len = 0;
    for (size_t i = 0; i < HEAD_SLOTS; i++) {
        as_enc_uint(&w->head, intern_at(w, &w->slots[i], texts[i]));
    }
    as_enc_uint(&w->head, f->column);
    as_enc_uint(&w->head, (f->key_sensitive ? 1u : 0u) | (f->records_sensitive ? 2u : 0u) |
                              (f->decision.len ? 4u : 0u));
    if (f->decision.len) {
        as_enc_uint(&w->head, intern_at(w, &w->slots[DECISION_SLOT], f->decision));
    }
    as_enc_uint(&w->head, f->value_count);
    as_block_slot *slot = w->slots + VALUE_SLOTS;
    for (size_t i = 0; i < f->value_count; i++, slot += 2) {
        uint64_t number = intern_at(w, slot, f->values[i].field);
        as_enc_uint(&w->head, number * 2 + (f->values[i].sensitive ? 1 : 0));
    }
    bool same = w->head.len > 0 && w->head.len == w->last_head.len &&
                memcmp(w->head.ptr, w->last_head.ptr, w->head.len) == 0;
    as_enc_uint(&w->rows, same ? 0 : w->head.len);
    if (!same) {
        as_enc_bytes(&w->rows, w->head.ptr, w->head.len);
        as_enc swap = w->last_head;
        w->last_head = w->head;
        w->head = swap;
    }
}

/* A slot that hardly ever meets a string again. */
static bool never_repeats(const as_block_slot *slot)
{
    return slot->misses > 64 + slot->hits;
}

static void put_value(as_block_writer *w, as_block_slot *slot, as_str key,
                      const as_doc_value *v)
{
    if (v->null) {
        as_enc_uint(&w->rows, 0);
    } else if (as_str_eq(v->text, key)) {
        as_enc_uint(&w->rows, 2);
    } else if (v->text.len > INTERN_MAX || never_repeats(slot)) {
        as_enc_uint(&w->rows, 1);
        as_enc_str(&w->rows, v->text);
    } else {
        as_enc_uint(&w->rows, (uint64_t)intern_at(w, slot, v->text) + 3);
    }
}

/* What the byte after a 1 in a template stands for; .ptr NULL: nothing of this finding. */
static as_str part_of(const as_doc_finding *f, unsigned char n)
{
    if (n == AS_PATTERN_ITSELF) {
        return AS_STR("\1");
    }
    if (n == 0) {
        return f->key;
    }
    return n <= f->value_count && !f->values[n - 1].null ? f->values[n - 1].text : AS_NONE;
}

static void add_piece(as_block_writer *w, struct as_block_cut *c, struct as_block_piece piece)
{
    if (c->count == c->size) {
        size_t n = c->size ? 2 * c->size : 16;
        struct as_block_piece *p = as_realloc(c->pieces, n * sizeof *p);
        if (!p) {
            w->failed = true;
            return;
        }
        c->pieces = p;
        c->size = n;
    }
    c->pieces[c->count++] = piece;
}

/* In the place of the last, and then the first. */
static void cut_template(as_block_writer *w, uint32_t number)
{
    const as_str t = string_of(w, number);
    struct as_block_cut *c = &w->cuts[AS_BLOCK_CUTS - 1];
    c->count = 0;
    for (size_t i = 0, n; i < t.len && !w->failed; i += n) {
        const char *one = memchr(t.ptr + i, 1, t.len - i);
        n = one ? (size_t)(one - t.ptr) - i : t.len - i;
        if (n) {
            add_piece(w, c, (struct as_block_piece){i, n, -1});
        } else {
            add_piece(w, c, (struct as_block_piece){i, 0, (unsigned char)t.ptr[i + 1]});
            n = 2;
        }
    }
    c->of = number + 1;
}

/* Whether the template with this finding's texts in it is its message. */
static bool fits_template(const as_block_writer *w, const as_doc_finding *f,
                          const struct as_block_cut *c)
{
    const char *text = string_of(w, c->of - 1).ptr;
    as_str m = f->message;
    for (size_t i = 0; i < c->count; i++) {
        const struct as_block_piece *p = &c->pieces[i];
        as_str part =
            p->part < 0 ? (as_str){text + p->at, p->len} : part_of(f, (unsigned char)p->part);
        if (!part.ptr || part.len > m.len || !as_bytes_same(m.ptr, part.ptr, part.len)) {
            return false;
        }
        m.ptr += part.len;
        m.len -= part.len;
    }
    return m.len == 0;
}

static void put_first(as_block_writer *w, size_t number)
{
    const struct as_block_cut first = w->cuts[number];
    memmove(w->cuts + 1, w->cuts, number * sizeof first);
    w->cuts[0] = first;
}

/* Whether one of the templates met last fits; it is the first then. */
static bool fits_one(as_block_writer *w, const as_doc_finding *f)
{
    for (size_t i = 0; i < AS_BLOCK_CUTS && w->cuts[i].of; i++) {
        if (fits_template(w, f, &w->cuts[i])) {
            put_first(w, i);
            return true;
        }
    }
    return false;
}

/* The number of the part that the message goes on with, or -1. */
static int part_at(const as_doc_finding *f, as_str m)
{
    if (*m.ptr == 1) {
        return AS_PATTERN_ITSELF;
    }
    for (unsigned n = 0; n <= f->value_count && n < AS_PATTERN_ITSELF; n++) {
        as_str part = part_of(f, (unsigned char)n);
        if (part.len > 1 && *part.ptr == *m.ptr && as_str_starts(m, part)) {
            return (int)n;
        }
    }
    return -1;
}

/* Bytes with which a part of a message may begin. */
static void first_bytes(const as_doc_finding *f, bool first[256])
{
    first[1] = true;
    for (unsigned n = 0; n <= f->value_count && n < AS_PATTERN_ITSELF; n++) {
        as_str part = part_of(f, (unsigned char)n);
        if (part.len > 1) {
            first[(unsigned char)*part.ptr] = true;
        }
    }
}

static as_str make_template(as_block_writer *w, const as_doc_finding *f)
{
    as_enc *t = &w->pattern;
    bool first[256] = {false};
    const as_str m = f->message;
    size_t from = 0; /* of the text that has not been copied yet */
    t->len = 0;
    first_bytes(f, first);
    for (size_t at = 0; at < m.len;) {
        int n = first[(unsigned char)m.ptr[at]] ? part_at(f, as_str_sub(m, at, m.len)) : -1;
        if (n < 0) {
            at++;
            continue;
        }
        const unsigned char code[2] = {1, (unsigned char)n};
        as_enc_bytes(t, m.ptr + from, at - from);
        as_enc_bytes(t, code, 2);
        from = at += part_of(f, code[1]).len;
    }
    as_enc_bytes(t, m.ptr + from, m.len - from);
    w->failed = w->failed || t->failed;
    return (as_str){t->len ? (const char *)t->ptr : "", t->len};
}

static void put_message(as_block_writer *w, const as_doc_finding *f)
{
    as_block_slot *slot = &w->slots[MESSAGE_SLOT];
    if (w->failed) {
        return;
    }
    if (f->pattern.ptr) {
        as_enc_uint(&w->rows, (uint64_t)intern_at(w, slot, f->pattern) + 1);
    } else if (fits_one(w, f)) {
        slot->hits++;
        as_enc_uint(&w->rows, w->cuts[0].of);
    } else if (f->message.len > MESSAGE_MAX || never_repeats(slot)) {
        as_enc_uint(&w->rows, 0);
        as_enc_str(&w->rows, f->message);
    } else {
        uint32_t number = intern_at(w, slot, make_template(w, f));
        as_enc_uint(&w->rows, (uint64_t)number + 1);
        if (!w->failed) {
            cut_template(w, number);
            put_first(w, AS_BLOCK_CUTS - 1);
        }
    }
}

static void put_records(as_block_writer *w, const as_doc_finding *f)
{
    as_enc_uint(&w->rows, f->record_count);
    for (size_t i = 0; i < f->record_count; i++) {
        const as_doc_record *r = &f->records[i];
        as_enc_uint(&w->rows, intern_at(w, &w->slots[0], r->table));
        as_enc_uint(&w->rows, intern_at(w, &w->slots[1], r->file));
        as_enc_uint(&w->rows, r->row);
        as_enc_int(&w->rows, (int64_t)r->line - (int64_t)r->row);
        as_enc_str(&w->rows, r->key);
    }
}

/* A whole number that a double holds exactly, so that a difference of two is exact too. */
static bool whole(double x)
{
    return fabs(x) <= 4503599627370496.0 && x == floor(x);
}

static void put_moves(as_block_writer *w, const as_doc_finding *f)
{
    if (f->moves == 0) {
        return;
    }
    as_enc_uint(&w->rows, f->moves);
    as_enc_uint(&w->rows, f->moved_count);
    for (size_t i = 0; i < f->moved_count && !w->failed; i++) {
        const as_doc_move *m = &f->moved[i];
        const as_str texts[] = {m->measure, m->title, m->unit, m->group};
        w->figure.len = 0;
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
            as_enc_str(&w->figure, texts[k]);
        }
        as_enc_f64(&w->figure, m->from);
        w->failed = w->failed || w->figure.failed;
        as_enc_uint(&w->rows, intern(w, (as_str){(const char *)w->figure.ptr, w->figure.len}));
        if (isnan(m->to)) {
            as_enc_uint(&w->rows, 0);
        } else if (whole(m->from) && whole(m->to)) {
            as_enc_uint(&w->rows, 1);
            as_enc_int(&w->rows, (int64_t)m->to - (int64_t)m->from);
        } else {
            as_enc_uint(&w->rows, 2);
            as_enc_f64(&w->rows, m->to);
        }
    }
}

void as_block_add(as_block_writer *w, const as_doc_finding *f, const as_fp *fp, as_fp_kind kind,
                  as_state state)
{
    if (!room_for_slots(w, VALUE_SLOTS + 2 * f->value_count)) {
        w->failed = true;
        return;
    }
    put_head(w, f);
    as_enc_int(&w->rows, (int64_t)f->row - (int64_t)w->last_row);
    as_enc_int(&w->rows, (int64_t)f->line - (int64_t)f->row);
    as_enc_uint(&w->rows, (unsigned)state + 4u * (unsigned)kind + (f->moves ? 16u : 0u));
    as_enc_str(&w->rows, f->key);
    if (kind == AS_FP_TEXT) {
        as_enc_str(&w->rows, f->fingerprint);
    }
    for (size_t i = 0; i < f->value_count; i++) {
        put_value(w, &w->slots[VALUE_SLOTS + 2 * i + 1], f->key, &f->values[i]);
    }
    put_message(w, f);
    put_records(w, f);
    put_moves(w, f);
    as_enc_bytes(&w->fingerprints, fp->b, sizeof fp->b);
    w->last_row = f->row;
    w->count++;
}

bool as_block_full(const as_block_writer *w)
{
    return w->count >= BLOCK_FINDINGS || w->rows.len + w->strings.len >= BLOCK_BYTES;
}

bool as_block_body(as_block_writer *w, as_enc *out)
{
    out->len = 0;
    as_enc_uint(out, AS_BLOCK_FORMAT);
    as_enc_uint(out, w->dict_count);
    for (size_t i = 0; i < w->dict_count; i++) {
        as_enc_str(out, string_of(w, (uint32_t)i));
    }
    as_enc_bytes(out, w->rows.ptr, w->rows.len);
    return !w->failed && !out->failed && !w->rows.failed && !w->head.failed &&
           !w->last_head.failed && !w->strings.failed && !w->fingerprints.failed;
}

void as_block_clear(as_block_writer *w)
{
    w->rows.len = w->head.len = w->last_head.len = w->strings.len = w->fingerprints.len = 0;
    w->dict_count = 0;
    w->count = 0;
    for (size_t i = 0; i < AS_BLOCK_CUTS; i++) {
        w->cuts[i].of = 0;
    }
    w->last_row = 0;
    if (w->buckets) {
        memset(w->buckets, 0, w->bucket_count * sizeof *w->buckets);
    }
    if (w->slots) {
        memset(w->slots, 0, w->slot_count * sizeof *w->slots);
    }
}

void as_block_free(as_block_writer *w)
{
    as_enc_free(&w->rows);
    as_enc_free(&w->head);
    as_enc_free(&w->last_head);
    as_enc_free(&w->strings);
    as_enc_free(&w->fingerprints);
    as_enc_free(&w->pattern);
    as_enc_free(&w->figure);
    as_free(w->dict);
    as_free(w->buckets);
    as_free(w->slots);
    for (size_t i = 0; i < AS_BLOCK_CUTS; i++) {
        as_free(w->cuts[i].pieces);
    }
    *w = (as_block_writer){0};
}
