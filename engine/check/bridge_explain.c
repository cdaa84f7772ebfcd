/* bridge_explain.c: the causes of one group's residual, in words. What counts and what is
 * merely possible: bridge.h. */
#include "base/text.h"
#include "check/bridge_plan.h"

#include <math.h>

#define NAMES_IN_SENTENCE 5 /* of a cause */
#define NAMES_IN_SUMMARY 3  /* of each cause, in the bridge's sentence */

typedef struct kind_words {
    const char *name; /* of the cause */
    const char *one, *many;
    const char *doubt; /* added where the date alone suggests it; else `seen` is */
    const char *seen;
} kind_words;

#define SAME(text) text, text

static const kind_words words[KIND_COUNT] = {
    [KIND_UNLISTED_LEAVER] = {"unlisted_leaver", "gone but not listed as a leaver",
                              "gone but not listed as leavers", "", ""},
    [KIND_UNLISTED_JOINER] = {"unlisted_joiner", "new but not listed as a joiner",
                              "new but not listed as joiners", "", ""},
    [KIND_JOINER_ABSENT] = {"joiner_absent_at_close", "joiner absent at the close",
                            "joiners absent at the close", "", ""},
    [KIND_LEAVER_PRESENT] = {"leaver_present_at_close", "leaver still there at the close",
                             "leavers still there at the close", "", ""},
    [KIND_JOINER_AT_OPENING] = {"joiner_present_at_opening",
                                "joiner already there at the opening",
                                "joiners already there at the opening", "", ""},
    [KIND_LEAVER_NOT_AT_OPENING] = {"leaver_absent_at_opening",
                                    "leaver that was not there at the opening",
                                    "leavers that were not there at the opening", "", ""},
    [KIND_RECLASSIFIED_IN] = {"reclassified_in", SAME("reclassified into this group"), "", ""},
    [KIND_RECLASSIFIED_OUT] = {"reclassified_out", SAME("reclassified out of this group"), "",
                               ""},
    [KIND_DUPLICATE_MOVEMENT] = {"duplicate_movement",
                                 SAME("listed more than once as the same movement"), "", ""},
    [KIND_DUPLICATE_RECORD] = {"duplicate_record", SAME("counted more than once at one end"),
                               "", ""},
    [KIND_JOINER_BEFORE] = {"joiner_before_period", "joiner dated before the period",
                            "joiners dated before the period",
                            ", so probably already counted at the opening",
                            " and already there at the opening"},
    [KIND_JOINER_AFTER] = {"joiner_after_period", "joiner dated after the period",
                           "joiners dated after the period",
                           ", so probably not yet counted at the close",
                           " and not yet there at the close"},
    [KIND_LEAVER_BEFORE] = {"leaver_before_period", "leaver dated before the period",
                            "leavers dated before the period",
                            ", so probably no longer counted at the opening",
                            " and no longer there at the opening"},
    [KIND_LEAVER_AFTER] = {"leaver_after_period", "leaver dated after the period",
                           "leavers dated after the period",
                           ", so probably still counted at the close",
                           " and still there at the close"},
    [KIND_VALUE_CHANGED] = {"value_changed", SAME("there at both ends with another value"), "",
                            ""},
    [KIND_VALUE_DIFFERS] = {"value_differs",
                            SAME("with another value in the movements than in the records"), "",
                            ""},
    [KIND_JOINED_AND_LEFT] = {"joined_and_left", SAME("joined and left within the period"), "",
                              ""},
};

static bool near_zero(double x)
{
    return fabs(x) < 1e-9;
}

/* ---- which candidates count ---- */

typedef struct tally {
    double firm;             /* of what records show */
    double weak[KIND_COUNT]; /* of what dates alone suggest */
} tally;

static bool passed_over(const as_bridge_item *item, as_bridge_ask ask)
{
    if (item->kind == KIND_VALUE_CHANGED && ask.measured)
        return true; /* a term of its own */
    /* A group that closes needs no cause; records that offset each other in it are told, doubts
     * are not. */
    return ask.closes && (item->weak || item->effect == 0);
}

static tally tally_of(const as_bridge *x, as_bridge_ask ask)
{
    tally t = {0};

    for (size_t i = x->first[ask.group]; i < x->first[ask.group + 1]; i++) {
        const as_bridge_item *item = &x->items[i];
        if (passed_over(item, ask))
            continue;
        if (item->weak)
            t.weak[item->kind] += item->effect;
        else
            t.firm += item->effect;
    }
    return t;
}

/* The kinds of weak candidates that count for `left`, what the records do not account for. */
static void choose(const tally *t, double left, bool taken[KIND_COUNT])
{
    double same_sign = 0;
    size_t exact = 0;

    for (int k = 0; k < KIND_COUNT; k++) {
        taken[k] = false;
        if (near_zero(left) || t->weak[k] * left <= 0)
            continue;
        same_sign += t->weak[k];
        exact += near_zero(t->weak[k] - left);
    }
    for (int k = 0; k < KIND_COUNT; k++) {
        if (near_zero(left) || t->weak[k] * left <= 0)
            continue;
        if (fabs(same_sign) <= fabs(left) + 1e-9)
            taken[k] = true;
        else
            taken[k] = exact == 1 && near_zero(t->weak[k] - left);
    }
}

/* ---- one cause in words ---- */

static void say_record(const as_bridge *x, const as_bridge_item *item, as_buf *s)
{
    char date[AS_DATE_TEXT];

    as_buf_add(s, item->name);
    if (item->kind == KIND_RECLASSIFIED_IN || item->kind == KIND_RECLASSIFIED_OUT) {
        as_buf_add(s, item->kind == KIND_RECLASSIFIED_IN ? AS_STR(" (from ") : AS_STR(" (to "));
        if (item->other < x->groups.count && x->groups.by_count)
            as_say_groups(s, &x->groups.keys[item->other], 1, x->groups.by_count, 1);
        else
            as_buf_add(s, AS_STR("outside these groups"));
        as_buf_addc(s, ')');
    } else if (item->kind == KIND_VALUE_CHANGED || item->kind == KIND_VALUE_DIFFERS) {
        as_buf_add(s, AS_STR(" ("));
        as_say_signed(s, item->effect);
        as_buf_addc(s, ')');
    } else if (item->date != AS_DATE_NULL) {
        as_buf_addf(s, " (%s)", as_date_text(item->date, date));
    }
}

static as_str say_cause(const as_bridge *x, const as_bridge_item *items, size_t count,
                        bool possible, bool closes)
{
    const kind_words *w = &words[items[0].kind];
    as_buf s = AS_BUF(AS_MESSAGE_MAX);
    as_str out;

    if (possible)
        as_buf_add(&s, AS_STR("possible: "));
    as_text_thousands(&s, (int64_t)count);
    as_buf_addf(&s, " %s%s: ", count == 1 ? w->one : w->many,
                items[0].weak ? w->doubt : w->seen);
    for (size_t i = 0; i < count && i < NAMES_IN_SENTENCE; i++) {
        if (i)
            as_buf_add(&s, AS_STR(", "));
        say_record(x, &items[i], &s);
    }
    if (count > NAMES_IN_SENTENCE)
        as_buf_addf(&s, " and %zu more", count - NAMES_IN_SENTENCE);
    if (possible)
        as_buf_add(&s, closes ? AS_STR("; the group closes all the same")
                              : AS_STR("; it does not fit what is left to explain"));
    else if (items[0].kind == KIND_JOINED_AND_LEFT)
        as_buf_add(&s, items[0].effect == 0 ? AS_STR("; no net effect")
                                            : AS_STR("; counted at one end all the same"));
    if (x->unnamed)
        as_buf_addf(&s, " (%zu records of this rule are not named: AS_BRIDGE_RECORDS_MAX)",
                    x->unnamed);
    out = as_arena_str(x->arena, as_buf_str(&s));
    as_buf_free(&s);
    return out;
}

static as_code make_cause(const as_bridge *x, const as_bridge_item *items, size_t count,
                          bool possible, bool closes, as_doc_cause *out, as_err *e)
{
    out->kind = as_str_from(words[items[0].kind].name);
    out->records = AS_NEW_N(x->arena, as_str, count);
    out->sentence = say_cause(x, items, count, possible, closes);
    if (!out->records || !out->sentence.ptr)
        return as_fail_nomem(e);
    for (size_t i = 0; i < count; i++) {
        if (items[i].name.ptr)
            out->records[out->record_count++] = items[i].name;
        out->effect += possible ? 0 : items[i].effect;
    }
    return AS_OK;
}

as_code as_bridge_explain(as_bridge *x, as_bridge_ask ask, as_doc_bridge *out, as_err *e)
{
    tally t = tally_of(x, ask);
    bool taken[KIND_COUNT];
    bool offset = ask.closes && near_zero(t.firm);
    size_t end = x->first[ask.group + 1], most = 0;

    choose(&t, out->residual - t.firm, taken);
    for (size_t i = x->first[ask.group]; i < end; i++)
        most +=
            i == x->first[ask.group] || !as_bridge_same_cause(&x->items[i], &x->items[i - 1]);
    out->causes = AS_NEW_N(x->arena, as_doc_cause, most + 1);
    if (!out->causes)
        return as_fail_nomem(e);
    for (size_t i = x->first[ask.group], n; i < end; i += n) {
        const as_bridge_item *item = &x->items[i];
        bool possible = item->weak ? !taken[item->kind] : ask.closes && !offset;
        as_code code;
        n = 1;
        while (i + n < end && as_bridge_same_cause(&x->items[i + n], item))
            n++;
        if (passed_over(item, ask))
            continue;
        code =
            make_cause(x, item, n, possible, ask.closes, &out->causes[out->cause_count++], e);
        if (code != AS_OK)
            return code;
        out->explained += out->causes[out->cause_count - 1].effect;
    }
    out->explained = near_zero(out->explained) ? 0 : out->explained;
    return AS_OK;
}

static const kind_words *words_of(as_str kind)
{
    size_t k = 0;

    while (k + 1 < KIND_COUNT && !as_str_eq(kind, as_str_from(words[k].name)))
        k++;
    return &words[k];
}

bool as_bridge_say(const as_doc_bridge *d, as_buf *out)
{
    bool any = false;

    for (size_t i = 0; i < d->cause_count; i++) {
        const as_doc_cause *c = &d->causes[i];
        const kind_words *w = words_of(c->kind);
        if (near_zero(c->effect))
            continue;
        if (any)
            as_buf_add(out, AS_STR("; "));
        as_say_signed(out, c->effect);
        as_buf_addf(out, " %s", c->record_count == 1 ? w->one : w->many);
        for (size_t k = 0; c->record_count <= NAMES_IN_SUMMARY && k < c->record_count; k++)
            as_buf_addf(out, "%s%.*s", k ? ", " : " (", AS_FMT(c->records[k]));
        if (c->record_count && c->record_count <= NAMES_IN_SUMMARY)
            as_buf_addc(out, ')');
        any = true;
    }
    return any;
}
