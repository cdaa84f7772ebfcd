/* test_ledger.c: what goes into the ledger comes out again, as it was and by filters. */
#include "unit/ledger_helpers.h"

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
    assert_int_equal(a->records_sensitive, b->records_sensitive);
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
    assert_int_equal(a->moves, b->moves);
    assert_int_equal(a->moved_count, b->moved_count);
    for (size_t i = 0; i < a->moved_count; i++) {
        const as_doc_move *x = &a->moved[i], *y = &b->moved[i];
        SAME(x->measure, y->measure);
        SAME(x->title, y->title);
        SAME(x->unit, y->unit);
        SAME(x->group, y->group);
        assert_true(x->from == y->from || (isnan(x->from) && isnan(y->from)));
        assert_true(x->to == y->to || (isnan(x->to) && isnan(y->to)));
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
        SAME(x->digest, y->digest);
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
                          .key_sensitive = i % 5 == 0,
                          .records_sensitive = i % 3 == 0};
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
    static as_doc_move
        moved[5]; /* whole, with a fraction, unknown, not to be told apart by 1 */
    static const double numbers[] = {0, -7, 2.5, NAN, 4503599627370496.0, 1e300, -1e-300};
    f->moved_count = i % 6;
    f->moves = f->moved_count + (f->moved_count && i % 2);
    f->moved = moved;
    for (size_t j = 0; j < f->moved_count; j++) {
        moved[j] = (as_doc_move){S("m"),
                                 as_str_from(j % 2 ? "a title" : ""),
                                 S("homes"),
                                 as_str_from(i % 4 ? "" : text),
                                 numbers[(i + j) % 7],
                                 numbers[(i + 3 * j) % 7]};
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

/* The run has these findings, in this order, and no more. */
static void come_back(as_ledger *l, uint64_t run, const as_doc_finding *all, size_t count)
{
    as_err e = {0};
    as_finding_cursor *c;
    as_doc_finding f;
    bool got;
    OK(as_ledger_findings(l, run, NULL, &c, &e));
    for (size_t i = 0; i < count; i++) {
        OK(as_ledger_next(c, &f, &got, &e));
        assert_true(got);
        same_finding(&all[i], &f);
    }
    OK(as_ledger_next(c, &f, &got, &e));
    assert_false(got);
    as_ledger_findings_close(c);
}

/* A sentence that would fit the template of the one before but for values that are not there.
 */
static void sentences_without_their_values_come_back(void **state)
{
    (void)state;
    as_err e = {0};
    as_doc_value value = {S("n"), S("abc"), false, false},
                 null = {S("n"), AS_NONE, true, false};
    as_doc_finding all[] = {
        {.key = S("key"), .message = S("key has abc"), .values = &value, .value_count = 1},
        {.key = S("kez"), .message = S("kez has "), .values = &null, .value_count = 1},
        {.key = S("key"), .message = S("key has abc"), .values = &value, .value_count = 1},
        {.key = S("kez"), .message = S("kez has "), .fingerprint = S("f")},
        {.key = S(""), .message = S(" has "), .values = &value, .value_count = 1},
    };
    enum { N = sizeof all / sizeof *all };
    as_doc_rule rules[MADE_RULES];
    as_doc doc = made_doc(rules);
    as_ledger *l = open_ledger();
    OK(as_ledger_begin(l, &doc, &e));
    for (size_t i = 0; i < N; i++) {
        all[i].rule = S("CSC-PLC-001");
        OK(as_ledger_finding(l, &all[i], &e));
    }
    OK(as_ledger_commit(l, &doc, &e));
    come_back(l, doc.seq, all, N);
    as_ledger_close(l);
}

/* Sentences of more kinds than templates are held ready, in turns and at random, over several
 * blocks. */
static void sentences_of_many_kinds_come_back(void **state)
{
    (void)state;
    enum { N = 9000, KINDS = 7 };
    static const char *const kinds[KINDS] = {"%s: n is %s",
                                             "%s: n was %s",
                                             "%s has %s",
                                             "%2$s of %1$s",
                                             "%s: n is %s, expected 1",
                                             "no record for %s",
                                             "n is wrong"};
    static char keys[N][8], values[N][8], messages[N][48];
    static as_doc_value value[N];
    static as_doc_finding all[N];
    as_err e = {0};
    as_doc_rule rules[MADE_RULES];
    as_doc doc = made_doc(rules);
    as_ledger *l = open_ledger();
    OK(as_ledger_begin(l, &doc, &e));
    for (unsigned i = 0; i < N; i++) {
        const unsigned kind = i < N / 2 ? i % KINDS : i * 2654435761u >> 16;
        const char *form = kinds[kind % KINDS];
        (void)snprintf(keys[i], sizeof keys[i], "k%u", i);
        (void)snprintf(values[i], sizeof values[i], "v%u", i % 50);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        (void)snprintf(messages[i], sizeof messages[i], form, keys[i], values[i]);
#pragma GCC diagnostic pop
        value[i] = (as_doc_value){S("n"), as_str_from(values[i]), false, false};
        all[i] = (as_doc_finding){.rule = S("CSC-PLC-001"),
                                  .key = as_str_from(keys[i]),
                                  .message = as_str_from(messages[i]),
                                  .values = &value[i],
                                  .value_count = 1};
        OK(as_ledger_finding(l, &all[i], &e));
    }
    OK(as_ledger_commit(l, &doc, &e));
    come_back(l, doc.seq, all, N);
    as_ledger_close(l);
}

/* What is told of findings that are like the one before is right at the begin of a block, after
 * and at a decision, and where other records were listed in between. */
static void findings_like_the_one_before_come_back(void **state)
{
    (void)state;
    enum { N = 9000 }; /* more than two blocks */
    as_err e = {0};
    as_doc_value value = {S("n"), S("abc"), false, true};
    as_doc_record record = {S("other"), S("k"), S("other.csv"), 3, 2};
    static as_doc_finding all[N];
    as_doc_rule rules[MADE_RULES];
    as_doc doc = made_doc(rules);
    as_ledger *l = open_ledger();
    OK(as_ledger_begin(l, &doc, &e));
    for (size_t i = 0; i < N; i++) {
        all[i] = (as_doc_finding){.rule = S("CSC-PLC-001"),
                                  .table = S("t"),
                                  .expected = i < 5000 ? S("at least 1") : S("at most 2"),
                                  .key = S("key"),
                                  .column = 4,
                                  .row = (uint32_t)i + 1,
                                  .values = &value,
                                  .value_count = 1,
                                  .alike = i && i != 5000,
                                  .decision = i % 70 == 3 ? S("accepted") : S("")};
        if (i % 70 == 10) {
            all[i].records = &record;
            all[i].record_count = 1;
        }
        OK(as_ledger_finding(l, &all[i], &e));
    }
    OK(as_ledger_commit(l, &doc, &e));
    as_finding_cursor *c;
    as_doc_finding f;
    bool got;
    OK(as_ledger_findings(l, doc.seq, NULL, &c, &e));
    for (size_t i = 0; i < N; i++) {
        OK(as_ledger_next(c, &f, &got, &e));
        assert_true(got);
        same_finding(&all[i], &f);
        assert_true(as_str_eq(f.decision, all[i].decision));
    }
    as_ledger_findings_close(c);
    as_ledger_close(l);
}

/* Fingerprints of 32 bytes, any byte among their digits. */
static void fingerprints_of_any_bytes_come_back(void **state)
{
    (void)state;
    as_err e = {0};
    char text[256][32];
    as_doc_rule rules[MADE_RULES];
    as_doc doc = made_doc(rules);
    as_ledger *l = open_ledger();
    OK(as_ledger_begin(l, &doc, &e));
    for (size_t i = 0; i < 256; i++) {
        memcpy(text[i], "0123456789abcdef9f00a5ff1b8e7d6c", 32);
        text[i][i % 32] = (char)i;
        as_doc_finding f = {.rule = S("CSC-PLC-001"), .fingerprint = {text[i], 32}};
        OK(as_ledger_finding(l, &f, &e));
    }
    OK(as_ledger_commit(l, &doc, &e));
    as_finding_cursor *c;
    as_doc_finding f;
    bool got;
    OK(as_ledger_findings(l, doc.seq, NULL, &c, &e));
    for (size_t i = 0; i < 256; i++) {
        OK(as_ledger_next(c, &f, &got, &e));
        assert_true(got);
        assert_int_equal(f.fingerprint.len, 32);
        assert_memory_equal(f.fingerprint.ptr, text[i], 32);
    }
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_run_comes_back_whole),
        TEST(odd_findings_come_back),
        TEST(sentences_without_their_values_come_back),
        TEST(findings_like_the_one_before_come_back),
        TEST(sentences_of_many_kinds_come_back),
        TEST(fingerprints_of_any_bytes_come_back),
        TEST(findings_come_in_rule_order),
        TEST(filters),
        TEST(which_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
