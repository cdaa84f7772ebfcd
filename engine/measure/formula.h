/* formula.h: "100 * (good + outstanding) / judged": numbers, names of measures, + - * / ( ) and
 * unary minus.
 *
 * Compiled once into steps of a stack machine, immutable then. Unknown is NaN and spreads; so
 * does a division by zero. Private to measure/. */
#ifndef AS_MEASURE_FORMULA_H
#define AS_MEASURE_FORMULA_H

#include "base/err.h"

typedef enum as_step_op {
    AS_STEP_NUMBER,
    AS_STEP_OPERAND,
    AS_STEP_ADD,
    AS_STEP_SUBTRACT,
    AS_STEP_MULTIPLY,
    AS_STEP_DIVIDE,
    AS_STEP_NEGATE
} as_step_op;

typedef struct as_step {
    as_step_op op;
    double number;
    size_t operand; /* index into names */
} as_step;

typedef struct as_formula {
    as_step *steps; /* operands first, then their operator */
    size_t count;
    as_str *names; /* each measure once, in order of first mention */
    size_t name_count;
} as_formula;

/* *out lives in `a`; its names are borrowed from `text`. AS_ERULE: e->text says what was found
 * at which character, e->at is `at`. */
as_code as_formula_compile(as_formula **out, as_arena *a, as_str text, as_span at, as_err *e);
/* values[i] belongs to names[i]. NaN: unknown, also where the result is not finite. */
double as_formula_value(const as_formula *f, const double *values);

#endif
