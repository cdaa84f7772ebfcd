/* lib_string.c: the string library of the sandbox.
 *
 * From Lua's own: byte, char, len, reverse, sub, format (guarded). Written here: find, match,
 * gmatch, gsub over the counted matcher of pattern.c; rep, which looks before it fills memory;
 * lower and upper, for ASCII whatever the locale. Left out: dump, pack, unpack, packsize.
 *
 * Compiled patterns are kept in a weak table by their text, for as long as the collector likes.
 */
#include "lua/lua_private.h"

#include "lua/pattern.h"

/* ---- patterns ---- */

static const as_luapat *push_pattern(lua_State *L, int idx)
{
    as_lua *l = as_lua_of(L);
    as_str text = as_lua_check_str(L, idx);
    if (text.len > AS_LUA_PATTERN_MAX)
        as_lua_raise_stop(L, AS_LUA_STOP_LIMIT, "the pattern is longer than %d bytes",
                          AS_LUA_PATTERN_MAX);
    (void)lua_rawgeti(L, LUA_REGISTRYINDEX, l->patterns);
    lua_pushvalue(L, idx);
    if (lua_rawget(L, -2) == LUA_TNIL) {
        lua_pop(L, 1);
        as_luapat *made = lua_newuserdatauv(L, as_luapat_size(text), 0);
        const char *wrong = as_luapat_compile(made, text);
        if (wrong)
            as_lua_raise(L, "%s: \"%.*s\"", wrong, AS_FMT(text));
        as_lua_charge(L, text.len);
        lua_pushvalue(L, idx);
        lua_pushvalue(L, -2);
        lua_rawset(L, -4);
    }
    lua_remove(L, -2);
    return lua_touserdata(L, -1);
}

static as_luapat_run begin_run(lua_State *L, as_str subject)
{
    if (subject.len > AS_LUA_SUBJECT_MAX)
        as_lua_raise_stop(L, AS_LUA_STOP_LIMIT,
                          "patterns search texts of at most %zu KiB; this one is longer",
                          AS_LUA_SUBJECT_MAX / AS_KIB);
    return (as_luapat_run){.subject = subject, .limit = AS_LUA_MATCH_STEPS};
}

/* Pays for the steps since `before`; true: it matched. */
static bool settle(lua_State *L, const as_luapat_run *r, uint64_t before,
                   as_luapat_result found, int pattern)
{
    if (found == AS_LUAPAT_LIMIT)
        as_lua_raise_stop(
            L, AS_LUA_STOP_LIMIT,
            "the pattern \"%.*s\" takes more than %d steps on this text; write it "
            "more exactly",
            AS_FMT(as_lua_check_str(L, pattern)), AS_LUA_MATCH_STEPS);
    as_lua_charge(L, r->steps - before);
    return found == AS_LUAPAT_YES;
}

/* Capture i, or the whole match where the pattern has none. */
static void push_capture(lua_State *L, const as_luapat *p, const as_luapat_run *r, uint32_t i,
                         size_t begin, size_t end)
{
    if (i >= p->captures)
        as_lua_push_str(L, as_str_sub(r->subject, begin, end - begin));
    else if (p->position >> i & 1)
        lua_pushinteger(L, (lua_Integer)r->begin[i]);
    else
        as_lua_push_str(L, as_str_sub(r->subject, r->begin[i], r->end[i] - r->begin[i]));
}

static int push_captures(lua_State *L, const as_luapat *p, const as_luapat_run *r,
                         bool whole_if_none, size_t begin, size_t end)
{
    uint32_t count = p->captures || !whole_if_none ? p->captures : 1;
    luaL_checkstack(L, (int)count + 4, "too many captures");
    for (uint32_t i = 0; i < count; i++)
        push_capture(L, p, r, i, begin, end);
    return (int)count;
}

/* Offset that argument `arg` (from 1, negative from the end, default 1) means; may pass len. */
static size_t start_offset(lua_State *L, int arg, size_t len)
{
    lua_Integer at = luaL_optinteger(L, arg, 1);
    if (at > 0)
        return (lua_Unsigned)at - 1 > len ? len + 1 : (size_t)at - 1;
    if (at == 0 || (lua_Unsigned)-at > len)
        return 0;
    return len - (size_t)-at;
}

static bool is_plain(as_str pattern)
{
    for (size_t i = 0; i < pattern.len; i++)
        if (pattern.ptr[i] && strchr("^$*+?.([%-", pattern.ptr[i]))
            return false;
    return true;
}

static int find_plain(lua_State *L, as_str s, as_str needle, size_t from)
{
    as_lua_charge(L, (s.len - from) / 16);
    size_t at = as_str_find(as_str_sub(s, from, s.len), needle);
    if (at == (size_t)-1) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushinteger(L, (lua_Integer)(from + at) + 1);
    lua_pushinteger(L, (lua_Integer)(from + at + needle.len));
    return 2;
}

static int find_or_match(lua_State *L, bool find)
{
    as_str s = as_lua_check_str(L, 1), pattern = as_lua_check_str(L, 2);
    size_t from = start_offset(L, 3, s.len), begin, end;
    if (from > s.len) {
        lua_pushnil(L);
        return 1;
    }
    if (find && (lua_toboolean(L, 4) || is_plain(pattern)))
        return find_plain(L, s, pattern, from);
    const as_luapat *p = push_pattern(L, 2);
    as_luapat_run r = begin_run(L, s);
    if (!settle(L, &r, 0, as_luapat_find(p, &r, from, &begin, &end), 2)) {
        lua_pushnil(L);
        return 1;
    }
    if (!find)
        return push_captures(L, p, &r, true, begin, end);
    lua_pushinteger(L, (lua_Integer)begin + 1);
    lua_pushinteger(L, (lua_Integer)end);
    return 2 + push_captures(L, p, &r, false, begin, end);
}

static int string_find(lua_State *L)
{
    return find_or_match(L, true);
}

static int string_match(lua_State *L)
{
    return find_or_match(L, false);
}

/* ---- gmatch ---- */

#define NEVER SIZE_MAX /* no match ended yet */

typedef struct gmatch_state {
    size_t from, last; /* where to go on; where the last match ended */
} gmatch_state;

/* The next match at or after `from` that does not end where the last one did. */
static as_luapat_result next_match(const as_luapat *p, as_luapat_run *r, size_t from,
                                   size_t last, size_t *begin, size_t *end)
{
    for (size_t at = from; at <= r->subject.len; at++) {
        as_luapat_result found = as_luapat_match(p, r, at, end);
        *begin = at;
        if (found == AS_LUAPAT_LIMIT || (found == AS_LUAPAT_YES && *end != last))
            return found;
    }
    return AS_LUAPAT_NO;
}

/* Upvalues: subject, pattern, compiled pattern, state. The first is no function (see
 * modules.c). */
static int gmatch_step(lua_State *L)
{
    as_str subject = as_lua_to_str(L, lua_upvalueindex(1));
    const as_luapat *p = lua_touserdata(L, lua_upvalueindex(3));
    gmatch_state *g = lua_touserdata(L, lua_upvalueindex(4));
    as_luapat_run r = begin_run(L, subject);
    size_t begin = 0, end = 0;
    if (!settle(L, &r, 0, next_match(p, &r, g->from, g->last, &begin, &end),
                lua_upvalueindex(2))) {
        g->from = subject.len + 1;
        return 0;
    }
    g->from = g->last = end;
    return push_captures(L, p, &r, true, begin, end);
}

static int string_gmatch(lua_State *L)
{
    as_str s = as_lua_check_str(L, 1);
    (void)as_lua_check_str(L, 2);
    size_t from = start_offset(L, 3, s.len);
    lua_settop(L, 2);
    if (push_pattern(L, 2)->anchored)
        as_lua_raise(L, "gmatch goes through the whole text: its pattern cannot begin with ^");
    gmatch_state *g = lua_newuserdatauv(L, sizeof *g, 0);
    *g = (gmatch_state){from, NEVER};
    lua_pushcclosure(L, gmatch_step, 4);
    return 1;
}

/* ---- gsub ---- */

typedef struct gsub {
    const as_luapat *p;
    as_luapat_run r;
    size_t begin, end; /* of the match */
    int type;          /* of the replacement, argument 3 */
} gsub;

/* A replacement text: %0 to %9 are captures, %% is %. */
static void add_template(lua_State *L, luaL_Buffer *b, const gsub *g)
{
    as_str t = as_lua_to_str(L, 3);
    for (size_t i = 0; i < t.len; i++) {
        if (t.ptr[i] != '%') {
            luaL_addchar(b, t.ptr[i]);
            continue;
        }
        char c = ++i < t.len ? t.ptr[i] : '\0';
        if (c == '%') {
            luaL_addchar(b, c);
        } else if (c == '0') {
            luaL_addlstring(b, g->r.subject.ptr + g->begin, g->end - g->begin);
        } else if (c >= '1' && c <= '9') {
            uint32_t n = (uint32_t)(c - '1');
            if (n >= g->p->captures && n > 0)
                as_lua_raise(L,
                             "gsub: the replacement uses %%%c, which the pattern does not "
                             "capture",
                             c);
            push_capture(L, g->p, &g->r, n, g->begin, g->end);
            (void)luaL_tolstring(L, -1, NULL); /* positions are numbers */
            lua_remove(L, -2);
            luaL_addvalue(b);
        } else {
            as_lua_raise(L,
                         "gsub: a %% in the replacement is followed by a digit or another %%");
        }
    }
}

/* The replacement of one match; false or nil keeps the text. */
static void add_replacement(lua_State *L, luaL_Buffer *b, const gsub *g)
{
    if (g->type == LUA_TSTRING || g->type == LUA_TNUMBER) {
        add_template(L, b, g);
        return;
    }
    if (g->type == LUA_TFUNCTION) {
        lua_pushvalue(L, 3);
        lua_call(L, push_captures(L, g->p, &g->r, true, g->begin, g->end), 1);
    } else {
        push_capture(L, g->p, &g->r, 0, g->begin, g->end);
        (void)lua_gettable(L, 3);
    }
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        luaL_addlstring(b, g->r.subject.ptr + g->begin, g->end - g->begin);
    } else if (!lua_isstring(L, -1)) {
        as_lua_raise(L, "gsub: the replacement is a %s, not a text", luaL_typename(L, -1));
    } else {
        luaL_addvalue(b);
    }
}

/* Replace at most `most` matches; returns how many. */
static lua_Integer gsub_all(lua_State *L, luaL_Buffer *b, gsub *g, lua_Integer most)
{
    as_str s = g->r.subject;
    size_t at = 0, last = NEVER;
    lua_Integer count = 0;
    while (count < most && at <= s.len) {
        uint64_t before = g->r.steps;
        as_luapat_result found = as_luapat_match(g->p, &g->r, at, &g->end);
        if (settle(L, &g->r, before, found, 2) && g->end != last) {
            g->begin = at;
            add_replacement(L, b, g);
            count++;
            at = last = g->end;
        } else if (at < s.len) {
            luaL_addchar(b, s.ptr[at]);
            at++;
        } else {
            break;
        }
        if (g->p->anchored)
            break;
    }
    if (at < s.len)
        luaL_addlstring(b, s.ptr + at, s.len - at);
    return count;
}

static int string_gsub(lua_State *L)
{
    as_str s = as_lua_check_str(L, 1);
    (void)as_lua_check_str(L, 2);
    gsub g = {.type = lua_type(L, 3)};
    luaL_argexpected(L,
                     g.type == LUA_TSTRING || g.type == LUA_TNUMBER || g.type == LUA_TTABLE ||
                         g.type == LUA_TFUNCTION,
                     3, "text, table or function");
    if (g.type == LUA_TNUMBER)
        (void)lua_tolstring(L, 3, NULL);
    lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)s.len + 1);
    lua_settop(L, 3);
    g.p = push_pattern(L, 2);
    g.r = begin_run(L, s);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    lua_Integer count = gsub_all(L, &b, &g, most);
    luaL_pushresult(&b);
    lua_pushinteger(L, count);
    return 2;
}

/* ---- the rest ---- */

static int string_rep(lua_State *L)
{
    as_lua *l = as_lua_of(L);
    as_str s = as_lua_check_str(L, 1), separator = AS_STR("");
    lua_Integer n = luaL_checkinteger(L, 2);
    if (!lua_isnoneornil(L, 3))
        separator = as_lua_check_str(L, 3);
    if (n < 1 || s.len + separator.len == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if ((lua_Unsigned)n > l->limits.memory / (s.len + separator.len))
        as_lua_raise_stop(L, AS_LUA_STOP_LIMIT,
                          "string.rep: the text would be longer than %zu KiB",
                          l->limits.memory / AS_KIB);
    size_t times = (size_t)n, size = times * s.len + (times - 1) * separator.len;
    bool one_byte = s.len == 1 && separator.len == 0;
    as_lua_charge(L, size / 16 + (one_byte ? 0 : times));
    luaL_Buffer b;
    char *to = luaL_buffinitsize(L, &b, size);
    if (one_byte)
        memset(to, s.ptr[0], size);
    for (size_t i = 0; i < times && !one_byte; i++) {
        if (i > 0 && separator.len)
            to = (char *)memcpy(to, separator.ptr, separator.len) + separator.len;
        if (s.len)
            to = (char *)memcpy(to, s.ptr, s.len) + s.len;
    }
    luaL_pushresultsize(&b, size);
    return 1;
}

static int change_case(lua_State *L, char first, char last, int by)
{
    as_str s = as_lua_check_str(L, 1);
    as_lua_charge(L, s.len / 8);
    luaL_Buffer b;
    char *to = luaL_buffinitsize(L, &b, s.len);
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        to[i] = c >= first && c <= last ? (char)(c + by) : c;
    }
    luaL_pushresultsize(&b, s.len);
    return 1;
}

static int string_lower(lua_State *L)
{
    return change_case(L, 'A', 'Z', 'a' - 'A');
}

static int string_upper(lua_State *L)
{
    return change_case(L, 'a', 'z', 'A' - 'a');
}

/* %p would print an address; so would %s for a table or a function. The rest of the checks is
 * the library's: it allows widths of two digits. Upvalue: the library's format. */
static int string_format(lua_State *L)
{
    as_str f = as_lua_check_str(L, 1);
    int top = lua_gettop(L);
    uint64_t work = f.len;
    for (size_t i = 0; i < f.len; i++) {
        if (f.ptr[i] != '%')
            continue;
        do
            i++;
        while (i < f.len && f.ptr[i] && strchr("-+ #0123456789.", f.ptr[i]));
        if (i < f.len && f.ptr[i] == 'p')
            as_lua_raise(L, "string.format: %%p is not available");
    }
    for (int i = 2; i <= top; i++) {
        if (lua_type(L, i) == LUA_TSTRING)
            work += lua_rawlen(L, i) / 16;
        if (!lua_istable(L, i) && !lua_isfunction(L, i))
            continue;
        lua_pushstring(L, luaL_typename(L, i));
        lua_replace(L, i);
    }
    as_lua_charge(L, work);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, top, 1);
    return 1;
}

void as_lua_open_patterns(lua_State *L)
{
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "v");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    as_lua_of(L)->patterns = luaL_ref(L, LUA_REGISTRYINDEX);
}

void as_lua_push_string_lib(lua_State *L)
{
    static const luaL_Reg own[] = {
        {"find", string_find},     {"match", string_match},
        {"gmatch", string_gmatch}, {"gsub", string_gsub},
        {"rep", string_rep},       {"lower", string_lower},
        {"upper", string_upper},   {NULL, NULL},
    };
    static const char *const kept[] = {"byte", "char", "len", "reverse", "sub"};
    luaL_newlib(L, own);
    lua_getglobal(L, LUA_STRLIBNAME);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        lua_getfield(L, -1, kept[i]);
        lua_setfield(L, -3, kept[i]);
    }
    lua_getfield(L, -1, "format");
    lua_pushcclosure(L, string_format, 1);
    lua_setfield(L, -3, "format");
    lua_pop(L, 1);
}
