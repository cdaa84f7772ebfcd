/* pattern.c: a message out of its pattern and the finding's texts; what a pattern is, doc.h
 * says. */
#include "ledger/codec.h"

/* One that repeats one long value would else grow without end in a tampered file: no message
 * with a part beyond this. */
enum { MESSAGE_LIMIT = 1 << 20 };

bool as_pattern_fill(as_enc *out, as_str pattern, const as_doc_finding *f)
{
    out->len = 0;
    for (size_t i = 0; i < pattern.len; i++) {
        const char *one = memchr(pattern.ptr + i, AS_PATTERN_PART, pattern.len - i);
        size_t plain = one ? (size_t)(one - pattern.ptr) - i : pattern.len - i;
        as_enc_bytes(out, pattern.ptr + i, plain);
        i += plain;
        if (!one) {
            break;
        }
        unsigned n = ++i < pattern.len ? (unsigned char)pattern.ptr[i] : AS_PATTERN_ITSELF - 1;
        if (n == AS_PATTERN_ITSELF) {
            as_enc_bytes(out, one, 1);
        } else if (n <= f->value_count && out->len <= MESSAGE_LIMIT) {
            as_str part = n ? f->values[n - 1].text : f->key;
            as_enc_bytes(out, part.ptr, part.len);
        } else {
            return false;
        }
    }
    return true;
}

as_str as_doc_message(as_arena *a, const as_doc_finding *f)
{
    as_enc text = {NULL, 0, 0, false};
    as_str out = f->message;
    if (f->pattern.ptr) {
        const bool whole = as_pattern_fill(&text, f->pattern, f) && !text.failed;
        out = whole ? as_arena_str(a, (as_str){(const char *)text.ptr, text.len}) : AS_NONE;
    }
    as_enc_free(&text);
    return out;
}
