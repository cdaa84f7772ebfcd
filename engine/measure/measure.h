/* measure.h: named counts, sums and formulas, by group. A group key is canonical values in the
 * order of `by`. */
#ifndef AS_MEASURE_MEASURE_H
#define AS_MEASURE_MEASURE_H

#include "base/pool.h"
#include "rules/project.h"
#include "table/table.h"

/* One group's number. `keys` has by_count texts; .ptr NULL where the group is of records whose
 * field is null. */
typedef struct as_measured {
    const as_str *keys;
    double value;
    bool known; /* false: no record, sum over nulls alone, or division by zero: value is NaN */
    uint64_t records; /* how many records went in */
    uint64_t nulls;   /* of those, how many had nothing to add */
} as_measured;

typedef struct as_measure_result {
    const as_str *by; /* field names */
    size_t by_count;
    as_measured *groups; /* sorted by keys (byte order, null last): deterministic */
    size_t count;
    const char *unit;
} as_measure_result;

/* What somebody has made already, by table and key: an index over all rows of a table, and for
 * the records of another table (or the same) the rows in it that have their key. */
typedef struct as_ready_index {
    as_str table;
    const uint32_t *fields;
    size_t count;
    const as_index *index;
} as_ready_index;

typedef struct as_ready_match {
    as_str self; /* the records that were looked up, by these fields */
    const uint32_t *mine;
    as_ready_index in;
    const uint32_t *first; /* by record: as as_probe_block gives it */
} as_ready_match;

typedef struct as_measure_cache as_measure_cache;

typedef struct as_tables {
    const as_table *const *items;
    size_t count;
    const as_ready_index *ready; /* borrowed, as are the matches */
    size_t ready_count;
    const as_ready_match *matches;
    size_t match_count;
    as_measure_cache *cache; /* of one run, in which a measure means one thing; or NULL */
} as_tables;
const as_table *as_tables_find(as_tables t, as_str name); /* NULL: not loaded */

/* join.c: NULL: nobody has made it. The keys are those of whole tables of `t`. */
const as_index *as_ready_index_find(as_tables t, const as_key *key);
const uint32_t *as_ready_match_find(as_tables t, const as_key *self, const as_key *in);

/* cache.c: results kept for all rules of a run. Closing ends them. */
as_code as_measure_cache_open(as_measure_cache **out, as_err *e);
void as_measure_cache_close(as_measure_cache *c); /* NULL is fine */

/* A measure bound to schemas: its condition parsed, its formula compiled. */
typedef struct as_bound_measure as_bound_measure;
/* NULL when there were errors (all reported). `want(arg, table, field)` is called for each
 * field read, and once for each table with AS_NO_FIELD (a plain count reads no field). `want`
 * may be NULL. */
typedef void (*as_want_fn)(void *arg, as_str table, uint32_t field);
const as_bound_measure *as_measure_bind(const as_project *p, as_str name, as_span asked_at,
                                        const as_param *over, size_t over_count, as_arena *a,
                                        as_diags *d, as_want_fn want, void *arg);
const as_measure *as_bound_measure_of(const as_bound_measure *m);
/* What it is by, also for a formula; borrowed. */
const as_str *as_bound_measure_by(const as_bound_measure *m, size_t *count);

/* *out lives in `a`. Without `by` there is exactly one group. A `count` has known groups only
 * where records are; absent groups are the caller's to read as 0. */
as_code as_measure_eval(const as_bound_measure *m, as_tables tables, as_pool *pool, as_arena *a,
                        as_measure_result *out, as_err *e);
/* The group with these keys, or NULL. */
const as_measured *as_measure_group(const as_measure_result *r, const as_str *keys);
/* All groups that any of the results has, each once, sorted; results by other than by_count
 * fields are passed over.
 * (*keys)[i] is a list of by_count texts; lives in `a`. */
as_code as_measure_unite(const as_measure_result *results, size_t count, size_t by_count,
                         as_arena *a, const as_str *const **keys, size_t *key_count, as_err *e);

#endif
