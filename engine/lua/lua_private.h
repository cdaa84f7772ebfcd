/* lua_private.h: what the files of engine/lua share. Not for others.
 *
 *   sandbox.c   the state: memory, budgets, running a body under protection, telling errors
 *   env.c       what a chunk sees: global names, base functions, frozen tables
 *   modules.c   modules of the pack, their freezing, their tests
 *   predicate.c compile, call, results
 *   record.c    `r` and `g`            lua_date.c   dates
 *   lib_string.c, pattern.c            lib_table.c  table, math, utf8     lib_assay.c  assay
 *
 * Invariants
 * 1. Every Lua function that can raise an error is called below as_lua_run (or in as_lua_open's
 * own protected call). C frames below it own no heap: buffers belong to the as_lua, the rest to
 * Lua.
 * 2. A chunk can reach neither the registry, nor the global table, nor any table that outlives
 * its call and is not frozen. So a call cannot leave anything for the next one.
 * 3. C code that works in proportion to its arguments says so first with as_lua_charge: one
 * unit is about one instruction of the Lua machine.
 * 4. Nothing that a chunk can see depends on an address, on a hash seed, on the locale, or on
 * time. */
#ifndef AS_LUA_PRIVATE_H
#define AS_LUA_PRIVATE_H

#include "base/arena.h"
#include "base/date.h"
#include "base/limits.h"
#include "lua/lua_env.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#define AS_LUA_MODULE_DEPTH 64
#define AS_LUA_FOLD_MAX AS_MIB             /* bytes that assay.fold takes */
#define AS_LUA_DISTANCE_MAX ((size_t)4096) /* bytes of each text in assay.distance */

/* Why a body was stopped from the outside, when it was. */
typedef enum as_lua_stop {
    AS_LUA_STOP_NONE,
    AS_LUA_STOP_INSTRUCTIONS,
    AS_LUA_STOP_CLOCK,
    AS_LUA_STOP_MEMORY,
    AS_LUA_STOP_LIMIT, /* a cap on a pattern, a subject, a text: the message says which */
    AS_LUA_STOP_NOMEM, /* the machine is out of memory */
    AS_LUA_STOP_MODULE /* not an error: as_lua_run loads `wanted` and starts the body again */
} as_lua_stop;

/* A text that became Lua code. Its chunk name is "=\1N", N its index in as_lua.texts. */
typedef struct as_lua_text {
    as_str name; /* of the rule, or of the module */
    as_span at;  /* of its first line */
    bool module;
} as_lua_text;

typedef enum as_lua_mod_state {
    AS_LUA_MOD_NEW,
    AS_LUA_MOD_LOADING,
    AS_LUA_MOD_READY,
    AS_LUA_MOD_BROKEN
} as_lua_mod_state;
typedef struct as_lua_mod {
    as_lua_mod_state state;
    int text;      /* index in as_lua.texts */
    as_err *error; /* BROKEN: what every later use is told */
} as_lua_mod;

typedef struct as_lua_pred {
    const as_schema *schema;
    int text;
    int parts;                 /* registry: {function, environment, names} */
    int fields;                /* registry: name of each field in `reads` → its index */
    void *subject;             /* the r or g that stands in names; NULL before the first call */
    bool group;                /* it is g */
    const uint32_t *sensitive; /* those of `reads` that are */
    size_t sensitive_count;
} as_lua_pred;

struct as_lua {
    lua_State *L;
    as_arena *arena; /* names, errors of modules */
    as_lua_setup setup;
    as_lua_limits limits; /* in force */

    /* memory */
    size_t used;
    size_t churn;        /* bytes asked for since the allocator last looked at the clock */
    as_lua_stop refused; /* why the allocator last refused */

    /* the body that runs */
    bool running;
    bool late;  /* the clock has run out; the allocator refuses everything */
    bool timed; /* the clock was started */
    uint64_t wall_start, cpu_start;
    uint64_t spent,
        unclocked; /* instructions and units; the same since the last look at the clock */
    as_lua_stop stop;
    int error_text, error_line; /* innermost Lua line at the last error; text -1 = unknown */
    size_t wanted;              /* STOP_MODULE: index of the module */
    bool modules_used;

    /* the call's record or group */
    const as_lua_pred *pred;
    const as_table *table;
    const uint32_t *rows; /* group, or NULL */
    size_t row_count;
    uint64_t generation;

    as_lua_text *texts;
    int text_count, text_size;
    as_lua_pred *preds;
    int pred_count, pred_size;
    as_lua_mod *mods;
    int depth; /* modules that are being loaded, one for the other */

    as_buf cell, one, two; /* scratch of C functions that Lua may unwind */

    /* registry */
    int shared;   /* names that every chunk sees */
    int dates;    /* days → date userdata, weak: equal dates are one object */
    int patterns; /* pattern → compiled, weak */
    int values;   /* module index + 1 → what it returned */
    int locals;   /* see modules.c: every local that functions of modules hold */
    lua_Integer local_count;
};

static inline as_lua *as_lua_of(lua_State *L)
{
    return *(as_lua **)lua_getextraspace(L);
}

static inline as_str as_lua_to_str(lua_State *L, int idx) /* of a string that is there */
{
    as_str s;
    s.ptr = lua_tolstring(L, idx, &s.len);
    return s;
}

static inline as_str as_lua_check_str(lua_State *L, int arg)
{
    as_str s;
    s.ptr = luaL_checklstring(L, arg, &s.len);
    return s;
}

static inline void as_lua_push_str(lua_State *L, as_str s)
{
    (void)lua_pushlstring(L, s.ptr ? s.ptr : "", s.len);
}

/* ---- sandbox.c ---- */

/* Raise an error with the caller's position. */
_Noreturn void as_lua_raise(lua_State *L, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The same for a cap of limits.h. */
_Noreturn void as_lua_raise_stop(lua_State *L, as_lua_stop stop, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
_Noreturn void as_lua_raise_nomem(lua_State *L);

/* Spend `units` of the call's budget; raises when it is used up. */
void as_lua_charge(lua_State *L, uint64_t units);

/* Run body(L), a lua_CFunction with `request` as its one argument (light userdata), under
 * protection and with fresh budgets; loads the modules that it asks for. `text`: whose fault an
 * error without a place is. */
as_code as_lua_run(as_lua *l, lua_CFunction body, void *request, int text, as_err *e);

/* Note the innermost Lua line in error_text and error_line. */
void as_lua_note_place(as_lua *l);

/* Lua puts "CHUNK:LINE: " before its messages. Take it off; it says the place better than a
 * look at the stack (error("…", 2)). What remains ends with a NUL byte like the message. */
as_str as_lua_strip_place(as_lua *l, as_str message);

/* A script's words may hold anything. In place: no control characters, and UTF-8. */
void as_lua_clean(char *text);

/* A place in a text; line 0 = its first. */
as_span as_lua_span(const as_lua *l, int text, int line);
/* Register a text; -1: out of memory. */
int as_lua_add_text(as_lua *l, as_str name, as_span at, bool module);

/* Load a chunk of text number `text` and push it as a function (below protection). Raises. */
void as_lua_load(lua_State *L, int text, as_str chunk);

/* The nearest of `count` names, each the first member of a struct of `stride` bytes. */
as_str as_lua_nearest(lua_State *L, as_str word, const void *first, size_t stride,
                      size_t count);

/* ---- env.c ---- */

void as_lua_open_env(lua_State *L); /* fills l->shared */
/* Push a chunk's environment over the table of names at `names` (0: only the shared names). */
void as_lua_push_env(lua_State *L, int names);
/* Make the table at idx read-only in place: its content moves to a shadow behind a metatable.
 */
void as_lua_freeze_table(lua_State *L, int idx);
/* Push the shadow and return true if the table at idx is frozen. */
bool as_lua_push_shadow(lua_State *L, int idx);
int as_lua_refuse_write(lua_State *L); /* __newindex of all that is read-only */
int as_lua_tostring(lua_State *L);     /* without addresses */
int as_lua_pairs(lua_State *L);        /* in the order of the keys */

/* ---- modules.c ---- */

void as_lua_open_modules(lua_State *L);
as_code as_lua_load_module(as_lua *l, size_t i, as_err *e);
int as_lua_require(lua_State *L);
/* After a call: did a local of a module change? Puts the old values back. */
as_code as_lua_check_locals(as_lua *l, as_err *e);

/* ---- predicate.c, record.c, lua_date.c ---- */

void as_lua_open_records(lua_State *L);
/* Both return the userdata, which as_lua_set_subject points at the record or group of a later
 * call. */
void *as_lua_push_record(lua_State *L, uint32_t row);
void *as_lua_push_group(lua_State *L);
void as_lua_set_subject(lua_State *L, void *subject, uint32_t row);
int as_lua_group_iterate(lua_State *L); /* ipairs over a group */
void as_lua_push_params(lua_State *L);

#define AS_LUA_DATE_FIRST (-719162) /* 0001-01-01 */
#define AS_LUA_DATE_LAST 2932896    /* 9999-12-31 */
void as_lua_open_dates(lua_State *L);
void as_lua_push_date(lua_State *L, as_date d);
bool as_lua_is_date(lua_State *L, int idx, as_date *out);
int as_lua_date_new(lua_State *L); /* assay.date */

/* ---- libraries: each pushes its table ---- */

void as_lua_open_patterns(lua_State *L);
void as_lua_push_string_lib(lua_State *L);
void as_lua_push_table_lib(lua_State *L);
void as_lua_push_math_lib(lua_State *L);
void as_lua_push_utf8_lib(lua_State *L);
void as_lua_push_assay_lib(lua_State *L);
int as_lua_tonumber(lua_State *L); /* charged; upvalue 1 = the library's */

#endif
