/* yaml_words.c: libyaml's complaints as sentences that a statistician can act on.
 *
 * Entry: as_yaml_complain. A problem is looked up in one table by libyaml's own words; what the
 * table does not know is told as libyaml says it. A tab in the indentation explains most other
 * complaints and is looked for first. */
#include "rules/yaml_words.h"

#include "base/text.h"

typedef enum as_yaml_where { AT_PROBLEM, AT_CONTEXT } as_yaml_where;

typedef struct as_yaml_word {
    const char *problem; /* libyaml's words, or how they begin */
    as_yaml_where where;
    const char *say;
    const char
        *rest; /* after "on line N", where the surrounding thing begins; NULL: `say` is all */
} as_yaml_word;

static const as_yaml_word words[] = {
    {"mapping values are not allowed", AT_PROBLEM,
     "a `:` where no key can be; put a text that holds `: ` in quotes, or check the "
     "indentation",
     NULL},
    {"could not find expected ':'", AT_CONTEXT,
     "this line is neither a key with its `:` nor part of a text; check `:` and the "
     "indentation",
     NULL},
    {"did not find expected key", AT_PROBLEM, "this does not fit the mapping that begins",
     "check indentation, quotes and commas"},
    {"did not find expected '-' indicator", AT_PROBLEM,
     "this does not fit the list that begins", "check the indentation and the `- `"},
    {"did not find expected ',' or ']'", AT_PROBLEM,
     "the list opened by `[` is not closed; it begins", "`,` or `]` is expected here"},
    {"did not find expected ',' or '}'", AT_PROBLEM,
     "the mapping opened by `{` is not closed; it begins", "`,` or `}` is expected here"},
    {"did not find expected node content", AT_PROBLEM, "a value is missing here", NULL},
    {"did not find expected <document start>", AT_PROBLEM,
     "the document has ended above; check the indentation of this line", NULL},
    {"found unexpected end of stream", AT_CONTEXT, "the quote that opens here is never closed",
     NULL},
    {"found unexpected document indicator", AT_CONTEXT,
     "the quote that opens here is never closed", NULL},
    {"found unknown escape character", AT_PROBLEM,
     "an unknown escape in double quotes; write `\\\\` for a backslash, or use single quotes",
     NULL},
    {"block sequence entries are not allowed", AT_PROBLEM,
     "a `- ` where no list can begin; put it on its own line", NULL},
    {"control characters are not allowed", AT_PROBLEM, "a control character; remove it", NULL},
    {"found undefined tag handle", AT_PROBLEM,
     "tags (`!…`) are not supported; put a text that begins with `!` in quotes", NULL},
    {"found duplicate %YAML directive", AT_PROBLEM, "the %YAML line is written twice", NULL},
    {"found incompatible YAML document", AT_PROBLEM,
     "this YAML version is not known; remove the line", NULL},
};

as_span as_yaml_place(const char *file, as_str text, size_t offset)
{
    as_span at = {file, 1, 1};
    for (size_t i = 0; i < offset && i < text.len; i++) {
        if (text.ptr[i] == '\n') {
            at.line++;
            at.column = 1;
        } else if (((unsigned char)text.ptr[i] & 0xc0) != 0x80) {
            at.column++;
        }
    }
    return at;
}

/* Line number `line` (from 1) without its end; empty when there is none. */
static as_str line_of(as_str text, uint32_t line)
{
    while (line > 1) {
        const char *end = text.len ? memchr(text.ptr, '\n', text.len) : NULL;
        if (!end)
            return AS_NONE;
        text = as_str_sub(text, (size_t)(end - text.ptr) + 1, text.len);
        line--;
    }
    const char *end = text.len ? memchr(text.ptr, '\n', text.len) : NULL;
    return end ? as_str_sub(text, 0, (size_t)(end - text.ptr)) : text;
}

/* Column (from 1) of a tab in the indentation, or 0. */
static uint32_t tab_in_indent(as_str line)
{
    for (size_t i = 0; i < line.len && (line.ptr[i] == ' ' || line.ptr[i] == '\t'); i++)
        if (line.ptr[i] == '\t')
            return (uint32_t)i + 1;
    return 0;
}

/* The bytes of the character in column `column` (from 1). */
static as_str char_at(as_str line, uint32_t column)
{
    size_t i = 0;
    while (i < line.len && column > 1) {
        i++;
        while (i < line.len && ((unsigned char)line.ptr[i] & 0xc0) == 0x80)
            i++;
        column--;
    }
    size_t n = 1;
    while (i + n < line.len && ((unsigned char)line.ptr[i + n] & 0xc0) == 0x80)
        n++;
    return as_str_sub(line, i, n);
}

static as_code complain_start(const as_yaml_problem *p, as_str line, as_err *e)
{
    as_str c = char_at(line, p->at.column);
    if (c.len == 0)
        return as_fail(e, AS_ERULE, p->at, "a value is missing here");
    if (c.ptr[0] == '\t')
        return as_fail(e, AS_ERULE, p->at, "a tab; use blanks between and before YAML values");
    return as_fail(e, AS_ERULE, p->at, "a text cannot begin with `%.*s`; put it in quotes",
                   AS_FMT(c));
}

/* Is this line the last, with nothing on it? */
static bool is_end(as_str text, uint32_t number, as_str line)
{
    return as_str_trim(line).len == 0 && !line_of(text, number + 1).ptr;
}

static const as_yaml_word *find_word(const char *problem)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strncmp(problem, words[i].problem, strlen(words[i].problem)) == 0)
            return &words[i];
    return NULL;
}

as_code as_yaml_complain(const as_yaml_problem *p, as_err *e)
{
    const char *problem = p->problem ? p->problem : "it cannot be read";
    as_str line = line_of(p->text, p->at.line);
    uint32_t tab = tab_in_indent(line);
    if (tab)
        return as_fail(e, AS_ERULE, (as_span){p->file, p->at.line, tab},
                       "this line is indented with a tab; YAML wants blanks");
    if (strcmp(problem, "found character that cannot start any token") == 0)
        return complain_start(p, line, e);
    if (strcmp(problem, "did not find expected node content") == 0 &&
        is_end(p->text, p->at.line, line))
        return as_fail(e, AS_ERULE, p->at,
                       "the file ends here, but a `[` or `{` above is not closed");
    const as_yaml_word *w = find_word(problem);
    if (!w && p->context)
        return as_fail(e, AS_ERULE, p->at, "not valid YAML: %s %s (line %u)", problem,
                       p->context, (unsigned)p->context_at.line);
    if (!w)
        return as_fail(e, AS_ERULE, p->at, "not valid YAML: %s", problem);
    as_span at = w->where == AT_CONTEXT && p->context ? p->context_at : p->at;
    if (w->rest)
        return as_fail(e, AS_ERULE, at, "%s on line %u; %s", w->say,
                       (unsigned)p->context_at.line, w->rest);
    return as_fail(e, AS_ERULE, at, "%s", w->say);
}
