/* predicate.c: predicates: compiling, calling, what their results mean.
 *
 * Call order: as_lua_compile once a state, then as_lua_call or as_lua_call_group as often as
 * wanted. A predicate's parts are in one registry table {function, environment, names}. `names`
 * holds r or g, one object that every call points at its own record or group; no chunk can
 * write there. The function's _ENV, to which a chunk may assign, is set anew for every call. */
#include "lua/lua_private.h"

#include "base/alloc.h"
#include "base/text.h"

enum { FUNCTION = 1, ENVIRONMENT, NAMES }; /* in `parts` */

/* ---- compiling ---- */

typedef struct compile_request {
    const as_predicate *p;
    as_lua_pred *pred;
} compile_request;

static void push_fields(lua_State *L, const as_predicate *p)
{
    lua_newtable(L);
    for (size_t i = 0; i < p->read_count; i++) {
        as_lua_push_str(L, p->schema->fields[p->reads[i]].name);
        lua_pushinteger(L, p->reads[i]);
        lua_rawset(L, -3);
    }
}

static void push_names(lua_State *L)
{
    lua_createtable(L, 0, 2);
    lua_createtable(L, 0, 1);
    (void)lua_rawgeti(L, LUA_REGISTRYINDEX, as_lua_of(L)->shared);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
}

static int compile_body(lua_State *L)
{
    const compile_request *q = lua_touserdata(L, 1);
    lua_settop(L, 0);
    lua_createtable(L, 3, 0); /* 1: parts */
    as_lua_load(L, q->pred->text, q->p->chunk);
    lua_rawseti(L, 1, FUNCTION);
    push_names(L);
    as_lua_push_env(L, -1);
    lua_rawseti(L, 1, ENVIRONMENT);
    lua_rawseti(L, 1, NAMES);
    push_fields(L, q->p);
    q->pred->fields = luaL_ref(L, LUA_REGISTRYINDEX);
    q->pred->parts = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

static as_code check_reads(const as_predicate *p, as_err *e)
{
    for (size_t i = 0; i < p->read_count; i++)
        if (p->reads[i] >= p->schema->count)
            return as_fail(e, AS_ERULE, p->at, "%.*s: `reads` names a field that is not there",
                           AS_FMT(p->name));
    return AS_OK;
}

static bool note_sensitive(as_lua *l, const as_predicate *p, as_lua_pred *pred)
{
    uint32_t *fields = AS_NEW_N(l->arena, uint32_t, p->read_count + 1);
    for (size_t i = 0; fields && i < p->read_count; i++)
        if (p->schema->fields[p->reads[i]].sensitive)
            fields[pred->sensitive_count++] = p->reads[i];
    pred->sensitive = fields;
    return fields != NULL;
}

static as_lua_pred *next_pred(as_lua *l)
{
    if (l->pred_count == l->pred_size) {
        int size = l->pred_size ? l->pred_size * 2 : 16;
        as_lua_pred *preds = as_realloc(l->preds, (size_t)size * sizeof *preds);
        if (!preds)
            return NULL;
        l->preds = preds;
        l->pred_size = size;
    }
    return &l->preds[l->pred_count];
}

as_code as_lua_compile(as_lua *l, const as_predicate *p, int *handle, as_err *e)
{
    *handle = -1;
    as_code code = check_reads(p, e);
    if (code != AS_OK)
        return code;
    as_lua_pred *pred = next_pred(l);
    int text = pred ? as_lua_add_text(l, p->name, p->at, false) : -1;
    if (text < 0)
        return as_fail_nomem(e);
    *pred = (as_lua_pred){p->schema, text, LUA_NOREF, LUA_NOREF, NULL, false, NULL, 0};
    if (!note_sensitive(l, p, pred))
        return as_fail_nomem(e);
    compile_request request = {p, pred};
    l->pred = NULL;
    code = as_lua_run(l, compile_body, &request, text, e);
    if (code == AS_OK) {
        *handle = l->pred_count++;
    } else {
        luaL_unref(l->L, LUA_REGISTRYINDEX, pred->fields);
        l->text_count--;
    }
    return code;
}

/* ---- results ---- */

typedef struct call_request {
    as_lua_pred *pred;
    bool group;
    uint32_t row;
    as_truth *out;
    uint32_t *which;
    as_buf *why;
} call_request;

#define CUT AS_STR(" […]")
#define NOT_TEXT AS_STR("\xEF\xBF\xBD") /* U+FFFD */

/* The sentence of a finding: valid UTF-8, visibly cut where it is too long. */
static void add_sentence(as_buf *why, as_str s)
{
    size_t max = why->cap < AS_MESSAGE_MAX ? why->cap : AS_MESSAGE_MAX;
    while (s.len && !why->failed) {
        size_t good = as_text_utf8_valid(s);
        as_str piece = good ? as_str_sub(s, 0, good) : NOT_TEXT;
        size_t room = max - why->len;
        if (piece.len + (s.len > good ? CUT.len : 0) > room) {
            if (room < CUT.len)
                return;
            as_str cut = as_str_sub(piece, 0, room - CUT.len);
            as_buf_add(why, as_str_sub(cut, 0, as_text_utf8_valid(cut)));
            as_buf_add(why, CUT);
            return;
        }
        as_buf_add(why, piece);
        s = as_str_sub(s, good ? good : 1, s.len);
    }
}

static void put_why(lua_State *L, const call_request *q, int idx)
{
    if (!q->why)
        return;
    add_sentence(q->why, as_lua_to_str(L, idx));
    if (q->why->failed)
        as_lua_raise_nomem(L);
}

static const char *kind_of(lua_State *L, int idx)
{
    if (luaL_testudata(L, idx, "date"))
        return "date";
    if (luaL_testudata(L, idx, "record"))
        return "record";
    if (luaL_testudata(L, idx, "group"))
        return "group";
    return luaL_typename(L, idx);
}

/* `return i, "why"`: record i of the group. */
static void put_which(lua_State *L, as_lua *l, const call_request *q)
{
    int whole = 0;
    lua_Integer i = lua_tointegerx(L, 1, &whole);
    if (!whole || i < 1 || (lua_Unsigned)i > l->row_count)
        as_lua_raise(L, "returned record %s of a group of %zu", lua_tostring(L, 1),
                     l->row_count);
    *q->out = AS_FALSE;
    *q->which = l->rows[i - 1];
}

/* The results are slots 1 to top. */
static void take_results(lua_State *L, as_lua *l, const call_request *q)
{
    int count = lua_gettop(L), type = lua_type(L, 1);
    bool why = false; /* may a sentence follow? */
    if (type == LUA_TBOOLEAN) {
        *q->out = lua_toboolean(L, 1) ? AS_TRUE : AS_FALSE;
        why = *q->out == AS_FALSE;
    } else if (type == LUA_TSTRING) {
        *q->out = AS_FALSE;
        put_why(L, q, 1);
    } else if (type == LUA_TNUMBER && q->group) {
        put_which(L, l, q);
        why = true;
    } else if (type > LUA_TNIL) {
        as_lua_raise(L, "returned a %s; a predicate returns true, false, a sentence or nil%s",
                     kind_of(L, 1),
                     q->group ? ", or the number of a record and a sentence" : "");
    }
    if (count > 1 && why && lua_type(L, 2) == LUA_TSTRING)
        put_why(L, q, 2);
    else if (count > 1 && !lua_isnil(L, 2))
        as_lua_raise(L, "returned a second value that is no sentence of a finding (a %s)",
                     kind_of(L, 2));
    if (count > 2)
        as_lua_raise(
            L, "returned %d values; a predicate returns true, false, a sentence or nil", count);
}

/* ---- calling ---- */

/* r or g into the predicate's names: once, as long as the form of the calls stays the same. */
static void put_subject(lua_State *L, const call_request *q)
{
    (void)lua_rawgeti(L, 1, NAMES);
    q->pred->subject = NULL;
    lua_pushnil(L);
    lua_setfield(L, -2, q->group ? "r" : "g");
    void *subject = q->group ? as_lua_push_group(L) : as_lua_push_record(L, q->row);
    lua_setfield(L, -2, q->group ? "g" : "r");
    q->pred->subject = subject;
    q->pred->group = q->group;
    lua_pop(L, 1);
}

static int call_body(lua_State *L)
{
    as_lua *l = as_lua_of(L);
    const call_request *q = lua_touserdata(L, 1);
    lua_settop(L, 0);
    (void)lua_rawgeti(L, LUA_REGISTRYINDEX, q->pred->parts);
    if (!q->pred->subject || q->pred->group != q->group)
        put_subject(L, q);
    as_lua_set_subject(L, q->pred->subject, q->row);
    (void)lua_rawgeti(L, 1, FUNCTION);
    (void)lua_rawgeti(L, 1, ENVIRONMENT);
    (void)lua_setupvalue(L, -2, 1);
    lua_replace(L, 1);
    lua_settop(L, 1);
    lua_call(L, 0, LUA_MULTRET);
    take_results(L, l, q);
    return 0;
}

/* Do the fields stand where the predicate was compiled to find them? */
static as_code check_table(const as_lua *l, const as_lua_pred *pred, const as_table *t,
                           as_err *e)
{
    const as_schema *mine = pred->schema, *its = t->schema;
    bool same = mine == its || mine->count == its->count;
    for (size_t i = 0; same && mine != its && i < mine->count; i++)
        same = as_str_eq(mine->fields[i].name, its->fields[i].name);
    if (same)
        return AS_OK;
    return as_fail(e, AS_ERULE, as_lua_span(l, pred->text, 0),
                   "%.*s: table %.*s has another schema than the rule was written for",
                   AS_FMT(l->texts[pred->text].name), AS_FMT(t->name));
}

/* ---- sensitive values in errors ---- */

/* `value` as it stands in the cleaned text of an error. A longer one cannot be in there whole.
 */
static as_str cleaned(char *copy, size_t size, as_str value)
{
    if (value.len >= size)
        return AS_NONE;
    if (value.len)
        memcpy(copy, value.ptr, value.len);
    copy[value.len] = '\0';
    as_lua_clean(copy);
    return as_str_from(copy);
}

static void mask_value(char *text, size_t size, as_str raw)
{
    static const char mask[] = "(masked)";
    char copy[sizeof((as_err *)NULL)->text];
    as_str value = cleaned(copy, sizeof copy, raw);
    for (size_t at = 0, found; value.len; at += found + sizeof mask - 1) {
        as_str rest = as_str_from(text + at);
        found = as_str_find(rest, value);
        if (found == (size_t)-1)
            return;
        char *to = text + at + found;
        size_t room = size - (size_t)(to - text) - 1, tail = rest.len - found - value.len;
        size_t put = room < sizeof mask - 1 ? room : sizeof mask - 1;
        tail = tail < room - put ? tail : room - put;
        memmove(to + put, to + value.len, tail);
        memcpy(to, mask, put);
        to[put + tail] = '\0';
        if (put < sizeof mask - 1)
            return;
    }
}

/* error(r.name): logs show errors, so they must not show what reports mask. A text that was cut
 * may end in part of a value. */
static void mask_error(as_lua *l, const call_request *q, as_err *e)
{
    const as_lua_pred *pred = q->pred;
    size_t rows = pred->sensitive_count ? (q->group ? l->row_count : 1) : 0;
    bool known = strlen(e->text) < sizeof e->text - 8;
    for (size_t i = 0; i < rows * pred->sensitive_count && known; i++) {
        uint32_t row = q->group ? l->rows[i / pred->sensitive_count] : q->row;
        const as_column *c = &l->table->columns[pred->sensitive[i % pred->sensitive_count]];
        mask_value(e->text, sizeof e->text, as_cell_text(l->table, c, row, &l->cell));
        known = !l->cell.failed;
        mask_value(e->text, sizeof e->text, as_cell_raw(l->table, c, row, &l->cell));
        known = known && !l->cell.failed;
    }
    if (rows && !known)
        (void)as_fail(e, e->code, e->at, "%.*s: an error whose words may hold sensitive values",
                      AS_FMT(l->texts[pred->text].name));
}

static as_code call(as_lua *l, int handle, const as_table *t, call_request *q, as_err *e)
{
    *q->out = AS_UNDECIDED;
    if (q->why)
        as_buf_clear(q->why);
    if (handle < 0 || handle >= l->pred_count)
        return as_fail(e, AS_ESCRIPT, AS_NOWHERE, "there is no compiled predicate %d", handle);
    q->pred = &l->preds[handle];
    as_code code = check_table(l, q->pred, t, e);
    if (code != AS_OK)
        return code;
    l->pred = q->pred;
    l->table = t;
    l->generation++;
    code = as_lua_run(l, call_body, q, q->pred->text, e);
    if (code != AS_OK && code != AS_ENOMEM && e)
        mask_error(l, q, e);
    l->pred = NULL;
    l->table = NULL;
    l->rows = NULL;
    l->row_count = 0;
    if (code != AS_OK) {
        *q->out = AS_UNDECIDED;
        if (q->why)
            as_buf_clear(q->why);
    }
    return code;
}

as_code as_lua_call(as_lua *l, int handle, const as_table *t, uint32_t row, as_truth *out,
                    as_buf *why, as_err *e)
{
    call_request q = {.row = row, .out = out, .why = why};
    return call(l, handle, t, &q, e);
}

as_code as_lua_call_group(as_lua *l, int handle, const as_table *t, const uint32_t *rows,
                          size_t n, as_truth *out, uint32_t *which, as_buf *why, as_err *e)
{
    call_request q = {.group = true, .out = out, .which = which, .why = why};
    *which = AS_NO_ROW;
    l->rows = rows;
    l->row_count = n;
    as_code code = call(l, handle, t, &q, e);
    if (code != AS_OK)
        *which = AS_NO_ROW;
    return code;
}
