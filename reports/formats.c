/* formats.c: a first plain listing, until the formats of the house are there. */
#include "reports/report.h"
#include <stdio.h>
static as_code render(as_ledger *l, const as_doc *d, const as_report_options *o, as_out out,
                      as_err *e)
{
    char b[4096];
    for (size_t i = 0; i < d->rule_count; i++) {
        const as_doc_rule *r = &d->rules[i];
        if (as_str_eq(r->status, AS_STR("pass")) || as_str_eq(r->status, AS_STR("off")))
            continue;
        int n = snprintf(b, sizeof b, "%-8.*s %.*s  %.*s  %llu/%llu undecided %llu  %.*s\n",
                         AS_FMT(r->status), AS_FMT(r->id), AS_FMT(r->title),
                         (unsigned long long)r->findings, (unsigned long long)r->selected,
                         (unsigned long long)r->undecided, AS_FMT(r->note));
        out.write(out.arg, (as_str){b, (size_t)n < sizeof b ? (size_t)n : sizeof b - 1}, e);
        as_finding_cursor *c;
        as_finding_filter f = {.rule = r->id, .limit = 5};
        as_doc_finding x;
        bool got;
        (void)o;
        if (as_ledger_findings(l, d->seq, &f, &c, e) == AS_OK)
            while (as_ledger_next(c, &x, &got, e) == AS_OK && got) {
                n = snprintf(b, sizeof b, "    %.*s:%u [%.*s] %.*s\n", AS_FMT(x.file), x.line,
                             AS_FMT(x.key), AS_FMT(x.message));
                out.write(out.arg, (as_str){b, (size_t)n < sizeof b ? (size_t)n : sizeof b - 1},
                          e);
            }
        as_ledger_findings_close(c);
    }
    int n = snprintf(b, sizeof b, "%.*s %d, rules %zu findings %llu\n", AS_FMT(d->verdict),
                     d->exit_code, d->rule_count, (unsigned long long)d->findings);
    out.write(out.arg, (as_str){b, (size_t)n}, e);
    return AS_OK;
}
static const as_format t = {.name = "terminal", .render = render};
const as_format *const as_formats[] = {&t};
const size_t as_format_count = 1;
const as_format *as_format_find(as_str n)
{
    return as_str_eq(n, AS_STR("terminal")) ? &t : NULL;
}
