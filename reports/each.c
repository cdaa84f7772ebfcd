/* each.c: every finding of a run as text, made by all workers and sent in order.
 *
 * The ledger keeps findings in blocks of some thousand. A worker takes the next block out of
 * the ledger (one at a time: `reading`), unpacks it, masks and writes its findings into the
 * buffer of a slot; buffers are sent in the order of blocks (base/relay.h). In memory are a few
 * blocks and their texts a worker, however many findings there are.
 *
 * Where findings are limited or sorted, the next one depends on those before it, and one thread
 * goes through them. */
#include "base/limits.h"
#include "base/relay.h"
#include "reports/view.h"

#include <pthread.h>

enum { SLOTS_A_WORKER = 2, SLOTS_MAX = 64 };

typedef struct slot {
    as_view *view;
    as_buf text, tmp;
    uint64_t count;
    as_code code;
    as_err err;
} slot;

typedef struct side_by_side {
    const as_each *x;
    as_finding_cursor *cursor;
    pthread_mutex_t reading; /* of the cursor */
    as_sink *sink;
    uint64_t count; /* sent */
    slot slots[SLOTS_MAX];
} side_by_side;

static as_code take(side_by_side *y, slot *s, size_t part)
{
    pthread_mutex_lock(&y->reading);
    as_code code = as_view_take(s->view, y->cursor, part, &s->err);
    pthread_mutex_unlock(&y->reading);
    return code;
}

static void make(void *arg, size_t number, size_t part)
{
    side_by_side *y = arg;
    slot *s = &y->slots[number];
    const as_doc_finding *f = NULL;
    as_buf_clear(&s->text);
    s->count = 0;
    s->code = take(y, s, part);
    while (s->code == AS_OK && (s->code = as_view_next(s->view, &f, &s->err)) == AS_OK && f) {
        as_buf_add(&s->text, s->count++ ? y->x->between : AS_NONE);
        y->x->text(y->x->arg, &s->text, &s->tmp, f);
    }
    if (s->code == AS_OK && (s->text.failed || s->tmp.failed)) {
        s->code = as_fail_nomem(&s->err);
    }
}

static as_code hand(void *arg, size_t number, size_t part, as_err *e)
{
    side_by_side *y = arg;
    const slot *s = &y->slots[number];
    (void)part;
    if (s->code != AS_OK) {
        *e = s->err;
        return s->code;
    }
    as_buf_add(&y->sink->buf, y->count && s->count ? y->x->between : AS_NONE);
    y->count += s->count;
    return as_sink_pass(y->sink, as_buf_str(&s->text), e);
}

static as_code all_parts(const as_each *x, as_finding_cursor *cursor, as_sink *sink,
                         uint64_t *count, as_err *e)
{
    side_by_side y = {.x = x, .cursor = cursor, .sink = sink};
    size_t jobs = as_pool_jobs(x->pool), slots = jobs > 1 ? jobs * SLOTS_A_WORKER : 1, open = 0;
    as_code code = AS_OK;
    slots = slots < SLOTS_MAX ? slots : SLOTS_MAX;
    for (; open < slots && code == AS_OK; open++) {
        slot *s = &y.slots[open];
        s->text = s->tmp = AS_BUF(AS_REPORT_MAX);
        code = as_view_open_part(&s->view, e);
    }
    if (code == AS_OK) {
        as_relay relay = {as_ledger_part_count(cursor), slots, &y, make, hand};
        pthread_mutex_init(&y.reading, NULL);
        code = as_relay_run(&relay, x->pool, e);
        pthread_mutex_destroy(&y.reading);
    }
    for (size_t i = 0; i < open; i++) {
        as_view_close(y.slots[i].view);
        as_buf_free(&y.slots[i].text);
        as_buf_free(&y.slots[i].tmp);
    }
    *count = y.count;
    return code;
}

static as_code one_by_one(const as_each *x, as_sink *s, uint64_t *count, as_err *e)
{
    const as_doc_finding *f = NULL;
    as_buf tmp = AS_BUF(AS_REPORT_MAX);
    as_view *v;
    as_code code = as_view_open(&v, x->ledger, x->doc, x->filter, e);
    *count = 0;
    while (code == AS_OK && (code = as_view_next(v, &f, e)) == AS_OK && f) {
        as_buf_add(&s->buf, (*count)++ ? x->between : AS_NONE);
        x->text(x->arg, &s->buf, &tmp, f);
        code = tmp.failed ? as_fail_nomem(e) : as_sink_send(s, false, e);
    }
    as_view_close(v);
    as_buf_free(&tmp);
    return code;
}

as_code as_each_finding(const as_each *x, as_sink *s, uint64_t *count, as_err *e)
{
    if (x->filter && (x->filter->limit || x->filter->by_moves)) {
        return one_by_one(x, s, count, e);
    }
    as_finding_cursor *cursor = NULL;
    as_code code = as_ledger_findings(x->ledger, x->doc->seq, x->filter, &cursor, e);
    if (code == AS_OK) {
        code = all_parts(x, cursor, s, count, e);
    }
    as_ledger_findings_close(cursor);
    return code;
}
