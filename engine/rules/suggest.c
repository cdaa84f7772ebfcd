/* suggest.c: hints for words that are not known. */
#include "rules/suggest.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"

#define LISTED_MAX 20

void as_words_add(as_words *w, as_str word)
{
    if (w->count == w->size) {
        size_t more = w->size ? w->size * 2 : 32;
        as_str *items = AS_NEW_N(w->arena, as_str, more);
        if (!items)
            return;
        if (w->count)
            memcpy(items, w->items, w->count * sizeof *items);
        w->items = items;
        w->size = more;
    }
    w->items[w->count++] = word;
}

/* At most so many bytes of a word are told: a hint is one line. */
static as_str shorten(as_str word)
{
    if (word.len <= 60)
        return word;
    size_t n = 60;
    while (n && ((unsigned char)word.ptr[n] & 0xc0) == 0x80)
        n--;
    return as_str_sub(word, 0, n);
}

/* A table and its schema often share a name; words beyond what is listed are counted as they
 * come. */
static bool listed_before(const as_str *known, size_t i)
{
    size_t looked = i > 4 * LISTED_MAX ? 4 * LISTED_MAX : i;
    for (size_t k = 0; k < looked; k++)
        if (as_str_eq(known[k], known[i]))
            return true;
    return false;
}

static const char *list_known(as_diags *d, const as_str *known, size_t count)
{
    as_buf text = AS_BUF(AS_MESSAGE_MAX);
    size_t shown = 0, distinct = 0;
    as_buf_add(&text, AS_STR("known: "));
    for (size_t i = 0; i < count; i++) {
        as_str word = shorten(known[i]);
        if (listed_before(known, i))
            continue;
        if (++distinct > LISTED_MAX)
            continue;
        as_buf_addf(&text, "%s%.*s", shown++ ? ", " : "", AS_FMT(word));
    }
    if (distinct > shown)
        as_buf_addf(&text, ", and %zu more", distinct - shown);
    as_str out = as_arena_str(d->arena, as_buf_str(&text));
    as_buf_free(&text);
    return out.ptr ? out.ptr : "";
}

const char *as_suggest(as_diags *d, as_str word, const as_str *known, size_t count)
{
    if (count == 0)
        return "";
    as_str near = as_text_nearest(word, known, count);
    if (!near.ptr)
        return list_known(d, known, count);
    as_str text = as_arena_printf(d->arena, "did you mean `%.*s`?", AS_FMT(near));
    return text.ptr ? text.ptr : "";
}

const char *as_suggest_words(as_diags *d, as_str word, const char *const *known)
{
    as_words w = {.arena = d->arena};
    for (; *known; known++)
        as_words_add(&w, as_str_from(*known));
    return as_suggest(d, word, w.items, w.count);
}
