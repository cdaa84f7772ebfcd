/* write.c: one run, one transaction: begin, finding…, commit or abandon.
 *
 * BEGIN IMMEDIATE takes the write lock, so nobody adds a run between the comparison run being
 * chosen and the commit. Findings of one rule that follow each other share blocks; a change of
 * rule ends a block. */
#include "base/alloc.h"
#include "ledger/event_int.h"

static const char doing[] = "the run cannot be written";

/* ---- begin ---- */

static as_code step_once(as_ledger *l, sqlite3_stmt *s, as_err *e)
{
    int rc = sqlite3_step(s);
    as_code code = rc == SQLITE_DONE ? AS_OK : as_ledger_fail(l, doing, e);
    sqlite3_reset(s);
    return code;
}

static as_code insert_run(as_ledger *l, const as_doc *doc, as_err *e)
{
    sqlite3_stmt *s;
    as_code code = as_ledger_prepare(
        l, &s,
        "INSERT INTO run (id, release, release_file, produced_by, as_at, started, assay, "
        "rules_sha256, verdict, exit_code, findings, blocking, new, open, reopened, gone, "
        "previous) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', 0, 0, 0, 0, 0, 0, 0, nullif(?, 0))",
        e);
    if (code != AS_OK) {
        return code;
    }
    const as_str texts[] = {doc->run,   doc->release, doc->release_file, doc->produced_by,
                            doc->as_at, doc->started, doc->assay,        doc->rules_sha256};
    int at = 1;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        as_bind_str(s, at++, texts[i]);
    }
    sqlite3_bind_int64(s, at, as_states_previous(l->w.states));
    code = step_once(l, s, e);
    sqlite3_finalize(s);
    l->w.seq = sqlite3_last_insert_rowid(l->db);
    return code;
}

static void bind_input(sqlite3_stmt *s, int64_t run, size_t ord, const as_doc_input *in)
{
    const as_str texts[] = {in->table, in->file, in->digest, in->encoding};
    const uint64_t numbers[] = {in->rows,       in->bytes,         in->banner_rows,
                                in->blank_rows, in->blank_columns, in->header_row};
    int at = 1;
    sqlite3_bind_int64(s, at++, run);
    as_bind_u64(s, at++, ord);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        as_bind_str(s, at++, texts[i]);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        as_bind_u64(s, at++, numbers[i]);
    }
}

static as_code insert_inputs(as_ledger *l, const as_doc *doc, as_err *e)
{
    sqlite3_stmt *s;
    as_code code = as_ledger_prepare(
        l, &s, "INSERT INTO input VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", e);
    for (size_t i = 0; i < doc->input_count && code == AS_OK; i++) {
        bind_input(s, l->w.seq, i, &doc->inputs[i]);
        code = step_once(l, s, e);
    }
    sqlite3_finalize(s);
    return code;
}

static as_code next_finding_number(as_ledger *l, as_err *e)
{
    sqlite3_stmt *s;
    as_code code = as_ledger_prepare(
        l, &s, "SELECT first + count FROM finding_block ORDER BY first DESC LIMIT 1", e);
    if (code != AS_OK) {
        return code;
    }
    int rc = sqlite3_step(s);
    l->w.block_first = rc == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 1;
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
        code = as_ledger_fail(l, doing, e);
    }
    sqlite3_finalize(s);
    return code;
}

as_code as_ledger_begin(as_ledger *l, const as_doc *doc, as_err *e)
{
    if (l->read_only || l->w.on) {
        return as_fail(e, AS_ELEDGER, AS_NOWHERE, "%s: %s: %s", l->path, doing,
                       l->w.on ? "another run is being written"
                               : "the ledger was opened for reading");
    }
    as_code code = as_ledger_exec(l, "BEGIN IMMEDIATE", doing, e);
    if (code != AS_OK) {
        return code;
    }
    l->w.on = true;
    code = as_states_open(&l->w.states, l, doc, e);
    if (code == AS_OK) {
        code = insert_run(l, doc, e);
    }
    if (code == AS_OK) {
        code = insert_inputs(l, doc, e);
    }
    if (code == AS_OK) {
        code = as_content_insert(l, doc, e);
    }
    if (code == AS_OK) {
        code = next_finding_number(l, e);
    }
    if (code == AS_OK) {
        code = as_ledger_prepare(l, &l->w.insert_block,
                                 "INSERT INTO finding_block VALUES (?, ?, ?, ?, ?, ?)", e);
    }
    if (code == AS_OK) {
        code = as_sha256_open(&l->w.digest, e);
    }
    if (code != AS_OK) {
        as_ledger_abandon(l);
    }
    return code;
}

/* ---- findings ---- */

/* The block's row: its columns, for SQLite and for the digest. */
static as_code flush_block(as_ledger *l, as_err *e)
{
    as_writing *w = &l->w;
    if (w->block.count == 0) {
        return AS_OK;
    }
    if (!as_block_body(&w->block, &w->body)) {
        return as_fail_nomem(e);
    }
    sqlite3_stmt *s = w->insert_block;
    const int64_t head[] = {w->block_first, w->seq}, count = (int64_t)w->block.count;
    const as_str rule = {w->rule->rule, w->rule->rule_len};
    const as_enc *blobs[] = {&w->block.fingerprints, &w->body};
    for (int i = 0; i < 2; i++) {
        sqlite3_bind_int64(s, i + 1, head[i]);
        as_event_add_number(w->digest, head[i]);
    }
    as_bind_str(s, 3, rule);
    as_event_add_text(w->digest, rule);
    sqlite3_bind_int64(s, 4, count);
    as_event_add_number(w->digest, count);
    for (int i = 0; i < 2; i++) {
        sqlite3_bind_blob64(s, i + 5, blobs[i]->ptr, blobs[i]->len, SQLITE_STATIC);
        as_event_add_text(w->digest, (as_str){(const char *)blobs[i]->ptr, blobs[i]->len});
    }
    as_code code = step_once(l, s, e);
    w->block_first += w->block.count;
    as_block_clear(&w->block);
    return code;
}

static as_code add_finding(as_ledger *l, const as_doc_finding *f, as_err *e)
{
    as_writing *w = &l->w;
    as_rule_states *rule = NULL;
    as_code code = as_states_rule(w->states, f->rule, &rule, e);
    if (code == AS_OK && (rule != w->rule || as_block_full(&w->block))) {
        code = flush_block(l, e);
        w->rule = rule;
    }
    as_fp fp;
    as_fp_kind kind;
    as_state state;
    if (code == AS_OK) {
        code = as_fp_of(f->fingerprint, &fp, &kind, e);
    }
    if (code == AS_OK) {
        code = as_states_add(w->states, rule, &fp, &state, e);
    }
    if (code == AS_OK) {
        as_block_add(&w->block, f, &fp, kind, state);
        code = w->block.failed ? as_fail_nomem(e) : AS_OK;
    }
    return code;
}

as_code as_ledger_finding(as_ledger *l, const as_doc_finding *f, as_err *e)
{
    if (!l->w.on || l->w.failed) {
        return as_fail(e, AS_ELEDGER, AS_NOWHERE, "%s: %s: no run is open", l->path, doing);
    }
    as_code code = add_finding(l, f, e);
    l->w.failed = code != AS_OK;
    return code;
}

/* ---- commit ---- */

static bool evaluated(const as_doc_rule *r)
{
    return as_str_eq(r->status, AS_STR("pass")) || as_str_eq(r->status, AS_STR("fail"));
}

static void bind_rule(sqlite3_stmt *s, int64_t run, size_t ord, const as_doc_rule *r)
{
    const as_str texts[] = {r->id,  r->name,   r->title, r->kind,   r->severity, r->steward,
                            r->why, r->source, r->table, r->status, r->note};
    const uint64_t numbers[] = {r->blocking,  r->builtin,   r->selected, r->findings,
                                r->undecided, r->key_nulls, r->accepted};
    int at = 1;
    sqlite3_bind_int64(s, at++, run);
    as_bind_u64(s, at++, ord);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        as_bind_str(s, at++, texts[i]);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        as_bind_u64(s, at++, numbers[i]);
    }
    sqlite3_bind_double(s, at, r->millis);
}

enum { AT_BRIDGE = 22, AT_WRITTEN = 23, AT_GONE_LIST = 28 };

static as_code insert_rule(as_ledger *l, sqlite3_stmt *s, size_t ord, as_doc_rule *r,
                           as_enc *gone, as_enc *bridge, as_err *e)
{
    as_rule_states *states = NULL;
    as_code code = as_states_rule(l->w.states, r->id, &states, e);
    gone->len = bridge->len = 0;
    if (code == AS_OK && evaluated(r)) {
        code = as_states_gone(l->w.states, states, gone, e);
    }
    if (code != AS_OK) {
        return code;
    }
    r->new_count = states->counts[AS_STATE_NEW];
    r->open_count = states->counts[AS_STATE_OPEN];
    r->reopened_count = states->counts[AS_STATE_REOPENED];
    r->gone_count = states->gone;
    states->listed = true;
    if (r->has_bridge || r->bridge_count > 0) {
        as_bridge_encode(bridge, r);
    }
    if (bridge->failed) {
        return as_fail_nomem(e);
    }
    sqlite3_clear_bindings(s);
    bind_rule(s, l->w.seq, ord, r);
    if (bridge->len > 0) {
        sqlite3_bind_blob64(s, AT_BRIDGE, bridge->ptr, bridge->len, SQLITE_STATIC);
    }
    const uint64_t counts[] = {states->written, r->new_count, r->open_count, r->reopened_count,
                               r->gone_count};
    for (int i = 0; i < 5; i++) {
        as_bind_u64(s, AT_WRITTEN + i, counts[i]);
    }
    if (gone->len > 0) {
        sqlite3_bind_blob64(s, AT_GONE_LIST, gone->ptr, gone->len, SQLITE_STATIC);
    }
    return step_once(l, s, e);
}

static as_code all_rules_listed(as_ledger *l, as_err *e)
{
    for (as_rule_states *r = as_states_first(l->w.states); r; r = r->next) {
        if (!r->listed) {
            return as_fail(e, AS_ELEDGER, AS_NOWHERE,
                           "%s: %s: it has findings of rule %s, which is none of its rules",
                           l->path, doing, r->rule);
        }
    }
    return AS_OK;
}

static as_code insert_rules(as_ledger *l, as_doc *doc, as_err *e)
{
    sqlite3_stmt *s;
    as_enc gone = {NULL, 0, 0, false}, bridge = {NULL, 0, 0, false};
    as_code code =
        as_ledger_prepare(l, &s,
                          "INSERT INTO run_rule VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                          "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                          e);
    for (size_t i = 0; i < doc->rule_count && code == AS_OK; i++) {
        code = insert_rule(l, s, i, &doc->rules[i], &gone, &bridge, e);
    }
    if (code == AS_OK) {
        code = all_rules_listed(l, e);
    }
    sqlite3_finalize(s);
    as_enc_free(&gone);
    as_enc_free(&bridge);
    return code;
}

static as_code insert_decided(as_ledger *l, const as_doc *doc, as_err *e)
{
    sqlite3_stmt *s;
    as_code code = as_ledger_prepare(
        l, &s, "INSERT INTO run_decision VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", e);
    for (size_t i = 0; i < doc->decided_count && code == AS_OK; i++) {
        const as_doc_decided *d = &doc->decided[i];
        const as_str texts[] = {d->state, d->name,    d->who,     d->until,
                                d->rule,  d->finding, d->sentence};
        int at = 1;
        sqlite3_bind_int64(s, at++, l->w.seq);
        as_bind_u64(s, at++, i);
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
            as_bind_str(s, at++, texts[k]);
        }
        as_bind_u64(s, at, d->count);
        code = step_once(l, s, e);
    }
    sqlite3_finalize(s);
    return code;
}

static as_code update_run(as_ledger *l, const as_doc *doc, as_err *e)
{
    sqlite3_stmt *s;
    as_code code = as_ledger_prepare(l, &s,
                                     "UPDATE run SET verdict = ?, exit_code = ?, findings = ?, "
                                     "blocking = ?, new = ?, open = ?, "
                                     "reopened = ?, gone = ? WHERE seq = ?",
                                     e);
    if (code != AS_OK) {
        return code;
    }
    as_bind_str(s, 1, doc->verdict);
    sqlite3_bind_int(s, 2, doc->exit_code);
    const uint64_t numbers[] = {doc->findings,   doc->blocking,       doc->new_count,
                                doc->open_count, doc->reopened_count, doc->gone_count};
    for (int i = 0; i < 6; i++) {
        as_bind_u64(s, 3 + i, numbers[i]);
    }
    sqlite3_bind_int64(s, 9, l->w.seq);
    code = step_once(l, s, e);
    sqlite3_finalize(s);
    return code;
}

static void add_up(as_doc *doc)
{
    doc->new_count = doc->open_count = doc->reopened_count = doc->gone_count = 0;
    for (size_t i = 0; i < doc->rule_count; i++) {
        doc->new_count += doc->rules[i].new_count;
        doc->open_count += doc->rules[i].open_count;
        doc->reopened_count += doc->rules[i].reopened_count;
        doc->gone_count += doc->rules[i].gone_count;
    }
}

/* The run is an event, with the digest of all that was written of it. */
static as_code add_event(as_ledger *l, as_err *e)
{
    char findings[AS_SHA256_HEX];
    as_arena *a = as_arena_open();
    as_event ev;
    as_sha256_hex(l->w.digest, findings);
    as_code code = !a ? as_fail_nomem(e)
                   : !findings[0]
                       ? as_fail(e, AS_EIO, AS_NOWHERE, "libcrypto failed to hash a run")
                       : as_event_of_run(l, l->w.seq, findings, a, &ev, e);
    if (code == AS_OK) {
        code = as_event_append(l, &ev, a, e);
    }
    as_arena_close(a);
    return code;
}

static void forget(as_ledger *l)
{
    as_writing *w = &l->w;
    sqlite3_finalize(w->insert_block);
    as_sha256_close(w->digest);
    as_states_close(w->states);
    as_block_free(&w->block);
    as_enc_free(&w->body);
    *w = (as_writing){0};
}

as_code as_ledger_commit(as_ledger *l, as_doc *doc, as_err *e)
{
    if (!l->w.on || l->w.failed) {
        return as_fail(e, AS_ELEDGER, AS_NOWHERE, "%s: %s: no whole run is open", l->path,
                       doing);
    }
    as_code code = flush_block(l, e);
    if (code == AS_OK) {
        code = insert_rules(l, doc, e);
    }
    if (code == AS_OK) {
        code = insert_decided(l, doc, e);
    }
    if (code == AS_OK) {
        add_up(doc);
        code = update_run(l, doc, e);
    }
    if (code == AS_OK) {
        code = add_event(l, e);
    }
    if (code == AS_OK) {
        sqlite3_wal_autocheckpoint(l->db, 0); /* not now, where all wait for it: tidy */
        code = as_ledger_exec(l, "COMMIT", doing, e);
        sqlite3_wal_autocheckpoint(l->db, AS_LEDGER_JOURNAL_PAGES);
    }
    if (code != AS_OK) {
        l->w.failed = true;
        return code;
    }
    doc->seq = (uint64_t)l->w.seq;
    doc->previous = (uint64_t)as_states_previous(l->w.states);
    forget(l);
    return AS_OK;
}

void as_ledger_abandon(as_ledger *l)
{
    if (l && l->w.on) {
        forget(l); /* statements first: one that is open would hold the transaction */
        sqlite3_exec(l->db, "ROLLBACK", NULL, NULL, NULL);
    }
}
