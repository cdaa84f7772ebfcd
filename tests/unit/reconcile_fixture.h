/* reconcile_fixture.h: rules of the kind reconcile over the tables of figures_fixture.h, and
 * what is expected of a bridge. */
#ifndef AS_TESTS_RECONCILE_FIXTURE_H
#define AS_TESTS_RECONCILE_FIXTURE_H

#include "figures_fixture.h"

#define MEASURES                                                                               \
    "measures:\n"                                                                              \
    "  o: {count: opening, by: [kind]}\n"                                                      \
    "  c: {count: closing, by: [kind]}\n"                                                      \
    "  j: {count: movements, where: {joined: Y}, by: [kind]}\n"                                \
    "  l: {count: movements, where: {left: Y}, by: [kind]}\n"                                  \
    "  po: {sum: n, of: published, where: {end: open}, by: [kind]}\n"                          \
    "  pc: {sum: n, of: published, where: {end: close}, by: [kind]}\n"                         \
    "  re: {sum: n, of: published, where: {end: re}, by: [kind]}\n"                            \
    "  oo: {count: opening}\n  cc: {count: closing}\n"                                         \
    "  jj: {count: movements, where: {joined: Y}}\n  ll: {count: movements, where: {left: "    \
    "Y}}\n"                                                                                    \
    "  vo: {sum: places, of: opening, by: [kind]}\n"                                           \
    "  vc: {sum: places, of: closing, by: [kind]}\n"                                           \
    "  vj: {sum: places, of: movements, where: {joined: Y}, by: [kind]}\n"                     \
    "  vl: {sum: places, of: movements, where: {left: Y}, by: [kind]}\n"                       \
    "  by_sector: {count: closing, by: [sector]}\n"

#define DATED "joined_on: joined_on, left_on: left_on, period: [2016-04-01, 2017-03-31]"

static char spec[2048];

static inline void start(const char *reconcile)
{
    char rules[4096];

    (void)snprintf(rules, sizeof rules, MEASURES "rules:\n  - id: T-1\n    reconcile: {%s}\n",
                   reconcile);
    fig_open(rules);
}

/* Records at both ends; complete or not. */
static inline const char *records(bool opening, bool closing, const char *more)
{
    (void)snprintf(spec, sizeof spec,
                   "opening: o, plus: [j], minus: [l], closing: c, bridge: {opening: {table: "
                   "opening, complete: "
                   "%s}, closing: {table: closing, complete: %s}, movements: {table: "
                   "movements, joined: {joined: "
                   "Y}, left: {left: Y}}, match: [urn], " DATED "%s}",
                   opening ? "true" : "false", closing ? "true" : "false", more);
    return spec;
}

/* Published totals, with the records beside them. */
static inline const char *totals(bool opening, bool closing)
{
    (void)snprintf(spec, sizeof spec,
                   "opening: po, plus: [j], minus: [l], closing: pc, bridge: {opening: {table: "
                   "opening, complete: "
                   "%s}, closing: {table: closing, complete: %s}, movements: {table: "
                   "movements, joined: {joined: "
                   "Y}, left: {left: Y}}, match: [urn], " DATED "}",
                   opening ? "true" : "false", closing ? "true" : "false");
    return spec;
}

static inline void rows(const char *opening, const char *closing, const char *movements)
{
    fig_table("opening", opening);
    fig_table("closing", closing);
    fig_table("movements", movements);
}

static inline void expect_number(double got, double want, int line)
{
    if (got == want)
        return;
    print_error("line %d: got %g, want %g\n", line, got, want);
    _fail(__FILE__, line);
}

static inline void expect_group(const char *group, double residual, double unexplained,
                                const char *causes)
{
    const as_doc_bridge *d = fig_bridge(group);
    double sum = 0;

    expect_number(d->residual, residual, __LINE__);
    expect_number(d->unexplained, unexplained, __LINE__);
    expect_number(d->explained, residual - unexplained, __LINE__);
    expect_number(d->expected, d->opening + d->plus - d->minus + d->adjustments, __LINE__);
    expect_number(d->residual, d->closing - d->expected, __LINE__);
    for (size_t i = 0; i < d->cause_count; i++)
        sum += d->causes[i].effect;
    expect_number(sum, d->explained, __LINE__);
    assert_string_equal(fig_causes(group), causes);
}

#endif
