/* host.c: the sandbox in which report writers run, and the run as Lua values.
 *
 * Order: as_host_render opens a state, and within one protected call puts the functions and the
 * run there (host_values.c), loads the writer and calls it. Findings are not there: the writer
 * asks for them with `findings{…}`, one after another from the ledger. What else it may call is
 * in host_functions.c. Only these three files know lua.h.
 *
 * Invariants: what a C function needs across a Lua error lives in as_host (freed after the
 * state) or in a userdata with __gc. No pattern matching and no load or pcall: a hook cannot
 * stop the first, and the others would let a writer go on after its budget. */
#include "base/alloc.h"
#include "embedded.h"
#include "reports/host_int.h"
#include <lualib.h>

enum { HOOK_EVERY = 100000 };
static const size_t memory_max = 256 * AS_MIB;
static const uint64_t steps_max = 500000000,
                      steps_each = 50000; /* each: for a finding of the run */

/* ---- budgets ---- */

static void *allocate(void *arg, void *p, size_t old, size_t size)
{
    as_host *h = arg;
    old = p ? old : 0; /* else it is a kind of object */
    if (size == 0) {
        as_free(p);
        h->memory -= old;
        return NULL;
    }
    if (size > old && h->memory + (size - old) > memory_max) {
        h->out_of_memory = true;
        return NULL;
    }
    void *q = as_realloc(p, size);
    if (q) {
        h->memory = h->memory - old + size;
    }
    return q;
}

static void count_steps(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    as_host *h = as_host_of(L);
    h->steps = h->steps > HOOK_EVERY ? h->steps - HOOK_EVERY : 0;
    if (h->steps == 0) {
        h->out_of_steps = true;
        luaL_error(L, "too many instructions");
    }
}

/* ---- the sandbox ---- */

static void keep_only(lua_State *L, const char *const *names)
{
    lua_newtable(L);
    for (; *names; names++) {
        lua_getfield(L, -2, *names);
        lua_setfield(L, -2, *names);
    }
    lua_remove(L, -2);
}

static void open_library(lua_State *L, const char *name, lua_CFunction open,
                         const char *const *names)
{
    lua_pushcfunction(L, open);
    lua_pushstring(L, name);
    lua_call(L, 1, 1);
    keep_only(L, names);
    lua_setglobal(L, name);
}

static void open_libraries(lua_State *L)
{
    static const char *const base[] = {"assert", "error",    "ipairs",   "next", "pairs",
                                       "select", "tonumber", "tostring", "type", NULL};
    static const char *const strings[] = {"byte",  "char", "format",  "len", "lower",
                                          "upper", "rep",  "reverse", "sub", NULL};
    static const char *const tables[] = {"concat", "insert", "remove", "sort",
                                         "unpack", "move",   NULL};
    static const char *const maths[] = {"abs", "ceil", "floor",      "huge",      "max",
                                        "min", "type", "maxinteger", "tointeger", NULL};
    static const char *const utf8s[] = {"char", "codepoint", "len", "offset", "codes", NULL};
    lua_pushcfunction(L, luaopen_base);
    lua_call(L, 0, 1);
    keep_only(L, base);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    open_library(L, "string", luaopen_string, strings);
    open_library(L, "table", luaopen_table, tables);
    open_library(L, "math", luaopen_math, maths);
    open_library(L, "utf8", luaopen_utf8, utf8s);
    lua_getglobal(L, "table");
    lua_getfield(L, -1, "sort");
    lua_setfield(L, LUA_REGISTRYINDEX, "sort");
    lua_getglobal(L, "string"); /* ("x"):sub(…) goes to the kept functions too */
    as_host_string_functions(L);
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_pushvalue(L, -3);
    lua_setfield(L, -2, "__index");
    lua_settop(L, 0);
}

static void load_common(lua_State *L)
{
    if (luaL_loadbufferx(L, (const char *)as_embedded_common_lua, as_embedded_common_lua_size,
                         "=common.lua", "t") != LUA_OK) {
        lua_error(L);
    }
    lua_call(L, 0, 1);
    lua_setglobal(L, "common");
}

static int run_writer(lua_State *L)
{
    as_host *h = lua_touserdata(L, 1);
    open_libraries(L);
    as_host_functions(L);
    as_host_findings(L);
    load_common(L);
    lua_pushlstring(L, h->writer->name.ptr, h->writer->name.len);
    const char *name = lua_pushfstring(L, "=%s", lua_tostring(L, -1));
    if (luaL_loadbufferx(L, h->writer->script.ptr, h->writer->script.len, name, "t") !=
        LUA_OK) {
        return lua_error(L);
    }
    lua_sethook(L, count_steps, LUA_MASKCOUNT, HOOK_EVERY);
    lua_call(L, 0, 1);
    if (!lua_isfunction(L, -1)) {
        return luaL_error(L, "%s: a writer must return a function", name + 1);
    }
    as_host_push_doc(L, h->doc);
    as_host_push_options(L, h->options);
    lua_call(L, 2, 0);
    return 0;
}

static as_code verdict_of(const as_host *h, lua_State *L, int status, as_err *e)
{
    if (status == LUA_OK) {
        return AS_OK;
    }
    if (h->err.code != AS_OK) {
        *e = h->err;
        return h->err.code;
    }
    if (h->out_of_steps || h->out_of_memory) {
        return as_fail(e, AS_EBUDGET, AS_NOWHERE, "the report writer %.*s used too %s",
                       AS_FMT(h->writer->name),
                       h->out_of_steps ? "many instructions" : "much memory (256 MiB)");
    }
    if (status == LUA_ERRMEM || h->tmp.failed || h->move.failed || h->sink.buf.failed) {
        return as_fail_nomem(e);
    }
    const char *text = lua_tostring(L, -1);
    return as_fail(e, AS_ESCRIPT, AS_NOWHERE, "the report writer failed: %s",
                   text ? text : "(no text)");
}

as_code as_host_render(const as_writer *w, as_ledger *l, const as_doc *doc,
                       const as_report_options *o, as_out out, as_err *e)
{
    as_host h = {.writer = w,
                 .ledger = l,
                 .doc = doc,
                 .options = o,
                 .sink = as_sink_to(out),
                 .tmp = AS_BUF(memory_max),
                 .move = AS_BUF(memory_max),
                 .steps = steps_max + steps_each * doc->findings};
    as_err none;
    e = e ? e : &none;
    lua_State *L = lua_newstate(allocate, &h);
    if (!L) {
        return as_fail_nomem(e);
    }
    *(as_host **)lua_getextraspace(L) = &h;
    lua_pushcfunction(L, run_writer);
    lua_pushlightuserdata(L, &h);
    as_code code = verdict_of(&h, L, lua_pcall(L, 1, 0, 0), e);
    lua_close(L); /* closes findings that were not read to their end */
    if (code == AS_OK) {
        code = as_sink_send(&h.sink, true, e);
    }
    as_sink_free(&h.sink);
    as_buf_free(&h.tmp);
    as_buf_free(&h.move);
    return code;
}
