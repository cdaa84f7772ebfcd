/* lists.c: code lists from the spellings that were seen. Spellings that fold to one text are
 * one code, written as most records write it. Fields of one name share a list where they share
 * half of their codes. */
#include "base/text.h"
#include "init/model.h"
#include "init/yaml_text.h"

#include <stdlib.h>

static int by_fold(const void *x, const void *y)
{
    const as_init_spelling *a = x, *b = y;
    int c = as_str_cmp(a->folded, b->folded);
    if (c == 0)
        c = (a->count < b->count) - (a->count > b->count);
    return c ? c : as_str_cmp(a->text, b->text);
}

/* The field's spellings but null tokens, folded, sorted. */
static as_code spellings_of(as_init_spelling **out, size_t *count, const as_init_field *f,
                            as_arena *a, as_err *e)
{
    *out = AS_NEW_N(a, as_init_spelling, f->facts.spelling_count + 1);
    *count = 0;
    for (size_t i = 0; *out && i < f->facts.spelling_count; i++) {
        const as_spelling *s = &f->facts.spellings[i];
        size_t token = as_token_find(s->text);
        if (token != SIZE_MAX && as_tokens[token].strong)
            continue;
        as_init_spelling *one = &(*out)[(*count)++];
        *one = (as_init_spelling){as_arena_str(a, s->text), as_init_fold(a, s->text), s->count};
        if (!one->text.ptr || !one->folded.ptr)
            return as_fail_nomem(e);
    }
    if (!*out)
        return as_fail_nomem(e);
    qsort(*out, *count, sizeof **out, by_fold);
    return AS_OK;
}

/* Codes (folded texts) in both, and in the shorter of them. Both sorted. */
static bool share_half(const as_init_spelling *a, size_t n, const as_init_spelling *b, size_t m)
{
    size_t both = 0, first = 0, second = 0, i = 0, k = 0;
    while (i < n || k < m) {
        int c = i == n ? 1 : k == m ? -1 : as_str_cmp(a[i].folded, b[k].folded);
        as_str at = c <= 0 ? a[i].folded : b[k].folded;
        both += c == 0;
        first += c <= 0;
        second += c >= 0;
        while (i < n && as_str_eq(a[i].folded, at))
            i++;
        while (k < m && as_str_eq(b[k].folded, at))
            k++;
    }
    return both * 2 >= (first < second ? first : second);
}

/* Adds what is in `more`; equal spellings are one. */
static as_code merge(as_init_list *l, const as_init_spelling *more, size_t n, as_arena *a,
                     as_err *e)
{
    as_init_spelling *all = AS_NEW_N(a, as_init_spelling, l->spelling_count + n + 1);
    if (!all)
        return as_fail_nomem(e);
    size_t count = l->spelling_count;
    if (count)
        memcpy(all, l->spellings, count * sizeof *all);
    for (size_t i = 0; i < n; i++) {
        size_t at = 0;
        while (at < l->spelling_count && !as_str_eq(all[at].text, more[i].text))
            at++;
        if (at < l->spelling_count)
            all[at].count += more[i].count;
        else
            all[count++] = more[i];
    }
    qsort(all, count, sizeof *all, by_fold);
    l->spellings = all;
    l->spelling_count = count;
    return AS_OK;
}

static bool list_named(const as_init_work *w, as_str name)
{
    for (size_t i = 0; i < w->list_count; i++)
        if (as_str_eq(w->lists[i].name, name))
            return true;
    return false;
}

static as_code new_list(as_init_work *w, const as_init_schema *s, as_init_field *f, as_err *e)
{
    as_str name = f->name;
    if (list_named(w, name))
        name = as_arena_printf(w->arena, "%.*s_%.*s", AS_FMT(s->name), AS_FMT(f->name));
    for (unsigned k = 2; name.ptr && list_named(w, name); k++)
        name = as_arena_printf(w->arena, "%.*s_%.*s_%u", AS_FMT(s->name), AS_FMT(f->name), k);
    as_init_list *all = AS_NEW_N(w->arena, as_init_list, w->list_count + 1);
    if (!name.ptr || !all)
        return as_fail_nomem(e);
    if (w->list_count)
        memcpy(all, w->lists, w->list_count * sizeof *all);
    w->lists = all;
    f->list = w->list_count;
    all[w->list_count++] =
        (as_init_list){.name = name, .field = f->name, .used_by = AS_STR("")};
    return AS_OK;
}

as_code as_init_list_join(as_init_work *w, as_init_schema *s, as_init_field *f, as_err *e)
{
    as_init_spelling *mine;
    size_t n, i = 0;
    as_code code = spellings_of(&mine, &n, f, w->arena, e);
    if (code != AS_OK)
        return code;
    while (i < w->list_count &&
           (!as_str_eq(w->lists[i].field, f->name) ||
            !share_half(w->lists[i].spellings, w->lists[i].spelling_count, mine, n)))
        i++;
    f->list = i;
    if (i == w->list_count)
        code = new_list(w, s, f, e);
    if (code != AS_OK)
        return code;
    as_init_list *l = &w->lists[f->list];
    l->used_by = as_arena_printf(w->arena, "%.*s%s%.*s.%.*s", AS_FMT(l->used_by),
                                 l->used_by.len ? ", " : "", AS_FMT(s->name), AS_FMT(f->name));
    return l->used_by.ptr ? merge(l, mine, n, w->arena, e) : as_fail_nomem(e);
}

/* ---- making the lists ---- */

static bool has_digit(as_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] >= '0' && s.ptr[i] <= '9')
            return true;
    return false;
}

/* A rare code that is nearly spelled like a frequent one. */
static as_code note_near(as_init_work *w, as_init_list *l, size_t at, const as_str *folded,
                         as_err *e)
{
    const as_code_list *list = &l->list;
    l->notes[at] = AS_STR("");
    if (folded[at].len < 5 || folded[at].len > 100 || has_digit(folded[at]))
        return AS_OK;
    for (size_t i = 0; i < list->count; i++) {
        unsigned most = folded[at].len < 8 ? 1 : 2;
        if (i == at || l->counts[i] < 20 * l->counts[at] ||
            as_text_distance(folded[at], folded[i], most) > most)
            continue;
        l->notes[at] = as_arena_printf(w->arena, "like \"%.*s\": a slip of the pen?",
                                       AS_FMT(list->entries[i].code));
        as_init_doubt(w, "code list %.*s: \"%.*s\" (%llu) is nearly \"%.*s\" (%llu)",
                      AS_FMT(l->name), AS_FMT(list->entries[at].code),
                      (unsigned long long)l->counts[at], AS_FMT(list->entries[i].code),
                      (unsigned long long)l->counts[i]);
        return l->notes[at].ptr ? AS_OK : as_fail_nomem(e);
    }
    return AS_OK;
}

static as_code make_list(as_init_work *w, as_init_list *l, as_err *e)
{
    size_t n = l->spelling_count, count = 0;
    as_code_entry *entries = AS_NEW_N(w->arena, as_code_entry, n + 1);
    as_str *variants = AS_NEW_N(w->arena, as_str, n + 1);
    as_str *folded = AS_NEW_N(w->arena, as_str, n + 1);
    l->counts = AS_NEW_N(w->arena, uint64_t, n + 1);
    l->notes = AS_NEW_N(w->arena, as_str, n + 1);
    if (!entries || !variants || !folded || !l->counts || !l->notes)
        return as_fail_nomem(e);
    for (size_t i = 0; i < n; i++) {
        const as_init_spelling *s = &l->spellings[i];
        bool first = i == 0 || !as_str_eq(l->spellings[i - 1].folded, s->folded);
        if (first) {
            folded[count] = s->folded;
            entries[count++] = (as_code_entry){.code = s->text, .variants = variants + i};
        } else {
            variants[i - 1] = s->text;
            entries[count - 1].variant_count++;
        }
        l->counts[count - 1] += s->count;
    }
    l->list = (as_code_list){.name = l->name, .entries = entries, .count = count};
    as_code code = as_code_list_seal(&l->list, w->arena, w->diags, e);
    for (size_t i = 0; i < count && code == AS_OK; i++)
        code = note_near(w, l, i, folded, e);
    return code;
}

as_code as_init_lists_make(as_init_work *w, as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; i < w->list_count && code == AS_OK; i++)
        code = make_list(w, &w->lists[i], e);
    for (size_t i = 0; i < w->schema_count; i++)
        for (size_t k = 0; k < w->schemas[i].count; k++) {
            as_init_field *f = &w->schemas[i].fields[k];
            if (f->field->type == AS_TYPE_CODE)
                f->field->list = &w->lists[f->list].list;
        }
    return code;
}
