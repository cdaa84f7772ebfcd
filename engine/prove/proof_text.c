/* proof_text.c: a proof for people: families, what gets through and why, rules that never
 * fired, what nobody looks at. Misses of one kind in one field for one reason are one entry
 * with an example. */
#include "prove/prove.h"
#include "reports/text.h"

typedef struct style {
    const char *bold, *red, *green, *plain;
} style;

static style style_of(bool color)
{
    return color ? (style){"\033[1m", "\033[1;31m", "\033[32m", "\033[0m"}
                 : (style){"", "", "", ""};
}

static void add_count(as_buf *b, size_t n, int width)
{
    as_buf digits = AS_BUF(64);
    as_text_number(&digits, (double)n);
    as_buf_addf(b, "%*s", width, digits.ptr ? digits.ptr : "");
    as_buf_free(&digits);
}

static void row(as_buf *b, const char *name, size_t planted, size_t caught)
{
    as_buf_addf(b, "  %-12s", name);
    add_count(b, planted, 9);
    add_count(b, caught, 9);
    as_buf_addf(b, " %7.1f\n", planted ? 100.0 * (double)caught / (double)planted : 100.0);
}

static void families(const as_proof *p, as_buf *b, style s)
{
    as_buf_addf(b, "%s  %-12s%9s%9s %7s%s\n", s.bold, "family", "planted", "caught", "%",
                s.plain);
    for (size_t i = 0; i < p->family_count; i++) {
        row(b, p->families[i].name, p->families[i].planted, p->families[i].caught);
    }
    row(b, "all", p->count, p->caught);
}

/* ---- what gets through ---- */

static bool alike(const as_planted *a, const as_planted *b)
{
    return a->kind == b->kind && as_str_eq(a->table, b->table) &&
           as_str_eq(a->field, b->field) && as_str_eq(a->why, b->why);
}

/* Faults of one kind in one field stand together, so the first of an entry is near. */
static bool is_first(const as_proof *p, size_t i)
{
    for (size_t k = i; k-- > 0 && p->faults[k].kind == p->faults[i].kind;) {
        if (p->faults[k].fate != AS_FATE_CAUGHT && alike(&p->faults[k], &p->faults[i])) {
            return false;
        }
    }
    return true;
}

static void entry(const as_proof *p, size_t i, as_buf *b, style s)
{
    const as_planted *f = &p->faults[i];
    size_t missed = 0, planted = 0;
    for (size_t k = 0; k < p->count; k++) {
        const as_planted *x = &p->faults[k];
        bool here = x->kind == f->kind && as_str_eq(x->table, f->table) &&
                    as_str_eq(x->field, f->field);
        planted += here;
        missed += here && x->fate != AS_FATE_CAUGHT && as_str_eq(x->why, f->why);
    }
    as_buf_addf(b, "  %s%.*s%s%.*s%s: %s (%zu of %zu)\n", s.bold, AS_FMT(f->table),
                f->field.len ? "." : "", AS_FMT(f->field), s.plain, as_fault_text(f->kind),
                missed, planted);
    as_buf_add(b, AS_STR("    "));
    as_text_visible(b, f->why, true);
    as_buf_addc(b, '\n');
    if (f->key.len || f->change.len) {
        as_buf_add(b, AS_STR("    e.g. "));
        as_text_visible(b, f->key, true);
        as_buf_add(b, f->key.len && f->change.len ? AS_STR(", ") : AS_NONE);
        as_text_visible(b, f->change, true);
        as_buf_addc(b, '\n');
    }
}

static void through(const as_proof *p, as_buf *b, size_t list, style s)
{
    size_t shown = 0, entries = 0;
    size_t missed = p->count - p->caught;
    if (missed == 0) {
        return;
    }
    as_buf_addf(b, "\n%sWhat gets through%s: ", s.bold, s.plain);
    add_count(b, missed, 0);
    as_buf_addf(b, missed == 1 ? " fault\n" : " faults\n");
    for (size_t i = 0; i < p->count; i++) {
        if (p->faults[i].fate == AS_FATE_CAUGHT || !is_first(p, i)) {
            continue;
        }
        entries++;
        if (shown < list) {
            entry(p, i, b, s);
            shown++;
        }
    }
    if (entries > shown) {
        as_buf_addf(b, "  %zu more sorts are not shown; --all shows them\n", entries - shown);
    }
}

/* ---- rules and gaps ---- */

static void silent_rules(const as_proof *p, as_buf *b, style s)
{
    size_t silent = 0, asked = 0;
    for (size_t i = 0; i < p->rule_count; i++) {
        asked += !p->rules[i].builtin && !p->rules[i].off;
        silent += !p->rules[i].builtin && !p->rules[i].off && p->rules[i].caught == 0;
    }
    as_buf_addf(b, "\n%sRules that nothing made fire%s: %zu of %zu\n", s.bold, s.plain, silent,
                asked);
    for (size_t i = 0; i < p->rule_count; i++) {
        const as_proved_rule *r = &p->rules[i];
        if (!r->builtin && !r->off && r->caught == 0) {
            as_buf_addf(b, "  %.*s ", AS_FMT(r->rule->id));
            as_text_visible(b, r->rule->title, true);
            as_buf_add(b, AS_STR("\n    "));
            as_text_visible(b, r->why, true);
            as_buf_addc(b, '\n');
        }
    }
}

static void gaps(const char *title, const as_proof_gap *g, size_t n, as_buf *b, style s)
{
    if (n == 0) {
        return;
    }
    as_buf_addf(b, "\n%s%s%s: %zu\n", s.bold, title, s.plain, n);
    for (size_t i = 0; i < n; i++) {
        bool same_why =
            i && as_str_eq(g[i].why, g[i - 1].why) && as_str_eq(g[i].table, g[i - 1].table);
        if (!same_why) {
            as_buf_addf(b, "%s  %.*s, ", i ? "\n" : "", AS_FMT(g[i].table));
            as_text_visible(b, g[i].why, true);
            as_buf_add(b, g[i].field.len ? AS_STR(": ") : AS_NONE);
        } else {
            as_buf_add(b, AS_STR(", "));
        }
        as_text_visible(b, g[i].field, false);
    }
    as_buf_addc(b, '\n');
}

void as_proof_text(const as_proof *p, as_buf *b, size_t list, double least, bool color)
{
    style s = style_of(color);
    bool enough = as_proof_share(p) >= least;
    as_text_visible(b, p->release, true);
    as_buf_addf(b, "\n%u %s of each kind in each field, seed %llu\n\n", p->each,
                p->each == 1 ? "fault" : "faults", (unsigned long long)p->seed);
    families(p, b, s);
    through(p, b, list, s);
    silent_rules(p, b, s);
    gaps(p->some_rules ? "Fields that the rules asked for do not look at"
                       : "Fields that no rule of the pack looks at",
         p->unread, p->unread_count, b, s);
    gaps("Nothing was planted in", p->untested, p->untested_count, b, s);
    as_buf_addf(b, "\n%s%s%s  %.1f%% of ", enough ? s.green : s.red, enough ? "PASS" : "FAIL",
                s.plain, as_proof_share(p));
    add_count(b, p->count, 0);
    as_buf_addf(b, " planted faults were caught; asked for %g%%\n", least);
}
