/* test_ledger_files.c: every way in which a file, a disk, a process or memory can say no. */
#include "base/alloc.h"
#include "ledger/ledger_int.h"
#include "unit/ledger_helpers.h"
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

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
    /* What a writer that was stopped midway left beside it would be needed to read it. */
    snprintf(name, sizeof name, "%s/stopped.db", folder);
    bad = bad || as_ledger_open_read(&l, name, &e) != AS_ELEDGER ||
          !strstr(e.text, "stopped midway") || !strstr(e.text, "stopped.db-journal");
    return bad ? 5 : 0;
}

/* A copy of the ledger and its journal, as a process leaves them that dies while it writes. */
static void leave_stopped(as_ledger *l)
{
    as_err e = {0};
    char command[512];
    as_doc_rule rules[MADE_RULES];
    as_doc doc = made_doc(rules);
    OK(as_ledger_begin(l, &doc, &e));
    assert_int_equal(sqlite3_db_cacheflush(l->db), SQLITE_OK);
    snprintf(command, sizeof command,
             "cp '%s' '%s/stopped.db' && cp '%s-journal' '%s/stopped.db-journal'", path, folder,
             path, folder);
    assert_int_equal(system(command), 0);
    as_ledger_abandon(l);
}

static void a_folder_that_may_only_be_read(void **state)
{
    (void)state;
    snprintf(path, sizeof path, "%s/ledger.db", folder);
    as_ledger *l = open_ledger();
    small_run(l, "1", "a", "fail");
    leave_stopped(l);
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

/* The first run of all was stopped midway, as a whole and while the tables were made. */
static void a_stopped_first_run_is_taken_back(void **state)
{
    (void)state;
    as_err e = {0};
    snprintf(path, sizeof path, "%s/ledger.db", folder);
    as_ledger *l = open_ledger();
    leave_stopped(l);
    as_ledger_close(l);
    snprintf(path, sizeof path, "%s/stopped.db", folder);
    OK(as_ledger_open_read(&l, path, &e)); /* reading is enough */
    as_arena *a = as_arena_open();
    as_doc_list runs;
    OK(as_ledger_runs(l, a, &runs, &e));
    assert_int_equal(runs.count, 0);
    as_arena_close(a);
    as_ledger_close(l);

    write_file(path, "", 0);
    OK(as_ledger_open_begun(&l, path, &e));
    assert_null(l);
    assert_int_equal(as_ledger_open_read(&l, path, &e), AS_ELEDGER);
    SAYS("the file is empty, not a ledger");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(abandoned_runs_leave_nothing),      TEST(a_finding_of_no_rule_is_refused),
        TEST(a_killed_writer_leaves_no_trace),   TEST(two_writers),
        TEST(a_locked_ledger_is_said),           TEST(not_a_ledger),
        TEST(an_empty_file_becomes_a_ledger),    TEST(a_folder_that_may_only_be_read),
        TEST(a_stopped_first_run_is_taken_back), TEST(a_full_disk_is_said),
        TEST(damaged_blocks_are_said),           TEST(want_of_memory_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
