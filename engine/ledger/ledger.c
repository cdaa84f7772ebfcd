/* ledger.c: opening and closing the database, and sentences for what SQLite says.
 *
 * Invariants: a file that is not a ledger, or a newer one, is never written to. A fresh file
 * gets its schema in one transaction, so two processes may open it at once. The mode is WAL
 * with synchronous=NORMAL: what was committed survives the death of a process at any moment.
 * Whoever makes the file writes with a rollback journal and synchronous=FULL, which is as safe
 * and leaves out writing all of it twice; the next one that opens it for writing goes over to
 * WAL. */
#include "base/alloc.h"
#include "base/sqlite_heap.h"
#include "embedded.h"
#include "ledger/event_int.h"
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAKING_MS 2000 /* after which an empty file is no ledger in the making */

/* ---- errors ---- */

static as_code system_error(as_ledger *l, const char *doing, as_err *e)
{
    int saved = sqlite3_system_errno(l->db);
    return as_fail(e, AS_ELEDGER, AS_NOWHERE, "%s: %s: %s", l->path, doing,
                   saved ? strerror(saved) : sqlite3_errmsg(l->db));
}

as_code as_ledger_damaged(as_ledger *l, const char *what, as_err *e)
{
    return as_fail(
        e, AS_ELEDGER, AS_NOWHERE,
        "%s: the ledger is damaged (%s). Restore it from a copy, or move it away and "
        "run the checks again.",
        l->path, what);
}

static bool disk_full(as_ledger *l, int rc)
{
    int saved = sqlite3_system_errno(l->db);
    return (rc & 0xff) == SQLITE_FULL ||
           ((rc & 0xff) == SQLITE_IOERR &&
            (saved == ENOSPC || saved == EDQUOT || saved == EFBIG));
}

as_code as_ledger_fail(as_ledger *l, const char *doing, as_err *e)
{
    int rc = sqlite3_extended_errcode(l->db);
    if (disk_full(l, rc)) {
        return as_fail(
            e, AS_ELEDGER, AS_NOWHERE,
            "%s: %s: the disk is full. Nothing of this was kept, and the ledger is as "
            "it was before. Make room and try again.",
            l->path, doing);
    }
    if (rc == SQLITE_IOERR_WRITE && sqlite3_system_errno(l->db) == 0) { /* no reason is kept */
        return as_fail(
            e, AS_ELEDGER, AS_NOWHERE,
            "%s: %s: the file cannot grow (a quota, a limit on the size of files, or a fault "
            "of the disk). Nothing of this was kept, and the ledger is as it was before.",
            l->path, doing);
    }
    switch (rc & 0xff) {
    case SQLITE_NOMEM:
        return as_fail_nomem(e);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return as_fail(
            e, AS_ELEDGER, AS_NOWHERE,
            "%s: %s: another process has been writing to the ledger for more than %g "
            "seconds. Try again when it has ended.",
            l->path, doing, l->wait_ms / 1000.0);
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return as_fail(
            e, AS_ELEDGER, AS_NOWHERE,
            "%s: %s: the file or its folder may only be read. Allow writing, or name "
            "another place with `ledger:` in release.yaml.",
            l->path, doing);
    case SQLITE_NOTADB:
        return as_fail(
            e, AS_ELEDGER, AS_NOWHERE,
            "%s: this file is not a ledger (it is no SQLite database). It was left as "
            "it is.",
            l->path);
    case SQLITE_CORRUPT:
        return as_ledger_damaged(l, sqlite3_errmsg(l->db), e);
    case SQLITE_TOOBIG:
        return as_fail(e, AS_EBUDGET, AS_NOWHERE, "%s: %s: a text is over 1,000,000,000 bytes",
                       l->path, doing);
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
    case SQLITE_AUTH:
        return system_error(l, doing, e);
    default:
        return as_fail(e, AS_ELEDGER, AS_NOWHERE, "%s: %s: %s", l->path, doing,
                       sqlite3_errmsg(l->db));
    }
}

as_code as_ledger_exec(as_ledger *l, const char *sql, const char *doing, as_err *e)
{
    return sqlite3_exec(l->db, sql, NULL, NULL, NULL) == SQLITE_OK
               ? AS_OK
               : as_ledger_fail(l, doing, e);
}

as_code as_ledger_prepare(as_ledger *l, sqlite3_stmt **out, const char *sql, as_err *e)
{
    *out = NULL;
    return sqlite3_prepare_v2(l->db, sql, -1, out, NULL) == SQLITE_OK
               ? AS_OK
               : as_ledger_fail(l, "the ledger cannot be read", e);
}

/* ---- values ---- */

int as_bind_str(sqlite3_stmt *s, int at, as_str text)
{
    return sqlite3_bind_text64(s, at, text.ptr ? text.ptr : "", text.len, SQLITE_STATIC,
                               SQLITE_UTF8);
}

int as_bind_u64(sqlite3_stmt *s, int at, uint64_t n)
{
    return sqlite3_bind_int64(s, at, n > INT64_MAX ? INT64_MAX : (int64_t)n);
}

as_str as_column_str(sqlite3_stmt *s, int at)
{
    const char *p = sqlite3_column_blob(s, at); /* of a TEXT: its bytes, no conversion */
    return (as_str){p ? p : "", (size_t)sqlite3_column_bytes(s, at)};
}

uint64_t as_column_u64(sqlite3_stmt *s, int at)
{
    sqlite3_int64 n = sqlite3_column_int64(s, at);
    return n < 0 ? 0 : (uint64_t)n;
}

/* ---- opening ---- */

/* *fresh: the database holds nothing at all. Anything else must be a ledger of a version we
 * know. */
static as_code identify(as_ledger *l, bool *fresh, as_err *e)
{
    int64_t application = 0, version = 0, things = 0;
    sqlite3_stmt
        *q; /* one statement, one state of the file: another process may be making it */
    as_code code = as_ledger_prepare(l, &q,
                                     "SELECT a.application_id, v.user_version, "
                                     "(SELECT count(*) FROM sqlite_schema) "
                                     "FROM pragma_application_id a, pragma_user_version v",
                                     e);
    if (code == AS_OK && sqlite3_step(q) == SQLITE_ROW) {
        application = sqlite3_column_int64(q, 0);
        version = sqlite3_column_int64(q, 1);
        things = sqlite3_column_int64(q, 2);
    } else if (code == AS_OK) {
        code = as_ledger_fail(l, "the ledger cannot be read", e);
    }
    sqlite3_finalize(q);
    if (code != AS_OK) {
        return code;
    }
    *fresh = application == 0 && version == 0 && things == 0;
    l->version = (int)version;
    if (*fresh) {
        return AS_OK;
    }
    if (application != AS_LEDGER_APPLICATION || version < 1) {
        return as_fail(
            e, AS_ELEDGER, AS_NOWHERE,
            "%s: this is an SQLite database, but not a ledger. It was left as it is; "
            "name another file with `ledger:` in release.yaml.",
            l->path);
    }
    if (version > AS_LEDGER_VERSION) {
        return as_fail(
            e, AS_ELEDGER, AS_NOWHERE,
            "%s: this ledger was written by a newer assay (ledger version %lld; this "
            "one knows up to %d). Use the newer assay.",
            l->path, (long long)version, AS_LEDGER_VERSION);
    }
    return AS_OK;
}

/* Going over to WAL takes an exclusive lock and does not wait for it by itself. */
static as_code use_wal(as_ledger *l, as_err *e)
{
    int rc = SQLITE_BUSY;
    for (unsigned waited = 0; rc == SQLITE_BUSY && waited <= l->wait_ms; waited += 10) {
        rc = sqlite3_exec(l->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
        if (rc == SQLITE_BUSY) {
            sqlite3_sleep(10);
        }
    }
    return rc == SQLITE_OK ? AS_OK : as_ledger_fail(l, "the ledger cannot be opened", e);
}

/* Version 2: runs that are there already become the first events. */
static as_code begin_chain(as_ledger *l, as_err *e)
{
    sqlite3_stmt *s = NULL;
    int rc = SQLITE_DONE;
    as_arena *a = as_arena_open();
    as_code code =
        a ? as_ledger_prepare(l, &s, "SELECT seq FROM run ORDER BY seq", e) : as_fail_nomem(e);
    while (code == AS_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        as_event ev;
        code = as_event_of_run(l, sqlite3_column_int64(s, 0), NULL, a, &ev, e);
        if (code == AS_OK) {
            code = as_event_append(l, &ev, a, e);
        }
    }
    if (code == AS_OK && rc != SQLITE_DONE) {
        code = as_ledger_fail(l, "the ledger cannot be brought up to date", e);
    }
    sqlite3_finalize(s);
    as_arena_close(a);
    return code;
}

const char *as_ledger_script(int version)
{
    switch (version) {
    case 1:
        return (const char *)as_embedded_schema_sql;
    case AS_LEDGER_EVENTS:
        return (const char *)as_embedded_event_sql;
    case AS_LEDGER_DECIDED:
        return (const char *)as_embedded_decided_sql;
    case AS_LEDGER_CONTENT:
        return (const char *)as_embedded_content_sql;
    case AS_LEDGER_APART:
        return ""; /* no table: another digest in the events of its runs */
    default:
        return NULL;
    }
}

/* From the version that the file has to the present one, a step a version. A fresh file is
 * version 0. */
static as_code upgrade(as_ledger *l, const char *doing, as_err *e)
{
    as_code code = AS_OK;
    while (code == AS_OK && l->version < AS_LEDGER_VERSION) {
        code = as_ledger_exec(l, as_ledger_script(l->version + 1), doing, e);
        l->version++;
        if (code == AS_OK && l->version == AS_LEDGER_EVENTS) {
            code = begin_chain(l, e);
        }
    }
    return code;
}

static as_code create(as_ledger *l, as_err *e)
{
    static const char doing[] = "the ledger cannot be made or brought up to date";
    bool fresh = false;
    as_code code = as_ledger_exec(l, "BEGIN IMMEDIATE", doing, e);
    if (code != AS_OK) {
        return code;
    }
    code = identify(l, &fresh, e); /* another process may have been faster */
    if (code == AS_OK && l->version < AS_LEDGER_VERSION) {
        code = upgrade(l, doing, e);
        char sql[96];
        snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d",
                 AS_LEDGER_APPLICATION, AS_LEDGER_VERSION);
        code = code == AS_OK ? as_ledger_exec(l, sql, doing, e) : code;
    }
    if (code == AS_OK) {
        code = as_ledger_exec(l, "COMMIT", doing, e);
    }
    if (code != AS_OK) {
        sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
    }
    return code;
}

/* Tampered files are data too: no schema tricks, no writes through the back door. */
static as_code guard(as_ledger *l, as_err *e)
{
    sqlite3_extended_result_codes(l->db, 1);
    sqlite3_busy_timeout(l->db, (int)l->wait_ms);
    sqlite3_db_config(l->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(l->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(l->db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    return as_ledger_exec(l,
                          "PRAGMA foreign_keys = ON; PRAGMA cell_size_check = ON; "
                          "PRAGMA synchronous = NORMAL; PRAGMA page_size = 16384; "
                          "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384",
                          "the ledger cannot be opened", e);
}

/* Every folder above `path` that is not there yet. What cannot be made shows when the file is
 * opened. */
static void make_folders(char *path)
{
    for (char *p = path + 1; *p; p++) {
        if (*p == '/') {
            *p = '\0';
            mkdir(path, 0777);
            *p = '/';
        }
    }
}

static as_code make(as_ledger **out, const char *path, bool read_only, as_err *e)
{
    *out = NULL;
    as_code code = as_sqlite_start(e);
    if (code != AS_OK) {
        return code;
    }
    size_t len = strlen(path);
    as_ledger *l = as_calloc(1, sizeof *l);
    char *name = as_alloc(len + 1);
    if (!l || !name) {
        as_free(l);
        as_free(name);
        return as_fail_nomem(e);
    }
    memcpy(name, path, len + 1);
    l->path = name;
    l->read_only = read_only;
    l->wait_ms = AS_LEDGER_WAIT_MS;
    *out = l;
    return AS_OK;
}

static as_code start_writing(as_ledger *l, as_err *e)
{
    bool fresh = false;
    as_code code = guard(l, e);
    if (code == AS_OK && sqlite3_db_readonly(l->db, "main") == 1) {
        return as_fail(e, AS_ELEDGER, AS_NOWHERE,
                       "%s: the ledger may only be read. Allow writing, or name another place "
                       "with `ledger:` in release.yaml.",
                       l->path);
    }
    if (code == AS_OK) {
        code = identify(l, &fresh, e);
    }
    if (code == AS_OK && !fresh) {
        code = use_wal(l, e);
        l->wal = true;
    } else if (code == AS_OK) { /* the other mode needs one wait more to outlive a power cut */
        code = as_ledger_exec(l, "PRAGMA synchronous = FULL", "the ledger cannot be opened", e);
    }
    return code == AS_OK && l->version < AS_LEDGER_VERSION ? create(l, e) : code;
}

/* SQLite's last try was to open the missing file for reading, so its errno does not tell. */
static as_code cannot_create(as_ledger *l, as_err *e)
{
    char *slash = strrchr(l->path, '/');
    if (slash == l->path) {
        slash++; /* the root */
    }
    char kept = slash ? *slash : '\0';
    if (slash) {
        *slash = '\0';
    }
    errno = 0;
    bool writable = access(slash ? l->path : ".", W_OK | X_OK) == 0;
    int saved = errno;
    if (slash) {
        *slash = kept;
    }
    if (writable || access(l->path, F_OK) == 0) {
        return as_ledger_fail(l, "the ledger cannot be opened", e);
    }
    return as_fail(e, AS_ELEDGER, AS_NOWHERE,
                   "%s: the ledger cannot be made in this folder: %s. Allow writing, or name "
                   "another place with `ledger:` in release.yaml.",
                   l->path, strerror(saved));
}

as_code as_ledger_open(as_ledger **out, const char *path, as_err *e)
{
    as_ledger *l;
    as_code code = make(&l, path, false, e);
    *out = NULL;
    if (code != AS_OK) {
        return code;
    }
    if (strcmp(path, ":memory:") != 0) {
        make_folders(l->path);
    }
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(path, &l->db, flags, NULL) != SQLITE_OK) {
        code = cannot_create(l, e);
    } else {
        code = start_writing(l, e);
    }
    if (code != AS_OK) {
        as_ledger_close(l);
        return code;
    }
    *out = l;
    return AS_OK;
}

/* "file:PATH?immutable=1" with what a URI must not hold escaped. NULL: out of memory. */
static char *immutable_uri(const char *path)
{
    static const char start[] = "file:", tail[] = "?immutable=1";
    char *uri = as_alloc(sizeof start + 3 * strlen(path) + sizeof tail);
    if (!uri) {
        return NULL;
    }
    char *p = stpcpy(uri, start);
    for (const char *s = path; *s; s++) {
        if (strchr("%?#", *s)) {
            p += sprintf(p, "%%%02X", (unsigned)(unsigned char)*s);
        } else {
            *p++ = *s;
        }
    }
    memcpy(p, tail, sizeof tail);
    return uri;
}

static bool lies_beside(const as_ledger *l, const char *suffix)
{
    char name[4096];
    struct stat st;
    int n = snprintf(name, sizeof name, "%s%s", l->path, suffix);
    return n < 0 || (size_t)n >= sizeof name || (stat(name, &st) == 0 && st.st_size > 0);
}

/* On a read-only share SQLite cannot make its shared-memory file; without a journal beside it
 * the file is whole and may be read as it stands. */
static as_code open_immutable(as_ledger *l, as_err *e)
{
    const char *journal = lies_beside(l, "-wal")       ? "-wal"
                          : lies_beside(l, "-journal") ? "-journal"
                                                       : NULL;
    if (journal) {
        return as_fail(
            e, AS_ELEDGER, AS_NOWHERE,
            "%s: the ledger lies in a folder that may only be read, and a process that "
            "wrote to it was stopped midway (%s%s). Open it once where writing is "
            "allowed.",
            l->path, l->path, journal);
    }
    char *uri = immutable_uri(l->path);
    if (!uri) {
        return as_fail_nomem(e);
    }
    sqlite3_close(l->db);
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
    int rc = sqlite3_open_v2(uri, &l->db, flags, NULL);
    as_free(uri);
    return rc == SQLITE_OK ? guard(l, e) : as_ledger_fail(l, "the ledger cannot be opened", e);
}

/* A process that wrote was stopped midway: what it left is taken back by opening the file for
 * writing, which a connection that only reads may not do. */
static void take_back(as_ledger *l)
{
    sqlite3 *db = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(l->path, &db, flags, NULL) == SQLITE_OK) {
        sqlite3_busy_timeout(db, (int)l->wait_ms);
        sqlite3_exec(db, "SELECT count(*) FROM sqlite_schema", NULL, NULL, NULL);
    }
    sqlite3_close(db);
}

static bool may_not(as_ledger *l)
{
    int rc = sqlite3_errcode(l->db) & 0xff;
    return rc == SQLITE_CANTOPEN || rc == SQLITE_READONLY;
}

static as_code start_reading(as_ledger *l, bool *fresh, as_err *e)
{
    as_code code = guard(l, e);
    if (code == AS_OK) {
        code = identify(l, fresh, e);
    }
    if (code != AS_OK && may_not(l) && lies_beside(l, "-journal")) {
        take_back(l);
        code = identify(l, fresh, e);
    }
    if (code != AS_OK && may_not(l)) {
        code = open_immutable(l, e);
        if (code == AS_OK) {
            code = identify(l, fresh, e);
        }
    }
    return code;
}

/* `patience`: how long a file that holds nothing yet may be in the making. */
static as_code open_reading(as_ledger **out, const char *path, int patience, bool *fresh,
                            as_err *e)
{
    as_ledger *l;
    as_code code = make(&l, path, true, e);
    *out = NULL;
    if (code != AS_OK) {
        return code;
    }
    if (access(path, F_OK) != 0) {
        code = as_fail(e, AS_ELEDGER, AS_NOWHERE,
                       "%s: there is no ledger here yet. `assay check` makes one.", path);
    } else if (sqlite3_open_v2(path, &l->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
                               NULL) != SQLITE_OK) {
        code = as_ledger_fail(l, "the ledger cannot be opened", e);
    } else {
        code = start_reading(l, fresh, e);
    }
    for (int waited = 0; code == AS_OK && *fresh && waited < patience; waited += 10) {
        sqlite3_sleep(10);
        code = identify(l, fresh, e);
    }
    if (code != AS_OK || *fresh) {
        as_ledger_close(l);
        return code;
    }
    *out = l;
    return AS_OK;
}

as_code as_ledger_open_read(as_ledger **out, const char *path, as_err *e)
{
    bool fresh = false;
    as_code code = open_reading(out, path, MAKING_MS, &fresh, e);
    return code == AS_OK && fresh
               ? as_fail(e, AS_ELEDGER, AS_NOWHERE, "%s: the file is empty, not a ledger", path)
               : code;
}

as_code as_ledger_open_begun(as_ledger **out, const char *path, as_err *e)
{
    bool fresh = false;
    return open_reading(out, path, 0, &fresh, e);
}

void as_ledger_wait(as_ledger *l, unsigned ms)
{
    l->wait_ms = ms;
    sqlite3_busy_timeout(l->db, (int)ms);
}

/* A connection of its own: one may be used by one thread at a time. The last one that closes
 * finds nothing left to move and removes the journal. */
static void *tidy(void *arg)
{
    const as_ledger *l = arg;
    sqlite3 *db = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(l->path, &db, flags, NULL) == SQLITE_OK) {
        sqlite3_exec(db, "PRAGMA wal_checkpoint(PASSIVE)", NULL, NULL, NULL);
    }
    sqlite3_close(db);
    return NULL;
}

void as_ledger_tidy(as_ledger *l)
{
    if (!l->tidying && l->wal) {
        l->tidying = pthread_create(&l->tidy, NULL, tidy, l) == 0;
    }
}

void as_ledger_close(as_ledger *l)
{
    if (!l) {
        return;
    }
    if (l->tidying) {
        pthread_join(l->tidy, NULL);
    }
    as_ledger_abandon(l);
    sqlite3_close(l->db);
    as_free(l->path);
    as_free(l);
}
