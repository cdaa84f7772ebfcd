/* json_schema.c: a JSON Schema of the files that people write, for editors: made from the
 * tables of keys from which the readers check (rules/keys.h) and from the check kinds'
 * parameters.
 *
 * Draft 7, because every editor's YAML plug-in knows it. Scalars are texts to assay whatever
 * YAML takes them for, so a text may be a number or true to the schema. It says less than the
 * readers do: it knows no names of fields, tables or parameters. What it refuses, they refuse.
 *
 * Order: as_json_schema → forms (one definition for each table of keys) → words (definitions
 * that types name). */
#include "base/json.h"
#include "run/run.h"

#include <stdio.h>

#define NAME_SIZE 64
#define FORM "form-" /* a table of keys; a word may have the same name */

/* ---- words: what a type stands for ---- */

#define TEXT "{\"type\": [\"string\", \"number\", \"boolean\"]}"
#define PARAM "^\\\\$[A-Za-z_]"
#define DEF(name) "{\"$ref\": \"#/definitions/" name "\"}"

/* Each is a definition, whose JSON fits on a line; forms and conditions are made below. */
static const char *const words[][2] = {
    {"text", TEXT},
    {"value", "{\"type\": [\"string\", \"number\", \"boolean\", \"null\"]}"},
    {"texts", "{\"type\": \"array\", \"minItems\": 1, \"items\": " DEF("value") "}"},
    {"list", "{\"type\": \"array\"}"},
    {"mapping", "{\"type\": \"object\"}"},
    {"names", "{\"type\": \"object\", \"propertyNames\": "
              "{\"pattern\": \"^[A-Za-z_][A-Za-z0-9_]{0,99}$\"}}"},
    {"boolean", "{\"anyOf\": [{\"type\": \"boolean\"}, {\"type\": \"string\", \"pattern\": "
                "\"^(yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|true|false)$|" PARAM "\"}]}"},
    {"number", "{\"anyOf\": [{\"type\": \"number\"}, {\"type\": \"string\", \"pattern\": "
               "\"^\\\\s*[-+]?[0-9.][0-9.,]*([eE][-+]?[0-9]+)?\\\\s*%?\\\\s*$|" PARAM "\"}]}"},
    {"date", "{\"type\": \"string\", \"pattern\": "
             "\"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$|" PARAM "\"}"},
    {"field", TEXT},
    {"table", TEXT},
    {"measure", TEXT},
    {"code-list", TEXT},
    {"lua", "{\"type\": \"string\"}"},
    {"fields", "{\"anyOf\": [" DEF("field") ", {\"type\": \"array\", \"minItems\": 1, "
                                            "\"items\": " DEF("field") "}]}"},
    {"measures",
     "{\"anyOf\": [" DEF("measure") ", {\"type\": \"array\", \"items\": " DEF("measure") "}]}"},
    {"condition",
     "{\"type\": \"object\", \"minProperties\": 1, \"properties\": "
     "{\"any\": " DEF("conditions") ", \"all\": " DEF("conditions") ", \"not\": " DEF(
         "condition") "}, \"additionalProperties\": " DEF("test") "}"},
    {"conditions", "{\"type\": \"array\", \"minItems\": 1, \"items\": " DEF("condition") "}"},
    {"test",
     "{\"description\": \"A value, a list of values, null, present, or operators.\", "
     "\"anyOf\": [" DEF("value") ", {\"type\": \"array\", \"minItems\": 1, \"items\": " DEF(
         "text") "}, " DEF(FORM "operators") "]}"},
    {"record", "{\"type\": \"object\", \"additionalProperties\": " DEF("value") "}"},
    {"records", "{\"type\": \"array\", \"items\": " DEF("record") "}"},
    {"test-case", "{\"anyOf\": [" DEF("record") ", " DEF("records") ", " DEF(FORM "case") "]}"},
    {"codes",
     "{\"anyOf\": [" DEF("value") ", {\"type\": \"array\", \"items\": " DEF("value") "}]}"},
};
#define WORD_COUNT (sizeof words / sizeof *words)

/* The definition that a type names: "code list" is "code-list". False: no such word. */
static bool find_word(as_str type, char name[static NAME_SIZE])
{
    snprintf(name, NAME_SIZE, "%.*s", AS_FMT(type));
    for (char *c = name; *c; c++)
        if (*c == ' ')
            *c = '-';
    for (size_t i = 0; i < WORD_COUNT; i++)
        if (strcmp(name, words[i][0]) == 0)
            return true;
    return false;
}

/* ---- types ---- */

/* Where an entry stands: the table, the path of the entry in it. */
typedef struct as_place {
    const as_key_doc *keys;
    const char *path;
    bool kind; /* of a check kind: an enum may be a parameter */
} as_place;

static void put_object(as_json *j, as_place at, bool names);

static const as_key_doc *child_of(as_place at, const char *name)
{
    for (const as_key_doc *k = at.keys; k && k->name; k++) {
        const char *own = as_key_under(k, at.path);
        if (own && strcmp(own, name) == 0)
            return k;
    }
    return NULL;
}

static bool has_children(as_place at)
{
    for (const as_key_doc *k = at.keys; k && k->name; k++)
        if (as_key_under(k, at.path))
            return true;
    return false;
}

static void put_enum(as_json *j, as_str names, bool param)
{
    if (param) {
        as_json_open(j, "anyOf", '[');
        as_json_raw(j, NULL, "{\"type\": \"string\", \"pattern\": \"" PARAM "\"}");
        as_json_open(j, NULL, '{');
        put_enum(j, names, false);
        as_json_close(j, '}');
        as_json_close(j, ']');
        return;
    }
    as_json_open(j, "enum", '[');
    while (names.len) {
        size_t bar = as_str_find(names, AS_STR("|"));
        size_t len = bar == (size_t)-1 ? names.len : bar;
        as_json_text(j, NULL, as_str_sub(names, 0, len));
        names = as_str_sub(names, len + 1, names.len);
    }
    as_json_close(j, ']');
}

static void put_type(as_json *j, as_place at, const as_key_doc *k);

/* One type without its description, as the keywords of an object that is open. */
static void put_one(as_json *j, as_place at, as_str type)
{
    char name[NAME_SIZE];
    bool mapping = as_str_eq(type, AS_STR("mapping")), names = as_str_eq(type, AS_STR("names"));
    const as_key_doc *each = child_of(at, "*");
    if (type.len > 5 && memcmp(type.ptr, "enum:", 5) == 0) {
        put_enum(j, as_str_sub(type, 5, type.len), at.kind);
        return;
    }
    if (as_str_eq(type, AS_STR("list")) && each) {
        as_json_text(j, "type", AS_STR("array"));
        as_json_open(j, "items", '{');
        put_type(j, at, each);
        as_json_close(j, '}');
        return;
    }
    if ((mapping || names) && has_children(at)) {
        put_object(j, at, names);
        return;
    }
    bool form = type.len && type.ptr[0] == '@';
    if (!find_word(form ? as_str_sub(type, 1, type.len) : type, name) && !form)
        return; /* anything; tests/schema holds that no type is unknown */
    as_json_key(j, "$ref");
    as_buf_addf(j->out, "\"#/definitions/%s%s\"", form ? FORM : "", name);
}

/* What may stand under an entry. The types are alternatives. */
static void put_types(as_json *j, as_place at, const char *types)
{
    as_str rest = as_str_from(types);
    size_t or_ = as_str_find(rest, AS_STR(" or "));
    if (or_ == (size_t)-1) {
        put_one(j, at, rest);
        return;
    }
    as_json_open(j, "anyOf", '[');
    while (rest.len) {
        or_ = as_str_find(rest, AS_STR(" or "));
        size_t len = or_ == (size_t)-1 ? rest.len : or_;
        as_json_open(j, NULL, '{');
        put_one(j, at, as_str_sub(rest, 0, len));
        as_json_close(j, '}');
        rest = as_str_sub(rest, or_ == (size_t)-1 ? rest.len : len + 4, rest.len);
    }
    as_json_close(j, ']');
}

/* An entry as keywords of an object that is open. A $ref stands alone in draft 7, so that it is
 * wrapped where there is a description. */
static void put_type(as_json *j, as_place at, const as_key_doc *k)
{
    as_json_text(j, "description", as_str_from(k->text));
    as_json_open(j, "allOf", '[');
    as_json_open(j, NULL, '{');
    put_types(j, (as_place){at.keys, k->name, at.kind}, k->type);
    as_json_close(j, '}');
    as_json_close(j, ']');
}

static void put_properties(as_json *j, as_place at)
{
    for (const as_key_doc *k = at.keys; k->name; k++) {
        if (!as_key_under(k, at.path))
            continue;
        as_json_open(j, as_key_under(k, at.path), '{');
        put_type(j, at, k);
        as_json_close(j, '}');
    }
}

static void put_required(as_json *j, as_place at)
{
    as_json_open(j, "required", '[');
    for (const as_key_doc *k = at.keys; k->name; k++)
        if (k->required && as_key_under(k, at.path))
            as_json_text(j, NULL, as_str_from(as_key_under(k, at.path)));
    as_json_close(j, ']');
}

/* The keys under a path as keywords of an object that is open. */
static void put_object(as_json *j, as_place at, bool names)
{
    const as_key_doc *each = child_of(at, "*");
    as_json_text(j, "type", AS_STR("object"));
    if (names)
        as_json_raw(j, "propertyNames", "{\"pattern\": \"^[A-Za-z_][A-Za-z0-9_]{0,99}$\"}");
    if (each) {
        as_json_open(j, "additionalProperties", '{');
        put_type(j, at, each);
        as_json_close(j, '}');
        return;
    }
    put_required(j, at);
    as_json_open(j, "properties", '{');
    put_properties(j, at);
    as_json_close(j, '}');
    as_json_raw(j, "additionalProperties", "false");
}

/* ---- forms ---- */

/* What stands behind the kind's name: the block itself, a mapping of its settings, or either.
 */
static void put_kind(as_json *j, const as_check_kind *kind)
{
    as_place at = {kind->params, "", true};
    const as_key_doc *itself = NULL;
    for (const as_key_doc *k = kind->params; k->name && !itself; k++)
        itself = k->name[0] ? NULL : k;
    as_json_text(j, "description", as_str_from(kind->summary));
    as_json_open(j, "anyOf", '[');
    if (itself) {
        as_json_open(j, NULL, '{');
        put_type(j, at, itself);
        as_json_close(j, '}');
    }
    if (has_children(at)) {
        as_json_open(j, NULL, '{');
        put_object(j, at, false);
        as_json_close(j, '}');
    }
    as_json_close(j, ']');
}

static void put_required_one(as_json *j, const char *name)
{
    as_json_open(j, NULL, '{');
    as_json_open(j, "required", '[');
    as_json_text(j, NULL, as_str_from(name));
    as_json_close(j, ']');
    as_json_close(j, '}');
}

static void put_needs(as_json *j, const char *key, const char *needed)
{
    as_json_open(j, key, '[');
    as_json_text(j, NULL, as_str_from(needed));
    as_json_close(j, ']');
}

/* A rule is of exactly one kind. */
static void put_rule(as_json *j)
{
    as_place at = {as_keys_rule, "", false};
    as_kind_names kinds = as_check_names();
    as_json_text(j, "type", AS_STR("object"));
    put_required(j, at);
    as_json_open(j, "properties", '{');
    put_properties(j, at);
    for (size_t i = 0; kinds[i]; i++) {
        as_json_open(j, kinds[i], '{');
        put_kind(j, as_check_kind_find(as_str_from(kinds[i])));
        as_json_close(j, '}');
    }
    as_json_close(j, '}');
    as_json_raw(j, "additionalProperties", "false");
    as_json_open(j, "oneOf", '[');
    for (size_t i = 0; kinds[i]; i++)
        put_required_one(j, kinds[i]);
    as_json_close(j, ']');
    as_json_open(j, "dependencies", '{');
    put_needs(j, "reads", "lua");
    put_needs(j, "per", "lua");
    put_needs(j, "order", "lua");
    for (size_t i = 0; kinds[i]; i++)
        if (as_check_kind_find(as_str_from(kinds[i]))->needs_table)
            put_needs(j, kinds[i], "table");
    as_json_close(j, '}');
}

/* A measure is of exactly one sort. */
static void put_measure(as_json *j)
{
    static const char *const fields[] = {"sum", "mean", "distinct"};
    put_object(j, (as_place){as_keys_measure, "", false}, false);
    as_json_open(j, "oneOf", '[');
    put_required_one(j, "count");
    for (size_t i = 0; i < 3; i++)
        put_required_one(j, fields[i]);
    put_required_one(j, "formula");
    as_json_close(j, ']');
    as_json_open(j, "dependencies", '{');
    for (size_t i = 0; i < 3; i++)
        put_needs(j, fields[i], "of");
    as_json_close(j, '}');
}

static void put_operators(as_json *j)
{
    as_key_doc keys[64] = {AS_KEYS_END};
    for (size_t i = 0; i < 63 && as_key_operator(i); i++)
        keys[i] = *as_key_operator(i);
    put_object(j, (as_place){keys, "", false}, false);
    as_json_raw(j, "minProperties", "1");
}

typedef struct as_form {
    const char *name;
    const as_key_doc *keys;
    void (*make)(as_json *j); /* NULL: the keys say all */
    const char *first;        /* the key that tells a file of this form from the others */
} as_form;

/* Files come first, rules behind all: what is none of the others. */
static const as_form forms[] = {
    {"release", as_keys_release, NULL, "release"},
    {"pack", as_keys_pack, NULL, "pack"},
    {"decisions", as_keys_decisions, NULL, "decisions"},
    {"table", as_keys_schema, NULL, "table"},
    {"codelist", as_keys_code_list, NULL, "list"},
    {"rules", as_keys_rule_file, NULL, ""},
    {"rule", as_keys_rule, put_rule, NULL},
    {"measure", as_keys_measure, put_measure, NULL},
    {"case", as_keys_case, NULL, NULL},
    {"operators", NULL, put_operators, NULL},
    {"bound", as_keys_bound, NULL, NULL},
    {"other", as_keys_other, NULL, NULL},
    {"length", as_keys_length, NULL, NULL},
};
#define FORM_COUNT (sizeof forms / sizeof *forms)

bool as_json_schema_form(as_str name)
{
    for (size_t i = 0; i < FORM_COUNT; i++)
        if (forms[i].first && as_str_eq(name, as_str_from(forms[i].name)))
            return true;
    return false;
}

/* The file's form by the key that it has: one schema for every file. */
static void put_choice(as_json *j, size_t form)
{
    if (!forms[form].first[0]) {
        as_json_key(j, "$ref");
        as_buf_addf(j->out, "\"#/definitions/" FORM "%s\"", forms[form].name);
        return;
    }
    as_json_open(j, "if", '{');
    as_json_open(j, "required", '[');
    as_json_text(j, NULL, as_str_from(forms[form].first));
    as_json_close(j, ']');
    as_json_close(j, '}');
    as_json_open(j, "then", '{');
    as_json_key(j, "$ref");
    as_buf_addf(j->out, "\"#/definitions/" FORM "%s\"", forms[form].name);
    as_json_close(j, '}');
    as_json_open(j, "else", '{');
    put_choice(j, form + 1);
    as_json_close(j, '}');
}

static void put_definitions(as_json *j)
{
    as_json_open(j, "definitions", '{');
    for (size_t i = 0; i < FORM_COUNT; i++) {
        char name[NAME_SIZE];
        snprintf(name, sizeof name, FORM "%s", forms[i].name);
        as_json_open(j, name, '{');
        if (forms[i].make)
            forms[i].make(j);
        else
            put_object(j, (as_place){forms[i].keys, "", false}, false);
        as_json_close(j, '}');
    }
    for (size_t i = 0; i < WORD_COUNT; i++)
        as_json_raw(j, words[i][0], words[i][1]);
    as_json_close(j, '}');
}

as_code as_json_schema(as_str form, as_buf *out, as_err *e)
{
    as_json j = AS_JSON(out);
    as_json_open(&j, NULL, '{');
    as_json_text(&j, "$schema", AS_STR("http://json-schema.org/draft-07/schema#"));
    as_json_text(&j, "$comment", AS_STR("Made by `assay schema` of assay " ASSAY_VERSION "."));
    as_json_text(&j, "title",
                 form.len ? AS_STR("A file that assay reads")
                          : AS_STR("The files that assay reads"));
    as_json_open(&j, "allOf", '[');
    as_json_open(&j, NULL, '{');
    if (form.len) {
        as_json_key(&j, "$ref");
        as_buf_addf(out, "\"#/definitions/" FORM "%.*s\"", AS_FMT(form));
    } else {
        put_choice(&j, 0);
    }
    as_json_close(&j, '}');
    as_json_close(&j, ']');
    put_definitions(&j);
    as_json_close(&j, '}');
    as_buf_addc(out, '\n');
    return out->failed ? as_fail_nomem(e) : AS_OK;
}
