/* event.c: the chain: appending to it, reading it, and the digest of a run that a run's event
 * holds. See event.h and event.sql. */
#include "base/date.h"
#include "base/hash.h"
#include "ledger/event_int.h"

#include <stdio.h>

static const char doing[] = "the event cannot be written";

/* ---- hashes ---- */

static void add_part(as_sha256 *h, as_str s)
{
    char length[24];
    int n = snprintf(length, sizeof length, "%zu:", s.len);
    as_sha256_add(h, (as_str){length, (size_t)n});
    as_sha256_add(h, s);
}

as_code as_event_hash(const as_event *ev, char out[AS_SHA256_HEX], as_err *e)
{
    as_sha256 *h;
    as_code code = as_sha256_open(&h, e);
    if (code != AS_OK) {
        return code;
    }
    const as_str parts[] = {ev->previous, ev->kind, ev->at, ev->who, ev->release, ev->body};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        add_part(h, parts[i]);
    }
    as_sha256_hex(h, out);
    as_sha256_close(h);
    return out[0] ? AS_OK : as_fail(e, AS_EIO, AS_NOWHERE, "libcrypto failed to hash an event");
}

void as_event_add_number(as_sha256 *h, int64_t n)
{
    char number[40];
    int len = snprintf(number, sizeof number, "i%lld", (long long)n);
    add_part(h, (as_str){number, (size_t)len});
}

void as_event_add_text(as_sha256 *h, as_str s)
{
    add_part(h, AS_STR("t"));
    add_part(h, s);
}

/* Every column of a row: its type, and its bytes or its digits. */
static void add_row(as_sha256 *h, sqlite3_stmt *s)
{
    char number[40];
    for (int i = 0; i < sqlite3_column_count(s); i++) {
        int n;
        switch (sqlite3_column_type(s, i)) {
        case SQLITE_INTEGER:
            as_event_add_number(h, sqlite3_column_int64(s, i));
            break;
        case SQLITE_FLOAT:
            n = snprintf(number, sizeof number, "f%.17g", sqlite3_column_double(s, i));
            add_part(h, (as_str){number, (size_t)n});
            break;
        case SQLITE_NULL:
            add_part(h, AS_STR("n"));
            break;
        default:
            as_event_add_text(h, as_column_str(s, i));
        }
    }
}

/* Where there is no row of a table that is younger than a run, nothing is added, so that the
 * digest stays what it was. */
typedef enum naming { NAMED, NAMED_WHERE_ANY, NOT_NAMED } naming;

static as_code add_rows(as_ledger *l, as_sha256 *h, const char *sql, int64_t run, naming how,
                        as_err *e)
{
    sqlite3_stmt *s;
    as_code code = as_ledger_prepare(l, &s, sql, e);
    if (code != AS_OK) {
        return code;
    }
    int rc;
    sqlite3_bind_int64(s, 1, run);
    rc = sqlite3_step(s);
    if (how == NAMED || (how == NAMED_WHERE_ANY && rc == SQLITE_ROW)) {
        add_part(h, as_str_from(sql));
    }
    for (; rc == SQLITE_ROW; rc = sqlite3_step(s)) {
        add_row(h, s);
    }
    if (rc != SQLITE_DONE) {
        code = as_ledger_fail(l, "the run cannot be read", e);
    }
    sqlite3_finalize(s);
    return code;
}

static const char all_findings[] = "SELECT * FROM finding_block WHERE run = ? ORDER BY first";

static as_code end_digest(as_sha256 *h, char out[AS_SHA256_HEX], as_code code, as_err *e)
{
    as_sha256_hex(h, out);
    as_sha256_close(h);
    return code != AS_OK || out[0]
               ? code
               : as_fail(e, AS_EIO, AS_NOWHERE, "libcrypto failed to hash a run");
}

as_code as_event_findings(as_ledger *l, int64_t run, char out[AS_SHA256_HEX], as_err *e)
{
    as_sha256 *h;
    as_code code = as_sha256_open(&h, e);
    return code == AS_OK
               ? end_digest(h, out, add_rows(l, h, all_findings, run, NOT_NAMED, e), e)
               : code;
}

/* `apart`: the findings have a digest of their own. */
static as_code run_digest(as_ledger *l, int64_t run, bool apart, char out[AS_SHA256_HEX],
                          as_err *e)
{
    static const char *const parts[] = {
        "SELECT * FROM run WHERE seq = ?",
        "SELECT * FROM input WHERE run = ? ORDER BY ord",
        "SELECT * FROM run_rule WHERE run = ? ORDER BY ord",
        all_findings,
    };
    static const struct {
        int version;
        const char *sql;
    } later[] = {
        {AS_LEDGER_DECIDED, "SELECT * FROM run_decision WHERE run = ? ORDER BY ord"},
        {AS_LEDGER_CONTENT, "SELECT * FROM run_content WHERE run = ?"},
        {AS_LEDGER_CONTENT, "SELECT * FROM run_file WHERE run = ? ORDER BY ord"},
    };
    as_sha256 *h;
    as_code code = as_sha256_open(&h, e);
    if (code != AS_OK) {
        return code;
    }
    size_t count = sizeof parts / sizeof *parts - apart;
    for (size_t i = 0; code == AS_OK && i < count; i++) {
        code = add_rows(l, h, parts[i], run, NAMED, e);
    }
    for (size_t i = 0; code == AS_OK && i < sizeof later / sizeof *later; i++) {
        if (l->version >= later[i].version) {
            code = add_rows(l, h, later[i].sql, run, NAMED_WHERE_ANY, e);
        }
    }
    return end_digest(h, out, code, e);
}

as_code as_event_of_run(as_ledger *l, int64_t run, const char *findings, as_arena *a,
                        as_event *out, as_err *e)
{
    char digest[AS_SHA256_HEX];
    sqlite3_stmt *s;
    as_code code = run_digest(l, run, findings != NULL, digest, e);
    if (code != AS_OK) {
        return code;
    }
    code = as_ledger_prepare(
        l, &s, "SELECT id, started, produced_by, release FROM run WHERE seq = ?", e);
    if (code != AS_OK) {
        return code;
    }
    sqlite3_bind_int64(s, 1, run);
    if (sqlite3_step(s) == SQLITE_ROW) {
        as_str id = as_column_str(s, 0);
        *out = (as_event){.kind = AS_STR("run"),
                          .at = as_arena_str(a, as_column_str(s, 1)),
                          .who = as_arena_str(a, as_column_str(s, 2)),
                          .release = as_arena_str(a, as_column_str(s, 3)),
                          .body = as_arena_printf(
                              a, "{\"digest\": \"%s\", \"id\": \"%.*s\", \"run\": %lld%s%s%s}",
                              digest, AS_FMT(id), (long long)run,
                              findings ? ", " AS_EVENT_FINDINGS "\"" : "",
                              findings ? findings : "", findings ? "\"" : "")};
        bool whole = out->at.ptr && out->who.ptr && out->release.ptr && out->body.ptr;
        code = whole ? AS_OK : as_fail_nomem(e);
    } else {
        code = as_ledger_fail(l, "the run cannot be read", e);
    }
    sqlite3_finalize(s);
    return code;
}

/* ---- appending ---- */

as_code as_ledger_head(as_ledger *l, as_arena *a, as_str *out, as_err *e)
{
    sqlite3_stmt *s;
    if (l->version < AS_LEDGER_EVENTS) {
        *out = AS_STR(AS_EVENT_NONE);
        return AS_OK;
    }
    as_code code =
        as_ledger_prepare(l, &s, "SELECT hash FROM event ORDER BY seq DESC LIMIT 1", e);
    if (code != AS_OK) {
        return code;
    }
    int rc = sqlite3_step(s);
    *out = rc == SQLITE_ROW ? as_arena_str(a, as_column_str(s, 0)) : AS_STR(AS_EVENT_NONE);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        code = as_ledger_fail(l, "the ledger cannot be read", e);
    } else if (!out->ptr) {
        code = as_fail_nomem(e);
    }
    sqlite3_finalize(s);
    return code;
}

static as_code insert(as_ledger *l, as_event *ev, as_err *e)
{
    sqlite3_stmt *s;
    as_code code = as_ledger_prepare(l, &s,
                                     "INSERT INTO event (kind, at, who, release, body, "
                                     "previous, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
                                     e);
    if (code != AS_OK) {
        return code;
    }
    const as_str texts[] = {ev->kind, ev->at,       ev->who, ev->release,
                            ev->body, ev->previous, ev->hash};
    for (int i = 0; i < (int)(sizeof texts / sizeof *texts); i++) {
        as_bind_str(s, i + 1, texts[i]);
    }
    if (sqlite3_step(s) != SQLITE_DONE) {
        code = as_ledger_fail(l, doing, e);
    }
    sqlite3_finalize(s);
    ev->seq = (uint64_t)sqlite3_last_insert_rowid(l->db);
    return code;
}

as_code as_event_append(as_ledger *l, as_event *ev, as_arena *a, as_err *e)
{
    char hash[AS_SHA256_HEX], now[AS_TIME_TEXT];
    if (!ev->at.len) {
        ev->at = as_arena_str(a, as_str_from(as_time_text(now)));
    }
    as_code code = ev->at.ptr ? as_ledger_head(l, a, &ev->previous, e) : as_fail_nomem(e);
    if (code == AS_OK) {
        code = as_event_hash(ev, hash, e);
    }
    if (code != AS_OK) {
        return code;
    }
    ev->hash = as_arena_str(a, as_str_from(hash));
    return ev->hash.ptr ? insert(l, ev, e) : as_fail_nomem(e);
}

as_code as_ledger_events_make(as_ledger *l, as_events_fn make, void *arg, as_arena *a,
                              as_err *e)
{
    as_event_list new = {NULL, 0};
    if (l->read_only || l->w.on) {
        return as_fail(e, AS_ELEDGER, AS_NOWHERE, "%s: %s: %s", l->path, doing,
                       l->w.on ? "a run is being written"
                               : "the ledger was opened for reading");
    }
    as_code code = as_ledger_exec(l, "BEGIN IMMEDIATE", doing, e);
    if (code != AS_OK) {
        return code;
    }
    code = make(arg, l, &new, e);
    for (size_t i = 0; code == AS_OK && i < new.count; i++) {
        code = as_event_append(l, &new.items[i], a, e);
    }
    if (code == AS_OK) {
        code = as_ledger_exec(l, "COMMIT", doing, e);
    }
    if (code != AS_OK) {
        sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
    }
    return code;
}

static as_code these(void *arg, as_ledger *l, as_event_list *out, as_err *e)
{
    (void)l;
    (void)e;
    *out = *(const as_event_list *)arg;
    return AS_OK;
}

as_code as_ledger_events_add(as_ledger *l, as_event *events, size_t count, as_arena *a,
                             as_err *e)
{
    as_event_list list = {events, count};
    return as_ledger_events_make(l, these, &list, a, e);
}

as_code as_ledger_event_add(as_ledger *l, as_event *ev, as_arena *a, as_err *e)
{
    return as_ledger_events_add(l, ev, 1, a, e);
}

/* ---- reading ---- */

as_code as_event_read(sqlite3_stmt *s, as_arena *a, as_event *out, as_err *e)
{
    as_str *const texts[] = {&out->kind, &out->at,       &out->who, &out->release,
                             &out->body, &out->previous, &out->hash};
    bool whole = true;
    out->seq = as_column_u64(s, 0);
    for (int i = 0; i < (int)(sizeof texts / sizeof *texts); i++) {
        *texts[i] = as_arena_str(a, as_column_str(s, i + 1));
        whole = whole && texts[i]->ptr;
    }
    return whole ? AS_OK : as_fail_nomem(e);
}

static as_code grow(as_event_list *list, size_t *size, as_arena *a, as_err *e)
{
    if (list->count < *size) {
        return AS_OK;
    }
    size_t wider = *size ? 2 * *size : 64;
    as_event *items = AS_NEW_N(a, as_event, wider);
    if (!items) {
        return as_fail_nomem(e);
    }
    if (list->count) {
        memcpy(items, list->items, list->count * sizeof *items);
    }
    list->items = items;
    *size = wider;
    return AS_OK;
}

as_code as_ledger_events(as_ledger *l, as_arena *a, as_str kind, as_str release,
                         as_event_list *out, as_err *e)
{
    sqlite3_stmt *s;
    size_t size = 0;
    *out = (as_event_list){NULL, 0};
    if (l->version < AS_LEDGER_EVENTS) {
        return AS_OK;
    }
    as_code code =
        as_ledger_prepare(l, &s,
                          AS_EVENT_COLUMNS " WHERE ?1 IN ('', kind) AND ?2 IN ('', release) "
                                           "ORDER BY seq",
                          e);
    if (code != AS_OK) {
        return code;
    }
    int rc = SQLITE_DONE;
    as_bind_str(s, 1, kind);
    as_bind_str(s, 2, release);
    while (code == AS_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        code = grow(out, &size, a, e);
        if (code == AS_OK) {
            code = as_event_read(s, a, &out->items[out->count++], e);
        }
    }
    if (code == AS_OK && rc != SQLITE_DONE) {
        code = as_ledger_fail(l, "the ledger cannot be read", e);
    }
    sqlite3_finalize(s);
    return code;
}
