/* figures_weigh.c: the sentences of one item found in the document, and their numbers held
 * against formulas and each other. */
#include "check/figures.h"

#include "base/limits.h"
#include "check/by_group.h"

#include <math.h>

/* One weighing: one match of each quote, the values of the names. */
typedef struct weighing {
    as_figures_run *run;
    const as_figure_item *item;
    as_quote_match *matches;
    bool *found;               /* per quote */
    const as_figure **figures; /* per name; NULL: its quote was not found */
    double *own;               /* per name; NaN likewise */
    unsigned turn;             /* with `all`: which match, from 0 */
    bool nomem;
} weighing;

/* ---- words ---- */

static as_str done(weighing *w, as_buf *b)
{
    as_str out = b->failed ? AS_NONE : as_arena_str(w->run->arena, as_buf_str(b));
    as_buf_free(b);
    w->nomem = w->nomem || !out.ptr;
    return out;
}

static as_str written(const as_figures_run *r, const as_figure *f)
{
    return as_str_sub(r->text.text, f->begin, f->end - f->begin);
}

/* The quote; which of several entries with it, which of several places: a key says one thing.
 */
static as_str key_of(weighing *w, const as_quote *q)
{
    as_buf b = AS_BUF(AS_EVIDENCE_MAX);
    as_buf_add(&b, q->written);
    if (w->item->entry > 1)
        as_buf_addf(&b, " (entry %u)", w->item->entry);
    if (w->turn)
        as_buf_addf(&b, " (place %u)", w->turn + 1);
    return done(w, &b);
}

/* What the number is called: its name, or which of its quote it is. */
static as_str field_of(weighing *w, const as_figure *f, as_str name)
{
    for (size_t q = 0; !name.len && q < w->item->quote_count; q++) {
        const as_figure *first = w->matches[q].figures;
        if (f < first || f >= first + AS_QUOTE_FIGURES_MAX)
            continue;
        as_str out = as_arena_printf(w->run->arena, "number %u", (unsigned)(f - first) + 1);
        w->nomem = w->nomem || !out.ptr;
        return out;
    }
    return name;
}

static const as_quote *quote_of(const weighing *w, const as_figure *f)
{
    for (size_t q = 0; q < w->item->quote_count; q++)
        if (f >= w->matches[q].figures && f < w->matches[q].figures + AS_QUOTE_FIGURES_MAX)
            return &w->item->quotes[q];
    return &w->item->quotes[0];
}

/* ---- what is kept of a number ---- */

static void flag(const weighing *w, const as_figure *f, uint8_t bits)
{
    as_figures_run *r = w->run;
    for (size_t i = as_figures_at(&r->all, f->begin);
         i < r->all.count && r->all.items[i].figure.begin < f->end; i++) {
        r->flags[i] |= bits;
        r->all.items[i].class = AS_FIGURE_COUNTED; /* the rule says that it is one */
    }
}

static bool speaks_of(const as_figure_check *c, size_t name)
{
    if (c->test == AS_FIGURE_HOLDS)
        return as_expression_uses(c->holds->left, name) ||
               as_expression_uses(c->holds->right, name);
    return name == c->own || as_expression_uses(c->formula, name);
}

/* A check that says by itself what the number must be. */
static bool has_own_check(const as_figure_item *item, size_t name)
{
    for (size_t i = 0; i < item->check_count; i++)
        if (item->checks[i].test != AS_FIGURE_HOLDS && item->checks[i].own == name)
            return true;
    return false;
}

/* Every number that the check speaks of; one that has a check of its own is judged by that. */
static void flag_check(const weighing *w, const as_figure_check *c, uint8_t bits)
{
    for (size_t i = 0; i < w->item->name_count; i++) {
        bool own = c->test != AS_FIGURE_HOLDS && i == c->own;
        if (speaks_of(c, i) && w->figures[i] && (own || !has_own_check(w->item, i)))
            flag(w, w->figures[i], bits);
    }
}

static void tell(weighing *w, as_figure_finding f)
{
    if (!w->run->muted && !w->nomem && !as_figures_tell(w->run, f))
        w->nomem = true;
}

/* ---- comparing ---- */

static bool equal_as_shown(const as_figure *f, double x, const as_figure_check *c)
{
    as_tolerance room = {AS_FRACTION_ROOM, false};
    if (c->tolerant)
        return as_within(x, f->value, f->value, c->tolerance);
    if (f->form == AS_FIGURE_FRACTION)
        return as_within(x, f->value, f->value, room);
    return as_figure_round(x, f->decimals) == f->value;
}

static bool related(as_relation is, double x, double y, as_tolerance t)
{
    bool same = as_within(x, y, y, t);
    switch (is) {
    case AS_REL_NOT_EQUAL:
        return !same;
    case AS_REL_BELOW:
        return x < y && !as_within(x, y, y, (as_tolerance){0});
    case AS_REL_AT_MOST:
        return x < y || same;
    case AS_REL_ABOVE:
        return x > y && !as_within(x, y, y, (as_tolerance){0});
    case AS_REL_AT_LEAST:
        return x > y || same;
    default:
        return same;
    }
}

/* The name that the expression is alone; NULL: it is more. */
static const as_figure *alone(const weighing *w, const as_expression *x)
{
    for (size_t i = 0; i < w->item->name_count; i++)
        if (as_expression_is_own(x, i))
            return w->figures[i];
    return NULL;
}

/* A number of the text by itself is as precise as it is shown. */
static bool comparison_holds(const weighing *w, const as_figure_check *c, double left,
                             double right)
{
    const as_figure *l = alone(w, c->holds->left), *r = alone(w, c->holds->right);
    bool equality = c->holds->is == AS_REL_EQUAL || c->holds->is == AS_REL_NOT_EQUAL;
    if (!equality || (!l && !r))
        return related(c->holds->is, left, right, c->tolerance);
    bool same = r && (!l || r->decimals < l->decimals || r->form == AS_FIGURE_FRACTION)
                    ? equal_as_shown(r, left, c)
                    : equal_as_shown(l, right, c);
    return same == (c->holds->is == AS_REL_EQUAL);
}

/* ---- checks ---- */

static as_str shown(weighing *w, double x, const as_figure *like)
{
    as_buf b = AS_BUF(AS_MESSAGE_MAX);
    if (like->form == AS_FIGURE_FRACTION)
        as_say_number(&b, x);
    else
        as_figure_say(&b, x, like->decimals);
    return done(w, &b);
}

static const char *const relation_words[] = {
    [AS_REL_EQUAL] = "",       [AS_REL_NOT_EQUAL] = "other than ",
    [AS_REL_BELOW] = "below ", [AS_REL_AT_MOST] = "at most ",
    [AS_REL_ABOVE] = "above ", [AS_REL_AT_LEAST] = "at least "};

static void tell_equals(weighing *w, const as_figure_check *c, double x)
{
    const as_figure *f = w->figures[c->own];
    as_str text = written(w->run, f), value = shown(w, x, f);
    as_buf b = AS_BUF(AS_MESSAGE_MAX);
    bool exact = as_figure_round(x, f->decimals) == x || f->form == AS_FIGURE_FRACTION;
    as_figure_finding out = {.key = key_of(w, quote_of(w, f)),
                             .field = field_of(w, f, w->item->names[c->own]),
                             .stated = text,
                             .measured = x,
                             .has_measured = true,
                             .at = f->begin};
    as_buf_addf(&b, "the document says %.*s, and %.*s is %.*s", AS_FMT(text),
                AS_FMT(c->written), AS_FMT(value));
    if (!exact) {
        as_buf_add(&b, AS_STR(" ("));
        as_say_number(&b, x);
        as_buf_addc(&b, ')');
    }
    if (c->is != AS_REL_EQUAL)
        as_buf_addf(&b, ", not %s%.*s", relation_words[c->is], AS_FMT(text));
    out.sentence = done(w, &b);
    out.expected = value;
    tell(w, out);
}

static void tell_share(weighing *w, const as_figure_check *c, double x)
{
    const as_figure *f = w->figures[c->own];
    as_str text = written(w->run, f);
    as_buf b = AS_BUF(AS_MESSAGE_MAX), want = AS_BUF(AS_MESSAGE_MAX);
    as_figure_finding out = {.key = key_of(w, quote_of(w, f)),
                             .field = field_of(w, f, w->item->names[c->own]),
                             .stated = text,
                             .at = f->begin};
    as_say_number(&want, x);
    if (c->test == AS_FIGURE_SHARE_OF)
        as_buf_addf(&b, "the document says %.*s%%, and no whole number of %.*s rounds to it",
                    AS_FMT(text), AS_FMT(as_buf_str(&want)));
    else
        as_buf_addf(&b, "the document says %.*s%%, and %.*s of no whole number rounds to it",
                    AS_FMT(text), AS_FMT(as_buf_str(&want)));
    as_buf_clear(&want);
    as_buf_add(&want,
               c->test == AS_FIGURE_SHARE_OF ? AS_STR("a whole number of ") : AS_STR(""));
    as_say_number(&want, x);
    as_buf_add(&want, c->test == AS_FIGURE_SHARE_OF ? AS_STR(" in percent")
                                                    : AS_STR(" of a whole number in percent"));
    out.sentence = done(w, &b);
    out.expected = done(w, &want);
    tell(w, out);
}

static void add_values(weighing *w, const as_figure_check *c, as_buf *b)
{
    const char *sep = "; ";
    for (size_t i = 0; i < w->item->name_count; i++) {
        if (!w->item->names[i].len || !speaks_of(c, i))
            continue;
        as_str text = written(w->run, w->figures[i]);
        as_buf_addf(b, "%s%.*s is %.*s", sep, AS_FMT(w->item->names[i]), AS_FMT(text));
        sep = ", ";
    }
}

/* Told at the last of the numbers, which in an identity is the one that follows from the
 * others. */
static void tell_holds(weighing *w, const as_figure_check *c, double left, double right)
{
    const as_figure *f = NULL;
    as_buf b = AS_BUF(AS_MESSAGE_MAX), want = AS_BUF(AS_MESSAGE_MAX);
    for (size_t i = 0; i < w->item->name_count; i++)
        if (speaks_of(c, i) && (!f || w->figures[i]->begin > f->begin))
            f = w->figures[i];
    as_buf_addf(&b, "%.*s does not hold: ", AS_FMT(c->written));
    as_say_number(&b, left);
    as_buf_add(&b, AS_STR(" on the left, "));
    as_say_number(&b, right);
    as_buf_add(&b, AS_STR(" on the right"));
    add_values(w, c, &b);
    as_buf_add(&want, c->written);
    as_figure_finding out = {.key = key_of(w, f ? quote_of(w, f) : &w->item->quotes[0]),
                             .field = c->written,
                             .stated = f ? written(w->run, f) : AS_STR(""),
                             .at = f ? f->begin : w->matches[0].begin};
    out.sentence = done(w, &b);
    out.expected = done(w, &want);
    tell(w, out);
}

static bool figure_equals(const weighing *w, const as_figure_check *c, double x)
{
    const as_figure *f = w->figures[c->own];
    if (c->test == AS_FIGURE_SHARE_OF)
        return as_figure_share_of(f->value, f->decimals, x);
    if (c->test == AS_FIGURE_SHARE_WITH)
        return as_figure_share_with(f->value, f->decimals, x);
    return c->is == AS_REL_EQUAL ? equal_as_shown(f, x, c)
                                 : related(c->is, x, f->value, c->tolerance);
}

static void weigh_check(weighing *w, const as_figure_check *c)
{
    bool holds = c->test == AS_FIGURE_HOLDS;
    double x =
        as_expression_value(holds ? c->holds->left : c->formula, w->run->results, w->own);
    double y =
        holds ? as_expression_value(c->holds->right, w->run->results, w->own) : w->own[c->own];
    as_result *out = w->run->out;
    out->selected += !w->run->muted;
    if (isnan(x) || isnan(y)) {
        out->undecided += !w->run->muted;
        flag_check(w, c, AS_FIGURE_BOUND | AS_FIGURE_UNDECIDED);
        return;
    }
    if (holds ? comparison_holds(w, c, x, y) : figure_equals(w, c, x)) {
        flag_check(w, c, AS_FIGURE_BOUND);
        return;
    }
    flag_check(w, c, AS_FIGURE_BOUND | AS_FIGURE_FAILED);
    if (holds)
        tell_holds(w, c, x, y);
    else if (c->test == AS_FIGURE_EQUALS)
        tell_equals(w, c, x);
    else
        tell_share(w, c, x);
}

/* A name that stands at several places: the same number everywhere, as far as it is shown. */
static void weigh_same(weighing *w, size_t name, const as_figure *again)
{
    const as_figure *first = w->figures[name];
    const as_figure *fine = first->decimals > again->decimals ? first : again;
    const as_figure *coarse = fine == first ? again : first;
    as_figure_check c = {.is = AS_REL_EQUAL};
    w->run->out->selected += !w->run->muted;
    bool same = equal_as_shown(coarse, fine->value, &c);
    uint8_t bits = same ? AS_FIGURE_BOUND : AS_FIGURE_BOUND | AS_FIGURE_FAILED;
    flag(w, first, bits);
    flag(w, again, bits);
    if (same)
        return;
    as_str one = written(w->run, first), two = written(w->run, again);
    as_buf b = AS_BUF(AS_MESSAGE_MAX);
    uint32_t line, column;
    as_figure_place(&w->run->text, first->begin, &line, &column);
    as_buf_addf(&b, "the document says %.*s here and %.*s in line %u, column %u", AS_FMT(two),
                AS_FMT(one), line, column);
    as_figure_finding out = {.key = key_of(w, quote_of(w, again)),
                             .field = AS_STR("named twice"),
                             .stated = two,
                             .expected = one,
                             .at = again->begin};
    out.sentence = done(w, &b);
    tell(w, out);
}

/* ---- finding the sentences ---- */

/* times: how often it is there, fewer than the entry says. */
static void tell_lost(weighing *w, const as_quote *q, size_t times, size_t stop, as_str piece)
{
    as_buf b = AS_BUF(AS_MESSAGE_MAX);
    as_str there = as_str_sub(w->run->text.text, stop, 30);
    uint32_t line, column;
    while (there.len && stop + there.len < w->run->text.text.len &&
           ((unsigned char)there.ptr[there.len] & 0xc0) == 0x80)
        there.len--; /* not inside a character */
    if (times)
        as_buf_addf(&b, "this is in the document %zu time%s, not %u", times,
                    times == 1 ? "" : "s", w->item->occurrence);
    else
        as_buf_add(&b, AS_STR("this is not in the document"));
    if (stop && !times) {
        as_figure_place(&w->run->text, stop, &line, &column);
        as_buf_addf(&b, "; it agrees as far as line %u, column %u, but \"%.*s\" stands there",
                    line, column, AS_FMT(there));
        as_buf_addf(&b, piece.len ? ", not a number and then \"%.*s\"" : ", not a number%.*s",
                    AS_FMT(as_str_sub(piece, 0, 60)));
    }
    as_figure_finding out = {.key = key_of(w, q),
                             .field = AS_STR("quote"),
                             .expected = AS_STR("in the document once"),
                             .at = stop ? stop : SIZE_MAX};
    out.sentence = done(w, &b);
    tell(w, out);
}

static void tell_twice(weighing *w, const as_quote *q, size_t times, const as_quote_match *two)
{
    uint32_t lines[2], column;
    as_figure_place(&w->run->text, two[0].begin, &lines[0], &column);
    as_figure_place(&w->run->text, two[1].begin, &lines[1], &column);
    as_buf b = AS_BUF(AS_MESSAGE_MAX);
    as_buf_addf(
        &b,
        "this is in the document %zu times, first in lines %u and %u: quote more words, "
        "or write `occurrence:` or `all: true`",
        times, lines[0], lines[1]);
    as_figure_finding out = {.key = key_of(w, q),
                             .field = AS_STR("quote"),
                             .expected = AS_STR("in the document once"),
                             .at = two[0].begin};
    out.sentence = done(w, &b);
    tell(w, out);
}

static void miss(weighing *w)
{
    w->run->out->selected += !w->run->muted;
}

/* The one match of a quote, or the nth. False: none (told). */
static bool find_one(weighing *w, const as_quote *q, as_quote_match *out)
{
    as_figures_run *r = w->run;
    as_quote_match first[2];
    size_t stop = 0, times = 0, from = 0, which = w->item->occurrence;
    as_str piece = AS_NONE;
    as_quote_match m;
    while (as_quote_find(q, &r->text, &r->all, from, &m, &stop, &piece)) {
        if (times < 2)
            first[times] = m;
        times++;
        if (which && times == which)
            break;
        from = m.end > m.begin ? m.end : m.begin + 1;
    }
    *out = m;
    if (which ? times == which : times == 1) {
        *out = which ? m : first[0];
        return true;
    }
    miss(w);
    if (times > 1 && !which)
        tell_twice(w, q, times, first);
    else
        tell_lost(w, q, times, stop, piece);
    return false;
}

/* ---- one item ---- */

static void weigh(weighing *w)
{
    const as_figure_item *item = w->item;
    for (size_t i = 0; i < item->name_count; i++) {
        w->figures[i] = NULL;
        w->own[i] = (double)NAN;
    }
    for (size_t q = 0; q < item->quote_count; q++) {
        for (size_t i = 0; w->found[q] && i < item->quotes[q].count; i++) {
            size_t name = item->own[q][i];
            const as_figure *f = &w->matches[q].figures[i];
            if (name == AS_OWN_NONE)
                continue;
            if (w->figures[name]) {
                weigh_same(w, name, f);
                continue;
            }
            w->figures[name] = f;
            w->own[name] = f->value;
        }
    }
    for (size_t i = 0; i < item->check_count; i++)
        weigh_check(w, &item->checks[i]);
}

static void weigh_all(weighing *w)
{
    as_figures_run *r = w->run;
    size_t from = 0, stop = 0;
    as_str piece = AS_NONE;
    w->found[0] = true;
    for (; as_quote_find(w->item->quotes, &r->text, &r->all, from, w->matches, &stop, &piece);
         w->turn++) {
        weigh(w);
        from = w->matches->end > w->matches->begin ? w->matches->end : w->matches->begin + 1;
    }
    if (w->turn == 0) {
        miss(w);
        tell_lost(w, w->item->quotes, 0, stop, piece);
    }
}

as_code as_figures_weigh(as_figures_run *r, const as_figure_item *item, as_err *e)
{
    weighing w = {.run = r, .item = item};
    w.matches = AS_NEW_N(r->arena, as_quote_match, item->quote_count);
    w.found = AS_NEW_N(r->arena, bool, item->quote_count);
    w.figures = AS_NEW_N(r->arena, const as_figure *, item->name_count + 1);
    w.own = AS_NEW_N(r->arena, double, item->name_count + 1);
    if (!w.matches || !w.found || !w.figures || !w.own)
        return as_fail_nomem(e);
    if (item->all) {
        weigh_all(&w);
    } else {
        for (size_t q = 0; q < item->quote_count; q++)
            w.found[q] = find_one(&w, &item->quotes[q], &w.matches[q]);
        weigh(&w);
    }
    return w.nomem ? as_fail_nomem(e) : AS_OK;
}
