/* lib_assay.c: the helpers that rules get as `assay`. Text is folded as header names and the
 * condition `contains` fold it: case, white space, typographic quotes and dashes do not count.
 */
#include "lua/lua_private.h"

#include "base/text.h"

static as_str fold(lua_State *L, int arg, as_buf *into)
{
    as_str s = as_lua_check_str(L, arg);
    if (s.len > AS_LUA_FOLD_MAX) /* one character may become 18 */
        as_lua_raise_stop(L, AS_LUA_STOP_LIMIT,
                          "texts of at most %zu KiB can be folded; this one is longer",
                          AS_LUA_FOLD_MAX / AS_KIB);
    as_lua_charge(L, s.len / 2);
    as_buf_clear(into);
    as_text_fold(into, s);
    if (into->failed)
        as_lua_raise_nomem(L);
    return as_buf_str(into);
}

/* fold(text) */
static int assay_fold(lua_State *L)
{
    as_lua_push_str(L, fold(L, 1, &as_lua_of(L)->one));
    return 1;
}

/* starts(text, prefix) */
static int assay_starts(lua_State *L)
{
    as_lua *l = as_lua_of(L);
    as_str s = fold(L, 1, &l->one);
    lua_pushboolean(L, as_str_starts(s, fold(L, 2, &l->two)));
    return 1;
}

/* contains(text, part) */
static int assay_contains(lua_State *L)
{
    as_lua *l = as_lua_of(L);
    as_str s = fold(L, 1, &l->one);
    lua_pushboolean(L, as_str_find(s, fold(L, 2, &l->two)) != (size_t)-1);
    return 1;
}

#define LONG_TEXT ((size_t)512)

/* distance(a, b [, max]): above max it is max + 1. */
static int assay_distance(lua_State *L)
{
    as_str a = as_lua_check_str(L, 1), b = as_lua_check_str(L, 2);
    size_t longest = a.len > b.len ? a.len : b.len;
    lua_Integer max = luaL_optinteger(L, 3, (lua_Integer)longest);
    luaL_argcheck(L, max >= 0, 3, "the largest distance is at least 0");
    if (longest > AS_LUA_DISTANCE_MAX)
        as_lua_raise_stop(L, AS_LUA_STOP_LIMIT,
                          "assay.distance compares texts of at most %zu bytes",
                          AS_LUA_DISTANCE_MAX);
    /* Long texts take memory, and as_text_distance answers "too far" when it gets none: there
     * no distance is above `longest`, so that answer can be told from a distance. */
    bool narrow = longest <= LONG_TEXT && (size_t)max < longest;
    size_t limit = narrow ? (size_t)max : longest;
    as_lua_charge(L, longest + longest * (limit + 1) / 4);
    lua_Integer d = as_text_distance(a, b, (unsigned)limit);
    if (!narrow && d > (lua_Integer)longest)
        as_lua_raise_nomem(L);
    lua_pushinteger(L, d > max ? max + 1 : d);
    return 1;
}

/* thousands(n): 2071 is "2,071" */
static int assay_thousands(lua_State *L)
{
    as_lua *l = as_lua_of(L);
    lua_Integer n = luaL_checkinteger(L, 1);
    as_buf_clear(&l->one);
    as_text_thousands(&l->one, n);
    if (l->one.failed)
        as_lua_raise_nomem(L);
    as_lua_push_str(L, as_buf_str(&l->one));
    return 1;
}

void as_lua_push_assay_lib(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"fold", assay_fold},           {"starts", assay_starts},
        {"contains", assay_contains},   {"distance", assay_distance},
        {"thousands", assay_thousands}, {"date", as_lua_date_new},
        {"module", as_lua_require},     {NULL, NULL},
    };
    luaL_newlib(L, functions);
}
