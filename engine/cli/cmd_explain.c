/* cmd_explain.c: everything about one rule, or one check kind: what it is, what it reads, and
 * what the last run says of it. Texts are wrapped to the terminal. */
#include "base/limits.h"
#include "base/text.h"
#include "cli/cli.h"

#include <stdarg.h>
#include <unistd.h>

static const as_option options[] = {
    {"release", 'r', "FILE",
     "The release or pack that has the rule. Default: what this folder holds."},
    AS_OPTION_LEDGER,
    AS_OPTIONS_END,
};

#define INDENT 11    /* what is said stands behind labels of ten letters */
#define KEYS_SHOWN 5 /* findings of the last run whose keys are named */
#define WIDTH_MIN 40
#define WIDTH_DEFAULT 100

/* ---- text that is wrapped ---- */

static size_t width_of(void)
{
    size_t width = as_cli_width();
    width = width ? width : WIDTH_DEFAULT;
    return width < WIDTH_MIN ? WIDTH_MIN : width;
}

/* Words of one line of text, wrapped; `at` is the column where the cursor stands. */
static void print_words(as_str line, size_t indent, size_t at)
{
    size_t width = width_of();
    bool first = true;
    while (line.len) {
        size_t blank = as_str_find(line, AS_STR(" "));
        as_str word = as_str_sub(line, 0, blank == (size_t)-1 ? line.len : blank);
        size_t len = as_text_length(word);
        if (!first && at + 1 + len > width) {
            printf("\n%*s", (int)indent, "");
            at = indent;
        } else if (!first) {
            putchar(' ');
            at++;
        }
        printf("%.*s", AS_FMT(word));
        at += len;
        first = false;
        line = blank == (size_t)-1 ? AS_NONE : as_str_sub(line, blank + 1, line.len);
    }
}

/* A label and what is said; lines of the text stay lines, and only a text of one is wrapped. */
static void say(const char *label, as_str text)
{
    bool lines = as_str_find(text, AS_STR("\n")) != (size_t)-1;
    if (text.len == 0) {
        return;
    }
    printf("%-*s", INDENT, label);
    if (!lines) {
        print_words(text, INDENT, INDENT);
    }
    for (size_t i = 0; lines && i < text.len; i++) {
        putchar(text.ptr[i]);
        if (text.ptr[i] == '\n' && i + 1 < text.len) {
            printf("%*s", INDENT, "");
        }
    }
    if (text.ptr[text.len - 1] != '\n') {
        putchar('\n');
    }
}

static void sayf(const char *label, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void sayf(const char *label, const char *fmt, ...)
{
    as_buf text = AS_BUF(AS_EVIDENCE_MAX);
    va_list ap;
    va_start(ap, fmt);
    as_buf_addv(&text, fmt, ap);
    va_end(ap);
    say(label, as_buf_str(&text));
    as_buf_free(&text);
}

/* ---- a kind ---- */

static int explain_kind(const as_check_kind *k)
{
    printf("%s: %s\n\n%s\n\n", k->name, k->summary, k->detail ? k->detail : "");
    for (const as_param_doc *p = k->params; p && p->name; p++) {
        printf("  %s (%s%s)\n      ", p->name[0] ? p->name : "(itself)", p->type,
               p->required ? ", required" : "");
        print_words(as_str_from(p->text), 6, 6);
        putchar('\n');
    }
    if (k->example) {
        printf("\nExample:\n%s\n", k->example);
    }
    return AS_EXIT_PASS;
}

/* ---- YAML on one line ---- */

static void write_node(as_buf *out, const as_node *n)
{
    if (n->kind == AS_NODE_SCALAR) {
        as_buf_add(out, n->text);
        return;
    }
    as_buf_addc(out, n->kind == AS_NODE_MAP ? '{' : '[');
    for (size_t i = 0; i < n->count; i++) {
        as_buf_addf(out, "%s", i ? ", " : "");
        if (n->kind == AS_NODE_MAP) {
            as_buf_addf(out, "%.*s: ", AS_FMT(n->pairs[i].key->text));
            write_node(out, n->pairs[i].value);
        } else {
            write_node(out, n->items[i]);
        }
    }
    as_buf_addc(out, n->kind == AS_NODE_MAP ? '}' : ']');
}

static void say_node(const char *label, const as_node *n)
{
    as_buf text = AS_BUF(AS_YAML_FILE_MAX);
    if (n) {
        write_node(&text, n);
        say(label, as_buf_str(&text));
    }
    as_buf_free(&text);
}

/* ---- a rule ---- */

static void print_cases(const char *label, const as_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t t = 0; t < cases[i].table_count; t++) {
            const as_case_table *table = &cases[i].tables[t];
            for (size_t r = 0; r < table->count; r++) {
                as_buf text = AS_BUF(AS_YAML_FILE_MAX);
                if (table->table.len) {
                    as_buf_addf(&text, "%.*s: ", AS_FMT(table->table));
                }
                write_node(&text, table->records[r]);
                say(label, as_buf_str(&text));
                as_buf_free(&text);
                label = "";
            }
        }
    }
}

static void say_steward(const as_rule *r)
{
    as_str contact = AS_NONE;
    for (size_t i = 0; r->pack && i < r->pack->steward_count; i++) {
        if (as_str_eq(r->pack->stewards[i].name, r->steward)) {
            contact = r->pack->stewards[i].contact;
        }
    }
    if (r->steward.len) {
        sayf("steward", "%.*s%s%.*s", AS_FMT(r->steward), contact.len ? ", " : "",
             AS_FMT(contact));
    }
}

static void say_reads(const as_explained *x)
{
    for (size_t i = 0; i < x->param_count; i++) {
        const as_param *p = x->params[i];
        sayf(i ? "" : "parameters", "$%.*s is %.*s (%s)", AS_FMT(p->name), AS_FMT(p->value),
             p->from);
    }
    for (size_t i = 0; i < x->measure_count; i++) {
        const as_measure *m = x->measures[i];
        as_buf text = AS_BUF(AS_YAML_FILE_MAX);
        as_buf_addf(&text, "%.*s: ", AS_FMT(m->name));
        write_node(&text, m->node);
        say(i ? "" : "measures", as_buf_str(&text));
        as_buf_free(&text);
    }
    for (size_t i = 0; i < x->read_count; i++) {
        say(i ? "" : "reads", x->reads[i]);
    }
}

static void say_rule(const as_rule *r, const as_explained *x)
{
    const as_check_kind *k = as_check_kind_find(r->kind);
    printf("%.*s  %.*s\n", AS_FMT(r->id), AS_FMT(r->name));
    print_words(r->title, 0, 0);
    printf("\n\n");
    say("why", r->why);
    say("source", r->source);
    sayf("severity", "%s", as_severity_name(r->severity));
    say_steward(r);
    say("table", r->table);
    say("looks at", x->where);
    say_node("", r->where);
    sayf("kind", "%.*s: %s", AS_FMT(r->kind), k ? k->summary : "");
    say("expects", x->expect);
    if (r->spec) {
        say_node("", r->spec);
    }
    say_reads(x);
    say("message", r->message);
    if (r->allow_set) {
        sayf("allows", "%g%s", r->allow, r->allow_percent ? "% of the records" : " findings");
    }
    if (r->off) {
        sayf("off", "%.*s", AS_FMT(r->off_reason.len ? r->off_reason : AS_STR("yes")));
    }
    if (r->at.file) {
        sayf("written in", "%s, line %u", r->at.file, r->at.line);
    }
    if (r->flag_count + r->pass_count) {
        printf("\nExamples of its own tests:\n");
        print_cases("flags", r->flags, r->flag_count);
        print_cases("passes", r->passes, r->pass_count);
    }
}

/* ---- the last result ---- */

static void say_keys(as_cli *c, as_ledger *l, const as_doc *doc, const as_doc_rule *r)
{
    as_finding_filter filter = {.rule = r->id, .limit = KEYS_SHOWN};
    as_finding_cursor *cursor = NULL;
    as_doc_finding f;
    as_err e = {0};
    bool got = true;
    uint64_t shown = 0;
    as_code code = as_ledger_findings(l, doc->seq, &filter, &cursor, &e);
    while (code == AS_OK && got) {
        code = as_ledger_next(cursor, &f, &got, &e);
        if (code == AS_OK && got) {
            as_str key = f.key_sensitive ? AS_STR("(masked)") : f.key;
            sayf(shown ? "" : "findings", "%.*s%s%.*s (%.*s)", AS_FMT(key),
                 f.field.len ? ", " : "", AS_FMT(f.field), AS_FMT(f.state));
            shown++;
        }
    }
    as_ledger_findings_close(cursor);
    if (code != AS_OK) {
        as_cli_error(c, &e);
    } else if (r->findings > shown) {
        sayf("", "and %llu more", (unsigned long long)(r->findings - shown));
    }
    if (shown) {
        const char *release = as_cli_option(c, "release");
        sayf("", "All of them: assay findings %.*s%s%s", AS_FMT(r->id),
             release ? " --release " : "", release ? release : "");
    }
}

static void add_count(as_buf *text, uint64_t n, const char *what)
{
    as_text_thousands(text, (int64_t)n);
    as_buf_addf(text, "%s", what);
}

static void say_result(as_cli *c, as_ledger *l, const as_doc *doc, const as_doc_rule *r)
{
    sayf("last run", "run %llu, %.*s: %.*s%s", (unsigned long long)doc->seq,
         AS_FMT(doc->started), AS_FMT(r->status), r->blocking ? ", and blocks" : "");
    as_buf text = AS_BUF(AS_MESSAGE_MAX);
    add_count(&text, r->findings, r->findings == 1 ? " finding among " : " findings among ");
    add_count(&text, r->selected, " looked at");
    if (r->undecided) {
        as_buf_add(&text, AS_STR(", "));
        add_count(&text, r->undecided, " undecided");
    }
    if (r->findings || r->gone_count) {
        as_buf_add(&text, AS_STR("; "));
        add_count(&text, r->new_count, " new, ");
        add_count(&text, r->open_count, " open, ");
        add_count(&text, r->reopened_count, " reopened, ");
        add_count(&text, r->gone_count, " gone");
    }
    say("", as_buf_str(&text));
    as_buf_free(&text);
    say("", r->note);
    for (size_t i = 0; i < r->bridge_count; i++) {
        say(i ? "" : "figures", r->bridge[i].sentence);
    }
    if (r->findings) {
        say_keys(c, l, doc, r);
    }
}

/* What the last run of this release in the ledger says of the rule. */
static void explain_result(as_cli *c, const as_project *p, const as_rule *rule)
{
    as_ledger *l = NULL;
    as_doc doc = {0};
    as_err e = {0};
    printf("\n");
    if (!p->node) {
        sayf("last run", "a pack has none; --release FILE shows that of a release");
        return;
    }
    const char *path = as_cli_ledger_path(c, p, as_cli_release_path(c, 0));
    if (access(path, F_OK) != 0) {
        sayf("last run", "no run in the ledger yet; `assay check` makes one");
        return;
    }
    as_code code = as_ledger_open_read(&l, path, &e);
    if (code == AS_OK) {
        code = as_ledger_read(l, c->arena, AS_NONE, p->release, &doc, &e);
    }
    const as_doc_rule *r = NULL;
    for (size_t i = 0; code == AS_OK && i < doc.rule_count; i++) {
        if (as_str_eq(doc.rules[i].id, rule->id)) {
            r = &doc.rules[i];
        }
    }
    if (r) {
        say_result(c, l, &doc, r);
    } else {
        sayf("last run", "%s", code == AS_OK ? "it did not have this rule" : e.text);
    }
    as_ledger_close(l);
}

static int explain_rule(as_cli *c, const as_project *p, const as_plan *plan, const as_rule *r)
{
    as_explained x;
    as_err e = {0};
    if (as_plan_explain(plan, r, c->arena, &x, &e) != AS_OK) {
        as_cli_error(c, &e);
        return AS_EXIT_USAGE;
    }
    say_rule(r, &x);
    explain_result(c, p, r);
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
        as_str kind = nearest_kind(id);
        return kind.len
                   ? as_cli_usage(c, "no check kind is called \"%.*s\" (did you mean %.*s?)",
                                  AS_FMT(id), AS_FMT(kind))
                   : AS_EXIT_USAGE;
    }
    const as_rule *r = as_project_rule(p, id);
    r = r ? r : as_plan_rule(plan, id);
    if (r) {
        return explain_rule(c, p, plan, r);
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
    .detail =
        "ID is a rule's id or name, also of a built-in one (providers.urn.type), or the name "
        "of a "
        "check kind (`assay rules\n"
        "--kinds`). Of a rule: why, where it comes from, what it looks at and expects in words "
        "and as written, its\n"
        "parameters, measures and fields, its own tests, and what the last run in the ledger "
        "says of it.",
    .options = options,
    .examples = "  assay explain CSC-PLC-001 --release rules/childrens-social-care\n  assay "
                "explain unique\n",
    .min_args = 1,
    .max_args = 1,
    .run = run_explain,
};
