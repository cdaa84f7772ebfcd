/* settle.c: moves what a run wrote from the ledger's journal into its file, on a thread and a
 * connection of its own, while the run's report is read and written.
 *
 * Nothing depends on it: a journal that was not moved, or not all of it, is moved when the
 * ledger is closed, or by whoever opens it next. So errors here are told to nobody. */
#include "base/alloc.h"
#include "ledger/ledger_int.h"

#include <pthread.h>

struct as_settling {
    pthread_t thread;
    const char *path;
};

static void *settle(void *arg)
{
    const struct as_settling *s = arg;
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(s->path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK) {
        sqlite3_exec(db, "PRAGMA user_version", NULL, NULL, NULL); /* finds the journal */
        sqlite3_wal_checkpoint_v2(db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    }
    sqlite3_close(db);
    return NULL;
}

void as_ledger_settle(as_ledger *l)
{
    const char *file = sqlite3_db_filename(l->db, NULL);
    if (l->settling || !file || !*file) {
        return; /* under way, or in memory */
    }
    struct as_settling *s = as_calloc(1, sizeof *s);
    if (!s) {
        return;
    }
    s->path = file;
    if (pthread_create(&s->thread, NULL, settle, s) == 0) {
        l->settling = s;
    } else {
        as_free(s);
    }
}

void as_ledger_settled(as_ledger *l)
{
    if (l->settling) {
        pthread_join(l->settling->thread, NULL);
        as_free(l->settling);
        l->settling = NULL;
    }
}
