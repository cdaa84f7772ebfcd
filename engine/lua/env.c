/* env.c: what a chunk sees.
 *
 * A chunk's _ENV is an empty table whose metatable looks names up in the chunk's own names (r,
 * g, assert_equal), then in the shared ones, and then says that there is no such name. Nothing
 * can be written there: a rule has locals only.
 *
 * Frozen tables (libraries, p, all that a module keeps) work the same way: the table that
 * chunks hold is empty, its content is behind a metatable, and so every alias of it is
 * read-only. Chunks have neither setmetatable, getmetatable, rawset, rawget nor next, so a
 * metatable is out of their reach. */
#include "lua/lua_private.h"

#include <stdlib.h>

/* ---- read-only ---- */

int as_lua_refuse_write(lua_State *L)
{
    if (lua_type(L, 2) == LUA_TSTRING)
        as_lua_raise(L, "%s is read-only here: keep what you compute in locals",
                     lua_tostring(L, 2));
    as_lua_raise(L, "this table is read-only: keep what you compute in locals");
}

static int refuse_global(lua_State *L)
{
    as_str name = as_lua_check_str(L, 2);
    as_lua_raise(L, "a rule cannot set the global '%.*s': write local %.*s", AS_FMT(name),
                 AS_FMT(name));
}

static int frozen_length(lua_State *L)
{
    if (!as_lua_push_shadow(L, 1))
        return luaL_argerror(L, 1, "table expected");
    lua_pushinteger(L, luaL_len(L, -1));
    return 1;
}

bool as_lua_push_shadow(lua_State *L, int idx)
{
    return lua_type(L, idx) == LUA_TTABLE && luaL_getmetafield(L, idx, "__index") == LUA_TTABLE;
}

void as_lua_freeze_table(lua_State *L, int idx)
{
    idx = lua_absindex(L, idx);
    lua_newtable(L); /* the shadow */
    uint64_t entries = 0;
    for (lua_pushnil(L); lua_next(L, idx); entries++) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -4);
    }
    for (lua_pushnil(L); lua_next(L, idx);) { /* clearing while walking is allowed */
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_pushnil(L);
        lua_rawset(L, idx);
    }
    as_lua_charge(L, entries * 4);
    lua_createtable(L, 0, 3);
    lua_insert(L, -2);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, as_lua_refuse_write);
    lua_setfield(L, -2, "__newindex");
    lua_pushcfunction(L, frozen_length);
    lua_setfield(L, -2, "__len");
    lua_setmetatable(L, idx);
}

/* ---- names that are not there ---- */

typedef struct hint {
    as_str name, text;
} hint;

#define NO_ACCESS AS_STR("rules reach no files, clocks, programs or random numbers")
#define NO_CATCH AS_STR("an error in a rule cannot be caught: it is reported")
#define NO_META AS_STR("metatables cannot be used in rules")
#define NO_CODE AS_STR("rules cannot load code; a module of the pack is `require \"name\"`")

static const hint hints[] = {
    {AS_STR("io"), NO_ACCESS},
    {AS_STR("os"), NO_ACCESS},
    {AS_STR("debug"), NO_ACCESS},
    {AS_STR("package"), NO_CODE},
    {AS_STR("load"), NO_CODE},
    {AS_STR("loadstring"), NO_CODE},
    {AS_STR("loadfile"), NO_CODE},
    {AS_STR("dofile"), NO_CODE},
    {AS_STR("pcall"), NO_CATCH},
    {AS_STR("xpcall"), NO_CATCH},
    {AS_STR("setmetatable"), NO_META},
    {AS_STR("getmetatable"), NO_META},
    {AS_STR("rawget"), NO_META},
    {AS_STR("rawset"), NO_META},
    {AS_STR("rawequal"), NO_META},
    {AS_STR("rawlen"), NO_META},
    {AS_STR("_G"), AS_STR("rules have no table of globals")},
    {AS_STR("print"), AS_STR("a rule writes nothing; return the sentence")},
    {AS_STR("coroutine"), AS_STR("rules have no coroutines")},
    {AS_STR("collectgarbage"), AS_STR("rules do not manage memory")},
    {AS_STR("next"), AS_STR("use pairs, which goes by the order of the keys")},
    {AS_STR("unpack"), AS_STR("it is table.unpack")},
    {AS_STR("r"),
     AS_STR("the record is there in rules without `per`; with `per` its records are "
            "g[1], g[2], …; a module gets it as an argument")},
    {AS_STR("g"),
     AS_STR("the group's records are there in rules with `per`; a module gets them as "
            "an argument")},
};

static const as_str known[] = {
    AS_STR("assert"),  AS_STR("error"),    AS_STR("ipairs"),   AS_STR("pairs"),
    AS_STR("select"),  AS_STR("tonumber"), AS_STR("tostring"), AS_STR("type"),
    AS_STR("require"), AS_STR("string"),   AS_STR("table"),    AS_STR("math"),
    AS_STR("utf8"),    AS_STR("assay"),
};

static int unknown_name(lua_State *L)
{
    as_lua *l = as_lua_of(L);
    as_str name = as_lua_check_str(L, 2);
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
        if (as_str_eq(name, hints[i].name))
            as_lua_raise(L, "'%.*s' is not available: %.*s", AS_FMT(name),
                         AS_FMT(hints[i].text));
    if (l->pred && as_schema_field(l->pred->schema, name) != AS_NO_FIELD)
        as_lua_raise(L, "there is nothing called '%.*s'; the field is r.%.*s", AS_FMT(name),
                     AS_FMT(name));
    as_str near =
        as_lua_nearest(L, name, known, sizeof known[0], sizeof known / sizeof known[0]);
    if (near.len)
        as_lua_raise(L, "there is nothing called '%.*s'; did you mean %.*s?", AS_FMT(name),
                     AS_FMT(near));
    as_lua_raise(L, "there is nothing called '%.*s' here", AS_FMT(name));
}

/* ---- base functions with other manners than the library's ---- */

int as_lua_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    switch (lua_type(L, 1)) {
    case LUA_TTABLE:
    case LUA_TFUNCTION: /* the library's would print an address */
        lua_pushstring(L, luaL_typename(L, 1));
        return 1;
    default:
        (void)luaL_tolstring(L, 1, NULL);
        return 1;
    }
}

typedef struct key {
    int type; /* order of types: numbers, strings, booleans, dates */
    bool integer;
    lua_Integer i;
    lua_Number f;
    as_str s;
} key;

static int compare_keys(const void *pa, const void *pb)
{
    const key *a = pa, *b = pb;
    if (a->type != b->type)
        return a->type < b->type ? -1 : 1;
    if (a->type == LUA_TSTRING)
        return as_str_cmp(a->s, b->s);
    if (a->integer && b->integer)
        return (a->i > b->i) - (a->i < b->i);
    return (a->f > b->f) - (a->f < b->f); /* a key that is a fraction is below 2^53 */
}

/* The key on top of the stack. Strings stay where they are: the table holds them. */
static key key_on_top(lua_State *L)
{
    key k = {.type = LUA_TNUMBER, .integer = true};
    as_date d;
    switch (lua_type(L, -1)) {
    case LUA_TNUMBER:
        k.integer = lua_isinteger(L, -1);
        k.i = k.integer ? lua_tointeger(L, -1) : 0;
        k.f = lua_tonumber(L, -1);
        break;
    case LUA_TSTRING:
        k.type = LUA_TSTRING;
        k.s = as_lua_to_str(L, -1);
        break;
    case LUA_TBOOLEAN:
        k.type = LUA_TSTRING + 1;
        k.i = lua_toboolean(L, -1);
        break;
    default:
        if (!as_lua_is_date(L, -1, &d))
            as_lua_raise(L, "pairs: keys that are tables or functions have no order; use text, "
                            "numbers or dates as keys");
        k.type = LUA_TSTRING + 2;
        k.i = d;
    }
    return k;
}

static void push_key(lua_State *L, const key *k)
{
    if (k->type == LUA_TSTRING)
        as_lua_push_str(L, k->s);
    else if (k->type == LUA_TSTRING + 1)
        lua_pushboolean(L, (int)k->i);
    else if (k->type == LUA_TSTRING + 2)
        as_lua_push_date(L, (as_date)k->i);
    else if (k->integer)
        lua_pushinteger(L, k->i);
    else
        lua_pushnumber(L, k->f);
}

/* Push a list of the keys of the table at idx, in order; returns how many. */
static lua_Integer push_sorted_keys(lua_State *L, int idx)
{
    size_t count = 0, at = 0;
    for (lua_pushnil(L); lua_next(L, idx); count++)
        lua_pop(L, 1);
    uint64_t levels = 1;
    for (size_t n = count; n; n /= 2)
        levels++;
    as_lua_charge(L, count * levels * 2);
    key *keys = lua_newuserdatauv(L, count * sizeof *keys + 1, 0);
    for (lua_pushnil(L); lua_next(L, idx);) {
        lua_pop(L, 1);
        keys[at++] = key_on_top(L);
    }
    if (count > 1)
        qsort(keys, count, sizeof *keys, compare_keys);
    lua_createtable(L, count > INT32_MAX ? INT32_MAX : (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        push_key(L, &keys[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_remove(L, -2);
    return (lua_Integer)count;
}

/* Upvalues: the keys, how many, how many are done. The first is no function, by which freezing
 * knows an iterator. */
static int pairs_step(lua_State *L)
{
    lua_Integer count = lua_tointeger(L, lua_upvalueindex(2));
    lua_Integer at = lua_tointeger(L, lua_upvalueindex(3));
    lua_settop(L, 1);
    if (!as_lua_push_shadow(L, 1))
        lua_settop(L, 1);
    int table = lua_gettop(L);
    while (at < count) {
        lua_rawgeti(L, lua_upvalueindex(1), ++at);
        lua_pushvalue(L, -1);
        if (lua_rawget(L, table) != LUA_TNIL) { /* else it was removed on the way */
            lua_pushinteger(L, at);
            lua_replace(L, lua_upvalueindex(3));
            return 2;
        }
        lua_pop(L, 2);
    }
    lua_pushinteger(L, at);
    lua_replace(L, lua_upvalueindex(3));
    lua_pushnil(L);
    return 1;
}

int as_lua_pairs(lua_State *L)
{
    if (luaL_testudata(L, 1, "group"))
        return as_lua_group_iterate(L);
    if (luaL_testudata(L, 1, "record"))
        as_lua_raise(L, "pairs: a record has no list of fields; read them by name: r.field");
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    int table = as_lua_push_shadow(L, 1) ? 2 : 1;
    lua_Integer count = push_sorted_keys(L, table);
    lua_pushinteger(L, count);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, pairs_step, 3);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

/* ---- environments ---- */

void as_lua_push_env(lua_State *L, int names)
{
    if (names)
        names = lua_absindex(L, names);
    lua_newtable(L);
    lua_createtable(L, 0, 2);
    if (names)
        lua_pushvalue(L, names);
    else
        (void)lua_rawgeti(L, LUA_REGISTRYINDEX, as_lua_of(L)->shared);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_global);
    lua_setfield(L, -2, "__newindex");
    lua_setmetatable(L, -2);
}

static void copy_base(lua_State *L)
{
    static const char *const names[] = {"assert", "error", "ipairs", "select", "type"};
    lua_pushglobaltable(L);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        lua_getfield(L, -1, names[i]);
        lua_setfield(L, -3, names[i]);
    }
    lua_getfield(L, -1, "tonumber");
    lua_pushcclosure(L, as_lua_tonumber, 1);
    lua_setfield(L, -3, "tonumber");
    lua_pop(L, 1);
}

/* __index of a library's content. Upvalue: its name. */
static int unknown_member(lua_State *L)
{
    const char *library = lua_tostring(L, lua_upvalueindex(1));
    (void)push_sorted_keys(L, 1);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (lua_Integer i = 1, n = luaL_len(L, 3); i <= n; i++) {
        luaL_addstring(&b, i > 1 ? ", " : "");
        lua_rawgeti(L, 3, i);
        luaL_addvalue(&b);
    }
    luaL_pushresult(&b);
    as_lua_raise(L, "%s has no '%s'; it has %s", library,
                 lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : luaL_typename(L, 2),
                 lua_tostring(L, -1));
}

static int unknown_param(lua_State *L)
{
    const as_lua_setup *s = &as_lua_of(L)->setup;
    as_str name = as_lua_check_str(L, 2);
    as_str near = as_lua_nearest(L, name, s->params, sizeof *s->params, s->param_count);
    if (near.len)
        as_lua_raise(L, "there is no parameter '%.*s'; did you mean %.*s?", AS_FMT(name),
                     AS_FMT(near));
    as_lua_raise(L,
                 "there is no parameter '%.*s'; parameters stand under `params` in pack.yaml",
                 AS_FMT(name));
}

static void add_frozen(lua_State *L, const char *name, void (*push)(lua_State *),
                       lua_CFunction unknown)
{
    push(L);
    as_lua_freeze_table(L, -1);
    (void)as_lua_push_shadow(L, -1);
    lua_createtable(L, 0, 1);
    lua_pushstring(L, name);
    lua_pushcclosure(L, unknown, 1);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
    lua_setfield(L, -2, name);
}

/* `("x"):find(…)` and string.find are the same function. */
static void set_string_metatable(lua_State *L)
{
    lua_pushliteral(L, "");
    lua_createtable(L, 0, 1);
    as_lua_push_string_lib(L);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2); /* of all strings */
    lua_pop(L, 1);
}

/* The libraries' own tables stay in the registry, where messages find the names of functions.
 */
static void drop_globals(lua_State *L)
{
    lua_newtable(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_pushnil(L);
    lua_setfield(L, -2, LUA_GNAME);
    lua_pop(L, 1);
}

void as_lua_open_env(lua_State *L)
{
    as_lua *l = as_lua_of(L);
    lua_newtable(L);
    copy_base(L);
    lua_pushcfunction(L, as_lua_tostring);
    lua_setfield(L, -2, "tostring");
    lua_pushcfunction(L, as_lua_pairs);
    lua_setfield(L, -2, "pairs");
    lua_pushcfunction(L, as_lua_require);
    lua_setfield(L, -2, "require");
    set_string_metatable(L);
    add_frozen(L, "string", as_lua_push_string_lib, unknown_member);
    add_frozen(L, "table", as_lua_push_table_lib, unknown_member);
    add_frozen(L, "math", as_lua_push_math_lib, unknown_member);
    add_frozen(L, "utf8", as_lua_push_utf8_lib, unknown_member);
    add_frozen(L, "assay", as_lua_push_assay_lib, unknown_member);
    add_frozen(L, "p", as_lua_push_params, unknown_param);
    lua_createtable(L, 0, 1); /* names that are not there */
    lua_pushcfunction(L, unknown_name);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    l->shared = luaL_ref(L, LUA_REGISTRYINDEX);
    drop_globals(L);
}
