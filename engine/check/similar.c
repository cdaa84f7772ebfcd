/* similar.c: records that are probably the same: their texts are near in every fuzzy field, and
 * the exact fields of `within` are equal.
 *
 * Near: Levenshtein distance at most `at_most`, or Jaro-Winkler similarity at least `at_least`
 * (base/distance.h names the sources), of the texts as folded. Cost stays near linear as only
 * records of one block are compared; a block above `block_limit` is a finding, and so is a text
 * too long to be compared: nothing is left out in silence.
 *
 * Null: a record with a null in `within` is undecided; with `nulls: skip` so is one that has no
 * text left to compare. A pair for which `except` is undecided is not excused. */
#include "check/similar.h"
#include "base/alloc.h"
#include "check/evidence.h"
#include "check/params.h"

#include <stdlib.h>

extern const as_check_kind as_check_similar;

/* ---- bind ---- */

static void bind_fields(as_bind *b, similar_plan *p)
{
    const as_node *fields = as_params_get(b, "fields"), *within = as_params_get(b, "within");
    as_params_fields(b, b->schema, fields, "similar: fields", p->fields, &p->field_count,
                     SIMILAR_FIELDS_MAX);
    as_params_fields(b, b->schema, within, "similar: within", p->within, &p->within_count,
                     AS_KEY_FIELDS_MAX);
    for (size_t i = 0; i < p->within_count; i++)
        as_bind_read(b, p->within[i]);
    for (size_t i = 0; i < p->field_count; i++) {
        const as_field *f = &b->schema->fields[p->fields[i]];
        as_bind_read(b, p->fields[i]);
        if (f->type != AS_TYPE_TEXT && f->type != AS_TYPE_CODE)
            as_params_error(b, fields, "Put it into `within`, or compare it in `except`.",
                            "similar: fields: %.*s is %s, not text", AS_FMT(f->name),
                            as_type_name(f->type));
        for (size_t k = 0; k < p->within_count; k++)
            if (p->within[k] == p->fields[i])
                as_params_error(b, within, "Take it out of one of the two.",
                                "similar: %.*s is in `fields` and in `within`",
                                AS_FMT(f->name));
    }
}

static bool bind_count(as_bind *b, const char *key, const char *what, unsigned least,
                       unsigned most, uint32_t *out)
{
    const as_node *n = as_params_get(b, key);
    double x;
    if (!as_params_number(b, n, what, &x))
        return false;
    if (!(x >= least && x <= most) || x != (double)(uint32_t)x) {
        as_params_error(b, n, NULL, "%s is a whole number from %u to %u", what, least, most);
        return false;
    }
    *out = (uint32_t)x;
    return true;
}

static void bind_measure(as_bind *b, similar_plan *p)
{
    const as_node *most = as_params_get(b, "at_most"), *least = as_params_get(b, "at_least");
    uint32_t edits = 0;
    p->by_edits = most != NULL;
    if (!most == !least) {
        as_params_error(b, most ? least : b->rule->spec,
                        "at_most: 2 is a Levenshtein distance, at_least: 0.9 a Jaro-Winkler "
                        "similarity.",
                        "similar: needs one of `at_most` and `at_least`%s",
                        most ? ", not both" : "");
        return;
    }
    if (most && bind_count(b, "at_most", "similar: at_most", 0, AS_EDITS_MAX, &edits))
        p->at_most = edits;
    if (least && as_params_number(b, least, "similar: at_least", &p->at_least) &&
        !(p->at_least > 0 && p->at_least <= 1))
        as_params_error(b, least, NULL, "similar: at_least is above 0 and at most 1");
}

static void bind_choices(as_bind *b, similar_plan *p)
{
    static const char *const folds[] = {"letters_and_digits", "ascii_letters_and_digits",
                                        "case", "none", NULL};
    static const as_fold fold_of[] = {AS_FOLD_LETTERS, AS_FOLD_ASCII, AS_FOLD_CASE,
                                      AS_FOLD_NONE};
    static const char *const nulls[] = {"skip", "empty", NULL};
    static const char *const reports[] = {"clusters", "pairs", NULL};
    int fold = 0, null = 0, report = 0;
    as_params_enum(b, as_params_get(b, "fold"), "similar: fold", folds, &fold);
    as_params_enum(b, as_params_get(b, "nulls"), "similar: nulls", nulls, &null);
    as_params_enum(b, as_params_get(b, "report"), "similar: report", reports, &report);
    p->fold = fold_of[fold];
    p->nulls_empty = null == 1;
    p->pairs = report == 1;
    p->block_limit = 20000;
    bind_count(b, "block_limit", "similar: block_limit", 2, AS_ALIKE_MAX, &p->block_limit);
}

static as_code bind_except(as_bind *b, similar_plan *p, as_err *e)
{
    const as_node *n = as_params_get(b, "except");
    as_cond_env env = b->env;
    env.other = b->schema;
    env.plain = AS_SIDE_OTHER;
    p->except = n ? as_cond_parse(&env, n) : NULL;
    if (!p->except)
        return AS_OK; /* not written, or reported */
    as_bind_cond(b, p->except, b->rule->table);
    p->except_words = as_evidence_words(b->arena, p->except, b->schema, b->schema);
    return p->except_words.ptr ? AS_OK : as_fail_nomem(e);
}

/* What a message may name besides fields; similar_tell fills them. */
static void bind_extras(as_bind *b, const similar_plan *p)
{
    as_bind_extra(b, AS_STR("count"));
    as_bind_extra(b, AS_STR("block"));
    as_bind_extra(b, p->by_edits ? AS_STR("distance") : AS_STR("similarity"));
    for (size_t i = 0; i < 2 * p->field_count; i++) {
        as_str name = as_arena_printf(b->arena, "nearest_%zu.%.*s", i % 2 + 1,
                                      AS_FMT(b->schema->fields[p->fields[i / 2]].name));
        if (name.ptr)
            as_bind_extra(b, name);
        else
            b->nomem = true;
    }
}

static as_code bind(as_bind *b, void **out, as_err *e)
{
    similar_plan *p = AS_NEW(b->arena, similar_plan);
    if (!p)
        return as_fail_nomem(e);
    *out = p;
    if (!as_params_block(b, &as_check_similar))
        return AS_OK;
    bind_fields(b, p);
    bind_measure(b, p);
    bind_choices(b, p);
    bind_extras(b, p);
    return bind_except(b, p, e);
}

/* ---- eval: who takes part ---- */

typedef struct selection {
    const similar_context *c;
    as_buf *raw, *folded; /* one a worker */
} selection;

static bool keeps_first(as_str text)
{
    unsigned char c = text.len ? (unsigned char)text.ptr[0] : 0;
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Is there something left to compare in each field? */
static bool has_texts(const selection *s, unsigned worker, uint32_t row)
{
    const similar_plan *p = s->c->p;
    as_buf *raw = &s->raw[worker], *folded = &s->folded[worker];
    for (size_t f = 0; f < p->field_count; f++) {
        as_str text = as_cell_text(s->c->t, &s->c->t->columns[p->fields[f]], row, raw);
        if (keeps_first(text))
            continue; /* every way to fold keeps it */
        as_buf_clear(folded);
        as_text_fold_as(folded, text, p->fold);
        if (folded->len == 0)
            return false;
    }
    return true;
}

static as_code select_block(void *arg, unsigned worker, uint32_t begin, uint32_t n,
                            uint8_t *out, as_scan_part *part, as_err *e)
{
    const selection *s = arg;
    as_code code = as_bound_block(s->c->where, begin, n, out, s->c->ev->scratch[worker], e);
    if (code != AS_OK || s->c->p->nulls_empty)
        return code;
    for (uint32_t i = 0; i < n; i++)
        if (out[i] == AS_TRUE && !has_texts(s, worker, begin + i)) {
            out[i] = AS_FALSE;
            part->selected++;
            part->undecided++;
        }
    return s->raw[worker].failed || s->folded[worker].failed ? as_fail_nomem(e) : AS_OK;
}

static as_code find_blocks(similar_context *c, as_arena *a, as_result *out, as_err *e)
{
    const unsigned jobs = as_eval_jobs(c->ev);
    selection s = {c, as_calloc(jobs, sizeof *s.raw), as_calloc(jobs, sizeof *s.folded)};
    as_key key = {.table = c->t, .count = c->p->within_count};
    as_code code = s.raw && s.folded ? AS_OK : as_fail_nomem(e);
    memcpy(key.fields, c->p->within, key.count * sizeof *key.fields);
    for (unsigned i = 0; code == AS_OK && i < jobs; i++)
        s.raw[i] = s.folded[i] = AS_BUF(4 * AS_FIELD_MAX);
    if (code == AS_OK)
        code = as_same_key_find(c->ev, &key, select_block, &s, a, &c->blocks, out, e);
    for (unsigned i = 0; s.raw && s.folded && i < jobs; i++) {
        as_buf_free(&s.raw[i]);
        as_buf_free(&s.folded[i]);
    }
    as_free(s.raw);
    as_free(s.folded);
    return code;
}

/* ---- eval: findings ---- */

typedef struct maker {
    const similar_context *c;
    similar_state *state;
    as_result *out;
    size_t count, used; /* of state->found, of state->rows */
} maker;

/* Blocks above the limit leave c->blocks; each is a finding, its size for detail. */
static as_code take_out_large(similar_context *c, as_findings *large, as_err *e)
{
    as_same_key *x = &c->blocks;
    size_t kept = 0, at = 0, begin = 0;
    as_code code = AS_OK;
    for (size_t b = 0; code == AS_OK && b < x->count; b++) {
        size_t end = x->start[b + 1], n = end - begin; /* start[b] may be another's by now */
        if (n > c->p->block_limit) {
            as_finding f = {x->rows[begin], c->p->within[0], AS_NO_ROW, (uint32_t)n};
            code = as_findings_add(large, f) ? AS_OK : as_fail_nomem(e);
        } else {
            memmove(x->rows + at, x->rows + begin, n * sizeof *x->rows);
            x->start[kept++] = at;
            at += n;
        }
        begin = end;
    }
    if (x->count)
        x->start[kept] = at;
    x->count = kept;
    return code;
}

static as_code add(maker *m, as_finding f, similar_found found, as_err *e)
{
    f.detail = (uint32_t)m->count;
    m->state->found[m->count++] = found;
    return as_findings_add(&m->out->findings, f) ? AS_OK : as_fail_nomem(e);
}

/* Large blocks (detail: their size) and long texts (detail: 0). */
static as_code add_left_out(maker *m, const as_findings *x, similar_what what, as_err *e)
{
    as_code code = AS_OK;
    for (size_t i = 0; code == AS_OK && i < x->count; i++)
        code =
            add(m, x->items[i], (similar_found){.what = what, .count = x->items[i].detail}, e);
    return code;
}

static as_code add_pairs(maker *m, const as_findings *near, as_err *e)
{
    const uint32_t *rows = m->c->blocks.rows;
    as_code code = AS_OK;
    for (size_t i = 0; code == AS_OK && i < near->count; i++) {
        uint32_t a = rows[near->items[i].row], b = rows[near->items[i].other];
        m->state->rows[m->used] = a;
        m->state->rows[m->used + 1] = b;
        code = add(m, (as_finding){a, m->c->p->fields[0], b, 0},
                   (similar_found){SIMILAR_ALIKE, m->used, 2, a, b}, e);
        m->used += 2;
    }
    return code;
}

/* Slots ascend, and within a block rows with them: so do the members of a group. place[root]:
 * where its finding is, plus 1. */
static as_code add_groups(maker *m, similar_node *nodes, uint32_t slots, uint32_t *place,
                          as_err *e)
{
    const uint32_t *rows = m->c->blocks.rows;
    as_code code = AS_OK;
    for (uint32_t i = 0; code == AS_OK && i < slots; i++) {
        uint32_t root = similar_root(nodes, i);
        similar_pair near = nodes[root].nearest;
        if (root == i && near.a != UINT32_MAX) { /* the lowest slot is the root */
            code = add(m, (as_finding){rows[i], m->c->p->fields[0], AS_NO_ROW, 0},
                       (similar_found){SIMILAR_ALIKE, 0, 0, rows[near.a], rows[near.b]}, e);
            place[i] = (uint32_t)m->count;
        }
        if (place[root])
            m->state->found[place[root] - 1].count++;
    }
    for (uint32_t i = 0; code == AS_OK && i < slots; i++)
        if (place[i]) {
            similar_found *f = &m->state->found[place[i] - 1];
            f->start = m->used;
            m->used += f->count;
            f->count = 0;
        }
    for (uint32_t i = 0; code == AS_OK && i < slots; i++) {
        uint32_t of = place[similar_root(nodes, i)];
        if (of) {
            similar_found *f = &m->state->found[of - 1];
            m->state->rows[f->start + f->count++] = rows[i];
        }
    }
    return code;
}

static as_code add_clusters(maker *m, const as_findings *near, as_err *e)
{
    const as_same_key *blocks = &m->c->blocks;
    uint32_t slots = blocks->count ? (uint32_t)blocks->start[blocks->count] : 0;
    if (near->count == 0)
        return AS_OK;
    similar_node *nodes = as_alloc(slots * sizeof *nodes);
    uint32_t *place = as_calloc(slots, sizeof *place);
    as_code code = nodes && place ? AS_OK : as_fail_nomem(e);
    if (code == AS_OK) {
        similar_forest_init(nodes, slots);
        for (size_t i = 0; i < near->count; i++) {
            const as_finding *f = &near->items[i];
            (void)similar_join(nodes, 0, (similar_pair){f->detail, f->row, f->other});
        }
        code = add_groups(m, nodes, slots, place, e);
    }
    as_free(nodes);
    as_free(place);
    return code;
}

/* No two are alike: `other` is the second of a pair. */
static int in_order(const void *a, const void *b)
{
    const as_finding *x = a, *y = b;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return x->other != y->other ? x->other < y->other ? -1 : 1 : 0;
}

static as_code make_findings(const similar_context *c, const as_findings *large,
                             const as_findings *too_long, const as_findings *near,
                             as_result *out, as_err *e)
{
    maker m = {.c = c, .out = out, .state = AS_NEW(c->ev->arena, similar_state)};
    if (!m.state)
        return as_fail_nomem(e);
    /* each group has as many pairs as members but one, at least */
    m.state->found =
        AS_NEW_N(c->ev->arena, similar_found, large->count + too_long->count + near->count);
    m.state->rows = AS_NEW_N(c->ev->arena, uint32_t, 2 * near->count);
    if (!m.state->found || !m.state->rows)
        return as_fail_nomem(e);
    out->state = m.state;
    as_code code = add_left_out(&m, large, SIMILAR_TOO_MANY, e);
    if (code == AS_OK)
        code = add_left_out(&m, too_long, SIMILAR_TOO_LONG, e);
    if (code == AS_OK)
        code = c->p->pairs ? add_pairs(&m, near, e) : add_clusters(&m, near, e);
    if (out->findings.count)
        qsort(out->findings.items, out->findings.count, sizeof *out->findings.items, in_order);
    return code;
}

static as_code look(similar_context *c, as_arena *a, as_result *out, as_err *e)
{
    as_findings large = {0}, too_long = {0}, near = {0};
    as_code code = find_blocks(c, a, out, e);
    if (code == AS_OK)
        code = take_out_large(c, &large, e);
    if (code == AS_OK)
        code = similar_near(c, &near, &too_long, e);
    if (code == AS_OK)
        code = make_findings(c, &large, &too_long, &near, out, e);
    as_findings_free(&large);
    as_findings_free(&too_long);
    as_findings_free(&near);
    return code;
}

static as_code eval(as_eval *ev, const as_bind *b, const void *plan, as_result *out, as_err *e)
{
    similar_context c = {.ev = ev, .p = plan};
    as_bound *where = NULL, *except = NULL;
    as_code code = as_eval_table(ev, b, b->rule->table, &c.t, e);
    if (code == AS_OK)
        code = as_bound_make(&where, b->where, c.t, NULL, ev->arena, e);
    if (code == AS_OK && c.p->except)
        code = as_bound_make(&except, c.p->except, c.t, c.t, ev->arena, e);
    if (code != AS_OK)
        return code;
    as_arena *a = as_arena_open(); /* the blocks: only while eval runs */
    c.where = where;
    c.except = except;
    code = a ? look(&c, a, out, e) : as_fail_nomem(e);
    as_arena_close(a);
    return code;
}

static const as_param_doc params[] = {
    {"fields", "fields", true,
     "The texts that are compared, one or several: each must be near."},
    {"within", "fields", true,
     "The block: only records with the same values here are compared with each other."},
    {"at_most", "number", false,
     "Levenshtein distance up to which texts are near: characters inserted, deleted or "
     "replaced. Either this or `at_least`."},
    {"at_least", "number", false,
     "Jaro-Winkler similarity from which texts are near, above 0 and at most 1."},
    {"fold", "enum:letters_and_digits|ascii_letters_and_digits|case|none", false,
     "What is compared: letters and digits of any script without case and accents (the "
     "default); `a` to `z` and `0` to `9` alone, case folded; the text with case and white "
     "space folded; the text as it is."},
    {"nulls", "enum:skip|empty", false,
     "A record that has no text left in one of the fields is undecided (the default), or is "
     "compared with the empty text."},
    {"except", "condition", false,
     "Pairs that are legitimate, either way round. Plain names are one record's, `{record: f}` "
     "is the other's."},
    {"report", "enum:clusters|pairs", false,
     "One finding for all records that are near each other, also through others (the default), "
     "or one for each pair."},
    {"block_limit", "number", false,
     "Records of one block that are compared (20000 unless said, at most 100000). A larger "
     "block is a finding."},
    {NULL, NULL, false, NULL},
};

const as_check_kind as_check_similar = {
    .name = "similar",
    .summary = "records that are probably the same: texts near each other within a block",
    .detail =
        "Records with the same values in `within` are compared with each other; those whose "
        "texts are near in every\n"
        "field of `fields` are probable duplicates. One finding for each cluster, with all its "
        "members: records belong\n"
        "together when they are near or when others between them are. It says the nearest pair "
        "and how near it is.\n\n"
        "`at_most` is the Levenshtein distance (V. I. Levenshtein, 1966): the least number of "
        "characters inserted,\n"
        "deleted or replaced; a swap of neighbours counts as two. `at_least` is the "
        "Jaro-Winkler similarity (M. A. Jaro,\n"
        "1989; W. E. Winkler, 1990): a common prefix of up to 4 characters adds 0.1 of what is "
        "missing to 1 for each,\n"
        "where the similarity without it is above 0.7; transpositions are halved and rounded "
        "down. Both count\n"
        "characters (code points) of the folded text. Equal texts are near by either.\n\n"
        "A pair for which `except` holds, either way round, is not near: a home that was "
        "closed "
        "before the other was\n"
        "registered. Where it cannot be decided the pair stays.\n\n"
        "A block above `block_limit` is a finding of its own and not compared; so is a text of "
        "more than 4,096\n"
        "characters. Leave words such as REDACTED out with `where`. Records with a null in "
        "`within`, and with\n"
        "`nulls: skip` those that have no text left in one of the fields, are left out and "
        "counted as undecided.\n\n"
        "A message may name `{count}`, `{block}`, `{distance}` or `{similarity}`, and "
        "`{nearest_1.FIELD}`,\n"
        "`{nearest_2.FIELD}` of the nearest pair. A finding is known by the keys of its "
        "members: another member makes\n"
        "it another finding, which must be decided on again.",
    .level = AS_LEVEL_GROUP,
    .needs_table = true,
    .params = params,
    .example =
        "rules:\n"
        "  - id: EX-SIM-001\n"
        "    name: probable-duplicates\n"
        "    title: A provider is in the register once\n"
        "    why: A provider that is there twice under nearly the same name is counted twice.\n"
        "    severity: warning\n"
        "    table: providers\n"
        "    where: {postcode: {not: [REDACTED, UNKNOWN]}}\n"
        "    similar:\n"
        "      fields: [name]\n"
        "      within: [postcode]\n"
        "      at_most: 2\n"
        "      except: {registration_status: Resigned, registered: {below: {record: "
        "registered}}}\n"
        "    flags:\n"
        "      - - {urn: A1, name: Oak House, postcode: LS1 1AA}\n"
        "        - {urn: A2, name: \"OAKS HOUSE.\", postcode: LS1 1AA}\n"
        "    passes:\n"
        "      - - {urn: A1, name: Oak House, postcode: LS1 1AA}\n"
        "        - {urn: A2, name: Elm House, postcode: LS1 1AA}\n"
        "        - {urn: A3, name: Oak House, postcode: LS2 2BB}\n"
        "      - - {urn: A1, name: Oak House, postcode: LS1 1AA, registration_status: "
        "Resigned, "
        "registered: 2001-01-01}\n"
        "        - {urn: A2, name: Oak House, postcode: LS1 1AA, registered: 2015-06-01}\n",
    .bind = bind,
    .eval = eval,
    .describe = similar_tell,
};
