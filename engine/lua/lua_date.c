/* lua_date.c: dates as chunks see them: days, with comparison, day arithmetic and the calendar.
 *
 * A date is a userdata that holds an as_date. Equal dates are one object (a weak table by day),
 * so that == and table keys mean the day. Lua calls no metamethod for == between a date and
 * something else: that is false, and the page for rule authors says so. Every other mix is an
 * error with a sentence. Dates run from 0001-01-01 to 9999-12-31; arithmetic that leaves them
 * is an error. */
#include "lua/lua_private.h"

#define DAYS_MAX 4000000 /* more than there are */

void as_lua_push_date(lua_State *L, as_date d)
{
    as_lua *l = as_lua_of(L);
    (void)lua_rawgeti(L, LUA_REGISTRYINDEX, l->dates);
    if (lua_rawgeti(L, -1, d) == LUA_TNIL) {
        lua_pop(L, 1);
        as_date *box = lua_newuserdatauv(L, sizeof *box, 0);
        *box = d;
        luaL_setmetatable(L, "date");
        lua_pushvalue(L, -1);
        lua_rawseti(L, -3, d);
    }
    lua_remove(L, -2);
}

bool as_lua_is_date(lua_State *L, int idx, as_date *out)
{
    const as_date *box = luaL_testudata(L, idx, "date");
    if (box)
        *out = *box;
    return box != NULL;
}

static void push_in_range(lua_State *L, int64_t d)
{
    if (d < AS_LUA_DATE_FIRST || d > AS_LUA_DATE_LAST)
        as_lua_raise(L, "the date is outside the years 1 to 9999");
    as_lua_push_date(L, (as_date)d);
}

static lua_Integer check_days(lua_State *L, int arg, const char *what)
{
    int whole = 0;
    lua_Integer n = lua_type(L, arg) == LUA_TNUMBER ? lua_tointegerx(L, arg, &whole) : 0;
    if (!whole)
        as_lua_raise(L, "%s needs a whole number of days, not %s", what,
                     lua_type(L, arg) == LUA_TNUMBER ? "a fraction" : luaL_typename(L, arg));
    if (n > DAYS_MAX || n < -DAYS_MAX)
        as_lua_raise(L, "the date is outside the years 1 to 9999");
    return n;
}

/* What a comparison or a subtraction was given instead of a date. */
static _Noreturn void no_date(lua_State *L, int arg, const char *doing)
{
    if (lua_isnil(L, arg))
        as_lua_raise(L, "a date is %s nil: the field is null, test it first", doing);
    if (lua_type(L, arg) == LUA_TSTRING)
        as_lua_raise(L, "a date is %s text: assay.date \"2017-03-31\" makes a date of it",
                     doing);
    as_lua_raise(L, "a date is %s a %s", doing, luaL_typename(L, arg));
}

static as_date check_date(lua_State *L, int arg, const char *doing)
{
    as_date d = 0;
    if (!as_lua_is_date(L, arg, &d))
        no_date(L, arg, doing);
    return d;
}

static int date_lt(lua_State *L)
{
    as_date a = check_date(L, 1, "compared with");
    lua_pushboolean(L, a < check_date(L, 2, "compared with"));
    return 1;
}

static int date_le(lua_State *L)
{
    as_date a = check_date(L, 1, "compared with");
    lua_pushboolean(L, a <= check_date(L, 2, "compared with"));
    return 1;
}

static int date_add(lua_State *L)
{
    as_date d;
    int number = as_lua_is_date(L, 1, &d) ? 2 : 1;
    if (number == 1)
        d = check_date(L, 2, "added to");
    push_in_range(L, d + check_days(L, number, "date + days"));
    return 1;
}

static int date_sub(lua_State *L)
{
    as_date a = check_date(L, 1, "taken from"), b;
    if (as_lua_is_date(L, 2, &b)) {
        lua_pushinteger(L, (lua_Integer)a - b);
        return 1;
    }
    if (lua_type(L, 2) != LUA_TNUMBER)
        no_date(L, 2, "reduced by");
    push_in_range(L, a - check_days(L, 2, "date - days"));
    return 1;
}

static int date_tostring(lua_State *L)
{
    char text[AS_DATE_TEXT];
    lua_pushstring(L, as_date_text(check_date(L, 1, "expected, not"), text));
    return 1;
}

static int date_concat(lua_State *L)
{
    for (int arg = 1; arg <= 2; arg++) {
        as_date d;
        if (!as_lua_is_date(L, arg, &d) && !lua_isstring(L, arg))
            as_lua_raise(L, "a date is joined with a %s", luaL_typename(L, arg));
        (void)luaL_tolstring(L, arg, NULL);
    }
    lua_concat(L, 2);
    return 1;
}

/* d:add_months(n), and by 12 of them d:add_years(n). A day that the month does not have becomes
 * its last: 31 January and one month is 28 or 29 February. */
static void push_months_later(lua_State *L, as_date d, lua_Integer months)
{
    int year, month, day;
    as_date_civil(d, &year, &month, &day);
    lua_Integer count = (lua_Integer)year * 12 + month - 1 + months;
    lua_Integer to_year = count / 12;
    if (count < 12 || to_year > 9999)
        as_lua_raise(L, "the date is outside the years 1 to 9999");
    as_date later = AS_DATE_NULL;
    while (later == AS_DATE_NULL)
        later = as_date_from((int)to_year, (int)(count % 12) + 1, day--);
    as_lua_push_date(L, later);
}

static int date_add_months(lua_State *L)
{
    as_date d = check_date(L, 1, "expected (d:add_months(1)), not");
    push_months_later(L, d, check_days(L, 2, "add_months"));
    return 1;
}

static int date_add_years(lua_State *L)
{
    as_date d = check_date(L, 1, "expected (d:add_years(1)), not");
    push_months_later(L, d, 12 * check_days(L, 2, "add_years"));
    return 1;
}

static int date_index(lua_State *L)
{
    int year, month, day;
    as_date_civil(check_date(L, 1, "expected, not"), &year, &month, &day);
    as_str name = as_lua_check_str(L, 2);
    if (as_str_eq(name, AS_STR("year")))
        lua_pushinteger(L, year);
    else if (as_str_eq(name, AS_STR("month")))
        lua_pushinteger(L, month);
    else if (as_str_eq(name, AS_STR("day")))
        lua_pushinteger(L, day);
    else if (as_str_eq(name, AS_STR("add_months")))
        lua_pushcfunction(L, date_add_months);
    else if (as_str_eq(name, AS_STR("add_years")))
        lua_pushcfunction(L, date_add_years);
    else
        as_lua_raise(L, "a date has year, month, day, add_months and add_years, no '%.*s'",
                     AS_FMT(name));
    return 1;
}

int as_lua_date_new(lua_State *L)
{
    as_date d;
    if (as_lua_is_date(L, 1, &d)) {
        lua_settop(L, 1);
        return 1;
    }
    if (lua_type(L, 1) == LUA_TNUMBER) {
        lua_Integer year = luaL_checkinteger(L, 1), month = luaL_checkinteger(L, 2);
        lua_Integer day = luaL_checkinteger(L, 3);
        bool fits =
            year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
        d = fits ? as_date_from((int)year, (int)month, (int)day) : AS_DATE_NULL;
        if (d == AS_DATE_NULL)
            as_lua_raise(L, "assay.date: there is no such day: year %lld, month %lld, day %lld",
                         (long long)year, (long long)month, (long long)day);
    } else {
        as_str text = as_lua_check_str(L, 1);
        d = as_date_parse(text, AS_STR("%Y-%m-%d"));
        if (d == AS_DATE_NULL)
            as_lua_raise(L, "assay.date: '%.*s' is no date of the form 2017-03-31",
                         text.len > 40 ? 40 : (int)text.len, text.ptr);
    }
    push_in_range(L, d);
    return 1;
}

void as_lua_open_dates(lua_State *L)
{
    static const luaL_Reg methods[] = {
        {"__index", date_index},
        {"__newindex", as_lua_refuse_write},
        {"__lt", date_lt},
        {"__le", date_le},
        {"__add", date_add},
        {"__sub", date_sub},
        {"__concat", date_concat},
        {"__tostring", date_tostring},
        {NULL, NULL},
    };
    (void)luaL_newmetatable(L, "date");
    luaL_setfuncs(L, methods, 0);
    lua_pop(L, 1);
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    as_lua_of(L)->dates = luaL_ref(L, LUA_REGISTRYINDEX);
}
