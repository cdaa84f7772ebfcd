/* decision_file.c: decisions.yaml: acceptances that are kept beside the release, in version
 * control. What they mean together with those of the ledger is decide/'s. */
#include "base/limits.h"
#include "rules/load.h"

#include <unistd.h>

const as_key_doc as_keys_decisions[] = {
    {"decisions", "list", true, "Findings that are accepted, each with a reason and an end."},
    {"decisions.*", "mapping", false,
     "One acceptance: of a finding, of several, or of a rule's findings by a condition."},
    {"decisions.*.finding", "text", false, "The fingerprint of a finding, 32 digits."},
    {"decisions.*.findings", "texts", false, "Fingerprints of several findings."},
    {"decisions.*.rule", "text", false,
     "Id of a rule; with `where` and `at_most` its findings are accepted by a condition."},
    {"decisions.*.where", "condition", false,
     "Which of the rule's findings: a condition on the record of its table."},
    {"decisions.*.at_most", "number", false,
     "The most findings that may be covered; where there are more, none is."},
    {"decisions.*.reason", "text", true, "Why they are accepted."},
    {"decisions.*.until", "date", true, "The last day of it; they count again after."},
    {"decisions.*.by", "text", true, "Who decided."},
    AS_KEYS_END};

static const char what[] = "a decision";

bool as_is_fingerprint(as_str s)
{
    bool all = s.len == 32;
    for (size_t i = 0; all && i < s.len; i++)
        all = (s.ptr[i] >= '0' && s.ptr[i] <= '9') || (s.ptr[i] >= 'a' && s.ptr[i] <= 'f');
    return all;
}

static void check_fingerprint(as_load *l, const as_node *n)
{
    if (!as_is_fingerprint(n->text))
        as_load_error(
            l, n->at,
            "write the fingerprint in full, as `assay findings --format csv` shows it",
            "`%.*s` is no fingerprint (32 digits of 0-9a-f)", AS_FMT(n->text));
}

static void read_findings(as_load *l, const as_node *n, as_decided *d)
{
    const as_node *one = as_node_get(n, "finding"), *many = as_node_get(n, "findings");
    as_str text = AS_NONE;
    if (one && many) {
        as_load_error(l, one->at, "keep `findings`", "%s has `finding` and `findings`", what);
    } else if (one && as_read_text(l, n, "finding", &text) && text.ptr) {
        as_str *copy = AS_NEW(l->arena, as_str);
        if (!copy) {
            as_load_nomem(l);
            return;
        }
        *copy = text;
        d->findings = copy;
        d->finding_count = 1;
        check_fingerprint(l, one);
    } else if (many && as_read_texts(l, n, "findings", "[FINGERPRINT, FINGERPRINT]",
                                     &d->findings, &d->finding_count)) {
        for (size_t i = 0; i < many->count; i++)
            check_fingerprint(l, many->items[i]);
    }
}

static void read_rule(as_load *l, const as_node *n, as_decided *d)
{
    const as_node *most = as_node_get(n, "at_most");
    as_str text = AS_NONE;
    int64_t number = 0;
    as_need_text(l, n, "rule", what, &d->rule);
    d->where = as_node_get(n, "where");
    if (!d->where || d->where->kind != AS_NODE_MAP)
        as_load_error(l, d->where ? d->where->at : n->at, "write where: {places: 0}",
                      "%s by rule needs `where`, a condition", what);
    if (!most)
        as_load_error(l, n->at, "write at_most: 12",
                      "%s by rule needs `at_most`, the most findings it may cover", what);
    else if (as_read_text(l, n, "at_most", &text) &&
             (!as_str_to_i64(text, &number) || number < 1 || number > UINT32_MAX))
        as_load_error(l, most->at, "write a whole number from 1", "`at_most` cannot be `%.*s`",
                      AS_FMT(text));
    d->at_most = (uint64_t)number;
}

static void read_until(as_load *l, const as_node *n, as_decided *d)
{
    if (!as_node_get(n, "until")) {
        as_load_error(l, n->at, "write until: 2018-03-31", "%s has no `until`", what);
        return;
    }
    d->until = AS_DATE_NULL;
    as_read_date(l, n, "until", &d->until);
    if (d->until > as_date_add_years(as_date_today(), AS_ACCEPT_YEARS))
        as_load_error(l, as_node_get(n, "until")->at, "decide again then",
                      "`until` is more than %d years ahead", AS_ACCEPT_YEARS);
}

static void check_length(as_load *l, const as_node *n, const char *key, size_t max)
{
    const as_node *v = as_node_get(n, key);
    if (v && v->kind == AS_NODE_SCALAR && v->text.len > max)
        as_load_error(l, v->at, "shorten it", "`%s` has %zu bytes, more than %zu", key,
                      v->text.len, max);
}

static void read_one(as_load *l, const as_node *n)
{
    as_project *p = l->project;
    if (!as_read_map(l, n, what))
        return;
    as_decided *all = as_load_room(l, p->decided, p->decided_count, sizeof *all);
    if (!all)
        return;
    p->decided = all;
    as_decided *d = &all[p->decided_count++];
    d->at = n->at;
    as_read_keys(l, n, as_keys_decisions, "decisions.*", what);
    bool by_finding = as_node_get(n, "finding") || as_node_get(n, "findings");
    bool by_rule =
        as_node_get(n, "rule") || as_node_get(n, "where") || as_node_get(n, "at_most");
    if (by_finding == by_rule)
        as_load_error(l, n->at,
                      by_finding ? "keep one of the two"
                                 : "write finding: FINGERPRINT, or rule: ID with where and "
                                   "at_most",
                      by_finding ? "%s is by finding or by rule, not both"
                                 : "%s names neither a `finding` nor a `rule`",
                      what);
    else if (by_finding)
        read_findings(l, n, d);
    else
        read_rule(l, n, d);
    read_until(l, n, d);
    as_need_text(l, n, "reason", what, &d->reason);
    as_need_text(l, n, "by", what, &d->by);
    check_length(l, n, "reason", AS_REASON_MAX);
    check_length(l, n, "by", AS_WHO_MAX);
}

static void read_root(as_load *l, const as_node *root)
{
    const as_node *list;
    if (!as_read_root(l, root, as_keys_decisions, "a file of decisions"))
        return;
    list = as_node_get(root, "decisions");
    if (!list || (list->kind != AS_NODE_SEQ && !as_node_is_null(list))) {
        as_load_error(l, list ? list->at : root->at,
                      "write `decisions:` and a list, each with `- ` before it",
                      "a file of decisions has no list `decisions`");
        return;
    }
    for (size_t i = 0; list->kind == AS_NODE_SEQ && i < list->count; i++)
        read_one(l, list->items[i]);
}

void as_decisions_read(as_load *l)
{
    as_project *p = l->project;
    as_err e = {0};
    as_str written = AS_STR("decisions.yaml"), bytes;
    as_node *root = NULL;
    bool named = as_node_get(p->node, "decisions") != NULL;
    if (named && !as_need_text(l, p->node, "decisions", "the release", &written))
        return;
    as_project_file file = {.path = written};
    file.open_path = as_path_join(l->arena, p->folder, written);
    if (!file.open_path.ptr) {
        as_load_nomem(l);
        return;
    }
    if (!named && access(file.open_path.ptr, F_OK) != 0)
        return;
    const char *path = file.open_path.ptr;
    as_code code = as_file_read(&bytes, l->arena, path, path, AS_YAML_FILE_MAX, &e);
    if (!code)
        code = as_yaml_parse(&root, l->arena, bytes, path, &e);
    if (!code)
        code = as_sha256_of(bytes, file.sha256, &e);
    if (code == AS_ENOMEM) {
        as_load_nomem(l);
    } else if (code != AS_OK) {
        as_diags_error(l->diags, &e);
    } else if (as_load_record(l, file, NULL, AS_STR("decisions.yaml"))) {
        p->decisions_file = file.open_path;
        read_root(l, root);
    }
}
