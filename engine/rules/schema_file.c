/* schema_file.c: tables/NAME.yaml: what the fields of a table are called and what they hold.
 *
 * Code lists are linked after all packs are read (as_schemas_link), because a pack may use
 * another's lists. Until then as_field.list is NULL and the list's name waits in
 * as_load.awaited. */
#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "rules/load.h"

#include <stdlib.h>

const as_key_doc as_keys_schema[] = {
    {"table", "text", true, "The table's name, as the file is called."},
    {"title", "text", false, "What a record of it is."},
    {"source", "text", false, "Where it is from."},
    {"key", "texts", false, "The fields that together name a record."},
    {"nulls", "list", false, "Texts that mean that there is no value; default [\"\"]."},
    {"nulls.*", "value", false, "Such a text."},
    {"unpivot", "mapping", false,
     "Makes a wide table long: a record for each column not kept."},
    {"unpivot.keep", "texts", false, "Fields that stay as they are."},
    {"unpivot.name", "text", true, "The field that takes the column's header."},
    {"unpivot.value", "text", true, "The field that takes the cell."},
    {"unpivot.skip_null", "boolean", false, "Empty cells make no record; default true."},
    {"fields", "names", true, "The fields by their names in rules."},
    {"fields.*", "mapping or value", false, "One field."},
    {"fields.*.type", "enum:text|code|integer|number|date", false, "text where not given."},
    {"fields.*.list", "code list", false, "The code list of a field of type code."},
    {"fields.*.header", "texts", false,
     "Header names; the field's own name, also with blanks for `_`, always matches."},
    {"fields.*.required", "boolean", false, "The column must be there."},
    {"fields.*.sensitive", "boolean", false, "Masked in every report but the worklist."},
    {"fields.*.formats", "texts", false, "Of dates; default \"%d/%m/%Y\", \"%Y-%m-%d\"."},
    {"fields.*.nulls", "list", false, "Texts that mean null here, instead of the schema's."},
    {"fields.*.nulls.*", "value", false, "Such a text."},
    {"fields.*.strip", "text", false,
     "A regular expression; what matches is removed before typing."},
    {"fields.*.thousands", "text", false, "Separator in numbers, default \",\"; or none."},
    {"fields.*.trim", "boolean", false, "false keeps outer white space."},
    AS_KEYS_END};
static const char *const type_names[] = {"text", "code", "integer", "number", "date", NULL};
static const as_type type_values[] = {AS_TYPE_TEXT, AS_TYPE_CODE, AS_TYPE_INTEGER,
                                      AS_TYPE_NUMBER, AS_TYPE_DATE};

static const as_str default_nulls[] = {{"", 0}};
static const as_str default_formats[] = {{"%d/%m/%Y", 8}, {"%Y-%m-%d", 8}};

/* ---- one field ---- */

/* A key that only fields of some types may have. */
static void check_applies(as_load *l, const as_node *n, const char *key, bool applies,
                          const char *types)
{
    const as_node *at = as_node_key(n, key);
    if (at && !applies)
        as_load_error(l, at->at, as_load_hint(l, "is `type: %s` missing?", types),
                      "`%s` is for fields of type %s only", key, types);
}

static void read_formats(as_load *l, const as_node *n, as_field *f)
{
    f->formats = default_formats;
    f->format_count = sizeof default_formats / sizeof *default_formats;
    const as_str *texts;
    size_t count;
    if (!as_read_texts(l, n, "formats", "[\"%d/%m/%Y\"]", &texts, &count))
        return;
    for (size_t i = 0; i < count; i++)
        if (!as_date_format_ok(texts[i]))
            as_load_error(l, as_node_get(n, "formats")->items[i]->at,
                          "day, month and year, as \"%d/%m/%Y\", \"%Y-%m-%d\" or \"%d %B %Y\"",
                          "`%.*s` is not a date format", AS_FMT(texts[i]));
    f->formats = texts;
    f->format_count = count;
}

static void read_thousands(as_load *l, const as_node *n, as_field *f)
{
    as_str text = AS_NONE;
    f->thousands = ',';
    const as_node *at = as_node_get(n, "thousands");
    if (!at || !as_read_text(l, n, "thousands", &text))
        return;
    bool none = as_str_eq(text, AS_STR("none"));
    bool odd = text.len != 1 || strchr("0123456789+-.eE\"\n", text.ptr[0]) ||
               (unsigned char)text.ptr[0] >= 0x80;
    if (!none && odd)
        as_load_error(l, at->at,
                      "one character that is not part of a number, as \",\", or `none`",
                      "`thousands` cannot be `%.*s`", AS_FMT(text));
    else
        f->thousands = none ? '\0' : text.ptr[0];
}

static void read_strip(as_load *l, const as_node *n, as_field *f)
{
    as_str text = AS_NONE;
    as_err e = {0};
    if (!as_node_get(n, "strip") || !as_read_text(l, n, "strip", &text))
        return;
    as_code code = as_regex_compile(&f->strip, l->arena, text, 0, &e);
    if (code == AS_ENOMEM)
        as_load_nomem(l);
    else if (code != AS_OK)
        as_load_error(l, as_node_get(n, "strip")->at, "", "`strip`: %s", e.text);
}

static void await_list(as_load *l, const as_node *n, as_field *f)
{
    as_awaited_list *all = as_load_room(l, l->awaited, l->awaited_count, sizeof *all);
    if (!all)
        return;
    l->awaited = all;
    as_awaited_list *a = &all[l->awaited_count];
    if (as_need_text(l, n, "list", "a field of type code", &a->list)) {
        a->field = f;
        a->at = as_node_get(n, "list")->at;
        l->awaited_count++;
    }
}

static void read_type(as_load *l, const as_node *n, as_field *f)
{
    size_t type = 0;
    if (as_read_choice(l, n, "type", type_names, &type))
        f->type = type_values[type];
    bool number = f->type == AS_TYPE_INTEGER || f->type == AS_TYPE_NUMBER;
    check_applies(l, n, "list", f->type == AS_TYPE_CODE, "code");
    check_applies(l, n, "formats", f->type == AS_TYPE_DATE, "date");
    check_applies(l, n, "thousands", number, "integer or number");
    if (f->type == AS_TYPE_CODE && !as_node_get(n, "list"))
        as_load_error(l, n->at, "add `list: NAME`, or use `type: text`",
                      "field `%.*s` is a code without a code list", AS_FMT(f->name));
    else if (f->type == AS_TYPE_CODE)
        await_list(l, n, f);
}

static void read_null_tokens(as_load *l, const as_node *n, const as_str **out, size_t *count)
{
    const as_node *list = as_node_get(n, "nulls");
    if (list && list->kind == AS_NODE_SEQ && list->count == 0) {
        static const as_str none;
        *out = &none; /* `nulls: []`: no text is null */
        *count = 0;
        return;
    }
    const as_str *texts;
    size_t texts_count;
    if (as_read_texts(l, n, "nulls", "[\"\", N/A]", &texts, &texts_count)) {
        *out = texts;
        *count = texts_count;
    }
}

static bool field_name_free(as_load *l, const as_node *key)
{
    static const char *const words[] = {"any", "all", "not", NULL};
    if (!as_read_name(l, key, "a field"))
        return false;
    for (size_t i = 0; words[i]; i++) {
        if (as_str_eq(key->text, as_str_from(words[i]))) {
            as_load_error(l, key->at,
                          "choose another name and put the column's name into `header`",
                          "a field cannot be named `%s`: conditions use that word", words[i]);
            return false;
        }
    }
    return true;
}

static bool read_field(as_load *l, const as_pair *pair, as_field *f)
{
    const as_node *n = pair->value;
    if (!field_name_free(l, pair->key))
        return false;
    *f = (as_field){
        .name = pair->key->text, .trim = true, .thousands = ',', .at = pair->key->at};
    f->formats = default_formats;
    f->format_count = sizeof default_formats / sizeof *default_formats;
    if (as_node_is_null(n))
        return true;
    if (n->kind != AS_NODE_MAP) {
        as_load_error(l, n->at, as_load_hint(l, "write {type: text}"),
                      "field `%.*s` must be a mapping, not %s", AS_FMT(f->name),
                      as_node_kind_name(n));
        return true;
    }
    as_read_keys(l, n, as_keys_schema, "fields.*", "a field");
    read_type(l, n, f);
    read_formats(l, n, f);
    read_thousands(l, n, f);
    read_strip(l, n, f);
    as_read_texts(l, n, "header", "[Provider type]", &f->headers, &f->header_count);
    read_null_tokens(l, n, &f->nulls, &f->null_count);
    as_read_bool(l, n, "required", &f->required);
    as_read_bool(l, n, "sensitive", &f->sensitive);
    as_read_bool(l, n, "trim", &f->trim);
    return true;
}

static void read_fields(as_load *l, const as_node *root, as_schema *s)
{
    const as_node *n = as_node_get(root, "fields");
    if (!n || as_node_is_null(n) || (n->kind == AS_NODE_MAP && n->count == 0)) {
        as_load_error(l, n ? n->at : root->at, "write `fields: {NAME: {type: text}, …}`",
                      "schema `%.*s` has no fields", AS_FMT(s->name));
        return;
    }
    if (!as_read_map(l, n, "`fields`"))
        return;
    if (n->count > AS_COLUMNS_MAX) {
        as_load_error(l, n->at, "", "schema `%.*s` has more than %d fields", AS_FMT(s->name),
                      AS_COLUMNS_MAX);
        return;
    }
    s->fields = AS_NEW_N(l->arena, as_field, n->count);
    if (!s->fields) {
        as_load_nomem(l);
        return;
    }
    for (size_t i = 0; i < n->count; i++)
        s->count += read_field(l, &n->pairs[i], &s->fields[s->count]);
}

/* ---- what refers to fields ---- */

static uint32_t need_field(as_load *l, const as_schema *s, as_str name, as_span at,
                           const char *where)
{
    uint32_t f = as_schema_field(s, name);
    if (f != AS_NO_FIELD)
        return f;
    as_words known = {.arena = l->arena};
    for (size_t i = 0; i < s->count; i++)
        as_words_add(&known, s->fields[i].name);
    as_load_error(l, at, as_suggest(l->diags, name, known.items, known.count),
                  "`%s` names no field of `%.*s`: `%.*s`", where, AS_FMT(s->name),
                  AS_FMT(name));
    return AS_NO_FIELD;
}

static void read_key(as_load *l, const as_node *root, as_schema *s)
{
    const as_str *names;
    size_t count;
    if (!as_read_texts(l, root, "key", "[urn]", &names, &count))
        return;
    const as_node *list = as_node_get(root, "key");
    if (count > AS_KEY_FIELDS_MAX) {
        as_load_error(l, list->at, "", "a key of more than %d fields", AS_KEY_FIELDS_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t f = need_field(l, s, names[i], list->items[i]->at, "key");
        for (size_t j = 0; f != AS_NO_FIELD && j < s->key_count; j++) {
            if (s->key[j] == f) {
                as_load_error(l, list->items[i]->at, "", "`key` names `%.*s` twice",
                              AS_FMT(names[i]));
                f = AS_NO_FIELD;
            }
        }
        if (f != AS_NO_FIELD)
            s->key[s->key_count++] = f;
    }
}

/* `name` and `value` of unpivot: a field that is not one of those kept. */
static void read_unpivot_field(as_load *l, const as_node *n, const char *key,
                               const as_schema *s, as_str *out)
{
    if (!as_need_text(l, n, key, "`unpivot`", out))
        return;
    as_span at = as_node_get(n, key)->at;
    need_field(l, s, *out, at, key);
    for (size_t i = 0; i < s->unpivot.keep_count; i++)
        if (as_str_eq(s->unpivot.keep[i], *out))
            as_load_error(l, at, "a kept field stays as it is; name another one",
                          "`%s` and `keep` both name `%.*s`", key, AS_FMT(*out));
}

static void read_unpivot(as_load *l, const as_node *root, as_schema *s)
{
    const as_node *n = as_node_get(root, "unpivot");
    as_unpivot *u = &s->unpivot;
    if (!n || !as_read_map(l, n, "`unpivot`"))
        return;
    as_read_keys(l, n, as_keys_schema, "unpivot", "`unpivot`");
    u->on = true;
    u->skip_null = true;
    as_read_bool(l, n, "skip_null", &u->skip_null);
    if (as_read_texts(l, n, "keep", "[date]", &u->keep, &u->keep_count))
        for (size_t i = 0; i < u->keep_count; i++)
            need_field(l, s, u->keep[i], as_node_get(n, "keep")->items[i]->at, "keep");
    read_unpivot_field(l, n, "name", s, &u->name_to);
    read_unpivot_field(l, n, "value", s, &u->value_to);
    if (u->name_to.len && as_str_eq(u->name_to, u->value_to))
        as_load_error(l, as_node_get(n, "value")->at, "",
                      "`name` and `value` of `unpivot` are the same field");
}

/* ---- headers that two fields claim ---- */

typedef struct as_claim {
    as_str folded;
    const as_field *field;
    bool own; /* by its name, not under `header:` */
} as_claim;

/* Fields are of one array: in the order of the file. */
static int by_folded(const void *x, const void *y)
{
    const as_claim *a = x, *b = y;
    int c = as_str_cmp(a->folded, b->folded);
    if (c == 0)
        c = (a->field > b->field) - (a->field < b->field);
    return c ? c : a->own - b->own;
}

static size_t add_claim(as_load *l, as_claim *all, size_t n, as_claim claim)
{
    as_buf folded = AS_BUF(AS_YAML_FILE_MAX);
    as_text_fold(&folded, claim.folded);
    claim.folded = folded.failed ? AS_NONE : as_arena_str(l->arena, as_buf_str(&folded));
    as_buf_free(&folded);
    if (claim.folded.ptr)
        all[n++] = claim;
    else
        as_load_nomem(l);
    return n;
}

static size_t claim_field(as_load *l, as_claim *all, size_t n, const as_field *f)
{
    char *blanks = (char *)as_arena_str(l->arena, f->name).ptr;
    for (size_t i = 0; blanks && i < f->name.len; i++)
        if (blanks[i] == '_')
            blanks[i] = ' ';
    n = add_claim(l, all, n, (as_claim){f->name, f, true});
    n = add_claim(l, all, n, (as_claim){as_str_from(blanks), f, true});
    for (size_t i = 0; i < f->header_count; i++)
        n = add_claim(l, all, n, (as_claim){f->headers[i], f, false});
    return n;
}

/* In a table that is made long, only the columns that are kept have a field of their own. */
static bool has_column(const as_schema *s, const as_field *f)
{
    for (size_t i = 0; i < s->unpivot.keep_count; i++)
        if (as_str_eq(s->unpivot.keep[i], f->name))
            return true;
    return !s->unpivot.on;
}

/* A header belongs to one field. What an earlier field has under `header:` goes before the name
 * of a later one; every other claim of two is a mistake. */
static void check_claims(as_load *l, const as_schema *s)
{
    size_t most = 0, n = 0;
    for (size_t i = 0; i < s->count; i++)
        most += s->fields[i].header_count + 2;
    as_claim *all = AS_NEW_N(l->arena, as_claim, most + 1);
    if (!all) {
        as_load_nomem(l);
        return;
    }
    for (size_t i = 0; i < s->count; i++)
        if (has_column(s, &s->fields[i]))
            n = claim_field(l, all, n, &s->fields[i]);
    if (n > 1)
        qsort(all, n, sizeof *all, by_folded);
    for (size_t i = 1; i < n; i++) {
        const as_claim *a = &all[i - 1], *b = &all[i];
        if (a->field == b->field || !as_str_eq(a->folded, b->folded) || (!a->own && b->own))
            continue;
        as_load_error(l, b->field->at,
                      a->own && !b->own
                          ? as_load_hint(l, "write field `%.*s` above `%.*s`",
                                         AS_FMT(b->field->name), AS_FMT(a->field->name))
                          : "a header belongs to one field",
                      "fields `%.*s` and `%.*s` both claim the header `%.*s`",
                      AS_FMT(a->field->name), AS_FMT(b->field->name), AS_FMT(a->folded));
    }
}

/* ---- the whole ---- */

static bool add_schema(as_load *l, as_schema *s)
{
    const as_schema *other = as_project_schema(l->project, s->name);
    if (other) {
        as_load_error(l, s->at, "give one of them another name",
                      "schema `%.*s` is also in %s:%u", AS_FMT(s->name), other->at.file,
                      (unsigned)other->at.line);
        return false;
    }
    as_schema **all = as_load_room(l, l->pack->schemas, l->pack->schema_count, sizeof(void *));
    if (!all)
        return false;
    l->pack->schemas = all;
    all[l->pack->schema_count++] = s;
    return true;
}

void as_schema_read(as_load *l, const as_node *root, as_str name)
{
    as_str written = AS_NONE;
    as_schema *s = AS_NEW(l->arena, as_schema);
    if (!s) {
        as_load_nomem(l);
        return;
    }
    *s = (as_schema){.name = name,
                     .at = (as_node_get(root, "table") ? as_node_get(root, "table") : root)->at,
                     .nulls = default_nulls,
                     .null_count = 1};
    if (!as_read_root(l, root, as_keys_schema, "a schema"))
        return;
    if (as_need_text(l, root, "table", "the schema", &written) && !as_str_eq(written, name))
        as_load_error(l, as_node_get(root, "table")->at,
                      as_load_hint(l, "write `table: %.*s`", AS_FMT(name)),
                      "`table: %.*s` is in a file named %.*s.yaml", AS_FMT(written),
                      AS_FMT(name));
    as_read_text(l, root, "title", &s->title);
    as_read_text(l, root, "source", &s->source);
    read_null_tokens(l, root, &s->nulls, &s->null_count);
    read_fields(l, root, s);
    read_key(l, root, s);
    read_unpivot(l, root, s);
    check_claims(l, s);
    add_schema(l, s);
}

void as_schemas_link(as_load *l)
{
    for (size_t i = 0; i < l->awaited_count; i++) {
        const as_awaited_list *a = &l->awaited[i];
        as_code_list *list = as_project_list(l->project, a->list);
        a->field->list = list;
        if (list)
            list->used = true;
        else
            as_load_error(l, a->at, as_project_suggest(l->project, l->diags, "list", a->list),
                          "there is no code list `%.*s`", AS_FMT(a->list));
    }
}
