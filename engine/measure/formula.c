/* formula.c: recursive descent with a counted depth.
 *
 *   sum     = product { (+|-) product }
 *   product = factor { (*|/) factor }
 *   factor  = - factor | ( sum ) | number | name */
#include "measure/formula.h"

#include "base/limits.h"

#include <math.h>

#define SHOWN 120 /* bytes of a formula in a message */

typedef struct parser {
    as_formula *f;
    as_str text;
    size_t pos;
    unsigned depth;
    as_span at;
    as_err *e;
} parser;

static bool parse_sum(parser *p);

static bool fail_at(const parser *p, size_t pos, const char *what)
{
    bool cut = p->text.len > SHOWN;
    as_str shown = as_str_sub(p->text, 0, SHOWN);

    while (cut && shown.len && ((unsigned char)p->text.ptr[shown.len] & 0xc0) == 0x80)
        shown.len--; /* not inside a character */
    as_fail(p->e, AS_ERULE, p->at, "formula \"%.*s%s\": %s at character %zu", AS_FMT(shown),
            cut ? "…" : "", what, pos + 1);
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* The next character that is not white space; 0 at the end. */
static char peek(parser *p)
{
    while (p->pos < p->text.len && strchr(" \t\r\n", p->text.ptr[p->pos]) &&
           p->text.ptr[p->pos])
        p->pos++;
    return p->pos < p->text.len ? p->text.ptr[p->pos] : 0;
}

static bool step(parser *p, as_step s)
{
    if (p->f->count == AS_FORMULA_STEPS_MAX)
        return fail_at(p, p->pos, "too long (AS_FORMULA_STEPS_MAX)");
    p->f->steps[p->f->count++] = s;
    return true;
}

static bool parse_number(parser *p)
{
    size_t from = p->pos;
    double x;

    while (p->pos < p->text.len &&
           (is_digit(p->text.ptr[p->pos]) || p->text.ptr[p->pos] == '.'))
        p->pos++;
    if (!as_str_to_f64(as_str_sub(p->text, from, p->pos - from), false, &x) ||
        (p->pos < p->text.len && is_word(p->text.ptr[p->pos])))
        return fail_at(p, from, "not a number (write 1000000, 0.5)");
    return step(p, (as_step){.op = AS_STEP_NUMBER, .number = x});
}

static bool parse_name(parser *p)
{
    size_t from = p->pos, i = 0;
    as_str name;

    while (p->pos < p->text.len &&
           (is_word(p->text.ptr[p->pos]) || is_digit(p->text.ptr[p->pos])))
        p->pos++;
    name = as_str_sub(p->text, from, p->pos - from);
    while (i < p->f->name_count && !as_str_eq(p->f->names[i], name))
        i++;
    if (i == p->f->name_count)
        p->f->names[p->f->name_count++] = name; /* never more than steps */
    return step(p, (as_step){.op = AS_STEP_OPERAND, .operand = i});
}

static bool parse_bracket(parser *p)
{
    size_t from = p->pos++;

    if (!parse_sum(p))
        return false;
    if (peek(p) != ')')
        return fail_at(p, from, "a bracket that is not closed");
    p->pos++;
    return true;
}

static bool parse_factor(parser *p)
{
    char c = peek(p);
    bool ok;

    if (p->depth == AS_FORMULA_DEPTH_MAX)
        return fail_at(p, p->pos, "too deep (AS_FORMULA_DEPTH_MAX)");
    p->depth++;
    if (c == '-') {
        p->pos++;
        ok = parse_factor(p) && step(p, (as_step){.op = AS_STEP_NEGATE});
    } else if (c == '(') {
        ok = parse_bracket(p);
    } else if (is_digit(c) || c == '.') {
        ok = parse_number(p);
    } else if (is_word(c)) {
        ok = p->f->count < AS_FORMULA_STEPS_MAX
                 ? parse_name(p)
                 : fail_at(p, p->pos, "too long (AS_FORMULA_STEPS_MAX)");
    } else {
        ok = fail_at(p, p->pos,
                     c ? "expected a number, a measure or a bracket"
                       : "ends where a number, a measure or a bracket should follow");
    }
    p->depth--;
    return ok;
}

static bool parse_product(parser *p)
{
    if (!parse_factor(p))
        return false;
    for (;;) {
        char c = peek(p);
        if (c != '*' && c != '/')
            return true;
        p->pos++;
        if (!parse_factor(p) ||
            !step(p, (as_step){.op = c == '*' ? AS_STEP_MULTIPLY : AS_STEP_DIVIDE}))
            return false;
    }
}

static bool parse_sum(parser *p)
{
    if (!parse_product(p))
        return false;
    for (;;) {
        char c = peek(p);
        if (c != '+' && c != '-')
            return true;
        p->pos++;
        if (!parse_product(p) ||
            !step(p, (as_step){.op = c == '+' ? AS_STEP_ADD : AS_STEP_SUBTRACT}))
            return false;
    }
}

as_code as_formula_compile(as_formula **out, as_arena *a, as_str text, as_span at, as_err *e)
{
    parser p = {.f = AS_NEW(a, as_formula), .text = text, .at = at, .e = e};
    size_t most = text.len < AS_FORMULA_STEPS_MAX ? text.len + 1 : AS_FORMULA_STEPS_MAX;

    if (p.f) { /* no step is written in less than one character */
        p.f->steps = AS_NEW_N(a, as_step, most);
        p.f->names = AS_NEW_N(a, as_str, most);
    }
    if (!p.f || !p.f->steps || !p.f->names)
        return as_fail_nomem(e);
    if (!parse_sum(&p))
        return AS_ERULE;
    if (peek(&p)) {
        fail_at(&p, p.pos, "expected + - * / or the end");
        return AS_ERULE;
    }
    *out = p.f;
    return AS_OK;
}

static double apply(as_step_op op, double x, double y)
{
    switch (op) {
    case AS_STEP_ADD:
        return x + y;
    case AS_STEP_SUBTRACT:
        return x - y;
    case AS_STEP_MULTIPLY:
        return x * y;
    case AS_STEP_DIVIDE:
        return y == 0 ? (double)NAN : x / y;
    default:
        return (double)NAN;
    }
}

double as_formula_value(const as_formula *f, const double *values)
{
    double stack[AS_FORMULA_STEPS_MAX];
    size_t top = 0;

    for (size_t i = 0; i < f->count; i++) {
        const as_step *s = &f->steps[i];
        if (s->op == AS_STEP_NUMBER) {
            stack[top++] = s->number;
        } else if (s->op == AS_STEP_OPERAND) {
            stack[top++] = values[s->operand];
        } else if (s->op == AS_STEP_NEGATE) {
            stack[top - 1] = -stack[top - 1];
        } else {
            top--;
            stack[top - 1] = apply(s->op, stack[top - 1], stack[top]);
        }
    }
    return isfinite(stack[0]) ? stack[0] : (double)NAN;
}
