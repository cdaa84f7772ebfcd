/* sandbox.c: the Lua state: its memory, its budgets, running a body, telling what went wrong.
 *
 * A body is stopped by any of these, and no chunk can catch it (there is no pcall):
 * - instructions: a hook every AS_LUA_HOOK_EVERY, plus what C functions charge (as_lua_charge);
 * - the clock: read by the hook, by as_lua_charge and by the allocator, so that neither long C
 *   calls nor a collector that thrashes near the cap escape it. It starts at the first look,
 * and only counts as run out when this thread has also computed for as long: a machine that was
 *   stopped for a while makes no rule fail;
 * - memory: the allocator refuses what would pass the cap (Lua collects and asks once more).
 *
 * The instruction budget is exact: the same call uses the same number every time. That is why a
 * module is never loaded inside a call: the call is given up, the module is loaded on budgets
 * of its own, and the call starts afresh (STOP_MODULE; calls are pure, so nothing is lost). */
#include "lua/lua_private.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define CLOCK_UNITS 50000        /* units between two looks at the clock by as_lua_charge */
#define CLOCK_BYTES (4 * AS_MIB) /* the same by the allocator */

/* ---- clock ---- */

static bool clock_ran_out(as_lua *l)
{
    if (!l->timed) {
        l->timed = true;
        l->wall_start = as_clock_ns(CLOCK_MONOTONIC);
        l->cpu_start = as_clock_ns(CLOCK_THREAD_CPUTIME_ID);
        return false;
    }
    uint64_t limit = (uint64_t)l->limits.call_ms * 1000000u;
    return as_clock_ns(CLOCK_MONOTONIC) - l->wall_start > limit &&
           as_clock_ns(CLOCK_THREAD_CPUTIME_ID) - l->cpu_start > limit;
}

/* ---- memory ---- */

static bool may_grow(as_lua *l, size_t extra)
{
    bool over = extra > l->limits.memory - l->used;
    l->churn += extra;
    if (l->running && (over || l->churn >= CLOCK_BYTES)) {
        l->churn = 0;
        l->late = l->late || clock_ran_out(l);
    }
    if (!over && !(l->running && l->late))
        return true;
    l->refused = over ? AS_LUA_STOP_MEMORY : AS_LUA_STOP_CLOCK;
    if (l->running)
        as_lua_note_place(l); /* no message handler is called when memory is out */
    return false;
}

static void *allocate(void *ud, void *old, size_t old_size, size_t size)
{
    as_lua *l = ud;
    size_t before = old ? old_size : 0; /* without a block, Lua passes a type here */
    if (size == 0) {
        as_free(old);
        l->used -= before;
        return NULL;
    }
    if (size > before && !may_grow(l, size - before))
        return NULL;
    void *p = as_realloc(old, size);
    if (!p && size > before) {
        l->refused = AS_LUA_STOP_NOMEM;
        return NULL;
    }
    l->used = l->used - before + size;
    return p ? p : old; /* shrinking may not fail */
}

/* ---- errors raised by C functions ---- */

static _Noreturn void raise_text(lua_State *L, const char *fmt, va_list ap)
{
    char text[768];
    int n = vsnprintf(text, sizeof text, fmt, ap);
    size_t len = n < 0 ? 0 : (size_t)n;
    if (len >= sizeof text) {
        len = as_text_utf8_valid((as_str){text, sizeof text - 1});
        if (len < sizeof text - 4) /* not the cut: bytes that are no UTF-8 anyhow */
            len = sizeof text - 1;
    }
    luaL_where(L, 1);
    (void)lua_pushlstring(L, text, len);
    lua_concat(L, 2);
    (void)lua_error(L);
    abort(); /* lua_error does not return */
}

void as_lua_raise(lua_State *L, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    raise_text(L, fmt, ap);
    va_end(ap);
}

void as_lua_raise_stop(lua_State *L, as_lua_stop stop, const char *fmt, ...)
{
    as_lua_of(L)->stop = stop;
    va_list ap;
    va_start(ap, fmt);
    raise_text(L, fmt, ap);
    va_end(ap);
}

void as_lua_raise_nomem(lua_State *L)
{
    as_lua_raise_stop(L, AS_LUA_STOP_NOMEM, "out of memory");
}

/* ---- budgets ---- */

static void check_budgets(lua_State *L, as_lua *l)
{
    if (l->spent > l->limits.instructions) {
        l->stop = AS_LUA_STOP_INSTRUCTIONS;
    } else if (l->unclocked >= CLOCK_UNITS) {
        l->unclocked = 0;
        if (clock_ran_out(l))
            l->stop = AS_LUA_STOP_CLOCK;
    }
    if (l->stop == AS_LUA_STOP_NONE)
        return;
    lua_pushnil(L); /* tell() words it; on_error notes the place */
    (void)lua_error(L);
}

void as_lua_charge(lua_State *L, uint64_t units)
{
    as_lua *l = as_lua_of(L);
    if (!l->running)
        return;
    if (units > UINT64_MAX / 4)
        units = UINT64_MAX / 4;
    l->spent += units;
    l->unclocked += units;
    check_budgets(L, l);
}

static int hook_every(const as_lua *l)
{
    return l->limits.instructions < AS_LUA_HOOK_EVERY ? (int)l->limits.instructions + 1
                                                      : AS_LUA_HOOK_EVERY;
}

static void on_count(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    as_lua *l = as_lua_of(L);
    l->spent += (uint64_t)hook_every(l);
    l->unclocked = CLOCK_UNITS;
    check_budgets(L, l);
}

/* ---- places ---- */

as_span as_lua_span(const as_lua *l, int text, int line)
{
    if (text < 0 || text >= l->text_count)
        return AS_NOWHERE;
    as_span at = l->texts[text].at;
    uint32_t first = at.line ? at.line : 1;
    at.line = line > 1 ? first + (uint32_t)line - 1 : first;
    at.column = 0;
    return at;
}

void as_lua_note_place(as_lua *l)
{
    lua_Debug ar;
    l->error_text = -1;
    for (int level = 0; lua_getstack(l->L, level, &ar); level++) {
        if (!lua_getinfo(l->L, "Sl", &ar) || ar.currentline <= 0 || ar.source[0] != '=' ||
            ar.source[1] != '\1')
            continue;
        l->error_text = (int)strtol(ar.source + 2, NULL, 10);
        l->error_line = ar.currentline;
        return;
    }
}

static int on_error(lua_State *L)
{
    as_lua_note_place(as_lua_of(L));
    return 1;
}

as_str as_lua_strip_place(as_lua *l, as_str message)
{
    if (message.len == 0 || message.ptr[0] != '\1')
        return message;
    char *end = NULL;
    long text = strtol(message.ptr + 1, &end, 10);
    if (*end != ':')
        return message;
    long line = strtol(end + 1, &end, 10);
    if (end[0] != ':' || end[1] != ' ')
        return message;
    l->error_text = (int)text;
    l->error_line = (int)line;
    return as_str_sub(message, (size_t)(end + 2 - message.ptr), message.len);
}

int as_lua_add_text(as_lua *l, as_str name, as_span at, bool module)
{
    if (l->text_count == l->text_size) {
        int size = l->text_size ? l->text_size * 2 : 16;
        as_lua_text *texts = as_realloc(l->texts, (size_t)size * sizeof *texts);
        if (!texts)
            return -1;
        l->texts = texts;
        l->text_size = size;
    }
    as_str copy = as_arena_str(l->arena, name);
    if (!copy.ptr)
        return -1;
    l->texts[l->text_count] = (as_lua_text){copy, at, module};
    return l->text_count++;
}

/* ---- telling ---- */

static as_str error_message(as_lua *l)
{
    lua_State *L = l->L;
    int type = lua_type(L, -1);
    if (type == LUA_TSTRING)
        return as_lua_strip_place(l, as_lua_to_str(L, -1));
    if (type == LUA_TNIL)
        return AS_STR("error() was called without a sentence");
    return AS_STR("error() was called with something that is no sentence");
}

static as_code budget_text(const as_lua *l, as_lua_stop stop, as_str name, as_span at,
                           as_err *e)
{
    if (stop == AS_LUA_STOP_INSTRUCTIONS)
        return as_fail(
            e, AS_EBUDGET, at,
            "%.*s: stopped after %llu instructions: a loop that does not end, or too "
            "much work for one call",
            AS_FMT(name), (unsigned long long)l->limits.instructions);
    if (stop == AS_LUA_STOP_CLOCK)
        return as_fail(e, AS_EBUDGET, at,
                       "%.*s: stopped after %u milliseconds: too much work for one call",
                       AS_FMT(name), l->limits.call_ms);
    return as_fail(e, AS_EBUDGET, at,
                   "%.*s: stopped because it needs more than %zu KiB of memory", AS_FMT(name),
                   l->limits.memory / AS_KIB);
}

void as_lua_clean(char *text)
{
    as_str rest = as_str_from(text);
    while (rest.len) {
        size_t good = as_text_utf8_valid(rest);
        if (good < rest.len)
            text[rest.ptr + good - text] = '?';
        rest = as_str_sub(rest, good + 1, rest.len);
    }
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7F)
            *text = ' ';
}

/* What the error on top of the stack means to the caller. */
static as_code tell(as_lua *l, int status, int text, as_err *e)
{
    as_lua_stop stop = status == LUA_ERRMEM ? l->refused : l->stop;
    as_str message = status == LUA_ERRMEM ? AS_NONE : error_message(l);
    if (stop == AS_LUA_STOP_NOMEM)
        return as_fail_nomem(e);
    as_str name = text >= 0 ? l->texts[text].name : AS_STR("Lua");
    as_span at = as_lua_span(l, text, 0);
    const char *in = "";
    as_str where = AS_NONE;
    if (l->error_text >= 0 && l->error_text < l->text_count) {
        at = as_lua_span(l, l->error_text, l->error_line);
        if (l->error_text != text && l->texts[l->error_text].module) {
            in = "in module ";
            where = l->texts[l->error_text].name;
        }
    }
    if (stop == AS_LUA_STOP_INSTRUCTIONS || stop == AS_LUA_STOP_CLOCK ||
        stop == AS_LUA_STOP_MEMORY)
        return budget_text(l, stop, name, at, e);
    const char *colon = where.len ? ": " : "";
    bool deep = as_str_find(message, AS_STR("stack overflow")) != (size_t)-1;
    if (deep || status == LUA_ERRERR)
        return as_fail(e, AS_EBUDGET, at, "%.*s: %s%.*s%sfunctions call each other too deeply",
                       AS_FMT(name), in, AS_FMT(where), colon);
    as_code code =
        as_fail(e, stop == AS_LUA_STOP_LIMIT ? AS_EBUDGET : AS_ESCRIPT, at,
                "%.*s: %s%.*s%s%.*s", AS_FMT(name), in, AS_FMT(where), colon, AS_FMT(message));
    if (e)
        as_lua_clean(e->text);
    return code;
}

/* ---- running ---- */

static void begin(as_lua *l)
{
    l->running = true;
    l->late = l->timed = l->modules_used = false;
    l->spent = l->unclocked = 0;
    l->churn = 0;
    l->stop = l->refused = AS_LUA_STOP_NONE;
    l->error_text = -1;
    lua_sethook(l->L, on_count, LUA_MASKCOUNT, hook_every(l)); /* counts from 0 again */
}

static int protected_call(as_lua *l, lua_CFunction body, void *request)
{
    lua_State *L = l->L;
    begin(l);
    lua_settop(L, 0);
    lua_pushcfunction(L, on_error);
    lua_pushcfunction(L, body);
    lua_pushlightuserdata(L, request);
    int status = lua_pcall(L, 1, 0, 1);
    l->running = false;
    return status;
}

as_code as_lua_run(as_lua *l, lua_CFunction body, void *request, int text, as_err *e)
{
    for (;;) {
        int status = protected_call(l, body, request);
        as_code code = AS_OK;
        if (status != LUA_OK && l->stop == AS_LUA_STOP_MODULE && status != LUA_ERRMEM) {
            code = as_lua_load_module(l, l->wanted, e);
            if (code == AS_OK)
                continue;
        } else if (status != LUA_OK) {
            code = tell(l, status, text, e);
        }
        bool clean_up = code == AS_EBUDGET || code == AS_ENOMEM;
        lua_settop(l->L, 0);
        if (l->modules_used) {
            as_code changed = as_lua_check_locals(l, code == AS_OK ? e : NULL);
            code = code == AS_OK ? changed : code;
        }
        if (clean_up)
            (void)lua_gc(l->L, LUA_GCCOLLECT);
        return code;
    }
}

/* ---- loading text ---- */

void as_lua_load(lua_State *L, int text, as_str chunk)
{
    if (chunk.len > AS_LUA_SOURCE_MAX)
        as_lua_raise_stop(L, AS_LUA_STOP_LIMIT, "longer than %zu KiB (AS_LUA_SOURCE_MAX)",
                          AS_LUA_SOURCE_MAX / AS_KIB);
    if (as_str_starts(chunk, AS_STR("\xEF\xBB\xBF")))
        chunk = as_str_sub(chunk, 3, chunk.len);
    if (chunk.len && chunk.ptr[0] == LUA_SIGNATURE[0])
        as_lua_raise(L, "compiled Lua is not accepted; give the source text");
    char name[32];
    (void)snprintf(name, sizeof name, "=\1%d", text);
    if (luaL_loadbufferx(L, chunk.ptr ? chunk.ptr : "", chunk.len, name, "t") == LUA_OK)
        return;
    (void)lua_error(L); /* the message names the line */
}

as_str as_lua_nearest(lua_State *L, as_str word, const void *first, size_t stride, size_t count)
{
    if (count == 0)
        return AS_NONE;
    as_str *names = lua_newuserdatauv(L, count * sizeof *names, 0);
    for (size_t i = 0; i < count; i++)
        names[i] = *(const as_str *)((const char *)first + i * stride);
    as_str found = as_text_nearest(word, names, count);
    lua_pop(L, 1);
    return found;
}

/* ---- life ---- */

static int open_state(lua_State *L)
{
    /* Only these are ever opened; as_lua_open_env takes them apart and drops the global table.
     */
    static const luaL_Reg libs[] = {{LUA_GNAME, luaopen_base},
                                    {LUA_STRLIBNAME, luaopen_string},
                                    {LUA_TABLIBNAME, luaopen_table},
                                    {LUA_MATHLIBNAME, luaopen_math},
                                    {LUA_UTF8LIBNAME, luaopen_utf8}};
    for (size_t i = 0; i < sizeof libs / sizeof libs[0]; i++) {
        luaL_requiref(L, libs[i].name, libs[i].func, 1);
        lua_pop(L, 1);
    }
    as_lua_open_dates(L);
    as_lua_open_records(L);
    as_lua_open_patterns(L);
    as_lua_open_modules(L);
    as_lua_open_env(L);
    return 0;
}

static as_code add_modules(as_lua *l)
{
    size_t n = l->setup.module_count;
    l->mods = AS_NEW_N(l->arena, as_lua_mod, n + 1);
    if (!l->mods)
        return AS_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        const as_lua_source *m = &l->setup.modules[i];
        l->mods[i].text = as_lua_add_text(l, m->name, m->at, true);
        if (l->mods[i].text < 0)
            return AS_ENOMEM;
    }
    return AS_OK;
}

static as_code open_parts(as_lua *l, as_err *e)
{
    l->arena = as_arena_open();
    l->L = l->arena ? lua_newstate(allocate, l) : NULL;
    if (!l->L && l->refused == AS_LUA_STOP_MEMORY)
        return budget_text(l, l->refused, AS_STR("Lua"), AS_NOWHERE, e);
    if (!l->L || add_modules(l) != AS_OK)
        return as_fail_nomem(e);
    *(as_lua **)lua_getextraspace(l->L) = l;
    lua_pushcfunction(l->L, open_state);
    int status = lua_pcall(l->L, 0, 0, 0);
    as_code code = AS_OK;
    if (status != LUA_OK)
        code = tell(l, status, -1, e);
    lua_settop(l->L, 0);
    return code;
}

as_code as_lua_open(as_lua **out, const as_lua_setup *setup, as_err *e)
{
    *out = NULL;
    as_lua *l = as_calloc(1, sizeof *l);
    if (!l)
        return as_fail_nomem(e);
    if (setup)
        l->setup = *setup;
    l->limits = l->setup.limits;
    if (l->limits.memory == 0)
        l->limits.memory = AS_LUA_MEMORY;
    if (l->limits.instructions == 0)
        l->limits.instructions = AS_LUA_INSTRUCTIONS;
    if (l->limits.call_ms == 0)
        l->limits.call_ms = AS_LUA_CALL_MS;
    l->error_text = -1;
    l->cell = l->one = l->two = AS_BUF(AS_FIELD_MAX);
    as_code code = open_parts(l, e);
    if (code == AS_OK)
        *out = l;
    else
        as_lua_close(l);
    return code;
}

void as_lua_close(as_lua *l)
{
    if (!l)
        return;
    if (l->L)
        lua_close(l->L);
    as_arena_close(l->arena);
    as_buf_free(&l->cell);
    as_buf_free(&l->one);
    as_buf_free(&l->two);
    as_free(l->texts);
    as_free(l->preds);
    as_free(l);
}
