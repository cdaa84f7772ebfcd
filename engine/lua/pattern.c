/* pattern.c: Lua patterns, compiled to a row of items, matched with a count of steps.
 *
 * Invariants
 * 1. A pattern has no alternation, so a successful match passes every item exactly once, in
 * order. What a failed attempt left in a capture is therefore always written again before it is
 * read.
 * 2. Only a repeated item calls itself again, for the items behind it: the depth is at most the
 *    number of items, which the length of the pattern bounds.
 * 3. Every byte looked at and every item tried counts as a step. */
#include "lua/pattern.h"

typedef enum item_kind {
    ITEM_SET,      /* one byte of `set`, perhaps repeated */
    ITEM_OPEN,     /* capture a begins */
    ITEM_CLOSE,    /* capture a ends */
    ITEM_POSITION, /* capture a is this position */
    ITEM_BACK,     /* the text of capture a again */
    ITEM_BALANCE,  /* %bxy */
    ITEM_FRONTIER, /* %f[set] */
    ITEM_LAST,     /* $: the end of the subject */
    ITEM_DONE      /* the pattern is over */
} item_kind;

/* ---- compiling ---- */

typedef struct compiler {
    const unsigned char *p, *end;
    as_luapat *out;
    uint32_t closed; /* bit i: capture i has been closed */
    const char *wrong;
} compiler;

static void set_add(uint32_t *set, unsigned c)
{
    set[c >> 5] |= 1u << (c & 31);
}

static bool set_has(const uint32_t *set, unsigned c)
{
    return (set[c >> 5] >> (c & 31)) & 1;
}

static void set_invert(uint32_t *set)
{
    for (int i = 0; i < 8; i++)
        set[i] = ~set[i];
}

static bool is_upper(unsigned c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_letter(unsigned c)
{
    return is_upper(c) || (c >= 'a' && c <= 'z');
}

static bool is_digit(unsigned c)
{
    return c >= '0' && c <= '9';
}

static bool in_class(unsigned class, unsigned c)
{
    switch (class) {
    case 'a':
        return is_letter(c);
    case 'c':
        return c < 32 || c == 127;
    case 'd':
        return is_digit(c);
    case 'g':
        return c > 32 && c < 127;
    case 'l':
        return c >= 'a' && c <= 'z';
    case 'p':
        return c > 32 && c < 127 && !is_letter(c) && !is_digit(c);
    case 's':
        return c == ' ' || (c >= '\t' && c <= '\r');
    case 'u':
        return is_upper(c);
    case 'w':
        return is_letter(c) || is_digit(c);
    default: /* 'x' */
        return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    }
}

/* %c: a class, its complement (upper case), or the byte itself where it is no letter or digit.
 */
static void add_escaped(compiler *k, uint32_t *set, unsigned c)
{
    unsigned class = is_upper(c) ? c + 32 : c;
    if (!is_letter(c)) {
        set_add(set, c);
        return;
    }
    if (!strchr("acdglpsuwx", (int)class)) {
        k->wrong = "malformed pattern ('%' before a letter that names no class)";
        return;
    }
    for (unsigned i = 0; i < 256; i++)
        if (in_class(class, i) != is_upper(c))
            set_add(set, i);
}

/* The `]` of the set whose first byte is at p; NULL: there is none. A `]` in the first place
 * stands for itself. */
static const unsigned char *set_end(const unsigned char *p, const unsigned char *end)
{
    if (p < end && *p == '^')
        p++;
    do {
        if (p >= end)
            return NULL;
        if (*p++ == '%' && p < end)
            p++;
    } while (p >= end || *p != ']');
    return p;
}

/* The set after `[`; leaves k->p behind its `]`. */
static void add_set(compiler *k, uint32_t *set)
{
    const unsigned char *p = k->p, *last = set_end(k->p, k->end);
    if (!last) {
        k->wrong = "malformed pattern (missing ']')";
        return;
    }
    bool inverted = *p == '^';
    p += inverted;
    while (p < last) {
        if (*p == '%') {
            add_escaped(k, set, p[1]);
            p += 2;
        } else if (last - p > 2 && p[1] == '-') {
            for (unsigned c = p[0]; c <= p[2]; c++)
                set_add(set, c);
            p += 3;
        } else {
            set_add(set, *p++);
        }
    }
    if (inverted)
        set_invert(set);
    k->p = last + 1;
}

static void add_repeat(compiler *k, as_luapat_item *item)
{
    if (k->p < k->end && strchr("?*+-", *k->p) && *k->p)
        item->repeat = *k->p++;
}

static void open_capture(compiler *k, as_luapat_item *item)
{
    if (k->out->captures == AS_LUAPAT_CAPTURES) {
        k->wrong = "too many captures";
        return;
    }
    item->a = (uint8_t)k->out->captures++;
    item->kind = ITEM_OPEN;
    if (k->p < k->end && *k->p == ')') {
        item->kind = ITEM_POSITION;
        k->out->position |= 1u << item->a;
        k->closed |= 1u << item->a;
        k->p++;
    }
}

static void close_capture(compiler *k, as_luapat_item *item)
{
    uint32_t i = k->out->captures;
    while (i > 0 && (k->closed >> (i - 1) & 1))
        i--;
    if (i == 0) {
        k->wrong = "invalid pattern capture";
        return;
    }
    item->kind = ITEM_CLOSE;
    item->a = (uint8_t)(i - 1);
    k->closed |= 1u << (i - 1);
}

static void back_reference(compiler *k, as_luapat_item *item, unsigned digit)
{
    unsigned i = digit - '1';
    if (digit == '0' || i >= k->out->captures || !(k->closed >> i & 1)) {
        k->wrong = "invalid capture index in the pattern";
        return;
    }
    item->kind = ITEM_BACK;
    item->a = (uint8_t)i;
}

/* What follows a `%`. */
static void compile_escape(compiler *k, as_luapat_item *item)
{
    if (k->p == k->end) {
        k->wrong = "malformed pattern (ends with '%')";
        return;
    }
    unsigned c = *k->p++;
    if (c == 'b') {
        if (k->end - k->p < 2) {
            k->wrong = "malformed pattern (missing arguments to '%b')";
            return;
        }
        item->kind = ITEM_BALANCE;
        item->a = *k->p++;
        item->b = *k->p++;
    } else if (c == 'f') {
        if (k->p == k->end || *k->p++ != '[') {
            k->wrong = "missing '[' after '%f' in pattern";
            return;
        }
        item->kind = ITEM_FRONTIER;
        add_set(k, item->set);
    } else if (is_digit(c)) {
        back_reference(k, item, c);
    } else {
        add_escaped(k, item->set, c);
        add_repeat(k, item);
    }
}

static void compile_item(compiler *k, as_luapat_item *item)
{
    unsigned c = *k->p++;
    *item = (as_luapat_item){.kind = ITEM_SET};
    switch (c) {
    case '(':
        open_capture(k, item);
        return;
    case ')':
        close_capture(k, item);
        return;
    case '%':
        compile_escape(k, item);
        return;
    case '$':
        if (k->p == k->end) {
            item->kind = ITEM_LAST;
            return;
        }
        set_add(item->set, c);
        break;
    case '[':
        add_set(k, item->set);
        break;
    case '.':
        set_invert(item->set);
        break;
    default:
        set_add(item->set, c);
    }
    if (!k->wrong)
        add_repeat(k, item);
}

size_t as_luapat_size(as_str pattern)
{
    return sizeof(as_luapat) + (pattern.len + 1) * sizeof(as_luapat_item);
}

const char *as_luapat_compile(as_luapat *out, as_str pattern)
{
    const unsigned char *p = (const unsigned char *)(pattern.ptr ? pattern.ptr : "");
    compiler k = {.p = p, .end = p + pattern.len, .out = out};
    *out = (as_luapat){.anchored = false};
    if (k.p < k.end && *k.p == '^') {
        out->anchored = true;
        k.p++;
    }
    while (k.p < k.end && !k.wrong)
        compile_item(&k, &out->items[out->count++]);
    uint32_t all = out->captures == 32 ? UINT32_MAX : (1u << out->captures) - 1;
    if (!k.wrong && k.closed != all)
        k.wrong = "unfinished capture";
    out->items[out->count++] = (as_luapat_item){.kind = ITEM_DONE};
    return k.wrong;
}

/* ---- matching ---- */

static unsigned byte_at(const as_luapat_run *r, size_t at)
{
    return (unsigned char)r->subject.ptr[at];
}

static bool step(as_luapat_run *r, uint64_t n)
{
    r->steps += n;
    return r->steps <= r->limit;
}

static bool one(const as_luapat_item *item, as_luapat_run *r, size_t at)
{
    return at < r->subject.len && set_has(item->set, byte_at(r, at));
}

static as_luapat_result run(const as_luapat_item *item, as_luapat_run *r, size_t at,
                            size_t *end);

/* ?, * and +: as many as there are, then fewer. */
static as_luapat_result run_greedy(const as_luapat_item *item, as_luapat_run *r, size_t at,
                                   size_t *end)
{
    size_t least = at + (item->repeat == '+'), most = at;
    while (one(item, r, most) && (item->repeat != '?' || most == at))
        most++;
    if (!step(r, most - at))
        return AS_LUAPAT_LIMIT;
    for (size_t i = most + 1; i-- > least;) {
        as_luapat_result found = run(item + 1, r, i, end);
        if (found != AS_LUAPAT_NO)
            return found;
    }
    return AS_LUAPAT_NO;
}

/* -: none, then more. */
static as_luapat_result run_lazy(const as_luapat_item *item, as_luapat_run *r, size_t at,
                                 size_t *end)
{
    for (;; at++) {
        as_luapat_result found = run(item + 1, r, at, end);
        if (found != AS_LUAPAT_NO || !one(item, r, at))
            return found;
    }
}

/* %bxy at `at`: the offset behind the y that answers the x, or 0. */
static size_t balanced(const as_luapat_item *item, as_luapat_run *r, size_t at)
{
    if (at >= r->subject.len || byte_at(r, at) != item->a)
        return 0;
    size_t depth = 1, i = at + 1;
    for (; i < r->subject.len && depth; i++) {
        unsigned c = byte_at(r, i);
        if (c == item->b)
            depth--;
        else if (c == item->a)
            depth++;
    }
    r->steps += i - at;
    return depth ? 0 : i;
}

static bool frontier(const as_luapat_item *item, const as_luapat_run *r, size_t at)
{
    unsigned before = at ? byte_at(r, at - 1) : 0;
    unsigned here = at < r->subject.len ? byte_at(r, at) : 0;
    return !set_has(item->set, before) && set_has(item->set, here);
}

/* The text of capture a, standing at `at` again? */
static bool repeated(const as_luapat_item *item, as_luapat_run *r, size_t at)
{
    size_t begin = r->begin[item->a], len = r->end[item->a] - begin;
    if (r->end[item->a] < begin || r->subject.len - at < len)
        return false;
    r->steps += len / 8;
    return len == 0 || memcmp(r->subject.ptr + begin, r->subject.ptr + at, len) == 0;
}

/* The items from `item` on, at `at`. */
static as_luapat_result run(const as_luapat_item *item, as_luapat_run *r, size_t at,
                            size_t *end)
{
    for (;; item++) {
        if (!step(r, 1))
            return AS_LUAPAT_LIMIT;
        switch ((item_kind)item->kind) {
        case ITEM_SET:
            if (item->repeat == '-')
                return run_lazy(item, r, at, end);
            if (item->repeat)
                return run_greedy(item, r, at, end);
            if (!one(item, r, at))
                return AS_LUAPAT_NO;
            at++;
            break;
        case ITEM_OPEN:
            r->begin[item->a] = at;
            break;
        case ITEM_CLOSE:
            r->end[item->a] = at;
            break;
        case ITEM_POSITION: /* end below begin: a position repeats nowhere */
            r->begin[item->a] = at + 1;
            r->end[item->a] = at;
            break;
        case ITEM_BACK:
            if (!repeated(item, r, at))
                return AS_LUAPAT_NO;
            at += r->end[item->a] - r->begin[item->a];
            break;
        case ITEM_BALANCE:
            at = balanced(item, r, at);
            if (at == 0)
                return AS_LUAPAT_NO;
            break;
        case ITEM_FRONTIER:
            if (!frontier(item, r, at))
                return AS_LUAPAT_NO;
            break;
        case ITEM_LAST:
            if (at != r->subject.len)
                return AS_LUAPAT_NO;
            break;
        case ITEM_DONE:
            *end = at;
            return AS_LUAPAT_YES;
        }
    }
}

as_luapat_result as_luapat_match(const as_luapat *p, as_luapat_run *r, size_t at, size_t *end)
{
    return run(p->items, r, at, end);
}

as_luapat_result as_luapat_find(const as_luapat *p, as_luapat_run *r, size_t from,
                                size_t *begin, size_t *end)
{
    as_luapat_result found = AS_LUAPAT_NO;
    for (size_t at = from; at <= r->subject.len && found == AS_LUAPAT_NO; at++) {
        *begin = at;
        found = as_luapat_match(p, r, at, end);
        if (p->anchored)
            break;
    }
    return found;
}
