/* regex.c: PCRE2 with UTF-8, limits and JIT.
 *
 * Invariants
 * 1. A compiled pattern is never written after as_regex_compile: threads share it. What a match
 *    needs to write to (match data, match context, JIT stack) belongs to the thread and is
 * freed when the thread ends.
 * 2. Every match runs under AS_REGEX_MATCH_LIMIT; without JIT also under the depth and heap
 *    limits, with JIT under the stack's size. All of them end as AS_MATCH_LIMIT.
 * 3. PCRE2_MATCH_INVALID_UTF: subjects are hostile and need no check of their own. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "base/regex.h"

#include "base/alloc.h"
#include "base/limits.h"
#include "base/regex_simple.h"
#include <pcre2.h>
#include <pthread.h>
#include <stdlib.h>

struct as_regex {
    pcre2_code *code;
    as_regex_simple *simple; /* of a whole pattern that is one; else NULL */
};

typedef struct scratch {
    pcre2_match_data *data;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
} scratch;

static pthread_key_t scratch_key;
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;
static bool scratch_key_ok;

static void *pcre_alloc(PCRE2_SIZE size, void *unused)
{
    (void)unused;
    return as_alloc(size);
}

static void pcre_free(void *p, void *unused)
{
    (void)unused;
    as_free(p);
}

static void scratch_free(void *p)
{
    scratch *s = p;
    if (!s)
        return;
    pcre2_jit_stack_free(s->stack);
    pcre2_match_context_free(s->context);
    pcre2_match_data_free(s->data);
    as_free(s);
}

static void free_main_scratch(void)
{
    scratch_free(pthread_getspecific(scratch_key));
    (void)pthread_setspecific(scratch_key, NULL);
}

static void scratch_init(void)
{
    /* A key's destructor runs when a thread ends, but not for the thread that calls exit(). */
    scratch_key_ok =
        pthread_key_create(&scratch_key, scratch_free) == 0 && atexit(free_main_scratch) == 0;
}

static scratch *scratch_new(void)
{
    scratch *s = as_calloc(1, sizeof *s);
    pcre2_general_context *g = pcre2_general_context_create(pcre_alloc, pcre_free, NULL);
    if (s && g) {
        s->data = pcre2_match_data_create(1, g);
        s->context = pcre2_match_context_create(g);
        s->stack = pcre2_jit_stack_create(32 * AS_KIB, AS_REGEX_STACK_MAX, g);
    }
    pcre2_general_context_free(g);
    /* No stack: either no JIT in this build (none needed) or no memory; JIT then has its 32
     * KiB. */
    if (!s || !s->data || !s->context || pthread_setspecific(scratch_key, s) != 0) {
        scratch_free(s);
        return NULL;
    }
    pcre2_set_match_limit(s->context, AS_REGEX_MATCH_LIMIT);
    pcre2_set_depth_limit(s->context, AS_REGEX_DEPTH_LIMIT);
    pcre2_set_heap_limit(s->context, AS_REGEX_HEAP_KIB);
    if (s->stack)
        pcre2_jit_stack_assign(s->context, NULL, s->stack);
    return s;
}

static scratch *scratch_get(void)
{
    if (pthread_once(&scratch_once, scratch_init) != 0 || !scratch_key_ok)
        return NULL;
    scratch *s = pthread_getspecific(scratch_key);
    return s ? s : scratch_new();
}

static void code_free(void *p)
{
    pcre2_code_free(p);
}

static pcre2_code *compile(as_str pattern, uint32_t options, int *error, PCRE2_SIZE *offset)
{
    *error = PCRE2_ERROR_NOMEMORY;
    *offset = 0;
    pcre2_general_context *g = pcre2_general_context_create(pcre_alloc, pcre_free, NULL);
    pcre2_compile_context *c = g ? pcre2_compile_context_create(g) : NULL;
    pcre2_code *code = NULL;
    if (c) {
        PCRE2_SPTR p = (PCRE2_SPTR)(pattern.ptr ? pattern.ptr : "");
        code = pcre2_compile(p, pattern.len, options, error, offset, c);
    }
    pcre2_compile_context_free(c);
    pcre2_general_context_free(g);
    return code;
}

static as_code compile_failed(as_err *e, as_str pattern, int error, size_t offset)
{
    PCRE2_UCHAR why[200] = "";
    /* 121: pcre2_compile's own "failed to allocate heap memory" */
    if (error == PCRE2_ERROR_NOMEMORY || error == PCRE2_ERROR_HEAP_FAILED)
        return as_fail_nomem(e);
    (void)pcre2_get_error_message(error, why, sizeof why);
    return as_fail(e, AS_ERULE, AS_NOWHERE,
                   "the regular expression \"%.*s\" is wrong at offset %zu: %s",
                   (int)(pattern.len < 200 ? pattern.len : 200), pattern.ptr ? pattern.ptr : "",
                   offset, (const char *)why);
}

as_code as_regex_compile(as_regex **out, as_arena *a, as_str pattern, unsigned flags, as_err *e)
{
    *out = NULL;
    if (pattern.len > AS_REGEX_PATTERN_MAX)
        return as_fail(e, AS_ERULE, AS_NOWHERE,
                       "a regular expression of %zu bytes: at most %zu are allowed",
                       pattern.len, AS_REGEX_PATTERN_MAX);
    uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C;
    if (flags & AS_REGEX_WHOLE)
        options |= PCRE2_ANCHORED | PCRE2_ENDANCHORED;
    if (flags & AS_REGEX_NOCASE)
        options |= PCRE2_CASELESS;
    int error;
    PCRE2_SIZE offset;
    pcre2_code *code = compile(pattern, options, &error, &offset);
    if (!code)
        return compile_failed(e, pattern, error, offset);
    if (!as_arena_on_close(a, code_free, code))
        return as_fail_nomem(e);
    as_regex *r = AS_NEW(a, as_regex);
    if (!r)
        return as_fail_nomem(e);
    /* Where JIT is not to be had (architecture, hardened kernel) the interpreter does the same.
     */
    (void)pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    r->code = code;
    as_regex_simple simple;
    if (flags == AS_REGEX_WHOLE && as_regex_simple_make(&simple, pattern)) {
        r->simple = AS_NEW(a, as_regex_simple);
        if (!r->simple)
            return as_fail_nomem(e);
        *r->simple = simple;
    }
    *out = r;
    return AS_OK;
}

as_match as_regex_find_from(const as_regex *r, as_str subject, size_t from, size_t *begin,
                            size_t *end)
{
    if (subject.len > AS_REGEX_SUBJECT_MAX)
        return AS_MATCH_LIMIT;
    if (from > subject.len)
        return AS_MATCH_NO;
    scratch *s = scratch_get();
    if (!s)
        return AS_MATCH_LIMIT;
    PCRE2_SPTR text = (PCRE2_SPTR)(subject.ptr ? subject.ptr : "");
    int n = pcre2_match(r->code, text, subject.len, from, 0, s->data, s->context);
    if (n == PCRE2_ERROR_NOMATCH)
        return AS_MATCH_NO;
    if (n < 0) /* a limit, the JIT stack, or memory: it could not say */
        return AS_MATCH_LIMIT;
    const PCRE2_SIZE *span = pcre2_get_ovector_pointer(s->data);
    *begin = span[0];
    *end = span[1] > span[0] ? span[1] : span[0]; /* \K in a look-ahead can turn them round */
    return AS_MATCH_YES;
}

as_match as_regex_find(const as_regex *r, as_str subject, size_t *begin, size_t *end)
{
    return as_regex_find_from(r, subject, 0, begin, end);
}

as_match as_regex_match(const as_regex *r, as_str subject)
{
    size_t begin, end;
    if (r->simple)
        return as_regex_simple_match(r->simple, subject) ? AS_MATCH_YES : AS_MATCH_NO;
    return as_regex_find_from(r, subject, 0, &begin, &end);
}

bool as_regex_is_cheap(const as_regex *r)
{
    return r->simple != NULL;
}

const uint8_t *as_regex_classes(const as_regex *r)
{
    return r->simple ? r->simple->classes : NULL;
}
