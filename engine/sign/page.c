/* page.c: a sign-off as a page, in Markdown or HTML, with the headings of a quality assurance
 * log: round, type, reviewers, dates, summary of findings, links, sign-off. What it says comes
 * from the signed statement; whether that still holds, from checking it. */
#include "base/limits.h"
#include "base/text.h"
#include "reports/text.h"
#include "sign/sign.h"

typedef struct page {
    as_buf *out;
    bool html;
} page;

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n<title>";
static const char style[] =
    "</title>\n<style>\nbody { font: 16px/1.4 sans-serif; max-width: 60em; margin: 2em auto; "
    "padding: 0 1em; color: #111 }\ntable { border-collapse: collapse; width: 100%; margin: "
    "1em "
    "0 }\nth, td { border: 1px solid #888; padding: .3em .5em; text-align: left; "
    "vertical-align: top }\n.long { overflow-wrap: anywhere }\nth { background: #eee }\n@media "
    "print { "
    "body { font-size: 11px; margin: 0 } tr { break-inside: avoid } h2 { break-after: avoid } "
    "}\n</style>\n</head>\n<body>\n";

enum { LONG_WORD = 25 };

/* ---- pieces ---- */

static void text(page *p, as_str s)
{
    p->html ? as_text_html(p->out, s) : as_text_markdown(p->out, s);
}

static void raw(page *p, const char *markdown, const char *html)
{
    as_buf_add(p->out, as_str_from(p->html ? html : markdown));
}

static void heading(page *p, const char *words)
{
    raw(p, "\n## ", "<h2>");
    as_buf_add(p->out, as_str_from(words));
    raw(p, "\n\n", "</h2>\n");
}

/* Columns by their headings, `|` between. */
static void table_open(page *p, const char *columns)
{
    as_buf line = AS_BUF(AS_KIB);
    raw(p, "", "<table>\n<thead><tr>");
    for (as_str rest = as_str_from(columns); rest.len || rest.ptr == columns;) {
        size_t bar = as_str_find(rest, AS_STR("|"));
        as_str one = bar == (size_t)-1 ? rest : as_str_sub(rest, 0, bar);
        raw(p, "| ", "<th scope=\"col\">");
        text(p, one);
        raw(p, " ", "</th>");
        as_buf_add(&line, AS_STR("|---"));
        rest = bar == (size_t)-1 ? AS_STR("") : as_str_sub(rest, bar + 1, rest.len);
    }
    raw(p, "|\n", "</tr></thead>\n<tbody>\n");
    if (!p->html) {
        as_buf_add(p->out, as_buf_str(&line));
        as_buf_add(p->out, AS_STR("|\n"));
    }
    p->out->failed = p->out->failed || line.failed;
    as_buf_free(&line);
}

static void row_open(page *p)
{
    raw(p, "", "<tr>");
}

/* Holds it a word (a digest, an address) that is wider than a column should be? Only there may
 * a browser break words: a column would else be as narrow as a letter. */
static bool long_word(as_str s)
{
    size_t run = 0;
    for (size_t i = 0; i < s.len && run < LONG_WORD; i++) {
        run = s.ptr[i] == ' ' ? 0 : run + 1;
    }
    return run >= LONG_WORD;
}

static void value_open(page *p, as_str s)
{
    raw(p, "| ", long_word(s) ? "<td class=\"long\">" : "<td>");
}

static void cell(page *p, as_str s)
{
    value_open(p, s);
    text(p, s);
    raw(p, " ", "</td>");
}

static void number(page *p, uint64_t n)
{
    as_buf digits = AS_BUF(AS_KIB);
    as_text_thousands(&digits, (int64_t)n);
    cell(p, as_buf_str(&digits));
    p->out->failed = p->out->failed || digits.failed;
    as_buf_free(&digits);
}

static void row_close(page *p)
{
    raw(p, "|\n", "</tr>\n");
}

static void table_close(page *p)
{
    raw(p, "", "</tbody>\n</table>\n");
}

static void row(page *p, const char *label, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
static void row(page *p, const char *label, const char *fmt, ...)
{
    as_buf value = AS_BUF(AS_MIB);
    va_list ap;
    va_start(ap, fmt);
    as_buf_addv(&value, fmt, ap);
    va_end(ap);
    raw(p, "| ", "<tr><th scope=\"row\">");
    text(p, as_str_from(label));
    raw(p, " ", "</th>");
    value_open(p, as_buf_str(&value));
    text(p, as_buf_str(&value));
    raw(p, " |\n", "</td></tr>\n");
    p->out->failed = p->out->failed || value.failed;
    as_buf_free(&value);
}

static void item(page *p, as_str s)
{
    raw(p, "- ", "<li>");
    text(p, s);
    raw(p, "\n", "</li>\n");
}

static void paragraph(page *p, as_str s)
{
    raw(p, "", "<p>");
    text(p, s);
    raw(p, "\n", "</p>\n");
}

/* ---- sections ---- */

static uint64_t rules_with(const as_doc *d, const char *status)
{
    uint64_t n = 0;
    for (size_t i = 0; i < d->rule_count; i++) {
        n += as_str_eq(d->rules[i].status, as_str_from(status));
    }
    return n;
}

static uint64_t findings_of(const as_doc *d, const char *severity)
{
    uint64_t n = 0;
    for (size_t i = 0; i < d->rule_count; i++) {
        n += as_str_eq(d->rules[i].severity, as_str_from(severity)) ? d->rules[i].findings : 0;
    }
    return n;
}

static void log_rows(page *p, const as_sign_off *s)
{
    const as_statement *t = &s->statement;
    const as_doc *d = &t->run;
    table_open(p, "Heading|Entry");
    row(p, "Round", "%llu", (unsigned long long)t->round);
    row(p, "Type",
        "Checks of the extracts before publication, run %llu (%.*s) with assay %.*s, reviewed "
        "by somebody who did not produce the figures",
        (unsigned long long)d->seq, AS_FMT(d->run), AS_FMT(d->assay));
    row(p, "Reviewers", "%.*s (%.*s); figures produced by %.*s", AS_FMT(t->signer),
        AS_FMT(t->role), AS_FMT(d->produced_by));
    row(p, "Dates", "as at %.*s; checked %.*s; signed %.*s", AS_FMT(d->as_at),
        AS_FMT(d->started), AS_FMT(t->signed_at));
    row(p, "Summary of findings",
        "%.*s%sVerdict: %.*s. %zu rules: %llu passed, %llu with findings, %llu off. Findings: "
        "%llu errors, %llu warnings, %llu for information; %llu accepted.",
        AS_FMT(t->summary), t->summary.len ? " " : "", AS_FMT(d->verdict), d->rule_count,
        (unsigned long long)rules_with(d, "pass"), (unsigned long long)rules_with(d, "fail"),
        (unsigned long long)rules_with(d, "off"), (unsigned long long)findings_of(d, "error"),
        (unsigned long long)findings_of(d, "warning"),
        (unsigned long long)findings_of(d, "info"), (unsigned long long)d->accepted);
    for (size_t i = 0; i < t->link_count; i++) {
        row(p, "Links", "%.*s", AS_FMT(t->links[i]));
    }
    if (t->link_count == 0) {
        row(p, "Links", "none given");
    }
    row(p, "Sign-off by", "%.*s, %.*s, %.*s%s%.*s", AS_FMT(t->signer), AS_FMT(t->role),
        AS_FMT(t->signed_at), s->key.len ? ", " : "", AS_FMT(s->key));
    table_close(p);
}

static void state(page *p, const as_sign_off *s)
{
    heading(p, "State");
    if (s->problems.count == 0) {
        paragraph(p,
                  AS_STR("Valid: the signature is good, and every file is as it was signed."));
        return;
    }
    paragraph(p, AS_STR("Not valid:"));
    raw(p, "\n", "<ul>\n");
    for (size_t i = 0; i < s->problems.count; i++) {
        item(p, s->problems.items[i]);
    }
    raw(p, "", "</ul>\n");
}

/* Rules that found something or were off: the others passed. */
static void rules(page *p, const as_doc *d)
{
    heading(p, "Rules that found something, or were off");
    if (rules_with(d, "off") == 0 && d->findings == 0) {
        paragraph(p, AS_STR("None."));
        return;
    }
    table_open(p, "Rule|Severity|Status|Findings|Accepted|What it asks, or why it is off");
    for (size_t i = 0; i < d->rule_count; i++) {
        const as_doc_rule *r = &d->rules[i];
        bool off = as_str_eq(r->status, AS_STR("off"));
        if (!off && r->findings == 0) {
            continue;
        }
        row_open(p);
        cell(p, r->id);
        cell(p, r->severity);
        cell(p, r->status);
        number(p, r->findings);
        number(p, r->accepted);
        cell(p, off && r->note.len ? r->note : r->title);
        row_close(p);
    }
    table_close(p);
}

static void acceptances(page *p, const as_doc *d)
{
    heading(p, "What was accepted, and why");
    if (d->decided_count == 0) {
        paragraph(p, AS_STR("Nothing."));
        return;
    }
    table_open(p, "Rule|Finding|Findings|Until|By|Decision");
    for (size_t i = 0; i < d->decided_count; i++) {
        const as_doc_decided *x = &d->decided[i];
        row_open(p);
        cell(p, x->rule);
        cell(p, x->finding.len ? x->finding : AS_STR("several"));
        number(p, x->count);
        cell(p, x->until);
        cell(p, x->who);
        cell(p, x->sentence);
        row_close(p);
    }
    table_close(p);
}

static void digests(page *p, const as_statement *t)
{
    heading(p, "What was signed");
    table_open(p, "Of|Digest or version");
    row(p, "Run", "%.*s", AS_FMT(t->run.run));
    row(p, "assay", "%.*s", AS_FMT(t->run.assay));
    row(p, "All rules", "sha256 %.*s", AS_FMT(t->run.rules_sha256));
    if (t->decisions_sha256.len) {
        row(p, "What is accepted", "sha256 %.*s", AS_FMT(t->decisions_sha256));
    }
    row(p, "Head of the ledger", "%.*s", AS_FMT(t->ledger_head));
    table_close(p);
    raw(p, "\n", "");
    table_open(p, "File|SHA-256");
    for (size_t i = 0; i < t->subjects.count; i++) {
        row_open(p);
        cell(p, t->subjects.items[i].name);
        cell(p, t->subjects.items[i].sha256);
        row_close(p);
    }
    table_close(p);
}

as_code as_sign_page(const as_sign_off *s, bool html, as_buf *out, as_err *e)
{
    page p = {out, html};
    if (!s->read) {
        return as_fail(e, AS_EINPUT, AS_NOWHERE, "%.*s; there is nothing to make a page of",
                       s->problems.count ? (int)s->problems.items[0].len : 0,
                       s->problems.count ? s->problems.items[0].ptr : "");
    }
    if (html) {
        as_buf_add(out, AS_STR(head));
        text(&p, s->statement.run.release);
        as_buf_add(out, AS_STR(style));
    }
    raw(&p, "# Sign-off: ", "<h1>Sign-off: ");
    text(&p, s->statement.run.release);
    raw(&p, "\n\n", "</h1>\n");
    log_rows(&p, s);
    state(&p, s);
    rules(&p, &s->statement.run);
    acceptances(&p, &s->statement.run);
    digests(&p, &s->statement);
    raw(&p, "", "</body>\n</html>\n");
    return out->failed ? as_fail_nomem(e) : AS_OK;
}
