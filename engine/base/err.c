/* err.c: what went wrong, where, and what to do; one at a time (as_err) or many (as_diags). */
#include "base/err.h"

#include "base/limits.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Cut at a character: drop a UTF-8 sequence that the end of the buffer broke. */
static void cut_at_character(char *text, size_t len)
{
    size_t i = len;
    while (i > 0 && len - i < 3 && ((unsigned char)text[i - 1] & 0xC0) == 0x80)
        i--;
    if (i == 0 || ((unsigned char)text[i - 1] & 0xC0) != 0xC0)
        return;
    unsigned char lead = (unsigned char)text[i - 1];
    size_t need = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (len - i < need)
        text[i - 1] = '\0';
}

static void fail_text(as_err *e, const char *fmt, va_list ap)
{
    int n = vsnprintf(e->text, sizeof e->text, fmt, ap);
    if (n < 0)
        e->text[0] = '\0';
    else if ((size_t)n >= sizeof e->text)
        cut_at_character(e->text, sizeof e->text - 1);
}

as_code as_fail(as_err *e, as_code code, as_span at, const char *fmt, ...)
{
    if (!e)
        return code;
    e->code = code;
    e->at = at;
    va_list ap;
    va_start(ap, fmt);
    fail_text(e, fmt, ap);
    va_end(ap);
    return code;
}

as_code as_fail_nomem(as_err *e)
{
    return as_fail(e, AS_ENOMEM, AS_NOWHERE, "out of memory");
}

as_code as_fail_errno(as_err *e, int saved, const char *path)
{
    char text[160];
    const char *why = strerror_r(saved, text, sizeof text);
    if (saved == 0)
        why = "unknown error";
    char first = why[0] >= 'A' && why[0] <= 'Z' ? (char)(why[0] + 32) : why[0];
    as_code code = saved == ENOMEM ? AS_ENOMEM : AS_EIO;
    return as_fail(e, code, AS_NOWHERE, "%s: %c%s", path ? path : "(no file)", first,
                   first ? why + 1 : "");
}

const char *as_span_text(as_span at, char *buf, size_t size)
{
    if (size == 0)
        return buf;
    buf[0] = '\0';
    if (at.file && at.line && at.column)
        (void)snprintf(buf, size, "%s:%u:%u: ", at.file, at.line, at.column);
    else if (at.file && at.line)
        (void)snprintf(buf, size, "%s:%u: ", at.file, at.line);
    else if (at.file)
        (void)snprintf(buf, size, "%s: ", at.file);
    else if (at.line && at.column)
        (void)snprintf(buf, size, "line %u, column %u: ", at.line, at.column);
    else if (at.line)
        (void)snprintf(buf, size, "line %u: ", at.line);
    return buf;
}

void as_diags_init(as_diags *d, as_arena *a)
{
    *d = (as_diags){.arena = a};
}

/* The old array stays behind in the arena: at most as much again as the last one. */
static bool diags_grow(as_diags *d)
{
    if (d->count < d->size)
        return true;
    size_t size = d->size ? d->size * 2 : 16;
    as_diag *items = AS_NEW_N(d->arena, as_diag, size);
    if (!items)
        return false;
    if (d->count)
        memcpy(items, d->items, d->count * sizeof *items);
    d->items = items;
    d->size = size;
    return true;
}

static void diags_keep(as_diags *d, as_diag_level level, as_span at, const char *hint,
                       const char *text)
{
    d->errors += level == AS_DIAG_ERROR;
    if (d->count < AS_DIAGS_MAX && diags_grow(d)) {
        as_diag item = {level, at, as_arena_str(d->arena, as_str_from(text)),
                        as_arena_str(d->arena, as_str_from(hint))};
        if (item.text.ptr && item.hint.ptr) {
            d->items[d->count++] = item;
            return;
        }
    }
    d->left_out++;
}

static size_t errors_kept(const as_diags *d)
{
    size_t n = 0;
    for (size_t i = 0; i < d->count; i++)
        n += d->items[i].level == AS_DIAG_ERROR;
    return n;
}

void as_diag_add(as_diags *d, as_diag_level level, as_span at, const char *hint,
                 const char *fmt, ...)
{
    as_err e;
    va_list ap;
    va_start(ap, fmt);
    fail_text(&e, fmt, ap);
    va_end(ap);
    diags_keep(d, level, at, hint, e.text);
}

void as_diags_error(as_diags *d, const as_err *e)
{
    diags_keep(d, AS_DIAG_ERROR, e->at, NULL, e->text);
}

as_span as_diags_span(as_diags *d, as_span at)
{
    if (at.file)
        at.file = as_arena_str(d->arena, as_str_from(at.file)).ptr;
    return at;
}

void as_diags_take(as_diags *into, const as_diags *from)
{
    for (size_t i = 0; i < from->count; i++)
        diags_keep(into, from->items[i].level, as_diags_span(into, from->items[i].at),
                   from->items[i].hint.ptr, from->items[i].text.ptr);
    into->errors += from->errors - errors_kept(from);
    into->left_out += from->left_out;
}

static int compare_u32(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int compare_diags(const void *pa, const void *pb)
{
    const as_diag *a = pa, *b = pb;
    int c = as_str_cmp(as_str_from(a->at.file), as_str_from(b->at.file));
    c = c ? c : compare_u32(a->at.line, b->at.line);
    c = c ? c : compare_u32(a->at.column, b->at.column);
    c = c ? c : as_str_cmp(a->text, b->text);
    c = c ? c : as_str_cmp(a->hint, b->hint);
    return c ? c : (int)a->level - (int)b->level;
}

void as_diags_sort(as_diags *d)
{
    if (d->count > 1)
        qsort(d->items, d->count, sizeof *d->items, compare_diags);
}
