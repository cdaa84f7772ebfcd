/* test_ledger.c: what goes into the ledger comes out again; states; and every way in which a
 * file, a disk or another process can say no. */
#include "base/alloc.h"
#include "embedded.h"
#include "unit/made_doc.h"
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];
static char path[128];

static int setup(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/test_ledger_XXXXXX");
    if (!mkdtemp(folder)) {
        return -1;
    }
    snprintf(path, sizeof path, "%s/deep/er/ledger.db", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

/* ---- helpers ---- */

static void ok_at(as_code code, const as_err *e, int line)
{
    if (code != AS_OK) {
        print_error("line %d: code %d: %s\n", line, code, e->text);
    }
    assert_int_equal(code, AS_OK);
}
#define OK(call) ok_at((call), &e, __LINE__)
static void says_at(const as_err *e, const char *part, int line)
{
    if (!strstr(e->text, part)) {
        print_error("line %d: \"%s\" does not say \"%s\"\n", line, e->text, part);
    }
    assert_non_null(strstr(e->text, part));
}
#define SAYS(part) says_at(&e, (part), __LINE__)

static void same_at(as_str a, as_str b, int line)
{
    if (!as_str_eq(a, b)) {
        print_error("line %d: \"%.*s\" is not \"%.*s\"\n", line, AS_FMT(a), AS_FMT(b));
    }
    assert_true(as_str_eq(a, b));
}
#define SAME(a, b) same_at((a), (b), __LINE__)

static as_ledger *open_ledger(void)
{
    as_ledger *l = NULL;
    as_err e = {0};
    OK(as_ledger_open(&l, path, &e));
    return l;
}

/* A run of one rule "R" whose findings have these one-letter fingerprints. */
static as_doc small_run(as_ledger *l, const char *id, const char *fingerprints,
                        const char *status)
{
    as_err e = {0};
    static as_doc_rule rule;
    rule = (as_doc_rule){.id = S("R"),
                         .severity = S("error"),
                         .status = as_str_from(status),
                         .findings = strlen(fingerprints)};
    as_doc doc = {.run = as_str_from(id),
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

/* The states of a run's findings in order, a letter each: n o r. */
static void states_of(as_ledger *l, uint64_t seq, char *out)
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

static void assert_states(as_ledger *l, const as_doc *doc, const char *letters, uint64_t gone)
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

static void write_made(as_ledger *l, as_doc *doc)
{
    as_err e = {0};
    OK(as_ledger_begin(l, doc, &e));
    for (size_t i = 0; i < MADE_FINDINGS; i++) {
        OK(as_ledger_finding(l, &made_findings[i], &e));
    }
    OK(as_ledger_commit(l, doc, &e));
}

static size_t run_count(void)
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

/* ---- what goes in comes out ---- */

static void same_finding(const as_doc_finding *a, const as_doc_finding *b)
{
    SAME(a->rule, b->rule);
    SAME(a->severity, b->severity);
    SAME(a->table, b->table);
    SAME(a->key, b->key);
    SAME(a->file, b->file);
    SAME(a->sheet, b->sheet);
    SAME(a->field, b->field);
    SAME(a->expected, b->expected);
    SAME(a->message, b->message);
    SAME(a->fingerprint, b->fingerprint);
    SAME(a->steward, b->steward);
    assert_int_equal(a->line, b->line);
    assert_int_equal(a->row, b->row);
    assert_int_equal(a->column, b->column);
    assert_int_equal(a->key_sensitive, b->key_sensitive);
    assert_int_equal(a->value_count, b->value_count);
    for (size_t i = 0; i < a->value_count; i++) {
        SAME(a->values[i].field, b->values[i].field);
        SAME(a->values[i].text, b->values[i].text);
        assert_int_equal(a->values[i].null, b->values[i].null);
        assert_int_equal(a->values[i].sensitive, b->values[i].sensitive);
    }
    assert_int_equal(a->record_count, b->record_count);
    for (size_t i = 0; i < a->record_count; i++) {
        SAME(a->records[i].table, b->records[i].table);
        SAME(a->records[i].key, b->records[i].key);
        SAME(a->records[i].file, b->records[i].file);
        assert_int_equal(a->records[i].line, b->records[i].line);
        assert_int_equal(a->records[i].row, b->records[i].row);
    }
}

static void same_bridge(const as_doc_bridge *a, const as_doc_bridge *b)
{
    assert_int_equal(a->group_count, b->group_count);
    for (size_t i = 0; i < a->group_count; i++) {
        SAME(a->fields[i], b->fields[i]);
        SAME(a->values[i], b->values[i]);
    }
    assert_true(a->opening == b->opening && a->plus == b->plus && a->minus == b->minus &&
                a->adjustments == b->adjustments && a->expected == b->expected &&
                a->closing == b->closing && a->residual == b->residual &&
                a->explained == b->explained && a->unexplained == b->unexplained);
    assert_int_equal(a->term_count, b->term_count);
    for (size_t i = 0; i < a->term_count; i++) {
        SAME(a->terms[i].name, b->terms[i].name);
        SAME(a->terms[i].label, b->terms[i].label);
        assert_true(a->terms[i].value == b->terms[i].value);
        assert_int_equal(a->terms[i].sign, b->terms[i].sign);
        SAME(a->terms[i].note, b->terms[i].note);
    }
    assert_int_equal(a->cause_count, b->cause_count);
    for (size_t i = 0; i < a->cause_count; i++) {
        SAME(a->causes[i].kind, b->causes[i].kind);
        SAME(a->causes[i].sentence, b->causes[i].sentence);
        assert_true(a->causes[i].effect == b->causes[i].effect);
        assert_int_equal(a->causes[i].record_count, b->causes[i].record_count);
        for (size_t j = 0; j < a->causes[i].record_count; j++) {
            SAME(a->causes[i].records[j], b->causes[i].records[j]);
        }
    }
    SAME(a->sentence, b->sentence);
}

static void same_rule(const as_doc_rule *a, const as_doc_rule *b)
{
    SAME(a->id, b->id);
    SAME(a->name, b->name);
    SAME(a->title, b->title);
    SAME(a->kind, b->kind);
    SAME(a->severity, b->severity);
    SAME(a->steward, b->steward);
    SAME(a->why, b->why);
    SAME(a->source, b->source);
    SAME(a->table, b->table);
    SAME(a->status, b->status);
    SAME(a->note, b->note);
    assert_int_equal(a->blocking, b->blocking);
    assert_int_equal(a->builtin, b->builtin);
    assert_int_equal(a->selected, b->selected);
    assert_int_equal(a->findings, b->findings);
    assert_int_equal(a->undecided, b->undecided);
    assert_int_equal(a->key_nulls, b->key_nulls);
    assert_int_equal(a->accepted, b->accepted);
    assert_int_equal(a->new_count, b->new_count);
    assert_int_equal(a->gone_count, b->gone_count);
    assert_int_equal(a->has_bridge, b->has_bridge);
    assert_int_equal(a->bridge_count, b->bridge_count);
    for (size_t i = 0; i < a->bridge_count; i++) {
        same_bridge(&a->bridge[i], &b->bridge[i]);
    }
}

static void a_run_comes_back_whole(void **state)
{
    (void)state;
    as_err e = {0};
    as_doc_rule rules[MADE_RULES];
    as_doc doc = made_doc(rules), back;
    as_ledger *l = open_ledger();
    write_made(l, &doc);
    assert_int_equal(doc.seq, 1);
    assert_int_equal(doc.new_count, 3);
    assert_int_equal(doc.previous, 0);
    as_ledger_close(l);

    OK(as_ledger_open_read(&l, path, &e));
    as_arena *a = as_arena_open();
    OK(as_ledger_read(l, a, S("last"), AS_NONE, &back, &e));
    SAME(back.run, doc.run);
    SAME(back.release, doc.release);
    SAME(back.release_file, doc.release_file);
    SAME(back.produced_by, doc.produced_by);
    SAME(back.as_at, doc.as_at);
    SAME(back.started, doc.started);
    SAME(back.assay, doc.assay);
    SAME(back.rules_sha256, doc.rules_sha256);
    SAME(back.verdict, doc.verdict);
    assert_int_equal(back.exit_code, 3);
    assert_int_equal(back.findings, 3);
    assert_int_equal(back.blocking, 3);
    assert_int_equal(back.new_count, 3);
    assert_int_equal(back.input_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const as_doc_input *x = &doc.inputs[i], *y = &back.inputs[i];
        SAME(x->table, y->table);
        SAME(x->file, y->file);
        SAME(x->sha256, y->sha256);
        SAME(x->encoding, y->encoding);
        assert_int_equal(x->rows, y->rows);
        assert_int_equal(x->bytes, y->bytes);
        assert_int_equal(x->banner_rows, y->banner_rows);
        assert_int_equal(x->blank_rows, y->blank_rows);
        assert_int_equal(x->blank_columns, y->blank_columns);
        assert_int_equal(x->header_row, y->header_row);
    }
    assert_int_equal(back.rule_count, MADE_RULES);
    for (size_t i = 0; i < MADE_RULES; i++) {
        same_rule(&doc.rules[i], &back.rules[i]);
    }
    as_finding_cursor *c;
    as_doc_finding f;
    bool got;
    OK(as_ledger_findings(l, back.seq, NULL, &c, &e));
    for (size_t i = 0; i < MADE_FINDINGS; i++) {
        OK(as_ledger_next(c, &f, &got, &e));
        assert_true(got);
        same_finding(&made_findings[i], &f);
        SAME(f.state, S("new"));
        assert_int_equal(f.id, i + 1);
    }
    OK(as_ledger_next(c, &f, &got, &e));
    assert_false(got);
    as_ledger_findings_close(c);
    as_arena_close(a);
    as_ledger_close(l);
}

/* Every odd thing that a cell can hold, over many blocks, with changing shapes. */
static void odd_finding(size_t i, as_doc_finding *f, as_doc_value *values,
                        as_doc_record *records, char *text)
{
    static char big[300000];
    memset(big, 'x', sizeof big);
    snprintf(text, 64, "key %zu", i);
    *f = (as_doc_finding){.rule = S("CSC-PLC-001"),
                          .severity = S("error"),
                          .key = as_str_from(text),
                          .line = (uint32_t)(i * 2654435761u),
                          .row = (uint32_t)(i * 40503u),
                          .column = (uint32_t)(i % 3),
                          .fingerprint = as_str_from(text),
                          .message = {"a\0b\xff\n\"", 6},
                          .key_sensitive = i % 5 == 0};
    f->value_count = i % 17;
    f->values = values;
    for (size_t j = 0; j < f->value_count; j++) {
        as_str all[] = {
            S(""), S("one"), S("two\nlines"), {big, 65 + i % 100}, as_str_from(text)};
        values[j] = (as_doc_value){as_str_from(j % 2 ? "odd" : "even"), all[(i + j) % 5],
                                   (i + j) % 7 == 0, j % 3 == 0};
        if (values[j].null) {
            values[j].text = AS_NONE;
        }
    }
    f->record_count = i % 4 == 3 ? i % 30 : 0;
    f->records = records;
    for (size_t j = 0; j < f->record_count; j++) {
        records[j] = (as_doc_record){S("t"), as_str_from(text), S("f.csv"),
                                     UINT32_MAX - (uint32_t)j, (uint32_t)(i * j)};
    }
    static char
        said[200]; /* sentences that fit a template, that stop fitting it, and bytes 1 */
    if (i % 3 == 0 && f->value_count > 2 && !values[2].null) {
        snprintf(said, sizeof said, "%s has %.*s\1\2", text, (int)(values[2].text.len % 90),
                 values[2].text.ptr);
        f->message = as_str_from(said);
    }
    if (i == 1000) {
        f->message = (as_str){big, sizeof big};
        f->expected = (as_str){big, 70000};
    }
    static const char *const hex[] = {
        "00112233445566778899aabbccddee00",
        "00112233445566ff",
        "00112233445566778899AABBCCDDEE00",
        "",
        "zz112233445566ff",
        "00112233445566778899aabbccddee0000112233445566778899aabbccddee00"};
    if (i % 2) {
        f->fingerprint = as_str_from(hex[i % 6]);
    }
}

static void odd_findings_come_back(void **state)
{
    (void)state;
    enum { N = 12000 };
    as_err e = {0};
    as_doc_rule rules[MADE_RULES];
    as_doc doc = made_doc(rules);
    as_ledger *l = open_ledger();
    as_doc_finding f, g;
    as_doc_value values[20];
    as_doc_record records[32];
    char text[64];
    OK(as_ledger_begin(l, &doc, &e));
    for (size_t i = 0; i < N; i++) {
        odd_finding(i, &f, values, records, text);
        OK(as_ledger_finding(l, &f, &e));
    }
    OK(as_ledger_commit(l, &doc, &e));
    as_finding_cursor *c;
    bool got;
    OK(as_ledger_findings(l, doc.seq, NULL, &c, &e));
    for (size_t i = 0; i < N; i++) {
        odd_finding(i, &f, values, records, text);
        OK(as_ledger_next(c, &g, &got, &e));
        assert_true(got);
        same_finding(&f, &g);
        assert_int_equal(g.id, i + 1);
    }
    OK(as_ledger_next(c, &g, &got, &e));
    assert_false(got);
    as_ledger_findings_close(c);
    as_ledger_close(l);
}

/* Rules that alternate still come back in the order of the rules, then as written. */
static void findings_come_in_rule_order(void **state)
{
    (void)state;
    as_err e = {0};
    as_doc_rule rules[MADE_RULES];
    as_doc doc = made_doc(rules);
    as_ledger *l = open_ledger();
    OK(as_ledger_begin(l, &doc, &e));
    static const int order[] = {2, 0, 2, 1};
    for (size_t i = 0; i < 4; i++) {
        OK(as_ledger_finding(l, &made_findings[order[i]], &e));
    }
    OK(as_ledger_commit(l, &doc, &e));
    static const int want[] = {0, 1, 2, 2};
    as_finding_cursor *c;
    as_doc_finding f;
    bool got;
    OK(as_ledger_findings(l, doc.seq, NULL, &c, &e));
    for (size_t i = 0; i < 4; i++) {
        OK(as_ledger_next(c, &f, &got, &e));
        assert_true(got);
        same_finding(&made_findings[want[i]], &f);
    }
    as_ledger_findings_close(c);
    as_ledger_close(l);
}

/* ---- states ---- */

static void states_over_three_runs(void **state)
{
    (void)state;
    as_ledger *l = open_ledger();
    as_doc d = small_run(l, "1", "abc", "fail");
    assert_states(l, &d, "nnn", 0);
    assert_int_equal(d.previous, 0);
    d = small_run(l, "2", "bd", "fail"); /* a and c are gone, d is new */
    assert_states(l, &d, "on", 2);
    assert_int_equal(d.previous, 1);
    d = small_run(l, "3", "adce", "fail"); /* a and c are back, b is gone */
    assert_states(l, &d, "rorn", 1);
    d = small_run(l, "4", "", "pass");
    assert_states(l, &d, "", 4);
    d = small_run(l, "5", "b", "fail"); /* gone since run 3 */
    assert_states(l, &d, "r", 0);
    assert_int_equal(d.previous, 4);
    /* Stored, not only counted. */
    char again[16];
    states_of(l, 3, again);
    assert_string_equal(again, "rorn");
    as_ledger_close(l);
}

static void repeated_fingerprints_count(void **state)
{
    (void)state;
    as_ledger *l = open_ledger();
    as_doc d = small_run(l, "1", "aab", "fail");
    d = small_run(l, "2", "aaab", "fail"); /* one more a */
    assert_states(l, &d, "oono", 0);
    d = small_run(l, "3", "ab", "fail"); /* two a fewer */
    assert_states(l, &d, "oo", 2);
    d = small_run(l, "4", "aaaab", "fail"); /* three were there once, the fourth never */
    assert_states(l, &d, "orrno", 0);
    as_ledger_close(l);
}

/* The second analyst checks the same content again: the same report. */
static void same_content_compares_alike(void **state)
{
    (void)state;
    as_ledger *l = open_ledger();
    as_doc d = small_run(l, "X", "ab", "fail");
    d = small_run(l, "X", "ab", "fail");
    assert_states(l, &d, "nn", 0);
    assert_int_equal(d.previous, 0);
    d = small_run(l, "Y", "b", "fail");
    assert_states(l, &d, "o", 1);
    assert_int_equal(d.previous, 2);
    d = small_run(l, "Y", "b", "fail");
    assert_states(l, &d, "o", 1);
    assert_int_equal(d.previous, 2);
    d = small_run(l, "X", "ab", "fail"); /* back to the old extract */
    assert_states(l, &d, "ro", 0);
    d = small_run(l, "X", "ab", "fail");
    assert_states(l, &d, "ro", 0);
    d = small_run(l, "Z", "ab", "fail");
    assert_states(l, &d, "oo", 0);
    as_ledger_close(l);
}

/* A rule that was off, empty or broken fixes nothing and makes nothing new. */
static void rules_not_evaluated_keep_their_findings(void **state)
{
    (void)state;
    static const char *const statuses[] = {"off", "empty", "error"};
    as_ledger *l = open_ledger();
    as_doc d = small_run(l, "1", "ab", "fail");
    for (size_t i = 0; i < 3; i++) {
        char id[] = {'x', (char)('a' + i), '\0'};
        d = small_run(l, id, "", statuses[i]);
        assert_states(l, &d, "", 0);
    }
    d = small_run(l, "2", "bc", "fail");
    assert_states(l, &d, "on", 1);
    as_ledger_close(l);
}

static void releases_do_not_mix(void **state)
{
    (void)state;
    as_err e = {0};
    as_ledger *l = open_ledger();
    as_doc d = small_run(l, "1", "ab", "fail");
    as_doc_rule rule = {.id = S("R"), .status = S("fail")};
    as_doc other = {.run = S("2"), .release = S("another"), .rules = &rule, .rule_count = 1};
    as_doc_finding f = {.rule = S("R"), .fingerprint = S("a")};
    OK(as_ledger_begin(l, &other, &e));
    OK(as_ledger_finding(l, &f, &e));
    OK(as_ledger_commit(l, &other, &e));
    assert_states(l, &other, "n", 0);
    d = small_run(l, "3", "a", "fail");
    assert_states(l, &d, "o", 1);
    assert_int_equal(d.previous, 1);
    as_ledger_close(l);
}

/* Against an oracle: random multisets over many runs, states found by reading all earlier runs.
 */
static void states_agree_with_plain_counting(void **state)
{
    (void)state;
    enum { RUNS = 40, LETTERS = 12 };
    static int had[RUNS][LETTERS];
    memset(had, 0, sizeof had);
    as_ledger *l = open_ledger();
    srand(7);
    for (int run = 0; run < RUNS; run++) {
        char fps[64], want[64], id[8];
        size_t n = 0;
        uint64_t gone = 0;
        for (int i = 0; i < rand() % 25; i++) {
            int x = rand() % LETTERS, ever = 0;
            for (int r = 0; r < run; r++) {
                ever = had[r][x] > ever ? had[r][x] : ever;
            }
            int prev = run ? had[run - 1][x] : 0, now = had[run][x]++;
            want[n] = now < prev ? 'o' : now < ever ? 'r' : 'n';
            fps[n++] = (char)('a' + x);
        }
        want[n] = fps[n] = '\0';
        for (int x = 0; x < LETTERS && run; x++) {
            gone +=
                (uint64_t)(had[run - 1][x] > had[run][x] ? had[run - 1][x] - had[run][x] : 0);
        }
        snprintf(id, sizeof id, "%d", run);
        as_doc d = small_run(l, id, fps, n ? "fail" : "pass");
        assert_states(l, &d, want, gone);
    }
    as_ledger_close(l);
}

/* ---- filters and which run ---- */

static size_t how_many(as_ledger *l, as_finding_filter filter)
{
    as_err e = {0};
    as_finding_cursor *c;
    as_doc_finding f;
    bool got = true;
    size_t n = 0;
    OK(as_ledger_findings(l, 1, &filter, &c, &e));
    while (got) {
        OK(as_ledger_next(c, &f, &got, &e));
        n += got;
    }
    as_ledger_findings_close(c);
    return n;
}

static void filters(void **state)
{
    (void)state;
    as_doc_rule rules[MADE_RULES];
    as_doc doc = made_doc(rules);
    as_ledger *l = open_ledger();
    write_made(l, &doc);
    assert_int_equal(how_many(l, (as_finding_filter){0}), 3);
    assert_int_equal(how_many(l, (as_finding_filter){.rule = S("CSC-PLC-001")}), 2);
    assert_int_equal(how_many(l, (as_finding_filter){.rule = S("CSC-PLC")}), 0);
    assert_int_equal(how_many(l, (as_finding_filter){.table = S("providers")}), 3);
    assert_int_equal(how_many(l, (as_finding_filter){.table = S("movements")}), 0);
    assert_int_equal(how_many(l, (as_finding_filter){.key = S("SC002")}), 1);
    assert_int_equal(how_many(l, (as_finding_filter){.key = S("1229766")}), 1); /* a member */
    assert_int_equal(how_many(l, (as_finding_filter){.severity = S("warning")}), 0);
    assert_int_equal(how_many(l, (as_finding_filter){.state = S("new")}), 3);
    assert_int_equal(how_many(l, (as_finding_filter){.state = S("open")}), 0);
    assert_int_equal(how_many(l, (as_finding_filter){.steward = S("registration")}), 2);
    assert_int_equal(how_many(l, (as_finding_filter){.limit = 1}), 1);
    assert_int_equal(how_many(l, (as_finding_filter){.limit = 9}), 3);
    assert_int_equal(
        how_many(l, (as_finding_filter){.steward = S("registration"), .key = S("SC001")}), 1);
    as_ledger_close(l);
}

static void which_run(void **state)
{
    (void)state;
    as_err e = {0};
    as_ledger *l = open_ledger();
    as_arena *a = as_arena_open();
    as_doc d;
    assert_int_equal(as_ledger_read(l, a, S(""), AS_NONE, &d, &e), AS_ELEDGER);
    SAYS("no run in this ledger yet");
    small_run(l, "abcd11", "a", "fail");
    small_run(l, "abcd22", "ab", "fail");
    small_run(l, "abcd11", "a", "fail");
    OK(as_ledger_read(l, a, S(""), AS_NONE, &d, &e));
    assert_int_equal(d.seq, 3);
    OK(as_ledger_read(l, a, S("last"), S("rel"), &d, &e));
    assert_int_equal(d.seq, 3);
    OK(as_ledger_read(l, a, S("2"), AS_NONE, &d, &e));
    SAME(d.run, S("abcd22"));
    OK(as_ledger_read(l, a, S("abcd1"), AS_NONE, &d, &e)); /* two runs of one id: the later */
    assert_int_equal(d.seq, 3);
    OK(as_ledger_read(l, a, S("abcd22"), AS_NONE, &d, &e));
    assert_int_equal(d.seq, 2);
    assert_int_equal(as_ledger_read(l, a, S("abcd"), AS_NONE, &d, &e), AS_EUSAGE);
    SAYS("may be run abcd11 or abcd22");
    assert_int_equal(as_ledger_read(l, a, S("abc"), AS_NONE, &d, &e), AS_EUSAGE);
    assert_int_equal(as_ledger_read(l, a, S("9"), AS_NONE, &d, &e), AS_EUSAGE);
    SAYS("there is no run \"9\"");
    assert_int_equal(as_ledger_read(l, a, S(""), S("other"), &d, &e), AS_ELEDGER);
    SAYS("no run of \"other\"");
    as_doc_list runs;
    OK(as_ledger_runs(l, a, &runs, &e));
    assert_int_equal(runs.count, 3);
    SAME(runs.items[1].run, S("abcd22"));
    assert_int_equal(runs.items[1].new_count, 1);
    as_arena_close(a);
    as_ledger_close(l);
}

/* ---- nothing half ---- */

static void abandoned_runs_leave_nothing(void **state)
{
    (void)state;
    as_err e = {0};
    as_doc_rule rules[MADE_RULES];
    as_doc doc = made_doc(rules);
    as_ledger *l = open_ledger();
    OK(as_ledger_begin(l, &doc, &e));
    OK(as_ledger_finding(l, &made_findings[0], &e));
    assert_int_equal(as_ledger_begin(l, &doc, &e), AS_ELEDGER); /* one at a time */
    as_ledger_abandon(l);
    as_ledger_abandon(l);
    assert_int_equal(as_ledger_finding(l, &made_findings[0], &e), AS_ELEDGER);
    assert_int_equal(as_ledger_commit(l, &doc, &e), AS_ELEDGER);
    OK(as_ledger_begin(l, &doc, &e));
    as_ledger_close(l); /* with a run open */
    assert_int_equal(run_count(), 0);
}

static void a_finding_of_no_rule_is_refused(void **state)
{
    (void)state;
    as_err e = {0};
    as_doc_rule rules[MADE_RULES];
    as_doc doc = made_doc(rules);
    as_ledger *l = open_ledger();
    as_doc_finding f = made_findings[0];
    f.rule = S("NOT-THERE");
    OK(as_ledger_begin(l, &doc, &e));
    OK(as_ledger_finding(l, &f, &e));
    assert_int_equal(as_ledger_commit(l, &doc, &e), AS_ELEDGER);
    SAYS("NOT-THERE");
    as_ledger_close(l);
    assert_int_equal(run_count(), 0);
}

static void a_killed_writer_leaves_no_trace(void **state)
{
    (void)state;
    as_ledger *l = open_ledger();
    small_run(l, "1", "ab", "fail");
    as_ledger_close(l);
    pid_t child = fork();
    if (child == 0) {
        as_err e = {0};
        as_doc_rule rules[MADE_RULES];
        as_doc doc = made_doc(rules);
        if (as_ledger_open(&l, path, &e) != AS_OK || as_ledger_begin(l, &doc, &e) != AS_OK) {
            _exit(1);
        }
        for (size_t i = 0; i < 100000; i++) { /* enough to spill out of SQLite's cache */
            as_ledger_finding(l, &made_findings[i % 2], &e);
        }
        kill(getpid(), SIGKILL);
    }
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(run_count(), 1);
    l = open_ledger();
    as_doc d = small_run(l, "2", "b", "fail");
    assert_int_equal(d.seq, 2);
    assert_states(l, &d, "o", 1);
    as_ledger_close(l);
}

static void two_writers(void **state)
{
    (void)state;
    enum { EACH = 15 };
    pid_t child = fork();
    as_ledger *l = open_ledger(); /* both may find no file and make it */
    for (int i = 0; i < EACH; i++) {
        char id[16];
        snprintf(id, sizeof id, "%d/%d", child == 0, i);
        small_run(l, id, "abc", "fail");
    }
    as_ledger_close(l);
    if (child == 0) {
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(run_count(), 2 * EACH);
}

static void a_locked_ledger_is_said(void **state)
{
    (void)state;
    as_err e = {0};
    as_doc_rule rules[MADE_RULES];
    as_doc doc = made_doc(rules);
    as_ledger *l = open_ledger(), *other = open_ledger();
    as_ledger_wait(other, 50);
    OK(as_ledger_begin(l, &doc, &e));
    assert_int_equal(as_ledger_begin(other, &doc, &e), AS_ELEDGER);
    SAYS("another process has been writing");
    as_arena *a = as_arena_open();
    as_doc_list runs;
    OK(as_ledger_runs(other, a, &runs, &e)); /* readers do not wait */
    as_arena_close(a);
    as_ledger_close(other);
    as_ledger_close(l);
}

/* ---- files that are no ledger ---- */

static void write_file(const char *name, const void *bytes, size_t n)
{
    FILE *f = fopen(name, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    fclose(f);
}

static void sql_file(const char *name, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(name, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void refused(const char *name, const char *part)
{
    as_err e = {0};
    as_ledger *l;
    assert_int_equal(as_ledger_open(&l, name, &e), AS_ELEDGER);
    SAYS(part);
    SAYS(name);
    assert_null(l);
    e.text[0] = '\0';
    assert_int_equal(as_ledger_open_read(&l, name, &e), AS_ELEDGER);
    SAYS(part);
    assert_null(l);
}

static void not_a_ledger(void **state)
{
    (void)state;
    as_err e = {0};
    as_ledger *l;
    char name[128];
    snprintf(name, sizeof name, "%s/x", folder);
    static const char text[] =
        "urn,places\nSC001,4\nThis is a spreadsheet, certainly no database.\n";
    write_file(name, text, sizeof text);
    refused(name, "this file is not a ledger");
    struct stat st;
    assert_int_equal(stat(name, &st), 0);
    assert_int_equal(st.st_size, sizeof text); /* left as it was */

    unlink(name);
    sql_file(name, "CREATE TABLE t (x); INSERT INTO t VALUES (1)");
    refused(name, "an SQLite database, but not a ledger");
    unlink(name);
    sql_file(
        name,
        "PRAGMA application_id = 1634956153; PRAGMA user_version = 99; CREATE TABLE t (x)");
    refused(name, "written by a newer assay (ledger version 99");
    unlink(name);

    write_file(name, "", 0);
    assert_int_equal(as_ledger_open_read(&l, name, &e), AS_ELEDGER);
    SAYS("empty");
    unlink(name);
    assert_int_equal(as_ledger_open_read(&l, name, &e), AS_ELEDGER);
    SAYS("there is no ledger here yet");
    assert_int_equal(access(name, F_OK), -1); /* reading makes no file */
    mkdir(name, 0777);
    refused(name, name);
    snprintf(name, sizeof name, "%s/x/%s", folder, "memory?#%.db"); /* an odd name is a name */
    OK(as_ledger_open(&l, name, &e));
    as_ledger_close(l);
    OK(as_ledger_open_read(&l, name, &e));
    as_ledger_close(l);
}

static void an_empty_file_becomes_a_ledger(void **state)
{
    (void)state;
    as_err e = {0};
    as_ledger *l;
    char name[128];
    snprintf(name, sizeof name, "%s/empty", folder);
    write_file(name, "", 0);
    OK(as_ledger_open(&l, name, &e));
    as_ledger_close(l);
    OK(as_ledger_open(&l, ":memory:", &e));
    small_run(l, "1", "a", "fail");
    as_ledger_close(l);
}

/* In a child without the rights of root: a folder that may only be read. */
static int as_nobody(void)
{
    as_err e = {0};
    as_ledger *l;
    char name[160];
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) {
        return 1;
    }
    snprintf(name, sizeof name, "%s/new.db", folder);
    if (as_ledger_open(&l, name, &e) != AS_ELEDGER || !strstr(e.text, "ermission denied")) {
        print_error("%s\n", e.text);
        return 2;
    }
    if (as_ledger_open(&l, path, &e) != AS_ELEDGER || !strstr(e.text, "may only be read")) {
        return 3;
    }
    if (as_ledger_open_read(&l, path, &e) != AS_OK) {
        return 4;
    }
    as_arena *a = as_arena_open();
    as_doc d;
    int bad = as_ledger_read(l, a, AS_STR(""), AS_NONE, &d, &e) != AS_OK || d.seq != 1;
    as_arena_close(a);
    as_ledger_close(l);
    return bad ? 5 : 0;
}

static void a_folder_that_may_only_be_read(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "%s/ledger.db", folder);
    as_ledger *l = open_ledger();
    small_run(l, "1", "a", "fail");
    as_ledger_close(l);
    chmod(path, 0444);
    chmod(folder, 0555);
    pid_t child = fork();
    if (child == 0) {
        _exit(as_nobody());
    }
    int status;
    waitpid(child, &status, 0);
    chmod(folder, 0755);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static int small_disk(sqlite3 *db, const char **why, const void *api)
{
    (void)why;
    (void)api;
    return sqlite3_exec(db, "PRAGMA max_page_count = 60", NULL, NULL, NULL);
}

static void a_full_disk_is_said(void **state)
{
    (void)state;
    as_err e = {0};
    as_doc_rule rules[MADE_RULES];
    as_doc doc = made_doc(rules);
    as_ledger *l = open_ledger();
    small_run(l, "1", "a", "fail");
    as_ledger_close(l);
    sqlite3_auto_extension((void (*)(void))small_disk);
    l = open_ledger();
    sqlite3_reset_auto_extension();
    OK(as_ledger_begin(l, &doc, &e));
    as_code code = AS_OK;
    for (size_t i = 0; i < 100000 && code == AS_OK; i++) {
        code = as_ledger_finding(l, &made_findings[0], &e);
    }
    assert_int_equal(code, AS_ELEDGER);
    SAYS("the disk is full");
    assert_int_equal(as_ledger_commit(l, &doc, &e), AS_ELEDGER); /* not the half of it */
    as_ledger_close(l);
    assert_int_equal(run_count(), 1);
}

/* ---- damage and want of memory ---- */

static void damaged_blocks_are_said(void **state)
{
    (void)state;
    as_err e = {0};
    as_doc_rule rules[MADE_RULES];
    as_doc doc = made_doc(rules);
    as_ledger *l = open_ledger();
    write_made(l, &doc);
    as_ledger_close(l);
    srand(3);
    size_t said = 0;
    for (int i = 0; i < 600; i++) {
        char sql[200];
        sql_file(path,
                 "CREATE TABLE IF NOT EXISTS kept AS SELECT * FROM finding_block;"
                 "UPDATE finding_block SET body = (SELECT body FROM kept k WHERE k.first = "
                 "finding_block.first)");
        snprintf(sql, sizeof sql,
                 "UPDATE finding_block SET body = CAST(substr(body, 1, %d) || x'%02x' || "
                 "substr(body, %d) AS BLOB)",
                 i % 300, rand() % 256, i % 300 + rand() % 3);
        sql_file(path, sql);
        OK(as_ledger_open_read(&l, path, &e));
        as_finding_cursor *c;
        as_doc_finding f;
        bool got = true;
        as_code code = as_ledger_findings(l, 1, NULL, &c, &e);
        while (code == AS_OK && got) {
            code = as_ledger_next(c, &f, &got, &e);
        }
        if (code != AS_OK) {
            said++;
            assert_int_equal(code, AS_ELEDGER);
            SAYS("damaged");
        }
        as_ledger_findings_close(c);
        as_ledger_close(l);
    }
    assert_true(said > 100);
}

static as_code write_and_read(as_err *e)
{
    as_doc_rule rules[MADE_RULES];
    as_doc doc = made_doc(rules), back;
    as_ledger *l = NULL;
    as_finding_cursor *c = NULL;
    as_doc_finding f;
    bool got = true;
    as_arena *a = NULL;
    as_code code = as_ledger_open(&l, ":memory:", e);
    for (int run = 0; run < 2 && code == AS_OK; run++) {
        doc.run = run ? AS_STR("second") : AS_STR("first");
        code = as_ledger_begin(l, &doc, e);
        for (size_t i = 0; i < MADE_FINDINGS && code == AS_OK; i++) {
            code = as_ledger_finding(l, &made_findings[i], e);
        }
        code = code == AS_OK ? as_ledger_commit(l, &doc, e) : code;
    }
    if (code == AS_OK) {
        a = as_arena_open();
        code = a ? as_ledger_read(l, a, AS_NONE, AS_NONE, &back, e) : as_fail_nomem(e);
    }
    code = code == AS_OK ? as_ledger_findings(l, 1, NULL, &c, e) : code;
    while (code == AS_OK && got) {
        code = as_ledger_next(c, &f, &got, e);
    }
    as_ledger_findings_close(c);
    as_arena_close(a);
    as_ledger_close(l);
    return code;
}

static void want_of_memory_is_said(void **state)
{
    (void)state;
    as_err e = {0};
    for (int forever = 0; forever < 2; forever++) {
        as_code code = AS_ENOMEM;
        long n = 0;
        for (; code == AS_ENOMEM; n++) {
            as_alloc_fail_after(n, forever);
            code = write_and_read(&e);
            as_alloc_fail_after(-1, false);
        }
        ok_at(code, &e, __LINE__);
        assert_true(n > 20);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_run_comes_back_whole),
        TEST(odd_findings_come_back),
        TEST(findings_come_in_rule_order),
        TEST(states_over_three_runs),
        TEST(repeated_fingerprints_count),
        TEST(same_content_compares_alike),
        TEST(rules_not_evaluated_keep_their_findings),
        TEST(releases_do_not_mix),
        TEST(states_agree_with_plain_counting),
        TEST(filters),
        TEST(which_run),
        TEST(abandoned_runs_leave_nothing),
        TEST(a_finding_of_no_rule_is_refused),
        TEST(a_killed_writer_leaves_no_trace),
        TEST(two_writers),
        TEST(a_locked_ledger_is_said),
        TEST(not_a_ledger),
        TEST(an_empty_file_becomes_a_ledger),
        TEST(a_folder_that_may_only_be_read),
        TEST(a_full_disk_is_said),
        TEST(damaged_blocks_are_said),
        TEST(want_of_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
