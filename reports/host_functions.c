/* host_functions.c: what a report writer may call, `findings` aside
 * (docs/internals/reports.md). */
#include "reports/host_int.h"
#include "reports/text.h"

enum { JSON_DEPTH = 64 };

static as_str text_arg(lua_State *L, int at)
{
    as_str s;
    s.ptr = luaL_checklstring(L, at, &s.len);
    return s;
}

as_buf *as_host_tmp(lua_State *L)
{
    as_host *h = as_host_of(L);
    as_buf_clear(&h->tmp);
    return &h->tmp;
}

int as_host_give(lua_State *L, const as_buf *b)
{
    if (b->failed) {
        return luaL_error(L, "not enough memory");
    }
    as_str s = as_buf_str(b);
    lua_pushlstring(L, s.ptr, s.len);
    return 1;
}

int as_host_fail(lua_State *L, as_code code, const as_err *e)
{
    as_host *h = as_host_of(L);
    h->err = *e;
    h->err.code = code;
    return luaL_error(L, "%s", e->text);
}

static int l_write(lua_State *L)
{
    as_host *h = as_host_of(L);
    int n = lua_gettop(L);
    for (int i = 1; i <= n; i++) {
        as_buf_add(&h->sink.buf, text_arg(L, i));
    }
    as_err e;
    as_code code = as_sink_send(&h->sink, false, &e);
    return code == AS_OK ? 0 : as_host_fail(L, code, &e);
}

static int l_pad(lua_State *L)
{
    static const char *const sides[] = {"left", "right", "center", NULL};
    as_str s = text_arg(L, 1);
    lua_Integer width = luaL_checkinteger(L, 2);
    int side = luaL_checkoption(L, 3, "left", sides);
    size_t have = as_text_width(s);
    size_t want = width < 0 ? 0 : (size_t)width;
    luaL_argcheck(L, want <= 100000, 2, "too wide");
    size_t room = want > have ? want - have : 0;
    size_t before = side == 1 ? room : side == 2 ? room / 2 : 0;
    as_buf *b = as_host_tmp(L);
    for (size_t i = 0; i < before; i++) {
        as_buf_addc(b, ' ');
    }
    as_buf_add(b, s);
    for (size_t i = before; i < room; i++) {
        as_buf_addc(b, ' ');
    }
    return as_host_give(L, b);
}

static int l_width(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)as_text_width(text_arg(L, 1)));
    return 1;
}

static int l_wrap(lua_State *L)
{
    as_str s = text_arg(L, 1);
    lua_Integer width = luaL_checkinteger(L, 2);
    lua_newtable(L);
    lua_Integer n = 0;
    do {
        as_str rest, line = as_text_line(s, width < 1 ? 1 : (size_t)width, &rest);
        lua_pushlstring(L, line.ptr ? line.ptr : "", line.len);
        lua_rawseti(L, -2, ++n);
        s = rest;
    } while (s.len > 0);
    return 1;
}

static int l_thousands(lua_State *L)
{
    as_buf *b = as_host_tmp(L);
    as_text_number(b, luaL_checknumber(L, 1));
    return as_host_give(L, b);
}

static int l_escape_html(lua_State *L)
{
    as_buf *b = as_host_tmp(L);
    as_text_html(b, text_arg(L, 1));
    return as_host_give(L, b);
}

static int l_escape_markdown(lua_State *L)
{
    as_buf *b = as_host_tmp(L);
    as_text_markdown(b, text_arg(L, 1));
    return as_host_give(L, b);
}

static int l_escape_github(lua_State *L)
{
    as_buf *b = as_host_tmp(L);
    as_text_github(b, text_arg(L, 1), lua_toboolean(L, 2));
    return as_host_give(L, b);
}

static int l_escape_csv(lua_State *L)
{
    as_buf *b = as_host_tmp(L);
    as_csv_cell(b, text_arg(L, 1));
    return as_host_give(L, b);
}

static int l_escape_terminal(lua_State *L)
{
    as_buf *b = as_host_tmp(L);
    as_text_visible(b, text_arg(L, 1), lua_toboolean(L, 2));
    return as_host_give(L, b);
}

/* find(s, needle [, from]) -> first, last; no patterns. */
static int l_find(lua_State *L)
{
    as_str s = text_arg(L, 1), needle = text_arg(L, 2);
    lua_Integer from = luaL_optinteger(L, 3, 1);
    size_t skip = from < 1 ? 0 : (size_t)from - 1;
    size_t at = skip <= s.len ? as_str_find(as_str_sub(s, skip, s.len), needle) : (size_t)-1;
    if (at == (size_t)-1) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushinteger(L, (lua_Integer)(skip + at + 1));
    lua_pushinteger(L, (lua_Integer)(skip + at + needle.len));
    return 2;
}

static int l_replace(lua_State *L)
{
    as_str s = text_arg(L, 1), old = text_arg(L, 2), new = text_arg(L, 3);
    luaL_argcheck(L, old.len > 0, 2, "empty");
    as_buf *b = as_host_tmp(L);
    size_t at;
    while ((at = as_str_find(s, old)) != (size_t)-1) {
        as_buf_add(b, as_str_sub(s, 0, at));
        as_buf_add(b, new);
        s = as_str_sub(s, at + old.len, s.len);
    }
    as_buf_add(b, s);
    return as_host_give(L, b);
}

/* ---- json(value): lists, and mappings with sorted keys ---- */

static void json_value(lua_State *L, as_buf *b, int depth);

static void json_list(lua_State *L, as_buf *b, lua_Unsigned n, int depth)
{
    as_buf_addc(b, '[');
    for (lua_Unsigned i = 1; i <= n; i++) {
        as_buf_add(b, i > 1 ? AS_STR(", ") : AS_NONE);
        lua_rawgeti(L, -1, (lua_Integer)i);
        json_value(L, b, depth);
        lua_pop(L, 1);
    }
    as_buf_addc(b, ']');
}

static void json_mapping(lua_State *L, as_buf *b, int depth)
{
    lua_newtable(L); /* its keys */
    lua_Integer n = 0;
    lua_pushnil(L);
    while (lua_next(L, -3)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) != LUA_TSTRING) {
            luaL_error(L, "json: a mapping needs texts as keys");
        }
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, ++n);
    }
    lua_getfield(L, LUA_REGISTRYINDEX, "sort");
    lua_pushvalue(L, -2);
    lua_call(L, 1, 0);
    as_buf_addc(b, '{');
    for (lua_Integer i = 1; i <= n; i++) {
        as_buf_add(b, i > 1 ? AS_STR(", ") : AS_NONE);
        lua_rawgeti(L, -1, i);
        as_str key;
        key.ptr = lua_tolstring(L, -1, &key.len);
        as_json_str(b, key);
        as_buf_add(b, AS_STR(": "));
        lua_rawget(L, -3);
        json_value(L, b, depth);
        lua_pop(L, 1);
    }
    as_buf_addc(b, '}');
    lua_pop(L, 1);
}

static void json_value(lua_State *L, as_buf *b, int depth)
{
    as_str s;
    luaL_checkstack(L, 8, "json");
    if (depth > JSON_DEPTH) {
        luaL_error(L, "json: more than %d levels", JSON_DEPTH);
    }
    switch (lua_type(L, -1)) {
    case LUA_TSTRING:
        s.ptr = lua_tolstring(L, -1, &s.len);
        as_json_str(b, s);
        break;
    case LUA_TNUMBER:
        if (lua_isinteger(L, -1)) {
            as_buf_addf(b, LUA_INTEGER_FMT, lua_tointeger(L, -1));
        } else {
            as_json_num(b, lua_tonumber(L, -1));
        }
        break;
    case LUA_TBOOLEAN:
        as_buf_add(b, lua_toboolean(L, -1) ? AS_STR("true") : AS_STR("false"));
        break;
    case LUA_TNIL:
        as_buf_add(b, AS_STR("null"));
        break;
    case LUA_TTABLE: {
        lua_Unsigned n = lua_rawlen(L, -1);
        lua_pushnil(L);
        bool empty = lua_next(L, -2) == 0;
        lua_pop(L, empty ? 0 : 2);
        if (n > 0 || empty) {
            json_list(L, b, n, depth + 1);
        } else {
            json_mapping(L, b, depth + 1);
        }
        break;
    }
    default:
        luaL_error(L, "json: a %s", luaL_typename(L, -1));
    }
}

static int l_json(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    as_buf *b = as_host_tmp(L);
    json_value(L, b, 0);
    return as_host_give(L, b);
}

/* ---- the list ---- */

void as_host_functions(lua_State *L)
{
    static const luaL_Reg all[] = {{"write", l_write},
                                   {"json", l_json},
                                   {"pad", l_pad},
                                   {"width", l_width},
                                   {"wrap", l_wrap},
                                   {"thousands", l_thousands},
                                   {"escape_html", l_escape_html},
                                   {"escape_xml", l_escape_html},
                                   {"escape_markdown", l_escape_markdown},
                                   {"escape_github", l_escape_github},
                                   {"escape_csv", l_escape_csv},
                                   {"escape_terminal", l_escape_terminal},
                                   {NULL, NULL}};
    for (const luaL_Reg *f = all; f->name; f++) {
        lua_pushcfunction(L, f->func);
        lua_setglobal(L, f->name);
    }
}

void as_host_string_functions(lua_State *L)
{
    lua_pushcfunction(L, l_find);
    lua_setfield(L, -2, "find");
    lua_pushcfunction(L, l_replace);
    lua_setfield(L, -2, "replace");
}
