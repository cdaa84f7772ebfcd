/* figures_rest.c: what nothing verifies: one finding a number, with the words around it, and
 * the count of everything in one sentence. */
#include "check/figures.h"

#include "base/limits.h"
#include "base/text.h"

#include <stdlib.h>

#define AROUND 36 /* bytes of the text on either side of a number */

/* ---- the words around a number ---- */

static bool inside_character(as_str s, size_t i)
{
    return i < s.len && ((unsigned char)s.ptr[i] & 0xc0) == 0x80;
}

/* From a blank at most AROUND bytes before. */
static size_t words_before(as_str s, size_t begin)
{
    size_t from = begin > AROUND ? begin - AROUND : 0;
    if (from == 0)
        return 0;
    for (size_t i = from; i < begin; i++)
        if (s.ptr[i] == ' ')
            return i + 1;
    while (inside_character(s, from))
        from++;
    return from;
}

static size_t words_behind(as_str s, size_t end)
{
    size_t to = s.len - end > AROUND ? end + AROUND : s.len;
    if (to == s.len)
        return to;
    for (size_t i = to; i > end; i--)
        if (s.ptr[i] == ' ')
            return i;
    while (inside_character(s, to))
        to--;
    return to;
}

static as_str around(as_str s, const as_figure *f)
{
    size_t from = words_before(s, f->begin), to = words_behind(s, f->end);
    return as_str_sub(s, from, to - from);
}

/* ---- the list ---- */

/* A number that is to be told, with its key, which may be another one's too. */
typedef struct rest {
    as_str key;
    size_t at;     /* index of the number */
    unsigned turn; /* among those with the same key, from 1 */
} rest;

static int by_key(const void *x, const void *y)
{
    const rest *a = x, *b = y;
    int c = as_str_cmp(a->key, b->key);
    return c ? c : (a->at > b->at) - (a->at < b->at);
}

static int by_place(const void *x, const void *y)
{
    const rest *a = x, *b = y;
    return (a->at > b->at) - (a->at < b->at);
}

static void count_turns(rest *items, size_t count)
{
    if (count > 1)
        qsort(items, count, sizeof *items, by_key);
    for (size_t i = 0; i < count; i++) {
        bool again = i && as_str_eq(items[i].key, items[i - 1].key);
        items[i].turn = again ? items[i - 1].turn + 1 : 1;
    }
    if (count > 1)
        qsort(items, count, sizeof *items, by_place);
}

/* The key: the number and the words around it; the same for the same sentence wherever it
 * stands. */
static bool tell_rest(as_figures_run *r, const rest *x)
{
    const as_figure *f = &r->all.items[x->at].figure;
    as_str text = r->text.text, stated = as_str_sub(text, f->begin, f->end - f->begin);
    as_str key = x->key;
    if (x->turn > 1)
        key = as_arena_printf(r->arena, "%.*s (%u)", AS_FMT(x->key), x->turn);
    as_figure_finding out = {
        .key = key,
        .field = stated,
        .expected = AS_STR("a rule that verifies it"),
        .sentence = as_arena_printf(r->arena, "nothing verifies %.*s", AS_FMT(stated)),
        .stated = stated,
        .at = f->begin};
    return key.ptr && out.sentence.ptr && as_figures_tell(r, out);
}

static bool is_rest(const as_figures_run *r, size_t i)
{
    return r->all.items[i].class == AS_FIGURE_COUNTED && !(r->flags[i] & AS_FIGURE_BOUND);
}

static bool list_rest(as_figures_run *r, size_t most)
{
    rest *items = AS_NEW_N(r->arena, rest, most + 1);
    size_t count = 0;
    bool ok = items != NULL;
    for (size_t i = 0; ok && i < r->all.count; i++)
        if (is_rest(r, i))
            items[count++] = (rest){around(r->text.text, &r->all.items[i].figure), i, 0};
    if (ok)
        count_turns(items, count);
    for (size_t i = 0; ok && i < count; i++)
        ok = tell_rest(r, &items[i]);
    return ok;
}

/* ---- the count ---- */

typedef struct counts {
    size_t figures, verified, failed, undecided, rest, others;
    size_t classes[AS_FIGURE_CLASSES];
} counts;

static counts count_all(const as_figures_run *r)
{
    counts n = {0};
    for (size_t i = 0; i < r->all.count; i++) {
        uint8_t flags = r->flags[i];
        as_figure_class class = r->all.items[i].class;
        if (class != AS_FIGURE_COUNTED) {
            n.classes[class]++;
            n.others++;
            continue;
        }
        n.figures++;
        n.rest += !(flags & AS_FIGURE_BOUND);
        n.failed += (flags & AS_FIGURE_FAILED) != 0;
        n.undecided += (flags & AS_FIGURE_UNDECIDED) && !(flags & AS_FIGURE_FAILED);
        n.verified += flags == AS_FIGURE_BOUND;
    }
    return n;
}

static void say_others(as_buf *b, const as_figures_run *r, const counts *n)
{
    uint64_t all = n->others + r->text.markup;
    const char *sep = ": ";
    if (!all)
        return;
    as_buf_add(b, AS_STR("; "));
    as_text_thousands(b, (int64_t)all);
    as_buf_add(b, all == 1 ? AS_STR(" more number is no figure")
                           : AS_STR(" more numbers are no figures"));
    for (as_figure_class c = AS_FIGURE_DATE; c < AS_FIGURE_CLASSES; c++) {
        if (!n->classes[c])
            continue;
        as_buf_addf(b, "%s", sep);
        as_text_thousands(b, (int64_t)n->classes[c]);
        as_buf_addf(b, " %s", as_figure_class_name(c, n->classes[c]));
        sep = ", ";
    }
    if (r->text.markup) {
        as_buf_addf(b, "%s", sep);
        as_text_thousands(b, (int64_t)r->text.markup);
        as_buf_add(b, AS_STR(" in markup"));
    }
}

static as_code say_counts(as_figures_run *r, const counts *n, as_err *e)
{
    as_buf b = AS_BUF(AS_MESSAGE_MAX);
    as_text_thousands(&b, (int64_t)n->verified);
    as_buf_add(&b, AS_STR(" of "));
    as_text_thousands(&b, (int64_t)n->figures);
    as_buf_add(&b,
               n->figures == 1 ? AS_STR(" figure verified, ") : AS_STR(" figures verified, "));
    as_buf_addf(&b, "%zu that %s not hold, ", n->failed, n->failed == 1 ? "does" : "do");
    if (n->undecided)
        as_buf_addf(&b, "%zu undecided, ", n->undecided);
    as_text_thousands(&b, (int64_t)n->rest);
    as_buf_add(&b, AS_STR(" that nothing verifies"));
    say_others(&b, r, n);
    r->out->note = b.failed ? AS_NONE : as_arena_str(r->arena, as_buf_str(&b));
    as_buf_free(&b);
    return r->out->note.ptr ? AS_OK : as_fail_nomem(e);
}

as_code as_figures_rest(as_figures_run *r, as_err *e)
{
    counts n = count_all(r);
    r->out->selected += n.rest;
    if (r->plan->foreign == 0)
        r->out->selected = n.figures; /* a rule that only lists has looked at all of them */
    if (r->plan->unverified == AS_REST_LIST && !list_rest(r, n.rest))
        return as_fail_nomem(e);
    return say_counts(r, &n, e);
}
