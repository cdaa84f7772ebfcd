/* cli_progress.c: where a run stands and where its time went: a line on a terminal for whatever
 * takes over a second, and --timings.
 *
 * A thread looks at the numbers that the run counts up, four times a second; the run knows
 * nothing of it. */
#include "base/clock.h"
#include "base/text.h"
#include "cli/cli.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define FIRST_MS 1000.0
#define STEP_MS 250

struct as_ticker {
    as_progress *progress;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool on, stop, shown;
    double began; /* of the stage that was seen last */
    uint64_t stage;
};

/* "812 MB/s", "17 of 43 rules", "410,000 findings/s" */
static void tell_rate(uint64_t stage, double done, double total, double seconds)
{
    if (stage == AS_STAGE_READ) {
        fprintf(stderr, ", %.0f MB/s", done / 1e6 / seconds);
    } else if (stage == AS_STAGE_RULES) {
        fprintf(stderr, ", %.0f of %.0f rules", done, total);
    } else if (stage == AS_STAGE_WRITE) {
        fprintf(stderr, ", %.0f,000 findings/s", done / 1e3 / seconds);
    }
}

/* "reading 45%, 812 MB/s, about 3 s left"; "checking, 2 s" */
static void tell(as_ticker *t, double now)
{
    static const char *const names[] = {"reading", "checking", "writing findings"};
    uint64_t stage = t->progress->stage;
    double done = (double)t->progress->done, total = (double)t->progress->total;
    double seconds = (now - t->began) / 1e3;
    if (stage >= sizeof names / sizeof *names) {
        return;
    }
    fprintf(stderr, "\r\033[K%s", names[stage]);
    if (total > 0 && done <= total) {
        fprintf(stderr, " %.0f%%", 100.0 * done / total);
        if (seconds > 0.1) { /* a stage that just began has no rate yet */
            tell_rate(stage, done, total, seconds);
        }
        if (done > 0.02 * total && seconds > 0.5) { /* or it would be a wild guess */
            fprintf(stderr, ", about %.0f s left", seconds * (total - done) / done);
        }
    } else {
        fprintf(stderr, ", %.0f s", seconds);
    }
    fflush(stderr);
    t->shown = true;
}

static void *tick(void *arg)
{
    as_ticker *t = arg;
    double start = as_clock_ms();
    pthread_mutex_lock(&t->lock);
    while (!t->stop) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += STEP_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&t->wake, &t->lock, &until);
        double now = as_clock_ms();
        if (t->progress->stage != t->stage) {
            t->stage = t->progress->stage;
            t->began = now;
        }
        if (!t->stop && now - start > FIRST_MS) {
            tell(t, now);
        }
    }
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

as_ticker *as_ticker_start(const as_cli *c, as_progress *progress)
{
    if (c->quiet || !isatty(STDERR_FILENO)) {
        return NULL;
    }
    as_ticker *t = AS_NEW(c->arena, as_ticker);
    if (!t) {
        return NULL;
    }
    t->progress = progress;
    t->began = as_clock_ms();
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->wake, NULL);
    t->on = pthread_create(&t->thread, NULL, tick, t) == 0;
    return t->on ? t : NULL;
}

void as_ticker_stop(as_ticker *t)
{
    if (!t || !t->on) {
        return;
    }
    pthread_mutex_lock(&t->lock);
    t->stop = true;
    pthread_cond_signal(&t->wake);
    pthread_mutex_unlock(&t->lock);
    pthread_join(t->thread, NULL);
    t->on = false;
    if (t->shown) {
        fprintf(stderr, "\r\033[K");
    }
}

/* ---- --timings ---- */

static int slowest_first(const void *a, const void *b)
{
    const as_doc_rule *const *x = a, *const *y = b;
    return ((*x)->millis < (*y)->millis) - ((*x)->millis > (*y)->millis);
}

static void tell_reading(const as_run *r, const as_doc *doc)
{
    uint64_t bytes = 0, rows = 0;
    double ms = as_run_stage_millis(r, AS_STAGE_READ);
    for (size_t i = 0; i < doc->input_count; i++) {
        bytes += doc->inputs[i].bytes;
        rows += doc->inputs[i].rows;
    }
    fprintf(stderr, "%10.2f  reading: %.1f MB, %llu records, %.2f GB/s\n", ms,
            (double)bytes / 1e6, (unsigned long long)rows,
            ms > 0 ? (double)bytes / 1e6 / ms : 0);
    fprintf(stderr, "%10s    digests of the inputs: %.2f of it\n", "", as_run_digest_millis(r));
    for (size_t i = 0; i < doc->input_count; i++) {
        const as_doc_input *x = &doc->inputs[i];
        fprintf(stderr, "%10s    %.*s: %.1f MB, %llu records, %.*s\n", "", AS_FMT(x->table),
                (double)x->bytes / 1e6, (unsigned long long)x->rows, AS_FMT(x->encoding));
    }
}

/* The whole process until here: with start, report and end, which are no stages. */
static void tell_process(void)
{
    struct rusage u;
    if (getrusage(RUSAGE_SELF, &u) != 0) {
        return;
    }
    double user = (double)u.ru_utime.tv_sec * 1e3 + (double)u.ru_utime.tv_usec / 1e3;
    double sys = (double)u.ru_stime.tv_sec * 1e3 + (double)u.ru_stime.tv_usec / 1e3;
    fprintf(stderr,
            "%10.2f  of processors in all, %.2f of it in the system; %.0f MB of memory at "
            "most, with the files\n",
            user + sys, sys, (double)u.ru_maxrss * 1024 / 1e6);
}

void as_cli_timings(const as_cli *c, const as_run *r)
{
    const as_doc *doc = as_run_doc(r);
    const as_doc_rule **rules = AS_NEW_N(c->arena, const as_doc_rule *, doc->rule_count + 1);
    fprintf(stderr, "%10s  %s\n", "ms", "stage");
    tell_reading(r, doc);
    fprintf(stderr, "%10.2f  rules: %zu\n", as_run_stage_millis(r, AS_STAGE_RULES),
            doc->rule_count);
    fprintf(stderr, "%10s    look-ups that several of them share: ready after %.2f\n", "",
            as_run_share_millis(r));
    fprintf(stderr, "%10.2f  findings into the ledger: %llu\n",
            as_run_stage_millis(r, AS_STAGE_WRITE), (unsigned long long)doc->findings);
    tell_process();
    fprintf(stderr, "\n%10s  %s\n", "ms", "rule (rules run side by side: their times overlap)");
    for (size_t i = 0; rules && i < doc->rule_count; i++) {
        rules[i] = &doc->rules[i];
    }
    if (rules) {
        qsort(rules, doc->rule_count, sizeof *rules, slowest_first);
    }
    for (size_t i = 0; rules && i < doc->rule_count; i++) {
        fprintf(stderr, "%10.2f  %.*s\n", rules[i]->millis, AS_FMT(rules[i]->id));
    }
}
