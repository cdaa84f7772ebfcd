/* sqlite_heap.c: see sqlite_heap.h. The memory itself is that of SQLite's own allocator. */
#include "base/sqlite_heap.h"

#include <pthread.h>
#include <sqlite3.h>

static sqlite3_mem_methods own; /* SQLite's; written once */
static _Thread_local struct {
    int64_t left;
    bool on, hit;
} budget;

static bool admit(int64_t size)
{
    if (!budget.on || size <= budget.left)
        return true;
    budget.hit = true;
    return false;
}

static void *heap_alloc(int size)
{
    void *p = admit(size) ? own.xMalloc(size) : NULL;
    if (p && budget.on)
        budget.left -= own.xSize(p);
    return p;
}

static void heap_release(void *p)
{
    if (p && budget.on)
        budget.left += own.xSize(p);
    own.xFree(p);
}

static void *heap_resize(void *old, int size)
{
    int64_t before = old ? own.xSize(old) : 0;
    void *p = admit(size - before) ? own.xRealloc(old, size) : NULL;
    if (p && budget.on)
        budget.left -= own.xSize(p) - before;
    return p;
}

static int heap_size(void *p)
{
    return own.xSize(p);
}

static int heap_round(int size)
{
    return own.xRoundup(size);
}

static int heap_init(void *data)
{
    (void)data;
    return own.xInit(own.pAppData);
}

static void heap_shutdown(void *data)
{
    (void)data;
    own.xShutdown(own.pAppData);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int started;

static void start(void)
{
    static sqlite3_mem_methods counted = {heap_alloc, heap_release, heap_resize,   heap_size,
                                          heap_round, heap_init,    heap_shutdown, NULL};
    started = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &own);
    if (started == SQLITE_OK)
        started = sqlite3_config(SQLITE_CONFIG_MALLOC, &counted);
    if (started == SQLITE_OK) /* a lock that all threads would share at each allocation */
        started = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    if (started == SQLITE_OK)
        started = sqlite3_initialize();
}

as_code as_sqlite_start(as_err *e)
{
    (void)pthread_once(&once, start);
    return started == SQLITE_OK
               ? AS_OK
               : as_fail(e, AS_ELEDGER, AS_NOWHERE,
                         "SQLite cannot be set up: it was in use before assay began (%s)",
                         sqlite3_errstr(started));
}

void as_sqlite_budget_begin(size_t left)
{
    budget.left = (int64_t)left;
    budget.hit = false;
    budget.on = true;
}

size_t as_sqlite_budget_end(bool *hit)
{
    *hit = budget.hit;
    budget.on = false;
    return budget.left > 0 ? (size_t)budget.left : 0;
}
