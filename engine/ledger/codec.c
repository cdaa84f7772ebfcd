/* codec.c: growing, and the reads that are rare or long. See codec.h. */
#include "ledger/codec.h"
#include "base/alloc.h"

bool as_enc_grow(as_enc *w, size_t more)
{
    if (w->failed || more > AS_BLOB_MAX || w->len > AS_BLOB_MAX - more) {
        w->failed = true;
        return false;
    }
    size_t size = w->size ? w->size : 1024;
    while (size - w->len < more) {
        size *= 2;
    }
    unsigned char *p = as_realloc(w->ptr, size);
    if (!p) {
        w->failed = true;
        return false;
    }
    w->ptr = p;
    w->size = size;
    return true;
}

void as_enc_free(as_enc *w)
{
    as_free(w->ptr);
    *w = (as_enc){NULL, 0, 0, false};
}

void as_enc_f64(as_enc *w, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    unsigned char b[8];
    for (size_t i = 0; i < sizeof b; i++) {
        b[i] = (unsigned char)(bits >> (8 * i));
    }
    as_enc_bytes(w, b, sizeof b);
}

uint64_t as_dec_uint_slow(as_dec *r)
{
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64 && r->p < r->end; shift += 7) {
        unsigned char c = *r->p++;
        v |= (uint64_t)(c & 0x7f) << shift;
        if (c < 0x80) {
            return v;
        }
    }
    r->bad = true;
    r->p = r->end;
    return 0;
}

size_t as_dec_count(as_dec *r, size_t each)
{
    uint64_t n = as_dec_uint(r);
    if (n > as_dec_left(r) / each) {
        r->bad = true;
        r->p = r->end;
        return 0;
    }
    return (size_t)n;
}

double as_dec_f64(as_dec *r)
{
    as_str s = as_dec_bytes(r, 8);
    if (s.len != 8) {
        return 0;
    }
    uint64_t bits = 0;
    for (size_t i = 0; i < 8; i++) {
        bits |= (uint64_t)(unsigned char)s.ptr[i] << (8 * i);
    }
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}
