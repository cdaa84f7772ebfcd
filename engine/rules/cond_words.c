/* cond_words.c: a condition in words: "places is present and at least 1".
 *
 * Entry: as_cond_words. Each leaf is a subject (its field) and what is said of it; a subject
 * that was said just before is left out, and so is a second "is". Groups inside groups stand in
 * parentheses. */
#include "base/limits.h"
#include "rules/cond.h"

#include <math.h>

#define LISTED_MAX 6 /* values of a list that are named */

typedef struct as_teller {
    const as_schema *self, *other;
    as_buf *out;
    const as_cond *last; /* the leaf said just before in the same group, or NULL */
    bool last_is;        /* it was said with "is" */
} as_teller;

static void say_field(as_teller *t, as_side side, uint32_t field)
{
    const as_schema *s = side == AS_SIDE_SELF ? t->self : t->other;
    if (side == AS_SIDE_SELF && t->other)
        as_buf_add(t->out, AS_STR("this record's "));
    if (s && field < s->count)
        as_buf_add(t->out, s->fields[field].name);
    else
        as_buf_add(t->out, AS_STR("(an unknown field)"));
}

static const as_field *field_of(const as_teller *t, const as_cond *c)
{
    const as_schema *s = c->side == AS_SIDE_SELF ? t->self : t->other;
    return s && c->field < s->count ? &s->fields[c->field] : NULL;
}

static bool is_date(const as_teller *t, const as_cond *c)
{
    const as_field *f = field_of(t, c);
    return f && f->type == AS_TYPE_DATE;
}

static void say_number(as_buf *out, double x)
{
    if (x == floor(x) && fabs(x) < 1e15)
        as_buf_addf(out, "%.0f", x);
    else
        as_buf_addf(out, "%.15g", x);
}

/* ---- what is said of one field; `no` negates ---- */

/* Begin with "is" (left out after another "is") and "not". */
static void say_is(as_teller *t, bool joined, bool no)
{
    if (!(joined && t->last_is))
        as_buf_add(t->out, AS_STR("is "));
    if (no)
        as_buf_add(t->out, AS_STR("not "));
}

static void say_values(as_teller *t, const as_cond *c)
{
    size_t shown = c->value_count > LISTED_MAX ? LISTED_MAX : c->value_count;
    for (size_t i = 0; i < shown; i++) {
        bool last = i + 1 == c->value_count;
        as_buf_addf(t->out, "%s%.*s",
                    i == 0 ? ""
                    : last ? " or "
                           : ", ",
                    AS_FMT(c->values[i].text));
    }
    if (shown < c->value_count)
        as_buf_addf(t->out, " or one of %zu more", c->value_count - shown);
}

static void say_in(as_teller *t, const as_cond *c, bool joined, bool no)
{
    say_is(t, joined, no);
    if (c->list)
        as_buf_addf(t->out, "on code list %.*s", AS_FMT(c->list->name));
    else
        say_values(t, c);
}

static const char *cmp_words(as_cmp cmp, bool date)
{
    switch (cmp) {
    case AS_CMP_GE:
        return date ? "on or after " : "at least ";
    case AS_CMP_LE:
        return date ? "on or before " : "at most ";
    case AS_CMP_GT:
        return date ? "after " : "above ";
    default:
        return date ? "before " : "below ";
    }
}

static void say_offset(as_teller *t, const as_cond *c)
{
    bool date = is_date(t, c);
    if (c->offset == 0)
        return;
    as_buf_add(t->out, c->offset > 0 ? AS_STR(" plus ") : AS_STR(" minus "));
    say_number(t->out, fabs(c->offset));
    if (date)
        as_buf_add(t->out, fabs(c->offset) == 1 ? AS_STR(" day") : AS_STR(" days"));
}

static void say_cmp(as_teller *t, const as_cond *c, bool joined, bool no)
{
    say_is(t, joined, no);
    as_buf_addf(t->out, "%s", cmp_words(c->cmp, is_date(t, c)));
    if (c->other == AS_NO_FIELD) {
        as_buf_add(t->out, c->bound.text);
        return;
    }
    say_field(t, c->other_side, c->other);
    say_offset(t, c);
}

static void say_length(as_teller *t, const as_cond *c, bool no)
{
    bool low = !isnan(c->min_len), high = !isnan(c->max_len);
    double n = high ? c->max_len : c->min_len;
    as_buf_add(t->out, no ? AS_STR("does not have ") : AS_STR("has "));
    if (low && high && c->min_len == c->max_len)
        as_buf_add(t->out, AS_STR("exactly "));
    else if (low && high) {
        say_number(t->out, c->min_len);
        as_buf_add(t->out, AS_STR(" to "));
    } else {
        as_buf_add(t->out, low ? AS_STR("at least ") : AS_STR("at most "));
    }
    say_number(t->out, n);
    as_buf_add(t->out, n == 1 ? AS_STR(" character") : AS_STR(" characters"));
}

static void say_leaf(as_teller *t, const as_cond *c, bool joined, bool no)
{
    switch (c->op) {
    case AS_COND_NULL:
        say_is(t, joined, no);
        as_buf_add(t->out, AS_STR("null"));
        break;
    case AS_COND_PRESENT:
        say_is(t, joined, no);
        as_buf_add(t->out, AS_STR("present"));
        break;
    case AS_COND_IN:
        say_in(t, c, joined, no);
        break;
    case AS_COND_CMP:
        say_cmp(t, c, joined, no);
        break;
    case AS_COND_SAME:
        say_is(t, joined, no);
        as_buf_add(t->out, AS_STR("the same as "));
        say_field(t, c->other_side, c->other);
        break;
    case AS_COND_DIFFERS:
        as_buf_add(t->out, no ? AS_STR("does not differ from ") : AS_STR("differs from "));
        say_field(t, c->other_side, c->other);
        break;
    case AS_COND_MATCHES:
        as_buf_addf(t->out, c->named ? "%s the format %.*s" : "%s `%.*s`",
                    c->named ? (no ? "does not have" : "has")
                             : (no ? "does not match" : "matches"),
                    AS_FMT(c->written));
        break;
    case AS_COND_CONTAINS:
        as_buf_addf(t->out, "%s \"%.*s\"%s", no ? "does not contain" : "contains",
                    AS_FMT(c->written), c->exact ? " as written" : "");
        break;
    case AS_COND_LENGTH:
        say_length(t, c, no);
        break;
    default:
        break;
    }
}

/* ---- groups ---- */

static bool is_group(const as_cond *c)
{
    return c->op == AS_COND_ALL || c->op == AS_COND_ANY || c->op == AS_COND_NOT;
}

/* Words that begin with "is", so that a following "is" may be left out. */
static bool said_with_is(const as_cond *c)
{
    return c->op == AS_COND_NULL || c->op == AS_COND_PRESENT || c->op == AS_COND_IN ||
           c->op == AS_COND_CMP || c->op == AS_COND_SAME;
}

static void say(as_teller *t, const as_cond *c, const as_cond *group);

static void say_subject_and_leaf(as_teller *t, const as_cond *c, bool no)
{
    bool joined = t->last && t->last->field == c->field && t->last->side == c->side;
    if (!joined) {
        say_field(t, c->side, c->field);
        as_buf_addc(t->out, ' ');
    }
    say_leaf(t, c, joined, no);
    t->last = c;
    t->last_is = said_with_is(c);
}

/* Of the other table's field: it is as this record's field of the same name. */
static bool same_name(const as_teller *t, const as_cond *c)
{
    bool across = c->op == AS_COND_SAME && t->self && t->other && c->side != AS_SIDE_SELF &&
                  c->other_side == AS_SIDE_SELF;
    return across && c->field < t->other->count && c->other < t->self->count &&
           as_str_eq(t->other->fields[c->field].name, t->self->fields[c->other].name);
}

/* "name, postcode and sector are the same as this record's" for several that follow each other;
 * how many were said. One alone names its field twice, as any other comparison does. */
static size_t say_same_names(as_teller *t, as_cond *const *kids, size_t count)
{
    size_t n = 0;
    while (n < count && same_name(t, kids[n]))
        n++;
    if (n < 2)
        return 0;
    for (size_t i = 0; i < n; i++) {
        as_buf_addf(t->out, "%s%.*s",
                    i == 0       ? ""
                    : i + 1 == n ? " and "
                                 : ", ",
                    AS_FMT(t->other->fields[kids[i]->field].name));
    }
    as_buf_add(t->out, AS_STR(" are the same as this record's"));
    t->last = NULL;
    return n;
}

/* `group` is the group around it, or NULL: "a and (b or c)", but "a and b and c". */
static void say_group(as_teller *t, const as_cond *c, const as_cond *group)
{
    const char *word = c->op == AS_COND_ANY ? " or " : " and ";
    bool brackets = group && group->op != c->op && group->kid_count > 1 && c->kid_count > 1;
    as_teller inner = {.self = t->self, .other = t->other, .out = t->out};
    if (c->kid_count == 0) {
        as_buf_add(t->out, AS_STR("every record"));
        return;
    }
    if (brackets)
        as_buf_addc(t->out, '(');
    for (size_t i = 0, n; i < c->kid_count; i += n ? n : 1) {
        if (i)
            as_buf_addf(t->out, "%s", word);
        n = c->op == AS_COND_ALL ? say_same_names(&inner, &c->kids[i], c->kid_count - i) : 0;
        if (n == 0)
            say(&inner, c->kids[i], c);
    }
    if (brackets)
        as_buf_addc(t->out, ')');
    t->last = NULL;
}

static void say(as_teller *t, const as_cond *c, const as_cond *group)
{
    if (!is_group(c)) {
        say_subject_and_leaf(t, c, false);
        return;
    }
    if (c->op != AS_COND_NOT) {
        say_group(t, c, group);
        return;
    }
    const as_cond *kid = c->kids[0];
    if (!is_group(kid)) {
        say_subject_and_leaf(t, kid, true);
        return;
    }
    as_teller inner = {.self = t->self, .other = t->other, .out = t->out};
    as_buf_add(t->out, AS_STR("not ("));
    say(&inner, kid, NULL);
    as_buf_addc(t->out, ')');
    t->last = NULL;
}

void as_cond_words(const as_cond *c, const as_schema *self, const as_schema *other, as_buf *out)
{
    as_teller t = {.self = self, .other = other, .out = out};
    if (!c)
        as_buf_add(out, AS_STR("every record"));
    else
        say(&t, c, NULL);
}
