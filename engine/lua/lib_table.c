/* lib_table.c: table, math and utf8: Lua's own functions, minus what is random, plus a charge.
 *
 * A function of the C library works without a tick of the instruction hook, so those whose work
 * grows with their arguments pay for it first. */
#include "lua/lua_private.h"

/* ---- what a call costs ---- */

typedef uint64_t (*cost_fn)(lua_State *L);

static uint64_t length_of(lua_State *L, int idx)
{
    if (lua_type(L, idx) == LUA_TSTRING)
        return lua_rawlen(L, idx);
    if (!lua_istable(L, idx) && !lua_isuserdata(L, idx))
        return 0;
    lua_Integer n = luaL_len(L, idx);
    return n > 0 ? (uint64_t)n : 0;
}

/* last - first + 1 of two integer arguments. */
static uint64_t range_of(lua_State *L, int first, int last, uint64_t otherwise)
{
    if (!lua_isinteger(L, last))
        return otherwise;
    lua_Integer from = luaL_optinteger(L, first, 1), to = lua_tointeger(L, last);
    return to < from ? 0 : (uint64_t)to - (uint64_t)from + 1;
}

static uint64_t cost_text(lua_State *L)
{
    return length_of(L, 1) / 4;
}

static uint64_t cost_concat(lua_State *L)
{
    return range_of(L, 3, 4, length_of(L, 1));
}

static uint64_t cost_unpack(lua_State *L)
{
    return range_of(L, 2, 3, length_of(L, 1));
}

static uint64_t cost_move(lua_State *L)
{
    return range_of(L, 2, 3, 0);
}

static uint64_t cost_arguments(lua_State *L)
{
    return (uint64_t)lua_gettop(L) / 4;
}

/* insert(t, pos, v) and remove(t, pos) shift what is behind pos. */
static uint64_t cost_shift(lua_State *L)
{
    if (!lua_isinteger(L, 2))
        return 1;
    lua_Integer n = (lua_Integer)length_of(L, 1), at = lua_tointeger(L, 2);
    return at >= 1 && at < n ? (uint64_t)(n - at) : 1;
}

static uint64_t cost_insert(lua_State *L)
{
    return lua_gettop(L) > 2 ? cost_shift(L) : 1;
}

static uint64_t cost_sort(lua_State *L)
{
    uint64_t n = length_of(L, 1), levels = 1;
    for (uint64_t left = n; left; left /= 2)
        levels++;
    return n * levels * 2;
}

/* Upvalues: the library's function (first, see modules.c); index of the cost. */
static const struct charged {
    const char *name;
    cost_fn cost;
} of_table[] = {{"concat", cost_concat},  {"insert", cost_insert}, {"move", cost_move},
                {"pack", cost_arguments}, {"remove", cost_shift},  {"sort", cost_sort},
                {"unpack", cost_unpack}},
  of_utf8[] = {{"char", cost_arguments},
               {"codepoint", cost_text},
               {"len", cost_text},
               {"offset", cost_text}};

static int charged_call(lua_State *L)
{
    const struct charged *c = lua_touserdata(L, lua_upvalueindex(2));
    as_lua_charge(L, c->cost(L));
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

/* Into the table on top: charged versions of functions of the library `name`. */
static void add_charged(lua_State *L, const char *name, const struct charged *c, size_t count)
{
    lua_getglobal(L, name);
    for (size_t i = 0; i < count; i++) {
        lua_getfield(L, -1, c[i].name);
        lua_pushlightuserdata(L, (void *)(uintptr_t)&c[i]);
        lua_pushcclosure(L, charged_call, 2);
        lua_setfield(L, -3, c[i].name);
    }
    lua_pop(L, 1);
}

int as_lua_tonumber(lua_State *L)
{
    if (lua_type(L, 1) == LUA_TSTRING)
        as_lua_charge(L, cost_text(L));
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, 1);
    return 1;
}

/* ---- libraries ---- */

void as_lua_push_table_lib(lua_State *L)
{
    lua_newtable(L);
    add_charged(L, LUA_TABLIBNAME, of_table, sizeof of_table / sizeof of_table[0]);
}

void as_lua_push_utf8_lib(lua_State *L)
{
    lua_newtable(L);
    add_charged(L, LUA_UTF8LIBNAME, of_utf8, sizeof of_utf8 / sizeof of_utf8[0]);
    lua_getglobal(L, LUA_UTF8LIBNAME);
    lua_getfield(L, -1, "codes");
    lua_setfield(L, -3, "codes");
    lua_getfield(L, -1, "charpattern");
    lua_setfield(L, -3, "charpattern");
    lua_pop(L, 1);
}

void as_lua_push_math_lib(lua_State *L)
{
    lua_newtable(L);
    lua_getglobal(L, LUA_MATHLIBNAME);
    for (lua_pushnil(L); lua_next(L, -2);) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -5);
    }
    lua_pop(L, 1);
    static const char *const random[] = {"random", "randomseed"};
    for (size_t i = 0; i < sizeof random / sizeof random[0]; i++) {
        lua_pushnil(L);
        lua_setfield(L, -2, random[i]);
    }
}
