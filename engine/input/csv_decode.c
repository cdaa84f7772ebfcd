/* csv_decode.c: cells into column arrays: one plain loop per layout.
 *
 * A loop reads the common form of a cell at sight (a few bytes at once) and leaves everything
 * else (quotes, outer white space, null tokens, odd spellings) to as_cell_type, whose meaning
 * is the only one there is. So a loop may only do at sight what as_cell_type would do too. */
#include "input/csv_fast.h"

#include "base/alloc.h"

#include <math.h>
#include <pthread.h>

#define BAD_TEXT_MAX 1024 /* as the table builder cuts them */
#define MEMO_SLOTS 1024

/* A loop of its own: together in one function they would fight for registers. */
#define LOOP __attribute__((noinline))
#define SLOW __attribute__((noinline))

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

/* ---- one cell ---- */

typedef struct cell {
    const char *p;
    int64_t length; /* 0: empty or missing */
} cell;

/* The first n of eight bytes, n from -8 to 16, without a branch. */
static inline uint64_t first_bytes(const char *p, int64_t n)
{
    return as_load8(p) & as_load8((const char *)as_dict_mask + 32 - n);
}

/* Where a loop over the records is. Kept in locals: what a loop writes might, for all the
 * compiler knows, be what it reads its bounds from. */
typedef struct walk {
    const char *base;
    const uint32_t *ends;
    size_t stride;
    bool last;
} walk;

static inline walk walk_begin(const as_fast_column *c, const as_fast_cells *x)
{
    return (walk){x->base, x->ends + c->source, x->stride, c->last};
}

static inline cell walk_next(walk *k)
{
    uint32_t begin = k->ends[0] + 1, length = k->ends[1] - begin;
    const char *p = k->base + begin;
    k->ends += k->stride;
    length = length == UINT32_MAX ? 0 : length;
    if (k->last && length && p[length - 1] == '\r')
        length--;
    return (cell){p, length};
}

/* Without outer quotes. A quote in what remains may be half of a doubled one: no loop reads
 * that at sight. (A branch: in most columns all cells have quotes, or none.) */
static inline cell inside(cell k)
{
    if (__builtin_expect(*k.p != '"', 1) || k.length < 2)
        return k;
    return (cell){k.p + 1, k.length - 2};
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
        text.ptr = w->stays + (text.ptr - w->near.ptr);
    if (!text.ptr)
        return as_fail_nomem(e);
    n->bad[n->bad_count++] = (as_bad_cell){row, text};
    return AS_OK;
}

/* A cell by as_cell_type; a bad one is kept. */
static SLOW as_code type_cell(const as_fast_column *c, as_fast_worker *w, as_fast_notes *n,
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
                as_code done = type_cell(c, w, n, k, x->row + i, &kind, &typed, e);
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

#define COPY_MAX 64             /* bytes of a text that is kept as a copy */
#define COPY_ROOM (64 * AS_KIB) /* taken at once */

/* Where a text of the stretch is found as long as the table lives. A page of the file costs
 * more to map than a short text to copy, and copies lie side by side; of long ones there may be
 * more than memory should hold. (as_file_bytes leaves room for loads behind the text.) */
static inline as_slice stay(as_fast_worker *w, const char *p, size_t length, bool doubled)
{
    const char *bytes = w->stays - w->shift, *at = w->stays + (p - w->near.ptr);
    if (length <= COPY_MAX && at != p) {
        memcpy(w->copy, p, COPY_MAX);
        at = w->copy;
        w->copy += length;
    }
    return (as_slice){(uintptr_t)at - (uintptr_t)bytes, (uint32_t)length, doubled};
}

/* Room for one more text. */
static inline bool copy_room(as_fast_worker *w)
{
    if (__builtin_expect((size_t)(w->copy_end - w->copy) >= COPY_MAX, 1))
        return true;
    w->copy = as_arena_alloc(w->arena, COPY_ROOM);
    w->copy_end = w->copy ? w->copy + COPY_ROOM : NULL;
    return w->copy != NULL;
}

static SLOW as_code slice_slow(as_fast_column *c, as_fast_worker *w, as_fast_notes *n, cell k,
                               uint32_t row, as_slice *out, as_err *e)
{
    as_cell_kind kind;
    as_typed typed;
    as_code done = type_cell(c, w, n, k, row, &kind, &typed, e);
    bool doubled;
    as_str raw = unquoted(k, &doubled);
    *out = (as_slice){0, UINT32_MAX, 0};
    if (done == AS_OK && kind == AS_CELL_VALUE)
        *out = stay(w, raw.ptr, raw.len, doubled);
    return done;
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
        if (!copy_room(w))
            return as_fail_nomem(e);
        bool doubled = in.p != k.p && memchr(in.p, '"', (size_t)in.length);
        if (in.length > 0 && !doubled && !is_special(c, in)) {
            s = stay(w, in.p, (size_t)in.length, false);
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

/* ---- numbers and dates ---- */

/* The value of a cell that is not read at sight: as a date, an integer or a double's bits. */
static SLOW as_code type_number(const as_fast_column *c, as_fast_worker *w, as_fast_notes *n,
                                cell k, uint32_t row, as_cell_kind *kind, int64_t *value,
                                as_err *e)
{
    as_memo *m = NULL;
    uint64_t a = 0, b = 0;
    if (k.length <= 16 && !n->memo && !(n->memo = as_calloc(MEMO_SLOTS, sizeof *n->memo)))
        return as_fail_nomem(e);
    if (k.length <= 16) {
        a = first_bytes(k.p, k.length);
        b = first_bytes(k.p + 8, k.length - 8);
        m = &n->memo[as_hash_join(a, b) % MEMO_SLOTS];
    }
    if (m && m->length == k.length && m->a == a && m->b == b && m->kind != AS_CELL_BAD) {
        *kind = m->kind;
        *value = m->value;
        return AS_OK;
    }
    as_typed typed;
    as_code done = type_cell(c, w, n, k, row, kind, &typed, e);
    if (c->kind == AS_FAST_DATE)
        *value = typed.d;
    else if (c->kind == AS_FAST_INT)
        *value = typed.i;
    else
        memcpy(value, &typed.f, sizeof *value);
    if (m && done == AS_OK)
        *m = (as_memo){a, b, (uint32_t)k.length, *kind, *value};
    return done;
}

#define YEAR_FIRST 1900
#define YEARS 256
static as_date month_begins[YEARS * 12 + 1];

static void make_months(void)
{
    for (int i = 0; i <= YEARS * 12; i++)
        month_begins[i] = as_date_from(YEAR_FIRST + i / 12, i % 12 + 1, 1);
}

void as_fast_dates_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_months);
}

static inline bool civil(unsigned y, unsigned m, unsigned d, as_date *out)
{
    unsigned i = (y - YEAR_FIRST) * 12 + m - 1;
    if (y - YEAR_FIRST >= YEARS || m - 1 >= 12)
        return false;
    *out = month_begins[i] + (as_date)d - 1;
    return d - 1 < (unsigned)(month_begins[i + 1] - month_begins[i]);
}

/* Ten bytes: eight in x, two in t, after digits were made 0 to 9 and separators 0 by exclusive
 * or. `separators` marks the bytes of x that are to be 0. */
static inline bool digits_ok(uint64_t x, uint32_t t, uint64_t separators)
{
    uint64_t high = (x + 0x7676767676767676ull) | x | (t + 0x7676u) | t;
    return ((high & 0x8080808080808080ull) | (x & separators)) == 0;
}

/* dd/mm/yyyy or yyyy-mm-dd. False: something else, or no such day. Each byte times ten plus the
 * next one gives a number of two digits where two digits are. */
static inline bool date_at_sight(bool dmy, bool ymd, const char *p, as_date *out)
{
    uint16_t tail;
    uint64_t x = as_load8(p);
    memcpy(&tail, p + 8, 2);
    uint32_t t = tail ^ 0x3030u, last = (t & 0xff) * 10 + (t >> 8);
    if (p[2] == '/') {
        x ^= 0x30302f30302f3030ull;
        if (!dmy || !digits_ok(x, t, 0x0000ff0000ff0000ull))
            return false;
        x = x * 10 + (x >> 8);
        return civil((unsigned)(x >> 48 & 0xff) * 100 + last, (unsigned)(x >> 24 & 0xff),
                     (unsigned)(x & 0xff), out);
    }
    x ^= 0x2d30302d30303030ull;
    if (!ymd || !digits_ok(x, t, 0xff0000ff00000000ull))
        return false;
    x = x * 10 + (x >> 8);
    return civil((unsigned)(x & 0xff) * 100 + (unsigned)(x >> 16 & 0xff),
                 (unsigned)(x >> 40 & 0xff), last, out);
}

/* Can every cell of digits be read at sight? */
static bool plain_digits(const as_fast_column *c)
{
    bool plain = c->plain;
    for (unsigned d = '0'; d <= '9'; d++)
        plain = plain && !c->special[d];
    return plain;
}

/* As many dates as can be read eight at a time, all in the form of the first. */
static inline uint32_t dates_ahead(const as_fast_column *c, walk *at, uint32_t count,
                                   as_date *out)
{
    const char *p = at->base + (at->ends[0] + 1u);
    bool dmy = p[2 + (*p == '"')] == '/';
    if (!(dmy ? c->dmy : c->ymd))
        return 0;
    uint32_t read = 8 * c->dates(at->base, at->ends, at->stride, count / 8, dmy, out);
    at->ends += read * at->stride;
    return read;
}

#define DATES_APART 512 /* cells to the next try, where nothing can be read eight at a time */

static LOOP as_code decode_date(as_fast_column *c, const as_fast_cells *x, as_fast_worker *w,
                                as_fast_notes *n, as_err *e)
{
    as_date *out = (as_date *)(void *)c->data + x->row;
    bool plain = plain_digits(c), dmy = c->dmy, ymd = c->ymd;
    uint64_t nulls = 0;
    uint32_t next = plain && c->dates ? 0 : UINT32_MAX, apart = 8;
    walk at = walk_begin(c, x);
    for (uint32_t i = 0, count = x->count; i < count; i++) {
        if (i == next) {
            uint32_t read = dates_ahead(c, &at, count - i, out + i);
            apart = read ? 8 : apart < DATES_APART ? 2 * apart : apart;
            i += read;
            next = i + apart;
            if (i == count)
                break;
        }
        cell k = walk_next(&at), in = inside(k);
        as_date d = AS_DATE_NULL;
        bool seen = in.length == 10 && plain && date_at_sight(dmy, ymd, in.p, &d);
        if (!seen && in.length > 0) {
            as_cell_kind kind;
            int64_t value;
            as_code done = type_number(c, w, n, k, x->row + i, &kind, &value, e);
            if (done != AS_OK)
                return done;
            d = kind == AS_CELL_VALUE ? (as_date)value : AS_DATE_NULL;
        }
        nulls += d == AS_DATE_NULL;
        out[i] = d;
    }
    n->nulls += nulls;
    return AS_OK;
}

/* One to eight digits. */
static inline bool digits_at_sight(const char *p, unsigned n, uint64_t *out)
{
    uint64_t x = (as_load8(p) ^ 0x3030303030303030ull) << (64 - 8 * n);
    if (((x + 0x7676767676767676ull) | x) & 0x8080808080808080ull)
        return false;
    x = x * 10 + (x >> 8);
    x = ((x & 0x000000ff000000ffull) * 0x000f424000000064ull +
         (x >> 16 & 0x000000ff000000ffull) * 0x0000271000000001ull) >>
        32;
    *out = x;
    return true;
}

/* Digits alone, at most 16. */
static inline bool whole_at_sight(const char *p, int64_t length, uint64_t *out)
{
    if (length <= 8)
        return digits_at_sight(p, (unsigned)length, out);
    uint64_t low;
    if (length > 16 || !digits_at_sight(p, (unsigned)length - 8, out) ||
        !digits_at_sight(p + length - 8, 8, &low))
        return false;
    *out = *out * 100000000 + low;
    return true;
}

static LOOP as_code decode_int(as_fast_column *c, const as_fast_cells *x, as_fast_worker *w,
                               as_fast_notes *n, as_err *e)
{
    int64_t *out = (int64_t *)(void *)c->data + x->row;
    bool plain = plain_digits(c);
    uint64_t nulls = 0, digits;
    walk at = walk_begin(c, x);
    for (uint32_t i = 0, count = x->count; i < count; i++) {
        cell k = walk_next(&at), in = inside(k);
        int64_t value = AS_INT_NULL;
        if (in.length > 0 && plain && whole_at_sight(in.p, in.length, &digits)) {
            value = (int64_t)digits;
        } else if (in.length > 0) {
            as_cell_kind kind;
            as_code done = type_number(c, w, n, k, x->row + i, &kind, &value, e);
            if (done != AS_OK)
                return done;
            value = kind == AS_CELL_VALUE ? value : AS_INT_NULL;
        }
        nulls += value == AS_INT_NULL;
        out[i] = value;
    }
    n->nulls += nulls;
    return AS_OK;
}

/* Digits with at most one point between them, at most 15 digits: then the quotient of two exact
 * doubles is the nearest double (W. Clinger, "How to read floating point numbers accurately").
 */
static inline bool decimal_at_sight(const char *p, int64_t length, double *out)
{
    static const double tens[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    uint64_t digits = 0;
    int64_t point = -1;
    if (length > 16)
        return false;
    for (int64_t i = 0; i < length; i++) {
        unsigned d = (unsigned char)p[i] - (unsigned)'0';
        if (d <= 9)
            digits = digits * 10 + d;
        else if (p[i] == '.' && point < 0 && i > 0 && i + 1 < length)
            point = i;
        else
            return false;
    }
    if (length - (point >= 0) > 15)
        return false;
    *out = (double)digits / tens[point >= 0 ? length - 1 - point : 0];
    return true;
}

static LOOP as_code decode_num(as_fast_column *c, const as_fast_cells *x, as_fast_worker *w,
                               as_fast_notes *n, as_err *e)
{
    double *out = (double *)(void *)c->data + x->row;
    bool plain = plain_digits(c);
    uint64_t nulls = 0;
    walk at = walk_begin(c, x);
    for (uint32_t i = 0, count = x->count; i < count; i++) {
        cell k = walk_next(&at), in = inside(k);
        double value = (double)NAN;
        bool seen = in.length > 0 && plain && decimal_at_sight(in.p, in.length, &value);
        if (!seen && in.length > 0) {
            as_cell_kind kind;
            int64_t bits;
            as_code done = type_number(c, w, n, k, x->row + i, &kind, &bits, e);
            if (done != AS_OK)
                return done;
            if (kind == AS_CELL_VALUE)
                memcpy(&value, &bits, sizeof value);
        }
        nulls += isnan(value) != 0;
        out[i] = value;
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
        return decode_date(c, x, w, n, e);
    case AS_FAST_INT:
        return decode_int(c, x, w, n, e);
    case AS_FAST_NUM:
        return decode_num(c, x, w, n, e);
    case AS_FAST_FILLED:
        look_filled(c, x, n);
    }
    return AS_OK;
}
