/* rule_file.c: a pack's *.yaml beside pack.yaml: `rules:` and `measures:`.
 *
 * Read here: what every rule has, and which check kind it is. What the kind's block means is
 * bound by the kind. A rule without id or kind does not become part of the project (its id is
 * remembered, so that naming it is not a second mistake). */
#include "base/buf.h"
#include "base/limits.h"
#include "base/text.h"
#include "rules/load.h"

const as_key_doc as_keys_rule_file[] = {
    {"rules", "list or value", false, "The rules."},
    {"rules.*", "@rule", false, "One expectation, with an id and one check kind."},
    {"measures", "names or value", false, "The measures by their names."},
    {"measures.*", "@measure", false, "A count, sum, mean or formula."},
    AS_KEYS_END};
const as_key_doc as_keys_rule[] = {
    {"id", "text", true, "Unique over all packs: CSC-PLC-001."},
    {"name", "text", false, "A short name that `--only` takes too: places-missing."},
    {"title", "text", false, "What holds where all is right, in one sentence."},
    {"why", "text", false, "What goes wrong in the published figures where it does not."},
    {"source", "text", false, "Where the expectation is written."},
    {"steward", "text", false, "Who corrects it: a name under `stewards` of pack.yaml."},
    {"severity", "enum:error|warning|info", false, "error where not given."},
    {"table", "table", false, "The table that the rule is about."},
    {"where", "condition", false, "Which records it looks at; all where not given."},
    {"message", "text", false, "The sentence of a finding, with {field} in it."},
    {"allow", "text", false, "So many findings are tolerated: 3, or 0.5% of the records."},
    {"on_empty", "enum:pass", false, "`pass`: nothing selected is a pass."},
    {"off", "text", false, "The reason for which it is switched off."},
    {"flags", "list", false, "The rule's own tests: what it must find."},
    {"flags.*", "test case", false, "A record, a list of records, or {tables: …}."},
    {"passes", "list", false, "The rule's own tests: what it must let through."},
    {"passes.*", "test case", false, "A record, a list of records, or {tables: …}."},
    {"reads", "fields", false, "With `lua`: the fields that the predicate reads."},
    {"per", "fields", false, "With `lua`: one call for each group with the same values."},
    {"order", "fields", false, "With `lua` and `per`: how the group's records stand."},
    AS_KEYS_END};
static const char *const lua_keys[] = {"reads", "per", "order", NULL};

static bool is_rule_key(as_str word)
{
    for (const as_key_doc *k = as_keys_rule; k->name; k++)
        if (as_key_under(k, "") && as_str_eq(word, as_str_from(k->name)))
            return true;
    return false;
}

static bool among(as_str word, const char *const *words)
{
    for (; words && *words; words++)
        if (as_str_eq(word, as_str_from(*words)))
            return true;
    return false;
}

/* ---- which kind ---- */

/* All of them: this is the word that a beginner looks for. */
static const char *kinds_hint(as_load *l)
{
    as_buf text = AS_BUF(AS_MESSAGE_MAX);
    as_buf_add(&text, AS_STR("it needs one of: "));
    for (size_t i = 0; l->kinds && l->kinds[i]; i++)
        as_buf_addf(&text, "%s%s", i ? ", " : "", l->kinds[i]);
    as_str hint = as_arena_str(l->arena, as_buf_str(&text));
    as_buf_free(&text);
    return hint.ptr ? hint.ptr : "";
}

static void unknown_key(as_load *l, const as_node *key, bool has_kind)
{
    as_words known = {.arena = l->arena};
    for (const as_key_doc *k = as_keys_rule; k->name; k++)
        if (as_key_under(k, ""))
            as_words_add(&known, as_str_from(k->name));
    for (size_t i = 0; l->kinds && l->kinds[i]; i++)
        as_words_add(&known, as_str_from(l->kinds[i]));
    bool near = as_text_nearest(key->text, known.items, known.count).ptr != NULL;
    as_load_error(l, key->at,
                  near || has_kind ? as_suggest(l->diags, key->text, known.items, known.count)
                                   : kinds_hint(l),
                  "unknown key `%.*s` in a rule", AS_FMT(key->text));
}

static bool has_kind(const as_load *l, const as_node *n)
{
    for (size_t i = 0; i < n->count; i++)
        if (among(n->pairs[i].key->text, l->kinds))
            return true;
    return false;
}

/* Finds the one kind; false: none, or several (reported). */
static bool read_kind(as_load *l, const as_node *n, as_rule *r)
{
    bool unknown = false;
    size_t kinds = 0;
    for (size_t i = 0; i < n->count; i++) {
        const as_pair *pair = &n->pairs[i];
        if (among(pair->key->text, l->kinds)) {
            if (kinds++)
                as_load_error(l, pair->key->at, "make two rules of it, each with its own id",
                              "rule `%.*s` has two check kinds, `%.*s` and `%.*s`",
                              AS_FMT(r->id), AS_FMT(r->kind), AS_FMT(pair->key->text));
            else
                r->spec = pair->value;
            if (kinds == 1)
                r->kind = pair->key->text;
        } else if (!is_rule_key(pair->key->text)) {
            unknown_key(l, pair->key, has_kind(l, n));
            unknown = true;
        }
    }
    if (kinds == 0 && !unknown)
        as_load_error(l, n->at, kinds_hint(l), "rule `%.*s` has no check kind", AS_FMT(r->id));
    for (size_t i = 0; lua_keys[i]; i++) {
        const as_node *key = as_node_key(n, lua_keys[i]);
        if (key && kinds && !as_str_eq(r->kind, AS_STR("lua")))
            as_load_error(l, key->at, "remove it",
                          "`%s` belongs to `lua` rules, and this one is `%.*s`", lua_keys[i],
                          AS_FMT(r->kind));
    }
    return kinds == 1;
}

static bool check_spec(as_load *l, const as_rule *r)
{
    if (!as_node_is_null(r->spec))
        return true;
    as_load_error(l, r->spec->at,
                  as_load_hint(l, "`assay explain %.*s` shows an example", AS_FMT(r->kind)),
                  "`%.*s` of rule `%.*s` is empty", AS_FMT(r->kind), AS_FMT(r->id));
    return false;
}

/* ---- what every rule has ---- */

static bool ends_as_builtin(as_str id)
{
    static const char *const endings[] = {".type", ".unknown", ".variant", ".ragged", NULL};
    for (size_t i = 0; endings[i]; i++)
        if (as_name_ends(id, endings[i]))
            return true;
    return false;
}

static bool id_chars_ok(as_str id)
{
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        bool letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && (i == 0 || (c != '-' && c != '_' && c != '.')))
            return false;
    }
    return id.len > 0 && id.len <= 100;
}

static bool read_id(as_load *l, const as_node *n, as_rule *r)
{
    if (!as_need_text(l, n, "id", "the rule", &r->id))
        return false;
    const as_node *at = as_node_get(n, "id");
    r->at = at->at;
    if (!id_chars_ok(r->id)) {
        as_load_error(
            l, at->at,
            "use letters, digits, `-`, `_` and `.`, a letter or digit first, at most 100",
            "`%.*s` cannot be the id of a rule", AS_FMT(r->id));
        return false;
    }
    if (ends_as_builtin(r->id)) {
        as_load_error(l, at->at, "choose another ending",
                      "`%.*s` has the form of a built-in rule's id", AS_FMT(r->id));
        return false;
    }
    return true;
}

/* A rule's `off`: the reason. */
static void read_off(as_load *l, const as_node *n, as_rule *r)
{
    const as_node *off = as_node_get(n, "off");
    bool flag = false;
    if (!off)
        return;
    if (as_node_bool(off, &flag) && !flag)
        return;
    r->off = true;
    if (flag || !as_read_text(l, n, "off", &r->off_reason) || as_str_trim(off->text).len == 0) {
        if (off->kind == AS_NODE_SCALAR && !as_node_is_null(off))
            as_load_error(l, off->at, "write the reason: `off: waiting for the 2018 register`",
                          "rule `%.*s` is off without a reason", AS_FMT(r->id));
        r->off_reason = AS_NONE;
    }
}

static void read_steward(as_load *l, const as_node *n, as_rule *r)
{
    if (!as_node_get(n, "steward") || !as_read_text(l, n, "steward", &r->steward))
        return;
    as_words known = {.arena = l->arena};
    for (size_t i = 0; i < l->pack->steward_count; i++) {
        if (as_str_eq(l->pack->stewards[i].name, r->steward))
            return;
        as_words_add(&known, l->pack->stewards[i].name);
    }
    const char *hint = known.count ? as_suggest(l->diags, r->steward, known.items, known.count)
                                   : "add `stewards: {NAME: contact}` to pack.yaml";
    as_load_error(l, as_node_get(n, "steward")->at, hint, "pack `%.*s` has no steward `%.*s`",
                  AS_FMT(l->pack->name), AS_FMT(r->steward));
}

static void read_where(as_load *l, const as_node *n, as_rule *r)
{
    const as_node *where = as_node_get(n, "where");
    if (!where)
        return;
    if (where->kind != AS_NODE_MAP)
        as_load_error(l, where->at, "write {field: value}",
                      "`where` must be a condition, not %s",
                      as_node_is_null(where) ? "empty" : as_node_kind_name(where));
    else
        r->where = where;
}

static void read_texts(as_load *l, const as_node *n, as_rule *r)
{
    as_read_text(l, n, "name", &r->name);
    as_read_text(l, n, "title", &r->title);
    as_read_text(l, n, "why", &r->why);
    as_read_text(l, n, "source", &r->source);
    as_read_text(l, n, "message", &r->message);
    as_read_text(l, n, "table", &r->table);
}

static void read_on_empty(as_load *l, const as_node *n, as_rule *r)
{
    static const char *const words[] = {"pass", NULL};
    size_t ignored;
    r->on_empty_pass = as_read_choice(l, n, "on_empty", words, &ignored);
}

static void remember_broken(as_load *l, const as_rule *r)
{
    if (r->id.len)
        as_words_add(&l->broken, r->id);
    else
        as_words_add(&l->broken, AS_STR("?"));
}

static void read_rule(as_load *l, const as_node *n)
{
    as_project *p = l->project;
    as_rule r = {.severity = AS_SEV_ERROR, .node = n, .pack = l->pack, .at = n->at};
    if (n->kind != AS_NODE_MAP) {
        as_load_error(l, n->at, "a rule begins with `- id: …`",
                      "a rule must be a mapping, not %s",
                      as_node_is_null(n) ? "empty" : as_node_kind_name(n));
        return;
    }
    bool good = read_id(l, n, &r);
    good &= read_kind(l, n, &r) && check_spec(l, &r);
    read_texts(l, n, &r);
    read_steward(l, n, &r);
    as_read_severity(l, n, "severity", &r.severity);
    read_where(l, n, &r);
    r.allow_set = as_read_allow(l, n, &r.allow, &r.allow_percent);
    read_on_empty(l, n, &r);
    read_off(l, n, &r);
    as_cases_read(l, &r, as_node_get(n, "flags"), "flags", &r.flags, &r.flag_count);
    as_cases_read(l, &r, as_node_get(n, "passes"), "passes", &r.passes, &r.pass_count);
    if (!good) {
        remember_broken(l, &r);
        return;
    }
    as_rule *all = as_load_room(l, p->rules, p->rule_count, sizeof *all);
    if (!all)
        return;
    p->rules = all;
    all[p->rule_count++] = r;
}

void as_rule_file_read(as_load *l, const as_node *root)
{
    if (!as_read_root(l, root, as_keys_rule_file, "a file of rules"))
        return;
    const as_node *rules = as_node_get(root, "rules");
    const as_node *measures = as_node_get(root, "measures");
    if (rules && rules->kind == AS_NODE_SEQ) {
        for (size_t i = 0; i < rules->count; i++)
            read_rule(l, rules->items[i]);
    } else if (rules && !as_node_is_null(rules)) {
        as_load_error(l, rules->at, "begin each rule with `- id: …`",
                      "`rules` must be a list, not %s", as_node_kind_name(rules));
    }
    if (measures && !as_node_is_null(measures))
        as_measures_read(l, measures);
    if (!rules && !measures)
        as_load_warn(l, root->at, "write `rules:` or `measures:`, or remove the file",
                     "a file without rules");
}
