/* digest.c: SHA-256 of the inputs, for the run's id and the sign-off. It is one long chain of
 * steps, so it goes on as a task of its own beside the rules; afterwards the files must still
 * be what was read. */
#include "run/exec.h"

#include "base/hash.h"

/* Tables with a file, the largest file first. */
static size_t tables_with_files(const as_run *r, as_table **out)
{
    size_t n = 0;
    for (size_t i = 0; i < r->table_count; i++) {
        as_table *t = r->tables[i];
        size_t at = n;
        if (!t->file.ptr) {
            continue;
        }
        for (; at > 0 && out[at - 1]->file.len < t->file.len; at--) {
            out[at] = out[at - 1];
        }
        out[at] = t;
        n++;
    }
    return n;
}

as_code as_run_digest(as_run *r, as_err *e)
{
    as_arena *a = as_arena_open();
    as_table **tables = a ? AS_NEW_N(a, as_table *, r->table_count + 1) : NULL;
    as_str *files = a ? AS_NEW_N(a, as_str, r->table_count + 1) : NULL;
    char(*hex)[AS_SHA256_HEX] =
        a ? as_arena_alloc(a, (r->table_count + 1) * sizeof *hex) : NULL;
    size_t n = tables && files && hex ? tables_with_files(r, tables) : 0;
    for (size_t i = 0; i < n; i++) {
        files[i] = tables[i]->file;
    }
    as_code code = hex ? as_sha256_each(files, n, hex, e) : as_fail_nomem(e);
    for (size_t i = 0; code == AS_OK && i < n; i++) {
        memcpy(tables[i]->report.sha256, hex[i], sizeof hex[i]);
        code = as_table_unchanged(tables[i], e);
    }
    as_arena_close(a);
    return code;
}
