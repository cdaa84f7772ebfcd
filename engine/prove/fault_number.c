/* fault_number.c: faults in numbers. */
#include "prove/fault.h"

#include <math.h>

static bool is_number(as_site *s)
{
    as_type t = as_site_field(s)->type;
    return t == AS_TYPE_INTEGER || t == AS_TYPE_NUMBER;
}

/* The cell becomes x; false where it is that already. */
static bool set(as_site *s, as_change *out, double x)
{
    as_str text = as_arena_printf(s->arena, "%.15g", x);
    return text.ptr && fabs(x) < 1e15 && as_site_text(s, out, text);
}

static double value_of(const as_site *s)
{
    return as_cell_num(as_site_column(s), s->row);
}

static bool make_zero(as_site *s, as_change *out)
{
    double x = value_of(s);
    return !isnan(x) && x != 0 && set(s, out, 0);
}

static bool make_negative(as_site *s, as_change *out)
{
    double x = value_of(s);
    return x > 0 && set(s, out, -x);
}

static bool make_ten_times(as_site *s, as_change *out)
{
    double x = value_of(s);
    return !isnan(x) && x != 0 && set(s, out, 10 * x);
}

static bool make_one_more(as_site *s, as_change *out)
{
    double x = value_of(s);
    return !isnan(x) && set(s, out, x + 1);
}

const as_fault_kind as_fault_zero = {
    .name = "zero",
    .family = "numbers",
    .text = "a number is zero",
    .level = AS_FAULT_CELL,
    .fits = is_number,
    .make = make_zero,
};

const as_fault_kind as_fault_negative = {
    .name = "negative",
    .family = "numbers",
    .text = "a number has a minus sign",
    .level = AS_FAULT_CELL,
    .fits = is_number,
    .make = make_negative,
};

const as_fault_kind as_fault_ten_times = {
    .name = "ten-times",
    .family = "numbers",
    .text = "a number has one more nought",
    .level = AS_FAULT_CELL,
    .fits = is_number,
    .make = make_ten_times,
};

const as_fault_kind as_fault_one_more = {
    .name = "one-more",
    .family = "numbers",
    .text = "a number is one too high",
    .level = AS_FAULT_CELL,
    .fits = is_number,
    .make = make_one_more,
};
