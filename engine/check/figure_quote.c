/* figure_quote.c: see figure_quote.h. */
#include "check/figure_quote.h"

/* ---- reading a quote ---- */

static bool name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_';
}

/* The next {name} at or behind `from`: its place; false: none, or one that is not closed. */
static bool next_hole(as_str s, size_t from, size_t *open, size_t *close)
{
    for (*open = from; *open < s.len && s.ptr[*open] != '{';)
        ++*open;
    for (*close = *open + 1; *close < s.len && name_char(s.ptr[*close]);)
        ++*close;
    return *close < s.len && s.ptr[*close] == '}';
}

static as_code check_quote(const as_quote *q, as_span at, as_err *e)
{
    if (q->count == 0)
        return as_fail(e, AS_ERULE, at, "the quote has no {} where a number stands");
    for (size_t i = 1; i < q->count; i++)
        if (q->pieces[i].len == 0)
            return as_fail(e, AS_ERULE, at, "two {} of the quote have nothing between them");
    if (q->count == 1 && q->pieces[0].len + q->pieces[1].len == 0)
        return as_fail(e, AS_ERULE, at,
                       "the quote is a {} alone; quote enough words to find one place");
    return AS_OK;
}

as_code as_quote_parse(as_quote *out, as_str written, as_span at, as_arena *a, as_err *e)
{
    size_t from = 0, open, close;
    as_str s = as_str_trim(written);
    *out = (as_quote){.written = s, .at = at};
    out->pieces = AS_NEW_N(a, as_str, AS_QUOTE_FIGURES_MAX + 1);
    out->names = AS_NEW_N(a, as_str, AS_QUOTE_FIGURES_MAX);
    if (!out->pieces || !out->names)
        return as_fail_nomem(e);
    while (next_hole(s, from, &open, &close)) {
        if (out->count == AS_QUOTE_FIGURES_MAX)
            return as_fail(e, AS_ERULE, at, "a quote has at most %d numbers",
                           AS_QUOTE_FIGURES_MAX);
        out->pieces[out->count] = as_figure_fold(as_str_sub(s, from, open - from), a);
        out->names[out->count] = as_str_sub(s, open + 1, close - open - 1);
        if (!out->pieces[out->count++].ptr)
            return as_fail_nomem(e);
        from = close + 1;
    }
    if (open < s.len)
        return as_fail(e, AS_ERULE, at,
                       "a { of the quote is not closed; write {} or {name} where a number "
                       "stands");
    out->pieces[out->count] = as_figure_fold(as_str_sub(s, from, s.len), a);
    return out->pieces[out->count].ptr ? check_quote(out, at, e) : as_fail_nomem(e);
}

/* ---- finding it ---- */

static bool stands(as_str text, size_t at, as_str piece)
{
    return at <= text.len && text.len - at >= piece.len &&
           (piece.len == 0 || memcmp(text.ptr + at, piece.ptr, piece.len) == 0);
}

/* The number at `at` such that the piece follows it: as it is, with its % sign, or without the
 * fraction ("two thirds" where the quote says "{} thirds"). *end is behind the piece. */
static bool figure_then(as_str text, size_t at, as_str piece, as_figure *f, size_t *end)
{
    bool (*const readers[])(as_str, size_t, as_figure *) = {as_figure_read,
                                                            as_figure_read_whole};
    for (size_t k = 0; k < 2; k++) {
        if (!readers[k](text, at, f))
            continue;
        bool percent = f->end < text.len && text.ptr[f->end] == '%';
        for (size_t skip = 0; skip <= percent; skip++) {
            *end = f->end + skip + piece.len;
            if (stands(text, f->end + skip, piece))
                return true;
        }
    }
    return false;
}

/* The whole quote with its first number at `at`. False: *reached is where it stopped. */
static bool match_at(const as_quote *q, as_str text, size_t at, as_quote_match *out,
                     size_t *reached, as_str *piece)
{
    *reached = at;
    for (size_t i = 0; i < q->count; i++) {
        *piece = q->pieces[i + 1];
        if (!figure_then(text, at, q->pieces[i + 1], &out->figures[i], &at))
            return false;
        *reached = at;
    }
    out->end = at;
    return true;
}

/* The next place at or behind `from` where the first number may stand; false: no more. */
static bool next_start(const as_quote *q, as_str text, const as_figures_found *all, size_t from,
                       size_t *begin, size_t *at)
{
    as_str lead = q->pieces[0];
    if (lead.len == 0) {
        size_t i = as_figures_at(all, from);
        while (i < all->count && all->items[i].figure.begin < from)
            i++;
        if (i == all->count)
            return false;
        *begin = *at = all->items[i].figure.begin;
        return true;
    }
    as_str rest = as_str_sub(text, from, text.len);
    const char *p = rest.len ? memmem(rest.ptr, rest.len, lead.ptr, lead.len) : NULL;
    if (!p)
        return false;
    *begin = (size_t)(p - text.ptr);
    *at = *begin + lead.len;
    return true;
}

bool as_quote_find(const as_quote *q, const as_figure_text *t, const as_figures_found *all,
                   size_t from, as_quote_match *out, size_t *stop, as_str *piece)
{
    size_t begin, at, reached;
    as_str missing;
    while (next_start(q, t->text, all, from, &begin, &at)) {
        out->begin = begin;
        if (match_at(q, t->text, at, out, &reached, &missing))
            return true;
        if (q->pieces[0].len && reached > *stop) {
            *stop = reached;
            *piece = missing;
        }
        from = begin + 1;
    }
    return false;
}
