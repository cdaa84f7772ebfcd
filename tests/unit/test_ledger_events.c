/* The chain of events: appending, what verify says of a ledger that another tool changed, and
 * ledgers of earlier versions. */
#include "base/hash.h"
#include "ledger/event.h"
#include "ledger_helpers.h"

#include <sqlite3.h>

static sqlite3 *raw(void)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    return db;
}

static void sql(const char *text)
{
    sqlite3 *db = raw();
    char *said = NULL;
    if (sqlite3_exec(db, text, NULL, NULL, &said) != SQLITE_OK)
        fail_msg("%s: %s", text, said);
    sqlite3_close(db);
}

static as_verified verified(as_arena *a)
{
    as_err e = {0};
    as_ledger *l;
    as_verified v;
    OK(as_ledger_open_read(&l, path, &e));
    OK(as_ledger_verify(l, a, &v, &e));
    as_ledger_close(l);
    return v;
}

/* Is there a fault at `where` whose sentence has `what` in it? */
static void says_fault(const char *where, const char *what)
{
    as_arena *a = as_arena_open();
    as_verified v = verified(a);
    bool found = false;
    for (size_t i = 0; i < v.fault_count; i++)
        found = found || (as_str_eq(v.faults[i].where, as_str_from(where)) &&
                          as_str_find(v.faults[i].what, as_str_from(what)) != (size_t)-1);
    for (size_t i = 0; !found && i < v.fault_count; i++)
        print_error("%.*s: %.*s\n", AS_FMT(v.faults[i].where), AS_FMT(v.faults[i].what));
    if (!found)
        fail_msg("nothing says at %s: %s", where, what);
    as_arena_close(a);
}

static as_event decision(const char *who)
{
    return (as_event){.kind = S("accept"),
                      .at = S("2017-05-02T10:00:00Z"),
                      .who = as_str_from(who),
                      .release = S("rel"),
                      .body = S("{\"reason\": \"re-registered\"}")};
}

/* Two runs with findings and three decisions: run, accept, accept, run, accept. */
static void make_ledger(void)
{
    as_err e = {0};
    as_arena *a = as_arena_open();
    as_ledger *l = open_ledger();
    as_event two[] = {decision("ann"), decision("ben")}, one = decision("cleo");
    small_run(l, "aaaa1111", "abc", "fail");
    OK(as_ledger_events_add(l, two, 2, a, &e));
    small_run(l, "bbbb2222", "ab", "fail");
    OK(as_ledger_event_add(l, &one, a, &e));
    assert_int_equal(one.seq, 5);
    as_ledger_close(l);
    as_arena_close(a);
}

static void events_come_back(void **state)
{
    (void)state;
    as_err e = {0};
    as_arena *a = as_arena_open();
    as_event_list all;
    as_str head;
    make_ledger();
    as_ledger *l = open_ledger();
    OK(as_ledger_events(l, a, AS_STR(""), AS_STR(""), &all, &e));
    assert_int_equal(all.count, 5);
    SAME(all.items[0].kind, S("run"));
    SAME(all.items[0].previous,
         S("0000000000000000000000000000000000000000000000000000000000000000"));
    SAME(all.items[2].who, S("ben"));
    SAME(all.items[2].previous, all.items[1].hash);
    SAME(all.items[4].body, S("{\"reason\": \"re-registered\"}"));
    OK(as_ledger_head(l, a, &head, &e));
    SAME(head, all.items[4].hash);
    OK(as_ledger_events(l, a, S("accept"), S("rel"), &all, &e));
    assert_int_equal(all.count, 3);
    OK(as_ledger_events(l, a, AS_STR(""), S("other"), &all, &e));
    assert_int_equal(all.count, 0);
    as_ledger_close(l);
    as_verified v = verified(a);
    assert_int_equal(v.fault_count, 0);
    assert_int_equal(v.events, 5);
    assert_int_equal(v.runs, 2);
    assert_int_equal(v.findings, 5);
    SAME(v.head, head);
    as_arena_close(a);
}

/* The hash, by hand: sha256sum of previous, kind, at, who, release, body with their lengths. */
static void the_hash_is_what_is_said(void **state)
{
    (void)state;
    as_err e = {0};
    as_arena *a = as_arena_open();
    as_ledger *l = open_ledger();
    as_event ev = {.kind = S("accept"),
                   .at = S("2017-05-02T10:00:00Z"),
                   .who = S("ann"),
                   .release = S("r"),
                   .body = S("{}")};
    OK(as_ledger_event_add(l, &ev, a, &e));
    SAME(ev.hash, S("b362141d4142b5011085a2cb2ea5c4e53713a9256d26d3c6cd44f5b50431aa1b"));
    as_ledger_close(l);
    as_arena_close(a);
}

/* ---- what another tool does ---- */

#define NO_TRIGGERS "DROP TRIGGER event_is_not_changed; DROP TRIGGER event_is_not_deleted; "
#define TRIGGERS                                                                               \
    "CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event\nBEGIN\n    SELECT "           \
    "raise(ABORT, 'events are never changed');\nEND; "                                         \
    "CREATE TRIGGER event_is_not_deleted BEFORE DELETE ON event\nBEGIN\n    SELECT "           \
    "raise(ABORT, 'events are never deleted');\nEND;"

static const struct {
    const char *sql, *where, *what;
} tampered[] = {
    {NO_TRIGGERS, "trigger event_is_not_changed", "missing"},
    {NO_TRIGGERS "UPDATE event SET who = 'eve' WHERE seq = 2; " TRIGGERS, "event 2",
     "not what was written"},
    {NO_TRIGGERS "UPDATE event SET at = '2018' WHERE seq = 5; " TRIGGERS, "event 5",
     "not what was written"},
    {NO_TRIGGERS "DELETE FROM event WHERE seq = 3; " TRIGGERS, "event 4", "missing"},
    {NO_TRIGGERS
     "DELETE FROM event WHERE seq = 3; UPDATE event SET seq = seq - 1 WHERE seq > 3; "
     "UPDATE sqlite_sequence SET seq = 4 WHERE name = 'event'; " TRIGGERS,
     "event 3", "does not follow"},
    {NO_TRIGGERS "DELETE FROM event WHERE seq = 5; " TRIGGERS, "event 5", "deleted"},
    {NO_TRIGGERS
     "UPDATE event SET seq = 9 WHERE seq = 2; UPDATE event SET seq = 2 WHERE seq = 3; "
     "UPDATE event SET seq = 3 WHERE seq = 9; " TRIGGERS,
     "event 2", "does not follow"},
    {"INSERT INTO event (kind, at, who, release, body, previous, hash) SELECT kind, at, 'eve', "
     "release, body, hash, previous FROM event WHERE seq = 5",
     "event 6", "not what was written"},
    {"UPDATE run SET verdict = 'pass', exit_code = 0 WHERE seq = 2", "run 2", "not what was"},
    {"UPDATE run_rule SET status = 'pass' WHERE run = 1", "run 1", "not what was"},
    {"UPDATE run SET produced_by = 'eve' WHERE seq = 1", "run 1", "not what was"},
    {"UPDATE finding_block SET count = count - 1 WHERE run = 1", "run 1", "not what was"},
    {"UPDATE finding_block SET body = zeroblob(length(body)) WHERE run = 2", "run 2",
     "not what was"},
    {"DELETE FROM finding_block WHERE run = 2", "run 2", "not what was"},
    {"INSERT INTO input VALUES (2, 9, 'providers', 'x.csv', 'aa', 'utf-8', 1, 1, 0, 0, 0, 1)",
     "run 2", "not what was"},
    {"DELETE FROM finding_block WHERE run = 1; DELETE FROM run_rule WHERE run = 1; DELETE FROM "
     "input WHERE run = 1; PRAGMA foreign_keys = OFF; DELETE FROM run WHERE seq = 1",
     "run 1", "deleted"},
    {"INSERT INTO run SELECT 3, 'cccc3333', release, release_file, produced_by, as_at, "
     "started, "
     "assay, rules_sha256, 'pass', 0, 0, 0, 0, 0, 0, 0, NULL FROM run WHERE seq = 2",
     "run 3", "no event"},
    {"CREATE TRIGGER quiet AFTER INSERT ON run BEGIN DELETE FROM finding_block; END",
     "trigger quiet", "added"},
    {"UPDATE sqlite_sequence SET seq = 7 WHERE name = 'run'", "run 3", "no event"},
};

static void tampering_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof tampered / sizeof *tampered; i++) {
        assert_int_equal(teardown(NULL) || setup(NULL), 0);
        make_ledger();
        sql(tampered[i].sql);
        says_fault(tampered[i].where, tampered[i].what);
    }
}

static void events_are_not_changed(void **state)
{
    (void)state;
    make_ledger();
    sqlite3 *db = raw();
    assert_int_equal(sqlite3_exec(db, "UPDATE event SET who = 'eve'", NULL, NULL, NULL),
                     SQLITE_CONSTRAINT);
    assert_int_equal(sqlite3_exec(db, "DELETE FROM event", NULL, NULL, NULL),
                     SQLITE_CONSTRAINT);
    sqlite3_close(db);
}

/* ---- earlier versions ---- */

static void run_file(const char *file)
{
    FILE *f = fopen(file, "rb");
    static char text[1 << 20];
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    assert_in_range(n, 1, sizeof text - 2);
    text[n] = '\0';
    sql(text);
}

static void version_1(void **state)
{
    (void)state;
    as_err e = {0};
    as_arena *a = as_arena_open();
    as_ledger *l = open_ledger(); /* makes the folders */
    as_doc doc;
    as_event_list all;
    as_verified v;
    as_ledger_close(l);
    assert_int_equal(remove(path), 0);
    run_file(ASSAY_SOURCE_DIR "/tests/unit/data/ledger-v1.sql");
    OK(as_ledger_open_read(&l, path, &e)); /* can be read as it is */
    OK(as_ledger_read(l, a, AS_STR(""), AS_STR(""), &doc, &e));
    assert_int_equal(doc.seq, 2);
    OK(as_ledger_events(l, a, AS_STR(""), AS_STR(""), &all, &e));
    assert_int_equal(all.count, 0);
    assert_int_equal(as_ledger_verify(l, a, &v, &e), AS_ELEDGER);
    SAYS("version 1");
    as_ledger_close(l);
    l = open_ledger(); /* and is brought up to date by who writes */
    OK(as_ledger_events(l, a, S("run"), AS_STR(""), &all, &e));
    assert_int_equal(all.count, 2);
    small_run(l, "cccc3333", "ab", "fail");
    as_ledger_close(l);
    v = verified(a);
    assert_int_equal(v.fault_count, 0);
    assert_int_equal(v.events, 3);
    assert_int_equal(v.runs, 3);
    as_arena_close(a);
}

static void version_2(void **state)
{
    (void)state;
    as_err e = {0};
    as_arena *a = as_arena_open();
    as_ledger *l = open_ledger(); /* makes the folders */
    as_doc doc;
    as_ledger_close(l);
    assert_int_equal(remove(path), 0);
    run_file(ASSAY_SOURCE_DIR "/tests/unit/data/ledger-v2.sql");
    OK(as_ledger_open_read(&l, path, &e)); /* can be read as it is */
    OK(as_ledger_read(l, a, AS_STR(""), AS_STR(""), &doc, &e));
    assert_int_equal(doc.seq, 2);
    assert_int_equal(doc.decided_count, 0);
    as_ledger_close(l);
    l = open_ledger(); /* and is brought up to date by who writes */
    small_run(l, "cccc3333", "ab", "fail");
    as_ledger_close(l);
    as_verified v = verified(a);
    assert_int_equal(v.fault_count, 0);
    assert_int_equal(v.events, 3);
    as_arena_close(a);
}

/* A ledger of an earlier version is whole as it is, before anybody brings it up to date. */
static void earlier_versions_verify(void **state)
{
    (void)state;
    static const char *const files[] = {ASSAY_SOURCE_DIR "/tests/unit/data/ledger-v2.sql",
                                        ASSAY_SOURCE_DIR "/tests/unit/data/ledger-v3.sql",
                                        ASSAY_SOURCE_DIR "/tests/unit/data/ledger-v4.sql"};
    as_arena *a = as_arena_open();
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        as_ledger_close(open_ledger());
        assert_int_equal(remove(path), 0);
        run_file(files[i]);
        as_verified v = verified(a);
        assert_int_equal(v.fault_count, 0);
        assert_int_equal(v.runs, 2);
    }
    as_arena_close(a);
}

static void version_3(void **state)
{
    (void)state;
    as_err e = {0};
    as_arena *a = as_arena_open();
    as_ledger *l = open_ledger(); /* makes the folders */
    as_doc doc;
    as_ledger_close(l);
    assert_int_equal(remove(path), 0);
    run_file(ASSAY_SOURCE_DIR "/tests/unit/data/ledger-v3.sql");
    OK(as_ledger_open_read(&l, path, &e)); /* can be read as it is */
    OK(as_ledger_read(l, a, AS_STR(""), AS_STR(""), &doc, &e));
    assert_int_equal(doc.seq, 2);
    assert_int_equal(doc.decided_count, 1);
    assert_int_equal(doc.file_count, 0);
    as_ledger_close(l);
    l = open_ledger(); /* and is brought up to date by who writes */
    small_run_of(l, "march", "cccc3333", "ab", "fail");
    as_ledger_close(l);
    as_verified v = verified(a);
    assert_int_equal(v.fault_count, 0);
    assert_int_equal(v.events, 4);
    assert_int_equal(v.runs, 3);
    sql("UPDATE run_content SET sha256 = 'april'");
    says_fault("run 3", "not what was written");
    sql("DELETE FROM run_content");
    says_fault("run 3", "not what was written");
    as_arena_close(a);
}

/* Findings of a run of version 4 are in the one digest of its event, those of a later run have
 * one of their own; in both a change is found. */
static void version_4(void **state)
{
    (void)state;
    as_ledger_close(open_ledger()); /* makes the folders */
    assert_int_equal(remove(path), 0);
    run_file(ASSAY_SOURCE_DIR "/tests/unit/data/ledger-v4.sql");
    as_ledger *l = open_ledger();
    small_run_of(l, "march", "cccc3333", "ab", "fail");
    as_ledger_close(l);
    as_arena *a = as_arena_open();
    as_verified v = verified(a);
    assert_int_equal(v.fault_count, 0);
    assert_int_equal(v.runs, 3);
    as_arena_close(a);
    sql("UPDATE finding_block SET fingerprints = zeroblob(16) WHERE run = 2");
    says_fault("run 2", "not what was written");
    sql("UPDATE finding_block SET fingerprints = zeroblob(32) WHERE run = 3");
    says_fault("run 3", "not what was written");
}

/* What the digest of the findings is over, spelt out: of the only block all columns in order,
 * each number as its length, "i" and its digits, each text or blob as "1:t", its length and
 * itself. */
static void digest_of_findings(void **state)
{
    (void)state;
    as_ledger *l = open_ledger();
    small_run(l, "aaaa1111", "ab", "fail");
    as_ledger_close(l);
    as_err e = {0};
    sqlite3 *db = raw();
    sqlite3_stmt *s;
    char bytes[1024], want[AS_SHA256_HEX];
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT CAST('2:i12:i11:t1:R2:i21:t32:' AS BLOB) || "
                                        "fingerprints || CAST('1:t' || length(body) || ':' AS "
                                        "BLOB) || body FROM finding_block",
                                        -1, &s, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    size_t n = (size_t)sqlite3_column_bytes(s, 0);
    assert_in_range(n, 60, sizeof bytes);
    memcpy(bytes, sqlite3_column_blob(s, 0), n);
    sqlite3_finalize(s);
    OK(as_sha256_of((as_str){bytes, n}, want, &e));
    snprintf(bytes, sizeof bytes, "SELECT body LIKE '%%, \"findings\": \"%s\"}' FROM event",
             want);
    assert_int_equal(sqlite3_prepare_v2(db, bytes, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(s, 0), 1);
    sqlite3_finalize(s);
    sqlite3_close(db);
}

/* What a run told of decisions is part of it. */
static void decisions_of_a_run(void **state)
{
    (void)state;
    as_err e = {0};
    as_arena *a = as_arena_open();
    as_ledger *l = open_ledger();
    as_doc back;
    as_doc_decided one = {.state = S("expired"),
                          .name = S("event 7"),
                          .who = S("ann"),
                          .until = S("2017-03-30"),
                          .rule = S("R"),
                          .finding = S(""),
                          .sentence = S("it ended"),
                          .count = 3};
    as_doc doc = {.run = S("aaaa1111"),
                  .release = S("rel"),
                  .verdict = S("pass"),
                  .decided = &one,
                  .decided_count = 1};
    OK(as_ledger_begin(l, &doc, &e));
    OK(as_ledger_commit(l, &doc, &e));
    OK(as_ledger_read(l, a, AS_STR(""), AS_STR(""), &back, &e));
    assert_int_equal(back.decided_count, 1);
    SAME(back.decided[0].state, one.state);
    SAME(back.decided[0].sentence, one.sentence);
    assert_int_equal(back.decided[0].count, 3);
    as_ledger_close(l);
    assert_int_equal(verified(a).fault_count, 0);
    sql("UPDATE run_decision SET sentence = 'it holds'");
    says_fault("run 1", "");
    sql("DELETE FROM run_decision");
    says_fault("run 1", "");
    as_arena_close(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(events_come_back),   TEST(the_hash_is_what_is_said),
        TEST(tampering_is_found), TEST(events_are_not_changed),
        TEST(version_1),          TEST(version_2),
        TEST(decisions_of_a_run), TEST(earlier_versions_verify),
        TEST(version_3),          TEST(version_4),
        TEST(digest_of_findings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
