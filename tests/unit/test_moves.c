/* What figures become without some records: by hand, and against leaving the records out of the
 * table and working every measure out again, over random tables. */
#include "figures_fixture.h"

#include "measure/moves.h"
#include "oracle/random.h"

#define MEASURES_MAX 24

static struct {
    const as_bound_measure *bound[MEASURES_MAX];
    const char *names[MEASURES_MAX];
    size_t count;
    as_moves *moves;
} all;

static void bind_all(const char *const *names)
{
    all.count = 0;
    for (; *names; names++) {
        all.names[all.count] = *names;
        all.bound[all.count] = fig_bind(*names);
        if (!all.bound[all.count])
            fig_print_diags();
        assert_non_null(all.bound[all.count++]);
    }
}

static void open_moves(const char *table)
{
    bool touched[FIG_TABLES_MAX] = {false};
    as_moves_ask ask = {all.bound, all.count, fig_tables(), touched, fig.pool, &fig.diags};

    for (size_t i = 0; i < fig.count; i++)
        touched[i] = as_str_eq(fig.tables[i]->name, S(table));
    assert_true(as_moves_any(&ask));
    assert_int_equal(as_moves_open(&all.moves, &ask, &fig.err), AS_OK);
}

/* "homes Home 3>2; share 50>33.3333" */
static const char *without(const char *table, const uint32_t *rows, size_t n)
{
    const as_table *t = as_tables_find(fig_tables(), S(table));
    as_move *moves = NULL;
    size_t count = 0;
    as_buf b = AS_BUF(AS_MIB);
    as_str out;

    assert_int_equal(as_moves_without(all.moves, t, rows, n, fig.run, &moves, &count, &fig.err),
                     AS_OK);
    for (size_t i = 0; i < count; i++) {
        const as_move *m = &moves[i];
        as_buf_addf(&b, "%s%.*s%s%.*s ", i ? "; " : "", AS_FMT(m->measure->name),
                    m->group.len ? " " : "", AS_FMT(m->group));
        as_buf_addf(&b, isnan(m->from) ? "?" : "%g", m->from);
        as_buf_addf(&b, isnan(m->to) ? ">?" : ">%g", m->to);
    }
    out = as_arena_str(fig.run, as_buf_str(&b));
    as_buf_free(&b);
    return out.ptr;
}

#define WITHOUT(want, ...)                                                                     \
    do {                                                                                       \
        const uint32_t rows_[] = {__VA_ARGS__};                                                \
        assert_string_equal(without("closing", rows_, sizeof rows_ / sizeof *rows_), want);    \
    } while (0)

static const char *const rows_text = "A1|Home|Private|4|0.3|2016-04-01|x\n"
                                     "A2|home|Voluntary|6|0.1|2016-04-01|x\n"
                                     "A3|School|Private||0.25||y\n"
                                     "A4|children's home|Private|10|||\n"
                                     "A5||Private|1|8|2017-01-01|x\n"
                                     "A6|Agency|||||\n"
                                     "A7|Agency|Private||||\n";

static void done(void)
{
    as_moves_close(all.moves);
    all.moves = NULL;
    fig_close();
}

static void by_hand(void **state)
{
    static const char *const names[] = {"homes",  "places", "mean",  "kinds", "share",
                                        "weight", "apart",  "never", NULL};

    (void)state;
    fig_open("measures:\n"
             "  homes: {count: closing, by: [kind]}\n"
             "  places: {sum: places, of: closing, by: [kind]}\n"
             "  mean: {mean: places, of: closing}\n"
             "  kinds: {distinct: kind, of: closing}\n"
             "  all: {count: closing}\n"
             "  private: {count: closing, where: {sector: Private}}\n"
             "  share: {formula: 100 * private / all}\n"
             "  weight: {sum: weight, of: closing, where: {kind: Home}}\n"
             "  apart: {formula: homes / all}\n"
             "  never: {count: closing, where: {sector: Public}}\n");
    fig_table("closing", rows_text);
    bind_all(names);
    open_moves("closing");
    /* A group of each count is a figure of its own; a formula of a total moves for every group:
     * 3/7 is 2/6 without the record, 1/7 is 1/6. */
    WITHOUT("homes Home 3>2; places Home 20>14; mean 5.25>5; share 71.4286>83.3333; "
            "weight 0.4>0.3; apart Agency 0.285714>0.333333; apart Home 0.428571>0.333333; "
            "apart School 0.142857>0.166667; apart (none) 0.142857>0.166667",
            1);
    /* Without the last record of a group a count is 0, a sum unknown. A null has a group. */
    WITHOUT("homes (none) 1>0; places (none) 1>?; mean 5.25>6.66667; share 71.4286>66.6667; "
            "apart Agency 0.285714>0.333333; apart Home 0.428571>0.5; "
            "apart School 0.142857>0.166667; apart (none) 0.142857>0",
            4);
    /* The only school: one kind fewer; its places were unknown and stay so. */
    WITHOUT("homes School 1>0; kinds 3>2; share 71.4286>66.6667; "
            "apart Agency 0.285714>0.333333; apart Home 0.428571>0.5; "
            "apart School 0.142857>0; apart (none) 0.142857>0.166667",
            2);
    /* Two of a group, and all of another, whatever the order of the rows. */
    WITHOUT("homes Agency 2>0; homes Home 3>1; places Home 20>6; mean 5.25>3.5; kinds 3>2; "
            "share 71.4286>66.6667; weight 0.4>0.1; apart Agency 0.285714>0; "
            "apart Home 0.428571>0.333333; apart School 0.142857>0.333333; apart (none) "
            "0.142857>0.333333",
            6, 3, 0, 5);
    done();
}

/* The list of a table's records, the numbers of those that go; what is left is a table again.
 */
static void only_chosen_records_move(void **state)
{
    static const char *const names[] = {"listed", "lost", "moved", NULL};

    (void)state;
    fig_open("measures:\n"
             "  listed: {count: closing, found_in: {table: opening, match: {urn: urn}}}\n"
             "  lost: {count: closing, missing_from: {table: opening, match: {urn: urn}}}\n"
             "  moved: {count: movements}\n");
    fig_table("closing", "A1|Home\nA2|Home\n|Home\n");
    fig_table("opening", "A1|Home\n");
    fig_table("movements", "A1|Home\n");
    bind_all(names);
    open_moves("closing");
    WITHOUT("listed 1>0", 0);
    WITHOUT("lost 1>0", 1);
    WITHOUT("", 2); /* a null in the key is neither */
    done();
}

static void measures_that_fail_are_said(void **state)
{
    static const char *const names[] = {"homes", "weights", NULL};
    bool touched[] = {true};

    (void)state;
    fig_open("measures:\n  homes: {count: closing}\n  weights: {sum: n, of: published}\n");
    fig_table("closing", "A1|Home\nA2|Home\n"); /* no table `published` */
    bind_all(names);
    as_moves_ask ask = {all.bound, all.count, fig_tables(), touched, NULL, &fig.diags};
    assert_int_equal(as_moves_open(&all.moves, &ask, &fig.err), AS_OK);
    assert_int_equal(fig.diags.count, 1);
    assert_non_null(strstr(fig.diags.items[0].text.ptr, "measure weights is published, but"));
    WITHOUT("homes 2>1", 0);
    touched[0] = false;
    assert_false(as_moves_any(&ask));
    done();
}

/* ---- against working it out again ---- */

#define ROWS_MAX 40
#define CASES 300

static const char *const oracle_rules =
    "measures:\n"
    "  c: {count: closing}\n"
    "  ck: {count: closing, by: [kind]}\n"
    "  cks: {count: closing, where: {places: {min: 2}}, by: [kind, sector]}\n"
    "  s: {sum: places, of: closing, by: [sector]}\n"
    "  w: {sum: weight, of: closing, where: {sector: Private}, by: [kind]}\n"
    "  m: {mean: places, of: closing, by: [kind]}\n"
    "  mw: {mean: weight, of: closing}\n"
    "  d: {distinct: sector, of: closing, by: [kind]}\n"
    "  du: {distinct: urn, of: closing}\n"
    "  dp: {distinct: places, of: closing, by: [opened]}\n"
    "  f: {count: closing, found_in: {table: opening, match: {urn: urn}}, by: [kind]}\n"
    "  x: {count: closing, missing_from: {table: opening, match: {urn: urn}, where: {sector: "
    "Private}}}\n"
    "  share: {formula: 100 * ck / c}\n"
    "  deep: {formula: \"(share - 3) * m / (ck - 1)\"}\n"
    "  other: {formula: f - o + x}\n"
    "  o: {count: opening, by: [kind]}\n";
static const char *const oracle_names[] = {"c",     "ck",   "cks",   "s",  "w", "m",
                                           "mw",    "d",    "du",    "dp", "f", "x",
                                           "share", "deep", "other", "o",  NULL};

static rng dice;

static uint32_t random_below(size_t n)
{
    return rnd(&dice, (uint32_t)n);
}

static const char *const row_kinds[] = {"", "Home", "home", "School", "A", "B"};
static const char *const row_sectors[] = {"", "Private", "Voluntary"};
static const char *const row_dates[] = {"", "2016-04-01", "2017-03-31"};

static void random_row(char *out, size_t size)
{
    int n = snprintf(out, size, "%s%u|%s|%s|", random_below(9) ? "U" : "", random_below(12),
                     row_kinds[random_below(6)], row_sectors[random_below(3)]);

    if (random_below(4))
        n += snprintf(out + n, size - (size_t)n, "%u", random_below(5));
    n += snprintf(out + n, size - (size_t)n, "|");
    if (random_below(4))
        n += snprintf(out + n, size - (size_t)n, "%u.%u", random_below(3), random_below(10));
    (void)snprintf(out + n, size - (size_t)n, "|%s\n", row_dates[random_below(3)]);
}

/* A first line that names every field, so that no column is ever missing. */
static const char *const whole_row = "U1|Home|Private|1|0.5|2016-04-01\n";

static void put_table(const char *name, char rows[][64], size_t count, const bool *gone)
{
    char text[ROWS_MAX * 64 + 64] = "";

    for (size_t i = 0; i < count; i++) {
        if (!gone || !gone[i])
            strcat(text, rows[i]);
    }
    fig_table(name, text);
}

static bool near(double x, double y)
{
    if (isnan(x) || isnan(y))
        return isnan(x) && isnan(y);
    return fabs(x - y) <= 1e-9 * fmax(1, fmax(fabs(x), fabs(y)));
}

static as_str group_name(const as_measure_result *r, size_t g)
{
    as_str name = AS_STR("");

    for (size_t k = 0; k < r->by_count; k++)
        name = as_arena_printf(
            fig.run, "%.*s%s%.*s", AS_FMT(name), k ? " / " : "",
            AS_FMT(r->groups[g].keys[k].ptr ? r->groups[g].keys[k] : S("(none)")));
    return name;
}

static const as_move *move_of(const as_move *moves, size_t count, const as_measure *m,
                              as_str group)
{
    const as_move *found = NULL;

    for (size_t i = 0; i < count; i++) {
        if (moves[i].measure == m && as_str_eq(moves[i].group, group)) {
            assert_null(found); /* told once */
            found = &moves[i];
        }
    }
    return found;
}

/* What the group is when the records are gone. One that no measure has any more: a count of it
 * is 0, and so is a share of it; `other` of it is what x is. */
static double again(const as_measure *m, const as_measure_result *r, const as_str *keys)
{
    const as_measured *g = as_measure_group(r, keys);

    if (g)
        return g->known ? g->value : (double)NAN;
    if (as_str_eq(m->name, S("other")))
        return fig_measure("x").groups[0].value;
    return m->op == AS_MEASURE_COUNT || as_str_eq(m->name, S("share")) ? 0 : (double)NAN;
}

static void against_leaving_them_out(void **state)
{
    (void)state;
    dice = (rng){20171103};
    for (unsigned n = 0; n < CASES; n++) {
        char rows[ROWS_MAX][64], before[ROWS_MAX][64];
        uint32_t left_out[ROWS_MAX];
        bool gone[ROWS_MAX] = {false};
        size_t count = 2 + random_below(ROWS_MAX - 2), chosen = 0, moved = 0, seen = 0;
        as_measure_result was[MEASURES_MAX];
        as_move *moves = NULL;

        fig_open(oracle_rules);
        if (n % 2)
            assert_int_equal(as_pool_open(&fig.pool, 3, &fig.err), AS_OK);
        for (size_t i = 0; i < ROWS_MAX; i++) {
            random_row(rows[i], sizeof rows[i]);
            random_row(before[i], sizeof before[i]);
        }
        strcpy(rows[0], whole_row);
        strcpy(before[0], whole_row);
        put_table("closing", rows, count, NULL);
        put_table("opening", before, 1 + random_below(ROWS_MAX - 1), NULL);
        bind_all(oracle_names);
        open_moves("closing");
        for (size_t i = 1; i < count; i++) { /* not the first: it keeps the columns */
            if (random_below(n % 3 ? 12 : 2) == 0) {
                gone[i] = true;
                left_out[chosen++] = (uint32_t)i;
            }
        }
        assert_int_equal(as_moves_without(all.moves, as_tables_find(fig_tables(), S("closing")),
                                          left_out, chosen, fig.run, &moves, &moved, &fig.err),
                         AS_OK);
        for (size_t i = 0; i < all.count; i++)
            was[i] = fig_measure(all.names[i]);
        put_table("closing", rows, count, gone);
        for (size_t i = 0; i < all.count; i++) {
            const as_measure *m = as_bound_measure_of(all.bound[i]);
            as_measure_result now = fig_measure(all.names[i]);
            for (size_t g = 0; g < was[i].count; g++) {
                const as_measured *old = &was[i].groups[g];
                const as_move *x = move_of(moves, moved, m, group_name(&was[i], g));
                double value = old->known ? old->value : (double)NAN;
                double want = again(m, &now, old->keys);
                seen += x != NULL;
                if (!near(x ? x->to : value, want))
                    fail_msg("case %u: %s %.*s was %g, is %g, not %g", n, all.names[i],
                             AS_FMT(group_name(&was[i], g)), value, want, x ? x->to : value);
                assert_true(!x || (near(x->from, value) && !near(x->from, x->to)));
            }
        }
        assert_int_equal(seen, moved); /* and nothing else */
        done();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(only_chosen_records_move),
        cmocka_unit_test(measures_that_fail_are_said),
        cmocka_unit_test(against_leaving_them_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
