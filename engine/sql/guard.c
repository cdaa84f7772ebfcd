/* guard.c: what a query may do, as lists of what is allowed.
 *
 *  - The authorizer, asked while SQLite compiles: SELECT, reading a declared table, the
 * functions below, recursion (which the budget bounds). Everything else is refused.
 *  - A file system without files: nothing can be attached, spilled or loaded, whatever the
 *    authorizer says. Its clock refuses too, so date('now') is an error; sql.c refuses
 *    'localtime' and 'utc' as the words that they are.
 *  - Limits and budgets: limits.h. */
#include "base/clock.h"
#include "base/sql_words.h"
#include "base/sqlite_heap.h"
#include "sql/sql_private.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static _Thread_local as_sql *present; /* the query that this thread works on */

void as_sql_enter(as_sql *s)
{
    present = s;
    as_sqlite_budget_begin(s->memory);
}

void as_sql_leave(as_sql *s)
{
    bool hit = false;
    s->memory = as_sqlite_budget_end(&hit);
    s->over_memory = s->over_memory || hit;
    present = NULL;
}

static int refuse(as_sql *s, const char *what, const char *name, const char *rest)
{
    if (!s->refused[0])
        snprintf(s->refused, sizeof s->refused, "%s%s%s", what, name ? name : "", rest);
    return SQLITE_DENY;
}

/* ---- the authorizer ---- */

/* Sorted. The same arguments give the same value, no argument reaches outside, and what is too
 * large is an error (printf makes a null of it). */
static const char *const functions[] = {
    "abs",        "acos",         "acosh",        "asin",    "asinh",       "atan",
    "atan2",      "atanh",        "avg",          "ceil",    "ceiling",     "char",
    "coalesce",   "cos",          "cosh",         "count",   "cume_dist",   "date",
    "datetime",   "degrees",      "dense_rank",   "exp",     "first_value", "floor",
    "glob",       "group_concat", "hex",          "ifnull",  "iif",         "instr",
    "julianday",  "lag",          "last_value",   "lead",    "length",      "like",
    "likelihood", "likely",       "ln",           "log",     "log10",       "log2",
    "lower",      "ltrim",        "max",          "min",     "mod",         "nth_value",
    "ntile",      "nullif",       "percent_rank", "pi",      "pow",         "power",
    "quote",      "radians",      "rank",         "replace", "round",       "row_number",
    "rtrim",      "sign",         "sin",          "sinh",    "sqrt",        "strftime",
    "substr",     "substring",    "sum",          "tan",     "tanh",        "time",
    "total",      "trim",         "trunc",        "typeof",  "unicode",     "unlikely",
    "upper"};

static int compare_names(const void *a, const void *b)
{
    return sqlite3_stricmp(a, *(const char *const *)b);
}

static int allow_function(as_sql *s, const char *name)
{
    if (name && bsearch(name, functions, sizeof functions / sizeof functions[0],
                        sizeof functions[0], compare_names))
        return SQLITE_OK;
    if (name && sqlite3_strnicmp(name, "current_", 8) == 0)
        return refuse(s, "cannot read the clock (", name, "): use $as_at or another parameter");
    return refuse(s, "cannot use the function ", name, "()");
}

as_sql_source *as_sql_source_named(as_sql *s, const char *name)
{
    for (size_t i = 0; name && i < s->spec.table_count; i++)
        if (as_sql_word_is(as_str_from(name), s->spec.tables[i].name))
            return &s->sources[i];
    return NULL;
}

static int allow_read(as_sql *s, const char *table, const char *field)
{
    as_sql_source *source = as_sql_source_named(s, table);
    if (!source && field &&
        !field[0]) /* its rows alone: so SQLite asks for a WITH's name too */
        return SQLITE_OK;
    if (!source)
        return refuse(s, "cannot read ", table,
                      ": it sees the tables of the release and of its packs");
    source->named = true; /* fields that USING and NATURAL JOIN compare: vtab.c sees them */
    const as_schema *schema = source->table->schema;
    for (size_t i = 0; field && i < schema->count; i++)
        if (as_sql_word_is(as_str_from(field), schema->fields[i].name))
            source->read[i] = true;
    return SQLITE_OK;
}

static int authorize(void *arg, int action, const char *a, const char *b, const char *database,
                     const char *trigger)
{
    as_sql *s = arg;
    (void)database;
    (void)trigger;
    if (s->declaring) /* SQLite's own reading of a table's declaration */
        return SQLITE_OK;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_READ:
        return allow_read(s, a, b);
    case SQLITE_FUNCTION:
        return allow_function(s, b);
    case SQLITE_ATTACH:
    case SQLITE_DETACH:
        return refuse(s, "cannot attach another database", NULL, "");
    case SQLITE_PRAGMA:
        return refuse(s, "cannot use PRAGMA ", a, "");
    default:
        return refuse(s,
                      "only reads the tables of the release and of its packs, with SELECT, "
                      "WITH or VALUES",
                      NULL, "");
    }
}

/* ---- no files, no clock ---- */

static int vfs_open(sqlite3_vfs *v, const char *name, sqlite3_file *f, int flags, int *out)
{
    (void)v;
    (void)name;
    (void)flags;
    (void)out;
    f->pMethods = NULL;
    return SQLITE_CANTOPEN;
}

static int vfs_delete(sqlite3_vfs *v, const char *name, int sync)
{
    (void)v;
    (void)name;
    (void)sync;
    return SQLITE_IOERR_DELETE;
}

static int vfs_access(sqlite3_vfs *v, const char *name, int flags, int *out)
{
    (void)v;
    (void)name;
    (void)flags;
    *out = 0;
    return SQLITE_OK;
}

static int vfs_path(sqlite3_vfs *v, const char *name, int size, char *out)
{
    (void)v;
    (void)name;
    (void)size;
    (void)out;
    return SQLITE_CANTOPEN;
}

static int vfs_randomness(sqlite3_vfs *v, int size, char *out)
{
    (void)v;
    memset(out, 0, (size_t)size);
    return size;
}

static int vfs_sleep(sqlite3_vfs *v, int micros)
{
    (void)v;
    return micros;
}

static int vfs_time(sqlite3_vfs *v, sqlite3_int64 *out)
{
    (void)v;
    *out = 0;
    if (present)
        refuse(present, "cannot read the clock ('now'): use $as_at or another parameter", NULL,
               "");
    return SQLITE_ERROR;
}

static int vfs_time_double(sqlite3_vfs *v, double *out)
{
    sqlite3_int64 ignored;
    *out = 0;
    return vfs_time(v, &ignored);
}

static sqlite3_vfs no_files = {.iVersion = 2,
                               .szOsFile = sizeof(sqlite3_file),
                               .mxPathname = 64,
                               .zName = "assay-no-files",
                               .xOpen = vfs_open,
                               .xDelete = vfs_delete,
                               .xAccess = vfs_access,
                               .xFullPathname = vfs_path,
                               .xRandomness = vfs_randomness,
                               .xSleep = vfs_sleep,
                               .xCurrentTime = vfs_time_double,
                               .xCurrentTimeInt64 = vfs_time};

static pthread_once_t vfs_once = PTHREAD_ONCE_INIT;
static bool vfs_there;

static void vfs_register(void)
{
    vfs_there = sqlite3_vfs_register(&no_files, 0) == SQLITE_OK;
}

const char *as_sql_no_files(void)
{
    (void)pthread_once(&vfs_once, vfs_register);
    return vfs_there ? no_files.zName : NULL;
}

/* ---- budgets ---- */

static bool over(uint64_t from, clockid_t clock)
{
    return as_clock_ns(clock) > from + (uint64_t)AS_SQL_MS * 1000000u;
}

bool as_sql_charge(as_sql *s, uint64_t steps)
{
    s->steps += steps;
    s->over_steps = s->over_steps || s->steps > s->spec.steps;
    /* A machine that was stopped fails no query: the thread must also have computed so long. */
    if (!s->over_time && over(s->wall, CLOCK_MONOTONIC))
        s->over_time = over(s->cpu, CLOCK_THREAD_CPUTIME_ID);
    return !s->over_steps && !s->over_time;
}

static int progress(void *arg)
{
    as_sql *s = arg;
    return s->refused[0] || !as_sql_charge(s, AS_SQL_STEPS_EVERY);
}

/* ---- all of it ---- */

static void set_limits(sqlite3 *db)
{
    static const struct {
        int id, value;
    } limits[] = {{SQLITE_LIMIT_LENGTH, AS_SQL_TEXT_MAX},
                  {SQLITE_LIMIT_SQL_LENGTH, AS_SQL_QUERY_MAX},
                  {SQLITE_LIMIT_EXPR_DEPTH, AS_SQL_DEPTH_MAX},
                  {SQLITE_LIMIT_COMPOUND_SELECT, AS_SQL_COMPOUND_MAX},
                  {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, AS_SQL_PATTERN_MAX},
                  {SQLITE_LIMIT_VDBE_OP, 100000},
                  {SQLITE_LIMIT_VARIABLE_NUMBER, 250},
                  {SQLITE_LIMIT_ATTACHED, 0},
                  {SQLITE_LIMIT_TRIGGER_DEPTH, 0},
                  {SQLITE_LIMIT_WORKER_THREADS, 0}};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        sqlite3_limit(db, limits[i].id, limits[i].value);
}

int as_sql_guard(as_sql *s)
{
    static const struct {
        int id, value;
    } switches[] = {{SQLITE_DBCONFIG_DEFENSIVE, 1},
                    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
                    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
                    {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
                    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                    {SQLITE_DBCONFIG_DQS_DML, 0}, /* "nosuch" is a column that is not there */
                    {SQLITE_DBCONFIG_DQS_DDL, 0}};
    int rc = sqlite3_exec(s->db, "PRAGMA temp_store = MEMORY", NULL, NULL, NULL);
    for (size_t i = 0; rc == SQLITE_OK && i < sizeof switches / sizeof switches[0]; i++)
        rc = sqlite3_db_config(s->db, switches[i].id, switches[i].value, NULL);
    set_limits(s->db);
    s->wall = as_clock_ns(CLOCK_MONOTONIC);
    s->cpu = as_clock_ns(CLOCK_THREAD_CPUTIME_ID);
    sqlite3_progress_handler(s->db, AS_SQL_STEPS_EVERY, progress, s);
    return rc == SQLITE_OK ? sqlite3_set_authorizer(s->db, authorize, s) : rc;
}
