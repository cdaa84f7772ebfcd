/* cmd_accept.c: findings that may be published as they are, with a reason and an end. */
#include "base/limits.h"
#include "cli/decide.h"

#define STRING_(x) #x
#define STRING(x) STRING_(x)

static const as_option options[] = {
    AS_OPTION_REASON,
    {"until", 0, "DATE",
     "Its last day, 2018-03-31: after today, at most " STRING(
         AS_ACCEPT_YEARS) " years ahead. Required."},
    AS_OPTION_AS,
    {"rule", 0, "ID", "Instead of FINDING: the findings of this rule, by --where."},
    {"where", 0, "CONDITION",
     "Which of the rule's findings: a condition on the record, as in rules: "
     "'{sector: Private, places: 0}'."},
    {"at-most", 0, "N", "The most findings that --where may cover; with more it covers none."},
    AS_OPTION_RELEASE,
    AS_OPTION_LEDGER,
    AS_OPTIONS_END,
};

static bool read_until(as_cli *c, as_date *out)
{
    const char *given = as_cli_option(c, "until");
    char today[AS_DATE_TEXT], last[AS_DATE_TEXT];
    as_date now = as_date_today(), end = as_date_add_years(now, AS_ACCEPT_YEARS);
    if (!given) {
        as_cli_usage(c, "--until is missing: an acceptance has an end");
        return false;
    }
    *out = as_date_parse(as_str_from(given), AS_STR("%Y-%m-%d"));
    if (*out == AS_DATE_NULL) {
        as_cli_usage(c, "--until is a date, as 2018-03-31, not \"%s\"", given);
    } else if (*out <= now) {
        as_cli_usage(c, "--until %s is not after today, %s", given, as_date_text(now, today));
    } else if (*out > end) {
        as_cli_usage(c, "--until %s is more than %d years ahead: %s at the latest", given,
                     AS_ACCEPT_YEARS, as_date_text(end, last));
    }
    return *out != AS_DATE_NULL && *out > now && *out <= end;
}

/* The condition is held against the rule's table now: nobody finds out at the next run. */
static bool condition_fits(as_cli *c, const as_deciding *x, const as_decision *d)
{
    const as_schema *schema = as_project_table_schema(x->project, d->about->table);
    if (!d->about->table.len || !schema) {
        as_cli_usage(c, "rule %.*s is about no table: accept its findings one by one",
                     AS_FMT(d->rule));
        return false;
    }
    as_cond_env env = {.project = x->project,
                       .self = schema,
                       .plain = AS_SIDE_SELF,
                       .arena = c->arena,
                       .diags = &c->diags};
    bool good = as_cond_parse(&env, d->where) != NULL;
    as_cli_diags(c);
    return good;
}

static bool read_condition(as_cli *c, const as_deciding *x, as_decision *d)
{
    const char *rule = as_cli_option(c, "rule"), *where = as_cli_option(c, "where");
    as_node *node = NULL;
    as_err e = {0};
    if (c->arg_count) {
        as_cli_usage(c, "name findings, or a --rule with --where: not both");
        return false;
    }
    if (!where || !rule || d->at_most == 0) {
        as_cli_usage(c, "--rule, --where and --at-most (from 1) go together");
        return false;
    }
    d->about = as_plan_rule(x->plan, as_str_from(rule));
    if (!d->about) {
        as_str near = as_project_nearest(x->project, "rule", as_str_from(rule));
        as_cli_usage(c,
                     near.len ? "no rule is called \"%s\" (did you mean %.*s?)"
                              : "no rule is called \"%s\"%.*s; `assay rules` lists them",
                     rule, AS_FMT(near));
        return false;
    }
    d->rule = d->about->id;
    if (as_yaml_parse(&node, c->arena, as_str_from(where), "--where", &e) != AS_OK) {
        as_cli_error(c, &e);
        return false;
    }
    d->where = node;
    if (node->kind != AS_NODE_MAP || node->count == 0) {
        as_cli_usage(c, "--where is a condition, as '{places: 0}'");
        return false;
    }
    return condition_fits(c, x, d);
}

static int run_accept(as_cli *c)
{
    as_decision d = {.kind = AS_DECIDE_ACCEPT};
    as_deciding x = {0};
    bool by_rule =
        as_cli_option(c, "rule") || as_cli_option(c, "where") || as_cli_option(c, "at-most");
    if (!by_rule && c->arg_count == 0) {
        return as_cli_usage(c, "`accept` needs a FINDING, or --rule with --where");
    }
    if (!read_until(c, &d.until) || !as_cli_number(c, "at-most", UINT32_MAX, &d.at_most) ||
        as_cli_deciding(c, &x, &d, true) != AS_EXIT_PASS) {
        return AS_EXIT_USAGE;
    }
    if (by_rule ? !read_condition(c, &x, &d) : as_cli_named(c, &x, &d, 0) != AS_EXIT_PASS) {
        return AS_EXIT_USAGE;
    }
    return as_cli_decide(c, &x, &d);
}

const as_command as_command_accept = {
    .name = "accept",
    .usage = "FINDING… | --rule ID --where CONDITION --at-most N",
    .summary = "accept findings, with a reason, until a date",
    .detail =
        "Says that findings may be published as they are. They are listed as before, but do "
        "not "
        "block until the\n"
        "acceptance ends; then they count again. FINDING is the fingerprint that `assay "
        "findings` "
        "shows, or six or more\n"
        "digits of it. With --rule and --where all findings of the rule whose "
        "record fits are accepted,\n"
        "later ones too, but never more than --at-most. The decision is kept in the ledger "
        "with "
        "who made it and why;\n"
        "`assay decisions withdraw` takes it back. docs/reference/decisions.md has more.",
    .options = options,
    .examples =
        "  assay accept 4f1c09 --reason \"re-registered, checked by phone\" --until 2018-03-31 "
        "\\\n    --as second.analyst@example.org\n"
        "  assay accept --rule CSC-PLC-001 --where '{provision_type: Secure training centre}' "
        "\\\n    --at-most 3 --reason \"places are not registered\" --until 2018-03-31 \\\n"
        "    --as second.analyst@example.org\n",
    .max_args = AS_ARGS_MAX,
    .run = run_accept,
};
