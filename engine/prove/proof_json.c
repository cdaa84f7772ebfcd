/* proof_json.c: a proof as one JSON object (docs/formats/prove.md). Families, rules and faults
 * stand one a line, so that two proofs can be compared with diff. */
#include "prove/prove.h"
#include "reports/json_pairs.h"

#include <math.h>

#define LIST(name) AS_STR(",\n\"" name "\": [")

/* The next item of a list on a line of its own. */
static void next(as_buf *b, size_t i)
{
    as_buf_add(b, i ? AS_STR(",\n  {") : AS_STR("\n  {"));
}

static void families(as_buf *b, const as_proof *p)
{
    as_buf_add(b, LIST("families"));
    for (size_t i = 0; i < p->family_count; i++) {
        const as_proved_family *f = &p->families[i];
        next(b, i);
        text(b, FIRST("family"), as_str_from(f->name));
        count(b, KEY("planted"), f->planted);
        count(b, KEY("caught"), f->caught);
        count(b, KEY("told"), f->told);
        as_buf_addc(b, '}');
    }
    as_buf_addc(b, ']');
}

static void rules(as_buf *b, const as_proof *p)
{
    as_buf_add(b, LIST("rules"));
    for (size_t i = 0; i < p->rule_count; i++) {
        const as_proved_rule *r = &p->rules[i];
        next(b, i);
        text(b, FIRST("rule"), r->rule->id);
        text(b, KEY("severity"), as_str_from(as_severity_name(r->rule->severity)));
        as_buf_add(b, KEY("builtin"));
        as_buf_add(b, r->builtin ? AS_STR("true") : AS_STR("false"));
        count(b, KEY("planted"), r->planted);
        count(b, KEY("caught"), r->caught);
        count(b, KEY("alone"), r->alone);
        maybe(b, KEY("why"), r->why);
        as_buf_addc(b, '}');
    }
    as_buf_addc(b, ']');
}

static void fault(as_buf *b, const as_proof *p, const as_planted *f)
{
    static const char *const fates[] = {"caught", "told", "missed"};
    text(b, FIRST("fault"), as_str_from(as_fault_name(f->kind)));
    text(b, KEY("family"), as_str_from(as_fault_family(f->kind)));
    text(b, KEY("table"), f->table);
    maybe(b, KEY("field"), f->field);
    maybe(b, KEY("record"), f->key);
    place(b, KEY("line"), f->line);
    place(b, KEY("row"), f->row);
    maybe(b, KEY("change"), f->change);
    text(b, KEY("fate"), as_str_from(fates[f->fate]));
    as_buf_add(b, KEY("by"));
    as_buf_addc(b, '[');
    for (size_t i = 0; i < f->by_count; i++) {
        as_buf_add(b, i ? AS_STR(", ") : AS_NONE);
        as_json_str(b, p->rules[f->by[i]].rule->id);
    }
    as_buf_addc(b, ']');
    maybe(b, KEY("why"), f->why);
}

static void faults(as_buf *b, const as_proof *p, as_str key, bool caught)
{
    size_t n = 0;
    as_buf_add(b, key);
    for (size_t i = 0; i < p->count; i++) {
        if ((p->faults[i].fate == AS_FATE_CAUGHT) == caught) {
            next(b, n++);
            fault(b, p, &p->faults[i]);
            as_buf_addc(b, '}');
        }
    }
    as_buf_addc(b, ']');
}

static void gaps(as_buf *b, as_str key, const as_proof_gap *g, size_t n)
{
    as_buf_add(b, key);
    for (size_t i = 0; i < n; i++) {
        next(b, i);
        text(b, FIRST("table"), g[i].table);
        maybe(b, KEY("field"), g[i].field);
        text(b, KEY("why"), g[i].why);
        as_buf_addc(b, '}');
    }
    as_buf_addc(b, ']');
}

void as_proof_json(const as_proof *p, as_buf *b)
{
    as_buf_addc(b, '{');
    text(b, FIRST("assay"), AS_STR(ASSAY_VERSION));
    text(b, KEY("release"), p->release);
    count(b, KEY("seed"), p->seed);
    count(b, KEY("faults_each"), p->each);
    count(b, AS_STR(",\n\"planted\": "), p->count);
    count(b, KEY("caught"), p->caught);
    count(b, KEY("told"), p->told);
    as_buf_add(b, KEY("share"));
    as_json_num(b, round(100 * as_proof_share(p)) / 100);
    families(b, p);
    rules(b, p);
    faults(b, p, LIST("missed"), false);
    faults(b, p, LIST("found"), true);
    gaps(b, LIST("unread"), p->unread, p->unread_count);
    gaps(b, LIST("untested"), p->untested, p->untested_count);
    as_buf_add(b, AS_STR("}\n"));
}
