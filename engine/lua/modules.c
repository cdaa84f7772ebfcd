/* modules.c: the modules of a pack's lua/ folder.
 *
 * A module is evaluated once a state, in an environment of its own, on budgets of its own, when
 * a chunk first asks for it. What it returns, and everything that can be reached from there
 * (tables in tables, locals that its functions hold), is frozen in place. A local that one of
 * its functions assigns to cannot be frozen; as_lua_check_locals looks after every call whether
 * one has changed, puts it back and fails the call. So nothing passes from one call to the
 * next, and a result does not depend on which thread computed what before. */
#include "lua/lua_private.h"

#include <stdlib.h>

/* ---- freezing ---- */

/* Stack slots of the walk. */
enum { VALUE = 1, QUEUE, SEEN, LOCALS };

typedef struct walk {
    lua_Integer queued;
    lua_Integer locals; /* entries in LOCALS, with those of modules loaded before */
} walk;

/* Take the value on top off; put it into the queue if it is a table or a function, and new. */
static void enqueue(lua_State *L, walk *w)
{
    int type = lua_type(L, -1);
    lua_pushvalue(L, -1);
    if ((type != LUA_TTABLE && type != LUA_TFUNCTION) || lua_rawget(L, SEEN) != LUA_TNIL) {
        lua_pop(L, 2);
        return;
    }
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_pushboolean(L, 1);
    lua_rawset(L, SEEN);
    lua_rawseti(L, QUEUE, ++w->queued);
}

/* Table on top: its keys and values into the queue, then read-only. */
static void freeze_table(lua_State *L, walk *w)
{
    int table = lua_gettop(L);
    if (lua_getmetatable(L, table)) { /* frozen already */
        lua_pop(L, 1);
        return;
    }
    for (lua_pushnil(L); lua_next(L, table);) {
        enqueue(L, w);
        lua_pushvalue(L, -1);
        enqueue(L, w);
    }
    as_lua_freeze_table(L, table);
}

/* Entry i of LOCALS is four slots: a function, the number of the local in it, its value, and
 * the first line of the first function that uses it. */
enum { LOCAL_FUNCTION = 1, LOCAL_NUMBER, LOCAL_VALUE, LOCAL_LINE, LOCAL_SLOTS = LOCAL_LINE };

static int line_of(lua_State *L, int function)
{
    lua_Debug ar;
    lua_pushvalue(L, function);
    (void)lua_getinfo(L, ">S", &ar);
    return ar.linedefined;
}

/* The value of local n of the function is on top. A local that was met before keeps its entry.
 */
static void note_local(lua_State *L, walk *w, int function, int n)
{
    void *id = lua_upvalueid(L, function, n);
    int line = line_of(L, function);
    lua_Integer at = lua_rawgetp(L, SEEN, id) == LUA_TNIL ? -1 : lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (at >= 0) {
        (void)lua_rawgeti(L, LOCALS, at + LOCAL_LINE);
        line = line < lua_tointeger(L, -1) ? line : (int)lua_tointeger(L, -1);
        lua_pop(L, 1);
    } else {
        at = LOCAL_SLOTS * w->locals++;
        lua_pushinteger(L, at);
        lua_rawsetp(L, SEEN, id);
        lua_pushvalue(L, function);
        lua_rawseti(L, LOCALS, at + LOCAL_FUNCTION);
        lua_pushinteger(L, n);
        lua_rawseti(L, LOCALS, at + LOCAL_NUMBER);
        lua_pushvalue(L, -1);
        lua_rawseti(L, LOCALS, at + LOCAL_VALUE);
    }
    lua_pushinteger(L, line);
    lua_rawseti(L, LOCALS, at + LOCAL_LINE);
}

/* Function on top: note its locals, their values into the queue. */
static void freeze_function(lua_State *L, walk *w)
{
    int function = lua_gettop(L);
    if (lua_iscfunction(L, function)) {
        bool state = lua_getupvalue(L, function, 1) && !lua_isfunction(L, -1);
        if (state)
            as_lua_raise(L,
                         "a module cannot keep an iterator of pairs or gmatch: it would go on "
                         "from one call to the next");
        lua_settop(L, function);
        return;
    }
    for (int n = 1; lua_getupvalue(L, function, n); n++) {
        note_local(L, w, function, n);
        enqueue(L, w);
    }
}

/* The value in slot 1, and all that can be reached from it. */
static void freeze(lua_State *L)
{
    as_lua *l = as_lua_of(L);
    walk w = {0, l->local_count};
    lua_settop(L, VALUE);
    lua_newtable(L);
    lua_newtable(L);
    (void)lua_rawgeti(L, LUA_REGISTRYINDEX, l->locals);
    lua_pushvalue(L, VALUE);
    enqueue(L, &w);
    for (lua_Integer i = 1; i <= w.queued; i++) {
        if (lua_rawgeti(L, QUEUE, i) == LUA_TTABLE)
            freeze_table(L, &w);
        else
            freeze_function(L, &w);
        lua_settop(L, LOCALS);
        as_lua_charge(L, 1);
    }
    l->local_count = w.locals;
}

/* A local that changed: where it is used first. */
typedef struct changed {
    int text, line;
    const char *name;
} changed;

static bool is_before(const changed *a, const changed *b)
{
    if (b->name == NULL || a->text != b->text)
        return b->name == NULL || a->text < b->text;
    if (a->line != b->line)
        return a->line < b->line;
    return strcmp(a->name, b->name) < 0;
}

/* Entry at `at` of the list in slot 1: put its value back if it has changed. */
static void restore_local(lua_State *L, lua_Integer at, changed *first)
{
    (void)lua_rawgeti(L, 1, at + LOCAL_FUNCTION);
    (void)lua_rawgeti(L, 1, at + LOCAL_NUMBER);
    (void)lua_rawgeti(L, 1, at + LOCAL_LINE);
    changed c = {-1, (int)lua_tointeger(L, 4), NULL};
    int n = (int)lua_tointeger(L, 3);
    c.name = lua_getupvalue(L, 2, n);
    (void)lua_rawgeti(L, 1, at + LOCAL_VALUE);
    bool nan = !lua_rawequal(L, -1, -1) && !lua_rawequal(L, -2, -2);
    if (!lua_rawequal(L, -1, -2) && !nan) {
        lua_Debug ar;
        (void)lua_setupvalue(L, 2, n);
        lua_pushvalue(L, 2);
        (void)lua_getinfo(L, ">S", &ar);
        c.text = ar.source[0] == '=' && ar.source[1] == '\1'
                     ? (int)strtol(ar.source + 2, NULL, 10)
                     : -1;
        if (c.name && is_before(&c, first))
            *first = c;
    }
    lua_settop(L, 1);
}

as_code as_lua_check_locals(as_lua *l, as_err *e)
{
    lua_State *L = l->L;
    changed first = {-1, 0, NULL};
    (void)lua_rawgeti(L, LUA_REGISTRYINDEX, l->locals);
    for (lua_Integer i = 0; i < l->local_count; i++)
        restore_local(L, i * LOCAL_SLOTS, &first);
    lua_settop(L, 0);
    if (!first.name)
        return AS_OK;
    return as_fail(
        e, AS_ESCRIPT, as_lua_span(l, first.text, first.line),
        "the local '%s' of the module changed in a call: a module keeps nothing from "
        "one call to the next",
        first.name);
}

/* ---- loading ---- */

typedef struct module_request {
    size_t index;
} module_request;

static int load_body(lua_State *L)
{
    as_lua *l = as_lua_of(L);
    const module_request *q = lua_touserdata(L, 1);
    const as_lua_source *m = &l->setup.modules[q->index];
    lua_settop(L, 0);
    as_lua_load(L, l->mods[q->index].text, m->text);
    as_lua_push_env(L, 0);
    (void)lua_setupvalue(L, -2, 1);
    lua_call(L, 0, 1);
    if (!lua_istable(L, 1) && !lua_isfunction(L, 1))
        as_lua_raise(L,
                     "a module returns a table of functions (or one function); this one "
                     "returned %s",
                     lua_isnil(L, 1) ? "nothing" : luaL_typename(L, 1));
    freeze(L);
    (void)lua_rawgeti(L, LUA_REGISTRYINDEX, l->values);
    lua_pushvalue(L, VALUE);
    lua_rawseti(L, -2, (lua_Integer)q->index + 1);
    return 0;
}

/* A broken module is broken for every rule that uses it, with the same words. */
static void keep_error(as_lua *l, as_lua_mod *m, const as_err *e)
{
    m->state = AS_LUA_MOD_NEW;
    if (e->code == AS_ENOMEM)
        return;
    m->error = AS_NEW(l->arena, as_err);
    if (!m->error)
        return;
    *m->error = *e;
    m->state = AS_LUA_MOD_BROKEN;
}

as_code as_lua_load_module(as_lua *l, size_t i, as_err *e)
{
    as_lua_mod *m = &l->mods[i];
    as_str name = l->setup.modules[i].name;
    if (m->state == AS_LUA_MOD_BROKEN) {
        if (e)
            *e = *m->error;
        return m->error->code;
    }
    if (m->state == AS_LUA_MOD_LOADING)
        return as_fail(e, AS_ESCRIPT, as_lua_span(l, m->text, 0),
                       "module %.*s needs itself, directly or through another module",
                       AS_FMT(name));
    if (l->depth >= AS_LUA_MODULE_DEPTH)
        return as_fail(e, AS_EBUDGET, as_lua_span(l, m->text, 0),
                       "modules need each other over more than %d steps", AS_LUA_MODULE_DEPTH);
    const as_lua_pred *pred = l->pred;
    module_request request = {i};
    as_err mine = {.code = AS_OK};
    l->pred = NULL;
    l->depth++;
    m->state = AS_LUA_MOD_LOADING;
    as_code code = as_lua_run(l, load_body, &request, m->text, &mine);
    l->depth--;
    l->pred = pred;
    if (code == AS_OK) {
        m->state = AS_LUA_MOD_READY;
        return AS_OK;
    }
    keep_error(l, m, &mine);
    if (e)
        *e = mine;
    return code;
}

void as_lua_open_modules(lua_State *L)
{
    as_lua *l = as_lua_of(L);
    lua_newtable(L);
    l->values = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_newtable(L);
    l->locals = luaL_ref(L, LUA_REGISTRYINDEX);
}

/* require "name" and assay.module "name". */
int as_lua_require(lua_State *L)
{
    as_lua *l = as_lua_of(L);
    as_str name = as_lua_check_str(L, 1);
    const as_lua_source *modules = l->setup.modules;
    size_t count = l->setup.module_count, i = 0;
    while (i < count && !as_str_eq(modules[i].name, name))
        i++;
    if (i == count) {
        as_str near = as_lua_nearest(L, name, modules, sizeof *modules, count);
        if (near.len)
            as_lua_raise(L, "the pack has no module '%.*s'; did you mean %.*s?", AS_FMT(name),
                         AS_FMT(near));
        as_lua_raise(L, "the pack has no module '%.*s' (a module is a file in its folder lua/)",
                     AS_FMT(name));
    }
    l->modules_used = true;
    if (l->mods[i].state != AS_LUA_MOD_READY) {
        l->stop = AS_LUA_STOP_MODULE;
        l->wanted = i;
        lua_pushnil(L);
        return lua_error(L);
    }
    (void)lua_rawgeti(L, LUA_REGISTRYINDEX, l->values);
    (void)lua_rawgeti(L, -1, (lua_Integer)i + 1);
    return 1;
}

/* ---- tests of modules ---- */

#define EQUAL_DEPTH 32

static void push_shown(lua_State *L, int idx)
{
    idx = lua_absindex(L, idx);
    lua_pushcfunction(L, as_lua_tostring);
    lua_pushvalue(L, idx);
    lua_call(L, 1, 1);
    if (lua_type(L, idx) == LUA_TSTRING) {
        lua_pushfstring(L, "\"%s\"", lua_tostring(L, -1));
        lua_remove(L, -2);
    }
}

static bool same(lua_State *L, int a, int b, int depth);

/* Keys of the table at a whose value in the table at b (0: any table) is the same; -1 as soon
 * as one is not. */
static int64_t same_keys(lua_State *L, int a, int b, int depth)
{
    int64_t count = 0;
    int top = lua_gettop(L);
    int from = as_lua_push_shadow(L, a) ? lua_gettop(L) : a;
    for (lua_pushnil(L); count >= 0 && lua_next(L, from);) {
        if (b) {
            lua_pushvalue(L, -2);
            (void)lua_gettable(L, b);
            bool equal = same(L, lua_gettop(L) - 1, lua_gettop(L), depth + 1);
            lua_pop(L, 1);
            count = equal ? count : -2;
        }
        count++;
        lua_pop(L, 1);
    }
    lua_settop(L, top);
    return count;
}

static bool same(lua_State *L, int a, int b, int depth)
{
    as_lua_charge(L, 1);
    luaL_checkstack(L, 10, "tables in tables");
    if (lua_compare(L, a, b, LUA_OPEQ))
        return true;
    if (!lua_istable(L, a) || !lua_istable(L, b))
        return false;
    if (depth > EQUAL_DEPTH)
        as_lua_raise(L, "assert_equal: tables are nested more than %d deep", EQUAL_DEPTH);
    int64_t keys = same_keys(L, a, b, depth);
    return keys >= 0 && keys == same_keys(L, b, 0, depth);
}

static _Noreturn void failed(lua_State *L, int what, const char *rest)
{
    if (lua_isnoneornil(L, what))
        as_lua_raise(L, "%s", rest);
    as_lua_raise(L, "%s: %s", luaL_checkstring(L, what), rest);
}

/* assert_equal(actual, expected, what) */
static int assert_equal(lua_State *L)
{
    luaL_checkany(L, 1);
    luaL_checkany(L, 2);
    lua_settop(L, 3);
    if (same(L, 1, 2, 0))
        return 0;
    push_shown(L, 2);
    push_shown(L, 1);
    failed(
        L, 3,
        lua_pushfstring(L, "expected %s, got %s%s", lua_tostring(L, 4), lua_tostring(L, 5),
                        lua_istable(L, 1) && lua_istable(L, 2) ? " (they differ inside)" : ""));
}

/* assert_true(value, what): true itself, not merely something. */
static int assert_true(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, 2);
    if (lua_isboolean(L, 1) && lua_toboolean(L, 1))
        return 0;
    push_shown(L, 1);
    failed(L, 2, lua_pushfstring(L, "expected true, got %s", lua_tostring(L, 3)));
}

/* assert_error(function, text, what): it raises an error whose message holds `text`. */
static int assert_error(lua_State *L)
{
    as_lua *l = as_lua_of(L);
    luaL_checktype(L, 1, LUA_TFUNCTION);
    as_str text = AS_STR("");
    text.ptr = luaL_optlstring(L, 2, "", &text.len);
    lua_settop(L, 3);
    lua_pushvalue(L, 1);
    int status = lua_pcall(L, 0, 0, 0);
    if (status == LUA_OK)
        failed(L, 3, "expected an error; there was none");
    if (status != LUA_ERRRUN || l->stop != AS_LUA_STOP_NONE)
        return lua_error(L); /* a budget, or a module to load: not the test's to catch */
    as_str got = as_str_from(luaL_typename(L, 4));
    if (lua_type(L, 4) == LUA_TSTRING)
        got = as_lua_strip_place(l, as_lua_to_str(L, 4));
    if (as_str_find(got, text) == (size_t)-1)
        failed(L, 3,
               lua_pushfstring(L, "expected an error with \"%s\", got: %s", text.ptr, got.ptr));
    return 0;
}

typedef struct test_request {
    const as_lua_source *test;
    int text;
} test_request;

static int test_body(lua_State *L)
{
    const test_request *q = lua_touserdata(L, 1);
    lua_settop(L, 0);
    as_lua_load(L, q->text, q->test->text);
    lua_createtable(L, 0, 3);
    lua_pushcfunction(L, assert_equal);
    lua_setfield(L, -2, "assert_equal");
    lua_pushcfunction(L, assert_true);
    lua_setfield(L, -2, "assert_true");
    lua_pushcfunction(L, assert_error);
    lua_setfield(L, -2, "assert_error");
    lua_createtable(L, 0, 1);
    (void)lua_rawgeti(L, LUA_REGISTRYINDEX, as_lua_of(L)->shared);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    as_lua_push_env(L, -1);
    (void)lua_setupvalue(L, 1, 1);
    lua_settop(L, 1);
    lua_call(L, 0, 0);
    return 0;
}

as_code as_lua_run_test(as_lua *l, const as_lua_source *test, as_err *e)
{
    test_request request = {test, as_lua_add_text(l, test->name, test->at, false)};
    if (request.text < 0)
        return as_fail_nomem(e);
    l->pred = NULL;
    as_code code = as_lua_run(l, test_body, &request, request.text, e);
    l->text_count--; /* nothing refers to it any more */
    return code;
}
