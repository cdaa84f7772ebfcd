/* block.c: packs and unpacks blocks of findings; the format is in block.h.
 *
 * Why a dictionary: findings of one rule repeat their table, file, expectation and most values.
 * Each place in a finding (a slot) first tries the string that stood there last; a slot whose
 * strings hardly ever repeat (names, keys) stops looking them up and writes them in place. */
#include "ledger/block.h"
#include "base/alloc.h"
#include "base/hash.h"

struct as_block_string {
    size_t at;
    uint32_t len;
    uint32_t hash;
};

struct as_block_slot {
    uint32_t last; /* dictionary number + 1; 0 = none yet */
    uint32_t hits, misses;
};

enum {
    FORMAT = 1,
    BLOCK_FINDINGS = 4096,
    BLOCK_BYTES = 96 * 1024,
    INTERN_MAX = 64, /* longer values are written in place */
    HEAD_SLOTS = 7,
    FIRST_BUCKETS = 1024
};

/* ---- fingerprints ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool unhex(const char *hex, size_t bytes, unsigned char *out)
{
    int all = 0;
    for (size_t i = 0; i < bytes; i++) {
        int hi = hex_digit(hex[2 * i]), lo = hex_digit(hex[2 * i + 1]);
        all |= hi | lo;
        out[i] = (unsigned char)((unsigned)hi << 4 | (unsigned)lo);
    }
    return all >= 0;
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
    static const char *const names[] = {"new", "open", "reopened"};
    return as_str_from(names[s]);
}

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

static bool same_string(const as_block_writer *w, uint32_t number, as_str s)
{
    const struct as_block_string *d = &w->dict[number];
    return d->len == s.len && (s.len == 0 || memcmp(w->strings.ptr + d->at, s.ptr, s.len) == 0);
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

static void put_head(as_block_writer *w, const as_doc_finding *f)
{
    const as_str texts[HEAD_SLOTS] = {f->table,    f->file,     f->sheet,  f->field,
                                      f->expected, f->severity, f->steward};
    w->head.len = 0;
    for (size_t i = 0; i < HEAD_SLOTS; i++) {
        as_enc_uint(&w->head, intern_at(w, &w->slots[i], texts[i]));
    }
    as_enc_uint(&w->head, f->column);
    as_enc_uint(&w->head, f->key_sensitive ? 1 : 0);
    as_enc_uint(&w->head, f->value_count);
    as_block_slot *slot = w->slots + HEAD_SLOTS;
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

static void put_value(as_block_writer *w, as_block_slot *slot, const as_doc_value *v)
{
    if (v->null) {
        as_enc_uint(&w->rows, 0);
    } else if (v->text.len > INTERN_MAX || slot->misses > 64 + slot->hits) {
        as_enc_uint(&w->rows, 1);
        as_enc_str(&w->rows, v->text);
    } else {
        as_enc_uint(&w->rows, (uint64_t)intern_at(w, slot, v->text) + 2);
    }
}

static void put_records(as_block_writer *w, const as_doc_finding *f)
{
    as_enc_uint(&w->rows, f->record_count);
    for (size_t i = 0; i < f->record_count; i++) {
        const as_doc_record *r = &f->records[i];
        as_enc_uint(&w->rows, intern_at(w, &w->slots[0], r->table));
        as_enc_uint(&w->rows, intern_at(w, &w->slots[1], r->file));
        as_enc_uint(&w->rows, r->line);
        as_enc_str(&w->rows, r->key);
    }
}

void as_block_add(as_block_writer *w, const as_doc_finding *f, const as_fp *fp, as_fp_kind kind,
                  as_state state)
{
    if (!room_for_slots(w, HEAD_SLOTS + 2 * f->value_count)) {
        w->failed = true;
        return;
    }
    put_head(w, f);
    as_enc_int(&w->rows, (int64_t)f->row - (int64_t)w->last_row);
    as_enc_int(&w->rows, (int64_t)f->line - (int64_t)f->row);
    as_enc_uint(&w->rows, (unsigned)state + 4u * (unsigned)kind);
    as_enc_str(&w->rows, f->key);
    as_enc_str(&w->rows, f->message);
    if (kind == AS_FP_TEXT) {
        as_enc_str(&w->rows, f->fingerprint);
    }
    for (size_t i = 0; i < f->value_count; i++) {
        put_value(w, &w->slots[HEAD_SLOTS + 2 * i + 1], &f->values[i]);
    }
    put_records(w, f);
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
    as_enc_uint(out, FORMAT);
    as_enc_uint(out, w->dict_count);
    for (size_t i = 0; i < w->dict_count; i++) {
        as_str s = {(const char *)w->strings.ptr + w->dict[i].at, w->dict[i].len};
        as_enc_str(out, s);
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
    as_free(w->dict);
    as_free(w->buckets);
    as_free(w->slots);
    *w = (as_block_writer){0};
}

/* ---- reading ---- */

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
    if (fps.len / sizeof(as_fp) != count || fps.len % sizeof(as_fp) != 0 ||
        as_dec_uint(&r->r) != FORMAT) {
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
    s->key_sensitive = as_dec_uint(&h) & 1;
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

static void get_value(as_block_reader *r, as_doc_value *v)
{
    uint64_t x = as_dec_uint(&r->r);
    v->null = x == 0;
    v->text = x == 0 ? AS_NONE : x == 1 ? as_dec_str(&r->r) : dict_text(r, x - 2);
}

static void get_records(as_block_reader *r, as_doc_finding *out)
{
    size_t n = as_dec_count(&r->r, 4);
    as_doc_record *records = room_for(r, r->records, &r->record_size, n, sizeof *records);
    if (!records) {
        return;
    }
    r->records = records;
    for (size_t i = 0; i < n && !r->r.bad; i++) {
        as_doc_record *x = &records[i];
        x->table = dict_text(r, as_dec_uint(&r->r));
        x->file = dict_text(r, as_dec_uint(&r->r));
        x->line = (uint32_t)as_dec_uint(&r->r);
        x->key = as_dec_str(&r->r);
    }
    out->records = records;
    out->record_count = n;
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
    uint64_t state = tag & 3, kind = tag >> 2;
    if (state > AS_STATE_REOPENED || kind > AS_FP_TEXT) {
        r->r.bad = true;
        return false;
    }
    out->state = as_state_name((as_state)state);
    out->key = as_dec_str(&r->r);
    out->message = as_dec_str(&r->r);
    out->fingerprint = kind == AS_FP_TEXT ? as_dec_str(&r->r) : spell(r, kind ? 8 : 16);
    for (size_t i = 0; i < out->value_count; i++) {
        get_value(r, &out->values[i]);
    }
    get_records(r, out);
    r->fps += sizeof(as_fp);
    r->left--;
    return !r->r.bad && !r->nomem;
}

void as_block_reader_free(as_block_reader *r)
{
    as_free(r->dict);
    as_free(r->values);
    as_free(r->records);
    *r = (as_block_reader){0};
}
