/* verify.c: is the ledger as it was written? Everything is read again: SQLite's own check, the
 * tables and triggers themselves, the chain of events, and for each run the digest of its rows.
 *
 * Numbers of events and runs leave no gap (a run that was abandoned is rolled back with its
 * number), so a gap, or a next number that is not one more than the last, is a deletion. */
#include "ledger/event_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct checker {
    as_ledger *l;
    as_arena *arena;
    as_verified *out;
    size_t size;
    as_str last; /* hash of the event before */
    uint64_t next_event, next_run;
    bool nomem;
} checker;

static void fault(checker *c, as_str where, as_str what)
{
    as_verified *v = c->out;
    if (v->fault_count == c->size) {
        size_t size = c->size ? 2 * c->size : 16;
        as_fault *grown = AS_NEW_N(c->arena, as_fault, size);
        if (!grown) {
            c->nomem = true;
            return;
        }
        if (c->size) {
            memcpy(grown, v->faults, v->fault_count * sizeof *grown);
        }
        v->faults = grown;
        c->size = size;
    }
    v->faults[v->fault_count++] = (as_fault){where, what};
    c->nomem = c->nomem || !where.ptr || !what.ptr;
}

#define SAY(c, ...) as_arena_printf((c)->arena, __VA_ARGS__)

static as_code one_number(checker *c, const char *sql, uint64_t *out, as_err *e)
{
    sqlite3_stmt *s;
    as_code code = as_ledger_prepare(c->l, &s, sql, e);
    if (code != AS_OK) {
        return code;
    }
    int rc = sqlite3_step(s);
    *out = rc == SQLITE_ROW ? as_column_u64(s, 0) : 0;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        code = as_ledger_fail(c->l, "the ledger cannot be read", e);
    }
    sqlite3_finalize(s);
    return code;
}

/* ---- the file, and what is in it ---- */

/* Every row says what is wrong, after `begin`; `fine`: the text of a row that is no fault. */
static as_code check_pragma(checker *c, const char *sql, const char *begin, const char *fine,
                            as_err *e)
{
    sqlite3_stmt *s;
    int rc;
    as_code code = as_ledger_prepare(c->l, &s, sql, e);
    if (code != AS_OK) {
        return code;
    }
    while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
        as_str said = as_column_str(s, 0);
        if (!fine || !as_str_eq(said, as_str_from(fine))) {
            fault(c, AS_STR("the file"), SAY(c, "%s%.*s", begin, AS_FMT(said)));
        }
    }
    if (rc != SQLITE_DONE) {
        code = as_ledger_fail(c->l, "the ledger cannot be read", e);
    }
    sqlite3_finalize(s);
    return code;
}

static const char things[] = "SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema "
                             "WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1";

static as_code compare_things(checker *c, sqlite3_stmt *mine, sqlite3_stmt *right, as_err *e)
{
    int a = sqlite3_step(mine), b = sqlite3_step(right);
    while (a == SQLITE_ROW || b == SQLITE_ROW) {
        as_str x = a == SQLITE_ROW ? as_column_str(mine, 0) : AS_NONE;
        as_str y = b == SQLITE_ROW ? as_column_str(right, 0) : AS_NONE;
        int order = !x.ptr ? 1 : !y.ptr ? -1 : as_str_cmp(x, y);
        if (order < 0) {
            fault(c, SAY(c, "%.*s", AS_FMT(x)), AS_STR("this was added to the ledger"));
        } else if (order > 0) {
            fault(c, SAY(c, "%.*s", AS_FMT(y)), AS_STR("this is missing from the ledger"));
        } else if (!as_str_eq(as_column_str(mine, 1), as_column_str(right, 1))) {
            fault(c, SAY(c, "%.*s", AS_FMT(x)), AS_STR("its definition was changed"));
        }
        a = order <= 0 ? sqlite3_step(mine) : a;
        b = order >= 0 ? sqlite3_step(right) : b;
    }
    return a == SQLITE_DONE && b == SQLITE_DONE
               ? AS_OK
               : as_ledger_fail(c->l, "the ledger cannot be read", e);
}

/* Tables, indexes and triggers as a fresh ledger of this version has them. */
static as_code check_schema(checker *c, as_err *e)
{
    sqlite3 *fresh = NULL;
    sqlite3_stmt *mine = NULL, *right = NULL;
    as_code code = as_ledger_prepare(c->l, &mine, things, e);
    bool made = sqlite3_open_v2(":memory:", &fresh, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                                NULL) == SQLITE_OK;
    for (int i = 1; made && i <= c->l->version; i++) {
        made = sqlite3_exec(fresh, as_ledger_script(i), NULL, NULL, NULL) == SQLITE_OK;
    }
    made = made && sqlite3_prepare_v2(fresh, things, -1, &right, NULL) == SQLITE_OK;
    if (code == AS_OK) {
        code = made ? compare_things(c, mine, right, e) : as_fail_nomem(e);
    }
    sqlite3_finalize(mine);
    sqlite3_finalize(right);
    sqlite3_close(fresh);
    return code;
}

/* ---- the chain ---- */

static as_code check_run(checker *c, const as_event *ev, as_str where, as_err *e)
{
    uint64_t run = 0, there = 0;
    char sql[64], findings[AS_SHA256_HEX];
    as_event right;
    const as_str key = AS_STR("\"run\": ");
    size_t at = as_str_find(ev->body, key);
    if (at != (size_t)-1) {
        run = strtoull(ev->body.ptr + at + key.len, NULL, 10);
    }
    if (run == 0) { /* runs count from 1 */
        fault(c, where, AS_STR("it does not say which run it is about"));
        return AS_OK;
    }
    if (run != c->next_run) {
        fault(c, where,
              SAY(c, "it is about run %" PRIu64 ", and run %" PRIu64 " comes next", run,
                  c->next_run));
    }
    c->next_run = run + 1;
    snprintf(sql, sizeof sql, "SELECT count(*) FROM run WHERE seq = %" PRIu64, run);
    as_code code = one_number(c, sql, &there, e);
    if (code == AS_OK && !there) {
        fault(c, SAY(c, "run %" PRIu64, run), AS_STR("it was deleted"));
        return AS_OK;
    }
    const bool apart = as_str_find(ev->body, AS_STR(AS_EVENT_FINDINGS)) != (size_t)-1;
    if (code == AS_OK && apart) {
        code = as_event_findings(c->l, (int64_t)run, findings, e);
    }
    if (code == AS_OK) {
        code =
            as_event_of_run(c->l, (int64_t)run, apart ? findings : NULL, c->arena, &right, e);
    }
    if (code == AS_OK &&
        (!as_str_eq(right.body, ev->body) || !as_str_eq(right.release, ev->release))) {
        fault(c, SAY(c, "run %" PRIu64, run),
              AS_STR("its rows, rules, inputs or findings are not what was written"));
    }
    return code;
}

static as_code check_event(checker *c, const as_event *ev, as_err *e)
{
    char hash[AS_SHA256_HEX];
    as_str where = SAY(c, "event %" PRIu64, ev->seq);
    if (ev->seq != c->next_event) {
        fault(
            c, where,
            SAY(c, "event %" PRIu64 " comes next: what was between is missing", c->next_event));
    }
    if (!as_str_eq(ev->previous, c->last)) {
        fault(c, where, AS_STR("it does not follow the event before it"));
    }
    as_code code = as_event_hash(ev, hash, e);
    if (code != AS_OK) {
        return code;
    }
    if (!as_str_eq(ev->hash, as_str_from(hash))) {
        fault(c, where, AS_STR("its content is not what was written"));
    }
    c->last = ev->hash;
    c->next_event = ev->seq + 1;
    return as_str_eq(ev->kind, AS_STR("run")) ? check_run(c, ev, where, e) : AS_OK;
}

static as_code check_chain(checker *c, as_err *e)
{
    sqlite3_stmt *s;
    int rc = SQLITE_DONE;
    as_event ev = {0};
    as_code code = as_ledger_prepare(c->l, &s, AS_EVENT_COLUMNS " ORDER BY seq", e);
    while (code == AS_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        code = as_event_read(s, c->arena, &ev, e);
        if (code == AS_OK) {
            code = check_event(c, &ev, e);
        }
        c->out->events++;
    }
    if (code == AS_OK && rc != SQLITE_DONE) {
        code = as_ledger_fail(c->l, "the ledger cannot be read", e);
    }
    sqlite3_finalize(s);
    c->out->head = c->last;
    return code;
}

/* What SQLite says it numbered last, and what is there. */
static as_code check_last(checker *c, const char *table, uint64_t next, const char *fate,
                          as_err *e)
{
    char sql[96];
    uint64_t numbered;
    snprintf(sql, sizeof sql, "SELECT seq FROM sqlite_sequence WHERE name = '%s'", table);
    as_code code = one_number(c, sql, &numbered, e);
    if (code == AS_OK && numbered + 1 > next) {
        fault(c, SAY(c, "%s %" PRIu64, table, next),
              SAY(c, "%s (numbers were given up to %" PRIu64 ")", fate, numbered));
    } else if (code == AS_OK && numbered + 1 < next) {
        fault(c, SAY(c, "%s %" PRIu64, table, next - 1),
              AS_STR("it was added with another tool"));
    }
    return code;
}

/* Rows that belong to no run, or to one that no event speaks of. */
static as_code check_strays(checker *c, as_err *e)
{
    static const char *const tables[] = {"run", "input", "run_rule", "finding_block"};
    as_code code = AS_OK;
    for (size_t i = 0; code == AS_OK && i < 4; i++) {
        char sql[128];
        uint64_t n;
        snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE %s NOT BETWEEN 1 AND %" PRIu64,
                 tables[i], i ? "run" : "seq", c->next_run - 1);
        code = one_number(c, sql, &n, e);
        if (code == AS_OK && n) {
            fault(c, as_str_from(tables[i]),
                  SAY(c, "%" PRIu64 " rows belong to no run that an event speaks of", n));
        }
    }
    return code;
}

as_code as_ledger_verify(as_ledger *l, as_arena *a, as_verified *out, as_err *e)
{
    checker c = {.l = l,
                 .arena = a,
                 .out = out,
                 .last = AS_STR(AS_EVENT_NONE),
                 .next_event = 1,
                 .next_run = 1};
    *out = (as_verified){0};
    if (l->version < AS_LEDGER_EVENTS) {
        return as_fail(e, AS_ELEDGER, AS_NOWHERE,
                       "%s: this ledger is of version %d, which has no chain of events to "
                       "verify. The next `assay check` brings it up to date.",
                       l->path, l->version);
    }
    as_code code = check_pragma(&c, "PRAGMA integrity_check", "SQLite says: ", "ok", e);
    if (code == AS_OK) {
        code = check_pragma(
            &c, "SELECT DISTINCT \"table\" FROM pragma_foreign_key_check ORDER BY 1",
            "a run that is not there has rows in ", NULL, e);
    }
    if (code == AS_OK) {
        code = check_schema(&c, e);
    }
    if (code == AS_OK) {
        code = check_chain(&c, e);
    }
    if (code == AS_OK) {
        code = check_last(&c, "event", c.next_event, "it was deleted", e);
    }
    if (code == AS_OK) {
        code =
            check_last(&c, "run", c.next_run,
                       "no event speaks of it: it was added or deleted with another tool", e);
    }
    if (code == AS_OK) {
        code = check_strays(&c, e);
    }
    if (code == AS_OK) {
        code = one_number(&c, "SELECT count(*) FROM run", &out->runs, e);
    }
    if (code == AS_OK) {
        code = one_number(&c, "SELECT total(count) FROM finding_block", &out->findings, e);
    }
    return code == AS_OK && c.nomem ? as_fail_nomem(e) : code;
}
