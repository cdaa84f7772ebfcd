/* columns.c: which columns a file has, must have, must not have (names and addresses that are
 * to be redacted).
 *
 * It looks at the header alone, never at records. A name in the rule stands for a field of the
 * schema when it is the field's name or one of its headers, and then for the column under
 * whatever header the file has it; any other name is the text of a header. Both are compared
 * folded. */
#include "base/text.h"
#include "check/params.h"

typedef enum sort { REQUIRED, FORBIDDEN, ONLY } sort;

typedef struct wanted {
    as_str name; /* as the rule writes it */
    as_str folded;
    uint32_t field; /* or AS_NO_FIELD */
    sort sort;
} wanted;

typedef struct plan {
    wanted *items;
    size_t count, size;
    bool has_only;
} plan;

/* What describe needs; as_finding.detail is an index into an array of these. */
typedef struct detail {
    const wanted *wanted; /* NULL: a column that `only` does not name */
    as_str header;        /* as the file writes it; empty for a missing column */
} detail;

typedef struct details {
    detail *items;
    size_t count, size;
} details;

static as_str fold(as_arena *a, as_str s)
{
    as_buf buf = AS_BUF(AS_FIELD_MAX);
    as_text_fold(&buf, s);
    as_str out = buf.failed ? AS_NONE : as_arena_str(a, as_buf_str(&buf));
    as_buf_free(&buf);
    return out;
}

static as_str with_blanks(as_arena *a, as_str name)
{
    as_str out = as_arena_str(a, name);
    char *p = (char *)out.ptr;
    for (size_t i = 0; p && i < out.len; i++)
        if (p[i] == '_')
            p[i] = ' ';
    return out;
}

static bool field_answers(as_arena *a, const as_field *f, as_str folded)
{
    if (as_str_eq(folded, fold(a, f->name)) ||
        as_str_eq(folded, fold(a, with_blanks(a, f->name))))
        return true;
    for (size_t i = 0; i < f->header_count; i++)
        if (as_str_eq(folded, fold(a, f->headers[i])))
            return true;
    return false;
}

static uint32_t find_field(as_arena *a, const as_schema *s, as_str folded)
{
    for (uint32_t i = 0; s && i < s->count; i++)
        if (field_answers(a, &s->fields[i], folded))
            return i;
    return AS_NO_FIELD;
}

static bool add_wanted(as_bind *b, plan *p, const as_node *n, sort how)
{
    as_str text;
    if (!as_params_text(b, n, "columns", &text))
        return true;
    wanted w = {text, fold(b->arena, text), AS_NO_FIELD, how};
    if (!w.folded.ptr)
        return false;
    w.field = find_field(b->arena, b->schema, w.folded);
    p->items[p->count++] = w;
    return true;
}

static as_code add_list(as_bind *b, plan *p, const char *key, sort how, as_err *e)
{
    const as_node *n = as_params_get(b, key);
    if (!n)
        return AS_OK;
    if (n->kind != AS_NODE_SEQ || n->count == 0) {
        as_params_error(b, n, NULL, "columns: `%s` is a list of fields or headers", key);
        return AS_OK;
    }
    wanted *grown = AS_NEW_N(b->arena, wanted, p->count + n->count);
    if (!grown)
        return as_fail_nomem(e);
    if (p->count)
        memcpy(grown, p->items, p->count * sizeof *grown);
    p->items = grown;
    for (size_t i = 0; i < n->count; i++)
        if (!add_wanted(b, p, n->items[i], how))
            return as_fail_nomem(e);
    return AS_OK;
}

extern const as_check_kind as_check_columns;

static as_code bind(as_bind *b, void **out, as_err *e)
{
    plan *p = AS_NEW(b->arena, plan);
    if (!p)
        return as_fail_nomem(e);
    *out = p;
    if (!as_params_block(b, &as_check_columns))
        return AS_OK;
    if (b->where)
        as_params_error(b, b->rule->where, NULL,
                        "columns looks at the header; `where` would select records");
    as_code code = add_list(b, p, "required", REQUIRED, e);
    if (code == AS_OK)
        code = add_list(b, p, "forbidden", FORBIDDEN, e);
    if (code == AS_OK)
        code = add_list(b, p, "only", ONLY, e);
    p->has_only = as_params_get(b, "only") != NULL;
    if (code == AS_OK && b->rule->spec->count == 0)
        as_params_error(b, b->rule->spec, NULL,
                        "columns: say what is `required`, `forbidden` or the `only` columns");
    return code;
}

/* ---- eval ---- */

typedef struct header {
    as_str text, folded;
    uint32_t field; /* of the schema, or AS_NO_FIELD */
} header;

typedef struct headers {
    header *items;
    size_t count;
} headers;

static as_code read_headers(const as_table *t, as_arena *a, headers *out, as_err *e)
{
    size_t most = t->schema->count + t->report.extra_count;
    out->count = 0;
    out->items = AS_NEW_N(a, header, most ? most : 1);
    if (!out->items)
        return as_fail_nomem(e);
    for (uint32_t i = 0; i < t->schema->count; i++) {
        const as_column *c = &t->columns[i];
        if (c->present)
            out->items[out->count++] =
                (header){c->header.len ? c->header : t->schema->fields[i].name, AS_NONE, i};
    }
    for (size_t i = 0; i < t->report.extra_count; i++)
        out->items[out->count++] = (header){t->report.extra_headers[i], AS_NONE, AS_NO_FIELD};
    for (size_t i = 0; i < out->count; i++) {
        out->items[i].folded = fold(a, out->items[i].text);
        if (!out->items[i].folded.ptr)
            return as_fail_nomem(e);
    }
    return AS_OK;
}

static bool same(const wanted *w, const header *h)
{
    return as_str_eq(w->folded, h->folded) || (w->field != AS_NO_FIELD && w->field == h->field);
}

static bool report(as_result *out, details *d, detail x, uint32_t field)
{
    as_finding f = {AS_NO_ROW, field, AS_NO_ROW, (uint32_t)d->count};
    d->items[d->count++] = x;
    return as_findings_add(&out->findings, f);
}

static bool look_for(const wanted *w, const headers *h, as_result *out, details *d)
{
    bool found = false, ok = true;
    out->selected++;
    for (size_t i = 0; ok && i < h->count; i++) {
        if (!same(w, &h->items[i]))
            continue;
        found = true;
        if (w->sort == FORBIDDEN)
            ok = report(out, d, (detail){w, h->items[i].text}, h->items[i].field);
    }
    if (!found && w->sort == REQUIRED)
        ok = report(out, d, (detail){w, AS_NONE}, w->field);
    return ok;
}

static bool look_at(const header *h, const plan *p, as_result *out, details *d)
{
    out->selected++;
    for (size_t i = 0; i < p->count; i++)
        if (p->items[i].sort == ONLY && same(&p->items[i], h))
            return true;
    return report(out, d, (detail){NULL, h->text}, h->field);
}

static as_code eval(as_eval *ev, const as_bind *b, const void *plan_, as_result *out, as_err *e)
{
    const plan *p = plan_;
    const as_table *t;
    headers h;
    details d = {NULL, 0, 0};
    as_code code = as_eval_table(ev, b, b->rule->table, &t, e);
    if (code == AS_OK)
        code = read_headers(t, ev->arena, &h, e);
    if (code != AS_OK)
        return code;
    /* A name meets each header at most once, and `only` adds one for each header. */
    d.size = (p->count + 1) * (h.count + 1);
    d.items = AS_NEW_N(ev->arena, detail, d.size);
    bool ok = d.items != NULL;
    for (size_t i = 0; ok && i < p->count; i++)
        if (p->items[i].sort != ONLY)
            ok = look_for(&p->items[i], &h, out, &d);
    for (size_t i = 0; ok && p->has_only && i < h.count; i++)
        ok = look_at(&h.items[i], p, out, &d);
    out->state = d.items;
    return ok ? AS_OK : as_fail_nomem(e);
}

static as_code describe(const as_eval *ev, const as_bind *b, const void *plan_,
                        const as_result *r, const as_finding *f, as_evidence *out, as_err *e)
{
    (void)ev, (void)b, (void)plan_;
    const detail *d = &((const detail *)r->state)[f->detail];
    as_arena *a = out->arena;
    if (!d->wanted) {
        out->key = d->header;
        out->expected = AS_STR("only the columns that the rule names");
        out->sentence = as_arena_printf(
            a, "the file has a column \"%.*s\" that is not one of those allowed",
            AS_FMT(d->header));
    } else if (d->wanted->sort == REQUIRED) {
        out->key = d->wanted->name;
        out->expected = as_arena_printf(a, "a column \"%.*s\"", AS_FMT(d->wanted->name));
        out->sentence =
            as_arena_printf(a, "the file has no column \"%.*s\"", AS_FMT(d->wanted->name));
    } else {
        out->key = d->header;
        out->expected = as_arena_printf(a, "no column \"%.*s\"", AS_FMT(d->wanted->name));
        out->sentence = as_arena_printf(
            a, "the file has a column \"%.*s\", which must not be there", AS_FMT(d->header));
    }
    return out->expected.ptr && out->sentence.ptr ? AS_OK : as_fail_nomem(e);
}

static const as_param_doc params[] = {
    {"required", "list", false, "Columns that the file must have: names of fields or headers."},
    {"forbidden", "list", false,
     "Columns that the file must not have, such as names and addresses that are to be "
     "redacted."},
    {"only", "list", false, "The only columns that the file may have."},
    {NULL, NULL, false, NULL},
};

const as_check_kind as_check_columns = {
    .name = "columns",
    .summary = "columns that are missing, unexpected or forbidden",
    .detail =
        "Looks at the header of the table's file, not at its records. A name stands for "
        "a field of the schema\n"
        "where it is the field's name or one of its headers, under whatever header the "
        "file has it; any other\n"
        "name is the text of a header. Case and white space do not count. In the rule's own "
        "tests\n"
        "a key that is no field is a column of the file under this header.\n\n"
        "One finding for each column that is missing (`required`), present (`forbidden`) "
        "or not named (`only`).",
    .level = AS_LEVEL_TABLE,
    .needs_table = true,
    .params = params,
    .example = "rules:\n"
               "  - id: EX-COL-001\n"
               "    name: columns-redacted\n"
               "    title: The extract has no names of settings\n"
               "    why: Names of settings may identify children.\n"
               "    table: providers\n"
               "    columns: {required: [urn, provision_type], forbidden: [name, Address 1]}\n"
               "    flags:\n"
               "      - {urn: A1, provision_type: Children's home, name: Rose Cottage}\n"
               "      - {urn: A1, provision_type: Children's home, Address 1: Mill Lane}\n"
               "      - {urn: A1}\n"
               "    passes:\n"
               "      - {urn: A1, provision_type: Children's home}\n",
    .bind = bind,
    .eval = eval,
    .describe = describe,
};
