/* lua_env.h: Lua 5.4 without a way out. The only users of lua.h are in this folder and
 * reports/host.c.
 *
 * A sandbox is one state: base functions without load/require/pcall/…, string (with a bounded
 * matcher in place of the C one), table, math (without random), utf8, and `assay`. Budgets of
 * limits.h: instructions, memory, wall clock, pattern steps. A state belongs to one thread;
 * run/ opens one a worker. */
#ifndef AS_LUA_LUA_ENV_H
#define AS_LUA_LUA_ENV_H

#include "base/buf.h"
#include "base/truth.h"
#include "table/table.h"

typedef struct as_lua as_lua;

typedef struct as_lua_limits {
    size_t memory;
    uint64_t instructions;
    unsigned call_ms;
} as_lua_limits; /* 0 = limits.h */
typedef struct as_lua_source {
    as_str name, text;
    as_span at;
} as_lua_source; /* a module of the pack's lua/ */
/* `p.NAME`: a date where it parses as %Y-%m-%d, a number where it is one, else text. */
typedef struct as_lua_param {
    as_str name, value;
} as_lua_param;
typedef struct as_lua_setup {
    const as_lua_source *modules; /* each evaluated on first `assay.module "name"` or `require`
                                     (the pack's own only) */
    size_t module_count;
    const as_lua_param *params;
    size_t param_count;
    as_lua_limits limits;
} as_lua_setup;

/* The setup's texts must outlive the state. */
as_code as_lua_open(as_lua **out, const as_lua_setup *setup, as_err *e);
void as_lua_close(as_lua *l); /* NULL is fine */

/* A predicate: the chunk text, `name` for messages ("CSC-SEC-004"), where it stands, and the
 * fields it may read. Compiled per state; the handle is an index into the state. AS_ESCRIPT:
 * syntax, with the YAML line. */
typedef struct as_predicate {
    as_str name;
    as_str chunk;
    as_span at; /* first line of the chunk in its file */
    const as_schema *schema;
    const uint32_t *reads; /* fields */
    size_t read_count;
} as_predicate;
as_code as_lua_compile(as_lua *l, const as_predicate *p, int *handle, as_err *e);

/* Call with record `row` of `t`. *why gets the string of a finding, else is cleared.
 * AS_ESCRIPT (error in the chunk, undeclared field, bad result) and AS_EBUDGET leave the state
 * usable. */
as_code as_lua_call(as_lua *l, int handle, const as_table *t, uint32_t row, as_truth *out,
                    as_buf *why, as_err *e);
/* The group form (`per:`): rows in order; `g` is a list of records in the chunk. A finding may
 * name a record: `return i, "why"`; *which is then the row, else AS_NO_ROW. */
as_code as_lua_call_group(as_lua *l, int handle, const as_table *t, const uint32_t *rows,
                          size_t n, as_truth *out, uint32_t *which, as_buf *why, as_err *e);

/* A module's own tests: run `text` as a test chunk (assert-style); for `assay test`.
 * AS_ESCRIPT: it failed. */
as_code as_lua_run_test(as_lua *l, const as_lua_source *test, as_err *e);

#endif
