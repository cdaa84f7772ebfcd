/* csv_decode.c: cells into column arrays: one plain loop per layout; those of numbers and dates
 * are in csv_numbers.c.
 *
 * A loop reads the common form of a cell at sight (a few bytes at once) and leaves everything
 * else (quotes, outer white space, null tokens, odd spellings) to as_cell_type, whose meaning
 * is the only one there is. So a loop may only do at sight what as_cell_type would do too. */
#include "input/csv_cell.h"

#include "base/alloc.h"

#define BAD_TEXT_MAX 1024 /* as the table builder cuts them */

size_t as_fast_cell_size(as_fast_kind kind)
{
    switch (kind) {
    case AS_FAST_DICT1:
        return 1;
    case AS_FAST_DICT2:
        return 2;
    case AS_FAST_DICT4:
        return 4;
    case AS_FAST_DATE:
        return sizeof(as_date);
    case AS_FAST_SLICE:
        return sizeof(as_slice);
    case AS_FAST_PACK8:
    case AS_FAST_INT:
    case AS_FAST_NUM:
        return 8;
    default:
        return 0;
    }
}

/* Without outer quotes; *doubled: it holds doubled ones. */
static as_str unquoted(cell k, bool *doubled)
{
    as_str raw = {k.p, (size_t)k.length};
    *doubled = false;
    if (raw.len < 2 || *raw.ptr != '"')
        return raw;
    raw = (as_str){raw.ptr + 1, raw.len - 2};
    *doubled = memchr(raw.ptr, '"', raw.len) != NULL;
    return raw;
}

/* Doubled quotes undone, in w->text. */
static as_str undo(as_fast_worker *w, as_str raw)
{
    as_buf_clear(&w->text);
    for (size_t i = 0; i < raw.len;) {
        const char *q = memchr(raw.ptr + i, '"', raw.len - i);
        size_t end = q ? (size_t)(q - raw.ptr) + 1 : raw.len;
        as_buf_add(&w->text, as_str_sub(raw, i, end - i));
        i = q ? end + 1 : end;
    }
    return as_buf_str(&w->text);
}

/* ---- texts that stay ---- */

#define COPY_MAX 64             /* bytes of a text that is kept as a copy */
#define COPY_ROOM (64 * AS_KIB) /* taken at once */

static SLOW bool copy_room(as_fast_worker *w)
{
    w->copy = as_arena_alloc(w->arena, COPY_ROOM);
    w->copy_end = w->copy ? w->copy + COPY_ROOM : NULL;
    return w->copy != NULL;
}

/* Where a text of the stretch is found as long as the table lives; NULL: no memory. A page of
 * the file costs more to map than a short text to copy, and copies lie side by side; of long
 * ones there may be more than memory should hold. (Behind a window there is room for the load.)
 */
static inline const char *stay(as_fast_worker *w, const char *p, size_t length)
{
    const char *at = w->stays + (p - w->near.ptr);
    if (length > COPY_MAX || at == p)
        return at;
    if (__builtin_expect((size_t)(w->copy_end - w->copy) < COPY_MAX, 0) && !copy_room(w))
        return NULL;
    at = memcpy(w->copy, p, COPY_MAX);
    w->copy += length;
    return at;
}

static as_code keep_bad(as_fast_worker *w, as_fast_notes *n, uint32_t row, as_str text,
                        as_err *e)
{
    if (n->bad_count == n->bad_room) {
        size_t room = n->bad_room ? n->bad_room * 2 : 64;
        as_bad_cell *more = as_realloc(n->bad, room * sizeof *more);
        if (!more)
            return as_fail_nomem(e);
        n->bad = more;
        n->bad_room = room;
    }
    if (text.len > BAD_TEXT_MAX) { /* at a character */
        text.len = BAD_TEXT_MAX;
        while (text.len > BAD_TEXT_MAX - 3 &&
               ((unsigned char)text.ptr[text.len] & 0xc0) == 0x80)
            text.len--;
    }
    if (text.ptr == w->text.ptr)
        text = as_arena_str(w->arena, text);
    else
        text.ptr = stay(w, text.ptr, text.len);
    if (!text.ptr)
        return as_fail_nomem(e);
    n->bad[n->bad_count++] = (as_bad_cell){row, text};
    return AS_OK;
}

SLOW as_code as_fast_type_cell(const as_fast_column *c, as_fast_worker *w, as_fast_notes *n,
                               cell k, uint32_t row, as_cell_kind *kind, as_typed *typed,
                               as_err *e)
{
    bool doubled;
    as_str raw = unquoted(k, &doubled);
    if (doubled)
        raw = undo(w, raw);
    *kind = as_cell_type(c->schema, c->field, raw, typed, &w->tmp);
    if (w->text.failed || w->tmp.failed)
        return as_fail_nomem(e);
    return *kind == AS_CELL_BAD ? keep_bad(w, n, row, raw, e) : AS_OK;
}

static inline void ask(as_fast_column *c, as_fast_kind kind)
{
    uint32_t now = atomic_load(&c->next);
    while (now < (uint32_t)kind &&
           !atomic_compare_exchange_weak(&c->next, &now, (uint32_t)kind)) {
    }
}

/* ---- dictionary ---- */

static SLOW as_code dict_slow(as_fast_column *c, as_fast_worker *w, as_fast_notes *n, cell k,
                              uint32_t row, uint32_t *code, as_err *e)
{
    bool doubled;
    as_str raw = unquoted(k, &doubled);
    *code = 0;
    if (raw.len == 0)
        return AS_OK;
    as_dict_key key = as_dict_key_of(raw.ptr, (uint32_t)raw.len, as_dict_seed_words(c->dict));
    if (doubled)
        as_dict_key_doubled(&key);
    *code = as_dict_find(as_dict_now(c->dict), &key);
    as_code done = AS_OK;
    if (*code == AS_DICT_MISS) {
        as_str text = doubled ? undo(w, raw) : raw;
        done = w->text.failed ? as_fail_nomem(e)
                              : as_shared_dict_add(c->dict, &key, text, &w->tmp, code, e);
    }
    if (done == AS_OK && *code == AS_DICT_BAD) {
        *code = 0;
        done = keep_bad(w, n, row, doubled ? undo(w, raw) : raw, e);
    }
    return done;
}

/* A cell that the loop did not find. *again: it, or the rest, is for another layout to read. */
static SLOW as_code dict_miss(as_fast_column *c, as_fast_worker *w, as_fast_notes *n, cell k,
                              uint32_t row, uint32_t most, uint32_t *code, bool *again,
                              as_err *e)
{
    as_code done = dict_slow(c, w, n, k, row, code, e);
    *again = done == AS_EBUDGET || (done == AS_OK && *code > most);
    if (done == AS_EBUDGET)
        ask(c, AS_FAST_SLICE);
    else if (*again)
        ask(c, *code > UINT16_MAX ? AS_FAST_DICT4 : AS_FAST_DICT2);
    return *again ? AS_OK : done;
}

static inline __attribute__((always_inline)) as_code
decode_dict(as_fast_column *c, const as_fast_cells *x, as_fast_worker *w, as_fast_notes *n,
            unsigned width, as_err *e)
{
    as_dict_view slots = as_dict_now(c->dict);
    as_dict_words seed = as_dict_seed_words(c->dict);
    uint64_t nulls = 0;
    const uint32_t most = width == 1 ? UINT8_MAX : width == 2 ? UINT16_MAX : AS_DICT_MAX;
    char *out = c->data + (size_t)x->row * width;
    walk at = walk_begin(c, x);
    for (uint32_t left = x->count; left; left--, out += width) {
        cell k = walk_next(&at), in = inside(k);
        uint32_t code = as_dict_find_short(slots, in.p, (uint32_t)in.length, seed);
        if (__builtin_expect(code > most, 0)) {
            uint32_t other;
            bool again;
            as_code done =
                dict_miss(c, w, n, k, x->row + (x->count - left), most, &other, &again, e);
            if (done != AS_OK || again)
                return done;
            slots = as_dict_now(c->dict);
            code = other;
        }
        nulls += code == 0;
        if (width == 1)
            *(uint8_t *)out = (uint8_t)code;
        else if (width == 2)
            *(uint16_t *)(void *)out = (uint16_t)code;
        else
            *(uint32_t *)(void *)out = code;
    }
    n->nulls += nulls;
    return AS_OK;
}

static LOOP as_code decode_dict1(as_fast_column *c, const as_fast_cells *x, as_fast_worker *w,
                                 as_fast_notes *n, as_err *e)
{
    return decode_dict(c, x, w, n, 1, e);
}

static LOOP as_code decode_dict2(as_fast_column *c, const as_fast_cells *x, as_fast_worker *w,
                                 as_fast_notes *n, as_err *e)
{
    return decode_dict(c, x, w, n, 2, e);
}

static LOOP as_code decode_dict4(as_fast_column *c, const as_fast_cells *x, as_fast_worker *w,
                                 as_fast_notes *n, as_err *e)
{
    return decode_dict(c, x, w, n, 4, e);
}

/* ---- other text ---- */

/* Must as_cell_type look at this cell, which is not empty? */
static inline bool is_special(const as_fast_column *c, cell k)
{
    uint8_t s = c->special[(unsigned char)*k.p];
    if (__builtin_expect(!s, 1))
        return false;
    unsigned char last = (unsigned char)k.p[k.length - 1];
    bool tail = last <= ' ' || last >= 0x80;
    return (s & AS_SPECIAL_ALWAYS) || tail || k.length <= c->token_max;
}

/* A text of more than 8 bytes gets a code of its own. *again: there are too many of them, or
 * its text does not lie in the file. */
static SLOW as_code pack_long(as_fast_column *c, as_fast_worker *w, cell k, as_str text,
                              uint64_t *pack, bool *again, as_err *e)
{
    uint32_t code = AS_DICT_MISS;
    as_code done = AS_OK;
    *again = text.ptr < k.p || text.ptr + text.len > k.p + k.length;
    if (!*again) {
        as_dict_key key =
            as_dict_key_of(text.ptr, (uint32_t)text.len, as_dict_seed_words(c->dict));
        code = as_dict_find(as_dict_now(c->dict), &key);
        if (code == AS_DICT_MISS)
            done = as_shared_dict_add(c->dict, &key, text, &w->tmp, &code, e);
        *again = done == AS_EBUDGET;
        *pack = as_pack_of_long(code);
    }
    if (*again)
        ask(c, AS_FAST_SLICE);
    return *again ? AS_OK : done;
}

static inline bool has_quote(uint64_t eight)
{
    uint64_t x = eight ^ 0x2222222222222222ull;
    return ((x - 0x0101010101010101ull) & ~x & 0x8080808080808080ull) != 0;
}

static LOOP as_code decode_pack(as_fast_column *c, const as_fast_cells *x, as_fast_worker *w,
                                as_fast_notes *n, as_err *e)
{
    uint64_t *out = (uint64_t *)(void *)c->data + x->row, nulls = 0;
    walk at = walk_begin(c, x);
    for (uint32_t i = 0, count = x->count; i < count; i++) {
        cell k = walk_next(&at), in = inside(k);
        uint64_t pack = 0;
        if (in.length > 0) {
            unsigned char last = (unsigned char)in.p[in.length - 1];
            pack = first_bytes(in.p, in.length & 15);
            if (in.length > 8 || last <= ' ' || last >= 0x80 || is_special(c, in) ||
                (in.p != k.p && has_quote(pack))) {
                as_cell_kind kind;
                as_typed typed;
                as_code done = as_fast_type_cell(c, w, n, k, x->row + i, &kind, &typed, e);
                if (done != AS_OK)
                    return done;
                bool again = false;
                pack = 0;
                if (kind == AS_CELL_VALUE && typed.text.len > 8)
                    done = pack_long(c, w, k, typed.text, &pack, &again, e);
                else if (kind == AS_CELL_VALUE)
                    pack = as_text_pack(typed.text);
                if (done != AS_OK || again)
                    return done;
            }
        }
        nulls += pack == 0;
        out[i] = pack;
    }
    n->nulls += nulls;
    return AS_OK;
}

static inline as_slice slice(const as_fast_worker *w, const char *at, size_t length,
                             bool doubled)
{
    const char *bytes = w->stays - w->shift;
    return (as_slice){(uintptr_t)at - (uintptr_t)bytes, (uint32_t)length, doubled};
}

static SLOW as_code slice_slow(as_fast_column *c, as_fast_worker *w, as_fast_notes *n, cell k,
                               uint32_t row, as_slice *out, as_err *e)
{
    as_cell_kind kind;
    as_typed typed;
    as_code done = as_fast_type_cell(c, w, n, k, row, &kind, &typed, e);
    bool doubled;
    as_str raw = unquoted(k, &doubled);
    *out = (as_slice){0, UINT32_MAX, 0};
    if (done != AS_OK || kind != AS_CELL_VALUE)
        return done;
    const char *at = stay(w, raw.ptr, raw.len);
    *out = slice(w, at, raw.len, doubled);
    return at ? AS_OK : as_fail_nomem(e);
}

static LOOP as_code decode_slice(as_fast_column *c, const as_fast_cells *x, as_fast_worker *w,
                                 as_fast_notes *n, as_err *e)
{
    as_slice *out = (as_slice *)(void *)c->data + x->row;
    uint64_t nulls = 0;
    walk at = walk_begin(c, x);
    for (uint32_t i = 0, count = x->count; i < count; i++) {
        cell k = walk_next(&at), in = inside(k);
        as_slice s = {0, UINT32_MAX, 0};
        bool doubled = in.p != k.p && memchr(in.p, '"', (size_t)in.length);
        if (in.length > 0 && !doubled && !is_special(c, in)) {
            const char *text = stay(w, in.p, (size_t)in.length);
            if (!text)
                return as_fail_nomem(e);
            s = slice(w, text, (size_t)in.length, false);
        } else if (in.length > 0) {
            as_code done = slice_slow(c, w, n, k, x->row + i, &s, e);
            if (done != AS_OK)
                return done;
        }
        nulls += s.len == UINT32_MAX;
        out[i] = s;
    }
    n->nulls += nulls;
    return AS_OK;
}

/* ---- columns without a header ---- */

static void look_filled(const as_fast_column *c, const as_fast_cells *x, as_fast_notes *n)
{
    walk at = walk_begin(c, x);
    for (uint32_t i = 0; i < x->count && !n->filled; i++) {
        bool doubled;
        n->filled = as_str_trim(unquoted(walk_next(&at), &doubled)).len > 0;
    }
}

as_code as_fast_decode(as_fast_column *c, const as_fast_cells *x, as_fast_worker *w,
                       as_fast_notes *n, as_err *e)
{
    if (atomic_load_explicit(&c->next, memory_order_relaxed))
        return AS_OK; /* all of it will be decoded again */
    switch (c->kind) {
    case AS_FAST_DICT1:
        return decode_dict1(c, x, w, n, e);
    case AS_FAST_DICT2:
        return decode_dict2(c, x, w, n, e);
    case AS_FAST_DICT4:
        return decode_dict4(c, x, w, n, e);
    case AS_FAST_PACK8:
        return decode_pack(c, x, w, n, e);
    case AS_FAST_SLICE:
        return decode_slice(c, x, w, n, e);
    case AS_FAST_DATE:
        return as_fast_decode_date(c, x, w, n, e);
    case AS_FAST_INT:
        return as_fast_decode_int(c, x, w, n, e);
    case AS_FAST_NUM:
        return as_fast_decode_num(c, x, w, n, e);
    case AS_FAST_FILLED:
        look_filled(c, x, n);
    }
    return AS_OK;
}
