/* fault_date.c: faults in dates. A boundary counts as one where nearly all records of the table
 * keep it: a registration may be of any year, an inspection of the year may not. */
#include "prove/fault.h"

#define NEARLY_ALL 0.99

static bool is_date(as_site *s)
{
    return as_site_field(s)->type == AS_TYPE_DATE;
}

static as_date value_of(const as_site *s)
{
    return as_cell_date(as_site_column(s), s->row);
}

static as_date first_day(const as_site *s)
{
    return s->project->period_from;
}

static as_date last_day(const as_site *s)
{
    return s->project->as_at != AS_DATE_NULL ? s->project->as_at : s->project->period_to;
}

/* Nearly every date lies within [from, to]; a null bound is none. */
static bool column_keeps(const as_site *s, as_date from, as_date to)
{
    uint64_t dates = 0, kept = 0;
    for (uint32_t row = 0; row < s->table->rows; row++) {
        as_date d = as_cell_date(as_site_column(s), row);
        if (d != AS_DATE_NULL) {
            dates++;
            kept += (from == AS_DATE_NULL || d >= from) && (to == AS_DATE_NULL || d <= to);
        }
    }
    return dates && (double)kept >= NEARLY_ALL * (double)dates;
}

static bool keeps_start(as_site *s)
{
    return is_date(s) && first_day(s) != AS_DATE_NULL &&
           column_keeps(s, first_day(s), AS_DATE_NULL);
}

static bool make_before_start(as_site *s, as_change *out)
{
    return value_of(s) != AS_DATE_NULL && as_site_date(s, out, first_day(s) - 1);
}

const as_fault_kind as_fault_before_start = {
    .name = "before-start",
    .family = "dates",
    .text = "a date is the day before the period",
    .level = AS_FAULT_CELL,
    .fits = keeps_start,
    .make = make_before_start,
};

static bool keeps_end(as_site *s)
{
    return is_date(s) && last_day(s) != AS_DATE_NULL &&
           column_keeps(s, AS_DATE_NULL, last_day(s));
}

static bool make_after_end(as_site *s, as_change *out)
{
    return value_of(s) != AS_DATE_NULL && as_site_date(s, out, last_day(s) + 1);
}

const as_fault_kind as_fault_after_end = {
    .name = "after-end",
    .family = "dates",
    .text = "a date is the day after the closing date",
    .level = AS_FAULT_CELL,
    .fits = keeps_end,
    .make = make_after_end,
};

/* ---- two dates of one record ---- */

/* Records with both dates come in this order, nearly all of them. */
static bool in_order(const as_site *s, uint32_t later)
{
    uint64_t both = 0, kept = 0;
    for (uint32_t row = 0; row < s->table->rows; row++) {
        as_date a = as_cell_date(as_site_column(s), row);
        as_date b = as_cell_date(&s->table->columns[later], row);
        if (a != AS_DATE_NULL && b != AS_DATE_NULL) {
            both++;
            kept += a <= b;
        }
    }
    return both && (double)kept >= NEARLY_ALL * (double)both;
}

static bool has_later(as_site *s)
{
    for (uint32_t f = 0; is_date(s) && f < s->table->schema->count; f++) {
        if (f != s->field && s->table->schema->fields[f].type == AS_TYPE_DATE &&
            in_order(s, f)) {
            s->partner = f;
            return true;
        }
    }
    return false;
}

static bool make_out_of_order(as_site *s, as_change *out)
{
    as_date later = as_cell_date(&s->table->columns[s->partner], s->row);
    return value_of(s) != AS_DATE_NULL && later != AS_DATE_NULL &&
           as_site_date(s, out, later + 1);
}

const as_fault_kind as_fault_out_of_order = {
    .name = "out-of-order",
    .family = "dates",
    .text = "a date is the day after one that it comes before",
    .level = AS_FAULT_CELL,
    .fits = has_later,
    .make = make_out_of_order,
};

/* ---- slips of the pen ---- */

static bool make_year_later(as_site *s, as_change *out)
{
    as_date d = value_of(s);
    return d != AS_DATE_NULL && as_site_date(s, out, as_date_add_years(d, 1));
}

const as_fault_kind as_fault_year_later = {
    .name = "year-later",
    .family = "dates",
    .text = "a date has the year after",
    .level = AS_FAULT_CELL,
    .fits = is_date,
    .make = make_year_later,
};

static bool make_day_for_month(as_site *s, as_change *out)
{
    int year, month, day;
    as_date d = value_of(s);
    if (d == AS_DATE_NULL) {
        return false;
    }
    as_date_civil(d, &year, &month, &day);
    return day <= 12 && as_site_date(s, out, as_date_from(year, day, month));
}

const as_fault_kind as_fault_day_for_month = {
    .name = "day-for-month",
    .family = "dates",
    .text = "day and month of a date are exchanged",
    .level = AS_FAULT_CELL,
    .fits = is_date,
    .make = make_day_for_month,
};
