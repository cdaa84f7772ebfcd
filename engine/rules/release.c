/* release.c: release.yaml: what is about to be published. Reads everything but the packs'
 * contents; what refers to packs (`schema`, `params`, `rules`, `without`) is linked when they
 * are there. */
#include "rules/load.h"

const as_key_doc as_keys_release[] = {
    {"release", "text", true, "Title of the release."},
    {"as_at", "date", false, "Date of the snapshot, 2017-03-31."},
    {"period", "mapping", false, "The period that the flows are of."},
    {"period.from", "date", true, "Its first day."},
    {"period.to", "date", true, "Its last day."},
    {"produced_by", "text", false, "Who made the figures."},
    {"packs", "list", false, "Pack folders, from the folder of release.yaml."},
    {"packs.*", "text", false, "A pack folder."},
    {"tables", "names", false, "The release's tables."},
    {"tables.*", "mapping", false, "One table: its file and how that is written."},
    {"tables.*.file", "text", true, "The extract, from the folder of release.yaml."},
    {"tables.*.schema", "text", false, "The schema; that of the table's name where not given."},
    {"tables.*.range", "text", false, "Two corners with the header row, \"A6:Q13\"."},
    {"tables.*.sheet", "text", false, "The sheet of a workbook; the first where not given."},
    {"tables.*.encoding",
     "enum:auto|utf-8|windows-1252|utf-16|utf-16le|utf-16be|mac-roman|latin-1", false,
     "How its bytes are letters; found out where not given."},
    {"tables.*.delimiter", "text", false,
     "One character, or comma, semicolon, tab, bar; found out where not given."},
    {"tables.*.header", "text", false, "The number of the header row, from 1, or auto."},
    {"documents", "names", false, "Texts that are published beside the figures."},
    {"documents.*", "mapping", false, "One document: its file and how that is written."},
    {"documents.*.file", "text", true,
     "Plain text or Markdown, from the folder of release.yaml."},
    {"documents.*.encoding",
     "enum:auto|utf-8|windows-1252|utf-16|utf-16le|utf-16be|mac-roman|latin-1", false,
     "How its bytes are letters; found out where not given."},
    {"without", "mapping", false,
     "NAME: reason, for a table or document that the packs' rules use and this release does "
     "not "
     "have."},
    {"without.*", "text", false, "The reason."},
    {"params", "names", false, "Values that replace the packs' defaults."},
    {"params.*", "text", false, "The value."},
    {"rules", "mapping", false, "Changes to single rules, built-in ones too, by their ids."},
    {"rules.*", "mapping", false, "What is changed of this rule."},
    {"rules.*.off", "text", false, "The reason for which it is switched off."},
    {"rules.*.severity", "enum:error|warning|info", false, "Its severity in this release."},
    {"rules.*.allow", "text", false,
     "So many findings are tolerated: 3, or 0.5% of the records."},
    {"gate", "mapping", false, "What stops the release."},
    {"gate.fail_on", "enum:error|warning|info or mapping", false,
     "The least severity that stops it."},
    {"gate.fail_on.severity", "enum:error|warning|info", false,
     "The least severity that stops it; error where not given."},
    {"gate.fail_on.moves", "mapping", false,
     "What stops it besides, whatever its severity: a finding that moves published figures."},
    {"gate.fail_on.moves.any", "number", true, "So many of them, at least 1."},
    {"ledger", "text", false, "File of the ledger; default .assay/ledger.db."},
    {"decisions", "text", false,
     "File of acceptances; default decisions.yaml beside this file, where there is one."},
    {"sign_off", "mapping", false, "Who signs the release off."},
    {"sign_off.required", "boolean", false, "Whether the gate asks for it."},
    {"sign_off.allowed_signers", "text", false,
     "The file that lists who may sign, as ssh-keygen and git know it."},
    {"sign_off.roles", "mapping", false, "ROLE: who may sign in it."},
    {"sign_off.roles.*", "texts", false, "Their names in the file of signers."},
    AS_KEYS_END};
static const char *const encodings[] = {"auto",      "utf-8",    "windows-1252",
                                        "utf-16",    "utf-16le", "utf-16be",
                                        "mac-roman", "latin-1",  NULL};

/* ---- dates ---- */

static void read_period(as_load *l, const as_node *root)
{
    static const char *const ends[] = {"from", "to", NULL};
    as_project *p = l->project;
    const as_node *n = as_node_get(root, "period");
    if (!n || !as_read_map(l, n, "`period`"))
        return;
    as_read_keys(l, n, as_keys_release, "period", "`period`");
    for (size_t i = 0; ends[i]; i++)
        if (!as_node_get(n, ends[i]))
            as_load_error(l, n->at, "write {from: 2016-04-01, to: 2017-03-31}",
                          "`period` has no `%s`", ends[i]);
    bool from = as_read_date(l, n, "from", &p->period_from);
    bool to = as_read_date(l, n, "to", &p->period_to);
    if (from && to && p->period_from > p->period_to)
        as_load_error(l, as_node_get(n, "from")->at, "exchange them",
                      "`period` begins after it ends");
}

/* ---- tables ---- */

/* Column letters then a row: "Q13". Position behind it, or 0. */
static size_t cell_end(as_str s, size_t i, uint32_t *column, uint32_t *row)
{
    size_t begin = i;
    *column = *row = 0;
    for (; i < s.len && i - begin < 3; i++) {
        char c = (char)(s.ptr[i] & ~0x20);
        if (c < 'A' || c > 'Z')
            break;
        *column = *column * 26 + (uint32_t)(c - 'A' + 1);
    }
    size_t digits = i;
    for (; i < s.len && i - digits < 7 && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++)
        *row = *row * 10 + (uint32_t)(s.ptr[i] - '0');
    return *column && *row ? i : 0;
}

static void read_range(as_load *l, const as_node *n, as_source *s)
{
    const as_node *at = as_node_get(n, "range");
    uint32_t c1, r1, c2, r2;
    if (!at || !as_read_text(l, n, "range", &s->range))
        return;
    size_t i = cell_end(s->range, 0, &c1, &r1);
    bool good = i && i < s->range.len && s->range.ptr[i] == ':' &&
                cell_end(s->range, i + 1, &c2, &r2) == s->range.len;
    if (!good)
        as_load_error(l, at->at, "write two corners, as \"A6:Q13\"", "`range` cannot be `%.*s`",
                      AS_FMT(s->range));
    else if (c1 > c2 || r1 > r2)
        as_load_error(l, at->at, "the upper left corner comes first", "`range` `%.*s` is empty",
                      AS_FMT(s->range));
}

static void read_delimiter(as_load *l, const as_node *n, as_source *s)
{
    static const char *const names[] = {"auto", "comma", "semicolon", "tab", "bar", NULL};
    static const char chars[] = {0, ',', ';', '\t', '|'};
    const as_node *at = as_node_get(n, "delimiter");
    as_str text = AS_NONE;
    if (!at || !as_read_text(l, n, "delimiter", &text))
        return;
    for (size_t i = 0; names[i]; i++) {
        if (as_str_eq(text, as_str_from(names[i])) ||
            (i && text.len == 1 && text.ptr[0] == chars[i])) {
            s->delimiter = chars[i];
            return;
        }
    }
    bool odd = text.len != 1 || text.ptr[0] == '"' || text.ptr[0] == '\n' ||
               text.ptr[0] == '\r' || (unsigned char)text.ptr[0] >= 0x80;
    if (odd)
        as_load_error(l, at->at, "one character, or comma, semicolon, tab, bar, auto",
                      "`delimiter` cannot be `%.*s`", AS_FMT(text));
    else
        s->delimiter = text.ptr[0];
}

static void read_header(as_load *l, const as_node *n, as_source *s)
{
    const as_node *at = as_node_get(n, "header");
    as_str text = AS_NONE;
    int64_t row = 0;
    if (!at || !as_read_text(l, n, "header", &text) || as_str_eq(text, AS_STR("auto")))
        return;
    if (as_str_to_i64(text, &row) && row >= 1 && row <= 1048576)
        s->header = (uint32_t)row;
    else
        as_load_error(l, at->at, "the number of a row, from 1, or `auto`",
                      "`header` cannot be `%.*s`", AS_FMT(text));
}

void as_read_source(as_load *l, const as_node *n, const char *what, as_span at, as_source *out)
{
    size_t encoding = 0;
    out->at = at;
    out->encoding = AS_STR("auto");
    if (as_read_choice(l, n, "encoding", encodings, &encoding))
        out->encoding = as_str_from(encodings[encoding]);
    if (!as_need_text(l, n, "file", what, &out->path))
        return;
    out->at = as_node_get(n, "file")->at;
    out->open_path = as_path_join(l->arena, l->project->folder, out->path);
    if (!out->open_path.ptr)
        as_load_nomem(l);
}

static void read_table(as_load *l, const as_pair *pair)
{
    as_project *p = l->project;
    const as_node *n = pair->value;
    if (!as_read_name(l, pair->key, "a table"))
        return;
    if (n->kind != AS_NODE_MAP) {
        as_load_error(l, n->at, "write {file: extracts/NAME.csv}",
                      "table `%.*s` must be a mapping, not %s", AS_FMT(pair->key->text),
                      as_node_is_null(n) ? "empty" : as_node_kind_name(n));
        return;
    }
    as_release_table *all = as_load_room(l, p->tables, p->table_count, sizeof *all);
    if (!all)
        return;
    p->tables = all;
    as_release_table *t = &all[p->table_count++];
    t->name = pair->key->text;
    t->schema_name = t->name;
    as_read_keys(l, n, as_keys_release, "tables.*", "a table");
    as_read_text(l, n, "schema", &t->schema_name);
    as_read_text(l, n, "sheet", &t->source.sheet);
    read_range(l, n, &t->source);
    read_delimiter(l, n, &t->source);
    read_header(l, n, &t->source);
    as_read_source(l, n, "a table", pair->key->at, &t->source);
}

static void read_tables(as_load *l, const as_node *root)
{
    const as_node *n = as_node_get(root, "tables");
    if (!n || !as_read_map(l, n, "`tables`"))
        return;
    for (size_t i = 0; i < n->count; i++)
        read_table(l, &n->pairs[i]);
}

/* ---- gate and sign-off ---- */

static void read_moves(as_load *l, const as_node *on)
{
    const as_node *n = as_node_get(on, "moves");
    as_str text = AS_NONE;
    int64_t any = 0;
    if (!n || !as_read_map(l, n, "`moves`"))
        return;
    as_read_keys(l, n, as_keys_release, "gate.fail_on.moves", "`moves`");
    const as_node *at = as_node_get(n, "any");
    if (!at)
        as_load_error(l, n->at, "write {any: 1}", "`moves` has no `any`");
    else if (as_read_text(l, n, "any", &text) && (!as_str_to_i64(text, &any) || any < 1))
        as_load_error(l, at->at, "how many published figures a finding moves, from 1",
                      "`any` cannot be `%.*s`", AS_FMT(text));
    else
        l->project->fail_on_moves = (uint64_t)any;
}

static void read_gate(as_load *l, const as_node *root)
{
    const as_node *n = as_node_get(root, "gate");
    if (!n || !as_read_map(l, n, "`gate`"))
        return;
    as_read_keys(l, n, as_keys_release, "gate", "`gate`");
    const as_node *on = as_node_get(n, "fail_on");
    if (!on || on->kind != AS_NODE_MAP) {
        as_read_severity(l, n, "fail_on", &l->project->fail_on);
        return;
    }
    as_read_keys(l, on, as_keys_release, "gate.fail_on", "`fail_on`");
    as_read_severity(l, on, "severity", &l->project->fail_on);
    read_moves(l, on);
}

static void read_roles(as_load *l, const as_node *n)
{
    if (!n || !as_read_map(l, n, "`roles`"))
        return;
    for (size_t i = 0; i < n->count; i++) {
        const as_str *names = NULL;
        size_t count = 0;
        as_str role = n->pairs[i].key->text;
        as_read_texts(l, n, role.ptr, "[second.analyst@example.org]", &names, &count);
    }
}

static void record_signers(as_load *l, const as_node *n, as_str written)
{
    as_err e = {0};
    as_project_file file = {.path = written};
    file.open_path = as_path_join(l->arena, l->project->folder, written);
    if (!file.open_path.ptr) {
        as_load_nomem(l);
        return;
    }
    as_code code =
        as_file_digest(file.sha256, NULL, file.open_path.ptr, file.open_path.ptr, &e);
    if (code == AS_ENOMEM)
        as_load_nomem(l);
    else if (code == AS_OK)
        as_load_record(l, file, NULL, AS_STR("allowed_signers"));
    else
        as_load_error(l, n->at, "the file lists who may sign, as ssh-keygen and git know it",
                      "`allowed_signers`: %s", e.text);
}

static void read_sign_off(as_load *l, const as_node *root)
{
    const as_node *n = as_node_get(root, "sign_off");
    as_str signers = AS_NONE;
    bool required = false;
    if (!n || !as_read_map(l, n, "`sign_off`"))
        return;
    l->project->sign_off = n;
    as_read_keys(l, n, as_keys_release, "sign_off", "`sign_off`");
    as_read_bool(l, n, "required", &required);
    read_roles(l, as_node_get(n, "roles"));
    if (as_read_text(l, n, "allowed_signers", &signers) && signers.ptr)
        record_signers(l, as_node_get(n, "allowed_signers"), signers);
    if (required && !as_node_get(n, "allowed_signers"))
        as_load_error(l, n->at, "add `allowed_signers: FILE`",
                      "`sign_off` is required, but no file says who may sign");
}

/* ---- the whole ---- */

void as_release_read(as_load *l, const as_node *root)
{
    as_project *p = l->project;
    p->node = root;
    if (!as_read_root(l, root, as_keys_release, "a release file"))
        return;
    as_need_text(l, root, "release", "the release", &p->release);
    as_read_date(l, root, "as_at", &p->as_at);
    read_period(l, root);
    as_read_text(l, root, "produced_by", &p->produced_by);
    as_read_text(l, root, "ledger", &p->ledger);
    read_tables(l, root);
    as_documents_read(l, root);
    as_reasons_read(l, as_node_get(root, "without"), "`without`");
    read_gate(l, root);
    read_sign_off(l, root);
}
