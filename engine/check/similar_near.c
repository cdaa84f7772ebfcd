/* similar_near.c: see similar.h. Which records of a block are near each other.
 *
 * 1. The texts of all records that share their block with another are folded once.
 * 2. Each block is sorted by the length of its first text; records with the same texts make a
 * run, which is compared as one.
 * 3. A text is compared with those from its own length to what the limit allows, and only where
 * their bags of characters allow it: for Levenshtein each edit removes one character and adds
 * one at most; for Jaro-Winkler the similarity is bounded by the characters in common, the
 * lengths and the prefix.
 *
 * Work is cut into strips, small blocks together and a large block by its texts, whatever the
 * number of workers. A strip keeps the groups of its own pairs and hands on only what joined
 * two or was the nearest, so that a block in which all are alike gives no more than it has
 * records; and it does not compare what can say nothing new, so that such a block is no slow
 * one.
 */
#include "base/alloc.h"
#include "base/distance.h"
#include "check/similar.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#define SLOTS_A_CHUNK 4096u
#define BLOCKS_A_CHUNK 256u
#define STRIP_COST 65536u    /* comparisons of small blocks together */
#define STRIP_PAIRS 2000000u /* comparisons of a part of a large block */
#define LEFT_OUT UINT32_MAX

/* A record in its block; the block's items are sorted by length. */
typedef struct item {
    uint64_t bag, hash; /* of the first text, of all */
    uint32_t length;    /* code points of the first text; LEFT_OUT: one is too long */
    uint32_t prefix;    /* its first bytes */
    uint32_t slot;
    uint32_t run; /* how many items from here on have the same texts; 0: not the first */
} item;

typedef struct strip {
    size_t block, blocks_end;
    uint32_t from, to; /* items of the block, where it is one */
} strip;

typedef struct chunk {
    as_buf bytes;
    size_t longest;
} chunk;

typedef struct worker {
    as_pattern *patterns[SIMILAR_FIELDS_MAX];
    similar_node *nodes;
    as_buf raw, folded;
} worker;

typedef struct matcher {
    const similar_context *c;
    size_t slots;
    as_str *texts; /* [slot][field] */
    item *items;   /* by block */
    chunk *chunks;
    strip *strips;
    size_t strip_count, most_slots; /* of one strip */
    worker *workers;
    _Atomic size_t pairs;
} matcher;

/* ---- 1: texts ---- */

void similar_fold(const similar_plan *p, const as_table *t, size_t f, uint32_t row, as_buf *raw,
                  as_buf *out)
{
    as_str text = as_cell_text(t, &t->columns[p->fields[f]], row, raw);
    as_text_fold_as(out, text, p->fold);
    out->failed = out->failed || raw->failed;
}

/* Until the chunk is done `ptr` is no place but counted from its beginning. */
static as_code fold_slot(matcher *m, worker *w, size_t slot, chunk *out, as_scan_part *part,
                         as_err *e)
{
    const similar_plan *p = m->c->p;
    const uint32_t row = m->c->blocks.rows[slot];
    item *x = &m->items[slot];
    *x = (item){.slot = (uint32_t)slot};
    for (size_t f = 0; f < p->field_count; f++) {
        as_buf_clear(&w->folded);
        similar_fold(p, m->c->t, f, row, &w->raw, &w->folded);
        as_str text = as_buf_str(&w->folded);
        if (w->folded.failed)
            return as_fail_nomem(e);
        size_t length = as_text_length(text);
        if (length > AS_COMPARED_MAX) {
            x->length = LEFT_OUT;
            as_finding long_one = {row, p->fields[f], AS_NO_ROW, 0};
            return as_findings_add(&part->findings, long_one) ? AS_OK : as_fail_nomem(e);
        }
        if (f == 0) {
            x->length = (uint32_t)length;
            x->bag = as_text_bag(text);
            memcpy(&x->prefix, text.ptr, text.len < 4 ? text.len : 4);
        }
        x->hash = as_hash_join(x->hash, as_hash(text));
        m->texts[slot * p->field_count + f] = (as_str){NULL, text.len};
        out->longest = text.len > out->longest ? text.len : out->longest;
        as_buf_add(&out->bytes, text);
    }
    return out->bytes.failed ? as_fail_nomem(e) : AS_OK;
}

/* Slots are in the order of blocks, so their texts lie anywhere in the file. */
static void expect_texts(const matcher *m, size_t slot, size_t end)
{
    const size_t ahead = 16;
    const uint32_t *rows = m->c->blocks.rows;
    for (size_t f = 0; f < m->c->p->field_count; f++) {
        const as_column *c = &m->c->t->columns[m->c->p->fields[f]];
        if (slot + 2 * ahead < end)
            as_cell_expect(m->c->t, c, rows[slot + 2 * ahead], false);
        if (slot + ahead < end)
            as_cell_expect(m->c->t, c, rows[slot + ahead], true);
    }
}

static as_code fold_slots(void *arg, unsigned number, size_t begin, size_t end,
                          as_scan_part *part, as_err *e)
{
    matcher *m = arg;
    chunk *out = &m->chunks[begin / SLOTS_A_CHUNK];
    const size_t fields = m->c->p->field_count;
    as_code code = AS_OK;
    out->bytes = AS_BUF((size_t)SLOTS_A_CHUNK * SIMILAR_FIELDS_MAX * 4 * AS_COMPARED_MAX);
    for (size_t slot = begin; code == AS_OK && slot < end; slot++) {
        expect_texts(m, slot, end);
        code = fold_slot(m, &m->workers[number], slot, out, part, e);
    }
    const char *at = out->bytes.ptr ? out->bytes.ptr : "";
    for (size_t i = begin * fields; code == AS_OK && i < end * fields; i++) {
        m->texts[i].ptr = at;
        at += m->texts[i].len;
    }
    return code;
}

/* ---- 2: blocks ---- */

static int by_length(const void *a, const void *b)
{
    const item *x = a, *y = b;
    if (x->length != y->length)
        return x->length < y->length ? -1 : 1;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->slot < y->slot ? -1 : 1;
}

static bool same_texts(const matcher *m, const item *x, const item *y)
{
    const size_t fields = m->c->p->field_count;
    for (size_t f = 0; f < fields; f++)
        if (!as_str_eq(m->texts[x->slot * fields + f], m->texts[y->slot * fields + f]))
            return false;
    return true;
}

static as_code sort_blocks(void *arg, unsigned number, size_t begin, size_t end,
                           as_scan_part *part, as_err *e)
{
    matcher *m = arg;
    const as_same_key *blocks = &m->c->blocks;
    (void)number, (void)part, (void)e;
    for (size_t b = begin; b < end; b++) {
        item *items = m->items + blocks->start[b], *first = items;
        size_t n = blocks->start[b + 1] - blocks->start[b];
        qsort(items, n, sizeof *items, by_length);
        for (size_t i = 0; i < n; i++) {
            bool same = i && items[i].hash == first->hash && same_texts(m, first, &items[i]);
            first = same ? first : &items[i];
            first->run++;
        }
    }
    return AS_OK;
}

static as_code add_strip(matcher *m, strip s, size_t slots, as_err *e)
{
    if ((m->strip_count & (m->strip_count - 1)) == 0) { /* full at every power of two */
        size_t size = m->strip_count ? 2 * m->strip_count : 1;
        strip *more = as_realloc(m->strips, size * sizeof *more);
        if (!more)
            return as_fail_nomem(e);
        m->strips = more;
    }
    m->strips[m->strip_count++] = s;
    m->most_slots = slots > m->most_slots ? slots : m->most_slots;
    return AS_OK;
}

static as_code cut_block(matcher *m, size_t block, size_t n, as_err *e)
{
    const uint32_t step = (uint32_t)(STRIP_PAIRS / n + 1);
    as_code code = AS_OK;
    for (uint32_t from = 0; code == AS_OK && from < n; from += step) {
        uint32_t to = n - from < step ? (uint32_t)n : from + step;
        code = add_strip(m, (strip){block, block + 1, from, to}, n, e);
    }
    return code;
}

static as_code cut_into_strips(matcher *m, as_err *e)
{
    const as_same_key *blocks = &m->c->blocks;
    size_t first = 0, cost = 0;
    as_code code = AS_OK;
    for (size_t b = 0; code == AS_OK && b <= blocks->count; b++) {
        size_t n = b < blocks->count ? blocks->start[b + 1] - blocks->start[b] : 0;
        bool alone = n * n / 2 > STRIP_COST;
        cost += n * n / 2 + 32 * n;
        if (b < blocks->count && !alone && cost <= STRIP_COST)
            continue;
        if (b > first)
            code = add_strip(m, (strip){first, b, 0, UINT32_MAX},
                             blocks->start[b] - blocks->start[first], e);
        first = alone ? b + 1 : b;
        cost = alone ? 0 : n * n / 2 + 32 * n;
        if (code == AS_OK && alone)
            code = cut_block(m, b, n, e);
    }
    return code;
}

/* ---- 3: pairs ---- */

/* One strip on one worker. */
typedef struct look {
    matcher *m;
    worker *w;
    as_scratch *scratch;
    as_scan_part *part;
    size_t set;    /* fields whose pattern is that of the item at hand */
    uint32_t base; /* the strip's first slot */
} look;

/* By how many characters two texts of given lengths may differ, by bytes of common prefix; -1:
 * no two such texts are near. */
typedef struct room {
    int mine[5], theirs[5];
} room;

static bool room_by_edits(unsigned at_most, uint32_t mine, uint32_t theirs, room *out)
{
    uint32_t gap = theirs - mine;
    if (gap > at_most)
        return false;
    for (size_t l = 0; l < 5; l++) {
        out->mine[l] = (int)(at_most - gap);
        out->theirs[l] = (int)at_most;
    }
    return true;
}

/* With c characters in common Jaro is at most (c/mine + c/theirs + 1) / 3, and a prefix of l
 * adds l/10 of what is missing to 1. */
static bool room_by_similarity(double at_least, uint32_t mine, uint32_t theirs, room *out)
{
    double a = mine, b = theirs;
    *out = (room){{0}, {0}};
    if (mine == 0)
        return theirs == 0;
    for (int l = 0; l < 5; l++) {
        double jaro = (at_least - 0.1 * l) / (1 - 0.1 * l);
        double common = ceil((3 * jaro - 1) * a * b / (a + b) - 1e-6);
        common = common > 0 ? common : 0;
        out->mine[l] = common <= a ? (int)(a - common) : -1;
        out->theirs[l] = common <= a ? (int)(b - common) : -1;
    }
    return out->mine[4] >= 0; /* the longer the other, the less room */
}

static bool may_be_near(const item *x, const item *y, const room *r)
{
    uint32_t differ = x->prefix ^ y->prefix;
    unsigned same = differ ? (unsigned)__builtin_ctz(differ) / 8 : 4;
    return r->mine[same] >= 0 && !as_bag_lacks(x->bag, y->bag, (unsigned)r->mine[same]) &&
           !as_bag_lacks(y->bag, x->bag, (unsigned)r->theirs[same]);
}

static as_str text_of(const look *k, const item *x, size_t field)
{
    return k->m->texts[x->slot * k->m->c->p->field_count + field];
}

static bool near_texts(look *k, const item *x, const item *y, uint32_t *rank)
{
    const similar_plan *p = k->m->c->p;
    *rank = 0;
    for (size_t f = 0; f < p->field_count; f++) {
        as_pattern *pattern = k->w->patterns[f];
        if (f == k->set) {
            as_pattern_set(pattern, text_of(k, x, f));
            k->set++;
        }
        if (p->by_edits) {
            unsigned d = as_pattern_edits(pattern, text_of(k, y, f), p->at_most);
            if (d > p->at_most)
                return false;
            *rank += d;
        } else {
            double s = as_pattern_similarity(pattern, text_of(k, y, f));
            if (s < p->at_least - 1e-12)
                return false;
            *rank += (uint32_t)lround((1 - s) * 1e8);
        }
    }
    return true;
}

/* Is the pair legitimate? Either way round. */
static as_code excused(const look *k, similar_pair x, bool *out, as_err *e)
{
    const similar_context *c = k->m->c;
    uint32_t a = c->blocks.rows[x.a], b = c->blocks.rows[x.b];
    as_truth one = AS_FALSE, other = AS_FALSE;
    as_code code = AS_OK;
    if (c->except)
        code = as_bound_pair(c->except, a, b, &one, k->scratch, e);
    if (code == AS_OK && c->except && one != AS_TRUE)
        code = as_bound_pair(c->except, b, a, &other, k->scratch, e);
    *out = one == AS_TRUE || other == AS_TRUE;
    return code;
}

static as_code hand_on(look *k, similar_pair x, as_err *e)
{
    as_finding f = {x.a, AS_NO_FIELD, x.b, x.rank};
    return as_findings_add(&k->part->findings, f) ? AS_OK : as_fail_nomem(e);
}

static as_code take_pair(look *k, uint32_t a, uint32_t b, uint32_t rank, as_err *e)
{
    similar_pair x = {rank, a < b ? a : b, a < b ? b : a};
    bool pairs = k->m->c->p->pairs, out;
    if (!pairs && similar_known(k->w->nodes, a - k->base, b - k->base) <= rank)
        return AS_OK;
    as_code code = excused(k, x, &out, e);
    if (code != AS_OK || out)
        return code;
    if (!pairs)
        return similar_join(k->w->nodes, k->base, x) ? hand_on(k, x, e) : AS_OK;
    if (atomic_fetch_add_explicit(&k->m->pairs, 1, memory_order_relaxed) >= AS_PAIRS_MAX)
        return as_fail(
            e, AS_EBUDGET, AS_NOWHERE,
            "more than %d pairs of records are alike (AS_PAIRS_MAX); report clusters, "
            "or compare within more fields",
            AS_PAIRS_MAX);
    return hand_on(k, x, e);
}

/* The least rank that texts which are not the same can have, by their lengths, bags and prefix.
 */
static uint32_t least_rank(const similar_plan *p, const item *x, const item *y)
{
    uint32_t mine = (uint32_t)__builtin_popcountll(x->bag & ~y->bag);
    uint32_t theirs = (uint32_t)__builtin_popcountll(y->bag & ~x->bag);
    uint32_t gap = y->length - x->length, differ = x->prefix ^ y->prefix;
    if (p->by_edits) {
        uint32_t most = mine + gap > theirs ? mine + gap : theirs;
        return most ? most : 1;
    }
    bool same = gap == 0 && mine == 0 && theirs == 0;
    if (x->length == 0 || (same && p->field_count > 1))
        return 1; /* the first texts may be the same, and another differ */
    double a = x->length, b = y->length, swapped = same ? 1 : 0; /* else out of order */
    double common = fmin(a - mine, b - theirs);
    if (common <= 0)
        return 1;
    double jaro = (common / a + common / b + (common - swapped) / common) / 3;
    const int bytes = differ ? __builtin_ctz(differ) / 8 : 4; /* whole ones */
    double prefix = bytes;
    double rank = (1 - jaro - 0.1 * prefix * (1 - jaro)) * 1e8 - 1;
    return rank > 1 ? (uint32_t)rank : 1;
}

/* Can the pair say nothing new? Its records are in one group already, whose nearest pair is as
 * near as this one can be. */
static bool settled(const look *k, const item *x, const item *y)
{
    const similar_plan *p = k->m->c->p;
    bool first_stand = !p->except || (x->run == 1 && y->run == 1);
    if (p->pairs || !first_stand)
        return false;
    uint32_t known = similar_known(k->w->nodes, x->slot - k->base, y->slot - k->base);
    return known != UINT32_MAX && (known <= 1 || known <= least_rank(p, x, y));
}

/* All records of one run with all of another, or a run with itself. Without conditions the
 * first of each stands for the others. */
static as_code take_runs(look *k, const item *x, const item *y, uint32_t rank, as_err *e)
{
    const similar_plan *p = k->m->c->p;
    bool each = p->pairs || p->except;
    uint32_t xs = each ? x->run : 1, ys = each || x == y ? y->run : 1;
    as_code code = AS_OK;
    for (uint32_t i = 0; code == AS_OK && i < xs; i++)
        for (uint32_t j = x == y ? i + 1 : 0; code == AS_OK && j < ys; j++)
            code = take_pair(k, x[i].slot, y[j].slot, rank, e);
    return code;
}

static as_code compare_item(look *k, const item *x, const item *end, as_err *e)
{
    const similar_plan *p = k->m->c->p;
    uint32_t length = LEFT_OUT, rank; /* no item's at hand */
    room r = {{0}, {0}};
    as_code code = x->run > 1 ? take_runs(k, x, x, 0, e) : AS_OK;
    k->set = 0;
    for (const item *y = x + x->run; code == AS_OK && y < end; y += y->run) {
        if (y->length == LEFT_OUT)
            break;
        if (y->length != length) {
            length = y->length;
            if (!(p->by_edits ? room_by_edits(p->at_most, x->length, length, &r)
                              : room_by_similarity(p->at_least, x->length, length, &r)))
                break;
        }
        if (may_be_near(x, y, &r) && !settled(k, x, y) && near_texts(k, x, y, &rank))
            code = take_runs(k, x, y, rank, e);
    }
    return code;
}

static as_code compare_block(look *k, const strip *s, size_t block, as_err *e)
{
    const size_t *start = k->m->c->blocks.start;
    const item *items = k->m->items + start[block];
    uint32_t n = (uint32_t)(start[block + 1] - start[block]), to = s->to < n ? s->to : n;
    as_code code = AS_OK;
    for (uint32_t i = s->from; code == AS_OK && i < to; i++)
        if (items[i].run && items[i].length != LEFT_OUT)
            code = compare_item(k, &items[i], items + n, e);
    return code;
}

static as_code compare_strip(void *arg, unsigned number, size_t begin, size_t end,
                             as_scan_part *part, as_err *e)
{
    matcher *m = arg;
    const strip *s = &m->strips[begin];
    const size_t *start = m->c->blocks.start;
    look k = {.m = m,
              .w = &m->workers[number],
              .scratch = m->c->ev->scratch[number],
              .part = part,
              .base = (uint32_t)start[s->block]};
    uint32_t slots = (uint32_t)(start[s->blocks_end] - start[s->block]);
    as_code code = AS_OK;
    (void)end; /* one strip a chunk */
    similar_forest_init(k.w->nodes, slots);
    for (size_t b = s->block; code == AS_OK && b < s->blocks_end; b++)
        code = compare_block(&k, s, b, e);
    for (uint32_t i = 0; code == AS_OK && i < slots; i++)
        if (k.w->nodes[i].parent == i && k.w->nodes[i].untold)
            code = hand_on(&k, k.w->nodes[i].nearest, e);
    return code;
}

/* ---- all ---- */

static as_code open_workers(matcher *m, size_t longest, as_err *e)
{
    for (unsigned i = 0; i < as_eval_jobs(m->c->ev); i++) {
        worker *w = &m->workers[i];
        w->nodes = as_alloc(m->most_slots * sizeof *w->nodes);
        if (!w->nodes)
            return as_fail_nomem(e);
        for (size_t f = 0; f < m->c->p->field_count; f++)
            if (!(w->patterns[f] = as_pattern_open(longest)))
                return as_fail_nomem(e);
    }
    return AS_OK;
}

static void close_matcher(matcher *m)
{
    for (size_t i = 0; m->workers && i < as_eval_jobs(m->c->ev); i++) {
        for (size_t f = 0; f < SIMILAR_FIELDS_MAX; f++)
            as_pattern_close(m->workers[i].patterns[f]);
        as_free(m->workers[i].nodes);
        as_buf_free(&m->workers[i].raw);
        as_buf_free(&m->workers[i].folded);
    }
    for (size_t i = 0; m->chunks && i * SLOTS_A_CHUNK < m->slots; i++)
        as_buf_free(&m->chunks[i].bytes);
    as_free(m->workers);
    as_free(m->chunks);
    as_free(m->strips);
    as_free(m->items);
    as_free(m->texts);
}

static as_code run(matcher *m, as_result *near, as_result *too_long, as_err *e)
{
    const as_eval *ev = m->c->ev;
    size_t longest = 0;
    as_code code = as_scan_chunks(ev, m->slots, SLOTS_A_CHUNK, fold_slots, m, too_long, e);
    if (code == AS_OK)
        code = as_scan_chunks(ev, m->c->blocks.count, BLOCKS_A_CHUNK, sort_blocks, m, near, e);
    if (code == AS_OK)
        code = cut_into_strips(m, e);
    if (code != AS_OK || m->strip_count == 0)
        return code;
    for (size_t i = 0; i * SLOTS_A_CHUNK < m->slots; i++)
        longest = m->chunks[i].longest > longest ? m->chunks[i].longest : longest;
    code = open_workers(m, longest, e);
    return code == AS_OK ? as_scan_chunks(ev, m->strip_count, 1, compare_strip, m, near, e)
                         : code;
}

as_code similar_near(const similar_context *c, as_findings *near, as_findings *too_long,
                     as_err *e)
{
    matcher m = {.c = c, .slots = c->blocks.count ? c->blocks.start[c->blocks.count] : 0};
    as_result pairs = {0}, long_ones = {0};
    as_code code;
    if (m.slots == 0)
        return AS_OK;
    m.texts = as_calloc(m.slots * c->p->field_count, sizeof *m.texts);
    m.items = as_calloc(m.slots, sizeof *m.items);
    m.chunks = as_calloc((m.slots + SLOTS_A_CHUNK - 1) / SLOTS_A_CHUNK, sizeof *m.chunks);
    m.workers = as_calloc(as_eval_jobs(c->ev), sizeof *m.workers);
    for (size_t i = 0; m.workers && i < as_eval_jobs(c->ev); i++)
        m.workers[i].raw = m.workers[i].folded = AS_BUF(4 * AS_FIELD_MAX);
    if (m.texts && m.items && m.chunks && m.workers)
        code = run(&m, &pairs, &long_ones, e);
    else
        code = as_fail_nomem(e);
    close_matcher(&m);
    *near = pairs.findings;
    *too_long = long_ones.findings;
    return code;
}
