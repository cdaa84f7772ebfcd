/* lua_fixture.h: one line per case of the Lua sandbox's tests.
 *
 *   fixture f = fixture_open();                 providers of three records, see below
 *   says(&f, 0, "return r.places > 3", AS_TRUE, "");
 *   fails(&f, 0, "return 7", AS_ESCRIPT, 12, "returned a number");
 *
 * Chunks begin at line 12 of places.yaml; `line` is where the error must be told. */
#ifndef AS_TESTS_LUA_FIXTURE_H
#define AS_TESTS_LUA_FIXTURE_H

#include "oracle/tables.h"

#include "lua/lua_env.h"
#include <stdio.h>
#include <time.h>

#define FIRST_LINE 12

typedef struct fixture {
    as_arena *arena;
    as_schema *schema;
    as_table *table;
    as_lua *lua;
    as_buf why;
    as_err err;
    uint32_t which;
} fixture;

static inline fixture fixture_with(const as_lua_setup *setup)
{
    fixture f = {.arena = as_arena_open(), .why = AS_BUF(AS_MESSAGE_MAX)};
    f.schema = schema_of(f.arena, "providers",
                         "urn:text:key owner:text sector:text places:integer "
                         "score:number opened:date closed:date secret:text");
    f.table = table_of(f.schema, "A1|Somerset County Council|Private|4|2.5|2016-02-29||x\n"
                                 "A2||||||||\n"
                                 "A3|Caf\xC3\xA9 \xE2\x80\x98"
                                 "Oak\xE2\x80\x99|Voluntary|0|-1|"
                                 "2017-03-31|2017-04-01|y\n");
    assert_int_equal(as_lua_open(&f.lua, setup, &f.err), AS_OK);
    return f;
}

static inline fixture fixture_open(void)
{
    return fixture_with(NULL);
}

static inline void fixture_close(fixture *f)
{
    as_lua_close(f->lua);
    as_table_close(f->table);
    as_buf_free(&f->why);
    as_arena_close(f->arena);
}

/* All fields but `secret` may be read. */
static inline as_predicate predicate_of(const fixture *f, as_str chunk)
{
    static const uint32_t reads[] = {0, 1, 2, 3, 4, 5, 6};
    return (as_predicate){AS_STR("CSC-1"), chunk, {"places.yaml", FIRST_LINE, 0},
                          f->schema,       reads, 7};
}

static inline as_code call_text(fixture *f, uint32_t row, as_str chunk, as_truth *out)
{
    as_predicate p = predicate_of(f, chunk);
    int handle = -1;
    f->err = (as_err){.code = AS_OK};
    as_buf_clear(&f->why);
    as_code code = as_lua_compile(f->lua, &p, &handle, &f->err);
    if (code == AS_OK)
        code = as_lua_call(f->lua, handle, f->table, row, out, &f->why, &f->err);
    return code;
}

static inline as_code group_text(fixture *f, const uint32_t *rows, size_t n, const char *chunk,
                                 as_truth *out)
{
    as_predicate p = predicate_of(f, as_str_from(chunk));
    int handle = -1;
    f->err = (as_err){.code = AS_OK};
    as_buf_clear(&f->why);
    as_code code = as_lua_compile(f->lua, &p, &handle, &f->err);
    if (code == AS_OK)
        code = as_lua_call_group(f->lua, handle, f->table, rows, n, out, &f->which, &f->why,
                                 &f->err);
    return code;
}

static inline void says_at(fixture *f, uint32_t row, const char *chunk, as_truth want,
                           const char *why, const char *file, int line)
{
    as_truth got = AS_UNDECIDED;
    as_code code = call_text(f, row, as_str_from(chunk), &got);
    if (code != AS_OK)
        print_error("%s\n  %s (line %u)\n", chunk, f->err.text, f->err.at.line);
    else if (got != want || !as_str_eq(as_buf_str(&f->why), as_str_from(why)))
        print_error("%s\n  truth %d, said \"%.*s\"\n", chunk, (int)got,
                    AS_FMT(as_buf_str(&f->why)));
    else
        return;
    _fail(file, line);
}
#define says(f, row, chunk, want, why) says_at(f, row, chunk, want, why, __FILE__, __LINE__)
/* For a chunk that is nothing but an expression which must be true. */
#define holds(f, expression)                                                                   \
    says_at(f, 0, "return (" expression ") == true", AS_TRUE, "", __FILE__, __LINE__)

static inline void expect_error(const fixture *f, as_code got, as_code code, uint32_t at,
                                const char *part, const char *file, int line)
{
    if (got == code && f->err.code == code && f->err.at.line == at &&
        strstr(f->err.text, part) && !strchr(f->err.text, '\1'))
        return;
    print_error("code %d at line %u: %s\n  wanted code %d at line %u with \"%s\"\n", (int)got,
                f->err.at.line, f->err.text, (int)code, at, part);
    _fail(file, line);
}

/* The state must still work after every error. */
static inline void fails_at(fixture *f, uint32_t row, as_str chunk, as_code code, uint32_t at,
                            const char *part, const char *file, int line)
{
    as_truth truth = AS_UNDECIDED; /* what a refused chunk leaves */
    as_code got = call_text(f, row, chunk, &truth);
    expect_error(f, got, code, at, part, file, line);
    assert_int_equal(truth, AS_UNDECIDED);
    assert_int_equal(f->why.len, 0);
    says_at(f, 0, "return r.places == 4 and (\"a\"):rep(3) == \"aaa\"", AS_TRUE, "", file,
            line);
}
#define fails(f, row, chunk, code, line, part)                                                 \
    fails_at(f, row, as_str_from(chunk), code, line, part, __FILE__, __LINE__)

static inline double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

#endif
