/* view.c: text of a cell in place. A slice with doubled quotes is read through a cursor, so
 * that comparing and hashing a key never needs memory and so never fails. */
#include "table/view.h"

#define XXH_STATIC_LINKING_ONLY /* for a state on the stack */
#include <xxhash.h>

static void view_slice(as_view *v, const as_table *t, const as_column *c, uint32_t row,
                       bool raw)
{
    const as_slice *s = (const as_slice *)c->data + row;
    if (s->len == UINT32_MAX)
        return;
    as_str text = {as_slice_at(t, s), s->len};
    v->text = raw || !c->field->trim ? text : as_str_trim(text);
    v->doubled = (s->flags & 1) != 0;
}

bool as_view_cell(as_view *v, const as_table *t, const as_column *c, uint32_t row, bool raw)
{
    v->text = AS_NONE;
    v->doubled = false;
    if (c->layout == AS_LAYOUT_DICT) {
        uint32_t code = as_cell_code(c, row);
        if (code)
            v->text = raw ? c->dict.entries[code].raw : c->dict.entries[code].value;
    } else if (c->layout == AS_LAYOUT_PACK8) {
        uint64_t pack = as_column_packs(c)[row];
        if (as_pack_is_long(pack)) {
            v->text = c->dict.entries[as_pack_code(pack)].value;
            return true;
        }
        memcpy(v->pack, &pack, 8);
        size_t len = pack ? 8 - (size_t)__builtin_clzll(pack) / 8 : 0;
        v->text = (as_str){len ? v->pack : NULL, len};
    } else if (c->layout == AS_LAYOUT_SLICE) {
        view_slice(v, t, c, row, raw);
    } else {
        return false;
    }
    return true;
}

/* Copies at most `room` bytes from *at on, a doubled quote as one. */
static size_t take(const as_view *v, size_t *at, char *out, size_t room)
{
    size_t n = 0;
    while (*at < v->text.len && n < room) {
        char c = v->text.ptr[(*at)++];
        out[n++] = c;
        if (v->doubled && c == '"' && *at < v->text.len && v->text.ptr[*at] == '"')
            (*at)++;
    }
    return n;
}

bool as_view_equal(const as_view *a, const as_view *b)
{
    if (!a->doubled && !b->doubled)
        return as_str_eq(a->text, b->text);
    char pa[256], pb[256];
    size_t at = 0, bt = 0;
    for (;;) {
        size_t na = take(a, &at, pa, sizeof pa), nb = take(b, &bt, pb, sizeof pb);
        if (na != nb || memcmp(pa, pb, na) != 0)
            return false;
        if (na < sizeof pa)
            return true;
    }
}

uint64_t as_view_hash(const as_view *v)
{
    if (!v->text.ptr)
        return 0;
    if (!v->doubled)
        return as_text_hash(v->text);
    char part[512];
    size_t at = 0, n = take(v, &at, part, sizeof part);
    if (at == v->text.len)
        return as_text_hash((as_str){part, n});
    XXH3_state_t state; /* as as_hash, in parts */
    XXH3_INITSTATE(&state);
    (void)XXH3_64bits_reset(&state);
    for (; n; n = take(v, &at, part, sizeof part))
        (void)XXH3_64bits_update(&state, part, n);
    return as_text_hash_long(XXH3_64bits_digest(&state));
}
