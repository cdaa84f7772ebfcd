/* record.c: `r` and `g`: records as chunks see them, and the parameters.
 *
 * A record is a userdata with a row number; its fields are read from the table when they are
 * asked for, typed, null as nil. It is good for one call: the generation tells a record that
 * was kept (nothing can keep one; this is the second lock). Only the fields in `reads` can be
 * read, because the engine calls a predicate once for all records that agree in those fields.
 */
#include "lua/lua_private.h"

#include <stdlib.h>

typedef struct record {
    uint64_t generation;
    uint32_t row; /* of a group: none, its rows are in as_lua */
} record;

void *as_lua_push_record(lua_State *L, uint32_t row)
{
    record *r = lua_newuserdatauv(L, sizeof *r, 0);
    *r = (record){as_lua_of(L)->generation, row};
    luaL_setmetatable(L, "record");
    return r;
}

void as_lua_set_subject(lua_State *L, void *subject, uint32_t row)
{
    *(record *)subject = (record){as_lua_of(L)->generation, row};
}

static void push_cell(lua_State *L, as_lua *l, const as_column *c, uint32_t row)
{
    if (as_cell_null(c, row)) {
        lua_pushnil(L);
        return;
    }
    switch (c->field->type) {
    case AS_TYPE_INTEGER:
        lua_pushinteger(L, as_cell_int(c, row));
        break;
    case AS_TYPE_NUMBER:
        lua_pushnumber(L, as_cell_num(c, row));
        break;
    case AS_TYPE_DATE:
        as_lua_push_date(L, as_cell_date(c, row));
        break;
    case AS_TYPE_TEXT:
    case AS_TYPE_CODE: {
        as_str text = as_cell_text(l->table, c, row, &l->cell);
        if (l->cell.failed)
            as_lua_raise_nomem(L);
        as_lua_charge(L, text.len / 16);
        as_lua_push_str(L, text);
    }
    }
}

static _Noreturn void no_such_field(lua_State *L, const as_schema *s, as_str name)
{
    if (as_schema_field(s, name) != AS_NO_FIELD)
        as_lua_raise(L, "the rule reads %.*s, which its `reads` does not name: add it there",
                     AS_FMT(name));
    as_str near = as_lua_nearest(L, name, s->fields, sizeof *s->fields, s->count);
    if (near.len)
        as_lua_raise(L, "%.*s has no field '%.*s'; did you mean %.*s?", AS_FMT(s->name),
                     AS_FMT(name), AS_FMT(near));
    as_lua_raise(L, "%.*s has no field '%.*s'", AS_FMT(s->name), AS_FMT(name));
}

static int record_index(lua_State *L)
{
    as_lua *l = as_lua_of(L);
    const record *r = lua_touserdata(L, 1);
    if (!l->pred || r->generation != l->generation)
        as_lua_raise(L, "this record belongs to an earlier call");
    if (lua_type(L, 2) != LUA_TSTRING)
        as_lua_raise(L, "a record's fields are read by name: r.field");
    (void)lua_rawgeti(L, LUA_REGISTRYINDEX, l->pred->fields);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, -2) == LUA_TNIL)
        no_such_field(L, l->pred->schema, as_lua_to_str(L, 2));
    push_cell(L, l, &l->table->columns[lua_tointeger(L, -1)], r->row);
    return 1;
}

static int record_equal(lua_State *L)
{
    const record *a = luaL_testudata(L, 1, "record"), *b = luaL_testudata(L, 2, "record");
    lua_pushboolean(L, a && b && a->row == b->row && a->generation == b->generation);
    return 1;
}

static int name_only(lua_State *L)
{
    lua_pushstring(L, luaL_testudata(L, 1, "group") ? "group" : "record");
    return 1;
}

/* ---- groups ---- */

void *as_lua_push_group(lua_State *L)
{
    record *g = lua_newuserdatauv(L, sizeof *g, 0);
    *g = (record){as_lua_of(L)->generation, AS_NO_ROW};
    luaL_setmetatable(L, "group");
    return g;
}

static as_lua *check_group(lua_State *L)
{
    as_lua *l = as_lua_of(L);
    const record *g = luaL_checkudata(L, 1, "group");
    if (!l->pred || g->generation != l->generation)
        as_lua_raise(L, "this group belongs to an earlier call");
    return l;
}

static int group_index(lua_State *L)
{
    as_lua *l = check_group(L);
    int whole = 0;
    lua_Integer i = lua_type(L, 2) == LUA_TNUMBER ? lua_tointegerx(L, 2, &whole) : 0;
    if (!whole)
        as_lua_raise(L, "g is the list of the group's records: g[1].field, not g.field");
    if (i < 1 || (lua_Unsigned)i > l->row_count)
        lua_pushnil(L);
    else
        (void)as_lua_push_record(L, l->rows[i - 1]);
    return 1;
}

static int group_length(lua_State *L)
{
    lua_pushinteger(L, (lua_Integer)check_group(L)->row_count);
    return 1;
}

static int group_step(lua_State *L)
{
    lua_Integer i = luaL_checkinteger(L, 2) + 1;
    lua_settop(L, 1);
    lua_pushinteger(L, i);
    (void)group_index(L);
    if (lua_isnil(L, -1))
        return 1;
    lua_pushinteger(L, i);
    lua_insert(L, -2);
    return 2;
}

int as_lua_group_iterate(lua_State *L)
{
    lua_pushcfunction(L, group_step);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

void as_lua_open_records(lua_State *L)
{
    static const luaL_Reg of_record[] = {
        {"__index", record_index},
        {"__newindex", as_lua_refuse_write},
        {"__eq", record_equal},
        {"__tostring", name_only},
        {NULL, NULL},
    };
    static const luaL_Reg of_group[] = {
        {"__index", group_index},
        {"__newindex", as_lua_refuse_write},
        {"__len", group_length},
        {"__tostring", name_only},
        {NULL, NULL},
    };
    (void)luaL_newmetatable(L, "record");
    luaL_setfuncs(L, of_record, 0);
    (void)luaL_newmetatable(L, "group");
    luaL_setfuncs(L, of_group, 0);
    lua_pop(L, 2);
}

/* ---- parameters ---- */

static void push_param(lua_State *L, as_str value)
{
    int64_t i;
    double f;
    as_date d = as_date_parse(value, AS_STR("%Y-%m-%d"));
    if (d != AS_DATE_NULL && d >= AS_LUA_DATE_FIRST && d <= AS_LUA_DATE_LAST)
        as_lua_push_date(L, d);
    else if (as_str_to_i64(value, &i))
        lua_pushinteger(L, i);
    else if (as_str_to_f64(value, false, &f))
        lua_pushnumber(L, f);
    else
        as_lua_push_str(L, value);
}

void as_lua_push_params(lua_State *L)
{
    const as_lua_setup *s = &as_lua_of(L)->setup;
    lua_newtable(L);
    for (size_t i = 0; i < s->param_count; i++) {
        as_lua_push_str(L, s->params[i].name);
        push_param(L, s->params[i].value);
        lua_rawset(L, -3);
    }
}
