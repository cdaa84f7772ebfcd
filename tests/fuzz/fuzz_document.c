/* Any bytes as a document: read, folded, scanned and searched. Holds that numbers ascend, lie
 * within the text and have a place, and that a quote cut out of the text is found again. */
#include "check/figure_quote.h"

#include "base/text.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int holds)
{
    if (!holds)
        abort();
}

static void check_numbers(const as_figure_text *t, const as_figures_found *all)
{
    size_t end = 0;
    uint32_t line, column;
    for (size_t i = 0; i < all->count; i++) {
        const as_figure *f = &all->items[i].figure;
        must(f->begin >= end && f->end > f->begin && f->end <= t->text.len);
        end = f->end;
        as_figure_place(t, f->begin, &line, &column);
        must(line > 0 && column > 0 && line <= t->document->text.len + 1);
        must(as_figures_at(all, f->begin) == i);
    }
}

/* The first half of the data is a quote, too. */
static void check_quote(const as_figure_text *t, const as_figures_found *all, as_str written,
                        as_arena *a)
{
    as_err e = {0};
    as_quote q;
    as_quote_match m;
    size_t stop = 0;
    as_str piece;
    if (as_quote_parse(&q, written, AS_NOWHERE, a, &e) == AS_OK &&
        as_quote_find(&q, t, all, 0, &m, &stop, &piece))
        must(m.begin < m.end && m.end <= t->text.len);
    must(stop <= t->text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    as_arena *a = as_arena_open();
    as_err e = {0};
    const as_document *d = NULL;
    as_figure_text t;
    as_figures_found all;
    as_str text = {(const char *)data, size};
    if (!a)
        return 0;
    if (as_text_utf8_valid(text) == size && !memchr(text.ptr ? text.ptr : "", 0, size) &&
        as_document_make(&d, AS_STR("d"), AS_STR("d"), text, a, &e) == AS_OK &&
        as_figure_text_make(&t, d, a, &e) == AS_OK &&
        as_figures_scan(&all, &t, a, &e) == AS_OK) {
        check_numbers(&t, &all);
        check_quote(&t, &all, as_str_sub(text, 0, size / 2), a);
    }
    as_arena_close(a);
    return 0;
}
