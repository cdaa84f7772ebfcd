/* cmd_explain.c: everything about one rule, or one check kind. */
#include "base/text.h"
#include "cli/cli.h"
#include "rules/cond.h"

static const as_option options[] = {
    {"release", 'r', "FILE",
     "The release or pack that has the rule. Default: what this folder holds."},
    AS_OPTIONS_END,
};

static void line(const char *label, as_str text)
{
    if (text.len) {
        printf("%-10s %.*s\n", label, AS_FMT(text));
    }
}

static int explain_kind(const as_check_kind *k)
{
    printf("%s: %s\n\n%s\n\n", k->name, k->summary, k->detail ? k->detail : "");
    for (const as_param_doc *p = k->params; p && p->name; p++) {
        printf("  %-12s %-12s %s%s\n", p->name[0] ? p->name : "(itself)", p->type,
               p->required ? "required. " : "", p->text);
    }
    if (k->example) {
        printf("\nExample:\n%s\n", k->example);
    }
    return AS_EXIT_PASS;
}

static void print_node(const as_node *n, int indent)
{
    if (n->kind == AS_NODE_SCALAR) {
        printf("%.*s", AS_FMT(n->text));
        return;
    }
    printf(n->kind == AS_NODE_MAP ? "{" : "[");
    for (size_t i = 0; i < n->count; i++) {
        printf(i ? ", " : "");
        if (n->kind == AS_NODE_MAP) {
            printf("%.*s: ", AS_FMT(n->pairs[i].key->text));
            print_node(n->pairs[i].value, indent + 1);
        } else {
            print_node(n->items[i], indent + 1);
        }
    }
    printf(n->kind == AS_NODE_MAP ? "}" : "]");
}

static void print_node_line(const char *label, const as_node *n)
{
    if (n) {
        printf("%-10s ", label);
        print_node(n, 0);
        printf("\n");
    }
}

static void print_cases(const char *label, const as_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t t = 0; t < cases[i].table_count; t++) {
            const as_case_table *table = &cases[i].tables[t];
            for (size_t r = 0; r < table->count; r++) {
                printf("  %s %.*s%s", label, AS_FMT(table->table),
                       table->table.len ? ": " : "");
                print_node(table->records[r], 0);
                printf("\n");
            }
        }
    }
}

static int explain_rule(const as_rule *r)
{
    printf("%.*s  %.*s\n%.*s\n\n", AS_FMT(r->id), AS_FMT(r->name), AS_FMT(r->title));
    line("why", r->why);
    line("source", r->source);
    line("severity", as_str_from(as_severity_name(r->severity)));
    line("steward", r->steward);
    line("table", r->table);
    print_node_line("where", r->where);
    printf("%-10s %.*s\n", "kind", AS_FMT(r->kind));
    print_node_line("", r->spec);
    line("message", r->message);
    line("off", r->off ? r->off_reason : AS_NONE);
    printf("%-10s %s, line %u\n", "written in", r->at.file ? r->at.file : "", r->at.line);
    if (r->flag_count + r->pass_count) {
        printf("\nExamples of its own tests:\n");
        print_cases("flags ", r->flags, r->flag_count);
        print_cases("passes", r->passes, r->pass_count);
    }
    return AS_EXIT_PASS;
}

static as_str nearest_kind(as_str word)
{
    as_str names[64];
    size_t n = 0;
    for (; n < as_check_kind_count && n < 64; n++) {
        names[n] = as_str_from(as_check_kinds[n]->name);
    }
    return as_text_nearest(word, names, n);
}

static int run_explain(as_cli *c)
{
    as_str id = as_str_from(c->args[0]);
    const as_check_kind *k = as_check_kind_find(id);
    if (k) {
        return explain_kind(k);
    }
    as_project *p = NULL;
    as_plan *plan = NULL;
    const char *release = as_cli_option(c, "release");
    c->args[0] = release ? release : ".";
    if (as_cli_pack_or_release(c, &p, &plan) != AS_EXIT_PASS) {
        return AS_EXIT_USAGE;
    }
    const as_rule *r = as_project_rule(p, id);
    if (r) {
        return explain_rule(r);
    }
    as_str near = as_project_nearest(p, "rule", id);
    near = near.len ? near : nearest_kind(id);
    return as_cli_usage(
        c,
        near.len ? "no rule or check kind is called \"%.*s\" (did you mean %.*s?)"
                 : "no rule or check kind is called \"%.*s\"%.*s; `assay rules` lists them",
        AS_FMT(id), AS_FMT(near));
}

const as_command as_command_explain = {
    .name = "explain",
    .usage = "ID",
    .summary = "everything about one rule, or one check kind",
    .detail = "ID is a rule's id or name, or the name of a check kind (`assay rules --kinds`).",
    .options = options,
    .examples = "  assay explain CSC-PLC-001 --release rules/childrens-social-care\n  assay "
                "explain unique\n",
    .min_args = 1,
    .max_args = 1,
    .run = run_explain,
};
