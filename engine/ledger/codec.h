/* codec.h: the bytes of packed values in the ledger. Private to this folder.
 *
 * Numbers are LEB128 (7 bits a byte, lowest first), signed ones zigzag; texts are a length and
 * the bytes; doubles are 8 bytes, little-endian. The writer never stops midway: `failed` is
 * looked at once. The reader trusts nothing: anything out of bounds sets `bad` and yields zeros
 * from then on. */
#ifndef AS_LEDGER_CODEC_H
#define AS_LEDGER_CODEC_H

#include "ledger/doc.h"

#define AS_BLOB_MAX ((size_t)1000000000) /* SQLite's own limit for one value */

typedef struct as_enc {
    unsigned char *ptr;
    size_t len, size;
    bool failed; /* out of memory or over AS_BLOB_MAX */
} as_enc;

bool as_enc_grow(as_enc *w, size_t more);
void as_enc_free(as_enc *w);

static inline bool as_enc_room(as_enc *w, size_t more)
{
    return w->size - w->len >= more || as_enc_grow(w, more);
}

static inline void as_enc_uint(as_enc *w, uint64_t v)
{
    if (!as_enc_room(w, 10)) {
        return;
    }
    while (v >= 0x80) {
        w->ptr[w->len++] = (unsigned char)(v | 0x80);
        v >>= 7;
    }
    w->ptr[w->len++] = (unsigned char)v;
}

static inline void as_enc_int(as_enc *w, int64_t v)
{
    as_enc_uint(w, ((uint64_t)v << 1) ^ (uint64_t)(v >> 63));
}

static inline void as_enc_bytes(as_enc *w, const void *p, size_t n)
{
    if (n > 0 && as_enc_room(w, n)) {
        as_bytes_put((char *)w->ptr + w->len, p, n);
        w->len += n;
    }
}

static inline void as_enc_str(as_enc *w, as_str s)
{
    as_enc_uint(w, s.len);
    as_enc_bytes(w, s.ptr, s.len);
}

/* A text or none (.ptr NULL): length + 1, 0 for none. */
static inline void as_enc_opt(as_enc *w, as_str s)
{
    as_enc_uint(w, s.ptr ? (uint64_t)s.len + 1 : 0);
    as_enc_bytes(w, s.ptr, s.ptr ? s.len : 0);
}

void as_enc_f64(as_enc *w, double v);

typedef struct as_dec {
    const unsigned char *p, *end;
    bool bad;
} as_dec;

static inline as_dec as_dec_of(as_str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    return (as_dec){p, p ? p + s.len : p, false};
}

static inline size_t as_dec_left(const as_dec *r)
{
    return (size_t)(r->end - r->p);
}

uint64_t as_dec_uint_slow(as_dec *r);
static inline uint64_t as_dec_uint(as_dec *r)
{
    if (r->p < r->end && *r->p < 0x80) {
        return *r->p++;
    }
    return as_dec_uint_slow(r);
}

static inline int64_t as_dec_int(as_dec *r)
{
    uint64_t v = as_dec_uint(r);
    return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

/* A number of things that each take at least `each` bytes: more than the rest can hold is bad.
 */
size_t as_dec_count(as_dec *r, size_t each);

static inline as_str as_dec_bytes(as_dec *r, uint64_t n)
{
    if (n > as_dec_left(r)) {
        r->bad = true;
        r->p = r->end;
        return AS_STR("");
    }
    as_str s = {(const char *)r->p, (size_t)n};
    r->p += n;
    return s;
}

static inline as_str as_dec_str(as_dec *r)
{
    return as_dec_bytes(r, as_dec_uint(r));
}

static inline as_str as_dec_opt(as_dec *r)
{
    uint64_t n = as_dec_uint(r);
    return n ? as_dec_bytes(r, n - 1) : AS_NONE;
}

double as_dec_f64(as_dec *r);

/* ---- bridge.c: run_rule.bridge ---- */

void as_bridge_encode(as_enc *w, const as_doc_rule *rule);
/* Texts are copied to `a`. False: out of memory or damaged (*damaged). */
bool as_bridge_decode(as_str blob, as_arena *a, as_doc_rule *rule, bool *damaged);

/* pattern.c: the message into `out` (cleared first). False: the pattern is damaged. */
bool as_pattern_fill(as_enc *out, as_str pattern, const as_doc_finding *f);

#endif
