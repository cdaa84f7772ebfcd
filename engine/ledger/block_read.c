/* block_read.c: unpacks blocks of findings and spells fingerprints; the format is in block.h.
 *
 * The bytes may have been changed by anybody: every number is checked against what is there. */
#include "base/alloc.h"
#include "base/hash.h"
#include "ledger/block.h"

#include <math.h>

enum { HEAD_SLOTS = 7 };

/* ---- fingerprints ---- */

/* Sixteen bytes in one register, whatever the processor calls it. */
typedef unsigned char bytes16 __attribute__((vector_size(16)));
typedef uint16_t pairs16 __attribute__((vector_size(16)));
typedef unsigned char bytes8 __attribute__((vector_size(8)));
typedef uint64_t halves16 __attribute__((vector_size(16)));

/* Lower-case hex digits as bytes, sixteen at a time (a multiple of eight bytes); false: some
 * are none. */
static bool unhex(const char *hex, size_t bytes, unsigned char *out)
{
    halves16 wrong = {0, 0}; /* looked at once: nearly all texts are digits alone */
    for (size_t i = 0; i < bytes; i += 8) {
        bytes16 x;
        memcpy(&x, hex + 2 * i, 16);
        const bytes16 digit = x - '0', letter = x - 'a';
        const bytes16 is_digit = (bytes16)(digit < 10), is_letter = (bytes16)(letter < 6);
        wrong |= ~(halves16)(is_digit | is_letter);
        const pairs16 v = (pairs16)((digit & is_digit) | ((letter + 10) & is_letter));
        const bytes8 eight = __builtin_convertvector((v << 4 | v >> 8) & 0xff, bytes8);
        memcpy(out + i, &eight, 8);
    }
    return (wrong[0] | wrong[1]) == 0;
}

as_code as_fp_of(as_str text, as_fp *out, as_fp_kind *kind, as_err *e)
{
    *out = (as_fp){{0}};
    *kind = AS_FP_TEXT;
    if (text.len == 32 && unhex(text.ptr, 16, out->b)) {
        *kind = AS_FP_HEX16;
        return AS_OK;
    }
    if (text.len == 16 && unhex(text.ptr, 8, out->b)) {
        *kind = AS_FP_HEX8;
        memset(out->b + 8, 0, 8);
        return AS_OK;
    }
    unsigned char all[32];
    if (text.len == 64 && unhex(text.ptr, 32, all)) {
        memcpy(out->b, all, sizeof out->b);
        return AS_OK;
    }
    char hex[AS_SHA256_HEX];
    as_code code = as_sha256_of(text, hex, e);
    if (code == AS_OK) {
        unhex(hex, sizeof out->b, out->b);
    }
    return code;
}

as_str as_state_name(as_state s)
{
    return s == AS_STATE_NEW    ? AS_STR("new")
           : s == AS_STATE_OPEN ? AS_STR("open")
                                : AS_STR("reopened");
}

/* ---- blocks ---- */

/* `items` with room for n things of `each` bytes; NULL (and nomem): out of memory, the old one
 * stays. */
static void *room_for(as_block_reader *r, void *items, size_t *size, size_t n, size_t each)
{
    if (n <= *size && items) {
        return items;
    }
    size_t want = n < 16 ? 16 : n;
    void *p = as_realloc(items, want * each);
    r->nomem = r->nomem || !p;
    *size = p ? want : *size;
    return p;
}

static as_str dict_text(as_block_reader *r, uint64_t number)
{
    if (number >= r->dict_count) {
        r->r.bad = true;
        return AS_STR("");
    }
    return r->dict[number];
}

bool as_block_open(as_block_reader *r, as_str body, as_str fps, uint32_t count)
{
    r->r = as_dec_of(body);
    r->fps = (const unsigned char *)fps.ptr;
    r->left = count;
    r->row = 0;
    r->head = AS_NONE;
    r->shape = (as_doc_finding){0};
    r->dict_count = 0;
    uint64_t format = as_dec_uint(&r->r);
    if (fps.len / sizeof(as_fp) != count || fps.len % sizeof(as_fp) != 0 || format < 1 ||
        format > AS_BLOCK_FORMAT) {
        r->r.bad = true;
        return false;
    }
    size_t n = as_dec_count(&r->r, 1);
    as_str *dict = room_for(r, r->dict, &r->dict_size, n, sizeof *dict);
    if (!dict) {
        return false;
    }
    r->dict = dict;
    r->dict_count = n;
    for (size_t i = 0; i < n; i++) {
        dict[i] = as_dec_str(&r->r);
    }
    return !r->r.bad;
}

static void get_head(as_block_reader *r)
{
    uint64_t len = as_dec_uint(&r->r);
    if (len == 0) {
        r->r.bad = r->r.bad || !r->head.ptr;
        return;
    }
    r->head = as_dec_bytes(&r->r, len);
    as_dec h = as_dec_of(r->head);
    as_doc_finding *s = &r->shape;
    as_str *const texts[HEAD_SLOTS] = {&s->table,    &s->file,     &s->sheet,  &s->field,
                                       &s->expected, &s->severity, &s->steward};
    for (size_t i = 0; i < HEAD_SLOTS; i++) {
        *texts[i] = dict_text(r, as_dec_uint(&h));
    }
    s->column = (uint32_t)as_dec_uint(&h);
    uint64_t flags = as_dec_uint(&h);
    s->key_sensitive = flags & 1;
    s->records_sensitive = flags >> 1 & 1;
    s->decision = flags >> 2 & 1 ? dict_text(r, as_dec_uint(&h)) : AS_STR("");
    size_t n = as_dec_count(&h, 1);
    as_doc_value *values = room_for(r, r->values, &r->value_size, n, sizeof *values);
    if (!values) {
        return;
    }
    r->values = values;
    for (size_t i = 0; i < n; i++) {
        uint64_t x = as_dec_uint(&h);
        values[i] = (as_doc_value){dict_text(r, x / 2), AS_NONE, false, x & 1};
    }
    s->values = values;
    s->value_count = n;
    r->r.bad = r->r.bad || h.bad;
}

static void get_value(as_block_reader *r, as_str key, as_doc_value *v)
{
    uint64_t x = as_dec_uint(&r->r);
    v->null = x == 0;
    v->text = x == 0   ? AS_NONE
              : x == 1 ? as_dec_str(&r->r)
              : x == 2 ? key
                       : dict_text(r, x - 3);
}

static void get_message(as_block_reader *r, as_doc_finding *out)
{
    uint64_t x = as_dec_uint(&r->r);
    if (x == 0) {
        out->message = as_dec_str(&r->r);
    } else {
        as_str t = dict_text(r, x - 1);
        if (!r->no_message) {
            as_enc *m = &r->message;
            r->r.bad = !as_pattern_fill(m, t, out) || r->r.bad;
            r->nomem = r->nomem || m->failed;
            out->message = (as_str){m->len ? (const char *)m->ptr : "", m->len};
        }
    }
    if (r->no_message) {
        out->message = AS_STR("");
    }
}

static void get_records(as_block_reader *r, as_doc_finding *out)
{
    size_t n = as_dec_count(&r->r, 5);
    as_doc_record *records = room_for(r, r->records, &r->record_size, n, sizeof *records);
    if (!records) {
        return;
    }
    r->records = records;
    for (size_t i = 0; i < n && !r->r.bad; i++) {
        as_doc_record *x = &records[i];
        x->table = dict_text(r, as_dec_uint(&r->r));
        x->file = dict_text(r, as_dec_uint(&r->r));
        x->row = (uint32_t)as_dec_uint(&r->r);
        x->line = x->row + (uint32_t)as_dec_int(&r->r);
        x->key = as_dec_str(&r->r);
    }
    out->records = records;
    out->record_count = n;
}

static double get_new_value(as_block_reader *r, double from)
{
    switch (as_dec_uint(&r->r)) {
    case 0:
        return (double)NAN;
    case 1:
        return from + (double)as_dec_int(&r->r);
    case 2:
        return as_dec_f64(&r->r);
    default:
        r->r.bad = true;
        return 0;
    }
}

static void get_moves(as_block_reader *r, as_doc_finding *out)
{
    out->moves = as_dec_uint(&r->r);
    size_t n = as_dec_count(&r->r, 2);
    as_doc_move *moved = room_for(r, r->moved, &r->moved_size, n, sizeof *moved);
    if (!moved) {
        return;
    }
    r->moved = moved;
    for (size_t i = 0; i < n && !r->r.bad; i++) {
        as_doc_move *m = &moved[i];
        as_dec figure = as_dec_of(dict_text(r, as_dec_uint(&r->r)));
        as_str *const texts[] = {&m->measure, &m->title, &m->unit, &m->group};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
            *texts[k] = as_dec_str(&figure);
        }
        m->from = as_dec_f64(&figure);
        m->to = get_new_value(r, m->from);
        r->r.bad = r->r.bad || figure.bad;
    }
    out->moved = moved;
    out->moved_count = n;
    r->r.bad = r->r.bad || n > out->moves;
}

static as_str spell(as_block_reader *r, size_t bytes)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes; i++) {
        r->fingerprint[2 * i] = digits[r->fps[i] >> 4];
        r->fingerprint[2 * i + 1] = digits[r->fps[i] & 15];
    }
    r->fingerprint[2 * bytes] = '\0';
    return (as_str){r->fingerprint, 2 * bytes};
}

bool as_block_next(as_block_reader *r, as_doc_finding *out)
{
    if (r->left == 0 || r->r.bad || r->nomem) {
        return false;
    }
    get_head(r);
    *out = r->shape;
    r->row += (uint32_t)as_dec_int(&r->r);
    out->row = r->row;
    out->line = r->row + (uint32_t)as_dec_int(&r->r);
    uint64_t tag = as_dec_uint(&r->r);
    uint64_t state = tag & 3, kind = tag >> 2 & 3;
    if (state > AS_STATE_REOPENED || kind > AS_FP_TEXT || tag > 31) {
        r->r.bad = true;
        return false;
    }
    out->state = as_state_name((as_state)state);
    out->key = as_dec_str(&r->r);
    out->fingerprint = kind == AS_FP_TEXT  ? as_dec_str(&r->r)
                       : r->no_fingerprint ? AS_STR("")
                                           : spell(r, kind == AS_FP_HEX8 ? 8 : 16);
    for (size_t i = 0; i < out->value_count; i++) {
        get_value(r, out->key, &out->values[i]);
    }
    get_message(r, out);
    get_records(r, out);
    if (tag & 16) {
        get_moves(r, out);
    }
    r->fps += sizeof(as_fp);
    r->left--;
    return !r->r.bad && !r->nomem;
}

void as_block_reader_free(as_block_reader *r)
{
    as_enc_free(&r->message);
    as_free(r->dict);
    as_free(r->values);
    as_free(r->records);
    as_free(r->moved);
    *r = (as_block_reader){0};
}
