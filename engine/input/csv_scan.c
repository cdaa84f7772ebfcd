/* csv_scan.c: the kernels that need no special machine, the choice of one, and the scan of a
 * segment around them. Order: as_scan_open; as_scan_run or as_scan_careful, again and again;
 * close. */
#include "input/csv_scan.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "input/csv_scan_block.h"
#include "input/records.h"

#define STEP_BYTES ((size_t)16384) /* scanned between looks at the room in `ends` */
/* A record that begins in a segment ends within this, or is too long. */
#define AS_SCAN_MAX (AS_RECORD_MAX + 64 * AS_MIB)
#define SLACK 64 /* a kernel may write so many entries too many */

/* ---- scalar ---- */

static void scan_scalar(as_scan *s, const char *p, uint32_t offset, size_t blocks)
{
    for (size_t b = 0; b < blocks; b++, p += 64, offset += 64) {
        as_scan_masks m = {0, 0, 0, 0};
        for (unsigned i = 0; i < 64; i++) {
            m.delimiter |= (uint64_t)(p[i] == s->delimiter) << i;
            m.lf |= (uint64_t)(p[i] == '\n') << i;
            m.cr |= (uint64_t)(p[i] == '\r') << i;
            m.quote |= (uint64_t)(p[i] == '"') << i;
            s->nul |= p[i] == 0;
            s->high |= (unsigned char)p[i] > 127;
        }
        as_scan_write(s, as_scan_block(s, &m, p[64], offset), offset);
    }
}

/* ---- NEON ---- */

#if defined(__aarch64__)
#include <arm_neon.h>

static inline uint64_t equal_neon(const uint8x16_t v[4], char c)
{
    const uint8x16_t bits = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t x = vdupq_n_u8((uint8_t)c), part[4];
    for (int i = 0; i < 4; i++)
        part[i] = vandq_u8(vceqq_u8(v[i], x), bits);
    uint8x16_t sum = vpaddq_u8(vpaddq_u8(part[0], part[1]), vpaddq_u8(part[2], part[3]));
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sum, sum)), 0);
}

static void scan_neon(as_scan *s, const char *p, uint32_t offset, size_t blocks)
{
    uint8x16_t least = vdupq_n_u8(255), all = vdupq_n_u8(0);
    for (size_t b = 0; b < blocks; b++, p += 64, offset += 64) {
        uint8x16_t v[4];
        for (int i = 0; i < 4; i++) {
            v[i] = vld1q_u8((const uint8_t *)p + 16 * i);
            least = vminq_u8(least, v[i]);
            all = vorrq_u8(all, v[i]);
        }
        as_scan_masks m = {equal_neon(v, s->delimiter), equal_neon(v, '\n'),
                           equal_neon(v, '\r'), equal_neon(v, '"')};
        as_scan_write(s, as_scan_block(s, &m, p[64], offset), offset);
    }
    s->nul |= vminvq_u8(least) == 0;
    s->high |= vmaxvq_u8(all) > 127;
}
#endif

as_scan_fn as_scan_kernel(const char *name)
{
    if (name && strcmp(name, "scalar") == 0)
        return scan_scalar;
#if defined(__aarch64__)
    return !name || strcmp(name, "neon") == 0 ? scan_neon : NULL;
#else
    as_scan_fn fn = as_scan_x86(name);
    return fn || name ? fn : scan_scalar;
#endif
}

/* ---- a segment ---- */

void as_scan_open(as_scan *s, as_scan_fn kernel, char delimiter)
{
    *s = (as_scan){.kernel = kernel, .delimiter = delimiter};
}

void as_scan_close(as_scan *s)
{
    as_free(s->ends);
    as_free(s->quoted);
    s->ends = s->quoted = NULL;
}

static bool grow(uint32_t **list, size_t *room, size_t need)
{
    if (*room >= need)
        return true;
    size_t size = *room ? *room : STEP_BYTES;
    while (size < need)
        size *= 2;
    uint32_t *more = as_realloc(*list, size * sizeof *more);
    if (!more)
        return false;
    *list = more;
    *room = size;
    return true;
}

static bool room_for(as_scan *s, size_t bytes)
{
    return grow(&s->ends, &s->room, s->count + bytes + SLACK) &&
           grow(&s->quoted, &s->quoted_room, s->quoted_count + bytes);
}

static bool reset(as_scan *s, size_t begin)
{
    s->count = s->quoted_count = s->newlines = 0;
    s->inside = s->closed = s->odd = 0;
    s->opens = 1;
    s->nul = s->high = s->open = s->complete = false;
    s->dropped = 0;
    s->begin = s->end = begin;
    if (!room_for(s, STEP_BYTES))
        return false;
    s->ends[s->count++] = UINT32_MAX;
    return true;
}

/* Separators found in the filling behind the end of the text. */
static void forget_after(as_scan *s, uint32_t length)
{
    while (s->count > 1 && s->ends[s->count - 1] >= length) {
        s->count--;
        s->newlines--;
    }
    while (s->quoted_count && s->quoted[s->quoted_count - 1] >= length)
        s->quoted_count--;
}

/* The bytes from `at` to `to`. Only the end of the text is no multiple of 64 away: there the
 * rest is scanned in a copy filled up with line ends. */
static void step(as_scan *s, as_str text, size_t at, size_t to)
{
    size_t whole = (to - at) / 64;
    if (whole)
        s->kernel(s, text.ptr + at, (uint32_t)(at - s->begin), whole);
    at += whole * 64;
    if (at == to)
        return;
    char rest[128];
    memset(rest, '\n', sizeof rest);
    memcpy(rest, text.ptr + at, to - at);
    s->kernel(s, rest, (uint32_t)(at - s->begin), 1);
    forget_after(s, (uint32_t)(to - s->begin));
}

/* The text is at its end: the last record may lack its line end. */
static void finish_text(as_scan *s, as_str text)
{
    uint32_t length = (uint32_t)(text.len - s->begin), last = s->ends[s->count - 1];
    bool ended = length == 0;
    if (s->count > 1)
        ended = last + 1 == length && text.ptr[s->begin + last] != s->delimiter;
    s->open = s->inside != 0;
    if (!ended) {
        s->ends[s->count++] = length;
        s->newlines++;
    }
    s->end = text.len;
    s->complete = true;
}

/* Cut behind the first record end among ends[from..] after which a record at or after `stop`
 * begins. */
static bool cut(as_scan *s, as_str text, size_t from, size_t stop)
{
    size_t i = from;
    while (i < s->count && (s->begin + s->ends[i] + 1 < stop ||
                            text.ptr[s->begin + s->ends[i]] == s->delimiter))
        i++;
    if (i == s->count)
        return false;
    s->end = s->begin + s->ends[i] + 1;
    for (size_t k = i + 1; k < s->count; k++)
        s->newlines -= text.ptr[s->begin + s->ends[k]] != s->delimiter;
    s->count = i + 1;
    while (s->quoted_count && s->quoted[s->quoted_count - 1] > s->ends[i])
        s->quoted_count--;
    s->complete = true;
    return true;
}

/* One record goes on and on: nobody asks for more of its cells than a header may have. */
static void drop_cells(as_scan *s, size_t at_stop)
{
    size_t keep = at_stop + 2 * AS_COLUMNS_MAX;
    if (s->count <= keep)
        return;
    s->dropped += s->count - keep;
    s->count = keep;
}

as_code as_scan_run(as_scan *s, as_str text, size_t begin, size_t stop, size_t limit, as_err *e)
{
    if (!reset(s, begin))
        return as_fail_nomem(e);
    limit = limit < text.len ? limit : text.len;
    if (limit - begin > AS_SCAN_MAX)
        limit = begin + AS_SCAN_MAX;
    size_t at = begin, at_stop = 0;
    do {
        size_t to = at + STEP_BYTES, before = s->count;
        if (at < stop && to > stop) /* not far beyond: the next segment scans that too */
            to = at + (stop - at + 63) / 64 * 64;
        else if (at >= stop)
            to = at + AS_SCAN_AFTER;
        to = to < text.len ? to : text.len;
        if (!room_for(s, STEP_BYTES))
            return as_fail_nomem(e);
        step(s, text, at, to);
        at = to;
        if (at >= stop && cut(s, text, before, stop))
            return AS_OK;
        if (at >= stop && !at_stop)
            at_stop = s->count;
        if (at >= stop)
            drop_cells(s, at_stop);
    } while (at < limit);
    if (at == text.len)
        finish_text(s, text);
    return AS_OK;
}

/* ---- by the letter ---- */

/* The separator at text.ptr[at], and whether it ends the record. */
static bool separate(as_scan *s, as_str text, size_t *at)
{
    char c = text.ptr[*at];
    if (c == '\r' && *at + 1 < text.len && text.ptr[*at + 1] == '\n')
        ++*at;
    s->ends[s->count++] = (uint32_t)(*at - s->begin);
    ++*at;
    s->newlines += c != s->delimiter;
    return c != s->delimiter;
}

/* Past a quoted cell. *good false: it has no end, or text after it. */
static as_code pass_quoted(as_scan *s, as_str text, size_t *at, bool *good, as_err *e)
{
    for (++*at; *at < text.len; ++*at) {
        char c = text.ptr[*at];
        bool twice = *at + 1 < text.len && text.ptr[*at + 1] == (c == '\r' ? '\n' : c);
        if (c == '"' && !twice)
            break;
        if (c == '"')
            ++*at;
        if (c != '\n' && (c != '\r' || twice))
            continue;
        if (!grow(&s->quoted, &s->quoted_room, s->quoted_count + 1))
            return as_fail_nomem(e);
        s->quoted[s->quoted_count++] = (uint32_t)(*at - s->begin);
    }
    *good = *at < text.len;
    if (!*good)
        return AS_OK;
    char after = ++*at < text.len ? text.ptr[*at] : '\n';
    *good = after == s->delimiter || after == '\n' || after == '\r';
    return AS_OK;
}

as_code as_scan_careful(as_scan *s, as_str text, size_t begin, size_t stop, bool *good,
                        as_err *e)
{
    if (!reset(s, begin))
        return as_fail_nomem(e);
    size_t at = begin, at_stop = 0;
    s->nul = s->high = true; /* not looked for here: perhaps */
    *good = true;
    while (at < text.len && *good) {
        if (at - begin > AS_SCAN_MAX)
            return AS_OK;
        if (!room_for(s, 1))
            return as_fail_nomem(e);
        if (text.ptr[at] == '"' && pass_quoted(s, text, &at, good, e) != AS_OK)
            return AS_ENOMEM;
        while (at < text.len && text.ptr[at] != s->delimiter && text.ptr[at] != '\n' &&
               text.ptr[at] != '\r')
            at++;
        if (at == text.len || !*good)
            break;
        s->complete = separate(s, text, &at) && at >= stop;
        s->end = at;
        if (s->complete)
            return AS_OK;
        if (at >= stop && !at_stop)
            at_stop = s->count;
        if (at >= stop)
            drop_cells(s, at_stop);
    }
    if (*good)
        finish_text(s, text);
    return AS_OK;
}

size_t as_scan_guess(as_str text, size_t from, size_t limit)
{
    for (size_t i = from ? from - 1 : 0; from && i < limit && i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\n' || (c == '\r' && (i + 1 == text.len || text.ptr[i + 1] != '\n')))
            return i + 1;
    }
    return from ? SIZE_MAX : 0;
}
