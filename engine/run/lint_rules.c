/* lint_rules.c: rules that can never find anything, that contradict each other, that repeat
 * each other: what the grammar of conditions can prove (rules/cond_prove.h), and nothing else.
 *
 * Order: as_lint_rules → one by one (conditions that never hold, expectations that always do) →
 * two by two, of one table. A rule whose own conditions are at fault is not held against
 * others. What is said holds whatever a release sets the parameters to. */
#include "base/limits.h"
#include "rules/cond_prove.h"
#include "run/plan.h"

#include <stdio.h>
#include <stdlib.h>

/* A rule as it is looked at here. */
typedef struct judged {
    const as_bound_rule *bound;
    const as_rule *rule;
    const as_schema *schema;
    const as_cond *where, *expect; /* expect: the block, where that is a condition */
    as_str block; /* kind, settings and what else decides what it finds, written in one way */
    uint64_t fields; /* read by where and expect; bits stand for several */
    bool faulty;
} judged;

typedef struct linter {
    const as_project *project;
    as_arena *arena;
    as_diags *diags;
    judged *rules;
    size_t count;
    bool nomem;
} linter;

/* ---- conditions ---- */

static const as_cond *parse(linter *l, as_cond_env env, const as_node *n)
{
    as_diags mistakes; /* told when the rule was bound */
    as_diags_init(&mistakes, l->arena);
    env.arena = l->arena;
    env.diags = &mistakes;
    return n && env.self ? as_cond_parse(&env, n) : NULL;
}

static as_str words(linter *l, const as_cond *c, const as_schema *self, const as_schema *other)
{
    as_buf out = AS_BUF(AS_MESSAGE_MAX);
    as_cond_words(c, self, other, &out);
    as_str text = out.failed ? AS_STR("…") : as_arena_str(l->arena, as_buf_str(&out));
    as_buf_free(&out);
    return text;
}

static void note_field(void *arg, as_side side, uint32_t field)
{
    uint64_t *fields = arg;
    if (side == AS_SIDE_SELF)
        *fields |= (uint64_t)1 << (field % 64);
}

static bool never_true(const as_truth *t)
{
    return t[0] != AS_TRUE;
}

static bool never_false(const as_truth *t)
{
    return t[0] != AS_FALSE;
}

static bool never_holds(const as_cond *c, const as_schema *self, const as_schema *other)
{
    as_proof p;
    return c && as_proof_make(&p, self, other, &c, 1) && as_proof_all(&p, never_true);
}

/* ---- the block in one way of writing ---- */

static int by_key(const void *x, const void *y)
{
    const as_pair *a = x, *b = y;
    return as_str_cmp(a->key->text, b->key->text);
}

static void write_node(linter *l, const as_node *n, as_buf *out);

static void write_map(linter *l, const as_node *n, as_buf *out)
{
    as_pair *sorted = AS_NEW_N(l->arena, as_pair, n->count + 1);
    l->nomem |= !sorted;
    if (!sorted)
        return;
    if (n->count)
        memcpy(sorted, n->pairs, n->count * sizeof *sorted);
    qsort(sorted, n->count, sizeof *sorted, by_key);
    for (size_t i = 0; i < n->count; i++) {
        as_buf_addf(out, "%s%.*s: ", i ? ", " : "{", AS_FMT(sorted[i].key->text));
        write_node(l, sorted[i].value, out);
    }
    as_buf_addc(out, '}');
}

/* A list of one is written as the one. The depth is that of the YAML: AS_YAML_DEPTH_MAX. */
static void write_node(linter *l, const as_node *n, as_buf *out)
{
    if (n->kind == AS_NODE_MAP) {
        write_map(l, n, out);
        return;
    }
    for (size_t i = 0; n->kind == AS_NODE_SEQ && i < n->count; i++) {
        as_buf_addf(out, "%s", i ? ", " : n->count > 1 ? "[" : "");
        write_node(l, n->items[i], out);
    }
    if (n->kind == AS_NODE_SEQ) {
        as_buf_addf(out, "%s", n->count > 1 ? "]" : "");
        return;
    }
    as_buf_addf(out, "%s\"%.*s\"", n->quoted ? "" : "plain ", AS_FMT(n->text));
}

/* Keys of a rule that say what it is called, how bad it is and how it is tried. */
static bool decides(as_str key)
{
    static const char *const others[] = {"id",       "name",     "title", "why",     "source",
                                         "steward",  "severity", "where", "message", "allow",
                                         "on_empty", "off",      "flags", "passes"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (as_str_eq(key, as_str_from(others[i])))
            return false;
    return true;
}

static as_str write_block(linter *l, const as_bound_rule *r)
{
    as_node rest = *r->rule->node;
    as_buf out = AS_BUF(AS_YAML_FILE_MAX);
    rest.pairs = AS_NEW_N(l->arena, as_pair, rest.count + 1);
    rest.count = 0;
    for (size_t i = 0; rest.pairs && i < r->rule->node->count; i++)
        if (decides(r->rule->node->pairs[i].key->text))
            rest.pairs[rest.count++] = r->rule->node->pairs[i];
    if (rest.pairs)
        write_node(l, &rest, &out);
    as_str text =
        out.failed || !rest.pairs ? AS_NONE : as_arena_str(l->arena, as_buf_str(&out));
    as_buf_free(&out);
    l->nomem |= !text.ptr;
    return text;
}

/* ---- one rule ---- */

static void tell(linter *l, judged *j, const as_node *at, const char *hint, const char *what)
{
    as_diag_add(l->diags, AS_DIAG_WARNING, at ? at->at : j->rule->at, hint, "rule %.*s %s",
                AS_FMT(j->rule->id), what);
    j->faulty = true;
}

static bool selected_passes(const as_truth *t)
{
    return t[0] != AS_TRUE || t[1] != AS_FALSE;
}

static bool selected_undecided(const as_truth *t)
{
    return t[0] != AS_TRUE || t[1] == AS_UNDECIDED;
}

static void judge_expect(linter *l, judged *j)
{
    const as_cond *both[] = {j->where, j->expect};
    as_proof p, alone;
    if (!j->expect || !as_proof_make(&p, j->schema, NULL, both, 2) ||
        !as_proof_all(&p, selected_passes))
        return;
    if (as_proof_all(&p, selected_undecided))
        tell(l, j, j->rule->spec,
             "a comparison with null is undecided, which is no finding: write `present: true` "
             "beside it",
             "can never find anything: what it expects is undecided for every record that it "
             "selects");
    else if (as_proof_make(&alone, j->schema, NULL, &j->expect, 1) &&
             as_proof_all(&alone, never_false))
        tell(l, j, j->rule->spec, "say what a wrong record looks like",
             "can never find anything: no record breaks what it expects");
    else
        tell(l, j, j->rule->spec, "drop what `where` already says, or widen `where`",
             "can never find anything: `where` selects only records for which it holds");
}

/* A condition inside the kind's block, on this record or (where a table is named beside it) the
 * other table's. */
static void judge_inner(linter *l, judged *j, const as_key_doc *params, const as_key_doc *k)
{
    char parent[64] = "", text[64];
    as_cond_env env = j->bound->bind.env;
    const as_node *block = j->rule->spec, *n;
    const char *dot = strrchr(k->name, '.');
    if (dot)
        snprintf(parent, sizeof parent, "%.*s", (int)(dot - k->name), k->name);
    for (const char *at = parent; *at && block;
         at += strcspn(at, ".") + (strchr(at, '.') != 0)) {
        snprintf(text, sizeof text, "%.*s", (int)strcspn(at, "."), at);
        block = as_node_get(block, text);
    }
    n = as_node_get(block, as_key_under(k, parent));
    for (const as_key_doc *t = params; n && t->name; t++) {
        const char *own = strcmp(t->type, "table") == 0 ? as_key_under(t, parent) : NULL;
        const as_node *name = own ? as_node_get(block, own) : NULL;
        if (!name || name->kind != AS_NODE_SCALAR)
            continue;
        const as_schema *s = as_project_table_schema(l->project, name->text);
        env.self = dot ? s : env.self;
        env.other = dot ? NULL : s;
        env.plain = dot ? AS_SIDE_SELF : AS_SIDE_OTHER;
    }
    const as_cond *c = parse(l, env, n);
    if (never_holds(c, env.self, env.other))
        as_diag_add(l->diags, AS_DIAG_WARNING, n->at, "",
                    "rule %.*s: `%s` never holds: no record can be so: %.*s",
                    AS_FMT(j->rule->id), k->name, AS_FMT(words(l, c, env.self, env.other)));
}

/* Fields by which records are found or grouped: where one is null, the record is left out. */
static void judge_key(linter *l, judged *j, const as_node *field)
{
    uint32_t index = field->kind == AS_NODE_SCALAR && j->schema
                         ? as_schema_field(j->schema, field->text)
                         : AS_NO_FIELD;
    as_cond present = {.op = AS_COND_PRESENT, .field = index, .other = AS_NO_FIELD};
    as_cond all = {.op = AS_COND_ALL, .field = AS_NO_FIELD, .other = AS_NO_FIELD};
    as_cond *kids[] = {(as_cond *)j->where, &present};
    if (index == AS_NO_FIELD || !j->where)
        return;
    all.kids = kids;
    all.kid_count = 2;
    if (never_holds(&all, j->schema, NULL))
        tell(l, j, field, "records with a null in the key are not matched with each other",
             "can never find anything: `where` selects only records in which this field is "
             "null");
}

static void judge_keys(linter *l, judged *j, const as_key_doc *k)
{
    bool itself = k->name[0] == '\0' && strcmp(k->type, "fields") == 0;
    bool named = strcmp(k->name, "key") == 0 || strcmp(k->name, "match") == 0;
    const as_node *n = itself  ? j->rule->spec
                       : named ? as_node_get(j->rule->spec, k->name)
                               : NULL;
    if (n && n->kind == AS_NODE_SCALAR)
        judge_key(l, j, n);
    for (size_t i = 0; n && n->kind != AS_NODE_SCALAR && !j->faulty && i < n->count; i++)
        judge_key(l, j, n->kind == AS_NODE_MAP ? n->pairs[i].key : n->items[i]);
}

static void judge(linter *l, judged *j)
{
    const as_key_doc *params = j->bound->kind->params;
    if (never_holds(j->where, j->schema, NULL)) {
        as_str so = words(l, j->where, j->schema, NULL);
        as_diag_add(l->diags, AS_DIAG_WARNING, j->rule->where->at, "",
                    "rule %.*s looks at nothing: no record can be so: %.*s",
                    AS_FMT(j->rule->id), AS_FMT(so));
        j->faulty = true;
        return;
    }
    judge_expect(l, j);
    for (const as_key_doc *k = params; k && k->name; k++) {
        if (k->name[0] && strcmp(k->type, "condition") == 0)
            judge_inner(l, j, params, k);
        judge_keys(l, j, k);
    }
    if (j->rule->allow_percent && j->rule->allow >= 100)
        tell(l, j, as_node_get(j->rule->node, "allow"),
             "write a smaller share, or `off: reason`", "tolerates every finding");
}

/* ---- two rules ---- */

/* Truths are in the order where, expect, where, expect. */
static bool second_within_first(const as_truth *t)
{
    bool first = t[0] == AS_TRUE && t[1] == AS_FALSE,
         second = t[2] == AS_TRUE && t[3] == AS_FALSE;
    return !second || first;
}

static bool first_within_second(const as_truth *t)
{
    bool first = t[0] == AS_TRUE && t[1] == AS_FALSE,
         second = t[2] == AS_TRUE && t[3] == AS_FALSE;
    return !first || second;
}

static bool one_broken(const as_truth *t)
{
    return t[0] != AS_TRUE || t[2] != AS_TRUE || t[1] == AS_FALSE || t[3] == AS_FALSE;
}

static bool apart(const as_truth *t)
{
    return t[0] != AS_TRUE || t[2] != AS_TRUE;
}

static bool first_broken(const as_truth *t)
{
    return apart(t) || t[1] == AS_FALSE;
}

static bool second_broken(const as_truth *t)
{
    return apart(t) || t[3] == AS_FALSE;
}

/* Each rule is told once: what it has in common with a third says no more. */
static void tell_two(linter *l, judged *at, const judged *other, const char *hint,
                     const char *what)
{
    as_diag_add(l->diags, AS_DIAG_WARNING, at->rule->at, hint, "rule %.*s finds %s %.*s",
                AS_FMT(at->rule->id), what, AS_FMT(other->rule->id));
    at->faulty = true;
}

/* A rule that finds less but weighs more is a second level, not a repetition. */
static void tell_within(linter *l, judged *less, const judged *more)
{
    if (less->rule->severity <= more->rule->severity)
        tell_two(l, less, more, "remove it, or say in `where` what it alone looks at",
                 "nothing that is not found by");
}

static void tell_contradiction(linter *l, judged *at, const judged *other)
{
    as_diag_add(l->diags, AS_DIAG_WARNING, at->rule->at,
                "narrow the `where` of one of them, or correct what it expects",
                "rules %.*s and %.*s contradict each other: every record that both look at "
                "breaks one of them",
                AS_FMT(at->rule->id), AS_FMT(other->rule->id));
    at->faulty = true;
}

static void hold_expects(linter *l, judged *a, judged *b)
{
    const as_cond *conds[] = {a->where, a->expect, b->where, b->expect};
    as_proof p;
    if (!(a->fields & b->fields) || !as_proof_make(&p, a->schema, NULL, conds, 4))
        return;
    bool less = as_proof_all(&p, second_within_first),
         more = as_proof_all(&p, first_within_second);
    if (less && more)
        tell_two(l, b, a, "remove one of them", "exactly what is found by");
    else if (less)
        tell_within(l, b, a);
    else if (more)
        tell_within(l, a, b);
    else if (as_proof_all(&p, one_broken) && !as_proof_all(&p, apart) &&
             !as_proof_all(&p, first_broken) && !as_proof_all(&p, second_broken))
        tell_contradiction(l, b, a);
}

static bool same_selection(const as_truth *t)
{
    return (t[0] == AS_TRUE) == (t[1] == AS_TRUE);
}

static void hold_blocks(linter *l, const judged *a, judged *b)
{
    const as_cond *conds[] = {a->where, b->where};
    as_proof p;
    if (!as_str_eq(a->block, b->block))
        return;
    if ((!a->where && !b->where) ||
        (as_proof_make(&p, a->schema, NULL, conds, 2) && as_proof_all(&p, same_selection)))
        tell_two(l, b, a, "remove one of them", "exactly what is found by");
}

static void hold_together(linter *l)
{
    for (size_t j = 0; j < l->count; j++) {
        for (size_t i = 0; i < j; i++) {
            judged *a = &l->rules[i], *b = &l->rules[j];
            if (a->faulty || b->faulty || !as_str_eq(a->rule->table, b->rule->table))
                continue;
            if (a->expect && b->expect)
                hold_expects(l, a, b);
            else if (a->bound->kind == b->bound->kind)
                hold_blocks(l, a, b);
        }
    }
}

/* ---- all ---- */

static void begin(linter *l, const as_bound_rule *r)
{
    judged *j = &l->rules[l->count++];
    const as_key_doc *first = r->kind->params;
    bool condition =
        first && first->name && !first->name[0] && !strcmp(first->type, "condition");
    *j =
        (judged){.bound = r, .rule = r->rule, .schema = r->bind.schema, .where = r->bind.where};
    j->expect = condition ? parse(l, r->bind.env, r->rule->spec) : NULL;
    j->block = write_block(l, r);
    as_cond_fields(j->where, note_field, &j->fields);
    as_cond_fields(j->expect, note_field, &j->fields);
}

static void judge_measures(linter *l)
{
    const as_project *p = l->project;
    for (size_t i = 0; i < p->measure_count; i++) {
        const as_measure *m = &p->measures[i];
        as_cond_env env = {.project = p, .plain = AS_SIDE_SELF};
        env.self = m->table.len ? as_project_table_schema(p, m->table) : NULL;
        const as_cond *c = parse(l, env, m->where);
        if (never_holds(c, env.self, NULL))
            as_diag_add(l->diags, AS_DIAG_WARNING, m->where->at, "",
                        "measure `%.*s` counts nothing: no record can be so: %.*s",
                        AS_FMT(m->name), AS_FMT(words(l, c, env.self, NULL)));
    }
}

as_code as_lint_rules(const as_plan *plan, as_diags *d, as_err *e)
{
    linter l = {.project = plan->project, .arena = as_arena_open(), .diags = d};
    l.rules = l.arena ? AS_NEW_N(l.arena, judged, plan->count + 1) : NULL;
    l.nomem = !l.rules;
    for (size_t i = 0; !l.nomem && i < plan->count; i++)
        if (!plan->rules[i]->builtin && !plan->rules[i]->rule->off)
            begin(&l, plan->rules[i]);
    for (size_t i = 0; !l.nomem && i < l.count; i++)
        judge(&l, &l.rules[i]);
    if (!l.nomem)
        judge_measures(&l);
    if (!l.nomem)
        hold_together(&l);
    as_arena_close(l.arena);
    return l.nomem ? as_fail_nomem(e) : AS_OK;
}
