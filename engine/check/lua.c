/* lua.c: records, or groups of records, for which a Lua predicate says so.
 *
 * A predicate is pure, so it is called once per distinct combination of the values that it
 * reads (memo.h), by each worker for itself in a sandbox of its own; where combinations are
 * nearly as many as records it is called for each. With `per` it is called once for each group,
 * with the group's records in the order of `order`.
 *
 * Sentences are kept per worker while the workers run; afterwards as_finding.detail is an index
 * into all of them. An error of the script is the rule's error (the first in row order), never
 * a finding and never a pass. */
#include "base/alloc.h"
#include "check/evidence.h"
#include "check/memo.h"
#include "check/params.h"
#include "check/scan.h"

#include <stdlib.h>

#define READS_MAX 64

typedef struct plan {
    as_predicate predicate;
    uint32_t reads[READS_MAX];
    uint32_t per[AS_KEY_FIELDS_MAX], order[AS_KEY_FIELDS_MAX];
    size_t per_count, order_count;
} plan;

extern const as_check_kind as_check_lua;

/* ---- bind ---- */

/* A block scalar starts on the line after its `|`. */
static as_span chunk_place(const as_node *n)
{
    as_span at = n->at;
    if (n->quoted && as_str_find(n->text, AS_STR("\n")) != (size_t)-1)
        at.line++;
    return at;
}

/* Syntax is checked here, so that a broken chunk is told with all other mistakes. */
static as_code try_compile(as_bind *b, const plan *p, as_err *e)
{
    static const as_lua_setup nothing;
    as_lua *lua = NULL;
    as_err why = {0};
    int handle;
    as_code code = as_lua_open(&lua, &nothing, e);
    if (code != AS_OK)
        return code;
    code = as_lua_compile(lua, &p->predicate, &handle, &why);
    as_lua_close(lua);
    if (code == AS_ENOMEM)
        return as_fail_nomem(e);
    if (code != AS_OK)
        as_diags_error(b->diags, &why);
    return AS_OK;
}

static void bind_groups(as_bind *b, plan *p)
{
    const as_node *per = as_node_get(b->rule->node, "per"),
                  *order = as_node_get(b->rule->node, "order");
    as_params_fields(b, b->schema, per, "per", p->per, &p->per_count, AS_KEY_FIELDS_MAX);
    as_params_fields(b, b->schema, order, "order", p->order, &p->order_count,
                     AS_KEY_FIELDS_MAX);
    if (order && !per)
        as_params_error(
            b, order, "Add `per: [field]`, or drop `order`.",
            "lua: `order` is the order of a group's records, and there are no groups");
    for (size_t i = 0; i < p->per_count; i++)
        as_bind_read(b, p->per[i]);
    for (size_t i = 0; i < p->order_count; i++)
        as_bind_read(b, p->order[i]);
}

static as_code bind(as_bind *b, void **out, as_err *e)
{
    plan *p = AS_NEW(b->arena, plan);
    size_t count = 0;
    if (!p)
        return as_fail_nomem(e);
    *out = p;
    const as_node *spec = b->rule->spec, *reads = as_node_get(b->rule->node, "reads");
    if (!spec || spec->kind != AS_NODE_SCALAR || spec->text.len == 0) {
        as_params_error(b, spec, "Write `lua: |` and the chunk, indented, on the lines below.",
                        "lua: the predicate is text");
        return AS_OK;
    }
    if (!reads)
        as_params_error(b, spec, "Add `reads: [field, …]` to the rule.",
                        "lua: say which fields the predicate reads");
    as_params_fields(b, b->schema, reads, "reads", p->reads, &count, READS_MAX);
    for (size_t i = 0; i < count; i++)
        as_bind_read(b, p->reads[i]);
    bind_groups(b, p);
    p->predicate = (as_predicate){.name = b->rule->id,
                                  .chunk = spec->text,
                                  .at = chunk_place(spec),
                                  .schema = b->schema,
                                  .reads = p->reads,
                                  .read_count = count};
    return try_compile(b, p, e);
}

/* ---- what workers keep ---- */

typedef struct answer {
    uint8_t truth;
    uint32_t text; /* of a false one: index into the worker's sentences */
} answer;

/* A sentence, with what a group's finding needs to be told. */
typedef struct sentence {
    as_str why;
    uint32_t leader; /* first record of the group; AS_NO_ROW: no groups */
    bool named;      /* the script named a record: the finding is about that one */
} sentence;

typedef struct worker {
    as_lua *lua;
    int handle;
    as_memo *memo;
    answer *answers; /* by number of the memo */
    size_t room;
    sentence *sentences;
    size_t count, size;
    uint32_t *rows; /* of a group */
    size_t rows_size;
    as_arena *arena; /* texts */
    as_buf why, tmp_a, tmp_b;
} worker;

typedef struct context {
    as_eval *ev;
    const as_bind *b;
    const plan *p;
    const as_table *t;
    const as_bound *where;
    as_key key; /* per */
    const as_index *index;
    worker *workers;
    uint32_t field; /* to blame: the only field read, or AS_NO_FIELD */
} context;

/* What describe needs. */
typedef struct state {
    sentence *sentences;
    const as_index *index;
} state;

static as_code ready(const context *c, unsigned number, as_err *e)
{
    worker *w = &c->workers[number];
    if (w->lua)
        return AS_OK;
    as_lua *lua;
    as_code code = as_eval_lua(c->ev, number, &lua, e);
    if (code == AS_OK)
        code = as_lua_compile(lua, &c->p->predicate, &w->handle, e);
    if (code == AS_OK)
        w->lua = lua;
    return code;
}

static as_code keep_sentence(worker *w, uint32_t leader, bool named, uint32_t *out, as_err *e)
{
    if (w->count == w->size) {
        size_t size = w->size ? 2 * w->size : 64;
        sentence *grown = as_realloc(w->sentences, size * sizeof *grown);
        if (!grown)
            return as_fail_nomem(e);
        w->sentences = grown;
        w->size = size;
    }
    sentence s = {as_arena_str(w->arena, as_buf_str(&w->why)), leader, named};
    if (!s.why.ptr)
        return as_fail_nomem(e);
    *out = (uint32_t)w->count;
    w->sentences[w->count++] = s;
    return AS_OK;
}

/* ---- record by record ---- */

static as_code ask(const context *c, worker *w, uint32_t row, answer *out, as_err *e)
{
    as_truth truth;
    as_code code = as_lua_call(w->lua, w->handle, c->t, row, &truth, &w->why, e);
    *out = (answer){(uint8_t)truth, 0};
    if (code == AS_OK && truth == AS_FALSE)
        code = keep_sentence(w, AS_NO_ROW, false, &out->text, e);
    return code;
}

/* `other` carries the worker until all sentences are in one place. */
static as_code tell(const context *c, unsigned number, const answer *a, uint32_t row,
                    as_scan_part *part, as_err *e)
{
    as_finding f = {row, c->field, number, a->text};
    if (a->truth == AS_FALSE && !as_findings_add(&part->findings, f))
        return as_fail_nomem(e);
    return AS_OK;
}

static as_code ask_fresh(const context *c, worker *w, const uint32_t *fresh, uint32_t count,
                         uint32_t known, as_err *e)
{
    as_code code = AS_OK;
    if (known + count > w->room) {
        size_t room = 2 * (size_t)(known + count);
        answer *answers = as_realloc(w->answers, room * sizeof *answers);
        if (!answers)
            return as_fail_nomem(e);
        w->answers = answers;
        w->room = room;
    }
    for (uint32_t i = 0; code == AS_OK && i < count; i++)
        code = ask(c, w, fresh[i], &w->answers[known + i], e);
    return code;
}

static as_code by_memo(const context *c, unsigned number, uint32_t begin, uint32_t n,
                       const uint8_t *where, as_scan_part *part, as_err *e)
{
    worker *w = &c->workers[number];
    uint32_t slots[AS_BLOCK], fresh[AS_BLOCK], fresh_count, known;
    as_code code =
        as_memo_block(w->memo, begin, n, where, slots, fresh, &fresh_count, &known, e);
    if (code == AS_OK)
        code = ask_fresh(c, w, fresh, fresh_count, known, e);
    uint32_t selected = 0, undecided = 0;
    for (uint32_t i = 0; code == AS_OK && i < n; i++) {
        if (where[i] != AS_TRUE)
            continue;
        const answer *a = &w->answers[slots[i]];
        selected++;
        undecided += a->truth == AS_UNDECIDED;
        if (a->truth == AS_FALSE)
            code = tell(c, number, a, begin + i, part, e);
    }
    part->selected += selected;
    part->undecided += undecided;
    return code;
}

static as_code one_by_one(const context *c, unsigned number, uint32_t begin, uint32_t n,
                          const uint8_t *where, as_scan_part *part, as_err *e)
{
    as_code code = AS_OK;
    for (uint32_t i = 0; code == AS_OK && i < n; i++) {
        answer a;
        if (where[i] != AS_TRUE)
            continue;
        code = ask(c, &c->workers[number], begin + i, &a, e);
        part->selected++;
        part->undecided += code == AS_OK && a.truth == AS_UNDECIDED;
        if (code == AS_OK)
            code = tell(c, number, &a, begin + i, part, e);
    }
    return code;
}

static as_code look_at_records(void *arg, unsigned number, uint32_t begin, uint32_t n,
                               as_scan_part *part, as_err *e)
{
    const context *c = arg;
    worker *w = &c->workers[number];
    uint8_t where[AS_BLOCK];
    as_code code = as_bound_block(c->where, begin, n, where, c->ev->scratch[number], e);
    if (code != AS_OK || !memchr(where, AS_TRUE, n))
        return code;
    code = ready(c, number, e);
    if (code == AS_OK && !w->memo)
        code = as_memo_open(&w->memo, c->t, c->p->reads, c->p->predicate.read_count, e);
    if (code != AS_OK)
        return code;
    if (as_memo_worth(w->memo))
        return by_memo(c, number, begin, n, where, part, e);
    return one_by_one(c, number, begin, n, where, part, e);
}

/* ---- group by group ---- */

typedef struct sorter {
    const context *c;
    worker *w;
} sorter;

/* Null after everything else. */
static int by_field(const sorter *s, uint32_t field, uint32_t x, uint32_t y)
{
    const as_column *c = &s->c->t->columns[field];
    bool no_x = as_cell_null(c, x), no_y = as_cell_null(c, y);
    if (no_x || no_y)
        return no_x - no_y;
    if (c->layout == AS_LAYOUT_INT) {
        int64_t a = as_cell_int(c, x), b = as_cell_int(c, y);
        return (a > b) - (a < b);
    }
    if (c->layout == AS_LAYOUT_NUM || c->layout == AS_LAYOUT_DATE) {
        double a = as_cell_num(c, x), b = as_cell_num(c, y);
        return (a > b) - (a < b);
    }
    return as_str_cmp(as_cell_text(s->c->t, c, x, &s->w->tmp_a),
                      as_cell_text(s->c->t, c, y, &s->w->tmp_b));
}

static int by_order(const void *a, const void *b, void *arg)
{
    const sorter *s = arg;
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    for (size_t i = 0; i < s->c->p->order_count; i++) {
        int cmp = by_field(s, s->c->p->order[i], x, y);
        if (cmp)
            return cmp;
    }
    return (x > y) - (x < y);
}

static as_code gather(const context *c, worker *w, uint32_t leader, size_t *count, as_err *e)
{
    *count = 0;
    for (uint32_t row = leader; row != AS_NO_ROW; row = as_index_next(c->index, row)) {
        if (*count == w->rows_size) {
            size_t size = w->rows_size ? 2 * w->rows_size : 64;
            uint32_t *rows = as_realloc(w->rows, size * sizeof *rows);
            if (!rows)
                return as_fail_nomem(e);
            w->rows = rows;
            w->rows_size = size;
        }
        w->rows[(*count)++] = row;
    }
    sorter s = {c, w};
    if (c->p->order_count)
        qsort_r(w->rows, *count, sizeof *w->rows, by_order, &s);
    return AS_OK;
}

static as_code ask_group(const context *c, unsigned number, uint32_t leader, as_scan_part *part,
                         as_err *e)
{
    worker *w = &c->workers[number];
    size_t count;
    as_truth truth;
    uint32_t which, text;
    as_code code = gather(c, w, leader, &count, e);
    if (code == AS_OK)
        code = as_lua_call_group(w->lua, w->handle, c->t, w->rows, count, &truth, &which,
                                 &w->why, e);
    if (code != AS_OK)
        return code;
    part->selected++;
    part->undecided += truth == AS_UNDECIDED;
    if (truth != AS_FALSE)
        return AS_OK;
    code = keep_sentence(w, leader, which != AS_NO_ROW, &text, e);
    as_finding f = {which == AS_NO_ROW ? leader : which, c->field, number, text};
    if (code == AS_OK && !as_findings_add(&part->findings, f))
        code = as_fail_nomem(e);
    return code;
}

static as_code look_at_groups(void *arg, unsigned number, uint32_t begin, uint32_t n,
                              as_scan_part *part, as_err *e)
{
    const context *c = arg;
    uint8_t where[AS_BLOCK];
    uint64_t hashes[AS_BLOCK];
    uint32_t first[AS_BLOCK];
    as_code code = as_bound_block(c->where, begin, n, where, c->ev->scratch[number], e);
    if (code == AS_OK)
        code = ready(c, number, e);
    if (code != AS_OK)
        return code;
    as_key_block(&c->key, begin, n, hashes);
    as_index_first_block(c->index, &c->key, begin, n, hashes, first);
    for (uint32_t i = 0; code == AS_OK && i < n; i++) {
        if (where[i] != AS_TRUE)
            continue;
        part->key_nulls += hashes[i] == 0;
        if (first[i] == begin + i)
            code = ask_group(c, number, begin + i, part, e);
    }
    return code;
}

static void close_arena(void *arena)
{
    as_arena_close(arena);
}

static void close_index(void *index)
{
    as_index_close(index);
}

/* The index outlives the run of the rule: describe lists a group's records by it. */
static as_code open_groups(context *c, const as_bound *where, as_err *e)
{
    uint8_t *select = NULL;
    as_index *index = NULL;
    as_code code = AS_OK;
    c->key = (as_key){.table = c->t, .count = c->p->per_count};
    memcpy(c->key.fields, c->p->per, c->p->per_count * sizeof *c->p->per);
    if (where)
        code = as_bound_all(&select, where, c->t, c->ev->pool, c->ev->arena, e);
    if (code == AS_OK)
        code = as_index_open(&index, &c->key, select, e);
    if (code == AS_OK && !as_arena_on_close(c->ev->arena, close_index, index))
        code = as_fail_nomem(e);
    c->index = index;
    return code;
}

/* ---- eval ---- */

static int by_row(const void *a, const void *b)
{
    uint32_t x = ((const as_finding *)a)->row, y = ((const as_finding *)b)->row;
    return (x > y) - (x < y);
}

/* All workers' sentences in one array, findings pointing into it. A group's finding may be
 * about a record of a later row than the next group's, so row order is made here. */
static as_code collect(const context *c, unsigned jobs, as_result *out, as_err *e)
{
    size_t all = 0;
    size_t *base = AS_NEW_N(c->ev->arena, size_t, jobs + 1);
    state *s = AS_NEW(c->ev->arena, state);
    for (unsigned i = 0; i < jobs; i++)
        all += c->workers[i].count;
    if (!base || !s)
        return as_fail_nomem(e);
    s->index = c->index;
    s->sentences = AS_NEW_N(c->ev->arena, sentence, all + 1);
    if (!s->sentences)
        return as_fail_nomem(e);
    for (unsigned i = 0; i < jobs; i++) {
        const worker *w = &c->workers[i];
        if (w->count)
            memcpy(s->sentences + base[i], w->sentences, w->count * sizeof *w->sentences);
        base[i + 1] = base[i] + w->count;
    }
    for (size_t i = 0; i < out->findings.count; i++) {
        as_finding *f = &out->findings.items[i];
        f->detail += (uint32_t)base[f->other];
        f->other = AS_NO_ROW;
    }
    if (c->p->per_count && out->findings.count)
        qsort(out->findings.items, out->findings.count, sizeof *out->findings.items, by_row);
    out->state = s;
    return AS_OK;
}

/* Here, and not when a worker first works: the run's arena is for the calling thread alone. */
static as_code open_workers(context *c, unsigned jobs, as_err *e)
{
    c->workers = as_calloc(jobs, sizeof *c->workers);
    for (unsigned i = 0; c->workers && i < jobs; i++) {
        worker *w = &c->workers[i];
        w->why = AS_BUF(AS_MESSAGE_MAX);
        w->tmp_a = AS_BUF(AS_FIELD_MAX);
        w->tmp_b = AS_BUF(AS_FIELD_MAX);
        w->arena = as_arena_open();
        if (!w->arena || !as_arena_on_close(c->ev->arena, close_arena, w->arena))
            return as_fail_nomem(e);
    }
    return c->workers ? AS_OK : as_fail_nomem(e);
}

static void close_workers(context *c, unsigned jobs)
{
    for (unsigned i = 0; c->workers && i < jobs; i++) {
        worker *w = &c->workers[i];
        as_memo_close(w->memo);
        as_free(w->answers);
        as_free(w->sentences);
        as_free(w->rows);
        as_buf_free(&w->why);
        as_buf_free(&w->tmp_a);
        as_buf_free(&w->tmp_b);
    }
    as_free(c->workers);
}

static as_code eval(as_eval *ev, const as_bind *b, const void *plan_, as_result *out, as_err *e)
{
    const plan *p = plan_;
    const unsigned jobs = as_eval_jobs(ev);
    context c = {.ev = ev, .b = b, .p = p, .field = AS_NO_FIELD};
    as_bound *where = NULL;
    as_code code = as_eval_table(ev, b, b->rule->table, &c.t, e);
    if (code == AS_OK)
        code = as_bound_make(&where, b->where, c.t, NULL, ev->arena, e);
    if (code == AS_OK && p->per_count)
        code = open_groups(&c, where, e);
    if (code != AS_OK)
        return code;
    c.where = where;
    if (p->predicate.read_count == 1)
        c.field = p->reads[0];
    code = open_workers(&c, jobs, e);
    if (code == AS_OK)
        code =
            as_scan(ev, c.t->rows, p->per_count ? look_at_groups : look_at_records, &c, out, e);
    if (code == AS_OK)
        code = collect(&c, jobs, out, e);
    close_workers(&c, jobs);
    return code;
}

/* ---- describe ---- */

static as_code list_group(const state *s, uint32_t leader, as_arena *a, uint32_t **rows,
                          size_t *count, as_err *e)
{
    size_t n = 0;
    for (uint32_t row = leader; row != AS_NO_ROW; row = as_index_next(s->index, row))
        n++;
    *rows = AS_NEW_N(a, uint32_t, n);
    if (!*rows)
        return as_fail_nomem(e);
    *count = 0;
    for (uint32_t row = leader; row != AS_NO_ROW; row = as_index_next(s->index, row))
        (*rows)[(*count)++] = row;
    return AS_OK;
}

static as_code describe_group(const plan *p, const as_table *t, uint32_t leader,
                              as_evidence *out, as_err *e)
{
    as_key key = {.table = t, .count = p->per_count};
    as_buf text = AS_BUF(AS_EVIDENCE_MAX);
    memcpy(key.fields, p->per, p->per_count * sizeof *p->per);
    as_key_text(&key, leader, &text);
    out->key = text.failed ? AS_NONE : as_arena_str(out->arena, as_buf_str(&text));
    as_buf_free(&text);
    for (size_t i = 0; i < p->per_count; i++)
        out->key_sensitive = out->key_sensitive || t->schema->fields[p->per[i]].sensitive;
    return out->key.ptr ? AS_OK : as_fail_nomem(e);
}

static as_code describe(const as_eval *ev, const as_bind *b, const void *plan_,
                        const as_result *r, const as_finding *f, as_evidence *out, as_err *e)
{
    const plan *p = plan_;
    const state *s = r->state;
    const sentence *said = &s->sentences[f->detail];
    uint32_t alone = f->row, *rows = &alone;
    size_t count = 1;
    as_code code = as_evidence_tables(ev, b, AS_NONE, out, e);
    const as_table *t = out->table;
    if (code == AS_OK && said->leader != AS_NO_ROW)
        code = list_group(s, said->leader, out->arena, &rows, &count, e);
    if (code == AS_OK && said->leader != AS_NO_ROW && !said->named) {
        out->members = rows;
        out->member_count = count;
        code = describe_group(p, t, said->leader, out, e);
    }
    out->expected = b->rule->title.len ? b->rule->title : AS_STR("the predicate holds");
    out->sentence = said->why.len ? said->why : AS_STR("the predicate does not hold");
    /* The script may have quoted sensitive values of any record that it saw. */
    for (size_t i = 0; code == AS_OK && i < count; i++)
        code = as_evidence_mask(t, rows[i], p->reads, p->predicate.read_count, out->arena,
                                &out->sentence, e);
    return code;
}

static const as_param_doc params[] = {
    {"", "lua", true,
     "The chunk: `r` is the record, `p` the parameters, with `per` `g` is the list of the "
     "group's records."},
    {NULL, NULL, false, NULL},
};

const as_check_kind as_check_lua = {
    .name = "lua",
    .summary = "records or groups for which a Lua predicate says so",
    .detail = "The chunk returns `true` (holds), `false` or a sentence (a finding), or `nil` "
              "(undecided); anything\n"
              "else, or an error, makes the rule an `error`. The rule's `reads` names the "
              "fields that it may read. A\n"
              "predicate is pure: it is called once for each distinct combination of their "
              "values.\n\n"
              "With `per: [field…]` the chunk is called once for each group of selected "
              "records with the same values,\n"
              "and `g` is the list of its records, sorted by `order: [field…]` (nulls last; "
              "records that are equal in\n"
              "it stand as in the file). It may `return i, \"sentence\"` to blame record i. "
              "Records with a null in\n"
              "`per` are in no group; their number is reported.\n\n"
              "Values of sensitive fields that the sentence quotes are masked.",
    .level = AS_LEVEL_RECORD,
    .needs_table = true,
    .params = params,
    .example =
        "rules:\n"
        "  - id: EX-LUA-001\n"
        "    name: council-owner\n"
        "    title: A council's homes are in the local authority sector\n"
        "    why: A setting in the wrong sector moves counts between sectors.\n"
        "    table: providers\n"
        "    reads: [owner, sector]\n"
        "    lua: |\n"
        "      if not r.owner then return nil end\n"
        "      if assay.fold(r.owner):find(\"council\", 1, true) and r.sector ~= \"Local "
        "Authority\" then\n"
        "        return (\"owner %q reads like a local authority\"):format(r.owner)\n"
        "      end\n"
        "      return true\n"
        "    flags:\n"
        "      - {urn: A1, owner: Leeds City Council, sector: Private}\n"
        "    passes:\n"
        "      - {urn: A2, owner: Leeds City Council, sector: Local Authority}\n"
        "      - {urn: A3, owner: Rose Homes Ltd, sector: Private}\n"
        "\n"
        "  - id: EX-LUA-002\n"
        "    name: inspections-apart\n"
        "    title: A provider is not inspected twice within a month\n"
        "    why: Two full inspections in a few days are one that was entered twice.\n"
        "    table: inspections\n"
        "    where: {event_type: Full inspection, inspection_date: present}\n"
        "    reads: [inspection_date]\n"
        "    per: [urn]\n"
        "    order: [inspection_date]\n"
        "    lua: |\n"
        "      for i = 2, #g do\n"
        "        local days = g[i].inspection_date - g[i - 1].inspection_date\n"
        "        if days < 28 then return i, (\"%d days after the one before\"):format(days) "
        "end\n"
        "      end\n"
        "      return true\n"
        "    flags:\n"
        "      - - {urn: A1, event_type: Full inspection, inspection_date: 2016-05-20}\n"
        "        - {urn: A1, event_type: Full inspection, inspection_date: 2016-05-01}\n"
        "    passes:\n"
        "      - - {urn: A1, event_type: Full inspection, inspection_date: 2016-05-01}\n"
        "        - {urn: A2, event_type: Full inspection, inspection_date: 2016-05-20}\n",
    .bind = bind,
    .eval = eval,
    .describe = describe,
};
