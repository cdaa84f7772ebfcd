/* bridge.c: the bridges of a reconcile rule as one packed value (run_rule.bridge).
 *
 * Format 1: 1, number of bridges; each: the group (number, then field and value or none), nine
 * doubles, the terms (number; name, label, value, sign, note), the causes (number; kind,
 * sentence, effect, records), the sentence. A field added later is a new format number; old
 * ones stay readable. */
#include "ledger/codec.h"

enum { FORMAT = 1, FIGURES = 9 };

static void figures_of(const as_doc_bridge *b, double out[FIGURES])
{
    const double f[FIGURES] = {b->opening,     b->plus,      b->minus,
                               b->adjustments, b->expected,  b->closing,
                               b->residual,    b->explained, b->unexplained};
    memcpy(out, f, sizeof f);
}

static void encode_cause(as_enc *w, const as_doc_cause *c)
{
    as_enc_str(w, c->kind);
    as_enc_str(w, c->sentence);
    as_enc_f64(w, c->effect);
    as_enc_uint(w, c->record_count);
    for (size_t i = 0; i < c->record_count; i++) {
        as_enc_str(w, c->records[i]);
    }
}

static void encode_one(as_enc *w, const as_doc_bridge *b)
{
    as_enc_uint(w, b->group_count);
    for (size_t i = 0; i < b->group_count; i++) {
        as_enc_str(w, b->fields[i]);
        as_enc_opt(w, b->values[i]); /* none: the group of records without a value */
    }
    double f[FIGURES];
    figures_of(b, f);
    for (size_t i = 0; i < FIGURES; i++) {
        as_enc_f64(w, f[i]);
    }
    as_enc_uint(w, b->term_count);
    for (size_t i = 0; i < b->term_count; i++) {
        const as_doc_term *t = &b->terms[i];
        as_enc_str(w, t->name);
        as_enc_str(w, t->label);
        as_enc_f64(w, t->value);
        as_enc_uint(w, (unsigned char)t->sign);
        as_enc_str(w, t->note);
    }
    as_enc_uint(w, b->cause_count);
    for (size_t i = 0; i < b->cause_count; i++) {
        encode_cause(w, &b->causes[i]);
    }
    as_enc_str(w, b->sentence);
}

void as_bridge_encode(as_enc *w, const as_doc_rule *rule)
{
    as_enc_uint(w, FORMAT);
    as_enc_uint(w, rule->bridge_count);
    for (size_t i = 0; i < rule->bridge_count; i++) {
        encode_one(w, &rule->bridge[i]);
    }
}

/* ---- reading: `r->bad` also stands for out of memory, `nomem` tells which ---- */

typedef struct reading {
    as_dec r;
    as_arena *a;
    bool nomem;
} reading;

static bool stopped(const reading *x)
{
    return x->r.bad || x->nomem;
}

static as_str text(reading *x)
{
    as_str s = as_arena_str(x->a, as_dec_str(&x->r));
    x->nomem = x->nomem || !s.ptr;
    return s;
}

static as_str text_or_none(reading *x)
{
    as_str s = as_dec_opt(&x->r);
    if (!s.ptr) {
        return AS_NONE;
    }
    s = as_arena_str(x->a, s);
    x->nomem = x->nomem || !s.ptr;
    return s;
}

static void *many(reading *x, size_t n, size_t size)
{
    void *p = as_arena_zalloc(x->a, size * (n ? n : 1));
    x->nomem = x->nomem || !p;
    return p;
}

static void decode_group(reading *x, as_doc_bridge *b)
{
    size_t n = as_dec_count(&x->r, 2);
    b->fields = many(x, n, sizeof *b->fields);
    b->values = many(x, n, sizeof *b->values);
    for (size_t i = 0; i < n && !stopped(x); i++) {
        b->fields[i] = text(x);
        b->values[i] = text_or_none(x);
    }
    b->group_count = n;
}

static void decode_terms(reading *x, as_doc_bridge *b)
{
    size_t n = as_dec_count(&x->r, 12);
    b->terms = many(x, n, sizeof *b->terms);
    for (size_t i = 0; i < n && !stopped(x); i++) {
        as_doc_term *t = &b->terms[i];
        t->name = text(x);
        t->label = text(x);
        t->value = as_dec_f64(&x->r);
        t->sign = (char)as_dec_uint(&x->r);
        t->note = text(x);
    }
    b->term_count = n;
}

static void decode_causes(reading *x, as_doc_bridge *b)
{
    size_t n = as_dec_count(&x->r, 11);
    b->causes = many(x, n, sizeof *b->causes);
    for (size_t i = 0; i < n && !stopped(x); i++) {
        as_doc_cause *c = &b->causes[i];
        c->kind = text(x);
        c->sentence = text(x);
        c->effect = as_dec_f64(&x->r);
        c->record_count = as_dec_count(&x->r, 1);
        c->records = many(x, c->record_count, sizeof *c->records);
        for (size_t j = 0; j < c->record_count && !stopped(x); j++) {
            c->records[j] = text(x);
        }
    }
    b->cause_count = n;
}

static void decode_one(reading *x, as_doc_bridge *b)
{
    decode_group(x, b);
    double *const f[FIGURES] = {&b->opening,     &b->plus,      &b->minus,
                                &b->adjustments, &b->expected,  &b->closing,
                                &b->residual,    &b->explained, &b->unexplained};
    for (size_t i = 0; i < FIGURES; i++) {
        *f[i] = as_dec_f64(&x->r);
    }
    decode_terms(x, b);
    decode_causes(x, b);
    b->sentence = text(x);
}

bool as_bridge_decode(as_str blob, as_arena *a, as_doc_rule *rule, bool *damaged)
{
    reading x = {as_dec_of(blob), a, false};
    if (as_dec_uint(&x.r) != FORMAT) {
        x.r.bad = true;
    }
    size_t n = as_dec_count(&x.r, 1 + 8 * FIGURES);
    rule->bridge = many(&x, n, sizeof *rule->bridge);
    for (size_t i = 0; i < n && !stopped(&x); i++) {
        decode_one(&x, &rule->bridge[i]);
    }
    rule->bridge_count = n;
    rule->has_bridge = true;
    *damaged = x.r.bad;
    return !stopped(&x);
}
