/* host_int.h: what the files of the Lua host share. Private. */
#ifndef AS_REPORTS_HOST_INT_H
#define AS_REPORTS_HOST_INT_H

#include "base/limits.h"
#include "reports/host.h"
#include "reports/view.h"
#include <lauxlib.h>
#include <lua.h>

typedef struct as_host {
    const as_writer *writer;
    as_ledger *ledger;
    const as_doc *doc;
    const as_report_options *options;
    as_sink sink;
    as_buf tmp;  /* of the C function that runs */
    as_buf move; /* a sentence, while tmp makes a value of it */
    uint64_t steps;
    size_t memory;
    bool out_of_steps, out_of_memory; /* of its budget */
    as_err err;                       /* of the ledger or the output; code AS_OK: none */
} as_host;

static inline as_host *as_host_of(lua_State *L)
{
    return *(as_host **)lua_getextraspace(L);
}

as_buf *as_host_tmp(lua_State *L);               /* cleared */
int as_host_give(lua_State *L, const as_buf *b); /* pushes it; returns 1 */
/* Ends the writer with an error of the ledger or the output. */
int as_host_fail(lua_State *L, as_code code, const as_err *e);

void as_host_functions(lua_State *L);
void as_host_string_functions(lua_State *L); /* into the table on top */
void as_host_findings(lua_State *L);
void as_host_push_doc(lua_State *L, const as_doc *doc);
void as_host_push_options(lua_State *L, const as_report_options *o);

#endif
