/* csv_numbers.c: dates, whole and decimal numbers into column arrays. The common forms are read
 * at sight, the others by as_cell_type, once for each spelling that a worker remembers. */
#include "input/csv_cell.h"

#include "base/alloc.h"

#include <math.h>
#include <pthread.h>

#define MEMO_SLOTS 1024

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
    as_code done = as_fast_type_cell(c, w, n, k, row, kind, &typed, e);
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

LOOP as_code as_fast_decode_date(as_fast_column *c, const as_fast_cells *x, as_fast_worker *w,
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

LOOP as_code as_fast_decode_int(as_fast_column *c, const as_fast_cells *x, as_fast_worker *w,
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

LOOP as_code as_fast_decode_num(as_fast_column *c, const as_fast_cells *x, as_fast_worker *w,
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
