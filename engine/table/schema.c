/* schema.c: names of types and fields, and code lists.
 *
 * Invariant of a sealed code list: `index` maps each canonical code as written, and apart from
 * that each code and variant folded, to the first entry that claims it. */
#include "table/schema.h"

#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"

const char *as_type_name(as_type t)
{
    switch (t) {
    case AS_TYPE_TEXT:
        return "text";
    case AS_TYPE_CODE:
        return "code";
    case AS_TYPE_INTEGER:
        return "integer";
    case AS_TYPE_NUMBER:
        return "number";
    case AS_TYPE_DATE:
        return "date";
    }
    return "unknown";
}

uint32_t as_schema_field(const as_schema *s, as_str name)
{
    for (size_t i = 0; i < s->count; i++)
        if (as_str_eq(s->fields[i].name, name))
            return (uint32_t)i;
    return AS_NO_FIELD;
}

/* ---- code lists ---- */

typedef struct slot {
    as_str text; /* ptr NULL: free */
    const as_code_entry *entry;
    bool folded; /* else as written */
} slot;

struct as_code_index {
    slot *slots;
    size_t size; /* power of two, at most half full */
};

/* The slot that holds `text`, or the free one where it belongs. */
static slot *find_slot(const struct as_code_index *x, as_str text, bool folded)
{
    size_t at = (size_t)(as_hash(text) + folded) & (x->size - 1);
    while (x->slots[at].text.ptr &&
           (x->slots[at].folded != folded || !as_str_eq(x->slots[at].text, text)))
        at = (at + 1) & (x->size - 1);
    return &x->slots[at];
}

static void report_claim(as_diags *d, const as_code_list *l, const as_code_entry *first,
                         const as_code_entry *second, as_str text)
{
    as_diag_add(d, AS_DIAG_ERROR, second->at,
                "a spelling stands for one code: take it from one of the two",
                "code list \"%.*s\": \"%.*s\" is claimed by two codes, \"%.*s\" and \"%.*s\"",
                AS_FMT(l->name), AS_FMT(text), AS_FMT(first->code), AS_FMT(second->code));
}

static as_code add_spelling(as_code_list *l, const as_code_entry *entry, as_str text,
                            as_arena *a, as_diags *d, as_buf *tmp)
{
    as_buf_clear(tmp);
    as_text_fold(tmp, text);
    if (tmp->failed)
        return AS_ENOMEM;
    slot *s = find_slot(l->index, as_buf_str(tmp), true);
    if (s->text.ptr) {
        if (s->entry != entry)
            report_claim(d, l, s->entry, entry, text);
        return AS_OK;
    }
    as_str copy = as_arena_str(a, as_buf_str(tmp));
    if (!copy.ptr)
        return AS_ENOMEM;
    *s = (slot){copy, entry, true};
    return AS_OK;
}

static as_code add_entry(as_code_list *l, const as_code_entry *entry, as_arena *a, as_diags *d,
                         as_buf *tmp)
{
    as_str code = as_str_trim(entry->code);
    if (code.len == 0) {
        as_diag_add(d, AS_DIAG_ERROR, entry->at, "an empty cell is null and needs no code",
                    "code list \"%.*s\": an empty code", AS_FMT(l->name));
        return AS_OK;
    }
    slot *s = find_slot(l->index, code, false);
    if (!s->text.ptr)
        *s = (slot){code, entry, false};
    as_code result = add_spelling(l, entry, code, a, d, tmp);
    for (size_t i = 0; i < entry->variant_count && result == AS_OK; i++)
        result = add_spelling(l, entry, entry->variants[i], a, d, tmp);
    return result;
}

as_code as_code_list_seal(as_code_list *l, as_arena *a, as_diags *d, as_err *e)
{
    size_t spellings = 0, size = 16;
    for (size_t i = 0; i < l->count; i++)
        spellings += 2 + l->entries[i].variant_count;
    while (size < 2 * spellings)
        size *= 2;
    struct as_code_index *x = AS_NEW(a, struct as_code_index);
    slot *slots = AS_NEW_N(a, slot, size);
    if (!x || !slots)
        return as_fail_nomem(e);
    x->slots = slots;
    x->size = size;
    l->index = x;
    as_buf tmp = AS_BUF(AS_YAML_FILE_MAX);
    as_code code = AS_OK;
    for (size_t i = 0; i < l->count && code == AS_OK; i++)
        code = add_entry(l, &l->entries[i], a, d, &tmp);
    as_buf_free(&tmp);
    return code == AS_OK ? AS_OK : as_fail_nomem(e);
}

const as_code_entry *as_code_list_find_in(const as_code_list *l, as_str raw,
                                          as_code_status *status, as_buf *tmp)
{
    as_str text = as_str_trim(raw);
    const as_code_entry *entry = find_slot(l->index, text, false)->entry;
    as_code_status found = AS_CODE_EXACT;
    if (!entry) {
        size_t start = tmp->len;
        as_text_fold(tmp, text);
        if (!tmp->failed) {
            as_str folded = {tmp->ptr ? tmp->ptr + start : "", tmp->len - start};
            entry = find_slot(l->index, folded, true)->entry;
        }
        found = entry ? AS_CODE_VARIANT : AS_CODE_UNKNOWN;
    }
    if (status)
        *status = found;
    return entry;
}

const as_code_entry *as_code_list_find(const as_code_list *l, as_str raw,
                                       as_code_status *status)
{
    as_buf tmp = AS_BUF(4 * AS_FIELD_MAX);
    const as_code_entry *entry = as_code_list_find_in(l, raw, status, &tmp);
    as_buf_free(&tmp);
    return entry;
}
