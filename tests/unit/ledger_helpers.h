/* ledger_helpers.h: a folder and a ledger in it, for the tests of engine/ledger. */
#ifndef LEDGER_HELPERS_H
#define LEDGER_HELPERS_H

#include "unit/made_doc.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static char folder[64];
static char path[128];

static inline int setup(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/test_ledger_XXXXXX");
    if (!mkdtemp(folder)) {
        return -1;
    }
    snprintf(path, sizeof path, "%s/deep/er/ledger.db", folder);
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static inline void ok_at(as_code code, const as_err *e, int line)
{
    if (code != AS_OK) {
        print_error("line %d: code %d: %s\n", line, code, e->text);
    }
    assert_int_equal(code, AS_OK);
}
#define OK(call) ok_at((call), &e, __LINE__)
static inline void says_at(const as_err *e, const char *part, int line)
{
    if (!strstr(e->text, part)) {
        print_error("line %d: \"%s\" does not say \"%s\"\n", line, e->text, part);
    }
    assert_non_null(strstr(e->text, part));
}
#define SAYS(part) says_at(&e, (part), __LINE__)

static inline void same_at(as_str a, as_str b, int line)
{
    if (!as_str_eq(a, b)) {
        print_error("line %d: \"%.*s\" is not \"%.*s\"\n", line, AS_FMT(a), AS_FMT(b));
    }
    assert_true(as_str_eq(a, b));
}
#define SAME(a, b) same_at((a), (b), __LINE__)

static inline as_ledger *open_ledger(void)
{
    as_ledger *l = NULL;
    as_err e = {0};
    OK(as_ledger_open(&l, path, &e));
    return l;
}

/* A run of one rule "R" whose findings have these one-letter fingerprints. */
static inline as_doc small_run_of(as_ledger *l, const char *content, const char *id,
                                  const char *fingerprints, const char *status)
{
    as_err e = {0};
    static as_doc_rule rule;
    rule = (as_doc_rule){.id = S("R"),
                         .severity = S("error"),
                         .status = as_str_from(status),
                         .findings = strlen(fingerprints)};
    as_doc doc = {.run = as_str_from(id),
                  .content = as_str_from(content),
                  .release = S("rel"),
                  .verdict = S("fail"),
                  .rules = &rule,
                  .rule_count = 1,
                  .findings = strlen(fingerprints)};
    OK(as_ledger_begin(l, &doc, &e));
    for (const char *p = fingerprints; *p; p++) {
        as_doc_finding f = {
            .rule = S("R"), .severity = S("error"), .key = {p, 1}, .fingerprint = {p, 1}};
        OK(as_ledger_finding(l, &f, &e));
    }
    OK(as_ledger_commit(l, &doc, &e));
    return doc;
}

/* The same of a run that does not say what it was made from. */
static inline as_doc small_run(as_ledger *l, const char *id, const char *fingerprints,
                               const char *status)
{
    return small_run_of(l, "", id, fingerprints, status);
}

/* The states of a run's findings in order, a letter each: n o r. */
static inline void states_of(as_ledger *l, uint64_t seq, char *out)
{
    as_err e = {0};
    as_finding_cursor *c;
    as_doc_finding f;
    bool got;
    OK(as_ledger_findings(l, seq, NULL, &c, &e));
    for (OK(as_ledger_next(c, &f, &got, &e)); got; OK(as_ledger_next(c, &f, &got, &e))) {
        *out++ = f.state.ptr[0];
    }
    *out = '\0';
    as_ledger_findings_close(c);
}

static inline void assert_states(as_ledger *l, const as_doc *doc, const char *letters,
                                 uint64_t gone)
{
    char have[64];
    states_of(l, doc->seq, have);
    assert_string_equal(have, letters);
    uint64_t n = 0, o = 0, r = 0;
    for (const char *p = letters; *p; p++) {
        n += *p == 'n';
        o += *p == 'o';
        r += *p == 'r';
    }
    assert_int_equal(doc->new_count, n);
    assert_int_equal(doc->open_count, o);
    assert_int_equal(doc->reopened_count, r);
    assert_int_equal(doc->gone_count, gone);
}

static inline void write_made(as_ledger *l, as_doc *doc)
{
    as_err e = {0};
    OK(as_ledger_begin(l, doc, &e));
    for (size_t i = 0; i < MADE_FINDINGS; i++) {
        OK(as_ledger_finding(l, &made_findings[i], &e));
    }
    OK(as_ledger_commit(l, doc, &e));
}

static inline size_t run_count(void)
{
    as_err e = {0};
    as_ledger *l = open_ledger();
    as_arena *a = as_arena_open();
    as_doc_list runs;
    OK(as_ledger_runs(l, a, &runs, &e));
    size_t n = runs.count;
    as_arena_close(a);
    as_ledger_close(l);
    return n;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
