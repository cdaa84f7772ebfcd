/* wording.c: see wording.h.
 *
 * Findings of a rule say nearly the same, but for their key and values. So a message is not put
 * together for each of them: where its pieces are those of a finding before, so is its pattern,
 * and the ledger keeps no more than that.
 *
 * Invariant: in a pattern stand texts that outlive the run (AS_PIECE_TEXT), and for key and
 * values either a part, where they can be said as they are, or what is said instead of them. */
#include "check/wording.h"

#include "check/evidence.h"

#define KEPT 4u /* wordings: a rule's findings take turns */

/* How a value is said. */
typedef enum saying { AS_IT_IS, NOTHING, MASKED, SHORTENED } saying;

typedef struct wording {
    const as_piece *pieces;
    const saying *sayings; /* of each */
    size_t count;
    as_str pattern;
} wording;

struct as_wordings {
    as_arena *a;
    size_t kept_count; /* ever */
    wording kept[KEPT];
};

as_wordings *as_wordings_open(as_arena *a)
{
    as_wordings *w = as_arena_alloc(a, sizeof *w);
    if (w) {
        w->a = a;
        w->kept_count = 0;
    }
    return w;
}

static const as_doc_value *value_of(const as_piece *p, const as_doc_finding *f)
{
    return &f->values[p->what - AS_PIECE_VALUE];
}

static inline saying saying_of(const as_piece *p, const as_doc_finding *f)
{
    if (p->what < AS_PIECE_KEY)
        return p->what == AS_PIECE_TEXT ? AS_IT_IS : SHORTENED;
    if (p->what == AS_PIECE_KEY)
        return as_evidence_plain(f->key) ? AS_IT_IS : SHORTENED;
    const as_doc_value *v = value_of(p, f);
    return v->null                      ? NOTHING
           : v->sensitive               ? MASKED
           : as_evidence_plain(v->text) ? AS_IT_IS
                                        : SHORTENED;
}

static inline bool fits(const wording *w, const as_piece *pieces, size_t count,
                        const as_doc_finding *f)
{
    if (w->count != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        const as_piece *a = &w->pieces[i], *b = &pieces[i];
        if (a->what != b->what)
            return false;
        if (a->what == AS_PIECE_TEXT ? a->text.ptr != b->text.ptr || a->text.len != b->text.len
                                     : w->sayings[i] != saying_of(b, f))
            return false;
    }
    return true;
}

/* What a piece says, .ptr NULL: out of memory. */
static as_str text_of(const as_wordings *w, const as_piece *p, saying how,
                      const as_doc_finding *f)
{
    if (p->what < AS_PIECE_KEY)
        return p->text;
    const as_str text = p->what == AS_PIECE_KEY ? f->key : value_of(p, f)->text;
    return how == NOTHING  ? AS_STR("(none)")
           : how == MASKED ? AS_STR("(masked)")
                           : as_evidence_said(w->a, text);
}

/* Whether others could say the same: most of what is said once is a sentence as a whole. */
static bool can_be_shared(const as_piece *pieces, size_t count, const as_doc_finding *f)
{
    for (size_t i = 0; i < count; i++)
        if (saying_of(&pieces[i], f) == SHORTENED)
            return false;
    return true;
}

/* A part of a pattern. .ptr NULL with AS_OK: a pattern cannot have it. */
static as_code part_of(const as_wordings *w, const as_piece *p, saying how,
                       const as_doc_finding *f, as_str *out, as_err *e)
{
    *out = AS_NONE;
    if (p->what < AS_PIECE_KEY || how != AS_IT_IS) {
        const as_str text = text_of(w, p, how, f);
        if (!memchr(text.ptr, AS_PATTERN_PART, text.len))
            *out = text;
        return AS_OK;
    }
    const uint32_t number = p->what - AS_PIECE_KEY;
    char *code = as_arena_alloc(w->a, 2);
    if (!code)
        return as_fail_nomem(e);
    code[0] = AS_PATTERN_PART;
    code[1] = (char)number;
    if (number < AS_PATTERN_ITSELF)
        *out = (as_str){code, 2};
    return AS_OK;
}

/* The pattern and, if it can be one, the wording kept. */
static as_code learn(as_wordings *w, const as_piece *pieces, size_t count, as_doc_finding *f,
                     as_err *e)
{
    as_piece *kept = as_arena_alloc(w->a, (count + 1) * sizeof *kept);
    saying *sayings = as_arena_alloc(w->a, (count + 1) * sizeof *sayings);
    as_str *parts = as_arena_alloc(w->a, (count + 1) * sizeof *parts);
    if (!kept || !sayings || !parts)
        return as_fail_nomem(e);
    memcpy(kept, pieces, count * sizeof *kept);
    for (size_t i = 0; i < count; i++) {
        sayings[i] = saying_of(&pieces[i], f);
        as_code code = part_of(w, &pieces[i], sayings[i], f, &parts[i], e);
        if (code != AS_OK || !parts[i].ptr)
            return code;
    }
    const as_str pattern = as_arena_join(w->a, parts, count);
    if (!pattern.ptr)
        return as_fail_nomem(e);
    if (pattern.len > AS_MESSAGE_MAX)
        return AS_OK; /* with all its parts it might be longer than a reader believes */
    f->pattern = pattern;
    w->kept[w->kept_count++ % KEPT] = (wording){kept, sayings, count, f->pattern};
    return AS_OK;
}

static as_code say_text(const as_wordings *w, const as_piece *pieces, size_t count,
                        as_doc_finding *f, as_err *e)
{
    as_str *texts = as_arena_alloc(w->a, (count + 1) * sizeof *texts);
    bool there = texts != NULL;
    for (size_t i = 0; there && i < count; i++) {
        texts[i] = text_of(w, &pieces[i], saying_of(&pieces[i], f), f);
        there = texts[i].ptr != NULL;
    }
    f->message = there ? as_arena_join(w->a, texts, count) : AS_NONE;
    return f->message.ptr ? AS_OK : as_fail_nomem(e);
}

as_code as_wordings_say(as_wordings *w, const as_piece *pieces, size_t count, as_doc_finding *f,
                        as_err *e)
{
    for (size_t i = 0; i < KEPT && i < w->kept_count; i++)
        if (fits(&w->kept[i], pieces, count, f)) {
            f->pattern = w->kept[i].pattern;
            return AS_OK;
        }
    as_code code = can_be_shared(pieces, count, f) ? learn(w, pieces, count, f, e) : AS_OK;
    return code == AS_OK && !f->pattern.ptr ? say_text(w, pieces, count, f, e) : code;
}
