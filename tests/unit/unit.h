/* unit.h: what every unit test needs: cmocka, and as_str compared with a literal. */
#ifndef AS_TESTS_UNIT_H
#define AS_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"
#include <stdio.h>
#include <stdlib.h>

static inline void expect_str(as_str got, const char *want, const char *file, int line)
{
    if (got.len == strlen(want) && (got.len == 0 || memcmp(got.ptr, want, got.len) == 0))
        return;
    print_error("%s:%d: got \"%.*s\", want \"%s\"\n", file, line, AS_FMT(got), want);
    _fail(file, line);
}
#define EXPECT_STR(got, want) expect_str((got), (want), __FILE__, __LINE__)

static inline as_str S(const char *text)
{
    return as_str_from(text);
}

#endif
