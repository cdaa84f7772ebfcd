/* fault_column.c: faults of a whole column or table. */
#include "prove/fault.h"

/* A column that must be there is told by whoever reads the file, before any rule. */
static bool may_be_lost(as_site *s)
{
    return !as_site_field(s)->required && !s->table->schema->unpivot.on;
}

static bool make_lost_column(as_site *s, as_change *out)
{
    *out = (as_change){.op = AS_CHANGE_DROP_COLUMN, .field = s->field};
    return as_site_column(s)->present;
}

const as_fault_kind as_fault_lost_column = {
    .name = "lost-column",
    .family = "columns",
    .text = "a column is missing",
    .level = AS_FAULT_COLUMN,
    .fits = may_be_lost,
    .make = make_lost_column,
};

static bool same(as_site *s, uint32_t a, uint32_t b)
{
    as_str x = as_cell_text(s->table, as_site_column(s), a, s->tmp);
    as_str y = as_cell_text(s->table, as_site_column(s), b, s->tmp2);
    return x.ptr ? y.ptr && as_str_eq(x, y) : !y.ptr;
}

static bool make_shifted_column(as_site *s, as_change *out)
{
    for (uint32_t row = 1; row < s->table->rows; row++) {
        if (!same(s, row, row - 1)) {
            *out = (as_change){.op = AS_CHANGE_SHIFT_COLUMN, .field = s->field};
            return true;
        }
    }
    return false; /* every record has the same value */
}

const as_fault_kind as_fault_shifted_column = {
    .name = "shifted-column",
    .family = "mixed up",
    .text = "a column is one record further down than the others",
    .level = AS_FAULT_COLUMN,
    .make = make_shifted_column,
};

static bool make_lost_end(as_site *s, as_change *out)
{
    uint32_t rows = s->table->rows, lost = rows / 10 ? rows / 10 : 1;
    *out = (as_change){.op = AS_CHANGE_KEEP, .row = rows - lost};
    return rows > 1;
}

const as_fault_kind as_fault_lost_end = {
    .name = "lost-end",
    .family = "records",
    .text = "the last tenth of the records is missing",
    .level = AS_FAULT_TABLE,
    .make = make_lost_end,
};
