/* content.c: what a run was made from: the digest of its content, and the files of its rules
 * with theirs (content.sql). From ledger version 4 on; of an earlier run there is none of it.
 */
#include "ledger/ledger_int.h"

static const char doing[] = "the run cannot be written";

static as_code insert(as_ledger *l, const char *sql, const as_str *texts, int count,
                      int64_t ord, as_err *e)
{
    sqlite3_stmt *s;
    int at = 1;
    as_code code = as_ledger_prepare(l, &s, sql, e);
    if (code != AS_OK) {
        return code;
    }
    sqlite3_bind_int64(s, at++, l->w.seq);
    if (ord >= 0) {
        sqlite3_bind_int64(s, at++, ord);
    }
    for (int i = 0; i < count; i++) {
        as_bind_str(s, at++, texts[i]);
    }
    code = sqlite3_step(s) == SQLITE_DONE ? AS_OK : as_ledger_fail(l, doing, e);
    sqlite3_finalize(s);
    return code;
}

as_code as_content_insert(as_ledger *l, const as_doc *doc, as_err *e)
{
    as_code code = AS_OK;
    if (doc->content.len) {
        code = insert(l, "INSERT INTO run_content VALUES (?, ?)", &doc->content, 1, -1, e);
    }
    for (size_t i = 0; code == AS_OK && i < doc->file_count; i++) {
        const as_str texts[] = {doc->files[i].path, doc->files[i].sha256};
        code = insert(l, "INSERT INTO run_file VALUES (?, ?, ?, ?)", texts, 2, (int64_t)i, e);
    }
    return code;
}

/* A run of before there was such a digest is of other content when its id is another. */
as_code as_content_previous(as_ledger *l, const as_doc *doc, int64_t *out, as_err *e)
{
    sqlite3_stmt *s;
    as_code code = as_ledger_prepare(
        l, &s,
        "SELECT seq FROM run LEFT JOIN run_content c ON c.run = seq WHERE release = ?1 AND "
        "CASE WHEN ?3 <> '' AND c.sha256 IS NOT NULL THEN c.sha256 <> ?3 "
        "ELSE id <> ?2 OR ?2 = '' END ORDER BY seq DESC LIMIT 1",
        e);
    *out = 0;
    if (code != AS_OK) {
        return code;
    }
    as_bind_str(s, 1, doc->release);
    as_bind_str(s, 2, doc->run);
    as_bind_str(s, 3, doc->content);
    int rc = sqlite3_step(s);
    if (rc == SQLITE_ROW) {
        *out = sqlite3_column_int64(s, 0);
    } else if (rc != SQLITE_DONE) {
        code = as_ledger_fail(l, "earlier runs cannot be read", e);
    }
    sqlite3_finalize(s);
    return code;
}
