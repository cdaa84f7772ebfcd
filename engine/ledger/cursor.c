/* cursor.c: findings of one run, one after another or by parts side by side.
 *
 * The order is the run's order of rules, then the order of writing. The blocks' numbers are
 * read first: a sort by rule would else drag every block's bytes along. A part is one block
 * with a copy of its bytes: only taking it needs the database, so that several threads may
 * unpack parts while one takes the next. */
#include "base/alloc.h"
#include "ledger/ledger_int.h"
#include <stdio.h>

struct as_finding_part {
    const as_finding_cursor *of;
    int64_t first;
    uint64_t count, next_id;
    as_enc bytes; /* what the three texts point to */
    as_str rule, fingerprints, body;
    as_block_reader reader;
    bool open; /* the reader is within the body */
};

struct as_finding_cursor {
    as_ledger *l;
    as_finding_filter filter; /* its texts point into `texts` */
    char *texts;
    int64_t *blocks;
    size_t block_count, at;
    sqlite3_stmt *select;
    as_finding_part *part; /* the block before `at` */
    bool open;             /* there may be more in it */
    uint64_t told;
    uint64_t *moves; /* by_moves: the different numbers of figures moved, descending */
    size_t moves_count, moves_size, moves_at;
    bool ranked; /* they have been found */
};

static const char doing[] = "findings cannot be read";

/* ---- opening ---- */

static bool copy_filter(as_finding_cursor *c, const as_finding_filter *f)
{
    c->filter = *f;
    as_str *const texts[] = {&c->filter.rule,     &c->filter.table, &c->filter.key,
                             &c->filter.severity, &c->filter.state, &c->filter.steward};
    enum { COUNT = sizeof texts / sizeof *texts };
    size_t len = 1;
    for (size_t i = 0; i < COUNT; i++) {
        len += texts[i]->len;
    }
    char *p = c->texts = as_alloc(len);
    for (size_t i = 0; i < COUNT && p; i++) {
        if (texts[i]->len > 0) {
            memcpy(p, texts[i]->ptr, texts[i]->len);
        }
        texts[i]->ptr = p;
        p += texts[i]->len;
    }
    return c->texts;
}

static bool add_block(as_finding_cursor *c, size_t *size, int64_t first)
{
    if (c->block_count == *size) {
        size_t n = *size ? *size * 2 : 64;
        int64_t *p = as_realloc(c->blocks, n * sizeof *p);
        if (!p) {
            return false;
        }
        c->blocks = p;
        *size = n;
    }
    c->blocks[c->block_count++] = first;
    return true;
}

static as_code list_blocks(as_finding_cursor *c, uint64_t seq, as_err *e)
{
    sqlite3_stmt *s;
    as_code code = as_ledger_prepare(
        c->l, &s,
        "SELECT b.first FROM run_rule r CROSS JOIN finding_block b ON b.run = r.run AND "
        "b.rule = r.id WHERE r.run = ?1 AND (?2 = '' OR r.id = ?2) ORDER BY r.ord, b.first",
        e);
    if (code != AS_OK) {
        return code;
    }
    as_bind_u64(s, 1, seq);
    as_bind_str(s, 2, c->filter.rule);
    size_t size = 0;
    int rc;
    while ((rc = sqlite3_step(s)) == SQLITE_ROW && code == AS_OK) {
        if (!add_block(c, &size, sqlite3_column_int64(s, 0))) {
            code = as_fail_nomem(e);
        }
    }
    if (code == AS_OK && rc != SQLITE_DONE) {
        code = as_ledger_fail(c->l, doing, e);
    }
    sqlite3_finalize(s);
    return code;
}

as_code as_ledger_findings(as_ledger *l, uint64_t seq, const as_finding_filter *f,
                           as_finding_cursor **out, as_err *e)
{
    static const as_finding_filter any;
    *out = NULL;
    as_finding_cursor *c = as_calloc(1, sizeof *c);
    if (!c || !copy_filter(c, f ? f : &any)) {
        as_ledger_findings_close(c);
        return as_fail_nomem(e);
    }
    c->l = l;
    as_code code = as_ledger_part_open(&c->part, e);
    if (code == AS_OK) {
        code = list_blocks(c, seq, e);
    }
    if (code == AS_OK) {
        code = as_ledger_prepare(
            l, &c->select,
            "SELECT rule, count, fingerprints, body FROM finding_block WHERE first = ?", e);
    }
    if (code != AS_OK) {
        as_ledger_findings_close(c);
        return code;
    }
    *out = c;
    return AS_OK;
}

void as_ledger_findings_close(as_finding_cursor *c)
{
    if (!c) {
        return;
    }
    sqlite3_finalize(c->select);
    as_ledger_part_close(c->part);
    as_free(c->texts);
    as_free(c->blocks);
    as_free(c->moves);
    as_free(c);
}

/* ---- parts ---- */

as_code as_ledger_part_open(as_finding_part **out, as_err *e)
{
    *out = as_calloc(1, sizeof **out);
    return *out ? AS_OK : as_fail_nomem(e);
}

void as_ledger_part_close(as_finding_part *p)
{
    if (!p) {
        return;
    }
    as_block_reader_free(&p->reader);
    as_enc_free(&p->bytes);
    as_free(p);
}

size_t as_ledger_part_count(const as_finding_cursor *c)
{
    return c->block_count;
}

static as_code damaged(const as_finding_cursor *c, int64_t block, as_err *e)
{
    char what[64];
    snprintf(what, sizeof what, "block %lld of findings", (long long)block);
    return as_ledger_damaged(c->l, what, e);
}

as_code as_ledger_part_take(as_finding_cursor *c, size_t number, as_finding_part *p, as_err *e)
{
    int64_t first = c->blocks[number];
    sqlite3_reset(c->select);
    sqlite3_bind_int64(c->select, 1, first);
    int rc = sqlite3_step(c->select);
    if (rc != SQLITE_ROW) {
        return rc == SQLITE_DONE ? damaged(c, first, e) : as_ledger_fail(c->l, doing, e);
    }
    as_str *const texts[] = {&p->rule, &p->fingerprints, &p->body};
    static const int columns[] = {0, 2, 3};
    enum { COUNT = sizeof columns / sizeof *columns };
    p->bytes.len = 0;
    for (size_t i = 0; i < COUNT; i++) {
        *texts[i] = as_column_str(c->select, columns[i]);
        as_enc_bytes(&p->bytes, texts[i]->ptr, texts[i]->len);
    }
    if (sqlite3_errcode(c->l->db) == SQLITE_NOMEM || p->bytes.failed) {
        return as_fail_nomem(e);
    }
    const char *from = p->bytes.ptr ? (const char *)p->bytes.ptr : "";
    for (size_t i = 0; i < COUNT; i++) {
        texts[i]->ptr = from;
        from += texts[i]->len;
    }
    p->of = c;
    p->first = first;
    p->next_id = (uint64_t)first;
    p->count = as_column_u64(c->select, 1);
    p->reader.no_message = c->filter.no_message;
    p->reader.no_fingerprint = c->filter.no_fingerprint;
    p->open = false;
    return AS_OK;
}

static bool wants(as_str wanted, as_str have)
{
    return wanted.len == 0 || as_str_eq(wanted, have);
}

static bool key_fits(as_str wanted, const as_doc_finding *f)
{
    bool fits = wants(wanted, f->key);
    for (size_t i = 0; i < f->record_count && !fits; i++) {
        fits = as_str_eq(wanted, f->records[i].key);
    }
    return fits;
}

static bool fits(const as_finding_filter *x, const as_doc_finding *f)
{
    return wants(x->table, f->table) && wants(x->severity, f->severity) &&
           wants(x->state, f->state) && wants(x->steward, f->steward) && key_fits(x->key, f);
}

as_code as_ledger_part_next(as_finding_part *p, as_doc_finding *out, bool *got, as_err *e)
{
    as_block_reader *r = &p->reader;
    *got = false;
    if (!p->open) {
        p->open = p->count <= UINT32_MAX &&
                  as_block_open(r, p->body, p->fingerprints, (uint32_t)p->count);
    }
    while (p->open && !*got && as_block_next(r, out)) {
        out->rule = p->rule;
        out->id = p->next_id++;
        *got = fits(&p->of->filter, out);
    }
    if (r->nomem) {
        return as_fail_nomem(e);
    }
    return p->open && !r->r.bad ? AS_OK : damaged(p->of, p->first, e);
}

/* ---- one after another ---- */

static as_code next_one(as_finding_cursor *c, as_doc_finding *out, bool *got, as_err *e)
{
    as_code code = AS_OK;
    *got = false;
    while (code == AS_OK && !*got && (c->open || c->at < c->block_count)) {
        if (!c->open) {
            code = as_ledger_part_take(c, c->at++, c->part, e);
            c->open = true;
        }
        if (code == AS_OK) {
            code = as_ledger_part_next(c->part, out, got, e);
            c->open = *got;
        }
    }
    return code;
}

/* ---- by what they move ---- */

static void rewind_cursor(as_finding_cursor *c)
{
    c->at = 0;
    c->open = false;
}

static bool add_number(as_finding_cursor *c, uint64_t n)
{
    size_t at = 0;
    while (at < c->moves_count && c->moves[at] > n) {
        at++;
    }
    if (at < c->moves_count && c->moves[at] == n) {
        return true;
    }
    if (c->moves_count == c->moves_size) {
        size_t size = c->moves_size ? c->moves_size * 2 : 16;
        uint64_t *moves = as_realloc(c->moves, size * sizeof *moves);
        if (!moves) {
            return false;
        }
        c->moves = moves;
        c->moves_size = size;
    }
    memmove(c->moves + at + 1, c->moves + at, (c->moves_count - at) * sizeof *c->moves);
    c->moves[at] = n;
    c->moves_count++;
    return true;
}

static as_code rank(as_finding_cursor *c, as_err *e)
{
    as_doc_finding f;
    bool got = true;
    as_code code = AS_OK;
    while (code == AS_OK && got) {
        code = next_one(c, &f, &got, e);
        if (code == AS_OK && got && !add_number(c, f.moves)) {
            code = as_fail_nomem(e);
        }
    }
    rewind_cursor(c);
    c->ranked = true;
    return code;
}

/* One way through the findings for each number of figures that they move: these are few, and
 * nothing is kept in memory. */
static as_code next_ranked(as_finding_cursor *c, as_doc_finding *out, bool *got, as_err *e)
{
    as_code code = c->ranked ? AS_OK : rank(c, e);
    *got = false;
    while (code == AS_OK && c->moves_at < c->moves_count) {
        code = next_one(c, out, got, e);
        if (code == AS_OK && *got && out->moves == c->moves[c->moves_at]) {
            return AS_OK;
        }
        if (code == AS_OK && !*got) {
            c->moves_at++;
            rewind_cursor(c);
        }
    }
    *got = false;
    return code;
}

as_code as_ledger_next(as_finding_cursor *c, as_doc_finding *out, bool *got, as_err *e)
{
    *got = false;
    if (c->filter.limit && c->told >= c->filter.limit) {
        return AS_OK;
    }
    as_code code = c->filter.by_moves ? next_ranked(c, out, got, e) : next_one(c, out, got, e);
    c->told += code == AS_OK && *got;
    return code;
}
