/* read.c: runs as docs again. Findings are read by cursor.c. */
#include "ledger/ledger_int.h"

#define RUN_COLUMNS                                                                            \
    "SELECT seq, id, release, release_file, produced_by, as_at, started, assay, "              \
    "rules_sha256, "                                                                           \
    "verdict, exit_code, findings, blocking, new, open, reopened, gone, previous FROM run "

static const char doing[] = "the run cannot be read";

/* A column's text in the arena; *ok goes false when memory is out. */
static as_str keep(sqlite3_stmt *s, int at, as_arena *a, bool *ok)
{
    as_str text = as_arena_str(a, as_column_str(s, at));
    *ok = *ok && text.ptr;
    return text;
}

static as_code header(sqlite3_stmt *s, as_arena *a, as_doc *out, as_err *e)
{
    bool ok = true;
    *out = (as_doc){0};
    out->seq = as_column_u64(s, 0);
    as_str *const texts[] = {&out->run,         &out->release,      &out->release_file,
                             &out->produced_by, &out->as_at,        &out->started,
                             &out->assay,       &out->rules_sha256, &out->verdict};
    int at = 1;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        *texts[i] = keep(s, at++, a, &ok);
    }
    out->exit_code = sqlite3_column_int(s, at++);
    uint64_t *const numbers[] = {&out->findings,   &out->blocking,       &out->new_count,
                                 &out->open_count, &out->reopened_count, &out->gone_count,
                                 &out->previous};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        *numbers[i] = as_column_u64(s, at++);
    }
    return ok ? AS_OK : as_fail_nomem(e);
}

/* How many rows `sql` counts (its parameter, if it has one, is a run), to make room once. */
static as_code count_of(as_ledger *l, const char *sql, uint64_t run, size_t *out, as_err *e)
{
    sqlite3_stmt *s;
    as_code code = as_ledger_prepare(l, &s, sql, e);
    if (code != AS_OK) {
        return code;
    }
    if (sqlite3_bind_parameter_count(s) > 0) {
        as_bind_u64(s, 1, run);
    }
    if (sqlite3_step(s) == SQLITE_ROW) {
        *out = (size_t)as_column_u64(s, 0);
    } else {
        code = as_ledger_fail(l, doing, e);
    }
    sqlite3_finalize(s);
    return code;
}

/* ---- inputs and rules ---- */

typedef as_code (*row_fn)(as_ledger *l, sqlite3_stmt *s, as_arena *a, void *item, as_err *e);

typedef struct many {
    const char *count, *select;
    size_t size; /* of one item */
    row_fn row;
} many;

static as_code read_many(as_ledger *l, const many *m, uint64_t run, as_arena *a, void **items,
                         size_t *count, as_err *e)
{
    size_t n = 0;
    as_code code = count_of(l, m->count, run, &n, e);
    if (code != AS_OK) {
        return code;
    }
    char *all = as_arena_zalloc(a, (n ? n : 1) * m->size);
    sqlite3_stmt *s = NULL;
    code = all ? as_ledger_prepare(l, &s, m->select, e) : as_fail_nomem(e);
    size_t i = 0;
    int rc = SQLITE_DONE;
    if (code == AS_OK) {
        as_bind_u64(s, 1, run);
        while (i < n && code == AS_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
            code = m->row(l, s, a, all + i++ * m->size, e);
        }
        if (code == AS_OK && i < n) {
            code = rc == SQLITE_DONE ? as_ledger_damaged(l, "rows are missing", e)
                                     : as_ledger_fail(l, doing, e);
        }
    }
    sqlite3_finalize(s);
    *items = all;
    *count = i;
    return code;
}

static as_code input_row(as_ledger *l, sqlite3_stmt *s, as_arena *a, void *item, as_err *e)
{
    (void)l;
    as_doc_input *in = item;
    bool ok = true;
    in->table = keep(s, 0, a, &ok);
    in->file = keep(s, 1, a, &ok);
    in->digest = keep(s, 2, a, &ok);
    in->encoding = keep(s, 3, a, &ok);
    in->rows = as_column_u64(s, 4);
    in->bytes = as_column_u64(s, 5);
    in->banner_rows = as_column_u64(s, 6);
    in->blank_rows = as_column_u64(s, 7);
    in->blank_columns = as_column_u64(s, 8);
    in->header_row = (uint32_t)as_column_u64(s, 9);
    return ok ? AS_OK : as_fail_nomem(e);
}

static const many inputs = {
    "SELECT count(*) FROM input WHERE run = ?",
    "SELECT name, file, sha256, encoding, rows, bytes, banner_rows, blank_rows, blank_columns, "
    "header_row FROM input WHERE run = ? ORDER BY ord",
    sizeof(as_doc_input), input_row};

static as_code rule_row(as_ledger *l, sqlite3_stmt *s, as_arena *a, void *item, as_err *e)
{
    as_doc_rule *r = item;
    bool ok = true, damaged = false;
    as_str *const texts[] = {&r->id,       &r->name,    &r->title, &r->kind,
                             &r->severity, &r->steward, &r->why,   &r->source,
                             &r->table,    &r->status,  &r->note};
    int at = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        *texts[i] = keep(s, at++, a, &ok);
    }
    r->blocking = sqlite3_column_int(s, at++) != 0;
    r->builtin = sqlite3_column_int(s, at++) != 0;
    uint64_t *const numbers[] = {&r->selected,   &r->findings,       &r->undecided,
                                 &r->key_nulls,  &r->accepted,       &r->new_count,
                                 &r->open_count, &r->reopened_count, &r->gone_count};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        *numbers[i] = as_column_u64(s, at++);
    }
    r->millis = sqlite3_column_double(s, at++);
    if (sqlite3_column_type(s, at) == SQLITE_BLOB) {
        ok = as_bridge_decode(as_column_str(s, at), a, r, &damaged) && ok;
    }
    if (damaged) {
        return as_ledger_damaged(l, "a bridge cannot be read", e);
    }
    return ok ? AS_OK : as_fail_nomem(e);
}

static const many rules = {
    "SELECT count(*) FROM run_rule WHERE run = ?",
    "SELECT id, name, title, kind, severity, steward, why, source, table_name, status, note, "
    "blocking, builtin, selected, findings, undecided, key_nulls, accepted, new, open, "
    "reopened, "
    "gone, millis, bridge FROM run_rule WHERE run = ? ORDER BY ord",
    sizeof(as_doc_rule), rule_row};

static as_code decided_row(as_ledger *l, sqlite3_stmt *s, as_arena *a, void *item, as_err *e)
{
    (void)l;
    as_doc_decided *d = item;
    as_str *const texts[] = {&d->state, &d->name,    &d->who,     &d->until,
                             &d->rule,  &d->finding, &d->sentence};
    bool ok = true;
    int at = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        *texts[i] = keep(s, at++, a, &ok);
    }
    d->count = as_column_u64(s, at);
    return ok ? AS_OK : as_fail_nomem(e);
}

static const many decided = {
    "SELECT count(*) FROM run_decision WHERE run = ?",
    "SELECT state, name, who, until, rule, finding, sentence, count FROM run_decision "
    "WHERE run = ? ORDER BY ord",
    sizeof(as_doc_decided), decided_row};

static as_code file_row(as_ledger *l, sqlite3_stmt *s, as_arena *a, void *item, as_err *e)
{
    (void)l;
    as_doc_file *f = item;
    bool ok = true;
    f->path = keep(s, 0, a, &ok);
    f->sha256 = keep(s, 1, a, &ok);
    return ok ? AS_OK : as_fail_nomem(e);
}

static const many files = {"SELECT count(*) FROM run_file WHERE run = ?",
                           "SELECT path, sha256 FROM run_file WHERE run = ? ORDER BY ord",
                           sizeof(as_doc_file), file_row};

as_code as_ledger_inputs(as_ledger *l, as_arena *a, uint64_t seq, as_doc_input **out,
                         size_t *count, as_err *e)
{
    void *items = NULL;
    as_code code = read_many(l, &inputs, seq, a, &items, count, e);
    *out = items;
    return code;
}

static as_code read_whole(as_ledger *l, as_arena *a, as_doc *out, as_err *e)
{
    void *items = NULL;
    as_code code = read_many(l, &inputs, out->seq, a, &items, &out->input_count, e);
    out->inputs = items;
    if (code == AS_OK) {
        code = read_many(l, &rules, out->seq, a, &items, &out->rule_count, e);
        out->rules = items;
    }
    if (code == AS_OK && l->version >= AS_LEDGER_DECIDED) {
        code = read_many(l, &decided, out->seq, a, &items, &out->decided_count, e);
        out->decided = items;
    }
    if (code == AS_OK && l->version >= AS_LEDGER_CONTENT) {
        code = read_many(l, &files, out->seq, a, &items, &out->file_count, e);
        out->files = items;
    }
    for (size_t i = 0; code == AS_OK && i < out->rule_count; i++) {
        out->accepted += out->rules[i].accepted;
    }
    return code;
}

/* ---- which run ---- */

enum { PREFIX_MIN = 4 };

/* One header from a prepared query. *got false: no such row. */
static as_code first_header(as_ledger *l, sqlite3_stmt *s, as_arena *a, as_doc *out, bool *got,
                            as_err *e)
{
    int rc = sqlite3_step(s);
    *got = rc == SQLITE_ROW;
    if (rc == SQLITE_ROW) {
        return header(s, a, out, e);
    }
    return rc == SQLITE_DONE ? AS_OK : as_ledger_fail(l, doing, e);
}

static as_code find_last(as_ledger *l, as_arena *a, as_str release, as_doc *out, bool *got,
                         as_err *e)
{
    sqlite3_stmt *s;
    as_code code = as_ledger_prepare(
        l, &s, RUN_COLUMNS "WHERE ?1 = '' OR release = ?1 ORDER BY seq DESC LIMIT 1", e);
    if (code == AS_OK) {
        as_bind_str(s, 1, release);
        code = first_header(l, s, a, out, got, e);
    }
    sqlite3_finalize(s);
    return code;
}

static as_code find_number(as_ledger *l, as_arena *a, int64_t seq, as_doc *out, bool *got,
                           as_err *e)
{
    sqlite3_stmt *s;
    as_code code = as_ledger_prepare(l, &s, RUN_COLUMNS "WHERE seq = ?1", e);
    if (code == AS_OK) {
        sqlite3_bind_int64(s, 1, seq);
        code = first_header(l, s, a, out, got, e);
    }
    sqlite3_finalize(s);
    return code;
}

/* The latest run whose id starts with `which`; several ids that do are an error. */
static as_code find_prefix(as_ledger *l, as_arena *a, as_str which, as_doc *out, bool *got,
                           as_err *e)
{
    sqlite3_stmt *s;
    as_code code = as_ledger_prepare(
        l, &s, RUN_COLUMNS "WHERE substr(id, 1, length(?1)) = ?1 ORDER BY seq DESC", e);
    if (code != AS_OK) {
        return code;
    }
    as_bind_str(s, 1, which);
    code = first_header(l, s, a, out, got, e);
    while (code == AS_OK && *got && !as_str_eq(out->run, which)) {
        int rc = sqlite3_step(s);
        if (rc == SQLITE_DONE) {
            break;
        }
        if (rc != SQLITE_ROW) {
            code = as_ledger_fail(l, doing, e);
        } else if (!as_str_eq(as_column_str(s, 1), out->run)) {
            as_str other = as_column_str(s, 1);
            code = as_fail(e, AS_EUSAGE, AS_NOWHERE,
                           "%s: \"%.*s\" may be run %.*s or %.*s: give more of the id", l->path,
                           AS_FMT(which), AS_FMT(out->run), AS_FMT(other));
        }
    }
    sqlite3_finalize(s);
    return code;
}

static as_code no_such_run(as_ledger *l, as_str which, as_str release, as_err *e)
{
    if (which.len > 0) {
        return as_fail(
            e, AS_EUSAGE, AS_NOWHERE,
            "%s: there is no run \"%.*s\" (a run's number, or four or more characters "
            "of its id)",
            l->path, AS_FMT(which));
    }
    if (release.len > 0) {
        return as_fail(e, AS_ELEDGER, AS_NOWHERE,
                       "%s: there is no run of \"%.*s\" yet. `assay check` makes one.", l->path,
                       AS_FMT(release));
    }
    return as_fail(e, AS_ELEDGER, AS_NOWHERE,
                   "%s: there is no run in this ledger yet. `assay check` makes one.", l->path);
}

static as_code find(as_ledger *l, as_arena *a, as_str which, as_str release, as_doc *out,
                    as_err *e)
{
    bool got = false;
    int64_t seq;
    as_code code = AS_OK;
    if (which.len == 0) {
        code = find_last(l, a, release, out, &got, e);
    } else if (as_str_to_i64(which, &seq) && seq > 0) {
        code = find_number(l, a, seq, out, &got, e);
    }
    if (code == AS_OK && !got && which.len >= PREFIX_MIN) {
        code = find_prefix(l, a, which, out, &got, e);
    }
    return code == AS_OK && !got ? no_such_run(l, which, release, e) : code;
}

as_code as_ledger_read(as_ledger *l, as_arena *a, as_str which, as_str release, as_doc *out,
                       as_err *e)
{
    if (as_str_eq(which, AS_STR("last"))) {
        which = AS_STR("");
    }
    /* Header, inputs and rules of one moment: one read transaction, unless a run is being
     * written. */
    bool own = sqlite3_get_autocommit(l->db) != 0;
    as_code code = own ? as_ledger_exec(l, "BEGIN", doing, e) : AS_OK;
    if (code == AS_OK) {
        code = find(l, a, which, release, out, e);
        if (code == AS_OK) {
            code = read_whole(l, a, out, e);
        }
        if (own) {
            sqlite3_exec(l->db, "COMMIT", NULL, NULL, NULL);
        }
    }
    return code;
}

as_code as_ledger_runs(as_ledger *l, as_arena *a, as_doc_list *out, as_err *e)
{
    size_t n = 0, i = 0;
    sqlite3_stmt *s = NULL;
    *out = (as_doc_list){NULL, 0};
    as_code code = count_of(l, "SELECT count(*) FROM run", 0, &n, e);
    if (code == AS_OK) {
        out->items = AS_NEW_N(a, as_doc, n ? n : 1);
        code = out->items ? as_ledger_prepare(l, &s, RUN_COLUMNS "ORDER BY seq", e)
                          : as_fail_nomem(e);
    }
    int rc = SQLITE_DONE;
    while (code == AS_OK && i < n && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        code = header(s, a, &out->items[i++], e);
    }
    if (code == AS_OK && i < n && rc != SQLITE_DONE) {
        code = as_ledger_fail(l, doing, e);
    }
    sqlite3_finalize(s);
    out->count = i;
    return code;
}
